//! Roles and policies of IAM.

use aws_sdk_iam::types::Role;
use cucumber::{then, when};
use percent_encoding::percent_decode_str;

use super::names;
use crate::{
    clients::refused,
    policy::{self, Condition, Principal, Statement},
    rights::{self, Grant},
    world::{Judged, World, arn_name, ensure, seen},
};

const ADMINISTRATOR: &str = "arn:aws:iam::aws:policy/AdministratorAccess";
const LAMBDA: &str = "lambda.amazonaws.com";
/// What AWS made for functions in a VPC.
const OF_FUNCTIONS: [&str; 2] =
    ["service-role/AWSLambdaBasicExecutionRole", "service-role/AWSLambdaVPCAccessExecutionRole"];
/// X-Ray's actions know no resources.
const WITHOUT_RESOURCE: &str = "xray:";

/// What IAM has told.
#[derive(Debug, Default)]
pub(crate) struct Iam {
    role: Option<Role>,
    /// As IAM sends it.
    trust_text: Option<String>,
    trust: Option<Vec<Statement>>,
    /// Statements of the role's inline policies, or of the policy itself.
    rights: Option<Vec<Statement>>,
}

impl Iam {
    /// The trust policy of the role, as it is written.
    pub(crate) fn trust_document(&self) -> Judged<&str> {
        seen(self.trust_text.as_deref(), "role")
    }
}

/// A document that IAM sends.
pub(crate) fn text(sent: &str) -> Judged<String> {
    let text = percent_decode_str(sent).decode_utf8().map_err(|error| format!("the policy is no text: {error}"))?;
    Ok(text.into_owned())
}

#[when("IAM describes the role")]
async fn describe_role(world: &mut World) -> Judged {
    let name = name_of(&world.entry()?.value)?;
    let role = told(world, name).await?;
    let text = text(role.assume_role_policy_document().unwrap_or_default())?;
    world.iam.trust = Some(policy::statements(&text)?);
    world.iam.trust_text = Some(text);
    world.iam.role = Some(role);
    Ok(())
}

/// A role by its name.
pub(crate) async fn told(world: &World, name: &str) -> Judged<Role> {
    let answer = world.session()?.clients.iam.get_role().role_name(name).send().await;
    let role = answer.map_err(|error| refused("iam:GetRole", name, &error))?.role;
    Ok(role.ok_or_else(|| format!("iam:GetRole of `{name}`: the answer has no role"))?)
}

#[when("IAM describes the role's rights")]
async fn describe_rights(world: &mut World) -> Judged {
    world.iam.rights = Some(inline(world, name_of(&world.entry()?.value)?).await?);
    Ok(())
}

/// Statements of a role's inline policies.
async fn inline(world: &World, name: &str) -> Judged<Vec<Statement>> {
    let mut rights = Vec::new();
    for (_, text) in inline_documents(world, name).await? {
        rights.extend(policy::statements(&text)?);
    }
    Ok(rights)
}

/// Names and documents of a role's inline policies.
pub(crate) async fn inline_documents(world: &World, name: &str) -> Judged<Vec<(String, String)>> {
    let iam = &world.session()?.clients.iam;
    let policies = iam.list_role_policies().role_name(name).into_paginator().items().send();
    let policies = policies.collect::<Result<Vec<_>, _>>().await;
    let mut documents = Vec::new();
    for policy in policies.map_err(|error| refused("iam:ListRolePolicies", name, &error))? {
        let answer = iam.get_role_policy().role_name(name).policy_name(&policy).send().await;
        let answer = answer.map_err(|error| refused("iam:GetRolePolicy", &format!("{name}/{policy}"), &error))?;
        documents.push((policy, text(&answer.policy_document)?));
    }
    Ok(documents)
}

/// ARNs of the policies that are attached to a role.
pub(crate) async fn attached(world: &World, name: &str) -> Judged<Vec<String>> {
    let call = world.session()?.clients.iam.list_attached_role_policies().role_name(name);
    let found = call.into_paginator().items().send().collect::<Result<Vec<_>, _>>().await;
    let found = found.map_err(|error| refused("iam:ListAttachedRolePolicies", name, &error))?;
    Ok(found.into_iter().filter_map(|policy| policy.policy_arn).collect())
}

