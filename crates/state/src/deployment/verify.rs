//! Whether a deployment is sound: `VerifyIntegrity` of `pkg/resource/stack/snapshot/integrity.go`.
//!
//! The engine refuses to work with a deployment that is not, so none is written.

use std::{
    borrow::Cow,
    collections::{HashMap, HashSet},
};

use super::{Deployment, magic, urn};
use crate::{
    document::Object,
    error::{Exit, Failure, Result},
};

/// How many resources have a URN, and how many of them wait for their deletion.
#[derive(Default)]
struct Count {
    all: usize,
    deleted: usize,
}

/// The resources before the one that is looked at, by URN.
type Earlier<'a> = HashMap<Cow<'a, str>, Count>;

impl Deployment {
    /// Whether the deployment is sound, as the engine sees it: each resource comes after those that it needs.
    pub fn verify(&self) -> Result<()> {
        self.find_fault().map_err(|cause| {
            Failure::new(Exit::Failed, format!("verifying the state: {cause}"))
                .hint("nothing was written; the state before it is unchanged. Please report this")
        })
    }

    fn find_fault(&self) -> std::result::Result<(), String> {
        if self.manifest.text("magic")? != magic(&self.manifest.text("version")?) {
            return Err("its manifest was changed by something other than pulumi".to_owned());
        }
        let mut earlier = Earlier::with_capacity(self.resources.len());
        let mut providers = HashSet::new();
        for (number, resource) in self.resources.iter().enumerate() {
            let name = resource.text("urn")?;
            if name.is_empty() {
                return Err(format!("resource {number} has no `urn`"));
            }
            self.find_fault_of(number, &name, &earlier).map_err(|cause| format!("resource `{name}` {cause}"))?;
            if urn::is_provider(&resource.text("type")?) {
                providers.insert(urn::reference(name.clone(), resource.text("id")?)?);
            }
            let provider = resource.text("provider")?;
            if !provider.is_empty() {
                let (provider, id) = urn::parse_reference(&provider)?;
                let known = providers.contains(&(provider.into(), id.into()));
                if !known && !is_true(resource, "pendingReplacement") {
                    return Err(format!(
                        "resource `{name}` refers to provider `{provider}::{id}`, which does not exist"
                    ));
                }
            }
            let count = earlier.entry(name).or_default();
            count.all += 1;
            count.deleted += usize::from(is_true(resource, "delete"));
        }
        if let Some((name, _)) = earlier.iter().find(|(_, count)| count.deleted + 1 < count.all) {
            return Err(format!("resource `{name}` occurs twice, and neither is marked for deletion"));
        }
        let mut snippets = HashSet::new();
        for (number, snippet) in self.snippets.iter().enumerate() {
            let uuid = snippet.text("uuid")?;
            if uuid.is_empty() {
                return Err(format!("snippet {number} has no `uuid`"));
            }
            if !snippets.insert(uuid.clone()) {
                return Err(format!("snippet `{uuid}` occurs twice"));
            }
        }
        Ok(())
    }

    fn find_fault_of(&self, number: usize, name: &str, earlier: &Earlier<'_>) -> std::result::Result<(), String> {
        let resource = &self.resources[number];
        if resource.text("type")?.is_empty() {
            return Err("has no `type`".to_owned());
        }
        if !is_true(resource, "custom") && !resource.text("id")?.is_empty() {
            return Err("has an `id`, but is no custom resource".to_owned());
        }
        let needs = |what: &str, other: &str| {
            if earlier.contains_key(other) {
                return Ok(());
            }
            let mut later = self.resources[number + 1..].iter();
            let how = if later.any(|it| it.text("urn").is_ok_and(|urn| urn == other)) {
                "comes after it"
            } else {
                "is missing"
            };
            Err(format!("has {what} `{other}`, which {how}"))
        };
        let parent = resource.text("parent")?;
        if !parent.is_empty() {
            needs("parent", &parent)?;
            // the engine takes both apart here, and stops when it cannot
            if !urn::is_valid(name) || !urn::is_valid(&parent) {
                return Err(format!("or its parent `{parent}` has no valid URN"));
            }
        }
        for other in resource.list("dependencies")? {
            needs("dependency", &other)?;
        }
        for other in resource.lists("propertyDependencies")?.values().flatten() {
            needs("property dependency", other)?;
        }
        let other = resource.text("deletedWith")?;
        if other.is_empty() { Ok(()) } else { needs("`deletedWith`", &other) }
    }
}

fn is_true(resource: &Object, field: &str) -> bool {
    resource.get(field).is_some_and(|value| value.get() == "true")
}

#[cfg(test)]
mod tests {
    use super::*;

