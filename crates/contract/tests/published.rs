//! A published version never changes: readers hold on to it.

use std::{fs, path::PathBuf};

use contract::ZONE;
use serde_json::Value;
use sha2::{Digest as _, Sha256};

fn path(version: u32) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(format!("published/v{version}.json"))
}

#[test]
fn published_documents_are_what_the_model_says() {
    let bless = std::env::var_os("ZONE_BLESS").is_some_and(|value| value == "1");
    for version in ZONE.versions().iter().map(|version| version.number) {
        let wanted = ZONE.document(version).expect("a listed version has a document");
        let path = path(version);
        match fs::read_to_string(&path) {
            Ok(published) => assert!(
                published == wanted,
                "version {version} is published and cannot change, not even with ZONE_BLESS=1; undo \
                 the change in zone/v{version}.rs and add a version: see TO ADD A VERSION in \
                 crates/contract/src/zone.rs",
            ),
            // only what nobody can have read yet is written
            Err(error) if error.kind() == std::io::ErrorKind::NotFound && bless => {
                fs::write(&path, wanted).expect("the document is written");
            }
            Err(error) => panic!(
                "version {version} is not published: {}: {error}; a new version is written by \
                 ZONE_BLESS=1 cargo test -p contract",
                path.display(),
            ),
        }
    }
    let folder = path(1).with_file_name("");
    let committed = fs::read_dir(folder).expect("there are published documents").count();
    assert_eq!(committed, ZONE.versions().len(), "a document stands there whose version is gone from ZONE");
}

/// SHA-256 over what each version promises, taken from the documents as they were first published. They had the consumers of
/// one tenant in them, which are no promise; everything else is as it was.
const PROMISES: [(u32, usize, &str); 2] = [
    (1, 26, "7d6447e4b9a51c4bf396d1c1076edadb4ed3d7531315e0e77e27bb4e0ceb117c"),
    (2, 27, "bc436ca05225d62188efe054a72bddca4f446998537628bd71b4b30f970a4200"),
];

#[test]
fn published_versions_promise_what_they_promised_when_they_were_published() {
    for (version, count, promises) in PROMISES {
        let document = fs::read_to_string(path(version)).expect("a published document");
        let document: Value = serde_json::from_str(&document).expect("JSON");
        let parameters = document["parameters"].as_array().expect("parameters");
        assert_eq!(parameters.len(), count, "version {version}");
        let text: String = parameters.iter().map(promise).collect();
        let digest: String = Sha256::digest(text).iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(digest, promises, "version {version} no longer promises what was published");
    }
}

/// Everything that is promised about a path, a line each.
fn promise(parameter: &Value) -> String {
    let text = |key: &str| parameter[key].as_str().unwrap_or_else(|| panic!("{key} of {parameter}")).to_owned();
    let except: Vec<_> = parameter["except"].as_array().expect("a list").iter().filter_map(Value::as_str).collect();
    let deprecated =
        parameter["deprecated_since"].as_u64().map_or_else(|| "None".to_owned(), |since| since.to_string());
    let lines = [
        text("path"),
        text("each"),
        except.join(","),
        text("type"),
        text("pattern"),
        text("owner"),
        parameter["since"].to_string(),
        deprecated,
        text("description"),
    ];
    lines.join("\n") + "\n"
}
