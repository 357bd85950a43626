//! An Internet gateway, and its attachment to a VPC.
//!
//! Calls: CreateInternetGateway, DescribeInternetGateways, AttachInternetGateway, DetachInternetGateway,
//! DeleteInternetGateway, CreateTags, DeleteTags, DescribeTags. IAM: `ec2:` + each of these.
//!
//! - Gateways may exist twice, so one is looked for before it is made (see `recovery`).
//! - AWS lets go of a gateway when nothing in the VPC has a public address any more, and deletes none that is attached:
//!   <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DetachInternetGateway.html>

use aws_sdk_ec2::types::{InternetGateway as SdkGateway, ResourceType};

use super::vpc::{self, SETTLING, unused};
use crate::{
    prelude::*,
    tags::{
        Ec2Thing,
        ec2::{filter, lost, specification},
    },
};

/// An Internet gateway.
#[derive(Clone, Debug, Resource)]
#[resource(token = "aws:ec2/internetGateway:InternetGateway", noun = "Internet gateway", handle = InternetGateway, tags)]
pub struct Inputs {
    /// Id of the VPC it is attached to; absent leaves that to others.
    #[resource(computed, told)]
    pub vpc_id: Option<String>,
}

/// What AWS adds to an Internet gateway.
#[derive(Clone, Debug, Outputs)]
#[resource(handle = InternetGateway)]
pub struct Outputs {
    /// ARN.
    pub arn: String,
    /// Account that owns it.
    pub owner_id: String,
}

const ABSENT: Codes = &["InvalidInternetGatewayID.NotFound"];
/// How long public addresses and load balancers may take to let go of it.
const DETACHING: Duration = Duration::from_mins(15);

impl AwsResource for InternetGateway {
    const ABSENT: Codes = ABSENT;

    fn tagged(_: &Cx, id: &str) -> Tagged {
        Box::new(Ec2Thing(id.to_owned()))
    }

    fn is_id(text: &str) -> bool {
        text.starts_with("igw-")
    }

    /// A VPC has one at most.
    async fn existing(cx: &Cx, inputs: &Inputs) -> Answer<Option<String>> {
        let Some(vpc) = &inputs.vpc_id else { return Ok(None) };
        let call = cx.clients.ec2.describe_internet_gateways().filters(filter("attachment.vpc-id", vpc));
        let gateways = call.into_paginator().items().send().collect::<Result<Vec<_>, _>>().await?;
        Ok(gateways.into_iter().find_map(|gateway| gateway.internet_gateway_id))
    }

    async fn create(cx: &Cx, inputs: &Inputs) -> Answer<Created<Outputs>> {
        let call = cx.clients.unrepeated().ec2.create_internet_gateway();
        let call = call.tag_specifications(specification(cx, ResourceType::InternetGateway));
        let create = || async { Ok(call.clone().send().await?.internet_gateway) };
        let list = |identity| {
            cx.clients.ec2.describe_internet_gateways().filters(identity).into_paginator().items().send().collect()
        };
        let find = |look| lost(cx, look, list, |gateway: &SdkGateway| gateway.internet_gateway_id.as_ref());
        let (gateway, existed) = resource::once(cx, "CreateInternetGateway", create, find).await?;
        let id = gateway.internet_gateway_id.clone().unwrap_or_default();
        Ok(Created::new(&id, outputs(cx, &id, &gateway)).and(finish(cx, &id, existed, inputs).await))
    }

    async fn read(cx: &Cx, id: &str) -> Answer<Option<Live<Inputs, Outputs>>> {
        let Some(gateway) = describe(cx, id).await? else { return Ok(None) };
        let inputs = Inputs { vpc_id: attached(&gateway) };
        Ok(Some(Live { inputs, outputs: outputs(cx, id, &gateway) }))
    }

    async fn update(cx: &Cx, id: &str, _: &Inputs, new: &Inputs, outputs: Outputs) -> Answer<Outputs> {
        if let Some(vpc) = &new.vpc_id {
            attach(cx, id, vpc).await?;
        }
        Ok(outputs)
    }

