//! A CloudTrail trail.
//! Long because of its five nested types, each with its way to AWS and back.
//!
//! Calls: CreateTrail, GetTrail, UpdateTrail, DeleteTrail, StartLogging, StopLogging, GetTrailStatus, PutEventSelectors,
//! GetEventSelectors, PutInsightSelectors, GetInsightSelectors, AddTags, RemoveTags, ListTags.
//! IAM: `cloudtrail:` + each of these; `iam:PassRole` of the role that writes to CloudWatch Logs; for an organization's
//! trail also `organizations:DescribeOrganization`, `organizations:ListAWSServiceAccessForOrganization`.
//!
//! - A new trail does not log until it is told to.
//! - The policies of the bucket, the key and the topic have to let CloudTrail in before: AWS looks.
//! - A trail with data events of all S3 logs what CloudTrail puts into its bucket, which is put there in turn: a loop
//!   that is paid for. `recursiveLogging` off ends it. The official provider 7.48 has no such property, so a program of
//!   its that says nothing keeps what AWS chose, or what somebody set by hand.
//!   <https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-trail-recursive-logging.html>, as of 2026-11.
//! - A trail that no event selectors were put for logs all management events; that is what having none means here.

use std::collections::BTreeMap;

use aws_sdk_cloudtrail::types::{
    AdvancedEventSelector as SdkAdvancedSelector, AdvancedFieldSelector as SdkFieldSelector, DataResource,
    EventSelector as SdkSelector, InsightSelector as SdkInsightSelector, InsightType, ReadWriteType, Trail as SdkTrail,
};
use derive::{Outputs, Resource, Shape};
use pulumi::{
    provider::{
        adopt::Presence,
        check::Failure,
        resource::{Created, CustomResource, Error, Kind, Live},
    },
    value::{FromValue, Map, Value},
};

use crate::{
    context::Cx,
    error::{code, failed, found, gone},
    propagation, recovery,
    tags::{self, Taggable, Tagged, WithTags, built},
    waits,
};

/// A CloudTrail trail: who did what in the account, written to a bucket.
#[derive(Clone, Debug, PartialEq, Eq, Resource)]
#[resource(token = "aws:cloudtrail/trail:Trail", noun = "trail", handle = Trail)]
pub struct Inputs {
    /// Name, 3 to 128 letters, digits, `.`, `_` and `-`.
    #[resource(replace, autoname)]
    pub name: String,
    /// Name of the bucket its files go to.
    pub s3_bucket_name: String,
    /// What the files' keys begin with, before `/AWSLogs/`.
    pub s3_key_prefix: Option<String>,
    /// Whether it covers all regions.
    #[resource(default = false)]
    pub is_multi_region_trail: bool,
    /// Whether it covers global services, such as IAM.
    #[resource(default = true)]
    pub include_global_service_events: bool,
    /// Whether it covers all accounts of the organization; only for its management or delegated account.
    #[resource(default = false)]
    pub is_organization_trail: bool,
    /// Whether it writes digests that prove its files unchanged.
    #[resource(default = false)]
    pub enable_log_file_validation: bool,
    /// Whether it logs.
    #[resource(default = true)]
    pub enable_logging: bool,
    /// ARN or id of the key its files are encrypted with; absent is a key of S3.
    #[resource(tail)]
    pub kms_key_id: Option<String>,
    /// ARN of the log group that events go to as well, with `:*` behind it.
    pub cloud_watch_logs_group_arn: Option<String>,
    /// ARN of the role that writes to the log group.
    pub cloud_watch_logs_role_arn: Option<String>,
    /// Topic that is told of new files: its name; its ARN where it is of another region or account.
    pub sns_topic_name: Option<String>,
    /// Which events are logged, up to five; none is all management events. Instead of `advancedEventSelectors`.
    #[resource(default)]
    pub event_selectors: Vec<EventSelector>,
    /// Which events are logged, told by their fields. Instead of `eventSelectors`.
    #[resource(default)]
    pub advanced_event_selectors: Vec<AdvancedEventSelector>,
    /// What unusual activity is looked for.
    #[resource(set, default)]
    pub insight_selectors: Vec<InsightSelector>,
    /// Whether it logs the events of its own deliveries, such as each file that CloudTrail puts into the bucket; AWS's
    /// default is that it does. Not a property of the official provider.
    #[resource(computed)]
    pub recursive_logging: Option<bool>,
    /// Tags, beside the provider's default tags.
    #[resource(default)]
    pub tags: BTreeMap<String, String>,
}

