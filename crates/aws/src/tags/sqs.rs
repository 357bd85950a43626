//! Tags of SQS queues.

use async_trait::async_trait;

use super::{Tags, Target};
use crate::{
    context::Cx,
    refusal::{Answer, Answered},
};

/// An SQS queue, by its URL.
#[derive(Clone, Debug)]
pub(crate) struct SqsQueue(pub(crate) String);

#[async_trait]
impl Target for SqsQueue {
    async fn all(&self, cx: &Cx) -> Answer<Tags> {
        let tags = cx.clients.sqs.list_queue_tags().queue_url(&self.0).send().await;
        let tags = tags.found(crate::sqs::queue::ABSENT)?;
        Ok(tags.and_then(|t| t.tags).unwrap_or_default().into_iter().collect())
    }
    async fn set(&self, cx: &Cx, tags: Tags) -> Answer {
        let call = cx.clients.sqs.tag_queue().queue_url(&self.0).set_tags(Some(tags.into_iter().collect()));
        call.send().await.done()
    }
    async fn unset(&self, cx: &Cx, keys: Vec<String>) -> Answer {
        let call = cx.clients.sqs.untag_queue().queue_url(&self.0).set_tag_keys(Some(keys));
        call.send().await.done()
    }
}
