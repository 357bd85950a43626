"""What a call needs of KMS: services use a customer's key in the caller's name, and so only if the caller may.

The keys that AWS makes for a service let in everybody in the account who may use the service, and need nothing here. What
services do by themselves (Firehose that delivers, CloudTrail that writes, EventBridge that sends) does not pass here at all.
"""

import database
import stored
from rights import Right

NEW_OBJECT = {"PutObject", "CopyObject", "CreateMultipartUpload"}
READ_OBJECT = {"GetObject", "HeadObject", "GetObjectAttributes"}
QUEUES = {
    "SendMessage": ("GenerateDataKey", "Decrypt"),
    "SendMessageBatch": ("GenerateDataKey", "Decrypt"),
    "ReceiveMessage": ("Decrypt",),
}
PARAMETERS = {"GetParameter", "GetParameters", "GetParametersByPath", "GetParameterHistory"}


def rights(call):
    """The uses of keys that a call comes to."""
    of = SERVICES.get(call.service)
    return of(call) if of else []


def use(call, actions, key, context):
    """Uses of a key of a customer; none where there is no such key: the service says so."""
    arn = key and stored.key_arn(key, call.account, call.region)
    if not arn or not stored.is_customers(arn):
        return []
    keys = {
        "kms:ViaService": f"{call.service}.{call.region}.amazonaws.com",
        "kms:CallerAccount": call.account,
        "aws:ViaAWSService": "true",
    }
    keys |= {f"kms:EncryptionContext:{name}": value for name, value in context.items()}
    keys["kms:EncryptionContextKeys"] = list(context)
    return [Right(f"kms:{action}", arn, keys) for action in actions]


def s3(call):
    """<https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingKMSEncryption.html> (2026-11-26)"""
    values, name = call.values, call.name
    bucket, _ = stored.bucket(values.get("Bucket"))
    if not bucket or not (name in NEW_OBJECT or name in READ_OBJECT):
        return []
    at = f"arn:aws:s3:::{values['Bucket']}"
    rule = (bucket.encryption or {}).get("Rule", {})
    by_default = rule.get("ApplyServerSideEncryptionByDefault", {})
    if name in READ_OBJECT:
        found = bucket.keys.get(values.get("Key"))
        if found is None or not str(getattr(found, "encryption", "")).startswith("aws:kms"):
            return []
        context = at if getattr(found, "bucket_key_enabled", None) in (True, "true") else f"{at}/{values['Key']}"
        return use(call, ["Decrypt"], found.kms_key_id, {"aws:s3:arn": context})
    how = values.get("ServerSideEncryption") or by_default.get("SSEAlgorithm")
    if not str(how).startswith("aws:kms"):
        return []
    key = values.get("SSEKMSKeyId") or (by_default.get("KMSMasterKeyID") if how == by_default.get("SSEAlgorithm") else None)
    bucket_key = values.get("BucketKeyEnabled", rule.get("BucketKeyEnabled")) in (True, "true")
    actions = ["GenerateDataKey"] + (["Decrypt"] if name == "CreateMultipartUpload" else [])
    return use(call, actions, key, {"aws:s3:arn": at if bucket_key else f"{at}/{values['Key']}"})


def sqs(call):
    if call.name not in QUEUES or not call.values.get("QueueUrl"):
        return []
    name = call.values["QueueUrl"].rpartition("/")[2]
    queues = stored.store("sqs", call.account, call.region)
    queue = queues and queues.queues.get(name)
    return use(call, QUEUES[call.name], queue.kms_master_key_id, {"aws:sqs:arn": queue.queue_arn}) if queue else []


def sns(call):
    if call.name not in ("Publish", "PublishBatch") or not call.first("TopicArn", "TargetArn"):
        return []
    arn = call.first("TopicArn", "TargetArn")
    topics = stored.store("sns", call.account, call.region)
    topic = topics and topics.topics.get(arn)
    return use(call, ("GenerateDataKey", "Decrypt"), topic.kms_master_key_id, {"aws:sns:topicArn": arn}) if topic else []


