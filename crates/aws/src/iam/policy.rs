//! A managed IAM policy of the account.
//!
//! Calls: CreatePolicy, GetPolicy, ListPolicies, GetPolicyVersion, ListPolicyVersions, CreatePolicyVersion,
//! DeletePolicyVersion, DeletePolicy, TagPolicy, UntagPolicy, ListPolicyTags.
//! IAM: `iam:` + each of these, on the policy.
//!
//! - A change is a new version, made the default one. AWS keeps five: the oldest that is not the default one makes room.
//! - A policy that somebody has cannot be deleted.

use std::collections::BTreeMap;

use aws_sdk_iam::types::{Policy as SdkPolicy, PolicyScopeType, PolicyVersion};
use derive::{Outputs, Resource};
use pulumi::{
    provider::{
        adopt::Presence,
        check::Failure,
        resource::{Created, CustomResource, Error, Kind, Live},
    },
    value::Map,
};

use super::role::{ABSENT, BUSY, IN_USE, RELEASE, arn};
use crate::{
    context::Cx,
    document::{self, Longest},
    error::{code, failed, found, gone},
    name, propagation, recovery,
    tags::{IamPolicy, Taggable, Tagged, WithTags, iam},
};

/// A managed IAM policy of the account.
#[derive(Clone, Debug, Resource)]
#[resource(token = "aws:iam/policy:Policy", noun = "IAM policy", handle = Policy)]
pub struct Inputs {
    /// Name, up to 128 letters, digits and `+=,.@-_`; unique in the account, whatever the case.
    #[resource(replace, autoname)]
    pub name: String,
    /// What a generated name begins with. Instead of `name`.
    #[resource(unread)]
    pub name_prefix: Option<String>,
    /// Path, beginning and ending with a `/`.
    #[resource(replace, default = "/")]
    pub path: String,
    /// What the policy is for. AWS has no way to change it.
    #[resource(replace)]
    pub description: Option<String>,
    /// The policy, a JSON document.
    #[resource(json, equal = document::equal)]
    pub policy: String,
    /// Tags, beside the provider's default tags.
    #[resource(default)]
    pub tags: BTreeMap<String, String>,
}

/// What AWS adds to a policy.
#[derive(Clone, Debug, Outputs)]
#[resource(handle = Policy)]
pub struct Outputs {
    /// ARN, the same as the id.
    pub arn: String,
    /// How many roles, users and groups have it.
    pub attachment_count: i32,
    /// Unique id, which a later policy of the same name does not have.
    pub policy_id: String,
}

const LONGEST: usize = 128;
const VERSIONS: usize = 5;

impl CustomResource for Policy {
    type Context = Cx;
    type Inputs = Inputs;
    type Outputs = Outputs;

    const PRESENCE: Presence = Presence::Named;

    fn id_of(cx: &Cx, inputs: &Inputs) -> Option<String> {
        Some(format!("arn:{}:iam::{}:policy{}{}", cx.partition, cx.caller.account, inputs.path, inputs.name))
    }

    fn check(inputs: &Map) -> Vec<Failure> {
        document::check(inputs, "policy", "a managed policy", Longest::Dense(6_144)).into_iter().collect()
    }

    fn fit_name(_: &Map, name: String) -> String {
        name::fitted(name, LONGEST)
    }

    async fn create(cx: &Cx, inputs: &Inputs) -> Result<Created<Outputs>, Error> {
        let call = cx.clients.iam.create_policy().policy_name(&inputs.name).path(&inputs.path);
        let call = call
            .policy_document(&inputs.policy)
            .set_description(inputs.description.clone())
            .set_tags(Some(iam::of_create(cx)?));
        match propagation::told(BUSY, || call.clone().send()).await {
            Ok(made) => {
                let policy = made.policy.ok_or_else(|| Error::new("AWS made a policy and did not say which"))?;
                let outputs = outputs(policy);
                let seen = young(cx, &outputs.arn).await.map(drop);
                Ok(Created::new(outputs.arn.clone(), outputs).and(seen))
            }
            Err(failure) if code(&failure) == Some("EntityAlreadyExists") => take_up(cx, inputs).await,
            Err(failure) => Err(failed(failure)),
        }
    }

