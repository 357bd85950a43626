//! A subnet of a VPC.
//!
//! Calls: CreateSubnet, DescribeSubnets, ModifySubnetAttribute, AssociateSubnetCidrBlock, DisassociateSubnetCidrBlock,
//! DeleteSubnet, CreateTags, DeleteTags, DescribeTags. IAM: `ec2:` + each of these.
//!
//! - CreateSubnet knows no attributes, and ModifySubnetAttribute takes one a call:
//!   <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ModifySubnetAttribute.html>
//! - A subnet's addresses are its own within the VPC: one that has them already is ours when its tags prove it.

use std::{collections::BTreeMap, time::Duration};

use aws_sdk_ec2::{
    config::retry::RetryConfig,
    types::{
        AttributeBooleanValue, HostnameType, ResourceType, Subnet as SdkSubnet, SubnetCidrBlockStateCode,
        SubnetIpv6CidrBlockAssociation, SubnetState,
    },
};
use derive::{Outputs, Resource};
use pulumi::{
    provider::{
        check::Failure,
        resource::{Created, CustomResource, Error, Kind, Live},
    },
    value::{Map, Value},
};

use super::vpc::{self, SETTLING, unused};
use crate::{
    cidr::not_a_network,
    context::Cx,
    error::{code, failed, found, gone},
    recovery::{self, Look},
    tags::{
        Ec2Thing, Taggable, Tagged, WithTags,
        ec2::{filter, ours, specification},
    },
    waits,
};

/// A subnet of a VPC, in one availability zone.
#[derive(Clone, Debug, Resource)]
#[resource(token = "aws:ec2/subnet:Subnet", noun = "subnet", handle = Subnet)]
pub struct Inputs {
    /// Id of its VPC.
    #[resource(replace)]
    pub vpc_id: String,
    /// Its IPv4 addresses, a part of the VPC's, such as `10.80.0.0/20`; absent only where it has IPv6 alone.
    #[resource(replace)]
    pub cidr_block: Option<String>,
    /// Its availability zone, such as `ap-southeast-2a`. Names mean other zones in other accounts.
    #[resource(replace, computed)]
    pub availability_zone: Option<String>,
    /// Its availability zone by the id that all accounts share, such as `apse2-az1`. Instead of `availabilityZone`.
    #[resource(replace, computed)]
    pub availability_zone_id: Option<String>,
    /// Whether instances get public IPv4 addresses.
    #[resource(default = false)]
    pub map_public_ip_on_launch: bool,
    /// Its IPv6 addresses, a /64 of the VPC's.
    #[resource(computed, told)]
    pub ipv6_cidr_block: Option<String>,
    /// Whether it has IPv6 addresses alone.
    #[resource(replace, default = false)]
    pub ipv6_native: bool,
    /// Whether network interfaces get IPv6 addresses.
    #[resource(default = false)]
    pub assign_ipv6_address_on_creation: bool,
    /// Whether DNS answers made-up IPv6 addresses for hosts that have IPv4 alone.
    #[resource(default = false)]
    pub enable_dns64: bool,
    /// Whether the names of instances have A records.
    #[resource(default = false)]
    pub enable_resource_name_dns_a_record_on_launch: bool,
    /// Whether the names of instances have AAAA records.
    #[resource(default = false)]
    pub enable_resource_name_dns_aaaa_record_on_launch: bool,
    /// `ip-name` or `resource-name`: what instances are named after.
    #[resource(computed)]
    pub private_dns_hostname_type_on_launch: Option<String>,
    /// Tags, beside the provider's default tags.
    #[resource(default)]
    pub tags: BTreeMap<String, String>,
}

/// What AWS adds to a subnet.
#[derive(Clone, Debug, Outputs)]
#[resource(handle = Subnet)]
pub struct Outputs {
    /// ARN.
    pub arn: String,
    /// Account that owns it.
    pub owner_id: String,
    /// Association id of its IPv6 addresses; empty when it has none.
    #[resource(volatile)]
    pub ipv6_cidr_block_association_id: String,
}

