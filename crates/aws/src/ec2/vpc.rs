//! A VPC.
//!
//! Calls: CreateVpc, DescribeVpcs, DescribeVpcAttribute, ModifyVpcAttribute, AssociateVpcCidrBlock,
//! DisassociateVpcCidrBlock, DeleteVpc, DescribeRouteTables, DescribeSecurityGroups, DescribeNetworkAcls, CreateTags,
//! DeleteTags, DescribeTags. IAM: `ec2:` + each of these.
//!
//! - VPCs may exist twice, so one is looked for before it is made (see `recovery`).
//! - CreateVpc knows no DNS attributes, and ModifyVpcAttribute takes one a call:
//!   <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ModifyVpcAttribute.html>

use std::{collections::BTreeMap, future::Future, time::Duration};

use aws_sdk_ec2::{
    config::retry::RetryConfig,
    types::{
        AttributeBooleanValue, ResourceType, Tenancy, Vpc as SdkVpc, VpcAttributeName, VpcCidrBlockStateCode,
        VpcIpv6CidrBlockAssociation, VpcState,
    },
};
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use derive::{Outputs, Resource};
use pulumi::{
    provider::{
        check,
        resource::{Created, CustomResource, Error, Kind, Live},
    },
    value::{Map, Value},
};

use crate::{
    cidr::not_a_network,
    context::Cx,
    error::{Failure, code, failed, found, gone},
    recovery::{self, Look},
    tags::{
        Ec2Thing, Taggable, Tagged, WithTags,
        ec2::{filter, ours, specification},
    },
};

/// A VPC.
#[derive(Clone, Debug, Resource)]
#[resource(token = "aws:ec2/vpc:Vpc", noun = "VPC", handle = Vpc)]
pub struct Inputs {
    /// Its IPv4 addresses, such as `10.80.0.0/16`; between /16 and /28. An IPAM pool may choose them instead.
    #[resource(replace, computed)]
    pub cidr_block: Option<String>,
    /// IPAM pool its IPv4 addresses come from.
    #[resource(replace, unread)]
    pub ipv4_ipam_pool_id: Option<String>,
    /// How many of them the IPAM pool is to give, as the length of the netmask.
    #[resource(replace, unread)]
    pub ipv4_netmask_length: Option<i32>,
    /// Whether it has IPv6 addresses too, a /56 that AWS chooses.
    #[resource(default = false)]
    pub assign_generated_ipv6_cidr_block: bool,
    /// Whether AWS answers DNS questions in it.
    #[resource(default = true)]
    pub enable_dns_support: bool,
    /// Whether instances with public addresses get names; needs `enableDnsSupport`.
    #[resource(default = false)]
    pub enable_dns_hostnames: bool,
    /// Whether AWS measures how many of the VPC's addresses are used.
    #[resource(default = false)]
    pub enable_network_address_usage_metrics: bool,
    /// `default`, or `dedicated`: its instances share their machines with no other account.
    #[resource(replace, default = "default")]
    pub instance_tenancy: String,
    /// Tags, beside the provider's default tags.
    #[resource(default)]
    pub tags: BTreeMap<String, String>,
}

/// What AWS adds to a VPC.
#[derive(Clone, Debug, Outputs)]
#[resource(handle = Vpc)]
pub struct Outputs {
    /// ARN.
    pub arn: String,
    /// Account that owns it.
    pub owner_id: String,
    /// Its main route table: for subnets that are associated with no other.
    pub main_route_table_id: String,
    /// The route table AWS made with it.
    pub default_route_table_id: String,
    /// The network ACL AWS made with it.
    pub default_network_acl_id: String,
    /// The security group AWS made with it.
    pub default_security_group_id: String,
    /// Its DHCP options.
    pub dhcp_options_id: String,
    /// Its IPv6 addresses; empty when it has none.
    #[resource(volatile)]
    pub ipv6_cidr_block: String,
    /// Association id of its IPv6 addresses; empty when it has none.
    #[resource(volatile)]
    pub ipv6_association_id: String,
}

