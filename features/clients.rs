//! AWS clients for one target, and how a refused call is told.

use std::time::Duration;

use aws_config::{BehaviorVersion, Region, SdkConfig, retry::RetryConfig, sts::AssumeRoleProvider};
use aws_credential_types::{Credentials, provider::SharedCredentialsProvider};
use aws_sdk_ssm::error::{ProvideErrorMetadata, SdkError};
use aws_smithy_http_client::{
    Builder,
    tls::{self, rustls_provider::CryptoMode},
};
use aws_smithy_types::timeout::TimeoutConfig;

use crate::target::{Access, Target};

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
}

impl Clients {
    /// Connects to nothing yet; the first call does.
    pub(crate) async fn new(target: &Target) -> Self {
        let config = config(target, &target.access).await;
        let management = match &target.management {
            Some(access) => Some(aws_sdk_organizations::Client::new(&self::config(target, access).await)),
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
            organizations: management,
        }
    }
}

async fn config(target: &Target, access: &Access) -> SdkConfig {
    let http = Builder::new().tls_provider(tls::Provider::Rustls(CryptoMode::Ring)).build_https();
    let mut loader = aws_config::defaults(BehaviorVersion::v2026_01_12())
        .http_client(http)
        .region(Region::new(target.region.clone()))
        .retry_config(RetryConfig::standard().with_max_attempts(5))
        // a call that hangs must end as a failure with a name, not as a run without an end
        .timeout_config(TimeoutConfig::builder().operation_timeout(Duration::from_mins(1)).build());
    if let Some(endpoint) = &target.endpoint {
        loader = loader
            .endpoint_url(endpoint)
            .credentials_provider(Credentials::new("test", "test", None, None, "emulator"));
    }
    if let Some(profile) = &access.profile {
        loader = loader.profile_name(profile);
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

/// A refused call as text: what was called, on what, and the code and message that came back.
pub(crate) fn refused<E, R>(call: &str, subject: &str, error: &SdkError<E, R>) -> String
where
    E: ProvideErrorMetadata + std::error::Error + 'static,
    R: std::fmt::Debug + 'static,
{
    let answer = match (error.code(), error.message()) {
        (Some(code), Some(message)) => format!("{code}: {message}"),
        (Some(code), None) => code.to_owned(),
        // no answer of AWS: the way there failed, and each cause knows a little more
        _ => std::iter::successors(Some(error as &dyn std::error::Error), |error| error.source())
            .map(ToString::to_string)
            .collect::<Vec<_>>()
            .join(": "),
    };
    format!("{call} of `{subject}`: {answer}")
}
