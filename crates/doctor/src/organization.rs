//! The organization: whether the guardrail can be hung where config says, and would bind the member account.

mod exemptions;
mod judge;

use std::collections::BTreeMap;

use aws::{clients::Clients, organization::ROOT};
use aws_sdk_organizations::types::{Account as Described, Organization, ParentType, PolicySummary, PolicyType, Root};
use config::{Management, Zone};
use futures::join;

use super::{
    Doctor,
    ask::{Answer, ask, ask_for},
    check::Check,
    credentials::Account,
};

const SCP: PolicyType = PolicyType::ServiceControlPolicy;

/// A policy of our name.
struct Found {
    id: String,
    tags: BTreeMap<String, String>,
}

/// The checks of this topic.
pub(super) async fn examine(doctor: &Doctor<'_>) -> Vec<Check> {
    let zone = doctor.zone;
    // a member may ask for the organization, too, and for nothing else of it
    let any = match (&doctor.management, &doctor.member) {
        (Ok(account), _) | (_, Ok(account)) => account,
        (Err(why), Err(_)) => return vec![Check::not_evaluated("organization", why)],
    };
    let organization = describe(any);
    if zone.guardrails.is_none() {
        return judge::organization(zone, &organization.await);
    }
    let (Ok(account), Some((management, guardrails))) = (&doctor.management, zone.guardrail()) else {
        let why = doctor.management.as_ref().err().cloned().unwrap_or_default();
        let mut checks = judge::organization(zone, &organization.await);
        checks.push(Check::not_evaluated("organization.guardrail", why));
        return checks;
    };
    let name = zone.guardrail_name();
    let member = zone.member.id.as_ref();
    let (organization, described, roots, line, policy, services) = join!(
        organization,
        describe_account(account, member),
        roots(&account.clients),
        line(account, member),
        find(account, &name),
        services(account)
    );
    let target = match &roots {
        Ok(roots) => target(account, management, roots).await,
        Err(error) => Err(error.clone()),
    };
    let attached = match &target {
        Ok(Some(target)) => Some(attached(account, target, SCP).await),
        _ => None,
    };

    let mut checks = judge::organization(zone, &organization);
    checks.push(judge::member(zone, described));
    checks.push(judge::policy_type(&roots));
    checks.push(judge::target(management, &target, line));
    if let (Some(attached), Ok(Some(target))) = (attached, &target) {
        let names = |policies: Vec<PolicySummary>| policies.into_iter().filter_map(|policy| policy.name).collect();
        checks.push(judge::attachments(target, &name, attached.map(names)));
    }
    checks.push(judge::policy(&name, policy, zone, &doctor.known));
    checks.push(exemptions::judge(zone, &guardrails.exempt_principals, services));
    checks.extend(judge::proof(zone));
    checks
}

/// The organization that an account is in; none where it is in none.
pub(super) async fn describe(account: &Account) -> Answer<Option<Organization>> {
    let call = account.clients.organizations.describe_organization().send();
    let answer = ask_for(call, &["AWSOrganizationsNotInUseException"]).await?;
    Ok(answer.and_then(|answer| answer.organization))
}

/// The services that the organization has let into its accounts.
async fn services(account: &Account) -> Answer<Vec<String>> {
    let call = account.clients.organizations.list_aws_service_access_for_organization();
    let pages = ask(call.into_paginator().send().collect::<Result<Vec<_>, _>>()).await?;
    let services = pages.into_iter().flat_map(|page| page.enabled_service_principals.unwrap_or_default());
    Ok(services.filter_map(|service| service.service_principal).collect())
}

/// One call, where the list of all accounts would take one for each 20 of them.
async fn describe_account(account: &Account, id: &str) -> Answer<Option<Described>> {
    let call = account.clients.organizations.describe_account().account_id(id).send();
    Ok(ask_for(call, &["AccountNotFoundException"]).await?.and_then(|answer| answer.account))
}

async fn roots(clients: &Clients) -> Answer<Vec<Root>> {
    let pages = clients.organizations.list_roots().into_paginator().send();
    let pages = ask(pages.collect::<Result<Vec<_>, _>>()).await?;
    Ok(pages.into_iter().flat_map(|page| page.roots.unwrap_or_default()).collect())
}

/// The account and all that is above it, the root last.
pub(super) async fn line(account: &Account, member: &str) -> Answer<Vec<String>> {
    let mut line = vec![member.to_owned()];
    loop {
        let child = line.last().cloned().unwrap_or_default();
        let pages = account.clients.organizations.list_parents().child_id(child).into_paginator().send();
        let pages = ask_for(pages.collect::<Result<Vec<_>, _>>(), &["ChildNotFoundException"]).await?;
        // there is one, or none where the account is not in the organization
        let mut parents = pages.into_iter().flatten().flat_map(|page| page.parents.unwrap_or_default());
        let Some(parent) = parents.next() else { return Ok(line) };
        let Some(id) = parent.id.filter(|id| !line.contains(id)) else { return Ok(line) };
        line.push(id);
        if parent.r#type == Some(ParentType::Root) {
            return Ok(line);
        }
    }
}

/// The id of what config hangs the guardrail on; none when there is no such thing.
async fn target(account: &Account, management: &Management, roots: &[Root]) -> Answer<Option<String>> {
    let wanted = management.attach_to.as_str();
    let is_root = |root: &&Root| wanted == ROOT || root.id.as_deref() == Some(wanted);
    if wanted == ROOT || wanted.starts_with("r-") {
        return Ok(roots.iter().find(is_root).and_then(|root| root.id.clone()));
    }
    if wanted.starts_with("ou-") {
        let call = account.clients.organizations.describe_organizational_unit().organizational_unit_id(wanted).send();
        let found = ask_for(call, &["OrganizationalUnitNotFoundException"]).await?;
        return Ok(found.and_then(|answer| answer.organizational_unit).and_then(|unit| unit.id));
    }
    Ok(describe_account(account, wanted).await?.and_then(|found| found.id))
}

/// The policies of a type that hang there.
pub(super) async fn attached(account: &Account, target: &str, of: PolicyType) -> Answer<Vec<PolicySummary>> {
    let call = account.clients.organizations.list_policies_for_target().target_id(target).filter(of);
    let pages = ask(call.into_paginator().send().collect::<Result<Vec<_>, _>>()).await?;
    Ok(pages.into_iter().flat_map(|page| page.policies.unwrap_or_default()).collect())
}

async fn find(account: &Account, name: &str) -> Answer<Option<Found>> {
    let organizations = &account.clients.organizations;
    let pages = organizations.list_policies().filter(SCP).into_paginator().send();
    let pages = ask(pages.collect::<Result<Vec<_>, _>>()).await?;
    let mut policies = pages.into_iter().flat_map(|page| page.policies.unwrap_or_default());
    let policy = policies.find(|policy| policy.name.as_deref() == Some(name));
    let Some(id) = policy.and_then(|policy| policy.id) else { return Ok(None) };
    let pages = organizations.list_tags_for_resource().resource_id(&id).into_paginator().items().send();
    let tags = ask(pages.collect::<Result<Vec<_>, _>>()).await?;
    Ok(Some(Found { id, tags: tags.into_iter().map(|tag| (tag.key, tag.value)).collect() }))
}

/// The environment's file, for hints.
fn file(zone: &Zone) -> String {
    format!("config/{}.toml", zone.environment)
}
