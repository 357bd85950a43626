//! Where the Pulumi state of an environment is kept, and who works on it.
//!
//! - [`home`]: the folder of a zone, and what is kept there
//! - [`store`]: a folder or a bucket, and how objects are written there; [`transfer`]: from one to another
//! - [`stack`]: checkpoint and history, in the layout of Pulumi's self-managed backend
//! - [`deployment`], [`document`], [`contents`]: what a checkpoint holds; [`difference`]: between two of them
//! - [`secrets`]: what encrypts its secrets
//! - [`journal`], [`replay`]: what the engine reports of its steps, and how it becomes a checkpoint
//! - [`service`]: what the engine talks to while it works
//! - [`subject`]: what a state is of, a zone or a module
//! - [`environment`], [`open`]: the state of an environment, at rest and while a run works on it
//! - [`lock`], [`lease`], [`claim`]: one run at a time, on this machine, on all machines, and against plain `pulumi`
//! - [`process`]: whether a process is an engine
//! - [`version`]: which state it is
//! - [`error`]: what went wrong, as a user reads it
//!
//! Knows the engine's files and S3, and neither AWS's resource types nor a zone.

pub mod claim;
pub mod contents;
pub mod deployment;
pub mod difference;
pub mod document;
pub mod environment;
pub mod error;
pub mod home;
pub mod journal;
pub mod lease;
pub mod lock;
pub mod open;
pub mod process;
pub mod replay;
pub mod secrets;
pub mod service;
pub mod stack;
pub mod store;
pub mod subject;
pub mod transfer;
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
