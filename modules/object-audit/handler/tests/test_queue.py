"""An invocation by SQS: the failed messages are named, the others are not delivered again."""

from __future__ import annotations

import unittest
from typing import Any

from doubles import LOG, Table, auditor, event, message, record, refused


class Queue(unittest.TestCase):
    """Partial batch responses:
    https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html
    """

    def failed(self, table: Table, *messages: Any) -> list[str]:
        """The ids that are reported."""
        answer = auditor(table=table).handle(event(*messages), LOG)
        self.assertEqual(list(answer), ["batchItemFailures"])
        return [failure["itemIdentifier"] for failure in answer["batchItemFailures"]]

    def test_no_failure_is_an_empty_list(self) -> None:
        table = Table()
        self.assertEqual(self.failed(table, message("1", event(record("a"), record("b")))), [])
        self.assertEqual(table.keys(), ["a", "b"])

    def test_only_the_failed_message_is_named(self) -> None:
        table = Table(bad=refused("InternalServerError", 500, "PutItem"))
        batch = (message("1", event(record("a"))), message("2", event(record("bad"))), message("3", event(record("c"))))
        with self.assertLogs("object_audit", "ERROR"):
            self.assertEqual(self.failed(table, *batch), ["2"])
        self.assertEqual(table.keys(), ["a", "c"])

    def test_one_failed_record_fails_its_message_after_all_were_tried(self) -> None:
        table = Table(bad=refused("InternalServerError", 500, "PutItem"))
        with self.assertLogs("object_audit", "ERROR"):
            self.assertEqual(self.failed(table, message("1", event(record("bad"), record("b")))), ["1"])
        self.assertEqual(table.keys(), ["b"])

    def test_a_message_that_is_no_event_of_s3_is_named(self) -> None:
        table = Table()
        bodies: list[object] = ["{", {}, "[]", event(record("a"))]
        without_body = {"eventSource": "aws:sqs", "messageId": "5"}
        batch = [*(message(str(place), body) for place, body in enumerate(bodies, 1)), without_body]
        with self.assertLogs("object_audit", "ERROR") as logs:
            self.assertEqual(self.failed(table, *batch), ["1", "2", "3", "5"])
        self.assertEqual(len(logs.records), 4)
        self.assertEqual(table.keys(), ["a"])

    def test_the_test_event_in_a_message_is_ignored(self) -> None:
        self.assertEqual(self.failed(Table(), message("1", {"Event": "s3:TestEvent"})), [])

    def test_a_message_without_an_id_fails_the_batch(self) -> None:
        with self.assertRaises(KeyError):
            auditor().handle(event({"eventSource": "aws:sqs", "body": "{}"}), LOG)


if __name__ == "__main__":
    unittest.main()
