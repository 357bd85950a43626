//! A VPC endpoint: a private way from a VPC to a service.
//!
//! Calls: CreateVpcEndpoint, DescribeVpcEndpoints, ModifyVpcEndpoint, DeleteVpcEndpoints, DescribePrefixLists, CreateTags,
//! DeleteTags, DescribeTags. IAM: `ec2:` + each of these; `route53:AssociateVPCWithHostedZone` for private DNS.
//!
//! - Endpoints may exist twice, so one is looked for before it is made (see `recovery`); the client token keeps a
//!   repeated call from making a second one.
//! - DeleteVpcEndpoints succeeds when it does not: what it could not delete stands in its answer.
//! - AWS writes states with a small first letter, its SDK knows them with a capital one: they are compared without.

use std::{collections::BTreeMap, time::Duration};

use aws_sdk_ec2::{
    config::retry::RetryConfig,
    types::{IpAddressType, ResourceType, VpcEndpoint as SdkEndpoint, VpcEndpointType},
};
use derive::{Outputs, Resource, Shape};
use pulumi::{
    provider::{
        check::Failure,
        resource::{Created, CustomResource, Error, Kind, Live},
    },
    value::{Map, Value},
};

use super::vpc;
use crate::{
    context::Cx,
    document,
    error::{failed, found},
    recovery::{self, Look},
    tags::{
        Ec2Thing, Taggable, Tagged, WithTags,
        ec2::{filter, ours, specification},
    },
    waits,
};

/// A VPC endpoint: a private way from a VPC to a service.
#[derive(Clone, Debug, Resource)]
#[resource(token = "aws:ec2/vpcEndpoint:VpcEndpoint", noun = "VPC endpoint", handle = VpcEndpoint)]
pub struct Inputs {
    /// Id of its VPC.
    #[resource(replace)]
    pub vpc_id: String,
    /// `Gateway` (S3 and DynamoDB, by routes), `Interface`, `GatewayLoadBalancer`, `Resource` or `ServiceNetwork`.
    #[resource(replace, default = "Gateway")]
    pub vpc_endpoint_type: String,
    /// The service, such as `com.amazonaws.ap-southeast-2.s3`.
    #[resource(replace)]
    pub service_name: Option<String>,
    /// ARN of a resource configuration; instead of `serviceName`.
    #[resource(replace)]
    pub resource_configuration_arn: Option<String>,
    /// ARN of a service network; instead of `serviceName`.
    #[resource(replace)]
    pub service_network_arn: Option<String>,
    /// A gateway endpoint's route tables: each gets a route to the service.
    #[resource(computed, set)]
    pub route_table_ids: Option<Vec<String>>,
    /// The subnets it has network interfaces in; of gateway endpoints none.
    #[resource(computed, set)]
    pub subnet_ids: Option<Vec<String>>,
    /// Security groups of its network interfaces; AWS takes the VPC's default one.
    #[resource(computed, set)]
    pub security_group_ids: Option<Vec<String>>,
    /// Who may do what through it, a JSON document. AWS's default is everybody, everything.
    #[resource(json, equal = document::equal, computed)]
    pub policy: Option<String>,
    /// Whether the service's own names lead to it from within the VPC; of interface endpoints.
    #[resource(computed)]
    pub private_dns_enabled: Option<bool>,
    /// `ipv4`, `dualstack` or `ipv6`.
    #[resource(computed)]
    pub ip_address_type: Option<String>,
    /// Tags, beside the provider's default tags.
    #[resource(default)]
    pub tags: BTreeMap<String, String>,
}

/// A name of an endpoint.
#[derive(Clone, Debug, PartialEq, Eq, Shape)]
#[resource(name = "VpcEndpointDnsEntry")]
pub struct DnsEntry {
    /// The name.
    pub dns_name: Option<String>,
    /// The private hosted zone it is in.
    pub hosted_zone_id: Option<String>,
}

/// What AWS adds to an endpoint.
#[derive(Clone, Debug, Outputs)]
#[resource(handle = VpcEndpoint)]
pub struct Outputs {
    /// ARN.
    pub arn: String,
    /// Account that owns it.
    pub owner_id: String,
    /// Whether a service of AWS manages it.
    pub requester_managed: bool,
    /// `available`, or `pendingAcceptance` where the service's owner has to accept it.
    #[resource(volatile)]
    pub state: String,
    /// The service's prefix list, for rules of security groups; empty for all but gateway endpoints.
    pub prefix_list_id: String,
    /// The networks of the prefix list.
    #[resource(volatile)]
    pub cidr_blocks: Vec<String>,
    /// Its names.
    #[resource(volatile)]
    pub dns_entries: Vec<DnsEntry>,
    /// Its network interfaces.
    #[resource(volatile)]
    pub network_interface_ids: Vec<String>,
}

