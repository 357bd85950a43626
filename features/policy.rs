//! Resource policies, read as far as our questions go. What is not understood never counts as protection.

use serde_json::Value;

use crate::world::Judged;

/// Whom a statement speaks of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Principal {
    Everybody,
    /// An account, user or role, as written.
    Aws(String),
    Service(String),
    /// Another kind, or everybody but some: nothing that we can judge.
    Other(String),
}

/// One condition: all values of one key under one operator.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Condition {
    pub(crate) operator: String,
    pub(crate) key: String,
    pub(crate) values: Vec<String>,
}

impl Condition {
    /// Whether this is `operator` on `key` with exactly `value`. Keys are not case-sensitive, values of ids are.
    pub(crate) fn is(&self, operator: &str, key: &str, value: &str) -> bool {
        self.operator == operator && self.key.eq_ignore_ascii_case(key) && self.values == [value]
    }
}

/// One statement. An empty list of actions or resources is one that we do not understand (`NotAction`): it matches
/// nothing, so a Deny with it protects nothing and an Allow with it is no right we asked for.
#[derive(Debug, Clone)]
pub(crate) struct Statement {
    pub(crate) sid: String,
    pub(crate) allow: bool,
    pub(crate) principals: Vec<Principal>,
    pub(crate) actions: Vec<String>,
    pub(crate) resources: Vec<String>,
    pub(crate) conditions: Vec<Condition>,
    /// `NotAction`, `NotResource` or `NotPrincipal`, where there is one: it speaks of everything but what it names.
    pub(crate) turned: Option<&'static str>,
}

impl Statement {
    /// Whom it speaks of; nobody in the policy of a role, which says nothing of it.
    pub(crate) fn whom(&self) -> Vec<Principal> {
        let unsaid = Principal::Other(Value::Null.to_string());
        self.principals.iter().filter(|principal| **principal != unsaid).cloned().collect()
    }

    /// Whether `action` is one of its actions.
    pub(crate) fn acts(&self, action: &str) -> bool {
        self.actions.iter().any(|pattern| glob(&pattern.to_lowercase(), &action.to_lowercase()))
    }

    /// Whether `arn` is one of its resources.
    pub(crate) fn covers(&self, arn: &str) -> bool {
        self.resources.iter().any(|pattern| glob(pattern, arn))
    }
}

/// Reads a policy document.
pub(crate) fn statements(document: &str) -> Judged<Vec<Statement>> {
    let document: Value = serde_json::from_str(document).map_err(|error| format!("the policy is no JSON: {error}"))?;
    match &document["Statement"] {
        Value::Array(statements) => Ok(statements.iter().enumerate().map(|(at, value)| statement(at, value)).collect()),
        single @ Value::Object(_) => Ok(vec![statement(0, single)]),
        _ => Err("the policy has no statement".into()),
    }
}

fn statement(at: usize, value: &Value) -> Statement {
    let sid = value["Sid"].as_str().map_or_else(|| format!("number {}", at + 1), str::to_owned);
    Statement {
        sid,
        allow: value["Effect"] != "Deny",
        principals: principals(value),
        actions: list(&value["Action"]),
        resources: list(&value["Resource"]),
        conditions: conditions(&value["Condition"]),
        turned: ["NotAction", "NotResource", "NotPrincipal"].into_iter().find(|key| !value[*key].is_null()),
    }
}

fn principals(statement: &Value) -> Vec<Principal> {
    let principal = &statement["Principal"];
    if principal == "*" {
        return vec![Principal::Everybody];
    }
    let Some(kinds) = principal.as_object() else {
        return vec![Principal::Other(statement["NotPrincipal"].to_string())];
    };
    let named = |kind: &str, name: String| match kind {
        "AWS" if name == "*" => Principal::Everybody,
        "AWS" => Principal::Aws(name),
        "Service" => Principal::Service(name),
        _ => Principal::Other(name),
    };
    kinds.iter().flat_map(|(kind, names)| list(names).into_iter().map(move |name| named(kind, name))).collect()
}

fn conditions(block: &Value) -> Vec<Condition> {
    let operators = block.as_object().into_iter().flatten();
    operators
        .flat_map(|(operator, keys)| {
            keys.as_object().into_iter().flatten().map(|(key, values)| Condition {
                operator: operator.clone(),
                key: key.clone(),
                values: list(values),
            })
        })
        .collect()
}

/// One text or many; `false` and `"false"` are the same to IAM.
fn list(value: &Value) -> Vec<String> {
    match value {
        Value::Array(items) => items.iter().flat_map(list).collect(),
        Value::String(text) => vec![text.clone()],
        Value::Bool(_) | Value::Number(_) => vec![value.to_string()],
        Value::Null | Value::Object(_) => Vec::new(),
    }
}

/// IAM's wildcards: `*` is any text, `?` any one character.
pub(crate) fn glob(pattern: &str, text: &str) -> bool {
    match pattern.chars().next() {
        None => text.is_empty(),
        Some('*') => {
            let rest = &pattern[1..];
            text.char_indices().map(|(at, _)| at).chain([text.len()]).any(|at| glob(rest, &text[at..]))
        }
        Some(first) => text.chars().next().is_some_and(|next| {
            (first == '?' || first == next) && glob(&pattern[first.len_utf8()..], &text[next.len_utf8()..])
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::{Principal, glob, statements};

    #[test]
    fn wildcards() {
        for (pattern, text) in [("s3:*", "s3:GetObject"), ("*", ""), ("a?c", "abc"), ("*b*", "abc"), ("abc", "abc")] {
            assert!(glob(pattern, text), "{pattern} {text}");
        }
        for (pattern, text) in [("s3:Get*", "s3:PutObject"), ("a?c", "ac"), ("abc", "abcd"), ("", "a")] {
            assert!(!glob(pattern, text), "{pattern} {text}");
        }
    }

    #[test]
    fn one_statement_or_many_one_value_or_many() {
        let read = |text: &str| statements(text).expect("it is a policy");
        let single =
            read(r#"{"Statement":{"Effect":"Allow","Principal":{"AWS":["*","1"],"Service":"x"},"Action":"a:*"}}"#);
        let expected = [Principal::Everybody, Principal::Aws("1".into()), Principal::Service("x".into())];
        assert_eq!(single[0].principals, expected);
        assert!(single[0].allow && single[0].acts("A:b"));
        let many = read(r#"{"Statement":[{"Effect":"Deny","Condition":{"Bool":{"AWS:SecureTransport":false}}}]}"#);
        assert!(!many[0].allow && many[0].conditions[0].is("Bool", "aws:SecureTransport", "false"));
    }

    #[test]
    fn what_is_turned_around_protects_nothing_and_is_nobody_we_know() {
        let policy =
            r#"{"Statement":[{"Effect":"Deny","NotPrincipal":{"AWS":"1"},"NotAction":"s3:Get*","NotResource":"x"}]}"#;
        let statement = &statements(policy).expect("it is a policy")[0];
        assert!(matches!(statement.principals[..], [Principal::Other(_)]));
        assert!(!statement.acts("s3:PutObject") && !statement.covers("y"));
    }

    #[test]
    fn no_policy_is_a_failure() {
        assert!(statements("").is_err());
        assert!(statements("{}").is_err());
    }
}
