//! The life of a zone on the real engine and the emulator: deployed, the same again, judged, changed behind our
//! back, mended, used by plain `pulumi`, and deleted.

mod support;

use std::{collections::BTreeMap, fs, process::Command};

use aws::clients::{self, Access, Ambient, Clients, Role};
use serde_json::Value;
use support::{
    Said, Zone,
    look::{Census, Look},
};

const REGION: &str = "ap-southeast-2";

/// An AWS client of the member account: the SDK, and nothing of ours.
async fn client(zone: &Zone) -> Clients {
    let emulator = zone.emulator();
    let (member, role) =
        (emulator["accounts"]["member"].as_str().expect("a member"), emulator["role"].as_str().expect("a role"));
    let ambient = Ambient {
        endpoint: emulator["endpoint"].as_str().map(Into::into),
        credentials: Some(("any".into(), "any".into())),
    };
    let role = Role { arn: format!("arn:aws:iam::{member}:role/{role}"), ..Role::default() };
    let access = Access { region: REGION.into(), roles: vec![role], ..Access::default() };
    Clients::new(&clients::load(&clients::http_client(), &ambient, &access).await, REGION)
}

fn changes(said: &Said) -> BTreeMap<String, u64> {
    serde_json::from_value(said.summary()["changes"].clone()).expect("counts")
}

/// Counts of a run that changes nothing.
#[track_caller]
fn assert_nothing_changed(said: &Said) {
    let changes = changes(said);
    assert!(changes.get("same").is_some_and(|n| *n > 260), "{said}");
    assert!(changes.iter().all(|(op, n)| op == "same" || *n == 0), "{said}");
}

