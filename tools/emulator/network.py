"""What the calls of EC2 need: one action on several resources, each of which must be allowed.

<https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonec2.html> (2026-11-26). A resource that is
made has no id yet and is `vpc/*`; only its check has the tags that it is to get.
"""

import stored
from rights import Right

# The kind of a resource by the prefix of its id.
KINDS = {
    "acl": "network-acl",
    "ami": "image",
    "dopt": "dhcp-options",
    "eigw": "egress-only-internet-gateway",
    "eipalloc": "elastic-ip",
    "eni": "network-interface",
    "fl": "vpc-flow-log",
    "i": "instance",
    "igw": "internet-gateway",
    "nat": "natgateway",
    "pcx": "vpc-peering-connection",
    "pl": "prefix-list",
    "rtb": "route-table",
    "sg": "security-group",
    "sgr": "security-group-rule",
    "snap": "snapshot",
    "subnet": "subnet",
    "vol": "volume",
    "vpc": "vpc",
    "vpce": "vpc-endpoint",
}

# What a call is on: the kind of what it makes, in small letters, and the members that name what there is.
CALLS = {
    "AllocateAddress": "elastic-ip",
    "AssociateAddress": "AllocationId InstanceId NetworkInterfaceId",
    "AssociateDhcpOptions": "DhcpOptionsId VpcId",
    "AssociateRouteTable": "RouteTableId SubnetId GatewayId",
    "AssociateVpcCidrBlock": "VpcId",
    "AttachInternetGateway": "InternetGatewayId VpcId",
    "AuthorizeSecurityGroupEgress": "GroupId",
    "AuthorizeSecurityGroupIngress": "GroupId",
    "CreateDhcpOptions": "dhcp-options",
    "CreateEgressOnlyInternetGateway": "egress-only-internet-gateway VpcId",
    "CreateFlowLogs": "vpc-flow-log ResourceIds",
    "CreateInternetGateway": "internet-gateway",
    "CreateNatGateway": "natgateway SubnetId AllocationId",
    "CreateNetworkAcl": "network-acl VpcId",
    "CreateNetworkAclEntry": "NetworkAclId",
    "CreateNetworkInterface": "network-interface SubnetId Groups",
    "CreateRoute": "RouteTableId",
    "CreateRouteTable": "route-table VpcId",
    "CreateSecurityGroup": "security-group VpcId",
    "CreateSubnet": "subnet VpcId",
    "CreateTags": "Resources",
    "CreateVolume": "volume SnapshotId",
    "CreateVpc": "vpc",
    "CreateVpcEndpoint": "vpc-endpoint VpcId RouteTableIds SubnetIds SecurityGroupIds",
    "DeleteDhcpOptions": "DhcpOptionsId",
    "DeleteEgressOnlyInternetGateway": "EgressOnlyInternetGatewayId",
    "DeleteFlowLogs": "FlowLogIds",
    "DeleteInternetGateway": "InternetGatewayId",
    "DeleteNatGateway": "NatGatewayId",
    "DeleteNetworkAcl": "NetworkAclId",
    "DeleteNetworkAclEntry": "NetworkAclId",
    "DeleteNetworkInterface": "NetworkInterfaceId",
    "DeleteRoute": "RouteTableId",
    "DeleteRouteTable": "RouteTableId",
    "DeleteSecurityGroup": "GroupId",
    "DeleteSubnet": "SubnetId",
    "DeleteTags": "Resources",
    "DeleteVolume": "VolumeId",
    "DeleteVpc": "VpcId",
    "DeleteVpcEndpoints": "VpcEndpointIds",
    "DescribeVpcAttribute": "VpcId",
    "DetachInternetGateway": "InternetGatewayId VpcId",
    "ModifySubnetAttribute": "SubnetId",
    "ModifyVpcAttribute": "VpcId",
    "ModifyVpcEndpoint": "VpcEndpointId AddRouteTableIds AddSubnetIds AddSecurityGroupIds",
    "ReleaseAddress": "AllocationId",
    "ReplaceRoute": "RouteTableId",
    "ReplaceRouteTableAssociation": "RouteTableId",
    "RevokeSecurityGroupEgress": "GroupId",
    "RevokeSecurityGroupIngress": "GroupId",
    "RunInstances": "instance network-interface volume ImageId SubnetId SecurityGroupIds",
    "StartInstances": "InstanceIds",
    "StopInstances": "InstanceIds",
    "TerminateInstances": "InstanceIds",
    "UpdateSecurityGroupRuleDescriptionsEgress": "GroupId",
    "UpdateSecurityGroupRuleDescriptionsIngress": "GroupId",
}

