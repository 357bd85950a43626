//! `zone.toml`: what every environment has.

mod access;
pub(crate) mod consumer;
mod delivery;
mod domain;
pub(crate) mod identity;
mod network;
mod tags;

use serde::Serialize;

pub use access::{Access, Guardrails, OidcProvider};
pub use consumer::Consumer;
pub use delivery::{Delivery, Stream};
pub use domain::{Allow, Domain, PLACEHOLDERS, Roles, Rules};
pub use identity::{Client, ClientKind, Email, Identity, Pool, ResourceServer};
pub use network::{ExistingVpc, Network, Vpc};
pub(crate) use tags::{ENVIRONMENT, Tags};

use access::{access, guardrails};

use crate::reader::Section;
use crate::{OrganizationId, Region};

/// The services that a class may name: those whose key policy statement the `policies` crate knows.
pub const SERVICES: [&str; 6] = ["cloudtrail", "cloudwatch", "events", "logs", "s3", "sns"];

/// The services that a bucket may name as its writer.
pub const WRITERS: [&str; 1] = ["cloudtrail"];

/// The purpose of the bucket that the contract promises to Pulumi for its state.
pub const STATE: &str = "pulumi-state";

/// A class of data; each has one key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Class {
    /// Its name, such as `pii`.
    pub name: String,
    /// AWS services that use the key on their own account, each one of [`SERVICES`].
    pub services: Vec<String>,
}

/// A bucket; its full name is [`Zone::bucket_name`](crate::Zone::bucket_name).
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Bucket {
    /// What it is for, such as `iceberg`.
    pub purpose: String,
    /// The class whose key encrypts it.
    pub class: String,
    /// Days until objects move to Glacier; none: never.
    pub glacier_after_days: Option<u32>,
    /// Days until objects expire; none: never.
    pub expire_after_days: Option<u32>,
    /// What happens to a part of the objects; only where nothing happens to all of them.
    pub rules: Vec<BucketRule>,
    /// Days under Object Lock, mode GOVERNANCE; none: no lock.
    pub object_lock_days: Option<u32>,
    /// The AWS service that writes here on its own account, one of [`WRITERS`].
    pub writer: Option<String>,
    /// Whether its content could not be made again: protected from deletion where the environment protects.
    pub irreplaceable: bool,
}

/// What happens to the objects of a bucket whose names begin alike.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct BucketRule {
    /// How their names begin; ends in a slash.
    pub prefix: String,
    /// Days until they move to Glacier; none: never.
    pub glacier_after_days: Option<u32>,
    /// Days until they expire; none: never.
    pub expire_after_days: Option<u32>,
}

/// What all event buses share.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Events {
    /// The class whose key encrypts the dead-letter queues.
    pub class: String,
    /// Days an archive keeps events.
    pub archive_days: u32,
    /// Days a dead-letter queue keeps messages.
    pub dlq_retention_days: u32,
}

/// What all keys share.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Kms {
    /// Days between the deletion of a key and its end.
    pub deletion_window_days: u32,
    /// Days between rotations.
    pub rotation_days: u32,
}

/// Logs, alarms and traces.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Observability {
    /// The class whose key encrypts log groups, trail and topic.
    pub class: String,
    /// How many of a hundred requests are traced.
    pub sampling_percent: u32,
    /// How many requests of each second are traced before the percentage counts.
    pub sampling_reservoir: u32,
    /// Which rule wins: the lowest number, 1 to 9999.
    pub sampling_priority: u32,
}

/// `zone.toml` as far as it could be read: none and empty text stand for what is in the book as a problem.
#[derive(Default)]
pub(crate) struct Shape {
    pub(crate) prefix: Option<String>,
    pub(crate) organization: Option<OrganizationId>,
    pub(crate) region: Option<Region>,
    pub(crate) secondary_region: Option<Region>,
    pub(crate) tags: Tags,
    pub(crate) network: Option<Network>,
    pub(crate) classes: Vec<Class>,
    pub(crate) buckets: Vec<Bucket>,
    pub(crate) domains: Vec<Domain>,
    pub(crate) events: Option<Events>,
    pub(crate) kms: Option<Kms>,
    pub(crate) roles: Option<Roles>,
    pub(crate) identity: Option<Identity>,
    pub(crate) pools: Vec<Pool>,
    pub(crate) delivery: Option<Delivery>,
    pub(crate) streams: Vec<Stream>,
    pub(crate) observability: Option<Observability>,
    pub(crate) guardrails: Option<Guardrails>,
    pub(crate) access: Option<Access>,
    pub(crate) consumers: Vec<Consumer>,
}

impl Shape {
    /// Whether there is a bucket for the state of Pulumi.
    pub(crate) fn has_state_bucket(&self) -> bool {
        self.buckets.iter().any(|bucket| bucket.purpose == STATE)
    }

