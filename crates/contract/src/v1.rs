//! Version 1: everything that MOD-104 publishes, and the contract about itself.
//!
//! Published: the next change is a version of its own, see TO ADD A VERSION in lib.rs.

use crate::{
    entry::Kind,
    meta,
    template::{Consumers, Each, Template},
};

/// An ARN, anchored: service, region, account (each as a pattern) and resource. Partitions are aws, aws-cn, aws-us-gov,
/// aws-iso-b and their like. The published pattern is written out, for people and for other languages.
macro_rules! arn {
    ($service:literal, $resource:literal) => {
        concat!("^arn:aws(-[a-z]+)*:", $service, ":[a-z]+(-[a-z]+)+-[0-9]+:[0-9]{12}:", $resource, "$")
    };
    (global $service:literal, $account:literal, $resource:literal) => {
        concat!("^arn:aws(-[a-z]+)*:", $service, "::", $account, ":", $resource, "$")
    };
}

/// 8 digits before 2016, 17 since: https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/resource-ids.html
const VPC_ID: &str = "^vpc-([0-9a-f]{8}|[0-9a-f]{17})$";
const SUBNET_ID: &str = "^subnet-([0-9a-f]{8}|[0-9a-f]{17})$";
/// A UUID, or `mrk-` and 32 digits: https://docs.aws.amazon.com/kms/latest/developerguide/concepts.html#key-id-key-id
const KEY_ARN: &str = arn!("kms", "key/(mrk-[0-9a-f]{32}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12})");
const BUCKET_NAME: &str = "^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$";
const BUCKET_ARN: &str = arn!(global "s3", "", "[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]");
const BUS_ARN: &str = arn!("events", "event-bus/[A-Za-z0-9._-]{1,256}");
const ARCHIVE_ARN: &str = arn!("events", "archive/[A-Za-z0-9._-]{1,48}");
/// No `.fifo`: neither EventBridge nor S3 notifications write to one.
const QUEUE_ARN: &str = arn!("sqs", "[A-Za-z0-9_-]{1,80}");
/// The part after `_` has no promised length: API_UserPoolType of the Cognito reference.
const POOL_ID: &str = "^[a-z]+(-[a-z]+)+-[0-9]+_[0-9A-Za-z]+$";
const POOL_ARN: &str = arn!("cognito-idp", "userpool/[a-z]+(-[a-z]+)+-[0-9]+_[0-9A-Za-z]+");
const CLIENT_ID: &str = "^[A-Za-z0-9_+]{1,128}$";
const STREAM_ARN: &str = arn!("firehose", "deliverystream/[A-Za-z0-9_.-]{1,64}");
/// A path may stand before the name: API_Role and API_Policy of the IAM reference.
const ROLE_ARN: &str = arn!(global "iam", "[0-9]{12}", "role/([!-.0-~]+/)*[A-Za-z0-9_+=,.@-]{1,64}");
const POLICY_ARN: &str = arn!(global "iam", "[0-9]{12}", "policy/([!-.0-~]+/)*[A-Za-z0-9_+=,.@-]{1,128}");
const TRAIL_ARN: &str = arn!("cloudtrail", "trail/[A-Za-z0-9][A-Za-z0-9._-]{1,126}[A-Za-z0-9]");
/// Without the `:*` that some APIs put behind it: policies append that where they mean the streams.
const LOG_GROUP_ARN: &str = arn!("logs", "log-group:[A-Za-z0-9._/#-]{1,512}");
/// No `.fifo`: alarms are what is sent there.
const TOPIC_ARN: &str = arn!("sns", "[A-Za-z0-9_-]{1,256}");
const SAMPLING_RULE_ARN: &str = arn!("xray", "sampling-rule/[A-Za-z0-9_-]{1,32}");

/// A path of version 1: a String that nobody has announced the end of.
const fn string(
    path: &'static str,
    each: Each,
    pattern: &'static str,
    owner: &'static str,
    about: &'static str,
    consumers: Consumers,
) -> Template {
    let kind = Kind::String;
    Template {
        path,
        each,
        except: &[],
        of_bucket: None,
        kind,
        pattern,
        owner,
        consumers,
        since: 1,
        deprecated_since: None,
        about,
    }
}

/// Of all names alike.
const fn read_by(general: &'static [&'static str]) -> Consumers {
    Consumers { general, known: &[] }
}

