"""Makes the DynamoDB item of a new object, and writes it once."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from botocore.exceptions import ClientError

from identity import checksum, sort_key
from notification import NewObject

Item = dict[str, dict[str, Any]]


def make(new: NewObject, metadata: Mapping[str, Any], gone: str | None, now: str) -> Item:
    """The item. An attribute that neither the event nor S3 knows is left out."""
    found = checksum(metadata)
    modified = metadata.get("LastModified")
    texts = {
        # A bucket's name has no slash, so two pairs of bucket and key never give the same text
        "pk": f"OBJECT#{new.bucket}/{new.key}",
        "sk": sort_key(new, metadata),
        "bucket_name": new.bucket,
        "object_key": new.key,
        "etag": new.etag,
        "version_id": new.version_id,
        "sequencer": new.sequencer,
        "checksum_algorithm": found.algorithm if found else None,
        "checksum": found.value if found else None,
        "content_type": metadata.get("ContentType"),
        "last_modified": modified.isoformat() if modified else None,
        "event_source": "aws:s3",
        "event_name": new.event_name,
        "event_time": new.event_time,
        "aws_region": new.region,
        "request_id": new.request_id,
        "created_at": now,
    }
    item: Item = {name: {"S": text} for name, text in texts.items() if text is not None}
    if new.size is not None:
        item["object_size"] = {"N": str(new.size)}
    if gone:
        item[gone] = {"BOOL": True}
    return item


def put(put_item: Callable[..., Any], table: str, item: Item) -> Mapping[str, Any] | None:
    """Writes the item if its key is new. Otherwise returns the item that is there, which stays as it is."""
    try:
        put_item(
            TableName=table,
            Item=item,
            # Evaluated against the item with the same pk *and* sk: true if there is none
            ConditionExpression="attribute_not_exists(pk)",
            # Costs no read capacity, and needs no permission to read the table:
            # https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_PutItem.html (2026-11-26)
            ReturnValuesOnConditionCheckFailure="ALL_OLD",
        )
    except ClientError as error:
        if error.response["Error"]["Code"] != "ConditionalCheckFailedException":
            raise
        there: Mapping[str, Any] = error.response.get("Item", {})
        return there
    return None
