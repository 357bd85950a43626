//! `zone.toml`: what every environment has.

mod access;
pub(crate) mod identity;

use std::collections::BTreeMap;

use serde::Serialize;

pub use access::{Access, Guardrails};
pub use identity::{Client, ClientKind, Email, Identity, Pool, ResourceServer};

use access::{access, guardrails};

use crate::reader::Section;
use crate::{Cidr, OrganizationId, Region};

/// The services that a class may name: those whose key policy statement the `policies` crate knows.
pub const SERVICES: [&str; 6] = ["cloudtrail", "cloudwatch", "events", "logs", "s3", "sns"];

/// The services that a bucket may name as its writer.
pub const WRITERS: [&str; 1] = ["cloudtrail"];

/// The purpose of the bucket that the contract promises to Pulumi for its state.
pub const STATE: &str = "pulumi-state";

/// The VPC and how it is divided; the n-th subnet of each list lies in the n-th availability zone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Network {
    /// The addresses of the VPC.
    pub cidr: Cidr,
    /// The letters behind the region's name, such as `a`.
    pub availability_zones: Vec<String>,
    /// Subnets with a route to the Internet gateway.
    pub public_subnets: Vec<Cidr>,
    /// Subnets without a default route.
    pub private_subnets: Vec<Cidr>,
}

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

/// A business domain.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Domain {
    /// The name of its event bus, the same in every environment; functions and secrets of the domain begin with it.
    pub bus: String,
    /// The name of the role of its Lambda functions.
    pub role: String,
    /// The classes whose keys its functions may use.
    pub classes: Vec<String>,
    /// The Neon database whose secrets its functions may read.
    pub neon_db: Option<String>,
    /// Whether its functions load rule parameters from AppConfig.
    pub app_config: bool,
    /// Rules that its functions may put on the bus of another domain.
    pub rules: Option<Rules>,
    /// Functions of other domains that its functions may invoke, with `*` as a wildcard.
    pub invokes: Vec<String>,
}

/// Rules that a domain may put on the bus of another.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Rules {
    /// The other domain's bus.
    pub bus: String,
    /// How the rules' names begin.
    pub prefix: String,
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

/// What all roles of functions share.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Roles {
    /// Whether their trust asks for the tag `module_id`, which Lambda itself never sends.
    pub require_module_tag_in_trust: bool,
}

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
    pub(crate) tags: BTreeMap<String, String>,
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
}

impl Shape {
    pub(crate) fn read(mut top: impl Section) -> Self {
        let mut shape = Self {
            prefix: top.required("prefix", "\"bank\"", "the first word of names and paths"),
            organization: top.required("organization", "\"o-a1b2c3d4e5\"", "the id of the AWS organization"),
            tags: top.table("tags", "the tags of every resource").map(tags).unwrap_or_default(),
            network: top.table("network", "the VPC and its subnets").and_then(network),
            events: top.table("events", "archives and queues of the buses").and_then(events),
            kms: top.table("kms", "deletion and rotation of keys").and_then(kms),
            classes: top.tables("class", "a class of data; each has one key").into_iter().map(class).collect(),
            buckets: top
                .tables("bucket", "a bucket, named {prefix}-{purpose}-{environment}")
                .into_iter()
                .map(bucket)
                .collect(),
            domains: top
                .tables("domain", "a business domain: its bus, and the role of its functions")
                .into_iter()
                .map(domain)
                .collect(),
            roles: top.table("roles", "what all roles of functions share").and_then(roles),
            identity: top.table("identity", "what all user pools share").and_then(identity::read),
            pools: top
                .tables("pool", "a user pool, named {prefix}-{name}-{environment}")
                .into_iter()
                .map(identity::pool)
                .collect(),
            delivery: top.table("delivery", "what all streams share").and_then(delivery),
            streams: top.tables("stream", "a delivery stream").into_iter().map(stream).collect(),
            observability: top.table("observability", "logs, alarms and traces").and_then(observability),
            guardrails: top.table("guardrails", "what is forbidden, whoever asks").and_then(guardrails),
            access: top.table("access", "who may change the zone").and_then(access),
            ..Self::default()
        };
        if let Some(mut regions) = top.table("regions", "the primary and the secondary region") {
            shape.region = regions.required("primary", "\"ap-southeast-2\"", "where everything is deployed");
            shape.secondary_region = regions.required("secondary", "\"ap-southeast-4\"", "where copies go");
            regions.finish();
        }
        top.finish();
        shape
    }
}

