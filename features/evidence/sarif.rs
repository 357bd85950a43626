//! `results.sarif` (2.1.0), for systems that collect findings: a rule per requirement, a result per row.

use serde_json::{Value, json};

use super::{Run, folder::sha256, rfc3339};
use crate::report::{Outcome, Report, ScenarioResult};

pub(super) fn written(name: &str, run: &Run, report: &Report) -> String {
    let rules: Vec<Value> = report
        .by_requirement()
        .into_iter()
        .map(|(requirement, rows)| {
            let mut titles: Vec<&str> = rows.iter().map(|row| row.evidence.rule.as_str()).collect();
            titles.dedup();
            json!({ "id": requirement, "shortDescription": { "text": titles.join("; ") } })
        })
        .collect();
    let rule = |row: &ScenarioResult| rules.iter().position(|rule| rule["id"] == row.requirement.as_str());
    let results: Vec<Value> = report.scenarios.iter().map(|row| result(run, rule(row), row)).collect();
    let (program, version) = run.tool.split_once(' ').unwrap_or((&run.tool, ""));
    let log = json!({
        "$schema": "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": { "name": program, "version": version, "rules": rules } },
            "automationDetails": { "id": format!("zone-verify/{}/{name}", run.environment) },
            "invocations": [{
                "executionSuccessful": true,
                "startTimeUtc": rfc3339::text(run.began),
                "endTimeUtc": rfc3339::text(run.ended),
            }],
            "results": results,
            "columnKind": "unicodeCodePoints",
            "properties": {
                "environment": run.environment, "platform": run.platform(), "account": run.account, "region": run.region,
                "caller": report.caller, "commit": run.commit, "contract": report.contract, "filter": run.filter,
            },
        }],
    });
    format!("{log:#}\n")
}

fn result(run: &Run, rule: Option<usize>, row: &ScenarioResult) -> Value {
    let (kind, level) = match row.outcome {
        Outcome::Passed => ("pass", "none"),
        Outcome::Failed | Outcome::Waived => ("fail", "error"),
        // evaluated, and not enough was known to decide
        Outcome::NotEvaluated => ("open", "none"),
    };
    let evidence = &row.evidence;
    let text = match &row.reason {
        Some(reason) => format!("{}: {reason}", row.name),
        None => row.name.clone(),
    };
    let subjects: Vec<Value> = evidence
        .names(&run.contract_root)
        .into_iter()
        .map(|name| json!({ "fullyQualifiedName": name, "kind": "resource" }))
        .collect();
    let requests: Vec<Value> = evidence
        .calls
        .iter()
        .map(|call| json!({ "call": call.call, "request_id": call.request_id, "status": call.status }))
        .collect();
    let mut result = json!({
        "ruleId": row.requirement,
        "kind": kind,
        "level": level,
        "message": { "text": text },
        "locations": [{
            "physicalLocation": {
                "artifactLocation": { "uri": uri(&run.file(&evidence.file)) },
                "region": { "startLine": evidence.line.max(1) },
            },
            "logicalLocations": subjects,
        }],
        "partialFingerprints": {
            "row/v1": sha256(format!("{}\n{}\n{}", row.requirement, row.feature, row.name).as_bytes()),
        },
        "properties": { "outcome": row.outcome, "steps": evidence.steps, "requests": requests, "shared": evidence.shared },
    });
    if let Some(rule) = rule {
        result["ruleIndex"] = rule.into();
    }
    if row.outcome == Outcome::Waived {
        let waiver = evidence.waiver.as_ref();
        let words = waiver.map(|w| format!("{}; until {}, approved by {}", w.reason, w.until, w.approved_by));
        result["suppressions"] =
            json!([{ "kind": "external", "status": "accepted", "justification": words.unwrap_or_default() }]);
    }
    result
}

/// A path as a relative reference.
fn uri(path: &str) -> String {
    const KEPT: &percent_encoding::AsciiSet =
        &percent_encoding::NON_ALPHANUMERIC.remove(b'/').remove(b'.').remove(b'-').remove(b'_').remove(b'~');
    percent_encoding::utf8_percent_encode(path, KEPT).to_string()
}
