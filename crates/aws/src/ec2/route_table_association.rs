//! Which route table a subnet, or a gateway, uses.
//!
//! Calls: AssociateRouteTable, ReplaceRouteTableAssociation, DisassociateRouteTable, DescribeRouteTables.
//! IAM: `ec2:` + each of these.
//!
//! - An association carries no tags: one that exists already is ours when it is with our table, and not otherwise.
//! - Another table is given without a moment in between, and gives the association another id:
//!   <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ReplaceRouteTableAssociation.html>. The engine cannot be
//!   told of it by an update, but by the next read; until then it is found by what it is of.
//! - An import names it `<subnet or gateway>/<table>`.

use aws_sdk_ec2::types::{Filter, RouteTableAssociation as SdkAssociation, RouteTableAssociationStateCode as State};
use pulumi::provider::resource::NoOutputs;

use super::{route_table, subnet, vpc::SETTLING};
use crate::{prelude::*, tags::ec2::filter};

/// Which route table a subnet, or a gateway, uses.
#[derive(Clone, Debug, Resource)]
#[resource(
    token = "aws:ec2/routeTableAssociation:RouteTableAssociation",
    noun = "route table association",
    handle = RouteTableAssociation,
    no_outputs,
    from = SdkAssociation
)]
pub struct Inputs {
    /// Id of the route table.
    pub route_table_id: String,
    /// Id of the subnet.
    #[resource(replace)]
    pub subnet_id: Option<String>,
    /// Id of the Internet gateway or virtual private gateway. Instead of `subnetId`.
    #[resource(replace)]
    pub gateway_id: Option<String>,
}

impl AwsResource for RouteTableAssociation {
    const ABSENT: Codes = &["InvalidAssociationID.NotFound"];
    const EXISTS: Codes = &["Resource.AlreadyAssociated"];
    const PRESENCE: Presence = Presence::Setting;

    fn is_id(text: &str) -> bool {
        text.starts_with("rtbassoc-")
    }

    fn id_of(_: &Cx, inputs: &Inputs) -> Option<String> {
        Some(target(inputs).to_owned())
    }

    async fn existing(cx: &Cx, inputs: &Inputs) -> Answer<Option<String>> {
        Ok(of_target(cx, target(inputs)).await?.and_then(|association| association.route_table_association_id))
    }

    async fn identify(cx: &Cx, id: &str, olds: Option<&Inputs>) -> Answer<Option<String>> {
        let found = match (id.split_once('/'), olds) {
            (Some((of, table)), _) => of_target(cx, of).await?.filter(|a| a.route_table_id.as_deref() == Some(table)),
            (None, Some(olds)) => of_target(cx, target(olds)).await?,
            (None, None) => return Ok(Some(id.to_owned())),
        };
        Ok(found.and_then(|association| association.route_table_association_id))
    }

    fn ours(_: &Cx, live: &Live<Inputs, NoOutputs>, wanted: &Inputs) -> Result<(), String> {
        let table = &live.inputs.route_table_id;
        if *table == wanted.route_table_id { Ok(()) } else { Err(format!("its route table is {table}")) }
    }

    fn check(checks: &mut Checks<'_>) {
        match (checks.has("subnetId"), checks.has("gatewayId")) {
            (true, true) => checks.wrong("subnetId", "give `subnetId` or `gatewayId`, not both"),
            (false, false) => checks.wrong("subnetId", "give `subnetId` or `gatewayId`"),
            _ => {}
        }
    }

    async fn create(cx: &Cx, inputs: &Inputs) -> Answer<Created<NoOutputs>> {
        let id = associate(cx, inputs).await?;
        Ok(Created::new(id, NoOutputs {}).and(settle(cx, inputs).await))
    }

    async fn read(cx: &Cx, id: &str) -> Answer<Option<Live<Inputs, NoOutputs>>> {
        let is_it = |association: &SdkAssociation| association.route_table_association_id.as_deref() == Some(id);
        let found = find(cx, filter("association.route-table-association-id", id), is_it).await?;
        Ok(found.map(|association| Live { inputs: Inputs::from_sdk(association), outputs: NoOutputs {} }))
    }