pub(crate) const ABSENT: &[&str] = &["InvalidVpcID.NotFound"];
/// What AWS says of a thing that another one needs.
const IN_USE: &str = "DependencyViolation";
/// How long AWS may take to show, and to change, what was made.
pub(crate) const SETTLING: Duration = Duration::from_mins(5);
/// How long network interfaces and gateways may take to let go.
const DETACHING: Duration = Duration::from_mins(5);

impl CustomResource for Vpc {
    type Context = Cx;
    type Inputs = Inputs;
    type Outputs = Outputs;

    fn is_id(text: &str) -> bool {
        text.starts_with("vpc-")
    }

    fn check(inputs: &Map) -> Vec<check::Failure> {
        let mut failures = Vec::new();
        let mut wrong = |property: &str, reason: String| {
            failures.push(check::Failure { property: property.to_owned(), reason });
        };
        match (inputs.get("cidrBlock"), inputs.get("ipv4IpamPoolId")) {
            (None, None) => wrong("cidrBlock", "give `cidrBlock`, or `ipv4IpamPoolId` to have it chosen".to_owned()),
            (Some(Value::String(cidr)), _) => {
                if let Some(reason) = not_a_network(cidr) {
                    wrong("cidrBlock", reason);
                }
            }
            _ => {}
        }
        if inputs.contains_key("ipv4NetmaskLength") && !inputs.contains_key("ipv4IpamPoolId") {
            wrong("ipv4NetmaskLength", "this is for an IPAM pool: set `ipv4IpamPoolId` too".to_owned());
        }
        let is = |property: &str, flag: bool| inputs.get(property) == Some(&Value::Bool(flag));
        if is("enableDnsHostnames", true) && is("enableDnsSupport", false) {
            wrong("enableDnsHostnames", "there are no names without DNS: leave `enableDnsSupport` on".to_owned());
        }
        failures
    }

    async fn create(cx: &Cx, inputs: &Inputs) -> Result<Created<Outputs>, Error> {
        let call = cx.clients.ec2.create_vpc().set_cidr_block(inputs.cidr_block.clone());
        let call = call
            .set_ipv4_ipam_pool_id(inputs.ipv4_ipam_pool_id.clone())
            .set_ipv4_netmask_length(inputs.ipv4_netmask_length)
            .instance_tenancy(Tenancy::from(inputs.instance_tenancy.as_str()))
            .amazon_provided_ipv6_cidr_block(inputs.assign_generated_ipv6_cidr_block)
            .tag_specifications(specification(cx, ResourceType::Vpc));
        let call = || async {
            // repeated only after looking whether it was made: see `once`
            let unrepeated = aws_sdk_ec2::config::Builder::new().retry_config(RetryConfig::disabled());
            Ok((call.clone().customize().config_override(unrepeated).send().await?.vpc, false))
        };
        let find = |look| async move { Ok(find(cx, look, inputs).await?.map(|v| (Some(v), look == Look::Resource))) };
        let (vpc, existed) = recovery::once(&cx.recovery, call, find).await?;
        let vpc = vpc.ok_or_else(|| Error::new("AWS made a VPC and did not say which"))?;
        let id = vpc.vpc_id.clone().unwrap_or_default();
        match Box::pin(finish(cx, &id, existed, inputs)).await {
            Ok(outputs) => Ok(Created::new(id, outputs)),
            Err(error) => Ok(Created::new(&id, outputs(cx, &id, &vpc, Given::default())).and(Err(error))),
        }
    }