/// Holds what is attached to a role against the managed policies of AWS that should be.
async fn has_attached(world: &World, name: &str, managed: &[&str]) -> Judged {
    let found = attached(world, name).await?;
    let arns: Vec<_> = managed.iter().map(|policy| format!("arn:aws:iam::aws:policy/{policy}")).collect();
    let other = found.iter().find(|arn| !arns.contains(arn));
    ensure!(other.is_none(), "the policy `{}` is attached to `{name}`", other.map_or("", |arn| arn));
    let missing = arns.iter().find(|arn| !found.contains(arn));
    ensure!(missing.is_none(), "the policy `{}` is not attached to `{name}`", missing.map_or("", |arn| arn));
    Ok(())
}

/// What a role may do: these grants by its own policies, and what these managed policies of AWS allow.
pub(crate) async fn may_exactly(world: &World, role_arn: &str, managed: &[&str], grants: &[Grant]) -> Judged {
    let name = name_of(role_arn)?;
    has_attached(world, name, managed).await?;
    rights::exactly(&inline(world, name).await?, grants)
}

#[when("IAM describes the policy")]
async fn describe_policy(world: &mut World) -> Judged {
    let text = managed_document(world, &world.entry()?.value).await?;
    world.iam.rights = Some(policy::statements(&text)?);
    Ok(())
}

/// The version of a managed policy that counts.
pub(crate) async fn managed_document(world: &World, arn: &str) -> Judged<String> {
    let iam = &world.session()?.clients.iam;
    let answer = iam.get_policy().policy_arn(arn).send().await;
    let answer = answer.map_err(|error| refused("iam:GetPolicy", arn, &error))?;
    let version = answer.policy().and_then(|policy| policy.default_version_id()).unwrap_or_default();
    let answer = iam.get_policy_version().policy_arn(arn).version_id(version).send().await;
    let answer = answer.map_err(|error| refused("iam:GetPolicyVersion", arn, &error))?;
    text(answer.policy_version().and_then(|version| version.document()).unwrap_or_default())
}

#[then("the role has the ARN that the contract says")]
fn has_arn(world: &mut World) -> Judged {
    let (found, said) = (role(world)?.arn(), &world.entry()?.value);
    ensure!(found == said, "IAM calls the role `{found}`, the contract `{said}`");
    Ok(())
}

#[then("Lambda may take the role for this account, and nobody else may")]
fn lambda_takes_it(world: &mut World) -> Judged {
    let account = &world.session()?.target.account;
    for statement in allowing(world)? {
        let lambda = statement.principals == [Principal::Service(LAMBDA.to_owned())];
        ensure!(lambda, "statement {} lets in {:?}", statement.sid, statement.principals);
        let bound = statement.conditions.iter().any(|c| is_for(c, account));
        ensure!(bound, "statement {} is not for this account only", statement.sid);
    }
    Ok(())
}

/// Whether a condition asks for this account, of all requests or of those that name one: Lambda does not promise to name
/// one each time, and a role cannot be passed to a function of another account anyway.
fn is_for(condition: &Condition, account: &str) -> bool {
    ["StringEquals", "StringEqualsIfExists"].iter().any(|operator| condition.is(operator, "aws:SourceAccount", account))
}

#[then(expr = "GitHub may take the role for the subjects {string}, and for no other")]
fn github_takes_it(world: &mut World, subjects: String) -> Judged {
    let mut free = names(&subjects);
    for statement in allowing(world)? {
        let github = matches!(&statement.principals[..], [Principal::Other(arn)] if arn.ends_with("/token.actions.githubusercontent.com"));
        ensure!(github, "statement {} lets in {:?}", statement.sid, statement.principals);
        let has = |operator, key, value| statement.conditions.iter().any(|c| c.is(operator, key, value));
        let audience = has("StringEquals", "token.actions.githubusercontent.com:aud", "sts.amazonaws.com");
        ensure!(audience, "statement {} does not ask for AWS's audience", statement.sid);
        let asked = statement.conditions.iter().filter(|c| {
            ["StringLike", "StringEquals"].contains(&&*c.operator) && c.key == "token.actions.githubusercontent.com:sub"
        });
        let asked: Vec<_> = asked.flat_map(|condition| &condition.values).collect();
        ensure!(!asked.is_empty(), "statement {} asks for no subject", statement.sid);
        for subject in asked {
            ensure!(is_one_repositorys(subject), "statement {} is for `{subject}`, of any repository", statement.sid);
            let known = names(&subjects).contains(&subject.as_str());
            ensure!(known, "statement {} is for `{subject}`, which is not configured", statement.sid);
            free.retain(|name| name != subject);
        }
    }
    ensure!(free.is_empty(), "workflows of {} may not take the role", free.join(", "));
    Ok(())
}

