//! What holds of the model, whatever it promises.

use contract::{Consumer, Each, Entry, Kind, Mismatch, Publication, Scope, ZONE, meta, zone};

const VERSION: u32 = ZONE.version();

/// Names of nobody, so that a name in the code would be seen; every stack is deployed.
fn scope() -> Scope {
    without(&[])
}

/// The same, without some stacks.
fn without(stacks: &[&str]) -> Scope {
    Scope::new("/acme/test")
        .stacks(ZONE.owners().into_iter().filter(|owner| !stacks.contains(owner)))
        .names(zone::CLASS, ["secret", "public"])
        .names(zone::BUS, ["acme-sales"])
        .names(zone::BUCKET, ["attic", "cellar", "pulumi-state"])
        .names(zone::POOL, ["guests", "empty"])
        .tuples(zone::CLIENT, [["guests", "phone"], ["guests", "desk"]])
        .names(zone::STREAM, ["clicks"])
        .names(zone::PLATFORM, ["acme-platform"])
}

fn entry(name: &str) -> Entry {
    of(&scope(), name)
}

fn of(scope: &Scope, name: &str) -> Entry {
    ZONE.entries(scope).into_iter().find(|entry| entry.name == name).expect("the entry is promised")
}

fn find(name: &str) -> Entry {
    ZONE.find(VERSION, "/acme/test/", name).expect(name)
}

fn covers(name: &str) -> Option<bool> {
    ZONE.covers(VERSION, name)
}

