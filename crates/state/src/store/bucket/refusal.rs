//! What S3 refused, and why: whether another attempt can help, and what the user can do.

use std::{error::Error, time::Duration};

use aws_sdk_s3::error::{ProvideErrorMetadata, SdkError};
use aws_smithy_runtime_api::client::{orchestrator::HttpResponse, result::DispatchFailure};

use super::Place;
use crate::error::{Exit, Failure};

/// What S3 answers to an S3 that does not know conditional writes.
pub(super) const UNCONDITIONAL: &str = "keep the state in a folder, or in a bucket of AWS: without conditional writes two runs \
                                        can overwrite each other's state";

/// What was to be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Action {
    Read,
    Write,
    Delete,
    List,
    ReadVersion,
    ListVersions,
}

impl Action {
    /// As a message begins.
    fn doing(self) -> &'static str {
        match self {
            Self::Read => "reading object",
            Self::Write => "writing object",
            Self::Delete => "deleting object",
            Self::List => "listing objects",
            Self::ReadVersion => "reading a version of object",
            Self::ListVersions => "listing the versions of object",
        }
    }

    /// The permission it needs.
    fn permission(self) -> &'static str {
        match self {
            // without the second one, S3 denies access to an object that does not exist
            Self::Read => "`s3:GetObject` and `s3:ListBucket`",
            Self::Write => "`s3:PutObject`",
            Self::Delete => "`s3:DeleteObject`",
            Self::List => "`s3:ListBucket`",
            Self::ReadVersion => "`s3:GetObjectVersion`",
            Self::ListVersions => "`s3:ListBucketVersions`",
        }
    }
}

/// What came of an attempt.
pub(super) type Attempt<T> = Result<T, Refusal>;

/// An attempt that failed.
#[derive(Clone, Debug)]
pub(super) struct Refusal {
    status: u16,
    code: String,
    message: String,
    /// The region of the bucket, where S3 says it.
    region: Option<String>,
    /// Whether it passes: another attempt can succeed.
    pub(super) passes: bool,
    /// How long it was tried.
    tried: Duration,
}

/// What S3 answers when it is busy with itself or with another write.
/// <https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html>, read 2026-11.
const PASSING: &[&str] = &[
    "ConditionalRequestConflict",
    "InternalError",
    "OperationAborted",
    "RequestLimitExceeded",
    "RequestTimeout",
    "ServiceUnavailable",
    "SlowDown",
    "TemporaryRedirect",
    "Throttling",
    "ThrottlingException",
    "TooManyRequestsException",
];

/// What S3 answers when the bucket is in another region than the client.
const ELSEWHERE: &[&str] = &["PermanentRedirect", "AuthorizationHeaderMalformed", "IllegalLocationConstraintException"];

impl<E: ProvideErrorMetadata + Error + 'static> From<SdkError<E, HttpResponse>> for Refusal {
    fn from(error: SdkError<E, HttpResponse>) -> Self {
        let response = error.raw_response();
        let status = response.map_or(0, |response| response.status().as_u16());
        let region = response.and_then(|response| response.headers().get("x-amz-bucket-region")).map(str::to_owned);
        let code = error.code().unwrap_or_default().to_owned();
        let passes = match &error {
            SdkError::TimeoutError(_) | SdkError::ResponseError(_) => true,
            SdkError::DispatchFailure(failure) => is_cut(failure),
            _ => PASSING.contains(&code.as_str()) || matches!(status, 429 | 500 | 502..=504),
        };
        let message = match error.message() {
            Some(message) => message.to_owned(),
            None => last_cause(&error),
        };
        Self { status, code, message, region, passes, tried: Duration::ZERO }
    }
}

/// Whether the connection failed; otherwise the request could not even be made, for want of credentials say.
fn is_cut(failure: &DispatchFailure) -> bool {
    failure.is_io() || failure.is_timeout() || failure.as_other().is_some()
}

