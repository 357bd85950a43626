//! The committed schemas: as the readers make them, and with the files of the fixture as their witnesses.

use std::path::{Path, PathBuf};

use regex::Regex;
use serde_json::{Value, json};

/// Each schema's file, what makes it, and the files of the fixture that it describes.
const SCHEMAS: [(&str, fn() -> String, &[&str]); 2] = [
    ("schema/zone.json", config::schema::zone, &["zone.toml"]),
    ("schema/environment.json", config::schema::environment, &["local.toml", "dev.toml", "prod.toml"]),
];

fn path(file: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(file)
}

fn schema(file: &str) -> Value {
    let (_, make, _) = SCHEMAS.iter().find(|(_, _, files)| files.contains(&file)).unwrap();
    serde_json::from_str(&make()).unwrap()
}

fn fixture(file: &str) -> String {
    std::fs::read_to_string(path("tests/fixture").join(file)).unwrap()
}

/// What the schema of `file` says about `text`.
fn judged(file: &str, text: &str) -> Vec<String> {
    let value: toml::Value = toml::from_str(text).unwrap();
    let mut problems = Vec::new();
    check(&schema(file), &serde_json::to_value(value).unwrap(), "", &mut problems);
    problems
}

/// As much of JSON Schema as ours use; a word that this does not know is a panic.
fn check(schema: &Value, value: &Value, at: &str, problems: &mut Vec<String>) {
    for (word, rule) in schema.as_object().unwrap() {
        let fine = match word.as_str() {
            "$schema" | "title" | "description" | "examples" => true,
            "type" => match rule.as_str().unwrap() {
                "object" => value.is_object(),
                "array" => value.is_array(),
                "string" => value.is_string(),
                "boolean" => value.is_boolean(),
                "integer" => value.is_i64(),
                other => panic!("unknown type {other}"),
            },
            "required" => {
                let missing = |key: &&Value| value.get(key.as_str().unwrap()).is_none();
                let missing = rule.as_array().unwrap().iter().filter(missing);
                problems.extend(missing.map(|key| format!("{at}: {key} is missing")));
                true
            }
            "properties" => {
                for (key, value) in value.as_object().into_iter().flatten() {
                    if let Some(schema) = rule.get(key) {
                        check(schema, value, &format!("{at}/{key}"), problems);
                    }
                }
                true
            }
            "additionalProperties" => {
                let unknown =
                    value.as_object().into_iter().flatten().filter(|(key, _)| schema["properties"].get(key).is_none());
                if *rule == json!(false) {
                    problems.extend(unknown.map(|(key, _)| format!("{at}: {key:?} is unknown")));
                } else {
                    unknown.for_each(|(key, value)| check(rule, value, &format!("{at}/{key}"), problems));
                }
                true
            }
            "items" => {
                for (index, value) in value.as_array().into_iter().flatten().enumerate() {
                    check(rule, value, &format!("{at}/{index}"), problems);
                }
                true
            }
            "enum" => rule.as_array().unwrap().contains(value),
            "pattern" => value.as_str().is_none_or(|text| Regex::new(rule.as_str().unwrap()).unwrap().is_match(text)),
            "minimum" => value.as_i64().is_none_or(|number| number >= rule.as_i64().unwrap()),
            "maximum" => value.as_i64().is_none_or(|number| number <= rule.as_i64().unwrap()),
            other => panic!("unknown word {other}"),
        };
        if !fine {
            problems.push(format!("{at}: {value} breaks {word} {rule}"));
        }
    }
}

#[test]
fn committed_schemas_are_as_generated() {
    let bless = std::env::var_os("ZONE_BLESS").is_some_and(|value| value == "1");
    for (file, make, _) in SCHEMAS {
        let made = make();
        if bless {
            std::fs::write(path(file), &made).unwrap();
        }
        let committed = std::fs::read_to_string(path(file)).unwrap_or_default();
        assert!(
            committed == made,
            "{file} is stale: write it anew with ZONE_BLESS=1 cargo test --workspace --test schema"
        );
    }
}

#[test]
fn files_of_the_fixture_are_accepted_and_name_their_schema() {
    for (schema, _, files) in SCHEMAS {
        for file in files {
            let text = fixture(file);
            assert_eq!(text.lines().next(), Some(format!("#:schema ../../{schema}").as_str()), "{file}");
            assert_eq!(judged(file, &text), [""; 0], "{file}");
        }
    }
}

