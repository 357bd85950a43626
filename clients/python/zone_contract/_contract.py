"""What a contract is: its templates, and the class that gives typed access to a reading. `_generated.py` has one."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Generic, Literal, TypeVar

if TYPE_CHECKING:
    from zone_contract._snapshot import Values

Kind = Literal["String", "StringList"]
"""Type of an SSM parameter. No secret is ever in a contract."""

META: Final = "contract"
"""Owner of the three parameters by which a contract describes itself; the digest does not cover them."""
VERSION_NAME: Final = "contract/version"
DIGEST_NAME: Final = "contract/digest"
PUBLISHED_AT_NAME: Final = "contract/published-at"

S = TypeVar("S")


@dataclass(frozen=True)
class Template:
    """One path of a contract, with everything that is promised about it."""

    path: str
    """The path below the root, for example `kms/{class}/arn`; a placeholder is a whole segment."""
    kind: Kind
    pattern: str
    """Anchored regular expression that the value matches; of a list, every item."""
    owner: str
    """The stack that publishes it."""
    except_: tuple[str, ...]
    """What never stands in the placeholder's place, because another template has that path."""
    versions: tuple[int, ...]
    """The versions of the contract that promise it."""
    since: int
    """First version with it."""
    deprecated_since: int | None
    """Version that announced its end, if any."""
    description: str

    def subjects(self, name: str) -> tuple[str, ...] | None:
        """What stands in the placeholders' places in `name`; `None` if `name` is not one of this template."""
        wanted, found = self.path.split("/"), name.split("/")
        if len(wanted) != len(found):
            return None
        subjects = []
        for segment, actual in zip(wanted, found):
            if segment.startswith("{") and actual:
                subjects.append(actual)
            elif segment != actual:
                return None
        return None if "/".join(subjects) in self.except_ else tuple(subjects)

    def accepts(self, value: str) -> bool:
        """Whether `value` has the promised shape. Of a list every item must have it, and there must be one."""
        items = value.split(",") if self.kind == "StringList" else [value]
        # not `match`: `$` matches before a line feed at the end, too
        return all(re.fullmatch(self.pattern, item) for item in items)


@dataclass(frozen=True)
class Contract(Generic[S]):
    """A contract: its name, every version of it, and the class of its snapshots."""

    name: str
    version: int
    """The newest version."""
    templates: tuple[Template, ...]
    """Of every version, those of the newest first."""
    snapshot: Callable[[Values], S]


def template_of(templates: Iterable[Template], version: int, name: str) -> Template | None:
    """The template of `version` that promises `name`."""
    for template in templates:
        if version in template.versions and template.subjects(name) is not None:
            return template
    return None
