//! The life of a key, and what KMS shows late.

use serde_json::json;

use super::*;
use crate::{
    recovery::{Identity, TAG},
    stub::{
        Answer, Asked, Stub, done, inputs,
        late::{Late, Refusal, TOLD, is_waited_out, wholly},
    },
    testing::{Account, Adapter, Bench, CustomResource as _},
};

const TOKEN: &str = "aws:kms/key:Key";

fn urn(name: &str) -> String {
    format!("urn:pulumi:test::test::{TOKEN}::{name}")
}

fn metadata(state: &str) -> Answer {
    Answer::Json(json!({ "KeyMetadata": {
        "KeyId": "k1", "Arn": "arn:k1", "KeyState": state, "Enabled": state == "Enabled",
        "KeyUsage": "ENCRYPT_DECRYPT", "KeySpec": "SYMMETRIC_DEFAULT", "MultiRegion": false,
    } }))
}

/// A key of an earlier run that waits for its deletion; KMS hears late of each change of its state.
#[tokio::test]
async fn a_key_is_taken_up_from_its_deletion_though_kms_hears_of_it_late() {
    let late = Answer::Refused("KMSInvalidStateException", "arn:k1 is pending deletion.");
    let owner = Identity::new(&urn("r")).value();
    let stub = Stub::new(move |asked| match (asked.operation.as_str(), asked.before) {
        ("ListKeys", _) => Answer::Json(json!({ "Keys": [{ "KeyId": "k1" }] })),
        ("ListResourceTags", _) => Answer::Json(json!({ "Tags": [{ "TagKey": TAG, "TagValue": owner }] })),
        ("DescribeKey", 0..4) => metadata("PendingDeletion"),
        ("DescribeKey", 4..9) => metadata("Disabled"),
        ("DescribeKey", _) => metadata("Enabled"),
        ("GetKeyPolicy", _) => Answer::Json(json!({ "Policy": "{}" })),
        ("TagResource" | "EnableKey" | "PutKeyPolicy" | "EnableKeyRotation" | "UpdateKeyDescription", 0..3) => {
            let Answer::Refused(code, message) = late else { unreachable!("it is refused") };
            Answer::Refused(code, message)
        }
        _ => done(asked),
    });
    let cx = stub.cx(TOKEN);
    cx.recovery.begin([].into(), [].into());
    let wanted: Inputs =
        inputs(&json!({ "description": "d", "policy": "{\"Version\": \"2012-10-17\"}", "enableKeyRotation": true }));
    let (made, waited) = Stub::run(Box::pin(Adapter::<Key>::create(&cx, &wanted))).await;
    let made = made.expect("taken up");
    assert_eq!((made.id.as_str(), made.incomplete), ("k1", None));
    assert!(stub.asked("CreateKey").is_empty() && !waited.is_zero());
    for change in ["TagResource", "EnableKey", "PutKeyPolicy", "EnableKeyRotation", "UpdateKeyDescription"] {
        assert_eq!(stub.asked(change).len(), 4, "{change}");
    }
    let looks = stub.operations().into_iter().filter(|o| o == "DescribeKey").count();
    assert!(looks > 9, "it waits until the key is enabled");
}

const SPREADING: &[Refusal] = &[("NotFoundException", ""), ("KMSInvalidStateException", "")];
const UNTOLD: &[Refusal] = &[("MalformedPolicyDocumentException", "Policy contains one or more invalid principals.")];

