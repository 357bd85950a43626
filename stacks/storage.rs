//! The locked-down buckets: encrypted with the key of their class, versioned, private, TLS only, with a life cycle.
//!
//! Read by: delivery, trail and every module that keeps objects, through `s3/{purpose}/{name,arn}`;
//! Pulumi, through `s3/pulumi-state/login-url`.

use std::collections::BTreeMap;

use aws::s3::{
    Bucket, BucketLifecycleConfiguration, BucketObjectLockConfiguration, BucketOwnershipControls, BucketPolicy,
    BucketPublicAccessBlock, BucketServerSideEncryptionConfiguration, BucketVersioning,
    bucket_lifecycle_configuration as lifecycle, bucket_object_lock_configuration as lock,
    bucket_ownership_controls as ownership, bucket_server_side_encryption_configuration as encryption,
    bucket_versioning as versioning,
};
use pulumi::{all, options::Options};

use crate::{Stack, kms::Keys};

/// Days after which an upload that was never finished is given up.
const STALE_UPLOAD_DAYS: i32 = 7;

/// The buckets and their policies by purpose.
#[derive(Default)]
pub(crate) struct Buckets(BTreeMap<String, (Bucket, BucketPolicy)>);

impl Buckets {
    /// The bucket of a purpose; configuration guarantees that every purpose named anywhere has one.
    pub(crate) fn of(&self, purpose: &str) -> &Bucket {
        &self.0[purpose].0
    }

    /// Its policy, for what must not be made before it.
    pub(crate) fn policy_of(&self, purpose: &str) -> &BucketPolicy {
        &self.0[purpose].1
    }
}

pub(crate) fn deploy(stack: &mut Stack<'_>, keys: &Keys) -> Buckets {
    let each = stack.zone.buckets.iter();
    Buckets(each.map(|shape| (shape.purpose.clone(), locked_down_bucket(stack, shape, keys))).collect())
}

fn locked_down_bucket(stack: &mut Stack<'_>, shape: &config::Bucket, keys: &Keys) -> (Bucket, BucketPolicy) {
    let (zone, scope, purpose, key) = (stack.zone, stack.scope.clone(), &shape.purpose, keys.of(&shape.class));

    let bucket = Bucket::new(&scope, purpose)
        .bucket(zone.bucket_name(purpose))
        .force_destroy(zone.force_destroy_buckets)
        .object_lock_enabled(shape.object_lock_days.is_some())
        .tags(BTreeMap::from([("classification".to_owned(), shape.class.clone())]))
        .protect(zone.protect && shape.irreplaceable)
        .register();
    let encrypted = BucketServerSideEncryptionConfiguration::new(&scope, purpose)
        .bucket(bucket.id())
        .rules([encryption::Rule::args().bucket_key_enabled(true).apply_server_side_encryption_by_default(
            encryption::ByDefault::args().sse_algorithm("aws:kms").kms_master_key_id(key.arn()),
        )])
        .register();
    let versioned = BucketVersioning::new(&scope, purpose)
        .bucket(bucket.id())
        .versioning_configuration(versioning::VersioningConfiguration::args().status("Enabled"))
        .register();
    BucketPublicAccessBlock::new(&scope, purpose)
        .bucket(bucket.id())
        .block_public_acls(true)
        .block_public_policy(true)
        .ignore_public_acls(true)
        .restrict_public_buckets(true)
        .register();
    BucketOwnershipControls::new(&scope, purpose)
        .bucket(bucket.id())
        .rule(ownership::Rule::args().object_ownership("BucketOwnerEnforced"))
        .register();
    BucketLifecycleConfiguration::new(&scope, purpose)
        .bucket(bucket.id())
        .rules(life_cycle(shape))
        // noncurrent versions exist only once versioning is on
        .depends_on([&versioned])
        .register();
    if let Some(kept) = shape.object_lock_days {
        let retention = lock::DefaultRetention::args().mode("GOVERNANCE").days(kept);
        BucketObjectLockConfiguration::new(&scope, purpose)
            .bucket(bucket.id())
            .rule(lock::Rule::args().default_retention(retention))
            .depends_on([&versioned])
            .register();
    }
    let (name, trail) = (zone.bucket_name(purpose), trail_writer(zone, shape));
    let policy = key.arn().apply(move |key| policies::bucket::locked_down(&name, &key, trail.as_ref()).to_json());
    let policy =
        BucketPolicy::new(&scope, purpose).bucket(bucket.id()).policy(policy).depends_on([&encrypted]).register();

    stack.publish(format!("s3/{purpose}/name"), bucket.id());
    stack.publish(format!("s3/{purpose}/arn"), bucket.arn());
    if *purpose == config::STATE {
        // what is encrypted otherwise than the URL says, is refused by the policy
        let region = zone.region.clone();
        let url = all!(bucket.id(), key.arn()).apply(move |(bucket, key)| {
            format!("s3://{bucket}?region={region}&awssdk=v2&ssetype=aws:kms&kmskeyid={key}")
        });
        stack.publish(format!("s3/{purpose}/login-url"), url);
    }
    (bucket, policy)
}

/// One rule over the whole bucket: give up stale uploads, move to Glacier, expire, and expire what became noncurrent as
/// long after. And one for each part of the bucket that has days of its own.
fn life_cycle(shape: &config::Bucket) -> Vec<impl pulumi::output::IntoInput<lifecycle::Rule> + use<>> {
    let whole = retention("", Some(STALE_UPLOAD_DAYS), shape.glacier_after_days, shape.expire_after_days);
    let parts = shape.rules.iter().map(|r| retention(&r.prefix, None, r.glacier_after_days, r.expire_after_days));
    std::iter::once(whole).chain(parts).collect()
}

fn retention(
    prefix: &str,
    stale: Option<i32>,
    glacier: Option<u32>,
    expire: Option<u32>,
) -> impl pulumi::output::IntoInput<lifecycle::Rule> + use<> {
    // `retention`, and below `cdc/` `retention-cdc`
    let id = format!("retention-{}", prefix.replace('/', "-"));
    let stale = stale.map(|n| lifecycle::AbortIncompleteMultipartUpload::args().days_after_initiation(n));
    let glacier = glacier.map(|n| [lifecycle::Transition::args().days(n).storage_class("GLACIER")]);
    let expiration = expire.map(|n| lifecycle::Expiration::args().days(n));
    let noncurrent = expire.map(|n| lifecycle::NoncurrentVersionExpiration::args().noncurrent_days(n));
    let filter = lifecycle::Filter::args().maybe_prefix((!prefix.is_empty()).then_some(prefix));
    lifecycle::Rule::args()
        .id(id.trim_end_matches('-'))
        .status("Enabled")
        .filter(filter)
        .maybe_abort_incomplete_multipart_upload(stale)
        .maybe_transitions(glacier)
        .maybe_expiration(expiration)
        .maybe_noncurrent_version_expiration(noncurrent)
}

/// The trail that writes into this bucket, where one does.
fn trail_writer(zone: &config::Zone, shape: &config::Bucket) -> Option<policies::bucket::TrailWriter> {
    shape.writer.as_ref().map(|_| policies::bucket::TrailWriter {
        account: zone.member.id.clone(),
        region: zone.region.clone(),
        trail_name: zone.trail_name(),
    })
}
