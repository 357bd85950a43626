//! A bucket's policy.
//!
//! Calls: `PutBucketPolicy`, `GetBucketPolicy`, `DeleteBucketPolicy`. IAM: `s3:` + each of these.

use crate::{buckets, prelude::*};

/// An S3 bucket's policy: who may do what with it, beside what IAM policies say.
#[derive(Clone, Debug, Resource)]
#[resource(token = "aws:s3/bucketPolicy:BucketPolicy", noun = "bucket policy", handle = BucketPolicy, no_outputs)]
pub struct Inputs {
    /// The bucket's name.
    #[resource(replace)]
    pub bucket: String,
    /// The policy, a JSON document of up to 20 KB.
    #[resource(json, equal = document::equal)]
    pub policy: String,
}

impl Setting for BucketPolicy {
    const ABSENT: Codes = &["NoSuchBucketPolicy", "NoSuchBucket"];

    fn id_of(inputs: &Inputs) -> String {
        inputs.bucket.clone()
    }

    async fn put(cx: &Cx, _: Option<&Inputs>, new: &Inputs) -> Answer {
        let call = cx.clients.s3.put_bucket_policy().bucket(&new.bucket).policy(&new.policy);
        propagation::told(&[], || buckets::given(&new.bucket, || call.clone().send())).await.done()
    }

    async fn read(cx: &Cx, id: &str) -> Answer<Option<Inputs>> {
        let policy = cx.clients.s3.get_bucket_policy().bucket(id).send().await?.policy;
        Ok(policy.map(|policy| Inputs { bucket: id.to_owned(), policy }))
    }

    async fn reset(cx: &Cx, id: &str, _: &Inputs) -> Answer {
        let call = cx.clients.s3.delete_bucket_policy().bucket(id);
        buckets::changed(id, || call.clone().send()).await.done()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::{
        stub::{
            done, inputs,
            late::{Late, TOLD, is_waited_out, wholly},
        },
        testing::{CustomResource as _, Set},
        waits::{BUCKET_IS_BUSY, BUCKET_IS_NEW},
    };

    #[tokio::test]
    async fn a_new_bucket_and_whom_its_policy_names_are_waited_for() {
        let policy: Inputs = inputs(&json!({ "bucket": "late", "policy": "{}" }));
        let late: &[Late] = &[
            ("PUT policy", TOLD, &[("MalformedPolicy", "Invalid principal in policy")]),
            ("PUT policy", BUCKET_IS_NEW.limit, &[("NoSuchBucket", "")]),
            ("PUT policy", BUCKET_IS_BUSY.limit, &[("OperationAborted", "")]),
            ("DELETE policy", BUCKET_IS_BUSY.limit, &[("OperationAborted", "")]),
        ];
        let life = async |cx: Cx| {
            wholly(Set::<BucketPolicy>::create(&cx, &policy).await?)?;
            Set::<BucketPolicy>::delete(&cx, "late", &policy).await
        };
        is_waited_out("aws:s3/bucketPolicy:BucketPolicy", late, done, life).await;
    }

    const READ: &str = r#"{"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Principal": "*", "Action": ["s3:*"], "Resource": ["arn:aws:s3:::policy-{unique}/*"], "Condition": {"Bool": {"aws:SecureTransport": "false"}}}]}"#;
    const WRITE: &str = r#"{"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Principal": "*", "Action": "s3:DeleteObject", "Resource": "arn:aws:s3:::policy-{unique}/*"}]}"#;

    crate::lifecycle! {
        token: "aws:s3/bucketPolicy:BucketPolicy",
        needs: [("aws:s3/bucket:Bucket", { "bucket": "policy-{unique}" })],
        sample: { "bucket": "${0.id}", "policy": READ },
        change: { "policy": WRITE },
    }
}
