//! Where a bucket's events go.
//!
//! Calls: `PutBucketNotificationConfiguration`, `GetBucketNotificationConfiguration`.
//! IAM: `s3:PutBucketNotification`, `s3:GetBucketNotification`.
//!
//! - A bucket has one configuration: this one is all of it. A bucket always has one; deleting this empties it.
//! - AWS sends a test message to every destination first, and refuses one whose policy, or whose key's policy, does
//!   not let S3 in: that may be news of a moment ago, so it is tried again for a while.

use aws_sdk_s3::{
    error::BuildError,
    types::{
        Event, EventBridgeConfiguration, FilterRule, FilterRuleName, LambdaFunctionConfiguration,
        NotificationConfiguration, NotificationConfigurationFilter, QueueConfiguration, S3KeyFilter,
        TopicConfiguration,
    },
};
use derive::{Outputs, Resource, Shape};
use pulumi::provider::{
    adopt::Presence,
    resource::{Created, CustomResource, Error, Kind, Live, Of},
};

use crate::{
    buckets,
    context::Cx,
    error::{code, failed, found, gone},
    propagation,
};

/// Where an S3 bucket's events go.
#[derive(Clone, Debug, Resource)]
#[resource(
    token = "aws:s3/bucketNotification:BucketNotification",
    noun = "bucket notification",
    handle = BucketNotification
)]
pub struct Inputs {
    /// The bucket's name.
    #[resource(replace)]
    pub bucket: String,
    /// Whether all events go to EventBridge.
    #[resource(default = false)]
    pub eventbridge: bool,
    /// Lambda functions that events go to.
    #[resource(default)]
    pub lambda_functions: Vec<LambdaFunction>,
    /// SQS queues that events go to.
    #[resource(default)]
    pub queues: Vec<Queue>,
    /// SNS topics that events go to.
    #[resource(default)]
    pub topics: Vec<Topic>,
}

/// A Lambda function that events go to.
#[derive(Clone, Debug, PartialEq, Eq, Shape)]
#[resource(name = "BucketNotificationLambdaFunction")]
pub struct LambdaFunction {
    /// Name of this notification, unique in the bucket; AWS makes one.
    #[resource(computed)]
    pub id: Option<String>,
    /// ARN of the function.
    pub lambda_function_arn: Option<String>,
    /// Which events, such as `s3:ObjectCreated:*`.
    #[resource(set)]
    pub events: Vec<String>,
    /// Only of objects whose key starts so.
    #[resource(default = "")]
    pub filter_prefix: String,
    /// Only of objects whose key ends so.
    #[resource(default = "")]
    pub filter_suffix: String,
}

/// An SQS queue that events go to.
#[derive(Clone, Debug, PartialEq, Eq, Shape)]
#[resource(name = "BucketNotificationQueue")]
pub struct Queue {
    /// Name of this notification, unique in the bucket; AWS makes one.
    #[resource(computed)]
    pub id: Option<String>,
    /// ARN of the queue.
    pub queue_arn: String,
    /// Which events, such as `s3:ObjectCreated:*`.
    #[resource(set)]
    pub events: Vec<String>,
    /// Only of objects whose key starts so.
    #[resource(default = "")]
    pub filter_prefix: String,
    /// Only of objects whose key ends so.
    #[resource(default = "")]
    pub filter_suffix: String,
}

/// An SNS topic that events go to.
#[derive(Clone, Debug, PartialEq, Eq, Shape)]
#[resource(name = "BucketNotificationTopic")]
pub struct Topic {
    /// Name of this notification, unique in the bucket; AWS makes one.
    #[resource(computed)]
    pub id: Option<String>,
    /// ARN of the topic.
    pub topic_arn: String,
    /// Which events, such as `s3:ObjectCreated:*`.
    #[resource(set)]
    pub events: Vec<String>,
    /// Only of objects whose key starts so.
    #[resource(default = "")]
    pub filter_prefix: String,
    /// Only of objects whose key ends so.
    #[resource(default = "")]
    pub filter_suffix: String,
}

/// What AWS adds to a bucket's notification: nothing.
#[derive(Clone, Debug, Outputs)]
#[resource(handle = BucketNotification)]
pub struct Outputs {}

const ABSENT: &[&str] = &["NoSuchBucket"];

impl CustomResource for BucketNotification {
    type Context = Cx;
    type Inputs = Inputs;
    type Outputs = Outputs;

    const PRESENCE: Presence = Presence::Setting;

    fn id_of(_: &Cx, inputs: &Inputs) -> Option<String> {
        Some(inputs.bucket.clone())
    }

    async fn create(cx: &Cx, inputs: &Inputs) -> Result<Created<Outputs>, Error> {
        put(cx, inputs).await?;
        Ok(Created::new(&inputs.bucket, Outputs {}))
    }

