//! An S3 bucket.
//!
//! Calls: `CreateBucket`, `HeadBucket`, `GetObjectLockConfiguration`, `GetBucketTagging`, `PutBucketTagging`, `DeleteBucket`;
//! with `forceDestroy` also `ListObjectVersions`, `DeleteObjects`, `ListMultipartUploads`, `AbortMultipartUpload`.
//! IAM: `s3:CreateBucket`, `s3:TagResource`, `s3:ListBucket`, `s3:GetBucketObjectLockConfiguration`,
//! `s3:GetBucketTagging`, `s3:PutBucketTagging`, `s3:DeleteBucket`; with `forceDestroy` also `s3:ListBucketVersions`,
//! `s3:DeleteObject`, `s3:DeleteObjectVersion`, `s3:ListBucketMultipartUploads`, `s3:AbortMultipartUpload`.
//!
//! - Names are global: a name that another account has is refused with the way out.
//! - us-east-1 answers 200 when one creates a bucket one has already, and resets its ACLs: it is looked for first.
//! - It is not replaced while it may hold data: a change that would is refused, unless it was deployed with `forceDestroy`.
//! - What the official type can also say inline (versioning, encryption, policy, ..) has types of its own.

use aws_sdk_s3::{
    error::SdkError,
    operation::head_bucket::HeadBucketError,
    types::{BucketLocationConstraint, CreateBucketConfiguration, Tag},
};
use futures::future::join;

use crate::{
    buckets,
    emptying::{self, Governance},
    error, lasting,
    prelude::*,
    tags::S3Bucket,
};

/// An S3 bucket.
#[derive(Clone, Debug, Resource)]
#[resource(token = "aws:s3/bucket:Bucket", noun = "S3 bucket", handle = Bucket, tags)]
pub struct Inputs {
    /// Name, unique in the world: 3 to 63 lower-case letters, digits, dots and hyphens. The resource's id is the same.
    #[resource(replace, autoname, computed)]
    pub bucket: Option<String>,
    /// Start of a name that the provider completes, up to 37 characters; or give `bucket`.
    #[resource(replace, unread)]
    pub bucket_prefix: Option<String>,
    /// Whether deleting the bucket deletes what is in it, with all versions. Objects under Object Lock are kept, and named.
    #[resource(unread, default = false)]
    pub force_destroy: bool,
    /// Whether it is made with Object Lock, and so with versioning.
    #[resource(replace, computed)]
    pub object_lock_enabled: Option<bool>,
}

/// Outputs of a bucket.
#[derive(Clone, Debug, Outputs)]
#[resource(handle = Bucket)]
pub struct Outputs {
    /// ARN.
    pub arn: String,
    /// Host name that is the same in every region.
    pub bucket_domain_name: String,
    /// Region it lies in.
    pub bucket_region: String,
    /// Host name in its region.
    pub bucket_regional_domain_name: String,
    /// Route 53 hosted zone of the region's S3 websites; empty for a region not known yet.
    pub hosted_zone_id: String,
}

const NOT_EMPTY: Codes = &["BucketNotEmpty"];
const WAY_OUT: &str = "undo the change. For a bucket with other settings, add a second one, copy the objects into it, and \
                       remove this one at the end; if what is in it may go, set `forceDestroy` and deploy that first";
const US_EAST_1: &str = "us-east-1";

impl AwsResource for Bucket {
    const ABSENT: Codes = &["NoSuchBucket"];
    // no EXISTS: create adopts by itself, as the name may be one that a prefix gave
    const PRESENCE: Presence = Presence::Named;

    fn tagged(_: &Cx, id: &str) -> Tagged {
        Box::new(S3Bucket(id.to_owned()))
    }

    fn check_adoption(_: &Map, _: &Map) -> Vec<Failure> {
        Vec::new()
    }

