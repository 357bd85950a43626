//! A KMS key.
//!
//! Calls: CreateKey, DescribeKey, GetKeyPolicy, GetKeyRotationStatus, EnableKeyRotation, DisableKeyRotation, EnableKey,
//! DisableKey, PutKeyPolicy, UpdateKeyDescription, CancelKeyDeletion, ScheduleKeyDeletion, ListKeys, ListAliases,
//! ListResourceTags.
//! IAM: `kms:` + each of these, `kms:TagResource`, `kms:UntagResource`.
//!
//! - AWS never deletes a key at once: delete schedules it, and a deployment within the window cancels that and uses the
//!   key again.
//! - A key is never replaced, as nobody could read any more what it encrypted: a change that would is refused.
//! - Keys may exist twice, so one is looked for before it is made (see `recovery`): once a run, for all keys together.
//! - KMS shows a changed state late, so each change is repeated for a while (see `waits`).

use std::collections::HashSet;

use aws_sdk_kms::types::{AliasListEntry, KeyMetadata, KeyState, Tag};
use futures::{StreamExt, TryStreamExt, stream};

use crate::{
    error::{self, code},
    lasting,
    prelude::*,
    recovery::Look,
    tags::KmsKey,
    waits::{Answers, KEY_IS_SPREADING},
};

/// A KMS key.
#[derive(Clone, Debug, Resource)]
#[resource(token = "aws:kms/key:Key", noun = "KMS key", handle = Key, tags)]
pub struct Inputs {
    /// What the key is for, as the console shows it.
    pub description: Option<String>,
    /// Key policy, a JSON document. AWS's default lets the account's own IAM policies decide.
    #[resource(json, equal = document::equal, computed)]
    pub policy: Option<String>,
    /// Accept a policy that locks the caller out of changing it.
    #[resource(unread, default = false)]
    pub bypass_policy_lockout_safety_check: bool,
    /// `ENCRYPT_DECRYPT`, `SIGN_VERIFY`, `GENERATE_VERIFY_MAC` or `KEY_AGREEMENT`.
    #[resource(replace, default = "ENCRYPT_DECRYPT")]
    pub key_usage: String,
    /// Kind of key material; `SYMMETRIC_DEFAULT` is AES-256.
    #[resource(replace, default = "SYMMETRIC_DEFAULT")]
    pub customer_master_key_spec: String,
    /// Whether other regions may have replicas of it.
    #[resource(replace, default = false)]
    pub multi_region: bool,
    /// Whether it can be used.
    #[resource(default = true)]
    pub is_enabled: bool,
    /// Whether AWS rotates its material.
    #[resource(default = false)]
    pub enable_key_rotation: bool,
    /// Days between rotations, 90 to 2560; AWS's default is 365.
    #[resource(computed)]
    pub rotation_period_in_days: Option<i32>,
    /// Days after a delete during which the deletion can still be cancelled, 7 to 30.
    #[resource(unread, default = 30)]
    pub deletion_window_in_days: i32,
}

/// Outputs of a key.
#[derive(Clone, Debug, Outputs)]
#[resource(handle = Key)]
pub struct Outputs {
    /// ARN.
    pub arn: String,
    /// Id, a UUID.
    pub key_id: String,
}

/// KMS's words for a key that waits for its deletion.
const DELETED: Answers = &[("KMSInvalidStateException", &["is pending deletion"])];
const WAY_OUT: &str = "undo the change: without this key, the data that it encrypted is lost. For a key with other settings, \
                       add a second one, encrypt the data again with it, then remove this one";

impl AwsResource for Key {
    const ABSENT: Codes = &["NotFoundException"];

    fn tagged(_: &Cx, id: &str) -> Tagged {
        Box::new(KmsKey(id.to_owned()))
    }

    fn is_id(text: &str) -> bool {
        let id = text.rsplit_once(":key/").map_or(text, |(_, id)| id);
        let digits = id.strip_prefix("mrk-").map_or_else(|| id.replace('-', ""), str::to_owned);
        digits.len() == 32 && digits.bytes().all(|b| b.is_ascii_hexdigit())
    }

