//! The three parameters by which the contract speaks of itself.
//!
//! Order of a publication: all entries, then version and published-at, then, at the very end, the digest.

use crate::{
    entry::{Entry, Scope},
    newest,
};

/// The owner of these three, so that they can be told from what stacks publish.
pub const OWNER: &str = "contract";
/// Name of the parameter with the contract's version.
pub const VERSION_NAME: &str = "contract/version";
/// Name of the parameter with the digest.
pub const DIGEST_NAME: &str = "contract/digest";
/// Name of the parameter with the time of publication.
pub const PUBLISHED_AT_NAME: &str = "contract/published-at";

/// Full path of the version below `root` ("/bank/dev").
pub fn version_path(root: &str) -> String {
    path(root, VERSION_NAME)
}

/// Full path of the digest below `root`.
pub fn digest_path(root: &str) -> String {
    path(root, DIGEST_NAME)
}

/// Full path of the time of publication below `root`.
pub fn published_at_path(root: &str) -> String {
    path(root, PUBLISHED_AT_NAME)
}

/// Version, digest and published-at as entries (path, pattern, description), in this order of the model.
pub fn entries(root: &str) -> Vec<Entry> {
    let scope = Scope { root: root.to_owned(), ..Scope::default() };
    newest().iter().filter(|template| template.owner == OWNER).flat_map(|template| template.expand(&scope)).collect()
}

fn path(root: &str, name: &str) -> String {
    format!("{}/{name}", root.trim_end_matches('/'))
}
