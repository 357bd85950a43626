"""One line that says whether what stands in SSM is what was published together."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable


def digest(contract: str, version: int, values: Iterable[tuple[str, str]]) -> str:
    """SHA-256, in lower-case hex, over contract, version and all (full path, value) pairs, in any order.

    It is what `contract/digest` has when the publication is whole. The `contract/*` parameters do not belong in it.
    """
    hashed = hashlib.sha256(f"{contract} contract {version}\n".encode())
    for path, value in sorted(values):
        hashed.update(f"{len(path.encode())}:{path} {len(value.encode())}:{value}\n".encode())
    return hashed.hexdigest()
