//! The other values that a property can have, by its type and by what AWS takes.

use pulumi::{
    provider::schema::{Default, Property, Type},
    value::{Map, Value},
};

use crate::{document, thing::Thing};

/// A change of a value: where, what, and the values that would be it, the best first.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Variation {
    pub(crate) path: String,
    pub(crate) change: String,
    pub(crate) candidates: Vec<Value>,
}

impl Variation {
    fn new(path: &str, change: impl Into<String>, candidates: Vec<Value>) -> Self {
        Self { path: path.to_owned(), change: change.into(), candidates }
    }

    /// The same change of what the value is a part of.
    fn within(mut self, whole: impl Fn(Value) -> Value) -> Self {
        self.candidates = self.candidates.into_iter().map(whole).collect();
        self
    }
}

/// Values of enums that AWS makes longer all the time, which no limit lists.
const OPEN: [(&str, [&str; 2]); 2] =
    [("storageClass", ["DEEP_ARCHIVE", "GLACIER"]), ("events[]", ["s3:ObjectRemoved:*", "s3:ObjectCreated:*"])];

/// What is known beside the value.
pub(crate) struct About<'a> {
    /// The type of the resource.
    pub(crate) token: &'a str,
    /// All resources: another one may be named in the place of one.
    pub(crate) things: &'a [Thing],
}

