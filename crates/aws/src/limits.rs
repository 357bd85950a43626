//! What AWS takes of a type's inputs: ranges, lengths, alternatives and patterns, so that a preview refuses what AWS would
//! refuse in the middle of a deployment.
//!
//! They are data: `limits.json` is written by `tools/limits/generate.py` from AWS's own service models, and from what these
//! lack, which stands in `tools/limits/mapping.py` with its source. `tests/limits.rs` holds the file against both.
//!
//! What is not known yet passes, and so does what is empty, which counts as absent. Models may lag behind AWS: enums that
//! AWS makes longer all the time are no limits.

use std::{
    collections::BTreeMap,
    sync::{LazyLock, OnceLock},
};

use pulumi::{
    provider::{check::Failure, schema::ResourceSchema},
    value::{Map, Value},
};
use regex_automata::meta::Regex;
use serde::Deserialize;

use crate::tags::tags_in;

/// By token, then by path: `[]` is any item of a list, `{}` any value of a map, `{key}` any key.
static TABLE: LazyLock<BTreeMap<String, BTreeMap<String, Limit>>> =
    LazyLock::new(|| serde_json::from_str(include_str!("limits.json")).expect("limits.json is a table"));

/// What AWS takes at one place.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
struct Limit {
    one_of: Vec<serde_json::Value>,
    min: Option<f64>,
    max: Option<f64>,
    min_length: Option<usize>,
    max_length: Option<usize>,
    min_items: Option<usize>,
    max_items: Option<usize>,
    pattern: Option<String>,
    /// The pattern in words, where somebody wrote them.
    words: Option<String>,
}

/// By pattern, each compiled once, when it is first asked for: a class of all letters makes a large expression, and the
/// same pattern stands at many places.
static PATTERNS: LazyLock<BTreeMap<&'static str, OnceLock<Option<Regex>>>> = LazyLock::new(|| {
    let limits = TABLE.values().flat_map(BTreeMap::values);
    limits.filter_map(|limit| Some((limit.pattern.as_deref()?, OnceLock::new()))).collect()
});

/// Whether a text is of a pattern; one that Rust's expressions cannot say refuses nothing.
fn fits(pattern: &str, text: &str) -> bool {
    PATTERNS
        .get(pattern)
        .and_then(|compiled| compiled.get_or_init(|| compile(pattern)).as_ref())
        .is_none_or(|regex| regex.is_match(text))
}

/// For short texts, each judged a few times: without the automata that would pay for themselves in long ones, and that
/// take most of the memory.
fn compile(pattern: &str) -> Option<Regex> {
    let small = Regex::config().hybrid(false).dfa(false).onepass(false);
    Regex::builder().configure(small).build(&format!("^(?:{pattern})$")).ok()
}

impl Limit {
    /// What AWS takes instead of this text.
    fn text(&self, text: &str) -> Option<String> {
        if !self.one_of.is_empty() {
            let known = self.one_of.iter().any(|one| one == text);
            return (!known).then(|| self.alternatives());
        }
        let length = text.chars().count();
        if let Some(wanted) = outside(length, self.min_length, self.max_length) {
            return Some(format!("{wanted} characters (this has {length})"));
        }
        let pattern = self.pattern.as_ref()?;
        let wanted = || self.words.clone().unwrap_or_else(|| format!("a text of the pattern `{pattern}`"));
        (!fits(pattern, text)).then(wanted)
    }

    /// What AWS takes instead of this number.
    fn number(&self, number: f64) -> Option<String> {
        if !self.one_of.is_empty() {
            let known = self.one_of.iter().any(|one| one.as_f64() == Some(number));
            return (!known).then(|| self.alternatives());
        }
        outside(number, self.min, self.max)
    }

    /// What AWS takes instead of so many items.
    fn items(&self, count: usize) -> Option<String> {
        outside(count, self.min_items, self.max_items).map(|wanted| format!("{wanted} items (this has {count})"))
    }

    fn alternatives(&self) -> String {
        let known: Vec<_> = self.one_of.iter().map(|one| format!("`{}`", one.to_string().trim_matches('"'))).collect();
        format!("one of {}", known.join(", "))
    }
}

