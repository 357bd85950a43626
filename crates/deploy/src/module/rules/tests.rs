use engine::events::State;
use serde_json::json;

use super::*;

const MODULE: &str = "audit";

fn zone() -> Zone {
    config::load(std::path::Path::new("../../config/tests/fixture"), "local").expect("the fixture loads")
}

fn contents(records: &Value) -> Contents {
    let text = json!({ "version": 3, "deployment": { "resources": records } }).to_string();
    Contents::read(text.as_bytes()).unwrap_or_default()
}

fn step(kind: &str, name: &str, inputs: Value) -> Step {
    let Value::Object(inputs) = inputs else { panic!("an object") };
    let new = State { custom: true, inputs, ..State::default() };
    Step {
        op: Op::Create,
        urn: format!("urn:pulumi:local::{MODULE}::zone:module:Module${kind}::{name}"),
        kind: kind.to_owned(),
        new: Some(new),
        ..Step::default()
    }
}

fn tagged() -> Value {
    let zone = zone();
    json!(zone.tags)
}

fn own(purpose: &str) -> String {
    format!("{}-{MODULE}-{purpose}-local", zone().prefix)
}

/// A bucket with all that the rules ask for.
fn bucket() -> Vec<Step> {
    let name = own("objects");
    let rule =
        json!([{ "applyServerSideEncryptionByDefault": { "sseAlgorithm": "aws:kms", "kmsMasterKeyId": "arn" } }]);
    vec![
        step(BUCKET, "objects", json!({ "bucket": name, "tagsAll": tagged() })),
        step(
            BLOCK,
            "objects",
            json!({
                "bucket": name, "blockPublicAcls": true, "blockPublicPolicy": true, "ignorePublicAcls": true,
                "restrictPublicBuckets": true
            }),
        ),
        step(ENCRYPTION, "objects", json!({ "bucket": name, "rules": rule })),
    ]
}

fn judged(steps: &[Step]) -> Result<()> {
    judge(&contents(&json!([])), steps, &zone(), MODULE, &zone().tags)
}

#[track_caller]
fn refused(steps: &[Step], rule: &str, what: &str) {
    let failure = judged(steps).expect_err("a rule is broken");
    assert!(
        failure.message.contains(&format!("rule `{rule}`")) && failure.message.contains(what),
        "{}",
        failure.message
    );
    assert_eq!(failure.message.matches("rule `").count(), 1, "{}", failure.message);
}

#[test]
fn a_bucket_that_keeps_to_the_rules_passes_and_each_that_does_not_is_named() {
    judged(&bucket()).expect("it keeps to them");
    let change = |index: usize, change: &dyn Fn(&mut Map<String, Value>)| {
        let mut steps = bucket();
        change(&mut steps[index].new.as_mut().expect("inputs").inputs);
        steps
    };
    refused(&change(0, &|inputs| drop(inputs.insert("tagsAll".into(), json!({})))), "tags", "it lacks");
    refused(
        &change(1, &|inputs| drop(inputs.insert("blockPublicPolicy".into(), json!(false)))),
        "public access",
        "four ways",
    );
    refused(
        &change(2, &|inputs| {
            inputs.insert(
                "rules".into(),
                json!([{ "applyServerSideEncryptionByDefault": { "sseAlgorithm": "AES256" } }]),
            );
        }),
        "encryption",
        "KMS key",
    );
    let mut steps = bucket();
    for step in &mut steps {
        step.new.as_mut().expect("inputs").inputs.insert("bucket".into(), json!("other-bucket"));
    }
    refused(&steps, "names", "`other-bucket` does not begin with");
}

#[test]
fn what_is_not_known_yet_counts_for_the_bucket_that_it_may_be_set_on() {
    let mut steps = bucket();
    for step in &mut steps[1..] {
        step.new.as_mut().expect("inputs").inputs.insert("bucket".into(), json!(UNKNOWN));
    }
    judged(&steps).expect("each is set on the one bucket");
    steps.push(step(BUCKET, "second", json!({ "bucket": own("second"), "tagsAll": tagged() })));
    let failure = judged(&steps).expect_err("one block, two buckets");
    assert!(failure.message.contains("public access"), "{}", failure.message);
}

