"""The configuration of a function's asynchronous invocations. Part of `functions.py`.

<https://docs.aws.amazon.com/lambda/latest/api/API_PutFunctionEventInvokeConfig.html> (2026-11-26)
"""

import json
import time
from urllib.parse import unquote

from moto.awslambda.exceptions import InvalidParameterValueException
from moto.awslambda.responses import LambdaResponse

import stored
from functions import absent, why_not_send


def invoked(self, place=-2):
    """The function that a path names, the qualifier, the ARN that both make, and all configurations by their qualifiers."""
    qualifier = self.querystring.get("Qualifier", [None])[0] or "$LATEST"
    name = unquote(self.path.split("/")[place])
    fn = self.backend.get_function(name, None if qualifier == "$LATEST" else qualifier)
    latest = self.backend.get_function(fn.function_name)
    arn = f"arn:aws:lambda:{fn.region}:{fn.account_id}:function:{fn.function_name}:{qualifier}"
    return latest, qualifier, arn, latest.more.setdefault("EventInvokeConfigs", {})


def kept(fn, arn, given):
    targets = given.get("DestinationConfig") or {}
    for which in ("OnSuccess", "OnFailure"):
        target = (targets.get(which) or {}).get("Destination")
        if not target:
            continue
        service = stored.split(target)[0] if target.count(":") >= 5 else ""
        if service not in ("sqs", "sns", "lambda", "events"):
            raise InvalidParameterValueException(f"The destination ARN {target} is invalid.")
        if why_not_send(fn, target):
            call = {"sqs": "SendMessage", "sns": "Publish", "lambda": "Invoke", "events": "PutEvents"}[service]
            message = f"The function's execution role does not have permissions to call {call} on {target}"
            raise InvalidParameterValueException(message)
    numbers = {name: given[name] for name in ("MaximumRetryAttempts", "MaximumEventAgeInSeconds") if given.get(name) is not None}
    both = {which: targets.get(which) or {} for which in ("OnSuccess", "OnFailure")}
    return {"FunctionArn": arn, "LastModified": time.time(), "DestinationConfig": both} | numbers


def put_function_event_invoke_config(self):
    fn, qualifier, arn, all_of_it = invoked(self)
    all_of_it[qualifier] = kept(fn, arn, self.json_body)
    return json.dumps(all_of_it[qualifier])


def there(qualifier, arn, all_of_it):
    if qualifier not in all_of_it:
        raise absent(f"The function {arn} doesn't have an EventInvokeConfig")
    return all_of_it[qualifier]


def update_function_event_invoke_config(self):
    fn, qualifier, arn, all_of_it = invoked(self)
    all_of_it[qualifier] = kept(fn, arn, there(qualifier, arn, all_of_it) | self.json_body)
    return json.dumps(all_of_it[qualifier])


def get_function_event_invoke_config(self):
    _, *where = invoked(self)
    return json.dumps(there(*where))


def delete_function_event_invoke_config(self):
    _, qualifier, arn, all_of_it = invoked(self)
    there(qualifier, arn, all_of_it)
    del all_of_it[qualifier]
    return 204, {"status": 204}, ""


def list_function_event_invoke_configs(self):
    _, _, _, all_of_it = invoked(self, -3)
    return json.dumps({"FunctionEventInvokeConfigs": list(all_of_it.values())})


for function in (
    put_function_event_invoke_config,
    update_function_event_invoke_config,
    get_function_event_invoke_config,
    delete_function_event_invoke_config,
    list_function_event_invoke_configs,
):
    setattr(LambdaResponse, function.__name__, function)
