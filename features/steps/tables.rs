//! Tables of DynamoDB.

use aws_sdk_dynamodb::types::{
    BillingMode, ContributorInsightsStatus, KeyType, PointInTimeRecoveryStatus, SseStatus, SseType, TableDescription,
};
use cucumber::{then, when};

use super::modules;
use crate::{
    clients::refused,
    world::{Judged, World, ensure, seen},
};

#[when(expr = "DynamoDB describes the module's table {string}")]
async fn describe(world: &mut World, purpose: String) -> Judged {
    let name = modules::name(world, &purpose)?;
    let answer = world.session()?.clients.dynamodb.describe_table().table_name(&name).send().await;
    let table = answer.map_err(|error| refused("dynamodb:DescribeTable", &name, &error))?.table;
    world.module.table =
        Some(table.ok_or_else(|| format!("dynamodb:DescribeTable of `{name}`: the answer has no table"))?);
    Ok(())
}

fn table(world: &World) -> Judged<&TableDescription> {
    seen(world.module.table.as_ref(), "table")
}

fn name(world: &World) -> Judged<String> {
    Ok(table(world)?.table_name().unwrap_or_default().to_owned())
}

#[then(expr = "its partition key is {string} and its sort key {string}")]
fn has_keys(world: &mut World, hash: String, range: String) -> Judged {
    let keys = table(world)?.key_schema();
    let of = |kind: &KeyType| keys.iter().find(|key| key.key_type() == kind).map_or("", |key| key.attribute_name());
    let (found_hash, found_range) = (of(&KeyType::Hash), of(&KeyType::Range));
    ensure!(found_hash == hash && found_range == range, "they are `{found_hash}` and `{found_range}`");
    Ok(())
}

#[then("it is paid for each request")]
fn is_on_demand(world: &mut World) -> Judged {
    let mode = table(world)?.billing_mode_summary().and_then(|summary| summary.billing_mode());
    ensure!(mode == Some(&BillingMode::PayPerRequest), "it has a capacity of its own");
    Ok(())
}

#[then(expr = "it is encrypted with the key of class {string}")]
async fn is_encrypted(world: &mut World, class: String) -> Judged {
    let encryption = table(world)?.sse_description().ok_or("it is encrypted with a key of DynamoDB's")?;
    let is_on = matches!(encryption.status(), Some(SseStatus::Enabled | SseStatus::Updating));
    ensure!(is_on && encryption.sse_type() == Some(&SseType::Kms), "it is not encrypted with a KMS key");
    let key = encryption.kms_master_key_arn().unwrap_or_default().to_owned();
    super::kms::is_key_of(world, &key, &class, "the table").await
}

#[then("it can be restored to a point in time")]
async fn is_recoverable(world: &mut World) -> Judged {
    let name = name(world)?;
    let answer = world.session()?.clients.dynamodb.describe_continuous_backups().table_name(&name).send().await;
    let answer = answer.map_err(|error| refused("dynamodb:DescribeContinuousBackups", &name, &error))?;
    let status = answer
        .continuous_backups_description()
        .and_then(|about| about.point_in_time_recovery_description())
        .and_then(|about| about.point_in_time_recovery_status());
    ensure!(status == Some(&PointInTimeRecoveryStatus::Enabled), "point-in-time recovery is off");
    Ok(())
}

#[then("CloudWatch Contributor Insights shows who uses it")]
async fn has_insights(world: &mut World) -> Judged {
    let name = name(world)?;
    let answer = world.session()?.clients.dynamodb.describe_contributor_insights().table_name(&name).send().await;
    let answer = answer.map_err(|error| refused("dynamodb:DescribeContributorInsights", &name, &error))?;
    let status = answer.contributor_insights_status();
    let is_on = matches!(status, Some(ContributorInsightsStatus::Enabled | ContributorInsightsStatus::Enabling));
    ensure!(is_on, "Contributor Insights is {}", status.map_or("off", |status| status.as_str()));
    Ok(())
}
