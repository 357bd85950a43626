//! Tags of S3 buckets.

use async_trait::async_trait;
use aws_sdk_s3::types::{Tag, Tagging};
use pulumi::provider::resource::Error;

use super::{Tags, Target, built};
use crate::{
    buckets,
    context::Cx,
    error::{failed, found},
    waits::{BUCKET_IS_BUSY, BUCKET_IS_NEW},
};

/// An S3 bucket, by its name.
#[derive(Clone, Debug)]
pub(crate) struct S3Bucket(pub(crate) String);

#[async_trait]
impl Target for S3Bucket {
    async fn all(&self, cx: &Cx) -> Result<Tags, Error> {
        let tags = cx.clients.s3.get_bucket_tagging().bucket(&self.0).send().await;
        let tags = found(tags, &["NoSuchTagSet", "NoSuchBucket"])?;
        Ok(tags.map(|t| t.tag_set).unwrap_or_default().into_iter().map(|t| (t.key, t.value)).collect())
    }
    async fn set(&self, cx: &Cx, tags: Tags) -> Result<(), Error> {
        self.alter(cx, tags, Vec::new()).await
    }
    async fn unset(&self, cx: &Cx, keys: Vec<String>) -> Result<(), Error> {
        self.alter(cx, Tags::new(), keys).await
    }
    async fn alter(&self, cx: &Cx, set: Tags, unset: Vec<String>) -> Result<(), Error> {
        // S3 knows only "replace all", so what is not ours to change goes back in: AWS's own tags, too, without which S3
        // answers `InvalidTag: System tags cannot be removed by requester`, seen on buckets of CloudFormation and Service
        // Catalog: <https://github.com/hashicorp/terraform-provider-aws/issues/7323>. The bucket is changed by nobody else
        // of ours between the look and the put; what somebody else adds there is lost, and a bucket with attribute-based
        // access (ABAC) takes its tags by another call alone, s3:TagResource of S3 Control, which there is no client of.
        let _turn = buckets::turn(&self.0).await;
        let mut all = self.all(cx).await?;
        all.retain(|k, _| !unset.contains(k));
        all.extend(set);
        let tags = built(all.iter().map(|(k, v)| Tag::builder().key(k).value(v).build()).collect())?;
        let tagging = Tagging::builder().set_tag_set(Some(tags)).build().map_err(|e| Error::new(e.to_string()))?;
        let call = cx.clients.s3.put_bucket_tagging().bucket(&self.0).tagging(tagging);
        let put = BUCKET_IS_NEW.out(|| BUCKET_IS_BUSY.out(|| call.clone().send())).await;
        put.map(drop).map_err(|e| failed(e).within("setting tags"))
    }
}
