"""Holds what calls need (rights.py, buckets.py, network.py) against AWS's service authorization reference. Run by authorize.rs, in
the emulator's Python.

Usage: rights.py FOLDER_OF_GATE TABLE      the reference, as crates/iam has it

Every call of every service that is judged is asked for its rights, with an input that has all its members, and with one that has
only those it must have: each action is one that IAM knows, on a resource that the action takes, and on none if it takes none.
"""

import collections
import json
import re
import sys

FOLDER, TABLE = sys.argv[1:3]
sys.path.insert(0, FOLDER)
sys.dont_write_bytecode = True

import authorize  # noqa: F401 (puts all services into `rights`)
import callers
import network
import rights
from moto.core.utils import get_service_model
from moto.organizations.models import organizations_backends

ACCOUNT, REGION = "111122223333", "us-east-1"
Action = collections.namedtuple("Action", "name on")
# What names a thing of EC2 without saying of which kind it is.
IDS = {
    "Allocation": "eipalloc-1",
    "Gateway": "igw-1",
    "Group": "sg-1",
    "Groups": "sg-1",
    "Resource": "vpc-1",
    "Resources": "vpc-1",
    "FlowLog": "fl-1",
}


def reference():
    """Actions by service and name in small letters, and the ARN of each kind of resource of a service."""
    actions, kinds, service, action = {}, {}, None, None
    for line in open(TABLE):
        word, *rest = line.rstrip("\n").split("\t")
        if word == "service":
            service = rest[0]
        elif word == "resource":
            kinds[service, rest[0]] = re.compile(re.sub(r"\\\$\\\{[^}]+\\\}", ".*", re.escape(rest[1])))
        elif word == "action":
            action = actions[f"{service}:{rest[0]}"] = Action(rest[0], [])
        elif word == "on":
            action.on.append((rest[0], rest[1] == "required"))
    return actions, kinds


def organization():
    """Ids of what an organization has, for the members that take them."""
    found = organizations_backends[ACCOUNT]["aws"]
    found.create_organization(REGION, FeatureSet="ALL")
    root = found.org.root_id
    unit = found.create_organizational_unit(Name="unit", ParentId=root)["OrganizationalUnit"]["Id"]
    places = {"RootId": root, "ParentId": root, "SourceParentId": root, "DestinationParentId": root, "OrganizationalUnitId": unit}
    return places | {"PolicyId": "p-FullAWSAccess"} | dict.fromkeys(("AccountId", "ChildId", "TargetId", "ResourceId"), ACCOUNT)


def example(service, shape, name="", depth=0):
    kind = shape.type_name
    if kind == "structure":
        if depth > 4 or shape.is_document_type:
            return {}
        return {member: example(service, inner, member, depth + 1) for member, inner in shape.members.items()}
    if kind == "list":
        return [example(service, shape.member, name, depth + 1)]
    if kind == "map":
        return {example(service, shape.key): example(service, shape.value, depth=depth + 1)}
    if kind in ("integer", "long", "float", "double", "timestamp"):
        return 1
    if kind == "boolean":
        return True
    return b"a" * 40 if kind == "blob" else text(service, shape, name)


def text(service, shape, name):
    if service == "organizations" and name in PLACES:
        return PLACES[name]
    if name in NAMES:
        return NAMES[name]
    if name.lower().endswith("arn") or name == "Resource":
        return f"arn:aws:{rights.PREFIXES.get(service, service)}:{REGION}:{ACCOUNT}:{ANY}"
    if service == "ec2":
        noun = re.sub("(Ids|Id)$", "", name)
        prefixes = {kind.replace("-", "").lower(): prefix for prefix, kind in network.KINDS.items()}
        prefix = prefixes.get(re.sub("^add", "", noun.lower()))
        return IDS.get(noun) or (f"{prefix}-1" if prefix else "asked")
    allowed = shape.metadata.get("enum")
    return allowed[0] if allowed else "asked"


# Stands for what an ARN in an input may name.
ANY = "asked/any"
# Texts that have to be of a form.
NAMES = {
    "AliasName": "alias/asked",
    "CopySource": "asked/asked",
    "Path": "/",
    "ResourceType": "vpc",
    "RoleArn": f"arn:aws:iam::{ACCOUNT}:role/asked",
    "SerialNumber": f"arn:aws:iam::{ACCOUNT}:mfa/device",
}


def wrong(right):
    """What the reference has against a right; None when nothing."""
    action = ACTIONS.get(right.action)
    if action is None:
        return "no such action"
    kinds = [KINDS.get((right.action.partition(":")[0], kind)) for kind, _ in action.on]
    if right.resource == "*":
        return "it is on a resource" if any(needed for _, needed in action.on) else None
    if not action.on:
        return "it is on no resource"
    # of another service the reference has no kind here; an ARN is the caller's own
    known = right.resource.endswith(ANY) or None in kinds or any(kind.match(right.resource) for kind in kinds)
    return None if known else f"it is on {[kind for kind, _ in action.on]}"


def main():
    caller = callers.Caller({"root": ACCOUNT}, f"arn:aws:iam::{ACCOUNT}:root", ACCOUNT)
    problems, count, unjudged = [], collections.Counter(), {}
    for service in rights.SERVICES:
        model = get_service_model(service)
        for name in model.operation_names:
            operation = model.operation_model(name)
            if operation.auth_type == "none" or (service, name) in rights.FREE:
                continue
            whole = example(service, operation.input_shape) if operation.input_shape else {}
            needed = {
                member: whole[member] for member in (operation.input_shape.required_members if operation.input_shape else ())
            }
            for values in (whole, needed):
                found = rights.rights(rights.Call(service, name, values, caller, REGION))
                if found is None:
                    unjudged.setdefault(service, set()).add(name)
                    continue
                count[service] += 1
                # without what names it, a security group of the default VPC is told by its name
                starred = service == "ec2" and values is needed and "Security" in name
                problems += [(service, name, right, why) for right in found if (why := wrong(right)) and not starred]
    assert not problems, "\n".join(map(str, problems))
    # none is left out by mistake: of each service that a zone uses, so many at least
    least = {
        "iam": 250,
        "kms": 90,
        "s3": 180,
        "ec2": 300,
        "organizations": 70,
        "sqs": 40,
        "sns": 40,
        "ssm": 15,
        "sts": 8,
        "events": 35,
        "cloudwatch": 50,
        "dynamodb": 60,
        "lambda": 100,
    }
    few = {service: (count[service], number) for service, number in least.items() if count[service] < number}
    assert not few, few
    json.dump({service: sorted(names) for service, names in unjudged.items()}, sys.stdout)


ACTIONS, KINDS = reference()
PLACES = organization()
main()
