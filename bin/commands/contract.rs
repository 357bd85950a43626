//! `zone contract`: reads the published contract, judges it, and compares versions of it.

use std::path::Path;

use aws::clients::Ambient;
use config::{Kind, Zone};
use contract::{Entry, Finding, Problem, ZONE, diff::Class, live::Live};
use deploy::publication::{findings, live, promised};
use serde_json::json;
use state::{
    error::{Exit, Failure, Result},
    home::Home,
};

use crate::{
    cli::{Contract, Format},
    commands::emulator::running,
    home,
    output::{Output, Tone},
};

pub(crate) async fn run(home: Home, verb: Contract, output: &Output) -> Result<()> {
    match verb {
        Contract::List { env, json } => {
            let zone = home::load(&home, &env)?;
            list(&zone, &read(&home, &zone).await?, json, output)
        }
        Contract::Get { name, env } => {
            let zone = home::load(&home, &env)?;
            let entry = find(&zone, &name)?;
            let live = read(&home, &zone).await?;
            let Some(found) = live.get(&entry.path) else { return Err(unpublished(&entry, &env)) };
            sound(&zone, &live, |path| path == entry.path, output)?;
            output.data(&found.value);
            Ok(())
        }
        Contract::Export { env, format } => {
            let zone = home::load(&home, &env)?;
            let live = read(&home, &zone).await?;
            sound(&zone, &live, |_| true, output)?;
            export(&zone, &live, format, output)
        }
        Contract::Check { env, json } => {
            let zone = home::load(&home, &env)?;
            check(&zone, &read(&home, &zone).await?, json, output)
        }
        Contract::Diff { from, to, json } => compare(&from, to.as_deref(), json, output),
    }
}

/// What is live in an environment, reached without a deployment's session.
async fn read(home: &Home, zone: &Zone) -> Result<Live> {
    let ambient = match zone.kind {
        Kind::Emulator => Ambient::emulated(&running(home, zone).await?),
        Kind::Aws => Ambient::default(),
    };
    live(zone, &ambient).await
}

fn list(zone: &Zone, live: &Live, json: bool, output: &Output) -> Result<()> {
    let mut missing = 0;
    for entry in promised(zone) {
        let value = live.get(&entry.path).map(|found| &found.value);
        missing += usize::from(value.is_none());
        if json {
            output.object(&entry_json(&entry, value));
            continue;
        }
        match value {
            Some(value) => output.data(&format!("{}  {value}", entry.path)),
            None => output.data_row(Tone::Bad, "missing", &entry.path),
        }
    }
    if missing == 0 {
        return Ok(());
    }
    Err(Failure::new(Exit::Judged, format!("{missing} promised values are not published"))
        .hint(format!("`zone up -e {}` publishes them", zone.environment)))
}

/// Refuses what is not as promised, of the paths that are `meant`; a digest that is off is told.
fn sound(zone: &Zone, live: &Live, meant: impl Fn(&str) -> bool, output: &Output) -> Result<()> {
    for finding in findings(zone, live).into_iter().filter(Finding::breaks_readers) {
        match finding.problem {
            Problem::WrongType { .. } | Problem::WrongPattern { .. } if meant(&finding.path) => {
                return Err(Failure::new(Exit::Judged, &finding).hint(finding.repair()));
            }
            Problem::StaleDigest { .. } => output.note(&format!("{finding}; {}", finding.repair())),
            _ => {}
        }
    }
    Ok(())
}

fn find(zone: &Zone, name: &str) -> Result<Entry> {
    let promised = promised(zone);
    if let Some(entry) = promised.iter().find(|e| e.name == name || e.path == name) {
        return Ok(entry.clone());
    }
    let near = promised.iter().min_by_key(|e| strsim::damerau_levenshtein(&e.name, name));
    let hint = near.map_or_else(String::new, |e| format!("did you mean `{}`? `zone contract list` shows all", e.name));
    Err(Failure::new(Exit::Usage, format!("the contract has no `{name}`")).hint(hint))
}

fn unpublished(entry: &Entry, env: &str) -> Failure {
    let message =
        format!("`{}` is promised by stack {} and not published in environment `{env}`", entry.path, entry.owner);
    Failure::new(Exit::Judged, message).hint(format!("`zone up -e {env}` publishes it"))
}

/// The whole contract for a program that does not ask SSM itself. Half of it is never written.
fn export(zone: &Zone, live: &Live, format: Format, output: &Output) -> Result<()> {
    let mut values = Vec::new();
    for entry in promised(zone) {
        let found = live.get(&entry.path).ok_or_else(|| unpublished(&entry, &zone.environment))?;
        values.push((entry.name, &found.value));
    }
    match format {
        Format::Json => {
            let object: serde_json::Map<_, _> = values.into_iter().map(|(name, value)| (name, json!(value))).collect();
            output.object(&object);
        }
        Format::Env => {
            for (name, value) in values {
                output.data(&format!("{}={}", variable(&zone.prefix, &name), quoted(value)));
            }
        }
    }
    Ok(())
}

