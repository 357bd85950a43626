//! AWS clients for one target.

use std::{sync::LazyLock, time::Duration};

use aws_config::{
    BehaviorVersion, Region, SdkConfig, profile::ProfileFileCredentialsProvider, provider_config::ProviderConfig,
    retry::RetryConfig, sts::AssumeRoleProvider,
};
use aws_credential_types::{Credentials, provider::SharedCredentialsProvider};
use aws_smithy_http_client::{
    Builder,
    tls::{self, rustls_provider::CryptoMode},
};
use aws_smithy_types::timeout::TimeoutConfig;

pub(crate) use crate::refused::refused;
use crate::{
    evidence::recorder::Recorder,
    target::{Access, Target},
};

/// Attempts of a call. The quotas of what is asked most are low: Firehose describes 5 streams a second, CloudTrail answers
/// 10 calls, and IAM's and Organizations' count for the whole account.
/// <https://docs.aws.amazon.com/firehose/latest/dev/limits.html>,
/// <https://docs.aws.amazon.com/awscloudtrail/latest/userguide/WhatIsCloudTrail-Limits.html> (2026-11-25)
const ATTEMPTS: u32 = 10;
/// A call that hangs must end with a name, not as a run without an end.
const ONE_ATTEMPT: Duration = Duration::from_secs(20);
const ALL_ATTEMPTS: Duration = Duration::from_mins(2);

/// A client that is made when it is first used: each scenario has clients of its own, and uses two or three.
type Lazy<C> = LazyLock<C, Box<dyn FnOnce() -> C + Send + Sync>>;

/// One client per service that is looked at; what they ask is recorded.
#[derive(Debug)]
pub(crate) struct Clients {
    pub(crate) cloudtrail: Lazy<aws_sdk_cloudtrail::Client>,
    pub(crate) cloudwatch: Lazy<aws_sdk_cloudwatch::Client>,
    pub(crate) cognito: Lazy<aws_sdk_cognitoidentityprovider::Client>,
    pub(crate) dynamodb: Lazy<aws_sdk_dynamodb::Client>,
    pub(crate) ec2: Lazy<aws_sdk_ec2::Client>,
    pub(crate) events: Lazy<aws_sdk_eventbridge::Client>,
    pub(crate) firehose: Lazy<aws_sdk_firehose::Client>,
    pub(crate) iam: Lazy<aws_sdk_iam::Client>,
    pub(crate) kms: Lazy<aws_sdk_kms::Client>,
    pub(crate) lambda: Lazy<aws_sdk_lambda::Client>,
    pub(crate) logs: Lazy<aws_sdk_cloudwatchlogs::Client>,
    pub(crate) s3: Lazy<aws_sdk_s3::Client>,
    pub(crate) sns: Lazy<aws_sdk_sns::Client>,
    pub(crate) sqs: Lazy<aws_sdk_sqs::Client>,
    pub(crate) ssm: Lazy<aws_sdk_ssm::Client>,
    pub(crate) sts: Lazy<aws_sdk_sts::Client>,
    pub(crate) xray: Lazy<aws_sdk_xray::Client>,
    /// In the management account; none where there is no way in.
    pub(crate) organizations: Option<Lazy<aws_sdk_organizations::Client>>,
    /// There, too: whose account it is.
    pub(crate) management: Option<Lazy<aws_sdk_sts::Client>>,
}

/// The way into the accounts: connections and credentials, which all clients share.
#[derive(Debug, Clone)]
pub(crate) struct Way {
    member: SdkConfig,
    /// None where there is no way in.
    pub(crate) management: Option<SdkConfig>,
    /// An emulator has one host name, no bucket.host.
    path_style: bool,
}

impl Way {
    /// Connects to nothing yet; the first call does.
    pub(crate) async fn new(target: &Target) -> Self {
        let member = config(target, &target.access).await;
        let management = match &target.management {
            Some(management) => Some(config(target, &management.access).await),
            None => None,
        };
        Self { member, management, path_style: target.endpoint.is_some() }
    }

    /// The way into the account with other credentials, and into no other account.
    pub(crate) fn with(&self, credentials: Credentials) -> Self {
        let provider = SharedCredentialsProvider::new(credentials);
        let member = self.member.to_builder().credentials_provider(provider).build();
        Self { member, management: None, path_style: self.path_style }
    }

