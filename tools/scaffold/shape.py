"""A type's file as data: its structs, their fields, and what is undecided."""

import dataclasses
import re

import names


@dataclasses.dataclass
class Field:
    """A struct's field; `attributes` are those of `#[resource(..)]`, in their order there, with a value or None."""

    name: str
    type: str
    doc: str
    attributes: dict
    kind: object = None
    required: bool = False
    member: str = ""
    enum: tuple = ()

    @property
    def ident(self):
        return names.field(names.snake(self.name))


@dataclasses.dataclass
class Struct:
    name: str
    official: str
    doc: str
    fields: list
    sdk: list
    outputs: bool = False


@dataclasses.dataclass
class Draft:
    resource: object
    schema: object
    service: object
    operations: dict
    inputs: list
    outputs: list
    shapes: list
    flags: list
    carried: tuple
    mapping: dict
    undecided: list


def inner_kind(kind):
    while isinstance(kind, tuple) and kind[0] in ("list", "map"):
        kind = kind[1]
    return kind


def plain(ours, theirs):
    """Whether `tools/limits` finds it by itself: names that differ in case and in the plural."""
    wanted = ours.lower()
    forms = (wanted, wanted.removesuffix("s"), wanted.removesuffix("es"), re.sub("ies$", "y", wanted))
    return any(theirs.lower() in (form, form + "s") for form in forms)
