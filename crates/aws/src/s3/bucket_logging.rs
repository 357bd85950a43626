//! Where S3 logs the requests to a bucket.
//!
//! Calls: `PutBucketLogging`, `GetBucketLogging`. IAM: `s3:` + each of these; `iam:PassRole` is not needed.
//!
//! - The target bucket lies in the same region and account, and its policy lets `logging.s3.amazonaws.com` put objects:
//!   S3 looks. <https://docs.aws.amazon.com/AmazonS3/latest/userguide/enable-server-access-logging.html>, not looked up on
//!   2026-11-26. The policy may be late, and is waited for.
//! - A grant to an e-mail address becomes one to an account's canonical id: S3 shows it so.

use aws_sdk_s3::types;

use super::bucket;
use crate::{buckets, prelude::*};

/// Where S3 logs the requests to a bucket.
#[derive(Clone, Debug, Resource)]
#[resource(token = "aws:s3/bucketLogging:BucketLogging", noun = "bucket logging", handle = BucketLogging, no_outputs)]
#[resource(sdk = types::LoggingEnabled)]
pub struct Inputs {
    /// The bucket's name.
    #[resource(replace, own)]
    pub bucket: String,
    /// Account that has to own the bucket, or AWS refuses.
    #[resource(replace, own)]
    pub expected_bucket_owner: Option<String>,
    /// Name of the bucket that the log goes to.
    pub target_bucket: String,
    /// Who else may do what with the log, where that bucket has access control lists.
    #[resource(set, default)]
    pub target_grants: Vec<TargetGrant>,
    /// What the keys of the log's objects look like; AWS's default is `simplePrefix`.
    pub target_object_key_format: Option<TargetObjectKeyFormat>,
    /// What the keys of the log's objects begin with; may be empty.
    #[resource(empty)]
    pub target_prefix: String,
}

/// What somebody may do with the log.
#[derive(Clone, Debug, PartialEq, Eq, Shape)]
#[resource(name = "BucketLoggingTargetGrant", sdk = types::TargetGrant)]
pub struct TargetGrant {
    /// Who.
    pub grantee: Grantee,
    /// `FULL_CONTROL`, `READ` or `WRITE`.
    pub permission: String,
}

/// Who may do something.
#[derive(Clone, Debug, Default, PartialEq, Eq, Shape)]
#[resource(name = "BucketLoggingTargetGrantGrantee", sdk = types::Grantee)]
pub struct Grantee {
    /// E-mail address of an account, with the type `AmazonCustomerByEmail`.
    #[resource(blank)]
    pub email_address: Option<String>,
    /// Canonical id of an account, with the type `CanonicalUser`.
    #[resource(blank)]
    pub id: Option<String>,
    /// `CanonicalUser`, `AmazonCustomerByEmail` or `Group`.
    pub r#type: String,
    /// URI of a group, with the type `Group`.
    #[resource(blank)]
    pub uri: Option<String>,
}

/// What the keys of the log's objects look like: one of the two.
#[derive(Clone, Debug, PartialEq, Eq, Shape)]
#[resource(name = "BucketLoggingTargetObjectKeyFormat", sdk = types::TargetObjectKeyFormat)]
pub struct TargetObjectKeyFormat {
    /// With account, region, bucket and date as folders.
    pub partitioned_prefix: Option<PartitionedPrefix>,
    /// With date and time behind the prefix; give it empty.
    #[resource(empty)]
    pub simple_prefix: Option<SimplePrefix>,
}

/// Keys with folders.
#[derive(Clone, Debug, PartialEq, Eq, Shape)]
#[resource(name = "BucketLoggingTargetObjectKeyFormatPartitionedPrefix", sdk = types::PartitionedPrefix)]
pub struct PartitionedPrefix {
    /// Whose date it is: `EventTime`, the request's, or `DeliveryTime`, the log's.
    pub partition_date_source: String,
}

/// Keys without folders. It has no properties.
#[derive(Clone, Debug, PartialEq, Eq, Shape)]
#[resource(name = "BucketLoggingTargetObjectKeyFormatSimplePrefix")]
pub struct SimplePrefix {}

impl ToSdk<types::SimplePrefix> for SimplePrefix {
    fn to_sdk(&self) -> Answer<types::SimplePrefix> {
        Ok(types::SimplePrefix::builder().build())
    }
}
impl FromSdk<types::SimplePrefix> for SimplePrefix {
    fn from_sdk(_: types::SimplePrefix) -> Self {
        Self {}
    }
}

/// The target bucket's policy has not spread yet.
const POLICY_IS_NEW: Codes = &["InvalidTargetBucketForLogging"];

impl Setting for BucketLogging {
    const ABSENT: Codes = &["NoSuchBucket"];

    fn id_of(inputs: &Inputs) -> String {
        bucket::id_of(&inputs.bucket, inputs.expected_bucket_owner.as_deref())
    }

    fn check(checks: &mut Checks<'_>) {
        let Some(Value::Object(format)) = checks.inputs.get("targetObjectKeyFormat") else { return };
        let given =
            ["partitionedPrefix", "simplePrefix"].map(|name| format.get(name).is_some_and(|v| *v != Value::Null));
        if given == [true, true] || (given == [false, false] && !format.is_empty()) {
            checks.wrong("targetObjectKeyFormat", "give `partitionedPrefix` or `simplePrefix`, one of them");
        }
    }

