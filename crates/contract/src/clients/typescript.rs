//! The contract's part of a TypeScript client; the rest is `@zone/contract/runtime`.

use super::{Accessor, about, accessors, arguments, camel, is_arn, pascal, quoted, shout, stacks, templates};
use crate::{definition::Definition, entry::Kind, template::Template};

/// Members of every snapshot, of which an accessor would take the place.
const MEMBERS: &[&str] = &[
    "arnOf",
    "constructor",
    "digest",
    "entries",
    "get",
    "getList",
    "has",
    "isVerified",
    "listOf",
    "publishedAt",
    "textOf",
    "version",
];

/// Reserved words: an argument cannot have such a name, a method can.
/// <https://tc39.es/ecma262/#prod-ReservedWord>, and those of strict mode.
const KEYWORDS: &[&str] = &[
    "arguments",
    "await",
    "break",
    "case",
    "catch",
    "class",
    "const",
    "continue",
    "debugger",
    "default",
    "delete",
    "do",
    "else",
    "enum",
    "eval",
    "export",
    "extends",
    "false",
    "finally",
    "for",
    "function",
    "if",
    "implements",
    "import",
    "in",
    "instanceof",
    "interface",
    "let",
    "new",
    "null",
    "package",
    "private",
    "protected",
    "public",
    "return",
    "static",
    "super",
    "switch",
    "this",
    "throw",
    "true",
    "try",
    "typeof",
    "var",
    "void",
    "while",
    "with",
    "yield",
];

pub(super) fn is_taken(name: &str) -> bool {
    MEMBERS.contains(&name)
}

/// The file `generated.ts` for a contract: version, types of its paths, templates, and a class with one method for each path.
pub fn typescript(contract: &Definition) -> String {
    let (name, class, version) = (contract.name(), pascal(contract.name()), contract.version());
    let accessors = accessors(contract);
    let newest = contract.newest().templates;
    let paths = union(newest.iter().map(path_type));
    let lists = union(newest.iter().filter(|template| template.kind == Kind::StringList).map(path_type));
    let stacks = union(stacks(contract).into_iter());
    let templates: String =
        templates(contract).into_iter().map(|(known, versions)| template(known, &versions)).collect();
    let methods: Vec<_> = accessors.iter().map(method).collect();
    // an import that is not used does not compile
    let arn = if accessors.iter().any(|accessor| is_arn(accessor.template)) { "type Arn, " } else { "" };
    format!(
        r#"// Written from the definition of contract `{name}`; do not edit. `ZONE_BLESS=1 cargo test -p contract` writes the zone's.

import {{ {arn}type Contract, Snapshot, type Template }} from "@zone/contract/runtime";

/** The newest version that this client knows. */
export const VERSION = {version};

/** Every path of version {version}. `${{string}}` stands for one segment. */
export type Path ={paths};

/** The paths whose values are lists. */
export type ListPath ={lists};

/** The stacks that publish the paths. */
export type Stack ={stacks};

/** Every path of every version. */
export const TEMPLATES: readonly Template[] = [
{templates}];

/** The contract `{name}` of one environment, as it was read at one time. */
export class {class} extends Snapshot<Path, ListPath, Stack> {{
{methods}}}

/** The contract `{name}`. */
export const {constant}: Contract<{class}> = {{
  name: {quoted},
  version: VERSION,
  templates: TEMPLATES,
  snapshot: {class},
}};
"#,
        methods = methods.join("\n"),
        constant = shout(name),
        quoted = quoted(name),
    )
}

fn union(types: impl Iterator<Item = String>) -> String {
    let members: String = types.map(|member| format!("\n  | {member}")).collect();
    if members.is_empty() { " never".to_owned() } else { members }
}

/// A path as a type: a literal, or a template literal.
fn path_type(template: &Template) -> String {
    let placeholders = template.each.placeholders;
    if placeholders.is_empty() {
        return quoted(template.path);
    }
    let filled = placeholders.iter().fold(template.path.to_owned(), |path, known| path.replace(known, "${string}"));
    format!("`{filled}`")
}

fn template(template: &Template, versions: &[u32]) -> String {
    let except: Vec<_> = template.except.iter().map(|name| quoted(name)).collect();
    let versions: Vec<_> = versions.iter().map(u32::to_string).collect();
    format!(
        "  {{\n    path: {},\n    kind: {},\n    pattern: {},\n    owner: {},\n    except: [{}],\n    versions: [{}],\n    \
         since: {},\n    deprecatedSince: {},\n    description: {},\n  }},\n",
        quoted(template.path),
        quoted(template.kind.as_str()),
        quoted(template.pattern),
        quoted(template.owner),
        except.join(", "),
        versions.join(", "),
        template.since,
        template.deprecated_since.map_or_else(|| "null".to_owned(), |since| since.to_string()),
        quoted(template.about),
    )
}

fn method(accessor: &Accessor) -> String {
    let template = accessor.template;
    let arguments = arguments(template.each, camel, KEYWORDS);
    let typed: Vec<_> = arguments.iter().map(|name| format!("{name}: string")).collect();
    let (returned, read) = match template.kind {
        Kind::StringList => ("readonly string[]", "listOf"),
        Kind::String if is_arn(template) => ("Arn", "arnOf"),
        Kind::String => ("string", "textOf"),
    };
    let about = about(template).replace("*/", "* /");
    let comment = match template.deprecated_since {
        Some(since) => format!("  /**\n   * {about}\n   * @deprecated since version {since}\n   */\n"),
        None => format!("  /** {about} */\n"),
    };
    format!(
        "{comment}  {}({}): {returned} {{\n    return this.{read}({}, [{}]);\n  }}\n",
        accessor.camel(),
        typed.join(", "),
        quoted(template.path),
        arguments.join(", ")
    )
}
