//! A store that is read, and what is written over it in memory: a preview folds what an interrupted run left, and makes a
//! stack where there is none, without a right to write.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use async_trait::async_trait;

use super::{If, Kept, Object, Store, Version, Written};
use crate::{error::Result, version::sha256};

/// A store, and what is written over it until dropped.
#[derive(Debug)]
pub struct Overlay {
    under: Arc<dyn Store>,
    over: Mutex<Over>,
}

#[derive(Debug, Default)]
struct Over {
    /// Objects by key; none where one was deleted.
    objects: BTreeMap<String, Option<Vec<u8>>>,
    /// Journals by name, whole; none where one was deleted.
    journals: BTreeMap<String, Option<Vec<Vec<u8>>>>,
}

impl Overlay {
    /// Over this store, with nothing written.
    pub fn new(under: Arc<dyn Store>) -> Self {
        Self { under, over: Mutex::default() }
    }

    /// Reads an object, which from now on stays as it is at this moment.
    pub async fn keep(&self, key: &str) -> Result<()> {
        if let Some(object) = self.get(key).await? {
            self.over().objects.insert(key.to_owned(), Some(object.body));
        }
        Ok(())
    }

    fn over(&self) -> MutexGuard<'_, Over> {
        self.over.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl Store for Overlay {
    async fn get(&self, key: &str) -> Result<Option<Object>> {
        if let Some(written) = self.over().objects.get(key) {
            let object =
                |body: &Vec<u8>| Object { body: body.clone(), version: Version(sha256(body)), age: Duration::ZERO };
            return Ok(written.as_ref().map(object));
        }
        self.under.get(key).await
    }

    async fn put(&self, key: &str, body: &[u8], only: If<'_>) -> Result<Written> {
        let holds = match only {
            If::Always => true,
            If::Absent => self.get(key).await?.is_none(),
            If::Is(version) => self.get(key).await?.is_some_and(|there| there.version == *version),
        };
        if !holds {
            return Ok(Written::Refused);
        }
        self.over().objects.insert(key.to_owned(), Some(body.to_vec()));
        Ok(Written::Done(Version(sha256(body))))
    }

    async fn delete(&self, key: &str) -> Result<()> {
        self.over().objects.insert(key.to_owned(), None);
        Ok(())
    }

    async fn list(&self, prefix: &str) -> Result<Vec<String>> {
        let mut keys = self.under.list(prefix).await?;
        let over = self.over();
        keys.retain(|key| !over.objects.contains_key(key));
        let written = over.objects.iter().filter(|(key, body)| key.starts_with(prefix) && body.is_some());
        keys.extend(written.map(|(key, _)| key.clone()));
        keys.sort();
        Ok(keys)
    }

    async fn versions(&self, key: &str) -> Result<Vec<Kept>> {
        self.under.versions(key).await
    }

    async fn version(&self, key: &str, id: &str) -> Result<Option<Vec<u8>>> {
        self.under.version(key, id).await
    }

    async fn append(&self, journal: &str, number: u32, batch: &[u8]) -> Result<Written> {
        let mut batches = self.batches(journal).await?;
        if usize::try_from(number) != Ok(batches.len()) {
            return Ok(Written::Refused);
        }
        batches.push(batch.to_vec());
        self.over().journals.insert(journal.to_owned(), Some(batches));
        Ok(Written::Done(Version(number.to_string())))
    }

    async fn batches(&self, journal: &str) -> Result<Vec<Vec<u8>>> {
        if let Some(batches) = self.over().journals.get(journal) {
            return Ok(batches.clone().unwrap_or_default());
        }
        let batches = self.under.batches(journal).await?;
        if !batches.is_empty() {
            // a run that is at work adds to it: what was read once is what is folded, or whoever reads would never be done
            self.over().journals.insert(journal.to_owned(), Some(batches.clone()));
        }
        Ok(batches)
    }

    async fn journals(&self) -> Result<Vec<String>> {
        let mut names = self.under.journals().await?;
        let over = self.over();
        names.retain(|name| !over.journals.contains_key(name));
        names.extend(over.journals.iter().filter(|(_, batches)| batches.is_some()).map(|(name, _)| name.clone()));
        names.sort();
        Ok(names)
    }

    async fn forget(&self, journal: &str) -> Result<()> {
        self.over().journals.insert(journal.to_owned(), None);
        Ok(())
    }

    async fn forget_but(&self, journal: &str, _number: u32) -> Result<()> {
        self.forget(journal).await
    }

    fn is_remote(&self) -> bool {
        self.under.is_remote()
    }

    fn url(&self) -> String {
        self.under.url()
    }

    fn name(&self) -> String {
        self.under.name()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::folder::Folder;

    #[tokio::test]
    async fn what_is_written_over_it_is_read_and_the_store_stays_as_it_was() {
        let dir = tempfile::tempdir().expect("a folder");
        let under = Arc::new(Folder::new(dir.path()));
        under.put("a", b"1", If::Always).await.expect("written");
        under.append("j", 0, b"head").await.expect("written");
        let before = under.list("").await.expect("a list");
        let over = Overlay::new(Arc::clone(&under) as Arc<dyn Store>);
        let there = over.get("a").await.expect("a read").expect("an object");
        assert_eq!(over.put("a", b"2", If::Absent).await.expect("an answer"), Written::Refused);
        assert!(matches!(over.put("a", b"2", If::Is(&there.version)).await.expect("an answer"), Written::Done(_)));
        assert_eq!(over.get("a").await.expect("a read").expect("an object").body, b"2");
        over.put("b", b"3", If::Absent).await.expect("an answer");
        over.delete("a").await.expect("deleted");
        assert_eq!(over.list("").await.expect("a list"), [".zone/journal/j.jsonl", "b"]);
        assert_eq!(over.append("j", 0, b"other").await.expect("an answer"), Written::Refused);
        over.append("j", 1, b"seal").await.expect("an answer");
        assert_eq!(over.batches("j").await.expect("batches").len(), 2);
        over.forget("j").await.expect("forgotten");
        assert!(over.journals().await.expect("names").is_empty());
        assert_eq!(under.list("").await.expect("a list"), before);
        assert_eq!(under.batches("j").await.expect("batches").len(), 1);
    }

    #[tokio::test]
    async fn what_is_kept_does_not_change_under_a_reader() {
        let dir = tempfile::tempdir().expect("a folder");
        let under = Arc::new(Folder::new(dir.path()));
        under.put("a", b"1", If::Always).await.expect("written");
        let over = Overlay::new(Arc::clone(&under) as Arc<dyn Store>);
        over.keep("a").await.expect("kept");
        over.keep("b").await.expect("nothing to keep");
        for key in ["a", "b"] {
            under.put(key, b"2", If::Always).await.expect("written");
        }
        let read = async |key| over.get(key).await.expect("a read").expect("an object").body;
        assert_eq!((read("a").await, read("b").await), (b"1".to_vec(), b"2".to_vec()));
    }

    /// Whoever reads while a run adds to its journal reads what was there, and has an end.
    #[tokio::test]
    async fn a_journal_that_grows_is_read_as_it_was_first_seen() {
        let dir = tempfile::tempdir().expect("a folder");
        let under = Arc::new(Folder::new(dir.path()));
        under.append("j", 0, b"head").await.expect("written");
        let over = Overlay::new(Arc::clone(&under) as Arc<dyn Store>);
        assert_eq!(over.batches("j").await.expect("batches").len(), 1);
        under.append("j", 1, b"more").await.expect("written");
        assert_eq!(over.batches("j").await.expect("batches").len(), 1);
        assert!(matches!(over.append("j", 1, b"seal").await.expect("an answer"), Written::Done(_)));
        assert_eq!(over.batches("j").await.expect("batches"), [b"head".to_vec(), b"seal".to_vec()]);
        assert_eq!(under.batches("j").await.expect("batches"), [b"head".to_vec(), b"more".to_vec()]);
        assert_eq!(over.batches("none").await.expect("batches").len(), 0);
        assert_eq!(over.journals().await.expect("names"), ["j"]);
    }
}
