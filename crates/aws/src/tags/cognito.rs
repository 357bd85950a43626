//! Tags of Cognito user pools.

use async_trait::async_trait;
use pulumi::provider::resource::Error;

use super::{Tags, Target};
use crate::{
    context::Cx,
    error::{failed, found},
};

/// A Cognito user pool, by its ARN.
#[derive(Clone, Debug)]
pub(crate) struct CognitoUserPool(pub(crate) String);

#[async_trait]
impl Target for CognitoUserPool {
    async fn all(&self, cx: &Cx) -> Result<Tags, Error> {
        let tags = cx.clients.cognito.list_tags_for_resource().resource_arn(&self.0).send().await;
        let tags = found(tags, &["ResourceNotFoundException"])?;
        Ok(tags.and_then(|t| t.tags).unwrap_or_default().into_iter().collect())
    }
    async fn set(&self, cx: &Cx, tags: Tags) -> Result<(), Error> {
        let call = cx.clients.cognito.tag_resource().resource_arn(&self.0).set_tags(Some(tags.into_iter().collect()));
        call.send().await.map(drop).map_err(failed)
    }
    async fn unset(&self, cx: &Cx, keys: Vec<String>) -> Result<(), Error> {
        let call = cx.clients.cognito.untag_resource().resource_arn(&self.0).set_tag_keys(Some(keys));
        call.send().await.map(drop).map_err(failed)
    }
}
