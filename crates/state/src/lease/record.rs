//! The object of a lease.

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{
    error::{Exit, Failure, Result},
    store::OWN,
    subject::Subject,
};

/// Where the lease of a zone or of a module is, which has a store of its own.
pub fn key(subject: &Subject) -> String {
    format!("{OWN}/lock/{}.json", subject.environment)
}

/// The format that this version writes, and the newest that it reads.
const FORMAT: u32 = 1;

/// Who holds a lease.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Holder {
    /// The user.
    pub user: String,
    /// The machine.
    pub host: String,
    /// The process.
    pub process: u32,
    /// An opaque text for machine and checkout. Two holders of one place cannot both be alive.
    pub place: String,
    /// What was started.
    pub command: String,
    /// When it was started, by the clock of its machine: for people, never compared.
    pub since: String,
    /// The run.
    pub run: String,
}

/// `user@host: command (process 7)`, for messages.
impl fmt::Display for Holder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { user, host, process, command, .. } = self;
        write!(f, "`{command}` of {user}@{host} (process {process})")
    }
}

/// What the object says.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Record {
    format: u32,
    /// Grows by one with each holder.
    pub(super) fence: u64,
    /// None when it was released.
    pub(super) holder: Option<Holder>,
    /// Changes with every write, so that no two versions have the same bytes: S3 could not tell them apart.
    pub(super) counter: u64,
    /// What callers keep in it.
    #[serde(default)]
    pub(super) last: Value,
}

impl Record {
    pub(super) fn new(fence: u64, holder: Option<Holder>, last: Value) -> Self {
        Self { format: FORMAT, fence, holder, counter: 0, last }
    }

    pub(super) fn encode(&self) -> Vec<u8> {
        // a struct of texts, numbers and JSON cannot fail to be JSON
        serde_json::to_vec(self).unwrap_or_default()
    }

    /// What is in the object, and what is wrong with it. What cannot be read has a fence above all that were counted.
    pub(super) fn decode(body: &[u8], key: &str, place: &str) -> Result<(Self, Option<String>)> {
        #[derive(Deserialize)]
        struct Format {
            format: u32,
        }
        if let Ok(Format { format }) = serde_json::from_slice(body)
            && format > FORMAT
        {
            let message = format!("reading the lease `{key}` in `{place}`: format {format} is newer than this `zone`");
            return Err(
                Failure::new(Exit::Setup, message).hint("use the version of `zone` that wrote it, or a later one")
            );
        }
        match serde_json::from_slice::<Self>(body) {
            Ok(record) if record.format == FORMAT => Ok((record, None)),
            Ok(record) => Ok((Self::unreadable(), Some(format!("format {} is unknown", record.format)))),
            Err(cause) => Ok((Self::unreadable(), Some(format!("it is not a lease: {cause}")))),
        }
    }

    /// The number is lost with the rest. Seconds since 1970 are more than any count of holders, and more than the last time.
    fn unreadable() -> Self {
        let now = u64::try_from(jiff::Timestamp::now().as_second()).unwrap_or(0);
        Self::new(now, None, Value::Null)
    }
}
