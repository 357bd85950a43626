"""Invokes functions: at once for who waits, or from a queue with retries, dead letters and destinations.

<https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html> and
<https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html> (2026-11-26)

ZONE_FUNCTIONS_RETRY_SECONDS    how long a failed event waits for its second try (0.2), and twice that for its third: AWS waits one
                                minute, then two
"""

import base64
import datetime
import json
import os
import queue
import threading
import time
import uuid
from urllib.parse import unquote

from moto.awslambda.exceptions import LambdaClientError
from moto.awslambda.models import LambdaFunction, lambda_backends
from moto.awslambda.responses import LambdaResponse

import destinations
import logbook
import measures
import running
import runtimes
import sandboxes
import services

RETRY = float(os.environ.get("ZONE_FUNCTIONS_RETRY_SECONDS") or 0.2)
LARGEST = {"RequestResponse": 6 * 1024 * 1024, "Event": 1024 * 1024}
# Of a function, this many events at once at most; AWS has a thousand of an account.
AT_ONCE = 4


class RequestTooLarge(LambdaClientError):
    code = 413

    def __init__(self, limit):
        super().__init__(
            "RequestTooLargeException", f"Request must be smaller than {limit} bytes for the InvokeFunction operation"
        )


class TooManyRequests(LambdaClientError):
    code = 429

    def __init__(self):
        super().__init__("TooManyRequestsException", "Rate Exceeded.")


def function(arn):
    """The function, and its qualifier, of an ARN; None where there is no such function."""
    _, _, _, region, account, _, name, *rest = arn.split(":")
    qualifier = rest[0] if rest else None
    try:
        return lambda_backends[account][region].get_function(name, qualifier)
    except LambdaClientError:
        return None


# ---- One invocation


def plan(fn):
    """What a sandbox needs to know of a function."""
    logging = fn.more.get("LoggingConfig") or {}
    at = datetime.datetime.now(datetime.UTC)
    version = str(fn.version)
    backend = lambda_backends[fn.account_id][fn.region]
    layers = [backend.layers_versions_by_arn(layer["Arn"]) for layer in fn.layers]
    return runtimes.Plan(
        arn=f"{unqualified(fn)}:{version}",
        name=fn.function_name,
        version=version,
        revision=fn.revision,
        runtime=fn.run_time,
        handler=fn.handler,
        memory=int(fn.memory_size),
        timeout=int(fn.timeout),
        code=runtimes.unpacked(fn.code_bytes) if fn.package_type == "Zip" else running.FOLDER,
        layers=[runtimes.unpacked(layer.code_bytes) for layer in layers if layer],
        environment=dict(fn.environment_vars),
        group=logging.get("LogGroup") or f"/aws/lambda/{fn.function_name}",
        stream=f"{at:%Y/%m/%d}/[{version}]{uuid.uuid4().hex}",
        json_log=(logging.get("ApplicationLogLevel") or "INFO") if logging.get("LogFormat") == "JSON" else None,
    )


def unqualified(fn):
    return f"arn:aws:lambda:{fn.region}:{fn.account_id}:function:{fn.function_name}"


BUSY, COUNT = {}, threading.Lock()


def run(fn, payload, request, arn=None, client_context=None):
    """Runs a function once, with log and metrics; None when it is throttled."""
    key = unqualified(fn)
    reserved = fn.reserved_concurrency
    with COUNT:
        if reserved is not None and BUSY.get(key, 0) >= int(reserved):
            throttled = True
        else:
            throttled, BUSY[key] = False, BUSY.get(key, 0) + 1
    if throttled:
        measures.add(fn, Throttles=1)
        return None
    try:
        sandbox = sandboxes.take(prepared(fn), lambda: services.session(fn))
        log = logbook.Log(fn, sandbox, request)
        outcome = sandbox.invoke(sandboxes.Invocation(request, payload, arn or key, client_context), log.follow)
        log.finish(outcome)
        sandboxes.give(sandbox)
    finally:
        with COUNT:
            BUSY[key] -= 1
    measures.add(fn, Invocations=1, Errors=int(outcome.error is not None), Duration=outcome.milliseconds)
    return outcome._replace(lines=log.text)


def prepared(fn):
    with running.TURN.taken():
        return plan(fn)


# ---- The call


def invoke(self):
    name = unquote(self.path.rsplit("/", 2)[-2])
    kind = self.headers.get("X-Amz-Invocation-Type") or "RequestResponse"
    given = self.body if isinstance(self.body, bytes) else (self.body or "").encode()
    if len(given) > LARGEST.get(kind, LARGEST["RequestResponse"]):
        raise RequestTooLarge(LARGEST.get(kind, LARGEST["RequestResponse"]))
    fn, arn = called(self, name, self.querystring.get("Qualifier", [None])[0])
    payload = checked(given)
    if kind == "DryRun":
        return 204, {"status": 204}, ""
    request = str(uuid.uuid4())
    headers = {"x-amzn-RequestId": request, "content-type": "application/json"}
    if kind == "Event":
        enqueue(arn, payload, request)
        return 202, headers | {"status": 202}, ""
    with running.TURN.given():
        outcome = run(fn, payload, request, arn, context_of(self.headers.get("X-Amz-Client-Context")))
    if outcome is None:
        raise TooManyRequests()
    headers["X-Amz-Executed-Version"] = str(fn.version)
    if outcome.error:
        headers["X-Amz-Function-Error"] = "Unhandled"
    if self.headers.get("X-Amz-Log-Type") == "Tail":
        # the last 4 KB
        headers["X-Amz-Log-Result"] = base64.b64encode(outcome.lines.encode()[-4096:]).decode()
    return 200, headers, outcome.payload


