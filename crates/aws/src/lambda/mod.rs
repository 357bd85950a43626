//! Lambda types.

pub mod function;
pub mod function_event_invoke_config;
pub mod permission;

pub use function::Function;
pub use function_event_invoke_config::FunctionEventInvokeConfig;
pub use permission::Permission;

use pulumi::provider::resource::Kind;

use crate::{context::Cx, resource, setting};

/// All types of this module.
pub(crate) fn kinds() -> Vec<Box<dyn Kind<Cx>>> {
    vec![resource::of::<Function>(), setting::of::<FunctionEventInvokeConfig>(), resource::of::<Permission>()]
}