/// Which events are logged.
#[derive(Clone, Debug, PartialEq, Eq, Shape)]
#[resource(name = "TrailEventSelector")]
pub struct EventSelector {
    /// `All`, `ReadOnly` or `WriteOnly`.
    #[resource(default = "All")]
    pub read_write_type: String,
    /// Whether management events are.
    #[resource(default = true)]
    pub include_management_events: bool,
    /// Services whose management events are not, such as `kms.amazonaws.com`.
    #[resource(set, default)]
    pub exclude_management_event_sources: Vec<String>,
    /// What data events are logged of.
    #[resource(default)]
    pub data_resources: Vec<EventSelectorDataResource>,
}

/// What data events are logged of.
#[derive(Clone, Debug, PartialEq, Eq, Shape)]
#[resource(name = "TrailEventSelectorDataResource")]
pub struct EventSelectorDataResource {
    /// `AWS::S3::Object`, `AWS::Lambda::Function` or `AWS::DynamoDB::Table`.
    pub r#type: String,
    /// ARNs, or beginnings of them; `arn:aws:s3` is all of S3.
    pub values: Vec<String>,
}

/// Which events are logged, told by their fields.
#[derive(Clone, Debug, PartialEq, Eq, Shape)]
#[resource(name = "TrailAdvancedEventSelector")]
pub struct AdvancedEventSelector {
    /// What it is for.
    pub name: Option<String>,
    /// Conditions, all of which have to hold.
    #[resource(set)]
    pub field_selectors: Vec<AdvancedEventSelectorFieldSelector>,
}

/// A condition on one field of an event.
#[derive(Clone, Debug, PartialEq, Eq, Shape)]
#[resource(name = "TrailAdvancedEventSelectorFieldSelector")]
pub struct AdvancedEventSelectorFieldSelector {
    /// Field, such as `eventCategory`, `readOnly`, `resources.type` or `resources.ARN`.
    pub field: String,
    /// It is one of these.
    pub equals: Option<Vec<String>>,
    /// It is none of these.
    pub not_equals: Option<Vec<String>>,
    /// It starts with one of these.
    pub starts_withs: Option<Vec<String>>,
    /// It starts with none of these.
    pub not_starts_withs: Option<Vec<String>>,
    /// It ends with one of these.
    pub ends_withs: Option<Vec<String>>,
    /// It ends with none of these.
    pub not_ends_withs: Option<Vec<String>>,
}

/// What unusual activity is looked for.
#[derive(Clone, Debug, PartialEq, Eq, Shape)]
#[resource(name = "TrailInsightSelector")]
pub struct InsightSelector {
    /// `ApiCallRateInsight` or `ApiErrorRateInsight`.
    pub insight_type: String,
}

/// What AWS adds to a trail.
#[derive(Clone, Debug, Outputs)]
#[resource(handle = Trail)]
pub struct Outputs {
    /// ARN, the same as the id.
    pub arn: String,
    /// Region it was made in, and is changed in.
    pub home_region: String,
}

const ABSENT: &[&str] = &["TrailNotFoundException"];
/// A trail that AWS has not loaded wholly yet.
const BUSY: &[&str] = &["ConflictException"];
const YOUNG: &[&str] = &["ConflictException", "TrailNotFoundException"];

impl CustomResource for Trail {
    type Context = Cx;
    type Inputs = Inputs;
    type Outputs = Outputs;

    const PRESENCE: Presence = Presence::Named;

