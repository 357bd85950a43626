//! Tags of Firehose streams.

use async_trait::async_trait;
use aws_sdk_firehose::types::Tag;

use super::{Tags, Target, built};
use crate::{
    context::Cx,
    refusal::{Answer, Answered},
    waits::STREAM_IS_BUSY,
};

/// A Firehose stream, by its name.
#[derive(Clone, Debug)]
pub(crate) struct FirehoseStream(pub(crate) String);

#[async_trait]
impl Target for FirehoseStream {
    async fn all(&self, cx: &Cx) -> Answer<Tags> {
        let mut tags = Tags::new();
        let mut call = cx.clients.firehose.list_tags_for_delivery_stream().delivery_stream_name(&self.0);
        loop {
            let page = call.clone().send().await;
            let Some(page) = page.found(&["ResourceNotFoundException"])? else { return Ok(Tags::new()) };
            let last = page.tags.last().map(|t| t.key.clone());
            tags.extend(page.tags.into_iter().map(|t| (t.key, t.value.unwrap_or_default())));
            match last {
                Some(last) if page.has_more_tags => call = call.exclusive_start_tag_key(last),
                _ => return Ok(tags),
            }
        }
    }
    async fn set(&self, cx: &Cx, tags: Tags) -> Answer {
        let tags = built(tags.iter().map(|(k, v)| Tag::builder().key(k).value(v).build()).collect())?;
        let call = cx.clients.firehose.tag_delivery_stream().delivery_stream_name(&self.0).set_tags(Some(tags));
        STREAM_IS_BUSY.out(|| call.clone().send()).await.done()
    }
    async fn unset(&self, cx: &Cx, keys: Vec<String>) -> Answer {
        let call = cx.clients.firehose.untag_delivery_stream().delivery_stream_name(&self.0);
        let call = call.set_tag_keys(Some(keys));
        STREAM_IS_BUSY.out(|| call.clone().send()).await.done()
    }
}
