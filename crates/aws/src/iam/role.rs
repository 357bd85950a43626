//! An IAM role.
//!
//! Calls: CreateRole, GetRole, UpdateRole, UpdateAssumeRolePolicy, PutRolePermissionsBoundary, DeleteRolePermissionsBoundary,
//! DeleteRole, ListInstanceProfilesForRole, RemoveRoleFromInstanceProfile, TagRole, UntagRole, ListRoleTags; with
//! `forceDetachPolicies` also ListAttachedRolePolicies, DetachRolePolicy, ListRolePolicies, DeleteRolePolicy.
//! IAM: `iam:` + each of these, on the role.
//!
//! - IAM tells its news late: a create ends when the role is found, and waits for principals and boundaries made a moment ago.
//! - UpdateRole sets what it is not given to its default: it gets both, description and duration.
//! - A role in an instance profile, or with policies, cannot be deleted. It is taken out of its profiles, as the
//!   official provider does; policies that the program does not know go with `forceDetachPolicies` alone.

use aws_sdk_iam::types::Role as SdkRole;
use aws_smithy_types::date_time::Format;

use crate::{
    document::Longest,
    prelude::*,
    tags::{IamRole, iam},
};

/// An IAM role.
#[derive(Clone, Debug, Resource)]
#[resource(token = "aws:iam/role:Role", noun = "IAM role", handle = Role, tags, name_prefix, from = SdkRole)]
pub struct Inputs {
    /// Name, up to 64 letters, digits and `+=,.@-_`; unique in the account, whatever the case.
    #[resource(replace, autoname, sdk = role_name)]
    pub name: String,
    /// Path, beginning and ending with a `/`.
    #[resource(replace, default = "/")]
    pub path: String,
    /// Who may assume the role, a JSON document.
    #[resource(json, equal = document::equal, own)]
    pub assume_role_policy: String,
    /// What the role is for.
    #[resource(blank)]
    pub description: Option<String>,
    /// Longest session in seconds, 3600 to 43200.
    #[resource(default = 3600)]
    pub max_session_duration: i32,
    /// ARN of the policy that limits what the role's other policies can allow.
    #[resource(sdk = permissions_boundary.permissions_boundary_arn)]
    pub permissions_boundary: Option<String>,
    /// Whether deleting the role first removes all its policies, those that the program does not manage included.
    #[resource(unread, default = false, own)]
    pub force_detach_policies: bool,
}

/// Outputs of a role.
#[derive(Clone, Debug, Outputs)]
#[resource(handle = Role)]
pub struct Outputs {
    /// ARN.
    pub arn: String,
    /// When the role was created.
    pub create_date: String,
    /// Unique id, which a later role of the same name does not have.
    pub unique_id: String,
}

pub(crate) const ABSENT: Codes = &["NoSuchEntity"];
/// Two changes of a thing at once: the later one is repeated.
pub(crate) const BUSY: Codes = &["ConcurrentModification"];
/// As [`BUSY`], and IAM does not know yet what was made a moment ago.
pub(super) const YOUNG: Codes = &["NoSuchEntity", "ConcurrentModification"];
/// What hung on it may have been taken away a moment ago.
pub(super) const IN_USE: Codes = &["DeleteConflict", "ConcurrentModification"];
/// How long that is waited for.
pub(super) const RELEASE: Duration = Duration::from_secs(15);

impl AwsResource for Role {
    const ABSENT: Codes = ABSENT;
    const EXISTS: Codes = &["EntityAlreadyExists"];
    const LONGEST_NAME: usize = 64;

    fn tagged(_: &Cx, id: &str) -> Tagged {
        Box::new(IamRole(id.to_owned()))
    }

    fn check(checks: &mut Checks<'_>) {
        // its length is a quota of the account
        checks.add(document::check(checks.inputs, "assumeRolePolicy", "a role's trust policy", Longest::Unknown));
    }

