//! What changes inside a policy document: statements added, removed and changed, and whether that can only take away.
//!
//! Sets are compared: an `Allow` with one action more allows more, whatever the actions mean. Where that can let somebody in, both
//! policies are evaluated for a request that shows it.

use std::collections::BTreeSet;

use iam::{
    Kind, Policy, Principal,
    compare::{self, Setting},
};
use pulumi::value::UNKNOWN;
use serde_json::Value;

/// The difference of two policies.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Difference {
    /// It may allow what was denied.
    pub(super) widens: bool,
    /// It may deny what was allowed.
    pub(super) narrows: bool,
    /// What changes, a line for each statement.
    pub(super) lines: Vec<String>,
    /// Requests that were denied before and are not any more, where the policies were evaluated.
    pub(super) shown: Option<Vec<String>>,
}

/// A policy that cannot be compared, and why.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Unreadable(pub(super) &'static str);

/// Elements of which more means that the statement matches more.
const MORE: [&str; 3] = ["Action", "Resource", "Principal"];
/// Elements of which more means that it matches less.
const LESS: [&str; 3] = ["NotAction", "NotResource", "NotPrincipal"];
/// Longer lists are cut in a line.
const SHOWN: usize = 6;

/// Compares two policies; none is one without statements.
pub(super) fn compare_statements(old: Option<&Value>, new: Option<&Value>) -> Result<Difference, Unreadable> {
    let (mut before, mut after) = (statements(old)?, statements(new)?);
    before.retain(|statement| match after.iter().position(|other| same(statement, other)) {
        Some(at) => {
            after.remove(at);
            false
        }
        None => true,
    });
    let mut found = Difference::default();
    for statement in before {
        let sid = statement.get("Sid").and_then(Value::as_str).filter(|sid| !sid.is_empty());
        let partner = sid.and_then(|sid| after.iter().position(|s| s.get("Sid").and_then(Value::as_str) == Some(sid)));
        match partner {
            Some(at) => found.changed(&statement, &after.remove(at)),
            None => {
                let denies = is_deny(&statement);
                found.widens |= denies;
                found.narrows |= !denies;
                found.lines.push(format!("removed: {}", described(&statement)));
            }
        }
    }
    for statement in after {
        let denies = is_deny(&statement);
        found.widens |= !denies;
        found.narrows |= denies;
        found.lines.push(format!("added: {}", described(&statement)));
    }
    Ok(found)
}

/// Requests that the new policy lets further than the old one; none where one of them is no policy of its kind.
pub(super) fn shown(
    kind: &str,
    path: &str,
    account: &str,
    old: Option<&Value>,
    new: Option<&Value>,
) -> Option<Vec<String>> {
    let kind = match (kind, path) {
        (_, "assumeRolePolicy") => Kind::Trust,
        (kind, _) if kind.starts_with("aws:iam/") => Kind::Identity,
        (kind, _) if kind.starts_with("aws:organizations/") => Kind::ServiceControl,
        _ => Kind::Resource,
    };
    let parse = |policy: Option<&Value>| match policy {
        None | Some(Value::Null) => Some(Vec::new()),
        Some(Value::String(text)) if text.is_empty() => Some(Vec::new()),
        Some(Value::String(text)) => Policy::parse(text, kind).ok().map(|policy| vec![policy]),
        Some(_) => None,
    };
    let principal = Principal::Session { role: format!("arn:aws:iam::{account}:role/any"), name: "any".to_owned() };
    let setting = Setting { principal, account: account.to_owned() };
    let found = compare::beyond(&parse(new)?, &parse(old)?, &setting);
    let line = |difference: &compare::Difference| {
        let word = if difference.allowed { "now allowed" } else { "no longer denied" };
        format!("{word}: {difference}")
    };
    let mut lines: Vec<_> = found.iter().take(SHOWN).map(line).collect();
    let more = found.len().saturating_sub(SHOWN);
    lines.extend((more > 0).then(|| format!("and {more} more such requests")));
    Some(lines)
}

