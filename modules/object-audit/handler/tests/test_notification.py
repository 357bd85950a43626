"""What is read from a record, and what is refused."""

from __future__ import annotations

import ast
import unittest
from pathlib import Path
from typing import Any
from urllib.parse import quote_plus

from doubles import event, record
from notification import NewObject, Refusal, read, records


class Reading(unittest.TestCase):
    """Records that are accepted."""

    def test_every_source_is_python_3_11(self) -> None:
        sources = sorted(Path(__file__).parent.parent.glob("*.py"))
        self.assertGreaterEqual(len(sources), 5)
        for source in sources:
            ast.parse(source.read_text(encoding="utf-8"), str(source), feature_version=(3, 11))

    def test_every_field_of_a_record(self) -> None:
        self.assertEqual(
            read(record(), "audit-bucket"),
            NewObject(
                bucket="audit-bucket",
                key="report.csv",
                event_name="ObjectCreated:Put",
                event_time="2026-11-26T10:00:00.000Z",
                region="eu-west-1",
                size=12,
                etag="e1",
                version_id="v1",
                sequencer="0055AED6DCD90281E5",
                request_id="C3D13FE58DE4C810",
            ),
        )

    def test_every_way_of_creating_an_object(self) -> None:
        for name in ("Put", "Post", "Copy", "CompleteMultipartUpload"):
            made = record() | {"eventName": f"ObjectCreated:{name}"}
            self.assertEqual(read(made, "audit-bucket").event_name, f"ObjectCreated:{name}")

    def test_keys_are_decoded_as_form_fields(self) -> None:
        for key in ("a b.txt", "a+b.txt", "100%.txt", "Übersicht/日本.csv", "line\nbreak", "a%2Bb"):
            self.assertEqual(read(record(quote_plus(key)), "audit-bucket").key, key)

    def test_attributes_that_the_event_lacks_are_none(self) -> None:
        bare = record(size=None, eTag=None, versionId=None, sequencer=None) | {"responseElements": None}
        found = read(bare, "audit-bucket")
        self.assertEqual(
            (found.size, found.etag, found.version_id, found.sequencer, found.request_id), (None,) * 5
        )

    def test_an_empty_object_has_size_zero(self) -> None:
        self.assertEqual(read(record(size=0), "audit-bucket").size, 0)
        self.assertIsNone(read(record(size=True), "audit-bucket").size)

    def test_the_null_version_identifies_nothing(self) -> None:
        self.assertIsNone(read(record(versionId="null"), "audit-bucket").version_id)
        self.assertEqual(read(record(versionId="nullified"), "audit-bucket").version_id, "nullified")

    def test_minor_versions_of_the_message_are_accepted(self) -> None:
        for version in ("2.0", "2.6", "2.11"):
            read(record() | {"eventVersion": version}, "audit-bucket")

    def test_the_test_event_has_no_records(self) -> None:
        self.assertEqual(records({"Service": "Amazon S3", "Event": "s3:TestEvent", "Bucket": "audit-bucket"}), [])
        self.assertEqual(len(records(event(record()))), 1)


class Refusing(unittest.TestCase):
    """Records that are not accepted, each with a message that names the place and the value."""

    def refusal(self, made: Any) -> str:
        """The message for a record."""
        with self.assertRaises(Refusal) as caught:
            read(made, "audit-bucket")
        return str(caught.exception)

    def test_another_bucket(self) -> None:
        other = record()
        other["s3"]["bucket"]["name"] = "payroll"
        self.assertIn("bucket `payroll` is not audited, only `audit-bucket` is; hint:", self.refusal(other))

    def test_an_event_that_creates_nothing(self) -> None:
        # A delete marker has neither size nor eTag; the seed failed on it by accident, with a KeyError
        marker = record(size=None) | {"eventName": "ObjectRemoved:DeleteMarkerCreated"}
        self.assertIn("`ObjectRemoved:DeleteMarkerCreated` does not create an object; hint:", self.refusal(marker))

    def test_another_major_version(self) -> None:
        self.assertIn("version 2.x is expected, found `3.0`", self.refusal(record() | {"eventVersion": "3.0"}))

    def test_a_key_that_is_not_utf_8(self) -> None:
        self.assertIn("`%FF` is not URL-encoded UTF-8", self.refusal(record("%FF")))

    def test_fields_that_must_be_there(self) -> None:
        for field in ("eventVersion", "eventName", "eventTime", "awsRegion"):
            self.assertIn(f"field `{field}`: text is expected", self.refusal(record() | {field: None}))
        self.assertIn("field `s3.object.key`: text is expected", self.refusal(record("")))
        self.assertIn("field `s3.object.key`: text is expected", self.refusal(record() | {"s3": "bucket"}))

    def test_what_is_no_record_or_event(self) -> None:
        self.assertIn("found list", self.refusal([]))
        events: list[object] = [None, [], {}, {"Records": "none"}, {"Event": "s3:OtherEvent"}]
        for made in events:
            with self.assertRaisesRegex(Refusal, "reading event: no list `Records`; hint: "):
                records(made)


if __name__ == "__main__":
    unittest.main()
