//! What the sentences of the features mean, one file per AWS noun.
//!
//! A step asks AWS (`When`) or judges what was answered (`Then`). None changes anything, but those of `probes` and `trials`.

mod alarms;
pub(crate) mod contract;
pub(crate) mod delivery;
pub(crate) mod events;
mod functions;
pub(crate) mod governance;
pub(crate) mod identity;
pub(crate) mod isolation;
pub(crate) mod kms;
pub(crate) mod lifecycle;
pub(crate) mod modules;
pub(crate) mod network;
pub(crate) mod platform;
pub(crate) mod probes;
pub(crate) mod queues;
pub(crate) mod roles;
pub(crate) mod sign_in;
pub(crate) mod storage;
mod tables;
pub(crate) mod trail;
pub(crate) mod trials;

/// The names in a cell or a sentence: `a, b, c`.
fn names(text: &str) -> Vec<&str> {
    text.split(',').map(str::trim).collect()
}
