//! What came out, scenario by scenario.

use std::time::Duration;

use serde::{Deserialize, Serialize, Serializer};

use crate::evidence::{Contract, Evidence, Look};

/// How a scenario ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// Every step held.
    Passed,
    /// A step did not hold, or could not be done, or is not known.
    Failed,
    /// What the judgement rests on could not be observed here; neither good nor bad.
    NotEvaluated,
    /// Failed, and somebody answers for it until a date.
    Waived,
}

/// One scenario; each example of an outline is one of its own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ScenarioResult {
    /// The requirement it speaks for: `FR-417`.
    pub requirement: String,
    /// The feature's file without its ending: `events`.
    pub feature: String,
    /// Its name, with the values of the example.
    pub name: String,
    /// How it ended.
    pub outcome: Outcome,
    /// Why, unless it passed at once.
    pub reason: Option<String>,
    /// From its first step to its last; others run at the same time. Serialized as `duration_ms`.
    #[serde(rename = "duration_ms", serialize_with = "milliseconds")]
    pub duration: Duration,
    /// What the outcome rests on.
    #[serde(skip)]
    pub evidence: Box<Evidence>,
}

/// What is heard of a run while it is under way.
#[derive(Debug, Clone, Copy)]
pub enum Heard<'a> {
    /// So many scenarios are going to be judged.
    Planned {
        /// How many.
        rows: usize,
    },
    /// A scenario has its result.
    Judged(&'a ScenarioResult),
    /// Something that a probe made could not be removed.
    Left(&'a str),
    /// Scenarios did not hold, and AWS may only be late: it is asked again for a while.
    AskingAgain {
        /// How many.
        rows: usize,
        /// For how long at most, counted from the end of the first look.
        patience: Duration,
    },
}

/// All scenarios, in the order of the features.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Report {
    /// The scenarios.
    pub scenarios: Vec<ScenarioResult>,
    /// ARN of who looked.
    #[serde(skip)]
    pub caller: String,
    /// ARN of who looked in the management account, if somebody did.
    #[serde(skip)]
    pub management_caller: Option<String>,
    /// What was published when the run began.
    #[serde(skip)]
    pub contract: Contract,
    /// What was asked once for several scenarios.
    #[serde(skip)]
    pub looks: Vec<Look>,
}

/// How many scenarios ended in which way.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Counts {
    /// Number of [`Outcome::Passed`].
    pub passed: usize,
    /// Number of [`Outcome::Failed`].
    pub failed: usize,
    /// Number of [`Outcome::NotEvaluated`].
    pub not_evaluated: usize,
    /// Number of [`Outcome::Waived`].
    pub waived: usize,
}

impl Counts {
    /// All together.
    pub const fn total(&self) -> usize {
        self.passed + self.failed + self.not_evaluated + self.waived
    }
}

impl Report {
    /// Counts the outcomes.
    pub fn counts(&self) -> Counts {
        let count = |outcome| self.scenarios.iter().filter(|result| result.outcome == outcome).count();
        Counts {
            passed: count(Outcome::Passed),
            failed: count(Outcome::Failed),
            not_evaluated: count(Outcome::NotEvaluated),
            waived: count(Outcome::Waived),
        }
    }

    /// The scenarios of each requirement, in the order in which requirements first appear.
    pub fn by_requirement(&self) -> Vec<(&str, Vec<&ScenarioResult>)> {
        let mut groups: Vec<(&str, Vec<&ScenarioResult>)> = Vec::new();
        for result in &self.scenarios {
            match groups.iter_mut().find(|(requirement, _)| *requirement == result.requirement) {
                Some((_, rows)) => rows.push(result),
                None => groups.push((&result.requirement, vec![result])),
            }
        }
        groups
    }

    /// Nothing failed and something passed. A report where all was waived or not evaluated shows nothing, so it is not
    /// ok; one where some was not evaluated is, look at [`Self::counts`] where that matters.
    pub fn ok(&self) -> bool {
        let counts = self.counts();
        counts.failed == 0 && counts.passed > 0
    }
}

pub(crate) fn milliseconds<S: Serializer>(duration: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_u64(u64::try_from(duration.as_millis()).unwrap_or(u64::MAX))
}
