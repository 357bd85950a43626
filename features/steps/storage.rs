//! Buckets.

use aws_sdk_s3::{
    operation::{
        get_bucket_versioning::GetBucketVersioningOutput, get_public_access_block::GetPublicAccessBlockOutput,
        head_bucket::HeadBucketOutput,
    },
    types::{
        BucketVersioningStatus, LoggingEnabled, ObjectLockConfiguration, ObjectOwnership, ServerSideEncryption,
        ServerSideEncryptionRule,
    },
};
use cucumber::{given, then, when};

use super::{kms, lifecycle::Lifecycle, modules};
use crate::{
    clients::refused,
    policy::{self, Condition, Principal, Statement},
    rights::{self, Grant},
    session::Session,
    world::{Judged, World, ensure, seen},
};

/// One bucket: what the contract calls it, and what S3 told of it.
#[derive(Debug, Default)]
pub(crate) struct Bucket {
    pub(crate) name: String,
    pub(crate) arn: String,
    head: Option<HeadBucketOutput>,
    encryption: Option<ServerSideEncryptionRule>,
    versioning: Option<GetBucketVersioningOutput>,
    public_access: Option<GetPublicAccessBlockOutput>,
    pub(crate) policy: Option<Vec<Statement>>,
    pub(crate) lifecycle: Option<Lifecycle>,
    lock: Option<ObjectLockConfiguration>,
    ownership: Option<ObjectOwnership>,
    logging: Option<LoggingEnabled>,
}

impl Bucket {
    /// One of which only the name is known.
    pub(super) fn called(name: String) -> Self {
        Self { arn: format!("arn:aws:s3:::{name}"), name, ..Self::default() }
    }
}

/// Calls S3 about the scenario's bucket, and makes sure that it is the account's and no stranger's of the same name.
macro_rules! ask {
    ($world:expr, $call:ident, $action:literal) => {{
        let session = $world.session()?;
        let name = &bucket($world)?.name;
        let owner = &session.target.account;
        let answer = session.clients.s3.$call().bucket(name).expected_bucket_owner(owner).send().await;
        answer.map_err(|error| refused(concat!("s3:", $action), name, &error))?
    }};
}

#[given(expr = "the bucket of purpose {string} in the contract")]
fn named(world: &mut World, purpose: String) -> Judged {
    let name = world.published(&format!("s3/{purpose}/name"))?.value;
    let arn = world.published(&format!("s3/{purpose}/arn"))?.value;
    world.bucket = Some(Bucket { name, arn, ..Bucket::default() });
    Ok(())
}

#[when("S3 is asked for the bucket")]
async fn head(world: &mut World) -> Judged {
    let session = world.session()?;
    let name = bucket(world)?.name.clone();
    let call = session.clients.s3.head_bucket().bucket(&name).expected_bucket_owner(&session.target.account);
    match call.send().await {
        Ok(answer) => bucket_mut(world)?.head = Some(answer),
        Err(error) => {
            let failure = refused("s3:HeadBucket", &name, &error);
            if failure.is_unobserved() && is_elsewhere(&session, &name).await {
                return Err(format!("the account has no bucket `{name}`: another one has it").into());
            }
            return Err(failure);
        }
    }
    Ok(())
}

/// Whether our account has no such bucket. S3 says 403 of one that is hidden from us and of one that is another account's;
/// what our own account has, its list of buckets tells.
async fn is_elsewhere(session: &Session, name: &str) -> bool {
    let own = session.clients.s3.list_buckets().prefix(name).into_paginator().items().send();
    let own = own.collect::<Result<Vec<_>, _>>().await;
    own.is_ok_and(|own| own.iter().all(|bucket| bucket.name() != Some(name)))
}

#[when("S3 tells the bucket's encryption")]
async fn encryption(world: &mut World) -> Judged {
    let answer = ask!(world, get_bucket_encryption, "GetBucketEncryption");
    let rules =
        answer.server_side_encryption_configuration.map(|configuration| configuration.rules).unwrap_or_default();
    bucket_mut(world)?.encryption = rules.into_iter().next();
    Ok(())
}

