//! Nothing that can carry tags is made without those that say whose it is.

use crate::{Document, Operator, Statement};

/// What one action makes, in the words of AWS's service authorization reference.
struct Creation {
    action: &'static str,
    /// The types of resource that are denied without the request's tags. None: the whole request is.
    tagged: &'static [&'static str],
    /// The types of resource that the same request is judged about and that must pass without its tags: they never see
    /// them, or (network interfaces, spot requests) hardly any program sends them.
    untagged: &'static [&'static str],
}

/// Each takes `aws:RequestTag` when it makes something; looked up one by one in the service authorization reference as
/// of 2026-08-22: <https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html>
///
/// What is not obvious:
///
/// - **s3:CreateBucket** takes tags since 2025, in the request's configuration, and then asks the caller for
///   `s3:TagResource` too. Programs that tag a bucket after making it are denied; pulumi-aws of version 7 tags in the
///   request, and only falls back to tagging afterwards when it lacks that permission.
///   <https://docs.aws.amazon.com/AmazonS3/latest/API/API_CreateBucketConfiguration.html>
/// - **events:PutRule** is not here (2026-11-25): it makes and changes rules, and the key sees no difference, so each change
///   would have to send the tags again. Functions that put rules, and services that put them with the role of their caller,
///   as Step Functions does for `.sync`, send none.
///   <https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazoneventbridge.html>
/// - **ec2:RunInstances** is asked about instances only (2026-11-25). Not about their volumes: Terraform and Pulumi tag
///   those after the launch, and CloudFormation not at all without a launch template, so the launch would be refused
///   though the instance carries its tags (<https://github.com/hashicorp/terraform-provider-aws/issues/41653>,
///   <https://github.com/aws-cloudformation/cloudformation-coverage-roadmap/issues/195>). Nor about network interfaces,
///   which hardly any program tags. For the same reason `ec2:CreateNetworkInterface` is not here: Lambda calls it with a function's own role,
///   without tags, and no function could start in the VPC.
/// - What CloudFormation and other services make with the rights of their caller counts as made by the caller.
const CREATIONS: [Creation; 18] = [
    whole("s3:CreateBucket"),
    whole("kms:CreateKey"),
    whole("events:CreateEventBus"),
    whole("iam:CreateOpenIDConnectProvider"),
    whole("iam:CreatePolicy"),
    whole("iam:CreateRole"),
    whole("iam:CreateUser"),
    whole("lambda:CreateFunction"),
    whole("cloudtrail:CreateTrail"),
    only("ec2:CreateInternetGateway", &["internet-gateway"], &[]),
    only("ec2:CreateVpc", &["vpc"], &["ipam-pool", "ipv6pool-ec2"]),
    only("ec2:CreateVolume", &["volume"], &["snapshot"]),
    only(
        "ec2:RunInstances",
        &["instance"],
        &[
            "capacity-reservation",
            "elastic-gpu",
            "elastic-inference",
            "group",
            "image",
            "key-pair",
            "launch-template",
            "license-configuration",
            "network-interface",
            "placement-group",
            "secondary-interface",
            "secondary-subnet",
            "security-group",
            "snapshot",
            "spot-instances-request",
            "subnet",
            "volume",
        ],
    ),
    only("ec2:CreateSubnet", &["subnet"], &["ipam-pool", "vpc"]),
    only("ec2:CreateRouteTable", &["route-table"], &["vpc"]),
    only("ec2:CreateSecurityGroup", &["security-group"], &["vpc"]),
    only("ec2:CreateVpcEndpoint", &["vpc-endpoint"], &["route-table", "security-group", "subnet", "vpc"]),
    only("ec2:CreateNatGateway", &["natgateway"], &["elastic-ip", "subnet", "vpc"]),
];

const fn whole(action: &'static str) -> Creation {
    Creation { action, tagged: &[], untagged: &[] }
}

