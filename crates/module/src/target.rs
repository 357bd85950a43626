//! What `zone` tells a module's program about the zone that it is deployed in.

use std::{collections::BTreeMap, path::PathBuf};

use serde::{Deserialize, Serialize};

/// The environment variable that a [`Target`] travels in, as JSON.
pub const TARGET: &str = "ZONE_MODULE";

/// The zone that a module is deployed in, and what the tenant configures for the module.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
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
    pub settings: serde_json::Map<String, serde_json::Value>,
}

impl Target {
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
}
