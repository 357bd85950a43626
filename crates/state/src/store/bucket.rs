//! A bucket of S3.
//!
//! Conditions are S3's own: `If-None-Match: *` and `If-Match`
//! (<https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html>, read 2026-11). So two machines cannot
//! both write the same version of an object, whatever their clocks and their networks do. The age of an object is S3's `Date`
//! less its `Last-Modified`; the clock of this machine is not read.
//!
//! A batch of a journal is an object: `.zone/journal/{name}/{number}.json`.
//!
//! Retries are made here, in `call`, and nowhere else: each call switches the SDK's own off.

mod call;
mod probe;
mod refusal;
#[cfg(test)]
pub(crate) mod stub;
#[cfg(test)]
mod tests;

use std::{collections::BTreeMap, time::Duration};

use async_trait::async_trait;
use aws_sdk_s3::{Client, primitives::ByteStream, types::ServerSideEncryption};
use futures::{StreamExt, TryStreamExt};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

pub use self::call::Patience;
use self::{
    call::{Heard, once, patiently},
    refusal::{Action, Attempt, Refusal},
};
use super::{If, Kept, OWN, Object, Store, Version, Written};
use crate::error::{Failure, Result};

/// How long a suspended writer is expected back.
const SLEEP: Duration = Duration::from_hours(30 * 24);

/// How many requests are under way at once when many objects are read or deleted.
const AT_ONCE: usize = 16;

/// What stands for itself in the value of a query.
const QUERY: AsciiSet = NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

/// The same of an ARN, which people read.
const ARN: AsciiSet = QUERY.remove(b':').remove(b'/');

/// Where in S3 a state is kept.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Place {
    /// The bucket.
    pub bucket: String,
    /// What all keys begin with: a folder within the bucket. Empty for the bucket itself.
    pub prefix: String,
    /// The region of the bucket.
    pub region: String,
    /// The URL of an S3 other than AWS's: an emulator.
    pub endpoint: Option<String>,
    /// The account that owns the bucket. S3 then refuses a bucket of that name in another account.
    pub owner: Option<String>,
    /// The KMS key that every object is encrypted with, by its ARN; none: as the bucket says.
    pub kms_key: Option<String>,
}

/// A bucket with a state in it.
#[derive(Clone, Debug)]
pub struct Bucket {
    client: Client,
    place: Place,
    patience: Patience,
}

impl Bucket {
    /// The same, in a folder within it.
    #[must_use]
    pub fn below(mut self, folder: &str) -> Self {
        let prefix = &self.place.prefix;
        self.place.prefix = if prefix.is_empty() { folder.to_owned() } else { format!("{prefix}/{folder}") };
        self
    }

    /// This place, reached with a client that has its region, credentials and endpoint already.
    pub fn new(client: Client, place: Place) -> Self {
        let prefix = place.prefix.trim_matches('/').to_owned();
        Self { client, place: Place { prefix, ..place }, patience: Patience::default() }
    }

    /// The same, with another patience.
    #[must_use]
    pub fn with_patience(self, patience: Patience) -> Self {
        Self { patience, ..self }
    }

    /// The whole key of an object.
    fn key(&self, key: &str) -> String {
        if self.place.prefix.is_empty() { key.to_owned() } else { format!("{}/{key}", self.place.prefix) }
    }

    fn failed(&self, action: Action, key: &str) -> impl FnOnce(Refusal) -> Failure {
        move |refusal| refusal.failure(action, key, &self.place)
    }

    /// One conditional PUT; none when S3 says that the condition does not hold.
    async fn write(&self, key: &str, body: &[u8], only: If<'_>) -> Attempt<Option<Version>> {
        let written = patiently(&self.patience, || {
            let request = self
                .client
                .put_object()
                .bucket(&self.place.bucket)
                .key(self.key(key))
                .set_expected_bucket_owner(self.place.owner.clone())
                .content_type("application/json")
                .set_server_side_encryption(self.place.kms_key.as_ref().map(|_| ServerSideEncryption::AwsKms))
                .set_ssekms_key_id(self.place.kms_key.clone())
                .body(ByteStream::from(body.to_vec()));
            let request = match only {
                If::Always => request,
                If::Absent => request.if_none_match("*"),
                If::Is(version) => request.if_match(&version.0),
            };
            async move { request.customize().config_override(once()).send().await.map_err(Refusal::from) }
        })
        .await;
        match written {
            Ok(output) => Ok(Some(Version(output.e_tag.unwrap_or_default()))),
            Err(refusal) if refusal.is("PreconditionFailed") => Ok(None),
            Err(refusal) if refusal.is("NoSuchKey") && matches!(only, If::Is(_)) => Ok(None),
            Err(refusal) => Err(refusal),
        }
    }

