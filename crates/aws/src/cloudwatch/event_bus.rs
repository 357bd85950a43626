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
//! - A partner's bus has the name of its event source, `aws.partner/..`; no other bus may have a `/` in its name.
//!   <https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_CreateEventBus.html>, as of 2026-11.

use aws_sdk_eventbridge::{
    Client,
    operation::{describe_event_bus::DescribeEventBusOutput, update_event_bus::builders::UpdateEventBusFluentBuilder},
    types::{self, Tag},
};

use crate::{
    prelude::*,
    tags::EventsThing,
    waits::{BUS_HAS_RULES, BUS_IS_BUSY},
};

/// An EventBridge event bus.
#[derive(Clone, Debug, Resource)]
#[resource(token = "aws:cloudwatch/eventBus:EventBus", noun = "event bus", handle = EventBus, tags)]
#[resource(from = DescribeEventBusOutput)]
pub struct Inputs {
    /// Name, up to 256 characters; a partner's bus has its event source's name.
    #[resource(replace, autoname)]
    pub name: String,
    /// What the bus is for.
    pub description: Option<String>,
    /// The partner event source it is for.
    #[resource(replace, own)]
    pub event_source_name: Option<String>,
    /// Key its events are encrypted with at rest; absent is a key AWS owns.
    pub kms_key_identifier: Option<String>,
    /// Where events go that cannot be delivered.
    pub dead_letter_config: Option<DeadLetterConfig>,
    /// What the bus logs about its work.
    #[resource(computed)]
    pub log_config: Option<LogConfig>,
}

/// Where events go that cannot be delivered.
#[derive(Clone, Debug, PartialEq, Eq, Shape)]
#[resource(name = "EventBusDeadLetterConfig", sdk = types::DeadLetterConfig)]
pub struct DeadLetterConfig {
    /// ARN of the SQS queue.
    pub arn: Option<String>,
}

/// What the bus logs about its work.
#[derive(Clone, Debug, PartialEq, Eq, Shape)]
#[resource(name = "EventBusLogConfig", sdk = types::LogConfig)]
pub struct LogConfig {
    /// `NONE` or `FULL`: whether event detail is logged.
    pub include_detail: Option<String>,
    /// `OFF`, `ERROR`, `INFO` or `TRACE`.
    pub level: Option<String>,
}

/// Outputs of an event bus.
#[derive(Clone, Debug, Outputs)]
#[resource(handle = EventBus)]
pub struct Outputs {
    /// ARN.
    pub arn: String,
}

impl AwsResource for EventBus {
    const ABSENT: Codes = &["ResourceNotFoundException"];
    const EXISTS: Codes = &["ResourceAlreadyExistsException"];

    fn tagged(cx: &Cx, id: &str) -> Tagged {
        Box::new(EventsThing(arn(cx, id)))
    }

    async fn create(cx: &Cx, inputs: &Inputs) -> Answer<Created<Outputs>> {
        let call = cx.clients.events.create_event_bus().name(&inputs.name).set_description(inputs.description.clone());
        let call = call
            .set_event_source_name(inputs.event_source_name.clone())
            .set_kms_key_identifier(inputs.kms_key_identifier.clone())
            .set_dead_letter_config(inputs.dead_letter_config.to_sdk()?)
            .set_log_config(inputs.log_config.to_sdk()?)
            .set_tags(Some(built(cx.tags_as(|k, v| Tag::builder().key(k).value(v).build()))?));
        let made = BUS_IS_BUSY.out(|| call.clone().send()).await?;
        let arn = made.event_bus_arn.unwrap_or_else(|| arn(cx, &inputs.name));
        Ok(Created::new(&inputs.name, Outputs { arn }))
    }

    async fn read(cx: &Cx, id: &str) -> Answer<Option<Live<Inputs, Outputs>>> {
        let bus = cx.clients.events.describe_event_bus().name(id).send().await?;
        let name = bus.name.clone().unwrap_or_else(|| id.to_owned());
        let event_source_name = name.starts_with("aws.partner/").then(|| name.clone());
        let outputs = Outputs { arn: bus.arn.clone().unwrap_or_else(|| arn(cx, id)) };
        Ok(Some(Live { inputs: Inputs { name, event_source_name, ..Inputs::from_sdk(bus) }, outputs }))
    }

    async fn update(cx: &Cx, _: &str, old: &Inputs, new: &Inputs, outputs: Outputs) -> Answer<Outputs> {
        let call = change(&cx.clients.events, old, new)?;
        BUS_IS_BUSY.out(|| call.clone().send()).await?;
        Ok(outputs)
    }

