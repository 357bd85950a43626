//! A KMS key.
//!
//! Calls: CreateKey, DescribeKey, GetKeyPolicy, GetKeyRotationStatus, EnableKeyRotation, DisableKeyRotation, EnableKey,
//! DisableKey, PutKeyPolicy, UpdateKeyDescription, CancelKeyDeletion, ScheduleKeyDeletion, ListKeys, ListAliases,
//! ListResourceTags.
//! IAM: `kms:` + each of these, `kms:TagResource`, `kms:UntagResource`.
//!
//! - AWS never deletes a key at once: delete schedules it, and a deployment within the window takes it up again.
//! - A key is never replaced, as nobody could read any more what it encrypted: a change that would is refused.
//! - Keys may exist twice, so one is looked for before it is made (see `recovery`): once a run, for all keys together.
//! - KMS shows a changed state late, so each change is repeated for a while (see `waits`).

use std::collections::{BTreeMap, HashSet};

use aws_sdk_kms::{
    config::retry::RetryConfig,
    types::{AliasListEntry, KeyMetadata, KeySpec, KeyState, KeyUsageType, Tag},
};
use derive::{Outputs, Resource};
use futures::{StreamExt, TryStreamExt, stream};
use pulumi::{
    provider::{
        check::Failure,
        resource::{Created, CustomResource, Error, Kind, Live},
    },
    value::Map,
};

use crate::{
    context::Cx,
    document,
    error::{self, code, failed, found, gone},
    lasting, propagation,
    recovery::{self, Look},
    tags::{KmsKey, Taggable, Tagged, Tags, WithTags},
    waits::{self, Answers, KEY_IS_SPREADING},
};

/// A KMS key.
#[derive(Clone, Debug, Resource)]
#[resource(token = "aws:kms/key:Key", noun = "KMS key", handle = Key)]
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
    /// Whether its material is rotated by AWS.
    #[resource(default = false)]
    pub enable_key_rotation: bool,
    /// Days between rotations, 90 to 2560; AWS's default is 365.
    #[resource(computed)]
    pub rotation_period_in_days: Option<i32>,
    /// Days a deleted key can still be taken up again, 7 to 30.
    #[resource(unread, default = 30)]
    pub deletion_window_in_days: i32,
    /// Tags, beside the provider's default tags.
    #[resource(default)]
    pub tags: BTreeMap<String, String>,
}

/// What AWS adds to a key.
#[derive(Clone, Debug, Outputs)]
#[resource(handle = Key)]
pub struct Outputs {
    /// ARN.
    pub arn: String,
    /// Id, a UUID.
    pub key_id: String,
}

const ABSENT: &[&str] = &["NotFoundException"];
/// KMS's words for a key that waits for its deletion.
const DELETED: Answers = &[("KMSInvalidStateException", &["is pending deletion"])];
const WAY_OUT: &str = "put it back as it was, for what is encrypted with the key is lost with it; for a key that differs \
                       add another one, encrypt anew with it, and take this one away at the end";

impl CustomResource for Key {
    type Context = Cx;
    type Inputs = Inputs;
    type Outputs = Outputs;

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

    async fn create(cx: &Cx, inputs: &Inputs) -> Result<Created<Outputs>, Error> {
        let tags = cx.tags_as(|k, v| Tag::builder().tag_key(k).tag_value(v).build());
        let tags = tags.into_iter().collect::<Result<Vec<_>, _>>().map_err(|e| Error::new(e.to_string()))?;
        let call = || async {
            let call = cx
                .clients
                .kms
                .create_key()
                .set_description(inputs.description.clone())
                .set_policy(inputs.policy.clone());
            let call = call
                .bypass_policy_lockout_safety_check(inputs.bypass_policy_lockout_safety_check)
                .multi_region(inputs.multi_region);
            let call = call
                .key_usage(KeyUsageType::from(inputs.key_usage.as_str()))
                .key_spec(KeySpec::from(inputs.customer_master_key_spec.as_str()));
            // repeated only after looking whether it was made: see `once`
            let unrepeated = aws_sdk_kms::config::Builder::new().retry_config(RetryConfig::disabled());
            let call = call.set_tags(Some(tags.clone()));
            let made = propagation::told(&[], || call.clone().customize().config_override(unrepeated.clone()).send());
            Ok((made.await?.key_metadata, false))
        };
        // what this very attempt made is as it should be but for what follows every create
        let find =
            |look| async move { Ok(find(cx, look, inputs).await?.map(|key| (Some(key), look == Look::Resource))) };
        let (metadata, existed) = recovery::once(&cx.recovery, call, find).await?;
        let metadata = metadata.ok_or_else(|| Error::new("AWS made a key and did not say which"))?;
        let rest = if existed {
            take_up(cx, &metadata, inputs).await
        } else {
            after_create(cx, &metadata.key_id, inputs).await
        };
        let outputs = outputs(&metadata);
        Ok(Created::new(outputs.key_id.clone(), outputs).and(rest))
    }

