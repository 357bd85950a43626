//! One reading of the contract: whole, of the promised shapes, and typed. Pure; `client` reads it from SSM.

use std::{collections::BTreeMap, fmt};

use crate::{Finding, Problem, definition::Definition, entry::Scope, finding, live::Live, meta, zone::ZONE};

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
    contract: Definition,
    environment: String,
    root: String,
    version: u32,
    /// By name ("kms/secret/arn").
    values: BTreeMap<String, String>,
}

/// Why there is no value.
#[derive(Debug, Clone, thiserror::Error)]
pub enum Error {
    /// Nothing of a contract is there.
    #[error("reading the contract of environment `{environment}`: nothing is published below `{root}`")]
    NotPublished {
        /// Name of the contract.
        contract: &'static str,
        /// Name of the environment.
        environment: String,
        /// Where it was looked for.
        root: String,
    },
    /// What is there is not what was promised; not to be relied upon, not even where it looks right.
    #[error("reading the contract: {}", finding::sentences(.0))]
    Broken(Vec<Finding>),
    /// The contract promises such a value and this environment has none of that name.
    #[error("reading the contract: {0}")]
    Missing(Box<Finding>),
    /// The contract is whole, and this environment does not deploy the stack that would publish the value.
    #[error(
        "reading the contract of environment `{environment}`: it has no `{name}`, as stack {stack} is not deployed there"
    )]
    NotDeployed {
        /// Name of the contract.
        contract: &'static str,
        /// Name of the environment.
        environment: String,
        /// As asked for.
        name: String,
        /// The stack that publishes it elsewhere.
        stack: &'static str,
    },
    /// No version that this build knows promises it.
    #[error("reading the contract of environment `{environment}`: it has no `{name}`")]
    NotPromised {
        /// Name of the contract.
        contract: &'static str,
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
            Self::NotPublished { contract, environment, root } => format!(
                "{} publishes it; are account, region and root (`{root}`) those of the environment?",
                finding::deployment(contract, environment)
            ),
            Self::Broken(findings) => finding::repairs(findings),
            Self::Missing(finding) => {
                format!("is the name spelt as in the configuration? {}", finding.repair())
            }
            Self::NotDeployed { contract, environment, stack, .. } => format!(
                "do without the value, or configure stack {stack}: {} deploys it",
                finding::deployment(contract, environment)
            ),
            Self::NotPromised { contract, .. } if *contract == ZONE.name() => {
                "docs/contract.md lists what is promised".to_owned()
            }
            Self::NotPromised { contract, .. } => {
                format!("the documents of contract `{contract}` list what is promised")
            }
            #[cfg(feature = "ssm")]
            Self::Call { root, .. } => format!(
                "the caller needs credentials of the environment's account that allow ssm:GetParametersByPath on \
                 parameter{root}"
            ),
        }
    }
}

impl Snapshot {
    /// Takes what is live of `contract` below `root` ("/acme/dev") in environment `environment` ("dev"): all of it, what
    /// other teams publish there too, which is left out.
    pub fn new(contract: Definition, environment: &str, root: &str, live: &Live, newer: Newer) -> Result<Self, Error> {
        let root = root.trim_end_matches('/');
        let version = live.get(&meta::version_path(root)).and_then(|found| found.value.parse().ok()).unwrap_or(0);
        let known = version.min(contract.version());
        let named = |path: &str| Some(path.strip_prefix(root)?.strip_prefix('/')?.to_owned());
        let ours = live.iter().filter_map(|(path, found)| Some((named(path)?, found.value.clone())));
        let values: BTreeMap<_, _> = ours.filter(|(name, _)| contract.newest().template_of(name).is_some()).collect();
        if values.is_empty() {
            let (environment, root) = (environment.to_owned(), root.to_owned());
            return Err(Error::NotPublished { contract: contract.name(), environment, root });
        }
        let mut findings = contract.check_found(root, environment, live);
        findings.retain(|finding| match finding.problem {
            Problem::UnknownVersion { .. } => newer == Newer::Refuse,
            _ => finding.breaks_readers(),
        });
        if !findings.is_empty() {
            return Err(Error::Broken(findings));
        }
        // what an older version does not cover is not in its digest either
        let own = [meta::VERSION_NAME, meta::DIGEST_NAME, meta::PUBLISHED_AT_NAME];
        let promised = |name: &str| own.contains(&name) || contract.covers(known, name) == Some(true);
        let values = values.into_iter().filter(|(name, _)| promised(name)).collect();
        Ok(Self { contract, environment: environment.to_owned(), root: root.to_owned(), version, values })
    }

