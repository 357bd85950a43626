"""What is written for three types that exist, from the pinned sources, is what is committed in `golden`.

`ZONE_BLESS=1 python3 tools/scaffold/tests` writes the files anew, after a new rule or a new version of a source.
"""

import os
import pathlib
import tempfile
import unittest

import compare
import render
from cloudformation import Schemas
from decide import draft
from models import Models
from official import Package
from problem import Problem

GOLDEN = pathlib.Path(__file__).resolve().parent / "golden"

# One of a plain type, one of a setting that is a part of another type for CloudFormation, one with AWS's own names.
TOKENS = {
    "queue": "aws:sqs/queue:Queue",
    "bucket_versioning": "aws:s3/bucketVersioning:BucketVersioning",
    "event_archive": "aws:cloudwatch/eventArchive:EventArchive",
}


class Golden(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.sources = Package(), Schemas(), Models()

    def text(self, token):
        made = draft(*self.sources, token)
        notes = "".join(f"// - {line}\n" for line in made.undecided)
        return (
            f"{render.rust(made)}\n// tools/limits/mapping.py:\n"
            + "".join(f"// {line}\n" for line in render.entry(made).splitlines())
            + f"// undecided:\n{notes}"
        )

    def test_each_type_is_as_committed(self):
        for name, token in TOKENS.items():
            with self.subTest(token):
                made, file = self.text(token), GOLDEN / f"{name}.rs.txt"
                if os.environ.get("ZONE_BLESS") == "1":
                    file.write_text(made)
                self.assertEqual(
                    made, file.read_text(), f"{file} is stale: ZONE_BLESS=1 python3 tools/scaffold/tests writes it"
                )

    def test_nothing_is_written_that_only_seems_to_work(self):
        for token in TOKENS.values():
            text = self.text(token)
            for word in ("todo!", "unimplemented!", "TODO", "unwrap"):
                self.assertNotIn(word, text)
            self.assertIn("// To write:", text)

    def test_a_type_of_which_nothing_is_known_beside_its_properties_says_so(self):
        made = draft(*self.sources, "aws:sqs/redriveAllowPolicy:RedriveAllowPolicy")
        said = " ".join(made.undecided)
        self.assertIn("there is no CloudFormation schema of it", said)
        self.assertIn("no service of botocore has a call that makes it", said)
        part = draft(*self.sources, "aws:s3/bucketLogging:BucketLogging")
        self.assertIn("it is a part of `AWS::S3::Bucket` there", " ".join(part.undecided))

    def test_schema_and_calls_of_types_that_others_name_otherwise(self):
        package, schemas, models = self.sources
        expected = {
            "aws:lambda/functionEventInvokeConfig:FunctionEventInvokeConfig": (
                "AWS::Lambda::EventInvokeConfig",
                "PutFunctionEventInvokeConfig",
            ),
            "aws:cloudwatch/metricAlarm:MetricAlarm": ("AWS::CloudWatch::Alarm", "PutMetricAlarm"),
            "aws:iam/policy:Policy": ("AWS::IAM::ManagedPolicy", "CreatePolicy"),
            "aws:apigateway/integration:Integration": (None, "PutIntegration"),
            "aws:apigatewayv2/integration:Integration": ("AWS::ApiGatewayV2::Integration", "CreateIntegration"),
            "aws:s3/vectorsVectorBucket:VectorsVectorBucket": ("AWS::S3Vectors::VectorBucket", "CreateVectorBucket"),
            "aws:organizations/policyAttachment:PolicyAttachment": (None, "AttachPolicy"),
        }
        for token, (schema, create) in expected.items():
            with self.subTest(token):
                resource = package.resource(token)
                found, _ = schemas.of(resource)
                _, operations = models.of(resource, found)
                self.assertEqual((found and found.name, operations.get("create")), (schema, create))

    def test_an_unknown_token_is_refused_with_what_may_be_meant_and_a_known_one_is_taken(self):
        package = self.sources[0]
        for asked, hint in (
            (
                "aws:sqs/queeu:Queue",
                "did you mean `aws:sqs/queue:Queue`, `aws:connect/queue:Queue`, `aws:mediaconvert/queue:Queue`?",
            ),
            ("Table", "`aws:dynamodb/table:Table`"),
            ("nothing", "a token has the form aws:MODULE/TYPE:Name, such as aws:dynamodb/table:Table"),
        ):
            with self.assertRaises(Problem) as raised:
                package.token(asked)
            self.assertIn(f"reading resource type `{asked}`, the official provider: ", raised.exception.message)
            self.assertIn(hint, raised.exception.hint)
        self.assertEqual(package.token("aws:sqs/queue:Queue"), "aws:sqs/queue:Queue")
        self.assertEqual(package.token("QueuePolicy"), "aws:sqs/queuePolicy:QueuePolicy")

    def test_a_file_is_written_where_there_is_none(self):
        made = draft(*self.sources, "aws:sqs/queuePolicy:QueuePolicy")
        with tempfile.TemporaryDirectory() as folder:
            root = pathlib.Path(folder)
            self.assertEqual(render.write(root, made), "crates/aws/src/sqs/queue_policy.rs")
            self.assertEqual((root / "crates/aws/src/sqs/queue_policy.rs").read_text(), render.rust(made))
            with self.assertRaises(Problem) as raised:
                render.write(root, made)
            self.assertEqual(raised.exception.message, "writing file `crates/aws/src/sqs/queue_policy.rs`: it exists")
            self.assertIn("leave out --write", raised.exception.hint)

    def test_the_comparison_sees_what_is_written_and_what_differs(self):
        token = "aws:sqs/queue:Queue"
        made, text = draft(*self.sources, token), compare.files()[token].read_text()
        right, wrong = compare.Tally(), compare.Tally()
        compare.one(right, made, text)
        self.assertEqual(right.rows["replace"], [2, 2, 2])
        compare.one(
            wrong,
            made,
            text.replace("#[resource(replace, autoname)]\n    pub name", "#[resource(autoname)]\n    pub name"),
        )
        self.assertEqual(wrong.rows["replace"], [1, 2, 1])
        self.assertIn(f"replace: {token} name: written -, scaffold replace", wrong.differences)


if __name__ == "__main__":
    unittest.main()
