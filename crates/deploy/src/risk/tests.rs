use std::collections::BTreeMap;

use engine::events::Change;
use serde_json::json;

use super::*;

fn state(inputs: &Value) -> Option<State> {
    let id = inputs.get("id").and_then(Value::as_str).unwrap_or_default().to_owned();
    inputs.as_object().map(|inputs| State { custom: true, id, inputs: inputs.clone(), ..State::default() })
}

/// A step from inputs to inputs; null is nothing.
fn step(op: Op, kind: &str, old: &Value, new: &Value) -> Step {
    let paths = |value: &Value| value.as_object().cloned().unwrap_or_default();
    let (before, after) = (paths(old), paths(new));
    let differs = |name: &&String| before.get(*name) != after.get(*name);
    let changed: BTreeMap<_, _> =
        before.keys().chain(after.keys()).filter(differs).map(|name| (name.clone(), Change::default())).collect();
    let urn = format!("urn:pulumi:local::zone::zone:stack:Storage${kind}::{}", old["urn"].as_str().unwrap_or("it"));
    Step {
        op,
        urn,
        kind: kind.to_owned(),
        detailed_diff: Some(changed),
        old: state(old),
        new: state(new),
        ..Step::default()
    }
}

fn risks(step: Step) -> Vec<Finding> {
    assess(&[step], &[]).remove(0)
}

fn classes(step: Step) -> Vec<Risk> {
    risks(step).into_iter().map(|finding| finding.class).collect()
}

const BUCKET: &str = "aws:s3/bucket:Bucket";
const BUCKET_POLICY: &str = "aws:s3/bucketPolicy:BucketPolicy";

fn policy(effects: &[&str]) -> String {
    let statement = |(at, effect): (usize, &&str)| json!({ "Sid": format!("S{at}"), "Effect": effect, "Principal": "*", "Action": "s3:*", "Resource": "*" });
    json!({ "Statement": effects.iter().enumerate().map(statement).collect::<Vec<_>>() }).to_string()
}

#[test]
fn words_are_read_as_they_are_written() {
    for risk in Risk::ALL {
        assert_eq!(risk.word().parse(), Ok(risk));
        assert_eq!(serde_json::to_value(risk).expect("a word"), json!(risk.word()));
    }
    assert_eq!("destroys".parse::<Risk>(), Err("there is no risk class `destroys`".to_owned()));
    assert!(Risk::ALL.is_sorted_by(|one, other| one > other), "the worst first");
    assert_eq!(does(&[Risk::DestroysData, Risk::WidensAccess]), "destroys data and widens access");
}

#[test]
fn what_holds_data_destroys_it_when_it_goes_and_not_when_it_comes() {
    let bucket = json!({ "bucket": "b", "forceDestroy": true });
    assert_eq!(classes(step(Op::Delete, BUCKET, &bucket, &Value::Null)), [Risk::DestroysData]);
    assert_eq!(classes(step(Op::Replace, BUCKET, &bucket, &bucket)), [Risk::DestroysData]);
    assert_eq!(classes(step(Op::Create, BUCKET, &Value::Null, &bucket)), []);
    let tagged = json!({ "bucket": "b", "forceDestroy": true, "tags": { "a": "b" } });
    assert_eq!(classes(step(Op::Update, BUCKET, &bucket, &tagged)), []);
    let kept = json!({ "name": "l", "skipDestroy": true });
    assert_eq!(classes(step(Op::Delete, "aws:cloudwatch/logGroup:LogGroup", &kept, &Value::Null)), []);
    let unknown = risks(step(Op::Delete, "other:a/b:C", &bucket, &Value::Null));
    assert!(unknown[0].reason.starts_with("not evaluated: "), "{unknown:?}");
    assert_eq!(classes(step(Op::Delete, "zone:stack:Storage", &bucket, &Value::Null)), []);
}

#[test]
fn the_halves_of_a_replacement_are_counted_once_and_its_rest_alone_is_a_deletion() {
    let bucket = json!({ "bucket": "b" });
    let half = || step(Op::DeleteReplaced, BUCKET, &bucket, &Value::Null);
    let both = assess(&[step(Op::Replace, BUCKET, &bucket, &bucket), half()], &[]);
    assert_eq!((both[0].len(), both[1].len()), (1, 0));
    assert_eq!(classes(half()), [Risk::DestroysData], "a run before this one was interrupted");
}

