//! Alarms of CloudWatch.

use aws_sdk_cloudwatch::types::{ComparisonOperator, MetricAlarm, Statistic};
use cucumber::{then, when};

use super::modules;
use crate::{
    clients::refused,
    world::{Judged, World, ensure, seen},
};

#[when(expr = "CloudWatch describes the module's alarm {string}")]
async fn describe(world: &mut World, purpose: String) -> Judged {
    let name = modules::name(world, &purpose)?;
    world.module.alarm = Some(called(world, &name).await?);
    Ok(())
}

/// The alarm of a name.
pub(super) async fn called(world: &World, name: &str) -> Judged<MetricAlarm> {
    let answer = world.session()?.clients.cloudwatch.describe_alarms().alarm_names(name).send().await;
    let answer = answer.map_err(|error| refused("cloudwatch:DescribeAlarms", name, &error))?;
    let alarm = answer.metric_alarms.unwrap_or_default().into_iter().next();
    alarm.ok_or_else(|| format!("there is no alarm `{name}`").into())
}

#[then(expr = "it goes off at the first error of the module's function {string} in {int} seconds")]
fn watches_errors(world: &mut World, purpose: String, seconds: i32) -> Judged {
    let function = modules::name(world, &purpose)?;
    let alarm = seen(world.module.alarm.as_ref(), "alarm")?;
    let metric = (alarm.namespace().unwrap_or_default(), alarm.metric_name().unwrap_or_default());
    ensure!(metric == ("AWS/Lambda", "Errors"), "it watches {} of {}", metric.1, metric.0);
    let of = alarm.dimensions().iter().find(|dimension| dimension.name() == Some("FunctionName"));
    let of = of.and_then(|dimension| dimension.value()).unwrap_or_default();
    ensure!(of == function, "it watches the function `{of}`");
    let sums = alarm.statistic() == Some(&Statistic::Sum) && alarm.period() == Some(seconds);
    ensure!(
        sums,
        "it takes the {} of {} seconds",
        alarm.statistic().map_or("", |s| s.as_str()),
        alarm.period().unwrap_or_default()
    );
    let first = match alarm.comparison_operator() {
        Some(ComparisonOperator::GreaterThanOrEqualToThreshold) => alarm.threshold() == Some(1.0),
        Some(ComparisonOperator::GreaterThanThreshold) => alarm.threshold() == Some(0.0),
        _ => false,
    };
    ensure!(
        first && alarm.evaluation_periods() == Some(1),
        "more than one error, or more than one period, has to come first"
    );
    Ok(())
}

#[then("it tells the zone's topic for alerts")]
fn tells(world: &mut World) -> Judged {
    let topic = world.published("sns/alerts/arn")?.value;
    let alarm = seen(world.module.alarm.as_ref(), "alarm")?;
    let is_on = alarm.actions_enabled() == Some(true);
    ensure!(is_on && alarm.alarm_actions().contains(&topic), "it tells {}", alarm.alarm_actions().join(", "));
    Ok(())
}
