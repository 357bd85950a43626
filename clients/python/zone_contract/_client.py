"""Reads a contract from SSM, all of it at once, and keeps it for a while."""

from __future__ import annotations

import itertools
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final, Generic, Protocol, TypeVar

from zone_contract._contract import Contract
from zone_contract._errors import CallFailed, ContractError
from zone_contract._finding import Place
from zone_contract._snapshot import Live, Newer, Parameter, check

S = TypeVar("S")

TIME_TO_LIVE: Final = timedelta(minutes=5)
"""How long a reading is served, unless said otherwise."""

_PAGE: Final = 10
"""The most that one call returns; AWS may return fewer.

https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_GetParametersByPath.html
"""


class Ssm(Protocol):
    """As much of boto3's client of SSM as the reader needs. Retries and credentials are those of the client."""

    @property
    def get_parameters_by_path(self) -> Callable[..., Any]:
        """One page of the parameters below a path."""


@dataclass(frozen=True)
class _Moment:
    """A moment on both clocks."""

    steady: float
    wall: float

    @classmethod
    def now(cls) -> _Moment:
        return cls(time.monotonic(), time.time())

    def age(self) -> timedelta:
        """Time since then, on the clock that says more.

        Lambda freezes a process between two calls, and SnapStart resumes it from a snapshot of its memory
        (https://docs.aws.amazon.com/lambda/latest/dg/snapstart.html, 2026-11-26); whether a steady clock counts that
        time is not documented. A wall clock counts it, and may be set back.
        """
        return timedelta(seconds=max(time.monotonic() - self.steady, time.time() - self.wall))


@dataclass(frozen=True)
class _Good(Generic[S]):
    """A reading that succeeded."""

    contract: S
    began: int
    """Its place in the order of events."""
    since: _Moment


@dataclass(frozen=True)
class Reading(Generic[S]):
    """A contract that may be older than its time to live."""

    contract: S
    age: timedelta
    failed: ContractError | None
    """Why it is not a younger one."""


class Reader(Generic[S]):
    """Reader of one contract in one environment.

    Share it, also between threads: callers wait for the one reading that is at work, and get its result, also if it is an
    error.
    """

    def __init__(
        self,
        contract: Contract[S],
        ssm: Ssm,
        *,
        environment: str,
        root: str,
        time_to_live: timedelta = TIME_TO_LIVE,
        newer: Newer = "refuse",
    ) -> None:
        """Reads nothing yet.

        `environment` ("dev") is named in errors; `root` ("/acme/dev") is where the contract stands. A `time_to_live` of
        zero reads every time. `newer` is what to do about a contract that is newer than this build.
        """
        self._contract = contract
        self._ssm = ssm
        self._place = Place(contract.name, environment, root.rstrip("/"))
        self._time_to_live = time_to_live
        self._newer: Newer = newer
        self._lock = threading.Lock()
        # numbers callers, begins and ends of readings in their order; clocks may give two of them the same time
        self._events = itertools.count()
        self._good: _Good[S] | None = None
        self._bad: tuple[ContractError, int] | None = None

    def contract(self) -> S:
        """The contract, read now or at most the time to live ago.

        An older one is never served, not even when SSM does not answer: see `contract_or_older`.
        """
        return self._reading(self._time_to_live).contract

    def refresh(self) -> S:
        """The contract, read now."""
        return self._reading(timedelta()).contract

    def contract_or_older(self, oldest: timedelta) -> Reading[S]:
        """As `contract`; if that fails, the last good reading, if it is at most `oldest` old.

        For a program that should rather go on with what it knows than stop.
        """
        try:
            good = self._reading(self._time_to_live)
        except ContractError as error:
            last = self._good
            if last is None or last.since.age() > oldest:
                raise
            return Reading(last.contract, last.since.age(), error)
        return Reading(good.contract, good.since.age(), None)

    def _reading(self, time_to_live: timedelta) -> _Good[S]:
        """Holds the lock while it reads: who comes meanwhile waits, and takes the result."""
        came = next(self._events)
        with self._lock:
            last = self._good
            if last is not None and (last.began > came or last.since.age() < time_to_live):
                return last
            # or a hundred callers would ask a service that is down one after the other
            if self._bad is not None and self._bad[1] > came:
                raise self._bad[0]
            began, since = next(self._events), _Moment.now()
            try:
                good = _Good(self._read(), began, since)
            except ContractError as error:
                self._bad = (error, next(self._events))
                raise
            self._good = good
            return good

    def _read(self) -> S:
        return self._contract.snapshot(check(self._contract, self._place, self._live(), self._newer))

    def _live(self) -> Live:
        live: dict[str, Parameter] = {}
        request: dict[str, Any] = {"Path": self._place.root, "Recursive": True, "MaxResults": _PAGE}
        while True:
            try:
                page = self._ssm.get_parameters_by_path(**request)
            except Exception as error:
                # whatever the SDK raises: botocore's errors have no base that is known without botocore
                raise CallFailed(self._place, error) from error
            for found in page.get("Parameters", []):
                live[found["Name"]] = Parameter(found["Type"], found["Value"])
            token = page.get("NextToken")
            if not token:
                return live
            request["NextToken"] = token
