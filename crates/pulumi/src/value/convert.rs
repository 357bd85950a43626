//! Rust types as property values, and from them.

use std::{collections::BTreeMap, ops::RangeInclusive};

use super::{Map, Value};

/// A Rust type that is a property value.
#[diagnostic::on_unimplemented(message = "`{Self}` cannot become the value of a property")]
pub trait ToValue {
    /// As a property value.
    fn to_value(&self) -> Value;
}

/// A Rust type that can be read from a fully known property value, secret marks ignored.
#[diagnostic::on_unimplemented(message = "`{Self}` cannot be read from the value of a property")]
pub trait FromValue: Sized {
    /// Reads it; the error says what was expected, without the place.
    fn from_value(value: &Value) -> Result<Self, String>;
}

impl ToValue for Value {
    fn to_value(&self) -> Value {
        self.clone()
    }
}
impl FromValue for Value {
    fn from_value(value: &Value) -> Result<Self, String> {
        Ok(value.clone())
    }
}

fn expected<T>(what: &str, value: &Value) -> Result<T, String> {
    Err(format!("expected {what}, found {}", value.type_name()))
}

macro_rules! scalar {
    ($ty:ty, $what:literal, $to:expr, $from:pat => $out:expr) => {
        impl ToValue for $ty {
            fn to_value(&self) -> Value {
                ($to)(self)
            }
        }
        impl FromValue for $ty {
            fn from_value(value: &Value) -> Result<Self, String> {
                match value {
                    Value::Secret(inner) => Self::from_value(inner),
                    $from => $out,
                    other => expected($what, other),
                }
            }
        }
    };
}
scalar!(String, "a string", |s: &String| Value::String(s.clone()), Value::String(s) => Ok(s.clone()));
scalar!(bool, "a boolean", |b: &bool| Value::Bool(*b), Value::Bool(b) => Ok(*b));
scalar!(f64, "a number", |n: &f64| Value::Number(*n), Value::Number(n) => Ok(*n));
scalar!(i32, "a whole number", |n: &i32| Value::Number(f64::from(*n)), Value::Number(n) => whole(*n, INT));
// what is beyond the range that a double holds exactly is refused by whoever reads it
scalar!(i64, "a whole number", |n: &i64| Value::Number(double(*n)), Value::Number(n) => whole(*n, LONG));

/// What an `i32` holds.
pub(crate) const INT: RangeInclusive<i64> = i32::MIN as i64..=i32::MAX as i64;
/// What an `i64` property holds: Pulumi's numbers are doubles, which count one by one up to here.
pub(crate) const LONG: RangeInclusive<i64> = -9_007_199_254_740_991..=9_007_199_254_740_991;

#[expect(clippy::cast_precision_loss, reason = "beyond LONG the number is refused when it is read")]
const fn double(n: i64) -> f64 {
    n as f64
}

/// Whether a number is whole and within a range.
pub(crate) fn is_whole(n: f64, range: &RangeInclusive<i64>) -> bool {
    n.fract() == 0.0 && n >= double(*range.start()) && n <= double(*range.end())
}

#[expect(clippy::cast_possible_truncation, reason = "the range is checked first")]
fn whole<T: TryFrom<i64>>(n: f64, range: RangeInclusive<i64>) -> Result<T, String> {
    if n.fract() != 0.0 {
        return Err(format!("expected a whole number, found {n}"));
    }
    let whole = is_whole(n, &range).then(|| T::try_from(n as i64).ok()).flatten();
    whole.ok_or_else(|| format!("expected {}, found {n}", between(&range)))
}

/// The words for a range in a message to a user.
pub(crate) fn between(range: &RangeInclusive<i64>) -> String {
    format!("a whole number from {} to {}", range.start(), range.end())
}

macro_rules! from_plain {
    ($($ty:ty => |$it:ident| $to:expr),*) => {$(
        impl From<$ty> for Value {
            fn from($it: $ty) -> Self {
                $to
            }
        }
    )*};
}
from_plain!(
    &str => |s| Self::String(s.to_owned()), String => |s| Self::String(s), &String => |s| Self::String(s.clone()),
    bool => |b| Self::Bool(b), f64 => |n| Self::Number(n),
    i32 => |n| Self::Number(n.into()), u16 => |n| Self::Number(n.into()), u32 => |n| Self::Number(n.into())
);

impl ToValue for str {
    fn to_value(&self) -> Value {
        Value::String(self.to_owned())
    }
}
impl<T: ToValue + ?Sized> ToValue for &T {
    fn to_value(&self) -> Value {
        (**self).to_value()
    }
}
impl<T: ToValue> ToValue for Vec<T> {
    fn to_value(&self) -> Value {
        Value::Array(self.iter().map(ToValue::to_value).collect())
    }
}
impl<T: FromValue> FromValue for Vec<T> {
    fn from_value(value: &Value) -> Result<Self, String> {
        match value {
            Value::Secret(inner) => Self::from_value(inner),
            Value::Array(items) => {
                let read = |(i, v)| T::from_value(v).map_err(|e| format!("[{i}]: {e}"));
                items.iter().enumerate().map(read).collect()
            }
            other => expected("a list", other),
        }
    }
}
impl<T: ToValue> ToValue for Option<T> {
    fn to_value(&self) -> Value {
        self.as_ref().map_or(Value::Null, ToValue::to_value)
    }
}
impl<T: FromValue> FromValue for Option<T> {
    fn from_value(value: &Value) -> Result<Self, String> {
        if *value == Value::Null { Ok(None) } else { T::from_value(value).map(Some) }
    }
}
impl<T: ToValue> ToValue for BTreeMap<String, T> {
    fn to_value(&self) -> Value {
        Value::Object(self.iter().map(|(k, v)| (k.clone(), v.to_value())).collect())
    }
}
impl<T: FromValue> FromValue for BTreeMap<String, T> {
    fn from_value(value: &Value) -> Result<Self, String> {
        match value {
            Value::Secret(inner) => Self::from_value(inner),
            Value::Object(map) => {
                let read = |(k, v): (&String, &Value)| match T::from_value(v) {
                    Ok(item) => Ok((k.clone(), item)),
                    Err(e) => Err(format!(".{k}: {e}")),
                };
                map.iter().map(read).collect()
            }
            other => expected("an object", other),
        }
    }
}

/// The properties of an object; for derived conversions.
pub fn object(value: &Value) -> Result<&Map, String> {
    match value {
        Value::Secret(inner) => object(inner),
        Value::Object(map) => Ok(map),
        other => expected("an object", other),
    }
}

/// Reads one property, or what its absence stands for; for derived conversions.
pub fn field<T: FromValue>(map: &Map, name: &str, absent: Option<T>) -> Result<T, String> {
    match map.get(name) {
        None | Some(Value::Null) => absent.ok_or_else(|| format!(".{name}: missing")),
        Some(value) => T::from_value(value).map_err(|e| {
            let nested = e.starts_with(['.', '[']);
            if nested { format!(".{name}{e}") } else { format!(".{name}: {e}") }
        }),
    }
}

/// An object of what is not null; for derived conversions.
pub fn object_of<const N: usize>(fields: [(&str, Value); N]) -> Value {
    let present = fields.into_iter().filter(|(_, v)| *v != Value::Null);
    Value::Object(present.map(|(k, v)| (k.to_owned(), v)).collect())
}
