//! `cargo bench -p iam`: how many requests are decided in a second, by us and by the npm package `@cloud-copilot/iam-simulate`, over the
//! zone's own policies as they are rendered for the fixture, above all the guardrail. Both have parsed the policies before; the ratio
//! is of one run. A report, never a test: nothing fails here because a machine is slow.

#[path = "../tests/node/mod.rs"]
mod node;

use std::{
    fs,
    hint::black_box,
    io::Write as _,
    path::Path,
    process::Stdio,
    thread,
    time::{Duration, Instant},
};

use iam::{Attached, Context, Kind, Organization, Policies, Policy, Principal, Request, table};
use node::root;
use serde_json::{Value, json};

const ACCOUNT: &str = "333344445555";
const ROLE: &str = "arn:aws:iam::333344445555:role/acme-orders";
const ALLOW_ALL: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}"#;

/// A policy: as it is written, as it is parsed, and what it is attached to.
struct Document {
    attached: Attached,
    wire: Value,
    json: Value,
    kind: Kind,
}

impl Document {
    fn new(name: &str, text: &str, kind: Kind) -> Self {
        let attached = Attached::new(name, Policy::parse(text, kind).unwrap_or_else(|e| panic!("{name}: {e}")));
        let json: Value = serde_json::from_str(text).expect("JSON");
        Self { attached, wire: json!({"name": name, "document": json}), json, kind }
    }
}

fn documents() -> Vec<Document> {
    let mut found = Vec::new();
    for folder in ["bucket", "bus", "key", "queue", "role", "scp", "topic"] {
        let folder = root().join("policies").join(folder);
        for entry in fs::read_dir(&folder).unwrap_or_else(|e| panic!("{}: {e}", folder.display())) {
            let path = entry.expect("an entry").path();
            if path.extension().is_some_and(|end| end == "json") {
                found.push(document(&path));
            }
        }
    }
    found.sort_by(|a, b| a.attached.name.cmp(&b.attached.name));
    assert!(found.len() > 15, "the zone has more policies than {}", found.len());
    found
}

fn document(path: &Path) -> Document {
    let name = path.file_stem().expect("a name").to_string_lossy().into_owned();
    let kind = match path.parent().and_then(Path::file_name).expect("a folder").to_string_lossy().as_ref() {
        "scp" => Kind::ServiceControl,
        "role" if name.contains("_trust") => Kind::Trust,
        "role" => Kind::Identity,
        _ => Kind::Resource,
    };
    Document::new(&name, &fs::read_to_string(path).expect("a file"), kind)
}

/// A case as the simulator reads it, and as we decide it.
struct Case {
    wire: Value,
    request: Request,
    policies: Policies,
}

fn case(document: &Document, action: &str, resource: &str, context: &[(&str, &str)]) -> Case {
    let [all, all_of_level] = [Kind::Identity, Kind::ServiceControl].map(|kind| Document::new("all", ALLOW_ALL, kind));
    let (mut policies, mut written) = (Policies::default(), json!({"identity": [all.wire], "session": []}));
    policies.identity.push(all.attached);
    match document.kind {
        Kind::Identity => {
            policies.identity = vec![document.attached.clone()];
            written["identity"] = json!([document.wire]);
        }
        Kind::ServiceControl => {
            policies.organization = Some(Organization {
                management: "999999999999".to_owned(),
                service_control: vec![vec![all_of_level.attached, document.attached.clone()]],
                resource_control: Vec::new(),
            });
            let level = [&all.wire, &document.wire];
            written["organization"] =
                json!({"management": "999999999999", "service_control": [level], "resource_control": []});
        }
        _ => {
            policies.resource = Some(document.attached.clone());
            written["resource"] = document.wire.clone();
        }
    }
    let base = [
        ("aws:PrincipalArn", ROLE),
        ("aws:PrincipalAccount", ACCOUNT),
        ("aws:PrincipalType", "AssumedRole"),
        ("aws:PrincipalIsAWSService", "false"),
        ("aws:ResourceAccount", ACCOUNT),
        ("aws:SecureTransport", "true"),
    ];
    let mut keys = Context::new();
    let mut wire_keys = serde_json::Map::new();
    for (key, value) in base.iter().chain(context) {
        keys.set(key, *value);
        wire_keys.insert((*key).to_owned(), (*value).into());
    }
    let principal = Principal::Session { role: ROLE.to_owned(), name: "s".to_owned() };
    let wire = json!({
        "request": {
            "principal": {"session": {"role": ROLE, "name": "s"}},
            "action": action,
            "resource": resource,
            "account": ACCOUNT,
            "context": wire_keys,
        },
        "policies": written,
    });
    Case { wire, request: Request::new(principal, action, resource, ACCOUNT, keys), policies }
}

/// Texts of an element, which is one or a list.
fn texts(value: &Value) -> Vec<&str> {
    value
        .as_array()
        .map_or_else(|| value.as_str().into_iter().collect(), |list| list.iter().filter_map(Value::as_str).collect())
}

