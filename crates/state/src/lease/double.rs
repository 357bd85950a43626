//! A store for the tests of the lease.

use std::{
    collections::BTreeMap,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicU64, Ordering::SeqCst},
    },
    time::Duration,
};

use async_trait::async_trait;
use tokio::time::timeout;

use crate::{
    error::{Exit, Failure, Result},
    store::{If, Kept, Object, Store, Version, Written},
};

/// A store in memory, whose clock the test sets, and whose writes fail for as long as the test wants.
#[derive(Debug, Default)]
pub(super) struct Double {
    objects: Mutex<BTreeMap<String, (Vec<u8>, u64)>>,
    now: AtomicU64,
    /// How many writes were carried out.
    pub(super) writes: AtomicU64,
    /// How many of the next writes fail.
    pub(super) cut: AtomicU64,
    /// How many of the next writes are carried out, and then never answered.
    pub(super) silent: AtomicU64,
}

fn version(body: &[u8]) -> Version {
    Version(String::from_utf8_lossy(body).into_owned())
}

fn count_down(number: &AtomicU64) -> bool {
    number.fetch_update(SeqCst, SeqCst, |left| left.checked_sub(1)).is_ok()
}

#[async_trait]
impl Store for Double {
    async fn get(&self, key: &str) -> Result<Option<Object>> {
        let objects = self.objects.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(objects.get(key).map(|(body, at)| Object {
            body: body.clone(),
            version: version(body),
            age: Duration::from_secs(self.now.load(SeqCst) - at),
        }))
    }
    async fn put(&self, key: &str, body: &[u8], only: If<'_>) -> Result<Written> {
        if count_down(&self.cut) {
            return Err(Failure::new(Exit::Failed, "no network"));
        }
        let written = {
            let mut objects = self.objects.lock().unwrap_or_else(PoisonError::into_inner);
            let there = objects.get(key).map(|(body, _)| version(body));
            let holds = match only {
                If::Always => true,
                If::Absent => there.is_none(),
                If::Is(version) => there.as_ref() == Some(version),
            };
            if holds {
                objects.insert(key.to_owned(), (body.to_vec(), self.now.load(SeqCst)));
                self.writes.fetch_add(1, SeqCst);
                Written::Done(version(body))
            } else {
                Written::Refused
            }
        };
        if count_down(&self.silent) {
            std::future::pending::<()>().await;
        }
        Ok(written)
    }
    async fn delete(&self, key: &str) -> Result<()> {
        self.objects.lock().unwrap_or_else(PoisonError::into_inner).remove(key);
        Ok(())
    }
    async fn list(&self, _: &str) -> Result<Vec<String>> {
        Ok(self.objects.lock().unwrap_or_else(PoisonError::into_inner).keys().cloned().collect())
    }
    async fn append(&self, journal: &str, number: u32, batch: &[u8]) -> Result<Written> {
        self.put(&format!("{journal}/{number}"), batch, If::Absent).await
    }
    async fn batches(&self, _: &str) -> Result<Vec<Vec<u8>>> {
        Ok(Vec::new())
    }
    async fn journals(&self) -> Result<Vec<String>> {
        Ok(Vec::new())
    }
    async fn versions(&self, _: &str) -> Result<Vec<Kept>> {
        Ok(Vec::new())
    }
    async fn version(&self, _: &str, _: &str) -> Result<Option<Vec<u8>>> {
        Ok(None)
    }
    async fn forget_but(&self, journal: &str, _number: u32) -> Result<()> {
        self.forget(journal).await
    }

    async fn forget(&self, _: &str) -> Result<()> {
        Ok(())
    }
    fn url(&self) -> String {
        "memory://".to_owned()
    }
    fn name(&self) -> String {
        "memory".to_owned()
    }
}

impl Double {
    /// Lets its clock go on.
    pub(super) fn wait(&self, seconds: u64) {
        self.now.fetch_add(seconds, SeqCst);
    }

    /// Waits until this many more writes were carried out.
    pub(super) async fn written(&self, more: u64) {
        let until = self.writes.load(SeqCst) + more;
        let written = async {
            while self.writes.load(SeqCst) < until {
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
        };
        timeout(Duration::from_secs(30), written).await.expect("it is written");
    }
}
