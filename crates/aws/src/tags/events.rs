//! Tags of EventBridge things.

use async_trait::async_trait;
use aws_sdk_eventbridge::types::Tag;

use super::{Tags, Target, built};
use crate::{
    context::Cx,
    refusal::{Answer, Answered},
    waits::BUS_IS_BUSY,
};

/// An EventBridge thing, by its ARN.
#[derive(Clone, Debug)]
pub(crate) struct EventsThing(pub(crate) String);

#[async_trait]
impl Target for EventsThing {
    async fn all(&self, cx: &Cx) -> Answer<Tags> {
        let tags = cx.clients.events.list_tags_for_resource().resource_arn(&self.0).send().await;
        let tags = tags.found(&["ResourceNotFoundException"])?;
        Ok(tags.and_then(|t| t.tags).unwrap_or_default().into_iter().map(|t| (t.key, t.value)).collect())
    }
    async fn set(&self, cx: &Cx, tags: Tags) -> Answer {
        let tags = built(tags.iter().map(|(k, v)| Tag::builder().key(k).value(v).build()).collect())?;
        let call = cx.clients.events.tag_resource().resource_arn(&self.0).set_tags(Some(tags));
        BUS_IS_BUSY.out(|| call.clone().send()).await.done()
    }
    async fn unset(&self, cx: &Cx, keys: Vec<String>) -> Answer {
        let call = cx.clients.events.untag_resource().resource_arn(&self.0).set_tag_keys(Some(keys));
        BUS_IS_BUSY.out(|| call.clone().send()).await.done()
    }
}
