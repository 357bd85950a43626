use std::{
    io::Write,
    sync::{Arc, atomic::Ordering},
};

use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use super::*;
use crate::{
    journal::{
        recover,
        tests::{Disk, made, names, stack},
    },
    store::Store,
};

const OF_STACK: &str = "/api/stacks/organization/zone/dev";

/// A service over a disk, and what an engine would ask it.
struct Engine {
    service: Service,
    disk: Arc<Disk>,
    _dir: tempfile::TempDir,
}

impl Engine {
    async fn new() -> Self {
        let dir = tempfile::tempdir().expect("a folder");
        let disk = Arc::new(Disk::new(dir.path()));
        let service = Service::start(stack(Arc::clone(&disk) as Arc<dyn Store>), 7).await.expect("it listens");
        Self { service, disk, _dir: dir }
    }

    fn stack(&self) -> Stack {
        self.service.shared.stack.clone()
    }

    /// Status and body.
    async fn raw(&self, request: &str, headers: &[(&str, &str)], body: &[u8]) -> (u16, Value) {
        let mut stream = TcpStream::connect(self.service.address).await.expect("it listens");
        let headers: String = headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
        let length = body.len();
        let head = format!("{request} HTTP/1.1\r\n{headers}Connection: close\r\nContent-Length: {length}\r\n\r\n");
        stream.write_all(&[head.as_bytes(), body].concat()).await.expect("sent");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.expect("an answer");
        let status = answer.split(' ').nth(1).and_then(|status| status.parse().ok()).expect("a status");
        let body = answer.split_once("\r\n\r\n").map(|(_, body)| body).unwrap_or_default();
        (status, serde_json::from_str(body).unwrap_or_default())
    }

    async fn ask(&self, request: &str, body: &Value) -> (u16, Value) {
        let host = self.service.address.to_string();
        let token = format!("token {}", self.service.shared.token);
        let agent = "pulumi-cli/1 (v3.259.0; linux; cmd=up)";
        let headers = [("Host", host.as_str()), ("Authorization", &token), ("User-Agent", agent)];
        self.raw(request, &headers, body.to_string().as_bytes()).await
    }

    /// As the engine sends what may be large.
    async fn compressed(&self, request: &str, body: &Value) -> (u16, Value) {
        let host = self.service.address.to_string();
        let token = format!("update-token {}", self.service.shared.token);
        let headers = [("Host", host.as_str()), ("Authorization", &token), ("Content-Encoding", "gzip")];
        let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        gzip.write_all(body.to_string().as_bytes()).expect("compressed");
        self.raw(request, &headers, &gzip.finish().expect("compressed")).await
    }

    async fn answered(&self, request: &str, body: &Value) -> Value {
        let (status, answer) = self.ask(request, body).await;
        assert_eq!(status, 200, "{request}: {answer}");
        answer
    }

    /// Makes the stack and starts an update; returns where it is.
    async fn update(&self) -> String {
        if self.service.checkpoint().await.is_none() {
            let named = json!({ "stackName": "dev" });
            self.answered("POST /api/stacks/organization/zone", &named).await;
        }
        let announced = json!({
            "options": { "dryRun": false },
            "metadata": { "message": "why", "environment": { "exec.kind": "cli" } },
            "config": {},
        });
        let id = self.answered(&format!("POST {OF_STACK}/update"), &announced).await;
        let at = format!("{OF_STACK}/update/{}", id["updateID"].as_str().expect("an id"));
        let started = self.answered(&format!("POST {at}"), &json!({ "journalVersion": 1 })).await;
        assert_eq!(started["journalVersion"], 1);
        assert!(!started["token"].as_str().expect("a token").is_empty());
        at
    }

    async fn report(&self, at: &str, entries: &[Value]) -> (u16, Value) {
        self.compressed(&format!("PATCH {at}/journalentries"), &json!({ "entries": entries })).await
    }
}

fn changes() -> BTreeMap<String, u64> {
    BTreeMap::from([("create".to_owned(), 1)])
}

#[tokio::test]
async fn only_our_engine_is_answered() {
    let engine = Engine::new().await;
    let (host, token) = (engine.service.address.to_string(), format!("token {}", engine.service.shared.token));
    for (host, token) in [(&*host, "token 00"), (&*host, ""), ("zone.example", &*token), ("", &*token)] {
        let headers = [("Host", host), ("Authorization", token)];
        assert_eq!(engine.raw("GET /api/user", &headers, b"").await.0, 401, "{host} {token}");
    }
    assert_eq!(engine.ask("GET /api/user", &Value::Null).await.0, 200);
}

