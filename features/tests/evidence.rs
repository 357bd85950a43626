//! Evidence: each format is what its official schema says, nothing of a text is markup, and runs form a chain.

use std::{
    fs,
    path::{Path, PathBuf},
    time::{Duration, SystemTime},
};

use features::{
    Outcome, Report, ScenarioResult, Waiver,
    evidence::{Call, Change, Commit, Contract, Evidence, Look, Run, Subject, diff, folder},
};
use serde_json::{Value, json};

/// Text that is markup, ends CDATA, ends lines, and has what XML cannot.
const NASTY: &str = "<b onclick='x'>&amp; ]]> \"quoted\"\u{1}\u{b}\nsecond line\t größer 𝛼 </script> ";

fn call(name: &str, status: u16) -> Call {
    let failed = status >= 400;
    Call {
        call: name.to_owned(),
        time: SystemTime::UNIX_EPOCH + Duration::from_millis(1_764_151_200_250),
        on: json!({ "key_id": NASTY }),
        status: Some(status),
        request_id: (!failed).then(|| "8f0d-1".to_owned()),
        seen: (!failed).then(|| json!({ "state": NASTY })),
        error: failed.then(|| NASTY.to_owned()),
    }
}

fn row(requirement: &str, name: &str, outcome: Outcome) -> ScenarioResult {
    let waived = outcome == Outcome::Waived;
    let waiver = Waiver {
        requirement: requirement.to_owned(),
        scenario: None,
        reason: NASTY.to_owned(),
        until: "2027-01-31".to_owned(),
        approved_by: NASTY.to_owned(),
    };
    ScenarioResult {
        requirement: requirement.to_owned(),
        feature: "kms".to_owned(),
        name: name.to_owned(),
        outcome,
        reason: (outcome != Outcome::Passed).then(|| NASTY.to_owned()),
        duration: Duration::from_millis(61_007),
        evidence: Box::new(Evidence {
            rule: format!("Every key rotates {NASTY}"),
            file: "/zone/config/features/own keys.feature".to_owned(),
            line: 12,
            steps: vec![format!("Given the key \"{NASTY}\""), "Then it rotates".to_owned()],
            began: SystemTime::UNIX_EPOCH + Duration::from_secs(1_764_151_200),
            subjects: vec![
                Subject {
                    parameter: Some("/bank/dev/kms/pii/arn".into()),
                    value: Some("arn:aws:kms:eu-west-1:1:key/1".into()),
                },
                Subject { parameter: Some("/bank/dev/secret".into()), value: None },
                Subject { parameter: None, value: Some(NASTY.into()) },
            ],
            calls: vec![call("kms:DescribeKey", 200), call("kms:GetKeyRotationStatus", 403)],
            shared: vec!["opening".to_owned()],
            waiver: waived.then_some(waiver),
        }),
    }
}

/// A row of each outcome, and one that names and asks nothing.
fn report() -> Report {
    let mut bare = row("FR-2", "nothing is asked", Outcome::Passed);
    bare.evidence.subjects.clear();
    bare.evidence.calls.clear();
    Report {
        scenarios: vec![
            row("FR-1", &format!("key {NASTY}"), Outcome::Passed),
            row("FR-1", "key b", Outcome::Failed),
            row("FR-1", "key c", Outcome::NotEvaluated),
            row("FR-2", "key d", Outcome::Waived),
            bare,
        ],
        caller: "arn:aws:sts::111122223333:assumed-role/auditor/zone".to_owned(),
        management_caller: None,
        contract: Contract { version: Some("2".to_owned()), digest: Some("ab".repeat(32)) },
        looks: vec![Look { name: "opening".to_owned(), calls: vec![call("sts:GetCallerIdentity", 200)] }],
    }
}

fn run(environment: &str, local: bool) -> Run {
    let began = SystemTime::UNIX_EPOCH + Duration::from_millis(1_764_151_199_123);
    Run {
        environment: environment.to_owned(),
        local,
        account: "111122223333".to_owned(),
        region: "eu-west-1".to_owned(),
        contract_root: "/bank/dev".to_owned(),
        tool: "zone 0.1.0".to_owned(),
        commit: Some(Commit { id: "0123456789abcdef0123456789abcdef01234567".to_owned(), dirty: true }),
        filter: Some(NASTY.to_owned()),
        folder: PathBuf::from("/zone"),
        began,
        ended: began + Duration::from_secs(7),
    }
}

