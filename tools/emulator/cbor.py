"""Smithy's RPC v2 protocol with CBOR, translated to JSON in front of the gates and back behind them.

AWS's SDK for Rust calls CloudWatch with CBOR only (seen with aws-sdk-cloudwatch 1.140), of which moto 5.2.1 knows nothing. AWS
answers the same operations in JSON, too, and so does moto: a request becomes one of JSON, and what is behind sees no other.
<https://smithy.io/2.0/additional-specs/protocols/smithy-rpc-v2.html>, as of 2026-11
"""

import base64
import io
import json
import re
import struct

from botocore.parsers import RpcV2CBORParser, ResponseParserError
from moto.core.utils import get_service_model

PROTOCOL = "rpc-v2-cbor"
PATH = re.compile(r"/service/(?P<service>[^/]+)/operation/(?P<operation>[^/]+)/?")
# By the name in the path, which is the target's in JSON: the service's name in botocore's models.
SERVICES = {"GraniteServiceVersion20100801": "cloudwatch"}
# A timestamp is its seconds here, as in JSON.
READER = RpcV2CBORParser(timestamp_parser=lambda seconds: seconds)


def translated(app):
    """The application, which understands CBOR."""

    def call(environ, start_response):
        match = PATH.fullmatch(environ["PATH_INFO"])
        if environ.get("HTTP_SMITHY_PROTOCOL") != PROTOCOL or match is None or match["service"] not in SERVICES:
            return app(environ, start_response)
        operation, written = match["operation"], {}
        try:
            body = read(environ["wsgi.input"].read())
        except (ResponseParserError, UnicodeDecodeError) as error:
            return answer(start_response, "400 Bad Request", [], {"__type": "SerializationException", "message": str(error)}, None)

        def keep(status, headers, exc_info=None):
            written.update(status=status, headers=headers)

        answers = app(as_json(environ, f"{match['service']}.{operation}", body), keep)
        try:
            content = b"".join(answers)
        finally:
            getattr(answers, "close", lambda: None)()
        return answer(start_response, written["status"], written["headers"], *told(match["service"], operation, written["status"], content))

    return call


def read(body):
    """What stands in CBOR, as JSON has it."""
    return plain(READER.parse_data_item(io.BufferedReader(io.BytesIO(body)))) if body else {}


def plain(value):
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    if isinstance(value, list):
        return [plain(item) for item in value]
    return {key: plain(item) for key, item in value.items()} if isinstance(value, dict) else value


def as_json(environ, target, body):
    """The same request in JSON."""
    content = json.dumps(body).encode()
    dropped = ("HTTP_SMITHY_PROTOCOL", "HTTP_CONTENT_TYPE", "HTTP_CONTENT_LENGTH", "HTTP_ACCEPT", "RAW_URI")
    return {name: value for name, value in environ.items() if name not in dropped} | {
        "CONTENT_LENGTH": str(len(content)),
        "CONTENT_TYPE": "application/x-amz-json-1.0",
        "HTTP_X_AMZ_TARGET": target,
        "PATH_INFO": "/",
        "REQUEST_URI": "/",
        "wsgi.input": io.BytesIO(content),
    }


def told(service, operation, status, content):
    """The value of an answer, and its shape; an error has none."""
    try:
        value = json.loads(content or b"{}")
    except ValueError:
        # a page of moto's own
        value = {"__type": "InternalFailure", "message": content.decode("utf-8", "replace")}
    if status.startswith("2"):
        return value, get_service_model(SERVICES[service]).operation_model(operation).output_shape
    return value | {"message": value.get("message") or value.get("Message", "")}, None


def answer(start_response, status, headers, value, shape):
    content = write(value, shape)
    kept = [(name, text) for name, text in headers if name.lower() not in ("content-type", "content-length")]
    own = [("Content-Type", "application/cbor"), ("smithy-protocol", PROTOCOL), ("Content-Length", str(len(content)))]
    start_response(status, kept + own)
    return [content]


def write(value, shape):
    """JSON in CBOR; the shape tells timestamps, blobs and floating numbers from what JSON has for them."""
    kind = shape.type_name if shape is not None else None
    if value is None or isinstance(value, bool):
        return {None: b"\xf6", False: b"\xf4", True: b"\xf5"}[value]
    if kind == "timestamp":
        return b"\xc1" + struct.pack(">Bd", 0xFB, value)
    if isinstance(value, float) or kind in ("double", "float"):
        return struct.pack(">Bd", 0xFB, value)
    if isinstance(value, int):
        return head(0, value) if value >= 0 else head(1, -1 - value)
    if kind == "blob":
        content = base64.b64decode(value)
        return head(2, len(content)) + content
    if isinstance(value, str):
        content = value.encode()
        return head(3, len(content)) + content
    if isinstance(value, list):
        return head(4, len(value)) + b"".join(write(item, shape and shape.member) for item in value)
    inner = {} if kind != "structure" else shape.members
    whole = shape.value if kind == "map" else None
    entries = [write(key, None) + write(item, inner.get(key, whole)) for key, item in value.items() if item is not None]
    return head(5, len(entries)) + b"".join(entries)


def head(major, number):
    """The type of an item, with its length or value."""
    for information, size in ((24, ">BB"), (25, ">BH"), (26, ">BI"), (27, ">BQ")):
        if number < 24:
            return bytes([major << 5 | number])
        if number < 1 << 8 * struct.calcsize(size[0] + size[2]):
            return struct.pack(size, major << 5 | information, number)
    raise ValueError(number)
