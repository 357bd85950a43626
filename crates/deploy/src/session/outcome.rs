//! What a deployment came to, and what it tells on the way.

use std::{collections::BTreeMap, time::Duration};

use engine::{
    events::{Diagnostic, Step},
    op::Op,
};

/// How a deployment ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Everything was done.
    Succeeded,
    /// Something failed.
    Failed,
    /// It was ended before its time.
    Cancelled,
}

/// What a deployment did.
#[derive(Debug)]
pub struct Outcome {
    /// How it ended.
    pub verdict: Verdict,
    /// Resources by what was done to them, as the engine counts.
    pub changes: BTreeMap<Op, u64>,
    /// The stack's outputs, as far as they are known.
    pub outputs: serde_json::Map<String, serde_json::Value>,
    /// Steps that changed something, or would.
    pub steps: Vec<Step>,
    /// How long it took.
    pub duration: Duration,
    /// Whether it ended before it changed anything.
    pub untouched: bool,
    /// Stacks that the configuration has no account for.
    pub skipped: &'static [&'static str],
    /// What of that which existed was adopted, or would be, and what was in the way.
    pub adoption: aws::adoption::Report,
}

impl Outcome {
    /// This and a run that came after it, as one.
    #[must_use]
    pub fn then(mut self, later: Self) -> Self {
        for (op, n) in later.changes.into_iter().filter(|(op, _)| *op != Op::Same) {
            *self.changes.entry(op).or_default() += n;
        }
        self.steps.extend(later.steps);
        Self {
            verdict: later.verdict,
            untouched: false,
            outputs: later.outputs,
            duration: self.duration + later.duration,
            ..self
        }
    }
}

/// What happens while it runs.
pub enum Progress<'a> {
    /// A step began; `open` are under way.
    Begins {
        /// Steps under way, with this one.
        open: usize,
        /// Steps that ended.
        done: usize,
    },
    /// A step ended.
    Done {
        /// The step.
        step: &'a Step,
        /// How long it took.
        took: Duration,
    },
    /// A resource was read: how what is live differs from the state.
    Read(&'a Step),
    /// A step would be taken.
    Planned(&'a Step),
    /// The preview is over, and the update begins.
    PlanComplete(&'a [Step]),
    /// A step failed.
    Failed(&'a Step),
    /// Words of engine, program or provider.
    Says(&'a Diagnostic),
}
