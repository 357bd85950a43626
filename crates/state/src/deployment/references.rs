//! What resources say of each other: put right after a refresh, and after a resource got another URN.
//!
//! Both are the engine's own steps, in its order: `rebuildDependencies` of `pkg/backend/journal.go` and
//! `NormalizeURNReferences` of `sdk/go/common/apitype/core.go`.

use std::collections::{HashMap, HashSet};

use super::{Deployment, urn};
use crate::document::Object;

/// Removes what points to resources that a refresh found gone. A resource may point to those before it in the list only.
pub(crate) fn rebuild(resources: &mut [Object]) -> Result<(), String> {
    let urns = resources.iter().map(|resource| Ok(resource.text("urn")?.into_owned()));
    let urns: Vec<String> = urns.collect::<Result<_, String>>()?;
    let mut known: HashSet<&str> = HashSet::with_capacity(urns.len());
    for (resource, urn) in resources.iter_mut().zip(&urns) {
        let keep = |it: &str| known.contains(it).then(|| it.to_owned());
        change_list(resource, "dependencies", keep)?;
        change_list(resource, "replaceWith", keep)?;
        change_lists(resource, true, keep)?;
        let alone = !known.contains(&*resource.text("deletedWith")?);
        if alone {
            resource.remove("deletedWith");
        }
        known.insert(urn);
    }
    // The engine looks for the parent above, too, but only among resources that are not gone: it finds none.
    for resource in resources.iter_mut() {
        let orphaned = !known.contains(&*resource.text("parent")?);
        if orphaned {
            resource.remove("parent");
        }
    }
    Ok(())
}

/// Writes the present URNs of resources wherever a former one stands, and removes the aliases.
pub(crate) fn normalize(deployment: &mut Deployment) -> Result<(), String> {
    let present = present_urns(&deployment.resources)?;
    for resource in &mut deployment.resources {
        if let Some(provider) = moved_provider(&resource.text("provider")?, &present)? {
            resource.set("provider", &provider);
        }
        if present.is_empty() {
            continue;
        }
        for field in ["urn", "parent", "deletedWith", "viewOf"] {
            let urn = present.get(&*resource.text(field)?);
            if let Some(urn) = urn {
                resource.put_text(field, urn);
            }
        }
        let fix = |it: &str| Some(present.get(it).map_or(it, String::as_str).to_owned());
        change_list(resource, "dependencies", fix)?;
        change_lists(resource, false, fix)?;
        resource.remove("aliases");
    }
    if present.is_empty() {
        return Ok(());
    }
    for snippet in &mut deployment.snippets {
        let Some(mut references) = snippet.read::<Object>("references")? else { continue };
        let names: Vec<String> = references.iter().map(|(name, _)| name.to_owned()).collect();
        for name in names {
            let urn = present.get(&*references.text(&name)?);
            if let Some(urn) = urn {
                references.set(&name, urn);
            }
        }
        snippet.set("references", &references);
    }
    Ok(())
}

/// The present URN by each former one: from aliases, and from parents that got another type.
fn present_urns(resources: &[Object]) -> Result<HashMap<String, String>, String> {
    let mut present: HashMap<String, String> = HashMap::new();
    for resource in resources {
        let urn = resource.text("urn")?;
        for alias in resource.list("aliases")? {
            if let Some(other) = present.insert(alias.to_string(), urn.to_string())
                && other != urn
            {
                return Err(format!("resources `{other}` and `{urn}` have the same alias `{alias}`"));
            }
        }
        if let Some(parent) = present.get(&*resource.text("parent")?)
            && let Some(child) = urn::below(parent, &urn)?
        {
            present.insert(urn.into_owned(), child);
        }
    }
    Ok(present)
}

/// The reference to a provider with its present URN; none when it is that already.
fn moved_provider(provider: &str, present: &HashMap<String, String>) -> Result<Option<String>, String> {
    if provider.is_empty() {
        return Ok(None);
    }
    let (urn, id) = urn::parse_reference(provider)?;
    let urn = present.get(urn).map_or(urn, String::as_str);
    let (urn, id) = urn::reference(urn.into(), id.into())?;
    let moved = format!("{urn}::{id}");
    Ok((moved != provider).then_some(moved))
}

/// Passes each part of a list on: another one in its place, or none. A list that gets empty is removed, as Go does.
fn change_list(resource: &mut Object, field: &str, change: impl Fn(&str) -> Option<String>) -> Result<(), String> {
    let former = resource.list(field)?;
    let list: Vec<String> = former.iter().filter_map(|it| change(it)).collect();
    if list == former {
        return Ok(());
    }
    if list.is_empty() {
        resource.remove(field);
    } else {
        resource.set(field, &list);
    }
    Ok(())
}

