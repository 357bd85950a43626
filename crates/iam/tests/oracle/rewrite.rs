//! Changing the statements of a case in place.

use serde_json::{Map, Value, json};

/// The version of the policy language that has variables.
pub(crate) const VARIABLES: &str = "2012-10-17";

/// Where a statement stands.
pub(crate) struct Place<'a> {
    pub(crate) version: String,
    /// In a resource control policy.
    pub(crate) of_resources: bool,
    pub(crate) context: &'a Map<String, Value>,
    pub(crate) resource: &'a str,
}

fn documents<'a>(of: &'a mut Value, found: &mut Vec<(bool, &'a mut Value)>, of_resources: bool) {
    match of {
        Value::Array(list) => list.iter_mut().for_each(|one| documents(one, found, of_resources)),
        Value::Object(object) => {
            for (name, value) in object {
                if name == "document" {
                    found.push((of_resources, value));
                } else {
                    documents(value, found, of_resources || name == "resource_control");
                }
            }
        }
        _ => {}
    }
}

/// Hands every statement of the case to `change`, which says whether it changed it.
pub(crate) fn statements(
    case: &mut Value,
    mut change: impl FnMut(&mut Map<String, Value>, &Place<'_>) -> bool,
) -> bool {
    let request = case["request"].clone();
    let context = request["context"].as_object().expect("a context");
    let resource = request["resource"].as_str().expect("a resource");
    let mut found = Vec::new();
    documents(&mut case["policies"], &mut found, false);
    let mut changed = false;
    for (of_resources, document) in found {
        let version = document["Version"].as_str().expect("a version").to_owned();
        let place = Place { version, of_resources, context, resource };
        for statement in document["Statement"].as_array_mut().expect("a list of statements") {
            changed |= change(statement.as_object_mut().expect("a statement"), &place);
        }
    }
    changed
}

fn texts(value: &Value) -> Vec<String> {
    let text = |value: &Value| value.as_str().expect("a string").to_owned();
    value.as_array().map_or_else(|| vec![text(value)], |list| list.iter().map(text).collect())
}

/// An operator by its parts: `ForAllValues:StringNotLikeIfExists`.
#[derive(Clone)]
pub(crate) struct Operator {
    pub(crate) quantifier: String,
    pub(crate) base: String,
    pub(crate) if_exists: bool,
}

impl Operator {
    fn parse(name: &str) -> Self {
        let (quantifier, rest) = name.split_once(':').unwrap_or(("", name));
        let base = rest.strip_suffix("IfExists");
        Self { quantifier: quantifier.to_owned(), if_exists: base.is_some(), base: base.unwrap_or(rest).to_owned() }
    }

    fn name(&self) -> String {
        let colon = if self.quantifier.is_empty() { "" } else { ":" };
        format!("{}{colon}{}{}", self.quantifier, self.base, if self.if_exists { "IfExists" } else { "" })
    }

    pub(crate) fn is_negated(&self) -> bool {
        self.base.contains("Not")
    }
}

/// One test of a condition block.
#[derive(Clone)]
pub(crate) struct Test {
    pub(crate) operator: Operator,
    pub(crate) key: String,
    pub(crate) values: Vec<String>,
}

/// Hands every test to `change` with the request's context and the policy's version; some tests take its place, if any.
pub(crate) fn tests(
    case: &mut Value,
    mut change: impl FnMut(&Test, &Map<String, Value>, &str) -> Option<Vec<Test>>,
) -> bool {
    statements(case, |statement, place| {
        let Some(block) = statement.get("Condition").and_then(Value::as_object) else { return false };
        let mut all = Vec::new();
        let mut changed = false;
        for (name, keys) in block {
            for (key, values) in keys.as_object().expect("an object of keys") {
                let test = Test { operator: Operator::parse(name), key: key.clone(), values: texts(values) };
                let others = change(&test, place.context, &place.version);
                changed |= others.is_some();
                all.extend(others.unwrap_or_else(|| vec![test]));
            }
        }
        if changed {
            statement.insert("Condition".to_owned(), block_of(all));
        }
        changed
    })
}

/// The tests as a condition block. Two of one operator and key stay two: keys are not case-sensitive.
fn block_of(tests: Vec<Test>) -> Value {
    let mut block = Map::new();
    for Test { operator, key, values } in tests {
        let keys =
            block.entry(operator.name()).or_insert_with(|| json!({})).as_object_mut().expect("an object of keys");
        let spellings = [key.clone(), key.to_uppercase(), key.to_lowercase()];
        let free =
            spellings.into_iter().find(|spelling| !keys.contains_key(spelling)).expect("a free spelling of the key");
        keys.insert(free, json!(values));
    }
    block.into()
}

/// Where a pattern of resources stands.
pub(crate) struct At<'a> {
    pub(crate) version: &'a str,
    pub(crate) of_resources: bool,
    pub(crate) context: &'a Map<String, Value>,
    pub(crate) resource: &'a str,
    /// In `NotResource`.
    pub(crate) turned: bool,
}

