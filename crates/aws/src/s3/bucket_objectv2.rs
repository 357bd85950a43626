//! An object in an S3 bucket.
//!
//! Calls: `PutObject`, `HeadObject`, `DeleteObject`, `GetObjectTagging`, `PutObjectTagging`; of a bucket with versions
//! `ListObjectVersions`; where they are asked for `PutObjectAcl`, `PutObjectLegalHold`, `PutObjectRetention`.
//! IAM: `s3:PutObject`, `s3:GetObject`, `s3:DeleteObject`, `s3:GetObjectTagging`, `s3:PutObjectTagging`; of a bucket with
//! versions `s3:ListBucketVersions`, `s3:DeleteObjectVersion`; where they are asked for `s3:PutObjectAcl`,
//! `s3:PutObjectLegalHold`, `s3:PutObjectRetention`, and `s3:BypassGovernanceRetention` with `forceDestroy`; of a KMS key
//! `kms:GenerateDataKey`, and `kms:Decrypt` with `checksumAlgorithm`.
//!
//! - An object that exists already is not overwritten: a create is a conditional write, and adopts what is ours.
//!   <https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html>, as of 2026-11
//! - A change of content or of its headers puts the object again, with the tags it has; in a bucket with versions that is a
//!   new version. Deleting it there deletes all its versions, as with the official provider.
//! - S3 does not answer the content, only its `etag`: whoever gives `etag` sees content that somebody else put.
//! - An object has ten tags at most, of which one is the provider's own.
//! - Keys are as with the official provider: without `/` at the beginning, and never two of them in a row. The id is
//!   `bucket/key`; an import may have `s3://` before it.

mod content;
mod versions;

use aws_sdk_s3::{
    operation::{head_object::HeadObjectOutput, put_object::builders::PutObjectFluentBuilder},
    types::{ChecksumMode, ObjectLockLegalHold, ObjectLockRetention},
};
use aws_smithy_types::{DateTime, date_time::Format};
use pulumi::asset::Asset;

use crate::{prelude::*, tags::S3Object, waits::BUCKET_IS_NEW};

/// An object in an S3 bucket.
#[derive(Clone, Debug, Resource)]
#[resource(token = "aws:s3/bucketObjectv2:BucketObjectv2", noun = "S3 object", handle = BucketObjectv2, tags, from = HeadObjectOutput)]
pub struct Inputs {
    /// Canned access control list, for a bucket that has such lists.
    #[resource(computed, unread, own)]
    pub acl: Option<String>,
    /// Name of the bucket, or ARN of an access point.
    #[resource(replace, own)]
    pub bucket: String,
    /// Whether S3 uses a key of the bucket's own between KMS and the object.
    #[resource(computed)]
    pub bucket_key_enabled: Option<bool>,
    /// How caches keep it.
    #[resource(blank)]
    pub cache_control: Option<String>,
    /// `CRC32`, `CRC32C`, `CRC64NVME`, `SHA1` or `SHA256`: which checksum S3 keeps and shows.
    #[resource(unread, own)]
    pub checksum_algorithm: Option<String>,
    /// The content, a text. Instead of `source` and `contentBase64`; without any of them the object is empty.
    #[resource(unread, own)]
    pub content: Option<String>,
    /// The content in Base64. Instead of `source` and `content`.
    #[resource(unread, own)]
    pub content_base64: Option<String>,
    /// What a browser does with it.
    #[resource(blank)]
    pub content_disposition: Option<String>,
    /// How it is packed, such as `gzip`; the content given is packed so already.
    #[resource(blank)]
    pub content_encoding: Option<String>,
    /// Language of the content.
    #[resource(blank)]
    pub content_language: Option<String>,
    /// Type of the content; AWS's default is `application/octet-stream`.
    #[resource(computed, blank)]
    pub content_type: Option<String>,
    /// S3's hash of the content; other content that somebody put there is then a change. It is the MD5 hash, but with KMS.
    #[resource(computed, own)]
    pub etag: Option<String>,
    /// Whether deleting it takes away legal holds and GOVERNANCE locks of its versions.
    #[resource(unread, default = false, own)]
    pub force_destroy: bool,
    /// Key of the object; by default the resource's name.
    #[resource(replace, autoname, own)]
    pub key: String,
    /// ARN of the KMS key that it is encrypted with; absent is as the bucket says.
    #[resource(computed, blank, sdk = ssekms_key_id)]
    pub kms_key_id: Option<String>,
    /// Metadata of your own, with names in small letters.
    #[resource(default)]
    pub metadata: BTreeMap<String, String>,
    /// `ON` or `OFF`: whether it can be deleted, by Object Lock.
    pub object_lock_legal_hold_status: Option<String>,
    /// `GOVERNANCE` or `COMPLIANCE`: who may delete it before its time, by Object Lock.
    pub object_lock_mode: Option<String>,
    /// Until when it cannot be deleted, such as `2030-01-01T00:00:00Z`.
    #[resource(equal = is_same_time, own)]
    pub object_lock_retain_until_date: Option<String>,
    /// `AES256`, `aws:kms`, `aws:kms:dsse` or `aws:fsx`; absent is as the bucket says.
    #[resource(computed)]
    pub server_side_encryption: Option<String>,
    /// The file with the content. Instead of `content` and `contentBase64`.
    #[resource(unread, own)]
    pub source: Option<Asset>,
    /// A hash of the content, of any kind: the object is put again when it changes.
    #[resource(unread, own)]
    pub source_hash: Option<String>,
    /// Storage class; AWS's default is `STANDARD`.
    #[resource(computed)]
    pub storage_class: Option<String>,
    /// Where a website leads to in its place.
    #[resource(blank, sdk = website_redirect_location)]
    pub website_redirect: Option<String>,
}

