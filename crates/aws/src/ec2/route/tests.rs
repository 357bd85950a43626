//! Tests of routes.

use pulumi::value::ToValue;

use super::*;
use crate::{
    stub::{
        Answer, Asked, Stub, done, inputs,
        late::{Late, Refusal, SETTLED, is_waited_out, wholly},
    },
    testing::{Adapter, CustomResource as _},
};

crate::lifecycle! {
    token: "aws:ec2/route:Route",
    needs: [
        ("aws:ec2/vpc:Vpc", { "cidrBlock": "10.80.0.0/16" }),
        ("aws:ec2/internetGateway:InternetGateway", { "vpcId": "${0.id}" }),
        ("aws:ec2/routeTable:RouteTable", { "vpcId": "${0.id}" }),
        ("aws:ec2/internetGateway:InternetGateway", {}),
    ],
    sample: { "routeTableId": "${2.id}", "destinationCidrBlock": "0.0.0.0/0", "gatewayId": "${1.id}" },
    change: { "gatewayId": "${3.id}" },
}

#[tokio::test]
async fn an_import_in_the_official_form_gets_the_official_id() {
    crate::testing::import_as(sample(), "${2.id}_0.0.0.0/0").await;
}

#[test]
fn ids_are_the_official_ones() {
    // from the official provider's documentation and tests: crc32.ChecksumIEEE of the destination
    assert_eq!((crc32("0.0.0.0/0"), crc32("123456789"), crc32("")), (1_080_289_494, 0xCBF4_3926, 0));
    assert_eq!(id("rtb-0123456789abcdef0", "0.0.0.0/0"), "r-rtb-0123456789abcdef01080289494");
}

#[test]
fn an_id_tells_its_table_and_number() {
    assert_eq!(numbered("r-rtb-0123456789abcdef01080289494"), [("rtb-0123456789abcdef0", 1_080_289_494)]);
    assert_eq!(numbered("r-rtb-4e616f6d1080289494"), [("rtb-4e616f6d108028949", 4), ("rtb-4e616f6d", 1_080_289_494)]);
    for wrong in ["", "r-", "r-rtb-1", "rtb-0123456789abcdef0", "r-rtb-0123456789abcdef0x", "r-rtb-0123456789abcdefé1"]
    {
        assert_eq!(numbered(wrong), [], "{wrong}");
    }
}

#[test]
fn a_route_has_one_destination_and_one_target() {
    let wrong = |fields: &[(&str, Value)]| {
        let map = fields.iter().map(|(k, v)| ((*k).to_owned(), v.clone())).collect();
        Adapter::<Route>::check(&map).into_iter().map(|f| f.property).collect::<Vec<_>>().join(" ")
    };
    let to = |name: &'static str, cidr: &str| (name, cidr.to_value());
    let through = ("gatewayId", Value::Unknown);
    assert_eq!(wrong(&[]), "destinationCidrBlock gatewayId");
    assert_eq!(wrong(&[to("destinationCidrBlock", "0.0.0.0/0"), through.clone()]), "");
    assert_eq!(wrong(&[to("destinationCidrBlock", "10.0.0.1/8"), through.clone()]), "destinationCidrBlock");
    assert_eq!(wrong(&[to("destinationIpv6CidrBlock", "::/0"), through.clone()]), "");
    assert_eq!(wrong(&[to("destinationIpv6CidrBlock", "2001:DB8::/32"), through.clone()]), "destinationIpv6CidrBlock");
    assert_eq!(
        wrong(&[to("destinationPrefixListId", "pl-1"), through, ("natGatewayId", "nat-1".to_value())]),
        "gatewayId"
    );
}

#[tokio::test]
async fn a_new_route_is_waited_for_until_its_table_shows_it() {
    let stub = Stub::new(|asked| {
        let table = |routes: &str| {
            Answer::Xml(format!(
                "<routeTableSet><item><routeTableId>rtb-1</routeTableId><routeSet>{routes}</routeSet></item></routeTableSet>"
            ))
        };
        match (asked.operation.as_str(), asked.before) {
            ("CreateRoute" | "DescribeRouteTables", 0) => Answer::Refused("InvalidRouteTableID.NotFound", "not yet"),
            ("CreateRoute", 1) => Answer::Refused("InvalidGatewayID.NotFound", "not yet"),
            ("DescribeRouteTables", 1) => table(""),
            ("DescribeRouteTables", _) => table(
                "<item><destinationCidrBlock>0.0.0.0/0</destinationCidrBlock><gatewayId>igw-1</gatewayId>\
                 <state>active</state></item>",
            ),
            _ => done(asked),
        }
    });
    let route =
        serde_json::json!({ "routeTableId": "rtb-1", "destinationCidrBlock": "0.0.0.0/0", "gatewayId": "igw-1" });
    let made = Stub::run(Box::pin(Adapter::<Route>::create(&stub.cx("aws:ec2/route:Route"), &inputs(&route))))
        .await
        .0
        .expect("made");
    assert_eq!((made.incomplete, made.outputs.state.as_str()), (None, "active"));
    assert_eq!((stub.asked("CreateRoute").len(), stub.asked("DescribeRouteTables").len()), (3, 3));
}

#[tokio::test]
async fn a_route_is_made_and_led_elsewhere_again_until_ec2_knows_its_table_and_target() {
    const NEW: &[Refusal] = &[
        ("InvalidRouteTableID.NotFound", ""),
        ("InvalidGatewayID.NotFound", ""),
        ("InvalidInternetGatewayID.NotFound", ""),
        ("InvalidNatGatewayID.NotFound", ""),
        ("InvalidTransitGatewayID.NotFound", ""),
        ("InvalidVpcEndpointId.NotFound", ""),
        ("InvalidCarrierGatewayID.NotFound", ""),
    ];
    let table = |asked: &Asked| match asked.operation.as_str() {
        "DescribeRouteTables" => Answer::Xml(
            "<routeTableSet><item><routeTableId>rtb-1</routeTableId><routeSet><item>\
             <destinationCidrBlock>0.0.0.0/0</destinationCidrBlock><gatewayId>igw-1</gatewayId>\
             </item></routeSet></item></routeTableSet>"
                .to_owned(),
        ),
        _ => done(asked),
    };
    let route: Inputs = inputs(
        &serde_json::json!({ "routeTableId": "rtb-1", "destinationCidrBlock": "0.0.0.0/0", "gatewayId": "igw-1" }),
    );
    let late: &[Late] = &[("CreateRoute", SETTLED, NEW), ("ReplaceRoute", SETTLED, NEW)];
    let life = async |cx: Cx| {
        let made = Box::pin(Adapter::<Route>::create(&cx, &route)).await?;
        let outputs = made.outputs.clone();
        wholly(made)?;
        Box::pin(Adapter::<Route>::update(&cx, "r", &route, &route, outputs)).await.map(drop)
    };
    is_waited_out("aws:ec2/route:Route", late, table, life).await;
}
