//! Functions in a real emulator with the real authorization gate, tried from outside with AWS's SDK for Python by `functions.py`:
//! what runs them, what sets them off, what is kept of them, and what is refused, each with its twin that is not.

use std::{
    env,
    path::{Path, PathBuf},
    process::{Command as Process, Stdio},
    time::{Duration, Instant},
};

use emulator::{Places, install, start, stop};
use tokio::process::{Child, Command};

const MEMBER: &str = "333344445555";

/// The executable beside this test's, which judges the calls: cargo builds both with `--workspace`.
fn decider() -> PathBuf {
    let test = env::current_exe().unwrap();
    let zone = test.ancestors().nth(2).unwrap().join("zone");
    assert!(zone.exists(), "{} is not there: build it with `cargo build --workspace`", zone.display());
    zone
}

fn places(run: &Path) -> Places {
    let shared = concat!(env!("CARGO_MANIFEST_DIR"), "/../../.zone/tools");
    let tools = env::var_os("ZONE_TOOLS").map_or_else(|| PathBuf::from(shared), PathBuf::from);
    Places { tools, run: run.to_owned(), decider: Some(decider()) }
}

/// The processes that have this text in their command line, or in a variable of theirs.
fn processes(text: &str) -> String {
    let output = Process::new("ps").args(["axeww", "-o", "pid=,command="]).output().unwrap();
    let all = String::from_utf8_lossy(&output.stdout).into_owned();
    all.lines().filter(|line| line.contains(text)).map(|line| format!("{line}\n")).collect()
}

/// Runs a file of tests against an emulator of its own, and sees that no process of a function outlives it.
async fn holds(file: &str) {
    let run = tempfile::tempdir().unwrap();
    let places = places(run.path());
    let python = install(&places, &|_| ()).await.unwrap();
    let endpoint = start(&places, MEMBER, None, &|_| ()).await.unwrap().0.endpoint;
    let mut check = Command::new(&python);
    check.args(["-I", concat!(env!("CARGO_MANIFEST_DIR"), "/tests/functions.py"), &endpoint, file]);
    let output = check.output().await.unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    let folder = run.path().join("functions").display().to_string();
    let ran = output.status.success() && !processes(&folder).is_empty();
    stop(&places).await.unwrap();
    assert!(output.status.success(), "{said}");
    let functions = ["objects", "events", "invocation"].contains(&file);
    assert!(ran || !functions, "the functions of {file} left no process that waits for its next invocation");
    all_end(run.path()).await;
}

/// Starts an emulator as `start` does, with a variable of its environment, and runs a function in it; the sandbox of that waits.
async fn waiting(run: &Path, idle: &str) -> Child {
    let places = places(run);
    let python = install(&places, &|_| ()).await.unwrap();
    let serve = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tools/emulator/serve.py");
    let mut server = Command::new(&python);
    server.args(["-I", serve, "--member", MEMBER, "--idle", "120", "--decider"]).arg(decider()).arg("--run").arg(run);
    server.env("ZONE_FUNCTIONS_IDLE_SECONDS", idle).stdin(Stdio::null()).stdout(Stdio::null()).kill_on_drop(true);
    let server = server.spawn().unwrap();
    let endpoint = loop {
        if let Some(running) = emulator::status(&places).await.unwrap() {
            break running.endpoint;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    };
    let mut check = Command::new(&python);
    check.args(["-I", concat!(env!("CARGO_MANIFEST_DIR"), "/tests/functions.py"), &endpoint]);
    let output = check.arg("invocation.Running.test_log").output().await.unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    server
}

/// Sees that no process of a function is left.
async fn all_end(run: &Path) {
    let (folder, began) = (run.join("functions").display().to_string(), Instant::now());
    while !processes(&folder).is_empty() {
        assert!(began.elapsed() < Duration::from_secs(10), "processes go on:\n{}", processes(&folder));
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

#[tokio::test]
async fn who_is_not_needed_any_more_ends() {
    let run = tempfile::tempdir().unwrap();
    let mut server = waiting(run.path(), "2").await;
    all_end(run.path()).await;
    assert!(server.try_wait().unwrap().is_none(), "the emulator goes on");
}

#[tokio::test]
async fn nobody_outlives_an_emulator_that_is_killed() {
    let run = tempfile::tempdir().unwrap();
    let mut server = waiting(run.path(), "300").await;
    assert!(!processes(&run.path().join("functions").display().to_string()).is_empty(), "a sandbox waits");
    server.kill().await.unwrap();
    all_end(run.path()).await;
}

#[tokio::test]
async fn an_object_becomes_an_item_under_the_rights_of_the_role() {
    holds("objects").await;
}

#[tokio::test]
async fn events_are_tried_again_and_end_where_they_should() {
    holds("events").await;
}

#[tokio::test]
async fn an_invocation_is_as_on_aws() {
    holds("invocation").await;
}

#[tokio::test]
async fn what_is_put_is_kept_or_refused() {
    holds("settings").await;
}