/// A folder with one run, and that run.
fn written(report: &Report, local: bool) -> (tempfile::TempDir, PathBuf) {
    let dir = tempfile::tempdir().expect("a folder");
    let written = folder::write(&dir.path().join("new/runs"), &run("dev", local), report).expect("it is written");
    assert_eq!((written.previous, written.problems), (None, Vec::<String>::new()));
    (dir, written.folder)
}

fn read(folder: &Path, file: &str) -> String {
    fs::read_to_string(folder.join(file)).unwrap_or_else(|e| panic!("{file}: {e}"))
}

fn schema(file: &str) -> String {
    read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/schemas"), file)
}

/// What a document breaks of a JSON schema.
fn broken(schema_file: &str, document: &Value) -> Vec<String> {
    let schema: Value = serde_json::from_str(&schema(schema_file)).expect("a schema");
    let validator = jsonschema::options().should_validate_formats(true).build(&schema).expect("a schema");
    validator.iter_errors(document).map(|error| format!("{}: {error}", error.instance_path())).collect()
}

fn json_of(folder: &Path, file: &str) -> Value {
    serde_json::from_str(&read(folder, file)).expect("JSON")
}

#[test]
fn sarif_and_oscal_are_as_their_schemas_say() {
    let cases = [
        ("results.sarif", "sarif-schema-2.1.0.json", "/runs/0/results/0/message"),
        (
            "oscal-assessment-results.json",
            "oscal_assessment-results_schema-1.1.3.json",
            "/assessment-results/results/0/start",
        ),
    ];
    for report in [report(), Report { scenarios: report().scenarios.split_off(4), ..Report::default() }] {
        let (_dir, folder) = written(&report, false);
        for (file, schema, needed) in cases {
            let mut document = json_of(&folder, file);
            assert_eq!(broken(schema, &document), Vec::<String>::new(), "{file}");
            // the validator sees what is missing
            *document.pointer_mut(needed).unwrap_or_else(|| panic!("{file} has no {needed}")) = Value::Null;
            assert_ne!(broken(schema, &document), Vec::<String>::new(), "{file}");
        }
    }
}

#[test]
fn junit_is_as_its_schema_says() {
    let (_dir, folder) = written(&report(), false);
    let text = read(&folder, "junit.xml");
    let schema = schema("junit-10.xsd");
    let schema = uppsala::parse(&schema).expect("XML");
    let validator = uppsala::XsdValidator::from_schema(&schema).expect("a schema");
    let broken = |text: &str| {
        let document = uppsala::parse(text).unwrap_or_else(|e| panic!("{e}\n{text}"));
        validator.validate(&document).into_iter().map(|error| error.to_string()).collect::<Vec<_>>()
    };
    assert_eq!(broken(&text), Vec::<String>::new(), "{text}");
    assert_ne!(
        broken(&text.replace(" failures=\"1\"", "")),
        Vec::<String>::new(),
        "the validator sees what is missing"
    );
    assert_ne!(broken(&text.replace("time=\"7.000\"", "time=\"a minute\"")), Vec::<String>::new());
    for part in [
        "<testsuites name=\"zone verify dev (AWS)\" tests=\"5\" failures=\"1\"",
        "<testsuite name=\"FR-2\" tests=\"2\" failures=\"0\" errors=\"0\" skipped=\"1\"",
        "<property name=\"contract.digest\"",
        "kms:DescribeKey 8f0d-1&#10;kms:GetKeyRotationStatus without request id",
    ] {
        assert!(text.contains(part), "{part}\n{text}");
    }
}

#[test]
fn the_page_needs_no_network_and_no_text_is_markup() {
    let (_dir, folder) = written(&report(), false);
    let html = read(&folder, "report.html");
    for part in ["http:", "https:", "src=", "@import", "url(", "<script", "<b onclick", "]]> \""] {
        assert!(!html.contains(part), "`{part}` is in the page");
    }
    for part in [
        "prefers-color-scheme: dark",
        "@media print",
        "width=device-width",
        "FR-1",
        "key b",
        "&lt;b onclick=&#39;x&#39;&gt;",
    ] {
        assert!(html.contains(part), "`{part}` is not in the page");
    }
    // every element that is opened is closed, in order: XML's parser takes the page but for its void elements
    let mut xhtml = html.replace("<!doctype html>", "").replace("<br>", "<br/>").replace(" open>", " open=\"\">");
    for start in ["<meta charset=\"utf-8\"", "initial-scale=1\"", "content=\"light dark\""] {
        xhtml = xhtml.replace(&format!("{start}>"), &format!("{start}/>"));
    }
    let parsed = uppsala::parse(&xhtml).map(|_| ());
    assert!(parsed.is_ok(), "{parsed:?}");
}

