//! Tags of S3 buckets and objects.

use async_trait::async_trait;
use aws_sdk_s3::{
    operation::put_bucket_tagging::builders::PutBucketTaggingFluentBuilder,
    types::{Tag, Tagging},
};

use super::{Tags, Target, built};
use crate::{
    buckets,
    context::Cx,
    refusal::{Answer, Answered, Refusal},
};

/// An S3 bucket, by its name.
#[derive(Clone, Debug)]
pub(crate) struct S3Bucket(pub(crate) String);

#[async_trait]
impl Target for S3Bucket {
    async fn all(&self, cx: &Cx) -> Answer<Tags> {
        let tags = cx.clients.s3.get_bucket_tagging().bucket(&self.0).send().await;
        let tags = tags.found(&["NoSuchTagSet", "NoSuchBucket"])?;
        Ok(tags.map(|t| t.tag_set).unwrap_or_default().into_iter().map(|t| (t.key, t.value)).collect())
    }
    async fn set(&self, cx: &Cx, tags: Tags) -> Answer {
        self.alter(cx, tags, Vec::new()).await
    }
    async fn unset(&self, cx: &Cx, keys: Vec<String>) -> Answer {
        self.alter(cx, Tags::new(), keys).await
    }
    async fn alter(&self, cx: &Cx, set: Tags, unset: Vec<String>) -> Answer {
        // the tags are read again for each attempt, and no other change of ours comes between
        let attempt = || async {
            match self.put(cx, &set, &unset).await {
                Ok(call) => call.send().await.map(|_| Ok(())),
                Err(refusal) => Ok(Err(refusal)),
            }
        };
        let put = buckets::given(&self.0, attempt).await;
        put.unwrap_or_else(|failure| Err(Refusal::from(failure).within("setting tags")))
    }
}

impl S3Bucket {
    /// S3 knows only "replace all", so the tags that we do not change go back in. AWS's own tags do, too; without them S3
    /// answers `InvalidTag: System tags cannot be removed by requester`, which was seen with buckets of CloudFormation and
    /// of Service Catalog: <https://github.com/hashicorp/terraform-provider-aws/issues/7323>.
    ///
    /// What somebody else adds between the read and the put is lost. A bucket with attribute-based access control (ABAC)
    /// refuses this call: it takes its tags by s3:TagResource of S3 Control alone, for which there is no client here.
    async fn put(&self, cx: &Cx, set: &Tags, unset: &[String]) -> Answer<PutBucketTaggingFluentBuilder> {
        let mut all = self.all(cx).await?;
        all.retain(|k, _| !unset.contains(k));
        all.extend(set.clone());
        let tags = built(all.iter().map(|(k, v)| Tag::builder().key(k).value(v).build()).collect())?;
        let tagging = Tagging::builder().set_tag_set(Some(tags)).build()?;
        Ok(cx.clients.s3.put_bucket_tagging().bucket(&self.0).tagging(tagging))
    }
}

/// An object in an S3 bucket, by its key.
#[derive(Clone, Debug)]
pub(crate) struct S3Object {
    pub(crate) bucket: String,
    pub(crate) key: String,
}

#[async_trait]
impl Target for S3Object {
    async fn all(&self, cx: &Cx) -> Answer<Tags> {
        let tags = cx.clients.s3.get_object_tagging().bucket(&self.bucket).key(&self.key).send().await;
        // of a delete marker S3 says that it has no such method
        let tags = tags.found(&["NoSuchKey", "NoSuchBucket", "MethodNotAllowed"])?;
        Ok(tags.map(|t| t.tag_set).unwrap_or_default().into_iter().map(|t| (t.key, t.value)).collect())
    }
    async fn set(&self, cx: &Cx, tags: Tags) -> Answer {
        self.alter(cx, tags, Vec::new()).await
    }
    async fn unset(&self, cx: &Cx, keys: Vec<String>) -> Answer {
        self.alter(cx, Tags::new(), keys).await
    }
    /// As of a bucket: S3 knows only "replace all".
    async fn alter(&self, cx: &Cx, set: Tags, unset: Vec<String>) -> Answer {
        let mut all = self.all(cx).await?;
        all.retain(|k, _| !unset.contains(k));
        all.extend(set);
        let tags = built(all.iter().map(|(k, v)| Tag::builder().key(k).value(v).build()).collect())?;
        let tagging = Tagging::builder().set_tag_set(Some(tags)).build()?;
        let call = cx.clients.s3.put_object_tagging().bucket(&self.bucket).key(&self.key).tagging(tagging);
        call.send().await.done().within("setting tags")
    }
}
