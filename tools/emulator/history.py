"""CloudTrail's event history, which moto 5.2.1 does not have: LookupEvents tells what this emulator was asked to change.

Seen 2026-11-26, at https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_LookupEvents.html: management events of a
region of an account, newest first; one attribute at most; 50 a page. Two things differ from AWS: an event is there at once (AWS
takes some minutes), and calls that only read are not recorded. `recorded` sees what the gate lets pass, and takes the name of the
call from it: without the gate there is no history.
"""

import base64
import collections
import json
import re
import time
import uuid

from gate import CALL, Request, load
from moto.cloudtrail.responses import CloudTrailResponse
from moto.core.exceptions import JsonRESTError
from moto.iam.models import get_account_id_from
from moto.sts.models import sts_backends

PAGE = 50
# The oldest ones of a region are forgotten.
KEPT = 10_000
READS = re.compile(r"(Get|List|Describe|Head|Lookup|BatchGet|Admin(Get|List)|Filter|Search|Simulate|Validate|Assume|Decode)[A-Z]")
# <https://docs.aws.amazon.com/awscloudtrail/latest/userguide/logging-data-events-with-cloudtrail.html>: data events are not in it;
# nor is what uses a key, of which CloudTrail says that it only reads
DATA = re.compile(
    r"(Send|Receive|Delete)Message(Batch)?|ChangeMessageVisibility(Batch)?|Publish(Batch)?|PutRecord(Batch)?|PutEvents|PutLogEvents"
    r"|Put(TraceSegments|TelemetryRecords|MetricData)|Invoke(Async)?|(Put|Update|Delete|BatchWrite)Item|Transact.*Items|Query|Scan|Encrypt|Decrypt|ReEncrypt|Generate.*|Sign|Verify"
)
# <https://docs.aws.amazon.com/AmazonS3/latest/userguide/cloudtrail-logging-s3-info.html>: other names than those of the calls
NAMES = {
    "DeletePublicAccessBlock": "DeleteBucketPublicAccessBlock",
    "PutBucketLifecycleConfiguration": "PutBucketLifecycle",
    "PutBucketNotificationConfiguration": "PutBucketNotification",
    "PutObjectLockConfiguration": "PutBucketObjectLockConfiguration",
    "PutPublicAccessBlock": "PutBucketPublicAccessBlock",
}
# Their events are in this region, whatever region the call was made to.
GLOBAL = {"iam": "us-east-1", "organizations": "us-east-1"}
# What names a resource: `Bucket`, `RoleName`, `KeyId`, `ResourceId.1`. A token or a session is none.
RESOURCE = re.compile(r"(?!.*(Token|Session|Version|Request))(.*?)(Name|Id|Arn|ARN|Url|Bucket)(\.\d+)?", re.IGNORECASE)

events = collections.defaultdict(lambda: collections.deque(maxlen=KEPT))


def recorded(app):
    """The application, with what it is asked to change noted."""

    def call(environ, start_response):
        service, name, labels = environ.get(CALL) or (None, "", {})
        # with a key in the path it is about an object of S3, which is a data event
        if not service or "Key" in labels or READS.match(name) or DATA.fullmatch(name):
            return app(environ, start_response)
        body = environ["wsgi.input"].read()
        environ["wsgi.input"].seek(0)
        answer = {}

        def answered(status, headers, exc_info=None):
            answer["status"] = status
            return start_response(status, headers, exc_info)

        content = list(app(environ, answered))
        named = resources(environ, labels, body)
        note(environ, service, name, named, error_of(answer["status"], b"".join(content)))
        return content

    return call


def resources(environ, labels, body):
    """The parameters that name a resource."""
    text = body.decode("utf-8", "replace")
    if environ.get("CONTENT_TYPE", "").startswith("application/x-www-form-urlencoded"):
        given = dict(Request(environ, body).form)
    elif text.startswith("{"):
        given = json.loads(text)
    else:
        given = {}
    given = {name: value for name, value in (given | labels).items() if isinstance(value, str) and value}
    return {name: value for name, value in given.items() if RESOURCE.fullmatch(name)}


