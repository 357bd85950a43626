//! A version as a document for people and for programs in other languages: `published/v{n}.json` for the zone's contract.

use serde::Serialize;

use crate::{
    definition::Definition,
    template::{Each, Template},
};

/// Structs and not `json!`: the order of its keys depends on what other crates switch on in `serde_json`.
#[derive(Serialize)]
struct Document {
    contract: &'static str,
    version: u32,
    parameters: Vec<Parameter>,
}

/// What is promised. Who reads it is of one environment, and not promised: a document does not have it.
#[derive(Serialize)]
struct Parameter {
    path: &'static str,
    each: Each,
    except: &'static [&'static str],
    r#type: &'static str,
    pattern: &'static str,
    owner: &'static str,
    since: u32,
    deprecated_since: Option<u32>,
    description: &'static str,
}

impl Definition {
    /// The document of `version`, or `None` when there is no such version. Ends with a line feed.
    ///
    /// # Panics
    /// Never: the document has no map with other keys than text.
    pub fn document(&self, version: u32) -> Option<String> {
        let parameters = self.find_version(version)?.templates.iter().map(parameter).collect();
        let document = Document { contract: self.name(), version, parameters };
        let text = serde_json::to_string_pretty(&document).expect("plain data is JSON");
        Some(format!("{text}\n"))
    }
}

fn parameter(template: &Template) -> Parameter {
    Parameter {
        path: template.path,
        each: template.each,
        except: template.except,
        r#type: template.kind.as_str(),
        pattern: template.pattern,
        owner: template.owner,
        since: template.since,
        deprecated_since: template.deprecated_since,
        description: template.about,
    }
}
