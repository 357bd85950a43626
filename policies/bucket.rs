//! Policies of S3 buckets.

mod locked_down;

pub use locked_down::{TrailWriter, locked_down};
