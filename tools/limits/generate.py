"""Writes the table of what AWS takes for each input of each type, from botocore's service models and `mapping.py`.

Usage: generate.py < INPUTS > TABLE

INPUTS is the tree of all types' inputs, as `crates/aws/tests/limits.rs` tells it; TABLE has what limits each of them, by
the type's token and the input's path: `[]` is any item of a list, `{}` any value of a map, `{key}` any key.
Every input but a boolean is found in the models or has a line in the mapping; one without either ends this with its name.
"""

import json
import re
import sys

import botocore.session

sys.path.insert(0, __file__.rpartition("/")[0] or ".")
sys.dont_write_bytecode = True

# beside this file, where -I does not look
from mapping import COMMON_TAG_KEY, COMMON_TAG_VALUE, HAND, NONE, OPEN_ENUMS, TYPES, UNENFORCED  # noqa: E402

# What the services call tags.
TAGS = ("tags", "tagsList", "tagList", "userPoolTags")
SESSION = botocore.session.get_session()


def limits_of(shape, kind):
    """What a scalar's shape says of its values; `kind` is the type of our property."""
    metadata, found = shape.metadata, {}
    number = kind in ("integer", "number")
    if number != (shape.type_name in ("integer", "long", "float", "double")):
        raise LookupError(f"is a {kind} here and a {shape.type_name} in the model")
    low, high = ("min", "max") if number else ("minLength", "maxLength")
    # an empty text counts as absent: at least one character is no limit
    if "min" in metadata and (number or metadata["min"] > 1):
        found[low] = metadata["min"]
    # the largest number that AWS's language has is no limit
    if "max" in metadata and metadata["max"] < 2147483647:
        found[high] = metadata["max"]
    if "enum" in metadata and shape.name not in OPEN_ENUMS:
        found["oneOf"] = metadata["enum"]
    if "pattern" in metadata and shape.name not in UNENFORCED:
        found["pattern"] = translated(metadata["pattern"])
    return {name: limit for name, limit in found.items() if limit is not None}


def translated(pattern):
    """Java's pattern in the words of Rust's `regex`, which is to fit the whole text; None fits every text."""
    # a pair of surrogates is one character there
    pattern = pattern.replace(r"\uD800\uDC00-\uDBFF\uDFFF", r"\x{10000}-\x{10FFFF}")
    pattern = re.sub(r"\\u([0-9A-Fa-f]{4})", r"\\x{\1}", pattern)
    # Rust cannot look ahead: what must not follow is left to AWS
    pattern = re.sub(r"\(\?![^()]*\)", "", pattern)
    # a dash after a class is a dash
    pattern = re.sub(r"(\\[wsd])-(?!\])", r"\1\\-", pattern)
    if pattern in (r"[\s\S]*", "(?s).*"):
        return None
    return re.sub(r"\\([wds])|.", Classes(), pattern, flags=re.DOTALL)


class Classes:
    """Writes out Java's classes, which are of ASCII there; with brackets where they stand outside of some."""

    INSIDE = {"w": "0-9A-Za-z_", "d": "0-9", "s": r" \t\n\x0B\x0C\r"}

    def __init__(self):
        self.before, self.bracketed = "", False

    def __call__(self, match):
        text, escaped = match[0], self.before == "\\"
        self.before = "" if escaped else text
        if match[1] and not escaped:
            inside = self.INSIDE[match[1]]
            return inside if self.bracketed else f"[{inside}]"
        if text in "[]" and not escaped:
            self.bracketed = text == "["
        return text


def size_of(shape):
    """What a list's or map's shape says of how many it has."""
    low, high = shape.metadata.get("min", 0), shape.metadata.get("max")
    # an empty list or map counts as absent: at least one is no limit
    return ({"minItems": low} if low > 1 else {}) | ({"maxItems": high} if high and high < 2147483647 else {})


def member(shapes, *names):
    """The member of one of these names in the first shape that has one: names differ in case, and in the plural."""
    for wanted in map(str.lower, names):
        for plural in (wanted, wanted.removesuffix("s"), wanted.removesuffix("es"), re.sub("ies$", "y", wanted)):
            for shape in shapes:
                for own, inner in shape.members.items():
                    if own.lower() in (plural, plural + "s"):
                        return inner
    return None


