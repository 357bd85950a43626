//! The contract's part of a Python client; the rest is `zone_contract.runtime`.

use super::{Accessor, about, accessors, arguments, is_arn, pascal, quoted, shout, stacks, templates};
use crate::{definition::Definition, entry::Kind, template::Template};

/// Members of every snapshot, of which an accessor would take the place.
const MEMBERS: &[&str] = &["digest", "get", "get_list", "has", "is_verified", "items", "published_at", "version"];

/// Neither an argument nor a method can have such a name, and `self` is taken.
/// <https://docs.python.org/3/reference/lexical_analysis.html#keywords>
const KEYWORDS: &[&str] = &[
    "False", "None", "True", "and", "as", "assert", "async", "await", "break", "class", "continue", "def", "del",
    "elif", "else", "except", "finally", "for", "from", "global", "if", "import", "in", "is", "lambda", "nonlocal",
    "not", "or", "pass", "raise", "return", "self", "try", "while", "with", "yield",
];

pub(super) fn is_taken(name: &str) -> bool {
    MEMBERS.contains(&name) || KEYWORDS.contains(&name)
}

/// The file `_generated.py` for a contract: version, templates, and a class with one method for each path.
pub fn python(contract: &Definition) -> String {
    let (name, class, version) = (contract.name(), pascal(contract.name()), contract.version());
    let accessors = accessors(contract);
    let stacks: String = stacks(contract).into_iter().map(|stack| format!("    {stack},\n")).collect();
    let templates: String =
        templates(contract).into_iter().map(|(known, versions)| template(known, &versions)).collect();
    let methods: String = accessors.iter().map(method).collect();
    let arn = if accessors.iter().any(|accessor| is_arn(accessor.template)) { "Arn, " } else { "" };
    format!(
        r#""""Written from the definition of contract `{name}`; do not edit. `ZONE_BLESS=1 cargo test -p contract` writes the zone's."""

from __future__ import annotations

from typing import Final, Literal

from zone_contract.runtime import {arn}Contract, Snapshot, Template

VERSION: Final = {version}
"""The newest version that this client knows."""

Stack = Literal[
{stacks}]
"""The stacks that publish the paths."""

TEMPLATES: Final[tuple[Template, ...]] = (
{templates})
"""Every path of every version."""


class {class}(Snapshot[Stack]):
    """The contract `{name}` of one environment, as it was read at one time."""
{methods}

{constant}: Final[Contract[{class}]] = Contract(
    name={quoted},
    version=VERSION,
    templates=TEMPLATES,
    snapshot={class},
)
"""The contract `{name}`."""
"#,
        constant = shout(name),
        quoted = quoted(name),
    )
}

fn tuple(items: &[String]) -> String {
    match items {
        [one] => format!("({one},)"),
        items => format!("({})", items.join(", ")),
    }
}

fn template(template: &Template, versions: &[u32]) -> String {
    let except: Vec<_> = template.except.iter().map(|name| quoted(name)).collect();
    let versions: Vec<_> = versions.iter().map(u32::to_string).collect();
    format!(
        "    Template(\n        path={},\n        kind={},\n        pattern={},\n        owner={},\n        except_={},\n        \
         versions={},\n        since={},\n        deprecated_since={},\n        description={},\n    ),\n",
        quoted(template.path),
        quoted(template.kind.as_str()),
        quoted(template.pattern),
        quoted(template.owner),
        tuple(&except),
        tuple(&versions),
        template.since,
        template.deprecated_since.map_or_else(|| "None".to_owned(), |since| since.to_string()),
        quoted(template.about),
    )
}

fn method(accessor: &Accessor) -> String {
    let template = accessor.template;
    let arguments = arguments(template.each, str::to_owned, KEYWORDS);
    let typed: String = arguments.iter().map(|name| format!(", {name}: str")).collect();
    let passed: String = arguments.iter().map(|name| format!(", {name}")).collect();
    let (returned, read) = match template.kind {
        Kind::StringList => ("tuple[str, ...]", "_list"),
        Kind::String if is_arn(template) => ("Arn", "_arn"),
        Kind::String => ("str", "_text"),
    };
    format!(
        "\n    def {}(self{typed}) -> {returned}:\n        \"\"\"{}\"\"\"\n        return self.{read}({}{passed})\n",
        accessor.name,
        about(template).replace('\\', r"\\").replace('"', "'"),
        quoted(template.path),
    )
}
