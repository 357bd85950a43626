//! The engine's own replay, built from `tools/pulumi/journal` with the flags that the engine is built with.

use std::{
    io::Write,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::LazyLock,
};

use serde::Deserialize;
use serde_json::value::RawValue;

/// What it answers to one question.
#[derive(Deserialize, Debug)]
pub(crate) struct Answer {
    #[serde(default)]
    pub(crate) version: u64,
    #[serde(default)]
    pub(crate) features: Vec<String>,
    pub(crate) deployment: Option<Box<RawValue>>,
    #[serde(default)]
    pub(crate) integrity: String,
    #[serde(default)]
    pub(crate) error: String,
}

/// Built once; Go's own cache makes it a matter of seconds after that.
static PROGRAM: LazyLock<PathBuf> = LazyLock::new(|| {
    let program = Path::new(env!("CARGO_TARGET_TMPDIR")).join("journal-oracle");
    let built = Command::new("go")
        .args(["build", "-trimpath", "-buildvcs=false", "-tags", "osusergo,grpcnotrace", "-o"])
        .args([program.as_os_str(), "./journal".as_ref()])
        .current_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tools/pulumi"))
        .env("CGO_ENABLED", "0")
        .env("GOFLAGS", "-mod=readonly")
        .env("GOWORK", "off")
        .env("GO111MODULE", "on")
        .env_remove("GOOS")
        .env_remove("GOARCH")
        .output()
        .expect("Go, which builds the engine as well");
    assert!(built.status.success(), "building the oracle: {}", String::from_utf8_lossy(&built.stderr));
    program
});

/// The answers to questions of one line each, in their order.
pub(crate) fn ask(questions: &[String]) -> Vec<Answer> {
    let mut oracle = Command::new(&*PROGRAM).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("the oracle");
    let mut input = oracle.stdin.take().expect("its input");
    let answers = std::thread::scope(|scope| {
        scope.spawn(move || {
            for question in questions {
                input.write_all(question.as_bytes()).and_then(|()| input.write_all(b"\n")).expect("it reads");
            }
        });
        oracle.wait_with_output().expect("it ends")
    });
    assert!(answers.status.success(), "the oracle ended with {}", answers.status);
    let lines = answers.stdout.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
    let answers: Vec<Answer> = lines.map(|line| serde_json::from_slice(line).expect("an answer")).collect();
    assert_eq!(answers.len(), questions.len(), "an answer to each question");
    answers
}
