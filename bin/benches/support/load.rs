//! A zone of any size from the shipped one's: the same stacks over a configuration with more buckets and domains of
//! the same shapes, and a parameter in each further account.

use std::{path::Path, sync::Arc};

use aws::{instance::Provider, ssm::Parameter};
use config::Zone;
use pulumi::{options::Options, output::Input, prelude::Scope};

use super::repository;

/// Custom resources of the shipped zone, providers aside.
pub(crate) const SHIPPED: usize = 258;
/// Of a domain: queue, bus, two policies, archive; role, two attachments, its rights; four parameters.
const DOMAIN: usize = 13;
/// Of a bucket: itself, six of its sides, two parameters.
const BUCKET: usize = 9;

/// A zone of a size.
pub(crate) struct Load {
    /// Its configuration.
    pub(crate) zone: Arc<Zone>,
    /// Accounts, the member account and the management account among them: 2 or more.
    accounts: usize,
}

impl Load {
    /// The shipped zone with more buckets and domains of the same shapes, to about so many custom resources, in so many
    /// accounts; each further account has one parameter.
    pub(crate) fn new(resources: usize, accounts: usize) -> Self {
        let mut zone = config::load(&repository().join("config"), "local").expect("the shipped configuration is right");
        let (buckets, domains) = (zone.buckets.clone(), zone.domains.clone());
        let mut count = SHIPPED;
        while count > resources && zone.domains.len() > 1 {
            zone.domains.pop();
            count -= DOMAIN;
        }
        let lake = zone.delivery.as_ref().map(|delivery| delivery.bucket.clone());
        let others = |bucket: &config::Bucket| bucket.writer.is_none() && Some(&bucket.purpose) != lake.as_ref();
        while let Some(last) = zone.buckets.iter().rposition(others).filter(|_| count > resources) {
            zone.buckets.remove(last);
            count -= BUCKET;
        }
        for i in 0.. {
            let mut bucket = buckets[i % buckets.len()].clone();
            let mut domain = domains[i % domains.len()].clone();
            if count + BUCKET + DOMAIN > resources {
                break;
            }
            count += BUCKET + DOMAIN;
            bucket.purpose = format!("{}-{i}", bucket.purpose);
            // a trail writes to one bucket
            (bucket.writer, bucket.object_lock_days) = (None, None);
            domain.bus = format!("{}-{i}", domain.bus);
            domain.role = format!("{}{i}", domain.role);
            zone.buckets.push(bucket);
            zone.domains.push(domain);
        }
        Self { zone: Arc::new(zone), accounts }
    }

    /// What registers it.
    pub(crate) fn program(self) -> impl Fn(Scope) -> Result<Vec<(String, Input)>, String> + Send + Sync {
        move |scope| {
            let outputs = stacks::program(&self.zone, &scope).map_err(|e| e.to_string())?;
            for i in 2..self.accounts {
                let account = format!("2000000000{i:02}");
                let role = format!("arn:aws:iam::{account}:role/OrganizationAccountAccessRole");
                let instance = Provider::new(&scope, &account, &account, self.zone.region.as_ref());
                let instance = instance.assume_role(&role).default_tags(&self.zone.tags).register();
                Parameter::new(&scope, format!("abroad-{i}"))
                    .name(format!("/abroad/{i}"))
                    .r#type("String")
                    .insecure_value(format!("value {i}"))
                    .provider(&instance)
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
