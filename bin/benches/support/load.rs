//! A zone of any size: the shipped one's stacks over a configuration with more buckets and domains of the same
//! shapes, and a few parameters in other accounts.

use std::{path::Path, sync::Arc};

use aws::{instance::Provider, ssm::Parameter};
use config::Zone;
use pulumi::{options::Options, output::Input, prelude::Scope};

use super::repository;

/// Custom resources of a zone without buckets and domains: keys and aliases with their parameters, and the contract's own.
const BASE: usize = 12;
/// Of a domain: queue, bus, two policies, archive, three parameters.
const DOMAIN: usize = 8;
/// Of a bucket: itself, six of its sides, two parameters.
const BUCKET: usize = 9;
/// Parameters in other accounts, at least: one for each account of the largest run.
const ABROAD: usize = 11;

/// A zone of a size.
pub(crate) struct Load {
    /// Its configuration.
    pub(crate) zone: Arc<Zone>,
    /// Parameters in other accounts.
    abroad: usize,
    /// Accounts, the member account and the management account among them.
    accounts: usize,
}

impl Load {
    /// Exactly so many custom resources, providers aside, in so many accounts: 2 to 12.
    pub(crate) fn new(resources: usize, accounts: usize) -> Self {
        let mut zone = config::load(&repository().join("config"), "local").expect("the shipped configuration is right");
        let shipped = (std::mem::take(&mut zone.buckets), std::mem::take(&mut zone.domains));
        let room = resources.saturating_sub(ABROAD);
        let mut count = BASE;
        for i in 0.. {
            let mut bucket = shipped.0[i % shipped.0.len()].clone();
            let mut domain = shipped.1[i % shipped.1.len()].clone();
            let cost = BUCKET + usize::from(bucket.object_lock_days.is_some()) + DOMAIN;
            if count + cost > room {
                break;
            }
            count += cost;
            bucket.purpose = format!("{}-{i}", bucket.purpose);
            domain.bus = format!("{}-{i}", domain.bus);
            zone.buckets.push(bucket);
            zone.domains.push(domain);
        }
        Self { zone: Arc::new(zone), abroad: resources - count, accounts }
    }

    /// What registers it.
    pub(crate) fn program(self) -> impl Fn(Scope) -> Result<Vec<(String, Input)>, String> + Send + Sync {
        move |scope| {
            let outputs = stacks::program(&self.zone, &scope).map_err(|e| e.to_string())?;
            let region = self.zone.region.as_ref();
            let instance = |i: usize| {
                if let (1, Some(management)) = (i, &self.zone.management) {
                    return Provider::new(&scope, "management", management.account.id.as_ref(), region).register();
                }
                let account = format!("2000000000{i:02}");
                let role = format!("arn:aws:iam::{account}:role/OrganizationAccountAccessRole");
                let instance = Provider::new(&scope, &account, &account, region);
                instance.assume_role(&role).default_tags(&self.zone.tags).register()
            };
            let instances: Vec<_> = (1..self.accounts).map(instance).collect();
            for i in 0..self.abroad {
                Parameter::new(&scope, format!("abroad-{i}"))
                    .name(format!("/abroad/{i}"))
                    .r#type("String")
                    .insecure_value(format!("value {i}"))
                    .provider(&instances[i % instances.len()])
                    .register();
            }
            Ok(outputs)
        }
    }
}

/// Copies a zone's folder: its configuration, and nothing it has made.
pub(crate) fn copy_zone(to: &Path) -> std::io::Result<()> {
    let from = repository();
    std::fs::copy(from.join("Pulumi.yaml"), to.join("Pulumi.yaml"))?;
    std::fs::create_dir_all(to.join("config"))?;
    for entry in std::fs::read_dir(from.join("config"))? {
        let path = entry?.path();
        if let Some(name) = path.file_name().filter(|_| path.extension().is_some_and(|e| e == "toml")) {
            std::fs::copy(&path, to.join("config").join(name))?;
        }
    }
    Ok(())
}
