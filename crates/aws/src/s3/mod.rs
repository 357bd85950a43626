//! S3 types.

pub mod bucket;
pub mod bucket_lifecycle_configuration;
pub mod bucket_logging;
pub mod bucket_notification;
pub mod bucket_object_lock_configuration;
pub mod bucket_objectv2;
pub mod bucket_ownership_controls;
pub mod bucket_policy;
pub mod bucket_public_access_block;
pub mod bucket_server_side_encryption_configuration;
pub mod bucket_versioning;

pub use bucket::Bucket;
pub use bucket_lifecycle_configuration::BucketLifecycleConfiguration;
pub use bucket_logging::BucketLogging;
pub use bucket_notification::BucketNotification;
pub use bucket_object_lock_configuration::BucketObjectLockConfiguration;
pub use bucket_objectv2::BucketObjectv2;
pub use bucket_ownership_controls::BucketOwnershipControls;
pub use bucket_policy::BucketPolicy;
pub use bucket_public_access_block::BucketPublicAccessBlock;
pub use bucket_server_side_encryption_configuration::BucketServerSideEncryptionConfiguration;
pub use bucket_versioning::BucketVersioning;

use pulumi::provider::resource::Kind;

use crate::{context::Cx, resource, setting};

/// All types of this module.
pub(crate) fn kinds() -> Vec<Box<dyn Kind<Cx>>> {
    vec![
        resource::of::<Bucket>(),
        resource::of::<BucketLifecycleConfiguration>(),
        setting::of::<BucketLogging>(),
        setting::of::<BucketNotification>(),
        setting::of::<BucketObjectLockConfiguration>(),
        resource::of::<BucketObjectv2>(),
        setting::of::<BucketOwnershipControls>(),
        setting::of::<BucketPolicy>(),
        setting::of::<BucketPublicAccessBlock>(),
        setting::of::<BucketServerSideEncryptionConfiguration>(),
        setting::of::<BucketVersioning>(),
    ]
}
