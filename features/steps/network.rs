//! The VPC and what is in it.

use aws_sdk_ec2::types::{
    AttributeBooleanValue, Filter, NatGatewayState, Route, RouteState, RouteTable, SecurityGroup, Subnet, Vpc,
    VpcAttributeName, VpcEndpoint, VpcEndpointType,
};
use cucumber::{then, when};

use super::names;
use crate::{
    clients::refused,
    world::{Judged, World, ensure, seen},
};

const DEFAULT_ROUTE: &str = "0.0.0.0/0";

/// What EC2 has told of the network.
#[derive(Debug, Default)]
pub(crate) struct Network {
    vpc: Option<Vpc>,
    resolves: Option<(bool, bool)>,
    /// In the order of the contract.
    subnets: Option<Vec<Subnet>>,
    /// By subnet, in the order of the contract.
    tables: Option<Vec<(String, RouteTable)>>,
    nat_gateways: Option<Vec<String>>,
    endpoints: Option<Vec<VpcEndpoint>>,
    endpoint: Option<VpcEndpoint>,
    group: Option<SecurityGroup>,
}

fn of_vpc(id: &str) -> Filter {
    Filter::builder().name("vpc-id").values(id).build()
}

#[when("EC2 describes the VPC")]
async fn describe_vpc(world: &mut World) -> Judged {
    let id = world.entry()?.value.clone();
    let ec2 = world.session()?.clients.ec2.clone();
    let answer = ec2.describe_vpcs().vpc_ids(&id).send().await;
    let answer = answer.map_err(|error| refused("ec2:DescribeVpcs", &id, &error))?;
    world.network.vpc = answer.vpcs.unwrap_or_default().into_iter().next();
    let attribute = |name: VpcAttributeName| {
        let call = ec2.describe_vpc_attribute().vpc_id(&id).attribute(name);
        async { call.send().await.map_err(|error| refused("ec2:DescribeVpcAttribute", &id, &error)) }
    };
    let on = |value: Option<AttributeBooleanValue>| value.and_then(|v| v.value).unwrap_or(false);
    let support = on(attribute(VpcAttributeName::EnableDnsSupport).await?.enable_dns_support);
    let names = on(attribute(VpcAttributeName::EnableDnsHostnames).await?.enable_dns_hostnames);
    world.network.resolves = Some((support, names));
    Ok(())
}

#[when("EC2 describes the subnets")]
async fn describe_subnets(world: &mut World) -> Judged {
    let ids = listed(&world.entry()?.value);
    let call = world.session()?.clients.ec2.describe_subnets().set_subnet_ids(Some(ids.clone()));
    let found = call.into_paginator().items().send().collect::<Result<Vec<_>, _>>().await;
    let found = found.map_err(|error| refused("ec2:DescribeSubnets", &ids.join(","), &error))?;
    let of = |id: &String| found.iter().find(|subnet| subnet.subnet_id() == Some(id)).cloned();
    let subnets = ids.iter().map(|id| of(id).ok_or_else(|| format!("EC2 told nothing of subnet `{id}`")));
    world.network.subnets = Some(subnets.collect::<Result<_, _>>()?);
    Ok(())
}

#[when("EC2 describes the subnets' route tables")]
async fn describe_route_tables(world: &mut World) -> Judged {
    let mut tables = Vec::new();
    for id in listed(&world.entry()?.value) {
        tables.push((id.clone(), table_of(world, &id).await?));
    }
    world.network.tables = Some(tables);
    Ok(())
}

/// The table that routes for a subnet: its own, or the VPC's main one.
async fn table_of(world: &World, subnet: &str) -> Judged<RouteTable> {
    let ec2 = &world.session()?.clients.ec2;
    let of_subnet = Filter::builder().name("association.subnet-id").values(subnet).build();
    let found = ec2.describe_route_tables().filters(of_subnet).into_paginator().items().send();
    let found = found.collect::<Result<Vec<_>, _>>().await;
    let found = found.map_err(|error| refused("ec2:DescribeRouteTables", subnet, &error))?;
    if let Some(table) = found.into_iter().next() {
        return Ok(table);
    }
    let vpc = world.published("network/vpc-id")?.value;
    let main = Filter::builder().name("association.main").values("true").build();
    let found = ec2.describe_route_tables().filters(of_vpc(&vpc)).filters(main).into_paginator().items().send();
    let found = found.collect::<Result<Vec<_>, _>>().await;
    let found = found.map_err(|error| refused("ec2:DescribeRouteTables", &vpc, &error))?;
    found.into_iter().next().ok_or_else(|| format!("no route table routes for subnet `{subnet}`").into())
}

