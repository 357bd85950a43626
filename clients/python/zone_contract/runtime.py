"""What every contract needs; the generated file of a module's contract imports from here."""

from __future__ import annotations

from zone_contract._arn import Arn
from zone_contract._client import TIME_TO_LIVE, Reader, Reading, Ssm
from zone_contract._contract import Contract, Kind, Template
from zone_contract._digest import digest
from zone_contract._errors import (
    Broken,
    CallFailed,
    ContractError,
    Missing,
    NewerContract,
    NotPromised,
    NotPublished,
    StackNotDeployed,
    StaleDigest,
)
from zone_contract._finding import Finding, Place, Problem
from zone_contract._snapshot import Live, Newer, Parameter, Snapshot, Values, check

__all__ = [
    "TIME_TO_LIVE",
    "Arn",
    "Broken",
    "CallFailed",
    "Contract",
    "ContractError",
    "Finding",
    "Kind",
    "Live",
    "Missing",
    "Newer",
    "NewerContract",
    "NotPromised",
    "NotPublished",
    "Parameter",
    "Place",
    "Problem",
    "Reader",
    "Reading",
    "Snapshot",
    "Ssm",
    "StackNotDeployed",
    "StaleDigest",
    "Template",
    "Values",
    "check",
    "digest",
]
