"""What sets functions off: notifications of S3 buckets, rules of EventBridge and topics of SNS. Part of `missing.py`.

<https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html>,
<https://docs.aws.amazon.com/AmazonS3/latest/userguide/ev-events.html> and
<https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-targets.html> (2026-11-26)

Nothing of Lambda is imported before there is a function: moto's Lambda brings ten other services with it.
"""

import copy
import json
import os
import sys
import time
from urllib.parse import quote_plus

import flask
from moto.events.models import Rule, events_backends
from moto.events.utils import EventTemplateParser
from moto.s3 import notifications
from moto.s3.exceptions import InvalidArgumentError
from moto.s3.models import S3Backend
from moto.sns.models import Subscription

import callers
import services
import stored
from missing import instead_of


def deliver(service, arn, event, source, account):
    """An event for a function, from a service that the function's policy lets call it; says why it does not get there."""
    if "functions" not in sys.modules:
        # without it, nobody has made a function yet
        return f"there is no function {arn}"
    import invocations

    if invocations.function(arn) is None:
        return f"there is no function {arn}"
    why = services.service_refused(service, "lambda:InvokeFunction", arn, source, account)
    if why is None:
        invocations.enqueue(arn, json.dumps(event).encode())
    return why


# ---- S3

LAST = [0]


def sequencer():
    """Of two events on a key, the later one has the greater text."""
    LAST[0] = max(LAST[0] + 1, time.time_ns())
    return f"{LAST[0]:018X}"


def who():
    """The principal of the request, as events tell it."""
    if not flask.has_request_context():
        return "AWS:s3"
    caller = callers.caller(flask.request.environ)
    return f"AWS:{caller.keys.get('aws:userid', 'anonymous')}"


def moment():
    now = time.time()
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(now)) + f".{int(now * 1000) % 1000:03d}Z"


# AWS: has the version, an order, who did it and when in UTC; a slash of a key stays.
# moto: has none of them.
def _get_s3_event(event_name, bucket, key, notification_id):
    what = {"key": quote_plus(key.name, safe="/")}
    removed = "ObjectRemoved:Delete" in event_name and "Marker" not in event_name
    if not removed:
        what["size"] = getattr(key, "size", 0) or 0
        what["eTag"] = str(getattr(key, "etag", "")).replace('"', "") or "d41d8cd98f00b204e9800998ecf8427e"
    if bucket.is_versioned or getattr(key, "version_id", "null") not in (None, "null"):
        what["versionId"] = key.version_id
    if "Marker" in event_name:
        what.pop("size")
    record = {
        "eventVersion": "2.1",
        "eventSource": "aws:s3",
        "awsRegion": bucket.region_name,
        "eventTime": moment(),
        "eventName": str(getattr(event_name, "value", event_name)).removeprefix("s3:"),
        "userIdentity": {"principalId": who()},
        "requestParameters": {"sourceIPAddress": "127.0.0.1"},
        "responseElements": {"x-amz-request-id": os.urandom(8).hex().upper(), "x-amz-id-2": os.urandom(48).hex()},
        "s3": {
            "s3SchemaVersion": "1.0",
            "configurationId": notification_id,
            "bucket": {"name": bucket.name, "ownerIdentity": {"principalId": bucket.account_id}, "arn": bucket.arn},
            "object": what | {"sequencer": sequencer()},
        },
    }
    return {"Records": [record]}


notifications._get_s3_event = _get_s3_event


# AWS: S3 calls a function that lets it, and waits for nothing.
# moto: calls it and waits, whatever its policy says.
def _invoke_awslambda(account_id, event_body, fn_arn, region_name):
    bucket = event_body["Records"][0]["s3"]["bucket"]["arn"]
    if why := deliver("s3.amazonaws.com", fn_arn, event_body, bucket, account_id):
        print(f"notifying {fn_arn} of {bucket}: {why}", flush=True)


notifications._invoke_awslambda = _invoke_awslambda


# AWS: a delete marker is an event, and so is every version that is deleted.
# moto: only the last version.
@instead_of(S3Backend)
def _set_delete_marker(moto, self, bucket_name, key_name):
    marker, bucket = moto(self, bucket_name, key_name), self.get_bucket(bucket_name)
    if bucket.notification_configuration is not None:
        event = notifications.S3NotificationEvent.OBJECT_REMOVED_DELETE_MARKER_CREATED_EVENT
        notifications.send_event(self.account_id, event, bucket, marker)
    return marker


