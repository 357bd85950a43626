//! What the answers about the organization mean.

use std::collections::HashSet;

use aws::organization::has_control_policies;
use aws_sdk_organizations::types::{Account as Described, Organization, OrganizationFeatureSet, Root};
use config::{Kind, Management, Zone};
use deploy::guardrail;
use state::error::counted;

use super::{Found, file};
use crate::{
    ask::Answer,
    check::{Check, Fix},
    names::is_other_environment,
};

/// Service control policies that can hang on a root, a unit or an account, since 2026-05-15. The number has changed before:
/// it is only warned of, and AWS's `ConstraintViolationException` decides.
/// <https://docs.aws.amazon.com/organizations/latest/userguide/orgs_reference_limits.html> (2026-11-25)
const ATTACHABLE: usize = 10;
const POLICY: &str = "aws:organizations/policy:Policy";

/// Its id, its features, its management account.
pub(super) fn organization(zone: &Zone, organization: &Answer<Option<Organization>>) -> Vec<Check> {
    let organization = match organization {
        Ok(Some(organization)) => organization,
        Ok(None) => {
            return vec![
                Check::problem("organization.id", "the account belongs to no organization")
                    .hint(format!("let it join {}", zone.organization)),
            ];
        }
        Err(error) => return vec![Check::unanswered("organization.id", error.clone())],
    };
    let of = |text: &Option<String>| text.clone().unwrap_or_default();
    vec![
        id(zone, &of(&organization.id)),
        features(organization.feature_set.as_ref()),
        management(zone, &of(&organization.master_account_id)),
    ]
}

fn id(zone: &Zone, live: &str) -> Check {
    let (id, wanted) = ("organization.id", zone.organization.as_ref());
    if live == wanted {
        return Check::ok(id, format!("the account is in {live}"));
    }
    // nobody can tell an emulator which id its organization is to have, and its buses ask nobody for it
    if zone.kind == Kind::Emulator {
        return Check::ok(id, format!("the emulator's {live} stands in for {wanted}"));
    }
    Check::problem(id, format!("the account is in {live}, and config says {wanted}"))
        .hint("correct `organization` in config/: with the wrong one, the buses take events from nobody")
}

fn features(live: Option<&OrganizationFeatureSet>) -> Check {
    let id = "organization.features";
    match live {
        Some(OrganizationFeatureSet::All) => Check::ok(id, "all features"),
        live => {
            let live = live.map_or_else(|| "unknown".to_owned(), ToString::to_string);
            Check::problem(id, format!("the feature set is {live}: there are no service control policies"))
                .hint("enable all features (`aws organizations enable-all-features`); invited accounts have to approve")
        }
    }
}

/// Whether the guardrail would do what it has to, and lock nobody out; none where there is no guardrail.
pub(super) fn proof(zone: &Zone) -> Option<Check> {
    let id = "organization.proof";
    let hint = format!("`zone guardrail prove -e {}` lists each fault", zone.environment);
    let proof = match guardrail::prove(zone) {
        Ok(proof) => proof?,
        Err(malformed) => {
            return Some(Check::problem(id, format!("the guardrail: {malformed}")).hint(malformed.hint()));
        }
    };
    Some(match proof.findings.first() {
        None => Check::ok(
            id,
            format!(
                "the guardrail denies {} without each required tag and locks nobody out ({} tried offline)",
                counted(proof.guarded.len(), "action"),
                counted(proof.requests, "request")
            ),
        ),
        Some(first) => Check::problem(id, format!("the guardrail: {first}")).hint(hint),
    })
}

fn management(zone: &Zone, live: &str) -> Check {
    let id = "organization.management";
    if zone.member.id.as_ref() == live {
        return Check::problem(id, format!("the member account {live} is the management account itself"))
            .hint("deploy to another account: no service control policy ever binds the management account");
    }
    match &zone.management {
        Some(management) if management.account.id.as_ref() != live => {
            let finding = format!("the management account is {live}, and config says {}", management.account.id);
            Check::problem(id, finding).hint(format!("correct [management] in {}", file(zone)))
        }
        _ => Check::ok(id, format!("the management account is {live}")),
    }
}

/// The member account's place in it.
pub(super) fn member(zone: &Zone, described: Answer<Option<Described>>) -> Check {
    let (id, account) = ("organization.member", &zone.member.id);
    let described = match described {
        Ok(Some(described)) => described,
        Ok(None) => {
            return Check::problem(id, format!("account {account} is not in the organization")).hint(
                "invite it, or correct [member]: the guardrail does not bind it, and the buses refuse its events",
            );
        }
        Err(error) => return Check::unanswered(id, error),
    };
    // `Status` went away on 2026-09-09; what has no `State` yet still has it
    let status = described.status.map(|status| status.to_string());
    let state = described.state.map(|state| state.to_string()).or(status).unwrap_or_else(|| "unknown".to_owned());
    if state == "ACTIVE" {
        return Check::ok(id, format!("account {account} is {state}"));
    }
    Check::problem(id, format!("account {account} is {state}")).hint(match state.as_str() {
        "SUSPENDED" | "PENDING_CLOSURE" => "a closed account can be reopened through AWS Support for 90 days",
        "PENDING_ACTIVATION" => "wait until AWS has activated it",
        _ => "deploy to an account that is ACTIVE",
    })
}

