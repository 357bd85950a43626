//! The way to a type of AWS's SDK, and back, by the names of the fields.

use proc_macro2::TokenStream as Tokens;
use quote::{format_ident, quote};

use crate::fields::{Field, Item, bare};

/// `FromSdk` for every type that the struct is read from, `ToSdk` for every type that it becomes.
pub(crate) fn mapping(item: &Item) -> Tokens {
    let name = &item.name;
    let reads: Vec<_> = item.fields.iter().map(read).collect();
    let writes: Vec<_> = item.fields.iter().filter(|field| !field.is("own")).map(write).collect();
    let from = item.from.iter().map(|sdk| {
        quote! {
            impl crate::mapping::FromSdk<#sdk> for #name {
                fn from_sdk(sdk: #sdk) -> Self {
                    #[allow(unused_imports)]
                    use crate::mapping::Plain as _;
                    Self { #(#reads),* }
                }
            }
        }
    });
    let into = item.into.iter().map(|sdk| {
        quote! {
            impl crate::mapping::ToSdk<#sdk> for #name {
                fn to_sdk(&self) -> crate::refusal::Answer<#sdk> {
                    #[allow(unused_imports)]
                    use crate::mapping::{Built as _, ToSdk as _};
                    let builder = <#sdk>::builder();
                    #(#writes)*
                    crate::mapping::Wrapped(builder.build()).built()
                }
            }
        }
    });
    quote!(#(#from)* #(#into)*)
}

/// A field that the SDK's type does not have is its default.
fn read(field: &Field) -> Tokens {
    let ident = &field.ident;
    if field.is("own") {
        return quote!(#ident: ::std::default::Default::default());
    }
    let sdk = field.sdk.as_ref().unwrap_or(ident);
    let given = quote!(crate::mapping::Wrapped(sdk.#sdk).given());
    let given = if field.is("blank") { quote!(#given.filter(|text| !text.is_empty())) } else { given };
    if field.is_option() {
        return quote!(#ident: #given.map(crate::mapping::FromSdk::from_sdk));
    }
    let absent = match field.literal() {
        Some(literal) => quote!(|| ::std::convert::From::from(#literal)),
        None => quote!(::std::default::Default::default),
    };
    quote!(#ident: #given.map_or_else(#absent, crate::mapping::FromSdk::from_sdk))
}

/// An `Option` is sent where it is some, a collection with a default where it has something, all else always.
fn write(field: &Field) -> Tokens {
    let ident = &field.ident;
    let setter = format_ident!("set_{}", bare(field.sdk.as_ref().unwrap_or(ident)));
    let value = if field.is_option() {
        quote!(self.#ident.to_sdk()?)
    } else if field.has_default() && field.is_collection() {
        quote!((!self.#ident.is_empty()).then(|| self.#ident.to_sdk()).transpose()?)
    } else {
        quote!(::std::option::Option::Some(self.#ident.to_sdk()?))
    };
    quote!(let builder = builder.#setter(#value);)
}
