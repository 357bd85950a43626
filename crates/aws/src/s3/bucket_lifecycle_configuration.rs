//! When a bucket's objects move to another storage class, and when they go.
//! Long because of its ten nested types, each with its way to AWS and back.
//!
//! Calls: `PutBucketLifecycleConfiguration`, `GetBucketLifecycleConfiguration`, `DeleteBucketLifecycle`.
//! IAM: `s3:PutLifecycleConfiguration`, `s3:GetLifecycleConfiguration`.
//!
//! - AWS says "every object" in four ways: no filter, an empty one, an empty prefix, a rule's own old `prefix`; all are one here.
//! - A configuration put a moment ago may not be read yet, so creating waits until it is.

use std::collections::BTreeMap;

use aws_sdk_s3::{
    error::BuildError,
    primitives::{DateTime, DateTimeFormat},
    types::{
        AbortIncompleteMultipartUpload as SdkAbort, BucketLifecycleConfiguration as SdkConfiguration, ExpirationStatus,
        LifecycleExpiration, LifecycleRule, LifecycleRuleAndOperator, LifecycleRuleFilter,
        NoncurrentVersionExpiration as SdkNoncurrentExpiration, NoncurrentVersionTransition as SdkNoncurrentTransition,
        Tag, Transition as SdkTransition, TransitionDefaultMinimumObjectSize, TransitionStorageClass,
    },
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
    waits::{self, SETTINGS_ARE_NEW},
};

/// When an S3 bucket's objects move to another storage class, and when they go.
#[derive(Clone, Debug, Resource)]
#[resource(
    token = "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration",
    noun = "lifecycle configuration",
    handle = BucketLifecycleConfiguration
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
#[resource(name = "BucketLifecycleConfigurationRule")]
pub struct Rule {
    /// Name of the rule, unique in the bucket, up to 255 characters.
    pub id: String,
    /// `Enabled` or `Disabled`.
    pub status: String,
    /// Which objects; empty is all of them.
    #[resource(default)]
    pub filter: Filter,
    /// When they go.
    pub expiration: Option<Expiration>,
    /// When they move to which storage class.
    #[resource(set, default)]
    pub transitions: Vec<Transition>,
    /// When their noncurrent versions go.
    pub noncurrent_version_expiration: Option<NoncurrentVersionExpiration>,
    /// When their noncurrent versions move to which storage class.
    #[resource(set, default)]
    pub noncurrent_version_transitions: Vec<NoncurrentVersionTransition>,
    /// When an unfinished upload goes.
    pub abort_incomplete_multipart_upload: Option<AbortIncompleteMultipartUpload>,
}

/// Which objects: one condition, or several in `and`.
#[derive(Clone, Debug, Default, PartialEq, Shape)]
#[resource(name = "BucketLifecycleConfigurationRuleFilter")]
pub struct Filter {
    /// Several conditions, all of which have to hold.
    pub and: Option<And>,
    /// Only objects of more bytes than this.
    pub object_size_greater_than: Option<f64>,
    /// Only objects of fewer bytes than this.
    pub object_size_less_than: Option<f64>,
    /// Only objects whose key starts so.
    #[resource(default = "")]
    pub prefix: String,
    /// Only objects with this tag.
    pub tag: Option<FilterTag>,
}

/// Several conditions, all of which have to hold.
#[derive(Clone, Debug, PartialEq, Shape)]
#[resource(name = "BucketLifecycleConfigurationRuleFilterAnd")]
pub struct And {
    /// Only objects of more bytes than this.
    pub object_size_greater_than: Option<f64>,
    /// Only objects of fewer bytes than this.
    pub object_size_less_than: Option<f64>,
    /// Only objects whose key starts so.
    #[resource(default = "")]
    pub prefix: String,
    /// Only objects with all of these tags.
    #[resource(default)]
    pub tags: BTreeMap<String, String>,
}

/// A tag of an object.
#[derive(Clone, Debug, PartialEq, Eq, Shape)]
#[resource(name = "BucketLifecycleConfigurationRuleFilterTag")]
pub struct FilterTag {
    /// Key.
    pub key: String,
    /// Value; a tag may have an empty one.
    #[resource(empty)]
    pub value: String,
}

/// When objects go.
#[derive(Clone, Debug, PartialEq, Eq, Shape)]
#[resource(name = "BucketLifecycleConfigurationRuleExpiration")]
pub struct Expiration {
    /// On this day: midnight UTC, such as `2030-01-01T00:00:00Z`.
    pub date: Option<String>,
    /// So many days after they were made.
    pub days: Option<i32>,
    /// Whether a delete marker goes that has no versions behind it.
    #[resource(default = false)]
    pub expired_object_delete_marker: bool,
}

