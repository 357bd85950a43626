//! The provider side: resource types as Rust structs, and the protocol that serves them.
//!
//! - [`schema`]: what a type looks like, derived; [`check`](mod@check), [`diff`](mod@diff): what follows from it
//! - [`resource`]: what a resource type has to do
//! - [`adopt`]: what exists already becomes what the program says
//! - [`preview`]: what a program's creates would come to, without an engine
//! - [`server`]: one configured instance behind one port
//! - [`broker`]: many instances in one process, one port each, and the small program that asks for them

pub mod adopt;
pub mod broker;
pub mod check;
pub mod diff;
mod erased;
mod error;
pub mod given;
pub mod log;
pub mod preview;
pub mod resource;
pub mod schema;
pub mod server;
