//! The zone that a module is deployed in, as its program sees it.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Mutex, PoisonError},
};

use aws::{
    functions::{PARAMETERS_BY_PATH, ParametersByPath},
    instance::Provider,
    ssm::Parameter,
};
use contract::{
    Newer, Snapshot, ZONE,
    live::{Live, Parameter as Found},
};
use pulumi::{
    options::Options,
    output::{Input, IntoInput, Output, Resolved},
    program::{ProviderRef, Scope},
    value::ToValue,
};
use serde::de::DeserializeOwned;
use serde_json::Value;
use tokio::sync::watch;

use crate::{Marker, TARGET, Target, marker};

/// What a module's program cannot go on with.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The engine was started without the zone.
    #[error("reading {TARGET}: {cause}\nhint: deploy the module with `zone module up NAME`, which sets it")]
    Target {
        /// Why.
        cause: String,
    },
    /// The tenant's settings are not those that the program reads.
    #[error("{place}: {cause}\nhint: the module's README lists its settings")]
    Settings {
        /// The file, the line and the key.
        place: String,
        /// Why.
        cause: String,
    },
    /// What the program publishes is not what its contract promises.
    #[error("publishing contract `{contract}`: {cause}\nhint: provide what the contract promises, and nothing else")]
    Contract {
        /// The contract.
        contract: &'static str,
        /// What differs.
        cause: String,
    },
}

pub(crate) fn read_target(text: Option<&str>) -> Result<Target, Error> {
    let target = |cause: String| Error::Target { cause };
    let text = text.ok_or_else(|| target("it is not set".to_owned()))?;
    serde_json::from_str(text).map_err(|e| target(e.to_string()))
}

/// The zone that a module is deployed in.
///
/// Each value of the zone's contract is an output. It is read once per run, with one chain of `GetParametersByPath` calls, and
/// the digest is verified. A value that is not there fails what uses it: the message names the path, the environment and the
/// way out. A path that no version of the contract promises has no method.
pub struct Zone {
    target: Target,
    scope: Scope,
    provider: ProviderRef,
    live: Output<ParametersByPath>,
    reads: Mutex<BTreeSet<String>>,
    /// What the program read, when it has run.
    read: watch::Sender<Option<BTreeSet<String>>>,
}

impl Zone {
    /// Opens the zone of a target: registers the ways into the account, and the marker.
    pub(crate) fn of(scope: &Scope, target: Target) -> Self {
        let ground = provider(scope, "zone", &target).register();
        let live = read(scope, &target.root, &ground);
        let (read, reads) = watch::channel(None);
        let marker = mark(scope, &target, &ground, &live, reads);
        // all that uses this provider depends on the marker: it is created first, and deleted last
        let own = provider(scope, "module", &target).depends_on([&marker]).register();
        let scope = scope.component("zone:module:Module", &target.module).provider(&own).register();
        Self { target, scope, provider: own, live, reads: Mutex::default(), read }
    }

    /// Where the module registers its resources.
    pub const fn scope(&self) -> &Scope {
        &self.scope
    }

    /// The provider of the module's resources; those of [`Self::scope`] have it already.
    pub const fn provider(&self) -> &ProviderRef {
        &self.provider
    }

    /// What `zone` tells about itself.
    pub const fn target(&self) -> &Target {
        &self.target
    }

    /// The environment's name, such as `dev`.
    pub fn environment(&self) -> &str {
        &self.target.environment
    }

    /// The region.
    pub fn region(&self) -> &str {
        &self.target.region
    }

    /// The account's id.
    pub fn account(&self) -> &str {
        &self.target.account
    }

    /// A name for one of the module's own resources: `{prefix}-{module}-{purpose}-{environment}`.
    pub fn own_name(&self, purpose: &str) -> String {
        self.target.name(purpose)
    }

