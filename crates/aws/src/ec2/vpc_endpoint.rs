//! A VPC endpoint: a private way from a VPC to a service.
//!
//! Calls: CreateVpcEndpoint, DescribeVpcEndpoints, ModifyVpcEndpoint, DeleteVpcEndpoints, DescribePrefixLists, CreateTags,
//! DeleteTags, DescribeTags. IAM: `ec2:` + each of these; `route53:AssociateVPCWithHostedZone` for private DNS.
//!
//! - Endpoints may exist twice, so one is looked for before it is made (see `recovery`); the client token keeps a
//!   repeated call from making a second one.
//! - DeleteVpcEndpoints succeeds when it does not: what it could not delete stands in its answer.
//! - AWS writes states with a small first letter, its SDK knows them with a capital one: they are compared without.

use aws_sdk_ec2::types::{self, PrefixList, ResourceType, VpcEndpoint as SdkEndpoint, VpcEndpointType};

use crate::{
    prelude::*,
    tags::{
        Ec2Thing,
        ec2::{filter, lost, specification},
    },
};

/// A VPC endpoint: a private way from a VPC to a service.
#[derive(Clone, Debug, Resource)]
#[resource(token = "aws:ec2/vpcEndpoint:VpcEndpoint", noun = "VPC endpoint", handle = VpcEndpoint, tags)]
#[resource(from = SdkEndpoint)]
pub struct Inputs {
    /// Id of the VPC.
    #[resource(replace)]
    pub vpc_id: String,
    /// `Gateway` (S3 and DynamoDB, by routes), `Interface`, `GatewayLoadBalancer`, `Resource` or `ServiceNetwork`.
    #[resource(replace, default = "Gateway")]
    pub vpc_endpoint_type: String,
    /// The service, such as `com.amazonaws.ap-southeast-2.s3`.
    #[resource(replace, blank)]
    pub service_name: Option<String>,
    /// ARN of a resource configuration; instead of `serviceName`.
    #[resource(replace, blank)]
    pub resource_configuration_arn: Option<String>,
    /// ARN of a service network; instead of `serviceName`.
    #[resource(replace, blank)]
    pub service_network_arn: Option<String>,
    /// Route tables of a gateway endpoint: AWS adds a route to the service to each.
    #[resource(computed, set)]
    pub route_table_ids: Option<Vec<String>>,
    /// Subnets that the endpoint has network interfaces in; a gateway endpoint has none.
    #[resource(computed, set)]
    pub subnet_ids: Option<Vec<String>>,
    /// Security groups of the network interfaces; AWS's default is the VPC's default security group.
    #[resource(computed, set, own)]
    pub security_group_ids: Option<Vec<String>>,
    /// Who may do what through the endpoint, a JSON document. AWS's default is everybody, everything.
    #[resource(json, equal = document::equal, computed, blank, sdk = policy_document)]
    pub policy: Option<String>,
    /// Whether the service's own names lead to the endpoint from within the VPC; for interface endpoints.
    #[resource(computed)]
    pub private_dns_enabled: Option<bool>,
    /// `ipv4`, `dualstack` or `ipv6`.
    #[resource(computed)]
    pub ip_address_type: Option<String>,
}

/// A DNS name of an endpoint.
#[derive(Clone, Debug, PartialEq, Eq, Shape)]
#[resource(name = "VpcEndpointDnsEntry", from = types::DnsEntry)]
pub struct DnsEntry {
    /// The name.
    pub dns_name: Option<String>,
    /// The private hosted zone of the name.
    pub hosted_zone_id: Option<String>,
}

/// Outputs of an endpoint.
#[derive(Clone, Debug, Outputs)]
#[resource(handle = VpcEndpoint)]
pub struct Outputs {
    /// ARN.
    pub arn: String,
    /// Account that owns the endpoint.
    pub owner_id: String,
    /// Whether a service of AWS manages the endpoint.
    pub requester_managed: bool,
    /// `available`, or `pendingAcceptance` where the service's owner has to accept it.
    #[resource(volatile)]
    pub state: String,
    /// Prefix list of the service, for rules of security groups; empty for all but gateway endpoints.
    pub prefix_list_id: String,
    /// Networks of the prefix list.
    #[resource(volatile)]
    pub cidr_blocks: Vec<String>,
    /// DNS names of the endpoint.
    #[resource(volatile)]
    pub dns_entries: Vec<DnsEntry>,
    /// Network interfaces of the endpoint.
    #[resource(volatile)]
    pub network_interface_ids: Vec<String>,
}

