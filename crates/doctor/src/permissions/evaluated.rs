//! What our evaluator says, where IAM's own simulation cannot be asked.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    super::{
        Doctor,
        ask::{Answer, Error},
        check::{Check, one_line},
        credentials::Account,
        organization,
    },
    Judged, MANAGEMENT, Right, Verdict, by_stack, context as context_of, in_account,
    policies::{self, Subject},
    tags,
};
use config::Zone;
use iam::{
    Attached, Bounds, Context, Decision, Kind, Layer, Organization, Policies, Policy, Principal, Request,
    evaluate_bounds, table,
};

/// The checks of one account, or one of this id that says why there are none. The first tells what they are judged by, and `why`
/// that is needed.
pub(super) async fn examine(
    id: &str,
    doctor: &Doctor<'_>,
    account: &Account,
    rights: &[&Right],
    why: &str,
) -> Vec<Check> {
    let (subject, organization) =
        futures::join!(policies::of_caller(account, doctor.zone.kind), organization_of(doctor, account));
    let mut subject = match subject {
        Ok(subject) => subject,
        Err(error) => return vec![unread(id, &format!("{why}, and the caller's policies cannot be read"), &error)],
    };
    let mut judged_by = vec![match (&subject.principal, subject.policies.identity.len()) {
        (Principal::Root(_), _) => "what a root user may do".to_owned(),
        (_, 1) => "1 policy of the caller".to_owned(),
        (_, count) => format!("{count} policies of the caller"),
    }];
    judged_by.extend(subject.policies.boundary.is_some().then(|| "its permissions boundary".to_owned()));
    let mut not_read = None;
    match organization {
        Ok(Some(organization)) => {
            judged_by.extend(named("service control", &organization.service_control));
            judged_by.extend(named("resource control", &organization.resource_control));
            subject.policies.organization = Some(organization);
        }
        Ok(None) => {}
        Err(error) => {
            let what = "service control policies cannot be read, and may refuse what is allowed here";
            not_read = Some(unread("permissions.organization", what, &error));
        }
    }
    let policies = if id == MANAGEMENT { "permissions.policies-management" } else { "permissions.policies" };
    let checks = [Check::ok(policies, format!("{why}: zone evaluates {}", judged_by.join(", ")))];
    let is_read = not_read.is_none();
    let answers = rights.iter().map(|right| (*right, Ok(judged(&subject, doctor.zone, &account.id, right, is_read))));
    checks.into_iter().chain(not_read).chain(by_stack(&account.arn, answers)).collect()
}

/// The policies of a kind, each of which can hang on several levels; none where there is none.
fn named(kind: &str, levels: &[Vec<Attached>]) -> Option<String> {
    let names: BTreeSet<_> = levels.iter().flatten().map(|attached| &*attached.name).collect();
    let policies = if names.len() == 1 { "policy" } else { "policies" };
    (!names.is_empty())
        .then(|| format!("{} {kind} {policies} ({})", names.len(), names.into_iter().collect::<Vec<_>>().join(", ")))
}

fn unread(id: &str, what: &str, error: &Error) -> Check {
    let check = Check::unanswered(id, error.clone());
    Check { finding: one_line(&format!("{what}: {}", error.message)), ..check }
}

/// The policies of the organization that bind an account; none where none does.
async fn organization_of(doctor: &Doctor<'_>, account: &Account) -> Answer<Option<Organization>> {
    let asks = doctor.management.as_ref().unwrap_or(account);
    let Some(found) =
        organization::describe(asks).await.map_err(|error| error.within("who manages the organization"))?
    else {
        return Ok(None);
    };
    let manages = found.master_account_id.unwrap_or_default();
    if manages == account.id {
        // nothing binds the management account itself
        return Ok(None);
    }
    match &doctor.management {
        Ok(management) => policies::of_organization(management, &manages, &account.id).await,
        Err(why) => Err(Error::new(why)),
    }
}

/// What is found of each action of a right; what is allowed is unknown where the organization was not read.
fn judged(subject: &Subject, zone: &Zone, account: &str, right: &Right, is_read: bool) -> Vec<Judged> {
    let caller = subject.principal.principal_arn().unwrap_or_default();
    let resource = in_account(zone, account, &caller, right);
    let judged = |action: &&str| {
        let verdicts = targets(action, &resource, account, zone.region.as_ref()).into_iter().map(|all| {
            let each = all.iter().map(|target| {
                let (request, policies) = asked(subject, zone, account, right, action, target);
                verdict(&request, &policies)
            });
            each.reduce(worse).unwrap_or(Verdict::Allowed)
        });
        let verdict = match verdicts.reduce(better).unwrap_or(Verdict::Allowed) {
            Verdict::Allowed if !is_read => Verdict::Unknown,
            verdict => verdict,
        };
        Judged { action: (*action).to_owned(), verdict }
    };
    right.actions.iter().map(judged).collect()
}

