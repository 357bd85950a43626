//! Compares what is live with what is promised. Pure: the caller has read the parameters.

use std::collections::BTreeMap;

use crate::{
    definition::{Definition, Version},
    entry::{Entry, Scope},
    finding::{Finding, Problem},
    meta,
};

/// One parameter as SSM answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parameter {
    /// SSM's word: `String`, `StringList`, `SecureString`.
    pub kind: String,
    /// The value; of a `SecureString` it may well be the ciphertext, nothing looks at it.
    pub value: String,
}

/// What is live, by full path: everything below the root, other teams' parameters among it.
pub type Live = BTreeMap<String, Parameter>;

impl Definition {
    /// All differences between the newest version for `scope` and what is live: what is promised in the contract's order,
    /// then version and digest, then what is too much. `environment` is the name that repairs speak of, for example `dev`.
    ///
    /// What is announced to end may be there or not. Other teams' parameters are not looked at.
    pub fn check(&self, scope: &Scope, environment: &str, live: &Live) -> Vec<Finding> {
        Judge { contract: *self, root: scope.root(), environment, live }.all(scope)
    }

    /// As [`Self::check`] for a reader that does not know the names of the environment: whatever is there must be of the
    /// promised type and pattern, and the digest says whether anything is missing. Of a version that this build does not
    /// know, the digest cannot be judged.
    pub(crate) fn check_found(&self, root: &str, environment: &str, live: &Live) -> Vec<Finding> {
        let judge = Judge { contract: *self, root, environment, live };
        let scope = Scope::new(root);
        let mut findings = judge.values(&judge.found(&scope));
        findings.extend(judge.version_and_digest(&scope));
        findings
    }
}

struct Judge<'a> {
    contract: Definition,
    root: &'a str,
    environment: &'a str,
    live: &'a Live,
}

impl Judge<'_> {
    fn all(&self, scope: &Scope) -> Vec<Finding> {
        let promised = self.contract.promised(scope);
        let mut findings = self.values(&promised);
        findings.extend(self.version_and_digest(scope));
        findings.extend(self.live.keys().filter_map(|path| self.too_much(path, &promised, scope)));
        findings
    }

    /// What the newest version promises of the names that are there, and its own three parameters.
    fn found(&self, scope: &Scope) -> Vec<Entry> {
        let newest = self.contract.newest();
        let there = self.live.keys().filter_map(|path| self.entry(newest, scope, self.name(path)?));
        let own = self.contract.meta_entries(scope);
        let absent = own.into_iter().filter(|entry| !self.live.contains_key(&entry.path));
        there.chain(absent).collect()
    }

    fn values(&self, promised: &[Entry]) -> Vec<Finding> {
        let problem = |entry: &Entry| match self.live.get(&entry.path) {
            None => entry.deprecated_since.is_none().then_some(Problem::Missing),
            Some(found) => problem(entry, found),
        };
        promised.iter().filter_map(|entry| Some(self.finding(entry, problem(entry)?))).collect()
    }

    /// Nothing of a version that is missing or no number: that was said of its value.
    fn version_and_digest(&self, scope: &Scope) -> Option<Finding> {
        let newest = self.contract.version();
        let published: u32 = self.live.get(&meta::version_path(self.root))?.value.parse().ok()?;
        let own = |name, problem| Some(self.finding(&self.entry(self.contract.newest(), scope, name)?, problem));
        let Some(version) = self.contract.find_version(published) else {
            return own(meta::VERSION_NAME, Problem::UnknownVersion { published, newest });
        };
        let said = self.live.get(&meta::digest_path(self.root)).map(|found| found.value.clone());
        let computed = self.contract.digest(published, self.covered(version));
        match said {
            Some(said) if said != computed => {
                own(meta::DIGEST_NAME, Problem::StaleDigest { published: said, computed })
            }
            _ if published < newest => own(meta::VERSION_NAME, Problem::OldVersion { published, newest }),
            _ => None,
        }
    }

    /// Path and value of all that stacks publish in a version.
    fn covered<'s>(&'s self, version: &'static Version) -> impl Iterator<Item = (&'s str, &'s str)> {
        let covered = move |path: &str| {
            let template = self.name(path).and_then(|name| version.template_of(name));
            template.is_some_and(|template| template.owner != meta::OWNER)
        };
        let pairs = self.live.iter().map(|(path, found)| (path.as_str(), found.value.as_str()));
        pairs.filter(move |(path, _)| covered(path))
    }

    fn too_much(&self, path: &str, promised: &[Entry], scope: &Scope) -> Option<Finding> {
        if promised.iter().any(|entry| entry.path == path) {
            return None;
        }
        let name = self.name(path)?;
        let mut known = self.contract.versions().iter().rev();
        let last = known.find_map(|version| Some((version.number, self.entry(version, scope, name)?)));
        match last {
            Some((last, entry)) if last < self.contract.version() => {
                Some(self.finding(&entry, Problem::Retired { last }))
            }
            Some((_, entry)) if !scope.has(entry.owner) => Some(self.finding(&entry, Problem::NotDeployed)),
            Some((_, entry)) => Some(self.finding(&entry, Problem::Stray)),
            None => self.in_a_folder_of_ours(name).then(|| Finding {
                path: path.to_owned(),
                owner: None,
                consumers: Vec::new(),
                environment: self.environment.to_owned(),
                contract: self.contract.name(),
                problem: Problem::Undeclared,
            }),
        }
    }

    fn in_a_folder_of_ours(&self, name: &str) -> bool {
        let mut templates = self.contract.versions().iter().flat_map(|version| version.templates);
        templates.any(|template| name.strip_prefix(template.folder()).is_some_and(|rest| rest.starts_with('/')))
    }

    /// What `version` promises under `name`.
    fn entry(&self, version: &Version, scope: &Scope, name: &str) -> Option<Entry> {
        let template = version.template_of(name)?;
        Some(template.entry(self.contract.name(), scope, &template.subjects(name)?))
    }

    /// The path below the root.
    fn name<'p>(&self, path: &'p str) -> Option<&'p str> {
        path.strip_prefix(self.root.trim_end_matches('/'))?.strip_prefix('/')
    }

    fn finding(&self, entry: &Entry, problem: Problem) -> Finding {
        Finding {
            path: entry.path.clone(),
            owner: Some(entry.owner),
            consumers: entry.consumers.clone(),
            environment: self.environment.to_owned(),
            contract: self.contract.name(),
            problem,
        }
    }
}

