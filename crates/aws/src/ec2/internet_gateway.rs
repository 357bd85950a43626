//! An Internet gateway, and its attachment to a VPC.
//!
//! Calls: CreateInternetGateway, DescribeInternetGateways, AttachInternetGateway, DetachInternetGateway,
//! DeleteInternetGateway, CreateTags, DeleteTags, DescribeTags. IAM: `ec2:` + each of these.
//!
//! - Gateways may exist twice, so one is looked for before it is made (see `recovery`).
//! - AWS lets go of a gateway when nothing in the VPC has a public address any more, and deletes none that is attached:
//!   <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DetachInternetGateway.html>

use std::{collections::BTreeMap, time::Duration};

use aws_sdk_ec2::{
    config::retry::RetryConfig,
    types::{InternetGateway as SdkGateway, ResourceType},
};
use derive::{Outputs, Resource};
use pulumi::provider::resource::{Created, CustomResource, Error, Kind, Live};

use super::vpc::{self, SETTLING, unused};
use crate::{
    context::Cx,
    error::{code, failed, found, gone},
    recovery::{self, Look},
    tags::{
        Ec2Thing, Taggable, Tagged, WithTags,
        ec2::{filter, ours, specification},
    },
};

/// An Internet gateway.
#[derive(Clone, Debug, Resource)]
#[resource(token = "aws:ec2/internetGateway:InternetGateway", noun = "Internet gateway", handle = InternetGateway)]
pub struct Inputs {
    /// Id of the VPC it is attached to; absent leaves that to others.
    #[resource(computed, told)]
    pub vpc_id: Option<String>,
    /// Tags, beside the provider's default tags.
    #[resource(default)]
    pub tags: BTreeMap<String, String>,
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

const ABSENT: &[&str] = &["InvalidInternetGatewayID.NotFound"];
/// How long public addresses and load balancers may take to let go of it.
const DETACHING: Duration = Duration::from_mins(15);

impl CustomResource for InternetGateway {
    type Context = Cx;
    type Inputs = Inputs;
    type Outputs = Outputs;

    fn is_id(text: &str) -> bool {
        text.starts_with("igw-")
    }

    /// A VPC has one at most.
    async fn existing(cx: &Cx, inputs: &Inputs) -> Result<Option<String>, Error> {
        let Some(vpc) = &inputs.vpc_id else { return Ok(None) };
        let call = cx.clients.ec2.describe_internet_gateways().filters(filter("attachment.vpc-id", vpc));
        let pages = call.into_paginator().items().send().collect::<Result<Vec<_>, _>>().await.map_err(failed)?;
        Ok(pages.into_iter().find_map(|gateway| gateway.internet_gateway_id))
    }

    async fn create(cx: &Cx, inputs: &Inputs) -> Result<Created<Outputs>, Error> {
        let call = || async {
            // repeated only after looking whether it was made: see `once`
            let unrepeated = aws_sdk_ec2::config::Builder::new().retry_config(RetryConfig::disabled());
            let tags = specification(cx, ResourceType::InternetGateway);
            let call = cx.clients.ec2.create_internet_gateway().tag_specifications(tags);
            Ok((call.customize().config_override(unrepeated).send().await?.internet_gateway, false))
        };
        let find = |look| async move { Ok(find(cx, look).await?.map(|g| (Some(g), look == Look::Resource))) };
        let (gateway, existed) = recovery::once(&cx.recovery, call, find).await?;
        let gateway = gateway.ok_or_else(|| Error::new("AWS made an Internet gateway and did not say which"))?;
        let id = gateway.internet_gateway_id.clone().unwrap_or_default();
        let outputs = outputs(cx, &id, &gateway);
        Ok(Created::new(&id, outputs).and(finish(cx, &id, existed, inputs).await))
    }

    async fn read(cx: &Cx, id: &str) -> Result<Option<Live<Inputs, Outputs>>, Error> {
        let Some(gateway) = describe(cx, id).await? else { return Ok(None) };
        let inputs = Inputs { vpc_id: attached(&gateway), tags: BTreeMap::new() };
        Ok(Some(Live { inputs, outputs: outputs(cx, id, &gateway) }))
    }

    async fn update(cx: &Cx, id: &str, _: &Inputs, new: &Inputs, outputs: Outputs) -> Result<Outputs, Error> {
        if let Some(vpc) = &new.vpc_id {
            attach(cx, id, vpc).await?;
        }
        Ok(outputs)
    }

