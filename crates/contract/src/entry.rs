//! A promise made to one environment: a full path, and what a reader may rely on there.

use regex::Regex;
use serde::Serialize;

/// The names of one environment, for which the templates are expanded.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Scope {
    /// Where everything is published, for example `/bank/dev`.
    pub root: String,
    /// Stacks that are not deployed: what they would publish is not promised.
    pub absent: Vec<String>,
    /// Data classes, each with a key.
    pub classes: Vec<String>,
    /// Event buses, each with a domain's Lambda role.
    pub buses: Vec<String>,
    /// Bucket purposes.
    pub buckets: Vec<String>,
    /// User pools.
    pub pools: Vec<Pool>,
    /// Delivery streams, by their names in the contract.
    pub streams: Vec<String>,
    /// The platform's own name, that of its log group; empty when there is none.
    pub platform: String,
}

/// A user pool with the clients through which it is used.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Pool {
    /// Name of the pool.
    pub name: String,
    /// Names of its clients.
    pub clients: Vec<String>,
}

/// Type of an SSM parameter. There is no `SecureString`: no secret is ever in the contract.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub enum Kind {
    /// One value.
    String,
    /// Values separated by commas, in an order that means something.
    StringList,
}

impl Kind {
    /// The name that SSM uses for it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::String => "String",
            Self::StringList => "StringList",
        }
    }
}

/// One promised parameter.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Entry {
    /// Full path, for example `/bank/dev/kms/pii/arn`.
    pub path: String,
    /// The path below the root, for example `kms/pii/arn`: how programs call the entry.
    pub name: String,
    /// SSM type.
    pub kind: Kind,
    /// Anchored regular expression that the value matches; of a list, every item.
    pub pattern: &'static str,
    /// The stack that publishes it.
    pub owner: &'static str,
    /// Who reads it, in words.
    pub consumers: Vec<String>,
    /// First contract version with it.
    pub since: u32,
    /// Contract version that announced its end, if any.
    pub deprecated_since: Option<u32>,
    /// Text for the parameter's description; names the owner.
    pub description: String,
}

impl Entry {
    /// Whether `value` has the promised shape. Of a list every item must have it, and there must be one.
    ///
    /// # Panics
    /// If the pattern is no regular expression; a test compiles each pattern of each version.
    pub fn accepts(&self, value: &str) -> bool {
        let pattern = Regex::new(self.pattern).expect("the patterns of every version compile, a test sees to it");
        match self.kind {
            Kind::String => pattern.is_match(value),
            Kind::StringList => value.split(',').all(|item| pattern.is_match(item)),
        }
    }
}
