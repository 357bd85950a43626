//! Which queues may use an SQS queue as their dead-letter queue, where it is a resource of its own.
//!
//! Calls: SetQueueAttributes, GetQueueAttributes.
//! IAM: `sqs:` + each of these.
//!
//! - A queue has one redrive allow policy: this one is all of it. Without one, every queue of the account and region may
//!   use it <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-dead-letter-queues.html>, as
//!   known on 2026-11-26, not looked up that day.
//! - It is no IAM policy: it has `redrivePermission`, and `sourceQueueArns` with `byQueue`.
//! - SQS may show the old one for a while after a change: a put waits until it shows the new one.

use aws_sdk_sqs::types::QueueAttributeName;

use super::queue;
use crate::{prelude::*, setting::SettingOf};

/// Which queues may use an SQS queue as their dead-letter queue.
#[derive(Clone, Debug, Resource)]
#[resource(
    token = "aws:sqs/redriveAllowPolicy:RedriveAllowPolicy",
    noun = "SQS redrive allow policy",
    handle = RedriveAllowPolicy,
    no_outputs
)]
pub struct Inputs {
    /// URL of the dead-letter queue.
    #[resource(replace)]
    pub queue_url: String,
    /// Whose failed messages it takes, a JSON document.
    #[resource(json)]
    pub redrive_allow_policy: String,
}

impl Setting for RedriveAllowPolicy {
    const ABSENT: Codes = queue::ABSENT;

    fn id_of(inputs: &Inputs) -> String {
        inputs.queue_url.clone()
    }

    async fn put(cx: &Cx, _: Option<&Inputs>, new: &Inputs) -> Answer {
        let call = cx.clients.sqs.set_queue_attributes().queue_url(&new.queue_url);
        let call = call.attributes(QueueAttributeName::RedriveAllowPolicy, &new.redrive_allow_policy);
        propagation::told(queue::ABSENT, || call.clone().send()).await?;
        resource::shown::<SettingOf<Self>>(cx, &new.queue_url, new).await
    }

    async fn read(cx: &Cx, id: &str) -> Answer<Option<Inputs>> {
        let attribute = QueueAttributeName::RedriveAllowPolicy;
        let call = cx.clients.sqs.get_queue_attributes().queue_url(id).attribute_names(attribute.clone());
        let policy = call.send().await?.attributes.and_then(|mut live| live.remove(&attribute));
        Ok(given(policy).map(|redrive_allow_policy| Inputs { queue_url: id.to_owned(), redrive_allow_policy }))
    }

    async fn reset(cx: &Cx, id: &str, _: &Inputs) -> Answer {
        let call = cx.clients.sqs.set_queue_attributes().queue_url(id);
        call.attributes(QueueAttributeName::RedriveAllowPolicy, "").send().await.done()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::{
        stub::{
            Answer, Asked, Stub, done,
            late::{Late, TOLD, is_waited_out, wholly},
        },
        testing::{CustomResource as _, Set},
    };

    #[tokio::test]
    async fn a_policy_is_waited_for_until_sqs_shows_it() {
        let stub = Stub::new(|asked| match (asked.operation.as_str(), asked.before) {
            ("GetQueueAttributes", 0..5) => Answer::Json(json!({})),
            ("GetQueueAttributes", _) => {
                Answer::Json(json!({ "Attributes": { "RedriveAllowPolicy": "{\"redrivePermission\": \"denyAll\"}" } }))
            }
            _ => done(asked),
        });
        let cx = stub.cx("aws:sqs/redriveAllowPolicy:RedriveAllowPolicy");
        let policy = "{\"redrivePermission\":\"denyAll\"}".to_owned();
        let wanted = Inputs { queue_url: "https://sqs/1/q".to_owned(), redrive_allow_policy: policy };
        Stub::run(Set::<RedriveAllowPolicy>::create(&cx, &wanted)).await.0.expect("put");
        assert_eq!(stub.asked("GetQueueAttributes").len(), 6);
    }

    #[tokio::test]
    async fn a_policy_that_sqs_never_shows_is_left_to_the_next_read() {
        let stub = Stub::new(done);
        let policy = Inputs { queue_url: "https://sqs/1/q".to_owned(), redrive_allow_policy: "{}".to_owned() };
        let cx = stub.cx("aws:sqs/redriveAllowPolicy:RedriveAllowPolicy");
        let (put, waited) = Stub::run(Set::<RedriveAllowPolicy>::create(&cx, &policy)).await;
        let (limit, put) = (waits::SETTINGS_ARE_NEW, put.expect("put"));
        assert!((limit..=limit + Duration::from_secs(8)).contains(&waited), "{waited:?}");
        assert_eq!(put.incomplete, None);
    }

    #[tokio::test]
    async fn a_policy_is_put_again_until_sqs_knows_the_queue() {
        let sqs = |asked: &Asked| match asked.operation.as_str() {
            "GetQueueAttributes" => Answer::Json(json!({ "Attributes": { "RedriveAllowPolicy": "{}" } })),
            _ => done(asked),
        };
        let policy = Inputs { queue_url: "https://sqs/1/q".to_owned(), redrive_allow_policy: "{}".to_owned() };
        let new = &[("QueueDoesNotExist", ""), ("AWS.SimpleQueueService.NonExistentQueue", "")];
        let late: &[Late] = &[("SetQueueAttributes", TOLD, new)];
        let put = async |cx: Cx| wholly(Set::<RedriveAllowPolicy>::create(&cx, &policy).await?);
        is_waited_out("aws:sqs/redriveAllowPolicy:RedriveAllowPolicy", late, sqs, put).await;
    }

    crate::lifecycle! {
        token: "aws:sqs/redriveAllowPolicy:RedriveAllowPolicy",
        needs: [
            ("aws:sqs/queue:Queue", { "name": "dead-{unique}" }),
            ("aws:sqs/queue:Queue", { "name": "source-{unique}" }),
        ],
        sample: {
            "queueUrl": "${0.id}",
            "redriveAllowPolicy": "{\"redrivePermission\":\"byQueue\",\"sourceQueueArns\":[\"${1.arn}\"]}",
        },
        change: { "redriveAllowPolicy": "{\"redrivePermission\":\"denyAll\"}" },
    }
}
