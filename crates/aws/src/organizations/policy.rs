//! A policy of an organization, such as a service control policy.
//!
//! Calls: CreatePolicy, DescribePolicy, ListPolicies, UpdatePolicy, DeletePolicy, TagResource, UntagResource, ListTagsForResource.
//! IAM: `organizations:` + each of these, in the management account or in one that it has delegated this to.
//!
//! - A policy can be made before its type is enabled, and be attached only after that.
//! - What it says is kept as it is given: white space counts. An SCP may have 10,240 characters (since 2026-05-15); the
//!   limits of other types are AWS's to tell.
//!   <https://docs.aws.amazon.com/organizations/latest/userguide/orgs_reference_limits.html>
//! - A policy that is attached cannot be deleted.

use std::{collections::BTreeMap, time::Duration};

use aws_sdk_organizations::types::{Policy as SdkPolicy, PolicyType, Tag};
use derive::{Outputs, Resource};
use pulumi::{
    provider::{
        adopt::Presence,
        check::Failure,
        resource::{Created, CustomResource, Error, Kind, Live},
    },
    value::{Map, Value},
};

use crate::{
    context::Cx,
    document::{self, Longest},
    error::code,
    name,
    organization::{changed, failed},
    recovery,
    tags::{OrganizationsThing, Taggable, Tagged, WithTags, built},
    waits,
};

/// A policy of an organization, such as a service control policy.
#[derive(Clone, Debug, Resource)]
#[resource(token = "aws:organizations/policy:Policy", noun = "organization policy", handle = Policy)]
pub struct Inputs {
    /// Name, up to 128 characters; unique in the organization.
    #[resource(autoname)]
    pub name: String,
    /// What the policy is for.
    pub description: Option<String>,
    /// `SERVICE_CONTROL_POLICY`, `RESOURCE_CONTROL_POLICY`, `TAG_POLICY`, `BACKUP_POLICY` or another that AWS knows.
    #[resource(replace, default = "SERVICE_CONTROL_POLICY")]
    pub r#type: String,
    /// What it says, a JSON document.
    #[resource(json, equal = document::equal)]
    pub content: String,
    /// Whether it stays when the program no longer has it.
    #[resource(unread, default = false)]
    pub skip_destroy: bool,
    /// Tags, beside the provider's default tags.
    #[resource(default)]
    pub tags: BTreeMap<String, String>,
}

/// What AWS adds to a policy.
#[derive(Clone, Debug, Outputs)]
#[resource(handle = Policy)]
pub struct Outputs {
    /// ARN.
    pub arn: String,
}

pub(crate) const ABSENT: &[&str] = &["PolicyNotFoundException"];
const LONGEST: usize = 128;
const SCP: &str = "SERVICE_CONTROL_POLICY";
/// How long it is waited for that a policy detached a moment ago is free.
const RELEASE: Duration = Duration::from_secs(15);

impl CustomResource for Policy {
    type Context = Cx;
    type Inputs = Inputs;
    type Outputs = Outputs;

    const PRESENCE: Presence = Presence::Named;

