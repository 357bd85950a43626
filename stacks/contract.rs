//! The contract: one SSM parameter per promised value, then version, date and digest.

use ::contract::{Entry, ZONE};
use ::module::publishing::{Published, write};
use config::Zone;
use pulumi::{
    output::Output,
    prelude::{ProviderRef, Scope},
};

use crate::contract_scope;

/// Registers the parameters.
pub(crate) fn deploy(
    scope: &Scope,
    zone: &Zone,
    provider: &ProviderRef,
    entries: Vec<(Entry, Output<String>)>,
) -> Published {
    write(scope, provider, ZONE, &contract_scope(zone), entries)
}
