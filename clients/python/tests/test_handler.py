"""The example: one reading per cold start."""

from __future__ import annotations

import importlib
import os
import sys
import types
import unittest
from unittest import mock

from tests.fake import CALLS, ENVIRONMENT, ROOT, Fake


class Handler(unittest.TestCase):
    def test_the_handler_answers_with_a_bucket_and_its_key_and_reads_once(self) -> None:
        ssm, boto3 = Fake(), types.ModuleType("boto3")
        setattr(boto3, "client", {"ssm": ssm}.__getitem__)
        variables = {
            "ZONE_ENVIRONMENT": ENVIRONMENT,
            "ZONE_CONTRACT_ROOT": ROOT,
            "BUCKET": "attic",
            "DATA_CLASS": "secret",
        }
        with mock.patch.dict(sys.modules, {"boto3": boto3}), mock.patch.dict(os.environ, variables):
            example = importlib.import_module("example.handler")
            self.assertEqual(ssm.calls, 0, "nothing is read before the first call")
            wanted = {
                "bucket": "acme-attic-dev",
                "key": "arn:aws:kms:ap-southeast-2:123456789012:key/1b2c3d4e-0000-4000-8000-00000000beef",
            }
            for _ in range(3):
                self.assertEqual(example.handler({}, None), wanted)
        self.assertEqual(ssm.calls, CALLS)
