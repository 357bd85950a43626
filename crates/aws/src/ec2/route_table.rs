//! A route table of a VPC.
//!
//! Calls: CreateRouteTable, DescribeRouteTables, DeleteRouteTable, those of `route`, CreateTags, DeleteTags,
//! DescribeTags. IAM: `ec2:` + each of these.
//!
//! - Route tables may exist twice, so one is looked for before it is made (see `recovery`); the client token keeps a
//!   repeated call from making a second one.
//! - `routes`, when given, are all its routes; those of gateway endpoints, of gateways that tell theirs, and the VPC's own
//!   stay. When absent, they are left to `Route`s.

use aws_sdk_ec2::types::{ResourceType, Route as SdkRoute, RouteTable as SdkTable};

use super::{
    route::{self, destination},
    vpc::{self, SETTLING, unused},
};
use crate::{
    checks::items,
    prelude::*,
    tags::{
        Ec2Thing,
        ec2::{filter, lost, specification},
    },
};

/// A route table of a VPC.
#[derive(Clone, Debug, Resource)]
#[resource(token = "aws:ec2/routeTable:RouteTable", noun = "route table", handle = RouteTable, tags)]
pub struct Inputs {
    /// Id of the VPC.
    #[resource(replace)]
    pub vpc_id: String,
    /// All routes of the table. Absent leaves them to `Route`s; use one way or the other.
    #[resource(computed, set)]
    pub routes: Option<Vec<RouteTableRoute>>,
}

/// A route: what has this destination goes to this target.
#[derive(Clone, Debug, PartialEq, Eq, Shape)]
#[resource(sdk = SdkRoute)]
pub struct RouteTableRoute {
    /// Destination: an IPv4 network. One destination is given.
    #[resource(sdk = destination_cidr_block)]
    pub cidr_block: Option<String>,
    /// Destination: an IPv6 network.
    #[resource(sdk = destination_ipv6_cidr_block)]
    pub ipv6_cidr_block: Option<String>,
    /// Destination: the networks of a managed prefix list.
    pub destination_prefix_list_id: Option<String>,
    /// Target: a carrier gateway. One target is given.
    pub carrier_gateway_id: Option<String>,
    /// Target: ARN of a core network.
    pub core_network_arn: Option<String>,
    /// Target: an egress-only Internet gateway.
    #[resource(sdk = egress_only_internet_gateway_id)]
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
    #[resource(own)]
    pub vpc_endpoint_id: Option<String>,
    /// Target: a VPC peering connection.
    pub vpc_peering_connection_id: Option<String>,
}

/// Outputs of a route table.
#[derive(Clone, Debug, Outputs)]
#[resource(handle = RouteTable)]
pub struct Outputs {
    /// ARN.
    pub arn: String,
    /// Account that owns the route table.
    pub owner_id: String,
}

pub(crate) const ABSENT: Codes = &["InvalidRouteTableID.NotFound"];

impl AwsResource for RouteTable {
    const ABSENT: Codes = ABSENT;

    fn tagged(_: &Cx, id: &str) -> Tagged {
        Box::new(Ec2Thing(id.to_owned()))
    }

    fn is_id(text: &str) -> bool {
        text.starts_with("rtb-")
    }

    fn check(checks: &mut Checks<'_>) {
        for (i, route) in items(checks.inputs, "routes").iter().enumerate() {
            let Value::Object(route) = route else { continue };
            let mut of_route = Checks::of(route);
            route::check(&mut of_route, ["cidrBlock", "ipv6CidrBlock", "destinationPrefixListId"]);
            for failure in of_route.failures() {
                checks.wrong(&format!("routes[{i}].{}", failure.property), failure.reason);
            }
        }
    }

