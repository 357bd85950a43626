//! Changing an organization: one change at a time, and what its refusals mean.

use std::{future::Future, time::Duration};

use aws_sdk_organizations::types::{PolicyType, PolicyTypeStatus, Root};
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use pulumi::provider::resource::Error;
use tokio::sync::Mutex;

use crate::{
    ask::{Answer, ask},
    clients::Clients,
    error::{Failure, code},
    refusal::Refusal,
    waits::{self, ORGANIZATION_IS_BUSY},
};

/// Organizations refuses a change while another one is made: our own do not come at once.
static TURN: Mutex<()> = Mutex::const_new(());

const SCP: PolicyType = PolicyType::ServiceControlPolicy;
/// AWS enables a policy type within seconds.
const ENABLING: Duration = Duration::from_mins(2);

/// Makes a change when it is its turn, and again while the organization is busy.
pub(crate) async fn changed<T, E, C>(call: impl Fn() -> C) -> Result<T, Failure<E>>
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

/// Whether service control policies are enabled on a root.
pub fn has_control_policies(root: &Root) -> bool {
    let enabled = PolicyTypeStatus::Enabled;
    root.policy_types().iter().any(|kind| kind.r#type == Some(SCP) && kind.status.as_ref() == Some(&enabled))
}

/// The word for the organization's root where a target of a policy is configured.
pub const ROOT: &str = "root";

/// The root on which service control policies are not enabled; none when they are.
pub async fn disabled(management: &Clients) -> Answer<Option<String>> {
    let pages = management.organizations.list_roots().into_paginator().send();
    let pages = ask(pages.collect::<Result<Vec<_>, _>>()).await?;
    let mut roots = pages.into_iter().flat_map(|page| page.roots.unwrap_or_default());
    Ok(roots.find(|root| !has_control_policies(root)).and_then(|root| root.id))
}

/// Enables service control policies, and waits until AWS has. Returns what was done.
pub async fn enable(management: &Clients, root: &str) -> Answer<String> {
    enable_control_policies(management, root).await.map_err(|e| e.within("enabling service control policies"))?;
    Ok(format!("enabled service control policies on root {root} of the organization"))
}

/// Enables service control policies on a root, and waits until AWS has enabled them.
pub async fn enable_control_policies(clients: &Clients, root: &str) -> Result<(), Error> {
    let organizations = &clients.organizations;
    let call = organizations.enable_policy_type().root_id(root).policy_type(SCP);
    match changed(|| call.clone().send()).await.map_err(refused) {
        Err(refusal) if !refusal.is(&["PolicyTypeAlreadyEnabledException"]) => return Err(refusal.into()),
        _ => {}
    }
    let enabled = || async {
        let pages = organizations.list_roots().into_paginator().send().collect::<Result<Vec<_>, _>>().await;
        let is_it = |live: Root| live.id.as_deref() == Some(root) && has_control_policies(&live);
        let mut roots = pages.map_err(refused)?.into_iter().flat_map(|page| page.roots.unwrap_or_default());
        Ok(roots.any(is_it).then_some(()))
    };
    Ok(waits::until(ENABLING, "to be enabled", enabled).await?)
}

/// A failed call, with the way out.
pub(crate) fn refused<E: ProvideErrorMetadata + std::error::Error + 'static>(failure: Failure<E>) -> Refusal {
    let hint = code(&failure).and_then(hint);
    let refusal = Refusal::from(failure);
    match hint {
        Some(hint) => refusal.hint(hint),
        None => refusal,
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
    use serde_json::json;

    use super::*;
    use crate::stub::{Answer, Stub, done};

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

    #[tokio::test]
    async fn control_policies_are_enabled_when_the_organization_is_ready_and_waited_for() {
        let root = |status: Option<&str>| {
            let types = status.map(|status| json!([{ "Type": "SERVICE_CONTROL_POLICY", "Status": status }]));
            Answer::Json(json!({ "Roots": [{ "Id": "r-1", "PolicyTypes": types.unwrap_or(json!([])) }] }))
        };
        let script = move |refusal: Option<&'static str>| {
            Stub::new(move |asked| match (asked.operation.as_str(), asked.before, refusal) {
                ("EnablePolicyType", _, Some(code)) => Answer::Refused(code, "no"),
                ("EnablePolicyType", before, None) if before < ORGANIZATION_IS_BUSY.answers.len() => {
                    Answer::Refused(ORGANIZATION_IS_BUSY.answers[before].0, "busy")
                }
                ("ListRoots", 0, _) => root(None),
                ("ListRoots", 1..4, _) => root(Some("PENDING_ENABLE")),
                ("ListRoots", ..) => root(Some("ENABLED")),
                _ => done(asked),
            })
        };
        for (refusal, calls) in [(None, 4), (Some("PolicyTypeAlreadyEnabledException"), 1)] {
            let stub = script(refusal);
            let cx = stub.cx("aws:organizations/policy:Policy");
            assert_eq!(Stub::run(enable_control_policies(&cx.clients, "r-1")).await.0, Ok(()));
            assert_eq!((stub.asked("EnablePolicyType").len(), stub.asked("ListRoots").len()), (calls, 5));
        }
        let stub = script(Some("PolicyTypeNotAvailableForOrganizationException"));
        let cx = stub.cx("aws:organizations/policy:Policy");
        let (refused, waited) = Stub::run(enable_control_policies(&cx.clients, "r-1")).await;
        assert!(refused.expect_err("it is refused").hint.is_some_and(|hint| hint.contains("enable-all-features")));
        assert!(waited.is_zero());
        let stub = script(None);
        let cx = stub.cx("aws:organizations/policy:Policy");
        let other = Stub::run(enable_control_policies(&cx.clients, "r-2"));
        let (error, waited) = other.await;
        assert!(error.is_err() && waited >= ENABLING, "another root is not this one");
    }

    #[test]
    fn refusals_have_a_way_out() {
        let failed = |failure| Error::from(super::refused(failure));
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