    async fn read(cx: &Cx, id: &str) -> Result<Option<Live<Inputs, Outputs>>, Error> {
        let Some(described) = found(cx.clients.kms.describe_key().key_id(id).send().await, ABSENT)? else {
            return Ok(None);
        };
        let Some(metadata) = described.key_metadata else { return Ok(None) };
        if metadata.key_state == Some(KeyState::PendingDeletion) {
            return Ok(None);
        }
        let (policy, rotation) = futures::future::join(
            cx.clients.kms.get_key_policy().key_id(id).policy_name("default").send(),
            cx.clients.kms.get_key_rotation_status().key_id(id).send(),
        )
        .await;
        // DescribeKey may know a key that the other calls do not know yet, or no more
        let Some(policy) = found(policy, ABSENT)? else { return Ok(None) };
        // keys that cannot rotate (asymmetric ones) say so with an error
        let rotation = found(rotation, &["UnsupportedOperationException"])?;
        let inputs = Inputs {
            description: metadata.description.clone().filter(|d| !d.is_empty()),
            policy: policy.policy,
            bypass_policy_lockout_safety_check: false,
            key_usage: metadata.key_usage.as_ref().map(ToString::to_string).unwrap_or_default(),
            customer_master_key_spec: metadata.key_spec.as_ref().map(ToString::to_string).unwrap_or_default(),
            multi_region: metadata.multi_region.unwrap_or(false),
            is_enabled: metadata.enabled,
            enable_key_rotation: rotation.as_ref().is_some_and(|r| r.key_rotation_enabled),
            rotation_period_in_days: rotation.and_then(|r| r.rotation_period_in_days),
            deletion_window_in_days: 30,
            tags: BTreeMap::new(),
        };
        Ok(Some(Live { inputs, outputs: outputs(&metadata) }))
    }

