//! Where the Pulumi state of an environment is kept, and who works on it.
//!
//! - [`home`]: the folder of a zone, and what is kept there
//! - [`mod@file`]: the state, in files
//! - [`lock`]: one run at a time, and what the last one left behind
//! - [`process`]: the engine's processes on this machine
//! - [`store`]: a folder or a bucket, and what is written there
//! - [`version`]: which state it is
//! - [`error`]: what went wrong, as a user reads it
//!
//! Knows the engine's files, and neither AWS nor a zone.

pub mod error;
pub mod file;
pub mod home;
pub mod lock;
pub mod process;
pub mod store;
pub mod version;

/// What is told while something is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Message<'a> {
    /// What is being done at the moment; the next one takes its place.
    Now(&'a str),
    /// A line.
    Line(&'a str),
    /// A line that a user should not miss.
    Note(&'a str),
}

/// Who is told.
pub type Tell<'a> = &'a (dyn Fn(Message<'_>) + Send + Sync);
