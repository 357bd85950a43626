//! What is in a state, as a deployment needs to know it.

use std::collections::HashMap;

use serde::Deserialize;
use serde_json::{Map, Value};

/// What a look into a state showed.
#[derive(Debug, Default)]
pub struct Contents {
    /// Its resources, components and providers left out.
    pub resources: Vec<Record>,
    /// URNs of everything, in the order of the state.
    pub urns: Vec<String>,
    /// Operations that a run began and never finished.
    pub pending: usize,
}

/// A resource of the state.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Record {
    /// Its URN.
    pub urn: String,
    /// Its type.
    pub kind: String,
    /// Its id.
    pub id: String,
    /// It waits for its replacement, and was deleted already.
    pub is_deleted: bool,
    /// When it was changed last by a run, as the engine writes it; empty where it does not say.
    pub modified: String,
    /// Its inputs.
    pub inputs: Map<String, Value>,
    /// The inputs of its provider.
    pub provider: Map<String, Value>,
}

impl Record {
    /// An input that is a text.
    pub fn text(&self, input: &str) -> Option<&str> {
        self.inputs.get(input).and_then(Value::as_str)
    }
}

/// A checkpoint, of whose resources only what `R` has is read.
#[derive(Deserialize)]
struct File<R> {
    checkpoint: Checkpoint<R>,
}
#[derive(Deserialize)]
struct Checkpoint<R> {
    latest: Option<Deployment<R>>,
}
#[derive(Deserialize)]
#[serde(bound(deserialize = "R: Deserialize<'de>"))]
struct Deployment<R> {
    #[serde(default)]
    resources: Vec<R>,
    #[serde(default)]
    pending_operations: Vec<serde::de::IgnoredAny>,
}
#[derive(Deserialize)]
struct Resource {
    urn: String,
    #[serde(default)]
    custom: bool,
    #[serde(default)]
    id: String,
    #[serde(default, rename = "pendingReplacement")]
    pending_replacement: bool,
    #[serde(rename = "type")]
    kind: String,
    #[serde(default)]
    provider: String,
    #[serde(default)]
    modified: String,
    #[serde(default)]
    inputs: Map<String, Value>,
}

/// Ids and outputs of resources, by URN.
pub type Outputs = HashMap<String, (String, Map<String, Value>)>;

/// The outputs in a checkpoint. Nothing else needs them, and they are the largest part of a state.
pub fn outputs(checkpoint: &[u8]) -> Result<Outputs, serde_json::Error> {
    #[derive(Deserialize)]
    struct Told {
        urn: String,
        #[serde(default)]
        id: String,
        /// It is in the state under this URN a second time, and is to be deleted.
        #[serde(default)]
        delete: bool,
        #[serde(default, rename = "pendingReplacement")]
        pending_replacement: bool,
        #[serde(default)]
        outputs: Map<String, Value>,
    }
    let file: File<Told> = serde_json::from_slice(checkpoint)?;
    let resources = file.checkpoint.latest.map(|latest| latest.resources).unwrap_or_default();
    Ok(resources
        .into_iter()
        .filter(|r| !r.delete && !r.pending_replacement)
        .map(|r| (r.urn, (r.id, r.outputs)))
        .collect())
}

impl Contents {
    /// How many resources there are, as Pulumi counts: with components and providers, but for providers that it makes itself.
    pub fn count(&self) -> usize {
        let is_own = |urn: &str| urn.contains("pulumi:providers:") && pulumi::urn::name(urn).starts_with("default");
        self.urns.iter().filter(|urn| !is_own(urn)).count()
    }

    /// Reads a checkpoint.
    pub fn read(checkpoint: &[u8]) -> Result<Self, serde_json::Error> {
        let file: File<Resource> = serde_json::from_slice(checkpoint)?;
        let Some(latest) = file.checkpoint.latest else { return Ok(Self::default()) };
        let mut contents = Self { pending: latest.pending_operations.len(), ..Self::default() };
        let is_provider = |resource: &&Resource| resource.kind.starts_with("pulumi:providers:");
        let providers = latest.resources.iter().filter(is_provider);
        let providers: HashMap<_, _> = providers.map(|p| (format!("{}::{}", p.urn, p.id), p.inputs.clone())).collect();
        for resource in latest.resources {
            contents.urns.push(resource.urn.clone());
            if resource.custom && !resource.kind.starts_with("pulumi:") {
                contents.resources.push(Record {
                    provider: providers.get(&resource.provider).cloned().unwrap_or_default(),
                    urn: resource.urn,
                    kind: resource.kind,
                    id: resource.id,
                    is_deleted: resource.pending_replacement,
                    modified: resource.modified,
                    inputs: resource.inputs,
                });
            }
        }
        Ok(contents)
    }
}
