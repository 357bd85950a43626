//! A deployment of a zone, as a library: the same one that the command line, plain `pulumi` and a worker of many accounts
//! run.
//!
//! Start reading at [`up`]. Everything that counts is in [`Work`] and in the order of the verb: no file of the configuration
//! is read, no terminal is taken, no signal handler is installed. What happens is told to a [`Watch`], which is also asked
//! before anything is changed; a [`Cancel`] ends it. Several deployments run in one process side by side, one for each folder
//! and environment.
//!
//! - [`session`]: the right to work on an environment, and one run of the engine
//! - [`up`], [`preview`], [`refresh`], [`drift`], [`destroy`]: the verbs
//! - [`planned`]: a plan as a file; [`markdown`]: as a comment; [`risk`]: what its steps can cost; [`commit`]: where it was made
//! - [`partial`]: some stacks only; [`retained`]: buckets that are not emptied; [`adopting`]: what exists already
//! - [`publication`]: the contract as it is live; [`reading`]: as its readers meet it; [`guardrail`]: what hanging it takes, and whom it binds
//! - [`backend`]: where the state is; [`keeping`]: looking after it
//! - [`module`]: deploying a module on the zone, its folder and its program; [`consumers`]: the modules that are deployed, and what
//!   they read
//! - [`plugin`]: the provider and the program, as the engine starts them
//! - [`accounts`]: the way into an account; [`reach`]: the way to what is deployed already

pub mod accounts;
pub mod adopting;
mod allowing;
pub mod backend;
mod cancel;
pub mod commit;
pub mod consumers;
pub mod destroy;
pub mod drift;
mod following;
pub mod guardrail;
pub mod keeping;
pub mod markdown;
pub mod module;
pub mod partial;
mod path;
pub mod planned;
pub mod plugin;
pub mod preview;
pub mod publication;
pub mod reach;
pub mod reading;
pub mod refresh;
pub mod retained;
pub mod risk;
mod secrets;
pub mod session;
pub mod up;
mod watch;

pub use cancel::Cancel;
pub use session::{Outcome, Progress, Verdict, Work};
pub use watch::{Ended, Kept, Plan, Watch};

use engine::drive::{Operation, Selection};
use session::Session;
use state::{
    contents::Contents,
    error::{Exit, Failure, Result},
};

/// What a deployment would do. Resources that somebody imported under other URNs than the program's are found by a first
/// look, and known to the second. `contents` is the state before it.
async fn plan(
    session: &mut Session,
    contents: &Contents,
    mut selection: Selection,
    watch: &dyn Watch,
) -> Result<Outcome> {
    selection.excluded.extend(session.strays(contents));
    let plan = session.run(Operation::Preview, selection.clone(), &mut |p| watch.progress(&p)).await?;
    if !session.adopting.find(&plan.adoption, &|message| watch.tell(message)) {
        return Ok(plan);
    }
    let moved: Vec<_> = session.adopting.moved.values().cloned().collect();
    selection.excluded.retain(|urn| !moved.contains(urn));
    session.run(Operation::Preview, selection, &mut |p| watch.progress(&p)).await
}

/// Refuses a plan that leaves something in the way, or that does not have what was chosen and the state lacks, too. A plan that
/// failed may not have come to what was chosen.
async fn adoptable(session: &Session, plan: &Outcome, contents: &Contents) -> Result<()> {
    let came = &plan.adoption;
    if plan.verdict == Verdict::Succeeded {
        session.adopting.matched(came, |id| adopting::holds(contents, id))?;
    }
    let unfit = if came.standing.is_empty() { Vec::new() } else { session.unfit(came, contents).await };
    session.adopting.nothing_stands(came, &unfit, &session.command("up"))
}

/// Turns the outcome of a deployment into success or the right failure; `how` says how to go on.
fn concluded(outcome: &Outcome, what: &str, how: &str) -> Result<()> {
    let kept = if outcome.untouched { "nothing was changed" } else { "what was done until then is kept in the state" };
    match outcome.verdict {
        Verdict::Succeeded => Ok(()),
        Verdict::Failed => Err(Failure::new(Exit::Failed, format!("{what} failed; {kept}"))
            .hint(format!("correct the reported errors and {how}"))),
        Verdict::Cancelled => Err(Failure::new(Exit::Cancelled, format!("{what} was stopped; {kept}")).hint(how)),
    }
}
