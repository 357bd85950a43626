//! What a change to a resource can cost, one row per type of the provider. A new type has to get a row: a test asks.
//!
//! A row that says nothing beyond its type is a type that can be changed and deleted without a risk.

/// How a property that decides about access is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// An IAM policy document; without one, nothing is allowed or denied.
    Policy,
    /// An IAM policy document; without one, AWS's own applies.
    PolicyOrDefault,
    /// A list: each item allows something.
    List,
    /// A switch that opens with this value.
    Switch(bool),
    /// Anything that decides who gets in, and how.
    Opaque,
    /// A policy of somebody that is attached: what it says is not in the step.
    Attached,
    /// A policy that only takes away, and is attached.
    Restricts,
}

/// How a property that keeps data is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Keeps {
    /// A period; absent or zero is for ever.
    Period,
    /// Rules of a life cycle, which expire objects.
    LifeCycle,
    /// Versions of objects.
    Versions,
    /// How long new objects are locked.
    Lock,
    /// Whether there are backups to go back to.
    Backups,
    /// Whether items expire.
    Expiry,
}

/// What is known of a type.
#[derive(Clone, Copy, Debug)]
pub(super) struct Facts {
    /// The type.
    pub(super) kind: &'static str,
    /// The data that goes with it.
    pub(super) holds: Option<&'static str>,
    /// Properties that keep data.
    pub(super) keeps: &'static [(&'static str, Keeps)],
    /// Properties that decide about access.
    pub(super) access: &'static [(&'static str, Form)],
    /// Whether a new one gives access that nobody had, to what there was before.
    pub(super) grants: bool,
    /// What stops when it goes.
    pub(super) stops: Option<&'static str>,
    /// Properties whose change interrupts who uses it.
    pub(super) interrupts: &'static [&'static str],
    /// The property that names what it is set on, or is a part of: without that it is nothing.
    pub(super) owner: Option<&'static str>,
    /// Whether it is set on its owner, which stays when it goes, and is used without it from then on.
    pub(super) is_setting: bool,
}

const fn of(kind: &'static str) -> Facts {
    Facts {
        kind,
        holds: None,
        keeps: &[],
        access: &[],
        grants: false,
        stops: None,
        interrupts: &[],
        owner: None,
        is_setting: false,
    }
}

impl Facts {
    const fn holds(self, holds: &'static str) -> Self {
        Self { holds: Some(holds), ..self }
    }
    const fn keeps(self, keeps: &'static [(&'static str, Keeps)]) -> Self {
        Self { keeps, ..self }
    }
    const fn access(self, access: &'static [(&'static str, Form)]) -> Self {
        Self { access, ..self }
    }
    const fn grants(self) -> Self {
        Self { grants: true, ..self }
    }
    const fn stops(self, stops: &'static str) -> Self {
        Self { stops: Some(stops), ..self }
    }
    const fn interrupts(self, interrupts: &'static [&'static str]) -> Self {
        Self { interrupts, ..self }
    }
    const fn set_on(self, owner: &'static str) -> Self {
        Self { owner: Some(owner), is_setting: true, ..self }
    }
    const fn part_of(self, owner: &'static str) -> Self {
        Self { owner: Some(owner), ..self }
    }
}

use Form::{Attached, List, Opaque, Policy, PolicyOrDefault, Restricts, Switch};

/// What is known of a type; none of one that the provider does not have.
pub(super) fn facts(kind: &str) -> Option<&'static Facts> {
    ALL.iter().find(|facts| facts.kind == kind)
}

/// Properties of a stream that decide where its records go.
const DELIVERY: &[&str] = &[
    "extendedS3Configuration.bucketArn",
    "extendedS3Configuration.roleArn",
    "extendedS3Configuration.kmsKeyArn",
    "extendedS3Configuration.prefix",
    "extendedS3Configuration.errorOutputPrefix",
    "extendedS3Configuration.compressionFormat",
    "extendedS3Configuration.fileExtension",
    "extendedS3Configuration.dynamicPartitioningConfiguration",
    "extendedS3Configuration.processingConfiguration",
    "serverSideEncryption",
];

