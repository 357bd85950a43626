//! `zone destroy`: deletes the zone, after showing what goes, what is scheduled and what stays.

use pulumi::engine::drive::{Operation, Selection};

use crate::{
    cli::Destroy,
    commands::{concluded, consent},
    deployment::{Session, Verdict},
    error::{Exit, Failure, Result},
    home::Home,
    kept::{self, Kept},
    output::{Output, counted},
    report::Report,
};

pub(crate) async fn run(home: Home, destroy: Destroy, output: &Output) -> Result<()> {
    let (on, environment) = (&destroy.on, destroy.on.env.as_str());
    let zone = home.load(environment)?;
    let mut session = Session::open(home, zone, "destroy", on.parallel, output).await?;
    let report = Report::new(output, on.verbose);
    let how = format!("run `zone destroy -e {environment}` again");

    if session.interrupted()? {
        let message = "a run was interrupted: what it made last is not in the state, and would stay behind";
        let reason = Failure::new(Exit::Failed, message);
        return session
            .refuse(reason.hint(format!("run `zone up -e {environment}`, which looks for it, and then this again")));
    }
    let plan = session.run(Operation::PreviewDestroy, Selection::default(), &mut |p| report.progress(&p)).await?;
    if plan.verdict != Verdict::Succeeded {
        report.summary(&plan);
        return concluded(session, &plan, "planning the deletion", &how);
    }
    let looked = Kept::look(&plan.steps, &session.zone, session.ambient()).await;
    let named = looked.and_then(|kept| Ok((kept.without(&destroy.empty, &plan.steps)?, kept)));
    let (left, kept) = match named {
        Ok(both) => both,
        Err(reason) => return session.refuse(reason),
    };
    let going: Vec<_> = plan.steps.iter().filter(|step| !left.keeps(step)).cloned().collect();
    report.plan(&going);
    kept::say_emptied(&destroy.empty, output);
    left.say(environment, output);
    if !left.urns.is_empty() && going.is_empty() {
        output.say("nothing can be deleted");
        report.summary(&plan);
        return session.close();
    }
    if plan.steps.is_empty() {
        output.say("nothing to delete");
        report.summary(&plan);
        return session.close();
    }
    if !consent(&session, destroy.yes, &format!("delete all of this in {environment}?"), output)? {
        output.say("nothing was deleted");
        return session.close();
    }
    let excluding = |kept: &Kept| Selection { targets: Vec::new(), excluded: kept.urns.clone() };
    let mut outcome = session.run(Operation::Destroy, excluding(&kept), &mut |p| report.progress(&p)).await?;
    if outcome.verdict == Verdict::Succeeded && !destroy.empty.is_empty() {
        // only now: nothing writes to them any more, and until now they had all that guards them
        output.now("emptying buckets");
        if let Err(reason) = kept::empty(&destroy.empty, &session.zone, session.ambient()).await {
            report.end(&format!("zone `{environment}`"), &outcome);
            report.summary(&outcome);
            return session.refuse(reason);
        }
        let rest = session.run(Operation::Destroy, excluding(&left), &mut |p| report.progress(&p)).await?;
        outcome = outcome.then(rest);
    }
    report.end(&format!("zone `{environment}`"), &outcome);
    // whatever the verdict: what was done until then has its fate too
    let keys: Vec<_> =
        outcome.steps.iter().filter(|s| s.kind == "aws:kms/key:Key").filter_map(|s| s.old.as_ref()).collect();
    if !keys.is_empty() {
        let ids: Vec<_> = keys.iter().map(|k| k.id.as_str()).collect();
        let days = keys[0].inputs.get("deletionWindowInDays").and_then(serde_json::Value::as_f64).unwrap_or(30.0);
        let count = counted(ids.len(), "KMS key");
        output.say(&format!("what stays: {count}, gone after {days} days ({})", ids.join(", ")));
        output.say("a deployment before then takes them up again");
    }
    if !left.buckets.is_empty() {
        let names: Vec<_> = left.buckets.iter().map(|full| full.name.as_str()).collect();
        output.say(&format!("what stays: {} (not empty)", names.join(", ")));
    }
    report.summary(&outcome);
    concluded(session, &outcome, "the deletion", &how)
}
