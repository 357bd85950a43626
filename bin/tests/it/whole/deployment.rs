//! The life of a zone on the real engine and the emulator: deployed, the same again, judged, changed behind our
//! back, mended, used by plain `pulumi`, and deleted.

use std::{fs, process::Command};

use crate::support::{
    self, Said, Zone,
    look::{Census, Look},
};
use aws_sdk_s3::types::{BucketVersioningStatus, VersioningConfiguration};
use serde_json::Value;

/// Counts of a run that changes nothing of a zone with so many resources.
#[track_caller]
fn assert_nothing_changed(said: &Said, resources: u64) {
    let changes = said.changes();
    assert_eq!(said.count("same"), resources, "{said}");
    assert!(changes.iter().all(|(op, n)| op == "same" || *n == 0), "{said}");
}

fn rows(said: &Said) -> Vec<Value> {
    said.objects().into_iter().filter(|o| o["type"] == "scenario").collect()
}

#[test]
fn life_of_a_zone() {
    let zone = Zone::new();

    let first = zone.run("up --json").succeeded();
    let summary = first.summary();
    assert_eq!(summary["result"], "succeeded");
    let made = first.count("create");
    assert_eq!(first.changes().into_values().sum::<u64>(), made, "nothing else: {first}");
    let registered = zone.resources(|_| true).len();
    assert_eq!(made, registered as u64, "what was made is in the state");
    let digest = summary["contract"]["digest"].as_str().expect("a digest").to_owned();
    assert_eq!(digest.len(), 64);

    let second = zone.run("up --json").succeeded();
    assert_nothing_changed(&second, made);
    assert_eq!(second.summary()["contract"]["digest"], digest.as_str());
    assert_nothing_changed(&zone.run("preview --json").succeeded(), made);
    let refresh = zone.run("refresh --json").succeeded();
    assert!(refresh.changes().iter().all(|(op, n)| op == "same" || *n == 0), "no drift: {refresh}");
    assert_nothing_changed(&zone.run("up --json").succeeded(), made);

    contract_is_published(&zone, &digest);
    judged_and_a_broken_property_is_found(&zone);
    waived_until_a_date(&zone);
    plain_pulumi_works(&zone);
    a_shell_of_the_emulator_does_nothing_for_aws(&zone);
    what_is_protected_stays_until_it_is_no_more(&zone);
    secrets_stay_secret(&zone);
    zone.run("doctor").succeeded();
    destroyed(&zone);
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
    let published = zone.resources(|kind| kind == "aws:ssm/parameter:Parameter");
    assert_eq!(entries.len(), published.len(), "every entry is a parameter of the state");
    let checked = zone.run("contract check --json").succeeded();
    let summary = checked.summary();
    assert_eq!((&summary["ok"], &summary["promised"]), (&true.into(), &entries.len().into()), "{checked}");
    let exported = zone.run("contract export").succeeded();
    let exported: Value = serde_json::from_str(&exported.out).expect("an object");
    assert_eq!(exported.as_object().map(serde_json::Map::len), Some(entries.len()));
    assert!(entries.iter().all(|e| e["value"].is_string()), "every value is published");
}

/// Everything is judged; a property changed by hand turns the right row red, and `up` mends it.
fn judged_and_a_broken_property_is_found(zone: &Zone) {
    let good = zone.run("verify --json").succeeded();
    let outcomes: Vec<_> = rows(&good).into_iter().map(|row| row["outcome"].clone()).collect();
    assert!(outcomes.iter().all(|outcome| outcome == "passed"), "every row is judged: {good}");

    let look = Look::at(&zone.started());
    let suspended = VersioningConfiguration::builder().status(BucketVersioningStatus::Suspended).build();
    let call = look.clients.s3.put_bucket_versioning().bucket("acme-invoices-local");
    look.ask(call.versioning_configuration(suspended).send());
    let bad = zone.run("verify --json");
    assert_eq!(bad.code, Some(4), "{bad}");
    let red: Vec<_> = rows(&bad).into_iter().filter(|r| r["outcome"] == "failed").collect();
    assert_eq!(red.len(), 1, "{red:?}");
    assert_eq!(
        (&red[0]["requirement"], &red[0]["name"]),
        (&"ZONE-014".into(), &"bucket invoices keeps versions".into())
    );
    assert_eq!(bad.summary()["failed"], 1);

    let drift = zone.run("refresh --json").succeeded();
    assert_eq!(drift.count("update"), 1, "{drift}");
    let mended = zone.run("up --json").succeeded();
    assert_eq!(mended.count("update"), 1, "{mended}");
    zone.run("verify --json").succeeded();
}

/// A failing row that is waived is reported as waived, and only until its date.
fn waived_until_a_date(zone: &Zone) {
    let waiver = |until: &str| {
        format!(
            "\n[[waiver]]\nrequirement = \"ZONE-014\"\nscenario = \"bucket scratch is not public\"\nreason = \"a test\"\n\
             until = \"{until}\"\napproved_by = \"tester\"\n"
        )
    };
    let before = fs::read_to_string(zone.path("config/local.toml")).expect("local.toml");
    let look = Look::at(&zone.started());
    look.ask(look.clients.s3.delete_public_access_block().bucket("acme-scratch-local").send());

    fs::write(zone.path("config/local.toml"), format!("{before}{}", waiver("2999-12-31"))).expect("written");
    let waived = zone.run("verify --json").succeeded();
    assert_eq!(waived.summary()["waived"], 1, "{waived}");
    fs::write(zone.path("config/local.toml"), format!("{before}{}", waiver("2020-01-01"))).expect("written");
    let expired = zone.run("verify --json");
    assert_eq!((expired.code, &expired.summary()["failed"]), (Some(4), &1.into()), "{expired}");

    fs::write(zone.path("config/local.toml"), before).expect("written");
    zone.run("refresh").succeeded();
    zone.run("up").succeeded();
    zone.run("verify --json").succeeded();
}

