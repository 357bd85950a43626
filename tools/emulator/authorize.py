"""The authorization gate: refuses what AWS would refuse, with the policies that are in moto's stores at that moment.

For every call the gate finds who makes it (callers.py), what it needs of which resources (rights.py, buckets.py, database.py,
network.py, encryption.py), what else AWS knows of it (conditions.py) and the policies on the resources (stored.py); `zone emulator decide`, a child
process, judges the needs of a call by `crates/iam`, one JSON object a line. A refusal has the code, the form and the words of AWS:
<https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html> (2026-11-26). The header `x-zone-denied-by`
adds the policy and the statement, which AWS does not tell.

judged    the calls of the services in rights.py, buckets.py, database.py and network.py; batches of events, messages and objects one by one
passed    all other calls, each with a line in the file; what services do by themselves, unless services.py asks for them
not here  signatures, expiry of sessions, VPC endpoint policies, access control lists (but that those of a bucket or an object let
          the public in), grants of KMS keys, delegated administrators; the tokens of web identities are believed, their
          signature is not verified

ZONE_AUTHORIZATION_GATE=off    in the emulator's environment: every call is allowed, as it is without a `--decider`
ZONE_AUTHORIZATION_RECORD=on   there, too: the file has a line for each right of each call that was allowed as well
DIR/authorizations.jsonl       one JSON object a line for each call that was denied, or passed without being judged
"""

import base64
import functools
import json
import os
import subprocess
import threading
import time

import buckets
import callers
import conditions
import database
import encryption
import network
import rights
import stored
from gate import CALL, INPUT, answer, load, protocol_of
from moto.iam.models import iam_backends
from moto.sts.models import sts_backends

SWITCH = "ZONE_AUTHORIZATION_GATE"
RECORD = "ZONE_AUTHORIZATION_RECORD"
# Where the environment of a request says that it was authorized, and which keys of DeleteObjects were not.
AUTHORIZED, DENIED_KEYS = "zone.authorized", "zone.denied_keys"
FEDERATED = {"AssumeRoleWithWebIdentity", "AssumeRoleWithSAML"}
# More texts than a zone has policies; the numbers begin anew then.
KEPT = 4096

rights.SERVICES.update(dynamodb=database.dynamodb, ec2=network.ec2, s3=buckets.s3)

KINDS = {
    "service_control": "a service control policy",
    "resource_control": "a resource control policy",
    "resource": "a resource-based policy",
    "identity": "an identity-based policy",
    "boundary": "a permissions boundary",
    "session": "a session policy",
}


class Fault(Exception):
    """What went wrong in the emulator itself: nothing passes."""


class Refusal(Exception):
    """An answer of AWS in the place of moto's."""

    def __init__(self, status, code, text, by=None):
        super().__init__(text)
        self.status, self.code, self.text, self.by = status, code, text, by


class Decider:
    """The child process that judges; started again when it has ended."""

    def __init__(self, path):
        self.path = path
        self.lock = threading.Lock()
        self.start()

    def start(self):
        # it may be named as one of the plugins that the executable is, too
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
        self.child = subprocess.Popen(["zone", "emulator", "decide"], executable=self.path, **pipes)
        # what this child was told: a text goes to it once, then its number stands for it
        self.numbers = {}

    def ask(self, cases):
        """The decision of each case, in their order."""
        with self.lock:
            try:
                answered = self.exchange(cases)
                if answered is None:
                    self.start()
                    answered = self.exchange(cases)
            except OSError as error:
                raise Fault(f"{self.path}: {error}") from error
            if answered is None:
                raise Fault(f"{self.path} emulator decide ended with {self.child.wait()}")
            return answered

    def exchange(self, cases):
        """The decisions; none when the child has ended."""
        if len(self.numbers) > KEPT:
            self.numbers = {}
        new = {}
        written = [case | {"policies": self.written(case["policies"], new)} for case in cases]
        texts = {number: text for text, number in new.items()}
        try:
            self.child.stdin.write(json.dumps({"texts": texts, "cases": written}).encode() + b"\n")
            self.child.stdin.flush()
        except BrokenPipeError:
            return None
        line = self.child.stdout.readline()
        if not line:
            return None
        answered = json.loads(line)
        if "error" in answered:
            raise Fault(answered["error"])
        # only now is it sure that the child has them
        self.numbers |= new
        return answered["decisions"]

    def written(self, policies, new):
        """Policies with a number for each text; a text that the child does not know yet gets one in `new`."""
        if isinstance(policies, list):
            return [self.written(one, new) for one in policies]
        if not isinstance(policies, dict):
            return policies
        if "document" not in policies:
            return {kind: self.written(those, new) for kind, those in policies.items()}
        text = policies["document"]
        number = self.numbers.get(text)
        if number is None:
            number = new.setdefault(text, len(self.numbers) + len(new))
        return {"name": policies["name"], "document": number}


