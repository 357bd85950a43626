//! What changed between two runs of `verify`.

use features::{
    Outcome,
    evidence::{Change, Changed, Difference},
};
use serde_json::json;
use state::error::counted;

use crate::{
    output::{Output, Tone},
    rows::word,
};

/// A difference; says how many rows got worse.
pub fn all(output: &Output, difference: &Difference) -> usize {
    for note in &difference.notes {
        output.note(note);
    }
    let worse = difference.rows.iter().filter(|row| row.worse).count();
    for row in &difference.rows {
        if output.is_json() {
            output.object_of(json!({ "type": "change" }), row);
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
    worse
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
    output.data_below(row.reason.as_deref());
}
