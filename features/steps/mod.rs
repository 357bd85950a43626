//! What the sentences of the features mean, one file per AWS noun.
//!
//! A step asks AWS (`When`) or judges what was answered (`Then`); none changes anything.

pub(crate) mod contract;
pub(crate) mod events;
pub(crate) mod kms;
pub(crate) mod lifecycle;
pub(crate) mod queues;
pub(crate) mod storage;