class Authorization:
    """In front of moto: lets pass what is allowed."""

    def __init__(self, app, decider, file):
        self.app, self.decider, self.file = app, decider, file
        self.records = os.environ.get(RECORD) == "on"
        # of this start only
        open(file, "w").close()

    def __call__(self, environ, start_response):
        service, name, _ = environ.get(CALL, (None, None, None))
        if not callers.may_change(service, name):
            return self.judged(environ, start_response, service, name)
        try:
            return list(self.judged(environ, start_response, service, name))
        finally:
            callers.forget()

    def judged(self, environ, start_response, service, name):
        """The answer, or a refusal."""
        if service is None:
            self.unjudged(environ, "no call that the models tell", None, environ["REQUEST_METHOD"] + " " + environ["PATH_INFO"])
            return self.app(environ, start_response)
        try:
            after = self.judge(environ, service, name)
        except Refusal as refusal:
            return self.refuse(start_response, service, refusal)
        except Exception as error:  # nothing may pass because the gate fails
            return self.refuse(start_response, service, fault(error))
        environ[AUTHORIZED] = True
        if after is None:
            return self.app(environ, start_response)
        content = list(self.app(environ, start_response))
        after()
        return content

    def judge(self, environ, service, name):
        """Ends with a refusal, or with what is to be done when moto has answered."""
        if is_open(service, name) and name not in FEDERATED:
            return None
        key, region = callers.credential(environ)
        caller = callers.caller(environ)
        values = environ[INPUT]
        call = rights.Call(service, name, values, caller, region or "us-east-1")
        federated = {}
        if name == "AssumeRole":
            callers.let_in(values.get("RoleArn", ""), caller)
        if name == "AssumeRoleWithWebIdentity" and "ProviderId" not in values:
            call.caller, federated = of_token(values)
        needed = rights.rights(call) if name != "AssumeRoleWithSAML" else None
        if needed is None:
            self.unjudged(environ, "not in the table of rights", service, name)
            return None
        if service == "s3" and key is None and stored.bucket(values.get("Bucket"))[0] is None:
            # there is nothing, and S3 says so
            return None
        context = conditions.of_request(environ, call) | federated
        if name == "DeleteObjects":
            environ[DENIED_KEYS] = self.denied_keys(call, needed, context)
            return None
        needed = needed + encryption.rights(call)
        for right, decision in zip(needed, self.decide(call, needed, context), strict=True):
            self.require(call, right, decision, context)
        if service == "ec2" and values.get("DryRun") is True:
            raise Refusal("412 Precondition Failed", "DryRunOperation", "Request would have succeeded, but DryRun flag is set.")
        return remembering(call, context) if name in ("AssumeRole", *FEDERATED) else None

    def require(self, call, right, decision, context):
        if not decision["allowed"] and not is_public(call, right, decision):
            self.denied(call, right, decision)
            raise refusal(call, right, decision)
        if self.records:
            tags = sorted(key.partition("/")[2] for key in context | right.context if key.lower().startswith("aws:requesttag/"))
            asked = {"principal": call.caller.arn, "action": right.action, "resource": right.resource, "tags": tags}
            self.note("allowed", call.service, call.name, **asked)

    def decide(self, call, needed, context):
        """The decision on each right."""
        return self.decider.ask([case(call, right, context) for right in needed]) if needed else []

    def denied_keys(self, call, needed, context):
        """Those that may not be deleted, by which moto then asks for each."""
        keys = set()
        for right, decision in zip(needed, self.decide(call, needed, context), strict=True):
            if not decision["allowed"]:
                self.denied(call, right, decision)
                keys.add(right.resource.partition("/")[2])
        return keys

    def denied(self, call, right, decision):
        self.note(
            "denied",
            call.service,
            call.name,
            principal=call.caller.arn,
            action=right.action,
            resource=right.resource,
            by=decision,
        )

    def unjudged(self, environ, why, service, name):
        # moto's own pages are no calls
        if not environ["PATH_INFO"].startswith(("/moto-api", "/latest/", "/favicon.ico")):
            self.note("not judged", service, name, why=why)

    def note(self, what, service, name, **more):
        at = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
        with open(self.file, "a") as file:
            file.write(json.dumps({"time": at, "result": what, "service": service, "operation": name} | more) + "\n")

    def refuse(self, start_response, service, refusal):
        model = load(service)
        status, headers, content = answer(protocol_of(model), model, refusal.status, refusal.code, refusal.text)
        if refusal.by:
            headers.append(("x-zone-denied-by", refusal.by))
        start_response(status, headers + [("Content-Length", str(len(content)))])
        return [content]