impl About<'_> {
    /// The changes of the properties of an object; `limits` is the path as the table of limits has it.
    pub(crate) fn object(&self, path: &str, limits: &str, properties: &[Property], map: &Map) -> Vec<Variation> {
        let below = |at: &str, name: &str| if at.is_empty() { name.to_owned() } else { format!("{at}.{name}") };
        let mut all = Vec::new();
        for property in properties {
            let (at, limits) = (below(path, property.name), below(limits, property.name));
            let found = match (map.get(property.name), property.default) {
                (Some(value), _) => self.value(&at, &limits, property, property.kind, value),
                // what is not given is off, or on
                (None, Some(Default::Bool(by_default))) if !property.replace => {
                    vec![Variation::new(&at, "flipped", vec![Value::Bool(!by_default)])]
                }
                (None, _) => Vec::new(),
            };
            let put = |value| Value::Object(with(map, property.name, value));
            all.extend(found.into_iter().map(|variation| variation.within(put)));
        }
        all
    }

    fn value(&self, at: &str, limits: &str, property: &Property, kind: Type, value: &Value) -> Vec<Variation> {
        match (kind, value) {
            (_, Value::Bool(on)) => vec![Variation::new(at, "flipped", vec![Value::Bool(!on)])],
            (_, Value::Number(number)) => self.number(at, limits, *number),
            (_, Value::String(text)) => self.text(at, limits, property, text),
            (Type::List(item), Value::Array(items)) => self.list(at, limits, property, *item, items),
            (Type::Map(item), Value::Object(map)) => self.map(at, limits, property, *item, map),
            (Type::Object(shape), Value::Object(map)) => self.object(at, limits, shape.properties, map),
            _ => Vec::new(),
        }
    }

    fn number(&self, at: &str, limits: &str, number: f64) -> Vec<Variation> {
        let allowed = aws::limits::alternatives(self.token, limits);
        let mut allowed: Vec<f64> =
            allowed.iter().filter_map(|value| if let Value::Number(n) = value { Some(*n) } else { None }).collect();
        allowed.sort_by(f64::total_cmp);
        let step = if number.fract() == 0.0 { 1.0 } else { 0.01 };
        let up = allowed.iter().copied().filter(|n| *n > number);
        let down = allowed.iter().rev().copied().filter(|n| *n < number);
        let of = |listed: Vec<f64>, other: f64| {
            let candidates = if allowed.is_empty() { vec![other] } else { listed };
            candidates.into_iter().map(Value::Number).collect()
        };
        vec![
            Variation::new(at, "one more", of(up.collect(), number + step)),
            Variation::new(at, "one less", of(down.collect(), number - step)),
        ]
    }

    fn text(&self, at: &str, limits: &str, property: &Property, text: &str) -> Vec<Variation> {
        if property.json {
            let edited = document::variations(text);
            let of = |(change, text)| Variation::new(at, change, vec![Value::String(text)]);
            return edited.into_iter().map(of).collect();
        }
        let (change, others) = self.others(limits, text);
        vec![Variation::new(at, change, others.into_iter().map(Value::String).collect())]
    }

    /// Other texts in the place of one, and what they are.
    fn others(&self, limits: &str, text: &str) -> (&'static str, Vec<String>) {
        let allowed = aws::limits::alternatives(self.token, limits);
        let allowed: Vec<_> = allowed.iter().filter_map(Value::as_str).filter(|other| *other != text).collect();
        if !allowed.is_empty() {
            return ("another of the allowed values", allowed.into_iter().map(str::to_owned).collect());
        }
        if let Some((_, known)) = OPEN.iter().find(|(name, _)| limits.rsplit('.').next() == Some(name)) {
            let others = known.iter().filter(|other| **other != text).map(|other| (*other).to_owned());
            return ("another of the allowed values", others.collect());
        }
        let references = self.references(text);
        if !references.is_empty() {
            return ("a reference to another resource", references);
        }
        let mut others = Vec::new();
        match text.parse::<i64>() {
            Ok(number) => others.extend([(number + 1).to_string(), (number - 1).to_string()]),
            Err(_) if text.ends_with('/') => others.push(format!("{text}x/")),
            Err(_) => others.push(format!("{text}x")),
        }
        // of a fixed length, or of a fixed end
        let mut letters: Vec<_> = text.chars().collect();
        if let Some(last) = letters.last_mut() {
            *last = if *last == 'a' { 'b' } else { 'a' };
        }
        others.extend([letters.into_iter().collect(), format!("x{text}")]);
        ("another text", others)
    }

    /// The same of another resource of the type, where the text is an id, an ARN or a name of one.
    fn references(&self, text: &str) -> Vec<String> {
        let (bare, end) =
            [":*", "/*"].iter().find_map(|end| Some((text.strip_suffix(end)?, *end))).unwrap_or((text, ""));
        let of = |thing: &Thing, field: &str| match field {
            "id" => Some(thing.id.clone()),
            _ => thing.outputs.get(field).or(thing.inputs.get(field)).and_then(Value::as_str).map(str::to_owned),
        };
        let mut found = Vec::new();
        for field in ["arn", "id", "url", "keyId", "name"] {
            let Some(named) = self.things.iter().find(|thing| of(thing, field).as_deref() == Some(bare)) else {
                continue;
            };
            let others = self.things.iter().filter(|thing| thing.kind == named.kind && thing.urn != named.urn);
            let others = others.filter_map(|thing| of(thing, field)).filter(|other| other != bare);
            found.extend(others.map(|other| format!("{other}{end}")));
        }
        let mut seen = std::collections::BTreeSet::new();
        found.retain(|other| seen.insert(other.clone()));
        found
    }

    fn list(&self, at: &str, limits: &str, property: &Property, item: Type, items: &[Value]) -> Vec<Variation> {
        let mut all = Vec::new();
        let limits = format!("{limits}[]");
        if !matches!(item, Type::String) {
            for (number, value) in items.iter().enumerate() {
                let put = |value| {
                    let mut items = items.to_vec();
                    items[number] = value;
                    Value::Array(items)
                };
                let inside = self.value(&format!("{at}[{number}]"), &limits, property, item, value);
                all.extend(inside.into_iter().map(|variation| variation.within(put)));
            }
        }
        let Some((last, rest)) = items.split_last() else { return all };
        all.push(Variation::new(at, "an item removed", vec![Value::Array(rest.to_vec())]));
        let more: Vec<_> = match last {
            Value::String(text) => self.others(&limits, text).1.into_iter().map(Value::String).collect(),
            Value::Object(map) => {
                let named = map.iter().find_map(|(name, value)| Some((name, value.as_str()?)));
                named
                    .map(|(name, text)| Value::Object(with(map, name, Value::String(format!("{text}x")))))
                    .into_iter()
                    .collect()
            }
            _ => Vec::new(),
        };
        let more = more.into_iter().filter(|value| !items.contains(value));
        let more: Vec<_> = more.map(|value| Value::Array(items.iter().cloned().chain([value]).collect())).collect();
        if !more.is_empty() {
            all.push(Variation::new(at, "an item added", more));
        }
        all
    }

    fn map(&self, at: &str, limits: &str, property: &Property, item: Type, map: &Map) -> Vec<Variation> {
        let mut all = Vec::new();
        for (key, value) in map {
            let put = |value| Value::Object(with(map, key, value));
            let inside = self.value(&format!("{at}.{key}"), &format!("{limits}{{}}"), property, item, value);
            all.extend(inside.into_iter().map(|variation| variation.within(put)));
            all.push(Variation::new(&format!("{at}.{key}"), "removed", vec![Value::Object(without(map, key))]));
        }
        all
    }
}

