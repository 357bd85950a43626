"""CloudFormation's registry schemas: what cannot be changed, what is read only, what is never shown, and what the handlers call."""

import functools
import json
import re

import names
from sources import Wheel

REGION = "us-east-1"
FOLDER = "cfnlint/data/schemas"

# CloudFormation's names of services that Pulumi files elsewhere.
SERVICES = {
    "cloudwatch": ("CloudWatch", "Events", "Logs", "Synthetics"),
    "cfg": ("Config",),
    "alb": ("ElasticLoadBalancingV2",),
    "lb": ("ElasticLoadBalancingV2",),
    "vpc": ("EC2",),
    "ebs": ("EC2",),
    "mq": ("AmazonMQ",),
    "sfn": ("StepFunctions",),
    "acm": ("CertificateManager",),
    "appautoscaling": ("ApplicationAutoScaling",),
}


class Schemas:
    def __init__(self):
        self.wheel = Wheel("cfn_lint")
        self.ids = json.loads(self.wheel.text(f"{FOLDER}/providers/{REGION}.json"))

    @functools.lru_cache(maxsize=None)
    def schema(self, name):
        return Schema(name, json.loads(self.wheel.text(f"{FOLDER}/resources/{self.ids[name]}.json")))

    def of(self, resource):
        """The schema of a resource type, or None with the reason."""
        of_module = [name for name in self.ids if is_of(name.split("::")[1], resource.module)]
        if not of_module:
            return None, f"no CloudFormation service is called `{resource.module}`"
        words = [names.singular(word) for word in names.words(resource.name)]
        scored = []
        for name in of_module:
            theirs = [names.singular(word) for word in names.words("".join(name.split("::")[2:]))]
            service = {names.singular(word) for word in names.words(name.split("::")[1])} | set(
                names.words(resource.module)
            )
            # the event bus of Events is a bus, and a backup plan of Backup is a plan
            ours = [word for word in words if word in theirs or not is_word_of(word, service)]
            theirs = [word for word in theirs if word in words or not is_word_of(word, service)]
            if not ours or not theirs or ours[-1] != theirs[-1]:
                continue
            alike = 2 * len(set(ours) & set(theirs)) / (len(set(ours)) + len(set(theirs)))
            share = self.shared(resource, self.schema(name))
            exact = 0.1 * (names.flat(name.split("::")[1]) == names.flat(resource.module))
            # of two or three inputs, as many may fit by chance
            if alike >= 0.6 or share >= 0.75 and len(resource.own_names()) > 3:
                scored.append((alike >= 0.6, round(alike + 3 * share + exact, 3), name))
        scored.sort(reverse=True)
        if scored and (len(scored) == 1 or scored[0][:2] > scored[1][:2]):
            return self.schema(scored[0][2]), ""
        if scored:
            return None, "several fit: " + ", ".join(name for _, _, name in scored[:4])
        whole = [name for name in of_module if self.part_of(resource, self.schema(name))]
        if whole:
            return None, f"it is a part of `{whole[0]}` there"
        return None, "none of the module's types has its name"

    @staticmethod
    def shared(resource, schema):
        """Which share of our inputs the schema has."""
        inputs = resource.own_names()
        return len(names.assigned(inputs, schema.properties, names.words(resource.name))) / max(len(inputs), 1)

    @staticmethod
    def part_of(resource, schema):
        """Whether it is a property of a type: `BucketLogging` of `Bucket`, whose property is `LoggingConfiguration`."""
        short = schema.name.split("::")[2]
        if not resource.name.startswith(short):
            return False
        rest = resource.name[len(short) :]
        return bool(rest) and bool(names.assigned([rest], schema.properties, names.words(short)))


def is_of(service, module):
    """Whether a service of CloudFormation has the types of a module: S3Vectors those of `s3`, but ApiGatewayV2 none of `apigateway`."""
    if module in SERVICES:
        return service in SERVICES[module]
    rest = names.flat(service).removeprefix(names.flat(module))
    return rest != names.flat(service) and not re.fullmatch(r"v\d", rest)


def is_word_of(word, service):
    return word in service or any(word in other and len(word) > 3 for other in service)


class Schema:
    def __init__(self, name, schema):
        self.name, self.schema = name, schema
        self.properties = schema.get("properties", {})
        pointers = lambda key: {
            pointer.removeprefix("/properties/").replace("/properties/", "/") for pointer in schema.get(key, [])
        }
        self.create_only = pointers("createOnlyProperties")
        # changed in place under conditions alone
        self.conditional = pointers("conditionalCreateOnlyProperties")
        self.read_only = pointers("readOnlyProperties")
        self.write_only = pointers("writeOnlyProperties")
        self.required = set(schema.get("required", []))
        self.identifier = pointers("primaryIdentifier")
        self.updates = "update" in schema.get("handlers", {})

    def permissions(self):
        """The IAM actions of its handlers, each once, in the order of a life."""
        handlers = self.schema.get("handlers", {})
        found = {}
        for handler in ("create", "read", "update", "delete"):
            found |= dict.fromkeys(handlers.get(handler, {}).get("permissions", []))
        return list(found)

    def resolve(self, node):
        """A definition behind its reference; of alternatives the first."""
        while node and ("$ref" in node or "oneOf" in node or "anyOf" in node):
            if "$ref" in node:
                found = self.schema
                for part in node["$ref"].removeprefix("#/").split("/"):
                    found = found.get(part, {})
                node = found
            elif node.get("type") or node.get("properties"):
                break
            else:
                node = (node.get("oneOf") or node.get("anyOf"))[0]
        return node or {}

    def assigned(self, ours, owner, node=None):
        """Of our names, the property that each is: its name and itself, resolved."""
        properties = self.properties if node is None else self.resolve(node).get("properties", {})
        found = names.assigned(ours, properties, owner)
        return {name: (theirs, self.resolve(properties[theirs])) for name, theirs in found.items()}

    def inner(self, node):
        """What a list's items or a map's values are."""
        node = self.resolve(node)
        if node.get("type") == "array" or "items" in node:
            return self.resolve(node.get("items", {}))
        for patterns in node.get("patternProperties", {}).values():
            return self.resolve(patterns)
        return node

    @staticmethod
    def is_set(node):
        # `uniqueItems` says nothing of the order: a function's layers are unique and in order
        return node.get("insertionOrder") is False

    @staticmethod
    def is_document(node):
        types = node.get("type", [])
        types = [types] if isinstance(types, str) else types
        return "object" in types and not node.get("properties") and not node.get("patternProperties")
