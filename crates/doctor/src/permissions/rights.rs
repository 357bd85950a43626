//! The rights that a deployment needs, by stack: every action that its calls ask for, and those that AWS asks for behind them.
//!
//! It is long because every action is on a line of its own.
//!
//! `bin/tests/it/whole/rights.rs` records the calls of a whole run and compares them with `docs/rights/`, which is rendered from here.

use config::Zone;

/// What a stack needs, on a thing of a name that it gives: rights are often given by name.
pub(super) struct Right {
    pub(super) stack: &'static str,
    /// `{region}` and `{account}` stand for the zone's own, `{caller}` for who asks.
    pub(super) resource: fn(&Zone) -> String,
    /// What the requests carry, and conditions ask for.
    pub(super) with: &'static [(&'static str, &'static str)],
    pub(super) actions: &'static [&'static str],
}

/// What `zone destroy` needs beside the rights of a deployment.
pub(super) const DESTROY: &str = "destroy";
/// What `zone doctor` needs beside what a deployment does.
const DOCTOR: &str = "doctor";
/// What `zone drift` needs beside what a deployment reads.
pub(super) const DRIFT: &str = "drift";
/// What is done in the organization's management account.
pub(super) const MANAGEMENT: &str = "management";

/// What the state needs where it is in the zone's bucket.
pub(super) const STATE: &str = "state";

const NOTHING: &[(&str, &str)] = &[];

fn first<'a>(mut names: impl Iterator<Item = &'a String>) -> &'a str {
    names.next().map_or("*", String::as_str)
}

/// The role or user that calls.
fn caller(_: &Zone) -> String {
    "{caller}".to_owned()
}

fn everything(_: &Zone) -> String {
    "*".to_owned()
}

/// A key has no name before it is made.
fn key(_: &Zone) -> String {
    "arn:aws:kms:{region}:{account}:key/1234abcd-12ab-34cd-56ef-1234567890ab".to_owned()
}

fn bucket(zone: &Zone) -> String {
    format!("arn:aws:s3:::{}", zone.bucket_name(first(zone.buckets.iter().map(|bucket| &bucket.purpose))))
}

fn state_bucket(zone: &Zone) -> String {
    format!("arn:aws:s3:::{}", zone.bucket_name(config::STATE))
}

fn state_object(zone: &Zone) -> String {
    format!("{}/.pulumi/stacks/zone/{}.json", state_bucket(zone), zone.environment)
}

fn bus(zone: &Zone) -> String {
    format!("arn:aws:events:{{region}}:{{account}}:event-bus/{}", first(zone.domains.iter().map(|d| &d.bus)))
}

fn archive(zone: &Zone) -> String {
    let bus = first(zone.domains.iter().map(|d| &d.bus));
    format!("arn:aws:events:{{region}}:{{account}}:archive/{}", zone.env_name(&format!("{bus}-archive")))
}

fn queue(zone: &Zone) -> String {
    let bus = first(zone.domains.iter().map(|d| &d.bus));
    format!("arn:aws:sqs:{{region}}:{{account}}:{}", zone.env_name(&format!("{bus}-events-dlq")))
}

fn pool(_: &Zone) -> String {
    "arn:aws:cognito-idp:{region}:{account}:userpool/{region}_aaaaaaaaa".to_owned()
}

fn log_group(zone: &Zone) -> String {
    format!("arn:aws:logs:{{region}}:{{account}}:log-group:/aws/{}/{}", zone.platform(), zone.environment)
}

fn error_log(zone: &Zone) -> String {
    let stream = first(zone.streams.iter().map(|s| &s.name));
    format!("arn:aws:logs:{{region}}:{{account}}:log-group:/aws/kinesisfirehose/{stream}:log-stream:errors")
}

fn topic(zone: &Zone) -> String {
    format!("arn:aws:sns:{{region}}:{{account}}:{}", zone.env_name(&format!("{}-alerts", zone.platform())))
}

fn stream(zone: &Zone) -> String {
    let stream = first(zone.streams.iter().map(|s| &s.name));
    format!("arn:aws:firehose:{{region}}:{{account}}:deliverystream/{stream}")
}

