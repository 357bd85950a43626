"""What the program was started with, and what is the same for every group."""

import json
import os
import sys
from pathlib import Path

DIR, PROVIDER, MEMBER, MANAGEMENT, ROLE, TYPES = Path(sys.argv[1]), *sys.argv[2:]
REGION, ELSEWHERE = "ap-southeast-2", "eu-west-1"
ROLE_ARN = f"arn:aws:iam::{MEMBER}:role/{ROLE}"
PROJECT = "official"
# taken away: the provider is to know it from its own arguments alone
ENDPOINT = os.environ.pop("AWS_ENDPOINT_URL")


def policy(resource, action, effect="Allow", sid="One", principal=None):
    """A policy of a resource."""
    principal = principal or {"AWS": f"arn:aws:iam::{MEMBER}:root"}
    return document(Sid=sid, Effect=effect, Principal=principal, Action=action, Resource=resource)


def document(**statement):
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})
