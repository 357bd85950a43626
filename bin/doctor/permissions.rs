//! Whether the caller may do what each stack begins with, as IAM's own simulation says.
//!
//! The simulation knows policies of identity, boundary and organization; it does not know session policies, nor
//! service control policies with conditions it is not told of.
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_testing-policies.html>

use aws_sdk_iam::types::{ContextEntry, ContextKeyTypeEnum, EvaluationResult, PolicyEvaluationDecisionType};
use config::Zone;
use futures::{StreamExt, stream};

use super::{
    Doctor,
    ask::{Answer, ask, ask_for},
    check::Check,
    credentials::Account,
};

/// What a stack begins with, on a thing of a name that it gives: rights are often given by name.
struct Right {
    stack: &'static str,
    resource: fn(&Zone) -> String,
    actions: &'static [&'static str],
}

/// Main actions of every stack. `{region}` and `{account}` stand for the zone's own.
const RIGHTS: &[Right] = &[
    Right {
        stack: "network",
        resource: |_| "*".to_owned(),
        actions: &[
            "ec2:CreateVpc",
            "ec2:ModifyVpcAttribute",
            "ec2:CreateSubnet",
            "ec2:CreateInternetGateway",
            "ec2:AttachInternetGateway",
            "ec2:CreateRouteTable",
            "ec2:CreateRoute",
            "ec2:CreateVpcEndpoint",
            "ec2:CreateTags",
        ],
    },
    Right {
        stack: "kms",
        resource: |_| "*".to_owned(),
        actions: &["kms:CreateKey", "kms:CreateAlias", "kms:TagResource", "kms:PutKeyPolicy", "kms:EnableKeyRotation"],
    },
    Right {
        stack: "storage",
        resource: |zone| {
            let purpose = zone.buckets.first().map_or("", |bucket| &bucket.purpose);
            format!("arn:aws:s3:::{}", zone.bucket_name(purpose))
        },
        actions: &[
            "s3:CreateBucket",
            "s3:TagResource",
            "s3:PutBucketPolicy",
            "s3:PutEncryptionConfiguration",
            "s3:PutBucketVersioning",
            "s3:PutBucketPublicAccessBlock",
            "s3:PutBucketOwnershipControls",
            "s3:PutLifecycleConfiguration",
            "s3:PutBucketObjectLockConfiguration",
        ],
    },
    Right {
        stack: "events",
        resource: |zone| {
            format!("arn:aws:events:{{region}}:{{account}}:event-bus/{}", first(zone.domains.iter().map(|d| &d.bus)))
        },
        actions: &["events:CreateEventBus", "events:TagResource", "events:PutPermission", "events:CreateArchive"],
    },
    Right {
        stack: "events",
        resource: |zone| {
            let bus = first(zone.domains.iter().map(|d| &d.bus));
            format!("arn:aws:sqs:{{region}}:{{account}}:{}", zone.env_name(&format!("{bus}-events-dlq")))
        },
        actions: &["sqs:CreateQueue", "sqs:TagQueue", "sqs:SetQueueAttributes"],
    },
    Right {
        stack: "identity",
        resource: |_| "*".to_owned(),
        actions: &[
            "cognito-idp:CreateUserPool",
            "cognito-idp:CreateUserPoolClient",
            "cognito-idp:CreateUserPoolDomain",
            "cognito-idp:CreateResourceServer",
            "cognito-idp:TagResource",
        ],
    },
    Right {
        stack: "observability",
        resource: |zone| {
            format!("arn:aws:logs:{{region}}:{{account}}:log-group:/aws/{}/{}", zone.platform(), zone.environment)
        },
        actions: &["logs:CreateLogGroup", "logs:TagResource", "logs:PutRetentionPolicy", "logs:AssociateKmsKey"],
    },
    Right {
        stack: "observability",
        resource: |zone| {
            format!("arn:aws:sns:{{region}}:{{account}}:{}", zone.env_name(&format!("{}-alerts", zone.platform())))
        },
        actions: &["sns:CreateTopic", "sns:TagResource", "sns:SetTopicAttributes"],
    },
    Right {
        stack: "observability",
        resource: |_| "*".to_owned(),
        actions: &["xray:CreateSamplingRule", "xray:TagResource"],
    },
    Right {
        stack: "delivery",
        resource: |zone| {
            let stream = first(zone.streams.iter().map(|s| &s.name));
            format!("arn:aws:firehose:{{region}}:{{account}}:deliverystream/{stream}")
        },
        actions: &["firehose:CreateDeliveryStream", "firehose:TagDeliveryStream"],
    },
    Right {
        stack: "delivery",
        resource: |zone| format!("arn:aws:iam::{{account}}:role/{}-delivery", zone.platform()),
        actions: &["iam:CreateRole", "iam:PassRole"],
    },
    Right {
        stack: "roles",
        resource: |zone| format!("arn:aws:iam::{{account}}:role/{}", first(zone.domains.iter().map(|d| &d.role))),
        actions: &["iam:CreateRole", "iam:TagRole", "iam:PutRolePolicy", "iam:AttachRolePolicy"],
    },
    Right {
        stack: "trail",
        resource: |zone| format!("arn:aws:cloudtrail:{{region}}:{{account}}:trail/{}", zone.trail_name()),
        actions: &[
            "cloudtrail:CreateTrail",
            "cloudtrail:AddTags",
            "cloudtrail:PutEventSelectors",
            "cloudtrail:StartLogging",
        ],
    },
    Right {
        stack: "trail",
        resource: |zone| format!("arn:aws:iam::{{account}}:role/{}-trail", zone.trail_name()),
        actions: &["iam:CreateRole", "iam:PassRole"],
    },
    Right {
        stack: "access",
        resource: |_| "arn:aws:iam::{account}:oidc-provider/token.actions.githubusercontent.com".to_owned(),
        actions: &["iam:CreateOpenIDConnectProvider", "iam:TagOpenIDConnectProvider"],
    },
    Right {
        stack: "access",
        resource: |zone| format!("arn:aws:iam::{{account}}:policy/{}-secrets-read", zone.prefix),
        actions: &["iam:CreatePolicy", "iam:TagPolicy"],
    },
    Right {
        stack: "contract",
        resource: |zone| {
            format!("arn:aws:ssm:{{region}}:{{account}}:parameter{}/contract/version", zone.parameter_root())
        },
        actions: &["ssm:PutParameter", "ssm:AddTagsToResource", "ssm:GetParametersByPath"],
    },
];

