//! The contract as it is live: read with the SDK alone, and held against what is promised.

use aws::clients::Ambient;
use config::Zone;
use contract::{
    Entry, Finding, ZONE,
    live::{Live, Parameter},
};
use state::{
    Message, Tell,
    contents::{Contents, Record},
    error::{Exit, Failure, Result, counted},
};

use crate::{accounts, session::is_published};

/// All that the contract promises, its own three entries last.
pub fn promised(zone: &Zone) -> Vec<Entry> {
    ZONE.promised(&stacks::contract_scope(zone))
}

/// Everything published below the environment's root, other teams' parameters among it.
pub async fn live(zone: &Zone, ambient: &Ambient) -> Result<Live> {
    let clients = accounts::clients(zone, &zone.member, ambient).await;
    let root = zone.parameter_root();
    let failed = |e| Failure::from(aws::error::failed(e).within(&format!("reading the parameters below `{root}`")));
    let mut pages = clients.ssm.get_parameters_by_path().path(&root).recursive(true).into_paginator().send();
    let mut live = Live::new();
    while let Some(page) = pages.next().await {
        let page = page.map_err(failed)?;
        live.extend(page.parameters.unwrap_or_default().into_iter().filter_map(|p| {
            let kind = p.r#type.map(|kind| kind.to_string()).unwrap_or_default();
            Some((p.name?, Parameter { kind, value: p.value? }))
        }));
    }
    Ok(live)
}

/// What is wrong with what is live.
pub fn findings(zone: &Zone, live: &Live) -> Vec<Finding> {
    ZONE.check(&stacks::contract_scope(zone), &zone.environment, live)
}

/// Those of the published parameters, by URN, that are not live as the state has them.
pub async fn changed(zone: &Zone, ambient: &Ambient, contents: &Contents) -> Result<Vec<String>> {
    let published: Vec<_> =
        contents.resources.iter().filter(|record| !record.is_deleted && is_published(&record.urn)).collect();
    if published.is_empty() {
        return Ok(Vec::new());
    }
    let live = live(zone, ambient).await?;
    let is_changed = |record: &&&Record| {
        let differs = |input: &str, live: &str| record.text(input).is_some_and(|recorded| recorded != live);
        let is_other = |live: &Parameter| differs("type", &live.kind) || differs("insecureValue", &live.value);
        live.get(&record.id).is_none_or(is_other)
    };
    Ok(published.iter().filter(is_changed).map(|record| record.urn.clone()).collect())
}

/// Says how many parameters of the contract are not live as they were published: a plan of the state does not mend them.
pub(crate) async fn heeded(zone: &Zone, ambient: &Ambient, contents: &Contents, tell: Tell<'_>) -> Result<()> {
    let changed = changed(zone, ambient, contents).await?.len();
    if changed > 0 {
        let environment = &zone.environment;
        tell(Message::Note(&format!(
            "live values of {} differ from what was published, and a plan does not correct them: `zone refresh -e \
             {environment}` records them, and the next plan does",
            counted(changed, "contract parameter")
        )));
    }
    Ok(())
}

/// Whether a publication that has just ended keeps what is promised; `leaving` are the names of what is about to go.
pub async fn kept(zone: &Zone, ambient: &Ambient, leaving: &[&str]) -> Result<()> {
    let mut live = live(zone, ambient).await?;
    let root = zone.parameter_root();
    live.retain(|path, _| !leaving.iter().any(|name| path.strip_prefix(&root) == Some(&format!("/{name}"))));
    let broken: Vec<_> = findings(zone, &live).into_iter().filter(Finding::breaks_readers).collect();
    let Some(first) = broken.first() else { return Ok(()) };
    let more = match broken.len() {
        1 => String::new(),
        n => format!(", and {} more", n - 1),
    };
    let message = format!("everything is deployed, and the contract is not as promised: {first}{more}");
    Err(Failure::new(Exit::Judged, message)
        .hint(format!("`zone contract check -e {}` shows all of it; nothing was retired", zone.environment)))
}
