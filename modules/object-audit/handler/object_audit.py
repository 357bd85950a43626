"""Records every object that is created in the module's bucket as an item of a DynamoDB table.

The function's handler is `object_audit.handler`. S3 invokes it, directly or by an SQS queue. It makes two calls for an
object, and its role needs these actions and no others (looked up 2026-11-26):
- HeadObject: `s3:GetObject` for the current version, `s3:GetObjectVersion` for the version that the event names, both
  on the bucket's objects. `s3:ListBucket` on the bucket: without it S3 answers 403, not 404, for an object that was
  deleted meanwhile, and a deleted object would be a dead letter. `kms:Decrypt` on the bucket's key: S3 asks for it to
  return the checksum of an object under SSE-KMS. https://docs.aws.amazon.com/AmazonS3/latest/API/API_HeadObject.html
- PutItem: `dynamodb:PutItem` on the table. If the table has a customer managed key, also `kms:Decrypt` on that key by
  way of DynamoDB (`kms:ViaService`); AWS's page on this was not found that day.

Failures: every record is tried. If one failed, an invocation by S3 raises, and Lambda retries it twice and then sends
the event to the dead-letter queue. What a retry finds recorded already, it leaves as it is. An invocation by SQS names
the failed messages instead, which needs `ReportBatchItemFailures` on the event source mapping.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

import item
import journal
from journal import Journal
from notification import NewObject, Refusal, read, records

# Below the function's timeout with all attempts. botocore's own are 60 seconds each, and "legacy" retries, which do not
# limit themselves when a service is throttling
CLIENT = Config(connect_timeout=2, read_timeout=10, retries={"mode": "standard", "total_max_attempts": 4})


class AuditFailed(Exception):
    """At least one record of an invocation was not recorded."""


@dataclass(frozen=True)
class Failure:
    """A record that was not recorded."""

    name: str
    cause: Exception


@dataclass(frozen=True)
class Auditor:
    """The two calls, and the names from the environment."""

    head_object: Callable[..., Any]
    put_item: Callable[..., Any]
    table: str
    bucket: str

    def handle(self, event: object, log: Journal) -> dict[str, Any]:
        """Records the objects of an event of S3, or of an SQS event whose messages are events of S3."""
        found = records(event)
        if any(isinstance(record, Mapping) and record.get("eventSource") == "aws:sqs" for record in found):
            return {"batchItemFailures": self._messages(found, log)}
        failures = self._all(found, log)
        if failures:
            names = ", ".join(f"`{failure.name}`" for failure in failures)
            # One hint a message. The log has the cause's own
            first = str(failures[0].cause).split("; hint:", maxsplit=1)[0]
            raise AuditFailed(
                f"recording object {names}, bucket `{self.bucket}`: {len(failures)} of {len(found)} records failed,"
                f" the first with: {first};"
                f" hint: search the log group for request `{log.request_id}`, it has the cause of each"
            ) from failures[0].cause
        return {"records": len(found)}

    def _messages(self, messages: list[Any], log: Journal) -> list[dict[str, str]]:
        failed = []
        for message in messages:
            # Without an id, SQS cannot learn which message failed. The KeyError fails the whole batch: none is lost
            identifier = message["messageId"]
            try:
                inner = records(json.loads(message["body"]))
            except (ValueError, KeyError, TypeError) as error:
                log.error("reading message failed", message_id=identifier, cause=_cause(error))
                failed.append({"itemIdentifier": identifier})
                continue
            if self._all(inner, log):
                failed.append({"itemIdentifier": identifier})
        return failed

    def _all(self, found: list[Any], log: Journal) -> list[Failure]:
        failures = []
        for position, record in enumerate(found):
            name = f"record {position}"
            try:
                new = read(record, self.bucket)
                name = new.key
                self._record(new, log)
            # Whatever the cause is, the records behind this one are tried, and the failure is reported
            except Exception as error:  # pylint: disable=broad-exception-caught
                log.error("recording object failed", object_key=name, cause=_cause(error))
                failures.append(Failure(name, error))
        return failures

    def _record(self, new: NewObject, log: Journal) -> None:
        metadata, gone = self._describe(new)
        if gone:
            log.warning(f"object was {gone} before it was recorded", object_key=new.key, version_id=new.version_id)
        made = item.make(new, metadata, gone, datetime.now(timezone.utc).isoformat())
        there = item.put(self.put_item, self.table, made)
        named = {"object_key": new.key, "version_id": new.version_id, "sequencer": new.sequencer, "sk": made["sk"]["S"]}
        if there is None:
            log.info("object recorded", **named)
        else:
            first = {name: there.get(name, {}).get("S") for name in ("version_id", "sequencer")}
            log.info("object was recorded before", **named, first=first)

    def _describe(self, new: NewObject) -> tuple[Mapping[str, Any], str | None]:
        """What S3 knows about the object, or nothing and the reason: `deleted` or `replaced`.

        Every other error is raised. An item without metadata because of a missing permission would look complete.
        """
        version = {"VersionId": new.version_id} if new.version_id else {}
        try:
            metadata = self.head_object(Bucket=new.bucket, Key=new.key, ChecksumMode="ENABLED", **version)
        except ClientError as error:
            # The answer to a HEAD has no body, so the code is the status
            if error.response["ResponseMetadata"]["HTTPStatusCode"] == 404:
                return {}, "deleted"
            raise
        if not new.version_id and new.etag and metadata.get("ETag", "").strip('"') != new.etag:
            # A bucket without versions: another put came before this call, and has an event of its own
            return {}, "replaced"
        return metadata, None


def _cause(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"


def setting(environment: Mapping[str, str], name: str) -> str:
    """A variable of the function's environment that must be there."""
    value = environment.get(name, "").strip()
    if not value:
        raise Refusal(
            f"starting function, environment variable `{name}`: a value is expected, found nothing;"
            " hint: set it in the function's configuration; `zone module up object-audit` does"
        )
    return value


def _start() -> Auditor:
    journal.start()
    # The names first: their absence is reported rather than whatever a client misses
    table, bucket = setting(os.environ, "TABLE_NAME"), setting(os.environ, "BUCKET_NAME")
    s3, dynamodb = boto3.client("s3", config=CLIENT), boto3.client("dynamodb", config=CLIENT)
    return Auditor(s3.head_object, dynamodb.put_item, table, bucket)


AUDITOR = _start()


def handler(event: object, context: Any) -> dict[str, Any]:
    """Lambda's entry."""
    return AUDITOR.handle(event, Journal(getattr(context, "aws_request_id", "unknown")))
