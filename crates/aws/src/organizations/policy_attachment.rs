//! A policy that binds a root, an organizational unit or an account of an organization.
//!
//! Calls: AttachPolicy, ListTargetsForPolicy, DetachPolicy.
//! IAM: `organizations:` + each of these, in the management account or in one that it has delegated this to.
//!
//! - Attaching what is attached is success. The policy's type has to be enabled in the root.
//! - A target has ten SCPs at most (since 2026-05-15), AWS's own `FullAWSAccess` among them, and one at least.
//! - No SCP binds the management account.

use aws_sdk_organizations::{operation::attach_policy::AttachPolicyError, types::ConstraintViolationExceptionReason};

use super::policy;
use crate::{
    error::Failure,
    organization::{changed, refused},
    prelude::*,
};

/// A policy that binds a root, an organizational unit or an account of an organization.
#[derive(Clone, Debug, Resource)]
#[resource(
    token = "aws:organizations/policyAttachment:PolicyAttachment",
    noun = "attachment of organization policy",
    handle = PolicyAttachment,
    no_outputs
)]
pub struct Inputs {
    /// Id of the policy.
    #[resource(replace)]
    pub policy_id: String,
    /// Id of what the policy binds: of a root, an organizational unit or an account.
    #[resource(replace)]
    pub target_id: String,
    /// Whether the policy stays attached when the program no longer has the attachment.
    #[resource(unread, default = false)]
    pub skip_destroy: bool,
}

/// How long a policy made a moment ago may be unknown.
const YOUTH: Duration = Duration::from_secs(30);

impl Setting for PolicyAttachment {
    const ABSENT: Codes = &["PolicyNotAttachedException", "PolicyNotFoundException", "TargetNotFoundException"];

    fn id_of(inputs: &Inputs) -> String {
        format!("{}:{}", inputs.target_id, inputs.policy_id)
    }

    fn check(checks: &mut Checks<'_>) {
        let Some(target) = checks.text("targetId") else { return };
        let is_account = target.len() == 12 && target.bytes().all(|byte| byte.is_ascii_digit());
        if is_account || target.starts_with("r-") || target.starts_with("ou-") {
            return;
        }
        let mut reason = format!("this has to be the id of a root, an organizational unit or an account: `{target}`");
        if target.is_empty() {
            reason += "; when it came from getOrganization, the credentials may not list the roots";
        }
        checks.wrong("targetId", reason);
    }

    async fn put(cx: &Cx, old: Option<&Inputs>, new: &Inputs) -> Answer {
        if old.is_some() {
            // only `skipDestroy` can have changed, which is in the state alone
            return Ok(());
        }
        let target = &new.target_id;
        let call = cx.clients.organizations.attach_policy().policy_id(&new.policy_id).target_id(target);
        let attach = || changed(|| call.clone().send());
        let attached = recovery::settled_within(YOUTH, policy::ABSENT, attach).await;
        let is_full = attached.as_ref().is_err_and(is_at_limit);
        match attached.map_err(refused) {
            Err(refusal) if refusal.is(&["DuplicatePolicyAttachmentException"]) => Ok(()),
            Err(refusal) if is_full => Err(refusal.hint(format!(
                "`{target}` has as many policies of this type as AWS allows: detach one, or merge two into one: aws \
                 organizations list-policies-for-target --filter SERVICE_CONTROL_POLICY --target-id {target}"
            ))),
            attached => attached.done(),
        }
    }

    async fn read(cx: &Cx, id: &str) -> Answer<Option<Inputs>> {
        let (target, policy) = parts(id)?;
        let pages = cx.clients.organizations.list_targets_for_policy().policy_id(policy).into_paginator().send();
        let pages = pages.collect::<Result<Vec<_>, _>>().await.map_err(refused)?;
        let mut targets = pages.into_iter().flat_map(|page| page.targets.unwrap_or_default());
        let inputs = Inputs { policy_id: policy.to_owned(), target_id: target.to_owned(), skip_destroy: false };
        Ok(targets.any(|live| live.target_id.as_deref() == Some(target)).then_some(inputs))
    }

    async fn reset(cx: &Cx, id: &str, inputs: &Inputs) -> Answer {
        if inputs.skip_destroy {
            cx.log.info(&cx.urn, &format!("left policy and target `{id}` attached: `skipDestroy`")).await;
            return Ok(());
        }
        let call = cx.clients.organizations.detach_policy().policy_id(&inputs.policy_id).target_id(&inputs.target_id);
        changed(|| call.clone().send()).await.map_err(refused).done()
    }
}

/// Target and policy out of an id.
fn parts(id: &str) -> Answer<(&str, &str)> {
    let form = "it consists of the target's id and the policy's: TARGET:POLICY";
    resource::parts(id, ':', "does not name the target and the policy", form)
}

