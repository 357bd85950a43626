//! An entry of the engine's journal (`apitype.JournalEntry`), read so that only a complete and known one comes out.
//!
//! Kinds and fields that we do not know are refused: the engine got two kinds in 2026 without another version number, and a
//! journal that is replayed without them gives a wrong state.

use std::hash::{DefaultHasher, Hash, Hasher};

use serde::Deserialize;

use crate::{
    deployment::{Deployment, check_operation, check_resource, check_snippet},
    document::Object,
    error::{Exit, Failure, Result},
};

/// An entry of a journal.
#[derive(Clone, Debug)]
pub struct Entry {
    pub(super) sequence: u64,
    pub(super) operation: u64,
    pub(super) byte_string: bool,
    pub(super) change: Change,
    /// Of its text: whether another one of the same number is the same.
    pub(super) digest: u64,
}

/// What an entry says.
#[derive(Clone, Debug)]
pub(super) enum Change {
    /// An operation begins; some are listed as pending until they end.
    Begin {
        pending: Option<Object>,
    },
    Success(Box<Success>),
    Failure,
    /// What a refresh found, put where the resource was; no state means that the resource is gone.
    Refreshed {
        state: Option<Object>,
        place: Place,
    },
    /// The outputs of a resource, as a whole new state of it.
    Outputs {
        state: Object,
        place: Place,
    },
    /// Another deployment to start from.
    Write(Box<Deployment>),
    SecretsProvider(Object),
    /// What came out so far is what later entries refer to.
    RebuiltBase,
    Extension {
        reference: String,
        extension: Object,
    },
    Snippets(Vec<Object>),
}

/// An operation ended well: the state that it made, and what becomes of others.
#[derive(Clone, Debug)]
pub(super) struct Success {
    pub(super) state: Option<Object>,
    pub(super) remove: Place,
    pub(super) delete: Place,
    pub(super) pending_replacement: Place,
    pub(super) refresh: bool,
}

/// Which resource is meant.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Place {
    /// By its index in the base.
    pub(super) old: Option<usize>,
    /// By the operation that made it.
    pub(super) new: Option<u64>,
}

/// An entry as the engine writes it.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Wire {
    version: u64,
    kind: u64,
    #[serde(rename = "sequenceID")]
    sequence: u64,
    #[serde(rename = "operationID")]
    operation_id: u64,
    remove_old: Option<usize>,
    remove_new: Option<u64>,
    pending_replacement_old: Option<usize>,
    pending_replacement_new: Option<u64>,
    delete_old: Option<usize>,
    delete_new: Option<u64>,
    state: Option<Object>,
    operation: Option<Object>,
    #[serde(default)]
    is_refresh: bool,
    secrets_provider: Option<Object>,
    snippets: Option<Vec<Object>>,
    new_snapshot: Option<Deployment>,
    extension_ref: Option<String>,
    extension: Option<Object>,
    #[serde(default)]
    requires_byte_string: bool,
}

impl Entry {
    /// Reads an entry, as the engine sent it.
    pub fn read(text: &str) -> Result<Self> {
        let wire: Wire = serde_json::from_str(text).map_err(|cause| refused(None, &cause.to_string()))?;
        let sequence = wire.sequence;
        let mut hasher = DefaultHasher::new();
        text.hash(&mut hasher);
        let digest = hasher.finish();
        let (operation, byte_string) = (wire.operation_id, wire.requires_byte_string);
        let change = wire.change().map_err(|cause| refused(Some(sequence), &cause))?;
        Ok(Self { sequence, operation, byte_string, change, digest })
    }

    /// Whether it tells of something that exists, or does not exist any more, outside the state: what was made, changed, deleted or
    /// read. A component, a provider, the outputs of a component, the secrets provider and the beginning of a step are in the
    /// state alone.
    pub fn is_of_something_real(&self) -> bool {
        match &self.change {
            Change::Begin { .. } | Change::SecretsProvider(_) | Change::RebuiltBase | Change::Snippets(_) => false,
            Change::Outputs { state, .. } => is_real(state),
            // what was deleted is not in it
            Change::Success(success) => success.state.as_ref().is_none_or(is_real),
            Change::Failure | Change::Refreshed { .. } | Change::Write(_) | Change::Extension { .. } => true,
        }
    }

    /// Its number, from 1.
    pub fn sequence(&self) -> u64 {
        self.sequence
    }
}

