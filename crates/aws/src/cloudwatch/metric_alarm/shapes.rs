//! The objects nested in an alarm.

use std::collections::BTreeMap;

use aws_sdk_cloudwatch::types;
use derive::Shape;

use crate::{
    mapping::{FromSdk, ToSdk},
    refusal::Answer,
};

/// A metric, or an expression over others.
#[derive(Clone, Debug, PartialEq, Eq, Shape)]
#[resource(name = "MetricAlarmMetricQuery", sdk = types::MetricDataQuery)]
pub struct MetricQuery {
    /// Name in expressions: a small letter, then letters, digits and `_`.
    pub id: String,
    /// The metric. Instead of `expression`.
    #[resource(sdk = metric_stat)]
    pub metric: Option<MetricQueryMetric>,
    /// A metric math expression or a Metrics Insights query. Instead of `metric`.
    #[resource(blank)]
    pub expression: Option<String>,
    /// What a person is shown.
    #[resource(blank)]
    pub label: Option<String>,
    /// Seconds of a data point of an expression.
    pub period: Option<i32>,
    /// Whether the alarm watches it: one does.
    #[resource(default = false)]
    pub return_data: bool,
    /// The account of the metric, where it is another one.
    #[resource(blank)]
    pub account_id: Option<String>,
}

/// A metric with its statistic.
#[derive(Clone, Debug, PartialEq, Eq, Shape)]
#[resource(name = "MetricAlarmMetricQueryMetric")]
pub struct MetricQueryMetric {
    /// Name of the metric.
    pub metric_name: String,
    /// Namespace of the metric.
    pub namespace: Option<String>,
    /// Dimensions of the metric.
    #[resource(default)]
    pub dimensions: BTreeMap<String, String>,
    /// Seconds of a data point.
    pub period: i32,
    /// The statistic, such as `Sum` or `p99`.
    pub stat: String,
    /// Unit of the metric.
    pub unit: Option<String>,
}

impl FromSdk<types::MetricStat> for MetricQueryMetric {
    fn from_sdk(live: types::MetricStat) -> Self {
        let metric = live.metric.unwrap_or_else(|| types::Metric::builder().build());
        Self {
            metric_name: metric.metric_name.unwrap_or_default(),
            namespace: metric.namespace,
            dimensions: BTreeMap::from_sdk(metric.dimensions.unwrap_or_default()),
            period: live.period.unwrap_or_default(),
            stat: live.stat.unwrap_or_default(),
            unit: live.unit.map(String::from_sdk),
        }
    }
}

impl ToSdk<types::MetricStat> for MetricQueryMetric {
    fn to_sdk(&self) -> Answer<types::MetricStat> {
        let metric = types::Metric::builder()
            .metric_name(&self.metric_name)
            .set_namespace(self.namespace.clone())
            .set_dimensions(Some(dimensions(&self.dimensions)).filter(|dimensions| !dimensions.is_empty()));
        let stat = types::MetricStat::builder().metric(metric.build()).period(self.period).stat(&self.stat);
        Ok(stat.set_unit(self.unit.to_sdk()?).build())
    }
}

/// Dimensions, of which AWS has a list.
pub(super) fn dimensions(dimensions: &BTreeMap<String, String>) -> Vec<types::Dimension> {
    dimensions.iter().map(|(name, value)| types::Dimension::builder().name(name).value(value).build()).collect()
}

impl FromSdk<Vec<types::Dimension>> for BTreeMap<String, String> {
    fn from_sdk(live: Vec<types::Dimension>) -> Self {
        live.into_iter().filter_map(|dimension| Some((dimension.name?, dimension.value.unwrap_or_default()))).collect()
    }
}

/// What is watched instead of metrics.
#[derive(Clone, Debug, PartialEq, Eq, Shape)]
#[resource(name = "MetricAlarmEvaluationCriteria")]
pub struct EvaluationCriteria {
    /// A PromQL query.
    pub promql_criteria: EvaluationCriteriaPromqlCriteria,
}

/// A PromQL query, each of whose results may be in alarm.
#[derive(Clone, Debug, PartialEq, Eq, Shape)]
#[resource(name = "MetricAlarmEvaluationCriteriaPromqlCriteria", sdk = types::AlarmPromQlCriteria)]
pub struct EvaluationCriteriaPromqlCriteria {
    /// The query, whose result is a vector.
    pub query: String,
    /// Seconds that a result has to breach before it is in alarm, 0 to 86400.
    pub pending_period: Option<i32>,
    /// Seconds that a result has to be well before it is OK, 0 to 86400.
    pub recovery_period: Option<i32>,
}

impl FromSdk<types::EvaluationCriteria> for EvaluationCriteria {
    fn from_sdk(live: types::EvaluationCriteria) -> Self {
        let criteria = live.as_prom_ql_criteria().cloned();
        let criteria = criteria.unwrap_or_else(|_| types::AlarmPromQlCriteria::builder().build());
        Self { promql_criteria: EvaluationCriteriaPromqlCriteria::from_sdk(criteria) }
    }
}

impl ToSdk<types::EvaluationCriteria> for EvaluationCriteria {
    fn to_sdk(&self) -> Answer<types::EvaluationCriteria> {
        Ok(types::EvaluationCriteria::PromQlCriteria(self.promql_criteria.to_sdk()?))
    }
}

/// How long a new alarm is not evaluated.
#[derive(Clone, Debug, PartialEq, Eq, Shape)]
#[resource(name = "MetricAlarmWarmUpConfiguration", sdk = types::WarmUpConfiguration)]
pub struct WarmUpConfiguration {
    /// Minutes, 1 to 2880.
    pub warm_up_period_duration_in_minutes: i32,
    /// Whether all of the time is waited for, even if there is enough data earlier.
    #[resource(default = false)]
    pub only_start_evaluating_after_warm_up_period_ends: bool,
}