    async fn delete(cx: &Cx, id: &str, _: &Inputs) -> Result<(), Error> {
        let Some(gateway) = describe(cx, id).await? else { return Ok(()) };
        if let Some(vpc) = attached(&gateway) {
            detach(cx, id, &vpc).await?;
        }
        let call = cx.clients.ec2.delete_internet_gateway().internet_gateway_id(id);
        gone(unused(cx, DETACHING, || call.clone().send()).await, ABSENT)
    }
}

impl Taggable for InternetGateway {
    fn tagged(_: &Cx, id: &str) -> Tagged {
        Box::new(Ec2Thing(id.to_owned()))
    }
}

pub(crate) fn kind() -> Box<dyn Kind<Cx>> {
    Box::new(WithTags::<InternetGateway>::new())
}

fn outputs(cx: &Cx, id: &str, gateway: &SdkGateway) -> Outputs {
    Outputs {
        arn: cx.arn("ec2", &format!("internet-gateway/{id}")),
        owner_id: gateway.owner_id.clone().unwrap_or_else(|| cx.caller.account.clone()),
    }
}

async fn describe(cx: &Cx, id: &str) -> Result<Option<SdkGateway>, Error> {
    let answer = found(cx.clients.ec2.describe_internet_gateways().internet_gateway_ids(id).send().await, ABSENT)?;
    Ok(answer.and_then(|a| a.internet_gateways).unwrap_or_default().into_iter().next())
}

/// A gateway that carries our identity, and that the state does not know.
async fn find(cx: &Cx, look: Look) -> Result<Option<SdkGateway>, Error> {
    let ask = |identity| async {
        let pages = cx.clients.ec2.describe_internet_gateways().filters(identity).into_paginator().items().send();
        pages.collect::<Result<Vec<_>, _>>().await.map_err(failed)
    };
    let unknown = |gateway: &SdkGateway| gateway.internet_gateway_id.as_ref().is_some_and(|id| !cx.recovery.knows(id));
    Ok(ours(cx, look, ask).await?.into_iter().find(unknown))
}

/// The VPC it is attached to. Of these attachments AWS says `available`, which is no state its SDK knows.
fn attached(gateway: &SdkGateway) -> Option<String> {
    let on = |state: &str| matches!(state, "available" | "attached" | "attaching");
    let attachments = gateway.attachments.iter().flatten();
    attachments.filter(|a| a.state.as_ref().is_some_and(|s| on(s.as_str()))).find_map(|a| a.vpc_id.clone())
}

async fn finish(cx: &Cx, id: &str, existed: bool, inputs: &Inputs) -> Result<(), Error> {
    if existed {
        cx.log.info(&cx.urn, &format!("found Internet gateway `{id}`, which an interrupted run had made")).await;
        let target = InternetGateway::tagged(cx, id);
        target.claim(cx, &target.all(cx).await?).await?;
    }
    let shown = || describe(cx, id);
    recovery::until(SETTLING, "to be there", shown).await?;
    match &inputs.vpc_id {
        Some(vpc) => attach(cx, id, vpc).await,
        None => Ok(()),
    }
}

/// Attaches it to this VPC, and to no other.
async fn attach(cx: &Cx, id: &str, vpc: &str) -> Result<(), Error> {
    let there = async || Ok::<_, Error>(describe(cx, id).await?.as_ref().and_then(attached));
    match there().await? {
        Some(other) if other != vpc => detach(cx, id, &other).await?,
        Some(_) => return Ok(()),
        None => {}
    }
    let call = cx.clients.ec2.attach_internet_gateway().internet_gateway_id(id).vpc_id(vpc);
    let young = [ABSENT, vpc::ABSENT].concat();
    match recovery::settled(&young, || call.clone().send()).await {
        Ok(_) => {}
        // repeated by the SDK, it may find that its first attempt did it
        Err(failure)
            if code(&failure) == Some("Resource.AlreadyAssociated") && there().await?.as_deref() == Some(vpc) => {}
        Err(failure) => return Err(failed(failure).within(&format!("attaching it to {vpc}"))),
    }
    let attached = || async { Ok(there().await?.filter(|v| v == vpc)) };
    recovery::until(SETTLING, "to be attached", attached).await.map(drop)
}

async fn detach(cx: &Cx, id: &str, vpc: &str) -> Result<(), Error> {
    let call = cx.clients.ec2.detach_internet_gateway().internet_gateway_id(id).vpc_id(vpc);
    let detached = unused(cx, DETACHING, || call.clone().send()).await;
    let absent = [&["Gateway.NotAttached"], ABSENT, vpc::ABSENT].concat();
    gone(detached, &absent).map_err(|e| e.within(&format!("detaching it from {vpc}")))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::stub::{Answer, Stub, done, inputs};

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
        let made = Stub::run(Box::pin(InternetGateway::create(&cx, &gateway))).await.0.expect("made");
        assert_eq!((made.incomplete, stub.asked("AttachInternetGateway").len()), (None, 3));
        assert_eq!(stub.asked("DescribeInternetGateways").len(), 7);
    }

    crate::lifecycle! {
        token: "aws:ec2/internetGateway:InternetGateway",
        needs: [("aws:ec2/vpc:Vpc", { "cidrBlock": "10.80.0.0/16" }), ("aws:ec2/vpc:Vpc", { "cidrBlock": "10.41.0.0/16" })],
        sample: { "vpcId": "${0.id}", "tags": { "a": "1" } },
        change: { "vpcId": "${1.id}", "tags": { "b": "2" } },
    }
}
