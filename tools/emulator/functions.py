"""What moto lacks of functions' configuration, and of what CreateFunction and its siblings refuse. Imported with the first request to
Lambda (serve.py), because moto's Lambda brings ten other services with it.

<https://docs.aws.amazon.com/lambda/latest/api/API_CreateFunction.html> and <https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html>
(2026-11-26); the words of refusals as known that day, and not looked up
"""

import base64
import io
import json
import os
import time
import uuid
import zipfile
from urllib.parse import unquote

from moto.awslambda.exceptions import (
    InvalidParameterValueException,
    LambdaClientError,
    PreconditionFailedException,
)
from moto.awslambda.models import LambdaBackend, LambdaFunction, LambdaStorage
from moto.awslambda.responses import LambdaResponse
from moto.core.exceptions import JsonRESTError

import services
import stored
from missing import instead_of

# Of an account, all functions together, as AWS's default.
os.environ["MOTO_LAMBDA_CONCURRENCY_QUOTA"] = "1000"
# What moto forgets.
MORE = "KMSKeyArn DeadLetterConfig LoggingConfig SnapStart".split()
ZIPPED, UNZIPPED, ENVIRONMENT = 50 * 1024 * 1024, 262_144_000, 4096
RESERVED = set(
    "_HANDLER _X_AMZN_TRACE_ID AWS_DEFAULT_REGION AWS_REGION AWS_EXECUTION_ENV AWS_LAMBDA_FUNCTION_NAME AWS_LAMBDA_FUNCTION_MEMORY_SIZE"
    " AWS_LAMBDA_FUNCTION_VERSION AWS_LAMBDA_INITIALIZATION_TYPE AWS_LAMBDA_LOG_GROUP_NAME AWS_LAMBDA_LOG_STREAM_NAME AWS_ACCESS_KEY"
    " AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN AWS_LAMBDA_RUNTIME_API LAMBDA_TASK_ROOT LAMBDA_RUNTIME_DIR".split()
)


class RequestEntityTooLarge(LambdaClientError):
    code = 413

    def __init__(self, operation):
        message = f"Request must be smaller than 70167211 bytes for the {operation} operation"
        super().__init__("RequestEntityTooLargeException", message)


# ---- What is refused


def refuse_environment(variables):
    if used := sorted(RESERVED & set(variables)):
        raise InvalidParameterValueException(
            "Lambda was unable to configure your environment variables because the environment variables you have provided contains"
            " reserved keys that are currently not supported for modification. Reserved keys used in this request: "
            + ", ".join(used)
        )
    measured = json.dumps(variables, separators=(",", ":"), ensure_ascii=False)
    if len(measured.encode()) > ENVIRONMENT:
        raise InvalidParameterValueException(
            "Lambda was unable to configure your environment variables because the environment variables you have provided exceeded"
            f" the 4KB limit. String measured: {measured}"
        )


def refuse_role(fn, role):
    """Lambda must be allowed to assume the role, which must be of this account."""
    if stored.role(role) is None:
        # moto says it of a new function; and of a text that is no ARN
        if stored.split(role)[2] == fn.account_id:
            raise InvalidParameterValueException("The role defined for the function cannot be assumed by Lambda.")
        return
    arn = f"arn:aws:lambda:{fn.region}:{fn.account_id}:function:{fn.function_name}"
    if services.service_refused("lambda.amazonaws.com", "sts:AssumeRole", role, arn, fn.account_id):
        raise InvalidParameterValueException("The role defined for the function cannot be assumed by Lambda.")


def refuse_code(fn, directly, operation):
    """A zip, of which neither the zip nor its files are too large."""
    if directly and len(fn.code_bytes) > ZIPPED:
        raise RequestEntityTooLarge(operation)
    try:
        with zipfile.ZipFile(io.BytesIO(fn.code_bytes)) as archive:
            files = archive.infolist()
    except zipfile.BadZipFile as error:
        message = "Could not unzip uploaded file. Please check your file, then try to upload again."
        raise InvalidParameterValueException(message) from error
    if not files:
        raise InvalidParameterValueException("Uploaded file must be a non-empty zip")
    if sum(one.file_size for one in files) > UNZIPPED:
        raise InvalidParameterValueException(f"Unzipped size must be smaller than {UNZIPPED} bytes")