def dynamodb(call):
    """<https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/encryption.usagenotes.html> (2026-11-26): the table's key is
    decrypted in the caller's name; it is cached for five minutes on AWS, and not at all here."""
    new = call.values.get("SSESpecification") or {}
    if call.name in ("CreateTable", "UpdateTable") and new.get("KMSMasterKeyId"):
        context = {"aws:dynamodb:tableName": call.values.get("TableName", ""), "aws:dynamodb:subscriberId": call.account}
        actions = ("DescribeKey", "CreateGrant", "GenerateDataKey", "Decrypt")
        return use(call, actions, new["KMSMasterKeyId"], context)
    found = []
    for arn in dict.fromkeys(right.resource for right in database.dynamodb(call) or () if is_of_items(right.action)):
        table = database.schema(arn)
        key = ((table and table.sse_specification) or {}).get("KMSMasterKeyId")
        context = {"aws:dynamodb:tableName": table.name, "aws:dynamodb:subscriberId": call.account} if table else {}
        found += use(call, ["Decrypt"], key, context)
    return found


def is_of_items(action):
    return action.endswith(("Item", ":Query", ":Scan"))


def functions(call):
    """<https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars-encryption.html> (2026-11-26)"""
    if call.name not in ("CreateFunction", "UpdateFunctionConfiguration") or not call.values.get("KMSKeyArn"):
        return []
    context = {"aws:lambda:FunctionArn": call.named(call.values["FunctionName"], "function:")}
    return use(call, ("CreateGrant", "Encrypt"), call.values["KMSKeyArn"], context)


def ssm(call):
    if call.name == "PutParameter" and call.values.get("Type") == "SecureString":
        arn = call.arn(f"parameter/{call.values['Name'].lstrip('/')}")
        return use(call, ["Encrypt"], call.values.get("KeyId"), {"PARAMETER_ARN": arn})
    parameters = stored.store("ssm", call.account, call.region)
    if call.name not in PARAMETERS or not call.values.get("WithDecryption") or not parameters:
        return []
    if path := call.values.get("Path"):
        found = [versions[-1] for name, versions in parameters._parameters.items() if versions and name.startswith(path)]
    else:
        names = call.values.get("Names") or [call.values.get("Name")]
        names = [
            name.rpartition(":parameter")[2] if name.startswith("arn:") else name.partition(":")[0] for name in names if name
        ]
        # moto looks up a reference in Secrets Manager, and refuses one to nothing; it has the key of no parameter
        names = [name for name in names if not name.startswith(stored.REFERENCE)]
        found = [versions[-1] for name in names if name in parameters._parameters and (versions := parameters._parameters[name])]
    return [
        right
        for one in found
        if one.parameter_type == "SecureString"
        for right in use(call, ["Decrypt"], one.keyid, {"PARAMETER_ARN": call.arn(f"parameter/{one.name.lstrip('/')}")})
    ]


def secretsmanager(call):
    secrets = stored.store("secretsmanager", call.account, call.region)
    name = call.first("SecretId")
    found = secrets and name and secrets.secrets.get(name)
    if call.name == "GetSecretValue" and found:
        return use(call, ["Decrypt"], found.kms_key_id, {"SecretARN": found.arn})
    if call.name in ("PutSecretValue", "UpdateSecret") and found:
        return use(call, ["GenerateDataKey", "Decrypt"], call.first("KmsKeyId") or found.kms_key_id, {"SecretARN": found.arn})
    if call.name == "CreateSecret":
        return use(call, ["GenerateDataKey", "Decrypt"], call.first("KmsKeyId"), {})
    return []


SERVICES = {"dynamodb": dynamodb, "lambda": functions, "s3": s3, "secretsmanager": secretsmanager, "sns": sns, "sqs": sqs, "ssm": ssm}
