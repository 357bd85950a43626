//! When a bucket's objects move to another storage class, and when they are deleted.
//! Long because of its ten nested types.
//!
//! Calls: `PutBucketLifecycleConfiguration`, `GetBucketLifecycleConfiguration`, `DeleteBucketLifecycle`.
//! IAM: `s3:PutLifecycleConfiguration`, `s3:GetLifecycleConfiguration`.
//!
//! - AWS says "every object" in four ways: no filter, an empty one, an empty prefix, a rule's own old `prefix`; all are one here.
//! - S3 may go on showing what was there before, so create and update wait until it shows what was put.

use aws_sdk_s3::{
    primitives::{DateTime, DateTimeFormat},
    types,
};
use pulumi::provider::resource::NoOutputs;

use super::bucket;
use crate::{buckets, checks::items, prelude::*};

/// When an S3 bucket's objects move to another storage class, and when they are deleted.
#[derive(Clone, Debug, Resource)]
#[resource(
    token = "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration",
    noun = "lifecycle configuration",
    handle = BucketLifecycleConfiguration,
    no_outputs
)]
pub struct Inputs {
    /// The bucket's name.
    #[resource(replace)]
    pub bucket: String,
    /// Account that has to own the bucket, or AWS refuses.
    #[resource(replace)]
    pub expected_bucket_owner: Option<String>,
    /// The rules, at least one.
    pub rules: Vec<Rule>,
    /// Which small objects transitions leave alone: `all_storage_classes_128K` (AWS's default) or `varies_by_storage_class`.
    #[resource(computed)]
    pub transition_default_minimum_object_size: Option<String>,
}

/// What happens to which objects.
#[derive(Clone, Debug, PartialEq, Shape)]
#[resource(name = "BucketLifecycleConfigurationRule", sdk = types::LifecycleRule)]
pub struct Rule {
    /// Name of the rule, unique in the bucket, up to 255 characters.
    pub id: String,
    /// `Enabled` or `Disabled`.
    pub status: String,
    /// Which objects; empty is all of them.
    #[resource(default)]
    pub filter: Filter,
    /// When they are deleted.
    pub expiration: Option<Expiration>,
    /// When they move to which storage class.
    #[resource(set, default)]
    pub transitions: Vec<Transition>,
    /// When their noncurrent versions are deleted.
    pub noncurrent_version_expiration: Option<NoncurrentVersionExpiration>,
    /// When their noncurrent versions move to which storage class.
    #[resource(set, default)]
    pub noncurrent_version_transitions: Vec<NoncurrentVersionTransition>,
    /// When an unfinished upload is aborted.
    pub abort_incomplete_multipart_upload: Option<AbortIncompleteMultipartUpload>,
}

/// Which objects: one condition, or several in `and`.
#[derive(Clone, Debug, Default, PartialEq, Shape)]
#[resource(name = "BucketLifecycleConfigurationRuleFilter", from = types::LifecycleRuleFilter)]
pub struct Filter {
    /// Several conditions, all of which have to hold.
    pub and: Option<And>,
    /// Only objects of more bytes than this.
    pub object_size_greater_than: Option<f64>,
    /// Only objects of fewer bytes than this.
    pub object_size_less_than: Option<f64>,
    /// Only objects whose key starts with this.
    #[resource(default = "")]
    pub prefix: String,
    /// Only objects with this tag.
    pub tag: Option<FilterTag>,
}

/// Several conditions, all of which have to hold.
#[derive(Clone, Debug, PartialEq, Shape)]
#[resource(name = "BucketLifecycleConfigurationRuleFilterAnd", sdk = types::LifecycleRuleAndOperator)]
pub struct And {
    /// Only objects of more bytes than this.
    pub object_size_greater_than: Option<f64>,
    /// Only objects of fewer bytes than this.
    pub object_size_less_than: Option<f64>,
    /// Only objects whose key starts with this.
    #[resource(default = "", blank)]
    pub prefix: String,
    /// Only objects with all of these tags.
    #[resource(default, always)]
    pub tags: BTreeMap<String, String>,
}

