"""The official provider's Python package, as text: the properties of a resource type and of the objects nested in it."""

import ast
import dataclasses
import difflib
import functools
import json
import re

import names
from problem import Problem
from sources import Wheel

SCALARS = {"str": "string", "bool": "bool", "int": "integer", "float": "number"}


@dataclasses.dataclass
class Property:
    """One input or output; `kind` is a scalar's name, or a pair such as `("list", "string")` or `("object", "TableTtl")`."""

    name: str
    kind: object
    required: bool
    doc: str
    # a text that may be written as an object
    document: bool = False
    deprecated: bool = False
    # an optional input of which the state always has a value
    filled: bool = False
    secret: bool = False


@dataclasses.dataclass
class Resource:
    token: str
    doc: str
    inputs: list
    outputs: list
    # what each nested object has, by its official name
    shapes: dict

    @property
    def name(self):
        return self.token.rpartition(":")[2]

    @property
    def module(self):
        return self.token.split(":")[1].partition("/")[0]

    def own_names(self):
        """The inputs that AWS may have, too."""
        return tuple(found.name for found in self.inputs if found.name not in ("region", "namePrefix", "timeouts"))


class Package:
    def __init__(self):
        self.wheel = Wheel("pulumi_aws")

    @functools.cached_property
    def tokens(self):
        """The Python module of each resource type, by token."""
        text = self.wheel.text("pulumi_aws/__init__.py")
        (found,) = re.findall(r'resource_modules="""\n(.*?)"""', text, re.DOTALL)
        return {token: module for module in json.loads(found) for token in module["classes"]}

    @functools.lru_cache(maxsize=64)
    def tree(self, path):
        text = self.wheel.text(path)
        return (
            {} if text is None else {node.name: node for node in ast.parse(text).body if isinstance(node, ast.ClassDef)}
        )

    def token(self, asked):
        """The token that is meant by it; `Table` is enough where one type alone has that name."""
        if asked in self.tokens:
            return asked
        last = names.flat(re.split(r"[:/]", asked)[-1])
        alike = [token for token in self.tokens if names.flat(token.rpartition(":")[2]) == last]
        if len(alike) == 1 and ":" not in asked:
            return alike[0]
        meant = alike or difflib.get_close_matches(asked, self.tokens, 4, 0.7)
        # those of the module that was asked for come first
        module = asked.partition("/")[0] + "/"
        meant = [f"`{token}`" for token in sorted(meant, key=lambda token: (not token.startswith(module), token))]
        hint = "a token has the form aws:MODULE/TYPE:Name, such as aws:dynamodb/table:Table"
        if meant:
            hint = f"did you mean {', '.join(meant[:8])}?"
        why = "several types have that name" if len(alike) > 1 and ":" not in asked else "there is no such type"
        raise Problem(f"reading resource type `{asked}`, the official provider: {why}", hint)

    def resource(self, token):
        module = self.tokens[token]
        folder = module["fqn"].replace(".", "/")
        file = self.file(folder, module["mod"].rpartition("/")[2], token)
        classes = self.tree(file)
        name = module["classes"][token]
        constructor = next(node for node in classes[name].body if getattr(node, "name", "") == "_internal_init")
        secrets = secret_names(constructor)
        # `BucketLoggingArgs` is a nested object's: then it is `BucketLoggingInitArgs` here
        given = members(classes.get(f"{name}Args") or classes[f"{name}InitArgs"])
        state = {found.name: found for found in members(classes[name])}
        for found in given:
            shown = state.get(found.name)
            found.filled = shown is not None and shown.required and not found.required
            found.secret = found.name in secrets
        inputs = {found.name for found in given}
        outputs = [found for found in state.values() if found.name not in inputs and found.name != "tagsAll"]
        for found in outputs:
            found.secret = found.name in secrets
        shapes = {}
        nested = [self.tree(f"{folder}/_inputs.py"), self.tree("pulumi_aws/_inputs.py")]
        shown = [self.tree(f"{folder}/outputs.py")]
        for found in given:
            self.collect(found.kind, nested, "Args", shapes)
        for official, inner in shapes.items():
            state = {found.name: found for tree in shown if official in tree for found in members(tree[official])}
            for found in inner:
                found.filled = not found.required and found.name in state and state[found.name].required
        nested = shown
        for found in outputs:
            self.collect(found.kind, nested, "", shapes)
        doc = ast.get_docstring(constructor) or ""
        if not doc:
            init = [n for n in classes[name].body if getattr(n, "name", "") == "__init__" and ast.get_docstring(n)]
            doc = ast.get_docstring(init[0]) if init else ""
        return Resource(token, doc, given, outputs, shapes)

    def file(self, folder, last, token):
        base = names.snake(last)
        for path in (f"{folder}/{base}.py", f"{folder}/{base}_.py"):
            if f"'{token}'" in (self.wheel.text(path) or ""):
                return path
        # the file's name divides its words otherwise
        for path in self.wheel.names:
            if path.startswith(f"{folder}/") and names.flat(path) == names.flat(f"{folder}/{base}.py"):
                return path
        raise Problem(
            f"reading resource type `{token}`, {folder}: no file there is of this type", "please report it as a bug"
        )

    def collect(self, kind, trees, suffix, found):
        while isinstance(kind, tuple) and kind[0] in ("list", "map"):
            kind = kind[1]
        if not isinstance(kind, tuple) or kind[1] in found:
            return
        node = next((tree[kind[1] + suffix] for tree in trees if kind[1] + suffix in tree), None)
        found[kind[1]] = members(node) if node else []
        for member in found[kind[1]]:
            self.collect(member.kind, trees, suffix, found)


