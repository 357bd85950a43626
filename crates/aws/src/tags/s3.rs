//! Tags of S3 buckets.

use async_trait::async_trait;
use aws_sdk_s3::types::{Tag, Tagging};
use pulumi::provider::resource::Error;

use super::{Tags, Target, built};
use crate::{
    context::Cx,
    error::{failed, found},
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
        // S3 knows only "replace all": what is not ours to change goes back in
        let mut all = self.all(cx).await?;
        all.retain(|k, _| !unset.contains(k) && !k.starts_with("aws:"));
        all.extend(set);
        let tags = built(all.iter().map(|(k, v)| Tag::builder().key(k).value(v).build()).collect())?;
        let tagging = Tagging::builder().set_tag_set(Some(tags)).build().map_err(|e| Error::new(e.to_string()))?;
        let call = cx.clients.s3.put_bucket_tagging().bucket(&self.0).tagging(tagging);
        call.send().await.map(drop).map_err(|e| failed(e).within("setting tags"))
    }
}
