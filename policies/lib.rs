//! IAM policy documents: a function beside the JSON it renders.
//!
//! One file per policy; its path is its name, and the golden JSON beside it is what an auditor reads, rendered for
//! the shipped `dev` environment. `ZONE_BLESS=1 cargo test -p policies` writes the golden files anew.
//!
//! Each function takes plain values, so that a stack can call it where an ARN is only known later.

pub mod bucket;
pub mod bus;
mod document;
#[cfg(test)]
mod golden;
pub mod key;
pub mod limits;
#[cfg(test)]
mod properties;
pub mod queue;
pub mod role;
pub mod scp;
pub mod topic;

pub use document::{Document, Operator, Statement};
