//! A subnet of a VPC.
//!
//! Calls: CreateSubnet, DescribeSubnets, ModifySubnetAttribute, AssociateSubnetCidrBlock, DisassociateSubnetCidrBlock,
//! DeleteSubnet, CreateTags, DeleteTags, DescribeTags. IAM: `ec2:` + each of these.
//!
//! - CreateSubnet knows no attributes, and ModifySubnetAttribute takes one a call:
//!   <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ModifySubnetAttribute.html>
//! - A subnet's addresses are its own within the VPC: one that has them already is ours when its tags prove it.

use aws_sdk_ec2::{
    operation::modify_subnet_attribute::builders::ModifySubnetAttributeFluentBuilder as Call,
    types::{
        AttributeBooleanValue, ResourceType, Subnet as SdkSubnet, SubnetCidrBlockStateCode,
        SubnetIpv6CidrBlockAssociation, SubnetState,
    },
};

use super::vpc::{self, SETTLING, unused};
use crate::{
    cidr::not_a_network,
    prelude::*,
    tags::{
        Ec2Thing,
        ec2::{filter, lost, specification},
    },
};

/// A subnet of a VPC, in one availability zone.
#[derive(Clone, Debug, Resource)]
#[resource(token = "aws:ec2/subnet:Subnet", noun = "subnet", handle = Subnet, tags, from = SdkSubnet)]
pub struct Inputs {
    /// Id of the VPC.
    #[resource(replace)]
    pub vpc_id: String,
    /// IPv4 network of the subnet, a part of the VPC's, such as `10.80.0.0/20`; absent only with `ipv6Native`.
    #[resource(replace, blank)]
    pub cidr_block: Option<String>,
    /// Availability zone, such as `ap-southeast-2a`. In another account the same name may mean another zone.
    #[resource(replace, computed)]
    pub availability_zone: Option<String>,
    /// Availability zone by the id that all accounts share, such as `apse2-az1`. Instead of `availabilityZone`.
    #[resource(replace, computed)]
    pub availability_zone_id: Option<String>,
    /// Whether instances get public IPv4 addresses.
    #[resource(default = false)]
    pub map_public_ip_on_launch: bool,
    /// IPv6 network of the subnet, a /64 of the VPC's.
    #[resource(computed, told, own)]
    pub ipv6_cidr_block: Option<String>,
    /// Whether the subnet has IPv6 addresses alone.
    #[resource(replace, default = false)]
    pub ipv6_native: bool,
    /// Whether network interfaces get IPv6 addresses.
    #[resource(default = false)]
    pub assign_ipv6_address_on_creation: bool,
    /// Whether DNS answers made-up IPv6 addresses for hosts that have IPv4 alone.
    #[resource(default = false)]
    pub enable_dns64: bool,
    /// Whether the names of instances have A records.
    #[resource(default = false, sdk = private_dns_name_options_on_launch.enable_resource_name_dns_a_record)]
    pub enable_resource_name_dns_a_record_on_launch: bool,
    /// Whether the names of instances have AAAA records.
    #[resource(default = false, sdk = private_dns_name_options_on_launch.enable_resource_name_dns_aaaa_record)]
    pub enable_resource_name_dns_aaaa_record_on_launch: bool,
    /// `ip-name` or `resource-name`: what instances are named after.
    #[resource(computed, sdk = private_dns_name_options_on_launch.hostname_type)]
    pub private_dns_hostname_type_on_launch: Option<String>,
}

/// Outputs of a subnet.
#[derive(Clone, Debug, Outputs)]
#[resource(handle = Subnet)]
pub struct Outputs {
    /// ARN.
    pub arn: String,
    /// Account that owns the subnet.
    pub owner_id: String,
    /// Id of the association with the IPv6 network; empty when there is none.
    #[resource(volatile)]
    pub ipv6_cidr_block_association_id: String,
}

