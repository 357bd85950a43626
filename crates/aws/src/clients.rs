//! Clients: one HTTP client for the whole process, one configuration per account, one set of clients per region.
//! Time limits of every call, and how often one is made that fails for other reasons than throttling, are decided here.
//!
//! A named profile wins over access keys in the environment: who names one means it.

#![expect(deprecated, reason = "the types of profile files moved to a crate that nothing else here uses")]

use std::{
    error::Error as _,
    io,
    sync::{Arc, LazyLock, OnceLock},
    time::Duration,
};

pub use aws_config::SdkConfig;
use aws_config::{
    BehaviorVersion, ConfigLoader, Region,
    profile::{
        ProfileFileCredentialsProvider,
        profile_file::{ProfileFileKind, ProfileFiles},
    },
    provider_config::ProviderConfig,
    retry::RetryConfig,
    sts::AssumeRoleProvider,
    timeout::TimeoutConfig,
};
use aws_credential_types::{
    Credentials,
    provider::{self, ProvideCredentials, SharedCredentialsProvider, error::CredentialsError},
};
use aws_smithy_runtime::client::retries::{RetryPartition, TokenBucket};
use aws_smithy_runtime_api::{
    box_error::BoxError,
    client::{
        http::SharedHttpClient,
        interceptors::{
            Intercept,
            context::{BeforeTransmitInterceptorContextMut, InterceptorContext},
            dyn_dispatch_hint,
        },
        retries::classifiers::{ClassifyRetry, RetryAction},
        runtime_components::RuntimeComponents,
    },
};
use aws_smithy_types::config_bag::ConfigBag;

use crate::{
    endpoints::Endpoints,
    network::Network,
    pacing::{Later, Pacing},
};
use pulumi::provider::resource::Error;
use tokio::sync::OnceCell;

use crate::tags::Tags;

/// Attempts of a call that may be repeated. With the back-off of `recovery`, the last comes about 25 s after the
/// first. What AWS throttles is tried for [`PATIENCE`](crate::pacing::PATIENCE) instead.
pub const ATTEMPTS: u32 = 10;

/// What the environment of this process gives to every account.
#[derive(Clone, Debug, Default)]
pub struct Ambient {
    /// One endpoint for all services, such as an emulator's.
    pub endpoint: Option<String>,
    /// Fixed credentials, such as an emulator's; else the usual chain (environment, profile, SSO, web identity, instance).
    pub credentials: Option<(String, String)>,
}

impl Ambient {
    /// An emulator's: any credentials will do.
    pub fn emulated(endpoint: &str) -> Self {
        Self { endpoint: Some(endpoint.to_owned()), credentials: Some(("test".to_owned(), "test".to_owned())) }
    }
}

/// How one account is reached.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Access {
    /// Region of calls that do not say another.
    pub region: String,
    /// Profile of the shared configuration files.
    pub profile: Option<String>,
    /// Roles to assume, one after the other.
    pub roles: Vec<Role>,
    /// Endpoints by service; before the ambient one.
    pub endpoints: Endpoints,
    /// Whether S3's buckets are in the path of a URL; by default with an endpoint of one's own.
    pub path_style: Option<bool>,
    /// Credentials themselves.
    pub keys: Option<Credentials>,
    /// Shared configuration files, instead of the usual one.
    pub config_files: Vec<String>,
    /// Shared credentials files, instead of the usual one.
    pub credentials_files: Vec<String>,
    /// A role to assume with the token of an identity provider, before all others.
    pub web_identity: Option<WebIdentity>,
    /// How often a call is made at most.
    pub attempts: Option<u32>,
    /// Region of STS.
    pub sts_region: Option<String>,
    /// Endpoints with IPv6.
    pub dualstack: Option<bool>,
    /// Endpoints with FIPS 140.
    pub fips: Option<bool>,
    /// Products in the User-Agent header.
    pub user_agents: Vec<String>,
}

/// A role to assume.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Role {
    /// Its ARN.
    pub arn: String,
    /// Session name, for the audit trail.
    pub session_name: Option<String>,
    /// External id its trust policy may ask for.
    pub external_id: Option<String>,
    /// What limits the session.
    pub session: Session,
    /// Tags of the session.
    pub tags: Vec<(String, String)>,
}

