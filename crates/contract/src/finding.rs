//! One difference between what is promised and what is live, with the way to mend it.

use std::fmt;

use serde::Serialize;

use crate::{entry::Kind, zone::ZONE};

/// What is wrong at one path. Displays as a sentence; [`Self::repair`] is the hint that belongs below it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// Full path, for example `/acme/dev/kms/secret/arn`.
    pub path: String,
    /// The stack that publishes it; `None` when no version of the contract knows the path.
    pub owner: Option<&'static str>,
    /// Who reads it, in words.
    pub consumers: Vec<String>,
    /// Name of the environment, for example `dev`.
    pub environment: String,
    /// Name of the contract; who publishes it is in the repairs.
    #[serde(skip)]
    pub contract: &'static str,
    /// What is wrong.
    #[serde(flatten)]
    pub problem: Problem,
}

/// What can be wrong at a path.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "problem", rename_all = "snake_case")]
pub enum Problem {
    /// Promised, not announced to end, and not there.
    Missing,
    /// Of another SSM type.
    WrongType {
        /// As the contract has it.
        promised: Kind,
        /// SSM's word for what is there, for example `SecureString`.
        found: String,
    },
    /// The value, or an item of the list, does not match the pattern.
    WrongPattern {
        /// What it should match.
        pattern: &'static str,
        /// The value.
        found: String,
    },
    /// The digest is not that of what is live: a publication was not finished, or a value changed or went behind its back.
    StaleDigest {
        /// As published.
        published: String,
        /// Of what is live.
        computed: String,
    },
    /// Published in a version that this build does not know.
    UnknownVersion {
        /// As published.
        published: u32,
        /// The newest that this build knows.
        newest: u32,
    },
    /// Published in a version before the newest.
    OldVersion {
        /// As published.
        published: u32,
        /// The newest, which is promised.
        newest: u32,
    },
    /// No longer promised: its last version is older than the newest.
    Retired {
        /// The last version that promised it.
        last: u32,
    },
    /// Of a form that the newest version has, with a name that the environment has not (a class taken out, a typing error).
    /// It counts in every reader's digest.
    Stray,
    /// Of a form that the newest version has, and of a stack that is not deployed. It counts in every reader's digest.
    NotDeployed,
    /// In a folder that the stacks fill, and no version knows it.
    Undeclared,
}

impl Finding {
    /// Whether a reader that holds the contract against its promises fails; the rest is untidy.
    pub const fn breaks_readers(&self) -> bool {
        !matches!(self.problem, Problem::OldVersion { .. } | Problem::Retired { .. } | Problem::Undeclared)
    }

    /// The way out, for the line after `hint:`.
    pub fn repair(&self) -> String {
        let (path, up) = (&self.path, deployment(self.contract, &self.environment));
        match &self.problem {
            Problem::Missing => format!("{up} publishes it"),
            Problem::WrongType { .. } | Problem::WrongPattern { .. } => {
                format!("{up} mends what was changed behind its back; if it stays, `{path}` has another writer")
            }
            Problem::StaleDigest { .. } => format!(
                "if a deployment is at work, wait for its end; else {up} finishes the publication and mends what was changed"
            ),
            Problem::UnknownVersion { .. } => "use a build that knows this version".to_owned(),
            Problem::OldVersion { .. } => format!("{up} publishes the newest version"),
            Problem::Retired { .. } | Problem::Stray | Problem::NotDeployed | Problem::Undeclared => format!(
                "when nobody reads it any more: {up} deletes it if the {} published it, else `aws ssm delete-parameter \
                 --name {path}`",
                self.contract
            ),
        }
    }
}

/// What publishes a contract in an environment, as a hint names it.
pub(crate) fn deployment(contract: &str, environment: &str) -> String {
    if contract == ZONE.name() {
        format!("`zone up -e {environment}`")
    } else {
        format!("the deployment of `{contract}` to environment `{environment}`")
    }
}

/// All findings as one line.
pub(crate) fn sentences(findings: &[Finding]) -> String {
    findings.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
}

/// What mends all of them, each repair once.
pub(crate) fn repairs(findings: &[Finding]) -> String {
    let mut repairs: Vec<String> = Vec::new();
    for repair in findings.iter().map(Finding::repair) {
        if !repairs.contains(&repair) {
            repairs.push(repair);
        }
    }
    repairs.join("; ")
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` of environment `{}`", self.path, self.environment)?;
        if let Some(owner) = self.owner {
            write!(f, " (stack {owner}, for {})", self.consumers.join(", "))?;
        }
        write!(f, ": {}", self.problem)
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing => write!(f, "promised and not published"),
            Self::WrongType { promised, found } => write!(f, "is a {found} and should be a {}", promised.as_str()),
            Self::WrongPattern { pattern, found } => {
                write!(f, "is `{}` and should match {pattern}", found.escape_debug())
            }
            Self::StaleDigest { published, computed } => write!(
                f,
                "says {published}, what is published has {computed}: a publication is not finished, or somebody changed a \
                 value"
            ),
            Self::UnknownVersion { published, newest } => {
                write!(f, "is version {published}, this program knows 1 to {newest}")
            }
            Self::OldVersion { published, newest } => write!(f, "is version {published}, the newest is {newest}"),
            Self::Retired { last } => write!(f, "not promised since version {}", last + 1),
            Self::Stray => write!(f, "promised for names of the environment, and it has none that is spelt so"),
            Self::NotDeployed => {
                write!(f, "its stack is not deployed in this environment, and the parameter still exists")
            }
            Self::Undeclared => write!(f, "not in the contract, in a folder that the contract's stacks fill"),
        }
    }
}