#[tokio::test]
async fn a_stack_is_made_updated_and_folded_into_the_ordinary_state() {
    let engine = Engine::new().await;
    let (status, answer) = engine.ask(&format!("GET {OF_STACK}"), &Value::Null).await;
    assert_eq!((status, &answer["code"]), (404, &json!(404)), "the engine reads the code in the body");
    let at = engine.update().await;
    let again = engine.ask("POST /api/stacks/organization/zone", &json!({ "stackName": "dev" })).await;
    assert_eq!(again.0, 409, "{}", again.1);
    assert_eq!(engine.report(&at, &made(1, "a")).await.0, 200);
    assert_eq!(engine.report(&at, &made(1, "a")).await.0, 200, "what is sent again is taken once");
    assert!(names(&engine.stack()).await.0.is_empty(), "it is in the journal");
    for request in ["POST events/batch", "POST renew_lease", "POST complete"] {
        let (method, what) = request.split_once(' ').expect("two words");
        assert_eq!(engine.ask(&format!("{method} {at}/{what}"), &json!({})).await.0, 200, "{request}");
    }
    engine.service.ended(true, changes()).await.expect("folded");
    assert_eq!(names(&engine.stack()).await, (vec!["a".to_owned()], 0));
    let export = engine.answered(&format!("GET {OF_STACK}/export"), &Value::Null).await;
    assert_eq!(export["deployment"]["resources"][0]["urn"], "urn:pulumi:dev::zone::t:i:T::a");
    assert_eq!(export["deployment"]["manifest"]["version"], "v3.259.0");
    let (_, update) = engine.stack().latest().await.expect("a history").expect("an update");
    assert_eq!((&*update.kind, &*update.result, &*update.message), ("update", "succeeded", "why"));
    assert_eq!(update.resource_changes, changes());
    assert_eq!(engine.report(&at, &made(2, "b")).await.0, 404, "that update is over");
}

#[tokio::test]
async fn a_preview_writes_nothing() {
    let engine = Engine::new().await;
    engine.update().await;
    engine.service.ended(true, changes()).await.expect("folded");
    let before = engine.disk.list("").await.expect("a list");
    for (kind, dry) in [("preview", false), ("update", true)] {
        let id = engine.answered(&format!("POST {OF_STACK}/{kind}"), &json!({ "options": { "dryRun": dry } })).await;
        let at = format!("{OF_STACK}/update/{}", id["updateID"].as_str().expect("an id"));
        engine.answered(&format!("POST {at}"), &json!({})).await;
        assert_eq!(engine.report(&at, &made(1, "a")).await.0, 400, "a preview has no journal");
        engine.service.ended(true, changes()).await.expect("ended");
    }
    assert_eq!(engine.disk.list("").await.expect("a list"), before);
}

#[tokio::test]
async fn an_entry_of_an_unknown_kind_is_refused_before_anything_is_written() {
    let engine = Engine::new().await;
    let at = engine.update().await;
    let mut entries = made(1, "a");
    entries[0]["kind"] = json!(10);
    let (status, answer) = engine.report(&at, &entries).await;
    assert_eq!(status, 400, "{answer}");
    assert!(engine.disk.journals().await.expect("names").is_empty());
    engine.service.ended(false, BTreeMap::new()).await.expect_err("it is told");
}

#[tokio::test]
async fn what_could_not_be_written_is_not_acknowledged_and_the_rest_is_kept() {
    let engine = Engine::new().await;
    let at = engine.update().await;
    assert_eq!(engine.report(&at, &made(1, "a")).await.0, 200);
    engine.disk.is_full.store(true, Ordering::SeqCst);
    let (status, answer) = engine.report(&at, &made(2, "b")).await;
    assert!(status == 400 && answer["message"].as_str().expect("words").contains("make room on the disk"), "{answer}");
    engine.disk.is_full.store(false, Ordering::SeqCst);
    assert_eq!(engine.report(&at, &made(3, "c")).await.0, 400, "nothing after what is lost");
    let failure = engine.service.ended(false, BTreeMap::new()).await.expect_err("it is told");
    assert!(failure.message.starts_with("writing `disk`"), "{failure}");
    recover(&engine.stack(), "next", &|_| ()).await.expect("folded");
    assert_eq!(names(&engine.stack()).await, (vec!["a".to_owned()], 0));
}

