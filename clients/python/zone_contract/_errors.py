"""Why there is no value: one class for each case. The text ends with the way out, as `hint` has it alone."""

from __future__ import annotations

from collections.abc import Sequence

from zone_contract._finding import Finding, Place


class ContractError(Exception):
    """Base of all errors of this package."""

    def __init__(self, place: Place, cause: str, hint: str) -> None:
        super().__init__(f"{cause}\nhint: {hint}")
        self.place = place
        """Contract, environment and root."""
        self.hint = hint
        """The way out."""


def _reading(place: Place) -> str:
    return f"reading the contract of environment `{place.environment}`"


class NotPublished(ContractError):
    """Nothing of the contract is there."""

    def __init__(self, place: Place) -> None:
        super().__init__(
            place,
            f"{_reading(place)}: nothing is published below `{place.root}`",
            f"{place.deployment} publishes it; are account, region and root (`{place.root}`) those of the environment?",
        )


class Broken(ContractError):
    """What is there is not what was promised. Do not use the values, not even those that look right."""

    def __init__(self, place: Place, findings: Sequence[Finding]) -> None:
        repairs = dict.fromkeys(finding.repair for finding in findings)
        super().__init__(place, f"reading the contract: {'; '.join(map(str, findings))}", "; ".join(repairs))
        self.findings = tuple(findings)


class StaleDigest(Broken):
    """The digest is not that of the values.

    A publication is at work or was not finished, or somebody changed a value.
    """


class NewerContract(Broken):
    """The contract is of a version that this build does not know. `newer="accept"` reads it anyway."""


def broken(place: Place, findings: Sequence[Finding]) -> Broken:
    """What is wrong, as the class that callers can tell apart."""
    problems = {finding.problem for finding in findings}
    if problems == {"stale_digest"}:
        return StaleDigest(place, findings)
    if problems == {"unknown_version"}:
        return NewerContract(place, findings)
    return Broken(place, findings)


class Missing(ContractError):
    """The contract promises such a value, and this environment has none of that name."""

    def __init__(self, place: Place, finding: Finding) -> None:
        hint = f"is the name spelt as in the configuration? {finding.repair}"
        super().__init__(place, f"reading the contract: {finding}", hint)
        self.finding = finding


class StackNotDeployed(ContractError):
    """The contract is whole, and this environment does not deploy the stack that would publish the value."""

    def __init__(self, place: Place, path: str, owner: str) -> None:
        super().__init__(
            place,
            f"{_reading(place)}: it has no `{path}`, as stack {owner} is not deployed there",
            f"do without the value, or configure stack {owner}: {place.deployment} deploys it",
        )
        self.path = path
        """As asked for."""
        self.owner = owner
        """The stack that publishes it elsewhere."""


class NotPromised(ContractError):
    """No version that this build knows promises it."""

    def __init__(self, place: Place, path: str) -> None:
        super().__init__(
            place,
            f"{_reading(place)}: it has no `{path}`",
            "docs/contract.md lists what is promised"
            if place.contract == "zone"
            else f"the documents of contract `{place.contract}` list what is promised",
        )
        self.path = path
        """As asked for."""


class CallFailed(ContractError):
    """SSM did not answer, after all retries of the SDK. `__cause__` has the SDK's error."""

    def __init__(self, place: Place, cause: Exception) -> None:
        code = _code(cause)
        super().__init__(
            place,
            f"{_reading(place)} below `{place.root}`: {code or type(cause).__name__}: {cause}",
            "share one client in the process, or allow more attempts with `retries` of botocore's Config"
            if code == "ThrottlingException"
            else "the caller needs credentials of the environment's account that allow ssm:GetParametersByPath on "
            f"parameter{place.root}",
        )
        self.code = code
        """AWS's code of the error, if AWS answered."""


def _code(cause: Exception) -> str | None:
    """The code of a botocore ClientError, which has the answer in `response`."""
    response = getattr(cause, "response", None)
    error = response.get("Error") if isinstance(response, dict) else None
    code = error.get("Code") if isinstance(error, dict) else None
    return code if isinstance(code, str) else None
