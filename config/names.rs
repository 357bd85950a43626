//! The names on AWS that follow from the configuration.

use serde::{Serialize, Serializer};

use crate::shape::Shape;
use crate::zone::{bucket_name, env_name};
use crate::{Bucket, Class, Domain, Identity, Pool, Stream, Zone};

/// What has a name of its own. Kinds that users name are apart from those that the platform names, so that within a
/// kind nothing is said twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Named {
    /// A bucket.
    Bucket,
    /// An event bus.
    Bus,
    /// An archive of a bus.
    Archive,
    /// A queue of the platform.
    Queue,
    /// The dead-letter queue of a bus.
    EventQueue,
    /// The alias of a key.
    Alias,
    /// A role of the platform.
    Role,
    /// The role of a domain's functions.
    DomainRole,
    /// A managed policy.
    Policy,
    /// A service control policy.
    ControlPolicy,
    /// A user pool.
    Pool,
    /// The domain of a user pool.
    Domain,
    /// A delivery stream.
    Stream,
    /// A trail.
    Trail,
    /// A log group of the platform.
    LogGroup,
    /// The log group of a stream.
    StreamLogGroup,
    /// A topic.
    Topic,
    /// A sampling rule.
    SamplingRule,
    /// The root of the contract's parameters.
    Parameters,
}

impl Named {
    /// As a key of the table of names.
    pub fn word(self) -> &'static str {
        match self {
            Self::Bucket => "bucket",
            Self::Bus => "bus",
            Self::Archive => "archive",
            Self::Queue => "queue",
            Self::EventQueue => "event_queue",
            Self::Alias => "alias",
            Self::Role => "role",
            Self::DomainRole => "domain_role",
            Self::Policy => "policy",
            Self::ControlPolicy => "control_policy",
            Self::Pool => "pool",
            Self::Domain => "domain",
            Self::Stream => "stream",
            Self::Trail => "trail",
            Self::LogGroup => "log_group",
            Self::StreamLogGroup => "stream_log_group",
            Self::Topic => "topic",
            Self::SamplingRule => "sampling_rule",
            Self::Parameters => "parameters",
        }
    }

    /// How many characters its service takes.
    pub(crate) fn longest(self) -> (usize, &'static str) {
        match self {
            // https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html
            Self::Bucket => (63, "S3"),
            // https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_CreateEventBus.html
            Self::Bus => (256, "EventBridge"),
            // https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_CreateArchive.html
            Self::Archive => (48, "EventBridge"),
            // https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_CreateQueue.html
            Self::Queue | Self::EventQueue => (80, "SQS"),
            // https://docs.aws.amazon.com/kms/latest/APIReference/API_CreateAlias.html
            Self::Alias => (256, "KMS"),
            // https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
            Self::Role | Self::DomainRole => (64, "IAM"),
            Self::Policy => (128, "IAM"),
            // https://docs.aws.amazon.com/organizations/latest/APIReference/API_CreatePolicy.html
            Self::ControlPolicy => (128, "Organizations"),
            // https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_CreateUserPool.html
            Self::Pool => (128, "Cognito"),
            // https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_CreateUserPoolDomain.html
            Self::Domain => (63, "Cognito"),
            // https://docs.aws.amazon.com/firehose/latest/APIReference/API_CreateDeliveryStream.html
            Self::Stream => (64, "Firehose"),
            // https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_CreateTrail.html
            Self::Trail => (128, "CloudTrail"),
            // https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_CreateLogGroup.html
            Self::LogGroup | Self::StreamLogGroup => (512, "CloudWatch Logs"),
            // https://docs.aws.amazon.com/sns/latest/api/API_CreateTopic.html
            Self::Topic => (256, "SNS"),
            // https://docs.aws.amazon.com/xray/latest/api/API_SamplingRule.html
            Self::SamplingRule => (32, "X-Ray"),
            // https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_PutParameter.html
            Self::Parameters => (1011, "SSM"),
        }
    }
}

