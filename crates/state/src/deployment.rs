//! A deployment: what the engine knows of a stack's resources, as it is kept and exchanged (`apitype.DeploymentV3`).
//!
//! - [`mod@file`]: as a checkpoint of a bucket or folder, and as what `pulumi stack export` gives
//! - `verify`: whether it is sound
//! - `references`, `urn`: what resources say of each other
//!
//! Only what Pulumi 3.259 reads is understood; whatever else there is passes through as it is.

pub mod file;
mod order;
pub(crate) mod references;
mod urn;
mod verify;

use std::{collections::BTreeSet, fmt};

use jiff::Timestamp;
use serde::{
    Deserialize, Deserializer, Serialize, Serializer,
    de::{self, MapAccess, Visitor},
    ser::SerializeMap,
};

use crate::{document::Object, version::sha256};

/// The feature that a field of a resource needs, which an older engine would lose (`ApplyFeatures` of
/// `pkg/resource/stack/deployment.go`).
const FEATURES: [(&str, &str); 7] = [
    ("refreshBeforeUpdate", "refreshBeforeUpdate"),
    ("viewOf", "views"),
    ("resourceHooks", "hooks"),
    ("taint", "taint"),
    ("replaceWith", "replaceWith"),
    ("extensionRef", "extensionParameterization"),
    ("snippetID", SNIPPETS),
];
pub(crate) const SNIPPETS: &str = "snippets-prototype";
/// Strings that are not UTF-8. They may stand inside of secrets, so resources do not show it.
pub(crate) const BYTE_STRING: &str = "byteString";

/// The resources of a stack, and what the engine keeps beside them.
#[derive(Clone, Debug, Default)]
pub struct Deployment {
    /// When, and by which engine, it was written.
    pub manifest: Object,
    /// How its secrets are encrypted.
    pub secrets_providers: Option<Object>,
    /// The resources; each comes after those that it needs.
    pub resources: Vec<Object>,
    /// What was begun and not ended: `resource` and `type`.
    pub pending_operations: Vec<Object>,
    /// What the engine noted of an error in the deployment.
    pub metadata: Object,
    /// Pieces of programs that are run with each update.
    pub snippets: Vec<Object>,
    /// Extensions of packages, by reference.
    pub extensions: Object,
    /// The fields that Pulumi 3.259 does not know.
    pub rest: Object,
    /// What it needs an engine to know, as far as it was read or replayed.
    pub(crate) features: BTreeSet<String>,
}

impl Deployment {
    /// A deployment of a stack that has none yet.
    pub fn empty() -> Self {
        let mut manifest = Object::new();
        manifest.set("time", "0001-01-01T00:00:00Z");
        manifest.set("magic", "");
        manifest.set("version", "");
        Self { manifest, ..Self::default() }
    }

    /// What an engine has to know to work with it, in alphabetical order. Empty means schema version 3, otherwise 4.
    pub fn features(&self) -> BTreeSet<String> {
        let mut features = self.features.clone();
        for resource in &self.resources {
            add_features(resource, &mut features);
        }
        for operation in &self.pending_operations {
            add_operation_features(operation, &mut features);
        }
        if !self.snippets.is_empty() {
            features.insert(SNIPPETS.to_owned());
        }
        features
    }

    /// Removes the note that the engine makes when it writes a deployment that is not sound.
    pub fn forget_integrity_error(&mut self) {
        self.metadata.remove("integrity_error");
    }

    /// Whether the fields that we read are of their types; the error names the resource and the field.
    pub(crate) fn check(&self) -> Result<(), String> {
        for (number, resource) in self.resources.iter().enumerate() {
            check_resource(resource).map_err(|cause| format!("resource {number}: {cause}"))?;
        }
        for (number, operation) in self.pending_operations.iter().enumerate() {
            check_operation(operation).map_err(|cause| format!("pending operation {number}: {cause}"))?;
        }
        for (number, snippet) in self.snippets.iter().enumerate() {
            check_snippet(snippet).map_err(|cause| format!("snippet {number}: {cause}"))?;
        }
        Ok(())
    }
}

/// The manifest of a deployment that an engine of this version writes now.
pub(crate) fn manifest(time: Timestamp, version: &str) -> Object {
    let mut manifest = Object::new();
    manifest.set("time", &time.to_string());
    manifest.set("magic", &magic(version));
    manifest.set("version", version);
    manifest
}