/// When objects move to which storage class.
#[derive(Clone, Debug, PartialEq, Eq, Shape)]
#[resource(name = "BucketLifecycleConfigurationRuleTransition")]
pub struct Transition {
    /// On this day: midnight UTC, such as `2030-01-01T00:00:00Z`; or give days.
    pub date: Option<String>,
    /// So many days after they were made; or give a date.
    pub days: Option<i32>,
    /// `STANDARD_IA`, `INTELLIGENT_TIERING`, `ONEZONE_IA`, `GLACIER_IR`, `GLACIER` or `DEEP_ARCHIVE`.
    pub storage_class: String,
}

/// When noncurrent versions go.
#[derive(Clone, Debug, PartialEq, Eq, Shape)]
#[resource(name = "BucketLifecycleConfigurationRuleNoncurrentVersionExpiration")]
pub struct NoncurrentVersionExpiration {
    /// How many of them are kept all the same.
    pub newer_noncurrent_versions: Option<i32>,
    /// So many days after they were replaced.
    pub noncurrent_days: i32,
}

/// When noncurrent versions move to which storage class.
#[derive(Clone, Debug, PartialEq, Eq, Shape)]
#[resource(name = "BucketLifecycleConfigurationRuleNoncurrentVersionTransition")]
pub struct NoncurrentVersionTransition {
    /// How many of them stay all the same.
    pub newer_noncurrent_versions: Option<i32>,
    /// So many days after they were replaced.
    pub noncurrent_days: i32,
    /// As for transitions.
    pub storage_class: String,
}

/// When an unfinished upload goes.
#[derive(Clone, Debug, PartialEq, Eq, Shape)]
#[resource(name = "BucketLifecycleConfigurationRuleAbortIncompleteMultipartUpload")]
pub struct AbortIncompleteMultipartUpload {
    /// So many days after it was started.
    pub days_after_initiation: Option<i32>,
}

/// What AWS adds to a lifecycle configuration: nothing.
#[derive(Clone, Debug, Outputs)]
#[resource(handle = BucketLifecycleConfiguration)]
pub struct Outputs {}

const ABSENT: &[&str] = &["NoSuchLifecycleConfiguration", "NoSuchBucket"];
const DAY: &str = "give midnight UTC of a day, such as 2030-01-01T00:00:00Z";

impl CustomResource for BucketLifecycleConfiguration {
    type Context = Cx;
    type Inputs = Inputs;
    type Outputs = Outputs;

    const PRESENCE: Presence = Presence::Setting;

    fn id_of(_: &Cx, inputs: &Inputs) -> Option<String> {
        Some(bucket::id_of(&inputs.bucket, inputs.expected_bucket_owner.as_deref()))
    }

    fn check(inputs: &Map) -> Vec<Failure> {
        let mut failures = Vec::new();
        let mut wrong = |property: String, reason: &str| {
            failures.push(Failure { property, reason: reason.to_owned() });
        };
        if matches!(inputs.get("rules"), Some(Value::Array(rules)) if rules.is_empty()) {
            wrong("rules".to_owned(), "give at least one rule");
        }
        for (i, rule) in objects(inputs.get("rules")) {
            for (j, transition) in objects(rule.get("transitions")) {
                let at = format!("rules[{i}].transitions[{j}]");
                if transition.contains_key("days") == transition.contains_key("date") {
                    wrong(at.clone(), "give either `days` or `date`");
                }
                if !is_day(transition) {
                    wrong(format!("{at}.date"), DAY);
                }
            }
            if let Some(Value::Object(expiration)) = rule.get("expiration") {
                if given(expiration) > 1 {
                    let one = "give one of `date`, `days` and `expiredObjectDeleteMarker`";
                    wrong(format!("rules[{i}].expiration"), one);
                }
                if !is_day(expiration) {
                    wrong(format!("rules[{i}].expiration.date"), DAY);
                }
            }
            if matches!(rule.get("filter"), Some(Value::Object(filter)) if given(filter) > 1) {
                wrong(format!("rules[{i}].filter"), "give one condition, or put all into `and`");
            }
        }
        failures
    }

    async fn create(cx: &Cx, inputs: &Inputs) -> Result<Created<Outputs>, Error> {
        put(cx, inputs).await?;
        let id = bucket::id_of(&inputs.bucket, inputs.expected_bucket_owner.as_deref());
        let seen = shown(cx, &id, inputs).await;
        Ok(Created::new(id, Outputs {}).and(seen))
    }

