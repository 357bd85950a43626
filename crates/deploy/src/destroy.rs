//! Deletes a zone, after showing what goes, what is scheduled and what stays.

use engine::drive::{Operation, Selection};
use state::{
    Message,
    error::{Exit, Failure, Result},
};

use crate::{
    Ended, Plan, Verdict, Watch, Work, concluded, consumers,
    retained::{self, Kept},
    session::Session,
    watch,
};

/// Destroys. The buckets named in `empty` are emptied when all that writes to them is gone; every other bucket that holds
/// something stays, with all that guards it.
pub async fn destroy(work: Work, empty: &[String], watch: &dyn Watch) -> Result<()> {
    let mut session = Session::open(work, &|message| watch.tell(message)).await?;
    let done = delete(&mut session, empty, watch).await;
    session.end(done).await
}

async fn delete(session: &mut Session, empty: &[String], watch: &dyn Watch) -> Result<()> {
    let zone = session.zone.clone();
    let subject = session.subject();
    let how = format!("run `{}` again", subject.command("destroy"));

    if session.interrupted().await? {
        let message = "a run was interrupted: its last resources may be missing from the state, and would stay";
        let reason = Failure::new(Exit::Failed, message);
        return Err(reason.hint(format!("run `{}`, which finds them, then repeat this command", subject.command("up"))));
    }
    if subject.module.is_none() {
        consumers::refuse_deployed(&zone, session.ambient()).await?;
    }
    let plan = session.run(Operation::PreviewDestroy, Selection::default(), &mut |p| watch.progress(&p)).await?;
    if plan.verdict != Verdict::Succeeded {
        watch.ended(&Ended::Planned { plan: &plan, why: None });
        return concluded(&plan, "planning the deletion", &how);
    }
    let kept = Kept::look(&plan.steps, &zone, session.ambient()).await?;
    let left = kept.without(empty, &plan.steps)?;
    let going: Vec<_> = plan.steps.iter().filter(|step| !left.keeps(step)).cloned().collect();
    watch.plan(&Plan { keeps: Some(watch::Kept { stays: &left, emptied: empty }), ..Plan::of(&going) });
    let nothing = match (plan.steps.is_empty(), left.urns.is_empty(), going.is_empty()) {
        (true, ..) => Some("nothing to delete"),
        (false, false, true) => Some("nothing can be deleted"),
        _ => None,
    };
    if nothing.is_some() {
        watch.ended(&Ended::Planned { plan: &plan, why: nothing });
        return Ok(());
    }
    if !watch.consent(&format!("delete all of this in {}?", zone.environment))? {
        watch.tell(Message::Line("nothing was deleted"));
        return Ok(());
    }
    session.leave(&|message| watch.tell(message)).await?;
    let excluding = |kept: &Kept| Selection { targets: Vec::new(), excluded: kept.urns.clone() };
    let mut outcome = session.run(Operation::Destroy, excluding(&kept), &mut |p| watch.progress(&p)).await?;
    if outcome.verdict == Verdict::Succeeded && !empty.is_empty() {
        // only now: nothing writes to them any more, and until now they had all that guards them
        watch.tell(Message::Now("emptying buckets"));
        if let Err(reason) = retained::empty(empty, &zone, session.ambient()).await {
            watch.ended(&Ended::Destroyed { outcome: &outcome, keeps: &left });
            return Err(reason);
        }
        let rest = session.run(Operation::Destroy, excluding(&left), &mut |p| watch.progress(&p)).await?;
        outcome = outcome.then(rest);
    }
    watch.ended(&Ended::Destroyed { outcome: &outcome, keeps: &left });
    concluded(&outcome, "the deletion", &how)
}
