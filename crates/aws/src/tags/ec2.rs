//! Tags of EC2 things, and finding them by the identity tag.

use std::future::Future;

use async_trait::async_trait;
use aws_sdk_ec2::types::{Filter, ResourceType, Tag, TagSpecification};

use super::{Tags, Target};
use crate::{
    context::Cx,
    recovery::{Look, TAG},
    refusal::{Answer, Answered, Refusal},
    waits::{self, EC2_IS_SPREADING},
};

/// An EC2 thing, by its id.
#[derive(Clone, Debug)]
pub(crate) struct Ec2Thing(pub(crate) String);

/// How often a thing is looked for whose create's answer was lost: EC2 may not show for seconds what it made.
/// <https://docs.aws.amazon.com/ec2/latest/devguide/eventual-consistency.html>
const LOOKS: u32 = 5;

#[async_trait]
impl Target for Ec2Thing {
    async fn all(&self, cx: &Cx) -> Answer<Tags> {
        let pages = cx.clients.ec2.describe_tags().filters(filter("resource-id", &self.0)).into_paginator().items();
        let tags = pages.send().collect::<Result<Vec<_>, _>>().await?;
        Ok(tags.into_iter().filter_map(|t| Some((t.key?, t.value.unwrap_or_default()))).collect())
    }
    async fn set(&self, cx: &Cx, tags: Tags) -> Answer {
        let tags = tags.into_iter().map(|(k, v)| Tag::builder().key(k).value(v).build()).collect();
        let call = cx.clients.ec2.create_tags().resources(&self.0).set_tags(Some(tags));
        EC2_IS_SPREADING.out(|| call.clone().send()).await.done()
    }
    async fn unset(&self, cx: &Cx, keys: Vec<String>) -> Answer {
        let tags = keys.into_iter().map(|k| Tag::builder().key(k).build()).collect();
        let call = cx.clients.ec2.delete_tags().resources(&self.0).set_tags(Some(tags));
        EC2_IS_SPREADING.out(|| call.clone().send()).await.done()
    }
}

/// A filter of a Describe call, for one value.
pub(crate) fn filter(name: &str, value: &str) -> Filter {
    Filter::builder().name(name).values(value).build()
}

/// The tags of a create call.
pub(crate) fn specification(cx: &Cx, kind: ResourceType) -> TagSpecification {
    let tags = cx.tags_as(|k, v| Tag::builder().key(k).value(v).build());
    TagSpecification::builder().resource_type(kind).set_tags(Some(tags)).build()
}

/// What carries our identity, and the state does not know; `ask` is a Describe call with the filter it is given, and
/// `id` the id of what it shows, if that can be what was lost.
pub(crate) async fn lost<T, E, C>(
    cx: &Cx,
    look: Look,
    ask: impl Fn(Filter) -> C,
    id: impl Fn(&T) -> Option<&String>,
) -> Answer<Option<T>>
where
    E: Into<Refusal>,
    C: Future<Output = Result<Vec<T>, E>>,
{
    let (value, looks) = match look {
        Look::Attempt => (cx.identity.value(), LOOKS),
        Look::Resource => (cx.identity.pattern(), 1),
    };
    let mut attempt = 1;
    loop {
        let found = ask(filter(&format!("tag:{TAG}"), &value)).await.answer()?;
        if !found.is_empty() || attempt >= looks {
            return Ok(found.into_iter().find(|thing| id(thing).is_some_and(|id| !cx.recovery.knows(id))));
        }
        waits::clock::sleep(waits::back_off(attempt)).await;
        attempt += 1;
    }
}