/// Whether service control policies are enabled.
pub(super) fn policy_type(roots: &Answer<Vec<Root>>) -> Check {
    let id = "organization.policy-type";
    let root = match roots {
        Ok(roots) => roots.first(),
        Err(error) => return Check::unanswered(id, error.clone()),
    };
    let Some((root, name)) = root.and_then(|root| Some((root, root.id.clone()?))) else {
        return Check::problem(id, "the organization has no root");
    };
    if has_control_policies(root) {
        return Check::ok(id, format!("service control policies are enabled on root {name}"));
    }
    Check::warning(id, format!("service control policies are not enabled on root {name}"))
        .hint("`zone up` enables them before it attaches the guardrail; `zone doctor --fix` enables them now")
        .fixable(Fix::EnablePolicies { root: name })
}

/// Whether what the guardrail is to hang on is there, and is the account or above it.
pub(super) fn target(management: &Management, target: &Answer<Option<String>>, line: Answer<Vec<String>>) -> Check {
    let (id, wanted) = ("organization.target", &management.attach_to);
    let hint = "correct `attach_to` below [management]: `root`, a unit above the member account, or the account itself";
    let target = match target {
        Ok(Some(target)) => target,
        Ok(None) => return Check::problem(id, format!("there is no `{wanted}` in the organization")).hint(hint),
        Err(error) => return Check::unanswered(id, error.clone()),
    };
    match line {
        Err(error) => Check::unanswered(id, error),
        Ok(line) if line.contains(target) => {
            Check::ok(id, format!("`{wanted}` ({target}) binds the account: {}", line.join(" < ")))
        }
        Ok(line) => {
            let finding = format!(
                "`{wanted}` is not above the member account ({}): the guardrail would not bind it",
                line.join(" < ")
            );
            Check::problem(id, finding).hint(hint)
        }
    }
}

/// Whether one more fits there.
pub(super) fn attachments(target: &str, name: &str, attached: Answer<Vec<String>>) -> Check {
    let id = "organization.attachments";
    match attached {
        Err(error) => Check::unanswered(id, error),
        Ok(attached) if attached.iter().any(|policy| policy == name) => {
            Check::ok(id, format!("`{name}` is already attached to {target}"))
        }
        Ok(attached) if attached.len() >= ATTACHABLE => {
            let finding = format!(
                "{} of {ATTACHABLE} service control policies are attached to {target}, ours not among them: {}",
                attached.len(),
                attached.join(", ")
            );
            Check::warning(id, finding)
                .hint("AWS may refuse one more: detach or merge one, or say another `attach_to` below [management]")
        }
        Ok(attached) => {
            Check::ok(id, format!("{target} has {} of {ATTACHABLE} service control policies", attached.len()))
        }
    }
}

