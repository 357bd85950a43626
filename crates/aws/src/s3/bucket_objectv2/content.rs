//! An object's content: where it comes from, and when it is put again.

use std::time::Duration;

use aws_sdk_s3::config;
use aws_smithy_types::{base64, timeout::TimeoutConfig};
use pulumi::asset::AssetSource;

use super::Inputs;
use crate::prelude::*;

/// Most bytes of a single put. <https://docs.aws.amazon.com/AmazonS3/latest/userguide/upload-objects.html>, as of 2026-11
const MOST: u64 = 5 << 30;

/// How long a put may take.
const UPLOAD: Duration = Duration::from_mins(30);

/// The time limits of a put.
pub(super) fn patient() -> config::Builder {
    config::Config::builder().timeout_config(TimeoutConfig::builder().operation_attempt_timeout(UPLOAD).build())
}

pub(super) fn check(checks: &mut Checks<'_>) {
    for (one, other) in [("source", "content"), ("source", "contentBase64"), ("content", "contentBase64")] {
        checks.not_both(one, other);
    }
    if checks.text("contentBase64").is_some_and(|text| base64::decode(text).is_err()) {
        checks.wrong("contentBase64", "this is no Base64");
    }
    if checks.has("kmsKeyId") {
        // S3's hash is of the encrypted content then
        checks.not_both("kmsKeyId", "etag");
    }
    if let Some(Value::Object(metadata)) = checks.inputs.get("metadata") {
        for name in metadata.keys().filter(|name| name.chars().any(char::is_uppercase)) {
            checks.wrong(&format!("metadata.{name}"), "S3 keeps names in small letters: write it so");
        }
    }
    for (given, missing) in
        [("objectLockMode", "objectLockRetainUntilDate"), ("objectLockRetainUntilDate", "objectLockMode")]
    {
        if checks.has(given) && !checks.has(missing) {
            checks.wrong(missing, format!("missing: `{given}` is given"));
        }
    }
    let until = checks.text("objectLockRetainUntilDate");
    if until.is_some_and(|until| !super::is_same_time(until, until)) {
        checks.wrong("objectLockRetainUntilDate", "this is no time as `2030-01-01T00:00:00Z`");
    }
}

/// What is wrong with a file that was not given before.
pub(super) fn check_file(olds: &Map, news: &Map) -> Vec<Failure> {
    let Some(Value::Asset(source)) = news.get("source") else { return Vec::new() };
    if olds.get("source").is_some_and(|old| matches!(old, Value::Asset(old) if old == source)) {
        return Vec::new();
    }
    let size = match source.source() {
        AssetSource::File(path) => std::fs::metadata(path).map(|file| if file.is_file() { file.len() } else { 0 }).ok(),
        _ => None,
    };
    let reason = match size {
        Some(size) if size > MOST => Some("the file is larger than 5 GB, which S3 takes in one put".to_owned()),
        _ => source.bytes().err().map(|error| error.to_string()),
    };
    reason.map(|reason| Failure { property: "source".to_owned(), reason }).into_iter().collect()
}

/// The content.
pub(super) async fn read(inputs: &Inputs) -> Answer<Vec<u8>> {
    if let Some(source) = inputs.source.clone() {
        let read = tokio::task::spawn_blocking(move || source.bytes()).await;
        return Ok(read.map_err(|error| Error::new(error.to_string()))?.map_err(Error::from)?);
    }
    if let Some(text) = &inputs.content_base64 {
        return Ok(base64::decode(text).map_err(|error| Error::new(format!("`contentBase64`: {error}")))?);
    }
    Ok(inputs.content.clone().unwrap_or_default().into_bytes())
}

/// Whether the object has to be put again.
pub(super) fn is_changed(old: &Inputs, new: &Inputs) -> bool {
    let content = |i: &Inputs| {
        (i.source.clone(), i.content.clone(), i.content_base64.clone(), i.source_hash.clone(), i.metadata.clone())
    };
    let headers = |i: &Inputs| {
        let of_content = (i.content_disposition.clone(), i.content_encoding.clone(), i.content_language.clone());
        (of_content, i.cache_control.clone(), i.checksum_algorithm.clone(), i.website_redirect.clone())
    };
    // what AWS chose is no change while nobody asks for it
    let asked = |of: fn(&Inputs) -> Option<String>| of(new).is_some() && of(old) != of(new);
    content(old) != content(new)
        || headers(old) != headers(new)
        || asked(|i| i.content_type.clone())
        || asked(|i| i.etag.clone())
        || asked(|i| i.kms_key_id.clone())
        || asked(|i| i.server_side_encryption.clone())
        || asked(|i| i.storage_class.clone())
        || asked(|i| i.bucket_key_enabled.map(|on| on.to_string()))
}