def case(call, right, context):
    """The question to the policies, as `crates/iam` takes it."""
    caller, owner = call.caller, stored.owner(right.resource, call.account)
    on_resource = stored.policy(right.action, right.resource)
    policies = {
        "identity": caller.identity,
        "boundary": caller.boundary,
        "session": caller.session,
        "resource": callers.named(right.resource, on_resource) if on_resource else None,
        "organization": callers.controls(call.account, owner),
    }
    keys = context | conditions.of_resource(right.resource, owner, documents(policies)) | right.context
    asked = {
        "principal": caller.principal,
        "action": right.action,
        "resource": right.resource,
        "account": owner,
        "context": keys,
    }
    return {"request": asked, "policies": policies}


@functools.cache
def is_open(service, name):
    """Whether a call needs no signature, so that there are no policies about it."""
    return load(service).operation_model(name).auth_type == "none"


def documents(policies):
    """The texts of all policies."""
    found = [*policies["identity"], *policies["session"], policies["boundary"], policies["resource"]]
    organization = policies["organization"] or {"service_control": [], "resource_control": []}
    for kind in ("service_control", "resource_control"):
        found += [policy for level in organization[kind] for policy in level]
    return [policy["document"] for policy in found if policy]


def is_public(call, right, decision):
    """Whether an access control list lets in everybody where no policy says anything: what moto itself looks at."""
    if call.caller.principal != "anonymous" or decision["explicit"] or call.service != "s3":
        return False
    bucket, _ = stored.bucket(call.values.get("Bucket"))
    thing = (
        bucket.keys.get(call.values["Key"])
        if right.action == "s3:GetObject"
        else bucket
        if right.action == "s3:ListBucket"
        else None
    )
    return bool(thing and thing.acl and thing.acl.public_read)


# ---- Roles


