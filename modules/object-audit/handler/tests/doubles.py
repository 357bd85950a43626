"""Events as S3 and SQS send them, and stand-ins for S3 and DynamoDB. Sets the environment that the handler needs."""

from __future__ import annotations

import json
import logging
import os
from typing import Any

os.environ.update(
    TABLE_NAME="audit-table",
    BUCKET_NAME="audit-bucket",
    AWS_DEFAULT_REGION="eu-west-1",
    AWS_ACCESS_KEY_ID="testing",
    AWS_SECRET_ACCESS_KEY="testing",
)

# The handler reads the environment when it is imported, so it comes after the lines above
# pylint: disable=wrong-import-position
from botocore.exceptions import ClientError

from journal import LOGGER, Journal
from object_audit import Auditor

LOG = Journal("request-1")
# The tests read the log by assertLogs; the output of a passing run has none of it
LOGGER.handlers[0].setLevel(logging.CRITICAL)
CRC64 = {"ChecksumCRC64NVME": "AAAAAAAAAAE=", "ChecksumType": "FULL_OBJECT", "ContentLength": 12}


def record(key: str = "report.csv", **changes: Any) -> dict[str, Any]:
    """A record of a put. A change of an attribute of the object to None leaves it out."""
    found = {"key": key, "size": 12, "eTag": "e1", "versionId": "v1", "sequencer": "0055AED6DCD90281E5"} | changes
    return {
        "eventVersion": "2.1",
        "eventSource": "aws:s3",
        "awsRegion": "eu-west-1",
        "eventTime": "2026-11-26T10:00:00.000Z",
        "eventName": "ObjectCreated:Put",
        "userIdentity": {"principalId": "AWS:SECRETPRINCIPAL"},
        "requestParameters": {"sourceIPAddress": "203.0.113.7"},
        "responseElements": {"x-amz-request-id": "C3D13FE58DE4C810"},
        "s3": {
            "bucket": {"name": "audit-bucket"},
            "object": {name: value for name, value in found.items() if value is not None},
        },
    }


def event(*found: Any) -> dict[str, Any]:
    """An event of S3."""
    return {"Records": list(found)}


def message(identifier: str, body: object) -> dict[str, Any]:
    """A message of SQS. A body that is no text becomes JSON."""
    text = body if isinstance(body, str) else json.dumps(body)
    return {"eventSource": "aws:sqs", "messageId": identifier, "body": text}


def refused(code: str, status: int, operation: str, **more: Any) -> ClientError:
    """An error as botocore raises it."""
    answer = {"Error": {"Code": code, "Message": code}, "ResponseMetadata": {"HTTPStatusCode": status}} | more
    return ClientError(answer, operation)


class Bucket:  # pylint: disable=too-few-public-methods
    """Answers HeadObject: by key, with what it was given, or else with the checksum of one content."""

    def __init__(self, **answers: Any) -> None:
        self.answers = answers
        self.requests: list[dict[str, Any]] = []

    def head_object(self, **request: Any) -> Any:
        """Raises the answer if it is an error."""
        self.requests.append(request)
        answer = self.answers.get(request["Key"], CRC64)
        if isinstance(answer, Exception):
            raise answer
        return answer


class Table:  # pylint: disable=too-few-public-methods
    """Keeps items by pk and sk, and honours the condition as DynamoDB does. Fails for the keys it was given."""

    def __init__(self, **failures: Exception) -> None:
        self.failures = failures
        self.items: dict[tuple[str, str], Any] = {}

    def put_item(self, **request: Any) -> Any:
        """PutItem with the one condition that the handler uses."""
        assert request["ConditionExpression"] == "attribute_not_exists(pk)", request
        item = request["Item"]
        failure = self.failures.get(item["object_key"]["S"])
        if failure:
            raise failure
        place = (item["pk"]["S"], item["sk"]["S"])
        if place in self.items:
            raise refused("ConditionalCheckFailedException", 400, "PutItem", Item=self.items[place])
        self.items[place] = item

    def keys(self) -> list[str]:
        """The keys of the objects recorded, sorted."""
        return sorted(item["object_key"]["S"] for item in self.items.values())


def auditor(bucket: Bucket | None = None, table: Table | None = None) -> Auditor:
    """An auditor of stand-ins."""
    head_object, put_item = (bucket or Bucket()).head_object, (table or Table()).put_item
    return Auditor(head_object, put_item, "audit-table", "audit-bucket")
