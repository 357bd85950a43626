use super::*;
use crate::stub::{Answer, Stub, done};

/// What each service answers, by its own service model, while something else changes the thing.
#[tokio::test]
async fn tags_are_changed_again_while_something_else_changes_the_thing() {
    let name = || "thing".to_owned();
    let targets: Vec<(Tagged, &'static str, [&str; 2])> = vec![
        (Box::new(Trail(name())), "ConflictException", ["AddTags", "RemoveTags"]),
        (Box::new(Ec2Thing(name())), "InvalidVpcID.NotFound", ["CreateTags", "DeleteTags"]),
        (Box::new(EventsThing(name())), "ConcurrentModificationException", ["TagResource", "UntagResource"]),
        (Box::new(FirehoseStream(name())), "ResourceInUseException", ["TagDeliveryStream", "UntagDeliveryStream"]),
        (Box::new(IamRole(name())), "ConcurrentModification", ["TagRole", "UntagRole"]),
        (Box::new(KmsKey(name())), "KMSInvalidStateException", ["TagResource", "UntagResource"]),
        (Box::new(OrganizationsThing(name())), "ConcurrentModificationException", ["TagResource", "UntagResource"]),
        (Box::new(S3Bucket(name())), "OperationAborted", ["PUT tagging", "PUT tagging"]),
        (Box::new(SnsTopic(name())), "ConcurrentAccessException", ["TagResource", "UntagResource"]),
        (Box::new(SsmParameter(name())), "TooManyUpdates", ["AddTagsToResource", "RemoveTagsFromResource"]),
    ];
    for (target, code, operations) in targets {
        let stub = Stub::new(move |asked| match (asked.operation.as_str(), asked.before) {
            ("GET tagging", _) => Answer::Refused("NoSuchTagSet", "none"),
            (_, 0) => Answer::Refused(code, "busy"),
            _ => done(asked),
        });
        let cx = stub.cx("aws:x/y:Z");
        let set = target.set(&cx, [("a".to_owned(), "1".to_owned())].into());
        assert_eq!(Stub::run(set).await.0, Ok(()), "{code}");
        assert_eq!(stub.asked(operations[0]).len(), 2, "{code}");
        let unset = Stub::run(target.unset(&cx, vec!["a".to_owned()])).await.0;
        assert_eq!(unset, Ok(()), "{code}");
        let refused = Stub::new(|_| Answer::Refused("NotToBe", "no"));
        let cx = refused.cx("aws:x/y:Z");
        let (unset, waited) = Stub::run(target.unset(&cx, vec!["a".to_owned()])).await;
        assert!(unset.is_err() && waited.is_zero(), "{code}: what does not pass is told at once");
    }
}

#[tokio::test]
async fn tags_that_a_new_thing_does_not_show_yet_are_waited_for() {
    let stub = Stub::new(|asked| match asked.before {
        0..9 => done(asked),
        _ => Answer::Json(serde_json::json!({ "Tags": { "a": "1" } })),
    });
    let target: Tagged = Box::new(SqsQueue("https://sqs/1/q".to_owned()));
    let (tags, _) = Stub::run(target.shown(&stub.cx("aws:sqs/queue:Queue"))).await;
    assert_eq!(tags, Ok([("a".to_owned(), "1".to_owned())].into()));
    let never = Stub::new(done);
    let (tags, waited) = Stub::run(target.shown(&never.cx("aws:sqs/queue:Queue"))).await;
    assert!(tags == Ok(Tags::new()) && waited >= TAGS_ARE_NEW, "{waited:?}");
}

fn wrong(token: &str, tags: &[(&str, &str)]) -> Vec<String> {
    let tags = tags.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
    refused(token, &tags).into_iter().map(|failure| failure.reason).collect()
}

const BUCKET: &str = "aws:s3/bucket:Bucket";
const VPC: &str = "aws:ec2/vpc:Vpc";

#[test]
fn tags_that_aws_takes_pass() {
    let long = ("k".repeat(128), "v".repeat(256));
    let fine = [("team a", "größe 1_.:/=+-@"), ("empty", ""), (long.0.as_str(), long.1.as_str())];
    for token in [BUCKET, VPC, "aws:kinesis/firehoseDeliveryStream:FirehoseDeliveryStream"] {
        assert_eq!(wrong(token, &fine), Vec::<String>::new(), "{token}");
    }
    assert_eq!(wrong(VPC, &[("a(b)", "c;d")]), Vec::<String>::new(), "EC2 takes any character");
}

#[test]
fn a_tag_that_aws_refuses_is_named() {
    let here = "has characters that AWS refuses here: it takes letters, digits, spaces and _.:/=+-@";
    assert_eq!(wrong(BUCKET, &[("cost", "a, b"), ("fine", "x")]), [format!("the value of tag `cost` {here}")]);
    assert_eq!(wrong(BUCKET, &[("co(st)", "a")]), [format!("tag key `co(st)` {here}")]);
    assert_eq!(wrong(BUCKET, &[("tab", "a\tb")]), [format!("the value of tag `tab` {here}")]);
    for token in ["aws:iam/role:Role", "aws:ssm/parameter:Parameter", "aws:cloudwatch/logGroup:LogGroup"] {
        assert_eq!(wrong(token, &[("a", "100%")]).len(), 1, "{token}");
    }
    assert_eq!(wrong(VPC, &[("AWS:x", "")]), ["tag key `AWS:x` is reserved"]);
    assert_eq!(wrong(VPC, &[(TAG, "")]), [format!("tag key `{TAG}` is reserved")]);
    let long = ("k".repeat(129), "v".repeat(257));
    assert_eq!(wrong(VPC, &[(&long.0, &long.1), ("", "")]).len(), 3);
}

#[test]
fn there_are_as_many_tags_as_aws_takes() {
    let some = |count: usize| (0..count).map(|i| format!("k{i}")).collect::<Vec<_>>();
    let of = |token: &str, count: usize| {
        let keys = some(count);
        wrong(token, &keys.iter().map(|k| (k.as_str(), "")).collect::<Vec<_>>()).len()
    };
    assert_eq!((of(VPC, 49), of(VPC, 50), of("aws:sqs/queue:Queue", 60)), (0, 1, 0));
}

#[test]
fn tags_over_tags_are_as_secret_as_either() {
    let object = |key: &str, value: Value| Value::Object([(key.to_owned(), value)].into());
    let (plain, hushed) = (object("a", "1".to_value()), object("b", "2".to_value().secret()));
    let both = Value::Object([("a".to_owned(), "1".to_value()), ("b".to_owned(), "2".to_value().secret())].into());
    assert_eq!(over(plain.clone(), Some(&hushed)), both);
    assert_eq!(over(hushed, Some(&plain)), both);
    let own = object("b", "2".to_value());
    let whole = over(plain.clone(), Some(&own)).secret();
    assert_eq!(over(plain.clone(), Some(&own.clone().secret())), whole);
    assert_eq!(over(plain.clone().secret(), Some(&own)), whole);
    assert_eq!(over(plain.clone(), Some(&Value::Unknown.secret())), Value::Unknown.secret());
    assert_eq!(over(plain.clone(), None), plain);
}
