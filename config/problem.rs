//! What is wrong with the files, in the words a user reads.

use std::fmt;
use std::path::PathBuf;

use serde::Serialize;

/// One thing to correct.
///
/// Rendered as two lines, ``config/dev.toml:7: `member.account`: wants 12 digits, got `12` `` and `hint: ...`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Problem {
    /// The file, below the directory that was given to [`load`](crate::load).
    pub file: PathBuf,
    /// The line, counted from 1; none when something is absent from the whole file.
    pub line: Option<usize>,
    /// The key with the tables around it, such as `bucket.class`; empty when the file itself is the problem.
    pub key: String,
    /// What is wrong and with which value: a fragment in lower case, with no full stop.
    pub message: String,
    /// What to do about it.
    pub hint: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.file.display())?;
        if let Some(line) = self.line {
            write!(f, ":{line}")?;
        }
        if !self.key.is_empty() {
            write!(f, ": `{}`", self.key)?;
        }
        write!(f, ": {}", self.message)?;
        if !self.hint.is_empty() {
            write!(f, "\nhint: {}", self.hint)?;
        }
        Ok(())
    }
}

/// Everything that is wrong, in the order of the files and their lines.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Errors(pub Vec<Problem>);

impl fmt::Display for Errors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, problem) in self.0.iter().enumerate() {
            if index > 0 {
                writeln!(f)?;
            }
            write!(f, "{problem}")?;
        }
        Ok(())
    }
}

impl std::error::Error for Errors {}

/// Why a text is not the value it should be, before anybody knows where the text stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invalid {
    /// What is wrong and with which value.
    pub message: String,
    /// What to write instead.
    pub hint: String,
}

impl Invalid {
    pub(crate) fn new(message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { message: message.into(), hint: hint.into() }
    }
}

impl fmt::Display for Invalid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Invalid {}

/// "did you mean `x`?" when one of `known` is close, else all of them under `title`.
pub(crate) fn suggest<S: AsRef<str>>(given: &str, known: &[S], title: &str) -> String {
    // A third of the letters may be wrong: `bukcet` is `bucket`, `kafka` is nothing we know.
    let allowed = (given.chars().count() / 3).max(1);
    let nearest = known
        .iter()
        .map(|name| (strsim::damerau_levenshtein(given, name.as_ref()), name.as_ref()))
        .min()
        .filter(|(distance, _)| *distance <= allowed);
    match nearest {
        Some((_, name)) => format!("did you mean `{name}`?"),
        None if known.is_empty() => format!("{title}: none"),
        None => {
            let names: Vec<_> = known.iter().map(AsRef::as_ref).collect();
            format!("{title}: {}", names.join(", "))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_close_name_is_suggested_and_a_far_one_is_not() {
        let known = ["bucket", "class", "domain"];
        assert_eq!(suggest("bukcet", &known, "known keys"), "did you mean `bucket`?");
        assert_eq!(suggest("kafka", &known, "known keys"), "known keys: bucket, class, domain");
    }
}
