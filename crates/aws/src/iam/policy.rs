//! A managed IAM policy of the account.
//!
//! Calls: CreatePolicy, GetPolicy, ListPolicies, GetPolicyVersion, ListPolicyVersions, CreatePolicyVersion,
//! DeletePolicyVersion, DeletePolicy, TagPolicy, UntagPolicy, ListPolicyTags.
//! IAM: `iam:` + each of these, on the policy.
//!
//! - A change is a new version, made the default one. AWS keeps five: the oldest that is not the default one makes room.
//! - A policy that is attached cannot be deleted.

use aws_sdk_iam::types::{Policy as SdkPolicy, PolicyScopeType, PolicyVersion};

use super::role::{ABSENT, BUSY, IN_USE, RELEASE, arn};
use crate::{
    document::Longest,
    prelude::*,
    tags::{IamPolicy, iam},
};

/// A managed IAM policy of the account.
#[derive(Clone, Debug, Resource)]
#[resource(token = "aws:iam/policy:Policy", noun = "IAM policy", handle = Policy, tags, name_prefix, from = SdkPolicy)]
pub struct Inputs {
    /// Name, up to 128 letters, digits and `+=,.@-_`; unique in the account, whatever the case.
    #[resource(replace, autoname, sdk = policy_name)]
    pub name: String,
    /// Path, beginning and ending with a `/`.
    #[resource(replace, default = "/")]
    pub path: String,
    /// What the policy is for. AWS has no way to change it.
    #[resource(replace, blank)]
    pub description: Option<String>,
    /// The policy, a JSON document.
    #[resource(json, equal = document::equal, own)]
    pub policy: String,
}

/// Outputs of a policy.
#[derive(Clone, Debug, Outputs)]
#[resource(handle = Policy, from = SdkPolicy)]
pub struct Outputs {
    /// ARN, the same as the id.
    pub arn: String,
    /// Number of roles, users and groups that the policy is attached to.
    pub attachment_count: i32,
    /// Unique id, which a later policy of the same name does not have.
    pub policy_id: String,
}

const VERSIONS: usize = 5;

impl AwsResource for Policy {
    const ABSENT: Codes = ABSENT;
    const EXISTS: Codes = &["EntityAlreadyExists"];
    const LONGEST_NAME: usize = 128;

    fn tagged(_: &Cx, id: &str) -> Tagged {
        Box::new(IamPolicy(id.to_owned()))
    }

    fn id_of(cx: &Cx, inputs: &Inputs) -> Option<String> {
        Some(arn(cx, &format!("policy{}{}", inputs.path, inputs.name)))
    }

    fn check(checks: &mut Checks<'_>) {
        checks.add(document::check(checks.inputs, "policy", "a managed policy", Longest::Dense(6_144)));
    }

    async fn create(cx: &Cx, inputs: &Inputs) -> Answer<Created<Outputs>> {
        let call = cx.clients.iam.create_policy().policy_name(&inputs.name).path(&inputs.path);
        let call = call
            .policy_document(&inputs.policy)
            .set_description(inputs.description.clone())
            .set_tags(Some(iam::of_create(cx)?));
        let made = propagation::told(BUSY, || call.clone().send()).await.answer();
        if made.as_ref().is_err_and(|refusal| refusal.is(Self::EXISTS))
            && let Some(other) = elsewhere(cx, inputs).await?
        {
            let why = "it is of another path or case, where AWS wants another name";
            return Err(cx.taken("IAM policy", &other, why).into());
        }
        let policy = made?.policy.ok_or_else(|| Error::new("CreatePolicy returned no policy"))?;
        let outputs = Outputs::from_sdk(policy);
        let call = cx.clients.iam.get_policy().policy_arn(&outputs.arn);
        let shown = propagation::told(ABSENT, || call.clone().send()).await.within("waiting until IAM shows it");
        Ok(Created::new(outputs.arn.clone(), outputs).and(shown.done()))
    }

    async fn read(cx: &Cx, id: &str) -> Answer<Option<Live<Inputs, Outputs>>> {
        let Some(policy) = cx.clients.iam.get_policy().policy_arn(id).send().await?.policy else { return Ok(None) };
        let version = policy.default_version_id.as_deref().unwrap_or("v1");
        let document = document_of(cx, id, version).await?;
        let inputs = Inputs { policy: document, ..Inputs::from_sdk(policy.clone()) };
        Ok(Some(Live { inputs, outputs: Outputs::from_sdk(policy) }))
    }

    async fn update(cx: &Cx, id: &str, _: &Inputs, new: &Inputs, outputs: Outputs) -> Answer<Outputs> {
        let mut versions = versions(cx, id).await?;
        // an update whose answer was lost may have made it
        if let Some(default) = versions.iter().find(|v| v.is_default_version).and_then(|v| v.version_id.as_deref())
            && document::equal(&document_of(cx, id, default).await?, &new.policy)
        {
            return Ok(outputs);
        }
        versions.retain(|v| !v.is_default_version);
        versions.sort_by_key(|v| v.create_date);
        // with the default one there are five
        let surplus = versions.len().saturating_sub(VERSIONS - 2);
        for version in &versions[..surplus] {
            delete_version(cx, id, version).await?;
        }
        let call = cx.clients.iam.create_policy_version().policy_arn(id).policy_document(&new.policy);
        let call = call.set_as_default(true);
        recovery::settled(BUSY, || call.clone().send()).await?;
        Ok(outputs)
    }

