//! Files that are locked (flock): between two commands for as long as a future lives, and by the server for life.

use std::{
    fs::{File, OpenOptions, TryLockError},
    path::Path,
    time::Duration,
};

use crate::{Error, Progress};

/// Held until dropped; the system releases it when the process ends in any way.
#[must_use]
pub(crate) struct Lock {
    _file: File,
}

impl Lock {
    /// Takes the lock, saying `waiting` once when somebody else has it. Asks again and again instead of
    /// blocking, so that a dropped future leaves no thread behind that waits.
    pub(crate) async fn take(path: &Path, waiting: &str, progress: Progress<'_>) -> Result<Self, Error> {
        let file = open(path)?;
        let mut said = false;
        loop {
            match file.try_lock() {
                Ok(()) => return Ok(Self { _file: file }),
                Err(TryLockError::WouldBlock) => {}
                Err(TryLockError::Error(cause)) => {
                    return Err(Error::file("locking", path)(cause));
                }
            }
            if !std::mem::replace(&mut said, true) {
                progress(waiting);
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }
}

/// Whether a living process holds the lock.
pub(crate) fn is_held(path: &Path) -> Result<bool, Error> {
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(false),
        Err(cause) => return Err(Error::file("opening", path)(cause)),
    };
    // shared: two that ask at the same time must not take each other for the server
    match file.try_lock_shared() {
        Ok(()) => Ok(false),
        Err(TryLockError::WouldBlock) => Ok(true),
        Err(TryLockError::Error(cause)) => Err(Error::file("locking", path)(cause)),
    }
}

fn open(path: &Path) -> Result<File, Error> {
    OpenOptions::new().create(true).append(true).open(path).map_err(Error::file("opening", path))
}
