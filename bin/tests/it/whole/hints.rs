//! Hints lead on: the commands that a user meets in hints are run to their end, one after the other, as a user would.

use crate::{
    smoke::hints::commands,
    support::{Said, Zone, look::Look},
};
use aws_sdk_s3::types::{BucketVersioningStatus, VersioningConfiguration};

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

#[test]
fn who_follows_every_hint_gets_a_zone() {
    let zone = Zone::new();
    let first = zone.run("contract get kms/secret/arn");
    assert_ne!(first.code, Some(0), "{first}");
    assert_eq!(hinted(&first), ["up"], "{first}");
    // a part that lacks something says how to deploy it
    let refused = zone.run("up --only storage");
    assert_eq!(refused.code, Some(2), "{refused}");
    assert_eq!(hinted(&refused), ["up -e local --only storage,kms", "up -e local"], "{refused}");
    follow(&zone, &refused);
    zone.run("verify").succeeded();
    let known = zone.run("contract get kms/sekret/arn");
    assert_ne!(known.code, Some(0), "{known}");
    follow(&zone, &known);
    zone.run("contract get kms/secret/arn").succeeded();

    // a parameter that somebody deleted
    let look = Look::at(&zone.started());
    look.ask(look.clients.ssm.delete_parameter().name("/acme/local/kms/secret/arn").send());
    let missing = zone.run("contract check");
    assert_eq!(missing.code, Some(4), "{missing}");
    follow(&zone, &missing);
    zone.run("contract check").succeeded();

    // a bucket that somebody changed: of the hint's commands the last one mends it
    let suspended = VersioningConfiguration::builder().status(BucketVersioningStatus::Suspended).build();
    let call = look.clients.s3.put_bucket_versioning().bucket("acme-invoices-local");
    look.ask(call.versioning_configuration(suspended).send());
    let failed = zone.run("verify");
    assert_eq!(failed.code, Some(4), "{failed}");
    assert_eq!(hinted(&failed).len(), 3, "{failed}");
    follow(&zone, &failed);
    zone.run("verify").succeeded();
}
