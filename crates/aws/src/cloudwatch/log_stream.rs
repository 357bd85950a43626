//! A log stream of a CloudWatch Logs log group.
//!
//! Calls: CreateLogStream, DescribeLogStreams, DeleteLogStream. IAM: `logs:` + each of these.
//!
//! - Its id is its name, as the official provider's; an import names `<group>:<stream>`: neither may hold a colon.
//! - It carries no tags and has nothing but a name: one that exists in the group is taken for this one.

use super::log_group::{ABSENT, BUSY};
use crate::prelude::*;

/// A log stream of a CloudWatch Logs log group.
#[derive(Clone, Debug, Resource)]
#[resource(token = "aws:cloudwatch/logStream:LogStream", noun = "log stream", handle = LogStream)]
pub struct Inputs {
    /// Name, up to 512 characters, no `:` and no `*`.
    #[resource(replace, autoname)]
    pub name: String,
    /// Name of the log group it is of.
    #[resource(replace)]
    pub log_group_name: String,
}

/// Outputs of a log stream.
#[derive(Clone, Debug, Outputs)]
#[resource(handle = LogStream)]
pub struct Outputs {
    /// ARN.
    pub arn: String,
}

impl AwsResource for LogStream {
    const ABSENT: Codes = ABSENT;
    const EXISTS: Codes = &["ResourceAlreadyExistsException"];
    const PRESENCE: Presence = Presence::Setting;
    const UPDATES: bool = false;

    fn id_of(_: &Cx, inputs: &Inputs) -> Option<String> {
        Some(format!("{}:{}", inputs.log_group_name, inputs.name))
    }

    fn own_id(given: &str) -> &str {
        given.rsplit_once(':').map_or(given, |(_, name)| name)
    }

    /// A stream has nothing that could differ.
    fn ours(_: &Cx, _: &Live<Inputs, Outputs>, _: &Inputs) -> Result<(), String> {
        Ok(())
    }

    async fn identify(cx: &Cx, id: &str, olds: Option<&Inputs>) -> Answer<Option<String>> {
        Ok(olds.map_or_else(|| Some(id.to_owned()), |olds| Self::id_of(cx, olds)))
    }

    async fn create(cx: &Cx, inputs: &Inputs) -> Answer<Created<Outputs>> {
        let (group, name) = (&inputs.log_group_name, &inputs.name);
        let call = cx.clients.logs.create_log_stream().log_group_name(group).log_stream_name(name);
        // the group may have been made a moment ago
        recovery::settled(&[BUSY, ABSENT].concat(), || call.clone().send()).await?;
        Ok(Created::new(name, Outputs { arn: arn(cx, group, name) }))
    }

    async fn read(cx: &Cx, id: &str) -> Answer<Option<Live<Inputs, Outputs>>> {
        let (group, name) = parts(id)?;
        let call = cx.clients.logs.describe_log_streams().log_group_name(group).log_stream_name_prefix(name);
        let mut streams = call.into_paginator().items().send();
        while let Some(stream) = streams.next().await {
            let stream = stream?;
            if stream.log_stream_name.as_deref() == Some(name) {
                let inputs = Inputs { name: name.to_owned(), log_group_name: group.to_owned() };
                let arn = stream.arn.unwrap_or_else(|| arn(cx, group, name));
                return Ok(Some(Live { inputs, outputs: Outputs { arn } }));
            }
        }
        Ok(None)
    }

    async fn delete(cx: &Cx, _: &str, inputs: &Inputs) -> Answer {
        let call = cx.clients.logs.delete_log_stream().log_group_name(&inputs.log_group_name);
        let call = call.log_stream_name(&inputs.name);
        recovery::settled(BUSY, || call.clone().send()).await.done()
    }
}

/// Group and stream in the form that an import names.
fn parts(id: &str) -> Answer<(&str, &str)> {
    let form = "give <name of the log group>:<name of the stream>";
    resource::parts(id, ':', "does not say which log stream of which group", form)
}

fn arn(cx: &Cx, group: &str, name: &str) -> String {
    cx.arn("logs", &format!("log-group:{group}:log-stream:{name}"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::{
        stub::{
            done, inputs,
            late::{Late, Refusal, SETTLED, is_waited_out, wholly},
        },
        testing::{Adapter, CustomResource as _},
    };

    #[tokio::test]
    async fn a_stream_waits_for_its_new_group_and_for_other_changes_of_it() {
        const CHANGING: Refusal = ("OperationAbortedException", "");
        let stream: Inputs = inputs(&json!({ "name": "s", "logGroupName": "g" }));
        let late: &[Late] = &[
            ("CreateLogStream", SETTLED, &[CHANGING, ("ResourceNotFoundException", "")]),
            ("DeleteLogStream", SETTLED, &[CHANGING]),
        ];
        let life = async |cx: Cx| {
            wholly(Adapter::<LogStream>::create(&cx, &stream).await?)?;
            Adapter::<LogStream>::delete(&cx, "s", &stream).await
        };
        is_waited_out("aws:cloudwatch/logStream:LogStream", late, done, life).await;
    }

    crate::lifecycle! {
        token: "aws:cloudwatch/logStream:LogStream",
        needs: [
            ("aws:cloudwatch/logGroup:LogGroup", { "name": "/streams/{unique}" }),
            // its name begins with the sample's
            ("aws:cloudwatch/logStream:LogStream", { "name": "delivery-errors", "logGroupName": "${0.id}" }),
        ],
        sample: { "name": "delivery", "logGroupName": "${0.id}" },
        import: "${0.id}:delivery",
    }

    #[test]
    fn an_import_names_group_and_stream() {
        assert_eq!(parts("/acme/dev:delivery/1"), Ok(("/acme/dev", "delivery/1")));
        assert!(parts("delivery").is_err());
    }
}
