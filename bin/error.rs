//! What the world did wrong, as the user sees it: message, hint, exit code. Bugs of ours are panics, and end as [`BUG`].

use std::{
    fmt::Display,
    io::{self, ErrorKind},
    path::Path,
};

/// Exit codes; documented in README.md.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Exit {
    /// The deployment, or what it was asked, failed.
    Failed = 1,
    /// Wrong use, or a wrong configuration: nothing was started.
    Usage = 2,
    /// A tool that is needed could not be found or set up: engine, emulator.
    Setup = 3,
    /// A judgement came out against the zone: a scenario failed.
    Judged = 4,
    /// Another run holds the environment.
    Busy = 5,
    /// Stopped by the user.
    Cancelled = 130,
}

/// Exit code of a bug of ours.
pub(crate) const BUG: u8 = 70;

/// A failure to tell the user about.
#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) message: String,
    pub(crate) hint: Option<String>,
    pub(crate) exit: Exit,
}

/// What commands return.
pub(crate) type Result<T> = std::result::Result<T, Failure>;

impl Failure {
    pub(crate) fn new(exit: Exit, message: impl Display) -> Self {
        Self { message: message.to_string(), hint: None, exit }
    }
    pub(crate) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }
    /// `doing thing `path`: cause`, for files.
    pub(crate) fn file(doing: &str, path: &Path, cause: impl Into<io::Error>) -> Self {
        let cause = cause.into();
        let failure = Self::new(Exit::Failed, format!("{doing} `{}`: {cause}", path.display()));
        match cause.kind() {
            ErrorKind::PermissionDenied => {
                failure.hint("whoever runs `zone` has to own what is in .zone/: `ls -l` says who does")
            }
            ErrorKind::StorageFull | ErrorKind::QuotaExceeded => {
                failure.hint("make room on the disk, and run it again")
            }
            ErrorKind::ReadOnlyFilesystem => failure.hint("the zone's folder has to be writable"),
            _ => failure,
        }
    }
}

impl From<config::Errors> for Failure {
    fn from(errors: config::Errors) -> Self {
        Self::new(Exit::Usage, errors)
    }
}

impl From<emulator::Error> for Failure {
    fn from(error: emulator::Error) -> Self {
        let failure = Self::new(Exit::Setup, &error);
        match error.hint() {
            Some(hint) => failure.hint(hint),
            None => failure,
        }
    }
}

impl From<pulumi::engine::binary::EngineError> for Failure {
    fn from(error: pulumi::engine::binary::EngineError) -> Self {
        let failure = Self::new(Exit::Setup, &error);
        match error.hint() {
            Some(hint) => failure.hint(hint),
            None => failure,
        }
    }
}