/// Properties of a user pool that decide who signs in, and how.
const SIGN_IN: &[(&str, Form)] = &[
    ("adminCreateUserConfig.allowAdminCreateUserOnly", Switch(false)),
    ("accountRecoverySetting", Opaque),
    ("autoVerifiedAttributes", Opaque),
    ("deviceConfiguration", Opaque),
    ("lambdaConfig", Opaque),
    ("mfaConfiguration", Opaque),
    ("passwordPolicy", Opaque),
    ("signInPolicy", Opaque),
    ("userPoolAddOns", Opaque),
    ("webAuthnConfiguration", Opaque),
];

/// Properties of a client that decide what it may do.
const CLIENT: &[(&str, Form)] = &[
    ("allowedOauthFlows", List),
    ("allowedOauthFlowsUserPoolClient", Switch(true)),
    ("allowedOauthScopes", List),
    ("callbackUrls", List),
    ("explicitAuthFlows", List),
    ("logoutUrls", List),
    ("readAttributes", List),
    ("supportedIdentityProviders", List),
    ("writeAttributes", List),
];

const BLOCKS: &[(&str, Form)] = &[
    ("blockPublicAcls", Switch(false)),
    ("blockPublicPolicy", Switch(false)),
    ("ignorePublicAcls", Switch(false)),
    ("restrictPublicBuckets", Switch(false)),
];

const TARGETS: &[&str] = &[
    "gatewayId",
    "natGatewayId",
    "egressOnlyGatewayId",
    "transitGatewayId",
    "vpcEndpointId",
    "vpcPeeringConnectionId",
    "networkInterfaceId",
    "carrierGatewayId",
    "coreNetworkArn",
    "localGatewayId",
    "odbNetworkArn",
];

const TRAIL: &[&str] = &[
    "enableLogging",
    "s3BucketName",
    "s3KeyPrefix",
    "kmsKeyId",
    "isMultiRegionTrail",
    "includeGlobalServiceEvents",
    "cloudWatchLogsGroupArn",
    "cloudWatchLogsRoleArn",
    "eventSelectors",
    "advancedEventSelectors",
];

/// Properties of an alarm that decide what it watches, and who is told.
const ALARM: &[&str] = &[
    "actionsEnabled",
    "alarmActions",
    "comparisonOperator",
    "dimensions",
    "evaluationCriteria",
    "metricName",
    "metricQueries",
    "namespace",
    "threshold",
];

/// Properties of a table that keep its items and their backups.
const TABLE: &[(&str, Keeps)] = &[
    ("pointInTimeRecovery.enabled", Keeps::Backups),
    ("pointInTimeRecovery.recoveryPeriodInDays", Keeps::Period),
    ("ttl.enabled", Keeps::Expiry),
];