@instead_of(S3Backend)
def delete_object(moto, self, bucket_name, key_name, version_id=None, bypass=False):
    bucket, gone = self.get_bucket(bucket_name), None
    if version_id and bucket.notification_configuration is not None:
        gone = next((one for one in bucket.keys.getlist(key_name, []) if str(one.version_id) == str(version_id)), None)
    answer = moto(self, bucket_name, key_name, version_id=version_id, bypass=bypass)
    if gone is not None and key_name in bucket.keys:
        event = notifications.S3NotificationEvent.OBJECT_REMOVED_DELETE_EVENT
        notifications.send_event(self.account_id, event, bucket, gone)
    return answer


# AWS: what a bucket notifies must be there, and let S3 in.
# moto: takes any ARN.
@instead_of(S3Backend)
def put_bucket_notification_configuration(moto, self, bucket_name, notification_config):
    skips = flask.has_request_context() and flask.request.headers.get("x-amz-skip-destination-validation", "").lower() == "true"
    bucket = self.get_bucket(bucket_name)
    for kind, action in DESTINATIONS.items():
        for one in [] if skips else (notification_config or {}).get(f"{kind}Configuration") or []:
            arn = one[kind]
            if stored.split(arn)[1] != bucket.region_name:
                # moto says it
                continue
            there = DESTINATIONS_THERE[kind](*stored.split(arn)[1:])
            why = None if there else f"The destination {kind.lower()} does not exist"
            if there and services.service_refused("s3.amazonaws.com", action, arn, bucket.arn, bucket.account_id):
                why = f"Permissions on the destination {kind.lower()} do not allow S3 to publish notifications from this bucket"
            if why:
                message = "Unable to validate the following destination configurations"
                raise InvalidArgumentError(message, arn, why)
    return moto(self, bucket_name, notification_config)


def queue(region, account, name):
    queues = stored.store("sqs", account, region)
    return queues and queues.queues.get(name)


DESTINATIONS = {"Queue": "sqs:SendMessage", "Topic": "sns:Publish", "CloudFunction": "lambda:InvokeFunction"}
DESTINATIONS_THERE = {"Queue": queue, "Topic": stored.topic, "CloudFunction": stored.function}


# AWS: an event of its own on the default bus of the bucket's account and region.
# moto: the same sequence for all, on all buses.
def _send_event_bridge_message(account_id, bucket, event_name, key):
    what = {"key": key.name, "size": getattr(key, "size", 0) or 0, "etag": str(getattr(key, "etag", "")).replace('"', "")}
    if bucket.is_versioned:
        what["version-id"] = key.version_id
    value = str(getattr(event_name, "value", event_name))
    detail = {
        "version": "0",
        "bucket": {"name": bucket.name},
        "object": what | {"sequencer": sequencer()},
        "request-id": os.urandom(8).hex().upper(),
        "requester": account_id,
        "source-ip-address": "127.0.0.1",
        "reason": REASONS.get(value, value.split(":")[1]),
    }
    event = {
        "version": "0",
        "id": "{0}-{1}-4{2}-8{3}-{4}".format(
            *(os.urandom(size).hex()[:cut] for size, cut in ((4, 8), (2, 4), (2, 3), (2, 3), (6, 12)))
        ),
        "detail-type": notifications._detail_type(event_name),
        "source": "aws.s3",
        "account": account_id,
        "time": time.time(),
        "region": bucket.region_name,
        "resources": [bucket.arn],
        "detail": detail,
    }
    for rule in list(events_backends[account_id][bucket.region_name].event_buses["default"].rules.values()):
        try:
            rule.send_to_targets(event, transform_input=False)
        except Exception as error:  # one that moto cannot send to does not keep the object from being there
            print(f"sending {event['detail-type']} to the targets of {rule.arn}: {error!r}", flush=True)


