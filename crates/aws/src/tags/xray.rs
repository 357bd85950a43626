//! Tags of X-Ray things.

use async_trait::async_trait;
use aws_sdk_xray::types::Tag;

use super::{Tags, Target, built};
use crate::{
    context::Cx,
    refusal::{Answer, Answered},
};

/// An X-Ray thing, by its ARN.
#[derive(Clone, Debug)]
pub(crate) struct XrayThing(pub(crate) String);

#[async_trait]
impl Target for XrayThing {
    async fn all(&self, cx: &Cx) -> Answer<Tags> {
        let pages = cx.clients.xray.list_tags_for_resource().resource_arn(&self.0).into_paginator().send();
        let pages = pages.collect::<Result<Vec<_>, _>>().await.found(&["ResourceNotFoundException"])?;
        let tags = pages.unwrap_or_default().into_iter().flat_map(|page| page.tags.unwrap_or_default());
        Ok(tags.map(|t| (t.key, t.value)).collect())
    }
    async fn set(&self, cx: &Cx, tags: Tags) -> Answer {
        let tags = built(tags.iter().map(|(k, v)| Tag::builder().key(k).value(v).build()).collect())?;
        let call = cx.clients.xray.tag_resource().resource_arn(&self.0).set_tags(Some(tags));
        call.send().await.done()
    }
    async fn unset(&self, cx: &Cx, keys: Vec<String>) -> Answer {
        let call = cx.clients.xray.untag_resource().resource_arn(&self.0).set_tag_keys(Some(keys));
        call.send().await.done()
    }
}
