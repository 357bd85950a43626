"""The emulator of AWS for local zones: moto behind a keep-alive HTTP server, with an organization in it.

Usage: serve.py --run DIR --member ACCOUNT [--management ACCOUNT] [--port N] [--idle SECONDS] [--version TEXT] [--decider PATH]

--management  the account whose organization it is; 123456789012 without it
--idle     end when no request came for so long; without it, the emulator lives until somebody stops it
--version  what DIR/emulator.json tells of this program's version
--decider  the executable `zone`, whose `emulator decide` judges calls by their policies; without it, every call is allowed

DIR/emulator.lock   locked (flock) for as long as this process lives, and holds its pid: who can lock it
                    knows that there is no emulator, and a pid in a locked file cannot have been reused
DIR/emulator.json   where to find the emulator; written when it answers, by rename
missing.py          beside this file: what moto lacks or answers otherwise than AWS
history.py          beside this file: CloudTrail's event history, of what this emulator was asked to change
gate.py             beside this file: refuses what does not fit AWS's service models, before moto sees it
DIR/violations.jsonl  what did not fit; ZONE_MODEL_GATE=off switches the gate off
authorize.py        beside this file: refuses what the policies in moto's stores do not allow, before moto sees it
DIR/authorizations.jsonl  what was denied, and what nobody judged; ZONE_AUTHORIZATION_GATE=off switches this gate off
functions.py        beside this file: functions of Lambda, which run in processes of their own (runtimes.py, invocations.py)
alarms.py           beside this file: alarms of CloudWatch, which change their state; tables.py: what DynamoDB lacks
GET /zone/instance  the random id of this start: after a restart it differs and everything made is gone

Exit codes: 75 when another emulator holds the lock, 1 with the cause as last line otherwise.
"""

import argparse
import contextlib
import fcntl
import functools
import gc
import importlib
import io
import json
import os
import re
import signal
import socket
import sys
import threading
import time
import traceback
import uuid

# Settings that moto reads at import. Whatever the caller's shell says must not count: MOTO_ACCOUNT_ID, for
# one, pins every request to one account and thereby undoes AssumeRole without a word.
for name in [name for name in os.environ if name.startswith("MOTO_")]:
    del os.environ[name]
os.environ["MOTO_DISABLE_GLOBAL_CORS"] = "true"

INSTANCE_PATH = "/zone/instance"
ROLE = "OrganizationAccountAccessRole"
BUSY = 75


def lock(path):
    """Takes the lock for life and writes the pid into it."""
    held = open(path, "a+")  # noqa: SIM115 (open until the process ends)
    # somebody who only asks whether an emulator lives holds the lock for an instant
    for attempt in range(20):
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
            break
        except BlockingIOError:
            if attempt == 19:
                print(f"another emulator holds {path}", flush=True)
                sys.exit(BUSY)
            time.sleep(0.05)
    held.truncate(0)
    held.write(f"{os.getpid()}\n")
    held.flush()
    return held


def own_account(management):
    """Gives the account that credentials are of when moto knows no other; before a service of moto is imported."""
    import moto.core
    import moto.core.models

    # not MOTO_ACCOUNT_ID: that holds for every request, so that no role could be assumed in another account
    moto.core.DEFAULT_ACCOUNT_ID = management
    moto.core.models.DEFAULT_ACCOUNT_ID = management


def make_organization(member):
    """Makes the organization, SCPs enabled, and its member account; returns the management account."""
    from moto.core import DEFAULT_ACCOUNT_ID
    from moto.organizations import utils
    from moto.organizations.models import organizations_backends

    if member == DEFAULT_ACCOUNT_ID:
        sys.exit(f"the member account {member} is the emulator's management account: give it another id")
    backend = organizations_backends[DEFAULT_ACCOUNT_ID]["aws"]
    backend.create_organization("us-east-1", FeatureSet="ALL")
    # an organization that is ready for a zone; `zone doctor --fix` does it for one on AWS
    backend.enable_policy_type(RootId=backend.org.root_id, PolicyType="SERVICE_CONTROL_POLICY")
    # Only now: moto gives the management account a passing random id first, and would load 1,500 policies for it.
    os.environ["MOTO_IAM_LOAD_MANAGED_POLICIES"] = "true"
    random_account_id = utils.make_random_account_id
    utils.make_random_account_id = lambda: member
    try:
        backend.create_account(AccountName="zone", Email="zone@example.com", RoleName=ROLE)
    finally:
        utils.make_random_account_id = random_account_id
    open_the_way(member, ROLE)
    return DEFAULT_ACCOUNT_ID


