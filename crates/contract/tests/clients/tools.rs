//! Node.js packages and a Python environment for the two packages below `clients/`, and copies of these to build in.
//!
//! npm and pip install once, by the lock files, and what they install is kept among the tools. Without Node.js and npm the
//! tests that need them are not evaluated, which only a machine of a person may do.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::LazyLock,
};

use sha2::{Digest as _, Sha256};
use tempfile::TempDir;

pub(crate) fn clients() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../clients")
}

fn tools() -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let tools = std::env::var_os("ZONE_TOOLS").map_or_else(|| root.join(".zone/tools"), PathBuf::from);
    fs::create_dir_all(&tools).unwrap_or_else(|error| panic!("making {}: {error}", tools.display()));
    // programs that run in other folders get it
    tools.canonicalize().expect("the folder of tools")
}

/// Runs a command; the test fails when it cannot, because what was not tried is not known to work.
pub(crate) fn must(command: &mut Command, doing: &str) -> String {
    match command.stdin(Stdio::null()).output() {
        Ok(ran) if ran.status.success() => String::from_utf8_lossy(&ran.stdout).into_owned(),
        Ok(ran) => panic!(
            "{doing}: {}\n{}{}",
            ran.status,
            String::from_utf8_lossy(&ran.stdout),
            String::from_utf8_lossy(&ran.stderr)
        ),
        Err(error) => panic!("{doing}: {error}: `{}`", command.get_program().display()),
    }
}

/// A folder whose name has the hash of what it is made from. May be killed at any moment, and may run twice at once: it gets
/// its name when it is complete.
fn kept(below: &Path, name: &str, from: &[Vec<u8>], make: impl FnOnce(&Path)) -> PathBuf {
    let hash: String = Sha256::digest(from.concat()).iter().take(6).map(|byte| format!("{byte:02x}")).collect();
    let kept = below.join(format!("{name}-{hash}"));
    if !kept.is_dir() {
        let part = tempfile::Builder::new().prefix(&format!("{name}-part-")).tempdir_in(below).expect("a folder");
        make(part.path());
        // another test may have been faster, with the same packages
        if let Err(error) = fs::rename(part.path(), &kept) {
            assert!(kept.is_dir(), "naming {}: {error}", kept.display());
        }
    }
    kept
}

/// The TypeScript package with its tests and its example, built in a folder beside what cargo builds; `None`, with a word
/// about it, where Node.js and npm are not at hand.
pub(crate) fn typescript() -> Option<PathBuf> {
    /// Built once, for all tests.
    static BUILT: LazyLock<PathBuf> = LazyLock::new(build);
    let answers = |program: &str| Command::new(program).arg("--version").output().is_ok_and(|ran| ran.status.success());
    if !answers("node") || !answers("npm") {
        assert!(
            std::env::var("CI").is_err(),
            "not evaluated: Node.js and npm are not at hand, and in CI they have to be: install Node.js"
        );
        // not by a macro: what passes has its output hidden, and who runs this is to know that nothing was compared
        let _ = std::io::Write::write_all(&mut std::io::stderr(), b"not evaluated: Node.js and npm are not at hand\n");
        return None;
    }
    Some(BUILT.clone())
}

fn build() -> PathBuf {
    let source = clients().join("typescript");
    let files = [".npmrc", "package-lock.json", "package.json"];
    let from = files.map(|name| fs::read(source.join(name)).expect(name));
    let packages = kept(&tools(), "contract-npm", &from, |folder| {
        for (name, text) in files.iter().zip(&from) {
            fs::write(folder.join(name), text).expect(name);
        }
        must(Command::new("npm").arg("ci").current_dir(folder), "installing npm packages (it takes the network, once)");
    });
    let below = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let mut all = Vec::new();
    contents(&clients().join("typescript"), &mut all);
    all.push(fs::read(clients().join("sample.json")).expect("the sample"));
    let built = kept(below, "typescript", &all, |folder| {
        copy("typescript", folder);
        let package = folder.join("typescript");
        std::os::unix::fs::symlink(packages.join("node_modules"), package.join("node_modules")).expect("a link");
        for project in [".", "test"] {
            must(&mut tsc(&package, project), "compiling TypeScript");
        }
    });
    built.join("typescript")
}

/// The compiler, for a project of the package.
pub(crate) fn tsc(package: &Path, project: &str) -> Command {
    let mut tsc = Command::new("node");
    let program = package.join("node_modules/typescript/bin/tsc");
    tsc.arg(program).args(["--pretty", "false", "--project", project]).current_dir(package);
    tsc
}

/// A copy of the Python package.
pub(crate) fn python() -> TempDir {
    let folder = tempfile::tempdir().expect("a temporary folder");
    copy("python", folder.path());
    folder
}

/// A Python with what `clients/python/requirements.txt` pins.
pub(crate) fn interpreter() -> PathBuf {
    let list = clients().join("python/requirements.txt");
    let from = [fs::read(&list).expect("requirements.txt")];
    let home = kept(&tools(), "contract-python", &from, |folder| {
        let base = std::env::var_os("ZONE_PYTHON").unwrap_or_else(|| "python3".into());
        let doing = "making a Python environment (it takes Python 3.10 or newer with its module venv, or one named in \
                     ZONE_PYTHON)";
        must(Command::new(base).args(["-I", "-m", "venv"]).arg(folder), doing);
        let mut pip = Command::new(folder.join("bin/python"));
        pip.args(["-I", "-m", "pip", "install", "--require-hashes", "--only-binary", ":all:", "--no-compile"])
            .args(["--disable-pip-version-check", "--no-input", "--quiet", "--requirement"])
            .arg(&list);
        must(&mut pip, "installing Python packages (it takes the network, once)");
    });
    home.join("bin/python")
}

/// The files of a package, without what was built or installed there, by their order.
fn sources(folder: &Path) -> Vec<PathBuf> {
    let mut found: Vec<_> =
        fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path()).collect();
    found.sort();
    found.retain(|path| {
        let name = path.file_name().unwrap_or_default();
        !["node_modules", "dist", "build", "__pycache__", ".mypy_cache"].iter().any(|skipped| name == *skipped)
    });
    found
}

fn contents(folder: &Path, all: &mut Vec<Vec<u8>>) {
    for path in sources(folder) {
        all.push(path.to_string_lossy().into_owned().into_bytes());
        if path.is_dir() {
            contents(&path, all);
        } else {
            all.push(fs::read(&path).expect("a file"));
        }
    }
}

/// Copies a package, and the sample beside it.
fn copy(name: &str, to: &Path) {
    fn below(from: &Path, to: &Path) {
        fs::create_dir_all(to).expect("a folder");
        for path in sources(from) {
            let target = to.join(path.file_name().unwrap_or_default());
            if path.is_dir() {
                below(&path, &target);
            } else {
                fs::copy(&path, target).expect("a copy");
            }
        }
    }
    below(&clients().join(name), &to.join(name));
    fs::copy(clients().join("sample.json"), to.join("sample.json")).expect("the sample");
}
