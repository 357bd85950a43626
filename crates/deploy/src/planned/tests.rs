use serde_json::json;

use super::*;

/// A plan of one bucket that goes.
pub(crate) fn sample() -> Planned {
    let fixture = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../config/tests/fixture");
    let zone = config::load(&fixture, "dev").expect("an environment of the fixture");
    let commit = Some(Commit { id: "0123456789abcdef0123456789abcdef01234567".to_owned(), dirty: false });
    let basis = Basis { commit, state: "a state".to_owned(), order: Asked::default(), enables: None };
    Planned::new(&zone, basis, changes(&[deleted()], &[])).expect("a plan")
}

fn state(inputs: Value) -> Option<State> {
    let Value::Object(inputs) = inputs else { return None };
    Some(State { custom: true, id: "acme-lake-dev".to_owned(), inputs, ..State::default() })
}

fn step(op: Op, name: &str, old: Value, new: Value) -> Step {
    Step {
        op,
        urn: format!("urn:pulumi:dev::zone::zone:stack:Storage$aws:s3/bucket:Bucket::{name}"),
        kind: "aws:s3/bucket:Bucket".to_owned(),
        old: state(old),
        new: state(new),
        ..Step::default()
    }
}

fn deleted() -> Step {
    step(Op::Delete, "lake", json!({ "bucket": "acme-lake-dev", "forceDestroy": true }), Value::Null)
}

fn refusal<T: std::fmt::Debug>(of: Result<T>) -> (String, String) {
    let refusal = of.expect_err("a refusal");
    (refusal.message, refusal.hint.expect("a hint"))
}

#[test]
fn what_is_written_is_read_and_what_is_changed_by_hand_is_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("plan.json");
    let plan = sample();
    plan.write(&path).expect("written");
    let read = Planned::read(&path).expect("read");
    assert_eq!(read, Planned { path: path.clone(), ..plan.clone() });
    assert_eq!(read.digest.len(), 64);

    let text = std::fs::read_to_string(&path).expect("a file");
    // other white space and another order of keys say the same
    let value: Value = serde_json::from_str(&text).expect("JSON");
    assert!(Planned::parse(&value.to_string()).is_ok());
    let (message, hint) = refusal(Planned::parse(&text.replace("acme-lake-dev", "acme-lake-prod")));
    assert!(message.starts_with("it was changed after it was made: its digest is "), "{message}");
    assert!(hint.contains("`zone plan -e ENV -o FILE`"), "{hint}");
    let risk = text.replace("destroys-data", "no-risk");
    assert_ne!(risk, text);
    assert!(refusal(Planned::parse(&risk)).0.starts_with("it was changed"), "nor is a risk talked away");
}

#[test]
fn what_is_no_plan_is_refused() {
    let text = sample().text().expect("a text");
    let cases = [
        (&text[..text.len() / 2], "the file ends in the middle, on line "),
        ("", "the file ends in the middle, on line "),
        ("no", "it is not JSON: "),
        ("{}", "it is not a plan: it has no `format`"),
        ("[1]", "it is not a plan: it has no `format`"),
    ];
    for (text, beginning) in cases {
        let (message, _) = refusal(Planned::parse(text));
        assert!(message.starts_with(beginning), "{message}");
    }
    let mut newer: Value = serde_json::from_str(&text).expect("JSON");
    newer["format"] = json!(2);
    let (message, hint) = refusal(Planned::parse(&newer.to_string()));
    assert_eq!(message, "its format is 2, and this `zone` reads format 1");
    assert!(hint.starts_with("apply it with the version of `zone` that made it"), "{hint}");
    // a digest that is right does not make a plan of anything
    let mut other = json!({ "format": 1 });
    other["digest"] = digest(other.clone()).into();
    assert!(refusal(Planned::parse(&other.to_string())).0.starts_with("it is not a plan: missing field"));
    let (message, _) = refusal(Planned::read(Path::new("/nowhere/plan.json")));
    assert!(message.starts_with("reading the plan `/nowhere/plan.json`: "), "{message}");
}

#[test]
fn it_is_applied_to_what_it_was_made_for() {
    let plan = Planned { path: PathBuf::from("p.json"), ..sample() };
    let fixture = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../config/tests/fixture");
    let mut zone = config::load(&fixture, "dev").expect("an environment of the fixture");
    plan.of_environment("dev").expect("its own environment");
    plan.of_configuration(&zone).expect("its own configuration");
    plan.of_state("a state").expect("its own state");
    let (message, _) = refusal(plan.of_environment("prod"));
    assert_eq!(message, "applying the plan `p.json`: it is of environment `dev`, not `prod`");
    let (message, hint) = refusal(plan.of_state("another"));
    assert!(
        message.contains("the state of `dev` was changed after the plan was made, by somebody else or by applying it; nothing was changed"),
        "{message}"
    );
    assert_eq!(hint, "plan again, and read it again: `zone plan -e dev -o p.json`");
    zone.tags.insert("team".to_owned(), "b".to_owned());
    let (message, _) = refusal(plan.of_configuration(&zone));
    assert!(message.contains("differs from the plan's (commit 0123456789abcdef"), "{message}");
}