    pub(crate) fn read(mut top: impl Section) -> Self {
        let mut shape = Self {
            prefix: top.required("prefix", "\"acme\"", "the first word of names and paths"),
            organization: top.required("organization", "\"o-a1b2c3d4e5\"", "the id of the AWS organization"),
            tags: top.table("tags", "the tags of every resource").map(tags::read).unwrap_or_default(),
            network: top
                .optional_table("network", "the VPC and its subnets; no network if left out")
                .and_then(network::read),
            kms: top
                .optional_table("kms", "deletion and rotation of keys; needed where there is a class")
                .and_then(kms),
            classes: top.tables("class", "name", "a class of data; each has one key").into_iter().map(class).collect(),
            buckets: top
                .tables("bucket", "purpose", "a bucket, named {prefix}-{purpose}-{environment}")
                .into_iter()
                .map(bucket)
                .collect(),
            events: top
                .optional_table("events", "archives and queues of the buses; no buses if left out")
                .and_then(events),
            domains: top
                .tables("domain", "bus", "a business domain: its bus, and the role of its functions")
                .into_iter()
                .map(domain::read)
                .collect(),
            roles: top
                .optional_table("roles", "what the roles of the domains' functions share; no roles if left out")
                .map(domain::roles),
            identity: top
                .optional_table("identity", "what all user pools share; needed where there is a pool")
                .and_then(identity::read),
            pools: top
                .tables("pool", "name", "a user pool, named {prefix}-{name}-{environment}")
                .into_iter()
                .map(identity::pool)
                .collect(),
            delivery: top
                .optional_table("delivery", "what all streams share; needed where there is a stream")
                .and_then(delivery::read),
            streams: top.tables("stream", "output", "a delivery stream").into_iter().map(delivery::stream).collect(),
            observability: top
                .optional_table("observability", "logs, alarms and traces; none if left out")
                .and_then(observability),
            access: top
                .optional_table("access", "who may change the zone; no roles for that if left out")
                .and_then(access),
            guardrails: top
                .optional_table("guardrails", "what is denied to everybody; no guardrail if left out")
                .and_then(guardrails),
            consumers: top
                .tables("consumer", "path", "readers of the contract's entries; information only")
                .into_iter()
                .map(consumer::read)
                .collect(),
            ..Self::default()
        };
        if let Some(mut regions) = top.table("regions", "the primary region, and a secondary one if there is any") {
            shape.region = regions.required("primary", "\"eu-west-1\"", "where everything is deployed");
            shape.secondary_region = regions.optional("secondary", "where copies go; none if left out");
            regions.finish();
        }
        if let (Some(delivery), Some(events)) = (&mut shape.delivery, &shape.events) {
            delivery.queue_like(events);
        }
        top.finish();
        shape
    }
}

fn events(mut section: impl Section) -> Option<Events> {
    let class = section.required("class", "\"operational\"", "whose key encrypts the queues");
    let archive_days = section.required("archive_days", "30", "days an archive keeps events");
    let dlq_retention_days = section.required("dlq_retention_days", "14", "days a dead-letter queue keeps messages");
    section.finish();
    Some(Events { class: class?, archive_days: archive_days?, dlq_retention_days: dlq_retention_days? })
}

fn kms(mut section: impl Section) -> Option<Kms> {
    let deletion_window_days = section.required("deletion_window_days", "30", "days until a deleted key is gone");
    let rotation_days = section.required("rotation_days", "365", "days between rotations");
    section.finish();
    Some(Kms { deletion_window_days: deletion_window_days?, rotation_days: rotation_days? })
}

fn class(mut section: impl Section) -> Class {
    let class = Class {
        name: section.required("name", "\"pii\"", "the name of the class").unwrap_or_default(),
        services: section.required("services", "[]", "AWS services that may use the key").unwrap_or_default(),
    };
    section.choices("services", &SERVICES);
    section.finish();
    class
}

fn bucket(mut section: impl Section) -> Bucket {
    let bucket = Bucket {
        purpose: section.required("purpose", "\"reports\"", "the middle of the bucket's name").unwrap_or_default(),
        class: section.required("class", "\"operational\"", "whose key encrypts the bucket").unwrap_or_default(),
        glacier_after_days: section
            .optional("glacier_after_days", "days until objects move to Glacier; never if left out"),
        expire_after_days: section.optional("expire_after_days", "days until objects expire; never if left out"),
        object_lock_days: section
            .optional("object_lock_days", "days under Object Lock, mode GOVERNANCE; no lock if left out"),
        rules: section
            .tables("rule", "prefix", "life cycle of the objects below a prefix, instead of one for the whole bucket")
            .into_iter()
            .map(bucket_rule)
            .collect(),
        writer: section.optional("writer", "the AWS service that writes to the bucket"),
        irreplaceable: section
            .optional(
                "irreplaceable",
                "whether its content cannot be recreated: `protect = true` protects it then; false if left out",
            )
            .unwrap_or(false),
    };
    section.choices("writer", &WRITERS);
    section.finish();
    bucket
}

fn bucket_rule(mut section: impl Section) -> BucketRule {
    let rule = BucketRule {
        prefix: section.required("prefix", "\"cdc/\"", "prefix of the objects' names").unwrap_or_default(),
        glacier_after_days: section
            .optional("glacier_after_days", "days until they move to Glacier; never if left out"),
        expire_after_days: section.optional("expire_after_days", "days until they expire; never if left out"),
    };
    section.finish();
    rule
}

fn observability(mut section: impl Section) -> Option<Observability> {
    let class = section.required("class", "\"operational\"", "whose key encrypts log groups, trail and topic");
    let percent = section.required("sampling_percent", "5", "how many of a hundred requests are traced");
    let reservoir = section.required("sampling_reservoir", "1", "how many of each second are traced in any case");
    let priority = section.required("sampling_priority", "9000", "which sampling rule wins: the lowest number");
    section.finish();
    Some(Observability {
        class: class?,
        sampling_percent: percent?,
        sampling_reservoir: reservoir?,
        sampling_priority: priority?,
    })
}