    async fn read(cx: &Cx, id: &str) -> Result<Option<Live<Inputs, Outputs>>, Error> {
        let Some(vpc) = describe(cx, id).await? else { return Ok(None) };
        let (support, hostnames, metrics, given) = futures::future::join4(
            Box::pin(attribute(cx, id, VpcAttributeName::EnableDnsSupport)),
            Box::pin(attribute(cx, id, VpcAttributeName::EnableDnsHostnames)),
            Box::pin(attribute(cx, id, VpcAttributeName::EnableNetworkAddressUsageMetrics)),
            Box::pin(given(cx, id)),
        )
        .await;
        // another of EC2's servers may not know a VPC that was made, or deleted, a moment ago
        let (Some(support), Some(hostnames), Some(metrics)) = (support?, hostnames?, metrics?) else { return Ok(None) };
        let inputs = Inputs {
            cidr_block: vpc.cidr_block.clone(),
            ipv4_ipam_pool_id: None,
            ipv4_netmask_length: None,
            assign_generated_ipv6_cidr_block: generated(&vpc).is_some(),
            enable_dns_support: support,
            enable_dns_hostnames: hostnames,
            enable_network_address_usage_metrics: metrics,
            instance_tenancy: vpc.instance_tenancy.as_ref().map(ToString::to_string).unwrap_or_default(),
            tags: BTreeMap::new(),
        };
        Ok(Some(Live { inputs, outputs: outputs(cx, id, &vpc, given?) }))
    }

    async fn update(cx: &Cx, id: &str, old: &Inputs, new: &Inputs, outputs: Outputs) -> Result<Outputs, Error> {
        if new.assign_generated_ipv6_cidr_block != old.assign_generated_ipv6_cidr_block {
            give_ipv6(cx, id, new.assign_generated_ipv6_cidr_block).await?;
        }
        let support = (VpcAttributeName::EnableDnsSupport, old.enable_dns_support, new.enable_dns_support);
        let hostnames = (VpcAttributeName::EnableDnsHostnames, old.enable_dns_hostnames, new.enable_dns_hostnames);
        let metrics = (
            VpcAttributeName::EnableNetworkAddressUsageMetrics,
            old.enable_network_address_usage_metrics,
            new.enable_network_address_usage_metrics,
        );
        // host names need DNS: it comes first and goes last
        let order = if new.enable_dns_support { [support, hostnames, metrics] } else { [hostnames, support, metrics] };
        for (name, _, on) in order.into_iter().filter(|(_, old, new)| old != new) {
            set(cx, id, name, on).await?;
        }
        Ok(Box::pin(Self::read(cx, id)).await?.map_or(outputs, |live| live.outputs))
    }

    async fn delete(cx: &Cx, id: &str, _: &Inputs) -> Result<(), Error> {
        let call = cx.clients.ec2.delete_vpc().vpc_id(id);
        gone(unused(cx, DETACHING, || call.clone().send()).await, ABSENT)
    }
}

impl Taggable for Vpc {
    fn tagged(_: &Cx, id: &str) -> Tagged {
        Box::new(Ec2Thing(id.to_owned()))
    }
}

pub(crate) fn kind() -> Box<dyn Kind<Cx>> {
    Box::new(WithTags::<Vpc>::new())
}

/// Makes a call that AWS refuses while something else uses the thing, for as long as that may take to go away.
pub(crate) async fn unused<T, E, C>(cx: &Cx, limit: Duration, call: impl Fn() -> C) -> Result<T, Failure<E>>
where
    E: ProvideErrorMetadata,
    C: Future<Output = Result<T, Failure<E>>>,
{
    match call().await {
        Err(failure) if code(&failure) == Some(IN_USE) => {
            cx.log.info(&cx.urn, "something still uses it, AWS says: waiting for that to go").await;
            recovery::settled_within(limit, &[IN_USE], call).await
        }
        other => other,
    }
}

async fn describe(cx: &Cx, id: &str) -> Result<Option<SdkVpc>, Error> {
    let answer = found(cx.clients.ec2.describe_vpcs().vpc_ids(id).send().await, ABSENT)?;
    Ok(answer.and_then(|a| a.vpcs).unwrap_or_default().into_iter().next())
}

/// A VPC of these addresses that carries our identity, and that the state does not know.
async fn find(cx: &Cx, look: Look, inputs: &Inputs) -> Result<Option<SdkVpc>, Error> {
    let ask = |identity| async {
        let pages = cx.clients.ec2.describe_vpcs().filters(identity).into_paginator().items().send();
        pages.collect::<Result<Vec<_>, _>>().await.map_err(failed)
    };
    let fits = |vpc: &SdkVpc| {
        let tenancy = vpc.instance_tenancy.as_ref().is_some_and(|t| t.as_str() == inputs.instance_tenancy);
        tenancy
            && (inputs.cidr_block.is_none() || vpc.cidr_block == inputs.cidr_block)
            && vpc.vpc_id.as_ref().is_some_and(|id| !cx.recovery.knows(id))
    };
    Ok(ours(cx, look, ask).await?.into_iter().find(fits))
}