def error_of(status, content):
    """The code of a refusal, of whichever protocol it is."""
    if status.startswith("2"):
        return None
    code = re.search(rb'<Code>([^<]+)</Code>|"__type": ?"(?:[^"]*#)?([^"]+)"', content)
    return (code[1] or code[2]).decode() if code else status


def note(environ, service, name, named, error):
    scope = re.search(r"Credential=([^,\s]+)", environ.get("HTTP_AUTHORIZATION", ""))
    key, _, region, *_ = (scope[1] if scope else "//us-east-1").split("/")
    region = GLOBAL.get(service, region)
    account = get_account_id_from(key)
    _, arn, _ = sts_backends[account]["aws"].get_caller_identity(key, region)
    user, now, id = arn.rpartition("/")[2], int(time.time()), str(uuid.uuid4())
    source = f"{load(service).endpoint_prefix}.amazonaws.com"
    kind = "AssumedRole" if ":assumed-role/" in arn else "IAMUser"
    whole = {
        "eventVersion": "1.11",
        "userIdentity": {"type": kind, "arn": arn, "accountId": account, "accessKeyId": key, "userName": user},
        "eventTime": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(now)),
        "eventSource": source,
        "eventName": NAMES.get(name, name),
        "awsRegion": region,
        "userAgent": environ.get("HTTP_USER_AGENT", ""),
        "requestParameters": named or None,
        "readOnly": False,
        "eventID": id,
        "eventType": "AwsApiCall",
        "managementEvent": True,
        "recipientAccountId": account,
    } | ({"errorCode": error} if error else {})
    told = [{"ResourceType": type_of(service, name, member), "ResourceName": value} for member, value in named.items()]
    event = {
        "EventId": id,
        "EventName": NAMES.get(name, name),
        "ReadOnly": "false",
        "AccessKeyId": key,
        "EventTime": now,
        "EventSource": source,
        "Username": user,
        "Resources": told,
        "CloudTrailEvent": json.dumps(whole),
    }
    events[account, region].appendleft(event)


def type_of(service, name, member):
    """`AWS::IAM::Role`, by the name of the parameter, or of the call where the parameter is a `Name` alone."""
    what = RESOURCE.fullmatch(member)[2] or (member if member == "Bucket" else re.sub(r"^[A-Z][a-z]+", "", name))
    return f"AWS::{load(service).service_id.replace(' ', '')}::{what[:1].upper()}{what[1:]}"


def matches(event, key, value):
    if key in ("ResourceName", "ResourceType"):
        return any(resource[key] == value for resource in event["Resources"])
    return event[key] == value


def lookup_events(self):
    attributes, start, end = (self._get_param(name) for name in ("LookupAttributes", "StartTime", "EndTime"))
    if attributes and len(attributes) > 1:
        raise JsonRESTError("InvalidLookupAttributesException", "You can specify only one lookup attribute.")
    if start and end and start > end:
        raise JsonRESTError("InvalidTimeRangeException", "The start time is after the end time.")
    found = [event for event in events[self.current_account, self.region] if (start or 0) <= event["EventTime"] <= (end or 2**40)]
    for attribute in attributes or []:
        found = [event for event in found if matches(event, attribute["AttributeKey"], attribute["AttributeValue"])]
    if token := self._get_param("NextToken"):
        ids = [base64.b64encode(event["EventId"].encode()).decode() for event in found]
        if token not in ids:
            raise JsonRESTError("InvalidNextTokenException", "A token that is not valid, or that was used with other parameters.")
        found = found[ids.index(token) + 1 :]
    page = found[: self._get_param("MaxResults") or PAGE]
    more = {"NextToken": base64.b64encode(page[-1]["EventId"].encode()).decode()} if len(found) > len(page) else {}
    return json.dumps({"Events": page} | more)


CloudTrailResponse.lookup_events = lookup_events
