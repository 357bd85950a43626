"""X-Ray's sampling rules, of which moto 5.2.1 has none. Part of `missing.py`.

Seen 2026-11-24, at https://docs.aws.amazon.com/xray/latest/api/: what is refused is an InvalidRequestException with
another message each, but for too many rules and for tags of what is not there.
"""

import json
import re
import time

from moto.core.exceptions import JsonRESTError
from moto.utilities.utils import get_partition
from moto.xray.responses import XRayResponse
from moto.xray.urls import url_paths

RULES_OF_OWN = 25
TAGS_OF_OWN = 50
LENGTHS = {
    "RuleName": 32,
    "ResourceARN": 500,
    "ServiceName": 64,
    "ServiceType": 64,
    "Host": 64,
    "HTTPMethod": 10,
    "URLPath": 128,
}
REQUIRED = [*LENGTHS, "Priority", "FixedRate", "ReservoirSize", "Version"]
CHANGEABLE = [*LENGTHS, "Priority", "FixedRate", "ReservoirSize", "Attributes"]


class InvalidRequest(JsonRESTError):
    def __init__(self, message):
        super().__init__("InvalidRequestException", message)


def default_rule(backend):
    """Every region has it; it cannot be deleted, and its place in the order cannot be changed."""
    anything = dict.fromkeys(("ResourceARN", "ServiceName", "ServiceType", "Host", "HTTPMethod", "URLPath"), "*")
    rule = {"RuleName": "Default", "Priority": 10000, "FixedRate": 0.05, "ReservoirSize": 1, "Version": 1}
    return {
        "SamplingRule": rule | anything | {"RuleARN": arn(backend, "Default"), "Attributes": {}},
        "CreatedAt": 0.0,
        "ModifiedAt": 0.0,
    }


def arn(backend, name):
    region = backend.region_name
    return f"arn:{get_partition(region)}:xray:{region}:{backend.account_id}:sampling-rule/{name}"


def rules(backend):
    """The records of a region of an account, by name."""
    return backend.__dict__.setdefault("sampling_rules", {"Default": default_rule(backend)})


def tags(backend):
    return backend.__dict__.setdefault("sampling_rule_tags", {})


def validate(rule):
    for name, longest in LENGTHS.items():
        if len(rule[name]) > longest:
            raise InvalidRequest(f"{name} is longer than {longest} characters")
    if not re.fullmatch(r".+", rule["RuleName"]):
        raise InvalidRequest("RuleName is empty")
    if not 1 <= rule["Priority"] <= 9999:
        raise InvalidRequest("Priority is not between 1 and 9999")
    if not 0 <= rule["FixedRate"] <= 1:
        raise InvalidRequest("FixedRate is not between 0 and 1")
    if rule["ReservoirSize"] < 0:
        raise InvalidRequest("ReservoirSize is negative")
    if rule["Version"] != 1:
        raise InvalidRequest("Version is not 1")
    if len(rule["Attributes"]) > 5:
        raise InvalidRequest("there are more than 5 Attributes")


def named(backend, request):
    """The record that a request means, by name or by ARN."""
    name, by_arn = request.get("RuleName"), request.get("RuleARN")
    if (name is None) == (by_arn is None):
        raise InvalidRequest("Specify a rule by either name or ARN, but not both")
    record = rules(backend).get(name if name is not None else by_arn.rpartition("/")[2])
    if record is None:
        raise InvalidRequest("The sampling rule does not exist")
    return record


def create_sampling_rule(self):
    backend, given = self.xray_backend, self._get_param("SamplingRule")
    if missing := [name for name in REQUIRED if given.get(name) is None]:
        raise InvalidRequest(f"missing {', '.join(missing)}")
    rule = {name: given[name] for name in REQUIRED} | {"Attributes": given.get("Attributes") or {}}
    validate(rule)
    name = rule["RuleName"]
    if name in rules(backend):
        raise InvalidRequest(f"A sampling rule named {name} already exists")
    if len(rules(backend)) > RULES_OF_OWN:
        raise JsonRESTError("RuleLimitExceededException", "You have reached the maximum number of sampling rules.")
    rule["RuleARN"] = arn(backend, name)
    now = time.time()
    record = {"SamplingRule": rule, "CreatedAt": now, "ModifiedAt": now}
    rules(backend)[name] = record
    tags(backend)[rule["RuleARN"]] = {tag["Key"]: tag["Value"] for tag in self._get_param("Tags") or []}
    return json.dumps({"SamplingRuleRecord": record})


def get_sampling_rules(self):
    # AWS does not say how many a page has: few here, so that whoever reads one page only is found out
    records = sorted(rules(self.xray_backend).values(), key=lambda record: record["SamplingRule"]["Priority"])
    start = int(self._get_param("NextToken") or 0)
    answer = {"SamplingRuleRecords": records[start : start + 10]}
    if start + 10 < len(records):
        answer["NextToken"] = str(start + 10)
    return json.dumps(answer)


def update_sampling_rule(self):
    update = self._get_param("SamplingRuleUpdate")
    record = named(self.xray_backend, update)
    rule = record["SamplingRule"]
    changed = {name: update[name] for name in CHANGEABLE if update.get(name) is not None}
    if rule["RuleName"] == "Default":
        if changed.keys() - {"RuleName", "FixedRate", "ReservoirSize"}:
            raise InvalidRequest("Invalid update request for default sampling rule")
    else:
        validate(rule | changed)
    rule |= changed
    record["ModifiedAt"] = time.time()
    return json.dumps({"SamplingRuleRecord": record})


def delete_sampling_rule(self):
    backend = self.xray_backend
    record = named(backend, self.request_params)
    name = record["SamplingRule"]["RuleName"]
    if name == "Default":
        raise InvalidRequest("The default sampling rule cannot be deleted")
    del rules(backend)[name]
    tags(backend).pop(record["SamplingRule"]["RuleARN"], None)
    return json.dumps({"SamplingRuleRecord": record})


def tagged(self):
    kept = tags(self.xray_backend).get(self._get_param("ResourceARN"))
    if kept is None:
        raise JsonRESTError("ResourceNotFoundException", "The resource was not found.")
    return kept


def tag_resource(self):
    kept = tagged(self)
    given = {tag["Key"]: tag["Value"] for tag in self._get_param("Tags")}
    if len(kept | given) > TAGS_OF_OWN:
        raise JsonRESTError("TooManyTagsException", "You have exceeded the maximum number of tags")
    kept |= given
    return "{}"


def untag_resource(self):
    kept = tagged(self)
    for key in self._get_param("TagKeys"):
        kept.pop(key, None)
    return "{}"


def list_tags_for_resource(self):
    return json.dumps({"Tags": [{"Key": key, "Value": value} for key, value in tagged(self).items()]})


CALLS = {
    "CreateSamplingRule": create_sampling_rule,
    "GetSamplingRules": get_sampling_rules,
    "UpdateSamplingRule": update_sampling_rule,
    "DeleteSamplingRule": delete_sampling_rule,
    "TagResource": tag_resource,
    "UntagResource": untag_resource,
    "ListTagsForResource": list_tags_for_resource,
}
for call, function in CALLS.items():
    url_paths["{0}/" + call + "$"] = XRayResponse.dispatch
    setattr(XRayResponse, function.__name__, function)
