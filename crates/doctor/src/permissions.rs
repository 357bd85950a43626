//! Whether the callers may do all that a deployment does, as IAM's own simulation says.
//!
//! The simulation knows policies of identity, boundary and organization; it does not know session policies, nor
//! service control policies with conditions it is not told of.
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_testing-policies.html>

use aws_sdk_iam::types::{ContextEntry, ContextKeyTypeEnum, EvaluationResult, PolicyEvaluationDecisionType};
use config::{Backend, Zone};
use futures::{StreamExt, stream};
use stacks::STACKS;
use state::error::counted;

use super::{
    Doctor,
    ask::{Answer, ask, ask_for},
    check::Check,
    credentials::Account,
};
use rights::{RIGHTS, Right, STATE, is_of_management, spared};

mod rights;

/// IAM allows few of these a second.
const AT_ONCE: usize = 4;

/// The checks of this topic.
pub(super) async fn examine(doctor: &Doctor<'_>) -> Vec<Check> {
    let keeps = |right: &Right| right.stack != STATE || doctor.zone.state == Backend::Bucket;
    let is_deployed = |right: &&Right| {
        keeps(right) && STACKS.iter().all(|(stack, _)| *stack != right.stack || doctor.zone.has(stack))
    };
    let of = |management: bool| {
        RIGHTS.iter().filter(is_deployed).filter(move |right| is_of_management(right.stack) == management)
    };
    let mut checks = match &doctor.member {
        Ok(member) => of_account("permissions", doctor.zone, member, &of(false).collect::<Vec<_>>()).await,
        Err(why) => vec![Check::not_evaluated("permissions", why)],
    };
    let id = "permissions.management";
    match &doctor.management {
        Ok(management) => {
            checks.extend(of_account(id, doctor.zone, management, &of(true).collect::<Vec<_>>()).await);
        }
        // another check says that config names none
        Err(_) if doctor.zone.management.is_none() => {}
        Err(why) => checks.push(Check::not_evaluated(id, why)),
    }
    checks
}

/// The checks of one account, or one of this id that says why there are none.
async fn of_account(id: &str, zone: &Zone, account: &Account, rights: &[&Right]) -> Vec<Check> {
    let source = match source(account).await {
        Ok(source) => source,
        Err(why) => return vec![Check::not_evaluated(id, why)],
    };
    // one question first: where nobody may ask, or nothing answers, the others are spared
    let Some((one, others)) = rights.split_first() else { return Vec::new() };
    let probe = simulate(account, zone, &source, one).await;
    if let Err(error) = probe {
        let mut check = Check::unanswered(id, error.clone());
        if is_denied(&error.message) {
            check = Check::not_evaluated(id, format!("the caller may not simulate: {}", check.finding))
                .hint("allow it iam:SimulatePrincipalPolicy on itself");
        }
        return vec![check];
    }
    let asked = stream::iter(others.iter().copied()).map(|right| simulate(account, zone, &source, right));
    let others: Vec<_> = asked.buffered(AT_ONCE).collect().await;
    let answers: Vec<_> = rights.iter().zip([probe].into_iter().chain(others)).collect();
    let mut stacks: Vec<&str> = rights.iter().map(|right| right.stack).collect();
    stacks.dedup();
    let of = |stack: &str| {
        let own = answers.iter().filter(|(right, _)| right.stack == stack).map(|(_, answer)| answer);
        let results = own.cloned().collect::<Answer<Vec<_>>>().map(|all| all.concat());
        judge(stack, &source, results)
    };
    stacks.into_iter().flat_map(of).collect()
}

fn is_denied(message: &str) -> bool {
    message.starts_with("AccessDenied")
}

/// The caller as a principal that has policies; a session has none of its own, its role has.
async fn source(member: &Account) -> Result<String, String> {
    let arn = &member.arn;
    let resource = arn.splitn(6, ':').nth(5).unwrap_or_default();
    let mut parts = resource.split('/');
    match parts.next() {
        Some("assumed-role") => {
            let name = parts.next().unwrap_or_default();
            // its path is not in the session's name, and only IAM knows it
            let role = ask_for(member.clients.iam.get_role().role_name(name).send(), &["NoSuchEntity"]).await;
            let live = role.ok().flatten().and_then(|answer| answer.role).map(|role| role.arn);
            Ok(live.unwrap_or_else(|| format!("arn:aws:iam::{}:role/{name}", member.id)))
        }
        Some("user") => Ok(arn.clone()),
        Some("root") => Err("the caller is the account's root, which has no policies to simulate".to_owned()),
        _ => Err(format!("the caller {arn} is neither a role nor a user")),
    }
}

