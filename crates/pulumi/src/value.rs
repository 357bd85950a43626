//! Property values: what travels between program, engine and provider, and its wire form.
//!
//! Wire: `google.protobuf.Struct`, in which secrets, outputs and references are objects marked by a
//! signature key, and unknowns are reserved strings (pulumi sdk/go/common/resource/sig, v3.259.0).

mod convert;
mod json;

use std::collections::BTreeMap;

use prost_types::{ListValue, Struct, Value as Wire, value::Kind};

pub use self::convert::{FromValue, ToValue, field, object, object_of};
pub(crate) use self::convert::{INT, LONG, between, is_whole};
use crate::asset::{Archive, Asset};

/// An object's properties, by their Pulumi (camelCase) names.
pub type Map = BTreeMap<String, Value>;

/// The key that marks a special object.
const SIGNATURE: &str = "4dabf18193072939515e22adb298388d";
const SECRET: &str = "1b47061264138c4ac30d75fd1eb44270";
const REFERENCE: &str = "5cf8f73096256a8f31e491e813e4eb8e";
const ASSET: &str = "c44067f5952c0a294b673a41bacd8c17";
const ARCHIVE: &str = "0def7320c3a5731c473e5ecbe6d01bc7";
const OUTPUT: &str = "d0e6a833031e9bbcd3f4e8bde6ca49a4";
/// The sentinel for an unknown string; the one we send for every unknown.
pub const UNKNOWN: &str = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";
const UNKNOWNS: [&str; 7] = [
    "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7",
    "3eeb2bf0-c639-47a8-9e75-3b44932eb421",
    UNKNOWN,
    "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2",
    "030794c1-ac77-496b-92df-f27374a8bd58",
    "e48ece36-62e2-4504-bad9-02848725956a",
    "dd056dcd-154b-4c76-9bd3-c8f88648b5ff",
];

/// One property value.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub enum Value {
    /// Absent or null.
    #[default]
    Null,
    /// A boolean.
    Bool(bool),
    /// A number; Pulumi knows only doubles.
    Number(f64),
    /// A string.
    String(String),
    /// A list.
    Array(Vec<Value>),
    /// An object or a map.
    Object(Map),
    /// Not known before the deployment has run.
    Unknown,
    /// A value the engine encrypts in its state and hides in its display.
    Secret(Box<Value>),
    /// Another resource.
    Reference {
        /// Its URN.
        urn: String,
        /// Its id; absent for components.
        id: Option<String>,
    },
    /// A file.
    Asset(Asset),
    /// A tree of files.
    Archive(Archive),
    /// An object marked in a way we do not use (byte strings); kept as it came.
    Opaque(Map),
}

impl Value {
    /// Whether an unknown stands anywhere inside.
    pub fn has_unknown(&self) -> bool {
        match self {
            Self::Unknown => true,
            Self::Array(items) => items.iter().any(Self::has_unknown),
            Self::Object(map) => map.values().any(Self::has_unknown),
            Self::Secret(inner) => inner.has_unknown(),
            _ => false,
        }
    }

    /// Whether a secret stands anywhere inside.
    pub fn has_secret(&self) -> bool {
        match self {
            Self::Secret(_) => true,
            Self::Array(items) => items.iter().any(Self::has_secret),
            Self::Object(map) => map.values().any(Self::has_secret),
            _ => false,
        }
    }

    /// The same value with every secret mark taken off.
    #[must_use]
    pub fn exposed(self) -> Self {
        match self {
            Self::Secret(inner) => inner.exposed(),
            Self::Array(items) => Self::Array(items.into_iter().map(Self::exposed).collect()),
            Self::Object(map) => Self::Object(map.into_iter().map(|(k, v)| (k, v.exposed())).collect()),
            other => other,
        }
    }

    /// Marks the value secret, once.
    #[must_use]
    pub fn secret(self) -> Self {
        match self {
            Self::Secret(_) => self,
            other => Self::Secret(Box::new(other)),
        }
    }

    /// Marks what is secret in `like`, which it describes: a part by its key, and a list as a whole, as its items may
    /// have moved.
    #[must_use]
    pub fn secret_as(self, like: &Self) -> Self {
        match (self, like) {
            (Self::Object(map), Self::Object(like)) => {
                let marked = |(key, value): (String, Self)| match like.get(&key) {
                    Some(like) => (key, value.secret_as(like)),
                    None => (key, value),
                };
                Self::Object(map.into_iter().map(marked).collect())
            }
            (Self::Null, _) => Self::Null,
            (value, like) if like.has_secret() => value.secret(),
            (value, _) => value,
        }
    }

