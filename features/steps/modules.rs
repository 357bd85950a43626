//! Modules: their resources by their names, what they publish, and the rights of their roles.
//!
//! A module's resource is called `{prefix}-{module}-{purpose}-{environment}`, and a feature names the purpose.

use aws_sdk_cloudwatch::types::MetricAlarm;
use aws_sdk_dynamodb::types::TableDescription;
use aws_sdk_lambda::operation::{
    get_function::GetFunctionOutput, get_function_event_invoke_config::GetFunctionEventInvokeConfigOutput,
};
use cucumber::{given, then};

use super::{names, roles, storage::Bucket};
use crate::{
    policy::Statement,
    published::Parameter,
    rights::{self, Grant},
    target,
    world::{Judged, World, ensure, seen},
};

/// What is found out about a module.
#[derive(Debug, Default)]
pub(crate) struct Module {
    pub(super) function: Option<GetFunctionOutput>,
    pub(super) callers: Option<Vec<Statement>>,
    pub(super) asynchronous: Option<GetFunctionEventInvokeConfigOutput>,
    pub(super) table: Option<TableDescription>,
    pub(super) alarm: Option<MetricAlarm>,
    /// The rights that the role should have, as far as they were named.
    grants: Vec<Grant>,
    /// What a trial put, and has to remove.
    pub(super) put: Vec<super::trials::Put>,
}

/// The module that is judged.
fn judged(world: &World) -> Judged<target::Module> {
    let module = world.session()?.target.module.clone();
    module.ok_or_else(|| "this is a step for the features of a module, and the zone is judged".into())
}

/// The name of one of the module's resources.
pub(super) fn name(world: &World, purpose: &str) -> Judged<String> {
    let (module, zone) = (judged(world)?, world.session()?.target.zone.clone());
    Ok(format!("{}-{}-{purpose}-{}", zone.prefix, module.name, zone.environment))
}

/// The name of one of the module's buckets.
pub(super) fn bucket_name(world: &World, purpose: &str) -> Judged<String> {
    let name = name(world, purpose)?;
    Ok(match &world.session()?.target.zone.bucket_suffix {
        Some(suffix) => format!("{name}-{suffix}"),
        None => name,
    })
}

/// The ARN of something in the target's account and region.
pub(super) fn arn(world: &World, service: &str, resource: &str) -> Judged<String> {
    let target = world.session()?.target.clone();
    Ok(format!("arn:aws:{service}:{}:{}:{resource}", target.region, target.account))
}

/// What is looked at next, as if the zone's contract had it.
fn found(name: &str, value: String) -> Parameter {
    Parameter { path: name.to_owned(), name: name.to_owned(), value, kind: "String".to_owned() }
}

/// An entry of the module's own contract.
fn entry(world: &World, name: &str) -> Judged<Parameter> {
    world.published(&format!("{}/{name}", judged(world)?.name))
}

#[given(expr = "the module's entry {string}")]
fn given_entry(world: &mut World, name: String) -> Judged {
    world.entry = Some(entry(world, &name)?);
    Ok(())
}

#[given(expr = "the module's bucket {string}")]
fn given_bucket(world: &mut World, purpose: String) -> Judged {
    let name = bucket_name(world, &purpose)?;
    world.bucket = Some(Bucket::called(name));
    Ok(())
}

#[given(expr = "the module's queue {string}")]
fn given_queue(world: &mut World, purpose: String) -> Judged {
    let name = name(world, &purpose)?;
    world.entry = Some(found(&purpose, arn(world, "sqs", &name)?));
    Ok(())
}

#[given(expr = "the module's role {string}")]
fn given_role(world: &mut World, purpose: String) -> Judged {
    let (name, account) = (name(world, &purpose)?, world.session()?.target.account.clone());
    world.entry = Some(found(&purpose, format!("arn:aws:iam::{account}:role/{name}")));
    Ok(())
}