#[test]
fn each_report_says_where_it_was_the_local_aws() {
    for (local, expected) in [(true, true), (false, false)] {
        let (_dir, folder) = written(&report(), local);
        for file in [
            "junit.xml",
            "report.html",
            "results.sarif",
            "oscal-assessment-results.json",
            "evidence.jsonl",
            "manifest.json",
        ] {
            assert_eq!(read(&folder, file).contains("local AWS"), expected, "{file}");
        }
    }
}

#[test]
fn a_row_of_the_evidence_stands_for_itself() {
    let (_dir, folder) = written(&report(), false);
    let lines: Vec<Value> =
        read(&folder, "evidence.jsonl").lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    let types: Vec<_> = lines.iter().map(|line| line["type"].as_str().unwrap_or_default()).collect();
    assert_eq!(types, ["run", "shared", "row", "row", "row", "row", "row"]);
    let row = &lines[3];
    let expected = json!({
        "requirement": "FR-1", "scenario": "key b", "outcome": "failed", "reason": NASTY, "line": 12,
        "file": "config/features/own keys.feature", "environment": "dev", "platform": "AWS", "account": "111122223333",
        "region": "eu-west-1", "caller": "arn:aws:sts::111122223333:assumed-role/auditor/zone", "tool": "zone 0.1.0",
        "commit": { "id": "0123456789abcdef0123456789abcdef01234567", "dirty": true },
        "contract": { "version": "2", "digest": "ab".repeat(32) }, "waiver": null, "shared": ["opening"],
    });
    for (name, value) in expected.as_object().expect("an object") {
        assert_eq!(row[name], *value, "{name}");
    }
    assert_eq!(row["steps"][1], "Then it rotates");
    assert_eq!(row["subjects"][0]["value"], "arn:aws:kms:eu-west-1:1:key/1");
    assert_eq!((&row["calls"][0]["request_id"], &row["calls"][0]["seen"]["state"]), (&json!("8f0d-1"), &json!(NASTY)));
    assert_eq!((&row["calls"][1]["status"], &row["calls"][1]["error"]), (&json!(403), &json!(NASTY)));
    assert_eq!(lines[5]["waiver"]["until"], "2027-01-31");
    assert_eq!(
        lines[6]["subjects"],
        json!([{ "parameter": "/bank/dev", "value": null }]),
        "it is about the whole contract"
    );
    // where the OSCAL observation of a row says that its evidence is
    let oscal = json_of(&folder, "oscal-assessment-results.json");
    let said = &oscal["assessment-results"]["results"][0]["observations"][1]["relevant-evidence"][0]["description"];
    assert_eq!(said, "Line 4 of evidence.jsonl");
}

#[test]
fn a_requirement_is_satisfied_only_where_every_row_passed() {
    let states = |report: &Report| {
        let (_dir, folder) = written(report, false);
        let oscal = json_of(&folder, "oscal-assessment-results.json");
        let findings = oscal["assessment-results"]["results"][0]["findings"].as_array().cloned().unwrap_or_default();
        let state = |finding: &Value| finding["target"]["status"]["state"].as_str().map(str::to_owned);
        let reason = |finding: &Value| finding["target"]["status"]["reason"].as_str().map(str::to_owned);
        findings.iter().filter_map(|f| Some((state(f)?, reason(f)?))).collect::<Vec<_>>()
    };
    let expected = |state: &str, reason: &str| (state.to_owned(), reason.to_owned());
    assert_eq!(states(&report()), [expected("not-satisfied", "fail"), expected("not-satisfied", "other")]);
    let good = Report { scenarios: vec![row("FR-1", "key", Outcome::Passed)], ..report() };
    assert_eq!(states(&good), [expected("satisfied", "pass")]);
}

