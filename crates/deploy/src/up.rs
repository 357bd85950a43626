//! Deploys a zone, or some of its stacks, and publishes its contract.

use engine::drive::{Operation, Selection};
use pulumi::urn;
use state::{
    Message,
    error::{Exit, Failure, Result, counted},
};

use crate::{
    Ended, Outcome, Plan, Verdict, Watch, Work, adoptable,
    adopting::Adopting,
    allowing::{Allowed, allowed},
    concluded, consumers,
    guardrail::{self, Closed},
    partial::Only,
    plan,
    planned::{self, Planned},
    publication,
    retained::Kept,
    risk::Risk,
    session::Session,
};

/// What is deployed, beside what the zone says.
#[derive(Clone, Debug, Default)]
pub struct Order {
    /// Only these stacks; none is all.
    pub only: Vec<String>,
    /// Names and ids of what exists and is adopted, beside those of the configuration.
    pub adopt: Vec<String>,
    /// Whether a plan is shown and consent asked for even where nothing that the plan could show would be lost.
    pub asks: bool,
    /// The plan that is carried out, and nothing else; what it says of `only` and `adopt` is in these.
    pub plan: Option<Planned>,
    /// The risks that may be taken without asking; none with a plan is none of them, and without one all.
    pub allow: Option<Vec<Risk>>,
}

/// Deploys.
pub async fn up(work: Work, order: &Order, watch: &dyn Watch) -> Result<()> {
    let only = Only::read(&order.only, &work.zone)?;
    if let Some(plan) = &order.plan {
        plan.of_environment(&work.zone.environment)?;
        plan.of_configuration(&work.zone)?;
    }
    let mut session = Session::open(work, &|message| watch.tell(message)).await?;
    let done = apply(&mut session, order, only, watch).await;
    session.end(done).await
}

async fn apply(session: &mut Session, order: &Order, only: Option<Only>, watch: &dyn Watch) -> Result<()> {
    let zone = session.zone.clone();
    let environment = zone.environment.as_str();
    let tell = |message: Message<'_>| watch.tell(message);
    let again = if order.adopt.is_empty() { String::new() } else { format!(" --adopt {}", order.adopt.join(",")) };
    let how = match &order.plan {
        Some(plan) => plan.again(),
        None => format!("run `zone up -e {environment}{again}` again: it goes on from here"),
    };

    session.heed_late(&tell).await?;
    if let Some(plan) = &order.plan {
        let version = session.state_version().await?;
        plan.of_state(&version)?;
        // a plan is of the state as it is: what is live otherwise is said, and not taken up
        publication::heeded(&zone, session.ambient(), &session.contents().await?, &tell).await?;
    } else {
        let changed = session.heed_contract().await?;
        if changed > 0 {
            let differ = counted(changed, "contract parameter");
            tell(Message::Note(&format!("live values differ from what was published: refreshed {differ}")));
        }
    }
    let contents = session.contents().await?;
    let guardrails = session.guardrails_left(&contents);
    let guards = only.as_ref().is_none_or(|only| only.has(stacks::GUARDRAILS));
    if guards {
        guardrail::heeded(&zone, &contents)?;
    }
    let leaving: Vec<_> = session.retired(&contents).iter().map(|urn| urn::name(urn).to_owned()).collect();
    consumers::refuse_broken(&zone, session.ambient(), &leaving).await?;
    let closed = if guards { guardrail::closed(&zone, session.ambient()).await? } else { None };
    session.adopting = Adopting::new(&order.adopt, &zone.adopt);
    // what the plan deletes may hold something, and what somebody imported by hand may be the program's
    let adopts = session.adopting.is_on() || !session.strays(&contents).is_empty();
    let held = order.plan.is_some() || order.allow.is_some();
    let plans = order.asks || held || only.is_some() || adopts || !zone.force_destroy_buckets;
    let (mut selection, mut publishes) = (Selection::default(), true);
    if plans {
        let all = Selection { excluded: guardrails.clone(), ..Selection::default() };
        let plan = plan(session, &contents, all, watch).await?;
        let unchanged = |why| watch.ended(&Ended::Planned { plan: &plan, why });
        if plan.verdict != Verdict::Succeeded {
            unchanged(None);
            // what stands in the way may be why it failed
            adoptable(session, &plan, &contents).await?;
            return concluded(&plan, "the preview", &how);
        }
        adoptable(session, &plan, &contents).await.inspect_err(|_| unchanged(None))?;
        let mut steps = plan.steps.clone();
        if let Some(only) = &only {
            let part = only.of(&plan.steps, environment)?;
            publishes = part.unpublished.is_none();
            part.unpublished.iter().for_each(|why| tell(Message::Note(why)));
            (selection, steps) = (part.selection, part.steps);
        }
        let looked = Kept::look(&steps, &zone, session.ambient()).await;
        looked.and_then(|full| full.refused(&session.subject())).inspect_err(|_| unchanged(None))?;
        let bound = guardrail::bound(&zone, session.ambient(), &steps).await;
        watch.plan(&Plan { enables: closed.as_ref(), binds: bound.as_ref(), ..Plan::of(&steps) });
        let changes = if held { planned::changes(&steps, &publication::promised(&zone)) } else { Vec::new() };
        let fits =
            order.plan.as_ref().map_or(Ok(()), |plan| plan.as_planned(&changes, closed.as_ref().map(Closed::root)));
        let allowed = fits.and_then(|()| allowed(order, environment, &changes, watch));
        let allowed = allowed.inspect_err(|_| unchanged(None))?;
        let nothing = steps.is_empty() && closed.is_none();
        let consents = || match allowed {
            Allowed::Yes => watch.consent(&format!("deploy this to {environment}?")),
            Allowed::Asked => Ok(true),
            Allowed::No => Ok(false),
        };
        if nothing || !consents()? {
            unchanged(Some(if nothing { "nothing to change" } else { "nothing was changed" }));
            // where the state is, and what encrypts it, is no resource
            return if nothing { session.keep_as_configured(&tell).await } else { Ok(()) };
        }
    }
    if let Some(closed) = &closed {
        closed.open(&tell).await?;
    }
    let operation = if plans { Operation::UpAtOnce } else { Operation::Up };
    let guardrails_stay = !guardrails.is_empty();
    let strays = session.strays(&contents);
    for stray in &strays {
        tell(Message::Note(&format!(
            "left alone: {stray}, which somebody imported and the configuration does not have; `pulumi state delete \
             '{stray}'` forgets it, after `eval \"$(zone engine env -e {environment})\"`"
        )));
    }
    let retired = if selection.targets.is_empty() { session.retired(&contents) } else { Vec::new() };
    let stays = [guardrails, strays].concat();
    let (outcome, kept) = deploy(session, operation, selection, stays, retired, publishes, watch).await?;
    watch.ended(&Ended::Deployed { outcome: &outcome, zone: &zone, publishes, guardrails_stay });
    concluded(&outcome, "the deployment", &how)?;
    kept?;
    session.keep_as_configured(&tell).await?;
    order.plan.as_ref().map_or(Ok(()), |plan| plan.beyond(&outcome.steps))
}

