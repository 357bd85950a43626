//! `oscal-assessment-results.json` (OSCAL 1.1.3): an observation per row, a finding per requirement.
//!
//! A requirement is satisfied if each of its rows passed. A row that was not evaluated or is waived leaves it unsatisfied, with
//! the reason `other`: nobody has shown that it holds.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::{
    Run,
    folder::{EVIDENCE, sha256},
    rfc3339,
};
use crate::report::{Outcome, Report, ScenarioResult};

pub(super) fn written(name: &str, run: &Run, report: &Report) -> String {
    let id = |what: &str| uuid(&format!("{name}\n{what}"));
    let mut subjects: BTreeMap<&str, String> = BTreeMap::new();
    for subject in report.scenarios.iter().flat_map(|row| row.evidence.names(&run.contract_root)) {
        subjects.entry(subject).or_insert_with(|| uuid(&format!("{}\n{}\n{subject}", run.account, run.region)));
    }
    // evidence.jsonl has a line for the run and one for each shared look before its rows
    let first = 2 + report.looks.len();
    let observations: Vec<Value> = report
        .scenarios
        .iter()
        .enumerate()
        .map(|(index, row)| observation(run, row, &id(&format!("row {index}")), first + index, &subjects))
        .collect();
    let findings: Vec<Value> = report
        .by_requirement()
        .into_iter()
        .map(|(requirement, rows)| {
            let places = report.scenarios.iter().enumerate().filter(|(_, row)| row.requirement == requirement);
            let related = places.map(|(index, _)| json!({ "observation-uuid": id(&format!("row {index}")) }));
            let related: Vec<Value> = related.collect();
            finding(requirement, &rows, &id(&format!("finding {requirement}")), &related)
        })
        .collect();
    let inventory: Vec<Value> =
        subjects.iter().map(|(name, uuid)| json!({ "uuid": uuid, "description": line(name) })).collect();
    let reviewed: Vec<Value> = report.by_requirement().into_iter().map(|(id, _)| json!({ "control-id": id })).collect();
    let commit = run.commit.as_ref().map(|c| format!("{}{}", c.id, if c.dirty { " with changes" } else { "" }));
    let facts = properties([
        ("environment", Some(run.environment.clone())),
        ("platform", Some(run.platform().to_owned())),
        ("account", Some(run.account.clone())),
        ("region", Some(run.region.clone())),
        ("caller", Some(report.caller.clone())),
        ("management-caller", report.management_caller.clone()),
        ("tool", Some(run.tool.clone())),
        ("commit", commit),
        ("contract-version", report.contract.version.clone()),
        ("contract-digest", report.contract.digest.clone()),
        ("filter", run.filter.clone()),
    ]);
    let title = format!("Verification of environment {} in {} {}", run.environment, run.platform(), run.account);
    let mut result = json!({
        "uuid": id("result"),
        "title": title,
        "description": "Each scenario of the features was judged by what AWS APIs answered.",
        "start": rfc3339::text(run.began),
        "end": rfc3339::text(run.ended),
        "reviewed-controls": { "control-selections": [{ "include-controls": reviewed }] },
        "observations": observations,
        "findings": findings,
    });
    if !facts.is_empty() {
        result["props"] = facts.into();
    }
    if !inventory.is_empty() {
        result["local-definitions"] = json!({ "inventory-items": inventory });
    }
    let plan = id("plan");
    let document = json!({ "assessment-results": {
        "uuid": id("document"),
        "metadata": {
            "title": title,
            "last-modified": rfc3339::text(run.ended),
            "version": name,
            "oscal-version": "1.1.3",
        },
        "import-ap": { "href": format!("#{plan}"), "remarks": "The features are the plan: what is judged, and how." },
        "results": [result],
        "back-matter": { "resources": [{
            "uuid": plan,
            "title": "Features",
            "description": format!("The features of {}, and those of the configuration", run.tool),
        }] },
    } });
    format!("{document:#}\n")
}

