//! {module}: a queue for jobs, encrypted with a key of the zone.

use std::process::ExitCode;

use module::prelude::*;
use serde::Deserialize;

/// What config/modules/{module}.toml has for this module.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Settings {
    /// The data class whose key encrypts the queue.
    class: String,
}

fn program(zone: &Zone) -> Result<Vec<(String, Input)>, Error> {
    let settings: Settings = zone.settings()?;
    let jobs = aws::sqs::Queue::new(zone.scope(), "jobs")
        .name(zone.own_name("jobs"))
        .kms_master_key_id(zone.key_arn(&settings.class))
        .message_retention_seconds(4 * 24 * 60 * 60)
        .register();
    Ok(vec![("queueUrl".to_owned(), jobs.url().into())])
}

fn main() -> ExitCode {
    module::serve(program)
}
