//! An archive of an EventBridge event bus.
//!
//! Calls: CreateArchive, DescribeArchive, UpdateArchive, DeleteArchive.
//! IAM: `events:` + each of these, on the archive; `events:CreateArchive` on the bus, too. The rule that AWS makes there
//! (`Events-Archive-..`) is AWS's own: AWS's table of operations and the actions they take names no `events:PutRule` for
//! CreateArchive and UpdateArchive, where it names all the actions of others, such as `iam:PassRole` for PutRule.
//! <https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazoneventbridge.html>, as of 2026-11.
//!
//! - An archive carries no tags: one that exists already is ours when it is of our bus, and not otherwise.
//! - UpdateArchive leaves what it is not given as it is: what is taken away is sent empty.

use aws_sdk_eventbridge::{operation::describe_archive::DescribeArchiveOutput, types::ArchiveState};

use crate::{prelude::*, waits::BUS_IS_BUSY};

/// An archive of an EventBridge event bus.
#[derive(Clone, Debug, Resource)]
#[resource(token = "aws:cloudwatch/eventArchive:EventArchive", noun = "EventBridge archive", handle = EventArchive)]
#[resource(from = DescribeArchiveOutput)]
pub struct Inputs {
    /// Name, up to 48 letters, digits, `.`, `-` and `_`.
    #[resource(replace, autoname, sdk = archive_name)]
    pub name: String,
    /// ARN of the bus whose events it keeps.
    #[resource(replace)]
    pub event_source_arn: String,
    /// What the archive is for.
    #[resource(blank)]
    pub description: Option<String>,
    /// Which events it keeps, a JSON document; absent is all.
    #[resource(json, blank)]
    pub event_pattern: Option<String>,
    /// Days it keeps an event; 0 is for ever.
    #[resource(default = 0)]
    pub retention_days: i32,
    /// Key its events are encrypted with: id, ARN or alias; absent is a key AWS owns.
    #[resource(blank)]
    pub kms_key_identifier: Option<String>,
}

/// What AWS adds to an archive.
#[derive(Clone, Debug, Outputs)]
#[resource(handle = EventArchive)]
pub struct Outputs {
    /// ARN.
    pub arn: String,
}

/// AWS makes an archive in seconds, and takes it away as fast.
const SETTLING: Duration = Duration::from_mins(5);

impl AwsResource for EventArchive {
    const ABSENT: Codes = &["ResourceNotFoundException"];
    const EXISTS: Codes = &["ResourceAlreadyExistsException"];
    const LONGEST_NAME: usize = 48;

    fn ours(_: &Cx, _: &Live<Inputs, Outputs>, _: &Inputs) -> Result<(), String> {
        // that it is of our bus is held against `eventSourceArn`, which cannot be changed
        Ok(())
    }

    async fn create(cx: &Cx, inputs: &Inputs) -> Answer<Created<Outputs>> {
        let call =
            cx.clients.events.create_archive().archive_name(&inputs.name).event_source_arn(&inputs.event_source_arn);
        let call = call.set_description(inputs.description.clone()).set_event_pattern(inputs.event_pattern.clone());
        let call = call.retention_days(inputs.retention_days).set_kms_key_identifier(inputs.kms_key_identifier.clone());
        BUS_IS_BUSY.out(|| call.clone().send()).await?;
        Ok(Created::new(&inputs.name, outputs(cx, &inputs.name)).and(settle(cx, &inputs.name).await))
    }

    async fn read(cx: &Cx, id: &str) -> Answer<Option<Live<Inputs, Outputs>>> {
        let inputs = Inputs { name: id.to_owned(), ..Inputs::from_sdk(describe(cx, id).await?) };
        Ok(Some(Live { inputs, outputs: outputs(cx, id) }))
    }

    async fn update(cx: &Cx, id: &str, old: &Inputs, new: &Inputs, outputs: Outputs) -> Answer<Outputs> {
        let call = cx.clients.events.update_archive().archive_name(id).retention_days(new.retention_days);
        let call = call
            .set_description(or_empty(old.description.as_ref(), new.description.as_ref()))
            .set_event_pattern(or_empty(old.event_pattern.as_ref(), new.event_pattern.as_ref()))
            .set_kms_key_identifier(or_empty(old.kms_key_identifier.as_ref(), new.kms_key_identifier.as_ref()));
        BUS_IS_BUSY.out(|| call.clone().send()).await?;
        settle(cx, id).await?;
        Ok(outputs)
    }

    async fn delete(cx: &Cx, id: &str, _: &Inputs) -> Answer {
        let call = cx.clients.events.delete_archive().archive_name(id);
        BUS_IS_BUSY.out(|| call.clone().send()).await?;
        // its rule is in the way of the bus until it is gone
        let left = || async { Ok(describe(cx, id).await.found(Self::ABSENT)?.is_none().then_some(())) };
        waits::until(SETTLING, "to go", left).await
    }
}

fn outputs(cx: &Cx, name: &str) -> Outputs {
    Outputs { arn: cx.arn("events", &format!("archive/{name}")) }
}

async fn describe(cx: &Cx, name: &str) -> Answer<DescribeArchiveOutput> {
    cx.clients.events.describe_archive().archive_name(name).send().await.answer()
}

/// Waits until AWS has made or changed it.
async fn settle(cx: &Cx, name: &str) -> Answer {
    let ask = || async { settled(describe(cx, name).await?) };
    waits::until(SETTLING, "to be made or changed", ask).await
}