# AWS: reads the version that is named, of a bucket of this region.
# moto: reads the newest one of any; fails (500) when there is none.
def read(backend, code):
    """The code with a zip in it, where it names an object."""
    if not code.get("S3Bucket"):
        return code
    bucket, _ = stored.bucket(code["S3Bucket"])
    if bucket is None:
        raise unread("NoSuchBucket", "The specified bucket does not exist")
    if bucket.region_name != backend.region_name:
        text = f"The bucket is in this region: {bucket.region_name}. Please use this region to retry the request"
        raise unread("PermanentRedirect", text)
    versions, wanted = bucket.keys.getlist(code.get("S3Key"), []), code.get("S3ObjectVersion")
    found = [one for one in versions if hasattr(one, "value") and (not wanted or str(one.version_id) == wanted)]
    if not found or (not wanted and found[-1] is not versions[-1]):
        raise unread("NoSuchKey", "The specified key does not exist.")
    rest = {name: value for name, value in code.items() if name not in ("S3Bucket", "S3Key", "S3ObjectVersion")}
    return rest | {"ZipFile": base64.b64encode(found[-1].value).decode()}


def unread(code, text):
    return InvalidParameterValueException(f"Error occurred while GetObject. S3 Error Code: {code}. S3 Error Message: {text}")


def refuse_dead_letters(fn, config):
    """The role must be allowed to send where dead letters go."""
    target = (config or {}).get("TargetArn")
    if not target:
        return
    service = stored.split(target)[0]
    if service not in ("sqs", "sns"):
        raise InvalidParameterValueException(f"The provided dead letter target {target} is not supported.")
    if why_not_send(fn, target):
        call = {"sqs": "SendMessage on SQS", "sns": "Publish on SNS"}[service]
        raise InvalidParameterValueException(f"The provided execution role does not have permissions to call {call}")


def why_not_send(fn, target):
    """Why the role of a function may not send to a queue, a topic, a function or a bus."""
    service, _, account, name = stored.split(target)
    call, values = {
        "sqs": ("SendMessage", {"QueueUrl": f"http://localhost/{account}/{name}"}),
        "sns": ("Publish", {"TopicArn": target}),
        "lambda": ("Invoke", {"FunctionName": target}),
        "events": ("PutEvents", {"Entries": [{"EventBusName": target}]}),
    }[service]
    return services.refused(fn, service, call, values)


def refuse_revision(fn, body):
    if body.get("RevisionId") and body["RevisionId"] != fn.revision:
        raise PreconditionFailedException(
            "The RevisionId provided does not match the latest RevisionId. Call the GetFunction/GetAlias API to retrieve the latest"
            " RevisionId"
        )


def absent(message="The resource you requested does not exist."):
    error = JsonRESTError("ResourceNotFoundException", message)
    error.code = 404
    return error


# ---- Functions


@instead_of(LambdaFunction)
def __init__(moto, self, account_id, spec, region, version=1):
    moto(self, account_id, spec, region, version)
    self.more = {name: spec[name] for name in MORE if spec.get(name)}
    self.changed()


def changed(self):
    """Another revision, by which sandboxes are told apart, too."""
    self.revision = str(uuid.uuid4())
    self.last_modified = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime()) + ".000+0000"


LambdaFunction.changed = changed


@instead_of(LambdaBackend)
def create_function(moto, self, spec):
    zipped = spec.get("PackageType", "Zip") == "Zip"
    if zipped and not (spec.get("Runtime") and spec.get("Handler")):
        message = "Runtime and Handler are mandatory parameters for functions created with deployment packages."
        raise InvalidParameterValueException(message)
    refuse_environment((spec.get("Environment") or {}).get("Variables") or {})
    directly, spec = "ZipFile" in spec["Code"], spec | {"Code": read(self, spec["Code"])}
    fn = LambdaFunction(self.account_id, spec, self.region_name, version="$LATEST")
    if spec["Role"].count(":") >= 5:
        refuse_role(fn, spec["Role"])
    if zipped:
        refuse_code(fn, directly, "CreateFunction")
    refuse_dead_letters(fn, spec.get("DeadLetterConfig"))
    return moto(self, spec)


@instead_of(LambdaFunction)
def get_configuration(moto, self, on_create=False):
    found = moto(self, on_create)
    logging = {"LogFormat": "Text", "LogGroup": self.logs_group_name} | (self.more.get("LoggingConfig") or {})
    if logging["LogFormat"] == "JSON":
        logging = {"ApplicationLogLevel": "INFO", "SystemLogLevel": "INFO"} | logging
    found |= {"RevisionId": self.revision, "LoggingConfig": logging}
    found["SnapStart"] = {"ApplyOn": "None", "OptimizationStatus": "Off"} | (self.more.get("SnapStart") or {})
    if self.run_time:
        arn = f"arn:aws:lambda:{self.region}::runtime:{uuid.uuid5(uuid.NAMESPACE_URL, self.run_time).hex * 2}"
        found["RuntimeVersionConfig"] = {"RuntimeVersionArn": arn}
    for name in ("KMSKeyArn", "DeadLetterConfig"):
        if self.more.get(name):
            found[name] = self.more[name]
    if on_create:
        found |= {"State": "Pending", "StateReason": "The function is being created.", "StateReasonCode": "Creating"}
    return {name: value for name, value in found.items() if value is not None and value != []}


