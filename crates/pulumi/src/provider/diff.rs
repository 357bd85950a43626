//! Diff: what changed between two sets of inputs, by property path, and whether it takes a new resource.

use std::collections::BTreeMap;

use super::{
    check::{is_reserved, was_generated},
    given::settled,
    schema::{Property, ResourceSchema, Type},
};
use crate::{
    proto::property_diff::Kind,
    value::{Map, Value},
};

/// The changes between old and new inputs.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Diff {
    /// By property path, such as `rules[0].status`.
    pub changes: BTreeMap<String, Kind>,
    /// Were it replaced, the old one would have to go before the new one can come: a name that AWS allows once stays
    /// the same. Said of no change, too: the engine may replace for reasons of its own, as replaceOnChanges.
    pub delete_before_replace: bool,
}

impl Diff {
    /// Whether any change takes a new resource.
    pub fn replaces(&self) -> bool {
        self.changes.values().any(|k| matches!(k, Kind::AddReplace | Kind::DeleteReplace | Kind::UpdateReplace))
    }
}

/// Compares by the schema. `logical` is the resource's name in the program, `ignore` are the property paths of the
/// ignoreChanges option.
pub fn diff(schema: &ResourceSchema, logical: &str, olds: &Map, news: &Map, ignore: &[String]) -> Diff {
    let mut changes = BTreeMap::new();
    // a state may have been written before empty values were taken for none
    let (olds, news) = (&settled(olds.clone(), &schema.inputs), &settled(news.clone(), &schema.inputs));
    object("", &schema.inputs, olds, news, false, &mut changes);
    changes.retain(|path, _| !ignore.iter().any(|i| covers(i, path)));
    // a name that was generated changes with the replacement; one that stays is in the way of itself
    let names: Vec<_> = schema.inputs.iter().filter(|p| p.autoname).collect();
    let delete_before_replace = !names.is_empty()
        && names.iter().all(|p| match (olds.get(p.name), news.get(p.name)) {
            (Some(old), Some(new)) => same(p, old, new) && !was_generated(p, logical, news),
            (None, None) => true,
            _ => false,
        });
    Diff { changes, delete_before_replace }
}

/// The same change, by a new resource.
pub fn replaced(kind: Kind) -> Kind {
    match kind {
        Kind::Add | Kind::AddReplace => Kind::AddReplace,
        Kind::Delete | Kind::DeleteReplace => Kind::DeleteReplace,
        Kind::Update | Kind::UpdateReplace => Kind::UpdateReplace,
    }
}

/// Whether an ignoreChanges path covers a changed path: itself, or what stands inside it.
fn covers(ignored: &str, path: &str) -> bool {
    path.strip_prefix(ignored).is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
}

fn object(
    path: &str,
    properties: &[Property],
    olds: &Map,
    news: &Map,
    replace: bool,
    changes: &mut BTreeMap<String, Kind>,
) {
    for property in properties {
        let at = if path.is_empty() { property.name.to_owned() } else { format!("{path}.{}", property.name) };
        let given = |map: &Map| map.get(property.name).cloned().unwrap_or_default().exposed();
        let (old, new) = (given(olds), given(news));
        if property.computed && new == Value::Null {
            continue;
        }
        let filled = |value: &Value| if *value == Value::Null { property.absent() } else { value.clone() };
        if same(property, &filled(&old), &filled(&new)) {
            continue;
        }
        // the keys of a secret map are secret, too
        let is_hushed = |map: &Map| matches!(map.get(property.name), Some(Value::Secret(_)));
        let whole = matches!(property.kind, Type::Map(_)) && (is_hushed(olds) || is_hushed(news));
        let kind = if whole { Type::String } else { property.kind };
        value(&at, property, kind, &old, &new, replace || property.replace, changes);
    }
}

