//! A look at an account that does not go through the tool: the SDK asks, this counts.

use std::collections::{BTreeMap, BTreeSet};

use aws::clients::{self, Access, Ambient, Clients, Role};
use aws_sdk_s3::types::CreateBucketConfiguration;
use tokio::runtime::Runtime;

use super::Zone;

/// A bucket that is there before a zone, for its state.
pub(crate) const STATES: &str = "states";
/// Region of the tests' own tenant.
pub(crate) const REGION: &str = "eu-west-1";
/// Its account in the environment `local`.
pub(crate) const MEMBER: &str = "222233334444";
/// The account that every emulator has beside it.
pub(crate) const MANAGEMENT: &str = "123456789012";

/// Clients in one account of an emulator, and what drives them.
pub(crate) struct Look {
    /// The clients.
    pub(crate) clients: Clients,
    runtime: Runtime,
}

/// Everything of the kinds that a zone has, in one account and region.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Census {
    /// Ids of keys with our tags that live.
    pub(crate) keys: BTreeSet<String>,
    /// Ids of keys with our tags that wait for their deletion.
    pub(crate) ending_keys: BTreeSet<String>,
    /// Names or ids by what they are of; a kind of which there is nothing is left out.
    pub(crate) things: BTreeMap<&'static str, BTreeSet<String>>,
}

impl Census {
    /// Names or ids of a kind.
    pub(crate) fn of(&self, kind: &str) -> BTreeSet<String> {
        self.things.get(kind).cloned().unwrap_or_default()
    }
}

/// The role by which an emulator lets one into an account.
fn way_into(account: &str) -> Role {
    Role { arn: format!("arn:aws:iam::{account}:role/OrganizationAccountAccessRole"), ..Role::default() }
}

impl Look {
    /// In the account of the tests' own tenant.
    pub(crate) fn at(endpoint: &str) -> Self {
        Self::in_account(endpoint, MEMBER)
    }

    /// In another account, that of another environment.
    pub(crate) fn in_account(endpoint: &str, account: &str) -> Self {
        Self::with(endpoint, REGION, vec![way_into(account)])
    }

    /// In the account of a zone, whose emulator is started if need be.
    pub(crate) fn of(zone: &Zone) -> Self {
        let shape = zone.shape();
        Self::with(&zone.started(), shape.region.as_ref(), vec![way_into(shape.member.id.as_ref())])
    }

    /// The same in the region of the tests' own tenant, whatever the zone's is.
    pub(crate) fn in_account_of(zone: &Zone) -> Self {
        Self::with(&zone.started(), REGION, vec![way_into(zone.shape().member.id.as_ref())])
    }

    /// In the account of the emulator's own credentials, the organization's management account.
    pub(crate) fn at_management(endpoint: &str) -> Self {
        Self::with(endpoint, REGION, Vec::new())
    }

    fn with(endpoint: &str, region: &str, roles: Vec<Role>) -> Self {
        let mut runtime = tokio::runtime::Builder::new_multi_thread();
        let runtime = runtime.worker_threads(1).enable_all().build().expect("a runtime");
        let ambient =
            Ambient { endpoint: Some(endpoint.to_owned()), credentials: Some(("test".to_owned(), "test".to_owned())) };
        let access = Access { region: region.to_owned(), roles, ..Access::default() };
        let sdk = runtime.block_on(clients::load(&clients::http_client(), &ambient, &access));
        Self { clients: Clients::new(&sdk, region), runtime }
    }

    /// Waits for a call.
    #[track_caller]
    pub(crate) fn ask<T, E: std::fmt::Debug>(&self, call: impl Future<Output = Result<T, E>>) -> T {
        self.runtime.block_on(call).expect("the emulator answers")
    }

    /// Makes the bucket for states, as somebody does before a zone is there.
    #[track_caller]
    pub(crate) fn make_states(&self) {
        let place = CreateBucketConfiguration::builder().location_constraint(REGION.into()).build();
        self.ask(self.clients.s3.create_bucket().bucket(STATES).create_bucket_configuration(place).send());
    }