    async fn read(cx: &Cx, id: &str) -> Result<Option<Live<Inputs, Outputs>>, Error> {
        let answer = found(cx.clients.iam.get_policy().policy_arn(id).send().await, ABSENT)?;
        match answer.and_then(|answer| answer.policy) {
            Some(policy) => live(cx, policy).await.map(Some),
            None => Ok(None),
        }
    }

    async fn update(cx: &Cx, id: &str, _: &Inputs, new: &Inputs, outputs: Outputs) -> Result<Outputs, Error> {
        let mut versions = versions(cx, id).await?;
        // an update that was not heard the end of may have made it
        if let Some(default) = versions.iter().find(|v| v.is_default_version).and_then(|v| v.version_id.as_deref())
            && document::equal(&document_of(cx, id, default).await?, &new.policy)
        {
            return Ok(outputs);
        }
        versions.retain(|v| !v.is_default_version);
        versions.sort_by_key(|v| v.create_date);
        // with the default one there are five
        let room = versions.len().saturating_sub(VERSIONS - 2);
        for version in versions.into_iter().take(room) {
            delete_version(cx, id, &version).await?;
        }
        let call = cx.clients.iam.create_policy_version().policy_arn(id).policy_document(&new.policy);
        let call = call.set_as_default(true);
        recovery::settled(BUSY, || call.clone().send()).await.map_err(failed)?;
        Ok(outputs)
    }

    async fn delete(cx: &Cx, id: &str, _: &Inputs) -> Result<(), Error> {
        for version in versions(cx, id).await?.iter().filter(|v| !v.is_default_version) {
            delete_version(cx, id, version).await?;
        }
        let call = cx.clients.iam.delete_policy().policy_arn(id);
        let deleted = recovery::settled_within(RELEASE, IN_USE, || call.clone().send()).await;
        let in_use = deleted.as_ref().err().and_then(code) == Some("DeleteConflict");
        gone(deleted, ABSENT).map_err(|error| {
            let hint =
                || format!("detach it from those who have it: aws iam list-entities-for-policy --policy-arn {id}");
            if in_use { error.hint(hint()) } else { error }
        })
    }
}

impl Taggable for Policy {
    fn tagged(_: &Cx, id: &str) -> Tagged {
        Box::new(IamPolicy(id.to_owned()))
    }
}

pub(crate) fn kind() -> Box<dyn Kind<Cx>> {
    Box::new(WithTags::<Policy>::new())
}

fn outputs(policy: SdkPolicy) -> Outputs {
    Outputs {
        arn: policy.arn.unwrap_or_default(),
        attachment_count: policy.attachment_count.unwrap_or_default(),
        policy_id: policy.policy_id.unwrap_or_default(),
    }
}

async fn live(cx: &Cx, policy: SdkPolicy) -> Result<Live<Inputs, Outputs>, Error> {
    let version = policy.default_version_id.as_deref().unwrap_or("v1");
    let inputs = Inputs {
        name: policy.policy_name.clone().unwrap_or_default(),
        name_prefix: None,
        path: policy.path.clone().unwrap_or_else(|| "/".to_owned()),
        description: policy.description.clone().filter(|d| !d.is_empty()),
        policy: document_of(cx, policy.arn.as_deref().unwrap_or_default(), version).await?,
        tags: BTreeMap::new(),
    };
    Ok(Live { inputs, outputs: outputs(policy) })
}

async fn document_of(cx: &Cx, arn: &str, version: &str) -> Result<String, Error> {
    let call = cx.clients.iam.get_policy_version().policy_arn(arn).version_id(version);
    let answer = recovery::settled_within(RELEASE, ABSENT, || call.clone().send()).await;
    let version = answer.map_err(|e| failed(e).within(&format!("reading its version {version}")))?.policy_version;
    Ok(version.and_then(|v| v.document).as_deref().map(document::decoded).unwrap_or_default())
}

async fn versions(cx: &Cx, arn: &str) -> Result<Vec<PolicyVersion>, Error> {
    let pages = cx.clients.iam.list_policy_versions().policy_arn(arn).into_paginator().items().send();
    let versions = found(pages.collect::<Result<Vec<_>, _>>().await, ABSENT);
    Ok(versions.map_err(|e| e.within("listing its versions"))?.unwrap_or_default())
}

async fn delete_version(cx: &Cx, arn: &str, version: &PolicyVersion) -> Result<(), Error> {
    let id = version.version_id.clone().unwrap_or_default();
    let call = cx.clients.iam.delete_policy_version().policy_arn(arn).version_id(&id);
    let done = recovery::settled(BUSY, || call.clone().send()).await;
    gone(done, ABSENT).map_err(|e| e.within(&format!("deleting its version {id}")))
}

