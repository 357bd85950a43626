//! `zone up`: deploys the zone, and publishes its contract.

use pulumi::engine::drive::Operation;

use crate::{
    cli::Up,
    commands::{concluded, consent},
    deployment::{Session, Verdict},
    error::Result,
    home::Home,
    output::Output,
    report::Report,
};

pub(crate) async fn run(home: Home, up: Up, output: &Output) -> Result<()> {
    let (on, environment) = (&up.on, up.on.env.as_str());
    let mut session =
        Session::open(home, environment, &format!("zone up -e {environment}"), on.parallel, output).await?;
    let report = Report::new(output, on.verbose);
    let how = format!("put right what it says and run `zone up -e {environment}` again: it goes on from here");

    let asks = !up.yes && session.zone.kind == config::Kind::Aws;
    if asks {
        let plan = session.run(Operation::Preview, &mut |p| report.progress(&p)).await?;
        if plan.verdict != Verdict::Succeeded {
            report.summary(&plan);
            return concluded(session, &plan, "the preview", &how);
        }
        report.plan(&plan.steps);
        if plan.steps.is_empty() || !consent(&session, up.yes, &format!("deploy this to {environment}?"), output)? {
            let nothing = if plan.steps.is_empty() { "nothing to change" } else { "nothing was changed" };
            output.done();
            output.say(nothing);
            report.summary(&plan);
            return session.close();
        }
    }
    let operation = if asks { Operation::UpAtOnce } else { Operation::Up };
    let outcome = session.run(operation, &mut |p| report.progress(&p)).await?;

    report.end(&format!("zone `{environment}`"), &outcome);
    if outcome.verdict == Verdict::Succeeded {
        let text = |name: &str| outcome.outputs.get(name).and_then(|v| v.as_str()).unwrap_or("unknown").to_owned();
        output.say(&format!("contract: version {}, digest {}", text("contractVersion"), text("contractDigest")));
        let e = if environment == "local" { String::new() } else { format!(" -e {environment}") };
        output
            .say(&format!("next: `zone verify{e}` judges it, `zone contract list{e}` shows what others can build on"));
    }
    report.summary(&outcome);
    concluded(session, &outcome, "the deployment", &how)
}
