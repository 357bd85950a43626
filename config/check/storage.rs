//! Classes and buckets.

use super::{NAME_HINT, not_a_name, one_of, unique};
use crate::reader::Book;
use crate::shape::{SERVICES, WRITERS};
use crate::{Bucket, Class, Name, Named, Names, Observability};

/// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html>
const RESERVED_ENDS: [&str; 2] = ["-s3alias", "--x-s3"];
const RESERVED_BEGINNINGS: [&str; 3] = ["xn--", "sthree-", "amzn-s3-demo-"];

/// As long as an object can be locked; for a life cycle it is long enough.
/// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-lock-managing.html>
const MOST_DAYS: u32 = 36_500;

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
        rules(book, index, bucket);
    }
    let texts = |key: &'static str, text: fn(&Bucket) -> &str| {
        buckets.iter().enumerate().map(move |(index, bucket)| (format!("bucket[{index}].{key}"), text(bucket)))
    };
    unique(book, texts("purpose", |bucket| &bucket.purpose));
    // a trail writes to one bucket
    unique(book, texts("writer", |bucket| bucket.writer.as_deref().unwrap_or_default()));
}

fn days(book: &Book, path: impl Fn(&str) -> String, bucket: &Bucket) {
    range(
        book,
        &path,
        &[
            ("glacier_after_days", bucket.glacier_after_days),
            ("expire_after_days", bucket.expire_after_days),
            ("object_lock_days", bucket.object_lock_days),
        ],
    );
    order(book, &path, bucket.glacier_after_days, bucket.expire_after_days);
    let Some(expire) = bucket.expire_after_days else { return };
    if let Some(lock) = bucket.object_lock_days.filter(|lock| *lock > expire) {
        book.problem(
            &path("object_lock_days"),
            format!("objects are locked for {lock} days and expire after {expire}"),
            "S3 cannot expire what is locked; let `object_lock_days` be no more than `expire_after_days`",
        );
    }
}

/// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/intro-lifecycle-filters.html>
const LONGEST_PREFIX: usize = 1024;

/// What happens to a part of the objects; what of them is in no rule stays as it is.
fn rules(book: &Book, index: usize, bucket: &Bucket) {
    let path = |position: usize, key: &str| format!("bucket[{index}].rule[{position}].{key}");
    let whole = bucket.glacier_after_days.is_some() || bucket.expire_after_days.is_some();
    for (position, rule) in bucket.rules.iter().enumerate() {
        let path = |key: &str| path(position, key);
        let all = [("glacier_after_days", rule.glacier_after_days), ("expire_after_days", rule.expire_after_days)];
        range(book, path, &all);
        order(book, path, rule.glacier_after_days, rule.expire_after_days);
        let prefix = &rule.prefix;
        if !prefix.is_empty() && (!prefix.ends_with('/') || prefix.starts_with('/') || prefix.len() > LONGEST_PREFIX) {
            book.problem(
                &path("prefix"),
                format!("expected a folder, got `{prefix}`"),
                "write it as in `cdc/`: no slash in front, one at the end",
            );
        }
        if whole {
            book.problem(
                &path("prefix"),
                "the bucket has days for all its objects, too",
                "take them out of [[bucket]], or the rule",
            );
        } else if rule.glacier_after_days.is_none() && rule.expire_after_days.is_none() {
            book.problem(&path("prefix"), "nothing happens to these objects", "write `expire_after_days = ..`");
        }
        let above = bucket.rules[..position].iter().find(|other| {
            !prefix.is_empty()
                && !other.prefix.is_empty()
                && (prefix.starts_with(&*other.prefix) || other.prefix.starts_with(&**prefix))
        });
        if let Some(other) = above {
            book.problem(
                &path("prefix"),
                format!("`{prefix}` and `{}` are about the same objects", other.prefix),
                "let each object be in one rule",
            );
        }
    }
}

fn range(book: &Book, path: impl Fn(&str) -> String, all: &[(&str, Option<u32>)]) {
    for (key, days) in all {
        match days {
            Some(0) => book.problem(&path(key), "expected at least 1 day, got 0", "take the line out for `never`"),
            Some(days) if *days > MOST_DAYS => book.problem(
                &path(key),
                format!("expected no more than {MOST_DAYS} days, got {days}"),
                "that is a hundred years; take the line out for `never`",
            ),
            _ => {}
        }
    }
}

fn order(book: &Book, path: impl Fn(&str) -> String, glacier: Option<u32>, expire: Option<u32>) {
    let (Some(glacier), Some(expire)) = (glacier, expire) else { return };
    if glacier >= expire {
        book.problem(
            &path("glacier_after_days"),
            format!("objects expire after {expire} days, before they move to Glacier after {glacier}"),
            "S3 refuses such a rule; let `expire_after_days` be greater",
        );
    }
}

/// The bucket that the trail writes to; without one there is no trail.
pub(super) fn trail(book: &Book, observability: &Observability, buckets: &[Bucket]) {
    let mut written = buckets.iter().enumerate().filter(|(_, bucket)| bucket.writer.is_some());
    let Some((index, bucket)) = written.next() else { return };
    // its policy refuses what is encrypted with another key than its own
    if bucket.class != observability.class {
        book.problem(
            &format!("bucket[{index}].class"),
            format!("the trail is encrypted with the key of `{}`, and writes here", observability.class),
            format!("write `class = \"{}\"`", observability.class),
        );
    }
}

/// The names as they will be on AWS, in this environment.
pub(super) fn names(book: &Book, names: &Names) {
    for Name { name, path, .. } in names.0.iter().filter(|name| name.named == Named::Bucket) {
        let begins = RESERVED_BEGINNINGS.iter().find(|reserved| name.starts_with(**reserved));
        let ends = RESERVED_ENDS.iter().find(|reserved| name.ends_with(**reserved));
        if let Some(reserved) = begins.or(ends) {
            book.problem(path, format!("makes the bucket name `{name}`"), format!("S3 keeps `{reserved}` for itself"));
        }
    }
}
