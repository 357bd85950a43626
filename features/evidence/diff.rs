//! What changed between two runs.

use std::{collections::BTreeMap, fs, path::Path};

use serde::{Deserialize, Serialize};

use super::folder::{EVIDENCE, Manifest, Problem, changed, manifest};
use crate::report::Outcome;

/// In which way a row is another in the second run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Change {
    /// It failed, and did not before.
    Failed,
    /// Its failure is waived; it had none before.
    Waived,
    /// It was not evaluated; it was before.
    NotEvaluated,
    /// It is there no more.
    Gone,
    /// It was not there before.
    Appeared,
    /// It passed, and did not before.
    Fixed,
    /// It is another, and not worse: its failure is waived now, or it passed where it was not evaluated before.
    Other,
}

/// A row that changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Changed {
    /// The requirement.
    pub requirement: String,
    /// The feature.
    pub feature: String,
    /// The scenario.
    pub name: String,
    /// What changed.
    pub change: Change,
    /// How it ended in the first run; `None` if it was not there.
    pub before: Option<Outcome>,
    /// How it ended in the second run.
    pub after: Option<Outcome>,
    /// Why, in the second run.
    pub reason: Option<String>,
    /// Less is shown than before.
    pub worse: bool,
}

/// Two runs compared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// The rows that changed, the worst first.
    pub rows: Vec<Changed>,
    /// How many rows both runs have, with the same outcome.
    pub same: usize,
    /// Why the two can be compared with care only: another environment, a changed file.
    pub notes: Vec<String>,
}

impl Difference {
    /// Whether less is shown than before.
    pub fn worse(&self) -> bool {
        self.rows.iter().any(|row| row.worse)
    }
}

/// Compares the runs of two folders.
pub fn diff(before: &Path, after: &Path) -> Result<Difference, Problem> {
    let ((first, rows), (second, after_rows)) = (Read::run(before)?, Read::run(after)?);
    let mut notes = Vec::new();
    for (folder, read) in [(before, &first), (after, &second)] {
        notes.extend(changed(folder, &read.manifest));
    }
    let facts = |read: &Read| {
        let Manifest { environment, platform, account, region, .. } = read.manifest.clone();
        [("environment", environment), ("platform", platform), ("account", account), ("region", region)]
    };
    for ((what, a), (_, b)) in facts(&first).into_iter().zip(facts(&second)) {
        if a != b {
            notes.push(format!("the runs differ in their {what}: `{a}` and `{b}`"));
        }
    }
    if first.filter != second.filter {
        let said =
            |filter: &Option<String>| filter.as_ref().map_or("everything".to_owned(), |filter| format!("`{filter}`"));
        notes.push(format!("the runs judged another part: {} and {}", said(&first.filter), said(&second.filter)));
    }
    if first.manifest.written > second.manifest.written {
        notes.push("the first run is the later one".to_owned());
    }
    let (rows, same) = compared(rows, after_rows);
    Ok(Difference { rows, same, notes })
}

/// A row's name: requirement, feature, scenario.
type Key = (String, String, String);
type Rows = BTreeMap<Key, (Outcome, Option<String>)>;

fn compared(mut before: Rows, after: Rows) -> (Vec<Changed>, usize) {
    let (mut rows, mut same) = (Vec::new(), 0);
    let mut push = |(requirement, feature, name): Key, old: Option<Outcome>, new: Option<Outcome>, reason| {
        let Some((change, worse)) = judged(old, new) else {
            same += 1;
            return;
        };
        rows.push(Changed { requirement, feature, name, change, before: old, after: new, reason, worse });
    };
    for (key, (outcome, reason)) in after {
        let old = before.remove(&key).map(|(outcome, _)| outcome);
        push(key, old, Some(outcome), reason);
    }
    for (key, (outcome, _)) in before {
        push(key, Some(outcome), None, None);
    }
    rows.sort_by(|a, b| {
        (!a.worse, a.change, &a.requirement, &a.name).cmp(&(!b.worse, b.change, &b.requirement, &b.name))
    });
    (rows, same)
}