    async fn delete(cx: &Cx, id: &str, _: &Inputs) -> Answer {
        let Some(gateway) = describe(cx, id).await? else { return Ok(()) };
        if let Some(vpc) = attached(&gateway) {
            detach(cx, id, &vpc).await?;
        }
        let call = cx.clients.ec2.delete_internet_gateway().internet_gateway_id(id);
        unused(cx, DETACHING, || call.clone().send()).await.done()
    }
}

fn outputs(cx: &Cx, id: &str, gateway: &SdkGateway) -> Outputs {
    Outputs {
        arn: cx.arn("ec2", &format!("internet-gateway/{id}")),
        owner_id: gateway.owner_id.clone().unwrap_or_else(|| cx.caller.account.clone()),
    }
}

async fn describe(cx: &Cx, id: &str) -> Answer<Option<SdkGateway>> {
    let answer = cx.clients.ec2.describe_internet_gateways().internet_gateway_ids(id).send().await.found(ABSENT)?;
    Ok(answer.and_then(|answer| answer.internet_gateways).unwrap_or_default().into_iter().next())
}

/// The VPC it is attached to. Of these attachments AWS says `available`, which is no state its SDK knows.
fn attached(gateway: &SdkGateway) -> Option<String> {
    let on = |state: &str| matches!(state, "available" | "attached" | "attaching");
    let attachments = gateway.attachments.iter().flatten();
    attachments.filter(|a| a.state.as_ref().is_some_and(|s| on(s.as_str()))).find_map(|a| a.vpc_id.clone())
}

async fn finish(cx: &Cx, id: &str, existed: bool, inputs: &Inputs) -> Answer {
    if existed {
        resource::claim_found::<InternetGateway>(cx, id).await?;
    }
    waits::until(SETTLING, "to be there", || describe(cx, id)).await?;
    match &inputs.vpc_id {
        Some(vpc) => attach(cx, id, vpc).await,
        None => Ok(()),
    }
}

/// Attaches it to this VPC, and to no other.
async fn attach(cx: &Cx, id: &str, vpc: &str) -> Answer {
    let there = async || Ok::<_, Refusal>(describe(cx, id).await?.as_ref().and_then(attached));
    match there().await? {
        Some(other) if other != vpc => detach(cx, id, &other).await?,
        Some(_) => return Ok(()),
        None => {}
    }
    let call = cx.clients.ec2.attach_internet_gateway().internet_gateway_id(id).vpc_id(vpc);
    let young = [ABSENT, vpc::ABSENT].concat();
    match recovery::settled(&young, || call.clone().send()).await.within(&format!("attaching it to {vpc}")) {
        Ok(_) => {}
        // repeated by the SDK, it may find that its first attempt did it
        Err(refusal) if refusal.is(&["Resource.AlreadyAssociated"]) && there().await?.as_deref() == Some(vpc) => {}
        Err(refusal) => return Err(refusal),
    }
    let attached = || async { Ok(there().await?.filter(|v| v == vpc)) };
    waits::until(SETTLING, "to be attached", attached).await.done()
}

