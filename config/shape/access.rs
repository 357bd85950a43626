//! Who may change the zone, and who need not tag what they make.

use std::{fmt, str::FromStr};

use serde::Serialize;

use crate::problem::{Invalid, suggest};
use crate::reader::Section;

/// Who may change the zone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Access {
    /// Names of Identity Center's roles, `AWSReservedSSO_{permission set}_*`, whose sessions may take the role for
    /// emergencies without an MFA flag.
    pub break_glass_principals: Vec<String>,
    /// Whether the zone makes GitHub's identity provider.
    pub oidc_provider: OidcProvider,
}

/// Whose GitHub's identity provider is, of which AWS takes one in an account.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum OidcProvider {
    /// The zone makes it.
    #[default]
    Own,
    /// It exists, and the zone changes nothing of it.
    Existing,
}

impl OidcProvider {
    /// As they are written.
    pub(crate) const NAMES: [&'static str; 2] = ["own", "existing"];
}

impl fmt::Display for OidcProvider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Own => "own",
            Self::Existing => "existing",
        })
    }
}

impl FromStr for OidcProvider {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        match text {
            "own" => Ok(Self::Own),
            "existing" => Ok(Self::Existing),
            _ => Err(Invalid::new(
                format!("expected `own` or `existing`, got `{text}`"),
                suggest(text, &Self::NAMES, "values"),
            )),
        }
    }
}

/// What is forbidden in the member account, whoever asks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Guardrails {
    /// ARNs of principals that are exempt, with `*` as a wildcard.
    pub exempt_principals: Vec<String>,
}

pub(super) fn access(mut section: impl Section) -> Option<Access> {
    let principals = section.required(
        "break_glass_principals",
        "[]",
        "Identity Center's roles that may assume the break-glass role, such as AWSReservedSSO_BreakGlass_*",
    );
    let provider = section.optional(
        "oidc_provider",
        "`existing` where the account has GitHub's identity provider already; `own` if left out: the zone makes it",
    );
    section.finish();
    Some(Access { break_glass_principals: principals?, oidc_provider: provider.unwrap_or_default() })
}

pub(super) fn guardrails(mut section: impl Section) -> Option<Guardrails> {
    let exempt = section.required("exempt_principals", "[]", "principals exempt from tagging");
    section.finish();
    Some(Guardrails { exempt_principals: exempt? })
}