const fn only(action: &'static str, tagged: &'static [&'static str], untagged: &'static [&'static str]) -> Creation {
    Creation { action, tagged, untagged }
}

/// Denies each of the `CREATIONS` unless the request carries all of `tags`; not to whoever is like one of
/// `exempt_principals`, ARNs with `*` as a wildcard.
///
/// - **A statement per tag**: conditions of one statement must all hold, so several tags under one `Null` would deny
///   only a request that lacks all of them.
/// - **No `Create*`**: archives, aliases, grants, access keys, service-linked roles and others take no tags, and nobody
///   could make them any more.
/// - **Resources**: a request to make a subnet is also judged about the VPC it goes into, and there without the
///   request's tags; so each action is denied on what it makes only. Actions share a statement where what one makes
///   is nothing that another merely uses.
///
/// Of a role's session `aws:PrincipalArn` is the role's ARN. Every exempt principal stands in every statement, and AWS
/// takes [`LIMIT`](super::LIMIT) characters: one ARN with `*` can stand for several.
pub fn require_tags(tags: &[String], exempt_principals: &[String]) -> Document {
    let groups = groups();
    let statements = tags.iter().flat_map(|tag| {
        groups.iter().enumerate().map(move |(position, group)| statement(tag, position, group, exempt_principals))
    });
    Document::new(statements)
}

fn statement(tag: &str, position: usize, group: &[&Creation], exempt_principals: &[String]) -> Statement {
    let deny = Statement::deny(format!("{}{position}", sid(tag)), group.iter().map(|creation| creation.action))
        .on(resources(group))
        .when_absent(format!("aws:RequestTag/{tag}"));
    if exempt_principals.is_empty() {
        return deny;
    }
    deny.when(Operator::ArnNotLike, "aws:PrincipalArn", exempt_principals)
}

/// `tenant_id` as `TenantId`.
fn sid(tag: &str) -> String {
    let capital = |word: &str| {
        word.chars().take(1).map(|first| first.to_ascii_uppercase()).chain(word.chars().skip(1)).collect::<String>()
    };
    tag.split(|char: char| !char.is_ascii_alphanumeric()).map(capital).collect()
}

fn resources(group: &[&Creation]) -> Vec<String> {
    if group.iter().any(|creation| creation.tagged.is_empty()) {
        return vec!["*".to_owned()];
    }
    let mut types: Vec<&str> = group.iter().flat_map(|creation| creation.tagged).copied().collect();
    types.sort_unstable();
    types.dedup();
    types.iter().map(|kind| format!("arn:aws:ec2:*:*:{kind}/*")).collect()
}

/// The creations, each in the first group where it meets none that it conflicts with.
fn groups() -> Vec<Vec<&'static Creation>> {
    let mut groups: Vec<Vec<&'static Creation>> = Vec::new();
    for creation in &CREATIONS {
        match groups.iter_mut().find(|group| group.iter().all(|other| !conflict(creation, other))) {
            Some(group) => group.push(creation),
            None => groups.push(vec![creation]),
        }
    }
    groups
}

/// Whether one would be denied on what it merely uses, were both in one statement.
fn conflict(one: &Creation, other: &Creation) -> bool {
    let denied_on_its_use = |by: &Creation, of: &Creation| match by.tagged {
        [] => !of.untagged.is_empty(),
        types => types.iter().any(|kind| of.untagged.contains(kind)),
    };
    denied_on_its_use(one, other) || denied_on_its_use(other, one)
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;
    use crate::golden::{assert_golden, dev};

    const TAGS: [&str; 3] = ["owner", "cost-center", "environment"];

    fn require(exempt_principals: &[String]) -> Document {
        require_tags(&TAGS.map(str::to_owned), exempt_principals)
    }

    /// They take no tags: whoever denied them without tags would deny them to everybody.
    const WITHOUT_TAGS: [&str; 9] = [
        "events:CreateArchive",
        "kms:CreateAlias",
        "kms:CreateGrant",
        "iam:CreateServiceLinkedRole",
        "iam:CreatePolicyVersion",
        "iam:CreateAccessKey",
        "iam:CreateGroup",
        "lambda:CreateAlias",
        "lambda:CreateFunctionUrlConfig",
    ];

    /// What zone.md asks for at least.
    const ASKED_FOR: [&str; 17] = [
        "s3:CreateBucket",
        "ec2:CreateVpc",
        "ec2:CreateSubnet",
        "ec2:CreateSecurityGroup",
        "ec2:CreateRouteTable",
        "ec2:CreateInternetGateway",
        "ec2:CreateVpcEndpoint",
        "ec2:CreateVolume",
        "ec2:RunInstances",
        "kms:CreateKey",
        "events:CreateEventBus",
        "iam:CreateRole",
        "iam:CreatePolicy",
        "iam:CreateUser",
        "iam:CreateOpenIDConnectProvider",
        "lambda:CreateFunction",
        "cloudtrail:CreateTrail",
    ];

    const ADMIN: &str = "arn:aws:iam::333344445555:role/acme-platform-cicd";

    fn list(value: &Value) -> Vec<String> {
        match value {
            Value::Array(values) => values.iter().map(|value| value.as_str().unwrap().to_owned()).collect(),
            value => vec![value.as_str().unwrap().to_owned()],
        }
    }

    fn statements(document: &Document) -> Vec<Value> {
        let json: Value = serde_json::from_str(&document.to_json()).unwrap();
        json["Statement"].as_array().unwrap().clone()
    }

    fn like(pattern: &str, text: &str) -> bool {
        match pattern.split_once('*') {
            None => pattern == text,
            Some((head, tail)) => text.strip_prefix(head).is_some_and(|rest| {
                (0..=rest.len()).any(|skipped| rest.get(skipped..).is_some_and(|rest| like(tail, rest)))
            }),
        }
    }

    /// Judges one resource of a request as IAM does: every condition that a statement has must hold, whatever else.
    fn denied(document: &Document, action: &str, resource: &str, tags: &[&str], principal: &str) -> bool {
        statements(document).iter().any(|statement| {
            let condition = statement["Condition"].as_object().unwrap();
            list(&statement["Action"]).iter().any(|listed| listed == action)
                && list(&statement["Resource"]).iter().any(|pattern| like(pattern, resource))
                && condition.iter().all(|(operator, keys)| {
                    keys.as_object().unwrap().iter().all(|(key, value)| match (operator.as_str(), key.as_str()) {
                        ("Null", key) => {
                            let tag = key.strip_prefix("aws:RequestTag/").unwrap();
                            tags.contains(&tag) != (value == "true")
                        }
                        ("ArnNotLike", "aws:PrincipalArn") => !list(value).iter().any(|arn| like(arn, principal)),
                        other => panic!("{other:?}"),
                    })
                })
        })
    }

    /// What a request is judged about: the types that see its tags, and those that do not.
    fn judged(creation: &Creation) -> (Vec<String>, Vec<String>) {
        let arns = |types: &[&str]| types.iter().map(|kind| format!("arn:aws:ec2:r:1:{kind}/id")).collect::<Vec<_>>();
        let tagged = if creation.tagged.is_empty() { vec!["*".to_owned()] } else { arns(creation.tagged) };
        (tagged, arns(creation.untagged))
    }

    #[test]
    fn golden() {
        let zone = dev();
        assert_golden("scp/require_tags.json", &require_tags(&zone.required_tags, &[]));
    }

    #[test]
    fn golden_with_an_exempt_principal() {
        let zone = dev();
        let exempt = zone.guardrails.expect("a guardrail").exempt_principals;
        assert_golden("scp/require_tags.exempt.json", &require_tags(&zone.required_tags, &exempt));
    }

    #[test]
    fn one_missing_tag_is_enough_for_a_denial_and_all_three_for_a_pass() {
        let document = require(&[]);
        for creation in &CREATIONS {
            let (tagged, untagged) = judged(creation);
            for resource in &tagged {
                let denied = |tags: &[&str]| denied(&document, creation.action, resource, tags, ADMIN);
                assert!(!denied(&TAGS), "{} {resource}", creation.action);
                assert!(denied(&[]), "{} {resource}", creation.action);
                for missing in TAGS {
                    let two: Vec<_> = TAGS.into_iter().filter(|tag| *tag != missing).collect();
                    assert!(denied(&two), "{} {resource} without {missing}", creation.action);
                }
            }
            // what is merely used must pass without them
            for resource in &untagged {
                assert!(!denied(&document, creation.action, resource, &[], ADMIN), "{} {resource}", creation.action);
            }
        }
    }

    #[test]
    fn the_key_of_a_tag_may_have_signs_that_the_id_of_a_statement_may_not() {
        let sids = |tag: &str| {
            let document = require_tags(&[tag.to_owned()], &[]);
            statements(&document).iter().map(|s| s["Sid"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
        };
        assert_eq!(sids("acme:cost-center")[0], "AcmeCostCenter0");
        assert!(sids("a.b/c@d+e=f").iter().all(|sid| sid.chars().all(|char| char.is_ascii_alphanumeric())));
    }

    #[test]
    fn three_tags_under_one_null_would_let_two_missing_ones_pass() {
        let together = TAGS.iter().fold(Statement::deny("Trap", ["s3:CreateBucket"]), |statement, tag| {
            statement.when_absent(format!("aws:RequestTag/{tag}"))
        });
        assert!(!denied(&Document::new([together]), "s3:CreateBucket", "*", &["owner"], ADMIN));
        assert!(denied(&require(&[]), "s3:CreateBucket", "*", &["owner"], ADMIN));
        for statement in statements(&require(&[])) {
            assert_eq!(statement["Condition"]["Null"].as_object().unwrap().len(), 1, "{statement}");
        }
    }

    #[test]
    fn what_takes_no_tags_is_never_denied_and_no_action_has_a_wildcard() {
        for action in statements(&require(&[])).iter().flat_map(|statement| list(&statement["Action"])) {
            assert!(!WITHOUT_TAGS.contains(&action.as_str()), "{action}");
            assert!(!action.contains('*'), "{action}");
            assert_ne!(action, "ec2:CreateNetworkInterface", "functions in the VPC could not start");
            assert_ne!(action, "events:PutRule", "a change of a rule would need the tags again");
        }
    }

    #[test]
    fn what_was_asked_for_is_there_in_every_tags_statements() {
        let document = require(&[]);
        for tag in TAGS {
            let key = format!("aws:RequestTag/{tag}");
            let of_the_tag = statements(&document);
            let of_the_tag = of_the_tag.iter().filter(|statement| !statement["Condition"]["Null"][&key].is_null());
            let mut actions: Vec<String> = of_the_tag.flat_map(|statement| list(&statement["Action"])).collect();
            actions.sort_unstable();
            let mut all: Vec<_> = CREATIONS.iter().map(|creation| creation.action).collect();
            all.sort_unstable();
            assert_eq!(actions, all, "{tag}");
            assert!(ASKED_FOR.iter().all(|asked| all.contains(asked)));
        }
    }

    #[test]
    fn exempt_principals_pass_and_nobody_else() {
        let document = require(&["arn:aws:iam::*:role/Bootstrap*".to_owned(), "arn:aws:iam::*:user/first".to_owned()]);
        let denied = |principal: &str| denied(&document, "s3:CreateBucket", "*", &[], principal);
        assert!(denied(ADMIN));
        assert!(!denied("arn:aws:iam::333344445555:role/BootstrapOfTheOrganization"));
        assert!(!denied("arn:aws:iam::111122223333:user/first"));
        assert!(denied("arn:aws:iam::111122223333:user/second"));
    }

    #[test]
    fn it_fits_with_the_exempt_principals_that_an_organization_may_need() {
        let exempt =
            ["OrganizationAccountAccessRole", "AWSControlTowerExecution", "stacksets-exec-*", "cdk-*", "sst-*"]
                .map(|role| format!("arn:aws:iam::*:role/{role}"));
        let size = require(&exempt).to_json().len();
        assert!(size <= super::super::LIMIT, "{size}");
    }
}