/// What an action is about: AWS asks for all resources of one of these lists. `*` stands for an action that is about none, and for a
/// right that names no resource, where the table says of which types they are.
fn targets(action: &str, resource: &str, account: &str, region: &str) -> Vec<Vec<String>> {
    let types = table::action(action).map_or(&[][..], |action| &action.resources);
    if types.is_empty() {
        return vec![vec!["*".to_owned()]];
    }
    if resource != "*" {
        return vec![vec![resource.to_owned()]];
    }
    let place = |place: &str| match place {
        "Partition" => "aws",
        "Region" => region,
        "Account" => account,
        _ => "zone",
    };
    let (required, others): (Vec<_>, Vec<_>) = types.iter().partition(|of| of.required);
    if required.is_empty() {
        return others.iter().map(|of| vec![of.filled(place)]).collect();
    }
    vec![required.iter().map(|of| of.filled(place)).collect()]
}

/// Of two resources that are both asked for.
fn worse(one: Verdict, other: Verdict) -> Verdict {
    if matches!(one, Verdict::Refused(_)) || other == Verdict::Allowed { one } else { other }
}

/// Of two resources either of which will do.
fn better(one: Verdict, other: Verdict) -> Verdict {
    if one == Verdict::Allowed || matches!(other, Verdict::Refused(_)) { one } else { other }
}

/// The request for an action, and what decides about it.
fn asked(
    subject: &Subject,
    zone: &Zone,
    account: &str,
    right: &Right,
    action: &str,
    resource: &str,
) -> (Request, Policies) {
    let mut context = Context::new();
    // every client of ours speaks TLS, and makes its calls itself but for those that a service makes in the caller's name
    let by_service = right.with.iter().any(|(key, _)| *key == "kms:ViaService");
    context.set("aws:SecureTransport", "true");
    context.set("aws:ViaAWSService", by_service.to_string());
    context.set("aws:PrincipalOrgID", zone.organization.as_ref());
    context.set("aws:ResourceOrgID", zone.organization.as_ref());
    let now = jiff::Timestamp::now();
    context.set("aws:CurrentTime", now.strftime("%Y-%m-%dT%H:%M:%SZ").to_string());
    context.set("aws:EpochTime", now.as_second().to_string());
    for (key, value) in &subject.tags {
        context.set(&format!("aws:PrincipalTag/{key}"), value.as_str());
    }
    let carries = table::action(action).is_none_or(table::Action::takes_request_tags);
    let tags = if carries { tags(zone, right) } else { BTreeMap::new() };
    for (key, values) in tags.into_iter().chain(context_of(zone, right)) {
        context.set_all(&key, values);
    }
    let mut policies = subject.policies.clone();
    if action.starts_with("kms:") {
        policies.resource = key_policy(account);
    }
    (Request::new(subject.principal.clone(), action, resource, account, context), policies)
}

/// The zone's keys hand on to the policies of their account's principals, as AWS's default does.
fn key_policy(account: &str) -> Option<Attached> {
    let statement = format!(
        r#"{{"Effect":"Allow","Principal":{{"AWS":"arn:aws:iam::{account}:root"}},"Action":"kms:*","Resource":"*"}}"#
    );
    let text = format!(r#"{{"Version":"2012-10-17","Statement":[{statement}]}}"#);
    Some(Attached::new("the key's policy", Policy::parse(&text, Kind::Resource).ok()?))
}

/// All tags of a request are known; of the caller, its session may have more.
fn is_whole(key: &str) -> bool {
    key.starts_with("aws:requesttag/") || key == "aws:tagkeys"
}

fn verdict(request: &Request, policies: &Policies) -> Verdict {
    let Bounds { best, worst, keys } = evaluate_bounds(request, policies, is_whole);
    let kind = |decision: &Decision| match decision.layer {
        Layer::ServiceControl | Layer::ResourceControl => format!("{} of the organization", decision.layer),
        layer => layer.to_string(),
    };
    let by = |decision: &Decision| match (&decision.policy, &decision.statement) {
        (Some(policy), Some(statement)) => format!("{} `{policy}`, statement {statement}", kind(decision)),
        _ => kind(decision),
    };
    if worst.allowed {
        Verdict::Allowed
    } else if best.allowed {
        let keys = keys.join(", ");
        Verdict::Open(if worst.explicit {
            format!("denied where {keys} meets the condition of {}", by(&worst))
        } else {
            format!("allowed only where {keys} meets the condition of a policy")
        })
    } else if best.explicit {
        Verdict::Refused(format!("{} denies it", by(&best)))
    } else {
        Verdict::Refused(format!("no {} allows it", kind(&best)))
    }
}

#[cfg(test)]
mod tests;
