//! What a type checks of its inputs beside types and limits.

use pulumi::{
    provider::check::Failure,
    value::{Map, Value},
};

/// A type's inputs, and what is wrong with them. What is not known yet is not wrong.
#[derive(Debug)]
pub struct Checks<'a> {
    /// The inputs.
    pub inputs: &'a Map,
    failures: Vec<Failure>,
}

impl<'a> Checks<'a> {
    /// Nothing is wrong yet.
    pub const fn of(inputs: &'a Map) -> Self {
        Self { inputs, failures: Vec::new() }
    }

    /// All that is wrong.
    pub fn failures(self) -> Vec<Failure> {
        self.failures
    }

    /// Says what is wrong with a property, given by its path.
    pub fn wrong(&mut self, property: &str, reason: impl Into<String>) {
        self.failures.push(Failure { property: property.to_owned(), reason: reason.into() });
    }

    /// As [`wrong`](Self::wrong), where something is.
    pub fn add(&mut self, failures: impl IntoIterator<Item = Failure>) {
        self.failures.extend(failures);
    }

    /// A property that is a text.
    pub fn text(&self, property: &str) -> Option<&'a str> {
        self.inputs.get(property).and_then(Value::as_str)
    }

    /// Whether a property has a value, known or not.
    pub fn has(&self, property: &str) -> bool {
        self.inputs.get(property).is_some_and(|value| *value != Value::Null)
    }

    /// Whether a property is this flag.
    pub fn is(&self, property: &str, flag: bool) -> bool {
        self.inputs.get(property) == Some(&Value::Bool(flag))
    }

    /// Whether a property gives something: it has a value that is no empty list.
    pub fn gives(&self, property: &str) -> bool {
        self.has(property) && !matches!(self.inputs.get(property), Some(Value::Array(items)) if items.is_empty())
    }

    /// Whether a property asks for something: it has a value other than `false`.
    pub fn asks(&self, property: &str) -> bool {
        self.has(property) && !self.is(property, false)
    }

    /// Of two properties that exclude each other, the second is wrong when both are there.
    pub fn not_both(&mut self, one: &str, other: &str) {
        if self.has(one) && self.has(other) {
            self.wrong(other, format!("give `{one}` or `{other}`, not both"));
        }
    }
}

/// The items of a list, as far as it is known.
pub(crate) fn items<'a>(map: &'a Map, property: &str) -> &'a [Value] {
    if let Some(Value::Array(items)) = map.get(property) { items } else { &[] }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_unknown_has_a_value_and_is_no_text() {
        let inputs: Map = [
            ("a", Value::Unknown),
            ("b", Value::Null),
            ("c", Value::Bool(false)),
            ("d", Value::String("text".to_owned())),
        ]
        .map(|(name, value)| (name.to_owned(), value))
        .into();
        let mut checks = Checks::of(&inputs);
        assert_eq!(["a", "b", "c", "d", "e"].map(|name| checks.has(name)), [true, false, true, true, false]);
        assert_eq!(["a", "b", "c", "d", "e"].map(|name| checks.asks(name)), [true, false, false, true, false]);
        assert_eq!((checks.text("a"), checks.text("d")), (None, Some("text")));
        assert_eq!(["a", "b", "c", "e"].map(|name| checks.gives(name)), [true, false, true, false]);
        checks.not_both("a", "b");
        checks.not_both("a", "d");
        let failures = checks.failures();
        assert_eq!(failures.len(), 1);
        let list = |items: Vec<Value>| Map::from([("list".to_owned(), Value::Array(items))]);
        let (none, one) = (list(Vec::new()), list(vec![Value::Unknown]));
        assert_eq!((Checks::of(&none).gives("list"), Checks::of(&one).gives("list")), (false, true));
        assert_eq!((items(&one, "list").len(), items(&inputs, "a").len()), (1, 0));
        assert_eq!((failures[0].property.as_str(), failures[0].reason.as_str()), ("d", "give `a` or `d`, not both"));
    }
}
