//! A route table of a VPC.
//!
//! Calls: CreateRouteTable, DescribeRouteTables, DeleteRouteTable, those of `route`, CreateTags, DeleteTags,
//! DescribeTags. IAM: `ec2:` + each of these.
//!
//! - Route tables may exist twice, so one is looked for before it is made (see `recovery`); the client token keeps a
//!   repeated call from making a second one.
//! - `routes`, when given, are all its routes; those of gateway endpoints, of gateways that tell theirs, and the VPC's own
//!   stay. When absent, they are left to `Route`s.

use std::collections::BTreeMap;

use aws_sdk_ec2::{
    config::retry::RetryConfig,
    types::{ResourceType, RouteTable as SdkTable},
};
use derive::{Outputs, Resource, Shape};
use pulumi::{
    provider::{
        check::Failure,
        resource::{Created, CustomResource, Error, Kind, Live},
    },
    value::{Map, Value},
};

use super::{
    route::{self, destination},
    vpc::{self, SETTLING, unused},
};
use crate::{
    context::Cx,
    error::{failed, found, gone},
    recovery::{self, Look},
    tags::{
        Ec2Thing, Taggable, Tagged, WithTags,
        ec2::{filter, ours, specification},
    },
    waits,
};

/// A route table of a VPC.
#[derive(Clone, Debug, Resource)]
#[resource(token = "aws:ec2/routeTable:RouteTable", noun = "route table", handle = RouteTable)]
pub struct Inputs {
    /// Id of its VPC.
    #[resource(replace)]
    pub vpc_id: String,
    /// All its routes. Absent leaves them to `Route`s: these and this do not go together.
    #[resource(computed, set)]
    pub routes: Option<Vec<RouteTableRoute>>,
    /// Tags, beside the provider's default tags.
    #[resource(default)]
    pub tags: BTreeMap<String, String>,
}

/// A route: what has this destination goes to this target.
#[derive(Clone, Debug, PartialEq, Eq, Shape)]
pub struct RouteTableRoute {
    /// Destination: an IPv4 network. One destination is given.
    pub cidr_block: Option<String>,
    /// Destination: an IPv6 network.
    pub ipv6_cidr_block: Option<String>,
    /// Destination: the networks of a managed prefix list.
    pub destination_prefix_list_id: Option<String>,
    /// Target: a carrier gateway. One target is given.
    pub carrier_gateway_id: Option<String>,
    /// Target: ARN of a core network.
    pub core_network_arn: Option<String>,
    /// Target: an egress-only Internet gateway.
    pub egress_only_gateway_id: Option<String>,
    /// Target: an Internet gateway or virtual private gateway.
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
    pub vpc_endpoint_id: Option<String>,
    /// Target: a VPC peering connection.
    pub vpc_peering_connection_id: Option<String>,
}

/// What AWS adds to a route table.
#[derive(Clone, Debug, Outputs)]
#[resource(handle = RouteTable)]
pub struct Outputs {
    /// ARN.
    pub arn: String,
    /// Account that owns it.
    pub owner_id: String,
}

pub(crate) const ABSENT: &[&str] = &["InvalidRouteTableID.NotFound"];

impl CustomResource for RouteTable {
    type Context = Cx;
    type Inputs = Inputs;
    type Outputs = Outputs;

    fn is_id(text: &str) -> bool {
        text.starts_with("rtb-")
    }

    fn check(inputs: &Map) -> Vec<Failure> {
        let Some(Value::Array(routes)) = inputs.get("routes") else { return Vec::new() };
        let of = |(i, route): (usize, &Value)| match route {
            Value::Object(route) => route::check(route, ["cidrBlock", "ipv6CidrBlock", "destinationPrefixListId"])
                .into_iter()
                .map(|f| Failure { property: format!("routes[{i}].{}", f.property), ..f })
                .collect(),
            _ => Vec::new(),
        };
        routes.iter().enumerate().flat_map(of).collect()
    }

    async fn create(cx: &Cx, inputs: &Inputs) -> Result<Created<Outputs>, Error> {
        let call = cx.clients.ec2.create_route_table().vpc_id(&inputs.vpc_id).client_token(cx.identity.value());
        let call = call.tag_specifications(specification(cx, ResourceType::RouteTable));
        let call = || async {
            // repeated only after looking whether it was made: see `once`
            let unrepeated = || aws_sdk_ec2::config::Builder::new().retry_config(RetryConfig::disabled());
            let made = || call.clone().customize().config_override(unrepeated()).send();
            Ok((recovery::settled(vpc::ABSENT, made).await?.route_table, false))
        };
        let find = |look| async move { Ok(find(cx, look, inputs).await?.map(|t| (Some(t), look == Look::Resource))) };
        let (table, existed) = recovery::once(&cx.recovery, call, find).await?;
        let table = table.ok_or_else(|| Error::new("AWS made a route table and did not say which"))?;
        let id = table.route_table_id.clone().unwrap_or_default();
        Ok(Created::new(&id, outputs(cx, &id, &table)).and(finish(cx, &id, existed, inputs).await))
    }