/// What changed, and whether less is shown than before; `None` if nothing did.
fn judged(before: Option<Outcome>, after: Option<Outcome>) -> Option<(Change, bool)> {
    use Outcome::{Failed, NotEvaluated, Passed, Waived};
    Some(match (before, after) {
        (before, after) if before == after => return None,
        (None, Some(outcome)) => (Change::Appeared, outcome == Failed),
        // what nobody looks at any more was good, or an open question
        (Some(outcome), None) => (Change::Gone, outcome == Passed),
        (_, Some(Failed)) => (Change::Failed, true),
        (Some(Passed | NotEvaluated), Some(Waived)) => (Change::Waived, true),
        (Some(outcome), Some(NotEvaluated)) => (Change::NotEvaluated, outcome != Failed),
        (Some(Failed | Waived), Some(Passed)) => (Change::Fixed, false),
        _ => (Change::Other, false),
    })
}

struct Read {
    manifest: Manifest,
    filter: Option<String>,
}

/// What is read of a line.
#[derive(Deserialize)]
struct Line {
    r#type: String,
    #[serde(default)]
    requirement: String,
    #[serde(default)]
    feature: String,
    #[serde(default)]
    scenario: String,
    outcome: Option<Outcome>,
    reason: Option<String>,
    filter: Option<String>,
}

impl Read {
    fn run(folder: &Path) -> Result<(Self, Rows), Problem> {
        let (manifest, _) = manifest(folder)?;
        let path = folder.join(EVIDENCE);
        let text = fs::read_to_string(&path).map_err(Problem::at("reading", &path))?;
        let (mut rows, mut filter) = (Rows::new(), None);
        for line in text.lines().filter(|line| !line.trim().is_empty()) {
            let line: Line = serde_json::from_str(line).map_err(|e| Problem::at("reading", &path)(e.into()))?;
            match (line.r#type.as_str(), line.outcome) {
                ("run", _) => filter = line.filter,
                ("row", Some(outcome)) => {
                    rows.insert((line.requirement, line.feature, line.scenario), (outcome, line.reason));
                }
                _ => {}
            }
        }
        Ok((Self { manifest, filter }, rows))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn worse_is_what_shows_less_than_before() {
        use Outcome::{Failed, NotEvaluated, Passed, Waived};
        let cases = [
            (Some(Passed), Some(Passed), None),
            (Some(Passed), Some(Failed), Some((Change::Failed, true))),
            (Some(Waived), Some(Failed), Some((Change::Failed, true))),
            (Some(NotEvaluated), Some(Failed), Some((Change::Failed, true))),
            (Some(Failed), Some(Passed), Some((Change::Fixed, false))),
            (Some(Waived), Some(Passed), Some((Change::Fixed, false))),
            (Some(Passed), Some(NotEvaluated), Some((Change::NotEvaluated, true))),
            (Some(Failed), Some(NotEvaluated), Some((Change::NotEvaluated, false))),
            (Some(Passed), Some(Waived), Some((Change::Waived, true))),
            (Some(Failed), Some(Waived), Some((Change::Other, false))),
            (Some(NotEvaluated), Some(Passed), Some((Change::Other, false))),
            (None, Some(Passed), Some((Change::Appeared, false))),
            (None, Some(Failed), Some((Change::Appeared, true))),
            (Some(Passed), None, Some((Change::Gone, true))),
            (Some(Failed), None, Some((Change::Gone, false))),
        ];
        for (before, after, expected) in cases {
            assert_eq!(judged(before, after), expected, "{before:?} {after:?}");
        }
    }

    #[test]
    fn what_got_worse_comes_first() {
        let rows = |all: &[(&str, Outcome)]| -> Rows {
            all.iter().map(|(name, o)| (("FR-1".into(), "f".into(), (*name).into()), (*o, None))).collect()
        };
        let before =
            rows(&[("a", Outcome::Failed), ("b", Outcome::Passed), ("c", Outcome::Passed), ("d", Outcome::Passed)]);
        let after =
            rows(&[("a", Outcome::Passed), ("b", Outcome::Failed), ("d", Outcome::Passed), ("e", Outcome::Passed)]);
        let (rows, same) = compared(before, after);
        let names: Vec<_> = rows.iter().map(|row| (&*row.name, row.change)).collect();
        let expected = [("b", Change::Failed), ("c", Change::Gone), ("e", Change::Appeared), ("a", Change::Fixed)];
        assert_eq!((&*names, same), (&expected[..], 1));
        assert!(Difference { rows, same, notes: Vec::new() }.worse());
    }
}
