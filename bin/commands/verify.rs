//! `zone verify`: judges the live zone by the features.

mod compare;
mod groups;
mod mutate;

use std::{
    path::{Path, PathBuf},
    sync::Arc,
    time::{Duration, SystemTime},
};

use config::{Kind, Zone};
use features::{
    Access, Heard, Judge, Management, Outcome, Report, ScenarioResult, Source, Target, Waiver,
    evidence::{Commit, Run, folder},
};
use serde_json::json;
use state::{
    error::{Exit, Failure, Result, counted},
    home::Home,
};

use crate::{
    cli::{Judging, Rights, Verify, module::Of},
    commands::{
        emulator::{placed, running},
        module::named,
    },
    home,
    output::{Output, Tone},
};

pub(crate) use compare::compare;

fn told(error: &features::Error) -> Failure {
    Failure::new(Exit::Failed, error).maybe(error.hint())
}

/// For how long AWS may show what was before a change.
const SPREADING: Duration = Duration::from_mins(1);

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
    let target = Target { probes, ..target(&home, &zone).await? };
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
    let module = named(&home, of, &zone, PathBuf::new())?;
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
    let target = Target { module: Some(module), probes, ..target(&home, &zone).await? };
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
    let (waivers, today) = (waivers(zone), today());
    output.now("judging");
    let (began, mut total, mut judged, mut failed) = (SystemTime::now(), 0, 0, 0);
    let report = features::run(&target, &own, &waivers, &today, judging.filter.as_deref(), |heard| match heard {
        Heard::Planned { rows } => total = rows,
        Heard::Judged(result) => {
            judged += 1;
            failed += usize::from(result.outcome == Outcome::Failed);
            let so_far = if failed > 0 { format!(", {failed} failed") } else { String::new() };
            output.now(&format!("judged {judged} of {total}{so_far}"));
            if output.is_json() {
                output.object(&row_json(result));
            }
        }
        Heard::Left(what) => output.note(what),
        Heard::AskingAgain { rows, patience } => {
            let rows = counted(rows, "row");
            output.say(&format!(
                "{rows} failed, but AWS may still return values from before a change: trying again for up to {} s",
                patience.as_secs()
            ));
        }
    })
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
    output.done();
    if output.is_read() {
        groups::shown(output, &report);
    } else if !output.is_json() {
        // people read it by requirement, and the features are in that order
        for result in sorted(&report) {
            row(output, result);
        }
    }
    // what was judged is shown, whatever becomes of the evidence
    let evidence = match &judging.report {
        Some(dir) => evidence(dir, run, &report, output).await,
        None => Ok(()),
    };
    end(&report, output);
    match (judgement(&report, home, zone), evidence) {
        (Ok(()), evidence) => evidence,
        (Err(failure), Ok(())) => Err(failure),
        (Err(failure), Err(unwritten)) => {
            output.failure(&unwritten);
            Err(failure)
        }
    }
}

fn waivers(zone: &Zone) -> Vec<Waiver> {
    let waiver = |w: &config::Waiver| Waiver {
        requirement: w.requirement.clone(),
        scenario: w.scenario.clone(),
        reason: w.reason.clone(),
        until: w.until.to_string(),
        approved_by: w.approved_by.clone(),
    };
    zone.waivers.iter().map(waiver).collect()
}

fn today() -> String {
    jiff::Zoned::now().date().to_string()
}

/// A judge that looks again and again, and only reads.
async fn judge(home: &Home, zone: &Zone) -> Result<Judge> {
    let probes = Err("probes do not run with --mutate".to_owned());
    let target = Target { probes, ..target(home, zone).await? };
    Judge::open(&target, &own(home)?, &waivers(zone), &today()).await.map_err(|error| told(&error))
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

fn sorted(report: &Report) -> Vec<&ScenarioResult> {
    let mut rows: Vec<_> = report.scenarios.iter().collect();
    rows.sort_by(|a, b| (&a.requirement, &a.feature).cmp(&(&b.requirement, &b.feature)));
    rows
}

/// The last line: how many rows ended in which way.
fn end(report: &Report, output: &Output) {
    let counts = report.counts();
    if output.is_json() {
        output.object(&json!({
            "type": "summary", "ok": report.ok(), "passed": counts.passed, "failed": counts.failed,
            "not_evaluated": counts.not_evaluated, "waived": counts.waived,
        }));
    } else {
        output.data(&format!(
            "{}: {} passed, {} failed, {} not evaluated, {} waived",
            counted(counts.total(), "row"),
            counts.passed,
            counts.failed,
            counts.not_evaluated,
            counts.waived
        ));
    }
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

fn word(outcome: Outcome) -> (Tone, &'static str) {
    match outcome {
        Outcome::Passed => (Tone::Good, "passed"),
        Outcome::Failed => (Tone::Bad, "failed"),
        Outcome::NotEvaluated => (Tone::Changed, "not evaluated"),
        Outcome::Waived => (Tone::Changed, "waived"),
    }
}

fn row(output: &Output, result: &ScenarioResult) {
    let (tone, word) = word(result.outcome);
    output.data_row(tone, word, &format!("{}  {}", result.requirement, result.name));
    for line in result.reason.iter().flat_map(|reason| reason.lines()) {
        output.data_row(Tone::Dim, "", line);
    }
}

fn row_json(result: &ScenarioResult) -> serde_json::Value {
    json!({
        "type": "scenario", "requirement": result.requirement, "feature": result.feature, "name": result.name,
        "outcome": result.outcome, "reason": result.reason, "duration_ms": u64::try_from(result.duration.as_millis()).unwrap_or(u64::MAX),
    })
}

/// How the judge reaches the account: on its own, with the SDK alone.
async fn target(home: &Home, zone: &Zone) -> Result<Target> {
    let endpoint = match zone.kind {
        Kind::Emulator => Some(running(home, zone).await?),
        Kind::Aws => None,
    };
    let access = |account: &config::Account| Access {
        profile: account.profile.clone(),
        role_arn: account.role.as_ref().map(|role| format!("arn:aws:iam::{}:role/{role}", account.id)),
    };
    Ok(Target {
        environment: zone.environment.clone(),
        root: zone.parameter_root(),
        account: zone.member.id.to_string(),
        region: zone.region.to_string(),
        organization: zone.organization.to_string(),
        endpoint,
        access: access(&zone.member),
        management: zone.management.as_ref().map(|management| Management {
            account: management.account.id.to_string(),
            access: access(&management.account),
        }),
        zone: Arc::new(zone.clone()),
        module: None,
        probes: Ok(()),
        // an emulator shows what is, at once
        patience: if zone.kind == Kind::Aws { SPREADING } else { Duration::ZERO },
    })
}

/// The tenant's own features: the files of `config/features`, where there are any.
fn own(home: &Home) -> Result<Vec<Source>> {
    sources(&home.config().join("features"))
}

/// The features of a folder, ordered by name; none where there is no such folder.
fn sources(dir: &Path) -> Result<Vec<Source>> {
    let entries = match std::fs::read_dir(dir) {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(Failure::file("reading folder", dir, error)),
    };
    let is_feature = |path: &PathBuf| path.extension().is_some_and(|extension| extension == "feature");
    let mut files: Vec<_> = entries.flatten().map(|entry| entry.path()).filter(is_feature).collect();
    files.sort();
    let read = |file: PathBuf| {
        let text = std::fs::read_to_string(&file).map_err(|e| Failure::file("reading", &file, e))?;
        Ok(Source { file, text })
    };
    files.into_iter().map(read).collect()
}