/// What AWS adds to an object.
#[derive(Clone, Debug, Outputs)]
#[resource(handle = BucketObjectv2, from = HeadObjectOutput)]
pub struct Outputs {
    /// ARN.
    #[resource(own)]
    pub arn: String,
    /// Checksum, where it is the one that was asked for.
    #[resource(volatile)]
    pub checksum_crc32: Option<String>,
    /// Checksum, where it is the one that was asked for.
    #[resource(volatile, sdk = checksum_crc32_c, name = "checksumCrc32c")]
    pub checksum_crc32_c: Option<String>,
    /// Checksum, where it is the one that was asked for.
    #[resource(volatile, sdk = checksum_crc64_nvme, name = "checksumCrc64nvme")]
    pub checksum_crc64_nvme: Option<String>,
    /// Checksum, where it is the one that was asked for.
    #[resource(volatile)]
    pub checksum_sha1: Option<String>,
    /// Checksum, where it is the one that was asked for.
    #[resource(volatile)]
    pub checksum_sha256: Option<String>,
    // `etag` is the input of the same name, which need not be given
    /// S3's hash of the content that it has.
    #[resource(volatile, own, name = "etag")]
    pub live_etag: Option<String>,
    /// Version, in a bucket that keeps them.
    #[resource(volatile)]
    pub version_id: Option<String>,
}

/// What S3 says of an object that is not there: a HEAD's answer has no words.
const ABSENT: Codes = &["NotFound", "NoSuchKey", "NoSuchBucket"];

impl AwsResource for BucketObjectv2 {
    const ABSENT: Codes = ABSENT;
    const EXISTS: Codes = &["PreconditionFailed"];
    const LONGEST_NAME: usize = 1024;

    fn tagged(_: &Cx, id: &str) -> Tagged {
        let (bucket, key) = place(id);
        Box::new(S3Object { bucket, key })
    }

    fn own_id(given: &str) -> &str {
        given.strip_prefix("s3://").unwrap_or(given)
    }

    fn id_of(_: &Cx, inputs: &Inputs) -> Option<String> {
        Some(id_of(inputs))
    }

    fn check(checks: &mut Checks<'_>) {
        content::check(checks);
    }

    fn check_files(olds: &Map, news: &Map) -> Vec<Failure> {
        content::check_file(olds, news)
    }

    /// The resource's name alone, as with the official provider: a key need not be unique in the world.
    fn fit_name(_: &Map, name: String) -> String {
        let is_suffix = |end: &str| end.len() == 7 && end.bytes().all(|b| b.is_ascii_hexdigit());
        let own = name.rsplit_once('-').filter(|(_, end)| is_suffix(end)).map_or(name.as_str(), |(own, _)| own);
        own.chars().take(Self::LONGEST_NAME).collect()
    }

    async fn create(cx: &Cx, inputs: &Inputs) -> Answer<Created<Outputs>> {
        let tags = cx.tags_as(|k, v| (k.to_owned(), v.to_owned())).into_iter().collect();
        send(cx, inputs, &tags, true).await?;
        let id = id_of(inputs);
        let known = || Outputs { arn: arn(cx, inputs), ..Outputs::from_sdk(HeadObjectOutput::builder().build()) };
        Ok(resource::made(&id, described(cx, inputs).await, known))
    }