    /// A name for one of the module's own buckets: with the suffix of the zone's buckets.
    pub fn own_bucket_name(&self, purpose: &str) -> String {
        self.target.bucket_name(purpose)
    }

    /// A file or folder of the module, by its path below the module's folder.
    pub fn file(&self, path: &str) -> String {
        self.target.folder.join(path).display().to_string()
    }

    /// The tenant's settings of the module: `config/modules/NAME.toml` without its tags, those of the environment over those of
    /// all. What the type does not have is refused where it says `deny_unknown_fields`.
    pub fn settings<T: DeserializeOwned>(&self) -> Result<T, Error> {
        settings(&self.target)
    }

    /// The value of an entry of the zone's contract by its name, such as `kms/pii/arn`. Prefer the methods: they name only
    /// what the contract promises.
    pub fn value(&self, name: impl Into<String>) -> Output<String> {
        let (name, environment, root) = (name.into(), self.target.environment.clone(), self.target.root.clone());
        self.reads.lock().unwrap_or_else(PoisonError::into_inner).insert(name.clone());
        let target = self.target.clone();
        self.live.try_apply(move |live: ParametersByPath| {
            let contract = snapshot(&live, &environment, &root).map_err(|error| told(&error))?;
            contract.get(&name).map(str::to_owned).map_err(|error| {
                let origins = origins(&target, &contract.subjects(&name));
                if origins.is_empty() || !matches!(error, contract::Error::Missing(_)) {
                    return told(&error);
                }
                let known = contract.alternatives(&name).collect::<Vec<_>>().join(", ");
                let known = if known.is_empty() { known } else { format!("; there are: {known}") };
                format!(
                    "{origins}: environment `{environment}` publishes no `{name}`\nhint: correct the setting{known}"
                )
            })
        })
    }

    /// As [`Self::value`], of a `StringList`.
    pub fn values(&self, name: impl Into<String>) -> Output<Vec<String>> {
        self.value(name).apply(|text: String| text.split(',').map(str::to_owned).collect::<Vec<_>>())
    }

    /// The program has run: what it read is known.
    pub(crate) fn close(self) {
        let reads = self.reads.into_inner().unwrap_or_else(PoisonError::into_inner);
        self.read.send_replace(Some(reads));
    }
}

fn settings<T: DeserializeOwned>(target: &Target) -> Result<T, Error> {
    let settings = Value::Object(target.settings.clone());
    serde_path_to_error::deserialize(settings).map_err(|error| Error::Settings {
        place: target.place(&error.path().to_string()),
        cause: error.inner().to_string(),
    })
}

/// The settings that a name of the contract was made of, by what stands in it for a placeholder (`pii` of `kms/pii/arn`), with
/// their places.
fn origins(target: &Target, subjects: &[&str]) -> String {
    let keys = subjects.iter().flat_map(|subject| target.settings_of(subject));
    keys.map(|key| target.place(&key)).collect::<Vec<_>>().join(", ")
}

fn provider<'s>(scope: &'s Scope, name: &str, target: &Target) -> Provider<'s> {
    Provider::new(scope, name, &target.account, &target.region)
        .default_tags(&target.tags)
        .when(target.profile.as_deref(), Provider::profile)
        .when(target.role.as_deref(), Provider::assume_role)
}

/// Reads the whole contract.
fn read(scope: &Scope, root: &str, provider: &ProviderRef) -> Output<ParametersByPath> {
    let arguments = [
        ("path".to_owned(), IntoInput::<String>::into_input(root)),
        ("recursive".to_owned(), Input::from(Output::<bool>::known(true))),
    ];
    // the contract has no secrets, though the call that reads parameters answers as if all were
    scope.invoke::<ParametersByPath>(PARAMETERS_BY_PATH, BTreeMap::from(arguments), Some(provider)).unsecret()
}