const ABSENT: Codes = &["InvalidVpcEndpointId.NotFound", "InvalidVpcEndpoint.NotFound"];
/// What AWS says of networks made a moment ago; its endpoints write some ids in another way.
const YOUNG: Codes = &[
    "InvalidVpcID.NotFound",
    "InvalidRouteTableID.NotFound",
    "InvalidRouteTableId.NotFound",
    "InvalidSubnetID.NotFound",
    "InvalidSubnetId.NotFound",
];
/// Interfaces in several zones take minutes to come and go.
const SETTLING: Duration = Duration::from_mins(10);
const SERVICES: [&str; 3] = ["serviceName", "resourceConfigurationArn", "serviceNetworkArn"];

impl AwsResource for VpcEndpoint {
    const ABSENT: Codes = ABSENT;

    fn tagged(_: &Cx, id: &str) -> Tagged {
        Box::new(Ec2Thing(id.to_owned()))
    }

    fn is_id(text: &str) -> bool {
        text.starts_with("vpce-")
    }

    /// One for a service is enough: AWS refuses a second gateway endpoint on the same route table.
    async fn existing(cx: &Cx, inputs: &Inputs) -> Answer<Option<String>> {
        let Some(service) = &inputs.service_name else { return Ok(None) };
        let call = cx.clients.ec2.describe_vpc_endpoints().filters(filter("vpc-id", &inputs.vpc_id));
        let pages = call.filters(filter("service-name", service)).into_paginator().items().send();
        let mut endpoints = pages.collect::<Result<Vec<_>, _>>().await?.into_iter();
        Ok(endpoints.find(|endpoint| is_of_type(endpoint, inputs)).and_then(|endpoint| endpoint.vpc_endpoint_id))
    }

    fn check(checks: &mut Checks<'_>) {
        if SERVICES.iter().filter(|service| checks.has(service)).count() != 1 {
            checks.wrong("serviceName", format!("an endpoint is for one service: give one of {}", SERVICES.join(", ")));
        }
        let kind = if checks.has("vpcEndpointType") { checks.text("vpcEndpointType") } else { Some("Gateway") };
        match kind {
            Some("Gateway") => {
                for property in ["subnetIds", "securityGroupIds"] {
                    if checks.gives(property) {
                        checks.wrong(property, "a gateway endpoint has no network interfaces: give `routeTableIds`");
                    }
                }
            }
            Some(kind) if checks.gives("routeTableIds") => {
                let reason = format!("only gateway endpoints have route tables, and this is `{kind}`");
                checks.wrong("routeTableIds", reason);
            }
            _ => {}
        }
    }

    async fn create(cx: &Cx, inputs: &Inputs) -> Answer<Created<Outputs>> {
        let call = cx.clients.unrepeated().ec2.create_vpc_endpoint().vpc_id(&inputs.vpc_id);
        let call = call
            .client_token(cx.identity.value())
            .vpc_endpoint_type(inputs.vpc_endpoint_type.as_str().into())
            .set_service_name(inputs.service_name.clone())
            .set_resource_configuration_arn(inputs.resource_configuration_arn.clone())
            .set_service_network_arn(inputs.service_network_arn.clone())
            .set_route_table_ids(inputs.route_table_ids.clone())
            .set_subnet_ids(inputs.subnet_ids.clone())
            .set_security_group_ids(inputs.security_group_ids.clone())
            .set_policy_document(inputs.policy.clone())
            .set_private_dns_enabled(inputs.private_dns_enabled)
            .set_ip_address_type(inputs.ip_address_type.as_deref().map(Into::into))
            .tag_specifications(specification(cx, ResourceType::VpcEndpoint));
        let create = || async { Ok(recovery::settled(YOUNG, || call.clone().send()).await?.vpc_endpoint) };
        let list = |identity| {
            let call =
                cx.clients.ec2.describe_vpc_endpoints().filters(identity).filters(filter("vpc-id", &inputs.vpc_id));
            call.into_paginator().items().send().collect()
        };
        let fits = |endpoint: &SdkEndpoint| {
            let lives = !matches!(state(endpoint).as_str(), "deleted" | "deleting" | "failed" | "rejected" | "expired");
            let service = inputs.service_name.is_none() || endpoint.service_name == inputs.service_name;
            is_of_type(endpoint, inputs) && lives && service
        };
        let find = |look| lost(cx, look, list, |e: &SdkEndpoint| e.vpc_endpoint_id.as_ref().filter(|_| fits(e)));
        let (endpoint, existed) = resource::once(cx, "CreateVpcEndpoint", create, find).await?;
        let id = endpoint.vpc_endpoint_id.clone().unwrap_or_default();
        Ok(resource::made(&id, finish(cx, &id, existed, inputs).await, || outputs(cx, &id, &endpoint, None)))
    }

