//! A VPC.
//!
//! Calls: CreateVpc, DescribeVpcs, DescribeVpcAttribute, ModifyVpcAttribute, AssociateVpcCidrBlock,
//! DisassociateVpcCidrBlock, DeleteVpc, DescribeRouteTables, DescribeSecurityGroups, DescribeNetworkAcls, CreateTags,
//! DeleteTags, DescribeTags. IAM: `ec2:` + each of these.
//!
//! - VPCs may exist twice, so one is looked for before it is made (see `recovery`).
//! - CreateVpc knows no DNS attributes, and ModifyVpcAttribute takes one a call:
//!   <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ModifyVpcAttribute.html>

use std::future::Future;

use aws_sdk_ec2::types::{
    AttributeBooleanValue, ResourceType, Vpc as SdkVpc, VpcAttributeName, VpcCidrBlockStateCode,
    VpcIpv6CidrBlockAssociation, VpcState,
};
use aws_smithy_types::error::metadata::ProvideErrorMetadata;

use crate::{
    cidr::not_a_network,
    error::{self, code},
    prelude::*,
    tags::{
        Ec2Thing,
        ec2::{filter, lost, specification},
    },
};

/// A VPC.
#[derive(Clone, Debug, Resource)]
#[resource(token = "aws:ec2/vpc:Vpc", noun = "VPC", handle = Vpc, tags)]
pub struct Inputs {
    /// IPv4 network of the VPC, such as `10.80.0.0/16`; between /16 and /28. An IPAM pool may choose it instead.
    #[resource(replace, computed)]
    pub cidr_block: Option<String>,
    /// IPAM pool that the IPv4 network comes from.
    #[resource(replace, unread)]
    pub ipv4_ipam_pool_id: Option<String>,
    /// Length of the netmask of the network that the IPAM pool chooses.
    #[resource(replace, unread)]
    pub ipv4_netmask_length: Option<i32>,
    /// Whether the VPC has an IPv6 network too, a /56 that AWS chooses.
    #[resource(default = false)]
    pub assign_generated_ipv6_cidr_block: bool,
    /// Whether AWS's DNS server answers in the VPC.
    #[resource(default = true)]
    pub enable_dns_support: bool,
    /// Whether instances with public addresses get host names; needs `enableDnsSupport`.
    #[resource(default = false)]
    pub enable_dns_hostnames: bool,
    /// Whether AWS measures how many of the VPC's addresses are used.
    #[resource(default = false)]
    pub enable_network_address_usage_metrics: bool,
    /// `default`, or `dedicated`: its instances share their machines with no other account.
    #[resource(replace, default = "default")]
    pub instance_tenancy: String,
}

/// Outputs of a VPC.
#[derive(Clone, Debug, Outputs)]
#[resource(handle = Vpc)]
pub struct Outputs {
    /// ARN.
    pub arn: String,
    /// Account that owns the VPC.
    pub owner_id: String,
    /// Main route table, which subnets use that are associated with no other.
    pub main_route_table_id: String,
    /// Route table that AWS made with the VPC.
    pub default_route_table_id: String,
    /// Network ACL that AWS made with the VPC.
    pub default_network_acl_id: String,
    /// Security group that AWS made with the VPC.
    pub default_security_group_id: String,
    /// DHCP options of the VPC.
    pub dhcp_options_id: String,
    /// IPv6 network of the VPC; empty when it has none.
    #[resource(volatile)]
    pub ipv6_cidr_block: String,
    /// Id of the association with the IPv6 network; empty when there is none.
    #[resource(volatile)]
    pub ipv6_association_id: String,
}

pub(crate) const ABSENT: Codes = &["InvalidVpcID.NotFound"];
/// What AWS says of a thing that another one needs.
const IN_USE: &str = "DependencyViolation";
/// How long AWS may take to show, and to change, what was made.
pub(crate) const SETTLING: Duration = Duration::from_mins(5);
/// How long network interfaces and gateways may take to let go.
const DETACHING: Duration = Duration::from_mins(5);

impl AwsResource for Vpc {
    const ABSENT: Codes = ABSENT;