    /// What was logged until now stays in the bucket that it was logged to, and whoever reads it there would see no more.
    fn check_adoption(live: &Map, news: &Map) -> Vec<Failure> {
        let text = |map: &Map| map.get("s3BucketName").and_then(Value::as_str).map(str::to_owned);
        let Some(live) = text(live) else { return Vec::new() };
        let new = match text(news) {
            Some(new) if new == live => return Vec::new(),
            Some(new) => format!("`{new}`"),
            None => "one that is yet to be created".to_owned(),
        };
        let reason = format!("is `{live}`, and is to be {new}: it is a trail of another bucket");
        vec![Failure { property: "s3BucketName".to_owned(), reason }]
    }

    fn id_of(cx: &Cx, inputs: &Inputs) -> Option<String> {
        Some(arn(cx, &inputs.name))
    }

    fn check(inputs: &Map) -> Vec<Failure> {
        let mut failures = Vec::new();
        let mut wrong = |property: &str, reason: &str| {
            failures.push(Failure { property: property.to_owned(), reason: reason.to_owned() });
        };
        let is = |property: &str, flag: bool| inputs.get(property) == Some(&Value::Bool(flag));
        if is("isMultiRegionTrail", true) && is("includeGlobalServiceEvents", false) {
            wrong("includeGlobalServiceEvents", "a trail of all regions covers global services too");
        }
        let some = |property: &str| matches!(inputs.get(property), Some(Value::Array(items)) if !items.is_empty());
        if some("eventSelectors") && some("advancedEventSelectors") {
            wrong("advancedEventSelectors", "give `eventSelectors` or `advancedEventSelectors`, not both");
        }
        let [group, role] = ["cloudWatchLogsGroupArn", "cloudWatchLogsRoleArn"];
        for (given, missing) in [(group, role), (role, group)] {
            if inputs.contains_key(given) && !inputs.contains_key(missing) {
                wrong(
                    missing,
                    &format!("a log group and the role that writes to it belong together: `{given}` is given"),
                );
            }
        }
        if inputs.get(group).and_then(Value::as_str).is_some_and(|arn| !arn.ends_with(":*")) {
            wrong(group, "CloudTrail wants the log group's ARN with `:*` behind it");
        }
        failures
    }

    fn reduce(olds: Option<&Map>, live: &mut Map) {
        // AWS does not tell whether all management events were asked for, or nothing
        let said = olds.and_then(|olds| olds.get("eventSelectors"));
        let none = matches!(live.get("eventSelectors"), Some(Value::Array(items)) if items.is_empty());
        if let Some(said) = said
            && none
            && Vec::<EventSelector>::from_value(said).is_ok_and(|said| said == [by_default()])
        {
            live.insert("eventSelectors".to_owned(), said.clone());
        }
    }

    async fn create(cx: &Cx, inputs: &Inputs) -> Result<Created<Outputs>, Error> {
        let tags = built(cx.tags_as(tags::Trail::tag))?;
        let call = cx.clients.cloudtrail.create_trail().name(&inputs.name).s3_bucket_name(&inputs.s3_bucket_name);
        let call = call
            .set_s3_key_prefix(inputs.s3_key_prefix.clone())
            .set_kms_key_id(inputs.kms_key_id.clone())
            .set_sns_topic_name(inputs.sns_topic_name.clone())
            .set_cloud_watch_logs_log_group_arn(inputs.cloud_watch_logs_group_arn.clone())
            .set_cloud_watch_logs_role_arn(inputs.cloud_watch_logs_role_arn.clone());
        let call = call
            .is_multi_region_trail(inputs.is_multi_region_trail)
            .include_global_service_events(inputs.include_global_service_events)
            .is_organization_trail(inputs.is_organization_trail)
            .enable_log_file_validation(inputs.enable_log_file_validation)
            .set_recursive_logging(inputs.recursive_logging)
            .set_tags_list(Some(tags));
        match propagation::told(BUSY, || call.clone().send()).await {
            Ok(made) => {
                let arn = made.trail_arn.unwrap_or_else(|| arn(cx, &inputs.name));
                let rest = after_create(cx, &arn, inputs).await;
                Ok(Created::new(&arn, Outputs { arn: arn.clone(), home_region: cx.region.clone() }).and(rest))
            }
            Err(failure) if code(&failure) == Some("TrailAlreadyExistsException") => take_up(cx, inputs).await,
            Err(failure) => Err(failed(failure)),
        }
    }