def of_token(values):
    """The caller that a web identity's token tells of, with the keys of its claims.

    The claims are believed: the signature of the token is not verified, because its issuer is not asked for its keys.
    """
    try:
        part = values["WebIdentityToken"].split(".")[1]
        claims = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
        issuer = claims["iss"].removeprefix("https://")
        account = stored.split(values["RoleArn"])[2]
    except (IndexError, KeyError, ValueError, AttributeError):
        raise Refusal(
            "400 Bad Request",
            "InvalidIdentityToken",
            "The ID Token provided is not a valid JWT. (You may see this error if you sent an Access Token)",
        ) from None
    arn = f"arn:aws:iam::{account}:oidc-provider/{issuer}"
    provider = iam_backends[account]["aws"].open_id_providers.get(arn)
    if provider is None:
        raise Refusal(
            "400 Bad Request", "InvalidIdentityToken", f"No OpenIDConnect provider found in your account for https://{issuer}"
        )
    audiences = claims.get("aud") if isinstance(claims.get("aud"), list) else [claims.get("aud")]
    if not set(audiences) & set(provider.client_id_list):
        raise Refusal("400 Bad Request", "InvalidIdentityToken", "Incorrect token audience")
    keys = {f"{issuer}:{claim}": claims[claim] for claim in ("aud", "sub", "amr") if claims.get(claim)}
    return callers.Caller({"federated": arn}, arn, account), keys | {"aws:FederatedProvider": arn}


def remembering(call, context):
    """Notes on the session that moto makes what it was made with."""
    account = stored.split(call.values["RoleArn"])[2]
    before = len(sts_backends[account]["aws"].assumed_roles)
    keys = {key: context[key] for key in ("aws:MultiFactorAuthPresent", "aws:FederatedProvider") if key in context}
    if call.values.get("SourceIdentity"):
        keys["aws:SourceIdentity"] = call.values["SourceIdentity"]

    def after():
        for session in sts_backends[account]["aws"].assumed_roles[before:]:
            callers.remember(session, call.values, keys)

    return after


# ---- Words


def fault(error):
    text = f"the local emulator's authorization gate failed: {error if isinstance(error, Fault) else repr(error)}"
    if not isinstance(error, Fault):
        import traceback

        print(traceback.format_exc(), flush=True)
    return Refusal("500 Internal Server Error", "InternalFailure", text)


# The codes that are not the protocol's.
CODES = {"cloudwatch": "AccessDenied", "sns": "AuthorizationError", "ec2": "UnauthorizedOperation"}


def refusal(call, right, decision):
    protocol = protocol_of(load(call.service))
    code = CODES.get(call.service) or ("AccessDeniedException" if protocol in ("json", "rest-json") else "AccessDenied")
    status = "400 Bad Request" if protocol == "json" else "403 Forbidden"
    by = f"{decision.get('policy')}, statement {decision.get('statement')}" if decision["explicit"] else None
    return Refusal(status, code, words(call, right, decision), by)


def words(call, right, decision):
    if call.name in FEDERATED:
        return f"Not authorized to perform sts:{call.name}"
    if call.caller.principal == "anonymous" or (call.service == "s3" and is_foreign(call, right)):
        return "Access Denied"
    resource = f'"{right.resource}"' if call.service == "s3" else right.resource
    text = f"User: {call.caller.arn} is not authorized to perform: {right.action} on resource: {resource}"
    kind = KINDS[decision["layer"]]
    if decision["explicit"]:
        text += f" with an explicit deny in {kind}"
    elif not (right.action == "sts:AssumeRole" and decision["layer"] in ("resource", "identity")):
        text += f" because no {kind.partition(' ')[2]} allows the {right.action} action"
    return f"You are not authorized to perform this operation. {text}" if call.service == "ec2" else text


def is_foreign(call, right):
    """Whether S3 says no more than that access is denied: to who is of neither the bucket's account nor its organization."""
    owner = stored.owner(right.resource, call.account)
    return owner != call.account and callers.organization(owner) is not callers.organization(call.account)


# ---- The way in


def authorized(app, decider, file):
    """The application behind the gate, and whether the gate is there: it is not when it is switched off, or has nobody to ask."""
    if os.environ.get(SWITCH) == "off" or not decider:
        return app, False
    return Authorization(app, Decider(decider), file), True
