//! The versioned contract of SSM parameters that a zone publishes.
//!
//! A version is data ([`v1`]): path templates, each with type, value pattern, owner and consumers. Everything else is
//! derived from it. For the publisher: the entries of one environment ([`entries`]), what is missing or too much
//! ([`Publication`]), the digest that closes a publication ([`digest`]). For the operator: what is wrong with what is live
//! ([`live::check`]), what a change asks of readers ([`diff`]). For readers: one whole and typed reading ([`Snapshot`]), and
//! with the feature `ssm` the `client` that makes it. `published/v{n}.json` is a version as the world knows it; a test
//! refuses a change of it.
//!
//! The names of a tenant (root, classes, buses, ...) come in through [`Scope`]; this crate knows none of them, save that the
//! consumers' texts speak of them.

#[cfg(feature = "ssm")]
pub mod client;
pub mod diff;
mod digest;
mod document;
mod entry;
mod finding;
pub mod live;
pub mod meta;
mod publication;
mod snapshot;
mod template;
pub mod v1;
pub mod v2;
mod values;

pub use digest::digest;
pub use document::document;
pub use entry::{Entry, Kind, Pool, Scope};
pub use finding::{Finding, Problem};
pub use publication::{Mismatch, Publication, check};
pub use snapshot::{Arn, Error, Newer, Snapshot};
pub use template::{Consumers, Each, Template};

/// The version that [`entries`] speaks of, the newest.
pub const VERSION: u32 = VERSIONS[VERSIONS.len() - 1].0;

/// Every version ever published, oldest first.
///
/// A published version is never edited: readers out there hold on to it.
///
/// TO ADD A VERSION (part 1 of 2): write `v{n+1}.rs` as `v2.rs` is written: the version before, and what is new (`since`) or shall
/// go (`deprecated_since`). Declare it above with `pub mod v{n+1};`, and append a line here: `(3, v3::TEMPLATES),`
/// (part 2 of 2): give what is new its method in `values.rs`, then `ZONE_BLESS=1 cargo test -p contract`, and commit
/// `published/v{n+1}.json` and `docs/contract.md` with it.
pub const VERSIONS: &[(u32, &[Template])] = &[(1, v1::TEMPLATES), (2, v2::TEMPLATES)];

/// What the stacks of a zone promise in the newest version, in the order of the model and of the scope.
///
/// The three `contract/*` parameters are not among them: they are written about these, after these ([`meta`]).
pub fn entries(scope: &Scope) -> Vec<Entry> {
    newest()
        .iter()
        .filter(|template| template.owner != meta::OWNER)
        .flat_map(|template| template.expand(scope))
        .collect()
}

/// Whether `name` ("kms/pii/arn", without the root) is one that the stacks promise in `version`, for whatever class,
/// bus, bucket, pool, client or stream. `None` when this build does not know the version.
///
/// Other teams publish below the same root (`neon/pooler-host`); those names are not covered.
pub fn covers(version: u32, name: &str) -> Option<bool> {
    Some(template_of(templates(version)?, name).is_some_and(|template| template.owner != meta::OWNER))
}

/// What `version` promises under `name`, whatever stands in the placeholders' places: for readers that do not know the
/// names of the environment. The `contract/*` parameters are found too.
pub fn find(version: u32, root: &str, name: &str) -> Option<Entry> {
    let template = template_of(templates(version)?, name)?;
    Some(template.entry(root, &template.subjects(name)?))
}

/// The templates of `version`.
pub(crate) fn templates(version: u32) -> Option<&'static [Template]> {
    VERSIONS.iter().find(|(known, _)| *known == version).map(|(_, templates)| *templates)
}

/// The template that speaks of `name`; a test sees to it that there is never more than one.
pub(crate) fn template_of<'t>(templates: &'t [Template], name: &str) -> Option<&'t Template> {
    templates.iter().find(|template| template.subjects(name).is_some())
}

/// The templates of [`VERSION`].
pub(crate) fn newest() -> &'static [Template] {
    VERSIONS[VERSIONS.len() - 1].1
}

/// Compiles the snippet that readers are shown.
#[cfg(all(doctest, feature = "ssm"))]
#[doc = include_str!("../../../docs/contract.md")]
struct Documentation;
