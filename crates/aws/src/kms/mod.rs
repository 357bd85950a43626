//! KMS types.

pub mod key;

pub use key::Key;

use pulumi::provider::resource::Kind;

use crate::context::Cx;

/// All types of this module.
pub(crate) fn kinds() -> Vec<Box<dyn Kind<Cx>>> {
    vec![key::kind()]
}
