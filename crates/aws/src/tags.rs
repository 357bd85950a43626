//! Tags of every kind of thing: reading and writing them, in one place.

use std::{collections::BTreeMap, marker::PhantomData};

use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use futures::future::BoxFuture;
use pulumi::{
    provider::{
        check::Failure,
        resource::{Created, CustomResource, Error, Kind, Live, Of},
        schema::ResourceSchema,
    },
    value::{FromValue, Map, ToValue, Value},
};

use crate::{
    context::Cx,
    error::{self, failed},
    recovery::TAG,
};

/// Tags by key.
pub type Tags = BTreeMap<String, String>;

/// Where tags hang: the service's own handle of the thing.
#[derive(Clone, Debug)]
pub enum Tagged {
    /// A KMS key's id.
    KmsKey(String),
    /// A bucket's name.
    Bucket(String),
    /// A queue's URL.
    Queue(String),
    /// An EventBridge thing's ARN.
    Events(String),
    /// An SSM parameter's name.
    Parameter(String),
}

/// A type whose things carry tags.
pub trait Taggable: CustomResource<Context = Cx> {
    /// Where the tags of the thing with this id hang.
    fn tagged(cx: &Cx, id: &str) -> Tagged;
}

/// Keys that are not the user's: AWS's own, and ours.
fn is_foreign(key: &str) -> bool {
    key.starts_with("aws:") || key == TAG
}

fn tag_error<E: ProvideErrorMetadata + std::error::Error + 'static>(
    doing: &'static str,
) -> impl Fn(error::Failure<E>) -> Error {
    move |failure| failed(failure).within(doing)
}

impl Tagged {
    /// All tags, the identity included. What does not exist has none.
    pub async fn all(&self, cx: &Cx) -> Result<Tags, Error> {
        let c = &cx.clients;
        let pairs: Vec<(String, String)> = match self {
            Self::KmsKey(id) => {
                let pages = c.kms.list_resource_tags().key_id(id).into_paginator().items().send();
                let tags = pages.collect::<Result<Vec<_>, _>>().await;
                let tags = error::found(tags, &["NotFoundException"])?.unwrap_or_default();
                tags.into_iter().map(|t| (t.tag_key, t.tag_value)).collect()
            }
            Self::Bucket(name) => {
                let tags = c.s3.get_bucket_tagging().bucket(name).send().await;
                let tags = error::found(tags, &["NoSuchTagSet", "NoSuchBucket"])?;
                tags.map(|t| t.tag_set).unwrap_or_default().into_iter().map(|t| (t.key, t.value)).collect()
            }
            Self::Queue(url) => {
                let tags = c.sqs.list_queue_tags().queue_url(url).send().await;
                let tags = error::found(tags, crate::sqs::queue::ABSENT)?;
                tags.and_then(|t| t.tags).unwrap_or_default().into_iter().collect()
            }
            Self::Events(arn) => {
                let tags = c.events.list_tags_for_resource().resource_arn(arn).send().await;
                let tags = error::found(tags, &["ResourceNotFoundException"])?;
                tags.and_then(|t| t.tags).unwrap_or_default().into_iter().map(|t| (t.key, t.value)).collect()
            }
            Self::Parameter(name) => {
                let tags = c
                    .ssm
                    .list_tags_for_resource()
                    .resource_type(aws_sdk_ssm::types::ResourceTypeForTagging::Parameter)
                    .resource_id(name)
                    .send()
                    .await;
                let tags = error::found(tags, &["InvalidResourceId"])?;
                tags.and_then(|t| t.tag_list).unwrap_or_default().into_iter().map(|t| (t.key, t.value)).collect()
            }
        };
        Ok(pairs.into_iter().collect())
    }