pub(crate) const ABSENT: &[&str] = &["InvalidSubnetID.NotFound"];
const TAKEN: &str = "InvalidSubnet.Conflict";
/// The network interfaces that Lambda and load balancers leave behind go by themselves, and take their time.
const DETACHING: Duration = Duration::from_mins(15);

impl CustomResource for Subnet {
    type Context = Cx;
    type Inputs = Inputs;
    type Outputs = Outputs;

    fn is_id(text: &str) -> bool {
        text.starts_with("subnet-")
    }

    async fn existing(cx: &Cx, inputs: &Inputs) -> Result<Option<String>, Error> {
        Ok(of_these_addresses(cx, inputs).await?.and_then(|subnet| subnet.subnet_id))
    }

    fn check(inputs: &Map) -> Vec<Failure> {
        let mut failures = Vec::new();
        let mut wrong =
            |property: &str, reason: String| failures.push(Failure { property: property.to_owned(), reason });
        let is_native = inputs.get("ipv6Native").is_some_and(|v| *v != Value::Bool(false));
        match inputs.get("cidrBlock") {
            None if !is_native => wrong("cidrBlock", "missing required property `cidrBlock`".to_owned()),
            Some(Value::String(cidr)) => {
                if let Some(reason) = not_a_network(cidr) {
                    wrong("cidrBlock", reason);
                }
            }
            _ => {}
        }
        if inputs.contains_key("availabilityZone") && inputs.contains_key("availabilityZoneId") {
            wrong("availabilityZoneId", "give `availabilityZone` or `availabilityZoneId`, not both".to_owned());
        }
        failures
    }

    fn reduce(olds: Option<&Map>, live: &mut Map) {
        // an import takes the name: both together are refused
        if olds.is_none() {
            live.remove("availabilityZoneId");
        }
    }

    async fn create(cx: &Cx, inputs: &Inputs) -> Result<Created<Outputs>, Error> {
        let call = cx.clients.ec2.create_subnet().vpc_id(&inputs.vpc_id).set_cidr_block(inputs.cidr_block.clone());
        let call = call
            .set_availability_zone(inputs.availability_zone.clone())
            .set_availability_zone_id(inputs.availability_zone_id.clone())
            .set_ipv6_cidr_block(inputs.ipv6_cidr_block.clone())
            .set_ipv6_native(inputs.ipv6_native.then_some(true))
            .tag_specifications(specification(cx, ResourceType::Subnet));
        let call = || async {
            // repeated only after looking whether it was made: see `once`
            let unrepeated = || aws_sdk_ec2::config::Builder::new().retry_config(RetryConfig::disabled());
            let made = || call.clone().customize().config_override(unrepeated()).send();
            match recovery::settled(vpc::ABSENT, made).await {
                Ok(made) => Ok(made.subnet.map(|s| Ok((s, false)))),
                Err(failure) if code(&failure) == Some(TAKEN) => Ok(Some(Err(failed(failure)))),
                Err(failure) => Err(failure),
            }
        };
        let find = |look| async move {
            Ok(find(cx, look, inputs).await?.map(|subnet| Some(Ok((subnet, look == Look::Resource)))))
        };
        let (subnet, existed) = match recovery::once(&cx.recovery, call, find).await? {
            Some(Ok(made)) => made,
            Some(Err(conflict)) => (of_these_addresses(cx, inputs).await?.ok_or(conflict)?, true),
            None => return Err(Error::new("AWS made a subnet and did not say which")),
        };
        let id = subnet.subnet_id.clone().unwrap_or_default();
        if existed {
            let tags = Self::tagged(cx, &id).all(cx).await?;
            cx.adopt("subnet", &id, &tags).await?;
        }
        match finish(cx, &id, existed, inputs).await {
            Ok(outputs) => Ok(Created::new(id, outputs)),
            Err(error) => Ok(Created::new(&id, outputs(cx, &id, &subnet)).and(Err(error))),
        }
    }

