//! Collects what the stacks give, and compares it with what the contract promises before anything is written.

use std::collections::BTreeMap;

use crate::{
    definition::Definition,
    entry::{Entry, Scope},
};

/// A difference between what is promised and what is given.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Mismatch {
    /// The contract promises it, and no stack gave it.
    #[error("`{name}` is promised by stack {owner} and was not provided")]
    Missing {
        /// The entry's name.
        name: String,
        /// The stack that owes it.
        owner: &'static str,
    },
    /// A stack gave what the contract does not promise.
    #[error("`{name}` was provided and is not in the contract")]
    NotPromised {
        /// The name as given.
        name: String,
    },
    /// Two writers of one parameter: one owner per path.
    #[error("`{name}` was provided more than once")]
    Twice {
        /// The entry's name.
        name: String,
    },
}

/// The values of one publication by entry name. `V` is whatever the program holds: text, or an output not yet known.
#[derive(Debug, Clone)]
pub struct Publication<V> {
    promised: Vec<Entry>,
    given: BTreeMap<String, V>,
    twice: Vec<String>,
}

impl<V> Publication<V> {
    /// An empty publication of what `contract` promises for `scope`: the entries of the stacks that are deployed.
    pub fn new(contract: Definition, scope: &Scope) -> Self {
        Self { promised: contract.entries(scope), given: BTreeMap::new(), twice: Vec::new() }
    }

    /// Takes the value of the entry called `name` ("kms/secret/arn"); what is wrong with it is said by [`Self::finish`].
    pub fn provide(&mut self, name: impl Into<String>, value: V) {
        let name = name.into();
        if self.given.insert(name.clone(), value).is_some() {
            self.twice.push(name);
        }
    }

    /// What is promised and not given yet, in the contract's order.
    pub fn missing(&self) -> Vec<&Entry> {
        self.promised.iter().filter(|entry| !self.given.contains_key(&entry.name)).collect()
    }

    /// Every promised entry with its value, in the contract's order, or all differences at once.
    pub fn finish(mut self) -> Result<Vec<(Entry, V)>, Vec<Mismatch>> {
        let mut mismatches: Vec<_> = self
            .missing()
            .into_iter()
            .map(|entry| Mismatch::Missing { name: entry.name.clone(), owner: entry.owner })
            .collect();
        let whole: Vec<_> = std::mem::take(&mut self.promised)
            .into_iter()
            .filter_map(|entry| self.given.remove(&entry.name).map(|value| (entry, value)))
            .collect();
        mismatches.extend(self.given.into_keys().map(|name| Mismatch::NotPromised { name }));
        mismatches.extend(self.twice.into_iter().map(|name| Mismatch::Twice { name }));
        if mismatches.is_empty() { Ok(whole) } else { Err(mismatches) }
    }
}