fn first<'a>(mut names: impl Iterator<Item = &'a String>) -> &'a str {
    names.next().map_or("*", String::as_str)
}

/// IAM allows few of these a second.
const AT_ONCE: usize = 4;

/// The checks of this topic.
pub(super) async fn examine(doctor: &Doctor<'_>) -> Vec<Check> {
    let id = "permissions";
    let member = match &doctor.member {
        Ok(member) => member,
        Err(why) => return vec![Check::not_evaluated(id, why)],
    };
    let source = match source(member).await {
        Ok(source) => source,
        Err(why) => return vec![Check::not_evaluated(id, why)],
    };
    let context = context(doctor.zone);
    // one question first: where nobody may ask, or nothing answers, the others are spared
    let Some((one, others)) = RIGHTS.split_first() else { return Vec::new() };
    let probe = simulate(member, doctor.zone, &source, &context, one).await;
    if let Err(error) = probe {
        let mut check = Check::unanswered(id, error.clone());
        if is_denied(&error.message) {
            check = Check::not_evaluated(id, format!("the caller may not ask: {}", check.finding))
                .hint("iam:SimulatePrincipalPolicy on itself would let it");
        }
        return vec![check];
    }
    let ask = |right| simulate(member, doctor.zone, &source, &context, right);
    let others: Vec<_> = stream::iter(others).map(ask).buffered(AT_ONCE).collect().await;
    let answers: Vec<_> = RIGHTS.iter().zip([probe].into_iter().chain(others)).collect();
    let mut stacks: Vec<&str> = RIGHTS.iter().map(|right| right.stack).collect();
    stacks.dedup();
    let of = |stack: &str| {
        let own = answers.iter().filter(|(right, _)| right.stack == stack).map(|(_, answer)| answer);
        let results = own.cloned().collect::<Answer<Vec<_>>>().map(|all| all.concat());
        judge(stack, &source, results)
    };
    stacks.into_iter().map(of).collect()
}

fn is_denied(message: &str) -> bool {
    message.starts_with("AccessDenied")
}

/// The caller as a principal that has policies; a session has none of its own, its role has.
async fn source(member: &Account) -> Result<String, String> {
    let arn = &member.arn;
    let resource = arn.splitn(6, ':').nth(5).unwrap_or_default();
    let mut parts = resource.split('/');
    match parts.next() {
        Some("assumed-role") => {
            let name = parts.next().unwrap_or_default();
            // its path is not in the session's name, and only IAM knows it
            let role = ask_for(member.clients.iam.get_role().role_name(name).send(), &["NoSuchEntity"]).await;
            let live = role.ok().flatten().and_then(|answer| answer.role).map(|role| role.arn);
            Ok(live.unwrap_or_else(|| format!("arn:aws:iam::{}:role/{name}", member.id)))
        }
        Some("user") => Ok(arn.clone()),
        Some("root") => Err("the caller is the account's root, which has no policies to simulate".to_owned()),
        _ => Err(format!("the caller {arn} is neither a role nor a user")),
    }
}

/// What every request of a deployment carries, and conditions ask for.
fn context(zone: &Zone) -> Vec<ContextEntry> {
    let entry = |name: &str, value: &str| {
        ContextEntry::builder()
            .context_key_name(name)
            .context_key_type(ContextKeyTypeEnum::String)
            .context_key_values(value)
            .build()
    };
    let tags = zone.tags.iter().map(|(key, value)| entry(&format!("aws:RequestTag/{key}"), value));
    tags.chain([entry("aws:RequestedRegion", zone.region.as_ref())]).collect()
}