/// Waits for it, and gives it what CreateVpc does not.
async fn finish(cx: &Cx, id: &str, existed: bool, inputs: &Inputs) -> Result<Outputs, Error> {
    let available = || async { Ok(describe(cx, id).await?.filter(|v| v.state == Some(VpcState::Available))) };
    recovery::until(SETTLING, "to be available", available).await?;
    if existed {
        cx.log.info(&cx.urn, &format!("found VPC `{id}`, which an interrupted run had made")).await;
        let target = Vpc::tagged(cx, id);
        target.claim(cx, &target.all(cx).await?).await?;
    }
    let shown = || async {
        let live = Box::pin(Vpc::read(cx, id)).await?;
        Ok(live.filter(|l| {
            !l.outputs.default_security_group_id.is_empty()
                && !l.outputs.main_route_table_id.is_empty()
                && !l.outputs.default_network_acl_id.is_empty()
        }))
    };
    let live = recovery::until(SETTLING, "to show what AWS makes with it", shown).await?;
    Box::pin(Vpc::update(cx, id, &live.inputs, inputs, live.outputs)).await
}

/// What AWS makes with a VPC.
#[derive(Default)]
struct Given {
    route_table: Option<String>,
    network_acl: Option<String>,
    security_group: Option<String>,
}

async fn given(cx: &Cx, id: &str) -> Result<Given, Error> {
    let ec2 = &cx.clients.ec2;
    let of_vpc = || filter("vpc-id", id);
    let tables = ec2.describe_route_tables().filters(of_vpc()).filters(filter("association.main", "true"));
    let acls = ec2.describe_network_acls().filters(of_vpc()).filters(filter("default", "true"));
    let groups = ec2.describe_security_groups().filters(of_vpc()).filters(filter("group-name", "default"));
    let (tables, acls, groups) = futures::future::join3(
        tables.into_paginator().items().send().collect::<Result<Vec<_>, _>>(),
        acls.into_paginator().items().send().collect::<Result<Vec<_>, _>>(),
        groups.into_paginator().items().send().collect::<Result<Vec<_>, _>>(),
    )
    .await;
    let (tables, acls, groups) = (tables.map_err(failed)?, acls.map_err(failed)?, groups.map_err(failed)?);
    Ok(Given {
        route_table: tables.into_iter().find_map(|t| t.route_table_id),
        network_acl: acls.into_iter().find_map(|a| a.network_acl_id),
        security_group: groups.into_iter().find_map(|g| g.group_id),
    })
}

fn outputs(cx: &Cx, id: &str, vpc: &SdkVpc, given: Given) -> Outputs {
    let ipv6 = vpc.ipv6_cidr_block_association_set.iter().flatten().find(|a| is_there(a));
    let table = given.route_table.unwrap_or_default();
    Outputs {
        arn: cx.arn("ec2", &format!("vpc/{id}")),
        owner_id: vpc.owner_id.clone().unwrap_or_else(|| cx.caller.account.clone()),
        main_route_table_id: table.clone(),
        default_route_table_id: table,
        default_network_acl_id: given.network_acl.unwrap_or_default(),
        default_security_group_id: given.security_group.unwrap_or_default(),
        dhcp_options_id: vpc.dhcp_options_id.clone().unwrap_or_default(),
        ipv6_cidr_block: ipv6.and_then(|a| a.ipv6_cidr_block.clone()).unwrap_or_default(),
        ipv6_association_id: ipv6.and_then(|a| a.association_id.clone()).unwrap_or_default(),
    }
}

fn is_there(association: &VpcIpv6CidrBlockAssociation) -> bool {
    let state = association.ipv6_cidr_block_state.as_ref().and_then(|s| s.state.as_ref());
    matches!(state, Some(VpcCidrBlockStateCode::Associated | VpcCidrBlockStateCode::Associating))
}

