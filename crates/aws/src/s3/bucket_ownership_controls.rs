//! Who owns the objects that others put into a bucket, and whether ACLs count.
//!
//! Calls: `PutBucketOwnershipControls`, `GetBucketOwnershipControls`, `DeleteBucketOwnershipControls`.
//! IAM: `s3:PutBucketOwnershipControls`, `s3:GetBucketOwnershipControls`.

use aws_sdk_s3::types::{ObjectOwnership, OwnershipControls, OwnershipControlsRule};
use derive::{Outputs, Resource, Shape};
use pulumi::provider::{
    adopt::Presence,
    resource::{Created, CustomResource, Error, Kind, Live, Of},
};

use crate::{
    buckets,
    context::Cx,
    error::{failed, found, gone},
};

/// Who owns the objects that others put into an S3 bucket, and whether ACLs count.
#[derive(Clone, Debug, Resource)]
#[resource(token = "aws:s3/bucketOwnershipControls:BucketOwnershipControls", noun = "ownership controls", handle = BucketOwnershipControls)]
pub struct Inputs {
    /// The bucket's name.
    #[resource(replace)]
    pub bucket: String,
    /// The one rule.
    pub rule: Rule,
}

/// Who owns objects.
#[derive(Clone, Debug, PartialEq, Eq, Shape)]
#[resource(name = "BucketOwnershipControlsRule")]
pub struct Rule {
    /// `BucketOwnerEnforced` (the bucket's owner, ACLs are off), `BucketOwnerPreferred` or `ObjectWriter`.
    pub object_ownership: String,
}

/// What AWS adds to ownership controls: nothing.
#[derive(Clone, Debug, Outputs)]
#[resource(handle = BucketOwnershipControls)]
pub struct Outputs {}

const ABSENT: &[&str] = &["OwnershipControlsNotFoundError", "NoSuchBucket"];

impl CustomResource for BucketOwnershipControls {
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
        let Some(answer) = found(cx.clients.s3.get_bucket_ownership_controls().bucket(id).send().await, ABSENT)? else {
            return Ok(None);
        };
        let Some(rule) = answer.ownership_controls.and_then(|c| c.rules.into_iter().next()) else {
            return Ok(None);
        };
        let rule = Rule { object_ownership: rule.object_ownership.to_string() };
        Ok(Some(Live { inputs: Inputs { bucket: id.to_owned(), rule }, outputs: Outputs {} }))
    }

    async fn update(cx: &Cx, _: &str, _: &Inputs, new: &Inputs, outputs: Outputs) -> Result<Outputs, Error> {
        put(cx, new).await?;
        Ok(outputs)
    }

    async fn delete(cx: &Cx, id: &str, _: &Inputs) -> Result<(), Error> {
        let call = cx.clients.s3.delete_bucket_ownership_controls().bucket(id);
        gone(buckets::changed(id, || call.clone().send()).await, ABSENT)
    }
}

pub(crate) fn kind() -> Box<dyn Kind<Cx>> {
    Box::new(Of::<BucketOwnershipControls>::new())
}

async fn put(cx: &Cx, inputs: &Inputs) -> Result<(), Error> {
    let ownership = ObjectOwnership::from(inputs.rule.object_ownership.as_str());
    let rule = OwnershipControlsRule::builder().object_ownership(ownership).build();
    let controls = rule
        .and_then(|rule| OwnershipControls::builder().rules(rule).build())
        .map_err(|e| Error::new(e.to_string()))?;
    let call = cx.clients.s3.put_bucket_ownership_controls().bucket(&inputs.bucket).ownership_controls(controls);
    buckets::given(&inputs.bucket, || call.clone().send()).await.map(drop).map_err(failed)
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