/// Whether AWS refused because the target has as many policies of this type as it may.
fn is_at_limit(failure: &Failure<AttachPolicyError>) -> bool {
    let Some(AttachPolicyError::ConstraintViolationException(violation)) = failure.as_service_error() else {
        return false;
    };
    violation.reason() == Some(&ConstraintViolationExceptionReason::MaxPolicyTypeAttachmentLimitExceeded)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::{
        stub::{
            done, inputs,
            late::{Late, Refusal, is_waited_out, wholly},
        },
        testing::{Account, Bench, CustomResource as _, Set},
        waits::ORGANIZATION_IS_BUSY,
    };

    const TOKEN: &str = "aws:organizations/policyAttachment:PolicyAttachment";
    const POLICY: &str = "aws:organizations/policy:Policy";
    const DENY: &str =
        r#"{"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Action": "kms:CreateKey", "Resource": "*"}]}"#;

    const BUSY: &[Refusal] = &[
        ("ConcurrentModificationException", ""),
        ("PolicyChangesInProgressException", ""),
        ("FinalizingOrganizationException", ""),
    ];

    #[tokio::test]
    async fn a_new_policy_is_attached_when_it_is_known_and_the_organization_is_not_busy() {
        let attachment: Inputs = inputs(&json!({ "policyId": "p-1", "targetId": "r-1" }));
        let late: &[Late] = &[
            ("AttachPolicy", ORGANIZATION_IS_BUSY.limit, BUSY),
            ("AttachPolicy", YOUTH, &[("PolicyNotFoundException", "")]),
            ("DetachPolicy", ORGANIZATION_IS_BUSY.limit, BUSY),
        ];
        let life = async |cx: Cx| {
            wholly(Set::<PolicyAttachment>::create(&cx, &attachment).await?)?;
            Set::<PolicyAttachment>::delete(&cx, "r-1:p-1", &attachment).await
        };
        is_waited_out(TOKEN, late, done, life).await;
    }

    crate::lifecycle! {
        account: Account::Management,
        token: "aws:organizations/policyAttachment:PolicyAttachment",
        needs: [("aws:organizations/policy:Policy", { "name": "scp-{unique}", "content": DENY })],
        sample: { "policyId": "${0.id}", "targetId": "111122223333" },
        change: { "skipDestroy": true },
    }

    /// A unit of its own, so that tests do not get into each other's way.
    async fn unit(bench: &Bench) -> String {
        let organizations = bench.clients(Account::Management).await.organizations;
        let roots = organizations.list_roots().send().await.expect("roots").roots.unwrap_or_default();
        let root = roots.first().and_then(|root| root.id.clone()).expect("a root");
        let made = organizations.create_organizational_unit().name(bench.unique()).parent_id(root).send().await;
        made.expect("a unit").organizational_unit.and_then(|unit| unit.id).expect("its id")
    }

    #[tokio::test]
    async fn attaching_again_is_success_and_an_attached_policy_is_not_deleted() {
        let mut bench = Bench::new(Account::Management).await;
        let unit = unit(&bench).await;
        let policy = bench.create(POLICY, &json!({ "name": "twice-{unique}", "content": DENY })).await;
        let inputs = json!({ "policyId": "${0.id}", "targetId": unit });
        let first = bench.create(TOKEN, &inputs).await;
        let second = bench.create(TOKEN, &inputs).await;
        assert_eq!(first.id, format!("{unit}:{}", policy.id));
        assert_eq!(first.id, second.id);
        let refused = bench.try_delete(&policy).await.expect_err("it is attached");
        assert!(refused.contains("PolicyInUseException") && refused.contains("list-targets-for-policy"), "{refused}");
        bench.clean_up().await;
    }

    #[tokio::test]
    async fn an_eleventh_scp_is_refused_with_a_way_out() {
        let mut bench = Bench::new(Account::Management).await;
        let unit = unit(&bench).await;
        let urn = bench.urn(TOKEN);
        // AWS's own is attached already
        for i in 0..10 {
            let policy = bench.create(POLICY, &json!({ "name": format!("scp-{i}-{{unique}}"), "content": DENY })).await;
            let made = bench.try_create(&urn, TOKEN, &json!({ "policyId": policy.id, "targetId": unit })).await;
            match made {
                Ok(_) => assert!(i < 9, "AWS takes ten"),
                Err(refused) => {
                    assert_eq!(i, 9, "{refused}");
                    assert!(refused.contains("ConstraintViolationException"), "{refused}");
                    assert!(refused.contains(&format!("--target-id {unit}")), "{refused}");
                }
            }
        }
        bench.clean_up().await;
    }

    #[tokio::test]
    async fn a_type_that_is_not_enabled_is_refused_with_a_way_out() {
        let mut bench = Bench::new(Account::Management).await;
        let unit = unit(&bench).await;
        bench
            .create(POLICY, &json!({ "name": "tags-{unique}", "type": "TAG_POLICY", "content": "{\"tags\": {}}" }))
            .await;
        let urn = bench.urn(TOKEN);
        let refused = bench.try_create(&urn, TOKEN, &json!({ "policyId": "${0.id}", "targetId": unit })).await;
        let refused = refused.expect_err("tag policies are not enabled");
        assert!(refused.contains("PolicyTypeNotEnabledException"), "{refused}");
        assert!(refused.contains("enable-policy-type") && refused.contains("zone doctor --fix"), "{refused}");
        bench.clean_up().await;
    }

    #[tokio::test]
    async fn what_is_to_stay_attached_stays() {
        let mut bench = Bench::new(Account::Management).await;
        let unit = unit(&bench).await;
        let policy = bench.create(POLICY, &json!({ "name": "stays-{unique}", "content": DENY })).await;
        let made = bench.create(TOKEN, &json!({ "policyId": policy.id, "targetId": unit, "skipDestroy": true })).await;
        bench.try_delete(&made).await.expect("nothing is done");
        assert!(bench.read(&made, Some(&made.inputs)).await.is_some());
        let organizations = bench.clients(Account::Management).await.organizations;
        organizations.detach_policy().policy_id(&policy.id).target_id(&unit).send().await.expect("detached");
        bench.clean_up().await;
    }

    #[test]
    fn an_id_is_target_and_policy() {
        assert_eq!(parts("r-abcd:p-12345678"), Ok(("r-abcd", "p-12345678")));
        assert!(parts("p-12345678").is_err_and(|refusal| Error::from(refusal).hint.is_some()));
    }
}
