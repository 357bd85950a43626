//! The policies that decide about a caller, as IAM and Organizations have them.

use std::collections::HashMap;

use aws::clients::Clients;
use aws_sdk_iam::types::Tag;
use aws_sdk_organizations::types::PolicyType;
use config::Kind;
use iam::{Attached, Kind as Of, Organization, Policies, Policy, Principal};
use percent_encoding::percent_decode_str;

use super::super::{
    ask::{Answer, Error, ask, ask_for},
    credentials::Account,
    organization,
};

/// A caller with all that decides about it in its own account.
pub(super) struct Subject {
    pub(super) principal: Principal,
    pub(super) policies: Policies,
    /// Of the role or user: sessions can have more.
    pub(super) tags: Vec<(String, String)>,
}

impl Subject {
    fn root(account: &str) -> Self {
        Self { principal: Principal::Root(account.to_owned()), policies: Policies::default(), tags: Vec::new() }
    }
}

/// The caller of an account.
///
/// # Errors
///
/// IAM refuses to show a policy, or the caller is no role, no user and not the account's root.
pub(super) async fn of_caller(account: &Account, kind: Kind) -> Answer<Subject> {
    let (clients, arn) = (&account.clients, &account.arn);
    let resource = arn.splitn(6, ':').nth(5).unwrap_or_default();
    let mut parts = resource.split('/');
    match (parts.next(), parts.next_back()) {
        (Some("assumed-role"), Some(session)) => {
            let role = parts.next().unwrap_or_default();
            of_role(clients, role, session).await
        }
        (Some("user"), Some(name)) => match (of_user(clients, name).await?, kind) {
            (Some(subject), _) => Ok(subject),
            // keys that an emulator did not give are its root user's
            (None, Kind::Emulator) => Ok(Subject::root(&account.id)),
            (None, Kind::Aws) => Err(Error::new(format!("IAM knows no user `{name}`"))),
        },
        (Some("root"), None) => Ok(Subject::root(&account.id)),
        _ => Err(Error::new(format!("the caller {arn} is neither a role nor a user nor the account's root"))),
    }
}

async fn of_role(clients: &Clients, name: &str, session: &str) -> Answer<Subject> {
    let iam = &clients.iam;
    let role = ask(iam.get_role().role_name(name).send()).await?.role;
    let role = role.ok_or_else(|| Error::new(format!("IAM shows nothing of role `{name}`")))?;
    let mut identity = Vec::new();
    for policy in
        ask(iam.list_role_policies().role_name(name).into_paginator().items().send().collect::<Result<Vec<_>, _>>())
            .await?
    {
        let answer = ask(iam.get_role_policy().role_name(name).policy_name(&policy).send()).await?;
        identity.push(encoded(&policy, &answer.policy_document)?);
    }
    let pages = iam.list_attached_role_policies().role_name(name).into_paginator().items().send();
    for policy in ask(pages.collect::<Result<Vec<_>, _>>()).await? {
        identity.push(managed(clients, policy.policy_arn().unwrap_or_default()).await?);
    }
    let boundary = role.permissions_boundary().and_then(|boundary| boundary.permissions_boundary_arn());
    Ok(Subject {
        policies: Policies { identity, boundary: bounded(clients, boundary).await?, ..Policies::default() },
        tags: pairs(role.tags()),
        principal: Principal::Session { role: role.arn, name: session.to_owned() },
    })
}

/// None where there is no such user.
async fn of_user(clients: &Clients, name: &str) -> Answer<Option<Subject>> {
    let iam = &clients.iam;
    let answer = ask_for(iam.get_user().user_name(name).send(), &["NoSuchEntity"]).await?;
    let Some(user) = answer.and_then(|answer| answer.user) else { return Ok(None) };
    let (mut identity, mut attached) = (Vec::new(), Vec::new());
    for policy in
        ask(iam.list_user_policies().user_name(name).into_paginator().items().send().collect::<Result<Vec<_>, _>>())
            .await?
    {
        let answer = ask(iam.get_user_policy().user_name(name).policy_name(&policy).send()).await?;
        identity.push(encoded(&policy, &answer.policy_document)?);
    }
    let pages = iam.list_attached_user_policies().user_name(name).into_paginator().items().send();
    attached.extend(ask(pages.collect::<Result<Vec<_>, _>>()).await?);
    let pages = iam.list_groups_for_user().user_name(name).into_paginator().items().send();
    for group in ask(pages.collect::<Result<Vec<_>, _>>()).await? {
        let group = group.group_name;
        let pages = iam.list_group_policies().group_name(&group).into_paginator().items().send();
        for policy in ask(pages.collect::<Result<Vec<_>, _>>()).await? {
            let answer = ask(iam.get_group_policy().group_name(&group).policy_name(&policy).send()).await?;
            identity.push(encoded(&format!("{group}/{policy}"), &answer.policy_document)?);
        }
        let pages = iam.list_attached_group_policies().group_name(&group).into_paginator().items().send();
        attached.extend(ask(pages.collect::<Result<Vec<_>, _>>()).await?);
    }
    for policy in attached {
        identity.push(managed(clients, policy.policy_arn().unwrap_or_default()).await?);
    }
    let boundary = user.permissions_boundary().and_then(|boundary| boundary.permissions_boundary_arn());
    Ok(Some(Subject {
        policies: Policies { identity, boundary: bounded(clients, boundary).await?, ..Policies::default() },
        tags: pairs(user.tags()),
        principal: Principal::User(user.arn),
    }))
}

