//! What a program gives, in the one form that Check, Diff and Read work with: an empty text or object is no value, a
//! resource stands for its id, and a JSON property is a text.

use super::{
    check::is_reserved,
    schema::{Property, Type},
};
use crate::value::{Map, Value};

/// The same properties in that form, at any depth. Doing it twice is as doing it once.
///
/// Variables have `""` as their default in many programs, and AWS answers with nothing where it was given `""` or `{}`,
/// so the official provider takes them for absent, too. What is required stays, for Check to name it.
#[must_use]
pub fn settled(map: Map, properties: &[Property]) -> Map {
    let settle = |(name, value): (String, Value)| {
        let Some(property) = properties.iter().find(|p| p.name == name) else { return Some((name, value)) };
        let value = self::value(property, property.kind, value);
        (!is_nothing(property, &value)).then_some((name, value))
    };
    map.into_iter().filter_map(settle).collect()
}

fn value(property: &Property, kind: Type, value: Value) -> Value {
    let within = |kind: Type, value: Value| self::value(property, kind, value);
    match (kind, value) {
        (kind, Value::Secret(inner)) => within(kind, *inner).secret(),
        (Type::String, Value::Reference { id: Some(id), .. }) => Value::String(id),
        (Type::String, json @ (Value::Object(_) | Value::Array(_))) if property.json => text(json),
        (Type::List(item), Value::Array(items)) => Value::Array(items.into_iter().map(|v| within(*item, v)).collect()),
        (Type::Map(item), Value::Object(map)) => {
            Value::Object(map.into_iter().map(|(k, v)| (k, within(*item, v))).collect())
        }
        (Type::Object(shape), Value::Object(map)) => Value::Object(settled(map, shape.properties)),
        (_, other) => other,
    }
}

/// A JSON text: unknown where any part of it is, and secret where any part of it is.
fn text(json: Value) -> Value {
    let (unknown, secret) = (json.has_unknown(), json.has_secret());
    let text = match json.exposed() {
        _ if unknown => Value::Unknown,
        Value::Object(map) if map.is_empty() => Value::String(String::new()),
        json => Value::String(by_id(json).to_json().to_string()),
    };
    if secret { text.secret() } else { text }
}

/// With each resource's id in its place.
fn by_id(value: Value) -> Value {
    match value {
        Value::Reference { id: Some(id), .. } => Value::String(id),
        Value::Array(items) => Value::Array(items.into_iter().map(by_id).collect()),
        Value::Object(map) => Value::Object(map.into_iter().map(|(k, v)| (k, by_id(v))).collect()),
        other => other,
    }
}