    async fn read(cx: &Cx, id: &str) -> Answer<Option<Live<Inputs, Outputs>>> {
        let Some(endpoint) = describe(cx, id).await? else { return Ok(None) };
        let list = prefix_list(cx, &endpoint).await?;
        let outputs = outputs(cx, id, &endpoint, list);
        let groups = endpoint.groups.clone().unwrap_or_default();
        let mut inputs = Inputs {
            security_group_ids: Some(groups.into_iter().filter_map(|group| group.group_id).collect()),
            ..Inputs::from_sdk(endpoint)
        };
        inputs.route_table_ids.get_or_insert_default();
        inputs.subnet_ids.get_or_insert_default();
        Ok(Some(Live { inputs, outputs }))
    }

    async fn update(cx: &Cx, id: &str, old: &Inputs, new: &Inputs, outputs: Outputs) -> Answer<Outputs> {
        let (add_tables, remove_tables) = moved(old.route_table_ids.as_deref(), new.route_table_ids.as_deref());
        let (add_subnets, remove_subnets) = moved(old.subnet_ids.as_deref(), new.subnet_ids.as_deref());
        let (add_groups, remove_groups) = moved(old.security_group_ids.as_deref(), new.security_group_ids.as_deref());
        let policy = new.policy.clone().filter(|new| !old.policy.as_ref().is_some_and(|old| document::equal(old, new)));
        let dns = new.private_dns_enabled.filter(|on| old.private_dns_enabled != Some(*on));
        let addresses = new.ip_address_type.as_ref().filter(|kind| old.ip_address_type.as_ref() != Some(kind));
        let lists = [&add_tables, &remove_tables, &add_subnets, &remove_subnets, &add_groups, &remove_groups];
        if lists.iter().all(|list| list.is_none()) && policy.is_none() && dns.is_none() && addresses.is_none() {
            return Ok(outputs);
        }
        let call = cx.clients.ec2.modify_vpc_endpoint().vpc_endpoint_id(id);
        let call = call
            .set_add_route_table_ids(add_tables)
            .set_remove_route_table_ids(remove_tables)
            .set_add_subnet_ids(add_subnets)
            .set_remove_subnet_ids(remove_subnets)
            .set_add_security_group_ids(add_groups)
            .set_remove_security_group_ids(remove_groups)
            .set_policy_document(policy)
            .set_private_dns_enabled(dns)
            .set_ip_address_type(addresses.map(|kind| kind.as_str().into()));
        recovery::settled(YOUNG, || call.clone().send()).await?;
        settle(cx, id, new).await
    }

    async fn delete(cx: &Cx, id: &str, _: &Inputs) -> Answer {
        let answer = cx.clients.ec2.delete_vpc_endpoints().vpc_endpoint_ids(id).send().await.found(ABSENT)?;
        let failures = answer.and_then(|answer| answer.unsuccessful).unwrap_or_default();
        for error in failures.into_iter().filter_map(|item| item.error) {
            let (code, message) = (error.code.unwrap_or_default(), error.message.unwrap_or_default());
            if !ABSENT.contains(&code.as_str()) {
                return Err(Error::new(format!("{code}: {message}")).into());
            }
        }
        // its interfaces and routes are in the way of subnets and route tables until it is gone
        let left = || async { Ok(describe(cx, id).await?.is_none().then_some(())) };
        waits::until(SETTLING, "to be deleted", left).await
    }
}

/// Its state, in small letters.
fn state(endpoint: &SdkEndpoint) -> String {
    endpoint.state.as_ref().map(|state| state.as_str().to_ascii_lowercase()).unwrap_or_default()
}

fn is_of_type(endpoint: &SdkEndpoint, inputs: &Inputs) -> bool {
    endpoint.vpc_endpoint_type.as_ref().is_some_and(|kind| kind.as_str() == inputs.vpc_endpoint_type)
}