#[test]
fn a_shorter_period_destroys_and_a_longer_one_does_not() {
    let archive = "aws:cloudwatch/eventArchive:EventArchive";
    let days = |days: u32| json!({ "retentionDays": days });
    let change = |from: u32, to: u32| classes(step(Op::Update, archive, &days(from), &days(to)));
    assert_eq!(change(21, 14), [Risk::DestroysData]);
    assert_eq!(change(14, 21), []);
    assert_eq!(change(0, 21), [Risk::DestroysData], "zero is for ever");
    assert_eq!(change(21, 0), []);
    assert_eq!(classes(step(Op::Create, archive, &Value::Null, &days(14))), []);
}

#[test]
fn rules_that_delete_objects_earlier_destroy_and_rules_that_move_them_do_not() {
    let kind = "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration";
    let rules = |expires: u32, moves: u32| {
        json!({ "bucket": "b", "rules": [{ "id": "r", "status": "Enabled", "expiration": { "days": expires },
            "transitions": [{ "days": moves, "storageClass": "GLACIER" }] }] })
    };
    assert_eq!(classes(step(Op::Update, kind, &rules(30, 1), &rules(20, 1))), [Risk::DestroysData]);
    assert_eq!(classes(step(Op::Update, kind, &rules(30, 1), &rules(30, 2))), []);
    assert_eq!(classes(step(Op::Update, kind, &rules(30, 1), &rules(40, 1))), [], "they are kept for longer");
    let rule = |more: Value| {
        let mut rule = json!({ "id": "r", "status": "Enabled", "filter": { "prefix": "a/" } });
        rule.as_object_mut().expect("an object").extend(more.as_object().expect("an object").clone());
        json!({ "bucket": "b", "rules": [rule] })
    };
    let change = |old: Value, new: Value| classes(step(Op::Update, kind, &rule(old), &rule(new)));
    let old = |days: u32, versions: u32| json!({ "expiration": { "days": days }, "noncurrentVersionExpiration": { "noncurrentDays": versions } });
    assert_eq!(change(old(30, 7), old(31, 8)), []);
    assert_eq!(change(old(30, 7), old(31, 6)), [Risk::DestroysData]);
    assert_eq!(change(old(30, 7), json!({ "expiration": { "days": 30 } })), [], "versions are kept for ever");
    assert_eq!(change(json!({ "expiration": { "days": 30 } }), old(30, 7)), [Risk::DestroysData]);
    assert_eq!(
        change(old(30, 7), json!({ "filter": { "prefix": "b/" }, "expiration": { "days": 99 } })),
        [Risk::DestroysData]
    );
    assert_eq!(change(old(30, 7), json!({ "expiration": { "date": "2027-01-01" } })), [Risk::DestroysData]);
    let text = |days: &str| json!({ "expiration": { "days": days } });
    assert_eq!(change(text("30"), text("1")), [Risk::DestroysData], "what is no number is not known to be later");
    assert_eq!(change(old(30, 7), json!({ "status": "Disabled", "expiration": { "days": 1 } })), []);
    assert_eq!(classes(step(Op::Create, kind, &Value::Null, &rules(30, 1))), [Risk::DestroysData]);
    let both = [
        step(Op::Create, BUCKET, &Value::Null, &json!({ "bucket": "b" })),
        step(Op::Create, kind, &Value::Null, &rules(30, 1)),
    ];
    assert_eq!(assess(&both, &[])[1], [], "a new bucket holds nothing");
    let versions = |status: &str| json!({ "bucket": "b", "versioningConfiguration": { "status": status } });
    let kind = "aws:s3/bucketVersioning:BucketVersioning";
    assert_eq!(classes(step(Op::Update, kind, &versions("Enabled"), &versions("Suspended"))), [Risk::DestroysData]);
    assert_eq!(classes(step(Op::Update, kind, &versions("Suspended"), &versions("Enabled"))), []);
    let lock = |mode: &str, days: u32| json!({ "bucket": "b", "rule": { "defaultRetention": { "mode": mode, "days": days } } });
    let kind = "aws:s3/bucketObjectLockConfiguration:BucketObjectLockConfiguration";
    assert_eq!(classes(step(Op::Update, kind, &lock("COMPLIANCE", 9), &lock("GOVERNANCE", 9))), [Risk::DestroysData]);
    assert_eq!(classes(step(Op::Update, kind, &lock("GOVERNANCE", 9), &lock("COMPLIANCE", 10))), []);
}

