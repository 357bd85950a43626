"""An invocation by S3: what is recorded, what is repeated, what fails."""

from __future__ import annotations

import unittest
from typing import Any

import boto3
from botocore.exceptions import ClientError
from botocore.stub import Stubber

from doubles import CRC64, LOG, Bucket, Table, auditor, event, record, refused

import object_audit
from object_audit import Auditor, AuditFailed


class Recording(unittest.TestCase):
    """What ends in the table."""

    def test_a_new_object_is_one_item(self) -> None:
        table = Table()
        self.assertEqual(auditor(table=table).handle(event(record()), LOG), {"records": 1})
        self.assertEqual(table.keys(), ["report.csv"])

    def test_a_second_delivery_of_the_event_writes_nothing(self) -> None:
        table = Table()
        for _ in range(2):
            auditor(table=table).handle(event(record()), LOG)
        self.assertEqual(len(table.items), 1)

    def test_the_same_content_put_twice_is_one_item_of_the_first_version(self) -> None:
        table = Table()
        again = record(versionId="v2", eTag="e2", sequencer="0055AED6DCD90281E6")
        auditor(table=table).handle(event(record()), LOG)
        with self.assertLogs("object_audit", "INFO") as logs:
            auditor(table=table).handle(event(again), LOG)
        self.assertEqual([item["version_id"]["S"] for item in table.items.values()], ["v1"])
        # The log keeps the trace of the second version
        fields = vars(logs.records[-1])["fields"]
        self.assertEqual((fields["version_id"], fields["first"]["version_id"]), ("v2", "v1"))
        self.assertEqual([line.levelname for line in logs.records], ["INFO"])
        self.assertEqual(logs.records[-1].getMessage(), "object was recorded before")

    def test_other_content_is_a_second_item(self) -> None:
        table, other = Table(), CRC64 | {"ChecksumCRC64NVME": "AAAAAAAAAAI="}
        auditor(table=table).handle(event(record()), LOG)
        auditor(Bucket(**{"report.csv": other}), table).handle(event(record(versionId="v2")), LOG)
        self.assertEqual(len(table.items), 2)

    def test_the_same_content_under_another_key_is_a_second_item(self) -> None:
        table = Table()
        auditor(table=table).handle(event(record("a"), record("b")), LOG)
        self.assertEqual(table.keys(), ["a", "b"])

    def test_the_test_event_is_ignored(self) -> None:
        self.assertEqual(auditor().handle({"Event": "s3:TestEvent"}, LOG), {"records": 0})

    def test_no_event_in_the_log(self) -> None:
        with self.assertLogs("object_audit", "INFO") as logs:
            auditor().handle(event(record()), LOG)
        written = "".join(str(vars(line)) for line in logs.records)
        self.assertIn("report.csv", written)
        for secret in ("SECRETPRINCIPAL", "203.0.113.7"):
            self.assertNotIn(secret, written)


class Failing(unittest.TestCase):
    """Every record is tried, and a failure is never a success."""

    def failure(self, made: Auditor, *found: Any) -> AuditFailed:
        """The one exception of an invocation."""
        with self.assertLogs("object_audit", "ERROR"), self.assertRaises(AuditFailed) as caught:
            made.handle(event(*found), LOG)
        return caught.exception

    def test_a_failed_record_fails_the_invocation_after_all_were_tried(self) -> None:
        table = Table(bad=refused("InternalServerError", 500, "PutItem"))
        found = self.failure(auditor(table=table), record("a"), record("bad"), record("z"))
        self.assertEqual(table.keys(), ["a", "z"])
        self.assertRegex(str(found), r"^recording object `bad`, bucket `audit-bucket`: 1 of 3 records failed, .*"
                                     r"InternalServerError.*; hint: .*request-1")
        self.assertIsInstance(found.__cause__, ClientError)

    def test_every_failed_key_is_named(self) -> None:
        down = refused("InternalServerError", 500, "PutItem")
        found = self.failure(auditor(table=Table(a=down, c=down)), record("a"), record("b"), record("c"))
        self.assertIn("recording object `a`, `c`, bucket", str(found))

    def test_a_retry_records_what_failed_and_leaves_the_rest(self) -> None:
        table = Table(bad=refused("InternalServerError", 500, "PutItem"))
        batch = [record("a"), record("bad")]
        self.failure(auditor(table=table), *batch)
        before = dict(table.items)
        table.failures.clear()
        auditor(table=table).handle(event(*batch), LOG)
        self.assertEqual(table.keys(), ["a", "bad"])
        self.assertEqual({place: table.items[place] for place in before}, before)

    def test_a_record_that_cannot_be_read_is_named_by_its_position(self) -> None:
        table = Table()
        found = self.failure(auditor(table=table), record() | {"eventName": "ObjectRemoved:Delete"}, record("a"))
        self.assertIn("recording object `record 0`, bucket", str(found))
        self.assertNotIn("hint:", str(found).split("hint:", maxsplit=1)[1])
        self.assertEqual(table.keys(), ["a"])

    def test_a_record_of_another_bucket_is_refused(self) -> None:
        other = record()
        other["s3"]["bucket"]["name"] = "payroll"
        bucket, table = Bucket(), Table()
        self.assertIn("bucket `payroll` is not audited", str(self.failure(auditor(bucket, table), other)))
        self.assertEqual((bucket.requests, table.items), ([], {}))

    def test_metadata_that_s3_refuses_is_a_failure_not_an_item(self) -> None:
        for code, status in (("403", 403), ("503", 503), ("400", 400), ("405", 405)):
            table = Table()
            self.failure(auditor(Bucket(**{"report.csv": refused(code, status, "HeadObject")}), table), record())
            self.assertEqual(table.items, {})

    def test_an_event_without_records_is_refused(self) -> None:
        with self.assertRaisesRegex(ValueError, "no list `Records`"):
            auditor().handle({"detail-type": "Object Created"}, LOG)


