//! Putting resources after those that they need, as `pulumi state repair` does.
//!
//! The engine reports what it registers in the order of the program, and what the program does not have any more stays behind
//! that. When an update of some resources only leaves one as it is that needed another one which the program has dropped, the
//! two are in the wrong order; the engine refuses such a state.

use std::collections::HashMap;

use super::{Deployment, urn};
use crate::document::Object;

impl Deployment {
    /// Moves resources behind those that they need, and leaves the others where they are.
    pub fn put_in_order(&mut self) -> Result<(), String> {
        let urns = self.resources.iter().map(|resource| Ok(resource.text("urn")?.into_owned()));
        let urns: Vec<String> = urns.collect::<Result<_, String>>()?;
        // of several, the one that is not to be deleted is meant, if there is one
        let mut by_urn: HashMap<&str, usize> = HashMap::with_capacity(urns.len());
        for (number, name) in urns.iter().enumerate() {
            let is_deleted = self.resources[number].get("delete").is_some_and(|value| value.get() == "true");
            if !is_deleted || !by_urn.contains_key(name.as_str()) {
                by_urn.insert(name, number);
            }
        }
        let needs: Vec<Vec<usize>> = self
            .resources
            .iter()
            .map(|resource| {
                Ok(needed(resource)?.iter().filter_map(|name| by_urn.get(name.as_str()).copied()).collect())
            })
            .collect::<Result<_, String>>()?;
        let mut order = Vec::with_capacity(urns.len());
        let mut seen = vec![false; urns.len()];
        for first in 0..urns.len() {
            // depth first, without recursion: what a resource needs, then the resource
            let mut open = vec![(first, 0)];
            while let Some((number, next)) = open.pop() {
                if seen[number] && next == 0 {
                    continue;
                }
                seen[number] = true;
                match needs[number].get(next) {
                    Some(needed) => {
                        open.push((number, next + 1));
                        open.push((*needed, 0));
                    }
                    None => order.push(number),
                }
            }
        }
        let mut resources: Vec<Option<Object>> = std::mem::take(&mut self.resources).into_iter().map(Some).collect();
        self.resources = order.into_iter().filter_map(|number| resources[number].take()).collect();
        Ok(())
    }
}

/// The URNs that a resource has to come after.
fn needed(resource: &Object) -> Result<Vec<String>, String> {
    let mut all = Vec::new();
    let provider = resource.text("provider")?;
    if !provider.is_empty() {
        all.push(urn::parse_reference(&provider)?.0.to_owned());
    }
    for one in [resource.text("parent")?, resource.text("deletedWith")?] {
        if !one.is_empty() {
            all.push(one.into_owned());
        }
    }
    all.extend(resource.list("dependencies")?.into_iter().map(std::borrow::Cow::into_owned));
    all.extend(resource.lists("propertyDependencies")?.into_values().flatten().map(|name| name.to_string()));
    Ok(all)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn resource(name: &str, needs: &[&str]) -> Object {
        let urn = |name: &str| format!("urn:pulumi:d::z::t:i:T::{name}");
        let needs: Vec<_> = needs.iter().map(|name| urn(name)).collect();
        let json = serde_json::json!({ "urn": urn(name), "type": "t:i:T", "dependencies": needs });
        serde_json::from_value(json).expect("an object")
    }

    fn order(resources: &[(&str, &[&str])]) -> Vec<String> {
        let resources = resources.iter().map(|(name, needs)| resource(name, needs)).collect();
        let mut deployment = Deployment { resources, ..Deployment::empty() };
        deployment.put_in_order().expect("they can be ordered");
        let name = |resource: &Object| resource.text("urn").expect("a URN").rsplit("::").next().map(str::to_owned);
        deployment.resources.iter().filter_map(name).collect()
    }

    #[test]
    fn a_resource_comes_after_what_it_needs_and_the_rest_stays() {
        assert_eq!(order(&[("a", &[]), ("b", &["a"]), ("c", &[])]), ["a", "b", "c"]);
        assert_eq!(
            order(&[("a", &[]), ("b", &["d"]), ("c", &[]), ("d", &["e"]), ("e", &[])]),
            ["a", "e", "d", "b", "c"]
        );
        // nothing can be done about a ring, or about what is missing; and nothing is lost
        assert_eq!(order(&[("a", &["b"]), ("b", &["a", "x"]), ("c", &[])]).len(), 3);
    }

    #[test]
    fn of_two_of_a_name_the_one_that_stays_is_meant() {
        let mut old = resource("a", &[]);
        old.set("delete", &true);
        let resources = vec![old, resource("b", &["a"]), resource("a", &[])];
        let mut deployment = Deployment { resources, ..Deployment::empty() };
        deployment.put_in_order().expect("they can be ordered");
        let last = deployment.resources.last().expect("three");
        assert!(last.text("urn").expect("a URN").ends_with("::b"), "{:?}", deployment.resources);
    }
}
