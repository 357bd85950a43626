//! What our evaluator says, where IAM's own simulation cannot be asked.

use std::collections::BTreeMap;

use super::{
    super::{
        Doctor,
        ask::{Answer, Error},
        check::{Check, one_line},
        credentials::Account,
        organization,
    },
    Judged, MANAGEMENT, Right, Verdict, by_stack, context,
    policies::{self, Subject},
    resource,
};
use iam::{
    Attached, Context, Kind, Layer, Organization, Policies, Policy, Principal, Request, evaluate, evaluate_at_best,
    table,
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
            let of = |levels: &[Vec<Attached>]| levels.iter().map(Vec::len).sum();
            let [services, resources]: [usize; 2] =
                [of(&organization.service_control), of(&organization.resource_control)];
            judged_by.push(format!("{services} attached service control policies"));
            judged_by.extend((resources > 0).then(|| format!("{resources} attached resource control policies")));
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
    let answers = rights.iter().map(|right| (*right, Ok(judged(&subject, doctor, account, right))));
    checks.into_iter().chain(not_read).chain(by_stack(&account.arn, answers)).collect()
}

fn unread(id: &str, what: &str, error: &Error) -> Check {
    let check = Check::unanswered(id, error.clone());
    Check { finding: one_line(&format!("{what}: {}", error.message)), ..check }
}

/// The policies of the organization that bind an account; none where none does.
async fn organization_of(doctor: &Doctor<'_>, account: &Account) -> Answer<Option<Organization>> {
    let management = match (&doctor.management, &doctor.zone.management) {
        (Ok(management), _) => management,
        (Err(why), Some(_)) => return Err(Error::new(why)),
        (Err(why), None) => {
            return match organization::describe(account).await {
                Ok(None) => Ok(None),
                Ok(Some(of)) if of.master_account_id() == Some(&account.id) => Ok(None),
                _ => Err(Error::new(why)),
            };
        }
    };
    // nothing binds the management account itself
    if management.id == account.id { Ok(None) } else { policies::of_organization(management, &account.id).await }
}

fn judged(subject: &Subject, doctor: &Doctor<'_>, account: &Account, right: &Right) -> Vec<Judged> {
    let (keys, resource) = (context(doctor.zone, right), resource(doctor.zone, account, right));
    let judged = |action: &&str| {
        let (request, policies) = asked(subject, action, &resource, &account.id, &keys);
        Judged { action: (*action).to_owned(), verdict: verdict(&request, &policies) }
    };
    right.actions.iter().map(judged).collect()
}

/// The request for an action, and what decides about it.
fn asked(
    subject: &Subject,
    action: &str,
    resource: &str,
    account: &str,
    keys: &BTreeMap<String, Vec<String>>,
) -> (Request, Policies) {
    let mut context = Context::new();
    for (key, values) in keys {
        context.set_all(key, values.clone());
    }
    for (key, value) in &subject.tags {
        context.set(&format!("aws:PrincipalTag/{key}"), value.as_str());
    }
    // every client of ours speaks TLS, and no service speaks for it
    context.set("aws:SecureTransport", "true");
    context.set("aws:ViaAWSService", "false");
    let of_nothing = table::action(action).is_some_and(|action| action.resources.is_empty());
    let resource = if of_nothing { "*" } else { resource };
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
    if evaluate(request, policies).allowed {
        return Verdict::Allowed;
    }
    let (decision, keys) = evaluate_at_best(request, policies, is_whole);
    if decision.allowed {
        return Verdict::Open(keys);
    }
    let kind = match decision.layer {
        Layer::ServiceControl | Layer::ResourceControl => format!("{} of the organization", decision.layer),
        layer => layer.to_string(),
    };
    Verdict::Refused(match (&decision.policy, &decision.statement) {
        (Some(policy), Some(statement)) => format!("{kind} `{policy}` denies it, statement {statement}"),
        _ => format!("no {kind} allows it"),
    })
}

#[cfg(test)]
mod tests {
    use std::{fs, path::Path};

    use serde_json::{Value, json};

    use super::{
        super::{
            super::names::tests::zone,
            rights::{RIGHTS, is_of_management},
        },
        *,
    };

    const MEMBER: &str = "111122223333";

    fn attached(name: &str, document: &Value) -> Attached {
        Attached::new(name, Policy::parse(&document.to_string(), Kind::Identity).expect("a policy"))
    }

    fn statement(effect: &str, action: &str, condition: &Value) -> Value {
        json!({ "Effect": effect, "Action": action, "Resource": "*", "Condition": condition })
    }

    fn policy(statements: &[Value]) -> Value {
        json!({ "Version": "2012-10-17", "Statement": statements })
    }

    /// A session of a role with these policies.
    fn subject(identity: Vec<Attached>) -> Subject {
        let principal =
            Principal::Session { role: format!("arn:aws:iam::{MEMBER}:role/deploy"), name: "me".to_owned() };
        Subject { principal, policies: Policies { identity, ..Policies::default() }, tags: Vec::new() }
    }

