//! What holds of the model, whatever it promises.

use contract::{Each, Entry, Kind, Mismatch, Publication, Scope, VERSION, VERSIONS, check, covers, entries, meta};

fn names(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

/// Names of nobody, so that a name in the code would be seen.
fn scope() -> Scope {
    Scope {
        root: "/acme/test".into(),
        classes: names(&["secret", "public"]),
        buses: names(&["acme-sales"]),
        buckets: names(&["attic", "cellar"]),
    }
}

fn entry(name: &str) -> Entry {
    entries(&scope()).into_iter().find(|entry| entry.name == name).expect("the entry is promised")
}

#[test]
fn entries_of_a_scope_in_order() {
    let paths: Vec<_> = entries(&scope()).into_iter().map(|entry| entry.path).collect();
    insta::assert_snapshot!(paths.join("\n"), @"
    /acme/test/kms/secret/arn
    /acme/test/kms/public/arn
    /acme/test/s3/attic/name
    /acme/test/s3/cellar/name
    /acme/test/s3/attic/arn
    /acme/test/s3/cellar/arn
    /acme/test/eventbridge/acme-sales/arn
    /acme/test/eventbridge/acme-sales/dlq-arn
    /acme/test/eventbridge/acme-sales/archive-arn
    ");
}

#[test]
fn an_entry_says_what_it_is_whose_it_is_and_for_whom() {
    let entry = entry("eventbridge/acme-sales/dlq-arn");
    insta::assert_snapshot!(
        format!("{}\n{}", entry.description, entry.consumers.join("; ")),
        @"
    ARN of the queue for events of acme-sales that no target took; published by the zone, stack events
    rule DeadLetterConfig target for acme-sales
    "
    );
}

#[test]
fn values_are_held_against_the_pattern() {
    let key = entry("kms/secret/arn");
    assert!(key.accepts("arn:aws:kms:eu-west-1:123456789012:key/1b2c-3d"));
    assert!(key.accepts("arn:aws-cn:kms:cn-north-1:123456789012:key/mrk-1b2c3d"));
    assert!(!key.accepts("arn:aws:kms:eu-west-1:123456789012:alias/acme/secret"));
    assert!(!key.accepts("see arn:aws:kms:eu-west-1:123456789012:key/1b2c"));
    assert!(!key.accepts("arn:aws:kms:eu-west-1:123456789012:key/1b2c\n"));
    assert!(!key.accepts(""));
    let digest = meta::entries("/acme/test").into_iter().find(|entry| entry.path == meta::digest_path("/acme/test"));
    assert!(digest.expect("the digest is promised").accepts(&contract::digest(1, [])));
}

#[test]
fn of_a_list_every_item_has_the_pattern() {
    let list = Entry { kind: Kind::StringList, pattern: "^subnet-[0-9a-f]+$", ..entry("kms/secret/arn") };
    assert!(list.accepts("subnet-0a,subnet-0b"));
    assert!(!list.accepts("subnet-0a,"));
    assert!(!list.accepts(""));
}

#[test]
fn covered_is_what_a_template_names_and_nothing_beside_it() {
    for name in ["kms/x/arn", "s3/a.b/name", "eventbridge/y/archive-arn"] {
        assert_eq!(covers(VERSION, name), Some(true), "{name}");
    }
    for name in ["kms//arn", "kms/x/y/arn", "kms/x", "neon/pooler-host", "contract/digest"] {
        assert_eq!(covers(VERSION, name), Some(false), "{name}");
    }
    assert_eq!(covers(VERSION + 1, "kms/x/arn"), None);
}

#[test]
fn a_publication_is_whole_or_says_all_that_is_wrong() {
    let all: Vec<_> = entries(&scope()).into_iter().map(|entry| entry.name).collect();
    assert_eq!(check(&scope(), all.iter().map(String::as_str)), Ok(()));

    let mut publication = Publication::new(&scope());
    for name in all.iter().filter(|name| *name != "kms/public/arn") {
        publication.provide(name, "value");
    }
    publication.provide("s3/attic/arn", "again");
    publication.provide("kms/pulbic/arn", "value");
    assert_eq!(publication.missing().len(), 1);
    let mismatches = publication.finish().expect_err("three things are wrong");
    assert_eq!(
        mismatches,
        [
            Mismatch::Missing { name: "kms/public/arn".into(), owner: "kms" },
            Mismatch::NotPromised { name: "kms/pulbic/arn".into() },
            Mismatch::Twice { name: "s3/attic/arn".into() },
        ]
    );
}

#[test]
fn every_version_is_well_formed() {
    let numbers: Vec<_> = VERSIONS.iter().map(|(version, _)| *version).collect();
    assert_eq!(numbers, (1..=VERSION).collect::<Vec<_>>(), "versions count from 1 without a gap, oldest first");
    for (version, templates) in VERSIONS {
        for template in *templates {
            let path = template.path;
            let pattern = template.pattern;
            assert!(regex::Regex::new(pattern).is_ok(), "{path}: the pattern does not compile");
            assert!(pattern.starts_with('^') && pattern.ends_with('$'), "{path}: the pattern is not anchored");
            assert_eq!(path.matches('{').count(), usize::from(template.each != Each::Zone), "{path}");
            assert!((1..=*version).contains(&template.since), "{path}: since a version to come");
            assert!(template.deprecated_since.is_none_or(|since| since > template.since), "{path}");
            assert_eq!(templates.iter().filter(|other| other.path == path).count(), 1, "{path} stands there twice");
        }
    }
    for entry in entries(&scope()).into_iter().chain(meta::entries("/acme/test")) {
        // https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_PutParameter.html
        assert!(entry.description.len() <= 1024 && entry.path.len() <= 1011, "{}", entry.path);
        let texts = [entry.path.clone(), entry.description, entry.consumers.concat()].concat();
        assert!(!texts.contains('{'), "{}: a placeholder is left", entry.path);
    }
}
