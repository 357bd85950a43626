//! DynamoDB types.

pub mod contributor_insights;
pub mod table;

pub use contributor_insights::ContributorInsights;
pub use table::Table;

use pulumi::provider::resource::Kind;

use crate::{context::Cx, resource};

/// All types of this module.
pub(crate) fn kinds() -> Vec<Box<dyn Kind<Cx>>> {
    vec![resource::of::<ContributorInsights>(), resource::of::<Table>()]
}
