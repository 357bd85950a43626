"""The keys of a request's context that policies can ask for.

<https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html> for all services, and each service's page of
<https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html>
(2026-11-26). What follows from the principal alone is set in callers.py and by `crates/iam`.
"""

import datetime
import functools
import re
import time
from urllib.parse import parse_qsl

import callers
import rights
import stored


def of_request(environ, call):
    """What holds of the whole request, whatever it is on."""
    now = int(time.time())
    keys = {
        "aws:CurrentTime": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(now)),
        "aws:EpochTime": str(now),
        # the loopback stands for the TLS in front of AWS
        "aws:SecureTransport": "true",
        "aws:SourceIp": environ.get("REMOTE_ADDR") or "127.0.0.1",
        "aws:ViaAWSService": "false",
        "aws:RequestedRegion": call.region,
    }
    for key, header in (("aws:UserAgent", "HTTP_USER_AGENT"), ("aws:Referer", "HTTP_REFERER")):
        if environ.get(header):
            keys[key] = environ[header]
    keys |= call.caller.keys | callers.membership(call.account, "Principal")
    if call.service != "ec2":
        keys |= of_tags(call)
    own = SERVICES.get(call.service)
    return keys | {key: value for key, value in (own(call, environ) if own else {}).items() if value not in (None, "", [])}


def of_tags(call):
    tags = rights.request_tags(call.values)
    if call.service == "s3":
        tags = stored.pairs((call.values.get("CreateBucketConfiguration") or {}).get("Tags"))
    named = (
        list(tags)
        or call.first("TagKeys", "tagKeys", "TagKeyList")
        or [tag["Key"] for tag in call.first("TagsList") or () if "Key" in tag]
    )
    keys = {f"aws:RequestTag/{key}": value for key, value in tags.items()}
    return keys | ({"aws:TagKeys": named} if named else {})


# ---- Of one service


S3_HEADERS = {
    "s3:x-amz-acl": "ACL",
    "s3:x-amz-copy-source": "CopySource",
    "s3:x-amz-grant-full-control": "GrantFullControl",
    "s3:x-amz-grant-read": "GrantRead",
    "s3:x-amz-grant-read-acp": "GrantReadACP",
    "s3:x-amz-grant-write": "GrantWrite",
    "s3:x-amz-grant-write-acp": "GrantWriteACP",
    "s3:x-amz-metadata-directive": "MetadataDirective",
    "s3:x-amz-object-ownership": "ObjectOwnership",
    "s3:x-amz-server-side-encryption": "ServerSideEncryption",
    "s3:x-amz-server-side-encryption-aws-kms-key-id": "SSEKMSKeyId",
    "s3:x-amz-server-side-encryption-customer-algorithm": "SSECustomerAlgorithm",
    "s3:x-amz-storage-class": "StorageClass",
    "s3:x-amz-website-redirect-location": "WebsiteRedirectLocation",
    "s3:if-match": "IfMatch",
    "s3:if-none-match": "IfNoneMatch",
    "s3:prefix": "Prefix",
    "s3:delimiter": "Delimiter",
    "s3:VersionId": "VersionId",
    "s3:object-lock-mode": "ObjectLockMode",
    "s3:object-lock-legal-hold": "ObjectLockLegalHoldStatus",
}