    /// Makes the tags what they should be: `old` as they were meant before, `new` as they are meant now.
    pub async fn change(&self, cx: &Cx, old: &Tags, new: &Tags) -> Result<(), Error> {
        let set: Tags =
            new.iter().filter(|(k, v)| old.get(*k) != Some(v)).map(|(k, v)| (k.clone(), v.clone())).collect();
        let unset: Vec<String> = old.keys().filter(|k| !new.contains_key(*k) && !is_foreign(k)).cloned().collect();
        if set.is_empty() && unset.is_empty() {
            return Ok(());
        }
        let c = &cx.clients;
        match self {
            Self::KmsKey(id) => {
                let tag = |(k, v)| aws_sdk_kms::types::Tag::builder().tag_key(k).tag_value(v).build();
                let tags =
                    set.into_iter().map(tag).collect::<Result<Vec<_>, _>>().map_err(|e| Error::new(e.to_string()))?;
                if !tags.is_empty() {
                    c.kms
                        .tag_resource()
                        .key_id(id)
                        .set_tags(Some(tags))
                        .send()
                        .await
                        .map_err(tag_error("setting tags"))?;
                }
                if !unset.is_empty() {
                    c.kms
                        .untag_resource()
                        .key_id(id)
                        .set_tag_keys(Some(unset))
                        .send()
                        .await
                        .map_err(tag_error("removing tags"))?;
                }
            }
            Self::Bucket(name) => {
                // S3 knows only "replace all": what is not ours to change goes back in
                let mut all = self.all(cx).await?;
                all.retain(|k, _| !unset.contains(k));
                all.extend(set);
                let tag = |(k, v): (&String, &String)| aws_sdk_s3::types::Tag::builder().key(k).value(v).build();
                let tags = all.iter().filter(|(k, _)| !k.starts_with("aws:")).map(tag).collect::<Result<Vec<_>, _>>();
                let tagging =
                    tags.and_then(|tags| aws_sdk_s3::types::Tagging::builder().set_tag_set(Some(tags)).build());
                let tagging = tagging.map_err(|e| Error::new(e.to_string()))?;
                c.s3.put_bucket_tagging()
                    .bucket(name)
                    .tagging(tagging)
                    .send()
                    .await
                    .map_err(tag_error("setting tags"))?;
            }
            Self::Queue(url) => {
                if !set.is_empty() {
                    c.sqs
                        .tag_queue()
                        .queue_url(url)
                        .set_tags(Some(set.into_iter().collect()))
                        .send()
                        .await
                        .map_err(tag_error("setting tags"))?;
                }
                if !unset.is_empty() {
                    c.sqs
                        .untag_queue()
                        .queue_url(url)
                        .set_tag_keys(Some(unset))
                        .send()
                        .await
                        .map_err(tag_error("removing tags"))?;
                }
            }
            Self::Events(arn) => {
                let tag = |(k, v)| aws_sdk_eventbridge::types::Tag::builder().key(k).value(v).build();
                let tags =
                    set.into_iter().map(tag).collect::<Result<Vec<_>, _>>().map_err(|e| Error::new(e.to_string()))?;
                if !tags.is_empty() {
                    c.events
                        .tag_resource()
                        .resource_arn(arn)
                        .set_tags(Some(tags))
                        .send()
                        .await
                        .map_err(tag_error("setting tags"))?;
                }
                if !unset.is_empty() {
                    c.events
                        .untag_resource()
                        .resource_arn(arn)
                        .set_tag_keys(Some(unset))
                        .send()
                        .await
                        .map_err(tag_error("removing tags"))?;
                }
            }
            Self::Parameter(name) => {
                let kind = aws_sdk_ssm::types::ResourceTypeForTagging::Parameter;
                let tag = |(k, v)| aws_sdk_ssm::types::Tag::builder().key(k).value(v).build();
                let tags =
                    set.into_iter().map(tag).collect::<Result<Vec<_>, _>>().map_err(|e| Error::new(e.to_string()))?;
                if !tags.is_empty() {
                    c.ssm
                        .add_tags_to_resource()
                        .resource_type(kind.clone())
                        .resource_id(name)
                        .set_tags(Some(tags))
                        .send()
                        .await
                        .map_err(tag_error("setting tags"))?;
                }
                if !unset.is_empty() {
                    c.ssm
                        .remove_tags_from_resource()
                        .resource_type(kind)
                        .resource_id(name)
                        .set_tag_keys(Some(unset))
                        .send()
                        .await
                        .map_err(tag_error("removing tags"))?;
                }
            }
        }
        Ok(())
    }