pub(crate) const ABSENT: Codes = &["InvalidSubnetID.NotFound"];
const TAKEN: Codes = &["InvalidSubnet.Conflict"];
/// The network interfaces that Lambda and load balancers leave behind go by themselves, and take their time.
const DETACHING: Duration = Duration::from_mins(15);

/// How ModifySubnetAttribute sets a flag, and where inputs have it.
type Flag = (fn(Call, AttributeBooleanValue) -> Call, fn(&Inputs) -> bool);
const FLAGS: [Flag; 5] = [
    (Call::assign_ipv6_address_on_creation, |inputs| inputs.assign_ipv6_address_on_creation),
    (Call::map_public_ip_on_launch, |inputs| inputs.map_public_ip_on_launch),
    (Call::enable_dns64, |inputs| inputs.enable_dns64),
    (Call::enable_resource_name_dns_a_record_on_launch, |inputs| inputs.enable_resource_name_dns_a_record_on_launch),
    (Call::enable_resource_name_dns_aaaa_record_on_launch, |inputs| {
        inputs.enable_resource_name_dns_aaaa_record_on_launch
    }),
];

impl AwsResource for Subnet {
    const ABSENT: Codes = ABSENT;

    fn tagged(_: &Cx, id: &str) -> Tagged {
        Box::new(Ec2Thing(id.to_owned()))
    }

    fn is_id(text: &str) -> bool {
        text.starts_with("subnet-")
    }

    /// The subnet that has exactly these addresses.
    async fn existing(cx: &Cx, inputs: &Inputs) -> Answer<Option<String>> {
        let Some(cidr) = &inputs.cidr_block else { return Ok(None) };
        let call = cx.clients.ec2.describe_subnets().filters(filter("vpc-id", &inputs.vpc_id));
        let pages = call.filters(filter("cidr-block", cidr)).into_paginator().items().send();
        let subnets = pages.collect::<Result<Vec<_>, _>>().await?;
        Ok(subnets.into_iter().find(|subnet| fits(subnet, inputs)).and_then(|subnet| subnet.subnet_id))
    }

    fn check(checks: &mut Checks<'_>) {
        if !checks.has("cidrBlock") && !checks.asks("ipv6Native") {
            checks.wrong("cidrBlock", "missing required property `cidrBlock`");
        }
        if let Some(reason) = checks.text("cidrBlock").and_then(not_a_network) {
            checks.wrong("cidrBlock", reason);
        }
        checks.not_both("availabilityZone", "availabilityZoneId");
    }

    fn reduce(olds: Option<&Map>, live: &mut Map) {
        // an import takes the name: both together are refused
        if olds.is_none() {
            live.remove("availabilityZoneId");
        }
    }

    async fn create(cx: &Cx, inputs: &Inputs) -> Answer<Created<Outputs>> {
        let call = cx.clients.unrepeated().ec2.create_subnet().vpc_id(&inputs.vpc_id);
        let call = call
            .set_cidr_block(inputs.cidr_block.clone())
            .set_availability_zone(inputs.availability_zone.clone())
            .set_availability_zone_id(inputs.availability_zone_id.clone())
            .set_ipv6_cidr_block(inputs.ipv6_cidr_block.clone())
            .set_ipv6_native(inputs.ipv6_native.then_some(true))
            .tag_specifications(specification(cx, ResourceType::Subnet));
        let create = || async { Ok(recovery::settled(vpc::ABSENT, || call.clone().send()).await?.subnet) };
        let list = |identity| {
            let call = cx.clients.ec2.describe_subnets().filters(identity).filters(filter("vpc-id", &inputs.vpc_id));
            call.into_paginator().items().send().collect()
        };
        let find = |look| lost(cx, look, list, |s: &SdkSubnet| s.subnet_id.as_ref().filter(|_| fits(s, inputs)));
        let (subnet, existed) = match resource::once(cx, "CreateSubnet", create, find).await {
            Err(taken) if taken.is(TAKEN) => {
                return adopt(cx, &Self::existing(cx, inputs).await?.ok_or(taken)?, inputs).await;
            }
            made => made?,
        };
        let id = subnet.subnet_id.clone().unwrap_or_default();
        if existed {
            return adopt(cx, &id, inputs).await;
        }
        Ok(resource::made(&id, finish(cx, &id, inputs).await, || outputs(cx, &id, &subnet)))
    }

