//! What AWS would refuse of an alarm, found in a preview.
//!
//! As <https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html> has it, as of 2026-11.

use crate::{checks::items, prelude::*};

/// What an alarm watches: one of these.
const WATCHED: [&str; 3] = ["metricName", "metricQueries", "evaluationCriteria"];
/// What belongs to a metric, and to nothing else.
const OF_A_METRIC: [&str; 6] = ["namespace", "dimensions", "period", "statistic", "extendedStatistic", "unit"];
/// What belongs to a metric or to queries, and not to PromQL.
const COMPARED: [&str; 5] =
    ["comparisonOperator", "threshold", "thresholdMetricId", "evaluationPeriods", "datapointsToAlarm"];
/// Operators of anomaly detection.
const BANDS: [&str; 3] =
    ["LessThanLowerOrGreaterThanUpperThreshold", "LessThanLowerThreshold", "GreaterThanUpperThreshold"];
const HOUR: i32 = 3600;
const DAY: i64 = 86_400;

pub(super) fn check(checks: &mut Checks<'_>) {
    let given: Vec<_> = WATCHED.into_iter().filter(|property| gives(checks, property)).collect();
    match given.as_slice() {
        [] => checks.wrong("metricName", "missing: give `metricName`, `metricQueries` or `evaluationCriteria`"),
        ["metricName"] => metric(checks),
        ["metricQueries"] => queries(checks),
        ["evaluationCriteria"] => criteria(checks),
        [first, others @ ..] => {
            for other in others {
                checks.wrong(other, format!("give `{first}` or `{other}`, not both"));
            }
        }
    }
    if gives(checks, "evaluationInterval") && !gives(checks, "evaluationCriteria") {
        checks.wrong("evaluationInterval", "it is for `evaluationCriteria`; a metric has a `period`");
    }
    period(checks, "evaluationInterval", number(checks.inputs, "evaluationInterval"), &[10, 20, 30]);
}

/// Whether there is something, known or not.
fn gives(checks: &Checks<'_>, property: &str) -> bool {
    checks.gives(property) && !matches!(checks.inputs.get(property), Some(Value::Object(map)) if map.is_empty())
}

fn needs(checks: &mut Checks<'_>, properties: &[&str], why: &str) {
    for property in properties {
        if !gives(checks, property) {
            checks.wrong(property, format!("missing: {why} needs it"));
        }
    }
}

fn refuses(checks: &mut Checks<'_>, properties: &[&str], why: &str) {
    for property in properties {
        if gives(checks, property) {
            checks.wrong(property, why);
        }
    }
}

fn number(map: &Map, property: &str) -> Option<i32> {
    match map.get(property) {
        #[expect(clippy::cast_possible_truncation, reason = "Check has seen that it is an i32")]
        Some(Value::Number(number)) => Some(*number as i32),
        _ => None,
    }
}

fn metric(checks: &mut Checks<'_>) {
    needs(checks, &["namespace", "period"], "a metric");
    match (gives(checks, "statistic"), gives(checks, "extendedStatistic")) {
        (false, false) => checks.wrong("statistic", "missing: give `statistic` or `extendedStatistic`"),
        _ => checks.not_both("statistic", "extendedStatistic"),
    }
    let seconds = number(checks.inputs, "period");
    period(checks, "period", seconds, &[10, 20, 30]);
    compared(checks, seconds);
}

/// A period is one of a few seconds, or whole minutes.
fn period(checks: &mut Checks<'_>, place: &str, seconds: Option<i32>, few: &[i32]) {
    if let Some(seconds) = seconds.filter(|s| !few.contains(s) && (*s < 60 || s % 60 != 0)) {
        let few: Vec<_> = few.iter().map(ToString::to_string).collect();
        checks.wrong(place, format!("AWS takes {} or a multiple of 60, not {seconds}", few.join(", ")));
    }
}