    fn check(checks: &mut Checks<'_>) {
        let rules = "3 to 63 lower-case letters, digits, dots and hyphens, a letter or digit at both ends";
        checks.not_both("bucket", "bucketPrefix");
        if let Some(name) = checks.text("bucket").filter(|name| !is_name(name)) {
            checks.wrong("bucket", format!("`{name}` is no bucket name: it takes {rules}"));
        }
        if checks.text("bucketPrefix").is_some_and(|prefix| prefix.len() > 37 || !is_name(&format!("{prefix}00"))) {
            let reason = format!("with 26 characters behind it, it has to be a bucket name: {rules}");
            checks.wrong("bucketPrefix", reason);
        }
    }

    fn check_change(olds: &Map, news: &Map) -> Vec<Failure> {
        // what is in it may go: it was deployed with `forceDestroy`, and so deleting it empties it
        if olds.get("forceDestroy") == Some(&Value::Bool(true)) {
            return Vec::new();
        }
        lasting::refused::<Self>("a bucket", WAY_OUT, olds, news)
    }

    async fn create(cx: &Cx, inputs: &Inputs) -> Answer<Created<Outputs>> {
        let name = name(cx, inputs);
        if cx.region == US_EAST_1 && cx.clients.s3.head_bucket().bucket(&name).send().await.is_ok() {
            return resource::adopt::<Self>(cx, &name, inputs).await;
        }
        let constraint = (cx.region != US_EAST_1).then(|| BucketLocationConstraint::from(cx.region.as_str()));
        let tags = built(cx.tags_as(|k, v| Tag::builder().key(k).value(v).build()))?;
        let configuration =
            CreateBucketConfiguration::builder().set_location_constraint(constraint).set_tags(Some(tags)).build();
        let call = cx.clients.s3.create_bucket().bucket(&name).create_bucket_configuration(configuration);
        let call = call.set_object_lock_enabled_for_bucket(inputs.object_lock_enabled);
        // the name of a bucket deleted a moment ago is not free yet
        match buckets::changed(&name, || call.clone().send()).await.done() {
            Ok(()) => Ok(Created::new(&name, outputs(cx, &name, &cx.region))),
            Err(refusal) if refusal.is(&["BucketAlreadyOwnedByYou"]) => {
                resource::adopt::<Self>(cx, &name, inputs).await
            }
            Err(refusal) if refusal.is(&["BucketAlreadyExists"]) => {
                let taken = Error::new(format!("another account has a bucket named `{name}`"));
                let way_out = "bucket names are global: choose another one, such as this one with a suffix of your own";
                Err(taken.hint(way_out).into())
            }
            Err(refusal) => Err(refusal),
        }
    }

    async fn read(cx: &Cx, id: &str) -> Answer<Option<Live<Inputs, Outputs>>> {
        let (head, lock) = join(
            cx.clients.s3.head_bucket().bucket(id).send(),
            cx.clients.s3.get_object_lock_configuration().bucket(id).send(),
        )
        .await;
        let head = match head {
            Ok(head) => head,
            Err(failure) => return unseen(failure),
        };
        let lock = lock.found(&["ObjectLockConfigurationNotFoundError", "NoSuchBucket"])?;
        let inputs = Inputs {
            bucket: Some(id.to_owned()),
            bucket_prefix: None,
            force_destroy: false,
            object_lock_enabled: Some(lock.is_some()),
        };
        let region = head.bucket_region.unwrap_or_else(|| cx.region.clone());
        Ok(Some(Live { inputs, outputs: outputs(cx, id, &region) }))
    }

    async fn update(_: &Cx, _: &str, _: &Inputs, _: &Inputs, outputs: Outputs) -> Answer<Outputs> {
        // what can change without a new bucket, `forceDestroy`, is not sent to AWS
        Ok(outputs)
    }

