"""The cold start: settings, clients, the log."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import unittest
from pathlib import Path

from doubles import LOG

import object_audit
from journal import LOGGER, JsonLine, start
from notification import Refusal

HERE = Path(__file__).parent.parent


def cold_start(code: str, **changes: str) -> subprocess.CompletedProcess[str]:
    """Imports the handler in a process of its own, as Lambda does, and runs the code."""
    environment = {name: value for name, value in (os.environ | changes).items() if value}
    command = [sys.executable, "-c", f"import object_audit\n{code}"]
    return subprocess.run(command, cwd=HERE, env=environment, capture_output=True, text=True, check=False)


class Settings(unittest.TestCase):
    """The environment."""

    def test_a_missing_name_fails_the_start_and_is_named(self) -> None:
        for name in ("TABLE_NAME", "BUCKET_NAME"):
            done = cold_start("", **{name: ""})
            self.assertEqual(done.returncode, 1)
            self.assertIn(f"starting function, environment variable `{name}`: a value is expected", done.stderr)
            self.assertIn("hint: set it", done.stderr)
        self.assertEqual(cold_start("").returncode, 0)

    def test_a_blank_name_is_a_missing_one(self) -> None:
        self.assertEqual(object_audit.setting({"TABLE_NAME": "audit"}, "TABLE_NAME"), "audit")
        with self.assertRaisesRegex(Refusal, "`TABLE_NAME`"):
            object_audit.setting({"TABLE_NAME": " "}, "TABLE_NAME")

    def test_the_names_are_those_of_the_environment(self) -> None:
        self.assertEqual((object_audit.AUDITOR.table, object_audit.AUDITOR.bucket), ("audit-table", "audit-bucket"))

    def test_the_clients_give_up_before_the_function_does(self) -> None:
        for call in (object_audit.AUDITOR.head_object, object_audit.AUDITOR.put_item):
            config = getattr(call, "__self__").meta.config
            self.assertEqual(config.retries["mode"], "standard")
            attempt = config.connect_timeout + config.read_timeout
            # Two calls, with pauses of at most 20 seconds between the attempts, within five minutes
            self.assertLess(2 * config.retries["total_max_attempts"] * (attempt + 20), 300)


class Log(unittest.TestCase):
    """One JSON object a line."""

    def test_a_line_is_json_with_level_and_request(self) -> None:
        with self.assertLogs("object_audit", "INFO") as logs:
            LOG.info("object recorded", object_key="a\nb Ü")
        text = JsonLine().format(logs.records[0])
        self.assertNotIn("\n", text)
        line = json.loads(text)
        self.assertRegex(line.pop("timestamp"), r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+00:00$")
        expected = {"level": "INFO", "message": "object recorded", "request_id": "request-1", "object_key": "a\nb Ü"}
        self.assertEqual(line, expected)

    def test_a_line_is_written_once_to_stdout(self) -> None:
        # Lambda has a handler on the root logger
        code = "import logging; logging.basicConfig(force=True); object_audit.Journal('r').info('here')"
        done = cold_start(code)
        self.assertEqual((json.loads(done.stdout)["message"], done.stderr), ("here", ""))

    def test_a_second_start_adds_no_second_output(self) -> None:
        before = list(LOGGER.handlers)
        start()
        self.assertEqual((len(before), LOGGER.handlers), (1, before))


if __name__ == "__main__":
    unittest.main()
