//! The life of a table, what is late on AWS, and what is refused; long because each setting has answers of its own.

use serde_json::{Value as Json, json};

use super::*;
use crate::{
    recovery::TAG,
    stub::{
        self, Answer, Asked, Stub, done,
        late::{Late, Refusal, TOLD, is_waited_out, wholly},
    },
    testing::{self, Account, Adapter, Bench, CustomResource as _},
    waits::BACKUPS_ARE_NEW,
};

const TOKEN: &str = "aws:dynamodb/table:Table";

crate::lifecycle! {
    token: "aws:dynamodb/table:Table",
    needs: [("aws:kms/key:Key", {})],
    sample: {
        "name": "items-{unique}",
        "billingMode": "PAY_PER_REQUEST",
        "hashKey": "pk",
        "rangeKey": "sk",
        "attributes": [
            { "name": "pk", "type": "S" }, { "name": "sk", "type": "S" }, { "name": "day", "type": "S" }, { "name": "size", "type": "N" },
        ],
        "globalSecondaryIndexes": [
            { "name": "by-day", "keySchemas": [{ "attributeName": "day", "keyType": "HASH" }, { "attributeName": "size", "keyType": "RANGE" }], "projectionType": "INCLUDE", "nonKeyAttributes": ["owner", "etag"] },
            { "name": "by-size", "keySchemas": [{ "attributeName": "size", "keyType": "HASH" }], "projectionType": "KEYS_ONLY" },
        ],
        "localSecondaryIndexes": [{ "name": "by-own-size", "rangeKey": "size", "projectionType": "ALL" }],
        "ttl": { "attributeName": "expires", "enabled": true },
        "pointInTimeRecovery": { "enabled": true },
        "serverSideEncryption": { "enabled": true, "kmsKeyArn": "${0.arn}" },
        "tags": { "a": "1" },
    },
    change: {
        "attributes": [
            { "name": "pk", "type": "S" }, { "name": "sk", "type": "S" }, { "name": "owner", "type": "S" }, { "name": "size", "type": "N" },
        ],
        "globalSecondaryIndexes": [
            { "name": "by-owner", "hashKey": "owner", "rangeKey": "sk", "projectionType": "ALL" },
            { "name": "by-size", "hashKey": "size", "projectionType": "ALL", "onDemandThroughput": { "maxReadRequestUnits": 100 } },
        ],
        "onDemandThroughput": { "maxReadRequestUnits": 1000, "maxWriteRequestUnits": 500 },
        "pointInTimeRecovery": { "enabled": true, "recoveryPeriodInDays": 7 },
        "serverSideEncryption": { "enabled": true },
        "streamEnabled": true,
        "streamViewType": "NEW_AND_OLD_IMAGES",
        "tableClass": "STANDARD_INFREQUENT_ACCESS",
        "ttl": { "enabled": false },
        "tags": { "b": "2" },
    },
}

mod provisioned {
    crate::lifecycle! {
        token: "aws:dynamodb/table:Table",
        needs: [],
        sample: {
            "name": "provisioned-{unique}",
            "hashKey": "pk",
            "attributes": [{ "name": "pk", "type": "S" }, { "name": "a", "type": "S" }, { "name": "b", "type": "N" }],
            "readCapacity": 2,
            "writeCapacity": 1,
            "globalSecondaryIndexes": [{
                "name": "several",
                "keySchemas": [
                    { "attributeName": "a", "keyType": "HASH" }, { "attributeName": "pk", "keyType": "HASH" }, { "attributeName": "b", "keyType": "RANGE" },
                ],
                "projectionType": "ALL", "readCapacity": 1, "writeCapacity": 1,
            }],
            "streamEnabled": true,
            "streamViewType": "KEYS_ONLY",
        },
        change: {
            "pointInTimeRecovery": { "enabled": false },
            "serverSideEncryption": { "enabled": false },
            "readCapacity": 5,
            "globalSecondaryIndexes": [{
                "name": "several",
                "keySchemas": [
                    { "attributeName": "a", "keyType": "HASH" }, { "attributeName": "pk", "keyType": "HASH" }, { "attributeName": "b", "keyType": "RANGE" },
                ],
                "projectionType": "ALL", "readCapacity": 3, "writeCapacity": 1,
            }],
            "streamViewType": "NEW_IMAGE",
            "warmThroughput": { "readUnitsPerSecond": 13000, "writeUnitsPerSecond": 5000 },
        },
    }
}

