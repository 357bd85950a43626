//! Whether a bucket keeps the versions of its objects.
//!
//! Calls: `PutBucketVersioning`, `GetBucketVersioning`. IAM: `s3:` + each of these.
//!
//! - AWS cannot turn versioning off again: deleting this resource suspends it, as the official provider does.
//! - Object Lock keeps versioning enabled: then deleting this resource leaves it so.

use aws_sdk_s3::{
    error::ProvideErrorMetadata,
    types::{BucketVersioningStatus, MfaDelete, VersioningConfiguration as SdkVersioningConfiguration},
};
use derive::{Outputs, Resource, Shape};
use pulumi::provider::{
    adopt::Presence,
    resource::{Created, CustomResource, Error, Kind, Live, Of},
};

use super::bucket;
use crate::{
    buckets,
    context::Cx,
    error::{failed, found, gone},
};

/// Whether an S3 bucket keeps the versions of its objects.
#[derive(Clone, Debug, Resource)]
#[resource(token = "aws:s3/bucketVersioning:BucketVersioning", noun = "bucket versioning", handle = BucketVersioning)]
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

/// What AWS adds to a bucket's versioning: nothing.
#[derive(Clone, Debug, Outputs)]
#[resource(handle = BucketVersioning)]
pub struct Outputs {}

const ABSENT: &[&str] = &["NoSuchBucket"];
const DISABLED: &str = "Disabled";

impl CustomResource for BucketVersioning {
    type Context = Cx;
    type Inputs = Inputs;
    type Outputs = Outputs;

    const PRESENCE: Presence = Presence::Setting;

    fn id_of(_: &Cx, inputs: &Inputs) -> Option<String> {
        Some(bucket::id_of(&inputs.bucket, inputs.expected_bucket_owner.as_deref()))
    }

    async fn create(cx: &Cx, inputs: &Inputs) -> Result<Created<Outputs>, Error> {
        put(cx, inputs).await?;
        Ok(Created::new(bucket::id_of(&inputs.bucket, inputs.expected_bucket_owner.as_deref()), Outputs {}))
    }

    async fn read(cx: &Cx, id: &str) -> Result<Option<Live<Inputs, Outputs>>, Error> {
        let (name, owner) = bucket::parts_of(id);
        let call =
            cx.clients.s3.get_bucket_versioning().bucket(name).set_expected_bucket_owner(owner.map(str::to_owned));
        let Some(answer) = found(call.send().await, ABSENT)? else { return Ok(None) };
        let or_disabled = |text: Option<String>| text.unwrap_or_else(|| DISABLED.to_owned());
        let inputs = Inputs {
            bucket: name.to_owned(),
            expected_bucket_owner: owner.map(str::to_owned),
            mfa: None,
            versioning_configuration: VersioningConfiguration {
                status: or_disabled(answer.status.map(|s| s.to_string())),
                mfa_delete: or_disabled(answer.mfa_delete.map(|m| m.to_string())),
            },
        };
        Ok(Some(Live { inputs, outputs: Outputs {} }))
    }

    async fn update(cx: &Cx, _: &str, old: &Inputs, new: &Inputs, outputs: Outputs) -> Result<Outputs, Error> {
        if new.versioning_configuration.status == DISABLED && old.versioning_configuration.status != DISABLED {
            return Err(Error::new("versioning cannot be disabled once it was enabled")
                .hint("`Suspended` keeps the versions there are, and makes no more"));
        }
        put(cx, new).await?;
        Ok(outputs)
    }

    async fn delete(cx: &Cx, id: &str, inputs: &Inputs) -> Result<(), Error> {
        if inputs.versioning_configuration.status == DISABLED {
            return Ok(());
        }
        let (name, owner) = bucket::parts_of(id);
        let suspended = SdkVersioningConfiguration::builder().status(BucketVersioningStatus::Suspended).build();
        let call =
            cx.clients.s3.put_bucket_versioning().bucket(name).set_expected_bucket_owner(owner.map(str::to_owned));
        let call = call.set_mfa(inputs.mfa.clone()).versioning_configuration(suspended);
        match buckets::changed(name, || call.clone().send()).await {
            Err(failure) if failure.message().is_some_and(|m| m.contains("Object Lock")) => Ok(()),
            other => gone(other, ABSENT),
        }
    }
}

pub(crate) fn kind() -> Box<dyn Kind<Cx>> {
    Box::new(Of::<BucketVersioning>::new())
}

async fn put(cx: &Cx, inputs: &Inputs) -> Result<(), Error> {
    let VersioningConfiguration { status, mfa_delete } = &inputs.versioning_configuration;
    if status == DISABLED {
        return Ok(());
    }
    // AWS takes this element only together with a code of the device
    let mfa_delete = (inputs.mfa.is_some() || mfa_delete != DISABLED).then(|| MfaDelete::from(mfa_delete.as_str()));
    let configuration = SdkVersioningConfiguration::builder()
        .status(BucketVersioningStatus::from(status.as_str()))
        .set_mfa_delete(mfa_delete)
        .build();
    let call = cx
        .clients
        .s3
        .put_bucket_versioning()
        .bucket(&inputs.bucket)
        .set_expected_bucket_owner(inputs.expected_bucket_owner.clone());
    let call = call.set_mfa(inputs.mfa.clone()).versioning_configuration(configuration);
    buckets::given(&inputs.bucket, || call.clone().send()).await.map(drop).map_err(failed)
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
