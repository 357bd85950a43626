//! Values that a deployment will know later: [`Output`] on the reading side, [`Input`] on the writing side.

mod input;

use std::{collections::BTreeSet, future::Future, marker::PhantomData, sync::Arc};

use futures::{
    FutureExt,
    future::{BoxFuture, Shared, try_join_all},
};

pub use self::input::{Fields, Given, Input, IntoInput, IsGiven, NotGiven};
use crate::value::{FromValue, ToValue, Value};

/// What an output came to: a value, and the resources it came from.
#[derive(Clone, Debug, Default)]
pub struct Resolved {
    /// The value; secret and unknown are marks inside it.
    pub value: Value,
    /// URNs of the resources it depends on.
    pub dependencies: BTreeSet<Arc<str>>,
}

/// Why an output never came to a value.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Stopped {
    /// A resource it needs failed, or the engine stopped; reported there already.
    Elsewhere,
    /// The program or the provider is wrong; nobody has reported it yet.
    Bug(Arc<str>),
}

type Pending = Shared<BoxFuture<'static, Result<Resolved, Stopped>>>;

/// A value of type `T` that is known when the resources behind it are.
///
/// It carries whether it is unknown (in a preview), whether it is secret, and which resources it depends
/// on; all three survive [`apply`](Self::apply) and combination.
pub struct Output<T> {
    pending: Pending,
    kind: PhantomData<fn() -> T>,
}

impl<T> Clone for Output<T> {
    fn clone(&self) -> Self {
        Self { pending: self.pending.clone(), kind: PhantomData }
    }
}

impl<T> std::fmt::Debug for Output<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Output({:?})", self.pending.peek())
    }
}

impl Stopped {
    /// The same, with the place of a bug before its message: `place: message`.
    pub(crate) fn within(self, place: &str) -> Self {
        match self {
            Self::Bug(message) => bug(&format!("{place}: {message}")),
            Self::Elsewhere => Self::Elsewhere,
        }
    }
}

impl<T> Output<T> {
    /// An output from a future. The future runs when something waits for it: spawn it first if it must not wait.
    pub fn from_future(future: impl Future<Output = Result<Resolved, Stopped>> + Send + 'static) -> Self {
        Self { pending: future.boxed().shared(), kind: PhantomData }
    }

    /// An output that is known already.
    pub fn known(value: impl ToValue) -> Self {
        let resolved = Resolved { value: value.to_value(), dependencies: BTreeSet::new() };
        Self::from_future(std::future::ready(Ok(resolved)))
    }

    /// An output that fails what uses it, with this message.
    pub(crate) fn failed(message: &str) -> Self {
        Self::from_future(std::future::ready(Err(bug(message))))
    }

    /// What [`all!`](crate::all) takes of an output, and of a reference to one.
    #[doc(hidden)]
    pub const fn borrowed(&self) -> &Self {
        self
    }

    /// Waits for the value.
    pub async fn resolve(&self) -> Result<Resolved, Stopped> {
        self.pending.clone().await
    }

    /// The same output, read as another type.
    pub fn cast<U>(&self) -> Output<U> {
        Output { pending: self.pending.clone(), kind: PhantomData }
    }

    /// The same output, marked secret.
    #[must_use]
    pub fn secret(&self) -> Self {
        let pending = self.pending.clone();
        Self::from_future(async move {
            let Resolved { value, dependencies } = pending.await?;
            Ok(Resolved { value: value.secret(), dependencies })
        })
    }

    /// The same output, told not to be secret after all.
    #[must_use]
    pub fn unsecret(&self) -> Self {
        let pending = self.pending.clone();
        Self::from_future(async move {
            let Resolved { value, dependencies } = pending.await?;
            Ok(Resolved { value: value.exposed(), dependencies })
        })
    }

    /// A property of the object that this output is; absent properties are null.
    pub fn property<U>(&self, name: &'static str) -> Output<U> {
        let pending = self.pending.clone();
        Output::from_future(async move {
            let Resolved { value, dependencies } = pending.await?;
            let value = match value {
                Value::Object(mut map) => map.remove(name).unwrap_or_default(),
                Value::Unknown => Value::Unknown,
                other => return Err(bug(&format!("property `{name}` of {}", other.type_name()))),
            };
            Ok(Resolved { value, dependencies })
        })
    }
}

