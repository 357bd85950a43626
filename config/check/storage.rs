//! Classes and buckets.

use super::{NAME_HINT, not_a_name, one_of, unique};
use crate::reader::Book;
use crate::shape::{SERVICES, WRITERS};
use crate::zone::bucket_name;
use crate::{Bucket, Class};

/// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html>
const LONGEST_NAME: usize = 63;
const RESERVED_ENDS: [&str; 2] = ["-s3alias", "--x-s3"];
const RESERVED_BEGINNINGS: [&str; 3] = ["xn--", "sthree-", "amzn-s3-demo-"];

pub(super) fn check(book: &Book, classes: &[Class], buckets: &[Bucket]) {
    for (index, class) in classes.iter().enumerate() {
        let path = format!("class[{index}].name");
        if let Some(message) = not_a_name(&class.name) {
            book.problem(&path, message, NAME_HINT);
        }
        let services = || class.services.iter().enumerate();
        let path = |position: usize| format!("class[{index}].services[{position}]");
        for (position, service) in services() {
            one_of(book, &path(position), service, &SERVICES, "service");
        }
        unique(book, services().map(|(position, service)| (path(position), service.as_str())));
    }
    unique(
        book,
        classes.iter().enumerate().map(|(index, class)| (format!("class[{index}].name"), class.name.as_str())),
    );

    let mut names: Vec<&str> = classes.iter().map(|class| class.name.as_str()).collect();
    names.retain(|name| !name.is_empty());
    names.dedup();
    for (index, bucket) in buckets.iter().enumerate() {
        let path = |key: &str| format!("bucket[{index}].{key}");
        if let Some(message) = not_a_name(&bucket.purpose) {
            book.problem(&path("purpose"), message, NAME_HINT);
        }
        one_of(book, &path("class"), &bucket.class, &names, "class");
        if let Some(writer) = &bucket.writer {
            one_of(book, &path("writer"), writer, &WRITERS, "writer");
        }
        days(book, path, bucket);
    }
    let texts = |key: &'static str, text: fn(&Bucket) -> &str| {
        buckets.iter().enumerate().map(move |(index, bucket)| (format!("bucket[{index}].{key}"), text(bucket)))
    };
    unique(book, texts("purpose", |bucket| &bucket.purpose));
    // a trail writes to one bucket
    unique(book, texts("writer", |bucket| bucket.writer.as_deref().unwrap_or_default()));
}

fn days(book: &Book, path: impl Fn(&str) -> String, bucket: &Bucket) {
    let all = [
        ("glacier_after_days", bucket.glacier_after_days),
        ("expire_after_days", bucket.expire_after_days),
        ("object_lock_days", bucket.object_lock_days),
    ];
    for (key, _) in all.iter().filter(|(_, days)| *days == Some(0)) {
        book.problem(&path(key), "wants at least 1 day, got 0", "take the line out for `never`");
    }
    let Some(expire) = bucket.expire_after_days else { return };
    if let Some(glacier) = bucket.glacier_after_days.filter(|glacier| *glacier >= expire) {
        book.problem(
            &path("glacier_after_days"),
            format!("objects expire after {expire} days, before they move to Glacier after {glacier}"),
            "S3 refuses such a rule; let `expire_after_days` be greater",
        );
    }
    if let Some(lock) = bucket.object_lock_days.filter(|lock| *lock > expire) {
        book.problem(
            &path("object_lock_days"),
            format!("objects are locked for {lock} days and expire after {expire}"),
            "S3 cannot expire what is locked; let `object_lock_days` be no more than `expire_after_days`",
        );
    }
}

/// The names as they will be on AWS, in this environment.
pub(super) fn names(book: &Book, buckets: &[Bucket], prefix: &str, environment: &str, suffix: Option<&str>) {
    for (index, bucket) in buckets.iter().enumerate() {
        let path = format!("bucket[{index}].purpose");
        let name = bucket_name(prefix, &bucket.purpose, environment, suffix);
        let length = name.chars().count();
        if length > LONGEST_NAME {
            let shorten = if suffix.is_some() { "`purpose` or `bucket_suffix`" } else { "`purpose`" };
            book.problem(
                &path,
                format!("makes the bucket name `{name}`, {length} characters, {} too many", length - LONGEST_NAME),
                format!("S3 takes {LONGEST_NAME}; shorten {shorten}"),
            );
        }
        let begins = RESERVED_BEGINNINGS.iter().find(|reserved| name.starts_with(**reserved));
        let ends = RESERVED_ENDS.iter().find(|reserved| name.ends_with(**reserved));
        if let Some(reserved) = begins.or(ends) {
            book.problem(&path, format!("makes the bucket name `{name}`"), format!("S3 keeps `{reserved}` for itself"));
        }
    }
}
