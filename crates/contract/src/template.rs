//! One line of a version: a path with at most one placeholder, and all that is promised about what stands there.

use serde::Serialize;

use crate::entry::{Entry, Kind, Scope};

/// What a template is repeated over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Each {
    /// Once per zone; the path has no placeholder.
    Zone,
    /// Per data class; the placeholder is `{class}`.
    Class,
    /// Per event bus; the placeholder is `{bus}`.
    Bus,
    /// Per bucket purpose; the placeholder is `{purpose}`.
    Bucket,
}

impl Each {
    /// The placeholder as it stands in paths and texts.
    const fn placeholder(self) -> Option<&'static str> {
        match self {
            Self::Zone => None,
            Self::Class => Some("{class}"),
            Self::Bus => Some("{bus}"),
            Self::Bucket => Some("{purpose}"),
        }
    }
}

/// Who reads a parameter; words for people, nothing is enforced from them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Consumers {
    /// Whoever the placeholder stands for; may itself hold the placeholder.
    pub general: &'static [&'static str],
    /// What is known better of single names; replaces `general` there.
    pub known: &'static [(&'static str, &'static [&'static str])],
}

/// One promised path of a version.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Template {
    /// Path below the zone's root, for example `kms/{class}/arn`.
    pub path: &'static str,
    /// What the path is repeated over.
    pub each: Each,
    /// SSM type.
    pub kind: Kind,
    /// Anchored regular expression that every value matches; of a list, every item.
    pub pattern: &'static str,
    /// The stack that publishes it, and nobody else.
    pub owner: &'static str,
    /// Who reads it.
    pub consumers: Consumers,
    /// First contract version with this path.
    pub since: u32,
    /// Contract version that announced its end, if any.
    pub deprecated_since: Option<u32>,
    /// What the value is; becomes the parameter's description, together with the owner.
    pub about: &'static str,
}

impl Template {
    /// The entries that this template promises within `scope`.
    pub(crate) fn expand(&self, scope: &Scope) -> Vec<Entry> {
        match self.each {
            Each::Zone => vec![self.entry(&scope.root, "")],
            Each::Class => scope.classes.iter().map(|name| self.entry(&scope.root, name)).collect(),
            Each::Bus => scope.buses.iter().map(|name| self.entry(&scope.root, name)).collect(),
            Each::Bucket => scope.buckets.iter().map(|name| self.entry(&scope.root, name)).collect(),
        }
    }

    /// The entry of one class, bus or bucket, `subject`.
    fn entry(&self, root: &str, subject: &str) -> Entry {
        let fill = |text: &str| match self.each.placeholder() {
            Some(placeholder) => text.replace(placeholder, subject),
            None => text.to_owned(),
        };
        let known = self.consumers.known.iter().find(|(name, _)| *name == subject).map(|(_, texts)| *texts);
        let name = fill(self.path);
        Entry {
            path: format!("{}/{name}", root.trim_end_matches('/')),
            name,
            kind: self.kind,
            pattern: self.pattern,
            owner: self.owner,
            consumers: known.unwrap_or(self.consumers.general).iter().map(|text| fill(text)).collect(),
            since: self.since,
            deprecated_since: self.deprecated_since,
            description: format!("{}; published by the zone, stack {}", fill(self.about), self.owner),
        }
    }

    /// Whether `name` is this path with something, one segment, in the placeholder's place.
    pub(crate) fn matches(&self, name: &str) -> bool {
        let Some((before, after)) = self.each.placeholder().and_then(|placeholder| self.path.split_once(placeholder))
        else {
            return name == self.path;
        };
        name.strip_prefix(before)
            .and_then(|rest| rest.strip_suffix(after))
            .is_some_and(|subject| !subject.is_empty() && !subject.contains('/'))
    }
}
