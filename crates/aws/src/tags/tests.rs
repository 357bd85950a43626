use std::time::Duration;

use super::*;
use crate::{
    iam::role,
    recovery::Look,
    stub::{
        Answer, Asked, Stub, done,
        late::{Late, Refusal, SETTLED, is_waited_out},
    },
    waits::{
        BUCKET_IS_BUSY, BUCKET_IS_NEW, BUS_IS_BUSY, EC2_IS_SPREADING, FUNCTION_IS_BUSY, KEY_IS_SPREADING,
        ORGANIZATION_IS_BUSY, PARAMETER_IS_BUSY, STREAM_IS_BUSY, TABLE_IS_BUSY, TOPIC_IS_BUSY, TRAIL_IS_BUSY,
    },
};

/// What each service answers, by its own service model, while something else changes the thing, or while it is new.
#[tokio::test]
async fn tags_are_changed_again_while_something_else_changes_the_thing() {
    const CHANGING: &[Refusal] = &[("ConcurrentModificationException", "")];
    const OF_IAM: &[Refusal] = &[("ConcurrentModification", "")];
    let name = || "thing".to_owned();
    let role: (Tagged, _) = (Box::new(IamRole(name())), ["TagRole", "UntagRole"]);
    let policy: (Tagged, _) = (Box::new(IamPolicy(name())), ["TagPolicy", "UntagPolicy"]);
    let provider: (Tagged, _) =
        (Box::new(IamOpenIdConnectProvider(name())), ["TagOpenIDConnectProvider", "UntagOpenIDConnectProvider"]);
    assert_eq!(role::BUSY, OF_IAM.iter().map(|(code, _)| *code).collect::<Vec<_>>());
    let of_iam = [role, policy, provider].map(|(target, operations)| (target, operations, SETTLED, OF_IAM));
    let of_tags = ["TagResource", "UntagResource"];
    let of_bucket = ["PUT tagging"; 2];
    let bucket = || Box::new(S3Bucket("tagged-late".to_owned()));
    let targets: Vec<(Tagged, [&'static str; 2], Duration, &'static [Refusal])> = vec![
        (Box::new(Trail(name())), ["AddTags", "RemoveTags"], TRAIL_IS_BUSY.limit, &[("ConflictException", "")]),
        (
            Box::new(DynamoTable(name())),
            of_tags,
            TABLE_IS_BUSY.limit,
            &[("ResourceInUseException", ""), ("LimitExceededException", "Too many concurrent changes")],
        ),
        (
            Box::new(Ec2Thing(name())),
            ["CreateTags", "DeleteTags"],
            EC2_IS_SPREADING.limit,
            &[
                ("InvalidGroup.NotFound", ""),
                ("InvalidInternetGatewayID.NotFound", ""),
                ("InvalidRouteTableID.NotFound", ""),
                ("InvalidSubnetID.NotFound", ""),
                ("InvalidVpcEndpointId.NotFound", ""),
                ("InvalidVpcID.NotFound", ""),
            ],
        ),
        (Box::new(EventsThing(name())), of_tags, BUS_IS_BUSY.limit, CHANGING),
        (
            Box::new(FirehoseStream(name())),
            ["TagDeliveryStream", "UntagDeliveryStream"],
            STREAM_IS_BUSY.limit,
            &[("ResourceInUseException", "")],
        ),
        (
            Box::new(KmsKey(name())),
            of_tags,
            KEY_IS_SPREADING.limit,
            &[("NotFoundException", ""), ("KMSInvalidStateException", "")],
        ),
        (
            Box::new(LambdaFunction(name())),
            of_tags,
            FUNCTION_IS_BUSY.limit,
            &[("ResourceConflictException", "An update is in progress for resource: f")],
        ),
        (
            Box::new(OrganizationsThing(name())),
            of_tags,
            ORGANIZATION_IS_BUSY.limit,
            &[
                ("ConcurrentModificationException", ""),
                ("PolicyChangesInProgressException", ""),
                ("FinalizingOrganizationException", ""),
            ],
        ),
        (bucket(), of_bucket, BUCKET_IS_BUSY.limit, &[("OperationAborted", "")]),
        (bucket(), of_bucket, BUCKET_IS_NEW.limit, &[("NoSuchBucket", "")]),
        (
            Box::new(SnsTopic(name())),
            of_tags,
            TOPIC_IS_BUSY.limit,
            &[("ConcurrentAccessException", ""), ("ConcurrentAccess", "")],
        ),
        (
            Box::new(SsmParameter(name())),
            ["AddTagsToResource", "RemoveTagsFromResource"],
            PARAMETER_IS_BUSY.limit,
            &[("TooManyUpdates", "")],
        ),
    ];
    let aws = |asked: &Asked| match asked.operation.as_str() {
        "GET tagging" => Answer::Refused("NoSuchTagSet", "none"),
        _ => done(asked),
    };
    for (target, [set, unset], limit, passing) in targets.into_iter().chain(of_iam) {
        let late: Late = (set, limit, passing);
        let setting = async |cx: Cx| Ok(target.set(&cx, [("a".to_owned(), "1".to_owned())].into()).await?);
        is_waited_out("aws:x/y:Z", &[late], aws, setting).await;
        let late: Late = (unset, limit, passing);
        let unsetting = async |cx: Cx| Ok(target.unset(&cx, vec!["a".to_owned()]).await?);
        is_waited_out("aws:x/y:Z", &[late], aws, unsetting).await;
    }
}

/// What this attempt made may show late; what an earlier run made does not.
#[tokio::test]
async fn what_a_lost_create_may_have_made_is_looked_for_some_times() {
    let looks = |look: Look, shown_at: usize| async move {
        let stub = Stub::new(move |asked| match asked.operation.as_str() {
            "DescribeVpcs" if asked.before >= shown_at => {
                Answer::Xml("<vpcSet><item><vpcId>vpc-1</vpcId></item></vpcSet>".to_owned())
            }
            _ => done(asked),
        });
        let cx = stub.cx(VPC);
        let list =
            |identity| cx.clients.ec2.describe_vpcs().filters(identity).into_paginator().items().send().collect();
        let found = ec2::lost(&cx, look, list, |vpc: &aws_sdk_ec2::types::Vpc| vpc.vpc_id.as_ref());
        let (found, _) = Stub::run(found).await;
        (found.expect("looked for").is_some(), stub.asked("DescribeVpcs").len())
    };
    assert_eq!(looks(Look::Attempt, 3).await, (true, 4));
    assert_eq!(looks(Look::Attempt, usize::MAX).await, (false, 5));
    assert_eq!(looks(Look::Resource, 3).await, (false, 1));
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
