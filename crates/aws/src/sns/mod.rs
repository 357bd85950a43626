//! SNS types.

pub mod topic;
pub mod topic_policy;

pub use topic::Topic;
pub use topic_policy::TopicPolicy;

use pulumi::provider::resource::Kind;

use crate::{context::Cx, resource};

/// All types of this module.
pub(crate) fn kinds() -> Vec<Box<dyn Kind<Cx>>> {
    vec![resource::of::<Topic>(), resource::of::<TopicPolicy>()]
}