    async fn read(cx: &Cx, id: &str) -> Result<Option<Live<Inputs, Outputs>>, Error> {
        let (name, owner) = bucket::parts_of(id);
        let call = cx
            .clients
            .s3
            .get_bucket_lifecycle_configuration()
            .bucket(name)
            .set_expected_bucket_owner(owner.map(str::to_owned));
        let Some(answer) = found(call.send().await, ABSENT)? else { return Ok(None) };
        let inputs = Inputs {
            bucket: name.to_owned(),
            expected_bucket_owner: owner.map(str::to_owned),
            rules: answer.rules.unwrap_or_default().into_iter().map(Rule::from).collect(),
            transition_default_minimum_object_size: answer
                .transition_default_minimum_object_size
                .map(|s| s.to_string()),
        };
        Ok(Some(Live { inputs, outputs: Outputs {} }))
    }

    async fn update(cx: &Cx, id: &str, _: &Inputs, new: &Inputs, outputs: Outputs) -> Result<Outputs, Error> {
        put(cx, new).await?;
        shown(cx, id, new).await?;
        Ok(outputs)
    }

    async fn delete(cx: &Cx, id: &str, _: &Inputs) -> Result<(), Error> {
        let (name, owner) = bucket::parts_of(id);
        let call =
            cx.clients.s3.delete_bucket_lifecycle().bucket(name).set_expected_bucket_owner(owner.map(str::to_owned));
        gone(buckets::changed(name, || call.clone().send()).await, ABSENT)
    }
}

pub(crate) fn kind() -> Box<dyn Kind<Cx>> {
    Box::new(Of::<BucketLifecycleConfiguration>::new())
}

/// The known objects in a list that may not be known yet, with their places.
fn objects(list: Option<&Value>) -> impl Iterator<Item = (usize, &Map)> {
    let items = if let Some(Value::Array(items)) = list { items.as_slice() } else { &[] };
    items.iter().enumerate().filter_map(|(i, item)| if let Value::Object(map) = item { Some((i, map)) } else { None })
}

/// How many properties of an object say more than their default.
fn given(object: &Map) -> usize {
    let is_default = |v: &&Value| **v == Value::Bool(false) || v.as_str() == Some("");
    object.values().filter(|v| !is_default(v)).count()
}

/// Whether the date is one that AWS takes, and says again in the same words.
fn is_day(object: &Map) -> bool {
    let text = object.get("date").and_then(Value::as_str);
    text.is_none_or(|d| d.ends_with("T00:00:00Z") && date(d).is_ok())
}

async fn put(cx: &Cx, inputs: &Inputs) -> Result<(), Error> {
    let rules = inputs.rules.iter().map(sdk_rule).collect::<Result<Vec<_>, _>>()?;
    let configuration = SdkConfiguration::builder().set_rules(Some(rules)).build().map_err(unbuilt)?;
    let minimum =
        inputs.transition_default_minimum_object_size.as_deref().map(TransitionDefaultMinimumObjectSize::from);
    let call = cx
        .clients
        .s3
        .put_bucket_lifecycle_configuration()
        .bucket(&inputs.bucket)
        .set_expected_bucket_owner(inputs.expected_bucket_owner.clone());
    let call = call.lifecycle_configuration(configuration).set_transition_default_minimum_object_size(minimum);
    buckets::given(&inputs.bucket, || call.clone().send()).await.map(drop).map_err(failed)
}

/// Waits until S3 shows the rules that were put. For a while it shows the rules from before, or none, and the next read
/// would take that for drift. Nothing else waits for a lifecycle, so this delays nothing. Terraform's provider asks until
/// ten answers in a row agree (`waitLifecycleConfigEquals`, as of 2026-11).
async fn shown(cx: &Cx, id: &str, wanted: &Inputs) -> Result<(), Error> {
    let as_wanted = || async {
        let live = BucketLifecycleConfiguration::read(cx, id).await.map_err(|e| e.within("waiting for it"))?;
        Ok(live.filter(|live| waits::shows::<BucketLifecycleConfiguration>(&live.inputs, wanted)).map(drop))
    };
    waits::asked(SETTINGS_ARE_NEW, as_wanted).await.map(drop)
}

#[expect(clippy::needless_pass_by_value, reason = "for map_err")]
fn unbuilt(error: BuildError) -> Error {
    Error::new(error.to_string())
}

fn date(text: &str) -> Result<DateTime, Error> {
    DateTime::from_str(text, DateTimeFormat::DateTime).map_err(|e| Error::new(format!("`{text}` is no date: {e}")))
}

