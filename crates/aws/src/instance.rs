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

use crate::VERSION;

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
    /// Accepted for compatibility: the credentials are always asked whose they are, and only by the first operation.
    pub skip_credentials_validation: Option<bool>,
    /// Accepted for compatibility: regions are not validated.
    pub skip_region_validation: Option<bool>,
    /// Accepted for compatibility: the instance metadata service is asked only where nothing else gives credentials.
    pub skip_metadata_api_check: Option<bool>,
    /// Accepted for compatibility: the account id is always asked for.
    pub skip_requesting_account_id: Option<bool>,
    /// Accepted for compatibility: path style follows from a set endpoint.
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
}

/// Tags of every resource.
#[derive(Clone, Debug, Default, Shape)]
#[resource(name = "ProviderDefaultTags")]
pub struct DefaultTags {
    /// By key.
    #[resource(default)]
    pub tags: BTreeMap<String, String>,
}

/// Endpoints of services; one serves all here, so the first that is set is taken.
#[derive(Clone, Debug, Default, Shape)]
#[resource(name = "ProviderEndpoint")]
pub struct Endpoints {
    /// EventBridge's.
    #[resource(name = "eventbridge")]
    pub events: Option<String>,
    /// KMS's.
    pub kms: Option<String>,
    /// S3's.
    pub s3: Option<String>,
    /// SQS's.
    pub sqs: Option<String>,
    /// SSM's.
    pub ssm: Option<String>,
    /// STS's.
    pub sts: Option<String>,
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
