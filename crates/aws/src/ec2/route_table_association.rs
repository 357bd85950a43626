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
use derive::{Outputs, Resource};
use pulumi::{
    provider::{
        adopt::Presence,
        check::Failure,
        resource::{Created, CustomResource, Error, Kind, Live, Of},
    },
    value::{Map, Value},
};

use super::{route_table, subnet, vpc::SETTLING};
use crate::{
    context::Cx,
    error::{code, failed, gone},
    recovery,
    tags::ec2::filter,
};

/// Which route table a subnet, or a gateway, uses.
#[derive(Clone, Debug, Resource)]
#[resource(
    token = "aws:ec2/routeTableAssociation:RouteTableAssociation",
    noun = "route table association",
    handle = RouteTableAssociation
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

/// What AWS adds to an association: nothing.
#[derive(Clone, Debug, Outputs)]
#[resource(handle = RouteTableAssociation)]
pub struct Outputs {}

const ABSENT: &[&str] = &["InvalidAssociationID.NotFound"];

impl CustomResource for RouteTableAssociation {
    type Context = Cx;
    type Inputs = Inputs;
    type Outputs = Outputs;

    const PRESENCE: Presence = Presence::Setting;

    fn is_id(text: &str) -> bool {
        text.starts_with("rtbassoc-")
    }

    async fn existing(cx: &Cx, inputs: &Inputs) -> Result<Option<String>, Error> {
        Ok(of_target(cx, target(inputs)).await?.and_then(|association| association.route_table_association_id))
    }

    fn id_of(_: &Cx, inputs: &Inputs) -> Option<String> {
        Some(target(inputs).to_owned())
    }

    fn check(inputs: &Map) -> Vec<Failure> {
        let given = |property: &str| inputs.get(property).is_some_and(|v| *v != Value::Null);
        let reason = match (given("subnetId"), given("gatewayId")) {
            (true, true) => "give `subnetId` or `gatewayId`, not both",
            (false, false) => "give `subnetId` or `gatewayId`",
            _ => return Vec::new(),
        };
        vec![Failure { property: "subnetId".to_owned(), reason: reason.to_owned() }]
    }

    async fn create(cx: &Cx, inputs: &Inputs) -> Result<Created<Outputs>, Error> {
        let id = associate(cx, inputs).await?;
        Ok(Created::new(&id, Outputs {}).and(settle(cx, inputs).await.map(drop)))
    }

    async fn read(cx: &Cx, id: &str) -> Result<Option<Live<Inputs, Outputs>>, Error> {
        let found = find(cx, filter("association.route-table-association-id", id), |a| {
            a.route_table_association_id.as_deref() == Some(id)
        });
        let Some(association) = found.await? else { return Ok(None) };
        let inputs = Inputs {
            route_table_id: association.route_table_id.unwrap_or_default(),
            subnet_id: association.subnet_id,
            gateway_id: association.gateway_id,
        };
        Ok(Some(Live { inputs, outputs: Outputs {} }))
    }

    async fn identify(cx: &Cx, id: &str, olds: Option<&Inputs>) -> Result<Option<String>, Error> {
        let found = match (id.split_once('/'), olds) {
            (Some((of, table)), _) => of_target(cx, of).await?.filter(|a| a.route_table_id.as_deref() == Some(table)),
            (None, Some(olds)) => of_target(cx, target(olds)).await?,
            (None, None) => return Ok(Some(id.to_owned())),
        };
        Ok(found.and_then(|a| a.route_table_association_id))
    }

    async fn update(cx: &Cx, _: &str, _: &Inputs, new: &Inputs, outputs: Outputs) -> Result<Outputs, Error> {
        let live = of_target(cx, target(new)).await?;
        let with = live.as_ref().and_then(|a| a.route_table_id.as_deref());
        match live.as_ref().and_then(|a| a.route_table_association_id.as_ref()) {
            Some(_) if with == Some(&new.route_table_id) => {}
            Some(id) => {
                let call = cx.clients.ec2.replace_route_table_association().association_id(id);
                let call = call.route_table_id(&new.route_table_id);
                match recovery::settled(route_table::ABSENT, || call.clone().send()).await {
                    Ok(_) => {}
                    // repeated by the SDK, it finds that its first attempt did it: settling tells
                    Err(failure) if code(&failure).is_some_and(|c| ABSENT.contains(&c)) => {}
                    Err(failure) => return Err(failed(failure)),
                }
            }
            None => drop(associate(cx, new).await?),
        }
        settle(cx, new).await?;
        Ok(outputs)
    }