/// The range that a value is outside of.
fn outside<T: Copy + PartialOrd + std::fmt::Display>(value: T, min: Option<T>, max: Option<T>) -> Option<String> {
    let low = min.as_ref().is_some_and(|min| value < *min);
    let high = max.as_ref().is_some_and(|max| value > *max);
    (low || high).then(|| match (min, max) {
        (Some(min), Some(max)) if min == max => format!("{min}"),
        (Some(min), Some(max)) => format!("{min} to {max}"),
        (Some(min), None) => format!("{min} or more"),
        (None, Some(max)) => format!("up to {max}"),
        (None, None) => String::new(),
    })
}

/// The values that AWS takes at a place of a type's inputs, where these are a list; `path` as the table has it: `rules[].status`.
pub fn alternatives(token: &str, path: &str) -> Vec<Value> {
    let limit = TABLE.get(token).and_then(|limits| limits.get(path));
    limit.map(|limit| limit.one_of.iter().map(Value::from_json).collect()).unwrap_or_default()
}

/// All inputs of a type that AWS would not take.
pub(crate) fn check(kind: &ResourceSchema, inputs: &Map) -> Vec<Failure> {
    let Some(limits) = TABLE.get(kind.token) else { return Vec::new() };
    let mut walk = Walk { limits, failures: Vec::new() };
    let own = tags_in(inputs, "tags");
    for (name, value) in inputs {
        let secret = kind.is_secret(name);
        match (name.as_str(), value) {
            ("tagsAll", Value::Object(all)) => {
                // the program's own are checked where the program says them
                let by_default = all.iter().filter(|(key, _)| !own.contains_key(*key));
                let by_default = by_default.map(|(key, value)| (key.clone(), value.clone())).collect();
                walk.value(name, "tags", &Value::Object(by_default), secret);
            }
            _ => walk.value(name, name, value, secret),
        }
    }
    walk.failures
}

struct Walk<'a> {
    limits: &'a BTreeMap<String, Limit>,
    failures: Vec<Failure>,
}

impl Walk<'_> {
    /// A value at the path `at`, which the table knows as `path`.
    fn value(&mut self, at: &str, path: &str, value: &Value, secret: bool) {
        match value {
            Value::Secret(inner) => self.value(at, path, inner, true),
            Value::String(text) => self.text(at, path, text, secret),
            Value::Number(number) => {
                let wanted = self.limits.get(path).and_then(|limit| limit.number(*number));
                self.refuse(at, wanted, &number.to_string(), secret);
            }
            Value::Array(items) => {
                self.items(at, path, items.len());
                for (i, item) in items.iter().enumerate() {
                    self.value(&format!("{at}[{i}]"), &format!("{path}[]"), item, secret);
                }
            }
            Value::Object(map) => {
                self.items(at, path, map.len());
                for (key, value) in map {
                    let at = format!("{at}.{key}");
                    self.text(&at, &format!("{path}{{key}}"), key, false);
                    // a map's values, or an object's properties: a place is one of them
                    self.value(&at, &format!("{path}{{}}"), value, secret);
                    self.value(&at, &format!("{path}.{key}"), value, secret);
                }
            }
            _ => {}
        }
    }

    fn text(&mut self, at: &str, path: &str, text: &str, secret: bool) {
        let wanted = self.limits.get(path).filter(|_| !text.is_empty()).and_then(|limit| limit.text(text));
        self.refuse(at, wanted, text, secret);
    }

    fn items(&mut self, at: &str, path: &str, count: usize) {
        let wanted = self.limits.get(path).filter(|_| count > 0).and_then(|limit| limit.items(count));
        if let Some(wanted) = wanted {
            self.failures.push(Failure { property: at.to_owned(), reason: format!("AWS takes {wanted}") });
        }
    }

    fn refuse(&mut self, at: &str, wanted: Option<String>, value: &str, secret: bool) {
        let Some(wanted) = wanted else { return };
        let reason = if secret {
            format!("AWS takes {wanted}")
        } else {
            let start: String = value.chars().take(SHOWN).collect();
            let dots = if start.len() < value.len() { ".." } else { "" };
            format!("AWS takes {wanted}, not `{start}{dots}`")
        };
        self.failures.push(Failure { property: at.to_owned(), reason });
    }
}

/// So much of a value is shown.
const SHOWN: usize = 80;
