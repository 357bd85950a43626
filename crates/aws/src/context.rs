//! What one operation on one resource gets.

use std::{collections::BTreeMap, sync::Arc};

use pulumi::{
    provider::{log::EngineLog, resource::Error},
    urn,
    value::Map,
};

use crate::{
    adoption::{self, Adoption},
    clients::Clients,
    recovery::{Identity, Recovery, TAG},
};

/// Who we are, as STS says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Caller {
    /// The account's 12 digits.
    pub account: String,
    /// The caller's ARN.
    pub arn: String,
    /// The caller's unique id.
    pub user_id: String,
}

/// Clients, place, tags and identity of one operation.
pub struct Cx {
    /// The account's clients in the operation's region.
    pub clients: Arc<Clients>,
    /// The caller, asserted to be of an allowed account before anything was done.
    pub caller: Caller,
    /// The operation's region.
    pub region: String,
    /// The caller's, such as `aws`, `aws-cn` or `aws-eusc`.
    pub partition: String,
    /// The resource's URN.
    pub urn: String,
    /// Its inputs: those of the state when it is read, and none when it is imported.
    pub inputs: Map,
    /// Tags it is to have, default tags included.
    pub tags: BTreeMap<String, String>,
    /// The provider's default tags.
    pub default_tags: Arc<BTreeMap<String, String>>,
    /// Which attempt this is.
    pub identity: Identity,
    /// What is known of earlier runs.
    pub recovery: Arc<Recovery>,
    /// What the user wants taken over.
    pub adoption: Arc<Adoption>,
    /// Words to the user.
    pub log: Arc<EngineLog>,
}

impl Cx {
    /// An ARN in this account and region.
    pub fn arn(&self, service: &str, resource: &str) -> String {
        format!("arn:{}:{service}:{}:{}:{resource}", self.partition, self.region, self.caller.account)
    }

    /// The tags of a create call in the SDK's form: the resource's own and the identity.
    pub fn tags_as<T>(&self, tag: impl Fn(&str, &str) -> T) -> Vec<T> {
        let identity = self.identity.value();
        let own = self.tags.iter().map(|(k, v)| (k.as_str(), v.as_str()));
        own.chain([(TAG, identity.as_str())]).map(|(k, v)| tag(k, v)).collect()
    }

    /// Takes over a thing that exists already when its tags prove it ours; says so, or refuses with the way out.
    /// Something this very attempt made, its answer lost, is taken over without a word.
    pub async fn adopt(&self, noun: &str, id: &str, live: &BTreeMap<String, String>) -> Result<(), Error> {
        if self.identity.made(live) {
            return Ok(());
        }
        let by_defaults = !self.default_tags.is_empty()
            && !live.contains_key(TAG)
            && self.default_tags.iter().all(|(k, v)| live.get(k) == Some(v));
        let kind = urn::kind(&self.urn);
        // a replacement that is made before the old one is deleted must not become what is deleted then
        if self.recovery.holds(&self.urn, id) || (by_defaults && self.recovery.has(kind, id)) {
            return Err(self.replaced(noun, id));
        }
        if self.identity.owns(live) || by_defaults {
            if !self.recovery.is_on() {
                let why = "its tags are ours, but this provider does not know the state";
                return Err(Error::new(format!("{noun} `{id}` exists already, and {why}")).hint(format!(
                    "to replace it, set the option deleteBeforeReplace; if an interrupted run created it, run this again \
                     with ZONE_RECOVER=true; to adopt it, set ZONE_ADOPT={}",
                    adoption::choice_of(id)
                )));
            }
            self.log.info(&self.urn, &format!("adopted {noun} `{id}`, which existed and carries our tags")).await;
            return Ok(());
        }
        Err(self.taken(noun, id, "its tags do not prove it ours"))
    }

    /// The refusal of a replacement that is what it replaces: the engine would delete it at the end.
    pub fn replaced(&self, noun: &str, id: &str) -> Error {
        let urn = &self.urn;
        Error::new(format!(
            "{noun} (`{id}`) is in the state already: create-before-delete would adopt it and then delete it"
        ))
        .hint(format!(
            "let it be deleted first: with the deleteBeforeReplace option, or by `pulumi destroy --target '{urn}'`; \
                 if it was deleted by hand, refresh first"
        ))
    }

    /// The refusal to take over what is not ours.
    pub fn taken(&self, noun: &str, id: &str, why: &str) -> Error {
        if let Some(other) = self.recovery.other(self, id) {
            return adoption::renamed(noun, id, &other);
        }
        let what = adoption::choice_of(id);
        Error::new(format!("{noun} `{id}` exists already, and {why}")).hint(format!(
            "choose another name, remove it, or adopt it: {}",
            match self.adoption.command() {
                Some(command) => format!("`{command} --adopt {what}`"),
                None => format!("run it again with ZONE_ADOPT={what} in the environment"),
            }
        ))
    }
}
