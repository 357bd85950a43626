//! What a run rests on, written so that somebody else can check it: who looked, when and how, what was asked and seen, and
//! with which requests. [`folder::write`] makes a folder of it, and [`diff()`] compares two.

mod diff;
pub mod folder;
mod html;
mod jsonl;
mod junit;
mod markup;
mod oscal;
pub(crate) mod recorder;
pub(crate) mod rfc3339;
mod sarif;
mod seen;

use std::{path::PathBuf, time::SystemTime};

use serde::Serialize;

pub use diff::{Change, Changed, Difference, diff};
pub use recorder::{Call, Subject};

use crate::{published::Published, waiver::Waiver};

/// What the outcome of a scenario rests on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Evidence {
    /// What the rule demands of which the scenario is an example.
    pub rule: String,
    /// The feature's file.
    pub file: String,
    /// The line in it.
    pub line: usize,
    /// The steps, as they are read out.
    pub steps: Vec<String>,
    /// When it began.
    pub began: SystemTime,
    /// What it is about.
    pub subjects: Vec<Subject>,
    /// What it asked AWS, and what was answered; of a scenario that was repeated, all of it.
    pub calls: Vec<Call>,
    /// Names of the looks that it shares with other scenarios.
    pub shared: Vec<String>,
    /// The waiver that was applied, or that has expired.
    pub waiver: Option<Waiver>,
}

impl Evidence {
    /// Puts before it what was seen at an earlier look.
    pub(crate) fn follow(&mut self, earlier: &Self) {
        self.calls.splice(0..0, earlier.calls.iter().cloned());
        self.began = earlier.began;
    }

    /// Whether it tried something, and did not only look.
    pub(crate) fn is_probe(&self) -> bool {
        self.shared.iter().any(|look| look == crate::session::PROBES)
    }

    /// What it is about, by name. A scenario that names nothing is about what it asked for, or about the whole contract.
    pub(crate) fn names<'a>(&'a self, root: &'a str) -> Vec<&'a str> {
        let mut names: Vec<&str> = self.subjects.iter().map(Subject::name).collect();
        if names.is_empty() {
            let asked = self.calls.iter().filter_map(|call| call.on.as_object()).flat_map(|on| on.values());
            names.extend(asked.filter_map(serde_json::Value::as_str));
        }
        if names.is_empty() {
            names.push(root);
        }
        let mut seen = std::collections::BTreeSet::new();
        names.retain(|name| seen.insert(*name));
        names
    }
}

/// What was published when a run began.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Contract {
    /// The version that the contract gives of itself.
    pub version: Option<String>,
    /// The digest that was published with it.
    pub digest: Option<String>,
}

impl Contract {
    pub(crate) fn of(published: &Published) -> Self {
        let value = |name: &str| published.get(name).map(|parameter| parameter.value.clone());
        Self { version: value(contract::meta::VERSION_NAME), digest: value(contract::meta::DIGEST_NAME) }
    }
}

/// What was asked once for several scenarios.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Look {
    /// Its name: `opening` (the caller, and the contract) or `tags`.
    pub name: String,
    /// What was asked.
    pub calls: Vec<Call>,
}

/// The commit of a checkout.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Commit {
    /// Its id.
    pub id: String,
    /// Whether files were changed since.
    pub dirty: bool,
}

/// What a run is, beside its results.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Run {
    /// Name of the environment.
    pub environment: String,
    /// Whether the account is an emulator's.
    pub local: bool,
    /// The account.
    pub account: String,
    /// The region.
    pub region: String,
    /// Where the contract is published: `/bank/dev`.
    pub contract_root: String,
    /// Name and version of the program.
    pub tool: String,
    /// The commit of the zone's folder, where that is a checkout.
    pub commit: Option<Commit>,
    /// What was selected; `None` if all was judged.
    pub filter: Option<String>,
    /// The zone's folder: files below it are named relative to it.
    pub folder: PathBuf,
    /// When it began.
    pub began: SystemTime,
    /// When it ended.
    pub ended: SystemTime,
}

impl Run {
    /// What the account is: nobody may take an emulator for AWS.
    pub(crate) fn platform(&self) -> &'static str {
        if self.local { "local AWS" } else { "AWS" }
    }

    /// A feature's file as reports name it.
    pub(crate) fn file(&self, file: &str) -> String {
        let path = std::path::Path::new(file);
        path.strip_prefix(&self.folder).unwrap_or(path).display().to_string()
    }
}
