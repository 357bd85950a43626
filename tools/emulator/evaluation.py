"""The state of an alarm, by its metric and by its configuration, as AWS words it.

<https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-evaluation.html> (2026-11-26)
"""

import datetime

COMPARISONS = {
    "GreaterThanOrEqualToThreshold": ("greater than or equal to", lambda value, limit: value >= limit),
    "GreaterThanThreshold": ("greater than", lambda value, limit: value > limit),
    "LessThanOrEqualToThreshold": ("less than or equal to", lambda value, limit: value <= limit),
    "LessThanThreshold": ("less than", lambda value, limit: value < limit),
}


def metric(put):
    """Namespace, name, dimensions, period, statistic and unit of what an alarm looks at; or why it is not evaluated."""
    if put.get("EvaluationCriteria"):
        return None, "The local emulator does not evaluate PromQL."
    if queries := put.get("Metrics"):
        stats = queries[0].get("MetricStat")
        if len(queries) > 1 or not stats:
            return None, "The local emulator does not evaluate metric math."
        put = stats["Metric"] | {"Period": stats["Period"], "Statistic": stats["Stat"], "Unit": stats.get("Unit")}
    if put.get("ThresholdMetricId") or put.get("ComparisonOperator") not in COMPARISONS:
        return None, "The local emulator does not evaluate anomaly detection."
    statistic = put.get("ExtendedStatistic") or put.get("Statistic")
    if statistic not in STATISTICS and not is_percentile(statistic):
        return None, f"The local emulator does not evaluate the statistic {statistic}."
    return put | {"Statistic": statistic}, None


def is_percentile(statistic):
    return statistic.startswith("p") and statistic[1:].replace(".", "", 1).isdigit()


def evaluate(backend, put, state):
    """The state of an alarm now, with the reason and the data of it as AWS words them."""
    of, why_not = metric(put)
    if of is None:
        return "INSUFFICIENT_DATA", why_not, {}
    wanted = put["EvaluationPeriods"]
    needed, period = put.get("DatapointsToAlarm") or wanted, int(of["Period"])
    points = datapoints(backend, of, period, wanted)
    treats = put.get("TreatMissingData") or "missing"
    words, breaches = COMPARISONS[put["ComparisonOperator"]]
    present = [(at, value) for at, value in points if value is not None]
    missing = wanted - len(present)
    breaching = [(at, value) for at, value in present if breaches(value, put["Threshold"])]
    if not present:
        number = f"{missing} period{'s' if missing > 1 else ''}"
        if treats == "ignore":
            return state, "", {}
        if treats == "missing":
            return (
                "INSUFFICIENT_DATA",
                f"Insufficient Data: {missing} datapoint{'s were' if missing > 1 else ' was'} unknown.",
                {},
            )
        how = {"breaching": "Breaching", "notBreaching": "NonBreaching"}[treats]
        reason = f"Threshold Crossed: no datapoints were received for {number} and {missing} missing datapoint"
        reason += f"{'s were' if missing > 1 else ' was'} treated as [{how}]."
        return ("ALARM" if treats == "breaching" else "OK"), reason, {}
    count = len(breaching) + (missing if treats == "breaching" else 0)
    new = "ALARM" if count >= needed else "OK"
    shown = breaching if new == "ALARM" else [point for point in present if point not in breaching] or present
    values = ", ".join(
        f"{value:g} ({at:%d/%m/%y %H:%M:%S})" if value % 1 else f"{value:.1f} ({at:%d/%m/%y %H:%M:%S})" for at, value in shown
    )
    plural = len(shown) > 1
    reason = (
        f"Threshold Crossed: {len(shown)} out of the last {wanted} datapoint{'s' if wanted > 1 else ''} [{values}]"
        f" {'were' if plural else 'was'} {'' if new == 'ALARM' else 'not '}{words} the threshold ({float(put['Threshold'])})"
        f" (minimum {needed} datapoint{'s' if needed > 1 else ''} for {'OK -> ALARM' if new == 'ALARM' else 'ALARM -> OK'} transition)."
    )
    data = {"version": "1.0", "statistic": of["Statistic"], "period": period, "threshold": put["Threshold"]}
    data |= {"recentDatapoints": [value for _, value in present], "queryDate": f"{present[0][0]:%Y-%m-%dT%H:%M:%S}.000+0000"}
    return new, reason, data


def naive(moment):
    """moto has moments of both kinds."""
    return moment.astimezone(datetime.UTC).replace(tzinfo=None) if moment.tzinfo else moment


def datapoints(backend, of, period, count):
    """The last periods, the newest first, each with its beginning and its value."""
    now = datetime.datetime.now(datetime.UTC).replace(tzinfo=None)
    dimensions = sorted((one["Name"], one["Value"]) for one in of.get("Dimensions") or [])
    oldest = now - datetime.timedelta(seconds=period * count)
    found = [[] for _ in range(count)]
    for datum in backend.metric_data:
        if datum.name != of["MetricName"] or datum.namespace != of["Namespace"] or (of.get("Unit") not in (None, datum.unit)):
            continue
        at = naive(datum.timestamp)
        if oldest < at <= now and sorted((one.name, one.value) for one in datum.dimensions) == dimensions:
            found[min(int((now - at).total_seconds() // period), count - 1)].append(datum)
    begins = (now - datetime.timedelta(seconds=period * (index + 1)) for index in range(count))
    return [(begin, statistic(of["Statistic"], data) if data else None) for begin, data in zip(begins, found, strict=True)]


STATISTICS = {
    "Sum": lambda total, least, most, samples: total,
    "Average": lambda total, least, most, samples: total / samples if samples else 0,
    "Minimum": lambda total, least, most, samples: least,
    "Maximum": lambda total, least, most, samples: most,
    "SampleCount": lambda total, least, most, samples: samples,
}


def statistic(name, data):
    sets = [
        (one.sum, one.min, one.max, one.sample_count) if hasattr(one, "sample_count") else (one.value, one.value, one.value, 1)
        for one in data
    ]
    if name in STATISTICS:
        totals, least, most, samples = zip(*sets, strict=True)
        return float(STATISTICS[name](sum(totals), min(least), max(most), sum(samples)))
    values = sorted(one[0] for one in sets)
    place = float(name[1:]) / 100 * (len(values) - 1)
    low = int(place)
    high = min(low + 1, len(values) - 1)
    return values[low] + (values[high] - values[low]) * (place - low)