#[then(expr = "the identity provider that the role trusts accepts tokens for {string} only")]
async fn provider_takes(world: &mut World, audience: String) -> Judged {
    let federated = |statement: &&Statement| match &statement.principals[..] {
        [Principal::Other(arn)] if arn.contains(":oidc-provider/") => Some(arn.clone()),
        _ => None,
    };
    let arn = allowing(world)?.iter().find_map(federated).ok_or("the role trusts no identity provider")?;
    let call = world.session()?.clients.iam.get_open_id_connect_provider().open_id_connect_provider_arn(&arn);
    let answer = call.send().await.map_err(|error| refused("iam:GetOpenIDConnectProvider", &arn, &error))?;
    let found = answer.client_id_list();
    ensure!(found == [audience.clone()], "it accepts tokens for {}, and not for `{audience}` only", found.join(", "));
    Ok(())
}

/// Holds a role's trust against the one service that takes it, bound by these conditions and no others.
pub(crate) async fn is_taken_by(world: &World, role_arn: &str, service: &str, bound: &[Condition]) -> Judged {
    let name = name_of(role_arn)?;
    let role = told(world, name).await?;
    let trust = policy::statements(&text(role.assume_role_policy_document().unwrap_or_default())?)?;
    let takes = |s: &Statement| {
        s.principals == [Principal::Service(service.to_owned())]
            && s.turned.is_none()
            && s.actions == ["sts:AssumeRole"]
            && s.conditions == bound
    };
    let allowing: Vec<_> = trust.iter().filter(|s| s.allow).collect();
    ensure!(!allowing.is_empty(), "nobody may take the role `{name}`");
    let other = allowing.into_iter().find(|statement| !takes(statement));
    let Some(other) = other else { return Ok(()) };
    let (sid, principals, conditions) = (&other.sid, &other.principals, &other.conditions);
    Err(format!("statement {sid} lets {principals:?} do {:?} when {conditions:?}", other.actions).into())
}

/// Whether a subject is about one repository, in either of GitHub's forms: `repo:owner/name:..`, or with the ids that never
/// change, `repo:owner@1/name@2:..`. A wildcard in front of the second colon lets in others.
fn is_one_repositorys(subject: &str) -> bool {
    let written_out = |text: &str| {
        let (name, id) = text.split_once('@').unwrap_or((text, "0"));
        let digits = !id.is_empty() && id.bytes().all(|byte| byte.is_ascii_digit());
        digits && !name.is_empty() && !name.contains(['*', '?'])
    };
    let parts = subject.strip_prefix("repo:").and_then(|rest| rest.split_once('/'));
    let parts = parts.and_then(|(owner, rest)| Some((owner, rest.split_once(':')?)));
    parts.is_some_and(|(owner, (name, what))| written_out(owner) && written_out(name) && !what.is_empty())
}

#[then("people of this account with a second factor may take the role, and nobody else may")]
fn people_take_it(world: &mut World) -> Judged {
    let root = format!("arn:aws:iam::{}:root", world.session()?.target.account);
    let reserved = format!("arn:aws:iam::{}:role/aws-reserved/sso.amazonaws.com/", world.session()?.target.account);
    for statement in allowing(world)? {
        let ours = statement.principals == [Principal::Aws(root.clone())];
        ensure!(ours, "statement {} lets in {:?}", statement.sid, statement.principals);
        let factor = statement.conditions.iter().any(|c| c.is("Bool", "aws:MultiFactorAuthPresent", "true"));
        // sessions of Identity Center never say that there was a second factor, which is asked for there
        let single_sign_on = statement.conditions.iter().any(|c| names_permission_sets(c, &reserved));
        ensure!(factor || single_sign_on, "statement {} asks for no second factor", statement.sid);
    }
    Ok(())
}

