//! What we build with: the rules of `deny.toml` about licences, sources and wildcards, held against Cargo's own data.
//!
//! `cargo deny check` says the same and more, but takes minutes to install on a bare machine. This needs nothing, and covers
//! the licences of what this machine builds with; `cargo deny` those of every platform.

use std::process::Command;

use cargo_metadata::MetadataCommand;
use toml::{Table, Value};

use super::{metadata, none, read, root};

/// The one registry; cargo's name for it, not where it is.
const REGISTRY: &str = "registry+https://github.com/rust-lang/crates.io-index";

fn toml(file: &str) -> Table {
    read(file).parse().unwrap_or_else(|e| panic!("{file}: {e}"))
}

/// A value of `deny.toml`.
fn rule(table: &str, key: &str) -> Value {
    toml("deny.toml").get(table).and_then(|table| table.get(key)).cloned().unwrap_or_else(|| panic!("[{table}] {key}"))
}

/// Whether a licence expression of SPDX is fulfilled by what is allowed: `MIT OR (Apache-2.0 AND ISC)`.
fn is_fulfilled(expression: &str, allowed: &[String]) -> bool {
    // the old way to say OR
    let spaced = expression.replace('/', " OR ").replace('(', " ( ").replace(')', " ) ").replace(" WITH ", "-WITH-");
    let words: Vec<&str> = spaced.split_whitespace().collect();
    let mut at = 0;
    let fulfilled = any(&words, &mut at, allowed);
    assert_eq!(at, words.len(), "`{expression}` is no licence expression");
    fulfilled
}

fn any(words: &[&str], at: &mut usize, allowed: &[String]) -> bool {
    let mut fulfilled = all(words, at, allowed);
    while words.get(*at) == Some(&"OR") {
        *at += 1;
        fulfilled |= all(words, at, allowed);
    }
    fulfilled
}

fn all(words: &[&str], at: &mut usize, allowed: &[String]) -> bool {
    let mut fulfilled = one(words, at, allowed);
    while words.get(*at) == Some(&"AND") {
        *at += 1;
        fulfilled &= one(words, at, allowed);
    }
    fulfilled
}

fn one(words: &[&str], at: &mut usize, allowed: &[String]) -> bool {
    let word = words.get(*at).copied().unwrap_or_default();
    *at += 1;
    if word != "(" {
        return allowed.iter().any(|licence| *licence == word.replace("-WITH-", " WITH "));
    }
    let fulfilled = any(words, at, allowed);
    assert_eq!(words.get(*at), Some(&")"), "a parenthesis is open");
    *at += 1;
    fulfilled
}

/// The platform that this machine builds for.
fn host() -> String {
    let said = Command::new("rustc").arg("-vV").output().expect("rustc starts");
    let said = String::from_utf8_lossy(&said.stdout).into_owned();
    said.lines().find_map(|line| line.strip_prefix("host: ")).expect("rustc names its host").to_owned()
}

#[test]
fn every_licence_is_one_that_we_may_ship() {
    let allowed: Vec<String> = rule("licenses", "allow").try_into().expect("a list of licences");
    let platform = ["--filter-platform".to_owned(), host()];
    let metadata = MetadataCommand::new()
        .manifest_path(root().join("Cargo.toml"))
        .other_options(["--offline".to_owned(), "--locked".to_owned()].into_iter().chain(platform).collect::<Vec<_>>())
        .exec()
        .expect("cargo metadata");
    assert!(metadata.packages.len() > 100, "{} packages", metadata.packages.len());
    let mut problems = Vec::new();
    for package in &metadata.packages {
        match &package.license {
            Some(licence) if is_fulfilled(licence, &allowed) => {}
            Some(licence) => problems.push(format!("{} {}: {licence}", package.name, package.version)),
            None => problems.push(format!("{} {} names no licence", package.name, package.version)),
        }
    }
    none(&problems, "Use another crate. Who may decide on licences adds one to deny.toml.");
}

#[test]
fn every_crate_is_of_the_one_registry() {
    for key in ["unknown-registry", "unknown-git"] {
        assert_eq!(rule("sources", key).as_str(), Some("deny"), "{key}");
    }
    let lock = toml("Cargo.lock");
    let packages = lock["package"].as_array().expect("packages");
    let text = |package: &Value, key: &str| package.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
    let foreign = |package: &&Value| {
        let source = text(package, "source");
        !source.is_empty() && (source != REGISTRY || text(package, "checksum").is_empty())
    };
    let wrong = packages.iter().filter(foreign);
    let problems: Vec<_> =
        wrong.map(|package| format!("{} is from `{}`", text(package, "name"), text(package, "source"))).collect();
    none(&problems, "Use a released version of the crate.");
    assert!(packages.iter().filter(|package| text(package, "source") == REGISTRY).count() > 100);
}

#[test]
fn no_version_is_a_wildcard() {
    assert_eq!(rule("bans", "wildcards").as_str(), Some("deny"));
    let mut problems = Vec::new();
    for package in metadata().workspace_packages() {
        let wild = package.dependencies.iter().filter(|d| d.path.is_none() && d.req.to_string() == "*");
        problems.extend(wild.map(|d| format!("{} -> {}: *", package.name, d.name)));
    }
    none(&problems, "Name the version that it was built with.");
}

#[test]
fn a_licence_expression_is_read_as_spdx_means_it() {
    let allowed = ["MIT", "ISC", "Apache-2.0 WITH LLVM-exception"].map(str::to_owned);
    for (expression, expected) in [
        ("MIT", true),
        ("GPL-3.0", false),
        ("MIT OR GPL-3.0", true),
        ("GPL-3.0/MIT", true),
        ("MIT AND GPL-3.0", false),
        ("MIT AND ISC OR GPL-3.0", true),
        ("GPL-3.0 OR MIT AND GPL-2.0", false),
        ("(GPL-3.0 OR MIT) AND ISC", true),
        ("Apache-2.0", false),
        ("Apache-2.0 WITH LLVM-exception OR GPL-3.0", true),
    ] {
        assert_eq!(is_fulfilled(expression, &allowed), expected, "{expression}");
    }
}
