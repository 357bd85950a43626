//! Queues.

use aws_sdk_sqs::types::QueueAttributeName;
use cucumber::{then, when};

use super::kms;
use crate::{
    clients::refused,
    policy::{self, Principal, Statement},
    rights::{self, Grant},
    world::{Judged, World, arn_name, ensure, seen},
};

const EVENTS: &str = "events.amazonaws.com";
const DAY: u32 = 24 * 60 * 60;

#[when("SQS describes the queue")]
async fn describe(world: &mut World) -> Judged {
    let session = world.session()?;
    let arn = &world.entry()?.value;
    let name = arn_name(arn, "")?;
    let owner = &session.target.account;
    let answer = session.clients.sqs.get_queue_url().queue_name(name).queue_owner_aws_account_id(owner).send().await;
    let answer = answer.map_err(|error| refused("sqs:GetQueueUrl", name, &error))?;
    let url = answer.queue_url().ok_or_else(|| format!("sqs:GetQueueUrl of `{name}`: the answer has no URL"))?;
    let all = QueueAttributeName::All;
    let answer = session.clients.sqs.get_queue_attributes().queue_url(url).attribute_names(all).send().await;
    let answer = answer.map_err(|error| refused("sqs:GetQueueAttributes", name, &error))?;
    world.queue = Some(answer.attributes.unwrap_or_default());
    Ok(())
}

#[then("the queue has the ARN that the contract says")]
fn has_arn(world: &mut World) -> Judged {
    let (found, said) = (attribute(world, &QueueAttributeName::QueueArn)?, &world.entry()?.value);
    ensure!(found == said, "SQS calls the queue `{found}`, the contract `{said}`");
    Ok(())
}

#[then("EventBridge may send messages to the queue")]
fn takes_events(world: &mut World) -> Judged {
    let statements = policy::statements(attribute(world, &QueueAttributeName::Policy)?)?;
    let arn = &world.entry()?.value;
    let may = statements.iter().any(|statement| lets_send(statement) && statement.covers(arn));
    ensure!(may, "no statement of its policy lets events.amazonaws.com do sqs:SendMessage on `{arn}`");
    Ok(())
}

#[then("EventBridge sends to the queue on behalf of this account only")]
fn is_not_deputy_of_others(world: &mut World) -> Judged {
    let statements = policy::statements(attribute(world, &QueueAttributeName::Policy)?)?;
    let account = &world.session()?.target.account;
    let bound = |statement: &Statement| {
        statement.conditions.iter().any(|condition| {
            let ours = |value: &String| match condition.key.to_lowercase().as_str() {
                "aws:sourceaccount" => value == account,
                "aws:sourcearn" => value.split(':').nth(4) == Some(account),
                _ => false,
            };
            let positive = ["StringEquals", "StringLike", "ArnEquals", "ArnLike"].contains(&&*condition.operator);
            positive && !condition.values.is_empty() && condition.values.iter().all(ours)
        })
    };
    let arn = &world.entry()?.value;
    let senders: Vec<_> = statements.iter().filter(|statement| statement.allow).collect();
    ensure!(!senders.is_empty(), "no statement of its policy lets events.amazonaws.com do sqs:SendMessage");
    for statement in senders {
        let sid = &statement.sid;
        let events = statement.principals == [Principal::Service(EVENTS.to_owned())];
        ensure!(events && statement.turned.is_none(), "statement {sid} lets in {:?}", statement.principals);
        let sends = statement.actions == ["sqs:SendMessage"] && statement.resources == [arn.clone()];
        ensure!(sends, "statement {sid} allows {:?} on {:?}", statement.actions, statement.resources);
        let account = "EventBridge may send for any account: nothing binds statement";
        ensure!(bound(statement), "{account} {sid} to {}", world.session()?.target.account);
    }
    Ok(())
}

#[then(expr = "the bucket at {string} sends to the queue, and nobody else does")]
fn takes_from_bucket(world: &mut World, bucket: String) -> Judged {
    let statements = policy::statements(attribute(world, &QueueAttributeName::Policy)?)?;
    let sends = Grant::of(["sqs:SendMessage"], [world.entry()?.value.clone()])
        .to(Principal::Service("s3.amazonaws.com".to_owned()))
        .when("ArnLike", "aws:SourceArn", [world.published(&bucket)?.value])
        .when("StringEquals", "aws:SourceAccount", [world.session()?.target.account.clone()]);
    rights::exactly(&statements, &[sends])
}

#[then(expr = "the queue is encrypted with the key of class {string}")]
async fn is_encrypted(world: &mut World, class: String) -> Judged {
    let key = attribute(world, &QueueAttributeName::KmsMasterKeyId)?;
    kms::is_key_of(world, key, &class, "the queue").await
}

#[then(expr = "the queue keeps messages for {int} days")]
fn keeps_messages(world: &mut World, days: u32) -> Judged {
    let found = attribute(world, &QueueAttributeName::MessageRetentionPeriod)?;
    ensure!(*found == (days * DAY).to_string(), "the queue keeps messages for {found} seconds");
    Ok(())
}

/// Whether the statement allows `EventBridge` to send.
fn lets_send(statement: &Statement) -> bool {
    let events = Principal::Service(EVENTS.to_owned());
    statement.allow && statement.principals.contains(&events) && statement.acts("sqs:SendMessage")
}

fn attribute<'a>(world: &'a World, name: &QueueAttributeName) -> Judged<&'a String> {
    let attributes = seen(world.queue.as_ref(), "queue")?;
    attributes.get(name).ok_or_else(|| format!("the queue has no {}", name.as_str()).into())
}
