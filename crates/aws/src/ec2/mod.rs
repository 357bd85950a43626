//! EC2 types.

pub mod vpc;

pub use vpc::Vpc;

use pulumi::provider::resource::Kind;

use crate::context::Cx;

/// All types of this module.
pub(crate) fn kinds() -> Vec<Box<dyn Kind<Cx>>> {
    vec![vpc::kind()]
}