    fn check_adoption(_: &Map, _: &Map) -> Vec<Failure> {
        Vec::new()
    }

    fn check_change(olds: &Map, news: &Map) -> Vec<Failure> {
        lasting::refused::<Self>("a key", WAY_OUT, olds, news)
    }

    async fn create(cx: &Cx, inputs: &Inputs) -> Answer<Created<Outputs>> {
        let call = cx.clients.unrepeated().kms.create_key();
        let call = call
            .set_description(inputs.description.clone())
            .set_policy(inputs.policy.clone())
            .bypass_policy_lockout_safety_check(inputs.bypass_policy_lockout_safety_check)
            .multi_region(inputs.multi_region)
            .key_usage(inputs.key_usage.to_sdk()?)
            .key_spec(inputs.customer_master_key_spec.to_sdk()?)
            .set_tags(Some(built(cx.tags_as(|k, v| Tag::builder().tag_key(k).tag_value(v).build()))?));
        let create = || async { Ok(propagation::told(&[], || call.clone().send()).await?.key_metadata) };
        let (key, existed) = resource::once(cx, "CreateKey", create, |look| find(cx, look, inputs)).await?;
        // what this very attempt made is as it should be but for what follows every create
        let rest = if existed { reuse(cx, &key, inputs).await } else { after_create(cx, &key.key_id, inputs).await };
        Ok(Created::new(&key.key_id, outputs(&key)).and(rest))
    }

    async fn read(cx: &Cx, id: &str) -> Answer<Option<Live<Inputs, Outputs>>> {
        let Some(key) = describe(cx, id).await? else { return Ok(None) };
        if key.key_state == Some(KeyState::PendingDeletion) {
            return Ok(None);
        }
        // DescribeKey may know a key that these do not know yet, or no more: then there is none
        let (policy, rotation) = futures::future::join(
            cx.clients.kms.get_key_policy().key_id(id).policy_name("default").send(),
            cx.clients.kms.get_key_rotation_status().key_id(id).send(),
        )
        .await;
        let policy = policy?.policy;
        // keys that cannot rotate (asymmetric ones) say so with an error
        let rotation = rotation.found(&["UnsupportedOperationException"])?;
        let outputs = outputs(&key);
        let inputs = Inputs {
            description: given(key.description),
            policy,
            bypass_policy_lockout_safety_check: false,
            key_usage: key.key_usage.map(String::from_sdk).unwrap_or_default(),
            customer_master_key_spec: key.key_spec.map(String::from_sdk).unwrap_or_default(),
            multi_region: key.multi_region.unwrap_or(false),
            is_enabled: key.enabled,
            enable_key_rotation: rotation.as_ref().is_some_and(|r| r.key_rotation_enabled),
            rotation_period_in_days: rotation.and_then(|r| r.rotation_period_in_days),
            deletion_window_in_days: 30,
        };
        Ok(Some(Live { inputs, outputs }))
    }

    async fn update(cx: &Cx, id: &str, old: &Inputs, new: &Inputs, outputs: Outputs) -> Answer<Outputs> {
        // a disabled key takes no other change: enable first, disable last
        if new.is_enabled && !old.is_enabled {
            enable(cx, id).await?;
        }
        if new.description != old.description {
            let description = new.description.clone().unwrap_or_default();
            let call = cx.clients.kms.update_key_description().key_id(id).description(description);
            KEY_IS_SPREADING.out(|| call.clone().send()).await.within("setting its description")?;
        }
        if let Some(policy) = &new.policy
            && !old.policy.as_ref().is_some_and(|old| document::equal(old, policy))
        {
            let call = cx.clients.kms.put_key_policy().key_id(id).policy_name("default").policy(policy);
            let call = call.bypass_policy_lockout_safety_check(new.bypass_policy_lockout_safety_check);
            let put = propagation::told(&[], || KEY_IS_SPREADING.out(|| call.clone().send())).await;
            put.within("setting its policy")?;
        }
        if (new.enable_key_rotation, new.rotation_period_in_days)
            != (old.enable_key_rotation, old.rotation_period_in_days)
        {
            rotate(cx, id, new).await?;
        }
        if !new.is_enabled && old.is_enabled {
            disable(cx, id).await?;
        }
        Ok(outputs)
    }