def open_the_way(account, role):
    """Gives the role by which the management account comes into a member the rights that it has on AWS; moto makes it without any."""
    from moto.iam.models import iam_backends

    iam_backends[account]["aws"].attach_role_policy("arn:aws:iam::aws:policy/AdministratorAccess", role)


def load_policies_of_one_partition():
    """Spares 2 s at the first call: moto loads AWS's 1,500 policies for China and six more partitions, too."""
    from moto.iam.models import IAMBackend

    load = IAMBackend._init_aws_policies
    IAMBackend._init_aws_policies = lambda self: load(self) if self.region_name == "aws" else []


def remember():
    """Spares what moto makes anew for every request: the names of a class's methods, the ARNs of AWS's policies."""
    from moto.core import responses
    from moto.iam.models import AWSManagedPolicy

    responses.method_names_from_class = functools.cache(responses.method_names_from_class)
    arn = functools.cached_property(AWSManagedPolicy.arn.fget)
    arn.__set_name__(AWSManagedPolicy, "arn")
    AWSManagedPolicy.arn = arn


def let_go():
    """Frees what was deleted: for a page of its own moto keeps every object that it ever made, and each list of a bucket's versions
    makes copies of all of them, with what is in them."""
    from moto.core.common_models import BaseModel

    BaseModel.__new__ = staticmethod(lambda cls, *_, **__: super(BaseModel, cls).__new__(cls))


def add_missing():
    """Imports `missing`, which changes moto; an isolated Python (-I) does not look beside its script."""
    sys.path.append(os.path.dirname(os.path.abspath(__file__)))
    import missing  # noqa: F401 (the import is what counts)


def share(turn, endpoint, folder, gate):
    """Tells the files beside this one of the process that they are in."""
    import running

    running.TURN, running.ENDPOINT, running.FOLDER, running.GATE = turn, endpoint, os.path.abspath(folder), gate


def add_gate(moto, violations):
    """Puts the model gate in front of moto; after `add_missing`, which makes this folder importable."""
    import cbor
    import gate

    return cbor.translated(gate.gated(moto, violations))


def prepare_gate(service):
    """Makes what the model gate tells the calls of a service by."""
    import gate

    if gate.load(service).protocol.startswith("rest"):
        gate.routes(service)


def add_authorization(moto, decider, file):
    """Puts the authorization gate in front of moto, and says whether there is one; behind the model gate, which knows the calls."""
    import authorize

    return authorize.authorized(moto, decider, file)


def add_history(moto):
    """Notes what moto is asked to change, and what was denied; behind the model gate, which knows the calls."""
    import history

    return history.recorded(moto)


# What is missing in services that most emulators are never asked for: imported with the first request.
LATE = {"awslambda": "functions", "cloudwatch": "alarms", "dynamodb": "tables"}


def make_dispatcher():
    """moto's application, a little faster."""
    from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app

    class Dispatcher(DomainDispatcherApplication):
        backends = {}

        def get_backend_for_host(self, host):
            # moto lists its own directory and tries a hundred patterns here, for every request
            if host not in self.backends:
                self.backends[host] = super().get_backend_for_host(host)
            return self.backends[host]

    def create(service):
        if service in LATE:
            importlib.import_module(LATE[service])
        app = create_backend_app(service)
        app.register_error_handler(NotImplementedError, lacking)
        return app

    return Dispatcher(create)


def lacking(error):
    """Says in the protocol of the call that moto does not know it: its page of HTML would be tried again and again."""
    import flask
    import gate

    service = gate.service_of(gate.Request(flask.request.environ, flask.request.get_data()))
    model = service and gate.load(service)
    if not model:
        return f"{error}\n", 501
    text = f"the emulator does not have it: {error}"
    status, headers, body = gate.answer(gate.protocol_of(model), model, "501 Not Implemented", "NotImplemented", text)
    return body, status, headers


