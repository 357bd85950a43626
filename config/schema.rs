//! JSON Schemas of the files, made from the questions that their readers ask: what an editor completes and marks.
//!
//! A schema knows a key, its type and the values that stand alone; the rules across values are in
//! [`check`](crate::check), and only [`load`](crate::load) knows them.

use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};

use crate::environment::Environment;
use crate::reader::{Form, Key, Keys, Recorder, What};
use crate::shape::Shape;

const DIALECT: &str = "https://json-schema.org/draft/2020-12/schema";

/// The schema of `zone.toml`, as it is committed.
pub fn zone() -> String {
    render("zone.toml", "the shape of the zone: what every environment has", Recorder::of(Shape::read))
}

/// The schema of `{environment}.toml`, as it is committed.
pub fn environment() -> String {
    render("{environment}.toml", "what differs between environments", Recorder::of(Environment::read))
}

fn render(title: &'static str, meaning: &str, keys: Keys) -> String {
    let file = Schema { title: Some(title), meaning, what: &What::Table(keys), choices: &[] };
    // texts, numbers and lists always have a JSON form
    serde_json::to_string_pretty(&file).unwrap_or_default() + "\n"
}

/// A key, or with a title the whole file, in the order in which people read it.
struct Schema<'a> {
    title: Option<&'static str>,
    meaning: &'a str,
    what: &'a What,
    choices: &'a [serde_json::Value],
}

impl<'a> Schema<'a> {
    fn of(key: &'a Key) -> Self {
        Self { title: None, meaning: &key.meaning, what: &key.what, choices: &key.choices }
    }
}

impl Serialize for Schema<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        if let Some(title) = self.title {
            map.serialize_entry("$schema", DIALECT)?;
            map.serialize_entry("title", title)?;
        }
        map.serialize_entry("description", self.meaning)?;
        match self.what {
            What::Value { form, example } => {
                value(&mut map, form, self.choices)?;
                if let Some(example) = example.as_deref().and_then(parsed) {
                    map.serialize_entry("examples", &[example])?;
                }
            }
            What::Table(keys) => table(&mut map, keys)?,
            What::Tables(keys) => {
                map.serialize_entry("type", "array")?;
                map.serialize_entry("items", &Items::Table(keys))?;
            }
        }
        map.end()
    }
}

/// What stands in a list.
enum Items<'a> {
    Value(&'a Form, &'a [serde_json::Value]),
    Table(&'a Keys),
}

impl Serialize for Items<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        match self {
            Self::Value(form, choices) => value(&mut map, form, choices)?,
            Self::Table(keys) => table(&mut map, keys)?,
        }
        map.end()
    }
}

fn table<M: SerializeMap>(map: &mut M, keys: &Keys) -> Result<(), M::Error> {
    let keys = keys.borrow();
    let required: Vec<_> = keys.iter().filter(|key| key.required).map(|key| key.name).collect();
    map.serialize_entry("type", "object")?;
    map.serialize_entry("additionalProperties", &false)?;
    map.serialize_entry("required", &required)?;
    map.serialize_entry("properties", &Properties(&keys))
}

struct Properties<'a>(&'a [Key]);

impl Serialize for Properties<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|key| (key.name, Schema::of(key))))
    }
}

fn value<M: SerializeMap>(map: &mut M, form: &Form, choices: &[serde_json::Value]) -> Result<(), M::Error> {
    let choices: &[serde_json::Value] = if form.choices.is_empty() { choices } else { &form.choices };
    map.serialize_entry("type", form.kind)?;
    if let Some(items) = &form.items {
        return map.serialize_entry("items", &Items::Value(items, choices));
    }
    // values that are listed need no other rule
    if !choices.is_empty() {
        return map.serialize_entry("enum", choices);
    }
    match form.kind {
        "string" => map.serialize_entry("pattern", form.pattern.unwrap_or(r"\S")),
        "integer" => {
            map.serialize_entry("minimum", &0)?;
            map.serialize_entry("maximum", &u32::MAX)
        }
        _ => Ok(()),
    }
}

/// An example as JSON; none for one that only says where text goes, `"..."`.
fn parsed(example: &str) -> Option<toml::Value> {
    let table: toml::Table = toml::from_str(&format!("example = {example}")).ok()?;
    table.get("example").filter(|_| !example.contains("...")).cloned()
}
