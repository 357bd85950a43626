//! The zone's stacks: pure functions from configuration to registrations.
//!
//! [`program`] is the ordered list of who needs whom. Each stack is a component of its name, in a file of its
//! name, and puts its part of the contract into the publication; the contract itself comes last.

mod contract;
mod events;
mod kms;
mod storage;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use ::contract::Publication;
use aws::instance::Provider;
use config::Zone;
use pulumi::{
    options::Options,
    output::{Input, Output},
    prelude::{ProviderRef, Scope},
};

/// Seconds in a day.
const DAY: i32 = 24 * 60 * 60;

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

/// What the contract is expanded over.
pub fn contract_scope(zone: &Zone) -> ::contract::Scope {
    ::contract::Scope {
        root: zone.parameter_root(),
        classes: zone.classes.iter().map(|c| c.name.clone()).collect(),
        buses: zone.domains.iter().map(|d| d.bus.clone()).collect(),
        buckets: zone.buckets.iter().map(|b| b.purpose.clone()).collect(),
    }
}

/// Registers the whole zone; the stack outputs are the contract's version and digest.
pub fn program(zone: &Arc<Zone>, scope: &Scope) -> Result<Vec<(String, Input)>, Error> {
    let member = member(scope, zone);
    let mut publication = Publication::new(&contract_scope(zone));
    let mut stack = |name: &str, run: &mut dyn FnMut(&mut Stack<'_>)| {
        let scope = component(scope, name, &member);
        run(&mut Stack { scope, zone, publication: &mut publication });
    };

    let mut keys = None;
    stack("kms", &mut |stack| keys = Some(kms::deploy(stack)));
    let Some(keys) = keys else { return Ok(Vec::new()) };
    stack("storage", &mut |stack| storage::deploy(stack, &keys));
    stack("events", &mut |stack| events::deploy(stack, &keys));

    let entries = publication.finish().map_err(|mismatches| {
        let texts: Vec<_> = mismatches.iter().map(ToString::to_string).collect();
        Error::Contract(texts.join("; "))
    })?;
    Ok(contract::deploy(&component(scope, "contract", &member), zone, &member, entries))
}

fn component(scope: &Scope, name: &str, provider: &ProviderRef) -> Scope {
    let mut letters = name.chars();
    let capital = letters.next().map(|c| c.to_ascii_uppercase()).into_iter().chain(letters).collect::<String>();
    scope.component(&format!("zone:stack:{capital}"), name).provider(provider).register()
}

/// The way into the member account, in which everything but the guardrails lives.
fn member(scope: &Scope, zone: &Zone) -> ProviderRef {
    let account = &zone.member;
    let role = account.role.as_ref().map(|role| format!("arn:aws:iam::{}:role/{role}", account.id));
    Provider::new(scope, "member", account.id.as_ref(), zone.region.as_ref())
        .default_tags(&zone.tags)
        .when(account.profile.as_deref(), Provider::profile)
        .when(role.as_deref(), Provider::assume_role)
        .register()
}