    fn tagged(_: &Cx, id: &str) -> Tagged {
        Box::new(Ec2Thing(id.to_owned()))
    }

    fn is_id(text: &str) -> bool {
        text.starts_with("vpc-")
    }

    fn check(checks: &mut Checks<'_>) {
        if !checks.has("cidrBlock") && !checks.has("ipv4IpamPoolId") {
            checks.wrong("cidrBlock", "give `cidrBlock`, or `ipv4IpamPoolId` to have it chosen");
        }
        if let Some(reason) = checks.text("cidrBlock").and_then(not_a_network) {
            checks.wrong("cidrBlock", reason);
        }
        if checks.has("ipv4NetmaskLength") && !checks.has("ipv4IpamPoolId") {
            checks.wrong("ipv4NetmaskLength", "this is for an IPAM pool: set `ipv4IpamPoolId` too");
        }
        if checks.is("enableDnsHostnames", true) && checks.is("enableDnsSupport", false) {
            checks.wrong("enableDnsHostnames", "host names need DNS: leave `enableDnsSupport` on");
        }
    }

    async fn create(cx: &Cx, inputs: &Inputs) -> Answer<Created<Outputs>> {
        let call = cx.clients.unrepeated().ec2.create_vpc().set_cidr_block(inputs.cidr_block.clone());
        let call = call
            .set_ipv4_ipam_pool_id(inputs.ipv4_ipam_pool_id.clone())
            .set_ipv4_netmask_length(inputs.ipv4_netmask_length)
            .instance_tenancy(inputs.instance_tenancy.as_str().into())
            .amazon_provided_ipv6_cidr_block(inputs.assign_generated_ipv6_cidr_block)
            .tag_specifications(specification(cx, ResourceType::Vpc));
        let create = || async { Ok(call.clone().send().await?.vpc) };
        let list =
            |identity| cx.clients.ec2.describe_vpcs().filters(identity).into_paginator().items().send().collect();
        let fits = |vpc: &SdkVpc| {
            (inputs.cidr_block.is_none() || vpc.cidr_block == inputs.cidr_block)
                && vpc.instance_tenancy.as_ref().is_some_and(|tenancy| tenancy.as_str() == inputs.instance_tenancy)
        };
        let find = |look| lost(cx, look, list, |vpc: &SdkVpc| vpc.vpc_id.as_ref().filter(|_| fits(vpc)));
        let (vpc, existed) = resource::once(cx, "CreateVpc", create, find).await?;
        let id = vpc.vpc_id.clone().unwrap_or_default();
        let finished = Box::pin(finish(cx, &id, existed, inputs)).await;
        Ok(resource::made(&id, finished, || outputs(cx, &id, &vpc, Defaults::default())))
    }

    async fn read(cx: &Cx, id: &str) -> Answer<Option<Live<Inputs, Outputs>>> {
        let Some(vpc) = describe(cx, id).await? else { return Ok(None) };
        // another of EC2's servers may not know a VPC that was made, or deleted, a moment ago: then it is absent
        let (support, hostnames, metrics, defaults) = futures::future::try_join4(
            Box::pin(attribute(cx, id, VpcAttributeName::EnableDnsSupport)),
            Box::pin(attribute(cx, id, VpcAttributeName::EnableDnsHostnames)),
            Box::pin(attribute(cx, id, VpcAttributeName::EnableNetworkAddressUsageMetrics)),
            Box::pin(defaults(cx, id)),
        )
        .await?;
        let inputs = Inputs {
            cidr_block: vpc.cidr_block.clone(),
            ipv4_ipam_pool_id: None,
            ipv4_netmask_length: None,
            assign_generated_ipv6_cidr_block: generated(&vpc).is_some(),
            enable_dns_support: support,
            enable_dns_hostnames: hostnames,
            enable_network_address_usage_metrics: metrics,
            instance_tenancy: vpc.instance_tenancy.as_ref().map(ToString::to_string).unwrap_or_default(),
        };
        Ok(Some(Live { inputs, outputs: outputs(cx, id, &vpc, defaults) }))
    }