fn delivery_role(zone: &Zone) -> String {
    format!("arn:aws:iam::{{account}}:role/{}-delivery", zone.platform())
}

fn domain_role(zone: &Zone) -> String {
    format!("arn:aws:iam::{{account}}:role/{}", first(zone.domains.iter().map(|d| &d.role)))
}

fn trail(zone: &Zone) -> String {
    format!("arn:aws:cloudtrail:{{region}}:{{account}}:trail/{}", zone.trail_name())
}

fn trail_role(zone: &Zone) -> String {
    format!("arn:aws:iam::{{account}}:role/{}-trail", zone.trail_name())
}

fn cicd_role(zone: &Zone) -> String {
    format!("arn:aws:iam::{{account}}:role/{}-cicd", zone.platform())
}

fn github(_: &Zone) -> String {
    "arn:aws:iam::{account}:oidc-provider/token.actions.githubusercontent.com".to_owned()
}

fn secrets_read(zone: &Zone) -> String {
    format!("arn:aws:iam::{{account}}:policy/{}-secrets-read", zone.prefix)
}

fn parameter(zone: &Zone) -> String {
    format!("arn:aws:ssm:{{region}}:{{account}}:parameter{}/contract/version", zone.parameter_root())
}

/// Of every role alike.
const OF_ROLES: &[&str] = &[
    "iam:AttachRolePolicy",
    "iam:CreateRole",
    "iam:GetRole",
    "iam:GetRolePolicy",
    "iam:ListAttachedRolePolicies",
    "iam:ListRoleTags",
    "iam:PutRolePolicy",
    "iam:TagRole",
    "iam:UntagRole",
    "iam:UpdateAssumeRolePolicy",
    "iam:UpdateRole",
];

macro_rules! right {
    ($stack:expr, $resource:expr, [$($action:literal),* $(,)?]) => {
        right!($stack, $resource, NOTHING, &[$($action),*])
    };
    ($stack:expr, $resource:expr, $with:expr, $actions:expr) => {
        Right { stack: $stack, resource: $resource, with: $with, actions: $actions }
    };
}

