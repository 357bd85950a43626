//! Fake programs for tests.

use std::{
    io::Write,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

/// Makes an executable shell script.
///
/// Another process writes it: a file that this one has open for writing cannot be executed, and while a test in
/// another thread starts a program, that one has it open for an instant.
pub(crate) fn program(folder: &Path, name: &str, script: &str) -> PathBuf {
    let file = folder.join(name);
    let mut shell = Command::new("sh");
    shell.args(["-c", "cat > $0 && chmod +x $0"]).arg(&file).stdin(Stdio::piped());
    let mut shell = shell.spawn().unwrap();
    write!(shell.stdin.take().unwrap(), "#!/bin/sh\n{script}\n").unwrap();
    assert!(shell.wait().unwrap().success());
    file
}