/// KMS with a key in one state.
fn kms(state: &'static str) -> impl Fn(&Asked) -> Answer + Clone + Send + Sync + 'static {
    move |asked: &Asked| match asked.operation.as_str() {
        "CreateKey" | "DescribeKey" => metadata(state),
        _ => done(asked),
    }
}

#[tokio::test]
async fn each_change_of_a_key_is_made_again_until_kms_has_heard_of_the_key_and_of_whom_its_policy_names() {
    let limit = KEY_IS_SPREADING.limit;
    let old: Inputs = inputs(&json!({ "policy": "{}", "enableKeyRotation": true }));
    let new: Inputs = inputs(&json!({ "policy": "{\"Version\": \"2012-10-17\"}", "description": "d" }));
    let late: &[Late] = &[
        ("CreateKey", TOLD, UNTOLD),
        ("EnableKeyRotation", limit, SPREADING),
        ("UpdateKeyDescription", limit, SPREADING),
        ("PutKeyPolicy", TOLD, UNTOLD),
        ("PutKeyPolicy", limit, SPREADING),
        ("DisableKeyRotation", limit, SPREADING),
        ("ScheduleKeyDeletion", limit, &[("KMSInvalidStateException", "")]),
    ];
    let outputs = || Outputs { arn: String::new(), key_id: "k1".to_owned() };
    let life = async |cx: Cx| {
        wholly(Box::pin(Adapter::<Key>::create(&cx, &old)).await?)?;
        Adapter::<Key>::update(&cx, "k1", &old, &new, outputs()).await?;
        Adapter::<Key>::delete(&cx, "k1", &new).await
    };
    is_waited_out(TOKEN, late, kms("Enabled"), life).await;
    let off: Inputs = inputs(&json!({ "policy": "{}", "enableKeyRotation": true, "isEnabled": false }));
    let disable = async |cx: Cx| Adapter::<Key>::update(&cx, "k1", &old, &off, outputs()).await.map(drop);
    is_waited_out(TOKEN, &[("DisableKey", limit, SPREADING)], kms("Disabled"), disable).await;
    let enable = async |cx: Cx| Adapter::<Key>::update(&cx, "k1", &off, &old, outputs()).await.map(drop);
    is_waited_out(TOKEN, &[("EnableKey", limit, SPREADING)], kms("Enabled"), enable).await;
}

#[tokio::test]
async fn a_second_look_at_a_key_of_an_interrupted_run_that_finds_nothing_is_repeated() {
    let owner = Identity::new(&urn("r")).value();
    let stub = Stub::new(move |asked| match (asked.operation.as_str(), asked.before) {
        ("ListKeys", _) => Answer::Json(json!({ "Keys": [{ "KeyId": "k1" }] })),
        ("ListResourceTags", _) => Answer::Json(json!({ "Tags": [{ "TagKey": TAG, "TagValue": owner }] })),
        // it is found by its tags
        ("DescribeKey", 1..4) => Answer::Refused("NotFoundException", "not yet"),
        ("DescribeKey", _) => metadata("Enabled"),
        _ => done(asked),
    });
    let cx = stub.cx(TOKEN);
    cx.recovery.begin([].into(), [].into());
    let (made, _) = Stub::run(Box::pin(Adapter::<Key>::create(&cx, &inputs(&json!({}))))).await;
    let made = made.expect("taken up");
    assert_eq!((made.id.as_str(), made.incomplete), ("k1", None));
    assert!(stub.asked("CreateKey").is_empty());
    assert_eq!(stub.asked("DescribeKey").len(), 5);
}

#[tokio::test]
async fn keys_are_looked_through_once_a_run_and_few_at_once() {
    let stub = Stub::new(|asked: &Asked| match asked.operation.as_str() {
        "ListKeys" => {
            Answer::Json(json!({ "Keys": (0..120).map(|n| json!({ "KeyId": format!("k{n}") })).collect::<Vec<_>>() }))
        }
        "ListAliases" => {
            let alias =
                |n: u32, of: &str| json!({ "AliasName": format!("alias/{of}{n}"), "TargetKeyId": format!("k{n}") });
            Answer::Json(
                json!({ "Aliases": (0..20).map(|n| alias(n, "aws/")).chain([alias(50, "own")]).collect::<Vec<_>>() }),
            )
        }
        "ListResourceTags" => Answer::Json(json!({ "Tags": [] })),
        "CreateKey" => metadata("Enabled"),
        _ => done(asked),
    });
    let mut cx = stub.cx(TOKEN);
    cx.recovery.begin([].into(), [].into());
    let others = [stub.cx(TOKEN), stub.cx(TOKEN)].map(|mut other| {
        (other.clients, other.recovery) = (cx.clients.clone(), cx.recovery.clone());
        other
    });
    cx.urn = urn("first");
    let key: Inputs = inputs(&json!({}));
    let creates = others.iter().chain([&cx]).map(|cx| Box::pin(Adapter::<Key>::create(cx, &key)));
    for made in Stub::run(futures::future::join_all(creates)).await.0 {
        made.expect("made");
    }
    assert_eq!((stub.asked("ListKeys").len(), stub.asked("CreateKey").len()), (1, 3));
    assert_eq!(stub.asked("ListResourceTags").len(), 100, "not of AWS's own");
    assert_eq!(stub.at_once_of(|operation| operation == "ListResourceTags"), 4);
}

#[tokio::test]
async fn only_a_key_that_waits_for_its_deletion_counts_as_deleted() {
    let delete = |answers: &'static [&'static str]| async move {
        let stub = Stub::new(move |asked| match answers.get(asked.before).or(answers.last()) {
            Some(&"") | None => done(asked),
            Some(message) => Answer::Refused("KMSInvalidStateException", message),
        });
        let deleted = Stub::run(Adapter::<Key>::delete(&stub.cx(TOKEN), "k1", &inputs(&json!({})))).await;
        (deleted.0.map_err(|e| e.message), deleted.1, stub.operations().len())
    };
    assert_eq!(delete(&["arn:k1 is pending deletion."]).await, (Ok(()), Duration::ZERO, 1));
    let (deleted, _, calls) = delete(&["arn:k1 is creating.", "arn:k1 is updating.", ""]).await;
    assert_eq!((deleted, calls), (Ok(()), 3));
    let (refused, waited, _) = delete(&["arn:k1 is unavailable."]).await;
    assert_eq!(refused, Err("KMSInvalidStateException: arn:k1 is unavailable.".to_owned()));
    assert!(waited >= KEY_IS_SPREADING.limit);
}

#[tokio::test]
async fn a_change_that_would_need_another_key_is_refused() {
    let mut bench = Bench::new(Account::Member).await;
    let key = bench.create("aws:kms/key:Key", &json!({ "deletionWindowInDays": 7 })).await;
    for (property, value) in [
        ("keyUsage", json!("SIGN_VERIFY")),
        ("customerMasterKeySpec", json!("RSA_2048")),
        ("multiRegion", json!(true)),
        ("region", json!("us-east-1")),
    ] {
        let refused = bench.refusals(&key, &json!({ "deletionWindowInDays": 7, property: value })).await;
        let says = format!("`{property}` of a key that exists cannot be changed\nhint: undo the change");
        assert!(refused.len() == 1 && refused[0].starts_with(&says), "{refused:?}");
    }
    let may = json!({ "description": "d", "keyUsage": "ENCRYPT_DECRYPT", "multiRegion": false });
    assert_eq!(bench.refusals(&key, &may).await, Vec::<String>::new());
    bench.clean_up().await;
}

crate::lifecycle! {
    token: "aws:kms/key:Key",
    needs: [],
    sample: { "description": "of a test", "enableKeyRotation": true, "deletionWindowInDays": 7, "tags": { "classification": "pii" } },
    change: { "description": "changed", "enableKeyRotation": false, "tags": { "classification": "financial", "more": "yes" } },
}