    async fn read(cx: &Cx, id: &str) -> Result<Option<Live<Inputs, Outputs>>, Error> {
        let cloudtrail = &cx.clients.cloudtrail;
        let Some(trail) = describe(cx, id).await? else { return Ok(None) };
        let (status, selectors, insights) = futures::future::join3(
            cloudtrail.get_trail_status().name(id).send(),
            cloudtrail.get_event_selectors().trail_name(id).send(),
            cloudtrail.get_insight_selectors().trail_name(id).send(),
        )
        .await;
        let status = status.map_err(|e| failed(e).within("asking whether it logs"))?;
        let selectors = selectors.map_err(|e| failed(e).within("reading its event selectors"))?;
        let insights = found(insights, &["InsightNotEnabledException"])?;
        let outputs = outputs(cx, id, &trail);
        let topic = trail.sns_topic_arn.map(|topic| {
            let here = format!("arn:{}:sns:{}:{}:", cx.partition, cx.region, cx.caller.account);
            topic.strip_prefix(&here).map(str::to_owned).unwrap_or(topic)
        });
        let given = |text: Option<String>| text.filter(|text| !text.is_empty());
        let mut event_selectors: Vec<EventSelector> =
            selectors.event_selectors.unwrap_or_default().into_iter().map(Into::into).collect();
        if event_selectors == [by_default()] {
            event_selectors.clear();
        }
        let advanced = selectors.advanced_event_selectors.unwrap_or_default();
        let insights = insights.and_then(|i| i.insight_selectors).unwrap_or_default();
        let inputs = Inputs {
            name: trail.name.unwrap_or_else(|| name(id).to_owned()),
            s3_bucket_name: trail.s3_bucket_name.unwrap_or_default(),
            s3_key_prefix: given(trail.s3_key_prefix),
            is_multi_region_trail: trail.is_multi_region_trail.unwrap_or(false),
            include_global_service_events: trail.include_global_service_events.unwrap_or(false),
            is_organization_trail: trail.is_organization_trail.unwrap_or(false),
            enable_log_file_validation: trail.log_file_validation_enabled.unwrap_or(false),
            enable_logging: status.is_logging.unwrap_or(false),
            kms_key_id: given(trail.kms_key_id),
            cloud_watch_logs_group_arn: given(trail.cloud_watch_logs_log_group_arn),
            cloud_watch_logs_role_arn: given(trail.cloud_watch_logs_role_arn),
            sns_topic_name: given(topic),
            event_selectors,
            advanced_event_selectors: advanced.into_iter().map(Into::into).collect(),
            insight_selectors: insights
                .into_iter()
                .filter_map(|i| Some(InsightSelector { insight_type: i.insight_type?.to_string() }))
                .collect(),
            recursive_logging: trail.recursive_logging,
            tags: BTreeMap::new(),
        };
        Ok(Some(Live { inputs, outputs }))
    }

    async fn update(cx: &Cx, id: &str, old: &Inputs, new: &Inputs, outputs: Outputs) -> Result<Outputs, Error> {
        // stop first and start last: what is changed in between is changed of a trail that does not log
        if old.enable_logging && !new.enable_logging {
            log(cx, id, false).await?;
        }
        put(cx, id, old, new).await?;
        if (&old.event_selectors, &old.advanced_event_selectors)
            != (&new.event_selectors, &new.advanced_event_selectors)
        {
            select(cx, id, new).await?;
        }
        if old.insight_selectors != new.insight_selectors {
            select_insights(cx, id, new).await?;
        }
        if !old.enable_logging && new.enable_logging {
            log(cx, id, true).await?;
        }
        Ok(outputs)
    }

    async fn delete(cx: &Cx, id: &str, _: &Inputs) -> Result<(), Error> {
        let call = cx.clients.cloudtrail.delete_trail().name(id);
        gone(recovery::settled(BUSY, || call.clone().send()).await, ABSENT)
    }
}

impl Taggable for Trail {
    fn tagged(cx: &Cx, id: &str) -> Tagged {
        let arn = if id.starts_with("arn:") { id.to_owned() } else { arn(cx, id) };
        Box::new(tags::Trail(arn))
    }
}

