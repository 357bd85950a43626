"""Functions, who may call them, what becomes of their events; objects, and a bucket's log."""

import base64
import io
import zipfile

import pulumi
import pulumi_aws as aws
from engine import MOVED, REPLACED, STAYS, same
from settings import MEMBER, document, policy

HUSHED = "0fficial-function-s3cret"
SECRETS = [HUSHED]
UNREADABLE = {
    "function": ["code", "publish"],
    "stored": ["s3Bucket", "s3Key", "sourceCodeHash"],
    "package": ["contentBase64", "sourceHash"],
    "page": ["source"],
    "objects": ["forceDestroy"],
    "access-logs": ["forceDestroy"],
}
UNTOLD = {
    aws.lambda_.Function: {"signing_job_arn", "signing_profile_version_arn", "source_code_hash"},
    aws.lambda_.Permission: {"statement_id_prefix"},
    aws.s3.BucketObjectv2: {"acl", "bucket_key_enabled", "kms_key_id", "server_side_encryption", "version_id"}
    | {"checksum_crc32", "checksum_crc32c", "checksum_crc64nvme", "checksum_sha1", "checksum_sha256"},
}
UNREAD = {
    aws.lambda_.Function: {"architectures", "ephemeral_storage", "logging_config", "tracing_config"},
    aws.s3.BucketObjectv2: {"content_type", "storage_class"},
}
IMPORTED_AS = {"call": lambda made: f"{made['function']['id']}/{made['call']['id']}"}


def handler(answer):
    return f"def handler(event, context):\n    return {answer}\n"


def package(answer):
    """A function as a ZIP file, always the same."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr(zipfile.ZipInfo("index.py"), handler(answer))
    return base64.b64encode(file.getvalue()).decode()


def describe(p):
    trust = document(Effect="Allow", Action="sts:AssumeRole", Principal={"Service": "lambda.amazonaws.com"})
    role = p.make(STAYS, aws.iam.Role, "function-role", name="functions", assume_role_policy=trust)
    sends = document(Effect="Allow", Action="sqs:SendMessage", Resource="*")
    rights = p.make(STAYS, aws.iam.RolePolicy, "function-rights", name="sends", role=role.name, policy=sends)
    answer = p.tuned(1, 2)
    function = p.make(
        REPLACED,
        aws.lambda_.Function,
        "function",
        name=p.named("worker"),
        role=pulumi.Output.all(role.arn, rights.id).apply(lambda made: made[0]),
        runtime="python3.13",
        handler="index.handler",
        code=pulumi.AssetArchive({"index.py": pulumi.StringAsset(handler(answer))}),
        environment={"variables": {"MODE": p.tuned("first", "second"), "TOKEN": pulumi.Output.secret(HUSHED)}},
        timeout=p.tuned(3, 30),
        publish=True,
        tags=p.tags,
    )
    p.make(
        REPLACED,
        aws.lambda_.FunctionEventInvokeConfig,
        "events-of-function",
        function_name=function.name,
        maximum_retry_attempts=p.tuned(0, 1),
        destination_config={"on_failure": {"destination": p["dead"].arn}},
    )
    p.make(
        MOVED,
        aws.lambda_.Permission,
        "call",
        function=function.name,
        action="lambda:InvokeFunction",
        principal=p.renamed("s3.amazonaws.com", "events.amazonaws.com"),
        statement_id="call",
    )

    objects = p.make(STAYS, aws.s3.Bucket, "objects", bucket=f"objects-{MEMBER}", force_destroy=True)
    zipped = p.make(
        REPLACED,
        aws.s3.BucketObjectv2,
        "package",
        bucket=objects.id,
        key=p.named("code/worker.zip"),
        content_base64=package(answer),
        source_hash=str(answer),
        tags=p.tags,
    )
    p.make(
        REPLACED,
        aws.lambda_.Function,
        "stored",
        name=p.named("stored"),
        role=pulumi.Output.all(role.arn, rights.id).apply(lambda made: made[0]),
        runtime="python3.13",
        handler="index.handler",
        s3_bucket=zipped.bucket,
        s3_key=zipped.key,
        source_code_hash=str(answer),
        reserved_concurrent_executions=p.tuned(1, -1),
    )
    page = pulumi.StringAsset(f"<h1>{answer}</h1>")
    p.make(REPLACED, aws.s3.BucketObjectv2, "page", bucket=objects.id, key=p.named("page.html"), source=page)

    logs = p.make(STAYS, aws.s3.Bucket, "access-logs", bucket=f"logs-{MEMBER}", force_destroy=True)
    lets_in = policy(f"arn:aws:s3:::logs-{MEMBER}/*", "s3:PutObject", principal={"Service": "logging.s3.amazonaws.com"})
    logs_policy = p.make(STAYS, aws.s3.BucketPolicy, "logs-policy", bucket=logs.id, policy=lets_in)
    p.make(
        REPLACED,
        aws.s3.BucketLogging,
        "logging",
        bucket=p["bucket"].id,
        target_bucket=logs_policy.bucket,
        target_prefix=p.tuned("", "log/"),
    )


def look(accounts, outputs, wish):
    live = accounts["member"].lambda_.get_function(FunctionName=outputs["function"]["id"])["Configuration"]
    same("the variables of the function", live["Environment"]["Variables"]["TOKEN"], HUSHED)
    same("the code of the function", live["CodeSha256"], outputs["function"]["code_sha256"])
    version = accounts["member"].lambda_.get_function(FunctionName=outputs["function"]["qualified_arn"])["Configuration"]
    same("the code of the version", version["CodeSha256"], outputs["function"]["code_sha256"])


def drift(at, ids):
    name = {"FunctionName": ids["function"]}
    yield "update", "function", at.lambda_.update_function_configuration(**name, MemorySize=512)
    yield "delete", "events-of-function", at.lambda_.delete_function_event_invoke_config(**name)
    yield "delete", "call", at.lambda_.remove_permission(**name, StatementId="call")
    bucket, _, key = ids["page"].partition("/")
    yield "delete", "page", at.s3.delete_object(Bucket=bucket, Key=key)
    yield "update", "logging", logs_elsewhere(at, ids)


def logs_elsewhere(at, ids):
    status = {"LoggingEnabled": {"TargetBucket": ids["access-logs"], "TargetPrefix": "by hand/"}}
    return at.s3.put_bucket_logging(Bucket=ids["bucket"], BucketLoggingStatus=status)


def objects(at):
    names = [bucket["Name"] for bucket in at.s3.list_buckets()["Buckets"]]
    listed = {name: at.s3.list_objects_v2(Bucket=name).get("Contents", []) for name in names if name.startswith("objects-")}
    return {f"{name}/{one['Key']}" for name, contents in listed.items() for one in contents}


THERE = {
    aws.lambda_.Function: lambda at: {one["FunctionName"] for one in at.lambda_.list_functions()["Functions"]},
    aws.s3.BucketObjectv2: objects,
}
