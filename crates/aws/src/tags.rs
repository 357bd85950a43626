//! Tags of every kind of thing: reading and writing them, in one place.

mod cloudtrail;
mod cloudwatch;
mod cognito;
mod dynamodb;
pub(crate) mod ec2;
mod events;
mod firehose;
pub(crate) mod iam;
mod kms;
mod lambda;
mod logs;
mod organizations;
mod s3;
mod sns;
mod sqs;
mod ssm;
mod xray;

use std::{collections::BTreeMap, marker::PhantomData};

use async_trait::async_trait;
use aws_smithy_types::error::operation::BuildError;
use futures::future::BoxFuture;
use pulumi::{
    provider::{
        adopt::Presence,
        check::Failure,
        resource::{Created, Error, Kind, Live, Of},
        schema::ResourceSchema,
    },
    value::{FromValue, Map, ToValue, Value},
};

pub(crate) use self::{
    cloudtrail::Trail,
    cloudwatch::CloudWatchAlarm,
    cognito::CognitoUserPool,
    dynamodb::DynamoTable,
    ec2::Ec2Thing,
    events::EventsThing,
    firehose::FirehoseStream,
    iam::{IamOpenIdConnectProvider, IamPolicy, IamRole},
    kms::KmsKey,
    lambda::LambdaFunction,
    logs::LogsThing,
    organizations::OrganizationsThing,
    s3::{S3Bucket, S3Object},
    sns::SnsTopic,
    sqs::SqsQueue,
    ssm::SsmParameter,
    xray::XrayThing,
};
use crate::{
    context::Cx,
    recovery::TAG,
    refusal::{Answer, Answered},
    resource::{Adapter, AwsResource},
    waits::{self, TAGS_ARE_NEW},
};

/// Tags by key.
pub type Tags = BTreeMap<String, String>;

/// The tags of one thing, by its service's own handle of it. One file a service, below `tags/`.
#[async_trait]
pub trait Target: Send + Sync {
    /// All tags, the identity included. What does not exist has none.
    async fn all(&self, cx: &Cx) -> Answer<Tags>;
    /// Sets some tags; never called with none.
    async fn set(&self, cx: &Cx, tags: Tags) -> Answer;
    /// Removes the tags with these keys; never called with none.
    async fn unset(&self, cx: &Cx, keys: Vec<String>) -> Answer;
    /// Sets and removes; for a service that can only replace all of them.
    async fn alter(&self, cx: &Cx, set: Tags, unset: Vec<String>) -> Answer {
        if !set.is_empty() {
            self.set(cx, set).await.within("setting tags")?;
        }
        if !unset.is_empty() {
            self.unset(cx, unset).await.within("removing tags")?;
        }
        Ok(())
    }
}

/// A resource without tags.
pub(crate) struct Untagged;

#[async_trait]
impl Target for Untagged {
    async fn all(&self, _: &Cx) -> Answer<Tags> {
        Ok(Tags::new())
    }
    async fn set(&self, _: &Cx, _: Tags) -> Answer {
        Ok(())
    }
    async fn unset(&self, _: &Cx, _: Vec<String>) -> Answer {
        Ok(())
    }
}

/// Where tags hang.
pub type Tagged = Box<dyn Target>;

/// Characters that a type's tags may have beside letters, digits and spaces; `None` where AWS takes any. From AWS's service
/// models, and for S3, which says "`InvalidTag`" and not of which,
/// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/CostAllocTagging.html>, as of 2026-11.
fn signs(token: &str) -> Option<&'static str> {
    match token.split([':', '/']).nth(1) {
        Some("iam" | "organizations" | "ssm" | "s3") => Some("_.:/=+-@"),
        Some("kinesis") => Some("_.:/=+-@%"),
        _ if token == "aws:cloudwatch/logGroup:LogGroup" => Some("_.:/=+-@"),
        _ => None,
    }
}

/// Most tags of a thing, of which one is [`TAG`]. <https://docs.aws.amazon.com/tag-editor/latest/userguide/best-practices-and-strats.html>;
/// of a queue's tags SQS says that more are "not recommended", no more, as of 2026-11.
const MOST: usize = 50;

/// As [`MOST`], of an S3 object.
/// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-tagging.html>, as of 2026-11
const MOST_OF_AN_OBJECT: usize = 10;

