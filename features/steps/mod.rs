//! What the sentences of the features mean, one file per AWS noun.
//!
//! A step asks AWS (`When`) or judges what was answered (`Then`). None changes anything, but those of `probes`.

pub(crate) mod contract;
pub(crate) mod delivery;
pub(crate) mod events;
pub(crate) mod governance;
pub(crate) mod identity;
pub(crate) mod isolation;
pub(crate) mod kms;
pub(crate) mod lifecycle;
pub(crate) mod network;
pub(crate) mod platform;
pub(crate) mod probes;
pub(crate) mod queues;
pub(crate) mod roles;
pub(crate) mod sign_in;
pub(crate) mod storage;
pub(crate) mod trail;

/// The names in a cell or a sentence: `a, b, c`.
fn names(text: &str) -> Vec<&str> {
    text.split(',').map(str::trim).collect()
}
