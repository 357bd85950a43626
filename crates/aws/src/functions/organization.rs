//! The organization that the account is in.
//!
//! Calls: DescribeOrganization; ListAccounts, ListRoots and ListAWSServiceAccessForOrganization where the account may
//! make them: in the management account, and in one that it has delegated this to. Elsewhere their part of the answer
//! is empty, as with the official provider.

use std::collections::BTreeMap;

use aws_sdk_organizations::types::{Account, OrganizationFeatureSet, PolicyTypeStatus, Root};
use aws_smithy_types::date_time::Format;
use derive::Shape;
use pulumi::{
    prelude::{Output, ProviderRef, Scope},
    provider::resource::Error,
};

use super::ORGANIZATION;
use crate::{clients::Clients, error::code, organization::refused, provider::Config};

/// What is asked of the organization.
#[derive(Clone, Debug, Default, Shape)]
pub struct OrganizationArguments {
    /// Leave out its accounts, roots and services, which take calls of their own.
    #[resource(default = false)]
    pub return_organization_only: bool,
}

/// An organization.
#[derive(Clone, Debug, Default, Shape)]
pub struct Organization {
    /// Its accounts, the management account among them.
    #[resource(default)]
    pub accounts: Vec<OrganizationAccount>,
    /// ARN.
    pub arn: String,
    /// Services that may work across its accounts, such as `cloudtrail.amazonaws.com`.
    #[resource(default)]
    pub aws_service_access_principals: Vec<String>,
    /// Types of policies that are enabled in its root.
    #[resource(default)]
    pub enabled_policy_types: Vec<String>,
    /// `ALL` or `CONSOLIDATED_BILLING`.
    pub feature_set: String,
    /// Id, such as `o-exampleorgid`.
    pub id: String,
    /// ARN of the management account.
    pub master_account_arn: String,
    /// E-mail address of the management account.
    pub master_account_email: String,
    /// The management account's 12 digits.
    pub master_account_id: String,
    /// Name of the management account.
    #[resource(default)]
    pub master_account_name: String,
    /// Its roots; AWS gives every organization one.
    #[resource(default)]
    pub roots: Vec<OrganizationRoot>,
}

/// An account of an organization.
#[derive(Clone, Debug, Default, Shape)]
#[resource(name = "GetOrganizationAccount")]
pub struct OrganizationAccount {
    /// ARN.
    pub arn: String,
    /// E-mail address of its owner.
    pub email: String,
    /// Its 12 digits.
    pub id: String,
    /// `INVITED` or `CREATED`.
    pub joined_method: String,
    /// When it joined.
    pub joined_timestamp: String,
    /// Name.
    pub name: String,
    /// `ACTIVE`, `SUSPENDED`, `CLOSED`, or what it is on its way to.
    pub state: String,
}

/// The root of an organization.
#[derive(Clone, Debug, Default, Shape)]
#[resource(name = "GetOrganizationRoot")]
pub struct OrganizationRoot {
    /// ARN.
    pub arn: String,
    /// Id, such as `r-abcd`.
    pub id: String,
    /// Name.
    pub name: String,
    /// Types of policies that have been enabled in it.
    pub policy_types: Vec<OrganizationPolicyType>,
}

/// A type of policies in a root.
#[derive(Clone, Debug, Default, Shape)]
#[resource(name = "GetOrganizationRootPolicyType")]
pub struct OrganizationPolicyType {
    /// `ENABLED`, `PENDING_ENABLE` or `PENDING_DISABLE`.
    pub status: String,
    /// Such as `SERVICE_CONTROL_POLICY`.
    pub r#type: String,
}

/// Asks for the organization that the provider's account is in, from a program.
pub fn get_organization(scope: &Scope, provider: &ProviderRef) -> Output<Organization> {
    scope.invoke(ORGANIZATION, BTreeMap::new(), Some(provider))
}