class Idleness:
    """How long there has been no request."""

    def __init__(self):
        self.last = time.monotonic()

    def end(self):
        """A request has come."""
        self.last = time.monotonic()

    def exit_after(self, seconds):
        """Ends the process, as soon as there was no request for so long."""
        while (left := self.last + seconds - time.monotonic()) > 0:
            time.sleep(left)
        print(f"no request for {seconds:g} s", flush=True)
        os._exit(0)


class Turn:
    """One request in moto at a time: it computes all its answers under one interpreter lock, for which 32 threads spent
    three times as long fighting as it took to answer them, each having loaded the same model of a service; and it looks
    through its dictionaries while others change them."""

    def __init__(self):
        self.lock = threading.Lock()
        self.of_thread = threading.local()

    @contextlib.contextmanager
    def taken(self):
        if getattr(self.of_thread, "has", False):
            yield
            return
        # what one request waits for may be another's answer: none holds up the rest for long
        self.of_thread.has = self.lock.acquire(timeout=5)
        try:
            yield
        finally:
            self.end()

    @contextlib.contextmanager
    def given(self):
        """Gives others their turn, while this request waits for a function."""
        had = self.end()
        try:
            yield
        finally:
            if had:
                self.of_thread.has = self.lock.acquire(timeout=5)

    def end(self):
        had, self.of_thread.has = getattr(self.of_thread, "has", False), False
        if had:
            self.lock.release()
        return had


def make_app(moto, instance, idleness, turn):
    """moto's application with the instance answered in front of it."""
    body = instance.encode()

    def app(environ, start_response):
        idleness.end()
        if environ["PATH_INFO"] == INSTANCE_PATH:
            start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", str(len(body)))])
            return [body]
        # sleeps until a message comes
        if environ.get("HTTP_X_AMZ_TARGET") == "AmazonSQS.ReceiveMessage":
            return moto(environ, start_response)
        with turn.taken():
            return moto(environ, start_response)

    return app


# In the order in which a zone asks for them.
SERVICES = (
    "sts",
    "kms",
    "sqs",
    "iam",
    "s3",
    "ssm",
    "sns",
    "ec2",
    "cognito-idp",
    "events",
    "logs",
    "organizations",
    "cloudtrail",
    "firehose",
)


def warm_up(moto, turn, member):
    """Loads what every zone uses while the caller is still on its way to the first call."""
    from moto.backends import get_backend
    from moto.core.utils import get_service_model

    for service in SERVICES:
        scope = f"AWS4-HMAC-SHA256 Credential=warm/up/us-east-1/{service}/aws4_request"
        with turn.taken():
            moto.get_application({"HTTP_AUTHORIZATION": scope, "HTTP_HOST": "localhost"})
        with turn.taken():
            get_service_model(service)
        with turn.taken():
            get_backend(service)[member]
        with turn.taken():
            prepare_gate(service)
    # none of this is ever garbage, and the collector would look through it again and again
    gc.collect()
    gc.freeze()


def make_server(listener, app):
    """A threaded HTTP/1.1 server: werkzeug's own closes the connection after every answer, 10 ms late."""
    from werkzeug.exceptions import InternalServerError
    from werkzeug.serving import ThreadedWSGIServer, WSGIRequestHandler

    class Handler(WSGIRequestHandler):
        protocol_version = "HTTP/1.1"
        # head and body of an answer leave as one segment, at once
        wbufsize = -1
        disable_nagle_algorithm = True

        def log_request(self, *_):
            pass

        def handle_expect_100(self):
            self.wfile.write(b"HTTP/1.1 100 Continue\r\n\r\n")
            self.wfile.flush()
            return True

        def handle_one_request(self):
            self.raw_requestline = self.rfile.readline(65537)
            if not self.raw_requestline:
                self.close_connection = True
            elif self.parse_request():
                self.run_wsgi()
                self.wfile.flush()

        def run_wsgi(self):
            # The whole body is read first: what the application leaves unread would pass for the next request.
            environ = self.environ = self.make_environ()
            chunked = environ.get("wsgi.input_terminated")
            body = environ["wsgi.input"].read() if chunked else self.rfile.read(int(environ.get("CONTENT_LENGTH") or 0))
            environ["wsgi.input"] = io.BytesIO(body)
            answer = {}

            def start_response(status, headers, exc_info=None):
                answer.update(status=status, headers=headers)

            try:
                chunks = self.server.app(environ, start_response)
                try:
                    content = b"".join(chunks)
                finally:
                    getattr(chunks, "close", lambda: None)()
            except Exception:
                self.server.log_exception(f"{self.command} {self.path}")
                chunks = InternalServerError()(environ, start_response)
                content = b"".join(chunks)
            self.answer(answer["status"], answer["headers"], content)

        def answer(self, status, headers, content):
            code, _, reason = status.partition(" ")
            self.send_response(int(code), reason)
            bodiless = self.command == "HEAD" or code in ("204", "304")
            for key, value in headers:
                # of HEAD the length is that of the body not sent
                if key.lower() != "content-length" or bodiless:
                    self.send_header(key, value)
            if not bodiless:
                self.send_header("Content-Length", str(len(content)))
            if self.close_connection:
                self.send_header("Connection", "close")
            self.end_headers()
            if not bodiless:
                self.wfile.write(content)

    class Server(ThreadedWSGIServer):
        def log_exception(self, what):
            print(f"{time.strftime('%Y-%m-%dT%H:%M:%S')} {what}\n{traceback.format_exc()}", flush=True)

        def handle_error(self, request, client_address):
            self.log_exception(f"connection from {client_address}")

    host, port = listener.getsockname()
    return Server(host, port, app, handler=Handler, fd=listener.fileno())