fn value(
    path: &str,
    property: &Property,
    kind: Type,
    old: &Value,
    new: &Value,
    replace: bool,
    changes: &mut BTreeMap<String, Kind>,
) {
    match (kind, old, new) {
        (Type::Object(shape), Value::Object(old), Value::Object(new)) => {
            object(path, shape.properties, old, new, replace, changes);
        }
        (Type::Map(item), Value::Object(old), Value::Object(new)) => {
            let keys: std::collections::BTreeSet<_> =
                old.keys().chain(new.keys()).filter(|k| !is_reserved(k)).collect();
            for key in keys {
                let (old, new) = (old.get(key).cloned().unwrap_or_default(), new.get(key).cloned().unwrap_or_default());
                if old != new {
                    let at = if key.contains(['.', '[', '"']) {
                        format!("{path}[{key:?}]")
                    } else {
                        format!("{path}.{key}")
                    };
                    value(&at, property, *item, &old, &new, replace, changes);
                }
            }
        }
        (Type::List(item), Value::Array(old), Value::Array(new)) if !property.set => {
            for i in 0..old.len().max(new.len()) {
                let (old, new) = (old.get(i).cloned().unwrap_or_default(), new.get(i).cloned().unwrap_or_default());
                if !same_as(*item, &old, &new) {
                    value(&format!("{path}[{i}]"), property, *item, &old, &new, replace, changes);
                }
            }
        }
        _ => {
            let kind = match (old, new, replace) {
                (Value::Null, _, false) => Kind::Add,
                (Value::Null, _, true) => Kind::AddReplace,
                (_, Value::Null, false) => Kind::Delete,
                (_, Value::Null, true) => Kind::DeleteReplace,
                (_, _, false) => Kind::Update,
                (_, _, true) => Kind::UpdateReplace,
            };
            changes.insert(path.to_owned(), kind);
        }
    }
}

/// Whether two values of a property mean the same; whether they are secret does not matter.
pub fn same(property: &Property, old: &Value, new: &Value) -> bool {
    if old.has_secret() || new.has_secret() {
        return same(property, &old.clone().exposed(), &new.clone().exposed());
    }
    match (old, new) {
        (Value::String(old), Value::String(new)) if property.equal.is_some_and(|equal| equal(old, new)) => true,
        (Value::String(old), Value::String(new)) if property.json => old == new || json_equal(old, new),
        (Value::String(old), Value::String(new)) if property.tail => old == new || tail(old) == new || old == tail(new),
        (Value::Array(old), Value::Array(new)) if property.set => {
            let item = if let Type::List(item) = property.kind { *item } else { property.kind };
            let mut left: Vec<&Value> = old.iter().collect();
            let is_there = |new: &Value| {
                left.iter().position(|old| same_as(item, old, new)).map(|i| left.swap_remove(i)).is_some()
            };
            old.len() == new.len() && new.iter().all(is_there)
        }
        _ => same_as(property.kind, old, new),
    }
}

fn same_as(kind: Type, old: &Value, new: &Value) -> bool {
    match (kind, old, new) {
        (_, Value::Unknown, _) | (_, _, Value::Unknown) => false,
        (Type::Object(shape), Value::Object(old), Value::Object(new)) => shape.properties.iter().all(|p| {
            let filled = |map: &Map| map.get(p.name).cloned().unwrap_or_else(|| p.absent());
            (p.computed && !new.contains_key(p.name)) || same(p, &filled(old), &filled(new))
        }),
        (Type::List(item), Value::Array(old), Value::Array(new)) => {
            old.len() == new.len() && old.iter().zip(new).all(|(o, n)| same_as(*item, o, n))
        }
        _ => old == new,
    }
}

/// What follows the last slash of an ARN; anything else is left whole.
fn tail(text: &str) -> &str {
    text.rsplit_once('/').filter(|_| text.starts_with("arn:")).map_or(text, |(_, tail)| tail)
}

/// Whether two JSON texts are the same document. AWS returns a one-item list of strings as the bare string
/// (policy documents), so the two are taken as one.
pub fn json_equal(old: &str, new: &str) -> bool {
    let parse = |text: &str| serde_json::from_str::<serde_json::Value>(text).map(normal).ok();
    matches!((parse(old), parse(new)), (Some(old), Some(new)) if old == new)
}

