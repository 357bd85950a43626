"""The model gate: holds every request against AWS's own service model, and refuses what AWS would refuse.

botocore brings the models of all services with the emulator. moto checks little of them: it takes `retentionInDays: -5`,
an unknown enum value or a name of 5,000 characters without a word, so a program that passes on moto may fail on AWS.

refused   unknown operations; missing members; wrong types; enum values that the model does not have; lengths, ranges and
          patterns; unknown parameters of EC2 and unknown elements of S3's XML, because only these two refuse them
noted     unknown members of the other services: AWS takes no notice of them, so they are in the file of violations only
passed    services without a model of their name; unsigned requests that name no service (a browser's, say), which are
          S3's; buckets in the host's name; SQS's former query protocol, whose names its model no longer has; that of
          CloudWatch, too, which is asked in JSON: cbor.py translates what the SDK for Rust asks

Long because the readers of the five wire formats, and a refusal in each, stand beside what they share.

Refusals have the form, the status and the code that the service itself uses, and end with what tells them apart from
AWS's. A value is shown, shortened, unless the model calls it sensitive.

ZONE_MODEL_GATE=off        in the emulator's environment: no request is held against anything; the calls are still told apart, for
                           authorize.py and history.py
DIR/violations.jsonl       one JSON object a line for each request that broke the model; empty when none did
"""

import base64
import binascii
import collections
import functools
import gzip
import json
import os
import re
import time
import unicodedata
import uuid
from urllib.parse import parse_qsl, unquote, urlsplit
from xml.etree import ElementTree
from xml.sax.saxutils import escape

from botocore.exceptions import UnknownServiceError
from botocore.model import OperationNotFoundError
from moto.core.utils import get_service_model

SWITCH = "ZONE_MODEL_GATE"
# Where the environment of a request says which call it is: service, operation and the labels of its path.
CALL = "zone.call"
# Where it has the input of that call, as the model calls its members; without what is not in the model, and the payload.
INPUT = "zone.input"

# The model's list is what AWS knew when it was generated: a region, a size or a kind of compute can be newer.
OPEN_ENUMS = {"BucketLocationConstraint", "InstanceType", "RegionName", "Runtime"}

# The code of a service that does not answer ValidationException. "Common errors" and the errors of each operation in
# the API references of CloudWatch, Cognito, CloudWatch Logs, Organizations, SNS, IAM, STS and X-Ray, as known on 2026-11-25
# and not looked up that day.
CODES = {
    "cloudwatch": "ValidationError",
    "cognito-idp": "InvalidParameterException",
    "iam": "ValidationError",
    "logs": "InvalidParameterException",
    "organizations": "InvalidInputException",
    "sns": "InvalidParameter",
    "sts": "ValidationError",
    "xray": "InvalidRequestException",
}

Problem = collections.namedtuple("Problem", "kind path value constraint place")


# ---- Patterns: Java's in the models, Python's here


@functools.cache
def category(name, ascii_only):
    """The inside of a character class with the characters of a Unicode category, such as `L` or `Zs`."""
    ranges = []
    for code in range(0x80 if ascii_only else 0x10000):
        if unicodedata.category(chr(code)).startswith(name):
            if ranges and ranges[-1][1] == code - 1:
                ranges[-1][1] = code
            else:
                ranges.append([code, code])
    # beyond the first plane every character counts: none that AWS would take is refused
    return "".join(f"\\u{low:04x}-\\u{high:04x}" for low, high in ranges) + "\\U00010000-\\U0010ffff"


CLASSES = {"ASCII": r"\x00-\x7f", "Alnum": "0-9A-Za-z", "Alpha": "A-Za-z", "Digit": "0-9", "Graph": "!-~", "Print": " -~"}


def translate(pattern, ascii_only):
    """Java's pattern in Python's words: categories, surrogate pairs, a dash after a class, `/` escaped."""
    # a pair of surrogates is one character here
    pattern = pattern.replace(r"\uD800\uDC00-\uDBFF\uDFFF", r"\U00010000-\U0010ffff")

    def known(match):
        name = match["name"] or match["letter"]
        inside = CLASSES.get(name) or category(name.removeprefix("Is"), ascii_only)
        before = pattern[: match.start()]
        in_class = len(re.findall(r"(?<!\\)\[", before)) > len(re.findall(r"(?<!\\)\]", before))
        return inside if in_class else f"[{inside}]"

    pattern = re.sub(r"\\p(?:\{(?P<name>\w+)\}|(?P<letter>[A-Z]))", known, pattern)
    return re.sub(r"(\\[wsd])-(?!\])", r"\1\\-", pattern)


