//! What IAM's own simulation says.
//!
//! It knows policies of identity and boundary, and service control policies without conditions; not resource control policies, nor
//! service control policies with conditions.

use aws_sdk_iam::types::{ContextEntry, ContextKeyTypeEnum, EvaluationResult, PolicyEvaluationDecisionType};
use config::Zone;

use super::{
    super::{
        ask::{Answer, ask, ask_for},
        credentials::Account,
    },
    Judged, Right, Verdict, context, in_account, tags,
};

/// The caller as a principal that has policies; a session has none of its own, its role has. None of a root user.
pub(super) async fn source(account: &Account) -> Option<String> {
    let arn = &account.arn;
    let resource = arn.splitn(6, ':').nth(5).unwrap_or_default();
    let mut parts = resource.split('/');
    match parts.next() {
        Some("assumed-role") => {
            let name = parts.next().unwrap_or_default();
            // its path is not in the session's name, and only IAM knows it
            let role = ask_for(account.clients.iam.get_role().role_name(name).send(), &["NoSuchEntity"]).await;
            let live = role.ok().flatten().and_then(|answer| answer.role).map(|role| role.arn);
            Some(live.unwrap_or_else(|| format!("arn:aws:iam::{}:role/{name}", account.id)))
        }
        Some("root") => None,
        _ => Some(arn.clone()),
    }
}

/// What it says of a right.
pub(super) async fn ask_about(account: &Account, zone: &Zone, source: &str, right: &Right) -> Answer<Vec<Judged>> {
    let entries = context(zone, right).into_iter().chain(tags(zone, right)).map(|(key, values)| {
        let kind = match &values[..] {
            [value] if value == "true" => ContextKeyTypeEnum::Boolean,
            _ if key == "aws:TagKeys" => ContextKeyTypeEnum::StringList,
            _ => ContextKeyTypeEnum::String,
        };
        let entry = ContextEntry::builder().context_key_name(key).context_key_type(kind);
        entry.set_context_key_values(Some(values)).build()
    });
    let call = account
        .clients
        .iam
        .simulate_principal_policy()
        .policy_source_arn(source)
        .resource_arns(in_account(zone, &account.id, source, right))
        .set_action_names(Some(right.actions.iter().map(|action| (*action).to_owned()).collect()))
        .set_context_entries(Some(entries.collect()));
    let results = ask(call.into_paginator().items().send().collect::<Result<Vec<_>, _>>()).await?;
    Ok(results.iter().map(judged).collect())
}

fn judged(result: &EvaluationResult) -> Judged {
    let missing = result.missing_context_values.as_deref().unwrap_or_default();
    let by_organization = result.organizations_decision_detail.as_ref().is_some_and(|d| !d.allowed_by_organizations);
    let by_boundary =
        result.permissions_boundary_decision_detail.as_ref().is_some_and(|d| !d.allowed_by_permissions_boundary);
    let verdict = match result.eval_decision {
        PolicyEvaluationDecisionType::Allowed => Verdict::Allowed,
        _ if by_organization => Verdict::Refused("a service control policy of the organization".to_owned()),
        // it does not tell which of the policies lack them: a policy that denies may be among them
        _ if !missing.is_empty() => {
            Verdict::Open(format!("refused unless {} meets the condition of a policy", missing.join(", ")))
        }
        _ if by_boundary => Verdict::Refused("the permissions boundary".to_owned()),
        PolicyEvaluationDecisionType::ExplicitDeny => Verdict::Refused("a policy denies it".to_owned()),
        _ => Verdict::Refused("no policy allows it".to_owned()),
    };
    Judged { action: result.eval_action_name.clone(), verdict }
}

#[cfg(test)]
mod tests {
    use PolicyEvaluationDecisionType::{Allowed, ExplicitDeny, ImplicitDeny};
    use aws_sdk_iam::types::OrganizationsDecisionDetail;

    use super::*;

    #[test]
    fn who_refuses_is_told_as_the_simulation_does() {
        let result = |decision| EvaluationResult::builder().eval_action_name("kms:CreateKey").eval_decision(decision);
        let of = |result: EvaluationResult| judged(&result).verdict;
        let refused = |why: &str| Verdict::Refused(why.to_owned());
        assert_eq!(of(result(Allowed).build().expect("a result")), Verdict::Allowed);
        assert_eq!(of(result(ExplicitDeny).build().expect("a result")), refused("a policy denies it"));
        assert_eq!(of(result(ImplicitDeny).build().expect("a result")), refused("no policy allows it"));
        let detail = OrganizationsDecisionDetail::builder().allowed_by_organizations(false).build();
        let by_scp = result(ImplicitDeny).organizations_decision_detail(detail).build().expect("a result");
        assert_eq!(of(by_scp), refused("a service control policy of the organization"));
        let open = || result(ImplicitDeny).missing_context_values("aws:SourceIp");
        let why = "refused unless aws:SourceIp meets the condition of a policy";
        assert_eq!(of(open().build().expect("a result")), Verdict::Open(why.to_owned()));
        let detail = OrganizationsDecisionDetail::builder().allowed_by_organizations(false).build();
        let by_scp = open().organizations_decision_detail(detail).build().expect("a result");
        assert_eq!(of(by_scp), refused("a service control policy of the organization"), "whatever else is open");
    }
}