class Describing(unittest.TestCase):
    """HeadObject, against the shapes of AWS's own model."""

    def setUp(self) -> None:
        self.client = boto3.client("s3")
        self.stub = Stubber(self.client)
        self.stub.activate()
        self.addCleanup(self.stub.deactivate)
        self.table = Table()

    def recorded(self, expected: dict[str, Any], answer: dict[str, Any] | None, **changes: Any) -> Any:
        """The one item, after HeadObject was asked as expected. No answer is a 404."""
        request = {"Bucket": "audit-bucket", "Key": "report.csv", "ChecksumMode": "ENABLED"} | expected
        if answer is None:
            self.stub.add_client_error("head_object", "404", http_status_code=404, expected_params=request)
        else:
            self.stub.add_response("head_object", answer, request)
        made = Auditor(self.client.head_object, self.table.put_item, "audit-table", "audit-bucket")
        made.handle(event(record(**changes)), LOG)
        self.stub.assert_no_pending_responses()
        self.assertEqual(len(self.table.items), 1)
        return next(iter(self.table.items.values()))

    def test_the_version_of_the_event_is_asked_with_its_checksum(self) -> None:
        # Without the version, HeadObject describes whatever was put last
        item = self.recorded({"VersionId": "v1"}, CRC64 | {"ETag": '"another"', "ContentType": "text/csv"})
        self.assertEqual(item["content_type"], {"S": "text/csv"})
        self.assertEqual(item["checksum"], {"S": "AAAAAAAAAAE="})

    def test_the_current_object_of_a_bucket_without_versions(self) -> None:
        for version in (None, "null"):
            self.table.items.clear()
            item = self.recorded({}, CRC64 | {"ETag": '"e1"'}, versionId=version)
            self.assertTrue(item["sk"]["S"].startswith("CHECKSUM#"))
            self.assertNotIn("replaced", item)

    def test_an_object_replaced_meanwhile_is_not_described_by_its_successor(self) -> None:
        item = self.recorded({}, CRC64 | {"ETag": '"e2"', "ContentType": "text/csv"}, versionId=None)
        self.assertEqual((item["sk"], item["replaced"]), ({"S": "SEQUENCER#0055AED6DCD90281E5"}, {"BOOL": True}))
        self.assertNotIn("content_type", item)

    def test_an_event_without_etag_takes_the_current_object(self) -> None:
        self.assertNotIn("replaced", self.recorded({}, CRC64 | {"ETag": '"e2"'}, versionId=None, eTag=None))

    def test_an_object_deleted_meanwhile_is_recorded_as_the_event_says(self) -> None:
        with self.assertLogs("object_audit", "WARNING") as logs:
            item = self.recorded({"VersionId": "v1"}, None)
        self.assertEqual((item["sk"], item["deleted"]), ({"S": "VERSION#v1"}, {"BOOL": True}))
        self.assertEqual(item["object_size"], {"N": "12"})
        self.assertEqual(logs.records[0].getMessage(), "object was deleted before it was recorded")


class Entry(unittest.TestCase):
    """The function that Lambda calls."""

    def test_the_handler_has_the_request_id_in_every_line(self) -> None:
        class Context:  # pylint: disable=too-few-public-methods
            """Lambda's context."""

            aws_request_id = "8f5"

        before, object_audit.AUDITOR = object_audit.AUDITOR, auditor()
        self.addCleanup(setattr, object_audit, "AUDITOR", before)
        with self.assertLogs("object_audit", "INFO") as logs:
            self.assertEqual(object_audit.handler(event(record()), Context()), {"records": 1})
            self.assertEqual(object_audit.handler(event(record()), None), {"records": 1})
        self.assertEqual([vars(line)["fields"]["request_id"] for line in logs.records], ["8f5", "unknown"])


if __name__ == "__main__":
    unittest.main()
