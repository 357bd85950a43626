"""The typed values: each method gives its path's value, and none that of another."""

from __future__ import annotations

import json
import unittest
from collections.abc import Callable

from tests.fake import ROOT, Fake
from zone_contract import TEMPLATES, VERSION, Arn, Missing, NotPromised, StackNotDeployed, Zone


class ValuesOfTheZone(unittest.TestCase):
    def setUp(self) -> None:
        self.ssm = Fake()
        self.zone = self.ssm.client().contract()

    def test_there_is_a_method_for_every_path_of_the_newest_version(self) -> None:
        zone = self.zone
        self.assertEqual(zone.vpc_id(), zone.get("network/vpc-id"))
        self.assertEqual(zone.private_subnet_ids(), tuple(zone.get("network/private-subnet-ids").split(",")))
        self.assertEqual(zone.public_subnet_ids(), zone.get_list("network/public-subnet-ids"))
        self.assertEqual(zone.key_arn("secret"), zone.get("kms/secret/arn"))
        self.assertEqual(zone.client_id("guests", "kiosk"), zone.get("cognito/guests/client/kiosk"))
        self.assertEqual(zone.delivery_dlq_arn(), zone.get("firehose/dlq/arn"))
        methods = [name for name in vars(Zone) if not name.startswith("_")]
        paths = [known for known in TEMPLATES if known.owner != "contract" and VERSION in known.versions]
        self.assertEqual(len(methods), len(paths))
        self.assertEqual((zone.version, len(zone.digest), zone.published_at), (VERSION, 64, "2026-11-24T06:30:00Z"))

    def test_what_is_missing_is_named_with_owner_environment_and_way_out(self) -> None:
        with self.assertRaises(Missing) as caught:
            self.zone.key_arn("sceret")
        self.assertEqual(
            str(caught.exception),
            f"reading the contract: `{ROOT}/kms/sceret/arn` of environment `dev` (stack kms): promised and not published\n"
            "hint: is the name spelt as in the configuration? `zone up -e dev` publishes it",
        )
        self.assertEqual(caught.exception.finding.owner, "kms")

    def test_a_stack_that_is_not_deployed_is_an_answer_and_no_fault(self) -> None:
        for path in [path for path in self.ssm.live if path.startswith(f"{ROOT}/network/")]:
            del self.ssm.live[path]
        self.ssm.sign()
        zone = self.ssm.client().contract()
        self.assertEqual((zone.has("network"), zone.has("kms")), (False, True))
        with self.assertRaises(StackNotDeployed) as caught:
            zone.vpc_id()
        self.assertEqual(
            str(caught.exception),
            "reading the contract of environment `dev`: it has no `network/vpc-id`, as stack network is not deployed there\n"
            "hint: do without the value, or configure stack network: `zone up -e dev` deploys it",
        )
        self.assertEqual((caught.exception.owner, caught.exception.path), ("network", "network/vpc-id"))
        with self.assertRaises(StackNotDeployed):
            zone.private_subnet_ids()
        with self.assertRaises(Missing):
            zone.key_arn("sceret")

    def test_no_name_leads_to_what_another_path_promises(self) -> None:
        zone = self.zone
        self.assertIn(":deliverystream/", zone.stream_arn("clicks"))
        refused: tuple[Callable[[], object], ...] = (
            lambda: zone.stream_arn("dlq"),
            lambda: zone.bucket_name("attic/name/../cellar"),
            lambda: zone.client_id("guests/client", "desk"),
            lambda: zone.client_id("guests", "client/desk"),
            lambda: zone.key_arn(""),
            lambda: zone.get("kms/a/b/arn"),
        )
        for asked in refused:
            with self.assertRaisesRegex(NotPromised, "environment `dev`"):
                asked()
        # a name is taken as it is
        with self.assertRaisesRegex(Missing, r"kms/\\1/arn"):
            zone.key_arn(r"\1")

    def test_an_arn_is_a_string_with_parts(self) -> None:
        group = self.zone.trail_log_group_arn()
        self.assertEqual(
            (group.partition_name, group.service, group.region, group.account, group.resource),
            ("aws", "logs", "ap-southeast-2", "123456789012", "log-group:/aws/cloudtrail/acme-platform-dev"),
        )
        bucket = self.zone.bucket_arn("attic")
        self.assertIsInstance(bucket, Arn)
        self.assertEqual((bucket.region, bucket.account, bucket.resource), ("", "", "acme-attic-dev"))
        self.assertEqual(json.dumps([bucket]), '["arn:aws:s3:::acme-attic-dev"]')
