//! Where the objects of a state are kept: one interface, two places.
//!
//! The layout is that of Pulumi's own self-managed ("DIY") backend, so plain `pulumi` reads and writes the same state. Our own
//! objects (journals, the lease) stand beside it, below [`OWN`], where plain `pulumi` never looks.
//!
//! - [`folder`]: a folder of this machine
//! - [`bucket`]: a bucket of S3
//! - [`overlay`]: one that is read only, with what is written kept in memory

pub mod bucket;
pub mod folder;
pub mod overlay;
#[cfg(test)]
mod rules;

use std::{fmt::Debug, time::Duration};

use async_trait::async_trait;

pub use self::{bucket::Bucket, folder::Folder};
use crate::error::Result;

/// Where our own objects are.
pub const OWN: &str = ".zone";

/// An object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Object {
    /// What it holds.
    pub body: Vec<u8>,
    /// Which version of it this is.
    pub version: Version,
    /// How long ago it was written, by the store's own clock.
    pub age: Duration,
}

/// A version of an object: two versions are equal when the object was not written in between. For a bucket, its ETag.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Version(pub String);

/// A version of an object that the store keeps by itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept {
    /// What the store calls it.
    pub id: String,
    /// When it was written, in seconds since 1970.
    pub at: i64,
    /// Its length in bytes.
    pub size: i64,
}

/// On which condition an object is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum If<'a> {
    /// Whatever is there.
    Always,
    /// Nothing is there.
    Absent,
    /// Exactly this version is there.
    Is(&'a Version),
}

/// What came of a conditional write.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Written {
    /// It is written, and durable; this is the new version.
    Done(Version),
    /// The condition did not hold; nothing was written.
    Refused,
}

/// A place for the objects of a state. Every write is durable when it returns.
///
/// Keys are relative, with `/` between their parts. A write that is tried again after its answer got lost is not refused for
/// having been carried out the first time.
#[async_trait]
pub trait Store: Debug + Send + Sync {
    /// The object of this key; none when there is none.
    async fn get(&self, key: &str) -> Result<Option<Object>>;

    /// Writes the object, if the condition holds.
    async fn put(&self, key: &str, body: &[u8], only: If<'_>) -> Result<Written>;

    /// Deletes the object; one that does not exist is no failure.
    async fn delete(&self, key: &str) -> Result<()>;

    /// The keys that begin with this, in order.
    async fn list(&self, prefix: &str) -> Result<Vec<String>>;

    /// The versions of an object that the store keeps by itself, the newest first; also those of an object that was deleted. A
    /// folder keeps none.
    async fn versions(&self, key: &str) -> Result<Vec<Kept>>;

    /// What a version holds, by its id; none when there is no such version.
    async fn version(&self, key: &str, id: &str) -> Result<Option<Vec<u8>>>;

    /// Appends the batch of this number, from 0, to a journal; refused when the journal has a batch of that number already,
    /// which is another one. `batch` has no line feed in it.
    async fn append(&self, journal: &str, number: u32, batch: &[u8]) -> Result<Written>;

    /// The batches of a journal in their order, from 0 to the first that is missing. What a power failure left half written,
    /// and nobody was told to be durable, is left out.
    async fn batches(&self, journal: &str) -> Result<Vec<Vec<u8>>>;

    /// The names of the journals.
    async fn journals(&self) -> Result<Vec<String>>;

    /// Deletes a journal.
    async fn forget(&self, journal: &str) -> Result<()>;

    /// Deletes a journal of another writer but for the batch of this number, which it finds taken should it come back to
    /// life. A journal that has nothing else is none: [`Self::journals`] does not name it.
    async fn forget_but(&self, journal: &str, number: u32) -> Result<()>;

    /// Whether a write takes as long as a network does.
    fn is_remote(&self) -> bool {
        false
    }

    /// What plain `pulumi` calls it, for `PULUMI_BACKEND_URL`.
    fn url(&self) -> String;

    /// What people call it.
    fn name(&self) -> String;
}
