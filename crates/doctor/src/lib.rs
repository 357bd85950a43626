//! What would stop a deployment: one file a topic. Every check stands alone, and reads only.
//!
//! A topic asks and hands what it saw to functions that judge it, which know no AWS and are tested without one.
//! What cannot be asked is not evaluated, and says why; it is never all right.

mod access;
mod adoption;
mod check;
mod credentials;
mod engine;
mod existing;
mod names;
mod organization;
mod permissions;
mod quotas;
mod region;

use std::collections::HashSet;

use aws::{ask, clients::Ambient, organization::enable};
use config::{Kind, Zone};
use deploy::backend::{self, Found};
use state::{
    contents::{Contents, Outputs},
    error::Result,
    home::Home,
};

pub use check::{Check, Fix, Level};
use credentials::Account;

/// The environment that is examined, and the ways into its accounts.
pub struct Doctor<'a> {
    home: &'a Home,
    zone: &'a Zone,
    emulator: engine::Emulation,
    /// How AWS is reached beside the accounts' own ways in.
    ambient: std::result::Result<Ambient, String>,
    /// Where the state is.
    found: Result<Found>,
    /// The state; empty where it is of no use.
    contents: Contents,
    /// What it knows, as type and id.
    known: HashSet<(String, String)>,
    member: std::result::Result<Account, String>,
    management: std::result::Result<Account, String>,
    credentials: Vec<Check>,
}

impl<'a> Doctor<'a> {
    /// Looks for the emulator and asks whose the credentials are: everything else needs to know.
    pub async fn new(home: &'a Home, zone: &'a Zone) -> Self {
        let emulator = engine::emulation(home, zone).await;
        let ambient = match (&zone.kind, &emulator.endpoint) {
            (Kind::Aws, _) => Ok(Ambient::default()),
            (Kind::Emulator, Some(endpoint)) => Ok(Ambient::emulated(endpoint)),
            (Kind::Emulator, None) => Err("no emulator runs".to_owned()),
        };
        let member = credentials::member(zone, &ambient);
        let management = credentials::management(zone, &ambient);
        let ((first, member), (second, management)) = futures::join!(member, management);
        let found = match &ambient {
            Ok(ambient) => backend::find(zone, home, ambient).await,
            Err(_) => Ok(Found::in_folder(home, zone)),
        };
        let contents = match &found {
            Ok(found) => found.state.contents().await,
            Err(failure) => Err(failure.clone()),
        };
        // what an emulator that is gone had says nothing of this one
        let follows = emulator
            .instance
            .as_ref()
            .zip(found.as_ref().ok())
            .is_none_or(|(instance, found)| found.state.is_of(instance));
        let contents = contents.ok().flatten().filter(|_| follows).unwrap_or_default();
        let known = contents.resources.iter().map(|record| (record.kind.clone(), record.id.clone())).collect();
        let credentials = vec![first, second];
        Self { home, zone, emulator, ambient, found, contents, known, member, management, credentials }
    }

    /// All checks, by topic.
    pub async fn examine(&self) -> Vec<Check> {
        let account = async {
            let (named, there) = names::examine(self).await;
            let (quotas, region, permissions, access) = futures::join!(
                quotas::examine(self, &there),
                region::examine(self),
                permissions::examine(self),
                access::examine(self)
            );
            [named, existing::examine(self).await, quotas, region, permissions, access].concat()
        };
        let (engine, organization, account) =
            futures::join!(engine::examine(self), organization::examine(self), account);
        let all = [engine, self.credentials.clone(), organization, account].concat();
        Box::pin(adoption::examine(self, all)).await
    }

    /// The checks of one topic, once more.
    pub async fn organization(&self) -> Vec<Check> {
        Box::pin(adoption::examine_some(self, organization::examine(self).await)).await
    }

    /// Ids and outputs of what the state has.
    async fn outputs(&self) -> Outputs {
        match &self.found {
            // what an emulator that is gone had is of no use
            Ok(found) if !self.contents.urns.is_empty() => found.state.outputs().await,
            _ => Outputs::new(),
        }
    }

    /// Does what a check says can be done. Returns what was done.
    pub async fn fix(&self, fix: &Fix) -> ask::Answer<String> {
        match (fix, &self.management) {
            (Fix::EnablePolicies { root }, Ok(management)) => enable(&management.clients, root).await,
            (Fix::EnablePolicies { .. }, Err(why)) => Err(ask::Error::new(why)),
        }
    }
}