/// A tag of an object.
#[derive(Clone, Debug, PartialEq, Eq, Shape)]
#[resource(name = "BucketLifecycleConfigurationRuleFilterTag", sdk = types::Tag)]
pub struct FilterTag {
    /// Key.
    pub key: String,
    /// Value; a tag may have an empty one.
    #[resource(empty)]
    pub value: String,
}

/// When objects are deleted.
#[derive(Clone, Debug, PartialEq, Eq, Shape)]
#[resource(name = "BucketLifecycleConfigurationRuleExpiration")]
pub struct Expiration {
    /// On this day: midnight UTC, such as `2030-01-01T00:00:00Z`.
    pub date: Option<String>,
    /// Days after they were created.
    pub days: Option<i32>,
    /// Whether a delete marker that has no versions behind it is deleted.
    #[resource(default = false)]
    pub expired_object_delete_marker: bool,
}

/// When objects move to which storage class.
#[derive(Clone, Debug, PartialEq, Eq, Shape)]
#[resource(name = "BucketLifecycleConfigurationRuleTransition")]
pub struct Transition {
    /// On this day: midnight UTC, such as `2030-01-01T00:00:00Z`; or give days.
    pub date: Option<String>,
    /// Days after they were created; or give a date.
    pub days: Option<i32>,
    /// `STANDARD_IA`, `INTELLIGENT_TIERING`, `ONEZONE_IA`, `GLACIER_IR`, `GLACIER` or `DEEP_ARCHIVE`.
    pub storage_class: String,
}

/// When noncurrent versions are deleted.
#[derive(Clone, Debug, PartialEq, Eq, Shape)]
#[resource(
    name = "BucketLifecycleConfigurationRuleNoncurrentVersionExpiration",
    sdk = types::NoncurrentVersionExpiration
)]
pub struct NoncurrentVersionExpiration {
    /// How many of the newest noncurrent versions are kept.
    #[resource(blank)]
    pub newer_noncurrent_versions: Option<i32>,
    /// Days after they were replaced.
    pub noncurrent_days: i32,
}

/// When noncurrent versions move to which storage class.
#[derive(Clone, Debug, PartialEq, Eq, Shape)]
#[resource(
    name = "BucketLifecycleConfigurationRuleNoncurrentVersionTransition",
    sdk = types::NoncurrentVersionTransition
)]
pub struct NoncurrentVersionTransition {
    /// How many of the newest noncurrent versions stay where they are.
    #[resource(blank)]
    pub newer_noncurrent_versions: Option<i32>,
    /// Days after they were replaced.
    pub noncurrent_days: i32,
    /// Storage class, as for `transitions`.
    pub storage_class: String,
}

/// When an unfinished upload is aborted.
#[derive(Clone, Debug, PartialEq, Eq, Shape)]
#[resource(
    name = "BucketLifecycleConfigurationRuleAbortIncompleteMultipartUpload",
    sdk = types::AbortIncompleteMultipartUpload
)]
pub struct AbortIncompleteMultipartUpload {
    /// Days after it was started.
    pub days_after_initiation: Option<i32>,
}

const DAY: &str = "give midnight UTC of a day, such as 2030-01-01T00:00:00Z";

/// Not a [`Setting`]: when waiting for it fails, it has been put all the same and belongs in the state.
impl AwsResource for BucketLifecycleConfiguration {
    const ABSENT: Codes = &["NoSuchLifecycleConfiguration", "NoSuchBucket"];
    const PRESENCE: Presence = Presence::Setting;

    fn id_of(_: &Cx, inputs: &Inputs) -> Option<String> {
        Some(bucket::id_of(&inputs.bucket, inputs.expected_bucket_owner.as_deref()))
    }