def write_json(path, value):
    """Writes by rename, so that no reader sees half of it."""
    part = f"{path}.{os.getpid()}"
    with open(part, "w") as file:
        json.dump(value, file, indent=2)
        file.write("\n")
    os.replace(part, path)


def exit_without(held):
    """Ends the process when its folder is gone, or is another's: nobody could find and stop it any more."""
    own = os.fstat(held.fileno()).st_ino
    while True:
        time.sleep(2)
        try:
            there = os.stat(held.name).st_ino
        except FileNotFoundError:
            there = None
        if there != own:
            os._exit(0)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--run", required=True)
    parser.add_argument("--member", required=True)
    parser.add_argument("--management")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--idle", type=float)
    parser.add_argument("--version", default="")
    parser.add_argument("--decider")
    args = parser.parse_args()
    if not re.fullmatch(r"[0-9]{12}", args.member):
        sys.exit(f"the member account `{args.member}` is not 12 digits")
    if args.management and not re.fullmatch(r"[0-9]{12}", args.management):
        sys.exit(f"the management account `{args.management}` is not 12 digits")

    # The emulator outlives the terminal it was started from. There is nothing to save on the way out.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, lambda *_: os._exit(0))

    held = lock(os.path.join(args.run, "emulator.lock"))
    listener = socket.create_server(("127.0.0.1", args.port), backlog=128)
    endpoint = "http://127.0.0.1:{}".format(listener.getsockname()[1])
    os.environ["MOTO_PORT"] = str(listener.getsockname()[1])  # moto puts it into the URLs it makes
    instance = uuid.uuid4().hex
    if args.management:
        own_account(args.management)
    load_policies_of_one_partition()
    remember()
    let_go()
    management = make_organization(args.member)
    add_missing()
    moto = make_dispatcher()
    idleness = Idleness()
    turn = Turn()
    authorized, judges = add_authorization(moto, args.decider, os.path.join(args.run, "authorizations.jsonl"))
    gated = add_gate(add_history(authorized), os.path.join(args.run, "violations.jsonl"))
    share(turn, endpoint, args.run, authorized if judges else None)
    server = make_server(listener, make_app(gated, instance, idleness, turn))
    write_json(
        os.path.join(args.run, "emulator.json"),
        {
            "endpoint": endpoint,
            "pid": os.getpid(),
            "instance": instance,
            "accounts": {"member": args.member, "management": management},
            "role": ROLE,
            "version": args.version,
            "authorization": judges,
        },
    )
    print(f"emulator {instance} answers at {endpoint}, and {'judges calls by their policies' if judges else 'allows every call'}", flush=True)
    threading.Thread(target=warm_up, args=(moto, turn, args.member), daemon=True).start()
    threading.Thread(target=exit_without, args=(held,), daemon=True).start()
    if args.idle:
        idleness.end()
        threading.Thread(target=idleness.exit_after, args=(args.idle,), daemon=True).start()
    try:
        server.serve_forever()
    finally:
        held.close()


if __name__ == "__main__":
    main()
