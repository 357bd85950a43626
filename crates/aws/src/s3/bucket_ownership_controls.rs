//! Who owns the objects that others put into a bucket, and whether ACLs count.
//!
//! Calls: `PutBucketOwnershipControls`, `GetBucketOwnershipControls`, `DeleteBucketOwnershipControls`.
//! IAM: `s3:PutBucketOwnershipControls`, `s3:GetBucketOwnershipControls`.

use aws_sdk_s3::types::{OwnershipControls, OwnershipControlsRule};

use crate::{buckets, prelude::*};

/// Who owns the objects that others put into an S3 bucket, and whether ACLs count.
#[derive(Clone, Debug, Resource)]
#[resource(
    token = "aws:s3/bucketOwnershipControls:BucketOwnershipControls",
    noun = "ownership controls",
    handle = BucketOwnershipControls,
    no_outputs
)]
pub struct Inputs {
    /// The bucket's name.
    #[resource(replace)]
    pub bucket: String,
    /// The one rule.
    pub rule: Rule,
}

/// Who owns objects.
#[derive(Clone, Debug, PartialEq, Eq, Shape)]
#[resource(name = "BucketOwnershipControlsRule", sdk = OwnershipControlsRule)]
pub struct Rule {
    /// `BucketOwnerEnforced` (the bucket's owner, ACLs are off), `BucketOwnerPreferred` or `ObjectWriter`.
    pub object_ownership: String,
}

impl Setting for BucketOwnershipControls {
    const ABSENT: Codes = &["OwnershipControlsNotFoundError", "NoSuchBucket"];

    fn id_of(inputs: &Inputs) -> String {
        inputs.bucket.clone()
    }

    async fn put(cx: &Cx, _: Option<&Inputs>, new: &Inputs) -> Answer {
        let controls = OwnershipControls::builder().rules(new.rule.to_sdk()?).build()?;
        let call = cx.clients.s3.put_bucket_ownership_controls().bucket(&new.bucket).ownership_controls(controls);
        buckets::given(&new.bucket, || call.clone().send()).await.done()
    }

    async fn read(cx: &Cx, id: &str) -> Answer<Option<Inputs>> {
        let answer = cx.clients.s3.get_bucket_ownership_controls().bucket(id).send().await?;
        let rule = answer.ownership_controls.and_then(|controls| controls.rules.into_iter().next());
        Ok(rule.map(|rule| Inputs { bucket: id.to_owned(), rule: Rule::from_sdk(rule) }))
    }

    async fn reset(cx: &Cx, id: &str, _: &Inputs) -> Answer {
        let call = cx.clients.s3.delete_bucket_ownership_controls().bucket(id);
        buckets::changed(id, || call.clone().send()).await.done()
    }
}

#[cfg(test)]
mod tests {
    crate::lifecycle! {
        token: "aws:s3/bucketOwnershipControls:BucketOwnershipControls",
        needs: [("aws:s3/bucket:Bucket", { "bucket": "owner-{unique}" })],
        sample: { "bucket": "${0.id}", "rule": { "objectOwnership": "BucketOwnerEnforced" } },
        change: { "rule": { "objectOwnership": "BucketOwnerPreferred" } },
    }
}