    async fn create(cx: &Cx, inputs: &Inputs) -> Answer<Created<Outputs>> {
        let call = cx.clients.unrepeated().ec2.create_route_table().vpc_id(&inputs.vpc_id);
        let call =
            call.client_token(cx.identity.value()).tag_specifications(specification(cx, ResourceType::RouteTable));
        let create = || async { Ok(recovery::settled(vpc::ABSENT, || call.clone().send()).await?.route_table) };
        let list = |identity| {
            let call =
                cx.clients.ec2.describe_route_tables().filters(identity).filters(filter("vpc-id", &inputs.vpc_id));
            call.into_paginator().items().send().collect()
        };
        let find = |look| lost(cx, look, list, |table: &SdkTable| table.route_table_id.as_ref());
        let (table, existed) = resource::once(cx, "CreateRouteTable", create, find).await?;
        let id = table.route_table_id.clone().unwrap_or_default();
        Ok(Created::new(&id, outputs(cx, &id, &table)).and(finish(cx, &id, existed, inputs).await))
    }

    async fn read(cx: &Cx, id: &str) -> Answer<Option<Live<Inputs, Outputs>>> {
        let Some(table) = describe(cx, id).await? else { return Ok(None) };
        let routes = added(&table).map(|(route, sdk)| RouteTableRoute {
            gateway_id: route.gateway_id,
            vpc_endpoint_id: route.vpc_endpoint_id,
            ..RouteTableRoute::from_sdk(sdk.clone())
        });
        let inputs = Inputs { vpc_id: table.vpc_id.clone().unwrap_or_default(), routes: Some(routes.collect()) };
        Ok(Some(Live { inputs, outputs: outputs(cx, id, &table) }))
    }

    async fn update(cx: &Cx, id: &str, _: &Inputs, new: &Inputs, outputs: Outputs) -> Answer<Outputs> {
        if let Some(routes) = &new.routes {
            put(cx, id, routes).await?;
        }
        Ok(outputs)
    }

    async fn delete(cx: &Cx, id: &str, _: &Inputs) -> Answer {
        let call = cx.clients.ec2.delete_route_table().route_table_id(id);
        unused(cx, SETTLING, || call.clone().send()).await.done()
    }
}

fn outputs(cx: &Cx, id: &str, table: &SdkTable) -> Outputs {
    Outputs {
        arn: cx.arn("ec2", &format!("route-table/{id}")),
        owner_id: table.owner_id.clone().unwrap_or_else(|| cx.caller.account.clone()),
    }
}

pub(crate) async fn describe(cx: &Cx, id: &str) -> Answer<Option<SdkTable>> {
    let answer = cx.clients.ec2.describe_route_tables().route_table_ids(id).send().await.found(ABSENT)?;
    Ok(answer.and_then(|answer| answer.route_tables).unwrap_or_default().into_iter().next())
}

async fn finish(cx: &Cx, id: &str, existed: bool, inputs: &Inputs) -> Answer {
    waits::until(SETTLING, "to be there", || describe(cx, id)).await?;
    if existed {
        resource::claim_found::<RouteTable>(cx, id).await?;
    }
    match &inputs.routes {
        Some(routes) => put(cx, id, routes).await,
        None => Ok(()),
    }
}

/// A table's routes but for the VPC's own and those of gateway endpoints.
fn added(table: &SdkTable) -> impl Iterator<Item = (route::Inputs, &SdkRoute)> {
    let of_endpoint = |r: &route::Inputs| r.vpc_endpoint_id.is_some() && r.destination_prefix_list_id.is_some();
    route::own(table).filter(move |(r, _)| r.gateway_id.as_deref() != Some(route::LOCAL) && !of_endpoint(r))
}

/// Makes the table's routes these, and no others.
async fn put(cx: &Cx, id: &str, routes: &[RouteTableRoute]) -> Answer {
    let table = waits::there(&format!("route table `{id}`"), || describe(cx, id)).await?;
    let routes_of = |table: &SdkTable| added(table).map(|(route, _)| route).collect::<Vec<_>>();
    let live = routes_of(&table);
    let wanted = routes.iter().map(|route| of_table(id, route)).collect::<Answer<Vec<_>>>()?;
    for route in live.iter().filter(|l| wanted.iter().all(|w| destination(w) != destination(l))) {
        route::remove(cx, route).await.within(&format!("removing the route to {}", destination(route)))?;
    }
    for route in wanted.iter().filter(|w| !live.contains(w)) {
        let there = live.iter().any(|l| destination(l) == destination(route));
        let done = if there { route::lead(cx, route).await } else { route::put(cx, route).await.done() };
        done.within(&format!("setting the route to {}", destination(route)))?;
    }
    let shown = || async {
        let live = describe(cx, id).await?.as_ref().map(routes_of).unwrap_or_default();
        Ok((live.len() == wanted.len() && wanted.iter().all(|w| live.contains(w))).then_some(()))
    };
    waits::until(SETTLING, "to show its routes", shown).await
}

