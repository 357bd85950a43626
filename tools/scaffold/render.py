"""The draft as Rust and Python text."""

import re
import textwrap

import names
from problem import Problem

ORDER = ("replace", "secret", "unread", "set", "json", "equal", "computed", "told", "autoname", "default", "own", "sdk")


PARTS = ("create", "read", "update", "delete")


def noun(draft):
    """What errors call it: `DynamoDB table`."""
    service = draft.service.id if draft.service else draft.resource.module
    words = [
        word for word in names.words(re.sub("[vV]2$", "", draft.resource.name)) if word not in names.words(service)
    ]
    return f"{service} {' '.join(words)}".strip()


def client(draft):
    name = draft.service.name if draft.service else draft.resource.module
    return {"cognito-idp": "cognito"}.get(name, names.snake(name))


def crate(draft):
    return draft.service.crate.replace("-", "_") if draft.service else f"aws_sdk_{draft.resource.module}"


def comment(text, indent="", mark="///"):
    return textwrap.wrap(
        text,
        120,
        initial_indent=f"{indent}{mark} ",
        subsequent_indent=f"{indent}{mark} ",
        break_on_hyphens=False,
        break_long_words=False,
    )


def attributes(field, kept):
    parts = []
    for name in ORDER:
        if name in field.attributes and name in kept:
            value = field.attributes[name]
            parts.append(name if value is None else f"{name} = {value}")
    if names.camel(names.snake(field.name)) != field.name:
        parts.append(f'name = "{field.name}"')
    return parts


def members(fields, kept=ORDER):
    lines = []
    for field in fields:
        lines += comment(field.doc, "    ")
        if parts := attributes(field, kept):
            lines.append(f"    #[resource({', '.join(parts)})]")
        line = f"    pub {field.ident}: {field.type},"
        lines += [line] if len(line) <= 120 else [f"    pub {field.ident}:", f"        {field.type},"]
    return lines


def head(draft):
    service, name = draft.service, noun(draft)
    article = "An" if re.match(r"[aeiou]", name, re.I) and not re.match(r"u[nst]", name, re.I) else "A"
    sdk = article if not re.match(r"(?:S3|SNS|SQS|SSM|X)", name) else "An"
    lines = [f"{sdk} {name}.", ""]
    calls, other = [draft.operations[part] for part in PARTS if part in draft.operations], []
    calls = list(dict.fromkeys(calls))
    permissions = draft.schema.permissions() if draft.schema else []
    for permission in permissions:
        prefix, _, action = permission.partition(":")
        own = service is not None and action in service.operations and prefix == permissions[0].partition(":")[0]
        if not own:
            other.append(permission)
        elif action not in calls:
            calls.append(action)
    if calls:
        lines.append(f"Calls: {', '.join(calls)}.")
        prefix = permissions[0].partition(":")[0] if permissions and calls else service.signing
        more = f"; {', '.join(f'`{action}`' for action in other)}" if other else ""
        lines.append(f"IAM: `{prefix}:` + each of these{more}.")
    rows = []
    for line in lines:
        rows += textwrap.wrap(line, 116, break_on_hyphens=False, break_long_words=False) or [""]
    return [f"//! {row}".rstrip() for row in rows], f"{sdk} {name}."


def rust(draft):
    resource = draft.resource
    module, sentence = head(draft)
    lines = []
    carried, path = draft.carried
    answers = carried and draft.service.output(draft.operations["read"]) == carried
    of_sdk = None
    if carried:
        operation = names.snake(draft.operations["read"])
        of_sdk = (
            f"{crate(draft)}::operation::{operation}::{names.pascal(draft.operations['read'])}Output"
            if answers
            else f"types::{names.pascal(carried)}"
        )
    parts = [f'token = "{resource.token}"', f'noun = "{noun(draft)}"', f"handle = {resource.name}"]
    parts += [] if draft.outputs else ["no_outputs"]
    parts += draft.flags
    lines += comment(sentence)
    lines += ["#[derive(Clone, Debug, Resource)]", *attribute(parts)]
    if of_sdk:
        lines.append(f"#[resource(from = {of_sdk})]")
    lines += ["pub struct Inputs {", *members(draft.inputs, ORDER if of_sdk else ORDER[:-2]), "}"]
    for struct in draft.shapes:
        float_ = any("f64" in field.type for field in struct.fields)
        parts = [f'name = "{struct.official}"'] if struct.name != struct.official else []
        sdk = [f"{'from' if struct.outputs else 'sdk'} = types::{names.pascal(shape)}" for shape in struct.sdk]
        lines += ["", *comment(struct.doc), f"#[derive(Clone, Debug, PartialEq, {'' if float_ else 'Eq, '}Shape)]"]
        lines += attribute(parts + sdk) if parts + sdk else []
        if struct.fields:
            lines += [f"pub struct {struct.name} {{", *members(struct.fields, ORDER if struct.sdk else ORDER[:-2]), "}"]
        else:
            lines.append(f"pub struct {struct.name} {{}}")
    if draft.outputs:
        lines += ["", f"/// What AWS adds to {sentence[0].lower() + sentence[1:]}", "#[derive(Clone, Debug, Outputs)]"]
        lines += [f"#[resource(handle = {resource.name})]", "pub struct Outputs {", *members(draft.outputs), "}"]
    lines += ["", *skeleton(draft), "", *test(draft)]
    return "\n".join([*module, "", *uses(draft, "\n".join(lines)), *lines]) + "\n"


