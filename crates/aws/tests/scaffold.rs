//! `tools/scaffold` writes the first half of a type's file: its own tests, of what follows from which source, and of three types
//! against committed text. They read the pinned sources, which the tool installs once and keeps among the tools.
//!
//! `ZONE_BLESS=1 cargo test --workspace --test scaffold` writes that text again, after a new rule or a new version of a source.

use std::{
    path::{Path, PathBuf},
    process::{Command, Output},
};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// Runs a part of the tool with the emulator's Python, which has pip.
fn run(part: &str, arguments: &[&str]) -> Output {
    let tools = std::env::var_os("ZONE_TOOLS").map_or_else(|| root().join(".zone/tools"), PathBuf::from);
    let places = emulator::Places { run: tools.clone(), tools: tools.clone(), decider: None };
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let python = runtime.block_on(emulator::install(&places, &|_| ())).expect("the emulator's Python");
    let mut command = Command::new(python);
    command.arg("-I").arg(root().join(part)).args(arguments).env("ZONE_TOOLS", tools);
    command.output().expect("the tool runs")
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[test]
fn its_own_tests_pass() {
    let ran = run("tools/scaffold/tests", &[]);
    let said = text(&ran.stderr);
    assert!(ran.status.success(), "tools/scaffold/tests:\n{said}");
    let count = said.lines().filter(|line| line.ends_with("... ok")).count();
    assert!(count > 25, "only {count} tests ran:\n{said}");
}

#[test]
fn it_prints_a_known_type_and_refuses_an_unknown_one() {
    let known = run("tools/scaffold", &["aws:dynamodb/contributorInsights:ContributorInsights"]);
    let (printed, said) = (text(&known.stdout), text(&known.stderr));
    assert!(known.status.success(), "{said}");
    assert!(printed.starts_with("//! A DynamoDB contributor insights.\n"), "{printed}");
    assert!(said.contains("for TYPES in tools/limits/mapping.py:\n"), "{said}");
    assert!(said.contains("there is no CloudFormation schema of it"), "{said}");
    let unknown = run("tools/scaffold", &["aws:dynamodb/tabel:Table"]);
    assert_eq!((unknown.status.code(), text(&unknown.stdout)), (Some(1), String::new()));
    let said = text(&unknown.stderr);
    assert!(
        said.starts_with("error: reading resource type `aws:dynamodb/tabel:Table`, the official provider: "),
        "{said}"
    );
    assert!(said.contains("hint: did you mean `aws:dynamodb/table:Table`"), "{said}");
    let exists = run("tools/scaffold", &["aws:sqs/queue:Queue", "--write"]);
    assert_eq!(exists.status.code(), Some(1));
    assert!(text(&exists.stderr).contains("writing file `crates/aws/src/sqs/queue.rs`: it exists"));
}
