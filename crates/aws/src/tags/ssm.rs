//! Tags of SSM parameters.

use async_trait::async_trait;
use aws_sdk_ssm::types::{ResourceTypeForTagging, Tag};
use pulumi::provider::resource::Error;

use super::{Tags, Target, built};
use crate::{
    context::Cx,
    error::{failed, found},
    waits::PARAMETER_IS_BUSY,
};

/// An SSM parameter, by its name.
#[derive(Clone, Debug)]
pub(crate) struct SsmParameter(pub(crate) String);

const KIND: ResourceTypeForTagging = ResourceTypeForTagging::Parameter;

#[async_trait]
impl Target for SsmParameter {
    async fn all(&self, cx: &Cx) -> Result<Tags, Error> {
        let tags = cx.clients.ssm.list_tags_for_resource().resource_type(KIND).resource_id(&self.0).send().await;
        let tags = found(tags, &["InvalidResourceId"])?;
        Ok(tags.and_then(|t| t.tag_list).unwrap_or_default().into_iter().map(|t| (t.key, t.value)).collect())
    }
    async fn set(&self, cx: &Cx, tags: Tags) -> Result<(), Error> {
        let tags = built(tags.iter().map(|(k, v)| Tag::builder().key(k).value(v).build()).collect())?;
        let call = cx.clients.ssm.add_tags_to_resource().resource_type(KIND).resource_id(&self.0).set_tags(Some(tags));
        PARAMETER_IS_BUSY.out(|| call.clone().send()).await.map(drop).map_err(failed)
    }
    async fn unset(&self, cx: &Cx, keys: Vec<String>) -> Result<(), Error> {
        let call = cx.clients.ssm.remove_tags_from_resource().resource_type(KIND).resource_id(&self.0);
        let call = call.set_tag_keys(Some(keys));
        PARAMETER_IS_BUSY.out(|| call.clone().send()).await.map(drop).map_err(failed)
    }
}
