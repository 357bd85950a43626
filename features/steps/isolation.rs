//! What roles can do and cannot do, by `iam`'s decisions over the live policies.

use cucumber::{then, when};
use iam::{Attached, Context, Decision, Kind, Policies, Policy, Principal, Request, evaluate};

use super::{
    names,
    roles::{self, arn, granted, name_of},
};
use crate::{
    clients::refused,
    policy::glob,
    world::{Judged, World, ensure, seen},
};

/// The name of a session and of things that do not exist; they are never asked for.
const ANY: &str = "zone-any";
/// A service and an account that no zone trusts.
const STRANGE_SERVICE: &str = "ec2.amazonaws.com";
const STRANGE_ACCOUNT: &str = "000000000000";

/// What no function needs, and whoever could do it could undo what protects the zone.
const PROTECTION: [(&str, &str); 14] = [
    ("iam:AttachRolePolicy", "arn:aws:iam::{account}:role/zone-any"),
    ("iam:CreateRole", "arn:aws:iam::{account}:role/zone-any"),
    ("iam:PassRole", "arn:aws:iam::{account}:role/zone-any"),
    ("iam:PutRolePolicy", "arn:aws:iam::{account}:role/zone-any"),
    ("iam:UpdateAssumeRolePolicy", "arn:aws:iam::{account}:role/zone-any"),
    ("sts:AssumeRole", "arn:aws:iam::{account}:role/zone-any"),
    ("kms:PutKeyPolicy", "*"),
    ("kms:ScheduleKeyDeletion", "*"),
    ("cloudtrail:StopLogging", "arn:aws:cloudtrail:{region}:{account}:trail/zone-any"),
    ("cloudtrail:DeleteTrail", "arn:aws:cloudtrail:{region}:{account}:trail/zone-any"),
    ("logs:DeleteLogGroup", "arn:aws:logs:{region}:{account}:log-group:zone-any"),
    ("events:PutPermission", "arn:aws:events:{region}:{account}:event-bus/zone-any"),
    ("ssm:PutParameter", "arn:aws:ssm:{region}:{account}:parameter/zone-any"),
    ("s3:PutBucketPolicy", "arn:aws:s3:::zone-any"),
];

/// Every policy of a role.
#[derive(Debug, Default)]
pub(crate) struct Subject {
    policies: Option<Policies>,
}

#[when("IAM describes every policy of the role")]
async fn describe(world: &mut World) -> Judged {
    let arn = world.entry()?.value.clone();
    let name = name_of(&arn)?.to_owned();
    let mut identity = Vec::new();
    for (policy, text) in roles::inline_documents(world, &name).await? {
        identity.push(attached(&policy, Kind::Identity, &text)?);
    }
    for policy in roles::attached(world, &name).await? {
        identity.push(managed(world, &policy).await?);
    }
    let role = roles::told(world, &name).await?;
    let boundary = role.permissions_boundary().and_then(|boundary| boundary.permissions_boundary_arn());
    let boundary = match boundary {
        Some(policy) => Some(managed(world, policy).await?),
        None => None,
    };
    world.subject.policies = Some(Policies { identity, boundary, ..Policies::default() });
    Ok(())
}

async fn managed(world: &World, arn: &str) -> Judged<Attached> {
    attached(arn, Kind::Identity, &roles::managed_document(world, arn).await?)
}

/// A policy as the evaluator takes it.
pub(crate) fn attached(name: &str, kind: Kind, text: &str) -> Judged<Attached> {
    let policy = Policy::parse(text, kind).map_err(|malformed| format!("the policy `{name}`: {malformed}"))?;
    Ok(Attached::new(name, policy))
}

/// Decides a request of the role that the scenario is about.
fn decide(world: &World, action: &str, resource: &str, on: Option<Attached>) -> Judged<Decision> {
    let policies = seen(world.subject.policies.as_ref(), "role's policies")?;
    let target = &world.session()?.target;
    let principal = Principal::Session { role: world.entry()?.value.clone(), name: ANY.to_owned() };
    let mut context = Context::new();
    context.set("aws:SecureTransport", "true");
    context.set("aws:RequestedRegion", target.region.as_str());
    let request = Request::new(principal, action, resource, &target.account, context);
    Ok(evaluate(&request, &Policies { resource: on, ..policies.clone() }))
}