/// Five are written down; the sixth, `environment`, is added by [`load`](crate::load).
fn tags(mut section: impl Section) -> BTreeMap<String, String> {
    let tags = ["tenant_id", "module_id", "system_id", "cost_center", "managed_by"]
        .into_iter()
        .filter_map(|key| Some((key.to_owned(), section.required(key, "\"...\"", "a tag of every resource")?)))
        .collect();
    section.finish();
    tags
}

fn network(mut section: impl Section) -> Option<Network> {
    let cidr = section.required("cidr", "\"10.40.0.0/16\"", "the addresses of the VPC");
    let availability_zones =
        section.required("availability_zones", "[\"a\", \"b\"]", "letters behind the region's name");
    let public_subnets = section.required("public_subnets", "[\"10.40.0.0/20\"]", "one for each availability zone");
    let private_subnets = section.required("private_subnets", "[\"10.40.128.0/20\"]", "one for each availability zone");
    section.finish();
    Some(Network {
        cidr: cidr?,
        availability_zones: availability_zones?,
        public_subnets: public_subnets?,
        private_subnets: private_subnets?,
    })
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
        glacier_after_days: section.optional("glacier_after_days", "days until objects move to Glacier; never if left out"),
        expire_after_days: section.optional("expire_after_days", "days until objects expire; never if left out"),
        object_lock_days: section.optional("object_lock_days", "days under Object Lock, mode GOVERNANCE; no lock if left out"),
        rules: section
            .tables("rule", "what happens to objects whose names begin alike; instead of days for the whole bucket")
            .into_iter()
            .map(bucket_rule)
            .collect(),
        writer: section.optional("writer", "the AWS service that writes here on its own account"),
        irreplaceable: section.optional("irreplaceable", "whether its content could not be made again: protected where the environment protects; false if left out").unwrap_or(false),
    };
    section.choices("writer", &WRITERS);
    section.finish();
    bucket
}

fn bucket_rule(mut section: impl Section) -> BucketRule {
    let rule = BucketRule {
        prefix: section.required("prefix", "\"cdc/\"", "how the objects' names begin").unwrap_or_default(),
        glacier_after_days: section
            .optional("glacier_after_days", "days until they move to Glacier; never if left out"),
        expire_after_days: section.optional("expire_after_days", "days until they expire; never if left out"),
    };
    section.finish();
    rule
}

fn domain(mut section: impl Section) -> Domain {
    let domain = Domain {
        bus: section.required("bus", "\"bank-core\"", "the name of the event bus").unwrap_or_default(),
        role: section.required("role", "\"BankCoreRole\"", "the role of its functions").unwrap_or_default(),
        classes: section.required("classes", "[\"pii\"]", "whose keys its functions may use").unwrap_or_default(),
        neon_db: section.optional("neon_db", "the Neon database whose secrets its functions may read"),
        app_config: section
            .optional("app_config", "whether its functions load rule parameters from AppConfig; false if left out")
            .unwrap_or(false),
        rules: section
            .optional_table("rules", "rules that its functions may put on the bus of another domain")
            .and_then(rules),
        invokes: section
            .optional("invokes", "functions of other domains that its functions may invoke, with `*` as a wildcard")
            .unwrap_or_default(),
    };
    section.finish();
    domain
}

fn rules(mut section: impl Section) -> Option<Rules> {
    let bus = section.required("bus", "\"bank-core\"", "the bus on which rules may be put");
    let prefix = section.required("prefix", "\"bank-aml-mod-\"", "how the rules' names begin");
    section.finish();
    Some(Rules { bus: bus?, prefix: prefix? })
}

fn roles(mut section: impl Section) -> Option<Roles> {
    let required = section.required(
        "require_module_tag_in_trust",
        "false",
        "whether trust asks for a tag that Lambda itself never sends",
    );
    section.finish();
    Some(Roles { require_module_tag_in_trust: required? })
}

fn delivery(mut section: impl Section) -> Option<Delivery> {
    let class = section.required("class", "\"financial\"", "whose key encrypts the streams");
    let bucket = section.required("bucket", "\"iceberg\"", "the purpose of the bucket that they write to");
    let megabytes = section.required("buffer_megabytes", "128", "what is gathered before it is written");
    let seconds = section.required("buffer_seconds", "300", "after how long is written what there is");
    section.finish();
    Some(Delivery { class: class?, bucket: bucket?, buffer_megabytes: megabytes?, buffer_seconds: seconds? })
}

fn stream(mut section: impl Section) -> Stream {
    let stream = Stream {
        name: section.required("name", "\"bank-cdc-stream\"", "the name of the stream").unwrap_or_default(),
        output: section.required("output", "\"cdc\"", "its name in the contract").unwrap_or_default(),
        prefix: section.required("prefix", "\"cdc/source=neon\"", "where its records go").unwrap_or_default(),
    };
    section.finish();
    stream
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
