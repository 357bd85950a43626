//! What comes of a deployment and the engine's journal: the deployment that the engine itself would have written.
//!
//! The rules are those of `JournalReplayer` in `pkg/backend/journal.go` of Pulumi 3.259; `tests/journal` compares both. They
//! hold for every beginning of a journal, because the engine may die at any moment.
//!
//! Where an entry names a resource that there is not, the engine's replayer changes the first resource instead, or nothing.
//! We refuse the entry.

mod entry;
mod fold;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, HashMap, HashSet};

use jiff::Timestamp;

pub use self::entry::Entry;
use self::entry::{Change, Place, Success};
use crate::{
    deployment::{Deployment, manifest},
    document::Object,
    error::{Exit, Failure, Result},
};

/// A deployment, and the entries of a journal that follow it.
#[derive(Clone, Debug)]
pub struct Replay {
    base: Deployment,
    /// What becomes of each resource of the base.
    marks: Vec<Mark>,
    /// What operations made, in the order in which they ended.
    made: Vec<Object>,
    /// Where in `made` it is, by the operation.
    made_by: HashMap<u64, usize>,
    /// The operations whose resource was removed later.
    removed: HashSet<u64>,
    /// What was begun and has not ended, by operation; some are listed as pending.
    begun: BTreeMap<u64, Option<Object>>,
    extensions: BTreeMap<String, Object>,
    refreshed: bool,
    byte_string: bool,
    /// The digest of each entry, by its number.
    seen: BTreeMap<u64, u64>,
}

/// What becomes of a resource of the base.
#[derive(Clone, Debug, Default)]
struct Mark {
    removed: bool,
    delete: bool,
    pending_replacement: bool,
    /// Its state after a refresh, or with its outputs.
    state: Option<Object>,
}

impl Replay {
    /// A journal without entries: it begins with this deployment, as the engine read it.
    pub fn new(base: Deployment) -> Self {
        Self {
            marks: vec![Mark::default(); base.resources.len()],
            base,
            made: Vec::new(),
            made_by: HashMap::new(),
            removed: HashSet::new(),
            begun: BTreeMap::new(),
            extensions: BTreeMap::new(),
            refreshed: false,
            byte_string: false,
            seen: BTreeMap::new(),
        }
    }

    /// Adds the next entry. False when it was there already: the engine sends a batch again whose answer it did not get.
    ///
    /// An entry that is refused changes nothing.
    pub fn add(&mut self, entry: Entry) -> Result<bool> {
        if let Some(digest) = self.seen.get(&entry.sequence) {
            return if *digest == entry.digest {
                Ok(false)
            } else {
                Err(refused(entry.sequence, "there is another entry of this number"))
            };
        }
        let (sequence, digest, byte_string) = (entry.sequence, entry.digest, entry.byte_string);
        self.apply(entry).map_err(|cause| refused(sequence, &cause))?;
        self.byte_string |= byte_string;
        self.seen.insert(sequence, digest);
        Ok(true)
    }

    /// The first number between 1 and the highest one whose entry did not arrive. While the engine runs, an entry may overtake
    /// another one; at the end, one that is missing is lost.
    pub fn missing(&self) -> Option<u64> {
        (1..).zip(self.seen.keys()).find(|(expected, number)| expected != *number).map(|(expected, _)| expected)
    }

    /// The deployment after the entries so far, as the engine of this version (`v3.259.0`) would write it now.
    pub fn deployment(&self, time: Timestamp, version: &str) -> Result<Deployment> {
        self.fold(manifest(time, version)).map_err(|cause| {
            Failure::new(Exit::Failed, format!("replaying the engine's journal: {cause}")).hint(REPORT)
        })
    }