/// Everything that version 1 promises, in the order in which it is published.
pub const TEMPLATES: &[Template] = &[
    string("network/vpc-id", Each::Zone, VPC_ID, "network", "id of the VPC", VPC_USERS),
    Template {
        kind: Kind::StringList,
        ..string(
            "network/private-subnet-ids",
            Each::Zone,
            SUBNET_ID,
            "network",
            "ids of the private subnets, in the order of their availability zones",
            PRIVATE_SUBNET_USERS,
        )
    },
    Template {
        kind: Kind::StringList,
        ..string(
            "network/public-subnet-ids",
            Each::Zone,
            SUBNET_ID,
            "network",
            "ids of the public subnets, in the order of their availability zones",
            PUBLIC_SUBNET_USERS,
        )
    },
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
        read_by(&["rule DeadLetterConfig target for {bus}"]),
    ),
    string(
        "eventbridge/{bus}/archive-arn",
        Each::Bus,
        ARCHIVE_ARN,
        "events",
        "ARN of the archive of {bus}",
        read_by(&["replay operations for {bus}"]),
    ),
    string("cognito/{pool}/pool-id", Each::Pool, POOL_ID, "identity", "id of the user pool {pool}", POOL_USERS),
    string("cognito/{pool}/arn", Each::Pool, POOL_ARN, "identity", "ARN of the user pool {pool}", POOL_POLICIES),
    string(
        "cognito/{pool}/client/{client}",
        Each::Client,
        CLIENT_ID,
        "identity",
        "id of the client {client} of the user pool {pool}; its secret, if any, is not in the contract",
        CLIENT_USERS,
    ),
    Template {
        except: &["dlq"],
        ..string(
            "firehose/{stream}/arn",
            Each::Stream,
            STREAM_ARN,
            "delivery",
            "ARN of the delivery stream {stream}",
            STREAM_PRODUCERS,
        )
    },
    string(
        "firehose/dlq/arn",
        Each::Zone,
        QUEUE_ARN,
        "delivery",
        "ARN of the queue that tells of records which could not be delivered",
        read_by(&["replay of undelivered records", "ops monitoring"]),
    ),
    string(
        "iam/lambda/{bus}/arn",
        Each::Bus,
        ROLE_ARN,
        "roles",
        "ARN of the Lambda execution role of {bus}",
        read_by(&["Lambda handlers of {bus}"]),
    ),
    string("cloudtrail/arn", Each::Zone, TRAIL_ARN, "trail", "ARN of the trail", read_by(&["ops monitoring"])),
    string(
        "cloudtrail/log-group-arn",
        Each::Zone,
        LOG_GROUP_ARN,
        "trail",
        "ARN of the trail's log group",
        read_by(&["CloudWatch Logs integration"]),
    ),
    string(
        "logs/{platform}/arn",
        Each::Platform,
        LOG_GROUP_ARN,
        "observability",
        "ARN of the log group of {platform}",
        read_by(&["cross-module infrastructure log events"]),
    ),
    string(
        "sns/alerts/arn",
        Each::Zone,
        TOPIC_ARN,
        "observability",
        "ARN of the topic for alarms",
        read_by(&["MOD-076 alarm targets"]),
    ),
    string(
        "xray/sampling/arn",
        Each::Zone,
        SAMPLING_RULE_ARN,
        "observability",
        "ARN of the default sampling rule",
        read_by(&["default sampling of all bank-platform Lambdas"]),
    ),
    string(
        "iam/cicd/arn",
        Each::Zone,
        ROLE_ARN,
        "access",
        "ARN of the role that deploys",
        read_by(&["GitHub Actions of all 8 repositories"]),
    ),
    string(
        "iam/break-glass/arn",
        Each::Zone,
        ROLE_ARN,
        "access",
        "ARN of the role for emergencies",
        read_by(&["ops incident response only"]),
    ),
    string(
        "iam/secrets-read/arn",
        Each::Zone,
        POLICY_ARN,
        "access",
        "ARN of the managed policy that lets its holder read secrets",
        read_by(&["any service role that needs bank-*/* secrets"]),
    ),
    string(meta::VERSION_NAME, Each::Zone, "^[1-9][0-9]{0,8}$", meta::OWNER, "version of this contract", EVERY_READER),
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

const EVERY_READER: Consumers = read_by(&["every reader of the contract"]);
const VPC_USERS: Consumers = read_by(&["MOD-103 (Neon)", "MOD-075 (API gateway)", "any VPC-attached Lambda"]);
const PRIVATE_SUBNET_USERS: Consumers = read_by(&["MOD-103", "MOD-075", "MOD-076", "MOD-097"]);
const PUBLIC_SUBNET_USERS: Consumers = read_by(&["MOD-075 (ALB)", "MOD-100 (external connector)"]);

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

const POOL_USERS: Consumers = Consumers {
    general: &["whoever signs {pool} in"],
    known: &[
        ("customers", &["bank-app (MOD-044 JWT issuer)", "MOD-022 onboarding"]),
        ("staff", &["back-office sign-in"]),
    ],
};

const POOL_POLICIES: Consumers = Consumers {
    general: &["IAM policies scoped to the {pool} pool"],
    known: &[("customers", &["bank-app IAM policies"]), ("staff", &["back-office IAM policies"])],
};

const CLIENT_USERS: Consumers = Consumers {
    general: &["whoever signs in through {client}"],
    known: &[
        ("customers/mobile", &["mobile frontend"]),
        ("customers/web", &["web frontend"]),
        ("staff/back-office", &["back-office web"]),
        ("staff/api-authoriser", &["API Gateway authoriser"]),
    ],
};

const STREAM_PRODUCERS: Consumers = Consumers {
    general: &["producers of {stream} records"],
    known: &[("cdc", &["MOD-042 CDC producer"]), ("usage", &["MOD-097 usage producer"])],
};