/// The IPv6 addresses that AWS chose for it.
fn generated(vpc: &SdkVpc) -> Option<&VpcIpv6CidrBlockAssociation> {
    let mut all = vpc.ipv6_cidr_block_association_set.iter().flatten();
    all.find(|a| is_there(a) && a.ipv6_pool.as_deref() == Some("Amazon"))
}

/// Gives it IPv6 addresses, or takes them away; with those it has already there is nothing to do.
async fn give_ipv6(cx: &Cx, id: &str, wanted: bool) -> Result<(), Error> {
    let has = |_| async { Ok(describe(cx, id).await?.and_then(|vpc| generated(&vpc)?.association_id.clone())) };
    let failed_at = |e: Error| e.within("changing its IPv6 addresses");
    match (has(Look::Attempt).await?, wanted) {
        (None, true) => {
            let call = cx.clients.ec2.associate_vpc_cidr_block().vpc_id(id).amazon_provided_ipv6_cidr_block(true);
            let call = || async {
                let unrepeated = aws_sdk_ec2::config::Builder::new().retry_config(RetryConfig::disabled());
                let made = call.clone().customize().config_override(unrepeated).send().await?;
                Ok(made.ipv6_cidr_block_association.and_then(|a| a.association_id).unwrap_or_default())
            };
            recovery::once(&cx.recovery, call, has).await.map_err(failed_at)?;
        }
        (Some(association), false) => {
            let call = cx.clients.ec2.disassociate_vpc_cidr_block().association_id(association);
            let absent = &["InvalidVpcCidrBlockAssociationID.NotFound"];
            gone(unused(cx, DETACHING, || call.clone().send()).await, absent).map_err(failed_at)?;
        }
        _ => return Ok(()),
    }
    let settled = || async {
        let Some(vpc) = describe(cx, id).await? else { return Ok(None) };
        let state = generated(&vpc).and_then(|a| a.ipv6_cidr_block_state.clone()).and_then(|s| s.state);
        Ok((state == wanted.then_some(VpcCidrBlockStateCode::Associated)).then_some(()))
    };
    recovery::until(SETTLING, "to change its IPv6 addresses", settled).await
}

/// What an attribute is; `None` is that there is no such VPC.
async fn attribute(cx: &Cx, id: &str, name: VpcAttributeName) -> Result<Option<bool>, Error> {
    let answer = cx.clients.ec2.describe_vpc_attribute().vpc_id(id).attribute(name.clone()).send().await;
    // partitions that do not measure the use of addresses say so with an error
    if answer.as_ref().err().and_then(code) == Some("InvalidParameterValue") {
        return Ok(Some(false));
    }
    let Some(answer) = found(answer, ABSENT)? else { return Ok(None) };
    let value = match name {
        VpcAttributeName::EnableDnsSupport => answer.enable_dns_support,
        VpcAttributeName::EnableDnsHostnames => answer.enable_dns_hostnames,
        _ => answer.enable_network_address_usage_metrics,
    };
    Ok(Some(value.and_then(|v| v.value).unwrap_or(false)))
}

async fn set(cx: &Cx, id: &str, name: VpcAttributeName, on: bool) -> Result<(), Error> {
    let value = AttributeBooleanValue::builder().value(on).build();
    let call = cx.clients.ec2.modify_vpc_attribute().vpc_id(id);
    let call = match name {
        VpcAttributeName::EnableDnsSupport => call.enable_dns_support(value),
        VpcAttributeName::EnableDnsHostnames => call.enable_dns_hostnames(value),
        _ => call.enable_network_address_usage_metrics(value),
    };
    let doing = format!("setting {}", name.as_str());
    recovery::settled(ABSENT, || call.clone().send()).await.map_err(|e| failed(e).within(&doing))?;
    let changed = || async { Ok((attribute(cx, id, name.clone()).await? == Some(on)).then_some(())) };
    recovery::until(SETTLING, &format!("to show {}", name.as_str()), changed).await
}

#[cfg(test)]
mod tests;
