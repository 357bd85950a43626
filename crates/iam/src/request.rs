//! One request, as policies see it.

use crate::{context::Context, principal::Principal};

/// Who wants to do what with which resource.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    pub(crate) principal: Principal,
    /// In small letters: service and name.
    pub(crate) action: (String, String),
    /// As it was written.
    pub(crate) action_written: String,
    pub(crate) resource: String,
    pub(crate) account: String,
    pub(crate) context: Context,
}

impl Request {
    /// A request to do `action` (`s3:PutObject`) with `resource` (an ARN, or `*` for an action without resources) that belongs to
    /// `account`.
    ///
    /// The keys that follow from the principal and the resource are set unless `context` has them: `aws:PrincipalArn`,
    /// `aws:PrincipalAccount`, `aws:PrincipalType`, `aws:PrincipalIsAWSService`, `aws:PrincipalServiceName`, `aws:username` and
    /// `aws:ResourceAccount`.
    /// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html> (2026-11-26)
    pub fn new(principal: Principal, action: &str, resource: &str, account: &str, mut context: Context) -> Self {
        let is_service = matches!(principal, Principal::Service(_));
        context.set_default("aws:PrincipalIsAWSService", is_service.to_string());
        context.set_default("aws:ResourceAccount", account);
        if let Some(arn) = principal.principal_arn() {
            context.set_default("aws:PrincipalArn", arn);
        }
        if let Some(account) = principal.account() {
            context.set_default("aws:PrincipalAccount", account);
        }
        let kind = match &principal {
            Principal::Root(_) => Some("Account"),
            Principal::User(arn) if arn.contains(":federated-user/") => Some("FederatedUser"),
            Principal::User(_) => Some("User"),
            Principal::Session { .. } => Some("AssumedRole"),
            Principal::Anonymous => Some("Anonymous"),
            Principal::Service(_) | Principal::Federated(_) => None,
        };
        if let Some(kind) = kind {
            context.set_default("aws:PrincipalType", kind);
        }
        match &principal {
            Principal::Service(name) => context.set_default("aws:PrincipalServiceName", name.as_str()),
            Principal::User(arn) if arn.contains(":user/") => {
                context.set_default("aws:username", arn.rsplit('/').next().unwrap_or_default());
            }
            _ => {}
        }
        let lower = action.to_ascii_lowercase();
        let (service, name) = lower.split_once(':').unwrap_or((&lower, ""));
        let action_lower = (service.to_owned(), name.to_owned());
        Self {
            principal,
            action: action_lower,
            action_written: action.to_owned(),
            resource: resource.to_owned(),
            account: account.to_owned(),
            context,
        }
    }

    /// Who asks.
    pub const fn principal(&self) -> &Principal {
        &self.principal
    }

    /// What is to be done: `s3:PutObject`.
    pub fn action(&self) -> &str {
        &self.action_written
    }

    /// With what: an ARN, or `*`.
    pub fn resource(&self) -> &str {
        &self.resource
    }

    /// What else AWS knows.
    pub const fn context(&self) -> &Context {
        &self.context
    }

    /// The same with another context key; for trying what a key changes.
    pub const fn context_mut(&mut self) -> &mut Context {
        &mut self.context
    }
}
