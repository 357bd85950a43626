//! The official SDK for Python, as its users have it, on our provider: `official_sdk/program.py` makes, changes,
//! replaces, reads, imports and deletes every type. The stock engine starts the provider as a plain plugin; no
//! `zone` drives or hosts anything, it only starts the emulator.

mod support;

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::Instant,
};

use sha2::{Digest, Sha256};
use support::{Said, Zone};

const REQUIREMENTS: &str = include_str!("official_sdk/requirements.txt");

/// A Python with the official SDK, installed below the tools once for all tests: some 50 s and 200 MB.
///
/// May be killed at any moment, and may run twice at once: it gets its name when it is complete.
fn python() -> PathBuf {
    let hash: String = Sha256::digest(REQUIREMENTS).iter().take(6).map(|byte| format!("{byte:02x}")).collect();
    let home = support::tools().join(format!("official-sdk-{hash}"));
    let python = home.join("bin/python");
    if python.exists() {
        return python;
    }
    let part = home.with_extension(format!("part-{}", std::process::id()));
    // its Python may have been removed since
    fs::remove_dir_all(&home).ok();
    fs::create_dir_all(&part).expect("a folder for the official SDK");
    let list = part.join("requirements.txt");
    fs::write(&list, REQUIREMENTS).expect("the requirements are written");

    let base = std::env::var_os("ZONE_PYTHON").unwrap_or_else(|| "python3".into());
    must(
        Command::new(&base).args(["-I", "-m", "venv"]).arg(&part),
        "making a Python environment (it takes Python 3.10 or newer, with its module venv)",
    );
    let mut pip = Command::new(part.join("bin/python"));
    pip.args(["-I", "-m", "pip", "install", "--require-hashes", "--only-binary", ":all:", "--no-compile"])
        .args(["--disable-pip-version-check", "--no-input", "--quiet", "--requirement"])
        .arg(&list);
    must(&mut pip, "installing the official SDK (it takes pip's index once)");
    if fs::rename(&part, &home).is_err() {
        // another test was first
        fs::remove_dir_all(&part).ok();
    }
    assert!(python.exists(), "the official SDK is not at {}", home.display());
    python
}

/// Runs a command; the test fails when it cannot, because what was not tried is not known to work.
fn must(command: &mut Command, doing: &str) {
    let said = match command.stdin(Stdio::null()).output() {
        Ok(output) => Said::from(output),
        Err(error) => panic!("{doing}: {error}: {:?}", command.get_program()),
    };
    assert_eq!(said.code, Some(0), "{doing}: {said}");
}

/// The folder of the engine, found or built.
fn engine(zone: &Zone) -> PathBuf {
    let said = zone.run("engine install").succeeded();
    let path = said.out.split_once(" at ").and_then(|(_, rest)| rest.rsplit_once(" ("));
    let (path, _) = path.unwrap_or_else(|| panic!("no path of the engine: {said}"));
    Path::new(path).parent().expect("a folder").to_owned()
}

#[test]
fn a_program_with_the_official_sdk_lives_on_our_provider() {
    let zone = Zone::new();
    zone.run("emulator start").succeeded();
    let emulator = zone.emulator();
    let text = |pointer: &str| {
        emulator
            .pointer(pointer)
            .and_then(|v| v.as_str())
            .unwrap_or_else(|| panic!("{pointer} in {emulator}"))
            .to_owned()
    };

    let (work, provider) = (zone.path("work"), zone.path("provider"));
    fs::create_dir(&work).expect("a folder to work in");
    fs::create_dir(&provider).expect("a folder for the provider");
    std::os::unix::fs::symlink(env!("CARGO_BIN_EXE_zone"), provider.join("pulumi-resource-aws")).expect("a link");
    let path = std::env::var_os("PATH").unwrap_or_default();
    let path = std::env::join_paths([engine(&zone)].into_iter().chain(std::env::split_paths(&path))).expect("a path");

    let python = python();
    let started = Instant::now();
    let mut program = Command::new(python);
    program
        .arg("-I")
        .arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/official_sdk/program.py"))
        .args([&work, &provider])
        .args([text("/accounts/member"), text("/accounts/management"), text("/role")])
        .env("PATH", path)
        .env("AWS_ENDPOINT_URL", text("/endpoint"))
        .envs([("AWS_ACCESS_KEY_ID", "test"), ("AWS_SECRET_ACCESS_KEY", "test"), ("AWS_REGION", "ap-southeast-2")])
        .stdin(Stdio::null());
    // nothing of a user's own, and nobody to host the provider
    for name in [
        "AWS_PROFILE",
        "AWS_SESSION_TOKEN",
        "AWS_DEFAULT_REGION",
        "PULUMI_STACK",
        "ZONE_PROVIDER_SOCKET",
        "ZONE_RECOVER",
    ] {
        program.env_remove(name);
    }
    let said = Said::from(program.output().expect("Python starts")).succeeded();
    println!("{}{:.0} s in all", said.out, started.elapsed().as_secs_f64());
    assert_eq!(said.out.lines().count(), 17, "every phase was run: {said}");
}
