"""Alarms of CloudWatch that change their state and say so. Imported with the first request to CloudWatch, or the first invocation.

<https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-evaluation.html> and
<https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html> (2026-11-26)

An alarm is evaluated whenever there is a new value, whenever somebody asks for alarms, and every 5 s. The last period ends now, so that
a value counts at once; AWS looks once a minute, or once in a period. Not evaluated, but INSUFFICIENT_DATA with a reason that says so:
metric math, anomaly detection, statistics other than the five simple ones and percentiles. Composite alarms stay as they are made.
"""

import json
import threading
import time

from moto.cloudwatch.exceptions import ResourceNotFound, ResourceNotFoundException, ValidationError
from moto.cloudwatch.models import CloudWatchBackend, cloudwatch_backends
from moto.cloudwatch.responses import CloudWatchResponse
from moto.core.responses import ActionResult, EmptyResult

import running
from alarm_actions import act
from evaluation import evaluate
from missing import instead_of

EVERY = 5
LISTS = "OKActions AlarmActions InsufficientDataActions Dimensions".split()


# ---- What was put


# AWS: tells all that was put; begins with INSUFFICIENT_DATA; keeps its state, and its tags, when it is put once more.
# moto: tells some of it; begins with OK.
@instead_of(CloudWatchResponse)
def put_metric_alarm(moto, self):
    backend, given = self.cloudwatch_backend, plain(self.params)
    refuse(given)
    before = backend.alarms.get(given["AlarmName"])
    tags = dict(backend.tagger.get_tag_dict_for_resource(before.alarm_arn)) if before else None
    # moto knows percentiles only, and not tm90
    self.params.pop("ExtendedStatistic", None)
    answer = moto(self)
    alarm = backend.alarms[given["AlarmName"]]
    alarm.extended_statistic = given.get("ExtendedStatistic")
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


def refuse(given):
    """What AWS says of parameters that do not go together; the words as known on 2026-11-26, and not looked up."""
    if given.get("Metrics"):
        if any(name in given for name in ("MetricName", "Namespace", "Period", "Statistic", "ExtendedStatistic")):
            raise ValidationError("MetricName, Namespace, Period and Statistic must not be specified together with Metrics")
        return
    if given.get("EvaluationCriteria"):
        # a query in PromQL
        return
    if not (given.get("MetricName") and given.get("Namespace") and given.get("Period")):
        raise ValidationError("MetricName, Namespace and Period must be specified when Metrics is not")
    if bool(given.get("Statistic")) == bool(given.get("ExtendedStatistic")):
        raise ValidationError("Exactly one of Statistic and ExtendedStatistic must be specified")
    period, count = given["Period"], given["EvaluationPeriods"]
    if period not in (10, 20, 30) and period % 60:
        raise ValidationError("Period must be 10, 20, 30 or a multiple of 60")
    if period * count > LONGEST[period >= 3600]:
        raise ValidationError("Metrics cannot be checked across more than a day (EvaluationPeriods * Period must be <= 86400)")
    if (given.get("DatapointsToAlarm") or 1) > count:
        raise ValidationError("DatapointsToAlarm must be less than or equal to EvaluationPeriods")


# A day, and a week where periods have an hour or more.
LONGEST = {False: 86_400, True: 604_800}


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