    fn check(checks: &mut Checks<'_>) {
        if matches!(checks.inputs.get("rules"), Some(Value::Array(rules)) if rules.is_empty()) {
            checks.wrong("rules", "give at least one rule");
        }
        for (i, rule) in objects(checks.inputs, "rules") {
            for (j, transition) in objects(rule, "transitions") {
                let at = format!("rules[{i}].transitions[{j}]");
                if transition.contains_key("days") == transition.contains_key("date") {
                    checks.wrong(&at, "give either `days` or `date`");
                }
                if !is_day(transition) {
                    checks.wrong(&format!("{at}.date"), DAY);
                }
            }
            if let Some(Value::Object(expiration)) = rule.get("expiration") {
                let at = format!("rules[{i}].expiration");
                if conditions(expiration) > 1 {
                    checks.wrong(&at, "give one of `date`, `days` and `expiredObjectDeleteMarker`");
                }
                if !is_day(expiration) {
                    checks.wrong(&format!("{at}.date"), DAY);
                }
            }
            if matches!(rule.get("filter"), Some(Value::Object(filter)) if conditions(filter) > 1) {
                checks.wrong(&format!("rules[{i}].filter"), "give one condition, or put all into `and`");
            }
        }
    }

    async fn create(cx: &Cx, inputs: &Inputs) -> Answer<Created<NoOutputs>> {
        put(cx, inputs).await?;
        let id = bucket::id_of(&inputs.bucket, inputs.expected_bucket_owner.as_deref());
        // for a while S3 shows the rules from before, or none. Nothing else waits for a lifecycle, so this delays nothing.
        // Terraform's provider asks until ten answers in a row agree (`waitLifecycleConfigEquals`, as of 2026-11)
        Ok(Created::new(&id, NoOutputs {}).and(resource::shown::<Self>(cx, &id, inputs).await))
    }

    async fn read(cx: &Cx, id: &str) -> Answer<Option<Live<Inputs, NoOutputs>>> {
        let (bucket, owner) = bucket::parts_of(id);
        let call = cx.clients.s3.get_bucket_lifecycle_configuration().bucket(&bucket);
        let answer = call.set_expected_bucket_owner(owner.clone()).send().await?;
        let rules = answer.rules.unwrap_or_default().into_iter().map(with_filter).map(Rule::from_sdk).collect();
        let minimum = answer.transition_default_minimum_object_size.map(String::from_sdk);
        let inputs =
            Inputs { bucket, expected_bucket_owner: owner, rules, transition_default_minimum_object_size: minimum };
        Ok(Some(Live { inputs, outputs: NoOutputs {} }))
    }

    async fn update(cx: &Cx, id: &str, _: &Inputs, new: &Inputs, outputs: NoOutputs) -> Answer<NoOutputs> {
        put(cx, new).await?;
        resource::shown::<Self>(cx, id, new).await?;
        Ok(outputs)
    }

    async fn delete(cx: &Cx, id: &str, _: &Inputs) -> Answer {
        let (bucket, owner) = bucket::parts_of(id);
        let call = cx.clients.s3.delete_bucket_lifecycle().bucket(&bucket).set_expected_bucket_owner(owner);
        buckets::changed(&bucket, || call.clone().send()).await.done()
    }
}

/// The known objects of a list, with their places.
fn objects<'a>(map: &'a Map, property: &str) -> impl Iterator<Item = (usize, &'a Map)> {
    let items = items(map, property);
    items.iter().enumerate().filter_map(|(i, item)| if let Value::Object(map) = item { Some((i, map)) } else { None })
}

/// How many properties of an object say more than their default.
fn conditions(object: &Map) -> usize {
    let is_default = |v: &&Value| **v == Value::Bool(false) || v.as_str() == Some("");
    object.values().filter(|v| !is_default(v)).count()
}

/// Whether the date is one that AWS takes, and shows in the same words.
fn is_day(object: &Map) -> bool {
    let text = object.get("date").and_then(Value::as_str);
    text.is_none_or(|d| d.ends_with("T00:00:00Z") && date(d).is_ok())
}

