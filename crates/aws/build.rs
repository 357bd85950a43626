//! Writes what a program needs of this crate, when the feature `provider` is off: `program.rs`, which `lib.rs` includes.
//!
//! A type's file has its inputs, outputs and nested objects, and beside them the calls that need AWS's SDK. This keeps
//!
//! - structs that derive `Resource`, `Outputs` or `Shape`, and macros that define such structs,
//! - their public methods and their `Default`,
//! - public functions that take a program's `Scope`,
//! - constants, types and functions of the same module that these name, and the imports that they need,
//!
//! and leaves out all else. A module in which nothing is kept is left out whole. So a new type needs no line here. What
//! `lib.rs` compiles in both cases is not read.

use std::{
    collections::{BTreeMap, BTreeSet},
    env,
    error::Error,
    fs,
    path::{Path, PathBuf},
};

use proc_macro2::{Delimiter, Group, Spacing, TokenStream, TokenTree};
use quote::ToTokens;
use syn::{Attribute, File, FnArg, ImplItem, Item, ItemFn, ItemImpl, ItemMod, Type, UseTree, Visibility, parse_quote};

/// Derives of what a program sees.
const DERIVES: [&str; 3] = ["Resource", "Outputs", "Shape"];
/// Attributes of the way to AWS's SDK, and of comparing two texts: only the provider does either.
const PROVIDERS: [&str; 7] = ["sdk", "from", "into", "own", "blank", "always", "equal"];
/// What nearly every file imports; it has nothing of its own.
const PRELUDE: &str = "prelude";

type Names = BTreeSet<String>;

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo:rerun-if-changed=build.rs");
    if env::var_os("CARGO_FEATURE_PROVIDER").is_some() {
        return Ok(());
    }
    println!("cargo:rerun-if-changed=src");
    let source = Path::new("src");
    let (mut items, mut names) = (Vec::new(), Names::new());
    let mut prelude = None;
    for item in read(&source.join("lib.rs"))?.items {
        let Item::Mod(declared) = item else { continue };
        if !declared.attrs.contains(&parse_quote!(#[cfg(feature = "provider")])) {
            continue;
        }
        if declared.ident == PRELUDE {
            prelude = Some(declared);
            continue;
        }
        if let Some(module) = child(declared, source)? {
            names.extend(module.kept.names);
            items.push(Item::Mod(module.item));
        }
    }
    if let Some(declared) = prelude {
        let (attrs, content) = content(&declared, source)?;
        let uses = content.items.into_iter().filter_map(|item| {
            used(item, &|path, name| path.first().is_some_and(|first| first != "crate") && names.contains(name))
        });
        items.push(Item::Mod(with_content(declared, attrs, uses.collect())));
    }
    let program = prettyplease::unparse(&File { shebang: None, attrs: Vec::new(), items });
    let path = PathBuf::from(env::var("OUT_DIR")?).join("program.rs");
    fs::write(&path, program).map_err(|e| format!("writing {}: {e}", path.display()))?;
    Ok(())
}

fn read(path: &Path) -> Result<File, String> {
    let text = fs::read_to_string(path).map_err(|e| format!("reading {}: {e}", path.display()))?;
    syn::parse_file(&text).map_err(|e| format!("parsing {}: {e}", path.display()))
}

/// A module of which something is kept.
struct Module {
    item: ItemMod,
    kept: Kept,
}

/// What is kept of a module's items.
#[derive(Default)]
struct Kept {
    items: Vec<Item>,
    /// All identifiers in them.
    names: Names,
    /// Those that may name an item elsewhere.
    mentioned: Names,
}

/// What is kept of a module in this directory.
fn child(declared: ItemMod, directory: &Path) -> Result<Option<Module>, String> {
    let below = directory.join(declared.ident.to_string());
    let (attrs, content) = content(&declared, directory)?;
    let mut kept = kept(content.items, &below)?;
    let items = std::mem::take(&mut kept.items);
    Ok((!items.is_empty()).then(|| Module { item: with_content(declared, attrs, items), kept }))
}

