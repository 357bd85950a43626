//! What a module leaves in the zone about itself: an SSM parameter that says what it reads of the zone's contract.
//!
//! `zone contract check --consumers` and `zone contract diff` name the modules that a change breaks by it, and `zone destroy`
//! refuses while there is one. It is created before everything else of the module, and deleted last.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

/// What a module reads of the zone's contract.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Marker {
    /// The version of the zone's contract at the module's last deployment.
    pub contract: u32,
    /// The entries that its program read, such as `kms/pii/arn`.
    pub reads: BTreeSet<String>,
}

impl Marker {
    /// Its text, as the parameter has it.
    pub fn text(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }

    /// From the parameter's text; none where it is not one.
    pub fn parse(text: &str) -> Option<Self> {
        serde_json::from_str(text).ok()
    }
}

/// What the names of all markers below a zone's root begin with.
pub fn folder(root: &str) -> String {
    format!("{root}/modules/")
}

/// The name of a module's marker.
pub fn name(root: &str, module: &str) -> String {
    folder(root) + module
}

/// The module whose marker has this name; none where it is another parameter.
pub fn module_of<'n>(root: &str, name: &'n str) -> Option<&'n str> {
    name.strip_prefix(&folder(root)).filter(|module| !module.is_empty() && !module.contains('/'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_marker_is_found_by_its_name_and_read_from_its_text() {
        let marker = Marker { contract: 2, reads: BTreeSet::from(["kms/a/arn".to_owned()]) };
        assert_eq!(Marker::parse(&marker.text()), Some(marker));
        assert_eq!(Marker::parse("something else"), None);
        let name = name("/acme/dev", "audit");
        assert_eq!(module_of("/acme/dev", &name), Some("audit"));
        for other in
            ["/acme/dev/modules/", "/acme/dev/modules/audit/table", "/acme/dev/kms/a/arn", "/acme/uat/modules/audit"]
        {
            assert_eq!(module_of("/acme/dev", other), None, "{other}");
        }
    }
}
