//! A CloudTrail trail.
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

use aws_sdk_cloudtrail::types;
use pulumi::value::FromValue;

use crate::{name, prelude::*, tags};

/// A CloudTrail trail: who did what in the account, written to a bucket.
#[derive(Clone, Debug, PartialEq, Eq, Resource)]
#[resource(token = "aws:cloudtrail/trail:Trail", noun = "trail", handle = Trail, tags, from = types::Trail)]
pub struct Inputs {
    /// Name, 3 to 128 letters, digits, `.`, `_` and `-`.
    #[resource(replace, autoname)]
    pub name: String,
    /// Name of the bucket its files go to.
    pub s3_bucket_name: String,
    /// What the files' keys begin with, before `/AWSLogs/`.
    #[resource(blank)]
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
    #[resource(default = false, sdk = log_file_validation_enabled)]
    pub enable_log_file_validation: bool,
    /// Whether it logs.
    #[resource(default = true, own)]
    pub enable_logging: bool,
    /// ARN or id of the key its files are encrypted with; absent is a key of S3.
    #[resource(tail, blank)]
    pub kms_key_id: Option<String>,
    /// ARN of the log group that events go to as well, with `:*` behind it.
    #[resource(blank, sdk = cloud_watch_logs_log_group_arn)]
    pub cloud_watch_logs_group_arn: Option<String>,
    /// ARN of the role that writes to the log group.
    #[resource(blank)]
    pub cloud_watch_logs_role_arn: Option<String>,
    /// Topic that is told of new files: its name; its ARN where it is of another region or account.
    pub sns_topic_name: Option<String>,
    /// Which events are logged, up to five; none is all management events. Instead of `advancedEventSelectors`.
    #[resource(default, own)]
    pub event_selectors: Vec<EventSelector>,
    /// Which events are logged, told by their fields. Instead of `eventSelectors`.
    #[resource(default, own)]
    pub advanced_event_selectors: Vec<AdvancedEventSelector>,
    /// What unusual activity is looked for.
    #[resource(set, default, own)]
    pub insight_selectors: Vec<InsightSelector>,
    /// Whether it logs the events of its own deliveries, such as each file that CloudTrail puts into the bucket; AWS's
    /// default is that it does. Not a property of the official provider.
    #[resource(computed)]
    pub recursive_logging: Option<bool>,
}

/// Which events are logged.
#[derive(Clone, Debug, PartialEq, Eq, Shape)]
#[resource(name = "TrailEventSelector", sdk = types::EventSelector)]
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
#[resource(name = "TrailEventSelectorDataResource", sdk = types::DataResource)]
pub struct EventSelectorDataResource {
    /// `AWS::S3::Object`, `AWS::Lambda::Function` or `AWS::DynamoDB::Table`.
    pub r#type: String,
    /// ARNs, or beginnings of them; `arn:aws:s3` is all of S3.
    pub values: Vec<String>,
}

/// Which events are logged, told by their fields.
#[derive(Clone, Debug, PartialEq, Eq, Shape)]
#[resource(name = "TrailAdvancedEventSelector", sdk = types::AdvancedEventSelector)]
pub struct AdvancedEventSelector {
    /// What it is for.
    #[resource(blank)]
    pub name: Option<String>,
    /// Conditions, all of which have to hold.
    #[resource(set)]
    pub field_selectors: Vec<AdvancedEventSelectorFieldSelector>,
}

/// A condition on one field of an event.
#[derive(Clone, Debug, PartialEq, Eq, Shape)]
#[resource(name = "TrailAdvancedEventSelectorFieldSelector", sdk = types::AdvancedFieldSelector)]
pub struct AdvancedEventSelectorFieldSelector {
    /// Field, such as `eventCategory`, `readOnly`, `resources.type` or `resources.ARN`.
    pub field: String,
    /// It is one of these.
    #[resource(blank)]
    pub equals: Option<Vec<String>>,
    /// It is none of these.
    #[resource(blank)]
    pub not_equals: Option<Vec<String>>,
    /// It starts with one of these.
    #[resource(blank, sdk = starts_with)]
    pub starts_withs: Option<Vec<String>>,
    /// It starts with none of these.
    #[resource(blank, sdk = not_starts_with)]
    pub not_starts_withs: Option<Vec<String>>,
    /// It ends with one of these.
    #[resource(blank, sdk = ends_with)]
    pub ends_withs: Option<Vec<String>>,
    /// It ends with none of these.
    #[resource(blank, sdk = not_ends_with)]
    pub not_ends_withs: Option<Vec<String>>,
}

