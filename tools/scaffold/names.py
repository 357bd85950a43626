"""Names: one thing is `hashKey` in Pulumi, `hash_key` in Rust and `HashKey` in AWS, and how two of them are found to be the same."""

import re

# Rust's keywords, which a field writes with `r#`.
KEYWORDS = {
    *(
        "as",
        "async",
        "await",
        "break",
        "const",
        "continue",
        "crate",
        "dyn",
        "else",
        "enum",
        "extern",
        "false",
        "fn",
        "for",
    ),
    *(
        "if",
        "impl",
        "in",
        "let",
        "loop",
        "match",
        "mod",
        "move",
        "mut",
        "pub",
        "ref",
        "return",
        "self",
        "static",
        "struct",
    ),
    *("super", "trait", "true", "type", "unsafe", "use", "where", "while", "abstract", "box", "do", "final", "macro"),
    *("override", "priv", "try", "typeof", "unsized", "virtual", "yield", "gen"),
}

# Words of a name that say nothing: a resource's `name` is AWS's `FunctionName`.
NOISE = ("configuration", "config", "document", "specification", "settings", "input")


def words(name):
    """`KMSKeyARN` is kms, key, arn; `SizeInMBs` is size, in, mbs."""
    name = re.sub(r"([A-Z]{2,}s)(?=[A-Z]|$)", lambda found: found[1].capitalize(), name)
    name = re.sub(r"([a-z0-9])([A-Z])", r"\1_\2", name)
    name = re.sub(r"([A-Z])([A-Z][a-z])", r"\1_\2", name)
    return [word.lower() for word in re.split(r"[^A-Za-z0-9]+", name) if word]


def snake(name):
    return "_".join(words(name))


def camel(name):
    first, *rest = name.split("_")
    return first + "".join(word[:1].upper() + word[1:] for word in rest)


def pascal(name):
    """As AWS's SDK for Rust calls a shape: `KMSEncryptionConfig` is `KmsEncryptionConfig`."""
    return "".join(word.capitalize() for word in words(name))


def field(name):
    """The name of a struct's field."""
    return f"r#{name}" if name in KEYWORDS else name


def flat(name):
    return re.sub(r"[^a-z0-9]", "", name.lower())


def singular(text):
    if text.endswith("ies"):
        return text[:-3] + "y"
    if text.endswith("sses") or text.endswith("xes"):
        return text[:-2]
    return text[:-1] if text.endswith("s") and not text.endswith("ss") else text


def same(ours, theirs, owner=()):
    """How surely two names are one thing, 0 to 1. `owner` has the words of the type: a function's `name` is `FunctionName`."""
    a, b = flat(ours), flat(theirs)
    if a == b:
        return 1.0
    if singular(a) == singular(b):
        return 0.95
    own = {singular(word) for word in owner}
    all_a, all_b = ([singular(word) for word in words(name)] for name in (ours, theirs))
    bare_a, bare_b = ([word for word in all_ if word not in own] for all_ in (all_a, all_b))
    if bare_a and "".join(bare_a) == "".join(bare_b):
        # of a metric alarm, `name` rather than `metricName` is the `AlarmName`
        return 0.9 if all_a == bare_a or all_b == bare_b else 0.86
    # a `role` is a `RoleName`
    for short, long in ((all_a, all_b), (all_b, all_a)):
        if long[:-1] == short and long[-1] in ("name", "id", "arn", "identifier", "url"):
            return 0.85
    # `enableLogFileValidation` is `LogFileValidationEnabled`
    stems = [sorted(word.removesuffix("d") if word == "enabled" else word for word in all_) for all_ in (all_a, all_b)]
    if len(all_a) > 1 and stems[0] == stems[1]:
        return 0.85
    quiet_a, quiet_b = ("".join(word for word in bare if word not in NOISE) for bare in (bare_a, bare_b))
    if quiet_a and quiet_a == quiet_b:
        return 0.8
    short, long = sorted((singular(a), singular(b)), key=len)
    if len(short) >= 6 and len(short) >= 0.6 * len(long) and (long.startswith(short) or long.endswith(short)):
        return 0.6
    return 0.0


def assigned(ours, theirs, owner=()):
    """Which of their names each of ours is, one to one and the surest first; of two that are alike the one with the type's last word."""
    head = singular(owner[-1]) if owner else ""
    pairs = [(same(a, b, owner), head in flat(b), a, b) for a in ours for b in theirs]
    found, taken = {}, set()
    for score, of_head, a, b in sorted((pair for pair in pairs if pair[0]), key=lambda pair: pair[:2], reverse=True):
        if a in found or b in taken:
            continue
        rivals = [
            other
            for s, h, x, other in pairs
            if x == a and (s, h) == (score, of_head) and other != b and other not in taken
        ]
        if not rivals or score == 1.0:
            found[a] = b
            taken.add(b)
    return found
