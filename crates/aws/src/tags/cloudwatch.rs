//! Tags of CloudWatch alarms.

use async_trait::async_trait;
use aws_sdk_cloudwatch::types::Tag;

use super::{Tags, Target};
use crate::{
    context::Cx,
    refusal::{Answer, Answered},
};

/// A CloudWatch alarm, by its ARN.
#[derive(Clone, Debug)]
pub(crate) struct CloudWatchAlarm(pub(crate) String);

#[async_trait]
impl Target for CloudWatchAlarm {
    async fn all(&self, cx: &Cx) -> Answer<Tags> {
        let tags = cx.clients.cloudwatch.list_tags_for_resource().resource_arn(&self.0).send().await;
        let tags = tags.found(&["ResourceNotFoundException"])?.and_then(|answer| answer.tags).unwrap_or_default();
        Ok(tags.into_iter().filter_map(|t| Some((t.key?, t.value.unwrap_or_default()))).collect())
    }
    async fn set(&self, cx: &Cx, tags: Tags) -> Answer {
        let tags = tags.iter().map(|(k, v)| Tag::builder().key(k).value(v).build()).collect();
        cx.clients.cloudwatch.tag_resource().resource_arn(&self.0).set_tags(Some(tags)).send().await.done()
    }
    async fn unset(&self, cx: &Cx, keys: Vec<String>) -> Answer {
        cx.clients.cloudwatch.untag_resource().resource_arn(&self.0).set_tag_keys(Some(keys)).send().await.done()
    }
}
