//! A contract as a value: its name, and every version of it.

use crate::{
    digest,
    entry::{Consumer, Entry, Scope},
    meta,
    template::Template,
};

/// A contract: what its owner promises to readers, version by version. The zone's own is [`ZONE`](crate::ZONE); a module
/// that publishes parameters for others defines one of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Definition {
    name: &'static str,
    versions: &'static [Version],
    accessors: &'static [(&'static str, &'static str)],
}

/// One version of a contract.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Version {
    /// Its number; the first is 1.
    pub number: u32,
    /// Everything that it promises, in the order in which it is published.
    pub templates: &'static [Template],
}

impl Version {
    /// The template that speaks of `name`; [`Definition::faults`] says where there is more than one.
    pub(crate) fn template_of(&self, name: &str) -> Option<&'static Template> {
        self.templates.iter().find(|template| template.subjects(name).is_some())
    }
}

impl Definition {
    /// The contract called `name`, with all of its versions, oldest first.
    ///
    /// # Panics
    /// If there is no version. In a constant, the compiler says so.
    pub const fn new(name: &'static str, versions: &'static [Version]) -> Self {
        assert!(!versions.is_empty(), "a contract has at least one version");
        Self { name, versions, accessors: &[] }
    }

    /// Names the accessors of its clients in other languages ([`crate::clients`]), in snake case and by path. A path that is
    /// not named here gives its own words: `api/endpoint` is `api_endpoint`, `tables/{book}/name` is `tables_name`.
    #[must_use]
    pub const fn accessors(mut self, names: &'static [(&'static str, &'static str)]) -> Self {
        self.accessors = names;
        self
    }

    /// Its name, for example `zone`; documents and digests carry it.
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// Every version ever published, oldest first.
    pub const fn versions(&self) -> &'static [Version] {
        self.versions
    }

    /// The number of the newest version, which [`Self::entries`] speaks of.
    pub const fn version(&self) -> u32 {
        self.newest().number
    }

    pub(crate) const fn newest(&self) -> &'static Version {
        &self.versions[self.versions.len() - 1]
    }

    pub(crate) fn find_version(&self, number: u32) -> Option<&'static Version> {
        self.versions.iter().find(|version| version.number == number)
    }

    pub(crate) fn accessor_name(&self, path: &str) -> String {
        if let Some((_, name)) = self.accessors.iter().find(|(known, _)| *known == path) {
            return (*name).to_owned();
        }
        let words: Vec<_> = path.split('/').filter(|segment| !segment.starts_with('{')).collect();
        words.join("_").replace('-', "_")
    }

    /// What the deployed stacks promise in the newest version, in the order of the definition and of the scope.
    ///
    /// The three `contract/*` parameters are not among them: they are written about these, after these
    /// ([`Self::meta_entries`]).
    pub fn entries(&self, scope: &Scope) -> Vec<Entry> {
        self.expand(scope, |template| template.owner != meta::OWNER)
    }

    /// Version, digest and date of publication, in the order of the definition. They are always promised.
    pub fn meta_entries(&self, scope: &Scope) -> Vec<Entry> {
        self.expand(scope, |template| template.owner == meta::OWNER)
    }

    /// Everything that is promised for `scope`: [`Self::entries`], then [`Self::meta_entries`].
    pub fn promised(&self, scope: &Scope) -> Vec<Entry> {
        let mut all = self.entries(scope);
        all.extend(self.meta_entries(scope));
        all
    }

    fn expand(&self, scope: &Scope, which: impl Fn(&Template) -> bool) -> Vec<Entry> {
        let templates = self.newest().templates.iter().filter(|template| which(template));
        templates.flat_map(|template| template.expand(self.name, scope)).collect()
    }

    /// Whether `name` ("kms/secret/arn", without the root) is one that stacks promise in `version`, whatever stands in the
    /// placeholders' places. `None` when this build does not know the version.
    ///
    /// Others may publish below the same root (`other-team/host`); those names are not covered.
    pub fn covers(&self, version: u32, name: &str) -> Option<bool> {
        let template = self.find_version(version)?.template_of(name);
        Some(template.is_some_and(|template| template.owner != meta::OWNER))
    }

    /// What `version` promises under `name`, whatever stands in the placeholders' places: for readers that do not know the
    /// names of the environment. The `contract/*` parameters are found too.
    pub fn find(&self, version: u32, root: &str, name: &str) -> Option<Entry> {
        let template = self.find_version(version)?.template_of(name)?;
        Some(template.entry(self.name, &Scope::new(root), &template.subjects(name)?))
    }

    /// The first segments of its paths, such as `kms`: what else is published below the same root needs other ones.
    pub fn first_segments(&self) -> std::collections::BTreeSet<&'static str> {
        self.newest().templates.iter().filter_map(|template| template.path.split('/').next()).collect()
    }

    /// The stacks that publish something in the newest version, each once, in the order of the definition.
    pub fn owners(&self) -> Vec<&'static str> {
        let mut owners = Vec::new();
        for template in self.newest().templates.iter().filter(|template| template.owner != meta::OWNER) {
            if !owners.contains(&template.owner) {
                owners.push(template.owner);
            }
        }
        owners
    }

    /// SHA-256, in lower-case hex, over the name of the contract, the version and all (full path, value) pairs, in any
    /// order.
    ///
    /// The paths are those of SSM, with the root (`/acme/dev/kms/secret/arn`): a digest holds where it was published.
    /// The three `contract/*` parameters do not belong in it.
    pub fn digest<'a>(&self, version: u32, values: impl IntoIterator<Item = (&'a str, &'a str)>) -> String {
        digest::digest(self.name, version, values)
    }

    /// The configured consumers whose path is none that is promised for `scope`, by their position.
    pub fn unknown_consumers<'s>(&self, scope: &'s Scope) -> Vec<(usize, &'s Consumer)> {
        let promised = self.promised(scope);
        let unknown = |(_, consumer): &(usize, &Consumer)| !promised.iter().any(|entry| consumer.reads(&entry.name));
        scope.consumers.iter().enumerate().filter(unknown).collect()
    }
}