    async fn read(cx: &Cx, id: &str) -> Result<Option<Live<Inputs, Outputs>>, Error> {
        let Some(subnet) = describe(cx, id).await? else { return Ok(None) };
        let names = subnet.private_dns_name_options_on_launch.as_ref();
        let inputs = Inputs {
            vpc_id: subnet.vpc_id.clone().unwrap_or_default(),
            cidr_block: subnet.cidr_block.clone().filter(|cidr| !cidr.is_empty()),
            availability_zone: subnet.availability_zone.clone(),
            availability_zone_id: subnet.availability_zone_id.clone(),
            map_public_ip_on_launch: subnet.map_public_ip_on_launch.unwrap_or(false),
            ipv6_cidr_block: ipv6(&subnet).and_then(|a| a.ipv6_cidr_block.clone()),
            ipv6_native: subnet.ipv6_native.unwrap_or(false),
            assign_ipv6_address_on_creation: subnet.assign_ipv6_address_on_creation.unwrap_or(false),
            enable_dns64: subnet.enable_dns64.unwrap_or(false),
            enable_resource_name_dns_a_record_on_launch: names
                .and_then(|n| n.enable_resource_name_dns_a_record)
                .unwrap_or(false),
            enable_resource_name_dns_aaaa_record_on_launch: names
                .and_then(|n| n.enable_resource_name_dns_aaaa_record)
                .unwrap_or(false),
            private_dns_hostname_type_on_launch: names.and_then(|n| n.hostname_type.as_ref()).map(ToString::to_string),
            tags: BTreeMap::new(),
        };
        Ok(Some(Live { inputs, outputs: outputs(cx, id, &subnet) }))
    }

    async fn update(cx: &Cx, id: &str, old: &Inputs, new: &Inputs, outputs: Outputs) -> Result<Outputs, Error> {
        let flag = |on: bool| AttributeBooleanValue::builder().value(on).build();
        let modify = || cx.clients.ec2.modify_subnet_attribute().subnet_id(id);
        let mut calls = Vec::new();
        // interfaces can be given addresses only while there are some: off before these go, on after they have come
        let assigns = (new.assign_ipv6_address_on_creation != old.assign_ipv6_address_on_creation)
            .then(|| modify().assign_ipv6_address_on_creation(flag(new.assign_ipv6_address_on_creation)));
        let moved = new.ipv6_cidr_block.as_ref().filter(|cidr| old.ipv6_cidr_block.as_ref() != Some(cidr));
        if new.assign_ipv6_address_on_creation {
            move_ipv6(cx, id, moved).await?;
            calls.extend(assigns);
        } else {
            if let Some(call) = assigns {
                send(&call).await?;
            }
            move_ipv6(cx, id, moved).await?;
        }
        if new.map_public_ip_on_launch != old.map_public_ip_on_launch {
            calls.push(modify().map_public_ip_on_launch(flag(new.map_public_ip_on_launch)));
        }
        if new.enable_dns64 != old.enable_dns64 {
            calls.push(modify().enable_dns64(flag(new.enable_dns64)));
        }
        let a = new.enable_resource_name_dns_a_record_on_launch;
        if a != old.enable_resource_name_dns_a_record_on_launch {
            calls.push(modify().enable_resource_name_dns_a_record_on_launch(flag(a)));
        }
        let aaaa = new.enable_resource_name_dns_aaaa_record_on_launch;
        if aaaa != old.enable_resource_name_dns_aaaa_record_on_launch {
            calls.push(modify().enable_resource_name_dns_aaaa_record_on_launch(flag(aaaa)));
        }
        let hostnames = new.private_dns_hostname_type_on_launch.as_ref();
        if let Some(kind) = hostnames.filter(|kind| old.private_dns_hostname_type_on_launch.as_ref() != Some(kind)) {
            calls.push(modify().private_dns_hostname_type_on_launch(HostnameType::from(kind.as_str())));
        }
        for call in &calls {
            send(call).await?;
        }
        let shown = || async { Ok(Self::read(cx, id).await?.filter(|live| is_as(&live.inputs, new))) };
        if calls.is_empty()
            && moved.is_none()
            && new.assign_ipv6_address_on_creation == old.assign_ipv6_address_on_creation
        {
            return Ok(outputs);
        }
        Ok(recovery::until(SETTLING, "to show its attributes", shown).await?.outputs)
    }