/// The documentation of a module, and what stands in it: in its place, or in a file of its own.
fn content(declared: &ItemMod, directory: &Path) -> Result<(Vec<Attribute>, File), String> {
    let name = declared.ident.to_string();
    let file = match &declared.content {
        Some((_, items)) => File { shebang: None, attrs: declared.attrs.clone(), items: items.clone() },
        None => {
            let path = directory.join(format!("{name}.rs"));
            read(&if path.exists() { path } else { directory.join(name).join("mod.rs") })?
        }
    };
    let docs = file.attrs.iter().filter(|attribute| attribute.path().is_ident("doc"));
    let docs = docs.cloned().map(|doc| Attribute { style: syn::AttrStyle::Outer, ..doc });
    Ok((docs.collect(), file))
}

fn with_content(declared: ItemMod, attrs: Vec<Attribute>, items: Vec<Item>) -> ItemMod {
    ItemMod { attrs, content: Some((syn::token::Brace::default(), items)), semi: None, ..declared }
}

/// The items of a module that a program needs.
fn kept(items: Vec<Item>, directory: &Path) -> Result<Kept, String> {
    let (mut modules, mut imports, mut others, mut kept) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    let mut children = BTreeMap::new();
    let (mut own, mut macros) = (Names::new(), Names::new());
    for item in &items {
        match item {
            Item::Struct(item) if item.attrs.iter().any(|a| derives(a.to_token_stream())) => {
                own.insert(item.ident.to_string());
            }
            Item::Macro(item) if item.ident.is_some() && derives(item.mac.tokens.clone()) => {
                macros.extend(item.ident.iter().map(ToString::to_string));
            }
            _ => {}
        }
    }
    for item in items {
        match item {
            Item::Mod(declared) if declared.attrs.iter().any(|a| a.path().is_ident("cfg")) => {}
            Item::Mod(declared) => {
                if let Some(module) = child(declared, directory)? {
                    children.insert(module.item.ident.to_string(), module.kept);
                    modules.push(Item::Mod(module.item));
                }
            }
            Item::Use(_) => imports.push(item),
            Item::Struct(item) if own.contains(&item.ident.to_string()) => kept.push(Item::Struct(item)),
            Item::Macro(item) => {
                let name = item.ident.as_ref().or_else(|| item.mac.path.get_ident()).map(ToString::to_string);
                if name.is_some_and(|name| macros.contains(&name)) {
                    kept.push(Item::Macro(item));
                }
            }
            Item::Fn(item) if is_of_programs(&item) => kept.push(Item::Fn(item)),
            Item::Impl(item) => kept.extend(methods(item, &own).map(Item::Impl)),
            other => others.push(other),
        }
    }
    let mut kept: Vec<Item> = kept.into_iter().map(stripped).collect();
    let mut mentioned = Names::new();
    for item in &kept {
        mentions(item.to_token_stream(), false, &mut mentioned);
    }
    let mut named = |item: &mut Item| {
        let by_children = |name: &String| children.values().any(|child: &Kept| child.mentioned.contains(name));
        let is_named = name_of(item).is_some_and(|name| mentioned.contains(&name) || by_children(&name));
        if is_named {
            mentions(item.to_token_stream(), false, &mut mentioned);
        }
        is_named
    };
    // until nothing more is named
    loop {
        let more: Vec<Item> = others.extract_if(.., &mut named).collect();
        if more.is_empty() {
            break;
        }
        kept.splice(0..0, more);
    }
    let wanted = |path: &[String], name: &str| {
        let path = if path.first().is_some_and(|first| first == "self") { &path[1..] } else { path };
        let first = path.first().map(String::as_str).unwrap_or_default();
        match children.get(first) {
            Some(child) => name == "*" || child.names.contains(name),
            None if name == "*" => first != "crate" || path[1..] == [PRELUDE],
            None => mentioned.contains(name),
        }
    };
    if modules.is_empty() && kept.is_empty() {
        return Ok(Kept::default());
    }
    let mut all = modules;
    all.extend(imports.into_iter().filter_map(|item| used(item, &wanted)));
    all.extend(kept);
    let mut names = Names::new();
    for item in &all {
        words(item.to_token_stream(), &mut names);
    }
    mentioned.extend(children.into_values().flat_map(|child| child.mentioned));
    Ok(Kept { items: all, names, mentioned })
}

