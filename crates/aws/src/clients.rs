//! Clients: one HTTP client for the whole process, one configuration per account, one set of clients per region.
//! Retries, back-off and time limits of every call are decided here.

use std::{error::Error as _, io, time::Duration};

pub use aws_config::SdkConfig;
use aws_config::{
    BehaviorVersion, ConfigLoader, Region, profile::ProfileFileCredentialsProvider, provider_config::ProviderConfig,
    retry::RetryConfig, sts::AssumeRoleProvider, timeout::TimeoutConfig,
};
use aws_credential_types::{Credentials, provider::SharedCredentialsProvider};
use aws_smithy_http_client::{Builder, tls};
use aws_smithy_runtime::client::retries::{RetryPartition, TokenBucket};
use aws_smithy_runtime_api::client::{
    http::SharedHttpClient,
    interceptors::context::InterceptorContext,
    retries::classifiers::{ClassifyRetry, RetryAction},
};
use tokio::sync::OnceCell;

use crate::tags::Tags;

/// Attempts of a call that may be repeated. With the back-off below, the last comes about 40 s after the first.
pub const ATTEMPTS: u32 = 10;

/// What the environment of this process gives to every account.
#[derive(Clone, Debug, Default)]
pub struct Ambient {
    /// One endpoint for all services, such as an emulator's.
    pub endpoint: Option<String>,
    /// Fixed credentials, such as an emulator's; else the usual chain (environment, profile, SSO, web identity, instance).
    pub credentials: Option<(String, String)>,
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
    /// One endpoint for all services; before the ambient one.
    pub endpoint: Option<String>,
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
}

/// The process's HTTP client: one TLS stack, one connection pool.
pub fn http_client() -> SharedHttpClient {
    Builder::new().tls_provider(tls::Provider::Rustls(tls::rustls_provider::CryptoMode::Ring)).build_https()
}

/// Loads the configuration of one account. Reads files and environment, calls nothing yet.
pub async fn load(http: &SharedHttpClient, ambient: &Ambient, access: &Access) -> SdkConfig {
    let region = Region::new(access.region.clone());
    let mut loader: ConfigLoader = aws_config::defaults(BehaviorVersion::v2026_01_12())
        .http_client(http.clone())
        .region(region.clone())
        .retry_config(
            RetryConfig::standard()
                .with_max_attempts(ATTEMPTS)
                .with_initial_backoff(Duration::from_millis(200))
                .with_max_backoff(Duration::from_secs(8)),
        )
        .timeout_config(
            TimeoutConfig::builder()
                .connect_timeout(Duration::from_secs(5))
                .operation_attempt_timeout(Duration::from_secs(60))
                .build(),
        );
    if let Some(endpoint) = access.endpoint.as_ref().or(ambient.endpoint.as_ref()) {
        loader = loader.endpoint_url(endpoint);
    }
    if let Some(profile) = &access.profile {
        // a named profile is meant: keys that happen to be in the environment must not win over it
        let parts = ProviderConfig::without_region().with_http_client(http.clone()).with_region(Some(region.clone()));
        let chain = ProfileFileCredentialsProvider::builder().configure(&parts).profile_name(profile).build();
        loader = loader.profile_name(profile).credentials_provider(chain);
    } else if let Some((id, secret)) = &ambient.credentials {
        loader = loader.credentials_provider(Credentials::new(id, secret, None, None, "ambient"));
    }
    let mut config = loader.load().await;
    for role in &access.roles {
        let session = role.session_name.clone().unwrap_or_else(|| "zone".to_owned());
        let mut provider =
            AssumeRoleProvider::builder(&role.arn).session_name(session).region(region.clone()).configure(&config);
        if let Some(id) = &role.external_id {
            provider = provider.external_id(id);
        }
        let provider = SharedCredentialsProvider::new(provider.build().await);
        config = config.into_builder().credentials_provider(provider).build();
    }
    config
}

/// The service clients of one account in one region.
#[derive(Debug)]
pub struct Clients {
    /// CloudTrail.
    pub cloudtrail: aws_sdk_cloudtrail::Client,
    /// Cognito user pools.
    pub cognito: aws_sdk_cognitoidentityprovider::Client,
    /// EC2.
    pub ec2: aws_sdk_ec2::Client,
    /// EventBridge.
    pub events: aws_sdk_eventbridge::Client,
    /// Firehose.
    pub firehose: aws_sdk_firehose::Client,
    /// IAM.
    pub iam: aws_sdk_iam::Client,
    /// KMS.
    pub kms: aws_sdk_kms::Client,
    /// CloudWatch Logs.
    pub logs: aws_sdk_cloudwatchlogs::Client,
    /// Organizations.
    pub organizations: aws_sdk_organizations::Client,
    /// Service Quotas.
    pub quotas: aws_sdk_servicequotas::Client,
    /// S3.
    pub s3: aws_sdk_s3::Client,
    /// SNS.
    pub sns: aws_sdk_sns::Client,
    /// SQS.
    pub sqs: aws_sdk_sqs::Client,
    /// Systems Manager.
    pub ssm: aws_sdk_ssm::Client,
    /// STS.
    pub sts: aws_sdk_sts::Client,
    /// X-Ray.
    pub xray: aws_sdk_xray::Client,
    /// The KMS keys that there were when a create looked first, with their tags.
    pub(crate) keys: OnceCell<Vec<(String, Tags)>>,
}

macro_rules! client {
    ($service:ident, $config:expr) => {
        $service::Client::from_conf(
            $service::config::Builder::from($config)
                .retry_classifier(RefusedOnLoopback::of($config))
                .retry_partition(partition(stringify!($service)))
                .build(),
        )
    };
}

impl Clients {
    /// From an account's configuration, for one region.
    pub fn new(config: &SdkConfig, region: &str) -> Self {
        let config = &config.clone().into_builder().region(Region::new(region.to_owned())).build();
        let s3 = aws_sdk_s3::config::Builder::from(config)
            .retry_classifier(RefusedOnLoopback::of(config))
            .retry_partition(partition("aws_sdk_s3"))
            // an endpoint of one's own has no host name per bucket
            .force_path_style(config.endpoint_url().is_some());
        Self {
            cloudtrail: client!(aws_sdk_cloudtrail, config),
            cognito: client!(aws_sdk_cognitoidentityprovider, config),
            ec2: client!(aws_sdk_ec2, config),
            events: client!(aws_sdk_eventbridge, config),
            firehose: client!(aws_sdk_firehose, config),
            iam: client!(aws_sdk_iam, config),
            kms: client!(aws_sdk_kms, config),
            logs: client!(aws_sdk_cloudwatchlogs, config),
            organizations: client!(aws_sdk_organizations, config),
            quotas: client!(aws_sdk_servicequotas, config),
            s3: aws_sdk_s3::Client::from_conf(s3.build()),
            sns: client!(aws_sdk_sns, config),
            sqs: client!(aws_sdk_sqs, config),
            ssm: client!(aws_sdk_ssm, config),
            sts: client!(aws_sdk_sts, config),
            xray: client!(aws_sdk_xray, config),
            keys: OnceCell::new(),
        }
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
