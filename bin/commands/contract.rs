//! `zone contract`: reads the published contract.

use std::collections::BTreeMap;

use aws::clients::{self, Access, Ambient, Clients, Role};
use config::{Kind, Zone};
use contract::{Entry, entries, meta};
use serde_json::json;

use crate::{
    cli::Contract,
    commands::emulator::running,
    deployment::emulated,
    error::{Exit, Failure, Result},
    home::Home,
    output::{Output, Tone},
};

pub(crate) async fn run(home: Home, verb: Contract, output: &Output) -> Result<()> {
    match verb {
        Contract::List { env, json } => {
            let zone = home.load(&env)?;
            let live = live(&home, &zone).await?;
            let mut missing = 0;
            for entry in promised(&zone) {
                let value = live.get(&entry.path);
                missing += usize::from(value.is_none());
                if json {
                    output.object(&entry_json(&entry, value));
                } else {
                    match value {
                        Some(value) => output.data(&format!("{}  {value}", entry.path)),
                        None => output.data_row(Tone::Bad, "missing", &entry.path),
                    }
                }
            }
            if missing == 0 {
                return Ok(());
            }
            Err(Failure::new(Exit::Judged, format!("{missing} promised values are not published"))
                .hint(format!("`zone up -e {env}` publishes them")))
        }
        Contract::Get { name, env } => {
            let zone = home.load(&env)?;
            let promised = promised(&zone);
            let Some(entry) = promised.iter().find(|e| e.name == name || e.path == name) else {
                let near = promised.iter().min_by_key(|e| strsim::damerau_levenshtein(&e.name, &name));
                let hint = near
                    .map_or_else(String::new, |e| format!("did you mean `{}`? `zone contract list` shows all", e.name));
                return Err(Failure::new(Exit::Usage, format!("the contract has no `{name}`")).hint(hint));
            };
            match live(&home, &zone).await?.get(&entry.path) {
                Some(value) => output.data(value),
                None => {
                    let message = format!(
                        "`{}` is promised by stack {} and not published in environment `{env}`",
                        entry.path, entry.owner
                    );
                    return Err(Failure::new(Exit::Judged, message).hint(format!("`zone up -e {env}` publishes it")));
                }
            }
            Ok(())
        }
    }
}

/// All that the contract promises, its own three entries last.
fn promised(zone: &Zone) -> Vec<Entry> {
    let mut all = entries(&stacks::contract_scope(zone));
    all.extend(meta::entries(&zone.parameter_root()));
    all
}

fn entry_json(entry: &Entry, value: Option<&String>) -> serde_json::Value {
    json!({
        "type": "entry", "path": entry.path, "name": entry.name, "kind": entry.kind.as_str(), "owner": entry.owner,
        "consumers": entry.consumers, "since": entry.since, "deprecated_since": entry.deprecated_since, "value": value,
    })
}

/// Everything published below the environment's root, by path.
async fn live(home: &Home, zone: &Zone) -> Result<BTreeMap<String, String>> {
    let ambient = match zone.kind {
        Kind::Emulator => emulated(&running(home, zone).await?),
        Kind::Aws => Ambient::default(),
    };
    let role = |name: &String| Role { arn: format!("arn:aws:iam::{}:role/{name}", zone.member.id), ..Role::default() };
    let access = Access {
        region: zone.region.to_string(),
        profile: zone.member.profile.clone(),
        roles: zone.member.role.iter().map(role).collect(),
        endpoint: None,
    };
    let sdk = clients::load(&clients::http_client(), &ambient, &access).await;
    let clients = Clients::new(&sdk, zone.region.as_ref());
    let root = zone.parameter_root();
    let failed = |e| {
        let error = aws::error::failed(e).within(&format!("reading the parameters below `{root}`"));
        let failure = Failure::new(Exit::Failed, error.message);
        match error.hint {
            Some(hint) => failure.hint(hint),
            None => failure,
        }
    };
    let mut pages = clients.ssm.get_parameters_by_path().path(&root).recursive(true).into_paginator().send();
    let mut live = BTreeMap::new();
    while let Some(page) = pages.next().await {
        let page = page.map_err(failed)?;
        live.extend(page.parameters.unwrap_or_default().into_iter().filter_map(|p| Some((p.name?, p.value?))));
    }
    Ok(live)
}
