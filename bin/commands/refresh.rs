//! `zone refresh`: brings the state up to what is live, and says what had drifted.

use pulumi::engine::drive::{Operation, Selection};

use crate::{
    cli::Refresh,
    commands::{concluded, consent},
    deployment::{Session, Verdict},
    error::Result,
    home::Home,
    output::Output,
    report::Report,
};

pub(crate) async fn run(home: Home, refresh: Refresh, output: &Output) -> Result<()> {
    let (on, environment) = (&refresh.on, refresh.on.env.as_str());
    let zone = home.load(environment)?;
    let mut session = Session::open(home, zone, "refresh", on.parallel, output).await?;
    let report = Report::new(output, on.verbose);
    let question = format!("bring the state of {environment} up to what is live?");
    let operation = if refresh.preview {
        Operation::PreviewRefresh
    } else if consent(&session, refresh.yes, &question, output)? {
        Operation::Refresh
    } else {
        output.say("nothing was changed");
        return session.close();
    };
    let outcome = session.run(operation, Selection::default(), &mut |p| report.reading(&p)).await?;
    if outcome.verdict == Verdict::Succeeded {
        report.drift(&outcome.steps);
        let drifted = outcome.changes.iter().any(|(op, n)| op != "same" && *n > 0);
        let mends = format!("what is live differs from the state; `zone up -e {environment}` mends it");
        output.say(if drifted { &mends } else { "no drift" });
    }
    report.end("refresh", &outcome);
    report.summary(&outcome);
    concluded(session, &outcome, "the refresh", "run it again")
}