#[given(expr = "the log group of the module's function {string}")]
fn given_group(world: &mut World, purpose: String) -> Judged {
    let name = name(world, &purpose)?;
    world.entry = Some(found(&purpose, arn(world, "logs", &format!("log-group:/aws/lambda/{name}"))?));
    Ok(())
}

#[then(expr = "the entry is the name of the module's bucket {string}")]
fn is_bucket(world: &mut World, purpose: String) -> Judged {
    is_value(world, &bucket_name(world, &purpose)?)
}

#[then(expr = "the entry is the name of the module's {string}")]
fn is_name(world: &mut World, purpose: String) -> Judged {
    is_value(world, &name(world, &purpose)?)
}

#[then(expr = "the entry is an ARN of {string} that ends with the name of the module's {string}")]
fn is_arn(world: &mut World, service: String, purpose: String) -> Judged {
    let (name, bucket) = (name(world, &purpose)?, bucket_name(world, &purpose)?);
    let value = &world.entry()?.value;
    let is_of = value.split(':').nth(2) == Some(service.as_str());
    let ends = [name.as_str(), bucket.as_str()].contains(&value.rsplit([':', '/']).next().unwrap_or_default());
    ensure!(is_of && ends, "it is `{value}`");
    Ok(())
}

fn is_value(world: &World, value: &str) -> Judged {
    let found = &world.entry()?.value;
    ensure!(found == value, "it is `{found}`, and not `{value}`");
    Ok(())
}

#[given(expr = "the role may do {string} on the module's entry {string}")]
fn may_on_entry(world: &mut World, actions: String, name: String) -> Judged {
    let on = entry(world, &name)?.value;
    grant(world, &actions, on);
    Ok(())
}

#[given(expr = "the role may do {string} on all below the module's entry {string}")]
fn may_below_entry(world: &mut World, actions: String, name: String) -> Judged {
    let on = format!("{}/*", entry(world, &name)?.value);
    grant(world, &actions, on);
    Ok(())
}

#[given(expr = "the role may do {string} on the module's queue {string}")]
fn may_on_queue(world: &mut World, actions: String, purpose: String) -> Judged {
    let name = name(world, &purpose)?;
    let on = arn(world, "sqs", &name)?;
    grant(world, &actions, on);
    Ok(())
}

#[given(expr = "the role may do {string} in the log group of the module's function {string}")]
fn may_log(world: &mut World, actions: String, purpose: String) -> Judged {
    let name = name(world, &purpose)?;
    let on = arn(world, "logs", &format!("log-group:/aws/lambda/{name}:*"))?;
    grant(world, &actions, on);
    Ok(())
}

#[given(expr = "the role may do {string} with the key of class {string}")]
fn may_use_key(world: &mut World, actions: String, class: String) -> Judged {
    let on = world.published(&format!("kms/{class}/arn"))?.value;
    grant(world, &actions, on);
    Ok(())
}

fn grant(world: &mut World, actions: &str, on: String) {
    world.module.grants.push(Grant::of(names(actions), [on]));
}

#[then("the role has these rights and no others")]
async fn has_rights(world: &mut World) -> Judged {
    let role = world.entry()?.value.clone();
    roles::may_exactly(world, &role, &[], &world.module.grants).await
}

#[then(expr = "only {string} may call the function, for the module's bucket {string} and this account")]
fn is_called_by(world: &mut World, service: String, purpose: String) -> Judged {
    let (bucket, account) = (bucket_name(world, &purpose)?, world.session()?.target.account.clone());
    let statements = seen(world.module.callers.as_ref(), "function's policy")?;
    let function = seen(world.module.function.as_ref(), "function")?;
    let arn = function.configuration().and_then(|about| about.function_arn()).unwrap_or_default();
    let calls = Grant::of(["lambda:InvokeFunction"], [arn])
        .to(crate::policy::Principal::Service(service))
        .when("ArnLike", "aws:SourceArn", [format!("arn:aws:s3:::{bucket}")])
        .when("StringEquals", "aws:SourceAccount", [account]);
    rights::exactly(statements, &[calls])
}
