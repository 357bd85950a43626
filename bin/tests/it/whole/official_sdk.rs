//! The official SDK for Python, as its users have it, on our provider: the program `official_sdk/` makes, changes,
//! replaces, reads, imports and deletes every type. The stock engine starts the provider as a plain plugin; no
//! `zone` drives or hosts anything, it only starts the emulator.

use std::{
    ffi::OsString,
    fs::{self, File},
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::Instant,
};

use crate::support::{self, Said, Zone};
use aws::{clients::Ambient, provider::Aws};
use pulumi::provider::server::Catalog;
use sha2::{Digest, Sha256};

const REQUIREMENTS: &str = include_str!("../official_sdk/requirements.txt");

/// `pulumilocal` of PyPI, which is a source archive only, and what it is built with.
const PULUMI_LOCAL: &str =
    "pulumi-local==1.3.0 --hash=sha256:440ae5151b037f78540f325251e760a93bd47406338b62f03efb2128833da8af\n";
const SETUPTOOLS: &str =
    "setuptools==80.9.0 --hash=sha256:062d34222ad13e0cc312a4c02d73f059e86a4acbfbdea8f8f76b28c99f306922\n";

/// A Python with the official SDK, installed below the tools once for all tests: some 50 s and 200 MB.
fn python() -> PathBuf {
    environment("official-sdk", &[(REQUIREMENTS, &["--only-binary", ":all:"])]).join("bin/python")
}

/// A Python environment with what these lists of requirements pin, each installed with options of its own.
///
/// May be killed at any moment, and may run twice at once: it gets its name when it is complete.
fn environment(name: &str, requirements: &[(&str, &[&str])]) -> PathBuf {
    let all: String = requirements.iter().map(|(list, _)| *list).collect();
    let hash: String = Sha256::digest(&all).iter().take(6).map(|byte| format!("{byte:02x}")).collect();
    let tools = support::tools();
    let home = tools.join(format!("{name}-{hash}"));
    fs::create_dir_all(&tools).expect("the folder of tools");
    let lock = File::create(tools.join(format!("{name}.lock"))).expect("a lock");
    lock.lock().expect("the lock is free some time");
    // a link into a Python that may have been removed since
    if home.join("bin/python").exists() {
        return home;
    }
    for left in fs::read_dir(&tools).expect("the folder of tools").flatten() {
        let file = left.file_name().to_string_lossy().into_owned();
        if file.starts_with(&format!("{name}-")) && (file.contains(".part-") || left.path() == home) {
            // the pip of a killed test may still be writing there
            fs::remove_dir_all(left.path()).ok();
        }
    }
    let part = home.with_extension(format!("part-{}", std::process::id()));
    let base = std::env::var_os("ZONE_PYTHON").unwrap_or_else(|| "python3".into());
    let doing =
        "making a Python environment (it takes Python 3.10 or newer with its module venv, or one named in ZONE_PYTHON)";
    must(Command::new(&base).args(["-I", "-m", "venv"]).arg(&part), doing);
    let list = part.join("requirements.txt");
    for (requirements, options) in requirements {
        fs::write(&list, requirements).expect("the requirements are written");
        let mut pip = Command::new(part.join("bin/python"));
        pip.args(["-I", "-m", "pip", "install", "--require-hashes", "--no-compile"])
            .args(["--disable-pip-version-check", "--no-input", "--quiet"])
            .args(*options)
            .arg("--requirement")
            .arg(&list);
        must(&mut pip, &format!("installing {name} (it takes the network, once)"));
    }
    fs::rename(&part, &home).expect("the environment gets its name");
    home
}

