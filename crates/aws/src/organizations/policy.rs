//! A policy of an organization, such as a service control policy.
//!
//! Calls: CreatePolicy, DescribePolicy, ListPolicies, UpdatePolicy, DeletePolicy, TagResource, UntagResource, ListTagsForResource.
//! IAM: `organizations:` + each of these, in the management account or in one that it has delegated this to.
//!
//! - A policy can be made before its type is enabled, and be attached only after that.
//! - Its document is kept as it is given: white space counts. An SCP may have 10,240 characters (since 2026-05-15); the
//!   limits of other types are AWS's to tell.
//!   <https://docs.aws.amazon.com/organizations/latest/userguide/orgs_reference_limits.html>
//! - A policy that is attached cannot be deleted.

use aws_sdk_organizations::types::{Policy as SdkPolicy, PolicyType, Tag};

use crate::{
    document::Longest,
    organization::{changed, refused},
    prelude::*,
    tags::OrganizationsThing,
};

/// A policy of an organization, such as a service control policy.
#[derive(Clone, Debug, Resource)]
#[resource(token = "aws:organizations/policy:Policy", noun = "organization policy", handle = Policy, tags)]
pub struct Inputs {
    /// Name, up to 128 characters; unique in the organization.
    #[resource(autoname)]
    pub name: String,
    /// What the policy is for.
    pub description: Option<String>,
    /// `SERVICE_CONTROL_POLICY`, `RESOURCE_CONTROL_POLICY`, `TAG_POLICY`, `BACKUP_POLICY` or another that AWS knows.
    #[resource(replace, default = "SERVICE_CONTROL_POLICY")]
    pub r#type: String,
    /// The policy, a JSON document.
    #[resource(json, equal = document::equal)]
    pub content: String,
    /// Whether the policy stays in AWS when the program no longer has it.
    #[resource(unread, default = false)]
    pub skip_destroy: bool,
}

/// Outputs of a policy.
#[derive(Clone, Debug, Outputs)]
#[resource(handle = Policy)]
pub struct Outputs {
    /// ARN.
    pub arn: String,
}

pub(super) const ABSENT: Codes = &["PolicyNotFoundException"];
const SCP: &str = "SERVICE_CONTROL_POLICY";
const IN_USE: Codes = &["PolicyInUseException"];
/// How long it is waited for that a policy detached a moment ago is free.
const RELEASE: Duration = Duration::from_secs(15);

impl AwsResource for Policy {
    const ABSENT: Codes = ABSENT;
    const PRESENCE: Presence = Presence::Named;
    const LONGEST_NAME: usize = 128;

    fn tagged(_: &Cx, id: &str) -> Tagged {
        Box::new(OrganizationsThing(id.to_owned()))
    }

