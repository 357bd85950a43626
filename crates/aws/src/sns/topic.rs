//! An SNS topic.
//!
//! Calls: CreateTopic, GetTopicAttributes, SetTopicAttributes, DeleteTopic, TagResource, UntagResource, ListTagsForResource.
//! IAM: `sns:` + each of these; `iam:PassRole` of feedback roles; `kms:Decrypt` and `kms:GenerateDataKey` where it has a key.
//!
//! - CreateTopic gives an existing topic of the same name, tags and attributes as if it were new: tags tell which it is.
//!   One of other tags or attributes is refused; it is ours if its tags say so.
//! - Attributes are read and set as texts, one a call after creation.

use std::collections::HashMap;

use aws_sdk_sns::types::Tag;
use pulumi::{
    provider::schema::{Property, Shaped, Type},
    value::{FromValue, ToValue},
};

use crate::{name, prelude::*, tags::SnsTopic, waits::TOPIC_IS_BUSY};

/// An SNS topic.
#[derive(Clone, Debug, Resource)]
#[resource(token = "aws:sns/topic:Topic", noun = "SNS topic", handle = Topic, tags, name_prefix)]
pub struct Inputs {
    /// Name, up to 256 letters, digits, `-` and `_`; a FIFO topic's ends in `.fifo`.
    #[resource(replace, autoname)]
    pub name: String,
    /// Name shown in e-mails and text messages.
    pub display_name: Option<String>,
    /// KMS key of its messages: id, ARN or alias.
    pub kms_master_key_id: Option<String>,
    /// Who may use the topic, a JSON document. A `TopicPolicy` is the better place for it.
    #[resource(json, equal = document::equal, computed)]
    pub policy: Option<String>,
    /// How failed deliveries over HTTP are retried, a JSON document.
    #[resource(json)]
    pub delivery_policy: Option<String>,
    /// Whether messages keep their order and are delivered once.
    #[resource(replace, default = false)]
    pub fifo_topic: bool,
    /// Whether a FIFO topic takes messages with the same content for duplicates.
    #[resource(default = false)]
    pub content_based_deduplication: bool,
    /// `Topic` or `MessageGroup`: what a FIFO topic's throughput limit applies to.
    #[resource(computed)]
    pub fifo_throughput_scope: Option<String>,
    /// 1 (SHA-1, AWS's default) or 2 (SHA-256): how messages are signed.
    #[resource(computed)]
    pub signature_version: Option<i32>,
    /// `PassThrough` (AWS's default) or `Active`: whether X-Ray traces its messages.
    #[resource(computed)]
    pub tracing_config: Option<String>,
    /// ARN of the role that logs failed deliveries to mobile applications.
    pub application_failure_feedback_role_arn: Option<String>,
    /// ARN of the role that logs deliveries to mobile applications.
    pub application_success_feedback_role_arn: Option<String>,
    /// Percentage of deliveries to mobile applications that is logged.
    #[resource(default = 0)]
    pub application_success_feedback_sample_rate: i32,
    /// ARN of the role that logs failed deliveries to Firehose.
    pub firehose_failure_feedback_role_arn: Option<String>,
    /// ARN of the role that logs deliveries to Firehose.
    pub firehose_success_feedback_role_arn: Option<String>,
    /// Percentage of deliveries to Firehose that is logged.
    #[resource(default = 0)]
    pub firehose_success_feedback_sample_rate: i32,
    /// ARN of the role that logs failed deliveries over HTTP.
    pub http_failure_feedback_role_arn: Option<String>,
    /// ARN of the role that logs deliveries over HTTP.
    pub http_success_feedback_role_arn: Option<String>,
    /// Percentage of deliveries over HTTP that is logged.
    #[resource(default = 0)]
    pub http_success_feedback_sample_rate: i32,
    /// ARN of the role that logs failed deliveries to Lambda.
    pub lambda_failure_feedback_role_arn: Option<String>,
    /// ARN of the role that logs deliveries to Lambda.
    pub lambda_success_feedback_role_arn: Option<String>,
    /// Percentage of deliveries to Lambda that is logged.
    #[resource(default = 0)]
    pub lambda_success_feedback_sample_rate: i32,
    /// ARN of the role that logs failed deliveries to SQS.
    pub sqs_failure_feedback_role_arn: Option<String>,
    /// ARN of the role that logs deliveries to SQS.
    pub sqs_success_feedback_role_arn: Option<String>,
    /// Percentage of deliveries to SQS that is logged.
    #[resource(default = 0)]
    pub sqs_success_feedback_sample_rate: i32,
}

