//! A JSON object whose fields keep their order and whose values keep their exact text.
//!
//! A state is other people's data. A float that is read and written again may come out different, and a field that we do not
//! know may be lost. So a value stays the text that it was, until somebody sets it.

use std::{borrow::Cow, collections::BTreeMap, fmt};

use serde::{
    Deserialize, Deserializer, Serialize, Serializer,
    de::{self, MapAccess, Visitor},
    ser::SerializeMap,
};
use serde_json::value::{RawValue, to_raw_value};

/// A JSON object: its fields in their order, each value as its text. No name occurs twice.
#[derive(Clone, Debug, Default)]
pub struct Object {
    fields: Vec<(String, Box<RawValue>)>,
}

/// A string that is borrowed from the text where it has no escapes.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
struct Text<'a>(#[serde(borrow)] Cow<'a, str>);

/// The lists of an object such as `propertyDependencies`, by key.
pub(crate) type Lists<'a> = BTreeMap<Cow<'a, str>, Vec<Cow<'a, str>>>;

impl Object {
    /// An object without fields.
    pub fn new() -> Self {
        Self::default()
    }

    /// Whether it has no fields.
    pub fn is_empty(&self) -> bool {
        self.fields.is_empty()
    }

    /// The fields, in their order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &RawValue)> {
        self.fields.iter().map(|(name, value)| (name.as_str(), &**value))
    }

    /// The value of a field.
    pub fn get(&self, name: &str) -> Option<&RawValue> {
        self.fields.iter().find(|(field, _)| field == name).map(|(_, value)| &**value)
    }

    /// The value of a field as this type; none when it is absent or `null`. The error is a fragment that names the field.
    pub fn read<'a, T: Deserialize<'a>>(&'a self, name: &str) -> Result<Option<T>, String> {
        match self.get(name) {
            Some(value) => serde_json::from_str(value.get()).map_err(|cause| format!("field `{name}`: {cause}")),
            None => Ok(None),
        }
    }

    /// A field that is a string; empty when it is absent or `null`.
    pub fn text(&self, name: &str) -> Result<Cow<'_, str>, String> {
        let Some(value) = self.get(name).map(RawValue::get) else { return Ok(Cow::Borrowed("")) };
        match value.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')) {
            Some(plain) if !plain.contains('\\') => Ok(Cow::Borrowed(plain)),
            _ => Ok(self.read::<Text<'_>>(name)?.map_or(Cow::Borrowed(""), |text| text.0)),
        }
    }

    /// A field that is a list of strings; empty when it is absent or `null`.
    pub fn list(&self, name: &str) -> Result<Vec<Cow<'_, str>>, String> {
        Ok(plain(self.read(name)?.unwrap_or_default()))
    }

    /// A field that is an object of lists of strings; empty when it is absent or `null`.
    pub(crate) fn lists(&self, name: &str) -> Result<Lists<'_>, String> {
        let lists = self.read::<BTreeMap<Text<'_>, Option<Vec<Text<'_>>>>>(name)?.unwrap_or_default();
        Ok(lists.into_iter().map(|(key, list)| (key.0, plain(list.unwrap_or_default()))).collect())
    }

    /// Whether the field is there and is not what Go leaves out as empty: `null`, `false`, `""`, `[]`, `{}`.
    pub fn holds(&self, name: &str) -> bool {
        let Some(value) = self.get(name).map(RawValue::get) else { return false };
        if value.starts_with('"') {
            return value != "\"\"";
        }
        let start: String = value.chars().filter(|c| !c.is_ascii_whitespace()).take(6).collect();
        !matches!(start.as_str(), "null" | "false" | "[]" | "{}")
    }

    /// Sets a field: in its place, or as the last one.
    ///
    /// # Panics
    /// When the value has no JSON form, such as a map whose keys are no strings.
    pub fn set(&mut self, name: &str, value: &(impl Serialize + ?Sized)) {
        let value = to_raw_value(value).expect("a value with a JSON form");
        match self.fields.iter_mut().find(|(field, _)| field == name) {
            Some((_, former)) => *former = value,
            None => self.fields.push((name.to_owned(), value)),
        }
    }

    /// Removes a field, and returns what it held.
    pub fn remove(&mut self, name: &str) -> Option<Box<RawValue>> {
        let at = self.fields.iter().position(|(field, _)| field == name)?;
        Some(self.fields.remove(at).1)
    }

    /// Sets a field to a string, or removes it when the string is empty, as Go does.
    pub(crate) fn put_text(&mut self, name: &str, value: &str) {
        if value.is_empty() {
            self.remove(name);
        } else {
            self.set(name, value);
        }
    }
}

