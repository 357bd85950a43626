//! Which configured property of a deployed zone turns which row of `verify` red when somebody changes it, and why some turn
//! none. What is neither changed by a test nor in this table fails the test, and so does an entry of it that is no
//! property of the zone any more.

use std::collections::BTreeSet;

use serde_json::Value;

/// How a property is judged that `outside/change.py` does not change.
enum Judged {
    /// A change in `gutted.rs` turns this row red.
    By(&'static str),
    /// A row holds it, and here is why no test can change it.
    Row(&'static str),
    /// No row holds it, and here is why none has to.
    Not(&'static str),
}
use Judged::{By, Not, Row};

/// Type (or `*`), property, how it is judged.
const OTHERWISE: &[(&str, &str, Judged)] = &[
    ("*", "region", Not("nothing moves to another region; the contract's ARNs name it")),
    ("*", "name", Row("what has another name is another thing: the contract's entry leads to it, or to nothing")),
    ("*", "description", Not("words for people")),
    ("*", "bucket", Row("names of buckets never change")),
    ("*", "vpcId", Row("what is in a VPC stays in it; the rows look for it there")),
    ("*", "userPoolId", Row("clients, domains and APIs stay with their pool; the rows look for them there")),
    ("*", "tagsAll", By("everything that was deployed has the tag environment")),
    ("aws:ec2/vpc:Vpc", "tags", Not("the name that the console shows")),
    ("aws:ec2/subnet:Subnet", "tags", Not("the name that the console shows")),
    ("aws:ec2/internetGateway:InternetGateway", "tags", Not("the name that the console shows")),
    ("aws:ec2/routeTable:RouteTable", "tags", Not("the name that the console shows")),
    ("aws:ec2/vpcEndpoint:VpcEndpoint", "tags", Not("the name that the console shows")),
    ("aws:ec2/defaultSecurityGroup:DefaultSecurityGroup", "tags", Not("the name that the console shows")),
    ("aws:ec2/subnet:Subnet", "availabilityZone", Row("AWS never changes it: `subnets lie in the availability zones`")),
    ("aws:ec2/subnet:Subnet", "cidrBlock", Row("AWS never changes it: `subnets lie in the availability zones`")),
    ("aws:ec2/vpcEndpoint:VpcEndpoint", "serviceName", Row("AWS never changes it: `is reached without leaving AWS`")),
    (
        "aws:ec2/vpcEndpoint:VpcEndpoint",
        "vpcEndpointType",
        Row("AWS never changes it: `is reached without leaving AWS`"),
    ),
    ("aws:kms/key:Key", "policy", By("the key of class secret is used by")),
    ("aws:kms/key:Key", "rotationPeriodInDays", Row("the emulator does not tell it: `rotates once in`")),
    ("aws:kms/key:Key", "deletionWindowInDays", Not("said when a key is deleted; a key that lives has none")),
    ("aws:s3/bucket:Bucket", "forceDestroy", Not("says what our own `destroy` does; AWS knows nothing of it")),
    ("aws:s3/bucket:Bucket", "objectLockEnabled", Row("cannot be taken back: `bucket audit locks each object`")),
    ("aws:s3/bucketPolicy:BucketPolicy", "policy", By("bucket lake takes nothing")),
    ("aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration", "rules.id", Not("a name for people")),
    (
        "aws:cloudtrail/trail:Trail",
        "recursiveLogging",
        Row("the emulator's own client does not know it: `does not log its own deliveries`"),
    ),
    (
        "aws:cognito/userPool:UserPool",
        "usernameConfiguration.caseSensitive",
        Row("AWS never changes it: `are not case-sensitive`"),
    ),
    ("aws:sqs/queuePolicy:QueuePolicy", "policy", By("dead letters of orders are")),
    (
        "aws:sqs/queuePolicy:QueuePolicy",
        "queueUrl",
        Row("the queue of the contract's ARN is the one whose policy is read"),
    ),
    (
        "aws:cloudwatch/eventBusPolicy:EventBusPolicy",
        "eventBusName",
        Row("the bus of the contract's ARN is the one read"),
    ),
    (
        "aws:cloudwatch/logStream:LogStream",
        "logGroupName",
        Row("a stream stays in its group; the row looks for it there"),
    ),
    (
        "aws:cognito/userPool:UserPool",
        "schemas.name",
        Row("AWS takes none away: `people of buyers have the attributes`"),
    ),
    ("aws:cognito/userPool:UserPool", "schemas.attributeDataType", Not("AWS never changes an attribute")),
    ("aws:cognito/userPool:UserPool", "schemas.mutable", Not("AWS never changes an attribute")),
    (
        "aws:cognito/userPool:UserPool",
        "schemas.stringAttributeConstraints.maxLength",
        Not("AWS never changes an attribute"),
    ),
    (
        "aws:cognito/userPool:UserPool",
        "schemas.stringAttributeConstraints.minLength",
        Not("AWS never changes an attribute"),
    ),
    ("aws:cognito/userPool:UserPool", "usernameAttributes", Row("AWS never changes it: `passwords of`")),
    ("aws:cognito/userPoolClient:UserPoolClient", "generateSecret", Row("AWS never changes it: `keeps no secret`")),
    (
        "aws:cognito/resourceServer:ResourceServer",
        "identifier",
        Row("AWS never changes it: `the API acme-api of buyers has its scopes`"),
    ),
    ("aws:cognito/resourceServer:ResourceServer", "scopes.scopeDescription", Not("words for people")),
    (
        "aws:kinesis/firehoseDeliveryStream:FirehoseDeliveryStream",
        "destination",
        Row("a stream to elsewhere has no bucket"),
    ),
    ("aws:sns/topicPolicy:TopicPolicy", "policy", By("alarms of this account reach the topic")),
    ("aws:sns/topicPolicy:TopicPolicy", "arn", Row("the topic of the contract's ARN is the one whose policy is read")),
    ("aws:xray/samplingRule:SamplingRule", "ruleName", Row("names never change; the contract's ARN has it")),
    ("aws:xray/samplingRule:SamplingRule", "version", Not("there is one version")),
    ("aws:iam/rolePolicy:RolePolicy", "policy", By("functions of parcels have")),
    ("aws:iam/rolePolicy:RolePolicy", "role", By("functions of parcels have")),
    ("aws:iam/rolePolicyAttachment:RolePolicyAttachment", "role", By("functions of billing have")),
    ("aws:iam/policy:Policy", "policy", By("the policy for secrets reads")),
    ("aws:iam/openIdConnectProvider:OpenIdConnectProvider", "url", Row("the trust's row wants GitHub's provider")),
    ("aws:organizations/policy:Policy", "content", By("the policy asks for the tag owner by itself")),
    (
        "aws:organizations/policy:Policy",
        "type",
        Row("AWS never changes it: the row looks among service control policies"),
    ),
    ("aws:ssm/parameter:Parameter", "type", Row("SSM never changes it: `everything promised is published`")),
];

/// What is wrong: properties of which nobody says how they are judged, entries that say it of nothing, rows that no change
/// turns red.
pub(super) fn unjudged(state: &Value, changed: &BTreeSet<&str>, rows: &[&str]) -> Vec<String> {
    let resources = state.pointer("/checkpoint/latest/resources").and_then(Value::as_array).expect("resources");
    let mut deployed = BTreeSet::new();
    for resource in resources {
        let token = resource["type"].as_str().expect("a type");
        if token.starts_with("aws:") {
            walk(&resource["inputs"], "", &mut |property| {
                deployed.insert((token.to_owned(), property.to_owned()));
            });
        }
    }
    assert!(deployed.len() > 150, "{} properties", deployed.len());
    let speaks = |(of, named, _): &(&str, &str, Judged), token: &str, property: &str| {
        (*of == "*" || *of == token) && *named == property
    };
    let mut wrong = Vec::new();
    for (token, property) in &deployed {
        let known = OTHERWISE.iter().any(|entry| speaks(entry, token, property));
        if !known && !changed.contains(format!("{token} {property}").as_str()) {
            wrong.push(format!("{token} {property}: no change turns a row red, and nobody says why not"));
        }
    }
    for entry in OTHERWISE {
        let (of, property, judged) = entry;
        if !deployed.iter().any(|(token, property)| speaks(entry, token, property)) {
            wrong.push(format!("{of} {property}: no deployed resource has it"));
        }
        match judged {
            By(row) if !rows.iter().any(|other| other.contains(row)) => {
                wrong.push(format!("{of} {property}: no change of gutted.rs turns `{row}` red"));
            }
            Row(why) | Not(why) if why.is_empty() => wrong.push(format!("{of} {property}: no reason is given")),
            By(_) | Row(_) | Not(_) => {}
        }
    }
    wrong
}

/// The properties of a resource's inputs, in depth: `rule.objectOwnership`. Tags are one property.
fn walk(value: &Value, at: &str, found: &mut impl FnMut(&str)) {
    match value {
        Value::Object(fields) if !fields.is_empty() && !["tags", "tagsAll"].contains(&at) => {
            for (name, value) in fields.iter().filter(|(name, _)| *name != "__defaults") {
                walk(value, &if at.is_empty() { name.clone() } else { format!("{at}.{name}") }, found);
            }
        }
        Value::Array(items) if items.iter().any(Value::is_object) => {
            for item in items {
                walk(item, at, found);
            }
        }
        _ => found(at),
    }
}
