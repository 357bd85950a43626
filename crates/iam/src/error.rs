//! What AWS would refuse in a policy document.

use std::fmt;

/// One thing that is wrong with a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Where: `Statement[2].Condition.StringEquals`, counted from 0.
    pub place: String,
    /// What, with the value.
    pub what: String,
    /// The way out.
    pub hint: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.place.is_empty() { f.write_str(&self.what) } else { write!(f, "{}: {}", self.place, self.what) }
    }
}

/// A document that AWS would refuse, with everything that is wrong with it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", .problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))]
pub struct Malformed {
    /// At least one.
    pub problems: Vec<Problem>,
}

impl Malformed {
    /// The way out of the first problem.
    pub fn hint(&self) -> &str {
        self.problems.first().map_or("", |problem| &problem.hint)
    }
}

/// Collects the problems of a document while it is read.
#[derive(Debug, Default)]
pub(crate) struct Problems(Vec<Problem>);

impl Problems {
    pub(crate) fn add(&mut self, place: &str, what: impl Into<String>, hint: &str) {
        self.0.push(Problem { place: place.to_owned(), what: what.into(), hint: hint.to_owned() });
    }

    pub(crate) fn into_result<T>(self, value: T) -> Result<T, Malformed> {
        if self.0.is_empty() { Ok(value) } else { Err(Malformed { problems: self.0 }) }
    }
}
