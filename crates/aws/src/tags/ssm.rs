//! Tags of SSM parameters.

use async_trait::async_trait;
use aws_sdk_ssm::types::{ResourceTypeForTagging, Tag};

use super::{Tags, Target, built};
use crate::{
    context::Cx,
    refusal::{Answer, Answered},
    waits::PARAMETER_IS_BUSY,
};

/// An SSM parameter, by its name.
#[derive(Clone, Debug)]
pub(crate) struct SsmParameter(pub(crate) String);

const KIND: ResourceTypeForTagging = ResourceTypeForTagging::Parameter;

#[async_trait]
impl Target for SsmParameter {
    async fn all(&self, cx: &Cx) -> Answer<Tags> {
        let tags = cx.clients.ssm.list_tags_for_resource().resource_type(KIND).resource_id(&self.0).send().await;
        let tags = tags.found(&["InvalidResourceId"])?;
        Ok(tags.and_then(|t| t.tag_list).unwrap_or_default().into_iter().map(|t| (t.key, t.value)).collect())
    }
    async fn set(&self, cx: &Cx, tags: Tags) -> Answer {
        let tags = built(tags.iter().map(|(k, v)| Tag::builder().key(k).value(v).build()).collect())?;
        let call = cx.clients.ssm.add_tags_to_resource().resource_type(KIND).resource_id(&self.0).set_tags(Some(tags));
        PARAMETER_IS_BUSY.out(|| call.clone().send()).await.done()
    }
    async fn unset(&self, cx: &Cx, keys: Vec<String>) -> Answer {
        let call = cx.clients.ssm.remove_tags_from_resource().resource_type(KIND).resource_id(&self.0);
        let call = call.set_tag_keys(Some(keys));
        PARAMETER_IS_BUSY.out(|| call.clone().send()).await.done()
    }
}