    async fn delete(cx: &Cx, id: &str, inputs: &Inputs) -> Answer {
        let call = cx.clients.kms.schedule_key_deletion().key_id(id);
        let call = call.pending_window_in_days(inputs.deletion_window_in_days);
        // a key that is pending deletion already cannot be scheduled again, and is as good as deleted; any other state that
        // does not allow it, such as `Creating`, passes
        let is_pending = |failure: &error::Failure<_>| waits::is_among(failure, DELETED);
        let passes =
            |failure: &error::Failure<_>| code(failure) == Some("KMSInvalidStateException") && !is_pending(failure);
        match waits::repeated(KEY_IS_SPREADING.limit, passes, || call.clone().send()).await {
            Err(failure) if is_pending(&failure) => Ok(()),
            deleted => deleted.done(),
        }
    }
}

fn outputs(key: &KeyMetadata) -> Outputs {
    Outputs { arn: key.arn.clone().unwrap_or_default(), key_id: key.key_id.clone() }
}

async fn describe(cx: &Cx, id: &str) -> Answer<Option<KeyMetadata>> {
    let described = cx.clients.kms.describe_key().key_id(id).send().await.found(Key::ABSENT)?;
    Ok(described.and_then(|described| described.key_metadata))
}

/// A key of this kind that carries our identity, and that the state does not know.
async fn find(cx: &Cx, look: Look, inputs: &Inputs) -> Answer<Option<KeyMetadata>> {
    let candidates: Vec<String> = match look {
        // what this attempt made is in no earlier scan
        Look::Attempt => {
            let keys = scan(cx).await?.into_iter();
            keys.filter(|(_, tags)| cx.identity.made(tags)).map(|(id, _)| id).collect()
        }
        // what earlier runs made does not change during this run, so one scan serves all keys
        Look::Resource => {
            let keys = cx.clients.keys.get_or_try_init(|| scan(cx)).await?.iter();
            keys.filter(|(_, tags)| cx.identity.owns(tags)).map(|(id, _)| id.clone()).collect()
        }
    };
    let mut best = None;
    for id in candidates.into_iter().filter(|id| !cx.recovery.knows(id)) {
        // one that lives is better than one that waits for its deletion
        match describe(cx, &id).await?.filter(|key| fits(key, inputs)) {
            Some(key) if key.key_state != Some(KeyState::PendingDeletion) => return Ok(Some(key)),
            Some(key) => best = Some(key),
            None => {}
        }
    }
    Ok(best)
}

/// All keys of the account in the region with their tags, but for AWS's own.
///
/// KMS allows only a few ListResourceTags a second, so few are sent at once, and none for the keys of AWS:
/// <https://docs.aws.amazon.com/kms/latest/developerguide/requests-per-second.html>, as of 2026-11.
async fn scan(cx: &Cx) -> Answer<Vec<(String, Tags)>> {
    const AT_ONCE: usize = 4;
    let kms = &cx.clients.kms;
    let (keys, aliases) = futures::future::join(
        kms.list_keys().into_paginator().items().send().collect::<Result<Vec<_>, _>>(),
        kms.list_aliases().into_paginator().items().send().collect::<Result<Vec<_>, _>>(),
    )
    .await;
    // the aliases show which keys are AWS's; without the right to list aliases, those keys are asked for their tags, too
    let aliases = aliases.found(&["AccessDeniedException"])?.unwrap_or_default();
    let of_aws = |alias: &AliasListEntry| alias.alias_name.as_ref().is_some_and(|name| name.starts_with("alias/aws/"));
    let of_aws: HashSet<_> = aliases.into_iter().filter(of_aws).filter_map(|alias| alias.target_key_id).collect();
    let ids = keys?.into_iter().filter_map(|key| key.key_id).filter(|id| !of_aws.contains(id));
    let with_tags = |id: String| async move {
        let pages = kms.list_resource_tags().key_id(&id).into_paginator().items().send();
        // what we may not read is not ours
        let tags = pages.collect::<Result<Vec<_>, _>>().await.found(&["NotFoundException", "AccessDeniedException"])?;
        Ok((id, tags.unwrap_or_default().into_iter().map(|t| (t.tag_key, t.tag_value)).collect()))
    };
    stream::iter(ids).map(with_tags).buffer_unordered(AT_ONCE).try_collect().await
}

