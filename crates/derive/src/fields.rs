//! Reading a struct and its attributes.

use proc_macro2::{Span, TokenStream as Tokens};
use quote::quote;
use syn::{
    Attribute, Data, DeriveInput, Error, Expr, ExprLit, Fields, Ident, Lit, LitStr, Meta, Path, Result, Type,
    parse_quote, punctuated::Punctuated, spanned::Spanned,
};

/// A struct to derive for.
pub(crate) struct Item {
    pub(crate) name: Ident,
    pub(crate) description: String,
    pub(crate) handle: Option<Ident>,
    version: Option<Expr>,
    pub(crate) no_outputs: bool,
    pub(crate) outputs: Option<Path>,
    /// Types of the SDK that it is read from.
    pub(crate) from: Vec<Path>,
    /// Types of the SDK that it becomes.
    pub(crate) into: Vec<Path>,
    strings: Vec<(String, LitStr)>,
    /// The struct's fields.
    pub(crate) fields: Vec<Field>,
    /// Properties that the struct has no field for: the provider sees to them.
    provided: Vec<Field>,
}

/// One field, and how it behaves.
pub(crate) struct Field {
    pub(crate) ident: Ident,
    pub(crate) ty: Type,
    pub(crate) property: String,
    pub(crate) description: String,
    #[expect(clippy::option_option, reason = "not given, given empty, given as a literal")]
    default: Option<Option<Lit>>,
    flags: Vec<Ident>,
    equal: Option<Path>,
    /// Where it is in the SDK's type, where that is not its own name: another name, or a path such as `a.b`.
    pub(crate) sdk: Vec<Ident>,
}

const FLAGS: [&str; 11] =
    ["replace", "secret", "json", "set", "computed", "told", "unread", "autoname", "volatile", "tail", "empty"];

/// Flags of the way to the SDK: the SDK's type does not have the field; empty is none; it is sent when it is empty, too.
const MAPPED: [&str; 3] = ["own", "blank", "always"];

impl Item {
    pub(crate) fn parse(input: &DeriveInput) -> Result<Self> {
        let Data::Struct(data) = &input.data else {
            return Err(Error::new(input.span(), "only structs describe resources"));
        };
        let Fields::Named(fields) = &data.fields else {
            return Err(Error::new(input.span(), "the fields need names"));
        };
        let mut item = Self {
            name: input.ident.clone(),
            description: docs(&input.attrs),
            handle: None,
            version: None,
            no_outputs: false,
            outputs: None,
            from: Vec::new(),
            into: Vec::new(),
            strings: Vec::new(),
            fields: Vec::new(),
            provided: Vec::new(),
        };
        for attribute in input.attrs.iter().filter(|a| a.path().is_ident("resource")) {
            attribute.parse_nested_meta(|meta| {
                let key = meta.path.require_ident()?.to_string();
                match key.as_str() {
                    "handle" => item.handle = Some(meta.value()?.parse()?),
                    "version" => item.version = Some(meta.value()?.parse()?),
                    "no_outputs" => item.no_outputs = true,
                    "outputs" => item.outputs = Some(meta.value()?.parse()?),
                    "tags" => item.provided.push(tags()?),
                    "name_prefix" => item.provided.push(name_prefix()?),
                    "sdk" => {
                        let sdk: Path = meta.value()?.parse()?;
                        item.from.push(sdk.clone());
                        item.into.push(sdk);
                    }
                    "from" => item.from.push(meta.value()?.parse()?),
                    "into" => item.into.push(meta.value()?.parse()?),
                    "token" | "noun" | "name" => item.strings.push((key, meta.value()?.parse()?)),
                    _ => {
                        return Err(meta.error(format!(
                            "there is no `{key}`: a struct has `token`, `noun`, `name`, `handle`, `version`, `outputs`, `no_outputs`, `tags`, `name_prefix`, `sdk`, `from` and `into`"
                        )));
                    }
                }
                Ok(())
            })?;
        }
        for field in &fields.named {
            item.fields.push(Field::parse(field)?);
        }
        Ok(item)
    }

    /// All properties.
    pub(crate) fn properties(&self) -> impl Iterator<Item = &Field> {
        self.fields.iter().chain(&self.provided)
    }