    async fn create(cx: &Cx, inputs: &Inputs) -> Answer<Created<Outputs>> {
        let call = cx.clients.iam.create_role().role_name(&inputs.name).path(&inputs.path);
        let call = call
            .assume_role_policy_document(&inputs.assume_role_policy)
            .max_session_duration(inputs.max_session_duration)
            .set_description(inputs.description.clone())
            .set_permissions_boundary(inputs.permissions_boundary.clone())
            .set_tags(Some(iam::of_create(cx)?));
        let role = propagation::told(YOUNG, || call.clone().send()).await?.role;
        let role = role.ok_or_else(|| Error::new("CreateRole returned no role"))?;
        let call = cx.clients.iam.get_role().role_name(&inputs.name);
        let shown = propagation::told(ABSENT, || call.clone().send()).await.within("waiting until IAM shows it");
        Ok(Created::new(&inputs.name, outputs(cx, &role)).and(shown.done()))
    }

    async fn read(cx: &Cx, id: &str) -> Answer<Option<Live<Inputs, Outputs>>> {
        let Some(role) = cx.clients.iam.get_role().role_name(id).send().await?.role else { return Ok(None) };
        let outputs = outputs(cx, &role);
        let document = role.assume_role_policy_document.as_deref().map(document::decoded);
        let inputs = Inputs { assume_role_policy: document.unwrap_or_default(), ..Inputs::from_sdk(role) };
        Ok(Some(Live { inputs, outputs }))
    }

    async fn update(cx: &Cx, id: &str, old: &Inputs, new: &Inputs, outputs: Outputs) -> Answer<Outputs> {
        let iam = &cx.clients.iam;
        if !document::equal(&old.assume_role_policy, &new.assume_role_policy) {
            let call = iam.update_assume_role_policy().role_name(id).policy_document(&new.assume_role_policy);
            propagation::told(BUSY, || call.clone().send()).await.within("setting its trust policy")?;
        }
        if (&old.description, old.max_session_duration) != (&new.description, new.max_session_duration) {
            let call = iam.update_role().role_name(id).max_session_duration(new.max_session_duration);
            let call = call.description(new.description.clone().unwrap_or_default());
            recovery::settled(BUSY, || call.clone().send()).await?;
        }
        if old.permissions_boundary != new.permissions_boundary {
            let done = if let Some(boundary) = &new.permissions_boundary {
                let call = iam.put_role_permissions_boundary().role_name(id).permissions_boundary(boundary);
                propagation::told(YOUNG, || call.clone().send()).await.done()
            } else {
                let call = iam.delete_role_permissions_boundary().role_name(id);
                recovery::settled(BUSY, || call.clone().send()).await.gone(ABSENT)
            };
            done.within("setting its permissions boundary")?;
        }
        Ok(outputs)
    }

    async fn delete(cx: &Cx, id: &str, inputs: &Inputs) -> Answer {
        leave_profiles(cx, id).await?;
        if inputs.force_detach_policies {
            detach_all(cx, id).await?;
            delete_inline(cx, id).await?;
        }
        let call = cx.clients.iam.delete_role().role_name(id);
        let deleted = recovery::settled_within(RELEASE, IN_USE, || call.clone().send()).await.done();
        let hint = "remove what is attached to it, or set `forceDetachPolicies` to remove its policies with it";
        deleted.map_err(|refusal| if refusal.is(&["DeleteConflict"]) { refusal.hint(hint) } else { refusal })
    }
}

/// The ARN of one of IAM's things, which lie in no region.
pub(super) fn arn(cx: &Cx, resource: &str) -> String {
    format!("arn:{}:iam::{}:{resource}", cx.partition, cx.caller.account)
}

fn outputs(cx: &Cx, role: &SdkRole) -> Outputs {
    // for a moment after a create, GetRole may show the unique id for the ARN
    let arn = if role.arn.starts_with("arn:") {
        role.arn.clone()
    } else {
        arn(cx, &format!("role{}{}", role.path, role.role_name))
    };
    let create_date = role.create_date.fmt(Format::DateTime).unwrap_or_default();
    Outputs { arn, create_date, unique_id: role.role_id.clone() }
}

