"""One reading of a contract: whole, of the promised shapes, and typed. `_client.py` reads it from SSM."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Generic, Literal, TypeVar

from zone_contract._arn import Arn
from zone_contract._contract import (
    DIGEST_NAME,
    META,
    PUBLISHED_AT_NAME,
    VERSION_NAME,
    Contract,
    Template,
    template_of,
)
from zone_contract._digest import digest
from zone_contract._errors import Missing, NotPromised, NotPublished, StackNotDeployed, broken
from zone_contract._finding import Finding, Place


@dataclass(frozen=True)
class Parameter:
    """One parameter as SSM answers."""

    kind: str
    """`String`, `StringList`, `SecureString`."""
    value: str


Live = Mapping[str, Parameter]
"""What is live, by full path: everything below the root, also what other teams publish there."""

Newer = Literal["refuse", "accept"]
"""What to do about a contract that is newer than this build: its digest cannot be checked."""

StackT = TypeVar("StackT", bound=str)


@dataclass(frozen=True)
class Values:
    """What a snapshot is made of: values that were checked."""

    place: Place
    version: int
    newest: int
    templates: tuple[Template, ...]
    values: Mapping[str, str]
    """By path below the root."""


class Snapshot(Generic[StackT]):
    """The contract of one environment as it was read at one time. `_generated.py` adds a method for each path."""

    def __init__(self, values: Values) -> None:
        self._from = values

    @property
    def version(self) -> int:
        """Version of the contract."""
        return self._from.version

    @property
    def is_verified(self) -> bool:
        """Whether the digest was checked: not of a version newer than this build."""
        return self._from.version <= self._from.newest

    @property
    def digest(self) -> str:
        """Digest of the publication; it changes when any value does."""
        return self.get(DIGEST_NAME)

    @property
    def published_at(self) -> str:
        """When this content was published first, RFC 3339 in UTC."""
        return self.get(PUBLISHED_AT_NAME)

    def items(self) -> Iterator[tuple[str, str]]:
        """Every path with its value, as it stands in SSM; the contract's own too."""
        return iter(self._from.values.items())

    def get(self, path: str) -> str:
        """The value of a path (`kms/secret/arn`), as it stands in SSM: of a list, with its commas."""
        source = self._from
        value = source.values.get(path)
        if value is not None:
            return value
        template = template_of(source.templates, source.newest, path)
        if template is None:
            raise NotPromised(source.place, path)
        if not self._has(template.owner):
            raise StackNotDeployed(source.place, path, template.owner)
        raise Missing(source.place, Finding(source.place, f"{source.place.root}/{path}", template.owner, "missing"))

    def get_list(self, path: str) -> tuple[str, ...]:
        """The items of a list."""
        return tuple(self.get(path).split(","))

    def has(self, stack: StackT) -> bool:
        """Whether this environment deploys a stack: a whole contract has everything of a stack, or nothing."""
        return self._has(stack)

    def _has(self, stack: str) -> bool:
        source = self._from
        owners = (template_of(source.templates, source.newest, path) for path in source.values)
        return any(template is not None and template.owner == stack for template in owners)

    def _text(self, template: str, *names: str) -> str:
        """The value of a template with `names` in its placeholders' places.

        Through the template, and not by putting a path together: `firehose/{stream}/arn` with the stream `dlq` would be
        the ARN of a queue.
        """
        source = self._from
        rest = iter(names)
        path = re.sub(r"\{[^}]*\}", lambda _: next(rest), template)
        for known in source.templates:
            if known.path == template and source.newest in known.versions and known.subjects(path) == names:
                return self.get(path)
        raise NotPromised(source.place, path)

    def _arn(self, template: str, *names: str) -> Arn:
        return Arn(self._text(template, *names))

    def _list(self, template: str, *names: str) -> tuple[str, ...]:
        return tuple(self._text(template, *names).split(","))


def check(contract: Contract[Any], place: Place, live: Live, newer: Newer) -> Values:
    """Checks what is live against the contract: raises, or returns what a snapshot is made of."""
    below = f"{place.root}/"
    ours = {path[len(below) :]: found for path, found in sorted(live.items()) if path.startswith(below)}
    newest = contract.version
    known = {name: found.value for name, found in ours.items() if template_of(contract.templates, newest, name)}
    if not known:
        raise NotPublished(place)
    findings = _shapes(contract, place, ours)
    published = _published_version(ours)
    if published is not None:
        wrong = _version_or_digest(contract, place, ours, published)
        if wrong is not None and not (wrong.problem == "unknown_version" and newer == "accept"):
            findings.append(wrong)
    if findings:
        raise broken(place, findings)
    version = published or 0
    # what an older version does not cover is not in its digest either
    covers = min(version, newest)
    values = {name: value for name, value in known.items() if template_of(contract.templates, covers, name)}
    return Values(place, version, newest, contract.templates, values)


def _published_version(ours: Mapping[str, Parameter]) -> int | None:
    """`None` if it is missing or no number; its pattern says so."""
    found = ours.get(VERSION_NAME)
    return int(found.value) if found and re.fullmatch("[0-9]{1,9}", found.value) else None


def _shapes(contract: Contract[Any], place: Place, ours: Mapping[str, Parameter]) -> list[Finding]:
    """What is there is of the promised type and pattern, and the contract's own parameters are there."""
    newest = contract.version
    own = (known.path for known in contract.templates if known.owner == META and newest in known.versions)
    findings = []
    for name in [*ours, *(path for path in own if path not in ours)]:
        template = template_of(contract.templates, newest, name)
        finding = template and _problem(place, f"{place.root}/{name}", template, ours.get(name))
        if finding:
            findings.append(finding)
    return findings


def _problem(place: Place, path: str, template: Template, found: Parameter | None) -> Finding | None:
    if found is None:
        return Finding(place, path, template.owner, "missing") if template.deprecated_since is None else None
    if found.kind != template.kind:
        return Finding(place, path, template.owner, "wrong_type", template.kind, found.kind)
    if not template.accepts(found.value):
        return Finding(place, path, template.owner, "wrong_pattern", template.pattern, found.value)
    return None


def _version_or_digest(
    contract: Contract[Any], place: Place, ours: Mapping[str, Parameter], published: int
) -> Finding | None:
    if not any(published in template.versions for template in contract.templates):
        path = f"{place.root}/{VERSION_NAME}"
        return Finding(place, path, META, "unknown_version", str(contract.version), str(published))
    covered = []
    for name, found in ours.items():
        template = template_of(contract.templates, published, name)
        if template is not None and template.owner != META:
            covered.append((f"{place.root}/{name}", found.value))
    computed = digest(contract.name, published, covered)
    said = ours.get(DIGEST_NAME)
    if said is None or said.value == computed:
        return None
    return Finding(place, f"{place.root}/{DIGEST_NAME}", META, "stale_digest", computed, said.value)