impl Difference {
    fn changed(&mut self, old: &Value, new: &Value) {
        let denies = is_deny(new);
        let (mut more, mut less, mut words) = (false, false, Vec::new());
        for name in MORE.into_iter().chain(LESS) {
            let (before, after) = (items(old.get(name)), items(new.get(name)));
            let added: Vec<_> = after.difference(&before).map(String::as_str).collect();
            let removed: Vec<_> = before.difference(&after).map(String::as_str).collect();
            // an element that appears or goes changes what the statement is about altogether
            let turns = before.is_empty() != after.is_empty();
            let inverse = LESS.contains(&name);
            more |= turns || if inverse { !removed.is_empty() } else { !added.is_empty() };
            less |= turns || if inverse { !added.is_empty() } else { !removed.is_empty() };
            words.extend((!added.is_empty()).then(|| format!("{name} + {}", listed(&added))));
            words.extend((!removed.is_empty()).then(|| format!("{name} - {}", listed(&removed))));
        }
        let condition = |statement: &Value| statement.get("Condition").cloned().unwrap_or_default();
        let (before, after) = (condition(old), condition(new));
        if plain(&before) != plain(&after) {
            (more, less) = (true, true);
            words.push(format!("Condition {before} -> {after}"));
        }
        if is_deny(old) == denies {
            self.widens |= if denies { less } else { more };
            self.narrows |= if denies { more } else { less };
        } else {
            self.widens |= !denies || more || less;
            self.narrows |= denies || more || less;
            words.insert(0, format!("{} -> {}", effect(old), effect(new)));
        }
        self.lines.push(format!("changed: {}: {}", titled(new), words.join("; ")));
    }
}

fn statements(policy: Option<&Value>) -> Result<Vec<Value>, Unreadable> {
    let text = match policy {
        None | Some(Value::Null) => return Ok(Vec::new()),
        Some(Value::String(text)) if text.is_empty() => return Ok(Vec::new()),
        Some(Value::String(text)) if text.contains(UNKNOWN) => {
            return Err(Unreadable("the policy is known once it is deployed"));
        }
        Some(Value::String(text)) => text,
        Some(_) => return Err(Unreadable("the policy is not a text")),
    };
    let document: Value = serde_json::from_str(text).map_err(|_| Unreadable("the policy is not JSON"))?;
    Ok(match document.get("Statement") {
        Some(Value::Array(statements)) => statements.clone(),
        Some(one @ Value::Object(_)) => vec![one.clone()],
        _ => return Err(Unreadable("the policy has no statements")),
    })
}

/// Whether two statements say the same, whatever the order of their lists.
fn same(one: &Value, other: &Value) -> bool {
    plain(one) == plain(other)
}

/// A value whose lists are in order, and a list of one as AWS writes it: that one.
fn plain(value: &Value) -> Value {
    match value {
        Value::Array(items) if items.len() == 1 => plain(&items[0]),
        Value::Array(items) => {
            let mut items: Vec<_> = items.iter().map(plain).collect();
            items.sort_by_key(Value::to_string);
            Value::Array(items)
        }
        Value::Object(map) => map.iter().map(|(name, value)| (name.clone(), plain(value))).collect(),
        other => other.clone(),
    }
}

fn effect(statement: &Value) -> &str {
    statement.get("Effect").and_then(Value::as_str).unwrap_or("Allow")
}

fn is_deny(statement: &Value) -> bool {
    effect(statement) == "Deny"
}

/// The items of an element; principals with their kind.
fn items(element: Option<&Value>) -> BTreeSet<String> {
    let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    match element {
        None | Some(Value::Null) => BTreeSet::new(),
        Some(Value::Array(items)) => items.iter().map(text).collect(),
        Some(Value::Object(kinds)) => kinds
            .iter()
            .flat_map(|(kind, names)| items(Some(names)).into_iter().map(move |name| format!("{kind} {name}")))
            .collect(),
        Some(one) => BTreeSet::from([text(one)]),
    }
}

fn listed(items: &[&str]) -> String {
    let more = items.len().saturating_sub(SHOWN);
    let shown = items.iter().take(SHOWN).copied().collect::<Vec<_>>().join(", ");
    if more == 0 { shown } else { format!("{shown} and {more} more") }
}

/// `Allow ReadFromHere`, or `Allow` of a statement without a name.
fn titled(statement: &Value) -> String {
    let sid = statement.get("Sid").and_then(Value::as_str).filter(|sid| !sid.is_empty());
    sid.map_or_else(|| effect(statement).to_owned(), |sid| format!("{} {sid}", effect(statement)))
}

