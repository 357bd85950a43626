//! `zone state`: looks after the Pulumi state of an environment.

use std::{io::Read, path::Path};

use ::state::{
    contents::Contents,
    difference::Difference,
    error::{Exit, Failure, Result, counted},
    home::Home,
    journal::Head,
    secrets::Provider,
    stack::Update,
    store::Kept,
};
use config::{Backend, Zone};
use deploy::{
    keeping::{self, Held},
    reach::{placed, reached},
    session::Access,
    up::rebuild,
};
use serde_json::json;
use terminal::{Console, Output, Tone};

use crate::{
    cli::{On, Place, State},
    commands::work,
    home,
};

/// How many URNs of each kind of difference are shown.
const SHOWN: usize = 20;

pub(crate) async fn run(home: Home, verb: State, output: &Output) -> Result<()> {
    match verb {
        State::Show { env, json } => show(&home, &home::load(&home, &env)?, json, output).await,
        State::History { env, versions, json } => {
            let zone = home::load(&home, &env)?;
            if versions {
                self::versions(&home, &zone, json, output).await
            } else {
                history(&home, &zone, json, output).await
            }
        }
        State::Export { env, version } => export(&home, &home::load(&home, &env)?, version, output).await,
        State::Import { file, env, yes } => {
            let export = read(&file)?;
            let place = file.display().to_string();
            replace(&home, &env, With::Export(&export, &place), yes, output).await
        }
        State::Restore { version, env, yes } => replace(&home, &env, With::Version(&version), yes, output).await,
        State::Move { to, env } => {
            let zone = home::load(&home, &env)?;
            let to = match to {
                Place::File => Backend::File,
                Place::Bucket => Backend::Bucket,
            };
            let (ambient, instance) = placed(&home, &zone).await?;
            let places = (&ambient, instance.as_deref());
            keeping::relocate(&zone, &home, places, &to, &|message| output.tell(message)).await?;
            if zone.state != to {
                let otherwise = match to {
                    Backend::File => "moves it back",
                    _ => "looks for it in the folder",
                };
                output.say(&format!(
                    "next: write `state = \"{to}\"` into config/{env}.toml, or the next `zone up` {otherwise}"
                ));
            }
            Ok(())
        }
        State::Rebuild { on, yes } => rebuilt(home, on, yes, output).await,
        State::Discard { journal, env, yes } => {
            let zone = home::load(&home, &env)?;
            let ambient = reached(&home, &zone).await?;
            let question = format!("keep the state of {env} as it is, and set the journal `{journal}` aside?");
            if !consent(yes, &question, output)? {
                output.say("nothing was changed");
                return Ok(());
            }
            let aside = keeping::discard(&zone, &home, &ambient, &journal, &|message| output.tell(message)).await?;
            output.say(&format!("the journal is kept as {aside}"));
            output.say(&format!("next: `zone up -e {env}` finds what that run made"));
            Ok(())
        }
    }
}

/// Before the state is changed; on a real account and on an emulator alike.
fn consent(yes: bool, question: &str, output: &Output) -> Result<bool> {
    if yes {
        return Ok(true);
    }
    output.ask(question).ok_or_else(|| {
        Failure::new(Exit::Usage, "there is no terminal to ask on").hint("run it again with --yes; nothing was changed")
    })
}