/// A route in the form of a `Route` of this table.
fn of_table(id: &str, route: &RouteTableRoute) -> Answer<route::Inputs> {
    let mut sdk: SdkRoute = route.to_sdk()?;
    // AWS shows a Gateway Load Balancer endpoint as a gateway
    sdk.gateway_id = sdk.gateway_id.or_else(|| route.vpc_endpoint_id.clone());
    Ok(route::described(id, &sdk))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::{
        stub::{
            Answer, Asked, Stub, done, inputs,
            late::{Late, SETTLED, is_waited_out, wholly},
        },
        testing::{Adapter, CustomResource as _},
    };

    #[tokio::test]
    async fn a_table_is_made_when_ec2_knows_its_vpc_and_deleted_when_nothing_uses_it() {
        let ec2 = |asked: &Asked| match asked.operation.as_str() {
            "CreateRouteTable" => Answer::Xml("<routeTable><routeTableId>rtb-1</routeTableId></routeTable>".to_owned()),
            "DescribeRouteTables" => {
                Answer::Xml("<routeTableSet><item><routeTableId>rtb-1</routeTableId></item></routeTableSet>".to_owned())
            }
            _ => done(asked),
        };
        let table: Inputs = inputs(&json!({ "vpcId": "vpc-1" }));
        let late: &[Late] = &[
            ("CreateRouteTable", SETTLED, &[("InvalidVpcID.NotFound", "")]),
            ("DeleteRouteTable", SETTLING, &[("DependencyViolation", "")]),
        ];
        let life = async |cx: Cx| {
            wholly(Box::pin(Adapter::<RouteTable>::create(&cx, &table)).await?)?;
            Adapter::<RouteTable>::delete(&cx, "rtb-1", &table).await
        };
        is_waited_out("aws:ec2/routeTable:RouteTable", late, ec2, life).await;
    }

    #[tokio::test]
    async fn a_tables_routes_are_waited_for_until_it_shows_them_and_no_others() {
        let route = "<item><destinationCidrBlock>0.0.0.0/0</destinationCidrBlock><gatewayId>igw-1</gatewayId></item>";
        let stub = Stub::new(move |asked| match (asked.operation.as_str(), asked.before) {
            ("DescribeRouteTables", 0 | 3) => Answer::Refused("InvalidRouteTableID.NotFound", "not yet"),
            ("DescribeRouteTables", before) => {
                let routes = if before < 6 { "" } else { route };
                Answer::Xml(format!(
                    "<routeTableSet><item><routeTableId>rtb-1</routeTableId><routeSet>{routes}</routeSet></item></routeTableSet>"
                ))
            }
            _ => done(asked),
        });
        let routes: Inputs =
            inputs(&json!({ "vpcId": "vpc-1", "routes": [{ "cidrBlock": "0.0.0.0/0", "gatewayId": "igw-1" }] }));
        let cx = stub.cx("aws:ec2/routeTable:RouteTable");
        let (set, _) = Stub::run(Box::pin(put(&cx, "rtb-1", &routes.routes.expect("routes")))).await;
        assert_eq!((set, stub.asked("CreateRoute").len()), (Ok(()), 1));
        assert_eq!(stub.asked("DescribeRouteTables").len(), 7);
    }

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
        let made = Stub::run(Box::pin(Adapter::<RouteTable>::create(&cx, &table))).await.0.expect("made");
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
        let failures = Adapter::<RouteTable>::check(&crate::testing::map(&value));
        let places: Vec<_> = failures.iter().map(|f| f.property.as_str()).collect();
        assert_eq!(places, ["routes[1].gatewayId", "routes[1].cidrBlock"]);
    }
}