def uses(draft, body):
    lines = [f"use {crate(draft)}::types;"] if re.search(r"= types::", body) else []
    kinds = {
        kind
        for struct in [draft.inputs, *(struct.fields for struct in draft.shapes)]
        for field in struct
        for kind in re.findall(r"\w+", field.type)
    }
    files = sorted(kinds & {"Archive", "Asset"})
    if files:
        lines.append(f"use pulumi::asset::{files[0] if len(files) == 1 else '{' + ', '.join(files) + '}'};")
    return [*lines, *([""] if lines else []), "use crate::prelude::*;", ""]


def attribute(parts):
    line = f"#[resource({', '.join(parts)})]"
    if len(line) <= 120:
        return [line]
    return ["#[resource(", *(f"    {part}," for part in parts[:-1]), f"    {parts[-1]}", ")]"]


def is_setting(draft):
    """Whether it is set on another resource: its create is its update."""
    create = draft.operations.get("create", "")
    return (
        create.startswith(("Put", "Set", "Update", "Modify", "Attach"))
        and not any(field.name == "arn" for field in draft.outputs)
        and not draft.flags
    )


def skeleton(draft):
    """What a person writes, as a list: no body that only seems to work may stand here."""
    if draft.service is None:
        return ["// The trait: no call of AWS was found for it."]
    operations = [draft.operations[part] for part in PARTS if part in draft.operations]
    errors = draft.service.errors(operations)
    absent = [code for code in errors if re.search(r"NotFound|NoSuch|NonExistent|DoesNotExist", code)]
    exists = [
        code
        for code in errors
        if re.search(r"AlreadyExists|InUse$|InUseException|Exists$|ResourceConflict|EntityAlready", code)
    ]
    codes = lambda found: "&[" + ", ".join(f'"{code}"' for code in found) + "]"
    call = lambda part: (
        f"cx.clients.{client(draft)}.{names.snake(draft.operations[part])}()"
        if part in draft.operations
        else "no call was found"
    )
    setters = {}
    for part in ("create", "update"):
        shape = draft.service.input(draft.operations[part]) if part in draft.operations else ""
        setters[part] = [member for member in draft.service.members(shape)]
    trait = "Setting" if is_setting(draft) else "AwsResource"
    lines = [f"impl {trait} for {draft.resource.name}", f"    const ABSENT: Codes = {codes(absent)};"]
    if trait == "Setting":
        lines += ["    fn id_of(inputs: &Inputs) -> String"]
        lines += [
            "    async fn put(cx: &Cx, old: Option<&Inputs>, new: &Inputs) -> Answer",
            f"        {call('create')}",
        ]
        lines += sets(setters["create"])
        lines += ["    async fn read(cx: &Cx, id: &str) -> Answer<Option<Inputs>>", f"        {call('read')}"]
        lines += ["    async fn reset(cx: &Cx, id: &str, inputs: &Inputs) -> Answer", f"        {call('delete')}"]
    else:
        lines += [f"    const EXISTS: Codes = {codes(exists)};"] if exists else []
        lines += ["    const UPDATES: bool = false;"] if "update" not in draft.operations else []
        name = next((field for field in draft.inputs if "autoname" in field.attributes), None)
        longest = longest_name(draft) if name else None
        lines += [f"    const LONGEST_NAME: usize = {longest};"] if longest else []
        lines += ["    fn tagged(cx: &Cx, id: &str) -> Tagged"] if "tags" in draft.flags else []
        lines += [
            "    async fn create(cx: &Cx, inputs: &Inputs) -> Answer<Created<Outputs>>",
            f"        {call('create')}",
        ]
        lines += sets(setters["create"])
        lines += [
            "    async fn read(cx: &Cx, id: &str) -> Answer<Option<Live<Inputs, Outputs>>>",
            f"        {call('read')}",
        ]
        if "update" in draft.operations:
            lines += [
                "    async fn update(cx: &Cx, id: &str, old: &Inputs, new: &Inputs, outputs: Outputs) -> Answer<Outputs>",
                f"        {call('update')}",
            ]
            lines += sets(setters["update"])
        lines += ["    async fn delete(cx: &Cx, id: &str, inputs: &Inputs) -> Answer", f"        {call('delete')}"]
    left = [code for code in errors if code not in absent and code not in exists]
    lines += (
        textwrap.wrap(f"Other codes of these calls: {', '.join(left)}", 112, break_on_hyphens=False) if left else []
    )
    return ["// To write:", *(f"// {line}" for line in lines)]