pub(super) async fn organization(config: &Config, arguments: OrganizationArguments) -> Result<Organization, Error> {
    let clients = config.clients(None).await?;
    let described = clients.organizations.describe_organization().send().await.map_err(refused)?;
    let described = described.organization.ok_or_else(|| Error::new("AWS did not say which organization"))?;
    let has_all_features = described.feature_set == Some(OrganizationFeatureSet::All);
    let mut answer = Organization {
        arn: described.arn.unwrap_or_default(),
        feature_set: described.feature_set.map(|f| f.to_string()).unwrap_or_default(),
        id: described.id.unwrap_or_default(),
        master_account_arn: described.master_account_arn.unwrap_or_default(),
        master_account_email: described.master_account_email.unwrap_or_default(),
        master_account_id: described.master_account_id.unwrap_or_default(),
        ..Organization::default()
    };
    let is_management = config.caller().await?.account == answer.master_account_id;
    if arguments.return_organization_only {
        return Ok(answer);
    }
    let Some(accounts) = accounts(&clients, is_management).await? else { return Ok(answer) };
    answer.accounts = accounts;
    let management = answer.accounts.iter().find(|account| account.id == answer.master_account_id);
    answer.master_account_name = management.map(|account| account.name.clone()).unwrap_or_default();
    let roots = clients.organizations.list_roots().into_paginator().send();
    let roots = roots.collect::<Result<Vec<_>, _>>().await.map_err(|e| refused(e).within("listing its roots"))?;
    let roots: Vec<_> = roots.into_iter().flat_map(|page| page.roots.unwrap_or_default()).collect();
    let enabled = |root: &Root| {
        let types = root.policy_types.iter().flatten().filter(|t| t.status == Some(PolicyTypeStatus::Enabled));
        types.filter_map(|t| Some(t.r#type.as_ref()?.to_string())).collect::<Vec<_>>()
    };
    answer.enabled_policy_types = roots.first().map(enabled).unwrap_or_default();
    answer.roots = roots.into_iter().map(Into::into).collect();
    if has_all_features {
        let services = clients.organizations.list_aws_service_access_for_organization().into_paginator().send();
        let services = services.collect::<Result<Vec<_>, _>>().await;
        let services = services.map_err(|e| refused(e).within("listing its services"))?;
        answer.aws_service_access_principals = services
            .into_iter()
            .flat_map(|page| page.enabled_service_principals.unwrap_or_default())
            .filter_map(|s| s.service_principal)
            .collect();
    }
    Ok(answer)
}

/// All accounts; `None` where a member may not know them.
async fn accounts(clients: &Clients, is_management: bool) -> Result<Option<Vec<OrganizationAccount>>, Error> {
    let pages = clients.organizations.list_accounts().into_paginator().send();
    match pages.collect::<Result<Vec<_>, _>>().await {
        Ok(pages) => {
            let accounts = pages.into_iter().flat_map(|page| page.accounts.unwrap_or_default());
            Ok(Some(accounts.map(Into::into).collect()))
        }
        Err(failure) if !is_management && code(&failure) == Some("AccessDeniedException") => Ok(None),
        Err(failure) => Err(refused(failure).within("listing its accounts").into()),
    }
}

impl From<Account> for OrganizationAccount {
    fn from(account: Account) -> Self {
        let joined = account.joined_timestamp.and_then(|at| at.fmt(Format::DateTime).ok());
        Self {
            arn: account.arn.unwrap_or_default(),
            email: account.email.unwrap_or_default(),
            id: account.id.unwrap_or_default(),
            joined_method: account.joined_method.map(|m| m.to_string()).unwrap_or_default(),
            joined_timestamp: joined.unwrap_or_default(),
            name: account.name.unwrap_or_default(),
            state: account.state.map(|s| s.to_string()).unwrap_or_default(),
        }
    }
}

impl From<Root> for OrganizationRoot {
    fn from(root: Root) -> Self {
        let text = |text: Option<&dyn ToString>| text.map(ToString::to_string).unwrap_or_default();
        let types = root.policy_types.unwrap_or_default().into_iter().map(|t| OrganizationPolicyType {
            status: text(t.status.as_ref().map(|s| s as &dyn ToString)),
            r#type: text(t.r#type.as_ref().map(|s| s as &dyn ToString)),
        });
        Self {
            policy_types: types.collect(),
            arn: root.arn.unwrap_or_default(),
            id: root.id.unwrap_or_default(),
            name: root.name.unwrap_or_default(),
        }
    }
}

#[cfg(test)]
mod tests {
    use pulumi::value::{FromValue, Value};
    use serde_json::json;

    use super::*;
    use crate::testing::{Account, Bench};

    async fn ask(account: Account, arguments: serde_json::Value) -> Organization {
        let bench = Bench::new(account).await;
        let answer = bench.invoke(ORGANIZATION, &arguments).await.expect("an organization");
        Organization::from_value(&Value::Object(answer)).expect("an organization's shape")
    }

    #[tokio::test]
    async fn the_management_account_knows_all() {
        let answer = ask(Account::Management, json!({})).await;
        assert!(answer.id.starts_with("o-") && answer.arn.ends_with(&answer.id), "{answer:?}");
        assert_eq!((answer.feature_set.as_str(), answer.master_account_id.as_str()), ("ALL", "123456789012"));
        assert!(
            answer.master_account_arn.ends_with(&answer.master_account_id) && answer.master_account_email.contains('@')
        );
        assert_eq!(answer.enabled_policy_types, ["SERVICE_CONTROL_POLICY"]);
        let [root] = &answer.roots[..] else { panic!("one root: {answer:?}") };
        assert!(root.id.starts_with("r-") && root.arn.ends_with(&root.id) && !root.name.is_empty(), "{root:?}");
        let [kind] = &root.policy_types[..] else { panic!("one type: {root:?}") };
        assert_eq!((kind.r#type.as_str(), kind.status.as_str()), ("SERVICE_CONTROL_POLICY", "ENABLED"));
        let member = answer.accounts.iter().find(|account| account.id == "111122223333").expect("the member");
        assert_eq!(
            (member.name.as_str(), member.state.as_str(), member.joined_method.as_str()),
            ("zone", "ACTIVE", "CREATED")
        );
        assert!(member.arn.contains(&member.id) && member.email.contains('@') && member.joined_timestamp.contains('T'));
        let management = answer.accounts.iter().find(|account| account.id == answer.master_account_id);
        assert_eq!(management.map(|account| account.name.as_str()), Some(answer.master_account_name.as_str()));
    }

    #[tokio::test]
    async fn a_member_knows_the_organization_alone_and_so_does_who_asks_for_no_more() {
        let asked = json!({ "returnOrganizationOnly": true });
        for (account, arguments) in [(Account::Member, json!({})), (Account::Management, asked)] {
            let answer = ask(account, arguments).await;
            assert_eq!(answer.master_account_id, "123456789012");
            assert!(answer.accounts.is_empty() && answer.roots.is_empty() && answer.enabled_policy_types.is_empty());
        }
    }

    #[tokio::test]
    async fn an_account_outside_is_told_what_to_do() {
        let bench = Bench::new(Account::Outside).await;
        let refused = bench.invoke(ORGANIZATION, &json!({})).await.expect_err("it is in none");
        assert!(refused.contains("AWSOrganizationsNotInUseException") && refused.contains("hint: "), "{refused}");
    }
}
