//! Differences of two contracts, and what they ask of readers.

use contract::{
    ZONE,
    diff::{Class, Diff, Error},
};
use serde_json::{Value, json};

const VERSION: u32 = ZONE.version();

fn newest() -> String {
    ZONE.document(VERSION).expect("the newest version has a document")
}

fn diff(first: &str, second: &str) -> Result<Diff, Error> {
    ZONE.diff(first, second)
}

/// A contract of these parameters, each made of a sample by the given keys.
fn contract(version: u32, parameters: &[(&str, Value)]) -> String {
    let parameter = |(path, changes): &(&str, Value)| {
        let mut parameter = json!({
            "path": path, "each": "class", "except": [], "type": "String", "pattern": "^a$", "owner": "kms",
            "since": 1, "deprecated_since": null,
            "description": "a key",
        });
        let changes = changes.as_object().expect("an object").clone();
        parameter.as_object_mut().expect("an object").extend(changes);
        parameter
    };
    let parameters: Vec<_> = parameters.iter().map(parameter).collect();
    json!({ "contract": "zone", "version": version, "parameters": parameters }).to_string()
}

fn changed(before: Value, after: Value) -> Diff {
    diff(&contract(1, &[("kms/{class}/arn", before)]), &contract(2, &[("kms/{class}/arn", after)])).expect("contracts")
}

#[test]
fn a_contract_does_not_differ_from_itself() {
    let diff = diff(&newest(), &newest()).expect("contracts");
    assert_eq!((diff.changes.len(), diff.class(), diff.from, diff.to), (0, None, VERSION, VERSION));
}

#[test]
fn every_change_has_its_class() {
    let cases = [
        (json!({}), json!({ "description": "the key" }), Class::Patch),
        (json!({}), json!({ "deprecated_since": 2 }), Class::Minor),
        (json!({ "deprecated_since": 1 }), json!({}), Class::Minor),
        (json!({}), json!({ "type": "StringList" }), Class::Breaking),
        // looser, which a program cannot see
        (json!({}), json!({ "pattern": "^(a|b)$" }), Class::Breaking),
        (json!({}), json!({ "owner": "keys" }), Class::Breaking),
        (json!({}), json!({ "except": ["secret"] }), Class::Breaking),
        (json!({}), json!({ "each": "bus" }), Class::Breaking),
    ];
    for (before, after, class) in cases {
        let diff = changed(before, after.clone());
        assert_eq!(diff.changes.len(), 1, "{after}: {diff:?}");
        assert_eq!(diff.class(), Some(class), "{after}");
    }
    // consumers, which documents had once, are no promise
    let with = contract(1, &[("a", json!({ "consumers": { "general": ["everybody"], "known": {} } }))]);
    assert_eq!(diff(&with, &contract(1, &[("a", json!({}))])).expect("contracts").class(), None);
    // what is the same but for keys that an older program did not write
    let older = contract(1, &[("a", json!({}))]).replace("\"except\":[],", "");
    assert_eq!(diff(&older, &contract(1, &[("a", json!({}))])).expect("contracts").class(), None);
}

#[test]
fn a_diff_reads_as_lines() {
    let before = [("gone", json!({})), ("left", json!({ "deprecated_since": 1 })), ("same", json!({}))];
    let changes = json!({ "type": "StringList", "pattern": "^b$", "description": "keys", "deprecated_since": 2 });
    let after = [("new", json!({})), ("same", changes)];
    let diff = diff(&contract(1, &before), &contract(2, &after)).expect("contracts");
    assert_eq!(diff.class(), Some(Class::Breaking));
    let lines: Vec<_> = diff.changes.iter().map(ToString::to_string).collect();
    insta::assert_snapshot!(lines.join("\n"), @"
    breaking: `gone`: removed, which nobody announced
    breaking: `left`: removed, which version 1 announced; who still reads it breaks all the same
    minor: `new`: added
    breaking: `same`: type `String` -> `StringList`
    breaking: `same`: pattern `^a$` -> `^b$`
    patch: `same`: description `a key` -> `keys`
    minor: `same`: deprecated since version 2
    ");
}

#[test]
fn a_diff_is_data() {
    let diff = changed(json!({}), json!({ "owner": "keys", "deprecated_since": 2 }));
    insta::assert_json_snapshot!(diff, @r#"
    {
      "from": 1,
      "to": 2,
      "changes": [
        {
          "path": "kms/{class}/arn",
          "class": "breaking",
          "change": "owner",
          "from": "kms",
          "to": "keys"
        },
        {
          "path": "kms/{class}/arn",
          "class": "minor",
          "change": "deprecated",
          "since": 2
        }
      ]
    }
    "#);
}

#[test]
fn what_is_no_contract_is_refused() {
    let refused = |second: &str| diff(&newest(), second).expect_err("no contract").to_string();
    insta::assert_snapshot!(refused("{"), @"reading the second contract: EOF while parsing an object at line 1 column 1");
    insta::assert_snapshot!(refused(r#"{"contract": "zone", "version": 1}"#), @"reading the second contract: missing field `parameters` at line 1 column 34");
    insta::assert_snapshot!(refused(r#"{"contract": "pact", "version": 1, "parameters": []}"#), @"reading the second contract: it is the contract of `pact`, and not of `zone`");
    let twice = contract(1, &[("a", json!({})), ("a", json!({}))]);
    assert!(matches!(diff(&newest(), &twice), Err(Error::Twice { which: "second", path }) if path == "a"));
}
