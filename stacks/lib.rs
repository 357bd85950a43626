//! The zone's stacks: pure functions from configuration to registrations.
//!
//! [`STACKS`] is the ordered list of who needs whom. Each stack is a component of its name, in a file of its
//! name, and puts its part of the contract into the publication. The contract itself comes after what it names, and last of
//! all the guardrail, which binds others.

mod access;
mod consumers;
mod contract;
mod delivery;
mod events;
mod guardrails;
mod identity;
mod kms;
mod network;
mod observability;
mod registrations;
mod roles;
mod storage;
#[cfg(test)]
mod tests;
mod trail;

use std::sync::Arc;

use ::contract::{Publication, ZONE, zone};
pub use access::AUDIENCE as GITHUB_AUDIENCE;
use aws::instance::Provider;
use config::{Account, Zone};
pub use consumers::load;
pub use policies::limits::TooLarge;
use pulumi::{
    options::Options,
    output::{Input, Output},
    prelude::{ProviderRef, Scope},
};
pub use registrations::{Registration, registrations};

/// Seconds in a day.
const DAY: i64 = 24 * 60 * 60;

/// The program cannot register this configuration.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The contract promises what no stack gives, or the other way round.
    #[error("the contract and the stacks disagree: {0}")]
    Contract(String),
}

/// One stack's scope, with what all of a zone's stacks share.
struct Stack<'z> {
    scope: Scope,
    zone: &'z Zone,
    publication: &'z mut Publication<Output<String>>,
}

impl Stack<'_> {
    /// Puts a value into the contract, under its name there.
    fn publish(&mut self, name: impl Into<String>, value: Output<String>) {
        self.publication.provide(name, value);
    }

    /// `{base}-{env}`.
    fn env_name(&self, base: &str) -> String {
        self.zone.env_name(base)
    }
}

/// Every stack in the order of registration, and which others it takes values from. Which of them a zone has,
/// [`Zone::has`] says.
pub const STACKS: &[(&str, &[&str])] = &[
    ("network", &[]),
    ("kms", &[]),
    ("storage", &["kms"]),
    ("events", &["kms"]),
    ("identity", &[]),
    ("observability", &["kms"]),
    ("delivery", &["kms", "storage"]),
    ("roles", &["kms"]),
    ("trail", &["kms", "storage"]),
    ("access", &["kms"]),
    (CONTRACT, &[]),
    (GUARDRAILS, &[CONTRACT]),
];
/// The stack in the management account.
pub const GUARDRAILS: &str = "guardrails";
/// The contract, which takes values from every stack that owes one.
pub const CONTRACT: &str = "contract";

/// The document of the guardrail's policy; none where the configuration has none.
pub fn guardrail(zone: &Zone) -> Option<String> {
    zone.guardrails.as_ref().map(|guardrails| guardrails::document(zone, guardrails))
}

/// What AWS would refuse of this configuration by its size, asked before anything starts.
pub fn check(zone: &Zone) -> Vec<TooLarge> {
    policies::limits::check(zone)
}

/// What the contract is expanded over: the names of the configuration, and the stacks that it deploys.
pub fn contract_scope(zone: &Zone) -> ::contract::Scope {
    let clients =
        zone.pools.iter().flat_map(|p| p.clients.iter().map(|client| [p.name.as_str(), client.name.as_str()]));
    ::contract::Scope::new(zone.parameter_root())
        .stacks(STACKS.iter().map(|(stack, _)| *stack).filter(|stack| zone.has(stack)))
        .names(zone::CLASS, zone.classes.iter().map(|c| c.name.as_str()))
        .names(zone::BUS, zone.domains.iter().map(|d| d.bus.as_str()))
        .names(zone::BUCKET, zone.buckets.iter().map(|b| b.purpose.as_str()))
        .names(zone::POOL, zone.pools.iter().map(|p| p.name.as_str()))
        .tuples(zone::CLIENT, clients)
        .names(zone::STREAM, zone.streams.iter().map(|s| s.output.as_str()))
        .names(zone::PLATFORM, [zone.platform()])
        .consumers(zone.consumers.iter().map(consumers::of))
}