    const STACK: &str = r#"{"urn":"urn:pulumi:d::z::pulumi:pulumi:Stack::z-d","type":"pulumi:pulumi:Stack"}"#;
    const PROVIDER: &str =
        r#"{"urn":"urn:pulumi:d::z::pulumi:providers:aws::p","type":"pulumi:providers:aws","custom":true,"id":"1"}"#;

    fn bucket(name: &str, fields: &str) -> String {
        format!(r#"{{"urn":"urn:pulumi:d::z::a:b:C::{name}","type":"a:b:C"{fields}}}"#)
    }

    fn verify(resources: &[&str]) -> std::result::Result<(), String> {
        let resources = resources.iter().map(|it| serde_json::from_str(it).expect("a resource")).collect();
        Deployment { resources, ..Deployment::empty() }.verify().map_err(|failure| failure.message)
    }

    #[test]
    fn each_reference_has_to_point_to_an_earlier_resource() {
        let one = bucket("one", "");
        for field in [
            r#","parent":"URN""#,
            r#","dependencies":["URN"]"#,
            r#","propertyDependencies":{"p":["URN"]}"#,
            r#","deletedWith":"URN""#,
        ] {
            let two = bucket("two", &field.replace("URN", "urn:pulumi:d::z::a:b:C::one"));
            verify(&[&one, &two]).expect("it comes after it");
            let early = verify(&[&two, &one]).expect_err("it comes before it");
            assert!(early.contains("C::two` has ") && early.ends_with("C::one`, which comes after it"), "{early}");
            let alone = verify(&[&two]).expect_err("it is alone");
            assert!(alone.ends_with("C::one`, which is missing"), "{alone}");
        }
    }

    #[test]
    fn a_provider_comes_before_its_resources_unless_they_are_being_replaced() {
        let with = |id: &str, more: &str| {
            bucket("x", &format!(r#","provider":"urn:pulumi:d::z::pulumi:providers:aws::p::{id}"{more}"#))
        };
        verify(&[STACK, PROVIDER, &with("1", "")]).expect("it is there");
        verify(&[STACK, PROVIDER, &with("2", r#","pendingReplacement":true"#)]).expect("it is being replaced");
        let refused = verify(&[STACK, PROVIDER, &with("2", "")]).expect_err("it has another id");
        assert!(refused.ends_with("aws::p::2`, which does not exist"), "{refused}");
        assert!(verify(&[&with("1", ""), PROVIDER]).is_err(), "it comes too late");
    }

    #[test]
    fn a_urn_occurs_once_apart_from_those_to_be_deleted() {
        let deleted = bucket("x", r#","delete":true"#);
        verify(&[&bucket("x", ""), &deleted, &deleted]).expect("one is to stay");
        verify(&[&deleted, &deleted]).expect("none is to stay");
        let refused = verify(&[&bucket("x", ""), &bucket("x", ""), &deleted]).expect_err("two are to stay");
        assert!(refused.contains("occurs twice"), "{refused}");
    }

    #[test]
    fn fields_that_each_resource_needs() {
        for (resource, cause) in [
            (r#"{"type":"a:b:C"}"#, "verifying the state: resource 0 has no `urn`"),
            (r#"{"urn":"u"}"#, "resource `u` has no `type`"),
            (r#"{"urn":"u","type":"a:b:C","id":"i"}"#, "resource `u` has an `id`"),
            (r#"{"urn":"u","type":"pulumi:providers:aws"}"#, "`u` is not a URN"),
        ] {
            let refused = verify(&[resource]).expect_err(resource);
            assert!(refused.contains(cause), "{refused}");
        }
        verify(&[r#"{"urn":"u","type":"a:b:C","id":"i","custom":true}"#]).expect("a custom one has an id");
    }

    #[test]
    fn a_manifest_that_does_not_fit_and_snippets_of_one_name_are_found() {
        let mut deployment =
            Deployment { manifest: super::super::manifest(jiff::Timestamp::UNIX_EPOCH, "v1"), ..Deployment::empty() };
        deployment.verify().expect("it fits");
        deployment.manifest.set("version", "v2");
        assert!(deployment.verify().is_err());
        let snippets = |uuids: &[&str]| {
            let snippet = |uuid: &&str| serde_json::from_str(&format!(r#"{{"uuid":"{uuid}"}}"#)).expect("a snippet");
            Deployment { snippets: uuids.iter().map(snippet).collect(), ..Deployment::empty() }.verify()
        };
        snippets(&["a", "b"]).expect("they differ");
        assert!(snippets(&["a", "a"]).is_err() && snippets(&[""]).is_err());
    }
}
