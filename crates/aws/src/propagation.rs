//! IAM tells its news late: a role made a moment ago "does not exist", or is no valid principal yet, for seconds.
//! Which answers mean that, and how long they are waited for, is decided here, for every type.

use std::{future::Future, time::Duration};

use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use tokio::time::Instant;

use crate::{
    error::{Failure, code},
    recovery::back_off,
};

/// AWS speaks of seconds; Terraform's provider, with the most practice, waits two minutes.
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot.html#troubleshoot_general_eventual-consistency>
const LIMIT: Duration = Duration::from_mins(2);

/// Answers that mean "IAM has not told me yet": a code, and words of the message where the code means more than that.
const UNTOLD: &[(&str, &[&str])] = &[
    // policies that name a principal made a moment ago: KMS, IAM, S3, SQS and SNS, EventBridge
    ("MalformedPolicyDocumentException", &["principal"]),
    ("MalformedPolicyDocument", &["principal"]),
    ("MalformedPolicy", &["principal"]),
    ("InvalidAttributeValue", &["policy", "principal"]),
    ("InvalidParameter", &["principal"]),
    ("ValidationException", &["principal"]),
    // things that assume a role made a moment ago, or whose role has not got its rights yet
    ("InvalidArgumentException", &["assume role", "is not authorized to perform"]),
    ("InvalidKMSResourceException", &["role"]),
    ("InvalidCloudWatchLogsRoleArnException", &[]),
    ("InvalidCloudWatchLogsLogGroupArnException", &["access denied"]),
    ("InvalidParameterValueException", &["assume", "role"]),
    ("InvalidSmsRoleTrustRelationshipException", &[]),
];

/// Whether an answer may be another one when IAM has spread its news.
pub fn is_untold<E: ProvideErrorMetadata>(failure: &Failure<E>) -> bool {
    let Some(code) = code(failure) else { return false };
    let message = failure.as_service_error().and_then(ProvideErrorMetadata::message).unwrap_or_default().to_lowercase();
    let means = |(known, words): &(&str, &[&str])| {
        *known == code && (words.is_empty() || words.iter().any(|word| message.contains(word)))
    };
    UNTOLD.iter().any(means)
}

/// Makes a call that needs what IAM was told a moment ago; `more` are codes which mean the same for this call alone,
/// such as `NoSuchEntity` of the role that a policy is put on.
pub async fn told<T, E, C>(more: &[&str], call: impl Fn() -> C) -> Result<T, Failure<E>>
where
    E: ProvideErrorMetadata,
    C: Future<Output = Result<T, Failure<E>>>,
{
    told_within(LIMIT, more, call).await
}

async fn told_within<T, E, C>(limit: Duration, more: &[&str], call: impl Fn() -> C) -> Result<T, Failure<E>>
where
    E: ProvideErrorMetadata,
    C: Future<Output = Result<T, Failure<E>>>,
{
    let end = Instant::now() + limit;
    let mut attempt = 1;
    loop {
        match call().await {
            Err(failure)
                if Instant::now() < end
                    && (is_untold(&failure) || code(&failure).is_some_and(|c| more.contains(&c))) =>
            {
                tokio::time::sleep(back_off(attempt)).await;
                attempt += 1;
            }
            other => return other,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use aws_sdk_kms::{operation::put_key_policy::PutKeyPolicyError, types::error::MalformedPolicyDocumentException};
    use aws_smithy_runtime_api::{
        client::{orchestrator::HttpResponse, result::SdkError},
        http::StatusCode,
    };
    use aws_smithy_types::{body::SdkBody, error::ErrorMetadata};

    use super::*;

    fn refused(message: &str) -> Failure<PutKeyPolicyError> {
        let meta = ErrorMetadata::builder().code("MalformedPolicyDocumentException").message(message).build();
        let error = MalformedPolicyDocumentException::builder().message(message).meta(meta).build();
        let response = HttpResponse::new(StatusCode::try_from(400).unwrap(), SdkBody::empty());
        SdkError::service_error(PutKeyPolicyError::MalformedPolicyDocumentException(error), response)
    }

    #[tokio::test]
    async fn a_principal_that_is_not_known_yet_is_waited_for() {
        let calls = AtomicUsize::new(0);
        let call = || async {
            let n = calls.fetch_add(1, Ordering::Relaxed);
            if n < 3 { Err(refused("Policy contains a statement with one or more invalid principals.")) } else { Ok(n) }
        };
        assert_eq!(told(&[], call).await.unwrap(), 3);
    }

    #[tokio::test]
    async fn a_policy_that_is_wrong_is_said_at_once() {
        let calls = AtomicUsize::new(0);
        let call = || async {
            calls.fetch_add(1, Ordering::Relaxed);
            Err::<(), _>(refused("Syntax errors in policy."))
        };
        assert!(told(&[], call).await.is_err());
        assert_eq!(calls.into_inner(), 1);
    }

    #[tokio::test]
    async fn waiting_has_an_end() {
        let (calls, limit) = (AtomicUsize::new(0), Duration::from_millis(50));
        let call = || async {
            calls.fetch_add(1, Ordering::Relaxed);
            Err::<(), _>(refused("invalid principal"))
        };
        assert!(told_within(limit, &[], call).await.is_err());
        assert!(calls.into_inner() > 1, "it was asked again, and given up");
    }
}
