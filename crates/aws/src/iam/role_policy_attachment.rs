//! A managed policy that an IAM role has.
//!
//! Calls: AttachRolePolicy, ListAttachedRolePolicies, DetachRolePolicy.
//! IAM: `iam:` + each of these, on the role.
//!
//! - Attaching what is attached is success; a role takes ten policies unless its account has a higher quota.
//! - The id is `role/policyArn`, as with the official provider. Older ones made ids that say nothing
//!   (`role-20230102150405…`): with such a state, deleting works, and a refresh says what to do.

use derive::{Outputs, Resource};
use pulumi::provider::{
    adopt::Presence,
    resource::{Created, CustomResource, Error, Kind, Live, Of},
};

use super::role::{ABSENT, BUSY, YOUNG};
use crate::{
    context::Cx,
    error::{failed, found, gone},
    propagation, recovery, waits,
};

/// A managed policy that an IAM role has.
#[derive(Clone, Debug, Resource)]
#[resource(
    token = "aws:iam/rolePolicyAttachment:RolePolicyAttachment",
    noun = "attachment of policy to role",
    handle = RolePolicyAttachment
)]
pub struct Inputs {
    /// ARN of the policy.
    #[resource(replace)]
    pub policy_arn: String,
    /// Name of the role.
    #[resource(replace)]
    pub role: String,
}

/// What AWS adds to an attachment: nothing.
#[derive(Clone, Debug, Outputs)]
#[resource(handle = RolePolicyAttachment)]
pub struct Outputs {}

/// Looks at a new attachment, before it is believed that IAM will show it soon.
const LOOKS: u32 = 20;

impl CustomResource for RolePolicyAttachment {
    type Context = Cx;
    type Inputs = Inputs;
    type Outputs = Outputs;
    const UPDATES: bool = false;
    const PRESENCE: Presence = Presence::Setting;

    fn id_of(_: &Cx, inputs: &Inputs) -> Option<String> {
        Some(format!("{}/{}", inputs.role, inputs.policy_arn))
    }

    async fn create(cx: &Cx, inputs: &Inputs) -> Result<Created<Outputs>, Error> {
        let Inputs { policy_arn, role } = inputs;
        let call = cx.clients.iam.attach_role_policy().role_name(role).policy_arn(policy_arn);
        propagation::told(YOUNG, || call.clone().send()).await.map_err(failed)?;
        let mut attempt = 1;
        while attempt <= LOOKS && !is_attached(cx, role, policy_arn).await? {
            waits::clock::sleep(recovery::back_off(attempt)).await;
            attempt += 1;
        }
        Ok(Created::new(format!("{role}/{policy_arn}"), Outputs {}))
    }

    async fn read(cx: &Cx, id: &str) -> Result<Option<Live<Inputs, Outputs>>, Error> {
        let (role, policy_arn) = parts(id)?;
        let inputs = Inputs { policy_arn: policy_arn.to_owned(), role: role.to_owned() };
        Ok(is_attached(cx, role, policy_arn).await?.then_some(Live { inputs, outputs: Outputs {} }))
    }

    async fn delete(cx: &Cx, _: &str, inputs: &Inputs) -> Result<(), Error> {
        let call = cx.clients.iam.detach_role_policy().role_name(&inputs.role).policy_arn(&inputs.policy_arn);
        gone(recovery::settled(BUSY, || call.clone().send()).await, ABSENT)
    }
}

pub(crate) fn kind() -> Box<dyn Kind<Cx>> {
    Box::new(Of::<RolePolicyAttachment>::new())
}

/// Role and policy out of an id; a role's name cannot hold a slash.
fn parts(id: &str) -> Result<(&str, &str), Error> {
    id.split_once('/').filter(|(_, policy)| policy.starts_with("arn:")).ok_or_else(|| {
        Error::new(format!("`{id}` does not say which policy of which role it is"))
            .hint("take it out of the state (pulumi state delete URN), and run it again or import it: ROLE/POLICY-ARN")
    })
}

async fn is_attached(cx: &Cx, role: &str, policy_arn: &str) -> Result<bool, Error> {
    let pages = cx.clients.iam.list_attached_role_policies().role_name(role).into_paginator().items().send();
    let attached = found(pages.collect::<Result<Vec<_>, _>>().await, ABSENT)?.unwrap_or_default();
    Ok(attached.iter().any(|policy| policy.policy_arn.as_deref() == Some(policy_arn)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stub::{Answer, Stub, done};

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
            Stub::run(RolePolicyAttachment::create(&cx, &inputs)).await.0.expect("attached");
            let asked = |operation: &str| stub.asked(operation).len();
            assert_eq!((asked("AttachRolePolicy"), asked("ListAttachedRolePolicies")), (2, looks));
        }
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
        assert!(parts("OrdersRole-20230102150405000000000001").is_err_and(|e| e.hint.is_some()));
    }
}
