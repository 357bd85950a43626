"""From an object to an item, in each kind of runtime; and what buckets notify of."""

import json
import time
import unittest

from given import (
    ECHO,
    LAMBDA,
    LOG,
    PUTS,
    REGION,
    S3,
    SQS,
    TABLES,
    Refusals,
    allow,
    bucket,
    lines,
    metric,
    notify,
    python,
    queue,
    role,
    table,
    until,
    zipped,
)

NODE = """
import { createHmac, createHash } from "node:crypto";
const hash = (text) => createHash("sha256").update(text).digest("hex");
const mac = (key, text) => createHmac("sha256", key).update(text).digest();
// the SDK is not there, so the request is signed by hand
async function put(item) {
  const { AWS_REGION: region, AWS_ACCESS_KEY_ID: id, AWS_SECRET_ACCESS_KEY: secret, AWS_SESSION_TOKEN: token } = process.env;
  const body = JSON.stringify({ TableName: process.env.TABLE, Item: item });
  const at = new Date().toISOString().replace(/[-:]|\\.\\d+/g, "");
  const url = new URL(process.env.AWS_ENDPOINT_URL);
  const signed = "host;x-amz-date;x-amz-target";
  const target = "DynamoDB_20120810.PutItem";
  const canonical = ["POST", "/", "", `host:${url.host}`, `x-amz-date:${at}`, `x-amz-target:${target}`, "", signed, hash(body)].join("\\n");
  const scope = `${at.slice(0, 8)}/${region}/dynamodb/aws4_request`;
  const key = ["aws4_request"].reduce(mac, mac(mac(mac(`AWS4${secret}`, at.slice(0, 8)), region), "dynamodb"));
  const signature = mac(key, ["AWS4-HMAC-SHA256", at, scope, hash(canonical)].join("\\n")).toString("hex");
  const answer = await fetch(url, { method: "POST", body, headers: {
    "x-amz-date": at, "x-amz-target": target, "content-type": "application/x-amz-json-1.0", "x-amz-security-token": token,
    authorization: `AWS4-HMAC-SHA256 Credential=${id}/${scope}, SignedHeaders=${signed}, Signature=${signature}` } });
  if (!answer.ok) throw new Error(await answer.text());
}
export const handler = async (event) => {
  for (const { s3 } of event.Records) {
    const key = decodeURIComponent(s3.object.key.replaceAll("+", " "));
    console.log("putting", key);
    await put({ pk: { S: key } });
  }
};
"""
SHELL = r"""#!/bin/bash
# a runtime of 20 lines: puts an item for every object, with a request that is signed by curl
api="http://$AWS_LAMBDA_RUNTIME_API/2018-06-01/runtime/invocation"
while true; do
  headers=$(mktemp)
  event=$(curl -sS -D "$headers" "$api/next") || exit 1
  id=$(grep -i '^lambda-runtime-aws-request-id' "$headers" | tr -d '\r' | cut -d' ' -f2)
  key=$(echo "$event" | sed 's/.*"key": *"\([^"]*\)".*/\1/')
  echo "putting $key"
  answer=$(curl -sS --aws-sigv4 "aws:amz:$AWS_REGION:dynamodb" --user "$AWS_ACCESS_KEY_ID:$AWS_SECRET_ACCESS_KEY" \
    -H "x-amz-security-token: $AWS_SESSION_TOKEN" -H 'x-amz-target: DynamoDB_20120810.PutItem' \
    -H 'content-type: application/x-amz-json-1.0' -d "{\"TableName\":\"$TABLE\",\"Item\":{\"pk\":{\"S\":\"$key\"}}}" "$AWS_ENDPOINT_URL/")
  case "$answer" in
    *AccessDenied*) echo "$answer"; curl -sS -H 'Lambda-Runtime-Function-Error-Type: Denied' -d "$answer" "$api/$id/error" ;;
    *) curl -sS -d '"done"' "$api/$id/response" ;;
  esac
done
"""
RUNTIMES = {
    "python": {"Runtime": "python3.12", "Handler": "index.handler", "Code": {"ZipFile": zipped(index__py=PUTS)}},
    "node": {"Runtime": "nodejs20.x", "Handler": "index.handler", "Code": {"ZipFile": zipped(index__mjs=NODE)}},
    "provided": {"Runtime": "provided.al2023", "Handler": "any", "Code": {"ZipFile": zipped(bootstrap=SHELL)}},
}