def s3(call, environ):
    values = call.values
    keys = {key: values.get(member) for key, member in S3_HEADERS.items()}
    if values.get("MaxKeys") is not None:
        keys["s3:max-keys"] = str(values["MaxKeys"])
    keys["s3:LocationConstraint"] = (values.get("CreateBucketConfiguration") or {}).get("LocationConstraint")
    keys["s3:TlsVersion"] = "1.3"
    keys["s3:x-amz-content-sha256"] = environ.get("HTTP_X_AMZ_CONTENT_SHA256")
    if environ.get("HTTP_AUTHORIZATION"):
        keys |= {"s3:authType": "REST-HEADER", "s3:signatureversion": "AWS4-HMAC-SHA256"}
    elif callers.credential(environ)[0]:
        keys |= {"s3:authType": "REST-QUERY-STRING", "s3:signatureversion": "AWS4-HMAC-SHA256"}
    retention = values.get("Retention") or {}
    keys["s3:object-lock-mode"] = keys["s3:object-lock-mode"] or retention.get("Mode")
    until = environ.get("HTTP_X_AMZ_OBJECT_LOCK_RETAIN_UNTIL_DATE")
    if retention and not until:
        # moments are not read from bodies, where the model gate has no use for them
        found = re.search(rb"<RetainUntilDate>([^<]+)<", environ["wsgi.input"].getvalue())
        until = found[1].decode() if found else None
    if until:
        keys["s3:object-lock-retain-until-date"] = until
        left = datetime.datetime.fromisoformat(until) - datetime.datetime.now(datetime.UTC)
        keys["s3:object-lock-remaining-retention-days"] = str(max(left.days, 0))
    hold = values.get("LegalHold") or {}
    keys["s3:object-lock-legal-hold"] = keys["s3:object-lock-legal-hold"] or hold.get("Status")
    tags = dict(parse_qsl(values["Tagging"], keep_blank_values=True)) if isinstance(values.get("Tagging"), str) else {}
    keys |= {f"s3:RequestObjectTag/{key}": value for key, value in tags.items()}
    return keys | {"s3:RequestObjectTagKeys": list(tags)}


def kms(call, environ):
    values = call.values
    context = values.get("EncryptionContext") or {}
    return {
        "kms:CallerAccount": call.account,
        "kms:EncryptionContextKeys": list(context),
        "kms:KeySpec": values.get("KeySpec") or values.get("CustomerMasterKeySpec"),
        "kms:KeyUsage": values.get("KeyUsage"),
        "kms:KeyOrigin": values.get("Origin"),
        "kms:MultiRegion": flag(values, "MultiRegion"),
        "kms:BypassPolicyLockoutSafetyCheck": flag(values, "BypassPolicyLockoutSafetyCheck"),
        "kms:ScheduleKeyDeletionPendingWindowInDays": number(values, "PendingWindowInDays"),
        "kms:GranteePrincipal": values.get("GranteePrincipal"),
        "kms:GrantOperations": values.get("Operations"),
        "kms:RequestAlias": values.get("KeyId") if "alias/" in str(values.get("KeyId", "")) else None,
    } | {f"kms:EncryptionContext:{key}": value for key, value in context.items()}


def flag(values, member):
    return str(values[member]).lower() if member in values else None


def number(values, member):
    return str(values[member]) if member in values else None


def iam(call, environ):
    return {
        "iam:PermissionsBoundary": call.values.get("PermissionsBoundary"),
        "iam:PolicyARN": call.values.get("PolicyArn"),
        "iam:AWSServiceName": call.values.get("AWSServiceName"),
    }


def sts(call, environ):
    values = call.values
    keys = {
        "sts:ExternalId": values.get("ExternalId"),
        "sts:RoleSessionName": values.get("RoleSessionName"),
        "sts:SourceIdentity": values.get("SourceIdentity"),
        "sts:TransitiveTagKeys": values.get("TransitiveTagKeys"),
    }
    if values.get("SerialNumber") and values.get("TokenCode"):
        # whichever code is given, for want of a device
        keys |= {"aws:MultiFactorAuthPresent": "true", "aws:MultiFactorAuthAge": "0"}
    return keys


def ec2(call, environ):
    return {
        "ec2:Region": call.region,
        "ec2:InstanceType": call.values.get("InstanceType"),
        "ec2:VpceServiceName": call.values.get("ServiceName"),
        "ec2:Vpc": call.arn(f"vpc/{call.values['VpcId']}") if call.values.get("VpcId") else None,
        "ec2:Subnet": call.arn(f"subnet/{call.values['SubnetId']}") if call.values.get("SubnetId") else None,
    }


def cloudwatch(call, environ):
    values = call.values
    actions = [arn for member in ("AlarmActions", "OKActions", "InsufficientDataActions") for arn in values.get(member) or []]
    return {
        "cloudwatch:AlarmActions": actions,
        "cloudwatch:namespace": values.get("Namespace") if call.name == "PutMetricData" else None,
    }