def invoke_async(self):
    fn, arn = called(self, unquote(self.path.rstrip("/").rsplit("/", 2)[-2]), None)
    enqueue(arn, checked(self.body if isinstance(self.body, bytes) else (self.body or "").encode()), str(uuid.uuid4()))
    return 202, {"status": 202}, ""


def context_of(header):
    return base64.b64decode(header).decode() if header else None


def called(self, name, qualifier):
    """The function that a name, a partial ARN or an ARN means, with the ARN by which it is invoked."""
    account, region = self.current_account, self.region
    parts = name.split(":")
    if name.startswith("arn:"):
        region, account, parts = parts[3], parts[4], parts[6:]
    elif len(parts) > 2:
        account, parts = parts[0], parts[2:]
    qualifier = qualifier or (parts[1] if len(parts) > 1 else None)
    fn = lambda_backends[account][region].get_function(parts[0], qualifier)
    return fn, f"{unqualified(fn)}:{qualifier}" if qualifier else unqualified(fn)


def checked(body):
    """The event, which is JSON; an empty one is an object without members."""
    try:
        json.loads(body or b"{}")
    except ValueError as error:
        message = f"Could not parse request body into json: Could not parse payload into json: {error}"
        raise LambdaClientError("InvalidRequestContentException", message) from error
    return body or b"{}"


LambdaResponse.invoke = invoke
LambdaResponse.invoke_async = invoke_async


# what moto itself invokes functions for (SNS, subscriptions of logs, Kinesis), is asynchronous on AWS, or waits for nothing here
def by_moto(self, body, request_headers, response_headers):
    enqueue(unqualified(self), body.encode() if isinstance(body, str) else body, str(uuid.uuid4()))
    return b""


LambdaFunction.invoke = by_moto


# ---- Events: asynchronous invocations


class Event:
    def __init__(self, arn, payload, request):
        self.arn, self.payload, self.request = arn, payload, request
        self.since, self.tries, self.throttled = time.time(), 0, 0

    @property
    def age(self):
        return time.time() - self.since


class Queue:
    """The events of one function, for which threads come and go."""

    def __init__(self):
        self.events, self.lock, self.workers = queue.Queue(), threading.Lock(), 0

    def put(self, event):
        self.events.put(event)
        with self.lock:
            if self.workers < AT_ONCE:
                self.workers += 1
                threading.Thread(target=self.work, daemon=True).start()

    def work(self):
        while True:
            try:
                event = self.events.get_nowait()
            except queue.Empty:
                with self.lock:
                    if self.events.empty():
                        self.workers -= 1
                        return
                continue
            try:
                attempt(event)
            except Exception:  # the next event has its turn
                import traceback

                print(f"invoking {event.arn}\n{traceback.format_exc()}", flush=True)


QUEUES = {}


def enqueue(arn, payload, request=None):
    """Takes an event for a function, by its ARN; answers without waiting for it."""
    event = Event(arn, payload, request or str(uuid.uuid4()))
    if fn := function(arn):
        measures.add(fn, AsyncEventsReceived=1)
    put(event)
    return event.request


def put(event):
    QUEUES.setdefault(event.arn, Queue()).put(event)


def again(event, seconds):
    timer = threading.Timer(seconds, put, [event])
    timer.daemon = True
    timer.start()


def attempt(event):
    """One try of an event, and what follows from it."""
    fn = function(event.arn)
    if fn is None:
        return
    settings = destinations.settings(fn, event.arn)
    oldest = settings.get("MaximumEventAgeInSeconds", 21600)
    outcome = run(fn, event.payload, event.request, event.arn) if event.age <= oldest else None
    if outcome is None:
        # AWS tries for as long as the event is young enough, after 1 s first and 5 minutes at last
        event.throttled += 1
        wait = min(RETRY * 2 ** (event.throttled - 1), 5)
        if reserves_nothing(fn):
            destinations.failed(fn, event, None, "ZeroReservedConcurrency")
        elif event.age + wait > oldest:
            destinations.failed(fn, event, None, "EventAgeExceeded")
        else:
            again(event, wait)
        return
    event.tries += 1
    if outcome.error is None:
        destinations.succeeded(fn, event, outcome)
    elif event.tries > settings.get("MaximumRetryAttempts", 2):
        destinations.failed(fn, event, outcome, "RetriesExhausted")
    else:
        again(event, RETRY * event.tries)


def reserves_nothing(fn):
    """With no concurrency reserved, events go to the dead letters at once."""
    return fn.reserved_concurrency is not None and int(fn.reserved_concurrency) == 0
