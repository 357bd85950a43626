//! What a type's inputs and outputs look like, as plain data derived from Rust structs: the source of Check,
//! Diff and the published schema.

use std::collections::BTreeMap;

use crate::value::{ToValue, Value};

/// The type of a property.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum Type {
    /// A string.
    String,
    /// A boolean.
    Bool,
    /// A whole number that fits into an `i32`.
    Integer,
    /// A whole number that a double holds exactly: from -(2^53 - 1) to 2^53 - 1.
    Long,
    /// Any number.
    Number,
    /// A list.
    List(&'static Type),
    /// A map with string keys.
    Map(&'static Type),
    /// A nested object.
    Object(&'static Shape),
    /// A file.
    Asset,
    /// A tree of files.
    Archive,
}

/// A nested object's name, text and properties.
#[derive(Clone, Copy, Debug)]
pub struct Shape {
    /// Its name in the schema, such as `EventBusDeadLetterConfig`.
    pub name: &'static str,
    /// What it is.
    pub description: &'static str,
    /// Its properties, in order.
    pub properties: &'static [Property],
}

/// A value that an absent input stands for.
#[derive(Clone, Copy, Debug)]
pub enum Default {
    /// A boolean.
    Bool(bool),
    /// A number.
    Number(f64),
    /// A string.
    String(&'static str),
    /// An empty list or map.
    Empty,
}

impl Default {
    /// As a property value.
    pub fn to_value(self, kind: Type) -> Value {
        match (self, kind) {
            (Self::Bool(b), _) => Value::Bool(b),
            (Self::Number(n), _) => Value::Number(n),
            (Self::String(s), _) => s.to_value(),
            (Self::Empty, Type::List(_)) => Value::Array(vec![]),
            (Self::Empty, _) => Value::Object(BTreeMap::new()),
        }
    }
}

/// One property, and how it behaves in Check and Diff.
#[derive(Clone, Copy, Debug)]
pub struct Property {
    /// Pulumi's name.
    pub name: &'static str,
    /// The field's doc comment.
    pub description: &'static str,
    /// Its type.
    pub kind: Type,
    /// Must be given (inputs), or is always there (outputs).
    pub required: bool,
    /// What an absent input means.
    pub default: Option<Default>,
    /// A change means a new resource.
    pub replace: bool,
    /// Kept secret.
    pub secret: bool,
    /// A JSON text: compared as a document.
    pub json: bool,
    /// A list whose order means nothing.
    pub set: bool,
    /// AWS chooses when it is absent: no default, and no drift while absent.
    pub computed: bool,
    /// AWS tells it whenever there is one: of a computed property that it does not mention, it is gone.
    pub told: bool,
    /// AWS cannot be asked for it; it lives in the state alone.
    pub unread: bool,
    /// Gets a generated name when absent.
    pub autoname: bool,
    /// May change on any update, so a preview of an update does not promise it.
    pub volatile: bool,
    /// An id, or an ARN that ends with it after its last slash: the two mean the same.
    pub tail: bool,
    /// An empty text or object says something of its own: elsewhere it is as none.
    pub empty: bool,
    /// Whether two texts of it that differ mean the same.
    pub equal: Option<fn(&str, &str) -> bool>,
}

impl Property {
    /// An optional property without further behaviour; derives start here.
    pub const fn new(name: &'static str, description: &'static str, kind: Type) -> Self {
        Self {
            name,
            description,
            kind,
            required: false,
            default: None,
            replace: false,
            secret: false,
            json: false,
            set: false,
            computed: false,
            told: false,
            unread: false,
            autoname: false,
            volatile: false,
            tail: false,
            empty: false,
            equal: None,
        }
    }

    /// What an absent value stands for: the default, or nothing.
    pub fn absent(&self) -> Value {
        self.default.map_or(Value::Null, |d| d.to_value(self.kind))
    }
}

/// A Rust type that can stand in a schema.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be the type of a property",
    note = "a property is a `String`, `bool`, `i32`, `i64`, `f64`, `Asset`, `Archive` or a struct that derives `Shape`, or a `Vec`, `BTreeMap<String, _>` or `Option` of them"
)]
pub trait Typed {
    /// Its property type.
    const TYPE: Type;
}
impl Typed for String {
    const TYPE: Type = Type::String;
}
impl Typed for bool {
    const TYPE: Type = Type::Bool;
}
impl Typed for i32 {
    const TYPE: Type = Type::Integer;
}
impl Typed for i64 {
    const TYPE: Type = Type::Long;
}
impl Typed for f64 {
    const TYPE: Type = Type::Number;
}
impl<T: Typed> Typed for Vec<T> {
    const TYPE: Type = Type::List(&T::TYPE);
}
impl<T: Typed> Typed for BTreeMap<String, T> {
    const TYPE: Type = Type::Map(&T::TYPE);
}
impl<T: Typed> Typed for Option<T> {
    const TYPE: Type = T::TYPE;
}

/// A struct whose properties are derived.
pub trait Shaped {
    /// Name, text and properties.
    const SHAPE: Shape;
}

/// What the schema says of one resource type.
#[derive(Clone, Debug)]
pub struct ResourceSchema {
    /// The type token, such as `aws:kms/key:Key`.
    pub token: &'static str,
    /// What users and errors call it, such as `KMS key`.
    pub noun: &'static str,
    /// The first sentence of its documentation.
    pub description: &'static str,
    /// Inputs, those common to all types of the provider included.
    pub inputs: Vec<Property>,
    /// What the provider adds to the inputs.
    pub outputs: Vec<Property>,
}

impl ResourceSchema {
    /// An input by name.
    pub fn input(&self, name: &str) -> Option<&Property> {
        self.inputs.iter().find(|p| p.name == name)
    }

    /// Whether an input or output of that name is secret.
    pub fn is_secret(&self, name: &str) -> bool {
        self.inputs.iter().chain(&self.outputs).any(|p| p.name == name && p.secret)
    }
}

/// What the schema says of one function.
#[derive(Clone, Copy, Debug)]
pub struct FunctionSchema {
    /// The token, such as `aws:index/getCallerIdentity:getCallerIdentity`.
    pub token: &'static str,
    /// What it answers.
    pub description: &'static str,
    /// Arguments.
    pub arguments: Shape,
    /// Answer.
    pub answer: Shape,
}

/// The package schema as the engine and code generators read it (Pulumi schema 1.0).
pub fn package(
    name: &str,
    version: &str,
    config: &[Property],
    resources: &[&ResourceSchema],
    functions: &[FunctionSchema],
) -> serde_json::Value {
    let mut types = serde_json::Map::new();
    let mut resource_map = serde_json::Map::new();
    for resource in resources {
        let module = resource.token.rsplit_once(':').map_or(resource.token, |(m, _)| m);
        let all: Vec<Property> = resource.inputs.iter().chain(&resource.outputs).copied().collect();
        let mut object = object(name, module, &all, &mut types);
        let inputs = self::object(name, module, &resource.inputs, &mut types);
        object["description"] = resource.description.into();
        object["inputProperties"] = inputs["properties"].clone();
        object["requiredInputs"] = inputs["required"].clone();
        resource_map.insert(resource.token.to_owned(), object);
    }
    let mut function_map = serde_json::Map::new();
    for function in functions {
        let module = function.token.rsplit_once(':').map_or(function.token, |(m, _)| m);
        let shape = |shape: &Shape, types: &mut _| object(name, module, shape.properties, types);
        let inputs = shape(&function.arguments, &mut types);
        let outputs = shape(&function.answer, &mut types);
        let entry = serde_json::json!({ "description": function.description, "inputs": inputs, "outputs": outputs });
        function_map.insert(function.token.to_owned(), entry);
    }
    // the engine knows an object in the configuration by the variable's name, and programs look for it there
    // (`pulumilocal` reads the names of all endpoints)
    for property in config {
        let mut inner = property.kind;
        while let Type::List(item) = inner {
            inner = *item;
        }
        if let Type::Object(shape) = inner {
            let variable = property.name;
            let mut spec = object(name, &format!("{name}:index"), shape.properties, &mut types);
            spec["description"] = shape.description.into();
            types.insert(format!("{name}:config/{variable}:{variable}"), spec);
        }
    }
    let config = object(name, &format!("{name}:index"), config, &mut types);
    serde_json::json!({
        "name": name,
        "version": version,
        // what comes after the slash of a token is no module, as in the official provider
        "meta": { "moduleFormat": "(.*)(?:/[^/]*)" },
        "config": { "variables": config["properties"] },
        "provider": { "inputProperties": config["properties"], "type": "object" },
        "types": types,
        "resources": resource_map,
        "functions": function_map,
    })
}

fn object(
    package: &str,
    module: &str,
    properties: &[Property],
    types: &mut serde_json::Map<String, serde_json::Value>,
) -> serde_json::Value {
    let mut map = serde_json::Map::new();
    for property in properties {
        let mut spec = type_spec(package, module, property.kind, types);
        if property.json {
            // as the official provider types it: the text, or the document that it is
            let any = serde_json::json!({ "type": "object", "additionalProperties": { "$ref": "pulumi.json#/Any" } });
            spec["oneOf"] = serde_json::json!([{ "type": "string" }, any]);
        }
        spec["description"] = property.description.into();
        if property.secret {
            spec["secret"] = true.into();
        }
        if property.replace {
            spec["willReplaceOnChanges"] = true.into();
        }
        match property.default {
            Some(Default::Bool(b)) => spec["default"] = b.into(),
            Some(Default::Number(n)) => spec["default"] = Value::Number(n).to_json(),
            Some(Default::String(s)) => spec["default"] = s.into(),
            Some(Default::Empty) | None => {}
        }
        map.insert(property.name.to_owned(), spec);
    }
    let required: Vec<_> = properties.iter().filter(|p| p.required).map(|p| p.name).collect();
    serde_json::json!({ "type": "object", "properties": map, "required": required })
}

fn type_spec(
    package: &str,
    module: &str,
    kind: Type,
    types: &mut serde_json::Map<String, serde_json::Value>,
) -> serde_json::Value {
    use serde_json::json;
    match kind {
        Type::String => json!({ "type": "string" }),
        Type::Bool => json!({ "type": "boolean" }),
        Type::Integer | Type::Long => json!({ "type": "integer" }),
        Type::Number => json!({ "type": "number" }),
        Type::Asset => json!({ "$ref": "pulumi.json#/Asset" }),
        Type::Archive => json!({ "$ref": "pulumi.json#/Archive" }),
        Type::List(item) => json!({ "type": "array", "items": type_spec(package, module, *item, types) }),
        Type::Map(item) => {
            json!({ "type": "object", "additionalProperties": type_spec(package, module, *item, types) })
        }
        Type::Object(shape) => {
            let namespace = module.split('/').next().unwrap_or(module);
            let token = format!("{namespace}/{}:{}", shape.name, shape.name);
            if !types.contains_key(&token) {
                types.insert(token.clone(), json!({}));
                let mut spec = object(package, module, shape.properties, types);
                spec["description"] = shape.description.into();
                types.insert(token.clone(), spec);
            }
            json!({ "$ref": format!("#/types/{token}") })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_and_large_numbers_stand_in_a_schema_by_pulumis_names() {
        let inputs = vec![
            Property::new("code", "", Type::Archive),
            Property::new("source", "", Type::Asset),
            Property::new("size", "", Type::Long),
        ];
        let resource = ResourceSchema { token: "a:b/c:C", noun: "c", description: "", inputs, outputs: vec![] };
        let package = package("a", "1.0.0", &[], &[&resource], &[]);
        let properties = &package["resources"]["a:b/c:C"]["inputProperties"];
        assert_eq!(properties["code"]["$ref"], "pulumi.json#/Archive");
        assert_eq!(properties["source"]["$ref"], "pulumi.json#/Asset");
        assert_eq!(properties["size"]["type"], "integer");
    }
}