# AWS: the VPC of the subnets.
# moto: always `vpc-123abc`.
@property
def vpc_config(self):
    if not self._vpc_config:
        return None
    config = {"SubnetIds": [], "SecurityGroupIds": [], "Ipv6AllowedForDualStack": False} | self._vpc_config
    network = stored.store("ec2", self.account_id, self.region)
    subnets = [subnet for zone in network.subnets.values() for subnet in zone.values()] if network else []
    vpcs = [subnet.vpc_id for subnet in subnets if subnet.id in config["SubnetIds"]]
    return config | {"VpcId": vpcs[0] if vpcs else ""}


LambdaFunction.vpc_config = vpc_config


@instead_of(LambdaFunction)
def get_code(moto, self):
    found = moto(self)
    if self.reserved_concurrency == 0:
        found["Concurrency"] = {"ReservedConcurrentExecutions": 0}
    return found


@instead_of(LambdaFunction)
def update_configuration(moto, self, config_updates):
    refuse_revision(self, config_updates)
    given = dict(config_updates)
    if "Environment" in given:
        given["Environment"] = {"Variables": (given["Environment"] or {}).get("Variables") or {}}
        refuse_environment(given["Environment"]["Variables"])
    if given.get("Role"):
        refuse_role(self, given["Role"])
    before, self.role = self.role, given.get("Role") or self.role
    try:
        refuse_dead_letters(self, given.get("DeadLetterConfig"))
    finally:
        self.role = before
    moto(self, given)
    for name in MORE:
        if name in given:
            self.more[name] = given[name]
    if "TracingConfig" in given:
        self.tracing_config = given["TracingConfig"] or {"Mode": "PassThrough"}
    if given.get("EphemeralStorage"):
        self.ephemeral_storage = given["EphemeralStorage"]["Size"]
    self.changed()
    return self.get_configuration() | IN_PROGRESS


# What an update answers, before it is done; GetFunction says right after that it is.
IN_PROGRESS = {
    "LastUpdateStatus": "InProgress",
    "LastUpdateStatusReason": "The function is being created.",
    "LastUpdateStatusReasonCode": "Creating",
}


# AWS: refuses what is no zip, tries with DryRun, takes the architecture.
# moto: changes the code twice; takes no notice of the rest.
@instead_of(LambdaBackend)
def update_function_code(moto, self, function_name, qualifier, body):
    fn = self.get_function(function_name, qualifier)
    refuse_revision(fn, body)
    directly, body = "ZipFile" in body, read(self, body)
    trial = LambdaFunction(self.account_id, spec_of(fn) | {"Code": dict(body)}, self.region_name, fn.version)
    if fn.package_type == "Zip":
        refuse_code(trial, directly, "UpdateFunctionCode")
    if body.get("DryRun"):
        return trial.get_configuration()
    fn._set_function_code(body)
    if body.get("Architectures"):
        fn.architectures = body["Architectures"]
    fn.code_or_config_updated = True
    fn.changed()
    if body.get("Publish"):
        fn = self.publish_version(function_name)
    return fn.get_configuration() | IN_PROGRESS


def spec_of(fn):
    """What a function would be made of once more."""
    found = fn.get_configuration()
    return {
        name: found[name] for name in ("FunctionName", "Role", "Runtime", "Handler", "MemorySize", "Timeout") if name in found
    }


@instead_of(LambdaFunction)
def set_version(moto, self, version):
    moto(self, version)
    self.more = dict(self.more)
    self.changed()


@instead_of(LambdaStorage)
def del_function(moto, self, name_or_arn, qualifier=None):
    fn = self.get_function_by_name_or_arn_with_qualifier(name_or_arn, qualifier)
    moto(self, name_or_arn, qualifier)
    import sandboxes

    sandboxes.end_all(f"arn:aws:lambda:{fn.region}:{fn.account_id}:function:{fn.function_name}:{fn.version}")


# AWS: no member where nothing is reserved.
# moto: null.
def get_function_concurrency(self):
    reserved = self.backend.get_function_concurrency(unquote(self.path.rsplit("/", 2)[-2]))
    return 200, {}, json.dumps({} if reserved is None else {"ReservedConcurrentExecutions": reserved})


LambdaResponse.get_function_concurrency = get_function_concurrency


import event_settings  # noqa: E402,F401 (the import is what counts)
import invocations  # noqa: E402,F401
import mappings  # noqa: E402,F401
import permissions  # noqa: E402,F401
