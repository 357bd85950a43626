//! The policy of an SQS queue, where it is a resource of its own.
//!
//! Calls: SetQueueAttributes, GetQueueAttributes.
//! IAM: `sqs:` + each of these.
//!
//! - A queue has one policy: this one is all of it.

use aws_sdk_sqs::types::QueueAttributeName;
use derive::{Outputs, Resource};
use pulumi::provider::{
    adopt::Presence,
    resource::{Created, CustomResource, Error, Kind, Live, Of},
};

use super::queue::ABSENT;
use crate::{
    context::Cx,
    document,
    error::{failed, found, gone},
    propagation,
};

/// The policy of an SQS queue.
#[derive(Clone, Debug, Resource)]
#[resource(token = "aws:sqs/queuePolicy:QueuePolicy", noun = "SQS queue policy", handle = QueuePolicy)]
pub struct Inputs {
    /// URL of the queue.
    #[resource(replace)]
    pub queue_url: String,
    /// The policy, a JSON document.
    #[resource(json, equal = document::equal)]
    pub policy: String,
}

/// What AWS adds to a policy: nothing.
#[derive(Clone, Debug, Outputs)]
#[resource(handle = QueuePolicy)]
pub struct Outputs {}

impl CustomResource for QueuePolicy {
    type Context = Cx;
    type Inputs = Inputs;
    type Outputs = Outputs;

    const PRESENCE: Presence = Presence::Setting;

    fn id_of(_: &Cx, inputs: &Inputs) -> Option<String> {
        Some(inputs.queue_url.clone())
    }

    async fn create(cx: &Cx, inputs: &Inputs) -> Result<Created<Outputs>, Error> {
        put(cx, &inputs.queue_url, &inputs.policy).await?;
        Ok(Created::new(&inputs.queue_url, Outputs {}))
    }

    async fn read(cx: &Cx, id: &str) -> Result<Option<Live<Inputs, Outputs>>, Error> {
        let call = cx.clients.sqs.get_queue_attributes().queue_url(id).attribute_names(QueueAttributeName::Policy);
        let Some(answer) = found(call.send().await, ABSENT)? else { return Ok(None) };
        let policy =
            answer.attributes.and_then(|mut live| live.remove(&QueueAttributeName::Policy)).filter(|p| !p.is_empty());
        Ok(policy.map(|policy| Live { inputs: Inputs { queue_url: id.to_owned(), policy }, outputs: Outputs {} }))
    }

    async fn update(cx: &Cx, id: &str, _: &Inputs, new: &Inputs, outputs: Outputs) -> Result<Outputs, Error> {
        put(cx, id, &new.policy).await?;
        Ok(outputs)
    }

    async fn delete(cx: &Cx, id: &str, _: &Inputs) -> Result<(), Error> {
        gone(
            cx.clients.sqs.set_queue_attributes().queue_url(id).attributes(QueueAttributeName::Policy, "").send().await,
            ABSENT,
        )
    }
}

pub(crate) fn kind() -> Box<dyn Kind<Cx>> {
    Box::new(Of::<QueuePolicy>::new())
}

async fn put(cx: &Cx, url: &str, policy: &str) -> Result<(), Error> {
    let call = cx.clients.sqs.set_queue_attributes().queue_url(url).attributes(QueueAttributeName::Policy, policy);
    propagation::told(ABSENT, || call.clone().send()).await.map(drop).map_err(failed)
}

#[cfg(test)]
mod tests {
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