/// Whether an attribute or the body of a macro derives what a program sees.
fn derives(tokens: TokenStream) -> bool {
    let mut names = Names::new();
    words(tokens, &mut names);
    names.contains("derive") && DERIVES.iter().any(|derive| names.contains(*derive))
}

/// Whether a function is for programs: public, and asks for their scope.
fn is_of_programs(function: &ItemFn) -> bool {
    let is_scope = |argument: &FnArg| match argument {
        FnArg::Typed(argument) => argument.ty == parse_quote!(&Scope),
        FnArg::Receiver(_) => false,
    };
    matches!(function.vis, Visibility::Public(_)) && function.sig.inputs.iter().any(is_scope)
}

/// Of one of these types, its public methods, or its `Default`.
fn methods(mut block: ItemImpl, own: &Names) -> Option<ItemImpl> {
    let Type::Path(of) = &*block.self_ty else { return None };
    if !of.path.get_ident().is_some_and(|name| own.contains(&name.to_string())) {
        return None;
    }
    match &block.trait_ {
        Some((_, name, _)) => name.is_ident("Default").then_some(block),
        None => {
            let is_public = |item: &ImplItem| match item {
                ImplItem::Fn(item) => matches!(item.vis, Visibility::Public(_)),
                ImplItem::Const(item) => matches!(item.vis, Visibility::Public(_)),
                _ => false,
            };
            block.items.retain(is_public);
            (!block.items.is_empty()).then_some(block)
        }
    }
}

/// What else may be kept: it is, where something that is kept names it.
fn name_of(item: &Item) -> Option<String> {
    let name = match item {
        Item::Const(item) => &item.ident,
        Item::Static(item) => &item.ident,
        Item::Type(item) => &item.ident,
        Item::Struct(item) => &item.ident,
        Item::Enum(item) => &item.ident,
        Item::Fn(item) if item.sig.asyncness.is_none() => &item.sig.ident,
        _ => return None,
    };
    Some(name.to_string())
}

/// Without the attributes of the provider; of a macro, without the methods and traits that it implements, too.
fn stripped(item: Item) -> Item {
    let is_macro = matches!(item, Item::Macro(_));
    syn::parse2(without(item.to_token_stream(), is_macro)).unwrap_or(item)
}

fn without(tokens: TokenStream, is_macro: bool) -> TokenStream {
    let mut left = Vec::new();
    let mut tokens = tokens.into_iter().peekable();
    while let Some(token) = tokens.next() {
        match (&token, tokens.peek()) {
            (TokenTree::Punct(hash), Some(TokenTree::Group(attribute))) if hash.as_char() == '#' => {
                let attribute = attribute.clone();
                tokens.next();
                let stream = match arguments(&attribute) {
                    Some(all) => {
                        let all = of_programs(all);
                        if all.is_empty() {
                            continue;
                        }
                        TokenStream::from_iter([
                            ident("resource"),
                            TokenTree::Group(Group::new(Delimiter::Parenthesis, all)),
                        ])
                    }
                    None => attribute.stream(),
                };
                left.extend([token, TokenTree::Group(Group::new(attribute.delimiter(), stream))]);
            }
            (TokenTree::Ident(word), next) if is_macro && word == "impl" && !is_default(next) => {
                let is_body =
                    |token: &TokenTree| matches!(token, TokenTree::Group(g) if g.delimiter() == Delimiter::Brace);
                tokens.by_ref().find(is_body);
            }
            (TokenTree::Group(group), _) => {
                let inner = without(group.stream(), is_macro);
                left.push(TokenTree::Group(Group::new(group.delimiter(), inner)));
            }
            _ => left.push(token),
        }
    }
    left.into_iter().collect()
}

/// Whether what follows `impl` is its `Default`.
fn is_default(next: Option<&TokenTree>) -> bool {
    matches!(next, Some(TokenTree::Ident(name)) if name == "Default")
}

fn ident(name: &str) -> TokenTree {
    TokenTree::Ident(proc_macro2::Ident::new(name, proc_macro2::Span::call_site()))
}

/// The arguments of `[resource(..)]`.
fn arguments(attribute: &Group) -> Option<TokenStream> {
    match attribute.stream().into_iter().collect::<Vec<_>>().as_slice() {
        [TokenTree::Ident(name), TokenTree::Group(arguments)] if name == "resource" => Some(arguments.stream()),
        _ => None,
    }
}

