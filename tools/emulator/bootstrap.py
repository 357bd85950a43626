"""The runtime of a Python function: asks the Runtime API for invocations and calls the handler, as AWS's own runtime does.

<https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html>, <https://docs.aws.amazon.com/lambda/latest/dg/python-context.html>
and <https://docs.aws.amazon.com/lambda/latest/dg/python-logging.html> (2026-11-26). Runs in the function's process, in any Python from
3.8, and imports nothing of the emulator. `python -S -u bootstrap.py SDK`, where SDK is the folder with boto3.
"""

import http.client
import importlib
import json
import logging
import os
import site
import sys
import time
import traceback

API = "/2018-06-01/runtime"
TASK = os.environ["LAMBDA_TASK_ROOT"]
JSON_LOG = os.environ.get("AWS_LAMBDA_LOG_FORMAT") == "JSON"
# -S leaves out the packages of this machine, and these with them
site.setquit()
site.setcopyright()
site.sethelper()
sys.path[0] = TASK
sys.path[1:1] = [path for path in os.environ.pop("ZONE_LAYERS", "").split(os.pathsep) if path]
sys.path.append(sys.argv[1])
sys.argv = [__file__]


class Api:
    """The Runtime API, over one connection."""

    def __init__(self):
        self.connection = http.client.HTTPConnection(os.environ["AWS_LAMBDA_RUNTIME_API"])

    def ask(self, method, path, body=None, headers=None):
        self.connection.request(method, API + path, body, headers or {})
        answer = self.connection.getresponse()
        return answer.headers, answer.read()

    def fail(self, path, error):
        headers = {"Lambda-Runtime-Function-Error-Type": error["errorType"], "Content-Type": "application/json"}
        self.ask("POST", path, json.dumps(error).encode(), headers)


class Identity:
    cognito_identity_id = cognito_identity_pool_id = None


class Context:
    """What a handler gets beside the event."""

    def __init__(self, headers):
        self.aws_request_id = headers["Lambda-Runtime-Aws-Request-Id"]
        self.invoked_function_arn = headers["Lambda-Runtime-Invoked-Function-Arn"]
        self.function_name = os.environ["AWS_LAMBDA_FUNCTION_NAME"]
        self.function_version = os.environ["AWS_LAMBDA_FUNCTION_VERSION"]
        self.memory_limit_in_mb = os.environ["AWS_LAMBDA_FUNCTION_MEMORY_SIZE"]
        self.log_group_name = os.environ["AWS_LAMBDA_LOG_GROUP_NAME"]
        self.log_stream_name = os.environ["AWS_LAMBDA_LOG_STREAM_NAME"]
        self.identity = Identity()
        self.client_context = client(headers.get("Lambda-Runtime-Client-Context"))
        self._deadline = int(headers["Lambda-Runtime-Deadline-Ms"])

    def get_remaining_time_in_millis(self):
        return max(self._deadline - int(time.time() * 1000), 0)

    def log(self, text):
        sys.stdout.write(str(text))


class Client:
    """A client context: `client`, `custom` and `env` of what the caller gave."""

    def __init__(self, given):
        self.client = type("Client", (), given.get("client") or {})() if given.get("client") else None
        self.custom, self.env = given.get("custom"), given.get("env")


def client(text):
    return Client(json.loads(text)) if text else None


# ---- Logging


class Lines(logging.Formatter):
    """`[LEVEL]`, time, request and message, or JSON with the same."""

    converter = time.gmtime
    request = ""

    def format(self, record):
        at = time.strftime("%Y-%m-%dT%H:%M:%S", self.converter(record.created))
        text = record.getMessage()
        if record.exc_info:
            text += "\n" + self.formatException(record.exc_info)
        if not JSON_LOG:
            return f"[{record.levelname}]\t{at}.{int(record.msecs):03d}Z\t{self.request}\t{text}".replace("\n", "\r")
        known = {"timestamp": f"{at}Z", "level": record.levelname, "message": text, "logger": record.name}
        return json.dumps(known | {"requestId": self.request} if self.request else known)


