//! One role for each domain's Lambda functions, with exactly what the domain needs.
//!
//! Read by: every domain's functions, through `iam/lambda/{bus}/arn`.

use aws::iam::{Role, RolePolicy, RolePolicyAttachment};
use config::{Domain, Roles};
use pulumi::{all, output::Output};

use crate::{Stack, kms::Keys};

/// What every function in a VPC needs, as the requirement names it. AWSLambdaBasicExecutionRole lets its holder write to any
/// log group, and AWSLambdaVPCAccessExecutionRole contains it (2026-11-25): both stand here because the requirement and
/// its acceptance ask for both, and so the `Logs` statement of `domain-permissions` narrows nothing while they are attached.
/// <https://docs.aws.amazon.com/aws-managed-policy/latest/reference/AWSLambdaVPCAccessExecutionRole.html>
const MANAGED: [(&str, &str); 2] = [
    ("basic", "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"),
    ("vpc", "arn:aws:iam::aws:policy/service-role/AWSLambdaVPCAccessExecutionRole"),
];

pub(crate) fn deploy(stack: &mut Stack<'_>, roles: &Roles, keys: &Keys) {
    for domain in &stack.zone.domains {
        domain_role(stack, domain, roles, keys);
    }
}

fn domain_role(stack: &mut Stack<'_>, domain: &Domain, roles: &Roles, keys: &Keys) {
    let (zone, scope, bus) = (stack.zone, stack.scope.clone(), &domain.bus);
    let trust = policies::role::lambda_trust(&zone.member.id, roles.tag_in_trust.as_deref());
    let role = Role::new(&scope, bus)
        .name(&domain.role)
        .description(format!("Lambda functions of {bus}"))
        .assume_role_policy(trust.to_json())
        .register();
    for (name, arn) in MANAGED {
        RolePolicyAttachment::new(&scope, format!("{bus}-{name}")).role(role.name()).policy_arn(arn).register();
    }
    let (zone, domain) = (zone.clone(), domain.clone());
    let classes = Output::all(domain.classes.iter().map(|class| keys.of(class).arn()));
    let topics = Output::all(zone.observability.iter().map(|logs| keys.of(&logs.class).arn()));
    let rights = all!(classes, topics).apply(move |(keys, topics)| {
        let topic = topics.first().map(String::as_str);
        policies::role::domain_permissions(&zone, &domain, &keys, topic).to_json()
    });
    RolePolicy::new(&scope, bus).name("domain-permissions").role(role.name()).policy(rights).register();

    stack.publish(format!("iam/lambda/{bus}/arn"), role.arn());
}