async fn put(cx: &Cx, inputs: &Inputs) -> Answer {
    let configuration =
        types::BucketLifecycleConfiguration::builder().set_rules(Some(inputs.rules.to_sdk()?)).build()?;
    let call = cx.clients.s3.put_bucket_lifecycle_configuration().bucket(&inputs.bucket);
    let call = call
        .set_expected_bucket_owner(inputs.expected_bucket_owner.clone())
        .lifecycle_configuration(configuration)
        .set_transition_default_minimum_object_size(inputs.transition_default_minimum_object_size.to_sdk()?);
    buckets::given(&inputs.bucket, || call.clone().send()).await.done()
}

fn date(text: &str) -> Answer<DateTime> {
    DateTime::from_str(text, DateTimeFormat::DateTime)
        .map_err(|e| Error::new(format!("`{text}` is no date: {e}")).into())
}

fn day(date: DateTime) -> Option<String> {
    date.fmt(DateTimeFormat::DateTime).ok()
}

/// A rule that an old tool put has a prefix in place of a filter.
fn with_filter(mut rule: types::LifecycleRule) -> types::LifecycleRule {
    #[expect(deprecated, reason = "that is the old prefix")]
    let prefix = rule.prefix.take();
    rule.filter.get_or_insert_with(|| types::LifecycleRuleFilter::builder().set_prefix(prefix).build());
    rule
}

impl ToSdk<types::LifecycleRuleFilter> for Filter {
    fn to_sdk(&self) -> Answer<types::LifecycleRuleFilter> {
        let prefix = given(Some(self.prefix.clone()));
        Ok(types::LifecycleRuleFilter::builder()
            .set_and(self.and.to_sdk()?)
            .set_object_size_greater_than(self.object_size_greater_than.to_sdk()?)
            .set_object_size_less_than(self.object_size_less_than.to_sdk()?)
            // all objects are those with an empty prefix
            .set_prefix(if *self == Self::default() { Some(String::new()) } else { prefix })
            .set_tag(self.tag.to_sdk()?)
            .build())
    }
}

impl ToSdk<Vec<types::Tag>> for BTreeMap<String, String> {
    fn to_sdk(&self) -> Answer<Vec<types::Tag>> {
        built(self.iter().map(|(key, value)| types::Tag::builder().key(key).value(value).build()).collect())
    }
}

impl FromSdk<Vec<types::Tag>> for BTreeMap<String, String> {
    fn from_sdk(sdk: Vec<types::Tag>) -> Self {
        sdk.into_iter().map(|tag| (tag.key, tag.value)).collect()
    }
}

impl ToSdk<i64> for f64 {
    #[expect(clippy::cast_possible_truncation, reason = "object sizes are whole, and far below 2^53")]
    fn to_sdk(&self) -> Answer<i64> {
        Ok(*self as i64)
    }
}

impl FromSdk<i64> for f64 {
    #[expect(clippy::cast_precision_loss, reason = "object sizes are far below 2^53")]
    fn from_sdk(sdk: i64) -> Self {
        sdk as Self
    }
}

impl ToSdk<types::LifecycleExpiration> for Expiration {
    fn to_sdk(&self) -> Answer<types::LifecycleExpiration> {
        // AWS takes one of the three
        let marker = (self.days.is_none() && self.date.is_none()).then_some(self.expired_object_delete_marker);
        let date = self.date.as_deref().map(date).transpose()?;
        let sdk = types::LifecycleExpiration::builder().set_date(date).set_days(self.days);
        Ok(sdk.set_expired_object_delete_marker(marker).build())
    }
}

impl FromSdk<types::LifecycleExpiration> for Expiration {
    fn from_sdk(sdk: types::LifecycleExpiration) -> Self {
        // the days may show as 0 where there are none
        let days = sdk.days.filter(|days| *days > 0);
        let expired_object_delete_marker = sdk.expired_object_delete_marker.unwrap_or(false);
        Self { date: sdk.date.and_then(day), days, expired_object_delete_marker }
    }
}