    async fn delete(cx: &Cx, id: &str, inputs: &Inputs) -> Answer {
        let mut round = 0;
        loop {
            if inputs.force_destroy {
                emptying::empty(&cx.clients.s3, id, Governance::Heeded).await?;
            }
            let call = cx.clients.s3.delete_bucket().bucket(id);
            match buckets::changed(id, || call.clone().send()).await.done() {
                // somebody may still write, and what was deleted may still be listed
                Err(refusal) if refusal.is(NOT_EMPTY) && inputs.force_destroy && round < 5 => round += 1,
                Err(refusal) if refusal.is(NOT_EMPTY) && inputs.force_destroy => {
                    return Err(refusal.hint("something keeps writing into it: stop that first"));
                }
                Err(refusal) if refusal.is(NOT_EMPTY) => {
                    return Err(refusal.hint("empty it, or set `forceDestroy` and deploy that first"));
                }
                done => return done,
            }
            waits::clock::sleep(waits::back_off(round)).await;
        }
    }
}

/// The id of what hangs on a bucket: its name, and the expected owner where there is one.
pub(super) fn id_of(bucket: &str, owner: Option<&str>) -> String {
    owner.map_or_else(|| bucket.to_owned(), |owner| format!("{bucket},{owner}"))
}

/// Name and expected owner in such an id.
pub(super) fn parts_of(id: &str) -> (String, Option<String>) {
    let (bucket, owner) = id.split_once(',').map_or((id, None), |(bucket, owner)| (bucket, Some(owner.to_owned())));
    (bucket.to_owned(), owner)
}

fn is_name(name: &str) -> bool {
    let edge = |c: Option<char>| c.is_some_and(|c| c.is_ascii_lowercase() || c.is_ascii_digit());
    let inside = |c: char| edge(Some(c)) || c == '-' || c == '.';
    (3..=63).contains(&name.len()) && name.chars().all(inside) && edge(name.chars().next()) && edge(name.chars().last())
}

/// The name, or the prefix with a suffix that is the same at every attempt to make this resource.
fn name(cx: &Cx, inputs: &Inputs) -> String {
    // the identity starts with a digest of the URN
    let prefixed = || format!("{}{}", inputs.bucket_prefix.as_deref().unwrap_or_default(), &cx.identity.value()[..26]);
    inputs.bucket.clone().unwrap_or_else(prefixed)
}

fn outputs(cx: &Cx, name: &str, region: &str) -> Outputs {
    let domain = if cx.partition == "aws-cn" { "amazonaws.com.cn" } else { "amazonaws.com" };
    Outputs {
        arn: format!("arn:{}:s3:::{name}", cx.partition),
        bucket_domain_name: format!("{name}.s3.{domain}"),
        bucket_region: region.to_owned(),
        bucket_regional_domain_name: format!("{name}.s3.{region}.{domain}"),
        hosted_zone_id: hosted_zone(region).to_owned(),
    }
}

/// Why `HeadBucket` failed: its answer has a status and no words.
fn unseen<T>(failure: error::Failure<HeadBucketError>) -> Answer<Option<T>> {
    let SdkError::ServiceError(service) = &failure else { return Err(failure.into()) };
    let error = match service.raw().status().as_u16() {
        404 => return Ok(None),
        403 => Error::new("AccessDenied: AWS does not let us see the bucket")
            .hint("it may belong to another account, or the credentials lack s3:ListBucket"),
        301 => {
            let region = service.raw().headers().get("x-amz-bucket-region").unwrap_or("another region");
            Error::new(format!("the bucket lies in {region}")).hint("set the resource's `region`")
        }
        _ => return Err(failure.into()),
    };
    Err(error.into())
}

