//! The workflows: which actions they use, what they may do, and that no text of a stranger becomes a command.
//!
//! `actionlint` checks their form (`.ci/run`). This checks what it does not know.

use std::{
    collections::{BTreeMap, BTreeSet},
    process::Command,
};

use regex::Regex;

use super::{files, none, read};

const PLAN: &str = ".github/workflows/plan.yml";
const APPLY: &str = ".github/workflows/apply.yml";
const GUIDE: &str = "docs/pipelines.md";

/// Workflows, and the actions that they share.
fn workflows() -> Vec<String> {
    files(&[".yml", ".yaml"]).into_iter().filter(|file| file.starts_with(".github/")).collect()
}

/// `owner/name` and the rest behind it, of every action that is not of this repository.
fn actions(text: &str) -> Vec<(String, String)> {
    let uses = Regex::new(r"(?m)^\s*(?:- )?uses:\s*([^\s@]+)(.*)$").expect("a pattern");
    let found = uses.captures_iter(text).map(|found| (found[1].to_owned(), found[2].trim().to_owned()));
    found.filter(|(name, _)| !name.starts_with("./")).collect()
}

/// What is wrong with how a file pins the actions of others.
fn unpinned(file: &str, text: &str) -> Vec<String> {
    let pinned = Regex::new(r"^@[0-9a-f]{40} # v\d+\.\d+\.\d+$").expect("a pattern");
    let wrong = actions(text).into_iter().filter(|(_, rest)| !pinned.is_match(rest));
    wrong.map(|(name, rest)| format!("{file}: {name}{rest}")).collect()
}

/// The lines of every value of one of these keys, with the number of each.
fn blocks<'a>(text: &'a str, keys: &[&str]) -> Vec<(usize, &'a str)> {
    let indent = |line: &str| line.len() - line.trim_start().len();
    let mut found = Vec::new();
    let mut inside: Option<usize> = None;
    for (position, line) in text.lines().enumerate() {
        match inside {
            Some(key) if line.trim().is_empty() || indent(line) > key => found.push((position + 1, line.trim())),
            _ => {
                let item = line.trim_start().trim_start_matches("- ");
                let value = keys.iter().find_map(|key| item.strip_prefix(key)?.strip_prefix(':'));
                inside = value.map(|_| line.len() - item.len());
                found.extend(value.map(str::trim).filter(|value| !value.is_empty()).map(|value| (position + 1, value)));
            }
        }
    }
    found
}

/// Expressions inside of scripts: their text would be run.
fn interpolated(file: &str, text: &str) -> Vec<String> {
    let lines = blocks(text, &["run", "script"]).into_iter().filter(|(_, line)| line.contains("${{"));
    lines.map(|(number, line)| format!("{file}:{number}: {line}")).collect()
}

/// What a workflow may do by default: nothing, or read.
fn too_much(file: &str, text: &str) -> Option<String> {
    let rights: Vec<&str> = text.lines().skip_while(|line| *line != "permissions:").skip(1).collect();
    let rights: Vec<&str> = rights.into_iter().take_while(|line| line.starts_with(' ')).collect();
    let reads = |line: &&str| line.ends_with(": read") || line.ends_with(": none");
    let fine = text.lines().any(|line| line == "permissions: {}") || (!rights.is_empty() && rights.iter().all(reads));
    (!fine)
        .then(|| format!("{file} may by default: {}", if rights.is_empty() { "everything" } else { rights[0].trim() }))
}

/// Which changes start a workflow.
fn paths(text: &str) -> Vec<String> {
    blocks(text, &["paths"])
        .into_iter()
        .map(|(_, line)| line.to_owned())
        .filter(|line| line.starts_with("- "))
        .collect()
}

/// Every command line of `zone` in the workflows and in their guide, by its place: the arguments as a shell passes them, with
/// an example for each variable.
fn command_lines() -> Vec<(String, Vec<String>)> {
    let mut found = Vec::new();
    for file in workflows() {
        let text = read(&file);
        let lines = blocks(&text, &["run"]).into_iter();
        found.extend(lines.filter_map(|(number, line)| Some((format!("{file}:{number}"), arguments(line)?))));
    }
    let code = Regex::new("`(zone [^`\n]+)`").expect("a pattern");
    let mut fenced = false;
    for (position, line) in read(GUIDE).lines().enumerate() {
        fenced ^= line.trim_start().starts_with("```");
        let place = format!("{GUIDE}:{}", position + 1);
        if fenced {
            found.extend(arguments(line.trim()).map(|arguments| (place, arguments)));
        } else {
            let spans = code.captures_iter(line).filter_map(|span| arguments(&span[1]));
            found.extend(spans.map(|arguments| (place.clone(), arguments)));
        }
    }
    found
}

/// The arguments of a line that calls `zone`.
fn arguments(line: &str) -> Option<Vec<String>> {
    let called = line.strip_prefix("zone ")?;
    let end = Regex::new(r"\s(?:[|&>;#]|\d>)").expect("a pattern").find(called).map_or(called.len(), |end| end.start());
    let filled = called[..end].replace("$ALLOW", "destroys-data,interrupts");
    let filled = Regex::new(r"\$\{?\w+\}?").expect("a pattern").replace_all(&filled, "example").replace('"', "");
    Some(filled.split_whitespace().map(str::to_owned).collect())
}

