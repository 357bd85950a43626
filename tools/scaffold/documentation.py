"""What the official documentation of a property says, in prose: its first sentence, its default, whether a change replaces."""

import re

import names

# A change of the property makes a new resource.
FORCED = re.compile(
    r"forces? (?:a |the )?(?:new|replacement|re-?creation)|changing (?:this|it) (?:will )?(?:re-?creates?|forces)|cannot be changed after|can only be (?:set|allocated) _?(?:at|on|during) (?:creation|create)",
    re.I,
)
# Drift counts only of what the program says.
TOLD = re.compile(r"only perform drift detection of its value when present", re.I)
# What stands after a default that holds in some cases only.
CONDITION = re.compile(r"^[^.]{0,20}\b(?:if|when|unless|for|in case)\b", re.I)
PRESET = re.compile(
    r"(?:defaults?(?: value)?(?: is| to| of|:|=)+|default (?:for|value for) [^.]{0,60}? is|defaults (?:to|as)|default is)\s*(`[^`]+`|\"[^\"]+\"|true\b|false\b|-?[\d,]+\b)",
    re.I,
)
PRESET_AFTER = re.compile(r"(`[^`]+`|\"[^\"]+\") \((?:the )?default\)", re.I)


def default_of(found, node):
    """The default that the documentation or CloudFormation names, as Rust writes it; None where there is none."""
    text = None
    for pattern in (PRESET, PRESET_AFTER):
        for match in pattern.finditer(found.doc):
            if not CONDITION.match(found.doc[match.end() :]):
                text = match[1].strip('`"').strip('"')
                break
        if text is not None:
            break
    if text is None and node and not isinstance(node.get("default"), (dict, list, type(None))):
        value = node["default"]
        text = str(value).lower() if isinstance(value, bool) else str(value)
    if text is None:
        return None
    if found.kind == "bool":
        return text.lower() if text.lower() in ("true", "false") else None
    if found.kind in ("integer", "number"):
        digits = text.replace(",", "")
        if not re.fullmatch(r"-?\d+(?:\.\d+)?", digits):
            return None
        return grouped(digits) if found.kind == "integer" else (digits if "." in digits else digits + ".0")
    if found.kind == "string" and re.fullmatch(r"[^\s<>{}]*", text):
        return f'"{text}"'
    return None


def grouped(digits):
    """As rustfmt's readers like it: 262_144."""
    return f"{int(digits):_}" if len(digits) > 4 else digits


def sentence(doc, known, field):
    """The first sentence in plain text, with Pulumi's names of properties."""
    text = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", doc)
    text = re.sub(r"\*\*|(?<!\w)_(?=\S)|(?<=\S)_(?!\w)", "", text)
    text = re.sub(r"\s+", " ", re.split(r"\n\s*\n|\n\s*[*-] ", text)[0]).strip()
    text = re.sub(r"^\((?:Optional|Required)[^)]*\)\s*", "", text)
    text = re.sub(
        r"`([a-z0-9_]+)`",
        lambda found: f"`{names.camel(found[1])}`" if names.camel(found[1]) in known else found[0],
        text,
    )
    text = re.sub(r"\b(e\.g|i\.e|etc|vs)\. ", "\\1.\u00a0", text)
    text = re.split(r"(?<=[.:]) (?=[A-Z`(\"*])", text)[0].replace("\u00a0", " ").strip(" :")
    if not text:
        text = names.snake(field.name).replace("_", " ").capitalize()
    text = text[0].upper() + text[1:]
    text = re.sub(r"[;,.]?\s*See below\.?$", "", text)
    if 1 < len(field.enum) <= 6 and not any(value in text for value in field.enum):
        *most, last = (f"`{value}`" for value in field.enum)
        text = f"{text.rstrip('.')}: {', '.join(most)} or {last}"
    return text if text.endswith((".", "!", "?")) else text + "."
