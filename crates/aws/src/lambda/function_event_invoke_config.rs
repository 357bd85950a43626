//! What becomes of a function's asynchronous events: how often they are tried, and where they go then.
//!
//! Calls: PutFunctionEventInvokeConfig, GetFunctionEventInvokeConfig, DeleteFunctionEventInvokeConfig.
//! IAM: `lambda:` + each of these. The function's role needs the right to send to the destinations: Lambda looks, and a
//! right that is new may be late.
//!
//! - The id is the function, and `:` and the qualifier where there is one, as with the official provider.
//! - A put without a property takes it away.

use aws_sdk_lambda::{operation::get_function_event_invoke_config::GetFunctionEventInvokeConfigOutput, types};

use super::function::qualified;
use crate::{
    prelude::*,
    waits::{FUNCTION_IS_BUSY, FUNCTION_IS_NEW},
};

/// What becomes of a function's asynchronous events.
#[derive(Clone, Debug, Resource)]
#[resource(
    token = "aws:lambda/functionEventInvokeConfig:FunctionEventInvokeConfig",
    noun = "event invoke config of function",
    handle = FunctionEventInvokeConfig,
    no_outputs,
    from = GetFunctionEventInvokeConfigOutput
)]
pub struct Inputs {
    /// Where events go at the end.
    pub destination_config: Option<DestinationConfig>,
    /// Name or ARN of the function, without version or alias.
    #[resource(replace, own)]
    pub function_name: String,
    /// Seconds after which Lambda gives up an event, 60 to 21600; AWS's default is 21600.
    #[resource(blank)]
    pub maximum_event_age_in_seconds: Option<i32>,
    /// How often an event is tried again that the function fails on, 0 to 2.
    #[resource(default = 2)]
    pub maximum_retry_attempts: i32,
    /// Version or alias of the function, or `$LATEST`.
    #[resource(replace, own)]
    pub qualifier: Option<String>,
}

/// Where events go at the end.
#[derive(Clone, Debug, PartialEq, Eq, Shape)]
#[resource(name = "FunctionEventInvokeConfigDestinationConfig", sdk = types::DestinationConfig)]
pub struct DestinationConfig {
    /// Where those go that failed.
    pub on_failure: Option<OnFailure>,
    /// Where those go that went well.
    pub on_success: Option<OnSuccess>,
}

/// Where failed events go.
#[derive(Clone, Debug, PartialEq, Eq, Shape)]
#[resource(name = "FunctionEventInvokeConfigDestinationConfigOnFailure", sdk = types::OnFailure)]
pub struct OnFailure {
    /// ARN of a queue, a topic, a bucket, a bus or a function.
    pub destination: String,
}

/// Where other events go.
#[derive(Clone, Debug, PartialEq, Eq, Shape)]
#[resource(name = "FunctionEventInvokeConfigDestinationConfigOnSuccess", sdk = types::OnSuccess)]
pub struct OnSuccess {
    /// ARN of a queue, a topic, a bus or a function.
    pub destination: String,
}

impl Setting for FunctionEventInvokeConfig {
    const ABSENT: Codes = &["ResourceNotFoundException"];

    fn id_of(inputs: &Inputs) -> String {
        qualified::joined(&inputs.function_name, inputs.qualifier.as_deref())
    }

    async fn put(cx: &Cx, _: Option<&Inputs>, new: &Inputs) -> Answer {
        let call = cx.clients.lambda.put_function_event_invoke_config().function_name(&new.function_name);
        let call = call
            .set_qualifier(new.qualifier.clone())
            .set_destination_config(new.destination_config.to_sdk()?)
            .set_maximum_event_age_in_seconds(new.maximum_event_age_in_seconds)
            .maximum_retry_attempts(new.maximum_retry_attempts);
        let send = || propagation::told(&[], || call.clone().send());
        FUNCTION_IS_BUSY.out(|| FUNCTION_IS_NEW.out(send)).await.done()
    }

    async fn read(cx: &Cx, id: &str) -> Answer<Option<Inputs>> {
        let (function, qualifier) = qualified::split(id);
        let call = cx.clients.lambda.get_function_event_invoke_config().function_name(function);
        let live = call.set_qualifier(qualifier.map(str::to_owned)).send().await?;
        let mut inputs = Inputs::from_sdk(live);
        // Lambda shows destinations that are not there
        if let Some(DestinationConfig { on_failure, on_success }) = inputs.destination_config.take() {
            let on_failure = on_failure.filter(|to| !to.destination.is_empty());
            let on_success = on_success.filter(|to| !to.destination.is_empty());
            let is_some = on_failure.is_some() || on_success.is_some();
            inputs.destination_config = is_some.then_some(DestinationConfig { on_failure, on_success });
        }
        function.clone_into(&mut inputs.function_name);
        inputs.qualifier = qualifier.map(str::to_owned);
        Ok(Some(inputs))
    }

