//! One method for every path of the newest version of the zone's contract, in its order. A test compares the two lists.

use pulumi::output::Output;

use crate::Zone;

macro_rules! values {
    ($($(#[$doc:meta])* $name:ident ( $($argument:ident),* ) $kind:ident $path:literal;)*) => {
        /// The values of the zone's contract.
        impl Zone {
            $($(#[$doc])*
            pub fn $name(&self, $($argument: &str),*) -> values!(@type $kind) {
                values!(@read $kind self, $path $(, $argument)*)
            })*
        }

        #[cfg(test)]
        const PATHS: &[&str] = &[$($path),*];
    };
    (@type text) => { Output<String> };
    (@type list) => { Output<Vec<String>> };
    (@read text $self:ident, $path:literal $(, $argument:ident)*) => {
        $self.value($path $(.replace(concat!("{", stringify!($argument), "}"), $argument))*)
    };
    (@read list $self:ident, $path:literal) => { $self.values($path) };
}

values! {
    /// Id of the VPC.
    vpc_id() text "network/vpc-id";
    /// Ids of the private subnets, in the order of their availability zones.
    private_subnet_ids() list "network/private-subnet-ids";
    /// Ids of the public subnets, in the order of their availability zones.
    public_subnet_ids() list "network/public-subnet-ids";
    /// Key of a data class.
    key_arn(class) text "kms/{class}/arn";
    /// Name of one of the zone's buckets.
    bucket_name(purpose) text "s3/{purpose}/name";
    /// ARN of one of the zone's buckets.
    bucket_arn(purpose) text "s3/{purpose}/arn";
    /// URL for `pulumi login`, of the state bucket and its key.
    state_login_url() text "s3/pulumi-state/login-url";
    /// An event bus.
    bus_arn(bus) text "eventbridge/{bus}/arn";
    /// Queue for events of a bus that no target took.
    bus_dlq_arn(bus) text "eventbridge/{bus}/dlq-arn";
    /// Archive of a bus.
    bus_archive_arn(bus) text "eventbridge/{bus}/archive-arn";
    /// Id of a user pool.
    pool_id(pool) text "cognito/{pool}/pool-id";
    /// A user pool.
    pool_arn(pool) text "cognito/{pool}/arn";
    /// Id of a client of a user pool.
    client_id(pool, client) text "cognito/{pool}/client/{client}";
    /// A delivery stream.
    stream_arn(stream) text "firehose/{stream}/arn";
    /// Queue for records that were not delivered.
    delivery_dlq_arn() text "firehose/dlq/arn";
    /// Role of a domain's functions.
    lambda_role_arn(bus) text "iam/lambda/{bus}/arn";
    /// The trail.
    trail_arn() text "cloudtrail/arn";
    /// Log group of the trail.
    trail_log_group_arn() text "cloudtrail/log-group-arn";
    /// Log group of the platform, by its name.
    log_group_arn(platform) text "logs/{platform}/arn";
    /// Topic for alarms.
    alerts_topic_arn() text "sns/alerts/arn";
    /// Sampling rule of traces.
    sampling_rule_arn() text "xray/sampling/arn";
    /// Role that deploys from GitHub.
    cicd_role_arn() text "iam/cicd/arn";
    /// Role for emergencies.
    break_glass_role_arn() text "iam/break-glass/arn";
    /// Policy that lets secrets be read.
    secrets_read_policy_arn() text "iam/secrets-read/arn";
}

#[cfg(test)]
mod tests {
    use contract::{ZONE, meta};

    use super::PATHS;

    #[test]
    fn every_path_of_the_newest_version_has_a_method() {
        let own = [meta::VERSION_NAME, meta::DIGEST_NAME, meta::PUBLISHED_AT_NAME];
        let newest = ZONE.versions().last().expect("a contract has at least one version");
        let promised = newest.templates.iter().map(|template| template.path);
        let promised: Vec<_> = promised.filter(|path| !own.contains(path)).collect();
        assert_eq!(PATHS, promised);
    }
}