#[when("EC2 looks for NAT gateways of the VPC")]
async fn nat_gateways(world: &mut World) -> Judged {
    let id = world.entry()?.value.clone();
    let call = world.session()?.clients.ec2.describe_nat_gateways().filter(of_vpc(&id));
    let found = call.into_paginator().items().send().collect::<Result<Vec<_>, _>>().await;
    let found = found.map_err(|error| refused("ec2:DescribeNatGateways", &id, &error))?;
    let lives = |state: Option<&NatGatewayState>| state != Some(&NatGatewayState::Deleted);
    let living = found.into_iter().filter(|gateway| lives(gateway.state()));
    world.network.nat_gateways = Some(living.filter_map(|gateway| gateway.nat_gateway_id).collect());
    Ok(())
}

#[when("EC2 describes the VPC's endpoints")]
async fn endpoints(world: &mut World) -> Judged {
    let id = world.entry()?.value.clone();
    let call = world.session()?.clients.ec2.describe_vpc_endpoints().filters(of_vpc(&id));
    let found = call.into_paginator().items().send().collect::<Result<Vec<_>, _>>().await;
    world.network.endpoints = Some(found.map_err(|error| refused("ec2:DescribeVpcEndpoints", &id, &error))?);
    Ok(())
}

#[when("EC2 describes the VPC's default security group")]
async fn default_group(world: &mut World) -> Judged {
    let id = world.entry()?.value.clone();
    let named = Filter::builder().name("group-name").values("default").build();
    let call = world.session()?.clients.ec2.describe_security_groups().filters(of_vpc(&id)).filters(named);
    let found = call.into_paginator().items().send().collect::<Result<Vec<_>, _>>().await;
    let found = found.map_err(|error| refused("ec2:DescribeSecurityGroups", &id, &error))?;
    world.network.group = found.into_iter().next();
    Ok(())
}

#[then(expr = "the VPC has the addresses {string}")]
fn has_addresses(world: &mut World, addresses: String) -> Judged {
    let vpc = seen(world.network.vpc.as_ref(), "VPC")?;
    let found = vpc.cidr_block().unwrap_or_default();
    ensure!(found == addresses, "the VPC has the addresses {found}");
    // a VPC can be given more of them later
    let lives = |state: &str| ["associated", "associating"].contains(&state);
    let mut more = vpc.cidr_block_association_set().iter().filter(|set| set.cidr_block() != Some(found));
    let more = more.find(|set| set.cidr_block_state().and_then(|s| s.state()).is_some_and(|s| lives(s.as_str())));
    ensure!(more.is_none(), "the VPC has the addresses {}, too", more.and_then(|m| m.cidr_block()).unwrap_or_default());
    let six = vpc.ipv6_cidr_block_association_set().iter();
    let mut six =
        six.filter(|set| set.ipv6_cidr_block_state().and_then(|s| s.state()).is_some_and(|s| lives(s.as_str())));
    ensure!(six.next().is_none(), "the VPC has IPv6 addresses, too");
    Ok(())
}

#[then("the VPC is there")]
fn is_there(world: &mut World) -> Judged {
    seen(world.network.vpc.as_ref(), "VPC").map(drop)
}

#[then("the VPC resolves names and gives them")]
fn resolves(world: &mut World) -> Judged {
    let (support, names) = *seen(world.network.resolves.as_ref(), "VPC")?;
    ensure!(support, "DNS support is off");
    ensure!(names, "DNS host names are off");
    Ok(())
}

#[then(expr = "the subnets are of the VPC at {string}")]
fn are_of_vpc(world: &mut World, entry: String) -> Judged {
    let vpc = world.published(&entry)?.value;
    for subnet in subnets(world)? {
        let found = subnet.vpc_id().unwrap_or_default();
        ensure!(found == vpc, "subnet `{}` is of `{found}`, not of `{vpc}`", subnet.subnet_id().unwrap_or_default());
    }
    Ok(())
}

#[then(expr = "the subnets lie in the availability zones {string} in this order")]
fn lie_in_zones(world: &mut World, letters: String) -> Judged {
    let region = &world.session()?.target.region;
    let expected: Vec<_> = names(&letters).into_iter().map(|letter| format!("{region}{letter}")).collect();
    let found: Vec<_> = subnets(world)?.iter().map(|s| s.availability_zone().unwrap_or_default()).collect();
    ensure!(found == expected, "they lie in {}", found.join(", "));
    Ok(())
}

#[then(expr = "the subnets have the addresses {string} in this order")]
fn have_addresses(world: &mut World, addresses: String) -> Judged {
    let found: Vec<_> = subnets(world)?.iter().map(|s| s.cidr_block().unwrap_or_default()).collect();
    ensure!(found == names(&addresses), "they have {}", found.join(", "));
    Ok(())
}

#[then("no subnet assigns public addresses")]
fn assigns_no_public_addresses(world: &mut World) -> Judged {
    for subnet in subnets(world)? {
        let id = subnet.subnet_id().unwrap_or_default();
        ensure!(subnet.map_public_ip_on_launch() != Some(true), "subnet `{id}` assigns public IPv4 addresses");
        // every IPv6 address is a public one
        ensure!(subnet.assign_ipv6_address_on_creation() != Some(true), "subnet `{id}` assigns IPv6 addresses");
    }
    Ok(())
}

