//! A KMS key.
//!
//! Calls: CreateKey, DescribeKey, GetKeyPolicy, GetKeyRotationStatus, EnableKeyRotation, DisableKeyRotation, EnableKey,
//! DisableKey, PutKeyPolicy, UpdateKeyDescription, CancelKeyDeletion, ScheduleKeyDeletion, ListKeys, ListResourceTags.
//! IAM: `kms:` + each of these, `kms:TagResource`, `kms:UntagResource`.
//!
//! - AWS never deletes a key at once: delete schedules it, and a deployment within the window takes it up again.
//! - A key is never replaced, as nobody could read any more what it encrypted: a change that would is refused.
//! - Keys may exist twice, so one is looked for before it is made (see `recovery`).

use std::collections::BTreeMap;

use aws_sdk_kms::{
    config::retry::RetryConfig,
    types::{KeyMetadata, KeySpec, KeyState, KeyUsageType, Tag},
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
    error::{failed, found, gone},
    lasting, propagation,
    recovery::{self, Look},
    tags::{KmsKey, Taggable, Tagged, WithTags},
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
const WAY_OUT: &str = "put it back as it was, for what is encrypted with the key is lost with it; for a key that differs \
                       add another one, encrypt anew with it, and take this one away at the end";

impl CustomResource for Key {
    type Context = Cx;
    type Inputs = Inputs;
    type Outputs = Outputs;

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
        // keys that cannot rotate (asymmetric ones) say so with an error
        let rotation = found(rotation, &["UnsupportedOperationException"])?;
        let inputs = Inputs {
            description: metadata.description.clone().filter(|d| !d.is_empty()),
            policy: policy.map_err(failed)?.policy,
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
            cx.clients.kms.enable_key().key_id(id).send().await.map_err(|e| failed(e).within("enabling it"))?;
        }
        if new.description != old.description {
            let description = new.description.clone().unwrap_or_default();
            cx.clients
                .kms
                .update_key_description()
                .key_id(id)
                .description(description)
                .send()
                .await
                .map_err(|e| failed(e).within("setting its description"))?;
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
        // a key that waits for its deletion already is in no state to be scheduled again
        gone(call.send().await, &["NotFoundException", "KMSInvalidStateException"])
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
    let keys = cx
        .clients
        .kms
        .list_keys()
        .into_paginator()
        .items()
        .send()
        .collect::<Result<Vec<_>, _>>()
        .await
        .map_err(failed)?;
    let ids: Vec<String> = keys.into_iter().filter_map(|k| k.key_id).filter(|id| !cx.recovery.knows(id)).collect();
    let ours = |id: String| async move {
        let tags = cx
            .clients
            .kms
            .list_resource_tags()
            .key_id(&id)
            .into_paginator()
            .items()
            .send()
            .collect::<Result<Vec<_>, _>>()
            .await;
        // AWS's own keys may not show their tags to us: what we may not read is not ours
        let tags = found(tags, &["NotFoundException", "AccessDeniedException"])?.unwrap_or_default();
        let tags = tags.into_iter().map(|t| (t.tag_key, t.tag_value)).collect();
        let ours = match look {
            Look::Attempt => cx.identity.made(&tags),
            Look::Resource => cx.identity.owns(&tags),
        };
        Ok::<_, Error>(ours.then_some(id))
    };
    let candidates: Vec<String> =
        stream::iter(ids).map(ours).buffer_unordered(16).try_filter_map(|id| async { Ok(id) }).try_collect().await?;
    let mut best = None;
    for id in candidates {
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
        cx.clients
            .kms
            .cancel_key_deletion()
            .key_id(id)
            .send()
            .await
            .map_err(|e| failed(e).within("cancelling its deletion"))?;
        cx.log.info(&cx.urn, &format!("took up KMS key `{id}` again, which was waiting for its deletion")).await;
    } else {
        cx.log.info(&cx.urn, &format!("found KMS key `{id}`, which an interrupted run had made")).await;
    }
    let target = Key::tagged(cx, id);
    target.claim(cx, &target.all(cx).await?).await?;
    let Some(live) = Key::read(cx, id).await? else {
        return Err(Error::new(format!("key `{id}` was there a moment ago, and is not now")));
    };
    Key::update(cx, id, &live.inputs, inputs, live.outputs).await.map(drop)
}

async fn rotate(cx: &Cx, id: &str, inputs: &Inputs) -> Result<(), Error> {
    if inputs.enable_key_rotation {
        let call =
            cx.clients.kms.enable_key_rotation().key_id(id).set_rotation_period_in_days(inputs.rotation_period_in_days);
        recovery::settled(ABSENT, || call.clone().send())
            .await
            .map_err(|e| failed(e).within("enabling its rotation"))?;
    } else {
        cx.clients
            .kms
            .disable_key_rotation()
            .key_id(id)
            .send()
            .await
            .map_err(|e| failed(e).within("disabling its rotation"))?;
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
    propagation::told(&[], || call.clone().send()).await.map_err(|e| failed(e).within("setting its policy"))?;
    Ok(())
}

async fn disable(cx: &Cx, id: &str) -> Result<(), Error> {
    cx.clients.kms.disable_key().key_id(id).send().await.map_err(|e| failed(e).within("disabling it"))?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::{Account, Bench};

    #[tokio::test]
    async fn a_change_that_would_need_another_key_is_refused() {
        let mut bench = Bench::new(Account::Member).await;
        let key = bench.create("aws:kms/key:Key", &json!({ "deletionWindowInDays": 7 })).await;
        for (property, value) in [
            ("keyUsage", json!("SIGN_VERIFY")),
            ("customerMasterKeySpec", json!("RSA_2048")),
            ("multiRegion", json!(true)),
            ("region", json!("us-east-1")),
        ] {
            let refused = bench.refusals(&key, &json!({ "deletionWindowInDays": 7, property: value })).await;
            let says = format!("`{property}` of a key that exists cannot be changed\nhint: put it back as it was");
            assert!(refused.len() == 1 && refused[0].starts_with(&says), "{refused:?}");
        }
        let may = json!({ "description": "d", "keyUsage": "ENCRYPT_DECRYPT", "multiRegion": false });
        assert_eq!(bench.refusals(&key, &may).await, Vec::<String>::new());
        bench.clean_up().await;
    }

    crate::lifecycle! {
        token: "aws:kms/key:Key",
        needs: [],
        sample: { "description": "of a test", "enableKeyRotation": true, "deletionWindowInDays": 7, "tags": { "classification": "pii" } },
        change: { "description": "changed", "enableKeyRotation": false, "tags": { "classification": "financial", "more": "yes" } },
    }
}
