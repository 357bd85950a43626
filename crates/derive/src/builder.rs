//! Builders in which a required argument that is missing does not compile.

use proc_macro2::TokenStream as Tokens;
use quote::{format_ident, quote};
use syn::{Ident, Result};

use crate::fields::{Field, Item, snake};

/// The type-level bookkeeping of required fields: one parameter each, `missing::name` until given. The types
/// have the arguments' names, so that the compiler says which one is missing.
struct Slots {
    module: Ident,
    names: Vec<Ident>,
    parameters: Vec<Ident>,
}

impl Slots {
    fn new(item: &Item, owner: &Ident) -> Self {
        let required: Vec<_> = item.fields.iter().filter(|f| f.required()).collect();
        Self {
            module: format_ident!("missing_{}", snake(owner)),
            names: required.iter().map(|f| f.ident.clone()).collect(),
            parameters: (0..required.len()).map(|i| format_ident!("R{i}")).collect(),
        }
    }

    fn module(&self) -> Tokens {
        let (module, names) = (&self.module, &self.names);
        if names.is_empty() {
            return quote!();
        }
        quote! {
            #[doc(hidden)]
            #[allow(non_camel_case_types, reason = "the arguments' names")]
            pub mod #module {
                #(
                    #[derive(Debug)] #[doc = "not given yet"] pub enum #names {}
                    #[diagnostic::do_not_recommend]
                    impl ::pulumi::output::NotGiven for #names {}
                )*
            }
        }
    }

    fn missing(&self) -> Vec<Tokens> {
        let module = &self.module;
        self.names.iter().map(|name| quote!(#module::#name)).collect()
    }
}

/// One setter per field. `lifetime` is the builder's own parameter, `store` the statement that keeps the value.
fn setters(item: &Item, builder: &Ident, lifetime: &Tokens, slots: &Slots, rebuild: &Tokens) -> Tokens {
    let parameters = &slots.parameters;
    let mut slot = 0;
    let setter = |field: &Field| {
        let (ident, property, description, argument) =
            (&field.ident, &field.property, &field.description, field.argument());
        if !field.required() {
            let name = field.bare();
            let (maybe, maybe_description) =
                (format_ident!("maybe_{name}"), format!("[`{name}`](Self::{name}), if there is a value."));
            return quote! {
                impl<#lifetime #(#parameters),*> #builder<#lifetime #(#parameters),*> {
                    #[doc = #description]
                    #[must_use]
                    pub fn #ident(mut self, value: impl ::pulumi::output::IntoInput<#argument>) -> Self {
                        self.arguments.set(#property, value);
                        self
                    }
                    #[doc = #maybe_description]
                    #[must_use]
                    pub fn #maybe(self, value: ::std::option::Option<impl ::pulumi::output::IntoInput<#argument>>) -> Self {
                        match value {
                            ::std::option::Option::Some(value) => self.#ident(value),
                            ::std::option::Option::None => self,
                        }
                    }
                }
            };
        }
        let own = &parameters[slot];
        slot += 1;
        let after = parameters.iter().map(|p| if p == own { quote!(::pulumi::output::Given) } else { quote!(#p) });
        quote! {
            impl<#lifetime #(#parameters),*> #builder<#lifetime #(#parameters),*> {
                #[doc = #description]
                #[must_use]
                pub fn #ident(mut self, value: impl ::pulumi::output::IntoInput<#argument>) -> #builder<#lifetime #(#after),*>
                where
                    #own: ::pulumi::output::NotGiven,
                {
                    self.arguments.set(#property, value);
                    #builder { #rebuild }
                }
            }
        }
    };
    let setters: Vec<_> = item.properties().map(setter).collect();
    quote!(#(#setters)*)
}

/// The handle and the builder of a resource type.
pub(crate) fn handle(item: &Item) -> Result<Tokens> {
    let (handle, description, inputs) = (item.handle()?, &item.description, &item.name);
    let builder = format_ident!("{handle}Builder");
    let version = item.version();
    let slots = Slots::new(item, handle);
    let (module, missing, parameters) = (slots.module(), slots.missing(), &slots.parameters);
    let rebuild = quote!(arguments: self.arguments, given: ::std::marker::PhantomData);
    let setters = setters(item, &builder, &quote!('s,), &slots, &rebuild);
    Ok(quote! {
        #module

        #[doc = #description]
        #[derive(Clone, Debug)]
        pub struct #handle(::pulumi::program::Resource);

        impl #handle {
            /// Starts its arguments; `name` is its logical name, unique within its parent and type.
            #[expect(clippy::new_ret_no_self, reason = "the handle comes when it is registered")]
            pub fn new(scope: &::pulumi::program::Scope, name: impl ::std::convert::Into<::std::string::String>) -> #builder<'_, #(#missing),*> {
                #builder { arguments: ::pulumi::program::Arguments::new(scope, name), given: ::std::marker::PhantomData }
            }
            /// Starts reading one that exists, by its id, without managing it; `name` is its logical name here.
            pub fn get<'s>(
                scope: &'s ::pulumi::program::Scope,
                name: impl ::std::convert::Into<::std::string::String>,
                id: impl ::pulumi::output::IntoInput<::std::string::String>,
            ) -> ::pulumi::lookup::Lookup<'s, Self> {
                let token = <#inputs as ::pulumi::provider::resource::Described>::TOKEN;
                ::pulumi::lookup::Lookup::new(scope, token, name, id).version(#version)
            }
        }
        impl ::std::convert::AsRef<::pulumi::program::Resource> for #handle {
            fn as_ref(&self) -> &::pulumi::program::Resource {
                &self.0
            }
        }
        impl ::std::convert::From<::pulumi::program::Resource> for #handle {
            fn from(resource: ::pulumi::program::Resource) -> Self {
                Self(resource)
            }
        }
        impl ::std::ops::Deref for #handle {
            type Target = ::pulumi::program::Resource;
            fn deref(&self) -> &Self::Target {
                &self.0
            }
        }

        #[doc = concat!("Arguments of [`", stringify!(#handle), "`].")]
        pub struct #builder<'s, #(#parameters),*> {
            arguments: ::pulumi::program::Arguments<'s>,
            given: ::std::marker::PhantomData<(#(#parameters,)*)>,
        }
        #setters
        impl<'s, #(#parameters),*> ::pulumi::options::Options for #builder<'s, #(#parameters),*> {
            fn options_mut(&mut self) -> &mut ::pulumi::options::ResourceOptions {
                &mut self.arguments.options
            }
        }
        impl<'s, #(#parameters),*> #builder<'s, #(#parameters),*> {
            /// Registers it. The engine decides what that takes.
            pub fn register(self) -> #handle
            where
                #(#parameters: ::pulumi::output::IsGiven,)*
            {
                #handle(self.arguments.register(<#inputs as ::pulumi::provider::resource::Described>::TOKEN, #version))
            }
        }
    })
}

