"""Smithy's RPC v2 in CBOR, which the SDK for Rust speaks with CloudWatch, as the JSON that moto 5.2.1 speaks with it.

<https://smithy.io/2.0/additional-specs/protocols/smithy-rpc-v2.html> and <https://www.rfc-editor.org/rfc/rfc8949> (2026-11-26)

In front of the gates, so that they and moto see JSON, with the operation in `X-Amz-Target`. Other requests pass untouched, but that
compressed JSON is unpacked.
"""

import base64
import gzip
import io
import json
import struct

from gate import load

# Services by the names that paths have for them.
SERVICES = {"GraniteServiceVersion20100801": "cloudwatch"}


def translated(app):
    """The application that understands CBOR as well."""

    def call(environ, start_response):
        if environ.get("HTTP_SMITHY_PROTOCOL") != "rpc-v2-cbor":
            # moto unpacks such a body twice; of S3, which has no target, it is the object's own encoding
            if environ.get("HTTP_CONTENT_ENCODING") == "gzip" and "HTTP_X_AMZ_TARGET" in environ:
                unpack(environ)
            return app(environ, start_response)
        _, _, name, _, operation = (environ["PATH_INFO"].split("/") + [""] * 5)[:5]
        service = SERVICES.get(name)
        if service is None or operation not in load(service).operation_names:
            return refuse(start_response, f"there is no {environ['PATH_INFO']} in the emulator's table of CBOR")
        try:
            if environ.get("HTTP_CONTENT_ENCODING") == "gzip":
                unpack(environ)
            given = decode(environ["wsgi.input"].read())
        except (OSError, EOFError, IndexError, ValueError, struct.error) as error:
            return refuse(start_response, f"the body is no CBOR: {error!r}", "SerializationException")
        body = json.dumps(given if isinstance(given, dict) else {}).encode()
        environ |= {
            "PATH_INFO": "/",
            "REQUEST_URI": "/",
            "RAW_URI": "/",
            "CONTENT_TYPE": f"application/x-amz-json-{load(service).metadata['jsonVersion']}",
            "CONTENT_LENGTH": str(len(body)),
            "HTTP_X_AMZ_TARGET": f"{name}.{operation}",
            "HTTP_X_AMZN_QUERY_MODE": "true",
            "wsgi.input": io.BytesIO(body),
        }
        answer = {}

        def answered(status, headers, exc_info=None):
            answer.update(status=status, headers=headers)

        content = json.loads(b"".join(app(environ, answered)) or b"{}")
        shape = load(service).operation_model(operation).output_shape if answer["status"].startswith("2") else None
        content = encode(shaped(shape, content))
        kept = [one for one in answer["headers"] if one[0].lower() not in ("content-type", "content-length")]
        start_response(answer["status"], kept + typed(content))
        return [content]

    return call


def unpack(environ):
    """Makes the long body of what an SDK has compressed: PutMetricData, from 10 KB on."""
    del environ["HTTP_CONTENT_ENCODING"]
    body = gzip.decompress(environ["wsgi.input"].read())
    environ["wsgi.input"], environ["CONTENT_LENGTH"] = io.BytesIO(body), str(len(body))


def typed(content):
    return [("smithy-protocol", "rpc-v2-cbor"), ("Content-Type", "application/cbor"), ("Content-Length", str(len(content)))]


def refuse(start_response, message, code="UnknownOperationException"):
    content = encode({"__type": code, "message": message})
    start_response("400 Bad Request", typed(content))
    return [content]


class Moment(float):
    """Seconds since 1970, which have a tag."""


def shaped(shape, value):
    """JSON's values as the shape has them; an error's, which has none, as they are."""
    kind = shape.type_name if shape else None
    if value is None:
        return None
    if kind == "structure":
        return {name: shaped(shape.members.get(name), inner) for name, inner in value.items() if inner is not None}
    if kind == "list":
        return [shaped(shape.member, inner) for inner in value]
    if kind == "map":
        return {name: shaped(shape.value, inner) for name, inner in value.items()}
    if kind == "timestamp":
        return Moment(value)
    if kind == "blob":
        return base64.b64decode(value)
    return float(value) if kind in ("double", "float") else value


# ---- Bytes


def head(major, number):
    for size, code in ((24, None), (2**8, "B"), (2**16, ">H"), (2**32, ">I"), (2**64, ">Q")):
        if number < size:
            if code is None:
                return bytes([major << 5 | number])
            return bytes([major << 5 | {"B": 24, ">H": 25, ">I": 26, ">Q": 27}[code]]) + struct.pack(code, number)
    raise ValueError(f"{number} is too large")


def encode(value):
    if value is None or isinstance(value, bool):
        return {None: b"\xf6", True: b"\xf5", False: b"\xf4"}[value]
    if isinstance(value, Moment):
        return b"\xc1\xfb" + struct.pack(">d", value)
    if isinstance(value, float):
        return b"\xfb" + struct.pack(">d", value)
    if isinstance(value, int):
        return head(0, value) if value >= 0 else head(1, -1 - value)
    if isinstance(value, bytes):
        return head(2, len(value)) + value
    if isinstance(value, str):
        return head(3, len(value.encode())) + value.encode()
    if isinstance(value, list):
        return head(4, len(value)) + b"".join(map(encode, value))
    return head(5, len(value)) + b"".join(encode(name) + encode(inner) for name, inner in value.items())


class Stop(Exception):
    """The end of what has no length."""


def decode(body):
    return Decoder(body).value() if body else {}


class Decoder:
    """Values as JSON has them: bytes in base 64, moments in seconds."""

    def __init__(self, body):
        self.body, self.at = body, 0

    def take(self, size):
        part = self.body[self.at : self.at + size]
        if len(part) < size:
            raise ValueError("it ends too early")
        self.at += size
        return part

    def number(self, info):
        if info < 24:
            return info
        if info > 27:
            raise ValueError(f"a length of the kind {info}")
        code = {24: "B", 25: ">H", 26: ">I", 27: ">Q"}[info]
        return struct.unpack(code, self.take(struct.calcsize(code)))[0]

    def many(self, info, read):
        """So many values, or all up to a stop."""
        if info != 31:
            return [read() for _ in range(self.number(info))]
        found = []
        while True:
            try:
                found.append(read())
            except Stop:
                return found

    def value(self):
        first = self.take(1)[0]
        major, info = first >> 5, first & 31
        if major == 0:
            return self.number(info)
        if major == 1:
            return -1 - self.number(info)
        if major in (2, 3):
            parts = self.many(31, self.value) if info == 31 else [self.take(self.number(info))]
            if major == 2:
                return base64.b64encode(parts[0]).decode() if info != 31 else "".join(parts)
            return "".join(part if isinstance(part, str) else part.decode() for part in parts)
        if major == 4:
            return self.many(info, self.value)
        if major == 5:
            return dict(self.many(info, lambda: (self.value(), self.value())))
        if major == 6:
            self.number(info)
            return self.value()
        return self.simple(info)

    def simple(self, info):
        if info == 31:
            raise Stop
        if info in (20, 21, 22, 23):
            return {20: False, 21: True}.get(info)
        if info in (25, 26, 27):
            code = {25: ">e", 26: ">f", 27: ">d"}[info]
            return struct.unpack(code, self.take(struct.calcsize(code)))[0]
        raise ValueError(f"a simple value of the kind {info}")