@functools.cache
def matcher(pattern, ascii_only):
    # a word, a digit and a space are of ASCII in Java
    return re.compile(translate(pattern, ascii_only), re.ASCII).fullmatch


def fits(pattern, text):
    """Whether the whole text is of the pattern. The categories of all characters cost 50 ms a pattern, once; most texts
    are of ASCII, and need them for 128 only."""
    return matcher(pattern, text.isascii())(text) is not None


# ---- Reading and checking, one class a wire format


class Reader:
    """Walks an input from the wire along its shape, and lists what is wrong with it."""

    place = "body"

    def __init__(self):
        self.problems = []

    def problem(self, kind, shape, path, value, constraint):
        shown = None if hidden(shape) else shorten(value)
        self.problems.append(Problem(kind, path, shown, constraint, self.place))

    def read(self, shape, node, path):
        return getattr(self, shape.type_name, self.scalar)(shape, node, path)

    def structure(self, shape, node, path):
        members, wire = shape.members, names(type(self), shape)
        seen = {}
        for name, child in self.fields(shape, node, path):
            if name in wire:
                member = wire[name]
                seen[member] = self.read(members[member], child, below(path, member))
            else:
                self.problems.append(Problem("unknown", below(path, name), None, "", self.place))
        for member in shape.required_members:
            if member not in seen and "location" not in members[member].serialization:
                self.missing(below(path, member))
        return seen

    def missing(self, path):
        self.problems.append(Problem("missing", path, None, "Member must not be null", self.place))

    def list(self, shape, node, path):
        items = self.items(shape, node, path)
        read = [self.read(shape.member, item, f"{path}.{i}.member") for i, item in enumerate(items, 1)]
        self.bounds(shape, len(read), "[...]", path, "length")
        return read

    def map(self, shape, node, path):
        read = {
            self.read(shape.key, key, f"{path}.key"): self.read(shape.value, value, f"{path}.{key}.member")
            for key, value in self.pairs(shape, node, path)
        }
        self.bounds(shape, len(read), "{...}", path, "length")
        return read

    def scalar(self, shape, node, path):
        try:
            value = getattr(self, f"to_{shape.type_name}", self.to_string)(node)
        except (TypeError, ValueError, binascii.Error):
            self.problem("type", shape, path, node, f"Member must be of type {shape.type_name}")
            return node
        if isinstance(value, (str, bytes)):
            self.text(shape, value, path)
        elif not isinstance(value, bool) and shape.type_name != "timestamp":
            self.bounds(shape, value, value, path, "value")
        return value

    def text(self, shape, value, path):
        allowed = shape.metadata.get("enum")
        if allowed and value not in allowed and shape.name not in OPEN_ENUMS:
            self.problem("enum", shape, path, value, f"Member must satisfy enum value set: [{', '.join(allowed)}]")
        self.bounds(shape, len(value), value, path, "length")
        pattern = shape.metadata.get("pattern")
        if pattern and isinstance(value, str) and not fits(pattern, value):
            self.problem("pattern", shape, path, value, f"Member must satisfy regular expression pattern: {pattern}")

    def bounds(self, shape, number, value, path, what):
        low, high = shape.metadata.get("min"), shape.metadata.get("max")
        counted = f"; its length is {number}" if what == "length" else ""
        if low is not None and number < low:
            self.problem("range", shape, path, value, f"Member must have {what} greater than or equal to {low}{counted}")
        if high is not None and number > high:
            self.problem("range", shape, path, value, f"Member must have {what} less than or equal to {high}{counted}")

    def wire(self, shape, member):
        """The member's name on the wire."""
        return shape.serialization.get("name", member)


@functools.cache
def names(reader, shape):
    """Member by name on the wire."""
    return {reader.wire(reader, inner, member): member for member, inner in shape.members.items()}


