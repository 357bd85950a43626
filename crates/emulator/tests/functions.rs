//! Functions in a real emulator with the real authorization gate, tried from outside with AWS's SDK for Python by `functions.py`:
//! what runs them, what sets them off, what is kept of them, and what is refused, each with its twin that is not.

use std::{
    env,
    path::{Path, PathBuf},
    process::Command as Process,
    time::{Duration, Instant},
};

use emulator::{Places, install, start, stop};
use tokio::process::Command;

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
    let ended = Instant::now();
    while !processes(&folder).is_empty() {
        assert!(ended.elapsed() < Duration::from_secs(5), "processes outlive the emulator:\n{}", processes(&folder));
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
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
