//! AWS's order of policies.

use std::sync::Arc;

use crate::{
    decision::{Decision, Layer},
    document::{Effect, Policy},
    principal::{Naming, Principal},
    request::Request,
    statement::Statement,
    table::takes_resource_control,
};

/// A policy with the name that a decision gives it: its ARN, its id, or its name.
#[derive(Debug, Clone, PartialEq)]
pub struct Attached {
    /// The name.
    pub name: Arc<str>,
    /// What it says.
    pub policy: Arc<Policy>,
}

impl Attached {
    /// A policy under a name.
    pub fn new(name: &str, policy: Policy) -> Self {
        Self { name: name.into(), policy: Arc::new(policy) }
    }
}

/// The policies of an organization along the way from the root to an account. No level means that there are none of the kind.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Organization {
    /// The management account, which none of them binds.
    pub management: String,
    /// Service control policies of each level above the account of the one who asks, the root first, the account last.
    pub service_control: Vec<Vec<Attached>>,
    /// Resource control policies of each level above the account that owns the resource.
    pub resource_control: Vec<Vec<Attached>>,
}

/// Everything that decides about a request.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Policies {
    /// Of the user, with those of the user's groups, or of the role.
    pub identity: Vec<Attached>,
    /// The permissions boundary of the user or role.
    pub boundary: Option<Attached>,
    /// Of the session; none is no restriction.
    pub session: Vec<Attached>,
    /// On the resource. A KMS key and a role always have one: without it, nobody may do anything with them.
    pub resource: Option<Attached>,
    /// The organization that the accounts are in.
    pub organization: Option<Organization>,
}

/// Decides a request.
///
/// Same account: the resource policy or the policies of the identity are enough; a resource policy that names the account only
/// hands on to the latter. Another account: both must allow it. KMS keys and roles (`sts:AssumeRole*`, `sts:TagSession`) must allow it, or hand on.
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_policy-eval-basics.html>,
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_boundaries.html>,
/// <https://docs.aws.amazon.com/kms/latest/developerguide/key-policies.html> (2026-11-26)
pub fn evaluate(request: &Request, policies: &Policies) -> Decision {
    let Policies { identity, boundary, session, resource, organization } = policies;
    // nobody needs a right for it, and not even a deny keeps anybody from it:
    // <https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html> (2026-11-26)
    let asks_who_it_is = request.action.0 == "sts" && request.action.1 == "getcalleridentity";
    if asks_who_it_is && request.principal.account().is_some() {
        return decided(true, Layer::Identity, None);
    }
    let owner_bound = organization.as_ref().filter(|o| {
        o.management != request.account
            && !request.principal.is_service_linked()
            && takes_resource_control(&request.action.0)
    });
    let caller_bound = organization.as_ref().filter(|o| {
        let account = request.principal.account();
        account.is_some_and(|account| account != o.management) && !request.principal.is_service_linked()
    });
    let controls = [
        (Layer::ResourceControl, owner_bound.map_or(&[][..], |o| &o.resource_control)),
        (Layer::ServiceControl, caller_bound.map_or(&[][..], |o| &o.service_control)),
    ];
    let rest = [
        (Layer::Resource, resource.as_slice()),
        (Layer::Identity, identity.as_slice()),
        (Layer::Boundary, boundary.as_slice()),
        (Layer::Session, session.as_slice()),
    ];

    // a deny anywhere
    let of_controls = controls.iter().flat_map(|(layer, levels)| levels.iter().map(move |level| (*layer, &level[..])));
    for (layer, attached) in of_controls.chain(rest) {
        if let Some((policy, statement)) = first(attached, Effect::Deny, request) {
            return decided(false, layer, Some((policy, statement)));
        }
    }
    // of who has a boundary, a deny with NotPrincipal leaves out nobody:
    // <https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_boundaries.html> (2026-11-26)
    if let Some(resource) = resource.as_ref().filter(|_| boundary.is_some()) {
        let leaves_out = |s: &&Statement| s.effect == Effect::Deny && s.principals.as_ref().is_some_and(|p| p.turned);
        if let Some(statement) = resource.policy.statements.iter().filter(leaves_out).find(|s| s.covers(request)) {
            return decided(false, Layer::Resource, Some((resource, statement)));
        }
    }
    // every level of the organization must let it pass
    for (layer, levels) in controls {
        if levels.iter().any(|level| first(level, Effect::Allow, request).is_none()) {
            return decided(false, layer, None);
        }
    }

    let given = resource.as_ref().and_then(|attached| strongest(attached, request));
    let by_resource = given.map(|(_, at)| at);
    let naming = given.map(|(naming, _)| naming);
    let Some(account) = request.principal.account() else {
        // services, and those whom nobody knows, have no policies of their own
        return decided(naming.is_some(), Layer::Resource, by_resource);
    };
    let same_account = account == request.account;
    let is_root = matches!(request.principal, Principal::Root(_));

    if naming.is_none() && (!same_account || needs_resource_policy(request)) {
        return decided(false, Layer::Resource, None);
    }
    // what a resource policy gives a user or a session by its own ARN, or everybody, no boundary takes away; only what it gives
    // to the role: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html#principal-roles>
    // (2026-11-26)
    if same_account && naming > Some(Naming::Role) {
        return decided(true, Layer::Resource, by_resource);
    }
    let by_identity = first(identity, Effect::Allow, request);
    let needs_identity = !same_account || naming.is_none_or(|naming| naming == Naming::Account);
    if needs_identity && !is_root && by_identity.is_none() {
        return decided(false, Layer::Identity, None);
    }
    for (layer, attached) in [(Layer::Boundary, boundary.as_slice()), (Layer::Session, session.as_slice())] {
        if !attached.is_empty() && first(attached, Effect::Allow, request).is_none() {
            return decided(false, layer, None);
        }
    }
    if needs_identity {
        decided(true, Layer::Identity, by_identity)
    } else {
        decided(true, Layer::Resource, by_resource)
    }
}