def sets(members_):
    text = " ".join(f".{names.snake(member)}" for member in members_)
    return [f"            {row}" for row in textwrap.wrap(text, 100, break_on_hyphens=False, break_long_words=False)]


def longest_name(draft):
    create = draft.operations.get("create")
    name = next((field.name for field in draft.inputs if "autoname" in field.attributes), None)
    found = create and draft.service.assigned(
        draft.service.input(create), draft.resource.own_names(), tuple(names.words(draft.resource.name))
    ).get(name)
    return found and draft.service.shapes[found[1]].get("max")


def test(draft):
    needed = [field for field in draft.inputs if field.required or "autoname" in field.attributes]
    lines = [
        "#[cfg(test)]",
        "mod tests {",
        "    crate::lifecycle! {",
        f'        token: "{draft.resource.token}",',
        "        needs: [],",
        "        sample: {",
    ]
    lines += [f'            "{field.name}": {sample(draft, field)},' for field in needed]
    return [*lines, "        },", "    }", "}"]


def sample(draft, field):
    kind = field.kind
    if isinstance(kind, tuple):
        if kind[0] == "list":
            return f"[{sample_of(draft, kind[1], field.name)}]"
        if kind[0] == "map":
            return '{ "a": "1" }'
    if "autoname" in field.attributes:
        return f'"{names.snake(draft.resource.name).replace("_", "-")}-{{unique}}"'
    return sample_of(draft, kind, field.name, field.enum)


def sample_of(draft, kind, name, enum=()):
    if isinstance(kind, tuple) and kind[0] == "object":
        struct = next((struct for struct in draft.shapes if struct.official == kind[1]), None)
        inner = [
            f'"{field.name}": {sample(draft, field)}' for field in (struct.fields if struct else []) if field.required
        ]
        return "{ " + ", ".join(inner) + " }" if inner else "{}"
    if kind == "bool":
        return "true"
    member = None
    if draft.service and (create := draft.operations.get("create")):
        places = draft.service.assigned(
            draft.service.input(create), draft.resource.own_names(), tuple(names.words(draft.resource.name))
        )
        member = name in places and draft.service.shapes[places[name][1]]
    if kind in ("integer", "number"):
        return str(member.get("min") or 1) if member else "1"
    if enum or member and member.get("enum"):
        return f'"{(enum or member["enum"])[0]}"'
    if re.search(r"arn$", name, re.I):
        return '"${0.arn}"'
    return '"${0.id}"' if re.search(r"id$|^bucket$|tableName|functionName", name, re.I) else '"{unique}"'


def entry(draft):
    """The line for `TYPES` in tools/limits/mapping.py."""
    if draft.service is None:
        return ""
    shapes = []
    for part in ("create", "update"):
        operation = draft.operations.get(part)
        shape = operation and draft.service.input(operation)
        if shape and shape not in shapes:
            shapes.append(shape)
    rows = [f'            "{place}": "{member}",' for place, member in sorted(draft.mapping.items())]
    mapping = "{\n" + "\n".join(rows) + "\n        }" if rows else "{}"
    listed = ", ".join(f'"{shape}"' for shape in shapes[:1])
    return f'    "{draft.resource.token}": (\n        "{draft.service.name}",\n        [{listed}],\n        {mapping},\n    ),\n'


def path(draft):
    last = draft.resource.token.split(":")[1].partition("/")[2]
    return f"crates/aws/src/{draft.resource.module}/{names.snake(last)}.rs"


def write(root, draft):
    """Writes the type's file below a repository, where there is none, and says which."""
    place = path(draft)
    file = root / place
    if file.exists():
        raise Problem(
            f"writing file `{place}`: it exists",
            "leave out --write, and take from what is printed what is missing there",
        )
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(rust(draft))
    return place