class Json(Reader):
    def fields(self, shape, node, path):
        if shape.is_document_type:
            return []
        if not isinstance(node, dict):
            self.problem("type", shape, path, node, "Member must be of type structure")
            return []
        # null is as good as absent
        return [(name, child) for name, child in node.items() if child is not None]

    def items(self, shape, node, path):
        if not isinstance(node, list):
            self.problem("type", shape, path, node, "Member must be of type list")
            return []
        return node

    def pairs(self, shape, node, path):
        if not isinstance(node, dict):
            self.problem("type", shape, path, node, "Member must be of type map")
            return []
        return node.items()

    def to_string(self, node):
        if not isinstance(node, str):
            raise TypeError
        return node

    def to_blob(self, node):
        return base64.b64decode(self.to_string(node), validate=True)

    def to_boolean(self, node):
        if not isinstance(node, bool):
            raise TypeError
        return node

    def to_integer(self, node):
        if isinstance(node, bool) or not isinstance(node, (int, float)) or node != int(node):
            raise TypeError
        return int(node)

    to_long = to_integer

    def to_float(self, node):
        if isinstance(node, bool):
            raise TypeError
        return float(node)

    to_double = to_float

    def to_timestamp(self, node):
        if isinstance(node, bool) or not isinstance(node, (int, float, str)):
            raise TypeError
        return 0


class Texts(Reader):
    """What all scalars are texts in."""

    def to_string(self, node):
        if not isinstance(node, str):
            raise TypeError
        return node

    def to_blob(self, node):
        return base64.b64decode(self.to_string(node))

    def to_boolean(self, node):
        if (text := self.to_string(node).lower()) not in ("true", "false"):
            raise ValueError
        return text == "true"

    def to_integer(self, node):
        return int(self.to_string(node))

    to_long = to_integer

    def to_float(self, node):
        return float(self.to_string(node))

    to_double = to_float

    def to_timestamp(self, node):
        self.to_string(node)
        return 0


class Query(Texts):
    """Parameters such as `Tags.member.1.Key=a`, made a tree of by `tree`."""

    def wire(self, shape, member):
        if shape.type_name == "list" and shape.serialization.get("flattened"):
            return shape.member.serialization.get("name") or shape.serialization.get("name", member)
        return shape.serialization.get("name", member)

    def fields(self, shape, node, path):
        return node.items() if isinstance(node, dict) else []

    def numbered(self, node, path):
        """The children `1`, `2`, ... in their order; an empty text is an empty list."""
        if not isinstance(node, dict):
            return []
        for name in node:
            if not name.isdecimal():
                self.problems.append(Problem("unknown", below(path, name), None, "", self.place))
        return [node[name] for name in sorted(filter(str.isdecimal, node), key=int)]

    def items(self, shape, node, path):
        if not shape.serialization.get("flattened"):
            node = self.only(node, shape.member.serialization.get("name", "member"), path)
        return self.numbered(node, path)

    def pairs(self, shape, node, path):
        if not shape.serialization.get("flattened"):
            node = self.only(node, "entry", path)
        key, value = shape.key.serialization.get("name", "key"), shape.value.serialization.get("name", "value")
        entries = [entry for entry in self.numbered(node, path) if isinstance(entry, dict)]
        return [(entry.get(key, ""), entry.get(value, "")) for entry in entries]

    def only(self, node, name, path):
        if not isinstance(node, dict):
            return node
        for other in node:
            if other != name:
                self.problems.append(Problem("unknown", below(path, other), None, "", self.place))
        return node.get(name, "")


class Ec2(Query):
    def wire(self, shape, member):
        name = shape.serialization.get("name", member)
        return shape.serialization.get("queryName") or name[0].upper() + name[1:]

    def items(self, shape, node, path):
        return self.numbered(node, path)


def tree(pairs):
    """The parameters as nested dictionaries, split at the dots."""
    root = {}
    for name, value in pairs:
        *parents, last = name.split(".")
        node = root
        for parent in parents:
            node = node.setdefault(parent, {})
            if not isinstance(node, dict):
                break
        else:
            node[last] = value
    return root


