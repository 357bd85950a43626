//! The life of an alarm, and what is refused of one.

use pulumi::value::FromValue;
use serde_json::{Value as Json, json};

use super::*;
use crate::{
    recovery::TAG,
    stub::{
        self, Answer, Stub, done,
        late::{Late, TOLD, is_waited_out, wholly},
    },
    testing::{self, Adapter, CustomResource as _},
};

const TOKEN: &str = "aws:cloudwatch/metricAlarm:MetricAlarm";

crate::lifecycle! {
    token: "aws:cloudwatch/metricAlarm:MetricAlarm",
    needs: [("aws:sns/topic:Topic", { "name": "alerts-{unique}" })],
    sample: {
        "name": "errors-{unique}",
        "alarmDescription": "the function fails",
        "metricName": "Errors",
        "namespace": "AWS/Lambda",
        "dimensions": { "FunctionName": "audit" },
        "statistic": "Sum",
        "period": 60,
        "evaluationPeriods": 3,
        "datapointsToAlarm": 2,
        "comparisonOperator": "GreaterThanOrEqualToThreshold",
        "threshold": 0.5,
        "treatMissingData": "notBreaching",
        "alarmActions": ["${0.arn}"],
        "tags": { "a": "1" },
    },
    change: {
        "alarmDescription": null,
        "dimensions": {},
        "statistic": null,
        "extendedStatistic": "p99.9",
        "evaluateLowSampleCountPercentiles": "ignore",
        "period": 300,
        "datapointsToAlarm": null,
        "threshold": 7,
        "treatMissingData": "missing",
        "unit": "Count",
        "actionsEnabled": false,
        "alarmActions": [],
        "okActions": ["${0.arn}"],
        "insufficientDataActions": ["${0.arn}"],
        "tags": { "b": "2" },
    },
}

mod of_queries {
    crate::lifecycle! {
        token: "aws:cloudwatch/metricAlarm:MetricAlarm",
        needs: [],
        sample: {
            "name": "rate-{unique}",
            "metricQueries": [
                { "id": "rate", "expression": "100 * errors / calls", "label": "error rate", "returnData": true },
                { "id": "errors", "metric": { "metricName": "Errors", "namespace": "AWS/Lambda", "period": 60, "stat": "Sum", "dimensions": { "FunctionName": "audit" } } },
                { "id": "calls", "accountId": "111122223333", "metric": { "metricName": "Invocations", "namespace": "AWS/Lambda", "period": 60, "stat": "Sum", "unit": "Count" } },
            ],
            "evaluationPeriods": 1,
            "comparisonOperator": "GreaterThanThreshold",
            "threshold": 5,
        },
        change: {
            "metricQueries": [
                { "id": "band", "expression": "ANOMALY_DETECTION_BAND(calls, 2)", "returnData": true },
                { "id": "calls", "returnData": true, "metric": { "metricName": "Invocations", "namespace": "AWS/Lambda", "period": 120, "stat": "Average" } },
            ],
            "comparisonOperator": "GreaterThanUpperThreshold",
            "threshold": null,
            "thresholdMetricId": "band",
        },
    }
}

mod of_promql {
    crate::lifecycle! {
        token: "aws:cloudwatch/metricAlarm:MetricAlarm",
        needs: [],
        sample: {
            "name": "promql-{unique}",
            "evaluationCriteria": { "promqlCriteria": { "query": "avg(cpu_utilization_percent) > 80", "pendingPeriod": 300 } },
            "evaluationInterval": 30,
            "warmUpConfiguration": { "warmUpPeriodDurationInMinutes": 5, "onlyStartEvaluatingAfterWarmUpPeriodEnds": true },
        },
        change: {
            "evaluationCriteria": { "promqlCriteria": { "query": "up == 0", "recoveryPeriod": 120 } },
            "evaluationInterval": 60,
            "warmUpConfiguration": null,
        },
    }
}

#[tokio::test]
async fn an_alarm_waits_for_what_iam_has_not_told_cloudwatch_yet() {
    let alarm: Inputs = stub::inputs(&metric(&json!({ "name": "a" })));
    let late: &[Late] = &[("PutMetricAlarm", TOLD, &[("ValidationException", "Invalid principal")])];
    let make = async |cx: Cx| wholly(Adapter::<MetricAlarm>::create(&cx, &alarm).await?);
    is_waited_out(TOKEN, late, done, make).await;
}