fn day(date: DateTime) -> Option<String> {
    date.fmt(DateTimeFormat::DateTime).ok()
}

#[expect(clippy::cast_possible_truncation, reason = "object sizes are whole, and far below 2^53")]
fn bytes(size: f64) -> i64 {
    size as i64
}

#[expect(clippy::cast_precision_loss, reason = "object sizes are far below 2^53")]
fn size(bytes: i64) -> f64 {
    bytes as f64
}

fn sdk_rule(rule: &Rule) -> Result<LifecycleRule, Error> {
    let expiration = |e: &Expiration| {
        // AWS takes one of the three
        let marker = (e.days.is_none() && e.date.is_none()).then_some(e.expired_object_delete_marker);
        let date = e.date.as_deref().map(date).transpose()?;
        Ok::<_, Error>(
            LifecycleExpiration::builder()
                .set_date(date)
                .set_days(e.days)
                .set_expired_object_delete_marker(marker)
                .build(),
        )
    };
    let transition = |t: &Transition| {
        let date = t.date.as_deref().map(date).transpose()?;
        let class = TransitionStorageClass::from(t.storage_class.as_str());
        Ok::<_, Error>(SdkTransition::builder().set_date(date).set_days(t.days).storage_class(class).build())
    };
    let noncurrent_expiration = |e: &NoncurrentVersionExpiration| {
        SdkNoncurrentExpiration::builder()
            .noncurrent_days(e.noncurrent_days)
            .set_newer_noncurrent_versions(e.newer_noncurrent_versions)
            .build()
    };
    let noncurrent_transition = |t: &NoncurrentVersionTransition| {
        let class = TransitionStorageClass::from(t.storage_class.as_str());
        let built = SdkNoncurrentTransition::builder().noncurrent_days(t.noncurrent_days).storage_class(class);
        built.set_newer_noncurrent_versions(t.newer_noncurrent_versions).build()
    };
    let abort = |a: &AbortIncompleteMultipartUpload| {
        SdkAbort::builder().set_days_after_initiation(a.days_after_initiation).build()
    };
    LifecycleRule::builder()
        .id(&rule.id)
        .status(ExpirationStatus::from(rule.status.as_str()))
        .filter(sdk_filter(&rule.filter)?)
        .set_expiration(rule.expiration.as_ref().map(expiration).transpose()?)
        .set_transitions(Some(rule.transitions.iter().map(transition).collect::<Result<_, _>>()?))
        .set_noncurrent_version_expiration(rule.noncurrent_version_expiration.as_ref().map(noncurrent_expiration))
        .set_noncurrent_version_transitions(Some(
            rule.noncurrent_version_transitions.iter().map(noncurrent_transition).collect(),
        ))
        .set_abort_incomplete_multipart_upload(rule.abort_incomplete_multipart_upload.as_ref().map(abort))
        .build()
        .map_err(unbuilt)
}

fn sdk_filter(filter: &Filter) -> Result<LifecycleRuleFilter, Error> {
    let sdk_tag = |key: &String, value: &String| Tag::builder().key(key).value(value).build().map_err(unbuilt);
    let some = |prefix: &String| Some(prefix.clone()).filter(|p| !p.is_empty());
    let and = |and: &And| {
        let tags = and.tags.iter().map(|(k, v)| sdk_tag(k, v)).collect::<Result<Vec<_>, _>>()?;
        let built = LifecycleRuleAndOperator::builder().set_prefix(some(&and.prefix)).set_tags(Some(tags));
        let built = built.set_object_size_greater_than(and.object_size_greater_than.map(bytes));
        Ok::<_, Error>(built.set_object_size_less_than(and.object_size_less_than.map(bytes)).build())
    };
    // all objects are those with an empty prefix
    let prefix = if *filter == Filter::default() { Some(String::new()) } else { some(&filter.prefix) };
    Ok(LifecycleRuleFilter::builder()
        .set_and(filter.and.as_ref().map(and).transpose()?)
        .set_object_size_greater_than(filter.object_size_greater_than.map(bytes))
        .set_object_size_less_than(filter.object_size_less_than.map(bytes))
        .set_prefix(prefix)
        .set_tag(filter.tag.as_ref().map(|t| sdk_tag(&t.key, &t.value)).transpose()?)
        .build())
}