/// Whether a condition lets in roles of Identity Center's permission sets, each by its name.
fn names_permission_sets(condition: &Condition, reserved: &str) -> bool {
    let named = |arn: &String| {
        let role = arn.strip_prefix(reserved).and_then(|rest| rest.split_once("AWSReservedSSO_"));
        role.is_some_and(|(_, set)| {
            !set.trim_end_matches('*').trim_end_matches('_').is_empty() && !set.starts_with(['*', '?'])
        })
    };
    ["ArnLike", "ArnEquals", "StringLike"].contains(&&*condition.operator)
        && condition.key.eq_ignore_ascii_case("aws:PrincipalArn")
        && !condition.values.is_empty()
        && condition.values.iter().all(named)
}

#[then(expr = "a session of the role lasts {int} hour")]
fn lasts(world: &mut World, hours: i32) -> Judged {
    let found = role(world)?.max_session_duration().unwrap_or_default();
    ensure!(found == hours * 60 * 60, "a session lasts {found} seconds");
    Ok(())
}

#[then("the role is an administrator")]
async fn is_administrator(world: &mut World) -> Judged {
    let name = role(world)?.role_name().to_owned();
    let has = attached(world, &name).await?.iter().any(|arn| arn == ADMINISTRATOR);
    ensure!(has, "the role has not the policy {ADMINISTRATOR}");
    Ok(())
}

#[then(expr = "the role may read parameters below {string}")]
async fn reads_parameters(world: &mut World, root: String) -> Judged {
    if world.iam.rights.is_none() {
        describe_rights(world).await?;
    }
    let target = &world.session()?.target;
    let arn = format!("arn:aws:ssm:{}:{}:parameter{root}", target.region, target.account);
    for action in ["ssm:GetParameter", "ssm:GetParameters", "ssm:GetParametersByPath"] {
        let may = rights(world)?.iter().any(|s| s.allow && s.acts(action) && s.covers(&format!("{arn}x")));
        ensure!(may, "the role may not do {action} below `{root}`");
    }
    Ok(())
}

#[then(expr = "the role may use the keys of the classes {string} and no others")]
fn uses_keys(world: &mut World, classes: String) -> Judged {
    let through = format!("sns.{}.amazonaws.com", world.session()?.target.region);
    let logs = world.session()?.target.zone.observability.as_ref().map(|logs| logs.class.clone());
    let topics = logs.map(|class| keys(world, &class)).transpose()?;
    // the key of the platform's topic, for publishing to it and for nothing else
    let publishes = |s: &Statement| {
        topics.as_ref() == Some(&s.resources)
            && s.conditions.iter().any(|c| c.is("StringEquals", "kms:ViaService", &through))
    };
    let direct: Vec<_> = rights(world)?.iter().filter(|s| !publishes(s)).cloned().collect();
    for action in ["kms:Decrypt", "kms:GenerateDataKey"] {
        let expected = [keys(world, &classes)?, granted(world, action)?].concat();
        same(action, allowed(&direct, action), &expected)?;
    }
    Ok(())
}

#[then(expr = "the policy decrypts with the keys of the classes {string} and no others")]
fn decrypts(world: &mut World, classes: String) -> Judged {
    exactly(world, "kms:Decrypt", &keys(world, &classes)?)
}

#[then(expr = "the role may put events on the bus at {string} and on no other")]
fn puts_events(world: &mut World, entry: String) -> Judged {
    exactly(world, "events:PutEvents", &[world.published(&entry)?.value])
}

#[then(expr = "the role may read the secrets {string} and no others")]
fn reads_secrets(world: &mut World, prefix: String) -> Judged {
    let arn = arn(world, "secretsmanager", &format!("secret:{prefix}*"))?;
    exactly(world, "secretsmanager:GetSecretValue", &[arn])
}

