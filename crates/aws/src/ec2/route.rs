//! A route of a route table.
//!
//! Calls: CreateRoute, ReplaceRoute, DeleteRoute, DescribeRouteTables. IAM: `ec2:` + each of these.
//!
//! - AWS gives routes no ids. The official provider's is `r-`, the table's id and a CRC-32 of the destination; a read
//!   finds the route among its table's by that number. An import names it `<table>_<destination>`.
//! - A route carries no tags: one that exists already is ours when it leads where ours does, and not otherwise.
//! - A `local` route comes with the VPC's addresses: it can be imported and led elsewhere, and never be deleted.

use aws_sdk_ec2::types::{Route as SdkRoute, RouteOrigin, RouteTable};

use super::{route_table, vpc::SETTLING};
use crate::{
    cidr::{not_a_network, not_an_ipv6_network},
    prelude::*,
};

/// A route: what has this destination goes to this target.
#[derive(Clone, Debug, Default, PartialEq, Eq, Resource)]
#[resource(token = "aws:ec2/route:Route", noun = "route", handle = Route, from = SdkRoute)]
pub struct Inputs {
    /// Id of its route table.
    #[resource(replace, own)]
    pub route_table_id: String,
    /// Destination: an IPv4 network. One destination is given.
    #[resource(replace)]
    pub destination_cidr_block: Option<String>,
    /// Destination: an IPv6 network.
    #[resource(replace)]
    pub destination_ipv6_cidr_block: Option<String>,
    /// Destination: the networks of a managed prefix list.
    #[resource(replace)]
    pub destination_prefix_list_id: Option<String>,
    /// Target: a carrier gateway. One target is given.
    pub carrier_gateway_id: Option<String>,
    /// Target: ARN of a core network.
    pub core_network_arn: Option<String>,
    /// Target: an egress-only Internet gateway.
    #[resource(sdk = egress_only_internet_gateway_id)]
    pub egress_only_gateway_id: Option<String>,
    /// Target: an Internet gateway or virtual private gateway; `local` for a VPC's own route.
    pub gateway_id: Option<String>,
    /// Target: an Outpost's local gateway.
    pub local_gateway_id: Option<String>,
    /// Target: a NAT gateway.
    pub nat_gateway_id: Option<String>,
    /// Target: a network interface.
    pub network_interface_id: Option<String>,
    /// Target: ARN of an ODB network.
    pub odb_network_arn: Option<String>,
    /// Target: a transit gateway.
    pub transit_gateway_id: Option<String>,
    /// Target: a Gateway Load Balancer endpoint.
    #[resource(own)]
    pub vpc_endpoint_id: Option<String>,
    /// Target: a VPC peering connection.
    pub vpc_peering_connection_id: Option<String>,
}

/// Outputs of a route.
#[derive(Clone, Debug, Outputs)]
#[resource(handle = Route, from = SdkRoute)]
pub struct Outputs {
    /// How the route was made, such as `CreateRoute`.
    pub origin: String,
    /// `active`, or `blackhole` when the target is gone.
    #[resource(volatile)]
    pub state: String,
    /// Instance of the network interface that is the target; empty when there is none.
    #[resource(volatile)]
    pub instance_id: String,
    /// Account that owns the instance; empty when there is none.
    #[resource(volatile)]
    pub instance_owner_id: String,
}

/// The target of a VPC's own route.
pub(crate) const LOCAL: &str = "local";
const ABSENT: Codes = &["InvalidRoute.NotFound", "InvalidRouteTableID.NotFound"];
/// What AWS says of tables and targets made a moment ago.
const YOUNG: Codes = &[
    "InvalidRouteTableID.NotFound",
    "InvalidGatewayID.NotFound",
    "InvalidInternetGatewayID.NotFound",
    "InvalidNatGatewayID.NotFound",
    "InvalidTransitGatewayID.NotFound",
    "InvalidVpcEndpointId.NotFound",
    "InvalidCarrierGatewayID.NotFound",
];
const DESTINATIONS: [&str; 3] = ["destinationCidrBlock", "destinationIpv6CidrBlock", "destinationPrefixListId"];
const TARGETS: [&str; 11] = [
    "carrierGatewayId",
    "coreNetworkArn",
    "egressOnlyGatewayId",
    "gatewayId",
    "localGatewayId",
    "natGatewayId",
    "networkInterfaceId",
    "odbNetworkArn",
    "transitGatewayId",
    "vpcEndpointId",
    "vpcPeeringConnectionId",
];