    async fn delete(cx: &Cx, id: &str, _: &Inputs) -> Result<(), Error> {
        let call = cx.clients.ec2.delete_subnet().subnet_id(id);
        gone(unused(cx, DETACHING, || call.clone().send()).await, ABSENT)
    }
}

impl Taggable for Subnet {
    fn tagged(_: &Cx, id: &str) -> Tagged {
        Box::new(Ec2Thing(id.to_owned()))
    }
}

pub(crate) fn kind() -> Box<dyn Kind<Cx>> {
    Box::new(WithTags::<Subnet>::new())
}

fn outputs(cx: &Cx, id: &str, subnet: &SdkSubnet) -> Outputs {
    Outputs {
        arn: subnet.subnet_arn.clone().unwrap_or_else(|| cx.arn("ec2", &format!("subnet/{id}"))),
        owner_id: subnet.owner_id.clone().unwrap_or_else(|| cx.caller.account.clone()),
        ipv6_cidr_block_association_id: ipv6(subnet).and_then(|a| a.association_id.clone()).unwrap_or_default(),
    }
}

async fn describe(cx: &Cx, id: &str) -> Result<Option<SdkSubnet>, Error> {
    let answer = found(cx.clients.ec2.describe_subnets().subnet_ids(id).send().await, ABSENT)?;
    Ok(answer.and_then(|a| a.subnets).unwrap_or_default().into_iter().next())
}

/// A subnet of these addresses, in this VPC and zone, that carries our identity, and that the state does not know.
async fn find(cx: &Cx, look: Look, inputs: &Inputs) -> Result<Option<SdkSubnet>, Error> {
    let ask = |identity| async {
        let call = cx.clients.ec2.describe_subnets().filters(identity).filters(filter("vpc-id", &inputs.vpc_id));
        call.into_paginator().items().send().collect::<Result<Vec<_>, _>>().await.map_err(failed)
    };
    let unknown = |subnet: &SdkSubnet| subnet.subnet_id.as_ref().is_some_and(|id| !cx.recovery.knows(id));
    Ok(ours(cx, look, ask).await?.into_iter().find(|subnet| fits(subnet, inputs) && unknown(subnet)))
}

/// The subnet that has exactly these addresses already.
async fn of_these_addresses(cx: &Cx, inputs: &Inputs) -> Result<Option<SdkSubnet>, Error> {
    let Some(cidr) = &inputs.cidr_block else { return Ok(None) };
    let call = cx.clients.ec2.describe_subnets().filters(filter("vpc-id", &inputs.vpc_id));
    let pages = call.filters(filter("cidr-block", cidr)).into_paginator().items().send();
    let subnets = pages.collect::<Result<Vec<_>, _>>().await.map_err(failed)?;
    Ok(subnets.into_iter().find(|subnet| fits(subnet, inputs)))
}

/// Whether a subnet of the same VPC can become what is wanted: the rest of it can be changed.
fn fits(subnet: &SdkSubnet, inputs: &Inputs) -> bool {
    let same = |wanted: &Option<String>, live: &Option<String>| wanted.is_none() || wanted == live;
    same(&inputs.cidr_block, &subnet.cidr_block)
        && same(&inputs.availability_zone, &subnet.availability_zone)
        && same(&inputs.availability_zone_id, &subnet.availability_zone_id)
        && inputs.ipv6_native == subnet.ipv6_native.unwrap_or(false)
}

