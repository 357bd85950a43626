//! A version as a document for people and for programs in other languages: `published/v{n}.json`.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::{
    template::{Each, Template},
    templates,
};

/// Structs and not `json!`: the order of its keys depends on what other crates switch on in `serde_json`.
#[derive(Serialize)]
struct Document {
    contract: &'static str,
    version: u32,
    parameters: Vec<Parameter>,
}

#[derive(Serialize)]
struct Parameter {
    path: &'static str,
    each: Each,
    except: &'static [&'static str],
    r#type: &'static str,
    pattern: &'static str,
    owner: &'static str,
    consumers: Consumers,
    since: u32,
    deprecated_since: Option<u32>,
    description: &'static str,
}

#[derive(Serialize)]
struct Consumers {
    general: &'static [&'static str],
    known: BTreeMap<&'static str, &'static [&'static str]>,
}

/// The committed document of `version`, or `None` when there is no such version. Ends with a line feed.
///
/// # Panics
/// Never: the document has no map with other keys than text.
pub fn document(version: u32) -> Option<String> {
    let parameters = templates(version)?.iter().map(parameter).collect();
    let document = Document { contract: "zone", version, parameters };
    let text = serde_json::to_string_pretty(&document).expect("plain data is JSON");
    Some(format!("{text}\n"))
}

fn parameter(template: &Template) -> Parameter {
    Parameter {
        path: template.path,
        each: template.each,
        except: template.except,
        r#type: template.kind.as_str(),
        pattern: template.pattern,
        owner: template.owner,
        consumers: Consumers {
            general: template.consumers.general,
            known: template.consumers.known.iter().copied().collect(),
        },
        since: template.since,
        deprecated_since: template.deprecated_since,
        description: template.about,
    }
}