#[rustfmt::skip]
pub(super) const ALL: &[Facts] = &[
    of("aws:cloudtrail/trail:Trail").stops("AWS calls are not recorded").interrupts(TRAIL),
    of("aws:cloudwatch/eventArchive:EventArchive").holds("all events in the archive").keeps(&[("retentionDays", Keeps::Period)]).interrupts(&["eventPattern", "kmsKeyIdentifier"]),
    of("aws:cloudwatch/eventBus:EventBus").stops("events sent to the bus are refused, and rules of others on it are lost").interrupts(&["kmsKeyIdentifier"]),
    of("aws:cloudwatch/eventBusPolicy:EventBusPolicy").access(&[("policy", Policy)]).set_on("eventBusName"),
    of("aws:cloudwatch/logGroup:LogGroup").holds("all log events in the group").keeps(&[("retentionInDays", Keeps::Period)]).interrupts(&["kmsKeyId"]),
    of("aws:cloudwatch/logStream:LogStream").holds("all log events in the stream").part_of("logGroupName"),
    of("aws:cloudwatch/metricAlarm:MetricAlarm").stops("nobody is notified when the metric breaches").interrupts(ALARM),
    of("aws:cognito/resourceServer:ResourceServer").stops("clients get no token for its scopes").interrupts(&["scopes"]).part_of("userPoolId"),
    of("aws:cognito/userPool:UserPool").holds("all users of the pool").access(SIGN_IN).interrupts(&["emailConfiguration", "smsConfiguration", "schemas"]),
    of("aws:cognito/userPoolClient:UserPoolClient").stops("programs that sign in with this client fail; another client has another id and secret").access(CLIENT).interrupts(&["tokenValidityUnits", "accessTokenValidity", "idTokenValidity", "refreshTokenValidity", "refreshTokenRotation", "enableTokenRevocation"]).part_of("userPoolId"),
    of("aws:cognito/userPoolDomain:UserPoolDomain").stops("sign-in pages of the pool are gone").interrupts(&["certificateArn", "managedLoginVersion"]).part_of("userPoolId"),
    of("aws:dynamodb/contributorInsights:ContributorInsights").set_on("tableName"),
    of("aws:dynamodb/table:Table").holds("the table with all its items").keeps(TABLE).interrupts(&["globalSecondaryIndexes", "serverSideEncryption", "streamEnabled", "streamViewType"]),
    of("aws:ec2/defaultSecurityGroup:DefaultSecurityGroup").access(&[("ingress", List), ("egress", List)]).set_on("vpcId"),
    of("aws:ec2/internetGateway:InternetGateway").stops("the VPC loses its route to the internet").interrupts(&["vpcId"]),
    of("aws:ec2/route:Route").stops("traffic takes another route or none").interrupts(TARGETS).part_of("routeTableId"),
    of("aws:ec2/routeTable:RouteTable").stops("traffic takes another route or none").interrupts(&["routes"]).part_of("vpcId"),
    of("aws:ec2/routeTableAssociation:RouteTableAssociation").stops("traffic takes another route or none").interrupts(&["routeTableId"]).part_of("routeTableId"),
    of("aws:ec2/subnet:Subnet").stops("what runs in the subnet has no network").access(&[("mapPublicIpOnLaunch", Switch(true)), ("assignIpv6AddressOnCreation", Switch(true))]).part_of("vpcId"),
    of("aws:ec2/vpc:Vpc").stops("what runs in the VPC has no network").interrupts(&["enableDnsSupport", "enableDnsHostnames"]),
    of("aws:ec2/vpcEndpoint:VpcEndpoint").stops("the VPC does not reach the service any more").access(&[("policy", PolicyOrDefault), ("securityGroupIds", Opaque)]).interrupts(&["routeTableIds", "subnetIds", "privateDnsEnabled", "ipAddressType"]).part_of("vpcId"),
    of("aws:iam/openIdConnectProvider:OpenIdConnectProvider").stops("pipelines cannot sign in").access(&[("clientIdLists", List), ("thumbprintLists", List)]),
    of("aws:iam/policy:Policy").access(&[("policy", Policy)]),
    of("aws:iam/role:Role").stops("sessions of the role are denied").access(&[("assumeRolePolicy", Policy), ("permissionsBoundary", Opaque)]).grants(),
    of("aws:iam/rolePolicy:RolePolicy").access(&[("policy", Policy)]).grants().set_on("role"),
    of("aws:iam/rolePolicyAttachment:RolePolicyAttachment").access(&[("policyArn", Attached)]).grants().set_on("role"),
    of("aws:kinesis/firehoseDeliveryStream:FirehoseDeliveryStream").stops("records sent to the stream are refused, and those that it buffers can be lost").interrupts(DELIVERY),
    of("aws:kms/alias:Alias").stops("programs that use the alias find no key").interrupts(&["targetKeyId"]),
    of("aws:kms/key:Key").holds("the key, and with it everything that it encrypted").access(&[("policy", PolicyOrDefault)]).interrupts(&["isEnabled"]),
    of("aws:lambda/function:Function").stops("calls of the function fail, and events for it are lost").access(&[("role", Opaque)]).interrupts(&["handler", "runtime", "architectures", "vpcConfig", "reservedConcurrentExecutions", "layers"]),
    of("aws:lambda/functionEventInvokeConfig:FunctionEventInvokeConfig").stops("failed events are retried and kept with Lambda's defaults").interrupts(&["destinationConfig"]).set_on("functionName"),
    of("aws:lambda/permission:Permission").stops("its principal can no longer call the function").access(&[("principal", Opaque), ("sourceArn", Opaque), ("sourceAccount", Opaque)]).grants().part_of("function"),
    of("aws:organizations/policy:Policy").access(&[("content", Policy)]),
    of("aws:organizations/policyAttachment:PolicyAttachment").access(&[("policyId", Restricts)]).grants(),
    of("aws:s3/bucket:Bucket").holds("the bucket with all its objects"),
    of("aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration").keeps(&[("rules", Keeps::LifeCycle)]).set_on("bucket"),
    of("aws:s3/bucketLogging:BucketLogging").stops("access to the bucket is not logged any more").interrupts(&["targetBucket"]).set_on("bucket"),
    of("aws:s3/bucketNotification:BucketNotification").stops("nobody is notified of new objects").interrupts(&["eventbridge", "lambdaFunctions", "queues", "topics"]).set_on("bucket"),
    of("aws:s3/bucketObjectLockConfiguration:BucketObjectLockConfiguration").keeps(&[("rule", Keeps::Lock)]).set_on("bucket"),
    of("aws:s3/bucketObjectv2:BucketObjectv2").holds("the object").part_of("bucket"),
    of("aws:s3/bucketOwnershipControls:BucketOwnershipControls").access(&[("rule", Opaque)]).set_on("bucket"),
    of("aws:s3/bucketPolicy:BucketPolicy").access(&[("policy", Policy)]).set_on("bucket"),
    of("aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock").access(BLOCKS).set_on("bucket"),
    of("aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration").stops("new objects are encrypted with AWS's own key").interrupts(&["rules"]).set_on("bucket"),
    of("aws:s3/bucketVersioning:BucketVersioning").keeps(&[("versioningConfiguration.status", Keeps::Versions)]).set_on("bucket"),
    of("aws:sns/topic:Topic").stops("messages sent to the topic are refused, and subscriptions of others are lost").access(&[("policy", PolicyOrDefault)]).interrupts(&["kmsMasterKeyId"]),
    of("aws:sns/topicPolicy:TopicPolicy").access(&[("policy", PolicyOrDefault)]).set_on("arn"),
    of("aws:sqs/queue:Queue").holds("all messages in the queue").keeps(&[("messageRetentionSeconds", Keeps::Period)]).access(&[("policy", Policy), ("redriveAllowPolicy", Opaque)]).interrupts(&["kmsMasterKeyId", "sqsManagedSseEnabled", "redrivePolicy", "maxMessageSize"]),
    of("aws:sqs/queuePolicy:QueuePolicy").access(&[("policy", Policy)]).set_on("queueUrl"),
    of("aws:sqs/redriveAllowPolicy:RedriveAllowPolicy").access(&[("redriveAllowPolicy", Opaque)]).set_on("queueUrl"),
    of("aws:ssm/parameter:Parameter").stops("readers of the parameter find nothing"),
    of("aws:xray/samplingRule:SamplingRule"),
];

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use aws::{clients::Ambient, provider::Aws};
    use pulumi::provider::resource::Provider;

    use super::*;

    /// A new type has to be classed before it is deployed.
    #[test]
    fn every_type_of_the_provider_has_a_row_whose_properties_it_has() {
        let provider = Aws::new(Ambient::default());
        let kinds: BTreeMap<_, _> = provider.kinds().iter().map(|kind| (kind.schema().token, kind.schema())).collect();
        let rows: BTreeSet<_> = ALL.iter().map(|facts| facts.kind).collect();
        let types: BTreeSet<_> = kinds.keys().copied().collect();
        let (lacking, unknown): (Vec<_>, Vec<_>) =
            (types.difference(&rows).collect(), rows.difference(&types).collect());
        assert!(lacking.is_empty(), "no row in `ALL` of crates/deploy/src/risk/facts.rs: {lacking:?}");
        assert!(unknown.is_empty(), "no type of the provider, but a row in `ALL`: {unknown:?}");
        assert_eq!(rows.len(), ALL.len(), "one row each");
        for facts in ALL {
            let paths = facts.keeps.iter().map(|(path, _)| *path).chain(facts.access.iter().map(|(path, _)| *path));
            let paths = paths.chain(facts.interrupts.iter().copied()).chain(facts.owner);
            for path in paths {
                let name = path.split('.').next().unwrap_or_default();
                assert!(kinds[facts.kind].input(name).is_some(), "{} has no input `{name}`", facts.kind);
            }
        }
        assert!(facts("aws:s3/bucket:Bucket").is_some_and(|facts| facts.holds.is_some()));
        assert!(facts("aws:s3/bukket:Bukket").is_none());
    }
}