    async fn update(cx: &Cx, id: &str, old: &Inputs, new: &Inputs, outputs: Outputs) -> Answer<Outputs> {
        if new.assign_generated_ipv6_cidr_block != old.assign_generated_ipv6_cidr_block {
            give_ipv6(cx, id, new.assign_generated_ipv6_cidr_block).await.within("changing its IPv6 network")?;
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
        Ok(Box::pin(resource::read::<Self>(cx, id)).await?.map_or(outputs, |live| live.outputs))
    }

    async fn delete(cx: &Cx, id: &str, _: &Inputs) -> Answer {
        let call = cx.clients.ec2.delete_vpc().vpc_id(id);
        unused(cx, DETACHING, || call.clone().send()).await.done()
    }
}

/// Makes a call that AWS refuses while something else uses the thing, for as long as that may take to go away.
pub(crate) async fn unused<T, E, C>(cx: &Cx, limit: Duration, call: impl Fn() -> C) -> Result<T, error::Failure<E>>
where
    E: ProvideErrorMetadata,
    C: Future<Output = Result<T, error::Failure<E>>>,
{
    match call().await {
        Err(failure) if code(&failure) == Some(IN_USE) => {
            cx.log.info(&cx.urn, "AWS says that something still uses it: waiting for that to end").await;
            recovery::settled_within(limit, &[IN_USE], call).await
        }
        other => other,
    }
}

async fn describe(cx: &Cx, id: &str) -> Answer<Option<SdkVpc>> {
    let answer = cx.clients.ec2.describe_vpcs().vpc_ids(id).send().await.found(ABSENT)?;
    Ok(answer.and_then(|answer| answer.vpcs).unwrap_or_default().into_iter().next())
}

/// Waits for it, and gives it what CreateVpc does not.
async fn finish(cx: &Cx, id: &str, existed: bool, inputs: &Inputs) -> Answer<Outputs> {
    let available = || async { Ok(describe(cx, id).await?.filter(|vpc| vpc.state == Some(VpcState::Available))) };
    waits::until(SETTLING, "to be available", available).await?;
    if existed {
        resource::claim_found::<Vpc>(cx, id).await?;
    }
    let shown = || async {
        let live = Box::pin(resource::read::<Vpc>(cx, id)).await?;
        Ok(live.filter(|live| {
            !live.outputs.default_security_group_id.is_empty()
                && !live.outputs.main_route_table_id.is_empty()
                && !live.outputs.default_network_acl_id.is_empty()
        }))
    };
    let live = waits::until(SETTLING, "to show what AWS makes with it", shown).await?;
    Box::pin(Vpc::update(cx, id, &live.inputs, inputs, live.outputs)).await
}

/// What AWS makes with a VPC.
#[derive(Default)]
struct Defaults {
    route_table: Option<String>,
    network_acl: Option<String>,
    security_group: Option<String>,
}

async fn defaults(cx: &Cx, id: &str) -> Answer<Defaults> {
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
    Ok(Defaults {
        route_table: tables?.into_iter().find_map(|table| table.route_table_id),
        network_acl: acls?.into_iter().find_map(|acl| acl.network_acl_id),
        security_group: groups?.into_iter().find_map(|group| group.group_id),
    })
}

fn outputs(cx: &Cx, id: &str, vpc: &SdkVpc, defaults: Defaults) -> Outputs {
    let ipv6 = vpc.ipv6_cidr_block_association_set.iter().flatten().find(|association| is_there(association));
    let table = defaults.route_table.unwrap_or_default();
    Outputs {
        arn: cx.arn("ec2", &format!("vpc/{id}")),
        owner_id: vpc.owner_id.clone().unwrap_or_else(|| cx.caller.account.clone()),
        main_route_table_id: table.clone(),
        default_route_table_id: table,
        default_network_acl_id: defaults.network_acl.unwrap_or_default(),
        default_security_group_id: defaults.security_group.unwrap_or_default(),
        dhcp_options_id: vpc.dhcp_options_id.clone().unwrap_or_default(),
        ipv6_cidr_block: ipv6.and_then(|association| association.ipv6_cidr_block.clone()).unwrap_or_default(),
        ipv6_association_id: ipv6.and_then(|association| association.association_id.clone()).unwrap_or_default(),
    }
}

fn is_there(association: &VpcIpv6CidrBlockAssociation) -> bool {
    let state = association.ipv6_cidr_block_state.as_ref().and_then(|state| state.state.as_ref());
    matches!(state, Some(VpcCidrBlockStateCode::Associated | VpcCidrBlockStateCode::Associating))
}

/// The IPv6 network that AWS chose for it.
fn generated(vpc: &SdkVpc) -> Option<&VpcIpv6CidrBlockAssociation> {
    let mut all = vpc.ipv6_cidr_block_association_set.iter().flatten();
    all.find(|association| is_there(association) && association.ipv6_pool.as_deref() == Some("Amazon"))
}

/// Gives it an IPv6 network, or takes it away; with one that it has already there is nothing to do.
async fn give_ipv6(cx: &Cx, id: &str, wanted: bool) -> Answer {
    let has =
        || async { Ok::<_, Refusal>(describe(cx, id).await?.and_then(|vpc| generated(&vpc)?.association_id.clone())) };
    match (has().await?, wanted) {
        (None, true) => {
            let call = cx.clients.unrepeated().ec2.associate_vpc_cidr_block().vpc_id(id);
            let call = call.amazon_provided_ipv6_cidr_block(true);
            let associate = || async {
                let made = call.clone().send().await?.ipv6_cidr_block_association;
                Ok(made.and_then(|association| association.association_id))
            };
            resource::once(cx, "AssociateVpcCidrBlock", associate, |_| has()).await?;
        }
        (Some(association), false) => {
            let call = cx.clients.ec2.disassociate_vpc_cidr_block().association_id(association);
            let removed = unused(cx, DETACHING, || call.clone().send()).await;
            removed.gone(&["InvalidVpcCidrBlockAssociationID.NotFound"])?;
        }
        _ => return Ok(()),
    }
    let settled = || async {
        let Some(vpc) = describe(cx, id).await? else { return Ok(None) };
        let state = generated(&vpc).and_then(|association| association.ipv6_cidr_block_state.clone()?.state);
        Ok((state == wanted.then_some(VpcCidrBlockStateCode::Associated)).then_some(()))
    };
    waits::until(SETTLING, "to show the change", settled).await
}

async fn attribute(cx: &Cx, id: &str, name: VpcAttributeName) -> Answer<bool> {
    let call = cx.clients.ec2.describe_vpc_attribute().vpc_id(id).attribute(name.clone());
    // partitions that do not measure the use of addresses say so with an error
    let Some(answer) = call.send().await.found(&["InvalidParameterValue"])? else { return Ok(false) };
    let value = match name {
        VpcAttributeName::EnableDnsSupport => answer.enable_dns_support,
        VpcAttributeName::EnableDnsHostnames => answer.enable_dns_hostnames,
        _ => answer.enable_network_address_usage_metrics,
    };
    Ok(value.and_then(|value| value.value).unwrap_or(false))
}

async fn set(cx: &Cx, id: &str, name: VpcAttributeName, on: bool) -> Answer {
    let value = AttributeBooleanValue::builder().value(on).build();
    let call = cx.clients.ec2.modify_vpc_attribute().vpc_id(id);
    let call = match name {
        VpcAttributeName::EnableDnsSupport => call.enable_dns_support(value),
        VpcAttributeName::EnableDnsHostnames => call.enable_dns_hostnames(value),
        _ => call.enable_network_address_usage_metrics(value),
    };
    recovery::settled(ABSENT, || call.clone().send()).await.within(&format!("setting {}", name.as_str()))?;
    let changed = || async { Ok((attribute(cx, id, name.clone()).await.found(ABSENT)? == Some(on)).then_some(())) };
    waits::until(SETTLING, &format!("to show {}", name.as_str()), changed).await
}

#[cfg(test)]
mod tests;
