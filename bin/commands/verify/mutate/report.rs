//! What came of the changes: by type, what nobody noticed, what was not tried, and which rows never failed.

use std::collections::{BTreeMap, BTreeSet};

use deploy::mutate::{Mutant, Skipped, Thing};
use serde_json::json;
use state::error::{Exit, Failure, Result, counted};

use super::equivalents::Equivalent;
use crate::output::{Output, Tone};

/// What came of a change.
#[derive(Debug)]
pub(super) enum Fate {
    /// These rows failed.
    Caught(BTreeSet<usize>),
    /// Nothing could be judged any more, and that says why: `zone verify` fails, too.
    Unjudged(String),
    /// No row failed, as the declaration of this number says.
    Equivalent(usize),
    /// No row failed.
    Survived,
    /// The change could not be made.
    Refused(String),
}

impl Fate {
    fn word(&self) -> &'static str {
        match self {
            Self::Caught(_) | Self::Unjudged(_) => "caught",
            Self::Equivalent(_) => "equivalent",
            Self::Survived => "survived",
            Self::Refused(_) => "not_evaluated",
        }
    }
}

/// A change, and what came of it.
#[derive(Debug)]
pub(super) struct Tried {
    pub(super) mutant: Mutant,
    pub(super) fate: Fate,
}

/// How many changes are going to be made.
pub(super) fn planned(output: &Output, mutants: usize) {
    if output.is_json() {
        output.object(&json!({ "type": "planned", "mutants": mutants }));
    } else {
        output.say(&format!("{} to be made, one after the other", counted(mutants, "change")));
    }
}

/// How many were not noticed.
pub(super) fn survivors(tried: &[Tried]) -> usize {
    tried.iter().filter(|one| matches!(one.fate, Fate::Survived)).count()
}

/// A change in words.
pub(super) fn named(thing: &Thing, mutant: &Mutant) -> String {
    let of = if mutant.property.is_empty() { String::new() } else { format!("{}: ", mutant.property) };
    format!("{} `{}`  {of}{}", thing.kind, thing.name(), mutant.change)
}

/// One change, as soon as it was tried.
pub(super) fn line(output: &Output, thing: &Thing, one: &Tried) {
    if !output.is_json() {
        if matches!(one.fate, Fate::Survived) {
            output.data_row(Tone::Bad, "survived", &named(thing, &one.mutant));
        }
        return;
    }
    let rows = if let Fate::Caught(rows) = &one.fate { rows.iter().copied().collect() } else { Vec::new() };
    let reason = if let Fate::Refused(words) | Fate::Unjudged(words) = &one.fate { Some(words) } else { None };
    output.object(&json!({
        "type": "mutant", "kind": thing.kind, "resource": thing.name(), "property": one.mutant.property,
        "change": one.mutant.change, "outcome": one.fate.word(), "rows": rows, "reason": reason,
    }));
}

/// Counts of a type, or of all.
#[derive(Clone, Copy, Debug, Default)]
struct Counts {
    caught: usize,
    equivalent: usize,
    survived: usize,
    refused: usize,
}

impl Counts {
    fn add(&mut self, fate: &Fate) {
        *match fate {
            Fate::Caught(_) | Fate::Unjudged(_) => &mut self.caught,
            Fate::Equivalent(_) => &mut self.equivalent,
            Fate::Survived => &mut self.survived,
            Fate::Refused(_) => &mut self.refused,
        } += 1;
    }

    /// Of what somebody has to notice, what was noticed, in hundredths.
    #[expect(clippy::cast_precision_loss, reason = "a zone has thousands of properties, not more")]
    fn score(self) -> Option<f64> {
        let all = self.caught + self.survived;
        (all > 0).then(|| (self.caught as f64 * 1000.0 / all as f64).floor() / 10.0)
    }

    fn shown(self) -> String {
        let Self { caught, equivalent, survived, refused } = self;
        let score = self.score().map_or_else(|| "-".to_owned(), |score| format!("{score:.1} %"));
        format!("{score:>8}  {caught:>6}  {survived:>8}  {equivalent:>10}  {refused:>7}")
    }

    fn json(self, kind: &str) -> serde_json::Value {
        json!({
            "type": "kind", "kind": kind, "caught": self.caught, "survived": self.survived, "equivalent": self.equivalent,
            "not_evaluated": self.refused, "score": self.score(),
        })
    }
}

