//! The bucket for objects, and the one for its access logs.

use aws::{
    lambda::Permission,
    s3::{
        Bucket, BucketLifecycleConfiguration, BucketLogging, BucketNotification, BucketOwnershipControls, BucketPolicy,
        BucketPublicAccessBlock, BucketServerSideEncryptionConfiguration, BucketVersioning,
        bucket_lifecycle_configuration as lifecycle, bucket_notification as notification,
        bucket_ownership_controls as ownership, bucket_server_side_encryption_configuration as encryption,
        bucket_versioning as versioning,
    },
};
use module::prelude::*;

use crate::{Settings, function::Audit, policies};

/// Days after which an upload that was never finished is given up.
const STALE_UPLOAD_DAYS: i32 = 7;

/// The buckets.
pub(crate) struct Buckets {
    /// For objects.
    pub(crate) objects: Bucket,
    /// What the bucket for objects is called.
    pub(crate) name: String,
}

pub(crate) fn deploy(zone: &Zone, settings: &Settings, key: &Output<String>) -> Buckets {
    let (name, logs_name) = (zone.own_bucket_name("objects"), zone.own_bucket_name("access-logs"));

    // S3 delivers access logs only to a bucket that is encrypted with a key of S3's own
    let logs = bucket(zone, "access-logs", &logs_name);
    BucketServerSideEncryptionConfiguration::new(zone.scope(), "access-logs")
        .bucket(logs.id())
        .rules([encryption::Rule::args()
            .apply_server_side_encryption_by_default(encryption::ByDefault::args().sse_algorithm("AES256"))])
        .register();
    expire(zone, "access-logs", &logs, settings.expire_after_days);
    let policy = policies::takes_logs(&logs_name, &name, zone.account());
    let policy = BucketPolicy::new(zone.scope(), "access-logs").bucket(logs.id()).policy(policy).register();

    let objects = bucket(zone, "objects", &name);
    let encrypted = BucketServerSideEncryptionConfiguration::new(zone.scope(), "objects")
        .bucket(objects.id())
        .rules([encryption::Rule::args().bucket_key_enabled(true).apply_server_side_encryption_by_default(
            encryption::ByDefault::args().sse_algorithm("aws:kms").kms_master_key_id(key),
        )])
        .register();
    expire(zone, "objects", &objects, settings.expire_after_days);
    let named = name.clone();
    let only_encrypted = key.apply(move |key: String| policies::only_encrypted(&named, &key));
    BucketPolicy::new(zone.scope(), "objects")
        .bucket(objects.id())
        .policy(only_encrypted)
        .depends_on([&encrypted])
        .register();
    BucketLogging::new(zone.scope(), "objects")
        .bucket(objects.id())
        .target_bucket(logs.id())
        .target_prefix("access-logs/")
        .depends_on([&policy])
        .register();
    Buckets { objects, name }
}

/// A versioned bucket that nobody from outside can open.
fn bucket(zone: &Zone, purpose: &str, name: &str) -> Bucket {
    let bucket = Bucket::new(zone.scope(), purpose)
        .bucket(name)
        .force_destroy(zone.target().force_destroy_buckets)
        .protect(zone.target().protect)
        .register();
    BucketVersioning::new(zone.scope(), purpose)
        .bucket(bucket.id())
        .versioning_configuration(versioning::VersioningConfiguration::args().status("Enabled"))
        .register();
    BucketPublicAccessBlock::new(zone.scope(), purpose)
        .bucket(bucket.id())
        .block_public_acls(true)
        .block_public_policy(true)
        .ignore_public_acls(true)
        .restrict_public_buckets(true)
        .register();
    BucketOwnershipControls::new(zone.scope(), purpose)
        .bucket(bucket.id())
        .rule(ownership::Rule::args().object_ownership("BucketOwnerEnforced"))
        .register();
    bucket
}

/// What is old goes: objects, their earlier versions as long after, and uploads that were never finished.
fn expire(zone: &Zone, purpose: &str, bucket: &Bucket, days: u32) {
    BucketLifecycleConfiguration::new(zone.scope(), purpose)
        .bucket(bucket.id())
        .rules([lifecycle::Rule::args()
            .id("expire")
            .status("Enabled")
            .filter(lifecycle::Filter::args())
            .abort_incomplete_multipart_upload(
                lifecycle::AbortIncompleteMultipartUpload::args().days_after_initiation(STALE_UPLOAD_DAYS),
            )
            .expiration(lifecycle::Expiration::args().days(days))
            .noncurrent_version_expiration(lifecycle::NoncurrentVersionExpiration::args().noncurrent_days(days))])
        .register();
}

/// Tells the function of each new object.
pub(crate) fn notify(zone: &Zone, buckets: &Buckets, audit: &Audit) {
    // S3 refuses a destination that does not let it in
    let permission = Permission::new(zone.scope(), "objects")
        .statement_id("objects")
        .action("lambda:InvokeFunction")
        .function(audit.function.name())
        .principal("s3.amazonaws.com")
        .source_arn(buckets.objects.arn())
        .source_account(zone.account())
        .register();
    BucketNotification::new(zone.scope(), "objects")
        .bucket(buckets.objects.id())
        .lambda_functions([notification::LambdaFunction::args()
            .id("audit")
            .lambda_function_arn(audit.function.arn())
            .events(["s3:ObjectCreated:*"])])
        .depends_on([&permission])
        .register();
}