/// Outputs of a topic.
#[derive(Clone, Debug, Outputs)]
#[resource(handle = Topic)]
pub struct Outputs {
    /// ARN, the same as the id.
    pub arn: String,
    /// Account that owns the topic.
    pub owner: String,
}

pub(super) const ABSENT: Codes = &["NotFound", "NotFoundException"];
pub(super) const POLICY: &str = "Policy";

/// Properties that are no attributes; all others are, by the same names.
const NO_ATTRIBUTES: [&str; 3] = ["name", "namePrefix", "tags"];

impl AwsResource for Topic {
    const ABSENT: Codes = ABSENT;
    const PRESENCE: Presence = Presence::Named;

    fn tagged(_: &Cx, id: &str) -> Tagged {
        Box::new(SnsTopic(id.to_owned()))
    }

    fn id_of(cx: &Cx, inputs: &Inputs) -> Option<String> {
        Some(cx.arn("sns", &inputs.name))
    }

    fn check(checks: &mut Checks<'_>) {
        name::check_fifo(checks, "topic", "fifoTopic", &["contentBasedDeduplication", "fifoThroughputScope"]);
    }

    fn fit_name(inputs: &Map, name: String) -> String {
        name::fifo_fitted(inputs, "fifoTopic", name)
    }

    async fn create(cx: &Cx, inputs: &Inputs) -> Answer<Created<Outputs>> {
        // <https://docs.aws.amazon.com/sns/latest/api/API_CreateTopic.html>, as of 2026-11: these come afterwards
        let (later, first): (Properties, Properties) =
            attributes(inputs).into_iter().partition(|(name, _)| name.contains("Feedback"));
        let first = first.into_iter().map(|(name, value)| (attribute(name), value)).collect();
        let tags = built(cx.tags_as(|k, v| Tag::builder().key(k).value(v).build()))?;
        let call = cx.clients.sns.create_topic().name(&inputs.name).set_attributes(Some(first)).set_tags(Some(tags));
        let arn = match propagation::told(&[], || TOPIC_IS_BUSY.out(|| call.clone().send())).await.answer() {
            Ok(made) => made.topic_arn.unwrap_or_else(|| cx.arn("sns", &inputs.name)),
            Err(refusal) if is_taken(&refusal) => {
                return resource::adopt::<Self>(cx, &cx.arn("sns", &inputs.name), inputs).await;
            }
            Err(refusal) => return Err(refusal),
        };
        // one of the same tags and attributes is given as if it were new
        if !cx.identity.made(&Self::tagged(cx, &arn).shown(cx).await?) {
            return resource::adopt::<Self>(cx, &arn, inputs).await;
        }
        let created = Created::new(&arn, Outputs { arn: arn.clone(), owner: cx.caller.account.clone() });
        Ok(created.and(set(cx, &arn, &Properties::new(), &later).await))
    }

    async fn read(cx: &Cx, id: &str) -> Answer<Option<Live<Inputs, Outputs>>> {
        let live = describe(cx, id).await?;
        let owner = live.get("Owner").cloned().unwrap_or_else(|| cx.caller.account.clone());
        let inputs = inputs_of(name::last(id, ':'), &live).map_err(Error::new)?;
        Ok(Some(Live { inputs, outputs: Outputs { arn: id.to_owned(), owner } }))
    }