/// The same for `propertyDependencies`. After a refresh, keys without a list are left out as well.
fn change_lists(resource: &mut Object, sweep: bool, change: impl Fn(&str) -> Option<String>) -> Result<(), String> {
    const FIELD: &str = "propertyDependencies";
    let Some(mut lists) = resource.read::<Object>(FIELD)? else { return Ok(()) };
    let keys: Vec<String> = lists.iter().map(|(key, _)| key.to_owned()).collect();
    let mut changed = false;
    for key in keys {
        let former = lists.list(&key)?;
        let list: Vec<String> = former.iter().filter_map(|it| change(it)).collect();
        let same = list == former;
        if sweep && list.is_empty() {
            lists.remove(&key);
            changed = true;
        } else if !same {
            lists.set(&key, &list);
            changed = true;
        }
    }
    if lists.is_empty() {
        resource.remove(FIELD);
    } else if changed {
        resource.set(FIELD, &lists);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn resources(lines: &[&str]) -> Vec<Object> {
        lines.iter().map(|line| serde_json::from_str(line).expect("a resource")).collect()
    }

    fn texts(resources: &[Object]) -> Vec<String> {
        resources.iter().map(|it| serde_json::to_string(it).expect("JSON")).collect()
    }

    #[test]
    fn after_a_refresh_nothing_points_to_what_is_gone_or_comes_later() {
        let mut list = resources(&[
            r#"{"urn":"a","dependencies":["later"],"deletedWith":"gone"}"#,
            r#"{"urn":"later","dependencies":["a","gone"],"replaceWith":["gone"],"deletedWith":"a",
                "propertyDependencies":{"x":["gone"],"y":["a","gone"],"z":null},"parent":"a"}"#,
        ]);
        rebuild(&mut list).expect("it is put right");
        assert_eq!(
            texts(&list),
            [
                r#"{"urn":"a"}"#,
                r#"{"urn":"later","dependencies":["a"],"deletedWith":"a","propertyDependencies":{"y":["a"]},"parent":"a"}"#
            ]
        );
    }

    #[test]
    fn a_child_whose_parent_is_gone_has_none() {
        let mut list = resources(&[
            r#"{"urn":"root"}"#,
            r#"{"urn":"child","parent":"gone"}"#,
            r#"{"urn":"grandchild","parent":"child"}"#,
        ]);
        rebuild(&mut list).expect("it is put right");
        assert_eq!(
            texts(&list),
            [r#"{"urn":"root"}"#, r#"{"urn":"child"}"#, r#"{"urn":"grandchild","parent":"child"}"#]
        );
    }

    #[test]
    fn former_urns_are_replaced_everywhere_and_aliases_removed() {
        let urn = |types: &str, name: &str| format!("urn:pulumi:dev::zone::{types}::{name}");
        let (old, new) = (urn("a:b:Old", "x"), urn("a:b:New", "x"));
        let (provider, moved) = (urn("pulumi:providers:aws", "p"), urn("pulumi:providers:aws", "q"));
        let child = urn("a:b:Old$c:d:E", "y");
        let mut deployment = Deployment {
            resources: resources(&[
                &format!(r#"{{"urn":"{moved}","aliases":["{provider}","{provider}"]}}"#),
                &format!(r#"{{"urn":"{new}","aliases":["{old}"],"provider":"{provider}::1"}}"#),
                &format!(
                    r#"{{"urn":"{child}","parent":"{old}","propertyDependencies":{{"k":null,"l":["{old}"]}},"viewOf":"{old}"}}"#
                ),
                &format!(r#"{{"urn":"{new}2","dependencies":["{child}","{old}"],"deletedWith":"{old}"}}"#),
            ]),
            snippets: resources(&[&format!(r#"{{"uuid":"1","references":{{"a":"{old}","b":"other"}}}}"#)]),
            ..Deployment::default()
        };
        normalize(&mut deployment).expect("it is put right");
        let below = urn("a:b:New$c:d:E", "y");
        assert_eq!(
            texts(&deployment.resources),
            [
                format!(r#"{{"urn":"{moved}"}}"#),
                format!(r#"{{"urn":"{new}","provider":"{moved}::1"}}"#),
                format!(
                    r#"{{"urn":"{below}","parent":"{new}","propertyDependencies":{{"k":null,"l":["{new}"]}},"viewOf":"{new}"}}"#
                ),
                format!(r#"{{"urn":"{new}2","dependencies":["{below}","{new}"],"deletedWith":"{new}"}}"#),
            ]
        );
        assert_eq!(
            texts(&deployment.snippets),
            [format!(r#"{{"uuid":"1","references":{{"a":"{new}","b":"other"}}}}"#)]
        );
    }

    #[test]
    fn one_alias_of_two_resources_and_a_provider_that_is_none_are_refused() {
        let of = |lines: &[&str]| normalize(&mut Deployment { resources: resources(lines), ..Deployment::default() });
        of(&[r#"{"urn":"a","aliases":["x"]}"#, r#"{"urn":"a","aliases":["x"]}"#]).expect("the same resource");
        let refused = of(&[r#"{"urn":"a","aliases":["x"]}"#, r#"{"urn":"b","aliases":["x"]}"#]);
        assert_eq!(refused.expect_err("two"), "resources `a` and `b` have the same alias `x`");
        let refused = of(&[r#"{"urn":"a","provider":"nonsense"}"#]);
        assert_eq!(refused.expect_err("no reference"), "`nonsense` is not a reference to a provider");
    }
}
