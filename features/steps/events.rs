//! Event buses and archives.

use aws_sdk_eventbridge::types::ArchiveState;
use cucumber::{then, when};

use crate::{
    clients::refused,
    policy::{self, Principal, Statement},
    target::Target,
    world::{Judged, World, arn_name, ensure, seen},
};

const PUT: &str = "events:PutEvents";

#[when("EventBridge describes the bus")]
async fn describe_bus(world: &mut World) -> Judged {
    let name = arn_name(&world.entry()?.value, "/")?;
    let answer = world.session()?.clients.events.describe_event_bus().name(name).send().await;
    world.bus = Some(answer.map_err(|error| refused("events:DescribeEventBus", name, &error))?);
    Ok(())
}

#[when("EventBridge describes the archive")]
async fn describe_archive(world: &mut World) -> Judged {
    let name = arn_name(&world.entry()?.value, "/")?;
    let answer = world.session()?.clients.events.describe_archive().archive_name(name).send().await;
    world.archive = Some(answer.map_err(|error| refused("events:DescribeArchive", name, &error))?);
    Ok(())
}

#[then(expr = "the bus is called {string}")]
fn is_called(world: &mut World, name: String) -> Judged {
    let found = seen(world.bus.as_ref(), "bus")?.name().unwrap_or_default();
    ensure!(found == name, "the bus is called `{found}`");
    Ok(())
}

#[then("the bus has the ARN that the contract says")]
fn has_arn(world: &mut World) -> Judged {
    let (found, said) = (seen(world.bus.as_ref(), "bus")?.arn().unwrap_or_default(), &world.entry()?.value);
    ensure!(found == said, "EventBridge calls the bus `{found}`, the contract `{said}`");
    Ok(())
}

#[then("its policy lets the account itself put events")]
fn lets_own_account(world: &mut World) -> Judged {
    let (statements, target) = (bus_policy(world)?, &world.session()?.target);
    let bus = &world.entry()?.value;
    let lets = statements.iter().any(|statement| {
        let root = statement.principals.iter().any(|principal| is_root(principal, &target.account));
        statement.allow && root && statement.conditions.is_empty() && statement.acts(PUT) && statement.covers(bus)
    });
    ensure!(lets, "no statement lets the root of {} do {PUT} on `{bus}`", target.account);
    Ok(())
}

#[then("its policy lets every account of the organization put events")]
fn lets_organization(world: &mut World) -> Judged {
    let (statements, target) = (bus_policy(world)?, &world.session()?.target);
    let bus = &world.entry()?.value;
    let lets = statements.iter().any(|statement| {
        // a second condition would let in fewer than all
        let only = statement.conditions.len() == 1 && is_for_organization(statement, target);
        statement.allow && only && statement.acts(PUT) && statement.covers(bus)
    });
    ensure!(lets, "no statement lets everybody of organization {} do {PUT} on `{bus}`", target.organization);
    Ok(())
}

#[then("its policy lets nobody else in")]
fn lets_nobody_else(world: &mut World) -> Judged {
    let (statements, target) = (bus_policy(world)?, &world.session()?.target);
    let bus = std::slice::from_ref(&world.entry()?.value);
    for statement in statements.iter().filter(|statement| statement.allow) {
        let sid = &statement.sid;
        if is_for_organization(statement, target) {
            let only = statement.actions == [PUT] && statement.resources == bus;
            ensure!(only, "statement {sid} lets the organization do more than {PUT} on this bus");
            continue;
        }
        let stranger = statement.principals.iter().find(|principal| !is_root(principal, &target.account));
        ensure!(stranger.is_none(), "statement {sid} lets in {:?}", stranger.unwrap_or(&Principal::Everybody));
    }
    Ok(())
}

#[then(expr = "the bus sends dead letters to the queue at {string}")]
fn sends_dead_letters(world: &mut World, entry: String) -> Judged {
    let expected = world.published(&entry)?.value;
    let config = seen(world.bus.as_ref(), "bus")?.dead_letter_config();
    let found = config.and_then(|config| config.arn()).ok_or("the bus has no dead-letter queue")?;
    ensure!(found == expected, "the bus sends dead letters to `{found}`, the contract's queue is `{expected}`");
    Ok(())
}

#[then(expr = "the archive takes every event of the bus at {string}")]
fn archives_bus(world: &mut World, entry: String) -> Judged {
    let expected = world.published(&entry)?.value;
    let archive = seen(world.archive.as_ref(), "archive")?;
    let source = archive.event_source_arn().unwrap_or_default();
    ensure!(source == expected, "the archive is one of `{source}`, the contract's bus is `{expected}`");
    let pattern = archive.event_pattern().unwrap_or_default();
    ensure!(takes_every_event(pattern), "the archive takes only events that match {pattern}");
    Ok(())
}

#[then(expr = "the archive keeps events for {int} days")]
fn archive_keeps(world: &mut World, days: i32) -> Judged {
    match seen(world.archive.as_ref(), "archive")?.retention_days() {
        Some(found) if found == days => Ok(()),
        None | Some(0) => Err("the archive keeps events for ever".into()),
        Some(found) => Err(format!("the archive keeps events for {found} days").into()),
    }
}

#[then("the archive is enabled")]
fn archive_is_enabled(world: &mut World) -> Judged {
    let state = seen(world.archive.as_ref(), "archive")?.state();
    let name = state.map_or("unknown", ArchiveState::as_str);
    ensure!(state == Some(&ArchiveState::Enabled), "the archive is in state {name}");
    Ok(())
}

/// No pattern, or only the one by which `EventBridge` keeps replayed events out of the archive.
fn takes_every_event(pattern: &str) -> bool {
    let replays = serde_json::json!({ "replay-name": [{ "exists": false }] });
    pattern.is_empty() || serde_json::from_str(pattern).is_ok_and(|found: serde_json::Value| found == replays)
}

fn bus_policy(world: &World) -> Judged<Vec<Statement>> {
    let policy = seen(world.bus.as_ref(), "bus")?.policy().ok_or("the bus has no policy")?;
    policy::statements(policy)
}

/// The account, in either of the two ways it may be written.
fn is_root(principal: &Principal, account: &str) -> bool {
    let Principal::Aws(name) = principal else { return false };
    name == account || name.strip_suffix(":root").is_some_and(|arn| arn.ends_with(&format!(":iam::{account}")))
}

/// Everybody, as long as they are of the organization.
fn is_for_organization(statement: &Statement, target: &Target) -> bool {
    let ours = |condition: &policy::Condition| condition.is("StringEquals", "aws:PrincipalOrgID", &target.organization);
    statement.principals == [Principal::Everybody] && statement.conditions.iter().any(ours)
}

#[cfg(test)]
mod tests {
    use super::takes_every_event;

    #[test]
    fn an_archive_with_a_pattern_of_its_own_is_not_whole() {
        assert!(takes_every_event(""));
        assert!(takes_every_event(r#"{ "replay-name": [{"exists": false}] }"#));
        assert!(!takes_every_event(r#"{"source":["core"],"replay-name":[{"exists":false}]}"#));
        assert!(!takes_every_event("{"));
    }
}