    async fn read(cx: &Cx, id: &str) -> Result<Option<Live<Inputs, Outputs>>, Error> {
        let Some(table) = describe(cx, id).await? else { return Ok(None) };
        let inputs = Inputs {
            vpc_id: table.vpc_id.clone().unwrap_or_default(),
            routes: Some(added(&table)),
            tags: BTreeMap::new(),
        };
        Ok(Some(Live { inputs, outputs: outputs(cx, id, &table) }))
    }

    async fn update(cx: &Cx, id: &str, _: &Inputs, new: &Inputs, outputs: Outputs) -> Result<Outputs, Error> {
        if let Some(routes) = &new.routes {
            put(cx, id, routes).await?;
        }
        Ok(outputs)
    }

    async fn delete(cx: &Cx, id: &str, _: &Inputs) -> Result<(), Error> {
        let call = cx.clients.ec2.delete_route_table().route_table_id(id);
        gone(unused(cx, SETTLING, || call.clone().send()).await, ABSENT)
    }
}

impl Taggable for RouteTable {
    fn tagged(_: &Cx, id: &str) -> Tagged {
        Box::new(Ec2Thing(id.to_owned()))
    }
}

pub(crate) fn kind() -> Box<dyn Kind<Cx>> {
    Box::new(WithTags::<RouteTable>::new())
}

fn outputs(cx: &Cx, id: &str, table: &SdkTable) -> Outputs {
    Outputs {
        arn: cx.arn("ec2", &format!("route-table/{id}")),
        owner_id: table.owner_id.clone().unwrap_or_else(|| cx.caller.account.clone()),
    }
}

pub(crate) async fn describe(cx: &Cx, id: &str) -> Result<Option<SdkTable>, Error> {
    let answer = found(cx.clients.ec2.describe_route_tables().route_table_ids(id).send().await, ABSENT)?;
    Ok(answer.and_then(|a| a.route_tables).unwrap_or_default().into_iter().next())
}

/// A route table of this VPC that carries our identity, and that the state does not know.
async fn find(cx: &Cx, look: Look, inputs: &Inputs) -> Result<Option<SdkTable>, Error> {
    let ask = |identity| async {
        let call = cx.clients.ec2.describe_route_tables().filters(identity).filters(filter("vpc-id", &inputs.vpc_id));
        call.into_paginator().items().send().collect::<Result<Vec<_>, _>>().await.map_err(failed)
    };
    let unknown = |table: &SdkTable| table.route_table_id.as_ref().is_some_and(|id| !cx.recovery.knows(id));
    Ok(ours(cx, look, ask).await?.into_iter().find(unknown))
}

async fn finish(cx: &Cx, id: &str, existed: bool, inputs: &Inputs) -> Result<(), Error> {
    recovery::until(SETTLING, "to be there", || describe(cx, id)).await?;
    if existed {
        cx.log.info(&cx.urn, &format!("found route table `{id}`, which an interrupted run had made")).await;
        let target = RouteTable::tagged(cx, id);
        target.claim(cx, &target.all(cx).await?).await?;
    }
    match &inputs.routes {
        Some(routes) => put(cx, id, routes).await,
        None => Ok(()),
    }
}

/// A table's routes but for the VPC's own and those of gateway endpoints.
fn added(table: &SdkTable) -> Vec<RouteTableRoute> {
    let of_endpoint = |r: &route::Inputs| r.vpc_endpoint_id.is_some() && r.destination_prefix_list_id.is_some();
    let routes = route::own(table).map(|(route, _)| route);
    routes.filter(|r| r.gateway_id.as_deref() != Some(route::LOCAL) && !of_endpoint(r)).map(Into::into).collect()
}

/// Makes the table's routes these, and no others.
async fn put(cx: &Cx, id: &str, routes: &[RouteTableRoute]) -> Result<(), Error> {
    let table = waits::there(&format!("route table `{id}`"), || describe(cx, id)).await?;
    let (live, wanted) = (routes_of(id, &added(&table)), routes_of(id, routes));
    let at = |route: &route::Inputs| format!("the route to {}", destination(route));
    for route in live.iter().filter(|l| wanted.iter().all(|w| destination(w) != destination(l))) {
        route::remove(cx, route).await.map_err(|e| e.within(&format!("removing {}", at(route))))?;
    }
    for route in wanted.iter().filter(|w| !live.contains(w)) {
        let there = live.iter().any(|l| destination(l) == destination(route));
        let done = if there { route::lead(cx, route).await } else { route::put(cx, route).await.map(drop) };
        done.map_err(|e| e.within(&format!("setting {}", at(route))))?;
    }
    let shown = || async {
        let live = describe(cx, id).await?.map(|table| routes_of(id, &added(&table))).unwrap_or_default();
        Ok((live.len() == wanted.len() && wanted.iter().all(|w| live.contains(w))).then_some(()))
    };
    recovery::until(SETTLING, "to show its routes", shown).await
}

