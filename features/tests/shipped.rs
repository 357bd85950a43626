//! The shipped features: how many rows each requirement has, and that each is of the house's shape.

use std::{collections::BTreeSet, fs, path::Path};

#[test]
fn rows_per_requirement() {
    let rows: Vec<_> = features::rows();
    let rows: Vec<_> = rows.iter().map(|(requirement, rows)| (&**requirement, *rows)).collect();
    let expected = [
        ("ZONE-003", 4),
        ("ZONE-004", 11),
        // alias, rotation, export, and the period of rotation: 3 x 4
        ("FR-419", 12),
        ("ZONE-011", 3),
        // 7 buckets x 6, and the Object Lock of one
        ("FR-418", 43),
        ("ZONE-002", 28),
        // 8 buses x 4
        ("FR-417", 32),
        ("ZONE-001", 16),
        // 2 pools, 2 streams, 8 roles, the trail and its log group
        ("FR-420", 14),
        ("ZONE-005", 29),
        ("ZONE-006", 12),
        ("ZONE-007", 27),
        ("GOV-006", 4),
        // three tags, and the probe
        ("GOV-005", 4),
        ("ZONE-008", 8),
        // three keys, and the probe
        ("DT-002", 4),
        ("ZONE-009", 4),
        ("ZONE-010", 4),
    ];
    assert_eq!(rows, expected);
}

#[test]
fn every_feature_file_is_shipped_and_says_why_for_whom_and_how() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
    let embedded = fs::read_to_string(folder.join("suite.rs")).expect("the suite is there");
    let mut found = BTreeSet::new();
    for entry in fs::read_dir(folder).expect("the folder is there") {
        let path = entry.expect("the entry is there").path();
        if path.extension().is_none_or(|extension| extension != "feature") {
            continue;
        }
        let name = path.file_name().expect("a file has a name").display().to_string();
        let text = fs::read_to_string(&path).expect("the feature is there");
        assert!(embedded.contains(&format!("include_str!(\"{name}\")")), "{name} is not embedded in suite.rs");
        let head: Vec<_> = text.lines().take(4).collect();
        assert!(head[0].starts_with("Feature: "), "{name}");
        assert!(head[1..3].iter().all(|line| line.starts_with("  ") && !line.trim().is_empty()), "{name}");
        assert!(head[3].is_empty(), "{name}: two lines of why and for whom");
        let rules = text.lines().filter(|line| line.starts_with("  Rule: ")).count();
        let tags = text.lines().filter(|line| line.starts_with("  @") && line.ends_with(" @read")).count();
        assert!(rules > 0 && rules == tags, "{name}: every rule has its requirement and its mode as tags");
        for scenario in text.split("    Scenario").skip(1) {
            let words = ["      Given ", "      When ", "      Then ", "      And "];
            let steps = scenario.lines().filter(|line| words.iter().any(|word| line.starts_with(word))).count();
            assert!(
                (2..=5).contains(&steps),
                "{name}: {steps} steps in Scenario{}",
                scenario.lines().next().unwrap_or("")
            );
        }
        found.insert(name);
    }
    assert_eq!(found.len(), 11, "{found:?}");
}
