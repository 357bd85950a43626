"""AWS's service models, as botocore carries them: the operations of a type, and the member that each input is."""

import functools
import gzip
import json
import re

import names
from sources import Wheel

# botocore's names of services that Pulumi files elsewhere, most likely first.
SERVICES = {
    "cloudwatch": ("cloudwatch", "events", "logs"),
    "kinesis": ("kinesis", "firehose"),
    "cognito": ("cognito-idp", "cognito-identity"),
    "cfg": ("config",),
    "alb": ("elbv2",),
    "lb": ("elbv2",),
    "vpc": ("ec2",),
    "ebs": ("ec2",),
    "sfn": ("stepfunctions",),
    "msk": ("kafka",),
    "appautoscaling": ("application-autoscaling",),
    "opensearch": ("opensearch", "opensearchserverless"),
    "bedrock": ("bedrock-agent", "bedrock"),
}

VERBS = {
    "create": (
        *("Create", "Put", "Register", "Add", "Allocate", "Request", "Associate", "Attach", "Set", "Enable"),
        *("Authorize", "Publish", "Modify", "Update", "Run", "Start"),
    ),
    "read": ("Describe", "Get", "Head", "List"),
    "update": ("Update", "Modify", "Put", "Set", "Replace", "Change"),
    "delete": ("Delete", "Remove", "Deregister", "Disassociate", "Detach", "Release", "Revoke", "Disable"),
}


class Models:
    def __init__(self):
        self.wheel = Wheel("botocore")

    @functools.cached_property
    def files(self):
        found = {}
        for name in sorted(self.wheel.names):
            if match := re.fullmatch(r"botocore/data/([^/]+)/[^/]+/service-2\.json(\.gz)?", name):
                # the newest version comes last
                found[match[1]] = name
        return found

    @functools.lru_cache(maxsize=None)
    def service(self, name):
        data = self.wheel.bytes(self.files[name])
        return Service(name, json.loads(gzip.decompress(data) if self.files[name].endswith(".gz") else data))

    def of(self, resource, schema):
        """The service of a type and its operations by the part they play, or None."""
        names_ = list(SERVICES.get(resource.module, (resource.module,)))
        if schema:
            prefixes = {permission.partition(":")[0] for permission in schema.permissions()}
            short = names.flat(schema.name.split("::")[1])
            names_ += [
                name for name in self.files if (name in prefixes or names.flat(name) == short) and name not in names_
            ]
            names_.sort(key=lambda name: (names.flat(name) != short, name != resource.module, name not in prefixes))
        best = None
        for order, name in enumerate(names_):
            if name not in self.files:
                continue
            service = self.service(name)
            found = service.operations_of(resource, schema)
            if found.get("create") and (best is None or found["score"] > best[1]["score"] + 0.2 * order):
                best = (service, found)
        return best or (None, {})


