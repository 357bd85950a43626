//! A log stream of a CloudWatch Logs log group.
//!
//! Calls: CreateLogStream, DescribeLogStreams, DeleteLogStream. IAM: `logs:` + each of these.
//!
//! - Its id is its name, as the official provider's; an import names `<group>:<stream>`: neither may hold a colon.
//! - It carries no tags and has nothing but a name: one that exists in the group is taken for this one.

use aws_sdk_cloudwatchlogs::types::LogStream as SdkLogStream;
use derive::{Outputs, Resource};
use pulumi::provider::{
    adopt::Presence,
    resource::{Created, CustomResource, Error, Kind, Live, Of},
};

use super::log_group::{ABSENT, BUSY};
use crate::{
    context::Cx,
    error::{code, failed, gone},
    recovery,
};

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

/// What AWS adds to a log stream.
#[derive(Clone, Debug, Outputs)]
#[resource(handle = LogStream)]
pub struct Outputs {
    /// ARN.
    pub arn: String,
}

impl CustomResource for LogStream {
    type Context = Cx;
    type Inputs = Inputs;
    type Outputs = Outputs;
    const UPDATES: bool = false;
    const PRESENCE: Presence = Presence::Setting;

    fn id_of(_: &Cx, inputs: &Inputs) -> Option<String> {
        Some(format!("{}:{}", inputs.log_group_name, inputs.name))
    }

    async fn create(cx: &Cx, inputs: &Inputs) -> Result<Created<Outputs>, Error> {
        let (group, name) = (&inputs.log_group_name, &inputs.name);
        let call = cx.clients.logs.create_log_stream().log_group_name(group).log_stream_name(name);
        // the group may have been made a moment ago
        match recovery::settled(&[BUSY, ABSENT].concat(), || call.clone().send()).await {
            Ok(_) => {}
            Err(failure) if code(&failure) == Some("ResourceAlreadyExistsException") => {
                cx.log.info(&cx.urn, &format!("log stream `{name}` of `{group}` exists already: taken as it is")).await;
            }
            Err(failure) => return Err(failed(failure)),
        }
        Ok(Created::new(name, Outputs { arn: arn(cx, group, name) }))
    }

    fn own_id(given: &str) -> &str {
        given.rsplit_once(':').map_or(given, |(_, name)| name)
    }

    async fn identify(_: &Cx, id: &str, olds: Option<&Inputs>) -> Result<Option<String>, Error> {
        Ok(Some(olds.map_or_else(|| id.to_owned(), |olds| format!("{}:{}", olds.log_group_name, olds.name))))
    }

    async fn read(cx: &Cx, id: &str) -> Result<Option<Live<Inputs, Outputs>>, Error> {
        let (group, name) = parts_of(id)?;
        let Some(stream) = find(cx, group, name).await? else { return Ok(None) };
        let inputs = Inputs { name: name.to_owned(), log_group_name: group.to_owned() };
        Ok(Some(Live { inputs, outputs: Outputs { arn: stream.arn.unwrap_or_else(|| arn(cx, group, name)) } }))
    }

    async fn delete(cx: &Cx, _: &str, inputs: &Inputs) -> Result<(), Error> {
        let (group, name) = (&inputs.log_group_name, &inputs.name);
        let call = cx.clients.logs.delete_log_stream().log_group_name(group).log_stream_name(name);
        gone(recovery::settled(BUSY, || call.clone().send()).await, ABSENT)
    }
}

pub(crate) fn kind() -> Box<dyn Kind<Cx>> {
    Box::new(Of::<LogStream>::new())
}

/// Group and stream in the form that an import names.
fn parts_of(id: &str) -> Result<(&str, &str), Error> {
    id.split_once(':').ok_or_else(|| {
        Error::new(format!("`{id}` does not say which log stream of which group"))
            .hint("give <name of the log group>:<name of the stream>")
    })
}

fn arn(cx: &Cx, group: &str, name: &str) -> String {
    cx.arn("logs", &format!("log-group:{group}:log-stream:{name}"))
}

async fn find(cx: &Cx, group: &str, name: &str) -> Result<Option<SdkLogStream>, Error> {
    let call = cx.clients.logs.describe_log_streams().log_group_name(group).log_stream_name_prefix(name);
    let mut streams = call.into_paginator().items().send();
    while let Some(stream) = streams.next().await {
        match stream {
            Ok(stream) if stream.log_stream_name.as_deref() == Some(name) => return Ok(Some(stream)),
            Ok(_) => {}
            Err(failure) if code(&failure).is_some_and(|c| ABSENT.contains(&c)) => return Ok(None),
            Err(failure) => return Err(failed(failure)),
        }
    }
    Ok(None)
}

#[cfg(test)]
mod tests {

    use super::*;

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
        assert_eq!(parts_of("/acme/dev:delivery/1"), Ok(("/acme/dev", "delivery/1")));
        assert!(parts_of("delivery").is_err());
    }
}
