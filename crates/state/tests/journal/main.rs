//! Our replay of the engine's journal against the engine's own, on random journals; and on broken ones, which it refuses.
//!
//! Needs Go, as building the engine does.

mod bases;
mod engine;
mod oracle;
mod random;
mod states;
mod steps;

use std::collections::BTreeSet;

use serde::Deserialize;
use serde_json::{Value, json, value::RawValue};
use state::{
    deployment::Deployment,
    replay::{Entry, Replay},
};

use crate::{
    engine::{Case, Engine},
    oracle::{Answer, ask},
    random::Random,
};

const CASES: u64 = 2_000;
/// Of so many cases one is compared after each of its entries.
const SAMPLE: u64 = 20;

/// What our replay gives, as it is exported.
#[derive(Deserialize)]
struct Export {
    version: u64,
    #[serde(default)]
    features: Vec<String>,
    deployment: Box<RawValue>,
}

fn base(case: &Case) -> Deployment {
    let features = if case.byte_string { r#"["byteString"]"# } else { "[]" };
    let text = format!(r#"{{"version":4,"features":{features},"deployment":{}}}"#, case.base);
    Deployment::from_export(text.as_bytes(), "organization/zone/dev", "a case").expect("a sound base")
}

fn replay(case: &Case, entries: &[String]) -> state::error::Result<Replay> {
    let mut replay = Replay::new(base(case));
    for text in entries {
        replay.add(Entry::read(text).expect(text))?;
    }
    Ok(replay)
}

fn fold(replay: &Replay) -> state::error::Result<Deployment> {
    replay.deployment("2026-11-26T08:04:11Z".parse().expect("a time"), "v3.259.0")
}

/// Of one beginning of a journal: what ours makes, and where its questions stand.
struct Compared {
    name: String,
    ours: Result<(Export, bool), String>,
    question: usize,
    /// The base says that it has strings that are not UTF-8, and nothing took its place: the engine's replay forgets it.
    byte_string: bool,
}

fn compare(case: &Case, name: String, entries: &[String], questions: &mut Vec<String>) -> Compared {
    let question = questions.len();
    questions.push(format!(r#"{{"base":{},"entries":[{}]}}"#, case.base, entries.join(",")));
    let ours = match replay(case, entries).and_then(|replay| fold(&replay)) {
        Ok(deployment) => {
            let export: Export = serde_json::from_slice(&deployment.to_export()).expect("an export");
            questions.push(format!(r#"{{"verify":{}}}"#, export.deployment.get()));
            Ok((export, deployment.verify().is_ok()))
        }
        Err(failure) => Err(failure.message),
    };
    Compared { name, ours, question, byte_string: case.byte_string }
}

/// How often each outcome came up: a generator that makes nothing of interest proves nothing.
#[derive(Default, Debug)]
struct Tally {
    all: usize,
    sound: usize,
    refused: usize,
    pending: usize,
    features: BTreeSet<String>,
}

fn check(compared: &Compared, answers: &[Answer], tally: &mut Tally) {
    let (name, theirs) = (&compared.name, &answers[compared.question]);
    tally.all += 1;
    let (export, sound) = match &compared.ours {
        Ok(ours) => ours,
        Err(cause) => {
            assert!(!theirs.error.is_empty(), "{name}: only ours refuses it: {cause}");
            tally.refused += 1;
            return;
        }
    };
    assert_eq!(theirs.error, "", "{name}: only the engine's refuses it");
    let settled = &answers[compared.question + 1];
    let text = |answer: &Answer| answer.deployment.as_ref().map(|it| it.get().to_owned()).unwrap_or_default();
    assert_eq!(text(settled), text(theirs), "{name}");
    let mut features: BTreeSet<String> = theirs.features.iter().cloned().collect();
    let carries =
        compared.byte_string && ["resources", "pending_operations"].iter().any(|it| text(theirs).contains(it));
    if carries && export.features.iter().any(|it| it == "byteString") {
        features.insert("byteString".to_owned());
    }
    let version = if features.is_empty() { 3 } else { 4 };
    assert_eq!((&export.features, export.version), (&features.iter().cloned().collect(), version), "{name}");
    assert!(features.len() > theirs.features.len() || version == theirs.version, "{name}");
    assert_eq!(*sound, settled.integrity.is_empty(), "{name}: whether it is sound: {}", settled.integrity);
    assert_eq!(settled.integrity.is_empty(), theirs.integrity.is_empty(), "{name}");
    tally.sound += usize::from(*sound);
    tally.pending += usize::from(text(theirs).contains("pending_operations"));
    tally.features.extend(features);
}

#[test]
fn random_journals_fold_as_the_engine_folds_them() {
    let mut questions = Vec::new();
    let mut all = Vec::new();
    for seed in 0..CASES {
        let case = Engine::case(seed);
        let from = if seed % SAMPLE == 0 { 0 } else { case.entries.len() };
        for length in from..=case.entries.len() {
            all.push(compare(
                &case,
                format!("case {seed} up to entry {length}"),
                &case.entries[..length],
                &mut questions,
            ));
        }
    }
    let answers = ask(&questions);
    let mut tally = Tally::default();
    for compared in &all {
        check(compared, &answers, &mut tally);
    }
    assert!(tally.sound * 5 > tally.all * 3, "{tally:?}");
    assert!(tally.refused > 3 && tally.refused * 50 < tally.all && tally.pending * 5 > tally.all, "{tally:?}");
    assert_eq!(tally.features.len(), 8, "each feature came up: {tally:?}");
}

/// An entry changed so that it must be refused, whatever was before it; none where the change does not apply.
fn break_entry(text: &str, how: usize) -> Option<Value> {
    let mut entry: Value = serde_json::from_str(text).expect("an entry");
    let kind = entry["kind"].as_u64().expect("a kind");
    let names = |field: &str| match field {
        "removeOld" | "removeNew" => matches!(kind, 1 | 3 | 4),
        _ => kind == 1,
    };
    let fields = ["removeOld", "removeNew", "deleteOld", "deleteNew", "pendingReplacementOld", "pendingReplacementNew"];
    match how {
        0..6 if names(fields[how]) => entry[fields[how]] = json!(999_999),
        6 => entry["kind"] = json!(10),
        7 => entry["kind"] = json!(-1),
        8 => entry["later"] = json!(null),
        9 => entry["version"] = json!(2),
        10 => entry["sequenceID"] = json!(0),
        11 => entry["removeOld"] = json!("1"),
        12 if kind == 4 => drop(entry.as_object_mut()?.remove("state")),
        13 if kind == 5 => drop(entry.as_object_mut()?.remove("newSnapshot")),
        14 if kind == 6 => drop(entry.as_object_mut()?.remove("secretsProvider")),
        15 if kind == 8 => drop(entry.as_object_mut()?.remove("extension")),
        16 if entry["state"].is_object() => entry["state"]["dependencies"] = json!({"a": 1}),
        17 if entry["state"].is_object() => entry["state"]["provider"] = json!("nonsense"),
        18 if entry["state"].is_object() => drop(entry["state"].as_object_mut()?.remove("urn")),
        19 if entry["operation"].is_object() => drop(entry["operation"].as_object_mut()?.remove("resource")),
        _ => return None,
    }
    Some(entry)
}

const BREAKS: usize = 20;

#[test]
fn broken_entries_are_refused_and_change_nothing() {
    let (mut refused, mut whole) = ([0; BREAKS], 0);
    for seed in 0..300 {
        let case = Engine::case(seed);
        let mut random = Random(seed);
        // few journals have one, near their beginning
        let write = case.entries.iter().position(|text| text.contains("newSnapshot"));
        let at = write.filter(|_| random.percent(50)).unwrap_or_else(|| random.below(case.entries.len()));
        let Ok(mut replay) = replay(&case, &case.entries[..at]) else { continue };
        let before = fold(&replay).map(|it| it.to_export()).ok();
        for (how, count) in refused.iter_mut().enumerate() {
            let Some(broken) = break_entry(&case.entries[at], how) else { continue };
            let result = Entry::read(&broken.to_string()).and_then(|entry| replay.add(entry));
            let failure = result.expect_err(&format!("case {seed}, break {how}: {broken}"));
            assert!(failure.hint.is_some() && failure.message.contains("entry"), "{failure}");
            assert_eq!(fold(&replay).map(|it| it.to_export()).ok(), before, "case {seed}, break {how}");
            *count += 1;
        }
        whole += usize::from(replay.add(Entry::read(&case.entries[at]).expect("an entry")).is_ok());
    }
    assert!(whole > 290, "unbroken, nearly all are accepted, and of the rest two resources have one alias: {whole}");
    assert!(refused.iter().all(|count| *count > 0), "each break came up: {refused:?}");
}

#[test]
fn damaged_text_never_panics() {
    let (mut read, mut refused) = (0, 0);
    for seed in 0..400 {
        let case = Engine::case(seed);
        let mut random = Random(seed);
        let mut replay = Replay::new(base(&case));
        for text in &case.entries {
            let mut bytes = text.clone().into_bytes();
            match random.below(4) {
                0 => bytes.truncate(random.below(text.len())),
                1 => {
                    let at = random.below(bytes.len());
                    bytes[at] = *random.pick(b"0123456789{}[]\",:nt");
                }
                2 => drop(bytes.remove(random.below(text.len()))),
                _ => {}
            }
            let damaged = String::from_utf8_lossy(&bytes);
            match Entry::read(&damaged).and_then(|entry| replay.add(entry)) {
                Ok(_) => read += 1,
                Err(_) => refused += 1,
            }
        }
        if let Ok(deployment) = fold(&replay) {
            // whether it is sound does not matter here, only that it is said
            let _ = deployment.verify();
        }
        let whole = base(&case).to_checkpoint("organization/zone/dev");
        let cut = &whole[..random.below(whole.len())];
        assert!(Deployment::from_checkpoint(cut, "organization/zone/dev", "a cut one").is_err());
        assert!(Deployment::from_checkpoint(&whole, "organization/zone/dev", "a whole one").is_ok());
    }
    assert!(read > 1_000 && refused > 1_000, "{read} read, {refused} refused");
}

#[test]
fn random_deployments_are_sound_where_the_engine_says_so() {
    let mut questions = Vec::new();
    let mut ours = Vec::new();
    for seed in 0..1_500 {
        let mut random = Random(seed);
        let mut deployment: Value = serde_json::from_str(&Engine::case(seed).base).expect("a base");
        let resources = deployment["resources"].as_array_mut().map(std::mem::take).unwrap_or_default();
        let mut resources: Vec<Value> = resources;
        if !resources.is_empty() && random.percent(80) {
            let (one, two) = (random.below(resources.len()), random.below(resources.len()));
            match random.below(12) {
                0 => resources.swap(one, two),
                1 => drop(resources.remove(one)),
                2 => resources.push(resources[one].clone()),
                3 => drop(resources[one].as_object_mut().and_then(|it| it.remove("type"))),
                4 => drop(resources[one].as_object_mut().and_then(|it| it.remove("urn"))),
                5 => resources[one]["id"] = json!("another"),
                6 => resources[one]["provider"] = json!("urn:pulumi:dev::zone::pulumi:providers:aws::none::1"),
                7 => resources[one]["pendingReplacement"] = json!(true),
                8 => resources[one]["type"] = json!("pulumi:providers:aws"),
                9 => resources[one]["propertyDependencies"] = json!({"p": ["none"], "q": null}),
                10 => deployment["snippets"] = json!([{"uuid": "a"}, {"uuid": random.pick(&["a", "b", ""])}]),
                _ => deployment["manifest"]["magic"] = json!("other"),
            }
        }
        if !resources.is_empty() {
            deployment["resources"] = json!(resources);
        }
        let text = deployment.to_string();
        let export = format!(r#"{{"version":3,"deployment":{text}}}"#);
        let read = Deployment::from_export(export.as_bytes(), "zone", "a case").expect("of the right types");
        ours.push(read.verify());
        questions.push(format!(r#"{{"verify":{text}}}"#));
    }
    let answers = ask(&questions);
    let mut faults = 0;
    for ((ours, theirs), question) in ours.iter().zip(&answers).zip(&questions) {
        let said =
            |ours: &state::error::Result<()>| ours.as_ref().err().map(|it| it.message.clone()).unwrap_or_default();
        let fault = if theirs.error.is_empty() { &theirs.integrity } else { &theirs.error };
        assert_eq!(ours.is_ok(), fault.is_empty(), "ours: {}; the engine's: {fault}; {question}", said(ours));
        faults += usize::from(ours.is_err());
    }
    assert!(faults > 300 && faults < 1_200, "{faults} have faults");
}

#[test]
fn the_text_of_untouched_values_survives() {
    let odd = r#"{"float":1.10,"big":123456789012345678901234567890,"exp":1E+2,"zero":-0.0,"text":"\u003c\/"}"#;
    let resource = |name: &str| format!(r#"{{"urn":"{name}","type":"t","zzz":1.0,"inputs":{odd},"custom":true}}"#);
    let case = Case {
        base: format!(r#"{{"manifest":{{}},"resources":[{},{}],"metadata":{{}}}}"#, resource("a"), resource("b")),
        byte_string: false,
        entries: vec![
            format!(
                r#"{{"version":1,"kind":1,"sequenceID":1,"operationID":1,"deleteOld":1,"state":{}}}"#,
                resource("c")
            ),
            r#"{"version":1,"kind":1,"sequenceID":2,"operationID":2,"isRefresh":true}"#.to_owned(),
        ],
    };
    let made = String::from_utf8(replay(&case, &case.entries).and_then(|it| fold(&it)).expect("a fold").to_export())
        .expect("text");
    let deleted = resource("b").replace(r#""custom":true"#, r#""custom":true,"delete":true"#);
    let expected = format!(r#""resources":[{},{},{deleted}]"#, resource("c"), resource("a"));
    assert!(made.contains(&expected), "{made}");
}

/// A bound that only a fold whose time grows with the square of the resources exceeds: 2,000 resources, 6,000 entries.
#[test]
fn a_large_journal_folds_at_once() {
    let resource = |number: usize, version: usize| {
        json!({
            "urn": format!("urn:pulumi:dev::zone::a:b:C::r{number}"), "custom": true, "id": "i", "type": "a:b:C",
            "inputs": {"text": "x".repeat(800), "version": version}, "outputs": {"text": "y".repeat(800)},
            "dependencies": if number == 0 { vec![] } else { vec![format!("urn:pulumi:dev::zone::a:b:C::r{}", number - 1)] },
            "created": "2026-11-26T08:04:11Z", "modified": "2026-11-26T08:04:11Z",
        })
    };
    let list: Vec<Value> = (0..2_000).map(|number| resource(number, 0)).collect();
    let former = json!({"manifest": {"magic": "", "version": ""}, "resources": list, "metadata": {}});
    let mut entries = Vec::new();
    for number in 0..2_000 {
        let operation = number + 1;
        let entry = |kind: usize, fields: Value| {
            let mut entry = json!({"version": 1, "kind": kind, "sequenceID": 3 * number + kind.min(2) + 1, "operationID": operation});
            entry.as_object_mut().expect("an object").extend(fields.as_object().expect("fields").clone());
            entry.to_string()
        };
        entries.push(entry(0, json!({"operation": {"resource": resource(number, 1), "type": "updating"}})));
        entries.push(entry(1, json!({"removeOld": number, "isRefresh": true, "state": resource(number, 1)})));
        entries.push(entry(4, json!({"removeNew": operation, "state": resource(number, 2)})));
    }
    let case = Case { base: former.to_string(), byte_string: false, entries };
    let mut replay = Replay::new(base(&case));
    let started = std::time::Instant::now();
    for text in &case.entries {
        replay.add(Entry::read(text).expect("an entry")).expect("it is accepted");
    }
    let read = started.elapsed();
    let deployment = fold(&replay).expect("a fold");
    let folded = started.elapsed();
    deployment.verify().expect("it is sound");
    let verified = started.elapsed();
    assert_eq!(deployment.resources.len(), 2_000);
    assert!(deployment.resources[1_999].get("inputs").expect("inputs").get().contains(r#""version":2"#));
    assert_eq!(replay.missing(), None);
    assert!(verified.as_secs() < 3, "read in {read:?}, folded by {folded:?}, verified by {verified:?}");
}
