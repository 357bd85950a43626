//! `zone verify`: judges the live zone by the features.

mod compare;
mod mutate;

use std::{
    path::{Path, PathBuf},
    time::SystemTime,
};

use config::{Kind, Zone};
use deploy::reach::{placed, running};
use features::{
    Report, Source, Target, Waiver,
    evidence::{Commit, Run, folder},
};
use serde_json::json;
use state::{
    error::{Exit, Failure, Result},
    home::Home,
};
use terminal::{
    Output,
    rows::{self, Rows},
};

use crate::{
    cli::{Judging, Rights, Verify, module::Of},
    home,
};

pub(crate) use compare::compare;

fn told(error: &features::Error) -> Failure {
    Failure::new(Exit::Failed, error).maybe(error.hint())
}

/// What `--probe` asks on a real account.
const TOUCHED: &str = "run the probes? They try forbidden actions. They create and delete a role in the path /zone-probe/ and, if AWS allows it, buckets, \
                       roles and event buses named zone-probe-.. and objects below zone-probe/ in the zone's buckets";

/// The same, of a module.
const TRIED: &str = "run the probes of the module? They put objects below zone-probe/ into its buckets, send events to its functions, \
                     and delete the results";

pub(crate) async fn run(home: Home, verify: Verify, output: &Output) -> Result<()> {
    if let Some(rights) = verify.policy {
        let actions = match rights {
            Rights::Member => features::actions::MEMBER,
            Rights::Management => features::actions::MANAGEMENT,
            Rights::Probe => features::actions::PROBE,
        };
        output.data(&format!("{:#}", features::actions::policy(actions)));
        return Ok(());
    }
    let zone = home::load(&home, &verify.judging.env)?;
    if verify.mutate {
        return mutate::run(&home, &zone, &verify, output).await;
    }
    let probes = probes(&home, &zone, &verify.judging, output)?;
    let target = target(&home, &zone, probes).await?;
    let own = own(&home)?;
    judge_by(&home, &zone, (target, own), &verify.judging, output).await
}

/// The same, of a module: by its own features.
pub(crate) async fn module(home: Home, of: &Of, judging: &Judging, output: &Output) -> Result<()> {
    let zone = home::load(&home, &judging.env)?;
    let home = home.of_module(&of.name);
    let (ambient, _) = placed(&home, &zone).await?;
    if !deploy::consumers::deployed(&zone, &ambient).await?.contains_key(&of.name) {
        let subject = home.subject(&zone.environment);
        return Err(Failure::new(Exit::Usage, format!("{subject} is not deployed"))
            .hint(format!("`{}` deploys it", subject.command("up"))));
    }
    let probes = probes(&home, &zone, judging, output)?;
    let module = deploy::module::named(&home, &of.name, &zone, PathBuf::new())?;
    let features = home.modules().join(&of.name).join("features");
    let own = sources(&features)?;
    if own.is_empty() {
        return Err(Failure::new(Exit::Usage, format!("module `{}` has no features", of.name))
            .hint(format!("write what it promises into modules/{}/features/NAME.feature", of.name)));
    }
    let module = features::Module {
        name: of.name.clone(),
        settings: module.config.settings.clone(),
        tags: module.target(&zone, &home).tags,
    };
    let target = Target { module: Some(module), ..target(&home, &zone, probes).await? };
    judge_by(&home, &zone, (target, own), judging, output).await
}

/// Judges a target by these features, shows what came of it, and keeps the evidence.
async fn judge_by(
    home: &Home,
    zone: &Zone,
    (target, own): (Target, Vec<Source>),
    judging: &Judging,
    output: &Output,
) -> Result<()> {
    let (waivers, today, began) = (Waiver::all(zone), today(), SystemTime::now());
    let mut heard = Rows::new(output);
    let report = features::run(&target, &own, &waivers, &today, judging.filter.as_deref(), |one| heard.hear(one))
        .await
        .map_err(|error| told(&error))?;
    let run = Run {
        environment: zone.environment.clone(),
        local: zone.kind == Kind::Emulator,
        account: target.account.clone(),
        region: target.region.clone(),
        contract_root: target.root.clone(),
        tool: concat!("zone ", env!("CARGO_PKG_VERSION")).to_owned(),
        commit: None,
        filter: judging.filter.clone(),
        folder: home.root().to_owned(),
        began,
        ended: SystemTime::now(),
    };
    rows::all(output, &report);
    // what was judged is shown, whatever becomes of the evidence
    let evidence = match &judging.report {
        Some(dir) => evidence(dir, run, &report, output).await,
        None => Ok(()),
    };
    rows::end(output, &report);
    match (judgement(&report, home, zone), evidence) {
        (Ok(()), evidence) => evidence,
        (Err(failure), Ok(())) => Err(failure),
        (Err(failure), Err(unwritten)) => {
            output.failure(&unwritten);
            Err(failure)
        }
    }
}

