//! A promise made to one environment: a full path, and what a reader may rely on there.

use std::collections::BTreeMap;

use regex::Regex;
use serde::Serialize;

use crate::template::Each;

/// One environment, as far as the contract is concerned: where it is published, which stacks are deployed, and the names
/// that stand in the placeholders' places.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Scope {
    pub(crate) root: String,
    pub(crate) stacks: Vec<String>,
    pub(crate) consumers: Vec<Consumer>,
    /// By the name of the [`Each`]: what stands in its placeholders' places, once for each repetition.
    subjects: BTreeMap<&'static str, Vec<Vec<String>>>,
}

impl Scope {
    /// An environment whose parameters stand below `root`, for example `/acme/dev`. No stack is deployed yet.
    pub fn new(root: impl Into<String>) -> Self {
        Self { root: root.into(), ..Self::default() }
    }

    /// Deploys these stacks, by the name that templates have as `owner`. What other stacks own is not promised.
    #[must_use]
    pub fn stacks<S: Into<String>>(mut self, names: impl IntoIterator<Item = S>) -> Self {
        self.stacks.extend(names.into_iter().map(Into::into));
        self
    }

    /// Repeats the templates of `each`, which has one placeholder, over these names.
    #[must_use]
    pub fn names<S: Into<String>>(self, each: Each, names: impl IntoIterator<Item = S>) -> Self {
        self.tuples(each, names.into_iter().map(|name| [name]))
    }

    /// Repeats the templates of `each` over these tuples, each with one name for every placeholder.
    ///
    /// # Panics
    /// If a tuple has not as many names as `each` has placeholders.
    #[must_use]
    pub fn tuples<S: Into<String>, T: IntoIterator<Item = S>>(
        mut self,
        each: Each,
        tuples: impl IntoIterator<Item = T>,
    ) -> Self {
        let known = self.subjects.entry(each.name).or_default();
        for tuple in tuples {
            let tuple: Vec<String> = tuple.into_iter().map(Into::into).collect();
            assert_eq!(
                tuple.len(),
                each.placeholders.len(),
                "`{}` is repeated over {:?}",
                each.name,
                each.placeholders
            );
            known.push(tuple);
        }
        self
    }

    /// Says who reads which entries.
    #[must_use]
    pub fn consumers(mut self, consumers: impl IntoIterator<Item = Consumer>) -> Self {
        self.consumers.extend(consumers);
        self
    }

    /// Where everything is published, for example `/acme/dev`.
    pub fn root(&self) -> &str {
        &self.root
    }

    /// Whether a stack is deployed.
    pub fn has(&self, stack: &str) -> bool {
        self.stacks.iter().any(|known| known == stack)
    }

    /// What stands in the placeholders' places of `each`, once for each repetition.
    pub(crate) fn subjects(&self, each: Each) -> Vec<Vec<&str>> {
        if each.placeholders.is_empty() {
            return vec![Vec::new()];
        }
        let tuples = self.subjects.get(each.name).into_iter().flatten();
        tuples.map(|tuple| tuple.iter().map(String::as_str).collect()).collect()
    }
}

/// Who reads an entry, or several: words for people, nothing is enforced from them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Consumer {
    /// The name of the entry (`kms/secret/arn`); a segment that is `*` stands for any name there.
    pub path: String,
    /// The readers, in words.
    pub read_by: Vec<String>,
}

impl Consumer {
    /// Whether the entry called `name` is meant.
    pub fn reads(&self, name: &str) -> bool {
        let (mut pattern, mut segments) = (self.path.split('/'), name.split('/'));
        loop {
            match (pattern.next(), segments.next()) {
                (None, None) => return true,
                (Some(pattern), Some(segment)) if pattern == "*" || pattern == segment => {}
                _ => return false,
            }
        }
    }
}

/// Type of an SSM parameter. There is no `SecureString`: no secret is ever in the contract.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub enum Kind {
    /// One value.
    String,
    /// Values separated by commas, in an order that means something.
    StringList,
}

impl Kind {
    /// The name that SSM uses for it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::String => "String",
            Self::StringList => "StringList",
        }
    }
}

/// One promised parameter.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Entry {
    /// Full path, for example `/acme/dev/kms/secret/arn`.
    pub path: String,
    /// The path below the root, for example `kms/secret/arn`: how programs call the entry.
    pub name: String,
    /// SSM type.
    pub kind: Kind,
    /// Anchored regular expression that the value matches; of a list, every item.
    pub pattern: &'static str,
    /// The stack that publishes it.
    pub owner: &'static str,
    /// Who reads it, in words: the consumers of the scope, and where there are none, those that the template names.
    pub consumers: Vec<String>,
    /// First contract version with it.
    pub since: u32,
    /// Contract version that announced its end, if any.
    pub deprecated_since: Option<u32>,
    /// Text for the parameter's description; names the owner.
    pub description: String,
}

impl Entry {
    /// Whether `value` has the promised shape. Of a list every item must have it, and there must be one.
    ///
    /// # Panics
    /// If the pattern is no regular expression; [`Definition::faults`](crate::Definition::faults) says so.
    pub fn accepts(&self, value: &str) -> bool {
        let pattern = Regex::new(self.pattern).expect("a test of each contract asks for its faults");
        match self.kind {
            Kind::String => pattern.is_match(value),
            Kind::StringList => value.split(',').all(|item| pattern.is_match(item)),
        }
    }
}
