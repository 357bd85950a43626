//! `zone contract`: reads the published contract, judges it, and compares versions of it.

use std::{collections::BTreeMap, path::Path};

use config::Zone;
use contract::{
    Entry, Finding, Problem, ZONE,
    diff::{Change, Class},
    live::Live,
};
use deploy::{
    consumers as modules,
    publication::{findings, live, promised},
};
use module::Marker;
use serde_json::json;
use state::{
    error::{Exit, Failure, Result},
    home::Home,
};

use crate::{
    cli::{Contract, Format},
    commands::{emulator::placed, quoted},
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
        Contract::Check { env, consumers, json } => {
            let zone = home::load(&home, &env)?;
            let live = read(&home, &zone).await?;
            let modules = if consumers { modules::of(&zone, &live) } else { Modules::default() };
            if consumers {
                readers(&zone, &modules, json, output);
            }
            check(&zone, &live, &modules, json, output)
        }
        Contract::Diff { from, to, env, json } => {
            let modules = match env {
                None => Modules::default(),
                Some(env) => {
                    let zone = home::load(&home, &env)?;
                    modules::of(&zone, &read(&home, &zone).await?)
                }
            };
            compare(&from, to.as_deref(), &modules, json, output)
        }
    }
}

/// What is live in an environment, reached without a deployment's session.
async fn read(home: &Home, zone: &Zone) -> Result<Live> {
    let (ambient, _) = placed(home, zone).await?;
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

/// The deployed modules, by their names.
type Modules = BTreeMap<String, Option<Marker>>;

/// Lists the deployed modules and what they read.
fn readers(zone: &Zone, modules: &Modules, json: bool, output: &Output) {
    for (module, marker) in modules {
        let reads = marker.as_ref().map(|marker| &marker.reads);
        if json {
            output.object(&json!({ "type": "consumer", "module": module, "reads": reads }));
            continue;
        }
        let text = match reads {
            None => "a newer `zone` deployed it: it counts as a reader of every entry".to_owned(),
            Some(reads) if reads.is_empty() => "reads nothing".to_owned(),
            Some(reads) => format!("reads {}", reads.iter().map(String::as_str).collect::<Vec<_>>().join(", ")),
        };
        output.data(&format!("module {module}: {text}"));
    }
    if modules.is_empty() && !json {
        output.say(&format!("no module is deployed on environment `{}`", zone.environment));
    }
}

/// The modules that read one of these entries, as a message names them; nothing where none does.
fn broken_by(modules: &Modules, entries: &[String]) -> Option<String> {
    listed(modules::readers(modules, entries).into_keys())
}

/// Names as a message has them; nothing where there are none.
fn listed(modules: impl Iterator<Item = impl std::fmt::Display>) -> Option<String> {
    let names: Vec<_> = modules.map(|module| format!("`{module}`")).collect();
    (!names.is_empty()).then(|| names.join(", "))
}

fn check(zone: &Zone, live: &Live, modules: &Modules, json: bool, output: &Output) -> Result<()> {
    let root = zone.parameter_root();
    let findings = findings(zone, live);
    let broken = findings.iter().filter(|finding| finding.breaks_readers()).count();
    for finding in &findings {
        let named: Vec<_> = finding.path.strip_prefix(&format!("{root}/")).map(str::to_owned).into_iter().collect();
        if json {
            let mut object = json!({
                "type": "finding", "breaks_readers": finding.breaks_readers(), "repair": finding.repair(),
                "modules": modules::readers(modules, &named).keys().collect::<Vec<_>>(),
            });
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
        if let Some(names) = broken_by(modules, &named).filter(|_| finding.breaks_readers()) {
            output.data_row(Tone::Dim, "", &format!("breaks modules: {names}"));
        }
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
        .hint(format!("`zone up -e {}` corrects the zone's own parameters", zone.environment)))
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

fn compare(from: &str, to: Option<&str>, modules: &Modules, json: bool, output: &Output) -> Result<()> {
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
            if let Some(names) = broken(modules, &[change]) {
                output.data_row(Tone::Dim, "", &format!("breaks modules: {names}"));
            }
        }
        let word = class.map_or_else(|| "no change".to_owned(), |class| class.to_string());
        output.data(&format!("{from} -> {to}: {word}"));
    }
    let all: Vec<_> = diff.changes.iter().collect();
    let breaking = match broken(modules, &all) {
        Some(names) => format!("the change breaks readers of the contract, modules {names} among them"),
        None => "the change breaks readers of the contract".to_owned(),
    };
    match class {
        Some(Class::Breaking) => Err(Failure::new(Exit::Judged, breaking)
            .hint("keep the old path beside the new one, with `deprecated_since`, until its readers have moved")),
        _ => Ok(()),
    }
}

/// The modules that breaking changes break: those that read an entry of a changed path.
fn broken(modules: &Modules, changes: &[&Change]) -> Option<String> {
    let paths: Vec<_> =
        changes.iter().filter(|change| change.class == Class::Breaking).map(|change| &change.path).collect();
    let breaks = |entry: &String| paths.iter().any(|path| is_of(path, entry));
    // a marker that cannot be read is of a module that reads everything
    let reads = |marker: &Option<Marker>| marker.as_ref().is_none_or(|marker| marker.reads.iter().any(breaks));
    let broken = modules.iter().filter(|(_, marker)| !paths.is_empty() && reads(marker));
    listed(broken.map(|(module, _)| module))
}

/// Whether an entry (`kms/pii/arn`) is one of a path with placeholders (`kms/{class}/arn`).
fn is_of(path: &str, entry: &str) -> bool {
    let (path, entry): (Vec<_>, Vec<_>) = (path.split('/').collect(), entry.split('/').collect());
    let fits = |(pattern, segment): (&&str, &&str)| pattern.starts_with('{') || pattern == segment;
    path.len() == entry.len() && path.iter().zip(&entry).all(fits)
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
    fn a_breaking_change_names_the_modules_that_read_what_it_changes() {
        let marker =
            |reads: &[&str]| Some(Marker { contract: 2, reads: reads.iter().map(|&read| read.to_owned()).collect() });
        let modules = Modules::from([
            ("audit".to_owned(), marker(&["kms/a/arn"])),
            ("jobs".to_owned(), marker(&["network/vpc-id"])),
        ]);
        let change = |path: &str, class| Change {
            path: path.to_owned(),
            class,
            what: contract::diff::What::Removed { deprecated_since: None },
        };
        assert_eq!(broken(&modules, &[&change("kms/{class}/arn", Class::Breaking)]).as_deref(), Some("`audit`"));
        assert_eq!(broken(&modules, &[&change("network/vpc-id", Class::Breaking)]).as_deref(), Some("`jobs`"));
        assert_eq!(broken(&modules, &[&change("kms/{class}/arn", Class::Minor)]), None);
        assert_eq!(broken(&modules, &[&change("kms/{class}/name", Class::Breaking)]), None);
        let newer = Modules::from([("newer".to_owned(), None)]);
        assert_eq!(broken(&newer, &[&change("kms/{class}/arn", Class::Breaking)]).as_deref(), Some("`newer`"));
    }

    #[test]
    fn names_and_values_are_what_a_shell_takes() {
        assert_eq!(variable("acme", "eventbridge/orders/dlq-arn"), "ACME_EVENTBRIDGE_ORDERS_DLQ_ARN");
        assert_eq!(quoted("it's"), r"'it'\''s'");
    }
}
