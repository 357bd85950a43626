//! Steps of the engine, and the resources that they work on.

use serde_json::{Map, Value, json};

use crate::states::State;

/// Where the engine finds a resource again.
#[derive(Clone, Copy)]
pub(crate) enum At {
    Base(usize),
    New(u64),
}

#[derive(Clone)]
pub(crate) struct Live {
    pub(crate) state: State,
    pub(crate) at: At,
    pub(crate) busy: bool,
}

/// A step that was begun.
pub(crate) struct Step {
    pub(crate) operation: u64,
    /// The fields of its entry if it ends well, without the number.
    pub(crate) entry: Map<String, Value>,
    pub(crate) outcome: Outcome,
}

pub(crate) enum Outcome {
    /// A new state, in the place of another one or not.
    Made {
        state: State,
        instead_of: Option<String>,
    },
    /// A replacement: the former one is to be deleted.
    Replaced {
        state: State,
        former: String,
    },
    Gone {
        key: String,
    },
    /// The resource waits for its replacement.
    Waits {
        key: String,
    },
    Nothing,
}

/// A resource's key in the model: the URN occurs twice while one of them is to be deleted.
pub(crate) fn key(live: &Live) -> String {
    match live.at {
        At::Base(index) => format!("old {index}"),
        At::New(operation) => format!("new {operation}"),
    }
}

pub(crate) fn point(entry: &mut Map<String, Value>, what: &str, at: At) {
    match at {
        At::Base(index) => entry.insert(format!("{what}Old"), json!(index)),
        At::New(operation) => entry.insert(format!("{what}New"), json!(operation)),
    };
}