    /// Its id is AWS's to say.
    fn id_of(_: &Cx, inputs: &Inputs) -> Option<String> {
        Some(format!("{}:{}", inputs.r#type, inputs.name))
    }

    async fn existing(cx: &Cx, inputs: &Inputs) -> Result<Option<String>, Error> {
        named(cx, inputs).await
    }

    fn check(inputs: &Map) -> Vec<Failure> {
        let is_scp = match inputs.get("type") {
            None | Some(Value::Null) => true,
            kind => kind.and_then(Value::as_str) == Some(SCP),
        };
        let (whose, longest) = if is_scp {
            ("a service control policy", Longest::Whole(10_240))
        } else {
            ("an organization's policy", Longest::Unknown)
        };
        document::check(inputs, "content", whose, longest).into_iter().collect()
    }

    fn fit_name(_: &Map, name: String) -> String {
        name::fitted(name, LONGEST)
    }

    async fn create(cx: &Cx, inputs: &Inputs) -> Result<Created<Outputs>, Error> {
        let call = cx.clients.organizations.create_policy().name(&inputs.name).content(&inputs.content);
        let call = call
            .description(inputs.description.clone().unwrap_or_default())
            .r#type(PolicyType::from(inputs.r#type.as_str()))
            .set_tags(Some(built(cx.tags_as(|k, v| Tag::builder().key(k).value(v).build()))?));
        match changed(|| call.clone().send()).await {
            Ok(made) => {
                let (id, live) =
                    made.policy.and_then(live).ok_or_else(|| Error::new("AWS did not say which it made"))?;
                Ok(Created::new(id, live.outputs))
            }
            Err(failure) if code(&failure) == Some("DuplicatePolicyException") => take_up(cx, inputs).await,
            Err(failure) => Err(failed(failure)),
        }
    }

    async fn read(cx: &Cx, id: &str) -> Result<Option<Live<Inputs, Outputs>>, Error> {
        let answer = match cx.clients.organizations.describe_policy().policy_id(id).send().await {
            Ok(answer) => answer,
            Err(failure) if code(&failure).is_some_and(|c| ABSENT.contains(&c)) => return Ok(None),
            // no organization at all is no news of one policy: more likely these are another account's credentials
            Err(failure) => return Err(failed(failure)),
        };
        if answer.policy.as_ref().and_then(|p| p.policy_summary.as_ref()).is_some_and(|s| s.aws_managed) {
            return Err(Error::new(format!("`{id}` is AWS's own policy, which nobody can change"))
                .hint("attach it by its id; leave it out of the program"));
        }
        Ok(answer.policy.and_then(live).map(|(_, live)| live))
    }

    async fn update(cx: &Cx, id: &str, old: &Inputs, new: &Inputs, outputs: Outputs) -> Result<Outputs, Error> {
        let same = document::equal(&old.content, &new.content);
        if same && (&old.name, &old.description) == (&new.name, &new.description) {
            return Ok(outputs);
        }
        let call = cx.clients.organizations.update_policy().policy_id(id).name(&new.name).content(&new.content);
        let call = call.description(new.description.clone().unwrap_or_default());
        changed(|| call.clone().send()).await.map_err(failed)?;
        Ok(outputs)
    }

    async fn delete(cx: &Cx, id: &str, inputs: &Inputs) -> Result<(), Error> {
        if inputs.skip_destroy {
            cx.log.info(&cx.urn, &format!("left organization policy `{id}` where it is: `skipDestroy`")).await;
            return Ok(());
        }
        let call = cx.clients.organizations.delete_policy().policy_id(id);
        let delete = || changed(|| call.clone().send());
        match recovery::settled_within(RELEASE, &["PolicyInUseException"], delete).await {
            Ok(_) => Ok(()),
            Err(failure) if code(&failure).is_some_and(|c| ABSENT.contains(&c)) => Ok(()),
            Err(failure) if code(&failure) == Some("PolicyInUseException") => Err(failed(failure).hint(format!(
                "detach it from what has it: aws organizations list-targets-for-policy --policy-id {id}"
            ))),
            Err(failure) => Err(failed(failure)),
        }
    }
}

impl Taggable for Policy {
    fn tagged(_: &Cx, id: &str) -> Tagged {
        Box::new(OrganizationsThing(id.to_owned()))
    }
}

pub(crate) fn kind() -> Box<dyn Kind<Cx>> {
    Box::new(WithTags::<Policy>::new())
}

/// Id and properties of a policy.
fn live(policy: SdkPolicy) -> Option<(String, Live<Inputs, Outputs>)> {
    let summary = policy.policy_summary?;
    let inputs = Inputs {
        name: summary.name.unwrap_or_default(),
        description: summary.description.filter(|d| !d.is_empty()),
        r#type: summary.r#type.map(|t| t.to_string()).unwrap_or_default(),
        content: policy.content.unwrap_or_default(),
        skip_destroy: false,
        tags: BTreeMap::new(),
    };
    Some((summary.id?, Live { inputs, outputs: Outputs { arn: summary.arn.unwrap_or_default() } }))
}

/// The id of the policy of this name and type.
async fn named(cx: &Cx, inputs: &Inputs) -> Result<Option<String>, Error> {
    let filter = PolicyType::from(inputs.r#type.as_str());
    let pages = cx.clients.organizations.list_policies().filter(filter).into_paginator().send();
    let pages = pages.collect::<Result<Vec<_>, _>>().await.map_err(|e| failed(e).within("looking for it"))?;
    let mut all = pages.into_iter().flat_map(|page| page.policies.unwrap_or_default());
    let named = all.find(|policy| policy.name.as_deref() == Some(&inputs.name));
    Ok(named.and_then(|policy| policy.id))
}

/// Makes a policy that existed already what it should be, if it is ours.
async fn take_up(cx: &Cx, inputs: &Inputs) -> Result<Created<Outputs>, Error> {
    let Some(id) = named(cx, inputs).await? else {
        return Err(Error::new(format!(
            "a policy `{}` exists already, and is none of type {}",
            inputs.name, inputs.r#type
        ))
        .hint("choose another name"));
    };
    let target = Policy::tagged(cx, &id);
    let tags = target.all(cx).await?;
    cx.adopt("organization policy", &id, &tags).await?;
    let live = waits::there(&format!("policy `{id}`"), || Policy::read(cx, &id)).await?;
    let created = Created::new(&id, live.outputs.clone());
    let rest = async {
        target.claim(cx, &tags).await?;
        Policy::update(cx, &id, &live.inputs, inputs, live.outputs).await.map(drop)
    };
    Ok(created.and(rest.await))
}

#[cfg(test)]
mod tests {
    use pulumi::value::ToValue;
    use serde_json::json;

    use super::*;
    use crate::testing::{Account, Bench, Made};

    const TOKEN: &str = "aws:organizations/policy:Policy";
    const DENY: &str = r#"{"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Action": ["s3:CreateBucket"], "Resource": "*", "Condition": {"Null": {"aws:RequestTag/tenant_id": "true"}}}]}"#;
    const OTHER: &str =
        r#"{"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Action": "kms:CreateKey", "Resource": "*"}]}"#;

    crate::lifecycle! {
        account: Account::Management,
        token: "aws:organizations/policy:Policy",
        needs: [],
        sample: { "name": "scp-{unique}", "description": "asks for tags", "content": DENY, "tags": { "a": "1" } },
        change: { "name": "renamed-{unique}", "description": "asks for more", "content": OTHER, "tags": { "b": "2" } },
    }

    #[test]
    fn size_is_checked_white_space_included() {
        let wrong = |kind: Option<&str>, size: usize| {
            let text = format!("{{{}}}", " ".repeat(size - 2));
            let mut inputs: Map = [("name".to_owned(), "p".to_value()), ("content".to_owned(), text.to_value())].into();
            inputs.extend(kind.map(|kind| ("type".to_owned(), kind.to_value())));
            Policy::check(&inputs).into_iter().map(|f| f.reason).collect::<Vec<_>>()
        };
        let reason = "a service control policy has at most 10240 characters, white space included; this one has 10241";
        for kind in [None, Some(SCP)] {
            assert_eq!(wrong(kind, 10_240), Vec::<String>::new());
            assert_eq!(wrong(kind, 10_241), [reason]);
        }
        assert_eq!(wrong(Some("TAG_POLICY"), 10_241), Vec::<String>::new());
    }

    #[tokio::test]
    async fn aws_refuses_a_larger_one_too() {
        let bench = Bench::new(Account::Management).await;
        let call = bench.clients(Account::Management).await.organizations.create_policy().name("large").description("");
        let call = call.r#type(PolicyType::ServiceControlPolicy);
        let content = format!("{{{}}}", " ".repeat(10_239));
        let failure = call.content(content).send().await.expect_err("it is too large");
        assert_eq!(code(&failure), Some("ConstraintViolationException"));
    }

    #[tokio::test]
    async fn a_policy_that_exists_is_adopted_when_it_is_ours() {
        let mut bench = Bench::new(Account::Management).await;
        bench.knows(&[]);
        let organizations = bench.clients(Account::Management).await.organizations;
        let call =
            organizations.create_policy().name(format!("taken-{}", bench.unique())).content(DENY).description("old");
        let made = call.r#type(PolicyType::ServiceControlPolicy).send().await.expect("a policy").policy;
        let id = made.and_then(|p| p.policy_summary).and_then(|s| s.id).expect("its id");
        let urn = bench.urn(TOKEN);
        let inputs = json!({ "name": "taken-{unique}", "content": OTHER });
        let refused = bench.try_create(&urn, TOKEN, &inputs).await.expect_err("nothing proves it ours");
        assert!(refused.contains("exists already") && refused.contains(&id), "{refused}");
        for (key, value) in [("tenant_id", "test"), ("environment", "local")] {
            let tag = Tag::builder().key(key).value(value).build().expect("a tag");
            organizations.tag_resource().resource_id(&id).tags(tag).send().await.expect("tagged");
        }
        let made = bench.try_create(&urn, TOKEN, &inputs).await.expect("its tags prove it ours");
        assert_eq!(made.id, id);
        let (live, _) = bench.read(&made, Some(&made.inputs)).await.expect("it is there");
        assert_eq!(live, made.inputs, "it became what is wanted");
        let other_type = json!({ "name": "taken-{unique}", "type": "TAG_POLICY", "content": "{}" });
        let refused = bench.try_create(&urn, TOKEN, &other_type).await.expect_err("it is of another type");
        assert!(refused.contains("none of type TAG_POLICY"), "{refused}");
        bench.clean_up().await;
    }

    #[tokio::test]
    async fn what_is_to_stay_stays() {
        let mut bench = Bench::new(Account::Management).await;
        let inputs = json!({ "name": "stays-{unique}", "content": DENY, "skipDestroy": true });
        let made = bench.create(TOKEN, &inputs).await;
        bench.try_delete(&made).await.expect("nothing is done");
        assert!(bench.read(&made, Some(&made.inputs)).await.is_some());
        let organizations = bench.clients(Account::Management).await.organizations;
        organizations.delete_policy().policy_id(&made.id).send().await.expect("it goes");
    }

    #[tokio::test]
    async fn awss_own_policy_is_not_imported() {
        let bench = Bench::new(Account::Management).await;
        let own =
            Made { urn: bench.urn(TOKEN), id: "p-FullAWSAccess".to_owned(), inputs: Map::new(), state: Map::new() };
        let read = bench.try_read(&own, None).await;
        assert!(read.is_err_and(|e| e.contains("AWS's own policy")));
    }

    #[tokio::test]
    async fn a_member_account_is_told_who_may() {
        let mut bench = Bench::new(Account::Member).await;
        let urn = bench.urn(TOKEN);
        let refused = bench.try_create(&urn, TOKEN, &json!({ "name": "member-{unique}", "content": DENY })).await;
        assert!(refused.is_err_and(|e| e.contains("AccessDeniedException") && e.contains("its management account")));
    }
}
