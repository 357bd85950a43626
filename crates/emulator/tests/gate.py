"""Holds the model gate against botocore, a client that knows nothing of it. Run by gate.rs, in the emulator's Python.

Usage: gate.py FOLDER_OF_GATE ENDPOINT VIOLATIONS
       gate.py FOLDER_OF_GATE ENDPOINT off        the gate is switched off: moto takes what the gate refuses
"""

import collections
import datetime
import json
import random
import sys
import urllib.error
import urllib.request
from urllib.parse import urlsplit

sys.path.insert(0, sys.argv[1])
sys.dont_write_bytecode = True

import boto3
import botocore.session
from botocore.awsrequest import AWSRequest, prepare_request_dict
from botocore.config import Config
from botocore.exceptions import ClientError
from botocore.parsers import create_parser
from botocore.serialize import create_serializer

import gate

ENDPOINT, VIOLATIONS = sys.argv[2:4]
SERVICES = (
    "sts kms sqs iam s3 ssm sns ec2 cognito-idp events logs organizations cloudtrail firehose xray secretsmanager lambda"
).split()


def client(service):
    """botocore checks nothing itself, and does not ask twice."""
    config = Config(parameter_validation=False, retries={"total_max_attempts": 1}, s3={"addressing_style": "path"})
    keys = {"aws_access_key_id": "test", "aws_secret_access_key": "test"}
    return boto3.client(service, "us-east-1", endpoint_url=ENDPOINT, config=config, **keys)


class Case(collections.namedtuple("Case", "service operation wrong code says right")):
    """One wrong request with the code and a part of the message that answers it, and its twin that passes."""

    def ask(self, arguments):
        try:
            getattr(client(self.service), self.operation)(**arguments)
        except ClientError as error:
            return error.response["Error"]["Code"], error.response["Error"]["Message"]
        return None, ""