/// Fills a call that makes or changes a route.
macro_rules! filled {
    ($call:expr, $route:expr) => {
        $call
            .route_table_id(&$route.route_table_id)
            .set_destination_cidr_block($route.destination_cidr_block.clone())
            .set_destination_ipv6_cidr_block($route.destination_ipv6_cidr_block.clone())
            .set_destination_prefix_list_id($route.destination_prefix_list_id.clone())
            .set_carrier_gateway_id($route.carrier_gateway_id.clone())
            .set_core_network_arn($route.core_network_arn.clone())
            .set_egress_only_internet_gateway_id($route.egress_only_gateway_id.clone())
            .set_local_gateway_id($route.local_gateway_id.clone())
            .set_nat_gateway_id($route.nat_gateway_id.clone())
            .set_network_interface_id($route.network_interface_id.clone())
            .set_odb_network_arn($route.odb_network_arn.clone())
            .set_transit_gateway_id($route.transit_gateway_id.clone())
            .set_vpc_endpoint_id($route.vpc_endpoint_id.clone())
            .set_vpc_peering_connection_id($route.vpc_peering_connection_id.clone())
    };
}

impl AwsResource for Route {
    const ABSENT: Codes = ABSENT;
    const PRESENCE: Presence = Presence::Setting;

    fn id_of(_: &Cx, inputs: &Inputs) -> Option<String> {
        Some(format!("{}_{}", inputs.route_table_id, destination(inputs)))
    }

    async fn identify(_: &Cx, id: &str, _: Option<&Inputs>) -> Answer<Option<String>> {
        Ok(Some(id.split_once('_').map_or_else(|| id.to_owned(), |(table, to)| self::id(table, to))))
    }

    fn check(checks: &mut Checks<'_>) {
        check(checks, DESTINATIONS);
    }

    async fn create(cx: &Cx, inputs: &Inputs) -> Answer<Created<Outputs>> {
        let to = destination(inputs);
        if put(cx, inputs).await? {
            cx.log.info(&cx.urn, &format!("adopted the route to {to}, which existed with the same target")).await;
        }
        let outputs = shown(cx, inputs).await.map(Outputs::from_sdk);
        Ok(resource::made(id(&inputs.route_table_id, to), outputs, || Outputs::from_sdk(SdkRoute::builder().build())))
    }

    async fn read(cx: &Cx, id: &str) -> Answer<Option<Live<Inputs, Outputs>>> {
        for (table, number) in numbered(id) {
            let Some(found) = route_table::describe(cx, table).await? else { continue };
            let mut routes = own(&found);
            if let Some((route, sdk)) = routes.find(|(route, _)| crc32(destination(route)) == number) {
                return Ok(Some(Live { inputs: route, outputs: Outputs::from_sdk(sdk.clone()) }));
            }
        }
        Ok(None)
    }

    async fn update(cx: &Cx, _: &str, _: &Inputs, new: &Inputs, _: Outputs) -> Answer<Outputs> {
        lead(cx, new).await?;
        Ok(Outputs::from_sdk(shown(cx, new).await?))
    }

    async fn delete(cx: &Cx, _: &str, inputs: &Inputs) -> Answer {
        remove(cx, inputs).await
    }
}

/// One destination and one target, in AWS's own writing.
pub(crate) fn check(checks: &mut Checks<'_>, destinations: [&str; 3]) {
    let [v4, v6, _] = destinations;
    if destinations.iter().filter(|name| checks.has(name)).count() != 1 {
        checks.wrong(v4, format!("a route has one destination: give one of {}", destinations.join(", ")));
    }
    if TARGETS.iter().filter(|name| checks.has(name)).count() != 1 {
        checks.wrong("gatewayId", format!("a route has one target: give one of {}", TARGETS.join(", ")));
    }
    if let Some(reason) = checks.text(v4).and_then(not_a_network) {
        checks.wrong(v4, reason);
    }
    if let Some(reason) = checks.text(v6).and_then(not_an_ipv6_network) {
        checks.wrong(v6, reason);
    }
}

/// The official provider's id.
fn id(table: &str, destination: &str) -> String {
    format!("r-{table}{}", crc32(destination))
}

