"""Writes the log: one JSON object a line, with the id of the invocation.

The log has the names of objects, their versions and causes of errors. It never has a whole event, which carries
addresses and account ids of those who put, nor anything of an object's content.
"""

from __future__ import annotations

import json
import logging
import sys
from datetime import datetime, timezone

LOGGER = logging.getLogger("object_audit")


class JsonLine(logging.Formatter):
    """A record as one line of JSON. Line breaks in a key are escaped, so a key cannot forge a line."""

    def format(self, record: logging.LogRecord) -> str:
        time = datetime.fromtimestamp(record.created, timezone.utc).isoformat(timespec="milliseconds")
        line = {"timestamp": time, "level": record.levelname, "message": record.getMessage()}
        return json.dumps(line | getattr(record, "fields", {}))


class Journal:
    """The log of one invocation."""

    def __init__(self, request_id: str) -> None:
        self.request_id = request_id

    def info(self, message: str, **fields: object) -> None:
        """Something that is as it should be."""
        self._write(logging.INFO, message, fields)

    def warning(self, message: str, **fields: object) -> None:
        """Something unusual that needs no action."""
        self._write(logging.WARNING, message, fields)

    def error(self, message: str, **fields: object) -> None:
        """Something that failed."""
        self._write(logging.ERROR, message, fields)

    def _write(self, level: int, message: str, fields: dict[str, object]) -> None:
        LOGGER.log(level, message, extra={"fields": {"request_id": self.request_id} | fields})


def start() -> None:
    """Sends the log to stdout, once. Lambda's own handler on the root logger would write every line again, as text."""
    if not LOGGER.handlers:
        output = logging.StreamHandler(sys.stdout)
        output.setFormatter(JsonLine())
        LOGGER.addHandler(output)
    LOGGER.setLevel(logging.INFO)
    LOGGER.propagate = False
