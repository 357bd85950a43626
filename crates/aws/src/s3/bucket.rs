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

use std::collections::BTreeMap;

use aws_sdk_s3::{
    error::SdkError,
    operation::head_bucket::HeadBucketError,
    types::{BucketLocationConstraint, CreateBucketConfiguration, Tag},
};
use derive::{Outputs, Resource};
use futures::future::join;
use pulumi::{
    provider::{
        adopt::Presence,
        check::Failure,
        resource::{Created, CustomResource, Error, Kind, Live},
    },
    value::{Map, Value},
};

use crate::{
    buckets,
    context::Cx,
    emptying::{self, Governance},
    error::{self, code, failed, found, gone},
    lasting,
    tags::{S3Bucket, Taggable, Tagged, WithTags},
    waits,
};

/// An S3 bucket.
#[derive(Clone, Debug, Resource)]
#[resource(token = "aws:s3/bucket:Bucket", noun = "S3 bucket", handle = Bucket)]
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
    /// Tags, beside the provider's default tags.
    #[resource(default)]
    pub tags: BTreeMap<String, String>,
}

/// What AWS adds to a bucket.
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

const ABSENT: &[&str] = &["NoSuchBucket"];
const WAY_OUT: &str = "put it back as it was; for a bucket that differs add another one, copy the objects into it, and \
                       take this one away at the end; if what is in it may go, set `forceDestroy` and deploy that first";
const US_EAST_1: &str = "us-east-1";

impl CustomResource for Bucket {
    type Context = Cx;
    type Inputs = Inputs;
    type Outputs = Outputs;

    const PRESENCE: Presence = Presence::Named;

    fn check_adoption(_: &Map, _: &Map) -> Vec<Failure> {
        Vec::new()
    }

    fn id_of(_: &Cx, inputs: &Inputs) -> Option<String> {
        inputs.bucket.clone()
    }

    fn check(inputs: &Map) -> Vec<Failure> {
        let text = |property: &str| inputs.get(property).and_then(Value::as_str);
        let wrong = |property: &str, reason: &str| Failure { property: property.to_owned(), reason: reason.to_owned() };
        let rules = "3 to 63 lower-case letters, digits, dots and hyphens, a letter or digit at both ends";
        let both = inputs.contains_key("bucket") && inputs.contains_key("bucketPrefix");
        let both = both.then(|| wrong("bucketPrefix", "give either `bucket` or `bucketPrefix`"));
        let name = text("bucket")
            .filter(|name| !is_name(name))
            .map(|name| wrong("bucket", &format!("`{name}` is no bucket name: it takes {rules}")));
        let prefix = text("bucketPrefix").filter(|prefix| prefix.len() > 37 || !is_name(&format!("{prefix}00")));
        let prefix = prefix.map(|_| {
            wrong("bucketPrefix", &format!("with 26 characters behind it, it has to be a bucket name: {rules}"))
        });
        [both, name, prefix].into_iter().flatten().collect()
    }

    fn check_change(olds: &Map, news: &Map) -> Vec<Failure> {
        // what is in it may go: it was deployed with the word for that, and so deleting it empties it
        if olds.get("forceDestroy") == Some(&Value::Bool(true)) {
            return Vec::new();
        }
        lasting::refused::<Self>("a bucket", WAY_OUT, olds, news)
    }

    async fn create(cx: &Cx, inputs: &Inputs) -> Result<Created<Outputs>, Error> {
        let name = name(cx, inputs);
        if cx.region == US_EAST_1 && cx.clients.s3.head_bucket().bucket(&name).send().await.is_ok() {
            return adopt(cx, &name, inputs).await;
        }
        let tags = tags(cx)?;
        let constraint = (cx.region != US_EAST_1).then(|| BucketLocationConstraint::from(cx.region.as_str()));
        let configuration =
            CreateBucketConfiguration::builder().set_location_constraint(constraint).set_tags(Some(tags)).build();
        let call = cx.clients.s3.create_bucket().bucket(&name).create_bucket_configuration(configuration);
        let call = call.set_object_lock_enabled_for_bucket(inputs.object_lock_enabled);
        // the name of a bucket deleted a moment ago is not free yet
        match buckets::changed(&name, || call.clone().send()).await {
            Ok(_) => Ok(Created::new(&name, outputs(cx, &name, &cx.region))),
            Err(failure) => match code(&failure) {
                Some("BucketAlreadyOwnedByYou") => adopt(cx, &name, inputs).await,
                Some("BucketAlreadyExists") => Err(Error::new(format!("another account has a bucket named `{name}`"))
                    .hint("bucket names are global: choose another one, such as this one with a suffix of your own")),
                _ => Err(failed(failure)),
            },
        }
    }