/// What is at the end of a chain of errors: those before it say where it passed through.
fn last_cause(error: &(dyn Error + 'static)) -> String {
    let mut last = error;
    while let Some(cause) = last.source() {
        last = cause;
    }
    last.to_string()
}

impl Refusal {
    fn passing(message: String) -> Self {
        Self { status: 0, code: String::new(), message, region: None, passes: true, tried: Duration::ZERO }
    }

    /// An answer that ended before its end.
    pub(super) fn cut(error: &(dyn Error + 'static)) -> Self {
        Self::passing(last_cause(error))
    }

    /// An answer that did not come.
    pub(super) fn slow(after: Duration) -> Self {
        Self::passing(format!("no answer within {} s", after.as_secs_f64()))
    }

    /// The same, as the last one of attempts that took so long.
    pub(super) fn after(self, tried: Duration) -> Self {
        Self { tried, ..self }
    }

    /// Whether it has this code.
    pub(super) fn is(&self, code: &str) -> bool {
        // a conditional GET or an old server may answer with the status alone
        self.code == code || (self.code.is_empty() && self.status == 412 && code == "PreconditionFailed")
    }

    fn is_elsewhere(&self) -> bool {
        self.status == 301 || ELSEWHERE.contains(&self.code.as_str())
    }

    /// As the user reads it.
    pub(super) fn failure(self, action: Action, key: &str, place: &Place) -> Failure {
        let (cause, hint) = self.explained(action, place);
        let doing = action.doing();
        let key = if action == Action::List { format!("{key}*") } else { key.to_owned() };
        let failure = Failure::new(Exit::Failed, format!("{doing} `{key}` in `{}`: {cause}", place.name()));
        failure.maybe(hint)
    }

    /// The cause, and what to do about it.
    fn explained(&self, action: Action, place: &Place) -> (String, Option<String>) {
        let Place { bucket, region, owner, .. } = place;
        let said = self.said();
        let hinted = |hint: String| (said.clone(), Some(hint));
        match self.code.as_str() {
            "NoSuchBucket" => (
                format!("bucket `{bucket}` does not exist"),
                Some(
                    "check the name of the bucket in the configuration, and the account of the credentials".to_owned(),
                ),
            ),
            _ if self.is_elsewhere() => match self.region.as_ref().filter(|there| *there != region) {
                Some(there) => (
                    format!("bucket `{bucket}` is in region `{there}`, not in `{region}`"),
                    Some(format!("set the region of the state to `{there}`")),
                ),
                None => hinted(format!("check the region of bucket `{bucket}`: `{region}` is configured")),
            },
            "AccessDenied" if self.message.contains("kms:") => hinted(format!(
                "allow `kms:GenerateDataKey` and `kms:Decrypt` on the key that encrypts bucket `{bucket}`"
            )),
            "AccessDenied" => {
                let not_ours = owner.as_ref().map_or(String::new(), |owner| {
                    format!("; S3 also answers this when the bucket does not belong to account `{owner}`")
                });
                hinted(format!("allow {} on bucket `{bucket}`{not_ours}", action.permission()))
            }
            code if code.starts_with("KMS.") => {
                hinted(format!("the key that encrypts bucket `{bucket}` has to exist and to be enabled"))
            }
            "RequestTimeTooSkewed" => {
                hinted("set the clock of this machine: it is more than 15 minutes wrong".to_owned())
            }
            "ExpiredToken" | "InvalidAccessKeyId" | "InvalidToken" | "SignatureDoesNotMatch" => {
                hinted("renew the AWS credentials, and run it again".to_owned())
            }
            _ if self.status == 501 => {
                ("this S3 does not support conditional writes".to_owned(), Some(UNCONDITIONAL.to_owned()))
            }
            _ if self.passes => (
                format!("no success after {:.0} s: {said}", self.tried.as_secs_f64()),
                Some("check the network between this machine and S3, and run it again".to_owned()),
            ),
            _ => (said, None),
        }
    }

    /// In the words of S3.
    fn said(&self) -> String {
        match (self.code.as_str(), self.message.as_str()) {
            ("", "") => format!("status {}", self.status),
            ("", message) => message.to_owned(),
            (code, "") => code.to_owned(),
            (code, message) => format!("{code}: {message}"),
        }
    }
}