/// Waits for it, and gives it what CreateSubnet does not.
async fn finish(cx: &Cx, id: &str, existed: bool, inputs: &Inputs) -> Result<Outputs, Error> {
    let available = || async { Ok(describe(cx, id).await?.filter(|s| s.state == Some(SubnetState::Available))) };
    recovery::until(SETTLING, "to be available", available).await?;
    if existed {
        let target = Subnet::tagged(cx, id);
        target.claim(cx, &target.all(cx).await?).await?;
    }
    let live = waits::there(&format!("subnet `{id}`"), || Subnet::read(cx, id)).await?;
    Subnet::update(cx, id, &live.inputs, inputs, live.outputs).await
}

/// Whether what ModifySubnetAttribute was told shows.
fn is_as(live: &Inputs, wanted: &Inputs) -> bool {
    let flags = |inputs: &Inputs| {
        [
            inputs.map_public_ip_on_launch,
            inputs.assign_ipv6_address_on_creation,
            inputs.enable_dns64,
            inputs.enable_resource_name_dns_a_record_on_launch,
            inputs.enable_resource_name_dns_aaaa_record_on_launch,
        ]
    };
    let names = &wanted.private_dns_hostname_type_on_launch;
    flags(live) == flags(wanted) && (names.is_none() || *names == live.private_dns_hostname_type_on_launch)
}

async fn send(
    call: &aws_sdk_ec2::operation::modify_subnet_attribute::builders::ModifySubnetAttributeFluentBuilder,
) -> Result<(), Error> {
    let sent = recovery::settled(ABSENT, || call.clone().send()).await;
    sent.map(drop).map_err(|e| failed(e).within("setting its attributes"))
}

fn state(association: &SubnetIpv6CidrBlockAssociation) -> Option<&SubnetCidrBlockStateCode> {
    association.ipv6_cidr_block_state.as_ref().and_then(|s| s.state.as_ref())
}

/// The IPv6 addresses that it has, or is to have soon.
fn ipv6(subnet: &SdkSubnet) -> Option<&SubnetIpv6CidrBlockAssociation> {
    let there = [SubnetCidrBlockStateCode::Associated, SubnetCidrBlockStateCode::Associating];
    subnet.ipv6_cidr_block_association_set.iter().flatten().find(|a| state(a).is_some_and(|s| there.contains(s)))
}

/// Gives it other IPv6 addresses.
async fn move_ipv6(cx: &Cx, id: &str, cidr: Option<&String>) -> Result<(), Error> {
    let Some(cidr) = cidr else { return Ok(()) };
    let there = describe(cx, id).await?.and_then(|subnet| ipv6(&subnet).cloned());
    let failed_at = |e: Error| e.within("changing its IPv6 addresses");
    if there.as_ref().is_some_and(|a| a.ipv6_cidr_block.as_ref() != Some(cidr)) {
        let association = there.as_ref().and_then(|a| a.association_id.clone());
        let call = cx.clients.ec2.disassociate_subnet_cidr_block().set_association_id(association);
        let absent = &["InvalidSubnetCidrBlockAssociationID.NotFound"];
        gone(unused(cx, DETACHING, || call.clone().send()).await, absent).map_err(failed_at)?;
        let freed = || async { Ok(describe(cx, id).await?.filter(|s| ipv6(s).is_none())) };
        recovery::until(SETTLING, "to give up its IPv6 addresses", freed).await?;
    }
    if there.as_ref().and_then(|a| a.ipv6_cidr_block.as_ref()) != Some(cidr) {
        let call = cx.clients.ec2.associate_subnet_cidr_block().subnet_id(id).ipv6_cidr_block(cidr);
        if let Err(failure) = call.send().await {
            // repeated by the SDK, it may find that its first attempt did it
            let done = describe(cx, id).await?.and_then(|s| ipv6(&s)?.ipv6_cidr_block.clone());
            if done.as_ref() != Some(cidr) {
                return Err(failed_at(failed(failure)));
            }
        }
    }
    let associated = || async {
        let subnet = describe(cx, id).await?;
        Ok(subnet.filter(|s| ipv6(s).and_then(state) == Some(&SubnetCidrBlockStateCode::Associated)))
    };
    recovery::until(SETTLING, "to have its IPv6 addresses", associated).await.map(drop)
}

#[cfg(test)]
mod tests;
