//! The contract of a module: a placeholder of its own, two versions, published into a map, judged, compared and read.

use contract::{
    Consumer, Definition, Each, Error, Kind, Mismatch, Newer, Problem, Publication, Scope, Snapshot, Template, Version,
    ZONE,
    diff::{Class, What},
    live::{Live, Parameter},
    meta,
};

const ONCE: Each = Each { name: "ledger", placeholders: &[] };
/// The module's own kind of repetition; the zone has no books.
const BOOK: Each = Each { name: "book", placeholders: &["{book}"] };
const META: [Template; 3] = meta::templates(ONCE);

const TABLE: Template = Template {
    path: "tables/{book}/name",
    each: BOOK,
    except: &[],
    only_with: None,
    kind: Kind::String,
    pattern: "^[a-z-]{3,255}$",
    owner: "tables",
    consumers: &["writers of {book}"],
    since: 1,
    deprecated_since: None,
    about: "name of the table of book {book}",
};
const ENDPOINT: Template = Template {
    path: "api/endpoint",
    each: ONCE,
    pattern: "^https://[a-z.]+$",
    owner: "api",
    consumers: &["clients"],
    since: 2,
    about: "endpoint of the API",
    ..TABLE
};

const LEDGER: Definition = Definition::new(
    "ledger",
    &[
        Version { number: 1, templates: &[TABLE, META[0], META[1], META[2]] },
        Version { number: 2, templates: &[TABLE, ENDPOINT, META[0], META[1], META[2]] },
    ],
);

const ROOT: &str = "/acme/test/ledger";

fn scope() -> Scope {
    Scope::new(ROOT).stacks(["tables", "api"]).names(BOOK, ["debts", "loans"])
}

fn string(value: impl Into<String>) -> Parameter {
    Parameter { kind: "String".into(), value: value.into() }
}

/// Publishes these values into a map, as a deployment does: entries, then version and date, then the digest.
fn published(scope: &Scope, values: &[(&str, &str)]) -> Result<Live, Vec<Mismatch>> {
    let mut publication = Publication::new(LEDGER, scope);
    for (name, value) in values {
        publication.provide(*name, (*value).to_owned());
    }
    let entries = publication.finish()?;
    let digest = LEDGER.digest(2, entries.iter().map(|(entry, value)| (entry.path.as_str(), value.as_str())));
    let mut live: Live = entries.into_iter().map(|(entry, value)| (entry.path, string(value))).collect();
    live.insert(meta::version_path(ROOT), string(LEDGER.version().to_string()));
    live.insert(meta::published_at_path(ROOT), string("2026-11-24T06:30:00Z"));
    live.insert(meta::digest_path(ROOT), string(digest));
    Ok(live)
}

const VALUES: [(&str, &str); 3] = [
    ("tables/debts/name", "ledger-debts"),
    ("tables/loans/name", "ledger-loans"),
    ("api/endpoint", "https://ledger.example"),
];