class Walk:
    """One type's inputs beside the shapes of its service."""

    def __init__(self, token):
        self.token = token
        service, self.roots, self.explicit = TYPES[token]
        self.model = SESSION.get_service_model(service)
        self.table, self.wrong, self.used = {}, [], set()

    def shape(self, name):
        """A shape by name, or a member of one by `Shape.Member`."""
        owner, _, inner = name.partition(".")
        shape = self.model.shape_for(owner)
        return shape.members[inner] if inner else shape

    def run(self, inputs):
        self.structure(inputs, [self.shape(name) for name in self.roots], "")
        for path in self.explicit:
            if path not in self.used:
                self.wrong.append(f"{self.token} {path} is in the mapping, and no input or found without it")
        return self.table

    def structure(self, inputs, shapes, at):
        for name, kind in inputs.items():
            path = f"{at}.{name}" if at else name
            # a boolean has nothing to limit
            if kind != "bool":
                self.property(kind, shapes, name, path)

    def property(self, kind, shapes, name, path):
        if path == "tags":
            return self.map(member(shapes, *TAGS) or self.shape("Tag"), path)
        explicit = self.explicit.get(path) or NONE.get(path)
        if path in self.explicit:
            self.used.add(path)
        if explicit and explicit.startswith("none: "):
            if explicit.removeprefix("none: ").strip() in ("", "REASON"):
                self.wrong.append(f"{self.token} {path} is mapped to `{explicit}`: write `Shape.Member`, or the reason")
            return self.by_hand(kind, path)
        found = self.shape(explicit) if explicit else member(shapes, name)
        if found is not None:
            self.value(kind, found, path)
        elif nested(kind) and shapes:
            # an object that AWS has not: its members stand beside it there
            self.structure(kind, shapes, path)
        elif not self.by_hand(kind, path):
            roots = ", ".join(shape.name for shape in shapes)
            self.wrong.append(f"{self.token} {path} is no member of {roots}: map it, or say why it has no limit")

    def by_hand(self, kind, path):
        """What is limited by hand only; says whether anything is."""
        if isinstance(kind, list):
            return self.add(path, {}) | self.by_hand(kind[0], path + "[]")
        if isinstance(kind, dict) and list(kind) != ["{}"]:
            return any([self.by_hand(inner, f"{path}.{name}") for name, inner in kind.items()])
        return self.add(path, {})

    def value(self, kind, shape, path):
        if isinstance(kind, list):
            if shape.type_name != "list":
                return self.wrong.append(f"{self.token} {path} is a list here and a {shape.type_name} in the model")
            self.add(path, size_of(shape))
            return self.value(kind[0], shape.member, path + "[]")
        if isinstance(kind, dict) and list(kind) == ["{}"]:
            return self.map(shape, path)
        if isinstance(kind, dict):
            # one of what AWS has a list of
            shape = shape.member if shape.type_name == "list" else shape
            return self.structure(kind, [shape], path)
        try:
            self.add(path, limits_of(shape, kind))
        except LookupError as error:
            if not self.add(path, {}):
                self.wrong.append(f"{self.token} {path} {error}: limit it by hand, or say why it has no limit")

    def map(self, shape, path):
        """A map here is one in the model, or a list of keys and values, or one key with its value."""
        self.add(path, size_of(shape))
        inner = shape.member if shape.type_name == "list" else shape
        if shape.type_name == "map":
            key, value = shape.key, shape.value
        else:
            key, value = (member([inner], name, f"Tag{name}") for name in ("Key", "Value"))
        common = (COMMON_TAG_KEY, COMMON_TAG_VALUE) if path == "tags" else ({}, {})
        self.add(path + "{key}", common[0] | limits_of(key, "string"))
        self.add(path + "{}", common[1] | limits_of(value, "string"))

    def add(self, path, found):
        """By hand goes before the model's."""
        if hand := HAND.get(f"{self.token} {path}"):
            found = {name: limit for name, limit in (found | hand[0]).items() if limit is not None}
        if found:
            self.table[path] = found
        return bool(found)


def nested(kind):
    while isinstance(kind, list):
        kind = kind[0]
    return isinstance(kind, dict) and list(kind) != ["{}"]


def main():
    inputs = json.load(sys.stdin)
    table, wrong = {}, [f"{token} is no type" for token in TYPES if token not in inputs]
    for token, properties in inputs.items():
        if token not in TYPES:
            wrong.append(f"{token} is not in the mapping")
            continue
        walk = Walk(token)
        if found := walk.run(properties):
            table[token] = found
        wrong += walk.wrong
    for place in HAND:
        token, path = place.split(" ")
        if path not in table.get(token, {}):
            wrong.append(f"{place} is limited by hand, and is no input")
    if wrong:
        sys.exit("\n".join(wrong))
    # a limit a line, so that a new botocore shows what changed
    lines = [
        f"  {json.dumps(token)}: {{\n"
        + ",\n".join(f"    {json.dumps(path)}: {json.dumps(limit, ensure_ascii=False)}" for path, limit in sorted(paths.items()))
        + "\n  }"
        for token, paths in sorted(table.items())
    ]
    print("{\n" + ",\n".join(lines) + "\n}")


main()
