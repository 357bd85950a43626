//! Judges the live account through the contract; knows no stack code.
//!
//! The `.feature` files beside this one are our own requirements, the same for every tenant, and part of the program: an
//! outline has a row for each thing that is configured (`Examples: every bucket`). A tenant's own acceptance, with its names
//! and numbers, comes beside them as [`Source`]s, uses the same steps, and is judged in the same run. Everything is found
//! through the published contract (SSM) and observed with AWS SDK calls that change nothing. [`run`] is all there is to call; [`Judge`] looks at
//! some rows again and again.
//!
//! A scenario has one of four outcomes ([`Outcome`]). What was not asked, not found, or not understood is never passed.
//!
//! Requirement ids: `ZONE-*` are our own: 001 dead letters, 002 hygiene of buckets, 003 the contract, 004 the network,
//! 005 user pools, 006 delivery, 007 roles of functions, 008 tags and the guardrail, 009 logs, alarms and traces, 010 who may
//! change the platform, 011 who may use a key, 012 a network that exists, 013 keys, 014 buckets, 015 event buses, 016 the
//! trail, 017 isolation, 018 to 020 what probes try. All others are a tenant's.

pub mod actions;
mod clients;
mod collector;
mod error;
pub mod evidence;
mod judge;
mod policy;
mod probe;
mod published;
mod refused;
mod report;
mod rights;
mod rows;
mod runner;
mod session;
#[expect(clippy::needless_pass_by_value, reason = "cucumber hands a step its words by value")]
mod steps;
#[cfg(test)]
mod stub;
mod suite;
mod tags;
mod target;
mod vocabulary;
mod waiver;
mod world;

pub use error::Error;
pub use judge::Judge;
pub use report::{Counts, Heard, Outcome, Report, ScenarioResult};
pub use suite::Source;
pub use target::{Access, Management, Module, Target};
pub use waiver::Waiver;

use session::Session;
use suite::Suite;
use waiver::Waivers;

/// Judges the environment that `target` names, by our own features and by the tenant's, `own`.
///
/// `today` (YYYY-MM-DD) decides which of the `waivers` still hold. `filter` keeps the scenarios whose requirement is
/// that, or whose feature or name contains it, in whatever case. Of a module, `own` are its features, and the zone's are left out. `on` hears of each result as soon as it is there, in
/// the order in which they come; the report has them in the order of the features. Where AWS may only be late, it is
/// asked again for the target's patience before a row is red.
///
/// Before anything is judged the caller must be in the target's account, and there must be a contract.
///
/// The future is not `Send` (cucumber's are not): await it where the runtime blocks on it, or in a local task.
pub async fn run(
    target: &Target,
    own: &[Source],
    waivers: &[Waiver],
    today: &str,
    filter: Option<&str>,
    mut on: impl FnMut(Heard<'_>),
) -> Result<Report, Error> {
    let suite = match &target.module {
        None => Suite::of(own, &target.zone)?,
        Some(module) => Suite::of_module(own, &target.zone, module)?,
    };
    let waivers = Waivers::new(waivers, today, &suite)?;
    let suite = suite.select(filter)?;
    let session = Session::open(target).await?;
    on(Heard::Planned { rows: suite.planned().count() });
    Ok(runner::judge(suite, session, &waivers, on).await)
}

/// How many scenarios there are for each requirement, in the order of the features.
///
/// # Errors
///
/// One of the tenant's features cannot be judged as it is written.
pub fn rows(own: &[Source], zone: &config::Zone) -> Result<Vec<(String, usize)>, Error> {
    Ok(Suite::of(own, zone)?.rows())
}
