//! CloudWatch and EventBridge types.

pub mod event_archive;
pub mod event_bus;
pub mod event_bus_policy;
pub mod log_group;
pub mod log_stream;

pub use event_archive::EventArchive;
pub use event_bus::EventBus;
pub use event_bus_policy::EventBusPolicy;
pub use log_group::LogGroup;
pub use log_stream::LogStream;

use pulumi::provider::resource::Kind;

use crate::context::Cx;

/// All types of this module.
pub(crate) fn kinds() -> Vec<Box<dyn Kind<Cx>>> {
    vec![event_archive::kind(), event_bus::kind(), event_bus_policy::kind(), log_group::kind(), log_stream::kind()]
}