#[test]
fn it_is_expanded_over_its_own_names() {
    assert_eq!(LEDGER.faults(), Vec::<String>::new());
    let consumer = Consumer { path: "tables/loans/name".into(), read_by: vec!["collections".into()] };
    let lines: Vec<_> = LEDGER
        .promised(&scope().consumers([consumer]))
        .into_iter()
        .map(|entry| format!("{} | {} | {}", entry.path, entry.consumers.join(", "), entry.description))
        .collect();
    insta::assert_snapshot!(lines.join("\n"), @"
    /acme/test/ledger/tables/debts/name | writers of debts | name of the table of book debts; published by the ledger, stack tables
    /acme/test/ledger/tables/loans/name | collections | name of the table of book loans; published by the ledger, stack tables
    /acme/test/ledger/api/endpoint | clients | endpoint of the API; published by the ledger, stack api
    /acme/test/ledger/contract/version | every reader of the contract | version of this contract; published by the ledger, stack contract
    /acme/test/ledger/contract/digest | every reader of the contract | SHA-256 over version, names and values; written last, so it tells a whole publication from half a one; published by the ledger, stack contract
    /acme/test/ledger/contract/published-at | every reader of the contract | when this contract was last published, RFC 3339 in UTC; published by the ledger, stack contract
    ");
}

#[test]
fn it_is_published_judged_and_read() {
    let live = published(&scope(), &VALUES).expect("whole");
    assert_eq!(LEDGER.check(&scope(), "test", &live), []);
    let ledger = Snapshot::new(LEDGER, "test", ROOT, &live, Newer::Refuse).expect("whole");
    assert_eq!(ledger.get("tables/loans/name").expect("a table"), "ledger-loans");
    assert_eq!((ledger.version(), ledger.is_verified(), ledger.iter().count()), (2, true, 6));
    // what the zone promises, this contract does not
    assert!(matches!(ledger.vpc_id(), Err(Error::NotPromised { contract: "ledger", .. })));

    let mut changed = live.clone();
    changed.insert(format!("{ROOT}/tables/loans/name"), string("Loans"));
    let [pattern, digest] = &LEDGER.check(&scope(), "test", &changed)[..] else { panic!("two findings") };
    assert!(matches!(pattern.problem, Problem::WrongPattern { .. }), "{pattern}");
    assert!(matches!(digest.problem, Problem::StaleDigest { .. }), "{digest}");
    insta::assert_snapshot!(pattern.repair(), @"the deployment of `ledger` to environment `test` mends what was changed behind its back; if it stays, `/acme/test/ledger/tables/loans/name` has another writer");
    assert!(matches!(Snapshot::new(LEDGER, "test", ROOT, &changed, Newer::Refuse), Err(Error::Broken(_))));
}

#[test]
fn a_part_of_it_that_is_not_deployed_is_not_promised() {
    let scope = Scope::new(ROOT).stacks(["tables"]).names(BOOK, ["debts"]);
    let refused = published(&scope, &VALUES).expect_err("two values too many");
    let not_promised = |name: &str| Mismatch::NotPromised { name: name.into() };
    assert_eq!(refused, [not_promised("api/endpoint"), not_promised("tables/loans/name")]);
    let live = published(&scope, &VALUES[..1]).expect("whole");
    let ledger = Snapshot::new(LEDGER, "test", ROOT, &live, Newer::Refuse).expect("whole");
    assert!(matches!(ledger.get("api/endpoint"), Err(Error::NotDeployed { stack: "api", .. })));
}

#[test]
fn its_versions_are_compared_and_those_of_the_zone_refused() {
    let document = |version| LEDGER.document(version).expect("a version");
    let diff = LEDGER.diff(&document(1), &document(2)).expect("its documents");
    assert_eq!(diff.class(), Some(Class::Minor));
    assert_eq!(
        diff.changes.iter().map(|change| (&*change.path, &change.what)).collect::<Vec<_>>(),
        [("api/endpoint", &What::Added)]
    );
    let zone = ZONE.document(1).expect("a version");
    let error = LEDGER.diff(&document(1), &zone).expect_err("another contract").to_string();
    assert_eq!(error, "reading the second contract: it is the contract of `zone`, and not of `ledger`");
}

/// A digest is of one contract: the same paths and values are not those of another.
#[test]
fn digests_of_two_contracts_differ() {
    assert_ne!(LEDGER.digest(1, [("/a", "b")]), ZONE.digest(1, [("/a", "b")]));
}

#[test]
fn a_definition_that_is_wrong_says_everything_that_is() {
    const TEMPLATES: &[Template] = &[
        Template { path: "tables/{shelf}/name", ..TABLE },
        Template { pattern: "^(", ..TABLE },
        Template { since: 9, deprecated_since: Some(3), ..TABLE },
        Template { path: "tables/name/name", each: ONCE, ..TABLE },
    ];
    const WRONG: Definition = Definition::new("wrong", &[Version { number: 4, templates: TEMPLATES }]);
    insta::assert_snapshot!(WRONG.faults().join("\n"), @r#"
    version 4: versions count from 1 without a gap, oldest first
    version 4: `tables/{shelf}/name`: its placeholders are ["{shelf}"], those of `book` are ["{book}"]
    version 4: `tables/{shelf}/name`: another template promises `tables/tables/name` too; `except` keeps a name out
    version 4: `tables/{book}/name`: the pattern does not compile: regex parse error:
        ^(
         ^
    error: unclosed group
    version 4: `tables/{book}/name`: the pattern is not anchored with ^ and $: ^(
    version 4: `tables/{book}/name`: another template promises `tables/tables/name` too; `except` keeps a name out
    version 4: `tables/{book}/name`: its first version, 9, is not one from 1 to 4
    version 4: `tables/{book}/name`: its end is not announced after its first version, and by this one at the latest
    version 4: `tables/{book}/name`: another template promises `tables/tables/name` too; `except` keeps a name out
    version 4: `tables/name/name`: another template promises `tables/name/name` too; `except` keeps a name out
    "#);
}
