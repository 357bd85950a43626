//! What all scenarios of a run share: the target, the clients, the contract.

use std::sync::Arc;

use tokio::sync::OnceCell;

use crate::{
    clients::{Clients, refused},
    error::Error,
    published::Published,
    tags::ByThing,
    target::Target,
};

/// One run's way to the account.
#[derive(Debug)]
pub(crate) struct Session {
    pub(crate) target: Target,
    pub(crate) clients: Clients,
    pub(crate) published: Published,
    /// Why there are no clients in the management account.
    pub(crate) no_management: String,
    /// Asked for by the first scenario that looks at tags.
    pub(crate) tags: OnceCell<ByThing>,
}

impl Session {
    /// The same, with nothing seen of it yet.
    pub(crate) fn fresh(&self) -> Self {
        let Self { target, clients, published, no_management, .. } = self;
        let (target, clients, published) = (target.clone(), clients.clone(), published.clone());
        Self { target, clients, published, no_management: no_management.clone(), tags: OnceCell::new() }
    }

    /// Makes sure of the accounts, then reads the contract.
    pub(crate) async fn open(target: &Target) -> Result<Arc<Self>, Error> {
        let mut clients = Clients::new(target).await;
        let place = target.place();
        let found = identity(&clients.sts, &target.environment).await;
        let found = found.map_err(|cause| Error::Identity { place: place.clone(), cause })?;
        is_account(target, place, &target.account, found)?;
        let mut no_management = format!(
            "config/{}.toml names no management account: the guardrail is not this environment's, or nobody's",
            target.environment
        );
        if let (Some(sts), Some(management)) = (&clients.management, &target.management) {
            match identity(sts, &management.account).await {
                Ok(found) => {
                    let place = format!("the management account {}", management.account);
                    is_account(target, place, &management.account, found)?;
                }
                // who has no way in there judges the account without its guardrail, and is told so
                Err(cause) => {
                    no_management = format!("the management account {} is not reached: {cause}", management.account);
                    clients.organizations = None;
                }
            }
        }
        let published = Published::read(&clients, target).await?;
        Ok(Arc::new(Self { target: target.clone(), clients, published, no_management, tags: OnceCell::new() }))
    }
}

/// Account and ARN of the caller.
async fn identity(sts: &aws_sdk_sts::Client, subject: &str) -> Result<(String, String), String> {
    let identity = sts.get_caller_identity().send().await;
    let identity = identity.map_err(|error| refused("sts:GetCallerIdentity", subject, &error).text().to_owned())?;
    Ok((identity.account.unwrap_or_default(), identity.arn.unwrap_or_default()))
}

fn is_account(target: &Target, place: String, wanted: &str, (found, arn): (String, String)) -> Result<(), Error> {
    if found == wanted {
        return Ok(());
    }
    Err(Error::WrongAccount { environment: target.environment.clone(), place, found, arn })
}