/// What the command line says against arguments. With `--help` behind them, it looks at all of them and starts nothing; it does
/// not ask for those that are missing.
fn refused(arguments: &[impl AsRef<std::ffi::OsStr>]) -> Option<String> {
    let zone = env!("CARGO_BIN_EXE_zone");
    let said = Command::new(zone).args(arguments).arg("--help").output().unwrap_or_else(|e| panic!("{zone}: {e}"));
    (!said.status.success()).then(|| String::from_utf8_lossy(&said.stderr).into_owned())
}

#[test]
fn every_action_is_pinned_to_one_commit() {
    let mut problems = Vec::new();
    let mut pins: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for file in workflows() {
        let text = read(&file);
        problems.extend(unpinned(&file, &text));
        for (name, pin) in actions(&text) {
            pins.entry(name).or_default().insert(pin);
        }
    }
    assert!(pins.len() > 5, "{pins:?}");
    problems.extend(pins.iter().filter(|(_, pins)| pins.len() > 1).map(|(name, pins)| format!("{name}: {pins:?}")));
    none(
        &problems,
        "Write `uses: OWNER/NAME@COMMIT # vX.Y.Z` with the commit of that tag, the same everywhere: a tag can be moved to other code.",
    );
}

#[test]
fn an_action_that_is_not_pinned_is_found() {
    let commit = "0123456789abcdef0123456789abcdef01234567";
    for right in [format!("acme/action@{commit} # v1.2.3"), format!("acme/a/b@{commit} # v10.0.0"), "./here".to_owned()]
    {
        assert!(unpinned("a.yml", &format!("  - uses: {right}\n")).is_empty(), "{right}");
    }
    for wrong in ["acme/action@v1", "acme/action", &format!("acme/action@{commit}"), "acme/action@0123456 # v1.2.3"] {
        assert_eq!(unpinned("a.yml", &format!("    uses: {wrong}\n")).len(), 1, "{wrong}");
    }
}

#[test]
fn no_expression_stands_in_a_script() {
    let problems: Vec<_> = workflows().iter().flat_map(|file| interpolated(file, &read(file))).collect();
    none(
        &problems,
        "Give the script the value by `env:`. GitHub puts an expression's text into the script before a shell reads it.",
    );
}

#[test]
fn an_expression_in_a_script_is_found() {
    let right = "- env:\n    A: ${{ a }}\n  run: |\n    echo \"$A\"\n\n    echo b\n- name: ${{ c }}\n  run: echo\n";
    assert!(interpolated("a.yml", right).is_empty());
    for wrong in
        ["- run: echo ${{ a }}\n", "- run: |\n    echo\n\n    ${{ a }}\n", "  with:\n    script: >-\n      ${{ a }}\n"]
    {
        assert_eq!(interpolated("a.yml", wrong).len(), 1, "{wrong}");
    }
}

#[test]
fn a_workflow_may_only_read_unless_a_job_says_more() {
    let all = workflows().into_iter().filter(|file| file.starts_with(".github/workflows/"));
    let problems: Vec<_> = all.filter_map(|file| too_much(&file, &read(&file))).collect();
    none(&problems, "Write `permissions:` with `contents: read` at the top, and what a job needs more at the job.");
}

#[test]
fn a_workflow_that_may_do_too_much_is_found() {
    for right in
        ["permissions: {}\n", "permissions:\n  contents: read\n\njobs:\n  a:\n    permissions:\n      issues: write\n"]
    {
        assert_eq!(too_much("a.yml", right), None, "{right}");
    }
    for wrong in ["jobs:\n", "permissions: write-all\n", "permissions:\n  contents: read\n  issues: write\n"] {
        assert!(too_much("a.yml", wrong).is_some(), "{wrong}");
    }
}

#[test]
fn what_is_planned_is_what_is_applied() {
    let planned = paths(&read(PLAN));
    assert!(planned.contains(&"- config/**".to_owned()), "{planned:?}");
    assert_eq!(planned, paths(&read(APPLY)), "a change that {APPLY} deploys and {PLAN} does not plan has no plan");
}

#[test]
fn command_lines_are_found_and_held_against_the_command_line() {
    let commands: BTreeSet<String> =
        command_lines().into_iter().map(|(_, mut arguments)| arguments.remove(0)).collect();
    for command in ["plan", "up", "drift", "verify", "engine"] {
        assert!(commands.contains(command), "{command} of {commands:?}");
    }
    assert_eq!(
        arguments(r#"zone up "$ENVIRONMENT.zone" --allow "$ALLOW" > "$OUT" || code=$?"#).expect("a call"),
        ["up", "example.zone", "--allow", "destroys-data,interrupts"]
    );
    assert_eq!(arguments("zoned up"), None);
    assert_eq!(refused(&["up", "--env", "dev", "--yes"]), None);
    assert!(refused(&["up", "--no-such-option"]).is_some_and(|said| said.contains("--no-such-option")));
}

#[test]
fn every_command_line_is_one_of_zone() {
    let wrong = |(place, arguments): &(String, Vec<String>)| {
        refused(arguments).map(|said| format!("{place}: zone {}: {said}", arguments.join(" ")))
    };
    let problems: Vec<_> = command_lines().iter().filter_map(wrong).collect();
    none(&problems, "Correct the command line.");
}