const ABSENT: &[&str] = &["InvalidVpcEndpointId.NotFound", "InvalidVpcEndpoint.NotFound"];
/// Interfaces in several zones take minutes to come and go.
const SETTLING: Duration = Duration::from_mins(10);
const SERVICES: [&str; 3] = ["serviceName", "resourceConfigurationArn", "serviceNetworkArn"];

impl CustomResource for VpcEndpoint {
    type Context = Cx;
    type Inputs = Inputs;
    type Outputs = Outputs;

    fn is_id(text: &str) -> bool {
        text.starts_with("vpce-")
    }

    /// One for a service is enough: AWS refuses a second gateway endpoint on the same route table.
    async fn existing(cx: &Cx, inputs: &Inputs) -> Result<Option<String>, Error> {
        let Some(service) = &inputs.service_name else { return Ok(None) };
        let call = cx.clients.ec2.describe_vpc_endpoints().filters(filter("vpc-id", &inputs.vpc_id));
        let pages = call.filters(filter("service-name", service)).into_paginator().items().send();
        let endpoints = pages.collect::<Result<Vec<_>, _>>().await.map_err(failed)?;
        let fits = |endpoint: &SdkEndpoint| {
            endpoint.vpc_endpoint_type.as_ref().is_some_and(|kind| kind.as_str() == inputs.vpc_endpoint_type)
        };
        Ok(endpoints.into_iter().find(fits).and_then(|endpoint| endpoint.vpc_endpoint_id))
    }

    fn check(inputs: &Map) -> Vec<Failure> {
        let mut failures = Vec::new();
        let mut wrong =
            |property: &str, reason: String| failures.push(Failure { property: property.to_owned(), reason });
        let given = |property: &str| match inputs.get(property) {
            None | Some(Value::Null) => false,
            Some(Value::Array(items)) => !items.is_empty(),
            Some(_) => true,
        };
        if SERVICES.iter().filter(|s| given(s)).count() != 1 {
            wrong("serviceName", format!("an endpoint leads to one service: give one of {}", SERVICES.join(", ")));
        }
        let kind = inputs.get("vpcEndpointType").unwrap_or(&Value::Null);
        match kind.as_str().or((*kind == Value::Null).then_some("Gateway")) {
            Some("Gateway") => {
                for property in ["subnetIds", "securityGroupIds"].into_iter().filter(|p| given(p)) {
                    wrong(property, "a gateway endpoint has no network interfaces: give `routeTableIds`".to_owned());
                }
            }
            Some(kind) if given("routeTableIds") => {
                wrong("routeTableIds", format!("routes lead to gateway endpoints, and this one's type is `{kind}`"));
            }
            _ => {}
        }
        failures
    }

    async fn create(cx: &Cx, inputs: &Inputs) -> Result<Created<Outputs>, Error> {
        let call = cx.clients.ec2.create_vpc_endpoint().vpc_id(&inputs.vpc_id).client_token(cx.identity.value());
        let call = call
            .vpc_endpoint_type(VpcEndpointType::from(inputs.vpc_endpoint_type.as_str()))
            .set_service_name(inputs.service_name.clone())
            .set_resource_configuration_arn(inputs.resource_configuration_arn.clone())
            .set_service_network_arn(inputs.service_network_arn.clone())
            .set_route_table_ids(inputs.route_table_ids.clone())
            .set_subnet_ids(inputs.subnet_ids.clone())
            .set_security_group_ids(inputs.security_group_ids.clone());
        let call = call
            .set_policy_document(inputs.policy.clone())
            .set_private_dns_enabled(inputs.private_dns_enabled)
            .set_ip_address_type(inputs.ip_address_type.as_deref().map(IpAddressType::from))
            .tag_specifications(specification(cx, ResourceType::VpcEndpoint));
        let young = [vpc::ABSENT, &["InvalidRouteTableId.NotFound", "InvalidRouteTableID.NotFound"]].concat();
        let call = || async {
            // repeated only after looking whether it was made: see `once`
            let unrepeated = || aws_sdk_ec2::config::Builder::new().retry_config(RetryConfig::disabled());
            let made = || call.clone().customize().config_override(unrepeated()).send();
            Ok((recovery::settled(&young, made).await?.vpc_endpoint, false))
        };
        let find = |look| async move { Ok(find(cx, look, inputs).await?.map(|e| (Some(e), look == Look::Resource))) };
        let (endpoint, existed) = recovery::once(&cx.recovery, call, find).await?;
        let endpoint = endpoint.ok_or_else(|| Error::new("AWS made an endpoint and did not say which"))?;
        let id = endpoint.vpc_endpoint_id.clone().unwrap_or_default();
        match finish(cx, &id, existed, inputs).await {
            Ok(outputs) => Ok(Created::new(id, outputs)),
            Err(error) => Ok(Created::new(&id, outputs(cx, &id, &endpoint, PrefixList::default())).and(Err(error))),
        }
    }