pub(crate) fn kind() -> Box<dyn Kind<Cx>> {
    Box::new(WithTags::<Trail>::new())
}

fn arn(cx: &Cx, name: &str) -> String {
    cx.arn("cloudtrail", &format!("trail/{name}"))
}

/// The name in an id: an ARN, or the name itself.
fn name(id: &str) -> &str {
    id.rsplit_once('/').map_or(id, |(_, name)| name)
}

fn outputs(cx: &Cx, id: &str, trail: &SdkTrail) -> Outputs {
    Outputs {
        arn: trail.trail_arn.clone().unwrap_or_else(|| arn(cx, name(id))),
        home_region: trail.home_region.clone().unwrap_or_else(|| cx.region.clone()),
    }
}

async fn describe(cx: &Cx, id: &str) -> Result<Option<SdkTrail>, Error> {
    Ok(found(cx.clients.cloudtrail.get_trail().name(id).send().await, ABSENT)?.and_then(|answer| answer.trail))
}

async fn after_create(cx: &Cx, arn: &str, inputs: &Inputs) -> Result<(), Error> {
    if !inputs.event_selectors.is_empty() || !inputs.advanced_event_selectors.is_empty() {
        select(cx, arn, inputs).await?;
    }
    if !inputs.insight_selectors.is_empty() {
        select_insights(cx, arn, inputs).await?;
    }
    if inputs.enable_logging {
        log(cx, arn, true).await?;
    }
    Ok(())
}

/// Makes a trail that existed already what it should be, if it is ours.
async fn take_up(cx: &Cx, inputs: &Inputs) -> Result<Created<Outputs>, Error> {
    let name = &inputs.name;
    let trail = waits::there(&format!("trail `{name}`"), || describe(cx, name)).await?;
    let outputs = outputs(cx, name, &trail);
    // a trail of all regions, and one of the organization, shows in places that it cannot be changed from
    if outputs.arn != arn(cx, name) {
        return Err(cx.taken("trail", name, &format!("it is {}", outputs.arn)));
    }
    let arn = &outputs.arn;
    let target = Trail::tagged(cx, arn);
    let tags = target.all(cx).await?;
    cx.adopt("trail", arn, &tags).await?;
    let rest = async {
        target.claim(cx, &tags).await?;
        let live = waits::there(&format!("trail `{name}`"), || Trail::read(cx, arn)).await?;
        Trail::update(cx, arn, &live.inputs, inputs, live.outputs).await.map(drop)
    };
    let rest = rest.await;
    Ok(Created::new(arn, outputs.clone()).and(rest))
}

/// Changes what UpdateTrail can: all but its selectors, and whether it logs. An empty text clears.
async fn put(cx: &Cx, id: &str, old: &Inputs, new: &Inputs) -> Result<(), Error> {
    let settings = |inputs: &Inputs| Inputs {
        enable_logging: true,
        event_selectors: vec![],
        advanced_event_selectors: vec![],
        insight_selectors: vec![],
        tags: BTreeMap::new(),
        ..inputs.clone()
    };
    if settings(old) == settings(new) {
        return Ok(());
    }
    let or_empty =
        |old: &Option<String>, new: &Option<String>| new.clone().or_else(|| old.as_ref().map(|_| String::new()));
    let call = cx.clients.cloudtrail.update_trail().name(id).s3_bucket_name(&new.s3_bucket_name);
    let call = call
        .is_multi_region_trail(new.is_multi_region_trail)
        .include_global_service_events(new.include_global_service_events)
        .is_organization_trail(new.is_organization_trail)
        .enable_log_file_validation(new.enable_log_file_validation)
        .set_recursive_logging(new.recursive_logging);
    let call = call
        .set_s3_key_prefix(or_empty(&old.s3_key_prefix, &new.s3_key_prefix))
        .set_kms_key_id(or_empty(&old.kms_key_id, &new.kms_key_id))
        .set_sns_topic_name(or_empty(&old.sns_topic_name, &new.sns_topic_name));
    let (group, role) = (
        or_empty(&old.cloud_watch_logs_group_arn, &new.cloud_watch_logs_group_arn),
        or_empty(&old.cloud_watch_logs_role_arn, &new.cloud_watch_logs_role_arn),
    );
    let call = call.set_cloud_watch_logs_log_group_arn(group).set_cloud_watch_logs_role_arn(role);
    propagation::told(BUSY, || call.clone().send()).await.map(drop).map_err(failed)
}

