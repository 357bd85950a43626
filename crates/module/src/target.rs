//! What `zone` tells a module's program about the zone that it is deployed in.

use std::{collections::BTreeMap, path::PathBuf};

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The environment variable that a [`Target`] travels in, as JSON.
pub const TARGET: &str = "ZONE_MODULE";

/// The zone that a module is deployed in, and what the tenant configures for the module.
///
/// A program may be older or newer than the `zone` that deploys it: what it does not know it leaves alone.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Target {
    /// The module's name.
    pub module: String,
    /// The environment's name, such as `dev`.
    pub environment: String,
    /// The first word of names, such as `acme`.
    pub prefix: String,
    /// Where the zone's contract is, such as `/acme/dev`.
    pub root: String,
    /// The region.
    pub region: String,
    /// The account.
    pub account: String,
    /// The profile that leads into the account.
    pub profile: Option<String>,
    /// The role that leads into the account, by its ARN.
    pub role: Option<String>,
    /// The tags of every resource.
    pub tags: BTreeMap<String, String>,
    /// The end of every bucket's name; none: names end with the environment.
    pub bucket_suffix: Option<String>,
    /// Whether what holds data is protected from deletion.
    pub protect: bool,
    /// Whether a bucket is deleted with what is in it; only ever true on an emulator.
    pub force_destroy_buckets: bool,
    /// The module's folder, with its Pulumi.yaml.
    pub folder: PathBuf,
    /// Days that log groups keep events.
    pub log_retention_days: u32,
    /// What the tenant configures for the module, as `config/modules/NAME.toml` has it.
    pub settings: serde_json::Map<String, Value>,
    /// The line of each setting in that file, by its key with the tables around it (`limits.days`, `rule[0].days`).
    #[serde(default)]
    pub settings_lines: BTreeMap<String, usize>,
}

impl Target {
    /// Where a setting stands, such as ``config/modules/audit.toml:3: `class` ``; for what is missing, the table that it is
    /// missing in.
    pub(crate) fn place(&self, key: &str) -> String {
        let file = format!("config/modules/{}.toml", self.module);
        let mut named = key;
        loop {
            if let Some(line) = self.settings_lines.get(named) {
                return format!("{file}:{line}: `{key}`");
            }
            match named.rfind(['.', '[']) {
                Some(end) => named = &named[..end],
                None => return file,
            }
        }
    }

    /// Where the settings have this text as a value, by their keys.
    pub(crate) fn settings_of(&self, value: &str) -> Vec<String> {
        let mut keys = Vec::new();
        for (key, setting) in &self.settings {
            with_value(setting, key, value, &mut keys);
        }
        keys
    }

    /// `acme-audit-objects-dev`: the prefix, the module, the purpose and the environment.
    pub fn name(&self, purpose: &str) -> String {
        format!("{}-{}-{purpose}-{}", self.prefix, self.module, self.environment)
    }

    /// The name of a bucket: as [`Self::name`], and the suffix if there is one.
    pub fn bucket_name(&self, purpose: &str) -> String {
        let name = self.name(purpose);
        self.bucket_suffix.as_ref().map_or(name.clone(), |suffix| format!("{name}-{suffix}"))
    }
}

fn with_value(setting: &Value, key: &str, value: &str, keys: &mut Vec<String>) {
    match setting {
        Value::String(text) if text == value => keys.push(key.to_owned()),
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                with_value(item, &format!("{key}[{index}]"), value, keys);
            }
        }
        Value::Object(table) => {
            for (name, item) in table {
                with_value(item, &format!("{key}.{name}"), value, keys);
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_have_the_prefix_the_module_the_purpose_and_the_environment() {
        let target = Target {
            module: "audit".to_owned(),
            environment: "dev".to_owned(),
            prefix: "acme".to_owned(),
            ..Target::default()
        };
        assert_eq!(target.name("objects"), "acme-audit-objects-dev");
        assert_eq!(target.bucket_name("objects"), "acme-audit-objects-dev");
        let suffixed = Target { bucket_suffix: Some("x7".to_owned()), ..target };
        assert_eq!(suffixed.bucket_name("objects"), "acme-audit-objects-dev-x7");
        assert_eq!(suffixed.name("objects"), "acme-audit-objects-dev");
    }
    #[test]
    fn a_setting_has_a_place() {
        let lines = [("class", 3), ("limits", 5), ("rule[0].days", 9)].map(|(key, line)| (key.to_owned(), line));
        let settings = serde_json::json!({ "class": "x", "limits": { "a": "x" }, "names": ["y", "x"] });
        let target = Target {
            module: "audit".to_owned(),
            settings: settings.as_object().cloned().unwrap_or_default(),
            settings_lines: lines.into(),
            ..Target::default()
        };
        assert_eq!(target.place("class"), "config/modules/audit.toml:3: `class`");
        assert_eq!(target.place("limits.days"), "config/modules/audit.toml:5: `limits.days`");
        assert_eq!(target.place("rule[0].days"), "config/modules/audit.toml:9: `rule[0].days`");
        assert_eq!(target.place("more"), "config/modules/audit.toml");
        assert_eq!(target.settings_of("x"), ["class", "limits.a", "names[1]"]);
        assert!(target.settings_of("z").is_empty());
    }
}
