//! Values as plain JSON, and from it.

use super::{SIGNATURE, Value};

impl Value {
    /// A plain value from JSON; it has no secrets, references or unknowns.
    pub fn from_json(json: &serde_json::Value) -> Self {
        use serde_json::Value as Json;
        match json {
            Json::Null => Self::Null,
            Json::Bool(b) => Self::Bool(*b),
            Json::Number(n) => n.as_f64().map_or(Self::Null, Self::Number),
            Json::String(s) => Self::String(s.clone()),
            Json::Array(items) => Self::Array(items.iter().map(Self::from_json).collect()),
            Json::Object(fields) => Self::Object(fields.iter().map(|(k, v)| (k.clone(), Self::from_json(v))).collect()),
        }
    }

    /// A value as a state has it. What is secret there is encrypted, and so unknown here.
    pub fn from_state(json: &serde_json::Value) -> Self {
        use serde_json::Value as Json;
        match json {
            Json::Object(fields) if fields.contains_key(SIGNATURE) => Self::Unknown,
            Json::Object(fields) => {
                Self::Object(fields.iter().map(|(k, v)| (k.clone(), Self::from_state(v))).collect())
            }
            Json::Array(items) => Self::Array(items.iter().map(Self::from_state).collect()),
            plain => Self::from_json(plain),
        }
    }

    /// As plain JSON, for comparing documents and for display: secrets are `"[secret]"`, unknowns `"[unknown]"`, and an
    /// asset or archive says where its content is, and its `hash`.
    pub fn to_json(&self) -> serde_json::Value {
        use serde_json::Value as Json;
        match self {
            Self::Null => Json::Null,
            Self::Bool(b) => Json::Bool(*b),
            Self::Number(n) => number(*n),
            Self::String(s) => Json::String(s.clone()),
            Self::Array(items) => Json::Array(items.iter().map(Self::to_json).collect()),
            Self::Object(map) | Self::Opaque(map) => {
                Json::Object(map.iter().map(|(k, v)| (k.clone(), v.to_json())).collect())
            }
            Self::Asset(asset) => Self::Object(asset.to_map()).to_json(),
            Self::Archive(archive) => Self::Object(archive.to_map()).to_json(),
            Self::Unknown => Json::String("[unknown]".into()),
            Self::Secret(_) => Json::String("[secret]".into()),
            Self::Reference { urn, .. } => Json::String(urn.clone()),
        }
    }
}

#[expect(clippy::cast_possible_truncation, reason = "guarded: only whole numbers within 2^53 are cast")]
fn number(n: f64) -> serde_json::Value {
    if n.fract() == 0.0 && n.abs() < 9_007_199_254_740_992.0 { (n as i64).into() } else { n.into() }
}
