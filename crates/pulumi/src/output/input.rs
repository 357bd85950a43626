//! The writing side: what may stand where an argument is wanted.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use futures::{
    FutureExt,
    future::{BoxFuture, join_all},
};

use super::{Output, Resolved, Stopped};
use crate::value::{INT, LONG, Map, ToValue, Value, between};

/// An argument of a resource: a value, an output, or a list or object with outputs inside.
#[derive(Clone, Debug)]
pub enum Input {
    /// Known now.
    Known(Value),
    /// Known later.
    Later(Output<Value>),
    /// A list whose items may be known later.
    List(Vec<Input>),
    /// An object whose properties may be known later.
    Object(BTreeMap<String, Input>),
}

impl Input {
    /// Waits for everything inside.
    pub fn resolve(self) -> BoxFuture<'static, Result<Resolved, Stopped>> {
        async move {
            match self {
                Self::Known(value) => Ok(Resolved { value, dependencies: BTreeSet::new() }),
                Self::Later(output) => output.resolve().await,
                Self::List(items) => {
                    let (values, dependencies) = gather(items).await?;
                    Ok(Resolved { value: Value::Array(values), dependencies })
                }
                Self::Object(fields) => {
                    let (keys, inputs): (Vec<_>, Vec<_>) = fields.into_iter().unzip();
                    let (values, dependencies) = gather(inputs).await?;
                    let map: Map = keys.into_iter().zip(values).filter(|(_, v)| *v != Value::Null).collect();
                    Ok(Resolved { value: Value::Object(map), dependencies })
                }
            }
        }
        .boxed()
    }
}

async fn gather(inputs: Vec<Input>) -> Result<(Vec<Value>, BTreeSet<Arc<str>>), Stopped> {
    let mut dependencies = BTreeSet::new();
    let mut values = Vec::with_capacity(inputs.len());
    for resolved in join_all(inputs.into_iter().map(Input::resolve)).await {
        let resolved = resolved?;
        dependencies.extend(resolved.dependencies);
        values.push(resolved.value);
    }
    Ok((values, dependencies))
}

/// What may stand where an argument of type `T` is wanted: a plain value, a literal, or an output of that type.
///
/// Whole numbers of other types are taken too: `u16`, `u32` and `i64` for an `i32`, and `i32`, `u16` and `u32` for an
/// `i64`. One that is out of range is never cut: the registration fails, and names the argument and the range. An `i64`
/// argument ranges from -(2^53 - 1) to 2^53 - 1, as Pulumi's numbers are doubles.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be given where an input of type `{T}` is wanted",
    label = "neither `{T}` nor `Output<{T}>`",
    note = "a list is given as an array or a `Vec`, a nested object as its `args()`, and what a resource will have by its method, such as `bucket.arn()`"
)]
pub trait IntoInput<T> {
    /// As an argument.
    fn into_input(self) -> Input;
}

impl<T> IntoInput<T> for Output<T> {
    fn into_input(self) -> Input {
        Input::Later(self.cast())
    }
}
impl<T> IntoInput<T> for &Output<T> {
    fn into_input(self) -> Input {
        Input::Later(self.cast())
    }
}
impl<T> IntoInput<T> for Input {
    fn into_input(self) -> Input {
        self
    }
}
macro_rules! plain {
    ($($from:ty => $to:ty),*) => {$(
        #[diagnostic::do_not_recommend]
        impl IntoInput<$to> for $from {
            fn into_input(self) -> Input {
                Input::Known(Value::from(self))
            }
        }
    )*};
}
plain!(&str => String, String => String, &String => String, bool => bool, i32 => i32, f64 => f64);
plain!(u16 => i32, i32 => i64, u16 => i64, u32 => i64, i32 => f64, u16 => f64, u32 => f64);

/// Numbers that may be out of the argument's range: then the registration fails, and names the argument.
macro_rules! in_range {
    ($($from:ty => $to:ty: $range:expr),*) => {$(
        #[diagnostic::do_not_recommend]
        impl IntoInput<$to> for $from {
            fn into_input(self) -> Input {
                let (range, number) = ($range, i64::from(self));
                if range.contains(&number) {
                    return Input::Known(number.to_value());
                }
                let expected = between(&range);
                Input::Later(Output::failed(&format!("expected {expected}, found {number}")))
            }
        }
    )*};
}
in_range!(u32 => i32: INT, i64 => i32: INT, i64 => i64: LONG);

impl<T, X: IntoInput<T>> IntoInput<Vec<T>> for Vec<X> {
    fn into_input(self) -> Input {
        Input::List(self.into_iter().map(IntoInput::into_input).collect())
    }
}
impl<T, X: IntoInput<T>, const N: usize> IntoInput<Vec<T>> for [X; N] {
    fn into_input(self) -> Input {
        Input::List(self.into_iter().map(IntoInput::into_input).collect())
    }
}
impl<T, X: IntoInput<T>> IntoInput<BTreeMap<String, T>> for BTreeMap<String, X> {
    fn into_input(self) -> Input {
        Input::Object(self.into_iter().map(|(k, v)| (k, v.into_input())).collect())
    }
}
impl<'a, T, X> IntoInput<BTreeMap<String, T>> for &'a BTreeMap<String, X>
where
    &'a X: IntoInput<T>,
{
    fn into_input(self) -> Input {
        Input::Object(self.iter().map(|(k, v)| (k.clone(), v.into_input())).collect())
    }
}

/// The arguments of a nested object, while they are collected.
#[derive(Clone, Debug, Default)]
pub struct Fields(BTreeMap<String, Input>);

impl Fields {
    /// Sets one property by its Pulumi name.
    pub fn set<T>(&mut self, name: &str, value: impl IntoInput<T>) {
        self.0.insert(name.to_owned(), value.into_input());
    }
}
impl From<Fields> for Input {
    fn from(fields: Fields) -> Self {
        Self::Object(fields.0)
    }
}

/// An output as what a program returns under a name: `("arn".to_owned(), queue.arn().into())`.
impl<T> From<Output<T>> for Input {
    fn from(output: Output<T>) -> Self {
        Self::Later(output.cast())
    }
}
impl<T> From<&Output<T>> for Input {
    fn from(output: &Output<T>) -> Self {
        Self::Later(output.cast())
    }
}

/// Marks a required argument that was given; the counterpart of a generated type in `missing_*`.
#[derive(Debug)]
pub struct Given;

/// A required argument is given. Implemented for [`Given`] alone: what is missing stands in the message.
#[diagnostic::on_unimplemented(message = "the required argument `{Self}` is missing", label = "give it before this")]
pub trait IsGiven {}
#[diagnostic::do_not_recommend]
impl IsGiven for Given {}

/// A required argument is not given yet, and so may be.
#[diagnostic::on_unimplemented(message = "this required argument is given twice", label = "it was given before this")]
pub trait NotGiven {}
