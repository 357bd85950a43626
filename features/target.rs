//! Which environment is judged, and how to get there.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use config::{Kind, Zone};

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

/// For how long AWS may show what was before a change.
const SPREADING: Duration = Duration::from_mins(1);

impl Target {
    /// The zone of a configuration, on its emulator at `endpoint` or in its real accounts: judged on its own, with the SDK alone.
    pub fn of(zone: &Zone, endpoint: Option<String>, probes: Result<(), String>) -> Self {
        let access =
            |account: &config::Account| Access { profile: account.profile.clone(), role_arn: account.role_arn() };
        Self {
            environment: zone.environment.clone(),
            root: zone.parameter_root(),
            account: zone.member.id.to_string(),
            region: zone.region.to_string(),
            organization: zone.organization.to_string(),
            endpoint,
            access: access(&zone.member),
            management: zone.management.as_ref().map(|management| Management {
                account: management.account.id.to_string(),
                access: access(&management.account),
            }),
            zone: Arc::new(zone.clone()),
            module: None,
            probes,
            // an emulator shows what is, at once
            patience: if zone.kind == Kind::Aws { SPREADING } else { Duration::ZERO },
        }
    }

    /// Account and region, as messages say them.
    pub(crate) fn place(&self) -> String {
        format!("{}/{}", self.account, self.region)
    }
}
