//! Writes down what the readers ask for.

use std::{cell::RefCell, rc::Rc};

use serde::Serialize;
use serde_json::Value;

use super::section::Section;
use super::value::{Form, Read};

/// A table of which only the questions count.
#[derive(Default)]
pub(crate) struct Recorder {
    keys: Keys,
}

/// The keys of a table in the order in which they were asked for. Shared, because a table is read to its end by
/// somebody else than its parent's reader.
pub(crate) type Keys = Rc<RefCell<Vec<Key>>>;

/// One question.
pub(crate) struct Key {
    pub(crate) name: &'static str,
    pub(crate) required: bool,
    pub(crate) meaning: String,
    pub(crate) what: What,
    /// The only values it takes; empty: all of its form.
    pub(crate) choices: Vec<Value>,
}

/// What is asked for.
pub(crate) enum What {
    Value { form: Form, example: Option<String> },
    Table(Keys),
    Tables(Keys),
}

impl Recorder {
    /// The questions that `read` asks.
    pub(crate) fn of<T>(read: impl FnOnce(Self) -> T) -> Keys {
        let recorder = Self::default();
        let keys = Rc::clone(&recorder.keys);
        read(recorder);
        keys
    }

    fn asked(&mut self, name: &'static str, required: bool, meaning: &str, what: What) {
        self.keys.borrow_mut().push(Key { name, required, meaning: meaning.to_owned(), what, choices: Vec::new() });
    }

    fn child(&mut self, name: &'static str, required: bool, meaning: &str, what: fn(Keys) -> What) -> Self {
        let child = Self::default();
        self.asked(name, required, meaning, what(Rc::clone(&child.keys)));
        child
    }
}

impl Section for Recorder {
    fn required<T: Read>(&mut self, key: &'static str, example: &str, meaning: &str) -> Option<T> {
        self.asked(key, true, meaning, What::Value { form: T::form(), example: Some(example.to_owned()) });
        None
    }

    fn optional<T: Read>(&mut self, key: &'static str, meaning: &str) -> Option<T> {
        self.asked(key, false, meaning, What::Value { form: T::form(), example: None });
        None
    }

    fn table(&mut self, key: &'static str, meaning: &str) -> Option<Self> {
        Some(self.child(key, true, meaning, What::Table))
    }

    fn optional_table(&mut self, key: &'static str, meaning: &str) -> Option<Self> {
        Some(self.child(key, false, meaning, What::Table))
    }

    fn tables(&mut self, key: &'static str, meaning: &str) -> Vec<Self> {
        vec![self.child(key, false, meaning, What::Tables)]
    }

    fn choices<V: Serialize>(&mut self, key: &'static str, values: &[V]) {
        let choices = values.iter().filter_map(|value| serde_json::to_value(value).ok()).collect();
        if let Some(key) = self.keys.borrow_mut().iter_mut().find(|asked| asked.name == key) {
            key.choices = choices;
        }
    }

    fn finish(self) {}
}