/// Whether a key can become what is wanted: the rest of it can be changed.
fn fits(key: &KeyMetadata, inputs: &Inputs) -> bool {
    let usage = key.key_usage.as_ref().is_some_and(|u| u.as_str() == inputs.key_usage);
    let spec = key.key_spec.as_ref().is_some_and(|s| s.as_str() == inputs.customer_master_key_spec);
    usage && spec && key.multi_region.unwrap_or(false) == inputs.multi_region
}

async fn after_create(cx: &Cx, id: &str, inputs: &Inputs) -> Answer {
    if inputs.enable_key_rotation {
        rotate(cx, id, inputs).await?;
    }
    if !inputs.is_enabled {
        disable(cx, id).await?;
    }
    Ok(())
}

/// Makes a key that existed already what it should be.
async fn reuse(cx: &Cx, key: &KeyMetadata, inputs: &Inputs) -> Answer {
    let id = &key.key_id;
    if key.key_state == Some(KeyState::PendingDeletion) {
        // an attempt that the SDK repeated may find the deletion cancelled: the state decides
        match cx.clients.kms.cancel_key_deletion().key_id(id).send().await.done() {
            Err(refusal) if !refusal.is(&["KMSInvalidStateException"]) => {
                return Err(refusal.within("cancelling its deletion"));
            }
            _ => until_state(cx, id, "to be no longer pending deletion", |s| *s != KeyState::PendingDeletion).await?,
        }
        cx.log.info(&cx.urn, &format!("cancelled the deletion of KMS key `{id}`, to use it again")).await;
        let target = Key::tagged(cx, id);
        target.claim(cx, &target.all(cx).await?).await?;
    } else {
        resource::claim_found::<Key>(cx, id).await?;
    }
    let live = waits::there(&format!("KMS key `{id}`"), || resource::read::<Key>(cx, id)).await?;
    Key::update(cx, id, &live.inputs, inputs, live.outputs).await.done()
}

async fn rotate(cx: &Cx, id: &str, inputs: &Inputs) -> Answer {
    if inputs.enable_key_rotation {
        let call = cx.clients.kms.enable_key_rotation().key_id(id);
        let call = call.set_rotation_period_in_days(inputs.rotation_period_in_days);
        KEY_IS_SPREADING.out(|| call.clone().send()).await.within("enabling its rotation").done()
    } else {
        let call = cx.clients.kms.disable_key_rotation().key_id(id);
        KEY_IS_SPREADING.out(|| call.clone().send()).await.within("disabling its rotation").done()
    }
}

/// Enables it, and waits until KMS shows it as enabled: what is made with the key next needs that.
async fn enable(cx: &Cx, id: &str) -> Answer {
    let call = cx.clients.kms.enable_key().key_id(id);
    KEY_IS_SPREADING.out(|| call.clone().send()).await.within("enabling it")?;
    until_state(cx, id, "to be enabled", |state| *state == KeyState::Enabled).await
}

async fn disable(cx: &Cx, id: &str) -> Answer {
    let call = cx.clients.kms.disable_key().key_id(id);
    KEY_IS_SPREADING.out(|| call.clone().send()).await.within("disabling it")?;
    until_state(cx, id, "to be disabled", |state| *state == KeyState::Disabled).await
}

/// Waits until KMS shows the key in a state.
async fn until_state(cx: &Cx, id: &str, what: &str, is_it: impl Fn(&KeyState) -> bool) -> Answer {
    let ask = || async {
        let state = describe(cx, id).await?.and_then(|key| key.key_state);
        Ok(state.filter(&is_it).map(drop))
    };
    waits::until(KEY_IS_SPREADING.limit, what, ask).await
}

#[cfg(test)]
mod tests;