#[when("S3 tells the bucket's versioning")]
async fn versioning(world: &mut World) -> Judged {
    let answer = ask!(world, get_bucket_versioning, "GetBucketVersioning");
    bucket_mut(world)?.versioning = Some(answer);
    Ok(())
}

#[when("S3 tells the bucket's public access block")]
async fn public_access_block(world: &mut World) -> Judged {
    let answer = ask!(world, get_public_access_block, "GetPublicAccessBlock");
    bucket_mut(world)?.public_access = Some(answer);
    Ok(())
}

#[when("S3 tells the bucket's policy")]
async fn bucket_policy(world: &mut World) -> Judged {
    let answer = ask!(world, get_bucket_policy, "GetBucketPolicy");
    let statements = policy::statements(answer.policy().unwrap_or_default())?;
    bucket_mut(world)?.policy = Some(statements);
    Ok(())
}

#[when("S3 tells the bucket's Object Lock")]
async fn object_lock(world: &mut World) -> Judged {
    let answer = ask!(world, get_object_lock_configuration, "GetObjectLockConfiguration");
    bucket_mut(world)?.lock = answer.object_lock_configuration;
    Ok(())
}

#[when("S3 tells the bucket's object ownership")]
async fn object_ownership(world: &mut World) -> Judged {
    let answer = ask!(world, get_bucket_ownership_controls, "GetBucketOwnershipControls");
    let rules = answer.ownership_controls.map(|controls| controls.rules).unwrap_or_default();
    bucket_mut(world)?.ownership = rules.into_iter().next().map(|rule| rule.object_ownership);
    Ok(())
}

#[when("S3 tells the bucket's logging")]
async fn bucket_logging(world: &mut World) -> Judged {
    let answer = ask!(world, get_bucket_logging, "GetBucketLogging");
    bucket_mut(world)?.logging = answer.logging_enabled;
    Ok(())
}

#[then(expr = "access is logged in the module's bucket {string}")]
fn is_logged(world: &mut World, purpose: String) -> Judged {
    let to = modules::bucket_name(world, &purpose)?;
    let logging = bucket(world)?.logging.as_ref().ok_or("access is not logged")?;
    ensure!(logging.target_bucket() == to, "access is logged in `{}`", logging.target_bucket());
    Ok(())
}

#[then("the bucket is in this account and region")]
fn is_here(world: &mut World) -> Judged {
    let target = &world.session()?.target;
    // S3 has answered a call that names the account as the owner; the region is the other half
    let found = seen(bucket(world)?.head.as_ref(), "bucket")?.bucket_region().unwrap_or_default();
    ensure!(found == target.region, "the bucket is in region `{found}`");
    Ok(())
}

#[then("the bucket has the ARN that the contract says")]
fn has_arn(world: &mut World) -> Judged {
    let Bucket { name, arn, .. } = bucket(world)?;
    let named = arn.starts_with("arn:") && arn.split_once(":s3:::").is_some_and(|(_, end)| end == name);
    ensure!(named, "the contract's name is `{name}`, its ARN `{arn}`: not the same bucket");
    Ok(())
}

#[then(expr = "objects are encrypted with the key of class {string}")]
async fn is_encrypted(world: &mut World, class: String) -> Judged {
    let rule = seen(bucket(world)?.encryption.as_ref(), "bucket's encryption")?;
    let default = rule.apply_server_side_encryption_by_default().ok_or("the bucket has no default encryption")?;
    let algorithm = default.sse_algorithm();
    ensure!(*algorithm == ServerSideEncryption::AwsKms, "objects are encrypted by {}", algorithm.as_str());
    let key = default.kms_master_key_id().ok_or("objects are encrypted with the key of the S3 service")?;
    kms::is_key_of(world, key, &class, "the bucket").await
}

#[then("the bucket key is on")]
fn has_bucket_key(world: &mut World) -> Judged {
    let rule = seen(bucket(world)?.encryption.as_ref(), "bucket's encryption")?;
    ensure!(rule.bucket_key_enabled() == Some(true), "the bucket key is off");
    Ok(())
}