/// What unusual activity is looked for.
#[derive(Clone, Debug, PartialEq, Eq, Shape)]
#[resource(name = "TrailInsightSelector", sdk = types::InsightSelector)]
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

/// A trail that AWS has not loaded wholly yet.
const BUSY: Codes = &["ConflictException"];
const YOUNG: Codes = &["ConflictException", "TrailNotFoundException"];

impl AwsResource for Trail {
    const ABSENT: Codes = &["TrailNotFoundException"];
    const EXISTS: Codes = &["TrailAlreadyExistsException"];

    fn tagged(cx: &Cx, id: &str) -> Tagged {
        Box::new(tags::Trail(if id.starts_with("arn:") { id.to_owned() } else { arn(cx, id) }))
    }

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

    /// A trail of all regions, and one of the organization, shows in places that it cannot be changed from.
    fn ours(cx: &Cx, live: &Live<Inputs, Outputs>, wanted: &Inputs) -> Result<(), String> {
        let is_here = live.outputs.arn == arn(cx, &wanted.name);
        if is_here { Ok(()) } else { Err(format!("it is {}", live.outputs.arn)) }
    }

    fn check(checks: &mut Checks<'_>) {
        if checks.is("isMultiRegionTrail", true) && checks.is("includeGlobalServiceEvents", false) {
            checks.wrong("includeGlobalServiceEvents", "a trail of all regions covers global services too");
        }
        let some =
            |property: &str| matches!(checks.inputs.get(property), Some(Value::Array(items)) if !items.is_empty());
        if some("eventSelectors") && some("advancedEventSelectors") {
            checks.not_both("eventSelectors", "advancedEventSelectors");
        }
        let [group, role] = ["cloudWatchLogsGroupArn", "cloudWatchLogsRoleArn"];
        for (given, missing) in [(group, role), (role, group)] {
            if checks.has(given) && !checks.has(missing) {
                let reason = "a log group and the role that writes to it belong together";
                checks.wrong(missing, format!("{reason}: `{given}` is given"));
            }
        }
        if checks.text(group).is_some_and(|arn| !arn.ends_with(":*")) {
            checks.wrong(group, "CloudTrail wants the log group's ARN with `:*` behind it");
        }
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

    async fn create(cx: &Cx, inputs: &Inputs) -> Answer<Created<Outputs>> {
        let call = cx.clients.cloudtrail.create_trail().name(&inputs.name).s3_bucket_name(&inputs.s3_bucket_name);
        let call = call
            .set_s3_key_prefix(inputs.s3_key_prefix.clone())
            .set_kms_key_id(inputs.kms_key_id.clone())
            .set_sns_topic_name(inputs.sns_topic_name.clone())
            .set_cloud_watch_logs_log_group_arn(inputs.cloud_watch_logs_group_arn.clone())
            .set_cloud_watch_logs_role_arn(inputs.cloud_watch_logs_role_arn.clone())
            .is_multi_region_trail(inputs.is_multi_region_trail)
            .include_global_service_events(inputs.include_global_service_events)
            .is_organization_trail(inputs.is_organization_trail)
            .enable_log_file_validation(inputs.enable_log_file_validation)
            .set_recursive_logging(inputs.recursive_logging)
            .set_tags_list(Some(built(cx.tags_as(tags::Trail::tag))?));
        let made = propagation::told(BUSY, || call.clone().send()).await?;
        let arn = made.trail_arn.unwrap_or_else(|| arn(cx, &inputs.name));
        let rest = after_create(cx, &arn, inputs).await;
        Ok(Created::new(&arn, Outputs { arn: arn.clone(), home_region: cx.region.clone() }).and(rest))
    }

    async fn read(cx: &Cx, id: &str) -> Answer<Option<Live<Inputs, Outputs>>> {
        let cloudtrail = &cx.clients.cloudtrail;
        let Some(trail) = cloudtrail.get_trail().name(id).send().await?.trail else { return Ok(None) };
        let (status, selectors, insights) = futures::future::join3(
            cloudtrail.get_trail_status().name(id).send(),
            cloudtrail.get_event_selectors().trail_name(id).send(),
            cloudtrail.get_insight_selectors().trail_name(id).send(),
        )
        .await;
        let status = status.within("asking whether it logs")?;
        let selectors = selectors.within("reading its event selectors")?;
        let insights = insights.found(&["InsightNotEnabledException"])?.and_then(|i| i.insight_selectors);
        let outputs = Outputs {
            arn: trail.trail_arn.clone().unwrap_or_else(|| arn(cx, name::last(id, '/'))),
            home_region: trail.home_region.clone().unwrap_or_else(|| cx.region.clone()),
        };
        let topic = trail.sns_topic_arn.clone().map(|topic| {
            let here = format!("arn:{}:sns:{}:{}:", cx.partition, cx.region, cx.caller.account);
            topic.strip_prefix(&here).map(str::to_owned).unwrap_or(topic)
        });
        let mut event_selectors = Vec::from_sdk(selectors.event_selectors.unwrap_or_default());
        if event_selectors == [by_default()] {
            event_selectors.clear();
        }
        let inputs = Inputs {
            name: trail.name.clone().unwrap_or_else(|| name::last(id, '/').to_owned()),
            include_global_service_events: trail.include_global_service_events.unwrap_or(false),
            enable_logging: status.is_logging.unwrap_or(false),
            sns_topic_name: given(topic),
            event_selectors,
            advanced_event_selectors: Vec::from_sdk(selectors.advanced_event_selectors.unwrap_or_default()),
            insight_selectors: Vec::from_sdk(insights.unwrap_or_default()),
            ..Inputs::from_sdk(trail)
        };
        Ok(Some(Live { inputs, outputs }))
    }

    async fn update(cx: &Cx, id: &str, old: &Inputs, new: &Inputs, outputs: Outputs) -> Answer<Outputs> {
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

    async fn delete(cx: &Cx, id: &str, _: &Inputs) -> Answer {
        let call = cx.clients.cloudtrail.delete_trail().name(id);
        recovery::settled(BUSY, || call.clone().send()).await.done()
    }
}

fn arn(cx: &Cx, name: &str) -> String {
    cx.arn("cloudtrail", &format!("trail/{name}"))
}

async fn after_create(cx: &Cx, arn: &str, inputs: &Inputs) -> Answer {
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

/// Changes what UpdateTrail can: all but its selectors, and whether it logs. An empty text clears.
async fn put(cx: &Cx, id: &str, old: &Inputs, new: &Inputs) -> Answer {
    let settings = |inputs: &Inputs| Inputs {
        enable_logging: true,
        event_selectors: vec![],
        advanced_event_selectors: vec![],
        insight_selectors: vec![],
        ..inputs.clone()
    };
    if settings(old) == settings(new) {
        return Ok(());
    }
    let cleared = |of: fn(&Inputs) -> &Option<String>| or_empty(of(old).as_ref(), of(new).as_ref());
    let call = cx.clients.cloudtrail.update_trail().name(id).s3_bucket_name(&new.s3_bucket_name);
    let call = call
        .is_multi_region_trail(new.is_multi_region_trail)
        .include_global_service_events(new.include_global_service_events)
        .is_organization_trail(new.is_organization_trail)
        .enable_log_file_validation(new.enable_log_file_validation)
        .set_recursive_logging(new.recursive_logging)
        .set_s3_key_prefix(cleared(|i| &i.s3_key_prefix))
        .set_kms_key_id(cleared(|i| &i.kms_key_id))
        .set_sns_topic_name(cleared(|i| &i.sns_topic_name))
        .set_cloud_watch_logs_log_group_arn(cleared(|i| &i.cloud_watch_logs_group_arn))
        .set_cloud_watch_logs_role_arn(cleared(|i| &i.cloud_watch_logs_role_arn));
    propagation::told(BUSY, || call.clone().send()).await.done()
}

async fn log(cx: &Cx, id: &str, on: bool) -> Answer {
    if on {
        let call = cx.clients.cloudtrail.start_logging().name(id);
        recovery::settled(YOUNG, || call.clone().send()).await.within("starting to log").done()
    } else {
        let call = cx.clients.cloudtrail.stop_logging().name(id);
        recovery::settled(YOUNG, || call.clone().send()).await.within("stopping to log").done()
    }
}

async fn select(cx: &Cx, id: &str, inputs: &Inputs) -> Answer {
    let call = cx.clients.cloudtrail.put_event_selectors().trail_name(id);
    let call = if inputs.advanced_event_selectors.is_empty() {
        let default = vec![by_default()];
        let selectors = if inputs.event_selectors.is_empty() { &default } else { &inputs.event_selectors };
        call.set_event_selectors(Some(selectors.to_sdk()?))
    } else {
        call.set_advanced_event_selectors(Some(inputs.advanced_event_selectors.to_sdk()?))
    };
    recovery::settled(YOUNG, || call.clone().send()).await.within("setting its event selectors").done()
}

async fn select_insights(cx: &Cx, id: &str, inputs: &Inputs) -> Answer {
    let call = cx.clients.cloudtrail.put_insight_selectors().trail_name(id);
    let call = call.set_insight_selectors(Some(inputs.insight_selectors.to_sdk()?));
    recovery::settled(YOUNG, || call.clone().send()).await.within("setting its insight selectors").done()
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

#[cfg(test)]
mod tests {
    use pulumi::value::ToValue;
    use serde_json::json;

    use super::*;
    use crate::{
        stub::{
            self, Answer, Stub, done,
            late::{Late, Refusal, SETTLED, TOLD, is_waited_out, wholly},
        },
        testing::{Adapter, CustomResource as _},
    };

    #[tokio::test]
    async fn a_trail_waits_for_the_policies_that_let_it_in_and_for_its_own_changes() {
        const CHANGING: Refusal = ("ConflictException", "");
        const YOUNG: &[Refusal] = &[CHANGING, ("TrailNotFoundException", "")];
        const UNTOLD: &[Refusal] = &[
            ("InsufficientS3BucketPolicyException", ""),
            ("InsufficientEncryptionPolicyException", ""),
            ("InsufficientSnsTopicPolicyException", ""),
            ("InvalidCloudWatchLogsRoleArnException", ""),
            ("InvalidCloudWatchLogsLogGroupArnException", "Access denied. Check the permissions for your role."),
            ("KmsException", "arn:k is pending deletion."),
            ("KmsKeyDisabledException", ""),
            CHANGING,
        ];
        let trail = |more: serde_json::Value| -> Inputs {
            let mut all = json!({ "name": "t", "insightSelectors": [{ "insightType": "ApiCallRateInsight" }],
                "eventSelectors": [{ "readWriteType": "WriteOnly" }] });
            all.as_object_mut().expect("an object").extend(more.as_object().expect("an object").clone());
            stub::inputs(&all)
        };
        let old = trail(json!({ "s3BucketName": "b" }));
        let new = trail(json!({ "s3BucketName": "c", "enableLogging": false }));
        let late: &[Late] = &[
            ("CreateTrail", TOLD, UNTOLD),
            ("PutEventSelectors", SETTLED, YOUNG),
            ("PutInsightSelectors", SETTLED, YOUNG),
            ("StartLogging", SETTLED, YOUNG),
            ("StopLogging", SETTLED, YOUNG),
            ("UpdateTrail", TOLD, UNTOLD),
            ("DeleteTrail", SETTLED, &[CHANGING]),
        ];
        let life = async |cx: Cx| {
            wholly(Adapter::<Trail>::create(&cx, &old).await?)?;
            let outputs = Outputs { arn: String::new(), home_region: String::new() };
            Adapter::<Trail>::update(&cx, "t", &old, &new, outputs).await?;
            Adapter::<Trail>::delete(&cx, "t", &new).await
        };
        Box::pin(is_waited_out("aws:cloudtrail/trail:Trail", late, done, life)).await;
    }

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
            Box::pin(Adapter::<Trail>::create(&cx, inputs)).await.expect("made");
        }
        let outputs = Outputs { arn: String::new(), home_region: String::new() };
        Box::pin(Adapter::<Trail>::update(&cx, "t", &unsaid, &off, outputs)).await.expect("changed");
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
            Adapter::<Trail>::check(&map(fields)).iter().map(|f| f.property.clone()).collect::<Vec<_>>().join(" ")
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
            <Trail as AwsResource>::reduce(olds.as_ref(), &mut live);
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
