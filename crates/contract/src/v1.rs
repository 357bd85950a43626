//! Version 1: keys, buckets, buses, and the contract about itself.
//!
//! Published: the next change is a version of its own, see TO ADD A VERSION in lib.rs.

use crate::{
    entry::Kind,
    meta,
    template::{Consumers, Each, Template},
};

/// Partition, service, region and account written out per service: a pattern is read by people and by other languages.
const KEY_ARN: &str = "^arn:aws[a-z-]*:kms:[a-z0-9-]+:[0-9]{12}:key/[A-Za-z0-9-]+$";
const BUS_ARN: &str = "^arn:aws[a-z-]*:events:[a-z0-9-]+:[0-9]{12}:event-bus/[A-Za-z0-9._-]+$";
const ARCHIVE_ARN: &str = "^arn:aws[a-z-]*:events:[a-z0-9-]+:[0-9]{12}:archive/[A-Za-z0-9._-]{1,48}$";
const QUEUE_ARN: &str = r"^arn:aws[a-z-]*:sqs:[a-z0-9-]+:[0-9]{12}:[A-Za-z0-9_-]{1,80}(\.fifo)?$";
const BUCKET_NAME: &str = "^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$";
const BUCKET_ARN: &str = "^arn:aws[a-z-]*:s3:::[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$";

/// A path of version 1: a String that nobody has announced the end of.
const fn string(
    path: &'static str,
    each: Each,
    pattern: &'static str,
    owner: &'static str,
    about: &'static str,
    consumers: Consumers,
) -> Template {
    Template { path, each, kind: Kind::String, pattern, owner, consumers, since: 1, deprecated_since: None, about }
}

/// Everything that version 1 promises, in the order in which it is published.
pub const TEMPLATES: &[Template] = &[
    string("kms/{class}/arn", Each::Class, KEY_ARN, "kms", "ARN of the key of data class {class}", KEY_READERS),
    string("s3/{purpose}/name", Each::Bucket, BUCKET_NAME, "storage", "name of the {purpose} bucket", BUCKET_READERS),
    string("s3/{purpose}/arn", Each::Bucket, BUCKET_ARN, "storage", "ARN of the {purpose} bucket", BUCKET_POLICIES),
    string("eventbridge/{bus}/arn", Each::Bus, BUS_ARN, "events", "ARN of the event bus {bus}", BUS_USERS),
    string(
        "eventbridge/{bus}/dlq-arn",
        Each::Bus,
        QUEUE_ARN,
        "events",
        "ARN of the queue for events of {bus} that no target took",
        Consumers { general: &["rule DeadLetterConfig target for {bus}"], known: &[] },
    ),
    string(
        "eventbridge/{bus}/archive-arn",
        Each::Bus,
        ARCHIVE_ARN,
        "events",
        "ARN of the archive of {bus}",
        Consumers { general: &["replay operations for {bus}"], known: &[] },
    ),
    string(meta::VERSION_NAME, Each::Zone, "^[1-9][0-9]*$", meta::OWNER, "version of this contract", EVERY_READER),
    string(
        meta::DIGEST_NAME,
        Each::Zone,
        "^[0-9a-f]{64}$",
        meta::OWNER,
        "SHA-256 over version, names and values; written last, so it tells a whole publication from half a one",
        EVERY_READER,
    ),
    string(
        meta::PUBLISHED_AT_NAME,
        Each::Zone,
        r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]+)?Z$",
        meta::OWNER,
        "when this contract was last published, RFC 3339 in UTC",
        EVERY_READER,
    ),
];

const EVERY_READER: Consumers = Consumers { general: &["every reader of the contract"], known: &[] };

const KEY_READERS: Consumers = Consumers {
    general: &["whatever encrypts {class} data"],
    known: &[
        ("pii", &["bank-kyc (MOD-009)", "bank-app (MOD-044 JWT)", "MOD-103 PII secrets"]),
        ("financial", &["bank-core (MOD-001 ledger)", "MOD-042 CDC pipeline", "Snowflake ingest"]),
        ("operational", &["CloudTrail", "CloudWatch Logs", "Firehose landing", "misc ops"]),
    ],
};

const BUCKET_READERS: Consumers = Consumers {
    general: &["readers and writers of the {purpose} bucket"],
    known: &[
        ("iceberg", &["MOD-042 (CDC output)", "MOD-102 (Snowflake ingest)", "Firehose"]),
        ("firehose-landing", &["Firehose error output"]),
        ("documents", &["bank-kyc (MOD-009 KYC scans)", "bank-app (statements)"]),
        ("artefacts", &["CI/CD deploy intermediates of all 8 repositories"]),
        ("reports", &["MOD-099 usage/billing reports", "regulatory reporting"]),
        ("cloudtrail", &["ops read (immutable logs)"]),
        ("pulumi-state", &["bank-risk-platform (pulumi login)", "any Pulumi state backend"]),
    ],
};

const BUCKET_POLICIES: Consumers = Consumers {
    general: &["IAM policies scoped to the {purpose} bucket"],
    known: &[
        ("iceberg", &["bucket-ARN-scoped IAM policies in downstream modules"]),
        ("pulumi-state", &["IAM policies scoping deploy roles to the state bucket"]),
    ],
};

const BUS_USERS: Consumers = Consumers {
    general: &["{bus} producers and consumers"],
    known: &[("bank-platform", &["CDC (MOD-042)", "usage (MOD-097)", "notifications (MOD-063)"])],
};
