//! JSON Schemas of the files, made from the questions that their readers ask: what an editor completes and marks.
//!
//! A schema knows a key, its type and the values that stand alone; the rules across values are in
//! `check.rs`, and only [`load`](crate::load) knows them. Whatever `zone.toml` may say, an environment may
//! say otherwise: its schema has the same tables, and of them only the keys that tell them apart are required.

use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};

use crate::environment::Environment;
use crate::reader::{Form, Key, Keys, REST, Recorder, What};
use crate::shape::Shape;

const DIALECT: &str = "https://json-schema.org/draft/2020-12/schema";

/// The schema of `zone.toml`, as it is committed.
pub fn zone() -> String {
    render("zone.toml", "the shape of the zone: what every environment has", Recorder::of(Shape::read))
}

/// The schema of `{environment}.toml`, as it is committed.
pub fn environment() -> String {
    let keys = Recorder::of(Environment::read);
    let shape = Recorder::of(Shape::read);
    let optional = |key: Key| Key { required: false, loose: true, ..key };
    let shape = shape.take().into_iter().map(optional);
    let known: Vec<_> = keys.borrow().iter().map(|key| key.name).collect();
    let shape: Vec<_> = shape.filter(|key| !known.contains(&key.name)).collect();
    keys.borrow_mut().extend(shape);
    render("{environment}.toml", "what differs between environments", keys)
}

/// The keys of `zone.toml`, each of which may stand in an environment's file too.
pub(crate) fn shared() -> Vec<&'static str> {
    Recorder::of(Shape::read).borrow().iter().map(|key| key.name).collect()
}

fn render(title: &'static str, meaning: &str, keys: Keys) -> String {
    let file = Schema { title: Some(title), meaning, what: &What::Table(keys), choices: &[], loose: None };
    // texts, numbers and lists always have a JSON form
    serde_json::to_string_pretty(&file).unwrap_or_default() + "\n"
}

/// A key, or with a title the whole file, in the order in which people read it.
struct Schema<'a> {
    title: Option<&'static str>,
    meaning: &'a str,
    what: &'a What,
    choices: &'a [serde_json::Value],
    /// Of a table that changes another: the only key that it has to have, or none.
    loose: Option<&'static str>,
}

impl<'a> Schema<'a> {
    fn of(key: &'a Key, loose: bool) -> Self {
        let loose = (loose || key.loose).then_some(match key.what {
            What::Tables(_, by) => by,
            _ => REST,
        });
        Self { title: None, meaning: &key.meaning, what: &key.what, choices: &key.choices, loose }
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
            What::Table(keys) => table(&mut map, keys, self.loose)?,
            What::Tables(keys, _) => {
                map.serialize_entry("type", "array")?;
                map.serialize_entry("items", &Items::Table(keys, self.loose))?;
            }
        }
        map.end()
    }
}

/// What stands in a list.
enum Items<'a> {
    Value(&'a Form, &'a [serde_json::Value]),
    Table(&'a Keys, Option<&'static str>),
}

impl Serialize for Items<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        match self {
            Self::Value(form, choices) => value(&mut map, form, choices)?,
            Self::Table(keys, loose) => table(&mut map, keys, *loose)?,
        }
        map.end()
    }
}

fn table<M: SerializeMap>(map: &mut M, keys: &Keys, loose: Option<&str>) -> Result<(), M::Error> {
    let keys = keys.borrow();
    let is_required = |key: &&Key| loose.map_or(key.required, |by| key.name == by && key.name != REST);
    let required: Vec<_> = keys.iter().filter(is_required).map(|key| key.name).collect();
    let rest = keys.iter().find(|key| key.name == REST);
    map.serialize_entry("type", "object")?;
    match rest {
        Some(rest) => map.serialize_entry("additionalProperties", &Schema::of(rest, false))?,
        None => map.serialize_entry("additionalProperties", &false)?,
    }
    map.serialize_entry("required", &required)?;
    map.serialize_entry("properties", &Properties(&keys, loose.is_some()))
}

/// The keys, and whether they change those of another table.
struct Properties<'a>(&'a [Key], bool);

impl Serialize for Properties<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let keys = self.0.iter().filter(|key| key.name != REST);
        serializer.collect_map(keys.map(|key| (key.name, Schema::of(key, self.1))))
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
