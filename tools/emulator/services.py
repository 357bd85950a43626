"""What services do by themselves: S3 that calls a function, Lambda that writes a log or a dead letter. No request comes of it, so the
authorization gate is asked here, with the same policies; where there is no gate everything is allowed.
"""

import json

from moto.sts.models import sts_backends

import callers
import conditions
import running
import stored
from gate import CALL, INPUT

SESSIONS = {}


def session(fn):
    """A session of a function's role, named after the function, as the variables by which an SDK finds it.

    <https://docs.aws.amazon.com/lambda/latest/dg/permissions-source-function-arn.html> (2026-11-26): it knows its function.
    """
    if (fn.role, fn.region, fn.function_name) not in SESSIONS:
        with running.TURN.taken():
            made = sts_backends[fn.role.split(":")[4]]["aws"].assume_role(fn.region, fn.function_name, fn.role, None, 43200, None)
        made.keys = {"lambda:SourceFunctionArn": f"arn:aws:lambda:{fn.region}:{fn.account_id}:function:{fn.function_name}"}
        SESSIONS[fn.role, fn.region, fn.function_name] = {
            "AWS_ACCESS_KEY_ID": made.access_key_id,
            "AWS_SECRET_ACCESS_KEY": made.secret_access_key,
            "AWS_SESSION_TOKEN": made.session_token,
        }
    return SESSIONS[fn.role, fn.region, fn.function_name] | {"AWS_REGION": fn.region, "AWS_DEFAULT_REGION": fn.region}


def refused(fn, service, name, values):
    """Why the role of a function may not do a call; None when it may."""
    if running.GATE is None:
        return None
    import authorize

    key, region = session(fn)["AWS_ACCESS_KEY_ID"], fn.region
    scope = f"AWS4-HMAC-SHA256 Credential={key}/20260101/{region}/{service}/aws4_request, SignedHeaders=host, Signature=0"
    environ = {
        CALL: (service, name, None),
        INPUT: values,
        "HTTP_AUTHORIZATION": scope,
        "PATH_INFO": "/",
        "REQUEST_METHOD": "POST",
    }
    try:
        running.GATE.judge(environ, service, name)
    except authorize.Refusal as refusal:
        return refusal.text
    return None


def service_refused(service, action, arn, source, account, context=None):
    """Why a service may not do something with a resource, in the name of what an account has; None when it may.

    `context` is what else AWS knows of the call, such as the encryption context.

    It has no policies of its own, so the policy on the resource alone decides:
    <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-sourcearn> (2026-11-26)
    """
    if running.GATE is None:
        return None
    owner = stored.owner(arn, account)
    on_resource = stored.policy(action, arn)
    policies = {
        "identity": [],
        "boundary": None,
        "session": [],
        "resource": callers.named(arn, on_resource) if on_resource else None,
        "organization": None,
    }
    keys = {
        "aws:SourceArn": source,
        "aws:SourceAccount": account,
        # of the policy that a topic has from the beginning
        "aws:SourceOwner": account,
        "aws:PrincipalIsAWSService": "true",
        "aws:PrincipalServiceName": service,
        "aws:SecureTransport": "true",
        "aws:ViaAWSService": "false",
        "aws:RequestedRegion": stored.split(arn)[1],
    } | {key.replace("Resource", "Source"): value for key, value in callers.membership(account, "Resource").items()}
    keys |= context or {}
    keys |= conditions.of_resource(arn, owner, [on_resource] if on_resource else [])
    asked = {"principal": {"service": service}, "action": action, "resource": arn, "account": owner, "context": keys}
    [decision] = running.GATE.decider.ask([{"request": asked, "policies": policies}])
    if decision["allowed"]:
        return None
    running.GATE.note("denied", action.partition(":")[0], action.partition(":")[2], principal=service, resource=arn, by=decision)
    return f"{service} is not authorized to perform: {action} on resource: {arn} ({json.dumps(decision)})"
