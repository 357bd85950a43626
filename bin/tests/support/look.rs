//! A look at an account that does not go through the tool: the SDK asks, this counts.

use std::collections::{BTreeMap, BTreeSet};

use aws::clients::{self, Access, Ambient, Clients, Role};
use tokio::runtime::Runtime;

/// Region of the zone as it is shipped.
pub(crate) const REGION: &str = "ap-southeast-2";
/// Its account in the environment `local`.
pub(crate) const MEMBER: &str = "111122223333";

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
    /// Names.
    pub(crate) buckets: BTreeSet<String>,
    /// Names, without `default`.
    pub(crate) buses: BTreeSet<String>,
    /// URLs.
    pub(crate) queues: BTreeSet<String>,
    /// Names.
    pub(crate) archives: BTreeSet<String>,
    /// Names.
    pub(crate) parameters: BTreeSet<String>,
}

impl Look {
    /// In the zone's account.
    pub(crate) fn at(endpoint: &str) -> Self {
        let arn = format!("arn:aws:iam::{MEMBER}:role/OrganizationAccountAccessRole");
        Self::with(endpoint, vec![Role { arn, ..Role::default() }])
    }

    /// In the account of the emulator's own credentials, the organization's management account.
    pub(crate) fn at_management(endpoint: &str) -> Self {
        Self::with(endpoint, Vec::new())
    }

    fn with(endpoint: &str, roles: Vec<Role>) -> Self {
        let mut runtime = tokio::runtime::Builder::new_multi_thread();
        let runtime = runtime.worker_threads(1).enable_all().build().expect("a runtime");
        let ambient =
            Ambient { endpoint: Some(endpoint.to_owned()), credentials: Some(("test".to_owned(), "test".to_owned())) };
        let access = Access { region: REGION.to_owned(), roles, ..Access::default() };
        let sdk = runtime.block_on(clients::load(&clients::http_client(), &ambient, &access));
        Self { clients: Clients::new(&sdk, REGION), runtime }
    }

    /// Waits for a call.
    #[track_caller]
    pub(crate) fn ask<T, E: std::fmt::Debug>(&self, call: impl Future<Output = Result<T, E>>) -> T {
        self.runtime.block_on(call).expect("the emulator answers")
    }

    /// Counts.
    pub(crate) fn census(&self) -> Census {
        let Clients { events, s3, sqs, ssm, .. } = &self.clients;
        let (keys, ending_keys) = self.keys();
        let buckets = self.ask(s3.list_buckets().send()).buckets.unwrap_or_default();
        let buses = self.ask(events.list_event_buses().send()).event_buses.unwrap_or_default();
        let archives = self.ask(events.list_archives().send()).archives.unwrap_or_default();
        let queues = self.ask(sqs.list_queues().send()).queue_urls.unwrap_or_default();
        let pages = ssm.describe_parameters().into_paginator().send();
        let pages = self.ask(pages.collect::<Result<Vec<_>, _>>());
        let parameters = pages.into_iter().flat_map(|page| page.parameters.unwrap_or_default());
        Census {
            keys,
            ending_keys,
            buckets: buckets.into_iter().filter_map(|b| b.name).collect(),
            buses: buses.into_iter().filter_map(|b| b.name).filter(|n| n != "default").collect(),
            queues: queues.into_iter().collect(),
            archives: archives.into_iter().filter_map(|a| a.archive_name).collect(),
            parameters: parameters.filter_map(|p| p.name).collect(),
        }
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

/// The tags on everything in the environment `local`.
pub(crate) const TAGS: [(&str, &str); 6] = [
    ("tenant_id", "totara-bank"),
    ("module_id", "MOD-104"),
    ("system_id", "SD07"),
    ("cost_center", "platform"),
    ("managed_by", "pulumi"),
    ("environment", "local"),
];
