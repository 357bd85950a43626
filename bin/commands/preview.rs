//! `zone preview`: says what `zone up` would do.

use std::collections::BTreeMap;

use pulumi::engine::drive::Selection;

use crate::{
    adopting::Adopting,
    cli::Preview,
    commands::{concluded, plan},
    deployment::{Session, Verdict},
    error::Result,
    home::Home,
    output::Output,
    partial::Only,
    report::Report,
};

pub(crate) async fn run(home: Home, preview: Preview, output: &Output) -> Result<()> {
    let (on, environment) = (&preview.on, preview.on.env.as_str());
    let zone = home.load(environment)?;
    let only = Only::read(&preview.only, &zone)?;
    let mut session = Session::open(home, zone, "preview", on.parallel, output).await?;
    let report = Report::new(output, on.verbose);
    let contents = session.contents()?;
    let all = Selection { excluded: session.guardrails_left(&contents), ..Selection::default() };
    session.adopting = Adopting::new(&preview.adopt, &session.zone.adopt);
    let mut outcome = plan(&mut session, &contents, all, &report, output).await?;
    let mut refusal = session.adopting.refused(&outcome.adoption, environment, |choice| contents.has(choice));
    if outcome.verdict == Verdict::Succeeded && refusal.is_ok() {
        let part = only.map(|only| only.of(&outcome.steps, environment)).transpose();
        let steps = match part {
            Ok(Some(part)) => {
                part.unpublished.iter().for_each(|why| output.note(why));
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
        report.plan(&steps);
        if steps.is_empty() && refusal.is_ok() {
            output.say("no changes");
        }
    }
    report.end_of_preview(&outcome);
    report.summary(&outcome);
    concluded(session, &outcome, "the preview", "run it again")?;
    refusal
}
