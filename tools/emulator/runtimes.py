"""Runs functions: each process of one is a sandbox, with a Runtime API of its own, as AWS's execution environments have.

<https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html> and
<https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html> (2026-11-26)

python3.*        bootstrap.py, in that Python if PATH has it, else in the emulator's; boto3 is the emulator's
nodejs*          bootstrap.mjs, in the `node` of PATH
provided.*       the program `bootstrap` of the function
other runtimes   Runtime.InvalidEntrypoint

A sandbox is used for one invocation at a time, is kept for the next one, and ends when the function was changed or deleted, when
nobody used it for ZONE_FUNCTIONS_IDLE_SECONDS (300), and with the emulator (supervisor.py). It has the variables of AWS and of the
function, and PATH. Not as on AWS: the file system is this machine's, so /var/task, /opt and /tmp are elsewhere (LAMBDA_TASK_ROOT,
TMPDIR), and the network is not cut off.
"""

import contextlib
import hashlib
import http.server
import io
import json
import os
import queue
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
import zipfile
from collections import namedtuple

import running

HERE = os.path.dirname(os.path.abspath(__file__))
API = "/2018-06-01/runtime"
IDLE = float(os.environ.get("ZONE_FUNCTIONS_IDLE_SECONDS") or 300)
# The phase before the first invocation, and what an answer may have: 6 MB and 100 bytes
INITIALIZATION = 10
LARGEST_ANSWER = 6 * 1024 * 1024 + 100
# What AWS's Python has, all of it without machine code, so that any version can import it.
SDK = "boto3 botocore s3transfer jmespath dateutil urllib3 six.py".split()

# What a sandbox runs; `revision` changes with the code and the configuration.
Plan = namedtuple(
    "Plan", "arn name version revision runtime handler memory timeout code layers environment group stream json_log"
)
# How an invocation ended: `error` is the type of an error, None for success.
Outcome = namedtuple("Outcome", "payload error lines milliseconds memory initialization")
Invocation = namedtuple("Invocation", "request payload arn client_context")


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


# ---- The Runtime API


class Handler(http.server.BaseHTTPRequestHandler):
    """One connection of a function's process."""

    protocol_version = "HTTP/1.1"
    wbufsize = -1
    disable_nagle_algorithm = True

    def log_message(self, *_):
        pass

    def answer(self, status, body=b"", headers=()):
        self.send_response(status)
        for name, value in headers:
            self.send_header(name, value)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
        self.wfile.flush()

    def refuse(self, status, kind, message):
        self.answer(status, json.dumps({"errorMessage": message, "errorType": kind}).encode())

    def do_GET(self):
        if self.path != f"{API}/invocation/next":
            return self.refuse(404, "NotFound", f"there is no GET {self.path}")
        invocation = self.server.sandbox.next()
        if invocation is None:
            self.close_connection = True
            return None
        headers = [
            ("Lambda-Runtime-Aws-Request-Id", invocation.request),
            ("Lambda-Runtime-Deadline-Ms", str(self.server.sandbox.deadline)),
            ("Lambda-Runtime-Invoked-Function-Arn", invocation.arn),
            ("Lambda-Runtime-Trace-Id", f"Root=1-{int(time.time()):08x}-{os.urandom(12).hex()};Sampled=0"),
        ]
        if invocation.client_context:
            headers.append(("Lambda-Runtime-Client-Context", invocation.client_context))
        return self.answer(200, invocation.payload, headers)

    def body(self):
        if self.headers.get("Transfer-Encoding", "").lower() != "chunked":
            return self.rfile.read(int(self.headers.get("Content-Length") or 0))
        parts = []
        while size := int(self.rfile.readline().split(b";")[0], 16):
            parts.append(self.rfile.read(size))
            self.rfile.readline()
        while self.rfile.readline().strip():
            pass
        return b"".join(parts)

    def do_POST(self):
        if self.headers.get("Expect", "").lower() == "100-continue":
            self.send_response_only(100)
            self.end_headers()
        body, sandbox = self.body(), self.server.sandbox
        kind = self.headers.get("Lambda-Runtime-Function-Error-Type")
        if self.path == f"{API}/init/error":
            sandbox.finish(body, kind or "Runtime.Unknown")
            return self.answer(202, b'{"status":"OK"}')
        request, _, what = self.path.removeprefix(f"{API}/invocation/").partition("/")
        if what not in ("response", "error") or not self.path.startswith(API):
            return self.refuse(404, "NotFound", f"there is no POST {self.path}")
        if sandbox.current != request:
            return self.refuse(400, "InvalidRequestID", "Invalid request ID")
        if len(body) > LARGEST_ANSWER:
            message = f"Response payload size exceeded maximum allowed payload size ({LARGEST_ANSWER} bytes)."
            error = {"errorMessage": message, "errorType": "Function.ResponseSizeTooLarge"}
            sandbox.finish(json.dumps(error).encode(), "Function.ResponseSizeTooLarge")
            return self.refuse(413, "RequestEntityTooLarge", message)
        sandbox.finish(body, (kind or "Runtime.Unknown") if what == "error" else None)
        return self.answer(202, b'{"status":"OK"}')


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request, client_address):
        # a process that was killed leaves its connection as it is
        pass


