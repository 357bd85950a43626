"""The zone's contract, read from SSM.

>>> client = Client(boto3.client("ssm"), environment="dev", root="/acme/dev")
>>> client.contract().bucket_name("reports")
"""

from __future__ import annotations

from datetime import timedelta

from zone_contract._generated import TEMPLATES as TEMPLATES
from zone_contract._generated import VERSION as VERSION
from zone_contract._generated import ZONE as ZONE
from zone_contract._generated import Stack as Stack
from zone_contract._generated import Zone as Zone
from zone_contract.runtime import *  # noqa: F403
from zone_contract.runtime import TIME_TO_LIVE, Newer, Reader, Ssm


class Client(Reader[Zone]):
    """Reader of the zone's contract in one environment. Create it outside of the handler and share it."""

    def __init__(
        self,
        ssm: Ssm,
        *,
        environment: str,
        root: str,
        time_to_live: timedelta = TIME_TO_LIVE,
        newer: Newer = "refuse",
    ) -> None:
        super().__init__(ZONE, ssm, environment=environment, root=root, time_to_live=time_to_live, newer=newer)
