//! The versioned contract of SSM parameters that a zone publishes.
//!
//! A version is data ([`v1`]): path templates, each with type, value pattern, owner and consumers. Everything else is
//! derived from it: the entries of one environment ([`entries`]), what is missing or too much ([`Publication`]), whether a
//! published value is of the promised shape ([`Entry::accepts`]), and the digest that closes a publication ([`digest`]).
//! `published/v{n}.json` is a version as the world knows it; a test refuses a change of it.
//!
//! The names of a tenant (prefix, classes, buses, buckets) come in through [`Scope`]; this crate knows none of them,
//! save that the consumers' texts speak of them.

mod digest;
mod document;
mod entry;
pub mod meta;
mod publication;
mod template;
pub mod v1;

pub use digest::digest;
pub use document::document;
pub use entry::{Entry, Kind, Scope};
pub use publication::{Mismatch, Publication, check};
pub use template::{Consumers, Each, Template};

/// The version that [`entries`] speaks of, the newest.
pub const VERSION: u32 = VERSIONS[VERSIONS.len() - 1].0;

/// Every version ever published, oldest first.
///
/// A published version is never edited: readers out there hold on to it.
///
/// TO ADD A VERSION (part 1 of 2): copy the newest `v{n}.rs` to `v{n+1}.rs`, change it there (`since` of what is new,
/// `deprecated_since` of what shall go), declare it above with `pub mod v{n+1};`, and append a line here:
/// `(2, v2::TEMPLATES),`
/// (part 2 of 2): `ZONE_BLESS=1 cargo test -p contract`, and commit `published/v{n+1}.json` with it.
pub const VERSIONS: &[(u32, &[Template])] = &[(1, v1::TEMPLATES)];

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
/// bus or bucket. `None` when this build does not know the version.
///
/// Other teams publish below the same root (`neon/pooler-host`); those names are not covered.
pub fn covers(version: u32, name: &str) -> Option<bool> {
    let (_, templates) = VERSIONS.iter().find(|(known, _)| *known == version)?;
    Some(templates.iter().any(|template| template.owner != meta::OWNER && template.matches(name)))
}

/// The templates of [`VERSION`].
pub(crate) fn newest() -> &'static [Template] {
    VERSIONS[VERSIONS.len() - 1].1
}
