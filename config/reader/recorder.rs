//! Writes down what the readers ask for.

use std::{cell::RefCell, collections::BTreeMap, rc::Rc};

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
    /// It changes a key of another file: of its tables only the keys that tell them apart are required.
    pub(crate) loose: bool,
    pub(crate) meaning: String,
    pub(crate) what: What,
    /// The only values it takes; empty: all of its form.
    pub(crate) choices: Vec<Value>,
}

/// What is asked for.
pub(crate) enum What {
    Value {
        form: Form,
        example: Option<String>,
    },
    Table(Keys),
    /// With the key that tells them apart.
    Tables(Keys, &'static str),
}

/// The name of the question for all keys that have no question of their own.
pub(crate) const REST: &str = "";

impl Recorder {
    /// The questions that `read` asks.
    pub(crate) fn of<T>(read: impl FnOnce(Self) -> T) -> Keys {
        let recorder = Self::default();
        let keys = Rc::clone(&recorder.keys);
        read(recorder);
        keys
    }

    fn asked(&mut self, name: &'static str, required: bool, meaning: &str, what: What) {
        self.keys.borrow_mut().push(Key {
            name,
            required,
            loose: false,
            meaning: meaning.to_owned(),
            what,
            choices: Vec::new(),
        });
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

    fn tables(&mut self, key: &'static str, by: &'static str, meaning: &str) -> Vec<Self> {
        let child = Self::default();
        self.asked(key, false, meaning, What::Tables(Rc::clone(&child.keys), by));
        vec![child]
    }

    fn texts(&mut self, meaning: &str) -> BTreeMap<String, String> {
        self.asked(REST, false, meaning, What::Value { form: String::form(), example: None });
        BTreeMap::new()
    }

    fn choices<V: Serialize>(&mut self, key: &'static str, values: &[V]) {
        let choices = values.iter().filter_map(|value| serde_json::to_value(value).ok()).collect();
        if let Some(key) = self.keys.borrow_mut().iter_mut().find(|asked| asked.name == key) {
            key.choices = choices;
        }
    }

    fn refuse(&mut self, _keys: &[&'static str], _message: &str, _hint: &str) {}

    /// A schema does not know which form is meant: none of the table's keys is required then.
    fn of_other_form<T: Read>(&mut self, key: &'static str, meaning: &str) {
        self.asked(key, false, meaning, What::Value { form: T::form(), example: None });
        self.keys.borrow_mut().iter_mut().for_each(|key| key.required = false);
    }

    fn finish(self) {}
}
