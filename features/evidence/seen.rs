//! Requests and answers of the SDK as JSON, without secrets.
//!
//! The SDK's types have no serialization, but each of them has a `Debug` that leaves out what AWS's service models mark as
//! sensitive: parameters' values, clients' secrets, session tokens. Reading that text shows every operation alike, and a
//! secret never comes out of the SDK. Where the text is of another form than expected, it is kept as it is.

use serde_json::{Map, Value};

/// The longest rendering that is kept whole.
const LONGEST: usize = 8 * 1024;

/// Parts of names whose text is never kept, marked as sensitive or not.
const SECRET: [&str; 6] = ["secret", "password", "token", "private_key", "credential", "passphrase"];

/// A request or an answer, from what `Debug` writes of it.
pub(crate) fn rendered(debug: &str) -> Value {
    // an erased type says that it is one first: `Output(TypeErasedBox[!Clone]:DescribeKeyOutput { .. })`
    let erased = ["Input(TypeErasedBox[", "Output(TypeErasedBox["].iter().find_map(|start| debug.strip_prefix(start));
    let erased = erased.and_then(|rest| rest.split_once("]:")?.1.strip_suffix(')'));
    let text = erased.unwrap_or(debug);
    if erased.is_some() && text.chars().all(char::is_alphanumeric) {
        // a request without parameters
        return Value::Object(Map::new());
    }
    let mut reader = Reader { rest: text.trim() };
    let value = match reader.value() {
        Some(value) if reader.rest.trim().is_empty() => value,
        _ => Value::String(text.to_owned()),
    };
    let length = value.to_string().chars().count();
    if length <= LONGEST {
        return value;
    }
    let start: String = value.to_string().chars().take(LONGEST).collect();
    serde_json::json!({ "start": start, "characters": length })
}

struct Reader<'a> {
    rest: &'a str,
}

impl<'a> Reader<'a> {
    fn skip(&mut self) {
        self.rest = self.rest.trim_start();
    }

    /// Takes `token` if it is next.
    fn take(&mut self, token: &str) -> bool {
        self.skip();
        let rest = self.rest.strip_prefix(token);
        self.rest = rest.unwrap_or(self.rest);
        rest.is_some()
    }

    fn word(&mut self) -> Option<&'a str> {
        self.skip();
        let end = self.rest.find(|c: char| !(c.is_alphanumeric() || "_#.+-:".contains(c))).unwrap_or(self.rest.len());
        // `name:` of a field ends before its colon
        let word = self.rest[..end].trim_end_matches(':');
        if word.is_empty() {
            return None;
        }
        self.rest = &self.rest[word.len()..];
        Some(word)
    }

    fn text(&mut self) -> Option<String> {
        self.skip();
        let mut characters = self.rest.char_indices();
        let (_, '"') = characters.next()? else { return None };
        let mut text = String::new();
        while let Some((at, c)) = characters.next() {
            match c {
                '"' => {
                    self.rest = &self.rest[at + 1..];
                    return Some(text);
                }
                '\\' => match characters.next()?.1 {
                    'n' => text.push('\n'),
                    't' => text.push('\t'),
                    'r' => text.push('\r'),
                    '0' => text.push('\0'),
                    'u' => {
                        let code: String = characters.by_ref().map(|(_, c)| c).take_while(|c| *c != '}').collect();
                        text.push(char::from_u32(u32::from_str_radix(code.trim_start_matches('{'), 16).ok()?)?);
                    }
                    other => text.push(other),
                },
                c => text.push(c),
            }
        }
        None
    }

    fn value(&mut self) -> Option<Value> {
        self.skip();
        match self.rest.chars().next()? {
            '"' => self.text().map(Value::String),
            '[' => self.list('[', ']').map(Value::Array),
            '{' => self.map(),
            _ => {
                let word = self.word()?;
                self.named(word)
            }
        }
    }

    /// What follows a name: a struct's fields, a variant's value, or nothing.
    fn named(&mut self, word: &'a str) -> Option<Value> {
        if word == "None" {
            return Some(Value::Null);
        }
        self.skip();
        if self.rest.starts_with('(') {
            let mut values = self.list('(', ')')?;
            return Some(if values.len() == 1 { values.remove(0) } else { Value::Array(values) });
        }
        if self.rest.starts_with('{') {
            return self.fields();
        }
        Some(match word {
            "true" => true.into(),
            "false" => false.into(),
            _ => word
                .parse::<i64>()
                .map(Value::from)
                .or_else(|_| word.parse::<f64>().map(Value::from))
                .unwrap_or_else(|_| word.into()),
        })
    }

    fn list(&mut self, open: char, close: char) -> Option<Vec<Value>> {
        let (mut open_buffer, mut close_buffer) = ([0; 4], [0; 4]);
        let close = &*close.encode_utf8(&mut close_buffer);
        if !self.take(open.encode_utf8(&mut open_buffer)) {
            return None;
        }
        let mut values = Vec::new();
        while !self.take(close) {
            values.push(self.value()?);
            self.take(",");
        }
        Some(values)
    }

    /// Fields that are set; those that begin with `_` are the SDK's own.
    fn fields(&mut self) -> Option<Value> {
        let mut fields = Map::new();
        if !self.take("{") {
            return None;
        }
        while !self.take("}") {
            if self.take("..") {
                continue;
            }
            let name = self.word()?;
            if !self.take(":") {
                return None;
            }
            let value = self.value()?;
            let name = name.strip_prefix("r#").unwrap_or(name);
            if !name.starts_with('_') && !value.is_null() {
                fields.insert(name.to_owned(), kept(name, value));
            }
            self.take(",");
        }
        Some(Value::Object(fields))
    }

    /// A map, or a set.
    fn map(&mut self) -> Option<Value> {
        let (mut map, mut set) = (Map::new(), Vec::new());
        if !self.take("{") {
            return None;
        }
        while !self.take("}") {
            let key = self.value()?;
            if self.take(":") {
                let name = key.as_str().map_or_else(|| key.to_string(), str::to_owned);
                let value = self.value()?;
                map.insert(name.clone(), kept(&name, value));
            } else {
                set.push(key);
            }
            self.take(",");
        }
        Some(if set.is_empty() { Value::Object(map) } else { Value::Array(set) })
    }
}

