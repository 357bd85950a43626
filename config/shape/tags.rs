//! The tags of every resource, and which of them are required of everybody.

use std::collections::BTreeMap;

use crate::reader::Section;

/// The tag that [`load`](crate::load) adds: the environment's name.
pub(crate) const ENVIRONMENT: &str = "environment";

/// `[tags]`, as it could be read.
#[derive(Default)]
pub(crate) struct Tags {
    /// The tags, without `environment`.
    pub(crate) all: BTreeMap<String, String>,
    /// The keys that the guardrail requires; none: all of them.
    pub(crate) required: Option<Vec<String>>,
}

impl Tags {
    /// The keys that the guardrail requires, in their order.
    pub(crate) fn required(&self) -> Vec<String> {
        let all = || self.all.keys().cloned().chain([ENVIRONMENT.to_owned()]).collect();
        self.required.clone().unwrap_or_else(all)
    }
}

pub(super) fn read(mut section: impl Section) -> Tags {
    let required = section.optional(
        "required",
        "keys of the tags without which the guardrail denies a creation; all of them if left out",
    );
    let all = section.texts("a tag of every resource; `environment` is added to them");
    section.finish();
    Tags { all, required }
}