    /// Counts.
    pub(crate) fn census(&self) -> Census {
        let (keys, ending_keys) = self.keys();
        let c = &self.clients;
        let mut things = BTreeMap::new();
        let mut note = |kind: &'static str, names: Vec<Option<String>>| {
            let names: BTreeSet<_> = names.into_iter().flatten().collect();
            if !names.is_empty() {
                things.insert(kind, names);
            }
        };
        macro_rules! all {
            ($call:expr) => {
                self.ask($call.into_paginator().items().send().collect::<Result<Vec<_>, _>>())
            };
        }
        let buckets = self.ask(c.s3.list_buckets().send()).buckets.unwrap_or_default();
        // where a test keeps its state is none of the zone's
        note("buckets", buckets.into_iter().map(|b| b.name.filter(|name| name != STATES)).collect());
        let buses = self.ask(c.events.list_event_buses().send()).event_buses.unwrap_or_default();
        note("buses", buses.into_iter().map(|b| b.name.filter(|n| n != "default")).collect());
        let archives = self.ask(c.events.list_archives().send()).archives.unwrap_or_default();
        note("archives", archives.into_iter().map(|a| a.archive_name).collect());
        let queues = self.ask(c.sqs.list_queues().send()).queue_urls.unwrap_or_default();
        note("queues", queues.into_iter().map(Some).collect());
        let parameters = self.ask(c.ssm.describe_parameters().into_paginator().send().collect::<Result<Vec<_>, _>>());
        let parameters = parameters.into_iter().flat_map(|page| page.parameters.unwrap_or_default());
        note("parameters", parameters.map(|p| p.name).collect());

        // the account has a network of AWS's own, and a VPC comes with a table and a group
        let ours = || aws_sdk_ec2::types::Filter::builder().name("tag-key").values("pulumi:identity").build();
        note("VPCs", all!(c.ec2.describe_vpcs().filters(ours())).into_iter().map(|v| v.vpc_id).collect());
        note("subnets", all!(c.ec2.describe_subnets().filters(ours())).into_iter().map(|s| s.subnet_id).collect());
        let gateways = all!(c.ec2.describe_internet_gateways().filters(ours()));
        note("gateways", gateways.into_iter().map(|g| g.internet_gateway_id).collect());
        let tables = all!(c.ec2.describe_route_tables().filters(ours()));
        note("route tables", tables.into_iter().map(|t| t.route_table_id).collect());
        let endpoints = all!(c.ec2.describe_vpc_endpoints().filters(ours()));
        // AWS shows a deleted one for a while
        let deleted = |e: &aws_sdk_ec2::types::VpcEndpoint| {
            e.state.as_ref().is_some_and(|state| state.as_str().eq_ignore_ascii_case("deleted"))
        };
        note("endpoints", endpoints.into_iter().filter(|e| !deleted(e)).map(|e| e.vpc_endpoint_id).collect());

