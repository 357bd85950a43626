//! What is forbidden in the organization, whoever asks: making things without their tags.
//!
//! In the management account. A service control policy never binds that account itself.

use aws::{
    functions,
    organizations::{Policy, PolicyAttachment},
};
use config::Management;
use pulumi::{output::Output, prelude::ProviderRef};

use crate::Stack;

/// Resources on which nobody can hang a policy but by the word for all of them.
const ROOT: &str = "root";

pub(crate) fn deploy(stack: &mut Stack<'_>, provider: &ProviderRef, management: &Management) {
    let zone = stack.zone;
    let name = format!("{}-required-tags", zone.platform());
    let content = policies::scp::require_tags(&zone.guardrails.exempt_principals);
    let policy = Policy::new(&stack.scope, "required-tags")
        .name(&name)
        .description("things are made with the tags that say whose they are")
        .r#type("SERVICE_CONTROL_POLICY")
        .content(content.to_json())
        .register();
    let target = match management.attach_to.as_str() {
        ROOT => functions::get_organization(&stack.scope, provider)
            .apply(|organization| organization.roots.into_iter().next().map(|root| root.id).unwrap_or_default()),
        id => Output::known(id.to_owned()),
    };
    PolicyAttachment::new(&stack.scope, "required-tags").policy_id(policy.id()).target_id(target).register();
}