    fn apply(&mut self, entry: Entry) -> std::result::Result<(), String> {
        let operation = entry.operation;
        match entry.change {
            Change::Begin { pending } => {
                self.begun.insert(operation, pending);
            }
            Change::Success(success) => self.succeed(operation, *success)?,
            Change::Failure => {
                self.begun.remove(&operation);
            }
            Change::Refreshed { state, place } => {
                self.check(place)?;
                self.begun.remove(&operation);
                self.refreshed = true;
                match state {
                    Some(state) => self.put(place, state),
                    None => self.remove(place),
                }
            }
            Change::Outputs { state, place } => {
                self.check(place)?;
                self.put(place, state);
            }
            Change::Write(base) => {
                // the engine's replayer would let the indices of former entries point into the new list
                if !self.made.is_empty() || self.marks.iter().any(Mark::is_set) {
                    return Err("it replaces the deployment that entries before it refer to".to_owned());
                }
                self.marks = vec![Mark::default(); base.resources.len()];
                self.base = *base;
            }
            Change::SecretsProvider(provider) => {
                let text = |of: &Object| of.get("state").map(|state| state.get().to_owned());
                let same = |of: &Object| of.text("type") == provider.text("type") && text(of) == text(&provider);
                if !self.base.secrets_providers.as_ref().is_some_and(same) {
                    self.base.secrets_providers = Some(provider);
                }
            }
            Change::RebuiltBase => {
                let base = self.fold(self.base.manifest.clone())?;
                // the engine's replayer does not clear the two flags
                let (refreshed, byte_string) = (self.refreshed, self.byte_string);
                *self = Self { refreshed, byte_string, seen: std::mem::take(&mut self.seen), ..Self::new(base) };
            }
            Change::Extension { reference, extension } => {
                self.extensions.insert(reference, extension);
            }
            Change::Snippets(snippets) => self.base.snippets = snippets,
        }
        Ok(())
    }

    fn succeed(&mut self, operation: u64, success: Success) -> std::result::Result<(), String> {
        let Success { state, remove, delete, pending_replacement, refresh } = success;
        for place in [remove, delete, pending_replacement] {
            self.check(place)?;
        }
        self.begun.remove(&operation);
        if let Some(state) = state {
            self.made_by.insert(operation, self.made.len());
            self.made.push(state);
        }
        self.remove(remove);
        if let Some(mark) = self.mark(delete) {
            mark.delete = true;
        }
        if let Some(state) = self.made(delete) {
            state.set("delete", &true);
        }
        if let Some(mark) = self.mark(pending_replacement) {
            mark.pending_replacement = true;
        }
        if let Some(state) = self.made(pending_replacement) {
            state.set("pendingReplacement", &true);
        }
        self.refreshed |= refresh;
        Ok(())
    }

    /// Whether there is the resource that an entry names.
    fn check(&self, place: Place) -> std::result::Result<(), String> {
        if let Some(old) = place.old.filter(|old| *old >= self.marks.len()) {
            return Err(format!("it names resource {old} of {} in the deployment before", self.marks.len()));
        }
        match place.new.filter(|new| !self.made_by.contains_key(new)) {
            Some(new) => Err(format!("it names the resource of operation {new}, which has made none")),
            None => Ok(()),
        }
    }

    fn mark(&mut self, place: Place) -> Option<&mut Mark> {
        self.marks.get_mut(place.old?)
    }

    fn made(&mut self, place: Place) -> Option<&mut Object> {
        let at = *self.made_by.get(&place.new?)?;
        self.made.get_mut(at)
    }

    fn remove(&mut self, place: Place) {
        if let Some(mark) = self.mark(place) {
            mark.removed = true;
        }
        self.removed.extend(place.new);
    }

    fn put(&mut self, place: Place, state: Object) {
        if let Some(made) = self.made(place) {
            *made = state.clone();
        }
        if let Some(mark) = self.mark(place) {
            mark.state = Some(state);
        }
    }
}

impl Mark {
    fn is_set(&self) -> bool {
        self.removed || self.delete || self.pending_replacement || self.state.is_some()
    }
}

const REPORT: &str = "the journal is kept, and the state before it is unchanged. Please report this";

fn refused(sequence: u64, cause: &str) -> Failure {
    Failure::new(Exit::Failed, format!("replaying entry {sequence} of the engine's journal: {cause}")).hint(REPORT)
}
