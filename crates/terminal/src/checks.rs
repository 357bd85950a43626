//! What `doctor` found: by topic, and how much of it is wrong.

use doctor::{Check, Level};
use serde_json::json;
use state::error::counted;

use crate::output::{Output, Tone};

/// All checks, and how many ended in which way.
pub fn all(output: &Output, checks: &[Check]) {
    output.done();
    if output.is_json() {
        for check in checks {
            output.object(&check.object());
        }
    } else {
        rows(output, checks);
    }
    end(output, checks);
}

/// What a fix did.
pub fn fixed(output: &Output, id: &str, done: &str) {
    if output.is_json() {
        output.object(&json!({ "type": "fix", "id": id, "done": done }));
    } else {
        output.row(Tone::Good, "fixed", done);
    }
}

/// By topic; what is one of many and all right is told as one line.
fn rows(output: &Output, checks: &[Check]) {
    let is_folded = |check: &Check| check.level == Level::Ok && check.many.is_some();
    let mut told = Vec::new();
    for check in checks {
        match check.many.filter(|_| is_folded(check)) {
            None => row(output, check),
            Some(many) if told.contains(&many) => {}
            Some(many) => {
                told.push(many);
                let same: Vec<_> = checks.iter().filter(|other| other.many == Some(many) && is_folded(other)).collect();
                output.data_row(Tone::Good, "ok", &format!("{}  {}", topic(check), folded(many, &same)));
            }
        }
    }
}

/// `names.bucket`, of `names.bucket.acme-lake-dev`.
fn topic(check: &Check) -> String {
    check.id.splitn(3, '.').take(2).collect::<Vec<_>>().join(".")
}

/// `7 S3 buckets: 2 deployed, 5 free`.
fn folded(many: &str, checks: &[&Check]) -> String {
    let mut findings: Vec<(&str, usize)> = Vec::new();
    for check in checks {
        match findings.iter_mut().find(|(finding, _)| *finding == check.finding) {
            Some((_, n)) => *n += 1,
            None => findings.push((&check.finding, 1)),
        }
    }
    let texts: Vec<_> = findings.iter().map(|(finding, n)| format!("{n} {finding}")).collect();
    format!("{many}: {}", texts.join(", "))
}

fn row(output: &Output, check: &Check) {
    let (tone, word) = match check.level {
        Level::Ok => (Tone::Good, "ok"),
        Level::Warning => (Tone::Changed, "warning"),
        Level::Problem => (Tone::Bad, "problem"),
        Level::NotEvaluated => (Tone::Dim, "not evaluated"),
    };
    output.data_row(tone, word, &format!("{}  {}", check.id, check.finding));
    if let Some(hint) = &check.hint {
        output.data_row(Tone::Dim, "", &format!("hint: {hint}"));
    }
}

fn end(output: &Output, checks: &[Check]) {
    let of = |level: Level| checks.iter().filter(|check| check.level == level).count();
    let (ok, warnings, problems, unasked) =
        (of(Level::Ok), of(Level::Warning), of(Level::Problem), of(Level::NotEvaluated));
    if output.is_json() {
        let ids: Vec<_> = checks.iter().filter(|check| check.is_problem()).map(|check| &check.id).collect();
        output.object(&json!({
            "type": "summary", "ok": problems == 0, "passed": ok, "warnings": warnings, "problems": ids,
            "not_evaluated": unasked,
        }));
        return;
    }
    output.data(&format!(
        "{}: {ok} ok, {}, {}, {unasked} not evaluated",
        counted(checks.len(), "check"),
        counted(warnings, "warning"),
        counted(problems, "problem"),
    ));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_of_a_kind_are_one_line() {
        let check = |name: &str, finding: &str| Check::ok(format!("names.bucket.{name}"), finding).one_of("S3 buckets");
        let all = [check("a", "free"), check("b", "deployed"), check("c.d", "free")];
        assert_eq!(folded("S3 buckets", &all.iter().collect::<Vec<_>>()), "S3 buckets: 2 free, 1 deployed");
        assert_eq!(topic(&all[2]), "names.bucket");
    }
}