fn refused(sequence: Option<u64>, cause: &str) -> Failure {
    let which = sequence.map_or_else(|| "an entry".to_owned(), |number| format!("entry {number}"));
    Failure::new(Exit::Failed, format!("reading {which} of the engine's journal: {cause}")).hint(
        "if ZONE_PULUMI or the path names another pulumi, use the one that `zone` builds; otherwise please report this",
    )
}

impl Wire {
    fn change(self) -> std::result::Result<Change, String> {
        if self.version != 1 {
            return Err(format!("it has version {}, and this `zone` reads version 1", self.version));
        }
        if self.sequence == 0 {
            return Err("it has no `sequenceID`".to_owned());
        }
        if let Some(state) = &self.state {
            check_state(state).map_err(|cause| format!("its `state`: {cause}"))?;
        }
        let remove = Place { old: self.remove_old, new: self.remove_new };
        Ok(match self.kind {
            0 => {
                if let Some(operation) = &self.operation {
                    check_operation(operation).map_err(|cause| format!("its `operation`: {cause}"))?;
                }
                Change::Begin { pending: self.operation }
            }
            1 => Change::Success(Box::new(Success {
                state: self.state,
                remove,
                delete: Place { old: self.delete_old, new: self.delete_new },
                pending_replacement: Place { old: self.pending_replacement_old, new: self.pending_replacement_new },
                refresh: self.is_refresh,
            })),
            2 => Change::Failure,
            3 => Change::Refreshed { state: self.state, place: remove },
            4 if remove.old.is_none() && remove.new.is_none() => {
                return Err("it has outputs, and neither `removeOld` nor `removeNew`".to_owned());
            }
            4 => Change::Outputs { state: self.state.ok_or_else(|| lacks("state"))?, place: remove },
            5 => {
                let base = self.new_snapshot.ok_or_else(|| lacks("newSnapshot"))?;
                base.check().map_err(|cause| format!("its `newSnapshot`: {cause}"))?;
                Change::Write(Box::new(base))
            }
            6 => {
                let provider = self.secrets_provider.ok_or_else(|| lacks("secretsProvider"))?;
                if provider.text("type")?.is_empty() {
                    return Err("its `secretsProvider` has no `type`".to_owned());
                }
                Change::SecretsProvider(provider)
            }
            7 => Change::RebuiltBase,
            8 => Change::Extension {
                reference: self.extension_ref.ok_or_else(|| lacks("extensionRef"))?,
                extension: self.extension.ok_or_else(|| lacks("extension"))?,
            },
            9 => {
                let snippets = self.snippets.unwrap_or_default();
                snippets.iter().try_for_each(check_snippet).map_err(|cause| format!("its `snippets`: {cause}"))?;
                Change::Snippets(snippets)
            }
            kind => return Err(format!("it is of kind {kind}, which this `zone` does not know")),
        })
    }
}

/// Whether a provider made it.
fn is_real(state: &Object) -> bool {
    let is_provider = state.text("type").is_ok_and(|kind| kind.starts_with("pulumi:providers:"));
    state.holds("custom") && !is_provider
}

fn lacks(field: &str) -> String {
    format!("it has no `{field}`")
}

