//! Times as text, in UTC.

use std::time::SystemTime;

use aws_smithy_types::{DateTime, date_time::Format};
use serde::Serializer;

/// `2026-11-26T10:15:00.25Z`.
pub(crate) fn text(time: SystemTime) -> String {
    // it fails for years that no clock shows
    DateTime::from(time).fmt(Format::DateTime).unwrap_or_default()
}

/// To the second: `2026-11-26T10:15:00Z`.
pub(crate) fn seconds(time: SystemTime) -> String {
    DateTime::from_secs(DateTime::from(time).secs()).fmt(Format::DateTime).unwrap_or_default()
}

pub(crate) fn serialize<S: Serializer>(time: &SystemTime, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&text(*time))
}
