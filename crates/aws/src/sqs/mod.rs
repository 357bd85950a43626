//! SQS types.

pub mod queue;
pub mod queue_policy;
pub mod redrive_allow_policy;

pub use queue::Queue;
pub use queue_policy::QueuePolicy;
pub use redrive_allow_policy::RedriveAllowPolicy;

use pulumi::provider::resource::Kind;

use crate::{context::Cx, resource, setting};

/// All types of this module.
pub(crate) fn kinds() -> Vec<Box<dyn Kind<Cx>>> {
    vec![resource::of::<Queue>(), setting::of::<QueuePolicy>(), setting::of::<RedriveAllowPolicy>()]
}
