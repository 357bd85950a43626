//! Policy documents: which of them mean the same, what Check says of them, and how IAM gives them back.

use pulumi::{
    provider::{check::Failure, diff::json_equal},
    value::{Map, Value},
};
use serde_json::Value as Json;

/// Whether two texts are the same policy, to AWS: it gives some back in another form than they were put in.
///
/// - An account as principal is its number or its root's ARN: "the following two elements are equivalent", and AWS
///   keeps the ARN <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html>.
/// - Quotation marks are optional for numbers and booleans in conditions, one value may stand without a list, and a list
///   has no order <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html>.
/// - Statements have no order, one may stand without a list, and an empty `Sid` is none.
/// - Without a version it is of 2008-10-17
///   <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_version.html>.
///
/// All as of 2026-11. `"*"` and `{"AWS": "*"}` stay two things: "some services behave differently when you specify" one
/// or the other <https://docs.aws.amazon.com/cdk/api/v2/docs/aws-cdk-lib.aws_iam.StarPrincipal.html>.
pub(crate) fn equal(old: &str, new: &str) -> bool {
    let parsed = |text: &str| serde_json::from_str::<serde_json::Map<String, Json>>(text).ok();
    let statements = |document: &mut serde_json::Map<String, Json>| match document.remove("Statement") {
        Some(Json::Array(all)) => Some(all.into_iter().map(statement).collect::<Vec<_>>()),
        one => one.map(|one| vec![statement(one)]),
    };
    if old == new {
        return true;
    }
    let (Some(mut old_rest), Some(mut new_rest)) = (parsed(old), parsed(new)) else { return false };
    match (statements(&mut old_rest), statements(&mut new_rest)) {
        (Some(mut left), Some(all)) => {
            for document in [&mut old_rest, &mut new_rest] {
                document.entry("Version").or_insert_with(|| "2008-10-17".into());
            }
            let count = left.len();
            // once each: a statement may stand there twice
            let is_there = |new: &Json| left.iter().position(|old| old == new).map(|i| left.swap_remove(i)).is_some();
            old_rest == new_rest && count == all.len() && all.iter().all(is_there)
        }
        // Organizations has policies of other kinds than of permissions
        _ => json_equal(old, new),
    }
}

/// A statement in its one form.
fn statement(statement: Json) -> Json {
    let Json::Object(parts) = statement else { return statement };
    let each = |map: serde_json::Map<String, Json>, form: &dyn Fn(&str, Json) -> Json| -> Json {
        map.into_iter()
            .map(|(k, v)| {
                let v = form(&k, v);
                (k, v)
            })
            .collect::<serde_json::Map<_, _>>()
            .into()
    };
    let part = |name: &str, value: Json| match (name, value) {
        ("Principal" | "NotPrincipal", Json::Object(by_kind)) => {
            each(by_kind, &|kind, of| values(of, |value| if kind == "AWS" { account(value) } else { value }))
        }
        ("Condition", Json::Object(operators)) => each(operators, &|_, keys| match keys {
            Json::Object(keys) => each(keys, &|_, of| values(of, unquoted)),
            other => other,
        }),
        ("Action" | "NotAction" | "Resource" | "NotResource", of) => values(of, |value| value),
        (_, other) => other,
    };
    let given = parts.into_iter().filter(|(name, value)| !(name == "Sid" && value.as_str() == Some("")));
    each(given.collect(), &part)
}

/// One value or several, as a list in order, each once.
fn values(value: Json, form: impl Fn(Json) -> Json) -> Json {
    let items = if let Json::Array(items) = value { items } else { vec![value] };
    let mut items: Vec<Json> = items.into_iter().map(form).collect();
    items.sort_by_cached_key(ToString::to_string);
    items.dedup();
    Json::Array(items)
}

/// An account by its number, where it is named by its root's ARN.
fn account(principal: Json) -> Json {
    let number = principal.as_str().and_then(|arn| match arn.split(':').collect::<Vec<_>>()[..] {
        ["arn", _, "iam", "", number, "root"] => Some(number.to_owned()),
        _ => None,
    });
    number.map_or(principal, Json::String)
}