#[tokio::test]
async fn one_of_its_name_is_adopted_or_refused() {
    testing::adopts(sample()).await;
}

/// PutMetricAlarm would overwrite it.
#[tokio::test]
async fn an_alarm_of_somebody_else_is_never_put_over() {
    let alarm: Inputs = stub::inputs(&metric(&json!({ "name": "a" })));
    let there = |composite: bool, tags: Json| {
        let kind = if composite { "CompositeAlarms" } else { "MetricAlarms" };
        Stub::new(move |asked| match asked.operation.as_str() {
            "DescribeAlarms" => {
                Answer::Json(json!({ kind: [{ "AlarmName": "a", "AlarmArn": "arn:a", "Period": 60 }] }))
            }
            "ListTagsForResource" => Answer::Json(json!({ "Tags": tags })),
            _ => done(asked),
        })
    };
    for (composite, words) in [(false, "its tags do not prove it ours"), (true, "a composite alarm `a` exists already")]
    {
        let stub = there(composite, json!([{ "Key": "owner", "Value": "somebody" }]));
        let error = Adapter::<MetricAlarm>::create(&stub.cx(TOKEN), &alarm).await.expect_err("it is another's");
        assert!(error.message.contains(words) && error.hint.is_some(), "{error}");
        assert!(stub.asked("PutMetricAlarm").is_empty());
    }
    // its twin: the one that this very attempt made, whose answer got lost
    let ours = there(false, json!([]));
    let cx = ours.cx(TOKEN);
    let own = there(false, json!([{ "Key": TAG, "Value": cx.identity.value() }]));
    let cx = crate::context::Cx { clients: own.cx(TOKEN).clients, ..cx };
    Adapter::<MetricAlarm>::create(&cx, &alarm).await.expect("it is ours");
    let put = own.asked("PutMetricAlarm");
    assert_eq!((put.len(), &put[0]["Period"], &put[0]["Tags"]), (1, &json!(60), &Json::Null), "tags are for a new one");
}

/// What is missing of an alarm on a metric.
fn metric(more: &Json) -> Json {
    let mut all = json!({
        "metricName": "Errors", "namespace": "AWS/Lambda", "statistic": "Sum", "period": 60,
        "evaluationPeriods": 1, "comparisonOperator": "GreaterThanThreshold", "threshold": 1,
    });
    with(&mut all, more);
    all
}

/// Of an alarm on queries.
fn queries(more: &Json) -> Json {
    let mut all = json!({
        "metricQueries": [{ "id": "m", "returnData": true, "metric": { "metricName": "a", "period": 60, "stat": "Sum" } }],
        "evaluationPeriods": 1, "comparisonOperator": "GreaterThanThreshold", "threshold": 1,
    });
    with(&mut all, more);
    all
}

fn with(all: &mut Json, more: &Json) {
    all.as_object_mut().expect("an object").extend(more.as_object().expect("an object").clone());
}

/// The places of what is wrong.
fn wrong(inputs: &Json) -> String {
    let failures = Adapter::<MetricAlarm>::check(&testing::map(inputs));
    failures.into_iter().map(|f| f.property).collect::<Vec<_>>().join(" ")
}

#[test]
fn an_alarm_watches_one_thing() {
    assert_eq!(wrong(&json!({})), "metricName");
    assert_eq!(wrong(&metric(&json!({}))), "");
    assert_eq!(wrong(&queries(&json!({}))), "");
    let promql = json!({ "evaluationCriteria": { "promqlCriteria": { "query": "up" } }, "evaluationInterval": 60 });
    assert_eq!(wrong(&promql), "");
    assert_eq!(wrong(&queries(&json!({ "metricName": "Errors" }))), "metricQueries");
    let mut both = promql.clone();
    with(&mut both, &json!({ "threshold": 1, "namespace": "n" }));
    assert_eq!(wrong(&both), "namespace threshold");
    assert_eq!(wrong(&json!({ "evaluationCriteria": promql["evaluationCriteria"] })), "evaluationInterval");
    assert_eq!(wrong(&metric(&json!({ "evaluationInterval": 60 }))), "evaluationInterval");
    assert_eq!(wrong(&metric(&json!({ "metricName": null }))), "metricName");
}

