//! One line that says whether what stands in SSM is what was published together.

use std::fmt::Write as _;

use sha2::{Digest as _, Sha256};

/// See [`Definition::digest`](crate::Definition::digest). Each part is written with its length before it: without that, one
/// pair could be rendered like two others.
pub(crate) fn digest<'a>(contract: &str, version: u32, values: impl IntoIterator<Item = (&'a str, &'a str)>) -> String {
    let mut pairs: Vec<_> = values.into_iter().collect();
    pairs.sort_unstable();
    let mut text = format!("{contract} contract {version}\n");
    for (name, value) in pairs {
        // writing to a String cannot fail
        let _ = writeln!(text, "{}:{name} {}:{value}", name.len(), value.len());
    }
    Sha256::digest(text).iter().fold(String::with_capacity(64), |mut hex, byte| {
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}

#[cfg(test)]
mod tests {
    fn digest<'a>(version: u32, values: impl IntoIterator<Item = (&'a str, &'a str)>) -> String {
        super::digest("zone", version, values)
    }

    #[test]
    fn known_answer() {
        // printf 'zone contract 1\n1:a 1:b\n' | sha256sum
        let expected = "243609fbe1fec245ddfdd7d6168c3631757248c857f0f68dc858da67d1d137b6";
        assert_eq!(digest(1, [("a", "b")]), expected);
    }

    #[test]
    fn order_does_not_matter() {
        assert_eq!(digest(1, [("a", "1"), ("b", "2")]), digest(1, [("b", "2"), ("a", "1")]));
    }

    #[test]
    fn everything_else_matters() {
        let all = [
            digest(1, [("a", "1")]),
            digest(2, [("a", "1")]),
            digest(1, [("a", "2")]),
            digest(1, [("b", "1")]),
            digest(1, [("a", "1"), ("b", "2")]),
            digest(1, [("a", "1\n1:b 1:2")]),
            digest(1, []),
            super::digest("ledger", 1, [("a", "1")]),
        ];
        let distinct: std::collections::BTreeSet<_> = all.iter().collect();
        assert_eq!(distinct.len(), all.len());
    }
}
