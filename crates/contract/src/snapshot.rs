//! One reading of the contract: whole, of the promised shapes, and typed. Pure; `client` reads it from SSM.

use std::{collections::BTreeMap, fmt};

use crate::{
    Finding, Problem, VERSION, covers, find, finding,
    live::{self, Live},
    meta, newest,
};

/// What to do about a contract that is newer than this build.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Newer {
    /// Refuse it: its digest cannot be judged, so half a publication looks like a whole one.
    #[default]
    Refuse,
    /// Read what this build knows of it. Types and patterns are held as ever, the digest is not; what the newer version no
    /// longer promises is an error when it is asked for.
    Accept,
}

/// The contract of one environment as it was read at one time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Snapshot {
    environment: String,
    root: String,
    version: u32,
    /// By name ("kms/pii/arn").
    values: BTreeMap<String, String>,
}

/// Why there is no value.
#[derive(Debug, Clone, thiserror::Error)]
pub enum Error {
    /// Nothing of a contract is there.
    #[error("reading the contract of environment `{environment}`: nothing is published below `{root}`")]
    NotPublished {
        /// Name of the environment.
        environment: String,
        /// Where it was looked for.
        root: String,
    },
    /// What is there is not what was promised; not to be relied upon, not even where it looks right.
    #[error("reading the contract: {}", finding::sentences(.0))]
    Broken(Vec<Finding>),
    /// The zone promises such a value and this environment has none of that name.
    #[error("reading the contract: {0}")]
    Missing(Box<Finding>),
    /// No version that this build knows promises it.
    #[error("reading the contract of environment `{environment}`: it has no `{name}`")]
    NotPromised {
        /// Name of the environment.
        environment: String,
        /// As asked for.
        name: String,
    },
    /// SSM did not answer, after all of the SDK's retries.
    #[cfg(feature = "ssm")]
    #[error("reading the contract of environment `{environment}` below `{root}`: {cause}")]
    Call {
        /// Name of the environment.
        environment: String,
        /// Where it was read.
        root: String,
        /// What the SDK says, with its causes.
        cause: String,
    },
}

impl Error {
    /// The way out, for the line after `hint:`.
    pub fn hint(&self) -> String {
        match self {
            Self::NotPublished { environment, root } => format!(
                "`zone up -e {environment}` publishes it; are account, region and root (`{root}`) those of the environment?"
            ),
            Self::Broken(findings) => finding::repairs(findings),
            Self::Missing(finding) => {
                format!("is the name spelt as in config/zone.toml? {}", finding.repair())
            }
            Self::NotPromised { .. } => "docs/contract.md lists what is promised".to_owned(),
            #[cfg(feature = "ssm")]
            Self::Call { root, .. } => format!(
                "the caller needs credentials of the environment's account that allow ssm:GetParametersByPath on \
                 parameter{root}"
            ),
        }
    }
}

impl Snapshot {
    /// Takes what is live below `root` ("/bank/dev") in environment `environment` ("dev"): all of it, what other teams
    /// publish there too, which is left out.
    pub fn new(environment: &str, root: &str, live: &Live, newer: Newer) -> Result<Self, Error> {
        let root = root.trim_end_matches('/');
        let version = live.get(&meta::version_path(root)).and_then(|found| found.value.parse().ok()).unwrap_or(0);
        let known = version.min(VERSION);
        let named = |path: &str| Some(path.strip_prefix(root)?.strip_prefix('/')?.to_owned());
        let ours = live.iter().filter_map(|(path, found)| Some((named(path)?, found.value.clone())));
        let values: BTreeMap<_, _> = ours.filter(|(name, _)| find(VERSION, root, name).is_some()).collect();
        if values.is_empty() {
            return Err(Error::NotPublished { environment: environment.to_owned(), root: root.to_owned() });
        }
        let mut findings = live::check_found(root, environment, live);
        findings.retain(|finding| match finding.problem {
            Problem::UnknownVersion { .. } => newer == Newer::Refuse,
            _ => finding.breaks_readers(),
        });
        if !findings.is_empty() {
            return Err(Error::Broken(findings));
        }
        // what an older version does not cover is not in its digest either
        let own = [meta::VERSION_NAME, meta::DIGEST_NAME, meta::PUBLISHED_AT_NAME];
        let promised = |name: &str| own.contains(&name) || covers(known, name) == Some(true);
        let values = values.into_iter().filter(|(name, _)| promised(name)).collect();
        Ok(Self { environment: environment.to_owned(), root: root.to_owned(), version, values })
    }

    /// Version of the contract.
    pub const fn version(&self) -> u32 {
        self.version
    }

    /// Whether the digest was held against the values: not of a version newer than this build.
    pub const fn is_verified(&self) -> bool {
        self.version <= VERSION
    }

    /// Every value by its name ("kms/pii/arn"), as it stands in SSM; those of the contract itself too.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.values.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// The value called `name` ("kms/pii/arn"), as it stands in SSM: of a list, with its commas.
    pub fn get(&self, name: &str) -> Result<&str, Error> {
        if let Some(value) = self.values.get(name) {
            return Ok(value);
        }
        let environment = self.environment.clone();
        let Some(entry) = find(VERSION, &self.root, name) else {
            return Err(Error::NotPromised { environment, name: name.to_owned() });
        };
        let (path, owner, consumers) = (entry.path, Some(entry.owner), entry.consumers);
        Err(Error::Missing(Box::new(Finding { path, owner, consumers, environment, problem: Problem::Missing })))
    }

    /// The items of the list called `name`.
    pub fn list(&self, name: &str) -> Result<Vec<&str>, Error> {
        Ok(self.get(name)?.split(',').collect())
    }

    /// The value of a template with `subjects` in its placeholders' places. Through the template, and not by putting a name
    /// together: `firehose/{stream}/arn` with the stream `dlq` would be the ARN of a queue.
    pub(crate) fn of(&self, path: &str, subjects: &[&str]) -> Result<&str, Error> {
        let template = newest().iter().find(|template| template.path == path);
        let name = template.map_or_else(|| path.to_owned(), |template| template.entry(&self.root, subjects).name);
        match template.and_then(|template| template.subjects(&name)) {
            Some(found) if found == subjects => self.get(&name),
            _ => Err(Error::NotPromised { environment: self.environment.clone(), name }),
        }
    }
}

/// An Amazon Resource Name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Arn<'s>(pub(crate) &'s str);

impl<'s> Arn<'s> {
    /// The whole of it.
    pub const fn as_str(self) -> &'s str {
        self.0
    }

    /// `aws`, `aws-cn`, ...
    pub fn partition(self) -> &'s str {
        self.part(1)
    }

    /// `kms`, `s3`, ...
    pub fn service(self) -> &'s str {
        self.part(2)
    }

    /// The region; empty where names are not of a region, as in IAM.
    pub fn region(self) -> &'s str {
        self.part(3)
    }

    /// The account; empty for a bucket.
    pub fn account(self) -> &'s str {
        self.part(4)
    }

    /// Whatever comes last: `key/1b2c..`, `event-bus/bank-core`.
    pub fn resource(self) -> &'s str {
        self.part(5)
    }

    fn part(self, number: usize) -> &'s str {
        self.0.splitn(6, ':').nth(number).unwrap_or_default()
    }
}

impl fmt::Display for Arn<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.0)
    }
}

impl AsRef<str> for Arn<'_> {
    fn as_ref(&self) -> &str {
        self.0
    }
}
