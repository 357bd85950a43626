//! Tags of Organizations' things.

use async_trait::async_trait;
use aws_sdk_organizations::types::Tag;
use pulumi::provider::resource::Error;

use super::{Tags, Target, built};
use crate::{
    context::Cx,
    error::found,
    organization::{changed, failed},
};

/// A policy, an organizational unit, an account or a root, by its id.
#[derive(Clone, Debug)]
pub(crate) struct OrganizationsThing(pub(crate) String);

#[async_trait]
impl Target for OrganizationsThing {
    async fn all(&self, cx: &Cx) -> Result<Tags, Error> {
        let call = cx.clients.organizations.list_tags_for_resource().resource_id(&self.0);
        let tags = call.into_paginator().items().send().collect::<Result<Vec<_>, _>>().await;
        let tags = found(tags, &["TargetNotFoundException"])?.unwrap_or_default();
        Ok(tags.into_iter().map(|t| (t.key, t.value)).collect())
    }
    async fn set(&self, cx: &Cx, tags: Tags) -> Result<(), Error> {
        let tags = built(tags.iter().map(|(k, v)| Tag::builder().key(k).value(v).build()).collect())?;
        let call = cx.clients.organizations.tag_resource().resource_id(&self.0).set_tags(Some(tags));
        changed(|| call.clone().send()).await.map(drop).map_err(failed)
    }
    async fn unset(&self, cx: &Cx, keys: Vec<String>) -> Result<(), Error> {
        let call = cx.clients.organizations.untag_resource().resource_id(&self.0).set_tag_keys(Some(keys));
        changed(|| call.clone().send()).await.map(drop).map_err(failed)
    }
}
