//! Tags of everything, the guardrail, and what nobody may do.

use std::collections::BTreeMap;

use aws_sdk_organizations::types::PolicyType;
use cucumber::{given, then, when};

use crate::{
    clients::refused,
    policy::{self, Condition, Statement},
    rows::THE_ENVIRONMENT,
    tags,
    world::{Failure, Judged, World, ensure, seen},
};

/// What the guardrail watches, each with a thing that it would make.
const MAKING: [(&str, &str); 18] = [
    ("s3:CreateBucket", "arn:aws:s3:::any"),
    ("kms:CreateKey", "*"),
    ("events:CreateEventBus", "arn:aws:events:{region}:{account}:event-bus/any"),
    ("iam:CreateOpenIDConnectProvider", "arn:aws:iam::{account}:oidc-provider/any"),
    ("iam:CreatePolicy", "arn:aws:iam::{account}:policy/any"),
    ("iam:CreateRole", "arn:aws:iam::{account}:role/any"),
    ("iam:CreateUser", "arn:aws:iam::{account}:user/any"),
    ("lambda:CreateFunction", "arn:aws:lambda:{region}:{account}:function:any"),
    ("cloudtrail:CreateTrail", "arn:aws:cloudtrail:{region}:{account}:trail/any"),
    ("ec2:CreateInternetGateway", "arn:aws:ec2:{region}:{account}:internet-gateway/any"),
    ("ec2:CreateVpc", "arn:aws:ec2:{region}:{account}:vpc/any"),
    ("ec2:CreateVolume", "arn:aws:ec2:{region}:{account}:volume/any"),
    ("ec2:RunInstances", "arn:aws:ec2:{region}:{account}:instance/any"),
    ("ec2:CreateSubnet", "arn:aws:ec2:{region}:{account}:subnet/any"),
    ("ec2:CreateRouteTable", "arn:aws:ec2:{region}:{account}:route-table/any"),
    ("ec2:CreateSecurityGroup", "arn:aws:ec2:{region}:{account}:security-group/any"),
    ("ec2:CreateVpcEndpoint", "arn:aws:ec2:{region}:{account}:vpc-endpoint/any"),
    ("ec2:CreateNatGateway", "arn:aws:ec2:{region}:{account}:natgateway/any"),
];
/// The tag that says which class of data a bucket or a key is for.
const CLASSIFICATION: &str = "classification";
/// What has been found of tags and of the guardrail.
#[derive(Debug, Default)]
pub(crate) struct Governance {
    /// By thing, as the contract names it.
    tags: Option<tags::ByThing>,
    policy: Option<(String, Vec<Statement>)>,
    targets: Option<Vec<String>>,
}

#[given("everything that the contract names")]
fn everything(world: &mut World) -> Judged {
    world.session().map(drop)
}

#[when("each service returns the tags of its resources")]
async fn tags_of_all(world: &mut World) -> Judged {
    world.governance.tags = Some(tags::of_everything(&*world.session()?).await?);
    Ok(())
}

#[then(expr = "each of them carries the tag {string} with the value {string}")]
async fn carry(world: &mut World, key: String, value: String) -> Judged {
    let session = world.session()?;
    let value = if value == THE_ENVIRONMENT { session.target.environment.clone() } else { value };
    let things = seen(world.governance.tags.as_ref(), "tag")?;
    ensure!(!things.is_empty(), "the contract names nothing that can carry tags");
    let (mut without, unknown) = lacking(things.iter(), &key, &value);
    let parameters = tags::parameters_without(&session, &key, &value).await;
    let total = things.len() + session.published.values(contract::ZONE.version()).map_or(0, Iterator::count);
    let unknown = unknown.or_else(|| parameters.as_ref().err().cloned());
    without.extend(parameters.unwrap_or_default().iter().map(|path| format!("`{path}`")));
    ensure!(without.is_empty(), "{} of {total} do not: {}", without.len(), without.join(", "));
    unknown.map_or(Ok(()), Err)
}

