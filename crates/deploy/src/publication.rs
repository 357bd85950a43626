//! The contract as it is live: read with the SDK alone, and held against what is promised.

use aws::clients::Ambient;
use config::Zone;
use contract::{
    Entry, Finding, Problem, ZONE,
    live::{Live, Parameter},
};
use pulumi::urn;
use state::{
    Message, Tell,
    contents::Contents,
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

/// Those of the published parameters, by URN, that are not live as the contract promises them.
///
/// What matches its pattern and is another value shows in the digest alone: then all are meant.
pub async fn changed(zone: &Zone, ambient: &Ambient, urns: Vec<String>) -> Result<Vec<String>> {
    let (live, root) = (live(zone, ambient).await?, zone.parameter_root());
    let broken: Vec<_> = findings(zone, &live).into_iter().filter(Finding::breaks_readers).collect();
    let only_digest = |finding: &Finding| matches!(finding.problem, Problem::StaleDigest { .. });
    let is_broken = |urn: &String| {
        let path = format!("{root}/{}", urn::name(urn));
        broken.iter().any(|finding| finding.path == path) || !live.contains_key(&path)
    };
    Ok(match &broken[..] {
        [] => Vec::new(),
        all if all.iter().any(only_digest) => urns,
        _ => urns.into_iter().filter(is_broken).collect(),
    })
}

/// Says how many parameters of the contract are not live as they were published: a plan of the state does not mend them.
pub(crate) async fn heeded(zone: &Zone, ambient: &Ambient, contents: &Contents, tell: Tell<'_>) -> Result<()> {
    let published: Vec<_> = contents.urns.iter().filter(|urn| is_published(urn)).cloned().collect();
    if published.is_empty() {
        return Ok(());
    }
    let changed = changed(zone, ambient, published).await?.len();
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
