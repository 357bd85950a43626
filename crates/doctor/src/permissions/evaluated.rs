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
        let of =
            |right: &'static Right| judged(subject, &zone, MEMBER, right, true).into_iter().map(|j| (right.stack, j));
        rights.flat_map(of).collect()
    }

    fn of_key(subject: &Subject, action: &str) -> Verdict {
        let found = found(subject, false).into_iter().find(|(_, judged)| judged.action == action);
        found.expect("a right").1.verdict
    }

    #[test]
    fn what_is_published_is_enough_and_nothing_is_allowed_without_it() {
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
        let right = RIGHTS.iter().find(|right| right.actions.contains(&"kms:CreateKey")).expect("a right");
        let (mut request, policies) = asked(&subject, &zone, MEMBER, right, "kms:CreateKey", "*");
        request.context_mut().remove("aws:RequestTag/owner");
        let Verdict::Refused(why) = verdict(&request, &policies) else { panic!("it is allowed without a tag") };
        assert!(why.starts_with("service control policy of the organization `p-tags`, statement "), "{why}");
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
            refused("identity-based policy `strict`, statement number 1 denies it")
        );

        let mut bounded = subject(vec![all.clone()]);
        bounded.policies.boundary = Some(attached("b", &policy(&[statement("Allow", "s3:*", &json!({}))])));
        assert_eq!(of_key(&bounded, "kms:PutKeyPolicy"), refused("no permissions boundary allows it"));
        assert_eq!(of_key(&bounded, "s3:CreateBucket"), Verdict::Allowed);

        let elsewhere = statement("Deny", "*", &json!({ "NotIpAddress": { "aws:SourceIp": "203.0.113.0/24" } }));
        assert_eq!(
            of_key(&subject_of(attached("office", &policy(&[elsewhere]))), "kms:PutKeyPolicy"),
            Verdict::Open(
                "denied where aws:SourceIp meets the condition of identity-based policy `office`, statement number 1"
                    .to_owned()
            )
        );
        let plain = statement("Deny", "*", &json!({ "Bool": { "aws:SecureTransport": "false" } }));
        assert_eq!(of_key(&subject_of(attached("tls", &policy(&[plain]))), "kms:PutKeyPolicy"), Verdict::Allowed);

        let by_team = statement("Allow", "kms:*", &json!({ "StringEquals": { "aws:PrincipalTag/team": "platform" } }));
        let mut tagged = subject(vec![attached("team", &policy(&[by_team]))]);
        assert_eq!(
            of_key(&tagged, "kms:PutKeyPolicy"),
            Verdict::Open("allowed only where aws:PrincipalTag/team meets the condition of a policy".to_owned()),
            "its session may have the tag"
        );
        tagged.tags = vec![("team".to_owned(), "platform".to_owned())];
        assert_eq!(of_key(&tagged, "kms:PutKeyPolicy"), Verdict::Allowed);
    }

    #[test]
    fn a_policy_for_resources_of_a_kind_counts_where_a_right_names_none() {
        let zone = zone();
        let right = RIGHTS.iter().find(|right| right.actions.contains(&"ec2:DeleteVpc")).expect("a right");
        let of = |statements: &[Value]| {
            let found = judged(&subject(vec![attached("own", &policy(statements))]), &zone, MEMBER, right, true);
            found.into_iter().find(|judged| judged.action == "ec2:DeleteVpc").expect("it is judged").verdict
        };
        let on = |effect: &str, resource: &str| json!({ "Effect": effect, "Action": "ec2:*", "Resource": resource });
        assert_eq!(of(&[on("Allow", "arn:aws:ec2:*:*:vpc/*")]), Verdict::Allowed);
        assert!(matches!(of(&[on("Allow", "arn:aws:ec2:*:*:subnet/*")]), Verdict::Refused(_)));
        assert!(matches!(of(&[on("Allow", "*"), on("Deny", "arn:aws:ec2:*:*:vpc/*")]), Verdict::Refused(_)));
    }

    #[test]
    fn tags_are_with_requests_that_can_carry_them_and_with_no_other() {
        let carries = |action: &str| {
            json!({ "Effect": "Allow", "Action": action, "Resource": "*",
            "Condition": { "StringEquals": { "aws:RequestTag/owner": zone().tags["owner"] } } })
        };
        let of = |action: &str| of_key(&subject(vec![attached("own", &policy(&[carries("kms:*")]))]), action);
        assert_eq!(of("kms:CreateKey"), Verdict::Allowed);
        assert_eq!(of("kms:PutKeyPolicy"), Verdict::Refused("no identity-based policy allows it".to_owned()));
        let listed = json!({ "Effect": "Deny", "Action": "*", "Resource": "*",
            "Condition": { "ForAnyValue:StringNotEquals": { "aws:TagKeys": zone().tags.keys().collect::<Vec<_>>() } } });
        let all = json!({ "Effect": "Allow", "Action": "*", "Resource": "*" });
        let strict = subject(vec![attached("own", &policy(&[all, listed]))]);
        assert!(
            matches!(of_key(&strict, "kms:CreateKey"), Verdict::Refused(_)),
            "the provider's own tag is not on the list"
        );
    }

    #[test]
    fn what_the_organization_may_refuse_is_unknown_while_it_is_not_read() {
        let right = RIGHTS.iter().find(|right| right.actions.contains(&"kms:CreateKey")).expect("a right");
        let everything =
            || subject(vec![attached("own", &policy(&[json!({ "Effect": "Allow", "Action": "*", "Resource": "*" })]))]);
        let verdicts =
            |subject: Subject| judged(&subject, &zone(), MEMBER, right, false).into_iter().map(|judged| judged.verdict);
        assert!(verdicts(everything()).all(|verdict| verdict == Verdict::Unknown));
        assert!(verdicts(subject(Vec::new())).all(|verdict| matches!(verdict, Verdict::Refused(_))), "a gap is a gap");
    }
}