    async fn read(cx: &Cx, id: &str) -> Result<Option<Live<Inputs, Outputs>>, Error> {
        let (head, lock) = join(cx.clients.s3.head_bucket().bucket(id).send(), is_locked(cx, id)).await;
        let head = match head {
            Ok(head) => head,
            Err(failure) => return unseen(failure),
        };
        let inputs = Inputs {
            bucket: Some(id.to_owned()),
            bucket_prefix: None,
            force_destroy: false,
            object_lock_enabled: Some(lock?),
            tags: BTreeMap::new(),
        };
        let region = head.bucket_region.unwrap_or_else(|| cx.region.clone());
        Ok(Some(Live { inputs, outputs: outputs(cx, id, &region) }))
    }

    async fn update(_: &Cx, _: &str, _: &Inputs, _: &Inputs, outputs: Outputs) -> Result<Outputs, Error> {
        // what can change without a new bucket is no business of AWS's: `forceDestroy`
        Ok(outputs)
    }

    async fn delete(cx: &Cx, id: &str, inputs: &Inputs) -> Result<(), Error> {
        let mut round = 0;
        loop {
            if inputs.force_destroy {
                emptying::empty(&cx.clients.s3, id, Governance::Heeded).await?;
            }
            let call = cx.clients.s3.delete_bucket().bucket(id);
            let deleted = buckets::changed(id, || call.clone().send()).await;
            match &deleted {
                // somebody may still write, and what was deleted may still be listed
                Err(failure) if code(failure) == Some("BucketNotEmpty") && inputs.force_destroy && round < 5 => {
                    round += 1;
                }
                Err(failure) if code(failure) == Some("BucketNotEmpty") => {
                    let hint = if inputs.force_destroy {
                        "something keeps writing into it: stop that first"
                    } else {
                        "empty it, or set `forceDestroy` and deploy that first"
                    };
                    return gone(deleted, ABSENT).map_err(|e| e.hint(hint));
                }
                _ => return gone(deleted, ABSENT),
            }
            waits::clock::sleep(waits::back_off(round)).await;
        }
    }
}

impl Taggable for Bucket {
    fn tagged(_: &Cx, id: &str) -> Tagged {
        Box::new(S3Bucket(id.to_owned()))
    }
}

pub(crate) fn kind() -> Box<dyn Kind<Cx>> {
    Box::new(WithTags::<Bucket>::new())
}

/// The id of what hangs on a bucket: its name, and the expected owner where there is one.
pub(super) fn id_of(bucket: &str, owner: Option<&str>) -> String {
    owner.map_or_else(|| bucket.to_owned(), |owner| format!("{bucket},{owner}"))
}

/// Name and expected owner in such an id.
pub(super) fn parts_of(id: &str) -> (&str, Option<&str>) {
    id.split_once(',').map_or((id, None), |(bucket, owner)| (bucket, Some(owner)))
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

/// A bucket that exists already, when it is ours.
async fn adopt(cx: &Cx, name: &str, inputs: &Inputs) -> Result<Created<Outputs>, Error> {
    let target = Bucket::tagged(cx, name);
    let live = target.all(cx).await?;
    cx.adopt("bucket", name, &live).await?;
    if let Some(locked) = inputs.object_lock_enabled
        && locked != is_locked(cx, name).await?
    {
        return Err(cx.taken(
            "bucket",
            name,
            if locked { "it was made without Object Lock" } else { "it was made with Object Lock" },
        ));
    }
    Ok(Created::new(name, outputs(cx, name, &cx.region)).and(target.claim(cx, &live).await))
}

async fn is_locked(cx: &Cx, name: &str) -> Result<bool, Error> {
    let lock = cx.clients.s3.get_object_lock_configuration().bucket(name).send().await;
    found(lock, &["ObjectLockConfigurationNotFoundError", "NoSuchBucket"]).map(|lock| lock.is_some())
}

fn tags(cx: &Cx) -> Result<Vec<Tag>, Error> {
    let tags = cx.tags_as(|k, v| Tag::builder().key(k).value(v).build());
    tags.into_iter().collect::<Result<_, _>>().map_err(|e| Error::new(e.to_string()))
}

/// Why `HeadBucket` failed: its answer has a status and no words.
fn unseen<T>(failure: error::Failure<HeadBucketError>) -> Result<Option<T>, Error> {
    let SdkError::ServiceError(service) = &failure else { return Err(failed(failure)) };
    match service.raw().status().as_u16() {
        404 => Ok(None),
        403 => Err(Error::new("AccessDenied: AWS does not let us see the bucket")
            .hint("it may be another account's, or the credentials lack s3:ListBucket")),
        301 => {
            let region = service.raw().headers().get("x-amz-bucket-region").unwrap_or("another region");
            Err(Error::new(format!("the bucket lies in {region}")).hint("set the resource's `region`"))
        }
        _ => Err(failed(failure)),
    }
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

    use super::*;

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
            Bucket::check_change(olds, news).into_iter().map(|failure| failure.property).collect::<Vec<_>>().join(" ")
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
            Bucket::check(&given.into_iter().filter_map(|(k, v)| Some((k.to_owned(), v?.to_value()))).collect()).len()
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
            assert_eq!(parts_of(&id_of(bucket, owner)), (bucket, owner));
        }
    }
}
