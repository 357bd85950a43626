//! IAM tells its news late: a role made a moment ago "does not exist", or is no valid principal yet, for seconds.
//! Which answers mean that, and how long they are waited for, is decided here, for every type.

use std::{future::Future, time::Duration};

use aws_smithy_types::error::metadata::ProvideErrorMetadata;

use crate::{
    error::{Failure, code},
    waits::{self, Answers},
};

/// AWS speaks of seconds; Terraform's provider, with the most practice, waits two minutes.
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot.html#troubleshoot_general_eventual-consistency>
const LIMIT: Duration = Duration::from_mins(2);

/// Answers that mean "IAM has not told me yet": a code, and words of the message where the code means more than that.
const UNTOLD: Answers = &[
    // policies that name a principal made a moment ago: KMS, IAM, S3, SQS and SNS, EventBridge
    ("MalformedPolicyDocumentException", &["principal"]),
    ("MalformedPolicyDocument", &["principal"]),
    ("MalformedPolicy", &["principal"]),
    ("InvalidAttributeValue", &["policy", "principal"]),
    ("InvalidParameter", &["principal"]),
    ("ValidationException", &["principal"]),
    // things that assume a role made a moment ago, or whose role has not got its rights yet
    // Firehose, which also asks Glue
    // <https://docs.aws.amazon.com/firehose/latest/dev/troubleshooting.html>; the last two are of other destinations
    (
        "InvalidArgumentException",
        &[
            "assume role",
            "is not authorized to",
            "access was denied",
            "assume iam role",
            "verify that the iam role has access",
        ],
    ),
    ("InvalidKMSResourceException", &["role", "is disabled", "is pending deletion"]),
    ("InvalidCloudWatchLogsRoleArnException", &[]),
    ("InvalidCloudWatchLogsLogGroupArnException", &["access denied"]),
    // the policies of a trail's bucket, key and topic: <https://github.com/hashicorp/terraform-provider-aws/issues/820>
    ("InsufficientS3BucketPolicyException", &[]),
    ("InsufficientEncryptionPolicyException", &[]),
    ("InsufficientSnsTopicPolicyException", &[]),
    // a trail's key that was taken up from its deletion a moment ago
    ("KmsException", &["disabled", "pending deletion"]),
    ("KmsKeyDisabledException", &[]),
    // the key policy of a log group's key, seen 2024-03: <https://github.com/hashicorp/terraform-provider-aws/issues/29282>
    ("AccessDeniedException", &["kms key does not exist or is not allowed to be used"]),
    ("InvalidParameterException", &["kms key id could not be found"]),
    // the policies of a queue, topic or function that S3 sends a test message to, and of their keys
    ("InvalidArgument", &["unable to validate the following destination"]),
    // a function's role, its key's grants, and where its failed events go: the words of the official provider
    // <https://github.com/hashicorp/terraform-provider-aws/blob/main/internal/service/lambda/function.go>; and whom its policy
    // lets in, "The provided principal was invalid": <https://github.com/hashicorp/terraform-provider-aws/issues/41617>
    ("InvalidParameterValueException", &["assume", "role", "creategrant", "destination arn", "principal"]),
    ("InvalidSmsRoleAccessPolicyException", &[]),
    ("InvalidSmsRoleTrustRelationshipException", &[]),
];

/// Whether an answer may be another one when IAM has spread its news.
pub fn is_untold<E: ProvideErrorMetadata>(failure: &Failure<E>) -> bool {
    waits::is_among(failure, UNTOLD)
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
    let passes = |failure: &Failure<E>| is_untold(failure) || code(failure).is_some_and(|c| more.contains(&c));
    waits::repeated(limit, passes, call).await
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

    #[test]
    fn late_news_is_told_from_what_is_wrong() {
        let answers = [
            (
                "InvalidArgumentException",
                "Firehose is unable to assume role arn:aws:iam::1:role/r. Please check it",
                true,
            ),
            ("InvalidArgumentException", "Access was denied when calling Glue.", true),
            ("InvalidArgumentException", "Could not assume IAM role arn:aws:iam::1:role/r", true),
            ("InvalidArgumentException", "Verify that the IAM role has access to the domain.", true),
            ("InvalidArgumentException", "BufferingHints.SizeInMBs must be at least 64", false),
            ("InsufficientS3BucketPolicyException", "Incorrect S3 bucket policy is detected for bucket: b", true),
            (
                "AccessDeniedException",
                "The specified KMS key does not exist or is not allowed to be used with Arn 'a'",
                true,
            ),
            ("AccessDeniedException", "User: u is not authorized to perform: logs:CreateLogGroup", false),
            ("InvalidParameterException", "The specified KMS Key Id could not be found. 'g'", true),
            ("InvalidArgument", "Unable to validate the following destination configurations", true),
            ("InvalidArgument", "The ARN is not well formed", false),
            ("InvalidParameterValueException", "The role defined for the function cannot be assumed by Lambda.", true),
            (
                "InvalidParameterValueException",
                "Lambda was unable to configure access to your environment variables because the KMS key is invalid for CreateGrant.",
                true,
            ),
            ("InvalidParameterValueException", "The provided principal was invalid. Please check the principal.", true),
            ("InvalidParameterValueException", "Unzipped size must be smaller than 262144000 bytes", false),
        ];
        for (code, message, untold) in answers {
            let error = PutKeyPolicyError::generic(ErrorMetadata::builder().code(code).message(message).build());
            let response = HttpResponse::new(StatusCode::try_from(400).unwrap(), SdkBody::empty());
            assert_eq!(is_untold(&SdkError::service_error(error, response)), untold, "{code}: {message}");
        }
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
