//! What differs between two states of a stack.

use std::collections::HashMap;

use serde_json::{Value, value::RawValue};

use crate::{deployment::Deployment, document::Object};

/// Resources by what differs, each by its URN.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Difference {
    /// Only the second state has them.
    pub added: Vec<String>,
    /// Only the first one has them.
    pub removed: Vec<String>,
    /// Both have them, with another id, other inputs or other outputs.
    pub changed: Vec<String>,
}

impl Difference {
    /// From one state to another.
    pub fn between(from: &Deployment, to: &Deployment) -> Self {
        let (from, to) = (by_urn(from), by_urn(to));
        let only_in = |all: &[(String, &Object)], others: &HashMap<&str, &Object>| {
            let missing = all.iter().filter(|(urn, _)| !others.contains_key(urn.as_str()));
            missing.map(|(urn, _)| urn.clone()).collect()
        };
        let index = |all| -> HashMap<&str, &Object> {
            let all: &[(String, &Object)] = all;
            all.iter().map(|(urn, resource)| (urn.as_str(), *resource)).collect()
        };
        let (old, new) = (index(&from), index(&to));
        let differs = |(urn, resource): &&(String, &Object)| {
            old.get(urn.as_str()).is_some_and(|before| PROPERTIES.iter().any(|name| !is_same(before, resource, name)))
        };
        Self {
            added: only_in(&to, &old),
            removed: only_in(&from, &new),
            changed: to.iter().filter(differs).map(|(urn, _)| urn.clone()).collect(),
        }
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.added.is_empty() && self.removed.is_empty() && self.changed.is_empty()
    }
}

/// What makes a resource another one.
const PROPERTIES: [&str; 4] = ["id", "inputs", "outputs", "protect"];

/// The same value, however it is written: other programs write other escapes.
fn is_same(one: &Object, other: &Object, name: &str) -> bool {
    let (one, other) = (one.get(name).map(RawValue::get), other.get(name).map(RawValue::get));
    let value = |text: Option<&str>| text.map(serde_json::from_str::<Value>).transpose().ok();
    one == other || value(one) == value(other)
}

fn by_urn(deployment: &Deployment) -> Vec<(String, &Object)> {
    let urn = |resource: &Object| resource.text("urn").unwrap_or_default().into_owned();
    deployment.resources.iter().map(|resource| (urn(resource), resource)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn state(resources: &[(&str, &str)]) -> Deployment {
        let resource = |(name, inputs): &(&str, &str)| {
            serde_json::from_str(&format!(r#"{{"urn":"{name}","type":"t","inputs":{inputs},"modified":"{name}"}}"#))
        };
        let resources = resources.iter().map(resource).collect::<Result<_, _>>().expect("objects");
        Deployment { resources, ..Deployment::empty() }
    }

    #[test]
    fn it_names_what_is_new_what_is_gone_and_what_is_other() {
        let before = state(&[("a", "{}"), ("b", "{}"), ("c", r#"{"x":1}"#)]);
        let after = state(&[("b", "{ }"), ("c", r#"{"x":2}"#), ("d", "{}")]);
        let difference = Difference::between(&before, &after);
        let names = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
        let expected = Difference { added: names(&["d"]), removed: names(&["a"]), changed: names(&["c"]) };
        assert_eq!(difference, expected);
        assert!(Difference::between(&before, &before).is_empty());
    }
}