/// Runs a command; the test fails when it cannot, because what was not tried is not known to work.
fn must(command: &mut Command, doing: &str) {
    let said = match command.stdin(Stdio::null()).output() {
        Ok(output) => Said::from(output),
        Err(error) => panic!("{doing}: {error}: `{}`", command.get_program().display()),
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

/// A folder to work in, that of the provider as a plain plugin, and a path on which engine and provider are.
fn places(zone: &Zone) -> (PathBuf, PathBuf, OsString) {
    let (work, provider) = (zone.path("work"), zone.path("provider"));
    fs::create_dir(&work).expect("a folder to work in");
    fs::create_dir(&provider).expect("a folder for the provider");
    std::os::unix::fs::symlink(env!("CARGO_BIN_EXE_zone"), provider.join("pulumi-resource-aws")).expect("a link");
    let path = std::env::var_os("PATH").unwrap_or_default();
    let path = std::env::join_paths([engine(zone)].into_iter().chain(std::env::split_paths(&path))).expect("a path");
    (work, provider, path)
}

/// A command with nothing of a user's own in its environment, and nobody to host the provider.
fn unaided(program: &Path) -> Command {
    let mut command = Command::new(program);
    let own = |name: &str| ["AWS_", "PULUMI_", "ZONE_"].iter().any(|prefix| name.starts_with(prefix));
    for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_str().is_some_and(own)) {
        command.env_remove(name);
    }
    command
}

#[test]
fn a_program_that_pulumilocal_deploys_lives_on_our_provider() {
    let zone = Zone::new();
    zone.run("emulator start").succeeded();
    let emulator = zone.emulator();
    let endpoint = emulator["endpoint"].as_str().expect("an endpoint").trim_start_matches("http://").to_owned();
    let (host, port) = endpoint.split_once(':').expect("a host and a port");
    let (work, provider, path) = places(&zone);
    let dependencies: &[&str] = &["--no-binary", ":all:", "--no-build-isolation", "--no-deps"];
    let local = environment("pulumi-local", &[(SETUPTOOLS, &["--only-binary", ":all:"]), (PULUMI_LOCAL, dependencies)]);
    // what the SDK runs as `pulumi`
    let root = zone.path("local");
    fs::create_dir_all(root.join("bin")).expect("a folder");
    let wrapper = root.join("bin/pulumi");
    let (run, script) = (local.join("bin/python"), local.join("bin/pulumilocal"));
    fs::write(&wrapper, format!("#!/bin/sh\nexec '{}' '{}' \"$@\"\n", run.display(), script.display()))
        .expect("a file");
    fs::set_permissions(&wrapper, fs::Permissions::from_mode(0o755)).expect("it can be run");
    // installed, as `pulumilocal` asks the engine for the schema of what is
    let plugins = work.join("home/plugins");
    fs::create_dir_all(&plugins).expect("a folder of plugins");
    fs::rename(provider, plugins.join(format!("resource-aws-v{}", aws::VERSION))).expect("the plugin is installed");
    let mut program = unaided(&python());
    program
        .args(["-I", "-B"])
        .arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/pulumi_local"))
        .args([&work, &root])
        .env("PULUMI_CMD", engine(&zone).join("pulumi"))
        .env("PATH", path)
        .envs([("LOCALSTACK_HOSTNAME", host), ("EDGE_PORT", port), ("CONFIG_STRATEGY", "overwrite")])
        .envs([("AWS_CONFIG_FILE", "/dev/null"), ("AWS_SHARED_CREDENTIALS_FILE", "/dev/null")])
        .stdin(Stdio::null());
    let said = Said::from(program.output().expect("Python starts")).succeeded();
    assert_eq!(said.out.trim(), "up, up, destroy");
}

#[test]
fn the_official_sdk_is_pinned_to_our_versions() {
    assert!(!REQUIREMENTS.contains("://"), "no host is named");
    let packages: Vec<_> = REQUIREMENTS.lines().filter(|line| line.contains("==")).collect();
    assert!(packages.len() > 20 && packages.iter().all(|line| line.ends_with('\\')), "each has its hashes");
    let version =
        |package: &str| packages.iter().find_map(|line| line.strip_prefix(package)?.split_whitespace().next());
    assert_eq!(version("pulumi-aws=="), Some(aws::VERSION), "the SDK is of the provider that ours stands for");
    let engine = format!("github.com/pulumi/pulumi/pkg/v3 v{}", version("pulumi==").unwrap_or_default());
    let built = include_str!("../../../../tools/pulumi/go.mod");
    assert!(built.contains(&engine), "the SDK is of the engine that is built: {engine}");
}

#[test]
#[expect(clippy::print_stdout, reason = "a line for each phase, for whoever wants to see them")]
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

    let (work, provider, path) = places(&zone);
    let catalog = Catalog::new(Aws::new(Ambient::default()));
    let types: Vec<_> = catalog.schemas().iter().map(|schema| schema.token).collect();
    assert_eq!(types.len(), 52, "a type that is new gets its place in a group of the program");
    let python = python();
    let started = Instant::now();
    let mut program = unaided(&python);
    program
        // a folder is run by its `__main__.py`, with its other files at hand; it stays free of what Python compiles
        .args(["-I", "-B"])
        .arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/official_sdk"))
        .args([&work, &provider])
        .args([text("/accounts/member"), text("/accounts/management"), text("/role"), types.join(",")])
        .env("PATH", path)
        .env("AWS_ENDPOINT_URL", text("/endpoint"))
        .envs([("AWS_ACCESS_KEY_ID", "test"), ("AWS_SECRET_ACCESS_KEY", "test"), ("AWS_REGION", "ap-southeast-2")])
        .envs([("AWS_CONFIG_FILE", "/dev/null"), ("AWS_SHARED_CREDENTIALS_FILE", "/dev/null")])
        .stdin(Stdio::null());
    let said = Said::from(program.output().expect("Python starts")).succeeded();
    println!("{}{:.0} s in all", said.out, started.elapsed().as_secs_f64());
    assert_eq!(said.out.lines().count(), 20, "every phase was run: {said}");
}
