//! How long a bucket keeps new objects from being deleted or overwritten.
//!
//! Calls: `PutObjectLockConfiguration`, `GetObjectLockConfiguration`.
//! IAM: `s3:PutBucketObjectLockConfiguration`, `s3:GetBucketObjectLockConfiguration`.
//!
//! - AWS cannot take Object Lock off a bucket: deleting this resource removes the rule, as the official provider does.
//! - A bucket made without Object Lock can get it only when its versioning is enabled.

use aws_sdk_s3::types::{
    DefaultRetention as SdkDefaultRetention, ObjectLockConfiguration, ObjectLockEnabled, ObjectLockRetentionMode,
    ObjectLockRule,
};
use derive::{Outputs, Resource, Shape};
use pulumi::{
    provider::{
        adopt::Presence,
        check::Failure,
        resource::{Created, CustomResource, Error, Kind, Live, Of},
    },
    value::{Map, Value},
};

use super::bucket;
use crate::{
    buckets,
    context::Cx,
    error::{failed, found, gone},
};

/// How long an S3 bucket keeps new objects from being deleted or overwritten.
#[derive(Clone, Debug, Resource)]
#[resource(
    token = "aws:s3/bucketObjectLockConfiguration:BucketObjectLockConfiguration",
    noun = "Object Lock configuration",
    handle = BucketObjectLockConfiguration
)]
pub struct Inputs {
    /// The bucket's name.
    #[resource(replace)]
    pub bucket: String,
    /// Account that has to own the bucket, or AWS refuses.
    #[resource(replace)]
    pub expected_bucket_owner: Option<String>,
    /// `Enabled`; there is nothing else.
    #[resource(replace, default = "Enabled")]
    pub object_lock_enabled: String,
    /// What new objects get when their put does not say otherwise; absent is no retention.
    pub rule: Option<Rule>,
    /// Token from AWS support, which older buckets needed to get Object Lock.
    #[resource(unread, secret)]
    pub token: Option<String>,
}

/// What new objects get.
#[derive(Clone, Debug, PartialEq, Eq, Shape)]
#[resource(name = "BucketObjectLockConfigurationRule")]
pub struct Rule {
    /// Mode and time.
    pub default_retention: DefaultRetention,
}

/// How new objects are kept, and for how long.
#[derive(Clone, Debug, PartialEq, Eq, Shape)]
#[resource(name = "BucketObjectLockConfigurationRuleDefaultRetention")]
pub struct DefaultRetention {
    /// `GOVERNANCE` (who holds `s3:BypassGovernanceRetention` may delete them) or `COMPLIANCE` (nobody may).
    pub mode: Option<String>,
    /// Days; or give years.
    pub days: Option<i32>,
    /// Years; or give days.
    pub years: Option<i32>,
}

/// What AWS adds to an Object Lock configuration: nothing.
#[derive(Clone, Debug, Outputs)]
#[resource(handle = BucketObjectLockConfiguration)]
pub struct Outputs {}

const ABSENT: &[&str] = &["ObjectLockConfigurationNotFoundError", "NoSuchBucket"];

impl CustomResource for BucketObjectLockConfiguration {
    type Context = Cx;
    type Inputs = Inputs;
    type Outputs = Outputs;

    const PRESENCE: Presence = Presence::Setting;

    fn id_of(_: &Cx, inputs: &Inputs) -> Option<String> {
        Some(bucket::id_of(&inputs.bucket, inputs.expected_bucket_owner.as_deref()))
    }

    fn check(inputs: &Map) -> Vec<Failure> {
        let Some(Value::Object(rule)) = inputs.get("rule") else { return Vec::new() };
        let Some(Value::Object(retention)) = rule.get("defaultRetention") else {
            return Vec::new();
        };
        let wrong = |reason: &str| Failure { property: "rule.defaultRetention".to_owned(), reason: reason.to_owned() };
        let mode = (!retention.contains_key("mode")).then(|| wrong("give `mode`: GOVERNANCE or COMPLIANCE"));
        let time = (retention.contains_key("days") == retention.contains_key("years"))
            .then(|| wrong("give either `days` or `years`"));
        mode.into_iter().chain(time).collect()
    }

    async fn create(cx: &Cx, inputs: &Inputs) -> Result<Created<Outputs>, Error> {
        put(cx, inputs).await?;
        Ok(Created::new(bucket::id_of(&inputs.bucket, inputs.expected_bucket_owner.as_deref()), Outputs {}))
    }

