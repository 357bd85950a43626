"""A VPC and what is in it; another range of addresses takes all of it along, but for the gateways."""

import pulumi_aws as aws
from engine import CHANGED, REPLACED, STAYS
from settings import REGION

UNTOLD = {
    # of one that is attached to none
    aws.ec2.InternetGateway: {"vpc_id"},
    # of an empty list nothing is told
    aws.ec2.DefaultSecurityGroup: {"egress"},
    aws.ec2.Route: {"network_interface_id"},
    # moto does not tell it
    aws.ec2.VpcEndpoint: {"ip_address_type"},
}
LEFT_OUT = {
    aws.ec2.DefaultSecurityGroup: {"name_prefix"},
    aws.ec2.RouteTable: {"propagating_vgws"},
    aws.ec2.Vpc: {"ipv6_cidr_block_network_border_group"},
    aws.ec2.VpcEndpoint: {"dns_options", "service_region", "subnet_configurations"},
}
UNREAD = {
    aws.ec2.RouteTable: {"routes"},
    aws.ec2.Subnet: {"availability_zone_id", "private_dns_hostname_type_on_launch"},
    aws.ec2.VpcEndpoint: {"policy", "private_dns_enabled", "route_table_ids", "security_group_ids", "subnet_ids"},
}


def describe(p):
    net = p.renamed("10.40", "10.41")
    vpc = p.make(
        REPLACED,
        aws.ec2.Vpc,
        "vpc",
        cidr_block=f"{net}.0.0/16",
        enable_dns_hostnames=p.tuned(False, True),
        assign_generated_ipv6_cidr_block=True,
        tags=p.tags,
    )
    subnet = p.make(
        REPLACED,
        aws.ec2.Subnet,
        "subnet",
        vpc_id=vpc.id,
        cidr_block=f"{net}.0.0/20",
        ipv6_cidr_block=vpc.ipv6_cidr_block.apply(lambda block: block.replace("/56", "/64")),
        availability_zone=f"{REGION}a",
        map_public_ip_on_launch=p.tuned(False, True),
        tags=p.tags,
    )
    gateway = p.make(CHANGED, aws.ec2.InternetGateway, "gateway", vpc_id=vpc.id, tags=p.tags)
    loose = p.make(STAYS, aws.ec2.InternetGateway, "loose")
    table = p.make(REPLACED, aws.ec2.RouteTable, "table", vpc_id=vpc.id, tags=p.tags)
    routes = [{"cidr_block": p.tuned("192.168.0.0/16", "172.16.0.0/12"), "gateway_id": gateway.id}]
    closed = p.make(REPLACED, aws.ec2.RouteTable, "table-with-routes", vpc_id=vpc.id, routes=routes)
    p.make(
        REPLACED,
        aws.ec2.Route,
        "route",
        route_table_id=table.id,
        destination_cidr_block="0.0.0.0/0",
        gateway_id=p.tuned(gateway.id, loose.id),
    )
    p.make(
        REPLACED,
        aws.ec2.RouteTableAssociation,
        "association",
        subnet_id=subnet.id,
        route_table_id=p.tuned(table.id, closed.id),
    )
    p.make(
        REPLACED,
        aws.ec2.VpcEndpoint,
        "endpoint",
        vpc_id=vpc.id,
        service_name=f"com.amazonaws.{REGION}.s3",
        vpc_endpoint_type="Gateway",
        route_table_ids=p.tuned([table.id], [table.id, closed.id]),
        tags=p.tags,
    )
    p.make(
        REPLACED,
        aws.ec2.VpcEndpoint,
        "endpoint-inside",
        vpc_id=vpc.id,
        service_name=f"com.amazonaws.{REGION}.sqs",
        vpc_endpoint_type="Interface",
        subnet_ids=[subnet.id],
        private_dns_enabled=p.tuned(False, True),
    )
    inside = {"protocol": "tcp", "from_port": 443, "to_port": p.tuned(443, 444), "self": True}
    outside = {"protocol": "-1", "from_port": 0, "to_port": 0, "cidr_blocks": ["0.0.0.0/0"]}
    rules = {"ingress": [inside]} | p.tuned({}, {"egress": [outside]})
    p.make(REPLACED, aws.ec2.DefaultSecurityGroup, "group", vpc_id=vpc.id, tags=p.tags, **rules)


def drift(at, ids):
    off = {"Value": False}
    yield "update", "vpc", at.ec2.modify_vpc_attribute(VpcId=ids["vpc"], EnableDnsHostnames=off)
    told = at.ec2.describe_subnets(SubnetIds=[ids["subnet"]])["Subnets"][0]["Ipv6CidrBlockAssociationSet"]
    block = {"AssociationId": told[0]["AssociationId"]}
    yield "update", "subnet", at.ec2.disassociate_subnet_cidr_block(**block)
    let_go = {"InternetGatewayId": ids["gateway"], "VpcId": ids["vpc"]}
    yield "update", "gateway", at.ec2.detach_internet_gateway(**let_go)
    table, to = ids["table"], {"DestinationCidrBlock": "0.0.0.0/0", "GatewayId": ids["gateway"]}
    yield "update", "table", at.ec2.delete_tags(Resources=[table], Tags=[{"Key": "team"}])
    yield "update", "route", at.ec2.replace_route(RouteTableId=table, **to)
    yield "update", "table-with-routes", at.ec2.create_route(RouteTableId=ids["table-with-routes"], **to)
    yield "delete", "association", at.ec2.disassociate_route_table(AssociationId=ids["association"])
    fewer = {"VpcEndpointId": ids["endpoint"], "RemoveRouteTableIds": [table]}
    yield "update", "endpoint", at.ec2.modify_vpc_endpoint(**fewer)
    public = {"VpcEndpointId": ids["endpoint-inside"], "PrivateDnsEnabled": False}
    yield "update", "endpoint-inside", at.ec2.modify_vpc_endpoint(**public)
    all_of_it = {"IpProtocol": "tcp", "FromPort": 1, "ToPort": 2, "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}
    opened = {"GroupId": ids["group"], "IpPermissions": [all_of_it]}
    yield "update", "group", at.ec2.authorize_security_group_ingress(**opened)


IMPORTED_AS = {
    "vpc": lambda outputs: f"{outputs['vpc']['id']}@{REGION}",
    "route": lambda outputs: f"{outputs['table']['id']}_0.0.0.0/0",
    "association": lambda outputs: f"{outputs['subnet']['id']}/{outputs['table-with-routes']['id']}",
}
THERE = {
    aws.ec2.Vpc: lambda at: {vpc["VpcId"] for vpc in at.ec2.describe_vpcs()["Vpcs"]},
    aws.ec2.Subnet: lambda at: {subnet["SubnetId"] for subnet in at.ec2.describe_subnets()["Subnets"]},
    aws.ec2.InternetGateway: lambda at: {
        gateway["InternetGatewayId"] for gateway in at.ec2.describe_internet_gateways()["InternetGateways"]
    },
    aws.ec2.VpcEndpoint: lambda at: {
        endpoint["VpcEndpointId"]
        for endpoint in at.ec2.describe_vpc_endpoints()["VpcEndpoints"]
        if endpoint["State"] != "deleted"
    },
}