/// A name, and what it follows from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Name {
    /// What has it.
    pub named: Named,
    /// Which of them, such as `iceberg` of the buckets.
    pub which: String,
    /// The name.
    pub name: String,
    /// The value that makes it, by its path in the files.
    pub(crate) path: String,
    /// What can make it shorter.
    pub(crate) shorten: &'static str,
}

/// All names of a zone. Serialized, they are a table by kind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Names(pub Vec<Name>);

impl Serialize for Names {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut kinds: Vec<Named> = Vec::new();
        for name in &self.0 {
            if !kinds.contains(&name.named) {
                kinds.push(name.named);
            }
        }
        serializer.collect_map(kinds.into_iter().map(|named| (named.word(), OfKind(&self.0, named))))
    }
}

struct OfKind<'a>(&'a [Name], Named);

impl Serialize for OfKind<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let names = self.0.iter().filter(|name| name.named == self.1);
        serializer.collect_map(names.map(|name| (&name.which, &name.name)))
    }
}

/// What names are made from; a part that could not be read makes none.
#[derive(Clone, Copy)]
pub(crate) struct Parts<'a> {
    pub(crate) prefix: Option<&'a str>,
    pub(crate) environment: &'a str,
    pub(crate) suffix: Option<&'a str>,
    pub(crate) classes: &'a [Class],
    pub(crate) buckets: &'a [Bucket],
    pub(crate) domains: &'a [Domain],
    pub(crate) identity: Option<&'a Identity>,
    pub(crate) pools: &'a [Pool],
    pub(crate) streams: &'a [Stream],
    pub(crate) has: Has,
}

/// Which of the stacks that name something by themselves are deployed.
#[derive(Clone, Copy)]
#[expect(clippy::struct_excessive_bools, reason = "one question for each stack")]
pub(crate) struct Has {
    pub(crate) events: bool,
    pub(crate) roles: bool,
    pub(crate) trail: bool,
    pub(crate) access: bool,
    pub(crate) guardrails: bool,
    pub(crate) observability: bool,
}

impl Has {
    fn of_zone(zone: &Zone) -> Self {
        Self {
            events: zone.has("events"),
            roles: zone.has("roles"),
            trail: zone.has("trail"),
            access: zone.has("access"),
            guardrails: zone.has("guardrails"),
            observability: zone.has("observability"),
        }
    }

    pub(crate) fn of_shape(shape: &Shape) -> Self {
        Self {
            events: shape.events.is_some(),
            roles: shape.roles.is_some(),
            trail: shape.buckets.iter().any(|bucket| bucket.writer.is_some()),
            access: shape.access.is_some(),
            guardrails: shape.guardrails.is_some(),
            observability: shape.observability.is_some(),
        }
    }
}

impl<'a> Parts<'a> {
    pub(crate) fn of(zone: &'a Zone) -> Self {
        Self {
            prefix: Some(&zone.prefix),
            environment: &zone.environment,
            suffix: zone.bucket_suffix.as_deref(),
            classes: &zone.classes,
            buckets: &zone.buckets,
            domains: &zone.domains,
            identity: zone.identity.as_ref(),
            has: Has::of_zone(zone),
            pools: &zone.pools,
            streams: &zone.streams,
        }
    }

    pub(crate) fn names(self) -> Names {
        let mut names = Names(Vec::new());
        if let Some(prefix) = self.prefix {
            self.of_the_platform(&mut names, prefix);
            self.of_classes_and_buckets(&mut names, prefix);
        }
        self.of_domains(&mut names);
        self.of_pools(&mut names);
        for (index, stream) in self.streams.iter().enumerate() {
            let path = format!("stream[{index}].name");
            names.add(Named::Stream, &stream.output, stream.name.clone(), &path, "`name`");
            let group = format!("/aws/kinesisfirehose/{}", stream.name);
            names.add(Named::StreamLogGroup, &stream.output, group, &path, "`name`");
        }
        names
    }