#[then("versioning is on")]
fn is_versioned(world: &mut World) -> Judged {
    let status = seen(bucket(world)?.versioning.as_ref(), "bucket's versioning")?.status();
    let found = status.map_or("never switched on", BucketVersioningStatus::as_str);
    ensure!(status == Some(&BucketVersioningStatus::Enabled), "versioning is {found}");
    Ok(())
}

#[then("all four public access flags are on")]
fn is_private(world: &mut World) -> Judged {
    let answer = seen(bucket(world)?.public_access.as_ref(), "bucket's public access block")?;
    let block = answer.public_access_block_configuration().ok_or("there is no public access block")?;
    let flags = [
        ("BlockPublicAcls", block.block_public_acls()),
        ("IgnorePublicAcls", block.ignore_public_acls()),
        ("BlockPublicPolicy", block.block_public_policy()),
        ("RestrictPublicBuckets", block.restrict_public_buckets()),
    ];
    let off: Vec<_> = flags.into_iter().filter(|(_, on)| *on != Some(true)).map(|(name, _)| name).collect();
    ensure!(off.is_empty(), "off: {}", off.join(", "));
    Ok(())
}

#[then("everybody is denied everything without TLS")]
fn is_tls_only(world: &mut World) -> Judged {
    let bucket = bucket(world)?;
    let objects = format!("{}/*", bucket.arn);
    let denies = |statement: &Statement| {
        let unless_tls = matches!(&statement.conditions[..],
            // a second condition would deny less
            [only] if only.is("Bool", "aws:SecureTransport", "false"));
        !statement.allow
            && unless_tls
            && statement.principals.contains(&Principal::Everybody)
            && statement.actions.iter().any(|action| action == "s3:*" || action == "*")
            && statement.covers(&bucket.arn)
            && statement.covers(&objects)
    };
    let statements = seen(bucket.policy.as_ref(), "bucket's policy")?;
    ensure!(
        statements.iter().any(denies),
        "no statement denies s3:* to everybody, on bucket and objects, when aws:SecureTransport is false"
    );
    Ok(())
}

/// Headers of a PUT that say how, and with which key.
const HOW: &str = "s3:x-amz-server-side-encryption";
const WITH: &str = "s3:x-amz-server-side-encryption-aws-kms-key-id";

#[then(expr = "a put without encryption, or with another than KMS, is denied to {string}")]
fn encryption_is_asked_for(world: &mut World, whom: String) -> Judged {
    let mut unencrypted = vec![condition("Null", HOW, "true")];
    let mut other = vec![condition("Null", HOW, "false"), condition("StringNotEquals", HOW, "aws:kms")];
    if let Some(service) = whom.strip_prefix("everybody but ") {
        for conditions in [&mut unencrypted, &mut other] {
            conditions.push(condition("StringNotEquals", "aws:PrincipalServiceName", service));
        }
    }
    denies_put(world, &unencrypted, "a put without encryption")?;
    denies_put(world, &other, "a put with another encryption than aws:kms")
}

/// S3 takes a PUT that says `aws:kms` and names no key for one with the account's own key: it has to be named.
#[then(expr = "a put that does not name the key of class {string} is denied to {string}")]
fn key_is_asked_for(world: &mut World, class: String, whom: String) -> Judged {
    let key = world.published(&format!("kms/{class}/arn"))?.value;
    let mut unnamed = vec![condition("StringNotEquals", WITH, &key)];
    if let Some(service) = whom.strip_prefix("everybody but ") {
        unnamed.push(condition("StringNotEquals", "aws:PrincipalServiceName", service));
        // who may leave the name out may still not name another
        let other = [condition("Null", WITH, "false"), condition("StringNotEquals", WITH, &key)];
        denies_put(world, &other, "a put with another key")?;
    }
    denies_put(world, &unnamed, "a put that does not name the key")
}