fn pairs(tags: &[Tag]) -> Vec<(String, String)> {
    tags.iter().map(|tag| (tag.key().to_owned(), tag.value().to_owned())).collect()
}

async fn bounded(clients: &Clients, arn: Option<&str>) -> Answer<Option<Attached>> {
    match arn {
        Some(arn) => managed(clients, arn).await.map(Some),
        None => Ok(None),
    }
}

/// A managed policy, in the version that counts.
async fn managed(clients: &Clients, arn: &str) -> Answer<Attached> {
    let answer = ask(clients.iam.get_policy().policy_arn(arn).send()).await?;
    let version = answer.policy().and_then(|policy| policy.default_version_id()).unwrap_or_default();
    let answer = ask(clients.iam.get_policy_version().policy_arn(arn).version_id(version).send()).await?;
    encoded(arn, answer.policy_version().and_then(|version| version.document()).unwrap_or_default())
}

/// IAM sends documents percent-encoded.
fn encoded(name: &str, document: &str) -> Answer<Attached> {
    let text = percent_decode_str(document).decode_utf8();
    let text = text.map_err(|error| Error::new(format!("the policy `{name}` is no text: {error}")))?;
    attached(name, Of::Identity, &text)
}

fn attached(name: &str, kind: Of, text: &str) -> Answer<Attached> {
    let policy = Policy::parse(text, kind);
    let policy = policy.map_err(|malformed| Error::new(format!("the policy `{name}` cannot be read: {malformed}")))?;
    Ok(Attached::new(name, policy))
}

/// The policies of the organization that bind an account, as its management account shows them; none where the account is not
/// in it.
///
/// # Errors
///
/// Organizations refuses to show one.
pub(super) async fn of_organization(management: &Account, manages: &str, member: &str) -> Answer<Option<Organization>> {
    // the account first, the root last
    let line = organization::line(management, member).await?;
    if line.len() < 2 {
        return Ok(None);
    }
    let mut known = HashMap::new();
    let service_control =
        levels(management, &line, PolicyType::ServiceControlPolicy, Of::ServiceControl, &mut known).await?;
    let resource_control =
        levels(management, &line, PolicyType::ResourceControlPolicy, Of::ResourceControl, &mut known).await?;
    Ok(Some(Organization { management: manages.to_owned(), service_control, resource_control }))
}

/// The policies of a type that hang on each level, the root first. Where a type is not enabled, there are none, not even the one
/// of AWS that allows everything: then there is no level.
async fn levels(
    management: &Account,
    line: &[String],
    of: PolicyType,
    kind: Of,
    known: &mut HashMap<String, Attached>,
) -> Answer<Vec<Vec<Attached>>> {
    let organizations = &management.clients.organizations;
    let mut levels = Vec::new();
    for target in line.iter().rev() {
        let mut level = Vec::new();
        for policy in organization::attached(management, target, of.clone()).await? {
            let id = policy.id.unwrap_or_default();
            if !known.contains_key(&id) {
                let answer = ask(organizations.describe_policy().policy_id(&id).send()).await?;
                let text = answer.policy.and_then(|policy| policy.content).unwrap_or_default();
                known.insert(id.clone(), attached(policy.name.as_deref().unwrap_or(&id), kind, &text)?);
            }
            level.extend(known.get(&id).cloned());
        }
        levels.push(level);
    }
    Ok(if levels.iter().all(Vec::is_empty) { Vec::new() } else { levels })
}
