//! The business domains: their buses, and what their functions may do.

use serde::Serialize;

use crate::reader::Section;

/// A business domain.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Domain {
    /// The name of its event bus, the same in every environment; functions and secrets of the domain begin with it.
    pub bus: String,
    /// The name of the role of its Lambda functions.
    pub role: String,
    /// The classes whose keys its functions may use.
    pub classes: Vec<String>,
    /// What its functions may do beside.
    pub allow: Vec<Allow>,
    /// Rules that its functions may put on the bus of another domain.
    pub rules: Option<Rules>,
    /// Functions of other domains that its functions may invoke, with `*` as a wildcard.
    pub invokes: Vec<String>,
}

/// A statement of a domain's policy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Allow {
    /// Its name in the policy, unique in the domain.
    pub sid: String,
    /// IAM actions; `*` may end one.
    pub actions: Vec<String>,
    /// ARNs with [`PLACEHOLDERS`] and `*` as a wildcard, or `*` alone.
    pub resources: Vec<String>,
}

/// What may stand in braces in an ARN of [`Allow`], and is filled in for each environment.
pub const PLACEHOLDERS: [&str; 5] = ["account", "bus", "environment", "prefix", "region"];

/// Rules that a domain may put on the bus of another.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Rules {
    /// The other domain's bus.
    pub bus: String,
    /// How the rules' names begin.
    pub prefix: String,
}

/// What all roles of functions share.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Roles {
    /// The tag that their trust requires of a session, which Lambda itself never sends; none: no tag.
    pub tag_in_trust: Option<String>,
}

pub(super) fn read(mut section: impl Section) -> Domain {
    let domain = Domain {
        bus: section.required("bus", "\"orders\"", "the name of the event bus").unwrap_or_default(),
        role: section.required("role", "\"OrdersRole\"", "the role of its functions").unwrap_or_default(),
        classes: section.required("classes", "[\"internal\"]", "whose keys its functions may use").unwrap_or_default(),
        allow: section
            .tables("allow", "sid", "what its functions may do beside: a statement of their policy")
            .into_iter()
            .map(allow)
            .collect(),
        rules: section
            .optional_table("rules", "rules that its functions may put on the bus of another domain")
            .and_then(rules),
        invokes: section
            .optional("invokes", "functions of other domains that its functions may invoke, with `*` as a wildcard")
            .unwrap_or_default(),
    };
    section.finish();
    domain
}

fn allow(mut section: impl Section) -> Allow {
    let allow = Allow {
        sid: section.required("sid", "\"Tables\"", "the name of the statement").unwrap_or_default(),
        actions: section
            .required("actions", "[\"dynamodb:GetItem\"]", "IAM actions; `*` may end one")
            .unwrap_or_default(),
        resources: section
            .required(
                "resources",
                "[\"arn:aws:dynamodb:{region}:{account}:table/{bus}-*\"]",
                "ARNs, with `*` as a wildcard and {account}, {bus}, {environment}, {prefix}, {region} filled in",
            )
            .unwrap_or_default(),
    };
    section.finish();
    allow
}

fn rules(mut section: impl Section) -> Option<Rules> {
    let bus = section.required("bus", "\"orders\"", "the bus on which rules may be put");
    let prefix = section.required("prefix", "\"billing-\"", "how the rules' names begin");
    section.finish();
    Some(Rules { bus: bus?, prefix: prefix? })
}

pub(super) fn roles(mut section: impl Section) -> Roles {
    let tag = section.optional(
        "tag_in_trust",
        "a tag that trust requires of a session; none if left out: Lambda itself sends no tags, and with one no \
         function starts",
    );
    section.finish();
    Roles { tag_in_trust: tag }
}
