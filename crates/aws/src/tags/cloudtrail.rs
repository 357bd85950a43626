//! Tags of CloudTrail trails.

use async_trait::async_trait;
use aws_sdk_cloudtrail::{error::BuildError, types::Tag};

use super::{Tags, Target, built};
use crate::{
    context::Cx,
    refusal::{Answer, Answered},
    waits::TRAIL_IS_BUSY,
};

/// A trail, by its ARN.
#[derive(Clone, Debug)]
pub(crate) struct Trail(pub(crate) String);

impl Trail {
    /// A tag as CloudTrail takes it: an empty value is left out, as one that is given has a character at least.
    /// <https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_Tag.html>, as of 2026-11.
    pub(crate) fn tag(key: &str, value: &str) -> Result<Tag, BuildError> {
        Tag::builder().key(key).set_value((!value.is_empty()).then(|| value.to_owned())).build()
    }
}

#[async_trait]
impl Target for Trail {
    async fn all(&self, cx: &Cx) -> Answer<Tags> {
        let pages = cx.clients.cloudtrail.list_tags().resource_id_list(&self.0).into_paginator().items().send();
        let absent = &["ResourceNotFoundException", "TrailNotFoundException"];
        let lists = pages.collect::<Result<Vec<_>, _>>().await.found(absent)?.unwrap_or_default();
        let tags = lists.into_iter().flat_map(|list| list.tags_list.unwrap_or_default());
        Ok(tags.map(|t| (t.key, t.value.unwrap_or_default())).collect())
    }
    async fn set(&self, cx: &Cx, tags: Tags) -> Answer {
        let tags = built(tags.iter().map(|(k, v)| Self::tag(k, v)).collect())?;
        let call = cx.clients.cloudtrail.add_tags().resource_id(&self.0).set_tags_list(Some(tags));
        TRAIL_IS_BUSY.out(|| call.clone().send()).await.done()
    }
    async fn unset(&self, cx: &Cx, keys: Vec<String>) -> Answer {
        let tags = built(keys.iter().map(|k| Tag::builder().key(k).build()).collect())?;
        let call = cx.clients.cloudtrail.remove_tags().resource_id(&self.0).set_tags_list(Some(tags));
        TRAIL_IS_BUSY.out(|| call.clone().send()).await.done()
    }
}