/// Those arguments of `resource(..)` that are not for the provider alone.
fn of_programs(arguments: TokenStream) -> TokenStream {
    let tokens: Vec<TokenTree> = arguments.into_iter().collect();
    let each = tokens.split(|token| matches!(token, TokenTree::Punct(comma) if comma.as_char() == ','));
    let left = each.filter(|one| match one.first() {
        Some(TokenTree::Ident(name)) => PROVIDERS.iter().all(|of_provider| name != of_provider),
        _ => false,
    });
    let left = left.map(|one| one.iter().cloned().collect::<TokenStream>());
    let mut joined = TokenStream::new();
    for one in left {
        if !joined.is_empty() {
            joined.extend([TokenTree::Punct(proc_macro2::Punct::new(',', Spacing::Alone))]);
        }
        joined.extend(one);
    }
    joined
}

/// All identifiers.
fn words(tokens: TokenStream, names: &mut Names) {
    for token in tokens {
        match token {
            TokenTree::Ident(name) => drop(names.insert(name.to_string())),
            TokenTree::Group(group) => words(group.stream(), names),
            _ => {}
        }
    }
}

/// The identifiers that may name an item: not fields, methods, the keys and flags of attributes, or the rest of a path.
fn mentions(tokens: TokenStream, in_attribute: bool, names: &mut Names) {
    let tokens: Vec<TokenTree> = tokens.into_iter().collect();
    let is = |at: Option<usize>, mark: char, spacing: Option<Spacing>| {
        let token = at.and_then(|at| tokens.get(at));
        matches!(token, Some(TokenTree::Punct(p)) if p.as_char() == mark && spacing.is_none_or(|s| s == p.spacing()))
    };
    for (i, token) in tokens.iter().enumerate() {
        let before = i.checked_sub(1);
        match token {
            TokenTree::Group(group) => {
                let of_attribute = before.and_then(|at| tokens.get(at)).is_some_and(|t| t.to_string() == "resource");
                mentions(group.stream(), of_attribute, names);
            }
            TokenTree::Ident(name) => {
                let is_key = is(Some(i + 1), ':', Some(Spacing::Alone));
                let is_path = is(before, ':', None) && is(i.checked_sub(2), ':', Some(Spacing::Joint));
                let is_part = is(before, '.', None) || is(before, '$', None) || is_path;
                if !is_key && !is_part && (!in_attribute || is(before, '=', None)) {
                    names.insert(name.to_string());
                }
            }
            _ => {}
        }
    }
}

/// An import, without what is not wanted of it.
fn used(item: Item, wanted: &dyn Fn(&[String], &str) -> bool) -> Option<Item> {
    let Item::Use(mut item) = item else { return None };
    item.tree = pruned(item.tree, &mut Vec::new(), wanted)?;
    Some(Item::Use(item))
}

fn pruned(tree: UseTree, path: &mut Vec<String>, wanted: &dyn Fn(&[String], &str) -> bool) -> Option<UseTree> {
    // AWS's SDK, and what its crates are made of
    if path.first().is_some_and(|first| first.starts_with("aws_")) {
        return None;
    }
    match tree {
        UseTree::Path(mut step) => {
            path.push(step.ident.to_string());
            let rest = pruned(*step.tree, path, wanted);
            path.pop();
            step.tree = Box::new(rest?);
            Some(UseTree::Path(step))
        }
        UseTree::Group(mut group) => {
            group.items = group.items.into_iter().filter_map(|tree| pruned(tree, path, wanted)).collect();
            (!group.items.is_empty()).then_some(UseTree::Group(group))
        }
        UseTree::Name(name) => {
            let is_wanted = match path.last() {
                Some(last) if name.ident == "self" => wanted(&path[..path.len() - 1], last),
                _ => wanted(path, &name.ident.to_string()),
            };
            is_wanted.then_some(UseTree::Name(name))
        }
        UseTree::Rename(name) => wanted(path, &name.rename.to_string()).then_some(UseTree::Rename(name)),
        UseTree::Glob(glob) => wanted(path, "*").then_some(UseTree::Glob(glob)),
    }
}