ALARM = {
    "AlarmName": "gate", "MetricName": "m", "Namespace": "n", "Statistic": "Sum", "Period": 60, "EvaluationPeriods": 2,
    "Threshold": 0.5, "ComparisonOperator": "GreaterThanThreshold", "Dimensions": [{"Name": "a", "Value": "ä"}],
}  # fmt: skip
TABLE = {
    "TableName": "gate", "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}],
    "AttributeDefinitions": [{"AttributeName": "pk", "AttributeType": "S"}],
}  # fmt: skip
GROUP = {"logGroupName": "gate"}
RULE = {"ID": "a", "Status": "Enabled", "Filter": {"Prefix": ""}, "Expiration": {"Days": 1}}
ROLE = {"RoleName": "gate", "AssumeRolePolicyDocument": "{}"}
SAMPLING = {
    "RuleName": "gate", "ResourceARN": "*", "Priority": 1, "FixedRate": 0.1, "ReservoirSize": 1, "ServiceName": "*",
    "ServiceType": "*", "Host": "*", "HTTPMethod": "*", "URLPath": "*", "Version": 1,
}  # fmt: skip
CASES = [
    # json
    Case("logs", "create_log_group", {"logGroupName": "a b"}, "InvalidParameterException",
         "Value 'a b' at 'logGroupName' failed to satisfy constraint: Member must satisfy regular expression", GROUP),
    Case("logs", "put_retention_policy", GROUP, "InvalidParameterException", "Value null at 'retentionInDays'",
         GROUP | {"retentionInDays": 30}),
    Case("kms", "create_key", {"KeySpec": "AES_1"}, "ValidationException",
         "Value 'AES_1' at 'keySpec' failed to satisfy constraint: Member must satisfy enum value set: [RSA_2048,",
         {"KeySpec": "SYMMETRIC_DEFAULT"}),
    Case("kms", "create_key", {"Description": "a" * 8193}, "ValidationException", "its length is 8193",
         {"Description": "a" * 8192}),
    Case("kms", "create_key", {"MultiRegion": "yes"}, "SerializationException", "Value 'yes' at 'multiRegion'",
         {"MultiRegion": False}),
    Case("kms", "create_key", {"Tags": [{"TagKey": "", "TagValue": "a"}]}, "ValidationException",
         "Value '' at 'tags.1.member.tagKey'", {"Tags": [{"TagKey": "a", "TagValue": "a"}]}),
    Case("sqs", "create_queue", {"QueueName": "gate", "Attributes": {"Colour": "red"}}, "ValidationException",
         "Value 'Colour' at 'attributes.key'", {"QueueName": "gate", "Attributes": {"DelaySeconds": "1"}}),
    Case("cloudwatch", "put_metric_alarm", ALARM | {"Statistic": "Most"}, "ValidationError",
         "Value 'Most' at 'statistic' failed to satisfy constraint: Member must satisfy enum value set: [SampleCount,", ALARM),
    Case("dynamodb", "create_table", TABLE | {"BillingMode": "FREE"}, "ValidationException",
         "Value 'FREE' at 'billingMode'", TABLE | {"BillingMode": "PAY_PER_REQUEST"}),
    # query
    Case("iam", "create_role", ROLE | {"MaxSessionDuration": 60}, "ValidationError",
         "Value '60' at 'maxSessionDuration' failed to satisfy constraint: Member must have value greater than or equal to 3600",
         ROLE | {"MaxSessionDuration": 3600}),
    Case("iam", "create_user", {"UserName": "gate", "Tags": [{"Key": "a"}]}, "ValidationError",
         "Value null at 'tags.1.member.value'", {"UserName": "gate", "Tags": [{"Key": "ä 1", "Value": ""}]}),
    Case("sns", "create_topic", {}, "InvalidParameter", "Value null at 'name'", {"Name": "gate"}),
    # ec2
    Case("ec2", "create_subnet", {"CidrBlock": "10.0.0.0/24"}, "MissingParameter", "must contain the parameter vpcId", None),
    Case("ec2", "create_vpc", {"CidrBlock": "10.0.0.0/16", "InstanceTenancy": "mine"}, "InvalidParameterValue",
         "Value (mine) for parameter instanceTenancy", {"CidrBlock": "10.0.0.0/16", "InstanceTenancy": "default"}),
    Case("ec2", "describe_vpcs", {"MaxResults": 1}, "InvalidParameterValue", "equal to 5", {"MaxResults": 5}),
    # rest-xml
    Case("s3", "create_bucket", {"Bucket": "gate", "ACL": "mine"}, "InvalidArgument", "Value 'mine' at 'aCL'",
         {"Bucket": "gate", "ACL": "private"}),
    Case("s3", "put_bucket_versioning", {"Bucket": "gate", "VersioningConfiguration": {"Status": "on"}}, "MalformedXML",
         "Value 'on' at 'status'", {"Bucket": "gate", "VersioningConfiguration": {"Status": "Enabled"}}),
    Case("s3", "put_bucket_lifecycle_configuration",
         {"Bucket": "gate", "LifecycleConfiguration": {"Rules": [RULE | {"Status": "on"}]}}, "MalformedXML",
         "Value 'on' at 'rules.1.member.status'", {"Bucket": "gate", "LifecycleConfiguration": {"Rules": [RULE]}}),
    # rest-json
    Case("xray", "create_sampling_rule", {"SamplingRule": SAMPLING | {"Priority": 0}}, "InvalidRequestException",
         "Value '0' at 'samplingRule.priority'", {"SamplingRule": SAMPLING}),
]  # fmt: skip


def refuses():
    """Each case with its twin, whose answer shows that moto got it."""
    for case in CASES:
        code, text = case.ask(case.wrong)
        assert code == case.code and case.says in text and "local emulator" in text, (case, code, text)
        if case.right is not None:
            assert case.ask(case.right) == (None, ""), (case.operation, case.ask(case.right))
    for service in ("kms", "iam", "ec2", "xray", "s3"):
        unknown_operation(service)


def unknown_operation(service):
    """An operation of our own in botocore's model of the service."""
    made = client(service)
    # S3 tells operations by method and path; nothing is patched there
    http = {"method": "PATCH", "requestUri": "/"} if service == "s3" else {"method": "POST", "requestUri": "/Conjure"}
    made.meta.service_model._service_description["operations"]["Conjure"] = {"name": "Conjure", "http": http}
    try:
        made._make_api_call("Conjure", {})
        raise AssertionError(f"{service} knows Conjure")
    except ClientError as error:
        codes = {"iam": "InvalidAction", "ec2": "InvalidAction", "s3": "MethodNotAllowed"}
        assert error.response["Error"]["Code"] == codes.get(service, "UnknownOperationException"), error


def unknown_members():
    """EC2 and S3 refuse what they do not know; the others take no notice, and the violation is noted."""
    assert note_of("kms", "CreateKey", {"Colour": "red"}) == (None, ["The member 'colour' is not in the model"])
    code, problems = note_of("ec2", "DescribeVpcs", {"Colour": "red"})
    assert (code, problems) == ("UnknownParameter", ["The member 'colour' is not in the model"])
    code, _ = note_of("s3", "PutBucketVersioning", {"Colour": "red"})
    assert code == "MalformedXML"


