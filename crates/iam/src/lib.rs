//! IAM policies: parsed, and evaluated with AWS's semantics.

pub mod table;