fn routes_of(id: &str, routes: &[RouteTableRoute]) -> Vec<route::Inputs> {
    let of_table = |r: RouteTableRoute| route::Inputs { route_table_id: id.to_owned(), ..r.into() };
    routes.iter().cloned().map(of_table).collect()
}

impl From<route::Inputs> for RouteTableRoute {
    fn from(route: route::Inputs) -> Self {
        Self {
            cidr_block: route.destination_cidr_block,
            ipv6_cidr_block: route.destination_ipv6_cidr_block,
            destination_prefix_list_id: route.destination_prefix_list_id,
            carrier_gateway_id: route.carrier_gateway_id,
            core_network_arn: route.core_network_arn,
            egress_only_gateway_id: route.egress_only_gateway_id,
            gateway_id: route.gateway_id,
            local_gateway_id: route.local_gateway_id,
            nat_gateway_id: route.nat_gateway_id,
            network_interface_id: route.network_interface_id,
            odb_network_arn: route.odb_network_arn,
            transit_gateway_id: route.transit_gateway_id,
            vpc_endpoint_id: route.vpc_endpoint_id,
            vpc_peering_connection_id: route.vpc_peering_connection_id,
        }
    }
}

impl From<RouteTableRoute> for route::Inputs {
    fn from(route: RouteTableRoute) -> Self {
        Self {
            route_table_id: String::new(),
            destination_cidr_block: route.cidr_block,
            destination_ipv6_cidr_block: route.ipv6_cidr_block,
            destination_prefix_list_id: route.destination_prefix_list_id,
            carrier_gateway_id: route.carrier_gateway_id,
            core_network_arn: route.core_network_arn,
            egress_only_gateway_id: route.egress_only_gateway_id,
            gateway_id: route.gateway_id,
            local_gateway_id: route.local_gateway_id,
            nat_gateway_id: route.nat_gateway_id,
            network_interface_id: route.network_interface_id,
            odb_network_arn: route.odb_network_arn,
            transit_gateway_id: route.transit_gateway_id,
            vpc_endpoint_id: route.vpc_endpoint_id,
            vpc_peering_connection_id: route.vpc_peering_connection_id,
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::stub::{Answer, Stub, done, inputs};

    #[tokio::test]
    async fn a_second_look_at_a_new_table_that_finds_nothing_is_repeated() {
        let stub = Stub::new(|asked| match asked.operation.as_str() {
            "CreateRouteTable" => Answer::Xml("<routeTable><routeTableId>rtb-1</routeTableId></routeTable>".to_owned()),
            "DescribeRouteTables" if asked.before.is_multiple_of(2) => {
                Answer::Refused("InvalidRouteTableID.NotFound", "not yet")
            }
            "DescribeRouteTables" => {
                Answer::Xml("<routeTableSet><item><routeTableId>rtb-1</routeTableId></item></routeTableSet>".to_owned())
            }
            _ => done(asked),
        });
        let cx = stub.cx("aws:ec2/routeTable:RouteTable");
        let table: Inputs = inputs(&json!({ "vpcId": "vpc-1", "routes": [] }));
        let made = Stub::run(Box::pin(RouteTable::create(&cx, &table))).await.0.expect("made");
        assert_eq!((made.incomplete, made.id.as_str()), (None, "rtb-1"));
    }

    crate::lifecycle! {
        token: "aws:ec2/routeTable:RouteTable",
        needs: [
            ("aws:ec2/vpc:Vpc", { "cidrBlock": "10.80.0.0/16" }),
            ("aws:ec2/internetGateway:InternetGateway", { "vpcId": "${0.id}" }),
            ("aws:ec2/internetGateway:InternetGateway", {}),
        ],
        sample: {
            "vpcId": "${0.id}",
            "routes": [
                { "cidrBlock": "192.168.1.0/24", "gatewayId": "${1.id}" },
                { "cidrBlock": "0.0.0.0/0", "gatewayId": "${1.id}" },
            ],
            "tags": { "a": "1" },
        },
        change: {
            "routes": [
                { "cidrBlock": "0.0.0.0/0", "gatewayId": "${2.id}" },
                { "ipv6CidrBlock": "::/0", "gatewayId": "${1.id}" },
            ],
            "tags": { "b": "2" },
        },
    }

    mod without_routes {
        crate::lifecycle! {
            token: "aws:ec2/routeTable:RouteTable",
            needs: [("aws:ec2/vpc:Vpc", { "cidrBlock": "10.80.0.0/16" })],
            sample: { "vpcId": "${0.id}" },
            change: { "tags": { "b": "2" } },
        }
    }

    #[test]
    fn a_wrong_route_is_named_with_its_place() {
        let value: serde_json::Value = serde_json::json!({ "routes": [
            { "cidrBlock": "0.0.0.0/0", "gatewayId": "igw-1" },
            { "cidrBlock": "10.0.0.1/8" },
        ] });
        let failures = RouteTable::check(&crate::testing::map(&value));
        let places: Vec<_> = failures.iter().map(|f| f.property.as_str()).collect();
        assert_eq!(places, ["routes[1].gatewayId", "routes[1].cidrBlock"]);
    }
}
