"""What is read, and what is refused."""

from __future__ import annotations

import unittest

from tests.fake import ENVIRONMENT, ROOT, SIZE, Fake
from zone_contract import (
    VERSION,
    ZONE,
    Broken,
    CallFailed,
    Missing,
    NewerContract,
    NotPromised,
    NotPublished,
    Parameter,
    Place,
    StaleDigest,
    check,
    digest,
)

OTHER_KEY = "arn:aws:kms:ap-southeast-2:123456789012:key/ffffffff-0000-4000-8000-00000000beef"


class Reading(unittest.TestCase):
    def setUp(self) -> None:
        self.ssm = Fake()

    def broken(self) -> Broken:
        with self.assertRaises(Broken) as caught:
            self.ssm.client().contract()
        return caught.exception

    def test_the_whole_contract_is_read_in_pages_of_ten(self) -> None:
        self.assertGreaterEqual(SIZE, 75, "the shipped size")
        for other in range(90 - SIZE):
            self.ssm.put(f"other-team/host-{other}", "db.example")
        zone = self.ssm.client().contract()
        self.assertEqual(len(list(zone.items())), SIZE)
        self.assertTrue(zone.is_verified)
        self.assertEqual(self.ssm.calls, 9)
        for number, request in enumerate(self.ssm.requests):
            self.assertEqual((request["Path"], request["Recursive"], request["MaxResults"]), (ROOT, True, 10))
            self.assertFalse(request.get("WithDecryption"), "no secret is asked for")
            self.assertEqual("NextToken" in request, number > 0)

    def test_pages_may_be_empty_and_what_other_teams_publish_is_left_out(self) -> None:
        self.ssm.put("other-team/host", "db.example")
        self.ssm.put("../device/kms/secret/arn", "another environment")
        self.ssm.empty_page_first = True
        zone = self.ssm.client().contract()
        self.assertEqual(len(list(zone.items())), SIZE)
        with self.assertRaises(NotPromised):
            zone.get("other-team/host")

    def test_what_stands_beside_the_root_is_not_looked_at(self) -> None:
        self.ssm.live[f"{ROOT}0kms/secret/arn"] = Parameter("String", "of another root")
        values = check(ZONE, Place("zone", ENVIRONMENT, ROOT), self.ssm.live, "refuse")
        self.assertEqual(len(values.values), SIZE)

    def test_a_root_may_end_with_a_slash(self) -> None:
        self.assertEqual(self.ssm.client(root=f"{ROOT}/").contract().bucket_name("attic"), "acme-attic-dev")

    def test_nothing_published_is_an_error_that_names_place_and_way_out(self) -> None:
        with self.assertRaises(NotPublished) as caught:
            self.ssm.client(root="/acme/uat", environment="uat").contract()
        self.assertEqual(
            str(caught.exception),
            "reading the contract of environment `uat`: nothing is published below `/acme/uat`\n"
            "hint: `zone up -e uat` publishes it; are account, region and root (`/acme/uat`) those of the environment?",
        )
        self.assertEqual(caught.exception.place.root, "/acme/uat")

    def test_half_a_publication_is_refused_until_it_is_whole(self) -> None:
        self.ssm.remove("kms/secret/arn")
        error = self.broken()
        self.assertIs(type(error), StaleDigest)
        said = "reading the contract: `/acme/dev/contract/digest` of environment `dev` (stack contract): says "
        self.assertTrue(str(error).startswith(said), str(error))
        self.assertTrue(error.hint.startswith("if a deployment is at work, wait for its end; else `zone up -e dev` fin"))
        self.ssm.put("kms/secret/arn", OTHER_KEY)
        self.ssm.sign()
        self.assertEqual(self.ssm.client().contract().key_arn("secret"), OTHER_KEY)

    def test_a_value_that_somebody_changed_is_not_used(self) -> None:
        self.ssm.put("kms/secret/arn", OTHER_KEY)
        self.assertIs(type(self.broken()), StaleDigest)

    def test_a_newer_contract_is_refused_unless_the_reader_accepts_it(self) -> None:
        self.ssm.put("contract/version", "7")
        error = self.broken()
        self.assertIs(type(error), NewerContract)
        self.assertIn(f"is version 7, this program knows 1 to {VERSION}\nhint: use a build that knows", str(error))
        zone = self.ssm.client(newer="accept").contract()
        self.assertEqual((zone.version, zone.is_verified, zone.bucket_name("attic")), (7, False, "acme-attic-dev"))
        # types and patterns are held as ever
        self.ssm.put("kms/secret/arn", "secret")
        with self.assertRaises(Broken):
            self.ssm.client(newer="accept").contract()

    def test_an_older_contract_is_read_with_its_own_digest(self) -> None:
        self.ssm.put("contract/version", "1")
        self.assertIs(type(self.broken()), StaleDigest)
        self.ssm.sign(1)
        zone = self.ssm.client().contract()
        self.assertEqual((zone.version, zone.is_verified), (1, True))
        # version 1 does not promise it, so that its digest says nothing of it
        self.assertIn(f"{ROOT}/s3/pulumi-state/login-url", self.ssm.live)
        with self.assertRaises(Missing):
            zone.state_login_url()

    def test_a_value_of_another_type_is_refused(self) -> None:
        value = self.ssm.live[f"{ROOT}/kms/secret/arn"].value
        self.ssm.put("kms/secret/arn", value, "SecureString")
        error = self.broken()
        said = "`/acme/dev/kms/secret/arn` of environment `dev` (stack kms): is a SecureString and should be a String"
        self.assertIn(said, str(error))
        self.assertEqual([(found.problem, found.owner) for found in error.findings], [("wrong_type", "kms")])
        self.ssm.put("kms/secret/arn", value)
        self.ssm.client().contract()

    def test_a_value_and_every_item_of_a_list_has_to_match_its_pattern(self) -> None:
        for name, wrong, kind in (
            ("network/vpc-id", "vpc-0A1B2C3D", "String"),
            ("s3/attic/name", "acme-attic-dev\n", "String"),
            ("network/public-subnet-ids", "subnet-0a1b2c3d,", "StringList"),
        ):
            with self.subTest(name):
                self.ssm = Fake()
                self.ssm.put(name, wrong, kind)
                self.ssm.sign()
                error = self.broken()
                self.assertEqual([found.problem for found in error.findings], ["wrong_pattern"])
                self.assertIn(f"{ROOT}/{name}", str(error))

    def test_what_ssm_refuses_is_an_error_with_its_cause_and_the_way_out(self) -> None:
        self.ssm.refuses = "AccessDeniedException"
        with self.assertRaises(CallFailed) as denied:
            self.ssm.client().contract()
        self.assertEqual(
            str(denied.exception),
            f"reading the contract of environment `{ENVIRONMENT}` below `{ROOT}`: AccessDeniedException: An error "
            "occurred (AccessDeniedException): told to\nhint: the caller needs credentials of the environment's account "
            "that allow ssm:GetParametersByPath on parameter/acme/dev",
        )
        self.assertIsNotNone(denied.exception.__cause__)
        self.ssm.refuses = "ThrottlingException"
        with self.assertRaises(CallFailed) as throttled:
            self.ssm.client().contract()
        self.assertEqual(throttled.exception.code, "ThrottlingException")
        self.assertIn("retries", throttled.exception.hint)

    def test_what_is_no_answer_of_aws_is_named_by_its_class(self) -> None:
        class Broken:
            def get_parameters_by_path(self, **request: object) -> object:
                raise TimeoutError("no route")

        fake = Fake()
        client = fake.client()
        client._ssm = Broken()
        with self.assertRaises(CallFailed) as caught:
            client.contract()
        self.assertIn("below `/acme/dev`: TimeoutError: no route\n", str(caught.exception))
        self.assertIsNone(caught.exception.code)

    def test_the_digest_is_the_one_that_rust_has(self) -> None:
        # printf 'zone contract 1\n1:a 1:b\n' | sha256sum
        known = "243609fbe1fec245ddfdd7d6168c3631757248c857f0f68dc858da67d1d137b6"
        self.assertEqual(digest("zone", 1, [("a", "b")]), known)
        # printf 'zone contract 1\n1:a 2:é\n' | sha256sum
        known = "22d36782d78c764a46eb9c11bfe3da1e04ff4905a80939d63db91caaa300d842"
        self.assertEqual(digest("zone", 1, [("a", "é")]), known)
        both = digest("zone", 1, [("b", "2"), ("a", "é")])
        self.assertEqual(both, digest("zone", 1, [("a", "é"), ("b", "2")]))
        self.assertNotEqual(both, digest("ledger", 1, [("a", "é"), ("b", "2")]))
