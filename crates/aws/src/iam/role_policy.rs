//! A policy that is part of an IAM role.
//!
//! Calls: PutRolePolicy, GetRolePolicy, DeleteRolePolicy.
//! IAM: `iam:` + each of these, on the role.
//!
//! - Put replaces: one of this name that the role has already becomes this one.
//! - All inline policies of a role together have at most 10,240 characters beside white space.

use derive::{Outputs, Resource};
use pulumi::{
    provider::{
        adopt::Presence,
        check::Failure,
        resource::{Created, CustomResource, Error, Kind, Live, Of},
    },
    value::Map,
};

use super::role::{ABSENT, BUSY, YOUNG};
use crate::{
    context::Cx,
    document::{self, Longest},
    error::{failed, found, gone},
    name, propagation, recovery,
};

/// A policy that is part of an IAM role.
#[derive(Clone, Debug, Resource)]
#[resource(token = "aws:iam/rolePolicy:RolePolicy", noun = "inline policy", handle = RolePolicy)]
pub struct Inputs {
    /// Name, up to 128 letters, digits and `+=,.@-_`; unique in the role.
    #[resource(replace, autoname)]
    pub name: String,
    /// What a generated name begins with. Instead of `name`.
    #[resource(unread)]
    pub name_prefix: Option<String>,
    /// Name of the role.
    #[resource(replace)]
    pub role: String,
    /// The policy, a JSON document.
    #[resource(json, equal = document::equal)]
    pub policy: String,
}

/// What AWS adds to an inline policy: nothing.
#[derive(Clone, Debug, Outputs)]
#[resource(handle = RolePolicy)]
pub struct Outputs {}

const LONGEST: usize = 128;

impl CustomResource for RolePolicy {
    type Context = Cx;
    type Inputs = Inputs;
    type Outputs = Outputs;

    const PRESENCE: Presence = Presence::Setting;

    fn id_of(_: &Cx, inputs: &Inputs) -> Option<String> {
        Some(format!("{}:{}", inputs.role, inputs.name))
    }

    fn check(inputs: &Map) -> Vec<Failure> {
        document::check(inputs, "policy", "an inline policy", Longest::Dense(10_240)).into_iter().collect()
    }

    fn fit_name(_: &Map, name: String) -> String {
        name::fitted(name, LONGEST)
    }

    async fn create(cx: &Cx, inputs: &Inputs) -> Result<Created<Outputs>, Error> {
        put(cx, inputs).await?;
        let id = format!("{}:{}", inputs.role, inputs.name);
        let call = cx.clients.iam.get_role_policy().role_name(&inputs.role).policy_name(&inputs.name);
        let seen = propagation::told(ABSENT, || call.clone().send()).await.map(drop);
        Ok(Created::new(id, Outputs {}).and(seen.map_err(|e| failed(e).within("waiting until IAM shows it"))))
    }

    async fn read(cx: &Cx, id: &str) -> Result<Option<Live<Inputs, Outputs>>, Error> {
        let (role, name) = parts(id)?;
        let call = cx.clients.iam.get_role_policy().role_name(role).policy_name(name);
        let Some(answer) = found(call.send().await, ABSENT)? else { return Ok(None) };
        let policy = document::decoded(&answer.policy_document);
        let inputs = Inputs { name: name.to_owned(), name_prefix: None, role: role.to_owned(), policy };
        Ok(Some(Live { inputs, outputs: Outputs {} }))
    }

    async fn update(cx: &Cx, _: &str, _: &Inputs, new: &Inputs, outputs: Outputs) -> Result<Outputs, Error> {
        put(cx, new).await?;
        Ok(outputs)
    }

    async fn delete(cx: &Cx, id: &str, _: &Inputs) -> Result<(), Error> {
        let (role, name) = parts(id)?;
        let call = cx.clients.iam.delete_role_policy().role_name(role).policy_name(name);
        gone(recovery::settled(BUSY, || call.clone().send()).await, ABSENT)
    }
}

pub(crate) fn kind() -> Box<dyn Kind<Cx>> {
    Box::new(Of::<RolePolicy>::new())
}

/// Role and name out of an id; neither can hold a colon.
fn parts(id: &str) -> Result<(&str, &str), Error> {
    id.split_once(':').ok_or_else(|| {
        Error::new(format!("`{id}` is no id of an inline policy")).hint("it is the role's name and its own: ROLE:NAME")
    })
}

async fn put(cx: &Cx, inputs: &Inputs) -> Result<(), Error> {
    let call = cx.clients.iam.put_role_policy().role_name(&inputs.role).policy_name(&inputs.name);
    let call = call.policy_document(&inputs.policy);
    propagation::told(YOUNG, || call.clone().send()).await.map(drop).map_err(failed)
}

#[cfg(test)]
mod tests {
    use pulumi::value::ToValue;

    use super::*;

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
            RolePolicy::check(&inputs.into()).into_iter().map(|f| f.reason).collect::<Vec<_>>()
        };
        let spaces = " ".repeat(5_000);
        assert_eq!(wrong(format!(r#"{{"a": {spaces} "{}"}}"#, "x".repeat(10_232))), Vec::<String>::new());
        let reason = "an inline policy has at most 10240 characters beside white space; this one has 10241";
        assert_eq!(wrong(format!(r#"{{"a": "{}"}}"#, "x".repeat(10_233))), [reason]);
    }

    #[test]
    fn an_id_is_role_and_name() {
        assert_eq!(parts("role:name"), Ok(("role", "name")));
        assert!(parts("role").is_err_and(|e| e.hint.is_some()));
    }
}
