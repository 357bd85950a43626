"""One difference between what a contract promises and what is live, with the way to repair it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Literal

Problem = Literal["missing", "wrong_type", "wrong_pattern", "stale_digest", "unknown_version"]
"""What can be wrong at a path."""


@dataclass(frozen=True)
class Place:
    """Where a contract is read."""

    contract: str
    environment: str
    root: str

    @property
    def deployment(self) -> str:
        """What publishes the contract there."""
        if self.contract == "zone":
            return f"`zone up -e {self.environment}`"
        return f"the deployment of `{self.contract}` to environment `{self.environment}`"


@dataclass(frozen=True)
class Finding:
    """What is wrong at one path."""

    place: Place
    path: str
    """Full path, for example `/acme/dev/kms/secret/arn`."""
    owner: str
    """The stack that publishes it."""
    problem: Problem
    promised: str = ""
    """Type, pattern, digest or newest version, as the problem has it."""
    found: str = ""
    """What is there instead."""

    def __str__(self) -> str:
        return f"`{self.path}` of environment `{self.place.environment}` (stack {self.owner}): {self._cause()}"

    def _cause(self) -> str:
        if self.problem == "missing":
            return "promised and not published"
        if self.problem == "wrong_type":
            return f"is a {self.found} and should be a {self.promised}"
        if self.problem == "wrong_pattern":
            found = json.dumps(self.found, ensure_ascii=False)[1:-1]
            return f"is `{found}` and should match {self.promised}"
        if self.problem == "stale_digest":
            return (
                f"says {self.found}, what is published has {self.promised}: a publication is not finished, or "
                "somebody changed a value"
            )
        return f"is version {self.found}, this program knows 1 to {self.promised}"

    @property
    def repair(self) -> str:
        """The way out."""
        up = self.place.deployment
        if self.problem == "missing":
            return f"{up} publishes it"
        if self.problem in ("wrong_type", "wrong_pattern"):
            return f"{up} mends what was changed behind its back; if it stays, `{self.path}` has another writer"
        if self.problem == "stale_digest":
            return (
                f"if a deployment is at work, wait for its end; else {up} finishes the publication and mends what was "
                "changed"
            )
        return "use a build that knows this version"
