//! Version 1: everything that the stacks publish, and the contract about itself.
//!
//! Published: the next change is a version of its own, see TO ADD A VERSION in zone.rs.

use super::{BUCKET, BUS, CLASS, CLIENT, ONCE, PLATFORM, POOL, STREAM};
use crate::{
    entry::Kind,
    meta,
    template::{Template, string},
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

const META: [Template; 3] = meta::templates(ONCE);

/// Everything that version 1 promises, in the order in which it is published.
pub(super) const TEMPLATES: &[Template] = &[
    string("network/vpc-id", ONCE, VPC_ID, "network", "id of the VPC", IN_THE_VPC),
    Template {
        kind: Kind::StringList,
        ..string(
            "network/private-subnet-ids",
            ONCE,
            SUBNET_ID,
            "network",
            "ids of the private subnets, in the order of their availability zones",
            IN_THE_VPC,
        )
    },
    Template {
        kind: Kind::StringList,
        ..string(
            "network/public-subnet-ids",
            ONCE,
            SUBNET_ID,
            "network",
            "ids of the public subnets, in the order of their availability zones",
            BALANCERS,
        )
    },
    string("kms/{class}/arn", CLASS, KEY_ARN, "kms", "ARN of the key of data class {class}", KEY_USERS),
    string("s3/{purpose}/name", BUCKET, BUCKET_NAME, "storage", "name of the {purpose} bucket", BUCKET_USERS),
    string("s3/{purpose}/arn", BUCKET, BUCKET_ARN, "storage", "ARN of the {purpose} bucket", BUCKET_POLICIES),
    string("eventbridge/{bus}/arn", BUS, BUS_ARN, "events", "ARN of the event bus {bus}", BUS_USERS),
    string(
        "eventbridge/{bus}/dlq-arn",
        BUS,
        QUEUE_ARN,
        "events",
        "ARN of the queue for events of {bus} that no target took",
        &["rule DeadLetterConfig target for {bus}"],
    ),
    string(
        "eventbridge/{bus}/archive-arn",
        BUS,
        ARCHIVE_ARN,
        "events",
        "ARN of the archive of {bus}",
        &["replay operations for {bus}"],
    ),
    string("cognito/{pool}/pool-id", POOL, POOL_ID, "identity", "id of the user pool {pool}", POOL_USERS),
    string("cognito/{pool}/arn", POOL, POOL_ARN, "identity", "ARN of the user pool {pool}", POOL_POLICIES),
    string(
        "cognito/{pool}/client/{client}",
        CLIENT,
        CLIENT_ID,
        "identity",
        "id of the client {client} of the user pool {pool}; its secret, if any, is not in the contract",
        CLIENT_USERS,
    ),
    Template {
        except: &["dlq"],
        ..string(
            "firehose/{stream}/arn",
            STREAM,
            STREAM_ARN,
            "delivery",
            "ARN of the delivery stream {stream}",
            STREAM_PRODUCERS,
        )
    },
    string(
        "firehose/dlq/arn",
        ONCE,
        QUEUE_ARN,
        "delivery",
        "ARN of the queue that tells of records which could not be delivered",
        &["replay of undelivered records", "ops monitoring"],
    ),
    string(
        "iam/lambda/{bus}/arn",
        BUS,
        ROLE_ARN,
        "roles",
        "ARN of the Lambda execution role of {bus}",
        &["Lambda handlers of {bus}"],
    ),
    string("cloudtrail/arn", ONCE, TRAIL_ARN, "trail", "ARN of the trail", &["ops monitoring"]),
    string(
        "cloudtrail/log-group-arn",
        ONCE,
        LOG_GROUP_ARN,
        "trail",
        "ARN of the trail's log group",
        &["CloudWatch Logs integration"],
    ),
    string(
        "logs/{platform}/arn",
        PLATFORM,
        LOG_GROUP_ARN,
        "observability",
        "ARN of the log group of {platform}",
        &["cross-module infrastructure log events"],
    ),
    string("sns/alerts/arn", ONCE, TOPIC_ARN, "observability", "ARN of the topic for alarms", &["alarms"]),
    string(
        "xray/sampling/arn",
        ONCE,
        SAMPLING_RULE_ARN,
        "observability",
        "ARN of the default sampling rule",
        &["functions that are traced"],
    ),
    string("iam/cicd/arn", ONCE, ROLE_ARN, "access", "ARN of the role that deploys", &["pipelines that deploy"]),
    string(
        "iam/break-glass/arn",
        ONCE,
        ROLE_ARN,
        "access",
        "ARN of the role for emergencies",
        &["ops incident response only"],
    ),
    string(
        "iam/secrets-read/arn",
        ONCE,
        POLICY_ARN,
        "access",
        "ARN of the managed policy that lets its holder read secrets",
        &["roles of services that read secrets"],
    ),
    META[0],
    META[1],
    META[2],
];

const IN_THE_VPC: &[&str] = &["functions in the VPC"];
const BALANCERS: &[&str] = &["load balancers that face the Internet"];
const KEY_USERS: &[&str] = &["functions and services that encrypt {class} data"];
const BUCKET_USERS: &[&str] = &["readers and writers of the {purpose} bucket"];
const BUCKET_POLICIES: &[&str] = &["IAM policies scoped to the {purpose} bucket"];
const BUS_USERS: &[&str] = &["{bus} producers and consumers"];
const POOL_USERS: &[&str] = &["applications that sign users in to {pool}"];
const POOL_POLICIES: &[&str] = &["IAM policies scoped to the {pool} pool"];
const CLIENT_USERS: &[&str] = &["applications that sign in through {client}"];
const STREAM_PRODUCERS: &[&str] = &["producers of {stream} records"];