/// <https://docs.aws.amazon.com/general/latest/gr/s3.html#s3_website_region_endpoints>, as of 2026-11.
fn hosted_zone(region: &str) -> &'static str {
    match region {
        "af-south-1" => "Z83WF9RJE8B12",
        "ap-east-1" => "ZNB98KWMFR0R6",
        "ap-northeast-1" => "Z2M4EHUR26P7ZW",
        "ap-northeast-2" => "Z3W03O7B5YMIYP",
        "ap-northeast-3" => "Z2YQB5RD63NC85",
        "ap-south-1" => "Z11RGJOFQNVJUP",
        "ap-south-2" => "Z02976202B4EZMXIPMXF7",
        "ap-southeast-1" => "Z3O0J2DXBE1FTB",
        "ap-southeast-2" => "Z1WCIGYICN2BYD",
        "ap-southeast-3" => "Z01846753K324LI26A3VV",
        "ap-southeast-4" => "Z0312387243XT5FE14WFO",
        "ap-southeast-5" => "Z08660063OXLMA7F1FJHU",
        "ca-central-1" => "Z1QDHH18159H29",
        "ca-west-1" => "Z03565811Z33SLEZTHOUL",
        "cn-north-1" => "Z5CN8UMXT92WN",
        "cn-northwest-1" => "Z282HJ1KT0DH03",
        "eu-central-1" => "Z21DNDUVLTQW6Q",
        "eu-central-2" => "Z030506016YDQGETNASS",
        "eu-north-1" => "Z3BAZG2TWCNX0D",
        "eu-south-1" => "Z30OZKI7KPW7MI",
        "eu-south-2" => "Z0081959F7139GRJC19J",
        "eu-west-1" => "Z1BKCTXD74EZPE",
        "eu-west-2" => "Z3GKZC51ZF0DB4",
        "eu-west-3" => "Z3R1K369G5AVDG",
        "il-central-1" => "Z09640613K4A3MN55U7GU",
        "me-central-1" => "Z06143092I8HRXZRUZROF",
        "me-south-1" => "Z1MPMWCPA7YB62",
        "sa-east-1" => "Z7KQH4QJS55SO",
        "us-east-1" => "Z3AQBSTGFYJSTF",
        "us-east-2" => "Z2O1EMRO9K5GLX",
        "us-gov-east-1" => "Z2NIFVYYW2VKV1",
        "us-gov-west-1" => "Z31GFT0UA1I2HV",
        "us-west-1" => "Z2F56UZL2M1ACD",
        "us-west-2" => "Z3BJ6K6RIION7M",
        _ => "",
    }
}

#[cfg(test)]
mod tests {
    use pulumi::value::ToValue;

    use serde_json::json;

    use super::*;
    use crate::{
        stub::{
            Answer, Stub, done, inputs,
            late::{Late, Refusal, is_waited_out, wholly},
        },
        testing::{Adapter, CustomResource as _},
        waits::BUCKET_IS_BUSY,
    };

    const TOKEN: &str = "aws:s3/bucket:Bucket";

    #[tokio::test]
    async fn a_bucket_is_made_and_deleted_again_while_s3_is_at_one_of_its_name() {
        const CHANGING: &[Refusal] = &[("OperationAborted", "")];
        let bucket: Inputs = inputs(&json!({ "bucket": "late-bucket" }));
        let late: &[Late] = &[("PUT", BUCKET_IS_BUSY.limit, CHANGING), ("DELETE", BUCKET_IS_BUSY.limit, CHANGING)];
        let life = async |cx: Cx| {
            wholly(Adapter::<Bucket>::create(&cx, &bucket).await?)?;
            Adapter::<Bucket>::delete(&cx, "late-bucket", &bucket).await
        };
        is_waited_out(TOKEN, late, done, life).await;
    }