/// Whether a value is as good as none.
fn is_nothing(property: &Property, value: &Value) -> bool {
    let empty = match (property.kind, value) {
        (_, Value::Secret(inner)) => return is_nothing(property, inner),
        (Type::String, Value::String(text)) => text.is_empty(),
        // of an object with required properties Check says which are missing
        (Type::Object(shape), Value::Object(map)) => {
            map.keys().all(|k| is_reserved(k)) && shape.properties.iter().all(|p| !p.required)
        }
        _ => false,
    };
    // what means the same as no value may as well stay as it was given
    empty && !property.required && !property.empty && property.absent() != *value
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        provider::schema::{Default, Shape},
        value::ToValue,
    };

    const INNER: Shape = Shape {
        name: "Inner",
        description: "",
        properties: &[
            Property::new("text", "", Type::String),
            Property { empty: true, ..Property::new("kept", "", Type::String) },
        ],
    };
    const STRICT: Shape = Shape {
        name: "Strict",
        description: "",
        properties: &[Property { required: true, ..Property::new("text", "", Type::String) }],
    };
    const PROPERTIES: &[Property] = &[
        Property::new("text", "", Type::String),
        Property { required: true, ..Property::new("name", "", Type::String) },
        Property { default: Some(Default::String("/")), ..Property::new("path", "", Type::String) },
        Property { default: Some(Default::String("")), ..Property::new("prefix", "", Type::String) },
        Property::new("inner", "", Type::Object(&INNER)),
        Property { empty: true, ..Property::new("device", "", Type::Object(&INNER)) },
        Property::new("strict", "", Type::Object(&STRICT)),
        Property::new("list", "", Type::List(&Type::Object(&INNER))),
        Property::new("tags", "", Type::Map(&Type::String)),
        Property { json: true, ..Property::new("policy", "", Type::String) },
        Property::new("roles", "", Type::List(&Type::String)),
    ];

    fn map(fields: &[(&str, Value)]) -> Map {
        fields.iter().map(|(k, v)| ((*k).to_owned(), v.clone())).collect()
    }
    fn object(fields: &[(&str, Value)]) -> Value {
        Value::Object(map(fields))
    }
    fn settled(fields: &[(&str, Value)]) -> Map {
        let once = super::settled(map(fields), PROPERTIES);
        assert_eq!(super::settled(once.clone(), PROPERTIES), once, "twice is as once");
        once
    }

    #[test]
    fn empty_texts_and_objects_are_no_value_at_any_depth() {
        let nothing = ["".to_value(), "".to_value().secret()];
        for none in nothing {
            let inner = object(&[("text", none.clone())]);
            let given = [
                ("text", none.clone()),
                ("path", none.clone()),
                ("policy", none.clone()),
                ("inner", inner.clone()),
                ("list", Value::Array(vec![inner, object(&[("text", "x".to_value())])])),
            ];
            let items = Value::Array(vec![object(&[]), object(&[("text", "x".to_value())])]);
            assert_eq!(settled(&given), map(&[("list", items)]));
        }
        let by_official = object(&[("__defaults", Value::Array(vec![]))]);
        assert_eq!(settled(&[("inner", by_official)]), Map::new());
    }

    #[test]
    fn what_is_empty_and_says_something_stays() {
        let stays = [
            ("name", "".to_value()),
            ("prefix", "".to_value()),
            ("inner", object(&[("kept", "".to_value())])),
            ("device", object(&[])),
            ("strict", object(&[])),
            ("tags", object(&[("k", "".to_value())])),
            ("list", Value::Array(vec![])),
            ("text", Value::Unknown),
        ];
        assert_eq!(settled(&stays), map(&stays));
    }

    #[test]
    fn a_document_given_as_an_object_is_its_text() {
        let policy = |value: Value| settled(&[("policy", value)]).remove("policy");
        let action = |value: Value| object(&[("Action", value), ("Deep", Value::Array(vec![Value::Number(1.0)]))]);
        let text = r#"{"Action":"s3:*","Deep":[1]}"#;
        assert_eq!(policy(action("s3:*".to_value())), Some(text.to_value()));
        assert_eq!(policy(action("s3:*".to_value().secret())), Some(text.to_value().secret()));
        assert_eq!(policy(action("s3:*".to_value()).secret()), Some(text.to_value().secret()));
        assert_eq!(policy(action(Value::Unknown)), Some(Value::Unknown));
        assert_eq!(policy(action(Value::Unknown.secret())), Some(Value::Unknown.secret()));
        assert_eq!(policy(Value::Array(vec!["a".to_value()])), Some(r#"["a"]"#.to_value()));
        assert_eq!(policy(text.to_value()), Some(text.to_value()));
        assert_eq!(policy(object(&[])), None);
        let no_document = object(&[("a", "b".to_value())]);
        assert_eq!(settled(&[("text", no_document.clone())]), map(&[("text", no_document)]), "for Check to refuse");
    }

    #[test]
    fn a_resource_stands_for_its_id() {
        let role = |id: Option<&str>| Value::Reference { urn: "urn:role".into(), id: id.map(str::to_owned) };
        let given = [
            ("name", role(Some("r"))),
            ("roles", Value::Array(vec![role(Some("r")).secret()])),
            ("tags", object(&[("k", role(Some("r")))])),
            ("inner", object(&[("text", role(Some("r")))])),
            ("policy", object(&[("Resource", role(Some("r")))])),
        ];
        let id = "r".to_value();
        let wanted = [
            ("name", id.clone()),
            ("roles", Value::Array(vec![id.clone().secret()])),
            ("tags", object(&[("k", id.clone())])),
            ("inner", object(&[("text", id)])),
            ("policy", r#"{"Resource":"r"}"#.to_value()),
        ];
        assert_eq!(settled(&given), map(&wanted));
        assert_eq!(
            settled(&[("name", role(None))]),
            map(&[("name", role(None))]),
            "a component has no id: Check says so"
        );
    }
}