/// The comparison with a threshold, of data points of so many seconds.
fn compared(checks: &mut Checks<'_>, seconds: Option<i32>) {
    needs(checks, &["comparisonOperator", "evaluationPeriods"], "the alarm");
    match (gives(checks, "threshold"), gives(checks, "thresholdMetricId")) {
        (false, false) => {
            checks.wrong("threshold", "missing: give `threshold`, or `thresholdMetricId` for anomaly detection");
        }
        _ => checks.not_both("threshold", "thresholdMetricId"),
    }
    let is_band = checks.text("comparisonOperator").map(|operator| BANDS.contains(&operator));
    if is_band == Some(true) && !gives(checks, "thresholdMetricId") {
        checks.wrong("thresholdMetricId", "missing: this operator compares with the band of an anomaly detection");
    }
    if is_band == Some(false) && gives(checks, "thresholdMetricId") {
        checks.wrong("comparisonOperator", format!("with `thresholdMetricId` it is one of {}", BANDS.join(", ")));
    }
    let periods = number(checks.inputs, "evaluationPeriods");
    if let (Some(periods), Some(points)) = (periods, number(checks.inputs, "datapointsToAlarm"))
        && points > periods
    {
        checks.wrong("datapointsToAlarm", format!("of {periods} `evaluationPeriods`, no {points} can breach"));
    }
    let (Some(periods), Some(seconds)) = (periods, seconds) else { return };
    let (most, days) = if seconds < HOUR { (DAY, "one day") } else { (7 * DAY, "seven days") };
    let all = i64::from(periods) * i64::from(seconds);
    if all > most {
        let reason = format!("{periods} periods of {seconds} s are {all} s: AWS evaluates {days} ({most} s) at most");
        checks.wrong("evaluationPeriods", reason);
    }
}

fn queries(checks: &mut Checks<'_>) {
    refuses(checks, &OF_A_METRIC, "it belongs to the `metric` of a query in `metricQueries`");
    let mut ids = Vec::new();
    let (mut watched, mut is_known, mut longest) = (0, true, None);
    let queries = items(checks.inputs, "metricQueries");
    is_known &= matches!(checks.inputs.get("metricQueries"), Some(Value::Array(_)));
    for (i, query) in queries.iter().enumerate() {
        let Value::Object(query) = query else {
            is_known = false;
            continue;
        };
        let of = Checks::of(query);
        let at = |property: &str| format!("metricQueries[{i}].{property}");
        match (of.has("metric"), of.has("expression")) {
            (false, false) => checks.wrong(&at("metric"), "missing: give `metric` or `expression`"),
            (true, true) => checks.wrong(&at("expression"), "give `metric` or `expression`, not both"),
            _ => {}
        }
        if let Some(id) = of.text("id") {
            let mut letters = id.chars();
            let is_name = letters.next().is_some_and(|c| c.is_ascii_lowercase())
                && letters.all(|c| c.is_ascii_alphanumeric() || c == '_');
            if !is_name {
                checks.wrong(
                    &at("id"),
                    format!("`{id}` is no name for expressions: a small letter, then letters, digits and `_`"),
                );
            }
            if ids.contains(&id) {
                checks.wrong(&at("id"), format!("`{id}` stands twice"));
            }
            ids.push(id);
        }
        match query.get("returnData") {
            Some(Value::Bool(true)) => watched += 1,
            Some(Value::Unknown) => is_known = false,
            _ => {}
        }
        let seconds = number(query, "period");
        period(checks, &at("period"), seconds, &[1, 5, 10, 20, 30]);
        let metric =
            query.get("metric").and_then(|metric| if let Value::Object(map) = metric { Some(map) } else { None });
        let of_metric = metric.and_then(|metric| number(metric, "period"));
        period(checks, &at("metric.period"), of_metric, &[1, 5, 10, 20, 30]);
        longest = longest.max(seconds).max(of_metric);
    }
    if let Some(id) = checks.text("thresholdMetricId").filter(|id| is_known && !ids.contains(id)) {
        checks.wrong("thresholdMetricId", format!("no query has the id `{id}`"));
    }
    // with anomaly detection, the metric and its band are both returned
    let wanted = if gives(checks, "thresholdMetricId") { 1..=2 } else { 1..=1 };
    if is_known && !wanted.contains(&watched) {
        checks.wrong(
            "metricQueries",
            format!("`returnData` is true of {watched} queries: it has to be of the one that is watched"),
        );
    }
    compared(checks, longest);
}

fn criteria(checks: &mut Checks<'_>) {
    let why = "it is not for `evaluationCriteria`, which has all of the evaluation";
    refuses(checks, &OF_A_METRIC, why);
    refuses(checks, &COMPARED, why);
    needs(checks, &["evaluationInterval"], "`evaluationCriteria`");
}