    /// What was deleted may still be listed, and somebody may still write.
    #[tokio::test]
    async fn a_bucket_that_may_be_emptied_is_emptied_again_when_s3_says_that_it_is_not_empty() {
        let deleted = |force: bool, refusals: usize| async move {
            let stub = Stub::new(move |asked| match asked.operation.as_str() {
                "DELETE" if asked.before < refusals => Answer::Refused("BucketNotEmpty", "not empty"),
                "GET versions" => Answer::Xml("<ListVersionsResult></ListVersionsResult>".to_owned()),
                "GET uploads" => Answer::Xml("<ListMultipartUploadsResult></ListMultipartUploadsResult>".to_owned()),
                _ => done(asked),
            });
            let bucket: Inputs = inputs(&json!({ "bucket": "late-emptied", "forceDestroy": force }));
            let cx = stub.cx(TOKEN);
            let (deleted, _) = Stub::run(Box::pin(Adapter::<Bucket>::delete(&cx, "late-emptied", &bucket))).await;
            let hint = deleted.map_err(|error| error.hint.unwrap_or_default());
            (hint, stub.asked("GET versions").len(), stub.asked("DELETE").len())
        };
        assert_eq!(deleted(true, 2).await, (Ok(()), 3, 3));
        let writing = "something keeps writing into it: stop that first".to_owned();
        assert_eq!(deleted(true, usize::MAX).await, (Err(writing), 6, 6));
        let way_out = "empty it, or set `forceDestroy` and deploy that first".to_owned();
        assert_eq!(deleted(false, usize::MAX).await, (Err(way_out), 0, 1));
    }

    crate::lifecycle! {
        token: "aws:s3/bucket:Bucket",
        needs: [],
        sample: { "bucket": "bucket-{unique}", "tags": { "classification": "pii" } },
        change: { "forceDestroy": true, "tags": { "classification": "financial", "extra": "1" } },
    }

    #[test]
    fn one_that_may_hold_data_is_not_replaced() {
        let bucket = |name: &str, region: &str, force: bool| -> Map {
            let texts = [("bucket", name), ("region", region)].map(|(k, v)| (k.to_owned(), v.to_value()));
            texts.into_iter().chain([("forceDestroy".to_owned(), force.to_value())]).collect()
        };
        let refused = |olds: &Map, news: &Map| {
            let failures = <Bucket as AwsResource>::check_change(olds, news);
            failures.into_iter().map(|failure| failure.property).collect::<Vec<_>>().join(" ")
        };
        let old = bucket("a", "x", false);
        assert_eq!(refused(&old, &bucket("b", "y", true)), "bucket region");
        let mut locked = old.clone();
        locked.insert("objectLockEnabled".to_owned(), true.to_value());
        assert_eq!(refused(&old, &locked), "objectLockEnabled");
        assert_eq!((refused(&old, &bucket("a", "x", true)), refused(&locked, &old)), (String::new(), String::new()));
        assert_eq!(refused(&bucket("a", "x", true), &bucket("b", "y", false)), "", "what is in it may go");
    }

    #[test]
    fn names_are_checked() {
        assert!(["abc", "acme-lake-dev", "a.b-c9", &"a".repeat(63)].into_iter().all(is_name));
        assert!(!["ab", "Acme", "a_b", "-abc", "abc-", "abc.", &"a".repeat(64)].into_iter().any(is_name));
        let failures = |bucket: Option<&str>, prefix: Option<&str>| {
            let given = [("bucket", bucket), ("bucketPrefix", prefix)];
            let inputs = given.into_iter().filter_map(|(k, v)| Some((k.to_owned(), v?.to_value()))).collect();
            Adapter::<Bucket>::check(&inputs).len()
        };
        assert_eq!(
            (failures(Some("abc"), None), failures(None, Some("a-")), failures(Some("abc"), Some("a-"))),
            (0, 0, 1)
        );
        assert_eq!(
            (failures(Some("A"), None), failures(None, Some("-a")), failures(None, Some(&"a".repeat(38)))),
            (1, 1, 1)
        );
    }

    #[test]
    fn ids_carry_the_expected_owner() {
        for (bucket, owner) in [("b", None), ("b", Some("111122223333"))] {
            assert_eq!(parts_of(&id_of(bucket, owner)), (bucket.to_owned(), owner.map(str::to_owned)));
        }
    }
}