    async fn read(cx: &Cx, id: &str) -> Result<Option<Live<Inputs, Outputs>>, Error> {
        let answer = cx.clients.s3.get_bucket_notification_configuration().bucket(id).send().await;
        let Some(live) = found(answer, ABSENT)? else { return Ok(None) };
        let inputs = Inputs {
            bucket: id.to_owned(),
            eventbridge: live.event_bridge_configuration.is_some(),
            lambda_functions: live
                .lambda_function_configurations
                .unwrap_or_default()
                .into_iter()
                .map(Into::into)
                .collect(),
            queues: live.queue_configurations.unwrap_or_default().into_iter().map(Into::into).collect(),
            topics: live.topic_configurations.unwrap_or_default().into_iter().map(Into::into).collect(),
        };
        Ok(Some(Live { inputs, outputs: Outputs {} }))
    }

    async fn update(cx: &Cx, _: &str, _: &Inputs, new: &Inputs, outputs: Outputs) -> Result<Outputs, Error> {
        put(cx, new).await?;
        Ok(outputs)
    }

    async fn delete(cx: &Cx, id: &str, _: &Inputs) -> Result<(), Error> {
        let none = NotificationConfiguration::builder().build();
        let call = cx.clients.s3.put_bucket_notification_configuration().bucket(id).notification_configuration(none);
        gone(buckets::changed(id, || call.clone().send()).await, ABSENT)
    }
}

pub(crate) fn kind() -> Box<dyn Kind<Cx>> {
    Box::new(Of::<BucketNotification>::new())
}

async fn put(cx: &Cx, inputs: &Inputs) -> Result<(), Error> {
    let functions = inputs.lambda_functions.iter().map(TryInto::try_into).collect::<Result<Vec<_>, _>>();
    let queues = inputs.queues.iter().map(TryInto::try_into).collect::<Result<Vec<_>, _>>();
    let topics = inputs.topics.iter().map(TryInto::try_into).collect::<Result<Vec<_>, _>>();
    let unbuilt = |e: BuildError| Error::new(e.to_string());
    let configuration = NotificationConfiguration::builder()
        .set_event_bridge_configuration(inputs.eventbridge.then(|| EventBridgeConfiguration::builder().build()))
        .set_lambda_function_configurations(Some(functions.map_err(unbuilt)?))
        .set_queue_configurations(Some(queues.map_err(unbuilt)?))
        .set_topic_configurations(Some(topics.map_err(unbuilt)?))
        .build();
    let call = cx.clients.s3.put_bucket_notification_configuration().bucket(&inputs.bucket);
    let call = call.notification_configuration(configuration);
    let put = propagation::told(&[], || buckets::given(&inputs.bucket, || call.clone().send())).await;
    put.map(drop).map_err(|failure| {
        let refused = code(&failure) == Some("InvalidArgument") && propagation::is_untold(&failure);
        let error = failed(failure);
        if !refused {
            return error;
        }
        error.hint(
            "S3 sends a test message first: the policy of the queue, topic or function has to allow s3.amazonaws.com, and \
             so does the policy of the KMS key that encrypts the queue or topic",
        )
    })
}

fn sdk_events(events: &[String]) -> Vec<Event> {
    events.iter().map(|event| Event::from(event.as_str())).collect()
}

fn events(events: &[Event]) -> Vec<String> {
    events.iter().map(ToString::to_string).collect()
}

fn sdk_filter(prefix: &str, suffix: &str) -> Option<NotificationConfigurationFilter> {
    let rules = [(FilterRuleName::Prefix, prefix), (FilterRuleName::Suffix, suffix)];
    let given = rules.into_iter().filter(|(_, value)| !value.is_empty());
    let rules: Vec<_> = given.map(|(name, value)| FilterRule::builder().name(name).value(value).build()).collect();
    let key = (!rules.is_empty()).then(|| S3KeyFilter::builder().set_filter_rules(Some(rules)).build())?;
    Some(NotificationConfigurationFilter::builder().key(key).build())
}

/// Prefix and suffix of a filter. AWS answers `Prefix` to a `prefix`.
fn filter(filter: Option<NotificationConfigurationFilter>) -> (String, String) {
    let rules = filter.and_then(|f| f.key).and_then(|key| key.filter_rules).unwrap_or_default();
    let value = |name: &str| {
        let rule = rules.iter().find(|r| r.name.as_ref().is_some_and(|n| n.as_str().eq_ignore_ascii_case(name)));
        rule.and_then(|r| r.value.clone()).unwrap_or_default()
    };
    (value("prefix"), value("suffix"))
}

impl TryFrom<&LambdaFunction> for LambdaFunctionConfiguration {
    type Error = BuildError;
    fn try_from(function: &LambdaFunction) -> Result<Self, BuildError> {
        Self::builder()
            .set_id(function.id.clone())
            .set_lambda_function_arn(function.lambda_function_arn.clone())
            .set_events(Some(sdk_events(&function.events)))
            .set_filter(sdk_filter(&function.filter_prefix, &function.filter_suffix))
            .build()
    }
}

