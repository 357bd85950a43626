//! What the local AWS forbids, asked by `authorization/ask.py` with boto3: each refusal beside a twin that passes.

use std::{collections::BTreeSet, process::Command};

use serde_json::Value;

use crate::support::{
    self, Said, Zone, fixture,
    look::{MANAGEMENT, MEMBER, REGION},
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

/// The guardrail is proved with what a deployment, a second one and a teardown ask for.
#[test]
fn the_requests_of_a_deployment_are_those_that_the_guardrail_is_proved_with() {
    let zone = Zone::new();
    let started = zone.command("emulator start").env("ZONE_AUTHORIZATION_RECORD", "on").output();
    Said::from(started.expect("zone starts")).succeeded();
    zone.run("up").succeeded();
    zone.edit("config/zone.toml", "cost-center = \"Zürich 4711\"", "cost-center = \"other\"");
    zone.run("up").succeeded();
    zone.run("refresh").succeeded();
    zone.run("destroy --yes").succeeded();

    let noted = std::fs::read_to_string(zone.path(".zone/emulator/authorizations.jsonl")).expect("the gate is there");
    let required = zone.shape().required_tags;
    let found: BTreeSet<String> = noted.lines().map(|line| request(line, &required)).collect();
    let found: String = found.into_iter().map(|line| line + "\n").collect();
    let path = repository().join("crates/deploy/src/guardrail/requests.tsv");
    if std::env::var_os("ZONE_BLESS").is_some_and(|value| value == "1") {
        std::fs::write(&path, &found).expect("the file is written");
    }
    let how = "ZONE_BLESS=1 cargo test --workspace --test it -- the_requests_of_a_deployment";
    assert!(std::fs::read_to_string(&path).expect("the file") == found, "{} is stale: {how}", path.display());
}

/// A line of the gate as a line of the recording: action, resource without its name, and whether all required tags are with it.
fn request(line: &str, required: &[String]) -> String {
    let noted: Value = serde_json::from_str(line).expect("an object");
    assert_eq!(noted["result"], "allowed", "{line}");
    let text = |key: &str| noted[key].as_str().unwrap_or_default();
    let tags: Vec<_> = noted["tags"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    // keys of tags are not case-sensitive in a policy
    let tagged = required.iter().all(|tag| tags.iter().any(|given| given.eq_ignore_ascii_case(tag)));
    let parts: Vec<_> = text("resource").splitn(6, ':').collect();
    let resource = match parts[..] {
        ["arn", partition, "s3", _, _, rest] => {
            format!("arn:{partition}:s3:::any{}", if rest.contains('/') { "/any" } else { "" })
        }
        ["arn", partition, service, region, account, rest] => {
            let region = if region == REGION { "{region}" } else { region };
            let account = if account == MEMBER { "{account}" } else { account };
            let kind = rest.find(['/', ':']).map_or("", |at| &rest[..=at]);
            format!("arn:{partition}:{service}:{region}:{account}:{kind}any")
        }
        _ => text("resource").to_owned(),
    };
    format!("{}\t{resource}\t{}", text("action"), if tagged { "tagged" } else { "untagged" })
}
