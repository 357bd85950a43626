//! Policies of SNS topics.

mod alerts;

pub use alerts::alerts;
