//! The provider's own arguments, and its resource in a program: `pulumi:providers:aws`.
//!
//! Nested arguments travel and are stored as JSON texts, as every Pulumi SDK sends them.

use std::collections::BTreeMap;

use derive::Shape;
use pulumi::{
    options::{Options, ResourceOptions},
    output::Input,
    prelude::{ProviderRef, Scope},
    program::Arguments,
};

use crate::{VERSION, endpoints::Endpoints};

/// Arguments of the provider.
#[derive(Clone, Debug, Default, Shape)]
pub struct Inputs {
    /// Region of resources that do not say another.
    pub region: Option<String>,
    /// Profile of the shared configuration files.
    pub profile: Option<String>,
    /// Accounts the credentials may be of; any other is refused before anything is done.
    #[resource(default)]
    pub allowed_account_ids: Vec<String>,
    /// Accounts the credentials may not be of.
    #[resource(default)]
    pub forbidden_account_ids: Vec<String>,
    /// Roles to assume, one after the other.
    #[resource(default)]
    pub assume_roles: Vec<AssumeRole>,
    /// Tags of every resource that can carry tags.
    pub default_tags: Option<DefaultTags>,
    /// Endpoints other than AWS's own.
    #[resource(default)]
    pub endpoints: Vec<Endpoints>,
    /// Access key id; with `secretKey`. Credentials are better kept out of programs: use a profile.
    #[resource(secret)]
    pub access_key: Option<String>,
    /// Secret access key.
    #[resource(secret)]
    pub secret_key: Option<String>,
    /// Session token, of credentials that end.
    #[resource(secret)]
    pub token: Option<String>,
    /// Shared configuration files, instead of `~/.aws/config`.
    #[resource(default)]
    pub shared_config_files: Vec<String>,
    /// Shared credentials files, instead of `~/.aws/credentials`.
    #[resource(default)]
    pub shared_credentials_files: Vec<String>,
    /// A role to assume with the token of an identity provider.
    pub assume_role_with_web_identity: Option<AssumeRoleWithWebIdentity>,
    /// Not supported: refused when it names tags.
    pub ignore_tags: Option<IgnoreTags>,
    /// File with certificates to trust beside the system's; also in `AWS_CA_BUNDLE`.
    pub custom_ca_bundle: Option<String>,
    /// Proxy of `http` requests; also in `HTTP_PROXY`.
    pub http_proxy: Option<String>,
    /// Proxy of `https` requests, which are all of AWS's own; also in `HTTPS_PROXY`.
    pub https_proxy: Option<String>,
    /// Hosts that are reached without a proxy; also in `NO_PROXY`. This machine is always one.
    pub no_proxy: Option<String>,
    /// Not supported: `true` is refused, as every certificate is verified.
    pub insecure: Option<bool>,
    /// How often a call is made at most. By default 10 times, and while AWS throttles it for 5 minutes.
    pub max_retries: Option<i32>,
    /// `standard` or `adaptive`: a call that AWS throttles is slowed down with both.
    pub retry_mode: Option<String>,
    /// Accepted for compatibility: calls are limited only while AWS throttles them.
    pub token_bucket_rate_limiter_capacity: Option<i32>,
    /// Region of STS.
    pub sts_region: Option<String>,
    /// Use endpoints with IPv6.
    pub use_dualstack_endpoint: Option<bool>,
    /// Use endpoints with FIPS 140.
    pub use_fips_endpoint: Option<bool>,
    /// `regional`; `legacy` is refused.
    pub s3_us_east1_regional_endpoint: Option<String>,
    /// Refused: set the environment variable `AWS_EC2_METADATA_SERVICE_ENDPOINT`, which is honoured.
    pub ec2_metadata_service_endpoint: Option<String>,
    /// Refused: set the environment variable `AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE`, which is honoured.
    pub ec2_metadata_service_endpoint_mode: Option<String>,
    /// `disabled`; others are refused, as tag policies are not looked at.
    pub tag_policy_compliance: Option<String>,
    /// Products to name in the User-Agent header of each call.
    #[resource(default)]
    pub user_agents: Vec<String>,
    /// Accepted for compatibility: the credentials are always asked whose they are, and only by the first operation.
    pub skip_credentials_validation: Option<bool>,
    /// Accepted for compatibility: regions are not validated.
    pub skip_region_validation: Option<bool>,
    /// Accepted for compatibility: the instance metadata service is asked only where nothing else gives credentials.
    pub skip_metadata_api_check: Option<bool>,
    /// Accepted for compatibility: the account id is always asked for.
    pub skip_requesting_account_id: Option<bool>,
    /// Whether S3's buckets are in the path of a URL, not in its host name; by default with an endpoint of one's own.
    pub s3_use_path_style: Option<bool>,
}

