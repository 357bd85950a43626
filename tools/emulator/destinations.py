"""Where asynchronous invocations end: dead-letter queues and destinations, to which the function's role must be allowed to send.

<https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html> (2026-11-26)
"""

import json
import time

from moto.events.models import events_backends
from moto.sns.models import sns_backends
from moto.sqs.models import sqs_backends

import invocations
import measures
import running
import services


class Undelivered(Exception):
    """Nothing came of it, and why."""


def settings(fn, arn):
    """The configuration of asynchronous invocations of what is invoked by an ARN."""
    qualifier = arn.split(":")[7] if arn.count(":") > 6 else "$LATEST"
    return fn.more.setdefault("EventInvokeConfigs", {}).get(qualifier, {})


def succeeded(fn, event, outcome):
    send(fn, event, outcome, "Success", "OnSuccess")


def failed(fn, event, outcome, condition):
    """Nobody tries any more."""
    measures.add(fn, AsyncEventsDropped=1)
    if target := (fn.more.get("DeadLetterConfig") or {}).get("TargetArn"):
        try:
            dead_letter(fn, target, event, outcome)
        except Undelivered as error:
            measures.add(fn, DeadLetterErrors=1)
            print(f"sending the dead letter of {event.arn} to {target}: {error}", flush=True)
    send(fn, event, outcome, condition, "OnFailure")


def parsed(payload):
    """A payload as JSON; an answer that is none, as text."""
    try:
        return json.loads(payload)
    except ValueError:
        return payload.decode("utf-8", "replace")


def dead_letter(fn, target, event, outcome):
    """The event as it was, with three attributes."""
    answered = parsed(outcome.payload) if outcome else {}
    message = answered.get("errorMessage") if isinstance(answered, dict) else None
    attributes = {
        "RequestID": ("String", event.request),
        "ErrorCode": ("Number", "200" if outcome else "429"),
        # its first KB
        "ErrorMessage": ("String", (message or "Rate Exceeded.").encode()[:1024].decode("utf-8", "ignore")),
    }
    if ":sqs:" in target:
        to_queue(fn, target, event.payload.decode(), attributes)
    else:
        to_topic(fn, target, event.payload.decode(), attributes)


def send(fn, event, outcome, condition, which):
    """A record of the invocation to its destination, if it has one."""
    target = (settings(fn, event.arn).get("DestinationConfig") or {}).get(which, {}).get("Destination")
    if not target:
        return
    context = {"requestId": event.request, "functionArn": f"{invocations.unqualified(fn)}:{fn.version}", "condition": condition}
    record = {
        "version": "1.0",
        "timestamp": time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime()) + ".{:03d}Z".format(int(time.time() * 1000) % 1000),
        "requestContext": context | {"approximateInvokeCount": event.tries},
        "requestPayload": parsed(event.payload),
    }
    if outcome:
        record["responseContext"] = {"statusCode": 200, "executedVersion": str(fn.version)}
        if outcome.error:
            record["responseContext"]["functionError"] = "Unhandled"
        record["responsePayload"] = parsed(outcome.payload)
    service = target.split(":")[2]
    try:
        if service == "events":
            to_bus(fn, target, record, "Success" if condition == "Success" else "Failure")
        else:
            {"sqs": to_queue, "sns": to_topic, "lambda": to_function}[service](fn, target, json.dumps(record), {})
    except Undelivered as error:
        measures.add(fn, DestinationDeliveryFailures=1)
        print(f"sending the record of {event.arn} to {target}: {error}", flush=True)


# ---- Targets


def allowed(fn, service, name, values):
    if why := services.refused(fn, service, name, values):
        raise Undelivered(why)


def to_queue(fn, arn, body, attributes):
    _, _, _, region, account, name = arn.split(":")
    url = f"{running.ENDPOINT}/{account}/{name}"
    allowed(fn, "sqs", "SendMessage", {"QueueUrl": url, "MessageBody": body})
    given = {key: {"DataType": kind, "StringValue": value} for key, (kind, value) in attributes.items()}
    with running.TURN.taken():
        queues = sqs_backends[account][region]
        if name not in queues.queues:
            raise Undelivered("there is no such queue")
        queues.send_message(name, body, message_attributes=given)


def to_topic(fn, arn, body, attributes):
    _, _, _, region, account, _ = arn.split(":")
    allowed(fn, "sns", "Publish", {"TopicArn": arn, "Message": body})
    given = {key: {"Type": kind, "Value": value} for key, (kind, value) in attributes.items()}
    with running.TURN.taken():
        topics = sns_backends[account][region]
        if arn not in topics.topics:
            raise Undelivered("there is no such topic")
        topics.publish(body, arn=arn, message_attributes=given)


def to_function(fn, arn, body, _):
    allowed(fn, "lambda", "Invoke", {"FunctionName": arn, "InvocationType": "Event"})
    if invocations.function(arn) is None:
        raise Undelivered("there is no such function")
    invocations.enqueue(arn, body.encode())


def to_bus(fn, arn, record, how):
    _, _, _, region, account, name = arn.split(":")
    entry = {
        "Source": "lambda",
        "DetailType": f"Lambda Function Invocation Result - {how}",
        "Resources": [record["requestContext"]["functionArn"], arn],
        "Detail": json.dumps(record),
        "EventBusName": name.removeprefix("event-bus/"),
    }
    allowed(fn, "events", "PutEvents", {"Entries": [entry | {"EventBusName": arn}]})
    with running.TURN.taken():
        buses = events_backends[account][region]
        if entry["EventBusName"] not in buses.event_buses:
            raise Undelivered("there is no such bus")
        buses.put_events([entry])
