//! Derives of resource types: arguments, schema, conversion, from one struct. `crates/pulumi/examples/site/` has a whole
//! provider.
//!
//! - `Resource`, on a type's inputs: schema, conversion, the handle a stack holds and the builder it calls
//! - `Outputs`, on a type's outputs: schema, conversion, and accessors on the handle
//! - `Shape`, on a nested object: schema, conversion, and the builder of its arguments
//!
//! A field's doc comment is its description. Its `#[resource(..)]` attribute says how it behaves:
//! `replace`, `default` (empty) or `default = <literal>`, `secret`, `json`, `set`, `computed`, `told`,
//! `unread`, `autoname`, `volatile`, `tail`, `empty`, `equal = <function>` that says whether two texts mean the same, and
//! `name = "..."` where the camelCase of the field is not Pulumi's name.
//!
//! In the crate `aws` a `Shape` has its way to AWS's SDK and back derived: `sdk = <type>` on the struct (`from` and `into`
//! where one leads there alone; each may stand several times). Fields go by their names; `sdk = <name>` is another name
//! there, and `sdk = <name>.<name>` a field of a nested type, which can only be read. `own` is a field that the SDK's type
//! does not have. `blank` is what AWS shows empty, or as 0, where there is none; a text that need not be given is then sent
//! only where it has something. `always` sends a collection with a default when it is empty, too.
//! Inputs and outputs have that way as well.
//!
//! `Option` fields, and those with a default, a generated name or a computed value, are optional; all others
//! are required, by the compiler.

mod builder;
mod fields;
mod sdk;

use proc_macro::TokenStream;
use proc_macro2::TokenStream as Tokens;
use quote::quote;
use syn::{DeriveInput, Error, parse_macro_input};

use fields::{Field, Item};

/// Derives a resource type from its inputs: `#[resource(token = "..", noun = "..", handle = Name, version = VERSION)]`.
///
/// - `token`: the type's name in Pulumi, `package:module/name:Name`
/// - `noun`: what errors call it, such as `queue`
/// - `handle`: the type to make, which a program holds: `Name::new(&scope, "n")` registers one, `Name::get(&scope, "n", id)`
///   reads one that exists
/// - `version`: the version of the provider, an expression of the type `&str`. Without it `crate::VERSION` is used, a
///   constant that a provider with many types defines once, at the root of its crate
/// - `outputs`: the struct with its outputs, by default `Outputs` beside it; `no_outputs`: it has none
/// - `tags`, `name_prefix`: it has the inputs of these names, which the provider sees to; the struct has no field for them
///
/// The generated code names the crate `pulumi` as `::pulumi`.
#[proc_macro_derive(Resource, attributes(resource))]
pub fn resource(input: TokenStream) -> TokenStream {
    expand(input, |item| {
        let described = described(item)?;
        let handle = builder::handle(item)?;
        let (accessors, mapping) = (builder::accessors(item)?, sdk::mapping(item));
        Ok(quote!(#described #handle #accessors #mapping))
    })
}

/// Derives what a type adds to its inputs: `#[resource(handle = Name)]`.
#[proc_macro_derive(Outputs, attributes(resource))]
pub fn outputs(input: TokenStream) -> TokenStream {
    expand(input, |item| {
        let (accessors, mapping) = (builder::accessors(item)?, sdk::mapping(item));
        Ok(quote!(#accessors #mapping))
    })
}

/// Derives a nested object, and `<Name>::args()`, the builder of its arguments.
#[proc_macro_derive(Shape, attributes(resource))]
pub fn shape(input: TokenStream) -> TokenStream {
    expand(input, |item| {
        let (arguments, mapping) = (builder::arguments(item), sdk::mapping(item));
        Ok(quote!(#arguments #mapping))
    })
}

fn expand(input: TokenStream, more: impl FnOnce(&Item) -> syn::Result<Tokens>) -> TokenStream {
    let input = parse_macro_input!(input as DeriveInput);
    let expanded = Item::parse(&input).and_then(|item| {
        let common = common(&item);
        let more = more(&item)?;
        Ok(quote!(#common #more))
    });
    expanded.unwrap_or_else(Error::into_compile_error).into()
}

/// Schema and conversions.
fn common(item: &Item) -> Tokens {
    let (name, shape_name, description) = (&item.name, item.schema_name(), &item.description);
    let properties = item.properties().map(Field::property);
    let reads = item.fields.iter().map(Field::read);
    let writes = item.fields.iter().map(Field::write);
    quote! {
        impl ::pulumi::provider::schema::Shaped for #name {
            const SHAPE: ::pulumi::provider::schema::Shape = ::pulumi::provider::schema::Shape {
                name: #shape_name,
                description: #description,
                properties: &[#(#properties),*],
            };
        }
        impl ::pulumi::provider::schema::Typed for #name {
            const TYPE: ::pulumi::provider::schema::Type =
                ::pulumi::provider::schema::Type::Object(&<Self as ::pulumi::provider::schema::Shaped>::SHAPE);
        }
        impl ::pulumi::value::FromValue for #name {
            fn from_value(value: &::pulumi::value::Value) -> ::std::result::Result<Self, ::std::string::String> {
                let map = ::pulumi::value::object(value)?;
                ::std::result::Result::Ok(Self { #(#reads),* })
            }
        }
        impl ::pulumi::value::ToValue for #name {
            fn to_value(&self) -> ::pulumi::value::Value {
                ::pulumi::value::object_of([#(#writes),*])
            }
        }
    }
}

fn described(item: &Item) -> syn::Result<Tokens> {
    let name = &item.name;
    let (token, noun, handle) = (item.attribute("token")?, item.attribute("noun")?, item.handle()?);
    let outputs = match &item.outputs {
        Some(outputs) => quote!(#outputs),
        None if item.no_outputs => quote!(::pulumi::provider::resource::NoOutputs),
        None => quote!(Outputs),
    };
    Ok(quote! {
        impl ::pulumi::provider::resource::Declared for #handle {
            type Inputs = #name;
            type Outputs = #outputs;
        }
        impl ::pulumi::provider::resource::Described for #name {
            const TOKEN: &'static str = #token;
            const NOUN: &'static str = #noun;
        }
    })
}
