//! Check: are these inputs of this shape? Answers with a place and a way out, and never goes to the network.

use sha2::{Digest, Sha256};

use super::schema::{Property, ResourceSchema, Type};
use crate::value::{INT, LONG, Map, Value, between, is_whole};

/// An input that cannot be accepted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// The property's path, such as `rules[0].status`.
    pub property: String,
    /// What is wrong with it, and what would be right.
    pub reason: String,
}

/// Keys that the official provider keeps in inputs and state for itself.
pub fn is_reserved(key: &str) -> bool {
    key.starts_with("__")
}

/// All failures of `inputs` against `properties`.
pub fn check(inputs: &Map, properties: &[Property]) -> Vec<Failure> {
    let mut failures = Vec::new();
    object("", inputs, properties, &mut failures);
    failures
}

fn object(path: &str, map: &Map, properties: &[Property], failures: &mut Vec<Failure>) {
    let at = |name: &str| if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") };
    for (key, value) in map {
        match properties.iter().find(|p| p.name == key) {
            Some(property) => self::value(&at(key), value, property.kind, failures),
            None if is_reserved(key) => {}
            None => failures.push(Failure { property: at(key), reason: unknown(key, properties) }),
        }
    }
    for property in properties.iter().filter(|p| p.required) {
        let reason = match map.get(property.name) {
            None => format!("missing required property `{}`", property.name),
            Some(value) if value.as_str() == Some("") && !property.empty => {
                format!("required property `{}` is empty: give a value", property.name)
            }
            Some(_) => continue,
        };
        failures.push(Failure { property: at(property.name), reason });
    }
}

fn unknown(key: &str, properties: &[Property]) -> String {
    let near = properties.iter().map(|p| (strsim::damerau_levenshtein(key, p.name), p.name)).min();
    match near {
        Some((distance, name)) if distance <= 3 => format!("unknown property `{key}`; did you mean `{name}`?"),
        _ => {
            let known: Vec<_> = properties.iter().map(|p| p.name).collect();
            format!("property `{key}` is not supported by this provider; it knows {}", known.join(", "))
        }
    }
}

fn value(path: &str, value: &Value, kind: Type, failures: &mut Vec<Failure>) {
    let mut wrong = |expected: &str| {
        let reason = format!("expected {expected}, found {}", value.type_name());
        failures.push(Failure { property: path.to_owned(), reason });
    };
    match (kind, value) {
        (_, Value::Unknown | Value::Null)
        | (Type::String, Value::String(_))
        | (Type::Bool, Value::Bool(_))
        | (Type::Number, Value::Number(_))
        | (Type::Asset, Value::Asset(_))
        | (Type::Archive, Value::Archive(_)) => {}
        (_, Value::Secret(inner)) => self::value(path, inner, kind, failures),
        (Type::Integer, Value::Number(n)) if is_whole(*n, &INT) => {}
        (Type::Long, Value::Number(n)) if is_whole(*n, &LONG) => {}
        (Type::Integer, Value::Number(n)) if n.fract() == 0.0 => wrong(&between(&INT)),
        (Type::Long, Value::Number(n)) if n.fract() == 0.0 => wrong(&between(&LONG)),
        (Type::List(item), Value::Array(items)) => {
            for (i, v) in items.iter().enumerate() {
                self::value(&format!("{path}[{i}]"), v, *item, failures);
            }
        }
        (Type::Map(item), Value::Object(map)) => {
            for (k, v) in map.iter().filter(|(k, _)| !is_reserved(k)) {
                self::value(&format!("{path}.{k}"), v, *item, failures);
            }
        }
        (Type::Object(shape), Value::Object(map)) => object(path, map, shape.properties, failures),
        (Type::String, _) => wrong("a string"),
        (Type::Bool, _) => wrong("a boolean"),
        (Type::Number, _) => wrong("a number"),
        (Type::Integer | Type::Long, _) => wrong("a whole number"),
        (Type::Asset, _) => wrong("an asset"),
        (Type::Archive, _) => wrong("an archive"),
        (Type::List(_), _) => wrong("a list"),
        (Type::Map(_) | Type::Object(_), _) => wrong("an object"),
    }
}

/// How the engine wants generated names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Autonaming {
    /// Our own way: `<logical name>-<7 hex digits>`, as the official provider does.
    Ours,
    /// This name, from the stack's configuration.
    Exactly(String),
    /// None: a name has to be given.
    Disabled,
}