    async fn update(cx: &Cx, _: &str, _: &Inputs, new: &Inputs, outputs: NoOutputs) -> Answer<NoOutputs> {
        let live = of_target(cx, target(new)).await?;
        let table = live.as_ref().and_then(|association| association.route_table_id.as_ref());
        match live.as_ref().and_then(|association| association.route_table_association_id.as_ref()) {
            Some(_) if table == Some(&new.route_table_id) => {}
            Some(id) => {
                let call = cx.clients.ec2.replace_route_table_association().association_id(id);
                let call = call.route_table_id(&new.route_table_id);
                // repeated by the SDK, it may find that its first attempt did it: settling tells
                recovery::settled(route_table::ABSENT, || call.clone().send()).await.gone(Self::ABSENT)?;
            }
            // one that did not show a moment ago: settling tells whether it is with our table
            None => associate(cx, new).await.gone(Self::EXISTS)?,
        }
        settle(cx, new).await?;
        Ok(outputs)
    }

    async fn delete(cx: &Cx, id: &str, inputs: &Inputs) -> Answer {
        let live = of_target(cx, target(inputs)).await?;
        // somebody's association with another table is not ours to remove
        let ours = live.filter(|association| {
            association.route_table_association_id.as_deref() == Some(id)
                || association.route_table_id.as_deref() == Some(&inputs.route_table_id)
        });
        let Some(id) = ours.and_then(|association| association.route_table_association_id) else { return Ok(()) };
        cx.clients.ec2.disassociate_route_table().association_id(&id).send().await.gone(Self::ABSENT)?;
        let left = || async {
            let live =
                of_target(cx, target(inputs)).await?.and_then(|association| association.route_table_association_id);
            Ok((live.as_ref() != Some(&id)).then_some(()))
        };
        waits::until(SETTLING, "to be removed", left).await
    }
}

/// The subnet or gateway.
fn target(inputs: &Inputs) -> &str {
    inputs.subnet_id.as_ref().or(inputs.gateway_id.as_ref()).map_or("", String::as_str)
}

fn state(association: &SdkAssociation) -> Option<&State> {
    association.association_state.as_ref().and_then(|state| state.state.as_ref())
}

async fn find(cx: &Cx, filter: Filter, is_it: impl Fn(&SdkAssociation) -> bool) -> Answer<Option<SdkAssociation>> {
    let pages = cx.clients.ec2.describe_route_tables().filters(filter).into_paginator().items().send();
    let tables = pages.collect::<Result<Vec<_>, _>>().await?;
    let mut all = tables.into_iter().flat_map(|table| table.associations.unwrap_or_default());
    let there = |a: &SdkAssociation| !matches!(state(a), Some(State::Disassociated | State::Disassociating));
    Ok(all.find(|association| is_it(association) && there(association)))
}

/// The association that a subnet or gateway has of its own; each has one at most.
async fn of_target(cx: &Cx, id: &str) -> Answer<Option<SdkAssociation>> {
    let name = if id.starts_with("subnet-") { "association.subnet-id" } else { "association.gateway-id" };
    find(cx, filter(name, id), |a| [&a.subnet_id, &a.gateway_id].into_iter().flatten().any(|target| target == id)).await
}

async fn associate(cx: &Cx, inputs: &Inputs) -> Answer<String> {
    let call = cx.clients.ec2.associate_route_table().route_table_id(&inputs.route_table_id);
    let call = call.set_subnet_id(inputs.subnet_id.clone()).set_gateway_id(inputs.gateway_id.clone());
    let young = [route_table::ABSENT, subnet::ABSENT, &["InvalidInternetGatewayID.NotFound"]].concat();
    let made = recovery::settled(&young, || call.clone().send()).await?;
    Ok(made.association_id.ok_or_else(|| Error::new("AssociateRouteTable returned no id"))?)
}