    async fn read(cx: &Cx, id: &str) -> Answer<Option<Live<Inputs, Outputs>>> {
        let (bucket, key) = place(id);
        let given = |name: &str| cx.inputs.get(name).and_then(Value::as_str).map(str::to_owned);
        let checksum_algorithm = given("checksumAlgorithm");
        let head = head(cx, &bucket, &key, checksum_algorithm.is_some()).await?;
        let etag = head.e_tag.as_deref().map(unquoted);
        let until = head.object_lock_retain_until_date;
        let until =
            until.map(|until| until.fmt(Format::DateTime).map_err(|e| Error::new(e.to_string()))).transpose()?;
        let outputs = Outputs { live_etag: etag.clone(), ..Outputs::from_sdk(head.clone()) };
        let written = id.strip_prefix("s3://").unwrap_or(id).strip_prefix(&format!("{bucket}/")).unwrap_or(&key);
        let inputs = Inputs {
            key: written.to_owned(),
            etag,
            object_lock_retain_until_date: until,
            // S3 does not say the default one
            storage_class: Some(head.storage_class.as_ref().map_or("STANDARD", |class| class.as_str()).to_owned()),
            bucket,
            ..Inputs::from_sdk(head)
        };
        let outputs = Outputs { arn: arn(cx, &inputs), ..outputs };
        Ok(Some(Live { inputs, outputs }))
    }

    async fn update(cx: &Cx, id: &str, old: &Inputs, new: &Inputs, _: Outputs) -> Answer<Outputs> {
        if content::is_changed(old, new) {
            // with the tags as they are now: a put takes away those it is not given
            let tags = Self::tagged(cx, id).all(cx).await.within("reading tags")?;
            send(cx, new, &tags, false).await?;
        } else {
            relock(cx, old, new).await?;
        }
        described(cx, new).await
    }

    async fn delete(cx: &Cx, id: &str, inputs: &Inputs) -> Answer {
        let (bucket, key) = place(id);
        versions::delete(cx, &bucket, &key, inputs.force_destroy).await
    }
}

fn id_of(inputs: &Inputs) -> String {
    format!("{}/{}", inputs.bucket, inputs.key)
}

fn arn(cx: &Cx, inputs: &Inputs) -> String {
    let (bucket, key) = (&inputs.bucket, cleaned(&inputs.key));
    if bucket.starts_with("arn:") {
        format!("{bucket}/object/{key}")
    } else {
        format!("arn:{}:s3:::{bucket}/{key}", cx.partition)
    }
}

/// Bucket, or ARN of an access point, and key of an id.
fn place(id: &str) -> (String, String) {
    let id = id.strip_prefix("s3://").unwrap_or(id);
    // an access point's ARN has a slash before its name
    let from = if id.starts_with("arn:") { id.find('/').map_or(0, |slash| slash + 1) } else { 0 };
    let end = id[from..].find('/').map_or(id.len(), |slash| from + slash);
    (id[..end].to_owned(), cleaned(id.get(end + 1..).unwrap_or_default()))
}

/// A key as the official provider sends it.
fn cleaned(key: &str) -> String {
    let key = key.strip_prefix("./").unwrap_or(key).trim_start_matches('/');
    let mut cleaned = String::with_capacity(key.len());
    for c in key.chars().filter(|c| *c != '\0') {
        if c != '/' || !cleaned.ends_with('/') {
            cleaned.push(c);
        }
    }
    cleaned
}

/// A text as it stands in a query.
fn encoded(text: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte);
    text.bytes().map(|b| if plain(b) { char::from(b).to_string() } else { format!("%{b:02X}") }).collect()
}

fn unquoted(etag: &str) -> String {
    etag.trim_matches('"').to_owned()
}

/// Whether two texts are the same moment.
fn is_same_time(one: &str, other: &str) -> bool {
    let time = |text: &str| DateTime::from_str(text, Format::DateTimeWithOffset).ok();
    matches!((time(one), time(other)), (Some(one), Some(other)) if one == other)
}

fn time(text: Option<&str>) -> Answer<Option<DateTime>> {
    let time = text.map(|text| DateTime::from_str(text, Format::DateTimeWithOffset)).transpose();
    Ok(time.map_err(|error| Error::new(format!("`objectLockRetainUntilDate`: {error}")))?)
}

async fn head(cx: &Cx, bucket: &str, key: &str, with_checksum: bool) -> Answer<HeadObjectOutput> {
    let mode = with_checksum.then_some(ChecksumMode::Enabled);
    Ok(cx.clients.s3.head_object().bucket(bucket).key(key).set_checksum_mode(mode).send().await?)
}

/// What it is after it was put or changed.
async fn described(cx: &Cx, inputs: &Inputs) -> Answer<Outputs> {
    let asked = inputs.checksum_algorithm.is_some();
    let head = head(cx, &inputs.bucket, &cleaned(&inputs.key), asked).await.within("reading it")?;
    let live_etag = head.e_tag.as_deref().map(unquoted);
    Ok(Outputs { arn: arn(cx, inputs), live_etag, ..Outputs::from_sdk(head) })
}

