//! Paths of properties, as the engine writes them: `rules[0].expiration.days`, `tags["a.b"]`.

use serde_json::{Map, Value};

/// The value at a path.
pub(crate) fn at<'v>(of: &'v Map<String, Value>, path: &str) -> Option<&'v Value> {
    let mut parts = parts(path).into_iter();
    let first = of.get(&parts.next()?)?;
    parts.try_fold(first, |value, part| match value {
        Value::Array(items) => items.get(part.parse::<usize>().ok()?),
        other => other.get(&part),
    })
}

fn parts(path: &str) -> Vec<String> {
    let (mut parts, mut rest) = (Vec::new(), path);
    while !rest.is_empty() {
        let (part, after) = match rest.strip_prefix("[\"") {
            Some(quoted) => quoted.split_once("\"]").unwrap_or((quoted, "")),
            None => match rest.strip_prefix('[') {
                Some(index) => index.split_once(']').unwrap_or((index, "")),
                None => rest.split_at(rest.find(['.', '[']).unwrap_or(rest.len())),
            },
        };
        parts.push(part.to_owned());
        rest = after.strip_prefix('.').unwrap_or(after);
    }
    parts
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_path_leads_to_its_value() {
        let inputs = json!({ "rules": [{ "expiration": { "days": 3 } }], "tags": { "a.b": "c" }, "name": "n" });
        let inputs = inputs.as_object().expect("an object");
        assert_eq!(at(inputs, "rules[0].expiration.days"), Some(&json!(3)));
        assert_eq!(at(inputs, "tags[\"a.b\"]"), Some(&json!("c")));
        assert_eq!(at(inputs, "name"), Some(&json!("n")));
        for absent in ["rules[1]", "rules.x", "name.x", "other", "", "rules[", "tags[\"a"] {
            assert_eq!(at(inputs, absent), None, "{absent}");
        }
    }
}