type At<'a> = (&'a Attached, &'a Statement);

fn decided(allowed: bool, layer: Layer, by: Option<At<'_>>) -> Decision {
    Decision {
        allowed,
        layer,
        explicit: !allowed && by.is_some(),
        policy: by.map(|(attached, _)| Arc::clone(&attached.name)),
        statement: by.map(|(_, statement)| Arc::clone(&statement.label)),
    }
}

/// The first statement of this effect that speaks of the request and the one who makes it.
fn first<'a>(attached: &'a [Attached], effect: Effect, request: &Request) -> Option<At<'a>> {
    attached.iter().find_map(|attached| {
        let mut statements = attached.policy.statements.iter();
        let found = statements.find(|s| s.effect == effect && s.covers(request) && s.names(request).is_some());
        found.map(|statement| (attached, statement))
    })
}

/// The statement of a resource policy that allows the request and says most of the one who makes it.
fn strongest<'a>(attached: &'a Attached, request: &Request) -> Option<(Naming, At<'a>)> {
    let allows = attached.policy.statements.iter().filter(|s| s.effect == Effect::Allow && s.covers(request));
    let named = allows.filter_map(|statement| Some((statement.names(request)?, (attached, statement))));
    named.reduce(|best, next| if next.0 > best.0 { next } else { best })
}

/// Whether the policies of the identity count only where the resource's own hands on to them.
fn needs_resource_policy(request: &Request) -> bool {
    match request.action.0.as_str() {
        "kms" => request.resource.starts_with("arn:") && request.resource.contains(":key/"),
        "sts" => is_of_trust(&request.action.1),
        _ => false,
    }
}

/// Whether an action of STS, in small letters, is about a role and its trust policy. Whoever assumes a role with tags or a source
/// identity needs the permission for these there too:
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_session-tags.html#id_session-tags_permissions-required>,
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_temp_control-access_monitor.html> (2026-11-26)
pub(crate) fn is_of_trust(name: &str) -> bool {
    name.starts_with("assumerole") || name == "tagsession" || name == "setsourceidentity"
}

#[cfg(test)]
mod tests;
