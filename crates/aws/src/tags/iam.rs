//! Tags of IAM's roles, managed policies and identity providers.

use async_trait::async_trait;
use aws_sdk_iam::types::Tag;

use super::{Tags, Target, built};
use crate::{
    context::Cx,
    iam::role::{ABSENT, BUSY},
    recovery,
    refusal::{Answer, Answered},
};

/// A role, by its name.
#[derive(Clone, Debug)]
pub(crate) struct IamRole(pub(crate) String);

/// A managed policy, by its ARN.
#[derive(Clone, Debug)]
pub(crate) struct IamPolicy(pub(crate) String);

/// An OpenID Connect provider, by its ARN.
#[derive(Clone, Debug)]
pub(crate) struct IamOpenIdConnectProvider(pub(crate) String);

/// Tags in the SDK's form, as IAM's create calls take them.
pub(crate) fn of_create(cx: &Cx) -> Answer<Vec<Tag>> {
    built(cx.tags_as(|k, v| Tag::builder().key(k).value(v).build()))
}

fn sdk(tags: &Tags) -> Answer<Vec<Tag>> {
    built(tags.iter().map(|(k, v)| Tag::builder().key(k).value(v).build()).collect())
}

macro_rules! target {
    ($thing:ident, by $id:ident, $list:ident, $tag:ident, $untag:ident) => {
        #[async_trait]
        impl Target for $thing {
            async fn all(&self, cx: &Cx) -> Answer<Tags> {
                let pages = cx.clients.iam.$list().$id(&self.0).into_paginator().send().collect::<Result<Vec<_>, _>>();
                let pages = pages.await.found(ABSENT)?.unwrap_or_default();
                Ok(pages.into_iter().flat_map(|page| page.tags).map(|t| (t.key, t.value)).collect())
            }
            async fn set(&self, cx: &Cx, tags: Tags) -> Answer {
                let call = cx.clients.iam.$tag().$id(&self.0).set_tags(Some(sdk(&tags)?));
                recovery::settled(BUSY, || call.clone().send()).await.done()
            }
            async fn unset(&self, cx: &Cx, keys: Vec<String>) -> Answer {
                let call = cx.clients.iam.$untag().$id(&self.0).set_tag_keys(Some(keys));
                recovery::settled(BUSY, || call.clone().send()).await.done()
            }
        }
    };
}

target!(IamRole, by role_name, list_role_tags, tag_role, untag_role);
target!(IamPolicy, by policy_arn, list_policy_tags, tag_policy, untag_policy);
target!(
    IamOpenIdConnectProvider,
    by open_id_connect_provider_arn,
    list_open_id_connect_provider_tags,
    tag_open_id_connect_provider,
    untag_open_id_connect_provider
);