/// What is deleted stays in AWS's lists for a while.
async fn describe(cx: &Cx, id: &str) -> Answer<Option<SdkEndpoint>> {
    let answer = cx.clients.ec2.describe_vpc_endpoints().vpc_endpoint_ids(id).send().await.found(ABSENT)?;
    let endpoint = answer.and_then(|answer| answer.vpc_endpoints).unwrap_or_default().into_iter().next();
    Ok(endpoint.filter(|endpoint| state(endpoint) != "deleted"))
}

async fn finish(cx: &Cx, id: &str, existed: bool, inputs: &Inputs) -> Answer<Outputs> {
    if existed {
        resource::claim_found::<VpcEndpoint>(cx, id).await?;
        let live = waits::there(&format!("VPC endpoint `{id}`"), || resource::read::<VpcEndpoint>(cx, id)).await?;
        VpcEndpoint::update(cx, id, &live.inputs, inputs, live.outputs).await?;
    }
    settle(cx, id, inputs).await
}

/// Waits until AWS, or the service's owner, has nothing more to do with it.
async fn settle(cx: &Cx, id: &str, inputs: &Inputs) -> Answer<Outputs> {
    let of = |wanted: &Option<Vec<String>>, live: &Option<Vec<String>>| {
        moved(live.as_deref(), wanted.as_deref()) == (None, None)
    };
    let settled = || async {
        let Some(endpoint) = describe(cx, id).await? else { return Ok(None) };
        match state(&endpoint).as_str() {
            "available" => {
                let shows = of(&inputs.route_table_ids, &endpoint.route_table_ids)
                    && of(&inputs.subnet_ids, &endpoint.subnet_ids);
                Ok(shows.then_some(endpoint))
            }
            "pendingacceptance" => Ok(Some(endpoint)),
            bad @ ("failed" | "rejected" | "expired" | "partial") => {
                let error = endpoint.last_error.and_then(|error| error.message).or(endpoint.failure_reason);
                Err(Error::new(format!("it is {bad}: {}", error.as_deref().unwrap_or("AWS gave no reason"))).into())
            }
            _ => Ok(None),
        }
    };
    let endpoint = waits::until(SETTLING, "to be available", settled).await?;
    let list = prefix_list(cx, &endpoint).await?;
    Ok(outputs(cx, id, &endpoint, list))
}

/// What is added and what is removed between two lists; absent is as it is.
fn moved(old: Option<&[String]>, new: Option<&[String]>) -> (Option<Vec<String>>, Option<Vec<String>>) {
    let Some(new) = new else { return (None, None) };
    let old = old.unwrap_or_default();
    let without = |all: &[String], out: &[String]| -> Option<Vec<String>> {
        let rest: Vec<_> = all.iter().filter(|id| !out.contains(id)).cloned().collect();
        (!rest.is_empty()).then_some(rest)
    };
    (without(new, old), without(old, new))
}

/// The service's networks, as a gateway endpoint's routes name them.
async fn prefix_list(cx: &Cx, endpoint: &SdkEndpoint) -> Answer<Option<PrefixList>> {
    let is_gateway = endpoint.vpc_endpoint_type == Some(VpcEndpointType::Gateway);
    let Some(service) = endpoint.service_name.as_ref().filter(|_| is_gateway) else { return Ok(None) };
    let call = cx.clients.ec2.describe_prefix_lists().filters(filter("prefix-list-name", service));
    let lists = call.into_paginator().items().send().collect::<Result<Vec<_>, _>>().await;
    Ok(lists.within("reading its prefix list")?.into_iter().next())
}

fn outputs(cx: &Cx, id: &str, endpoint: &SdkEndpoint, list: Option<PrefixList>) -> Outputs {
    let list = list.unwrap_or_else(|| PrefixList::builder().build());
    Outputs {
        arn: cx.arn("ec2", &format!("vpc-endpoint/{id}")),
        owner_id: endpoint.owner_id.clone().unwrap_or_else(|| cx.caller.account.clone()),
        requester_managed: endpoint.requester_managed.unwrap_or(false),
        state: endpoint.state.as_ref().map(ToString::to_string).unwrap_or_default(),
        prefix_list_id: list.prefix_list_id.unwrap_or_default(),
        cidr_blocks: list.cidrs.unwrap_or_default(),
        dns_entries: Vec::from_sdk(endpoint.dns_entries.clone().unwrap_or_default()),
        network_interface_ids: endpoint.network_interface_ids.clone().unwrap_or_default(),
    }
}

#[cfg(test)]
mod tests;