    async fn delete(cx: &Cx, id: &str, inputs: &Inputs) -> Result<(), Error> {
        let live = of_target(cx, target(inputs)).await?;
        // somebody's association with another table is not ours to remove
        let ours = live.filter(|a| {
            a.route_table_association_id.as_deref() == Some(id)
                || a.route_table_id.as_deref() == Some(&inputs.route_table_id)
        });
        let Some(id) = ours.and_then(|a| a.route_table_association_id) else { return Ok(()) };
        gone(cx.clients.ec2.disassociate_route_table().association_id(&id).send().await, ABSENT)?;
        let left = || async {
            let live = of_target(cx, target(inputs)).await?;
            let there = live.is_some_and(|a| a.route_table_association_id.as_ref() == Some(&id));
            Ok((!there).then_some(()))
        };
        recovery::until(SETTLING, "to go", left).await
    }
}

pub(crate) fn kind() -> Box<dyn Kind<Cx>> {
    Box::new(Of::<RouteTableAssociation>::new())
}

/// The subnet or gateway.
fn target(inputs: &Inputs) -> &str {
    inputs.subnet_id.as_ref().or(inputs.gateway_id.as_ref()).map_or("", String::as_str)
}

fn state(association: &SdkAssociation) -> Option<&State> {
    association.association_state.as_ref().and_then(|s| s.state.as_ref())
}

async fn find(
    cx: &Cx,
    filter: Filter,
    is_it: impl Fn(&SdkAssociation) -> bool,
) -> Result<Option<SdkAssociation>, Error> {
    let pages = cx.clients.ec2.describe_route_tables().filters(filter).into_paginator().items().send();
    let tables = pages.collect::<Result<Vec<_>, _>>().await.map_err(failed)?;
    let all = tables.into_iter().flat_map(|t| t.associations.unwrap_or_default());
    let there = |a: &SdkAssociation| !matches!(state(a), Some(State::Disassociated | State::Disassociating));
    Ok(all.into_iter().find(|a| is_it(a) && there(a)))
}

/// The association that a subnet or gateway has of its own; each has one at most.
async fn of_target(cx: &Cx, id: &str) -> Result<Option<SdkAssociation>, Error> {
    let name = if id.starts_with("subnet-") { "association.subnet-id" } else { "association.gateway-id" };
    find(cx, filter(name, id), |a| [&a.subnet_id, &a.gateway_id].into_iter().flatten().any(|target| target == id)).await
}

async fn associate(cx: &Cx, inputs: &Inputs) -> Result<String, Error> {
    let call = cx.clients.ec2.associate_route_table().route_table_id(&inputs.route_table_id);
    let call = call.set_subnet_id(inputs.subnet_id.clone()).set_gateway_id(inputs.gateway_id.clone());
    let young = [route_table::ABSENT, subnet::ABSENT, &["InvalidInternetGatewayID.NotFound"]].concat();
    match recovery::settled(&young, || call.clone().send()).await {
        Ok(made) => made.association_id.ok_or_else(|| Error::new("AWS made an association and did not say which")),
        Err(failure) if code(&failure) == Some("Resource.AlreadyAssociated") => {
            let live = of_target(cx, target(inputs)).await?;
            let table = live.as_ref().and_then(|a| a.route_table_id.as_deref());
            match live.as_ref().and_then(|a| a.route_table_association_id.clone()) {
                Some(id) if table == Some(&inputs.route_table_id) => Ok(id),
                Some(id) => {
                    let table = table.unwrap_or_default();
                    Err(cx.taken("route table association", &id, &format!("it is with {table}")))
                }
                None => Err(failed(failure)),
            }
        }
        Err(failure) => Err(failed(failure)),
    }
}

/// Waits until it is with its table.
async fn settle(cx: &Cx, inputs: &Inputs) -> Result<SdkAssociation, Error> {
    let associated = || async {
        let live = of_target(cx, target(inputs)).await?;
        let live = live.filter(|a| a.route_table_id.as_ref() == Some(&inputs.route_table_id));
        if let Some(failed) = live.as_ref().filter(|a| state(a) == Some(&State::Failed)) {
            let why = failed.association_state.as_ref().and_then(|s| s.status_message.clone());
            return Err(Error::new(format!("failed: {}", why.as_deref().unwrap_or("AWS gave no reason"))));
        }
        Ok(live.filter(|a| state(a) == Some(&State::Associated)))
    };
    recovery::until(SETTLING, "to be associated", associated).await
}

#[cfg(test)]
mod tests {
    use pulumi::value::ToValue;
    use serde_json::json;

    use super::*;
    use crate::stub::{Answer, Stub, done, inputs};

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
        let made = Stub::run(Box::pin(RouteTableAssociation::create(&cx, &wanted))).await.0.expect("made");
        assert_eq!((made.incomplete, made.id.as_str()), (None, "rtbassoc-1"));
        assert_eq!((stub.asked("AssociateRouteTable").len(), stub.asked("DescribeRouteTables").len()), (3, 5));
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
            RouteTableAssociation::check(&names.iter().map(|n| ((*n).to_owned(), "x".to_value())).collect()).len()
        };
        assert_eq!((wrong(&["subnetId"]), wrong(&["gatewayId"])), (0, 0));
        assert_eq!((wrong(&[]), wrong(&["subnetId", "gatewayId"])), (1, 1));
    }
}