/// The tags that AWS refuses, or would take for its own, in Check already: AWS says so when half is done, and of some
/// services not which tag it is. No value is quoted: it may be secret.
fn refused(token: &str, tags: &Tags) -> Vec<Failure> {
    let mut failures = Vec::new();
    let mut wrong = |key: &str, reason: String| failures.push(Failure { property: format!("tags.{key}"), reason });
    for (key, value) in tags {
        if is_foreign(&key.to_lowercase()) || is_foreign(key) {
            wrong(key, format!("tag key `{key}` is reserved"));
        }
        if !(1..=128).contains(&key.chars().count()) {
            wrong(key, format!("tag key `{key}` has {} characters: AWS takes 1 to 128", key.chars().count()));
        }
        if value.chars().count() > 256 {
            wrong(key, format!("the value of tag `{key}` has {} characters: AWS takes 256", value.chars().count()));
        }
        let Some(signs) = signs(token) else { continue };
        let is_fine = |c: char| {
            c.is_alphabetic() || c.is_numeric() || (c.is_whitespace() && !c.is_control()) || signs.contains(c)
        };
        let parts = [(format!("tag key `{key}`"), key), (format!("the value of tag `{key}`"), value)];
        for (what, _) in parts.iter().filter(|(_, text)| !text.chars().all(is_fine)) {
            wrong(
                key,
                format!("{what} has characters that AWS refuses here: it takes letters, digits, spaces and {signs}"),
            );
        }
    }
    let most = if token == "aws:s3/bucketObjectv2:BucketObjectv2" { MOST_OF_AN_OBJECT } else { MOST };
    if tags.len() >= most && token != "aws:sqs/queue:Queue" {
        let reason = format!(
            "{} tags, default tags included: AWS takes {most}, and one of them is the provider's own `{TAG}`",
            tags.len()
        );
        failures.push(Failure { property: "tags".to_owned(), reason });
    }
    failures
}

/// Keys that are not the user's: AWS's own, and ours.
fn is_foreign(key: &str) -> bool {
    key.starts_with("aws:") || key == TAG
}

impl dyn Target {
    /// Makes the tags what they should be: `old` as they were meant before, `new` as they are meant now.
    pub async fn change(&self, cx: &Cx, old: &Tags, new: &Tags) -> Answer {
        let set: Tags =
            new.iter().filter(|(k, v)| old.get(*k) != Some(v)).map(|(k, v)| (k.clone(), v.clone())).collect();
        let unset: Vec<String> = old.keys().filter(|k| !new.contains_key(*k) && !is_foreign(k)).cloned().collect();
        if set.is_empty() && unset.is_empty() {
            return Ok(());
        }
        let keys: Vec<String> = set.keys().chain(&unset).map(|key| format!("`{key}`")).collect();
        self.alter(cx, set, unset).await.within(&format!("changing tags {}", keys.join(", ")))
    }

    /// The tags of a thing that may have been made a moment ago, and not show them yet: our own always has some.
    pub async fn shown(&self, cx: &Cx) -> Answer<Tags> {
        let some = || async {
            let tags = self.all(cx).await.within("reading tags")?;
            Ok((!tags.is_empty()).then_some(tags))
        };
        Ok(waits::asked(TAGS_ARE_NEW, some).await?.unwrap_or_default())
    }

    /// Makes the tags of an adopted thing ours: what it should carry, with the identity of this attempt.
    pub async fn claim(&self, cx: &Cx, live: &Tags) -> Answer {
        let mut new = cx.tags.clone();
        new.insert(TAG.to_owned(), cx.identity.value());
        self.change(cx, live, &new).await
    }
}

/// Tags in the SDK's form, where its builder may refuse one.
pub fn built<T>(tags: Vec<Result<T, BuildError>>) -> Answer<Vec<T>> {
    tags.into_iter().collect::<Result<_, _>>().answer()
}

/// The default tags of the provider's arguments, with their marks.
pub(crate) fn default_tags(arguments: &Map) -> Value {
    match arguments.get("defaultTags") {
        Some(Value::Secret(whole)) => default_tags(&[("defaultTags".to_owned(), (**whole).clone())].into()).secret(),
        Some(Value::Object(default)) => default.get("tags").cloned().unwrap_or_else(|| Value::Object(Map::new())),
        _ => Value::Object(Map::new()),
    }
}