async fn show(home: &Home, zone: &Zone, json: bool, output: &Output) -> Result<()> {
    let ambient = reached(home, zone).await?;
    let found = deploy::backend::find(zone, home, &ambient).await?;
    let seen = keeping::look(&found, home).await?;
    let environment = &zone.environment;
    let secrets = seen.secrets.as_ref().map_or("none yet", named);
    let at_work = seen.at_work();
    let place = found.state.stack.place();
    // a state in a folder is looked at without an account
    let lost = if found.is_shared && seen.is_empty() && at_work.is_none() {
        deploy::backend::lost(zone, &ambient, &found.state.stack.subject(), &place, true).await?
    } else {
        None
    };
    if json {
        let journal = |(name, head): &(String, Option<Head>)| json!({ "name": name, "kind": head.as_ref().map(|head| &head.kind), "since": head.as_ref().map(|head| &head.since) });
        output.object(&json!({
            "environment": environment,
            "place": place,
            "shared": found.is_shared,
            "resources": seen.contents.as_ref().map(Contents::count),
            "pending": seen.contents.as_ref().map(|contents| contents.pending),
            "secrets": secrets,
            "last": seen.last.as_ref().map(|(id, update)| of_update(id, update)),
            "at_work": at_work,
            "journals": seen.journals.iter().map(journal).collect::<Vec<_>>(),
        }));
        return lost.map_or(Ok(()), Err);
    }
    output.data(&format!("state       {place}"));
    output.data(&format!(
        "resources   {}",
        match &seen.contents {
            _ if lost.is_some() => "none".to_owned(),
            Some(contents) => contents.count().to_string(),
            None => format!("none: `zone up -e {environment}` makes the first state"),
        }
    ));
    output.data(&format!("secrets     {secrets}"));
    if let Some((id, update)) = &seen.last {
        output.data(&format!("last        {}", line_of(id, update)));
    }
    output.data(&format!("at work     {}", at_work.as_deref().unwrap_or("nobody")));
    if let Some(contents) = seen.contents.as_ref().filter(|contents| contents.pending > 0) {
        let what = counted(contents.pending, "operation");
        output.data(&format!("unfinished  {what} of an interrupted run: `zone up -e {environment}` resolves this"));
    }
    for (name, head) in &seen.journals {
        let since = head.as_ref().map_or("unknown".to_owned(), |head| format!("{} of {}", head.kind, head.since));
        let after = if seen.is_of_run(name) {
            "what the run at work has done so far".to_owned()
        } else {
            format!(
                "`zone up -e {environment}` goes on from it; if that refuses, `zone state discard -e {environment} {name}` sets it aside"
            )
        };
        output.data(&format!("journal     {name} ({since}): {after}"));
    }
    lost.map_or(Ok(()), Err)
}

/// What encrypts secrets, as people read it.
fn named(provider: &Provider) -> &str {
    match provider {
        Provider::Passphrase { .. } => "passphrase",
        Provider::Cloud { url, .. } => url,
    }
}

fn of_update(id: &str, update: &Update) -> serde_json::Value {
    json!({
        "id": id,
        "kind": update.kind,
        "result": update.result,
        "began": time(update.start_time),
        "ended": time(update.end_time),
        "message": update.message,
        "changes": update.resource_changes,
    })
}

fn time(seconds: i64) -> String {
    jiff::Timestamp::from_second(seconds).map(|time| time.to_string()).unwrap_or_default()
}

fn line_of(id: &str, update: &Update) -> String {
    let changes = update.resource_changes.iter().filter(|(op, n)| **n > 0 && *op != "same");
    let changes: Vec<_> = changes.map(|(op, n)| format!("{n} {op}")).collect();
    let changes = if changes.is_empty() { "no changes".to_owned() } else { changes.join(", ") };
    let message = update.message.lines().next().unwrap_or_default();
    let line =
        format!("{id}  {}  {:<7}  {:<9}  {changes}  {message}", time(update.end_time), update.kind, update.result);
    line.trim_end().to_owned()
}

async fn history(home: &Home, zone: &Zone, json: bool, output: &Output) -> Result<()> {
    let ambient = reached(home, zone).await?;
    let found = deploy::backend::find(zone, home, &ambient).await?;
    let updates = found.state.stack.updates().await?;
    if updates.is_empty() && !json {
        output.say(&format!("environment `{}` has no history yet", zone.environment));
    }
    for (id, update) in &updates {
        if json { output.object(&of_update(id, update)) } else { output.data(&line_of(id, update)) }
    }
    Ok(())
}

/// The versions that a bucket keeps.
async fn versions(home: &Home, zone: &Zone, json: bool, output: &Output) -> Result<()> {
    let ambient = reached(home, zone).await?;
    let found = deploy::backend::find(zone, home, &ambient).await?;
    let stack = &found.state.stack;
    let versions = stack.versions().await?;
    if versions.is_empty() && !json {
        let why =
            if found.state.is_in_bucket() { "its bucket keeps none" } else { "it is in a folder, which keeps none" };
        output.say(&format!("there is no version of the state `{}`: {why}", stack.place()));
    }
    for Kept { id, at, size } in &versions {
        if json {
            output.object(&json!({ "id": id, "at": time(*at), "bytes": size }));
        } else {
            output.data(&format!("{id}  {}  {size} bytes", time(*at)));
        }
    }
    Ok(())
}