#[test]
fn a_bucket_for_access_logs_has_no_key_and_another_one_needs_it() {
    let name = own("logs");
    let mut steps = bucket();
    steps.push(step(BUCKET, "logs", json!({ "bucket": name, "tagsAll": tagged() })));
    let mut block = bucket().swap_remove(1);
    block.urn.push_str("-logs");
    block.new.as_mut().expect("inputs").inputs.insert("bucket".into(), json!(name));
    steps.push(block);
    steps.push(step(
        ENCRYPTION,
        "logs",
        json!({ "bucket": name, "rules": [{ "applyServerSideEncryptionByDefault": { "sseAlgorithm": "AES256" } }] }),
    ));
    refused(&steps, "encryption", "KMS key");
    steps.push(step(LOGGING, "objects", json!({ "bucket": own("objects"), "targetBucket": name })));
    judged(&steps).expect("S3 delivers logs only to such a bucket");
}

#[test]
fn tables_queues_topics_and_log_groups_need_a_key() {
    for (kind, with, without) in [
        ("aws:sqs/queue:Queue", json!({ "kmsMasterKeyId": "arn" }), json!({})),
        ("aws:sns/topic:Topic", json!({ "kmsMasterKeyId": UNKNOWN }), json!({ "kmsMasterKeyId": "" })),
        (
            "aws:dynamodb/table:Table",
            json!({ "serverSideEncryption": { "enabled": true, "kmsKeyArn": "arn" } }),
            json!({ "serverSideEncryption": { "enabled": true } }),
        ),
        ("aws:cloudwatch/logGroup:LogGroup", json!({ "kmsKeyId": "arn" }), json!({})),
    ] {
        judged(&[step(kind, "it", with)]).expect(kind);
        refused(&[step(kind, "it", without)], "encryption", "names no KMS key");
    }
}

#[test]
fn nobody_from_outside_is_let_in_without_a_condition() {
    let policy = |statement: Value| {
        step(
            "aws:sqs/queuePolicy:QueuePolicy",
            "it",
            json!({ "policy": json!({ "Statement": [statement] }).to_string() }),
        )
    };
    for principal in [json!("*"), json!({ "AWS": "*" }), json!({ "AWS": ["*"] })] {
        let open =
            json!({ "Sid": "All", "Effect": "Allow", "Principal": principal, "Action": "sqs:*", "Resource": "*" });
        refused(&[policy(open.clone())], "public access", "statement `All`");
        let mut limited = open.clone();
        limited["Condition"] = json!({ "StringEquals": { "aws:SourceAccount": "111122223333" } });
        judged(&[policy(limited)]).expect("it has a condition");
        let mut denies = open;
        denies["Effect"] = json!("Deny");
        judged(&[policy(denies)]).expect("it denies");
    }
    let permission = |inputs: Value| step("aws:lambda/permission:Permission", "it", inputs);
    refused(&[permission(json!({ "principal": "*" }))], "public access", "call the function");
    refused(
        &[permission(json!({ "principal": "x", "functionUrlAuthType": "NONE" }))],
        "public access",
        "call the function",
    );
    judged(&[permission(json!({ "principal": "s3.amazonaws.com", "sourceArn": "arn" }))]).expect("it is S3's");
    judged(&[permission(json!({ "principal": "*", "principalOrgId": "o-1" }))]).expect("it is the organization's");
}

#[test]
fn what_everybody_fulfils_is_no_condition_and_a_role_is_no_exception() {
    let role = |statement: Value| {
        let name = own("role");
        let policy = json!({ "Statement": [statement] }).to_string();
        step("aws:iam/role:Role", "it", json!({ "name": name, "assumeRolePolicy": policy, "tagsAll": tagged() }))
    };
    let open = |condition: Value| json!({ "Effect": "Allow", "Principal": { "AWS": "*" }, "Action": "sts:AssumeRole", "Condition": condition });
    refused(&[role(open(json!({})))], "public access", "statement number 1");
    refused(&[role(open(json!({ "Bool": { "aws:SecureTransport": "true" } })))], "public access", "statement number 1");
    refused(&[role(open(json!({ "StringNotEquals": { "aws:PrincipalOrgID": "o-1" } })))], "public access", "number 1");
    judged(&[role(open(json!({ "StringEquals": { "aws:PrincipalOrgID": "o-1" } })))]).expect("the organization's");
    let but_one = json!({ "Effect": "Allow", "NotPrincipal": { "AWS": "111122223333" }, "Action": "sts:AssumeRole" });
    refused(&[role(but_one)], "public access", "statement number 1");
}

#[test]
fn a_module_publishes_below_its_own_path_and_has_no_key_of_aws() {
    let parameter =
        |name: &str| step("aws:ssm/parameter:Parameter", "it", json!({ "name": name, "tagsAll": tagged() }));
    let root = zone().parameter_root();
    for fine in [format!("{root}/{MODULE}/table/name"), format!("{root}/modules/{MODULE}"), "/elsewhere/x".to_owned()] {
        judged(&[parameter(&fine)]).expect("its own");
    }
    for other in [format!("{root}/kms/secret/arn"), format!("{root}/modules/other"), format!("{root}/{MODULE}-2/x")] {
        refused(&[parameter(&other)], "names", "does not begin with");
    }
    let queue = json!({ "name": own("q"), "kmsMasterKeyId": "alias/aws/sqs", "tagsAll": tagged() });
    refused(&[step("aws:sqs/queue:Queue", "it", queue)], "encryption", "names no KMS key");
}

