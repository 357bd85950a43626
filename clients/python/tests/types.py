"""What a type checker must refuse: mypy fails if it accepts one of these lines, as its comment is then not used."""

from __future__ import annotations

import boto3
from zone_contract import Arn, Client, Kind, Ssm, Stack, Zone

ssm: Ssm = boto3.client("ssm")
client = Client(boto3.client("ssm"), environment="dev", root="/acme/dev", newer="accept")
wrong = Client(ssm, environment="dev", root="/acme/dev", newer="ignore")  # type: ignore[arg-type]
nowhere = Client(ssm, environment="dev")  # type: ignore[call-arg]
queue = Client(boto3, environment="dev", root="/acme/dev")  # type: ignore[arg-type]
kind: Kind = "SecureString"  # type: ignore[assignment]
stack: Stack = "netwrok"  # type: ignore[assignment]


def reads(zone: Zone) -> None:
    zone.has("network")
    zone.has("networks")  # type: ignore[arg-type]
    key: Arn = zone.key_arn("secret")
    name: Arn = zone.bucket_name("attic")  # type: ignore[assignment]
    zone.client_id("guests")  # type: ignore[call-arg]
    zone.queue_arn("attic")  # type: ignore[attr-defined]
    zone.private_subnet_ids().append(key + name)  # type: ignore[attr-defined]
