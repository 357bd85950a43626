//! The verbs, one file each.

pub(crate) mod config;
pub(crate) mod contract;
pub(crate) mod destroy;
pub(crate) mod doctor;
pub(crate) mod emulator;
pub(crate) mod engine;
pub(crate) mod init;
pub(crate) mod preview;
pub(crate) mod refresh;
pub(crate) mod up;
pub(crate) mod verify;

use pulumi::engine::drive::{Operation, Selection};

use crate::{
    deployment::{Outcome, Session, Verdict},
    error::{Exit, Failure, Result},
    output::Output,
    report::Report,
    state::Contents,
};

/// Turns the outcome of a deployment into success or the right exit code; `how` says how to go on.
pub(crate) fn concluded(session: Session, outcome: &Outcome, what: &str, how: &str) -> Result<()> {
    session.close()?;
    let kept = if outcome.untouched { "nothing was changed" } else { "what was done until then is kept in the state" };
    match outcome.verdict {
        Verdict::Succeeded => Ok(()),
        Verdict::Failed => Err(Failure::new(Exit::Failed, format!("{what} failed; {kept}"))
            .hint(format!("put right what it says and {how}"))),
        Verdict::Cancelled => Err(Failure::new(Exit::Cancelled, format!("{what} was stopped; {kept}")).hint(how)),
    }
}

/// What a deployment would do. Resources that somebody imported under other URNs than the program's are found by a first
/// look, and known to the second. `contents` is the state before it.
pub(crate) async fn plan(
    session: &mut Session,
    contents: &Contents,
    mut selection: Selection,
    report: &Report<'_>,
    output: &Output,
) -> Result<Outcome> {
    selection.excluded.extend(session.strays(contents));
    let plan = session.run(Operation::Preview, selection.clone(), &mut |p| report.progress(&p)).await?;
    if !session.adopting.find(&plan.adoption, output) {
        return Ok(plan);
    }
    let moved: Vec<_> = session.adopting.moved.values().cloned().collect();
    selection.excluded.retain(|urn| !moved.contains(urn));
    session.run(Operation::Preview, selection, &mut |p| report.progress(&p)).await
}

/// Asks before something is done to a real account. An emulator's zone is nobody's loss.
pub(crate) fn consent(session: &Session, yes: bool, question: &str, output: &Output) -> Result<bool> {
    if yes || session.zone.kind == ::config::Kind::Emulator {
        return Ok(true);
    }
    output.ask(question).ok_or_else(|| {
        Failure::new(Exit::Usage, "there is no terminal to ask on")
            .hint("look at it with `zone preview`, then say --yes")
    })
}
