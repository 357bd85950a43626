//! One table: what a reader asks it for, and how a table of a file answers.

use serde::Serialize;
use toml::Spanned;
use toml::de::{DeString, DeTable, DeValue};

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

    /// The tables `[[key]]`, in the order of the file; `meaning` is that of one of them.
    fn tables(&mut self, key: &'static str, meaning: &str) -> Vec<Self>;

    /// Says that the value of a key, or each one of its list, is one of these. Only said: the rule itself, with a
    /// suggestion for what is near, is in [`check`](crate::check).
    fn choices<V: Serialize>(&mut self, key: &'static str, values: &[V]);

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
    entries: Vec<(Spanned<DeString<'a>>, Spanned<DeValue<'a>>)>,
    asked: Vec<&'static str>,
}

impl Section for Table<'_> {
    fn required<T: Read>(&mut self, key: &'static str, example: &str, meaning: &str) -> Option<T> {
        if let Some(value) = self.take(key) {
            return self.read(key, &value);
        }
        let place =
            if self.path.is_empty() { "above the first table".to_owned() } else { format!("below {}", self.title) };
        self.missing("key", key, format!("write `{key} = {example}` {place}: {meaning}"));
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

    fn tables(&mut self, key: &'static str, _meaning: &str) -> Vec<Self> {
        let Some(value) = self.take(key) else { return Vec::new() };
        let at = self.at(key);
        let title = format!("[[{}]]", super::key(&at.path));
        let span = value.span();
        let DeValue::Array(items) = value.into_inner() else {
            at.report(span, format!("wants tables `{title}`"), format!("double the brackets: `{title}`"));
            return Vec::new();
        };
        let mut sections = Vec::new();
        for (index, item) in items.into_iter().enumerate() {
            let at = At { path: format!("{}[{index}]", at.path), ..at };
            let span = item.span();
            match item.into_inner() {
                DeValue::Table(table) => {
                    sections.push(self.child(at.path, title.clone(), &span, table));
                }
                other => at.wrong_type(span, "a table", &other, &format!("write `{title}` and its keys below")),
            }
        }
        sections
    }

    fn choices<V: Serialize>(&mut self, _key: &'static str, _values: &[V]) {}

    fn finish(self) {
        for (name, _) in &self.entries {
            let line = self.source.line(name.span().start);
            let given = name.get_ref();
            let path = if self.path.is_empty() { given.to_string() } else { format!("{}.{given}", self.path) };
            let hint = suggest(given, &self.asked, &format!("keys of {}", self.title));
            self.book.report(
                &self.source.file,
                Some(line),
                &path,
                format!("unknown key `{given}` in {}", self.title),
                hint,
            );
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
                entries: table.into_inner().into_iter().collect(),
                asked: Vec::new(),
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

    fn take(&mut self, key: &'static str) -> Option<Spanned<DeValue<'a>>> {
        self.asked.push(key);
        let index = self.entries.iter().position(|(name, _)| name.get_ref() == key)?;
        Some(self.entries.remove(index).1)
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

    fn read<T: Read>(&self, key: &str, value: &Spanned<DeValue<'a>>) -> Option<T> {
        T::read(value, &self.at(key))
    }

    fn open(&self, key: &str, value: Spanned<DeValue<'a>>) -> Option<Table<'a>> {
        let at = self.at(key);
        let title = format!("[{}]", super::key(&at.path));
        let span = value.span();
        match value.into_inner() {
            DeValue::Table(table) => Some(self.child(at.path, title, &span, table)),
            DeValue::Array(_) => {
                at.report(
                    span,
                    format!("wants one table `{title}`, got several"),
                    format!("single brackets: `{title}`"),
                );
                None
            }
            other => {
                at.wrong_type(span, "a table", &other, &format!("write `{title}` and its keys below"));
                None
            }
        }
    }

    fn child(&self, path: String, title: String, span: &std::ops::Range<usize>, table: DeTable<'a>) -> Table<'a> {
        let line = self.source.line(span.start);
        self.book.remember(&path, &self.source.file, line);
        Table {
            book: self.book,
            source: self.source,
            path,
            title,
            line: Some(line),
            entries: table.into_iter().collect(),
            asked: Vec::new(),
        }
    }

    fn at(&self, key: &str) -> At<'a> {
        At { book: self.book, source: self.source, path: self.path(key) }
    }
}
