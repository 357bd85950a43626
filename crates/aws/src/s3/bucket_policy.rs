//! A bucket's policy.
//!
//! Calls: `PutBucketPolicy`, `GetBucketPolicy`, `DeleteBucketPolicy`. IAM: `s3:` + each of these.

use derive::{Outputs, Resource};
use pulumi::provider::{
    adopt::Presence,
    resource::{Created, CustomResource, Error, Kind, Live, Of},
};

use crate::{
    buckets,
    context::Cx,
    document,
    error::{failed, found, gone},
    propagation,
};

/// An S3 bucket's policy: who may do what with it, beside what IAM policies say.
#[derive(Clone, Debug, Resource)]
#[resource(token = "aws:s3/bucketPolicy:BucketPolicy", noun = "bucket policy", handle = BucketPolicy)]
pub struct Inputs {
    /// The bucket's name.
    #[resource(replace)]
    pub bucket: String,
    /// The policy, a JSON document of up to 20 KB.
    #[resource(json, equal = document::equal)]
    pub policy: String,
}

/// What AWS adds to a bucket's policy: nothing.
#[derive(Clone, Debug, Outputs)]
#[resource(handle = BucketPolicy)]
pub struct Outputs {}

const ABSENT: &[&str] = &["NoSuchBucketPolicy", "NoSuchBucket"];

impl CustomResource for BucketPolicy {
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
        let Some(answer) = found(cx.clients.s3.get_bucket_policy().bucket(id).send().await, ABSENT)? else {
            return Ok(None);
        };
        let Some(policy) = answer.policy else { return Ok(None) };
        Ok(Some(Live { inputs: Inputs { bucket: id.to_owned(), policy }, outputs: Outputs {} }))
    }

    async fn update(cx: &Cx, _: &str, _: &Inputs, new: &Inputs, outputs: Outputs) -> Result<Outputs, Error> {
        put(cx, new).await?;
        Ok(outputs)
    }

    async fn delete(cx: &Cx, id: &str, _: &Inputs) -> Result<(), Error> {
        let call = cx.clients.s3.delete_bucket_policy().bucket(id);
        gone(buckets::changed(id, || call.clone().send()).await, ABSENT)
    }
}

pub(crate) fn kind() -> Box<dyn Kind<Cx>> {
    Box::new(Of::<BucketPolicy>::new())
}

async fn put(cx: &Cx, inputs: &Inputs) -> Result<(), Error> {
    let call = cx.clients.s3.put_bucket_policy().bucket(&inputs.bucket).policy(&inputs.policy);
    propagation::told(&[], || buckets::given(&inputs.bucket, || call.clone().send())).await.map(drop).map_err(failed)
}

#[cfg(test)]
mod tests {
    const READ: &str = r#"{"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Principal": "*", "Action": ["s3:*"], "Resource": ["arn:aws:s3:::policy-{unique}/*"], "Condition": {"Bool": {"aws:SecureTransport": "false"}}}]}"#;
    const WRITE: &str = r#"{"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Principal": "*", "Action": "s3:DeleteObject", "Resource": "arn:aws:s3:::policy-{unique}/*"}]}"#;

    crate::lifecycle! {
        token: "aws:s3/bucketPolicy:BucketPolicy",
        needs: [("aws:s3/bucket:Bucket", { "bucket": "policy-{unique}" })],
        sample: { "bucket": "${0.id}", "policy": READ },
        change: { "policy": WRITE },
    }
}
