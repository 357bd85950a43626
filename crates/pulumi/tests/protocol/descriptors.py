"""Prints the official descriptors of Pulumi's protocol: one serialized FileDescriptorProto a line, in hex.

They stand as bytes literals in the generated modules of the Python SDK. Its wheel, pinned with its hash in
requirements.txt, is downloaded into the directory given as the argument and kept there for later runs.
Nothing of it is imported or run.
"""

import ast
import hashlib
import pathlib
import re
import subprocess
import sys
import zipfile

REQUIREMENTS = pathlib.Path(__file__).with_name("requirements.txt")
MODULES = "pulumi/runtime/proto/"


def kept(directory, wanted):
    """The wheel in the directory, if it is there and whole."""
    for wheel in directory.glob("*.whl"):
        if hashlib.sha256(wheel.read_bytes()).hexdigest() == wanted:
            return wheel
    return None


def download(directory):
    """Lets pip fetch the wheel, which checks its hash."""
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary", ":all:"]
    command += ["--disable-pip-version-check", "--no-input", "--require-hashes"]
    command += ["--requirement", str(REQUIREMENTS), "--dest", str(directory)]
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    if ran.returncode != 0:
        sys.exit(f"no copy is kept in {directory}, and pip could not download one:\n{ran.stdout}{ran.stderr}")


def descriptors(source):
    """The arguments of AddSerializedFile in the text of a module."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "AddSerializedFile":
            yield ast.literal_eval(node.args[0])


def main():
    """Downloads unless kept, and prints."""
    directory = pathlib.Path(sys.argv[1])
    directory.mkdir(parents=True, exist_ok=True)
    wanted = re.search(r"--hash=sha256:([0-9a-f]{64})", REQUIREMENTS.read_text()).group(1)
    if kept(directory, wanted) is None:
        download(directory)
    wheel = kept(directory, wanted)
    if wheel is None:
        sys.exit(f"pip left no wheel with the wanted hash in {directory}")
    with zipfile.ZipFile(wheel) as archive:
        for name in sorted(archive.namelist()):
            if name.startswith(MODULES) and name.endswith("_pb2.py"):
                for descriptor in descriptors(archive.read(name).decode()):
                    print(descriptor.hex())


if __name__ == "__main__":
    main()
