//! The three parameters by which a contract speaks of itself.
//!
//! Order of a publication: all entries, then version and published-at, then, at the very end, the digest.

use crate::template::{Each, Template, string};

/// The owner of these three, so that they can be told from what stacks publish.
pub const OWNER: &str = "contract";
/// Name of the parameter with the contract's version.
pub const VERSION_NAME: &str = "contract/version";
/// Name of the parameter with the digest.
pub const DIGEST_NAME: &str = "contract/digest";
/// Name of the parameter with the time of publication.
pub const PUBLISHED_AT_NAME: &str = "contract/published-at";

/// Their templates, which every version of every contract has: version, digest, time of publication. `each` is what the
/// contract calls that which stands once.
pub const fn templates(each: Each) -> [Template; 3] {
    [
        template(each, VERSION_NAME, "^[1-9][0-9]{0,8}$", "version of this contract"),
        template(
            each,
            DIGEST_NAME,
            "^[0-9a-f]{64}$",
            "SHA-256 over version, names and values; written last, so it tells a whole publication from half a one",
        ),
        template(
            each,
            PUBLISHED_AT_NAME,
            r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]+)?Z$",
            "when this contract was last published, RFC 3339 in UTC",
        ),
    ]
}

const fn template(each: Each, path: &'static str, pattern: &'static str, about: &'static str) -> Template {
    string(path, each, pattern, OWNER, about, &["every reader of the contract"])
}

/// Full path of the version below `root` ("/acme/dev").
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

fn path(root: &str, name: &str) -> String {
    format!("{}/{name}", root.trim_end_matches('/'))
}