/// One tag removed and one changed, chosen by a number: everything that is deployed has the same tags, so that each is tried.
pub(crate) fn tags(path: &str, tags: &Map, number: usize) -> Vec<Variation> {
    let at = |number: usize| tags.iter().nth(number.checked_rem(tags.len()).unwrap_or_default());
    let removed = at(number)
        .map(|(key, _)| Variation::new(&format!("{path}.{key}"), "removed", vec![Value::Object(without(tags, key))]));
    let changed = at(number + 1).map(|(key, value)| {
        let other = Value::String(format!("{}x", value.as_str().unwrap_or_default()));
        Variation::new(&format!("{path}.{key}"), "another text", vec![Value::Object(with(tags, key, other))])
    });
    removed.into_iter().chain(changed).collect()
}

pub(crate) fn with(map: &Map, name: &str, value: Value) -> Map {
    let mut map = map.clone();
    map.insert(name.to_owned(), value);
    map
}

fn without(map: &Map, name: &str) -> Map {
    let mut map = map.clone();
    map.remove(name);
    map
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(
        token: &str,
        kind: Type,
        name: &'static str,
        value: Value,
        things: &[Thing],
    ) -> Vec<(String, String, String)> {
        let about = About { token, things };
        let found = about.object("", "", &[Property::new(name, "", kind)], &Map::from([(name.to_owned(), value)]));
        let first = |variation: &Variation| match variation.candidates.first() {
            Some(Value::Object(map)) => map[name].to_json().to_string(),
            _ => String::new(),
        };
        found.iter().map(|variation| (variation.path.clone(), variation.change.clone(), first(variation))).collect()
    }

    fn values(found: Vec<(String, String, String)>) -> Vec<String> {
        found.into_iter().map(|(_, _, value)| value).collect()
    }

    #[test]
    fn each_kind_of_value_has_another() {
        let plain = |kind, value| values(of("t", kind, "p", value, &[]));
        assert_eq!(plain(Type::Bool, Value::Bool(true)), ["false"]);
        assert_eq!(plain(Type::Integer, Value::Number(7.0)), ["8", "6"]);
        assert_eq!(plain(Type::String, Value::String("a/".to_owned())), [r#""a/x/""#]);
        let list = Value::Array(vec![Value::String("a".to_owned()), Value::String("b".to_owned())]);
        assert_eq!(plain(Type::List(&Type::String), list), [r#"["a"]"#, r#"["a","b","bx"]"#]);
    }

    #[test]
    fn what_aws_lists_is_taken_from_the_list() {
        let token = "aws:cloudtrail/trail:Trail";
        assert_eq!(
            aws::limits::alternatives(token, "eventSelectors[].readWriteType").first().and_then(Value::as_str),
            Some("ReadOnly")
        );
        let days =
            values(of("aws:cloudwatch/logGroup:LogGroup", Type::Integer, "retentionInDays", Value::Number(60.0), &[]));
        assert_eq!(days, ["90", "30"]);
    }

    #[test]
    fn a_reference_becomes_one_to_another_of_the_type() {
        let thing = |urn: &str, kind: &str, arn: &str| Thing {
            outputs: Map::from([("arn".to_owned(), Value::String(arn.to_owned()))]),
            ..Thing::made_up(urn, kind)
        };
        let things = [thing("1", "a", "arn:1"), thing("2", "b", "arn:2"), thing("3", "a", "arn:3")];
        assert_eq!(values(of("t", Type::String, "p", Value::String("arn:1:*".to_owned()), &things)), [r#""arn:3:*""#]);
    }

    #[test]
    fn a_tag_goes_and_another_changes() {
        let all = Map::from(["a", "b"].map(|key| (key.to_owned(), Value::String(key.to_owned()))));
        let found: Vec<_> = tags("tagsAll", &all, 1).into_iter().map(|v| (v.path, v.change)).collect();
        let expected = [("tagsAll.b", "removed"), ("tagsAll.a", "another text")];
        assert_eq!(found, expected.map(|(path, change)| (path.to_owned(), change.to_owned())));
        assert_eq!(tags("tagsAll", &Map::new(), 3), []);
    }
}
