//! The parts of a function's settings.

use aws_sdk_lambda::types;

use crate::prelude::*;

/// Where events go that a function failed on.
#[derive(Clone, Debug, PartialEq, Eq, Shape)]
#[resource(name = "FunctionDeadLetterConfig", sdk = types::DeadLetterConfig)]
pub struct DeadLetterConfig {
    /// ARN of the queue or topic.
    pub target_arn: String,
}

/// What a function has in its environment.
#[derive(Clone, Debug, PartialEq, Eq, Shape)]
#[resource(name = "FunctionEnvironment", from = types::EnvironmentResponse, into = types::Environment)]
pub struct Environment {
    /// Variables, up to 4 KB with their names.
    #[resource(default, always)]
    pub variables: BTreeMap<String, String>,
}

/// A function's disk.
#[derive(Clone, Debug, PartialEq, Eq, Shape)]
#[resource(name = "FunctionEphemeralStorage", sdk = types::EphemeralStorage)]
pub struct EphemeralStorage {
    /// Size of `/tmp` in MB, 512 to 10240.
    #[resource(computed)]
    pub size: Option<i32>,
}

/// A file system that a function mounts.
#[derive(Clone, Debug, PartialEq, Eq, Shape)]
#[resource(name = "FunctionFileSystemConfig", sdk = types::FileSystemConfig)]
pub struct FileSystemConfig {
    /// ARN of the access point.
    pub arn: String,
    /// Where it is mounted, below `/mnt/`.
    pub local_mount_path: String,
}

/// What takes the place of an image's own settings.
#[derive(Clone, Debug, Default, PartialEq, Eq, Shape)]
#[resource(name = "FunctionImageConfig", sdk = types::ImageConfig)]
pub struct ImageConfig {
    /// Arguments of the entry point.
    #[resource(default, sdk = command)]
    pub commands: Vec<String>,
    /// Entry point: a program and its first arguments.
    #[resource(default, sdk = entry_point)]
    pub entry_points: Vec<String>,
    /// Folder it starts in.
    #[resource(blank)]
    pub working_directory: Option<String>,
}

/// How a function logs.
#[derive(Clone, Debug, PartialEq, Eq, Shape)]
#[resource(name = "FunctionLoggingConfig", sdk = types::LoggingConfig)]
pub struct LoggingConfig {
    /// Lowest level of the function's own entries, with the format `JSON`; AWS's default is `INFO`.
    #[resource(computed, blank)]
    pub application_log_level: Option<String>,
    /// `Text` or `JSON`.
    pub log_format: String,
    /// Name of the log group; AWS's default is `/aws/lambda/` and the function's name.
    #[resource(computed, blank)]
    pub log_group: Option<String>,
    /// Lowest level of Lambda's entries, with the format `JSON`; AWS's default is `INFO`.
    #[resource(computed, blank)]
    pub system_log_level: Option<String>,
}

/// Whether versions start from a snapshot.
#[derive(Clone, Debug, PartialEq, Eq, Shape)]
#[resource(name = "FunctionSnapStart", from = types::SnapStartResponse)]
pub struct SnapStart {
    /// `PublishedVersions`: versions that are published from now on.
    pub apply_on: String,
    /// `On` or `Off`, as AWS says.
    #[resource(computed, blank)]
    pub optimization_status: Option<String>,
}

/// Whether tenants share execution environments.
#[derive(Clone, Debug, PartialEq, Eq, Shape)]
#[resource(name = "FunctionTenancyConfig", sdk = types::TenancyConfig)]
pub struct TenancyConfig {
    /// `PER_TENANT`.
    pub tenant_isolation_mode: String,
}

/// Whether X-Ray traces a function.
#[derive(Clone, Debug, PartialEq, Eq, Shape)]
#[resource(name = "FunctionTracingConfig", into = types::TracingConfig, from = types::TracingConfigResponse)]
pub struct TracingConfig {
    /// `Active`, or `PassThrough`: only requests that are traced already.
    pub mode: String,
}

/// The subnets that a function reaches.
#[derive(Clone, Debug, PartialEq, Eq, Shape)]
#[resource(name = "FunctionVpcConfig", from = types::VpcConfigResponse)]
pub struct VpcConfig {
    /// Whether it reaches IPv6 addresses from dual-stack subnets.
    #[resource(default = false)]
    pub ipv6_allowed_for_dual_stack: bool,
    /// Ids of its security groups.
    #[resource(set)]
    pub security_group_ids: Vec<String>,
    /// Ids of its subnets.
    #[resource(set)]
    pub subnet_ids: Vec<String>,
    /// Id of the VPC, as AWS says.
    #[resource(computed, blank)]
    pub vpc_id: Option<String>,
}

/// Without the status, which is AWS's to say.
impl ToSdk<types::SnapStart> for SnapStart {
    fn to_sdk(&self) -> Answer<types::SnapStart> {
        Ok(types::SnapStart::builder().apply_on(self.apply_on.to_sdk()?).build())
    }
}

/// Without the VPC, which is that of the subnets.
impl ToSdk<types::VpcConfig> for VpcConfig {
    fn to_sdk(&self) -> Answer<types::VpcConfig> {
        let config = types::VpcConfig::builder().ipv6_allowed_for_dual_stack(self.ipv6_allowed_for_dual_stack);
        let groups = Some(self.security_group_ids.clone());
        Ok(config.set_security_group_ids(groups).set_subnet_ids(Some(self.subnet_ids.clone())).build())
    }
}
