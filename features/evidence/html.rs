//! `report.html`, for people: one file that needs no network, on a screen of any width and on paper.

use std::{fmt::Write as _, time::SystemTime};

use super::{Call, Run, markup::escaped, rfc3339};
use crate::report::{Outcome, Report, ScenarioResult};

/// The longest answer that is shown; `evidence.jsonl` has it whole.
const SHOWN: usize = 1500;

pub(super) fn written(name: &str, run: &Run, report: &Report) -> String {
    let title = format!("Verification of {}", run.environment);
    let mut html = String::with_capacity(256 * 1024);
    // writing to a String cannot fail
    let _ = write!(
        html,
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n<title>{}</title>\n<style>\n{}</style>\n</head>\n<body>\n\
         <header>\n<h1>{}</h1>\n<p class=\"where\">{} account {} · {} · {} UTC</p>\n",
        escaped(&format!("{title}, {name}")),
        include_str!("report.css"),
        escaped(&title),
        escaped(run.platform()),
        escaped(&run.account),
        escaped(&run.region),
        minute(run.began)
    );
    if run.local {
        html.push_str("<p class=\"local\">This run judged <b>local AWS</b>, an emulator. It shows nothing about an account of AWS.</p>\n");
    }
    html.push_str("</header>\n<main>\n");
    verdict(&mut html, report);
    if let Some(filter) = &run.filter {
        let _ =
            writeln!(html, "<p class=\"local\">Only a part was judged: <code>--filter {}</code></p>", escaped(filter));
    }
    overview(&mut html, report);
    let mut groups = report.by_requirement();
    groups.sort_by_key(|(_, rows)| worst(rows));
    for (requirement, rows) in groups {
        section(&mut html, run, requirement, &rows);
    }
    looks(&mut html, report);
    facts(&mut html, name, run, report);
    html + "</main>\n</body>\n</html>\n"
}

fn word(outcome: Outcome) -> (&'static str, &'static str) {
    match outcome {
        Outcome::Failed => ("failed", "failed"),
        Outcome::NotEvaluated => ("unknown", "not evaluated"),
        Outcome::Waived => ("waived", "waived"),
        Outcome::Passed => ("passed", "passed"),
    }
}

/// The order in which people look.
const ORDER: [Outcome; 4] = [Outcome::Failed, Outcome::Waived, Outcome::NotEvaluated, Outcome::Passed];

fn rank(outcome: Outcome) -> usize {
    ORDER.iter().position(|known| *known == outcome).unwrap_or_default()
}

fn worst(rows: &[&ScenarioResult]) -> usize {
    rows.iter().map(|row| rank(row.outcome)).min().unwrap_or_default()
}

fn verdict(html: &mut String, report: &Report) {
    let counts = report.counts();
    let sentence = match (counts.failed, counts.passed) {
        (0, 0) => "No row passed: this run shows nothing.".to_owned(),
        (0, _) if counts.passed == counts.total() => "Every row passed.".to_owned(),
        (0, _) => "No row failed. Some were not evaluated or are waived.".to_owned(),
        (1, _) => "1 row failed.".to_owned(),
        (failed, _) => format!("{failed} rows failed."),
    };
    let _ = writeln!(
        html,
        "<p class=\"verdict {}\">{sentence}</p>\n<ul class=\"tiles\">",
        if report.ok() { "passed" } else { "failed" }
    );
    let tiles = [
        (Outcome::Passed, counts.passed),
        (Outcome::Failed, counts.failed),
        (Outcome::NotEvaluated, counts.not_evaluated),
        (Outcome::Waived, counts.waived),
    ];
    for (outcome, count) in tiles {
        let (class, word) = word(outcome);
        let none = if count == 0 { " none" } else { "" };
        let _ = writeln!(html, "<li class=\"{class}{none}\"><b>{count}</b> {word}</li>");
    }
    html.push_str("</ul>\n");
}

