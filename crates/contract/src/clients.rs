//! Clients of a contract in other languages: what a program renders from the [`Definition`].
//!
//! `clients/typescript` and `clients/python` read a contract from SSM, check it and keep it, as `client` does in Rust. What
//! is of one contract (version, templates, one typed accessor for each path) is a file that [`typescript`] or [`python`]
//! renders. `tests/clients` writes those of the zone; a module writes those of its own contract the same way, and imports
//! the rest from the two packages.

mod python;
mod typescript;

pub use python::python;
pub use typescript::typescript;

use crate::{
    definition::Definition,
    meta,
    template::{Each, Template},
};

/// The accessor of one path, in any language.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Accessor {
    /// The path that it reads.
    pub template: &'static Template,
    /// Its name in snake case; TypeScript has it in camel case.
    pub name: String,
}

impl Accessor {
    /// The name as TypeScript has it.
    pub fn camel(&self) -> String {
        camel(&self.name)
    }
}

/// The accessors of the newest version, in its order. The contract's own parameters have none: every snapshot has them.
pub fn accessors(contract: &Definition) -> Vec<Accessor> {
    let templates = contract.newest().templates.iter().filter(|template| template.owner != meta::OWNER);
    templates.map(|template| Accessor { template, name: contract.accessor_name(template.path) }).collect()
}

/// What keeps a contract from having clients in other languages, each with its path; nothing is wrong with one that can.
///
/// No two accessors have one name, or a name that every snapshot has. Patterns mean the same in Rust, TypeScript and Python.
pub fn faults(contract: &Definition) -> Vec<String> {
    let accessors = accessors(contract);
    let mut faults = Vec::new();
    for (at, accessor) in accessors.iter().enumerate() {
        let (path, name) = (accessor.template.path, &accessor.name);
        if let Some(before) = accessors[..at].iter().find(|before| before.name == *name) {
            faults.push(format!("`{path}`: its accessor `{name}` is that of `{}` too", before.template.path));
        }
        if !is_name(name) || python::is_taken(name) || typescript::is_taken(&accessor.camel()) {
            faults.push(format!("`{path}`: its accessor cannot have the name `{name}`; give it another one"));
        }
    }
    for (template, _) in templates(contract) {
        if let Some(found) = dialect(template.pattern) {
            faults.push(format!("`{}`: not every language reads `{found}` of its pattern as Rust does", template.path));
        }
    }
    faults
}

/// Every template of every version, those of the newest first, with the versions that have it.
fn templates(contract: &Definition) -> Vec<(&'static Template, Vec<u32>)> {
    let mut all: Vec<(&'static Template, Vec<u32>)> = Vec::new();
    for version in contract.versions().iter().rev() {
        for template in version.templates {
            match all.iter_mut().find(|(known, _)| *known == template) {
                Some((_, versions)) => versions.insert(0, version.number),
                None => all.push((template, vec![version.number])),
            }
        }
    }
    all
}

fn is_name(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_lowercase())
        && text.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
}

/// The first part of a pattern that is not common to the `regex` crate, `RegExp` with the flag `u`, and Python's `re`: `\d` is
/// of ASCII in one and of Unicode in another, `[a&&b]` is an intersection in one.
fn dialect(pattern: &str) -> Option<&str> {
    let mut in_class = false;
    let mut at = 0;
    while let Some(c) = pattern[at..].chars().next() {
        let rest = &pattern[at..];
        let part = |length: usize| rest.get(..length).unwrap_or(rest);
        match c {
            '\\' if !rest[1..].starts_with(|c: char| r"^$\.*+?()[]{}|/".contains(c)) => return Some(part(2)),
            '\\' => at += 1,
            '[' if in_class => return Some(part(2)),
            '&' | '-' | '~' if in_class && rest[1..].starts_with(c) => return Some(part(2)),
            '[' => in_class = true,
            ']' => in_class = false,
            '(' if rest.starts_with("(?") && !rest.starts_with("(?:") => return Some(part(3)),
            _ if !c.is_ascii() => return Some(part(c.len_utf8())),
            _ => {}
        }
        at += c.len_utf8();
    }
    None
}

/// Names of what stands in the placeholders' places, as arguments; one that a language keeps for itself ends with `_`.
fn arguments(each: Each, case: impl Fn(&str) -> String, keywords: &[&str]) -> Vec<String> {
    let argument = |placeholder: &&str| {
        let name = case(&placeholder.trim_matches(['{', '}']).replace('-', "_"));
        if keywords.contains(&name.as_str()) { format!("{name}_") } else { name }
    };
    each.placeholders.iter().map(argument).collect()
}

fn camel(snake: &str) -> String {
    let mut words = snake.split('_');
    let first = words.next().unwrap_or_default().to_owned();
    words.fold(first, |name, word| name + &capital(word))
}

/// `zone` is `Zone`, `card-ledger` is `CardLedger`.
fn pascal(name: &str) -> String {
    name.split(|c: char| !c.is_ascii_alphanumeric()).map(capital).collect()
}

/// `zone` is `ZONE`, `card-ledger` is `CARD_LEDGER`.
fn shout(name: &str) -> String {
    name.replace(|c: char| !c.is_ascii_alphanumeric(), "_").to_ascii_uppercase()
}

fn capital(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map_or_else(String::new, |first| first.to_ascii_uppercase().to_string() + letters.as_str())
}

/// A text as both languages read it: JSON's escapes are theirs.
fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

/// What an accessor returns, and through which template.
fn about(template: &Template) -> String {
    let until =
        template.deprecated_since.map_or_else(String::new, |since| format!(", deprecated since version {since}"));
    let Template { about, path, owner, since, .. } = template;
    format!("{}: `{path}` of stack {owner}, since version {since}{until}.", capital(about))
}

/// Whether the pattern holds that every value is an ARN.
fn is_arn(template: &Template) -> bool {
    template.pattern.starts_with("^arn:")
}

/// The stacks that publish something in the newest version.
fn stacks(contract: &Definition) -> Vec<String> {
    contract.owners().into_iter().map(quoted).collect()
}

#[cfg(test)]
mod tests {
    use super::{camel, dialect, pascal, shout};

    #[test]
    fn names_follow_their_language() {
        assert_eq!((camel("bus_dlq_arn"), camel("digest")), ("busDlqArn".into(), "digest".into()));
        assert_eq!((pascal("card-ledger"), shout("card-ledger")), ("CardLedger".into(), "CARD_LEDGER".into()));
    }

    #[test]
    fn what_not_every_language_reads_alike_is_found() {
        for alike in [r"^s3://[a-z]\?a=b$", "^(?:a|b){2}$", r"^[!-.0-~]+(\.[0-9]+)?$", "^[a-z-]--&&$"] {
            assert_eq!(dialect(alike), None, "{alike}");
        }
        let cases = [
            (r"^\d+$", r"\d"),
            ("^(?i)a$", "(?i"),
            ("^(?P<a>b)$", "(?P"),
            ("^[[:alpha:]]$", "[:"),
            ("^[a-z&&b]$", "&&"),
            ("^é$", "é"),
            (r"^\", r"\"),
        ];
        for (pattern, found) in cases {
            assert_eq!(dialect(pattern), Some(found), "{pattern}");
        }
    }
}