impl ToSdk<types::Transition> for Transition {
    fn to_sdk(&self) -> Answer<types::Transition> {
        let date = self.date.as_deref().map(date).transpose()?;
        let class = self.storage_class.to_sdk()?;
        Ok(types::Transition::builder().set_date(date).set_days(self.days).storage_class(class).build())
    }
}

impl FromSdk<types::Transition> for Transition {
    fn from_sdk(sdk: types::Transition) -> Self {
        // beside a date, 0 days may show
        let days = sdk.days.filter(|_| sdk.date.is_none());
        let storage_class = sdk.storage_class.map(String::from_sdk).unwrap_or_default();
        Self { date: sdk.date.and_then(day), days, storage_class }
    }
}

#[cfg(test)]
mod tests {
    use pulumi::value::{FromValue, ToValue};
    use serde_json::json;

    use super::*;
    use crate::{
        stub::{self, Answer, Stub},
        testing::{Adapter, CustomResource as _},
    };

    /// S3 shows none at first, then the rules there were before.
    #[tokio::test]
    async fn a_lifecycle_is_waited_for_until_it_shows_the_rules_that_were_put() {
        let rule = |days: u32| {
            Answer::Xml(format!(
                "<LifecycleConfiguration><Rule><ID>r</ID><Filter><Prefix></Prefix></Filter><Status>Enabled</Status>\
                 <Expiration><Days>{days}</Days></Expiration></Rule></LifecycleConfiguration>"
            ))
        };
        let stub = Stub::new(move |asked| match (asked.operation.as_str(), asked.before) {
            ("GET lifecycle", 0..3) => Answer::Refused("NoSuchLifecycleConfiguration", "none"),
            ("GET lifecycle", 3 | 7) => rule(30),
            ("GET lifecycle", _) => rule(60),
            _ => Answer::Xml(String::new()),
        });
        let cx = stub.cx("aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration");
        let wanted = |days: u32| -> Inputs {
            let rule =
                json!({ "id": "r", "status": "Enabled", "filter": { "prefix": "" }, "expiration": { "days": days } });
            stub::inputs(&json!({ "bucket": "b", "rules": [rule] }))
        };
        let looks = || stub.asked("GET lifecycle").len();
        let (short, long) = (wanted(30), wanted(60));
        let create = Adapter::<BucketLifecycleConfiguration>::create(&cx, &short);
        let made = Stub::run(Box::pin(create)).await.0.expect("made");
        assert_eq!((made.incomplete, looks()), (None, 4));
        let update = Adapter::<BucketLifecycleConfiguration>::update(&cx, "b", &short, &long, NoOutputs {});
        Stub::run(Box::pin(update)).await.0.expect("changed");
        assert_eq!(looks(), 5);
        let back = Adapter::<BucketLifecycleConfiguration>::update(&cx, "b", &long, &short, NoOutputs {});
        Stub::run(Box::pin(back)).await.0.expect("changed back");
        assert_eq!(looks(), 8);
    }

    crate::lifecycle! {
        token: "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration",
        needs: [("aws:s3/bucket:Bucket", { "bucket": "life-{unique}" })],
        sample: { "bucket": "${0.id}", "rules": [{
            "id": "keep-7-years",
            "status": "Enabled",
            "filter": {},
            "transitions": [{ "days": 90, "storageClass": "GLACIER" }],
            "expiration": { "days": 2555 },
            "noncurrentVersionTransitions": [{ "noncurrentDays": 90, "storageClass": "GLACIER" }],
            "noncurrentVersionExpiration": { "noncurrentDays": 2555 },
            "abortIncompleteMultipartUpload": { "daysAfterInitiation": 7 },
        }] },
        change: { "rules": [
            { "id": "keep-90-days", "status": "Enabled", "expiration": { "days": 90 } },
            { "id": "drop", "status": "Disabled", "filter": { "and": { "prefix": "tmp/", "tags": { "k": "v" } } }, "expiration": { "date": "2030-01-01T00:00:00Z" } },
            { "id": "markers", "status": "Enabled", "filter": { "tag": { "key": "k", "value": "v" } }, "expiration": { "expiredObjectDeleteMarker": true },
              "transitions": [{ "date": "2030-01-01T00:00:00Z", "storageClass": "DEEP_ARCHIVE" }, { "days": 0, "storageClass": "INTELLIGENT_TIERING" }] },
        ] },
    }