    async fn update(cx: &Cx, id: &str, old: &Inputs, new: &Inputs, outputs: Outputs) -> Result<Outputs, Error> {
        // a disabled key takes no other change: enable first, disable last
        if new.is_enabled && !old.is_enabled {
            enable(cx, id).await?;
        }
        if new.description != old.description {
            let description = new.description.clone().unwrap_or_default();
            let call = cx.clients.kms.update_key_description().key_id(id).description(description);
            let described = KEY_IS_SPREADING.out(|| call.clone().send()).await;
            described.map_err(|e| failed(e).within("setting its description"))?;
        }
        if let Some(policy) =
            new.policy.as_ref().filter(|policy| !old.policy.as_ref().is_some_and(|old| document::equal(old, policy)))
        {
            put_policy(cx, id, policy, new.bypass_policy_lockout_safety_check).await?;
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

    async fn delete(cx: &Cx, id: &str, inputs: &Inputs) -> Result<(), Error> {
        let call =
            cx.clients.kms.schedule_key_deletion().key_id(id).pending_window_in_days(inputs.deletion_window_in_days);
        // a key that is pending deletion already cannot be scheduled again, and is as good as deleted; any other state that
        // does not allow it, such as `Creating`, passes
        let is_pending = |failure: &error::Failure<_>| waits::is_among(failure, DELETED);
        let passes =
            |failure: &error::Failure<_>| code(failure) == Some("KMSInvalidStateException") && !is_pending(failure);
        match waits::repeated(KEY_IS_SPREADING.limit, passes, || call.clone().send()).await {
            Err(failure) if is_pending(&failure) => Ok(()),
            deleted => gone(deleted, ABSENT),
        }
    }
}

impl Taggable for Key {
    fn tagged(_: &Cx, id: &str) -> Tagged {
        Box::new(KmsKey(id.to_owned()))
    }
}

pub(crate) fn kind() -> Box<dyn Kind<Cx>> {
    Box::new(WithTags::<Key>::new())
}

fn outputs(metadata: &KeyMetadata) -> Outputs {
    Outputs { arn: metadata.arn.clone().unwrap_or_default(), key_id: metadata.key_id.clone() }
}

/// A key of this kind that carries our identity, and that the state does not know.
async fn find(cx: &Cx, look: Look, inputs: &Inputs) -> Result<Option<KeyMetadata>, Error> {
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
        let key = found(cx.clients.kms.describe_key().key_id(id).send().await, ABSENT)?.and_then(|d| d.key_metadata);
        // one that lives is better than one that waits for its deletion
        match key.filter(|key| fits(key, inputs)) {
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
async fn scan(cx: &Cx) -> Result<Vec<(String, Tags)>, Error> {
    const AT_ONCE: usize = 4;
    let kms = &cx.clients.kms;
    let (keys, aliases) = futures::future::join(
        kms.list_keys().into_paginator().items().send().collect::<Result<Vec<_>, _>>(),
        kms.list_aliases().into_paginator().items().send().collect::<Result<Vec<_>, _>>(),
    )
    .await;
    // the aliases show which keys are AWS's; without the right to list aliases, those keys are asked for their tags, too
    let aliases = found(aliases, &["AccessDeniedException"])?.unwrap_or_default();
    let of_aws = |alias: &AliasListEntry| alias.alias_name.as_ref().is_some_and(|name| name.starts_with("alias/aws/"));
    let of_aws: HashSet<_> = aliases.into_iter().filter(of_aws).filter_map(|alias| alias.target_key_id).collect();
    let ids = keys.map_err(failed)?.into_iter().filter_map(|key| key.key_id).filter(|id| !of_aws.contains(id));
    let with_tags = |id: String| async move {
        let pages = kms.list_resource_tags().key_id(&id).into_paginator().items().send();
        // what we may not read is not ours
        let tags = found(pages.collect::<Result<Vec<_>, _>>().await, &["NotFoundException", "AccessDeniedException"])?;
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

async fn after_create(cx: &Cx, id: &str, inputs: &Inputs) -> Result<(), Error> {
    if inputs.enable_key_rotation {
        rotate(cx, id, inputs).await?;
    }
    if !inputs.is_enabled {
        disable(cx, id).await?;
    }
    Ok(())
}

/// Makes a key that existed already what it should be.
async fn take_up(cx: &Cx, key: &KeyMetadata, inputs: &Inputs) -> Result<(), Error> {
    let id = &key.key_id;
    if key.key_state == Some(KeyState::PendingDeletion) {
        let call = cx.clients.kms.cancel_key_deletion().key_id(id);
        // an attempt that the SDK repeated may find the deletion cancelled: the state decides
        match call.send().await {
            Err(failure) if code(&failure) != Some("KMSInvalidStateException") => {
                return Err(failed(failure).within("cancelling its deletion"));
            }
            _ => until_state(cx, id, "to be no longer pending deletion", |s| *s != KeyState::PendingDeletion).await?,
        }
        cx.log.info(&cx.urn, &format!("took up KMS key `{id}` again, which was waiting for its deletion")).await;
    } else {
        cx.log.info(&cx.urn, &format!("found KMS key `{id}`, which an interrupted run had made")).await;
    }
    let target = Key::tagged(cx, id);
    target.claim(cx, &target.all(cx).await?).await?;
    let live = waits::there(&format!("key `{id}`"), || Key::read(cx, id)).await?;
    Key::update(cx, id, &live.inputs, inputs, live.outputs).await.map(drop)
}

async fn rotate(cx: &Cx, id: &str, inputs: &Inputs) -> Result<(), Error> {
    if inputs.enable_key_rotation {
        let call =
            cx.clients.kms.enable_key_rotation().key_id(id).set_rotation_period_in_days(inputs.rotation_period_in_days);
        let enabled = KEY_IS_SPREADING.out(|| call.clone().send()).await;
        enabled.map_err(|e| failed(e).within("enabling its rotation"))?;
    } else {
        let call = cx.clients.kms.disable_key_rotation().key_id(id);
        let disabled = KEY_IS_SPREADING.out(|| call.clone().send()).await;
        disabled.map_err(|e| failed(e).within("disabling its rotation"))?;
    }
    Ok(())
}

async fn put_policy(cx: &Cx, id: &str, policy: &str, bypass: bool) -> Result<(), Error> {
    let call = cx
        .clients
        .kms
        .put_key_policy()
        .key_id(id)
        .policy_name("default")
        .policy(policy)
        .bypass_policy_lockout_safety_check(bypass);
    let put = propagation::told(&[], || KEY_IS_SPREADING.out(|| call.clone().send())).await;
    put.map_err(|e| failed(e).within("setting its policy"))?;
    Ok(())
}

/// Enables it, and waits until KMS shows it as enabled: what is made with the key next needs that.
async fn enable(cx: &Cx, id: &str) -> Result<(), Error> {
    let call = cx.clients.kms.enable_key().key_id(id);
    KEY_IS_SPREADING.out(|| call.clone().send()).await.map_err(|e| failed(e).within("enabling it"))?;
    until_state(cx, id, "to be enabled", |state| *state == KeyState::Enabled).await
}

async fn disable(cx: &Cx, id: &str) -> Result<(), Error> {
    let call = cx.clients.kms.disable_key().key_id(id);
    KEY_IS_SPREADING.out(|| call.clone().send()).await.map_err(|e| failed(e).within("disabling it"))?;
    until_state(cx, id, "to be disabled", |state| *state == KeyState::Disabled).await
}

/// Waits until KMS shows the key in a state.
async fn until_state(cx: &Cx, id: &str, what: &str, is_it: impl Fn(&KeyState) -> bool) -> Result<(), Error> {
    let ask = || async {
        let key = found(cx.clients.kms.describe_key().key_id(id).send().await, ABSENT)?.and_then(|d| d.key_metadata);
        Ok(key.and_then(|key| key.key_state).filter(&is_it).map(drop))
    };
    waits::until(KEY_IS_SPREADING.limit, what, ask).await
}

#[cfg(test)]
mod tests;
