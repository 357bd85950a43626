//! Whether a bucket keeps the versions of its objects.
//!
//! Calls: `PutBucketVersioning`, `GetBucketVersioning`. IAM: `s3:` + each of these.
//!
//! - AWS cannot turn versioning off again: deleting this resource suspends it, as the official provider does.
//! - Object Lock keeps versioning enabled: then deleting this resource leaves it so.

use aws_sdk_s3::types::{BucketVersioningStatus, MfaDelete, VersioningConfiguration as SdkVersioningConfiguration};

use super::bucket;
use crate::{buckets, prelude::*};

/// Whether an S3 bucket keeps the versions of its objects.
#[derive(Clone, Debug, Resource)]
#[resource(token = "aws:s3/bucketVersioning:BucketVersioning", noun = "bucket versioning", handle = BucketVersioning, no_outputs)]
pub struct Inputs {
    /// The bucket's name.
    #[resource(replace)]
    pub bucket: String,
    /// Account that has to own the bucket, or AWS refuses.
    #[resource(replace)]
    pub expected_bucket_owner: Option<String>,
    /// The MFA device's serial number, a space and its current code; needed to change `mfaDelete`.
    #[resource(unread)]
    pub mfa: Option<String>,
    /// What is to be so.
    pub versioning_configuration: VersioningConfiguration,
}

/// Whether versions are kept, and what it takes to delete one.
#[derive(Clone, Debug, PartialEq, Eq, Shape)]
#[resource(name = "BucketVersioningVersioningConfiguration")]
pub struct VersioningConfiguration {
    /// `Enabled`, `Suspended`, or `Disabled` for a bucket that never had versions.
    pub status: String,
    /// `Enabled` or `Disabled`: whether deleting a version takes MFA.
    #[resource(default = "Disabled")]
    pub mfa_delete: String,
}

const DISABLED: &str = "Disabled";

impl Setting for BucketVersioning {
    const ABSENT: Codes = &["NoSuchBucket"];

    fn id_of(inputs: &Inputs) -> String {
        bucket::id_of(&inputs.bucket, inputs.expected_bucket_owner.as_deref())
    }

    async fn put(cx: &Cx, old: Option<&Inputs>, new: &Inputs) -> Answer {
        let VersioningConfiguration { status, mfa_delete } = &new.versioning_configuration;
        if status == DISABLED {
            return match old {
                Some(old) if old.versioning_configuration.status != DISABLED => {
                    Err(Error::new("versioning cannot be disabled once it was enabled")
                        .hint("`Suspended` keeps the versions there are, and makes no more")
                        .into())
                }
                _ => Ok(()),
            };
        }
        // AWS takes this element only together with a code of the device
        let mfa_delete = (new.mfa.is_some() || mfa_delete != DISABLED).then(|| MfaDelete::from(mfa_delete.as_str()));
        let call = cx.clients.s3.put_bucket_versioning().bucket(&new.bucket).set_mfa(new.mfa.clone());
        let call = call.set_expected_bucket_owner(new.expected_bucket_owner.clone()).versioning_configuration(
            SdkVersioningConfiguration::builder()
                .status(BucketVersioningStatus::from(status.as_str()))
                .set_mfa_delete(mfa_delete)
                .build(),
        );
        buckets::given(&new.bucket, || call.clone().send()).await.done()
    }

    async fn read(cx: &Cx, id: &str) -> Answer<Option<Inputs>> {
        let (bucket, owner) = bucket::parts_of(id);
        let call = cx.clients.s3.get_bucket_versioning().bucket(&bucket);
        let answer = call.set_expected_bucket_owner(owner.clone()).send().await?;
        let or_disabled = |text: Option<String>| text.unwrap_or_else(|| DISABLED.to_owned());
        let versioning_configuration = VersioningConfiguration {
            status: or_disabled(answer.status.map(|status| status.to_string())),
            mfa_delete: or_disabled(answer.mfa_delete.map(|mfa| mfa.to_string())),
        };
        Ok(Some(Inputs { bucket, expected_bucket_owner: owner, mfa: None, versioning_configuration }))
    }

    async fn reset(cx: &Cx, id: &str, inputs: &Inputs) -> Answer {
        if inputs.versioning_configuration.status == DISABLED {
            return Ok(());
        }
        let (bucket, owner) = bucket::parts_of(id);
        let suspended = SdkVersioningConfiguration::builder().status(BucketVersioningStatus::Suspended).build();
        let call = cx.clients.s3.put_bucket_versioning().bucket(&bucket).set_expected_bucket_owner(owner);
        let call = call.set_mfa(inputs.mfa.clone()).versioning_configuration(suspended);
        match buckets::changed(&bucket, || call.clone().send()).await.done() {
            Err(refusal) if refusal.says("Object Lock") => Ok(()),
            done => done,
        }
    }
}

#[cfg(test)]
mod tests {
    crate::lifecycle! {
        token: "aws:s3/bucketVersioning:BucketVersioning",
        needs: [("aws:s3/bucket:Bucket", { "bucket": "versions-{unique}" })],
        sample: { "bucket": "${0.id}", "versioningConfiguration": { "status": "Enabled" } },
        change: { "versioningConfiguration": { "status": "Suspended", "mfaDelete": "Disabled" } },
    }
}
