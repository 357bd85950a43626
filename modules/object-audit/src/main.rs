//! object-audit: each object that is put into its bucket becomes an item of a table.
//!
//! S3 tells the function of a new object, and the function writes the item. What fails is tried again, goes to a queue, and
//! raises an alarm. The zone's trail has the data events of the bucket already: there is no second trail.

mod contract;
mod function;
mod policies;
mod storage;
mod table;

use std::process::ExitCode;

use module::prelude::*;
use serde::Deserialize;

/// What config/modules/object-audit.toml has for this module.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Settings {
    /// The data class whose key encrypts the bucket, the table, the queue and the logs. Its `services` have to have `logs`.
    class: String,
    /// Days until objects and access logs expire.
    #[serde(default = "days")]
    expire_after_days: u32,
    /// Whether the alarm goes to the zone's topic; without it, the alarm only changes its state.
    #[serde(default = "yes")]
    notify: bool,
}

fn days() -> u32 {
    365
}

fn yes() -> bool {
    true
}

fn program(zone: &Zone) -> Result<Vec<(String, Input)>, Error> {
    let settings: Settings = zone.settings()?;
    let key = zone.key_arn(&settings.class);
    let buckets = storage::deploy(zone, &settings, &key);
    let items = table::deploy(zone, &key);
    let audit = function::deploy(zone, &settings, &key, &buckets, &items);
    storage::notify(zone, &buckets, &audit);
    contract::publish(zone, &buckets, &items, &audit)
}

fn main() -> ExitCode {
    module::serve(program)
}
