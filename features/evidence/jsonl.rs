//! `evidence.jsonl`: an object a line. The first says what the run is, then come the looks that rows share, then the rows.

use serde::Serialize;
use serde_json::json;

use super::{Call, Commit, Contract, Run, Subject, rfc3339};
use crate::{
    report::{Outcome, Report, ScenarioResult},
    waiver::Waiver,
};

/// A row; each stands for itself, so that one of them can be handed on alone.
#[derive(Debug, Serialize)]
struct Row<'a> {
    r#type: &'static str,
    requirement: &'a str,
    rule: &'a str,
    feature: &'a str,
    scenario: &'a str,
    steps: &'a [String],
    file: String,
    line: usize,
    outcome: Outcome,
    reason: Option<&'a str>,
    waiver: Option<&'a Waiver>,
    subjects: Vec<Subject>,
    calls: &'a [Call],
    shared: &'a [String],
    time: String,
    duration_ms: u128,
    environment: &'a str,
    platform: &'static str,
    account: &'a str,
    region: &'a str,
    caller: &'a str,
    management_caller: Option<&'a str>,
    tool: &'a str,
    commit: Option<&'a Commit>,
    contract: &'a Contract,
}

pub(super) fn written(name: &str, run: &Run, report: &Report) -> String {
    let counts = report.counts();
    let head = json!({
        "type": "run", "run": name, "environment": run.environment, "platform": run.platform(), "account": run.account,
        "region": run.region, "caller": report.caller, "management_caller": report.management_caller, "tool": run.tool,
        "commit": run.commit, "contract": report.contract, "filter": run.filter, "began": rfc3339::text(run.began),
        "ended": rfc3339::text(run.ended), "ok": report.ok(), "counts": counts,
    });
    let looks = report.looks.iter().map(|look| json!({ "type": "shared", "name": look.name, "calls": look.calls }));
    let rows = report.scenarios.iter().filter_map(|result| serde_json::to_string(&row(run, report, result)).ok());
    let lines = std::iter::once(head).chain(looks).map(|object| object.to_string()).chain(rows);
    lines.map(|line| line + "\n").collect()
}

fn row<'a>(run: &'a Run, report: &'a Report, result: &'a ScenarioResult) -> Row<'a> {
    let evidence = &result.evidence;
    let mut subjects = evidence.subjects.clone();
    if subjects.is_empty() {
        let named = |name: &str| {
            let path = name.starts_with('/');
            let (parameter, value) = if path { (Some(name), None) } else { (None, Some(name)) };
            Subject { parameter: parameter.map(str::to_owned), value: value.map(str::to_owned) }
        };
        subjects = evidence.names(&run.contract_root).into_iter().map(named).collect();
    }
    Row {
        r#type: "row",
        requirement: &result.requirement,
        rule: &evidence.rule,
        feature: &result.feature,
        scenario: &result.name,
        steps: &evidence.steps,
        file: run.file(&evidence.file),
        line: evidence.line,
        outcome: result.outcome,
        reason: result.reason.as_deref(),
        waiver: evidence.waiver.as_ref(),
        subjects,
        calls: &evidence.calls,
        shared: &evidence.shared,
        time: rfc3339::text(evidence.began),
        duration_ms: result.duration.as_millis(),
        environment: &run.environment,
        platform: run.platform(),
        account: &run.account,
        region: &run.region,
        caller: &report.caller,
        management_caller: report.management_caller.as_deref(),
        tool: &run.tool,
        commit: run.commit.as_ref(),
        contract: &report.contract,
    }
}