/// The call that puts it, without its content.
fn put(cx: &Cx, inputs: &Inputs, tags: &Tags) -> Answer<PutObjectFluentBuilder> {
    let tags: Vec<_> = tags.iter().filter(|(key, _)| !key.starts_with("aws:")).collect();
    let tagging = tags.iter().map(|(key, value)| format!("{}={}", encoded(key), encoded(value)));
    let by_key = inputs.kms_key_id.as_ref().map(|_| "aws:kms".to_owned());
    let metadata = (!inputs.metadata.is_empty()).then(|| inputs.metadata.to_sdk()).transpose()?;
    let call = cx.clients.s3.put_object().bucket(&inputs.bucket).key(cleaned(&inputs.key));
    Ok(call
        .set_acl(inputs.acl.to_sdk()?)
        .set_bucket_key_enabled(inputs.bucket_key_enabled)
        .set_cache_control(inputs.cache_control.clone())
        .set_checksum_algorithm(inputs.checksum_algorithm.to_sdk()?)
        .set_content_disposition(inputs.content_disposition.clone())
        .set_content_encoding(inputs.content_encoding.clone())
        .set_content_language(inputs.content_language.clone())
        .set_content_type(inputs.content_type.clone())
        .set_metadata(metadata)
        .set_object_lock_legal_hold_status(inputs.object_lock_legal_hold_status.to_sdk()?)
        .set_object_lock_mode(inputs.object_lock_mode.to_sdk()?)
        .set_object_lock_retain_until_date(time(inputs.object_lock_retain_until_date.as_deref())?)
        .set_server_side_encryption(inputs.server_side_encryption.clone().or(by_key).to_sdk()?)
        .set_ssekms_key_id(inputs.kms_key_id.clone())
        .set_storage_class(inputs.storage_class.to_sdk()?)
        .set_website_redirect_location(inputs.website_redirect.clone())
        .tagging(tagging.collect::<Vec<_>>().join("&")))
}

/// Puts it, with its content; `is_new` is to be the first of its key. Another write of the key at the same time makes S3
/// refuse this one.
async fn send(cx: &Cx, inputs: &Inputs, tags: &Tags, is_new: bool) -> Answer {
    let content = content::read(inputs).await?;
    let attempt = || async {
        match put(cx, inputs, tags) {
            Ok(call) => {
                let call = call.set_if_none_match(is_new.then(|| "*".to_owned())).body(content.clone().into());
                call.customize().config_override(content::patient()).send().await.map(|_| Ok(()))
            }
            Err(refusal) => Ok(Err(refusal)),
        }
    };
    let attempt = || recovery::settled(&["ConditionalRequestConflict"], attempt);
    let sent = BUCKET_IS_NEW.out(|| propagation::told(&[], attempt)).await;
    sent.unwrap_or_else(|failure| Err(failure.into()))
}

/// Changes what can be changed without another put.
async fn relock(cx: &Cx, old: &Inputs, new: &Inputs) -> Answer {
    let (bucket, key) = (&new.bucket, cleaned(&new.key));
    if new.acl.is_some() && old.acl != new.acl {
        let call = cx.clients.s3.put_object_acl().bucket(bucket).key(&key).set_acl(new.acl.to_sdk()?);
        call.send().await.done().within("changing its access control list")?;
    }
    if old.object_lock_legal_hold_status != new.object_lock_legal_hold_status {
        let status = new.object_lock_legal_hold_status.clone().unwrap_or_else(|| "OFF".to_owned());
        let hold = ObjectLockLegalHold::builder().status(status.to_sdk()?).build();
        let call = cx.clients.s3.put_object_legal_hold().bucket(bucket).key(&key).legal_hold(hold);
        call.send().await.done().within("changing its legal hold")?;
    }
    let of = |inputs: &Inputs| (inputs.object_lock_mode.clone(), inputs.object_lock_retain_until_date.clone());
    if of(old) != of(new) {
        let [before, after] = [old, new].map(|inputs| time(inputs.object_lock_retain_until_date.as_deref()));
        let (before, after) = (before?, after?);
        // AWS wants the right to an earlier end said
        let earlier = after.is_none_or(|after| before.is_some_and(|before| after < before));
        let retention = ObjectLockRetention::builder().set_mode(new.object_lock_mode.to_sdk()?);
        let retention = retention.set_retain_until_date(after).build();
        let call = cx.clients.s3.put_object_retention().bucket(bucket).key(&key).retention(retention);
        let call = call.set_bypass_governance_retention(earlier.then_some(true));
        call.send().await.done().within("changing its retention")?;
    }
    Ok(())
}

#[cfg(test)]
mod tests;
