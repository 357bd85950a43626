//! Says what a deployment would do.

use std::collections::BTreeMap;

use engine::drive::Selection;
use state::{Message, error::Result};

use crate::{
    Ended, Plan, Verdict, Watch, Work, adoptable, adopting::Adopting, concluded, partial::Only, plan, session::Session,
    up::Order,
};

/// Previews. Nothing is changed.
pub async fn preview(work: Work, order: &Order, watch: &dyn Watch) -> Result<()> {
    let zone = work.zone.clone();
    let environment = zone.environment.as_str();
    let only = Only::read(&order.only, &zone)?;
    let mut session = Session::open(work, &|message| watch.tell(message)).await?;
    let contents = session.contents().await?;
    let all = Selection { excluded: session.guardrails_left(&contents), ..Selection::default() };
    session.adopting = Adopting::new(&order.adopt, &zone.adopt);
    let mut outcome = plan(&mut session, &contents, all, watch).await?;
    let mut refusal = adoptable(&session, &outcome, &contents);
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
        if steps.is_empty() && refusal.is_ok() {
            watch.tell(Message::Line("no changes"));
        }
    }
    watch.ended(&Ended::Previewed(&outcome));
    concluded(session, &outcome, "the preview", "run it again").await?;
    refusal
}
