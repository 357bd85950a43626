//! `zone preview`: says what `zone up` would do.

use pulumi::engine::drive::Operation;

use crate::{
    cli::On,
    commands::concluded,
    deployment::{Session, Verdict},
    error::Result,
    home::Home,
    output::Output,
    report::Report,
};

pub(crate) async fn run(home: Home, on: On, output: &Output) -> Result<()> {
    let environment = on.env.as_str();
    let mut session =
        Session::open(home, environment, &format!("zone preview -e {environment}"), on.parallel, output).await?;
    let report = Report::new(output, on.verbose);
    let outcome = session.run(Operation::Preview, &mut |p| report.progress(&p)).await?;
    if outcome.verdict == Verdict::Succeeded {
        report.plan(&outcome.steps);
        if outcome.steps.is_empty() {
            output.say("no changes");
        }
    }
    report.end("preview", &outcome);
    report.summary(&outcome);
    concluded(session, &outcome, "the preview", "put right what it says and run it again; nothing was changed")
}