#[test]
fn a_table_that_loses_its_backups_or_whose_items_expire_destroys() {
    let kind = "aws:dynamodb/table:Table";
    let of = |backups: bool, expires: bool| json!({ "name": "t", "pointInTimeRecovery": { "enabled": backups }, "ttl": { "enabled": expires, "attributeName": "t" } });
    let change = |old: Value, new: Value| classes(step(Op::Update, kind, &old, &new));
    assert_eq!(change(of(true, false), of(false, false)), [Risk::DestroysData]);
    assert_eq!(change(of(false, false), of(true, false)), []);
    assert_eq!(change(of(true, false), of(true, true)), [Risk::DestroysData]);
    assert_eq!(change(of(true, true), of(true, false)), []);
    let days =
        |days: u32| json!({ "name": "t", "pointInTimeRecovery": { "enabled": true, "recoveryPeriodInDays": days } });
    assert_eq!((change(days(35), days(7)), change(days(7), days(35))), (vec![Risk::DestroysData], vec![]));
    assert_eq!(classes(step(Op::Create, kind, &Value::Null, &of(true, true))), []);
    assert_eq!(classes(step(Op::Replace, kind, &of(true, true), &of(true, true))), [Risk::DestroysData]);
}

#[test]
fn a_policy_widens_unless_it_only_takes_away() {
    let set = |effects: &[&str]| json!({ "bucket": "b", "policy": policy(effects) });
    let change = |from: &[&str], to: &[&str]| risks(step(Op::Update, BUCKET_POLICY, &set(from), &set(to)));
    let wider = change(&["Deny"], &["Allow"]);
    assert_eq!(wider[0].class, Risk::WidensAccess);
    assert_eq!(wider[0].reason, "`policy` allows requests that were denied before");
    let [request, .., statement] = &wider[0].details[..] else { panic!("{wider:?}") };
    assert!(request.starts_with("now allowed: s3:") && request.contains("(statement S0)"), "{wider:?}");
    assert_eq!(statement, "changed: Allow S0: Deny -> Allow");
    let masked = change(&["Deny"], &["Deny", "Allow"]);
    assert_eq!(
        (masked[0].class, &masked[0].details[..]),
        (Risk::WidensAccess, &["added: Allow S1: s3:* on * for *".to_owned()][..])
    );
    assert!(masked[0].reason.ends_with("no request was found that is allowed now and was denied before"), "{masked:?}");
    let narrower = change(&["Deny"], &["Deny", "Deny"]);
    assert_eq!(narrower[0].class, Risk::Interrupts);
    assert!(narrower[0].reason.contains("access is not widened"), "{narrower:?}");
    let gone = risks(step(Op::Delete, BUCKET_POLICY, &set(&["Deny"]), &Value::Null));
    assert_eq!(gone[0].class, Risk::WidensAccess);
    let [request, statement] = &gone[0].details[..] else { panic!("{gone:?}") };
    assert!(request.starts_with("no longer denied: s3:") && request.contains(" by anybody "), "{gone:?}");
    assert_eq!(statement, "removed: Deny S0: s3:* on * for *");
}

#[test]
fn a_policy_that_comes_or_goes_with_its_bucket_is_no_news() {
    let set = json!({ "bucket": "b", "policy": policy(&["Allow", "Deny"]) });
    let bucket = json!({ "bucket": "b", "id": "b" });
    let went = [step(Op::Delete, BUCKET, &bucket, &Value::Null), step(Op::Delete, BUCKET_POLICY, &set, &Value::Null)];
    assert_eq!(assess(&went, &[])[1], []);
    assert_eq!(classes(went[1].clone()), [Risk::WidensAccess], "alone it is");
    let unknown = json!({ "bucket": UNKNOWN, "policy": policy(&["Allow"]) });
    assert_eq!(classes(step(Op::Create, BUCKET_POLICY, &Value::Null, &unknown)), []);
    assert_eq!(classes(step(Op::Create, BUCKET_POLICY, &Value::Null, &set)), [Risk::WidensAccess]);
}

#[test]
fn a_new_role_and_what_it_may_do_widen_access() {
    let role = json!({ "name": "r", "id": "r", "assumeRolePolicy": policy(&["Allow"]) });
    let attached = json!({ "role": UNKNOWN, "policyArn": "arn:aws:iam::aws:policy/ReadOnlyAccess" });
    let new = [
        step(Op::Create, "aws:iam/role:Role", &Value::Null, &role),
        step(Op::Create, "aws:iam/rolePolicyAttachment:RolePolicyAttachment", &Value::Null, &attached),
    ];
    let found = assess(&new, &[]);
    assert_eq!(found.iter().map(|findings| worst(findings)).collect::<Vec<_>>(), [Risk::WidensAccess; 2]);
    assert_eq!(found[1][0].details, ["attached: arn:aws:iam::aws:policy/ReadOnlyAccess"]);
    assert_eq!(classes(step(Op::Delete, "aws:iam/role:Role", &role, &Value::Null)), [Risk::Interrupts]);
    let bound = json!({ "name": "r", "assumeRolePolicy": policy(&["Allow"]), "permissionsBoundary": "arn:p" });
    assert_eq!(classes(step(Op::Update, "aws:iam/role:Role", &bound, &role)), [Risk::WidensAccess]);
}

