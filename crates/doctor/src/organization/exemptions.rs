//! Whose work the guardrail would refuse, though nobody means it: services and tools that set accounts up without tags.

use config::Zone;

use crate::{ask::Answer, check::Check};

/// A service that works in every account, once the organization lets it, and makes things without the zone's tags.
struct Setter {
    /// As `ListAWSServiceAccessForOrganization` calls it.
    service: &'static str,
    name: &'static str,
    /// The role that it works with in each account; service-linked roles are never bound.
    /// <https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps.html> (2026-11-25)
    role: &'static str,
}

const SETTERS: [Setter; 2] = [
    // <https://docs.aws.amazon.com/controltower/latest/userguide/roles-how.html> (2026-11-25)
    Setter { service: "controltower.amazonaws.com", name: "Control Tower", role: "AWSControlTowerExecution" },
    // <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/stacksets-orgs-enable-trusted-access.html> (2026-11-25)
    Setter {
        service: "member.org.stacksets.cloudformation.amazonaws.com",
        name: "StackSets",
        role: "stacksets-exec-*",
    },
];

/// Said to whoever exempts nobody: this is no service, so nothing shows whether it is used.
const SST: &str = "SST makes its buckets `sst-asset-*` and `sst-state-*` without tags: deploy once with SST in every \
                   account and region before the guardrail hangs there, or exempt the role that does it";

/// Whether the services that the organization has let in are exempt.
pub(super) fn judge(zone: &Zone, exempt: &[String], enabled: Answer<Vec<String>>) -> Check {
    let id = "organization.exemptions";
    let enabled = match enabled {
        Ok(enabled) => enabled,
        Err(error) => return Check::unanswered(id, error),
    };
    let is_exempt = |setter: &&Setter| {
        // a role of the kind, in some account
        let arn = format!("arn:aws:iam::{}:role/{}", zone.member.id, setter.role.replace('*', "x"));
        exempt.iter().any(|pattern| is_like(pattern, &arn))
    };
    let bound: Vec<_> = SETTERS
        .iter()
        .filter(|setter| enabled.iter().any(|service| service == setter.service))
        .filter(|setter| !is_exempt(setter))
        .collect();
    if bound.is_empty() {
        let check = Check::ok(id, "every enabled service that creates resources without tags is exempt");
        return if exempt.is_empty() { check.hint(SST) } else { check };
    }
    let names: Vec<_> = bound.iter().map(|setter| setter.name).collect();
    let roles: Vec<_> = bound.iter().map(|setter| format!("\"arn:aws:iam::*:role/{}\"", setter.role)).collect();
    let finding = format!("enabled in the organization, and creating resources without the tags: {}", names.join(", "));
    Check::warning(id, finding)
        .hint(format!("add {} to `exempt_principals` below [guardrails] of config/zone.toml", roles.join(", ")))
}

/// IAM's wildcards: `*` is any text, `?` any one character.
fn is_like(pattern: &str, text: &str) -> bool {
    let mut characters = pattern.chars();
    match characters.next() {
        None => text.is_empty(),
        Some('*') => {
            let rest = characters.as_str();
            (0..=text.len()).filter(|at| text.is_char_boundary(*at)).any(|at| is_like(rest, &text[at..]))
        }
        Some(first) => {
            let mut others = text.chars();
            others.next().is_some_and(|next| first == '?' || first == next)
                && is_like(characters.as_str(), others.as_str())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{ask::Error, check::Level, names::tests::zone};

    fn judged(exempt: &[&str], enabled: &[&str]) -> Check {
        let exempt: Vec<_> = exempt.iter().map(|arn| (*arn).to_owned()).collect();
        judge(&zone(), &exempt, Ok(enabled.iter().map(|service| (*service).to_owned()).collect()))
    }

    #[test]
    fn a_service_that_makes_things_without_tags_wants_an_exemption() {
        const TOWER: &str = "controltower.amazonaws.com";
        const SETS: &str = "member.org.stacksets.cloudformation.amazonaws.com";
        let check = judged(&[], &[TOWER, SETS, "sso.amazonaws.com"]);
        assert_eq!(check.level, Level::Warning);
        assert!(check.finding.ends_with("without the tags: Control Tower, StackSets"), "{}", check.finding);
        let hint = check.hint.expect("a hint");
        for role in ["arn:aws:iam::*:role/AWSControlTowerExecution", "arn:aws:iam::*:role/stacksets-exec-*"] {
            assert!(hint.contains(role), "{hint}");
        }
        let both = ["arn:aws:iam::*:role/AWSControlTowerExecution", "arn:aws:iam::*:role/stacksets-exec-*"];
        assert_eq!(judged(&both, &[TOWER, SETS]).level, Level::Ok);
        assert_eq!(judged(&both[..1], &[TOWER, SETS]).level, Level::Warning, "one of two is exempt");
        assert_eq!(
            judged(&["arn:aws:iam::999988887777:role/AWSControlTowerExecution"], &[TOWER]).level,
            Level::Warning
        );
    }

    #[test]
    fn nothing_that_is_enabled_is_all_right_and_sst_is_named() {
        let check = judged(&[], &["sso.amazonaws.com"]);
        assert_eq!(check.level, Level::Ok);
        assert!(check.hint.expect("a hint").contains("sst-asset-*"));
        assert_eq!(judge(&zone(), &[], Err(Error::new("AccessDenied"))).level, Level::NotEvaluated);
    }
}