def functions(call, environ):
    values = call.values
    network = values.get("VpcConfig") or {}
    mapping = "EventSourceMapping" in call.name and values.get("FunctionName")
    return {
        "lambda:FunctionArn": call.named(values["FunctionName"], "function:") if mapping else None,
        "lambda:FunctionUrlAuthType": values.get("AuthType") or values.get("FunctionUrlAuthType"),
        "lambda:Principal": values.get("Principal"),
        "lambda:Layer": values.get("Layers"),
        "lambda:SecurityGroupIds": network.get("SecurityGroupIds"),
        "lambda:SubnetIds": network.get("SubnetIds"),
        "lambda:CodeSigningConfigArn": values.get("CodeSigningConfigArn"),
    }


def ssm(call, environ):
    put = call.name == "PutParameter"
    return {
        "ssm:Overwrite": str(bool(call.values.get("Overwrite"))).lower() if put else None,
        "ssm:Policies": str(bool(call.values.get("Policies"))).lower() if put else None,
        "ssm:Recursive": str(bool(call.values.get("Recursive"))).lower() if call.name == "GetParametersByPath" else None,
    }


def events(call, environ):
    targets = [target["Arn"] for target in call.values.get("Targets", []) if "Arn" in target]
    return {"events:TargetArn": targets, "events:EventBusArn": call.values.get("EventSourceArn")}


def sns(call, environ):
    return {
        "sns:Protocol": call.values.get("Protocol"),
        "sns:Endpoint": call.values.get("Endpoint"),
        # of the policy that a topic has from the beginning
        "aws:SourceOwner": call.account,
    }


def secretsmanager(call, environ):
    values = call.values
    return {
        "secretsmanager:Name": values.get("Name"),
        "secretsmanager:SecretId": values.get("SecretId"),
        "secretsmanager:KmsKeyId": values.get("KmsKeyId"),
        "secretsmanager:VersionStage": values.get("VersionStage"),
        "secretsmanager:ForceDeleteWithoutRecovery": flag(values, "ForceDeleteWithoutRecovery"),
        "secretsmanager:RecoveryWindowInDays": number(values, "RecoveryWindowInDays"),
        "secretsmanager:BlockPublicPolicy": flag(values, "BlockPublicPolicy"),
    }


def organizations(call, environ):
    return {
        "organizations:PolicyType": call.values.get("PolicyType") or call.values.get("Type") or call.values.get("Filter"),
        "organizations:ServicePrincipal": call.values.get("ServicePrincipal"),
    }


SERVICES = {
    "cloudwatch": cloudwatch,
    "ec2": ec2,
    "events": events,
    "iam": iam,
    "kms": kms,
    "lambda": functions,
    "organizations": organizations,
    "s3": s3,
    "secretsmanager": secretsmanager,
    "sns": sns,
    "ssm": ssm,
    "sts": sts,
}


# ---- Of one resource

# Names of the keys with a resource's tags, beside aws:ResourceTag.
TAG_KEYS = {
    "ec2": "ec2:ResourceTag",
    "iam": "iam:ResourceTag",
    "secretsmanager": "secretsmanager:ResourceTag",
    "ssm": "ssm:resourceTag",
}


@functools.lru_cache(4096)
def asks_of_resource(text):
    """Whether a policy could ask for what the resource has: most do not, and then nobody looks for it."""
    return "resourcetag/" in text.lower() or "resourcealiases" in text.lower() or "resourceorg" in text.lower()


def of_resource(arn, owner, documents):
    """Tags, aliases and organization of a resource, where one of these policies could ask for them."""
    if not any(asks_of_resource(document) for document in documents):
        return {}
    keys = dict(callers.membership(owner, "Resource"))
    tags = stored.tags(arn)
    for name in ("aws:ResourceTag", TAG_KEYS.get(arn.split(":")[2] if arn != "*" else "")):
        if name:
            keys |= {f"{name}/{key}": value for key, value in tags.items()}
    if arn.startswith("arn:aws:kms:") and (aliases := stored.aliases(arn)):
        keys["kms:ResourceAliases"] = aliases
    return keys
