//! Organizations types.

pub mod policy;
pub mod policy_attachment;

pub use policy::Policy;
pub use policy_attachment::PolicyAttachment;

use pulumi::provider::resource::Kind;

use crate::{context::Cx, resource, setting};

/// All types of this module.
pub(crate) fn kinds() -> Vec<Box<dyn Kind<Cx>>> {
    vec![resource::of::<Policy>(), setting::of::<PolicyAttachment>()]
}
