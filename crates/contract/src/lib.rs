//! A versioned contract of SSM parameters that others build on: the zone's own, and those of modules.
//!
//! A contract is a value, a [`Definition`]: a name and its versions, each with path templates that have type, value pattern
//! and owner. [`ZONE`] is the zone's own. Everything else is derived from it. For the publisher: the entries of one
//! environment ([`Definition::entries`]), what is missing or too much ([`Publication`]), the digest that closes a publication
//! ([`Definition::digest`]). For the operator: what is wrong with what is live ([`Definition::check`]), what a change asks of
//! readers ([`Definition::diff`]). For readers: one whole and typed reading ([`Snapshot`]), with the feature `ssm` the
//! `client` that makes it, and the accessors of the clients in TypeScript and Python ([`clients`]). `published/v{n}.json` is a
//! version of the zone's contract as the world knows it; a test refuses a change of it.
//!
//! Everything about a tenant (root, classes, buses, deployed stacks, consumers) comes in through [`Scope`]; this crate knows
//! nothing of it. `tests/ledger.rs` defines the contract of a module, publishes it and reads it.

#[cfg(feature = "ssm")]
pub mod client;
pub mod clients;
mod definition;
pub mod diff;
mod digest;
mod document;
mod entry;
mod faults;
mod finding;
pub mod live;
pub mod meta;
mod publication;
mod snapshot;
mod template;
pub mod zone;

pub use definition::{Definition, Version};
pub use entry::{Consumer, Entry, Kind, Scope};
pub use finding::{Finding, Problem};
pub use publication::{Mismatch, Publication};
pub use snapshot::{Arn, Error, Newer, Snapshot};
pub use template::{Each, Template};
pub use zone::ZONE;

/// Compiles the snippet that readers are shown.
#[cfg(all(doctest, feature = "ssm"))]
#[doc = include_str!("../../../docs/contract.md")]
struct Documentation;
