//! The authorization gate when nobody answers it as `zone emulator decide` would: with stand-ins for that executable, from
//! outside; and its table of rights, held against AWS's reference by `rights.py`. What it refuses and allows is tried by the tests
//! of the executable, `bin/tests/it/whole/authorization.rs`.

use std::{env, fs, os::unix::fs::PermissionsExt, path::PathBuf};

use emulator::{Places, install, start, stop};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    process::Command,
};

const MEMBER: &str = "333344445555";

fn tools() -> PathBuf {
    let shared = concat!(env!("CARGO_MANIFEST_DIR"), "/../../.zone/tools");
    env::var_os("ZONE_TOOLS").map_or_else(|| PathBuf::from(shared), PathBuf::from)
}

/// Starts an emulator that asks this script, asks it twice for its buckets, and returns the answers, what `emulator.json`
/// says, and whether there is a file of what was denied.
async fn asked(decider: Option<&str>) -> (Vec<String>, serde_json::Value, bool) {
    let run = tempfile::tempdir().unwrap();
    let decider = decider.map(|script| {
        let path = run.path().join("decider");
        fs::write(&path, format!("#!/bin/sh\n{script}\n")).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
        path
    });
    let places = Places { tools: tools(), run: run.path().to_owned(), decider };
    let endpoint = start(&places, MEMBER, None, &|_| ()).await.unwrap().0.endpoint;
    let mut answers = Vec::new();
    for _ in 0..2 {
        answers.push(buckets(&endpoint).await);
    }
    let written = serde_json::from_slice(&fs::read(run.path().join("emulator.json")).unwrap()).unwrap();
    let noted = run.path().join("authorizations.jsonl").exists();
    stop(&places).await.unwrap();
    (answers, written, noted)
}

/// The whole answer to ListBuckets.
async fn buckets(endpoint: &str) -> String {
    let mut stream = TcpStream::connect(endpoint.trim_start_matches("http://")).await.unwrap();
    let request = "GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nAuthorization: AWS4-HMAC-SHA256 \
                   Credential=any/20260101/eu-west-1/s3/aws4_request, SignedHeaders=host, Signature=0\r\n\r\n";
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    answer
}

#[tokio::test]
async fn without_anybody_to_ask_everything_passes_and_it_says_so() {
    let (answers, written, noted) = asked(None).await;
    assert!(answers.iter().all(|answer| answer.starts_with("HTTP/1.1 200")), "{answers:?}");
    assert_eq!((&written["authorization"], noted), (&serde_json::json!(false), false));
}

#[tokio::test]
async fn what_is_decided_counts() {
    let script = r#"read -r _ && echo '{"decisions":[{"allowed":true}]}'
        denied='{"allowed":false,"layer":"session","explicit":false,"policy":null,"statement":null}'
        read -r _ && echo '{"decisions":['$denied']}'; cat"#;
    let (answers, written, noted) = asked(Some(script)).await;
    assert!(answers[0].starts_with("HTTP/1.1 200"), "{answers:?}");
    let words = "arn:aws:iam::123456789012:root is not authorized to perform: s3:ListAllMyBuckets on resource: \
                 \"*\" because no session policy allows the s3:ListAllMyBuckets action";
    assert!(
        answers[1].starts_with("HTTP/1.1 403") && answers[1].replace("&quot;", "\"").contains(words),
        "{answers:?}"
    );
    assert_eq!((&written["authorization"], noted), (&serde_json::json!(true), true));
}

#[tokio::test]
async fn nothing_passes_when_nobody_can_tell() {
    for (script, says) in [
        (r#"while read -r _; do echo '{"error":"no policy: x"}'; done"#, "no policy: x"),
        ("exit 3", "emulator decide ended with 3"),
        ("while read -r _; do echo nonsense; done", "JSONDecodeError"),
        (r#"while read -r _; do echo '{"decisions":[]}'; done"#, "ValueError"),
    ] {
        let (answers, ..) = asked(Some(script)).await;
        for answer in answers {
            let is_fault = answer.starts_with("HTTP/1.1 500") && answer.contains("InternalFailure");
            assert!(is_fault && answer.contains("authorization gate failed") && answer.contains(says), "{answer}");
        }
    }
}

#[tokio::test]
async fn one_that_ended_is_started_again() {
    let (answers, ..) = asked(Some(r#"read -r _ && echo '{"decisions":[{"allowed":true}]}'"#)).await;
    assert!(answers.iter().all(|answer| answer.starts_with("HTTP/1.1 200")), "{answers:?}");
}

#[tokio::test]
async fn what_calls_need_is_in_aws_reference() {
    let run = tempfile::tempdir().unwrap();
    let places = Places { tools: tools(), run: run.path().to_owned(), decider: None };
    let mut check = Command::new(install(&places, &|_| ()).await.unwrap());
    let here = |path: &str| PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(path);
    check.arg("-I").args([here("tests/rights.py"), here("../../tools/emulator"), here("../iam/src/table.tsv")]);
    let output = check.output().await.unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}
