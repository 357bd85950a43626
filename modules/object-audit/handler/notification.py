"""Reads one record of an S3 event notification.

AWS's message structure, looked up 2026-11-26:
https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html
- The key is URL-encoded as a form field is: a space arrives as `+`, a plus as `%2B`.
- `versionId` is there only if the bucket has versioning; `sequencer` only for puts and deletes.
- Records are of version 2.x. AWS increments the major version for an incompatible change only.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote_plus


class Refusal(ValueError):
    """An event, a record or a setting that this module does not accept."""


@dataclass(frozen=True)
class NewObject:  # pylint: disable=too-many-instance-attributes
    """What the event says about the object: one field for each attribute that is recorded."""

    bucket: str
    key: str
    event_name: str
    event_time: str
    region: str
    size: int | None = None
    etag: str | None = None
    version_id: str | None = None
    sequencer: str | None = None
    request_id: str | None = None


def records(event: object) -> list[Any]:
    """The records of an S3 or SQS event. The test event, which S3 sends once to try a destination, has none."""
    if isinstance(event, Mapping):
        # https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html
        if event.get("Event") == "s3:TestEvent":
            return []
        found = event.get("Records")
        if isinstance(found, list):
            return found
    raise Refusal(
        "reading event: no list `Records`;"
        " hint: invoke the function by an S3 notification, or by a queue that receives one"
    )


def read(record: object, bucket: str) -> NewObject:
    """The new object of a record. Refuses a record of another bucket, service or kind of event."""
    if not isinstance(record, Mapping):
        raise Refusal(f"reading record: a JSON object is expected, found {type(record).__name__}")
    version = _text(record, "eventVersion")
    if version.split(".")[0] != "2":
        raise Refusal(
            f"reading record, field `eventVersion`: version 2.x is expected, found `{version}`;"
            " hint: compare AWS's new message structure with notification.py"
        )
    event_name = _text(record, "eventName")
    if not event_name.startswith("ObjectCreated:"):
        raise Refusal(
            f"reading record, field `eventName`: `{event_name}` does not create an object;"
            " hint: let the bucket notify of `s3:ObjectCreated:*` only"
        )
    key = _key(_text(record, "s3", "object", "key"))
    found = _text(record, "s3", "bucket", "name")
    if found != bucket:
        raise Refusal(
            f"reading record, key `{key}`: bucket `{found}` is not audited, only `{bucket}` is;"
            " hint: remove the notification of the other bucket, or set BUCKET_NAME"
        )
    return NewObject(
        bucket=bucket,
        key=key,
        event_name=event_name,
        event_time=_text(record, "eventTime"),
        region=_text(record, "awsRegion"),
        size=_size(record),
        etag=_optional(record, "s3", "object", "eTag"),
        version_id=_version(record),
        sequencer=_optional(record, "s3", "object", "sequencer"),
        request_id=_optional(record, "responseElements", "x-amz-request-id"),
    )


def _key(encoded: str) -> str:
    try:
        # S3's keys are UTF-8. The default, "replace", would record two different keys as one
        return unquote_plus(encoded, errors="strict")
    except UnicodeDecodeError as error:
        raise Refusal(f"reading record, field `s3.object.key`: `{encoded}` is not URL-encoded UTF-8") from error


def _version(record: Mapping[str, Any]) -> str | None:
    # "null" is the version of every object that was put while versioning was off or suspended.
    # The next put replaces it, so it identifies nothing
    found = _optional(record, "s3", "object", "versionId")
    return None if found == "null" else found


def _size(record: Mapping[str, Any]) -> int | None:
    found = _value(record, "s3", "object", "size")
    return found if isinstance(found, int) and not isinstance(found, bool) else None


def _text(record: Mapping[str, Any], *path: str) -> str:
    found = _optional(record, *path)
    if found is None:
        raise Refusal(f"reading record, field `{'.'.join(path)}`: text is expected, found nothing")
    return found


def _optional(record: Mapping[str, Any], *path: str) -> str | None:
    found = _value(record, *path)
    return found if isinstance(found, str) and found else None


def _value(record: Mapping[str, Any], *path: str) -> Any:
    found: Any = record
    for step in path:
        if not isinstance(found, Mapping):
            return None
        found = found.get(step)
    return found
