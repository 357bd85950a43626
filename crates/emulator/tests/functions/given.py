"""What the tests of functions are made with: clients with the rights of the member's administrator, functions, queues, tables.

ZONE_ENDPOINT in the environment is the emulator's.
"""

import base64
import datetime
import io
import json
import os
import time
import unittest
import uuid
import zipfile

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

ENDPOINT, MEMBER, REGION = os.environ["ZONE_ENDPOINT"], "333344445555", "eu-central-1"
QUICK = Config(retries={"max_attempts": 0}, read_timeout=60)
TRUST = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}],
}

# lets in whoever is of the management account
MANAGED = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::123456789012:root"}, "Action": "sts:AssumeRole"}],
}


def session(role="OrganizationAccountAccessRole"):
    sts = boto3.client("sts", REGION, endpoint_url=ENDPOINT, aws_access_key_id="any", aws_secret_access_key="any")
    given = sts.assume_role(RoleArn=f"arn:aws:iam::{MEMBER}:role/{role}", RoleSessionName="tests")["Credentials"]
    return boto3.Session(given["AccessKeyId"], given["SecretAccessKey"], given["SessionToken"], REGION)


ADMIN = session()


def client(service, of=None):
    return (of or ADMIN).client(service, endpoint_url=ENDPOINT, config=QUICK)


IAM, LAMBDA, S3, SQS, SNS = map(client, ("iam", "lambda", "s3", "sqs", "sns"))
LOGS, TABLES, EVENTS, METRICS = map(client, ("logs", "dynamodb", "events", "cloudwatch"))


def zipped(**files):
    """A zip; `__` in a name is a dot."""
    body = io.BytesIO()
    with zipfile.ZipFile(body, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in files.items():
            entry = zipfile.ZipInfo(name.replace("__", "."))
            entry.external_attr, entry.compress_type = 0o755 << 16, zipfile.ZIP_DEFLATED
            archive.writestr(entry, text)
    return body.getvalue()


def name(prefix="f"):
    return f"{prefix}-{uuid.uuid4().hex[:8]}"


LOG = {"Effect": "Allow", "Action": ["logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents"], "Resource": "*"}


def role(*statements, trust=TRUST):
    of = name("role")
    arn = IAM.create_role(RoleName=of, AssumeRolePolicyDocument=json.dumps(trust))["Role"]["Arn"]
    if statements:
        document = json.dumps({"Version": "2012-10-17", "Statement": list(statements)})
        IAM.put_role_policy(RoleName=of, PolicyName="own", PolicyDocument=document)
    return arn


def allow(action, resource="*"):
    return {"Effect": "Allow", "Action": action, "Resource": resource}


def python(code, *statements, handler="index.handler", **settings):
    """A function of Python; its name and its ARN."""
    of = name()
    given = {"Runtime": "python3.12", "Handler": handler, "Timeout": 20, "MemorySize": 256} | settings
    given.setdefault("Role", role(LOG, *statements))
    given.setdefault("Code", {"ZipFile": zipped(index__py=code)})
    return of, LAMBDA.create_function(FunctionName=of, **given)["FunctionArn"]


def invoke(of, payload=None, **settings):
    answer = LAMBDA.invoke(FunctionName=of, Payload=json.dumps({} if payload is None else payload), LogType="Tail", **settings)
    body = answer["Payload"].read()
    return json.loads(body) if body else None, answer.get("FunctionError"), base64.b64decode(answer.get("LogResult", "")).decode()


def until(what, seconds=20):
    """Waits until there is something, and returns it."""
    deadline = time.monotonic() + seconds
    while not (found := what()):
        if time.monotonic() > deadline:
            raise AssertionError("it did not come")
        time.sleep(0.1)
    return found


def lines(of):
    """All lines of a function's log."""
    group = f"/aws/lambda/{of}"
    try:
        return [one["message"] for one in LOGS.filter_log_events(logGroupName=group)["events"]]
    except LOGS.exceptions.ResourceNotFoundException:
        return []


def queue(**attributes):
    url = SQS.create_queue(QueueName=name("q"), Attributes=attributes)["QueueUrl"]
    arn = SQS.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    return url, arn


def message(url, seconds=20):
    def read():
        return SQS.receive_message(QueueUrl=url, MessageAttributeNames=["All"], WaitTimeSeconds=1).get("Messages")

    found = until(read, seconds)[0]
    SQS.delete_message(QueueUrl=url, ReceiptHandle=found["ReceiptHandle"])
    return found


def table():
    of = name("t")
    key = {"KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}], "BillingMode": "PAY_PER_REQUEST"}
    TABLES.create_table(TableName=of, AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}], **key)
    return of, f"arn:aws:dynamodb:{REGION}:{MEMBER}:table/{of}"


def bucket():
    of = name("b")
    S3.create_bucket(Bucket=of, CreateBucketConfiguration={"LocationConstraint": REGION})
    return of


def notify(of, arn, function, events=("s3:ObjectCreated:*",), **rules):
    """Lets a bucket call a function, and makes it do so."""
    LAMBDA.add_permission(
        FunctionName=function,
        StatementId=of,
        Action="lambda:InvokeFunction",
        Principal="s3.amazonaws.com",
        SourceArn=f"arn:aws:s3:::{of}",
        SourceAccount=MEMBER,
    )
    one = {"LambdaFunctionArn": arn, "Events": list(events)}
    if rules:
        one["Filter"] = {"Key": {"FilterRules": [{"Name": key, "Value": value} for key, value in rules.items()]}}
    S3.put_bucket_notification_configuration(Bucket=of, NotificationConfiguration={"LambdaFunctionConfigurations": [one]})


def metric(of, which):
    now = datetime.datetime.now(datetime.UTC)
    found = METRICS.get_metric_statistics(
        Namespace="AWS/Lambda",
        MetricName=which,
        Dimensions=[{"Name": "FunctionName", "Value": of}],
        StartTime=now - datetime.timedelta(minutes=10),
        EndTime=now + datetime.timedelta(minutes=1),
        Period=3600,
        Statistics=["Sum"],
    )["Datapoints"]
    return sum(one["Sum"] for one in found)


PUTS = """
import json, os, urllib.parse
import boto3
table = boto3.resource("dynamodb").Table(os.environ["TABLE"])
def handler(event, context):
    for record in event["Records"]:
        key = urllib.parse.unquote_plus(record["s3"]["object"]["key"])
        print("putting", key)
        table.put_item(Item={"pk": key, "event": json.dumps(record), "arn": context.invoked_function_arn})
"""
ECHO = "def handler(event, context):\n    print('got', event)\n    return event\n"


class Refusals(unittest.TestCase):
    def refused(self, code, words, call, **given):
        with self.assertRaises(ClientError) as caught:
            call(**given)
        error = caught.exception.response["Error"]
        self.assertEqual(error["Code"], code, error)
        self.assertIn(words, error["Message"])
        return caught.exception.response