/// What limits the session of a role.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Session {
    /// How long it lasts.
    pub length: Option<Duration>,
    /// A policy.
    pub policy: Option<String>,
    /// Managed policies.
    pub policy_arns: Vec<String>,
}

/// A role, and where the token is that lets one assume it.
#[derive(Clone, PartialEq, Eq)]
pub struct WebIdentity {
    /// Its ARN.
    pub arn: String,
    /// Session name, for the audit trail.
    pub session_name: Option<String>,
    /// What limits the session.
    pub session: Session,
    /// Where the token is.
    pub token: Token,
}

/// Where a token is.
#[derive(Clone, PartialEq, Eq)]
pub enum Token {
    /// Here.
    Here(String),
    /// In a file, read each time.
    File(String),
}

/// Without the token.
impl std::fmt::Debug for WebIdentity {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("WebIdentity").field("arn", &self.arn).finish_non_exhaustive()
    }
}

/// The process's HTTP client: one TLS stack, one connection pool, the proxies of the environment.
pub fn http_client() -> SharedHttpClient {
    Network::default().or_environment().client()
}

/// The credentials of a configuration, asked for now; none where it has no way to any.
pub async fn credentials(sdk: &SdkConfig) -> Result<Option<Credentials>, Error> {
    let Some(provider) = sdk.credentials_provider() else { return Ok(None) };
    let failed = |error: CredentialsError| {
        let cause = error.source().map_or_else(|| error.to_string(), ToString::to_string);
        Error::new(format!("asking for credentials: {cause}"))
    };
    provider.provide_credentials().await.map(Some).map_err(failed)
}

/// Loads the configuration of one account. Reads files and environment, calls nothing yet.
pub async fn load(http: &SharedHttpClient, ambient: &Ambient, access: &Access) -> SdkConfig {
    let region = Region::new(access.region.clone());
    let mut loader: ConfigLoader = aws_config::defaults(BehaviorVersion::v2026_01_12())
        .http_client(http.clone())
        .region(region.clone())
        // when the next attempt is made, `Pacing` decides
        .retry_config(RetryConfig::standard().with_max_attempts(access.attempts.unwrap_or(ATTEMPTS)))
        .timeout_config(
            TimeoutConfig::builder()
                .connect_timeout(Duration::from_secs(5))
                .operation_attempt_timeout(Duration::from_secs(60))
                .build(),
        );
    if let Some(endpoint) = &ambient.endpoint {
        loader = loader.endpoint_url(endpoint);
    }
    if let Some(dualstack) = access.dualstack {
        loader = loader.use_dual_stack(dualstack);
    }
    if let Some(fips) = access.fips {
        loader = loader.use_fips(fips);
    }
    let files = files(access);
    if let Some(files) = &files {
        loader = loader.profile_files(files.clone());
    }
    if let Some(profile) = &access.profile {
        loader = loader.profile_name(profile);
    }
    if let Some(keys) = &access.keys {
        loader = loader.credentials_provider(keys.clone());
    } else if access.profile.is_some() || files.is_some() {
        // a named profile is meant: keys that happen to be in the environment must not win over it
        let parts = ProviderConfig::without_region().with_http_client(http.clone()).with_region(Some(region.clone()));
        let mut chain = ProfileFileCredentialsProvider::builder().configure(&parts);
        if let Some(profile) = &access.profile {
            chain = chain.profile_name(profile);
        }
        if let Some(files) = files {
            chain = chain.profile_files(files);
        }
        loader = loader.credentials_provider(chain.build());
    } else if let Some((id, secret)) = &ambient.credentials {
        loader = loader.credentials_provider(Credentials::new(id, secret, None, None, "ambient"));
    }
    let mut config = loader.load().await;
    if let Some(identity) = &access.web_identity {
        let provider = Assumed { sts: of_service(&config, access, STS), identity: identity.clone() };
        config = config.into_builder().credentials_provider(SharedCredentialsProvider::new(provider)).build();
    }
    for role in &access.roles {
        let session = role.session_name.clone().unwrap_or_else(|| "zone".to_owned());
        let sts = of_service(&config, access, STS);
        let region = sts.region().cloned().unwrap_or_else(|| region.clone());
        let mut provider = AssumeRoleProvider::builder(&role.arn).session_name(session).region(region).configure(&sts);
        if let Some(id) = &role.external_id {
            provider = provider.external_id(id);
        }
        if let Some(length) = role.session.length {
            provider = provider.session_length(length);
        }
        if let Some(policy) = &role.session.policy {
            provider = provider.policy(policy);
        }
        if !role.session.policy_arns.is_empty() {
            provider = provider.policy_arns(role.session.policy_arns.clone());
        }
        if !role.tags.is_empty() {
            provider = provider.tags(role.tags.clone());
        }
        let provider = SharedCredentialsProvider::new(provider.build().await);
        config = config.into_builder().credentials_provider(provider).build();
    }
    config
}