    /// Makes the tags of an adopted thing ours: what it should carry, with the identity of this attempt.
    pub async fn claim(&self, cx: &Cx, live: &Tags) -> Result<(), Error> {
        let mut new = cx.tags.clone();
        new.insert(TAG.to_owned(), cx.identity.value());
        self.change(cx, live, &new).await
    }
}

/// Erases a type whose things carry tags: a read brings them along, an update changes them.
pub struct WithTags<R>(Of<R>, PhantomData<fn() -> R>);

impl<R> WithTags<R> {
    /// The erased type.
    pub const fn new() -> Self {
        Self(Of::new(), PhantomData)
    }
}
impl<R> Default for WithTags<R> {
    fn default() -> Self {
        Self::new()
    }
}

/// The tags in a property map; absent is none.
pub fn tags_in(map: &Map, property: &str) -> Tags {
    map.get(property).and_then(|v| Tags::from_value(v).ok()).unwrap_or_default()
}

impl<R: Taggable> Kind<Cx> for WithTags<R> {
    fn schema(&self) -> ResourceSchema {
        self.0.schema()
    }
    fn updates(&self) -> bool {
        true
    }
    fn check(&self, inputs: &Map) -> Vec<Failure> {
        let tags = tags_in(inputs, "tagsAll");
        let wrong =
            |key: &String| Failure { property: format!("tags.{key}"), reason: format!("tag key `{key}` is reserved") };
        self.0.check(inputs).into_iter().chain(tags.keys().filter(|k| is_foreign(k)).map(wrong)).collect()
    }
    fn fit_name(&self, inputs: &Map, name: String) -> String {
        self.0.fit_name(inputs, name)
    }
    fn reduce(&self, olds: Option<&Map>, live: &mut Map) {
        self.0.reduce(olds, live);
    }
    fn create<'a>(&'a self, cx: &'a Cx, inputs: &'a Map) -> BoxFuture<'a, Result<Created<Map>, Error>> {
        self.0.create(cx, inputs)
    }
    fn read<'a>(&'a self, cx: &'a Cx, id: &'a str) -> BoxFuture<'a, Result<Option<Live<Map, Map>>, Error>> {
        Box::pin(async move {
            let target = R::tagged(cx, id);
            let (live, tags) = futures::future::join(self.0.read(cx, id), target.all(cx)).await;
            let Some(mut live) = live? else { return Ok(None) };
            let mut tags = tags.map_err(|e| e.within("reading tags"))?;
            tags.retain(|k, _| !is_foreign(k));
            live.inputs.insert("tags".to_owned(), tags.to_value());
            Ok(Some(live))
        })
    }
    fn update<'a>(
        &'a self,
        cx: &'a Cx,
        id: &'a str,
        old: &'a Map,
        new: &'a Map,
        outputs: &'a Map,
    ) -> BoxFuture<'a, Result<Map, Error>> {
        Box::pin(async move {
            R::tagged(cx, id).change(cx, &tags_in(old, "tagsAll"), &tags_in(new, "tagsAll")).await?;
            let bare = |map: &Map| -> Map {
                map.iter().filter(|(k, _)| !k.starts_with("tags")).map(|(k, v)| (k.clone(), v.clone())).collect()
            };
            let known = |outputs: &Map| Value::Object(outputs.clone());
            // tags alone: nothing of the type's own to do
            if bare(old) == bare(new) {
                let Value::Object(outputs) = known(outputs) else { return Ok(Map::new()) };
                return Ok(outputs);
            }
            self.0.update(cx, id, old, new, outputs).await
        })
    }
    fn delete<'a>(&'a self, cx: &'a Cx, id: &'a str, inputs: &'a Map) -> BoxFuture<'a, Result<(), Error>> {
        self.0.delete(cx, id, inputs)
    }
}
