//! `zone verify --mutate`: changes behind the state's back turn rows red, and everything is as before, also after an interrupt.

use std::{
    io::{BufRead as _, BufReader, Read as _},
    process::{Command, Stdio},
};

use crate::support::{Said, Zone};

/// 40 changes of all kinds, the same in each run.
const SAMPLE: &str = "verify --mutate --sample 40 --seed 5 --json";

#[test]
fn sampled_changes_turn_rows_red_and_are_put_back() {
    let zone = Zone::new();
    zone.run("up --json").succeeded();
    let said = zone.run(SAMPLE).succeeded();
    let objects = said.objects();
    let tried: Vec<_> = objects.iter().filter(|object| object["type"] == "mutant").collect();
    assert_eq!(tried.len(), 40, "{said}");
    let kinds: std::collections::BTreeSet<_> = tried.iter().filter_map(|mutant| mutant["kind"].as_str()).collect();
    assert!(kinds.len() > 10, "{kinds:?}");
    for mutant in tried.iter().filter(|mutant| mutant["outcome"] == "caught") {
        assert!(
            mutant["rows"].as_array().is_some_and(|rows| !rows.is_empty()) || !mutant["reason"].is_null(),
            "{mutant}"
        );
    }
    let summary = said.summary();
    assert!(summary["caught"].as_u64() > Some(30), "{summary}");
    assert_eq!((&summary["survived"], &summary["score"]), (&0.into(), &100.0.into()), "{summary}");
    interrupted(&zone);
    // the rows were judged at the end of each run; the provider sees no difference either
    zone.run("drift --json").succeeded();
}

/// Ends a run after a few changes.
fn interrupted(zone: &Zone) {
    let mut command = zone.command(SAMPLE);
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("zone starts");
    let mut out = BufReader::new(child.stdout.take().expect("it is piped"));
    for kind in ["planned", "mutant", "mutant"] {
        let mut line = String::new();
        out.read_line(&mut line).expect("a line");
        assert!(line.contains(&format!(r#""type":"{kind}""#)), "{line}");
    }
    let pid = child.id().to_string();
    assert!(Command::new("kill").args(["-INT", &pid]).status().expect("kill starts").success());
    let mut rest = String::new();
    out.read_to_string(&mut rest).expect("text");
    let said = Said::from(child.wait_with_output().expect("zone ends"));
    assert_eq!(said.code, Some(130), "{said}");
    assert!(said.err.contains("everything is as it was before"), "{said}");
    assert!(rest.lines().count() < 37, "it went on: {rest}");
}

#[test]
fn nothing_is_changed_on_a_real_account() {
    let zone = Zone::new();
    let said = zone.run("verify --mutate -e dev");
    assert_eq!(said.code, Some(2), "{said}");
    assert!(
        said.err.contains("`dev` is a real account") && said.err.contains("zone verify --mutate -e local"),
        "{said}"
    );
}
