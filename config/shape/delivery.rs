//! Delivery streams, and what they share.

use serde::Serialize;

use super::Events;
use crate::reader::Section;

/// What all streams share.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Delivery {
    /// The class whose key encrypts the streams and what they write.
    pub class: String,
    /// The purpose of the bucket that they write to.
    pub bucket: String,
    /// Megabytes that are gathered before they are written.
    pub buffer_megabytes: u32,
    /// Seconds after which is written what there is.
    pub buffer_seconds: u32,
    /// The class whose key encrypts the queue of failed records; as the buses' queues if left out.
    pub queue_class: String,
    /// Days that the queue of failed records keeps messages; as the buses' queues if left out.
    pub queue_retention_days: u32,
}

impl Delivery {
    /// What is left out is as it is of the buses' queues.
    pub(super) fn queue_like(&mut self, events: &Events) {
        if self.queue_class.is_empty() {
            self.queue_class.clone_from(&events.class);
        }
        if self.queue_retention_days == 0 {
            self.queue_retention_days = events.dlq_retention_days;
        }
    }
}

/// A delivery stream.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Stream {
    /// Its name, the same in every environment.
    pub name: String,
    /// Its name in the contract, such as `cdc`.
    pub output: String,
    /// Where in the bucket its records go, before the date; no slash at either end.
    pub prefix: String,
}

pub(super) fn read(mut section: impl Section) -> Option<Delivery> {
    let class = section.required("class", "\"internal\"", "whose key encrypts the streams");
    let bucket = section.required("bucket", "\"lake\"", "the purpose of the bucket that they write to");
    let megabytes = section.required("buffer_megabytes", "128", "megabytes to buffer before a write");
    let seconds = section.required("buffer_seconds", "300", "seconds to buffer before a write");
    let queue_class = section.optional(
        "queue_class",
        "whose key encrypts the queue of failed records; as the queues of [events] if left out",
    );
    let retention = section.optional(
        "queue_retention_days",
        "days that the queue of failed records keeps messages; as the queues of [events] if left out",
    );
    section.finish();
    Some(Delivery {
        class: class?,
        bucket: bucket?,
        buffer_megabytes: megabytes?,
        buffer_seconds: seconds?,
        queue_class: queue_class.unwrap_or_default(),
        queue_retention_days: retention.unwrap_or_default(),
    })
}

pub(super) fn stream(mut section: impl Section) -> Stream {
    let stream = Stream {
        name: section.required("name", "\"orders-changes\"", "the name of the stream").unwrap_or_default(),
        output: section.required("output", "\"changes\"", "its name in the contract").unwrap_or_default(),
        prefix: section.required("prefix", "\"changes\"", "where its records go").unwrap_or_default(),
    };
    section.finish();
    stream
}