class FromObjectToItem(unittest.TestCase):
    """An object, a function, an item: under the rights of the function's role."""

    def tried(self, runtime, allowed):
        (items, arn), of = table(), bucket()
        rights = [LOG] + ([allow("dynamodb:PutItem", arn)] if allowed else [])
        function, at = python("", Role=role(*rights), Environment={"Variables": {"TABLE": items}}, **RUNTIMES[runtime])
        notify(of, at, function, prefix="in/", suffix=".txt")
        for key in ("in/one.txt", "out/one.txt", "in/one.csv"):
            S3.put_object(Bucket=of, Key=key, Body=b"hello")
        return items, function

    def holds(self, runtime):
        items, function = self.tried(runtime, True)
        found = until(lambda: TABLES.scan(TableName=items)["Items"])
        until(lambda: any(line.startswith("REPORT") for line in lines(function)))
        time.sleep(0.3)
        self.assertEqual([one["pk"]["S"] for one in TABLES.scan(TableName=items)["Items"]], ["in/one.txt"])
        self.assertEqual(len([line for line in lines(function) if "putting" in line]), 1, lines(function))
        return found[0]

    def denied(self, runtime):
        items, function = self.tried(runtime, False)
        found = until(lambda: [line for line in lines(function) if "is not authorized to perform: dynamodb:PutItem" in line])
        self.assertTrue(found)
        until(lambda: metric(function, "Errors") == 3)
        self.assertEqual(TABLES.scan(TableName=items)["Items"], [])

    def test_python(self):
        item = self.holds("python")
        record = json.loads(item["event"]["S"])
        self.assertEqual((record["eventVersion"], record["eventName"], record["awsRegion"]), ("2.1", "ObjectCreated:Put", REGION))
        self.assertEqual(record["s3"]["object"]["size"], 5)
        self.assertEqual(record["s3"]["object"]["eTag"], "5d41402abc4b2a76b9719d911017c592")
        self.assertIn("sequencer", record["s3"]["object"])
        self.assertNotIn("versionId", record["s3"]["object"])
        self.assertIn(":tests", record["userIdentity"]["principalId"])

    def test_python_denied(self):
        self.denied("python")

    def test_node(self):
        self.holds("node")

    def test_node_denied(self):
        self.denied("node")

    def test_provided(self):
        self.holds("provided")

    def test_provided_denied(self):
        self.denied("provided")


class Notifications(Refusals):
    def test_versions_and_deletions(self):
        of = bucket()
        function, arn = python(ECHO)
        S3.put_bucket_versioning(Bucket=of, VersioningConfiguration={"Status": "Enabled"})
        notify(of, arn, function, ("s3:ObjectCreated:Put", "s3:ObjectRemoved:*"))
        versions = [S3.put_object(Bucket=of, Key="a b/ü.txt", Body=b"x")["VersionId"] for _ in range(2)]
        S3.delete_object(Bucket=of, Key="a b/ü.txt")
        S3.delete_object(Bucket=of, Key="a b/ü.txt", VersionId=versions[0])

        def events():
            return [eval(line[4:])["Records"][0] for line in lines(function) if line.startswith("got")]

        until(lambda: len(events()) == 4)
        found = sorted(events(), key=lambda one: one["s3"]["object"]["sequencer"])
        names = ["ObjectCreated:Put"] * 2 + ["ObjectRemoved:DeleteMarkerCreated", "ObjectRemoved:Delete"]
        self.assertEqual([one["eventName"] for one in found], names)
        self.assertEqual([one["s3"]["object"]["versionId"] for one in found[:2]], versions)
        self.assertEqual(found[3]["s3"]["object"]["versionId"], versions[0])
        self.assertEqual({one["s3"]["object"]["key"] for one in found}, {"a+b/%C3%BC.txt"})

    def test_a_destination_must_let_s3_in(self):
        of = bucket()
        function, arn = python(ECHO)
        one = {"LambdaFunctionConfigurations": [{"LambdaFunctionArn": arn, "Events": ["s3:ObjectCreated:*"]}]}
        words = "Unable to validate the following destination configurations"
        put = S3.put_bucket_notification_configuration
        self.refused("InvalidArgument", words, put, Bucket=of, NotificationConfiguration=one)
        LAMBDA.add_permission(
            FunctionName=function,
            StatementId="other",
            Action="lambda:InvokeFunction",
            Principal="s3.amazonaws.com",
            SourceArn="arn:aws:s3:::another",
        )
        self.refused("InvalidArgument", words, put, Bucket=of, NotificationConfiguration=one)
        notify(of, arn, function)
        absent = {"LambdaFunctionConfigurations": [{"LambdaFunctionArn": arn + "x", "Events": ["s3:ObjectCreated:*"]}]}
        self.refused("InvalidArgument", words, put, Bucket=of, NotificationConfiguration=absent)
        put(Bucket=of, NotificationConfiguration=absent, SkipDestinationValidation=True)

    def test_a_queue_must_let_s3_in(self):
        of, (url, arn) = bucket(), queue()
        one = {"QueueConfigurations": [{"QueueArn": arn, "Events": ["s3:ObjectCreated:*"]}]}
        put = S3.put_bucket_notification_configuration
        self.refused("InvalidArgument", "Unable to validate", put, Bucket=of, NotificationConfiguration=one)
        lets = allow("sqs:SendMessage", arn) | {"Principal": {"Service": "s3.amazonaws.com"}}
        SQS.set_queue_attributes(QueueUrl=url, Attributes={"Policy": json.dumps({"Version": "2012-10-17", "Statement": [lets]})})
        put(Bucket=of, NotificationConfiguration=one)
