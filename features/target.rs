//! Which environment is judged, and how to get there.

use std::{collections::BTreeMap, time::Duration};

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
    /// What differs between environments.
    pub expected: Expected,
    /// For how long AWS is asked again before what takes time to spread is judged red.
    pub patience: Duration,
}

/// What this environment must be, where environments differ.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Expected {
    /// Days that log groups keep their events.
    pub log_retention_days: i32,
    /// Whether the user pools are protected from deletion.
    pub protect: bool,
    /// How the domains of the user pools begin; the pool and the environment follow.
    pub domain_prefix: String,
    /// Where clients send their people, by the client's name: after signing in, and after signing out.
    pub callbacks: BTreeMap<String, (Vec<String>, Vec<String>)>,
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
