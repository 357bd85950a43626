//! What of a bucket may never be public, whatever its ACLs and its policy say.
//!
//! Calls: `PutPublicAccessBlock`, `GetPublicAccessBlock`, `DeletePublicAccessBlock`.
//! IAM: `s3:PutBucketPublicAccessBlock`, `s3:GetBucketPublicAccessBlock`.
//!
//! - AWS gives every bucket made since April 2023 a block with all four flags; deleting this one leaves it without any.

use aws_sdk_s3::types::PublicAccessBlockConfiguration;

use crate::{buckets, prelude::*};

/// What of an S3 bucket may never be public, whatever its ACLs and its policy say.
#[expect(clippy::struct_excessive_bools, reason = "four flags are what AWS has")]
#[derive(Clone, Debug, Resource)]
#[resource(
    token = "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock",
    noun = "public access block",
    handle = BucketPublicAccessBlock,
    no_outputs,
    sdk = PublicAccessBlockConfiguration
)]
pub struct Inputs {
    /// The bucket's name.
    #[resource(replace, own)]
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
    #[resource(unread, default = false, own)]
    pub skip_destroy: bool,
}

impl Setting for BucketPublicAccessBlock {
    const ABSENT: Codes = &["NoSuchPublicAccessBlockConfiguration", "NoSuchBucket"];

    fn id_of(inputs: &Inputs) -> String {
        inputs.bucket.clone()
    }

    async fn put(cx: &Cx, _: Option<&Inputs>, new: &Inputs) -> Answer {
        let call = cx.clients.s3.put_public_access_block().bucket(&new.bucket);
        let call = call.public_access_block_configuration(new.to_sdk()?);
        buckets::given(&new.bucket, || call.clone().send()).await.done()
    }

    async fn read(cx: &Cx, id: &str) -> Answer<Option<Inputs>> {
        let answer = cx.clients.s3.get_public_access_block().bucket(id).send().await?;
        let block = answer.public_access_block_configuration;
        Ok(block.map(|block| Inputs { bucket: id.to_owned(), ..Inputs::from_sdk(block) }))
    }

    async fn reset(cx: &Cx, id: &str, inputs: &Inputs) -> Answer {
        if inputs.skip_destroy {
            return Ok(());
        }
        let call = cx.clients.s3.delete_public_access_block().bucket(id);
        buckets::changed(id, || call.clone().send()).await.done()
    }
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