/// Whether a state can be written: what stops the engine's own replay is found before the entry is kept.
fn check_state(state: &Object) -> std::result::Result<(), String> {
    check_resource(state)?;
    match ["urn", "type"].into_iter().find(|field| !state.holds(field)) {
        Some(field) => Err(lacks(field)),
        None => crate::deployment::check_provider(state),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(fields: &str) -> Result<Entry> {
        Entry::read(&format!(
            r#"{{"version":1,"sequenceID":7,"operationID":3,"removeOld":null,"removeNew":null,{fields}}}"#
        ))
    }

    const STATE: &str = r#""state":{"urn":"u","custom":true,"type":"t"}"#;

    #[test]
    fn each_kind_is_read_and_without_what_it_needs_refused() {
        for (kind, needs, cause) in [
            (4, format!(r#""removeOld":1,{STATE}"#), "it has no `state`"),
            (5, r#""newSnapshot":{"manifest":{}}"#.to_owned(), "it has no `newSnapshot`"),
            (6, r#""secretsProvider":{"type":"passphrase"}"#.to_owned(), "it has no `secretsProvider`"),
            (8, r#""extensionRef":"r","extension":{"name":"n"}"#.to_owned(), "it has no `extension"),
        ] {
            let all = |fields: &str| {
                Entry::read(&format!(r#"{{"version":1,"sequenceID":7,"operationID":3,"kind":{kind},{fields}}}"#))
            };
            assert_eq!(all(&needs).expect("it is complete").sequence(), 7);
            let less = if kind == 4 { r#""removeOld":1"# } else { r#""isRefresh":false"# };
            let refused = all(less).expect_err("it is not complete");
            let whole = format!("reading entry 7 of the engine's journal: {cause}");
            assert!(refused.message.starts_with(&whole) && refused.hint.is_some(), "{refused}");
        }
        for kind in [0, 1, 2, 3, 7, 9] {
            read(&format!(r#""kind":{kind}"#)).expect("it needs nothing");
        }
        assert!(read(&format!(r#""kind":4,{STATE}"#)).is_err(), "outputs of nothing");
    }

    #[test]
    fn what_is_in_the_state_alone_is_told_from_what_was_made() {
        let is_real = |fields: &str| read(fields).expect(fields).is_of_something_real();
        let provider = STATE.replace(r#""type":"t""#, r#""type":"pulumi:providers:aws""#);
        let component = STATE.replace("true", "false");
        for kind in [1, 3] {
            assert!(is_real(&format!(r#""kind":{kind},{STATE}"#)), "it was made, or read");
            assert!(is_real(&format!(r#""kind":{kind}"#)), "it was deleted");
        }
        assert!(is_real(r#""kind":2"#), "what failed may have been made");
        for fields in [
            r#""kind":0,"operation":{"resource":{"urn":"u"},"type":"creating"}"#,
            &format!(r#""kind":1,{component}"#),
            &format!(r#""kind":1,{provider}"#),
            r#""kind":6,"secretsProvider":{"type":"passphrase"}"#,
            r#""kind":7"#,
        ] {
            assert!(!is_real(fields), "{fields}");
        }
        let outputs = |state: &str| {
            let text = format!(r#"{{"version":1,"sequenceID":7,"operationID":3,"kind":4,"removeNew":1,{state}}}"#);
            Entry::read(&text).expect("outputs").is_of_something_real()
        };
        assert_eq!((outputs(STATE), outputs(&component)), (true, false));
    }

    #[test]
    fn what_is_not_known_is_refused() {
        for (fields, cause) in [
            (r#""kind":10"#, "entry 7 of the engine's journal: it is of kind 10, which this `zone` does not know"),
            (r#""kind":0,"later":1"#, "an entry of the engine's journal: unknown field `later`"),
            (r#""kind":"begin""#, "an entry of the engine's journal: invalid type: string"),
            (r#""kind":0,"deleteOld":-1"#, "an entry of the engine's journal: invalid value: integer `-1`"),
            (r#""kind":0,"deleteOld":1.0"#, "an entry of the engine's journal: invalid type: floating point"),
        ] {
            let refused = read(fields).expect_err(fields);
            assert!(refused.message.starts_with(&format!("reading {cause}")), "{refused}");
        }
        let text = r#"{"version":2,"kind":0,"sequenceID":1,"operationID":1}"#;
        assert!(Entry::read(text).expect_err("of a later version").message.contains("it has version 2"));
        Entry::read(&text.replace(":2", ":1")).expect("of this version");
        assert!(Entry::read(&text.replace(":2", ":1").replace("ID\":1", "ID\":0")).is_err(), "numbers begin at 1");
        assert!(Entry::read(&text[..20]).is_err(), "cut off");
    }

    #[test]
    fn states_and_operations_are_checked_when_they_are_read() {
        let provider = "urn:pulumi:d::z::pulumi:providers:aws::p::1";
        for (fields, refused) in [
            (STATE.to_owned(), None),
            (STATE.replace(r#""urn":"u""#, r#""id":"u""#), Some("its `state`: it has no `urn`")),
            (STATE.replace(r#""type":"t""#, r#""dependencies":5"#), Some("its `state`: field `dependencies`")),
            (STATE.replace("true", &format!(r#"true,"provider":"{provider}""#)), None),
            (
                STATE.replace("true", r#"true,"provider":"p""#),
                Some("its `state`: `p` is not a reference to a provider"),
            ),
            (r#""operation":{"resource":{"urn":"u"},"type":"creating"}"#.to_owned(), None),
            (r#""operation":{"resource":{"urn":"u"}}"#.to_owned(), Some("its `operation`: it has no `type`")),
        ] {
            let result = read(&format!(r#""kind":0,{fields}"#));
            match (refused, result) {
                (None, result) => drop(result.expect("it is sound")),
                (Some(cause), result) => {
                    let failure = result.expect_err(cause);
                    assert!(failure.message.contains(cause), "{failure}");
                }
            }
        }
    }
}