impl<T: FromValue + 'static> Output<T> {
    /// Computes from the value once it is known. While any part of it is unknown, so is the result, and
    /// `f` is not called. A secret stays a secret.
    pub fn apply<U: ToValue>(&self, f: impl FnOnce(T) -> U + Send + 'static) -> Output<U>
    where
        T: Send,
    {
        self.then(|value| async move { f(value).to_value() })
    }

    /// [`apply`](Self::apply) with a computation that may fail.
    ///
    /// A failure fails the program: the registration or the stack output that uses the result is not made, and the
    /// message names it, as in `registering aws:sqs/queue:Queue `q`: input `name`: <the error>`. The error may end with
    /// a line `hint: ..`. While the value is unknown, as in a preview, `f` is not called and nothing fails.
    ///
    /// As with `apply`, `f` runs when something uses the result; what nobody uses is never computed.
    ///
    /// ```
    /// # use pulumi::output::Output;
    /// let port: Output<i32> = Output::known("8080".to_owned()).try_apply(|text: String| text.parse::<i32>());
    /// # let runtime = tokio::runtime::Builder::new_current_thread().build()?;
    /// # assert!(runtime.block_on(port.resolve()).is_ok());
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn try_apply<U: ToValue, E: std::fmt::Display>(
        &self,
        f: impl FnOnce(T) -> Result<U, E> + Send + 'static,
    ) -> Output<U>
    where
        T: Send,
    {
        self.try_then(|value| std::future::ready(f(value).map(|v| v.to_value()).map_err(|e| bug(&e.to_string()))))
    }

    /// [`apply`](Self::apply) with a computation that waits, such as an invoke.
    pub fn then<U, F: Future<Output = Value> + Send>(&self, f: impl FnOnce(T) -> F + Send + 'static) -> Output<U> {
        self.try_then(|value| f(value).map(Ok))
    }

    fn try_then<U, F: Future<Output = Result<Value, Stopped>> + Send>(
        &self,
        f: impl FnOnce(T) -> F + Send + 'static,
    ) -> Output<U> {
        let pending = self.pending.clone();
        Output::from_future(async move {
            let Resolved { value, dependencies } = pending.await?;
            let secret = value.has_secret();
            if value.has_unknown() {
                let value = if secret { Value::Unknown.secret() } else { Value::Unknown };
                return Ok(Resolved { value, dependencies });
            }
            let input = T::from_value(&value.exposed()).map_err(|e| bug(&e))?;
            let value = f(input).await?;
            Ok(Resolved { value: if secret { value.secret() } else { value }, dependencies })
        })
    }

    /// All of them, in order.
    pub fn all(outputs: impl IntoIterator<Item = Self>) -> Output<Vec<T>> {
        let pending: Vec<_> = outputs.into_iter().map(|o| o.pending).collect();
        Output::from_future(async move {
            let resolved = try_join_all(pending).await?;
            let mut dependencies = BTreeSet::new();
            let mut values = Vec::with_capacity(resolved.len());
            for item in resolved {
                dependencies.extend(item.dependencies);
                values.push(item.value);
            }
            Ok(Resolved { value: Value::Array(values), dependencies })
        })
    }

    /// This one and another.
    pub fn zip<U>(&self, other: &Output<U>) -> Output<(T, U)> {
        Output::<Value>::all([self.cast(), other.cast()]).cast()
    }
}

fn bug(message: &str) -> Stopped {
    Stopped::Bug(message.into())
}

/// Outputs of any types that are waited for together; see [`all!`](crate::all).
pub trait Together {
    /// The tuple of their types.
    type Values;
    /// One output of all of them.
    fn together(self) -> Output<Self::Values>;
}

macro_rules! tuple {
    ($count:literal: $($ty:ident $it:ident),+) => {
        impl<$($ty: ToValue),+> ToValue for ($($ty,)+) {
            fn to_value(&self) -> Value {
                let ($($it,)+) = self;
                Value::Array(vec![$($it.to_value()),+])
            }
        }
        impl<$($ty: FromValue),+> FromValue for ($($ty,)+) {
            fn from_value(value: &Value) -> Result<Self, String> {
                match value {
                    Value::Array(items) => match items.as_slice() {
                        [$($it),+] => Ok(($($ty::from_value($it)?,)+)),
                        _ => Err(format!("expected {} values, found {}", $count, items.len())),
                    },
                    other => Err(format!("expected {} values, found {}", $count, other.type_name())),
                }
            }
        }
        impl<$($ty),+> Together for ($(&Output<$ty>,)+) {
            type Values = ($($ty,)+);
            fn together(self) -> Output<Self::Values> {
                let ($($it,)+) = self;
                Output::<Value>::all([$($it.cast()),+]).cast()
            }
        }
    };
}
tuple!(1: A a);
tuple!(2: A a, B b);
tuple!(3: A a, B b, C c);
tuple!(4: A a, B b, C c, D d);
tuple!(5: A a, B b, C c, D d, E e);
tuple!(6: A a, B b, C c, D d, E e, F f);
tuple!(7: A a, B b, C c, D d, E e, F f, G g);
tuple!(8: A a, B b, C c, D d, E e, F f, G g, H h);

/// One output of up to eight others of any types: a tuple, which is known when all of them are.
///
/// It is unknown while one of them is, and secret if one of them is. For any number of one type there is
/// [`Output::all`](crate::output::Output::all).
///
/// ```
/// use pulumi::{all, output::Output};
///
/// let (host, port) = (Output::<String>::known("db".to_owned()), Output::<i32>::known(5432));
/// let url = all!(host, port).apply(|(host, port)| format!("postgres://{host}:{port}"));
/// # let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
/// # assert_eq!(runtime.block_on(url.resolve()).expect("a value").value.as_str(), Some("postgres://db:5432"));
/// ```
#[macro_export]
macro_rules! all {
    ($($output:expr),+ $(,)?) => {
        $crate::output::Together::together(($($crate::output::Output::borrowed(&$output),)+))
    };
}

#[cfg(test)]
mod tests;
