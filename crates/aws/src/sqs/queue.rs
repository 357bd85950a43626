//! An SQS queue.
//!
//! Calls: CreateQueue, GetQueueUrl, GetQueueAttributes, SetQueueAttributes, DeleteQueue, TagQueue, UntagQueue, ListQueueTags.
//! IAM: `sqs:` + each of these; `kms:Decrypt` and `kms:GenerateDataKey` where it has a key of its own.
//!
//! - CreateQueue gives an existing queue of the same name and attributes as if it were new: the tags tell which it is.
//! - AWS keeps a deleted queue's name for 60 s; a create within them waits.
//! - moto forgets the policy when another attribute is set; AWS does not.
//! - The URL's host is whatever answered; calls go to the client's endpoint, so a URL of another host works too.

use std::collections::HashMap;

use aws_sdk_sqs::types::QueueAttributeName as Attribute;

use crate::{
    name,
    prelude::*,
    tags::SqsQueue,
    waits::{QUEUE_NAME_IS_KEPT, SETTINGS_ARE_NEW},
};

/// An SQS queue.
#[derive(Clone, Debug, Resource)]
#[resource(token = "aws:sqs/queue:Queue", noun = "SQS queue", handle = Queue, tags, name_prefix)]
pub struct Inputs {
    /// Name, up to 80 letters, digits, `-` and `_`; a FIFO queue's ends in `.fifo`.
    #[resource(replace, autoname)]
    pub name: String,
    /// Seconds a message waits before it can be received, 0 to 900.
    #[resource(default = 0)]
    pub delay_seconds: i32,
    /// Largest message in bytes, 1024 to 1048576.
    #[resource(default = 262_144)]
    pub max_message_size: i32,
    /// Seconds a message is kept, 60 to 1209600 (14 days).
    #[resource(default = 345_600)]
    pub message_retention_seconds: i32,
    /// Seconds a receive waits for a message, 0 to 20.
    #[resource(default = 0)]
    pub receive_wait_time_seconds: i32,
    /// Seconds a received message is hidden from others, 0 to 43200.
    #[resource(default = 30)]
    pub visibility_timeout_seconds: i32,
    /// Who may use the queue, a JSON document. A `QueuePolicy` is the better place for it.
    #[resource(json, equal = document::equal, computed, told)]
    pub policy: Option<String>,
    /// Where messages go that fail too often, a JSON document.
    #[resource(json, computed, told)]
    pub redrive_policy: Option<String>,
    /// Whose failed messages it takes, a JSON document.
    #[resource(json, computed, told)]
    pub redrive_allow_policy: Option<String>,
    /// KMS key of its messages: id, ARN or alias.
    pub kms_master_key_id: Option<String>,
    /// Seconds a data key is used again before KMS is asked, 60 to 86400; AWS's default is 300.
    #[resource(computed)]
    pub kms_data_key_reuse_period_seconds: Option<i32>,
    /// Whether messages are encrypted with a key of SQS; so by default where it has no key of its own.
    #[resource(computed)]
    pub sqs_managed_sse_enabled: Option<bool>,
    /// Whether messages keep their order and come once.
    #[resource(replace, default = false)]
    pub fifo_queue: bool,
    /// Whether a FIFO queue takes messages of the same content for the same one.
    #[resource(default = false)]
    pub content_based_deduplication: bool,
    /// `queue` or `messageGroup`: where a FIFO queue looks for the same message.
    #[resource(computed)]
    pub deduplication_scope: Option<String>,
    /// `perQueue` or `perMessageGroupId`: what a FIFO queue's throughput limit is for.
    #[resource(computed)]
    pub fifo_throughput_limit: Option<String>,
}

/// What AWS adds to a queue.
#[derive(Clone, Debug, Outputs)]
#[resource(handle = Queue)]
pub struct Outputs {
    /// ARN.
    pub arn: String,
    /// URL, the same as the id.
    pub url: String,
}

pub(crate) const ABSENT: Codes = &["AWS.SimpleQueueService.NonExistentQueue", "QueueDoesNotExist"];

impl AwsResource for Queue {
    const ABSENT: Codes = ABSENT;
    const EXISTS: Codes = &["QueueAlreadyExists", "QueueNameExists"];