# ---- Sandboxes


class Sandbox:
    """A process of a function, of which one thread at a time makes use."""

    def __init__(self, plan, credentials):
        self.plan, self.credentials = plan, credentials
        self.given, self.result, self.current, self.deadline = queue.Queue(), None, None, 0
        self.ready, self.child, self.pid, self.ended = False, None, None, None
        self.rest, self.peak, self.used = b"", 0, time.monotonic()
        self.fresh, self.out_of_memory = True, False

    # -- what the Runtime API asks

    def next(self):
        if not self.ready:
            self.ready = True
            self.wake()
        return self.given.get()

    def finish(self, body, error):
        self.result = (body, error)
        self.current = None
        self.wake()

    def wake(self):
        with contextlib.suppress(OSError):
            os.write(self.wake_write, b".")

    # -- one invocation

    def start(self):
        command, self.words = program(self.plan)
        self.wake_read, self.wake_write = os.pipe()
        os.set_blocking(self.wake_write, False)
        self.temporary = tempfile.mkdtemp(dir=home("tmp"))
        self.server = Server(("127.0.0.1", 0), Handler)
        self.server.sandbox = self
        threading.Thread(target=self.server.serve_forever, args=(0.5,), daemon=True).start()
        self.out, writes = os.pipe()
        self.status, tells = os.pipe()
        api = "127.0.0.1:{}".format(self.server.server_address[1])
        supervisor = [sys.executable, "-I", "-S", os.path.join(HERE, "supervisor.py"), str(tells), *command]
        self.child = subprocess.Popen(
            supervisor,
            stdin=subprocess.PIPE,
            stdout=writes,
            stderr=writes,
            env=environment(self.plan, api, self.temporary) | self.credentials,
            cwd=self.plan.code,
            start_new_session=True,
            pass_fds=(tells,),
        )
        os.close(writes)
        os.close(tells)
        os.set_blocking(self.out, False)

    def invoke(self, invocation, follow=None):
        """Runs one invocation to its end; the sandbox can be used again unless `ended` is set."""
        plan, self.result, self.peak, initialization = self.plan, None, 0, None
        lines, fresh = Lines(follow), self.fresh
        self.fresh, limit = False, plan.timeout
        if fresh:
            try:
                began = time.monotonic()
                self.start()
                lines.add(f"INIT_START Runtime Version: {plan.runtime} ({self.words})")
                self.wait(lines, lambda: self.ready or self.result, INITIALIZATION + plan.timeout)
                initialization = (time.monotonic() - began) * 1000
            except (Entrypoint, OSError) as error:
                self.ended = f"error {error}"
        lines.start()
        began = time.monotonic()
        if not (self.ended or self.result):
            self.current = invocation.request
            self.deadline = int((time.time() + limit) * 1000)
            self.given.put(invocation)
            self.wait(lines, lambda: self.result, limit)
        took = time.monotonic() - began
        self.used = time.monotonic()
        body, error = self.result or self.broken(invocation, lines, limit)
        if error and (self.ended or not self.ready):
            self.end()
        if self.ended:
            took = min(took, limit) if error == "Sandbox.Timedout" else took
        return Outcome(body, error, lines, took * 1000, self.peak, initialization)

    def broken(self, invocation, lines, limit):
        """The error of a process that did not answer."""
        how, _, what = (self.ended or "timeout").partition(" ")
        if how == "timeout":
            self.end()
            kind, message = "Sandbox.Timedout", f"Task timed out after {limit:.2f} seconds"
            at = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime())
            lines.add(f"{at}.000Z {invocation.request} {message}")
        else:
            kind = "Runtime.InvalidEntrypoint" if how == "error" else "Runtime.ExitError"
            match how:
                case "error":
                    message = what
                case "memory":
                    message = "Runtime exited with error: signal: killed"
                case "signal":
                    message = f"Runtime exited with error: signal: {signal_words(what)}"
                case _ if what == "0":
                    message = "Runtime exited without providing a reason"
                case _:
                    message = f"Runtime exited with error: exit status {what}"
            lines.add(f"RequestId: {invocation.request} Error: {message}")
            lines.add(kind)
        self.out_of_memory = how == "memory"
        error = {"errorType": kind, "errorMessage": f"RequestId: {invocation.request} Error: {message}"}
        return json.dumps(error).encode(), kind

    def wait(self, lines, until, limit):
        """Reads what the process writes until something is true, it ended, or the time is over."""
        deadline = time.monotonic() + limit
        while not self.ended and (left := deadline - time.monotonic()) > 0:
            done = until()
            ready, _, _ = select.select([self.out, self.wake_read, self.status], [], [], 0 if done else min(left, 0.05))
            if self.wake_read in ready:
                os.read(self.wake_read, 100)
            if self.status in ready:
                self.told()
            self.read(lines)
            if done:
                return
            self.watch()
            lines.pass_on()

    def read(self, lines):
        """What the process wrote, a line an event; the end of a line may come later."""
        with contextlib.suppress(BlockingIOError):
            while part := os.read(self.out, 65536):
                self.rest += part
        *whole, self.rest = self.rest.split(b"\n")
        if self.ended and self.rest:
            whole, self.rest = [*whole, self.rest], b""
        for line in whole:
            lines.add(line.decode("utf-8", "replace"))

    def told(self):
        text = os.read(self.status, 4096).decode()
        for line in text.splitlines():
            if line.startswith("pid "):
                self.pid = int(line[4:])
            else:
                self.ended = line
        if not text:
            self.ended = self.ended or "signal 9"

    def watch(self):
        """Ends a process that has more memory than the function may."""
        if self.pid is None:
            return
        size = resident(self.pid)
        self.peak = max(self.peak, size)
        if size > self.plan.memory * 1024 * 1024:
            self.ended = "memory"

    def end(self):
        """Ends the process and gives back all that it had."""
        self.ended = self.ended or "ended"
        child, self.child = self.child, None
        if child is None:
            return
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(child.pid, signal.SIGKILL)
        child.wait()
        child.stdin.close()
        self.given.put(None)
        self.server.shutdown()
        self.server.server_close()
        for descriptor in (self.out, self.status, self.wake_read, self.wake_write):
            os.close(descriptor)
        shutil.rmtree(self.temporary, ignore_errors=True)


