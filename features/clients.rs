//! AWS clients for one target.

use std::time::Duration;

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
use crate::target::{Access, Target};

/// Attempts of a call. The quotas of what is asked most are low: Firehose describes 5 streams a second, CloudTrail answers
/// 10 calls, and IAM's and Organizations' count for the whole account.
/// <https://docs.aws.amazon.com/firehose/latest/dev/limits.html>,
/// <https://docs.aws.amazon.com/awscloudtrail/latest/userguide/WhatIsCloudTrail-Limits.html> (2026-11-25)
const ATTEMPTS: u32 = 10;
/// A call that hangs must end with a name, not as a run without an end.
const ONE_ATTEMPT: Duration = Duration::from_secs(20);
const ALL_ATTEMPTS: Duration = Duration::from_mins(2);

/// One client per service that is looked at.
#[derive(Debug, Clone)]
pub(crate) struct Clients {
    pub(crate) cloudtrail: aws_sdk_cloudtrail::Client,
    pub(crate) cognito: aws_sdk_cognitoidentityprovider::Client,
    pub(crate) ec2: aws_sdk_ec2::Client,
    pub(crate) events: aws_sdk_eventbridge::Client,
    pub(crate) firehose: aws_sdk_firehose::Client,
    pub(crate) iam: aws_sdk_iam::Client,
    pub(crate) kms: aws_sdk_kms::Client,
    pub(crate) logs: aws_sdk_cloudwatchlogs::Client,
    pub(crate) s3: aws_sdk_s3::Client,
    pub(crate) sns: aws_sdk_sns::Client,
    pub(crate) sqs: aws_sdk_sqs::Client,
    pub(crate) ssm: aws_sdk_ssm::Client,
    pub(crate) sts: aws_sdk_sts::Client,
    pub(crate) xray: aws_sdk_xray::Client,
    /// In the management account; none where there is no way in.
    pub(crate) organizations: Option<aws_sdk_organizations::Client>,
    /// There, too: whose account it is.
    pub(crate) management: Option<aws_sdk_sts::Client>,
}

impl Clients {
    /// Connects to nothing yet; the first call does.
    pub(crate) async fn new(target: &Target) -> Self {
        let config = config(target, &target.access).await;
        let management = match &target.management {
            Some(management) => Some(self::config(target, &management.access).await),
            None => None,
        };
        let s3 = aws_sdk_s3::config::Builder::from(&config)
            // an emulator has one host name, no bucket.host
            .force_path_style(target.endpoint.is_some())
            .build();
        Self {
            cloudtrail: aws_sdk_cloudtrail::Client::new(&config),
            cognito: aws_sdk_cognitoidentityprovider::Client::new(&config),
            ec2: aws_sdk_ec2::Client::new(&config),
            events: aws_sdk_eventbridge::Client::new(&config),
            firehose: aws_sdk_firehose::Client::new(&config),
            iam: aws_sdk_iam::Client::new(&config),
            kms: aws_sdk_kms::Client::new(&config),
            logs: aws_sdk_cloudwatchlogs::Client::new(&config),
            s3: aws_sdk_s3::Client::from_conf(s3),
            sns: aws_sdk_sns::Client::new(&config),
            sqs: aws_sdk_sqs::Client::new(&config),
            ssm: aws_sdk_ssm::Client::new(&config),
            sts: aws_sdk_sts::Client::new(&config),
            xray: aws_sdk_xray::Client::new(&config),
            organizations: management.as_ref().map(aws_sdk_organizations::Client::new),
            management: management.as_ref().map(aws_sdk_sts::Client::new),
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
