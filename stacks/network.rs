//! One VPC: a public and a private subnet in every availability zone, an Internet gateway, gateway endpoints, no NAT. Or
//! the ids of one that somebody else made, which are published, and of which nothing is changed.
//!
//! Read by: every module that runs inside the VPC, through `network/{vpc-id,public-subnet-ids,private-subnet-ids}`.
//! What runs in a private subnet reaches S3 and DynamoDB through the endpoints, and nothing else outside.

use std::collections::BTreeMap;

use aws::ec2::{
    DefaultSecurityGroup, InternetGateway, Route, RouteTable, RouteTableAssociation, Subnet, Vpc, VpcEndpoint,
};
use config::Network;
use pulumi::output::Output;

use crate::Stack;

/// Services with a gateway endpoint, which costs nothing.
const GATEWAY_SERVICES: [&str; 2] = ["s3", "dynamodb"];

pub(crate) fn deploy(stack: &mut Stack<'_>, network: &Network) {
    match network {
        Network::Own(shape) => vpc(stack, shape),
        Network::Existing(vpc) => {
            let known = |ids: &[String]| Output::known(ids.join(","));
            stack.publish("network/vpc-id", Output::known(vpc.vpc_id.clone()));
            stack.publish("network/public-subnet-ids", known(&vpc.public_subnet_ids));
            stack.publish("network/private-subnet-ids", known(&vpc.private_subnet_ids));
        }
    }
}

fn vpc(stack: &mut Stack<'_>, shape: &config::Vpc) {
    let zone = stack.zone;
    let vpc = Vpc::new(&stack.scope, "vpc")
        .cidr_block(shape.cidr.to_string())
        .enable_dns_support(true)
        .enable_dns_hostnames(true)
        .tags(named(stack, "vpc"))
        .register();
    // AWS makes one with every VPC, in which everything may talk to everything: it is emptied
    DefaultSecurityGroup::new(&stack.scope, "default").vpc_id(vpc.id()).tags(named(stack, "default")).register();
    let gateway =
        InternetGateway::new(&stack.scope, "internet").vpc_id(vpc.id()).tags(named(stack, "internet")).register();

    let public = route_table(stack, "public", &vpc);
    let private = route_table(stack, "private", &vpc);
    Route::new(&stack.scope, "public-internet")
        .route_table_id(public.id())
        .destination_cidr_block("0.0.0.0/0")
        .gateway_id(gateway.id())
        .register();
    for service in GATEWAY_SERVICES {
        VpcEndpoint::new(&stack.scope, service)
            .vpc_id(vpc.id())
            .service_name(format!("com.amazonaws.{}.{service}", zone.region))
            .vpc_endpoint_type("Gateway")
            .route_table_ids([public.id(), private.id()])
            .tags(named(stack, service))
            .register();
    }

    let public_subnets = subnets(stack, "public", (shape, &shape.public_subnets), &vpc, &public);
    let private_subnets = subnets(stack, "private", (shape, &shape.private_subnets), &vpc, &private);

    stack.publish("network/vpc-id", vpc.id());
    stack.publish("network/public-subnet-ids", list(public_subnets));
    stack.publish("network/private-subnet-ids", list(private_subnets));
}

fn route_table(stack: &Stack<'_>, name: &str, vpc: &Vpc) -> RouteTable {
    RouteTable::new(&stack.scope, name).vpc_id(vpc.id()).tags(named(stack, name)).register()
}

/// One subnet in each availability zone, and the table that routes for it; the ids in the order of the zones.
fn subnets(
    stack: &Stack<'_>,
    kind: &str,
    (shape, cidrs): (&config::Vpc, &[config::Cidr]),
    vpc: &Vpc,
    table: &RouteTable,
) -> Vec<Output<String>> {
    let zone = stack.zone;
    let each = cidrs.iter().zip(zone.availability_zones(shape)).zip(&shape.availability_zones);
    each.map(|((cidr, availability_zone), letter)| {
        let name = format!("{kind}-{letter}");
        let subnet = Subnet::new(&stack.scope, &name)
            .vpc_id(vpc.id())
            .cidr_block(cidr.to_string())
            .availability_zone(availability_zone)
            .tags(named(stack, &name))
            .register();
        RouteTableAssociation::new(&stack.scope, &name).subnet_id(subnet.id()).route_table_id(table.id()).register();
        subnet.id()
    })
    .collect()
}

/// The tag that the console shows as a name.
fn named(stack: &Stack<'_>, what: &str) -> BTreeMap<String, String> {
    BTreeMap::from([("Name".to_owned(), stack.zone.full_name(what))])
}

/// As a `StringList` holds them.
fn list(ids: Vec<Output<String>>) -> Output<String> {
    Output::all(ids).apply(|ids: Vec<String>| ids.join(","))
}
