//! An EventBridge event bus.
//!
//! Calls: CreateEventBus, DescribeEventBus, UpdateEventBus, DeleteEventBus, TagResource, UntagResource, ListTagsForResource;
//! ListRules where rules of somebody else keep it from being deleted.
//! IAM: `events:` + each of these; `kms:DescribeKey` and `kms:GenerateDataKey` where it has a key of its own.
//!
//! - UpdateEventBus leaves what it is not given: what is taken away is sent empty.
//!   <https://github.com/hashicorp/terraform-provider-aws/blob/main/internal/service/events/bus.go> says so of the
//!   description; AWS's model takes an empty key and a queue without an ARN, as of 2026-11.
//! - The bus `default` exists in every account and cannot be created; everything else may be named freely.

use std::collections::BTreeMap;

use aws_sdk_eventbridge::{
    Client,
    operation::update_event_bus::builders::UpdateEventBusFluentBuilder,
    types::{DeadLetterConfig as SdkDeadLetterConfig, IncludeDetail, Level, LogConfig as SdkLogConfig, Tag},
};
use derive::{Outputs, Resource, Shape};
use pulumi::provider::{
    adopt::Presence,
    resource::{Created, CustomResource, Error, Kind, Live},
};

use crate::{
    context::Cx,
    error::{code, failed, found, gone},
    tags::{EventsThing, Taggable, Tagged, WithTags},
    waits::{self, BUS_HAS_RULES, BUS_IS_BUSY},
};

/// An EventBridge event bus.
#[derive(Clone, Debug, Resource)]
#[resource(token = "aws:cloudwatch/eventBus:EventBus", noun = "event bus", handle = EventBus)]
pub struct Inputs {
    /// Name, up to 256 characters; a partner's bus has its event source's name.
    #[resource(replace, autoname)]
    pub name: String,
    /// What the bus is for.
    pub description: Option<String>,
    /// The partner event source it is for.
    #[resource(replace)]
    pub event_source_name: Option<String>,
    /// Key its events are encrypted with at rest; absent is a key AWS owns.
    pub kms_key_identifier: Option<String>,
    /// Where events go that cannot be delivered.
    pub dead_letter_config: Option<DeadLetterConfig>,
    /// What the bus logs about its work.
    #[resource(computed)]
    pub log_config: Option<LogConfig>,
    /// Tags, beside the provider's default tags.
    #[resource(default)]
    pub tags: BTreeMap<String, String>,
}

/// Where events go that cannot be delivered.
#[derive(Clone, Debug, PartialEq, Eq, Shape)]
#[resource(name = "EventBusDeadLetterConfig")]
pub struct DeadLetterConfig {
    /// ARN of the SQS queue.
    pub arn: Option<String>,
}

/// What the bus logs about its work.
#[derive(Clone, Debug, PartialEq, Eq, Shape)]
#[resource(name = "EventBusLogConfig")]
pub struct LogConfig {
    /// `NONE` or `FULL`: whether event detail is logged.
    pub include_detail: Option<String>,
    /// `OFF`, `ERROR`, `INFO` or `TRACE`.
    pub level: Option<String>,
}

/// What AWS adds to a bus.
#[derive(Clone, Debug, Outputs)]
#[resource(handle = EventBus)]
pub struct Outputs {
    /// ARN.
    pub arn: String,
}

const ABSENT: &[&str] = &["ResourceNotFoundException"];

impl CustomResource for EventBus {
    type Context = Cx;
    type Inputs = Inputs;
    type Outputs = Outputs;

    const PRESENCE: Presence = Presence::Named;

    fn id_of(_: &Cx, inputs: &Inputs) -> Option<String> {
        Some(inputs.name.clone())
    }

    async fn create(cx: &Cx, inputs: &Inputs) -> Result<Created<Outputs>, Error> {
        let tags = cx.tags_as(|k, v| Tag::builder().key(k).value(v).build());
        let tags = tags.into_iter().collect::<Result<Vec<_>, _>>().map_err(|e| Error::new(e.to_string()))?;
        let call = cx.clients.events.create_event_bus().name(&inputs.name).set_description(inputs.description.clone());
        let call = call
            .set_event_source_name(inputs.event_source_name.clone())
            .set_kms_key_identifier(inputs.kms_key_identifier.clone());
        let call = call
            .set_dead_letter_config(inputs.dead_letter_config.clone().map(Into::into))
            .set_log_config(inputs.log_config.clone().map(Into::into));
        let call = call.set_tags(Some(tags));
        match BUS_IS_BUSY.out(|| call.clone().send()).await {
            Ok(made) => Ok(Created::new(
                &inputs.name,
                Outputs { arn: made.event_bus_arn.unwrap_or_else(|| arn(cx, &inputs.name)) },
            )),
            Err(failure) if code(&failure) == Some("ResourceAlreadyExistsException") => {
                let target = EventBus::tagged(cx, &inputs.name);
                let live = target.all(cx).await?;
                cx.adopt("event bus", &inputs.name, &live).await?;
                target.claim(cx, &live).await?;
                Ok(Created::new(&inputs.name, Outputs { arn: arn(cx, &inputs.name) }).and(put(cx, None, inputs).await))
            }
            Err(failure) => Err(failed(failure)),
        }
    }