    /// All texts that stand in secret parts.
    pub fn secrets(&self) -> Vec<&str> {
        fn texts<'a>(value: &'a Value, inside: bool, out: &mut Vec<&'a str>) {
            match value {
                Value::Secret(inner) => texts(inner, true, out),
                Value::Array(items) => items.iter().for_each(|v| texts(v, inside, out)),
                Value::Object(map) => map.values().for_each(|v| texts(v, inside, out)),
                Value::String(text) if inside => out.push(text),
                Value::Asset(asset) if inside => out.extend(asset.text()),
                Value::Archive(archive) if inside => out.extend(archive.texts()),
                _ => {}
            }
        }
        let mut out = Vec::new();
        texts(self, false, &mut out);
        out
    }

    /// The string, when it is one.
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Self::String(s) => Some(s),
            Self::Secret(inner) => inner.as_str(),
            _ => None,
        }
    }

    /// The word for its type in a message to a user.
    pub fn type_name(&self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Bool(_) => "a boolean",
            Self::Number(_) => "a number",
            Self::String(_) => "a string",
            Self::Array(_) => "a list",
            Self::Object(_) => "an object",
            Self::Unknown => "unknown",
            Self::Secret(inner) => inner.type_name(),
            Self::Reference { .. } => "a resource reference",
            Self::Asset(_) => "an asset",
            Self::Archive(_) => "an archive",
            Self::Opaque(_) => "a byte string",
        }
    }

    /// From the wire form. Output values are flattened: their dependencies are the monitor's business.
    pub fn from_wire(wire: Wire) -> Self {
        match wire.kind {
            None | Some(Kind::NullValue(_)) => Self::Null,
            Some(Kind::BoolValue(b)) => Self::Bool(b),
            Some(Kind::NumberValue(n)) => Self::Number(n),
            Some(Kind::StringValue(s)) if UNKNOWNS.contains(&s.as_str()) => Self::Unknown,
            Some(Kind::StringValue(s)) => Self::String(s),
            Some(Kind::ListValue(list)) => Self::Array(list.values.into_iter().map(Self::from_wire).collect()),
            Some(Kind::StructValue(object)) => Self::from_wire_object(object),
        }
    }

    fn from_wire_object(object: Struct) -> Self {
        let mut map = map_from_wire(Some(object));
        let Some(Self::String(signature)) = map.get(SIGNATURE).cloned() else { return Self::Object(map) };
        let mut take = |key: &str| map.remove(key);
        match signature.as_str() {
            SECRET => take("value").unwrap_or_default().secret(),
            OUTPUT => {
                let secret = matches!(take("secret"), Some(Self::Bool(true)));
                let value = take("value").unwrap_or(Self::Unknown);
                if secret { value.secret() } else { value }
            }
            REFERENCE => {
                let urn = take("urn").and_then(|v| v.as_str().map(str::to_owned)).unwrap_or_default();
                let id = match take("id") {
                    Some(Self::String(id)) if !id.is_empty() => Some(id),
                    _ => None,
                };
                Self::Reference { urn, id }
            }
            ASSET => Self::Asset(Asset::from_map(&map)),
            ARCHIVE => Archive::from_map(&map).map_or(Self::Opaque(map), Self::Archive),
            _ => Self::Opaque(map),
        }
    }

    /// To the wire form.
    pub fn into_wire(self) -> Wire {
        let signed = |signature: &str, mut map: Map| {
            map.insert(SIGNATURE.to_owned(), Self::String(signature.to_owned()));
            Kind::StructValue(map_into_wire(map))
        };
        let marked = |signature: &str, fields: Vec<(&str, Value)>| {
            signed(signature, fields.into_iter().map(|(k, v)| (k.to_owned(), v)).collect())
        };
        let kind = match self {
            Self::Null => Kind::NullValue(0),
            Self::Bool(b) => Kind::BoolValue(b),
            Self::Number(n) => Kind::NumberValue(n),
            Self::String(s) => Kind::StringValue(s),
            Self::Unknown => Kind::StringValue(UNKNOWN.to_owned()),
            Self::Array(items) => {
                Kind::ListValue(ListValue { values: items.into_iter().map(Self::into_wire).collect() })
            }
            Self::Object(map) | Self::Opaque(map) => Kind::StructValue(map_into_wire(map)),
            Self::Asset(asset) => signed(ASSET, asset.to_map()),
            Self::Archive(archive) => signed(ARCHIVE, archive.to_map()),
            Self::Secret(inner) => marked(SECRET, vec![("value", *inner)]),
            Self::Reference { urn, id } => {
                let mut fields = vec![("urn", Self::String(urn))];
                fields.extend(id.map(|id| ("id", Self::String(id))));
                marked(REFERENCE, fields)
            }
        };
        Wire { kind: Some(kind) }
    }
}

/// Reads an object from the wire; absent is empty. Nulls are dropped: to Pulumi null and absent are one.
pub fn map_from_wire(object: Option<Struct>) -> Map {
    let fields = object.map(|o| o.fields).unwrap_or_default();
    fields.into_iter().map(|(k, v)| (k, Value::from_wire(v))).filter(|(_, v)| *v != Value::Null).collect()
}

/// Writes an object to the wire.
pub fn map_into_wire(map: Map) -> Struct {
    Struct { fields: map.into_iter().map(|(k, v)| (k, v.into_wire())).collect() }
}

/// The value inside a JSON object that is marked secret: providers get nested arguments as JSON texts.
pub fn secret_in(json: &serde_json::Map<String, serde_json::Value>) -> Option<&serde_json::Value> {
    json.get(SIGNATURE).filter(|s| s.as_str() == Some(SECRET)).and_then(|_| json.get("value"))
}

#[cfg(test)]
mod tests;
