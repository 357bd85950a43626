//! What a program may give in several forms, for every type from its sample: each form is the same resource, so none of
//! them changes what was made.

use pulumi::{
    proto::diff_response::DiffChanges,
    provider::schema::{Default, Property, Type},
    urn,
    value::{Map, ToValue, Value},
};
use serde_json::{Value as Json, json};

use super::{Bench, Made, REGION, Sample, map};

/// All of them, of a resource that was made of the sample.
pub(super) async fn mean_the_same(bench: &Bench, sample: &Sample, made: &Made) {
    let inputs = bench.instance.catalog().schema(sample.token).expect("a known token").inputs.clone();
    let given = map(&bench.fill(&sample.sample));
    let check = |news: Map| bench.check(&made.urn, made.inputs.clone(), news);

    let padded = pad(&given, &inputs);
    assert_eq!(check(padded.clone()).await, made.inputs, "empty texts and objects are as not given");
    // as a state has it that was written before that was so
    let old = pad(&made.inputs, &inputs);
    bench.assert_same(made, &old, &made.inputs, "without empty values that were there").await;
    let read = bench.read(made, Some(&old)).await.expect("it is there").0;
    assert_eq!(read, made.inputs, "a refresh leaves empty values out");

    let referred = check(given.iter().map(|(k, v)| (k.clone(), refer(v))).collect()).await;
    assert_eq!(referred, made.inputs, "a resource stands for its id");

    let documents: Vec<_> = inputs.iter().filter(|p| p.json && given.contains_key(p.name)).collect();
    for property in &documents {
        let text = given[property.name].as_str().expect("a JSON text");
        let document: Json = serde_json::from_str(text).expect("JSON");
        let with = |value: Value| {
            let mut news = given.clone();
            news.insert(property.name.to_owned(), value);
            news
        };
        let as_object = check(with(super::value(&document))).await;
        assert!(as_object[property.name].as_str().is_some(), "{} is a text", property.name);
        bench.assert_same(made, &made.inputs, &as_object, "a document as an object").await;
        if property.equal.is_some() {
            let other = check(with(another_form(document).to_string().to_value())).await;
            assert_ne!(other, made.inputs);
            bench.assert_same(made, &made.inputs, &other, "a policy in another form").await;
        }
    }

    let hushed = check(given.iter().map(|(k, v)| (k.clone(), v.clone().secret())).collect()).await;
    assert_eq!(bench.diff(made, &made.inputs, &hushed).await.changes, DiffChanges::DiffNone as i32, "secret or not");
    let (inputs, state) = bench.read(made, Some(&hushed)).await.expect("it is there");
    let derived = given.contains_key("tags").then(|| "tagsAll".to_owned());
    for name in given.keys().cloned().chain(derived) {
        for (place, of) in [("check", &hushed), ("inputs", &inputs), ("state", &state)] {
            let value = of.get(&name);
            assert!(value.is_none_or(Value::has_secret), "{name} of {place} is made of secrets: {value:?}");
        }
    }
}

/// Found by `id@region`, too, where its type has a region.
pub(super) async fn region_in_id(bench: &Bench, sample: &Sample, named: &Made, found: &Map) {
    let schema = bench.instance.catalog().schema(urn::kind(&named.urn)).expect("a known token");
    if schema.input("region").is_none() {
        return;
    }
    let found_there = bench.import(&named.urn, &format!("{}@{REGION}", named.id)).await;
    let (id, inputs, _) = found_there.unwrap_or_else(|| panic!("{} is found by id@region", sample.token));
    let (alone, _, _) = bench.import(&named.urn, &named.id).await.expect("it is found by its id");
    assert_eq!((&id, &inputs), (&alone, found), "as by its id alone");
}

/// With empty texts and objects in the place of all that is not given and may be.
fn pad(given: &Map, properties: &[Property]) -> Map {
    let mut padded = given.clone();
    for property in properties {
        let Some(value) = padded.get_mut(property.name) else {
            let empty = match property.kind {
                Type::String => "".to_value(),
                Type::Object(shape) if shape.properties.iter().all(|p| !p.required) => Value::Object(Map::new()),
                _ => continue,
            };
            let as_by_default = matches!(property.default, Some(Default::Empty | Default::String("")));
            if !property.required && !property.empty && !as_by_default {
                padded.insert(property.name.to_owned(), empty);
            }
            continue;
        };
        pad_within(value, property.kind);
    }
    padded
}

fn pad_within(value: &mut Value, kind: Type) {
    match (kind, value) {
        (Type::Object(shape), Value::Object(map)) => *map = pad(map, shape.properties),
        (Type::List(item), Value::Array(items)) => items.iter_mut().for_each(|v| pad_within(v, *item)),
        (kind, Value::Secret(inner)) => pad_within(inner, kind),
        _ => {}
    }
}

/// With a resource of this id in the place of each text.
fn refer(value: &Value) -> Value {
    match value {
        Value::String(id) if !id.is_empty() => {
            Value::Reference { urn: "urn:pulumi:test::test::a:b/c:C::n".to_owned(), id: Some(id.clone()) }
        }
        Value::Array(items) => Value::Array(items.iter().map(refer).collect()),
        Value::Object(map) => Value::Object(map.iter().map(|(k, v)| (k.clone(), refer(v))).collect()),
        other => other.clone(),
    }
}

/// A policy as AWS may give it back.
fn another_form(mut document: Json) -> Json {
    let mut statements = match document["Statement"].take() {
        Json::Array(all) => all,
        one => vec![one],
    };
    for statement in &mut statements {
        let fields = statement.as_object_mut().expect("a statement is an object");
        fields.entry("Sid").or_insert_with(|| json!(""));
        for name in ["Action", "Resource"] {
            if let Some(Json::String(one)) = fields.get(name).cloned() {
                fields.insert(name.to_owned(), json!([one]));
            }
        }
        if let Some(Json::String(root)) = fields.get("Principal").map(|p| p["AWS"].clone()) {
            let account = root.strip_prefix("arn:aws:iam::").and_then(|rest| rest.strip_suffix(":root"));
            fields["Principal"]["AWS"] = account.map_or_else(|| json!([root]), |account| json!(account));
        }
    }
    statements.reverse();
    document["Statement"] = if statements.len() == 1 { statements.remove(0) } else { statements.into() };
    document
}