impl From<LifecycleRule> for Rule {
    fn from(rule: LifecycleRule) -> Self {
        #[expect(deprecated, reason = "rules put by old tools have it, instead of a filter")]
        let old_prefix = rule.prefix;
        let class = |class: Option<TransitionStorageClass>| class.map(|c| c.to_string()).unwrap_or_default();
        let expiration = |e: LifecycleExpiration| Expiration {
            date: e.date.and_then(day),
            days: e.days.filter(|d| *d > 0),
            expired_object_delete_marker: e.expired_object_delete_marker.unwrap_or(false),
        };
        let transition = |t: SdkTransition| Transition {
            days: t.days.filter(|_| t.date.is_none()),
            date: t.date.and_then(day),
            storage_class: class(t.storage_class),
        };
        let some = |n: Option<i32>| n.filter(|n| *n > 0);
        let noncurrent_expiration = |e: SdkNoncurrentExpiration| NoncurrentVersionExpiration {
            newer_noncurrent_versions: some(e.newer_noncurrent_versions),
            noncurrent_days: e.noncurrent_days.unwrap_or_default(),
        };
        let noncurrent_transition = |t: SdkNoncurrentTransition| NoncurrentVersionTransition {
            newer_noncurrent_versions: some(t.newer_noncurrent_versions),
            noncurrent_days: t.noncurrent_days.unwrap_or_default(),
            storage_class: class(t.storage_class),
        };
        Self {
            id: rule.id.unwrap_or_default(),
            status: rule.status.to_string(),
            filter: rule
                .filter
                .map_or_else(|| Filter { prefix: old_prefix.unwrap_or_default(), ..Filter::default() }, Filter::from),
            expiration: rule.expiration.map(expiration),
            transitions: rule.transitions.unwrap_or_default().into_iter().map(transition).collect(),
            noncurrent_version_expiration: rule.noncurrent_version_expiration.map(noncurrent_expiration),
            noncurrent_version_transitions: rule
                .noncurrent_version_transitions
                .unwrap_or_default()
                .into_iter()
                .map(noncurrent_transition)
                .collect(),
            abort_incomplete_multipart_upload: rule
                .abort_incomplete_multipart_upload
                .map(|a| AbortIncompleteMultipartUpload { days_after_initiation: a.days_after_initiation }),
        }
    }
}

impl From<LifecycleRuleFilter> for Filter {
    fn from(filter: LifecycleRuleFilter) -> Self {
        let and = |and: LifecycleRuleAndOperator| And {
            object_size_greater_than: and.object_size_greater_than.map(size),
            object_size_less_than: and.object_size_less_than.map(size),
            prefix: and.prefix.unwrap_or_default(),
            tags: and.tags.unwrap_or_default().into_iter().map(|t| (t.key, t.value)).collect(),
        };
        Self {
            and: filter.and.map(and),
            object_size_greater_than: filter.object_size_greater_than.map(size),
            object_size_less_than: filter.object_size_less_than.map(size),
            prefix: filter.prefix.unwrap_or_default(),
            tag: filter.tag.map(|t| FilterTag { key: t.key, value: t.value }),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::stub::{self, Answer, Stub};

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
        let made = Stub::run(Box::pin(BucketLifecycleConfiguration::create(&cx, &wanted(30)))).await.0.expect("made");
        assert_eq!((made.incomplete, looks()), (None, 4));
        let (short, long) = (wanted(30), wanted(60));
        let update = BucketLifecycleConfiguration::update(&cx, "b", &short, &long, Outputs {});
        Stub::run(Box::pin(update)).await.0.expect("changed");
        assert_eq!(looks(), 5);
        let back = BucketLifecycleConfiguration::update(&cx, "b", &long, &short, Outputs {});
        Stub::run(Box::pin(back)).await.0.expect("changed back");
        assert_eq!(looks(), 8);
    }

    use pulumi::value::{FromValue, ToValue};

    use super::*;

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
        BucketLifecycleConfiguration::check(&inputs).into_iter().map(|f| f.property).collect()
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
            assert_eq!(Rule::from(sdk_rule(&rule).unwrap()), rule);
            assert_eq!(failures(vec![rule.to_value()]), Vec::<String>::new());
            assert_eq!(Rule::from_value(&rule.to_value()), Ok(rule));
        }
    }

    #[test]
    fn all_objects_are_said_in_one_way() {
        let empty = LifecycleRuleFilter::builder();
        for filter in [None, Some(empty.clone().build()), Some(empty.prefix("").build())] {
            let rule = LifecycleRule::builder().status(ExpirationStatus::Enabled);
            let rule = rule.set_filter(filter).build().unwrap();
            assert_eq!(Rule::from(rule).filter, Filter::default());
        }
        assert_eq!(sdk_filter(&Filter::default()).unwrap().prefix(), Some(""));
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
