//! What stands here for all types, tried on some of them.

use serde_json::{Value as Json, json};

use crate::{
    cloudwatch::{EventArchive, LogGroup},
    recovery::TAG,
    resource::Adapter,
    stub::{self, Answer, Asked, Stub, done},
    testing::CustomResource as _,
    waits::SECOND_LOOK,
};

const LOG_GROUP: &str = "aws:cloudwatch/logGroup:LogGroup";
const ARCHIVE: &str = "aws:cloudwatch/eventArchive:EventArchive";

/// A log group of this class that exists already, with this value of the identity tag.
fn log_group(class: &'static str, identity: String) -> impl Fn(&Asked) -> Answer {
    move |asked| match asked.operation.as_str() {
        "CreateLogGroup" => Answer::Refused("ResourceAlreadyExistsException", "The specified log group already exists"),
        "DescribeLogGroups" => Answer::Json(
            json!({ "logGroups": [{ "logGroupName": "g", "logGroupClass": class, "retentionInDays": 3 }] }),
        ),
        "ListTagsForResource" => Answer::Json(json!({ "tags": { TAG: identity } })),
        _ => done(asked),
    }
}

/// What became of a log group, and what was written besides.
async fn created(script: impl Fn(&Asked) -> Answer + Send + Sync + 'static) -> (Result<(), String>, Vec<String>) {
    let stub = Stub::new(script);
    let cx = stub.cx(LOG_GROUP);
    cx.recovery.begin([].into(), [].into());
    let wanted = stub::inputs(&json!({ "name": "g", "logGroupClass": "STANDARD", "retentionInDays": 7 }));
    let made = Box::pin(Adapter::<LogGroup>::create(&cx, &wanted)).await;
    let made = made.map_err(|error| error.message).and_then(|made| made.incomplete.map_or(Ok(()), |e| Err(e.message)));
    let writes = stub.operations().into_iter().filter(|o| !o.starts_with("Describe") && !o.starts_with("List"));
    (made, writes.filter(|operation| operation != "CreateLogGroup").collect())
}

/// The identity tag of the resource that a stub's operations are on.
fn ours() -> String {
    let stub = Stub::new(done);
    let identity = stub.cx(LOG_GROUP).identity.value();
    // another attempt for the same resource
    format!("{}.000000000000", identity.split('.').next().unwrap_or_default())
}

#[tokio::test]
async fn one_that_is_ours_is_claimed_and_changed() {
    let (made, writes) = Stub::run(created(log_group("STANDARD", ours()))).await.0;
    assert_eq!(made, Ok(()));
    assert_eq!(writes, ["TagResource", "PutRetentionPolicy"]);
}

#[tokio::test]
async fn one_that_cannot_become_what_is_wanted_is_refused_before_anything_is_written() {
    let (made, writes) = Stub::run(created(log_group("INFREQUENT_ACCESS", ours()))).await.0;
    let why = made.expect_err("it has another class");
    assert!(why.contains("`g` exists already, and its `logGroupClass` is `INFREQUENT_ACCESS`"), "{why}");
    assert_eq!(writes, Vec::<String>::new());
}

#[tokio::test]
async fn one_of_somebody_else_is_refused_before_anything_is_written() {
    let (made, writes) = Stub::run(created(log_group("STANDARD", "another.1".to_owned()))).await.0;
    let why = made.expect_err("it is not ours");
    assert!(why.contains("its tags do not prove it ours"), "{why}");
    assert_eq!(writes, Vec::<String>::new());
}

/// A type without tags: what it is set on proves it.
#[tokio::test]
async fn an_archive_of_another_bus_is_refused() {
    let archive = |bus: &'static str| {
        Stub::new(move |asked| match asked.operation.as_str() {
            "CreateArchive" => Answer::Refused("ResourceAlreadyExistsException", "Archive a already exists."),
            "DescribeArchive" => Answer::Json(
                json!({ "ArchiveName": "a", "EventSourceArn": bus, "State": "ENABLED", "RetentionDays": 1 }),
            ),
            _ => done(asked),
        })
    };
    let wanted: Json = json!({ "name": "a", "eventSourceArn": "arn:bus", "retentionDays": 2 });
    for (bus, refused) in [("arn:bus", None), ("arn:other", Some("its `eventSourceArn` is `arn:other`"))] {
        let stub = archive(bus);
        let made = Stub::run(Adapter::<EventArchive>::create(&stub.cx(ARCHIVE), &stub::inputs(&wanted))).await.0;
        let said = made.err().map(|error| error.message);
        assert_eq!(said.is_some(), refused.is_some(), "{said:?}");
        assert!(refused.is_none_or(|why| said.is_some_and(|said| said.contains(why))), "{bus}");
        assert_eq!(stub.asked("UpdateArchive").len(), usize::from(refused.is_none()), "{bus}");
    }
}

/// Of AWS's servers, one may say that it exists, and another one not know it yet.
#[tokio::test]
async fn one_that_exists_and_does_not_show_yet_is_looked_for_again() {
    for (shown_at, is_there) in [(4, true), (usize::MAX, false)] {
        let script = log_group("STANDARD", ours());
        let late = move |asked: &Asked| match asked.operation.as_str() {
            "DescribeLogGroups" if asked.before < shown_at => done(asked),
            _ => script(asked),
        };
        let ((made, writes), waited) = Stub::run(created(late)).await;
        if is_there {
            assert_eq!((made, writes), (Ok(()), vec!["TagResource".to_owned(), "PutRetentionPolicy".to_owned()]));
        } else {
            let why = made.expect_err("it never shows");
            assert!(why.contains("`g` existed a moment ago, but is gone now") && waited >= SECOND_LOOK, "{why}");
            assert_eq!(writes, Vec::<String>::new());
        }
    }
}