/// The history is written while the journal is deleted, once the state has everything: whichever fails, the state is whole.
#[tokio::test]
async fn a_history_that_is_not_written_or_a_journal_that_is_not_deleted_costs_nothing_of_the_state() {
    for (fails, kept, updates) in [("/history/", 0, 0), ("forget", 1, 1)] {
        let engine = Engine::new().await;
        let at = engine.update().await;
        assert_eq!(engine.report(&at, &made(1, "a")).await.0, 200);
        *engine.disk.fails.lock().expect("nobody panicked") = Some(fails);
        let failure = engine.service.ended(true, changes()).await.expect_err("it is told");
        assert!(failure.message.starts_with("writing `disk`"), "{fails}: {failure}");
        assert_eq!(engine.disk.journals().await.expect("names").len(), kept, "{fails}: the other one was carried out");
        assert_eq!(engine.stack().updates().await.expect("a history").len(), updates, "{fails}");
        *engine.disk.fails.lock().expect("nobody panicked") = None;
        assert_eq!(names(&engine.stack()).await, (vec!["a".to_owned()], 0), "{fails}");
        // the next run finds that the state has it, and deletes what is left
        let recovered = recover(&engine.stack(), "next", &|_| ()).await.expect("folded");
        assert_eq!(recovered.journals, 0, "{fails}");
        assert_eq!(names(&engine.stack()).await, (vec!["a".to_owned()], 0), "{fails}");
        assert!(engine.disk.journals().await.expect("names").is_empty(), "{fails}");
    }
}

#[tokio::test]
async fn an_engine_without_a_journal_sends_the_whole_state() {
    let engine = Engine::new().await;
    let at = engine.update().await;
    let deployment = json!({
        "manifest": { "time": "2026-11-26T00:00:00Z", "magic": crate::version::sha256(b"v3.220.0"), "version": "v3.220.0" },
        "resources": [crate::journal::tests::resource("a")],
    });
    let whole = json!({ "isInvalid": false, "version": 3, "deployment": deployment });
    assert_eq!(engine.compressed(&format!("PATCH {at}/checkpoint"), &whole).await.0, 200);
    let invalid = json!({ "isInvalid": true, "version": 3 });
    assert_eq!(engine.compressed(&format!("PATCH {at}/checkpoint"), &invalid).await.0, 400);
    // killed here
    recover(&engine.stack(), "next", &|_| ()).await.expect("folded");
    assert_eq!(names(&engine.stack()).await.0, ["a"]);
}

#[tokio::test]
async fn nothing_is_encrypted_for_the_engine_and_no_other_stack_is_served() {
    let engine = Engine::new().await;
    engine.update().await;
    for what in ["encrypt", "decrypt", "batch-encrypt", "batch-decrypt"] {
        let (status, answer) =
            engine.ask(&format!("POST {OF_STACK}/{what}"), &json!({ "plaintext": "c2VjcmV0" })).await;
        assert!(status == 400 && answer["message"].as_str().expect("words").contains("secrets provider"), "{answer}");
    }
    for other in ["organization/zone/prod", "acme/zone/dev", "organization/shop/dev"] {
        assert_eq!(engine.ask(&format!("GET /api/stacks/{other}"), &Value::Null).await.0, 404, "{other}");
    }
}

#[tokio::test]
async fn a_run_whose_lease_is_lost_takes_nothing_any_more() {
    let mut engine = Engine::new().await;
    let (lose, lost) = watch::channel(None);
    engine.service.heed(lost);
    let at = engine.update().await;
    assert_eq!(engine.report(&at, &made(1, "a")).await.0, 200);
    lose.send_replace(Some(Lost { to: None }));
    while engine.service.shared.at_work.lock().await.broken.is_none() {
        tokio::task::yield_now().await;
    }
    let (status, answer) = engine.report(&at, &made(2, "b")).await;
    assert!(status == 400 && answer["message"].as_str().expect("words").contains("this run stops"), "{answer}");
    let failure = engine.service.ended(false, BTreeMap::new()).await.expect_err("it is told");
    assert_eq!(failure.exit, Exit::Busy);
}

#[tokio::test]
async fn its_credentials_are_for_its_own_engine_alone() {
    use std::os::unix::fs::PermissionsExt;
    let engine = Engine::new().await;
    let scratch = tempfile::tempdir().expect("a folder");
    let environment = engine.service.environment(scratch.path()).expect("written");
    let file = scratch.path().join("credentials.json");
    assert_eq!(std::fs::metadata(&file).expect("a file").permissions().mode() & 0o777, 0o600);
    let text = std::fs::read_to_string(file).expect("a file");
    assert!(text.contains(&engine.service.shared.token) && environment.iter().any(|(k, _)| k == "PULUMI_BACKEND_URL"));
}

/// A store that is slow, and whose writes are carried out whether or not anybody waits for them.
#[tokio::test]
async fn a_write_that_was_begun_ends_when_its_engine_is_killed() {
    let engine = Engine::new().await;
    let at = engine.update().await;
    engine.disk.is_slow.store(true, Ordering::SeqCst);
    let entries = made(1, "a");
    let report = engine.report(&at, &entries);
    // the connection is cut while the store writes
    tokio::time::timeout(Duration::from_millis(50), report).await.expect_err("it is slow");
    engine.service.ended(false, BTreeMap::new()).await.expect("nobody has taken it over");
    assert_eq!(names(&engine.stack()).await, (vec!["a".to_owned()], 0));
}
