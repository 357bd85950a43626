//! What a step does to a resource.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// An operation of the engine (pulumi sdk/go/common/apitype/updates.go, v3.259.0), and ours that it does not know. Ordered
/// by their texts.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Op {
    /// Adopts what exists already; the engine calls it a create.
    Adopt,
    /// Creates a resource.
    Create,
    /// Creates the resource that replaces another one.
    CreateReplacement,
    /// Deletes a resource.
    Delete,
    /// Deletes the resource that was replaced.
    DeleteReplaced,
    /// Drops a resource that was read from the state.
    Discard,
    /// Drops a replaced resource from the state.
    DiscardReplaced,
    /// Imports an existing resource.
    Import,
    /// Imports the resource that replaces another one.
    ImportReplacement,
    /// Reads a resource that is not managed here.
    Read,
    /// Reads the resource that replaces another one.
    ReadReplacement,
    /// Reads a managed resource.
    Refresh,
    /// Drops a resource whose replacement was pending.
    RemovePendingReplace,
    /// Replaces a resource: a create and a delete.
    Replace,
    /// Changes nothing.
    #[default]
    Same,
    /// Updates a resource in place.
    Update,
    /// One that a newer engine has.
    Other(String),
}

impl Op {
    const ALL: [(Self, &str); 16] = [
        (Self::Adopt, "adopt"),
        (Self::Create, "create"),
        (Self::CreateReplacement, "create-replacement"),
        (Self::Delete, "delete"),
        (Self::DeleteReplaced, "delete-replaced"),
        (Self::Discard, "discard"),
        (Self::DiscardReplaced, "discard-replaced"),
        (Self::Import, "import"),
        (Self::ImportReplacement, "import-replacement"),
        (Self::Read, "read"),
        (Self::ReadReplacement, "read-replacement"),
        (Self::Refresh, "refresh"),
        (Self::RemovePendingReplace, "remove-pending-replace"),
        (Self::Replace, "replace"),
        (Self::Same, "same"),
        (Self::Update, "update"),
    ];

    /// The engine's word for it.
    pub fn text(&self) -> &str {
        match self {
            Self::Other(text) => text,
            known => Self::ALL.iter().find(|(op, _)| op == known).map_or("", |(_, text)| text),
        }
    }

    /// Whether it changes a resource, rather than reading it or leaving it as it is.
    pub const fn changes(&self) -> bool {
        !matches!(self, Self::Same | Self::Read | Self::Refresh)
    }
}

impl From<&str> for Op {
    fn from(text: &str) -> Self {
        let known = Self::ALL.into_iter().find(|(_, known)| *known == text);
        known.map_or_else(|| Self::Other(text.to_owned()), |(op, _)| op)
    }
}

impl fmt::Display for Op {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.text())
    }
}

impl<'de> Deserialize<'de> for Op {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        Ok(Self::from(String::deserialize(from)?.as_str()))
    }
}

impl Serialize for Op {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(self.text())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_has_its_text_and_one_of_a_newer_engine_keeps_its_own() {
        for (op, text) in Op::ALL {
            assert_eq!((Op::from(text), op.text()), (op.clone(), text));
        }
        let newer = Op::from("mend");
        assert_eq!((newer.text(), newer.changes()), ("mend", true));
        assert!(Op::ALL.is_sorted() && Op::ALL.is_sorted_by_key(|(_, text)| text));
        let json = serde_json::to_string(&Op::DeleteReplaced).expect("a text");
        assert_eq!(serde_json::from_str::<Op>(&json).expect("an operation"), Op::DeleteReplaced);
    }
}