# Looks that are on a resource, or newer than the reference; those of the zone are above.
LOOKS_AT = (
    "DescribeCapacityReservationCancellationQuotes DescribeFleetHistory DescribeFleetInstances DescribeImageAttribute"
    " DescribeInstanceAttribute DescribeNetworkInterfaceAttribute DescribeSnapshotAttribute DescribeSpotFleetInstances"
    " DescribeSpotFleetRequestHistory DescribeVolumeAttribute DescribeVpcEndpointAssociations DescribeVpcEndpointServicePermissions"
    " DescribeCapacityBlockExtensionOfferings DescribeClientVpnAuthorizationRules DescribeClientVpnConnections DescribeClientVpnRoutes"
    " DescribeClientVpnTargetNetworks DescribeSecurityGroupReferences"
    " DescribeImageUsageReportEntries DescribeSpotFleetRequests DescribeInstanceSqlHaHistoryStates DescribeFpgaImageAttribute"
    " DescribeCapacityReservationDateChangeQuotes DescribeMetricCategories DescribeNetworkingFlexCostAllocationPolicies"
    " DescribeNetworkingFlexCostAllocationPolicyAssociations DescribeTransitGatewayNetworkFunctionAttachments"
).split()


def ec2(call):
    name = call.name
    if name == "DisassociateRouteTable":
        return [Right(f"ec2:{name}", arn) for arn in associated(call)]
    if name not in CALLS:
        looks = name.startswith("Describe") and name not in LOOKS_AT
        return [Right(f"ec2:{name}", "*")] if looks else None
    given = {spec.get("ResourceType"): stored.pairs(spec.get("Tags")) for spec in call.values.get("TagSpecifications", [])}
    found = []
    for what in CALLS[name].split():
        if what[0].islower():
            found.append(Right(f"ec2:{name}", call.arn(f"{what}/*"), tagging(given.get(what, {}))))
            continue
        ids = call.values.get(what) or []
        for id in [ids] if isinstance(ids, str) else ids:
            if kind := KINDS.get(id.partition("-")[0]):
                context = tagging(stored.pairs(call.values.get("Tags"))) if name in ("CreateTags", "DeleteTags") else {}
                found.append(Right(f"ec2:{name}", arn(call, kind, id), context))
    # an id of no known form names nothing that there is, and the service says so
    found = found or [Right(f"ec2:{name}", "*")]
    for kind, tags in given.items():
        if tags:
            found.append(Right("ec2:CreateTags", call.arn(f"{kind}/*"), tagging(tags) | {"ec2:CreateAction": name}))
    return found


def arn(call, kind, id):
    """Images and snapshots may be anybody's, and have no account."""
    return f"arn:aws:ec2:{call.region}::{kind}/{id}" if kind in ("image", "snapshot") else call.arn(f"{kind}/{id}")


def tagging(tags):
    if not tags:
        return {}
    return {f"aws:RequestTag/{key}": value for key, value in tags.items()} | {"aws:TagKeys": list(tags)}


def associated(call):
    """The table and the subnet or gateway of an association."""
    id = call.first("AssociationId") or ""
    network = stored.store("ec2", call.account, call.region)
    for table in network.route_tables.values() if network else ():
        if id in table._associations:
            other = table._associations[id]
            kind = KINDS.get(other.partition("-")[0])
            return [call.arn(f"route-table/{table.id}"), *([call.arn(f"{kind}/{other}")] if kind else [])]
    return ["*"]