/// `zone engine env` is all that plain `pulumi` needs, and it sees the same state.
fn plain_pulumi_works(zone: &Zone) {
    let script = "eval \"$($ZONE engine env)\"; pulumi preview --non-interactive --expect-no-changes && pulumi up --yes --non-interactive --expect-no-changes";
    let said = bash(zone, script).succeeded();
    assert!(said.out.contains("unchanged"), "{said}");
}

fn bash(zone: &Zone, script: &str) -> Said {
    let mut command = Command::new("bash");
    command.args(["-ec", script]).current_dir(zone.path("")).env("ZONE", env!("CARGO_BIN_EXE_zone"));
    command.env("ZONE_TOOLS", support::tools()).output().expect("bash").into()
}

/// `protect` takes effect by itself, in both directions, and says how to take it back.
fn what_is_protected_stays_until_it_is_no_more(zone: &Zone) {
    let protected = || {
        let state = zone.state();
        let resources = state["checkpoint"]["latest"]["resources"].as_array().cloned().unwrap_or_default();
        resources.iter().filter(|resource| resource["protect"] == true).count()
    };
    assert_eq!(protected(), 0);
    let before = fs::read_to_string(zone.path("config/local.toml")).expect("local.toml");
    // what is protected is deployed from one branch only
    let one_branch = before.replace(":*\"", ":ref:refs/heads/main\"");
    fs::write(zone.path("config/local.toml"), &one_branch).expect("written");
    zone.run("up").succeeded();
    fs::write(zone.path("config/local.toml"), one_branch.replace("protect = false", "protect = true"))
        .expect("written");
    let preview = zone.run("preview").succeeded();
    assert!(preview.err.contains("(protect)"), "{preview}");
    let up = zone.run("up --json").succeeded();
    assert!(protected() > 0 && up.count("update") == u64::try_from(protected()).expect("few"), "{up}");
    assert_eq!(zone.run("up --json").succeeded().count("update"), 0, "once");
    let refused = zone.run("destroy --yes");
    assert_eq!(refused.code, Some(1), "{refused}");
    let words =
        ["is protected from deletion", "write `protect = false` into config/local.toml, and run `zone up -e local`"];
    assert!(words.iter().all(|word| refused.err.contains(word)), "{refused}");
    assert!(!refused.err.contains("pulumi state unprotect"), "{refused}");
    fs::write(zone.path("config/local.toml"), one_branch).expect("written");
    assert!(zone.run("up --json").succeeded().count("update") > 0);
    assert_eq!(protected(), 0);
    fs::write(zone.path("config/local.toml"), before).expect("written");
    zone.run("up").succeeded();
}

/// Where the variables of a shell lead to the emulator, nothing is done for a real account, until they are taken back.
fn a_shell_of_the_emulator_does_nothing_for_aws(zone: &Zone) {
    let plain = bash(zone, "$ZONE state show -e dev");
    assert!(!plain.err.contains("ZONE_EMULATED"), "{plain}");
    for verb in ["emulator env", "engine env"] {
        let emulated = format!("eval \"$($ZONE {verb})\"; $ZONE state show -e local >/dev/null;");
        let refused = bash(zone, &format!("{emulated} $ZONE state show -e dev"));
        assert_eq!(refused.code, Some(2), "{verb}: {refused}");
        assert!(refused.err.contains("would send each call for `dev` to the emulator"), "{verb}: {refused}");
        let hint = refused.err.split('`').find(|part| part.starts_with("unset ")).expect("the hint's command");
        let after = bash(zone, &format!("{emulated} {hint}; $ZONE state show -e dev"));
        assert_eq!((after.code, &after.out, &after.err), (plain.code, &plain.out, &plain.err), "{verb}");
        let (before, left) =
            (bash(zone, "env").succeeded(), bash(zone, &format!("{emulated} {hint}; env")).succeeded());
        let more = left.out.lines().filter(|line| !before.out.lines().any(|other| other == *line));
        let own: Vec<_> = more.filter(|line| line.starts_with("AWS_") || line.starts_with("ZONE_EMU")).collect();
        assert!(own.is_empty(), "{verb}: the hint takes all of them back: {own:?}");
    }
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
fn destroyed(zone: &Zone) {
    let shape = zone.shape();
    let (keys, days) = (shape.classes.len(), shape.kms.expect("keys").deletion_window_days);
    let said = zone.run("destroy").succeeded();
    assert!(said.err.contains(&format!("scheduled for deletion in {days} days: {keys} KMS keys")), "{said}");
    let endpoint = zone.started();
    let left = Look::at(&endpoint).census();
    assert_eq!(left.ending_keys.len(), keys);
    assert_eq!(left, Census { ending_keys: left.ending_keys.clone(), ..Census::default() }, "nothing else is left");
    let policies = Look::at_management(&endpoint).control_policies();
    assert_eq!(policies.len(), 0, "the guardrail is gone: {policies:?}");
    assert!(zone.run("destroy").succeeded().err.contains("nothing to delete"));
}