/// What the requests of a deployment carry, and conditions ask for: these tags, and what is the right's own.
fn context(zone: &Zone, right: &Right) -> Vec<ContextEntry> {
    let entry = |name: &str, value: &str| {
        let kind = if value == "true" { ContextKeyTypeEnum::Boolean } else { ContextKeyTypeEnum::String };
        ContextEntry::builder().context_key_name(name).context_key_type(kind).context_key_values(value).build()
    };
    let tags = zone.tags.iter().map(|(key, value)| entry(&format!("aws:RequestTag/{key}"), value));
    let own = right.with.iter().map(|(key, value)| entry(key, &value.replace("{region}", zone.region.as_ref())));
    tags.chain([entry("aws:RequestedRegion", zone.region.as_ref())]).chain(own).collect()
}

async fn simulate(account: &Account, zone: &Zone, source: &str, right: &Right) -> Answer<Vec<EvaluationResult>> {
    let resource = (right.resource)(zone).replace("{region}", &account.region).replace("{account}", &account.id);
    let call = account
        .clients
        .iam
        .simulate_principal_policy()
        .policy_source_arn(source)
        .resource_arns(resource)
        .set_action_names(Some(right.actions.iter().map(|action| (*action).to_owned()).collect()))
        .set_context_entries(Some(context(zone, right)));
    ask(call.into_paginator().items().send().collect::<Result<Vec<_>, _>>()).await
}

/// What is denied, and beside it what may be: the one makes the other neither better nor worse.
fn judge(stack: &str, source: &str, results: Answer<Vec<EvaluationResult>>) -> Vec<Check> {
    let id = format!("permissions.{stack}");
    let results = match results {
        Ok(results) if results.is_empty() => return vec![Check::not_evaluated(id, "the simulation has no result")],
        Ok(results) => results,
        Err(error) => return vec![Check::unanswered(id, error)],
    };
    // a condition on something that a simulation is not told may well be met; a policy that denies is not among them
    let open = |r: &&&EvaluationResult| r.missing_context_values.as_ref().is_some_and(|missing| !missing.is_empty());
    let refused: Vec<_> = results.iter().filter(|r| r.eval_decision != PolicyEvaluationDecisionType::Allowed).collect();
    let (unknown, denied): (Vec<_>, Vec<_>) = refused.iter().partition(open);
    if refused.is_empty() {
        return vec![Check::ok(id, format!("{source} may do the {} asked for", counted(results.len(), "action")))];
    }
    let texts = |all: &[&EvaluationResult]| {
        let texts: Vec<_> = all.iter().map(|r| format!("{} ({})", r.eval_action_name, reason(r))).collect();
        texts.join(", ")
    };
    let mut checks = Vec::new();
    if !denied.is_empty() {
        let finding = format!("{source} may not do {}", texts(&denied));
        let hint =
            "allow these actions to the caller, or deploy as somebody who may do them; docs/rights/ has them all";
        checks.push(match spared(stack) {
            Some(without) => Check::warning(&id, finding).hint(without),
            None => Check::problem(&id, finding).hint(hint),
        });
    }
    if !unknown.is_empty() {
        let finding = format!("{source} may not do {}", texts(&unknown));
        checks.push(
            Check::warning(format!("{id}.conditions"), finding)
                .hint("the result depends on condition keys that only a real request has"),
        );
    }
    checks
}

