"""The policy of a function: AddPermission, GetPolicy and RemovePermission. Part of `functions.py`.

<https://docs.aws.amazon.com/lambda/latest/api/API_AddPermission.html> (2026-11-26)
"""

import json
import uuid
from urllib.parse import unquote

from moto.awslambda.exceptions import InvalidParameterValueException, LambdaClientError
from moto.awslambda.responses import LambdaResponse

import stored
from functions import absent, refuse_revision


def principal(fn, given):
    """As AWS writes it; of an account it is the root user, and nobody who is not there."""
    if given == "*":
        return given
    if given.endswith(".amazonaws.com") or "." in given and not given.startswith("arn:"):
        return {"Service": given}
    arn = f"arn:aws:iam::{given}:root" if given.isdecimal() else given
    kind = arn.split(":")[5] if arn.count(":") >= 5 else ""
    known = kind == "root" or not kind.startswith("role/") or stored.role(arn) is not None
    if not kind or (not known and stored.store("iam", arn.split(":")[4], "aws")):
        raise InvalidParameterValueException("The provided principal was invalid. Please check the principal and try again.")
    return {"AWS": arn}


# member of AddPermission: operator and key of the condition
CONDITIONS = {
    "SourceArn": ("ArnLike", "AWS:SourceArn"),
    "SourceAccount": ("StringEquals", "AWS:SourceAccount"),
    "PrincipalOrgID": ("StringEquals", "aws:PrincipalOrgID"),
    "EventSourceToken": ("StringEquals", "lambda:EventSourceToken"),
    "FunctionUrlAuthType": ("StringEquals", "lambda:FunctionUrlAuthType"),
    "InvokedViaFunctionUrl": ("Bool", "lambda:InvokedViaFunctionUrl"),
}


def of_path(self, place):
    """The function that a path names, the ARN of the policy's resource, and the part of the policy that is on it."""
    name = unquote(self.path.split("/")[place])
    qualifier = self.querystring.get("Qualifier", [None])[0]
    fn = self.backend.get_function(name, qualifier)
    latest = self.backend.get_function(fn.function_name)
    arn = f"arn:aws:lambda:{fn.region}:{fn.account_id}:function:{fn.function_name}"
    arn += f":{qualifier}" if qualifier and qualifier != "$LATEST" else ""
    return latest, arn, [one for one in latest.policy.statements if one["Resource"] == arn]


def add_permission(self):
    fn, arn, statements = of_path(self, -2)
    given, policy = self.json_body, fn.policy
    if given.get("RevisionId") and given["RevisionId"] != policy.revision:
        refuse_revision(fn, given | {"RevisionId": "another"})
    if any(one["Sid"] == given["StatementId"] for one in statements):
        error = LambdaClientError(
            "ResourceConflictException",
            f"The statement id ({given['StatementId']}) provided already exists. Please provide a new statement id, or remove the"
            " existing statement.",
        )
        error.code = 409
        raise error
    conditions = {}
    for member, (operator, key) in CONDITIONS.items():
        if given.get(member) is not None:
            value = given[member]
            conditions.setdefault(operator, {})[key] = str(value).lower() if isinstance(value, bool) else value
    statement = {"Sid": given["StatementId"], "Effect": "Allow", "Principal": principal(fn, given["Principal"])}
    statement |= {"Action": given["Action"], "Resource": arn} | ({"Condition": conditions} if conditions else {})
    policy.statements.append(statement)
    policy.revision = str(uuid.uuid4())
    return 201, {}, json.dumps({"Statement": json.dumps(statement)})


def get_policy(self):
    fn, _, statements = of_path(self, -2)
    if not statements:
        raise absent()
    document = {"Version": "2012-10-17", "Id": "default", "Statement": statements}
    return json.dumps({"Policy": json.dumps(document), "RevisionId": fn.policy.revision})


def remove_permission(self):
    fn, _, statements = of_path(self, -3)
    sid = unquote(self.path.split("/")[-1])
    found = [one for one in statements if one["Sid"] == sid]
    if not statements:
        raise absent("No policy is associated with the given resource.")
    if not found:
        raise absent(f"Statement {sid} is not found in resource policy.")
    revision = self.querystring.get("RevisionId", [None])[0]
    if revision and revision != fn.policy.revision:
        refuse_revision(fn, {"RevisionId": "another"})
    fn.policy.statements.remove(found[0])
    fn.policy.revision = str(uuid.uuid4())
    return 204, {"status": 204}, ""


for function in (add_permission, get_policy, remove_permission):
    setattr(LambdaResponse, function.__name__, function)