    async fn read(cx: &Cx, id: &str) -> Result<Option<Live<Inputs, Outputs>>, Error> {
        let Some(bus) = found(cx.clients.events.describe_event_bus().name(id).send().await, ABSENT)? else {
            return Ok(None);
        };
        let inputs = Inputs {
            name: bus.name.unwrap_or_else(|| id.to_owned()),
            description: bus.description,
            event_source_name: None,
            kms_key_identifier: bus.kms_key_identifier,
            dead_letter_config: bus.dead_letter_config.map(|d| DeadLetterConfig { arn: d.arn }),
            log_config: bus.log_config.map(|l| LogConfig {
                include_detail: l.include_detail.map(|d| d.to_string()),
                level: l.level.map(|l| l.to_string()),
            }),
            tags: BTreeMap::new(),
        };
        Ok(Some(Live { inputs, outputs: Outputs { arn: bus.arn.unwrap_or_else(|| arn(cx, id)) } }))
    }

    async fn update(cx: &Cx, _: &str, old: &Inputs, new: &Inputs, outputs: Outputs) -> Result<Outputs, Error> {
        put(cx, Some(old), new).await?;
        Ok(outputs)
    }

    async fn delete(cx: &Cx, id: &str, _: &Inputs) -> Result<(), Error> {
        let call = cx.clients.events.delete_event_bus().name(id);
        let deleted = BUS_HAS_RULES.out(|| call.clone().send()).await;
        let has_rules = deleted.as_ref().is_err_and(|failure| {
            code(failure) != Some("ConcurrentModificationException") && waits::is_among(failure, BUS_HAS_RULES.answers)
        });
        let deleted = gone(deleted, ABSENT);
        // rules of others stay until somebody deletes them: name them
        let rules = if has_rules { rules(cx, id).await } else { Vec::new() };
        deleted.map_err(|error| match rules.as_slice() {
            [] => error,
            rules => error.hint(format!(
                "delete these rules of the bus first; this deployment did not make them: {} (see: aws events list-rules --event-bus-name {id})",
                rules.join(", ")
            )),
        })
    }
}

impl Taggable for EventBus {
    fn tagged(cx: &Cx, id: &str) -> Tagged {
        Box::new(EventsThing(arn(cx, id)))
    }
}

pub(crate) fn kind() -> Box<dyn Kind<Cx>> {
    Box::new(WithTags::<EventBus>::new())
}

fn arn(cx: &Cx, name: &str) -> String {
    cx.arn("events", &format!("event-bus/{name}"))
}

/// The names of a bus's rules, for a message. An error is ignored: there is one already.
async fn rules(cx: &Cx, id: &str) -> Vec<String> {
    let mut names = Vec::new();
    let mut call = cx.clients.events.list_rules().event_bus_name(id);
    while let Ok(page) = call.clone().send().await {
        names.extend(page.rules.unwrap_or_default().into_iter().filter_map(|rule| rule.name));
        let Some(next) = page.next_token else { break };
        call = call.next_token(next);
    }
    names
}

async fn put(cx: &Cx, old: Option<&Inputs>, inputs: &Inputs) -> Result<(), Error> {
    let call = change(&cx.clients.events, old, inputs);
    BUS_IS_BUSY.out(|| call.clone().send()).await.map(drop).map_err(failed)
}

/// The call that makes a bus what it should be; of one that was not ours it is not known what it was.
fn change(client: &Client, old: Option<&Inputs>, new: &Inputs) -> UpdateEventBusFluentBuilder {
    let had = |of: fn(&Inputs) -> bool| old.is_some_and(of);
    let key = new.kms_key_identifier.clone();
    let queue = new.dead_letter_config.clone();
    client
        .update_event_bus()
        .name(&new.name)
        .description(new.description.clone().unwrap_or_default())
        .set_kms_key_identifier(key.or_else(|| had(|o| o.kms_key_identifier.is_some()).then(String::new)))
        .set_log_config(new.log_config.clone().map(Into::into))
        .set_dead_letter_config(
            queue
                .or_else(|| had(|o| o.dead_letter_config.is_some()).then_some(DeadLetterConfig { arn: None }))
                .map(Into::into),
        )
}

impl From<DeadLetterConfig> for SdkDeadLetterConfig {
    fn from(config: DeadLetterConfig) -> Self {
        Self::builder().set_arn(config.arn).build()
    }
}