    async fn read(&self, key: &str, version: Option<&str>) -> Attempt<Option<Object>> {
        let read = patiently(&self.patience, || {
            let heard = Heard::default();
            let request = self
                .client
                .get_object()
                .bucket(&self.place.bucket)
                .key(self.key(key))
                .set_version_id(version.map(str::to_owned))
                .set_expected_bucket_owner(self.place.owner.clone())
                .customize()
                .config_override(once())
                .interceptor(heard.clone());
            async move {
                let output = request.send().await.map_err(Refusal::from)?;
                let age = heard.since(output.last_modified);
                let version = Version(output.e_tag.unwrap_or_default());
                let body = output.body.collect().await.map_err(|e| Refusal::cut(&e))?;
                Ok(Object { body: body.to_vec(), version, age })
            }
        })
        .await;
        match read {
            Ok(object) => Ok(Some(object)),
            Err(refusal) if refusal.is("NoSuchKey") => Ok(None),
            // S3 calls an id that it never gives an invalid argument
            Err(refusal)
                if version.is_some() && ["NoSuchVersion", "InvalidArgument"].iter().any(|code| refusal.is(code)) =>
            {
                Ok(None)
            }
            Err(refusal) => Err(refusal),
        }
    }

    async fn delete_all(&self, keys: Vec<String>) -> Result<()> {
        let deletions = futures::stream::iter(keys).map(|key| async move { self.delete(&key).await });
        deletions.buffer_unordered(AT_ONCE).try_collect().await
    }

    /// Deletes what is left of a journal that was forgotten; the last one that is left may be there for its writer to find, and
    /// stays as long as one may sleep.
    async fn sweep(&self, journal: &str, mut numbers: Vec<u32>) -> Result<()> {
        if let Some(last) = numbers.pop()
            && self.get(&batch(journal, last)).await?.is_some_and(|object| object.age > SLEEP)
        {
            numbers.push(last);
        }
        self.delete_all(numbers.into_iter().map(|number| batch(journal, number)).collect()).await
    }

    /// The numbers of the batches of each journal that the bucket has objects of.
    async fn numbers(&self, prefix: &str) -> Result<BTreeMap<String, Vec<u32>>> {
        let mut journals: BTreeMap<String, Vec<u32>> = BTreeMap::new();
        for key in self.list(prefix).await? {
            if let Some((name, number)) = of_batch(&key) {
                journals.entry(name.to_owned()).or_default().push(number);
            }
        }
        Ok(journals)
    }
}

fn folder(journal: &str) -> String {
    format!("{OWN}/journal/{journal}/")
}

fn batch(journal: &str, number: u32) -> String {
    format!("{OWN}/journal/{journal}/{number:08}.json")
}

/// The journal and the number in the key of a batch.
fn of_batch(key: &str) -> Option<(&str, u32)> {
    let (journal, file) = key.strip_prefix(OWN)?.strip_prefix("/journal/")?.rsplit_once('/')?;
    Some((journal, file.strip_suffix(".json")?.parse().ok()?))
}

#[async_trait]
impl Store for Bucket {
    async fn get(&self, key: &str) -> Result<Option<Object>> {
        self.read(key, None).await.map_err(self.failed(Action::Read, key))
    }

    async fn put(&self, key: &str, body: &[u8], only: If<'_>) -> Result<Written> {
        if let Some(version) = self.write(key, body, only).await.map_err(self.failed(Action::Write, key))? {
            return Ok(Written::Done(version));
        }
        // The answer to an attempt can get lost after S3 carried it out, here or in the network. The next attempt then does
        // not find what its condition asks for, but its own body.
        match self.get(key).await? {
            Some(there) if there.body == body => Ok(Written::Done(there.version)),
            _ => Ok(Written::Refused),
        }
    }