#[then(expr = "the key of class {string} and the buckets {string} carry the class as a tag")]
fn carry_their_class(world: &mut World, class: String, buckets: String) -> Judged {
    let things = seen(world.governance.tags.as_ref(), "tag")?;
    let mut arns = vec![world.published(&format!("kms/{class}/arn"))?.value];
    for purpose in super::names(&buckets) {
        arns.push(world.published(&format!("s3/{purpose}/arn"))?.value);
    }
    let unseen = arns.iter().find(|arn| !things.contains_key(*arn));
    ensure!(unseen.is_none(), "the tags of `{}` were not read", unseen.map_or("", |arn| arn));
    let (without, unknown) = lacking(things.iter().filter(|(thing, _)| arns.contains(thing)), CLASSIFICATION, &class);
    ensure!(without.is_empty(), "{} of {} do not: {}", without.len(), arns.len(), without.join(", "));
    unknown.map_or(Ok(()), Err)
}

/// The things that do not carry a tag, and the first whose tags nobody here may see.
fn lacking<'a>(
    things: impl Iterator<Item = (&'a String, &'a Result<BTreeMap<String, String>, Failure>)>,
    key: &str,
    value: &str,
) -> (Vec<String>, Option<Failure>) {
    let (mut without, mut unknown) = (Vec::new(), None);
    for (thing, tags) in things {
        match tags {
            Ok(tags) => match tags.get(key) {
                Some(found) if found == value => {}
                Some(other) => without.push(format!("`{thing}` (`{other}`)")),
                None => without.push(format!("`{thing}`")),
            },
            Err(failure) if failure.is_unobserved() => {
                unknown.get_or_insert_with(|| failure.clone());
            }
            Err(failure) => without.push(format!("`{thing}` ({})", failure.text())),
        }
    }
    (without, unknown)
}

#[given(expr = "the service control policy {string}")]
async fn control_policy(world: &mut World, name: String) -> Judged {
    let session = world.session()?;
    let Some(organizations) = &session.clients.organizations else {
        return Err(Failure::not_evaluated(&session.no_management));
    };
    let pages = organizations.list_policies().filter(PolicyType::ServiceControlPolicy).into_paginator().send();
    let pages = pages.collect::<Result<Vec<_>, _>>().await;
    let pages = pages.map_err(|error| refused("organizations:ListPolicies", &name, &error))?;
    let found = pages
        .into_iter()
        .flat_map(|page| page.policies.unwrap_or_default())
        .find(|policy| policy.name() == Some(&name));
    let id =
        found.and_then(|policy| policy.id).ok_or_else(|| format!("there is no service control policy `{name}`"))?;
    let answer = organizations.describe_policy().policy_id(&id).send().await;
    let answer = answer.map_err(|error| refused("organizations:DescribePolicy", &id, &error))?;
    let content = answer.policy().and_then(|policy| policy.content()).unwrap_or_default();
    world.governance.policy = Some((id, policy::statements(content)?));
    Ok(())
}

#[when("Organizations lists the targets of the policy")]
async fn attached_to(world: &mut World) -> Judged {
    let session = world.session()?;
    let (id, _) = seen(world.governance.policy.as_ref(), "policy")?;
    let organizations = session.clients.organizations.as_ref().ok_or("there is no management account")?;
    let pages = organizations.list_targets_for_policy().policy_id(id).into_paginator().send();
    let pages = pages.collect::<Result<Vec<_>, _>>().await;
    let pages = pages.map_err(|error| refused("organizations:ListTargetsForPolicy", id, &error))?;
    let targets = pages.into_iter().flat_map(|page| page.targets.unwrap_or_default());
    world.governance.targets = Some(targets.filter_map(|target| target.target_id).collect());
    Ok(())
}

#[then(expr = "the policy denies creating resources without the tag {string}")]
fn denies(world: &mut World, tag: String) -> Judged {
    let (_, statements) = seen(world.governance.policy.as_ref(), "policy")?;
    let key = format!("aws:RequestTag/{tag}");
    // another key in the same block would deny only when both are missing; another condition, only where it holds too
    let asks = |s: &&Statement| {
        let exempts = s.conditions.iter().filter(|c| is_exemption(c)).count();
        !s.allow && s.conditions.len() == exempts + 1 && s.conditions.iter().any(|c| c.is("Null", &key, "true"))
    };
    let asking: Vec<_> = statements.iter().filter(asks).collect();
    let target = &world.session()?.target;
    let free = MAKING.into_iter().filter(|(action, thing)| {
        let thing = thing.replace("{region}", &target.region).replace("{account}", &target.account);
        !asking.iter().any(|s| s.acts(action) && s.covers(&thing))
    });
    let free: Vec<_> = free.map(|(action, _)| action).collect();
    ensure!(free.is_empty(), "without the tag `{tag}` nobody is denied {}", free.join(", "));
    Ok(())
}