/// Hands every pattern of resources to `change`; another one takes its place, if any.
pub(crate) fn patterns(case: &mut Value, change: impl Fn(&str, &At<'_>) -> Option<String>) -> bool {
    statements(case, |statement, place| {
        let mut changed = false;
        for name in ["Resource", "NotResource"] {
            let Some(value) = statement.get_mut(name) else { continue };
            let Place { version, of_resources, context, resource } = place;
            let at = At { version, of_resources: *of_resources, context, resource, turned: name == "NotResource" };
            let mut all = texts(value);
            for pattern in &mut all {
                if let Some(other) = change(pattern, &at) {
                    *pattern = other;
                    changed = true;
                }
            }
            *value = json!(all);
        }
        changed
    })
}

/// Hands the principals of AWS of every statement to `change`, with whether they are those whom a deny leaves out.
pub(crate) fn principals(case: &mut Value, change: impl Fn(bool, &mut Vec<String>) -> bool) -> bool {
    statements(case, |statement, _| {
        let is_deny = statement["Effect"] == "Deny";
        let mut changed = false;
        for name in ["Principal", "NotPrincipal"] {
            if let Some(value) = statement.get_mut(name).and_then(|named| named.get_mut("AWS")) {
                let mut all = texts(value);
                changed |= change(is_deny && name == "NotPrincipal", &mut all);
                *value = json!(all);
            }
        }
        changed
    })
}

/// The value of a key, which is not case-sensitive.
pub(crate) fn key<'a>(context: &'a Map<String, Value>, name: &str) -> Option<&'a Value> {
    context.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value)
}

pub(crate) fn has_variables(text: &str) -> bool {
    text.contains("${")
}

/// Whether a text has a variable without a value: the key is absent or has several values, and there is no default.
pub(crate) fn is_unresolved(text: &str, context: &Map<String, Value>) -> bool {
    resolved(text, context).is_none()
}

/// The text with its variables filled in; `${*}` and its like stay as they are.
pub(crate) fn resolved(text: &str, context: &Map<String, Value>) -> Option<String> {
    let mut filled = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("${") {
        let (inside, behind) = after.split_once('}').expect("the end of a variable");
        filled += before;
        let (name, default) = inside.split_once(", ").map_or((inside, None), |(name, default)| (name, Some(default)));
        let value = key(context, name).and_then(Value::as_str);
        match value.or(default.map(|default| default.trim_matches('\''))) {
            _ if ["*", "?", "$"].contains(&inside) => filled.extend(["${", inside, "}"]),
            Some(value) => filled += value,
            None => return None,
        }
        rest = behind;
    }
    Some(filled + rest)
}

/// Whether a pattern without variables matches an ARN: a star that ends a segment, or stands behind the fifth colon, matches
/// everything, another one all but a colon.
pub(crate) fn matches(pattern: &str, arn: &str) -> bool {
    fn from(pattern: &[char], colons: usize, text: &[char]) -> bool {
        let Some((first, rest)) = pattern.split_first() else { return text.is_empty() };
        match first {
            '*' => {
                let reaches = colons >= 5 || rest.first().is_none_or(|next| *next == ':');
                let end = if reaches { text.len() } else { text.iter().position(|c| *c == ':').unwrap_or(text.len()) };
                (0..=end).any(|taken| from(rest, colons, &text[taken..]))
            }
            '?' => !text.is_empty() && from(rest, colons, &text[1..]),
            c => text.first() == Some(c) && from(rest, colons + usize::from(*c == ':'), &text[1..]),
        }
    }
    from(&pattern.chars().collect::<Vec<_>>(), 0, &arn.chars().collect::<Vec<_>>())
}
