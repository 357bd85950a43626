"""A Lambda function that reads the contract once per cold start, and answers with a bucket's name and its key."""

from __future__ import annotations

import os

import boto3
from zone_contract import Client

# outside of the handler: all calls of this process share one reading, for five minutes
client = Client(
    boto3.client("ssm"),
    environment=os.environ["ZONE_ENVIRONMENT"],
    root=os.environ["ZONE_CONTRACT_ROOT"],
)


def handler(_event: object, _context: object) -> dict[str, str]:
    zone = client.contract()
    return {
        "bucket": zone.bucket_name(os.environ["BUCKET"]),
        "key": zone.key_arn(os.environ["DATA_CLASS"]),
    }
