//! Names whose length AWS limits: how a generated one is made to fit.

use pulumi::value::{Map, Value};

use crate::checks::Checks;

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
const FIFO: &str = ".fifo";

/// A generated name with the end that a FIFO queue or topic needs; `flag` is the property that says whether it is one.
pub(crate) fn fifo_fitted(inputs: &Map, flag: &str, name: String) -> String {
    if is_fifo(inputs, flag) == Some(true) && !name.ends_with(FIFO) { name + FIFO } else { name }
}

/// A FIFO queue's or topic's name ends as it has to, and no other one has properties `of_fifo`; `thing` is the noun.
pub(crate) fn check_fifo(checks: &mut Checks<'_>, thing: &str, flag: &str, of_fifo: &[&str]) {
    let fifo = is_fifo(checks.inputs, flag);
    match (fifo, checks.text("name").map(|name| name.ends_with(FIFO))) {
        (Some(true), Some(false)) => checks.wrong("name", format!("the name of a FIFO {thing} ends in `{FIFO}`")),
        (Some(false), Some(true)) => {
            checks.wrong("name", format!("only the name of a FIFO {thing} ends in `{FIFO}`: set `{flag}` too"));
        }
        _ => {}
    }
    for property in of_fifo {
        if fifo == Some(false) && checks.asks(property) {
            checks.wrong(property, format!("this is for FIFO {thing}s: set `{flag}` too"));
        }
    }
}

/// Whether a queue or topic is to be FIFO; `None` is not known yet.
fn is_fifo(inputs: &Map, flag: &str) -> Option<bool> {
    match inputs.get(flag) {
        None | Some(Value::Null) => Some(false),
        Some(Value::Bool(fifo)) => Some(*fifo),
        Some(_) => None,
    }
}

/// What stands behind the last separator of an ARN, a URL or a path: the name in an id.
pub(crate) fn last(id: &str, separator: char) -> &str {
    id.rsplit_once(separator).map_or(id, |(_, name)| name)
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

    #[test]
    fn a_name_stands_behind_the_last_separator_of_an_id() {
        assert_eq!(last("https://sqs.ap-southeast-2.amazonaws.com/123456789012/q", '/'), "q");
        assert_eq!((last("arn:aws:sns:ap-southeast-2:123456789012:t", ':'), last("t", ':')), ("t", "t"));
    }
}