#[tokio::test]
async fn one_of_its_name_is_adopted_or_refused() {
    testing::adopts(sample()).await;
}

/// As little as a table can have, in another billing mode and back, and with AWS's own key.
#[tokio::test]
async fn the_billing_mode_changes_with_all_capacities() {
    let mut bench = Bench::new(Account::Member).await;
    let of = |mode: Json, index: Json| {
        let mut all = json!({
            "name": "billed-{unique}", "hashKey": "pk",
            "attributes": [{ "name": "pk", "type": "S" }, { "name": "a", "type": "S" }],
            "serverSideEncryption": { "enabled": true },
            "globalSecondaryIndexes": [{ "name": "by-a", "hashKey": "a", "projectionType": "ALL" }],
        });
        all.as_object_mut().expect("an object").extend(mode.as_object().expect("an object").clone());
        let index = index.as_object().expect("an object").clone();
        all["globalSecondaryIndexes"][0].as_object_mut().expect("an object").extend(index);
        all
    };
    let on_demand = of(json!({ "billingMode": "PAY_PER_REQUEST" }), json!({}));
    let capacity = json!({ "readCapacity": 1, "writeCapacity": 2 });
    let provisioned = of(capacity.clone(), capacity);
    let mut made = bench.create(TOKEN, &on_demand).await;
    for wanted in [&provisioned, &on_demand] {
        made = bench.change(&made, wanted).await;
        let (inputs, _) = bench.read(&made, Some(&made.inputs)).await.expect("it is there");
        assert_eq!(inputs, made.inputs);
    }
    bench.clean_up().await;
}

/// What is protected is refused with the way out, and goes once the protection has.
#[tokio::test]
async fn a_protected_table_is_not_deleted() {
    let mut bench = Bench::new(Account::Member).await;
    let of = |protected: bool| {
        json!({
            "name": "kept-{unique}", "billingMode": "PAY_PER_REQUEST", "hashKey": "pk",
            "attributes": [{ "name": "pk", "type": "S" }], "deletionProtectionEnabled": protected,
        })
    };
    let made = bench.create(TOKEN, &of(true)).await;
    let refused = bench.try_delete(&made).await.expect_err("it is protected");
    assert!(refused.contains("hint: its items go with it"), "{refused}");
    let open = bench.change(&made, &of(false)).await;
    bench.try_delete(&open).await.expect("it is not protected any more");
}

fn wanted(more: &Json) -> Inputs {
    let mut all = json!({
        "name": "tbl", "billingMode": "PAY_PER_REQUEST", "hashKey": "pk", "attributes": [{ "name": "pk", "type": "S" }],
    });
    all.as_object_mut().expect("an object").extend(more.as_object().expect("an object").clone());
    stub::inputs(&all)
}

/// A table on AWS.
fn table(more: &Json) -> Answer {
    let mut all = json!({
        "TableName": "tbl", "TableStatus": "ACTIVE", "TableArn": "arn:tbl",
        "KeySchema": [{ "AttributeName": "pk", "KeyType": "HASH" }],
        "AttributeDefinitions": [{ "AttributeName": "pk", "AttributeType": "S" }],
        "BillingModeSummary": { "BillingMode": "PAY_PER_REQUEST" },
    });
    all.as_object_mut().expect("an object").extend(more.as_object().expect("an object").clone());
    Answer::Json(json!({ "Table": all }))
}

fn missing() -> Answer {
    Answer::Refused("ResourceNotFoundException", "Requested resource not found: Table: tbl not found")
}

fn backups(status: &str) -> Answer {
    Answer::Json(json!({ "ContinuousBackupsDescription": {
        "ContinuousBackupsStatus": "ENABLED", "PointInTimeRecoveryDescription": { "PointInTimeRecoveryStatus": status },
    } }))
}