    /// What a zone has once.
    fn of_the_platform(self, names: &mut Names, prefix: &str) {
        let (environment, has, streams) = (self.environment, self.has, !self.streams.is_empty());
        let platform = format!("{prefix}-platform");
        let mut add = |is_deployed: bool, named, which, name| {
            if is_deployed {
                names.add(named, which, name, "prefix", "`prefix`");
            }
        };
        add(has.trail, Named::Trail, "platform", platform.clone());
        let roles = [("cicd", has.access), ("break-glass", has.access), ("delivery", streams), ("trail", has.trail)];
        for (role, is_deployed) in roles {
            add(is_deployed, Named::Role, role, format!("{platform}-{role}"));
        }
        add(has.access, Named::Policy, "secrets-read", format!("{prefix}-secrets-read"));
        add(has.guardrails, Named::ControlPolicy, "required-tags", format!("{platform}-required-tags"));
        let mut add = |is_deployed: bool, named, which, name| {
            if is_deployed {
                names.add(named, which, name, "prefix", "`prefix`, or the environment's name");
            }
        };
        let logs = has.observability;
        add(logs, Named::Topic, "alerts", env_name(&format!("{platform}-alerts"), environment));
        add(logs, Named::SamplingRule, "default", env_name(&format!("{platform}-default"), environment));
        add(logs, Named::LogGroup, "platform", format!("/aws/{platform}/{environment}"));
        add(has.trail, Named::LogGroup, "trail", format!("/aws/cloudtrail/{}", env_name(&platform, environment)));
        add(streams, Named::Queue, "firehose-dlq", env_name(&format!("{prefix}-firehose-dlq"), environment));
        add(true, Named::Parameters, "contract", format!("/{prefix}/{environment}"));
    }

    fn of_classes_and_buckets(self, names: &mut Names, prefix: &str) {
        for (index, class) in self.classes.iter().enumerate() {
            let name = format!("alias/{prefix}/{}", class.name);
            names.add(Named::Alias, &class.name, name, &format!("class[{index}].name"), "`name`");
        }
        let shorten = if self.suffix.is_some() { "`purpose` or `bucket_suffix`" } else { "`purpose`" };
        for (index, bucket) in self.buckets.iter().enumerate() {
            let name = bucket_name(prefix, &bucket.purpose, self.environment, self.suffix);
            names.add(Named::Bucket, &bucket.purpose, name, &format!("bucket[{index}].purpose"), shorten);
        }
    }

    fn of_domains(self, names: &mut Names) {
        for (index, domain) in self.domains.iter().enumerate() {
            let (bus, path) = (&domain.bus, format!("domain[{index}].bus"));
            let made = |part: &str| env_name(&format!("{bus}-{part}"), self.environment);
            if self.has.events {
                names.add(Named::Bus, bus, bus.clone(), &path, "`bus`");
                names.add(Named::Archive, bus, made("archive"), &path, "`bus`");
                names.add(Named::EventQueue, bus, made("events-dlq"), &path, "`bus`");
            }
            if self.has.roles {
                names.add(Named::DomainRole, bus, domain.role.clone(), &format!("domain[{index}].role"), "`role`");
            }
        }
    }

    fn of_pools(self, names: &mut Names) {
        for (index, pool) in self.pools.iter().enumerate() {
            let path = format!("pool[{index}].name");
            if let Some(prefix) = self.prefix {
                let name = env_name(&format!("{prefix}-{}", pool.name), self.environment);
                names.add(Named::Pool, &pool.name, name, &path, "`name`");
            }
            if let Some(identity) = self.identity {
                let name = env_name(&format!("{}-{}", identity.domain_prefix, pool.name), self.environment);
                let shorten = "`domain_prefix` or the pool's name";
                names.add(Named::Domain, &pool.name, name, "identity.domain_prefix", shorten);
            }
        }
    }
}

impl Names {
    fn add(&mut self, named: Named, which: &str, name: String, path: &str, shorten: &'static str) {
        self.0.push(Name { named, which: which.to_owned(), name, path: path.to_owned(), shorten });
    }
}
