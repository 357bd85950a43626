"""As much of SSM as the reader talks to, in this process: `GetParametersByPath`, page by page."""

from __future__ import annotations

import json
import math
import re
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

from zone_contract import TEMPLATES, TIME_TO_LIVE, VERSION, Client, Newer, Parameter, digest

SAMPLE: dict[str, Any] = json.loads((Path(__file__).parents[2] / "sample.json").read_text(encoding="utf-8"))
"""A zone of the shipped size with made-up names, as Rust publishes it."""
ENVIRONMENT: str = SAMPLE["environment"]
ROOT: str = SAMPLE["root"]
SIZE = len(SAMPLE["parameters"])
CALLS = math.ceil(SIZE / 10)
"""How many calls one reading takes."""


class ClientError(Exception):
    """As botocore raises it."""

    def __init__(self, code: str) -> None:
        super().__init__(f"An error occurred ({code}): told to")
        self.response = {"Error": {"Code": code, "Message": "told to"}}


class Fake:
    """Holds a contract, and counts what it is asked."""

    def __init__(self) -> None:
        self.live = {found["Name"]: Parameter(found["Type"], found["Value"]) for found in SAMPLE["parameters"]}
        self.requests: list[dict[str, Any]] = []
        self.refuses: str | None = None
        """Code of the error with which everything is answered."""
        self.empty_page_first = False
        """As AWS may send one."""

    @property
    def calls(self) -> int:
        return len(self.requests)

    def client(
        self,
        *,
        environment: str = ENVIRONMENT,
        root: str = ROOT,
        time_to_live: timedelta = TIME_TO_LIVE,
        newer: Newer = "refuse",
    ) -> Client:
        """A reader of what it holds."""
        return Client(self, environment=environment, root=root, time_to_live=time_to_live, newer=newer)

    def put(self, name: str, value: str, kind: str = "String") -> None:
        """Puts a value behind the back of the publication."""
        self.live[f"{ROOT}/{name}"] = Parameter(kind, value)

    def remove(self, name: str) -> None:
        del self.live[f"{ROOT}/{name}"]

    def sign(self, version: int = VERSION) -> None:
        """Puts the digest of what is there, as a publication does at its end."""
        known = [known.path for known in TEMPLATES if known.owner != "contract" and version in known.versions]
        forms = [re.sub(r"\{\w+\}", "[^/]+", f"{ROOT}/{path}") for path in known]
        covered = [path for path in self.live if any(re.fullmatch(form, path) for form in forms)]
        self.put("contract/digest", digest("zone", version, [(path, self.live[path].value) for path in covered]))

    def get_parameters_by_path(self, **request: Any) -> dict[str, Any]:
        self.requests.append(request)
        # long enough for callers to meet
        time.sleep(0.001)
        if self.refuses is not None:
            raise ClientError(self.refuses)
        if self.empty_page_first and "NextToken" not in request:
            return {"Parameters": [], "NextToken": "0"}
        below = [(path, found) for path, found in self.live.items() if path.startswith(f"{request['Path']}/")]
        start = int(request.get("NextToken", 0))
        end = start + int(request["MaxResults"])
        page = [{"Name": path, "Type": found.kind, "Value": found.value} for path, found in below[start:end]]
        return {"Parameters": page, **({"NextToken": str(end)} if end < len(below) else {})}