    async fn read(cx: &Cx, id: &str) -> Answer<Option<Live<Inputs, Outputs>>> {
        let Some(subnet) = describe(cx, id).await? else { return Ok(None) };
        let outputs = outputs(cx, id, &subnet);
        let ipv6_cidr_block = ipv6(&subnet).and_then(|association| association.ipv6_cidr_block.clone());
        let inputs = Inputs { ipv6_cidr_block, ..Inputs::from_sdk(subnet) };
        Ok(Some(Live { inputs, outputs }))
    }

    async fn update(cx: &Cx, id: &str, old: &Inputs, new: &Inputs, outputs: Outputs) -> Answer<Outputs> {
        let modify = || cx.clients.ec2.modify_subnet_attribute().subnet_id(id);
        let flag = |(set, of): Flag| {
            (of(old) != of(new)).then(|| set(modify(), AttributeBooleanValue::builder().value(of(new)).build()))
        };
        let [assigns, rest @ ..] = FLAGS.map(flag);
        let names = new.private_dns_hostname_type_on_launch.as_ref();
        let names = names.filter(|kind| old.private_dns_hostname_type_on_launch.as_ref() != Some(kind));
        let names = names.map(|kind| modify().private_dns_hostname_type_on_launch(kind.as_str().into()));
        let moved = new.ipv6_cidr_block.as_ref().filter(|cidr| old.ipv6_cidr_block.as_ref() != Some(cidr));
        let calls: Vec<Call> = rest.into_iter().chain([names]).flatten().collect();
        if assigns.is_none() && moved.is_none() && calls.is_empty() {
            return Ok(outputs);
        }
        // interfaces can be given addresses only while there are some: off before these go, on after they have come
        let (before, after) = if new.assign_ipv6_address_on_creation { (None, assigns) } else { (assigns, None) };
        send(before).await?;
        if let Some(cidr) = moved {
            move_ipv6(cx, id, cidr).await.within("changing its IPv6 network")?;
        }
        send(after.into_iter().chain(calls)).await?;
        let shown = || async { Ok(resource::read::<Self>(cx, id).await?.filter(|live| is_as(&live.inputs, new))) };
        Ok(waits::until(SETTLING, "to show its attributes", shown).await?.outputs)
    }

    async fn delete(cx: &Cx, id: &str, _: &Inputs) -> Answer {
        let call = cx.clients.ec2.delete_subnet().subnet_id(id);
        unused(cx, DETACHING, || call.clone().send()).await.done()
    }
}

fn outputs(cx: &Cx, id: &str, subnet: &SdkSubnet) -> Outputs {
    let association = ipv6(subnet).and_then(|association| association.association_id.clone());
    Outputs {
        arn: subnet.subnet_arn.clone().unwrap_or_else(|| cx.arn("ec2", &format!("subnet/{id}"))),
        owner_id: subnet.owner_id.clone().unwrap_or_else(|| cx.caller.account.clone()),
        ipv6_cidr_block_association_id: association.unwrap_or_default(),
    }
}

/// Adopts one that an interrupted run made, or that has these addresses already.
async fn adopt(cx: &Cx, id: &str, inputs: &Inputs) -> Answer<Created<Outputs>> {
    available(cx, id).await?;
    resource::adopt::<Subnet>(cx, id, inputs).await
}

/// Waits for it, and gives it what CreateSubnet does not.
async fn finish(cx: &Cx, id: &str, inputs: &Inputs) -> Answer<Outputs> {
    available(cx, id).await?;
    let live = waits::there(&format!("subnet `{id}`"), || resource::read::<Subnet>(cx, id)).await?;
    Subnet::update(cx, id, &live.inputs, inputs, live.outputs).await
}

