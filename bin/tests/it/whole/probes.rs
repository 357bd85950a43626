//! Probes: what is forbidden is refused, and where it is not, the row is red and nothing stays.

use std::collections::BTreeSet;

use aws_sdk_organizations::types::PolicyType;
use serde_json::{Value, json};

use crate::support::{Said, Zone, look::Look};

const GUARDRAIL: &str = "acme-platform-required-tags";

/// The rows with an outcome: name and reason.
fn rows(said: &Said, outcome: &str) -> Vec<(String, String)> {
    let text = |row: &Value, key: &str| row[key].as_str().unwrap_or_default().to_owned();
    let rows = said.objects().into_iter().filter(|o| o["type"] == "scenario" && o["outcome"] == outcome);
    rows.map(|row| (text(&row, "name"), text(&row, "reason"))).collect()
}

/// What is there that a probe has made.
fn canaries(look: &Look) -> BTreeSet<String> {
    let clients = &look.clients;
    let roles = look.ask(clients.iam.list_roles().path_prefix("/zone-probe/").send()).roles;
    let buses = look.ask(clients.events.list_event_buses().name_prefix("zone-probe-").send());
    let buckets = look.ask(clients.s3.list_buckets().send());
    let buckets: Vec<_> = buckets.buckets().iter().filter_map(|bucket| bucket.name()).collect();
    let mut found: BTreeSet<String> = roles.into_iter().map(|role| role.role_name).collect();
    found.extend(buses.event_buses().iter().filter_map(|bus| bus.name()).map(str::to_owned));
    found.extend(buckets.iter().filter(|name| name.starts_with("zone-probe-")).map(|name| (*name).to_owned()));
    for bucket in buckets.iter().filter(|name| name.starts_with("acme-")) {
        let below = look.ask(clients.s3.list_object_versions().bucket(*bucket).prefix("zone-probe/").send());
        let keys = below.versions().iter().filter_map(|version| version.key());
        let markers = below.delete_markers().iter().filter_map(|marker| marker.key());
        found.extend(keys.chain(markers).map(|key| format!("{bucket}/{key}")));
    }
    found
}

/// One zone for all of them.
#[test]
fn what_is_forbidden_is_tried_and_leaves_nothing() {
    let zone = Zone::new();
    zone.run("up").succeeded();
    let (look, management) = (Look::at(&zone.started()), Look::at_management(&zone.started()));
    let green = zone.run("verify --json --filter probes").succeeded();
    assert!(rows(&green, "passed").len() > 20, "{green}");
    assert_eq!((rows(&green, "failed"), rows(&green, "not_evaluated")), (vec![], vec![]));
    assert_eq!(canaries(&look), BTreeSet::new());

    without_the_guardrail_what_it_forbids_is_done_and_undone(&zone, &look, &management);
    a_statement_less_turns_its_rows_red_and_no_others(&zone, &look);
    what_a_killed_run_left_is_removed_by_the_next(&zone, &look);
    a_refusal_for_another_reason_proves_nothing(&zone, &look);
    read_only_runs_no_probe(&zone);
    assert_eq!(canaries(&look), BTreeSet::new());
}

fn without_the_guardrail_what_it_forbids_is_done_and_undone(zone: &Zone, look: &Look, management: &Look) {
    let organizations = &management.clients.organizations;
    let filter = PolicyType::ServiceControlPolicy;
    let all = management.ask(organizations.list_policies().filter(filter).send());
    let ours = all.policies().iter().find(|policy| policy.name() == Some(GUARDRAIL));
    let id = ours.and_then(|policy| policy.id()).expect("the guardrail").to_owned();
    let on = management.ask(organizations.list_targets_for_policy().policy_id(&id).send());
    let target = on.targets()[0].target_id().expect("a target").to_owned();
    management.ask(organizations.detach_policy().policy_id(&id).target_id(&target).send());

    let said = zone.run("verify --json --filter ZONE-018");
    assert_eq!(said.code, Some(4), "{said}");
    let (failed, passed) = (rows(&said, "failed"), rows(&said, "passed"));
    assert_eq!(passed, [], "each of them is allowed");
    for what in ["a bucket", "a VPC", "a role", "an event bus"] {
        let reason = format!("creating {what} is allowed");
        assert_eq!(failed.iter().filter(|(_, said)| *said == reason).count(), 3, "{what}: {failed:?}");
    }
    assert_eq!(canaries(look), BTreeSet::new(), "what should never have come into being is gone");
    management.ask(organizations.attach_policy().policy_id(&id).target_id(&target).send());
    zone.run("verify --filter ZONE-018").succeeded();
}

/// Changes a bucket's policy, judges, and puts it back.
fn judged_without(zone: &Zone, look: &Look, bucket: &str, statements: &[&str]) -> Vec<(String, String)> {
    let s3 = &look.clients.s3;
    let was = look.ask(s3.get_bucket_policy().bucket(bucket).send()).policy.expect("a policy");
    let mut less: Value = serde_json::from_str(&was).expect("a policy");
    less["Statement"].as_array_mut().expect("statements").retain(|s| !statements.iter().any(|sid| s["Sid"] == *sid));
    look.ask(s3.put_bucket_policy().bucket(bucket).policy(less.to_string()).send());
    let said = zone.run("verify --json --filter probes");
    look.ask(s3.put_bucket_policy().bucket(bucket).policy(was).send());
    assert_eq!(said.code, Some(4), "{said}");
    rows(&said, "failed")
}

