//! Every stack, for every environment, against a mock monitor: no engine, no AWS, in milliseconds.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write as _,
    path::Path,
    sync::Arc,
};

use aws::functions::OrganizationRoot;
use config::Zone;
use pulumi::{
    monitor::MockMonitor,
    program::Ended,
    proto::RegisterResourceRequest,
    urn,
    value::{Value, map_from_wire},
};
use serde_json::json;
use sha2::{Digest as _, Sha256};

use crate::registrations::{root, run_with};

/// An environment of the fixture.
fn zone(environment: &str) -> Arc<Zone> {
    loaded("../config/tests/fixture", environment)
}

/// An environment of a configuration, by its path from this crate.
fn loaded(config: &str, environment: &str) -> Arc<Zone> {
    let config = Path::new(env!("CARGO_MANIFEST_DIR")).join(config);
    Arc::new(config::load(&config, environment).unwrap_or_else(|e| panic!("{e}")))
}

async fn registered(zone: &Arc<Zone>) -> Arc<MockMonitor> {
    let (ended, monitor) = run_with(zone, vec![root()]).await;
    assert_eq!(ended, Ended::Well);
    monitor
}

/// A registration as people compare it: what it is, whose, its inputs and options.
fn shown(request: &RegisterResourceRequest) -> serde_json::Value {
    let parent = if request.parent.is_empty() { "" } else { urn::name(&request.parent) };
    let mut depends: Vec<_> =
        request.dependencies.iter().map(|u| format!("{} {}", urn::kind(u), urn::name(u))).collect();
    depends.sort();
    // the date of a publication is when the test runs
    let mut inputs = Value::Object(map_from_wire(request.object.clone())).to_json();
    if request.name == "contract/published-at" {
        inputs["insecureValue"] = "<now>".into();
    }
    let mut shown = json!({ "name": request.name, "type": request.r#type, "parent": parent, "inputs": inputs });
    if request.protect == Some(true) {
        shown["protect"] = true.into();
    }
    if depends.len() > 12 {
        shown["dependsOn"] = format!("{} resources", depends.len()).into();
    } else if !depends.is_empty() {
        shown["dependsOn"] = depends.into();
    }
    shown
}

async fn shown_of(zone: &Arc<Zone>) -> Vec<serde_json::Value> {
    registered(zone).await.registrations().iter().map(shown).collect()
}

/// The texts of a value, each behind the way to it.
fn leaves(value: &serde_json::Value, at: &str, lines: &mut BTreeSet<String>) {
    match value {
        serde_json::Value::Object(map) if !map.is_empty() => {
            map.iter().for_each(|(key, value)| leaves(value, &format!("{at}/{key}"), lines));
        }
        serde_json::Value::Array(items) if !items.is_empty() => {
            items.iter().enumerate().for_each(|(n, value)| leaves(value, &format!("{at}/{n}"), lines));
        }
        other => drop(lines.insert(format!("{at}: {other}"))),
    }
}

/// Each registration's lines by its type and name, with words for what differs between any two environments: their names
/// and accounts.
fn lines_of(zone: &Zone, all: &[serde_json::Value]) -> BTreeMap<String, BTreeSet<String>> {
    let neutral =
        |text: &str| whole_words(text, &zone.environment, "<env>").replace(zone.member.id.as_ref(), "<account>");
    let of = |value: &serde_json::Value| {
        let mut lines = BTreeSet::new();
        leaves(value, "", &mut lines);
        lines.iter().map(|line| neutral(line)).collect()
    };
    let key = |value: &serde_json::Value| {
        let text = |key: &str| value[key].as_str().unwrap_or_default().to_owned();
        neutral(&format!("{} {}", text("type"), text("name")))
    };
    all.iter().map(|value| (key(value), of(value))).collect()
}

/// `text` with `to` wherever `word` stands by itself.
fn whole_words(text: &str, word: &str, to: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(start) = rest.find(word) {
        let end = start + word.len();
        let inside = |char: Option<char>| char.is_some_and(|char| char.is_ascii_alphanumeric());
        let before = rest[..start].chars().next_back().or_else(|| out.chars().next_back());
        let whole = !inside(before) && !inside(rest[end..].chars().next());
        out.push_str(&rest[..start]);
        out.push_str(if whole { to } else { word });
        rest = &rest[end..];
    }
    out + rest
}

/// What `other` registers otherwise than `one`, line by line.
fn difference(one: &BTreeMap<String, BTreeSet<String>>, other: &BTreeMap<String, BTreeSet<String>>) -> String {
    let mut page = String::new();
    let none = BTreeSet::new();
    for key in one.keys().chain(other.keys()).collect::<BTreeSet<_>>() {
        let sign = match (one.contains_key(key), other.contains_key(key)) {
            (true, false) => {
                // that it is not there is all there is to say
                writeln!(page, "- {key}").expect("a text");
                continue;
            }
            (false, _) => '+',
            _ => ' ',
        };
        let (before, after) = (one.get(key).unwrap_or(&none), other.get(key).unwrap_or(&none));
        if before != after {
            writeln!(page, "{sign} {key}").expect("a text");
            before.difference(after).for_each(|line| writeln!(page, "    - {line}").expect("a text"));
            after.difference(before).for_each(|line| writeln!(page, "    + {line}").expect("a text"));
        }
    }
    page
}

/// One environment of the fixture whole, and of the others what differs from it.
#[tokio::test]
async fn every_environment_is_as_blessed() {
    let local = zone("local");
    let all = shown_of(&local).await;
    insta::assert_yaml_snapshot!("local", all);
    let local = lines_of(&local, &all);
    for environment in ["dev", "prod"] {
        let zone = zone(environment);
        let other = lines_of(&zone, &shown_of(&zone).await);
        insta::assert_snapshot!(environment, difference(&local, &other));
    }
}

/// The fixture with one text changed, for `dev`.
fn changed(from: &str, to: &str) -> Result<Zone, config::Errors> {
    let fixture = Path::new(env!("CARGO_MANIFEST_DIR")).join("../config/tests/fixture");
    let dir = tempfile::tempdir().expect("a temporary folder");
    std::fs::copy(fixture.join("dev.toml"), dir.path().join("dev.toml")).expect("a copy");
    let text = std::fs::read_to_string(fixture.join("zone.toml")).expect("a file");
    assert!(text.contains(from), "{from}");
    let text = text.replacen(from, to, 1);
    std::fs::write(dir.path().join("zone.toml"), &text).expect("a copy");
    crate::load(dir.path(), "dev").map_err(|config::Errors(mut problems)| {
        for problem in &mut problems {
            problem.file = problem.file.file_name().expect("a file").into();
            // the line is known, and moves with every change of the file
            let line = problem.line.take().and_then(|line| text.lines().nth(line - 1));
            assert!(line.is_some_and(|line| line.starts_with("path = ")), "{problem}");
        }
        config::Errors(problems)
    })
}

/// A consumer of what the contract does not promise is refused, with its place and what is near.
#[test]
fn consumers_read_what_is_promised() {
    let path = "path = \"kms/internal/arn\"";
    assert!(changed(path, path).is_ok(), "the fixture");
    for fine in ["kms/*/arn", "s3/*/*", "contract/digest", "cognito/buyers/client/*"] {
        assert!(changed(path, &format!("path = \"{fine}\"")).is_ok(), "{fine}");
    }
    let refused = |from: &str, to: &str| changed(from, to).expect_err("it is not promised").to_string();
    let wrong = ["kms/internul/arn", "kms/*/arm", "other/pooler-host", "kms/*"];
    let mut all: Vec<_> = wrong.iter().map(|wrong| refused(path, &format!("path = \"{wrong}\""))).collect();
    // the table is the switch of the stack
    all.push(refused("path = \"kms/internal/arn\"", "path = \"network/nat-ids\""));
    insta::assert_snapshot!(all.join("\n"));
}

/// What a stack would publish is not promised where it is not deployed, and everything that is deployed is.
#[tokio::test]
async fn a_zone_promises_what_its_stacks_publish() {
    let whole = Arc::unwrap_or_clone(zone("dev"));
    let scope = crate::contract_scope(&whole);
    let all = ::contract::ZONE.promised(&scope).len();
    assert!(all > 30, "{all}");
    let none = |zone: &Zone| Zone { consumers: Vec::new(), ..zone.clone() };
    let cases: [(&str, Zone); 5] = [
        ("network", Zone { network: None, ..none(&whole) }),
        ("identity", Zone { pools: Vec::new(), callbacks: Vec::new(), ..none(&whole) }),
        ("delivery", Zone { streams: Vec::new(), ..none(&whole) }),
        ("roles", Zone { roles: None, ..none(&whole) }),
        ("access", Zone { access: None, ..none(&whole) }),
    ];
    for (stack, without) in cases {
        let promised = ::contract::ZONE.promised(&crate::contract_scope(&without));
        assert!(promised.len() < all && promised.iter().all(|entry| entry.owner != stack), "{stack}");
        let all = registered(&Arc::new(without)).await.registrations();
        let published: Vec<_> = all.iter().filter(|r| r.r#type == "aws:ssm/parameter:Parameter").collect();
        assert_eq!(published.len(), promised.len(), "{stack}: what is published is what is promised");
    }
    // no bucket of that purpose, no URL for it
    let mut without = none(&whole);
    without.buckets.retain(|bucket| bucket.purpose != config::STATE);
    let all = registered(&Arc::new(without)).await.registrations();
    assert!(all.iter().all(|r| !r.name.starts_with("s3/pulumi-state/")), "no bucket, no entry");
}

/// The one test of this crate that is about the shipped configuration: what it registers stays as it is. Whoever changes
/// that configuration on purpose blesses it with `INSTA_UPDATE=always cargo test --workspace --lib shipped_local`.
#[tokio::test]
async fn the_shipped_local_registers_what_it_did() {
    let all = shown_of(&loaded("../config", "local")).await;
    let text = serde_json::to_vec(&all).expect("JSON");
    let digest = Sha256::digest(text).iter().fold(String::new(), |hex, byte| format!("{hex}{byte:02x}"));
    insta::assert_snapshot!("shipped_local", format!("{} registrations, SHA-256 {digest}", all.len()));
}

#[tokio::test]
async fn nothing_of_the_contract_comes_before_what_it_names() {
    let monitor = registered(&zone("dev")).await;
    let all = monitor.registrations();
    let digest = all.iter().find(|r| r.name == "contract/digest").expect("a digest");
    let parameters = all.iter().filter(|r| r.r#type == "aws:ssm/parameter:Parameter" && r.name != digest.name);
    for parameter in parameters {
        let urn = urn::child(&parameter.parent, "mock", "mock", &parameter.r#type, &parameter.name);
        assert!(digest.dependencies.contains(&urn), "the digest waits for {}", parameter.name);
    }
}

/// It binds other teams from the minute on which it hangs: not before the zone is there.
#[tokio::test]
async fn the_guardrail_is_hung_after_the_contract() {
    let monitor = registered(&zone("local")).await;
    let all = monitor.registrations();
    let of =
        |kind: &str, name: &str| all.iter().find(|r| r.r#type == kind && r.name == name).expect("it is registered");
    let hung = of("aws:organizations/policyAttachment:PolicyAttachment", "required-tags");
    let last = of("aws:ssm/parameter:Parameter", "contract/digest");
    let urn = urn::child(&last.parent, "mock", "mock", &last.r#type, &last.name);
    assert!(hung.dependencies.contains(&urn), "{:?}", hung.dependencies);
}

/// An organization whose root AWS does not name: the policy is attached to nothing, and the run fails with the reason.
#[tokio::test]
async fn a_guardrail_without_a_root_is_not_attached() {
    for roots in [Vec::new(), vec![OrganizationRoot::default()]] {
        let (ended, monitor) = run_with(&zone("local"), roots).await;
        let Ended::Unreported(message) = ended else { panic!("{ended:?}") };
        insta::assert_snapshot!("no_root", message);
        let attached = |r: &RegisterResourceRequest| r.r#type == "aws:organizations/policyAttachment:PolicyAttachment";
        assert!(!monitor.registrations().iter().any(attached));
    }
}

/// A client that lists none may write all, those of the pool's own too.
#[tokio::test]
async fn no_client_writes_attributes_of_the_pools_own() {
    for environment in ["local", "dev", "prod"] {
        let zone = zone(environment);
        let monitor = registered(&zone).await;
        let all = monitor.registrations();
        let expected: usize = zone.pools.iter().map(|pool| pool.clients.len()).sum();
        let clients = all.iter().filter(|r| r.r#type == "aws:cognito/userPoolClient:UserPoolClient");
        let inputs: Vec<_> = clients.map(|r| Value::Object(map_from_wire(r.object.clone())).to_json()).collect();
        assert_eq!(inputs.len(), expected, "{environment}");
        for client in inputs {
            let written = client["writeAttributes"].as_array().expect("a list of what it may write");
            assert!(!written.is_empty(), "{client}");
            assert!(written.iter().all(|name| !name.as_str().expect("a name").contains(':')), "{client}");
            assert!(client["readAttributes"].to_string().contains("custom:"), "{client}");
        }
    }
}

/// What cannot be chosen again: whether capital letters count.
#[tokio::test]
async fn pools_fold_capital_letters_and_send_through_ses_where_an_identity_is_named() {
    for environment in ["dev", "prod"] {
        let zone = zone(environment);
        let email = zone.identity.as_ref().expect("pools").email.as_ref();
        assert_eq!(email.is_some(), environment == "prod", "the fixture names an identity for prod");
        let monitor = registered(&zone).await;
        let all = monitor.registrations();
        let pools: Vec<_> = all.iter().filter(|r| r.r#type == "aws:cognito/userPool:UserPool").collect();
        assert_eq!(pools.len(), zone.pools.len());
        for pool in pools {
            let inputs = Value::Object(map_from_wire(pool.object.clone())).to_json();
            assert_eq!(inputs["usernameConfiguration"], json!({ "caseSensitive": false }));
            let Some(email) = email else {
                assert_ne!(inputs["emailConfiguration"]["emailSendingAccount"], "DEVELOPER");
                continue;
            };
            let identity = format!("{}:{}:identity/{}", zone.region, zone.member.id, email.identity);
            assert_eq!(
                inputs["emailConfiguration"],
                json!({
                    "emailSendingAccount": "DEVELOPER",
                    "fromEmailAddress": email.from,
                    "sourceArn": format!("arn:aws:ses:{identity}"),
                })
            );
        }
    }
}

#[tokio::test]
async fn what_cannot_be_made_again_is_protected_where_the_environment_says_so() {
    for (environment, protects) in [("dev", false), ("prod", true)] {
        let zone = zone(environment);
        let monitor = registered(&zone).await;
        let protected: Vec<_> =
            monitor.registrations().into_iter().filter(|r| r.protect == Some(true)).map(|r| r.name).collect();
        let pools = zone.pools.iter().map(|pool| &pool.name).collect::<BTreeSet<_>>();
        let classes = zone.classes.iter().map(|class| &class.name).collect::<BTreeSet<_>>();
        let buckets = zone.buckets.iter().filter(|b| b.irreplaceable).map(|b| &b.purpose).collect::<BTreeSet<_>>();
        let all: Vec<_> = pools.into_iter().chain(classes).chain(buckets).cloned().collect();
        assert!(all.len() > 4, "{all:?}");
        assert_eq!(protected, if protects { all } else { Vec::new() }, "{environment}");
    }
}

/// The plain form has every registration, and each points at others of the same list.
#[tokio::test]
async fn registrations_are_plain_values() {
    let zone = zone("local");
    let plain = crate::registrations(&zone).await.expect("the program runs");
    let requests = registered(&zone).await.registrations();
    let name = |r: &RegisterResourceRequest| (r.r#type.clone(), r.name.clone());
    assert_eq!(
        plain.iter().map(|r| (r.kind.clone(), r.name.clone())).collect::<Vec<_>>(),
        requests.iter().map(name).collect::<Vec<_>>()
    );
    let urns: BTreeSet<_> = plain.iter().map(|r| &r.urn).collect();
    assert_eq!(urns.len(), plain.len(), "each has a URN of its own");
    for one in &plain {
        assert!(one.parent.iter().chain(&one.depends_on).all(|other| urns.contains(other)), "{one:?}");
    }
    let policy = plain.iter().find(|r| r.kind == "aws:s3/bucketPolicy:BucketPolicy").expect("a bucket has a policy");
    assert!(!policy.depends_on.is_empty() && policy.inputs.contains_key("policy"), "{policy:?}");
}
