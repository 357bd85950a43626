//! One line of a version: a path with its placeholders, and all that is promised about what stands there.

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
    /// Per user pool; the placeholder is `{pool}`.
    Pool,
    /// Per client of every user pool; the placeholders are `{pool}` and `{client}`.
    Client,
    /// Per delivery stream; the placeholder is `{stream}`.
    Stream,
    /// Once, under the platform's own name; the placeholder is `{platform}`.
    Platform,
}

impl Each {
    /// The placeholders, in the order in which they stand in paths; each is a whole segment there.
    pub const fn placeholders(self) -> &'static [&'static str] {
        match self {
            Self::Zone => &[],
            Self::Class => &["{class}"],
            Self::Bus => &["{bus}"],
            Self::Bucket => &["{purpose}"],
            Self::Pool => &["{pool}"],
            Self::Client => &["{pool}", "{client}"],
            Self::Stream => &["{stream}"],
            Self::Platform => &["{platform}"],
        }
    }

    /// What stands in the placeholders' places in `scope`, once for each repetition.
    fn subjects(self, scope: &Scope) -> Vec<Vec<&str>> {
        match self {
            Self::Zone => vec![Vec::new()],
            Self::Class => singles(&scope.classes),
            Self::Bus => singles(&scope.buses),
            Self::Bucket => singles(&scope.buckets),
            Self::Pool => scope.pools.iter().map(|pool| vec![pool.name.as_str()]).collect(),
            Self::Client => scope
                .pools
                .iter()
                .flat_map(|pool| pool.clients.iter().map(|client| vec![pool.name.as_str(), client.as_str()]))
                .collect(),
            Self::Stream => singles(&scope.streams),
            Self::Platform if scope.platform.is_empty() => Vec::new(),
            Self::Platform => vec![vec![scope.platform.as_str()]],
        }
    }
}

fn singles(names: &[String]) -> Vec<Vec<&str>> {
    names.iter().map(|name| vec![name.as_str()]).collect()
}

/// Who reads a parameter; words for people, nothing is enforced from them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Consumers {
    /// Whoever the placeholders stand for; may itself hold placeholders.
    pub general: &'static [&'static str],
    /// What is known better of single names; replaces `general` there. Of two placeholders the name is `pool/client`.
    pub known: &'static [(&'static str, &'static [&'static str])],
}

/// One promised path of a version.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Template {
    /// Path below the zone's root, for example `kms/{class}/arn`.
    pub path: &'static str,
    /// What the path is repeated over.
    pub each: Each,
    /// What never stands in the placeholder's place, because another template has that path: `firehose/{stream}/arn`
    /// does not speak of `firehose/dlq/arn`.
    pub except: &'static [&'static str],
    /// The purpose of the bucket without which it is not promised, where it speaks of one bucket only.
    #[serde(skip)]
    pub of_bucket: Option<&'static str>,
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
        let is_there = |purpose: &str| scope.buckets.iter().any(|bucket| bucket == purpose);
        if scope.absent.iter().any(|stack| stack == self.owner) || !self.of_bucket.is_none_or(is_there) {
            return Vec::new();
        }
        let subjects = self.each.subjects(scope).into_iter();
        subjects.filter(|subjects| self.speaks_of(subjects)).map(|names| self.entry(&scope.root, &names)).collect()
    }

    /// The entry with `subjects` in the placeholders' places.
    pub(crate) fn entry(&self, root: &str, subjects: &[&str]) -> Entry {
        let fill = |text: &str| {
            let pairs = self.each.placeholders().iter().zip(subjects);
            pairs.fold(text.to_owned(), |text, (placeholder, subject)| text.replace(placeholder, subject))
        };
        let subject = subjects.join("/");
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

    /// What stands in the placeholders' places in `name`, or `None` when `name` is not one of this path.
    pub(crate) fn subjects<'n>(&self, name: &'n str) -> Option<Vec<&'n str>> {
        let (mut segments, mut subjects) = (self.path.split('/'), Vec::new());
        for found in name.split('/') {
            match segments.next()? {
                placeholder if placeholder.starts_with('{') && !found.is_empty() => subjects.push(found),
                fixed if fixed == found => {}
                _ => return None,
            }
        }
        (segments.next().is_none() && self.speaks_of(&subjects)).then_some(subjects)
    }

    /// The folder that the zone alone fills: what stands before the first placeholder, or before the last segment.
    pub(crate) fn folder(&self) -> &'static str {
        match (self.path.split_once("/{"), self.path.rsplit_once('/')) {
            (Some((folder, _)), _) | (None, Some((folder, _))) => folder,
            (None, None) => "",
        }
    }

    fn speaks_of(&self, subjects: &[&str]) -> bool {
        !self.except.contains(&subjects.join("/").as_str())
    }
}