/// What the engine writes to see whether the manifest was tampered with.
fn magic(version: &str) -> String {
    if version.is_empty() {
        return String::new();
    }
    sha256(version.as_bytes())
}

pub(crate) fn add_features(resource: &Object, features: &mut BTreeSet<String>) {
    for (field, feature) in FEATURES {
        if resource.holds(field) {
            features.insert(feature.to_owned());
        }
    }
}

pub(crate) fn add_operation_features(operation: &Object, features: &mut BTreeSet<String>) {
    if let Ok(Some(resource)) = operation.read::<Object>("resource") {
        add_features(&resource, features);
    }
}

/// Whether the fields of a resource that we read are of their types.
pub(crate) fn check_resource(resource: &Object) -> Result<(), String> {
    for (name, value) in resource.iter() {
        match name {
            "urn" | "type" | "id" | "parent" | "provider" | "deletedWith" | "viewOf" | "extensionRef" | "snippetID" => {
                resource.text(name).map(drop)
            }
            "custom" | "delete" | "pendingReplacement" | "refreshBeforeUpdate" | "taint" => match value.get() {
                "true" | "false" | "null" => Ok(()),
                other => Err(format!("field `{name}`: `{other}` is neither true nor false")),
            },
            "dependencies" | "replaceWith" | "aliases" => resource.list(name).map(drop),
            "propertyDependencies" | "resourceHooks" => resource.lists(name).map(drop),
            _ => Ok(()),
        }?;
    }
    Ok(())
}

/// The same for an operation that was begun.
pub(crate) fn check_operation(operation: &Object) -> Result<(), String> {
    let resource = operation.read::<Object>("resource")?.ok_or("it has no `resource`")?;
    check_resource(&resource)?;
    if operation.text("type")?.is_empty() { Err("it has no `type`".to_owned()) } else { Ok(()) }
}

/// Whether the reference to its provider is one.
pub(crate) fn check_provider(resource: &Object) -> Result<(), String> {
    let provider = resource.text("provider")?;
    if provider.is_empty() { Ok(()) } else { urn::parse_reference(&provider).map(drop) }
}

/// Whether the fields of a snippet that we read are of their types.
pub(crate) fn check_snippet(snippet: &Object) -> Result<(), String> {
    snippet.text("uuid")?;
    let references = snippet.read::<Object>("references")?.unwrap_or_default();
    references.iter().try_for_each(|(name, _)| references.text(name).map(drop))
}

impl Serialize for Deployment {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("manifest", &self.manifest)?;
        if let Some(provider) = &self.secrets_providers {
            map.serialize_entry("secrets_providers", provider)?;
        }
        if !self.resources.is_empty() {
            map.serialize_entry("resources", &self.resources)?;
        }
        if !self.pending_operations.is_empty() {
            map.serialize_entry("pending_operations", &self.pending_operations)?;
        }
        map.serialize_entry("metadata", &self.metadata)?;
        if !self.snippets.is_empty() {
            map.serialize_entry("snippets", &self.snippets)?;
        }
        if !self.extensions.is_empty() {
            map.serialize_entry("extensions", &self.extensions)?;
        }
        for (name, value) in self.rest.iter() {
            map.serialize_entry(name, value)?;
        }
        map.end()
    }
}