#[test]
fn a_metric_has_one_statistic_and_a_period_that_aws_has() {
    assert_eq!(wrong(&metric(&json!({ "statistic": null }))), "statistic");
    assert_eq!(wrong(&metric(&json!({ "extendedStatistic": "p99" }))), "extendedStatistic");
    assert_eq!(wrong(&metric(&json!({ "statistic": null, "extendedStatistic": "p99" }))), "");
    assert_eq!(wrong(&metric(&json!({ "namespace": null, "period": null }))), "namespace period");
    for (period, fits) in
        [(10, true), (20, true), (30, true), (60, true), (3600, true), (5, false), (15, false), (90, false)]
    {
        assert_eq!(wrong(&metric(&json!({ "period": period }))).is_empty(), fits, "{period}");
    }
}

#[test]
fn an_alarm_is_evaluated_over_a_day_or_a_week() {
    let over = |period: i32, periods: i32| wrong(&metric(&json!({ "period": period, "evaluationPeriods": periods })));
    assert_eq!((over(60, 1440).as_str(), over(60, 1441).as_str()), ("", "evaluationPeriods"));
    assert_eq!((over(3600, 168).as_str(), over(3600, 169).as_str()), ("", "evaluationPeriods"));
    assert_eq!(wrong(&metric(&json!({ "datapointsToAlarm": 2 }))), "datapointsToAlarm");
    let failures = Adapter::<MetricAlarm>::check(&testing::map(&metric(&json!({ "evaluationPeriods": 1441 }))));
    assert_eq!(failures[0].reason, "1441 periods of 60 s are 86460 s: AWS evaluates one day (86400 s) at most");
}

#[test]
fn a_threshold_is_a_number_or_a_band() {
    assert_eq!(wrong(&metric(&json!({ "threshold": null }))), "threshold");
    assert_eq!(
        wrong(&metric(&json!({ "comparisonOperator": null, "evaluationPeriods": null }))),
        "comparisonOperator evaluationPeriods"
    );
    let operator = "GreaterThanUpperThreshold";
    assert_eq!(wrong(&metric(&json!({ "comparisonOperator": operator }))), "thresholdMetricId");
    let band =
        |id: &str| queries(&json!({ "comparisonOperator": operator, "threshold": null, "thresholdMetricId": id }));
    assert_eq!((wrong(&band("m")).as_str(), wrong(&band("x")).as_str()), ("", "thresholdMetricId"));
    assert_eq!(wrong(&queries(&json!({ "threshold": null, "thresholdMetricId": "m" }))), "comparisonOperator");
}

#[test]
fn one_query_is_watched() {
    let of = |list: Json| wrong(&queries(&json!({ "metricQueries": list })));
    assert_eq!(of(json!([{ "id": "e", "expression": "1" }])), "metricQueries");
    assert_eq!(
        of(
            json!([{ "id": "e", "expression": "1", "returnData": true }, { "id": "f", "expression": "2", "returnData": true }])
        ),
        "metricQueries"
    );
    assert_eq!(of(json!([{ "id": "E", "expression": "1", "returnData": true }])), "metricQueries[0].id");
    assert_eq!(of(json!([{ "id": "e", "returnData": true }])), "metricQueries[0].metric");
    let metric = json!({ "metricName": "a", "period": 61, "stat": "Sum" });
    assert_eq!(of(json!([{ "id": "e", "metric": metric, "returnData": true }])), "metricQueries[0].metric.period");
    assert_eq!(
        of(json!([{ "id": "e", "expression": "1", "returnData": true }, { "id": "e", "expression": "2" }])),
        "metricQueries[1].id"
    );
    assert_eq!(wrong(&queries(&json!({ "period": 60, "statistic": "Sum" }))), "period statistic");
}

#[test]
fn what_is_not_known_yet_passes() {
    let mut inputs = testing::map(&queries(&json!({})));
    for property in ["metricQueries", "threshold", "comparisonOperator", "evaluationPeriods"] {
        inputs.insert(property.to_owned(), Value::Unknown);
        assert_eq!(Adapter::<MetricAlarm>::check(&inputs), [], "{property}");
    }
    assert!(Inputs::from_value(&Value::Object(testing::map(&metric(&json!({ "name": "a" }))))).is_ok());
}
