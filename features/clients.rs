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

use crate::target::Target;

/// One client per service that is looked at.
#[derive(Debug, Clone)]
pub(crate) struct Clients {
    pub(crate) events: aws_sdk_eventbridge::Client,
    pub(crate) kms: aws_sdk_kms::Client,
    pub(crate) s3: aws_sdk_s3::Client,
    pub(crate) sqs: aws_sdk_sqs::Client,
    pub(crate) ssm: aws_sdk_ssm::Client,
    pub(crate) sts: aws_sdk_sts::Client,
}

impl Clients {
    /// Connects to nothing yet; the first call does.
    pub(crate) async fn new(target: &Target) -> Self {
        let config = config(target).await;
        let s3 = aws_sdk_s3::config::Builder::from(&config)
            // an emulator has one host name, no bucket.host
            .force_path_style(target.endpoint.is_some())
            .build();
        Self {
            events: aws_sdk_eventbridge::Client::new(&config),
            kms: aws_sdk_kms::Client::new(&config),
            s3: aws_sdk_s3::Client::from_conf(s3),
            sqs: aws_sdk_sqs::Client::new(&config),
            ssm: aws_sdk_ssm::Client::new(&config),
            sts: aws_sdk_sts::Client::new(&config),
        }
    }
}

async fn config(target: &Target) -> SdkConfig {
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
    if let Some(profile) = &target.profile {
        loader = loader.profile_name(profile);
    }
    let config = loader.load().await;
    let Some(role) = &target.role_arn else { return config };
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