/// A role to assume.
#[derive(Clone, Debug, Default, Shape)]
#[resource(name = "ProviderAssumeRole")]
pub struct AssumeRole {
    /// Its ARN.
    pub role_arn: Option<String>,
    /// Session name, for the audit trail.
    pub session_name: Option<String>,
    /// External id its trust policy may ask for.
    pub external_id: Option<String>,
    /// How long the session lasts, such as `1h30m`.
    pub duration: Option<String>,
    /// A policy that limits the session.
    pub policy: Option<String>,
    /// Managed policies that limit the session.
    #[resource(default)]
    pub policy_arns: Vec<String>,
    /// Tags of the session.
    #[resource(default)]
    pub tags: BTreeMap<String, String>,
    /// Not supported: refused.
    pub source_identity: Option<String>,
    /// Not supported: refused when it names keys.
    #[resource(default)]
    pub transitive_tag_keys: Vec<String>,
}

/// A role to assume with the token of an identity provider.
#[derive(Clone, Debug, Default, Shape)]
#[resource(name = "ProviderAssumeRoleWithWebIdentity")]
pub struct AssumeRoleWithWebIdentity {
    /// Its ARN.
    pub role_arn: Option<String>,
    /// Session name, for the audit trail.
    pub session_name: Option<String>,
    /// How long the session lasts, such as `1h30m`.
    pub duration: Option<String>,
    /// A policy that limits the session.
    pub policy: Option<String>,
    /// Managed policies that limit the session.
    #[resource(default)]
    pub policy_arns: Vec<String>,
    /// The token.
    #[resource(secret)]
    pub web_identity_token: Option<String>,
    /// File with the token, read each time that one is needed.
    pub web_identity_token_file: Option<String>,
}

/// Tags that are left alone.
#[derive(Clone, Debug, Default, Shape)]
#[resource(name = "ProviderIgnoreTags")]
pub struct IgnoreTags {
    /// By key.
    #[resource(default)]
    pub keys: Vec<String>,
    /// By the start of a key.
    #[resource(default)]
    pub key_prefixes: Vec<String>,
}

/// Tags of every resource.
#[derive(Clone, Debug, Default, Shape)]
#[resource(name = "ProviderDefaultTags")]
pub struct DefaultTags {
    /// By key.
    #[resource(default)]
    pub tags: BTreeMap<String, String>,
}

/// A provider instance about to be registered: one way into one account.
pub struct Provider<'s> {
    arguments: Arguments<'s>,
}

impl<'s> Provider<'s> {
    /// For one account in one region; credentials of any other account are refused.
    pub fn new(scope: &'s Scope, name: &str, account: &str, region: &str) -> Self {
        let mut arguments = Arguments::new(scope, name);
        arguments.set::<String>("region", region);
        arguments.set::<String>("allowedAccountIds", serde_json::json!([account]).to_string());
        Self { arguments }
    }
    /// With a profile of the shared configuration files.
    #[must_use]
    pub fn profile(mut self, profile: &str) -> Self {
        self.arguments.set::<String>("profile", profile);
        self
    }
    /// Through a role.
    #[must_use]
    pub fn assume_role(mut self, arn: &str) -> Self {
        let role = serde_json::json!([{ "roleArn": arn, "sessionName": "zone" }]);
        self.arguments.set::<String>("assumeRoles", role.to_string());
        self
    }
    /// Tags of every resource that can carry tags.
    #[must_use]
    pub fn default_tags(mut self, tags: &BTreeMap<String, String>) -> Self {
        let tags = serde_json::json!({ "tags": tags });
        self.arguments.set::<String>("defaultTags", Input::Known(pulumi::value::Value::String(tags.to_string())));
        self
    }
    /// Registers it.
    pub fn register(self) -> ProviderRef {
        let resource = self.arguments.register("pulumi:providers:aws", VERSION);
        ProviderRef::new(&resource, "aws", VERSION)
    }
}

impl Options for Provider<'_> {
    fn options_mut(&mut self) -> &mut ResourceOptions {
        &mut self.arguments.options
    }
}