        let pools = all!(c.cognito.list_user_pools().max_results(60));
        let pools: Vec<_> = pools.into_iter().map(|p| p.id).collect();
        let mut clients = Vec::new();
        for pool in pools.iter().flatten() {
            let of_pool = all!(c.cognito.list_user_pool_clients().user_pool_id(pool).max_results(60));
            clients.extend(of_pool.into_iter().map(|client| client.client_id));
        }
        note("pools", pools);
        note("clients", clients);
        let streams = self.ask(c.firehose.list_delivery_streams().send()).delivery_stream_names;
        note("streams", streams.into_iter().map(Some).collect());
        // the way into the account is the emulator's
        let roles = all!(c.iam.list_roles()).into_iter().map(|r| r.role_name);
        note("roles", roles.map(|n| Some(n).filter(|n| n != "OrganizationAccountAccessRole")).collect());
        let policies = all!(c.iam.list_policies().scope(aws_sdk_iam::types::PolicyScopeType::Local));
        note("policies", policies.into_iter().map(|p| p.policy_name).collect());
        let providers = self.ask(c.iam.list_open_id_connect_providers().send()).open_id_connect_provider_list;
        note("identity providers", providers.unwrap_or_default().into_iter().map(|p| p.arn).collect());
        note("trails", all!(c.cloudtrail.list_trails()).into_iter().map(|t| t.name).collect());
        note("log groups", all!(c.logs.describe_log_groups()).into_iter().map(|g| g.log_group_name).collect());
        note("topics", all!(c.sns.list_topics()).into_iter().map(|t| t.topic_arn).collect());
        let rules = all!(c.xray.get_sampling_rules()).into_iter().filter_map(|r| r.sampling_rule);
        note("sampling rules", rules.map(|r| r.rule_name.filter(|n| n != "Default")).collect());
        Census { keys, ending_keys, things }
    }

    /// Names of service control policies that are not AWS's own; in the management account.
    pub(crate) fn control_policies(&self) -> BTreeSet<String> {
        let kind = aws_sdk_organizations::types::PolicyType::ServiceControlPolicy;
        let pages = self.clients.organizations.list_policies().filter(kind).into_paginator().send();
        let pages = self.ask(pages.collect::<Result<Vec<_>, _>>());
        let policies = pages.into_iter().flat_map(|page| page.policies.unwrap_or_default());
        policies.filter(|p| !p.aws_managed).filter_map(|p| p.name).collect()
    }

    fn keys(&self) -> (BTreeSet<String>, BTreeSet<String>) {
        let kms = &self.clients.kms;
        let (mut live, mut ending) = (BTreeSet::new(), BTreeSet::new());
        for id in self.ask(kms.list_keys().send()).keys.unwrap_or_default() {
            let id = id.key_id.expect("a key has an id");
            let tags = self.ask(kms.list_resource_tags().key_id(&id).send()).tags;
            let tags: BTreeMap<_, _> = tags.unwrap_or_default().into_iter().map(|t| (t.tag_key, t.tag_value)).collect();
            let ours = |(key, value): &(&str, &str)| tags.get(*key).is_some_and(|v| v == value);
            if !tags.contains_key("pulumi:identity") && !TAGS.iter().any(ours) {
                continue;
            }
            assert!(TAGS.iter().all(ours), "key {id} has some of our tags only: {tags:?}");
            let key = self.ask(kms.describe_key().key_id(&id).send()).key_metadata.expect("a key");
            let ends = key.deletion_date.is_some();
            if ends { &mut ending } else { &mut live }.insert(id);
        }
        (live, ending)
    }
}

/// The tags on everything of the tests' own tenant in the environment `local`.
pub(crate) const TAGS: [(&str, &str); 4] = [
    ("owner", "Équipe Plateforme"),
    ("cost-center", "Zürich 4711"),
    ("data.domain", "Größen/物流"),
    ("environment", "local"),
];

/// How many there are of each kind, where a zone that is configured so has so many parameters.
pub(crate) fn whole(zone: &config::Zone, parameters: usize) -> BTreeMap<&'static str, usize> {
    let network = zone.network.as_ref().and_then(|network| network.own()).expect("a network of its own");
    let (domains, streams) = (zone.domains.len(), zone.streams.len());
    BTreeMap::from([
        ("VPCs", 1),
        ("archives", domains),
        ("buckets", zone.buckets.len()),
        ("buses", domains),
        ("clients", zone.pools.iter().map(|pool| pool.clients.len()).sum()),
        // S3 and DynamoDB
        ("endpoints", 2),
        ("gateways", 1),
        ("identity providers", 1),
        // the platform's and the trail's
        ("log groups", 2 + streams),
        ("parameters", parameters),
        ("policies", 1),
        ("pools", zone.pools.len()),
        // that of failed records
        ("queues", domains + 1),
        // pipeline, emergency, delivery and trail
        ("roles", domains + 4),
        ("route tables", 2),
        ("sampling rules", 1),
        ("streams", streams),
        ("subnets", network.public_subnets.len() + network.private_subnets.len()),
        ("topics", 1),
        ("trails", 1),
        ("keys", zone.classes.len()),
    ])
}