    /// Version of the contract.
    pub const fn version(&self) -> u32 {
        self.version
    }

    /// Whether the digest was held against the values: not of a version newer than this build.
    pub const fn is_verified(&self) -> bool {
        self.version <= self.contract.version()
    }

    /// Every value by its name ("kms/secret/arn"), as it stands in SSM; those of the contract itself too.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.values.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// The value called `name` ("kms/secret/arn"), as it stands in SSM: of a list, with its commas.
    pub fn get(&self, name: &str) -> Result<&str, Error> {
        if let Some(value) = self.values.get(name) {
            return Ok(value);
        }
        let (contract, environment) = (self.contract.name(), self.environment.clone());
        let Some(entry) = self.contract.find(self.contract.version(), &self.root, name) else {
            return Err(Error::NotPromised { contract, environment, name: name.to_owned() });
        };
        if !self.has(entry.owner) {
            return Err(Error::NotDeployed { contract, environment, name: name.to_owned(), stack: entry.owner });
        }
        let (path, owner, consumers) = (entry.path, Some(entry.owner), entry.consumers);
        Err(Error::Missing(Box::new(Finding {
            path,
            owner,
            consumers,
            environment,
            contract,
            problem: Problem::Missing,
        })))
    }

    /// The names that are published in the place of `name`, such as `kms/secret/arn` in the place of `kms/secert/arn`.
    pub fn alternatives(&self, name: &str) -> impl Iterator<Item = &str> {
        let template = self.contract.newest().template_of(name);
        let same = move |other: &&str| {
            let of_other = self.contract.newest().template_of(other);
            template.is_some_and(|template| of_other.is_some_and(|of_other| template.path == of_other.path))
        };
        self.values.keys().map(String::as_str).filter(same)
    }

    /// What stands in `name` for the placeholders of its template: `secret` in `kms/secret/arn`.
    pub fn subjects<'n>(&self, name: &'n str) -> Vec<&'n str> {
        let template = self.contract.newest().template_of(name);
        template.and_then(|template| template.subjects(name)).unwrap_or_default()
    }

    /// Whether this environment deploys a stack: something of it is published. A whole contract has all of a stack or nothing.
    pub fn has(&self, stack: &str) -> bool {
        let owner = |name: &String| self.contract.newest().template_of(name).map(|template| template.owner);
        self.values.keys().filter_map(owner).any(|owner| owner == stack)
    }

    /// The items of the list called `name`.
    pub fn list(&self, name: &str) -> Result<Vec<&str>, Error> {
        Ok(self.get(name)?.split(',').collect())
    }

    /// The value of a template with `subjects` in its placeholders' places. Through the template, and not by putting a name
    /// together: `firehose/{stream}/arn` with the stream `dlq` would be the ARN of a queue.
    pub(crate) fn of(&self, path: &str, subjects: &[&str]) -> Result<&str, Error> {
        let contract = self.contract.name();
        let template = self.contract.newest().templates.iter().find(|template| template.path == path);
        let scope = Scope::new(&self.root);
        let name = template.map_or_else(|| path.to_owned(), |template| template.entry(contract, &scope, subjects).name);
        match template.and_then(|template| template.subjects(&name)) {
            Some(found) if found == subjects => self.get(&name),
            _ => Err(Error::NotPromised { contract, environment: self.environment.clone(), name }),
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

    /// Whatever comes last: `key/1b2c..`, `event-bus/acme-sales`.
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