/// `24 passed, 1 failed`, the worst first.
fn counted(html: &mut String, rows: &[&ScenarioResult]) {
    for outcome in ORDER {
        let count = rows.iter().filter(|row| row.outcome == outcome).count();
        if count > 0 {
            let (class, word) = word(outcome);
            let _ = write!(html, "<span class=\"badge {class}\">{count} {word}</span> ");
        }
    }
}

fn overview(html: &mut String, report: &Report) {
    html.push_str("<h2>Requirements</h2>\n<ul class=\"overview\">\n");
    for (requirement, rows) in report.by_requirement() {
        let id = escaped(requirement);
        let _ = write!(
            html,
            "<li><a href=\"#{id}\">{id}</a> <span class=\"what\">{}</span> <span class=\"counts\">",
            titles(&rows)
        );
        counted(html, &rows);
        html.push_str("</span></li>\n");
    }
    html.push_str("</ul>\n");
}

fn titles(rows: &[&ScenarioResult]) -> String {
    let mut titles: Vec<&str> = rows.iter().map(|row| row.evidence.rule.as_str()).collect();
    titles.dedup();
    escaped(&titles.join("; "))
}

fn section(html: &mut String, run: &Run, requirement: &str, rows: &[&ScenarioResult]) {
    let id = escaped(requirement);
    let _ = write!(html, "<section id=\"{id}\">\n<h2>{id} <span class=\"counts\">");
    counted(html, rows);
    html.push_str("</span></h2>\n");
    let mut rows = rows.to_vec();
    rows.sort_by_key(|row| rank(row.outcome));
    let mut rules: Vec<&str> = Vec::new();
    for row in &rows {
        if !rules.contains(&row.evidence.rule.as_str()) {
            rules.push(&row.evidence.rule);
        }
    }
    for rule in rules {
        let _ = writeln!(html, "<h3>{}</h3>", escaped(rule));
        for row in rows.iter().filter(|row| row.evidence.rule == rule) {
            self::row(html, run, row);
        }
    }
    html.push_str("</section>\n");
}

fn row(html: &mut String, run: &Run, row: &ScenarioResult) {
    let (class, word) = word(row.outcome);
    // what failed is read on paper, too
    let open = if row.outcome == Outcome::Failed { " open" } else { "" };
    let evidence = &row.evidence;
    let _ = write!(
        html,
        "<details class=\"row {class}\"{open}>\n<summary><span class=\"badge {class}\">{word}</span> {}",
        escaped(&row.name)
    );
    // a reason is read without opening anything, on paper as well
    if let Some(reason) = &row.reason {
        let _ = write!(html, "<span class=\"reason\">{}</span>", escaped(reason));
    }
    html.push_str("</summary>\n");
    if let Some(waiver) = &evidence.waiver {
        let _ = writeln!(
            html,
            "<p class=\"small\">Waiver until {}, approved by {}: {}</p>",
            escaped(&waiver.until),
            escaped(&waiver.approved_by),
            escaped(&waiver.reason)
        );
    }
    html.push_str("<ol class=\"steps\">\n");
    for step in &evidence.steps {
        let (keyword, rest) = step.split_once(' ').unwrap_or((step, ""));
        let _ = writeln!(html, "<li><b>{}</b> {}</li>", escaped(keyword), escaped(rest));
    }
    html.push_str("</ol>\n<h4>Subjects</h4>\n<ul class=\"plain\">\n");
    let names = evidence.names(&run.contract_root);
    // the tags of everything are about a hundred
    for name in names.iter().take(12) {
        let parameter = evidence.subjects.iter().find(|subject| subject.name() == *name);
        let parameter = parameter.and_then(|subject| subject.parameter.as_deref()).filter(|path| path != name);
        let of = parameter.map(|path| format!(" <span class=\"small\">{}</span>", escaped(path))).unwrap_or_default();
        let _ = writeln!(html, "<li><code>{}</code>{of}</li>", escaped(name));
    }
    if names.len() > 12 {
        let _ = writeln!(html, "<li class=\"small\">and {} more</li>", names.len() - 12);
    }
    html.push_str("</ul>\n");
    if !evidence.calls.is_empty() {
        html.push_str("<h4>Calls</h4>\n");
        calls(html, &evidence.calls);
    }
    for look in &evidence.shared {
        let id = escaped(look);
        let _ =
            writeln!(html, "<p class=\"small\">It also rests on the shared look <a href=\"#look-{id}\">{id}</a>.</p>");
    }
    let _ = writeln!(
        html,
        "<p class=\"small\">{}:{} · {} · {} ms</p>\n</details>",
        escaped(&run.file(&evidence.file)),
        evidence.line,
        rfc3339::text(evidence.began),
        row.duration.as_millis()
    );
}