#[test]
fn switches_and_lists_widen_in_one_direction() {
    let kind = "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock";
    let block = |on: bool| json!({ "bucket": "b", "blockPublicPolicy": on });
    assert_eq!(classes(step(Op::Update, kind, &block(true), &block(false))), [Risk::WidensAccess]);
    assert_eq!(classes(step(Op::Update, kind, &block(false), &block(true))), [Risk::Interrupts]);
    assert_eq!(classes(step(Op::Delete, kind, &block(true), &Value::Null)), [Risk::WidensAccess]);
    assert_eq!(classes(step(Op::Create, kind, &Value::Null, &block(true))), []);
    let kind = "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup";
    let rules = |rules: &[&str]| json!({ "vpcId": "v", "ingress": rules });
    assert_eq!(classes(step(Op::Update, kind, &rules(&["a"]), &rules(&["a", "b"]))), [Risk::WidensAccess]);
    assert_eq!(classes(step(Op::Update, kind, &rules(&["a", "b"]), &rules(&["a"]))), [Risk::Interrupts]);
    let kind = "aws:organizations/policyAttachment:PolicyAttachment";
    let set = json!({ "policyId": "p", "targetId": "t" });
    assert_eq!(classes(step(Op::Delete, kind, &set, &Value::Null)), [Risk::WidensAccess], "a guardrail falls");
    assert_eq!(classes(step(Op::Create, kind, &Value::Null, &set)), [Risk::Interrupts], "a guardrail is put up");
}

#[test]
fn what_stops_interrupts() {
    let stream = "aws:kinesis/firehoseDeliveryStream:FirehoseDeliveryStream";
    let to = |bucket: &str, size: u32| json!({ "name": "s", "extendedS3Configuration": { "bucketArn": bucket, "bufferingSize": size } });
    let mut moved = step(Op::Update, stream, &to("a", 5), &to("b", 5));
    moved.detailed_diff = Some(BTreeMap::from([("extendedS3Configuration.bucketArn".to_owned(), Change::default())]));
    assert_eq!(classes(moved), [Risk::Interrupts]);
    let mut buffered = step(Op::Update, stream, &to("a", 5), &to("a", 6));
    buffered.detailed_diff =
        Some(BTreeMap::from([("extendedS3Configuration.bufferingSize".to_owned(), Change::default())]));
    assert_eq!(classes(buffered), []);
    let client = json!({ "name": "c", "userPoolId": "p", "allowedOauthScopes": ["a"] });
    let kind = "aws:cognito/userPoolClient:UserPoolClient";
    assert_eq!(classes(step(Op::Delete, kind, &client, &Value::Null)), [Risk::Interrupts], "nobody gets more by it");
    assert_eq!(classes(step(Op::Replace, kind, &client, &client)), [Risk::Interrupts]);
}

#[test]
fn what_is_adopted_is_judged_by_what_changes_of_it() {
    let mut adopted =
        step(Op::Adopt, BUCKET_POLICY, &Value::Null, &json!({ "bucket": "b", "policy": policy(&["Deny"]) }));
    assert_eq!(classes(adopted.clone()), [Risk::WidensAccess]);
    adopted.detailed_diff = Some(BTreeMap::new());
    assert_eq!(classes(adopted), []);
}

#[test]
fn classes_are_counted_by_the_worst_and_allowed_each() {
    let one = |class| Finding::new(class, "why");
    let steps =
        [vec![one(Risk::DestroysData), one(Risk::Interrupts)], Vec::new(), vec![one(Risk::Interrupts)], Vec::new()];
    let all = || steps.iter().map(Vec::as_slice);
    assert_eq!(counted(&counts(all())), "1 destroys-data, 1 interrupts, 2 no-risk");
    assert_eq!(unallowed(all(), &[]), [Risk::DestroysData, Risk::Interrupts]);
    assert_eq!(unallowed(all(), &[Risk::DestroysData]), [Risk::Interrupts]);
    assert_eq!(unallowed(all(), &[Risk::Interrupts, Risk::DestroysData]), []);
}