    pub(crate) fn attribute(&self, key: &str) -> Result<&LitStr> {
        let found = self.strings.iter().find(|(k, _)| k == key);
        found
            .map(|(_, v)| v)
            .ok_or_else(|| Error::new(self.name.span(), format!("`#[resource({key} = \"..\")]` is missing")))
    }

    pub(crate) fn handle(&self) -> Result<&Ident> {
        self.handle.as_ref().ok_or_else(|| Error::new(self.name.span(), "`#[resource(handle = Name)]` is missing"))
    }

    /// The version of the provider that a registration asks for.
    pub(crate) fn version(&self) -> Tokens {
        self.version.as_ref().map_or_else(|| quote!(crate::VERSION), |version| quote!(#version))
    }

    /// The name in the schema: the official one where it differs from Rust's.
    pub(crate) fn schema_name(&self) -> String {
        self.attribute("name").map_or_else(|_| self.name.to_string(), LitStr::value)
    }
}

/// The tags of a resource: read, changed and claimed in one place for all types.
fn tags() -> Result<Field> {
    Field::parse(&parse_quote! {
        /// Tags, beside the provider's default tags.
        #[resource(default)]
        pub tags: ::std::collections::BTreeMap<::std::string::String, ::std::string::String>
    })
}

/// What Check makes a name of.
fn name_prefix() -> Result<Field> {
    Field::parse(&parse_quote! {
        /// What a generated name begins with. Instead of `name`.
        #[resource(unread)]
        pub name_prefix: ::std::option::Option<::std::string::String>
    })
}

impl Field {
    fn parse(field: &syn::Field) -> Result<Self> {
        let ident = field.ident.clone().ok_or_else(|| Error::new(field.span(), "the field needs a name"))?;
        let mut parsed = Self {
            property: camel(&bare(&ident)),
            ident,
            ty: field.ty.clone(),
            description: docs(&field.attrs),
            default: None,
            flags: Vec::new(),
            equal: None,
            sdk: Vec::new(),
        };
        if parsed.description.is_empty() {
            return Err(Error::new(field.span(), "a doc comment is missing: it is the property's description"));
        }
        for attribute in field.attrs.iter().filter(|a| a.path().is_ident("resource")) {
            attribute.parse_nested_meta(|meta| {
                let key = meta.path.require_ident()?.clone();
                if key == "name" {
                    parsed.property = meta.value()?.parse::<LitStr>()?.value();
                } else if key == "sdk" {
                    let path = Punctuated::<Ident, syn::Token![.]>::parse_separated_nonempty(meta.value()?)?;
                    parsed.sdk = path.into_iter().collect();
                } else if key == "equal" {
                    parsed.equal = Some(meta.value()?.parse()?);
                } else if key == "default" {
                    parsed.default =
                        Some(if meta.input.peek(syn::Token![=]) { Some(meta.value()?.parse()?) } else { None });
                } else if FLAGS.iter().chain(&MAPPED).any(|f| key == f) {
                    parsed.flags.push(key);
                } else {
                    let known = [FLAGS.as_slice(), &MAPPED].concat().join("`, `");
                    return Err(meta.error(format!(
                        "there is no `{key}`: a field has `name`, `default`, `equal`, `sdk`, `{known}`"
                    )));
                }
                Ok(())
            })?;
        }
        Ok(parsed)
    }

    pub(crate) fn is(&self, flag: &str) -> bool {
        self.flags.iter().any(|f| f == flag)
    }

    fn is_a(&self, name: &str) -> bool {
        matches!(&self.ty, Type::Path(path) if path.path.segments.last().is_some_and(|s| s.ident == name))
    }

    pub(crate) fn is_option(&self) -> bool {
        self.is_a("Option")
    }

    pub(crate) fn is_collection(&self) -> bool {
        self.is_a("Vec") || self.is_a("BTreeMap")
    }

    pub(crate) const fn has_default(&self) -> bool {
        self.default.is_some()
    }

    /// The default, where it is a literal.
    pub(crate) const fn literal(&self) -> Option<&Lit> {
        match &self.default {
            Some(Some(literal)) => Some(literal),
            _ => None,
        }
    }

    /// The name without `r#`.
    pub(crate) fn bare(&self) -> String {
        bare(&self.ident)
    }

    /// The argument's type: what stands inside the `Option`.
    pub(crate) fn argument(&self) -> Type {
        if let Type::Path(path) = &self.ty
            && let Some(segment) = path.path.segments.last()
            && segment.ident == "Option"
            && let syn::PathArguments::AngleBracketed(arguments) = &segment.arguments
            && let Some(syn::GenericArgument::Type(inner)) = arguments.args.first()
        {
            return inner.clone();
        }
        self.ty.clone()
    }

    /// Whether the compiler demands it.
    pub(crate) fn required(&self) -> bool {
        !self.is_option() && self.default.is_none() && !self.is("autoname") && !self.is("computed")
    }

    pub(crate) fn property(&self) -> Tokens {
        let (name, description, ty) = (&self.property, &self.description, &self.ty);
        let required = self.required();
        let flags = self.flags.iter().filter(|flag| FLAGS.iter().any(|f| flag == f)).map(|flag| quote!(#flag: true,));
        let equal = self.equal.iter().map(|path| quote!(equal: ::std::option::Option::Some(#path),));
        let default = match &self.default {
            None => quote!(),
            Some(None) => quote!(default: ::std::option::Option::Some(::pulumi::provider::schema::Default::Empty),),
            Some(Some(literal)) => {
                let value = match literal {
                    Lit::Bool(_) => quote!(Bool(#literal)),
                    Lit::Str(_) => quote!(String(#literal)),
                    _ => quote!(Number(#literal as f64)),
                };
                quote!(default: ::std::option::Option::Some(::pulumi::provider::schema::Default::#value),)
            }
        };
        quote! {
            ::pulumi::provider::schema::Property {
                required: #required,
                #(#flags)*
                #(#equal)*
                #default
                ..::pulumi::provider::schema::Property::new(#name, #description, <#ty as ::pulumi::provider::schema::Typed>::TYPE)
            }
        }
    }

    pub(crate) fn read(&self) -> Tokens {
        let (ident, name) = (&self.ident, &self.property);
        let absent = match &self.default {
            Some(Some(literal)) => quote!(::std::option::Option::Some(::std::convert::From::from(#literal))),
            Some(None) => quote!(::std::option::Option::Some(::std::default::Default::default())),
            None if self.is_option() => quote!(::std::option::Option::Some(::std::option::Option::None)),
            None => quote!(::std::option::Option::None),
        };
        quote!(#ident: ::pulumi::value::field(map, #name, #absent)?)
    }

    pub(crate) fn write(&self) -> Tokens {
        let (ident, name) = (&self.ident, &self.property);
        quote!((#name, ::pulumi::value::ToValue::to_value(&self.#ident)))
    }
}

/// The identifier without `r#`.
pub(crate) fn bare(ident: &Ident) -> String {
    let name = ident.to_string();
    name.strip_prefix("r#").unwrap_or(&name).to_owned()
}

/// `kms_key_id` as `kmsKeyId`.
fn camel(snake: &str) -> String {
    let capital = |word: &str| {
        let mut letters = word.chars();
        letters.next().map(|first| first.to_ascii_uppercase().to_string() + letters.as_str()).unwrap_or_default()
    };
    let mut words = snake.split('_');
    let first = words.next().unwrap_or_default().to_owned();
    words.map(capital).fold(first, |camel, word| camel + &word)
}

/// `EventBus` as `event_bus`, for module names.
pub(crate) fn snake(pascal: &Ident) -> Ident {
    let mut out = String::new();
    for (i, c) in pascal.to_string().chars().enumerate() {
        if c.is_ascii_uppercase() && i > 0 {
            out.push('_');
        }
        out.push(c.to_ascii_lowercase());
    }
    Ident::new(&out, Span::call_site())
}

fn docs(attributes: &[Attribute]) -> String {
    let line = |attribute: &Attribute| match &attribute.meta {
        Meta::NameValue(pair) if pair.path.is_ident("doc") => match &pair.value {
            Expr::Lit(ExprLit { lit: Lit::Str(text), .. }) => Some(text.value().trim().to_owned()),
            _ => None,
        },
        _ => None,
    };
    attributes.iter().filter_map(line).collect::<Vec<_>>().join("\n")
}