/// Every right, by stack.
pub(super) const RIGHTS: &[Right] = &[
    right!(
        "network",
        everything,
        [
            "ec2:AssociateRouteTable",
            "ec2:AttachInternetGateway",
            "ec2:CreateInternetGateway",
            "ec2:CreateRoute",
            "ec2:CreateRouteTable",
            "ec2:CreateSubnet",
            "ec2:CreateTags",
            "ec2:CreateVpc",
            "ec2:CreateVpcEndpoint",
            "ec2:DeleteTags",
            "ec2:DescribeInternetGateways",
            "ec2:DescribeNetworkAcls",
            "ec2:DescribePrefixLists",
            "ec2:DescribeRouteTables",
            "ec2:DescribeSecurityGroupRules",
            "ec2:DescribeSecurityGroups",
            "ec2:DescribeSubnets",
            "ec2:DescribeTags",
            "ec2:DescribeVpcAttribute",
            "ec2:DescribeVpcEndpoints",
            "ec2:DescribeVpcs",
            "ec2:ModifySubnetAttribute",
            "ec2:ModifyVpcAttribute",
            "ec2:ModifyVpcEndpoint",
            "ec2:ReplaceRoute",
            "ec2:ReplaceRouteTableAssociation",
            "ec2:RevokeSecurityGroupEgress",
            "ec2:RevokeSecurityGroupIngress",
        ]
    ),
    right!(STATE, state_bucket, ["s3:ListBucket"]),
    right!(STATE, state_object, ["s3:DeleteObject", "s3:GetObject", "s3:PutObject"]),
    // S3 asks for the second in the name of who puts an object
    right!(STATE, key, ["kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey"]),
    right!("kms", everything, ["kms:CreateKey", "kms:ListAliases", "kms:ListKeys"]),
    right!(
        "kms",
        key,
        [
            "kms:CancelKeyDeletion",
            "kms:CreateAlias",
            "kms:DescribeKey",
            "kms:EnableKey",
            "kms:EnableKeyRotation",
            "kms:GetKeyPolicy",
            "kms:GetKeyRotationStatus",
            "kms:ListResourceTags",
            "kms:PutKeyPolicy",
            "kms:TagResource",
            "kms:UntagResource",
            "kms:UpdateAlias",
            "kms:UpdateKeyDescription",
        ]
    ),
    right!(
        "storage",
        bucket,
        [
            "s3:CreateBucket",
            "s3:GetBucketNotification",
            "s3:GetBucketObjectLockConfiguration",
            "s3:GetBucketOwnershipControls",
            "s3:GetBucketPolicy",
            "s3:GetBucketPublicAccessBlock",
            "s3:GetBucketTagging",
            "s3:GetBucketVersioning",
            "s3:GetEncryptionConfiguration",
            "s3:GetLifecycleConfiguration",
            "s3:ListBucket",
            "s3:PutBucketNotification",
            "s3:PutBucketObjectLockConfiguration",
            "s3:PutBucketOwnershipControls",
            "s3:PutBucketPolicy",
            "s3:PutBucketPublicAccessBlock",
            "s3:PutBucketTagging",
            "s3:PutBucketVersioning",
            "s3:PutEncryptionConfiguration",
            "s3:PutLifecycleConfiguration",
            "s3:TagResource",
        ]
    ),
    right!(
        "events",
        bus,
        [
            "events:CreateArchive",
            "events:CreateEventBus",
            "events:DescribeEventBus",
            "events:ListTagsForResource",
            "events:PutPermission",
            "events:TagResource",
            "events:UntagResource",
            "events:UpdateEventBus",
        ]
    ),
    right!("events", archive, ["events:DescribeArchive", "events:UpdateArchive"]),
    right!(
        "events",
        queue,
        [
            "sqs:CreateQueue",
            "sqs:GetQueueAttributes",
            "sqs:GetQueueUrl",
            "sqs:ListQueueTags",
            "sqs:SetQueueAttributes",
            "sqs:TagQueue",
            "sqs:UntagQueue",
        ]
    ),
    right!(
        "identity",
        everything,
        ["cognito-idp:CreateUserPool", "cognito-idp:DescribeUserPoolDomain", "cognito-idp:ListUserPools"]
    ),
    right!(
        "identity",
        pool,
        [
            "cognito-idp:AddCustomAttributes",
            "cognito-idp:CreateResourceServer",
            "cognito-idp:CreateUserPoolClient",
            "cognito-idp:CreateUserPoolDomain",
            "cognito-idp:DescribeResourceServer",
            "cognito-idp:DescribeUserPool",
            "cognito-idp:DescribeUserPoolClient",
            "cognito-idp:GetUserPoolMfaConfig",
            "cognito-idp:ListTagsForResource",
            "cognito-idp:ListUserPoolClients",
            "cognito-idp:SetUserPoolMfaConfig",
            "cognito-idp:TagResource",
            "cognito-idp:UntagResource",
            "cognito-idp:UpdateResourceServer",
            "cognito-idp:UpdateUserPool",
            "cognito-idp:UpdateUserPoolClient",
        ]
    ),
    right!(
        "observability",
        log_group,
        [
            "logs:AssociateKmsKey",
            "logs:CreateLogGroup",
            "logs:DescribeLogGroups",
            "logs:ListTagsForResource",
            "logs:PutRetentionPolicy",
            "logs:TagResource",
            "logs:UntagResource",
        ]
    ),
    right!(
        "observability",
        topic,
        [
            "sns:CreateTopic",
            "sns:GetTopicAttributes",
            "sns:ListTagsForResource",
            "sns:SetTopicAttributes",
            "sns:TagResource",
            "sns:UntagResource",
        ]
    ),
    right!(
        "observability",
        everything,
        [
            "xray:CreateSamplingRule",
            "xray:GetSamplingRules",
            "xray:ListTagsForResource",
            "xray:TagResource",
            "xray:UntagResource",
            "xray:UpdateSamplingRule",
        ]
    ),
    right!(
        "delivery",
        stream,
        [
            "firehose:CreateDeliveryStream",
            "firehose:DescribeDeliveryStream",
            "firehose:ListTagsForDeliveryStream",
            "firehose:StartDeliveryStreamEncryption",
            "firehose:TagDeliveryStream",
            "firehose:UntagDeliveryStream",
            "firehose:UpdateDestination",
        ]
    ),
    right!("delivery", error_log, ["logs:CreateLogStream", "logs:DescribeLogStreams"]),
    right!("delivery", delivery_role, NOTHING, OF_ROLES),
    right!("delivery", delivery_role, &[("iam:PassedToService", "firehose.amazonaws.com")], &["iam:PassRole"]),
    // Firehose makes the grant by which it encrypts a stream in the caller's name, and no call of ours shows it
    // <https://docs.aws.amazon.com/firehose/latest/dev/encryption.html> (2026-11-25)
    right!(
        "delivery",
        key,
        &[("kms:ViaService", "firehose.{region}.amazonaws.com"), ("kms:GrantIsForAWSResource", "true")],
        &["kms:CreateGrant"]
    ),
    right!("roles", domain_role, NOTHING, OF_ROLES),
    right!(
        "trail",
        trail,
        [
            "cloudtrail:AddTags",
            "cloudtrail:CreateTrail",
            "cloudtrail:GetEventSelectors",
            "cloudtrail:GetInsightSelectors",
            "cloudtrail:GetTrail",
            "cloudtrail:GetTrailStatus",
            "cloudtrail:ListTags",
            "cloudtrail:PutEventSelectors",
            "cloudtrail:RemoveTags",
            "cloudtrail:StartLogging",
            "cloudtrail:UpdateTrail",
        ]
    ),
    right!("trail", trail_role, NOTHING, OF_ROLES),
    right!("trail", trail_role, &[("iam:PassedToService", "cloudtrail.amazonaws.com")], &["iam:PassRole"]),
    right!(
        "access",
        github,
        [
            "iam:CreateOpenIDConnectProvider",
            "iam:GetOpenIDConnectProvider",
            "iam:ListOpenIDConnectProviderTags",
            "iam:TagOpenIDConnectProvider",
            "iam:UntagOpenIDConnectProvider",
        ]
    ),
    right!("access", cicd_role, NOTHING, OF_ROLES),
    right!(
        "access",
        secrets_read,
        [
            "iam:CreatePolicy",
            "iam:CreatePolicyVersion",
            "iam:DeletePolicyVersion",
            "iam:GetPolicy",
            "iam:GetPolicyVersion",
            "iam:ListPolicies",
            "iam:ListPolicyTags",
            "iam:ListPolicyVersions",
            "iam:TagPolicy",
            "iam:UntagPolicy",
        ]
    ),
    right!(
        "contract",
        parameter,
        [
            "ssm:AddTagsToResource",
            "ssm:DescribeParameters",
            "ssm:GetParameter",
            "ssm:GetParametersByPath",
            "ssm:ListTagsForResource",
            "ssm:PutParameter",
            "ssm:RemoveTagsFromResource",
        ]
    ),
    right!(
        MANAGEMENT,
        everything,
        [
            "organizations:AttachPolicy",
            "organizations:CreatePolicy",
            "organizations:DescribeOrganization",
            "organizations:DescribePolicy",
            "organizations:EnablePolicyType",
            "organizations:ListAWSServiceAccessForOrganization",
            "organizations:ListAccounts",
            "organizations:ListPolicies",
            "organizations:ListRoots",
            "organizations:ListTagsForResource",
            "organizations:ListTargetsForPolicy",
            "organizations:TagResource",
            "organizations:UntagResource",
            "organizations:UpdatePolicy",
        ]
    ),
    right!(
        DESTROY,
        everything,
        [
            "ec2:DeleteInternetGateway",
            "ec2:DeleteRoute",
            "ec2:DeleteRouteTable",
            "ec2:DeleteSubnet",
            "ec2:DeleteVpc",
            "ec2:DeleteVpcEndpoints",
            "ec2:DetachInternetGateway",
            "ec2:DisassociateRouteTable",
            "xray:DeleteSamplingRule",
        ]
    ),
    right!(DESTROY, key, ["kms:DeleteAlias", "kms:ScheduleKeyDeletion"]),
    right!(
        DESTROY,
        bucket,
        ["s3:DeleteBucket", "s3:DeleteBucketPolicy", "s3:ListBucketMultipartUploads", "s3:ListBucketVersions",]
    ),
    right!(DESTROY, state_object, ["s3:DeleteObjectVersion"]),
    right!(DESTROY, bus, ["events:DeleteEventBus", "events:RemovePermission"]),
    right!(DESTROY, archive, ["events:DeleteArchive"]),
    right!(DESTROY, queue, ["sqs:DeleteQueue"]),
    right!(
        DESTROY,
        pool,
        [
            "cognito-idp:DeleteResourceServer",
            "cognito-idp:DeleteUserPool",
            "cognito-idp:DeleteUserPoolClient",
            "cognito-idp:DeleteUserPoolDomain",
        ]
    ),
    right!(DESTROY, log_group, ["logs:DeleteLogGroup"]),
    right!(DESTROY, error_log, ["logs:DeleteLogStream"]),
    right!(DESTROY, topic, ["sns:DeleteTopic"]),
    right!(DESTROY, stream, ["firehose:DeleteDeliveryStream"]),
    right!(
        DESTROY,
        domain_role,
        ["iam:DeleteRole", "iam:DeleteRolePolicy", "iam:DetachRolePolicy", "iam:ListInstanceProfilesForRole"]
    ),
    right!(DESTROY, trail, ["cloudtrail:DeleteTrail"]),
    right!(DESTROY, github, ["iam:DeleteOpenIDConnectProvider"]),
    right!(DESTROY, secrets_read, ["iam:DeletePolicy"]),
    right!(DESTROY, parameter, ["ssm:DeleteParameter"]),
    right!(
        DOCTOR,
        everything,
        [
            "cloudtrail:DescribeTrails",
            "ec2:DescribeAvailabilityZones",
            "ec2:DescribeRegions",
            "events:ListEventBuses",
            "iam:GetAccountSummary",
            "iam:ListMFADevices",
            "iam:ListUsers",
            "organizations:DescribeOrganization",
            "s3:ListAllMyBuckets",
            "servicequotas:GetAWSDefaultServiceQuota",
            "servicequotas:GetServiceQuota",
            "servicequotas:ListServiceQuotas",
        ]
    ),
    right!(DOCTOR, caller, ["iam:SimulatePrincipalPolicy"]),
    right!(DOCTOR_MANAGEMENT, caller, ["iam:SimulatePrincipalPolicy"]),
    right!(
        DOCTOR_MANAGEMENT,
        everything,
        [
            "organizations:DescribeAccount",
            "organizations:DescribeOrganizationalUnit",
            "organizations:ListParents",
            "organizations:ListPoliciesForTarget",
        ]
    ),
    right!(DRIFT, everything, ["cloudtrail:LookupEvents"]),
    right!(DRIFT_MANAGEMENT, everything, ["cloudtrail:LookupEvents"]),
    right!(DESTROY_MANAGEMENT, everything, ["organizations:DeletePolicy", "organizations:DetachPolicy"]),
];

