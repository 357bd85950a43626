//! Tags of CloudWatch Logs things.

use async_trait::async_trait;

use super::{Tags, Target};
use crate::{
    context::Cx,
    refusal::{Answer, Answered},
};

/// A CloudWatch Logs thing, by its ARN; a log group's without `:*`.
#[derive(Clone, Debug)]
pub(crate) struct LogsThing(pub(crate) String);

#[async_trait]
impl Target for LogsThing {
    async fn all(&self, cx: &Cx) -> Answer<Tags> {
        let tags = cx.clients.logs.list_tags_for_resource().resource_arn(&self.0).send().await;
        let tags = tags.found(&["ResourceNotFoundException"])?;
        Ok(tags.and_then(|t| t.tags).unwrap_or_default().into_iter().collect())
    }
    async fn set(&self, cx: &Cx, tags: Tags) -> Answer {
        let call = cx.clients.logs.tag_resource().resource_arn(&self.0).set_tags(Some(tags.into_iter().collect()));
        call.send().await.done()
    }
    async fn unset(&self, cx: &Cx, keys: Vec<String>) -> Answer {
        let call = cx.clients.logs.untag_resource().resource_arn(&self.0).set_tag_keys(Some(keys));
        call.send().await.done()
    }
}
