//! The life of a queue, and what SQS shows late.

use std::time::Duration;

use pulumi::value::{FromValue, ToValue};
use serde_json::json;

use super::*;
use crate::{
    recovery::{Identity, TAG},
    stub::{
        Answer, Asked, Stub, done, inputs,
        late::{Late, Refusal, TOLD, is_waited_out, wholly},
    },
    testing::{Adapter, CustomResource as _},
    waits::TAGS_ARE_NEW,
};

#[tokio::test]
async fn a_new_queue_may_show_its_tags_late() {
    let stub = Stub::new(|asked| match (asked.operation.as_str(), asked.before) {
        ("CreateQueue", _) => Answer::Json(json!({ "QueueUrl": "https://sqs/1/q" })),
        ("ListQueueTags", 0..12) => Answer::Json(json!({})),
        ("ListQueueTags", _) => Answer::Json(json!({ "Tags": { TAG: "whose" } })),
        _ => done(asked),
    });
    let mut cx = stub.cx("aws:sqs/queue:Queue");
    cx.recovery.begin([].into(), [].into());
    let queue: Inputs = inputs(&json!({ "name": "q" }));
    let (made, waited) = Stub::run(Adapter::<Queue>::create(&cx, &queue)).await;
    assert!(made.expect_err("it is another's").message.contains("its tags do not prove it ours"));
    assert!(waited > Duration::from_secs(12), "{waited:?}");
    let ours = cx.identity.value();
    let late = Stub::new(move |asked| match (asked.operation.as_str(), asked.before) {
        ("CreateQueue", _) => Answer::Json(json!({ "QueueUrl": "https://sqs/1/q" })),
        ("ListQueueTags", 0..12) => Answer::Json(json!({})),
        ("ListQueueTags", _) => Answer::Json(json!({ "Tags": { TAG: ours } })),
        _ => done(asked),
    });
    cx.clients = late.cx("aws:sqs/queue:Queue").clients;
    let (made, waited) = Stub::run(Adapter::<Queue>::create(&cx, &queue)).await;
    assert_eq!(made.expect("made").id, "https://sqs/1/q");
    assert!((Duration::from_secs(12)..=TAGS_ARE_NEW + Duration::from_secs(8)).contains(&waited), "{waited:?}");
}

#[tokio::test]
async fn the_name_of_a_deleted_queue_and_whom_its_policy_names_are_waited_for() {
    const TOKEN: &str = "aws:sqs/queue:Queue";
    const UNTOLD: &[Refusal] = &[("InvalidAttributeValue", "Invalid value for the parameter Policy.")];
    const KEPT: &[Refusal] = &[("AWS.SimpleQueueService.QueueDeletedRecently", ""), ("QueueDeletedRecently", "")];
    let identity = Identity::new("urn:q");
    let ours = identity.value();
    let sqs = move |asked: &Asked| match asked.operation.as_str() {
        "CreateQueue" => Answer::Json(json!({ "QueueUrl": "https://sqs/1/q" })),
        "ListQueueTags" => Answer::Json(json!({ "Tags": { TAG: ours.clone() } })),
        _ => done(asked),
    };
    let old: Inputs = inputs(&json!({ "name": "q" }));
    let new: Inputs = inputs(&json!({ "name": "q", "policy": "{}" }));
    let late: &[Late] = &[
        ("CreateQueue", QUEUE_NAME_IS_KEPT.limit, KEPT),
        ("CreateQueue", TOLD, UNTOLD),
        ("SetQueueAttributes", TOLD, UNTOLD),
    ];
    let life = async |cx: Cx| {
        let cx = Cx { identity: identity.clone(), ..cx };
        let made = Adapter::<Queue>::create(&cx, &old).await?;
        let outputs = made.outputs.clone();
        wholly(made)?;
        Adapter::<Queue>::update(&cx, "https://sqs/1/q", &old, &new, outputs).await.map(drop)
    };
    is_waited_out(TOKEN, late, sqs, life).await;
}

#[tokio::test]
async fn a_queue_that_existed_with_other_attributes_is_not_waited_for() {
    let stub = Stub::new(|asked| match asked.operation.as_str() {
        "CreateQueue" => Answer::Refused("QueueAlreadyExists", "A queue already exists with the same name"),
        "GetQueueUrl" => Answer::Json(json!({ "QueueUrl": "https://sqs/1/q" })),
        _ => done(asked),
    });
    let queue: Inputs = inputs(&json!({ "name": "q" }));
    let (made, waited) = Stub::run(Adapter::<Queue>::create(&stub.cx("aws:sqs/queue:Queue"), &queue)).await;
    assert!(made.expect_err("it is another's").message.contains("its tags do not prove it ours"));
    assert!(waited.is_zero(), "{waited:?}");
}

