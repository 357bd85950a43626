//! Compares two versions of a contract by their documents (`published/v{n}.json`, or a file that somebody kept), and says
//! what a change means to readers.

use std::{collections::BTreeMap, fmt};

use serde::{Deserialize, Serialize};

use crate::definition::Definition;

/// How much a change asks of readers; ordered, the worst last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Class {
    /// Nothing: words changed.
    Patch,
    /// Nothing now: something is new, or announced to end.
    Minor,
    /// To change before it is published.
    Breaking,
}

/// The difference of two contracts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Diff {
    /// Version of the first.
    pub from: u32,
    /// Version of the second.
    pub to: u32,
    /// By path; several at one path where several things changed.
    pub changes: Vec<Change>,
}

impl Diff {
    /// The worst of the changes, or `None` when nothing changed.
    pub fn class(&self) -> Option<Class> {
        self.changes.iter().map(|change| change.class).max()
    }
}

/// One change at one path. Displays as a line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Change {
    /// Path with its placeholders, for example `kms/{class}/arn`.
    pub path: String,
    /// What it asks of readers.
    pub class: Class,
    /// What changed.
    #[serde(flatten)]
    pub what: What,
}

/// What can change at a path.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "change", rename_all = "snake_case")]
pub enum What {
    /// Promised from now on.
    Added,
    /// Promised no more. Breaking even when it was announced: nobody knows whether all readers heard.
    Removed {
        /// The version that announced it, if any.
        deprecated_since: Option<u32>,
    },
    /// Its end is announced.
    Deprecated {
        /// The version that announces it.
        since: u32,
    },
    /// Its end is announced no more.
    Kept,
    /// Of another SSM type.
    Type(FromTo),
    /// Other values may stand there. Whether every value of one pattern is one of the other cannot be decided by looking at
    /// them, so any other text counts as breaking.
    Pattern(FromTo),
    /// Repeated over something else, or not for the same names.
    Names(FromTo),
    /// Published by another stack: whoever asks for it asks others.
    Owner(FromTo),
    /// Described otherwise; words.
    Description(FromTo),
}

/// A text before and after.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FromTo {
    /// Before.
    pub from: String,
    /// After.
    pub to: String,
}

/// A text that is no contract's document.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Not JSON, or not of the form of a document.
    #[error("reading the {which} contract: {cause}")]
    Form {
        /// `first` or `second`.
        which: &'static str,
        /// What the parser says, with line and column.
        cause: serde_json::Error,
    },
    /// A document of something else.
    #[error("reading the {which} contract: it is the contract of `{of}`, and not of `{wanted}`")]
    Other {
        /// `first` or `second`.
        which: &'static str,
        /// What it says it is.
        of: String,
        /// The contract that is compared.
        wanted: &'static str,
    },
    /// One path, two promises.
    #[error("reading the {which} contract: `{path}` stands there twice")]
    Twice {
        /// `first` or `second`.
        which: &'static str,
        /// The path.
        path: String,
    },
}

impl Definition {
    /// Compares two documents of this contract, the older first.
    pub fn diff(&self, first: &str, second: &str) -> Result<Diff, Error> {
        let (first, second) = (self.read("first", first)?, self.read("second", second)?);
        let (mut changes, mut before) = (Vec::new(), by_path("first", first.parameters)?);
        let after = by_path("second", second.parameters)?;
        let mut note = |path: &str, class, what| changes.push(Change { path: path.to_owned(), class, what });
        for (path, new) in &after {
            match before.remove(path) {
                Some(old) => compare(&old, new, &mut |class, what| note(path, class, what)),
                None => note(path, Class::Minor, What::Added),
            }
        }
        for (path, old) in before {
            note(&path, Class::Breaking, What::Removed { deprecated_since: old.deprecated_since });
        }
        changes.sort_by(|one, other| one.path.cmp(&other.path));
        Ok(Diff { from: first.version, to: second.version, changes })
    }

    fn read(&self, which: &'static str, text: &str) -> Result<Document, Error> {
        let document: Document = serde_json::from_str(text).map_err(|cause| Error::Form { which, cause })?;
        if document.contract == self.name() {
            Ok(document)
        } else {
            Err(Error::Other { which, of: document.contract, wanted: self.name() })
        }
    }
}

/// A document as anybody may have kept it. Keys of other versions of this program are ignored, as `consumers` is, which
/// documents had once.
#[derive(Deserialize)]
struct Document {
    contract: String,
    version: u32,
    parameters: Vec<Parameter>,
}

#[derive(Deserialize)]
struct Parameter {
    path: String,
    each: String,
    #[serde(default)]
    except: Vec<String>,
    r#type: String,
    pattern: String,
    owner: String,
    deprecated_since: Option<u32>,
    description: String,
}

fn by_path(which: &'static str, parameters: Vec<Parameter>) -> Result<BTreeMap<String, Parameter>, Error> {
    let mut paths = BTreeMap::new();
    for parameter in parameters {
        let path = parameter.path.clone();
        if paths.insert(path.clone(), parameter).is_some() {
            return Err(Error::Twice { which, path });
        }
    }
    Ok(paths)
}

fn compare(old: &Parameter, new: &Parameter, note: &mut impl FnMut(Class, What)) {
    let mut text = |from: &str, to: &str, class, what: fn(FromTo) -> What| {
        if from != to {
            note(class, what(FromTo { from: from.to_owned(), to: to.to_owned() }));
        }
    };
    let names = |parameter: &Parameter| {
        let except = parameter.except.iter().map(|name| format!(", not {name}")).collect::<String>();
        format!("{}{except}", parameter.each)
    };
    text(&old.r#type, &new.r#type, Class::Breaking, What::Type);
    text(&old.pattern, &new.pattern, Class::Breaking, What::Pattern);
    text(&names(old), &names(new), Class::Breaking, What::Names);
    text(&old.owner, &new.owner, Class::Breaking, What::Owner);
    text(&old.description, &new.description, Class::Patch, What::Description);
    match (old.deprecated_since, new.deprecated_since) {
        (old, Some(since)) if old != Some(since) => note(Class::Minor, What::Deprecated { since }),
        (Some(_), None) => note(Class::Minor, What::Kept),
        _ => {}
    }
}

impl fmt::Display for Class {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Patch => "patch",
            Self::Minor => "minor",
            Self::Breaking => "breaking",
        })
    }
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: `{}`: {}", self.class, self.path, self.what)
    }
}

impl fmt::Display for What {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Added => write!(f, "added"),
            Self::Removed { deprecated_since: None } => write!(f, "removed, which nobody announced"),
            Self::Removed { deprecated_since: Some(since) } => {
                write!(f, "removed, which version {since} announced; who still reads it breaks all the same")
            }
            Self::Deprecated { since } => write!(f, "deprecated since version {since}"),
            Self::Kept => write!(f, "deprecated no more"),
            Self::Type(change) => write!(f, "type {change}"),
            Self::Pattern(change) => write!(f, "pattern {change}"),
            Self::Names(change) => write!(f, "names {change}"),
            Self::Owner(change) => write!(f, "owner {change}"),
            Self::Description(change) => write!(f, "description {change}"),
        }
    }
}

impl fmt::Display for FromTo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` -> `{}`", self.from, self.to)
    }
}
