//! Tags of DynamoDB tables.

use async_trait::async_trait;
use aws_sdk_dynamodb::types::Tag;

use super::{Tags, Target, built};
use crate::{
    context::Cx,
    refusal::{Answer, Answered},
    waits::TABLE_IS_BUSY,
};

/// A DynamoDB table, by its ARN.
#[derive(Clone, Debug)]
pub(crate) struct DynamoTable(pub(crate) String);

#[async_trait]
impl Target for DynamoTable {
    async fn all(&self, cx: &Cx) -> Answer<Tags> {
        let mut tags = Tags::new();
        let mut call = cx.clients.dynamodb.list_tags_of_resource().resource_arn(&self.0);
        loop {
            let page = call.clone().send().await;
            let Some(page) = page.found(&["ResourceNotFoundException"])? else { return Ok(Tags::new()) };
            tags.extend(page.tags.unwrap_or_default().into_iter().map(|t| (t.key, t.value)));
            match page.next_token.filter(|token| !token.is_empty()) {
                Some(token) => call = call.next_token(token),
                None => return Ok(tags),
            }
        }
    }
    async fn set(&self, cx: &Cx, tags: Tags) -> Answer {
        let tags = built(tags.iter().map(|(k, v)| Tag::builder().key(k).value(v).build()).collect())?;
        let call = cx.clients.dynamodb.tag_resource().resource_arn(&self.0).set_tags(Some(tags));
        TABLE_IS_BUSY.out(|| call.clone().send()).await.done()
    }
    async fn unset(&self, cx: &Cx, keys: Vec<String>) -> Answer {
        let call = cx.clients.dynamodb.untag_resource().resource_arn(&self.0).set_tag_keys(Some(keys));
        TABLE_IS_BUSY.out(|| call.clone().send()).await.done()
    }
}
