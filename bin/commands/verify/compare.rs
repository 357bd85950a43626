//! `zone verify diff`: what changed between two runs.

use features::{
    Outcome,
    evidence::{self, Change, Changed},
};
use serde_json::json;
use state::error::{Exit, Failure, Result, counted};

use super::word;
use crate::{
    cli::VerifyVerb,
    output::{Output, Tone},
};

pub(crate) fn compare(verb: &VerifyVerb, output: &Output) -> Result<()> {
    let VerifyVerb::Diff { before, after, .. } = verb;
    let difference =
        evidence::diff(before, after).map_err(|problem| Failure::new(Exit::Usage, &problem).hint(problem.hint()))?;
    for note in &difference.notes {
        output.note(note);
    }
    let worse = difference.rows.iter().filter(|row| row.worse).count();
    for row in &difference.rows {
        if output.is_json() {
            let mut object = json!({ "type": "change" });
            if let (Some(object), Ok(serde_json::Value::Object(own))) =
                (object.as_object_mut(), serde_json::to_value(row))
            {
                object.extend(own);
            }
            output.object(&object);
        } else {
            shown(output, row);
        }
    }
    if output.is_json() {
        output.object(&json!({
            "type": "summary", "ok": worse == 0, "changed": difference.rows.len(), "worse": worse, "same": difference.same,
            "notes": difference.notes,
        }));
    } else {
        let changed = counted(difference.rows.len(), "row");
        output.data(&format!("{changed} changed, {worse} got worse, {} did not change", difference.same));
    }
    if worse == 0 {
        return Ok(());
    }
    let failure = Failure::new(Exit::Judged, format!("{} got worse", counted(worse, "row")));
    Err(failure.hint("report.html in the folder of the later run has the details of each row"))
}

fn shown(output: &Output, row: &Changed) {
    let (tone, what) = match row.change {
        Change::Failed => (Tone::Bad, "failed"),
        Change::Waived => (Tone::Changed, "waived"),
        Change::NotEvaluated => (Tone::Changed, "not evaluated"),
        Change::Gone => (Tone::Changed, "gone"),
        Change::Appeared => (if row.worse { Tone::Bad } else { Tone::Good }, "appeared"),
        Change::Fixed => (Tone::Good, "fixed"),
        Change::Other => (Tone::Plain, "changed"),
    };
    let said = |outcome: Option<Outcome>| outcome.map_or("absent", |outcome| word(outcome).1);
    let fate = format!("{} -> {}", said(row.before), said(row.after));
    output.data_row(tone, what, &format!("{}  {} ({fate})", row.requirement, row.name));
    for line in row.reason.iter().flat_map(|reason| reason.lines()) {
        output.data_row(Tone::Dim, "", line);
    }
}
