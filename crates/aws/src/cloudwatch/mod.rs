//! CloudWatch and EventBridge types.

pub mod event_archive;
pub mod event_bus;
pub mod event_bus_policy;
pub mod log_group;
pub mod log_stream;
pub mod metric_alarm;

pub use event_archive::EventArchive;
pub use event_bus::EventBus;
pub use event_bus_policy::EventBusPolicy;
pub use log_group::LogGroup;
pub use log_stream::LogStream;
pub use metric_alarm::MetricAlarm;

use pulumi::provider::resource::Kind;

use crate::{context::Cx, resource, setting};

/// All types of this module.
pub(crate) fn kinds() -> Vec<Box<dyn Kind<Cx>>> {
    vec![
        resource::of::<EventArchive>(),
        resource::of::<EventBus>(),
        setting::of::<EventBusPolicy>(),
        resource::of::<LogGroup>(),
        resource::of::<LogStream>(),
        resource::of::<MetricAlarm>(),
    ]
}
