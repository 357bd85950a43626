//! What a module's author waits for: a new module's first and second deployment, and an object until its item is there.

use std::{
    path::Path,
    process::{Command, Stdio},
    time::Instant,
};

use serde_json::Value;

use super::{ground::folder, repository, table::Table, tools};

/// Adds the rows.
pub(crate) fn measure(table: &mut Table, say: impl Fn(&str)) {
    let dir = folder();
    // the tests' own tenant: it has the settings of the first module
    let fixture = repository().join("config/tests/fixture");
    copy(&fixture, &dir.path().join("config"));
    std::fs::copy(repository().join("Pulumi.yaml"), dir.path().join("Pulumi.yaml")).expect("Pulumi.yaml");
    say("a zone for modules");
    zone(dir.path(), "up");

    say("a new module: two deployments, the first with everything to compile");
    let sdk = repository().join("crates");
    let began = Instant::now();
    zone(dir.path(), &format!("module new jobs --sdk {}", sdk.display()));
    // the versions that this repository has: another one would be downloaded
    std::fs::copy(repository().join("Cargo.lock"), dir.path().join("modules/jobs/Cargo.lock")).expect("Cargo.lock");
    zone(dir.path(), "module up jobs");
    let cold = began.elapsed().as_secs_f64();
    table.figure("a new module, to its first deployment with a cold compile", cold, "s", Some(180.0));
    let program = dir.path().join("modules/jobs/src/main.rs");
    let text = std::fs::read_to_string(&program).expect("the program").replace("4 * 24", "5 * 24");
    std::fs::write(&program, text).expect("the program");
    let began = Instant::now();
    zone(dir.path(), "module up jobs");
    table.figure("a change of its program, to its deployment", began.elapsed().as_secs_f64(), "s", Some(15.0));
    let tree = output(
        Command::new("cargo")
            .args(["tree", "--prefix", "none", "--edges", "normal"])
            .current_dir(dir.path().join("modules/jobs")),
    );
    let sdks = tree.lines().filter(|line| line.starts_with("aws-")).count();
    table.figure(
        "AWS SDK crates that its program compiles",
        f64::from(u32::try_from(sdks).unwrap_or(u32::MAX)),
        "crates",
        Some(0.0),
    );

    say("object-audit: an object until its item is there");
    let own = dir.path().join("modules/object-audit");
    copy(&repository().join("modules/object-audit"), &own);
    let target = dir.path().join("target");
    let manifest = repository().join("modules/object-audit/Cargo.toml");
    output(Command::new("cargo").args(["build", "--manifest-path"]).arg(manifest).arg("--target-dir").arg(&target));
    zone(dir.path(), &format!("module up object-audit --program {}", target.join("debug/object-audit").display()));
    let seen = used(dir.path());
    for (what, key) in [("an object until its item is there, a cold start", "cold"), ("the same, warm", "warm")] {
        table.figure(what, seen[key].as_f64().unwrap_or(f64::INFINITY), "s", Some(2.0));
    }
    zone(dir.path(), "emulator stop");
}

/// Uses the first module with boto3, as its test does.
fn used(dir: &Path) -> Value {
    let shape = config::load(&dir.join("config"), "local").expect("the configuration is right");
    let is_whole = |name: &str| name.starts_with("emulator-") && !name.contains(".part");
    let pythons = std::fs::read_dir(tools()).expect("the tools").flatten();
    let pythons = pythons.filter(|entry| is_whole(&entry.file_name().to_string_lossy()));
    let python = pythons.map(|entry| entry.path().join("bin/python")).filter(|python| python.exists()).last();
    let script = repository().join("bin/tests/it/outside/audit.py");
    let mut command = Command::new("sh");
    command.args(["-c", &format!("{}exec \"$@\"", zone(dir, "emulator env")), "sh"]);
    command.arg(python.expect("the emulator's Python")).arg(script).args([&shape.prefix, "local"]);
    serde_json::from_str(&output(&mut command)).expect("an object")
}

fn zone(dir: &Path, arguments: &str) -> String {
    let mut command = Command::new(env!("CARGO_BIN_EXE_zone"));
    command.args(arguments.split(' ')).current_dir(dir).env("ZONE_TOOLS", tools());
    output(command.env_remove("ZONE_ROOT").env_remove("AWS_ENDPOINT_URL"))
}

fn output(command: &mut Command) -> String {
    let said = command.stdin(Stdio::null()).output().expect("it starts");
    assert!(said.status.success(), "{command:?}: {}", String::from_utf8_lossy(&said.stderr));
    String::from_utf8_lossy(&said.stdout).into_owned()
}

/// A folder with all that is in it, but for what was built or cached there.
fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).expect("a folder");
    for entry in std::fs::read_dir(from).expect("a folder").flatten() {
        let name = entry.file_name();
        if entry.path().is_dir() {
            if !["__pycache__", "target"].contains(&&*name.to_string_lossy()) {
                copy(&entry.path(), &to.join(name));
            }
        } else {
            std::fs::copy(entry.path(), to.join(name)).expect("a file");
        }
    }
}
