//! The tests of the two packages, in their own languages.

use std::{
    fs,
    process::{Command, Stdio},
};

use contract::clients;
use serde_json::Value;

use crate::{generated::LEDGER, tools};

#[test]
fn typescript_passes_its_tests() {
    let Some(package) = tools::typescript() else { return };
    let tests = fs::read_dir(package.join("build/test")).expect("compiled tests").flatten().map(|entry| entry.path());
    let tests: Vec<_> = tests.filter(|path| path.to_string_lossy().ends_with(".test.js")).collect();
    assert!(tests.len() > 3, "{tests:?}");
    let mut node = Command::new("node");
    node.args(["--test", "--test-reporter", "spec"]).args(tests).current_dir(&package);
    let said = tools::must(&mut node, "running the tests of the TypeScript package");
    assert!(said.contains("fail 0") && !said.contains("pass 0") && said.contains("skipped 0"), "{said}");
}

#[test]
fn typescript_is_packed_with_its_types() {
    let Some(package) = tools::typescript() else { return };
    let mut npm = Command::new("npm");
    let said = tools::must(npm.args(["pack", "--dry-run", "--json"]).current_dir(&package), "packing the package");
    let packed: Value = serde_json::from_str(&said).unwrap_or_else(|error| panic!("{error}: {said}"));
    let files = packed[0]["files"].as_array().unwrap_or_else(|| panic!("{said}"));
    let files: Vec<_> = files.iter().filter_map(|file| file["path"].as_str()).collect();
    let exported = fs::read_to_string(package.join("package.json")).expect("package.json");
    let exported: Value = serde_json::from_str(&exported).expect("JSON");
    let exports = exported["exports"].as_object().expect("exports");
    let wanted: Vec<_> =
        exports.values().flat_map(|of| [&of["types"], &of["default"]]).filter_map(Value::as_str).collect();
    assert_eq!(wanted.len(), 4, "{exports:?}");
    for file in wanted {
        assert!(files.contains(&file.trim_start_matches("./")), "{file} is not packed: {files:?}");
    }
    let other = |file: &&str| !file.starts_with("dist/") && !["README.md", "package.json"].contains(file);
    assert_eq!(files.into_iter().filter(other).collect::<Vec<_>>(), Vec::<&str>::new(), "what nobody needs is packed");
}

/// What readers are shown in a language: the blocks of the documents that are marked with it.
fn shown(language: &str) -> Vec<String> {
    let documents = ["../docs/contract.md", "typescript/README.md", "python/README.md"];
    let texts = documents.map(|name| fs::read_to_string(tools::clients().join(name)).expect(name));
    let fence = format!("```{language}\n");
    let blocks = texts.iter().flat_map(|text| text.split(&fence).skip(1));
    let blocks: Vec<_> = blocks.map(|rest| rest.split("```").next().unwrap_or_default().to_owned()).collect();
    assert!(blocks.len() > 1, "blocks of {language} in {documents:?}");
    blocks
}

/// As strictly as the zone's, against the package as it is built; what the contract does not promise is no path of it.
#[test]
fn typescript_takes_what_is_shown_and_the_contract_of_a_module() {
    let Some(package) = tools::typescript() else { return };
    let project = tempfile::tempdir_in(&package).expect("a folder");
    let write = |name: &str, text: &str| fs::write(project.path().join(name), text).expect(name);
    write("ledger.ts", &clients::typescript(&LEDGER));
    for (number, block) in shown("ts").iter().enumerate() {
        write(&format!("shown{number}.ts"), block);
    }
    let options = r#"{ "noEmit": true, "noUnusedLocals": false }"#;
    let extended =
        format!(r#"{{ "extends": "../test/tsconfig.json", "compilerOptions": {options}, "include": ["*.ts"] }}"#);
    write("tsconfig.json", &extended);
    write(
        "wrong.ts",
        r#"import { type Path } from "./ledger.js";
export const right: Path = "tables/debts/open/name";
export const wrong: Path = "kms/secret/arn";
"#,
    );
    let ran = tools::tsc(&package, &project.path().to_string_lossy()).output().expect("node starts");
    let said = String::from_utf8_lossy(&ran.stdout).into_owned();
    assert!(!ran.status.success(), "it compiles");
    assert_eq!(said.matches("error TS").count(), 1, "{said}");
    assert!(said.contains("wrong.ts(3,14): error TS2322"), "{said}");
}

/// With what every machine has: the standard library.
#[test]
fn python_passes_its_tests() {
    let copy = tools::python();
    let python = std::env::var_os("ZONE_PYTHON").unwrap_or_else(|| "python3".into());
    let mut tests = Command::new(python);
    tests.args([
        "-B",
        "-W",
        "error",
        "-m",
        "unittest",
        "discover",
        "--start-directory",
        "tests",
        "--top-level-directory",
        ".",
    ]);
    let ran = tests.current_dir(copy.path().join("python")).stdin(Stdio::null()).output().expect("Python starts");
    let said = String::from_utf8_lossy(&ran.stderr).into_owned();
    assert!(ran.status.success() && said.ends_with("OK\n") && !said.contains("Ran 0 tests"), "{said}");
}

#[test]
fn python_has_strict_types_and_is_installed_with_them() {
    let (copy, python) = (tools::python(), tools::interpreter());
    let package = copy.path().join("python");
    // a module's contract is as strict, and has no other methods than its own
    fs::write(package.join("tests/ledger.py"), clients::python(&LEDGER)).expect("a file");
    let wrong = "from tests.ledger import CardLedger\n\n\ndef reads(ledger: CardLedger) -> None:\n    \
                 ledger.table_name(\"a\", \"c\").upper()\n    ledger.key_arn(\"secret\")\n";
    fs::write(package.join("tests/wrong.py"), wrong).expect("a file");
    for (number, block) in shown("python").iter().enumerate() {
        fs::write(package.join(format!("tests/shown{number}.py")), block).expect("a file");
    }
    let mut mypy = Command::new(&python);
    mypy.args(["-B", "-m", "mypy", "--no-error-summary", "zone_contract", "tests", "example"]).current_dir(&package);
    let ran = mypy.output().expect("Python starts");
    let said = format!("{}{}", String::from_utf8_lossy(&ran.stdout), String::from_utf8_lossy(&ran.stderr));
    assert_eq!(said, "tests/wrong.py:6: error: \"CardLedger\" has no attribute \"key_arn\"  [attr-defined]\n");

    let site = copy.path().join("site");
    let mut pip = Command::new(&python);
    pip.args(["-I", "-m", "pip", "install", "--no-build-isolation", "--no-deps", "--no-index", "--quiet"])
        .args(["--disable-pip-version-check", "--target"])
        .arg(&site)
        .arg(&package);
    tools::must(&mut pip, "installing the package");
    for file in ["__init__.py", "_generated.py", "py.typed"] {
        assert!(site.join("zone_contract").join(file).is_file(), "{file} is not installed");
    }
}
