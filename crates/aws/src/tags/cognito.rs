//! Tags of Cognito user pools.

use async_trait::async_trait;

use super::{Tags, Target};
use crate::{
    context::Cx,
    refusal::{Answer, Answered},
};

/// A Cognito user pool, by its ARN.
#[derive(Clone, Debug)]
pub(crate) struct CognitoUserPool(pub(crate) String);

#[async_trait]
impl Target for CognitoUserPool {
    async fn all(&self, cx: &Cx) -> Answer<Tags> {
        let tags = cx.clients.cognito.list_tags_for_resource().resource_arn(&self.0).send().await;
        let tags = tags.found(&["ResourceNotFoundException"])?;
        Ok(tags.and_then(|t| t.tags).unwrap_or_default().into_iter().collect())
    }
    async fn set(&self, cx: &Cx, tags: Tags) -> Answer {
        let call = cx.clients.cognito.tag_resource().resource_arn(&self.0).set_tags(Some(tags.into_iter().collect()));
        call.send().await.done()
    }
    async fn unset(&self, cx: &Cx, keys: Vec<String>) -> Answer {
        let call = cx.clients.cognito.untag_resource().resource_arn(&self.0).set_tag_keys(Some(keys));
        call.send().await.done()
    }
}
