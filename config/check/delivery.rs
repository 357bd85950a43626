//! Delivery streams, logs, alarms and traces.

use super::{NAME_HINT, not_a_name, one_of, services_of, unique, within};
use crate::reader::Book;
use crate::{Bucket, Class, Delivery, Observability, Stream};

/// <https://docs.aws.amazon.com/firehose/latest/APIReference/API_BufferingHints.html>
const MEGABYTES: (u32, u32) = (1, 128);
const SECONDS: (u32, u32) = (0, 900);
/// It is a word of a parameter's name, which SSM takes up to 1011 characters of with the ARN before it.
const LONGEST_OUTPUT: usize = 64;
/// What the contract keeps for the queue of failed records.
const RESERVED_OUTPUT: &str = "dlq";

pub(super) fn check(book: &Book, delivery: &Delivery, classes: &[Class], buckets: &[Bucket]) {
    one_of(book, "delivery.class", &delivery.class, &names(classes), "class");
    let purposes: Vec<&str> = buckets.iter().map(|bucket| bucket.purpose.as_str()).collect();
    one_of(book, "delivery.bucket", &delivery.bucket, &purposes, "bucket");
    queue(book, delivery, classes);
    between(book, "delivery.buffer_megabytes", delivery.buffer_megabytes, MEGABYTES);
    between(book, "delivery.buffer_seconds", delivery.buffer_seconds, SECONDS);
    let bucket = buckets.iter().find(|bucket| bucket.purpose == delivery.bucket);
    let known = names(classes).contains(&delivery.class.as_str());
    if let Some(bucket) = bucket.filter(|bucket| known && bucket.class != delivery.class) {
        book.problem(
            "delivery.class",
            format!("the bucket `{}` takes only what is encrypted with the key of `{}`", bucket.purpose, bucket.class),
            format!("write `class = \"{}\"`, or choose another bucket", bucket.class),
        );
    }
}

/// The queue of failed records, to which S3 writes.
fn queue(book: &Book, delivery: &Delivery, classes: &[Class]) {
    let is_said = |key: &str| book.place(&format!("delivery.{key}")).is_some();
    if delivery.queue_class.is_empty() || delivery.queue_retention_days == 0 {
        if book.place("events").is_some() {
            // it could not be read, and was told of
            return;
        }
        let message = "does not say how the queue of failed records is kept, and there is no [events] that does";
        book.problem("delivery", message, "write `queue_class` and `queue_retention_days` below [delivery]");
        return;
    }
    let path = if is_said("queue_class") { "delivery.queue_class" } else { "events.class" };
    if is_said("queue_class") {
        one_of(book, path, &delivery.queue_class, &names(classes), "class");
    }
    services_of(book, path, &delivery.queue_class, classes, &["s3"]);
    if is_said("queue_retention_days") {
        within(book, "delivery.queue_retention_days", delivery.queue_retention_days, 1, 14, "SQS");
    }
}

pub(super) fn streams(book: &Book, streams: &[Stream]) {
    for (index, stream) in streams.iter().enumerate() {
        let path = |key: &str| format!("stream[{index}].{key}");
        let legal = stream.name.chars().all(|char| char.is_ascii_alphanumeric() || "_-.".contains(char));
        if !legal {
            book.problem(
                &path("name"),
                format!("is not the name of a stream, `{}`", stream.name),
                "Firehose takes letters, digits and _ - .",
            );
        }
        if let Some(message) = not_a_name(&stream.output) {
            book.problem(&path("output"), message, NAME_HINT);
        }
        if stream.output.len() > LONGEST_OUTPUT {
            let message = format!("expected no more than {LONGEST_OUTPUT} characters, got {}", stream.output.len());
            book.problem(&path("output"), message, "one short word, such as `cdc`");
        }
        if stream.output == RESERVED_OUTPUT {
            book.problem(&path("output"), "`dlq` is the queue of failed records", "choose another name");
        }
        // an exclamation mark and a brace would begin an expression of Firehose, which the zone adds itself
        if !stream.prefix.chars().all(|char| char.is_ascii_alphanumeric() || "/=-_.".contains(char)) {
            book.problem(
                &path("prefix"),
                format!("expected letters, digits and / = - _ ., got `{}`", stream.prefix),
                "the date is added behind it",
            );
        }
        if stream.prefix.starts_with('/') || stream.prefix.ends_with('/') {
            book.problem(&path("prefix"), format!("begins or ends with a slash, `{}`", stream.prefix), "leave it out");
        }
        if stream.prefix == "errors" || stream.prefix.starts_with("errors/") {
            book.problem(&path("prefix"), "`errors/` is for failed records", "choose another prefix");
        }
    }
    let texts = |key: &'static str, text: fn(&Stream) -> &str| {
        streams.iter().enumerate().map(move |(index, stream)| (format!("stream[{index}].{key}"), text(stream)))
    };
    unique(book, texts("name", |stream| &stream.name));
    unique(book, texts("output", |stream| &stream.output));
    unique(book, texts("prefix", |stream| &stream.prefix));
}

pub(super) fn observability(book: &Book, observability: &Observability, classes: &[Class], buckets: &[Bucket]) {
    one_of(book, "observability.class", &observability.class, &names(classes), "class");
    between(book, "observability.sampling_percent", observability.sampling_percent, (0, 100));
    between(book, "observability.sampling_reservoir", observability.sampling_reservoir, (0, 10_000));
    between(book, "observability.sampling_priority", observability.sampling_priority, (1, 9999));
    let trail = buckets.iter().any(|bucket| bucket.writer.is_some());
    let services: &[&str] = if trail { &["logs", "cloudtrail", "cloudwatch"] } else { &["logs", "cloudwatch"] };
    services_of(book, "observability.class", &observability.class, classes, services);
}

fn names(classes: &[Class]) -> Vec<&str> {
    classes.iter().map(|class| class.name.as_str()).collect()
}

fn between(book: &Book, path: &str, value: u32, (least, most): (u32, u32)) {
    if !(least..=most).contains(&value) {
        book.problem(path, format!("expected {least} to {most}, got {value}"), "AWS takes nothing else");
    }
}