    fn tagged(_: &Cx, id: &str) -> Tagged {
        Box::new(SqsQueue(id.to_owned()))
    }

    /// Its URL is AWS's to say.
    async fn existing(cx: &Cx, inputs: &Inputs) -> Answer<Option<String>> {
        let url = cx.clients.sqs.get_queue_url().queue_name(&inputs.name).send().await;
        Ok(url.found(ABSENT)?.and_then(|answer| answer.queue_url))
    }

    fn check(checks: &mut Checks<'_>) {
        let of_fifo = ["contentBasedDeduplication", "deduplicationScope", "fifoThroughputLimit"];
        name::check_fifo(checks, "queue", "fifoQueue", &of_fifo);
        if checks.asks("kmsMasterKeyId") && checks.is("sqsManagedSseEnabled", true) {
            let reason = "messages are encrypted with `kmsMasterKeyId` or with a key of SQS, not with both";
            checks.wrong("sqsManagedSseEnabled", reason);
        }
    }

    fn fit_name(inputs: &Map, name: String) -> String {
        name::fifo_fitted(inputs, "fifoQueue", name)
    }

    async fn create(cx: &Cx, inputs: &Inputs) -> Answer<Created<Outputs>> {
        let mut wanted = attributes(inputs);
        if inputs.fifo_queue {
            wanted.insert(Attribute::FifoQueue, "true".to_owned());
        }
        let tags = cx.tags_as(|k, v| (k.to_owned(), v.to_owned())).into_iter().collect();
        let call =
            cx.clients.sqs.create_queue().queue_name(&inputs.name).set_attributes(Some(wanted)).set_tags(Some(tags));
        // whom its policy names may be new
        let send = || propagation::told(&[], || call.clone().send());
        let mut made = send().await;
        if made.as_ref().is_err_and(|failure| waits::is_among(failure, QUEUE_NAME_IS_KEPT.answers)) {
            cx.log.info(&cx.urn, "AWS keeps a deleted queue's name for 60 s: waiting for it").await;
            made = QUEUE_NAME_IS_KEPT.out(send).await;
        }
        let url = made?.queue_url.ok_or_else(|| Error::new("CreateQueue returned no URL"))?;
        // one of the same attributes is given as if it were new
        if cx.identity.made(&Self::tagged(cx, &url).shown(cx).await?) {
            return Ok(Created::new(&url, outputs(cx, &url)));
        }
        resource::adopt::<Self>(cx, &url, inputs).await
    }

    async fn read(cx: &Cx, id: &str) -> Answer<Option<Live<Inputs, Outputs>>> {
        let live = describe(cx, id).await?;
        let text = |attribute: Attribute| given(live.get(&attribute).cloned());
        let number = |attribute: Attribute| text(attribute).and_then(|text| text.parse::<i32>().ok());
        let flag = |attribute: Attribute| text(attribute).map(|text| text.eq_ignore_ascii_case("true"));
        let inputs = Inputs {
            name: name::last(id, '/').to_owned(),
            delay_seconds: number(Attribute::DelaySeconds).unwrap_or_default(),
            max_message_size: number(Attribute::MaximumMessageSize).unwrap_or_default(),
            message_retention_seconds: number(Attribute::MessageRetentionPeriod).unwrap_or_default(),
            receive_wait_time_seconds: number(Attribute::ReceiveMessageWaitTimeSeconds).unwrap_or_default(),
            visibility_timeout_seconds: number(Attribute::VisibilityTimeout).unwrap_or_default(),
            policy: text(Attribute::Policy),
            redrive_policy: text(Attribute::RedrivePolicy),
            redrive_allow_policy: text(Attribute::RedriveAllowPolicy),
            kms_master_key_id: text(Attribute::KmsMasterKeyId),
            kms_data_key_reuse_period_seconds: number(Attribute::KmsDataKeyReusePeriodSeconds),
            // moto says so even where it has a key of its own
            sqs_managed_sse_enabled: flag(Attribute::SqsManagedSseEnabled)
                .map(|on| on && text(Attribute::KmsMasterKeyId).is_none()),
            fifo_queue: flag(Attribute::FifoQueue).unwrap_or(false),
            content_based_deduplication: flag(Attribute::ContentBasedDeduplication).unwrap_or(false),
            deduplication_scope: text(Attribute::DeduplicationScope),
            fifo_throughput_limit: text(Attribute::FifoThroughputLimit),
        };
        Ok(Some(Live { inputs, outputs: outputs(cx, id) }))
    }

