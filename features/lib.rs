//! Judges the live account through the contract; knows no stack code.
//!
//! The `.feature` files beside this one are the requirements in the auditors' words, and part of the program, so that it
//! judges away from the repository too. Everything is found through the published contract (SSM) and observed with AWS
//! SDK calls that change nothing. [`run`] is all there is to call.
//!
//! A scenario has one of four outcomes ([`Outcome`]). What was not asked, not found, or not understood is never passed.
//!
//! Requirement ids: `FR-*`, `GOV-*` and `DT-*` are the design's (MOD-104); `ZONE-*` are our own decisions: 001 dead letters,
//! 002 hygiene of buckets, 003 the contract, 004 the network, 005 user pools, 006 delivery, 007 least privilege, 008 the
//! guardrail and all six tags, 009 logs, alarms and traces, 010 who may change the platform, 011 who may use a key.

pub mod actions;
mod clients;
mod collector;
mod error;
mod policy;
mod published;
mod refused;
mod report;
mod rights;
mod runner;
mod session;
#[expect(clippy::needless_pass_by_value, reason = "cucumber hands a step its words by value")]
mod steps;
#[cfg(test)]
mod stub;
mod suite;
mod tags;
mod target;
mod waiver;
mod world;

pub use error::Error;
pub use report::{Counts, Heard, Outcome, Report, ScenarioResult};
pub use target::{Access, Expected, Management, Target};
pub use waiver::Waiver;

use session::Session;
use suite::Suite;
use waiver::Waivers;

/// Judges the environment that `target` names.
///
/// `today` (YYYY-MM-DD) decides which of the `waivers` still hold. `filter` keeps the scenarios whose requirement is
/// that, or whose feature or name contains it, in whatever case. `on` hears of each result as soon as it is there, in
/// the order in which they come; the report has them in the order of the features. Where AWS may only be late, it is
/// asked again for the target's patience before a row is red.
///
/// Before anything is judged the caller must be in the target's account, and there must be a contract.
///
/// The future is not `Send` (cucumber's are not): await it where the runtime blocks on it, or in a local task.
pub async fn run(
    target: &Target,
    waivers: &[Waiver],
    today: &str,
    filter: Option<&str>,
    on: impl FnMut(Heard<'_>),
) -> Result<Report, Error> {
    let suite = Suite::shipped();
    let waivers = Waivers::new(waivers, today, &suite)?;
    let suite = suite.select(filter)?;
    let session = Session::open(target).await?;
    Ok(runner::judge(suite, session, &waivers, on).await)
}

/// How many scenarios the shipped features have for each requirement, in the order of the features.
pub fn rows() -> Vec<(String, usize)> {
    Suite::shipped().rows()
}