fn rows(said: &Said) -> Vec<Value> {
    said.objects().into_iter().filter(|o| o["type"] == "scenario").collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn life_of_a_zone() {
    let zone = Zone::new();

    let first = zone.run("up --json").succeeded();
    let summary = first.summary();
    assert_eq!(summary["result"], "succeeded");
    assert!(changes(&first)["create"] > 260, "{first}");
    assert_eq!(summary["contract"]["version"], "2");
    let digest = summary["contract"]["digest"].as_str().expect("a digest").to_owned();
    assert_eq!(digest.len(), 64);

    let second = zone.run("up --json").succeeded();
    assert_nothing_changed(&second);
    assert_eq!(second.summary()["contract"]["digest"], digest.as_str());
    assert_nothing_changed(&zone.run("preview --json").succeeded());
    let refresh = zone.run("refresh --json").succeeded();
    assert!(changes(&refresh).iter().all(|(op, n)| op == "same" || *n == 0), "no drift: {refresh}");
    assert_nothing_changed(&zone.run("up --json").succeeded());

    contract_is_published(&zone, &digest);
    judged_and_a_broken_property_is_found(&zone).await;
    looks_from_outside(&zone);
    waived_until_a_date(&zone).await;
    plain_pulumi_works(&zone);
    secrets_stay_secret(&zone);
    zone.run("doctor").succeeded();
    destroyed(&zone).await;
    no_request_broke_a_model(&zone);
}

/// The emulator holds every request against AWS's service models; its file is there, as it does, and empty.
fn no_request_broke_a_model(zone: &Zone) {
    let violations = fs::read_to_string(zone.path(".zone/emulator/violations.jsonl")).expect("the gate is on");
    assert_eq!(violations, "");
}

fn contract_is_published(zone: &Zone, digest: &str) {
    assert_eq!(zone.run("contract get contract/digest").succeeded().out.trim(), digest);
    let entries = zone.run("contract list --json").succeeded().objects();
    assert_eq!(entries.len(), 75, "72 of the stacks, 3 of its own");
    let checked = zone.run("contract check --json").succeeded();
    assert_eq!((&checked.summary()["ok"], &checked.summary()["promised"]), (&true.into(), &75.into()), "{checked}");
    let exported = zone.run("contract export").succeeded();
    let exported: Value = serde_json::from_str(&exported.out).expect("an object");
    assert_eq!(exported.as_object().map(serde_json::Map::len), Some(75));
    assert!(entries.iter().all(|e| e["value"].is_string()), "every value is published");
}

/// Each requirement's rows are judged; a property changed by hand turns the right row red, and `up` mends it.
async fn judged_and_a_broken_property_is_found(zone: &Zone) {
    let good = zone.run("verify --json").succeeded();
    let judged =
        [("FR-417", 32), ("FR-418", 42), ("FR-419", 9), ("FR-420", 14), ("GOV-005", 3), ("GOV-006", 3), ("DT-002", 3)];
    for (requirement, at_least) in judged {
        let of =
            rows(&good).into_iter().filter(|r| r["requirement"] == requirement && r["outcome"] == "passed").count();
        assert!(of >= at_least, "{requirement}: {of} rows passed\n{good}");
    }
    let unjudged: Vec<_> = rows(&good).into_iter().filter(|r| r["outcome"] == "not_evaluated").collect();
    assert_eq!(unjudged.len(), 6, "moto does not say how often a key is rotated, and three probes are not made");
    assert!(unjudged.iter().all(|r| r["reason"].is_string()), "each says why");

    let aws = client(zone).await;
    let suspended = aws_sdk_s3::types::VersioningConfiguration::builder()
        .status(aws_sdk_s3::types::BucketVersioningStatus::Suspended)
        .build();
    aws.s3
        .put_bucket_versioning()
        .bucket("bank-documents-local")
        .versioning_configuration(suspended)
        .send()
        .await
        .expect("suspended");
    let bad = zone.run("verify --json");
    assert_eq!(bad.code, Some(4), "{bad}");
    let red: Vec<_> = rows(&bad).into_iter().filter(|r| r["outcome"] == "failed").collect();
    assert_eq!(red.len(), 1, "{red:?}");
    assert_eq!(red[0]["requirement"], "FR-418");
    assert!(red[0]["name"].as_str().is_some_and(|n| n.contains("documents")), "{red:?}");
    assert_eq!(bad.summary()["failed"], 1);

    let drift = zone.run("refresh --json").succeeded();
    assert_eq!(changes(&drift).get("update"), Some(&1), "{drift}");
    let mended = zone.run("up --json").succeeded();
    assert_eq!(changes(&mended).get("update"), Some(&1), "{mended}");
    zone.run("verify --json").succeeded();
}

/// A failing row that is waived is reported as waived, and only until its date.
async fn waived_until_a_date(zone: &Zone) {
    let waiver = |until: &str| {
        format!(
            "\n[[waiver]]\nrequirement = \"FR-418\"\nscenario = \"bucket reports is closed to the public\"\nreason = \"a test\"\nuntil = \"{until}\"\napproved_by = \"tester\"\n"
        )
    };
    let shipped = std::fs::read_to_string(zone.path("config/local.toml")).expect("local.toml");
    let aws = client(zone).await;
    aws.s3.delete_public_access_block().bucket("bank-reports-local").send().await.expect("opened");

    std::fs::write(zone.path("config/local.toml"), format!("{shipped}{}", waiver("2999-12-31"))).expect("written");
    let waived = zone.run("verify --json").succeeded();
    assert_eq!(waived.summary()["waived"], 1, "{waived}");
    std::fs::write(zone.path("config/local.toml"), format!("{shipped}{}", waiver("2020-01-01"))).expect("written");
    let expired = zone.run("verify --json");
    assert_eq!((expired.code, &expired.summary()["failed"]), (Some(4), &1.into()), "{expired}");

    std::fs::write(zone.path("config/local.toml"), shipped).expect("written");
    zone.run("refresh").succeeded();
    zone.run("up").succeeded();
    zone.run("verify --json").succeeded();
}

/// What the design states, read back in both accounts by a program that has nothing of ours (`outside/look.py`).
fn looks_from_outside(zone: &Zone) {
    let emulator = zone.emulator();
    let script = support::repository().join("bin/tests/outside/look.py");
    let text = |pointer: &str| emulator.pointer(pointer).and_then(Value::as_str).expect("a text").to_owned();
    let mut command = Command::new(support::python());
    command.arg("-I").arg(script).args([text("/endpoint"), text("/accounts/member"), "local".to_owned()]);
    let said = Said::from(command.output().expect("Python starts"));
    let wrong: Vec<_> = said.out.lines().filter(|line| !line.starts_with("ok ")).collect();
    assert_eq!(said.code, Some(0), "{}\n{}", wrong.join("\n"), said.err);
    assert!(said.out.lines().count() > 600, "{} properties were looked at", said.out.lines().count());
}

/// `zone engine env` is all that plain `pulumi` needs, and it sees the same state.
fn plain_pulumi_works(zone: &Zone) {
    let script = "set -e; eval \"$($ZONE engine env)\"; pulumi preview --non-interactive --expect-no-changes && pulumi up --yes --non-interactive --expect-no-changes";
    let output = Command::new("bash")
        .args(["-c", script])
        .current_dir(zone.path(""))
        .env("ZONE", env!("CARGO_BIN_EXE_zone"))
        .env("ZONE_TOOLS", support::tools())
        .output()
        .expect("bash");
    let said = Said::from(output).succeeded();
    assert!(said.out.contains("unchanged"), "{said}");
}

/// The passphrase is the owner's alone, and no secret is written in plain.
fn secrets_stay_secret(zone: &Zone) {
    use std::os::unix::fs::PermissionsExt;
    let file = zone.path(".zone/secrets/local.passphrase");
    assert_eq!(std::fs::metadata(&file).expect("a passphrase").permissions().mode() & 0o777, 0o600);
    let passphrase = std::fs::read_to_string(file).expect("a passphrase");
    assert!(!zone.state().to_string().contains(&passphrase), "the passphrase is not in the state");
    assert!(!zone.state().to_string().contains("AWS_SECRET"), "credentials are no provider inputs");
}

/// Nothing of ours is left but keys that wait for their deletion, and the tool says so.
async fn destroyed(zone: &Zone) {
    let said = zone.run("destroy").succeeded();
    assert!(said.err.contains("what stays: 3 KMS keys, gone after 30 days"), "{said}");
    let endpoint = zone.emulator()["endpoint"].as_str().expect("an endpoint").to_owned();
    let left = tokio::task::spawn_blocking(move || {
        (Look::at(&endpoint).census(), Look::at_management(&endpoint).control_policies())
    });
    let (left, policies) = left.await.expect("a look");
    assert_eq!(left.ending_keys.len(), 3);
    assert_eq!(left, Census { ending_keys: left.ending_keys.clone(), ..Census::default() }, "nothing else is left");
    assert_eq!(policies.len(), 0, "the guardrail is gone: {policies:?}");
    assert!(zone.run("destroy").succeeded().err.contains("nothing to delete"));
}