    async fn update(cx: &Cx, id: &str, old: &Inputs, new: &Inputs, outputs: Outputs) -> Answer<Outputs> {
        let before = attributes(old);
        let mut changed = attributes(new);
        changed.retain(|attribute, value| before.get(attribute) != Some(value));
        if old.kms_master_key_id.is_some() && new.kms_master_key_id.is_none() {
            changed.insert(Attribute::KmsMasterKeyId, String::new());
        }
        if !changed.is_empty() {
            let call = cx.clients.sqs.set_queue_attributes().queue_url(id).set_attributes(Some(changed.clone()));
            propagation::told(&[], || call.clone().send()).await?;
            shown(cx, id, &changed).await?;
        }
        Ok(outputs)
    }

    async fn delete(cx: &Cx, id: &str, _: &Inputs) -> Answer {
        cx.clients.sqs.delete_queue().queue_url(id).send().await.done()
    }
}

fn outputs(cx: &Cx, url: &str) -> Outputs {
    Outputs { arn: cx.arn("sqs", name::last(url, '/')), url: url.to_owned() }
}

async fn describe(cx: &Cx, url: &str) -> Answer<HashMap<Attribute, String>> {
    let call = cx.clients.sqs.get_queue_attributes().queue_url(url).attribute_names(Attribute::All);
    Ok(call.send().await?.attributes.unwrap_or_default())
}

/// What can be set, and changed later. A standard queue does not know a FIFO queue's attributes.
fn attributes(inputs: &Inputs) -> HashMap<Attribute, String> {
    let fifo = inputs.fifo_queue;
    let all = [
        (Attribute::DelaySeconds, Some(inputs.delay_seconds.to_string())),
        (Attribute::MaximumMessageSize, Some(inputs.max_message_size.to_string())),
        (Attribute::MessageRetentionPeriod, Some(inputs.message_retention_seconds.to_string())),
        (Attribute::ReceiveMessageWaitTimeSeconds, Some(inputs.receive_wait_time_seconds.to_string())),
        (Attribute::VisibilityTimeout, Some(inputs.visibility_timeout_seconds.to_string())),
        (Attribute::Policy, inputs.policy.clone()),
        (Attribute::RedrivePolicy, inputs.redrive_policy.clone()),
        (Attribute::RedriveAllowPolicy, inputs.redrive_allow_policy.clone()),
        (Attribute::KmsMasterKeyId, inputs.kms_master_key_id.clone()),
        (Attribute::KmsDataKeyReusePeriodSeconds, inputs.kms_data_key_reuse_period_seconds.map(|s| s.to_string())),
        (Attribute::SqsManagedSseEnabled, inputs.sqs_managed_sse_enabled.map(|b| b.to_string())),
        (Attribute::ContentBasedDeduplication, fifo.then(|| inputs.content_based_deduplication.to_string())),
        (Attribute::DeduplicationScope, inputs.deduplication_scope.clone().filter(|_| fifo)),
        (Attribute::FifoThroughputLimit, inputs.fifo_throughput_limit.clone().filter(|_| fifo)),
    ];
    all.into_iter().filter_map(|(attribute, value)| Some((attribute, value?))).collect()
}

/// Waits until SQS shows what was changed, so that the next read does not take the old values for drift. Documents are
/// left out: SQS writes the principals of a policy in another form.
async fn shown(cx: &Cx, url: &str, changed: &HashMap<Attribute, String>) -> Answer {
    let documents = [Attribute::Policy, Attribute::RedrivePolicy, Attribute::RedriveAllowPolicy];
    let changed: Vec<_> = changed.iter().filter(|(attribute, _)| !documents.contains(attribute)).collect();
    let as_changed = || async {
        let live = describe(cx, url).await.found(ABSENT)?.unwrap_or_default();
        let is_so =
            |(attribute, value): &(&Attribute, &String)| live.get(attribute).map_or("", String::as_str) == *value;
        Ok(changed.iter().all(is_so).then_some(()))
    };
    waits::asked(SETTINGS_ARE_NEW, as_changed).await.done()
}

#[cfg(test)]
mod tests;
