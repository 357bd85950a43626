//! The verbs, one file each.

pub(crate) mod config;
pub(crate) mod contract;
pub(crate) mod decide;
pub(crate) mod destroy;
pub(crate) mod doctor;
pub(crate) mod drift;
pub(crate) mod emulator;
pub(crate) mod engine;
pub(crate) mod guardrail;
pub(crate) mod init;
pub(crate) mod module;
pub(crate) mod plan;
pub(crate) mod preview;
pub(crate) mod refresh;
pub(crate) mod state;
pub(crate) mod unlock;
pub(crate) mod up;
pub(crate) mod verify;

use std::{path::PathBuf, sync::Arc};

use ::state::{
    error::{Exit, Failure, Result},
    home::Home,
};
use deploy::session::Access;
use deploy::{Cancel, Work};
use tokio::signal::unix::{SignalKind, signal};

use terminal::Output;

/// A deployment's work, which Ctrl-C and termination end.
fn work(home: Home, zone: ::config::Zone, verb: &str, access: Access, parallel: u32) -> Result<Work> {
    let cancel = cancelled_by_signals()?;
    Ok(Work {
        zone: Arc::new(zone),
        home,
        module: None,
        executable: executable()?,
        verb: verb.to_owned(),
        access,
        parallel,
        cancel,
    })
}

/// Ctrl-C and termination say that it should end.
fn cancelled_by_signals() -> Result<Cancel> {
    let cancel = Cancel::default();
    for kind in [SignalKind::interrupt(), SignalKind::terminate()] {
        let mut stream = signal(kind).map_err(|e| Failure::new(Exit::Setup, format!("listening for signals: {e}")))?;
        let cancel = cancel.clone();
        tokio::spawn(async move {
            while stream.recv().await.is_some() {
                cancel.cancel();
            }
        });
    }
    Ok(cancel)
}

/// This executable.
fn executable() -> Result<PathBuf> {
    std::env::current_exe().map_err(|e| Failure::new(Exit::Setup, format!("asking for this executable: {e}")))
}

/// Prints variables for a shell to read.
fn export(variables: &[(String, String)], output: &Output) {
    for (name, value) in variables {
        output.data(&format!("export {name}={}", quoted(value)));
    }
}

/// As a shell reads it.
fn quoted(value: &str) -> String {
    format!("'{}'", value.replace('\'', r"'\''"))
}