async fn leave_profiles(cx: &Cx, role: &str) -> Answer {
    let iam = &cx.clients.iam;
    let profiles = iam.list_instance_profiles_for_role().role_name(role).into_paginator().items().send();
    let profiles = profiles.collect::<Result<Vec<_>, _>>().await.found(ABSENT)?.unwrap_or_default();
    for name in profiles.into_iter().map(|profile| profile.instance_profile_name) {
        let call = iam.remove_role_from_instance_profile().role_name(role).instance_profile_name(&name);
        let left = recovery::settled(BUSY, || call.clone().send()).await.gone(ABSENT);
        left.within(&format!("removing it from instance profile `{name}`"))?;
    }
    Ok(())
}

async fn detach_all(cx: &Cx, role: &str) -> Answer {
    let iam = &cx.clients.iam;
    let attached = iam.list_attached_role_policies().role_name(role).into_paginator().items().send();
    let attached = attached.collect::<Result<Vec<_>, _>>().await.found(ABSENT)?.unwrap_or_default();
    for arn in attached.into_iter().filter_map(|policy| policy.policy_arn) {
        let call = iam.detach_role_policy().role_name(role).policy_arn(&arn);
        let detached = recovery::settled(BUSY, || call.clone().send()).await.gone(ABSENT);
        detached.within(&format!("detaching {arn}"))?;
    }
    Ok(())
}

