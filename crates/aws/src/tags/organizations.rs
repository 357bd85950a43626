//! Tags of Organizations' things.

use async_trait::async_trait;
use aws_sdk_organizations::types::Tag;

use super::{Tags, Target, built};
use crate::{
    context::Cx,
    organization::{changed, refused},
    refusal::{Answer, Answered},
};

/// A policy, an organizational unit, an account or a root, by its id.
#[derive(Clone, Debug)]
pub(crate) struct OrganizationsThing(pub(crate) String);

#[async_trait]
impl Target for OrganizationsThing {
    async fn all(&self, cx: &Cx) -> Answer<Tags> {
        let call = cx.clients.organizations.list_tags_for_resource().resource_id(&self.0);
        let tags = call.into_paginator().items().send().collect::<Result<Vec<_>, _>>().await;
        let tags = tags.found(&["TargetNotFoundException"])?.unwrap_or_default();
        Ok(tags.into_iter().map(|t| (t.key, t.value)).collect())
    }
    async fn set(&self, cx: &Cx, tags: Tags) -> Answer {
        let tags = built(tags.iter().map(|(k, v)| Tag::builder().key(k).value(v).build()).collect())?;
        let call = cx.clients.organizations.tag_resource().resource_id(&self.0).set_tags(Some(tags));
        changed(|| call.clone().send()).await.map(drop).map_err(refused)
    }
    async fn unset(&self, cx: &Cx, keys: Vec<String>) -> Answer {
        let call = cx.clients.organizations.untag_resource().resource_id(&self.0).set_tag_keys(Some(keys));
        changed(|| call.clone().send()).await.map(drop).map_err(refused)
    }
}
