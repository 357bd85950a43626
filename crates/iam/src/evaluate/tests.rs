//! AWS's order, row by row: who asks, what says so, what comes out.

use super::{Attached, Organization, Policies, evaluate};
use crate::{
    context::Context,
    decision::{Decision, Layer},
    document::{Kind, Policy},
    principal::Principal,
    request::Request,
};

const HERE: &str = "111122223333";
const THERE: &str = "444455556666";
const KEY: &str = "arn:aws:kms:eu-west-1:111122223333:key/1";
const OBJECT: &str = "arn:aws:s3:::b/k";
const ROLE: &str = "arn:aws:iam::111122223333:role/team/app";

fn policy(kind: Kind, statements: &str) -> Attached {
    let text = format!(r#"{{"Version":"2012-10-17","Statement":[{statements}]}}"#);
    Attached::new("p", Policy::parse(&text, kind).unwrap_or_else(|error| panic!("{text}: {error}")))
}

fn identity(effect: &str, actions: &str) -> Attached {
    policy(Kind::Identity, &format!(r#"{{"Sid":"I","Effect":"{effect}","Action":"{actions}","Resource":"*"}}"#))
}

fn control(effect: &str, actions: &str) -> Attached {
    policy(Kind::ServiceControl, &format!(r#"{{"Sid":"C","Effect":"{effect}","Action":"{actions}","Resource":"*"}}"#))
}

#[expect(clippy::unnecessary_wraps, reason = "as the field has it")]
fn resource(effect: &str, principal: &str, actions: &str) -> Option<Attached> {
    let statement =
        format!(r#"{{"Sid":"R","Effect":"{effect}","Principal":{principal},"Action":"{actions}","Resource":"*"}}"#);
    Some(policy(Kind::Resource, &statement))
}

#[expect(clippy::unnecessary_wraps, reason = "as the field has it")]
fn trust(principal: &str) -> Option<Attached> {
    Some(policy(Kind::Trust, &format!(r#"{{"Effect":"Allow","Principal":{principal},"Action":"sts:AssumeRole"}}"#)))
}

fn session() -> Principal {
    Principal::Session { role: ROLE.into(), name: "s".into() }
}

fn user(account: &str) -> Principal {
    Principal::User(format!("arn:aws:iam::{account}:user/u"))
}

fn decide(principal: Principal, action: &str, on: &str, policies: &Policies) -> Decision {
    evaluate(&Request::new(principal, action, on, HERE, Context::new()), policies)
}

fn verdict(principal: Principal, action: &str, on: &str, policies: &Policies) -> (bool, Layer, bool) {
    let decision = decide(principal, action, on, policies);
    (decision.allowed, decision.layer, decision.explicit)
}

#[test]
fn without_a_word_nobody_may_and_a_deny_never_loses() {
    let none = Policies::default();
    assert_eq!(verdict(user(HERE), "s3:GetObject", OBJECT, &none), (false, Layer::Identity, false));
    let allowed = Policies { identity: vec![identity("Allow", "s3:*")], ..Policies::default() };
    assert_eq!(verdict(user(HERE), "s3:GetObject", OBJECT, &allowed), (true, Layer::Identity, false));
    assert_eq!(verdict(user(HERE), "sqs:SendMessage", "*", &allowed), (false, Layer::Identity, false));
    let everybody = r#""*""#;
    for denied in [
        Policies { identity: vec![identity("Allow", "*"), identity("Deny", "s3:Get*")], ..Policies::default() },
        Policies { resource: resource("Deny", everybody, "s3:GetObject"), ..allowed.clone() },
        Policies { boundary: Some(identity("Deny", "*")), ..allowed.clone() },
        Policies { session: vec![identity("Deny", "*")], ..allowed.clone() },
    ] {
        let decision = decide(user(HERE), "s3:GetObject", OBJECT, &denied);
        assert!(!decision.allowed && decision.explicit, "{decision}");
    }
}

#[test]
fn the_root_user_needs_no_policy_of_its_own() {
    let root = || Principal::Root(HERE.into());
    assert!(decide(root(), "s3:GetObject", OBJECT, &Policies::default()).allowed);
    assert_eq!(verdict(root(), "kms:Decrypt", KEY, &Policies::default()), (false, Layer::Resource, false));
    let account = resource("Allow", r#"{"AWS":"111122223333"}"#, "kms:*");
    assert!(decide(root(), "kms:Decrypt", KEY, &Policies { resource: account, ..Policies::default() }).allowed);
}

#[test]
fn a_resource_policy_of_the_same_account_is_enough_where_it_names_more_than_the_account() {
    for (principal, allowed) in [
        (r#""*""#, true),
        (r#"{"AWS":"arn:aws:iam::111122223333:role/team/app"}"#, true),
        (r#"{"AWS":"arn:aws:sts::111122223333:assumed-role/app/s"}"#, true),
        (r#"{"AWS":"111122223333"}"#, false),
        (r#"{"AWS":"444455556666"}"#, false),
    ] {
        let policies = Policies { resource: resource("Allow", principal, "s3:GetObject"), ..Policies::default() };
        assert_eq!(decide(session(), "s3:GetObject", OBJECT, &policies).allowed, allowed, "{principal}");
    }
}

#[test]
fn a_boundary_limits_a_role_that_a_resource_policy_names_and_no_user_or_session() {
    let bounded = |principal: &str| Policies {
        boundary: Some(identity("Allow", "sqs:*")),
        resource: resource("Allow", principal, "s3:GetObject"),
        ..Policies::default()
    };
    let role = bounded(r#"{"AWS":"arn:aws:iam::111122223333:role/team/app"}"#);
    assert_eq!(verdict(session(), "s3:GetObject", OBJECT, &role), (false, Layer::Boundary, false));
    let itself = bounded(r#"{"AWS":"arn:aws:sts::111122223333:assumed-role/app/s"}"#);
    assert_eq!(verdict(session(), "s3:GetObject", OBJECT, &itself), (true, Layer::Resource, false));
    let person = bounded(r#"{"AWS":"arn:aws:iam::111122223333:user/u"}"#);
    assert_eq!(verdict(user(HERE), "s3:GetObject", OBJECT, &person), (true, Layer::Resource, false));
}

#[test]
fn what_a_resource_policy_gives_everybody_is_given_to_the_session_itself() {
    let policies = |principal: &str, account: &str| Policies {
        identity: if account == HERE { Vec::new() } else { vec![identity("Allow", "*")] },
        boundary: Some(identity("Allow", "sqs:*")),
        session: vec![identity("Allow", "sqs:*")],
        resource: resource("Allow", principal, "s3:GetObject"),
        organization: None,
    };
    assert!(decide(session(), "s3:GetObject", OBJECT, &policies(r#""*""#, HERE)).allowed);
    // the role beside it takes nothing away
    let both = policies(r#"{"AWS":["*","arn:aws:iam::111122223333:role/team/app"]}"#, HERE);
    assert!(decide(session(), "s3:GetObject", OBJECT, &both).allowed);
    // another account has its own say
    let theirs = decide(user(THERE), "s3:GetObject", OBJECT, &policies(r#""*""#, THERE));
    assert_eq!((theirs.allowed, theirs.layer), (false, Layer::Boundary));
    let denied = Policies { session: vec![identity("Deny", "s3:*")], ..policies(r#""*""#, HERE) };
    assert!(!decide(session(), "s3:GetObject", OBJECT, &denied).allowed);
}

#[test]
fn a_deny_for_all_but_some_denies_whoever_has_a_boundary() {
    let but_the_user = format!(
        r#"{{"Sid":"N","Effect":"Deny","NotPrincipal":{{"AWS":["arn:aws:iam::{HERE}:user/u","{HERE}"]}},"Action":"s3:*","Resource":"*"}}"#
    );
    let without = Policies {
        identity: vec![identity("Allow", "*")],
        resource: Some(policy(Kind::Resource, &but_the_user)),
        ..Policies::default()
    };
    assert!(decide(user(HERE), "s3:GetObject", OBJECT, &without).allowed);
    let bounded = Policies { boundary: Some(identity("Allow", "*")), ..without };
    assert_eq!(verdict(user(HERE), "s3:GetObject", OBJECT, &bounded), (false, Layer::Resource, true));
    assert!(decide(user(HERE), "sqs:SendMessage", OBJECT, &bounded).allowed, "of which the statement does not speak");
}

#[test]
fn another_account_needs_both() {
    let own = vec![identity("Allow", "s3:*")];
    let given = resource("Allow", r#"{"AWS":"444455556666"}"#, "s3:GetObject");
    let ask = |identity: Vec<Attached>, resource: Option<Attached>| {
        verdict(user(THERE), "s3:GetObject", OBJECT, &Policies { identity, resource, ..Policies::default() })
    };
    assert_eq!(ask(own.clone(), given.clone()), (true, Layer::Identity, false));
    assert_eq!(ask(own, None), (false, Layer::Resource, false));
    assert_eq!(ask(Vec::new(), given), (false, Layer::Identity, false));
}

#[test]
fn a_key_decides_and_can_hand_on_to_the_account() {
    let own = vec![identity("Allow", "kms:*")];
    let ask = |resource: Option<Attached>| {
        decide(session(), "kms:Decrypt", KEY, &Policies { identity: own.clone(), resource, ..Policies::default() })
            .allowed
    };
    assert!(!ask(None));
    assert!(!ask(resource("Allow", r#"{"AWS":"arn:aws:iam::111122223333:role/other"}"#, "kms:*")));
    assert!(ask(resource("Allow", r#"{"AWS":"arn:aws:iam::111122223333:root"}"#, "kms:*")));
    assert!(ask(resource("Allow", r#"{"AWS":"arn:aws:iam::111122223333:role/team/app"}"#, "kms:Decrypt")));
    let create = Policies { identity: own, ..Policies::default() };
    assert!(decide(session(), "kms:CreateKey", "*", &create).allowed, "there is no key yet");
}

#[test]
fn a_role_is_assumed_by_whom_it_trusts() {
    let may = vec![identity("Allow", "sts:AssumeRole")];
    let ask = |who: Principal, identity: Vec<Attached>, resource: Option<Attached>| {
        decide(who, "sts:AssumeRole", ROLE, &Policies { identity, resource, ..Policies::default() }).allowed
    };
    assert!(ask(user(HERE), Vec::new(), trust(r#"{"AWS":"arn:aws:iam::111122223333:user/u"}"#)));
    assert!(!ask(user(HERE), Vec::new(), trust(r#"{"AWS":"111122223333"}"#)));
    assert!(ask(user(HERE), may.clone(), trust(r#"{"AWS":"111122223333"}"#)));
    assert!(!ask(user(HERE), may.clone(), trust(r#"{"Service":"lambda.amazonaws.com"}"#)));
    assert!(ask(
        Principal::Service("lambda.amazonaws.com".into()),
        Vec::new(),
        trust(r#"{"Service":"lambda.amazonaws.com"}"#)
    ));
    assert!(!ask(user(THERE), Vec::new(), trust(r#"{"AWS":"arn:aws:iam::444455556666:user/u"}"#)));
    assert!(ask(user(THERE), may, trust(r#"{"AWS":"arn:aws:iam::444455556666:user/u"}"#)));
}

#[test]
fn an_organization_binds_its_members_at_every_level() {
    let organization = |service_control: Vec<Vec<Attached>>| {
        Some(Organization { management: THERE.into(), service_control, resource_control: Vec::new() })
    };
    let all = || vec![control("Allow", "*")];
    let ask = |who: Principal, organization: Option<Organization>| {
        let policies = Policies { identity: vec![identity("Allow", "*")], organization, ..Policies::default() };
        verdict(who, "ec2:CreateVpc", "*", &policies)
    };
    assert!(ask(session(), organization(vec![all(), all()])).0);
    assert_eq!(ask(session(), organization(vec![all(), Vec::new()])), (false, Layer::ServiceControl, false));
    let denied = || organization(vec![all(), vec![control("Allow", "*"), control("Deny", "ec2:Create*")]]);
    assert_eq!(ask(session(), denied()), (false, Layer::ServiceControl, true));
    assert!(!ask(Principal::Root(HERE.into()), denied()).0, "the root user of a member, too");
    let linked = "arn:aws:iam::111122223333:role/aws-service-role/x.amazonaws.com/X";
    assert!(ask(Principal::Session { role: linked.into(), name: "s".into() }, denied()).0);
    let ours = Request::new(Principal::Root(THERE.into()), "ec2:CreateVpc", "*", THERE, Context::new());
    assert!(evaluate(&ours, &Policies { organization: denied(), ..Policies::default() }).allowed);
}

#[test]
fn a_resource_control_policy_binds_strangers_and_services() {
    let deny = r#"{"Sid":"C","Effect":"Deny","Principal":"*","Action":"s3:*","Resource":"*","Condition":{"StringNotEqualsIfExists":{"aws:PrincipalAccount":"111122223333"}}}"#;
    let all = r#"{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*"}"#;
    let level = || vec![policy(Kind::ResourceControl, all), policy(Kind::ResourceControl, deny)];
    let organization =
        Organization { management: "999988887777".into(), resource_control: vec![level()], service_control: vec![] };
    let policies = Policies {
        identity: vec![identity("Allow", "*")],
        resource: resource("Allow", r#""*""#, "s3:*"),
        organization: Some(organization),
        ..Policies::default()
    };
    assert!(decide(session(), "s3:GetObject", OBJECT, &policies).allowed);
    assert_eq!(verdict(user(THERE), "s3:GetObject", OBJECT, &policies), (false, Layer::ResourceControl, true));
    assert_eq!(verdict(Principal::Anonymous, "s3:GetObject", OBJECT, &policies), (false, Layer::ResourceControl, true));
}

#[test]
fn services_and_strangers_live_on_the_resource_policy_alone() {
    let sns = || Principal::Service("sns.amazonaws.com".into());
    let to_sns =
        Policies { resource: resource("Allow", r#"{"Service":"sns.amazonaws.com"}"#, "sqs:*"), ..Policies::default() };
    assert!(decide(sns(), "sqs:SendMessage", "arn:aws:sqs:r:111122223333:q", &to_sns).allowed);
    assert!(!decide(Principal::Anonymous, "sqs:SendMessage", "arn:aws:sqs:r:111122223333:q", &to_sns).allowed);
    let to_all = Policies { resource: resource("Allow", r#""*""#, "s3:GetObject"), ..Policies::default() };
    assert!(decide(Principal::Anonymous, "s3:GetObject", OBJECT, &to_all).allowed);
    assert_eq!(verdict(Principal::Anonymous, "s3:PutObject", OBJECT, &to_all), (false, Layer::Resource, false));
}

#[test]
fn a_session_policy_only_takes_away() {
    let policies = |session: &str| Policies {
        identity: vec![identity("Allow", "s3:*")],
        session: vec![identity("Allow", session)],
        ..Policies::default()
    };
    assert!(decide(session(), "s3:GetObject", OBJECT, &policies("s3:Get*")).allowed);
    assert_eq!(verdict(session(), "s3:PutObject", OBJECT, &policies("s3:Get*")), (false, Layer::Session, false));
    assert_eq!(verdict(session(), "sqs:SendMessage", "*", &policies("*")), (false, Layer::Identity, false));
}

#[test]
fn the_guardrails_form_one_missing_tag_is_enough_to_be_denied() {
    let statement = |tag: &str| {
        format!(
            r#"{{"Sid":"{tag}0","Effect":"Deny","Action":["s3:CreateBucket"],"Resource":"*","Condition":{{"Null":{{"aws:RequestTag/{tag}":"true"}},"ArnNotLike":{{"aws:PrincipalArn":"arn:aws:iam::*:role/Bootstrap"}}}}}}"#
        )
    };
    let guardrail = policy(Kind::ServiceControl, &[statement("owner"), statement("stage")].join(","));
    let organization = Some(Organization {
        management: THERE.into(),
        service_control: vec![vec![control("Allow", "*"), guardrail]],
        resource_control: Vec::new(),
    });
    let policies = Policies { identity: vec![identity("Allow", "*")], organization, ..Policies::default() };
    let ask = |role: &str, tags: &[&str]| {
        let mut context = Context::new();
        for tag in tags {
            context.set(&format!("aws:RequestTag/{tag}"), "x");
        }
        let who = Principal::Session { role: format!("arn:aws:iam::{HERE}:role/{role}"), name: "s".into() };
        evaluate(&Request::new(who, "s3:CreateBucket", "arn:aws:s3:::new", HERE, context), &policies)
    };
    assert!(ask("app", &["owner", "stage"]).allowed);
    assert!(ask("Bootstrap", &[]).allowed);
    let denied = ask("app", &["owner"]);
    assert_eq!(denied.to_string(), "with an explicit deny in a service control policy (`p`, statement stage0)");
    assert_eq!(ask("app", &[]).statement.as_deref(), Some("owner0"));
}

#[test]
fn tags_of_a_session_are_a_matter_of_the_trust_policy_too() {
    let trust = |actions: &str| {
        let statement = format!(r#"{{"Effect":"Allow","Principal":{{"AWS":"{HERE}"}},"Action":{actions}}}"#);
        let (identity, resource) = (vec![identity("Allow", "sts:*")], Some(policy(Kind::Trust, &statement)));
        Policies { identity, resource, ..Policies::default() }
    };
    for action in ["sts:TagSession", "sts:SetSourceIdentity"] {
        let both = format!(r#"["sts:AssumeRole","{action}"]"#);
        assert!(decide(user(HERE), action, ROLE, &trust(&both)).allowed, "{action}");
        let without = trust(r#""sts:AssumeRole""#);
        assert_eq!(verdict(user(HERE), action, ROLE, &without), (false, Layer::Resource, false), "{action}");
        let case = serde_json::json!({
            "request": {
                "principal": {"user": format!("arn:aws:iam::{HERE}:user/u")},
                "action": action,
                "resource": ROLE,
                "account": HERE,
            },
            "policies": {
                "identity": [{"name": "i", "document": {"Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}}],
                "resource": {"name": "r", "document": {"Statement": {"Effect": "Allow", "Principal": {"AWS": HERE}, "Action": action}}},
            },
        });
        let case: crate::Case = serde_json::from_value(case).expect("a case");
        assert!(case.evaluate().expect("a trust policy has no resource").allowed, "{action}");
    }
}

#[test]
fn everybody_may_ask_who_it_is() {
    let denied = Policies { identity: vec![identity("Deny", "*")], ..Policies::default() };
    for who in [user(HERE), session(), Principal::Root(HERE.into())] {
        assert!(decide(who, "sts:GetCallerIdentity", "*", &denied).allowed);
    }
    assert!(!decide(Principal::Anonymous, "sts:GetCallerIdentity", "*", &Policies::default()).allowed);
    assert!(!decide(user(HERE), "sts:GetSessionToken", "*", &denied).allowed);
}

#[test]
fn a_resource_control_policy_binds_only_services_that_take_it() {
    let deny = policy(Kind::ResourceControl, r#"{"Effect":"Deny","Principal":"*","Action":"*","Resource":"*"}"#);
    let organization =
        Organization { management: THERE.into(), service_control: Vec::new(), resource_control: vec![vec![deny]] };
    let policies =
        Policies { identity: vec![identity("Allow", "*")], organization: Some(organization), ..Policies::default() };
    assert_eq!(verdict(user(HERE), "s3:GetObject", OBJECT, &policies), (false, Layer::ResourceControl, true));
    let function = "arn:aws:lambda:eu-west-1:111122223333:function:f";
    assert!(decide(user(HERE), "lambda:InvokeFunction", function, &policies).allowed);
}