class Xml(Texts):
    def wire(self, shape, member):
        if shape.type_name == "list" and shape.serialization.get("flattened"):
            return shape.member.serialization.get("name") or shape.serialization.get("name", member)
        return shape.serialization.get("name", member)

    def fields(self, shape, node, path):
        wire = names(type(self), shape)
        grouped = {}
        # xsi:type of a grantee
        for name, value in node.attrib.items():
            grouped[f"xsi:{tag(name)}" if name.startswith("{") else name] = value
        for child in node:
            name = tag(child.tag)
            member = wire.get(name)
            if member and shape.members[member].serialization.get("flattened"):
                grouped.setdefault(name, []).append(child)
            else:
                grouped[name] = child
        return grouped.items()

    def items(self, shape, node, path):
        if isinstance(node, list):
            return node
        name = shape.member.serialization.get("name", "member")
        for child in node:
            if tag(child.tag) != name:
                self.problems.append(Problem("unknown", below(path, tag(child.tag)), None, "", self.place))
        return [child for child in node if tag(child.tag) == name]

    def pairs(self, shape, node, path):
        key, value = shape.key.serialization.get("name", "key"), shape.value.serialization.get("name", "value")
        entries = node if isinstance(node, list) else node.findall("{*}entry")
        return [(entry.find("{*}" + key), entry.find("{*}" + value)) for entry in entries]

    def to_string(self, node):
        if isinstance(node, str):
            return node
        if node is None or len(node):
            raise TypeError
        return node.text or ""


def tag(name):
    """Without its namespace."""
    return name.rpartition("}")[2]


class Parameters(Texts):
    """Labels of the path, headers and the query string of the REST protocols."""

    def __init__(self, place):
        super().__init__()
        self.place = place

    def items(self, shape, node, path):
        return node if isinstance(node, list) else [item.strip() for item in node.split(",")]

    def pairs(self, shape, node, path):
        return node.items()

    def to_string(self, node):
        return super().to_string(node[0] if isinstance(node, list) and node else node)


# ---- From a request to its operation


class Request:
    """What the gate needs of a request."""

    def __init__(self, environ, body):
        self.environ = environ
        self.method = environ["REQUEST_METHOD"]
        url = urlsplit(environ.get("REQUEST_URI") or environ.get("RAW_URI") or environ["PATH_INFO"])
        self.path = url.path
        self.query_text = url.query or environ.get("QUERY_STRING", "")
        self.body = gzip.decompress(body) if environ.get("HTTP_CONTENT_ENCODING") == "gzip" else body

    @functools.cached_property
    def query(self):
        return parse_qsl(self.query_text, keep_blank_values=True)

    @functools.cached_property
    def query_lists(self):
        lists = {}
        for name, value in self.query:
            lists.setdefault(name, []).append(value)
        return lists

    def header(self, name):
        return self.environ.get("HTTP_" + name.upper().replace("-", "_")) or (
            self.environ.get(name.upper().replace("-", "_")) if name.lower() in ("content-type", "content-length") else None
        )

    def headers(self, prefix):
        start = "HTTP_" + prefix.upper().replace("-", "_")
        found = self.environ.items()
        return {name[len(start) :].lower(): value for name, value in found if name.startswith(start)}

    @functools.cached_property
    def form_action(self):
        return dict(self.form).get("Action")

    @functools.cached_property
    def form(self):
        typed = (self.header("content-type") or "").startswith("application/x-www-form-urlencoded")
        body = parse_qsl(self.body.decode("utf-8", "replace"), keep_blank_values=True) if typed else []
        return [(name, value) for name, value in body + self.query if not name.lower().startswith("x-amz-")]


@functools.cache
def load(service):
    try:
        return get_service_model(service)
    except UnknownServiceError:
        return None


def protocol_of(model):
    """The protocol of a service here: JSON where the model has CBOR first."""
    return "json" if model.protocol == "smithy-rpc-v2-cbor" else model.protocol


UNSIGNED = {"AWSCognitoIdentityProviderService": "cognito-idp"}
UNSIGNED_ACTIONS = {"AssumeRoleWithSAML": "sts", "AssumeRoleWithWebIdentity": "sts"}
ALIASES = {
    "eventbridge": "events",
    "monitoring": "cloudwatch",
    "servicequotas": "service-quotas",
    "states": "stepfunctions",
}