    async fn read(cx: &Cx, id: &str) -> Result<Option<Live<Inputs, Outputs>>, Error> {
        let Some(endpoint) = describe(cx, id).await? else { return Ok(None) };
        let given = |text: &Option<String>| text.clone().filter(|text| !text.is_empty());
        let groups = endpoint.groups.iter().flatten().filter_map(|g| g.group_id.clone());
        let inputs = Inputs {
            vpc_id: endpoint.vpc_id.clone().unwrap_or_default(),
            vpc_endpoint_type: endpoint.vpc_endpoint_type.as_ref().map(ToString::to_string).unwrap_or_default(),
            service_name: given(&endpoint.service_name),
            resource_configuration_arn: given(&endpoint.resource_configuration_arn),
            service_network_arn: given(&endpoint.service_network_arn),
            route_table_ids: Some(endpoint.route_table_ids.clone().unwrap_or_default()),
            subnet_ids: Some(endpoint.subnet_ids.clone().unwrap_or_default()),
            security_group_ids: Some(groups.collect()),
            policy: given(&endpoint.policy_document),
            private_dns_enabled: endpoint.private_dns_enabled,
            ip_address_type: endpoint.ip_address_type.as_ref().map(ToString::to_string),
            tags: BTreeMap::new(),
        };
        let list = prefix_list(cx, &endpoint).await?;
        Ok(Some(Live { inputs, outputs: outputs(cx, id, &endpoint, list) }))
    }

    async fn update(cx: &Cx, id: &str, old: &Inputs, new: &Inputs, outputs: Outputs) -> Result<Outputs, Error> {
        let (add_tables, remove_tables) = moved(old.route_table_ids.as_deref(), new.route_table_ids.as_deref());
        let (add_subnets, remove_subnets) = moved(old.subnet_ids.as_deref(), new.subnet_ids.as_deref());
        let (add_groups, remove_groups) = moved(old.security_group_ids.as_deref(), new.security_group_ids.as_deref());
        let policy = new.policy.clone().filter(|new| !old.policy.as_ref().is_some_and(|old| document::equal(old, new)));
        let dns = new.private_dns_enabled.filter(|on| old.private_dns_enabled != Some(*on));
        let addresses = new.ip_address_type.as_ref().filter(|kind| old.ip_address_type.as_ref() != Some(kind));
        let lists = [&add_tables, &remove_tables, &add_subnets, &remove_subnets, &add_groups, &remove_groups];
        let nothing = lists.iter().all(|l| l.is_none()) && policy.is_none() && dns.is_none() && addresses.is_none();
        if nothing {
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
            .set_ip_address_type(addresses.map(|kind| IpAddressType::from(kind.as_str())));
        call.send().await.map_err(failed)?;
        settle(cx, id, new).await
    }

    async fn delete(cx: &Cx, id: &str, _: &Inputs) -> Result<(), Error> {
        let answer = found(cx.clients.ec2.delete_vpc_endpoints().vpc_endpoint_ids(id).send().await, ABSENT)?;
        let failures = answer.and_then(|a| a.unsuccessful).unwrap_or_default();
        for error in failures.into_iter().filter_map(|item| item.error) {
            let (code, message) = (error.code.unwrap_or_default(), error.message.unwrap_or_default());
            if !ABSENT.contains(&code.as_str()) {
                return Err(Error::new(format!("{code}: {message}")));
            }
        }
        // its interfaces and routes are in the way of subnets and route tables until it is gone
        let left = || async { Ok(describe(cx, id).await?.is_none().then_some(())) };
        recovery::until(SETTLING, "to go", left).await
    }
}

impl Taggable for VpcEndpoint {
    fn tagged(_: &Cx, id: &str) -> Tagged {
        Box::new(Ec2Thing(id.to_owned()))
    }
}

pub(crate) fn kind() -> Box<dyn Kind<Cx>> {
    Box::new(WithTags::<VpcEndpoint>::new())
}

/// Its state, in small letters.
fn state(endpoint: &SdkEndpoint) -> String {
    endpoint.state.as_ref().map(|s| s.as_str().to_ascii_lowercase()).unwrap_or_default()
}

/// What is deleted stays in AWS's lists for a while.
async fn describe(cx: &Cx, id: &str) -> Result<Option<SdkEndpoint>, Error> {
    let answer = found(cx.clients.ec2.describe_vpc_endpoints().vpc_endpoint_ids(id).send().await, ABSENT)?;
    let endpoint = answer.and_then(|a| a.vpc_endpoints).unwrap_or_default().into_iter().next();
    Ok(endpoint.filter(|e| state(e) != "deleted"))
}

/// An endpoint of this VPC for this service that carries our identity, and that the state does not know.
async fn find(cx: &Cx, look: Look, inputs: &Inputs) -> Result<Option<SdkEndpoint>, Error> {
    let ask = |identity| async {
        let call = cx.clients.ec2.describe_vpc_endpoints().filters(identity).filters(filter("vpc-id", &inputs.vpc_id));
        call.into_paginator().items().send().collect::<Result<Vec<_>, _>>().await.map_err(failed)
    };
    let fits = |endpoint: &SdkEndpoint| {
        let kind = endpoint.vpc_endpoint_type.as_ref().is_some_and(|t| t.as_str() == inputs.vpc_endpoint_type);
        let lives = !matches!(state(endpoint).as_str(), "deleted" | "deleting" | "failed" | "rejected" | "expired");
        let service = inputs.service_name.is_none() || endpoint.service_name == inputs.service_name;
        kind && lives && service && endpoint.vpc_endpoint_id.as_ref().is_some_and(|id| !cx.recovery.knows(id))
    };
    Ok(ours(cx, look, ask).await?.into_iter().find(fits))
}

async fn finish(cx: &Cx, id: &str, existed: bool, inputs: &Inputs) -> Result<Outputs, Error> {
    if !existed {
        return settle(cx, id, inputs).await;
    }
    cx.log.info(&cx.urn, &format!("found VPC endpoint `{id}`, which an interrupted run had made")).await;
    let target = VpcEndpoint::tagged(cx, id);
    target.claim(cx, &target.all(cx).await?).await?;
    let live = waits::there(&format!("endpoint `{id}`"), || VpcEndpoint::read(cx, id)).await?;
    let outputs = VpcEndpoint::update(cx, id, &live.inputs, inputs, live.outputs).await?;
    settle(cx, id, inputs).await.map(|settled| Outputs { arn: outputs.arn, ..settled })
}

/// Waits until AWS, or the service's owner, has nothing more to do with it.
async fn settle(cx: &Cx, id: &str, inputs: &Inputs) -> Result<Outputs, Error> {
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
                let error = endpoint.last_error.and_then(|e| e.message).or(endpoint.failure_reason);
                Err(Error::new(format!("it is {bad}: {}", error.as_deref().unwrap_or("AWS gave no reason"))))
            }
            _ => Ok(None),
        }
    };
    let endpoint = recovery::until(SETTLING, "to be available", settled).await?;
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
#[derive(Default)]
struct PrefixList {
    id: String,
    cidrs: Vec<String>,
}

