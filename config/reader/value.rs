//! The types a value can be read as.

use std::ops::Range;

use toml::Spanned;
use toml::de::DeValue;

use super::{Book, Source};
use crate::problem::Invalid;

/// The place that is being read.
pub(crate) struct At<'a> {
    pub(super) book: &'a Book,
    pub(super) source: &'a Source,
    pub(super) path: String,
}

impl At<'_> {
    pub(super) fn report(&self, span: Range<usize>, message: impl Into<String>, hint: impl Into<String>) {
        let line = self.source.line(span.start);
        self.book.report(&self.source.file, Some(line), &self.path, message, hint);
    }

    /// Reports that the value has another type than `wanted`.
    pub(super) fn wrong_type(&self, span: Range<usize>, wanted: &str, got: &DeValue<'_>, hint: &str) {
        let text = self.source.quote(span.clone());
        self.report(span, format!("expected {wanted}, got {} {text}", type_of(got)), hint);
    }

    fn remember(&self, span: Range<usize>) {
        self.book.remember(&self.path, &self.source.file, self.source.line(span.start));
    }
}

/// What values of a type look like.
#[derive(Default)]
pub(crate) struct Form {
    /// The name that JSON Schema has for the type.
    pub(crate) kind: &'static str,
    /// Of a text with a rule.
    pub(crate) pattern: Option<&'static str>,
    /// Of a type that is a list of names.
    pub(crate) choices: Vec<serde_json::Value>,
    /// Of a list.
    pub(crate) items: Option<Box<Form>>,
}

impl Form {
    fn of(kind: &'static str) -> Self {
        Self { kind, ..Self::default() }
    }

    fn matching(pattern: &'static str) -> Self {
        Self { pattern: Some(pattern), ..Self::of("string") }
    }

    fn one_of(names: &[&str]) -> Self {
        Self { choices: names.iter().map(|name| (*name).into()).collect(), ..Self::of("string") }
    }
}

/// A type that a TOML value can be read as.
pub(crate) trait Read: Sized {
    /// None means that the problem is in the book.
    fn read(value: &Spanned<DeValue<'_>>, at: &At<'_>) -> Option<Self>;

    /// What an editor is told of it.
    fn form() -> Form;
}

impl Read for String {
    fn read(value: &Spanned<DeValue<'_>>, at: &At<'_>) -> Option<Self> {
        match value.get_ref() {
            DeValue::String(text) if text.trim().is_empty() => {
                at.report(value.span(), "is empty", "write a value, or take the line out if the key may be left out");
                None
            }
            DeValue::String(text) => {
                at.remember(value.span());
                Some(text.to_string())
            }
            other => {
                let hint = match other {
                    DeValue::Array(_) | DeValue::Table(_) => "write one text in quotes".to_owned(),
                    _ => format!("put it in quotes: \"{}\"", at.source.quote(value.span())),
                };
                at.wrong_type(value.span(), "a string", other, &hint);
                None
            }
        }
    }

    fn form() -> Form {
        Form::of("string")
    }
}

impl Read for bool {
    fn read(value: &Spanned<DeValue<'_>>, at: &At<'_>) -> Option<Self> {
        if let DeValue::Boolean(flag) = value.get_ref() {
            at.remember(value.span());
            return Some(*flag);
        }
        at.wrong_type(value.span(), "true or false", value.get_ref(), "write `true` or `false`, without quotes");
        None
    }

    fn form() -> Form {
        Form::of("boolean")
    }
}

impl Read for u32 {
    fn read(value: &Spanned<DeValue<'_>>, at: &At<'_>) -> Option<Self> {
        let DeValue::Integer(integer) = value.get_ref() else {
            at.wrong_type(value.span(), "a whole number", value.get_ref(), "write digits only, without quotes");
            return None;
        };
        let Ok(number) = u32::from_str_radix(integer.as_str(), integer.radix()) else {
            let text = at.source.quote(value.span());
            at.report(
                value.span(),
                format!("expected a number from 0 to {}, got {text}", u32::MAX),
                "count in whole days",
            );
            return None;
        };
        at.remember(value.span());
        Some(number)
    }

    fn form() -> Form {
        Form::of("integer")
    }
}

impl<T: Read> Read for Vec<T> {
    fn read(value: &Spanned<DeValue<'_>>, at: &At<'_>) -> Option<Self> {
        let DeValue::Array(items) = value.get_ref() else {
            let hint = format!("put it in brackets: [{}]", at.source.quote(value.span()));
            at.wrong_type(value.span(), "a list", value.get_ref(), &hint);
            return None;
        };
        // every item is read before one that failed is noticed: all of them are to be reported
        let read: Vec<Option<T>> = items
            .iter()
            .enumerate()
            .map(|(index, item)| T::read(item, &At { path: format!("{}[{index}]", at.path), ..*at }))
            .collect();
        let all: Option<Self> = read.into_iter().collect();
        if all.is_some() {
            at.remember(value.span());
        }
        all
    }

    fn form() -> Form {
        Form { items: Some(Box::new(T::form())), ..Form::of("array") }
    }
}

/// Reads types that are a text with a rule, through their `FromStr`.
macro_rules! read_by_parsing {
    ($($name:ty: $form:expr),* $(,)?) => {$(
        impl Read for $name {
            fn read(value: &Spanned<DeValue<'_>>, at: &At<'_>) -> Option<Self> {
                parse(value, at)
            }

            fn form() -> Form {
                $form
            }
        }
    )*};
}

read_by_parsing! {
    crate::Backend: Form::matching(Self::PATTERN),
    crate::SecretsProvider: Form::one_of(&Self::NAMES),
    crate::SecretName: Form::matching(Self::PATTERN),
    crate::AccountId: Form::matching(Self::PATTERN),
    crate::Cidr: Form::matching(Self::PATTERN),
    crate::ClientKind: Form::one_of(&Self::NAMES),
    crate::Date: Form::matching(Self::PATTERN),
    crate::OidcProvider: Form::one_of(&Self::NAMES),
    crate::Kind: Form::one_of(&Self::NAMES),
    crate::OrganizationId: Form::matching(Self::PATTERN),
    crate::Region: Form::matching(Self::PATTERN),
}

fn parse<T: std::str::FromStr<Err = Invalid>>(value: &Spanned<DeValue<'_>>, at: &At<'_>) -> Option<T> {
    let text = String::read(value, at)?;
    match text.parse() {
        Ok(parsed) => Some(parsed),
        Err(invalid) => {
            at.book.forget(&at.path);
            at.report(value.span(), invalid.message, invalid.hint);
            None
        }
    }
}

/// A type with its article, as it stands after "got".
fn type_of(value: &DeValue<'_>) -> &'static str {
    match value {
        DeValue::String(_) => "the string",
        DeValue::Integer(_) => "the integer",
        DeValue::Float(_) => "the float",
        DeValue::Boolean(_) => "the boolean",
        DeValue::Datetime(_) => "the date",
        DeValue::Array(_) => "the list",
        DeValue::Table(_) => "the table",
    }
}
