//! One change at a time of what takes one at a time.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex as Lock, PoisonError},
};

use tokio::sync::{Mutex, OwnedMutexGuard};

/// Whose turn it is, by name. The number of names is small, so no entry is removed.
pub(crate) struct Turns(Lock<Option<HashMap<String, Arc<Mutex<()>>>>>);

impl Turns {
    /// Nobody's yet.
    pub(crate) const fn new() -> Self {
        Self(Lock::new(None))
    }

    /// Waits for the turn to change what has this name. The turn ends when the guard is dropped.
    pub(crate) async fn of(&self, name: &str) -> OwnedMutexGuard<()> {
        let turn = {
            let mut turns = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            turns.get_or_insert_default().entry(name.to_owned()).or_default().clone()
        };
        turn.lock_owned().await
    }
}