/// Whether the policy's name is free, or ours.
pub(super) fn policy(
    name: &str,
    policy: Answer<Option<Found>>,
    zone: &Zone,
    known: &HashSet<(String, String)>,
) -> Check {
    let (id, tags) = ("organization.guardrail", &zone.tags);
    let found = match policy {
        Err(error) => return Check::unanswered(id, error),
        Ok(None) => return Check::ok(id, format!("the name `{name}` is free")),
        Ok(Some(found)) => found,
    };
    if known.contains(&(POLICY.to_owned(), found.id.clone())) {
        return Check::ok(id, format!("`{name}` ({}) is deployed", found.id));
    }
    if tags.iter().all(|(key, value)| found.tags.get(key) == Some(value)) {
        return Check::ok(id, format!("`{name}` ({}) exists with our tags: adopted by `zone up`", found.id));
    }
    if is_other_environment(&found.tags, tags) {
        let other = found.tags.get("environment").map_or("", String::as_str);
        return Check::problem(id, format!("`{name}` ({}) is environment `{other}`'s", found.id))
            .hint("names of policies are unique in an organization: only one environment can have the guardrail here");
    }
    Check::problem(id, format!("`{name}` ({}) exists, and its tags do not prove it ours", found.id)).adoptable(
        &found.id,
        &zone.environment,
        "remove it",
    )
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use aws_sdk_organizations::types::{AccountState, PolicyTypeStatus, PolicyTypeSummary};

    use super::*;
    use crate::{ask::Error, check::Level, names::tests::zone};

    fn on_aws() -> Zone {
        Zone { kind: Kind::Aws, ..zone() }
    }

    fn levels(zone: &Zone, id: &str, features: OrganizationFeatureSet, management: &str) -> Vec<Level> {
        let live = Organization::builder().id(id).feature_set(features).master_account_id(management).build();
        organization(zone, &Ok(Some(live))).into_iter().map(|check| check.level).collect()
    }

    #[test]
    fn the_organization_is_the_configured_one_with_all_features() {
        use OrganizationFeatureSet::{All, ConsolidatedBilling};
        let (local, zone, ours) = (zone(), on_aws(), on_aws().organization.to_string());
        let (member, ours) = (local.member.id.to_string(), ours.as_str());
        assert_eq!(levels(&zone, ours, All, "123456789012"), [Level::Ok, Level::Ok, Level::Ok]);
        assert_eq!(levels(&zone, "o-other", ConsolidatedBilling, "444455556666"), [Level::Problem; 3]);
        assert_eq!(levels(&zone, ours, All, &member)[2], Level::Problem, "the member itself");
        assert_eq!(levels(&local, "o-other", All, "123456789012")[0], Level::Ok, "an emulator's own");
        assert_eq!(organization(&zone, &Ok(None))[0].level, Level::Problem);
        assert_eq!(organization(&zone, &Err(Error::new("no")))[0].level, Level::NotEvaluated);
    }

    #[test]
    fn a_suspended_account_is_called_suspended() {
        let id = zone().member.id.to_string();
        let account = |state| Ok(Some(Described::builder().id(&id).state(state).build()));
        assert_eq!(member(&zone(), account(AccountState::Active)).level, Level::Ok);
        let check = member(&zone(), account(AccountState::Suspended));
        assert_eq!(
            (check.level, check.finding.as_str()),
            (Level::Problem, format!("account {id} is SUSPENDED").as_str())
        );
        let check = member(&zone(), Ok(None));
        assert_eq!(check.finding, format!("account {id} is not in the organization"));
    }

    #[test]
    fn a_disabled_policy_type_can_be_fixed() {
        let root = |status: Option<PolicyTypeStatus>| {
            let summary = |status| PolicyTypeSummary::builder().r#type(super::super::SCP).status(status).build();
            Ok(vec![Root::builder().id("r-ab12").set_policy_types(status.map(|s| vec![summary(s)])).build()])
        };
        assert_eq!(policy_type(&root(Some(PolicyTypeStatus::Enabled))).level, Level::Ok);
        for status in [None, Some(PolicyTypeStatus::PendingEnable)] {
            let check = policy_type(&root(status));
            assert_eq!(check.level, Level::Warning);
            assert_eq!(check.fix, Some(Fix::EnablePolicies { root: "r-ab12".into() }));
        }
    }

    #[test]
    fn the_guardrail_hangs_above_the_account() {
        let management = |to: &str| Management {
            account: zone().management.expect("a management account").account,
            attach_to: to.to_owned(),
        };
        let member = zone().member.id.to_string();
        let line = || Ok([member.as_str(), "ou-ab12-x", "r-ab12"].map(str::to_owned).to_vec());
        let level =
            |to: &str, found: Option<&str>| target(&management(to), &Ok(found.map(str::to_owned)), line()).level;
        assert_eq!(level("root", Some("r-ab12")), Level::Ok);
        assert_eq!(level("ou-ab12-x", Some("ou-ab12-x")), Level::Ok);
        assert_eq!(level(&member, Some(&member)), Level::Ok);
        assert_eq!(level("ou-ab12-y", Some("ou-ab12-y")), Level::Problem, "beside it");
        assert_eq!(level("ou-ab12-z", None), Level::Problem, "not there");
    }

    #[test]
    fn an_eleventh_policy_may_not_fit_and_aws_decides() {
        let names = |n: usize| Ok((0..n).map(|i| format!("p{i}")).collect::<Vec<_>>());
        assert_eq!(attachments("r-ab12", "ours", names(9)).level, Level::Ok);
        assert_eq!(attachments("r-ab12", "ours", names(10)).level, Level::Warning);
        assert_eq!(attachments("r-ab12", "p4", names(10)).level, Level::Ok);
    }

    #[test]
    fn the_policy_is_ours_or_in_the_way() {
        let zone = zone();
        let tags = zone.tags.clone();
        let judged = |found: Option<BTreeMap<String, String>>, known: &HashSet<(String, String)>| {
            policy("n", Ok(found.map(|tags| Found { id: "p-1".into(), tags })), &zone, known)
        };
        let mut other = tags.clone();
        other.insert("environment".into(), "uat".into());
        let none = HashSet::new();
        assert_eq!(judged(None, &none).level, Level::Ok);
        assert_eq!(judged(Some(tags.clone()), &none).level, Level::Ok);
        let check = judged(Some(other), &none);
        assert_eq!((check.level, check.finding.as_str()), (Level::Problem, "`n` (p-1) is environment `uat`'s"));
        assert_eq!(judged(Some(BTreeMap::new()), &none).adopt.as_deref(), Some("p-1"));
        let known = HashSet::from([(POLICY.to_owned(), "p-1".to_owned())]);
        assert_eq!(judged(Some(BTreeMap::new()), &known).level, Level::Ok);
    }
}
