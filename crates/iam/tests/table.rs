//! The table of IAM actions is what `tools/iam/table.mjs` writes, and has every service that the zone names.
//!
//! `ZONE_BLESS=1 cargo test --workspace --test table` writes it anew, after a new version of the reference or a new service.

mod node;

use std::{collections::BTreeMap, fs, path::Path};

use node::root;

const FILE: &str = "crates/iam/src/table.tsv";

#[test]
fn the_table_is_as_generated() {
    let Some(mut table) = node::script("table.mjs") else { return };
    let ran = table.output().expect("Node.js starts");
    assert!(ran.status.success(), "tools/iam/table.mjs:\n{}", String::from_utf8_lossy(&ran.stderr));
    let wanted = String::from_utf8(ran.stdout).expect("UTF-8");
    assert!(wanted.lines().count() > 5000, "a table of {} lines is not whole", wanted.lines().count());
    let path = root().join(FILE);
    if std::env::var_os("ZONE_BLESS").is_some_and(|value| value == "1") {
        fs::write(&path, &wanted).unwrap_or_else(|e| panic!("{FILE}: {e}"));
        return;
    }
    let is = fs::read_to_string(&path).expect(FILE);
    let differs = is.lines().zip(wanted.lines()).position(|(is, wanted)| is != wanted);
    assert!(
        is == wanted,
        "\n{FILE} is stale from line {} on. Write it anew: ZONE_BLESS=1 cargo test --workspace --test table\n",
        differs.unwrap_or_else(|| is.lines().count().min(wanted.lines().count())) + 1
    );
}

/// The actions that a text names between quotes, such as `"s3:PutObject"` or `"kms:*"`.
fn actions(text: &str) -> impl Iterator<Item = &str> {
    text.split('"').skip(1).step_by(2).filter(|name| {
        let Some((service, action)) = name.split_once(':') else { return false };
        let starts = action.starts_with('*') || action.starts_with(|c: char| c.is_ascii_uppercase());
        starts
            && service.starts_with(|c: char| c.is_ascii_lowercase())
            && service.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-')
            && action.chars().all(|c| c.is_ascii_alphanumeric() || c == '*')
    })
}

fn read(folder: &Path, found: &mut BTreeMap<String, String>) {
    for entry in fs::read_dir(folder).unwrap_or_else(|e| panic!("{}: {e}", folder.display())) {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            read(&path, found);
        } else if path.extension().is_some_and(|end| end == "rs" || end == "json" || end == "toml") {
            let text = fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
            // a test of a parser may name what does not exist
            let text = text.split("#[cfg(test)]").next().unwrap_or_default();
            for action in actions(text) {
                found.entry(action.to_owned()).or_insert_with(|| path.display().to_string());
            }
        }
    }
}

#[test]
fn every_action_that_the_zone_names_is_in_the_table() {
    let mut named = BTreeMap::new();
    for folder in ["policies", "config", "stacks"] {
        read(&root().join(folder), &mut named);
    }
    let services: BTreeMap<_, _> = iam::table::services().collect();
    // a condition key reads the same: `aws:PrincipalArn`, `kms:ViaService`
    let keys = |service: &str, name: &str| {
        service == "aws"
            || iam::table::actions()
                .filter(|action| action.service == service)
                .flat_map(iam::table::Action::keys)
                .any(|key| key.split(['/', '<']).next() == Some(name))
    };
    let missing: Vec<_> = named
        .iter()
        .filter(|(name, _)| {
            let (service, _) = name.split_once(':').expect("a colon");
            iam::table::matching(name).next().is_none() && !keys(service, name)
        })
        .map(|(name, file)| format!("{name}, in {file}"))
        .collect();
    assert!(named.len() > 50, "only {} actions found", named.len());
    assert!(missing.is_empty(), "\n{}\nServices of the table: {services:?}\n", missing.join("\n"));
}