fn snapshot(live: &ParametersByPath, environment: &str, root: &str) -> Result<Snapshot, contract::Error> {
    let found = live.names.iter().zip(&live.types).zip(&live.values);
    let found = found.map(|((name, kind), value)| (name.clone(), Found { kind: kind.clone(), value: value.clone() }));
    Snapshot::new(ZONE, environment, root, &found.collect::<Live>(), Newer::Refuse)
}

/// As the engine shows it: the message, and the way out.
fn told(error: &contract::Error) -> String {
    format!("{error}\nhint: {}", error.hint())
}

/// The parameter that says what the module reads. Its value is known when the program has run.
fn mark(
    scope: &Scope,
    target: &Target,
    provider: &ProviderRef,
    live: &Output<ParametersByPath>,
    mut read: watch::Receiver<Option<BTreeSet<String>>>,
) -> Parameter {
    let reads: Output<Vec<String>> = Output::from_future(async move {
        let reads = read.wait_for(Option::is_some).await.map(|reads| reads.clone().unwrap_or_default());
        // the program failed, and says why itself
        let reads: Vec<_> = reads.unwrap_or_default().into_iter().collect();
        Ok(Resolved { value: reads.to_value(), ..Resolved::default() })
    });
    let (environment, root) = (target.environment.clone(), target.root.clone());
    let text = pulumi::all!(reads, live).try_apply(move |(reads, live): (Vec<String>, ParametersByPath)| {
        let contract = snapshot(&live, &environment, &root).map_err(|error| told(&error))?;
        let reads = reads.into_iter().collect();
        Ok::<_, String>(Marker { contract: contract.version(), reads }.text())
    });
    Parameter::new(scope, "marker")
        .name(marker::name(&target.root, &target.module))
        .r#type("String")
        .insecure_value(text)
        .description(format!("module {}: what it reads of the zone's contract", target.module))
        .provider(provider)
        .register()
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "only what is wrong is looked at")]
    struct Own {
        class: String,
        #[serde(default)]
        limits: Limits,
    }

    #[derive(Debug, Default, Deserialize)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "only what is wrong is looked at")]
    struct Limits {
        days: u32,
    }

    fn target(settings: &Value) -> Target {
        let lines = [("class", 1), ("clas", 1), ("limits", 2), ("limits.days", 3)];
        Target {
            module: "jobs".to_owned(),
            settings: settings.as_object().cloned().unwrap_or_default(),
            settings_lines: lines.map(|(key, line)| (key.to_owned(), line)).into(),
            ..Target::default()
        }
    }

    #[test]
    fn a_wrong_setting_is_named_with_its_line() {
        let wrong = |value: &Value| settings::<Own>(&target(value)).expect_err("it is wrong").to_string();
        for (value, says) in [
            (serde_json::json!({ "class": 1 }), "config/modules/jobs.toml:1: `class`: invalid type: integer `1`"),
            (serde_json::json!({ "clas": "x" }), "config/modules/jobs.toml:1: `clas`: unknown field `clas`"),
            (serde_json::json!({}), "config/modules/jobs.toml: missing field `class`"),
            (
                serde_json::json!({ "class": "x", "limits": { "days": -1 } }),
                "jobs.toml:3: `limits.days`: invalid value",
            ),
            (serde_json::json!({ "class": "x", "limits": {} }), "jobs.toml:2: `limits`: missing field `days`"),
        ] {
            let said = wrong(&value);
            assert!(said.contains(says), "{value}: {said}");
            assert!(said.contains("\nhint: "), "{said}");
        }
        assert!(settings::<Own>(&target(&serde_json::json!({ "class": "x" }))).is_ok());
    }

    #[test]
    fn a_name_knows_the_settings_that_it_was_made_of() {
        let target = target(&serde_json::json!({ "class": "pii", "limits": { "days": 3 } }));
        assert_eq!(origins(&target, &["pii"]), "config/modules/jobs.toml:1: `class`");
        assert_eq!(origins(&target, &["secret"]), "");
    }
}
