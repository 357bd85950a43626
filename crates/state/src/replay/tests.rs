//! One small example for each rule; `tests/journal` compares whole journals with the engine's own code.

use serde_json::value::RawValue;

use super::*;

const BASE: &str = r#"{"secrets_providers":{"type":"passphrase","state":{"salt":"v1:a"}},
    "resources":[{"urn":"a","type":"t"},{"urn":"b","type":"t"},{"urn":"c","type":"t","dependencies":["b"]}],
    "pending_operations":[{"resource":{"urn":"x","type":"t"},"type":"creating"},
        {"resource":{"urn":"y","type":"t"},"type":"updating"}],
    "metadata":{"integrity_error":{"error":"e"}},"future":1.0}"#;

fn new() -> Replay {
    let text = format!(r#"{{"version":3,"deployment":{BASE}}}"#);
    Replay::new(Deployment::from_export(text.as_bytes(), "zone", "a test").expect("a deployment"))
}

fn entry(sequence: u64, fields: &str) -> Entry {
    Entry::read(&format!(r#"{{"version":1,"sequenceID":{sequence},{fields}}}"#)).expect("an entry")
}

/// The replay after these entries, from the first number.
fn after(entries: &[&str]) -> Replay {
    let mut replay = new();
    for (sequence, fields) in (1..).zip(entries) {
        assert!(replay.add(entry(sequence, fields)).expect(fields), "{fields}");
    }
    replay
}

fn fold(replay: &Replay) -> Deployment {
    replay.deployment(Timestamp::UNIX_EPOCH, "v3.259.0").expect("a deployment")
}

/// The URNs of the resources, with the marks of each: `-` to be deleted, `~` pending replacement.
fn resources(replay: &Replay) -> String {
    let mut all = String::new();
    for resource in fold(replay).resources {
        all += &resource.text("urn").expect("a URN");
        all += if resource.holds("delete") { "-" } else { "" };
        all += if resource.holds("pendingReplacement") { "~" } else { "" };
        all += " ";
    }
    all.trim_end().to_owned()
}

fn pending(replay: &Replay) -> String {
    let all = fold(replay).pending_operations;
    let urn =
        |it: &Object| it.read::<Object>("resource").expect("a resource").expect("one").text("urn").map(String::from);
    let named = all.iter().map(|it| format!("{} {}", it.text("type").expect("a type"), urn(it).expect("a URN")));
    named.collect::<Vec<_>>().join(", ")
}

const BEGIN: &str = r#""kind":0,"operationID":1,"operation":{"resource":{"urn":"new","type":"t"},"type":"updating"}"#;
const MADE: &str = r#""kind":1,"operationID":1,"state":{"urn":"new","type":"t"}"#;

#[test]
fn without_entries_the_base_comes_out_with_a_new_manifest() {
    let made = fold(&new());
    assert_eq!(resources(&new()), "a b c");
    assert_eq!(made.manifest.text("version").as_deref(), Ok("v3.259.0"));
    assert_eq!(made.rest.get("future").map(|it| it.get().to_owned()), Some("1.0".to_owned()));
    assert!(made.metadata.get("integrity_error").is_some());
}

#[test]
fn what_was_begun_is_pending_until_it_ends_well_or_not() {
    assert_eq!(pending(&new()), "creating x", "of former runs, only creations stay");
    assert_eq!(pending(&after(&[BEGIN])), "updating new, creating x");
    for end in [r#""kind":1,"operationID":1"#, r#""kind":2,"operationID":1"#, r#""kind":3,"operationID":1"#] {
        assert_eq!(pending(&after(&[BEGIN, end])), "creating x", "{end}");
    }
    assert_eq!(pending(&after(&[r#""kind":0,"operationID":1"#])), "creating x", "nobody waits for this one");
}

#[test]
fn what_was_made_comes_first_and_takes_the_place_of_what_it_removes() {
    assert_eq!(resources(&after(&[MADE])), "new a b c");
    let remove = |field: &str| format!(r#""kind":1,"operationID":2,"state":{{"urn":"two","type":"t"}},{field}"#);
    assert_eq!(resources(&after(&[MADE, &remove(r#""removeOld":1"#)])), "new two a c");
    assert_eq!(resources(&after(&[MADE, &remove(r#""removeNew":1"#)])), "two a b c");
    assert_eq!(resources(&after(&[MADE, &remove(r#""deleteOld":1"#)])), "new two a b- c");
    assert_eq!(resources(&after(&[MADE, &remove(r#""deleteNew":1"#)])), "new- two a b c");
    assert_eq!(resources(&after(&[MADE, &remove(r#""pendingReplacementOld":1"#)])), "new two a b~ c");
    assert_eq!(resources(&after(&[MADE, &remove(r#""pendingReplacementNew":1"#)])), "new~ two a b c");
}

#[test]
fn a_refresh_and_outputs_put_a_state_in_place_and_marks_do_not_follow() {
    let state = r#""state":{"urn":"B","type":"t"}"#;
    for kind in [3, 4] {
        let put = |field: &str| format!(r#""kind":{kind},"operationID":2,{state},{field}"#);
        assert_eq!(resources(&after(&[MADE, &put(r#""removeNew":1"#)])), "B a b c");
        assert_eq!(resources(&after(&[&put(r#""removeOld":1"#)])), "a B c");
        let marked = r#""kind":1,"operationID":3,"deleteOld":1"#;
        assert_eq!(resources(&after(&[marked, &put(r#""removeOld":1"#)])), "a B c");
        let removed = r#""kind":1,"operationID":3,"removeOld":1"#;
        assert_eq!(resources(&after(&[&put(r#""removeOld":1"#), removed])), "a c");
    }
}

#[test]
fn what_a_refresh_finds_gone_is_gone_from_what_others_need() {
    let gone = after(&[r#""kind":3,"operationID":1,"removeOld":1"#]);
    assert_eq!(resources(&gone), "a c");
    assert!(!fold(&gone).resources[1].holds("dependencies"));
    let deleted = after(&[r#""kind":1,"operationID":1,"removeOld":1"#]);
    assert!(fold(&deleted).resources[1].holds("dependencies"), "a deletion does not look");
    let persisted = after(&[r#""kind":1,"operationID":1,"removeOld":1,"isRefresh":true"#]);
    assert!(!fold(&persisted).resources[1].holds("dependencies"));
    assert_eq!(resources(&after(&[MADE, r#""kind":3,"operationID":2,"removeNew":1"#])), "a b c");
}

#[test]
fn after_a_rebuilt_base_indices_count_anew() {
    let rebuilt = [r#""kind":3,"operationID":1,"removeOld":0"#, BEGIN, MADE, r#""kind":7,"operationID":0"#];
    assert_eq!(resources(&after(&rebuilt)), "new b c");
    let then = |fields: &str| {
        let mut replay = after(&rebuilt);
        replay.add(entry(5, fields)).map(|_| resources(&replay))
    };
    assert_eq!(then(r#""kind":1,"operationID":2,"removeOld":0"#).expect("the new one"), "b c");
    then(r#""kind":1,"operationID":2,"removeNew":1"#).expect_err("operations before it are forgotten");
    then(r#""kind":1,"operationID":2,"removeOld":3"#).expect_err("there are three");
    let mut replay = after(&rebuilt);
    assert!(!replay.add(entry(3, MADE)).expect("a duplicate"), "numbers are not forgotten");
}

#[test]
fn a_write_replaces_the_base_before_anything_refers_to_it() {
    let write = r#""kind":5,"operationID":0,"newSnapshot":{"manifest":{},"resources":[{"urn":"w","type":"t"}]}"#;
    assert_eq!(resources(&after(&[write, MADE])), "new w");
    for before in [MADE, r#""kind":1,"operationID":1,"removeOld":0"#] {
        let mut replay = after(&[before]);
        replay.add(entry(2, write)).expect_err("the index would point into another list");
    }
}

#[test]
fn secrets_providers_snippets_and_extensions_follow_the_journal() {
    let salt =
        |replay: &Replay| fold(replay).secrets_providers.and_then(|it| it.get("state").map(|it| it.get().to_owned()));
    let provider =
        |state: &str| format!(r#""kind":6,"operationID":0,"secretsProvider":{{"state":{state},"type":"passphrase"}}"#);
    assert_eq!(salt(&after(&[&provider(r#"{"salt":"v1:b"}"#)])).as_deref(), Some(r#"{"salt":"v1:b"}"#));
    let same = after(&[&provider(r#"{"salt":"v1:a"}"#)]);
    let kept = serde_json::to_string(&fold(&same).secrets_providers).expect("JSON");
    assert!(kept.starts_with(r#"{"type""#), "the former text stays: {kept}");

    let snippets = after(&[r#""kind":9,"operationID":0,"snippets":[{"uuid":"1"}]"#]);
    assert_eq!(fold(&snippets).snippets.len(), 1);
    assert!(
        String::from_utf8_lossy(&fold(&snippets).to_export())
            .starts_with(r#"{"version":4,"features":["snippets-prototype"]"#)
    );
    assert!(
        fold(&after(&[r#""kind":9,"operationID":0,"snippets":[{"uuid":"1"}]"#, r#""kind":9,"operationID":0"#]))
            .snippets
            .is_empty()
    );

    let extension =
        |name: &str| format!(r#""kind":8,"operationID":1,"extensionRef":"r","extension":{{"name":"{name}"}}"#);
    let twice = fold(&after(&[&extension("one"), &extension("two")]));
    assert_eq!(twice.extensions.get("r").map(RawValue::get), Some(r#"{"name":"two"}"#));
    let kept = fold(&after(&[&extension("one"), r#""kind":7,"operationID":0"#, &extension("two")]));
    assert_eq!(kept.extensions.get("r").map(RawValue::get), Some(r#"{"name":"one"}"#), "the base goes before");
}

#[test]
fn byte_strings_are_remembered_from_entries_and_from_the_base() {
    let features = |replay: &Replay| fold(replay).features().into_iter().collect::<Vec<_>>().join(" ");
    assert_eq!(features(&after(&[MADE])), "");
    assert_eq!(features(&after(&[&format!(r#"{MADE},"requiresByteString":true"#)])), "byteString");
    let text = format!(r#"{{"version":4,"features":["byteString","taint"],"deployment":{BASE}}}"#);
    let base = Deployment::from_export(text.as_bytes(), "zone", "a test").expect("a deployment");
    assert_eq!(features(&Replay::new(base)), "byteString", "what resources show is counted again");
}

#[test]
fn an_entry_that_names_nothing_is_refused_and_changes_nothing() {
    for (fields, cause) in [
        (r#""kind":1,"operationID":2,"removeOld":3"#, "it names resource 3 of 3 in the deployment before"),
        (r#""kind":1,"operationID":2,"deleteOld":9"#, "it names resource 9 of 3"),
        (r#""kind":1,"operationID":2,"pendingReplacementOld":3"#, "it names resource 3 of 3"),
        (r#""kind":1,"operationID":2,"removeNew":7"#, "it names the resource of operation 7, which has made none"),
        (r#""kind":1,"operationID":2,"deleteNew":7"#, "it names the resource of operation 7"),
        (r#""kind":1,"operationID":2,"pendingReplacementNew":7"#, "it names the resource of operation 7"),
        (r#""kind":3,"operationID":2,"removeOld":3"#, "it names resource 3 of 3"),
        (r#""kind":3,"operationID":2,"removeNew":7"#, "it names the resource of operation 7"),
        (r#""kind":4,"operationID":2,"removeOld":3,"state":{"urn":"u","type":"t"}"#, "it names resource 3 of 3"),
        (r#""kind":4,"operationID":2,"removeNew":7,"state":{"urn":"u","type":"t"}"#, "it names the resource of op"),
    ] {
        let mut replay = after(&[BEGIN, MADE]);
        let refused = replay.add(entry(3, fields)).expect_err(fields);
        let whole = format!("replaying entry 3 of the engine's journal: {cause}");
        assert!(refused.message.starts_with(&whole), "{refused}");
        assert_eq!(fold(&replay).to_export(), fold(&after(&[BEGIN, MADE])).to_export());
        let sound = fields.replace('9', "2").replace("Old\":3", "Old\":2").replace('7', "1");
        replay.add(entry(3, &sound)).expect("one that names something is accepted under the same number");
    }
}

#[test]
fn a_duplicate_is_passed_over_and_another_entry_of_its_number_refused() {
    let mut replay = after(&[BEGIN, MADE]);
    assert!(!replay.add(entry(2, MADE)).expect("the same"));
    assert_eq!(resources(&replay), "new a b c");
    let refused = replay.add(entry(2, BEGIN)).expect_err("another one");
    assert!(refused.message.ends_with("there is another entry of this number"), "{refused}");
}

#[test]
fn a_gap_is_allowed_and_found() {
    let mut replay = after(&[BEGIN]);
    assert_eq!((new().missing(), replay.missing()), (None, None));
    replay.add(entry(3, MADE)).expect("it may overtake another one");
    assert_eq!(replay.missing(), Some(2));
    replay.add(entry(2, r#""kind":9,"operationID":0"#)).expect("the late one");
    assert_eq!(replay.missing(), None);
}