#[test]
fn entries_of_a_scope_in_order() {
    let paths: Vec<_> = ZONE.entries(&scope()).into_iter().map(|entry| entry.path).collect();
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

#[test]
fn the_contract_of_the_zone_is_well_formed() {
    assert_eq!(ZONE.faults(), Vec::<String>::new());
}

#[test]
fn a_stack_that_is_not_deployed_promises_nothing() {
    for stack in ZONE.owners() {
        let entries = ZONE.entries(&without(&[stack]));
        assert!(entries.len() < ZONE.entries(&scope()).len(), "{stack}");
        assert!(entries.iter().all(|entry| entry.owner != stack), "{stack}");
    }
    let bare = Scope::new("/acme/test");
    let own: Vec<_> = ZONE.promised(&bare).into_iter().map(|entry| entry.name).collect();
    assert_eq!(own, [meta::VERSION_NAME, meta::DIGEST_NAME, meta::PUBLISHED_AT_NAME], "always promised");
}

#[test]
fn what_is_about_one_bucket_is_promised_with_the_bucket() {
    let scope = Scope::new("/r").stacks(["storage"]).names(zone::BUCKET, ["attic"]);
    let names: Vec<_> = ZONE.entries(&scope).into_iter().map(|entry| entry.name).collect();
    assert_eq!(names, ["s3/attic/name", "s3/attic/arn"]);
}

fn consumer(path: &str, read_by: &[&str]) -> Consumer {
    Consumer { path: path.into(), read_by: read_by.iter().map(|text| (*text).to_owned()).collect() }
}

#[test]
fn consumers_of_the_scope_replace_the_general_words() {
    let scope = scope().consumers([
        consumer("kms/secret/arn", &["billing", "payroll"]),
        consumer("kms/*/arn", &["auditors", "billing"]),
        consumer("cognito/*/client/desk", &["the desk"]),
        consumer("contract/version", &["the portal"]),
    ]);
    assert_eq!(
        of(&scope, "kms/secret/arn").consumers,
        ["billing", "payroll", "auditors"],
        "all that name it, each once"
    );
    assert_eq!(of(&scope, "kms/public/arn").consumers, ["auditors", "billing"]);
    assert_eq!(of(&scope, "cognito/guests/client/desk").consumers, ["the desk"]);
    assert_eq!(of(&scope, "s3/attic/name").consumers, ["readers and writers of the attic bucket"]);
    assert_eq!(ZONE.meta_entries(&scope)[0].consumers, ["the portal"]);
    assert_eq!(ZONE.unknown_consumers(&scope), []);
}

#[test]
fn a_consumer_of_what_is_not_promised_is_found() {
    let paths = ["kms/sceret/arn", "kms/*", "kms/*/arn/*", "*/arn", "network/vpc-id", ""];
    let scope = without(&["network"]).consumers(paths.map(|path| consumer(path, &["billing"])));
    let unknown: Vec<_> = ZONE.unknown_consumers(&scope).into_iter().map(|(_, consumer)| &*consumer.path).collect();
    assert_eq!(unknown, ["kms/sceret/arn", "kms/*", "kms/*/arn/*", "network/vpc-id", ""]);
}

/// One path of each form of repetition: what it covers, and for whom.
#[test]
fn every_repetition_finds_its_own_names_again() {
    let cases: [(Each, &str, &str); 8] = [
        (zone::ONCE, "network/vpc-id", "functions in the VPC"),
        (zone::CLASS, "kms/secret/arn", "functions and services that encrypt secret data"),
        (zone::BUS, "iam/lambda/acme-sales/arn", "Lambda handlers of acme-sales"),
        (zone::BUCKET, "s3/attic/name", "readers and writers of the attic bucket"),
        (zone::POOL, "cognito/empty/pool-id", "applications that sign users in to empty"),
        (zone::CLIENT, "cognito/guests/client/desk", "applications that sign in through desk"),
        (zone::STREAM, "firehose/clicks/arn", "producers of clicks records"),
        (zone::PLATFORM, "logs/acme-platform/arn", "cross-module infrastructure log events"),
    ];
    for (each, name, consumer) in cases {
        let found = find(name);
        assert_eq!(found, entry(name), "{name}: by its name as by the scope");
        assert_eq!(found.consumers[0], consumer, "{name}");
        assert_eq!(covers(name), Some(true), "{name}");
        let longer = [format!("{name}/more"), format!("more/{name}"), name.replacen('/', "//", 1)];
        assert!(longer.iter().all(|name| covers(name) == Some(false)), "{name}");
        let templates = ZONE.versions().last().expect("there is a version").templates;
        assert!(templates.iter().any(|template| template.each == each), "{each:?} is not in use");
    }
}

#[test]
fn two_placeholders_are_filled_in_each_with_its_own_name() {
    let description = find("cognito/a/client/b").description;
    assert!(description.starts_with("id of the client b of the user pool a;"), "{description}");
}

#[test]
fn the_queue_of_the_streams_is_no_stream() {
    let queue = find("firehose/dlq/arn");
    assert!(queue.accepts("arn:aws:sqs:eu-west-1:123456789012:acme-firehose-dlq"));
    assert!(!queue.accepts("arn:aws:firehose:eu-west-1:123456789012:deliverystream/dlq"));
    // a stream of that name would have two owners of one path: it gets none
    let scope = Scope::new("/r").stacks(["delivery"]).names(zone::STREAM, ["dlq"]);
    let promised: Vec<_> = ZONE.entries(&scope).into_iter().map(|entry| entry.name).collect();
    assert_eq!(promised, ["firehose/dlq/arn"]);
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
    let digest = ZONE.meta_entries(&scope()).into_iter().find(|entry| entry.path == meta::digest_path("/acme/test"));
    assert!(digest.expect("the digest is promised").accepts(&ZONE.digest(1, [])));
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
        assert_eq!(covers(name), Some(true), "{name}");
    }
    for name in ["kms//arn", "kms/x/y/arn", "kms/x", "other-team/host", "contract/digest"] {
        assert_eq!(covers(name), Some(false), "{name}");
    }
    assert_eq!(ZONE.covers(VERSION + 1, "kms/x/arn"), None);
}

#[test]
fn a_publication_is_whole_or_says_all_that_is_wrong() {
    let all: Vec<_> = ZONE.entries(&scope()).into_iter().map(|entry| entry.name).collect();
    let mut whole = Publication::new(ZONE, &scope());
    for name in &all {
        whole.provide(name, "value");
    }
    assert_eq!(whole.finish().map(|entries| entries.len()), Ok(all.len()));

    let mut publication = Publication::new(ZONE, &scope());
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
fn entries_fit_what_ssm_takes() {
    for entry in ZONE.promised(&scope()) {
        // https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_PutParameter.html
        assert!(entry.description.len() <= 1024 && entry.path.len() <= 1011, "{}", entry.path);
        let texts = [entry.path.clone(), entry.description, entry.consumers.concat()].concat();
        assert!(!texts.contains('{'), "{}: a placeholder is left", entry.path);
    }
}