/// A new table is not known everywhere, is made for a while, and has its backups later.
#[tokio::test]
async fn a_new_table_is_waited_for_and_its_backups_too() {
    let stub = Stub::new(|asked| match (asked.operation.as_str(), asked.before) {
        ("CreateTable", 0) => Answer::Refused(
            "LimitExceededException",
            "Subscriber limit exceeded: Only 10 tables can be created, updated, or deleted simultaneously",
        ),
        ("DescribeTable", 0) => missing(),
        ("DescribeTable", 1..4) => table(&json!({ "TableStatus": "CREATING" })),
        ("DescribeTable", _) => table(&json!({})),
        ("DescribeContinuousBackups", _) => backups("DISABLED"),
        ("UpdateContinuousBackups", 0..40) => {
            Answer::Refused("ContinuousBackupsUnavailableException", "Backups are being enabled for the table: tbl.")
        }
        ("UpdateTimeToLive", 0) => Answer::Refused("ResourceInUseException", "the table is being changed"),
        _ => done(asked),
    });
    let inputs = wanted(&json!({
        "pointInTimeRecovery": { "enabled": true, "recoveryPeriodInDays": 3 }, "ttl": { "enabled": true, "attributeName": "t" },
    }));
    let (made, waited) = Stub::run(Box::pin(Adapter::<Table>::create(&stub.cx(TOKEN), &inputs))).await;
    let made = made.expect("made");
    assert_eq!((made.incomplete, made.outputs.arn.as_str()), (None, "arn:tbl"));
    assert_eq!((stub.asked("CreateTable").len(), stub.asked("UpdateTimeToLive").len()), (2, 2));
    let recovery = json!({ "PointInTimeRecoveryEnabled": true, "RecoveryPeriodInDays": 3 });
    assert_eq!(stub.asked("UpdateContinuousBackups")[40]["PointInTimeRecoverySpecification"], recovery);
    assert!(waited > Duration::from_mins(1) && waited < BACKUPS_ARE_NEW.limit, "{waited:?}");
}

#[tokio::test]
async fn each_change_of_a_table_is_made_again_while_dynamodb_is_at_it_or_at_too_many() {
    const TOO_MANY: &[Refusal] = &[
        ("LimitExceededException", "Only 10 tables can be created, updated, or deleted simultaneously"),
        ("LimitExceededException", "Too many concurrent operations"),
    ];
    const AT_IT: &[Refusal] = &[("ResourceInUseException", ""), TOO_MANY[0], TOO_MANY[1]];
    const UNTOLD: &[Refusal] =
        &[("ValidationException", "One or more parameter values were invalid: Invalid principal")];
    const NO_BACKUPS: &[Refusal] = &[("ContinuousBackupsUnavailableException", "")];
    let old = wanted(&json!({
        "pointInTimeRecovery": { "enabled": true }, "ttl": { "enabled": true, "attributeName": "t" },
    }));
    let new = wanted(&json!({
        "pointInTimeRecovery": { "enabled": true }, "ttl": { "enabled": true, "attributeName": "t" },
        "deletionProtectionEnabled": true,
    }));
    let limit = TABLE_IS_BUSY.limit;
    let dynamodb = |asked: &Asked| match asked.operation.as_str() {
        "DescribeTable" => table(&json!({})),
        "DescribeContinuousBackups" => backups("DISABLED"),
        _ => done(asked),
    };
    let late: &[Late] = &[
        ("CreateTable", TOLD, UNTOLD),
        ("CreateTable", limit, TOO_MANY),
        ("UpdateTimeToLive", limit, AT_IT),
        ("UpdateContinuousBackups", BACKUPS_ARE_NEW.limit, NO_BACKUPS),
    ];
    let make = async |cx: Cx| wholly(Box::pin(Adapter::<Table>::create(&cx, &old)).await?);
    is_waited_out(TOKEN, late, dynamodb, make).await;
    let change = async |cx: Cx| {
        let outputs = outputs(&cx, "tbl", None);
        Box::pin(Adapter::<Table>::update(&cx, "tbl", &old, &new, outputs)).await.map(drop)
    };
    let late: &[Late] = &[("UpdateTable", TOLD, UNTOLD), ("UpdateTable", limit, AT_IT)];
    // it is settled, and read; then it shows the change
    let protected = move |asked: &Asked| match asked.operation.as_str() {
        "DescribeTable" => table(&json!({ "DeletionProtectionEnabled": asked.before > 1 })),
        _ => dynamodb(asked),
    };
    is_waited_out(TOKEN, late, protected, change).await;
    let gone = |asked: &Asked| if asked.operation == "DescribeTable" { missing() } else { done(asked) };
    let delete = async |cx: Cx| Box::pin(Adapter::<Table>::delete(&cx, "tbl", &old)).await;
    is_waited_out(TOKEN, &[("DeleteTable", limit, AT_IT)], gone, delete).await;
}