    fn published(name: &str) -> Attached {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("../../docs/rights/{name}.json"));
        let text = fs::read_to_string(path).expect("the policy is published");
        attached(name, &serde_json::from_str(&text).expect("JSON"))
    }

    /// What is found of the rights of one account.
    fn found(subject: &Subject, management: bool) -> Vec<(&'static str, Judged)> {
        let zone = zone();
        let rights = RIGHTS.iter().filter(|right| is_of_management(right.stack) == management);
        let of = |right: &'static Right| {
            let resource =
                (right.resource)(&zone).replace("{region}", zone.region.as_ref()).replace("{account}", MEMBER);
            let keys = context(&zone, right);
            let judged = |action: &&str| {
                let (request, policies) = asked(subject, action, &resource, MEMBER, &keys);
                (right.stack, Judged { action: (*action).to_owned(), verdict: verdict(&request, &policies) })
            };
            right.actions.iter().map(judged).collect::<Vec<_>>()
        };
        rights.flat_map(of).collect()
    }

    fn of_key(subject: &Subject, action: &str) -> Verdict {
        let found = found(subject, false).into_iter().find(|(_, judged)| judged.action == action);
        found.expect("a right").1.verdict
    }

    #[test]
    fn what_is_published_is_enough_and_each_action_of_it_is_needed() {
        for account in ["member", "management"] {
            let all = ["deploy", "destroy", "drift", "doctor"].map(|of| published(&format!("{of}.{account}")));
            let is_refused = |judged: &Judged| judged.verdict != Verdict::Allowed;
            let management = account == "management";
            for (stack, judged) in found(&subject(all.to_vec()), management) {
                assert!(!is_refused(&judged), "{account}, {stack}: {judged:?}");
            }
            let nothing = found(&subject(Vec::new()), management);
            for (stack, judged) in nothing {
                assert_eq!(
                    judged.verdict,
                    Verdict::Refused("no identity-based policy allows it".to_owned()),
                    "{stack}: {judged:?}"
                );
            }
        }
    }

    #[test]
    fn the_guardrail_lets_the_deployment_pass_and_no_request_without_tags() {
        let zone = zone();
        let guardrail = stacks::guardrail(&zone).expect("the tenant has a guardrail");
        let guardrail = Policy::parse(&guardrail, Kind::ServiceControl).expect("a policy");
        let allowing = policy(&[json!({ "Effect": "Allow", "Action": "*", "Resource": "*" })]);
        let full = Policy::parse(&allowing.to_string(), Kind::ServiceControl).expect("a policy");
        let mut subject = subject(vec![attached("all", &allowing)]);
        subject.policies.organization = Some(Organization {
            management: "444455556666".to_owned(),
            service_control: vec![vec![Attached::new("p-full", full), Attached::new("p-tags", guardrail)]],
            resource_control: Vec::new(),
        });
        for (stack, judged) in found(&subject, false) {
            assert_eq!(judged.verdict, Verdict::Allowed, "{stack}: {judged:?}");
        }
        let mut keys = context(&zone, &RIGHTS[0]);
        keys.remove("aws:RequestTag/owner");
        let (request, policies) = asked(&subject, "kms:CreateKey", "*", MEMBER, &keys);
        let Verdict::Refused(why) = verdict(&request, &policies) else { panic!("it is allowed without a tag") };
        assert!(why.starts_with("service control policy of the organization `p-tags` denies it, statement "), "{why}");
    }

    #[test]
    fn each_refusal_names_the_policy_and_what_depends_on_a_request_its_keys() {
        let anything = policy(&[json!({ "Effect": "Allow", "Action": "*", "Resource": "*" })]);
        let all = attached("all", &anything);
        let refused = |why: &str| Verdict::Refused(why.to_owned());
        assert_eq!(of_key(&subject(vec![all.clone()]), "kms:PutKeyPolicy"), Verdict::Allowed);

        let denying = attached("strict", &policy(&[statement("Deny", "kms:PutKeyPolicy", &json!({}))]));
        let subject_of = |more: Attached| subject(vec![all.clone(), more]);
        assert_eq!(
            of_key(&subject_of(denying), "kms:PutKeyPolicy"),
            refused("identity-based policy `strict` denies it, statement number 1")
        );

        let mut bounded = subject(vec![all.clone()]);
        bounded.policies.boundary = Some(attached("b", &policy(&[statement("Allow", "s3:*", &json!({}))])));
        assert_eq!(of_key(&bounded, "kms:PutKeyPolicy"), refused("no permissions boundary allows it"));
        assert_eq!(of_key(&bounded, "s3:CreateBucket"), Verdict::Allowed);

        let elsewhere = statement("Deny", "*", &json!({ "NotIpAddress": { "aws:SourceIp": "203.0.113.0/24" } }));
        assert_eq!(
            of_key(&subject_of(attached("office", &policy(&[elsewhere]))), "kms:PutKeyPolicy"),
            Verdict::Open(vec!["aws:sourceip".to_owned()])
        );
        let plain = statement("Deny", "*", &json!({ "Bool": { "aws:SecureTransport": "false" } }));
        assert_eq!(of_key(&subject_of(attached("tls", &policy(&[plain]))), "kms:PutKeyPolicy"), Verdict::Allowed);

        let by_team = statement("Allow", "kms:*", &json!({ "StringEquals": { "aws:PrincipalTag/team": "platform" } }));
        let mut tagged = subject(vec![attached("team", &policy(&[by_team]))]);
        assert_eq!(
            of_key(&tagged, "kms:PutKeyPolicy"),
            Verdict::Open(vec!["aws:principaltag/team".to_owned()]),
            "its session may have the tag"
        );
        tagged.tags = vec![("team".to_owned(), "platform".to_owned())];
        assert_eq!(of_key(&tagged, "kms:PutKeyPolicy"), Verdict::Allowed);
    }
}
