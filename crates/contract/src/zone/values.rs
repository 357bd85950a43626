//! One method for every path of the newest version, in its order, and its name for the clients in other languages. Tests
//! compare the lists.

use crate::{
    meta,
    snapshot::{Arn, Error, Snapshot},
};

/// The methods below by their paths; clients in other languages have the same ones.
pub(super) const NAMES: &[(&str, &str)] = &[
    ("network/vpc-id", "vpc_id"),
    ("network/private-subnet-ids", "private_subnet_ids"),
    ("network/public-subnet-ids", "public_subnet_ids"),
    ("kms/{class}/arn", "key_arn"),
    ("s3/{purpose}/name", "bucket_name"),
    ("s3/{purpose}/arn", "bucket_arn"),
    ("s3/pulumi-state/login-url", "state_login_url"),
    ("eventbridge/{bus}/arn", "bus_arn"),
    ("eventbridge/{bus}/dlq-arn", "bus_dlq_arn"),
    ("eventbridge/{bus}/archive-arn", "bus_archive_arn"),
    ("cognito/{pool}/pool-id", "pool_id"),
    ("cognito/{pool}/arn", "pool_arn"),
    ("cognito/{pool}/client/{client}", "client_id"),
    ("firehose/{stream}/arn", "stream_arn"),
    ("firehose/dlq/arn", "delivery_dlq_arn"),
    ("iam/lambda/{bus}/arn", "lambda_role_arn"),
    ("cloudtrail/arn", "trail_arn"),
    ("cloudtrail/log-group-arn", "trail_log_group_arn"),
    ("logs/{platform}/arn", "log_group_arn"),
    ("sns/alerts/arn", "alerts_topic_arn"),
    ("xray/sampling/arn", "sampling_rule_arn"),
    ("iam/cicd/arn", "cicd_role_arn"),
    ("iam/break-glass/arn", "break_glass_role_arn"),
    ("iam/secrets-read/arn", "secrets_read_policy_arn"),
];

/// The values of the zone's contract. A snapshot of another contract has none of them.
impl Snapshot {
    /// Id of the VPC.
    pub fn vpc_id(&self) -> Result<&str, Error> {
        self.of("network/vpc-id", &[])
    }

    /// Ids of the private subnets, in the order of their availability zones.
    pub fn private_subnet_ids(&self) -> Result<Vec<&str>, Error> {
        self.list("network/private-subnet-ids")
    }

    /// Ids of the public subnets, in the order of their availability zones.
    pub fn public_subnet_ids(&self) -> Result<Vec<&str>, Error> {
        self.list("network/public-subnet-ids")
    }

    /// Key of a data class.
    pub fn key_arn(&self, class: &str) -> Result<Arn<'_>, Error> {
        self.arn("kms/{class}/arn", &[class])
    }

    /// Name of a bucket.
    pub fn bucket_name(&self, purpose: &str) -> Result<&str, Error> {
        self.of("s3/{purpose}/name", &[purpose])
    }

    /// ARN of a bucket.
    pub fn bucket_arn(&self, purpose: &str) -> Result<Arn<'_>, Error> {
        self.arn("s3/{purpose}/arn", &[purpose])
    }

    /// URL for `pulumi login`, of the state bucket and its key.
    pub fn state_login_url(&self) -> Result<&str, Error> {
        self.of("s3/pulumi-state/login-url", &[])
    }

    /// An event bus.
    pub fn bus_arn(&self, bus: &str) -> Result<Arn<'_>, Error> {
        self.arn("eventbridge/{bus}/arn", &[bus])
    }

    /// Queue for events of a bus that no target took.
    pub fn bus_dlq_arn(&self, bus: &str) -> Result<Arn<'_>, Error> {
        self.arn("eventbridge/{bus}/dlq-arn", &[bus])
    }

    /// Archive of a bus.
    pub fn bus_archive_arn(&self, bus: &str) -> Result<Arn<'_>, Error> {
        self.arn("eventbridge/{bus}/archive-arn", &[bus])
    }

    /// Id of a user pool.
    pub fn pool_id(&self, pool: &str) -> Result<&str, Error> {
        self.of("cognito/{pool}/pool-id", &[pool])
    }

    /// ARN of a user pool.
    pub fn pool_arn(&self, pool: &str) -> Result<Arn<'_>, Error> {
        self.arn("cognito/{pool}/arn", &[pool])
    }

    /// Id of a client of a user pool.
    pub fn client_id(&self, pool: &str, client: &str) -> Result<&str, Error> {
        self.of("cognito/{pool}/client/{client}", &[pool, client])
    }

    /// A delivery stream.
    pub fn stream_arn(&self, stream: &str) -> Result<Arn<'_>, Error> {
        self.arn("firehose/{stream}/arn", &[stream])
    }

    /// Queue that tells of records which could not be delivered.
    pub fn delivery_dlq_arn(&self) -> Result<Arn<'_>, Error> {
        self.arn("firehose/dlq/arn", &[])
    }

    /// Lambda execution role of a bus's domain.
    pub fn lambda_role_arn(&self, bus: &str) -> Result<Arn<'_>, Error> {
        self.arn("iam/lambda/{bus}/arn", &[bus])
    }

    /// The trail.
    pub fn trail_arn(&self) -> Result<Arn<'_>, Error> {
        self.arn("cloudtrail/arn", &[])
    }

    /// Log group of the trail.
    pub fn trail_log_group_arn(&self) -> Result<Arn<'_>, Error> {
        self.arn("cloudtrail/log-group-arn", &[])
    }

    /// Log group of the platform.
    pub fn log_group_arn(&self, platform: &str) -> Result<Arn<'_>, Error> {
        self.arn("logs/{platform}/arn", &[platform])
    }

    /// Topic for alarms.
    pub fn alerts_topic_arn(&self) -> Result<Arn<'_>, Error> {
        self.arn("sns/alerts/arn", &[])
    }

    /// The default sampling rule.
    pub fn sampling_rule_arn(&self) -> Result<Arn<'_>, Error> {
        self.arn("xray/sampling/arn", &[])
    }

    /// Role that deploys.
    pub fn cicd_role_arn(&self) -> Result<Arn<'_>, Error> {
        self.arn("iam/cicd/arn", &[])
    }

    /// Role for emergencies.
    pub fn break_glass_role_arn(&self) -> Result<Arn<'_>, Error> {
        self.arn("iam/break-glass/arn", &[])
    }

    /// Managed policy that lets its holder read secrets.
    pub fn secrets_read_policy_arn(&self) -> Result<Arn<'_>, Error> {
        self.arn("iam/secrets-read/arn", &[])
    }

    /// Digest of the publication; it changes when any value does.
    pub fn digest(&self) -> Result<&str, Error> {
        self.of(meta::DIGEST_NAME, &[])
    }

    /// When this content was published first, RFC 3339 in UTC.
    pub fn published_at(&self) -> Result<&str, Error> {
        self.of(meta::PUBLISHED_AT_NAME, &[])
    }

    fn arn(&self, path: &str, subjects: &[&str]) -> Result<Arn<'_>, Error> {
        self.of(path, subjects).map(Arn)
    }
}