/// Whoever edits the shipped files keeps them so: an account may be missing, and an editor says so too.
#[test]
fn shipped_files_are_accepted_and_name_their_schema() {
    let environments = config::environments(&path("")).into_iter().map(|name| (format!("{name}.toml"), "dev.toml"));
    for (file, like) in environments.chain([("zone.toml".to_owned(), "zone.toml")]) {
        let text = std::fs::read_to_string(path(&file)).unwrap();
        let (schema, ..) = SCHEMAS.iter().find(|(_, _, files)| files.contains(&like)).unwrap();
        assert_eq!(text.lines().next(), Some(format!("#:schema ./{schema}").as_str()), "{file}");
        let mut problems = judged(like, &text);
        problems.retain(|problem| problem != "/member: \"account\" is missing");
        assert_eq!(problems, [""; 0], "{file}");
    }
}

#[test]
fn mistakes_are_found() {
    let cases = [
        (
            "zone.toml",
            "expire_after_days = 3\n",
            "expires_after_days = 3\n",
            "/bucket/1: \"expires_after_days\" is unknown",
        ),
        ("zone.toml", "[events]", "[event]", ": \"event\" is unknown"),
        ("zone.toml", "cost-center = \"Zürich 4711\"", "cost-center = 7", "/tags/cost-center: 7 breaks type"),
        ("dev.toml", "[member]", "[kms]\nrotation_day = 90\n\n[member]", "/kms: \"rotation_day\" is unknown"),
        ("dev.toml", "[member]", "[[bucket]]\nclass = \"secret\"\n\n[member]", "/bucket/0: \"purpose\" is missing"),
        ("zone.toml", "[domain.rules]\n", "[domain.rule]\n", "/domain/1: \"rule\" is unknown"),
        ("zone.toml", "purpose = \"lake\"\n", "", "/bucket/0: \"purpose\" is missing"),
        (
            "zone.toml",
            "\"cloudtrail\", \"logs\"",
            "\"cloudtrail\", \"log\"",
            "/class/0/services/1: \"log\" breaks enum",
        ),
        ("zone.toml", "kind = \"machine\"", "kind = \"robot\"", "/pool/0/client/2/kind: \"robot\" breaks enum"),
        ("zone.toml", "archive_days = 21", "archive_days = \"30\"", "/events/archive_days: \"30\" breaks type"),
        ("zone.toml", "archive_days = 21", "archive_days = -30", "/events/archive_days: -30 breaks minimum"),
        (
            "local.toml",
            "\"172.20.4.0/22\"",
            "\"172.20.4.0/33\"",
            "/network/public_subnets/1: \"172.20.4.0/33\" breaks pattern",
        ),
        ("zone.toml", "o-acme0fixture", "acme0fixture", "/organization: \"acme0fixture\" breaks pattern"),
        ("dev.toml", "333344445555", "3333-4444-5555", "/member/account: \"3333-4444-5555\" breaks pattern"),
        ("dev.toml", "log_retention_days = 120", "log_retention_days = 31", "/log_retention_days: 31 breaks enum"),
        ("dev.toml", "account = \"333344445555\"\n", "", "/member: \"account\" is missing"),
        ("dev.toml", "kind = \"aws\"", "kind = \"amazon\"", "/kind: \"amazon\" breaks enum"),
        ("dev.toml", "profile = \"acme-dev\"", "profile = \" \"", "/member/profile: \" \" breaks pattern"),
    ];
    for (file, from, to, finding) in cases {
        let text = fixture(file);
        let changed = text.replacen(from, to, 1);
        assert_ne!(text, changed, "`{from}` does not occur in {file}");
        let problems = judged(file, &changed);
        assert!(problems.iter().any(|problem| problem.starts_with(finding)), "{to}: {problems:?}");
    }
}

#[test]
fn examples_obey_their_own_schema_and_everything_has_a_meaning() {
    fn walk(schema: &Value, at: &str, examples: &mut usize) {
        let described =
            at.is_empty() || at.ends_with("[]") || schema["description"].as_str().is_some_and(|text| !text.is_empty());
        assert!(described, "{at} has no description");
        for example in schema["examples"].as_array().into_iter().flatten() {
            let mut problems = Vec::new();
            check(schema, example, at, &mut problems);
            assert!(problems.is_empty(), "{problems:?}");
            *examples += 1;
        }
        for (key, schema) in schema["properties"].as_object().into_iter().flatten() {
            walk(schema, &format!("{at}/{key}"), examples);
        }
        if let Some(items) = schema.get("items") {
            walk(items, &format!("{at}[]"), examples);
        }
    }
    for (file, make, _) in SCHEMAS {
        let mut examples = 0;
        walk(&serde_json::from_str(&make()).unwrap(), "", &mut examples);
        assert!(examples > 5, "{file} has {examples} examples");
    }
}