/// Everything; `rows` are those that passed before, of a run that made every change.
pub(super) fn shown(
    output: &Output,
    things: &[Thing],
    (tried, skipped): (&[Tried], &[Skipped]),
    equivalents: &[Equivalent],
    rows: Option<&[(usize, &str)]>,
) -> Result<()> {
    let mut kinds: BTreeMap<&str, Counts> = BTreeMap::new();
    let mut all = Counts::default();
    for one in tried {
        kinds.entry(&things[one.mutant.thing].kind).or_default().add(&one.fate);
        all.add(&one.fate);
    }
    let width = kinds.keys().map(|kind| kind.len()).max().unwrap_or_default();
    if !output.is_json() {
        output.data(&format!("{:<width$}     score  caught  survived  equivalent  refused", "type"));
    }
    for (kind, counts) in &kinds {
        if output.is_json() {
            output.object(&counts.json(kind));
        } else {
            let tone = if counts.survived > 0 { Tone::Bad } else { Tone::Plain };
            output.data_at(tone, kind, width, &counts.shown());
        }
    }
    let mut untried: BTreeMap<(&str, &str, &str), usize> = BTreeMap::new();
    for skip in skipped {
        *untried.entry((&things[skip.thing].kind, &skip.property, &skip.reason)).or_default() += 1;
    }
    for one in tried {
        if let Fate::Refused(words) = &one.fate {
            let thing = &things[one.mutant.thing];
            output.note(&format!("refused: {}: {words}", named(thing, &one.mutant)));
        }
    }
    for ((kind, property, reason), count) in untried {
        if output.is_json() {
            output.object(&json!({
                "type": "not_evaluated", "kind": kind, "property": property, "reason": reason, "count": count,
            }));
        } else {
            output.data_row(Tone::Dim, "not evaluated", &format!("{kind} {property} ({count}): {reason}"));
        }
    }
    if let Some(rows) = rows {
        never(output, tried, equivalents, rows);
    }
    end(output, all, tried.len(), skipped.len())
}

/// Rows that no change turned red, and declarations of which no change is.
fn never(output: &Output, tried: &[Tried], equivalents: &[Equivalent], rows: &[(usize, &str)]) {
    let red: BTreeSet<_> = tried
        .iter()
        .filter_map(|one| if let Fate::Caught(rows) = &one.fate { Some(rows) } else { None })
        .flatten()
        .collect();
    for (row, name) in rows.iter().filter(|(row, _)| !red.contains(row)) {
        if output.is_json() {
            output.object(&json!({ "type": "never_red", "row": row, "name": name }));
        } else {
            output.data_row(Tone::Changed, "never red", name);
        }
    }
    let used: BTreeSet<_> = tried
        .iter()
        .filter_map(|one| if let Fate::Equivalent(number) = one.fate { Some(number) } else { None })
        .collect();
    for (number, one) in equivalents.iter().enumerate().filter(|(number, _)| !used.contains(number)) {
        let name = one.name();
        if output.is_json() {
            output
                .object(&json!({ "type": "unused_equivalent", "number": number, "name": name, "reason": one.reason }));
        } else {
            output.data_row(Tone::Changed, "unused", &format!("equivalent {name}: no change of it was missed here"));
        }
    }
}

fn end(output: &Output, all: Counts, tried: usize, skipped: usize) -> Result<()> {
    let not_evaluated = skipped + all.refused;
    if output.is_json() {
        output.object(&json!({
            "type": "summary", "mutants": tried, "caught": all.caught, "survived": all.survived,
            "equivalent": all.equivalent, "not_evaluated": not_evaluated, "score": all.score(), "ok": all.survived == 0,
        }));
    } else {
        let score = all.score().map_or_else(|| "no score".to_owned(), |score| format!("score {score:.1} %"));
        output.data(&format!(
            "{score}: of {tried} changes {} caught, {} survived, {} equivalent; {not_evaluated} not evaluated",
            all.caught, all.survived, all.equivalent
        ));
    }
    if all.survived == 0 {
        return Ok(());
    }
    let message = format!("no row detected {}", counted(all.survived, "change"));
    Err(Failure::new(Exit::Judged, message).hint(
        "add a row that checks it, or declare it equivalent, with a reason, in bin/commands/verify/mutate/equivalents.toml",
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_score_is_of_what_has_to_be_noticed_and_never_rounded_up() {
        let counts = Counts { caught: 1999, equivalent: 50, survived: 1, refused: 9 };
        assert_eq!(counts.score(), Some(99.9));
        assert_eq!(Counts { caught: 3, ..Counts::default() }.score(), Some(100.0));
        assert_eq!(Counts { equivalent: 3, refused: 1, ..Counts::default() }.score(), None);
    }

    #[test]
    fn one_change_that_survives_is_a_failure() {
        let mut counts = Counts::default();
        let fates = [Fate::Caught([1].into()), Fate::Unjudged("no contract".to_owned()), Fate::Equivalent(0)];
        for fate in &fates {
            counts.add(fate);
        }
        let output = Output::new(true);
        assert!(end(&output, counts, 3, 0).is_ok());
        counts.add(&Fate::Survived);
        let failure = end(&output, counts, 4, 0).expect_err("it survived");
        assert_eq!((failure.exit, failure.message.as_str()), (Exit::Judged, "no row detected 1 change"));
    }
}