    async fn update(cx: &Cx, id: &str, old: &Inputs, new: &Inputs, outputs: Outputs) -> Answer<Outputs> {
        set(cx, id, &attributes(old), &attributes(new)).await?;
        Ok(outputs)
    }

    async fn delete(cx: &Cx, id: &str, _: &Inputs) -> Answer {
        let call = cx.clients.sns.delete_topic().topic_arn(id);
        TOPIC_IS_BUSY.out(|| call.clone().send()).await.done()
    }
}

/// Whether AWS refused because there is a topic of that name with other tags or attributes.
fn is_taken(refusal: &Refusal) -> bool {
    let codes = ["InvalidParameter", "InvalidParameterException", "InvalidParameterValue"];
    refusal.is(&codes) && refusal.says("already exists with different")
}

/// All attributes of a topic.
pub(super) async fn describe(cx: &Cx, arn: &str) -> Answer<HashMap<String, String>> {
    let answer = cx.clients.sns.get_topic_attributes().topic_arn(arn).send().await?;
    Ok(answer.attributes.unwrap_or_default())
}

/// Sets one attribute; an empty text clears it.
pub(super) async fn put(cx: &Cx, arn: &str, attribute: &str, value: &str) -> Answer {
    let call = cx.clients.sns.set_topic_attributes().topic_arn(arn).attribute_name(attribute).attribute_value(value);
    // the topic may have been made a moment ago
    let set = propagation::told(ABSENT, || call.clone().send()).await.done();
    set.within(&format!("setting its {attribute}"))
}

/// Properties as texts, by their names.
type Properties = BTreeMap<&'static str, String>;

/// Sets what differs from `before`; what AWS chose stays as it is when the program no longer has it.
async fn set(cx: &Cx, arn: &str, before: &Properties, wanted: &Properties) -> Answer {
    for (name, value) in wanted.iter().filter(|(name, value)| before.get(*name) != Some(value)) {
        put(cx, arn, &attribute(name), value).await?;
    }
    let chosen = |name: &str| Inputs::SHAPE.properties.iter().any(|p| p.name == name && p.computed);
    for name in before.keys().filter(|name| !wanted.contains_key(*name) && !chosen(name)) {
        put(cx, arn, &attribute(name), if name.ends_with("SampleRate") { "0" } else { "" }).await?;
    }
    Ok(())
}

/// AWS's name of a property: `sqsSuccessFeedbackRoleArn` is `SQSSuccessFeedbackRoleArn`.
fn attribute(property: &str) -> String {
    let head = ["http", "sqs"].into_iter().find(|head| property.starts_with(head)).unwrap_or(&property[..1]);
    head.to_uppercase() + &property[head.len()..]
}

/// Properties as texts. A standard topic does not know a FIFO topic's; 0 percent is what saying nothing means.
fn attributes(inputs: &Inputs) -> Properties {
    let Value::Object(given) = inputs.to_value() else { return Properties::new() };
    let text = |name: &str| match given.get(name)? {
        Value::String(text) => Some(text.clone()),
        Value::Bool(_) if !inputs.fifo_topic => None,
        Value::Bool(flag) => Some(flag.to_string()),
        Value::Number(number) => Some(number.to_string()).filter(|_| *number != 0.0),
        _ => None,
    };
    let names = Inputs::SHAPE.properties.iter().map(|p| p.name).filter(|name| !NO_ATTRIBUTES.contains(name));
    names.filter_map(|name| Some((name, text(name)?))).collect()
}