/// One method per property on the handle, giving its output.
pub(crate) fn accessors(item: &Item) -> Result<Tokens> {
    let handle = item.handle()?;
    let methods = item.properties().map(|field| {
        let Field { ident, ty, property, description, .. } = field;
        quote! {
            #[doc = #description]
            pub fn #ident(&self) -> ::pulumi::output::Output<#ty> {
                self.0.property(#property)
            }
        }
    });
    Ok(quote!(impl #handle { #(#methods)* }))
}

/// `<Name>::args()`, and the arguments it starts.
pub(crate) fn arguments(item: &Item) -> Tokens {
    let name = &item.name;
    let builder = format_ident!("{name}Args");
    let slots = Slots::new(item, name);
    let (module, missing, parameters) = (slots.module(), slots.missing(), &slots.parameters);
    let rebuild = quote!(arguments: self.arguments, given: ::std::marker::PhantomData);
    let setters = setters(item, &builder, &quote!(), &slots, &rebuild);
    quote! {
        #module

        impl #name {
            /// Starts its arguments.
            pub fn args() -> #builder<#(#missing),*> {
                #builder { arguments: ::std::default::Default::default(), given: ::std::marker::PhantomData }
            }
        }

        #[doc = concat!("Arguments of [`", stringify!(#name), "`].")]
        pub struct #builder<#(#parameters),*> {
            arguments: ::pulumi::output::Fields,
            given: ::std::marker::PhantomData<(#(#parameters,)*)>,
        }
        #setters
        impl<#(#parameters: ::pulumi::output::IsGiven),*> ::pulumi::output::IntoInput<#name> for #builder<#(#parameters),*> {
            fn into_input(self) -> ::pulumi::output::Input {
                self.arguments.into()
            }
        }
    }
}