def service_of(request):
    """The service's name in the models, by the scope of the credentials as moto finds it; None when nothing tells."""
    scope = re.search(r"Credential=([^,\s]+)", request.environ.get("HTTP_AUTHORIZATION", ""))
    credential = scope[1] if scope else dict(request.query).get("X-Amz-Credential", "")
    parts = credential.split("/")
    if len(parts) >= 5:
        return ALIASES.get(parts[-2].lower(), parts[-2].lower())
    target = request.environ.get("HTTP_X_AMZ_TARGET", "").partition(".")[0]
    return UNSIGNED.get(target) or UNSIGNED_ACTIONS.get(request.form_action)


Route = collections.namedtuple("Route", "operation path literals needed deprecated")


@functools.cache
def routes(service):
    """What a REST service's operations are told by, by HTTP method."""
    model, by_method = load(service), {}
    for name in model.operation_names:
        operation = model.operation_model(name)
        uri, _, literals = operation.http["requestUri"].partition("?")
        parts = re.split(r"(\{[^}]+\})", uri)
        # `{Key+}` takes slashes; a bucket's path may end with one
        path = "".join(
            re.escape(part) if not part.startswith("{") else f"(?P<{part.strip('{}+')}>{'.+' if part.endswith('+}') else '[^/]+'})"
            for part in parts
        )
        needed = []
        if shape := operation.input_shape:
            for member in shape.required_members:
                where = shape.members[member].serialization
                if where.get("location") in ("header", "querystring"):
                    needed.append((where["location"], where["name"]))
        route = Route(operation, re.compile(path + "/?"), parse_qsl(literals, keep_blank_values=True), needed, operation.deprecated)
        by_method.setdefault(operation.http["method"], []).append(route)
    return by_method


def route(service, request):
    """The operation whose path fits, with the most of its parameters there."""
    best, labels = None, {}
    for candidate in routes(service).get(request.method, []):
        match = candidate.path.fullmatch(request.path)
        if not match:
            continue
        lists = request.query_lists
        if any(name not in lists or (value and value not in lists[name]) for name, value in candidate.literals):
            continue
        there = [request.header(name) if where == "header" else lists.get(name) for where, name in candidate.needed]
        # a label that only takes the rest of the path loses against a fixed one
        rank = (len(candidate.literals), None not in there and len(there), not candidate.deprecated)
        if None in there:
            rank = (len(candidate.literals), -1, not candidate.deprecated)
        if best is None or rank > best[0]:
            best, labels = (rank, candidate.operation), match.groupdict()
    return (best[1], labels) if best else (None, {})


def operation_of(service, protocol, request):
    """The operation's name, its model (None: unknown) and the labels in its path."""
    if protocol in ("rest-json", "rest-xml"):
        operation, labels = route(service, request)
        return operation.name if operation else f"{request.method} {request.path}", operation, labels
    if protocol == "json":
        name = request.environ.get("HTTP_X_AMZ_TARGET", "").rpartition(".")[2]
    else:
        name = dict(request.form).get("Action", "")
    try:
        return name, load(service).operation_model(name), {}
    except OperationNotFoundError:
        return name, None, {}


# ---- What is wrong with a request


def read_input(protocol, operation, labels, request):
    """The input as the model calls it, and what is wrong with it."""
    shape = operation.input_shape
    if shape is None:
        return {}, []
    if protocol == "json":
        return read_json(shape, request.body)
    if protocol in ("query", "ec2"):
        reader = Ec2() if protocol == "ec2" else Query()
        values = reader.read(shape, tree((name, value) for name, value in request.form if name not in ("Action", "Version")), "")
        return values, reader.problems
    return read_rest(protocol, shape, labels, request)


def read_json(shape, body):
    reader = Json()
    try:
        node = json.loads(body or b"{}")
    except ValueError:
        return {}, [Problem("type", "", None, "The body must be JSON", "body")]
    return reader.read(shape, node, ""), reader.problems


def read_rest(protocol, shape, labels, request):
    values, problems = read_places(shape, labels, request)
    payload = shape.serialization.get("payload")
    body = shape.members[payload] if payload else shape
    if payload and body.type_name in ("blob", "string"):
        return values, problems
    if not request.body:
        if payload in shape.required_members:
            problems.append(Problem("missing", below("", payload), None, "Member must not be null", "body"))
        elif not payload:
            problems += [
                Problem("missing", below("", member), None, "Member must not be null", "body")
                for member in shape.required_members
                if "location" not in shape.members[member].serialization
            ]
        return values, problems
    if protocol == "rest-json":
        read, found = read_json(body, request.body)
    else:
        read, found = read_xml(body, payload, request.body)
    return values | ({payload: read} if payload else read or {}), problems + found