fn normal(json: serde_json::Value) -> serde_json::Value {
    use serde_json::Value as Json;
    match json {
        Json::Array(mut items) if items.len() == 1 && items[0].is_string() => items.remove(0),
        Json::Array(items) => {
            let mut items: Vec<_> = items.into_iter().map(normal).collect();
            if items.iter().all(Json::is_string) {
                items.sort_by(|a, b| a.as_str().cmp(&b.as_str()));
            }
            Json::Array(items)
        }
        Json::Object(map) => Json::Object(map.into_iter().map(|(k, v)| (k, normal(v))).collect()),
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        provider::schema::{Default, Shape},
        value::ToValue,
    };

    const RULE: Shape = Shape {
        name: "Rule",
        description: "",
        properties: &[
            Property::new("id", "", Type::String),
            Property { default: Some(Default::Bool(true)), ..Property::new("on", "", Type::Bool) },
        ],
    };

    fn schema() -> ResourceSchema {
        ResourceSchema {
            token: "t",
            noun: "thing",
            description: "",
            inputs: vec![
                Property { autoname: true, replace: true, ..Property::new("name", "", Type::String) },
                Property { json: true, ..Property::new("policy", "", Type::String) },
                Property { computed: true, ..Property::new("owner", "", Type::String) },
                Property { default: Some(Default::Number(30.0)), ..Property::new("days", "", Type::Integer) },
                Property { set: true, ..Property::new("actions", "", Type::List(&Type::String)) },
                Property { set: true, ..Property::new("filters", "", Type::List(&Type::Object(&RULE))) },
                Property { replace: true, ..Property::new("source", "", Type::String) },
                Property { tail: true, ..Property::new("key", "", Type::String) },
                Property::new("rules", "", Type::List(&Type::Object(&RULE))),
                Property::new("tags", "", Type::Map(&Type::String)),
            ],
            outputs: vec![],
        }
    }

    fn map(fields: &[(&str, Value)]) -> Map {
        fields.iter().map(|(k, v)| ((*k).to_owned(), v.clone())).collect()
    }

    fn changed(olds: &[(&str, Value)], news: &[(&str, Value)]) -> Vec<(String, Kind)> {
        diff(&schema(), "dlq", &map(olds), &map(news), &[]).changes.into_iter().collect()
    }

    #[test]
    fn what_means_the_same_is_no_change() {
        let olds = [
            ("policy", r#"{"a": ["x"], "b": ["1","2"]}"#.to_value()),
            ("owner", "aws".to_value()),
            ("actions", vec!["a".to_owned(), "b".to_owned()].to_value()),
            ("tags", Value::Object(map(&[("k", "v".to_value()), ("__defaults", Value::Array(vec![]))]))),
        ];
        let news = [
            ("policy", r#"{"b":["2","1"],"a":"x"}"#.to_value().secret()),
            ("days", Value::Number(30.0)),
            ("actions", vec!["b".to_owned(), "a".to_owned()].to_value()),
            ("tags", Value::Object(map(&[("k", "v".to_value())]))),
        ];
        assert_eq!(changed(&olds, &news), []);
    }

    #[test]
    fn nothing_and_something_empty_are_the_same() {
        let rules = |fields: &[(&str, Value)]| Value::Array(vec![Value::Object(map(fields))]);
        let nothing = [("rules", rules(&[("on", true.to_value())]))];
        let empty = [
            ("source", "".to_value()),
            ("key", "".to_value().secret()),
            ("policy", "".to_value()),
            ("rules", rules(&[("id", "".to_value())])),
        ];
        assert_eq!(changed(&nothing, &empty), []);
        assert_eq!(changed(&empty, &nothing), []);
        assert_eq!(changed(&nothing, &[("source", "x".to_value()), ("rules", rules(&[]))]).len(), 1);
    }

    #[test]
    fn a_property_may_say_which_texts_are_equal() {
        let mut schema = schema();
        schema.inputs =
            vec![Property { equal: Some(str::eq_ignore_ascii_case), ..Property::new("p", "", Type::String) }];
        let changes = |new: &str| {
            super::diff(&schema, "dlq", &map(&[("p", "a".to_value())]), &map(&[("p", new.to_value())]), &[])
                .changes
                .len()
        };
        assert_eq!((changes("A"), changes("b")), (0, 1));
    }

    #[test]
    fn keys_of_a_secret_map_stand_in_no_path() {
        let tags = |v: &str| Value::Object(map(&[("k", v.to_value())]));
        let path = |old: Value, new: Value| changed(&[("tags", old)], &[("tags", new)])[0].0.clone();
        assert_eq!(path(tags("1"), tags("2")), "tags.k");
        assert_eq!(path(tags("1").secret(), tags("2")), "tags");
        assert_eq!(path(tags("1"), tags("2").secret()), "tags");
    }

    #[test]
    fn objects_whose_order_means_nothing_are_compared_by_their_own_properties() {
        let rule = |id: &str, on: Option<bool>| {
            let on = on.map(|on| ("on".to_owned(), on.to_value()));
            Value::Object([("id".to_owned(), id.to_value())].into_iter().chain(on).collect())
        };
        let changes = |old: &[Value], new: &[Value]| {
            changed(&[("filters", Value::Array(old.to_vec()))], &[("filters", Value::Array(new.to_vec()))]).len()
        };
        assert_eq!(changes(&[rule("a", Some(true)), rule("b", None)], &[rule("b", Some(true)), rule("a", None)]), 0);
        assert_eq!(changes(&[rule("a", None), rule("b", None)], &[rule("a", None), rule("a", None)]), 1);
        assert_eq!(changes(&[rule("a", None)], &[rule("a", Some(false))]), 1);
        assert_eq!(changes(&[rule("a", None)], &[Value::Object(map(&[("id", Value::Unknown)]))]), 1);
    }

    #[test]
    fn an_id_and_the_arn_that_ends_with_it_are_one() {
        let changes = |old: &str, new: &str| changed(&[("key", old.to_value())], &[("key", new.to_value())]).len();
        assert_eq!(changes("arn:aws:kms:x:1:key/k", "k") + changes("k", "arn:aws:kms:x:1:key/k"), 0);
        // two ARNs are compared whole: a multi-region key has the same id in every region
        assert_eq!(changes("arn:aws:kms:x:1:key/k", "arn:aws:kms:y:1:key/k"), 1);
        assert_eq!((changes("arn:aws:kms:x:1:key/k", "l"), changes("alias/k", "k")), (1, 1));
    }

    #[test]
    fn changes_are_named_by_path() {
        let rules = |on: bool| Value::Array(vec![Value::Object(map(&[("id", "r".to_value()), ("on", on.to_value())]))]);
        let tags = |v: &str| Value::Object(map(&[("a.b", v.to_value())]));
        let olds = [("rules", rules(true)), ("tags", tags("1")), ("days", Value::Number(1.0))];
        let news = [("rules", rules(false)), ("tags", tags("2"))];
        let expected = [("days", Kind::Delete), ("rules[0].on", Kind::Update), ("tags[\"a.b\"]", Kind::Update)];
        assert_eq!(changed(&olds, &news), expected.map(|(p, k)| (p.to_owned(), k)));
    }

    #[test]
    fn an_unknown_is_a_change_at_any_depth() {
        let rules = |id: Value| Value::Array(vec![Value::Object(map(&[("id", id)]))]);
        assert_eq!(
            changed(&[("rules", rules("x".to_value()))], &[("rules", rules(Value::Unknown))]),
            [("rules[0].id".to_owned(), Kind::Update)]
        );
        assert_eq!(
            changed(&[("source", "x".to_value())], &[("source", Value::Unknown)]),
            [("source".to_owned(), Kind::UpdateReplace)]
        );
    }

    #[test]
    fn a_name_that_stays_is_deleted_before_its_replacement() {
        let named = |name: &str, source: &str| map(&[("name", name.to_value()), ("source", source.to_value())]);
        let diff = |olds: &Map, news: &Map| super::diff(&schema(), "dlq", olds, news, &[]);
        assert!(diff(&named("n", "a"), &named("n", "b")).delete_before_replace);
        let same = diff(&named("n", "a"), &named("n", "a"));
        assert!(!same.replaces() && same.delete_before_replace, "the engine may replace it all the same");
        let renamed = diff(&named("n", "a"), &named("m", "b"));
        assert!(renamed.replaces() && !renamed.delete_before_replace);
        let generated = diff(&named("dlq-0a1b2c3", "a"), &named("dlq-0a1b2c3", "b"));
        assert!(generated.replaces() && !generated.delete_before_replace, "the replacement gets a name of its own");
    }

    #[test]
    fn ignored_paths_are_left_out_with_what_stands_inside() {
        let tags = |v: &str| map(&[("tags", Value::Object(map(&[("k", v.to_value())]))), ("days", Value::Number(1.0))]);
        let ignore =
            |path: &str| super::diff(&schema(), "dlq", &tags("1"), &tags("2"), &[path.to_owned()]).changes.len();
        assert_eq!((ignore("tags"), ignore("tags.k"), ignore("tag")), (0, 0, 1));
    }
}
