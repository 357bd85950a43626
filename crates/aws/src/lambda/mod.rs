//! Lambda types.

pub mod function;

pub use function::Function;

use pulumi::provider::resource::Kind;

use crate::{context::Cx, resource};

/// All types of this module.
pub(crate) fn kinds() -> Vec<Box<dyn Kind<Cx>>> {
    vec![resource::of::<Function>()]
}
