//! Changing an organization: one change at a time, and what its refusals mean.

use std::future::Future;

use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use pulumi::provider::resource::Error;
use tokio::sync::Mutex;

use crate::{
    error::{self, Failure, code},
    waits::ORGANIZATION_IS_BUSY,
};

/// Organizations refuses a change while another one is made: our own do not come at once.
static TURN: Mutex<()> = Mutex::const_new(());

/// Makes a change when it is its turn, and again while the organization is busy.
pub async fn changed<T, E, C>(call: impl Fn() -> C) -> Result<T, Failure<E>>
where
    E: ProvideErrorMetadata,
    C: Future<Output = Result<T, Failure<E>>>,
{
    let call = || async {
        let _turn = TURN.lock().await;
        call().await
    };
    ORGANIZATION_IS_BUSY.out(call).await
}

/// The user's words for a failed call, with the way out.
pub(crate) fn failed<E: ProvideErrorMetadata + std::error::Error + 'static>(failure: Failure<E>) -> Error {
    let hint = code(&failure).and_then(hint);
    let error = error::failed(failure);
    match hint {
        Some(hint) => error.hint(hint),
        None => error,
    }
}

fn hint(code: &str) -> Option<&'static str> {
    match code {
        "AWSOrganizationsNotInUseException" => Some(
            "this account is in no organization: use the credentials of an organization's management account, or make \
             one: aws organizations create-organization --feature-set ALL",
        ),
        "AccessDeniedException" => Some(
            "an organization is changed from its management account, or from one it has delegated this to: use the \
             credentials of that account; the type's documentation lists the actions they need",
        ),
        "PolicyTypeNotEnabledException" => Some(
            "enable it: aws organizations enable-policy-type --policy-type SERVICE_CONTROL_POLICY --root-id with the \
             id that `aws organizations list-roots` shows, or `zone doctor --fix`",
        ),
        "PolicyTypeNotAvailableForOrganizationException" => Some(
            "the organization has consolidated billing alone: enable all its features: aws organizations \
             enable-all-features",
        ),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use std::{
        sync::atomic::{AtomicUsize, Ordering},
        time::Duration,
    };

    use aws_sdk_organizations::operation::attach_policy::AttachPolicyError;
    use aws_smithy_runtime_api::{
        client::{orchestrator::HttpResponse, result::SdkError},
        http::StatusCode,
    };
    use aws_smithy_types::{body::SdkBody, error::ErrorMetadata};

    use super::*;

    fn refused(code: &str) -> Failure<AttachPolicyError> {
        let error = AttachPolicyError::generic(ErrorMetadata::builder().code(code).message("no").build());
        SdkError::service_error(error, HttpResponse::new(StatusCode::try_from(400).unwrap(), SdkBody::empty()))
    }

    #[tokio::test]
    async fn changes_come_one_at_a_time_and_again_while_it_is_busy() {
        let (at_once, calls) = (AtomicUsize::new(0), AtomicUsize::new(0));
        let call = || async {
            assert_eq!(at_once.fetch_add(1, Ordering::SeqCst), 0, "two changes at once");
            tokio::time::sleep(Duration::from_millis(50)).await;
            at_once.fetch_sub(1, Ordering::SeqCst);
            if calls.fetch_add(1, Ordering::SeqCst) < 2 {
                Err(refused(ORGANIZATION_IS_BUSY.answers[0].0))
            } else {
                Ok(())
            }
        };
        let (a, b) = futures::future::join(changed(call), changed(call)).await;
        assert!(a.is_ok() && b.is_ok());
        assert_eq!(calls.into_inner(), 4);
    }

    #[tokio::test]
    async fn what_does_not_pass_is_said_at_once() {
        let began = tokio::time::Instant::now();
        assert!(changed(|| async { Err::<(), _>(refused("TargetNotFoundException")) }).await.is_err());
        assert!(began.elapsed() < Duration::from_secs(1));
    }

    #[test]
    fn refusals_have_a_way_out() {
        for code in [
            "AWSOrganizationsNotInUseException",
            "AccessDeniedException",
            "PolicyTypeNotEnabledException",
            "PolicyTypeNotAvailableForOrganizationException",
        ] {
            let error = failed(refused(code));
            assert!(error.message.starts_with(code), "{error}");
            assert!(error.hint.as_ref().is_some_and(|hint| hint.contains("organization")), "{error}");
        }
        assert_eq!(failed(refused("TargetNotFoundException")).hint, None);
    }
}