/// Roles and users that configuration exempts, each by how its name begins: what configuration takes, this does, too.
fn is_exemption(condition: &Condition) -> bool {
    let named = |arn: &String| {
        let (account, name) = match arn.strip_prefix("arn:aws:iam::").and_then(|rest| rest.split_once(':')) {
            Some((account, rest)) => (account, rest.strip_prefix("role/").or_else(|| rest.strip_prefix("user/"))),
            None => return false,
        };
        let one_or_all = account == "*" || (account.len() == 12 && account.bytes().all(|byte| byte.is_ascii_digit()));
        one_or_all && name.is_some_and(|name| !name.is_empty() && !name.starts_with(['*', '?']))
    };
    condition.operator == "ArnNotLike"
        && condition.key.eq_ignore_ascii_case("aws:PrincipalArn")
        && !condition.values.is_empty()
        && condition.values.iter().all(named)
}

#[then("it binds this account")]
async fn binds(world: &mut World) -> Judged {
    let session = world.session()?;
    let targets = seen(world.governance.targets.as_ref(), "target of the policy")?;
    let organizations = session.clients.organizations.as_ref().ok_or("there is no management account")?;
    let mut at = session.target.account.clone();
    let mut way = vec![at.clone()];
    while !targets.contains(&at) {
        let answer = organizations.list_parents().child_id(&at).send().await;
        let answer = answer.map_err(|error| refused("organizations:ListParents", &at, &error))?;
        let Some(parent) = answer.parents().first().and_then(|parent| parent.id()) else {
            return Err(
                format!("the policy is on {}, none of which is above {}", targets.join(", "), way.join(" < ")).into()
            );
        };
        parent.clone_into(&mut at);
        way.push(at.clone());
        // the root has no parent, and is asked for none
        if at.starts_with("r-") && !targets.contains(&at) {
            return Err(
                format!("the policy is on [{}], none of which is in {}", targets.join(", "), way.join(" < ")).into()
            );
        }
    }
    Ok(())
}

#[then("the key is no other class's")]
fn is_only_its_own(world: &mut World) -> Judged {
    let (session, entry) = (world.session()?, world.entry()?);
    let same = session.published.siblings(&entry.name);
    let same: Vec<_> = same
        .into_iter()
        .filter(|name| *name != entry.name && session.published.get(name).is_some_and(|p| p.value == entry.value))
        .collect();
    ensure!(same.is_empty(), "the key is that of {} too", same.join(", "));
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::is_exemption;
    use crate::policy::Condition;

    fn exempts(arns: &[&str]) -> bool {
        let values = arns.iter().map(|arn| (*arn).to_owned()).collect();
        is_exemption(&Condition { operator: "ArnNotLike".into(), key: "aws:PrincipalArn".into(), values })
    }

    #[test]
    fn an_exemption_is_what_configuration_takes_for_one() {
        for arn in [
            "arn:aws:iam::*:role/AWSControlTowerExecution",
            "arn:aws:iam::*:role/stacksets-exec-*",
            "arn:aws:iam::111122223333:role/cdk-*-cfn-exec-role-*",
            "arn:aws:iam::111122223333:user/first",
        ] {
            assert!(exempts(&[arn]), "{arn}");
        }
        let everybody =
            ["*", "arn:aws:iam::*:role/*", "arn:aws:iam::*:role/?*", "arn:aws:iam::*:*", "arn:aws:iam::*:root"];
        for arn in everybody {
            assert!(!exempts(&[arn]), "{arn}");
            assert!(!exempts(&["arn:aws:iam::*:role/stacksets-exec-*", arn]), "{arn}");
        }
        assert!(!exempts(&[]));
    }
}
