//! AWS's failures in the user's words, and the one place that knows which of them pass.

use std::error::Error as _;

use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use pulumi::provider::resource::Error;

use crate::network::proxy;

/// What came back from a call that failed.
pub type Failure<E> = SdkError<E, aws_smithy_runtime_api::client::orchestrator::HttpResponse>;

/// Codes that mean "later": AWS refused before it did anything. They are those of AWS's SDKs, without
/// `LimitExceededException`: the models of all services here (CloudWatch Logs, Cognito, EventBridge, Firehose, IAM,
/// KMS; read 2026-11-25) say of it that there are too many resources, which passes by no waiting.
const THROTTLED: [&str; 16] = [
    "BandwidthLimitExceeded",
    "EC2ThrottledException",
    "KMSThrottling",
    "KmsThrottled",
    "PriorRequestNotComplete",
    "ProvisionedThroughputExceededException",
    "RequestLimitExceeded",
    "RequestThrottled",
    "RequestThrottledException",
    "SlowDown",
    "Throttled",
    "ThrottledException",
    "Throttling",
    "ThrottlingException",
    "TooManyRequestsException",
    "TransactionInProgressException",
];

/// Whether a code means that AWS throttles a call. Services put a name of their own before some.
pub(crate) fn is_throttle(code: &str) -> bool {
    let own = code.rsplit('.').next().unwrap_or(code);
    THROTTLED.contains(&own)
}

/// The user's words for a failed call: `Code: message`, or what happened on the way.
#[expect(clippy::needless_pass_by_value, reason = "it is what `map_err` is given")]
pub fn failed<E: ProvideErrorMetadata + std::error::Error + 'static>(failure: Failure<E>) -> Error {
    if let SdkError::ServiceError(service) = &failure {
        let code = service.err().code();
        let error = Error::new(words(code, service.err().message(), service.raw().status().as_u16()));
        return match code.and_then(hint) {
            Some(hint) => error.hint(hint),
            None => error,
        };
    }
    let mut causes = vec![failure.to_string()];
    let mut source = failure.source();
    while let Some(cause) = source {
        let text = cause.to_string();
        if !causes.iter().any(|c| c.contains(&text)) {
            causes.push(text);
        }
        source = cause.source();
    }
    let text = causes.join(": ");
    let error = Error::new(text.clone());
    // no connection, whatever its words: of STS's endpoint they name credentials, too
    let unreached = matches!(&failure, SdkError::DispatchFailure(cause) if cause.is_io() || cause.is_timeout());
    if text.contains("credentials-login") {
        return error.hint(
            "profiles of `aws login` are not supported: run `eval \"$(aws configure export-credentials --profile NAME --format env)\"` \
             and leave `profile` out, or use a profile of `aws sso login`",
        );
    }
    if !unreached && text.contains("credential") {
        return error
            .hint("sign in for this profile or role, and run it again (for SSO: `aws sso login --profile NAME`)");
    }
    match &failure {
        SdkError::DispatchFailure(_) | SdkError::TimeoutError(_) => error.hint(match proxy() {
            Some(proxy) => {
                format!("check the network, the endpoint, and the proxy `{proxy}`; run it again to go on")
            }
            None => "check the network and the endpoint; run it again to go on".to_owned(),
        }),
        _ => error,
    }
}

/// AWS's code and message, as far as it gave them: the answer to a HEAD has neither.
fn words(code: Option<&str>, message: Option<&str>, status: u16) -> String {
    match (code, message.filter(|message| !message.is_empty())) {
        (Some(code), Some(message)) => format!("{code}: {message}"),
        (Some(only), None) | (None, Some(only)) => format!("{only} (status {status})"),
        (None, None) => format!("AWS answered with status {status}, and no word why"),
    }
}

fn hint(code: &str) -> Option<&'static str> {
    match code {
        "AccessDenied" | "AccessDeniedException" | "UnauthorizedOperation" => Some(
            "the credentials in use lack this permission, or an SCP denies it; the type's documentation lists the actions it needs",
        ),
        "ExpiredToken" | "ExpiredTokenException" | "RequestExpired" => {
            Some("the credentials have expired: sign in again and run it again")
        }
        "InvalidClientTokenId" | "UnrecognizedClientException" | "SignatureDoesNotMatch" => {
            Some("AWS does not know these credentials: check the profile")
        }
        "DependencyViolation" => Some(
            "something that this deployment did not make, or cannot see, still uses it: network interfaces are what most often does",
        ),
        throttle if is_throttle(throttle) => {
            Some("AWS throttled this call for minutes: run it again to go on, or ask AWS to raise the limit")
        }
        "QueueDeletedRecently" | "AWS.SimpleQueueService.QueueDeletedRecently" => {
            Some("AWS keeps a deleted queue's name for 60 s: run it again after that")
        }
        _ => None,
    }
}

/// The error code, when AWS itself answered.
pub fn code<E: ProvideErrorMetadata>(failure: &Failure<E>) -> Option<&str> {
    match failure {
        SdkError::ServiceError(service) => service.err().code(),
        _ => None,
    }
}

/// Turns "there is no such thing" into `None`.
pub fn found<T, E>(result: Result<T, Failure<E>>, absent: &[&str]) -> Result<Option<T>, Error>
where
    E: ProvideErrorMetadata + std::error::Error + 'static,
{
    match result {
        Ok(found) => Ok(Some(found)),
        Err(failure) if code(&failure).is_some_and(|c| absent.contains(&c)) => Ok(None),
        Err(failure) => Err(failed(failure)),
    }
}

/// Turns "it is gone already" into success.
pub fn gone<T, E>(result: Result<T, Failure<E>>, absent: &[&str]) -> Result<(), Error>
where
    E: ProvideErrorMetadata + std::error::Error + 'static,
{
    found(result, absent).map(drop)
}

/// What to do about a failed call that must not be made twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// AWS refused it for now: make it again.
    Refused,
    /// The answer got lost, or AWS broke: it may have been carried out.
    Ambiguous,
    /// AWS said no.
    Final,
}

/// Judges a failed call.
pub fn verdict<E: ProvideErrorMetadata>(failure: &Failure<E>) -> Verdict {
    match failure {
        SdkError::DispatchFailure(dispatch) if dispatch.is_user() => Verdict::Final,
        SdkError::TimeoutError(_) | SdkError::DispatchFailure(_) | SdkError::ResponseError(_) => Verdict::Ambiguous,
        SdkError::ServiceError(service) => match service.err().code() {
            code if code.is_some_and(is_throttle) || service.raw().status().as_u16() == 429 => Verdict::Refused,
            _ if service.raw().status().as_u16() >= 500 => Verdict::Ambiguous,
            _ => Verdict::Final,
        },
        _ => Verdict::Final,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_aws_did_not_say_is_not_made_up() {
        assert_eq!(words(Some("NoSuchKey"), Some("There is none."), 404), "NoSuchKey: There is none.");
        assert_eq!(words(Some("NotFound"), None, 404), "NotFound (status 404)");
        assert_eq!(words(None, Some(""), 403), "AWS answered with status 403, and no word why");
    }
}