/// Holds what the role can do with each of these things against what it should.
fn exactly(world: &World, action: &str, things: Vec<(String, bool, Option<Attached>)>) -> Judged {
    // what is granted in the configuration is meant as it is written there
    let granted = granted(world, action)?;
    for (resource, own, policy) in things {
        let should = own || granted.iter().any(|pattern| glob(pattern, &resource));
        let decision = decide(world, action, &resource, policy)?;
        ensure!(decision.allowed || !should, "the role cannot do {action} on `{resource}`: {decision}");
        ensure!(!decision.allowed || should, "the role can do {action} on `{resource}`: {decision}");
    }
    Ok(())
}

#[then(expr = "the role can put events on the bus of {string} and on no other domain's")]
fn puts_events(world: &mut World, bus: String) -> Judged {
    let zone = world.session()?.target.zone.clone();
    let of = |domain: &config::Domain| {
        Ok((arn(world, "events", &format!("event-bus/{}", domain.bus))?, domain.bus == bus, None))
    };
    exactly(world, "events:PutEvents", zone.domains.iter().map(of).collect::<Judged<_>>()?)
}

#[then(expr = "the role can decrypt with the keys of the classes {string} and with no other class's")]
async fn decrypts(world: &mut World, classes: String) -> Judged {
    let session = world.session()?;
    let mut keys = Vec::new();
    for class in &session.target.zone.classes {
        let key = world.published(&format!("kms/{}/arn", class.name))?.value;
        let answer = session.clients.kms.get_key_policy().key_id(&key).policy_name("default").send().await;
        let answer = answer.map_err(|error| refused("kms:GetKeyPolicy", &key, &error))?;
        let policy = attached(&key, Kind::Resource, answer.policy().unwrap_or_default())?;
        keys.push((key, names(&classes).contains(&class.name.as_str()), Some(policy)));
    }
    exactly(world, "kms:Decrypt", keys)
}

#[then(expr = "the role can read secrets of {string} and no other domain's")]
fn reads_secrets(world: &mut World, bus: String) -> Judged {
    let zone = world.session()?.target.zone.clone();
    let of = |domain: &config::Domain| {
        // AWS puts six characters behind a secret's name
        let secret = arn(world, "secretsmanager", &format!("secret:{}/{ANY}-a1b2c3", domain.bus))?;
        Ok((secret, domain.bus == bus, None))
    };
    exactly(world, "secretsmanager:GetSecretValue", zone.domains.iter().map(of).collect::<Judged<_>>()?)
}

#[then("the role cannot change policies, keys, trails or logs, or assume another role")]
fn changes_nothing(world: &mut World) -> Judged {
    let target = world.session()?.target.clone();
    for (action, resource) in PROTECTION {
        let resource = resource.replace("{account}", &target.account).replace("{region}", &target.region);
        exactly(world, action, vec![(resource, false, None)])?;
    }
    Ok(())
}

/// Whether somebody can assume the role that the scenario is about, with policies of his own that would let him.
fn assumes(world: &World, who: Principal, action: &str, keys: &[(&str, &str)]) -> Judged<bool> {
    let role = world.entry()?.value.clone();
    let trust = attached(&role, Kind::Trust, world.iam.trust_document()?)?;
    let everything = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}"#;
    let policies = Policies {
        identity: vec![attached("everything", Kind::Identity, everything)?],
        resource: Some(trust),
        ..Policies::default()
    };
    let mut context = Context::new();
    for (key, value) in keys {
        context.set(key, *value);
    }
    let account = &world.session()?.target.account;
    Ok(evaluate(&Request::new(who, action, &role, account, context), &policies).allowed)
}

#[then("functions of this account can assume the role, and other roles, accounts and services cannot")]
fn only_functions(world: &mut World) -> Judged {
    let target = world.session()?.target.clone();
    let lambda = || Principal::Service("lambda.amazonaws.com".to_owned());
    let assume = |who, keys: &[(&str, &str)]| assumes(world, who, "sts:AssumeRole", keys);
    let tag = target.zone.roles.as_ref().and_then(|roles| roles.tag_in_trust.as_ref());
    let tag = tag.map(|tag| format!("aws:RequestTag/{tag}"));
    let of = |account| {
        let tag = tag.iter().map(|key| (key.as_str(), ANY));
        std::iter::once(("aws:SourceAccount", account)).chain(tag).collect::<Vec<_>>()
    };
    let own = of(&target.account);
    ensure!(assume(lambda(), &own)?, "Lambda cannot assume the role for this account");
    if let Some(key) = &tag {
        ensure!(!assume(lambda(), &own[..1])?, "Lambda can assume the role without `{key}`");
    }
    let strange = assume(lambda(), &of(STRANGE_ACCOUNT))?;
    ensure!(!strange, "Lambda can assume the role for another account");
    let other = assume(Principal::Service(STRANGE_SERVICE.to_owned()), &own)?;
    ensure!(!other, "{STRANGE_SERVICE} can assume the role");
    for domain in &target.zone.domains {
        let role = world.published(&format!("iam/lambda/{}/arn", domain.bus))?.value;
        let can = assume(Principal::Session { role: role.clone(), name: ANY.to_owned() }, &[])?;
        ensure!(!can, "`{role}` can assume the role");
    }
    for account in [target.account.as_str(), STRANGE_ACCOUNT] {
        let can = assume(Principal::User(format!("arn:aws:iam::{account}:user/{ANY}")), &[])?;
        ensure!(!can, "a user of account {account} can assume the role");
    }
    Ok(())
}