fn plain(list: Vec<Text<'_>>) -> Vec<Cow<'_, str>> {
    list.into_iter().map(|text| text.0).collect()
}

/// The text without the spaces and line feeds between its parts; of JSON only.
pub(crate) fn compact(text: &[u8]) -> Vec<u8> {
    let (mut inside, mut escaped) = (false, false);
    let keep = |byte: &u8| {
        let kept = inside || !byte.is_ascii_whitespace();
        if *byte == b'"' && !escaped {
            inside = !inside;
        }
        escaped = inside && *byte == b'\\' && !escaped;
        kept
    };
    text.iter().copied().filter(keep).collect()
}

impl Serialize for Object {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.fields.len()))?;
        for (name, value) in &self.fields {
            map.serialize_entry(name, value)?;
        }
        map.end()
    }
}

impl<'de> Deserialize<'de> for Object {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Fields;
        impl<'de> Visitor<'de> for Fields {
            type Value = Object;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a JSON object")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Object, A::Error> {
                let mut fields: Vec<(String, Box<RawValue>)> = Vec::with_capacity(16);
                while let Some(field) = map.next_entry()? {
                    fields.push(field);
                }
                // two readers could each take another one of the two
                let mut names: Vec<&str> = fields.iter().map(|(name, _)| name.as_str()).collect();
                names.sort_unstable();
                match names.windows(2).find(|pair| pair[0] == pair[1]) {
                    Some(pair) => Err(de::Error::custom(format_args!("field `{}` occurs twice", pair[0]))),
                    None => Ok(Object { fields }),
                }
            }
        }
        deserializer.deserialize_map(Fields)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn object(text: &str) -> Object {
        serde_json::from_str(text).expect("an object")
    }

    #[test]
    fn what_is_not_touched_keeps_its_order_and_its_exact_text() {
        let text = r#"{"z":1e2,"a":123456789012345678901234567890,"m":{"y":-0.0,"b":"\u003c\/"},"list":[1.10, 2]}"#;
        let mut object = object(text);
        assert_eq!(serde_json::to_string(&object).expect("JSON"), text);
        object.set("a", &true);
        object.set("new", "é\"");
        object.remove("z").expect("it was there");
        assert_eq!(
            serde_json::to_string(&object).expect("JSON"),
            r#"{"a":true,"m":{"y":-0.0,"b":"\u003c\/"},"list":[1.10, 2],"new":"é\""}"#
        );
        assert!(object.remove("z").is_none());
    }

    #[test]
    fn a_string_is_borrowed_where_it_has_no_escapes() {
        let object = object(r#"{"plain":"a::b","escaped":"a\u0026\"b","null":null,"number":5,"empty":""}"#);
        assert!(matches!(object.text("plain"), Ok(Cow::Borrowed("a::b"))));
        assert_eq!(object.text("escaped").as_deref(), Ok("a&\"b"));
        for none in ["null", "absent", "empty"] {
            assert_eq!(object.text(none).as_deref(), Ok(""));
        }
        let refused = object.text("number").expect_err("a number is no string");
        assert!(refused.starts_with("field `number`: invalid type: integer `5`"), "{refused}");
    }

    #[test]
    fn lists_are_read_and_what_is_none_is_refused() {
        let object = object(r#"{"list":["a","b\n"],"lists":{"q":["x"],"p":null},"wrong":[1]}"#);
        assert_eq!(object.list("list").expect("a list"), ["a", "b\n"]);
        assert_eq!(object.list("absent").expect("an empty one"), [""; 0]);
        let lists = object.lists("lists").expect("lists");
        assert_eq!(lists.into_iter().collect::<Vec<_>>(), [("p".into(), vec![]), ("q".into(), vec!["x".into()])]);
        assert!(object.list("wrong").is_err() && object.list("lists").is_err() && object.lists("list").is_err());
    }

    #[test]
    fn what_go_leaves_out_as_empty_does_not_hold() {
        let text =
            r#"{"a":null,"b":false,"c":"","d":[ ],"e":{},"f":true,"g":" ","h":[""],"i":{"a":1},"j":[[]],"k":[null]}"#;
        let object = object(text);
        assert!(["a", "b", "c", "d", "e", "absent"].iter().all(|name| !object.holds(name)));
        assert!(["f", "g", "h", "i", "j", "k"].iter().all(|name| object.holds(name)));
    }

    #[test]
    fn a_field_that_occurs_twice_is_refused() {
        let refused = serde_json::from_str::<Object>(r#"{"a":1,"b":2,"a":1}"#).expect_err("which one?").to_string();
        assert!(refused.starts_with("field `a` occurs twice"), "{refused}");
        assert!(serde_json::from_str::<Object>("[]").is_err());
        assert_eq!(object(r#"{"a":1,"b":{"a":1}}"#).iter().count(), 2);
    }

    #[test]
    fn compact_keeps_strings_as_they_are() {
        let text = b"{\n  \"a b\" : [ 1 , \"c \\\" \\\\\" ]\r\n}\t";
        assert_eq!(String::from_utf8_lossy(&compact(text)), r#"{"a b":[1,"c \" \\"]}"#);
    }
}