class Service:
    def __init__(self, name, model):
        self.name, self.shapes, self.operations = name, model["shapes"], model["operations"]
        self.id = model["metadata"]["serviceId"]
        self.signing = model["metadata"].get("signingName") or model["metadata"]["endpointPrefix"]

    @property
    def crate(self):
        return "aws-sdk-" + names.flat(self.id)

    def members(self, shape):
        return self.shapes.get(shape, {}).get("members", {})

    def input(self, operation):
        return self.operations[operation].get("input", {}).get("shape", "")

    def output(self, operation):
        return self.operations[operation].get("output", {}).get("shape", "")

    def errors(self, operations):
        found = {}
        for operation in operations:
            for error in self.operations[operation].get("errors", []):
                shape = self.shapes[error["shape"]]
                found[shape.get("error", {}).get("code", error["shape"])] = None
        return list(found)

    def operations_of(self, resource, schema):
        """Its operations: those of CloudFormation's handlers that the name fits, else those that the name fits."""
        allowed = None
        if schema:
            handlers = schema.schema.get("handlers", {})
            allowed = {
                part: [p.partition(":")[2] for p in handlers.get(part, {}).get("permissions", [])]
                for part in ("create", "read", "update", "delete")
            }
        nouns = self.nouns(resource, schema)
        inputs, owner, found = resource.own_names(), tuple(names.words(resource.name)), {}
        for part, verbs in VERBS.items():
            rated = []
            for operation in self.operations:
                verb = next((verb for verb in verbs if re.match(verb + r"(?=[A-Z])", operation)), None)
                if verb is None:
                    continue
                weight = max(
                    weight_of(operation[len(verb) :], nouns), weight_of_tie(verb, operation[len(verb) :], resource.name)
                )
                in_handler = bool(allowed and operation in allowed[part])
                changes = part in ("create", "update")
                shared = (
                    len(self.assigned(self.input(operation), inputs, owner)) / max(len(inputs), 1) if changes else 0
                )
                if not weight and (not in_handler or changes and shared < 0.3):
                    continue
                if part == "read" and weight:
                    shape = self.carried(operation, inputs, owner)[0]
                    shared = 0.5 * len(self.assigned(shape, inputs, owner)) / max(len(inputs), 1) if shape else 0
                rated.append((round(weight + 0.5 * in_handler + shared - 0.01 * verbs.index(verb), 3), operation))
            if rated and max(rated)[0] > 0.4:
                found[part] = max(rated)[1]
                if part == "create":
                    found["score"] = max(rated)[0]
        return found

    def readers(self, resource):
        """All calls that show the type, or a list of it."""
        nouns = {names.flat(re.sub(r"[vV]2$", "", resource.name)): 1.0}
        return [
            name
            for name in self.operations
            if (verb := re.match("Describe|Get|List", name)) and weight_of(name[verb.end() :], nouns)
        ]

    @staticmethod
    def nouns(resource, schema):
        """What calls may call the type, with how surely it is meant."""
        found = {names.flat(resource.name): 1.0}
        if schema:
            found.setdefault(names.flat(schema.name.split("::")[-1]), 0.95)
        module = names.flat(resource.module)
        for noun in list(found):
            if noun.startswith(module) and noun != module:
                found.setdefault(noun[len(module) :], 0.7)
        # the second version of a type has the calls of the first
        words = names.words(re.sub(r"[vV]2$", "", resource.name))
        found.setdefault("".join(words), 0.98)
        # an event archive is an archive
        for start in range(1, len(words)):
            found.setdefault("".join(words[start:]), 0.75 - 0.05 * start)
        # a bucket's server side encryption configuration is its encryption
        bare = [word for word in words if word not in names.NOISE]
        for end in range(1, len(bare)):
            found.setdefault(bare[0] + "".join(bare[end:]), 0.6)
        return found

    @functools.lru_cache(maxsize=None)
    def assigned(self, shape, ours, owner):
        """Of our names, the member of a structure that each is: its name and its shape's name."""
        candidates = self.members(shape)
        return {
            name: (theirs, candidates[theirs]["shape"])
            for name, theirs in names.assigned(ours, candidates, owner).items()
        }

    def within(self, shape, ours, owner):
        """As `assigned`, also in the structures one level below: the path of each, outermost first."""
        found = {name: ((member, inner),) for name, (member, inner) in self.assigned(shape, ours, owner).items()}
        for outer, member in self.members(shape).items():
            inner = member["shape"]
            if self.shapes[inner]["type"] != "structure":
                continue
            left = tuple(name for name in ours if name not in found)
            for name, step in self.assigned(inner, left, owner).items():
                found[name] = ((outer, inner), step)
        return found

    def structure(self, shape):
        """The structure behind lists and maps; None where there is none."""
        for _ in range(4):
            found = self.shapes.get(shape, {})
            if found.get("type") == "structure":
                return shape
            shape = (found.get("member") or found.get("value") or {}).get("shape", "")
        return None

    def carried(self, operation, ours, owner):
        """The structure that tells of the resource, and its path in the answer: `Table` of DescribeTable's answer."""
        answer = self.output(operation)
        count = lambda shape: len(self.assigned(shape, ours, owner))
        best = (count(answer), answer, None)
        for name, member in self.members(answer).items():
            inner = self.structure(member["shape"])
            if inner and count(inner) > best[0]:
                best = (count(inner), inner, name)
        return (best[1], best[2]) if best[0] else (None, None)


def weight_of(noun, nouns):
    noun = names.flat(noun)
    forms = (
        noun,
        names.singular(noun),
        noun.removesuffix("configuration"),
        noun + "configuration",
        noun.removesuffix("attributes"),
        noun + "rule",
    )
    return max(nouns.get(form, 0) for form in forms)


def weight_of_tie(verb, noun, name):
    """What ties two resources is a resource in Pulumi and a verb at AWS: AttachPolicy makes a policy attachment."""
    for verbs, ending in ((("Attach", "Detach"), "Attachment"), (("Associate", "Disassociate"), "Association")):
        if verb in verbs and name.endswith(ending) and names.flat(name.removesuffix(ending)).endswith(names.flat(noun)):
            return 1.0
    return 0