/// A statement in one line.
fn described(statement: &Value) -> String {
    let mut words = Vec::new();
    for (name, before) in [
        ("Action", ""),
        ("NotAction", "all but "),
        ("Resource", "on "),
        ("NotResource", "on all but "),
        ("Principal", "for "),
        ("NotPrincipal", "for all but "),
    ] {
        let items = items(statement.get(name));
        let items: Vec<_> = items.iter().map(String::as_str).collect();
        words.extend((!items.is_empty()).then(|| format!("{before}{}", listed(&items))));
    }
    words.extend(statement.get("Condition").map(|condition| format!("if {condition}")));
    format!("{}: {}", titled(statement), words.join(" "))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn of(old: &Value, new: &Value) -> Difference {
        let policy = |statements: &Value| Value::String(json!({ "Statement": statements }).to_string());
        compare_statements(Some(&policy(old)), Some(&policy(new))).expect("two policies")
    }

    fn judged(old: &Value, new: &Value) -> (bool, bool) {
        let found = of(old, new);
        (found.widens, found.narrows)
    }

    #[test]
    fn statements_are_found_by_their_sid_and_else_by_what_they_say() {
        let read = json!({ "Sid": "Read", "Effect": "Allow", "Action": "s3:GetObject", "Resource": "*" });
        let more =
            json!({ "Sid": "Read", "Effect": "Allow", "Action": ["s3:PutObject", "s3:GetObject"], "Resource": "*" });
        let named = json!({ "Effect": "Deny", "Principal": { "AWS": ["b", "a"] }, "Action": "s3:*", "Resource": "x" });
        let turned =
            json!({ "Effect": "Deny", "Principal": { "AWS": ["a", "b"] }, "Action": ["s3:*"], "Resource": "x" });
        let found = of(&json!([read, named]), &json!([turned, more]));
        assert_eq!(found.lines, ["changed: Allow Read: Action + s3:PutObject"]);
        assert_eq!((found.widens, found.narrows), (true, false));
        assert_eq!(of(&json!([read]), &json!(read)), Difference::default(), "one is a list of one");
        let found = of(&json!([named]), &json!([read]));
        assert_eq!(found.lines, ["removed: Deny: s3:* on x for AWS a, AWS b", "added: Allow Read: s3:GetObject on *"]);
    }

    #[test]
    fn only_taking_an_allow_or_adding_a_deny_does_not_widen() {
        let allow = json!({ "Sid": "A", "Effect": "Allow", "Action": ["a:B", "a:C"], "Resource": "*" });
        let less = json!({ "Sid": "A", "Effect": "Allow", "Action": "a:B", "Resource": "*" });
        let deny = json!({ "Sid": "D", "Effect": "Deny", "Action": "a:B", "Resource": "*" });
        let (none, only_allow) = (json!([]), json!([allow]));
        assert_eq!(judged(&only_allow, &none), (false, true), "an allow is removed");
        assert_eq!(judged(&only_allow, &json!([allow, deny])), (false, true), "a deny is added");
        assert_eq!(judged(&only_allow, &json!([less])), (false, true), "an allow has less");
        assert_eq!(judged(&none, &only_allow), (true, false), "an allow is added");
        assert_eq!(judged(&json!([deny]), &none), (true, false), "a deny is removed");
        assert_eq!(judged(&json!([less]), &only_allow), (true, false), "an allow has more");
        let turned = json!({ "Sid": "D", "Effect": "Allow", "Action": "a:B", "Resource": "*" });
        assert_eq!(judged(&json!([deny]), &json!([turned])), (true, false), "a deny becomes an allow");
        let other = json!({ "Sid": "A", "Effect": "Allow", "NotAction": "a:B", "Resource": "*" });
        assert_eq!(judged(&only_allow, &json!([other])), (true, true), "nobody knows which is more");
        let when = json!({ "Sid": "A", "Effect": "Allow", "Action": ["a:B", "a:C"], "Resource": "*",
            "Condition": { "Bool": { "aws:SecureTransport": "true" } } });
        assert_eq!(judged(&json!([when]), &only_allow), (true, true), "nor what a condition does");
    }

    #[test]
    fn what_cannot_be_compared_says_why() {
        let unknown = Value::String(UNKNOWN.to_owned());
        let why = |policy: &Value| compare_statements(None, Some(policy)).expect_err("it cannot be read").0;
        assert_eq!(why(&unknown), "the policy is known once it is deployed");
        assert_eq!(why(&"{".into()), "the policy is not JSON");
        assert_eq!(why(&"{}".into()), "the policy has no statements");
        assert_eq!(why(&json!({})), "the policy is not a text");
        assert_eq!(compare_statements(None, None), Ok(Difference::default()));
    }
}
