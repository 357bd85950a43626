//! Keys.

use aws_sdk_kms::types::{KeyMetadata, KeySpec, KeyState};
use cucumber::{then, when};

use super::names;
use crate::{
    clients::refused,
    policy::{self, Principal},
    rights::{self, Grant},
    session::Session,
    world::{Failure, Judged, World, ensure, seen},
};

/// The key that KMS knows under a name of whatever form: id, ARN, alias.
pub(crate) async fn describe(session: &Session, name: &str) -> Judged<KeyMetadata> {
    let answer = session.clients.kms.describe_key().key_id(name).send().await;
    let answer = answer.map_err(|error| refused("kms:DescribeKey", name, &error))?;
    answer.key_metadata.ok_or_else(|| format!("kms:DescribeKey of `{name}`: the answer has no key").into())
}

/// Holds the key called `name` against the one that the contract names for `class`; `what` is encrypted with it.
pub(crate) async fn is_key_of(world: &World, name: &str, class: &str, what: &str) -> Judged {
    let expected = world.published(&format!("kms/{class}/arn"))?.value;
    let found = describe(&*world.session()?, name).await?.arn.unwrap_or_default();
    ensure!(found == expected, "{what} is encrypted with `{found}`, the key of class {class} is `{expected}`");
    Ok(())
}

#[when("KMS describes the key")]
async fn describe_key(world: &mut World) -> Judged {
    world.key = Some(describe(&*world.session()?, &world.entry()?.value).await?);
    Ok(())
}

#[when("KMS tells the key's rotation")]
async fn rotation(world: &mut World) -> Judged {
    let arn = &world.entry()?.value;
    let answer = world.session()?.clients.kms.get_key_rotation_status().key_id(arn).send().await;
    world.rotation = Some(answer.map_err(|error| refused("kms:GetKeyRotationStatus", arn, &error))?);
    Ok(())
}

#[then("the key is enabled and symmetric")]
fn is_enabled(world: &mut World) -> Judged {
    let key = seen(world.key.as_ref(), "key")?;
    let state = key.key_state();
    let found = state.map_or("unknown", KeyState::as_str);
    ensure!(state == Some(&KeyState::Enabled), "the key is in state {found}");
    let spec = key.key_spec();
    let found = spec.map_or("unknown", KeySpec::as_str);
    ensure!(spec == Some(&KeySpec::SymmetricDefault), "the key is of the kind {found}");
    Ok(())
}

#[then(expr = "the key has the alias {string}")]
async fn has_alias(world: &mut World, alias: String) -> Judged {
    let session = world.session()?;
    let arn = &world.entry()?.value;
    let mut pages = session.clients.kms.list_aliases().key_id(arn).into_paginator().items().send();
    let mut found = Vec::new();
    while let Some(entry) = pages.next().await {
        let entry = entry.map_err(|error| refused("kms:ListAliases", arn, &error))?;
        found.extend(entry.alias_name);
    }
    ensure!(found.contains(&alias), "the key has no alias `{alias}`, it has {found:?}");
    Ok(())
}

#[then("rotation is on")]
fn rotates(world: &mut World) -> Judged {
    let rotation = seen(world.rotation.as_ref(), "rotation")?;
    ensure!(rotation.key_rotation_enabled(), "rotation is off");
    Ok(())
}

#[then(expr = "the key rotates every {int} days")]
fn rotates_every(world: &mut World, days: i32) -> Judged {
    let rotation = seen(world.rotation.as_ref(), "rotation")?;
    ensure!(rotation.key_rotation_enabled(), "rotation is off");
    let Some(found) = rotation.rotation_period_in_days() else {
        // AWS always tells it while rotation is on; moto 5.2.1 does not
        return Err(Failure::not_evaluated("kms:GetKeyRotationStatus answered without RotationPeriodInDays"));
    };
    ensure!(found == days, "the key rotates every {found} days");
    Ok(())
}

#[then("the key has the ARN that the contract says")]
fn has_arn(world: &mut World) -> Judged {
    let (found, said) = (seen(world.key.as_ref(), "key")?.arn(), &world.entry()?.value);
    ensure!(found == Some(said), "KMS calls the key `{}`, the contract `{said}`", found.unwrap_or_default());
    Ok(())
}

#[then("the key belongs to this account and region")]
fn is_ours(world: &mut World) -> Judged {
    let target = &world.session()?.target;
    let arn = seen(world.key.as_ref(), "key")?.arn().unwrap_or_default();
    let mut parts = arn.split(':').skip(3);
    let found = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
    ensure!(found == (&*target.region, &*target.account), "the key `{arn}` is not in {}", target.place());
    Ok(())
}

/// To read and to write behind another service: the data key is made once and read many times.
const USE: [&str; 2] = ["kms:Decrypt", "kms:GenerateDataKey*"];

#[then(expr = "the account's own policies, and {string}, say who uses the key")]
async fn is_used_by(world: &mut World, services: String) -> Judged {
    let (session, arn) = (world.session()?, world.entry()?.value.clone());
    let answer = session.clients.kms.get_key_policy().key_id(&arn).policy_name("default").send().await;
    let answer = answer.map_err(|error| refused("kms:GetKeyPolicy", &arn, &error))?;
    let statements = policy::statements(answer.policy().unwrap_or_default())?;
    let root = Principal::Aws(format!("arn:aws:iam::{}:root", session.target.account));
    let services = names(&services).into_iter().filter(|service| *service != "no service");
    let grants = services.map(|service| for_service(&session, service)).collect::<Judged<Vec<_>>>()?;
    let own = Grant::of(["kms:*"], ["*"]).to(root);
    rights::exactly(&statements, &[vec![own], grants.concat()].concat())
}

/// What a service does with the key, for things of this account only. Each is narrowed by what it really sends.
fn for_service(session: &Session, service: &str) -> Judged<Vec<Grant>> {
    let (region, account) = (&session.target.region, &session.target.account);
    let of = |service: &str, actions: &[&str]| {
        Grant::of(actions, ["*"]).to(Principal::Service(format!("{service}.amazonaws.com")))
    };
    let context = |kind: &str| format!("kms:EncryptionContext:aws:{kind}");
    Ok(match service {
        "cloudtrail" => vec![
            of(service, &["kms:GenerateDataKey*"]).when(
                "StringLike",
                &context("cloudtrail:arn"),
                [format!("arn:aws:cloudtrail:*:{account}:trail/*")],
            ),
            of(service, &["kms:Decrypt", "kms:DescribeKey", "kms:GenerateDataKey*"]).when(
                "ArnLike",
                "aws:SourceArn",
                [format!("arn:aws:cloudtrail:{region}:{account}:trail/*")],
            ),
        ],
        "logs" => {
            let actions = ["kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey*", "kms:ReEncrypt*"];
            let groups = format!("arn:aws:logs:{region}:{account}:*");
            vec![of(&format!("logs.{region}"), &actions).when("ArnLike", &context("logs:arn"), [groups])]
        }
        "events" | "s3" => {
            let queues = format!("arn:aws:sqs:{region}:{account}:*");
            vec![of(service, &USE).when("ArnLike", &context("sqs:arn"), [queues])]
        }
        "cloudwatch" => {
            let topics = format!("arn:aws:sns:{region}:{account}:*");
            vec![of(service, &USE).when("ArnLike", &context("sns:topicArn"), [topics])]
        }
        "sns" => vec![of(service, &USE).when("StringEquals", "aws:SourceAccount", [account])],
        other => return Err(format!("nobody has said what {other} does with a key").into()),
    })
}
