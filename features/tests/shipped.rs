//! The features: how many rows each requirement has, what is refused, and that each is of the house's shape.

use std::{collections::BTreeSet, fs, path::Path};

use config::Zone;
use features::{Source, rows};

fn zone(below: &str, environment: &str) -> Zone {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("../config").join(below);
    config::load(&dir, environment).unwrap_or_else(|errors| panic!("{errors}"))
}

/// The shipped tenant's own features.
fn own() -> Vec<Source> {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("../config/features");
    let mut files: Vec<_> =
        fs::read_dir(dir).expect("the folder").map(|entry| entry.expect("an entry").path()).collect();
    files.sort();
    files.into_iter().map(|file| Source { text: fs::read_to_string(&file).expect("a feature"), file }).collect()
}

/// About the shipped configuration: MOD-104's acceptance is judged row by row, with the numbers that the design states.
#[test]
fn rows_of_the_shipped_tenants_own_requirements() {
    let rows = rows(&own(), &zone("", "dev")).expect("they are well-formed");
    let own = rows.iter().filter(|(requirement, _)| !requirement.starts_with("ZONE-"));
    let own: Vec<_> = own.map(|(requirement, rows)| (&**requirement, *rows)).collect();
    let expected = [
        // three keys, and the probe
        ("DT-002", 4),
        // 8 buses x 4
        ("FR-417", 32),
        // 7 buckets x 6, and the Object Lock of one
        ("FR-418", 43),
        // alias, rotation, export, and the period of rotation: 3 x 4
        ("FR-419", 12),
        // 2 pools, 2 streams, 8 roles, the trail and its log group
        ("FR-420", 14),
        // three tags, and the probe
        ("GOV-005", 4),
        ("GOV-006", 4),
    ];
    assert_eq!(own, expected);
}

#[test]
fn a_tenant_without_most_stacks_has_rows_for_what_it_has() {
    let rows = rows(&[], &zone("tests/tenants/minimal", "local")).expect("our own features are well-formed");
    let rows: Vec<_> = rows.iter().map(|(requirement, rows)| (&**requirement, *rows)).collect();
    // one key, one bucket, two tags, and the contract
    let expected = [
        ("ZONE-003", 4),
        ("ZONE-013", 5),
        ("ZONE-011", 1),
        ("ZONE-014", 6),
        ("ZONE-002", 4),
        ("ZONE-008", 3),
        // three wrong encryptions, and a list without credentials
        ("ZONE-019", 3),
        ("ZONE-020", 1),
    ];
    assert_eq!(rows, expected);
}

#[test]
fn a_tenants_feature_that_cannot_be_judged_is_refused_with_its_place() {
    let zone = zone("tests/tenants/minimal", "local");
    let said = |scenarios: &str| {
        let text = format!("Feature: Own\n  @OWN-1\n  Rule: R\n{scenarios}");
        let source = Source { file: Path::new("own.feature").to_owned(), text };
        let error = rows(&[source], &zone).expect_err(scenarios);
        format!("{error}; {}", error.hint().unwrap_or_default())
    };
    let key = "Given the contract's entry \"kms/all/arn\"";
    let unknown = said(&format!("Scenario: S\n{key}\nWhen KMS tells the keys rotation\nThen rotation is on\n"));
    assert!(unknown.starts_with("own.feature:6: no step is defined for `KMS tells the keys rotation`; "), "{unknown}");
    assert!(unknown.contains("`KMS tells the key's rotation`"), "{unknown}");
    let outline = format!("Scenario Outline: S <a>\n{key}\nThen rotation is on\nExamples:\n| a |\n");
    assert!(said(&outline).starts_with("own.feature:4: `S <a>` has no example"), "{}", said(&outline));
    let collection = outline.replace("Examples:", "Examples: every bukcet");
    assert!(
        said(&collection).starts_with("own.feature:7: there is no collection `every bukcet`"),
        "{}",
        said(&collection)
    );
    let twice = format!("@OWN-2\nScenario: S\n{key}\nThen rotation is on\n");
    assert!(said(&twice).starts_with("own.feature:5: `S` has 2 requirements"), "{}", said(&twice));
    let broken = said("Scenaro: S\n");
    assert!(broken.starts_with("own.feature:3: rule `R` has no scenario"), "{broken}");
    let nonsense = Source { file: Path::new("own.feature").to_owned(), text: "no feature\n".to_owned() };
    let said = rows(&[nonsense], &zone).expect_err("it is none").to_string();
    assert!(said.starts_with("own.feature:1: is no Gherkin"), "{said}");
    // its twin
    let text = format!(
        "Feature: Own\n  @OWN-1\n  Rule: R\nScenario Outline: S <purpose>\n{key}\nThen rotation is on\nExamples: every bucket\n| purpose |\n"
    );
    let fine = Source { file: Path::new("own.feature").to_owned(), text };
    assert!(rows(&[fine], &zone).expect("it is fine").contains(&("OWN-1".to_owned(), 1)));
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
        let has_mode = |line: &&str| line.ends_with(" @read") || line.ends_with(" @probe");
        let tags = text.lines().filter(|line| line.starts_with("  @")).filter(has_mode).count();
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
    assert_eq!(found.len(), 13, "{found:?}");
}
