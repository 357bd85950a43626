"""What a function's process runs, and what it knows: programs, folders, variables.

<https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html> and
<https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html> (2026-11-26)

python3.*        bootstrap.py, in that Python if PATH has it, else in the emulator's; boto3 is the emulator's
nodejs*          bootstrap.mjs, in the `node` of PATH
provided.*       the program `bootstrap` of the function
other runtimes   Runtime.InvalidEntrypoint

The process has the variables of AWS and of the function, and PATH. Not as on AWS: the file system is this machine's, so /var/task,
/opt and /tmp are elsewhere (LAMBDA_TASK_ROOT, TMPDIR), and the network is not cut off.
"""

import contextlib
import hashlib
import io
import os
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections import namedtuple

import running

HERE = os.path.dirname(os.path.abspath(__file__))
# What AWS's Python has, all of it without machine code, so that any version can import it.
SDK = "boto3 botocore s3transfer jmespath dateutil urllib3 six.py".split()

# What a sandbox runs; `revision` changes with the code and the configuration.
Plan = namedtuple(
    "Plan", "arn name version revision runtime handler memory timeout code layers environment group stream json_log"
)


class Entrypoint(Exception):
    """There is no program to run."""


# ---- Folders


@contextlib.contextmanager
def made(path):
    """A folder that has its name when it is complete."""
    part = tempfile.mkdtemp(dir=os.path.dirname(path))
    yield part
    try:
        os.rename(part, path)
    except OSError:
        # somebody else was faster
        shutil.rmtree(part, ignore_errors=True)


def home(*parts):
    return os.path.join(running.FOLDER, "functions", *parts)


def forget():
    """Removes what an emulator before this one has unpacked."""
    shutil.rmtree(home(), ignore_errors=True)
    os.makedirs(home("code"))
    os.makedirs(home("tmp"))


def unpacked(code):
    """The folder of a zip's files, with the modes that the zip gives them."""
    path = home("code", hashlib.sha256(code).hexdigest()[:32])
    if not os.path.isdir(path):
        with made(path) as part, zipfile.ZipFile(io.BytesIO(code)) as archive:
            for one in archive.infolist():
                place = archive.extract(one, part)
                if mode := one.external_attr >> 16 & 0o777:
                    os.chmod(place, mode | 0o600 if not one.is_dir() else mode | 0o700)
            os.chmod(part, 0o755)
    return path


def sdk():
    """A folder with AWS's SDK for Python, and nothing else of the emulator's packages."""
    path = home("sdk")
    if not os.path.isdir(path):
        import botocore

        packages = os.path.dirname(os.path.dirname(botocore.__file__))
        with made(path) as part:
            for name in SDK:
                os.symlink(os.path.join(packages, name), os.path.join(part, name))
            os.chmod(part, 0o755)
    return path


# ---- Programs


def python(runtime):
    """The Python of a runtime, and its version; the emulator's where PATH has none that works."""
    if runtime not in PYTHONS:
        PYTHONS[runtime] = sys._base_executable, "{}.{}.{}".format(*sys.version_info)
        if found := shutil.which(runtime):
            # one that only says that it is not installed (pyenv) is none
            asked = [found, "-I", "-S", "-c", "import sys; print(sys.executable); print(sys.version.split()[0])"]
            answered = subprocess.run(asked, capture_output=True, text=True, timeout=30, check=False)
            if answered.returncode == 0 and f"python{answered.stdout.split()[1]}".startswith(f"{runtime}."):
                PYTHONS[runtime] = tuple(answered.stdout.split())
    return PYTHONS[runtime]


PYTHONS = {}


def program(plan):
    """The command line of a sandbox, and the words for INIT_START."""
    runtime = plan.runtime or ""
    if runtime.startswith("python3."):
        path, version = python(runtime)
        note = "" if f"python{version}".startswith(f"{runtime}.") else f", for want of {runtime} on PATH"
        return [path, "-S", "-u", os.path.join(HERE, "bootstrap.py"), sdk()], f"Python {version} at {path}{note}"
    if runtime.startswith("nodejs"):
        path = shutil.which("node")
        if path is None:
            raise Entrypoint(f"{runtime} needs `node` on the PATH of the emulator")
        # as AWS, which leaves a tenth for what is outside JavaScript's heap
        heap = f"--max-old-space-size={plan.memory * 9 // 10}"
        return [path, heap, os.path.join(HERE, "bootstrap.mjs")], f"node at {path}"
    if runtime.startswith("provided"):
        places = [os.path.join(place, "bootstrap") for place in (plan.code, *plan.layers)]
        found = next((place for place in places if os.path.exists(place)), None)
        if found is None:
            raise Entrypoint("Couldn't find valid bootstrap(s): [/var/task/bootstrap /opt/bootstrap]")
        return [found], runtime
    raise Entrypoint(f"the emulator does not run functions of the runtime {runtime or '(none: an image)'}")


def environment(plan, api, temporary):
    """All that the process knows: what AWS gives, and above it what the function's configuration has."""
    own = {
        "AWS_LAMBDA_FUNCTION_NAME": plan.name,
        "AWS_LAMBDA_FUNCTION_VERSION": plan.version,
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(plan.memory),
        "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
        "AWS_LAMBDA_LOG_GROUP_NAME": plan.group,
        "AWS_LAMBDA_LOG_STREAM_NAME": plan.stream,
        "AWS_LAMBDA_RUNTIME_API": api,
        "AWS_ENDPOINT_URL": running.ENDPOINT,
        "LAMBDA_TASK_ROOT": plan.code,
        "LAMBDA_RUNTIME_DIR": HERE,
        "LANG": "en_US.UTF-8",
        "PATH": os.environ.get("PATH", os.defpath),
        "TMPDIR": temporary,
        "TZ": ":UTC",
        "_HANDLER": plan.handler or "",
    }
    runtime = plan.runtime or ""
    if not runtime.startswith("provided"):
        own["AWS_EXECUTION_ENV"] = f"AWS_Lambda_{runtime}"
    if runtime.startswith("python"):
        own["ZONE_LAYERS"] = os.pathsep.join(os.path.join(layer, "python") for layer in plan.layers)
    elif runtime.startswith("nodejs"):
        own["NODE_PATH"] = os.pathsep.join(os.path.join(layer, "nodejs", "node_modules") for layer in plan.layers)
    if plan.json_log:
        own |= {"AWS_LAMBDA_LOG_FORMAT": "JSON", "AWS_LAMBDA_LOG_LEVEL": plan.json_log}
    return own | plan.environment