/// The value of a field, unless its name says that it is a secret.
fn kept(name: &str, value: Value) -> Value {
    let name = name.to_lowercase();
    if value.is_string() && SECRET.iter().any(|secret| name.contains(secret)) {
        return "(withheld)".into();
    }
    value
}

#[cfg(test)]
mod tests {
    use aws_sdk_ssm::types::{Parameter, ParameterType};
    use serde_json::json;

    use super::*;

    #[test]
    fn what_the_sdk_writes_becomes_json_without_what_is_not_set() {
        let key = aws_sdk_kms::operation::describe_key::DescribeKeyOutput::builder()
            .key_metadata(
                aws_sdk_kms::types::KeyMetadata::builder()
                    .key_id("k \"1\"\n\u{1}")
                    .enabled(true)
                    .key_state(aws_sdk_kms::types::KeyState::Enabled)
                    .build()
                    .expect("a key"),
            )
            .build();
        let seen = rendered(&format!("{key:?}"));
        let seen = &seen["key_metadata"];
        assert_eq!(
            (&seen["key_id"], &seen["enabled"], &seen["key_state"]),
            (&json!("k \"1\"\n\u{1}"), &json!(true), &json!("Enabled"))
        );
        assert_eq!(seen.get("description"), None, "it is not set: {seen}");
        let unknown = aws_sdk_kms::types::KeyState::from("Resting");
        assert_eq!(rendered(&format!("{unknown:?}")), json!("Resting"));
    }

    #[test]
    fn lists_maps_numbers_and_what_is_no_debug() {
        assert_eq!(
            rendered(r#"A { b: Some([1, -2.5]), c: {"d": "e"}, f: {Name: "g"}, r#type: X, .. }"#),
            json!({
                "b": [1, -2.5], "c": { "d": "e" }, "f": { "Name": "g" }, "type": "X",
            })
        );
        assert_eq!(rendered("Output(TypeErasedBox[!Clone]:A { _request_id: Some(\"1\") })"), json!({}));
        assert_eq!(rendered("Input(TypeErasedBox[!Clone]:GetCallerIdentityInput)"), json!({}));
        for text in ["A { b: ", "A } b", "\"a", ""] {
            assert_eq!(rendered(text), json!(text), "it is kept as it is");
        }
        let long = rendered(&format!("[\"{}\"]", "ä".repeat(2 * LONGEST)));
        assert_eq!(long["characters"], json!(2 * LONGEST + 4));
        assert_eq!(long["start"].as_str().map(|start| start.chars().count()), Some(LONGEST));
    }

    #[test]
    fn no_secret_is_kept() {
        let parameter = Parameter::builder().name("/a").r#type(ParameterType::SecureString).value("hunter2").build();
        let seen = rendered(&format!("{parameter:?}")).to_string();
        assert!(seen.contains("/a") && !seen.contains("hunter2"), "{seen}");
        let client =
            aws_sdk_cognitoidentityprovider::types::UserPoolClientType::builder().client_secret("hunter2").build();
        let seen = rendered(&format!("{client:?}")).to_string();
        assert!(seen.contains("client_secret") && !seen.contains("hunter2"), "{seen}");
        let unmarked =
            "A { db_password: Some(\"hunter2\"), m: {\"SessionToken\": \"hunter2\"}, password_policy: P { min: 9 } }";
        let seen = rendered(unmarked);
        assert!(!seen.to_string().contains("hunter2"), "{seen}");
        assert_eq!(seen["password_policy"]["min"], json!(9), "a policy is no password");
    }
}