async fn detach(cx: &Cx, id: &str, vpc: &str) -> Answer {
    let call = cx.clients.ec2.detach_internet_gateway().internet_gateway_id(id).vpc_id(vpc);
    let absent = [&["Gateway.NotAttached"], ABSENT, vpc::ABSENT].concat();
    let detached = unused(cx, DETACHING, || call.clone().send()).await;
    detached.gone(&absent).within(&format!("detaching it from {vpc}"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::{
        stub::{
            Answer, Asked, Stub, done, inputs,
            late::{Late, Refusal, SETTLED, is_waited_out},
        },
        testing::{Adapter, CustomResource as _},
    };

    #[tokio::test]
    async fn a_new_gateway_is_waited_for_until_it_is_attached() {
        let stub = Stub::new(|asked| {
            let gateway = "<internetGatewayId>igw-1</internetGatewayId>";
            let listed = |inside: &str| {
                Answer::Xml(format!("<internetGatewaySet><item>{gateway}{inside}</item></internetGatewaySet>"))
            };
            let attached = "<attachmentSet><item><vpcId>vpc-1</vpcId><state>available</state></item></attachmentSet>";
            match (asked.operation.as_str(), asked.before) {
                ("CreateInternetGateway", _) => Answer::Xml(format!("<internetGateway>{gateway}</internetGateway>")),
                ("AttachInternetGateway", 0) => Answer::Refused("InvalidVpcID.NotFound", "not yet"),
                ("AttachInternetGateway", 1) => Answer::Refused("InvalidInternetGatewayID.NotFound", "not yet"),
                ("DescribeInternetGateways", 0..2 | 3 | 5) => {
                    Answer::Refused("InvalidInternetGatewayID.NotFound", "not yet")
                }
                ("DescribeInternetGateways", 2 | 4) => listed(""),
                ("DescribeInternetGateways", _) => listed(attached),
                _ => done(asked),
            }
        });
        let cx = stub.cx("aws:ec2/internetGateway:InternetGateway");
        let gateway: Inputs = inputs(&json!({ "vpcId": "vpc-1" }));
        let made = Stub::run(Box::pin(Adapter::<InternetGateway>::create(&cx, &gateway))).await.0.expect("made");
        assert_eq!((made.incomplete, stub.asked("AttachInternetGateway").len()), (None, 3));
        assert_eq!(stub.asked("DescribeInternetGateways").len(), 7);
    }

    #[tokio::test]
    async fn a_gateway_is_attached_when_ec2_knows_both_and_goes_when_nothing_uses_it() {
        /// A gateway that is attached from some look on.
        fn ec2(attached_at: usize) -> impl Fn(&Asked) -> Answer + Clone + Send + Sync + 'static {
            move |asked: &Asked| match asked.operation.as_str() {
                "DescribeInternetGateways" => {
                    let state = if asked.before < attached_at { "detached" } else { "available" };
                    Answer::Xml(format!(
                        "<internetGatewaySet><item><internetGatewayId>igw-1</internetGatewayId><attachmentSet><item>\
                         <vpcId>vpc-1</vpcId><state>{state}</state></item></attachmentSet></item></internetGatewaySet>"
                    ))
                }
                _ => done(asked),
            }
        }
        const TOKEN: &str = "aws:ec2/internetGateway:InternetGateway";
        const USED: &[Refusal] = &[("DependencyViolation", "")];
        let gateway: Inputs = inputs(&json!({ "vpcId": "vpc-1" }));
        let young: &[Refusal] = &[("InvalidInternetGatewayID.NotFound", ""), ("InvalidVpcID.NotFound", "")];
        let attached = async |cx: Cx| Ok(attach(&cx, "igw-1", "vpc-1").await?);
        is_waited_out(TOKEN, &[("AttachInternetGateway", SETTLED, young)], ec2(1), attached).await;
        let late: &[Late] = &[("DetachInternetGateway", DETACHING, USED), ("DeleteInternetGateway", DETACHING, USED)];
        let delete = async |cx: Cx| Box::pin(Adapter::<InternetGateway>::delete(&cx, "igw-1", &gateway)).await;
        is_waited_out(TOKEN, late, ec2(0), delete).await;
    }

    crate::lifecycle! {
        token: "aws:ec2/internetGateway:InternetGateway",
        needs: [("aws:ec2/vpc:Vpc", { "cidrBlock": "10.80.0.0/16" }), ("aws:ec2/vpc:Vpc", { "cidrBlock": "10.41.0.0/16" })],
        sample: { "vpcId": "${0.id}", "tags": { "a": "1" } },
        change: { "vpcId": "${1.id}", "tags": { "b": "2" } },
    }
}
