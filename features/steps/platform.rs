//! Log groups, the alerts topic and the sampling rule.

use std::collections::HashMap;

use aws_sdk_cloudwatchlogs::types::LogGroup;
use aws_sdk_xray::types::SamplingRule;
use cucumber::{then, when};

use super::kms;
use crate::{
    clients::refused,
    policy::{self, Principal, Statement},
    world::{Judged, World, arn_name, ensure, seen},
};

const CLOUDWATCH: &str = "cloudwatch.amazonaws.com";

/// What the services have told.
#[derive(Debug, Default)]
pub(crate) struct Platform {
    group: Option<LogGroup>,
    topic: Option<HashMap<String, String>>,
    rule: Option<SamplingRule>,
}

#[when("CloudWatch Logs describes the log group")]
async fn describe_group(world: &mut World) -> Judged {
    let name = arn_name(&world.entry()?.value, ":")?.to_owned();
    world.platform.group = Some(group_called(world, &name).await?);
    Ok(())
}

/// The log group of a name.
pub(super) async fn group_called(world: &World, name: &str) -> Judged<LogGroup> {
    let call = world.session()?.clients.logs.describe_log_groups().log_group_name_prefix(name);
    let found = call.into_paginator().items().send().collect::<Result<Vec<_>, _>>().await;
    let found = found.map_err(|error| refused("logs:DescribeLogGroups", name, &error))?;
    let group = found.into_iter().find(|group| group.log_group_name() == Some(name));
    group.ok_or_else(|| format!("there is no log group `{name}`").into())
}

#[when("SNS describes the topic")]
async fn describe_topic(world: &mut World) -> Judged {
    let arn = &world.entry()?.value;
    let answer = world.session()?.clients.sns.get_topic_attributes().topic_arn(arn).send().await;
    let answer = answer.map_err(|error| refused("sns:GetTopicAttributes", arn, &error))?;
    world.platform.topic = Some(answer.attributes.unwrap_or_default());
    Ok(())
}

#[when("X-Ray describes the sampling rule")]
async fn describe_rule(world: &mut World) -> Judged {
    let arn = &world.entry()?.value;
    let found = world.session()?.clients.xray.get_sampling_rules().into_paginator().items().send();
    let found = found.collect::<Result<Vec<_>, _>>().await;
    let found = found.map_err(|error| refused("xray:GetSamplingRules", arn, &error))?;
    let rule = found.into_iter().filter_map(|record| record.sampling_rule).find(|r| r.rule_arn() == Some(arn));
    world.platform.rule = Some(rule.ok_or_else(|| format!("there is no sampling rule `{arn}`"))?);
    Ok(())
}

#[then(expr = "the log group is encrypted with the key of class {string}")]
async fn group_is_encrypted(world: &mut World, class: String) -> Judged {
    is_encrypted(world, seen(world.platform.group.as_ref(), "log group")?, &class).await
}

/// Holds the key of a log group against the one of a class.
pub(super) async fn is_encrypted(world: &World, group: &LogGroup, class: &str) -> Judged {
    let name = group.log_group_name().unwrap_or_default();
    let key =
        group.kms_key_id().ok_or_else(|| format!("the log group `{name}` is not encrypted with a key of ours"))?;
    kms::is_key_of(world, key, class, &format!("the log group `{name}`")).await
}

#[then("the log group keeps its events as long as the environment says")]
fn group_keeps(world: &mut World) -> Judged {
    keeps(seen(world.platform.group.as_ref(), "log group")?, retention(world)?)
}

/// Days that log groups keep their events in this environment.
pub(super) fn retention(world: &World) -> Judged<i32> {
    let days = world.session()?.target.zone.log_retention_days;
    i32::try_from(days).map_err(|_| format!("{days} days are more than AWS counts").into())
}

/// Holds what a log group keeps against the days that the environment says.
pub(super) fn keeps(group: &LogGroup, days: i32) -> Judged {
    let name = group.log_group_name().unwrap_or_default();
    match group.retention_in_days() {
        Some(found) if found == days => Ok(()),
        Some(found) if found > 0 => {
            Err(format!("the log group `{name}` keeps its events for {found} days, and not for {days}").into())
        }
        _ => Err(format!("the log group `{name}` keeps its events for ever").into()),
    }
}

