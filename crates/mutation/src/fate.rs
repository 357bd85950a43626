//! What came of a change.

use std::collections::BTreeSet;

use crate::mutant::Mutant;

/// What came of a change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fate {
    /// The rows of these numbers failed.
    Caught(BTreeSet<usize>),
    /// Nothing could be judged any more, and why: `zone verify` fails, too.
    Unjudged(String),
    /// No row failed, and none has to, as the declaration of this number says.
    Equivalent(usize),
    /// No row failed.
    Survived,
    /// The change could not be made, and why.
    Refused(String),
}

impl Fate {
    /// In a word: `caught`, `equivalent`, `survived` or `not_evaluated`.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Caught(_) | Self::Unjudged(_) => "caught",
            Self::Equivalent(_) => "equivalent",
            Self::Survived => "survived",
            Self::Refused(_) => "not_evaluated",
        }
    }

    /// The numbers of the rows that failed.
    pub fn rows(&self) -> Vec<usize> {
        if let Self::Caught(rows) = self { rows.iter().copied().collect() } else { Vec::new() }
    }

    /// Why nothing could be judged, or why the change could not be made.
    pub fn reason(&self) -> Option<&str> {
        if let Self::Refused(words) | Self::Unjudged(words) = self { Some(words) } else { None }
    }
}

/// A change, and what came of it.
#[derive(Clone, Debug)]
pub struct Tried {
    /// The change.
    pub mutant: Mutant,
    /// What came of it.
    pub fate: Fate,
}
