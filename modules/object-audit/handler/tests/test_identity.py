"""What makes two events the same."""

from __future__ import annotations

import unittest
from typing import Any

from doubles import record
from identity import CHECKSUMS, sort_key
from notification import NewObject, Refusal, read

SHA = {"ChecksumSHA256": "LPJNul+wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ=", "ChecksumType": "FULL_OBJECT"}


def new(**changes: Any) -> NewObject:
    """The object of a record."""
    return read(record(**changes), "audit-bucket")


class Identity(unittest.TestCase):
    """The sort key, from the strongest identity to the weakest."""

    def test_the_checksum_of_the_content_comes_first(self) -> None:
        self.assertEqual(
            sort_key(new(), SHA | {"ContentLength": 5}),
            "CHECKSUM#SHA256#LPJNul+wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ=#5",
        )

    def test_another_put_of_the_same_content_is_the_same(self) -> None:
        # Under SSE-KMS the eTag differs between two puts of the same content
        first, second = new(), new(eTag="e2", versionId="v2", sequencer="0055AED6DCD90281E6")
        self.assertEqual(sort_key(first, SHA), sort_key(second, SHA))

    def test_other_content_under_the_same_etag_is_another(self) -> None:
        self.assertNotEqual(sort_key(new(), SHA), sort_key(new(), SHA | {"ChecksumSHA256": "other"}))
        self.assertNotEqual(sort_key(new(), SHA | {"ContentLength": 1}), sort_key(new(), SHA | {"ContentLength": 2}))

    def test_every_algorithm_of_s3(self) -> None:
        for algorithm in CHECKSUMS:
            metadata = {f"Checksum{algorithm}": "AAAA", "ChecksumType": "FULL_OBJECT"}
            self.assertEqual(sort_key(new(), metadata), f"CHECKSUM#{algorithm}#AAAA#12")

    def test_the_stronger_of_two_checksums(self) -> None:
        both = {"ChecksumCRC32": "NhCmhg=="} | SHA
        self.assertTrue(sort_key(new(), both).startswith("CHECKSUM#SHA256#"))

    def test_a_composite_checksum_is_no_identity(self) -> None:
        for value in ("LPJNug==-3", "LPJNug=="):
            composite = {"ChecksumSHA256": value, "ChecksumType": "COMPOSITE"}
            self.assertEqual(sort_key(new(), composite), "VERSION#v1")

    def test_without_a_type_only_the_value_tells(self) -> None:
        self.assertEqual(sort_key(new(), {"ChecksumCRC32": "NhCmhg=="}), "CHECKSUM#CRC32#NhCmhg==#12")
        self.assertEqual(sort_key(new(), {"ChecksumCRC32": "NhCmhg==-3"}), "VERSION#v1")

    def test_without_a_checksum_the_version(self) -> None:
        self.assertEqual(sort_key(new(), {"ETag": '"e1"'}), "VERSION#v1")

    def test_without_a_version_the_sequencer(self) -> None:
        for version in (None, "null"):
            self.assertEqual(sort_key(new(versionId=version), {}), "SEQUENCER#0055AED6DCD90281E5")

    def test_without_any_a_refusal(self) -> None:
        with self.assertRaisesRegex(Refusal, "identifying object `report.csv`, bucket `audit-bucket`: .*; hint: "):
            sort_key(new(versionId=None, sequencer=None), {})


if __name__ == "__main__":
    unittest.main()
