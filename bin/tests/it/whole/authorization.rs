//! What the local AWS forbids, asked by `authorization/ask.py` with boto3: each refusal beside a twin that passes.

use std::process::Command;

use crate::support::{
    self, Said, Zone, fixture,
    look::{MANAGEMENT, MEMBER},
    repository,
};

/// Asks the emulator of a zone, whose gate is as the environment says.
fn ask(zone: &Zone, what: &str) -> Said {
    let endpoint = zone.emulator()["endpoint"].as_str().expect("an endpoint").to_owned();
    let mut command = Command::new(support::python());
    command.arg("-I").arg(repository().join("bin/tests/it/authorization/ask.py"));
    command.args([&endpoint, MEMBER, MANAGEMENT]).arg(repository().join("policies"));
    command.arg(zone.path(".zone/emulator/authorizations.jsonl")).arg(what);
    Said::from(command.output().expect("Python starts"))
}

#[test]
fn what_policies_forbid_is_refused_in_aws_words_and_what_they_allow_passes() {
    let zone = Zone::of(&fixture());
    zone.run("emulator start").succeeded();
    ask(&zone, "judged").succeeded();
}

#[test]
fn switched_off_everything_passes_but_what_bucket_policies_deny() {
    let zone = Zone::of(&fixture());
    let started = zone.command("emulator start").env("ZONE_AUTHORIZATION_GATE", "off").output();
    Said::from(started.expect("zone starts")).succeeded();
    ask(&zone, "off").succeeded();
    assert!(!zone.path(".zone/emulator/authorizations.jsonl").exists(), "nobody judges");
}
