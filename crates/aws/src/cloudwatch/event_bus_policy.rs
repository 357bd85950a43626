//! The policy of an EventBridge event bus.
//!
//! Calls: PutPermission, DescribeEventBus, RemovePermission.
//! IAM: `events:` + each of these.
//!
//! - A bus has one policy: this one is all of it.
//! - Two changes of a bus at once are refused with ConcurrentModificationException; the later one is repeated.

use crate::{prelude::*, waits::BUS_IS_BUSY};

/// The policy of an EventBridge event bus.
#[derive(Clone, Debug, Resource)]
#[resource(token = "aws:cloudwatch/eventBusPolicy:EventBusPolicy", noun = "event bus policy", handle = EventBusPolicy, no_outputs)]
pub struct Inputs {
    /// Name of the bus.
    #[resource(replace, default = "default")]
    pub event_bus_name: String,
    /// The policy, a JSON document.
    #[resource(json, equal = document::equal)]
    pub policy: String,
}

impl Setting for EventBusPolicy {
    const ABSENT: Codes = &["ResourceNotFoundException"];

    fn id_of(inputs: &Inputs) -> String {
        inputs.event_bus_name.clone()
    }

    async fn put(cx: &Cx, _: Option<&Inputs>, new: &Inputs) -> Answer {
        let call = cx.clients.events.put_permission().event_bus_name(&new.event_bus_name).policy(&new.policy);
        propagation::told(&[], || BUS_IS_BUSY.out(|| call.clone().send())).await.done()
    }

    async fn read(cx: &Cx, id: &str) -> Answer<Option<Inputs>> {
        let bus = cx.clients.events.describe_event_bus().name(id).send().await?;
        Ok(given(bus.policy).map(|policy| Inputs { event_bus_name: id.to_owned(), policy }))
    }

    async fn reset(cx: &Cx, id: &str, _: &Inputs) -> Answer {
        let call = cx.clients.events.remove_permission().event_bus_name(id).remove_all_permissions(true);
        BUS_IS_BUSY.out(|| call.clone().send()).await.done()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        stub::{
            done,
            late::{Late, Refusal, TOLD, is_waited_out, wholly},
        },
        testing::{CustomResource as _, Set},
    };

    #[tokio::test]
    async fn a_policy_is_put_and_removed_again_while_the_bus_is_busy_or_whom_it_names_is_new() {
        const CHANGING: &[Refusal] = &[("ConcurrentModificationException", "")];
        let policy = Inputs { event_bus_name: "b".to_owned(), policy: "{}".to_owned() };
        let late: &[Late] = &[
            ("PutPermission", TOLD, &[("ValidationException", "Invalid principal in policy")]),
            ("PutPermission", BUS_IS_BUSY.limit, CHANGING),
            ("RemovePermission", BUS_IS_BUSY.limit, CHANGING),
        ];
        let life = async |cx: Cx| {
            wholly(Set::<EventBusPolicy>::create(&cx, &policy).await?)?;
            Set::<EventBusPolicy>::delete(&cx, "b", &policy).await
        };
        is_waited_out("aws:cloudwatch/eventBusPolicy:EventBusPolicy", late, done, life).await;
    }

    crate::lifecycle! {
        token: "aws:cloudwatch/eventBusPolicy:EventBusPolicy",
        needs: [("aws:cloudwatch/eventBus:EventBus", { "name": "bus-{unique}" })],
        sample: {
            "eventBusName": "${0.name}",
            "policy": "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Sid\":\"Others\",\"Effect\":\"Allow\",\"Principal\":\"*\",\"Action\":\"events:PutEvents\",\"Resource\":\"${0.arn}\",\"Condition\":{\"StringEquals\":{\"aws:PrincipalOrgID\":\"o-acme0fixture\"}}}]}",
        },
        change: {
            "policy": "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Sid\":\"Others\",\"Effect\":\"Allow\",\"Principal\":{\"AWS\":\"arn:aws:iam::111122223333:root\"},\"Action\":\"events:PutEvents\",\"Resource\":\"${0.arn}\"}]}",
        },
    }
}
