//! `zone contract`: reads the published contract, judges it, and compares versions of it.

use config::Zone;
use contract::{Entry, ZONE, diff::Class, live::Live};
use deploy::{
    consumers::{self as modules, Modules},
    publication::{findings, live, promised},
    reach::placed,
    reading::{self, document, variable},
};
use serde_json::json;
use state::{
    error::{Exit, Failure, Result},
    home::Home,
};
use terminal::{Output, Tone};

use crate::{
    cli::{Contract, Format},
    commands::quoted,
    home,
};

pub(crate) async fn run(home: Home, verb: Contract, output: &Output) -> Result<()> {
    match verb {
        Contract::List { env, json } => {
            let zone = home::load(&home, &env)?;
            list(&zone, &read(&home, &zone).await?, json, output)
        }
        Contract::Get { name, env } => {
            let zone = home::load(&home, &env)?;
            let entry = reading::find(&zone, &name)?;
            let live = read(&home, &zone).await?;
            output.data(reading::value(&zone, &live, &entry, &|text| output.note(text))?);
            Ok(())
        }
        Contract::Export { env, format } => {
            let zone = home::load(&home, &env)?;
            let live = read(&home, &zone).await?;
            export(&zone, reading::values(&zone, &live, &|text| output.note(text))?, format, output);
            Ok(())
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

fn export(zone: &Zone, values: Vec<(String, &str)>, format: Format, output: &Output) {
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
}

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
            let first = json!({
                "type": "finding", "breaks_readers": finding.breaks_readers(), "repair": finding.repair(),
                "modules": modules::readers(modules, &named).keys().collect::<Vec<_>>(),
            });
            output.object_of(first, finding);
            continue;
        }
        let (tone, word) = if finding.breaks_readers() { (Tone::Bad, "broken") } else { (Tone::Changed, "untidy") };
        output.data_row(tone, word, &finding.to_string());
        if let Some(names) = listed(modules::readers(modules, &named).into_keys()).filter(|_| finding.breaks_readers())
        {
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
            if let Some(names) = listed(modules::broken(modules, &[change]).into_iter()) {
                output.data_row(Tone::Dim, "", &format!("breaks modules: {names}"));
            }
        }
        let word = class.map_or_else(|| "no change".to_owned(), |class| class.to_string());
        output.data(&format!("{from} -> {to}: {word}"));
    }
    let all: Vec<_> = diff.changes.iter().collect();
    let breaking = match listed(modules::broken(modules, &all).into_iter()) {
        Some(names) => format!("the change breaks readers of the contract, modules {names} among them"),
        None => "the change breaks readers of the contract".to_owned(),
    };
    match class {
        Some(Class::Breaking) => Err(Failure::new(Exit::Judged, breaking)
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