/// Puts tags over others, with their marks: unknown is all of them when any part of their keys is.
pub(crate) fn over(tags: Value, own: Option<&Value>) -> Value {
    match (tags, own) {
        (tags, None | Some(Value::Null)) => tags,
        (Value::Secret(tags), own) => over(*tags, own).secret(),
        (tags, Some(Value::Secret(own))) => over(tags, Some(own)).secret(),
        (Value::Object(mut all), Some(Value::Object(own))) => {
            all.extend(own.clone());
            Value::Object(all)
        }
        (_, Some(Value::Unknown)) => Value::Unknown,
        (tags, Some(_)) => tags,
    }
}

/// Erases a type whose things carry tags: a read brings them along, an update changes them.
pub struct WithTags<R>(Of<Adapter<R>>, PhantomData<fn() -> R>);

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

impl<R: AwsResource> Kind<Cx> for WithTags<R> {
    fn schema(&self) -> ResourceSchema {
        self.0.schema()
    }
    fn updates(&self) -> bool {
        true
    }
    fn deletes_first(&self) -> bool {
        self.0.deletes_first()
    }
    fn check(&self, inputs: &Map) -> Vec<Failure> {
        self.0.check(inputs).into_iter().chain(refused(self.schema().token, &tags_in(inputs, "tagsAll"))).collect()
    }
    fn check_change(&self, olds: &Map, news: &Map) -> Vec<Failure> {
        self.0.check_change(olds, news)
    }
    fn check_files(&self, olds: &Map, news: &Map) -> Vec<Failure> {
        self.0.check_files(olds, news)
    }
    fn replacing(&self, olds: &Map, news: &Map) -> Vec<&'static str> {
        self.0.replacing(olds, news)
    }
    fn own_id<'a>(&self, given: &'a str) -> &'a str {
        self.0.own_id(given)
    }
    fn fit_name(&self, inputs: &Map, name: String) -> String {
        self.0.fit_name(inputs, name)
    }
    fn reduce(&self, olds: Option<&Map>, live: &mut Map) {
        self.0.reduce(olds, live);
    }
    fn presence(&self) -> Presence {
        self.0.presence()
    }
    fn id_of(&self, cx: &Cx, inputs: &Map) -> Option<String> {
        self.0.id_of(cx, inputs)
    }
    fn existing<'a>(&'a self, cx: &'a Cx, inputs: &'a Map) -> BoxFuture<'a, Result<Option<String>, Error>> {
        self.0.existing(cx, inputs)
    }
    fn is_id(&self, text: &str) -> bool {
        self.0.is_id(text)
    }
    fn check_adoption(&self, live: &Map, news: &Map) -> Vec<Failure> {
        self.0.check_adoption(live, news)
    }
    fn claim<'a>(&'a self, cx: &'a Cx, id: &'a str) -> BoxFuture<'a, Result<(), Error>> {
        // the other tags are an update's
        let identity = Tags::from([(TAG.to_owned(), cx.identity.value())]);
        Box::pin(async move { Ok(R::tagged(cx, id).alter(cx, identity, Vec::new()).await?) })
    }
    fn create<'a>(&'a self, cx: &'a Cx, inputs: &'a Map) -> BoxFuture<'a, Result<Created<Map>, Error>> {
        self.0.create(cx, inputs)
    }
    fn identify<'a>(
        &'a self,
        cx: &'a Cx,
        id: &'a str,
        olds: Option<&'a Map>,
    ) -> BoxFuture<'a, Result<Option<String>, Error>> {
        self.0.identify(cx, id, olds)
    }
    fn read<'a>(&'a self, cx: &'a Cx, id: &'a str) -> BoxFuture<'a, Result<Option<Live<Map, Map>>, Error>> {
        Box::pin(async move {
            let target = R::tagged(cx, id);
            let (live, tags) = futures::future::join(self.0.read(cx, id), target.all(cx)).await;
            let Some(mut live) = live? else { return Ok(None) };
            let mut tags = tags.within("reading tags")?;
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
            // tags alone: nothing of the type's own to do
            if bare(old) == bare(new) {
                return Ok(outputs.clone());
            }
            self.0.update(cx, id, old, new, outputs).await
        })
    }
    fn delete<'a>(&'a self, cx: &'a Cx, id: &'a str, inputs: &'a Map) -> BoxFuture<'a, Result<(), Error>> {
        self.0.delete(cx, id, inputs)
    }
}

#[cfg(test)]
mod tests;