    fn rule(filter: Filter) -> Rule {
        Rule {
            id: "r".to_owned(),
            status: "Enabled".to_owned(),
            filter,
            expiration: Some(Expiration { date: None, days: Some(1), expired_object_delete_marker: false }),
            transitions: vec![
                Transition {
                    date: Some("2030-01-01T00:00:00Z".to_owned()),
                    days: None,
                    storage_class: "GLACIER".to_owned(),
                },
                Transition { date: None, days: Some(0), storage_class: "STANDARD_IA".to_owned() },
            ],
            noncurrent_version_expiration: Some(NoncurrentVersionExpiration {
                newer_noncurrent_versions: Some(3),
                noncurrent_days: 9,
            }),
            noncurrent_version_transitions: vec![],
            abort_incomplete_multipart_upload: None,
        }
    }

    fn prefix() -> Filter {
        Filter { prefix: "p/".to_owned(), ..Filter::default() }
    }

    fn failures(rules: Vec<Value>) -> Vec<String> {
        let inputs = [("rules".to_owned(), Value::Array(rules))].into();
        Adapter::<BucketLifecycleConfiguration>::check(&inputs).into_iter().map(|f| f.property).collect()
    }

    #[test]
    fn a_rule_survives_the_way_to_aws_and_back() {
        let and = And {
            object_size_greater_than: Some(5e12),
            object_size_less_than: None,
            prefix: "p/".to_owned(),
            tags: [("k".to_owned(), "v".to_owned())].into(),
        };
        let filters = [
            Filter::default(),
            Filter { and: Some(and), ..Filter::default() },
            Filter { object_size_less_than: Some(1024.0), ..Filter::default() },
            prefix(),
            Filter { tag: Some(FilterTag { key: "k".to_owned(), value: "v".to_owned() }), ..Filter::default() },
        ];
        for rule in filters.map(rule) {
            let sdk: types::LifecycleRule = rule.to_sdk().unwrap();
            assert_eq!(Rule::from_sdk(sdk), rule);
            assert_eq!(failures(vec![rule.to_value()]), Vec::<String>::new());
            assert_eq!(Rule::from_value(&rule.to_value()), Ok(rule));
        }
    }

    #[test]
    fn all_objects_are_said_in_one_way() {
        let empty = types::LifecycleRuleFilter::builder();
        for filter in [None, Some(empty.clone().build()), Some(empty.prefix("").build())] {
            let rule = types::LifecycleRule::builder().status(types::ExpirationStatus::Enabled);
            let rule = rule.set_filter(filter).build().unwrap();
            assert_eq!(Rule::from_sdk(with_filter(rule)).filter, Filter::default());
        }
        let all: types::LifecycleRuleFilter = Filter::default().to_sdk().unwrap();
        assert_eq!(all.prefix(), Some(""));
    }

    #[test]
    fn what_aws_would_refuse_is_named_with_its_place() {
        let two = Filter { object_size_less_than: Some(1.0), ..prefix() };
        let mut rule = rule(two);
        rule.transitions[1].days = None;
        rule.expiration.as_mut().unwrap().date = Some("2030-01-01".to_owned());
        let rules = vec![Value::Unknown, rule.to_value()];
        let places = ["transitions[1]", "expiration", "expiration.date", "filter"];
        assert_eq!(failures(rules), places.map(|p| format!("rules[1].{p}")));
    }
}