#[tokio::test]
async fn a_second_look_at_a_table_that_finds_nothing_is_repeated() {
    let stub = Stub::new(|asked| match (asked.operation.as_str(), asked.before) {
        ("DescribeTable", 1..4) => missing(),
        ("DescribeTable", _) => table(&json!({})),
        ("DescribeContinuousBackups", _) => backups("DISABLED"),
        _ => done(asked),
    });
    let (cx, inputs) = (stub.cx(TOKEN), wanted(&json!({})));
    let outputs = outputs(&cx, "tbl", None);
    let (changed, _) = Stub::run(Box::pin(Adapter::<Table>::update(&cx, "tbl", &inputs, &inputs, outputs))).await;
    assert_eq!(changed.map(|outputs| outputs.arn), Ok("arn:tbl".to_owned()));
    // settled, three looks for nothing, read, and settled again
    assert_eq!(stub.asked("DescribeTable").len(), 6);
}

/// It is kept: the next deployment goes on with it.
#[tokio::test]
async fn a_table_whose_settings_are_refused_is_made_all_the_same() {
    let stub = Stub::new(|asked| match asked.operation.as_str() {
        "DescribeTable" => table(&json!({})),
        "DescribeContinuousBackups" => backups("DISABLED"),
        "UpdateTimeToLive" => Answer::Refused(
            "ValidationException",
            "Time to live has been modified multiple times within a fixed interval",
        ),
        _ => done(asked),
    });
    let inputs = wanted(&json!({ "ttl": { "enabled": true, "attributeName": "t" } }));
    let made = Box::pin(Adapter::<Table>::create(&stub.cx(TOKEN), &inputs)).await.expect("made");
    let error = made.incomplete.expect("not wholly");
    assert!(error.message.starts_with("changing its time to live: ValidationException"), "{error}");
    assert!(error.hint.is_some_and(|hint| hint.contains("in an hour")));
}

/// A name is in use until the table that had it is gone.
#[tokio::test]
async fn a_table_that_is_being_deleted_makes_room() {
    let stub = Stub::new(|asked| match (asked.operation.as_str(), asked.before) {
        ("CreateTable", 0) => Answer::Refused("ResourceInUseException", "Table is being deleted: tbl"),
        ("CreateTable", 1..3) => Answer::Refused(
            "LimitExceededException",
            "Only 10 tables can be created, updated, or deleted simultaneously",
        ),
        ("DescribeTable", 0..3) => table(&json!({ "TableStatus": "DELETING" })),
        ("DescribeTable", 3) => missing(),
        ("DescribeTable", _) => table(&json!({})),
        _ => done(asked),
    });
    let (made, _) = Stub::run(Box::pin(Adapter::<Table>::create(&stub.cx(TOKEN), &wanted(&json!({}))))).await;
    assert_eq!(made.expect("made").incomplete, None);
    assert_eq!(stub.asked("CreateTable").len(), 4);
}

#[tokio::test]
async fn the_table_that_this_attempt_made_is_its_own() {
    let script = |tags: Json| {
        Stub::new(move |asked| match (asked.operation.as_str(), asked.before) {
            ("CreateTable", _) => Answer::Refused("ResourceInUseException", "Table already exists: tbl"),
            ("DescribeTable", 0..3) => table(&json!({ "TableStatus": "CREATING" })),
            ("DescribeTable", _) => table(&json!({})),
            ("ListTagsOfResource", 0) => Answer::Json(json!({ "Tags": tags, "NextToken": "more" })),
            ("ListTagsOfResource", _) => Answer::Json(json!({ "Tags": [{ "Key": "last", "Value": "one" }] })),
            _ => done(asked),
        })
    };
    let theirs = script(json!([{ "Key": "owner", "Value": "somebody" }]));
    let refused = Stub::run(Box::pin(Adapter::<Table>::create(&theirs.cx(TOKEN), &wanted(&json!({}))))).await.0;
    assert!(refused.expect_err("it is another's").message.contains("its tags do not prove it ours"));
    let cx = theirs.cx(TOKEN);
    let ours = script(json!([{ "Key": TAG, "Value": cx.identity.value() }]));
    let cx = Cx { clients: ours.cx(TOKEN).clients, ..cx };
    let made = Stub::run(Box::pin(Adapter::<Table>::create(&cx, &wanted(&json!({}))))).await.0;
    assert_eq!(made.expect("it is ours").id, "tbl");
    assert_eq!(ours.asked("ListTagsOfResource").len(), 2, "all pages");
}

