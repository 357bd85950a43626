//! Nothing of the shipped tenant is in code: another tenant is another `config/`, and never another line of Rust.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use config::{Kind, Zone, load};

/// Files that are about the shipped configuration.
const ON_PURPOSE: [(&str, &str); 5] = [
    ("bin/tests/it/outside/look.py", "reads the shipped zone back, with what its design states"),
    ("bin/tests/it/whole/shipped.rs", "shows that the shipped zone is deployed and is what its design states"),
    ("config/tests/shipped.rs", "shows that the shipped configuration is what the design lists"),
    ("config/features", "what only this tenant demands"),
    ("features/tests/shipped.rs", "shows that the shipped acceptance reads as the seed states it"),
];

fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..").canonicalize().unwrap()
}

/// The environments of a configuration that are complete; one that waits for its account is not.
fn zones(dir: &Path) -> Vec<Zone> {
    config::environments(dir).iter().filter_map(|environment| load(dir, environment).ok()).collect()
}

/// What only this tenant calls so: a word of a language, such as `orders`, is anybody's.
fn is_distinctive(text: &str) -> bool {
    let capitals = text.chars().skip(1).any(|char| char.is_ascii_uppercase());
    text.len() > 3 && (text.contains(['-', '.', '/']) || text.contains(|char: char| char.is_ascii_digit()) || capitals)
}

/// The values of a zone by which its tenant can be told.
fn values(zone: &Zone) -> BTreeSet<String> {
    let mut values = BTreeSet::from([format!("{}-", zone.prefix), zone.organization.to_string()]);
    // an emulator's account is AWS's own example
    if zone.kind == Kind::Aws {
        values.insert(zone.member.id.to_string());
    }
    values.extend(zone.identity.as_ref().map(|identity| identity.domain_prefix.clone()));
    values.extend(zone.network.as_ref().and_then(|network| network.own()).map(|vpc| vpc.cidr.to_string()));
    values.extend(zone.domains.iter().flat_map(|domain| [domain.bus.clone(), domain.role.clone()]));
    values.extend(zone.streams.iter().map(|stream| stream.name.clone()));
    let people = zone.pools.iter().flat_map(|pool| pool.clients.iter().map(|client| &client.name).chain([&pool.name]));
    values.extend(people.filter(|name| name.len() > 6).cloned());
    values.extend(zone.tags.iter().filter(|(key, _)| *key != "environment").map(|(_, value)| value.clone()));
    values.retain(|value| is_distinctive(value));
    values
}

/// Code, features and what is generated and committed, below the repository.
fn files(dir: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if path.is_dir() && !path.is_symlink() {
            // hidden folders, and what cargo and npm write
            if !name.starts_with('.') && name != "target" && name != "node_modules" {
                files(&path, found);
            }
        } else if path
            .extension()
            .is_some_and(|end| ["rs", "feature", "json", "snap", "py", "ts"].iter().any(|of| end == *of))
        {
            found.push(path);
        }
    }
}

/// The value that stands in `line`, as a word or as the beginning of one.
fn value_in<'v>(line: &str, values: &'v BTreeSet<String>) -> Option<&'v str> {
    let begins = |at: usize| !line[..at].ends_with(|char: char| char.is_ascii_alphanumeric());
    values.iter().map(String::as_str).find(|value| line.match_indices(value).any(|(at, _)| begins(at)))
}

#[test]
fn no_value_of_the_shipped_tenant_is_in_code() {
    let repository = repository();
    let shipped: BTreeSet<String> = zones(&repository.join("config")).iter().flat_map(values).collect();
    let fixture: BTreeSet<String> = zones(&repository.join("config/tests/fixture")).iter().flat_map(values).collect();
    // the tests' own tenant may be there, also for one that happens to be called so
    let values: BTreeSet<String> = shipped.difference(&fixture).cloned().collect();
    assert!(values.len() > 1, "{values:?}");

    let mut all = Vec::new();
    files(&repository, &mut all);
    assert!(all.len() > 300, "{} files", all.len());
    let mut hits = Vec::new();
    for path in all {
        let name = path.strip_prefix(&repository).unwrap().to_string_lossy().replace('\\', "/");
        let excepted = |folder: &str| name == folder || name.starts_with(&format!("{folder}/"));
        if ON_PURPOSE.iter().any(|(folder, _)| excepted(folder)) {
            continue;
        }
        let Ok(text) = std::fs::read_to_string(&path) else { continue };
        for (index, line) in text.lines().enumerate() {
            if let Some(value) = value_in(line, &values) {
                hits.push(format!("{name}:{}: `{value}` is a value of the shipped configuration", index + 1));
            }
        }
    }
    assert!(
        hits.is_empty(),
        "{}\nhint: take it from the zone, or name the fixture's; a file about the shipped configuration is listed in {}",
        hits.join("\n"),
        file!()
    );
}

#[test]
fn a_value_is_found_as_a_word_or_at_its_beginning() {
    let values = BTreeSet::from(["north-".to_owned(), "MOD-1".to_owned()]);
    for (line, found) in [
        ("the bucket north-lake", Some("north-")),
        ("\"north-\"", Some("north-")),
        ("ofnorth-lake", None),
        ("(MOD-1)", Some("MOD-1")),
        ("north lake", None),
    ] {
        assert_eq!(value_in(line, &values), found, "{line}");
    }
    assert!(is_distinctive("north-wind") && is_distinctive("NorthRole") && !is_distinctive("orders"));
    assert!(!is_distinctive("Orders") && is_distinctive("XY12"));
}
