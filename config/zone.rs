//! The zone of one environment, and the names that follow from it.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde::Serialize;
use sha2::{Digest as _, Sha256};

use crate::names::{Names, Parts};
use crate::{
    Access, Account, Allow, Backend, Bucket, Callback, Class, Client, Consumer, Delivery, Domain, Events, Guardrails,
    Identity, Kind, Kms, Management, Network, Observability, OrganizationId, PLACEHOLDERS, Pool, Region, Roles,
    SecretName, SecretsProvider, Stream, Vpc, Waiver,
};

/// Everything that is configured for one environment, checked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Zone {
    /// The environment's name, such as `dev`.
    pub environment: String,
    /// What stands behind the AWS API.
    pub kind: Kind,
    /// Where the state is kept.
    pub state: Backend,
    /// What encrypts the secrets in the state.
    pub secrets: SecretsProvider,
    /// The secret with the passphrase; none: it is on the machine that deploys.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub passphrase_secret: Option<SecretName>,
    /// The first word of names and paths, such as `acme`.
    pub prefix: String,
    /// The organization whose accounts may put events.
    pub organization: OrganizationId,
    /// Where everything is deployed.
    pub region: Region,
    /// Where copies go; none: nowhere.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub secondary_region: Option<Region>,
    /// The account that is deployed to.
    pub member: Account,
    /// The account that holds the service control policy; none: the guardrail is skipped, and that is said.
    pub management: Option<Management>,
    /// The tags of every resource, `environment` among them.
    pub tags: BTreeMap<String, String>,
    /// The keys of those without which the guardrail denies a creation.
    pub required_tags: Vec<String>,
    /// The VPC and its subnets; none: no network.
    pub network: Option<Network>,
    /// The classes of data.
    pub classes: Vec<Class>,
    /// The buckets.
    pub buckets: Vec<Bucket>,
    /// The business domains.
    pub domains: Vec<Domain>,
    /// What all event buses share; none: no buses.
    pub events: Option<Events>,
    /// What all keys share; configuration guarantees it where there is a class.
    pub kms: Option<Kms>,
    /// What all roles of functions share; none: no roles.
    pub roles: Option<Roles>,
    /// What all user pools share; configuration guarantees it where there is a pool.
    pub identity: Option<Identity>,
    /// The user pools.
    pub pools: Vec<Pool>,
    /// Where the clients' people are sent back to.
    pub callbacks: Vec<Callback>,
    /// What all streams share; configuration guarantees it where there is a stream.
    pub delivery: Option<Delivery>,
    /// The delivery streams.
    pub streams: Vec<Stream>,
    /// Logs, alarms and traces; none: no such stack, and no trail.
    pub observability: Option<Observability>,
    /// What is forbidden, whoever asks; none: nothing.
    pub guardrails: Option<Guardrails>,
    /// Who may change the zone; none: no roles for that.
    pub access: Option<Access>,
    /// Who reads what the contract promises.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub consumers: Vec<Consumer>,
    /// The subjects of GitHub's tokens that may deploy, with `*` as a wildcard.
    pub github_subjects: Vec<String>,
    /// The end of every bucket's name; none: names end with the environment.
    pub bucket_suffix: Option<String>,
    /// Names or ids of what exists already and a deployment adopts.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub adopt: Vec<String>,
    /// Whether keys, pools and the buckets with documents and trails are protected from deletion.
    pub protect: bool,
    /// Whether a bucket is deleted with what is in it; only ever true on an emulator.
    pub force_destroy_buckets: bool,
    /// Days that log groups keep events.
    pub log_retention_days: u32,
    /// An emulator that runs already; none: one is started.
    pub emulator_endpoint: Option<String>,
    /// Requirements that this environment may miss for now.
    pub waivers: Vec<Waiver>,
}

impl Zone {
    /// The name of the bucket for `purpose`: `acme-lake-dev`, and the suffix if there is one.
    pub fn bucket_name(&self, purpose: &str) -> String {
        bucket_name(&self.prefix, purpose, &self.environment, self.bucket_suffix.as_deref())
    }

    /// A name that carries the environment: `orders-archive-dev`.
    pub fn env_name(&self, base: &str) -> String {
        env_name(base, &self.environment)
    }

    /// The name of the trail: `acme-platform`.
    pub fn trail_name(&self) -> String {
        format!("{}-platform", self.prefix)
    }

    /// What of the platform has no purpose in its name: `acme-platform`, the trail, and the beginning of role names.
    pub fn platform(&self) -> String {
        self.trail_name()
    }

    /// A name that begins with the prefix and ends with the environment: `acme-customers-dev`.
    pub fn full_name(&self, middle: &str) -> String {
        self.env_name(&format!("{}-{middle}", self.prefix))
    }