/// A policy that exists, though IAM may not say so yet.
async fn young(cx: &Cx, arn: &str) -> Result<SdkPolicy, Error> {
    let call = cx.clients.iam.get_policy().policy_arn(arn);
    let answer = propagation::told(ABSENT, || call.clone().send()).await;
    let policy = answer.map_err(|e| failed(e).within("waiting until IAM shows it"))?.policy;
    policy.ok_or_else(|| Error::new("AWS found the policy, and did not show it"))
}

/// Makes a policy that existed already what it should be, if it is ours.
async fn take_up(cx: &Cx, inputs: &Inputs) -> Result<Created<Outputs>, Error> {
    let wanted = arn(cx, &format!("policy{}{}", inputs.path, inputs.name));
    if let Some(other) = elsewhere(cx, &inputs.name, &wanted).await? {
        return Err(cx.taken("IAM policy", &other, "it is of another path or case, where AWS wants another name"));
    }
    let policy = young(cx, &wanted).await?;
    let tags = iam::plain(policy.tags.clone());
    let live = live(cx, policy).await?;
    let id = live.outputs.arn.clone();
    cx.adopt("IAM policy", &id, &tags).await?;
    if live.inputs.description != inputs.description {
        let why = "AWS cannot change its description into the wanted one";
        return Err(cx.taken("IAM policy", &id, why));
    }
    let created = Created::new(&id, live.outputs.clone());
    let rest = async {
        Policy::tagged(cx, &id).claim(cx, &tags).await?;
        Policy::update(cx, &id, &live.inputs, inputs, live.outputs).await.map(drop)
    };
    Ok(created.and(rest.await))
}

/// The ARN of another policy of this name: names are unique whatever the path and the case.
async fn elsewhere(cx: &Cx, name: &str, wanted: &str) -> Result<Option<String>, Error> {
    let pages = cx.clients.iam.list_policies().scope(PolicyScopeType::Local).into_paginator().items().send();
    let all = pages.collect::<Result<Vec<_>, _>>().await.map_err(|e| failed(e).within("looking for it"))?;
    let is_other = |policy: &SdkPolicy| {
        policy.policy_name.as_ref().is_some_and(|other| other.eq_ignore_ascii_case(name))
            && policy.arn.as_deref() != Some(wanted)
    };
    Ok(all.into_iter().find(is_other).and_then(|policy| policy.arn))
}

#[cfg(test)]
mod tests {
    use pulumi::value::ToValue;
    use serde_json::json;

    use super::*;
    use crate::testing::{Account, Bench};

    const TOKEN: &str = "aws:iam/policy:Policy";

    fn reading(of: &str) -> String {
        format!(
            r#"{{"Version": "2012-10-17", "Statement": [{{"Effect": "Allow", "Action": ["secretsmanager:GetSecretValue"], "Resource": "arn:aws:secretsmanager:*:*:secret:{of}/*"}}]}}"#
        )
    }

    crate::lifecycle! {
        token: "aws:iam/policy:Policy",
        needs: [],
        sample: {
            "name": "policy-{unique}",
            "description": "reads secrets",
            "path": "/acme/",
            "policy": reading("acme-*"),
            "tags": { "a": "1" },
        },
        change: { "policy": reading("other%2A"), "tags": { "b": "2" } },
    }

    #[test]
    fn size_is_checked() {
        let wrong = |size: usize| {
            let text = format!("{{ \"a\": \"{}\" }}", "x".repeat(size - 8));
            let inputs = [("name".to_owned(), "p".to_value()), ("policy".to_owned(), text.to_value())];
            Policy::check(&inputs.into()).into_iter().map(|f| f.reason).collect::<Vec<_>>()
        };
        assert_eq!(wrong(6_144), Vec::<String>::new());
        assert_eq!(
            wrong(6_145),
            ["a managed policy has at most 6144 characters beside white space; this one has 6145"]
        );
    }