def members(node):
    """The properties of a class, from its getters."""
    found = []
    for function in node.body:
        if not isinstance(function, ast.FunctionDef) or function.returns is None:
            continue
        getter, deprecated = None, False
        for decorator in function.decorator_list:
            text = ast.unparse(decorator)
            if text.startswith("pulumi.getter"):
                getter = re.search(r"name='(\w+)'", text)
                getter = getter[1] if getter else function.name
            deprecated |= "deprecated" in text
        if getter is None:
            continue
        kind, optional, document = kind_of(function.returns)
        doc = ast.get_docstring(function) or ""
        found.append(Property(getter, kind, not optional, doc, document, deprecated or "@deprecated" in doc))
    return found


def kind_of(node):
    """What an annotation says: the kind, whether it may be left out, and whether a text may be an object, too."""
    if isinstance(node, ast.Constant):
        return ("object", node.value.rpartition(".")[2].removesuffix("Args")), False, False
    if isinstance(node, ast.Attribute):
        name = node.attr
        return SCALARS.get(name, name.lower()), False, False
    if isinstance(node, ast.Subscript):
        outer = ast.unparse(node.value)
        if outer in ("pulumi.Input", "pulumi.Output"):
            return kind_of(node.slice)
        if outer == "Optional":
            kind, _, document = kind_of(node.slice)
            return kind, True, document
        if outer == "Sequence":
            return ("list", kind_of(node.slice)[0]), False, False
        if outer == "Mapping":
            return ("map", kind_of(node.slice.elts[1])[0]), False, False
        if outer == "Union":
            kinds = [kind_of(part)[0] for part in node.slice.elts]
            if "asset" in kinds:
                return "asset", False, False
            objects = [kind for kind in kinds if isinstance(kind, tuple)]
            return (
                ("string" if "string" in kinds else kinds[0]),
                False,
                bool(objects and "string" in kinds and "PolicyDocument" in objects[0][1]),
            )
    return "any", False, False


def secret_names(constructor):
    text = ast.unparse(constructor)
    found = set(re.findall(r"__props__\.__dict__\['(\w+)'\] = None if \w+ is None else pulumi\.Output\.secret", text))
    listed = re.search(r"additional_secret_outputs=\[([^\]]*)\]", text)
    return {names.camel(name) for name in found} | set(re.findall(r"'(\w+)'", listed[1]) if listed else ())
