//! Service control policies: what nobody in the organization's accounts may do, whatever their own policies allow.
//!
//! They do not bind the management account, nor roles that services make for themselves (service-linked roles).
//! <https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps.html>

mod require_tags;

pub use require_tags::require_tags;

/// How many characters AWS takes, as [`Document::to_json`](crate::Document::to_json) writes them.
pub const LIMIT: usize = crate::limits::SCP.most;