    /// Not its id, which AWS chooses; but it tells policies apart.
    fn id_of(_: &Cx, inputs: &Inputs) -> Option<String> {
        Some(format!("{}:{}", inputs.r#type, inputs.name))
    }

    /// The policy of this name and type.
    async fn existing(cx: &Cx, inputs: &Inputs) -> Answer<Option<String>> {
        let call = cx.clients.organizations.list_policies().filter(PolicyType::from(inputs.r#type.as_str()));
        let pages = call.into_paginator().send().collect::<Result<Vec<_>, _>>().await;
        let pages = pages.map_err(refused).within("looking for it")?;
        let mut policies = pages.into_iter().flat_map(|page| page.policies.unwrap_or_default());
        Ok(policies.find(|policy| policy.name.as_ref() == Some(&inputs.name)).and_then(|policy| policy.id))
    }

    fn check(checks: &mut Checks<'_>) {
        let (whose, longest) = if !checks.has("type") || checks.text("type") == Some(SCP) {
            ("a service control policy", Longest::Whole(10_240))
        } else {
            ("an organization's policy", Longest::Unknown)
        };
        checks.add(document::check(checks.inputs, "content", whose, longest));
    }

    async fn create(cx: &Cx, inputs: &Inputs) -> Answer<Created<Outputs>> {
        let call = cx.clients.organizations.create_policy().name(&inputs.name).content(&inputs.content);
        let call = call
            .description(inputs.description.clone().unwrap_or_default())
            .r#type(PolicyType::from(inputs.r#type.as_str()))
            .set_tags(Some(built(cx.tags_as(|k, v| Tag::builder().key(k).value(v).build()))?));
        let made = match changed(|| call.clone().send()).await.map_err(refused) {
            Err(refusal) if refusal.is(&["DuplicatePolicyException"]) => {
                let Some(id) = Self::existing(cx, inputs).await? else {
                    let Inputs { name, r#type, .. } = inputs;
                    let error = Error::new(format!("a policy `{name}` exists already, and it is not of type {type}"));
                    return Err(error.hint("choose another name").into());
                };
                return resource::adopt::<Self>(cx, &id, inputs).await;
            }
            made => made?.policy,
        };
        let (id, live) = made.and_then(live).ok_or_else(|| Error::new("CreatePolicy returned no policy"))?;
        Ok(Created::new(id, live.outputs))
    }

    async fn read(cx: &Cx, id: &str) -> Answer<Option<Live<Inputs, Outputs>>> {
        // no organization at all does not mean that there is no policy: more likely these are another account's credentials
        let policy = cx.clients.organizations.describe_policy().policy_id(id).send().await.map_err(refused)?.policy;
        if policy.as_ref().and_then(|p| p.policy_summary.as_ref()).is_some_and(|summary| summary.aws_managed) {
            let error = Error::new(format!("`{id}` is AWS's own policy, which cannot be changed"));
            return Err(error.hint("attach it by its id; leave it out of the program").into());
        }
        Ok(policy.and_then(live).map(|(_, live)| live))
    }

    async fn update(cx: &Cx, id: &str, old: &Inputs, new: &Inputs, outputs: Outputs) -> Answer<Outputs> {
        let same = document::equal(&old.content, &new.content);
        if same && (&old.name, &old.description) == (&new.name, &new.description) {
            return Ok(outputs);
        }
        let call = cx.clients.organizations.update_policy().policy_id(id).name(&new.name).content(&new.content);
        let call = call.description(new.description.clone().unwrap_or_default());
        changed(|| call.clone().send()).await.map_err(refused)?;
        Ok(outputs)
    }

    async fn delete(cx: &Cx, id: &str, inputs: &Inputs) -> Answer {
        if inputs.skip_destroy {
            cx.log.info(&cx.urn, &format!("left organization policy `{id}` in AWS: `skipDestroy`")).await;
            return Ok(());
        }
        let call = cx.clients.organizations.delete_policy().policy_id(id);
        let delete = || changed(|| call.clone().send());
        match recovery::settled_within(RELEASE, IN_USE, delete).await.map_err(refused) {
            Err(refusal) if refusal.is(IN_USE) => Err(refusal.hint(format!(
                "detach it from what `aws organizations list-targets-for-policy --policy-id {id}` lists"
            ))),
            deleted => deleted.done(),
        }
    }
}

/// Id and properties of a policy.
fn live(policy: SdkPolicy) -> Option<(String, Live<Inputs, Outputs>)> {
    let summary = policy.policy_summary?;
    let inputs = Inputs {
        name: summary.name.unwrap_or_default(),
        description: given(summary.description),
        r#type: summary.r#type.map(|kind| kind.to_string()).unwrap_or_default(),
        content: policy.content.unwrap_or_default(),
        skip_destroy: false,
    };
    Some((summary.id?, Live { inputs, outputs: Outputs { arn: summary.arn.unwrap_or_default() } }))
}

#[cfg(test)]
mod tests {
    use pulumi::value::ToValue;
    use serde_json::json;

    use super::*;
    use crate::{
        error::code,
        stub::{
            Answer, Asked, done, inputs,
            late::{Late, Refusal, is_waited_out, wholly},
        },
        testing::{Account, Adapter, Bench, CustomResource as _, Made},
        waits::ORGANIZATION_IS_BUSY,
    };

    const TOKEN: &str = "aws:organizations/policy:Policy";
    const DENY: &str = r#"{"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Action": ["s3:CreateBucket"], "Resource": "*", "Condition": {"Null": {"aws:RequestTag/tenant_id": "true"}}}]}"#;
    const OTHER: &str =
        r#"{"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Action": "kms:CreateKey", "Resource": "*"}]}"#;

    const BUSY: &[Refusal] = &[
        ("ConcurrentModificationException", ""),
        ("PolicyChangesInProgressException", ""),
        ("FinalizingOrganizationException", ""),
    ];

    #[tokio::test]
    async fn a_policy_is_changed_again_while_the_organization_is_busy_and_deleted_when_it_is_free() {
        let organizations = |asked: &Asked| match asked.operation.as_str() {
            "CreatePolicy" => Answer::Json(json!({ "Policy": { "PolicySummary": { "Id": "p-1" } } })),
            _ => done(asked),
        };
        let policy: Inputs = inputs(&json!({ "name": "p", "content": "{}" }));
        let other: Inputs = inputs(&json!({ "name": "q", "content": "{}" }));
        let limit = ORGANIZATION_IS_BUSY.limit;
        let late: &[Late] = &[
            ("CreatePolicy", limit, BUSY),
            ("UpdatePolicy", limit, BUSY),
            ("DeletePolicy", limit, BUSY),
            ("DeletePolicy", RELEASE, &[("PolicyInUseException", "")]),
        ];
        let life = async |cx: Cx| {
            wholly(Adapter::<Policy>::create(&cx, &policy).await?)?;
            let outputs = Outputs { arn: String::new() };
            Adapter::<Policy>::update(&cx, "p-1", &policy, &other, outputs).await?;
            Adapter::<Policy>::delete(&cx, "p-1", &other).await
        };
        is_waited_out(TOKEN, late, organizations, life).await;
    }

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
            Adapter::<Policy>::check(&inputs).into_iter().map(|f| f.reason).collect::<Vec<_>>()
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
        assert!(refused.contains("not of type TAG_POLICY"), "{refused}");
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