async fn delete_inline(cx: &Cx, role: &str) -> Answer {
    let iam = &cx.clients.iam;
    let names = iam.list_role_policies().role_name(role).into_paginator().items().send();
    for name in names.collect::<Result<Vec<_>, _>>().await.found(ABSENT)?.unwrap_or_default() {
        let call = iam.delete_role_policy().role_name(role).policy_name(&name);
        let deleted = recovery::settled(BUSY, || call.clone().send()).await.gone(ABSENT);
        deleted.within(&format!("deleting its inline policy `{name}`"))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use aws_sdk_iam::types::Tag;
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

    const TRUST: &str = r#"{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole", "Condition": {"StringEquals": {"aws:SourceAccount": "111122223333"}}}]}"#;
    const BREAK_GLASS: &str = r#"{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111122223333:root"}, "Action": ["sts:AssumeRole"], "Condition": {"Bool": {"aws:MultiFactorAuthPresent": "true"}}}]}"#;
    const BOUNDARY: &str = "arn:aws:iam::aws:policy/PowerUserAccess";
    const TOKEN: &str = "aws:iam/role:Role";
    const UNKNOWN: Refusal = ("NoSuchEntity", "");
    const CHANGING: Refusal = ("ConcurrentModification", "");
    const UNTOLD: Refusal = ("MalformedPolicyDocument", "Invalid principal in policy");

    /// A role in a profile, with a policy of each kind.
    fn iam(asked: &Asked) -> Answer {
        let (path, date) = ("<Path>/</Path>", "<CreateDate>2026-11-26T00:00:00Z</CreateDate>");
        Answer::Xml(match asked.operation.as_str() {
            "CreateRole" | "GetRole" => format!(
                "<Role>{path}<RoleName>r</RoleName><RoleId>AROA1</RoleId><Arn>arn:aws:iam::1:role/r</Arn>{date}</Role>"
            ),
            "ListInstanceProfilesForRole" => format!(
                "<InstanceProfiles><member>{path}<InstanceProfileName>p</InstanceProfileName>{date}\
                 <InstanceProfileId>AIPA1</InstanceProfileId><Arn>arn:aws:iam::1:instance-profile/p</Arn><Roles/>\
                 </member></InstanceProfiles>"
            ),
            "ListAttachedRolePolicies" => {
                "<AttachedPolicies><member><PolicyArn>arn:aws:iam::aws:policy/p</PolicyArn></member></AttachedPolicies>"
                    .to_owned()
            }
            "ListRolePolicies" => "<PolicyNames><member>p</member></PolicyNames>".to_owned(),
            _ => return done(asked),
        })
    }

    #[tokio::test]
    async fn a_role_waits_for_what_it_names_and_until_iam_shows_it() {
        let role: Inputs = inputs(&json!({ "name": "r", "assumeRolePolicy": "{}", "permissionsBoundary": BOUNDARY }));
        let late: &[Late] = &[("CreateRole", TOLD, &[UNTOLD, UNKNOWN, CHANGING]), ("GetRole", TOLD, &[UNKNOWN])];
        is_waited_out(TOKEN, late, iam, async |cx| wholly(Adapter::<Role>::create(&cx, &role).await?)).await;
    }

    #[tokio::test]
    async fn each_change_of_a_role_is_made_again_while_another_one_is_under_way() {
        let plain: Inputs = inputs(&json!({ "name": "r", "assumeRolePolicy": "{}" }));
        let full: Inputs = inputs(
            &json!({ "name": "r", "assumeRolePolicy": TRUST, "description": "d", "permissionsBoundary": BOUNDARY }),
        );
        let late: &[Late] = &[
            ("UpdateAssumeRolePolicy", TOLD, &[UNTOLD, CHANGING]),
            ("UpdateRole", SETTLED, &[CHANGING]),
            ("PutRolePermissionsBoundary", TOLD, &[UNKNOWN, CHANGING]),
            ("DeleteRolePermissionsBoundary", SETTLED, &[CHANGING]),
        ];
        let change = async |cx: Cx| {
            let outputs = || Outputs { arn: String::new(), create_date: String::new(), unique_id: String::new() };
            Adapter::<Role>::update(&cx, "r", &plain, &full, outputs()).await?;
            Adapter::<Role>::update(&cx, "r", &full, &plain, outputs()).await.map(drop)
        };
        is_waited_out(TOKEN, late, iam, change).await;
    }

    #[tokio::test]
    async fn a_role_is_deleted_when_what_hung_on_it_has_gone() {
        let role: Inputs = inputs(&json!({ "name": "r", "assumeRolePolicy": "{}", "forceDetachPolicies": true }));
        let late: &[Late] = &[
            ("RemoveRoleFromInstanceProfile", SETTLED, &[CHANGING]),
            ("DetachRolePolicy", SETTLED, &[CHANGING]),
            ("DeleteRolePolicy", SETTLED, &[CHANGING]),
            ("DeleteRole", RELEASE, &[("DeleteConflict", ""), CHANGING]),
        ];
        is_waited_out(TOKEN, late, iam, async |cx| Adapter::<Role>::delete(&cx, "r", &role).await).await;
    }

    crate::lifecycle! {
        token: "aws:iam/role:Role",
        needs: [],
        sample: {
            "name": "role-{unique}",
            "description": "for 100% of a domain's functions: a+b",
            "assumeRolePolicy": TRUST,
            "permissionsBoundary": BOUNDARY,
            "path": "/acme/",
            "tags": { "a": "1" },
        },
        change: {
            "description": "other words",
            "assumeRolePolicy": BREAK_GLASS,
            "maxSessionDuration": 7200,
            "permissionsBoundary": "arn:aws:iam::aws:policy/ReadOnlyAccess",
            "tags": { "b": "2" },
        },
    }

    #[test]
    fn generated_names_have_64_characters_at_most() {
        assert_eq!(<Role as AwsResource>::fit_name(&Map::new(), format!("{}-1234567", "a".repeat(64))).len(), 64);
    }

    #[test]
    fn trust_is_a_document() {
        let inputs = [("name".to_owned(), "r".to_value()), ("assumeRolePolicy".to_owned(), "lambda".to_value())];
        let failures = Adapter::<Role>::check(&inputs.into());
        assert_eq!(failures.first().map(|f| f.property.as_str()), Some("assumeRolePolicy"));
    }

    #[tokio::test]
    async fn description_and_boundary_can_be_taken_away() {
        let mut bench = Bench::new(Account::Member).await;
        let inputs = json!({ "name": "bare-{unique}", "assumeRolePolicy": TRUST, "description": "d", "permissionsBoundary": BOUNDARY });
        let made = bench.create(TOKEN, &inputs).await;
        let mut bare = made.inputs.clone();
        bare.retain(|property, _| !["description", "permissionsBoundary"].contains(&property.as_str()));
        let updated = bench.update(&made, bare, false).await;
        let (inputs, _) = bench.read(&updated, Some(&made.inputs)).await.expect("it is there");
        assert_eq!(inputs, updated.inputs);
        bench.clean_up().await;
    }

    #[tokio::test]
    async fn a_role_that_exists_is_adopted_when_it_is_ours() {
        let mut bench = Bench::new(Account::Member).await;
        bench.knows(&[]);
        let iam = bench.clients(Account::Member).await.iam;
        let name = format!("taken-{}", bench.unique());
        let make = |tags: &[(&str, &str)]| {
            let tags = tags.iter().map(|(k, v)| Tag::builder().key(*k).value(*v).build().expect("a tag")).collect();
            iam.create_role().role_name(&name).assume_role_policy_document(BREAK_GLASS).set_tags(Some(tags)).send()
        };
        let urn = bench.urn(TOKEN);
        let inputs = json!({ "name": "taken-{unique}", "assumeRolePolicy": TRUST, "description": "ours" });
        make(&[("tenant_id", "another")]).await.expect("a role");
        let refused = bench.try_create(&urn, TOKEN, &inputs).await.expect_err("it is another's");
        assert!(refused.contains("exists already") && refused.contains("ZONE_ADOPT="), "{refused}");
        iam.delete_role().role_name(&name).send().await.expect("it goes");

        make(&[("tenant_id", "test"), ("environment", "local"), ("old", "1")]).await.expect("a role");
        let elsewhere = json!({ "name": "taken-{unique}", "assumeRolePolicy": TRUST, "path": "/other/" });
        let refused = bench.try_create(&urn, TOKEN, &elsewhere).await.expect_err("its path cannot be changed");
        assert!(refused.contains("its `path` is `/`"), "{refused}");
        let made = bench.try_create(&urn, TOKEN, &inputs).await.expect("its tags prove it ours");
        let (live, _) = bench.read(&made, Some(&made.inputs)).await.expect("it is there");
        assert_eq!(live, made.inputs, "it became what is wanted, and has lost the tag that is not");
        bench.clean_up().await;
    }

    #[tokio::test]
    async fn what_hangs_on_a_role_goes_with_it_when_it_may() {
        let mut bench = Bench::new(Account::Member).await;
        let iam = bench.clients(Account::Member).await.iam;
        let made = bench.create(TOKEN, &json!({ "name": "held-{unique}", "assumeRolePolicy": TRUST })).await;
        let name = &made.id;
        let allow =
            r#"{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]}"#;
        iam.create_instance_profile().instance_profile_name(name).send().await.expect("a profile");
        iam.add_role_to_instance_profile().instance_profile_name(name).role_name(name).send().await.expect("in it");
        iam.attach_role_policy().role_name(name).policy_arn(BOUNDARY).send().await.expect("attached");
        iam.put_role_policy().role_name(name).policy_name("p").policy_document(allow).send().await.expect("put");

        let refused = bench.try_delete(&made).await.expect_err("it has policies");
        assert!(refused.contains("DeleteConflict") && refused.contains("forceDetachPolicies"), "{refused}");
        let mut forced = made.inputs.clone();
        forced.insert("forceDetachPolicies".to_owned(), true.to_value());
        let forced = bench.update(&made, forced, false).await;
        bench.try_delete(&forced).await.expect("it goes with them");
        assert!(bench.read(&forced, Some(&forced.inputs)).await.is_none());
        iam.delete_instance_profile().instance_profile_name(name).send().await.expect("the profile is empty");
    }
}
