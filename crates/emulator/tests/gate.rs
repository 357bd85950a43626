//! The model gate of real emulators, tried from outside with botocore by `gate.py`: what it refuses, each with its twin
//! that passes, what it notes, and that it reads every operation as botocore writes it.

use std::{env, fs, path::PathBuf, process::Stdio};

use emulator::{Places, install, start, stop};
use tokio::process::Command;

const MEMBER: &str = "333344445555";

/// Runs `gate.py` against an emulator that a zone would start.
async fn holds(switch: Option<&str>) {
    let shared = concat!(env!("CARGO_MANIFEST_DIR"), "/../../.zone/tools");
    let tools = env::var_os("ZONE_TOOLS").map_or_else(|| PathBuf::from(shared), PathBuf::from);
    let run = tempfile::tempdir().unwrap();
    let places = Places { tools, run: run.path().to_owned(), decider: None };
    let violations = run.path().join("violations.jsonl");
    let python = install(&places, &|_| ()).await.unwrap();
    let (endpoint, ended) = match switch {
        None => (start(&places, MEMBER, None, &|_| ()).await.unwrap().0.endpoint, None),
        Some(value) => {
            // as `start` does, with the variable in this process's environment only
            let serve = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tools/emulator/serve.py");
            let mut server = Command::new(&python);
            server.args(["-I", serve, "--member", MEMBER, "--idle", "60", "--run"]).arg(run.path());
            server.env("ZONE_MODEL_GATE", value).stdin(Stdio::null()).stdout(Stdio::null()).kill_on_drop(true);
            let server = server.spawn().unwrap();
            let endpoint = loop {
                if let Some(running) = emulator::status(&places).await.unwrap() {
                    break running.endpoint;
                }
                tokio::time::sleep(std::time::Duration::from_millis(50)).await;
            };
            (endpoint, Some(server))
        }
    };
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tools/emulator");
    let mut check = Command::new(&python);
    check.args(["-I", concat!(env!("CARGO_MANIFEST_DIR"), "/tests/gate.py"), folder, &endpoint]);
    match switch {
        None => check.arg(&violations),
        Some(value) => check.arg(value),
    };
    let output = check.output().await.unwrap();
    stop(&places).await.unwrap();
    drop(ended);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(fs::exists(&violations).unwrap(), switch.is_none());
}

#[tokio::test]
async fn refuses_what_aws_would_and_passes_the_rest() {
    holds(None).await;
}

#[tokio::test]
async fn lets_all_pass_when_switched_off() {
    holds(Some("off")).await;
}