/// What is wrong with the type or the value of an entry that is there.
fn problem(entry: &Entry, found: &Parameter) -> Option<Problem> {
    if found.kind != entry.kind.as_str() {
        return Some(Problem::WrongType { promised: entry.kind, found: found.kind.clone() });
    }
    let wrong = || Problem::WrongPattern { pattern: entry.pattern, found: found.value.clone() };
    (!entry.accepts(&found.value)).then(wrong)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        template::Template,
        zone::{ONCE, ZONE},
    };

    const fn path(path: &'static str, deprecated_since: Option<u32>) -> Template {
        Template { path, deprecated_since, consumers: &["everybody"], ..ZONE.versions()[0].templates[0] }
    }

    const META: [Template; 3] = meta::templates(ONCE);
    const VERSION: Template = META[0];
    const DIGEST: Template = META[1];

    /// A contract that went on: `old/arn` ended with version 1, `going/arn` is announced to end.
    const TWO: Definition = Definition::new(
        "zone",
        &[
            Version {
                number: 1,
                templates: &[path("kept/arn", None), path("old/arn", None), path("going/arn", None), VERSION, DIGEST],
            },
            Version { number: 2, templates: &[path("kept/arn", None), path("going/arn", Some(2)), VERSION, DIGEST] },
        ],
    );

    /// What is wrong when these names are live, in this version, under the digest of `digested`.
    fn judged(version: u32, names: &[&str], digested: &[&str]) -> Vec<(String, Problem)> {
        const VPC: &str = "vpc-0a1b2c3d";
        let full = |name: &&str| format!("/a/b/{name}");
        let digested: Vec<_> = digested.iter().map(full).collect();
        let digest = TWO.digest(version, digested.iter().map(|path| (path.as_str(), VPC)));
        let version = version.to_string();
        let values = names.iter().map(|name| (*name, VPC));
        let own = [(meta::VERSION_NAME, version.as_str()), (meta::DIGEST_NAME, digest.as_str())];
        let parameter = |value: &str| Parameter { kind: "String".into(), value: value.into() };
        let live = values.chain(own).map(|(name, value)| (full(&name), parameter(value))).collect();
        let scope = Scope::new("/a/b").stacks(["network"]);
        TWO.check(&scope, "b", &live).into_iter().map(|finding| (finding.path, finding.problem)).collect()
    }

    #[test]
    fn what_is_announced_to_end_may_be_gone() {
        assert_eq!(judged(2, &["kept/arn"], &["kept/arn"]), []);
        assert_eq!(judged(2, &["kept/arn", "going/arn"], &["kept/arn", "going/arn"]), []);
        let (path, problem) = &judged(2, &["going/arn"], &["going/arn"])[0];
        assert_eq!((path.as_str(), problem), ("/a/b/kept/arn", &Problem::Missing));
    }

    #[test]
    fn what_an_older_version_left_is_retired_and_counts_in_no_digest() {
        let found = judged(2, &["kept/arn", "old/arn"], &["kept/arn"]);
        assert_eq!(found, [("/a/b/old/arn".to_owned(), Problem::Retired { last: 1 })]);
    }

    #[test]
    fn an_older_version_that_is_live_is_judged_by_its_own_digest() {
        let all = ["kept/arn", "old/arn", "going/arn"];
        let old = ("/a/b/contract/version".to_owned(), Problem::OldVersion { published: 1, newest: 2 });
        let retired = ("/a/b/old/arn".to_owned(), Problem::Retired { last: 1 });
        assert_eq!(judged(1, &all, &all), [old, retired.clone()]);
        let stale = judged(1, &all, &all[..1]);
        assert!(matches!(stale[0].1, Problem::StaleDigest { .. }), "{stale:?}");
        assert_eq!(stale[1..], [retired]);
    }
}
