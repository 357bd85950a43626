//! A CloudWatch alarm on a metric, on a metric math expression or on a PromQL query.
//!
//! Calls: PutMetricAlarm, DescribeAlarms, DeleteAlarms, ListTagsForResource, TagResource, UntagResource.
//! IAM: `cloudwatch:` + each of these; `iam:CreateServiceLinkedRole` where it acts on EC2 instances.
//!
//! - **PutMetricAlarm overwrites an alarm of that name without a word**, whoever made it: so it is looked for first.
//!   <https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html>, as of 2026-11
//! - It replaces the whole alarm, and takes no notice of tags where there is one already.
//! - A metric alarm and a composite alarm share their names.
//! - The SDK for Rust calls CloudWatch in CBOR.

mod checks;
mod shapes;

use aws_sdk_cloudwatch::types::{self, AlarmType, Tag};

pub use self::shapes::*;
use crate::{prelude::*, tags::CloudWatchAlarm};

/// A CloudWatch alarm on a metric, on a metric math expression or on a PromQL query.
#[derive(Clone, Debug, Resource)]
#[resource(token = "aws:cloudwatch/metricAlarm:MetricAlarm", noun = "CloudWatch alarm", handle = MetricAlarm, tags)]
#[resource(from = types::MetricAlarm)]
pub struct Inputs {
    /// Name, up to 255 characters.
    #[resource(replace, autoname, sdk = alarm_name)]
    pub name: String,
    /// What the alarm is for.
    #[resource(blank)]
    pub alarm_description: Option<String>,
    /// Whether changes of its state lead to actions.
    #[resource(default = true)]
    pub actions_enabled: bool,
    /// ARNs of what is told or done when it goes to ALARM, up to 5.
    #[resource(set, default)]
    pub alarm_actions: Vec<String>,
    /// ARNs of what is told or done when it goes to OK, up to 5.
    #[resource(set, default)]
    pub ok_actions: Vec<String>,
    /// ARNs of what is told or done when it goes to INSUFFICIENT_DATA, up to 5.
    #[resource(set, default)]
    pub insufficient_data_actions: Vec<String>,
    /// Name of the metric. Instead of `metricQueries` and `evaluationCriteria`.
    pub metric_name: Option<String>,
    /// Namespace of the metric, such as `AWS/Lambda`.
    pub namespace: Option<String>,
    /// Dimensions of the metric.
    #[resource(default)]
    pub dimensions: BTreeMap<String, String>,
    /// Seconds of a data point: 10, 20, 30 or a multiple of 60.
    pub period: Option<i32>,
    /// `SampleCount`, `Average`, `Sum`, `Minimum` or `Maximum`. Instead of `extendedStatistic`.
    pub statistic: Option<String>,
    /// A percentile such as `p99`, a trimmed mean such as `tm90`, or the like. Instead of `statistic`.
    #[resource(blank)]
    pub extended_statistic: Option<String>,
    /// Unit of the metric; AWS advises to leave it out.
    pub unit: Option<String>,
    /// Metrics and expressions, of which one is watched. Instead of `metricName` and `evaluationCriteria`.
    #[resource(set, default, sdk = metrics)]
    pub metric_queries: Vec<MetricQuery>,
    /// A PromQL query that is watched. Instead of `metricName` and `metricQueries`.
    pub evaluation_criteria: Option<EvaluationCriteria>,
    /// Seconds from one evaluation of `evaluationCriteria` to the next: 10, 20, 30 or a multiple of 60 up to 3600.
    pub evaluation_interval: Option<i32>,
    /// How the value is compared with the threshold, such as `GreaterThanThreshold`.
    pub comparison_operator: Option<String>,
    /// The threshold. Instead of `thresholdMetricId`.
    pub threshold: Option<f64>,
    /// Id of the query with the anomaly detection band. Instead of `threshold`.
    #[resource(blank)]
    pub threshold_metric_id: Option<String>,
    /// Over how many periods it is evaluated.
    pub evaluation_periods: Option<i32>,
    /// How many data points of these have to breach; AWS's default is all.
    pub datapoints_to_alarm: Option<i32>,
    /// What missing data means: `missing`, `ignore`, `breaching` or `notBreaching`.
    #[resource(default = "missing")]
    pub treat_missing_data: String,
    /// Whether a percentile of few data points counts: `evaluate` or `ignore`; AWS's default is `evaluate`.
    #[resource(computed, blank, sdk = evaluate_low_sample_count_percentile)]
    pub evaluate_low_sample_count_percentiles: Option<String>,
    /// How long a new alarm is not evaluated.
    pub warm_up_configuration: Option<WarmUpConfiguration>,
}

/// What AWS adds to an alarm.
#[derive(Clone, Debug, Outputs)]
#[resource(handle = MetricAlarm)]
pub struct Outputs {
    /// ARN.
    pub arn: String,
}

impl AwsResource for MetricAlarm {
    const ABSENT: Codes = &["ResourceNotFound", "ResourceNotFoundException"];
    const PRESENCE: Presence = Presence::Named;
    const LONGEST_NAME: usize = 255;

    fn tagged(cx: &Cx, id: &str) -> Tagged {
        Box::new(CloudWatchAlarm(arn(cx, id)))
    }