#[test]
fn other_steps_than_the_plan_s_are_refused_with_the_first_difference() {
    let plan = Planned { path: PathBuf::from("p.json"), ..sample() };
    let now = |steps: &[Step]| plan.as_planned(&changes(steps, &[]), None);
    now(&[deleted()]).expect("the same");
    let cases = [
        (vec![], "the plan has `delete aws:s3/bucket:Bucket lake`, and now it does not change"),
        (
            vec![step(Op::Update, "lake", json!({ "bucket": "acme-lake-dev" }), json!({ "bucket": "b" }))],
            "the plan has `delete aws:s3/bucket:Bucket lake`, and now update",
        ),
        (
            vec![deleted(), step(Op::Create, "pond", Value::Null, json!({ "bucket": "b" }))],
            "the plan does not have `create aws:s3/bucket:Bucket pond`",
        ),
        (
            vec![step(Op::Delete, "lake", json!({ "bucket": "acme-lake-dev", "forceDestroy": false }), Value::Null)],
            "`delete aws:s3/bucket:Bucket lake`: `forceDestroy` (old) is true in the plan, and false now",
        ),
    ];
    for (steps, difference) in cases {
        let (message, _) = refusal(now(&steps));
        assert!(message.contains(difference), "{message}");
    }
    let (message, _) = refusal(plan.as_planned(&changes(&[deleted()], &[]), Some("r-1")));
    assert!(message.contains("service control policies nowhere, and now that is on root r-1"), "{message}");
    plan.beyond(&[deleted()]).expect("what was planned");
    let (message, _) = refusal(plan.beyond(&[deleted(), step(Op::Create, "pond", Value::Null, json!({}))]));
    assert!(message.ends_with("made a change that it does not have: create aws:s3/bucket:Bucket pond"), "{message}");
}

#[test]
fn no_secret_comes_in() {
    let sealed = |key: &str| {
        let mut secret = json!({ "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270" });
        secret[key] = "hunter2".into();
        secret
    };
    let inputs =
        json!({ "a": sealed("ciphertext"), "b": [sealed("plaintext")], "c": { "d": sealed("value") }, "e": "f" });
    let plan = changes(&[step(Op::Update, "lake", inputs.clone(), inputs)], &[]);
    let text = serde_json::to_string(&plan).expect("JSON");
    assert!(!text.contains("hunter2") && !text.contains(SIGNATURE), "{text}");
    let new = plan[0].new.as_ref().expect("inputs");
    assert_eq!(new.get("a"), Some(&json!("[secret]")));
    assert_eq!(new.get("e"), Some(&json!("f")));
}

#[test]
fn what_only_the_deployment_knows_is_the_same_in_every_preview() {
    let published = |op: Op, old: Value, value: &str| Step {
        urn: format!(
            "urn:pulumi:dev::zone::zone:stack:Contract$aws:ssm/parameter:Parameter::{}",
            meta::PUBLISHED_AT_NAME
        ),
        kind: "aws:ssm/parameter:Parameter".to_owned(),
        ..step(op, "x", old, json!({ "insecureValue": value }))
    };
    let plan = |at: &str| changes(&[published(Op::Update, json!({ "insecureValue": "then" }), at)], &[]);
    assert_eq!(plan("2026-11-26T08:00:00Z"), plan("2026-11-26T08:00:01Z"));
    assert_eq!(plan("now")[0].new.as_ref().expect("inputs")["insecureValue"], json!(NOW));
    let words = changes(&[published(Op::Update, json!({ "insecureValue": "then" }), "then")], &[]);
    assert_eq!(words[0].new.as_ref().expect("inputs")["insecureValue"], json!("then"), "when it stays it is said");
    let later = masked(json!([UNKNOWN, format!("arn:{UNKNOWN}/*")]));
    assert_eq!(later, json!([LATER, format!("arn:{LATER}/*")]));
}

#[test]
fn it_is_written_whole_or_not_at_all() {
    let (message, hint) = refusal(sample().write(Path::new("/nowhere/plan.json")));
    assert!(message.starts_with("writing `/nowhere/plan.json`: "), "{message}");
    assert!(hint.starts_with("name a file in a folder that exists"), "{hint}");
    let folder = tempfile::tempdir().expect("a folder");
    sample().write(&folder.path().join("plan.json")).expect("written");
    assert_eq!(std::fs::read_dir(folder.path()).expect("a folder").count(), 1, "nothing beside it");
}