#[then(expr = "the topic is encrypted with the key of class {string}")]
async fn topic_is_encrypted(world: &mut World, class: String) -> Judged {
    let key = attribute(world, "KmsMasterKeyId")?;
    kms::is_key_of(world, key, &class, "the topic").await
}

#[then("CloudWatch may publish to the topic for this account only")]
fn cloudwatch_publishes(world: &mut World) -> Judged {
    let statements = policy::statements(attribute(world, "Policy")?)?;
    let account = &world.session()?.target.account;
    let publishes = |s: &&Statement| {
        s.allow && s.principals.contains(&Principal::Service(CLOUDWATCH.to_owned())) && s.acts("sns:Publish")
    };
    let publishing: Vec<_> = statements.iter().filter(publishes).collect();
    ensure!(!publishing.is_empty(), "no statement lets {CLOUDWATCH} do sns:Publish");
    let bound = |s: &&Statement| {
        s.conditions.iter().any(|c| {
            let ours = |value: &String| match c.key.to_lowercase().as_str() {
                "aws:sourceaccount" => value == account,
                "aws:sourcearn" => value.split(':').nth(4) == Some(account),
                _ => false,
            };
            !c.operator.contains("Not") && !c.values.is_empty() && c.values.iter().all(ours)
        })
    };
    let loose = publishing.into_iter().find(|statement| !bound(statement));
    ensure!(loose.is_none(), "nothing binds statement {} to {account}", loose.map_or("", |s| &s.sid));
    let root = [Principal::Aws(format!("arn:aws:iam::{account}:root"))];
    for statement in statements.iter().filter(|statement| statement.allow && statement.principals != root) {
        let service = statement.principals == [Principal::Service(CLOUDWATCH.to_owned())];
        ensure!(
            service && statement.turned.is_none(),
            "statement {} lets in {:?}",
            statement.sid,
            statement.principals
        );
        let publishes = statement.actions == ["sns:Publish"];
        ensure!(publishes, "statement {} lets {CLOUDWATCH} do {:?}", statement.sid, statement.actions);
    }
    Ok(())
}

#[then(expr = "the rule traces {int} of a hundred requests, and {int} a second in any case")]
fn rule_traces(world: &mut World, percent: i32, reservoir: i32) -> Judged {
    let rule = seen(world.platform.rule.as_ref(), "sampling rule")?;
    let (rate, found) = (rule.fixed_rate() * 100.0, rule.reservoir_size());
    let same = (rate - f64::from(percent)).abs() < 1e-9;
    ensure!(same, "the rule traces {rate} of a hundred requests");
    ensure!(found == reservoir, "the rule traces {found} a second in any case");
    Ok(())
}

#[then(expr = "the rule is for every request, and comes after rules with a priority below {int}")]
fn rule_is_for_all(world: &mut World, priority: i32) -> Judged {
    let rule = seen(world.platform.rule.as_ref(), "sampling rule")?;
    let narrowed = [
        ("host", rule.host()),
        ("method", rule.http_method()),
        ("path", rule.url_path()),
        ("resource", rule.resource_arn()),
        ("service", rule.service_name()),
        ("kind of service", rule.service_type()),
    ];
    let narrowed = narrowed.into_iter().find(|(_, found)| *found != "*");
    ensure!(
        narrowed.is_none(),
        "the rule is for one {} only: `{}`",
        narrowed.map_or("", |n| n.0),
        narrowed.map_or("", |n| n.1)
    );
    ensure!(rule.attributes().is_none_or(HashMap::is_empty), "the rule is for requests with attributes only");
    let found = rule.priority();
    ensure!(found == priority, "the rule has the priority {found}");
    Ok(())
}

fn attribute<'a>(world: &'a World, name: &str) -> Judged<&'a String> {
    let attributes = seen(world.platform.topic.as_ref(), "topic")?;
    attributes.get(name).ok_or_else(|| format!("the topic has no {name}").into())
}