REASONS = {
    "s3:ObjectCreated:Put": "PutObject",
    "s3:ObjectCreated:Post": "POST Object",
    "s3:ObjectCreated:Copy": "CopyObject",
    "s3:ObjectCreated:CompleteMultipartUpload": "CompleteMultipartUpload",
    "s3:ObjectRemoved:Delete": "DeleteObject",
    "s3:ObjectRemoved:DeleteMarkerCreated": "DeleteObject",
}
notifications._send_event_bridge_message = _send_event_bridge_message


# ---- EventBridge


# AWS: a rule that is disabled sends nothing; functions are targets.
# moto: sends; NotImplementedError.
@instead_of(Rule)
def send_to_targets(moto, self, original_event, transform_input=True):
    if self.state == "DISABLED":
        return
    functions = [target for target in self.targets if ":lambda:" in target["Arn"]]
    if functions and self.event_pattern.matches_event(original_event):
        for target in functions:
            to_function(self, target, original_event)
    rest = self
    if functions:
        rest = copy.copy(self)
        rest.targets = [target for target in self.targets if target not in functions]
    moto(rest, original_event, transform_input)


def to_function(rule, target, original):
    event = {name: value for name, value in original.items() if name != "ingestion-time"}
    if isinstance(event.get("time"), (int, float)):
        event["time"] = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(event["time"]))
    why = deliver("events.amazonaws.com", target["Arn"], given(target, event), rule.arn, rule.account_id)
    if why is None:
        return
    print(f"sending an event of {rule.arn} to {target['Arn']}: {why}", flush=True)
    letters = (target.get("DeadLetterConfig") or {}).get("Arn")
    if (
        letters
        and services.service_refused("events.amazonaws.com", "sqs:SendMessage", letters, rule.arn, rule.account_id) is None
    ):
        from moto.sqs.models import sqs_backends

        _, region, account, name = stored.split(letters)
        told = {"RULE_ARN": rule.arn, "TARGET_ARN": target["Arn"], "ERROR_CODE": "NO_PERMISSIONS", "ERROR_MESSAGE": why[:1000]}
        attributes = {key: {"DataType": "String", "StringValue": value} for key, value in told.items()}
        if name in sqs_backends[account][region].queues:
            sqs_backends[account][region].send_message(name, json.dumps(event), message_attributes=attributes)


def given(target, event):
    """What the target gets of an event: itself, a part, or another text."""
    if target.get("Input"):
        return json.loads(target["Input"])
    if path := target.get("InputPath"):
        import jsonpath_ng

        found = jsonpath_ng.parse(path).find(event)
        return found[0].value if found else None
    if transformer := target.get("InputTransformer"):
        times = event | {"ingestion-time": event["time"]}
        return EventTemplateParser.parse(transformer.get("InputTemplate"), transformer.get("InputPathsMap", {}), times)
    return event


# ---- SNS


# AWS: a topic calls a function that lets it, with the message as it is.
# moto: with an example's, whatever the function's policy says.
@instead_of(Subscription)
def publish(moto, self, message, message_id, subject=None, message_attributes=None, message_structure=None, **more):
    if self.protocol != "lambda":
        given = {"message_attributes": message_attributes, "message_structure": message_structure}
        return moto(self, message, message_id, subject=subject, **given, **more)
    if self._filter_policy_matcher is not None and not self._filter_policy_matcher.matches(message_attributes, message):
        return None
    if message_structure == "json":
        message = self._parse_message_structure(message, self.protocol)
    what = {
        "Type": "Notification",
        "MessageId": message_id,
        "TopicArn": self.topic.arn,
        "Subject": subject,
        "Message": message,
        "Timestamp": moment(),
        "SignatureVersion": "1",
        "Signature": "none",
        "SigningCertUrl": "https://localhost/none.pem",
        "UnsubscribeUrl": f"https://localhost/?Action=Unsubscribe&SubscriptionArn={self.arn}",
        "MessageAttributes": message_attributes or {},
    }
    record = {"EventSource": "aws:sns", "EventVersion": "1.0", "EventSubscriptionArn": self.arn, "Sns": what}
    if why := deliver("sns.amazonaws.com", self.endpoint, {"Records": [record]}, self.topic.arn, self.account_id):
        print(f"sending a message of {self.topic.arn} to {self.endpoint}: {why}", flush=True)
    return None