async fn log(cx: &Cx, id: &str, on: bool) -> Result<(), Error> {
    if on {
        let call = cx.clients.cloudtrail.start_logging().name(id);
        let started = recovery::settled(YOUNG, || call.clone().send()).await;
        started.map(drop).map_err(|e| failed(e).within("starting to log"))
    } else {
        let call = cx.clients.cloudtrail.stop_logging().name(id);
        let stopped = recovery::settled(YOUNG, || call.clone().send()).await;
        stopped.map(drop).map_err(|e| failed(e).within("stopping to log"))
    }
}

async fn select(cx: &Cx, id: &str, inputs: &Inputs) -> Result<(), Error> {
    let call = cx.clients.cloudtrail.put_event_selectors().trail_name(id);
    let call = if inputs.advanced_event_selectors.is_empty() {
        let selectors = if inputs.event_selectors.is_empty() { &[by_default()][..] } else { &inputs.event_selectors };
        call.set_event_selectors(Some(selectors.iter().map(Into::into).collect()))
    } else {
        let selectors = inputs.advanced_event_selectors.iter().map(sdk_advanced).collect::<Result<_, _>>()?;
        call.set_advanced_event_selectors(Some(selectors))
    };
    let put = recovery::settled(YOUNG, || call.clone().send()).await;
    put.map(drop).map_err(|e| failed(e).within("setting its event selectors"))
}

async fn select_insights(cx: &Cx, id: &str, inputs: &Inputs) -> Result<(), Error> {
    let insight = |i: &InsightSelector| {
        SdkInsightSelector::builder().insight_type(InsightType::from(i.insight_type.as_str())).build()
    };
    let insights = inputs.insight_selectors.iter().map(insight).collect();
    let call = cx.clients.cloudtrail.put_insight_selectors().trail_name(id).set_insight_selectors(Some(insights));
    let put = recovery::settled(YOUNG, || call.clone().send()).await;
    put.map(drop).map_err(|e| failed(e).within("setting its insight selectors"))
}

/// What a trail has that no selectors were put for.
/// <https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_PutEventSelectors.html>
fn by_default() -> EventSelector {
    EventSelector {
        read_write_type: "All".to_owned(),
        include_management_events: true,
        exclude_management_event_sources: vec![],
        data_resources: vec![],
    }
}

impl From<&EventSelector> for SdkSelector {
    fn from(selector: &EventSelector) -> Self {
        let resource = |r: &EventSelectorDataResource| {
            DataResource::builder().r#type(&r.r#type).set_values(Some(r.values.clone())).build()
        };
        Self::builder()
            .read_write_type(ReadWriteType::from(selector.read_write_type.as_str()))
            .include_management_events(selector.include_management_events)
            .set_exclude_management_event_sources(Some(selector.exclude_management_event_sources.clone()))
            .set_data_resources(Some(selector.data_resources.iter().map(resource).collect()))
            .build()
    }
}

impl From<SdkSelector> for EventSelector {
    fn from(live: SdkSelector) -> Self {
        let resource = |r: DataResource| EventSelectorDataResource {
            r#type: r.r#type.unwrap_or_default(),
            values: r.values.unwrap_or_default(),
        };
        Self {
            read_write_type: live.read_write_type.map_or_else(|| "All".to_owned(), |kind| kind.to_string()),
            include_management_events: live.include_management_events.unwrap_or(true),
            exclude_management_event_sources: live.exclude_management_event_sources.unwrap_or_default(),
            data_resources: live.data_resources.unwrap_or_default().into_iter().map(resource).collect(),
        }
    }
}

