//! The changes that no row has to notice.

use serde::Deserialize;
use state::error::{Exit, Failure, Result};

use crate::{mutant::Mutant, thing::Thing};

const FILE: &str = include_str!("equivalents.toml");

/// One declaration.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Equivalent {
    #[serde(rename = "type")]
    kind: String,
    property: String,
    change: Option<String>,
    pub(crate) reason: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    equivalent: Vec<Equivalent>,
}

impl Equivalent {
    fn covers(&self, kind: &str, property: &str, change: &str) -> bool {
        matches(&self.kind, kind)
            && matches(&self.property, property)
            && self.change.as_ref().is_none_or(|pattern| matches(pattern, change))
    }

    /// As a line names it.
    pub(crate) fn name(&self) -> String {
        let change = self.change.as_ref().map(|change| format!(" ({change})")).unwrap_or_default();
        format!("{} {}{change}", self.kind, self.property)
    }
}

/// All declarations.
pub(crate) fn read() -> Result<Vec<Equivalent>> {
    let file: File = toml::from_str(FILE)
        .map_err(|e| Failure::new(Exit::Failed, format!("reading equivalents.toml: {e}")).hint("please report it"))?;
    Ok(file.equivalent)
}

/// The number of the declaration that covers a change.
pub(crate) fn of(all: &[Equivalent], thing: &Thing, mutant: &Mutant) -> Option<usize> {
    let property = mutant.pattern();
    all.iter().position(|one| one.covers(&thing.kind, &property, &mutant.change))
}

/// `*` stands for any letters.
fn matches(pattern: &str, text: &str) -> bool {
    let mut parts = pattern.split('*');
    let Some(mut rest) = parts.next().and_then(|first| text.strip_prefix(first)) else { return false };
    let parts: Vec<_> = parts.collect();
    let Some((last, middle)) = parts.split_last() else { return rest.is_empty() };
    for part in middle {
        let Some((_, after)) = rest.split_once(part) else { return false };
        rest = after;
    }
    rest.ends_with(last)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_stands_for_any_letters() {
        for (pattern, text, fits) in [
            ("a", "a", true),
            ("a", "ab", false),
            ("*", "", true),
            ("a*", "ab", true),
            ("*b", "ab", true),
            ("a*c*", "abcd", true),
            ("a*a", "a", false),
        ] {
            assert_eq!(matches(pattern, text), fits, "{pattern} {text}");
        }
    }

    #[test]
    fn every_declaration_is_read_and_has_a_reason() {
        let all = read().unwrap_or_else(|failure| panic!("{failure:?}"));
        assert!(all.iter().all(|one| one.reason.len() > 10), "{all:?}");
        assert!(all.iter().any(|one| one.covers("aws:kms/key:Key", "description", "another text")));
    }
}
