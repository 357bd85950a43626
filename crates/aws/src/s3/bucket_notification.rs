//! Where a bucket's events go.
//!
//! Calls: `PutBucketNotificationConfiguration`, `GetBucketNotificationConfiguration`.
//! IAM: `s3:PutBucketNotification`, `s3:GetBucketNotification`.
//!
//! - A bucket has one configuration: this one is all of it. A bucket always has one; deleting this empties it.
//! - AWS sends a test message to every destination first, and refuses one whose policy, or whose key's policy, does
//!   not let S3 in: that policy may be too new, so the call is repeated for a while.

use aws_sdk_s3::types::{
    EventBridgeConfiguration, FilterRule, FilterRuleName, LambdaFunctionConfiguration, NotificationConfiguration,
    NotificationConfigurationFilter, QueueConfiguration, S3KeyFilter, TopicConfiguration,
};

use crate::{buckets, prelude::*};

/// Where an S3 bucket's events go.
#[derive(Clone, Debug, Resource)]
#[resource(
    token = "aws:s3/bucketNotification:BucketNotification",
    noun = "bucket notification",
    handle = BucketNotification,
    no_outputs
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

/// The three kinds of destinations: they differ in their ARN alone.
macro_rules! destinations {
    ($(#[doc = $doc:literal] $name:ident($shape:literal, $sdk:ident) {
        #[doc = $arn_doc:literal] $arn:ident, $set_arn:ident: $($of:tt)+
    })+) => { $(
        #[doc = $doc]
        #[derive(Clone, Debug, PartialEq, Eq, Shape)]
        #[resource(name = $shape)]
        pub struct $name {
            /// Name of this notification, unique in the bucket; without one AWS makes it.
            #[resource(computed)]
            pub id: Option<String>,
            #[doc = $arn_doc]
            pub $arn: $($of)+,
            /// Which events, such as `s3:ObjectCreated:*`.
            #[resource(set)]
            pub events: Vec<String>,
            /// Only for objects whose key starts with this.
            #[resource(default = "")]
            pub filter_prefix: String,
            /// Only for objects whose key ends with this.
            #[resource(default = "")]
            pub filter_suffix: String,
        }

        impl ToSdk<$sdk> for $name {
            fn to_sdk(&self) -> Answer<$sdk> {
                let sdk = $sdk::builder().set_id(self.id.clone()).$set_arn(self.$arn.clone().into());
                let filter = sdk_filter(&self.filter_prefix, &self.filter_suffix);
                Ok(sdk.set_events(Some(self.events.to_sdk()?)).set_filter(filter).build()?)
            }
        }

        impl FromSdk<$sdk> for $name {
            fn from_sdk(sdk: $sdk) -> Self {
                let (filter_prefix, filter_suffix) = filter(sdk.filter);
                let events = Vec::from_sdk(sdk.events);
                Self { id: sdk.id, $arn: sdk.$arn.into(), events, filter_prefix, filter_suffix }
            }
        }
    )+ };
}

destinations! {
    /// A Lambda function that events go to.
    LambdaFunction("BucketNotificationLambdaFunction", LambdaFunctionConfiguration) {
        /// ARN of the function.
        lambda_function_arn, set_lambda_function_arn: Option<String>
    }
    /// An SQS queue that events go to.
    Queue("BucketNotificationQueue", QueueConfiguration) {
        /// ARN of the queue.
        queue_arn, set_queue_arn: String
    }
    /// An SNS topic that events go to.
    Topic("BucketNotificationTopic", TopicConfiguration) {
        /// ARN of the topic.
        topic_arn, set_topic_arn: String
    }
}

impl Setting for BucketNotification {
    const ABSENT: Codes = &["NoSuchBucket"];

    fn id_of(inputs: &Inputs) -> String {
        inputs.bucket.clone()
    }

    async fn put(cx: &Cx, _: Option<&Inputs>, new: &Inputs) -> Answer {
        let configuration = NotificationConfiguration::builder()
            .set_event_bridge_configuration(new.eventbridge.then(|| EventBridgeConfiguration::builder().build()))
            .set_lambda_function_configurations(Some(new.lambda_functions.to_sdk()?))
            .set_queue_configurations(Some(new.queues.to_sdk()?))
            .set_topic_configurations(Some(new.topics.to_sdk()?))
            .build();
        let call = cx.clients.s3.put_bucket_notification_configuration().bucket(&new.bucket);
        let call = call.notification_configuration(configuration);
        match propagation::told(&[], || buckets::given(&new.bucket, || call.clone().send())).await.done() {
            Err(refusal) if refusal.says("unable to validate the following destination") => Err(refusal.hint(
                "S3 sends a test message first: the policy of the queue, topic or function has to allow \
                 s3.amazonaws.com, and so does the policy of the KMS key that encrypts the queue or topic",
            )),
            done => done,
        }
    }

    async fn read(cx: &Cx, id: &str) -> Answer<Option<Inputs>> {
        let live = cx.clients.s3.get_bucket_notification_configuration().bucket(id).send().await?;
        Ok(Some(Inputs {
            bucket: id.to_owned(),
            eventbridge: live.event_bridge_configuration.is_some(),
            lambda_functions: Vec::from_sdk(live.lambda_function_configurations.unwrap_or_default()),
            queues: Vec::from_sdk(live.queue_configurations.unwrap_or_default()),
            topics: Vec::from_sdk(live.topic_configurations.unwrap_or_default()),
        }))
    }

    async fn reset(cx: &Cx, id: &str, _: &Inputs) -> Answer {
        let none = NotificationConfiguration::builder().build();
        let call = cx.clients.s3.put_bucket_notification_configuration().bucket(id).notification_configuration(none);
        buckets::changed(id, || call.clone().send()).await.done()
    }
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
    let rules = filter.and_then(|filter| filter.key?.filter_rules).unwrap_or_default();
    let value = |name: &str| {
        let rule = rules.iter().find(|r| r.name.as_ref().is_some_and(|n| n.as_str().eq_ignore_ascii_case(name)));
        rule.and_then(|r| r.value.clone()).unwrap_or_default()
    };
    (value("prefix"), value("suffix"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::{
        stub::{self, Answer, Stub},
        testing::{CustomResource as _, Set},
    };

    #[tokio::test]
    async fn a_destination_that_refuses_s3_is_retried_and_then_the_policies_are_named() {
        let refused = |message: &'static str| async move {
            let stub = Stub::new(move |_| Answer::Refused("InvalidArgument", message));
            let wanted: Inputs = stub::inputs(&json!({ "bucket": "b", "eventbridge": true }));
            let cx = stub.cx("aws:s3/bucketNotification:BucketNotification");
            let (error, waited) = Stub::run(Box::pin(Set::<BucketNotification>::create(&cx, &wanted))).await;
            (error.expect_err("it is refused").hint.unwrap_or_default(), waited.as_secs())
        };
        let (hint, waited) = refused("Unable to validate the following destination configurations").await;
        assert!(hint.contains("KMS key that encrypts") && waited >= 120, "{hint} after {waited} s");
        assert_eq!(refused("The ARN is not well formed").await, (String::new(), 0));
    }

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
