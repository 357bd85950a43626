//! The resources of a state: what each is, by what it is known, and what needs it.

use std::collections::BTreeSet;

use pulumi::{
    urn,
    value::{Map, Value},
};
use serde_json::Value as Json;
use state::{
    deployment::Deployment,
    error::{Exit, Failure, Result},
};

/// A resource of the state.
#[derive(Clone, Debug)]
pub struct Thing {
    /// Its URN.
    pub urn: String,
    /// Its type.
    pub kind: String,
    /// Its id.
    pub id: String,
    /// By what an observer may know it: id, ARN, name, and what it is set on.
    pub names: BTreeSet<String>,
    /// What the program asks for, as the provider checked it.
    pub(crate) inputs: Map,
    /// What the state has of it beside the id.
    pub(crate) outputs: Map,
    /// URN and id of its provider.
    pub(crate) provider: String,
    /// Types of the resources that need it.
    pub(crate) dependants: BTreeSet<String>,
}

impl Thing {
    /// Its name in the program.
    pub fn name(&self) -> &str {
        urn::name(&self.urn)
    }

    /// A resource of which nothing but its URN and its type is known.
    #[cfg(test)]
    pub(crate) fn made_up(urn: &str, kind: &str) -> Self {
        Self {
            urn: urn.to_owned(),
            kind: kind.to_owned(),
            id: urn.to_owned(),
            names: BTreeSet::new(),
            inputs: Map::new(),
            outputs: Map::new(),
            provider: String::new(),
            dependants: BTreeSet::new(),
        }
    }
}

/// Properties by which a resource, or what it is set on, is known.
const NAMES: [&str; 11] = [
    "arn",
    "name",
    "bucket",
    "role",
    "queueUrl",
    "url",
    "keyId",
    "eventBusName",
    "userPoolId",
    "routeTableId",
    "subnetId",
];

/// The resources of a state, and the arguments of their providers by URN and id.
pub(crate) fn things(deployment: &Deployment) -> Result<(Vec<Thing>, Vec<(String, Map)>)> {
    let unreadable = |e| Failure::new(Exit::Failed, format!("reading the resources of the state: {e}"));
    let resources = serde_json::to_value(&deployment.resources).map_err(unreadable)?;
    let resources: Vec<&Json> = resources.as_array().into_iter().flatten().collect();
    let text = |of: &Json, name: &str| of[name].as_str().unwrap_or_default().to_owned();
    let map = |of: &Json| match Value::from_json(of) {
        Value::Object(map) => map,
        _ => Map::new(),
    };
    let (mut things, mut providers) = (Vec::new(), Vec::new());
    for resource in resources.iter().filter(|r| r["custom"] == true && r["delete"] != true) {
        let (urn, kind, id) = (text(resource, "urn"), text(resource, "type"), text(resource, "id"));
        let (inputs, outputs) = (map(&resource["inputs"]), map(&resource["outputs"]));
        if kind.starts_with("pulumi:") {
            providers.push((format!("{urn}::{id}"), inputs));
            continue;
        }
        let named = inputs.iter().chain(&outputs).filter(|(name, _)| NAMES.contains(&name.as_str()));
        let named = named.filter_map(|(_, value)| value.as_str().map(str::to_owned));
        let names = named.chain([id.clone()]).filter(|name| !name.is_empty()).collect();
        let needs = |other: &Json| {
            let listed = other["dependencies"].as_array().into_iter().flatten().any(|need| *need == *urn);
            let named = other["propertyDependencies"].as_object().into_iter().flat_map(|all| all.values());
            let mut named = named.filter_map(Json::as_array).flatten();
            listed || other["parent"] == *urn || other["deletedWith"] == *urn || named.any(|need| *need == *urn)
        };
        let dependants = resources.iter().filter(|other| needs(other)).map(|other| text(other, "type")).collect();
        let provider = text(resource, "provider");
        things.push(Thing { urn, kind, id, names, inputs, outputs: readable(outputs), provider, dependants });
    }
    Ok((things, providers))
}

/// The key by which the state marks what it encrypts.
const ENCRYPTED: &str = "ciphertext";

/// With a text in the place of what the state has encrypted: nothing here can read it, and no update writes it.
fn readable(map: Map) -> Map {
    let hidden = |value| if is_encrypted(&value) { Value::String("[secret]".to_owned()).secret() } else { value };
    map.into_iter().map(|(name, value)| (name, hidden(value))).collect()
}

/// Whether the state has a value, or a part of it, encrypted.
pub(crate) fn is_encrypted(value: &Value) -> bool {
    match value {
        Value::Object(map) => map.contains_key(ENCRYPTED) || map.values().any(is_encrypted),
        Value::Array(items) => items.iter().any(is_encrypted),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_state_gives_its_resources_with_what_needs_them() {
        let text = r#"{"resources":[
            {"urn":"p","type":"pulumi:providers:aws","custom":true,"id":"1","inputs":{"region":"r"}},
            {"urn":"a","type":"aws:x/y:Z","custom":true,"id":"i","provider":"p::1","inputs":{"name":"n"},
             "outputs":{"arn":"arn:x","key":{"4dabf18193072939515e22adb298388d":"s","ciphertext":"v1"}}},
            {"urn":"b","type":"aws:x/y:W","custom":true,"id":"j","dependencies":["a"]}]}"#;
        let (things, providers) = things(&serde_json::from_str(text).expect("a deployment")).expect("read");
        assert_eq!(providers[0].0, things[0].provider);
        assert_eq!(things[0].dependants.iter().collect::<Vec<_>>(), ["aws:x/y:W"]);
        assert_eq!(things[0].names.iter().collect::<Vec<_>>(), ["arn:x", "i", "n"]);
        assert_eq!(things[0].outputs["key"], Value::String("[secret]".to_owned()).secret());
    }
}