def note_of(service, operation, members):
    """The code that answers a request with members of our own, and what is noted of it."""
    made = client(service)
    shapes = made.meta.service_model._service_description["shapes"]
    shape = made.meta.service_model.operation_model(operation).input_shape
    arguments, name = members, shape.name
    if service == "s3":
        name = "VersioningConfiguration"
        arguments = {"Bucket": "gate", name: members}
    shapes[name]["members"] |= {member: {"shape": "Ours"} for member in members}
    shapes["Ours"] = {"type": "string"}
    before = len(open(VIOLATIONS).readlines())
    try:
        made._make_api_call(operation, arguments)
        code = None
    except ClientError as error:
        code = error.response["Error"]["Code"]
    noted = [json.loads(line) for line in open(VIOLATIONS).readlines()[before:]]
    assert len(noted) == 1 and noted[0]["operation"] == operation and noted[0]["refused"] == (code is not None), noted
    return code, noted[0]["problems"]


def hides_secrets():
    """What the model calls sensitive is in no message and in no file."""
    secret = "hunter2" * 10000
    case = Case("secretsmanager", "create_secret", {"Name": "gate", "SecretString": secret}, "ValidationException", "", None)
    code, text = case.ask(case.wrong)
    assert code == "ValidationException" and "Value at 'secretString'" in text and "hunter2" not in text, text
    assert "hunter2" not in open(VIOLATIONS).read()


def reads_what_botocore_writes():
    """Each operation of each service of a zone: found again in what botocore sends, and nothing in it amiss."""
    random.seed(7)
    session, count = botocore.session.get_session(), 0
    for service in SERVICES:
        model = session.get_service_model(service)
        serializer = create_serializer(model.protocol, False)
        for name in model.operation_names:
            # the same path as ListBuckets', in another host
            if name == "ListDirectoryBuckets" or model.operation_model(name).deprecated:
                continue
            operation = model.operation_model(name)
            for _ in range(2):
                request = gate.Request(*sent(serializer, operation, service))
                found, known, labels = gate.operation_of(service, model.protocol, request)
                assert found == name, (service, name, found)
                values, problems = gate.read_input(model.protocol, known, labels, request)
                assert known.input_shape is None or set(values) <= set(known.input_shape.members), (service, name, values)
                # patterns are not known here; a structure without members leaves nothing on the wire
                wrong = [one for one in problems if one.kind not in ("pattern", "missing") and one.constraint != EMPTY]
                assert not wrong, (service, name, wrong)
                count += 1
    assert count > 3500, count


EMPTY = "Member must have length greater than or equal to 2; its length is 1"


def sent(serializer, operation, service):
    """What comes of a random input on the wire, as a WSGI server tells it."""
    arguments = example(operation.input_shape) if operation.input_shape else {}
    if service == "s3" and "Bucket" in arguments:
        arguments["Bucket"] = "bucket"
    parts = serializer.serialize_to_request(arguments, operation)
    prepare_request_dict(parts, "http://127.0.0.1")
    made = AWSRequest(method=parts["method"], url=parts["url"], data=parts["body"], headers=parts["headers"]).prepare()
    url, body = urlsplit(made.url), made.body or b""
    body = body.read() if hasattr(body, "read") else body
    environ = {"REQUEST_METHOD": made.method, "REQUEST_URI": f"{url.path}?{url.query}", "PATH_INFO": url.path}
    for name, value in made.headers.items():
        name = name.upper().replace("-", "_")
        text = value.decode() if isinstance(value, bytes) else value
        environ[name if name in ("CONTENT_TYPE", "CONTENT_LENGTH") else f"HTTP_{name}"] = text
    return environ, body if isinstance(body, bytes) else body.encode()


def example(shape, depth=0):
    """A random value that fits the shape; of the members that are not required, about half."""
    kind, metadata = shape.type_name, shape.metadata
    if kind == "structure":
        members = {} if shape.is_document_type else shape.members
        some = [name for name in members if name in shape.required_members or (depth < 6 and random.random() < 0.5)]
        if shape.is_tagged_union:
            some = random.sample(list(members), 1)
        return {name: example(members[name], depth + 1) for name in some}
    if kind == "list":
        return [example(shape.member, depth + 1) for _ in range(max(metadata.get("min", 0), depth < 7))]
    if kind == "map":
        return {example(shape.key, depth + 1): example(shape.value, depth + 1)}
    if kind in ("integer", "long"):
        low = metadata.get("min", 0)
        return random.randint(low, min(metadata.get("max", low + 9), low + 9))
    if kind in ("float", "double"):
        return float(metadata.get("min", 1))
    if kind == "boolean":
        return random.random() < 0.5
    if kind == "timestamp":
        return datetime.datetime(2026, 1, 2)
    length = max(metadata.get("min", 1), 1)
    return b"a" * length if kind == "blob" else random.choice(metadata.get("enum", ["a" * length]))


