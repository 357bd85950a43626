//! Deletes a zone, after showing what goes, what is scheduled and what stays.

use engine::drive::{Operation, Selection};
use state::{
    Message,
    error::{Exit, Failure, Result},
};

use crate::{
    Ended, Plan, Verdict, Watch, Work, concluded,
    retained::{self, Kept},
    session::Session,
    watch,
};

/// Destroys. The buckets named in `empty` are emptied when all that writes to them is gone; every other bucket that holds
/// something stays, with all that guards it.
pub async fn destroy(work: Work, empty: &[String], watch: &dyn Watch) -> Result<()> {
    let zone = work.zone.clone();
    let environment = zone.environment.as_str();
    let mut session = Session::open(work, &|message| watch.tell(message)).await?;
    let how = format!("run `zone destroy -e {environment}` again");

    if session.interrupted().await? {
        let message = "a run was interrupted: what it made last is not in the state, and would stay behind";
        let reason = Failure::new(Exit::Failed, message);
        return session
            .refuse(reason.hint(format!("run `zone up -e {environment}`, which looks for it, and then this again")))
            .await;
    }
    let plan = session.run(Operation::PreviewDestroy, Selection::default(), &mut |p| watch.progress(&p)).await?;
    if plan.verdict != Verdict::Succeeded {
        watch.ended(&Ended::Planned { plan: &plan, why: None });
        return concluded(session, &plan, "planning the deletion", &how).await;
    }
    let looked = Kept::look(&plan.steps, &zone, session.ambient()).await;
    let named = looked.and_then(|kept| Ok((kept.without(empty, &plan.steps)?, kept)));
    let (left, kept) = match named {
        Ok(both) => both,
        Err(reason) => return session.refuse(reason).await,
    };
    let going: Vec<_> = plan.steps.iter().filter(|step| !left.keeps(step)).cloned().collect();
    watch.plan(&Plan { keeps: Some(watch::Kept { stays: &left, emptied: empty }), ..Plan::of(&going) });
    let nothing = match (plan.steps.is_empty(), left.urns.is_empty(), going.is_empty()) {
        (true, ..) => Some("nothing to delete"),
        (false, false, true) => Some("nothing can be deleted"),
        _ => None,
    };
    if nothing.is_some() {
        watch.ended(&Ended::Planned { plan: &plan, why: nothing });
        return session.close().await;
    }
    if !watch.consent(&format!("delete all of this in {environment}?"))? {
        watch.tell(Message::Line("nothing was deleted"));
        return session.close().await;
    }
    if let Err(reason) = session.leave(&|message| watch.tell(message)).await {
        return session.refuse(reason).await;
    }
    let excluding = |kept: &Kept| Selection { targets: Vec::new(), excluded: kept.urns.clone() };
    let mut outcome = session.run(Operation::Destroy, excluding(&kept), &mut |p| watch.progress(&p)).await?;
    if outcome.verdict == Verdict::Succeeded && !empty.is_empty() {
        // only now: nothing writes to them any more, and until now they had all that guards them
        watch.tell(Message::Now("emptying buckets"));
        if let Err(reason) = retained::empty(empty, &zone, session.ambient()).await {
            watch.ended(&Ended::Destroyed { outcome: &outcome, keeps: &left });
            return session.refuse(reason).await;
        }
        let rest = session.run(Operation::Destroy, excluding(&left), &mut |p| watch.progress(&p)).await?;
        outcome = outcome.then(rest);
    }
    watch.ended(&Ended::Destroyed { outcome: &outcome, keeps: &left });
    concluded(session, &outcome, "the deletion", &how).await
}