fn sdk_advanced(selector: &AdvancedEventSelector) -> Result<SdkAdvancedSelector, Error> {
    let field = |f: &AdvancedEventSelectorFieldSelector| {
        SdkFieldSelector::builder()
            .field(&f.field)
            .set_equals(f.equals.clone())
            .set_not_equals(f.not_equals.clone())
            .set_starts_with(f.starts_withs.clone())
            .set_not_starts_with(f.not_starts_withs.clone())
            .set_ends_with(f.ends_withs.clone())
            .set_not_ends_with(f.not_ends_withs.clone())
            .build()
    };
    let fields = built(selector.field_selectors.iter().map(field).collect())?;
    let built =
        SdkAdvancedSelector::builder().set_name(selector.name.clone()).set_field_selectors(Some(fields)).build();
    built.map_err(|e| Error::new(e.to_string()))
}

impl From<SdkAdvancedSelector> for AdvancedEventSelector {
    fn from(live: SdkAdvancedSelector) -> Self {
        let some = |values: Option<Vec<String>>| values.filter(|values| !values.is_empty());
        let field = |f: SdkFieldSelector| AdvancedEventSelectorFieldSelector {
            field: f.field,
            equals: some(f.equals),
            not_equals: some(f.not_equals),
            starts_withs: some(f.starts_with),
            not_starts_withs: some(f.not_starts_with),
            ends_withs: some(f.ends_with),
            not_ends_withs: some(f.not_ends_with),
        };
        let name = live.name.filter(|name| !name.is_empty());
        Self { name, field_selectors: live.field_selectors.into_iter().map(field).collect() }
    }
}

#[cfg(test)]
mod tests {
    use pulumi::value::ToValue;
    use serde_json::json;

    use super::*;
    use crate::stub::{self, Answer, Stub, done};

    crate::lifecycle! {
        token: "aws:cloudtrail/trail:Trail",
        needs: [
            ("aws:s3/bucket:Bucket", { "bucket": "trail-{unique}" }),
            ("aws:kms/key:Key", {}),
            ("aws:cloudwatch/logGroup:LogGroup", { "name": "/trail/{unique}" }),
            ("aws:sns/topic:Topic", { "name": "trail-{unique}" }),
        ],
        sample: {
            "name": "trail-{unique}",
            "s3BucketName": "${0.id}",
            "isMultiRegionTrail": true,
            "enableLogFileValidation": true,
            "kmsKeyId": "${1.arn}",
            "cloudWatchLogsGroupArn": "${2.arn}:*",
            "cloudWatchLogsRoleArn": "arn:aws:iam::111122223333:role/trail",
            "eventSelectors": [{
                "readWriteType": "All",
                "includeManagementEvents": true,
                "dataResources": [{ "type": "AWS::S3::Object", "values": ["arn:aws:s3"] }],
            }],
            "insightSelectors": [{ "insightType": "ApiCallRateInsight" }, { "insightType": "ApiErrorRateInsight" }],
            "recursiveLogging": false,
            "tags": { "a": "1" },
        },
        change: {
            "s3KeyPrefix": "audit",
            "snsTopicName": "trail-{unique}",
            "enableLogging": false,
            "recursiveLogging": true,
            "insightSelectors": [],
            "eventSelectors": [],
            "advancedEventSelectors": [{
                "name": "writes",
                "fieldSelectors": [{ "field": "eventCategory", "equals": ["Management"] }, { "field": "readOnly", "equals": ["false"] }],
            }],
            "tags": { "b": "2", "empty": "" },
        },
    }

    mod plain {
        crate::lifecycle! {
            token: "aws:cloudtrail/trail:Trail",
            needs: [("aws:s3/bucket:Bucket", { "bucket": "plain-{unique}" })],
            sample: {
                "name": "plain-{unique}",
                "s3BucketName": "${0.id}",
                "enableLogging": false,
                "advancedEventSelectors": [{ "fieldSelectors": [{ "field": "eventCategory", "equals": ["Management"] }] }],
            },
            change: { "enableLogging": true, "advancedEventSelectors": [] },
        }
    }