/// Waits until it is with its table.
async fn settle(cx: &Cx, inputs: &Inputs) -> Answer {
    let associated = || async {
        let live = of_target(cx, target(inputs)).await?;
        let Some(live) = live.filter(|a| a.route_table_id.as_ref() == Some(&inputs.route_table_id)) else {
            return Ok(None);
        };
        if state(&live) == Some(&State::Failed) {
            let why = live.association_state.and_then(|state| state.status_message);
            return Err(Error::new(format!("failed: {}", why.as_deref().unwrap_or("AWS gave no reason"))).into());
        }
        Ok((state(&live) == Some(&State::Associated)).then_some(()))
    };
    waits::until(SETTLING, "to be associated", associated).await
}

#[cfg(test)]
mod tests {
    use pulumi::value::ToValue;
    use serde_json::json;

    use super::*;
    use crate::{
        stub::{
            Answer, Asked, Stub, done, inputs,
            late::{Late, SETTLED, is_waited_out, wholly},
        },
        testing::{Adapter, CustomResource as _},
    };

    #[tokio::test]
    async fn a_new_association_is_waited_for() {
        let stub = Stub::new(|asked| {
            let listed = |state: &str| {
                Answer::Xml(format!(
                    "<routeTableSet><item><associationSet><item><routeTableAssociationId>rtbassoc-1</routeTableAssociationId>\
                     <routeTableId>rtb-1</routeTableId><subnetId>subnet-1</subnetId>\
                     <associationState><state>{state}</state></associationState></item></associationSet></item></routeTableSet>"
                ))
            };
            match (asked.operation.as_str(), asked.before) {
                ("AssociateRouteTable", 0) => Answer::Refused("InvalidSubnetID.NotFound", "not yet"),
                ("AssociateRouteTable", 1) => Answer::Refused("InvalidRouteTableID.NotFound", "not yet"),
                ("AssociateRouteTable", _) => Answer::Xml("<associationId>rtbassoc-1</associationId>".to_owned()),
                ("DescribeRouteTables", 2..4) => listed("associating"),
                ("DescribeRouteTables", 4) => listed("associated"),
                _ => done(asked),
            }
        });
        let cx = stub.cx("aws:ec2/routeTableAssociation:RouteTableAssociation");
        let wanted: Inputs = inputs(&json!({ "routeTableId": "rtb-1", "subnetId": "subnet-1" }));
        let made = Stub::run(Box::pin(Adapter::<RouteTableAssociation>::create(&cx, &wanted))).await.0.expect("made");
        assert_eq!((made.incomplete, made.id.as_str()), (None, "rtbassoc-1"));
        assert_eq!((stub.asked("AssociateRouteTable").len(), stub.asked("DescribeRouteTables").len()), (3, 5));
    }

    #[tokio::test]
    async fn an_association_is_made_and_changed_again_until_ec2_knows_what_it_joins() {
        const TOKEN: &str = "aws:ec2/routeTableAssociation:RouteTableAssociation";
        let [old, new]: [Inputs; 2] =
            ["rtb-1", "rtb-2"].map(|table| inputs(&json!({ "routeTableId": table, "subnetId": "subnet-1" })));
        // the subnet is with the first table, and from the second look on with the other one
        let ec2 = |asked: &Asked| match asked.operation.as_str() {
            "AssociateRouteTable" => Answer::Xml("<associationId>rtbassoc-1</associationId>".to_owned()),
            "DescribeRouteTables" => {
                let table = if asked.before == 0 { "rtb-1" } else { "rtb-2" };
                Answer::Xml(format!(
                    "<routeTableSet><item><associationSet><item><routeTableAssociationId>rtbassoc-1</routeTableAssociationId>\
                     <routeTableId>{table}</routeTableId><subnetId>subnet-1</subnetId>\
                     <associationState><state>associated</state></associationState></item></associationSet></item></routeTableSet>"
                ))
            }
            _ => done(asked),
        };
        let late: &[Late] = &[(
            "AssociateRouteTable",
            SETTLED,
            &[
                ("InvalidRouteTableID.NotFound", ""),
                ("InvalidSubnetID.NotFound", ""),
                ("InvalidInternetGatewayID.NotFound", ""),
            ],
        )];
        let make = async |cx: Cx| wholly(Box::pin(Adapter::<RouteTableAssociation>::create(&cx, &old)).await?);
        is_waited_out(TOKEN, late, ec2, make).await;
        let late: &[Late] = &[("ReplaceRouteTableAssociation", SETTLED, &[("InvalidRouteTableID.NotFound", "")])];
        let change = async |cx: Cx| {
            let update = Adapter::<RouteTableAssociation>::update(&cx, "rtbassoc-1", &old, &new, NoOutputs {});
            Box::pin(update).await.map(drop)
        };
        is_waited_out(TOKEN, late, ec2, change).await;
    }

