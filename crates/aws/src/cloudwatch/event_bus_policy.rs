//! The policy of an EventBridge event bus.
//!
//! Calls: PutPermission, DescribeEventBus, RemovePermission.
//! IAM: `events:` + each of these.
//!
//! - A bus has one policy: this one is all of it.
//! - Two changes of a bus at once are refused with ConcurrentModificationException; the later one is repeated.

use derive::{Outputs, Resource};
use pulumi::provider::{
    adopt::Presence,
    resource::{Created, CustomResource, Error, Kind, Live, Of},
};

use crate::{
    context::Cx,
    document,
    error::{failed, found, gone},
    waits::BUS_IS_BUSY,
};

/// The policy of an EventBridge event bus.
#[derive(Clone, Debug, Resource)]
#[resource(token = "aws:cloudwatch/eventBusPolicy:EventBusPolicy", noun = "event bus policy", handle = EventBusPolicy)]
pub struct Inputs {
    /// Name of the bus.
    #[resource(replace, default = "default")]
    pub event_bus_name: String,
    /// The policy, a JSON document.
    #[resource(json, equal = document::equal)]
    pub policy: String,
}

/// What AWS adds to a policy: nothing.
#[derive(Clone, Debug, Outputs)]
#[resource(handle = EventBusPolicy)]
pub struct Outputs {}

const ABSENT: &[&str] = &["ResourceNotFoundException"];

impl CustomResource for EventBusPolicy {
    type Context = Cx;
    type Inputs = Inputs;
    type Outputs = Outputs;

    const PRESENCE: Presence = Presence::Setting;

    fn id_of(_: &Cx, inputs: &Inputs) -> Option<String> {
        Some(inputs.event_bus_name.clone())
    }

    async fn create(cx: &Cx, inputs: &Inputs) -> Result<Created<Outputs>, Error> {
        put(cx, &inputs.event_bus_name, &inputs.policy).await?;
        Ok(Created::new(&inputs.event_bus_name, Outputs {}))
    }

    async fn read(cx: &Cx, id: &str) -> Result<Option<Live<Inputs, Outputs>>, Error> {
        let Some(bus) = found(cx.clients.events.describe_event_bus().name(id).send().await, ABSENT)? else {
            return Ok(None);
        };
        let policy = bus.policy.filter(|p| !p.is_empty());
        Ok(policy.map(|policy| Live { inputs: Inputs { event_bus_name: id.to_owned(), policy }, outputs: Outputs {} }))
    }

    async fn update(cx: &Cx, id: &str, _: &Inputs, new: &Inputs, outputs: Outputs) -> Result<Outputs, Error> {
        put(cx, id, &new.policy).await?;
        Ok(outputs)
    }

    async fn delete(cx: &Cx, id: &str, _: &Inputs) -> Result<(), Error> {
        let call = cx.clients.events.remove_permission().event_bus_name(id).remove_all_permissions(true);
        gone(BUS_IS_BUSY.out(|| call.clone().send()).await, ABSENT)
    }
}

pub(crate) fn kind() -> Box<dyn Kind<Cx>> {
    Box::new(Of::<EventBusPolicy>::new())
}

async fn put(cx: &Cx, bus: &str, policy: &str) -> Result<(), Error> {
    let call = cx.clients.events.put_permission().event_bus_name(bus).policy(policy);
    BUS_IS_BUSY.out(|| call.clone().send()).await.map(drop).map_err(failed)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stub::{Answer, Stub, done};

    #[tokio::test]
    async fn a_policy_is_put_and_removed_again_while_the_bus_is_busy() {
        let stub = Stub::new(|asked| match asked.before {
            0 => Answer::Refused("ConcurrentModificationException", "busy"),
            _ => done(asked),
        });
        let cx = stub.cx("aws:cloudwatch/eventBusPolicy:EventBusPolicy");
        let policy = Inputs { event_bus_name: "b".to_owned(), policy: "{}".to_owned() };
        Stub::run(async {
            EventBusPolicy::create(&cx, &policy).await.expect("put");
            EventBusPolicy::delete(&cx, "b", &policy).await.expect("removed");
        })
        .await;
        assert_eq!(stub.operations(), ["PutPermission", "PutPermission", "RemovePermission", "RemovePermission"]);
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