    /// Left out, as in every official program, AWS decides; said, it is sent, by an update too.
    #[tokio::test]
    async fn recursive_logging_is_sent_when_it_is_said() {
        let stub = Stub::new(|asked| match asked.operation.as_str() {
            "CreateTrail" => {
                Answer::Json(json!({ "TrailARN": "arn:aws:cloudtrail:ap-southeast-2:111122223333:trail/t" }))
            }
            _ => done(asked),
        });
        let cx = stub.cx("aws:cloudtrail/trail:Trail");
        let said = |said: serde_json::Value| -> Inputs {
            stub::inputs(&json!({ "name": "trail", "s3BucketName": "b", "recursiveLogging": said }))
        };
        let (unsaid, off) = (said(json!(null)), said(json!(false)));
        for inputs in [&unsaid, &off] {
            Box::pin(Trail::create(&cx, inputs)).await.expect("made");
        }
        let outputs = Outputs { arn: String::new(), home_region: String::new() };
        Box::pin(Trail::update(&cx, "t", &unsaid, &off, outputs)).await.expect("changed");
        let sent = |operation: &str| {
            stub.asked(operation).into_iter().map(|asked| asked["RecursiveLogging"].clone()).collect::<Vec<_>>()
        };
        assert_eq!(sent("CreateTrail"), [json!(null), json!(false)]);
        assert_eq!(sent("UpdateTrail"), [json!(false)]);
    }

    #[tokio::test]
    async fn one_of_its_name_is_adopted_or_refused() {
        crate::testing::adopts(sample()).await;
    }

    fn map(fields: &[(&str, Value)]) -> Map {
        fields.iter().map(|(k, v)| ((*k).to_owned(), v.clone())).collect()
    }

    #[test]
    fn what_aws_would_refuse_is_said_before() {
        let wrong = |fields: &[(&str, Value)]| {
            Trail::check(&map(fields)).iter().map(|f| f.property.clone()).collect::<Vec<_>>().join(" ")
        };
        let (group, role) = ("cloudWatchLogsGroupArn", "cloudWatchLogsRoleArn");
        let arn = |tail: &str| format!("arn:aws:logs:ap-southeast-2:111122223333:log-group:a{tail}").to_value();
        assert_eq!(wrong(&[(group, arn(":*")), (role, Value::Unknown)]), "");
        assert_eq!(wrong(&[(group, arn("")), (role, Value::Unknown)]), group);
        assert_eq!(wrong(&[(group, Value::Unknown)]), role);
        assert_eq!(wrong(&[(role, Value::Unknown)]), group);
        let flags =
            |multi: bool| [("isMultiRegionTrail", multi.to_value()), ("includeGlobalServiceEvents", false.to_value())];
        assert_eq!(
            (wrong(&flags(true)), wrong(&flags(false))),
            ("includeGlobalServiceEvents".to_owned(), String::new())
        );
        let both = |n: usize| {
            [
                ("eventSelectors", vec![Value::Unknown].to_value()),
                ("advancedEventSelectors", vec![Value::Unknown; n].to_value()),
            ]
        };
        assert_eq!((wrong(&both(1)), wrong(&both(0))), ("advancedEventSelectors".to_owned(), String::new()));
    }

    #[test]
    fn all_management_events_are_told_as_they_were_said() {
        let reduced = |said: Option<Value>, live: Vec<EventSelector>| {
            let olds = said.map(|said| map(&[("eventSelectors", said)]));
            let mut live = map(&[("eventSelectors", live.to_value())]);
            Trail::reduce(olds.as_ref(), &mut live);
            live["eventSelectors"].clone()
        };
        let none = || Vec::<EventSelector>::new().to_value();
        let said = vec![Value::Object(map(&[("readWriteType", "All".to_value())]))].to_value();
        assert_eq!(reduced(Some(said.clone()), vec![]), said);
        assert_eq!((reduced(None, vec![]), reduced(Some(none()), vec![])), (none(), none()));
        let reads = EventSelector { read_write_type: "ReadOnly".to_owned(), ..by_default() };
        assert_eq!(reduced(Some(said), vec![reads.clone()]), vec![reads.clone()].to_value());
        assert_eq!(reduced(Some(vec![reads].to_value()), vec![]), none());
    }
}