    #[tokio::test]
    async fn an_association_that_goes_is_waited_for() {
        let stub = Stub::new(|asked| match (asked.operation.as_str(), asked.before) {
            ("DescribeRouteTables", before) => {
                let state = if before < 4 { "associated" } else { "disassociating" };
                Answer::Xml(format!(
                    "<routeTableSet><item><associationSet><item><routeTableAssociationId>rtbassoc-1</routeTableAssociationId>\
                     <routeTableId>rtb-1</routeTableId><subnetId>subnet-1</subnetId>\
                     <associationState><state>{state}</state></associationState></item></associationSet></item></routeTableSet>"
                ))
            }
            _ => done(asked),
        });
        let cx = stub.cx("aws:ec2/routeTableAssociation:RouteTableAssociation");
        let association: Inputs = inputs(&json!({ "routeTableId": "rtb-1", "subnetId": "subnet-1" }));
        let delete = Adapter::<RouteTableAssociation>::delete(&cx, "rtbassoc-1", &association);
        assert_eq!(Stub::run(Box::pin(delete)).await.0, Ok(()));
        assert_eq!(stub.asked("DescribeRouteTables").len(), 5);
    }

    crate::lifecycle! {
        token: "aws:ec2/routeTableAssociation:RouteTableAssociation",
        needs: [
            ("aws:ec2/vpc:Vpc", { "cidrBlock": "10.80.0.0/16" }),
            ("aws:ec2/subnet:Subnet", { "vpcId": "${0.id}", "cidrBlock": "10.80.0.0/20" }),
            ("aws:ec2/routeTable:RouteTable", { "vpcId": "${0.id}" }),
            ("aws:ec2/routeTable:RouteTable", { "vpcId": "${0.id}" }),
        ],
        sample: { "subnetId": "${1.id}", "routeTableId": "${2.id}" },
        change: { "routeTableId": "${3.id}" },
    }

    #[tokio::test]
    async fn an_import_in_the_official_form_gets_its_own_id() {
        crate::testing::import_as(sample(), "${1.id}/${2.id}").await;
    }

    mod of_a_gateway {
        crate::lifecycle! {
            token: "aws:ec2/routeTableAssociation:RouteTableAssociation",
            needs: [
                ("aws:ec2/vpc:Vpc", { "cidrBlock": "10.80.0.0/16" }),
                ("aws:ec2/internetGateway:InternetGateway", { "vpcId": "${0.id}" }),
                ("aws:ec2/routeTable:RouteTable", { "vpcId": "${0.id}" }),
                ("aws:ec2/routeTable:RouteTable", { "vpcId": "${0.id}" }),
            ],
            sample: { "gatewayId": "${1.id}", "routeTableId": "${2.id}" },
            change: { "routeTableId": "${3.id}" },
        }
    }

    #[test]
    fn it_is_of_a_subnet_or_of_a_gateway() {
        let wrong = |names: &[&str]| {
            Adapter::<RouteTableAssociation>::check(&names.iter().map(|n| ((*n).to_owned(), "x".to_value())).collect())
                .len()
        };
        assert_eq!((wrong(&["subnetId"]), wrong(&["gatewayId"])), (0, 0));
        assert_eq!((wrong(&[]), wrong(&["subnetId", "gatewayId"])), (1, 1));
    }
}
