"""Alarms of CloudWatch that change their state and say so. Imported with the first request to CloudWatch, or the first invocation.

<https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-evaluation.html> and
<https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html> (2026-11-26)

An alarm is evaluated whenever there is a new value, whenever somebody asks for alarms, and every 5 s. The last period ends now, so that
a value counts at once; AWS looks once a minute, or once in a period. Not evaluated, but INSUFFICIENT_DATA with a reason that says so:
metric math, anomaly detection, statistics other than the five simple ones and percentiles. Composite alarms stay as they are made.
"""

import datetime
import json
import threading
import time

import running
import services
import stored
from missing import instead_of
from moto.cloudwatch.exceptions import ResourceNotFound, ResourceNotFoundException
from moto.cloudwatch.models import CloudWatchBackend, cloudwatch_backends
from moto.cloudwatch.responses import CloudWatchResponse
from moto.core.responses import ActionResult, EmptyResult

EVERY = 5
COMPARISONS = {
    "GreaterThanOrEqualToThreshold": ("greater than or equal to", lambda value, limit: value >= limit),
    "GreaterThanThreshold": ("greater than", lambda value, limit: value > limit),
    "LessThanOrEqualToThreshold": ("less than or equal to", lambda value, limit: value <= limit),
    "LessThanThreshold": ("less than", lambda value, limit: value < limit),
}
LISTS = "OKActions AlarmActions InsufficientDataActions Dimensions".split()


# ---- What was put


# AWS: tells all that was put; begins with INSUFFICIENT_DATA; keeps its state, and its tags, when it is put once more.
# moto: tells some of it; begins with OK.
@instead_of(CloudWatchResponse)
def put_metric_alarm(moto, self):
    backend, given = self.cloudwatch_backend, plain(self.params)
    before = backend.alarms.get(given["AlarmName"])
    tags = dict(backend.tagger.get_tag_dict_for_resource(before.alarm_arn)) if before else None
    answer = moto(self)
    alarm = backend.alarms[given["AlarmName"]]
    alarm.put = {name: value for name, value in given.items() if name != "Tags"}
    if before is None:
        alarm.state_value = "INSUFFICIENT_DATA"
    else:
        for name in ("state_value", "state_reason", "state_reason_data", "state_updated_timestamp", "history"):
            setattr(alarm, name, getattr(before, name))
        backend.tagger.delete_all_tags_for_resource(alarm.alarm_arn)
        backend.tagger.tag_resource(alarm.alarm_arn, backend.tagger.convert_dict_to_tags_input(tags))
    watch()
    return answer


def plain(value):
    """Parameters as dictionaries and lists that can be kept."""
    if hasattr(value, "items"):
        return {name: plain(inner) for name, inner in value.items() if inner is not None}
    return [plain(inner) for inner in value] if isinstance(value, list) else value


def told(alarm):
    """An alarm as DescribeAlarms tells it."""
    put = getattr(alarm, "put", None)
    if put is None or alarm.rule is not None:
        return alarm
    found = {"ActionsEnabled": True} | {name: [] for name in LISTS if not (name == "Dimensions" and put.get("Metrics"))} | put
    return found | {
        "AlarmArn": alarm.alarm_arn,
        "AlarmConfigurationUpdatedTimestamp": alarm.configuration_updated_timestamp,
        "StateValue": alarm.state_value,
        "StateReason": alarm.state_reason,
        "StateReasonData": alarm.state_reason_data,
        "StateUpdatedTimestamp": alarm.state_updated_timestamp,
        "StateTransitionedTimestamp": alarm.state_updated_timestamp,
    }


@instead_of(CloudWatchResponse)
def describe_alarms(moto, self):
    look(self.cloudwatch_backend)
    answer = moto(self)
    kinds = self._get_param("AlarmTypes") or ["MetricAlarm"]
    found = [told(alarm) for alarm in answer.result["MetricAlarms"]]
    if state := self._get_param("StateValue"):
        found = [alarm for alarm in found if (alarm["StateValue"] if isinstance(alarm, dict) else alarm.state_value) == state]
    composite = answer.result["CompositeAlarms"]
    return ActionResult(
        {
            "MetricAlarms": found if "MetricAlarm" in kinds else [],
            "CompositeAlarms": composite if "CompositeAlarm" in kinds else [],
        }
    )