/// The table's id and the number of an id: new ids have 17 digits, old ones 8, and what follows is the number.
fn numbered(id: &str) -> Vec<(&str, u32)> {
    let split = |digits: usize| {
        let (table, number) = id.strip_prefix("r-")?.split_at_checked("rtb-".len() + digits)?;
        let number = number.parse().ok().filter(|n: &u32| n.to_string() == number)?;
        table.starts_with("rtb-").then_some((table, number))
    };
    [17, 8].into_iter().filter_map(split).collect()
}

/// The CRC-32 of IEEE 802.3.
fn crc32(text: &str) -> u32 {
    let step = |crc: u32, _| (crc >> 1) ^ (0xEDB8_8320 & (crc & 1).wrapping_neg());
    !text.bytes().fold(u32::MAX, |crc, byte| (0..8).fold(crc ^ u32::from(byte), step))
}

/// Where a route is for.
pub(crate) fn destination(route: &Inputs) -> &str {
    let all = [&route.destination_cidr_block, &route.destination_ipv6_cidr_block, &route.destination_prefix_list_id];
    all.into_iter().flatten().next().map_or("", String::as_str)
}

/// A table's routes but for those that a gateway told it: these are not ours to change.
pub(crate) fn own(table: &RouteTable) -> impl Iterator<Item = (Inputs, &SdkRoute)> {
    let id = table.route_table_id.clone().unwrap_or_default();
    let told = |r: &SdkRoute| r.origin == Some(RouteOrigin::EnableVgwRoutePropagation);
    let routes = table.routes.iter().flatten().filter(move |r| !told(r));
    routes.map(move |route| (described(&id, route), route))
}

/// A route in the form of a `Route`.
pub(crate) fn described(table: &str, route: &SdkRoute) -> Inputs {
    // a Gateway Load Balancer endpoint is told as a gateway
    let mut inputs = Inputs { route_table_id: table.to_owned(), ..Inputs::from_sdk(route.clone()) };
    inputs.vpc_endpoint_id = inputs.gateway_id.take_if(|id| id.starts_with("vpce-"));
    inputs
}

/// The route of this destination in this table.
async fn find(cx: &Cx, route: &Inputs) -> Answer<Option<(Inputs, SdkRoute)>> {
    let table = route_table::describe(cx, &route.route_table_id).await?;
    let found = |table| own(table).find(|(live, _)| destination(live) == destination(route));
    Ok(table.as_ref().and_then(found).map(|(live, sdk)| (live, sdk.clone())))
}

/// Waits until the table shows where it leads.
async fn shown(cx: &Cx, route: &Inputs) -> Answer<SdkRoute> {
    let ask = || async { Ok(find(cx, route).await?.filter(|(live, _)| live == route).map(|(_, sdk)| sdk)) };
    waits::until(SETTLING, "to show in its table", ask).await
}

/// Makes a route; answers with whether it existed, with the same target.
pub(crate) async fn put(cx: &Cx, route: &Inputs) -> Answer<bool> {
    let call = filled!(cx.clients.ec2.create_route(), route).set_gateway_id(route.gateway_id.clone());
    match recovery::settled(YOUNG, || call.clone().send()).await.answer() {
        Err(refusal) if refusal.is(&["RouteAlreadyExists"]) => match find(cx, route).await? {
            Some((live, _)) if live == *route => Ok(true),
            _ => {
                let id = format!("{}_{}", route.route_table_id, destination(route));
                Err(cx.taken("route", &id, "it has another target").into())
            }
        },
        made => made.map(|_| false),
    }
}

/// Leads a route that there is elsewhere.
pub(crate) async fn lead(cx: &Cx, route: &Inputs) -> Answer {
    let local = route.gateway_id.as_deref() == Some(LOCAL);
    let gateway = route.gateway_id.clone().filter(|_| !local);
    let call = filled!(cx.clients.ec2.replace_route(), route);
    let call = call.set_gateway_id(gateway).set_local_target(local.then_some(true));
    recovery::settled(YOUNG, || call.clone().send()).await.done()
}

/// Removes a route; a VPC's own stays.
pub(crate) async fn remove(cx: &Cx, route: &Inputs) -> Answer {
    if route.gateway_id.as_deref() == Some(LOCAL) {
        return Ok(());
    }
    let call = cx.clients.ec2.delete_route().route_table_id(&route.route_table_id);
    let call = call
        .set_destination_cidr_block(route.destination_cidr_block.clone())
        .set_destination_ipv6_cidr_block(route.destination_ipv6_cidr_block.clone())
        .set_destination_prefix_list_id(route.destination_prefix_list_id.clone());
    call.send().await.gone(ABSENT)
}

#[cfg(test)]
mod tests;
