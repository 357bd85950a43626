//! How long a bucket keeps new objects from being deleted or overwritten.
//!
//! Calls: `PutObjectLockConfiguration`, `GetObjectLockConfiguration`.
//! IAM: `s3:PutBucketObjectLockConfiguration`, `s3:GetBucketObjectLockConfiguration`.
//!
//! - AWS cannot take Object Lock off a bucket: deleting this resource removes the rule, as the official provider does.
//! - A bucket made without Object Lock can get it only when its versioning is enabled.

use aws_sdk_s3::types::{self, ObjectLockConfiguration, ObjectLockEnabled};

use super::bucket;
use crate::{buckets, prelude::*};

/// How long an S3 bucket keeps new objects from being deleted or overwritten.
#[derive(Clone, Debug, Resource)]
#[resource(
    token = "aws:s3/bucketObjectLockConfiguration:BucketObjectLockConfiguration",
    noun = "Object Lock configuration",
    handle = BucketObjectLockConfiguration,
    no_outputs
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
    /// How new objects are kept when their put does not say; absent is no retention.
    pub rule: Option<Rule>,
    /// Token from AWS support, which older buckets needed to get Object Lock.
    #[resource(unread, secret)]
    pub token: Option<String>,
}

/// How new objects are kept when their put does not say.
#[derive(Clone, Debug, PartialEq, Eq, Shape)]
#[resource(name = "BucketObjectLockConfigurationRule", into = types::ObjectLockRule)]
pub struct Rule {
    /// Mode and time.
    pub default_retention: DefaultRetention,
}

/// How new objects are kept, and for how long.
#[derive(Clone, Debug, PartialEq, Eq, Shape)]
#[resource(name = "BucketObjectLockConfigurationRuleDefaultRetention", sdk = types::DefaultRetention)]
pub struct DefaultRetention {
    /// `GOVERNANCE` (who holds `s3:BypassGovernanceRetention` may delete them) or `COMPLIANCE` (nobody may).
    pub mode: Option<String>,
    /// Days; or give years.
    #[resource(blank)]
    pub days: Option<i32>,
    /// Years; or give days.
    #[resource(blank)]
    pub years: Option<i32>,
}

impl Setting for BucketObjectLockConfiguration {
    const ABSENT: Codes = &["ObjectLockConfigurationNotFoundError", "NoSuchBucket"];

    fn id_of(inputs: &Inputs) -> String {
        bucket::id_of(&inputs.bucket, inputs.expected_bucket_owner.as_deref())
    }

    fn check(checks: &mut Checks<'_>) {
        let Some(Value::Object(rule)) = checks.inputs.get("rule") else { return };
        let Some(Value::Object(retention)) = rule.get("defaultRetention") else { return };
        if !retention.contains_key("mode") {
            checks.wrong("rule.defaultRetention", "give `mode`: GOVERNANCE or COMPLIANCE");
        }
        if retention.contains_key("days") == retention.contains_key("years") {
            checks.wrong("rule.defaultRetention", "give either `days` or `years`");
        }
    }

    async fn put(cx: &Cx, _: Option<&Inputs>, new: &Inputs) -> Answer {
        let enabled = ObjectLockEnabled::from(new.object_lock_enabled.as_str());
        let configuration = ObjectLockConfiguration::builder().object_lock_enabled(enabled);
        let call = cx.clients.s3.put_object_lock_configuration().bucket(&new.bucket).set_token(new.token.clone());
        let call = call.set_expected_bucket_owner(new.expected_bucket_owner.clone());
        let call = call.object_lock_configuration(configuration.set_rule(new.rule.to_sdk()?).build());
        buckets::given(&new.bucket, || call.clone().send()).await.done()
    }

    async fn read(cx: &Cx, id: &str) -> Answer<Option<Inputs>> {
        let (bucket, owner) = bucket::parts_of(id);
        let call = cx.clients.s3.get_object_lock_configuration().bucket(&bucket);
        let answer = call.set_expected_bucket_owner(owner.clone()).send().await?;
        let Some(configuration) = answer.object_lock_configuration else { return Ok(None) };
        let retention = configuration.rule.and_then(|rule| rule.default_retention);
        Ok(Some(Inputs {
            bucket,
            expected_bucket_owner: owner,
            object_lock_enabled: configuration.object_lock_enabled.unwrap_or(ObjectLockEnabled::Enabled).to_string(),
            rule: retention.map(|retention| Rule { default_retention: DefaultRetention::from_sdk(retention) }),
            token: None,
        }))
    }

    async fn reset(cx: &Cx, id: &str, _: &Inputs) -> Answer {
        let (bucket, owner) = bucket::parts_of(id);
        let no_rule = ObjectLockConfiguration::builder().object_lock_enabled(ObjectLockEnabled::Enabled).build();
        let call = cx.clients.s3.put_object_lock_configuration().bucket(&bucket).set_expected_bucket_owner(owner);
        let call = call.object_lock_configuration(no_rule);
        buckets::changed(&bucket, || call.clone().send()).await.done()
    }
}

#[cfg(test)]
mod tests {
    use pulumi::value::{FromValue, ToValue};

    use super::*;
    use crate::testing::{CustomResource as _, Set};

    crate::lifecycle! {
        token: "aws:s3/bucketObjectLockConfiguration:BucketObjectLockConfiguration",
        needs: [("aws:s3/bucket:Bucket", { "bucket": "lock-{unique}", "objectLockEnabled": true })],
        sample: { "bucket": "${0.id}", "rule": { "defaultRetention": { "mode": "GOVERNANCE", "days": 2555 } } },
        change: { "rule": { "defaultRetention": { "mode": "GOVERNANCE", "years": 7 } } },
    }

    #[test]
    fn no_days_beside_years() {
        let live = types::DefaultRetention::builder().mode("GOVERNANCE".into()).days(0).years(7).build();
        let wanted = DefaultRetention { mode: Some("GOVERNANCE".to_owned()), days: None, years: Some(7) };
        assert_eq!(DefaultRetention::from_sdk(live), wanted);
        let sdk: types::DefaultRetention = wanted.to_sdk().unwrap();
        assert_eq!(DefaultRetention::from_sdk(sdk), wanted);
    }

    #[test]
    fn days_or_years_and_a_mode() {
        let failures = |days, years| {
            let default_retention = DefaultRetention { mode: Some("GOVERNANCE".to_owned()), days, years };
            let rule = Rule { default_retention };
            assert_eq!(Rule::from_value(&rule.to_value()), Ok(rule.clone()));
            Set::<BucketObjectLockConfiguration>::check(&[("rule".to_owned(), rule.to_value())].into()).len()
        };
        assert_eq!(
            (failures(Some(1), None), failures(None, Some(1)), failures(None, None), failures(Some(1), Some(1))),
            (0, 0, 1, 1)
        );
    }
}
