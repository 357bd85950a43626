//! Values that a deployment will know later: [`Output`] on the reading side, [`Input`] on the writing side.

use std::{
    collections::{BTreeMap, BTreeSet},
    future::Future,
    marker::PhantomData,
    sync::Arc,
};

use futures::{
    FutureExt,
    future::{BoxFuture, Shared, join_all, try_join_all},
};

use crate::value::{FromValue, INT, LONG, Map, ToValue, Value, between};

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

#[cfg(test)]
mod tests {
    use super::*;

    fn made_by(urn: &str, value: Value) -> Output<String> {
        let resolved = Resolved { value, dependencies: [Arc::from(urn)].into() };
        Output::from_future(std::future::ready(Ok(resolved)))
    }

    #[tokio::test]
    async fn apply_keeps_secret_and_dependencies() {
        let out = made_by("a", "x".to_value().secret()).zip(&made_by("b", "y".to_value())).apply(|(a, b)| a + &b);
        let resolved = out.resolve().await.unwrap();
        assert_eq!(resolved.value, "xy".to_value().secret());
        assert_eq!(resolved.dependencies.len(), 2);
    }

    #[tokio::test]
    async fn an_unknown_part_makes_the_whole_unknown_and_is_not_computed_with() {
        let out =
            made_by("a", Value::Unknown).zip(&made_by("b", "y".to_value())).apply(|_| -> String { unreachable!() });
        assert_eq!(out.resolve().await.unwrap().value, Value::Unknown);
    }

    #[tokio::test]
    async fn a_failure_reaches_whoever_waits() {
        let failed: Output<String> = Output::from_future(std::future::ready(Err(Stopped::Elsewhere)));
        assert!(matches!(failed.apply(|s| s).resolve().await, Err(Stopped::Elsewhere)));
    }

    #[tokio::test]
    async fn a_computation_that_fails_says_why_and_is_not_tried_with_an_unknown() {
        let parsed = async |value: Value| {
            let number: Output<i32> = made_by("a", value).try_apply(|text| text.parse::<i32>());
            number.resolve().await.map(|resolved| resolved.value)
        };
        assert_eq!(parsed("7".to_value().secret()).await.expect("a number"), Value::Number(7.0).secret());
        assert_eq!(parsed(Value::Unknown).await.expect("not computed"), Value::Unknown);
        let Err(Stopped::Bug(message)) = parsed("x".to_value()).await else { panic!("it fails") };
        assert_eq!(&*message, "invalid digit found in string");
    }

    #[tokio::test]
    async fn several_are_waited_for_together() {
        let (text, number) = (made_by("a", "x".to_value().secret()), Output::<i32>::known(7));
        let flags = &Output::<Vec<bool>>::known(vec![true]);
        let out = crate::all!(text, number, flags).apply(|(text, number, flags)| format!("{text} {number} {flags:?}"));
        let resolved = out.resolve().await.expect("a value");
        assert_eq!(resolved.value, "x 7 [true]".to_value().secret());
        assert_eq!(resolved.dependencies.len(), 1);
        let unknown = crate::all!(text, made_by("b", Value::Unknown)).apply(|_| -> String { unreachable!() });
        assert!(unknown.resolve().await.expect("not computed").value.has_unknown());
    }

    #[tokio::test]
    async fn a_number_fits_or_is_refused() {
        async fn given<T>(number: impl IntoInput<T>) -> Result<Value, String> {
            match number.into_input().resolve().await {
                Ok(resolved) => Ok(resolved.value),
                Err(Stopped::Bug(message)) => Err(message.to_string()),
                Err(Stopped::Elsewhere) => panic!("nothing else went wrong"),
            }
        }
        assert_eq!(given::<i32>(7_u32).await, Ok(Value::Number(7.0)));
        assert_eq!(given::<i32>(65_535_u16).await, Ok(Value::Number(65_535.0)));
        assert_eq!(given::<i64>(u32::MAX).await, Ok(Value::Number(4_294_967_295.0)));
        let refused = "expected a whole number from -2147483648 to 2147483647, found 4294967295";
        assert_eq!(given::<i32>(u32::MAX).await, Err(refused.to_owned()));
        assert_eq!(given::<i32>(4_294_967_295_i64).await, Err(refused.to_owned()));
        let refused = "expected a whole number from -9007199254740991 to 9007199254740991, found 9007199254740992";
        assert_eq!(given::<i64>(1_i64 << 53).await, Err(refused.to_owned()));
    }

    #[tokio::test]
    async fn an_input_gathers_what_stands_deep_inside() {
        let list: Input =
            IntoInput::<Vec<String>>::into_input(vec![made_by("a", "x".to_value()), made_by("b", Value::Unknown)]);
        let resolved = Input::Object([("items".to_owned(), list)].into()).resolve().await.unwrap();
        assert_eq!(resolved.dependencies.len(), 2);
        assert!(resolved.value.has_unknown());
    }
}