class Lines:
    """The log of an invocation, each line with its moment; `follow` gets those that are new, from time to time."""

    def __init__(self, follow):
        self.all, self.follow = [], follow
        # where START belongs, and when it was
        self.first, self.began = 0, None
        self.last = time.monotonic()

    def add(self, text):
        self.all.append((int(time.time() * 1000), text))

    def start(self):
        """START belongs behind what was written before the invocation."""
        self.first, self.began = len(self.all), int(time.time() * 1000)

    def pass_on(self):
        if self.follow and time.monotonic() - self.last > 1:
            self.last = time.monotonic()
            self.follow(self)


def signal_words(number):
    """As Go calls signals, which AWS's messages have."""
    words = {6: "aborted", 9: "killed", 11: "segmentation fault", 15: "terminated"}
    return words.get(int(number), f"signal {number}")


def resident(pid):
    """The memory of a process and of all that it started."""
    if not os.path.isdir("/proc/self"):
        return resident_by_ps(pid)
    total, waiting = 0, [pid]
    while waiting:
        one = waiting.pop()
        with contextlib.suppress(OSError, IndexError, ValueError):
            with open(f"/proc/{one}/statm") as file:
                total += int(file.read().split()[1]) * PAGE
            with open(f"/proc/{one}/task/{one}/children") as file:
                waiting += file.read().split()
    return total


def resident_by_ps(pid):
    """The same on macOS, which has no /proc."""
    listed = subprocess.run(["ps", "-axo", "pid=,ppid=,rss="], capture_output=True, text=True, check=False).stdout
    rows = [tuple(map(int, line.split())) for line in listed.splitlines()]
    wanted, total = {pid}, 0
    # a parent has the smaller number, but for those that began anew
    for one, parent, size in sorted(rows):
        if one in wanted or parent in wanted:
            wanted.add(one)
            total += size * 1024
    return total


PAGE = os.sysconf("SC_PAGE_SIZE")


# ---- Those that wait for their next invocation

IDLERS, LOCK = {}, threading.Lock()


def take(plan, credentials):
    """A sandbox of this function as it is now."""
    with LOCK:
        waiting = IDLERS.setdefault(plan.arn, [])
        old = [one for one in waiting if one.plan.revision != plan.revision]
        waiting[:] = [one for one in waiting if one.plan.revision == plan.revision]
        found = waiting.pop() if waiting else None
    for one in old:
        one.end()
    return found or Sandbox(plan, credentials())


def give(sandbox):
    """Takes a sandbox back."""
    if not sandbox.ended:
        with LOCK:
            IDLERS.setdefault(sandbox.plan.arn, []).append(sandbox)


def end_all(arn):
    """Ends those of a function that is deleted."""
    with LOCK:
        gone = IDLERS.pop(arn, [])
    for one in gone:
        one.end()


def end_idlers():
    while True:
        time.sleep(min(IDLE, 5))
        long_ago = time.monotonic() - IDLE
        with LOCK:
            old = [one for waiting in IDLERS.values() for one in waiting if one.used < long_ago]
            for waiting in IDLERS.values():
                waiting[:] = [one for one in waiting if one.used >= long_ago]
        for one in old:
            one.end()


forget()
threading.Thread(target=end_idlers, daemon=True).start()
