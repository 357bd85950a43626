//! What is decided, and by what.

use std::{fmt, sync::Arc};

use serde::{Serialize, Serializer};

/// A kind of policy, in the order in which AWS asks them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Layer {
    /// Of the organization, on resources.
    ResourceControl,
    /// Of the organization, on principals.
    ServiceControl,
    /// On the resource itself: of a bucket, a key, a role's trust.
    Resource,
    /// Of the user or role.
    Identity,
    /// The permissions boundary of the user or role.
    Boundary,
    /// Of the session.
    Session,
}

impl fmt::Display for Layer {
    /// As AWS's messages call it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::ResourceControl => "resource control policy",
            Self::ServiceControl => "service control policy",
            Self::Resource => "resource-based policy",
            Self::Identity => "identity-based policy",
            Self::Boundary => "permissions boundary",
            Self::Session => "session policy",
        })
    }
}

/// What AWS answers, and which policy decides it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Decision {
    /// Whether the request is allowed.
    pub allowed: bool,
    /// The kind of policy that allows it, denies it, or does not allow it.
    pub layer: Layer,
    /// Whether a statement denies it; false where a statement that would allow it is missing.
    pub explicit: bool,
    /// The policy with that statement; none where a statement is missing, and where none is needed: for the root user,
    /// and for `sts:GetCallerIdentity`.
    #[serde(serialize_with = "text")]
    pub policy: Option<Arc<str>>,
    /// Its `Sid`, or its number counted from 1.
    #[serde(serialize_with = "text")]
    pub statement: Option<Arc<str>>,
}

impl fmt::Display for Decision {
    /// The reason, in the words with which AWS ends the message of a denial.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let article = if self.layer == Layer::Identity { "an" } else { "a" };
        match (self.allowed, self.explicit) {
            (true, _) => write!(f, "allowed by {article} {}", self.layer)?,
            (false, true) => write!(f, "with an explicit deny in {article} {}", self.layer)?,
            (false, false) => write!(f, "because no {} allows it", self.layer)?,
        }
        match (&self.policy, &self.statement) {
            (Some(policy), Some(statement)) => write!(f, " (`{policy}`, statement {statement})"),
            (Some(policy), None) => write!(f, " (`{policy}`)"),
            _ => Ok(()),
        }
    }
}

#[expect(clippy::ref_option, reason = "serde hands a field by reference")]
fn text<S: Serializer>(text: &Option<Arc<str>>, serializer: S) -> Result<S::Ok, S::Error> {
    text.as_deref().serialize(serializer)
}