    /// The domain prefix of a pool: `acme-customers-dev`.
    pub fn pool_domain(&self, identity: &Identity, pool: &Pool) -> String {
        self.env_name(&format!("{}-{}", identity.domain_prefix, pool.name))
    }

    /// Where a client's people are sent back to; configuration guarantees it for every client that signs people in.
    pub fn callback(&self, client: &Client) -> Option<&Callback> {
        self.callbacks.iter().find(|callback| callback.client == client.name)
    }

    /// The bucket that a service writes to on its own account.
    pub fn bucket_of_writer(&self, writer: &str) -> Option<&Bucket> {
        self.buckets.iter().find(|bucket| bucket.writer.as_deref() == Some(writer))
    }

    /// The root of the contract's parameters: `/acme/dev`.
    pub fn parameter_root(&self) -> String {
        format!("/{}/{}", self.prefix, self.environment)
    }

    /// The alias of a class's key: `alias/acme/secret`.
    pub fn alias_name(&self, class: &str) -> String {
        format!("alias/{}/{class}", self.prefix)
    }

    /// The full names of a VPC's availability zones, in the order of the subnets: `ap-southeast-2a`.
    pub fn availability_zones(&self, vpc: &Vpc) -> Vec<String> {
        vpc.availability_zones.iter().map(|letter| format!("{}{letter}", self.region)).collect()
    }

    /// The name of the service control policy: `acme-platform-required-tags`.
    pub fn guardrail_name(&self) -> String {
        format!("{}-required-tags", self.platform())
    }

    /// The ARN of GitHub's identity provider in the member account.
    pub fn github_provider_arn(&self) -> String {
        format!("arn:aws:iam::{}:oidc-provider/token.actions.githubusercontent.com", self.member.id)
    }

    /// The resources of a domain's grant, with every placeholder filled in.
    pub fn resources_of(&self, domain: &Domain, allow: &Allow) -> Vec<String> {
        let values = [
            self.member.id.as_ref(),
            domain.bus.as_str(),
            self.environment.as_str(),
            self.prefix.as_str(),
            self.region.as_ref(),
        ];
        let fill = |resource: &String| {
            let pairs = PLACEHOLDERS.iter().zip(values);
            pairs.fold(resource.clone(), |text, (name, value)| text.replace(&format!("{{{name}}}"), value))
        };
        allow.resources.iter().map(fill).collect()
    }

    /// The account that the guardrail is put into, and what it is; none: there is no guardrail.
    pub fn guardrail(&self) -> Option<(&Management, &Guardrails)> {
        self.management.as_ref().zip(self.guardrails.as_ref())
    }

    /// Whether a stack is deployed, by its name: its table is there, and what it is made for. The contract always is.
    pub fn has(&self, stack: &str) -> bool {
        match stack {
            "network" => self.network.is_some(),
            "kms" => !self.classes.is_empty(),
            "storage" => !self.buckets.is_empty(),
            "events" => self.events.is_some() && !self.domains.is_empty(),
            "identity" => !self.pools.is_empty(),
            "observability" => self.observability.is_some(),
            "delivery" => !self.streams.is_empty(),
            "roles" => self.roles.is_some() && !self.domains.is_empty(),
            "trail" => self.bucket_of_writer("cloudtrail").is_some(),
            "access" => self.access.is_some(),
            "guardrails" => self.guardrail().is_some(),
            other => other == "contract",
        }
    }

    /// All names on AWS that follow from the configuration.
    pub fn names(&self) -> Names {
        Parts::of(self).names()
    }

    /// The whole configuration as TOML, and below it, as the table `names`, the names that follow from it.
    pub fn to_toml(&self) -> String {
        #[derive(Serialize)]
        struct Derived {
            names: Names,
        }
        // a struct of texts, numbers and lists always has a TOML form
        let zone = toml::to_string(self).unwrap_or_default();
        let names = toml::to_string(&Derived { names: self.names() }).unwrap_or_default();
        format!("{zone}\n{names}")
    }

    /// SHA-256, in hexadecimal, over all values of the zone: equal digests mean equal configuration.
    ///
    /// Taken over the values as JSON, so comments and the order of keys in the files do not count.
    pub fn digest(&self) -> String {
        // a struct of texts, numbers and lists always has a JSON form
        let canonical = serde_json::to_vec(self).unwrap_or_default();
        Sha256::digest(canonical).iter().fold(String::with_capacity(64), |mut hex, byte| {
            let _infallible = write!(hex, "{byte:02x}");
            hex
        })
    }
}

pub(crate) fn bucket_name(prefix: &str, purpose: &str, environment: &str, suffix: Option<&str>) -> String {
    let name = env_name(&format!("{prefix}-{purpose}"), environment);
    suffix.map_or(name.clone(), |suffix| format!("{name}-{suffix}"))
}

pub(crate) fn env_name(base: &str, environment: &str) -> String {
    format!("{base}-{environment}")
}