fn index(name: &str, status: &str) -> Json {
    json!({
        "IndexName": name, "IndexStatus": status, "KeySchema": [{ "AttributeName": "pk", "KeyType": "HASH" }],
        "Projection": { "ProjectionType": "ALL" },
    })
}

/// AWS makes or deletes one index at a time, and shows them late.
#[tokio::test]
async fn indexes_go_and_come_one_at_a_time() {
    let stub = Stub::new(|asked| match (asked.operation.as_str(), asked.before) {
        ("UpdateTable", 1) => Answer::Refused(
            "LimitExceededException",
            "Subscriber limit exceeded: Only 1 online index can be created or deleted simultaneously per table",
        ),
        // settled, and read; then the old index goes, late
        ("DescribeTable", 0..3) => table(&json!({ "GlobalSecondaryIndexes": [index("old", "ACTIVE")] })),
        ("DescribeTable", 3..5) => {
            table(&json!({ "TableStatus": "UPDATING", "GlobalSecondaryIndexes": [index("old", "DELETING")] }))
        }
        // the first new one shows late, and is filled for a while
        ("DescribeTable", 5..7) => table(&json!({})),
        ("DescribeTable", 7..9) => table(&json!({ "GlobalSecondaryIndexes": [index("one", "CREATING")] })),
        ("DescribeTable", 9) => table(&json!({ "GlobalSecondaryIndexes": [index("one", "ACTIVE")] })),
        ("DescribeTable", _) => {
            table(&json!({ "GlobalSecondaryIndexes": [index("one", "ACTIVE"), index("two", "ACTIVE")] }))
        }
        _ => done(asked),
    });
    let new = wanted(&json!({ "globalSecondaryIndexes": [
        { "name": "one", "hashKey": "pk", "projectionType": "ALL" }, { "name": "two", "hashKey": "pk", "projectionType": "ALL" },
    ] }));
    let cx = stub.cx(TOKEN);
    let outputs = outputs(&cx, "tbl", None);
    let (changed, _) = Stub::run(Box::pin(Adapter::<Table>::update(&cx, "tbl", &new, &new, outputs))).await;
    changed.expect("changed");
    let what = |asked: &Json| -> Vec<String> {
        let updates = asked["GlobalSecondaryIndexUpdates"].as_array().expect("updates");
        let one = |update: &Json| {
            update.as_object().expect("one").iter().map(|(k, v)| format!("{k} {}", v["IndexName"])).collect::<String>()
        };
        updates.iter().map(one).collect()
    };
    let asked: Vec<_> = stub.asked("UpdateTable").iter().flat_map(what).collect();
    assert_eq!(asked, [r#"Delete "old""#, r#"Create "one""#, r#"Create "one""#, r#"Create "two""#]);
}

/// An update that was interrupted after its first call: that is not made again.
#[tokio::test]
async fn an_update_goes_by_what_the_table_is() {
    let stub = Stub::new(|asked| match asked.operation.as_str() {
        "DescribeTable" => table(&json!({ "TableClassSummary": { "TableClass": "STANDARD_INFREQUENT_ACCESS" } })),
        _ => done(asked),
    });
    let (old, new) = (wanted(&json!({})), wanted(&json!({ "tableClass": "STANDARD_INFREQUENT_ACCESS" })));
    let cx = stub.cx(TOKEN);
    let outputs = outputs(&cx, "tbl", None);
    Box::pin(Adapter::<Table>::update(&cx, "tbl", &old, &new, outputs)).await.expect("changed");
    assert!(stub.asked("UpdateTable").is_empty(), "it is so already");
}

#[tokio::test]
async fn limits_that_do_not_pass_are_told_at_once_with_the_way_out() {
    let limit = "Subscriber limit exceeded: Update to PayPerRequest mode are limited to once in 1 day(s).";
    let stub = Stub::new(move |asked| match asked.operation.as_str() {
        "DescribeTable" => table(&json!({ "BillingModeSummary": { "BillingMode": "PROVISIONED" } })),
        "UpdateTable" => Answer::Refused("LimitExceededException", limit),
        _ => done(asked),
    });
    let cx = stub.cx(TOKEN);
    let new = wanted(&json!({}));
    let outputs = outputs(&cx, "tbl", None);
    let (refused, waited) = Stub::run(Box::pin(Adapter::<Table>::update(&cx, "tbl", &new, &new, outputs))).await;
    assert!(refused.expect_err("once a day").hint.is_some_and(|hint| hint.contains("once a day")));
    assert!(waited.is_zero(), "{waited:?}");
}

#[tokio::test]
async fn a_table_whose_key_is_gone_is_not_waited_for() {
    let stub = Stub::new(|asked| match asked.operation.as_str() {
        "DescribeTable" => table(&json!({ "TableStatus": "INACCESSIBLE_ENCRYPTION_CREDENTIALS" })),
        _ => done(asked),
    });
    let cx = stub.cx(TOKEN);
    let new = wanted(&json!({}));
    let outputs = outputs(&cx, "tbl", None);
    let refused = Box::pin(Adapter::<Table>::update(&cx, "tbl", &new, &new, outputs)).await.expect_err("no key");
    assert!(refused.message.contains("cannot use the key") && refused.hint.is_some(), "{refused}");
}

#[tokio::test]
async fn a_deleted_table_is_waited_for_until_it_is_gone() {
    let stub = Stub::new(|asked| match (asked.operation.as_str(), asked.before) {
        ("DeleteTable", 0) => {
            Answer::Refused("ResourceInUseException", "Attempt to change a resource which is still in use")
        }
        ("DescribeTable", 0..3) => table(&json!({ "TableStatus": "DELETING" })),
        ("DescribeTable", _) => missing(),
        _ => done(asked),
    });
    let cx = stub.cx(TOKEN);
    Stub::run(Adapter::<Table>::delete(&cx, "tbl", &wanted(&json!({})))).await.0.expect("deleted");
    assert_eq!((stub.asked("DeleteTable").len(), stub.asked("DescribeTable").len()), (2, 4));
    let gone = Stub::new(|_| missing());
    Adapter::<Table>::delete(&gone.cx(TOKEN), "tbl", &wanted(&json!({}))).await.expect("there is none");
    assert!(Adapter::<Table>::read(&gone.cx(TOKEN), "tbl").await.expect("read").is_none());
}

/// AWS shows its own key in the account as any other.
#[tokio::test]
async fn aws_own_key_is_not_named() {
    let script = || {
        Stub::new(|asked| match asked.operation.as_str() {
            "DescribeTable" => table(
                &json!({ "SSEDescription": { "Status": "ENABLED", "SSEType": "KMS", "KMSMasterKeyArn": "arn:own" } }),
            ),
            "DescribeKey" => Answer::Json(json!({ "KeyMetadata": { "KeyId": "own", "Arn": "arn:own" } })),
            _ => done(asked),
        })
    };
    let stub = script();
    let mut cx = stub.cx(TOKEN);
    let live = Adapter::<Table>::read(&cx, "tbl").await.expect("read").expect("there").inputs.server_side_encryption;
    assert_eq!(live, Some(ServerSideEncryption { enabled: true, kms_key_arn: None }));
    // of the key that the program names nobody asks KMS
    let stub = script();
    cx.clients = stub.cx(TOKEN).clients;
    cx.inputs = testing::map(&json!({ "serverSideEncryption": { "enabled": true, "kmsKeyArn": "arn:own" } }));
    let live = Adapter::<Table>::read(&cx, "tbl").await.expect("read").expect("there").inputs.server_side_encryption;
    assert_eq!(live.expect("it is encrypted").kms_key_arn.as_deref(), Some("arn:own"));
    assert!(stub.asked("DescribeKey").is_empty());
}

/// The reasons of what is wrong, by place.
fn wrong(more: &Json) -> String {
    let mut all =
        json!({ "billingMode": "PAY_PER_REQUEST", "hashKey": "pk", "attributes": [{ "name": "pk", "type": "S" }] });
    all.as_object_mut().expect("an object").extend(more.as_object().expect("an object").clone());
    let failures = Adapter::<Table>::check(&testing::map(&all));
    failures.into_iter().map(|f| format!("{}: {}", f.property, f.reason)).collect::<Vec<_>>().join("; ")
}

#[test]
fn attributes_are_those_of_the_keys() {
    let pk = json!({ "name": "pk", "type": "S" });
    let a = json!({ "name": "a", "type": "S" });
    assert_eq!(wrong(&json!({})), "");
    let spare = wrong(&json!({ "attributes": [pk, a] }));
    assert!(spare.starts_with("attributes: attribute `a` is part of no key"), "{spare}");
    assert_eq!(wrong(&json!({ "attributes": [pk, pk] })), "attributes: attribute `pk` is defined twice");
    assert_eq!(wrong(&json!({ "attributes": [] })), "attributes: key `pk` is missing: give its name and type");
    let by_a = json!([{ "name": "by-a", "hashKey": "a", "projectionType": "ALL" }]);
    assert_eq!(
        wrong(&json!({ "globalSecondaryIndexes": by_a })),
        "attributes: key `a` is missing: give its name and type"
    );
    assert_eq!(wrong(&json!({ "attributes": [pk, a], "globalSecondaryIndexes": by_a })), "");
    assert!(wrong(&json!({ "hashKey": null, "attributes": [] })).starts_with("hashKey: missing"));
    let local = json!([{ "name": "l", "rangeKey": "a", "projectionType": "ALL" }]);
    assert_eq!(
        wrong(&json!({ "attributes": [pk, a], "localSecondaryIndexes": local })),
        "localSecondaryIndexes: only a table with a `rangeKey` has local secondary indexes"
    );
}

#[test]
fn what_is_not_known_yet_passes() {
    for property in ["hashKey", "attributes", "billingMode", "globalSecondaryIndexes", "localSecondaryIndexes", "ttl"] {
        let mut all = testing::map(&json!({
            "billingMode": "PAY_PER_REQUEST", "hashKey": "pk", "attributes": [{ "name": "pk", "type": "S" }],
        }));
        all.insert(property.to_owned(), Value::Unknown);
        assert_eq!(Adapter::<Table>::check(&all), [], "{property}");
    }
}

#[test]
fn capacities_go_with_the_billing_mode() {
    let places = |more: Json| {
        wrong(&more)
            .split("; ")
            .filter_map(|w| w.split_once(':'))
            .map(|(at, _)| at.to_owned())
            .collect::<Vec<_>>()
            .join(" ")
    };
    assert_eq!(places(json!({ "billingMode": "PROVISIONED" })), "readCapacity writeCapacity");
    assert_eq!(places(json!({ "billingMode": null, "readCapacity": 1, "writeCapacity": 1 })), "");
    assert_eq!(places(json!({ "readCapacity": 1 })), "readCapacity");
    assert_eq!(places(json!({ "billingMode": "PROVISIONED", "readCapacity": -1, "writeCapacity": 1 })), "readCapacity");
    assert_eq!(places(json!({ "readCapacity": 0 })), "", "which the official provider shows");
    let limit = json!({ "maxReadRequestUnits": 1 });
    assert_eq!(places(json!({ "onDemandThroughput": limit })), "");
    let provisioned =
        json!({ "billingMode": "PROVISIONED", "readCapacity": 1, "writeCapacity": 1, "onDemandThroughput": limit });
    assert_eq!(places(provisioned), "onDemandThroughput");
}

#[test]
fn an_index_is_whole() {
    let of = |index: Json| {
        let mut index = index;
        index.as_object_mut().expect("an object").insert("name".to_owned(), json!("idx"));
        wrong(&json!({ "globalSecondaryIndexes": [index] }))
    };
    let at = "globalSecondaryIndexes[0]";
    assert_eq!(of(json!({ "hashKey": "pk", "projectionType": "ALL" })), "");
    assert!(of(json!({ "projectionType": "ALL" })).starts_with(&format!("{at}.keySchemas: missing")));
    assert!(
        of(json!({ "hashKey": "pk", "projectionType": "INCLUDE" }))
            .starts_with(&format!("{at}.nonKeyAttributes: missing"))
    );
    assert_eq!(
        of(json!({ "hashKey": "pk", "projectionType": "ALL", "nonKeyAttributes": ["b"] })),
        format!("{at}.nonKeyAttributes: it is for projection `INCLUDE`")
    );
    let (hash, range) =
        (json!({ "attributeName": "pk", "keyType": "HASH" }), json!({ "attributeName": "pk", "keyType": "RANGE" }));
    assert_eq!(of(json!({ "keySchemas": [hash, range], "projectionType": "ALL" })), "");
    assert!(of(json!({ "keySchemas": [range, hash], "projectionType": "ALL" })).contains("come first"));
    assert!(of(json!({ "keySchemas": [range], "projectionType": "ALL" })).contains("come first"));
    assert!(of(json!({ "keySchemas": [hash], "hashKey": "pk", "projectionType": "ALL" })).contains("not both"));
}

#[test]
fn settings_that_belong_together_are_given_together() {
    let at = |more: Json| wrong(&more).split_once(':').map(|(at, _)| at.to_owned()).unwrap_or_default();
    assert_eq!(at(json!({ "ttl": { "enabled": true } })), "ttl.attributeName");
    assert_eq!(at(json!({ "ttl": { "attributeName": "t" } })), "ttl.attributeName");
    assert_eq!(at(json!({ "ttl": { "attributeName": "t", "enabled": true } })), "");
    assert_eq!(
        at(json!({ "pointInTimeRecovery": { "enabled": false, "recoveryPeriodInDays": 7 } })),
        "pointInTimeRecovery.recoveryPeriodInDays"
    );
    assert_eq!(at(json!({ "pointInTimeRecovery": { "enabled": true, "recoveryPeriodInDays": 7 } })), "");
    assert_eq!(
        at(json!({ "serverSideEncryption": { "enabled": false, "kmsKeyArn": "arn:k" } })),
        "serverSideEncryption.kmsKeyArn"
    );
    assert_eq!(
        at(json!({ "serverSideEncryption": { "enabled": true, "kmsKeyArn": "alias/k" } })),
        "serverSideEncryption.kmsKeyArn"
    );
    assert_eq!(at(json!({ "serverSideEncryption": { "enabled": true, "kmsKeyArn": "arn:k" } })), "");
    assert_eq!(at(json!({ "streamEnabled": true })), "streamViewType");
    assert_eq!(at(json!({ "streamViewType": "KEYS_ONLY" })), "streamViewType");
    assert_eq!(at(json!({ "streamEnabled": true, "streamViewType": "KEYS_ONLY" })), "");
}

#[test]
fn another_type_of_a_key_takes_another_table() {
    let of = |pk: &str, a: &str| {
        testing::map(&json!({
            "hashKey": "pk", "attributes": [{ "name": "pk", "type": pk }, { "name": "a", "type": a }],
            "globalSecondaryIndexes": [{ "name": "by-a", "hashKey": "a", "projectionType": "ALL" }],
        }))
    };
    assert_eq!(<Table as AwsResource>::replacing(&of("S", "S"), &of("N", "S")), ["attributes"]);
    assert!(<Table as AwsResource>::replacing(&of("S", "S"), &of("S", "N")).is_empty(), "an index is made again");
}

#[test]
fn what_is_live_is_told_as_it_was_given() {
    let of = |index: Json, warm: i32| {
        testing::map(&json!({ "globalSecondaryIndexes": [index], "warmThroughput": { "readUnitsPerSecond": warm } }))
    };
    let simple = json!({ "name": "i", "hashKey": "a", "rangeKey": "b" });
    let schema = json!({ "name": "i", "keySchemas": [
        { "attributeName": "a", "keyType": "HASH" }, { "attributeName": "b", "keyType": "RANGE" },
    ] });
    let reduced = |olds: Map| {
        let mut live = of(schema.clone(), 15_000);
        <Table as AwsResource>::reduce(Some(&olds), &mut live);
        live
    };
    assert_eq!(reduced(of(simple.clone(), 12_000)), of(simple.clone(), 12_000), "AWS raises it with the traffic");
    assert_eq!(reduced(of(schema.clone(), 20_000)), of(schema.clone(), 15_000), "less is drift");
    let mut imported = of(schema.clone(), 15_000);
    <Table as AwsResource>::reduce(None, &mut imported);
    assert_eq!(imported, of(schema, 15_000));
}