#[then(expr = "the policy reads secrets {string} and no others")]
fn policy_reads_secrets(world: &mut World, names: String) -> Judged {
    let arn = arn(world, "secretsmanager", &format!("secret:{names}"))?;
    for action in ["secretsmanager:GetSecretValue", "secretsmanager:DescribeSecret"] {
        exactly(world, action, std::slice::from_ref(&arn))?;
    }
    Ok(())
}

#[then(expr = "the policy reads secrets {string} with the keys of the classes {string}, and does nothing else")]
fn policy_does_nothing_else(world: &mut World, secrets: String, classes: String) -> Judged {
    let read = ["secretsmanager:DescribeSecret", "secretsmanager:GetSecretValue"];
    let through = format!("secretsmanager.{}.amazonaws.com", world.session()?.target.region);
    let grants = [
        Grant::of(read, [arn(world, "secretsmanager", &format!("secret:{secrets}"))?]),
        Grant::of(["kms:Decrypt"], keys(world, &classes)?).when("StringEquals", "kms:ViaService", [through]),
    ];
    rights::exactly(rights(world)?, &grants)
}

#[then("AWS's policies for functions are attached to the role, and no others")]
async fn has_managed_policies(world: &mut World) -> Judged {
    has_attached(world, name_of(&world.entry()?.value)?, &OF_FUNCTIONS).await
}

#[then(expr = "functions of {string} have the rights that are configured, and no others")]
fn have_these_rights(world: &mut World, bus: String) -> Judged {
    let zone = world.session()?.target.zone.clone();
    let domain = zone.domains.iter().find(|domain| domain.bus == bus);
    let domain = domain.ok_or_else(|| format!("no domain `{bus}` is configured"))?;
    let here = |service: &str, resource: &str| arn(world, service, resource);
    let (prefix, classes) = (&zone.prefix, domain.classes.join(","));
    let logs = here("logs", &format!("log-group:/aws/lambda/{bus}-*"))?;
    let mut grants = vec![
        Grant::of(["logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents"], [format!("{logs}:*"), logs]),
        Grant::of(
            ["secretsmanager:DescribeSecret", "secretsmanager:GetSecretValue"],
            [here("secretsmanager", &format!("secret:{bus}/*"))?],
        ),
        Grant::of(
            ["ssm:GetParameter", "ssm:GetParameters", "ssm:GetParametersByPath"],
            [here("ssm", &format!("parameter/{prefix}/*"))?],
        ),
        Grant::of(["events:PutEvents"], [here("events", &format!("event-bus/{bus}"))?]),
        Grant::of(["sns:Publish"], [here("sns", &format!("{prefix}-*"))?]),
        Grant::of(["kms:Decrypt", "kms:GenerateDataKey"], keys(world, &classes)?),
        Grant::of(
            ["GetSamplingRules", "GetSamplingTargets", "PutTelemetryRecords", "PutTraceSegments"]
                .map(|action| format!("{WITHOUT_RESOURCE}{action}")),
            ["*"],
        ),
    ];
    // whoever publishes to the platform's topic uses its key, through SNS and not else
    if let Some(logs) = &zone.observability {
        let through = format!("sns.{}.amazonaws.com", world.session()?.target.region);
        let key = Grant::of(["kms:Decrypt", "kms:GenerateDataKey"], keys(world, &logs.class)?);
        grants.push(key.when("StringEquals", "kms:ViaService", [through]));
    }
    grants.extend(domain.allow.iter().map(|allow| Grant::of(&allow.actions, zone.resources_of(domain, allow))));
    if let Some(rules) = &domain.rules {
        let actions = ["DescribeRule", "ListTargetsByRule", "PutRule", "PutTargets"];
        let actions = actions.map(|action| format!("events:{action}"));
        grants.push(Grant::of(actions, [here("events", &format!("rule/{}/{}*", rules.bus, rules.prefix))?]));
    }
    if !domain.invokes.is_empty() {
        let functions = domain.invokes.iter().map(|name| here("lambda", &format!("function:{name}")));
        grants.push(Grant::of(["lambda:InvokeFunction"], functions.collect::<Judged<Vec<_>>>()?));
    }
    rights::exactly(rights(world)?, &grants)
}

