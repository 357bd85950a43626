//! A resource type with its Rust types erased: inputs and outputs become maps.

use std::marker::PhantomData;

use futures::future::BoxFuture;

use super::{
    adopt::Presence,
    check::Failure,
    resource::{Created, CustomResource, Described, Error, Kind, Live},
    schema::{Property, ResourceSchema, Shaped, Type},
};
use crate::{
    asset::{Archive, Asset},
    value::{FromValue, Map, ToValue, UNKNOWN, Value},
};

/// Erases a resource type.
pub struct Of<R>(PhantomData<fn() -> R>);

impl<R> Of<R> {
    /// The erased type.
    pub const fn new() -> Self {
        Self(PhantomData)
    }
}
impl<R> Default for Of<R> {
    fn default() -> Self {
        Self::new()
    }
}

fn typed<T: FromValue>(what: &str, map: &Map) -> Result<T, Error> {
    T::from_value(&Value::Object(map.clone())).map_err(|e| Error::new(format!("{what}: {}", e.trim_start_matches('.'))))
}

/// Inputs of which some are not known yet, with something that says so in their place: a name may be known all the same.
fn filled(inputs: &Map, properties: &[Property]) -> Map {
    let mut all: Map = inputs.clone();
    for property in properties {
        if let Some(value) = all.get_mut(property.name) {
            *value = fill(value, property.kind);
        }
    }
    all
}

fn fill(value: &Value, kind: Type) -> Value {
    match (value, kind) {
        (Value::Unknown, Type::String) => UNKNOWN.to_value(),
        (Value::Unknown, Type::Bool) => Value::Bool(false),
        (Value::Unknown, Type::Integer | Type::Long | Type::Number) => Value::Number(0.0),
        (Value::Unknown, Type::Asset) => Value::Asset(Asset::string("")),
        (Value::Unknown, Type::Archive) => Value::Archive(Archive::assets::<String, Asset>([])),
        (Value::Unknown, Type::List(_)) => Value::Array(Vec::new()),
        (Value::Unknown, Type::Map(_)) => Value::Object(Map::new()),
        (Value::Unknown, Type::Object(shape)) => {
            let required = shape.properties.iter().filter(|p| p.required);
            Value::Object(required.map(|p| (p.name.to_owned(), fill(value, p.kind))).collect())
        }
        (Value::Array(items), Type::List(item)) => Value::Array(items.iter().map(|v| fill(v, *item)).collect()),
        (Value::Object(map), Type::Map(item)) => {
            Value::Object(map.iter().map(|(k, v)| (k.clone(), fill(v, *item))).collect())
        }
        (Value::Object(map), Type::Object(shape)) => Value::Object(filled(map, shape.properties)),
        _ => value.clone(),
    }
}

fn untyped(value: &impl ToValue) -> Map {
    match value.to_value() {
        Value::Object(map) => map.into_iter().filter(|(_, v)| *v != Value::Null).collect(),
        _ => Map::new(),
    }
}

impl<R: CustomResource> Kind<R::Context> for Of<R> {
    fn schema(&self) -> ResourceSchema {
        ResourceSchema {
            token: R::Inputs::TOKEN,
            noun: R::Inputs::NOUN,
            description: R::Inputs::SHAPE.description,
            inputs: R::Inputs::SHAPE.properties.to_vec(),
            outputs: R::Outputs::SHAPE.properties.to_vec(),
        }
    }
    fn updates(&self) -> bool {
        R::UPDATES
    }
    fn deletes_first(&self) -> bool {
        R::DELETES_FIRST
    }
    fn check(&self, inputs: &Map) -> Vec<Failure> {
        R::check(inputs)
    }
    fn check_change(&self, olds: &Map, news: &Map) -> Vec<Failure> {
        R::check_change(olds, news)
    }
    fn check_files(&self, olds: &Map, news: &Map) -> Vec<Failure> {
        R::check_files(olds, news)
    }
    fn replacing(&self, olds: &Map, news: &Map) -> Vec<&'static str> {
        R::replacing(olds, news)
    }
    fn own_id<'a>(&self, given: &'a str) -> &'a str {
        R::own_id(given)
    }
    fn fit_name(&self, inputs: &Map, name: String) -> String {
        R::fit_name(inputs, name)
    }
    fn reduce(&self, olds: Option<&Map>, live: &mut Map) {
        R::reduce(olds, live);
    }
    fn presence(&self) -> Presence {
        R::PRESENCE
    }
    fn id_of(&self, cx: &R::Context, inputs: &Map) -> Option<String> {
        let inputs = typed("inputs", &filled(inputs, R::Inputs::SHAPE.properties)).ok()?;
        R::id_of(cx, &inputs).filter(|id| !id.contains(UNKNOWN))
    }
    fn existing<'a>(&'a self, cx: &'a R::Context, inputs: &'a Map) -> BoxFuture<'a, Result<Option<String>, Error>> {
        Box::pin(async move {
            let inputs = typed("inputs", &filled(inputs, R::Inputs::SHAPE.properties))?;
            // what is not known yet names nothing
            Ok(R::existing(cx, &inputs).await?.filter(|id| !id.contains(UNKNOWN)))
        })
    }
    fn is_id(&self, text: &str) -> bool {
        R::is_id(text)
    }
    fn check_adoption(&self, live: &Map, news: &Map) -> Vec<Failure> {
        R::check_adoption(live, news)
    }
    fn create<'a>(&'a self, cx: &'a R::Context, inputs: &'a Map) -> BoxFuture<'a, Result<Created<Map>, Error>> {
        Box::pin(async move {
            let created = R::create(cx, &typed("inputs", inputs)?).await?;
            Ok(Created { id: created.id, outputs: untyped(&created.outputs), incomplete: created.incomplete })
        })
    }
    fn identify<'a>(
        &'a self,
        cx: &'a R::Context,
        id: &'a str,
        olds: Option<&'a Map>,
    ) -> BoxFuture<'a, Result<Option<String>, Error>> {
        Box::pin(async move {
            let olds = olds.map(|olds| typed("inputs", olds)).transpose()?;
            R::identify(cx, id, olds.as_ref()).await
        })
    }
    fn read<'a>(&'a self, cx: &'a R::Context, id: &'a str) -> BoxFuture<'a, Result<Option<Live<Map, Map>>, Error>> {
        Box::pin(async move {
            let live = R::read(cx, id).await?;
            Ok(live.map(|live| Live { inputs: untyped(&live.inputs), outputs: untyped(&live.outputs) }))
        })
    }
    fn update<'a>(
        &'a self,
        cx: &'a R::Context,
        id: &'a str,
        old: &'a Map,
        new: &'a Map,
        outputs: &'a Map,
    ) -> BoxFuture<'a, Result<Map, Error>> {
        Box::pin(async move {
            let (old, new) = (typed("old inputs", old)?, typed("inputs", new)?);
            let outputs = R::update(cx, id, &old, &new, typed("state", outputs)?).await?;
            Ok(untyped(&outputs))
        })
    }
    fn delete<'a>(&'a self, cx: &'a R::Context, id: &'a str, inputs: &'a Map) -> BoxFuture<'a, Result<(), Error>> {
        Box::pin(async move { R::delete(cx, id, &typed("inputs", inputs)?).await })
    }
}
