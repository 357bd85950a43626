//! A managed policy that an IAM role has.
//!
//! Calls: AttachRolePolicy, ListAttachedRolePolicies, DetachRolePolicy.
//! IAM: `iam:` + each of these, on the role.
//!
//! - Attaching what is attached is success; a role takes ten policies unless its account has a higher quota.
//! - The id is `role/policyArn`, as with the official provider. Older ones made ids that say nothing
//!   (`role-20230102150405…`): with such a state, deleting works, and a refresh says what to do.

use super::role::{ABSENT, BUSY, YOUNG};
use crate::prelude::*;

/// A managed policy that an IAM role has.
#[derive(Clone, Debug, Resource)]
#[resource(
    token = "aws:iam/rolePolicyAttachment:RolePolicyAttachment",
    noun = "attachment of policy to role",
    handle = RolePolicyAttachment,
    no_outputs
)]
pub struct Inputs {
    /// ARN of the policy.
    #[resource(replace)]
    pub policy_arn: String,
    /// Name of the role.
    #[resource(replace)]
    pub role: String,
}

/// Looks at a new attachment, before it is believed that IAM will show it soon.
const LOOKS: u32 = 20;

impl Setting for RolePolicyAttachment {
    const ABSENT: Codes = ABSENT;

    fn id_of(inputs: &Inputs) -> String {
        format!("{}/{}", inputs.role, inputs.policy_arn)
    }

    async fn put(cx: &Cx, _: Option<&Inputs>, Inputs { policy_arn, role }: &Inputs) -> Answer {
        let call = cx.clients.iam.attach_role_policy().role_name(role).policy_arn(policy_arn);
        propagation::told(YOUNG, || call.clone().send()).await?;
        let mut attempt = 1;
        while attempt <= LOOKS && !is_attached(cx, role, policy_arn).await? {
            waits::clock::sleep(waits::back_off(attempt)).await;
            attempt += 1;
        }
        Ok(())
    }

    async fn read(cx: &Cx, id: &str) -> Answer<Option<Inputs>> {
        let (role, policy_arn) = parts(id)?;
        let inputs = Inputs { policy_arn: policy_arn.to_owned(), role: role.to_owned() };
        Ok(is_attached(cx, role, policy_arn).await?.then_some(inputs))
    }

    async fn reset(cx: &Cx, _: &str, inputs: &Inputs) -> Answer {
        let call = cx.clients.iam.detach_role_policy().role_name(&inputs.role).policy_arn(&inputs.policy_arn);
        recovery::settled(BUSY, || call.clone().send()).await.done()
    }
}

/// Role and policy out of an id; a role's name cannot hold a slash.
fn parts(id: &str) -> Answer<(&str, &str)> {
    id.split_once('/').filter(|(_, policy)| policy.starts_with("arn:")).ok_or_else(|| {
        let error = Error::new(format!("`{id}` does not name the role and the policy"));
        let hint = "remove it from the state (pulumi state delete URN), and run it again or import it: ROLE/POLICY-ARN";
        error.hint(hint).into()
    })
}

/// A role made a moment ago may not show yet: then nothing is attached.
async fn is_attached(cx: &Cx, role: &str, policy_arn: &str) -> Answer<bool> {
    let pages = cx.clients.iam.list_attached_role_policies().role_name(role).into_paginator().items().send();
    let attached = pages.collect::<Result<Vec<_>, _>>().await.found(ABSENT)?.unwrap_or_default();
    Ok(attached.iter().any(|policy| policy.policy_arn.as_deref() == Some(policy_arn)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        stub::{
            Answer, Asked, Stub, done,
            late::{Late, Refusal, SETTLED, TOLD, is_waited_out, wholly},
        },
        testing::{CustomResource as _, Set},
    };

    #[tokio::test]
    async fn a_role_made_a_moment_ago_and_its_new_attachment_may_show_late() {
        let shown_at = |look: usize| {
            Stub::new(move |asked| {
                match (asked.operation.as_str(), asked.before) {
                ("AttachRolePolicy", 0) => Answer::Refused("NoSuchEntity", "The role with name r cannot be found."),
                ("ListAttachedRolePolicies", before) if before >= look => Answer::Xml(
                    "<AttachedPolicies><member><PolicyArn>arn:aws:iam::aws:policy/p</PolicyArn></member></AttachedPolicies>"
                        .to_owned(),
                ),
                _ => done(asked),
            }
            })
        };
        let inputs = Inputs { policy_arn: "arn:aws:iam::aws:policy/p".to_owned(), role: "r".to_owned() };
        for (look, looks) in [(5, 6), (usize::MAX, 20)] {
            let stub = shown_at(look);
            let cx = stub.cx("aws:iam/rolePolicyAttachment:RolePolicyAttachment");
            Stub::run(Set::<RolePolicyAttachment>::create(&cx, &inputs)).await.0.expect("attached");
            let asked = |operation: &str| stub.asked(operation).len();
            assert_eq!((asked("AttachRolePolicy"), asked("ListAttachedRolePolicies")), (2, looks));
        }
    }

    #[tokio::test]
    async fn a_policy_is_attached_and_detached_again_while_the_role_is_new_or_being_changed() {
        const CHANGING: Refusal = ("ConcurrentModification", "");
        let iam = |asked: &Asked| {
            match asked.operation.as_str() {
            "ListAttachedRolePolicies" => Answer::Xml(
                "<AttachedPolicies><member><PolicyArn>arn:aws:iam::aws:policy/p</PolicyArn></member></AttachedPolicies>"
                    .to_owned(),
            ),
            _ => done(asked),
        }
        };
        let inputs = Inputs { policy_arn: "arn:aws:iam::aws:policy/p".to_owned(), role: "r".to_owned() };
        let late: &[Late] = &[
            ("AttachRolePolicy", TOLD, &[("NoSuchEntity", ""), CHANGING]),
            ("DetachRolePolicy", SETTLED, &[CHANGING]),
        ];
        let life = async |cx: Cx| {
            wholly(Set::<RolePolicyAttachment>::create(&cx, &inputs).await?)?;
            Set::<RolePolicyAttachment>::delete(&cx, "r/arn:aws:iam::aws:policy/p", &inputs).await
        };
        is_waited_out("aws:iam/rolePolicyAttachment:RolePolicyAttachment", late, iam, life).await;
    }

    const TRUST: &str = r#"{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}]}"#;

    crate::lifecycle! {
        token: "aws:iam/rolePolicyAttachment:RolePolicyAttachment",
        needs: [("aws:iam/role:Role", { "name": "role-{unique}", "assumeRolePolicy": TRUST })],
        sample: { "role": "${0.name}", "policyArn": "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole" },
        change: {},
    }

    #[test]
    fn an_id_is_role_and_policy() {
        let policy = "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole";
        assert_eq!(parts(&format!("OrdersRole/{policy}")), Ok(("OrdersRole", policy)));
        let refused = parts("OrdersRole-20230102150405000000000001");
        assert!(refused.is_err_and(|refusal| Error::from(refusal).hint.is_some()));
    }
}
