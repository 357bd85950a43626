//! `zone doctor`: says what would stop a deployment, and how to fix it.

use config::{Kind, Zone};
use deploy::adopting;
use doctor::{Check, Doctor, Level};
use serde_json::json;
use state::{
    error::{Exit, Failure, Result, counted},
    home::Home,
    subject::Subject,
};

use crate::{
    cli, home,
    output::{Output, Tone},
};

pub(crate) async fn run(home: Home, args: cli::Doctor, output: &Output) -> Result<()> {
    let zone = home::load(&home, &args.env)?;
    output.now("examining");
    let doctor = Box::pin(Doctor::new(&home, &zone)).await;
    let mut checks = Box::pin(doctor.examine()).await;
    if args.fix {
        fix(&doctor, &zone, &mut checks, args.yes, output).await?;
    }
    output.done();
    if output.is_json() {
        for check in &checks {
            output.object(&check.object());
        }
    } else {
        show(&checks, output);
    }
    summary(&checks, output);
    let problems: Vec<_> = checks.iter().filter(|check| check.is_problem()).map(|check| check.id.as_str()).collect();
    if problems.is_empty() {
        return Ok(());
    }
    let message = match problems.as_slice() {
        [one] => format!("a problem would stop a deployment of `{}`: {one}", args.env),
        many => format!("{} problems would stop a deployment of `{}`: {}", many.len(), args.env, many.join(", ")),
    };
    let failure = Failure::new(Exit::Judged, message);
    Err(match adoption(&checks, &args.env) {
        Some(command) => failure.hint(format!("each has a hint above; `{command}` adopts all existing resources")),
        None => failure.hint("each has a hint above"),
    })
}

/// The command that adopts all that exists; none where there is nothing to adopt.
fn adoption(checks: &[Check], environment: &str) -> Option<String> {
    let choices: Vec<_> = checks.iter().filter_map(|check| check.adopt.as_deref()).collect();
    (!choices.is_empty()).then(|| adopting::command(&Subject::from(environment).command("up"), &choices))
}

/// Does what can be done, and looks once more. Everything else is left as it is.
async fn fix(doctor: &Doctor<'_>, zone: &Zone, checks: &mut Vec<Check>, yes: bool, output: &Output) -> Result<()> {
    let fixes: Vec<_> = checks.iter().filter_map(|check| Some((check.id.clone(), check.fix.clone()?))).collect();
    if fixes.is_empty() {
        output.say("--fix has nothing to correct");
    }
    for (id, fix) in fixes {
        // an emulator's organization is nobody's loss
        if !yes && zone.kind == Kind::Aws {
            let agreed = output.ask(&fix.question()).ok_or_else(|| {
                Failure::new(Exit::Usage, "there is no terminal to ask on")
                    .hint("look at it without --fix, then say --fix --yes")
            })?;
            if !agreed {
                output.say("nothing was changed");
                continue;
            }
        }
        let done = doctor.fix(&fix).await?;
        if output.is_json() {
            output.object(&json!({ "type": "fix", "id": id, "done": done }));
        } else {
            output.row(Tone::Good, "fixed", &done);
        }
        let is_of_it = |check: &Check| check.id.starts_with("organization");
        let at = checks.iter().position(is_of_it).unwrap_or(checks.len());
        checks.retain(|check| !is_of_it(check));
        checks.splice(at..at, doctor.organization().await);
    }
    Ok(())
}

/// By topic; what is one of many and all right is told as one line.
fn show(checks: &[Check], output: &Output) {
    let is_folded = |check: &Check| check.level == Level::Ok && check.many.is_some();
    let mut told = Vec::new();
    for check in checks {
        match check.many.filter(|_| is_folded(check)) {
            None => row(check, output),
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

fn row(check: &Check, output: &Output) {
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

fn summary(checks: &[Check], output: &Output) {
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