/// What all stacks are made from.
struct Program<'z> {
    scope: &'z Scope,
    zone: &'z Zone,
    publication: Publication<Output<String>>,
}

impl Program<'_> {
    /// Opens a stack in the account that `provider` leads to.
    fn stack(&mut self, name: &str, provider: &ProviderRef) -> Stack<'_> {
        let scope = component(self.scope, name, provider);
        Stack { scope, zone: self.zone, publication: &mut self.publication }
    }
}

/// Registers the whole zone; the stack outputs are the contract's version and digest.
pub fn program(zone: &Arc<Zone>, scope: &Scope) -> Result<Vec<(String, Input)>, Error> {
    let member = provider(scope, "member", zone, &zone.member);
    let mut all = Program { scope, zone, publication: Publication::new(ZONE, &contract_scope(zone)) };

    if let Some(network) = &zone.network {
        network::deploy(&mut all.stack("network", &member), network);
    }
    let keys = match zone.kms.as_ref().filter(|_| zone.has("kms")) {
        Some(kms) => kms::deploy(&mut all.stack("kms", &member), kms),
        None => kms::Keys::default(),
    };
    let buckets = if zone.has("storage") {
        storage::deploy(&mut all.stack("storage", &member), &keys)
    } else {
        storage::Buckets::default()
    };
    if let Some(events) = zone.events.as_ref().filter(|_| zone.has("events")) {
        events::deploy(&mut all.stack("events", &member), events, &keys);
    }
    if let Some(identity) = zone.identity.as_ref().filter(|_| zone.has("identity")) {
        identity::deploy(&mut all.stack("identity", &member), identity);
    }
    if let Some(logs) = &zone.observability {
        observability::deploy(&mut all.stack("observability", &member), logs, &keys);
        if let Some(delivery) = zone.delivery.as_ref().filter(|_| zone.has("delivery")) {
            delivery::deploy(&mut all.stack("delivery", &member), delivery, logs, &keys, &buckets);
        }
    }
    if let Some(roles) = zone.roles.as_ref().filter(|_| zone.has("roles")) {
        roles::deploy(&mut all.stack("roles", &member), roles, &keys);
    }
    if let (Some(logs), Some(bucket)) = (&zone.observability, zone.bucket_of_writer("cloudtrail")) {
        trail::deploy(&mut all.stack("trail", &member), bucket, logs, &keys, &buckets);
    }
    if let Some(access) = &zone.access {
        access::deploy(&mut all.stack("access", &member), access, &keys);
    }

    let entries = all.publication.finish().map_err(|mismatches| {
        let texts: Vec<_> = mismatches.iter().map(ToString::to_string).collect();
        Error::Contract(texts.join("; "))
    })?;
    let published = contract::deploy(&component(scope, CONTRACT, &member), zone, &member, entries);
    // without a management account there is nothing to hang it on: `zone` says so at the end, and `verify` does
    if let Some((management, guardrails)) = zone.guardrail() {
        let provider = provider(scope, "management", zone, &management.account);
        let scope = component(scope, GUARDRAILS, &provider);
        guardrails::deploy(&scope, zone, &provider, management, guardrails, &published.digest);
    }
    Ok(published.outputs)
}

fn component(scope: &Scope, name: &str, provider: &ProviderRef) -> Scope {
    let mut letters = name.chars();
    let capital = letters.next().map(|c| c.to_ascii_uppercase()).into_iter().chain(letters).collect::<String>();
    scope.component(&format!("zone:stack:{capital}"), name).provider(provider).register()
}

/// The way into one account: credentials of any other are refused before anything is done.
fn provider(scope: &Scope, name: &str, zone: &Zone, account: &Account) -> ProviderRef {
    let role = account.role_arn();
    Provider::new(scope, name, account.id.as_ref(), zone.region.as_ref())
        .default_tags(&zone.tags)
        .when(account.profile.as_deref(), Provider::profile)
        .when(role.as_deref(), Provider::assume_role)
        .register()
}
