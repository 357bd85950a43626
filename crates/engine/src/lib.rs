//! Finding, building and driving the `pulumi` executable.
//!
//! - [`binary`]: one that is recent enough, found or built
//! - [`events`]: what the engine says while it works
//! - [`drive`]: one run of it, with our program and our provider in this process
//! - [`home`]: its own folder

pub mod binary;
pub mod drive;
pub mod events;
pub mod home;
pub mod op;
