"""The item, and the condition under which it is written."""

from __future__ import annotations

import unittest
from datetime import datetime, timezone
from typing import Any

import boto3
from botocore.exceptions import ClientError
from botocore.stub import Stubber

from doubles import CRC64, record
from item import make, put
from notification import read

NOW = "2026-11-26T10:00:01+00:00"


def made(metadata: Any, gone: str | None = None, **changes: Any) -> Any:
    """The item of a record."""
    return make(read(record(**changes), "audit-bucket"), metadata, gone, NOW)


class Making(unittest.TestCase):
    """The attributes."""

    def test_every_attribute(self) -> None:
        modified = datetime(2026, 11, 26, 10, tzinfo=timezone.utc)
        self.assertEqual(
            made(CRC64 | {"ContentType": "text/csv", "LastModified": modified}),
            {
                "pk": {"S": "OBJECT#audit-bucket/report.csv"},
                "sk": {"S": "CHECKSUM#CRC64NVME#AAAAAAAAAAE=#12"},
                "bucket_name": {"S": "audit-bucket"},
                "object_key": {"S": "report.csv"},
                "object_size": {"N": "12"},
                "etag": {"S": "e1"},
                "version_id": {"S": "v1"},
                "sequencer": {"S": "0055AED6DCD90281E5"},
                "checksum_algorithm": {"S": "CRC64NVME"},
                "checksum": {"S": "AAAAAAAAAAE="},
                "content_type": {"S": "text/csv"},
                "last_modified": {"S": "2026-11-26T10:00:00+00:00"},
                "event_source": {"S": "aws:s3"},
                "event_name": {"S": "ObjectCreated:Put"},
                "event_time": {"S": "2026-11-26T10:00:00.000Z"},
                "aws_region": {"S": "eu-west-1"},
                "request_id": {"S": "C3D13FE58DE4C810"},
                "created_at": {"S": NOW},
            },
        )

    def test_an_attribute_that_nobody_knows_is_left_out(self) -> None:
        found = made({}, size=None, eTag=None, versionId=None)
        self.assertEqual(found["sk"], {"S": "SEQUENCER#0055AED6DCD90281E5"})
        absent = {"object_size", "etag", "version_id", "checksum", "checksum_algorithm", "content_type"}
        self.assertEqual((absent | {"last_modified"}) & found.keys(), set())
        self.assertNotIn({"S": None}, found.values())

    def test_an_object_that_is_gone_says_so(self) -> None:
        self.assertEqual(made({}, "deleted")["deleted"], {"BOOL": True})
        self.assertNotIn("deleted", made({}))


class Putting(unittest.TestCase):
    """PutItem, against the shapes of AWS's own model."""

    def setUp(self) -> None:
        self.client = boto3.client("dynamodb")
        self.stub = Stubber(self.client)
        self.stub.activate()
        self.addCleanup(self.stub.deactivate)
        self.item = made(CRC64)

    def test_a_new_item_is_written_under_the_condition(self) -> None:
        expected = {
            "TableName": "audit-table",
            "Item": self.item,
            "ConditionExpression": "attribute_not_exists(pk)",
            "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
        }
        self.stub.add_response("put_item", {}, expected)
        self.assertIsNone(put(self.client.put_item, "audit-table", self.item))
        self.stub.assert_no_pending_responses()

    def test_an_item_that_is_there_is_returned(self) -> None:
        there = self.item | {"version_id": {"S": "v0"}}
        self.stub.add_client_error(
            "put_item", "ConditionalCheckFailedException", modeled_fields={"message": "no", "Item": there}
        )
        self.assertEqual(put(self.client.put_item, "audit-table", self.item), there)

    def test_an_item_that_is_there_but_not_returned_is_a_duplicate_too(self) -> None:
        self.stub.add_client_error("put_item", "ConditionalCheckFailedException")
        self.assertEqual(put(self.client.put_item, "audit-table", self.item), {})

    def test_every_other_error_is_raised(self) -> None:
        for code in ("ProvisionedThroughputExceededException", "AccessDeniedException", "ResourceNotFoundException"):
            self.stub.add_client_error("put_item", code)
            with self.assertRaisesRegex(ClientError, code):
                put(self.client.put_item, "audit-table", self.item)


if __name__ == "__main__":
    unittest.main()
