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
    /// Asked for by the first scenario that looks at tags.
    pub(crate) tags: OnceCell<ByThing>,
}

impl Session {
    /// Makes sure of the account, then reads the contract.
    pub(crate) async fn open(target: &Target) -> Result<Arc<Self>, Error> {
        let clients = Clients::new(target).await;
        let place = target.place();
        let identity = clients.sts.get_caller_identity().send().await.map_err(|error| Error::Identity {
            place: place.clone(),
            cause: refused("sts:GetCallerIdentity", &target.environment, &error),
        })?;
        let found = identity.account().unwrap_or_default();
        if found != target.account {
            return Err(Error::WrongAccount {
                environment: target.environment.clone(),
                place,
                found: found.to_owned(),
                arn: identity.arn().unwrap_or_default().to_owned(),
            });
        }
        let published = Published::read(&clients, target).await?;
        Ok(Arc::new(Self { target: target.clone(), clients, published, tags: OnceCell::new() }))
    }
}
