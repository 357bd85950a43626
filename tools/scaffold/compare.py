"""How often each claim is right, against the files of the types that exist: what a person wrote there counts as the truth."""

import dataclasses
import re

import names
import render
from decide import draft
from sources import ROOT

SOURCE = ROOT / "crates/aws/src"
FLAGS = ("replace", "secret", "set", "json", "equal", "computed", "told", "unread", "autoname", "default", "own", "sdk")


@dataclasses.dataclass
class Written:
    """A struct in a file: its fields by Pulumi's name, each with its type and attributes."""

    rust: str
    official: str
    attributes: dict
    fields: dict
    mapped: bool


def files():
    """The file of each type, by token."""
    found = {}
    for path in sorted(SOURCE.glob("*/*.rs")):
        if token := re.search(r'token = "(aws:\w+/\w+:\w+)"', path.read_text()):
            found[token[1]] = path
    return found


def written(text):
    """The structs of a file by their name in Rust. What a macro writes is not seen."""
    found, attributes, struct = {}, {}, None
    # an attribute of several lines becomes one line
    text = re.sub(r"#\[resource\(([^\]]*?)\)\]", lambda match: "#[resource(" + " ".join(match[1].split()) + ")]", text)
    for line in map(str.strip, text.splitlines()):
        if attribute := re.fullmatch(r"#\[resource\((.*)\)\]", line):
            attributes |= split(attribute[1], ",")
        elif opened := re.fullmatch(r"pub struct (\w+) \{", line):
            official = attributes.get("name", opened[1]).strip('"')
            mapped = "sdk" in attributes or "from" in attributes
            struct = found[opened[1]] = Written(opened[1], official, attributes, {}, mapped)
            attributes = {}
        elif struct and (field := re.fullmatch(r"pub ((?:r#)?\w+): (.*),", line)):
            name = (attributes.pop("name", None) or f'"{names.camel(field[1].removeprefix("r#"))}"').strip('"')
            struct.fields[name] = (field[2], attributes)
            attributes = {}
        elif line == "}":
            struct, attributes = None, {}
        elif line and not line.startswith(("///", "//", "#[")):
            attributes = {}
    return found


def split(text, separator):
    parts = {}
    for part in re.findall(rf'(?:"[^"]*"|[^{separator}"])+', text):
        name, _, value = part.strip().partition(" = ")
        if name:
            parts[name] = value.strip() or None
    return parts


class Tally:
    def __init__(self):
        self.rows, self.differences = {}, []

    def add(self, kind, place, ours, theirs):
        """`ours` is what is written, `theirs` what the scaffold says; None is nothing."""
        right, claimed, wanted = self.rows.setdefault(kind, [0, 0, 0])
        self.rows[kind] = [
            right + (theirs is not None and ours == theirs),
            claimed + (theirs is not None),
            wanted + (ours is not None),
        ]
        if ours != theirs:
            self.differences.append(f"{kind}: {place}: written {ours or '-'}, scaffold {theirs or '-'}")

    def text(self):
        rows = [("claim", "right", "claimed", "written", "precision", "recall")]
        for kind, (right, claimed, wanted) in self.rows.items():
            share = lambda whole: f"{100 * right / whole:.0f} %" if whole else "-"
            rows.append((kind, str(right), str(claimed), str(wanted), share(claimed), share(wanted)))
        lines = ["| " + " | ".join(row) + " |" for row in rows]
        return "\n".join([lines[0], "|---|---:|---:|---:|---:|---:|", *lines[1:]]) + "\n"


def bare(kind):
    """A type without what says that it may be left out."""
    return re.sub(r"^Option<(.*)>$", r"\1", kind.strip())


def optional(kind, attributes):
    return kind.startswith("Option<") or any(name in attributes for name in ("default", "computed", "autoname"))


def one(tally, made, text):
    token, structs = made.resource.token, written(text)
    inputs = structs["Inputs"]
    for flag in ("tags", "name_prefix"):
        tally.add(flag, token, flag if flag in inputs.attributes else None, flag if flag in made.flags else None)
    official = {struct.official: struct for struct in made.shapes}
    translate = {struct.rust: struct.official for struct in structs.values()}
    # those that a macro writes: `Queue => BucketNotificationQueue` or `Queue = "BucketNotificationQueue"`
    translate |= dict(re.findall(r'^\s+(\w+) =>? "?(\w+)"?[;,]?$', re.sub(r"=\n\s+", "= ", text), re.MULTILINE))
    theirs = {struct.name: struct.official for struct in made.shapes}
    rename = lambda kind, table: re.sub(r"[A-Z]\w+", lambda found: table.get(found[0], found[0]), kind)

    def fields(place, ours, drafted, mapped, kind):
        mine = {field.name: field for field in drafted}
        for name in dict.fromkeys([*ours, *mine]):
            tally.add(
                f"{kind} is there", f"{place} {name}", name if name in ours else None, name if name in mine else None
            )
        for name in (name for name in ours if name in mine):
            at, (type_, attributes), field = f"{place} {name}", ours[name], mine[name]
            tally.add(f"{kind}: type", at, rename(bare(type_), translate), rename(bare(field.type), theirs))
            if kind == "output":
                tally.add(
                    "secret",
                    at,
                    "secret" if "secret" in attributes else None,
                    "secret" if "secret" in field.attributes else None,
                )
                continue
            word = lambda is_: "optional" if is_ else "required"
            tally.add(
                f"{kind}: required or optional",
                at,
                word(optional(type_, attributes)),
                word(optional(field.type, field.attributes)),
            )
            for flag in FLAGS:
                if flag in ("own", "sdk") and not mapped:
                    continue
                value = lambda given: f"{flag} = {given[flag]}" if given.get(flag) else flag
                tally.add(
                    flag,
                    at,
                    value(attributes) if flag in attributes else None,
                    value(field.attributes) if flag in field.attributes else None,
                )

    # places in the SDK compare where both read the same type of it
    shape = made.carried[0]
    source = inputs.attributes.get("from") or inputs.attributes.get("sdk") or ""
    fields(token, inputs.fields, made.inputs, shape and names.pascal(shape) == source.rpartition("::")[2], "input")
    for struct in structs.values():
        if struct.rust in ("Inputs", "Outputs") or not struct.fields:
            continue
        drafted = official.get(struct.official)
        tally.add("nested object is there", token, struct.official, drafted and struct.official)
        if drafted:
            fields(
                f"{token} {struct.official}",
                struct.fields,
                drafted.fields,
                same_source(struct, drafted),
                "nested field",
            )
    outputs = structs["Outputs"].fields if "Outputs" in structs else {}
    fields(token, outputs, made.outputs, False, "output")
    trait = re.search(rf"impl (?:\w+::)*(AwsResource|Setting) for {made.resource.name}\b", text)
    if trait:
        tally.add("trait", token, trait[1], "Setting" if render.is_setting(made) else "AwsResource")


def same_source(struct, drafted):
    source = (struct.attributes.get("sdk") or struct.attributes.get("from") or "").rpartition("::")[2]
    return bool(drafted.sdk) and names.pascal(drafted.sdk[0]) == source


def table(package, schemas, models, token, verbose):
    tally, known = Tally(), files()
    chosen = {token: known[token]} if token in known else known
    for token, path in chosen.items():
        beside = sorted(path.with_suffix("").glob("*.rs"))
        text = "\n".join(file.read_text() for file in [path, *beside] if file.stem != "tests")
        one(tally, draft(package, schemas, models, token), text)
    text = f"{len(chosen)} types\n\n" + tally.text()
    return text + ("\n" + "\n".join(tally.differences) + "\n" if verbose else "")
