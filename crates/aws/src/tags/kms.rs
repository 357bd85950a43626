//! Tags of KMS keys.

use async_trait::async_trait;
use aws_sdk_kms::types::Tag;

use super::{Tags, Target, built};
use crate::{
    context::Cx,
    refusal::{Answer, Answered},
    waits::KEY_IS_SPREADING,
};

/// A KMS key, by its id.
#[derive(Clone, Debug)]
pub(crate) struct KmsKey(pub(crate) String);

#[async_trait]
impl Target for KmsKey {
    async fn all(&self, cx: &Cx) -> Answer<Tags> {
        let pages = cx.clients.kms.list_resource_tags().key_id(&self.0).into_paginator().items().send();
        let tags = pages.collect::<Result<Vec<_>, _>>().await.found(&["NotFoundException"])?.unwrap_or_default();
        Ok(tags.into_iter().map(|t| (t.tag_key, t.tag_value)).collect())
    }
    async fn set(&self, cx: &Cx, tags: Tags) -> Answer {
        let tags = built(tags.iter().map(|(k, v)| Tag::builder().tag_key(k).tag_value(v).build()).collect())?;
        let call = cx.clients.kms.tag_resource().key_id(&self.0).set_tags(Some(tags));
        KEY_IS_SPREADING.out(|| call.clone().send()).await.done()
    }
    async fn unset(&self, cx: &Cx, keys: Vec<String>) -> Answer {
        let call = cx.clients.kms.untag_resource().key_id(&self.0).set_tag_keys(Some(keys));
        KEY_IS_SPREADING.out(|| call.clone().send()).await.done()
    }
}