/// Makes the state of an environment again that has lost it: each resource of the configuration that exists and is the
/// zone's is taken into the state as it is found by its name or its identity tag; what differs from the configuration or is
/// missing is put right, as [`up`] would.
pub async fn rebuild(work: Work, watch: &dyn Watch) -> Result<()> {
    let mut session = Session::open(work, &|message| watch.tell(message)).await?;
    let done = remake(&mut session, watch).await;
    session.end(done).await
}

async fn remake(session: &mut Session, watch: &dyn Watch) -> Result<()> {
    let zone = session.zone.clone();
    let environment = zone.environment.as_str();
    let tell = |message: Message<'_>| watch.tell(message);
    let there = session.contents().await?.resources.len();
    if there > 0 {
        let message = format!("environment `{environment}` has a state, with {}", counted(there, "resource"));
        return Err(Failure::new(Exit::Usage, message).hint(format!(
            "rebuilding is for a state that is lost; `zone refresh -e {environment}` updates this one from live resources, \
             `zone state restore -e {environment} ID` goes back to an earlier one; nothing was changed"
        )));
    }
    tell(Message::Line(&format!(
        "each resource of config/{environment}.toml that exists is taken into a new state; what is missing is created, and \
         what differs is changed, as `zone up` would"
    )));
    if !watch.consent(&format!("rebuild the state of {environment}?"))? {
        tell(Message::Line("nothing was changed"));
        return Ok(());
    }
    let parts = deploy(session, Operation::UpAtOnce, Selection::default(), Vec::new(), Vec::new(), true, watch);
    let (outcome, kept) = parts.await?;
    watch.ended(&Ended::Deployed { outcome: &outcome, zone: &zone, publishes: true, guardrails_stay: false });
    let how = format!("run `zone up -e {environment}`: it goes on from here");
    concluded(&outcome, "rebuilding the state", &how)?;
    session.keep_as_configured(&tell).await?;
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
    watch: &dyn Watch,
) -> Result<(Outcome, Result<()>)> {
    if selection.targets.is_empty() {
        selection.excluded = [&retired[..], &stays[..]].concat();
    }
    let outcome = session.run(operation, selection, &mut |p| watch.progress(&p)).await?;
    if !publishes || outcome.verdict != Verdict::Succeeded {
        return Ok((outcome, Ok(())));
    }
    let leaving: Vec<_> = retired.iter().map(|urn| urn::name(urn)).collect();
    let kept = publication::kept(session.zone(), session.ambient(), &leaving).await;
    if kept.is_err() || retired.is_empty() {
        return Ok((outcome, kept));
    }
    let rest = Selection { excluded: stays, ..Selection::default() };
    // what it deletes is in no plan yet, unless it was asked for
    let retiring = session.run(operation, rest, &mut |p| watch.progress(&p)).await?;
    Ok((outcome.then(retiring), Ok(())))
}
