"""The packages that the scaffold is read from, as they are pinned in the repository, installed once below ZONE_TOOLS."""

import hashlib
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import zipfile

from problem import Problem

ROOT = pathlib.Path(__file__).resolve().parents[2]

# Package, and the file that pins it with its hashes.
PINS = (
    ("pulumi-aws", "bin/tests/it/official_sdk/requirements.txt"),
    ("botocore", "tools/emulator/requirements.txt"),
    ("cfn-lint", "tools/scaffold/requirements.txt"),
)


def pinned(package, file):
    """The lines that pin a package."""
    found = re.search(rf"^{package}==.*(?:\n    --hash=.*)*", (ROOT / file).read_text(), re.MULTILINE)
    if not found:
        raise Problem(
            f"finding package `{package}`, {file}: it is not pinned there", "pin it with its hashes, as the others are"
        )
    return found[0]


def tools():
    return pathlib.Path(os.environ.get("ZONE_TOOLS") or ROOT / ".zone/tools")


def installed():
    """The folder with the three wheels."""
    wanted = "\n".join(pinned(package, file) for package, file in PINS) + "\n"
    kept = tools() / f"scaffold-{hashlib.sha256(wanted.encode()).hexdigest()[:12]}"
    if kept.is_dir():
        return kept
    tools().mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=tools()) as folder:
        list_ = pathlib.Path(folder, "requirements.txt")
        list_.write_text(wanted)
        wheels = pathlib.Path(folder, "wheels")
        command = [
            sys.executable,
            "-m",
            "pip",
            "download",
            "--quiet",
            "--no-deps",
            "--require-hashes",
            "--only-binary",
            ":all:",
        ]
        ran = subprocess.run([*command, "-r", str(list_), "-d", str(wheels)], capture_output=True, text=True)
        if ran.returncode:
            said = " ".join(ran.stderr.split())[-400:]
            raise Problem(
                f"installing packages `pulumi-aws`, `botocore`, `cfn-lint`, {kept}: {said or 'pip gave no reason'}",
                "run it once with network and with pip (`python3 -m pip --version`): they are kept there",
            )
        try:
            wheels.rename(kept)
        except OSError:
            # another run was faster, with the same packages
            if not kept.is_dir():
                raise
    return kept


class Wheel:
    """A wheel's files, read without unpacking it."""

    def __init__(self, prefix):
        (path,) = sorted(installed().glob(f"{prefix}-*.whl"))
        self.archive = zipfile.ZipFile(path)
        self.names = set(self.archive.namelist())

    def bytes(self, name):
        return self.archive.read(name) if name in self.names else None

    def text(self, name):
        found = self.bytes(name)
        return None if found is None else found.decode()
