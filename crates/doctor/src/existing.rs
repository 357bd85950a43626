//! What the configuration says exists already: a VPC with its subnets, and GitHub's identity provider. The zone publishes
//! or trusts them, and changes nothing of them.

use std::collections::BTreeMap;

use aws_sdk_ec2::types::Filter;
use config::{ExistingVpc, Network, OidcProvider};
use stacks::GITHUB_AUDIENCE;

use super::{
    Doctor,
    ask::{Answer, ask, ask_for},
    check::Check,
    credentials::Account,
};

/// The checks of this topic; none where everything is the zone's own.
pub(super) async fn examine(doctor: &Doctor<'_>) -> Vec<Check> {
    let zone = doctor.zone;
    let vpc = zone.network.as_ref().and_then(Network::existing);
    let provider = zone.access.as_ref().is_some_and(|access| access.oidc_provider == OidcProvider::Existing);
    if vpc.is_none() && !provider {
        return Vec::new();
    }
    let member = match &doctor.member {
        Ok(member) => member,
        Err(why) => return vec![Check::not_evaluated("existing", why)],
    };
    let mut checks = Vec::new();
    if let Some(vpc) = vpc {
        let (found, subnets) = futures::join!(find(member, &vpc.vpc_id), subnets(member, &vpc.vpc_id));
        checks.push(judge_vpc(vpc, found));
        checks.push(judge_subnets(vpc, subnets));
    }
    if provider {
        checks.push(judge_provider(&zone.github_provider_arn(), audiences(member, &zone.github_provider_arn()).await));
    }
    checks
}

/// Whether there is a VPC of this id.
async fn find(at: &Account, id: &str) -> Answer<bool> {
    let answer = ask_for(at.clients.ec2.describe_vpcs().vpc_ids(id).send(), &["InvalidVpcID.NotFound"]).await?;
    Ok(answer.is_some_and(|answer| !answer.vpcs().is_empty()))
}

/// The VPC's subnets, and whether each gives out public addresses.
async fn subnets(at: &Account, vpc: &str) -> Answer<BTreeMap<String, bool>> {
    let of_it = Filter::builder().name("vpc-id").values(vpc).build();
    let pages = at.clients.ec2.describe_subnets().filters(of_it).into_paginator().items().send();
    let all = ask(pages.collect::<Result<Vec<_>, _>>()).await?;
    Ok(all.into_iter().filter_map(|s| Some((s.subnet_id?, s.map_public_ip_on_launch.unwrap_or_default()))).collect())
}

/// Whom the provider's tokens may be for; none where there is no provider.
async fn audiences(at: &Account, arn: &str) -> Answer<Option<Vec<String>>> {
    let call = at.clients.iam.get_open_id_connect_provider().open_id_connect_provider_arn(arn).send();
    Ok(ask_for(call, &["NoSuchEntity"]).await?.map(|answer| answer.client_id_list.unwrap_or_default()))
}

fn judge_vpc(vpc: &ExistingVpc, found: Answer<bool>) -> Check {
    let (id, name) = ("existing.vpc", &vpc.vpc_id);
    match found {
        Ok(true) => Check::ok(id, format!("{name} exists, and is not changed")),
        Ok(false) => Check::problem(id, format!("there is no VPC {name} in the account and region"))
            .hint("correct `vpc_id` below [network]; with `cidr` and its other keys instead, the zone makes a VPC"),
        Err(error) => Check::unanswered(id, error),
    }
}

fn judge_subnets(vpc: &ExistingVpc, found: Answer<BTreeMap<String, bool>>) -> Check {
    let id = "existing.subnets";
    let found = match found {
        Ok(found) => found,
        Err(error) => return Check::unanswered(id, error),
    };
    let configured = || vpc.public_subnet_ids.iter().chain(&vpc.private_subnet_ids);
    let absent: Vec<_> = configured().filter(|id| !found.contains_key(*id)).map(String::as_str).collect();
    if !absent.is_empty() {
        return Check::problem(id, format!("{} has no subnet {}", vpc.vpc_id, absent.join(", ")))
            .hint("correct `public_subnet_ids` and `private_subnet_ids` below [network]");
    }
    let open: Vec<_> = vpc.private_subnet_ids.iter().filter(|id| found[*id]).map(String::as_str).collect();
    if !open.is_empty() {
        return Check::warning(
            id,
            format!("{} assign public addresses, but are configured as private", open.join(", ")),
        )
        .hint("name other subnets, or turn `MapPublicIpOnLaunch` off");
    }
    Check::ok(id, format!("{} has the {} subnets that are published", vpc.vpc_id, configured().count()))
}

fn judge_provider(arn: &str, found: Answer<Option<Vec<String>>>) -> Check {
    let id = "existing.oidc-provider";
    match found {
        Ok(Some(audiences)) if audiences.iter().any(|audience| audience == GITHUB_AUDIENCE) => {
            Check::ok(id, format!("{arn} exists, and is not changed"))
        }
        Ok(Some(audiences)) => {
            let finding = format!("{arn} takes tokens for {}, and not for {GITHUB_AUDIENCE}", audiences.join(", "));
            Check::problem(id, finding).hint(format!(
                "`aws iam add-client-id-to-open-id-connect-provider --open-id-connect-provider-arn {arn} --client-id \
                 {GITHUB_AUDIENCE}` adds it"
            ))
        }
        Ok(None) => Check::problem(id, format!("there is no {arn}"))
            .hint("take `oidc_provider = \"existing\"` out of [access], and the zone creates it"),
        Err(error) => Check::unanswered(id, error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{ask::Error, check::Level};

    fn vpc() -> ExistingVpc {
        let ids = |ids: &[&str]| ids.iter().map(|id| (*id).to_owned()).collect();
        ExistingVpc {
            vpc_id: "vpc-1".to_owned(),
            public_subnet_ids: ids(&["subnet-1"]),
            private_subnet_ids: ids(&["subnet-2"]),
        }
    }

    #[test]
    fn what_is_named_has_to_be_there() {
        assert_eq!(judge_vpc(&vpc(), Ok(true)).level, Level::Ok);
        assert_eq!(judge_vpc(&vpc(), Ok(false)).level, Level::Problem);
        assert_eq!(judge_vpc(&vpc(), Err(Error::new("no"))).level, Level::NotEvaluated);
        let subnets = |all: &[(&str, bool)]| Ok(all.iter().map(|(id, open)| ((*id).to_owned(), *open)).collect());
        assert_eq!(judge_subnets(&vpc(), subnets(&[("subnet-1", true), ("subnet-2", false)])).level, Level::Ok);
        let check = judge_subnets(&vpc(), subnets(&[("subnet-1", true)]));
        assert_eq!((check.level, check.finding.as_str()), (Level::Problem, "vpc-1 has no subnet subnet-2"));
        let open = judge_subnets(&vpc(), subnets(&[("subnet-1", true), ("subnet-2", true)]));
        assert_eq!(open.level, Level::Warning);
    }

    #[test]
    fn a_provider_takes_the_tokens_that_github_makes_for_aws() {
        let provider = |audiences: Option<&[&str]>| {
            judge_provider("arn", Ok(audiences.map(|all| all.iter().map(|a| (*a).to_owned()).collect()))).level
        };
        assert_eq!(provider(Some(&["other", GITHUB_AUDIENCE])), Level::Ok);
        assert_eq!(provider(Some(&["other"])), Level::Problem);
        assert_eq!(provider(None), Level::Problem);
    }
}
