//! What a call that failed means: something about the zone, or something about us who look at it.

use aws_sdk_ssm::error::{ProvideErrorMetadata, SdkError};

use crate::{actions, world::Failure};

/// The caller lacks the right. Each family of services has its own word.
const DENIED: [&str; 8] = [
    "AccessDenied",
    "AccessDeniedException",
    "AccessDeniedForDependencyException",
    "AuthorizationError",
    "AuthorizationErrorException",
    "Client.UnauthorizedOperation",
    "NotAuthorized",
    "UnauthorizedOperation",
];
/// The caller is nobody, or nobody any more.
const UNKNOWN: [&str; 8] = [
    "AuthFailure",
    "ExpiredToken",
    "ExpiredTokenException",
    "InvalidClientTokenId",
    "InvalidAccessKeyId",
    "MissingAuthenticationToken",
    "RequestExpired",
    "UnrecognizedClientException",
];
/// Asked too often. `LimitExceededException` is not here: of most services it is a quota of things, not of calls.
const TOO_OFTEN: [&str; 10] = [
    "EC2ThrottledException",
    "RequestLimitExceeded",
    "RequestThrottled",
    "RequestThrottledException",
    "SlowDown",
    "ThrottledException",
    "Throttling",
    "ThrottlingException",
    "TooManyRequests",
    "TooManyRequestsException",
];

/// A call that failed, as a reason: what was called, on what, and the code and message that came back.
///
/// What tells of the observer, a missing right, a throttle, a time-out, says nothing about the zone: it is not evaluated,
/// with the name of the right that is missing.
pub(crate) fn refused<E>(call: &str, subject: &str, error: &SdkError<E>) -> Failure
where
    E: ProvideErrorMetadata + std::error::Error + 'static,
{
    let status = error.raw_response().map(|response| response.status().as_u16());
    let answer = match (error.code(), error.message()) {
        (Some(code), Some(message)) => format!("{code}: {message}"),
        (Some(code), None) => code.to_owned(),
        // no answer of AWS: the way there failed, and each cause knows a little more
        _ => std::iter::successors(Some(error as &dyn std::error::Error), |error| error.source())
            .map(ToString::to_string)
            .collect::<Vec<_>>()
            .join(": "),
    };
    judged(call, subject, error.as_service_error().and(error.code()), status, &answer)
}

/// Whether an answer says that the caller lacks the right.
pub(crate) fn is_denied(code: Option<&str>, status: Option<u16>) -> bool {
    // what answers HEAD has no body, so no code
    code.map_or(status == Some(403), |code| DENIED.contains(&code))
}

fn judged(call: &str, subject: &str, code: Option<&str>, status: Option<u16>, answer: &str) -> Failure {
    let is = |codes: &[&str]| code.is_some_and(|code| codes.contains(&code));
    let text = format!("{call} of `{subject}`: {answer}");
    if is_denied(code, status) {
        let right = actions::of(call);
        return Failure::not_evaluated(format!("the caller may not do {right} on `{subject}`: {answer}"));
    }
    let answered = status.is_some_and(|status| (400..500).contains(&status));
    if is(&UNKNOWN) || is(&TOO_OFTEN) || !answered {
        return Failure::not_evaluated(text);
    }
    text.into()
}

#[cfg(test)]
mod tests {
    use super::judged;

    #[test]
    fn what_tells_of_the_observer_is_no_judgement_of_the_zone() {
        let denied = judged("s3:GetBucketEncryption", "b", Some("AccessDenied"), Some(403), "AccessDenied: no");
        assert!(denied.is_unobserved());
        assert_eq!(denied.text(), "the caller may not do s3:GetEncryptionConfiguration on `b`: AccessDenied: no");
        for (code, status) in [
            (Some("UnauthorizedOperation"), Some(403)),
            (Some("AuthorizationError"), Some(403)),
            (Some("ThrottlingException"), Some(400)),
            (Some("Throttling"), Some(400)),
            (Some("SlowDown"), Some(503)),
            (Some("ExpiredTokenException"), Some(400)),
            (Some("InternalFailure"), Some(500)),
            // HeadBucket
            (None, Some(403)),
            // a time-out, a connection that was cut
            (None, None),
        ] {
            assert!(judged("a:B", "c", code, status, "").is_unobserved(), "{code:?} {status:?}");
        }
    }

    #[test]
    fn what_tells_of_the_zone_is_a_failure() {
        for (code, status) in [
            (Some("NoSuchBucket"), Some(404)),
            (Some("NotFoundException"), Some(400)),
            (Some("ResourceNotFoundException"), Some(400)),
            (Some("NoSuchEntity"), Some(404)),
            (Some("LimitExceededException"), Some(400)),
            (None, Some(404)),
        ] {
            let failure = judged("a:B", "c", code, status, "gone");
            assert!(!failure.is_unobserved(), "{code:?} {status:?}");
            assert_eq!(failure.text(), "a:B of `c`: gone");
        }
    }
}
