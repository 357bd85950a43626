//! A policy that is part of an IAM role.
//!
//! Calls: PutRolePolicy, GetRolePolicy, DeleteRolePolicy.
//! IAM: `iam:` + each of these, on the role.
//!
//! - Put replaces: one of this name that the role has already becomes this one.
//! - All inline policies of a role together have at most 10,240 characters beside white space.

use pulumi::provider::resource::NoOutputs;

use super::role::{ABSENT, BUSY, YOUNG};
use crate::{document::Longest, prelude::*};

/// A policy that is part of an IAM role.
#[derive(Clone, Debug, Resource)]
#[resource(token = "aws:iam/rolePolicy:RolePolicy", noun = "inline policy", handle = RolePolicy, name_prefix, no_outputs)]
pub struct Inputs {
    /// Name, up to 128 letters, digits and `+=,.@-_`; unique in the role.
    #[resource(replace, autoname)]
    pub name: String,
    /// Name of the role.
    #[resource(replace)]
    pub role: String,
    /// The policy, a JSON document.
    #[resource(json, equal = document::equal)]
    pub policy: String,
}

impl AwsResource for RolePolicy {
    const ABSENT: Codes = ABSENT;
    const PRESENCE: Presence = Presence::Setting;
    const LONGEST_NAME: usize = 128;

    fn id_of(_: &Cx, inputs: &Inputs) -> Option<String> {
        Some(format!("{}:{}", inputs.role, inputs.name))
    }

    fn check(checks: &mut Checks<'_>) {
        checks.add(document::check(checks.inputs, "policy", "an inline policy", Longest::Dense(10_240)));
    }

    async fn create(cx: &Cx, inputs: &Inputs) -> Answer<Created<NoOutputs>> {
        put(cx, inputs).await?;
        let call = cx.clients.iam.get_role_policy().role_name(&inputs.role).policy_name(&inputs.name);
        let shown = propagation::told(ABSENT, || call.clone().send()).await.within("waiting until IAM shows it");
        Ok(Created::new(format!("{}:{}", inputs.role, inputs.name), NoOutputs {}).and(shown.done()))
    }

    async fn read(cx: &Cx, id: &str) -> Answer<Option<Live<Inputs, NoOutputs>>> {
        let (role, name) = parts(id)?;
        let answer = cx.clients.iam.get_role_policy().role_name(role).policy_name(name).send().await?;
        let policy = document::decoded(&answer.policy_document);
        let inputs = Inputs { name: name.to_owned(), role: role.to_owned(), policy };
        Ok(Some(Live { inputs, outputs: NoOutputs {} }))
    }

    async fn update(cx: &Cx, _: &str, _: &Inputs, new: &Inputs, outputs: NoOutputs) -> Answer<NoOutputs> {
        put(cx, new).await?;
        Ok(outputs)
    }

    async fn delete(cx: &Cx, id: &str, _: &Inputs) -> Answer {
        let (role, name) = parts(id)?;
        let call = cx.clients.iam.delete_role_policy().role_name(role).policy_name(name);
        recovery::settled(BUSY, || call.clone().send()).await.done()
    }
}

/// Role and name out of an id; neither can hold a colon.
fn parts(id: &str) -> Answer<(&str, &str)> {
    let form = "it consists of the role's name and the policy's: ROLE:NAME";
    resource::parts(id, ':', "is not the id of an inline policy", form)
}

async fn put(cx: &Cx, inputs: &Inputs) -> Answer {
    let call = cx.clients.iam.put_role_policy().role_name(&inputs.role).policy_name(&inputs.name);
    let call = call.policy_document(&inputs.policy);
    propagation::told(YOUNG, || call.clone().send()).await.done()
}

#[cfg(test)]
mod tests {
    use pulumi::value::ToValue;
    use serde_json::json;

    use super::*;
    use crate::{
        stub::{
            Answer, Asked, done, inputs,
            late::{Late, Refusal, SETTLED, TOLD, is_waited_out, wholly},
        },
        testing::{Adapter, CustomResource as _},
    };

    const TOKEN: &str = "aws:iam/rolePolicy:RolePolicy";
    const UNKNOWN: Refusal = ("NoSuchEntity", "");
    const CHANGING: Refusal = ("ConcurrentModification", "");
    const UNTOLD: Refusal = ("MalformedPolicyDocument", "Invalid principal in policy");

    #[tokio::test]
    async fn an_inline_policy_waits_for_its_role_and_until_iam_shows_it() {
        let iam = |asked: &Asked| match asked.operation.as_str() {
            "GetRolePolicy" => Answer::Xml(
                "<RoleName>r</RoleName><PolicyName>p</PolicyName><PolicyDocument>%7B%7D</PolicyDocument>".to_owned(),
            ),
            _ => done(asked),
        };
        let policy: Inputs = inputs(&json!({ "name": "p", "role": "r", "policy": "{}" }));
        let put: Late = ("PutRolePolicy", TOLD, &[UNTOLD, UNKNOWN, CHANGING]);
        let late: &[Late] = &[put, ("GetRolePolicy", TOLD, &[UNKNOWN]), ("DeleteRolePolicy", SETTLED, &[CHANGING])];
        let life = async |cx: Cx| {
            wholly(Adapter::<RolePolicy>::create(&cx, &policy).await?)?;
            Adapter::<RolePolicy>::delete(&cx, "r:p", &policy).await
        };
        is_waited_out(TOKEN, late, iam, life).await;
        let change =
            async |cx: Cx| Adapter::<RolePolicy>::update(&cx, "r:p", &policy, &policy, NoOutputs {}).await.map(drop);
        is_waited_out(TOKEN, &[put], done, change).await;
    }

    const TRUST: &str = r#"{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}]}"#;

    crate::lifecycle! {
        token: "aws:iam/rolePolicy:RolePolicy",
        needs: [("aws:iam/role:Role", { "name": "role-{unique}", "assumeRolePolicy": TRUST })],
        sample: {
            "name": "domain-permissions",
            "role": "${0.name}",
            "policy": r#"{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": ["logs:PutLogEvents"], "Resource": "arn:aws:logs:*:*:log-group:/aws/lambda/core-*:*"}]}"#,
        },
        change: {
            "policy": r#"{"Version": "2012-10-17", "Statement": [{"Sid": "Mail", "Effect": "Allow", "Action": "ses:SendEmail", "Resource": "*", "Condition": {"StringLike": {"ses:FromAddress": "acme+*@example.com"}}}]}"#,
        },
    }

    #[test]
    fn white_space_does_not_count() {
        let wrong = |text: String| {
            let inputs = [("name".to_owned(), "p".to_value()), ("policy".to_owned(), text.to_value())];
            Adapter::<RolePolicy>::check(&inputs.into()).into_iter().map(|f| f.reason).collect::<Vec<_>>()
        };
        let spaces = " ".repeat(5_000);
        assert_eq!(wrong(format!(r#"{{"a": {spaces} "{}"}}"#, "x".repeat(10_232))), Vec::<String>::new());
        let reason = "an inline policy has at most 10240 characters beside white space; this one has 10241";
        assert_eq!(wrong(format!(r#"{{"a": "{}"}}"#, "x".repeat(10_233))), [reason]);
    }

    #[test]
    fn an_id_is_role_and_name() {
        assert_eq!(parts("role:name"), Ok(("role", "name")));
        assert!(parts("role").is_err_and(|refusal| Error::from(refusal).hint.is_some()));
    }
}
