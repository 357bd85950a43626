//! What is forbidden in the organization, whoever asks: making things without their tags.
//!
//! In the management account. A service control policy never binds that account itself.
//!
//! It binds whoever works below what it hangs on, from the minute on which it does. So it is hung there last, after the
//! contract and all that it names: a deployment that fails before binds nobody.

use aws::{
    functions,
    organizations::{Policy, PolicyAttachment},
    ssm::Parameter,
};
use config::{Guardrails, Management, Zone};
use pulumi::{
    options::Options,
    output::Output,
    prelude::{ProviderRef, Scope},
};

/// Resources on which nobody can hang a policy but by the word for all of them.
const ROOT: &str = "root";

/// Roots are seen by the management account and by accounts that it delegates to.
const NO_ROOT: &str = "AWS names no root of the organization\n\
    hint: `[management]` needs the organization's management account; or name the root's id in `attach_to`";

pub(crate) fn deploy(
    scope: &Scope,
    zone: &Zone,
    provider: &ProviderRef,
    management: &Management,
    guardrails: &Guardrails,
    last: &Parameter,
) {
    let name = zone.guardrail_name();
    let policy = Policy::new(scope, "required-tags")
        .name(&name)
        .description("things are made with the tags that say whose they are")
        .r#type("SERVICE_CONTROL_POLICY")
        .content(document(zone, guardrails))
        .register();
    let target = match management.attach_to.as_str() {
        ROOT => {
            functions::get_organization(scope, provider).try_apply(|organization| root_of(organization).ok_or(NO_ROOT))
        }
        id => Output::known(id.to_owned()),
    };
    PolicyAttachment::new(scope, "required-tags")
        .policy_id(policy.id())
        .target_id(target)
        .depends_on([last])
        .register();
}

/// The policy's document, as it is attached.
pub(crate) fn document(zone: &Zone, guardrails: &Guardrails) -> String {
    policies::scp::require_tags(&zone.required_tags, &guardrails.exempt_principals).to_json()
}

fn root_of(organization: functions::Organization) -> Option<String> {
    organization.roots.into_iter().map(|root| root.id).find(|id| !id.is_empty())
}