fn reason(result: &EvaluationResult) -> String {
    let by_organization = result.organizations_decision_detail.as_ref().is_some_and(|d| !d.allowed_by_organizations);
    let by_boundary =
        result.permissions_boundary_decision_detail.as_ref().is_some_and(|d| !d.allowed_by_permissions_boundary);
    let missing = result.missing_context_values.as_deref().unwrap_or_default();
    match result.eval_decision {
        _ if by_organization => "a service control policy of the organization".to_owned(),
        _ if by_boundary => "the permissions boundary".to_owned(),
        _ if !missing.is_empty() => format!("unless {} meets the condition of a policy", missing.join(", ")),
        PolicyEvaluationDecisionType::ExplicitDeny => "a policy denies it".to_owned(),
        _ => "no policy allows it".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use aws_sdk_iam::types::OrganizationsDecisionDetail;

    use super::{
        super::{ask::Error, check::Level, names::tests::zone},
        *,
    };

    fn result(action: &str, decision: PolicyEvaluationDecisionType) -> EvaluationResult {
        EvaluationResult::builder().eval_action_name(action).eval_decision(decision).build().expect("a result")
    }

    #[test]
    fn what_is_denied_is_named_with_who_denies_it() {
        use PolicyEvaluationDecisionType::{Allowed, ExplicitDeny, ImplicitDeny};
        let of = |stack: &str, results| {
            let checks = judge(stack, "arn:role", results);
            let [check] = &checks[..] else { panic!("one check: {checks:?}") };
            check.clone()
        };
        let judged = |results: Vec<EvaluationResult>| of("kms", Ok(results));
        assert_eq!(judged(vec![result("kms:CreateKey", Allowed)]).level, Level::Ok);
        assert_eq!(judged(vec![]).level, Level::NotEvaluated);
        assert_eq!(of("kms", Err(Error::new("no"))).level, Level::NotEvaluated);

        let mut by_scp = result("kms:PutKeyPolicy", ImplicitDeny);
        by_scp.organizations_decision_detail =
            Some(OrganizationsDecisionDetail::builder().allowed_by_organizations(false).build());
        let check = judged(vec![result("kms:CreateKey", ExplicitDeny), result("kms:CreateAlias", Allowed), by_scp]);
        assert_eq!(check.level, Level::Problem);
        assert_eq!(
            check.finding,
            "arn:role may not do kms:CreateKey (a policy denies it), kms:PutKeyPolicy (a service control policy of the organization)"
        );

        let missing = of("destroy", Ok(vec![result("kms:ScheduleKeyDeletion", ImplicitDeny)]));
        assert_eq!(missing.level, Level::Warning, "it would stop no deployment");
    }

    #[test]
    fn a_real_gap_and_an_open_question_change_nothing_of_each_other() {
        use PolicyEvaluationDecisionType::ImplicitDeny;
        let mut open = result("kms:CreateKey", ImplicitDeny);
        open.missing_context_values = Some(vec!["aws:SourceIp".to_owned()]);
        let alone = judge("kms", "arn:role", Ok(vec![open.clone()]));
        assert_eq!(alone.iter().map(|check| check.level).collect::<Vec<_>>(), [Level::Warning]);
        let both = judge("kms", "arn:role", Ok(vec![open, result("kms:CreateAlias", ImplicitDeny)]));
        let [gap, question] = &both[..] else { panic!("two checks: {both:?}") };
        assert_eq!((gap.level, gap.id.as_str()), (Level::Problem, "permissions.kms"));
        assert_eq!(gap.finding, "arn:role may not do kms:CreateAlias (no policy allows it)");
        assert_eq!((question.level, question.id.as_str()), (Level::Warning, "permissions.kms.conditions"));
        assert_eq!(question.finding, alone[0].finding);
    }

    #[test]
    fn rights_are_asked_for_by_the_names_that_are_given() {
        let zone = zone();
        let resources: Vec<_> = RIGHTS.iter().map(|right| (right.resource)(&zone)).collect();
        for wanted in [
            "arn:aws:s3:::acme-lake-local",
            "arn:aws:sqs:{region}:{account}:orders-events-dlq-local",
            "arn:aws:iam::{account}:role/acme-platform-delivery",
            "arn:aws:ssm:{region}:{account}:parameter/acme/local/contract/version",
        ] {
            assert!(resources.iter().any(|resource| resource == wanted), "{wanted} is not in {resources:?}");
        }
        for right in RIGHTS {
            let context = context(&zone, right);
            let has = |key: &str| context.iter().any(|entry| entry.context_key_name.as_deref() == Some(key));
            assert!(has("aws:RequestTag/owner"), "or a guardrail denies everything");
            let passes = right.actions.contains(&"iam:PassRole");
            assert_eq!(has("iam:PassedToService"), passes, "or a right that names the service is denied");
        }
    }
}