def log():
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(Lines())
    root = logging.getLogger()
    root.addHandler(handler)
    level = os.environ.get("AWS_LAMBDA_LOG_LEVEL")
    if JSON_LOG and level:
        root.setLevel({"TRACE": "DEBUG", "FATAL": "CRITICAL", "WARN": "WARNING"}.get(level, level))


def show(error):
    """Writes an error into the log: one event, though it has many lines."""
    if JSON_LOG:
        print(json.dumps({"level": "ERROR", "requestId": Lines.request} | error), flush=True)
        return
    lines = [f"[ERROR] {error['errorType']}: {error['errorMessage']}", "Traceback (most recent call last):"]
    if not error["stackTrace"]:
        lines.pop()
    print("\r".join(lines + [line.rstrip("\n").replace("\n", "\r") for line in error["stackTrace"]]), flush=True)


def described(kind, message, frames=()):
    return {"errorMessage": message, "errorType": kind, "requestId": Lines.request, "stackTrace": traceback.format_list(frames)}


# ---- The handler


class Fault(Exception):
    """Why there is no handler."""

    def __init__(self, kind, message, frames=()):
        super().__init__(message)
        self.error = described(kind, message, frames)


def load(name):
    try:
        module, function = name.rsplit(".", 1)
    except ValueError as error:
        raise Fault("Runtime.MalformedHandlerName", f"Bad handler '{name}': {error}") from error
    module = module.replace("/", ".")
    try:
        found = importlib.import_module(module)
    except ImportError as error:
        raise Fault("Runtime.ImportModuleError", f"Unable to import module '{module}': {error}") from error
    except SyntaxError as error:
        frames = [(error.filename, error.lineno, "", error.text)]
        raise Fault("Runtime.UserCodeSyntaxError", f"Syntax error in module '{module}': {error}", frames) from error
    handler = getattr(found, function, None)
    if handler is None:
        raise Fault("Runtime.HandlerNotFound", f"Handler '{function}' missing on module '{module}'")
    return handler


def of_function(error):
    """An exception of the handler, without the frames of this file."""
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if frame.filename != __file__]
    return described(type(error).__name__, str(error), frames)


def encoded(value):
    try:
        return json.dumps(value, ensure_ascii=False, default=decimal).encode()
    except (TypeError, ValueError) as error:
        raise Fault("Runtime.MarshalError", f"Unable to marshal response: {error}") from error


def decimal(value):
    # AWS's runtime writes the numbers of DynamoDB, which its own encoder knows
    if type(value).__name__ == "Decimal":
        return float(value)
    raise TypeError(f"Object of type {type(value).__name__} is not JSON serializable")


def main():
    api = Api()
    log()
    try:
        handler = load(os.environ["_HANDLER"])
    except Fault as fault:
        show(fault.error)
        api.fail("/init/error", fault.error)
        sys.exit(1)
    except Exception as error:
        found = of_function(error)
        show(found)
        api.fail("/init/error", found)
        sys.exit(1)
    while True:
        headers, body = api.ask("GET", "/invocation/next")
        context = Context(headers)
        Lines.request = context.aws_request_id
        if headers.get("Lambda-Runtime-Trace-Id"):
            os.environ["_X_AMZN_TRACE_ID"] = headers["Lambda-Runtime-Trace-Id"]
        try:
            answer = encoded(handler(json.loads(body), context))
        except Exception as error:
            found = error.error if isinstance(error, Fault) else of_function(error)
            show(found)
            api.fail(f"/invocation/{context.aws_request_id}/error", found)
        else:
            sys.stdout.flush()
            api.ask("POST", f"/invocation/{context.aws_request_id}/response", answer, {"Content-Type": "application/json"})


main()