fn a_statement_less_turns_its_rows_red_and_no_others(zone: &Zone, look: &Look) {
    // each of the first two is denied by the last one, too: a request without the key names another
    let all = [
        ("DenyUnencryptedPut", "without encryption"),
        ("DenyIncorrectEncryption", "encrypted with AES256"),
        ("DenyWrongKey", "encrypted with another key"),
    ];
    for gone in [&all[2..], &all[..]] {
        let statements: Vec<_> = gone.iter().map(|(statement, _)| *statement).collect();
        let failed = judged_without(zone, look, "acme-lake-local", &statements);
        assert_eq!(failed.len(), gone.len(), "{statements:?}: {failed:?}");
        for (_, how) in gone {
            let (row, reason) =
                (format!("bucket lake takes no object {how}"), format!("storing an object {how} is allowed"));
            assert!(failed.iter().any(|(name, said)| name.starts_with(&row) && *said == reason), "{how}: {failed:?}");
        }
    }
    let locked =
        zone.shape().buckets.into_iter().find(|bucket| bucket.object_lock_days.is_some()).expect("a locked bucket");
    let failed = judged_without(zone, look, &format!("acme-{}-local", locked.purpose), &["DenyLogDeletion"]);
    let names: BTreeSet<_> = failed.iter().map(|(name, _)| name.as_str()).collect();
    let of = |how: &str| format!("in bucket {}, no object is deleted {how}", locked.purpose);
    assert!(names.contains(of("by its key").as_str()), "{failed:?}");
    assert!(names.iter().all(|name| name.starts_with(&format!("in bucket {}", locked.purpose))), "{failed:?}");
}

fn what_a_killed_run_left_is_removed_by_the_next(zone: &Zone, look: &Look) {
    let clients = &look.clients;
    let nobody =
        json!({"Version": "2012-10-17", "Statement": {"Effect": "Deny", "Principal": "*", "Action": "sts:AssumeRole"}});
    let tags = zone.shape().tags;
    let of_role = tags
        .iter()
        .map(|(key, value)| aws_sdk_iam::types::Tag::builder().key(key).value(value).build().expect("a tag"));
    let call = clients.iam.create_role().role_name("zone-probe-local-0badcafe").path("/zone-probe/");
    look.ask(call.assume_role_policy_document(nobody.to_string()).set_tags(Some(of_role.collect())).send());
    let rights = json!({"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}});
    let call = clients.iam.put_role_policy().role_name("zone-probe-local-0badcafe").policy_name("probe");
    look.ask(call.policy_document(rights.to_string()).send());
    let of_bus = tags
        .iter()
        .map(|(key, value)| aws_sdk_eventbridge::types::Tag::builder().key(key).value(value).build().expect("a tag"));
    look.ask(
        clients.events.create_event_bus().name("zone-probe-local-0badcafe-1").set_tags(Some(of_bus.collect())).send(),
    );
    // another environment's is none of ours
    let of_bus = tags
        .iter()
        .map(|(key, value)| aws_sdk_eventbridge::types::Tag::builder().key(key).value(value).build().expect("a tag"));
    look.ask(
        clients.events.create_event_bus().name("zone-probe-dev-0badcafe-1").set_tags(Some(of_bus.collect())).send(),
    );
    assert_eq!(canaries(look).len(), 3);
    zone.run("verify --filter ZONE-018").succeeded();
    assert_eq!(canaries(look), BTreeSet::from(["zone-probe-dev-0badcafe-1".to_owned()]));
    look.ask(clients.events.delete_event_bus().name("zone-probe-dev-0badcafe-1").send());
}

/// A bucket whose policy denies everything to everybody but its owner's administrators refuses the wrong and the right alike.
fn a_refusal_for_another_reason_proves_nothing(zone: &Zone, look: &Look) {
    let s3 = &look.clients.s3;
    let bucket = "acme-lake-local";
    let was = look.ask(s3.get_bucket_policy().bucket(bucket).send()).policy.expect("a policy");
    let mut more: Value = serde_json::from_str(&was).expect("a policy");
    more["Statement"].as_array_mut().expect("statements").push(json!({
        "Sid": "DenyPuts", "Effect": "Deny", "Principal": "*", "Action": "s3:PutObject", "Resource": format!("arn:aws:s3:::{bucket}/*"),
    }));
    look.ask(s3.put_bucket_policy().bucket(bucket).policy(more.to_string()).send());
    let said = zone.run("verify --json --filter ZONE-019");
    look.ask(s3.put_bucket_policy().bucket(bucket).policy(was).send());
    let failed = rows(&said, "failed");
    assert_eq!(failed.len(), 3, "{said}");
    assert!(
        failed.iter().all(|(_, why)| why.starts_with("an object with the right key is denied, too: ")),
        "{failed:?}"
    );
}

fn read_only_runs_no_probe(zone: &Zone) {
    let said = zone.run("verify --json --read-only --filter probes");
    assert_eq!(said.code, Some(4), "where nothing is judged, nothing is shown\n{said}");
    let unjudged = rows(&said, "not_evaluated");
    assert!(unjudged.len() > 20 && rows(&said, "passed").is_empty(), "{said}");
    assert!(unjudged.iter().all(|(_, why)| why == "probes do not run with --read-only"), "{unjudged:?}");
}
