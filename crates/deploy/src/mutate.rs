//! Changes what is deployed behind the state's back, one property at a time, through our own provider, and puts it back:
//! whoever judges the account in between finds out whether anybody notices.
//!
//! - `values`: the other values that a property can have
//! - `document`: the other documents that a policy can be
//! - [`Hand`]: makes a change, and puts it back

mod document;
mod hand;
mod values;

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

pub use hand::Hand;

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
    inputs: Map,
    /// What the state has of it beside the id.
    outputs: Map,
    /// URN and id of its provider.
    provider: String,
    /// Types of the resources that need it.
    dependants: BTreeSet<String>,
}

impl Thing {
    /// Its name in the program.
    pub fn name(&self) -> &str {
        urn::name(&self.urn)
    }
}

/// One change of one resource.
#[derive(Clone, Debug)]
pub struct Mutant {
    /// The number of the resource.
    pub thing: usize,
    /// The property, with the numbers of items: `rules[0].status`. Empty for the whole resource.
    pub property: String,
    /// What is done to it.
    pub change: String,
    what: What,
}

#[derive(Clone, Debug)]
enum What {
    /// It gets these inputs.
    Inputs(Map),
    /// It is deleted.
    Deletion,
}

impl Mutant {
    /// The property without the numbers of items: `rules.status`. Of the whole resource it is `(resource)`.
    pub fn pattern(&self) -> String {
        pattern(&self.property)
    }
}

/// A change that is not made.
#[derive(Clone, Debug)]
pub struct Skipped {
    /// The number of the resource.
    pub thing: usize,
    /// As [`Mutant::pattern`].
    pub property: String,
    /// Why not.
    pub reason: String,
}

fn pattern(property: &str) -> String {
    if property.is_empty() {
        return "(resource)".to_owned();
    }
    let mut inside = false;
    let outside = |c: &char| {
        let was = inside;
        inside = *c == '[' || (inside && *c != ']');
        !was && !inside
    };
    property.chars().filter(outside).collect()
}

/// The same number for the same words, in every run: what is chosen at random is chosen by it.
pub fn chance(seed: u64, words: &[&str]) -> u64 {
    // FNV-1a, and a last mix: neighbours differ in all bits
    let bytes = words.iter().flat_map(|word| word.bytes().chain([0]));
    let hash =
        bytes.fold(0xcbf2_9ce4_8422_2325 ^ seed, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
    let hash = (hash ^ (hash >> 31)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    hash ^ (hash >> 29)
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
fn things(deployment: &Deployment) -> Result<(Vec<Thing>, Vec<(String, Map)>)> {
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

fn is_encrypted(value: &Value) -> bool {
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
    fn a_pattern_has_no_numbers() {
        assert_eq!(pattern("rules[0].transitions[11].days"), "rules.transitions.days");
        assert_eq!((pattern("tagsAll.a.b"), pattern("")), ("tagsAll.a.b".to_owned(), "(resource)".to_owned()));
    }

    #[test]
    fn chance_depends_on_the_seed_and_on_each_word() {
        let all = [chance(1, &["a", "b"]), chance(2, &["a", "b"]), chance(1, &["ab"]), chance(1, &["a", "c"])];
        assert_eq!(all.iter().collect::<BTreeSet<_>>().len(), all.len());
        assert_eq!(chance(1, &["a", "b"]), all[0]);
    }

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
