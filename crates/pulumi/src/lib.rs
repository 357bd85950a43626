//! Pulumi's protocols: program side and provider side. `README.md` begins with a program, `examples/site/` is a whole
//! project.
//!
//! - [`value`], [`output`]: property values, and values known later
//! - [`asset`]: files and trees of files as values
//! - [`config`]: the configuration of the Pulumi stack
//! - [`program`], [`options`], [`monitor`]: what a program registers, and where it goes
//! - [`lookup`], [`stack_reference`]: what exists already, and the outputs of other Pulumi stacks
//! - [`language`], [`plugin`]: the language runtime the engine runs a program through, and an executable that serves it
//! - [`provider`]: resource types and the provider protocol
//! - [`proto`]: the wire messages

pub mod asset;
pub mod config;
pub mod language;
pub mod listen;
pub mod lookup;
pub mod monitor;
pub mod options;
pub mod output;
pub mod plugin;
pub mod program;
#[rustfmt::skip]
#[expect(missing_docs, clippy::pedantic, reason = "generated; the protocol's own documentation describes them")]
pub mod proto;
pub mod provider;
pub mod stack_reference;
pub mod urn;
pub mod value;

/// The examples of the README, compiled and run.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
pub struct Readme;

/// What a stack file needs in scope.
pub mod prelude {
    pub use crate::{
        all,
        asset::{Archive, Asset},
        config::Config,
        options::{Alias, Options, Timeouts},
        output::{Input, IntoInput, Output},
        program::{ProviderRef, Resource, Scope},
        stack_reference::StackReference,
    };
}