    async fn delete(&self, key: &str) -> Result<()> {
        let deleted = patiently(&self.patience, || {
            let request = self
                .client
                .delete_object()
                .bucket(&self.place.bucket)
                .key(self.key(key))
                .set_expected_bucket_owner(self.place.owner.clone());
            async move { request.customize().config_override(once()).send().await.map_err(Refusal::from) }
        })
        .await;
        match deleted {
            Err(refusal) if !refusal.is("NoSuchKey") => Err(self.failed(Action::Delete, key)(refusal)),
            _ => Ok(()),
        }
    }

    async fn list(&self, prefix: &str) -> Result<Vec<String>> {
        let (mut keys, mut next) = (Vec::new(), None);
        let own = self.key("");
        loop {
            let page = patiently(&self.patience, || {
                let request = self
                    .client
                    .list_objects_v2()
                    .bucket(&self.place.bucket)
                    .prefix(self.key(prefix))
                    .set_continuation_token(next.clone())
                    .set_expected_bucket_owner(self.place.owner.clone());
                async move { request.customize().config_override(once()).send().await.map_err(Refusal::from) }
            })
            .await
            .map_err(self.failed(Action::List, prefix))?;
            let page_keys = page.contents.unwrap_or_default().into_iter().filter_map(|object| object.key);
            keys.extend(page_keys.filter_map(|key| key.strip_prefix(&own).map(str::to_owned)));
            next = page.next_continuation_token;
            if next.is_none() {
                return Ok(keys);
            }
        }
    }

    async fn versions(&self, key: &str) -> Result<Vec<Kept>> {
        let (mut kept, mut next) = (Vec::new(), (None, None));
        let whole = self.key(key);
        loop {
            let page = patiently(&self.patience, || {
                let request = self
                    .client
                    .list_object_versions()
                    .bucket(&self.place.bucket)
                    .prefix(&whole)
                    .set_key_marker(next.0.clone())
                    .set_version_id_marker(next.1.clone())
                    .set_expected_bucket_owner(self.place.owner.clone());
                async move { request.customize().config_override(once()).send().await.map_err(Refusal::from) }
            })
            .await
            .map_err(self.failed(Action::ListVersions, key))?;
            // other keys begin with it, too
            let of_key = page.versions.unwrap_or_default().into_iter().filter(|version| version.key() == Some(&whole));
            // a bucket that keeps none calls what is there `null`
            let of_key = of_key.filter(|version| version.version_id() != Some("null"));
            kept.extend(of_key.map(|version| Kept {
                at: version.last_modified().map_or(0, aws_smithy_types::DateTime::secs),
                size: version.size().unwrap_or_default(),
                id: version.version_id.unwrap_or_default(),
            }));
            next = (page.next_key_marker, page.next_version_id_marker);
            if page.is_truncated != Some(true) || next.0.is_none() {
                return Ok(kept);
            }
        }
    }

    async fn version(&self, key: &str, id: &str) -> Result<Option<Vec<u8>>> {
        let read = self.read(key, Some(id)).await.map_err(self.failed(Action::ReadVersion, key))?;
        Ok(read.map(|object| object.body))
    }

    async fn append(&self, journal: &str, number: u32, body: &[u8]) -> Result<Written> {
        self.put(&batch(journal, number), body, If::Absent).await
    }

    async fn batches(&self, journal: &str) -> Result<Vec<Vec<u8>>> {
        let numbers = self.numbers(&folder(journal)).await?.remove(journal).unwrap_or_default();
        let unbroken = (0..).zip(numbers).take_while(|(expected, number)| expected == number);
        let keys: Vec<_> = unbroken.map(|(_, number)| batch(journal, number)).collect();
        let reads = futures::stream::iter(keys).map(|key| async move { self.get(&key).await });
        let read: Vec<Option<Object>> = reads.buffered(AT_ONCE).try_collect().await?;
        // one that was deleted since it was listed ends the journal
        Ok(read.into_iter().map_while(|object| object.map(|object| object.body)).collect())
    }