    fn reduce(olds: Option<&Map>, live: &mut Map) {
        // what AWS does by default is no news where nothing was asked for
        let asked = olds.is_none_or(|olds| olds.get("targetObjectKeyFormat").is_some_and(|said| *said != Value::Null));
        let is_simple = |format: &Value| {
            matches!(format, Value::Object(format) if !format.contains_key("partitionedPrefix")
            || format["partitionedPrefix"] == Value::Null)
        };
        if !asked && live.get("targetObjectKeyFormat").is_some_and(is_simple) {
            live.remove("targetObjectKeyFormat");
        }
    }

    async fn put(cx: &Cx, _: Option<&Inputs>, new: &Inputs) -> Answer {
        let status = types::BucketLoggingStatus::builder().logging_enabled(new.to_sdk()?).build();
        let call = cx.clients.s3.put_bucket_logging().bucket(&new.bucket).bucket_logging_status(status);
        let call = call.set_expected_bucket_owner(new.expected_bucket_owner.clone());
        propagation::told(POLICY_IS_NEW, || buckets::given(&new.bucket, || call.clone().send())).await.done()
    }

    async fn read(cx: &Cx, id: &str) -> Answer<Option<Inputs>> {
        let (bucket, owner) = bucket::parts_of(id);
        let call = cx.clients.s3.get_bucket_logging().bucket(&bucket).set_expected_bucket_owner(owner.clone());
        let logging = call.send().await?.logging_enabled;
        Ok(logging.map(|logging| Inputs { bucket, expected_bucket_owner: owner, ..Inputs::from_sdk(logging) }))
    }

    async fn reset(cx: &Cx, id: &str, _: &Inputs) -> Answer {
        let (bucket, owner) = bucket::parts_of(id);
        let nothing = types::BucketLoggingStatus::builder().build();
        let call = cx.clients.s3.put_bucket_logging().bucket(&bucket).bucket_logging_status(nothing);
        let call = call.set_expected_bucket_owner(owner);
        buckets::changed(&bucket, || call.clone().send()).await.done()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value as Json, json};

    use super::*;
    use crate::{
        stub::{Answer, Stub, done, inputs},
        testing::{CustomResource as _, Set, map},
    };

    const TOKEN: &str = "aws:s3/bucketLogging:BucketLogging";
    const LETS_IN: &str = r#"{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"Service": "logging.s3.amazonaws.com"}, "Action": "s3:PutObject", "Resource": "arn:aws:s3:::logs-{unique}/*"}]}"#;

    crate::lifecycle! {
        token: "aws:s3/bucketLogging:BucketLogging",
        needs: [
            ("aws:s3/bucket:Bucket", { "bucket": "logged-{unique}" }),
            ("aws:s3/bucket:Bucket", { "bucket": "logs-{unique}", "forceDestroy": true }),
            ("aws:s3/bucketPolicy:BucketPolicy", { "bucket": "${1.id}", "policy": LETS_IN }),
        ],
        sample: { "bucket": "${0.id}", "targetBucket": "${1.id}", "targetPrefix": "" },
        change: { "targetPrefix": "log/" },
    }

    #[tokio::test]
    async fn a_policy_that_has_not_spread_is_waited_for() {
        let stub = Stub::new(|asked| match asked.before {
            0..3 => Answer::Refused("InvalidTargetBucketForLogging", "You must give the log-delivery group WRITE"),
            _ => done(asked),
        });
        let wanted = inputs(&json!({ "bucket": "b", "targetBucket": "l", "targetPrefix": "" }));
        Stub::run(Set::<BucketLogging>::create(&stub.cx(TOKEN), &wanted)).await.0.expect("put");
        assert_eq!(stub.asked("PUT logging").len(), 4);
    }

    #[test]
    fn a_logging_survives_the_way_to_aws_and_back() {
        let of = |format: Json| -> Inputs {
            let grant = json!({ "grantee": { "type": "Group", "uri": "u" }, "permission": "READ" });
            inputs(&json!({ "bucket": "b", "targetBucket": "l", "targetPrefix": "p", "targetGrants": [grant],
                "targetObjectKeyFormat": format }))
        };
        for format in
            [json!({ "simplePrefix": {} }), json!({ "partitionedPrefix": { "partitionDateSource": "EventTime" } })]
        {
            let wanted = of(format);
            let sdk: types::LoggingEnabled = wanted.to_sdk().expect("nothing is missing");
            let back = Inputs::from_sdk(sdk);
            assert_eq!(back.target_object_key_format, wanted.target_object_key_format);
            assert_eq!(back.target_grants, wanted.target_grants);
        }
    }

    #[test]
    fn keys_have_one_format_and_the_default_is_no_news() {
        let wrong = |format: Json| Set::<BucketLogging>::check(&map(&json!({ "targetObjectKeyFormat": format }))).len();
        let partitioned = json!({ "partitionDateSource": "EventTime" });
        assert_eq!(wrong(json!({ "simplePrefix": {}, "partitionedPrefix": partitioned })), 1);
        assert_eq!((wrong(json!({ "simplePrefix": {} })), wrong(json!({ "partitionedPrefix": partitioned }))), (0, 0));
        let reduced = |olds: Option<Json>, format: Json| {
            let mut live = map(&json!({ "targetObjectKeyFormat": format }));
            <BucketLogging as Setting>::reduce(olds.map(|olds| map(&olds)).as_ref(), &mut live);
            live.len()
        };
        let simple = json!({ "simplePrefix": {} });
        assert_eq!(reduced(Some(json!({})), simple.clone()), 0);
        assert_eq!(reduced(Some(json!({ "targetObjectKeyFormat": simple })), simple.clone()), 1);
        assert_eq!(
            (reduced(None, simple), reduced(Some(json!({})), json!({ "partitionedPrefix": partitioned }))),
            (1, 1)
        );
    }
}
