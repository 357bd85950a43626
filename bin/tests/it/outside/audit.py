"""Uses a deployed object-audit as its users do: with boto3 alone. Prints one JSON object of what was seen.

Usage: audit.py PREFIX ENVIRONMENT, with the variables of `zone emulator env`
"""

import json
import sys
import time

import boto3

prefix, environment = sys.argv[1:]


def name(purpose):
    return f"{prefix}-object-audit-{purpose}-{environment}"


s3, table, sqs, functions, alarms = (boto3.client(service) for service in ("s3", "dynamodb", "sqs", "lambda", "cloudwatch"))


def items(key):
    pk = {"S": f"OBJECT#{name('objects')}/{key}"}
    answer = table.query(
        TableName=name("items"), KeyConditionExpression="pk = :pk", ExpressionAttributeValues={":pk": pk}, ConsistentRead=True
    )
    return answer["Items"]


def wait(until, seconds):
    """Seconds until it holds; none when it does not in time."""
    began = time.monotonic()
    while time.monotonic() - began < seconds:
        if until():
            return round(time.monotonic() - began, 3)
        time.sleep(0.02)
    return None


def put(key, body):
    s3.put_object(Bucket=name("objects"), Key=key, Body=body, ChecksumAlgorithm="SHA256")


seen = {}
put("first/key with spaces + plus.txt", b"one")
seen["cold"] = wait(lambda: items("first/key with spaces + plus.txt"), 30)
put("second", b"two")
seen["warm"] = wait(lambda: items("second"), 30)
item = items("second")[0]
seen["size"], seen["sort_key"] = item["object_size"]["N"], item["sk"]["S"].split("#")[0]

# the same content again is no second item, another one is
put("second", b"two")
put("third", b"marks that the one before was processed")
wait(lambda: items("third"), 30)
time.sleep(0.5)
seen["twice"] = len(items("second"))
put("second", b"other")
wait(lambda: len(items("second")) > 1, 30)
seen["changed"] = len(items("second"))

# an event that the function refuses
event = {"Records": [{"eventVersion": "2.1", "eventSource": "aws:s3", "eventName": "ObjectCreated:Put",
                      "awsRegion": s3.meta.region_name, "eventTime": "2026-01-01T00:00:00.000Z",
                      "s3": {"bucket": {"name": "somebody-elses"}, "object": {"key": "k", "size": 1, "eTag": "e"}}}]}
functions.invoke(FunctionName=name("audit"), InvocationType="Event", Payload=json.dumps(event))
queue = sqs.get_queue_url(QueueName=name("failed"))["QueueUrl"]
letters = []


def letter():
    letters.extend(sqs.receive_message(QueueUrl=queue, WaitTimeSeconds=1).get("Messages", []))
    return letters


seen["dead_letter"] = wait(letter, 30)
seen["letter_is_the_event"] = bool(letters) and "somebody-elses" in letters[0]["Body"]


def state():
    return alarms.describe_alarms(AlarmNames=[name("audit-errors")])["MetricAlarms"][0]["StateValue"]


seen["alarm"] = wait(lambda: state() == "ALARM", 30)
seen["state"] = state()
for page in s3.get_paginator("list_object_versions").paginate(Bucket=name("objects")):
    for version in page.get("Versions", []):
        s3.delete_object(Bucket=name("objects"), Key=version["Key"], VersionId=version["VersionId"])
print(json.dumps(seen))
