//! `zone verify --mutate`: can the rows fail? The crate `mutation` breaks what is deployed; this shows what came of it.

use config::Zone;
use features::Waiver;
use mutation::{Counts, Fate, Heard, Idle, Order, Report, Thing, Tried};
use serde_json::{Value, json};
use state::{
    error::{Result, counted},
    home::Home,
};
use terminal::{Output, Tone};

use crate::cli::Verify;

pub(super) async fn run(home: &Home, zone: &Zone, verify: &Verify, output: &Output) -> Result<()> {
    // no probe runs with --mutate, whatever may be tried
    let target = super::target(home, zone, Ok(())).await?;
    let (own, waivers, today) = (super::own(home)?, Waiver::all(zone), super::today());
    let order = Order {
        home,
        target: &target,
        own: &own,
        waivers: &waivers,
        today: &today,
        filter: verify.judging.filter.as_deref(),
        sample: verify.sample,
        seed: verify.seed,
    };
    let cancel = crate::commands::cancelled_by_signals()?;
    let hear = |heard: Heard<'_>| match heard {
        Heard::Told(message) => output.tell(message),
        Heard::Planned { changes } => planned(output, changes),
        Heard::Trying { number, of, survived } => {
            output.now(&format!("change {number} of {of}, {survived} not noticed"));
        }
        Heard::Tried { thing, tried } => line(output, thing, tried),
        Heard::Ended(report) => shown(output, report),
    };
    mutation::run(&order, &cancel, &hear).await
}

fn planned(output: &Output, changes: usize) {
    if output.is_json() {
        output.object(&json!({ "type": "planned", "mutants": changes }));
    } else {
        output.say(&format!("{} to be made, one after the other", counted(changes, "change")));
    }
}

/// One change, as soon as it was tried; people see only what nobody noticed.
fn line(output: &Output, thing: &Thing, Tried { mutant, fate }: &Tried) {
    if output.is_json() {
        output.object(&json!({
            "type": "mutant", "kind": thing.kind, "resource": thing.name(), "property": mutant.property,
            "change": mutant.change, "outcome": fate.word(), "rows": fate.rows(), "reason": fate.reason(),
        }));
    } else if *fate == Fate::Survived {
        output.data_row(Tone::Bad, "survived", &mutant.words(thing));
    }
}

/// Everything: by type, what was not tried, what never failed, and all in one line.
fn shown(output: &Output, report: &Report) {
    output.done();
    let width = report.kinds.keys().map(String::len).max().unwrap_or_default();
    if !output.is_json() {
        output.data(&format!("{:<width$}     score  caught  survived  equivalent  refused", "type"));
    }
    for (kind, counts) in &report.kinds {
        if output.is_json() {
            output.object(&object(kind, *counts));
        } else {
            let tone = if counts.survived > 0 { Tone::Bad } else { Tone::Plain };
            output.data_at(tone, kind, width, &columns(*counts));
        }
    }
    for (change, reason) in &report.refused {
        output.note(&format!("refused: {change}: {reason}"));
    }
    for mutation::Untried { kind, property, reason, count } in &report.untried {
        if output.is_json() {
            output.object(&json!({
                "type": "not_evaluated", "kind": kind, "property": property, "reason": reason, "count": count,
            }));
        } else {
            output.data_row(Tone::Dim, "not evaluated", &format!("{kind} {property} ({count}): {reason}"));
        }
    }
    if let Some(idle) = &report.idle {
        never(output, idle);
    }
    end(output, report);
}

/// Rows that no change turned red, and declarations of which no change is.
fn never(output: &Output, idle: &Idle) {
    for (row, name) in &idle.rows {
        if output.is_json() {
            output.object(&json!({ "type": "never_red", "row": row, "name": name }));
        } else {
            output.data_row(Tone::Changed, "never red", name);
        }
    }
    for mutation::Unused { number, name, reason } in &idle.equivalents {
        if output.is_json() {
            output.object(&json!({ "type": "unused_equivalent", "number": number, "name": name, "reason": reason }));
        } else {
            output.data_row(Tone::Changed, "unused", &format!("equivalent {name}: no change of it was missed here"));
        }
    }
}

/// The last line.
fn end(output: &Output, report: &Report) {
    let Counts { caught, equivalent, survived, .. } = report.all;
    let (tried, not_evaluated, score) = (report.all.total(), report.not_evaluated(), report.all.score());
    if output.is_json() {
        output.object(&json!({
            "type": "summary", "mutants": tried, "caught": caught, "survived": survived, "equivalent": equivalent,
            "not_evaluated": not_evaluated, "score": score, "ok": survived == 0,
        }));
        return;
    }
    let score = score.map_or_else(|| "no score".to_owned(), |score| format!("score {score:.1} %"));
    output.data(&format!(
        "{score}: of {tried} changes {caught} caught, {survived} survived, {equivalent} equivalent; {not_evaluated} not evaluated"
    ));
}

/// The counts of a type, below their headings.
fn columns(counts: Counts) -> String {
    let Counts { caught, equivalent, survived, refused } = counts;
    let score = counts.score().map_or_else(|| "-".to_owned(), |score| format!("{score:.1} %"));
    format!("{score:>8}  {caught:>6}  {survived:>8}  {equivalent:>10}  {refused:>7}")
}

fn object(kind: &str, counts: Counts) -> Value {
    let Counts { caught, equivalent, survived, refused } = counts;
    json!({
        "type": "kind", "kind": kind, "caught": caught, "survived": survived, "equivalent": equivalent,
        "not_evaluated": refused, "score": counts.score(),
    })
}
