//! X-Ray types.

pub mod sampling_rule;

pub use sampling_rule::SamplingRule;

use pulumi::provider::resource::Kind;

use crate::{context::Cx, resource};

/// All types of this module.
pub(crate) fn kinds() -> Vec<Box<dyn Kind<Cx>>> {
    vec![resource::of::<SamplingRule>()]
}