fn today() -> String {
    jiff::Zoned::now().date().to_string()
}

/// Whether what is forbidden is tried, or why not.
fn probes(home: &Home, zone: &Zone, judging: &Judging, output: &Output) -> Result<std::result::Result<(), String>> {
    if judging.read_only {
        return Ok(Err("probes do not run with --read-only".to_owned()));
    }
    if zone.kind == Kind::Emulator {
        return Ok(Ok(()));
    }
    let subject = home.subject(&zone.environment);
    let command = format!("{} --probe", subject.command("verify"));
    let question = if subject.module.is_some() { TRIED } else { TOUCHED };
    if !judging.probe {
        return Ok(Err(format!("a probe changes the account for a moment: `{command}` runs it")));
    }
    match judging.yes.then_some(true).or_else(|| output.ask(question)) {
        Some(true) => Ok(Ok(())),
        Some(false) => Ok(Err(format!("probes were declined; `{command}` asks again"))),
        None => Err(Failure::new(Exit::Usage, "probes ask first, and nobody can answer here")
            .hint(format!("`{command} --yes` runs them without a question; nothing was changed"))),
    }
}

/// Writes the evidence of a run, and says where, and what is wrong with that of earlier runs.
async fn evidence(dir: &Path, mut run: Run, report: &Report, output: &Output) -> Result<()> {
    let commit = deploy::commit::Commit::of(&run.folder).await;
    run.commit = commit.map(|commit| Commit { id: commit.id, dirty: commit.dirty });
    let written = folder::write(dir, &run, report)
        .map_err(|problem| Failure::new(Exit::Failed, &problem).hint(problem.hint()))?;
    for problem in &written.problems {
        output.note(&format!("the chain of evidence is broken: {problem}"));
    }
    if output.is_json() {
        output.object(&json!({
            "type": "evidence", "folder": written.folder, "sha256": written.sha256, "previous": written.previous,
            "problems": written.problems,
        }));
    }
    output.say(&format!("evidence: {}, manifest SHA-256 {}", written.folder.display(), written.sha256));
    Ok(())
}

fn judgement(report: &Report, home: &Home, zone: &Zone) -> Result<()> {
    let counts = report.counts();
    if report.ok() {
        return Ok(());
    }
    if counts.failed == 0 {
        return Err(Failure::new(Exit::Judged, "no row passed").hint(
            "each row has the reason; docs/rights/verify.member.json and verify.management.json have the permissions \
             that verify needs",
        ));
    }
    let subject = home.subject(&zone.environment);
    let (refresh, up) = (subject.command("refresh"), subject.command("up"));
    let what = match subject.module {
        None => "the configuration is not as required: change it, or write a [[waiver]]",
        Some(_) => "the module's program is not as its features require: change one of them",
    };
    let failure = Failure::new(Exit::Judged, format!("{} of {} rows failed", counts.failed, counts.total()));
    Err(failure.hint(format!(
        "`{refresh} --preview` reports drift; `{refresh}` and then `{up}` correct it. If there is no drift, {what}"
    )))
}

/// How the judge reaches the account.
async fn target(home: &Home, zone: &Zone, probes: std::result::Result<(), String>) -> Result<Target> {
    let endpoint = match zone.kind {
        Kind::Emulator => Some(running(home, zone).await?),
        Kind::Aws => None,
    };
    Ok(Target::of(zone, endpoint, probes))
}

/// The features of a folder: the tenant's own are those of `config/features`.
fn sources(dir: &Path) -> Result<Vec<Source>> {
    Source::all(dir).map_err(|error| told(&error))
}

fn own(home: &Home) -> Result<Vec<Source>> {
    sources(&home.config().join("features"))
}