    fn check(checks: &mut Checks<'_>) {
        checks::check(checks);
    }

    async fn create(cx: &Cx, inputs: &Inputs) -> Answer<Created<Outputs>> {
        let name = &inputs.name;
        match find(cx, name).await? {
            Found::Metric(_) => return resource::adopt::<Self>(cx, name, inputs).await,
            Found::Composite => {
                let error =
                    Error::new(format!("a composite alarm `{name}` exists already, and alarms share their names"));
                return Err(error.hint("choose another name, or delete the composite alarm").into());
            }
            Found::Nothing => {}
        }
        let tags = cx.tags_as(|k, v| Tag::builder().key(k).value(v).build());
        put(cx, inputs, Some(tags)).await?;
        Ok(Created::new(name, Outputs { arn: arn(cx, name) }))
    }

    async fn read(cx: &Cx, id: &str) -> Answer<Option<Live<Inputs, Outputs>>> {
        let Found::Metric(alarm) = find(cx, id).await? else { return Ok(None) };
        let outputs = Outputs { arn: alarm.alarm_arn.clone().unwrap_or_else(|| arn(cx, id)) };
        Ok(Some(Live { inputs: Inputs::from_sdk(*alarm), outputs }))
    }

    async fn update(cx: &Cx, _: &str, _: &Inputs, new: &Inputs, outputs: Outputs) -> Answer<Outputs> {
        put(cx, new, None).await?;
        Ok(outputs)
    }

    async fn delete(cx: &Cx, id: &str, _: &Inputs) -> Answer {
        cx.clients.cloudwatch.delete_alarms().alarm_names(id).send().await.done()
    }
}

fn arn(cx: &Cx, name: &str) -> String {
    cx.arn("cloudwatch", &format!("alarm:{name}"))
}

/// What there is of a name.
enum Found {
    Nothing,
    Metric(Box<types::MetricAlarm>),
    Composite,
}

async fn find(cx: &Cx, name: &str) -> Answer<Found> {
    let call = cx.clients.cloudwatch.describe_alarms().alarm_names(name);
    let answer = call.alarm_types(AlarmType::MetricAlarm).alarm_types(AlarmType::CompositeAlarm).send().await?;
    let mut metric = answer.metric_alarms.unwrap_or_default().into_iter();
    let is_composite = |alarm: &types::CompositeAlarm| alarm.alarm_name.as_deref() == Some(name);
    Ok(match metric.find(|alarm| alarm.alarm_name.as_deref() == Some(name)) {
        Some(alarm) => Found::Metric(Box::new(alarm)),
        None if answer.composite_alarms.unwrap_or_default().iter().any(is_composite) => Found::Composite,
        None => Found::Nothing,
    })
}

/// Puts all of the alarm: what is not sent is taken away.
async fn put(cx: &Cx, inputs: &Inputs, tags: Option<Vec<Tag>>) -> Answer {
    let queries = Some(&inputs.metric_queries).filter(|queries| !queries.is_empty());
    let dimensions = Some(dimensions(&inputs.dimensions)).filter(|dimensions| !dimensions.is_empty());
    let call = cx.clients.cloudwatch.put_metric_alarm().alarm_name(&inputs.name);
    let call = call
        .set_alarm_description(inputs.alarm_description.clone())
        .actions_enabled(inputs.actions_enabled)
        .set_alarm_actions(Some(inputs.alarm_actions.clone()))
        .set_ok_actions(Some(inputs.ok_actions.clone()))
        .set_insufficient_data_actions(Some(inputs.insufficient_data_actions.clone()))
        .set_metric_name(inputs.metric_name.clone())
        .set_namespace(inputs.namespace.clone())
        .set_dimensions(dimensions)
        .set_period(inputs.period)
        .set_statistic(inputs.statistic.to_sdk()?)
        .set_extended_statistic(inputs.extended_statistic.clone())
        .set_unit(inputs.unit.to_sdk()?)
        .set_metrics(queries.map(ToSdk::to_sdk).transpose()?)
        .set_evaluation_criteria(inputs.evaluation_criteria.to_sdk()?)
        .set_evaluation_interval(inputs.evaluation_interval)
        .set_comparison_operator(inputs.comparison_operator.to_sdk()?)
        .set_threshold(inputs.threshold)
        .set_threshold_metric_id(inputs.threshold_metric_id.clone())
        .set_evaluation_periods(inputs.evaluation_periods)
        .set_datapoints_to_alarm(inputs.datapoints_to_alarm)
        .set_treat_missing_data(treatment(inputs))
        .set_evaluate_low_sample_count_percentile(inputs.evaluate_low_sample_count_percentiles.clone())
        .set_warm_up_configuration(inputs.warm_up_configuration.to_sdk()?)
        .set_tags(tags);
    // boxed: the request of such a call is large
    propagation::told(&[], || Box::pin(call.clone().send())).await.done()
}

/// What missing data means is no question of a PromQL query.
fn treatment(inputs: &Inputs) -> Option<String> {
    inputs.evaluation_criteria.is_none().then(|| inputs.treat_missing_data.clone())
}

#[cfg(test)]
mod tests;