#[then("no right of the role is for every action or every resource")]
fn nothing_is_wide(world: &mut World) -> Judged {
    let zone = world.session()?.target.zone.clone();
    // what is granted in the configuration is meant as it is written there
    let domain = domain(world)?;
    let is_granted = |statement: &&Statement| {
        let same = |allow: &config::Allow, domain| {
            allow.sid == statement.sid
                && statement.conditions.is_empty()
                && statement.actions == allow.actions
                && statement.resources == zone.resources_of(domain, allow)
        };
        domain.as_ref().is_some_and(|domain| domain.allow.iter().any(|allow| same(allow, domain)))
    };
    for statement in rights(world)?.iter().filter(|statement| statement.allow && !is_granted(statement)) {
        let wide = statement.actions.is_empty() || statement.actions.iter().any(|action| action.ends_with('*'));
        ensure!(!wide, "statement {} allows {}", statement.sid, statement.actions.join(", "));
        let traces = statement.actions.iter().all(|action| action.starts_with(WITHOUT_RESOURCE));
        let everywhere = statement.resources.is_empty() || statement.resources.iter().any(|resource| resource == "*");
        ensure!(traces || !everywhere, "statement {} is for every resource", statement.sid);
    }
    Ok(())
}

#[then(expr = "the role may do {string} on rules {string} of bus {string} and on no others")]
fn puts_rules(world: &mut World, action: String, prefix: String, bus: String) -> Judged {
    let arn = arn(world, "events", &format!("rule/{bus}/{prefix}*"))?;
    exactly(world, &action, &[arn])
}

#[then(expr = "the role may not do {string}")]
fn may_not(world: &mut World, action: String) -> Judged {
    exactly(world, &action, &[])
}

#[then(expr = "the role may do {string}")]
fn may(world: &mut World, action: String) -> Judged {
    ensure!(!allowed(rights(world)?, &action).is_empty(), "no statement allows {action}");
    Ok(())
}

#[then(expr = "the role may invoke functions {string} and no others")]
fn invokes(world: &mut World, prefix: String) -> Judged {
    let found = allowed(rights(world)?, "lambda:InvokeFunction");
    ensure!(!found.is_empty(), "no statement allows lambda:InvokeFunction");
    let account = &world.session()?.target.account;
    let stranger = found.iter().find(|arn| {
        let (owner, name) = (arn.split(':').nth(4), arn.split(":function:").nth(1));
        owner != Some(account) || !name.is_some_and(|name| name.starts_with(&prefix))
    });
    ensure!(stranger.is_none(), "it may invoke `{}` too", stranger.map_or("", |arn| arn.as_str()));
    Ok(())
}

fn role(world: &World) -> Judged<&Role> {
    seen(world.iam.role.as_ref(), "role")
}

fn rights(world: &World) -> Judged<&Vec<Statement>> {
    seen(world.iam.rights.as_ref(), "policy")
}

/// The trust's statements that let somebody in; there is one.
fn allowing(world: &World) -> Judged<Vec<&Statement>> {
    let allowing: Vec<_> = seen(world.iam.trust.as_ref(), "role")?.iter().filter(|s| s.allow).collect();
    ensure!(!allowing.is_empty(), "nobody may take the role");
    Ok(allowing)
}

/// The resources on which an action is allowed, sorted.
fn allowed(rights: &[Statement], action: &str) -> Vec<String> {
    let statements = rights.iter().filter(|s| s.allow && s.acts(action));
    let mut found: Vec<_> = statements.flat_map(|s| s.resources.clone()).collect();
    found.sort();
    found.dedup();
    found
}

/// The domain whose role the scenario is about; none for another role or a policy.
fn domain(world: &World) -> Judged<Option<config::Domain>> {
    let (zone, entry) = (world.session()?.target.zone.clone(), world.entry()?);
    let bus = entry.name.strip_prefix("iam/lambda/").and_then(|rest| rest.strip_suffix("/arn"));
    Ok(bus.and_then(|bus| zone.domains.iter().find(|domain| domain.bus == bus)).cloned())
}

