//! Tags of Lambda functions.

use async_trait::async_trait;

use super::{Tags, Target};
use crate::{
    context::Cx,
    refusal::{Answer, Answered},
    waits::FUNCTION_IS_BUSY,
};

/// A Lambda function, by its ARN.
#[derive(Clone, Debug)]
pub(crate) struct LambdaFunction(pub(crate) String);

#[async_trait]
impl Target for LambdaFunction {
    async fn all(&self, cx: &Cx) -> Answer<Tags> {
        let tags = cx.clients.lambda.list_tags().resource(&self.0).send().await;
        let tags = tags.found(&["ResourceNotFoundException"])?;
        Ok(tags.and_then(|t| t.tags).unwrap_or_default().into_iter().collect())
    }
    async fn set(&self, cx: &Cx, tags: Tags) -> Answer {
        let call = cx.clients.lambda.tag_resource().resource(&self.0).set_tags(Some(tags.into_iter().collect()));
        FUNCTION_IS_BUSY.out(|| call.clone().send()).await.done()
    }
    async fn unset(&self, cx: &Cx, keys: Vec<String>) -> Answer {
        let call = cx.clients.lambda.untag_resource().resource(&self.0).set_tag_keys(Some(keys));
        FUNCTION_IS_BUSY.out(|| call.clone().send()).await.done()
    }
}