/// The same in the management account.
pub(super) const DESTROY_MANAGEMENT: &str = "destroy-management";
/// What `zone doctor` needs there.
const DOCTOR_MANAGEMENT: &str = "doctor-management";
/// What `zone drift` needs there.
pub(super) const DRIFT_MANAGEMENT: &str = "drift-management";

/// Whether a right is used in the management account.
pub(super) fn is_of_management(stack: &str) -> bool {
    [MANAGEMENT, DESTROY_MANAGEMENT, DOCTOR_MANAGEMENT, DRIFT_MANAGEMENT].contains(&stack)
}

/// What goes on without a right that no deployment needs; none of a right that one needs.
pub(super) fn spared(stack: &str) -> Option<&'static str> {
    match stack {
        DESTROY | DESTROY_MANAGEMENT => Some("`zone destroy` would be refused; a deployment needs none of them"),
        DOCTOR | DOCTOR_MANAGEMENT => {
            Some("`zone doctor` cannot evaluate some checks without them; a deployment needs none of them")
        }
        DRIFT | DRIFT_MANAGEMENT => {
            Some("`zone drift` could not say who changed what, and when; a deployment does not need it")
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use std::{collections::BTreeMap, fs, path::Path};

    use serde_json::{Value, json};

    use super::*;

    type With = &'static [(&'static str, &'static str)];

    /// A policy: one statement for what needs no condition, and one for each that does. IAM takes 6,144 characters.
    fn policy(sid: &str, rights: impl Iterator<Item = (With, Vec<String>)>) -> Value {
        let mut statements: BTreeMap<With, Vec<String>> = BTreeMap::new();
        for (with, actions) in rights {
            statements.entry(with).or_default().extend(actions);
        }
        let statement = |(with, mut actions): (With, Vec<String>)| {
            actions.sort();
            actions.dedup();
            let mut statement = json!({ "Sid": sid, "Effect": "Allow", "Action": actions, "Resource": "*" });
            for (key, value) in with {
                match *key {
                    "iam:PassedToService" => {
                        let service = value.split('.').next().unwrap_or_default();
                        statement["Sid"] = format!("{sid}By{}{}", service[..1].to_uppercase(), &service[1..]).into();
                        statement["Condition"]["StringEquals"][key] = json!(value);
                    }
                    "kms:GrantIsForAWSResource" => {
                        statement["Sid"] = format!("{sid}ByGrants").into();
                        statement["Condition"]["Bool"][key] = json!(value);
                    }
                    // the region is the zone's own
                    _ => {}
                }
            }
            statement
        };
        let statements: Vec<_> = statements.into_iter().map(statement).collect();
        let policy = json!({ "Version": "2012-10-17", "Statement": statements });
        let length = policy.to_string().len();
        assert!(length <= 6144, "{sid}: {length} characters");
        policy
    }

    fn of(sid: &str, wanted: impl Fn(&str) -> bool) -> Value {
        let rights = RIGHTS.iter().filter(|right| wanted(right.stack));
        policy(sid, rights.map(|right| (right.with, right.actions.iter().map(|a| (*a).to_owned()).collect())))
    }

    #[test]
    fn published_rights_are_those_that_are_asked_for() {
        let verify = features::actions::policy;
        let files = [
            ("deploy.member", of("Deploy", |stack| !is_of_management(stack) && spared(stack).is_none())),
            ("deploy.management", of("Deploy", |stack| stack == MANAGEMENT)),
            ("destroy.member", of("Destroy", |stack| stack == DESTROY)),
            ("destroy.management", of("Destroy", |stack| stack == DESTROY_MANAGEMENT)),
            ("doctor.member", of("Doctor", |stack| stack == DOCTOR)),
            ("doctor.management", of("Doctor", |stack| stack == DOCTOR_MANAGEMENT)),
            ("drift.member", of("Drift", |stack| stack == DRIFT)),
            ("drift.management", of("Drift", |stack| stack == DRIFT_MANAGEMENT)),
            ("verify.member", verify(features::actions::MEMBER)),
            ("verify.management", verify(features::actions::MANAGEMENT)),
            ("probe.member", verify(features::actions::PROBE)),
        ];
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/rights");
        let bless = std::env::var_os("ZONE_BLESS").is_some_and(|value| value == "1");
        for (name, policy) in files {
            let (path, wanted) = (folder.join(format!("{name}.json")), format!("{policy:#}\n"));
            if bless {
                fs::create_dir_all(&folder).expect("the folder");
                fs::write(&path, &wanted).expect("the file is written");
            }
            let is = fs::read_to_string(&path).unwrap_or_default();
            let how = "ZONE_BLESS=1 cargo test --workspace --lib published_rights";
            assert!(is == wanted, "docs/rights/{name}.json is stale; write it again: {how}");
        }
    }
}
