//! The handler's own tests, in Python, with their coverage, and what pylint and mypy say of it.

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

/// The part of the handler's lines and branches that its tests have to reach, in percent.
const COVERED: &str = "95";

fn handler() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("handler")
}

/// Runs a command; the test fails when it cannot, because what was not tried is not known to work.
#[track_caller]
fn must(command: &mut Command) -> String {
    let shown = format!("{command:?}");
    let ran = command.stdin(Stdio::null()).output().unwrap_or_else(|error| panic!("{shown}: {error}"));
    let said = format!("{}{}", String::from_utf8_lossy(&ran.stdout), String::from_utf8_lossy(&ran.stderr));
    assert!(ran.status.success(), "{shown}: {}\n{said}", ran.status);
    said
}

/// A Python with what `handler/tests/requirements.txt` pins, kept among the tools. It gets its name when it is complete: this
/// may be killed at any moment, and run twice at once.
fn interpreter() -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let tools = env::var_os("ZONE_TOOLS").map_or_else(|| root.join(".zone/tools"), PathBuf::from);
    fs::create_dir_all(&tools).expect("the folder of tools");
    let list = handler().join("tests/requirements.txt");
    let pins = fs::read_to_string(&list).expect("requirements.txt");
    let name: Vec<_> = pins.lines().filter_map(|line| line.split_once("==")).map(|(_, version)| version).collect();
    let kept = tools.join(format!("object-audit-{}", name.join("-")));
    if !kept.is_dir() {
        // a folder of its own for each test: they run at once, in one process
        let part = tempfile::Builder::new().prefix("object-audit-part-").tempdir_in(&tools).expect("a folder");
        let base = env::var_os("ZONE_PYTHON").unwrap_or_else(|| "python3".into());
        must(Command::new(base).args(["-I", "-m", "venv"]).arg(part.path()));
        let mut pip = Command::new(part.path().join("bin/python"));
        pip.args([
            "-I",
            "-m",
            "pip",
            "install",
            "--disable-pip-version-check",
            "--no-input",
            "--quiet",
            "--requirement",
        ]);
        must(pip.arg(&list));
        // another test may have been faster, with the same packages
        if let Err(error) = fs::rename(part.path(), &kept) {
            assert!(kept.is_dir(), "naming {}: {error}", kept.display());
        }
    }
    kept.join("bin/python")
}

/// The handler in a folder of its own, so that nothing is written beside it.
fn copy() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    for below in ["", "tests"] {
        fs::create_dir_all(folder.path().join(below)).expect("a folder");
        for entry in fs::read_dir(handler().join(below)).expect("the handler").flatten() {
            if entry.path().is_file() {
                fs::copy(entry.path(), folder.path().join(below).join(entry.file_name())).expect("a file");
            }
        }
    }
    folder
}

#[test]
fn its_tests_pass_and_reach_nearly_all_of_it() {
    let (python, folder) = (interpreter(), copy());
    let run = |arguments: &[&str]| must(Command::new(&python).args(arguments).current_dir(folder.path()));
    let said = run(&["-m", "coverage", "run", "--branch", "-m", "unittest", "discover", "-s", "tests"]);
    let tests = said.split("Ran ").nth(1).and_then(|rest| rest.split(' ').next()).and_then(|n| n.parse::<u32>().ok());
    assert!(tests > Some(18), "{said}");
    run(&["-m", "coverage", "report", &format!("--fail-under={COVERED}")]);
    // a test that cannot fail proves nothing: without the condition of its put, a duplicate is a second item
    let item = folder.path().join("item.py");
    let text = fs::read_to_string(&item).expect("item.py");
    let broken = text.replace("attribute_not_exists", "attribute_exists");
    assert_ne!(text, broken);
    fs::write(&item, broken).expect("a file");
    let failed = Command::new(&python)
        .args(["-m", "unittest", "discover", "-s", "tests"])
        .current_dir(folder.path())
        .output()
        .expect("Python");
    assert!(!failed.status.success(), "the tests do not notice another condition");
}

#[test]
fn pylint_and_mypy_have_nothing_to_say() {
    let (python, folder) = (interpreter(), copy());
    let mut files: Vec<_> = fs::read_dir(folder.path())
        .expect("the folder")
        .flatten()
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .filter(|name| Path::new(name).extension().is_some_and(|end| end == "py"))
        .collect();
    files.sort();
    let said = must(Command::new(&python).args(["-m", "pylint"]).args(&files).current_dir(folder.path()));
    assert!(said.contains("rated at 10.00/10"), "{said}");
    must(Command::new(&python).args(["-m", "mypy"]).current_dir(folder.path()));
}

/// The archive has exactly the files that the handler is made of.
#[test]
fn each_file_of_the_handler_goes_into_the_archive() {
    let program =
        fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("src/function.rs")).expect("the program");
    let files = fs::read_dir(handler()).expect("the handler").flatten();
    let files: Vec<_> = files.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
    let code: Vec<_> = files.iter().filter(|name| Path::new(name).extension().is_some_and(|end| end == "py")).collect();
    assert!(code.len() > 3, "{code:?}");
    for file in code {
        assert!(program.contains(&format!("{file:?}")), "`{file}` is not in the archive");
    }
    assert!(Path::new(env!("CARGO_BIN_EXE_object-audit")).is_file());
}
