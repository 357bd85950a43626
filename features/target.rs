//! Which environment is judged, and how to get there.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use config::Zone;

/// One environment: what it must be, and the way in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// Name of the environment, for messages: `dev`.
    pub environment: String,
    /// Where its contract is published: `/bank/dev`.
    pub root: String,
    /// The account that it is deployed in; anything else found there is an error.
    pub account: String,
    /// The region that it is deployed in.
    pub region: String,
    /// Id of the organization whose accounts may send events.
    pub organization: String,
    /// Address of an emulator; with it, the credentials are `test`/`test`.
    pub endpoint: Option<String>,
    /// The way into the account.
    pub access: Access,
    /// The organization's management account; without it the guardrail is not judged.
    pub management: Option<Management>,
    /// What is configured: the things that are judged, and what each has to be.
    pub zone: Arc<Zone>,
    /// The module that is judged; none is the zone itself.
    pub module: Option<Module>,
    /// Whether what is forbidden may be tried, or why not.
    pub probes: Result<(), String>,
    /// For how long AWS is asked again before what takes time to spread is judged red.
    pub patience: Duration,
}

/// A module on the zone, whose own features are judged instead of the zone's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Module {
    /// Its name.
    pub name: String,
    /// What the tenant configures for it.
    pub settings: serde_json::Map<String, serde_json::Value>,
    /// The tags of its resources.
    pub tags: BTreeMap<String, String>,
}

/// The organization's management account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Management {
    /// The account; anything else found there is an error.
    pub account: String,
    /// The way in.
    pub access: Access,
}

/// A way into an account.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Access {
    /// Profile of the AWS configuration files; `None` is the default chain.
    pub profile: Option<String>,
    /// Role to assume with these credentials.
    pub role_arn: Option<String>,
}

impl Target {
    /// Account and region, as messages say them.
    pub(crate) fn place(&self) -> String {
        format!("{}/{}", self.account, self.region)
    }
}
