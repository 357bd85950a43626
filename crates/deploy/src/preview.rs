//! Says what a deployment would do.

use std::collections::BTreeMap;

use engine::drive::Selection;
use state::{Message, error::Result};

use crate::{
    Ended, Plan, Verdict, Watch, Work, adoptable,
    adopting::Adopting,
    commit::Commit,
    concluded, guardrail,
    partial::Only,
    plan,
    planned::{self, Asked, Basis, Planned},
    publication::{heeded, promised},
    session::Session,
    up::Order,
};

/// Previews. Nothing is changed.
pub async fn preview(work: Work, order: &Order, watch: &dyn Watch) -> Result<()> {
    look(work, order, watch, None).await
}

/// Previews, and hands the plan over to be kept. Nothing is changed.
pub async fn plan_to(work: Work, order: &Order, watch: &dyn Watch, keep: Keep<'_>) -> Result<()> {
    look(work, order, watch, Some(keep)).await
}

/// Keeps a plan.
pub type Keep<'a> = &'a (dyn Fn(&Planned) -> Result<()> + Send + Sync);

async fn look(work: Work, order: &Order, watch: &dyn Watch, keep: Option<Keep<'_>>) -> Result<()> {
    let only = Only::read(&order.only, &work.zone)?;
    let mut session = Session::open(work, &|message| watch.tell(message)).await?;
    let done = show(&mut session, order, only, watch, keep).await;
    session.end(done).await
}

async fn show(
    session: &mut Session,
    order: &Order,
    only: Option<Only>,
    watch: &dyn Watch,
    keep: Option<Keep<'_>>,
) -> Result<()> {
    let zone = session.zone.clone();
    let environment = zone.environment.as_str();
    let contents = session.contents().await?;
    let keep = match keep {
        Some(keep) => {
            heeded(&zone, session.ambient(), &contents, &|message| watch.tell(message)).await?;
            // before the preview: a plan of a state that changes meanwhile must not fit the state after it
            Some((keep, session.state_version().await?))
        }
        None => None,
    };
    let all = Selection { excluded: session.guardrails_left(&contents), ..Selection::default() };
    session.adopting = Adopting::new(&order.adopt, &zone.adopt);
    let mut outcome = plan(session, &contents, all, watch).await?;
    let mut refusal = adoptable(session, &outcome, &contents).await;
    if outcome.verdict == Verdict::Succeeded && refusal.is_ok() {
        let part = only.map(|only| only.of(&outcome.steps, environment)).transpose();
        let steps = match part {
            Ok(Some(part)) => {
                part.unpublished.iter().for_each(|why| watch.tell(Message::Note(why)));
                outcome.changes = BTreeMap::new();
                part.steps.iter().for_each(|step| *outcome.changes.entry(step.op.clone()).or_default() += 1);
                part.steps
            }
            Ok(None) => outcome.steps.clone(),
            Err(failure) => {
                refusal = Err(failure);
                Vec::new()
            }
        };
        watch.plan(&Plan::of(&steps));
        if let (Some((keep, state)), Ok(())) = (keep, &refusal) {
            let commit = Commit::of(session.folder()).await;
            let guards = order.only.is_empty() || order.only.iter().any(|stack| stack == stacks::GUARDRAILS);
            let closed = if guards { guardrail::closed(&zone, session.ambient()).await } else { Ok(None) };
            let asked = Asked { only: order.only.clone(), adopt: order.adopt.clone() };
            let changes = planned::changes(&steps, &promised(&zone));
            refusal = closed.and_then(|closed| {
                let enables = closed.as_ref().map(|closed| closed.root().to_owned());
                keep(&Planned::new(&zone, Basis { commit, state, order: asked, enables }, changes)?)
            });
        }
        if steps.is_empty() && refusal.is_ok() {
            watch.tell(Message::Line("no changes"));
        }
    }
    watch.ended(&Ended::Previewed(&outcome));
    // what stands in the way may be why it failed
    refusal.and_then(|()| concluded(&outcome, "the preview", "run it again"))
}