#[test]
fn runs_are_a_chain_and_a_broken_one_is_noticed() {
    let dir = tempfile::tempdir().expect("a folder");
    let write =
        |environment: &str| folder::write(dir.path(), &run(environment, false), &report()).expect("it is written");
    let first = write("dev");
    let other = write("prod");
    let second = write("dev");
    let third = write("dev");
    assert_eq!((first.previous, other.previous), (None, None), "each environment has a chain of its own");
    let previous = third.previous.expect("a run before it");
    assert_eq!((dir.path().join(&previous.run), &previous.sha256), (second.folder.clone(), &second.sha256));
    assert_eq!(third.problems, Vec::<String>::new());
    let manifest = json_of(&third.folder, "manifest.json");
    assert_eq!(manifest["previous"]["sha256"], second.sha256.as_str());
    let files: Vec<_> = manifest["files"].as_object().expect("files").keys().cloned().collect();
    assert_eq!(files, ["evidence.jsonl", "junit.xml", "oscal-assessment-results.json", "report.html", "results.sarif"]);
    let left: Vec<_> = fs::read_dir(dir.path()).expect("the folder").flatten().map(|e| e.file_name()).collect();
    assert_eq!(left.iter().filter(|name| name.to_string_lossy().ends_with(".part")).count(), 0, "{left:?}");

    // a file of the last run
    let file = third.folder.join("junit.xml");
    let text = fs::read_to_string(&file).expect("the file");
    fs::write(&file, text.replace("failed", "passed")).expect("it is written");
    let [problem] = &write("dev").problems[..] else { panic!("one problem") };
    assert!(problem.contains("junit.xml") && problem.contains("it was changed"), "{problem}");
    fs::write(&file, text).expect("it is written");

    // the manifest of an earlier one
    let file = second.folder.join("manifest.json");
    let text = fs::read_to_string(&file).expect("the file");
    fs::write(&file, text.replace("eu-west-1", "eu-west-2")).expect("it is written");
    let [problem] = &write("dev").problems[..] else { panic!("one problem") };
    assert!(problem.contains("manifest.json") && problem.contains("was changed after run"), "{problem}");
    fs::write(&file, text).expect("it is written");
    assert_eq!(write("dev").problems, Vec::<String>::new(), "all is as it was");

    // a run that somebody took away, and the first one
    fs::remove_dir_all(&second.folder).expect("it is removed");
    let [problem] = &write("dev").problems[..] else { panic!("one problem") };
    assert!(problem.contains(&previous.run) && problem.ends_with("is missing"), "{problem}");
}

#[test]
fn a_folder_that_cannot_be_one_is_said_and_nothing_is_left() {
    let dir = tempfile::tempdir().expect("a folder");
    let file = dir.path().join("file");
    fs::write(&file, "not a folder").expect("a file");
    for (path, hint) in [(file.clone(), "give a folder"), (file.join("below"), "give a folder")] {
        let problem = folder::write(&path, &run("dev", false), &report()).expect_err("no folder");
        assert!(problem.to_string().contains(&*path.display().to_string()), "{problem}");
        assert!(problem.hint().contains(hint), "{}", problem.hint());
    }
    assert_eq!(fs::read_to_string(&file).expect("the file"), "not a folder");
}

#[test]
fn two_runs_are_compared_by_row() {
    let dir = tempfile::tempdir().expect("a folder");
    let write = |environment: &str, report: &Report| {
        folder::write(dir.path(), &run(environment, false), report).expect("it is written").folder
    };
    let before = write("dev", &report());
    let mut report = report();
    report.scenarios[1].outcome = Outcome::Passed;
    report.scenarios[4].outcome = Outcome::Failed;
    let after = write("dev", &report);
    let found = diff(&before, &after).expect("two runs");
    let rows: Vec<_> = found.rows.iter().map(|row| (&*row.name, row.change, row.worse)).collect();
    assert_eq!(rows, [("nothing is asked", Change::Failed, true), ("key b", Change::Fixed, false)]);
    assert_eq!((found.same, found.worse(), found.notes.len()), (3, true, 0));
    assert!(!diff(&before, &before).expect("a run").worse());
    let prod = write("prod", &report);
    let notes = diff(&before, &prod).expect("two runs").notes;
    assert_eq!(notes, ["the runs differ in their environment: `dev` and `prod`"]);
    fs::write(after.join("results.sarif"), "{}").expect("it is written");
    let notes = diff(&before, &after).expect("two runs").notes;
    assert!(notes.len() == 1 && notes[0].contains("results.sarif"), "{notes:?}");
    let problem = diff(dir.path(), &after).expect_err("no run");
    assert!(
        problem.to_string().contains("manifest.json") && problem.hint().contains("the folder of one run"),
        "{problem}"
    );
}
