//! What the world did wrong, as the user sees it: message, hint, and of which kind it is. Bugs of ours are panics.

use std::{
    fmt::Display,
    io::{self, ErrorKind},
    path::Path,
};

/// Of which kind a failure is; `zone` ends with this number, as README.md says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
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

/// A failure to tell the user about.
#[derive(Clone, Debug)]
pub struct Failure {
    /// What went wrong: a fragment in lower case.
    pub message: String,
    /// What to do about it.
    pub hint: Option<String>,
    /// Of which kind it is.
    pub exit: Exit,
}

/// What may fail so.
pub type Result<T> = std::result::Result<T, Failure>;

impl Failure {
    /// A failure without a hint.
    pub fn new(exit: Exit, message: impl Display) -> Self {
        Self { message: message.to_string(), hint: None, exit }
    }
    /// The same, with what to do about it.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }
    /// The same, with what to do about it where that is known.
    #[must_use]
    pub fn maybe(self, hint: Option<impl Into<String>>) -> Self {
        match hint {
            Some(hint) => self.hint(hint),
            None => self,
        }
    }
    /// `doing thing `path`: cause`, for files.
    pub fn file(doing: &str, path: &Path, cause: impl Into<io::Error>) -> Self {
        let cause = cause.into();
        let failure = Self::new(Exit::Failed, format!("{doing} `{}`: {cause}", path.display()));
        match cause.kind() {
            ErrorKind::PermissionDenied => {
                failure.hint("the user who runs `zone` has to own the files in .zone/: `ls -l` shows their owner")
            }
            ErrorKind::StorageFull | ErrorKind::QuotaExceeded => {
                failure.hint("make room on the disk, and run it again")
            }
            ErrorKind::ReadOnlyFilesystem => failure.hint("the zone's folder has to be writable"),
            _ => failure,
        }
    }
}

impl std::fmt::Display for Failure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.message)?;
        match &self.hint {
            Some(hint) => write!(f, "\nhint: {hint}"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for Failure {}

impl From<pulumi::provider::resource::Error> for Failure {
    fn from(error: pulumi::provider::resource::Error) -> Self {
        Self::new(Exit::Failed, error.message).maybe(error.hint)
    }
}

/// A number of things, as people say it: `1 bucket`, `2 buckets`.
pub fn counted(count: usize, what: &str) -> String {
    if count == 1 { format!("1 {what}") } else { format!("{count} {what}s") }
}