/// The resources on which the configuration grants an action beside what every domain has.
pub(crate) fn granted(world: &World, action: &str) -> Judged<Vec<String>> {
    let zone = world.session()?.target.zone.clone();
    let Some(domain) = domain(world)? else { return Ok(Vec::new()) };
    let grants = |allow: &&config::Allow| {
        allow.actions.iter().any(|pattern| policy::glob(&pattern.to_lowercase(), &action.to_lowercase()))
    };
    Ok(domain.allow.iter().filter(grants).flat_map(|allow| zone.resources_of(&domain, allow)).collect())
}

fn exactly(world: &World, action: &str, resources: &[String]) -> Judged {
    same(action, allowed(rights(world)?, action), &[resources, &granted(world, action)?].concat())
}

fn same(action: &str, found: Vec<String>, resources: &[String]) -> Judged {
    let mut expected = resources.to_vec();
    expected.sort();
    expected.dedup();
    ensure!(found == expected, "{action} is allowed on [{}], not on [{}]", found.join(", "), expected.join(", "));
    Ok(())
}

fn keys(world: &World, classes: &str) -> Judged<Vec<String>> {
    names(classes).iter().map(|class| Ok(world.published(&format!("kms/{class}/arn"))?.value)).collect()
}

pub(crate) fn arn(world: &World, service: &str, resource: &str) -> Judged<String> {
    let target = &world.session()?.target;
    Ok(format!("arn:aws:{service}:{}:{}:{resource}", target.region, target.account))
}

/// The last part of a role's ARN.
pub(crate) fn name_of(arn: &str) -> Judged<&str> {
    Ok(arn_name(arn, "/")?.rsplit('/').next().unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::{is_for, is_one_repositorys, names_permission_sets};
    use crate::policy::Condition;

    fn condition(operator: &str, key: &str, values: &[&str]) -> Condition {
        let values = values.iter().map(|value| (*value).to_owned()).collect();
        Condition { operator: operator.to_owned(), key: key.to_owned(), values }
    }

    #[test]
    fn a_trust_is_for_an_account_whether_or_not_the_key_may_be_absent() {
        for operator in ["StringEquals", "StringEqualsIfExists"] {
            assert!(is_for(&condition(operator, "aws:SourceAccount", &["111122223333"]), "111122223333"));
            assert!(!is_for(&condition(operator, "aws:SourceAccount", &["444455556666"]), "111122223333"));
            assert!(!is_for(
                &condition(operator, "aws:SourceAccount", &["111122223333", "444455556666"]),
                "111122223333"
            ));
        }
        assert!(!is_for(&condition("StringLike", "aws:SourceAccount", &["111122223333"]), "111122223333"));
    }

    #[test]
    fn a_subject_is_about_one_repository_in_either_form() {
        assert!(is_one_repositorys("repo:acme/orders:*"));
        assert!(is_one_repositorys("repo:acme@12/orders@345:environment:prod"));
        for open in [
            "repo:acme/*:ref:refs/heads/main",
            "repo:acme*/orders:ref:refs/heads/main",
            "repo:acme@*/orders@345:*",
            "repo:acme@12/orders@*:*",
            "repo:acme/orders",
            "*",
        ] {
            assert!(!is_one_repositorys(open), "{open}");
        }
    }

    #[test]
    fn a_permission_set_is_named_below_what_only_aws_can_make() {
        let reserved = "arn:aws:iam::111122223333:role/aws-reserved/sso.amazonaws.com/";
        let names = |role: &str| names_permission_sets(&condition("ArnLike", "aws:PrincipalArn", &[role]), reserved);
        assert!(names(&format!("{reserved}*AWSReservedSSO_BreakGlass_*")));
        assert!(names(&format!("{reserved}ap-southeast-2/AWSReservedSSO_BreakGlass_0123456789abcdef")));
        for other in ["*AWSReservedSSO_*", "*", "*AWSReservedSSO_*BreakGlass_*"] {
            assert!(!names(&format!("{reserved}{other}")), "{other}");
        }
        assert!(!names("arn:aws:iam::111122223333:role/AWSReservedSSO_BreakGlass_*"));
        assert!(!names_permission_sets(&condition("ArnLike", "aws:PrincipalArn", &[]), reserved));
    }
}