#[test]
fn a_key_is_one_of_the_account() {
    let account = zone().member.id.to_string();
    let arn = |account: &str, key: &str| format!("arn:aws:kms:eu-west-1:{account}:{key}");
    let queue = |key: &str| step("aws:sqs/queue:Queue", "it", json!({ "name": own("q"), "kmsMasterKeyId": key }));
    let bucket = |key: Value| {
        let mut steps = bucket();
        let default = json!({ "sseAlgorithm": "aws:kms", "kmsMasterKeyId": key });
        let rules = json!([{ "applyServerSideEncryptionByDefault": default }]);
        steps[2].new.as_mut().expect("inputs").inputs.insert("rules".into(), rules);
        steps
    };
    for fine in [arn(&account, "key/1"), arn(&account, "alias/own"), "alias/own".into(), "1".into(), UNKNOWN.into()] {
        judged(&[queue(&fine)]).expect(&fine);
        judged(&bucket(json!(fine))).expect(&fine);
    }
    for (wrong, says) in [
        (arn("999999999999", "key/1"), "is of account 999999999999"),
        (arn(&account, "alias/aws/sqs"), "is AWS's own"),
        ("alias/aws/s3".to_owned(), "is AWS's own"),
    ] {
        refused(&[queue(&wrong)], "encryption", says);
        refused(&bucket(json!(wrong)), "encryption", says);
    }
    refused(&bucket(Value::Null), "encryption", "names no KMS key of the account");
    // what is secret cannot be judged, in a plan and in a state
    for hidden in [json!(SECRET), json!({ SIGNATURE: "s", "ciphertext": "v1:x" })] {
        judged(&bucket(hidden.clone())).expect("it is a key that nobody may see");
        let table = json!({ "name": own("t"), "serverSideEncryption": { "kmsKeyArn": hidden } });
        judged(&[step("aws:dynamodb/table:Table", "it", table)]).expect("it is a key that nobody may see");
        let mut tags = tagged();
        for value in tags.as_object_mut().expect("tags").values_mut() {
            *value = hidden.clone();
        }
        let queue = json!({ "name": own("q"), "kmsMasterKeyId": hidden, "tagsAll": tags });
        judged(&[step("aws:sqs/queue:Queue", "it", queue)]).expect("its key and its tags are hidden");
    }
    // of a bucket that is not known yet, too, the reason is told
    let mut unknown = bucket(json!(arn("999999999999", "key/1")));
    unknown[2].new.as_mut().expect("inputs").inputs.insert("bucket".into(), json!(UNKNOWN));
    refused(&unknown, "encryption", "is of account 999999999999");
}

#[test]
fn a_required_tag_has_the_value_of_the_zone_or_of_the_modules_settings() {
    let key = zone().required_tags.first().cloned().expect("the fixture requires a tag");
    let queue = |value: &str| {
        let mut tags = zone().tags;
        tags.insert(key.clone(), value.to_owned());
        [step("aws:sqs/queue:Queue", "it", json!({ "name": own("q"), "kmsMasterKeyId": "1", "tagsAll": tags }))]
    };
    refused(&queue("other"), "tags", "is `other`, and the zone's is");
    judged(&queue(UNKNOWN)).expect("only the deployment knows it");
    let mut all = zone().tags;
    all.insert(key.clone(), "other".to_owned());
    judge(&contents(&json!([])), &queue("other"), &zone(), MODULE, &all).expect("it is configured");
}

#[test]
fn what_was_deployed_before_counts_too() {
    let steps = bucket();
    let before = Contents {
        resources: steps[1..]
            .iter()
            .map(|step| state::contents::Record {
                urn: step.urn.clone(),
                inputs: step.new.as_ref().expect("inputs").inputs.clone(),
                ..state::contents::Record::default()
            })
            .collect(),
        ..Contents::default()
    };
    judge(&before, &steps[..1], &zone(), MODULE, &zone().tags).expect("its block and its key are there");
    let gone = Step { op: Op::Delete, new: None, ..steps[1].clone() };
    let failure = judge(&before, &[steps[0].clone(), gone], &zone(), MODULE, &zone().tags).expect_err("the block goes");
    assert!(failure.message.contains("public access"), "{}", failure.message);
}