impl From<LogConfig> for SdkLogConfig {
    fn from(config: LogConfig) -> Self {
        let detail = config.include_detail.map(|d| IncludeDetail::from(d.as_str()));
        Self::builder().set_include_detail(detail).set_level(config.level.map(|l| Level::from(l.as_str()))).build()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::stub::{Answer, Stub, done, inputs};

    const TOKEN: &str = "aws:cloudwatch/eventBus:EventBus";
    const HAS_RULES: Answer = Answer::Refused("ValidationException", "EventBus can't be deleted since it has rules.");

    #[tokio::test]
    async fn a_bus_whose_rules_are_going_is_deleted_when_they_have_gone() {
        let stub = Stub::new(|asked| match (asked.operation.as_str(), asked.before) {
            ("DeleteEventBus", 0..4) => HAS_RULES,
            ("DeleteEventBus", 4) => Answer::Refused("ConcurrentModificationException", "busy"),
            _ => done(asked),
        });
        let deleted = Stub::run(EventBus::delete(&stub.cx(TOKEN), "b", &inputs(&json!({ "name": "b" })))).await.0;
        assert_eq!(deleted, Ok(()));
        assert_eq!(stub.operations(), ["DeleteEventBus"; 6]);
    }

    #[tokio::test]
    async fn rules_of_somebody_else_keep_a_bus_and_are_named() {
        let stub = Stub::new(|asked| match (asked.operation.as_str(), asked.before) {
            ("ListRules", 0) => Answer::Json(json!({ "Rules": [{ "Name": "billing-on-1" }], "NextToken": "n" })),
            ("ListRules", _) => Answer::Json(json!({ "Rules": [{ "Name": "sst-2" }] })),
            _ => HAS_RULES,
        });
        let cx = stub.cx(TOKEN);
        let (deleted, waited) = Stub::run(EventBus::delete(&cx, "b", &inputs(&json!({ "name": "b" })))).await;
        let error = deleted.expect_err("it has rules");
        assert!(error.message.contains("since it has rules"), "{error}");
        assert!(error.hint.as_ref().is_some_and(|hint| hint.contains("billing-on-1, sst-2")), "{error}");
        assert!(waited >= BUS_HAS_RULES.limit, "{waited:?}");
    }

    /// All calls for which EventBridge models ConcurrentModificationException, each refused once.
    #[tokio::test]
    async fn each_change_of_a_bus_is_made_again_while_another_one_is_under_way() {
        let stub = Stub::new(|asked| match asked.before {
            0 if !asked.operation.starts_with("List") => Answer::Refused("ConcurrentModificationException", "busy"),
            _ => done(asked),
        });
        let cx = stub.cx(TOKEN);
        let bus: Inputs = inputs(&json!({ "name": "b" }));
        let target = EventBus::tagged(&cx, "b");
        Stub::run(async {
            EventBus::create(&cx, &bus).await.expect("made");
            put(&cx, None, &bus).await.expect("changed");
            target.set(&cx, [("a".to_owned(), "1".to_owned())].into()).await.expect("tagged");
            target.unset(&cx, vec!["a".to_owned()]).await.expect("untagged");
            EventBus::delete(&cx, "b", &bus).await.expect("deleted");
        })
        .await;
        for operation in ["CreateEventBus", "UpdateEventBus", "TagResource", "UntagResource", "DeleteEventBus"] {
            assert_eq!(stub.asked(operation).len(), 2, "{operation}");
        }
    }

    crate::lifecycle! {
        token: "aws:cloudwatch/eventBus:EventBus",
        needs: [("aws:sqs/queue:Queue", { "name": "dlq-{unique}" }), ("aws:kms/key:Key", {})],
        sample: {
            "name": "bus-{unique}",
            "description": "events of a domain",
            "deadLetterConfig": { "arn": "${0.arn}" },
            "kmsKeyIdentifier": "${1.arn}",
            "tags": { "a": "1" },
        },
        change: { "description": "other words", "logConfig": { "level": "ERROR", "includeDetail": "NONE" }, "tags": { "b": "2" } },
    }

    #[test]
    fn what_is_taken_away_is_sent_empty() {
        let config = aws_sdk_eventbridge::Config::builder().behavior_version_latest().build();
        let client = Client::from_conf(config);
        let bus = |text: Option<&str>| Inputs {
            name: "bus".to_owned(),
            description: text.map(str::to_owned),
            event_source_name: None,
            kms_key_identifier: text.map(str::to_owned),
            dead_letter_config: text.map(|arn| DeadLetterConfig { arn: Some(arn.to_owned()) }),
            log_config: None,
            tags: BTreeMap::new(),
        };
        let sent = |old: Option<&Inputs>, new: &Inputs| {
            let call = change(&client, old, new);
            let queue = call.get_dead_letter_config().as_ref().map(|q| q.arn.clone().unwrap_or_default());
            [call.get_description().clone(), call.get_kms_key_identifier().clone(), queue]
        };
        let text = |text: &str| Some(text.to_owned());
        let (some, none) = (bus(Some("x")), bus(None));
        assert_eq!(sent(Some(&some), &none), [text(""), text(""), text("")], "taken away");
        assert_eq!(sent(Some(&none), &none), [text(""), None, None], "never there");
        assert_eq!(sent(Some(&none), &some), [text("x"), text("x"), text("x")], "given");
        assert_eq!(sent(None, &none), [text(""), None, None], "adopted");
    }
}
