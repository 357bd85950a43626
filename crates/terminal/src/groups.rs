//! A judgement on a terminal: a line per requirement with what it demands, what failed first.

use std::collections::BTreeMap;

use features::{Outcome, Report, ScenarioResult};

use super::rows::word;
use crate::output::{Output, Tone};

/// A line: its tone and first word, and the rest.
#[derive(Debug, PartialEq, Eq)]
struct Line(Tone, String, String);

pub(crate) fn shown(output: &Output, report: &Report) {
    let lines = lines(report);
    let width =
        lines.iter().filter(|line| !line.1.starts_with(' ')).map(|line| line.1.chars().count()).max().unwrap_or(0);
    for Line(tone, first, rest) in &lines {
        output.data_at(*tone, first, width, rest);
    }
}

/// The order in which people look.
const ORDER: [Outcome; 4] = [Outcome::Failed, Outcome::Waived, Outcome::NotEvaluated, Outcome::Passed];

fn lines(report: &Report) -> Vec<Line> {
    // a requirement with several rules has a line for each
    let mut groups: Vec<((&str, &str), Vec<&ScenarioResult>)> = Vec::new();
    for result in &report.scenarios {
        let key = (result.requirement.as_str(), result.evidence.rule.as_str());
        match groups.iter_mut().find(|(known, _)| *known == key) {
            Some((_, rows)) => rows.push(result),
            None => groups.push((key, vec![result])),
        }
    }
    let worst = |rows: &[&ScenarioResult]| {
        ORDER.iter().position(|outcome| rows.iter().any(|row| row.outcome == *outcome)).unwrap_or(ORDER.len())
    };
    groups.sort_by_key(|((requirement, _), rows)| (worst(rows), (*requirement).to_owned()));
    let mut lines = Vec::new();
    for ((requirement, rule), rows) in groups {
        let count = |outcome| rows.iter().filter(|row| row.outcome == outcome).count();
        let counts = ORDER.into_iter().map(|outcome| (outcome, count(outcome))).filter(|(_, count)| *count > 0);
        let counts: Vec<_> = counts.map(|(outcome, count)| format!("{count} {}", word(outcome).1)).collect();
        let tone = ORDER.get(worst(&rows)).map_or(Tone::Plain, |outcome| word(*outcome).0);
        lines.push(Line(tone, requirement.to_owned(), format!("{rule}: {}", counts.join(", "))));
        for outcome in [Outcome::Failed, Outcome::Waived] {
            for row in rows.iter().filter(|row| row.outcome == outcome) {
                let (tone, word) = word(outcome);
                lines.push(Line(tone, format!("  {word}"), row.name.clone()));
                lines.extend(reason(row).map(|line| Line(Tone::Dim, "  ".to_owned(), line.to_owned())));
            }
        }
        lines.extend(unknown(&rows));
    }
    lines
}

/// What was not evaluated, by its reason: an observer who lacks a right lacks it for many rows.
fn unknown(rows: &[&ScenarioResult]) -> Vec<Line> {
    let mut reasons: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    for row in rows.iter().filter(|row| row.outcome == Outcome::NotEvaluated) {
        reasons.entry(reason(row).collect::<Vec<_>>().join("; ")).or_default().push(&row.name);
    }
    let (tone, word) = word(Outcome::NotEvaluated);
    let of = |(reason, names): (String, Vec<&str>)| {
        let rest = match names[..] {
            [name] => name.to_owned(),
            _ => format!("{} rows, the first: {}", names.len(), names.first().copied().unwrap_or_default()),
        };
        [Line(tone, format!("  {word}"), rest), Line(Tone::Dim, "  ".to_owned(), reason)]
    };
    reasons.into_iter().flat_map(of).collect()
}

fn reason(row: &ScenarioResult) -> impl Iterator<Item = &str> {
    row.reason.iter().flat_map(|reason| reason.lines())
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, SystemTime};

    use features::evidence::Evidence;

    use super::*;

    fn row(requirement: &str, rule: &str, name: &str, outcome: Outcome, reason: Option<&str>) -> ScenarioResult {
        ScenarioResult {
            requirement: requirement.to_owned(),
            feature: "f".to_owned(),
            name: name.to_owned(),
            outcome,
            reason: reason.map(str::to_owned),
            duration: Duration::ZERO,
            evidence: Box::new(Evidence {
                rule: rule.to_owned(),
                file: "f.feature".to_owned(),
                line: 1,
                steps: Vec::new(),
                began: SystemTime::UNIX_EPOCH,
                subjects: Vec::new(),
                calls: Vec::new(),
                shared: Vec::new(),
                waiver: None,
            }),
        }
    }

    #[test]
    fn what_failed_comes_first_and_each_rule_has_a_line() {
        let report = Report {
            scenarios: vec![
                row("FR-1", "A bus is there", "bus a", Outcome::Passed, None),
                row("FR-1", "A bus is there", "bus b", Outcome::Passed, None),
                row("FR-2", "A key rotates", "key a", Outcome::Passed, None),
                row("FR-2", "A key rotates", "key b", Outcome::Failed, Some("rotation is off\nsince then")),
                row("FR-3", "A log stays", "log a", Outcome::NotEvaluated, Some("it is dark")),
                row("FR-3", "A log stays", "log b", Outcome::NotEvaluated, Some("it is dark")),
                row("FR-3", "A log is read", "log c", Outcome::Waived, Some("nobody reads")),
            ],
            ..Report::default()
        };
        let text: Vec<String> =
            lines(&report).into_iter().map(|Line(_, first, rest)| format!("{first}|{rest}")).collect();
        assert_eq!(
            text,
            [
                "FR-2|A key rotates: 1 failed, 1 passed",
                "  failed|key b",
                "  |rotation is off",
                "  |since then",
                "FR-3|A log is read: 1 waived",
                "  waived|log c",
                "  |nobody reads",
                "FR-3|A log stays: 2 not evaluated",
                "  not evaluated|2 rows, the first: log a",
                "  |it is dark",
                "FR-1|A bus is there: 2 passed",
            ]
        );
    }
}