    async fn delete(cx: &Cx, id: &str, _: &Inputs) -> Answer {
        let call = cx.clients.events.delete_event_bus().name(id);
        let refusal = match BUS_HAS_RULES.out(|| call.clone().send()).await.done() {
            Err(refusal) if refusal.is(&["ValidationException"]) && refusal.says("since it has rules") => refusal,
            deleted => return deleted,
        };
        // rules of others stay until somebody deletes them: name them
        let rules = rules(cx, id).await;
        if rules.is_empty() {
            return Err(refusal);
        }
        Err(refusal.hint(format!(
            "delete these rules of the bus first; this deployment did not make them: {} (see: aws events list-rules --event-bus-name {id})",
            rules.join(", ")
        )))
    }
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

/// The call that makes a bus what it should be.
fn change(client: &Client, old: &Inputs, new: &Inputs) -> Answer<UpdateEventBusFluentBuilder> {
    let cleared = || old.dead_letter_config.is_some().then_some(DeadLetterConfig { arn: None });
    let call = client.update_event_bus().name(&new.name).description(new.description.clone().unwrap_or_default());
    Ok(call
        .set_kms_key_identifier(or_empty(old.kms_key_identifier.as_ref(), new.kms_key_identifier.as_ref()))
        .set_dead_letter_config(new.dead_letter_config.clone().or_else(cleared).to_sdk()?)
        .set_log_config(new.log_config.to_sdk()?))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::{
        stub::{
            Answer, Stub, done, inputs,
            late::{Late, Refusal, is_waited_out, wholly},
        },
        testing::{Adapter, CustomResource as _},
    };

    const TOKEN: &str = "aws:cloudwatch/eventBus:EventBus";
    const HAS_RULES: Answer = Answer::Refused("ValidationException", "EventBus can't be deleted since it has rules.");

    #[tokio::test]
    async fn a_bus_whose_rules_are_going_is_deleted_when_they_have_gone() {
        let stub = Stub::new(|asked| match (asked.operation.as_str(), asked.before) {
            ("DeleteEventBus", 0..4) => HAS_RULES,
            ("DeleteEventBus", 4) => Answer::Refused("ConcurrentModificationException", "busy"),
            _ => done(asked),
        });
        let (cx, bus) = (stub.cx(TOKEN), inputs(&json!({ "name": "b" })));
        let deleted = Stub::run(Adapter::<EventBus>::delete(&cx, "b", &bus)).await.0;
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
        let bus = inputs(&json!({ "name": "b" }));
        let (deleted, waited) = Stub::run(Adapter::<EventBus>::delete(&cx, "b", &bus)).await;
        let error = deleted.expect_err("it has rules");
        assert!(error.message.contains("since it has rules"), "{error}");
        assert!(error.hint.as_ref().is_some_and(|hint| hint.contains("billing-on-1, sst-2")), "{error}");
        assert!(waited >= BUS_HAS_RULES.limit, "{waited:?}");
    }

    /// All calls of a bus for which EventBridge models ConcurrentModificationException.
    #[tokio::test]
    async fn each_change_of_a_bus_is_made_again_while_another_one_is_under_way() {
        const BUSY: Refusal = ("ConcurrentModificationException", "");
        let bus: Inputs = inputs(&json!({ "name": "b" }));
        let late: &[Late] = &[
            ("CreateEventBus", BUS_IS_BUSY.limit, &[BUSY]),
            ("UpdateEventBus", BUS_IS_BUSY.limit, &[BUSY]),
            ("DeleteEventBus", BUS_HAS_RULES.limit, &[BUSY, ("ValidationException", "since it has rules.")]),
        ];
        let life = async |cx: Cx| {
            wholly(Adapter::<EventBus>::create(&cx, &bus).await?)?;
            let outputs = Outputs { arn: String::new() };
            Adapter::<EventBus>::update(&cx, "b", &bus, &bus, outputs).await?;
            Adapter::<EventBus>::delete(&cx, "b", &bus).await
        };
        is_waited_out(TOKEN, late, done, life).await;
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
        };
        let sent = |old: &Inputs, new: &Inputs| {
            let call = change(&client, old, new).expect("built");
            let queue = call.get_dead_letter_config().as_ref().map(|q| q.arn.clone().unwrap_or_default());
            [call.get_description().clone(), call.get_kms_key_identifier().clone(), queue]
        };
        let text = |text: &str| Some(text.to_owned());
        let (some, none) = (bus(Some("x")), bus(None));
        assert_eq!(sent(&some, &none), [text(""), text(""), text("")], "taken away");
        assert_eq!(sent(&none, &none), [text(""), None, None], "never there");
        assert_eq!(sent(&none, &some), [text("x"), text("x"), text("x")], "given");
    }
}