/// `kms/pii/arn` as a shell names it: `BANK_KMS_PII_ARN`.
fn variable(prefix: &str, name: &str) -> String {
    let plain = |char: char| if char.is_ascii_alphanumeric() { char.to_ascii_uppercase() } else { '_' };
    format!("{prefix}_{name}").chars().map(plain).collect()
}

fn quoted(value: &str) -> String {
    format!("'{}'", value.replace('\'', r"'\''"))
}

fn check(zone: &Zone, live: &Live, json: bool, output: &Output) -> Result<()> {
    let findings = findings(zone, live);
    let broken = findings.iter().filter(|finding| finding.breaks_readers()).count();
    for finding in &findings {
        if json {
            let mut object =
                json!({ "type": "finding", "breaks_readers": finding.breaks_readers(), "repair": finding.repair() });
            if let (Some(object), Ok(serde_json::Value::Object(own))) =
                (object.as_object_mut(), serde_json::to_value(finding))
            {
                object.extend(own);
            }
            output.object(&object);
            continue;
        }
        let (tone, word) = if finding.breaks_readers() { (Tone::Bad, "broken") } else { (Tone::Changed, "untidy") };
        output.data_row(tone, word, &finding.to_string());
        output.data_row(Tone::Dim, "", &format!("hint: {}", finding.repair()));
    }
    let promises = promised(zone).len();
    if json {
        output.object(&json!({
            "type": "summary", "ok": broken == 0, "promised": promises, "broken": broken, "untidy": findings.len() - broken,
        }));
    } else {
        let untidy = findings.len() - broken;
        output.data(&format!("{promises} promised: {broken} broken, {untidy} untidy"));
    }
    if broken == 0 {
        return Ok(());
    }
    Err(Failure::new(Exit::Judged, format!("{broken} promises of the contract are not kept"))
        .hint(format!("`zone up -e {}` mends what is ours to mend", zone.environment)))
}

/// A version by its number, or a document of somebody in a file.
fn document(named: &str) -> Result<String> {
    if let Ok(version) = named.parse::<u32>() {
        return ZONE.document(version).ok_or_else(|| {
            let newest = ZONE.version();
            Failure::new(Exit::Usage, format!("there is no version {version} of the contract"))
                .hint(format!("this build knows 1 to {newest}; a file can be named, too"))
        });
    }
    let path = Path::new(named);
    std::fs::read_to_string(path).map_err(|e| {
        Failure { exit: Exit::Usage, ..Failure::file("reading the contract", path, e) }
            .hint("name a version, such as 1, or a file such as crates/contract/published/v1.json")
    })
}

fn compare(from: &str, to: Option<&str>, json: bool, output: &Output) -> Result<()> {
    let newest = ZONE.version().to_string();
    let to = to.unwrap_or(&newest);
    let diff = ZONE.diff(&document(from)?, &document(to)?).map_err(|e| Failure::new(Exit::Usage, e))?;
    let class = diff.class();
    if json {
        for change in &diff.changes {
            output.object(change);
        }
        output.object(&json!({ "type": "summary", "class": class, "changes": diff.changes.len() }));
    } else {
        for change in &diff.changes {
            let tone = if change.class == Class::Breaking { Tone::Bad } else { Tone::Changed };
            output.data_row(tone, &change.class.to_string(), &change.to_string());
        }
        let word = class.map_or_else(|| "no change".to_owned(), |class| class.to_string());
        output.data(&format!("{from} -> {to}: {word}"));
    }
    match class {
        Some(Class::Breaking) => Err(Failure::new(Exit::Judged, "the change breaks readers of the contract")
            .hint("keep the old path beside the new one, with `deprecated_since`, until its readers have moved")),
        _ => Ok(()),
    }
}

fn entry_json(entry: &Entry, value: Option<&String>) -> serde_json::Value {
    json!({
        "type": "entry", "path": entry.path, "name": entry.name, "kind": entry.kind.as_str(), "owner": entry.owner,
        "consumers": entry.consumers, "since": entry.since, "deprecated_since": entry.deprecated_since, "value": value,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_values_are_what_a_shell_takes() {
        assert_eq!(variable("acme", "eventbridge/orders/dlq-arn"), "ACME_EVENTBRIDGE_ORDERS_DLQ_ARN");
        assert_eq!(quoted("it's"), r"'it'\''s'");
    }
}
