//! Kinesis and Firehose types.

pub mod firehose_delivery_stream;

pub use firehose_delivery_stream::FirehoseDeliveryStream;

use pulumi::provider::resource::Kind;

use crate::{context::Cx, resource};

/// All types of this module.
pub(crate) fn kinds() -> Vec<Box<dyn Kind<Cx>>> {
    vec![resource::of::<FirehoseDeliveryStream>()]
}