/// Whether AWS has come to an end with it; `None` is "not yet".
fn settled(archive: DescribeArchiveOutput) -> Answer<Option<()>> {
    match archive.state {
        Some(ArchiveState::Creating | ArchiveState::Updating) => Ok(None),
        Some(state @ (ArchiveState::CreateFailed | ArchiveState::UpdateFailed)) => {
            let reason = archive.state_reason.unwrap_or_else(|| "AWS gave no reason".to_owned());
            Err(Error::new(format!("{state}: {reason}")).into())
        }
        _ => Ok(Some(())),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::{
        stub::{
            self, Answer, Asked, Stub, done,
            late::{Late, Refusal, is_waited_out, wholly},
        },
        testing::{Adapter, CustomResource as _},
    };

    crate::lifecycle! {
        token: "aws:cloudwatch/eventArchive:EventArchive",
        needs: [("aws:cloudwatch/eventBus:EventBus", { "name": "bus-{unique}" })],
        sample: { "name": "archive-{unique}", "eventSourceArn": "${0.arn}", "retentionDays": 30, "eventPattern": "{\"source\": [\"acme\"]}" },
        change: { "retentionDays": 60, "description": "events of two months" },
    }

    #[tokio::test]
    async fn each_change_is_made_again_while_the_bus_is_busy_and_a_deleted_one_is_waited_for() {
        let stub = Stub::new(|asked| match (asked.operation.as_str(), asked.before) {
            ("DescribeArchive", 0..2 | 4..7) => Answer::Json(json!({ "ArchiveName": "a", "State": "CREATING" })),
            ("DescribeArchive", 2..4) => Answer::Json(json!({ "ArchiveName": "a", "State": "ENABLED" })),
            ("DescribeArchive", _) => Answer::Refused("ResourceNotFoundException", "Archive a does not exist."),
            (_, 0) => Answer::Refused("ConcurrentModificationException", "busy"),
            _ => done(asked),
        });
        let cx = stub.cx("aws:cloudwatch/eventArchive:EventArchive");
        let archive: Inputs = stub::inputs(&json!({ "name": "a", "eventSourceArn": "arn" }));
        let made = Stub::run(Adapter::<EventArchive>::create(&cx, &archive)).await.0.expect("made");
        assert_eq!(made.incomplete, None);
        let outputs = Outputs { arn: String::new() };
        Stub::run(Adapter::<EventArchive>::update(&cx, "a", &archive, &archive, outputs)).await.0.expect("changed");
        Stub::run(Adapter::<EventArchive>::delete(&cx, "a", &archive)).await.0.expect("deleted");
        assert_eq!(stub.asked("DeleteArchive").len(), 2);
        assert_eq!(stub.asked("DescribeArchive").len(), 8, "it is asked for until there is none");
    }

    #[tokio::test]
    async fn the_bus_may_be_busy_for_so_long_and_no_longer() {
        const TOKEN: &str = "aws:cloudwatch/eventArchive:EventArchive";
        const BUSY: &[Refusal] = &[("ConcurrentModificationException", "")];
        let archive: Inputs = stub::inputs(&json!({ "name": "a", "eventSourceArn": "arn" }));
        let limit = BUS_IS_BUSY.limit;
        let late: &[Late] = &[("CreateArchive", limit, BUSY), ("UpdateArchive", limit, BUSY)];
        let put = async |cx: Cx| {
            wholly(Adapter::<EventArchive>::create(&cx, &archive).await?)?;
            let outputs = Outputs { arn: String::new() };
            Adapter::<EventArchive>::update(&cx, "a", &archive, &archive, outputs).await.map(drop)
        };
        is_waited_out(TOKEN, late, done, put).await;
        let gone = |asked: &Asked| match asked.operation.as_str() {
            "DescribeArchive" => Answer::Refused("ResourceNotFoundException", "Archive a does not exist."),
            _ => done(asked),
        };
        let delete = async |cx: Cx| Adapter::<EventArchive>::delete(&cx, "a", &archive).await;
        is_waited_out(TOKEN, &[("DeleteArchive", limit, BUSY)], gone, delete).await;
    }

    #[tokio::test]
    async fn it_is_not_its_own_replacement() {
        crate::testing::is_not_its_own_replacement(sample()).await;
    }

    #[test]
    fn waiting_ends_when_aws_has_come_to_an_end() {
        let in_state = |state: &str| {
            let archive = DescribeArchiveOutput::builder().state(state.into()).state_reason("no such key").build();
            settled(archive).map_err(|refusal| Error::from(refusal).message)
        };
        assert_eq!(
            (in_state("CREATING"), in_state("UPDATING"), in_state("ENABLED")),
            (Ok(None), Ok(None), Ok(Some(())))
        );
        assert_eq!(in_state("CREATE_FAILED"), Err("CREATE_FAILED: no such key".to_owned()));
    }

    #[test]
    fn generated_names_have_48_characters_at_most() {
        let fit = |name: String| <EventArchive as AwsResource>::fit_name(&Map::new(), name);
        assert_eq!(fit(format!("{}-1234567", "a".repeat(60))), format!("{}-1234567", "a".repeat(40)));
        assert_eq!(fit("archive-1234567".to_owned()), "archive-1234567");
    }
}