#[tokio::test]
async fn a_changed_queue_is_waited_for_until_it_shows_the_change() {
    let stub = Stub::new(|asked| match (asked.operation.as_str(), asked.before) {
        ("GetQueueAttributes", 0..5) => Answer::Json(json!({ "Attributes": { "VisibilityTimeout": "30" } })),
        ("GetQueueAttributes", _) => Answer::Json(json!({ "Attributes": { "VisibilityTimeout": "60" } })),
        _ => done(asked),
    });
    let cx = stub.cx("aws:sqs/queue:Queue");
    let (old, new) = (json!({ "name": "q" }), json!({ "name": "q", "visibilityTimeoutSeconds": 60, "policy": "{}" }));
    let outputs = outputs(&cx, "https://sqs/1/q");
    Stub::run(Adapter::<Queue>::update(&cx, "https://sqs/1/q", &inputs(&old), &inputs(&new), outputs))
        .await
        .0
        .expect("changed");
    assert_eq!(stub.asked("GetQueueAttributes").len(), 6);
}

#[tokio::test]
async fn a_change_that_sqs_never_shows_is_left_to_the_next_read() {
    let stub = Stub::new(done);
    let cx = stub.cx("aws:sqs/queue:Queue");
    let (old, new) = (json!({ "name": "q" }), json!({ "name": "q", "visibilityTimeoutSeconds": 60 }));
    let outputs = outputs(&cx, "https://sqs/1/q");
    let (old, new) = (inputs(&old), inputs(&new));
    let (changed, waited) = Stub::run(Adapter::<Queue>::update(&cx, "https://sqs/1/q", &old, &new, outputs)).await;
    changed.expect("changed");
    assert!((SETTINGS_ARE_NEW..=SETTINGS_ARE_NEW + Duration::from_secs(8)).contains(&waited), "{waited:?}");
}

crate::lifecycle! {
    token: "aws:sqs/queue:Queue",
    needs: [("aws:kms/key:Key", {})],
    sample: { "name": "q-{unique}", "kmsMasterKeyId": "${0.arn}", "messageRetentionSeconds": 1_209_600, "tags": { "a": "1" } },
    change: { "visibilityTimeoutSeconds": 60, "tags": { "b": "2" } },
}

fn map(fields: &[(&str, Value)]) -> Map {
    fields.iter().map(|(k, v)| ((*k).to_owned(), v.clone())).collect()
}

#[test]
fn fifo_queues_are_named_so() {
    let wrong = |fields: &[(&str, Value)]| {
        Adapter::<Queue>::check(&map(fields)).iter().map(|f| f.property.clone()).collect::<Vec<_>>().join(" ")
    };
    let fifo = |v: Value| ("fifoQueue", v);
    assert_eq!(wrong(&[("name", "q".to_value()), fifo(true.to_value())]), "name");
    assert_eq!(wrong(&[("name", "q.fifo".to_value())]), "name");
    assert_eq!(
        wrong(&[("name", "q".to_value()), fifo(Value::Unknown), ("deduplicationScope", "queue".to_value())]),
        ""
    );
    assert_eq!(
        wrong(&[("name", "q".to_value()), ("contentBasedDeduplication", true.to_value())]),
        "contentBasedDeduplication"
    );
    assert_eq!(<Queue as AwsResource>::fit_name(&map(&[fifo(true.to_value())]), "q-1".to_owned()), "q-1.fifo");
}

#[test]
fn one_encryption_at_a_time() {
    let inputs =
        |managed: bool| map(&[("kmsMasterKeyId", Value::Unknown), ("sqsManagedSseEnabled", managed.to_value())]);
    assert_eq!((Adapter::<Queue>::check(&inputs(true)).len(), Adapter::<Queue>::check(&inputs(false)).len()), (1, 0));
}

#[test]
fn a_standard_queue_gets_no_attribute_of_a_fifo_queue() {
    let inputs = |fifo: bool| {
        let fields =
            [("name", "q".to_value()), ("fifoQueue", fifo.to_value()), ("deduplicationScope", "queue".to_value())];
        Inputs::from_value(&Value::Object(map(&fields))).expect("inputs")
    };
    let has = |fifo: bool, attribute: &Attribute| attributes(&inputs(fifo)).contains_key(attribute);
    for attribute in [Attribute::ContentBasedDeduplication, Attribute::DeduplicationScope] {
        assert!(has(true, &attribute) && !has(false, &attribute));
    }
    // it is set when the queue is made, and never again
    assert!(!has(true, &Attribute::FifoQueue));
}
