//! The scripts of `tools/iam` and the npm packages that they need.
//!
//! npm installs the packages once, by their lock file, and they are kept among the tools. Without Node.js and npm the tests that
//! need them are not evaluated, which only a machine of a person may be content with.

use std::{
    fs,
    io::Write as _,
    path::{Path, PathBuf},
    process::Command,
};

use sha2::{Digest, Sha256};

/// What npm needs for the same packages everywhere.
const FILES: [&str; 3] = [".npmrc", "package-lock.json", "package.json"];

pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// A command that runs a script of `tools/iam`; `None`, with a word about it, where Node.js and npm are not at hand.
pub(crate) fn script(name: &str) -> Option<Command> {
    let answers = |program: &str| Command::new(program).arg("--version").output().is_ok_and(|ran| ran.status.success());
    if !answers("node") || !answers("npm") {
        assert!(
            std::env::var("CI").is_err(),
            "not evaluated: Node.js and npm are not at hand, and in CI they have to be: install Node.js"
        );
        // not by a macro: what passes has its output hidden, and who runs this is to know that nothing was compared
        let _ = std::io::stderr().write_all(b"not evaluated: Node.js and npm are not at hand\n");
        return None;
    }
    let mut node = Command::new("node");
    node.arg(root().join("tools/iam").join(name)).env("NODE_PATH", packages().join("node_modules"));
    Some(node)
}

/// The folder of the installed packages.
fn packages() -> PathBuf {
    let tools = std::env::var_os("ZONE_TOOLS").map_or_else(|| root().join(".zone/tools"), PathBuf::from);
    let wanted = FILES.map(|name| fs::read(root().join("tools/iam").join(name)).expect(name));
    let hash: String = Sha256::digest(wanted.concat()).iter().take(6).map(|byte| format!("{byte:02x}")).collect();
    let kept = tools.join(format!("iam-{hash}"));
    if kept.is_dir() {
        return kept;
    }
    fs::create_dir_all(&tools).unwrap_or_else(|e| panic!("making {}: {e}", tools.display()));
    let folder = tempfile::tempdir_in(&tools).expect("a temporary folder");
    for (name, text) in FILES.iter().zip(wanted) {
        fs::write(folder.path().join(name), text).expect(name);
    }
    let ran = Command::new("npm").arg("ci").current_dir(folder.path()).output().expect("npm starts");
    assert!(
        ran.status.success(),
        "npm could not install the packages of tools/iam; with network they are installed once and kept in {}:\n{}",
        kept.display(),
        String::from_utf8_lossy(&ran.stderr)
    );
    // another test may have been faster, with the same packages
    if let Err(e) = fs::rename(folder.path(), &kept) {
        assert!(kept.is_dir(), "naming {}: {e}", kept.display());
    }
    kept
}