/// Attributes as properties.
fn inputs_of(name: &str, live: &HashMap<String, String>) -> Result<Inputs, String> {
    let value = |property: &Property| {
        let text = live.get(&attribute(property.name)).filter(|text| !text.is_empty())?;
        match property.kind {
            Type::Bool => Some(Value::Bool(text.eq_ignore_ascii_case("true"))),
            Type::Integer => text.parse().ok().map(Value::Number),
            _ => Some(text.to_value()),
        }
    };
    let known = Inputs::SHAPE.properties.iter().filter(|p| !NO_ATTRIBUTES.contains(&p.name));
    let told = known.filter_map(|property| Some((property.name.to_owned(), value(property)?)));
    Inputs::from_value(&Value::Object(told.chain([("name".to_owned(), name.to_value())]).collect()))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::{
        recovery::{Identity, TAG},
        stub::{
            Answer, Asked, Stub, done, inputs,
            late::{Late, Refusal, TOLD, is_waited_out, wholly},
        },
        testing::{Adapter, CustomResource as _},
        waits::TAGS_ARE_NEW,
    };

    const TOKEN: &str = "aws:sns/topic:Topic";
    const ARN: &str = "arn:aws:sns:ap-southeast-2:111122223333:t";

    /// A topic that this attempt made; its tags show after some looks.
    fn sns(made_by: &Identity, shown_at: usize) -> impl Fn(&Asked) -> Answer + Clone + Send + Sync + 'static {
        let tag = format!("<member><Key>{TAG}</Key><Value>{}</Value></member>", made_by.value());
        move |asked: &Asked| match asked.operation.as_str() {
            "CreateTopic" => Answer::Xml(format!("<TopicArn>{ARN}</TopicArn>")),
            "ListTagsForResource" if asked.before >= shown_at => Answer::Xml(format!("<Tags>{tag}</Tags>")),
            _ => done(asked),
        }
    }

    #[tokio::test]
    async fn each_change_of_a_topic_is_made_again_while_another_one_is_under_way_or_a_principal_is_new() {
        const CHANGING: &[Refusal] = &[("ConcurrentAccess", ""), ("ConcurrentAccessException", "")];
        const UNTOLD: Refusal = ("InvalidParameter", "Invalid parameter: Policy Error: PrincipalNotFound");
        let role = "arn:aws:iam::111122223333:role/new";
        let old: Inputs = inputs(&json!({ "name": "t", "sqsSuccessFeedbackRoleArn": role }));
        let new: Inputs = inputs(&json!({ "name": "t", "displayName": "alerts" }));
        let identity = Identity::new("urn:t");
        let of_topic: &[Late] = &[
            ("CreateTopic", TOLD, &[UNTOLD]),
            ("CreateTopic", TOPIC_IS_BUSY.limit, CHANGING),
            ("SetTopicAttributes", TOLD, &[UNTOLD, ("NotFound", ""), ("NotFoundException", "")]),
        ];
        let make = async |cx: Cx| {
            let cx = Cx { identity: identity.clone(), ..cx };
            wholly(Adapter::<Topic>::create(&cx, &old).await?)
        };
        is_waited_out(TOKEN, of_topic, sns(&identity, 0), make).await;
        let change = async |cx: Cx| {
            let outputs = Outputs { arn: ARN.to_owned(), owner: String::new() };
            Adapter::<Topic>::update(&cx, ARN, &old, &new, outputs).await?;
            Adapter::<Topic>::delete(&cx, ARN, &new).await
        };
        is_waited_out(TOKEN, &[of_topic[2], ("DeleteTopic", TOPIC_IS_BUSY.limit, CHANGING)], done, change).await;
    }

    #[tokio::test]
    async fn a_new_topic_may_show_its_tags_late() {
        let topic: Inputs = inputs(&json!({ "name": "t" }));
        let identity = Identity::new("urn:t");
        for (shown_at, is_ours) in [(9, true), (usize::MAX, false)] {
            let stub = Stub::new(sns(&identity, shown_at));
            let cx = Cx { identity: identity.clone(), ..stub.cx(TOKEN) };
            let (made, waited) = Stub::run(Adapter::<Topic>::create(&cx, &topic)).await;
            if is_ours {
                assert_eq!((made.expect("made").id.as_str(), stub.asked("ListTagsForResource").len()), (ARN, 10));
            } else {
                let refused = made.expect_err("nothing proves it ours").message;
                assert!(refused.contains("its tags do not prove it ours"), "{refused}");
                let end = TAGS_ARE_NEW + Duration::from_secs(8);
                assert!((TAGS_ARE_NEW..=end).contains(&waited), "{waited:?}");
            }
        }
    }

    crate::lifecycle! {
        token: "aws:sns/topic:Topic",
        needs: [("aws:kms/key:Key", {})],
        sample: {
            "name": "topic-{unique}",
            "kmsMasterKeyId": "${0.arn}",
            "displayName": "alerts",
            "sqsSuccessFeedbackRoleArn": "arn:aws:iam::111122223333:role/feedback",
            "sqsSuccessFeedbackSampleRate": 50,
            "tags": { "a": "1" },
        },
        change: { "displayName": "warnings", "sqsSuccessFeedbackSampleRate": 0, "signatureVersion": 2, "tags": { "b": "2" } },
    }

    mod fifo {
        crate::lifecycle! {
            token: "aws:sns/topic:Topic",
            needs: [],
            sample: { "name": "topic-{unique}.fifo", "fifoTopic": true, "contentBasedDeduplication": true },
            change: { "contentBasedDeduplication": false },
        }
    }

    #[tokio::test]
    async fn one_of_its_name_is_adopted_or_refused() {
        crate::testing::adopts(sample()).await;
    }

    fn map(fields: &[(&str, Value)]) -> Map {
        fields.iter().map(|(k, v)| ((*k).to_owned(), v.clone())).collect()
    }

    #[test]
    fn fifo_topics_are_named_so() {
        let wrong = |fields: &[(&str, Value)]| {
            Adapter::<Topic>::check(&map(fields)).iter().map(|f| f.property.clone()).collect::<Vec<_>>().join(" ")
        };
        let fifo = |v: Value| ("fifoTopic", v);
        assert_eq!(wrong(&[("name", "t".to_value()), fifo(true.to_value())]), "name");
        assert_eq!(wrong(&[("name", "t.fifo".to_value())]), "name");
        assert_eq!(
            wrong(&[("name", "t".to_value()), fifo(Value::Unknown), ("fifoThroughputScope", "Topic".to_value())]),
            ""
        );
        assert_eq!(wrong(&[("contentBasedDeduplication", true.to_value())]), "contentBasedDeduplication");
        assert_eq!(<Topic as AwsResource>::fit_name(&map(&[fifo(true.to_value())]), "t-1".to_owned()), "t-1.fifo");
    }

    #[test]
    fn attributes_have_their_own_names() {
        let pairs = [
            ("kmsMasterKeyId", "KmsMasterKeyId"),
            ("policy", POLICY),
            ("httpSuccessFeedbackSampleRate", "HTTPSuccessFeedbackSampleRate"),
            ("sqsFailureFeedbackRoleArn", "SQSFailureFeedbackRoleArn"),
            ("lambdaFailureFeedbackRoleArn", "LambdaFailureFeedbackRoleArn"),
        ];
        assert_eq!(pairs.map(|(property, _)| attribute(property)), pairs.map(|(_, attribute)| attribute));
    }

    #[test]
    fn attributes_and_properties_say_the_same() {
        let inputs = |fifo: bool| {
            let name = if fifo { "t.fifo" } else { "t" };
            let given = [("name", name.to_value()), ("fifoTopic", fifo.to_value()), ("signatureVersion", 2.to_value())];
            Inputs::from_value(&Value::Object(map(&given))).expect("inputs")
        };
        for fifo in [true, false] {
            let told = attributes(&inputs(fifo));
            assert_eq!(told.contains_key("fifoTopic"), fifo, "{told:?}");
            assert_eq!(told["signatureVersion"], "2");
            let told = told.into_iter().map(|(name, value)| (attribute(name), value)).collect();
            let name = inputs(fifo).name;
            assert_eq!(inputs_of(&name, &told).expect("inputs").to_value(), inputs(fifo).to_value());
        }
    }
}