async fn simulate(
    member: &Account,
    zone: &Zone,
    source: &str,
    context: &[ContextEntry],
    right: &Right,
) -> Answer<Vec<EvaluationResult>> {
    let resource = (right.resource)(zone).replace("{region}", &member.region).replace("{account}", &member.id);
    let call = member
        .clients
        .iam
        .simulate_principal_policy()
        .policy_source_arn(source)
        .resource_arns(resource)
        .set_action_names(Some(right.actions.iter().map(|action| (*action).to_owned()).collect()))
        .set_context_entries(Some(context.to_vec()));
    ask(call.into_paginator().items().send().collect::<Result<Vec<_>, _>>()).await
}

fn judge(stack: &str, source: &str, results: Answer<Vec<EvaluationResult>>) -> Check {
    let id = format!("permissions.{stack}");
    let results = match results {
        Ok(results) if results.is_empty() => return Check::not_evaluated(id, "the simulation says nothing"),
        Ok(results) => results,
        Err(error) => return Check::unanswered(id, error),
    };
    let denied: Vec<_> = results.iter().filter(|r| r.eval_decision != PolicyEvaluationDecisionType::Allowed).collect();
    if denied.is_empty() {
        return Check::ok(id, format!("{source} may do the {} actions asked for", results.len()));
    }
    let texts: Vec<_> = denied.iter().map(|r| format!("{} ({})", r.eval_action_name, reason(r))).collect();
    let finding = format!("{source} may not do {}", texts.join(", "));
    // a condition on something that a simulation is not told may well be met
    if denied.iter().all(|r| r.missing_context_values.as_ref().is_some_and(|missing| !missing.is_empty())) {
        return Check::warning(id, finding)
            .hint("the answer depends on what a request carries; the deployment will show");
    }
    Check::problem(id, finding).hint("allow these actions to the caller, or deploy as somebody who may do them")
}

fn reason(result: &EvaluationResult) -> String {
    let by_organization = result.organizations_decision_detail.as_ref().is_some_and(|d| !d.allowed_by_organizations);
    let by_boundary =
        result.permissions_boundary_decision_detail.as_ref().is_some_and(|d| !d.allowed_by_permissions_boundary);
    let missing = result.missing_context_values.as_deref().unwrap_or_default();
    match result.eval_decision {
        _ if by_organization => "a service control policy of the organization".to_owned(),
        _ if by_boundary => "the permissions boundary".to_owned(),
        _ if !missing.is_empty() => format!("unless {} is as a policy wants it", missing.join(", ")),
        PolicyEvaluationDecisionType::ExplicitDeny => "a policy denies it".to_owned(),
        _ => "no policy allows it".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use aws_sdk_iam::types::OrganizationsDecisionDetail;

    use super::{
        super::{ask::Error, check::Level, names::tests::zone},
        *,
    };

    fn result(action: &str, decision: PolicyEvaluationDecisionType) -> EvaluationResult {
        EvaluationResult::builder().eval_action_name(action).eval_decision(decision).build().expect("a result")
    }

    #[test]
    fn what_is_denied_is_named_with_who_denies_it() {
        use PolicyEvaluationDecisionType::{Allowed, ExplicitDeny, ImplicitDeny};
        let judged = |results: Vec<EvaluationResult>| judge("kms", "arn:role", Ok(results));
        assert_eq!(judged(vec![result("kms:CreateKey", Allowed)]).level, Level::Ok);
        assert_eq!(judged(vec![]).level, Level::NotEvaluated);
        assert_eq!(judge("kms", "arn:role", Err(Error::new("no"))).level, Level::NotEvaluated);

        let mut by_scp = result("kms:PutKeyPolicy", ImplicitDeny);
        by_scp.organizations_decision_detail =
            Some(OrganizationsDecisionDetail::builder().allowed_by_organizations(false).build());
        let check = judged(vec![result("kms:CreateKey", ExplicitDeny), result("kms:CreateAlias", Allowed), by_scp]);
        assert_eq!(check.level, Level::Problem);
        assert_eq!(
            check.finding,
            "arn:role may not do kms:CreateKey (a policy denies it), kms:PutKeyPolicy (a service control policy of the organization)"
        );

        let mut unknown = result("kms:CreateKey", ImplicitDeny);
        unknown.missing_context_values = Some(vec!["aws:SourceIp".to_owned()]);
        assert_eq!(judged(vec![unknown]).level, Level::Warning);
    }

    #[test]
    fn rights_are_asked_for_by_the_names_that_are_given() {
        let zone = zone();
        let resources: Vec<_> = RIGHTS.iter().map(|right| (right.resource)(&zone)).collect();
        for wanted in [
            "arn:aws:s3:::bank-iceberg-local",
            "arn:aws:sqs:{region}:{account}:bank-core-events-dlq-local",
            "arn:aws:iam::{account}:role/bank-platform-delivery",
            "arn:aws:ssm:{region}:{account}:parameter/bank/local/contract/version",
        ] {
            assert!(resources.iter().any(|resource| resource == wanted), "{wanted} is not in {resources:?}");
        }
        let keys: Vec<_> = context(&zone).into_iter().filter_map(|entry| entry.context_key_name).collect();
        assert!(keys.iter().any(|key| key == "aws:RequestTag/module_id"), "or a guardrail denies everything: {keys:?}");
    }
}
