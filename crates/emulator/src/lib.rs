//! The emulator of AWS that a local zone is deployed to: installing, starting, finding and stopping it.
//!
//! It is moto (pinned with all its packages by `tools/emulator/requirements.txt`), served by
//! `tools/emulator/serve.py` as a process of its own that outlives the command that started it;
//! `tools/emulator/missing.py` adds what moto lacks or answers otherwise than AWS, and `tools/emulator/gate.py` refuses every
//! request that does not fit AWS's own service model, in the service's words; what did not fit is noted in
//! `violations.jsonl`, and `ZONE_MODEL_GATE=off` switches the gate off. `tools/emulator/authorize.py` refuses what the policies
//! that were made in it do not allow, as AWS does, where [`Places::decider`] names the executable that judges; what was denied is
//! noted in `authorizations.jsonl`, and `ZONE_AUTHORIZATION_GATE=off` switches it off. It keeps everything in memory: when it
//! ends, all that was made in it is gone, and the next one has another [`Emulator::instance`].
//!
//! Two directories ([`Places`]): `tools` holds the Python environment and may serve many zones; `run` holds
//! `emulator.json` (where the running one is), `emulator.lock`, `emulator.log`, `violations.jsonl` and `authorizations.jsonl`, and
//! is one zone's.

mod error;
#[cfg(test)]
mod fake;
mod health;
mod install;
mod lock;
mod python;
mod server;

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

pub use error::Error;
pub use install::{Ready, examine, install};
pub use server::{start, start_for_tests, status, stop};

/// A running emulator.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Emulator {
    /// URL for every AWS service, such as `http://127.0.0.1:41234`; S3 needs path style.
    pub endpoint: String,
    /// Process id of the server.
    pub pid: u32,
    /// Random id, new at every start: one that differs from last time has forgotten everything.
    pub instance: String,
    /// The accounts of its organization.
    pub accounts: Accounts,
    /// Name of the role to assume in the member account, with any access key.
    pub role: String,
}

/// The accounts of the emulator's organization.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Accounts {
    /// The account that was asked for at [`start`], joined to the organization.
    pub member: String,
    /// The organization's management account: where any unknown access key lands.
    pub management: String,
}

/// Where the emulator lives on disk; directories that do not exist are made.
#[derive(Debug, Clone)]
pub struct Places {
    /// Holds the Python environment; several zones may share it.
    pub tools: PathBuf,
    /// Holds `emulator.json`, `emulator.lock` and `emulator.log`; one per zone.
    pub run: PathBuf,
    /// The executable `zone`, which an emulator that is started asks whether a call is allowed. Without one, every call is.
    pub decider: Option<PathBuf>,
}

/// What is told of progress, one line at a time, without a full stop.
pub type Progress<'a> = &'a (dyn Fn(&str) + Send + Sync);
