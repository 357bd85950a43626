//! Names whose length AWS limits: what Check says of one that is too long, and how a generated one is made to fit.

use pulumi::{
    provider::check::Failure,
    value::{Map, Value},
};

/// The failure of a name that is too long; `whose` is whose name it is, such as `an archive's`.
pub(crate) fn too_long(inputs: &Map, whose: &str, longest: usize) -> Option<Failure> {
    let name = inputs.get("name").and_then(Value::as_str)?;
    let length = name.chars().count();
    let reason = format!("{whose} name has at most {longest} characters; `{name}` has {length}");
    (length > longest).then(|| Failure { property: "name".to_owned(), reason })
}

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
    use pulumi::value::ToValue;

    use super::*;

    #[test]
    fn a_name_is_shortened_before_what_makes_it_unique() {
        assert_eq!(fitted(format!("{}-1234567", "a".repeat(60)), 48), format!("{}-1234567", "a".repeat(40)));
        assert_eq!(fitted("archive-1234567".to_owned(), 48), "archive-1234567");
        assert_eq!(fitted("a".repeat(60), 48), "a".repeat(60));
    }

    #[test]
    fn a_name_is_as_long_as_it_may_be() {
        let reason = |name: &str| too_long(&[("name".to_owned(), name.to_value())].into(), "an archive's", 3);
        assert_eq!(reason("äöü"), None);
        let failure = reason("abcd").expect("a failure");
        assert_eq!(failure.reason, "an archive's name has at most 3 characters; `abcd` has 4");
        assert_eq!(too_long(&[("name".to_owned(), Value::Unknown)].into(), "an archive's", 3), None);
    }
}
