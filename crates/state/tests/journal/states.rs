//! States of resources as providers and the engine write them, with all fields that there are.

use serde_json::{Map, Value, json};

use crate::random::Random;

pub(crate) type State = Map<String, Value>;

pub(crate) fn urn(types: &str, name: &str) -> String {
    format!("urn:pulumi:dev::zone::{types}::{name}")
}

pub(crate) fn text<'a>(state: &'a State, field: &str) -> &'a str {
    state.get(field).and_then(Value::as_str).unwrap_or_default()
}

/// The stack itself.
pub(crate) fn stack() -> State {
    state(json!({"urn": urn("pulumi:pulumi:Stack", "zone-dev"), "custom": false, "type": "pulumi:pulumi:Stack"}))
}

pub(crate) fn provider(random: &mut Random, name: &str) -> State {
    let id = *random.pick(&["6a4c", "04da6b54-80e4-46f7-96ec-b56ff0331ba9", ""]);
    let mut made = state(json!({
        "urn": urn("pulumi:providers:aws", name), "custom": true, "type": "pulumi:providers:aws",
        "inputs": {"region": "eu-west-1", "version": "7.1.0"}, "parent": urn("pulumi:pulumi:Stack", "zone-dev"),
    }));
    if !id.is_empty() {
        made.insert("id".to_owned(), json!(id));
    }
    made
}

/// The state of a new resource; `needs` are the URNs that it may refer to, `provider` the reference to its provider.
pub(crate) fn resource(random: &mut Random, number: usize, needs: &[String], provider: &str) -> State {
    let kind = *random.pick(&["aws:s3/bucket:Bucket", "aws:sqs:Queue", "zone:index:Component", "a:b:C"]);
    let component = kind == "zone:index:Component";
    let name = *random.pick(&["logs", "kleine Übung", "a::b", "x<y>&z"]);
    let mut made = state(json!({"urn": urn(kind, &format!("{name}-{number}")), "custom": !component, "type": kind}));
    if !component {
        made.insert("id".to_owned(), json!(format!("id-{number}")));
        made.insert("provider".to_owned(), json!(provider));
    }
    made.insert("inputs".to_owned(), properties(random, 2));
    if random.percent(80) {
        made.insert("outputs".to_owned(), properties(random, 2));
    }
    refer(random, &mut made, needs);
    embellish(random, &mut made);
    made
}

/// A later state of the same resource.
pub(crate) fn changed(random: &mut Random, former: &State) -> State {
    let mut made = former.clone();
    made.remove("delete");
    made.remove("pendingReplacement");
    made.insert("outputs".to_owned(), properties(random, 2));
    if random.percent(30) {
        made.insert("modified".to_owned(), json!("2026-11-26T08:04:11.123456789Z"));
    }
    if random.percent(10) {
        made.remove("dependencies");
    }
    made
}

/// A later state under another name, or another type, with the former URN as its alias.
pub(crate) fn renamed(random: &mut Random, former: &State, number: usize) -> State {
    let mut made = changed(random, former);
    let old = text(former, "urn").to_owned();
    let (whole, _) = old.rsplit_once("::").expect("a URN");
    let kind = text(former, "type");
    let new = if random.percent(50) {
        format!("{whole}::renamed-{number}")
    } else {
        made.insert("type".to_owned(), json!(format!("{kind}2")));
        old.replace(&format!("{kind}::"), &format!("{kind}2::"))
    };
    made.insert("urn".to_owned(), json!(new));
    let alias = old.clone();
    made.insert(
        "aliases".to_owned(),
        match random.below(40) {
            0 => json!([old, "urn:pulumi:dev::zone::a:b:C::other"]),
            1..10 => json!([old, alias]),
            _ => json!([old]),
        },
    );
    made
}

fn refer(random: &mut Random, made: &mut State, needs: &[String]) {
    let stack = urn("pulumi:pulumi:Stack", "zone-dev");
    made.insert(
        "parent".to_owned(),
        json!(if random.percent(70) || needs.is_empty() { &stack } else { random.pick(needs) }),
    );
    if needs.is_empty() {
        return;
    }
    let some = |random: &mut Random| -> Vec<String> {
        let count = random.below(4);
        (0..count).map(|_| random.pick(needs).clone()).collect()
    };
    if random.percent(60) {
        let list = some(random);
        made.insert("dependencies".to_owned(), json!(list));
    }
    if random.percent(50) {
        let mut lists = Map::new();
        for key in ["bucket", "na me", "z\"q"] {
            match random.below(5) {
                0 => lists.insert(key.to_owned(), Value::Null),
                1 => lists.insert(key.to_owned(), json!([])),
                2 | 3 => lists.insert(key.to_owned(), json!(some(random))),
                _ => None,
            };
        }
        made.insert("propertyDependencies".to_owned(), Value::Object(lists));
    }
    for (field, share) in [("deletedWith", 15), ("viewOf", 5)] {
        if random.percent(share) {
            made.insert(field.to_owned(), json!(random.pick(needs)));
        }
    }
    if random.percent(8) {
        made.insert("replaceWith".to_owned(), json!([random.pick(needs)]));
    }
}

fn embellish(random: &mut Random, made: &mut State) {
    let fields = [
        ("protect", json!(true), 10),
        ("taint", json!(true), 2),
        ("external", json!(true), 5),
        ("retainOnDelete", json!(true), 5),
        ("refreshBeforeUpdate", json!(true), 2),
        ("initErrors", json!(["it timed out", "twice"]), 5),
        ("additionalSecretOutputs", json!(["arn"]), 5),
        ("customTimeouts", json!({"create": 60, "update": 0, "delete": 1.5}), 5),
        ("importID", json!("imported"), 5),
        ("created", json!("2026-01-02T03:04:05.5+02:00"), 30),
        ("sourcePosition", json!("project:///stacks/a.rs#1,2"), 20),
        ("stackTrace", json!([{"sourcePosition": "project:///a.rs#1,2"}]), 10),
        ("ignoreChanges", json!(["tags"]), 5),
        ("hideDiff", json!(["tags"]), 2),
        ("replaceOnChanges", json!(["name"]), 5),
        ("replacementTrigger", json!({"n": [1, null]}), 5),
        ("resourceHooks", json!({"beforeCreate": ["hook"]}), 2),
        ("extensionRef", json!("ref-1"), 2),
        ("snippetID", json!("snippet-1"), 2),
    ];
    for (field, value, share) in fields {
        if random.percent(share) {
            made.insert(field.to_owned(), value);
        }
    }
}

fn properties(random: &mut Random, depth: usize) -> Value {
    let mut all = Map::new();
    for key in 0..random.below(4) {
        let value = match random.below(if depth == 0 { 6 } else { 8 }) {
            0 => json!("text with \"quotes\", \\ and <&>\u{2028} ü \u{1f980}\n"),
            1 => json!(1.5e-9),
            2 => json!(-42),
            3 => {
                json!({"4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270", "ciphertext": "v1:a/b+c="})
            }
            4 => json!([true, null, "", 0]),
            5 => json!(1e21),
            _ => properties(random, depth - 1),
        };
        all.insert(format!("key{key}"), value);
    }
    Value::Object(all)
}

fn state(value: Value) -> State {
    match value {
        Value::Object(state) => state,
        _ => State::new(),
    }
}