/// The files of profiles, where they are not the usual ones.
fn files(access: &Access) -> Option<ProfileFiles> {
    if access.config_files.is_empty() && access.credentials_files.is_empty() {
        return None;
    }
    let mut files = ProfileFiles::builder();
    let all =
        [(ProfileFileKind::Config, &access.config_files), (ProfileFileKind::Credentials, &access.credentials_files)];
    for (kind, paths) in all {
        if paths.is_empty() {
            files = if matches!(kind, ProfileFileKind::Config) {
                files.include_default_config_file(true)
            } else {
                files.include_default_credentials_file(true)
            };
        }
        for path in paths {
            let home = std::env::var("HOME").unwrap_or_default();
            let path = path.strip_prefix("~/").map_or_else(|| path.clone(), |rest| format!("{home}/{rest}"));
            files = files.with_file(kind, path);
        }
    }
    Some(files.build())
}

/// Credentials of a role that a token lets one assume.
#[derive(Debug)]
struct Assumed {
    sts: SdkConfig,
    identity: WebIdentity,
}

impl Assumed {
    async fn credentials(&self) -> provider::Result {
        let token = match &self.identity.token {
            Token::Here(token) => token.clone(),
            Token::File(path) => tokio::fs::read_to_string(path)
                .await
                .map_err(|e| CredentialsError::invalid_configuration(format!("reading the token `{path}`: {e}")))?
                .trim()
                .to_owned(),
        };
        let session = &self.identity.session;
        let policy = |arn: &String| aws_sdk_sts::types::PolicyDescriptorType::builder().arn(arn).build();
        let policies: Vec<_> = session.policy_arns.iter().map(policy).collect();
        let seconds = session.length.and_then(|length| i32::try_from(length.as_secs()).ok());
        let made = aws_sdk_sts::Client::new(&self.sts)
            .assume_role_with_web_identity()
            .role_arn(&self.identity.arn)
            .role_session_name(self.identity.session_name.as_deref().unwrap_or("zone"))
            .web_identity_token(token)
            .set_duration_seconds(seconds)
            .set_policy(session.policy.clone())
            .set_policy_arns((!policies.is_empty()).then_some(policies))
            .send()
            .await
            .map_err(CredentialsError::provider_error)?;
        let made = made.credentials.ok_or_else(|| CredentialsError::unhandled("STS gave no credentials"))?;
        let expires = std::time::SystemTime::try_from(made.expiration).ok();
        let (id, secret, token) = (made.access_key_id, made.secret_access_key, made.session_token);
        Ok(Credentials::new(id, secret, Some(token), expires, "web identity"))
    }
}

impl ProvideCredentials for Assumed {
    fn provide_credentials<'a>(&'a self) -> provider::future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        provider::future::ProvideCredentials::new(self.credentials())
    }
}

/// Names products in the User-Agent header of each call.
#[derive(Clone, Debug)]
struct Agents(Vec<String>);

#[dyn_dispatch_hint]
impl Intercept for Agents {
    fn name(&self) -> &'static str {
        "user agents"
    }
    fn modify_before_signing(
        &self,
        context: &mut BeforeTransmitInterceptorContextMut<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let headers = context.request_mut().headers_mut();
        let agent = headers.get("user-agent").into_iter().chain(self.0.iter().map(String::as_str));
        let agent = agent.collect::<Vec<_>>().join(" ");
        headers.try_insert("user-agent", agent)?;
        Ok(())
    }
}

