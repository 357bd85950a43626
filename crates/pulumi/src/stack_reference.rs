//! The outputs of another Pulumi stack.

use std::sync::Arc;

use crate::{
    lookup::Lookup,
    output::{IntoInput, Output, Resolved, Stopped},
    program::{Resource, Scope},
    value::{Map, Value},
};

const KIND: &str = "pulumi:pulumi:StackReference";

/// Another Pulumi stack, whose outputs a program takes values from.
///
/// ```
/// use pulumi::{prelude::Scope, stack_reference::StackReference};
///
/// fn program(scope: &Scope) {
///     let network = StackReference::new(scope, "organization/network/prod");
///     let subnets = network.output::<Vec<String>>("privateSubnetIds");
///     let first = subnets.try_apply(|ids| ids.into_iter().next().ok_or("the network has no private subnet"));
///     scope.set_outputs([("subnet".to_owned(), first.into())]);
/// }
/// # let _ = program;
/// ```
#[derive(Clone, Debug)]
pub struct StackReference {
    resource: Resource,
    stack: Arc<str>,
    dry_run: bool,
}

impl StackReference {
    /// The stack of this name: `organization/project/stack`. A backend without organizations wants the word
    /// `organization` in the first place.
    pub fn new(scope: &Scope, stack: impl Into<String>) -> Self {
        let stack = stack.into();
        Self::named(scope, stack.clone(), stack)
    }

    /// As [`new`](Self::new), with a logical name of its own, and a stack whose name may be known later.
    pub fn named(scope: &Scope, name: impl Into<String>, stack: impl IntoInput<String>) -> Self {
        let (name, stack) = (name.into(), stack.into_input());
        let lookup = Lookup::<Resource>::new(scope, KIND, &name, stack.clone()).state::<String>("name", stack);
        Self { resource: lookup.read(), stack: name.into(), dry_run: scope.run().dry_run }
    }

    /// One of its outputs; a secret one stays secret.
    ///
    /// One that the stack does not have fails whatever uses it, with the names of those that it has. In a preview it is
    /// unknown: the other stack may be about to get it.
    pub fn output<T>(&self, name: &str) -> Output<T> {
        self.find(name, |stack, name, outputs| {
            let known: Vec<_> = outputs.keys().map(|key| format!("`{key}`")).collect();
            let hint = if known.is_empty() { "it has none".to_owned() } else { format!("it has {}", known.join(", ")) };
            Err(Stopped::Bug(format!("stack `{stack}` has no output `{name}`\nhint: {hint}").into()))
        })
    }

    /// One of its outputs, or nothing if it does not have it.
    pub fn output_if_any<T>(&self, name: &str) -> Output<Option<T>> {
        self.find(name, |_, _, _| Ok(Value::Null))
    }

    fn find<T>(
        &self,
        name: &str,
        absent: impl FnOnce(&str, &str, &Map) -> Result<Value, Stopped> + Send + 'static,
    ) -> Output<T> {
        let (name, stack, dry_run) = (name.to_owned(), self.stack.clone(), self.dry_run);
        let (all, secret) =
            (self.resource.property::<Value>("outputs"), self.resource.property::<Value>("secretOutputNames"));
        Output::from_future(async move {
            let Resolved { value, dependencies } = all.resolve().await?;
            let outputs = match value {
                Value::Unknown => return Ok(Resolved { value: Value::Unknown, dependencies }),
                Value::Object(map) => map,
                // if the whole is secret, each of them is
                Value::Secret(inner) => match *inner {
                    Value::Unknown => return Ok(Resolved { value: Value::Unknown.secret(), dependencies }),
                    Value::Object(map) => map.into_iter().map(|(key, value)| (key, value.secret())).collect(),
                    _ => Map::new(),
                },
                _ => Map::new(),
            };
            let value = match outputs.get(&name) {
                Some(value) => value.clone(),
                None if dry_run => Value::Unknown,
                None => absent(&stack, &name, &outputs)?,
            };
            let is_secret = match secret.resolve().await?.value.exposed() {
                Value::Array(names) => names.iter().any(|secret| secret.as_str() == Some(name.as_str())),
                _ => false,
            };
            let value = if is_secret && value != Value::Null { value.secret() } else { value };
            Ok(Resolved { value, dependencies })
        })
    }
}

impl AsRef<Resource> for StackReference {
    fn as_ref(&self) -> &Resource {
        &self.resource
    }
}