impl<'de> Deserialize<'de> for Deployment {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Parts;
        impl<'de> Visitor<'de> for Parts {
            type Value = Deployment;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a deployment")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Deployment, A::Error> {
                let mut parts = Deployment::default();
                let mut seen = BTreeSet::new();
                while let Some(name) = map.next_key::<String>()? {
                    match name.as_str() {
                        "manifest" => parts.manifest = map.next_value::<Option<_>>()?.unwrap_or_default(),
                        "secrets_providers" => parts.secrets_providers = map.next_value()?,
                        "resources" => parts.resources = map.next_value::<Option<_>>()?.unwrap_or_default(),
                        "pending_operations" => {
                            parts.pending_operations = map.next_value::<Option<_>>()?.unwrap_or_default();
                        }
                        "metadata" => parts.metadata = map.next_value::<Option<_>>()?.unwrap_or_default(),
                        "snippets" => parts.snippets = map.next_value::<Option<_>>()?.unwrap_or_default(),
                        "extensions" => parts.extensions = map.next_value::<Option<_>>()?.unwrap_or_default(),
                        _ => parts.rest.set(&name, &map.next_value::<Box<serde_json::value::RawValue>>()?),
                    }
                    if !seen.insert(name.clone()) {
                        return Err(de::Error::custom(format_args!("field `{name}` occurs twice")));
                    }
                }
                Ok(parts)
            }
        }
        deserializer.deserialize_map(Parts)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn deployment(text: &str) -> Deployment {
        serde_json::from_str(text).expect("a deployment")
    }

    #[test]
    fn what_is_read_is_written_as_it_was() {
        let text = concat!(
            r#"{"manifest":{"time":"2026-11-26T08:00:00.1Z","magic":"m","version":"v3","plugins":[]},"#,
            r#""secrets_providers":{"type":"passphrase","state":{"salt":"v1:a"}},"#,
            r#""resources":[{"urn":"a","outputs":{"n":1.50,"big":12345678901234567890123},"odd":[1]}],"#,
            r#""pending_operations":[{"resource":{"urn":"b"},"type":"creating"}],"#,
            r#""metadata":{"integrity_error":{"error":"e"}},"#,
            r#""snippets":[{"uuid":"u"}],"extensions":{"r":{"name":"n"}},"future":{"a":1.0}}"#
        );
        assert_eq!(serde_json::to_string(&deployment(text)).expect("JSON"), text);
        let empty = serde_json::to_string(&deployment(r#"{"resources":null,"snippets":null}"#)).expect("JSON");
        assert_eq!(empty, r#"{"manifest":{},"metadata":{}}"#);
    }

    #[test]
    fn a_part_that_occurs_twice_or_is_of_another_type_is_refused() {
        for wrong in [r#"{"resources":[],"resources":[]}"#, r#"{"resources":{}}"#, r#"{"x":1,"x":1}"#, "[]"] {
            assert!(serde_json::from_str::<Deployment>(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn each_feature_is_found_and_nothing_else() {
        assert_eq!(deployment(r#"{"resources":[{"urn":"a","taint":false,"replaceWith":[]}]}"#).features().len(), 0);
        let found = deployment(
            r#"{"resources":[{"refreshBeforeUpdate":true},{"viewOf":"u"},{"resourceHooks":{"a":["b"]}},{"taint":true}],
                "pending_operations":[{"resource":{"replaceWith":["u"],"extensionRef":"r"},"type":"creating"}],
                "snippets":[{"uuid":"1"}]}"#,
        );
        let features: Vec<_> = found.features().into_iter().collect();
        let all = "extensionParameterization hooks refreshBeforeUpdate replaceWith snippets-prototype taint views";
        assert_eq!(features.join(" "), all);
    }

    #[test]
    fn fields_of_other_types_are_found_before_they_are_needed() {
        let check = |text: &str| deployment(text).check();
        check(r#"{"resources":[{"urn":"a","delete":true,"propertyDependencies":{"p":null}}]}"#).expect("sound");
        for (wrong, cause) in [
            (r#"{"resources":[{},{"urn":5}]}"#, "resource 1: field `urn`: invalid type"),
            (r#"{"resources":[{"delete":"yes"}]}"#, "resource 0: field `delete`: `\"yes\"` is neither true nor false"),
            (r#"{"resources":[{"dependencies":"a"}]}"#, "resource 0: field `dependencies`: invalid type"),
            (r#"{"resources":[{"propertyDependencies":{"a":"b"}}]}"#, "resource 0: field `propertyDependencies`"),
            (r#"{"pending_operations":[{"type":"creating"}]}"#, "pending operation 0: it has no `resource`"),
            (r#"{"pending_operations":[{"resource":{}}]}"#, "pending operation 0: it has no `type`"),
            (r#"{"snippets":[{"references":{"a":1}}]}"#, "snippet 0: field `a`: invalid type"),
        ] {
            let refused = check(wrong).expect_err(wrong);
            assert!(refused.starts_with(cause), "{refused}");
        }
    }

    #[test]
    fn a_manifest_carries_the_hash_of_its_version() {
        let manifest = manifest("2026-11-26T08:00:00.5Z".parse().expect("a time"), "v3.259.0");
        assert_eq!(
            serde_json::to_string(&manifest).expect("JSON"),
            concat!(
                r#"{"time":"2026-11-26T08:00:00.5Z","#,
                r#""magic":"ab35920a3077459b09dd1a3f7ddc28df4e3efc81b3240013bb6906688abc684d","version":"v3.259.0"}"#
            )
        );
    }
}
