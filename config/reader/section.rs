//! One table: what a reader asks it for, and how a table of a file answers.

use std::collections::BTreeMap;

use serde::Serialize;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::layer::{Entry, Item, Items, Node, entries, merged, text};
use super::value::{At, Read};
use super::{Book, Source};
use crate::problem::suggest;

/// What a reader asks a table for. A [`Table`] answers with the values of a file; a
/// [`Recorder`](super::Recorder) writes the questions down, and they are the schema.
pub(crate) trait Section: Sized {
    /// The value of a key that must be there; `example` and `meaning` tell what to write when it is not.
    fn required<T: Read>(&mut self, key: &'static str, example: &str, meaning: &str) -> Option<T>;

    /// The value of a key that may be left out; `meaning` says what then counts.
    fn optional<T: Read>(&mut self, key: &'static str, meaning: &str) -> Option<T>;

    /// The table `[key]`, which must be there.
    fn table(&mut self, key: &'static str, meaning: &str) -> Option<Self>;

    /// The table `[key]`, if there is one.
    fn optional_table(&mut self, key: &'static str, meaning: &str) -> Option<Self>;

    /// The tables `[[key]]`, in the order of the file; `meaning` is that of one of them. `by` is the key that tells them
    /// apart: a table of the environment's file changes the one of `zone.toml` with the same value there.
    fn tables(&mut self, key: &'static str, by: &'static str, meaning: &str) -> Vec<Self>;

    /// All keys that were not asked for, each with a text; `meaning` is that of one of them.
    fn texts(&mut self, meaning: &str) -> BTreeMap<String, String>;

    /// Says that the value of a key, or each one of its list, is one of these. Only said: the rule itself, with a
    /// suggestion for what is near, is in [`check`](crate::check).
    fn choices<V: Serialize>(&mut self, key: &'static str, values: &[V]);

    /// Says that these keys may not stand here, why, and what to do. The recorder asks for none of them.
    fn refuse(&mut self, keys: &[&'static str], message: &str, hint: &str);

    /// A key of the table's other form, which is not the one that is read: the schema knows it, too.
    fn of_other_form<T: Read>(&mut self, key: &'static str, meaning: &str);

    /// Ends the questions: what is in the table and nobody asked for is a problem.
    fn finish(self);
}

/// A table of a file. Every key is taken once; [`finish`](Section::finish) reports the rest.
pub(crate) struct Table<'a> {
    book: &'a Book,
    source: &'a Source,
    /// The way from the top of the file, such as `bucket[2]`; empty at the top.
    path: String,
    /// What a user calls the table: `[member]`, `[[bucket]]`, `the file`.
    title: String,
    line: Option<usize>,
    entries: Vec<Entry<'a>>,
    asked: Vec<&'static str>,
    /// Of a table of the environment's file that changes none of `zone.toml`: which one may have been meant.
    stranger: Option<String>,
}

impl<'a> Section for Table<'a> {
    fn required<T: Read>(&mut self, key: &'static str, example: &str, meaning: &str) -> Option<T> {
        if let Some(value) = self.take(key) {
            return self.read(key, &value);
        }
        let place =
            if self.path.is_empty() { "above the first table".to_owned() } else { format!("below {}", self.title) };
        let hint = format!("write `{key} = {example}` {place}: {meaning}");
        let hint = match &self.stranger {
            Some(stranger) => format!("{hint}; {stranger}"),
            None => hint,
        };
        self.missing("key", key, hint);
        None
    }

    fn optional<T: Read>(&mut self, key: &'static str, _meaning: &str) -> Option<T> {
        let value = self.take(key)?;
        self.read(key, &value)
    }

    fn table(&mut self, key: &'static str, meaning: &str) -> Option<Self> {
        if let Some(value) = self.take(key) {
            return self.open(key, value);
        }
        let title = super::key(&self.path(key));
        self.missing("table", key, format!("write a table `[{title}]`: {meaning}"));
        None
    }

    fn optional_table(&mut self, key: &'static str, _meaning: &str) -> Option<Self> {
        let value = self.take(key)?;
        self.open(key, value)
    }

    fn tables(&mut self, key: &'static str, by: &'static str, _meaning: &str) -> Vec<Self> {
        let Some(node) = self.take(key) else { return Vec::new() };
        let path = self.path(key);
        let title = format!("[[{}]]", super::key(&path));
        let mut items = Items::default();
        for (layer, value) in node.layers().into_iter().enumerate() {
            self.items(&path, &title, by, value, layer > 0, &mut items);
        }
        let child = |(index, item): (usize, Item<'a>)| {
            let mut child = self.child(format!("{path}[{index}]"), title.clone(), item.node);
            child.stranger = item.stranger;
            child
        };
        items.0.into_iter().enumerate().map(child).collect()
    }

    fn texts(&mut self, _meaning: &str) -> BTreeMap<String, String> {
        let rest = std::mem::take(&mut self.entries);
        let text = |entry: Entry<'a>| {
            let key = entry.name.get_ref().to_string();
            let text = self.read(&key, &entry.node)?;
            Some((key, text))
        };
        rest.into_iter().filter_map(text).collect()
    }

    fn choices<V: Serialize>(&mut self, _key: &'static str, _values: &[V]) {}

    fn refuse(&mut self, keys: &[&'static str], message: &str, hint: &str) {
        for key in keys {
            if let Some(index) = self.entries.iter().position(|entry| entry.name.get_ref() == key) {
                let Entry { name, source, .. } = self.entries.remove(index);
                let line = source.line(name.span().start);
                self.book.report(&source.file, Some(line), &self.path(key), message, hint);
            }
        }
    }

    fn of_other_form<T: Read>(&mut self, _key: &'static str, _meaning: &str) {}

    fn finish(self) {
        for Entry { name, source, .. } in &self.entries {
            let line = source.line(name.span().start);
            let given = name.get_ref();
            let path = if self.path.is_empty() { given.to_string() } else { format!("{}.{given}", self.path) };
            let hint = suggest(given, &self.asked, &format!("keys of {}", self.title));
            self.book.report(&source.file, Some(line), &path, format!("unknown key `{given}` in {}", self.title), hint);
        }
    }
}

impl<'a> Table<'a> {
    /// The whole file, or none and a problem for each place where it is not TOML.
    pub(crate) fn top(book: &'a Book, source: &'a Source) -> Option<Self> {
        let (table, errors) = DeTable::parse_recoverable(&source.text);
        if errors.is_empty() {
            return Some(Self {
                book,
                source,
                path: String::new(),
                title: "the file".to_owned(),
                line: None,
                entries: entries(table.into_inner(), source),
                asked: Vec::new(),
                stranger: None,
            });
        }
        for error in errors {
            let line = error.span().map(|span| source.line(span.start));
            let quoted = error.span().map(|span| source.quote(span)).filter(|text| !text.is_empty());
            let message = match quoted {
                Some(text) => {
                    format!("is not TOML: {}, at `{text}`", error.message().replace('\n', ", "))
                }
                None => format!("is not TOML: {}", error.message().replace('\n', ", ")),
            };
            book.report(&source.file, line, "", message, "the syntax is at https://toml.io");
        }
        None
    }

    /// The path that [`Book::problem`] knows a key of this table by.
    pub(crate) fn path(&self, key: &str) -> String {
        if self.path.is_empty() { key.to_owned() } else { format!("{}.{key}", self.path) }
    }

    /// This table, with what another says above it: of a key that both have, the other's value counts.
    pub(crate) fn under(mut self, over: Self) -> Self {
        self.entries = merged(self.entries, over.entries);
        self
    }

    /// Takes out the keys of another file: this is that file's part, and what is left is this one's own. What is unknown
    /// here may be one of theirs that is misspelt, so they are suggested too.
    pub(crate) fn split(&mut self, keys: &[&'static str]) -> Self {
        self.asked.extend(keys);
        let (theirs, own) =
            std::mem::take(&mut self.entries).into_iter().partition(|entry| keys.contains(&&**entry.name.get_ref()));
        self.entries = own;
        Self {
            path: self.path.clone(),
            title: self.title.clone(),
            entries: theirs,
            asked: Vec::new(),
            stranger: None,
            ..*self
        }
    }

    fn take(&mut self, key: &'static str) -> Option<Node<'a>> {
        self.asked.push(key);
        let index = self.entries.iter().position(|entry| entry.name.get_ref() == key)?;
        Some(self.entries.remove(index).node)
    }

    fn missing(&self, what: &str, key: &'static str, hint: String) {
        self.book.report(
            &self.source.file,
            self.line,
            &self.path(key),
            format!("missing {what} `{key}` in {}", self.title),
            hint,
        );
    }

    fn read<T: Read>(&self, key: &str, node: &Node<'a>) -> Option<T> {
        let (value, source) = node.top();
        T::read(value, &At { book: self.book, source, path: self.path(key) })
    }

    fn open(&self, key: &str, node: Node<'a>) -> Option<Table<'a>> {
        let path = self.path(key);
        let title = format!("[{}]", super::key(&path));
        let (value, source) = node.top();
        let at = At { book: self.book, source, path };
        match value.get_ref() {
            DeValue::Table(_) => Some(self.child(at.path, title, node)),
            DeValue::Array(_) => {
                at.report(
                    value.span(),
                    format!("expected one table `{title}`, got several"),
                    format!("single brackets: `{title}`"),
                );
                None
            }
            other => {
                at.wrong_type(value.span(), "a table", other, &format!("write `{title}` and its keys below"));
                None
            }
        }
    }

    /// The tables of one file's `[[key]]`: those that are new are appended, others change what is there.
    fn items(
        &self,
        path: &str,
        title: &str,
        by: &str,
        (value, source): (Spanned<DeValue<'a>>, &'a Source),
        changes: bool,
        found: &mut Items<'a>,
    ) {
        let span = value.span();
        let DeValue::Array(items) = value.into_inner() else {
            let at = At { book: self.book, source, path: path.to_owned() };
            at.report(span, format!("expected tables `{title}`"), format!("double the brackets: `{title}`"));
            return;
        };
        let (known, before) = (found.names(by), found.0.len());
        for item in items {
            let name = text(item.get_ref(), by);
            let same = name.as_ref().and_then(|name| known.iter().position(|known| known == name)).filter(|_| changes);
            if !matches!(item.get_ref(), DeValue::Table(_)) {
                let at = At { book: self.book, source, path: format!("{path}[{}]", found.0.len()) };
                let hint = format!("write `{title}` and its keys below");
                at.wrong_type(item.span(), "a table", item.get_ref(), &hint);
                continue;
            }
            match same {
                Some(index) => found.0[index].change(item, source),
                None => {
                    let stranger = (changes && before > 0).then(|| match &name {
                        Some(name) => format!(
                            "zone.toml has no {title} with `{by} = \"{name}\"`: {}",
                            suggest(name, &known, "it has")
                        ),
                        None => format!("`{by}` says which one of zone.toml is changed"),
                    });
                    found.0.push(Item { node: Node::One(item, source), stranger });
                }
            }
        }
    }

    fn child(&self, path: String, title: String, node: Node<'a>) -> Table<'a> {
        let (mut first, mut all) = (None, Vec::new());
        for (value, source) in node.layers() {
            first.get_or_insert((source, source.line(value.span().start)));
            if let DeValue::Table(table) = value.into_inner() {
                all = merged(all, entries(table, source));
            }
        }
        let (source, line) = first.map_or((self.source, None), |(source, line)| (source, Some(line)));
        if let Some(line) = line {
            self.book.remember(&path, &source.file, line);
        }
        Table { book: self.book, source, path, title, line, entries: all, asked: Vec::new(), stranger: None }
    }
}