async fn export(home: &Home, zone: &Zone, version: Option<String>, output: &Output) -> Result<()> {
    let ambient = reached(home, zone).await?;
    let export = keeping::export(zone, home, &ambient, version.as_deref(), &|message| output.tell(message)).await?;
    output.data(&String::from_utf8_lossy(&export));
    Ok(())
}

fn read(file: &Path) -> Result<Vec<u8>> {
    let mut text = Vec::new();
    let read = match file.to_str() {
        Some("-") => std::io::stdin().read_to_end(&mut text).map(|_| text),
        _ => std::fs::read(file),
    };
    read.map_err(|e| Failure::new(Exit::Usage, format!("reading `{}`: {e}", file.display())))
}

/// What a state is replaced with.
enum With<'a> {
    /// An exported state, and where it was.
    Export(&'a [u8], &'a str),
    /// An entry of the history.
    Version(&'a str),
}

async fn replace(home: &Home, env: &str, with: With<'_>, yes: bool, output: &Output) -> Result<()> {
    let zone = home::load(home, env)?;
    let ambient = reached(home, &zone).await?;
    let (verb, message) = match &with {
        With::Export(_, place) => ("state import", format!("imported {place}")),
        With::Version(id) => ("state restore", format!("restored {id}")),
    };
    let held = Held::take(&zone, home, &ambient, verb, &|message| output.tell(message)).await?;
    let replaced = async {
        let deployment = match with {
            With::Export(export, place) => held.import(export, place)?,
            With::Version(id) => held.remembered(id).await?,
        };
        let difference = held.difference(&deployment).await?;
        if difference.is_empty() {
            output.say("it is the state that there is: nothing was changed");
            return Ok(());
        }
        tell_difference(&difference, output);
        if let Some((now, then)) = held.other_secrets(&deployment).await? {
            let (now, then) = (named(&now), named(&then));
            let how = if now == then {
                format!(
                    "its secrets are encrypted with {then} as well, but with another data key than those of the present state"
                )
            } else {
                format!("its secrets are encrypted with {then}, those of the present state with {now}")
            };
            output.note(&format!("{how}: the next `zone up -e {env}` encrypts them as configured, and needs both"));
        }
        if !consent(yes, &format!("replace the state of {env} with it?"), output)? {
            output.say("nothing was changed");
            return Ok(());
        }
        held.replace(&deployment, &message, &difference).await?;
        output.say(&format!("the state of {env} is replaced; the one before it is in `zone state history -e {env}`"));
        output.say(&format!("next: `zone preview -e {env}` shows what differs from the configuration"));
        Ok(())
    };
    let replaced = replaced.await;
    held.close().await?;
    replaced
}

fn tell_difference(difference: &Difference, output: &Output) {
    let kinds = [
        (Tone::Good, "added", &difference.added),
        (Tone::Bad, "removed", &difference.removed),
        (Tone::Changed, "changed", &difference.changed),
    ];
    for (tone, word, urns) in kinds {
        for urn in urns.iter().take(SHOWN) {
            output.row(tone, word, &format!("{} {}", pulumi::urn::kind(urn), pulumi::urn::name(urn)));
        }
        if urns.len() > SHOWN {
            output.row(tone, word, &format!("and {} more", urns.len() - SHOWN));
        }
    }
    let [added, removed, changed] = kinds.map(|(_, _, urns)| urns.len());
    output.say(&format!(
        "{added} resources added to the state, {removed} removed, {changed} changed; no resource in AWS is touched"
    ));
}

async fn rebuilt(home: Home, on: On, yes: bool, output: &Output) -> Result<()> {
    let zone = home::load(&home, &on.env)?;
    let console = Console::new(output, &zone, on.verbose, yes);
    rebuild(work(home, zone, "state rebuild", Access::Rebuilds, on.parallel)?, &console).await
}
