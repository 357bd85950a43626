//! Policy documents as IAM and Organizations take them: what Check says of them, and how IAM gives them back.

use pulumi::{
    provider::check::Failure,
    value::{Map, Value},
};

/// How long a document may be.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Longest {
    /// So many characters beside white space, which IAM does not count.
    /// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html#reference_iam-quotas-entity-length>
    Dense(usize),
    /// So many characters, white space included.
    Whole(usize),
    /// AWS decides.
    Unknown,
}

/// The failure of a property that is no JSON object, or too long a one; `whose` is what it is, such as `an inline policy`.
pub(crate) fn check(inputs: &Map, property: &str, whose: &str, longest: Longest) -> Option<Failure> {
    let text = inputs.get(property).and_then(Value::as_str)?;
    let (limit, length, beside) = match longest {
        Longest::Dense(limit) => (limit, text.chars().filter(|c| !c.is_whitespace()).count(), " beside white space"),
        Longest::Whole(limit) => (limit, text.chars().count(), ", white space included"),
        Longest::Unknown => (usize::MAX, 0, ""),
    };
    let reason = match serde_json::from_str::<serde_json::Map<String, serde_json::Value>>(text) {
        Err(error) => format!("{whose} is a JSON object: {error}"),
        Ok(_) if length > limit => format!("{whose} has at most {limit} characters{beside}; this one has {length}"),
        Ok(_) => return None,
    };
    Some(Failure { property: property.to_owned(), reason })
}

/// A document as IAM gives it back: percent-encoded as in RFC 3986, so that a `+` is one.
/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetRolePolicy.html>
pub(crate) fn decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, tail @ ..] = rest {
        let digit = |i: usize| tail.get(i).and_then(|b| char::from(*b).to_digit(16)).and_then(|d| u8::try_from(d).ok());
        match (first, digit(0), digit(1)) {
            (b'%', Some(high), Some(low)) => {
                bytes.push(high << 4 | low);
                rest = &tail[2..];
            }
            _ => {
                bytes.push(*first);
                rest = tail;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use pulumi::value::ToValue;

    use super::*;

    #[test]
    fn what_iam_encodes_is_decoded() {
        assert_eq!(decoded("%7B%22a%22%3A%20%22b%2Bc+d%C3%A4%22%7D"), "{\"a\": \"b+c+dä\"}");
        assert_eq!(decoded("100% {plain} %+1 %4"), "100% {plain} %+1 %4");
    }

    #[test]
    fn a_document_is_an_object_of_limited_length() {
        let reason = |text: &str, longest| {
            check(&[("policy".to_owned(), text.to_value())].into(), "policy", "a policy", longest).map(|f| f.reason)
        };
        assert_eq!(reason(r#"{"a": "b"}"#, Longest::Dense(9)), None);
        let dense = reason(r#"{"a": "bc"}"#, Longest::Dense(9));
        assert_eq!(dense.as_deref(), Some("a policy has at most 9 characters beside white space; this one has 10"));
        let whole = reason(r#"{"a": "b"}"#, Longest::Whole(9));
        assert_eq!(whole.as_deref(), Some("a policy has at most 9 characters, white space included; this one has 10"));
        for no_object in ["", "{", "[]", "\"{}\""] {
            let reason = reason(no_object, Longest::Unknown).expect("a failure");
            assert!(reason.starts_with("a policy is a JSON object: "), "{reason}");
        }
        assert_eq!(
            check(&[("policy".to_owned(), Value::Unknown)].into(), "policy", "a policy", Longest::Dense(1)),
            None
        );
    }
}
