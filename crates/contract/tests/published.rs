//! A published version never changes: readers hold on to it.

use std::{fs, path::PathBuf};

use contract::{VERSIONS, document};

fn path(version: u32) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(format!("published/v{version}.json"))
}

#[test]
fn published_documents_are_what_the_model_says() {
    let bless = std::env::var_os("ZONE_BLESS").is_some_and(|value| value == "1");
    for (version, _) in VERSIONS {
        let wanted = document(*version).expect("a listed version has a document");
        let path = path(*version);
        match fs::read_to_string(&path) {
            Ok(published) => assert!(
                published == wanted,
                "version {version} is published and cannot change, not even with ZONE_BLESS=1; undo \
                 the change in v{version}.rs and add a version: see TO ADD A VERSION in \
                 crates/contract/src/lib.rs",
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
    assert_eq!(committed, VERSIONS.len(), "a document stands there whose version is gone from VERSIONS");
}
