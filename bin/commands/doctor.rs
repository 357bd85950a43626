//! `zone doctor`: says what would stop a deployment, and how to fix it.

use config::{Kind, Zone};
use deploy::adopting;
use doctor::{Check, Doctor};
use state::{
    error::{Exit, Failure, Result},
    home::Home,
    subject::Subject,
};
use terminal::{Output, checks};

use crate::{cli, home};

pub(crate) async fn run(home: Home, args: cli::Doctor, output: &Output) -> Result<()> {
    let zone = home::load(&home, &args.env)?;
    output.now("examining");
    let doctor = Box::pin(Doctor::new(&home, &zone)).await;
    let mut checks = Box::pin(doctor.examine()).await;
    if args.fix {
        fix(&doctor, &zone, &mut checks, args.yes, output).await?;
    }
    checks::all(output, &checks);
    let problems: Vec<_> = checks.iter().filter(|check| check.is_problem()).map(|check| check.id.as_str()).collect();
    if problems.is_empty() {
        return Ok(());
    }
    let message = match problems.as_slice() {
        [one] => format!("a problem would stop a deployment of `{}`: {one}", args.env),
        many => format!("{} problems would stop a deployment of `{}`: {}", many.len(), args.env, many.join(", ")),
    };
    let failure = Failure::new(Exit::Judged, message);
    let others = checks.iter().any(|check| check.is_problem() && check.adopt.is_none());
    Err(match adoption(&checks, &args.env) {
        Some(command) if others => failure.hint(format!(
            "each has a hint above; when the others are solved, `{command}` adopts the existing resources"
        )),
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
        checks::fixed(output, &id, &done);
        let is_of_it = |check: &Check| check.id.starts_with("organization");
        let at = checks.iter().position(is_of_it).unwrap_or(checks.len());
        checks.retain(|check| !is_of_it(check));
        checks.splice(at..at, doctor.organization().await);
    }
    Ok(())
}
