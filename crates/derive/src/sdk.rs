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
                    #[allow(unused_imports, reason = "of some types the SDK's fields are all of one kind")]
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
                    #[allow(unused_imports, reason = "of some types the SDK's fields are all of one kind")]
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
    let given = match field.sdk.as_slice() {
        [] => quote!(crate::mapping::Wrapped(sdk.#ident).given()),
        [name] => quote!(crate::mapping::Wrapped(sdk.#name).given()),
        // cloned, as several fields may be parts of one of the SDK's
        [whole, parts @ ..] => quote! {
            crate::mapping::Wrapped(sdk.#whole.clone()).given()
                #(.and_then(|whole| crate::mapping::Wrapped(whole.#parts).given()))*
        },
    };
    let ty = field.argument();
    let given = quote!(#given.map(<#ty as crate::mapping::FromSdk<_>>::from_sdk));
    let given = if field.is("blank") {
        quote!(#given.filter(|given| *given != <#ty as ::std::default::Default>::default()))
    } else {
        given
    };
    if field.is_option() {
        return quote!(#ident: #given);
    }
    let absent = match field.literal() {
        Some(literal) => quote!(|| ::std::convert::From::from(#literal)),
        None => quote!(::std::default::Default::default),
    };
    quote!(#ident: #given.unwrap_or_else(#absent))
}

/// An `Option` is sent where it is some, a text that is `blank` and a collection with a default where it has something, all
/// else always.
fn write(field: &Field) -> Tokens {
    let ident = &field.ident;
    let setter = format_ident!("set_{}", bare(field.sdk.last().unwrap_or(ident)));
    let skips_empty = field.is("blank") || (field.has_default() && field.is_collection() && !field.is("always"));
    let value = if field.is_option() {
        quote!(self.#ident.to_sdk()?)
    } else if skips_empty {
        quote!((!self.#ident.is_empty()).then(|| self.#ident.to_sdk()).transpose()?)
    } else {
        quote!(::std::option::Option::Some(self.#ident.to_sdk()?))
    };
    quote!(let builder = builder.#setter(#value);)
}
