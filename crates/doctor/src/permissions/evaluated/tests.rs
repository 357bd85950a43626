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
    let principal = Principal::Session { role: format!("arn:aws:iam::{MEMBER}:role/deploy"), name: "me".to_owned() };
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
    let of = |right: &'static Right| judged(subject, &zone, MEMBER, right, true).into_iter().map(|j| (right.stack, j));
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
