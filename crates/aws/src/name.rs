//! Names whose length AWS limits: how a generated one is made to fit.

use pulumi::value::{Map, Value};

/// A generated name, shortened where it has to be: what makes it unique stands at the end, and stays.
pub(crate) fn fitted(name: String, longest: usize) -> String {
    match name.rsplit_once('-') {
        Some((logical, unique)) if name.chars().count() > longest && unique.chars().count() < longest => {
            let logical: String = logical.chars().take(longest - 1 - unique.chars().count()).collect();
            format!("{logical}-{unique}")
        }
        _ => name,
    }
}

/// The end of a FIFO queue's or topic's name.
pub(crate) const FIFO: &str = ".fifo";

/// Whether a queue or topic is to be FIFO, by the property that says so; `None` is not known yet.
pub(crate) fn is_fifo(inputs: &Map, property: &str) -> Option<bool> {
    match inputs.get(property) {
        None | Some(Value::Null) => Some(false),
        Some(Value::Bool(fifo)) => Some(*fifo),
        Some(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_shortened_before_what_makes_it_unique() {
        assert_eq!(fitted(format!("{}-1234567", "a".repeat(60)), 48), format!("{}-1234567", "a".repeat(40)));
        assert_eq!(fitted("archive-1234567".to_owned(), 48), "archive-1234567");
        assert_eq!(fitted("a".repeat(60), 48), "a".repeat(60));
    }
}