/// Gives a name to every input that generates one: the old one if there was one, else a new one made from
/// `seed` (so that a preview and its update agree), after the prefix if one is given. `fit` has the last word.
pub fn autoname(
    schema: &ResourceSchema,
    logical: &str,
    olds: &Map,
    news: &mut Map,
    seed: &[u8],
    way: &Autonaming,
    fit: impl Fn(&Map, String) -> String,
) -> Option<Failure> {
    let digest = Sha256::new().chain_update(seed).chain_update(logical).finalize();
    let hex: String =
        digest.iter().flat_map(|b| [b >> 4, b & 15]).take(7).filter_map(|d| char::from_digit(d.into(), 16)).collect();
    for property in schema.inputs.iter().filter(|p| p.autoname) {
        let by_prefix = format!("{}Prefix", property.name);
        let prefix = news.get(&by_prefix).cloned().map(Value::exposed).filter(|p| *p != Value::Null);
        if prefix.is_some() && property.computed {
            // the type itself completes it, when it makes the thing
            continue;
        }
        let old = olds.get(property.name);
        if let Some(name) = news.get(property.name) {
            // ignoreChanges puts back the name that a prefix made
            if prefix.is_some() && old != Some(name) {
                let reason = format!("give `{}` or `{by_prefix}`, not both", property.name);
                return Some(Failure { property: by_prefix, reason });
            }
            continue;
        }
        let fits = |prefix: &String| old.and_then(Value::as_str).filter(|old| old.starts_with(prefix.as_str()));
        let is_secret = news.get(&by_prefix).is_some_and(Value::has_secret);
        let name = match (prefix, old, way) {
            (Some(Value::String(prefix)), ..) => match fits(&prefix) {
                Some(old) => Value::String(old.to_owned()),
                None => Value::String(fit(news, format!("{prefix}{hex}"))),
            },
            (Some(_), ..) => Value::Unknown,
            (None, Some(old), _) => old.clone(),
            (None, None, Autonaming::Ours) => Value::String(fit(news, format!("{logical}-{hex}"))),
            (None, None, Autonaming::Exactly(name)) => Value::String(fit(news, name.clone())),
            (None, None, Autonaming::Disabled) => {
                let reason = "automatic naming is disabled for this resource; give a name".to_owned();
                return Some(Failure { property: property.name.to_owned(), reason });
            }
        };
        news.insert(property.name.to_owned(), if is_secret { name.secret() } else { name });
    }
    None
}