async fn available(cx: &Cx, id: &str) -> Answer {
    let available = || async { Ok(describe(cx, id).await?.filter(|s| s.state == Some(SubnetState::Available))) };
    waits::until(SETTLING, "to be available", available).await.done()
}

async fn describe(cx: &Cx, id: &str) -> Answer<Option<SdkSubnet>> {
    let answer = cx.clients.ec2.describe_subnets().subnet_ids(id).send().await.found(ABSENT)?;
    Ok(answer.and_then(|answer| answer.subnets).unwrap_or_default().into_iter().next())
}

/// Whether a subnet of the same VPC can become what is wanted: the rest of it can be changed.
fn fits(subnet: &SdkSubnet, inputs: &Inputs) -> bool {
    let same = |wanted: &Option<String>, live: &Option<String>| wanted.is_none() || wanted == live;
    same(&inputs.cidr_block, &subnet.cidr_block)
        && same(&inputs.availability_zone, &subnet.availability_zone)
        && same(&inputs.availability_zone_id, &subnet.availability_zone_id)
        && inputs.ipv6_native == subnet.ipv6_native.unwrap_or(false)
}

/// Whether the attributes that ModifySubnetAttribute sets are shown as they are wanted.
fn is_as(live: &Inputs, wanted: &Inputs) -> bool {
    let names = &wanted.private_dns_hostname_type_on_launch;
    FLAGS.iter().all(|(_, of)| of(live) == of(wanted))
        && (names.is_none() || *names == live.private_dns_hostname_type_on_launch)
}

async fn send(calls: impl IntoIterator<Item = Call>) -> Answer {
    for call in calls {
        recovery::settled(ABSENT, || call.clone().send()).await.within("setting its attributes")?;
    }
    Ok(())
}

fn state(association: &SubnetIpv6CidrBlockAssociation) -> Option<&SubnetCidrBlockStateCode> {
    association.ipv6_cidr_block_state.as_ref().and_then(|state| state.state.as_ref())
}

/// The IPv6 network that it has, or is to have soon.
fn ipv6(subnet: &SdkSubnet) -> Option<&SubnetIpv6CidrBlockAssociation> {
    let there = [SubnetCidrBlockStateCode::Associated, SubnetCidrBlockStateCode::Associating];
    subnet.ipv6_cidr_block_association_set.iter().flatten().find(|a| state(a).is_some_and(|s| there.contains(s)))
}

/// Gives it another IPv6 network.
async fn move_ipv6(cx: &Cx, id: &str, cidr: &String) -> Answer {
    let live = async || Ok::<_, Refusal>(describe(cx, id).await?.and_then(|subnet| ipv6(&subnet).cloned()));
    let is_it = |association: &SubnetIpv6CidrBlockAssociation| association.ipv6_cidr_block.as_ref() == Some(cidr);
    let there = live().await?;
    if let Some(other) = there.as_ref().filter(|association| !is_it(association)) {
        let call = cx.clients.ec2.disassociate_subnet_cidr_block().set_association_id(other.association_id.clone());
        let removed = unused(cx, DETACHING, || call.clone().send()).await;
        removed.gone(&["InvalidSubnetCidrBlockAssociationID.NotFound"])?;
        let freed = || async { Ok(describe(cx, id).await?.filter(|subnet| ipv6(subnet).is_none())) };
        waits::until(SETTLING, "to lose its old one", freed).await?;
    }
    if !there.as_ref().is_some_and(is_it) {
        let call = cx.clients.ec2.associate_subnet_cidr_block().subnet_id(id).ipv6_cidr_block(cidr);
        if let Err(failure) = call.send().await {
            // repeated by the SDK, it may find that its first attempt did it
            if !live().await?.as_ref().is_some_and(is_it) {
                return Err(failure.into());
            }
        }
    }
    let associated = || async { Ok(live().await?.filter(|a| state(a) == Some(&SubnetCidrBlockStateCode::Associated))) };
    waits::until(SETTLING, "to be associated", associated).await.done()
}

#[cfg(test)]
mod tests;