#[then("every subnet has a default route to an Internet gateway")]
fn routes_to_internet(world: &mut World) -> Judged {
    for (subnet, table) in seen(world.network.tables.as_ref(), "subnet's route table")? {
        let mut routes = table.routes().iter().filter(|r| r.destination_cidr_block() == Some(DEFAULT_ROUTE));
        let route = routes.find(|route| route.gateway_id().is_some_and(|id| id.starts_with("igw-")));
        let route = route.ok_or_else(|| format!("subnet `{subnet}` has no default route to an Internet gateway"))?;
        // a gateway that was detached leaves its route behind
        let leads = route.state() == Some(&RouteState::Active);
        ensure!(leads, "the default route of subnet `{subnet}` leads to a gateway that is not there");
    }
    Ok(())
}

#[then("no subnet has another route out")]
fn routes_nowhere_else(world: &mut World) -> Judged {
    for (subnet, table) in seen(world.network.tables.as_ref(), "subnet's route table")? {
        let is_default = |route: &&Route| {
            route.destination_cidr_block() == Some(DEFAULT_ROUTE)
                && route.gateway_id().is_some_and(|id| id.starts_with("igw-"))
        };
        let out = table.routes().iter().filter(|route| !is_default(route)).find(|route| !stays(route));
        ensure!(out.is_none(), "subnet `{subnet}` has another route out: {out:?}");
    }
    Ok(())
}

#[then("no subnet has a route out")]
fn routes_nowhere(world: &mut World) -> Judged {
    let tables = seen(world.network.tables.as_ref(), "subnet's route table")?;
    ensure!(!tables.is_empty(), "there is no subnet");
    for (subnet, table) in tables {
        // whatever its destination: two halves of the Internet are the Internet
        let out = table.routes().iter().find(|route| !stays(route));
        ensure!(out.is_none(), "subnet `{subnet}` has a route out: {out:?}");
    }
    Ok(())
}

/// Whether a route leads to the VPC itself or to an endpoint, and not to a gateway, a peer or a machine.
fn stays(route: &Route) -> bool {
    let inside = route.gateway_id().is_some_and(|id| id == "local" || id.starts_with("vpce-"));
    let other = [
        route.nat_gateway_id(),
        route.egress_only_internet_gateway_id(),
        route.transit_gateway_id(),
        route.local_gateway_id(),
        route.carrier_gateway_id(),
        route.vpc_peering_connection_id(),
        route.network_interface_id(),
        route.instance_id(),
        route.core_network_arn(),
    ];
    inside && other.iter().flatten().all(|id| id.is_empty())
}

#[then("there is none")]
fn no_nat(world: &mut World) -> Judged {
    let found = seen(world.network.nat_gateways.as_ref(), "NAT gateway")?;
    ensure!(found.is_empty(), "there are NAT gateways: {}", found.join(", "));
    Ok(())
}

#[then(expr = "there is a gateway endpoint for {string}")]
fn has_endpoint(world: &mut World, service: String) -> Judged {
    let name = format!("com.amazonaws.{}.{service}", world.session()?.target.region);
    let endpoints = seen(world.network.endpoints.as_ref(), "VPC endpoint")?;
    let is =
        |e: &&VpcEndpoint| e.service_name() == Some(&name) && e.vpc_endpoint_type() == Some(&VpcEndpointType::Gateway);
    let found =
        endpoints.iter().find(is).cloned().ok_or_else(|| format!("there is no gateway endpoint for `{name}`"))?;
    world.network.endpoint = Some(found);
    Ok(())
}

#[then(expr = "it serves the subnets at {string}")]
async fn serves(world: &mut World, entry: String) -> Judged {
    for subnet in listed(&world.published(&entry)?.value) {
        let table = table_of(world, &subnet).await?.route_table_id.unwrap_or_default();
        let endpoint = seen(world.network.endpoint.as_ref(), "VPC endpoint")?;
        ensure!(
            endpoint.route_table_ids().contains(&table),
            "the endpoint is not on `{table}`, which routes for subnet `{subnet}`"
        );
    }
    Ok(())
}

#[then("the group has no rule")]
fn group_is_empty(world: &mut World) -> Judged {
    let group = seen(world.network.group.as_ref(), "default security group")?;
    let (inward, outward) = (group.ip_permissions().len(), group.ip_permissions_egress().len());
    ensure!(inward + outward == 0, "the group has {inward} rules inward and {outward} outward");
    Ok(())
}

fn subnets(world: &World) -> Judged<&Vec<Subnet>> {
    seen(world.network.subnets.as_ref(), "subnet")
}

/// The items of a `StringList`.
fn listed(value: &str) -> Vec<String> {
    value.split(',').map(str::to_owned).collect()
}
