//! What is live, held against what is promised.

use contract::{
    Error, Newer, Snapshot,
    live::{self, Live, Parameter},
    meta,
};

use crate::sample;

fn path(name: &str) -> String {
    format!("{}/{name}", sample::ROOT)
}

/// Each finding in its sentence, the way out below it.
fn found(live: &Live) -> String {
    let findings = live::check(&sample::scope(), "dev", live);
    findings.iter().map(|finding| format!("{finding}\n  hint: {}", finding.repair())).collect::<Vec<_>>().join("\n")
}

#[test]
fn a_whole_publication_has_no_findings_and_other_teams_do_not_matter() {
    let mut live = sample::live();
    assert_eq!(found(&live), "");
    live.insert(path("neon/pooler-host"), sample::string("db.example"));
    live.insert(path("iam/other-team/arn"), sample::string("x"));
    live.insert("/bank/device/kms/pii/arn".into(), sample::string("another root that begins alike"));
    assert_eq!(found(&live), "");
}

#[test]
fn everything_that_is_wrong_is_said_with_the_way_out() {
    let mut live = sample::live();
    live.remove(&path("kms/pii/arn"));
    live.insert(path("s3/iceberg/name"), sample::string("Iceberg\n"));
    live.insert(path("firehose/cdc/arn"), Parameter { kind: "SecureString".into(), value: "AQICAH".into() });
    live.insert(path("kms/pij/arn"), sample::string("arn"));
    live.insert(path("network/nat-gateway-ids"), sample::string("nat-1"));
    insta::assert_snapshot!(found(&live), @r"
    `/bank/dev/kms/pii/arn` of environment `dev` (stack kms, for bank-kyc (MOD-009), bank-app (MOD-044 JWT), MOD-103 PII secrets): promised and not published
      hint: `zone up -e dev` publishes it
    `/bank/dev/s3/iceberg/name` of environment `dev` (stack storage, for MOD-042 (CDC output), MOD-102 (Snowflake ingest), Firehose): is `Iceberg\n` and should match ^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$
      hint: `zone up -e dev` mends what was changed behind its back; if it stays, `/bank/dev/s3/iceberg/name` has another writer
    `/bank/dev/firehose/cdc/arn` of environment `dev` (stack delivery, for MOD-042 CDC producer): is a SecureString and should be a String
      hint: `zone up -e dev` mends what was changed behind its back; if it stays, `/bank/dev/firehose/cdc/arn` has another writer
    `/bank/dev/contract/digest` of environment `dev` (stack contract, for every reader of the contract): says daf482c6b88988e3d62c7a4324bff0e395d715f179eab8e96c4a6a61c2bc2b15, what is published has 2309d5b5526ba35fe8d0fd8e5edb3a7654849e30a59658afd4ab1d8da52ef66c: a publication is not finished, or somebody changed a value
      hint: if a deployment is at work, wait for its end; else `zone up -e dev` finishes the publication and mends what was changed
    `/bank/dev/kms/pij/arn` of environment `dev` (stack kms, for whatever encrypts pij data): promised for names of the environment, and it has none that is spelt so
      hint: when nobody reads it any more: `zone up -e dev` deletes it if the zone published it, else `aws ssm delete-parameter --name /bank/dev/kms/pij/arn`
    `/bank/dev/network/nat-gateway-ids` of environment `dev`: not in the contract, in a folder that the zone fills
      hint: when nobody reads it any more: `zone up -e dev` deletes it if the zone published it, else `aws ssm delete-parameter --name /bank/dev/network/nat-gateway-ids`
    ");
}

#[test]
fn a_version_that_nobody_here_knows_is_said_and_its_digest_not_judged() {
    let mut live = sample::live();
    live.insert(meta::version_path(sample::ROOT), sample::string("7"));
    insta::assert_snapshot!(found(&live), @"
    `/bank/dev/contract/version` of environment `dev` (stack contract, for every reader of the contract): is version 7, this program knows 1 to 2
      hint: use a build that knows this version
    ");
}

#[test]
fn nothing_published_is_everything_missing() {
    let findings = live::check(&sample::scope(), "dev", &Live::new());
    assert_eq!(findings.len(), sample::live().len());
    assert!(findings.iter().all(|finding| finding.problem == contract::Problem::Missing && finding.breaks_readers()));
}

#[test]
fn a_finding_is_data() {
    let mut live = sample::live();
    live.remove(&path("sns/alerts/arn"));
    let findings = live::check(&sample::scope(), "dev", &live);
    insta::assert_json_snapshot!(findings[0], @r#"
    {
      "path": "/bank/dev/sns/alerts/arn",
      "owner": "observability",
      "consumers": [
        "MOD-076 alarm targets"
      ],
      "environment": "dev",
      "problem": "missing"
    }
    "#);
}

/// All that a reader is told when it asks for the snapshot.
fn refused(live: &Live, newer: Newer) -> String {
    let error = Snapshot::new("dev", sample::ROOT, live, newer).expect_err("the contract is not whole");
    format!("{error}\nhint: {}", error.hint())
}

#[test]
fn a_reader_gets_a_whole_contract_or_none() {
    let mut live = sample::live();
    live.remove(&path("kms/pii/arn"));
    let said = refused(&live, Newer::Refuse);
    assert!(said.contains("a publication is not finished"), "{said}");
    insta::with_settings!({filters => [("[0-9a-f]{64}", "[digest]")]}, {
        insta::assert_snapshot!(said, @"
        reading the contract: `/bank/dev/contract/digest` of environment `dev` (stack contract, for every reader of the contract): says [digest], what is published has [digest]: a publication is not finished, or somebody changed a value
        hint: if a deployment is at work, wait for its end; else `zone up -e dev` finishes the publication and mends what was changed
        ");
    });
    insta::assert_snapshot!(refused(&Live::new(), Newer::Refuse), @"
    reading the contract of environment `dev`: nothing is published below `/bank/dev`
    hint: `zone up -e dev` publishes it; are account, region and root (`/bank/dev`) those of the environment?
    ");
    let mut live = sample::live();
    live.remove(&meta::digest_path(sample::ROOT));
    insta::assert_snapshot!(refused(&live, Newer::Refuse), @"
    reading the contract: `/bank/dev/contract/digest` of environment `dev` (stack contract, for every reader of the contract): promised and not published
    hint: `zone up -e dev` publishes it
    ");
}

#[test]
fn a_reader_does_not_mind_what_is_only_untidy() {
    let mut live = sample::live();
    live.insert(path("network/nat-gateway-ids"), sample::string("nat-1"));
    let snapshot = Snapshot::new("dev", sample::ROOT, &live, Newer::Refuse).expect("untidy, and whole");
    assert!(matches!(snapshot.get("network/nat-gateway-ids"), Err(Error::NotPromised { .. })));
    assert_eq!(snapshot.iter().count(), sample::live().len());
}

#[test]
fn a_newer_contract_is_read_unverified_when_asked_for() {
    let mut live = sample::live();
    live.insert(meta::version_path(sample::ROOT), sample::string("7"));
    live.remove(&path("kms/pii/arn"));
    insta::assert_snapshot!(refused(&live, Newer::Refuse), @"
    reading the contract: `/bank/dev/contract/version` of environment `dev` (stack contract, for every reader of the contract): is version 7, this program knows 1 to 2
    hint: use a build that knows this version
    ");
    let snapshot = Snapshot::new("dev", sample::ROOT, &live, Newer::Accept).expect("it may be read");
    assert_eq!((snapshot.version(), snapshot.is_verified()), (7, false));
    assert!(matches!(snapshot.key_arn("pii"), Err(Error::Missing(_))));
    // the shapes are held all the same
    live.insert(path("kms/pii/arn"), sample::string("no ARN"));
    let said = refused(&live, Newer::Accept);
    assert!(said.contains("should match"), "{said}");
}