/// A number or boolean as the text that it is to a condition.
fn unquoted(value: Json) -> Json {
    match value {
        Json::Bool(_) | Json::Number(_) => Json::String(value.to_string()),
        other => other,
    }
}

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

    const BASE: &str = r#"{"Version":"2012-10-17","Statement":[
        {"Effect":"Allow","Principal":{"AWS":["111122223333","arn:aws:iam::111122223333:role/r"]},"Action":["s3:GetObject","s3:PutObject"],"Resource":"*","Condition":{"Bool":{"aws:SecureTransport":"true"},"NumericLessThan":{"s3:max-keys":"10"}}},
        {"Sid":"B","Effect":"Deny","Principal":"*","NotAction":"s3:ListBucket","Resource":["arn:a","arn:b"]}]}"#;

    #[test]
    fn policies_in_another_form_are_equal() {
        let forms = [
            // as it is, with white space
            BASE.replace(',', " , "),
            BASE.replace("\"111122223333\"", "\"arn:aws:iam::111122223333:root\""),
            BASE.replace("\"111122223333\"", "\"arn:aws-cn:iam::111122223333:root\""),
            BASE.replace("{\"Effect\":\"Allow\"", "{\"Sid\":\"\",\"Effect\":\"Allow\""),
            BASE.replace("\"true\"", "true").replace("\"10\"", "10"),
            BASE.replace("\"true\"", "[\"true\"]"),
            BASE.replace("[\"s3:GetObject\",\"s3:PutObject\"]", "[\"s3:PutObject\",\"s3:GetObject\",\"s3:PutObject\"]"),
            BASE.replace("\"s3:ListBucket\"", "[\"s3:ListBucket\"]"),
            BASE.replace("[\"arn:a\",\"arn:b\"]", "[\"arn:b\",\"arn:a\"]"),
        ];
        for form in forms {
            assert_ne!(form, BASE);
            assert!(equal(&form, BASE) && equal(BASE, &form), "{form}");
        }
        let mut turned: Json = serde_json::from_str(BASE).unwrap();
        turned["Statement"].as_array_mut().unwrap().reverse();
        assert!(equal(&turned.to_string(), BASE), "statements in another order");
        turned["Statement"].as_array_mut().unwrap().truncate(1);
        let listed = turned.to_string();
        turned["Statement"] = turned["Statement"][0].take();
        assert!(equal(&listed, &turned.to_string()), "one statement without a list");
        let old = listed.replace("2012-10-17", "2008-10-17");
        turned.as_object_mut().unwrap().remove("Version");
        assert!(equal(&old, &turned.to_string()) && !equal(&listed, &turned.to_string()), "of the version of 2008");
    }

    #[test]
    fn policies_that_aws_tells_apart_are_not_equal() {
        let others = [
            BASE.replace("\"111122223333\"", "\"444455556666\""),
            BASE.replace("111122223333:role/r", "111122223333:root"),
            BASE.replace("\"Principal\":\"*\"", "\"Principal\":{\"AWS\":\"*\"}"),
            BASE.replace("\"Sid\":\"B\",", ""),
            BASE.replace("\"true\"", "\"false\""),
            BASE.replace("\"true\"", "false"),
            BASE.replace("NotAction", "Action"),
            BASE.replace("Deny", "Allow"),
            BASE.replace("2012-10-17", "2008-10-17"),
            BASE.replace("s3:GetObject", "s3:getobject"),
            "{".to_owned(),
            "{}".to_owned(),
        ];
        for other in others {
            assert!(!equal(&other, BASE) && !equal(BASE, &other), "{other}");
        }
        let twice =
            |first: &str, second: &str| format!(r#"{{"Statement":[{{"Sid":"{first}"}},{{"Sid":"{second}"}}]}}"#);
        assert!(!equal(&twice("a", "a"), &twice("a", "b")) && !equal(&twice("a", "b"), &twice("a", "a")));
        // a tag policy: its values are no principals
        let tags = |value: &str| format!(r#"{{"tags":{{"k":{{"tag_value":{{"@@assign":[{value}]}}}}}}}}"#);
        assert!(equal(&tags("\"a\",\"b\""), &tags("\"b\", \"a\"")));
        assert!(!equal(&tags("\"true\""), &tags("true")));
    }

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