fn calls(html: &mut String, calls: &[Call]) {
    html.push_str("<ul class=\"calls\">\n");
    for call in calls {
        let on: Vec<String> =
            call.on.as_object().into_iter().flatten().map(|(name, value)| format!("{name} {}", shown(value))).collect();
        let status = call.status.map_or("no answer".to_owned(), |status| status.to_string());
        let _ = write!(
            html,
            "<li><code>{}</code> {}<br><span class=\"small\">{status} · request <code>{}</code></span>",
            escaped(&call.call),
            escaped(&on.join(", ")),
            escaped(call.request_id.as_deref().unwrap_or("without id"))
        );
        if let Some(error) = &call.error {
            let _ = write!(html, "<span class=\"reason\">{}</span>", escaped(error));
        }
        if let Some(seen) = &call.seen {
            let _ = write!(html, "<details><summary>Answer</summary><pre>{}</pre></details>", escaped(&shown(seen)));
        }
        html.push_str("</li>\n");
    }
    html.push_str("</ul>\n");
}

fn shown(value: &serde_json::Value) -> String {
    let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    if text.chars().count() <= SHOWN {
        return text;
    }
    text.chars().take(SHOWN).chain(" …".chars()).collect()
}

fn looks(html: &mut String, report: &Report) {
    for look in &report.looks {
        let id = escaped(&look.name);
        let _ = writeln!(
            html,
            "<section id=\"look-{id}\">\n<h2>Shared look: {id}</h2>\n<details>\n<summary>{} calls</summary>",
            look.calls.len()
        );
        calls(html, &look.calls);
        html.push_str("</details>\n</section>\n");
    }
}

fn facts(html: &mut String, name: &str, run: &Run, report: &Report) {
    let commit = run.commit.as_ref().map(|commit| {
        format!("{}{}", commit.id, if commit.dirty { ", with changes that are not committed" } else { "" })
    });
    let facts = [
        ("Run", Some(name.to_owned())),
        ("Began", Some(rfc3339::text(run.began))),
        ("Ended", Some(rfc3339::text(run.ended))),
        ("Platform", Some(run.platform().to_owned())),
        ("Account", Some(run.account.clone())),
        ("Region", Some(run.region.clone())),
        ("Caller", Some(report.caller.clone())),
        ("Caller in the management account", report.management_caller.clone()),
        ("Tool", Some(run.tool.clone())),
        ("Commit", Some(commit.unwrap_or_else(|| "the zone's folder is not a git checkout".to_owned()))),
        ("Contract", Some(run.contract_root.clone())),
        ("Contract version", report.contract.version.clone()),
        ("Contract digest", report.contract.digest.clone()),
    ];
    html.push_str("<section id=\"run\">\n<h2>Run</h2>\n<dl>\n");
    for (name, value) in facts {
        if let Some(value) = value {
            let _ = writeln!(html, "<dt>{name}</dt><dd>{}</dd>", escaped(&value));
        }
    }
    html.push_str(
        "</dl>\n<p class=\"small\"><code>evidence.jsonl</code> beside this file has each row with all answers. \
         <code>manifest.json</code> has the SHA-256 of each file and of the manifest of the run before.</p>\n</section>\n",
    );
}

/// `2026-11-26 10:15`.
fn minute(time: SystemTime) -> String {
    rfc3339::seconds(time).replace('T', " ").chars().take(16).collect()
}