async fn prefix_list(cx: &Cx, endpoint: &SdkEndpoint) -> Result<PrefixList, Error> {
    let is_gateway = endpoint.vpc_endpoint_type == Some(VpcEndpointType::Gateway);
    let Some(service) = endpoint.service_name.as_ref().filter(|_| is_gateway) else { return Ok(PrefixList::default()) };
    let call = cx.clients.ec2.describe_prefix_lists().filters(filter("prefix-list-name", service));
    let lists = call.into_paginator().items().send().collect::<Result<Vec<_>, _>>().await;
    let list = lists.map_err(|e| failed(e).within("reading its prefix list"))?.into_iter().next();
    Ok(list.map_or_else(PrefixList::default, |l| PrefixList {
        id: l.prefix_list_id.unwrap_or_default(),
        cidrs: l.cidrs.unwrap_or_default(),
    }))
}

fn outputs(cx: &Cx, id: &str, endpoint: &SdkEndpoint, list: PrefixList) -> Outputs {
    let entries = endpoint.dns_entries.iter().flatten();
    Outputs {
        arn: cx.arn("ec2", &format!("vpc-endpoint/{id}")),
        owner_id: endpoint.owner_id.clone().unwrap_or_else(|| cx.caller.account.clone()),
        requester_managed: endpoint.requester_managed.unwrap_or(false),
        state: endpoint.state.as_ref().map(ToString::to_string).unwrap_or_default(),
        prefix_list_id: list.id,
        cidr_blocks: list.cidrs,
        dns_entries: entries
            .map(|e| DnsEntry { dns_name: e.dns_name.clone(), hosted_zone_id: e.hosted_zone_id.clone() })
            .collect(),
        network_interface_ids: endpoint.network_interface_ids.clone().unwrap_or_default(),
    }
}

#[cfg(test)]
mod tests;