    #[tokio::test]
    async fn the_oldest_version_makes_room_for_a_sixth() {
        let mut bench = Bench::new(Account::Member).await;
        let iam = bench.clients(Account::Member).await.iam;
        let mut made = bench.create(TOKEN, &json!({ "name": "versions-{unique}", "policy": reading("v1") })).await;
        let versions = async |arn: &str| {
            let versions = iam.list_policy_versions().policy_arn(arn).send().await.expect("versions").versions;
            let mut ids: Vec<_> = versions.unwrap_or_default().into_iter().filter_map(|v| v.version_id).collect();
            ids.sort();
            ids
        };
        for i in 2..=5 {
            let mut inputs = made.inputs.clone();
            inputs.insert("policy".to_owned(), reading(&format!("v{i}")).to_value());
            made = bench.update(&made, inputs, false).await;
        }
        assert_eq!(versions(&made.id).await, ["v1", "v2", "v3", "v4", "v5"], "what there is room for is kept");
        // somebody went back to the first: it is not the oldest to go
        iam.set_default_policy_version().policy_arn(&made.id).version_id("v1").send().await.expect("back");
        let mut inputs = made.inputs.clone();
        inputs.insert("policy".to_owned(), reading("v6").to_value());
        made = bench.update(&made, inputs.clone(), false).await;
        assert_eq!(versions(&made.id).await, ["v1", "v3", "v4", "v5", "v6"]);
        made = bench.update(&made, inputs, false).await;
        assert_eq!(versions(&made.id).await, ["v1", "v3", "v4", "v5", "v6"], "an update made again makes no version");
        let (live, _) = bench.read(&made, Some(&made.inputs)).await.expect("it is there");
        assert_eq!(live, made.inputs);
        bench.clean_up().await;
        assert!(bench.read(&made, Some(&made.inputs)).await.is_none(), "it goes with all versions");
    }

    #[tokio::test]
    async fn a_policy_that_exists_is_adopted_when_it_is_ours() {
        let mut bench = Bench::new(Account::Member).await;
        bench.knows(&[]);
        let iam = bench.clients(Account::Member).await.iam;
        let name = format!("taken-{}", bench.unique());
        let ours = [("tenant_id", "test"), ("environment", "local")];
        let tags = ours.map(|(k, v)| aws_sdk_iam::types::Tag::builder().key(k).value(v).build().expect("a tag"));
        let policy = iam.create_policy().policy_name(&name).policy_document(reading("old"));
        let policy = policy.set_tags(Some(tags.into())).send().await.expect("a policy").policy.and_then(|p| p.arn);
        let urn = bench.urn(TOKEN);
        let described = json!({ "name": "taken-{unique}", "description": "d", "policy": reading("new") });
        let refused = bench.try_create(&urn, TOKEN, &described).await.expect_err("its description cannot be changed");
        assert!(refused.contains("description"), "{refused}");
        let inputs = json!({ "name": "taken-{unique}", "policy": reading("new") });
        let made = bench.try_create(&urn, TOKEN, &inputs).await.expect("its tags prove it ours");
        assert_eq!(Some(&made.id), policy.as_ref());
        let (live, _) = bench.read(&made, Some(&made.inputs)).await.expect("it is there");
        assert_eq!(live, made.inputs, "it became what is wanted");
        let other = bench.urn(TOKEN);
        iam.untag_policy()
            .policy_arn(&made.id)
            .tag_keys("tenant_id")
            .tag_keys(crate::recovery::TAG)
            .send()
            .await
            .expect("");
        let refused = bench.try_create(&other, TOKEN, &inputs).await.expect_err("nothing proves it ours");
        assert!(refused.contains("exists already") && refused.contains("ZONE_ADOPT="), "{refused}");
        bench.clean_up().await;
    }

    #[tokio::test]
    async fn a_policy_that_somebody_has_stays() {
        let mut bench = Bench::new(Account::Member).await;
        let iam = bench.clients(Account::Member).await.iam;
        let made = bench.create(TOKEN, &json!({ "name": "held-{unique}", "policy": reading("a") })).await;
        let name = format!("holder-{}", bench.unique());
        iam.create_user().user_name(&name).send().await.expect("a user");
        iam.attach_user_policy().user_name(&name).policy_arn(&made.id).send().await.expect("attached");
        let refused = bench.try_delete(&made).await.expect_err("a user has it");
        assert!(refused.contains("DeleteConflict") && refused.contains("list-entities-for-policy"), "{refused}");
        iam.detach_user_policy().user_name(&name).policy_arn(&made.id).send().await.expect("detached");
        iam.delete_user().user_name(&name).send().await.expect("the user goes");
        bench.clean_up().await;
    }
}
