//! The policy of an SQS queue, where it is a resource of its own.
//!
//! Calls: SetQueueAttributes, GetQueueAttributes.
//! IAM: `sqs:` + each of these.
//!
//! - A queue has one policy: this one is all of it.

use aws_sdk_sqs::types::QueueAttributeName;

use super::queue;
use crate::prelude::*;

/// The policy of an SQS queue.
#[derive(Clone, Debug, Resource)]
#[resource(token = "aws:sqs/queuePolicy:QueuePolicy", noun = "SQS queue policy", handle = QueuePolicy, no_outputs)]
pub struct Inputs {
    /// URL of the queue.
    #[resource(replace)]
    pub queue_url: String,
    /// The policy, a JSON document.
    #[resource(json, equal = document::equal)]
    pub policy: String,
}

impl Setting for QueuePolicy {
    const ABSENT: Codes = queue::ABSENT;

    fn id_of(inputs: &Inputs) -> String {
        inputs.queue_url.clone()
    }

    async fn put(cx: &Cx, _: Option<&Inputs>, new: &Inputs) -> Answer {
        let call = cx.clients.sqs.set_queue_attributes().queue_url(&new.queue_url);
        let call = call.attributes(QueueAttributeName::Policy, &new.policy);
        propagation::told(queue::ABSENT, || call.clone().send()).await.done()
    }

    async fn read(cx: &Cx, id: &str) -> Answer<Option<Inputs>> {
        let call = cx.clients.sqs.get_queue_attributes().queue_url(id).attribute_names(QueueAttributeName::Policy);
        let policy = call.send().await?.attributes.and_then(|mut live| live.remove(&QueueAttributeName::Policy));
        Ok(given(policy).map(|policy| Inputs { queue_url: id.to_owned(), policy }))
    }

    async fn reset(cx: &Cx, id: &str, _: &Inputs) -> Answer {
        let call = cx.clients.sqs.set_queue_attributes().queue_url(id).attributes(QueueAttributeName::Policy, "");
        call.send().await.done()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::{
        stub::{
            done, inputs,
            late::{Late, TOLD, is_waited_out, wholly},
        },
        testing::{CustomResource as _, Set},
    };

    #[tokio::test]
    async fn a_new_queue_and_whom_its_policy_names_are_waited_for() {
        let policy: Inputs = inputs(&json!({ "queueUrl": "https://sqs/1/q", "policy": "{}" }));
        let late: &[Late] = &[(
            "SetQueueAttributes",
            TOLD,
            &[
                ("InvalidAttributeValue", "Invalid value for the parameter Policy."),
                ("QueueDoesNotExist", ""),
                ("AWS.SimpleQueueService.NonExistentQueue", ""),
            ],
        )];
        let put = async |cx: Cx| wholly(Set::<QueuePolicy>::create(&cx, &policy).await?);
        is_waited_out("aws:sqs/queuePolicy:QueuePolicy", late, done, put).await;
    }

    crate::lifecycle! {
        token: "aws:sqs/queuePolicy:QueuePolicy",
        needs: [("aws:sqs/queue:Queue", { "name": "q-{unique}" })],
        sample: {
            "queueUrl": "${0.id}",
            "policy": "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Sid\":\"Rules\",\"Effect\":\"Allow\",\"Principal\":{\"Service\":\"events.amazonaws.com\"},\"Action\":\"sqs:SendMessage\",\"Resource\":\"${0.arn}\"}]}",
        },
        change: {
            "policy": "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Sid\":\"Tls\",\"Effect\":\"Deny\",\"Principal\":\"*\",\"Action\":\"sqs:*\",\"Resource\":\"${0.arn}\",\"Condition\":{\"Bool\":{\"aws:SecureTransport\":\"false\"}}}]}",
        },
    }
}
