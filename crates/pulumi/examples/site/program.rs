//! The program: a page and its pictures, and the page of another stack.

use std::collections::BTreeMap;

use pulumi::{
    asset::Entry,
    output::Input,
    prelude::{Archive, Asset, Options, Scope, StackReference, all},
};

use crate::provider::{File, Folder};

/// Registers the site; its outputs are the stack's.
pub(crate) fn site(scope: &Scope) -> Result<Vec<(String, Input)>, pulumi::config::Error> {
    let config = scope.config();
    let (root, title, token) = (config.require("root")?, config.require("title")?, config.require("token")?);
    let site = scope.component("site:index:Site", "site").register();

    let pictures = Folder::new(&site, "pictures")
        .path(root.apply(|root: String| format!("{root}/pictures")))
        .content(match config.plain("pictures")? {
            Some(folder) => Archive::directory(folder),
            None => Archive::assets([("none.txt", Asset::string("no pictures yet"))]),
        })
        .register();
    // what is computed is hashed by the engine; the provider compares it with its own hash
    let copied = config.plain("pictures")?.map(str::to_owned);
    Folder::new(&site, "captions")
        .path(root.apply(|root: String| format!("{root}/captions")))
        .content(title.apply(move |title: String| {
            let greeting = ("de/grüße.txt".to_owned(), Entry::from(Asset::string(title)));
            let copied = copied.map(|folder| ("copied".to_owned(), Archive::directory(folder).into()));
            Archive::assets(copied.into_iter().chain([greeting]))
        }))
        .register();
    let page = Asset::string("<h1>Hello</h1>");
    let index = File::new(&site, "index")
        .path(root.apply(|root: String| format!("{root}/index.html")))
        .content(page)
        .maybe_mode(config.parse::<u16>("mode")?)
        .depends_on([&pictures])
        .register();
    // what is computed from a secret is secret
    let secret = File::new(&site, "secret")
        .path(root.apply(|root: String| format!("{root}/secret.txt")))
        .content(all!(title, token).apply(|(title, token)| Asset::string(format!("{title}: {token}"))))
        .register();

    let mut outputs = BTreeMap::from([
        ("index".to_owned(), index.path().into()),
        ("size".to_owned(), index.size().into()),
        ("files".to_owned(), pictures.files().into()),
        ("secret".to_owned(), secret.text().into()),
    ]);
    // a file that somebody else takes care of
    if let Some(path) = config.get("readme") {
        let readme = File::get(&site, "readme", path).read();
        outputs.insert("readme".to_owned(), readme.text().into());
    }
    // the page of another stack, as `organization/site/dev`
    if let Some(stack) = config.plain("beside")? {
        let beside = StackReference::new(scope, stack);
        outputs.insert("beside".to_owned(), beside.output::<String>("index").into());
        outputs.insert("theirs".to_owned(), beside.output::<String>("secret").into());
    }
    Ok(outputs.into_iter().collect())
}
