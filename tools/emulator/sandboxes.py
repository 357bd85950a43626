"""Processes of functions: one invocation at a time, then kept for the next one.

They end when the function was changed or deleted, when nobody used them for ZONE_FUNCTIONS_IDLE_SECONDS (300), and with the emulator
(supervisor.py). <https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html> (2026-11-26)
"""

import contextlib
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
from collections import namedtuple

import memory
import runtimes
from runtime_api import Handler, Server

IDLE = float(os.environ.get("ZONE_FUNCTIONS_IDLE_SECONDS") or 300)
# So many wait at most: each takes about 50 MB.
KEPT = 16
# Of the phase before the first invocation, in seconds.
INITIALIZATION = 10

# How an invocation ended: `error` is the type of an error, None for success.
Outcome = namedtuple("Outcome", "payload error lines milliseconds memory initialization")
Invocation = namedtuple("Invocation", "request payload arn client_context")


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
        command, self.words = runtimes.program(self.plan)
        self.wake_read, self.wake_write = os.pipe()
        os.set_blocking(self.wake_write, False)
        self.temporary = tempfile.mkdtemp(dir=runtimes.home("tmp"))
        self.server = Server(("127.0.0.1", 0), Handler)
        self.server.sandbox = self
        threading.Thread(target=self.server.serve_forever, args=(0.5,), daemon=True).start()
        self.out, writes = os.pipe()
        self.status, tells = os.pipe()
        api = "127.0.0.1:{}".format(self.server.server_address[1])
        supervisor = [sys.executable, "-I", "-S", os.path.join(runtimes.HERE, "supervisor.py"), str(tells), *command]
        self.child = subprocess.Popen(
            supervisor,
            stdin=subprocess.PIPE,
            stdout=writes,
            stderr=writes,
            env=runtimes.environment(self.plan, api, self.temporary) | self.credentials,
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
                lines.add(self.init_start())
                self.wait(lines, lambda: self.ready or self.result, INITIALIZATION + plan.timeout)
                initialization = (time.monotonic() - began) * 1000
            except (runtimes.Entrypoint, OSError) as error:
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

    def init_start(self):
        """The first line of a log stream, which says what runs."""
        plan = self.plan
        if not plan.json_log:
            return f"INIT_START Runtime Version: {plan.runtime} ({self.words})"
        record = {"initializationType": "on-demand", "phase": "init", "runtimeVersion": f"{plan.runtime} ({self.words})"}
        record |= {"functionName": plan.name, "functionVersion": plan.version}
        at = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime())
        return json.dumps({"time": f"{at}.000Z", "type": "platform.initStart", "record": record})

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
        size = memory.resident(self.pid)
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
    """Takes a sandbox back; of too many, the one that nobody has used for longest ends."""
    if sandbox.ended:
        return
    oldest = None
    with LOCK:
        IDLERS.setdefault(sandbox.plan.arn, []).append(sandbox)
        everything = [one for waiting in IDLERS.values() for one in waiting]
        if len(everything) > KEPT:
            oldest = min(everything, key=lambda one: one.used)
            IDLERS[oldest.plan.arn].remove(oldest)
    if oldest:
        oldest.end()


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


runtimes.forget()
threading.Thread(target=end_idlers, daemon=True).start()