    async fn read(cx: &Cx, id: &str) -> Result<Option<Live<Inputs, Outputs>>, Error> {
        let (name, owner) = bucket::parts_of(id);
        let call = cx
            .clients
            .s3
            .get_object_lock_configuration()
            .bucket(name)
            .set_expected_bucket_owner(owner.map(str::to_owned));
        let Some(answer) = found(call.send().await, ABSENT)? else { return Ok(None) };
        let Some(configuration) = answer.object_lock_configuration else { return Ok(None) };
        let inputs = Inputs {
            bucket: name.to_owned(),
            expected_bucket_owner: owner.map(str::to_owned),
            object_lock_enabled: configuration.object_lock_enabled.unwrap_or(ObjectLockEnabled::Enabled).to_string(),
            rule: configuration.rule.and_then(|r| r.default_retention).map(|r| Rule { default_retention: r.into() }),
            token: None,
        };
        Ok(Some(Live { inputs, outputs: Outputs {} }))
    }

    async fn update(cx: &Cx, _: &str, _: &Inputs, new: &Inputs, outputs: Outputs) -> Result<Outputs, Error> {
        put(cx, new).await?;
        Ok(outputs)
    }

    async fn delete(cx: &Cx, id: &str, _: &Inputs) -> Result<(), Error> {
        let (name, owner) = bucket::parts_of(id);
        let bare = ObjectLockConfiguration::builder().object_lock_enabled(ObjectLockEnabled::Enabled).build();
        let call = cx
            .clients
            .s3
            .put_object_lock_configuration()
            .bucket(name)
            .set_expected_bucket_owner(owner.map(str::to_owned));
        let call = call.object_lock_configuration(bare);
        gone(buckets::changed(name, || call.clone().send()).await, ABSENT)
    }
}

pub(crate) fn kind() -> Box<dyn Kind<Cx>> {
    Box::new(Of::<BucketObjectLockConfiguration>::new())
}

async fn put(cx: &Cx, inputs: &Inputs) -> Result<(), Error> {
    let rule =
        inputs.rule.clone().map(|r| ObjectLockRule::builder().default_retention(r.default_retention.into()).build());
    let enabled = ObjectLockEnabled::from(inputs.object_lock_enabled.as_str());
    let configuration = ObjectLockConfiguration::builder().object_lock_enabled(enabled).set_rule(rule).build();
    let call = cx
        .clients
        .s3
        .put_object_lock_configuration()
        .bucket(&inputs.bucket)
        .set_expected_bucket_owner(inputs.expected_bucket_owner.clone());
    let call = call.set_token(inputs.token.clone()).object_lock_configuration(configuration);
    buckets::given(&inputs.bucket, || call.clone().send()).await.map(drop).map_err(failed)
}

impl From<DefaultRetention> for SdkDefaultRetention {
    fn from(retention: DefaultRetention) -> Self {
        let mode = retention.mode.map(|m| ObjectLockRetentionMode::from(m.as_str()));
        Self::builder().set_mode(mode).set_days(retention.days).set_years(retention.years).build()
    }
}

impl From<SdkDefaultRetention> for DefaultRetention {
    fn from(retention: SdkDefaultRetention) -> Self {
        let some = |n: Option<i32>| n.filter(|n| *n > 0);
        Self { mode: retention.mode.map(|m| m.to_string()), days: some(retention.days), years: some(retention.years) }
    }
}

#[cfg(test)]
mod tests {
    use pulumi::value::{FromValue, ToValue};

    use super::*;

    crate::lifecycle! {
        token: "aws:s3/bucketObjectLockConfiguration:BucketObjectLockConfiguration",
        needs: [("aws:s3/bucket:Bucket", { "bucket": "lock-{unique}", "objectLockEnabled": true })],
        sample: { "bucket": "${0.id}", "rule": { "defaultRetention": { "mode": "GOVERNANCE", "days": 2555 } } },
        change: { "rule": { "defaultRetention": { "mode": "GOVERNANCE", "years": 7 } } },
    }

    #[test]
    fn no_days_beside_years() {
        let live = SdkDefaultRetention::builder().mode(ObjectLockRetentionMode::Governance).days(0).years(7).build();
        let wanted = DefaultRetention { mode: Some("GOVERNANCE".to_owned()), days: None, years: Some(7) };
        assert_eq!(DefaultRetention::from(live), wanted);
        assert_eq!(DefaultRetention::from(SdkDefaultRetention::from(wanted.clone())), wanted);
    }

    #[test]
    fn days_or_years_and_a_mode() {
        let failures = |days, years| {
            let default_retention = DefaultRetention { mode: Some("GOVERNANCE".to_owned()), days, years };
            let rule = Rule { default_retention };
            assert_eq!(Rule::from_value(&rule.to_value()), Ok(rule.clone()));
            BucketObjectLockConfiguration::check(&[("rule".to_owned(), rule.to_value())].into()).len()
        };
        assert_eq!(
            (failures(Some(1), None), failures(None, Some(1)), failures(None, None), failures(Some(1), Some(1))),
            (0, 0, 1, 1)
        );
    }
}