/// Every action of the table that takes tags, against a guardrail: with all tags, with some, with none. Those of STS are about a
/// role, whose trust policy decides first.
fn of_guardrail(guardrail: &Document, cases: &mut Vec<Case>) {
    let tags: &[(&str, &str)] = &[("aws:RequestTag/owner", "orders"), ("aws:RequestTag/environment", "dev")];
    for action in table::actions().filter(|action| action.service != "sts" && action.takes_request_tags()) {
        let required = action.resources.iter().find(|resource| resource.required).or(action.resources.first());
        let resource = required
            .map_or_else(|| "*".to_owned(), |resource| resource.pattern().replacen('*', "aws", 1).replace('*', "x"));
        for tags in [tags, &tags[..1], &[]] {
            cases.push(case(guardrail, &action.to_string(), &resource, tags));
        }
    }
}

/// Every action that a statement names, on every resource that it names.
fn of_policy(document: &Document, cases: &mut Vec<Case>) {
    for statement in document.json["Statement"].as_array().expect("a list of statements") {
        for action in texts(&statement["Action"]).into_iter().flat_map(table::matching) {
            let resources = texts(&statement["Resource"]);
            let resources = if resources.is_empty() { vec![ROLE] } else { resources };
            for resource in resources {
                let resource = match (action.resources.first(), resource) {
                    (None, _) => "*".to_owned(),
                    (Some(first), "*") => first.pattern().replacen('*', "aws", 1).replace('*', "x"),
                    (Some(_), pattern) => pattern.replace('*', "x"),
                };
                cases.push(case(document, &action.to_string(), &resource, &[]));
            }
        }
    }
}

/// How many decisions a second we make.
fn ours(cases: &[Case]) -> f64 {
    let decide = || cases.iter().filter(|case| black_box(iam::evaluate(&case.request, &case.policies)).allowed).count();
    black_box(decide());
    // other work on the machine makes a window slow, never fast
    let window = |_| {
        let (mut decisions, start) = (0_u32, Instant::now());
        while start.elapsed() < Duration::from_millis(500) {
            black_box(decide());
            decisions += u32::try_from(cases.len()).expect("not that many");
        }
        f64::from(decisions) / start.elapsed().as_secs_f64()
    };
    (0..6).map(window).fold(0.0, f64::max)
}

/// How many the simulator makes, and what it decides; `None` where it is not at hand.
fn theirs(cases: &[Case]) -> Option<(f64, Vec<bool>)> {
    let mut node = node::script("oracle.mjs")?;
    let mut child = node
        .arg("--time")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("Node.js starts");
    let mut input = child.stdin.take().expect("a pipe");
    let lines: Vec<_> = cases.iter().map(|case| format!("{}\n", case.wire)).collect();
    let writer = thread::spawn(move || lines.iter().try_for_each(|line| input.write_all(line.as_bytes())));
    let ran = child.wait_with_output().expect("Node.js ends");
    writer.join().expect("a thread").expect("the simulator reads all cases");
    let said = String::from_utf8_lossy(&ran.stderr);
    assert!(ran.status.success(), "tools/iam/oracle.mjs:\n{said}");
    let figure = said.split(' ').next().and_then(|figure| figure.parse().ok()).expect("a figure");
    let answer = |line: &str| {
        let answer: Value = serde_json::from_str(line).expect("an answer");
        answer["allowed"].as_bool().unwrap_or_else(|| panic!("the simulator cannot decide: {answer}"))
    };
    Some((figure, String::from_utf8_lossy(&ran.stdout).lines().map(answer).collect()))
}

fn main() {
    let mut out = std::io::stdout();
    let mut row = |name: &str, cases: &[Case]| {
        let ours = ours(cases);
        let Some((theirs, answers)) = theirs(cases) else {
            return writeln!(out, "{name:<12}{:>7} requests {ours:>12.0} decisions per second", cases.len());
        };
        let differ = cases.iter().zip(answers);
        let differ = differ.filter(|(case, answer)| iam::evaluate(&case.request, &case.policies).allowed != *answer);
        writeln!(
            out,
            "{name:<12}{:>7} requests {ours:>12.0} decisions per second, iam-simulate {theirs:>9.0}: {:>5.1} times as many, \
             {} decided otherwise",
            cases.len(),
            ours / theirs,
            differ.count()
        )
    };
    let documents = documents();
    let (guardrails, others): (Vec<_>, Vec<_>) =
        documents.iter().partition(|document| document.kind == Kind::ServiceControl);
    let (mut of_guardrails, mut of_others) = (Vec::new(), Vec::new());
    for document in guardrails {
        of_guardrail(document, &mut of_guardrails);
    }
    for document in others {
        of_policy(document, &mut of_others);
    }
    row("guardrail", &of_guardrails).expect("standard output");
    row("the others", &of_others).expect("standard output");
}