@instead_of(CloudWatchResponse)
def describe_alarms_for_metric(moto, self):
    look(self.cloudwatch_backend)
    dimensions = sorted((one["Name"], one["Value"]) for one in plain(self._get_param("Dimensions", [])))
    found = [told(alarm) for alarm in moto(self).result["MetricAlarms"]]
    same = [
        alarm
        for alarm in found
        if isinstance(alarm, dict) and sorted((one["Name"], one["Value"]) for one in alarm["Dimensions"]) == dimensions
    ]
    return ActionResult({"MetricAlarms": same})


# AWS: deletes all or none; tags go with an alarm.
# moto: takes no notice of names that are nobody's; keeps the tags for the next alarm of that name.
@instead_of(CloudWatchBackend)
def delete_alarms(moto, self, alarm_names):
    if absent := [name for name in alarm_names if name not in self.alarms]:
        raise ResourceNotFound(f"No alarm found with name {absent[0]}")
    for name in alarm_names:
        self.tagger.delete_all_tags_for_resource(self.alarms[name].alarm_arn)
    moto(self, alarm_names)


# AWS: switches them.
# moto: NotImplementedError.
def switched(enabled):
    def call(self):
        for name in self._get_param("AlarmNames", []):
            if alarm := self.cloudwatch_backend.alarms.get(name):
                alarm.actions_enabled = enabled
                if hasattr(alarm, "put"):
                    alarm.put["ActionsEnabled"] = enabled
        return EmptyResult()

    return call


CloudWatchResponse.enable_alarm_actions = switched(True)
CloudWatchResponse.disable_alarm_actions = switched(False)


@instead_of(CloudWatchBackend)
def list_tags_for_resource(moto, self, arn):
    kind, _, name = arn.split(":", 5)[-1].partition(":")
    if kind == "alarm" and name not in self.alarms:
        raise ResourceNotFoundException()
    return moto(self, arn)


@instead_of(CloudWatchBackend)
def put_metric_data(moto, self, namespace, metric_data):
    moto(self, namespace, metric_data)
    look(self)


# AWS: actions follow, and the next evaluation ends it.
# moto: no actions.
@instead_of(CloudWatchBackend)
def set_alarm_state(moto, self, alarm_name, reason, reason_data, state_value):
    alarm, before = self.alarms.get(alarm_name), None
    if alarm is not None:
        before, alarm.held = alarm.state_value, time.monotonic() + 2 * EVERY
    moto(self, alarm_name, reason, reason_data, state_value)
    if before not in (None, state_value) and hasattr(alarm, "put"):
        act(self, alarm, before)


# ---- Evaluation

WATCHES = []


def watch():
    """Looks at all alarms from time to time, as soon as there is one."""
    if not WATCHES:
        WATCHES.append(threading.Thread(target=keep_looking, daemon=True))
        WATCHES[0].start()


def keep_looking():
    while True:
        time.sleep(EVERY)
        for regions in list(cloudwatch_backends.values()):
            for backend in list(regions.values()):
                try:
                    look(backend)
                except Exception as error:  # the next round looks again
                    print(f"looking at alarms: {error!r}", flush=True)


def look(backend):
    """Evaluates all alarms of an account and a region."""
    if not backend.alarms:
        return
    with running.TURN.taken():
        for alarm in list(backend.alarms.values()):
            if hasattr(alarm, "put") and alarm.rule is None and time.monotonic() > getattr(alarm, "held", 0):
                state, reason, data = evaluate(backend, alarm.put, alarm.state_value)
                if state != alarm.state_value:
                    before = alarm.state_value
                    alarm.update_state(reason, json.dumps(data), state)
                    act(backend, alarm, before)
                elif state == "INSUFFICIENT_DATA" and alarm.state_reason != reason:
                    alarm.state_reason = reason


def metric(put):
    """Namespace, name, dimensions, period, statistic and unit of what an alarm looks at; or why it is not evaluated."""
    if queries := put.get("Metrics"):
        stats = queries[0].get("MetricStat")
        if len(queries) > 1 or not stats:
            return None, "The local emulator does not evaluate metric math."
        put = stats["Metric"] | {"Period": stats["Period"], "Statistic": stats["Stat"], "Unit": stats.get("Unit")}
    if put.get("ThresholdMetricId"):
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


# ---- Actions


