//! `zone up`: deploys the zone, or some of its stacks, and publishes its contract.

use pulumi::{
    engine::drive::{Operation, Selection},
    urn,
};

use crate::{
    adopting::Adopting,
    cli::Up,
    commands::{concluded, consent, plan},
    deployment::{Outcome, Session, Verdict},
    error::Result,
    guardrail,
    home::Home,
    kept::Kept,
    output::{Output, counted},
    partial::Only,
    published,
    report::Report,
};

pub(crate) async fn run(home: Home, up: Up, output: &Output) -> Result<()> {
    let (on, environment) = (&up.on, up.on.env.as_str());
    let zone = home.load(environment)?;
    let only = Only::read(&up.only, &zone)?;
    let mut session = Session::open(home, zone, "up", on.parallel, output).await?;
    let report = Report::new(output, on.verbose);
    let again = if up.adopt.is_empty() { String::new() } else { format!(" --adopt {}", up.adopt.join(",")) };
    let how = format!("run `zone up -e {environment}{again}` again: it goes on from here");

    let changed = session.heed_contract().await?;
    if changed > 0 {
        let read = counted(changed, "parameter");
        output.note(&format!("the contract is not live as it was published: read {read} anew"));
    }
    let contents = session.contents()?;
    let guardrails = session.guardrails_left(&contents);
    let guards = only.as_ref().is_none_or(|only| only.has(stacks::GUARDRAILS));
    let closed = if guards { guardrail::closed(&session.zone, session.ambient()).await } else { Ok(None) };
    let closed = match closed {
        Ok(closed) => closed,
        Err(reason) => return session.refuse(reason),
    };
    session.adopting = Adopting::new(&up.adopt, &session.zone.adopt);
    let asks = !up.yes && session.zone.kind == config::Kind::Aws;
    // what the plan deletes may hold something, and what somebody imported by hand may be the program's
    let adopts = session.adopting.is_on() || !session.strays(&contents).is_empty();
    let plans = asks || only.is_some() || adopts || !session.zone.force_destroy_buckets;
    let (mut selection, mut publishes) = (Selection::default(), true);
    if plans {
        let all = Selection { excluded: guardrails.clone(), ..Selection::default() };
        let plan = plan(&mut session, &contents, all, &report, output).await?;
        if plan.verdict != Verdict::Succeeded {
            report.summary(&plan);
            return concluded(session, &plan, "the preview", &how);
        }
        let refused = session.adopting.refused(&plan.adoption, environment, |choice| contents.has(choice));
        if let Err(refusal) = refused {
            report.summary(&plan);
            return session.refuse(refusal);
        }
        let mut steps = plan.steps.clone();
        if let Some(only) = &only {
            let part = match only.of(&plan.steps, environment) {
                Ok(part) => part,
                Err(refusal) => return session.refuse(refusal),
            };
            publishes = part.unpublished.is_none();
            part.unpublished.iter().for_each(|why| output.note(why));
            (selection, steps) = (part.selection, part.steps);
        }
        let looked = Kept::look(&steps, &session.zone, session.ambient()).await;
        if let Err(reason) = looked.and_then(|full| full.refused(environment)) {
            report.summary(&plan);
            return session.refuse(reason);
        }
        report.plan(&steps);
        if let Some(closed) = &closed {
            closed.say(output);
        }
        if let Some(bound) = guardrail::bound(&session.zone, session.ambient(), &steps).await {
            bound.say(output);
        }
        let nothing = steps.is_empty() && closed.is_none();
        if nothing || !consent(&session, up.yes, &format!("deploy this to {environment}?"), output)? {
            output.done();
            output.say(if nothing { "nothing to change" } else { "nothing was changed" });
            report.summary(&plan);
            return session.close();
        }
    }
    if let Some(closed) = &closed
        && let Err(reason) = closed.open(output).await
    {
        return session.refuse(reason);
    }
    let operation = if plans { Operation::UpAtOnce } else { Operation::Up };
    let stay = !guardrails.is_empty();
    let strays = session.strays(&contents);
    say_left(&strays, environment, output);
    let retired = if selection.targets.is_empty() { session.retired(&contents) } else { Vec::new() };
    let stays = [guardrails, strays].concat();
    let (outcome, kept) = deploy(&mut session, operation, selection, stays, retired, publishes, &report).await?;

    report.end(&format!("zone `{environment}`"), &outcome);
    if outcome.verdict == Verdict::Succeeded {
        succeeded(&session, &outcome, publishes, stay, output);
    }
    report.summary(&outcome);
    concluded(session, &outcome, "the deployment", &how)?;
    kept
}

/// New values of the contract first; what it promises no more goes only after a run that succeeded, and whose
/// contract was found to be kept: a run that fails leaves no reader of the old with nothing. `stays` is never touched,
/// and `retired` is what the contract promises no more.
async fn deploy(
    session: &mut Session,
    operation: Operation,
    mut selection: Selection,
    stays: Vec<String>,
    retired: Vec<String>,
    publishes: bool,
    report: &Report<'_>,
) -> Result<(Outcome, Result<()>)> {
    if selection.targets.is_empty() {
        selection.excluded = [&retired[..], &stays[..]].concat();
    }
    let outcome = session.run(operation, selection, &mut |p| report.progress(&p)).await?;
    if !publishes || outcome.verdict != Verdict::Succeeded {
        return Ok((outcome, Ok(())));
    }
    let leaving: Vec<_> = retired.iter().map(|urn| urn::name(urn)).collect();
    let kept = published::kept(&session.zone, session.ambient(), &leaving).await;
    if kept.is_err() || retired.is_empty() {
        return Ok((outcome, kept));
    }
    let rest = Selection { excluded: stays, ..Selection::default() };
    // what it deletes is in no plan yet, unless it was asked for
    let retiring = session.run(operation, rest, &mut |p| report.progress(&p)).await?;
    Ok((outcome.then(retiring), Ok(())))
}

/// Says what somebody imported by hand and the configuration does not have.
fn say_left(strays: &[String], environment: &str, output: &Output) {
    for stray in strays {
        output.note(&format!(
            "left alone: {stray}, which somebody imported and the configuration does not have; `pulumi state delete \
             '{stray}'` forgets it, after `eval \"$(zone engine env -e {environment})\"`"
        ));
    }
}

fn succeeded(session: &Session, outcome: &Outcome, publishes: bool, guardrails_stay: bool, output: &Output) {
    let text = |name: &str| outcome.outputs.get(name).and_then(|v| v.as_str()).unwrap_or("unknown").to_owned();
    let environment = &session.zone.environment;
    if publishes {
        output.say(&format!("contract: version {}, digest {}", text("contractVersion"), text("contractDigest")));
    }
    if session.zone.guardrail().is_none() && (session.zone.guardrails.is_some() || guardrails_stay) {
        let why = match session.zone.guardrails {
            Some(_) => format!("config/{environment}.toml names no management account"),
            None => "there is no table [guardrails]".to_owned(),
        };
        let what = if guardrails_stay {
            "those that were deployed before stay as they are"
        } else {
            "untagged things are not refused"
        };
        output.say(&format!("guardrails: skipped, as {why}: {what}"));
    }
    let e = if environment == "local" { String::new() } else { format!(" -e {environment}") };
    output.say(&format!("next: `zone verify{e}` judges it, `zone contract list{e}` shows what others can build on"));
}