/// Whether a name is one that [`autoname`] made: a replacement gets another one.
pub fn was_generated(property: &Property, logical: &str, inputs: &Map) -> bool {
    let Some(name) = inputs.get(property.name).and_then(Value::as_str) else { return false };
    let hex = |rest: &str| rest.len() >= 7 && rest.as_bytes()[..7].iter().all(u8::is_ascii_hexdigit);
    let by_logical_name = name.split_once(&format!("{logical}-")).is_some_and(|(_, rest)| hex(rest));
    by_logical_name || inputs.contains_key(&format!("{}Prefix", property.name))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        asset::{Archive, Asset},
        provider::schema::Shape,
        value::ToValue,
    };

    const RULE: Shape = Shape {
        name: "Rule",
        description: "",
        properties: &[
            Property { required: true, ..Property::new("status", "", Type::String) },
            Property::new("days", "", Type::Integer),
        ],
    };
    const PROPERTIES: &[Property] = &[
        Property { required: true, ..Property::new("bucket", "", Type::String) },
        Property::new("rules", "", Type::List(&Type::Object(&RULE))),
    ];

    fn failures(inputs: &[(&str, Value)]) -> Vec<String> {
        let map = inputs.iter().map(|(k, v)| ((*k).to_owned(), v.clone())).collect();
        check(&map, PROPERTIES).into_iter().map(|f| format!("{}: {}", f.property, f.reason)).collect()
    }

    fn rule(fields: &[(&str, Value)]) -> Value {
        Value::Array(vec![Value::Object(fields.iter().map(|(k, v)| ((*k).to_owned(), v.clone())).collect())])
    }

    #[test]
    fn every_failure_is_named_with_its_place() {
        assert_eq!(
            failures(&[("buket", "x".to_value()), ("rules", rule(&[("days", Value::Number(1.5))]))]),
            [
                "buket: unknown property `buket`; did you mean `bucket`?",
                "rules[0].days: expected a whole number, found a number",
                "rules[0].status: missing required property `status`",
                "bucket: missing required property `bucket`",
            ]
        );
    }

    #[test]
    fn a_file_is_no_text() {
        let files = [Property::new("code", "", Type::Archive), Property::new("page", "", Type::Asset)];
        let failures = |code: Value, page: Value| {
            let map = [("code".to_owned(), code), ("page".to_owned(), page)].into();
            check(&map, &files).into_iter().map(|f| format!("{}: {}", f.property, f.reason)).collect::<Vec<_>>()
        };
        let (archive, asset) = (Archive::directory("code").to_value(), Asset::file("page.html").to_value());
        assert_eq!(failures(archive.clone(), asset.clone().secret()), Vec::<String>::new());
        assert_eq!(failures(Value::Unknown, Value::Unknown), Vec::<String>::new());
        assert_eq!(
            failures(asset, "page.html".to_value()),
            ["code: expected an archive, found an asset", "page: expected an asset, found a string"]
        );
        assert_eq!(failures(archive.clone(), archive), ["page: expected an asset, found an archive"]);
    }

    #[test]
    fn a_number_out_of_range_is_refused_with_the_range() {
        let counted = [Property::new("small", "", Type::Integer), Property::new("large", "", Type::Long)];
        let failures = |small: f64, large: f64| {
            let map = [("small".to_owned(), Value::Number(small)), ("large".to_owned(), Value::Number(large))].into();
            check(&map, &counted).into_iter().map(|f| format!("{}: {}", f.property, f.reason)).collect::<Vec<_>>()
        };
        assert_eq!(failures(-2_147_483_648.0, 9_007_199_254_740_991.0), Vec::<String>::new());
        assert_eq!(
            failures(2_147_483_648.0, 9_007_199_254_740_992.0),
            [
                "large: expected a whole number from -9007199254740991 to 9007199254740991, found a number",
                "small: expected a whole number from -2147483648 to 2147483647, found a number",
            ]
        );
        assert_eq!(failures(0.5, 1.0), ["small: expected a whole number, found a number"]);
    }

    #[test]
    fn what_is_required_and_empty_is_said_to_be_so() {
        let rules = rule(&[("status", "".to_value())]);
        for empty in ["".to_value(), "".to_value().secret()] {
            assert_eq!(
                failures(&[("bucket", empty), ("rules", rules.clone())]),
                [
                    "rules[0].status: required property `status` is empty: give a value",
                    "bucket: required property `bucket` is empty: give a value",
                ]
            );
        }
        let component = Value::Reference { urn: "u".into(), id: None };
        assert_eq!(failures(&[("bucket", component)]), ["bucket: expected a string, found a resource reference"]);
    }

    #[test]
    fn unknowns_and_secrets_pass_at_any_depth() {
        let rules = rule(&[("status", Value::Unknown), ("days", Value::Number(1.0).secret())]);
        assert_eq!(failures(&[("bucket", Value::Unknown.secret()), ("rules", rules)]), Vec::<String>::new());
        assert_eq!(failures(&[("bucket", "x".to_value()), ("rules", Value::Unknown)]), Vec::<String>::new());
    }

    #[test]
    fn a_generated_name_is_stable_for_a_seed_and_kept_afterwards() {
        let schema = ResourceSchema {
            token: "t",
            noun: "thing",
            description: "",
            inputs: vec![Property { autoname: true, ..Property::new("name", "", Type::String) }],
            outputs: vec![],
        };
        let name = |olds: &Map, seed: &[u8], way| {
            let mut news = Map::new();
            autoname(&schema, "dlq", olds, &mut news, seed, &way, |_, name| name)
                .map_or(news, |f| [("failure".to_owned(), f.reason.to_value())].into())
        };
        let first = name(&Map::new(), b"seed", Autonaming::Ours);
        assert_eq!(first, name(&Map::new(), b"seed", Autonaming::Ours));
        assert_ne!(first, name(&Map::new(), b"other", Autonaming::Ours));
        assert_eq!(first["name"].as_str().map(str::len), Some("dlq-".len() + 7));
        assert_eq!(first, name(&first, b"other", Autonaming::Ours));
        assert!(name(&Map::new(), b"", Autonaming::Disabled).contains_key("failure"));
    }

    #[test]
    fn a_prefix_makes_a_name_that_stays_while_it_fits() {
        let schema = ResourceSchema {
            token: "t",
            noun: "thing",
            description: "",
            inputs: vec![Property { autoname: true, ..Property::new("name", "", Type::String) }],
            outputs: vec![],
        };
        let named = |old: Option<&str>, news: &[(&str, Value)]| {
            let olds = old.map(|old| ("name".to_owned(), old.to_value())).into_iter().collect();
            let mut news = news.iter().map(|(k, v)| ((*k).to_owned(), v.clone())).collect();
            let failure = autoname(&schema, "dlq", &olds, &mut news, b"", &Autonaming::Ours, |_, name| name + "-x");
            failure.map_or_else(|| Ok(news["name"].as_str().unwrap_or("unknown").to_owned()), |f| Err(f.reason))
        };
        let first = named(None, &[("namePrefix", "a-".to_value())]).expect("a name");
        assert!(first.starts_with("a-") && first.ends_with("-x") && first.len() == "a-1234567-x".len());
        assert_eq!(named(Some("a-old"), &[("namePrefix", "a-".to_value())]), Ok("a-old".to_owned()));
        assert!(named(Some("a-old"), &[("namePrefix", "b-".to_value())]).is_ok_and(|name| name.starts_with("b-")));
        assert_eq!(named(None, &[("namePrefix", Value::Unknown)]), Ok("unknown".to_owned()));
        let mut hushed = [("namePrefix".to_owned(), "a-".to_value().secret())].into();
        autoname(&schema, "dlq", &Map::new(), &mut hushed, b"", &Autonaming::Ours, |_, name| name);
        assert!(hushed["name"].has_secret(), "a name made of a secret prefix is secret");
        assert!(named(None, &[("name", "n".to_value()), ("namePrefix", "a-".to_value())]).is_err());
    }
}