    /// S3 without credentials; what it asks is recorded.
    pub(crate) fn unsigned(&self, recorder: &Recorder) -> aws_sdk_s3::Client {
        let mut config = self.member.to_builder();
        config.set_credentials_provider(None);
        let config = config.build();
        let builder = aws_sdk_s3::config::Builder::from(&config).allow_no_auth().force_path_style(self.path_style);
        aws_sdk_s3::Client::from_conf(builder.interceptor(recorder.listen("s3")).build())
    }

    /// Clients whose calls are recorded.
    pub(crate) fn clients(&self, recorder: &Recorder) -> Clients {
        macro_rules! lazy {
            ($config:expr, $sdk:ident, $service:literal $(, $set:ident($value:expr))?) => {{
                let (config, listener) = ($config.clone(), recorder.listen($service));
                Lazy::<$sdk::Client>::new(Box::new(move || {
                    let builder = $sdk::config::Builder::from(&config)$(.$set($value))?;
                    $sdk::Client::from_conf(builder.interceptor(listener).build())
                }))
            }};
        }
        let (member, path_style) = (&self.member, self.path_style);
        let management = self.management.as_ref();
        Clients {
            cloudtrail: lazy!(member, aws_sdk_cloudtrail, "cloudtrail"),
            cloudwatch: lazy!(member, aws_sdk_cloudwatch, "cloudwatch"),
            cognito: lazy!(member, aws_sdk_cognitoidentityprovider, "cognito-idp"),
            dynamodb: lazy!(member, aws_sdk_dynamodb, "dynamodb"),
            ec2: lazy!(member, aws_sdk_ec2, "ec2"),
            events: lazy!(member, aws_sdk_eventbridge, "events"),
            firehose: lazy!(member, aws_sdk_firehose, "firehose"),
            iam: lazy!(member, aws_sdk_iam, "iam"),
            kms: lazy!(member, aws_sdk_kms, "kms"),
            lambda: lazy!(member, aws_sdk_lambda, "lambda"),
            logs: lazy!(member, aws_sdk_cloudwatchlogs, "logs"),
            s3: lazy!(member, aws_sdk_s3, "s3", force_path_style(path_style)),
            sns: lazy!(member, aws_sdk_sns, "sns"),
            sqs: lazy!(member, aws_sdk_sqs, "sqs"),
            ssm: lazy!(member, aws_sdk_ssm, "ssm"),
            sts: lazy!(member, aws_sdk_sts, "sts"),
            xray: lazy!(member, aws_sdk_xray, "xray"),
            organizations: management.map(|config| lazy!(config, aws_sdk_organizations, "organizations")),
            management: management.map(|config| lazy!(config, aws_sdk_sts, "sts")),
        }
    }
}

async fn config(target: &Target, access: &Access) -> SdkConfig {
    let http = Builder::new().tls_provider(tls::Provider::Rustls(CryptoMode::Ring)).build_https();
    let region = Region::new(target.region.clone());
    let timeouts =
        TimeoutConfig::builder().operation_attempt_timeout(ONE_ATTEMPT).operation_timeout(ALL_ATTEMPTS).build();
    let mut loader = aws_config::defaults(BehaviorVersion::v2026_01_12())
        .http_client(http.clone())
        .region(region.clone())
        .retry_config(
            RetryConfig::standard()
                .with_max_attempts(ATTEMPTS)
                .with_initial_backoff(Duration::from_millis(200))
                .with_max_backoff(Duration::from_secs(8)),
        )
        .timeout_config(timeouts);
    if let Some(endpoint) = &target.endpoint {
        loader = loader
            .endpoint_url(endpoint)
            .credentials_provider(Credentials::new("test", "test", None, None, "emulator"));
    }
    if let Some(profile) = &access.profile {
        // as `up` does it: a named profile is meant, and keys that happen to be in the environment must not win over it
        let parts = ProviderConfig::without_region().with_http_client(http).with_region(Some(region));
        let chain = ProfileFileCredentialsProvider::builder().configure(&parts).profile_name(profile).build();
        loader = loader.profile_name(profile).credentials_provider(chain);
    }
    let config = loader.load().await;
    let Some(role) = &access.role_arn else { return config };
    let assumed = AssumeRoleProvider::builder(role)
        .session_name(format!("zone-verify-{}", target.environment))
        .configure(&config)
        .build()
        .await;
    config.into_builder().credentials_provider(SharedCredentialsProvider::new(assumed)).build()
}