def act(backend, alarm, before):
    """What follows from a change of state: messages, invocations, and an event."""
    put = alarm.put
    moment = f"{alarm.state_updated_timestamp:%Y-%m-%dT%H:%M:%S}"
    of, _ = metric(put)
    of = of or put
    message = {
        "AlarmName": alarm.name,
        "AlarmDescription": put.get("AlarmDescription"),
        "AWSAccountId": backend.account_id,
        "AlarmConfigurationUpdatedTimestamp": f"{alarm.configuration_updated_timestamp:%Y-%m-%dT%H:%M:%S}.000+0000",
        "NewStateValue": alarm.state_value,
        "NewStateReason": alarm.state_reason,
        "StateChangeTime": f"{moment}.000+0000",
        "Region": backend.region_name,
        "AlarmArn": alarm.alarm_arn,
        "OldStateValue": before,
    }
    message |= {name: put.get(name) or [] for name in ("OKActions", "AlarmActions", "InsufficientDataActions")}
    message["Trigger"] = {
        "MetricName": of.get("MetricName"),
        "Namespace": of.get("Namespace"),
        "StatisticType": "ExtendedStatistic" if put.get("ExtendedStatistic") else "Statistic",
        "Statistic": str(of.get("Statistic")).upper(),
        "Unit": of.get("Unit"),
        "Dimensions": [{"value": one["Value"], "name": one["Name"]} for one in of.get("Dimensions") or []],
        "Period": of.get("Period"),
        "EvaluationPeriods": put["EvaluationPeriods"],
        "DatapointsToAlarm": put.get("DatapointsToAlarm"),
        "ComparisonOperator": put["ComparisonOperator"],
        "Threshold": put.get("Threshold"),
        "TreatMissingData": put.get("TreatMissingData") or "missing",
        "EvaluateLowSampleCountPercentile": put.get("EvaluateLowSampleCountPercentile") or "",
    }
    actions = {"ALARM": "AlarmActions", "OK": "OKActions"}.get(alarm.state_value, "InsufficientDataActions")
    for arn in (put.get(actions) or []) if put.get("ActionsEnabled", True) else []:
        done = take(backend, alarm, arn, message)
        alarm.history.append(("Action", done, "{}", alarm.state_value, alarm.state_updated_timestamp))
    tell_bus(backend, alarm, before, moment)


def take(backend, alarm, arn, message):
    """One action; returns what the alarm's history says of it."""
    service = stored.split(arn)[0] if arn.count(":") >= 5 else ""
    if service == "lambda":
        import triggers

        why = triggers.deliver("lambda.alarms.cloudwatch.amazonaws.com", arn, message, alarm.alarm_arn, backend.account_id)
    elif service == "sns":
        why = publish(backend, alarm, arn, message)
    else:
        return f"Did not execute action {arn}: the emulator has none of that kind"
    if why:
        print(f"taking the action {arn} of {alarm.alarm_arn}: {why}", flush=True)
        return f"Failed to execute action {arn}. Received error: {why}"
    return f"Successfully executed action {arn}"


def publish(backend, alarm, arn, message):
    from moto.sns.models import sns_backends

    service, (_, region, account, _) = "cloudwatch.amazonaws.com", stored.split(arn)
    topics = sns_backends[account][region]
    if arn not in topics.topics:
        return "there is no such topic"
    key = topics.topics[arn].kms_master_key_id
    key = key and stored.key_arn(key, account, region)
    asked = [("sns:Publish", arn)] + ([("kms:GenerateDataKey", key), ("kms:Decrypt", key)] if key else [])
    for action, resource in asked:
        if why := services.service_refused(service, action, resource, alarm.alarm_arn, backend.account_id):
            return why
    topics.publish(json.dumps(message), arn=arn, subject=f'{alarm.state_value}: "{alarm.name}" in {region}'[:100])
    return None


def tell_bus(backend, alarm, before, moment):
    """An event on the account's default bus, if somebody has made rules there."""
    buses = stored.store("events", backend.account_id, backend.region_name)
    rules = buses.event_buses["default"].rules if buses and "default" in buses.event_buses else {}
    event = {
        "version": "0",
        "id": f"{time.time_ns():032x}",
        "detail-type": "CloudWatch Alarm State Change",
        "source": "aws.cloudwatch",
        "account": backend.account_id,
        "time": time.time(),
        "region": backend.region_name,
        "resources": [alarm.alarm_arn],
        "detail": {
            "alarmName": alarm.name,
            "state": {"value": alarm.state_value, "reason": alarm.state_reason, "timestamp": f"{moment}.000+0000"},
            "previousState": {"value": before},
            "configuration": {"description": alarm.put.get("AlarmDescription") or ""},
        },
    }
    for rule in list(rules.values()):
        try:
            rule.send_to_targets(event, transform_input=False)
        except Exception as error:  # the state of the alarm is what it is
            print(f"telling {rule.arn} of {alarm.alarm_arn}: {error!r}", flush=True)
