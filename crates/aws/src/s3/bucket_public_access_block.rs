//! What of a bucket may never be public, whatever its ACLs and its policy say.
//!
//! Calls: `PutPublicAccessBlock`, `GetPublicAccessBlock`, `DeletePublicAccessBlock`.
//! IAM: `s3:PutBucketPublicAccessBlock`, `s3:GetBucketPublicAccessBlock`.
//!
//! - AWS gives every bucket made since April 2023 a block with all four flags; deleting this one leaves it without any.

use aws_sdk_s3::types::PublicAccessBlockConfiguration;
use derive::{Outputs, Resource};
use pulumi::provider::{
    adopt::Presence,
    resource::{Created, CustomResource, Error, Kind, Live, Of},
};

use crate::{
    buckets,
    context::Cx,
    error::{failed, found, gone},
};

/// What of an S3 bucket may never be public, whatever its ACLs and its policy say.
#[expect(clippy::struct_excessive_bools, reason = "four flags are what AWS has")]
#[derive(Clone, Debug, Resource)]
#[resource(token = "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock", noun = "public access block", handle = BucketPublicAccessBlock)]
pub struct Inputs {
    /// The bucket's name.
    #[resource(replace)]
    pub bucket: String,
    /// Refuse ACLs that would make the bucket or its objects public.
    #[resource(default = false)]
    pub block_public_acls: bool,
    /// Refuse a bucket policy that would make it public.
    #[resource(default = false)]
    pub block_public_policy: bool,
    /// Ignore ACLs that make the bucket or its objects public.
    #[resource(default = false)]
    pub ignore_public_acls: bool,
    /// Where the bucket policy is public, let in only the owner's account and AWS services.
    #[resource(default = false)]
    pub restrict_public_buckets: bool,
    /// Leave the block in place when this resource is deleted.
    #[resource(unread, default = false)]
    pub skip_destroy: bool,
}

/// What AWS adds to a public access block: nothing.
#[derive(Clone, Debug, Outputs)]
#[resource(handle = BucketPublicAccessBlock)]
pub struct Outputs {}

const ABSENT: &[&str] = &["NoSuchPublicAccessBlockConfiguration", "NoSuchBucket"];

impl CustomResource for BucketPublicAccessBlock {
    type Context = Cx;
    type Inputs = Inputs;
    type Outputs = Outputs;

    const PRESENCE: Presence = Presence::Setting;

    fn id_of(_: &Cx, inputs: &Inputs) -> Option<String> {
        Some(inputs.bucket.clone())
    }

    async fn create(cx: &Cx, inputs: &Inputs) -> Result<Created<Outputs>, Error> {
        put(cx, inputs).await?;
        Ok(Created::new(&inputs.bucket, Outputs {}))
    }

    async fn read(cx: &Cx, id: &str) -> Result<Option<Live<Inputs, Outputs>>, Error> {
        let Some(answer) = found(cx.clients.s3.get_public_access_block().bucket(id).send().await, ABSENT)? else {
            return Ok(None);
        };
        let Some(block) = answer.public_access_block_configuration else { return Ok(None) };
        let inputs = Inputs {
            bucket: id.to_owned(),
            block_public_acls: block.block_public_acls.unwrap_or(false),
            block_public_policy: block.block_public_policy.unwrap_or(false),
            ignore_public_acls: block.ignore_public_acls.unwrap_or(false),
            restrict_public_buckets: block.restrict_public_buckets.unwrap_or(false),
            skip_destroy: false,
        };
        Ok(Some(Live { inputs, outputs: Outputs {} }))
    }

    async fn update(cx: &Cx, _: &str, _: &Inputs, new: &Inputs, outputs: Outputs) -> Result<Outputs, Error> {
        put(cx, new).await?;
        Ok(outputs)
    }

    async fn delete(cx: &Cx, id: &str, inputs: &Inputs) -> Result<(), Error> {
        if inputs.skip_destroy {
            return Ok(());
        }
        let call = cx.clients.s3.delete_public_access_block().bucket(id);
        gone(buckets::changed(id, || call.clone().send()).await, ABSENT)
    }
}

pub(crate) fn kind() -> Box<dyn Kind<Cx>> {
    Box::new(Of::<BucketPublicAccessBlock>::new())
}

async fn put(cx: &Cx, inputs: &Inputs) -> Result<(), Error> {
    let block = PublicAccessBlockConfiguration::builder()
        .block_public_acls(inputs.block_public_acls)
        .block_public_policy(inputs.block_public_policy)
        .ignore_public_acls(inputs.ignore_public_acls)
        .restrict_public_buckets(inputs.restrict_public_buckets)
        .build();
    let call = cx.clients.s3.put_public_access_block().bucket(&inputs.bucket).public_access_block_configuration(block);
    buckets::given(&inputs.bucket, || call.clone().send()).await.map(drop).map_err(failed)
}

#[cfg(test)]
mod tests {
    crate::lifecycle! {
        token: "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock",
        needs: [("aws:s3/bucket:Bucket", { "bucket": "block-{unique}" })],
        sample: { "bucket": "${0.id}", "blockPublicAcls": true, "blockPublicPolicy": true, "ignorePublicAcls": true, "restrictPublicBuckets": true },
        change: { "blockPublicAcls": false },
    }
}
