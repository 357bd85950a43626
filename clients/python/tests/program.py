"""Answers each line of the standard input, a case, with one of the standard output: `crates/contract/tests/clients` asks."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from typing import Any

import boto3
from zone_contract import Client, ContractError


def attempt(read: Callable[[], object]) -> object:
    try:
        return read()
    except ContractError as error:
        return said(error)


def said(error: ContractError) -> dict[str, str]:
    return {"error": type(error).__name__, "message": str(error)}


def read(ssm: Any, asked: dict[str, Any]) -> object:
    zone = Client(ssm, environment="dev", root=asked["root"], newer=asked["newer"]).contract()
    methods = [(getattr(zone, name), names) for name, names in asked["accessors"]]
    return {
        "version": zone.version,
        "verified": zone.is_verified,
        "digest": zone.digest,
        "publishedAt": zone.published_at,
        "network": zone.has("network"),
        "entries": dict(zone.items()),
        "accessors": [attempt(lambda: method(*names)) for method, names in methods],
        "asked": [attempt(lambda: zone.get(path)) for path in asked["asked"]],
    }


def call(times: int) -> object:
    from example.handler import handler

    return [handler({}, None) for _ in range(times)]


def main() -> None:
    ssm = boto3.client("ssm")
    for line in sys.stdin:
        asked = json.loads(line)
        answer = call(asked["handler"]) if "handler" in asked else attempt(lambda: read(ssm, asked))
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