    async fn reset(cx: &Cx, id: &str, _: &Inputs) -> Answer {
        let (function, qualifier) = qualified::split(id);
        let call = cx.clients.lambda.delete_function_event_invoke_config().function_name(function);
        let call = call.set_qualifier(qualifier.map(str::to_owned));
        FUNCTION_IS_BUSY.out(|| call.clone().send()).await.done()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::{
        stub::{
            Answer, Stub, done, inputs,
            late::{FUNCTION_IS_CHANGING, FUNCTION_IS_UNKNOWN, Late, Refusal, TOLD, is_waited_out, wholly},
        },
        testing::{CustomResource as _, Set},
    };

    const TOKEN: &str = "aws:lambda/functionEventInvokeConfig:FunctionEventInvokeConfig";
    const TRUST: &str = r#"{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}]}"#;
    const SENDS: &str = r#"{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sqs:SendMessage", "Resource": "*"}]}"#;

    crate::lifecycle! {
        token: "aws:lambda/functionEventInvokeConfig:FunctionEventInvokeConfig",
        needs: [
            ("aws:iam/role:Role", { "name": "events-{unique}", "assumeRolePolicy": TRUST }),
            ("aws:iam/rolePolicy:RolePolicy", { "name": "sends", "role": "${0.name}", "policy": SENDS }),
            ("aws:sqs/queue:Queue", { "name": "failed-{unique}" }),
            ("aws:lambda/function:Function", {
                "name": "events-{unique}", "role": "${0.arn}", "runtime": "python3.13", "handler": "index.handler",
                "code": { "$archive": { "index.py": "def handler(event, context):\n    return 1\n" } },
            }),
        ],
        sample: {
            "functionName": "${3.name}",
            "maximumEventAgeInSeconds": 3600,
            "destinationConfig": { "onFailure": { "destination": "${2.arn}" } },
        },
        change: { "maximumRetryAttempts": 0, "maximumEventAgeInSeconds": 60 },
    }

    #[tokio::test]
    async fn a_right_that_has_not_spread_and_a_new_function_are_waited_for() {
        let stub = Stub::new(|asked| match asked.before {
            0 => Answer::Refused("ResourceNotFoundException", "Function not found: f"),
            1 => Answer::Refused("InvalidParameterValueException", "The destination ARN arn:q is invalid."),
            2 => Answer::Refused(
                "InvalidParameterValueException",
                "The function's execution role does not have permissions to call SendMessage on arn:q",
            ),
            _ => done(asked),
        });
        let wanted = inputs(&json!({ "functionName": "f", "qualifier": "live", "maximumRetryAttempts": 0 }));
        let (made, _) = Stub::run(Set::<FunctionEventInvokeConfig>::create(&stub.cx(TOKEN), &wanted)).await;
        assert_eq!(made.expect("put").id, "f:live");
        assert_eq!(stub.asked("PutFunctionEventInvokeConfig")[3], json!({ "MaximumRetryAttempts": 0 }));
    }

    #[tokio::test]
    async fn a_config_is_put_and_removed_again_while_the_function_is_being_changed() {
        const UNTOLD: &[Refusal] = &[
            ("InvalidParameterValueException", "The destination ARN arn:q is invalid."),
            (
                "InvalidParameterValueException",
                "The function's execution role does not have permissions to call SendMessage",
            ),
        ];
        let config: Inputs = inputs(&json!({ "functionName": "f", "qualifier": "live" }));
        let late: &[Late] = &[
            ("PutFunctionEventInvokeConfig", TOLD, UNTOLD),
            ("PutFunctionEventInvokeConfig", FUNCTION_IS_NEW.limit, FUNCTION_IS_UNKNOWN),
            ("PutFunctionEventInvokeConfig", FUNCTION_IS_BUSY.limit, FUNCTION_IS_CHANGING),
            ("DeleteFunctionEventInvokeConfig", FUNCTION_IS_BUSY.limit, FUNCTION_IS_CHANGING),
        ];
        let life = async |cx: Cx| {
            wholly(Set::<FunctionEventInvokeConfig>::create(&cx, &config).await?)?;
            Set::<FunctionEventInvokeConfig>::delete(&cx, "f:live", &config).await
        };
        is_waited_out(TOKEN, late, done, life).await;
    }

    #[tokio::test]
    async fn a_destination_that_lambda_shows_empty_is_none() {
        let shown = |config: serde_json::Value| {
            Stub::new(move |_| Answer::Json(json!({ "MaximumRetryAttempts": 1, "DestinationConfig": config })))
        };
        let stub = shown(json!({ "OnFailure": { "Destination": null }, "OnSuccess": {} }));
        let read = |stub: std::sync::Arc<Stub>| async move {
            let cx = stub.cx(TOKEN);
            Stub::run(Set::<FunctionEventInvokeConfig>::read(&cx, "f:live"))
                .await
                .0
                .expect("read")
                .expect("there")
                .inputs
        };
        let live = read(stub).await;
        assert_eq!((live.function_name.as_str(), live.qualifier.as_deref()), ("f", Some("live")));
        assert_eq!((live.destination_config, live.maximum_retry_attempts), (None, 1));
        let live = read(shown(json!({ "OnFailure": { "Destination": "q" }, "OnSuccess": {} }))).await;
        let config = live.destination_config.expect("one");
        assert_eq!((config.on_failure, config.on_success), (Some(OnFailure { destination: "q".to_owned() }), None));
    }
}
