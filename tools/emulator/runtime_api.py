"""The Runtime API: how the process of a function gets invocations and gives answers, one server for each process.

<https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html> (2026-11-26)
"""

import http.server
import json
import os
import time

PATH = "/2018-06-01/runtime"
# 6 MB and 100 bytes
LARGEST_ANSWER = 6 * 1024 * 1024 + 100


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
        if self.path != f"{PATH}/invocation/next":
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
        if self.path == f"{PATH}/init/error":
            sandbox.finish(body, kind or "Runtime.Unknown")
            return self.answer(202, b'{"status":"OK"}')
        request, _, what = self.path.removeprefix(f"{PATH}/invocation/").partition("/")
        if what not in ("response", "error") or not self.path.startswith(PATH):
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
