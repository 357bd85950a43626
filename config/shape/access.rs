//! Who may change the zone, and who need not tag what they make.

use serde::Serialize;

use crate::reader::Section;

/// Who may change the zone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Access {
    /// Names of Identity Center's roles, `AWSReservedSSO_{permission set}_*`, whose sessions may take the role for
    /// emergencies without an MFA flag.
    pub break_glass_principals: Vec<String>,
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
        "Identity Center's roles that may take the role for emergencies, such as AWSReservedSSO_BreakGlass_*",
    );
    section.finish();
    Some(Access { break_glass_principals: principals? })
}

pub(super) fn guardrails(mut section: impl Section) -> Option<Guardrails> {
    let exempt = section.required("exempt_principals", "[]", "who need not tag what they make");
    section.finish();
    Some(Guardrails { exempt_principals: exempt? })
}