fn observation(run: &Run, row: &ScenarioResult, uuid: &str, number: usize, subjects: &BTreeMap<&str, String>) -> Value {
    let evidence = &row.evidence;
    let outcome = match row.outcome {
        Outcome::Passed => "passed",
        Outcome::Failed => "failed",
        Outcome::NotEvaluated => "not-evaluated",
        Outcome::Waived => "waived",
    };
    let mut facts = properties([
        ("outcome", Some(outcome.to_owned())),
        ("requirement", Some(row.requirement.clone())),
        ("feature", Some(format!("{}:{}", run.file(&evidence.file), evidence.line))),
    ]);
    let calls = evidence.calls.iter().filter_map(|call| Some((&call.call, call.request_id.as_ref()?)));
    facts.extend(properties(calls.map(|(call, id)| ("request-id", Some(format!("{call} {id}"))))));
    let names = evidence.names(&run.contract_root);
    let about: Vec<Value> = names
        .into_iter()
        .filter_map(|name| {
            Some(json!({ "subject-uuid": subjects.get(name)?, "type": "inventory-item", "title": line(name) }))
        })
        .collect();
    let mut observation = json!({
        "uuid": uuid,
        "title": line(&row.name),
        "description": evidence.steps.join("\n"),
        "props": facts,
        "methods": [if evidence.is_probe() { "TEST" } else { "EXAMINE" }],
        "subjects": about,
        "relevant-evidence": [{ "href": EVIDENCE, "description": format!("Line {number} of {EVIDENCE}") }],
        "collected": rfc3339::text(evidence.began),
    });
    if let Some(reason) = row.reason.as_ref().filter(|reason| !reason.trim().is_empty()) {
        observation["remarks"] = reason.trim().into();
    }
    observation
}

fn finding(requirement: &str, rows: &[&ScenarioResult], uuid: &str, related: &[Value]) -> Value {
    let count = |outcome| rows.iter().filter(|row| row.outcome == outcome).count();
    let (passed, failed) = (count(Outcome::Passed), count(Outcome::Failed));
    let (state, reason) = match (passed == rows.len(), failed) {
        (true, _) => ("satisfied", "pass"),
        (false, 0) => ("not-satisfied", "other"),
        (false, _) => ("not-satisfied", "fail"),
    };
    let words = format!(
        "{passed} of {} rows passed, {failed} failed, {} not evaluated, {} waived",
        rows.len(),
        count(Outcome::NotEvaluated),
        count(Outcome::Waived)
    );
    let mut titles: Vec<&str> = rows.iter().map(|row| row.evidence.rule.as_str()).collect();
    titles.dedup();
    json!({
        "uuid": uuid,
        "title": requirement,
        "description": line(&titles.join("; ")),
        "target": {
            "type": "objective-id",
            "target-id": requirement,
            "status": { "state": state, "reason": reason, "remarks": words },
        },
        "related-observations": related,
    })
}

/// Properties that have a value; OSCAL allows none that is empty.
fn properties<'a>(facts: impl IntoIterator<Item = (&'a str, Option<String>)>) -> Vec<Value> {
    let property = |(name, value): (&str, Option<String>)| {
        let value = line(&value?);
        (!value.is_empty()).then(|| json!({ "name": name, "ns": NAMESPACE, "value": value }))
    };
    facts.into_iter().filter_map(property).collect()
}

/// Whose the names of our properties are.
const NAMESPACE: &str = "urn:zone:verify";

/// Text in one line, without space around it.
fn line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// A UUID of the form of version 4. It is derived, so that a subject has the same in every run.
fn uuid(of: &str) -> String {
    let hash = sha256(of.as_bytes());
    let variant = ["8", "9", "a", "b"][usize::from(hash.as_bytes()[16] % 4)];
    format!("{}-{}-4{}-{variant}{}-{}", &hash[..8], &hash[8..12], &hash[13..16], &hash[17..20], &hash[20..32])
}
