//! A folder of this machine.
//!
//! Conditions are looked at before the write, not with it: whoever writes holds the lock of the environment on this machine
//! (see [`crate::lock`]).

use std::{
    collections::HashMap,
    fs::{self, File, OpenOptions},
    io::{ErrorKind, Write},
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use async_trait::async_trait;

use super::{If, Kept, OWN, Object, Store, Version, Written};
use crate::{
    error::{Failure, Result},
    home,
    version::sha256,
};

/// A folder with a state in it.
#[derive(Clone, Debug)]
pub struct Folder {
    root: PathBuf,
    /// Where the journals that were written here end, so that a batch costs the same however long its journal is.
    ends: Arc<Mutex<HashMap<String, End>>>,
}

/// The end of a journal.
#[derive(Clone, Copy, Debug)]
struct End {
    batches: u32,
    length: u64,
}

impl Folder {
    /// This folder, which need not exist yet.
    pub fn new(root: &Path) -> Self {
        Self { root: root.to_owned(), ends: Arc::default() }
    }

    fn path(&self, key: &str) -> PathBuf {
        self.root.join(key)
    }

    fn journal(&self, journal: &str) -> PathBuf {
        self.root.join(OWN).join("journal").join(format!("{journal}.jsonl"))
    }

    fn read(&self, key: &str) -> Result<Option<Object>> {
        let path = self.path(key);
        let body = match fs::read(&path) {
            Ok(body) => body,
            Err(e) if matches!(e.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => return Ok(None),
            Err(e) => return Err(Failure::file("reading", &path, e)),
        };
        let written = fs::metadata(&path).and_then(|about| about.modified());
        let age = written.ok().and_then(|at| at.elapsed().ok()).unwrap_or(Duration::ZERO);
        Ok(Some(Object { version: version(&body), body, age }))
    }
}

fn version(body: &[u8]) -> Version {
    Version(sha256(body))
}

/// Writes beside it, and moves it there: a reader sees the former or the new, whole.
fn replace(path: &Path, body: &[u8]) -> Result<()> {
    let dir = path.parent().unwrap_or(path);
    home::make(dir)?;
    let write = || {
        let mut file = tempfile::Builder::new().prefix(".part-").tempfile_in(dir)?;
        file.write_all(body)?;
        file.as_file().sync_data()?;
        file.persist(path).map_err(|e| e.error)?;
        // the name is durable with its folder
        File::open(dir)?.sync_data()
    };
    write().map_err(|e| Failure::file("writing", path, e))
}

/// The batches of a journal's file, and how many bytes of it are whole batches.
fn whole(text: &[u8]) -> (Vec<Vec<u8>>, usize) {
    let end = text.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
    let lines = text[..end].split_inclusive(|byte| *byte == b'\n');
    (lines.map(|line| line[..line.len() - 1].to_vec()).collect(), end)
}

#[async_trait]
impl Store for Folder {
    async fn get(&self, key: &str) -> Result<Option<Object>> {
        self.read(key)
    }

    async fn put(&self, key: &str, body: &[u8], only: If<'_>) -> Result<Written> {
        let holds = match only {
            If::Always => true,
            If::Absent => self.read(key)?.is_none(),
            If::Is(version) => self.read(key)?.is_some_and(|there| there.version == *version),
        };
        if !holds {
            return Ok(Written::Refused);
        }
        replace(&self.path(key), body)?;
        Ok(Written::Done(version(body)))
    }

    async fn delete(&self, key: &str) -> Result<()> {
        let path = self.path(key);
        match fs::remove_file(&path) {
            Err(e) if e.kind() != ErrorKind::NotFound => Err(Failure::file("deleting", &path, e)),
            _ => Ok(()),
        }
    }

    async fn list(&self, prefix: &str) -> Result<Vec<String>> {
        let (dir, _) = prefix.rsplit_once('/').unwrap_or_default();
        let (mut open, mut keys) = (vec![self.path(dir)], Vec::new());
        while let Some(dir) = open.pop() {
            let entries = match fs::read_dir(&dir) {
                Ok(entries) => entries,
                Err(e) if matches!(e.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => continue,
                Err(e) => return Err(Failure::file("listing", &dir, e)),
            };
            for entry in entries {
                let entry = entry.map_err(|e| Failure::file("listing", &dir, e))?;
                let path = entry.path();
                if path.is_dir() {
                    open.push(path);
                } else if let Ok(key) = path.strip_prefix(&self.root)
                    && !entry.file_name().to_string_lossy().starts_with(".part-")
                {
                    keys.push(key.to_string_lossy().into_owned());
                }
            }
        }
        keys.retain(|key| key.starts_with(prefix));
        keys.sort();
        Ok(keys)
    }

    async fn versions(&self, _: &str) -> Result<Vec<Kept>> {
        Ok(Vec::new())
    }

    async fn version(&self, _: &str, _: &str) -> Result<Option<Vec<u8>>> {
        Ok(None)
    }

    async fn append(&self, journal: &str, number: u32, batch: &[u8]) -> Result<Written> {
        let path = self.journal(journal);
        let mut files = self.ends.lock().unwrap_or_else(PoisonError::into_inner);
        let failed = |e| Failure::file("writing the journal", &path, e);
        let dir = path.parent().unwrap_or(&path);
        home::make(dir)?;
        let mut file = OpenOptions::new().read(true).append(true).create(true).open(&path).map_err(failed)?;
        let before = file.metadata().map_err(failed)?.len();
        let known = files.get(journal).filter(|end| end.length == before && end.batches == number);
        if known.is_none() {
            let text = fs::read(&path).map_err(failed)?;
            let (batches, end) = whole(&text);
            match batches.get(usize::try_from(number).unwrap_or(usize::MAX)) {
                Some(there) if there == batch => return Ok(Written::Done(Version(number.to_string()))),
                Some(_) => return Ok(Written::Refused),
                None if batches.len() < usize::try_from(number).unwrap_or(usize::MAX) => {
                    let missing = ErrorKind::InvalidData;
                    let cause = format!("batch {number} comes after {} of them", batches.len());
                    return Err(failed(std::io::Error::new(missing, cause)));
                }
                // half a line, which a power failure left, would make this one unreadable
                None => file.set_len(u64::try_from(end).unwrap_or(before)).map_err(failed)?,
            }
        }
        let before = file.metadata().map_err(failed)?.len();
        let line = [batch, b"\n"].concat();
        let written = file.write_all(&line).and_then(|()| file.sync_data());
        if let Err(error) = written {
            files.remove(journal);
            // half a line would make the next one unreadable
            file.set_len(before).map_err(failed)?;
            return Err(failed(error));
        }
        if number == 0 {
            File::open(dir).and_then(|dir| dir.sync_data()).map_err(failed)?;
        }
        let length = before + u64::try_from(line.len()).unwrap_or(0);
        files.insert(journal.to_owned(), End { batches: number + 1, length });
        Ok(Written::Done(Version(number.to_string())))
    }

    async fn batches(&self, journal: &str) -> Result<Vec<Vec<u8>>> {
        let path = self.journal(journal);
        match fs::read(&path) {
            Ok(text) => Ok(whole(&text).0),
            Err(e) if e.kind() == ErrorKind::NotFound => Ok(Vec::new()),
            Err(e) => Err(Failure::file("reading the journal", &path, e)),
        }
    }

    async fn journals(&self) -> Result<Vec<String>> {
        let prefix = format!("{OWN}/journal/");
        let keys = self.list(&prefix).await?;
        let names = keys.iter().filter_map(|key| key.strip_prefix(&prefix)?.strip_suffix(".jsonl"));
        Ok(names.map(str::to_owned).collect())
    }

    async fn forget(&self, journal: &str) -> Result<()> {
        self.delete(&format!("{OWN}/journal/{journal}.jsonl")).await
    }

    async fn forget_but(&self, journal: &str, _number: u32) -> Result<()> {
        // a writer that was suspended held the lock of this machine all the while: nobody took over from it
        self.forget(journal).await
    }

    fn url(&self) -> String {
        // no attributes beside each file: a kill leaves them half written, and the engine then cannot read the state
        format!("file://{}?metadata=skip", self.root.display())
    }

    fn name(&self) -> String {
        self.root.display().to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_a_power_failure_left_is_no_part_of_the_next_batch() {
        let dir = tempfile::tempdir().expect("a folder");
        let file = dir.path().join(".zone/journal/run.jsonl");
        let before = Folder::new(dir.path());
        for number in 0..2 {
            before.append("run", number, b"[1]").await.expect("a batch");
        }
        fs::write(&file, b"[1]\n[1]\n[\"ha").expect("half a batch");
        let after = Folder::new(dir.path());
        assert_eq!(after.batches("run").await.expect("a journal"), [b"[1]", b"[1]"]);
        after.append("run", 2, b"[2]").await.expect("a batch");
        // the one that was there before the power failed sees it, too
        before.append("run", 3, b"[3]").await.expect("a batch");
        assert_eq!(fs::read(&file).expect("the file"), b"[1]\n[1]\n[2]\n[3]\n");
    }

    #[tokio::test]
    async fn a_batch_that_leaves_a_gap_is_refused() {
        let dir = tempfile::tempdir().expect("a folder");
        let folder = Folder::new(dir.path());
        let failure = folder.append("run", 1, b"[1]").await.expect_err("there is no batch 0");
        assert!(failure.message.ends_with("batch 1 comes after 0 of them"), "{failure}");
        assert_eq!(folder.batches("run").await.expect("a journal"), Vec::<Vec<u8>>::new());
        folder.append("run", 0, b"[0]").await.expect("a batch");
        folder.append("run", 1, b"[1]").await.expect("a batch");
        assert_eq!(folder.batches("run").await.expect("a journal"), [b"[0]", b"[1]"]);
    }
}