/// A client that is built when it is first used.
pub type Lazy<T> = LazyLock<T, Box<dyn FnOnce() -> T + Send>>;

/// What the clients of one account in one region are built from.
#[derive(Clone, Debug)]
struct Ground {
    config: SdkConfig,
    access: Access,
    pacing: Pacing,
}

/// The names of STS among the endpoints.
const STS: &[&str] = &["sts"];

/// The one list of services: the field of [`Clients`], the SDK crate, and the names that the service has among the
/// provider's `endpoints`; after `with`, what its client has beside the others'.
macro_rules! services {
    ($($doc:literal $field:ident: $service:ident [$($name:literal),+] $(with $more:expr)?;)+) => {
        /// The service clients of one account in one region.
        #[derive(Debug)]
        pub struct Clients {
            $(#[doc = $doc] pub $field: Lazy<$service::Client>,)+
            /// The KMS keys that there were when a create looked first, with their tags.
            pub(crate) keys: OnceCell<Vec<(String, Tags)>>,
            ground: Arc<Ground>,
            unrepeated: OnceLock<Box<Self>>,
        }

        impl Clients {
            fn of(ground: Ground) -> Self {
                let ground = Arc::new(ground);
                Self {
                    $($field: {
                        let ground = ground.clone();
                        LazyLock::new(Box::new(move || {
                            let Ground { access, pacing, .. } = &*ground;
                            let config = of_service(&ground.config, access, &[$($name),+]);
                            let mut builder = $service::config::Builder::from(&config)
                                .retry_classifier(RefusedOnLoopback::of(&config))
                                .retry_classifier(Later)
                                .interceptor(pacing.clone())
                                .retry_partition(partition(stringify!($service)));
                            if !access.user_agents.is_empty() {
                                builder = builder.interceptor(Agents(access.user_agents.clone()));
                            }
                            $(let builder = $more(builder, &ground);)?
                            $service::Client::from_conf(builder.build())
                        }))
                    },)+
                    keys: OnceCell::new(),
                    ground,
                    unrepeated: OnceLock::new(),
                }
            }
        }
    };
}

services! {
    "CloudTrail." cloudtrail: aws_sdk_cloudtrail ["cloudtrail"];
    "CloudWatch." cloudwatch: aws_sdk_cloudwatch ["cloudwatch"];
    "Cognito user pools." cognito: aws_sdk_cognitoidentityprovider ["cognitoidp", "cognitoidentityprovider"];
    "DynamoDB." dynamodb: aws_sdk_dynamodb ["dynamodb"];
    "EC2." ec2: aws_sdk_ec2 ["ec2"];
    "EventBridge." events: aws_sdk_eventbridge ["events", "eventbridge", "cloudwatchevents"];
    "Firehose." firehose: aws_sdk_firehose ["firehose"];
    "IAM." iam: aws_sdk_iam ["iam"];
    "KMS." kms: aws_sdk_kms ["kms"];
    "Lambda." lambda: aws_sdk_lambda ["lambda"];
    "CloudWatch Logs." logs: aws_sdk_cloudwatchlogs ["logs", "cloudwatchlogs", "cloudwatchlog"];
    "Organizations." organizations: aws_sdk_organizations ["organizations"];
    "Service Quotas." quotas: aws_sdk_servicequotas ["servicequotas"];
    "S3." s3: aws_sdk_s3 ["s3", "s3api"] with s3_style;
    "SNS." sns: aws_sdk_sns ["sns"];
    "SQS." sqs: aws_sdk_sqs ["sqs"];
    "Systems Manager." ssm: aws_sdk_ssm ["ssm"];
    "STS." sts: aws_sdk_sts ["sts"];
    "X-Ray." xray: aws_sdk_xray ["xray"];
}

/// An endpoint of one's own has no host name for each bucket: the bucket is in the path.
fn s3_style(builder: aws_sdk_s3::config::Builder, ground: &Ground) -> aws_sdk_s3::config::Builder {
    let own = ground.config.endpoint_url().is_some() || ground.access.endpoints.of(&["s3", "s3api"]).is_some();
    builder.force_path_style(ground.access.path_style.unwrap_or(own))
}

/// An account's configuration with the endpoint of a service, under one of its names; STS may have a region of its own, too.
fn of_service(config: &SdkConfig, access: &Access, names: &[&str]) -> SdkConfig {
    let mut config = config.clone().into_builder();
    if let Some(url) = access.endpoints.of(names) {
        config = config.endpoint_url(url);
    }
    if let Some(region) = access.sts_region.as_ref().filter(|_| names == STS) {
        config = config.region(Region::new(region.clone()));
    }
    config.build()
}

impl Clients {
    /// From an account's configuration, for one region.
    pub fn new(config: &SdkConfig, region: &str) -> Self {
        Self::with(config, &Access::default(), region)
    }

    /// As [`new`](Self::new), with the endpoints and the other ways of `access`.
    pub fn with(config: &SdkConfig, access: &Access, region: &str) -> Self {
        Self::paced(config, access, region, &Pacing::default())
    }

    pub(crate) fn paced(config: &SdkConfig, access: &Access, region: &str, pacing: &Pacing) -> Self {
        let config = config.clone().into_builder().region(Region::new(region.to_owned())).build();
        Self::of(Ground { config, access: access.clone(), pacing: pacing.clone() })
    }

    /// The same clients, which make a call once: for calls that AWS must not get twice (see [`crate::recovery::once`]).
    pub fn unrepeated(&self) -> &Self {
        self.unrepeated.get_or_init(|| {
            let mut ground = Ground::clone(&self.ground);
            ground.config = ground.config.into_builder().retry_config(RetryConfig::disabled()).build();
            Box::new(Self::of(ground))
        })
    }
}

/// The SDK's own retry quota is made for a service that would rather fail fast: 500 tokens, which a deployment
/// of some hundred calls on a bad network uses up. Ours ends a call by its number of attempts alone.
fn partition(service: &'static str) -> RetryPartition {
    RetryPartition::custom(service).token_bucket(TokenBucket::unlimited()).build()
}

/// Nothing listens there: on this machine that does not pass by waiting (the emulator is gone), so it is said at once.
#[derive(Debug)]
struct RefusedOnLoopback {
    loopback: bool,
}

impl RefusedOnLoopback {
    /// The endpoint is looked at here: when an attempt is judged, its request is gone.
    fn of(config: &SdkConfig) -> Self {
        let is_loopback =
            |url: &str| ["http://127.0.0.1:", "http://localhost:"].iter().any(|start| url.starts_with(start));
        Self { loopback: config.endpoint_url().is_some_and(is_loopback) }
    }
}

impl ClassifyRetry for RefusedOnLoopback {
    fn name(&self) -> &'static str {
        "refused on loopback"
    }
    fn classify_retry(&self, context: &InterceptorContext) -> RetryAction {
        let Some(Err(error)) = context.output_or_error() else { return RetryAction::NoActionIndicated };
        let Some(connector) = error.as_connector_error() else { return RetryAction::NoActionIndicated };
        let mut source = connector.source();
        while let Some(cause) = source {
            if self.loopback
                && cause.downcast_ref::<io::Error>().is_some_and(|e| e.kind() == io::ErrorKind::ConnectionRefused)
            {
                return RetryAction::RetryForbidden;
            }
            source = cause.source();
        }
        RetryAction::NoActionIndicated
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_service_on_this_machine_that_is_gone_is_said_at_once() {
        let listener = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let endpoint = format!("http://{}", listener.local_addr().unwrap());
        drop(listener);
        let ambient = Ambient { endpoint: Some(endpoint), credentials: Some(("a".to_owned(), "b".to_owned())) };
        let access = Access { region: "eu-central-1".to_owned(), ..Access::default() };
        let clients = Clients::new(&load(&http_client(), &ambient, &access).await, &access.region);
        let began = std::time::Instant::now();
        clients.kms.list_keys().send().await.unwrap_err();
        clients.s3.list_buckets().send().await.unwrap_err();
        assert!(began.elapsed() < Duration::from_secs(1), "{:?}", began.elapsed());
    }
}
