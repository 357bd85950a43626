//! What `verify` found: its rows while they are judged, all of them at the end, and how many ended in which way.

use features::{Counts, Heard, Outcome, Report, ScenarioResult};
use serde_json::json;
use state::error::counted;

use crate::{
    groups,
    output::{Output, Tone},
};

/// Tells of rows while they are judged.
#[derive(Debug)]
pub struct Rows<'o> {
    output: &'o Output,
    total: usize,
    judged: usize,
    failed: usize,
}

impl<'o> Rows<'o> {
    /// Nothing is judged yet.
    pub fn new(output: &'o Output) -> Self {
        output.now("judging");
        Self { output, total: 0, judged: 0, failed: 0 }
    }

    /// Something happened.
    pub fn hear(&mut self, heard: Heard<'_>) {
        match heard {
            Heard::Planned { rows } => self.total = rows,
            Heard::Judged(result) => {
                self.judged += 1;
                self.failed += usize::from(result.outcome == Outcome::Failed);
                let so_far = if self.failed > 0 { format!(", {} failed", self.failed) } else { String::new() };
                self.output.now(&format!("judged {} of {}{so_far}", self.judged, self.total));
                if self.output.is_json() {
                    self.output.object(&object(result));
                }
            }
            Heard::Left(what) => self.output.note(what),
            Heard::AskingAgain { rows, patience } => {
                let rows = counted(rows, "row");
                self.output.say(&format!(
                    "{rows} failed, but AWS may still return values from before a change: trying again for up to {} s",
                    patience.as_secs()
                ));
            }
        }
    }
}

/// All rows of a report; programs have heard of each already.
pub fn all(output: &Output, report: &Report) {
    output.done();
    if output.is_read() {
        groups::shown(output, report);
    } else if !output.is_json() {
        // people read it by requirement, and the features are in that order
        let mut rows: Vec<_> = report.scenarios.iter().collect();
        rows.sort_by(|a, b| (&a.requirement, &a.feature).cmp(&(&b.requirement, &b.feature)));
        for result in rows {
            row(output, result);
        }
    }
}

/// The last line: how many rows ended in which way.
pub fn end(output: &Output, report: &Report) {
    let counts @ Counts { passed, failed, not_evaluated, waived } = report.counts();
    if output.is_json() {
        output.object(&json!({
            "type": "summary", "ok": report.ok(), "passed": passed, "failed": failed, "not_evaluated": not_evaluated,
            "waived": waived,
        }));
    } else {
        let rows = counted(counts.total(), "row");
        output
            .data(&format!("{rows}: {passed} passed, {failed} failed, {not_evaluated} not evaluated, {waived} waived"));
    }
}

/// An outcome, as people read it.
pub(crate) fn word(outcome: Outcome) -> (Tone, &'static str) {
    match outcome {
        Outcome::Passed => (Tone::Good, "passed"),
        Outcome::Failed => (Tone::Bad, "failed"),
        Outcome::NotEvaluated => (Tone::Changed, "not evaluated"),
        Outcome::Waived => (Tone::Changed, "waived"),
    }
}

fn row(output: &Output, result: &ScenarioResult) {
    let (tone, word) = word(result.outcome);
    output.data_row(tone, word, &format!("{}  {}", result.requirement, result.name));
    output.data_below(result.reason.as_deref());
}

fn object(result: &ScenarioResult) -> serde_json::Value {
    json!({
        "type": "scenario", "requirement": result.requirement, "feature": result.feature, "name": result.name,
        "outcome": result.outcome, "reason": result.reason, "duration_ms": u64::try_from(result.duration.as_millis()).unwrap_or(u64::MAX),
    })
}
