//! `zone verify`: judges the live zone by the features.

use std::{path::PathBuf, sync::Arc, time::Duration};

use config::{Kind, Zone};
use features::{Access, Heard, Management, Outcome, ScenarioResult, Source, Target, Waiver};
use serde_json::json;
use state::{
    error::{Exit, Failure, Result, counted},
    home::Home,
};

use crate::{
    cli::Verify,
    commands::emulator::running,
    home,
    output::{Output, Tone},
};

fn told(error: &features::Error) -> Failure {
    Failure::new(Exit::Failed, error).maybe(error.hint())
}

/// For how long AWS may show what was before a change.
const SPREADING: Duration = Duration::from_mins(1);

pub(crate) async fn run(home: Home, verify: Verify, output: &Output) -> Result<()> {
    let zone = home::load(&home, &verify.env)?;
    let target = target(&home, &zone).await?;
    let waiver = |w: &config::Waiver| Waiver {
        requirement: w.requirement.clone(),
        scenario: w.scenario.clone(),
        reason: w.reason.clone(),
        until: w.until.to_string(),
    };
    let waivers: Vec<_> = zone.waivers.iter().map(waiver).collect();
    let today = jiff::Zoned::now().date().to_string();
    output.now("judging");
    let mut judged = Vec::new();
    let report = features::run(&target, &own(&home)?, &waivers, &today, verify.filter.as_deref(), |heard| match heard {
        Heard::Judged(result) if output.is_json() => output.object(&row_json(result)),
        Heard::Judged(result) => {
            output.now(&format!("judged {}", judged.len() + 1));
            judged.push(result.clone());
        }
        Heard::AskingAgain { rows, patience } => {
            let rows = counted(rows, "row");
            output.say(&format!(
                "{rows} did not hold, and AWS may still show what was before a change: it is asked again for up to {} s",
                patience.as_secs()
            ));
        }
    })
    .await
    .map_err(|error| told(&error))?;
    let counts = report.counts();
    if output.is_json() {
        output.object(&json!({
            "type": "summary", "ok": report.ok(), "passed": counts.passed, "failed": counts.failed,
            "not_evaluated": counts.not_evaluated, "waived": counts.waived,
        }));
    } else {
        // scenarios run at once and end in any order: people read them by requirement
        judged.sort_by(|a, b| (&a.requirement, &a.feature).cmp(&(&b.requirement, &b.feature)));
        for result in &judged {
            row(output, result);
        }
        output.data(&format!(
            "{} rows: {} passed, {} failed, {} not evaluated, {} waived",
            counts.total(),
            counts.passed,
            counts.failed,
            counts.not_evaluated,
            counts.waived
        ));
    }
    output.done();
    if report.ok() {
        return Ok(());
    }
    if counts.failed == 0 {
        return Err(Failure::new(Exit::Judged, "no row passed").hint(
            "each row says why it was not judged; docs/rights/verify.member.json and verify.management.json have the rights \
             that verify needs",
        ));
    }
    let failure = Failure::new(Exit::Judged, format!("{} of {} rows failed", counts.failed, counts.total()));
    Err(failure
        .hint(format!(
            "`zone refresh --preview -e {0}` shows what has drifted; `zone refresh` and `zone up -e {0}` mend that. Without \
             drift the configuration is not as required: change it, or write a [[waiver]]",
            zone.environment
        )))
}

fn row(output: &Output, result: &ScenarioResult) {
    let (tone, word) = match result.outcome {
        Outcome::Passed => (Tone::Good, "passed"),
        Outcome::Failed => (Tone::Bad, "failed"),
        Outcome::NotEvaluated => (Tone::Changed, "not evaluated"),
        Outcome::Waived => (Tone::Changed, "waived"),
    };
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
        // an emulator shows what is, at once
        patience: if zone.kind == Kind::Aws { SPREADING } else { Duration::ZERO },
    })
}

/// The tenant's own features: the files of `config/features`, where there are any.
fn own(home: &Home) -> Result<Vec<Source>> {
    let dir = home.config().join("features");
    let entries = match std::fs::read_dir(&dir) {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(Failure::file("reading folder", &dir, error)),
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