def read_places(shape, labels, request):
    """Of the path, the headers and the query string."""
    values, problems = {}, []
    for member, inner in shape.members.items():
        where = inner.serialization.get("location")
        if where is None:
            continue
        name = inner.serialization.get("name", member)
        if where == "uri":
            node = unquote(labels[name]) if name in labels else None
        elif where == "querystring":
            # of a map, all that is there
            node = None if inner.type_name == "map" else request.query_lists.get(name)
        elif where == "headers":
            node = request.headers(name)
        else:
            node = request.header(name)
        reader = Parameters({"uri": "path", "querystring": "query"}.get(where, "header"))
        if node is not None:
            values[member] = reader.read(inner, node, below("", member))
        elif member in shape.required_members:
            reader.missing(below("", member))
        problems += reader.problems
    return values, problems


def read_xml(shape, payload, body):
    reader = Xml()
    try:
        root = ElementTree.fromstring(body)
    except ElementTree.ParseError:
        return {}, [Problem("type", "", None, "The body must be XML", "body")]
    expected = shape.serialization.get("name", payload)
    if expected and tag(root.tag) != expected:
        return {}, [Problem("unknown", tag(root.tag), None, "", "body")]
    return reader.read(shape, root, ""), reader.problems


def below(path, member):
    """The path as AWS tells it: the first letter small, dots between."""
    member = member[:1].lower() + member[1:]
    return f"{path}.{member}" if path else member


def hidden(shape):
    return bool(shape.metadata.get("sensitive"))


def shorten(value):
    if isinstance(value, ElementTree.Element):
        value = value.text or ""
    text = value if isinstance(value, str) else value.hex() if isinstance(value, bytes) else json.dumps(value, default=str)
    return text if len(text) <= 100 else text[:100] + "..."


# ---- Refusals, in the service's own form


def describe(problem):
    if problem.kind == "unknown":
        return f"The member '{problem.path}' is not in the model"
    value = "Value null" if problem.kind == "missing" else "Value" if problem.value is None else f"Value '{problem.value}'"
    return f"{value} at '{problem.path}' failed to satisfy constraint: {problem.constraint}"


def refused(protocol, problem):
    """Whether AWS refuses it: of unknown members, only EC2 and S3 do."""
    return problem.kind != "unknown" or protocol in ("ec2", "rest-xml")


def code_and_text(service, protocol, problems):
    first = problems[0]
    count = f"{len(problems)} validation error{'s' if len(problems) > 1 else ''} detected: "
    text = count + "; ".join(map(describe, problems))
    if protocol == "ec2":
        if first.kind == "missing":
            return "MissingParameter", f"The request must contain the parameter {first.path}"
        if first.kind == "unknown":
            return "UnknownParameter", f"The parameter {first.path} is not recognized"
        return "InvalidParameterValue", f"Value ({first.value}) for parameter {first.path} is invalid. {first.constraint}"
    if protocol == "rest-xml":
        in_body = any(problem.place == "body" for problem in problems)
        return ("MalformedXML" if in_body else "InvalidArgument"), text
    if first.kind == "type" and protocol in ("json", "rest-json"):
        return "SerializationException", text
    return CODES.get(service, "ValidationException"), text


def answer(protocol, model, status, code, text):
    """Headers and body of a refusal."""
    request_id = str(uuid.uuid4())
    headers = [("x-amzn-RequestId", request_id)]
    if protocol in ("json", "rest-json"):
        version = model.metadata.get("jsonVersion")
        typed = f"application/x-amz-json-{version}" if version else "application/json"
        headers += [("x-amzn-ErrorType", code)]
        body = json.dumps({"__type": code, "message": text})
    else:
        typed = "text/xml"
        error = f"<Code>{escape(code)}</Code><Message>{escape(text)}</Message>"
        if protocol == "ec2":
            body = f"<Response><Errors><Error>{error}</Error></Errors><RequestID>{request_id}</RequestID></Response>"
        elif protocol == "query":
            space = escape(model.metadata.get("xmlNamespace", ""))
            body = f'<ErrorResponse xmlns="{space}"><Error><Type>Sender</Type>{error}</Error><RequestId>{request_id}</RequestId></ErrorResponse>'
        else:
            body = f"<Error>{error}<RequestId>{request_id}</RequestId></Error>"
            headers += [("x-amz-request-id", request_id)]
    return status, headers + [("Content-Type", typed)], body.encode()


