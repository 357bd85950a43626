//! What the world can do wrong to an emulator, and the way out of each.

use std::{io, path::PathBuf};

/// Why the emulator could not be installed, started, found or stopped. [`Error::hint`] is the way out.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// No Python of the needed version.
    #[error("finding Python for the emulator: {cause}")]
    Python {
        /// What was tried.
        cause: String,
    },
    /// `python -m venv` failed.
    #[error("making the emulator's Python environment in `{}`: {cause}", place.display())]
    Environment {
        /// Where it was made.
        place: PathBuf,
        /// The last lines it printed.
        cause: String,
    },
    /// `pip install` failed.
    #[error("installing the emulator's packages into `{}`: {cause}", place.display())]
    Packages {
        /// The Python environment.
        place: PathBuf,
        /// The last lines it printed.
        cause: String,
    },
    /// The account id given is none.
    #[error("starting the emulator for account `{member}`: an account id is 12 digits")]
    Member {
        /// What was given.
        member: String,
    },
    /// An emulator runs in this place, but with another member account.
    #[error("starting the emulator for account {asked}: the one running (pid {pid}) has account {running}")]
    OtherMember {
        /// The account asked for.
        asked: String,
        /// The account of the running one.
        running: String,
        /// Process id of the running one.
        pid: u32,
    },
    /// The server ended, or did not answer in time.
    #[error("starting the emulator for account {member}: {cause}")]
    Start {
        /// The account asked for.
        member: String,
        /// What happened and the last lines of its log.
        cause: String,
        /// Its whole log.
        log: PathBuf,
    },
    /// The process lives but does not answer.
    #[error("asking the emulator at {endpoint} (pid {pid}): {cause}")]
    Silent {
        /// Where it was asked.
        endpoint: String,
        /// Its process id.
        pid: u32,
        /// How it failed to answer.
        cause: String,
    },
    /// The process did not end.
    #[error("stopping the emulator (pid {pid}): {cause}")]
    Stop {
        /// Its process id.
        pid: u32,
        /// Why.
        cause: String,
    },
    /// A file or directory of ours.
    #[error("{doing} `{}`: {cause}", path.display())]
    File {
        /// A gerund: reading, writing ...
        doing: &'static str,
        /// Which.
        path: PathBuf,
        /// The system's reason.
        cause: io::Error,
    },
}

const ENDPOINT: &str = "set the endpoint of a server that runs elsewhere in config/local.toml, `[emulator] endpoint`";

impl Error {
    /// The way out, for the line that begins with `hint:`.
    pub fn hint(&self) -> Option<String> {
        Some(match self {
            Self::Python { .. } => format!(
                "install Python 3.10 or newer from your system's packages or python.org, or name one in ZONE_PYTHON; or {ENDPOINT}"
            ),
            Self::Environment { .. } => format!(
                "the module venv may be a package of its own (python3-venv on Debian and Ubuntu); or name another Python in ZONE_PYTHON; or {ENDPOINT}"
            ),
            Self::Packages { .. } => {
                format!("check the network and pip's settings (its index, a proxy, certificates); or {ENDPOINT}")
            }
            Self::Member { .. } => "take the account id of config/local.toml".to_owned(),
            Self::OtherMember { .. } => "stop the running one first; all that was made in it is lost then".to_owned(),
            Self::Start { log, .. } => format!("its whole log is `{}`", log.display()),
            Self::Silent { .. } => "stop it and start another; all that was made in it is lost then".to_owned(),
            Self::Stop { pid, .. } => format!("end it yourself: kill -9 {pid}"),
            Self::File { .. } => return None,
        })
    }

    /// For `map_err`: what was being done with which file.
    pub(crate) fn file(doing: &'static str, path: impl Into<PathBuf>) -> impl FnOnce(io::Error) -> Self {
        let path = path.into();
        move |cause| Self::File { doing, path, cause }
    }
}

/// The last lines of what a program printed, each on a line of its own, indented.
pub(crate) fn tail(text: &str, lines: usize) -> String {
    let all: Vec<&str> = text.lines().map(str::trim_end).filter(|line| !line.is_empty()).collect();
    let mut tail = String::new();
    for line in &all[all.len().saturating_sub(lines)..] {
        tail.push_str("\n  ");
        tail.push_str(line);
    }
    tail
}
