//! EventBridge types.

pub mod event_bus;

pub use event_bus::EventBus;

use pulumi::provider::resource::Kind;

use crate::context::Cx;

/// All types of this module.
pub(crate) fn kinds() -> Vec<Box<dyn Kind<Cx>>> {
    vec![event_bus::kind()]
}
