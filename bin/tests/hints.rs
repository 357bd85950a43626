//! Hints lead on: every command that a hint names is one that `zone` has, and the ones that a user meets are run to their
//! end, one after the other, as a user would.

mod support;

use std::path::Path;

use aws_sdk_s3::types::{BucketVersioningStatus, VersioningConfiguration};
use support::{Said, Zone, look::Look, repository};

/// What stands between backquotes in a text and begins with `zone `, without that.
fn commands(text: &str) -> Vec<String> {
    let quoted = text.split('`').skip(1).step_by(2);
    quoted.filter_map(|text| text.strip_prefix("zone ")).map(str::to_owned).collect()
}

/// The commands of the hints that were printed.
fn hinted(said: &Said) -> Vec<String> {
    let lines = said.err.lines().chain(said.out.lines());
    lines.filter(|line| line.contains("hint: ")).flat_map(commands).collect()
}

/// Runs the commands of all hints, each of which has to succeed.
#[track_caller]
fn follow(zone: &Zone, said: &Said) {
    let commands = hinted(said);
    assert!(!commands.is_empty(), "no hint names a command\n{said}");
    for command in commands {
        zone.run(&command).succeeded();
    }
}

fn sources(dir: &Path, found: &mut Vec<(String, String)>) {
    for entry in std::fs::read_dir(dir).expect("a folder").flatten() {
        let path = entry.path();
        let name = entry.file_name().to_string_lossy().into_owned();
        if path.is_dir() {
            if !matches!(name.as_str(), "target" | ".zone" | ".git" | "tests" | "snapshots") {
                sources(&path, found);
            }
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push((path.display().to_string(), std::fs::read_to_string(&path).expect("a source")));
        }
    }
}

/// What stands in a string of a source, its line breaks taken out; comments are no hints.
fn in_strings(source: &str) -> Vec<String> {
    let code: String =
        source.lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n");
    let joined = unwrapped(&code);
    joined.split('"').skip(1).step_by(2).flat_map(commands).collect()
}

/// Without the backslash at the end of a line, and the indentation of the next.
fn unwrapped(code: &str) -> String {
    let mut parts = code.split("\\\n");
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |all, part| all + part.trim_start()).replace("\\\"", "'")
}

#[test]
fn every_command_that_is_named_anywhere_is_one_that_zone_takes() {
    let mut all = Vec::new();
    for part in ["bin", "crates", "features", "config", "policies", "stacks"] {
        sources(&repository().join(part), &mut all);
    }
    let zone = Zone::new();
    let mut seen = 0;
    for (path, source) in all {
        for command in in_strings(&source) {
            // a value that is filled in when it is said, and prose behind a command's own words
            let words = command.split_whitespace().map(|word| match word.split_once('{') {
                Some(("", _)) => "x",
                Some((own, _)) => own,
                None => word,
            });
            let arguments = words.collect::<Vec<_>>().join(" ").replace("$(", "").replace(['\'', ')'], "");
            let said = zone.run(&format!("{arguments} --root /nowhere"));
            let refused = ["unexpected argument", "unrecognized subcommand", "unexpected value", "required arguments"];
            assert!(!refused.iter().any(|words| said.err.contains(words)), "{path}: `zone {command}`: {said}");
            seen += 1;
        }
    }
    assert!(seen > 30, "{seen} commands were found");
    // its twin
    assert!(zone.run("upp --root /nowhere").err.contains("unrecognized subcommand"));
}

#[test]
fn who_follows_every_hint_gets_a_zone() {
    let zone = Zone::new();
    let first = zone.run("contract get kms/pii/arn");
    assert_ne!(first.code, Some(0), "{first}");
    follow(&zone, &first);
    let known = zone.run("contract get kms/pij/arn");
    assert_ne!(known.code, Some(0), "{known}");
    follow(&zone, &known);
    zone.run("contract get kms/pii/arn").succeeded();

    // a parameter that somebody deleted
    let look = Look::at(zone.emulator()["endpoint"].as_str().expect("an endpoint"));
    look.ask(look.clients.ssm.delete_parameter().name("/bank/local/kms/pii/arn").send());
    let missing = zone.run("contract check");
    assert_eq!(missing.code, Some(4), "{missing}");
    follow(&zone, &missing);
    zone.run("contract check").succeeded();

    // a bucket that somebody changed: of the hint's commands the last one mends it
    let suspended = VersioningConfiguration::builder().status(BucketVersioningStatus::Suspended).build();
    let call = look.clients.s3.put_bucket_versioning().bucket("bank-documents-local");
    look.ask(call.versioning_configuration(suspended).send());
    let failed = zone.run("verify");
    assert_eq!(failed.code, Some(4), "{failed}");
    assert_eq!(hinted(&failed).len(), 3, "{failed}");
    follow(&zone, &failed);
    zone.run("verify").succeeded();
}

#[test]
fn a_part_that_lacks_something_says_how_to_deploy_it() {
    let zone = Zone::new();
    let refused = zone.run("up --only storage");
    assert_eq!(refused.code, Some(2), "{refused}");
    let commands = hinted(&refused);
    assert_eq!(commands, ["up -e local --only storage,kms", "up -e local"], "{refused}");
    follow(&zone, &refused);
    zone.run("verify").succeeded();
}
