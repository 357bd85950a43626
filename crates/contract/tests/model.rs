//! What holds of the model, whatever it promises.

use contract::{
    Each, Entry, Kind, Mismatch, Pool, Publication, Scope, VERSION, VERSIONS, check, covers, entries, find, meta, v2,
};

fn names(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

/// Names of nobody, so that a name in the code would be seen.
fn scope() -> Scope {
    Scope {
        root: "/acme/test".into(),
        absent: Vec::new(),
        classes: names(&["secret", "public"]),
        buses: names(&["acme-sales"]),
        buckets: names(&["attic", "cellar", "pulumi-state"]),
        pools: vec![
            Pool { name: "guests".into(), clients: names(&["phone", "desk"]) },
            Pool { name: "empty".into(), clients: Vec::new() },
        ],
        streams: names(&["clicks"]),
        platform: "acme-platform".into(),
    }
}

fn entry(name: &str) -> Entry {
    entries(&scope()).into_iter().find(|entry| entry.name == name).expect("the entry is promised")
}

#[test]
fn entries_of_a_scope_in_order() {
    let paths: Vec<_> = entries(&scope()).into_iter().map(|entry| entry.path).collect();
    insta::assert_snapshot!(paths.join("\n"), @"
    /acme/test/network/vpc-id
    /acme/test/network/private-subnet-ids
    /acme/test/network/public-subnet-ids
    /acme/test/kms/secret/arn
    /acme/test/kms/public/arn
    /acme/test/s3/attic/name
    /acme/test/s3/cellar/name
    /acme/test/s3/pulumi-state/name
    /acme/test/s3/attic/arn
    /acme/test/s3/cellar/arn
    /acme/test/s3/pulumi-state/arn
    /acme/test/s3/pulumi-state/login-url
    /acme/test/eventbridge/acme-sales/arn
    /acme/test/eventbridge/acme-sales/dlq-arn
    /acme/test/eventbridge/acme-sales/archive-arn
    /acme/test/cognito/guests/pool-id
    /acme/test/cognito/empty/pool-id
    /acme/test/cognito/guests/arn
    /acme/test/cognito/empty/arn
    /acme/test/cognito/guests/client/phone
    /acme/test/cognito/guests/client/desk
    /acme/test/firehose/clicks/arn
    /acme/test/firehose/dlq/arn
    /acme/test/iam/lambda/acme-sales/arn
    /acme/test/cloudtrail/arn
    /acme/test/cloudtrail/log-group-arn
    /acme/test/logs/acme-platform/arn
    /acme/test/sns/alerts/arn
    /acme/test/xray/sampling/arn
    /acme/test/iam/cicd/arn
    /acme/test/iam/break-glass/arn
    /acme/test/iam/secrets-read/arn
    ");
}

/// Of the shipped zone: 75 with the contract's own, which the client's documentation counts in calls.
#[test]
fn the_shipped_zone_has_74_parameters() {
    let pool = |name: &str, clients: &[&str]| Pool { name: name.into(), clients: names(clients) };
    let scope = Scope {
        root: "/bank/dev".into(),
        absent: Vec::new(),
        classes: names(&["pii", "financial", "operational"]),
        buses: names(&["core", "kyc", "aml", "payments", "credit", "risk-platform", "platform", "app"]),
        buckets: names(&["iceberg", "landing", "documents", "artefacts", "reports", "cloudtrail", "pulumi-state"]),
        pools: vec![pool("customers", &["mobile", "web"]), pool("staff", &["back-office", "api-authoriser"])],
        streams: names(&["cdc", "usage"]),
        platform: "bank-platform".into(),
    };
    assert_eq!(entries(&scope).len() + meta::entries(&scope.root).len(), 75);
}

/// One path of each form of repetition: what it covers, and for whom.
#[test]
fn every_repetition_finds_its_own_names_again() {
    let cases = [
        (Each::Zone, "network/vpc-id", "MOD-103 (Neon)"),
        (Each::Class, "kms/secret/arn", "whatever encrypts secret data"),
        (Each::Bus, "iam/lambda/acme-sales/arn", "Lambda handlers of acme-sales"),
        (Each::Bucket, "s3/attic/name", "readers and writers of the attic bucket"),
        (Each::Pool, "cognito/empty/pool-id", "whoever signs empty in"),
        (Each::Client, "cognito/guests/client/desk", "whoever signs in through desk"),
        (Each::Stream, "firehose/clicks/arn", "producers of clicks records"),
        (Each::Platform, "logs/acme-platform/arn", "cross-module infrastructure log events"),
    ];
    for (each, name, consumer) in cases {
        let found = find(VERSION, "/acme/test/", name).expect(name);
        assert_eq!(found, entry(name), "{name}: by its name as by the scope");
        assert_eq!(found.consumers[0], consumer, "{name}");
        assert_eq!(covers(VERSION, name), Some(true), "{name}");
        let longer = [format!("{name}/more"), format!("more/{name}"), name.replacen('/', "//", 1)];
        assert!(longer.iter().all(|name| covers(VERSION, name) == Some(false)), "{name}");
        let with_it = v2::TEMPLATES.iter().filter(|template| template.each == each);
        assert!(with_it.clone().count() >= 1, "{each:?} is not in use");
        let placeholders = with_it.map(|template| (template.path, template.each.placeholders()));
        for (path, placeholders) in placeholders {
            assert!(placeholders.iter().all(|placeholder| path.split('/').any(|part| part == *placeholder)), "{path}");
        }
    }
}

#[test]
fn of_two_placeholders_the_consumers_are_known_by_both() {
    let consumers = |name: &str| find(VERSION, "/r", name).expect(name).consumers;
    assert_eq!(consumers("cognito/customers/client/web"), ["web frontend"]);
    assert_eq!(consumers("cognito/staff/client/web"), ["whoever signs in through web"]);
    let description = find(VERSION, "/r", "cognito/a/client/b").expect("it is promised").description;
    assert!(description.starts_with("id of the client b of the user pool a;"), "{description}");
}

#[test]
fn the_queue_of_the_streams_is_no_stream() {
    let queue = find(VERSION, "/r", "firehose/dlq/arn").expect("it is promised");
    assert!(queue.accepts("arn:aws:sqs:eu-west-1:123456789012:acme-firehose-dlq"));
    assert!(!queue.accepts("arn:aws:firehose:eu-west-1:123456789012:deliverystream/dlq"));
    // a stream of that name would have two owners of one path: it gets none
    let scope = Scope { streams: names(&["dlq"]), ..scope() };
    let promised = entries(&scope).into_iter().filter(|entry| entry.name.starts_with("firehose/")).count();
    assert_eq!(promised, 1);
}

#[test]
fn a_stack_that_is_not_deployed_promises_nothing() {
    let all = entries(&scope());
    let without = entries(&Scope { absent: names(&["identity", "network"]), ..scope() });
    assert!(all.iter().any(|entry| entry.owner == "identity") && all.iter().any(|entry| entry.owner == "network"));
    let rest: Vec<_> = all.into_iter().filter(|entry| !["identity", "network"].contains(&entry.owner)).collect();
    assert_eq!(without, rest);
}

#[test]
fn the_url_of_the_state_is_promised_where_there_is_a_bucket_for_it() {
    let has_url = |buckets: &[&str]| {
        let scope = Scope { buckets: names(buckets), ..scope() };
        entries(&scope).iter().any(|entry| entry.name == "s3/pulumi-state/login-url")
    };
    assert!(has_url(&["attic", "pulumi-state"]) && !has_url(&["attic"]));
}

#[test]
fn without_a_platform_it_has_no_log_group() {
    let scope = Scope { platform: String::new(), ..scope() };
    assert!(entries(&scope).iter().all(|entry| !entry.name.starts_with("logs/")));
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
    assert!(key.accepts("arn:aws:kms:eu-west-1:123456789012:key/1b2c3d4e-0000-4000-8000-00000000beef"));
    assert!(key.accepts("arn:aws-cn:kms:cn-north-1:123456789012:key/mrk-1b2c3d4e1b2c3d4e1b2c3d4e1b2c3d4e"));
    assert!(!key.accepts("arn:aws:kms:eu-west-1:123456789012:alias/acme/secret"));
    assert!(!key.accepts("see arn:aws:kms:eu-west-1:123456789012:key/1b2c3d4e-0000-4000-8000-00000000beef"));
    assert!(!key.accepts("arn:aws:kms:eu-west-1:123456789012:key/1b2c3d4e-0000-4000-8000-00000000beef\n"));
    assert!(!key.accepts("arn:aws:kms:eu-west-1:123456789012:key/1b2c"));
    assert!(!key.accepts(""));
    let digest = meta::entries("/acme/test").into_iter().find(|entry| entry.path == meta::digest_path("/acme/test"));
    assert!(digest.expect("the digest is promised").accepts(&contract::digest(1, [])));
}

#[test]
fn of_a_list_every_item_has_the_pattern() {
    let list = entry("network/private-subnet-ids");
    assert_eq!(list.kind, Kind::StringList);
    assert!(list.accepts("subnet-0a1b2c3d,subnet-0123456789abcdef0"));
    assert!(!list.accepts("subnet-0a1b2c3d,"));
    assert!(!list.accepts("subnet-0a1b2c3d, subnet-0123456789abcdef0"));
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
            let placeholders: Vec<_> = path.split('/').filter(|segment| segment.contains('{')).collect();
            assert_eq!(placeholders, template.each.placeholders(), "{path}: placeholders are whole segments");
            assert!((1..=*version).contains(&template.since), "{path}: since a version to come");
            assert!(template.deprecated_since.is_none_or(|since| since > template.since), "{path}");
            assert_eq!(templates.iter().filter(|other| other.path == path).count(), 1, "{path} stands there twice");
            // with any fixed word of any path in the placeholders' places, as `dlq`: one template speaks of a name
            for word in templates.iter().flat_map(|other| other.path.split('/')).filter(|word| !word.contains('{')) {
                let fill = |segment| if placeholders.contains(&segment) { word } else { segment };
                let name = path.split('/').map(fill).collect::<Vec<_>>().join("/");
                if !template.except.contains(&word) {
                    let entry = find(*version, "", &name).expect("a template speaks of its own names");
                    assert_eq!(entry.pattern, pattern, "{path}: another template speaks of {name} too");
                }
            }
        }
    }
    for entry in entries(&scope()).into_iter().chain(meta::entries("/acme/test")) {
        // https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_PutParameter.html
        assert!(entry.description.len() <= 1024 && entry.path.len() <= 1011, "{}", entry.path);
        let texts = [entry.path.clone(), entry.description, entry.consumers.concat()].concat();
        assert!(!texts.contains('{'), "{}: a placeholder is left", entry.path);
    }
}