#[then(
    expr = "a token of each subject in {string} assumes the role, and a token of another repository or audience does not"
)]
fn tokens(world: &mut World, subjects: String) -> Judged {
    let host = "token.actions.githubusercontent.com";
    let account = world.session()?.target.account.clone();
    let provider = Principal::Federated(format!("arn:aws:iam::{account}:oidc-provider/{host}"));
    let (sub, aud) = (format!("{host}:sub"), format!("{host}:aud"));
    let takes = |subject: &str, audience: &str| {
        let keys = [(sub.as_str(), subject), (aud.as_str(), audience)];
        assumes(world, provider.clone(), "sts:AssumeRoleWithWebIdentity", &keys)
    };
    let audience = "sts.amazonaws.com";
    for pattern in names(&subjects) {
        let subject = pattern.replace('*', ANY);
        ensure!(takes(&subject, audience)?, "a token of `{subject}` does not assume the role");
        ensure!(!takes(&subject, "https://github.com/zone-any")?, "a token for another audience assumes the role");
        // the same workflow of a repository whose name only begins like it, and of another owner's
        let (repository, what) = subject.rsplit_once(':').unwrap_or((&subject, ""));
        let repository = repository.split(':').take(2).collect::<Vec<_>>().join(":");
        for strange in
            [format!("{repository}-fork:{what}"), format!("repo:{ANY}/{ANY}:{what}"), format!("repo:{ANY}/{ANY}")]
        {
            ensure!(!takes(&strange, audience)?, "a token of `{strange}` assumes the role");
        }
    }
    Ok(())
}

#[then("people of this account assume the role with a second factor, and not without one")]
fn people(world: &mut World) -> Judged {
    let account = world.session()?.target.account.clone();
    let user = |account: &str| Principal::User(format!("arn:aws:iam::{account}:user/{ANY}"));
    let factor = |present: &'static str| [("aws:MultiFactorAuthPresent", present)];
    let assume = |who, keys: &[(&str, &str)]| assumes(world, who, "sts:AssumeRole", keys);
    ensure!(
        assume(user(&account), &factor("true"))?,
        "nobody of this account can assume the role with a second factor"
    );
    ensure!(!assume(user(&account), &factor("false"))?, "who has no second factor can assume the role");
    ensure!(!assume(user(&account), &[])?, "requests that are signed with a long-term key can assume the role");
    ensure!(!assume(user(STRANGE_ACCOUNT), &factor("true"))?, "people of another account can assume the role");
    Ok(())
}

#[then(expr = "sessions of Identity Center's role {string} assume the role, and those of other permission sets do not")]
fn single_sign_on(world: &mut World, pattern: String) -> Judged {
    let account = world.session()?.target.account.clone();
    let assume = |path: &str, name: &str| {
        let role = format!("arn:aws:iam::{account}:role/{path}{name}");
        assumes(world, Principal::Session { role, name: ANY.to_owned() }, "sts:AssumeRole", &[])
    };
    // AWS puts the region between, save for one
    let reserved = "aws-reserved/sso.amazonaws.com/";
    let regional = format!("{reserved}{}/", world.session()?.target.region);
    let name = pattern.replace('*', ANY);
    ensure!(assume(reserved, &name)? && assume(&regional, &name)?, "a session of `{name}` cannot assume the role");
    let other = format!("AWSReservedSSO_{ANY}_{ANY}");
    ensure!(!assume(reserved, &other)?, "a session of another permission set can assume the role");
    ensure!(!assume("", &name)?, "a session of a role that only has the name can assume the role");
    Ok(())
}
