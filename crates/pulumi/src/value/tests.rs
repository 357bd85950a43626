//! Tests of values on the wire and in types.

use super::*;

fn round_trip(value: &Value) -> Value {
    Value::from_wire(value.clone().into_wire())
}

#[test]
fn every_kind_survives_the_wire() {
    let object: Map = [
        ("text".to_owned(), "x".to_value()),
        ("list".to_owned(), Value::Array(vec![Value::Unknown, Value::Bool(true), Value::Number(1.5)])),
        ("hidden".to_owned(), Value::Object([("deep".to_owned(), Value::Unknown)].into()).secret()),
        ("other".to_owned(), Value::Reference { urn: "urn:pulumi:s::p::t::n".into(), id: Some("i".into()) }),
    ]
    .into();
    let value = Value::Object(object);
    assert_eq!(round_trip(&value), value);
    assert!(value.has_unknown() && value.has_secret());
    assert!(!value.exposed().has_secret());
}

#[test]
fn an_output_value_is_flattened_and_keeps_its_secret() {
    let wire = |value: Option<Value>, secret: bool| {
        let mut map: Map =
            [(SIGNATURE.to_owned(), OUTPUT.to_value()), ("secret".to_owned(), Value::Bool(secret))].into();
        map.extend(value.map(|v| ("value".to_owned(), v)));
        Value::from_wire(Value::Opaque(map).into_wire())
    };
    assert_eq!(wire(None, false), Value::Unknown);
    assert_eq!(wire(Some("x".to_value()), true), "x".to_value().secret());
}

#[test]
fn each_unknown_sentinel_is_known() {
    for sentinel in UNKNOWNS {
        assert_eq!(Value::from_wire(Value::String(sentinel.into()).into_wire()), Value::Unknown);
    }
}

#[test]
fn a_wrong_type_is_named() {
    assert_eq!(
        Vec::<String>::from_value(&Value::Array(vec![Value::Bool(true)])),
        Err("[0]: expected a string, found a boolean".into())
    );
    assert_eq!(i32::from_value(&Value::Number(1.5)), Err("expected a whole number, found 1.5".into()));
}

#[test]
fn a_number_is_whole_and_in_range() {
    let (int, long) = (|n| i32::from_value(&Value::Number(n)), |n| i64::from_value(&Value::Number(n)));
    assert_eq!((int(2_147_483_647.0), long(-9_007_199_254_740_991.0)), (Ok(i32::MAX), Ok(-9_007_199_254_740_991)));
    let message = "expected a whole number from -2147483648 to 2147483647, found 2147483648";
    assert_eq!(int(2_147_483_648.0), Err(message.into()));
    for n in [9_007_199_254_740_992.0, -9_007_199_254_740_992.0, 1e300, f64::INFINITY, f64::NAN, 0.5] {
        assert!(long(n).is_err() && int(n).is_err(), "{n}");
    }
    // beyond what a double holds exactly, a number is not read as another one
    for n in [i64::MAX, i64::MIN, (1 << 53) + 1] {
        assert!(i64::from_value(&n.to_value()).is_err(), "{n}");
    }
    assert_eq!(i64::from_value(&(1_i64 << 40).to_value()), Ok(1 << 40));
}

#[test]
fn a_mark_goes_over_to_what_was_read() {
    let object =
        |fields: &[(&str, Value)]| Value::Object(fields.iter().map(|(k, v)| ((*k).to_owned(), v.clone())).collect());
    let old = object(&[
        ("a", "1".to_value().secret()),
        ("b", "2".to_value()),
        ("c", Value::Array(vec!["3".to_value().secret()])),
    ]);
    let live =
        object(&[("a", "x".to_value()), ("b", "y".to_value()), ("c", Value::Array(vec![])), ("d", "z".to_value())]);
    let marked = object(&[
        ("a", "x".to_value().secret()),
        ("b", "y".to_value()),
        ("c", Value::Array(vec![]).secret()),
        ("d", "z".to_value()),
    ]);
    assert_eq!(live.clone().secret_as(&old), marked);
    assert_eq!(live.clone().secret_as(&old.clone().secret()), live.secret());
    assert_eq!(old.secrets(), ["1", "3"]);
}
