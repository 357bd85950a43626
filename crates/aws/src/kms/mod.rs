//! KMS types.

pub mod alias;
pub mod key;

pub use alias::Alias;
pub use key::Key;

use pulumi::provider::resource::Kind;

use crate::{context::Cx, resource};

/// All types of this module.
pub(crate) fn kinds() -> Vec<Box<dyn Kind<Cx>>> {
    vec![resource::of::<Alias>(), resource::of::<Key>()]
}