impl From<LambdaFunctionConfiguration> for LambdaFunction {
    fn from(live: LambdaFunctionConfiguration) -> Self {
        let (filter_prefix, filter_suffix) = filter(live.filter);
        let lambda_function_arn = Some(live.lambda_function_arn);
        Self { id: live.id, lambda_function_arn, events: events(&live.events), filter_prefix, filter_suffix }
    }
}

impl TryFrom<&Queue> for QueueConfiguration {
    type Error = BuildError;
    fn try_from(queue: &Queue) -> Result<Self, BuildError> {
        Self::builder()
            .set_id(queue.id.clone())
            .queue_arn(&queue.queue_arn)
            .set_events(Some(sdk_events(&queue.events)))
            .set_filter(sdk_filter(&queue.filter_prefix, &queue.filter_suffix))
            .build()
    }
}

impl From<QueueConfiguration> for Queue {
    fn from(live: QueueConfiguration) -> Self {
        let (filter_prefix, filter_suffix) = filter(live.filter);
        Self { id: live.id, queue_arn: live.queue_arn, events: events(&live.events), filter_prefix, filter_suffix }
    }
}

impl TryFrom<&Topic> for TopicConfiguration {
    type Error = BuildError;
    fn try_from(topic: &Topic) -> Result<Self, BuildError> {
        Self::builder()
            .set_id(topic.id.clone())
            .topic_arn(&topic.topic_arn)
            .set_events(Some(sdk_events(&topic.events)))
            .set_filter(sdk_filter(&topic.filter_prefix, &topic.filter_suffix))
            .build()
    }
}

impl From<TopicConfiguration> for Topic {
    fn from(live: TopicConfiguration) -> Self {
        let (filter_prefix, filter_suffix) = filter(live.filter);
        Self { id: live.id, topic_arn: live.topic_arn, events: events(&live.events), filter_prefix, filter_suffix }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::stub::{self, Answer, Stub};

    #[tokio::test]
    async fn a_destination_that_refuses_s3_is_retried_and_then_the_policies_are_named() {
        let refused = |message: &'static str| async move {
            let stub = Stub::new(move |_| Answer::Refused("InvalidArgument", message));
            let wanted: Inputs = stub::inputs(&json!({ "bucket": "b", "eventbridge": true }));
            let cx = stub.cx("aws:s3/bucketNotification:BucketNotification");
            let (error, waited) = Stub::run(Box::pin(BucketNotification::create(&cx, &wanted))).await;
            (error.expect_err("it is refused").hint.unwrap_or_default(), waited.as_secs())
        };
        let (hint, waited) = refused("Unable to validate the following destination configurations").await;
        assert!(hint.contains("KMS key that encrypts") && waited >= 120, "{hint} after {waited} s");
        assert_eq!(refused("The ARN is not well formed").await, (String::new(), 0));
    }

    use super::*;

    crate::lifecycle! {
        token: "aws:s3/bucketNotification:BucketNotification",
        needs: [
            ("aws:s3/bucket:Bucket", { "bucket": "notification-{unique}" }),
            ("aws:sqs/queue:Queue", { "name": "notification-{unique}" }),
            ("aws:sns/topic:Topic", { "name": "notification-{unique}" }),
        ],
        sample: {
            "bucket": "${0.id}",
            "queues": [
                { "id": "errors", "queueArn": "arn:aws:sqs:ap-southeast-2:111122223333:notification-{unique}", "events": ["s3:ObjectCreated:*"], "filterPrefix": "errors/" },
                // AWS makes its id
                { "queueArn": "arn:aws:sqs:ap-southeast-2:111122223333:notification-{unique}", "events": ["s3:ObjectCreated:Put", "s3:ObjectCreated:Copy"], "filterPrefix": "a/", "filterSuffix": ".gz" },
            ],
        },
        change: {
            "queues": [],
            "eventbridge": true,
            "topics": [{ "id": "t", "topicArn": "${2.id}", "events": ["s3:ObjectRemoved:*"] }],
        },
    }

    #[test]
    fn a_filter_is_read_as_aws_writes_it() {
        let rule =
            |name: &str, value: &str| FilterRule::builder().name(FilterRuleName::from(name)).value(value).build();
        let live = |rules: Vec<FilterRule>| {
            let key = S3KeyFilter::builder().set_filter_rules(Some(rules)).build();
            filter(Some(NotificationConfigurationFilter::builder().key(key).build()))
        };
        let both = ("errors/".to_owned(), ".gz".to_owned());
        assert_eq!(live(vec![rule("Suffix", ".gz"), rule("Prefix", "errors/")]), both);
        assert_eq!(filter(sdk_filter(&both.0, &both.1)), both);
        assert_eq!((sdk_filter("", ""), filter(None)), (None, (String::new(), String::new())));
    }
}
