//! One role for each domain's Lambda functions, with exactly what the domain needs.
//!
//! Read by: every domain's functions, through `iam/lambda/{bus}/arn`.

use aws::iam::{Role, RolePolicy, RolePolicyAttachment};
use config::Domain;
use pulumi::output::Output;

use crate::{Stack, kms::Keys};

/// What every function in a VPC needs.
const MANAGED: [(&str, &str); 2] = [
    ("basic", "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"),
    ("vpc", "arn:aws:iam::aws:policy/service-role/AWSLambdaVPCAccessExecutionRole"),
];

pub(crate) fn deploy(stack: &mut Stack<'_>, keys: &Keys) {
    for domain in &stack.zone.domains {
        domain_role(stack, domain, keys);
    }
}

fn domain_role(stack: &mut Stack<'_>, domain: &Domain, keys: &Keys) {
    let (zone, scope, bus) = (stack.zone, stack.scope.clone(), &domain.bus);
    let trust = policies::role::lambda_trust(&zone.member.id, zone.roles.require_module_tag_in_trust);
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
    let rights = classes.apply(move |keys| policies::role::domain_permissions(&zone, &domain, &keys).to_json());
    RolePolicy::new(&scope, bus).name("domain-permissions").role(role.name()).policy(rights).register();

    stack.publish(format!("iam/lambda/{bus}/arn"), role.arn());
}
