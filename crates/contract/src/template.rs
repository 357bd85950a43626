//! One line of a version: a path with its placeholders, and all that is promised about what stands there.

use serde::{Serialize, Serializer};

use crate::{
    entry::{Entry, Kind, Scope},
    meta,
};

/// What a template is repeated over: a name, and the placeholders of the path. A [`Scope`] says what stands in their places.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Each {
    /// Its name in documents, for example `class`.
    pub name: &'static str,
    /// The placeholders, in the order in which they stand in paths; each is a whole segment there (`{class}`). None: the
    /// template stands for one parameter.
    pub placeholders: &'static [&'static str],
}

/// Documents have the name.
impl Serialize for Each {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name)
    }
}

/// One promised path of a version.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Template {
    /// Path below the root, for example `kms/{class}/arn`.
    pub path: &'static str,
    /// What the path is repeated over.
    pub each: Each,
    /// What never stands in the placeholder's place, because another template has that path: `firehose/{stream}/arn`
    /// does not speak of `firehose/dlq/arn`.
    pub except: &'static [&'static str],
    /// A name that the scope must have, or nothing is promised here: `s3/pulumi-state/login-url` is about one bucket, which a
    /// zone may not have.
    pub only_with: Option<(Each, &'static str)>,
    /// SSM type.
    pub kind: Kind,
    /// Anchored regular expression that every value matches; of a list, every item.
    pub pattern: &'static str,
    /// The stack that publishes it, and nobody else. Where this stack is not deployed, nothing is promised.
    pub owner: &'static str,
    /// Who reads it, in words that fit every tenant; may hold placeholders. The consumers of a [`Scope`] replace them.
    pub consumers: &'static [&'static str],
    /// First contract version with this path.
    pub since: u32,
    /// Contract version that announced its end, if any.
    pub deprecated_since: Option<u32>,
    /// What the value is; becomes the parameter's description, together with the owner.
    pub about: &'static str,
}

/// A String that version 1 brings, and that nobody has announced the end of.
pub(crate) const fn string(
    path: &'static str,
    each: Each,
    pattern: &'static str,
    owner: &'static str,
    about: &'static str,
    consumers: &'static [&'static str],
) -> Template {
    Template {
        path,
        each,
        except: &[],
        only_with: None,
        kind: Kind::String,
        pattern,
        owner,
        consumers,
        since: 1,
        deprecated_since: None,
        about,
    }
}

impl Template {
    /// The entries that this template promises within `scope`.
    pub(crate) fn expand(&self, contract: &str, scope: &Scope) -> Vec<Entry> {
        if !self.is_promised(scope) {
            return Vec::new();
        }
        let subjects = scope.subjects(self.each).into_iter().filter(|subjects| self.speaks_of(subjects));
        subjects.map(|subjects| self.entry(contract, scope, &subjects)).collect()
    }

    fn is_promised(&self, scope: &Scope) -> bool {
        let deployed = self.owner == meta::OWNER || scope.has(self.owner);
        deployed && self.only_with.is_none_or(|(each, name)| scope.subjects(each).iter().any(|known| *known == [name]))
    }

    /// The entry with `subjects` in the placeholders' places.
    pub(crate) fn entry(&self, contract: &str, scope: &Scope, subjects: &[&str]) -> Entry {
        let fill = |text: &str| {
            let pairs = self.each.placeholders.iter().zip(subjects);
            pairs.fold(text.to_owned(), |text, (placeholder, subject)| text.replace(placeholder, subject))
        };
        let name = fill(self.path);
        let mut consumers: Vec<String> = Vec::new();
        for text in scope.consumers.iter().filter(|consumer| consumer.reads(&name)).flat_map(|known| &known.read_by) {
            if !consumers.contains(text) {
                consumers.push(text.clone());
            }
        }
        if consumers.is_empty() {
            consumers = self.consumers.iter().map(|text| fill(text)).collect();
        }
        Entry {
            path: format!("{}/{name}", scope.root.trim_end_matches('/')),
            name,
            kind: self.kind,
            pattern: self.pattern,
            owner: self.owner,
            consumers,
            since: self.since,
            deprecated_since: self.deprecated_since,
            description: format!("{}; published by the {contract}, stack {}", fill(self.about), self.owner),
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

    /// The folder that the owner of the contract alone fills: what stands before the first placeholder, or before the last
    /// segment.
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
