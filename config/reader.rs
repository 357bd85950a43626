//! Reads TOML by hand, so that every problem knows its file, line and key, and the questions are the schema.
//!
//! Not serde: its derive forgets where a value stood as soon as it is read, and the rules across values
//! ([`check`](crate::check)) need to name that line.

mod layer;
mod recorder;
mod section;
mod value;

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::ops::Range;
use std::path::{Path, PathBuf};

pub(crate) use recorder::{Key, Keys, REST, Recorder, What};
pub(crate) use section::{Section, Table};
pub(crate) use value::Form;

use crate::problem::{Errors, Problem};

/// One file's text.
pub(crate) struct Source {
    pub(crate) file: PathBuf,
    pub(crate) text: String,
}

impl Source {
    /// The line of a byte offset, counted from 1.
    pub(crate) fn line(&self, offset: usize) -> usize {
        1 + self.text.bytes().take(offset).filter(|byte| *byte == b'\n').count()
    }

    /// What is written at `span`: its first line, shortened, as a message quotes it.
    pub(crate) fn quote(&self, span: Range<usize>) -> String {
        const LONGEST: usize = 60;
        let line = self.text.get(span).unwrap_or_default().lines().next().unwrap_or_default();
        match line.char_indices().nth(LONGEST) {
            Some((end, _)) => format!("{}...", &line[..end]),
            None => line.to_owned(),
        }
    }
}

/// Where a value that was read well stands.
struct Place {
    file: PathBuf,
    line: usize,
}

/// What reading has found so far: the problems, and the place of every value that reads well.
#[derive(Default)]
pub(crate) struct Book {
    files: RefCell<Vec<PathBuf>>,
    problems: RefCell<Vec<Problem>>,
    places: RefCell<BTreeMap<String, Place>>,
}

impl Book {
    /// The text that was read of `file`, or none and a problem.
    pub(crate) fn open(&self, file: &Path, text: std::io::Result<String>, hint: &str) -> Option<Source> {
        self.files.borrow_mut().push(file.to_owned());
        match text {
            Ok(text) => Some(Source { file: file.to_owned(), text }),
            Err(error) if error.kind() == std::io::ErrorKind::InvalidData => {
                self.report(file, None, "", "is not UTF-8", "save the file as UTF-8");
                None
            }
            Err(error) => {
                self.report(file, None, "", format!("reading the file: {error}"), hint);
                None
            }
        }
    }

    /// Adds a problem at a line that the caller knows.
    pub(crate) fn report(
        &self,
        file: &Path,
        line: Option<usize>,
        path: &str,
        message: impl Into<String>,
        hint: impl Into<String>,
    ) {
        self.problems.borrow_mut().push(Problem {
            file: file.to_owned(),
            line,
            key: key(path),
            message: message.into(),
            hint: hint.into(),
        });
    }

    /// Adds a problem at the value of `path`, and nothing if that value did not read well: that was said already. Of a value that
    /// is left out, it stands at the table that could have it.
    pub(crate) fn problem(&self, path: &str, message: impl Into<String>, hint: impl Into<String>) {
        let places = self.places.borrow();
        let is_said = |path: &str| self.problems.borrow().iter().any(|problem| problem.key == key(path));
        let around = |path: &str| path.rfind(['.', '[']).map(|end| path[..end].to_owned());
        let mut at = path.to_owned();
        let place = loop {
            match (places.get(&at), around(&at)) {
                (Some(place), _) => break place,
                (None, Some(outer)) if !is_said(&at) => at = outer,
                (None, _) => return,
            }
        };
        self.report(&place.file, Some(place.line), path, message, hint);
    }

    /// Where the value of `path` stands, as `config/zone.toml:7`.
    pub(crate) fn place(&self, path: &str) -> Option<String> {
        self.places.borrow().get(path).map(|place| format!("{}:{}", place.file.display(), place.line))
    }

    /// File and line of the value of `path`.
    pub(crate) fn position(&self, path: &str) -> Option<(PathBuf, usize)> {
        self.places.borrow().get(path).map(|place| (place.file.clone(), place.line))
    }

    fn remember(&self, path: &str, file: &Path, line: usize) {
        self.places.borrow_mut().insert(path.to_owned(), Place { file: file.to_owned(), line });
    }

    fn forget(&self, path: &str) {
        self.places.borrow_mut().remove(path);
    }

    /// All problems in the order of the files, and by line within a file.
    pub(crate) fn into_errors(self) -> Errors {
        let files = self.files.into_inner();
        let mut problems = self.problems.into_inner();
        problems.sort_by_key(|problem| (files.iter().position(|file| *file == problem.file), problem.line));
        // a file whose lines end in carriage returns is no TOML once for each of them
        problems.dedup();
        Errors(problems)
    }

    /// Whether nothing is wrong so far.
    pub(crate) fn is_clean(&self) -> bool {
        self.problems.borrow().is_empty()
    }
}

/// A path as a user knows it: `bucket[2].class` is `bucket.class`, because the line says which one.
fn key(path: &str) -> String {
    let mut inside = false;
    path.chars()
        .filter(|char| {
            inside = *char == '[' || (inside && *char != ']');
            !inside && *char != ']'
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_has_no_index() {
        assert_eq!(key("bucket[12].class"), "bucket.class");
        assert_eq!(key("network.public_subnets[0]"), "network.public_subnets");
        assert_eq!(key("prefix"), "prefix");
    }
}
