"""What each property is in Rust, and how it behaves: every claim with the source it follows from, and what no source says."""

import re

import names
from documentation import FORCED, TOLD, default_of, sentence
from evidence import Evidence
from shape import Draft, Field, Struct, inner_kind, plain

RUST = {
    "string": "String",
    "bool": "bool",
    "integer": "i32",
    "number": "f64",
    "archive": "Archive",
    "asset": "Asset",
    "any": "Value",
}

# The name of an action, not a property of the resource: no call shows it.
OWN = re.compile(
    r"^(?:force|skip|bypass|wait|retain|overwrite|allow|recreate|replace|generate|deletion|recovery|final)(?=[A-Z]|$)"
)


def draft(package, schemas, models, token):
    resource = package.resource(token)
    schema, why = schemas.of(resource)
    service, operations = models.of(resource, schema)
    return Drafting(resource, schema, why, service, operations).run()


class Drafting(Evidence):
    def __init__(self, resource, schema, why, service, operations):
        super().__init__(resource, schema, service, operations)
        self.undecided, self.mapping, self.shapes, self.lists = [], {}, {}, []
        if schema is None:
            self.say(
                resource.token,
                f"there is no CloudFormation schema of it ({why}): `replace`, `unread` and `set` follow from AWS's calls and the documentation alone",
            )
        if service is None:
            self.say(
                resource.token,
                "no service of botocore has a call that makes it: no SDK type, no limit and no call is named",
            )

    def say(self, place, what):
        self.undecided.append(f"{place}: {what}")

    def run(self):
        resource, flags, inputs, outputs = self.resource, [], [], []
        for found in resource.inputs:
            if found.name in ("region", "timeouts"):
                continue
            if found.name == "tags" and isinstance(found.kind, tuple) and found.kind[0] == "map":
                flags.append("tags")
            elif found.name == "namePrefix":
                flags.append("name_prefix")
            elif found.deprecated and not found.required:
                self.say(found.name, "it is deprecated, and left out")
            elif self.only_shown(found):
                outputs.append(self.output(found))
            else:
                inputs.append(self.input(found))
        # identity first, what is required before what is not
        inputs.sort(key=lambda field: ("autoname" not in field.attributes, not field.required))
        outputs += [self.output(found) for found in resource.outputs if not found.deprecated]
        for field in outputs:
            self.nest(field.kind, field.name, None, None, True, field.doc)
        if self.lists:
            listed = ", ".join(f"`{name}`" for name in dict.fromkeys(self.lists))
            self.say(resource.token, f"`set`: whether the order counts in {listed}, no source says")
        if schema := self.schema:
            self.say(
                resource.token,
                f"the lines `Calls` and `IAM` are those of CloudFormation's handlers of {schema.name}: leave out what this type does not call",
            )
        return Draft(
            resource,
            self.schema,
            self.service,
            self.operations,
            inputs,
            outputs,
            list(self.shapes.values()),
            flags,
            self.carried,
            self.mapping,
            self.undecided,
        )

    def only_shown(self, found):
        """An input that AWS alone can say, such as an ARN that an old state has."""
        if not found.filled or found.name in self.creates or found.name in self.changes:
            return False
        cfn = self.cfn.get(found.name, (None,))[0]
        return (
            cfn in self.schema.read_only
            if cfn
            else bool(self.service) and found.name in ("arn", "versionId", "destinationId")
        )

    # -- one input of the resource

    def input(self, found):
        cfn, node = self.cfn.get(found.name, (None, None))
        member = (self.creates.get(found.name) or self.changes.get(found.name) or (None,))[-1]
        shape = member and member[1]
        field = Field(found.name, self.rust(found.kind, shape), "", {}, found.kind, found.required)
        if found.kind == "any":
            self.say(found.name, "its type is not a plain one in the official package")
        if self.replaced(found, cfn):
            field.attributes["replace"] = None
        if self.is_name(found):
            field.attributes["autoname"] = None
        elif not found.required:
            self.optional(field, found, node)
        self.behaviour(field, found, node, shape)
        if self.unread(found, cfn, "replace" in field.attributes):
            field.attributes["unread"] = None
        if self.service:
            self.place(field, found.name)
        field.enum = self.values(shape)
        field.doc = sentence(found.doc, self.known(), field)
        self.nest(found.kind, found.name, node, shape, False, field.doc)
        return field

    def is_name(self, found):
        """Whether a name is generated where none is given."""
        if found.kind != "string" or found.required:
            return False
        if any(other.name == f"{found.name}Prefix" for other in self.resource.inputs):
            return True
        others = any(other.name == "name" for other in self.resource.inputs)
        return found.name == "name" or not others and found.name == f"{self.owner[-1]}Name"

    def replaced(self, found, cfn):
        name = found.name
        if FORCED.search(found.doc):
            return True
        if name.endswith("Prefix") and any(other.name == name.removesuffix("Prefix") for other in self.resource.inputs):
            return True
        if cfn is not None:
            if cfn in self.schema.create_only or cfn in self.schema.identifier or not self.schema.updates:
                return True
            if any(pointer.startswith(cfn + "/") for pointer in self.schema.create_only):
                self.say(name, f"`replace`: only a part of `{cfn}` cannot be changed, as CloudFormation says")
            if cfn in self.schema.conditional:
                self.say(name, f"`replace`: `{cfn}` can be changed under conditions, as CloudFormation says")
            if name in self.creates and (self.identifying(name) or self.put_on(found)):
                return True
            if name in self.creates and self.changes and not self.changed(name):
                self.say(
                    name,
                    "`replace`: CloudFormation changes it in place, and none of the calls that it may make takes it",
                )
                return True
            return False
        if self.service is None:
            return False
        if name in self.creates and (self.identifying(name) or self.put_on(found)):
            return True
        if name in self.creates and not self.changed(name):
            if self.schema:
                self.say(
                    name,
                    f"`replace`: CloudFormation does not have it; {self.create} takes it and no call that changes does",
                )
            return True
        return False

    def unread(self, found, cfn, replaced):
        """Whether no call shows it."""
        if re.search(r"Wo(?:Version)?$", found.name):
            return True
        if found.name.endswith("Prefix") and any(
            other.name == found.name.removesuffix("Prefix") for other in self.resource.inputs
        ):
            return True
        if found.name in self.shown:
            return False
        if cfn in (self.schema.write_only if self.schema else ()):
            return True
        if isinstance(found.kind, tuple):
            return False
        if OWN.match(found.name):
            return True
        # a call takes it, and none of those that show much of the rest shows it, nor does the state always have it
        covered = len(self.shown) >= len(self.ours) / 2
        return covered and found.name in self.creates and not found.filled and not found.required and not replaced

    # -- types and what is optional

    def rust(self, kind, shape):
        if isinstance(kind, tuple):
            if kind[0] == "object":
                return self.struct_name(kind[1])
            inner = self.rust(kind[1], None)
            return f"Vec<{inner}>" if kind[0] == "list" else f"BTreeMap<String, {inner}>"
        if kind == "integer" and shape and self.service.shapes[shape]["type"] == "long":
            return "i64" if self.service.shapes[shape].get("max", 2**31) >= 2**31 else "i32"
        return RUST.get(kind, "Value")

    def struct_name(self, official):
        short = official.removeprefix(self.resource.name)
        taken = {
            "",
            "Option",
            "String",
            "Vec",
            "Box",
            "Result",
            "Inputs",
            "Outputs",
            "Value",
            "Error",
            "Map",
            "Live",
            "Tags",
            "Self",
            "Some",
            "None",
        }
        return official if short in taken or not short[0].isupper() else short

    def optional(self, field, found, node):
        preset = default_of(found, node)
        collection = isinstance(found.kind, tuple) and found.kind[0] in ("list", "map")
        if found.filled:
            if preset is not None:
                self.say(found.name, f"`computed`, or `default = {preset}` as the documentation says")
            field.attributes["computed"] = None
            if TOLD.search(found.doc):
                field.attributes["told"] = None
            field.type = f"Option<{field.type}>"
        elif preset is not None:
            field.attributes["default"] = preset
        elif found.kind == "bool":
            field.attributes["default"] = "false"
        elif collection:
            field.attributes["default"] = None
        else:
            field.type = f"Option<{field.type}>"

    def behaviour(self, field, found, node, shape):
        if found.secret:
            field.attributes["secret"] = None
        text = found.kind == "string"
        document = text and bool(node) and self.schema.is_document(node)
        said = (
            text
            and re.search(r"\bJSON\b", found.doc)
            and re.search(r"polic|pattern|document|definition|json$", found.name, re.I)
        )
        if document or said or found.document:
            field.attributes["json"] = None
            if (
                found.document
                or re.search(r"(?<!redrive)(?<!allow)policy", found.name, re.I)
                and not re.search(r"redrive|delivery|archive|lifecycle", found.name, re.I)
            ):
                field.attributes["equal"] = "document::equal"
        if isinstance(found.kind, tuple) and found.kind[0] == "list" and self.is_set(found, node, shape):
            field.attributes["set"] = None
        elif isinstance(found.kind, tuple) and found.kind[0] == "list":
            self.lists.append(found.name)

    def is_set(self, found, node, shape):
        if re.match(r"(?:a |the )?(?:\(\w+\) )?(?:unordered )?set of\b", found.doc, re.I) or found.name.endswith("Ids"):
            return True
        if shape and self.service.shapes[shape]["type"] == "list":
            if self.service.shapes[self.service.shapes[shape]["member"]["shape"]].get("enum"):
                return True
        return bool(node) and self.schema.is_set(node)

    def place(self, field, name):
        """Where the SDK has it: another name there, a member of a member, or nowhere."""
        path = self.creates.get(name)
        plainly = isinstance(field.kind, tuple) and inner_kind(field.kind)[0] == "object"
        if path is None:
            other = self.changes.get(name)
            if field.kind != "bool" and not plainly:
                self.mapping[name] = "none: REASON"
            if "unread" not in field.attributes:
                self.say(
                    name,
                    f"{self.create} does not take it"
                    + (
                        f", a later call does as `{other[-1][0]}`"
                        if other
                        else "; its place at AWS, and whether it can be changed, no source says"
                    ),
                )
        elif field.kind != "bool" and (len(path) > 1 or not plain(name, path[0][0])):
            owner = path[0][1] if len(path) > 1 else self.service.input(self.create)
            self.mapping[name] = f"{owner}.{path[-1][0]}"
        if not self.live or "unread" in field.attributes:
            return
        live = self.live.get(name)
        if live is None:
            field.attributes["own"] = None
        elif len(live) > 1 or names.snake(live[0][0]) != names.snake(name):
            field.attributes["sdk"] = ".".join(names.snake(step[0]) for step in live)

    # -- nested objects and outputs

    def nest(self, kind, path, node, shape, output, doc):
        while isinstance(kind, tuple) and kind[0] in ("list", "map"):
            kind, path = kind[1], f"{path}[]" if kind[0] == "list" else f"{path}{{}}"
            node = self.schema.inner(node) if node else None
        if not isinstance(kind, tuple) or kind[1] in self.shapes:
            return
        official = kind[1]
        shape = self.service.structure(shape) if shape else None
        struct = Struct(self.struct_name(official), official, doc, [], [shape] if shape else [], output)
        self.shapes[official] = struct
        owner, listed = tuple(names.words(official)), self.resource.shapes.get(official, [])
        ours = tuple(found.name for found in listed)
        properties = self.schema.assigned(ours, owner, node) if node else {}
        places = self.service.within(shape, ours, owner) if shape else {}
        for found in listed:
            if found.deprecated:
                self.say(f"{path}.{found.name}", "it is deprecated, and left out")
                continue
            inner = properties.get(found.name, (None, None))[1]
            way = places.get(found.name)
            member = way and way[-1]
            field = Field(found.name, self.rust(found.kind, member and member[1]), "", {}, found.kind, found.required)
            if output and not found.required:
                field.type = f"Option<{field.type}>"
            elif not output:
                if FORCED.search(found.doc):
                    field.attributes["replace"] = None
                if not found.required:
                    self.optional(field, found, inner)
                self.behaviour(field, found, inner, member and member[1])
            if shape and not member:
                field.attributes["own"] = None
                if found.kind != "bool" and not isinstance(found.kind, tuple) and not output:
                    self.mapping[f"{path}.{found.name}"] = "none: REASON"
                    self.say(f"{path}.{found.name}", f"`{shape}` has no member of this name")
            elif member and (len(way) > 1 or names.snake(member[0]) != names.snake(found.name)):
                field.attributes["sdk"] = ".".join(names.snake(step[0]) for step in way)
                if not output and found.kind != "bool" and (len(way) > 1 or not plain(found.name, member[0])):
                    self.mapping[f"{path}.{found.name}"] = f"{way[0][1] if len(way) > 1 else shape}.{member[0]}"
            field.enum = self.values(member and member[1])
            field.doc = sentence(
                found.doc, {other.name for other in self.resource.shapes[official]} | self.known(), field
            )
            struct.fields.append(field)
            self.nest(found.kind, f"{path}.{found.name}", inner, member and member[1], output, field.doc)
        struct.fields.sort(key=lambda field: not field.required)

    def values(self, shape):
        return tuple(self.service.shapes[shape].get("enum", ())) if shape else ()

    def output(self, found):
        shape = self.carried[0]
        member = shape and self.service.assigned(shape, (found.name,), self.owner).get(found.name)
        field = Field(found.name, self.rust(found.kind, member and member[1]), "", {}, found.kind, True)
        if not found.required:
            field.type = f"Option<{field.type}>"
        if found.secret:
            field.attributes["secret"] = None
        field.doc = sentence(found.doc, self.known(), field)
        return field

    def known(self):
        return {found.name for found in self.resource.inputs + self.resource.outputs}
