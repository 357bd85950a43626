//! `zone verify --report` and `zone verify diff` on a whole zone.

use serde_json::Value;

use crate::support::{Said, Zone, look::Look};

/// The folder of the run that was written.
fn folder(said: &Said) -> String {
    let object = said.objects().into_iter().find(|object| object["type"] == "evidence");
    let object = object.unwrap_or_else(|| panic!("no evidence\n{said}"));
    assert_eq!(object["problems"], Value::Array(Vec::new()), "{object}");
    object["folder"].as_str().expect("a folder").to_owned()
}

#[test]
fn a_run_leaves_evidence_and_two_are_compared() {
    let zone = Zone::minimal();
    zone.run("up").succeeded();
    let first = folder(&zone.run("verify --json --report runs").succeeded());

    let rows = std::fs::read_to_string(zone.path(&first).join("evidence.jsonl")).expect("the evidence");
    let rows: Vec<Value> = rows.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    let of = |kind: &str| rows.iter().filter(|row| row["type"] == kind).cloned().collect::<Vec<_>>();
    let calls = |row: &Value| row["calls"].as_array().cloned().unwrap_or_default();
    assert_eq!(of("run")[0]["platform"], "local AWS");
    assert!(of("run")[0]["caller"].as_str().is_some_and(|arn| arn.contains("OrganizationAccountAccessRole")));
    assert!(of("shared").iter().flat_map(calls).any(|call| call["call"] == "ssm:GetParametersByPath"));
    let all: Vec<Value> = of("row").iter().chain(&of("shared")).flat_map(calls).collect();
    assert!(all.len() > 20, "{} calls", all.len());
    for call in &all {
        assert!(call["request_id"].as_str().is_some_and(|id| !id.is_empty()), "{call}");
        assert!(call["on"].is_object() && (call["seen"].is_object() || call["error"].is_string()), "{call}");
    }
    let rotation = of("row")
        .into_iter()
        .find(|row| row["scenario"].as_str().is_some_and(|name| name.contains("rotates by itself")));
    let rotation = rotation.expect("a row about rotation");
    assert_eq!(rotation["calls"][0]["seen"]["key_rotation_enabled"], true, "{rotation}");
    assert!(rotation["subjects"][0]["value"].as_str().is_some_and(|arn| arn.starts_with("arn:aws:kms:")), "{rotation}");

    // somebody opens a bucket
    let look = Look::of(&zone);
    let buckets = zone.resources(|kind| kind == "aws:s3/bucket:Bucket");
    look.ask(look.clients.s3.delete_public_access_block().bucket(&buckets[0]).send());
    let later = zone.run("verify --json --report runs");
    assert_eq!(later.code, Some(4), "{later}");
    let second = folder(&later);
    let worse = zone.run(&format!("verify diff {first} {second} --json"));
    assert_eq!(worse.code, Some(4), "{worse}");
    let changes: Vec<Value> = worse.objects().into_iter().filter(|object| object["type"] == "change").collect();
    assert!(!changes.is_empty() && changes.iter().all(|row| row["change"] == "failed"), "{worse}");
    let better = zone.run(&format!("verify diff {second} {first}")).succeeded();
    assert!(better.out.contains("fixed") && better.out.contains(" 0 got worse"), "{better}");

    // the judgement is shown where the evidence cannot be written, and both are said
    let said = zone.run("verify --report Pulumi.yaml");
    assert_eq!(said.code, Some(4), "{said}");
    assert!(
        said.out.contains(" failed, ") && said.err.contains("`Pulumi.yaml`") && said.err.contains("give a folder"),
        "{said}"
    );
    zone.run("refresh --yes").succeeded();
    zone.run("up").succeeded();
    let said = zone.run("verify --report Pulumi.yaml");
    assert_eq!(said.code, Some(1), "{said}");
    assert!(said.out.contains(" 0 failed, ") && said.err.contains("hint: give a folder"), "{said}");

    // who changes an earlier run is noticed
    let file = zone.path(&second).join("report.html");
    std::fs::write(&file, "all is well").expect("it is written");
    let said = zone.run("verify --report runs").succeeded();
    assert!(said.err.contains("the chain of evidence is broken") && said.err.contains("report.html"), "{said}");
}
