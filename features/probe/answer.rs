//! How AWS answers what is forbidden.

use aws_sdk_s3::error::{ProvideErrorMetadata, SdkError};

use crate::{
    refused::{is_denied, refused},
    world::{Failure, Judged},
};

/// What a call came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Answer {
    /// It was done, or would be.
    Done,
    /// It was denied.
    Denied {
        /// What denied it, as far as AWS says.
        by: By,
        /// AWS's words.
        message: String,
    },
}

/// What denies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum By {
    /// A statement of a service control policy.
    ServiceControl,
    /// A statement of the resource's own policy.
    Resource,
    /// No policy allows it; or AWS does not say what.
    Nothing,
}

impl By {
    /// As rows say it.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::ServiceControl => "a service control policy",
            Self::Resource => "a resource-based policy",
            Self::Nothing => "no policy that allows it",
        }
    }
}

/// EC2's answer to a call that would have been done.
const DRY_RUN: [&str; 2] = ["DryRunOperation", "Client.DryRunOperation"];

impl Answer {
    /// Reads the answer to a call.
    ///
    /// # Errors
    ///
    /// It failed for another reason than that it is denied.
    pub(crate) fn of<T, E>(call: &str, subject: &str, result: &Result<T, SdkError<E>>) -> Judged<Self>
    where
        E: ProvideErrorMetadata + std::error::Error + 'static,
    {
        let Err(error) = result else { return Ok(Self::Done) };
        let code = error.code();
        if code.is_some_and(|code| DRY_RUN.contains(&code)) {
            return Ok(Self::Done);
        }
        let status = error.raw_response().map(|response| response.status().as_u16());
        if is_denied(code, status) {
            let message = error.message().unwrap_or("it gives no reason").to_owned();
            return Ok(Self::Denied { by: by(&message), message });
        }
        Err(refused(call, subject, error))
    }

    /// Holds that it was denied by `wanted`. A refusal for another reason proves nothing.
    pub(crate) fn is_denied_by(&self, wanted: By, what: &str) -> Judged {
        match self {
            Self::Done => Err(format!("{what} is allowed").into()),
            Self::Denied { by, .. } if *by == wanted => Ok(()),
            Self::Denied { by, message } => Err(Failure::not_evaluated(format!(
                "{what} is denied by {}, so nothing shows what {} does: {message}",
                by.name(),
                wanted.name()
            ))),
        }
    }
}

/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html> (2026-11-26)
fn by(message: &str) -> By {
    let denies = |policy: &str| message.contains(&format!("with an explicit deny in a {policy}"));
    match () {
        () if denies("service control policy") => By::ServiceControl,
        () if denies("resource-based policy") => By::Resource,
        () => By::Nothing,
    }
}

#[cfg(test)]
mod tests {
    use super::{Answer, By, by};

    #[test]
    fn a_refusal_counts_only_with_its_reason() {
        let message =
            |rest: &str| format!("User: arn:aws:sts::1:assumed-role/r/s is not authorized to perform: a:B {rest}");
        let control = message("on resource: x with an explicit deny in a service control policy");
        assert_eq!(by(&control), By::ServiceControl);
        assert_eq!(by(&message("with an explicit deny in a resource-based policy")), By::Resource);
        for other in [
            "because no identity-based policy allows the a:B action",
            "with an explicit deny in an identity-based policy",
        ] {
            assert_eq!(by(&message(other)), By::Nothing, "{other}");
        }
        let denied = |by| Answer::Denied { by, message: "m".into() };
        assert!(denied(By::Resource).is_denied_by(By::Resource, "it").is_ok());
        let other = denied(By::Nothing).is_denied_by(By::Resource, "it").expect_err("another reason");
        assert!(other.is_unobserved(), "{other}");
        let done = Answer::Done.is_denied_by(By::Resource, "it").expect_err("it was done");
        assert!(!done.is_unobserved() && done.text() == "it is allowed");
    }
}
