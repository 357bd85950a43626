//! Every stack, for every environment, against a mock monitor: no engine, no AWS, in milliseconds.

use std::{path::Path, sync::Arc};

use aws::functions::{Organization, OrganizationRoot, ParametersByPath};
use config::Zone;
use pulumi::{
    monitor::MockMonitor,
    program::{Ended, Run, run},
    proto::RegisterResourceRequest,
    provider::server::Catalog,
    urn,
    value::{Map, ToValue, Value, map_from_wire},
};
use serde_json::json;

/// An environment as it is shipped; those whose account is the user's to fill in get a made-up one.
fn zone(environment: &str) -> Arc<Zone> {
    let shipped = Path::new(env!("CARGO_MANIFEST_DIR")).join("../config");
    let dir = tempfile::tempdir().expect("a temporary folder");
    for name in ["zone.toml".to_owned(), format!("{environment}.toml")] {
        let text = std::fs::read_to_string(shipped.join(&name)).expect("a shipped file");
        let filled = text.contains("\naccount = ") || name == "zone.toml";
        let text = if filled { text } else { text.replace("\n[member]", "\n[member]\naccount = \"999999999999\"") };
        std::fs::write(dir.path().join(name), text).expect("a copy");
    }
    Arc::new(config::load(dir.path(), environment).unwrap_or_else(|e| panic!("{e}")))
}

async fn registered(zone: &Arc<Zone>) -> Arc<MockMonitor> {
    let catalog = Catalog::new(aws::provider::Aws::new(aws::clients::Ambient::default()));
    let outputs = move |kind: &str, name: &str, _: &Map| -> Map {
        let schema = catalog.schema(kind);
        let made_up = |property: &str| (property.to_owned(), format!("<{name} {property}>").to_value());
        schema.map(|s| s.outputs.iter().map(|p| made_up(p.name)).collect()).unwrap_or_default()
    };
    let invoke = |token: &str, arguments: &Map| -> Map {
        let answer = if token.ends_with(":getOrganization") {
            let root = OrganizationRoot { id: "r-root".to_owned(), ..OrganizationRoot::default() };
            Organization { roots: vec![root], ..Organization::default() }.to_value()
        } else {
            let path = arguments.get("path").and_then(Value::as_str).unwrap_or_default().to_owned();
            ParametersByPath { id: path.clone(), path, ..ParametersByPath::default() }.to_value()
        };
        let Value::Object(answer) = answer else { panic!("an answer is an object") };
        answer
    };
    let monitor = Arc::new(MockMonitor::new(outputs, invoke));
    let about = Run { project: "zone".into(), stack: zone.environment.clone(), ..Run::default() };
    let program = {
        let zone = zone.clone();
        move |scope| crate::program(&zone, &scope)
    };
    assert_eq!(run(about, monitor.clone(), &program).await, Ended::Well);
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

#[tokio::test]
async fn every_environment_is_as_blessed() {
    for environment in ["local", "dev", "uat", "prod"] {
        let monitor = registered(&zone(environment)).await;
        let all: Vec<_> = monitor.registrations().iter().map(shown).collect();
        insta::assert_yaml_snapshot!(environment, all);
    }
}

/// The shipped configuration with one text changed, for `dev`.
fn changed(from: &str, to: &str) -> Result<Zone, config::Errors> {
    let shipped = Path::new(env!("CARGO_MANIFEST_DIR")).join("../config");
    let dir = tempfile::tempdir().expect("a temporary folder");
    std::fs::copy(shipped.join("dev.toml"), dir.path().join("dev.toml")).expect("a copy");
    let text = std::fs::read_to_string(shipped.join("zone.toml")).expect("a shipped file");
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
    let path = "path = \"kms/pii/arn\"";
    assert!(changed(path, path).is_ok(), "the shipped configuration");
    for fine in ["kms/*/arn", "s3/*/*", "contract/digest", "cognito/staff/client/*"] {
        assert!(changed(path, &format!("path = \"{fine}\"")).is_ok(), "{fine}");
    }
    let refused = |from: &str, to: &str| changed(from, to).expect_err("it is not promised").to_string();
    let wrong = ["kms/pij/arn", "kms/*/arm", "neon/pooler-host", "kms/*"];
    let mut all: Vec<_> = wrong.iter().map(|wrong| refused(path, &format!("path = \"{wrong}\""))).collect();
    // the table is the switch of the stack
    all.push(refused("[access]\nbreak_glass_principals = []\n", ""));
    insta::assert_snapshot!(all.join("\n"));
}

/// What a stack would publish is not promised where it is not deployed, and everything that is deployed is.
#[tokio::test]
async fn a_zone_promises_what_its_stacks_publish() {
    let whole = Arc::unwrap_or_clone(zone("dev"));
    let scope = crate::contract_scope(&whole);
    assert_eq!(::contract::ZONE.promised(&scope).len(), 75);
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
        assert!(promised.len() < 75 && promised.iter().all(|entry| entry.owner != stack), "{stack}");
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

/// A client that lists none may write all, those of the bank's own too.
#[tokio::test]
async fn no_client_writes_attributes_of_the_pools_own() {
    for environment in ["local", "dev", "uat", "prod"] {
        let monitor = registered(&zone(environment)).await;
        let all = monitor.registrations();
        let clients = all.iter().filter(|r| r.r#type == "aws:cognito/userPoolClient:UserPoolClient");
        let inputs: Vec<_> = clients.map(|r| Value::Object(map_from_wire(r.object.clone())).to_json()).collect();
        assert_eq!(inputs.len(), 4, "{environment}");
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
    let mut zone = Arc::unwrap_or_clone(zone("prod"));
    let identity = "totara-bank.example".to_owned();
    zone.identity.as_mut().expect("pools").email =
        Some(config::Email { identity, from: "Bank <no-reply@totara-bank.example>".to_owned() });
    let monitor = registered(&Arc::new(zone)).await;
    let all = monitor.registrations();
    let pools: Vec<_> = all.iter().filter(|r| r.r#type == "aws:cognito/userPool:UserPool").collect();
    assert_eq!(pools.len(), 2);
    for pool in pools {
        let inputs = Value::Object(map_from_wire(pool.object.clone())).to_json();
        assert_eq!(inputs["usernameConfiguration"], json!({ "caseSensitive": false }));
        assert_eq!(
            inputs["emailConfiguration"],
            json!({
                "emailSendingAccount": "DEVELOPER",
                "fromEmailAddress": "Bank <no-reply@totara-bank.example>",
                "sourceArn": "arn:aws:ses:ap-southeast-2:999999999999:identity/totara-bank.example",
            })
        );
    }
}

#[tokio::test]
async fn what_cannot_be_made_again_is_protected_where_the_environment_says_so() {
    for (environment, protects) in [("dev", false), ("prod", true)] {
        let monitor = registered(&zone(environment)).await;
        let protected: Vec<_> =
            monitor.registrations().into_iter().filter(|r| r.protect == Some(true)).map(|r| r.name).collect();
        let expected: &[&str] = if protects {
            &["customers", "staff", "financial", "operational", "pii", "cloudtrail", "documents"]
        } else {
            &[]
        };
        assert_eq!(protected, expected, "{environment}");
    }
}