    async fn journals(&self) -> Result<Vec<String>> {
        let mut names = Vec::new();
        for (name, numbers) in self.numbers(&format!("{OWN}/journal/")).await? {
            if numbers.first() == Some(&0) {
                names.push(name);
            } else {
                // Left over by a `forget` that was killed, or the one that `forget_but` left. Nobody reads them, so who may not
                // delete them can go on.
                let _ = self.sweep(&name, numbers).await;
            }
        }
        Ok(names)
    }

    async fn forget(&self, journal: &str) -> Result<()> {
        let numbers = self.numbers(&folder(journal)).await?.remove(journal).unwrap_or_default();
        // The first one first: without it the journal has no batches. In any other order, a kill in between would leave a
        // shorter journal that looks whole.
        self.delete(&batch(journal, 0)).await?;
        let rest = numbers.into_iter().filter(|number| *number != 0);
        self.delete_all(rest.map(|number| batch(journal, number)).collect()).await
    }

    async fn forget_but(&self, journal: &str, number: u32) -> Result<()> {
        let numbers = self.numbers(&folder(journal)).await?.remove(journal).unwrap_or_default();
        self.delete(&batch(journal, 0)).await?;
        let rest = numbers.into_iter().filter(|other| *other != 0 && *other != number);
        self.delete_all(rest.map(|number| batch(journal, number)).collect()).await
    }

    fn is_remote(&self) -> bool {
        true
    }

    fn url(&self) -> String {
        let Place { bucket, prefix, region, endpoint, kms_key, .. } = &self.place;
        let path = if prefix.is_empty() { String::new() } else { format!("/{prefix}") };
        let region = utf8_percent_encode(region, &QUERY);
        // The names are those that gocloud.dev reads, in aws/aws.go and blob/s3blob/s3blob.go. An S3 that is not AWS's need not
        // have a host for each bucket, nor a checksum in each answer; plain `pulumi` would warn of the latter each time.
        let other = endpoint.as_ref().map_or(String::new(), |endpoint| {
            let endpoint = utf8_percent_encode(endpoint, &QUERY);
            format!("&endpoint={endpoint}&use_path_style=true&response_checksum_validation=when_required")
        });
        // the bucket's policy refuses what is not encrypted with its own key
        let encryption = kms_key.as_ref().map_or(String::new(), |key| {
            format!("&awssdk=v2&ssetype=aws:kms&kmskeyid={}", utf8_percent_encode(key, &ARN))
        });
        format!("s3://{bucket}{path}?region={region}{encryption}{other}")
    }

    fn name(&self) -> String {
        self.place.name()
    }
}

impl Place {
    /// Reads a URL that plain `pulumi` understands: `s3://{bucket}/{prefix}?region=..&kmskeyid=..&endpoint=..`. What else it
    /// says concerns plain `pulumi` only. The error says what is wrong with it.
    pub fn parse(url: &str) -> std::result::Result<Self, String> {
        let rest = url.strip_prefix("s3://").ok_or("it does not begin with `s3://`")?;
        let (path, query) = rest.split_once('?').unwrap_or((rest, ""));
        let (bucket, prefix) = path.split_once('/').unwrap_or((path, ""));
        if bucket.is_empty() {
            return Err("it names no bucket".to_owned());
        }
        let mut place =
            Self { bucket: bucket.to_owned(), prefix: prefix.trim_matches('/').to_owned(), ..Self::default() };
        for pair in query.split('&').filter(|pair| !pair.is_empty()) {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let value = percent_decode_str(value).decode_utf8().map_err(|e| format!("`{name}`: {e}"))?.into_owned();
            match name {
                "region" => place.region = value,
                "kmskeyid" => place.kms_key = Some(value),
                "endpoint" => place.endpoint = Some(value),
                _ => {}
            }
        }
        Ok(place)
    }

    /// What people call it.
    pub fn name(&self) -> String {
        let Self { bucket, prefix, .. } = self;
        if prefix.is_empty() { format!("s3://{bucket}") } else { format!("s3://{bucket}/{prefix}") }
    }
}

/// How long ago something was written that was written then.
fn between(then: i64, now: i64) -> Duration {
    Duration::from_secs(u64::try_from(now.saturating_sub(then)).unwrap_or(0))
}