def reads_every_pattern():
    """Java's patterns of all these models, in Python's words; some, by what they take."""
    session = botocore.session.get_session()
    for service in SERVICES:
        model = session.get_service_model(service)
        for name in model.shape_names:
            if pattern := model.shape_for(name).metadata.get("pattern"):
                assert all(gate.matcher(pattern, ascii_only) for ascii_only in (True, False))
    tag = r"^([\p{L}\p{Z}\p{N}_.:/=+\-@]*)$"
    for text, takes in {"Größe 1/2": True, "日本": True, "a b": True, "a#b": False, "ä#": False, "a\n": False}.items():
        assert gate.fits(tag, text) == takes, text
    assert gate.fits(r"[\w-\/.]+", "a-/.") and not gate.fits(r"[\w-\/.]+", "a b") and not gate.fits(r"[\w]+", "ä")
    assert gate.fits(r"\p{L}+", "Zürich") and not gate.fits(r"\p{L}+", "1")


def speaks_cbor():
    """CloudWatch in CBOR, as the SDK for Rust calls it, is as CloudWatch in JSON."""
    code, answer = in_cbor("PutMetricAlarm", ALARM | {"AlarmName": "cbor", "TreatMissingData": "x" * 300})
    assert (code, answer["Error"]["Code"]) == (400, "ValidationError") and "local emulator" in answer["Error"]["Message"]
    assert in_cbor("PutMetricAlarm", ALARM | {"AlarmName": "cbor", "AlarmDescription": "ä" * 300})[0] == 200
    code, answer = in_cbor("DescribeAlarms", {"AlarmNames": ["cbor"]})
    (alarm,) = answer["MetricAlarms"]
    told = client("cloudwatch").describe_alarms(AlarmNames=["cbor"])["MetricAlarms"][0]
    assert code == 200 and alarm == told and alarm["Threshold"] == 0.5 and alarm["Period"] == 60, (alarm, told)
    assert isinstance(alarm["StateUpdatedTimestamp"], datetime.datetime), alarm
    of = "arn:aws:cloudwatch:us-east-1:123456789012:alarm:"
    code, answer = in_cbor("ListTagsForResource", {"ResourceARN": of + "cbor"})
    assert (code, answer["Tags"]) == (200, []), answer
    code, answer = in_cbor("ListTagsForResource", {"ResourceARN": of + "none"})
    assert (code, answer["Error"]["Code"]) == (404, "ResourceNotFoundException"), answer
    code, answer = in_cbor("GetDashboard", {"DashboardName": "none"})
    assert (code >= 400, answer["Error"]["Code"]) == (True, "ResourceNotFound"), answer
    code, answer = in_cbor("PutMetricAlarm", ALARM, broken=True)
    assert (code, answer["Error"]["Code"]) == (400, "SerializationException"), answer


def in_cbor(name, arguments, broken=False):
    """Status and answer of a call in CBOR, by botocore's own reader and writer."""
    model = botocore.session.get_session().get_service_model("cloudwatch")
    operation, protocol = model.operation_model(name), "smithy-rpc-v2-cbor"
    parts = create_serializer(protocol, False).serialize_to_request(arguments, operation)
    scope = "AWS4-HMAC-SHA256 Credential=test/20260102/us-east-1/monitoring/aws4_request, SignedHeaders=host, Signature=0"
    headers = {**parts["headers"], "Authorization": scope}
    body = parts["body"][:-1] if broken else parts["body"]
    request = urllib.request.Request(ENDPOINT + parts["url_path"], data=bytes(body), headers=headers, method="POST")
    try:
        answer = urllib.request.urlopen(request)
    except urllib.error.HTTPError as error:
        answer = error
    told = {"status_code": answer.status, "headers": {k.lower(): v for k, v in answer.headers.items()}, "body": answer.read()}
    return answer.status, create_parser(protocol).parse(told, operation.output_shape)


def switched_off():
    case = CASES[2]
    assert case.ask(case.wrong)[0] != case.code or "local emulator" not in case.ask(case.wrong)[1]
    case = CASES[9]
    assert case.ask(case.wrong) == (None, ""), "moto takes any duration"


if VIOLATIONS == "off":
    switched_off()
else:
    reads_every_pattern()
    reads_what_botocore_writes()
    assert open(VIOLATIONS).read() == "", "nothing was sent yet"
    refuses()
    unknown_members()
    hides_secrets()
    speaks_cbor()
