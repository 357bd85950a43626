//! Compares a document with the JSON file beside its function.

use std::path::Path;

use config::Zone;

use crate::Document;

/// The key that stands in golden files, of account and region of [`dev`]; real ones are made by AWS.
pub(crate) const KEY_ARN: &str = "arn:aws:kms:eu-west-1:333344445555:key/00000000-0000-0000-0000-000000000000";

/// The key of a class, as it stands in golden files.
pub(crate) fn class_key_arn(class: &str) -> String {
    format!("arn:aws:kms:eu-west-1:333344445555:key/key-of-{class}")
}

/// The identity provider of GitHub in the account.
pub(crate) const GITHUB_PROVIDER_ARN: &str =
    "arn:aws:iam::333344445555:oidc-provider/token.actions.githubusercontent.com";

/// The environment `dev` of the fixture, for which golden files are rendered.
pub(crate) fn dev() -> Zone {
    zone("../config/tests/fixture", "dev")
}

/// An environment of a configuration, by its path from this crate.
pub(crate) fn zone(config: &str, environment: &str) -> Zone {
    let config = Path::new(env!("CARGO_MANIFEST_DIR")).join(config);
    config::load(&config, environment).unwrap_or_else(|errors| panic!("{errors}"))
}

/// Fails when `document` differs from `file`, a path in this crate; with `ZONE_BLESS=1` writes the file instead.
pub(crate) fn assert_golden(file: &str, document: &Document) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(file);
    let rendered = serde_json::to_string_pretty(document).unwrap() + "\n";
    if std::env::var_os("ZONE_BLESS").is_some_and(|value| value == "1") {
        std::fs::write(&path, rendered).unwrap();
        return;
    }
    let golden = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        golden == rendered,
        "{file} is stale; if the change is meant, run ZONE_BLESS=1 cargo test --workspace --lib golden\n{rendered}"
    );
}