def unknown_operation(protocol, model, name):
    text = f"Could not find operation {name}"
    if protocol == "rest-xml":
        return answer(protocol, model, "405 Method Not Allowed", "MethodNotAllowed", text)
    if protocol == "rest-json":
        return answer(protocol, model, "404 Not Found", "UnknownOperationException", text)
    code = "UnknownOperationException" if protocol == "json" else "InvalidAction"
    return answer(protocol, model, "400 Bad Request", code, text)


class Gate:
    """In front of an application: tells which call a request is, answers what AWS would refuse itself, and passes on the
    rest. Without a file for violations it refuses nothing."""

    def __init__(self, app, violations):
        self.app = app
        self.violations = violations
        if violations:
            # of this start only
            open(violations, "w").close()

    def __call__(self, environ, start_response):
        body = environ["wsgi.input"].read()
        environ["wsgi.input"].seek(0)
        refusal = self.refusal(Request(environ, body))
        if refusal is None:
            return self.app(environ, start_response)
        status, headers, content = refusal
        start_response(status, headers + [("Content-Length", str(len(content)))])
        return [content]

    def refusal(self, request):
        service = service_of(request)
        signed = service is not None
        # of what is unsigned and names no service, moto makes a call of S3
        service = service or ("s3" if unsigned(request) else None)
        model = load(service) if service else None
        if model is None:
            return None
        protocol = protocol_of(model)
        if protocol == "json" and not request.environ.get("HTTP_X_AMZ_TARGET"):
            return None
        if protocol not in PROTOCOLS or request.method == "OPTIONS":
            return None
        # a bucket in the host's name is not in the path, where the model has it
        host = request.environ.get("HTTP_HOST", "")
        plain = protocol != "rest-xml" or PLAIN_HOST.match(host)
        if not plain and not OWN_HOST.match(host):
            request.path = f"/{host.partition('.')[0]}{request.path}"
        name, operation, labels = operation_of(service, protocol, request)
        held = self.violations and signed and plain
        if operation is None:
            # a form of a browser is not in the model
            if not held or (request.header("content-type") or "").startswith("multipart/form-data"):
                return None
            self.note(service, name, True, ["unknown operation"])
            return unknown_operation(protocol, model, name)
        values, problems = read_input(protocol, operation, labels, request)
        request.environ[CALL] = service, name, labels
        request.environ[INPUT] = values if isinstance(values, dict) else {}
        if not problems or not held:
            return None
        wrong = [problem for problem in problems if refused(protocol, problem)]
        self.note(service, name, bool(wrong), [describe(problem) for problem in problems])
        if not wrong:
            return None
        code, text = code_and_text(service, protocol, wrong)
        text += f" ({service} {name}, held against AWS's service model by the local emulator)"
        return answer(protocol, model, "400 Bad Request", code, text)

    def note(self, service, operation, refused, problems):
        at = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
        line = {"time": at, "service": service, "operation": operation, "refused": refused, "problems": problems}
        with open(self.violations, "a") as file:
            file.write(json.dumps(line) + "\n")


PLAIN_HOST = re.compile(r"(localhost|[0-9.]+|\[[0-9a-f:]+\])(:\d+)?$")
OWN_HOST = re.compile(r"s3[.-]")
PROTOCOLS = ("json", "query", "ec2", "rest-json", "rest-xml")


def unsigned(request):
    """Whether nobody signed it, and it is no page of moto's own."""
    environ = request.environ
    own = request.path.startswith(("/moto-api", "/latest/")) or request.path in ("/", "/favicon.ico")
    return not (own or environ.get("HTTP_AUTHORIZATION") or environ.get("HTTP_X_AMZ_TARGET") or request.form_action)


def gated(app, violations):
    """The application behind the gate, which refuses nothing when it is switched off."""
    return Gate(app, None if os.environ.get(SWITCH) == "off" else violations)
