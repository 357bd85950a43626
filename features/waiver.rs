//! Failures that somebody answers for, until a date.

use config::Zone;
use serde::Serialize;

use crate::{
    error::Error,
    report::Outcome,
    suite::{Planned, Suite},
};

/// Turns a failure of a requirement into [`Outcome::Waived`]; nothing else does it touch.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Waiver {
    /// The requirement: `FR-417`.
    pub requirement: String,
    /// One scenario of it, by its whole name; `None` waives them all.
    pub scenario: Option<String>,
    /// Why, for the report.
    pub reason: String,
    /// The last day on which it holds, YYYY-MM-DD.
    pub until: String,
    /// Who answers for it, for the report.
    pub approved_by: String,
}

impl Waiver {
    /// Those of a configuration.
    pub fn all(zone: &Zone) -> Vec<Self> {
        let waiver = |waiver: &config::Waiver| Self {
            requirement: waiver.requirement.clone(),
            scenario: waiver.scenario.clone(),
            reason: waiver.reason.clone(),
            until: waiver.until.to_string(),
            approved_by: waiver.approved_by.clone(),
        };
        zone.waivers.iter().map(waiver).collect()
    }

    fn names(&self, planned: &Planned) -> bool {
        self.requirement == planned.requirement
            && self.scenario.as_ref().is_none_or(|scenario| *scenario == planned.name)
    }
}

/// The waivers of one run, found to be well-formed, and the day they are held against.
#[derive(Debug)]
pub(crate) struct Waivers {
    waivers: Vec<Waiver>,
    today: String,
}

impl Waivers {
    /// Refuses what cannot be meant: no reason, no date, or a scenario that is not there (renamed, or misspelt: the one
    /// who wrote it believes that something is waived).
    pub(crate) fn new(waivers: &[Waiver], today: &str, suite: &Suite) -> Result<Self, Error> {
        if !is_date(today) {
            return Err(Error::Today(today.to_owned()));
        }
        for waiver in waivers {
            let problem = if waiver.reason.trim().is_empty() {
                "it gives no reason".to_owned()
            } else if !is_date(&waiver.until) {
                format!("its end `{}` is not of the form YYYY-MM-DD", waiver.until)
            } else if !suite.planned().any(|planned| waiver.names(planned)) {
                match &waiver.scenario {
                    Some(scenario) => format!("it has no scenario `{scenario}`"),
                    None => "there is no such requirement".to_owned(),
                }
            } else {
                continue;
            };
            return Err(Error::Waiver { requirement: waiver.requirement.clone(), problem });
        }
        Ok(Self { waivers: waivers.to_vec(), today: today.to_owned() })
    }

    /// What a failure of `planned` becomes: waived while a waiver holds, and otherwise failed, with a word about the
    /// waiver that no longer does. Last comes that waiver.
    pub(crate) fn apply(&self, planned: &Planned, failure: String) -> (Outcome, String, Option<Waiver>) {
        // dates of this form sort as text
        let (live, expired): (Vec<_>, Vec<_>) =
            self.waivers.iter().filter(|waiver| waiver.names(planned)).partition(|waiver| self.today <= waiver.until);
        let latest = |waivers: Vec<&Waiver>| waivers.into_iter().max_by_key(|waiver| waiver.until.clone()).cloned();
        if let Some(waiver) = latest(live) {
            let reason = format!("{failure}; waived until {}: {}", waiver.until, waiver.reason);
            return (Outcome::Waived, reason, Some(waiver));
        }
        match latest(expired) {
            Some(waiver) => {
                let reason = format!("{failure}; the waiver expired on {}: {}", waiver.until, waiver.reason);
                (Outcome::Failed, reason, Some(waiver))
            }
            None => (Outcome::Failed, failure, None),
        }
    }
}

/// Whether `text` is YYYY-MM-DD with a month and a day that can be.
fn is_date(text: &str) -> bool {
    let parts: Vec<_> = text.split('-').collect();
    let [year, month, day] = parts[..] else { return false };
    let number = |part: &str, digits: usize| {
        (part.len() == digits && part.bytes().all(|byte| byte.is_ascii_digit())).then(|| part.parse::<u32>().ok())?
    };
    number(year, 4).is_some()
        && number(month, 2).is_some_and(|month| (1..=12).contains(&month))
        && number(day, 2).is_some_and(|day| (1..=31).contains(&day))
}
