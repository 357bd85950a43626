//! Every command that a hint names is one that `zone` has.

use std::path::Path;

use crate::support::{Zone, repository};

/// What stands between backquotes in a text and begins with `zone `, without that.
pub(crate) fn commands(text: &str) -> Vec<String> {
    let quoted = text.split('`').skip(1).step_by(2);
    quoted.filter_map(|text| text.strip_prefix("zone ")).map(str::to_owned).collect()
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
