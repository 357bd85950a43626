//! `junit.xml`, for systems that show test results: a suite per requirement, a case per row.

use std::{fmt::Write as _, time::Duration};

use super::{Run, markup::escaped, rfc3339};
use crate::report::{Outcome, Report, ScenarioResult};

pub(super) fn written(run: &Run, report: &Report) -> String {
    let counts = report.counts();
    let took = run.ended.duration_since(run.began).unwrap_or_default();
    let mut xml = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    // writing to a String cannot fail
    let _ = writeln!(
        xml,
        "<testsuites name=\"{}\" tests=\"{}\" failures=\"{}\" errors=\"0\" time=\"{}\">",
        escaped(&format!("zone verify {} ({})", run.environment, run.platform())),
        counts.total(),
        counts.failed,
        seconds(took)
    );
    for (requirement, rows) in report.by_requirement() {
        suite(&mut xml, run, report, requirement, &rows);
    }
    xml + "</testsuites>\n"
}

fn suite(xml: &mut String, run: &Run, report: &Report, requirement: &str, rows: &[&ScenarioResult]) {
    let count = |outcomes: &[Outcome]| rows.iter().filter(|row| outcomes.contains(&row.outcome)).count();
    let _ = writeln!(
        xml,
        "  <testsuite name=\"{}\" tests=\"{}\" failures=\"{}\" errors=\"0\" skipped=\"{}\" time=\"{}\" timestamp=\"{}\">",
        escaped(requirement),
        rows.len(),
        count(&[Outcome::Failed]),
        count(&[Outcome::NotEvaluated, Outcome::Waived]),
        seconds(rows.iter().map(|row| row.duration).sum()),
        rfc3339::seconds(run.began)
    );
    let commit = run.commit.as_ref().map(|commit| commit.id.as_str()).unwrap_or_default();
    let properties = [
        ("environment", run.environment.as_str()),
        ("platform", run.platform()),
        ("account", &run.account),
        ("region", &run.region),
        ("caller", &report.caller),
        ("tool", &run.tool),
        ("commit", commit),
        ("contract.version", report.contract.version.as_deref().unwrap_or_default()),
        ("contract.digest", report.contract.digest.as_deref().unwrap_or_default()),
    ];
    xml.push_str("    <properties>\n");
    for (name, value) in properties.into_iter().filter(|(_, value)| !value.is_empty()) {
        let _ = writeln!(xml, "      <property name=\"{name}\" value=\"{}\"/>", escaped(value));
    }
    xml.push_str("    </properties>\n");
    for row in rows {
        case(xml, run, row);
    }
    xml.push_str("  </testsuite>\n");
}

fn case(xml: &mut String, run: &Run, row: &ScenarioResult) {
    let _ = writeln!(
        xml,
        "    <testcase name=\"{}\" classname=\"{}\" time=\"{}\">",
        escaped(&row.name),
        escaped(&format!("{}.{}", row.requirement, row.feature)),
        seconds(row.duration)
    );
    let reason = escaped(row.reason.as_deref().unwrap_or_default());
    match row.outcome {
        Outcome::Passed => {}
        Outcome::Failed => {
            let _ = writeln!(xml, "      <failure type=\"failed\" message=\"{reason}\"/>");
        }
        Outcome::NotEvaluated => {
            let _ = writeln!(xml, "      <skipped type=\"not evaluated\" message=\"{reason}\"/>");
        }
        Outcome::Waived => {
            let _ = writeln!(xml, "      <skipped type=\"waived\" message=\"{reason}\"/>");
        }
    }
    let evidence = &row.evidence;
    let mut lines = vec![format!("{}:{}", run.file(&evidence.file), evidence.line)];
    lines.extend(evidence.steps.iter().cloned());
    lines.extend(evidence.names(&run.contract_root).into_iter().map(|name| format!("subject: {name}")));
    let call =
        |call: &super::Call| format!("{} {}", call.call, call.request_id.as_deref().unwrap_or("without request id"));
    lines.extend(evidence.calls.iter().map(call));
    let _ = writeln!(xml, "      <system-out>{}</system-out>", escaped(&lines.join("\n")));
    xml.push_str("    </testcase>\n");
}

/// With three places, as the schema wants it.
fn seconds(duration: Duration) -> String {
    format!("{}.{:03}", duration.as_secs(), duration.subsec_millis())
}
