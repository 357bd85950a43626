"""What follows when an alarm changes its state: messages, invocations, and an event.

<https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Notify_Users_Alarm_Changes.html> (2026-11-26)
"""

import json
import time

import services
import stored
from evaluation import metric


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
        # SNS sets the encryption context itself, whoever publishes:
        # <https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html> (2026-11-26)
        context = {"kms:EncryptionContext:aws:sns:topicArn": arn} if resource == key else {}
        if why := services.service_refused(service, action, resource, alarm.alarm_arn, backend.account_id, context):
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