    async fn delete(cx: &Cx, id: &str, _: &Inputs) -> Answer {
        for version in versions(cx, id).await?.iter().filter(|v| !v.is_default_version) {
            delete_version(cx, id, version).await?;
        }
        let call = cx.clients.iam.delete_policy().policy_arn(id);
        let deleted = recovery::settled_within(RELEASE, IN_USE, || call.clone().send()).await.done();
        let hint = format!("detach it from what `aws iam list-entities-for-policy --policy-arn {id}` lists");
        deleted.map_err(|refusal| if refusal.is(&["DeleteConflict"]) { refusal.hint(hint) } else { refusal })
    }
}

async fn document_of(cx: &Cx, arn: &str, version: &str) -> Answer<String> {
    let call = cx.clients.iam.get_policy_version().policy_arn(arn).version_id(version);
    let answer = recovery::settled_within(RELEASE, ABSENT, || call.clone().send()).await;
    // without its code: that there is no such version does not mean that there is no policy
    let answer = answer.within(&format!("reading its version {version}")).map_err(Error::from)?;
    Ok(answer.policy_version.and_then(|v| v.document).as_deref().map(document::decoded).unwrap_or_default())
}

async fn versions(cx: &Cx, arn: &str) -> Answer<Vec<PolicyVersion>> {
    let pages = cx.clients.iam.list_policy_versions().policy_arn(arn).into_paginator().items().send();
    let versions = pages.collect::<Result<Vec<_>, _>>().await.found(ABSENT);
    Ok(versions.within("listing its versions")?.unwrap_or_default())
}

async fn delete_version(cx: &Cx, arn: &str, version: &PolicyVersion) -> Answer {
    let id = version.version_id.clone().unwrap_or_default();
    let call = cx.clients.iam.delete_policy_version().policy_arn(arn).version_id(&id);
    let deleted = recovery::settled(BUSY, || call.clone().send()).await.gone(ABSENT);
    deleted.within(&format!("deleting its version {id}"))
}

/// The ARN of another policy of this name: names are unique whatever the path and the case.
async fn elsewhere(cx: &Cx, inputs: &Inputs) -> Answer<Option<String>> {
    let pages = cx.clients.iam.list_policies().scope(PolicyScopeType::Local).into_paginator().items().send();
    let policies = pages.collect::<Result<Vec<_>, _>>().await.within("looking for it")?;
    let wanted = Policy::id_of(cx, inputs);
    let is_other = |policy: &SdkPolicy| {
        policy.policy_name.as_ref().is_some_and(|name| name.eq_ignore_ascii_case(&inputs.name)) && policy.arn != wanted
    };
    Ok(policies.into_iter().find(is_other).and_then(|policy| policy.arn))
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
        testing::{Account, Adapter, Bench, CustomResource as _},
    };

    const TOKEN: &str = "aws:iam/policy:Policy";
    const ARN: &str = "arn:aws:iam::111122223333:policy/p";
    const UNKNOWN: Refusal = ("NoSuchEntity", "");
    const CHANGING: Refusal = ("ConcurrentModification", "");
    const UNTOLD: Refusal = ("MalformedPolicyDocument", "Invalid principal in policy");

    /// A policy of five versions.
    fn iam(asked: &Asked) -> Answer {
        Answer::Xml(match asked.operation.as_str() {
            "CreatePolicy" | "GetPolicy" => {
                format!(
                    "<Policy><PolicyName>p</PolicyName><Arn>{ARN}</Arn><DefaultVersionId>v5</DefaultVersionId></Policy>"
                )
            }
            "ListPolicyVersions" => {
                let version = |n: u32| {
                    let is_default = n == 5;
                    format!(
                        "<member><VersionId>v{n}</VersionId><IsDefaultVersion>{is_default}</IsDefaultVersion>\
                         <CreateDate>2026-11-0{n}T00:00:00Z</CreateDate></member>"
                    )
                };
                format!("<Versions>{}</Versions>", (1..=5).map(version).collect::<String>())
            }
            "GetPolicyVersion" => "<PolicyVersion><Document>%7B%7D</Document></PolicyVersion>".to_owned(),
            _ => return done(asked),
        })
    }

    #[tokio::test]
    async fn a_policy_that_iam_does_not_show_yet_is_asked_for_again() {
        let policy: Inputs = inputs(&json!({ "name": "p", "policy": "{}" }));
        let late: &[Late] = &[("CreatePolicy", TOLD, &[UNTOLD, CHANGING]), ("GetPolicy", TOLD, &[UNKNOWN])];
        is_waited_out(TOKEN, late, iam, async |cx| wholly(Adapter::<Policy>::create(&cx, &policy).await?)).await;
    }

    #[tokio::test]
    async fn each_change_of_a_policy_is_made_again_while_another_one_is_under_way() {
        let policy: Inputs = inputs(&json!({ "name": "p", "policy": "{}" }));
        let other: Inputs = inputs(&json!({ "name": "p", "policy": reading("a") }));
        let outputs = || Outputs { arn: ARN.to_owned(), attachment_count: 0, policy_id: String::new() };
        let make_room: Late = ("DeletePolicyVersion", SETTLED, &[CHANGING]);
        let late: &[Late] =
            &[("GetPolicyVersion", RELEASE, &[UNKNOWN]), make_room, ("CreatePolicyVersion", SETTLED, &[CHANGING])];
        let change = async |cx: Cx| Adapter::<Policy>::update(&cx, ARN, &policy, &other, outputs()).await.map(drop);
        is_waited_out(TOKEN, late, iam, change).await;
        let late: &[Late] = &[make_room, ("DeletePolicy", RELEASE, &[("DeleteConflict", ""), CHANGING])];
        is_waited_out(TOKEN, late, iam, async |cx| Adapter::<Policy>::delete(&cx, ARN, &policy).await).await;
    }

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
            Adapter::<Policy>::check(&inputs.into()).into_iter().map(|f| f.reason).collect::<Vec<_>>()
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
