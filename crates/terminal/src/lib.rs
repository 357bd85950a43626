//! How deployments, judgements and checks look: on a terminal, and as JSON lines.
//!
//! [`Output`] is the only part of this repository that prints. Each other part turns values of a library into lines:
//!
//! - [`Console`]: a deployment, of the zone or of a module: its plan, its progress, its end
//! - [`rows`]: what `verify` found; [`changes`]: what changed between two runs of it
//! - [`checks`]: what `doctor` found
//! - [`proof`]: what the guardrail does
//!
//! An object for programs is one JSON object on a line of standard output. What people read goes to standard error, unless it is
//! what was asked for.

pub mod changes;
pub mod checks;
mod console;
mod groups;
mod output;
pub mod proof;
mod report;
pub mod rows;

pub use console::Console;
pub use output::{Output, Tone, bug};
