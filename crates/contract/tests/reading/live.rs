//! What is live, held against what is promised.

use contract::{
    Error, Newer, Problem, Snapshot, ZONE,
    live::{Live, Parameter},
    meta,
};

use crate::sample;

fn path(name: &str) -> String {
    format!("{}/{name}", sample::ROOT)
}

/// Each finding in its sentence, the way out below it.
fn found(live: &Live) -> String {
    let findings = ZONE.check(&sample::scope(), "dev", live);
    findings.iter().map(|finding| format!("{finding}\n  hint: {}", finding.repair())).collect::<Vec<_>>().join("\n")
}

#[test]
fn a_whole_publication_has_no_findings_and_other_teams_do_not_matter() {
    let mut live = sample::live();
    assert_eq!(found(&live), "");
    live.insert(path("other-team/host"), sample::string("db.example"));
    live.insert(path("iam/other-team/arn"), sample::string("x"));
    live.insert("/acme/device/kms/secret/arn".into(), sample::string("another root that begins alike"));
    assert_eq!(found(&live), "");
}

#[test]
fn everything_that_is_wrong_is_said_with_the_way_out() {
    let mut live = sample::live();
    live.remove(&path("kms/secret/arn"));
    live.insert(path("s3/attic/name"), sample::string("Attic\n"));
    live.insert(path("firehose/clicks/arn"), Parameter { kind: "SecureString".into(), value: "AQICAH".into() });
    live.insert(path("kms/sceret/arn"), sample::string("arn"));
    live.insert(path("network/nat-gateway-ids"), sample::string("nat-1"));
    insta::assert_snapshot!(found(&live), @r"
    `/acme/dev/kms/secret/arn` of environment `dev` (stack kms, for payroll, billing): promised and not published
      hint: `zone up -e dev` publishes it
    `/acme/dev/s3/attic/name` of environment `dev` (stack storage, for readers and writers of the attic bucket): is `Attic\n` and should match ^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$
      hint: `zone up -e dev` mends what was changed behind its back; if it stays, `/acme/dev/s3/attic/name` has another writer
    `/acme/dev/firehose/clicks/arn` of environment `dev` (stack delivery, for producers of clicks records): is a SecureString and should be a String
      hint: `zone up -e dev` mends what was changed behind its back; if it stays, `/acme/dev/firehose/clicks/arn` has another writer
    `/acme/dev/contract/digest` of environment `dev` (stack contract, for every reader of the contract): says 0e9d116a0179d65dfc790e0db2b7328047af3ef01f3b3ef5624a8eca76c519c9, what is published has b808a15576c65122b5335e513350a404e630f08e22c8fcefbbeeec6538f74f2f: a publication is not finished, or somebody changed a value
      hint: if a deployment is at work, wait for its end; else `zone up -e dev` finishes the publication and mends what was changed
    `/acme/dev/kms/sceret/arn` of environment `dev` (stack kms, for functions and services that encrypt sceret data): promised for names of the environment, and it has none that is spelt so
      hint: when nobody reads it any more: `zone up -e dev` deletes it if the zone published it, else `aws ssm delete-parameter --name /acme/dev/kms/sceret/arn`
    `/acme/dev/network/nat-gateway-ids` of environment `dev`: not in the contract, in a folder that the contract's stacks fill
      hint: when nobody reads it any more: `zone up -e dev` deletes it if the zone published it, else `aws ssm delete-parameter --name /acme/dev/network/nat-gateway-ids`
    ");
}

#[test]
fn a_version_that_nobody_here_knows_is_said_and_its_digest_not_judged() {
    let mut live = sample::live();
    live.insert(meta::version_path(sample::ROOT), sample::string("7"));
    insta::assert_snapshot!(found(&live), @"
    `/acme/dev/contract/version` of environment `dev` (stack contract, for every reader of the contract): is version 7, this program knows 1 to 2
      hint: use a build that knows this version
    ");
}

/// A stack that was deployed, and is not any more: what it published is too much, and nothing of it is missing.
#[test]
fn what_a_stack_left_behind_is_too_much() {
    let scope = sample::without(&["trail", "network"]);
    assert_eq!(ZONE.check(&scope, "dev", &sample::of(&scope)), [], "nothing of them is missing");
    let mut live = sample::of(&scope);
    live.insert(path("cloudtrail/arn"), sample::live()[&path("cloudtrail/arn")].clone());
    sample::sign(&mut live);
    let [finding] = &ZONE.check(&scope, "dev", &live)[..] else { panic!("one finding") };
    insta::assert_snapshot!(format!("{finding}\nhint: {}", finding.repair()), @"
    `/acme/dev/cloudtrail/arn` of environment `dev` (stack trail, for ops monitoring): its stack is not deployed in this environment, and the parameter still exists
    hint: when nobody reads it any more: `zone up -e dev` deletes it if the zone published it, else `aws ssm delete-parameter --name /acme/dev/cloudtrail/arn`
    ");
    assert!(finding.breaks_readers() && finding.problem == Problem::NotDeployed);
}

#[test]
fn nothing_published_is_everything_missing() {
    let findings = ZONE.check(&sample::scope(), "dev", &Live::new());
    assert_eq!(findings.len(), sample::live().len());
    assert!(findings.iter().all(|finding| finding.problem == Problem::Missing && finding.breaks_readers()));
}

#[test]
fn a_finding_is_data() {
    let mut live = sample::live();
    live.remove(&path("sns/alerts/arn"));
    let findings = ZONE.check(&sample::scope(), "dev", &live);
    insta::assert_json_snapshot!(findings[0], @r#"
    {
      "path": "/acme/dev/sns/alerts/arn",
      "owner": "observability",
      "consumers": [
        "alarms"
      ],
      "environment": "dev",
      "problem": "missing"
    }
    "#);
}

/// All that a reader is told when it asks for the snapshot.
fn refused(live: &Live, newer: Newer) -> String {
    let error = Snapshot::new(ZONE, "dev", sample::ROOT, live, newer).expect_err("the contract is not whole");
    format!("{error}\nhint: {}", error.hint())
}

#[test]
fn a_reader_gets_a_whole_contract_or_none() {
    let mut live = sample::live();
    live.remove(&path("kms/secret/arn"));
    let said = refused(&live, Newer::Refuse);
    assert!(said.contains("a publication is not finished"), "{said}");
    insta::with_settings!({filters => [("[0-9a-f]{64}", "[digest]")]}, {
        insta::assert_snapshot!(said, @"
        reading the contract: `/acme/dev/contract/digest` of environment `dev` (stack contract, for every reader of the contract): says [digest], what is published has [digest]: a publication is not finished, or somebody changed a value
        hint: if a deployment is at work, wait for its end; else `zone up -e dev` finishes the publication and mends what was changed
        ");
    });
    insta::assert_snapshot!(refused(&Live::new(), Newer::Refuse), @"
    reading the contract of environment `dev`: nothing is published below `/acme/dev`
    hint: `zone up -e dev` publishes it; are account, region and root (`/acme/dev`) those of the environment?
    ");
    let mut live = sample::live();
    live.remove(&meta::digest_path(sample::ROOT));
    insta::assert_snapshot!(refused(&live, Newer::Refuse), @"
    reading the contract: `/acme/dev/contract/digest` of environment `dev` (stack contract, for every reader of the contract): promised and not published
    hint: `zone up -e dev` publishes it
    ");
}

#[test]
fn a_reader_does_not_mind_what_is_only_untidy() {
    let mut live = sample::live();
    live.insert(path("network/nat-gateway-ids"), sample::string("nat-1"));
    let snapshot = Snapshot::new(ZONE, "dev", sample::ROOT, &live, Newer::Refuse).expect("untidy, and whole");
    assert!(matches!(snapshot.get("network/nat-gateway-ids"), Err(Error::NotPromised { .. })));
    assert_eq!(snapshot.iter().count(), sample::live().len());
}

#[test]
fn a_newer_contract_is_read_unverified_when_asked_for() {
    let mut live = sample::live();
    live.insert(meta::version_path(sample::ROOT), sample::string("7"));
    live.remove(&path("kms/secret/arn"));
    insta::assert_snapshot!(refused(&live, Newer::Refuse), @"
    reading the contract: `/acme/dev/contract/version` of environment `dev` (stack contract, for every reader of the contract): is version 7, this program knows 1 to 2
    hint: use a build that knows this version
    ");
    let snapshot = Snapshot::new(ZONE, "dev", sample::ROOT, &live, Newer::Accept).expect("it may be read");
    assert_eq!((snapshot.version(), snapshot.is_verified()), (7, false));
    assert!(matches!(snapshot.key_arn("secret"), Err(Error::Missing(_))));
    // the shapes are held all the same
    live.insert(path("kms/secret/arn"), sample::string("no ARN"));
    let said = refused(&live, Newer::Accept);
    assert!(said.contains("should match"), "{said}");
}
