//! A KMS alias: a name for a key.
//!
//! Calls: CreateAlias, DescribeKey, UpdateAlias, DeleteAlias.
//! IAM: `kms:` + each of these, on the alias and on the keys it points at.
//!
//! - An alias carries no tags: one that exists already is ours when it points at our key, and not otherwise.
//! - It is read by describing the key behind it: one call, where ListAliases pages through all aliases of the account.

use crate::{prelude::*, waits::KEY_IS_SPREADING};

/// A KMS alias: a name for a key.
#[derive(Clone, Debug, Resource)]
#[resource(token = "aws:kms/alias:Alias", noun = "KMS alias", handle = Alias, name_prefix)]
pub struct Inputs {
    /// Name, beginning with `alias/`.
    #[resource(replace, autoname)]
    pub name: String,
    /// The key it names, by id or ARN.
    #[resource(tail)]
    pub target_key_id: String,
}

/// Outputs of an alias.
#[derive(Clone, Debug, Outputs)]
#[resource(handle = Alias)]
pub struct Outputs {
    /// ARN of the alias.
    pub arn: String,
    /// ARN of the key it names.
    #[resource(volatile)]
    pub target_key_arn: String,
}

const PREFIX: &str = "alias/";

impl AwsResource for Alias {
    const ABSENT: Codes = &["NotFoundException"];
    const EXISTS: Codes = &["AlreadyExistsException"];

    fn ours(cx: &Cx, live: &Live<Inputs, Outputs>, wanted: &Inputs) -> Result<(), String> {
        let key = &live.outputs.target_key_arn;
        if *key == key_arn(cx, &wanted.target_key_id) { Ok(()) } else { Err(format!("it points at {key}")) }
    }

    fn check(checks: &mut Checks<'_>) {
        for property in ["name", "namePrefix"] {
            let Some(name) = checks.text(property) else { continue };
            match name.strip_prefix(PREFIX) {
                Some(rest) if rest.starts_with("aws/") => {
                    checks.wrong(property, format!("aliases that begin with `alias/aws/` are AWS's own: `{name}`"));
                }
                Some(_) => {}
                None => checks.wrong(property, format!("an alias begins with `alias/`: `{name}`")),
            }
        }
    }

    fn fit_name(_: &Map, name: String) -> String {
        if name.starts_with(PREFIX) { name } else { format!("{PREFIX}{name}") }
    }

    async fn create(cx: &Cx, inputs: &Inputs) -> Answer<Created<Outputs>> {
        let call = cx.clients.kms.create_alias().alias_name(&inputs.name).target_key_id(&inputs.target_key_id);
        // a key made a moment ago, or whose deletion was cancelled, may not show so yet
        KEY_IS_SPREADING.out(|| call.clone().send()).await?;
        Ok(Created::new(&inputs.name, outputs(cx, &inputs.name, &inputs.target_key_id)))
    }

    async fn read(cx: &Cx, id: &str) -> Answer<Option<Live<Inputs, Outputs>>> {
        let described = cx.clients.kms.describe_key().key_id(id).send().await?;
        let Some(key) = described.key_metadata else { return Ok(None) };
        let outputs = outputs(cx, id, &key.key_id);
        let inputs = Inputs { name: id.to_owned(), target_key_id: key.key_id };
        Ok(Some(Live { inputs, outputs }))
    }

    async fn update(cx: &Cx, id: &str, _: &Inputs, new: &Inputs, _: Outputs) -> Answer<Outputs> {
        let call = cx.clients.kms.update_alias().alias_name(id).target_key_id(&new.target_key_id);
        KEY_IS_SPREADING.out(|| call.clone().send()).await?;
        Ok(outputs(cx, id, &new.target_key_id))
    }

    async fn delete(cx: &Cx, id: &str, _: &Inputs) -> Answer {
        let call = cx.clients.kms.delete_alias().alias_name(id);
        recovery::settled(&["KMSInvalidStateException"], || call.clone().send()).await.done()
    }
}

fn key_arn(cx: &Cx, key: &str) -> String {
    if key.starts_with("arn:") { key.to_owned() } else { cx.arn("kms", &format!("key/{key}")) }
}

fn outputs(cx: &Cx, name: &str, key: &str) -> Outputs {
    Outputs { arn: cx.arn("kms", name), target_key_arn: key_arn(cx, key) }
}

#[cfg(test)]
mod tests {
    use pulumi::value::ToValue;
    use serde_json::json;

    use super::*;
    use crate::{
        stub::{
            done, inputs,
            late::{Late, Refusal, SETTLED, is_waited_out, wholly},
        },
        testing::{Adapter, CustomResource as _},
    };

    #[tokio::test]
    async fn a_key_that_was_taken_up_a_moment_ago_is_named_when_kms_has_heard_of_it() {
        const PENDING: Refusal = ("KMSInvalidStateException", "");
        const SPREADING: &[Refusal] = &[("NotFoundException", ""), PENDING];
        let alias: Inputs = inputs(&json!({ "name": "alias/a", "targetKeyId": "k1" }));
        let late: &[Late] = &[
            ("CreateAlias", KEY_IS_SPREADING.limit, SPREADING),
            ("UpdateAlias", KEY_IS_SPREADING.limit, SPREADING),
            ("DeleteAlias", SETTLED, &[PENDING]),
        ];
        let life = async |cx: Cx| {
            wholly(Adapter::<Alias>::create(&cx, &alias).await?)?;
            let outputs = outputs(&cx, "alias/a", "k1");
            Adapter::<Alias>::update(&cx, "alias/a", &alias, &alias, outputs).await?;
            Adapter::<Alias>::delete(&cx, "alias/a", &alias).await
        };
        is_waited_out("aws:kms/alias:Alias", late, done, life).await;
    }

    crate::lifecycle! {
        token: "aws:kms/alias:Alias",
        needs: [("aws:kms/key:Key", { "description": "one" }), ("aws:kms/key:Key", { "description": "other" })],
        sample: { "name": "alias/{unique}/pii", "targetKeyId": "${0.arn}" },
        change: { "targetKeyId": "${1.keyId}" },
    }

    #[test]
    fn names_are_aliases_and_not_awss_own() {
        let wrong = |name: &str| Adapter::<Alias>::check(&[("name".to_owned(), name.to_value())].into()).len();
        assert_eq!((wrong("alias/acme/secret"), wrong("acme/secret"), wrong("alias/aws/s3")), (0, 1, 1));
        let fit = |name: &str| <Alias as AwsResource>::fit_name(&Map::new(), name.to_owned());
        assert_eq!((fit("pii-1234567").as_str(), fit("alias/pii").as_str()), ("alias/pii-1234567", "alias/pii"));
    }
}