#[then(expr = "its policy lets in {string}")]
fn lets_in(world: &mut World, whom: String) -> Judged {
    let (bucket, target) = (bucket(world)?, &world.session()?.target);
    let statements = seen(bucket.policy.as_ref(), "bucket's policy")?;
    let mut grants = Vec::new();
    if whom != "nobody" {
        let trail = world.published("cloudtrail/arn")?.value;
        let below = format!("{}/AWSLogs/{}/*", bucket.arn, target.account);
        let by =
            |grant: Grant| grant.to(Principal::Service(whom.clone())).when("StringEquals", "aws:SourceArn", [&trail]);
        grants.push(by(Grant::of(["s3:GetBucketAcl"], [&bucket.arn])));
        let put = by(Grant::of(["s3:PutObject"], [below]));
        grants.push(put.when("StringEquals", "s3:x-amz-acl", ["bucket-owner-full-control"]));
    }
    rights::nothing_more(statements, &grants)
}

fn condition(operator: &str, key: &str, value: &str) -> Condition {
    Condition { operator: operator.to_owned(), key: key.to_owned(), values: vec![value.to_owned()] }
}

/// Whether a statement denies everybody to put any object, under these conditions and no others: one more would deny less.
fn denies_put(world: &World, conditions: &[Condition], what: &str) -> Judged {
    let bucket = bucket(world)?;
    let objects = format!("{}/*", bucket.arn);
    let denies = |s: &Statement| {
        !s.allow
            && s.conditions.len() == conditions.len()
            && conditions.iter().all(|c| s.conditions.iter().any(|found| found.is(&c.operator, &c.key, &c.values[0])))
            && s.principals.contains(&Principal::Everybody)
            && s.acts("s3:PutObject")
            && s.covers(&objects)
    };
    let denied = seen(bucket.policy.as_ref(), "bucket's policy")?.iter().any(denies);
    ensure!(denied, "no statement denies {what} on every object");
    Ok(())
}

#[then(expr = "objects are locked in mode {string} for {int} days")]
fn is_locked(world: &mut World, mode: String, days: i32) -> Judged {
    let lock = seen(bucket(world)?.lock.as_ref(), "bucket's Object Lock")?;
    let retention = lock.rule().and_then(|rule| rule.default_retention()).ok_or("there is no default retention")?;
    let found = retention.mode().map_or("none", |mode| mode.as_str());
    ensure!(found == mode, "objects are locked in mode {found}");
    // AWS answers one of the two; moto adds a zero for the other
    let found = retention.days().unwrap_or_default() + 365 * retention.years().unwrap_or_default();
    ensure!(found == days, "objects are locked for {found} days");
    Ok(())
}

#[then(expr = "object ownership is {string}")]
fn ownership_is(world: &mut World, ownership: String) -> Judged {
    let found = seen(bucket(world)?.ownership.as_ref(), "bucket's object ownership")?.as_str();
    ensure!(found == ownership, "object ownership is {found}");
    Ok(())
}

pub(crate) fn bucket(world: &World) -> Judged<&Bucket> {
    seen(world.bucket.as_ref(), "bucket")
}

pub(crate) fn bucket_mut(world: &mut World) -> Judged<&mut Bucket> {
    world.bucket.as_mut().ok_or_else(|| "no earlier step has named a bucket".into())
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::is_elsewhere;
    use crate::stub;

    fn buckets(_: &str, _: &str) -> (u16, String) {
        (
            200,
            "<ListAllMyBucketsResult><Buckets><Bucket><Name>ours</Name></Bucket></Buckets></ListAllMyBucketsResult>"
                .into(),
        )
    }

    fn denied(_: &str, _: &str) -> (u16, String) {
        (403, "<Error><Code>AccessDenied</Code><Message>no</Message></Error>".into())
    }

    #[tokio::test]
    async fn a_bucket_that_is_hidden_is_a_strangers_only_when_our_account_has_none_of_its_name() {
        let session = stub::session(&stub::answering(buckets), Duration::ZERO).await;
        assert!(is_elsewhere(&session, "theirs").await);
        assert!(!is_elsewhere(&session, "ours").await, "it is only hidden");
        let session = stub::session(&stub::answering(denied), Duration::ZERO).await;
        assert!(!is_elsewhere(&session, "theirs").await, "nobody can tell");
    }
}
