//! Tests of subnets.

use pulumi::value::{FromValue, ToValue};

use super::*;
use crate::{
    stub::{
        Answer, Asked, Stub, done, inputs,
        late::{Late, Refusal, SETTLED, is_waited_out, wholly},
    },
    testing::{Adapter, CustomResource as _},
};

crate::lifecycle! {
    token: "aws:ec2/subnet:Subnet",
    needs: [("aws:ec2/vpc:Vpc", { "cidrBlock": "10.80.0.0/16" })],
    sample: { "vpcId": "${0.id}", "cidrBlock": "10.80.16.0/20", "availabilityZone": "ap-southeast-2b", "tags": { "a": "1" } },
    change: {
        "mapPublicIpOnLaunch": true, "enableResourceNameDnsARecordOnLaunch": true, "enableDns64": true,
        "enableResourceNameDnsAaaaRecordOnLaunch": true, "privateDnsHostnameTypeOnLaunch": "resource-name",
        "ipv6CidrBlock": "2001:db8:0:1::/64", "assignIpv6AddressOnCreation": true, "tags": { "b": "2" },
    },
}

fn map(fields: &[(&str, Value)]) -> Map {
    fields.iter().map(|(k, v)| ((*k).to_owned(), v.clone())).collect()
}

#[test]
fn what_aws_would_refuse_is_said_before() {
    let wrong = |fields: &[(&str, Value)]| {
        Adapter::<Subnet>::check(&map(fields)).into_iter().map(|f| f.property).collect::<Vec<_>>().join(" ")
    };
    let cidr = |cidr: &str| ("cidrBlock", cidr.to_value());
    let zones = [("availabilityZone", Value::Unknown), ("availabilityZoneId", "apse2-az1".to_value())];
    assert_eq!(wrong(&[]), "cidrBlock");
    assert_eq!(wrong(&[("ipv6Native", true.to_value())]), "");
    assert_eq!(
        (wrong(&[cidr("10.80.16.0/20")]), wrong(&[cidr("10.80.17.0/20")])),
        (String::new(), "cidrBlock".to_owned())
    );
    assert_eq!(wrong(&[&[cidr("10.0.0.0/24")], &zones[..]].concat()), "availabilityZoneId");
}

#[test]
fn a_subnet_of_other_addresses_or_zone_is_another_one() {
    let inputs = Inputs::from_value(&Value::Object(map(&[
        ("vpcId", "vpc-1".to_value()),
        ("cidrBlock", "10.80.16.0/20".to_value()),
        ("availabilityZone", "ap-southeast-2b".to_value()),
    ])))
    .expect("inputs");
    let live = |cidr: &str, zone: &str| SdkSubnet::builder().cidr_block(cidr).availability_zone(zone).build();
    assert!(fits(&live("10.80.16.0/20", "ap-southeast-2b"), &inputs));
    assert!(!fits(&live("10.80.16.0/20", "ap-southeast-2a"), &inputs));
    assert!(!fits(&live("10.80.32.0/20", "ap-southeast-2b"), &inputs));
}

#[tokio::test]
async fn a_second_look_at_a_new_subnet_that_finds_nothing_is_repeated() {
    let stub = Stub::new(|asked| {
        let on = if asked.before > 6 { "true" } else { "false" };
        let subnet = format!(
            "<subnetId>subnet-1</subnetId><state>available</state><vpcId>vpc-1</vpcId><cidrBlock>10.80.0.0/20</cidrBlock>\
             <mapPublicIpOnLaunch>{on}</mapPublicIpOnLaunch>"
        );
        match asked.operation.as_str() {
            "CreateSubnet" if asked.before < 2 => Answer::Refused("InvalidVpcID.NotFound", "not yet"),
            "CreateSubnet" => Answer::Xml(format!("<subnet>{subnet}</subnet>")),
            _ if asked.before.is_multiple_of(2) => Answer::Refused("InvalidSubnetID.NotFound", "not yet"),
            "DescribeSubnets" => Answer::Xml(format!("<subnetSet><item>{subnet}</item></subnetSet>")),
            _ => done(asked),
        }
    });
    let wanted = serde_json::json!({ "vpcId": "vpc-1", "cidrBlock": "10.80.0.0/20", "mapPublicIpOnLaunch": true });
    let cx = stub.cx("aws:ec2/subnet:Subnet");
    let made = Stub::run(Box::pin(Adapter::<Subnet>::create(&cx, &inputs(&wanted)))).await.0.expect("made");
    assert_eq!((made.incomplete, made.id.as_str()), (None, "subnet-1"));
    assert_eq!(stub.asked("ModifySubnetAttribute").len(), 2);
}

const SUBNET: &str = "<subnetId>subnet-1</subnetId><state>available</state><vpcId>vpc-1</vpcId>\
                      <cidrBlock>10.80.0.0/20</cidrBlock>";
const USED: &[Refusal] = &[("DependencyViolation", "")];

#[tokio::test]
async fn a_subnet_is_made_and_set_up_when_ec2_knows_it_and_goes_when_nothing_uses_it() {
    let ec2 = |asked: &Asked| match (asked.operation.as_str(), asked.before) {
        ("CreateSubnet", _) => Answer::Xml(format!("<subnet>{SUBNET}</subnet>")),
        // it is available, and read; then it shows the change
        ("DescribeSubnets", before) => {
            let on = before > 1;
            let subnet = format!("{SUBNET}<mapPublicIpOnLaunch>{on}</mapPublicIpOnLaunch>");
            Answer::Xml(format!("<subnetSet><item>{subnet}</item></subnetSet>"))
        }
        _ => done(asked),
    };
    let subnet: Inputs =
        inputs(&serde_json::json!({ "vpcId": "vpc-1", "cidrBlock": "10.80.0.0/20", "mapPublicIpOnLaunch": true }));
    let late: &[Late] = &[
        ("CreateSubnet", SETTLED, &[("InvalidVpcID.NotFound", "")]),
        ("ModifySubnetAttribute", SETTLED, &[("InvalidSubnetID.NotFound", "")]),
        ("DeleteSubnet", DETACHING, USED),
    ];
    let life = async |cx: Cx| {
        wholly(Box::pin(Adapter::<Subnet>::create(&cx, &subnet)).await?)?;
        Adapter::<Subnet>::delete(&cx, "subnet-1", &subnet).await
    };
    is_waited_out("aws:ec2/subnet:Subnet", late, ec2, life).await;
}

/// A subnet with an IPv6 network in some state.
fn with_network(network: &str, state: &str) -> Answer {
    Answer::Xml(format!(
        "<subnetSet><item>{SUBNET}<ipv6CidrBlockAssociationSet><item><associationId>a</associationId>\
         <ipv6CidrBlock>{network}</ipv6CidrBlock><ipv6CidrBlockState><state>{state}</state></ipv6CidrBlockState>\
         </item></ipv6CidrBlockAssociationSet></item></subnetSet>"
    ))
}

#[tokio::test]
async fn a_subnet_moves_to_another_ipv6_network_when_nothing_uses_the_old_one() {
    let cidr = "2001:db8:0:2::/64".to_owned();
    let ec2 = |asked: &Asked| match (asked.operation.as_str(), asked.before) {
        ("DescribeSubnets", 0) => with_network("2001:db8:0:1::/64", "associated"),
        ("DescribeSubnets", 1) => with_network("2001:db8:0:1::/64", "disassociated"),
        ("DescribeSubnets", _) => with_network("2001:db8:0:2::/64", "associated"),
        _ => done(asked),
    };
    let moved = async |cx: Cx| Ok(move_ipv6(&cx, "subnet-1", &cidr).await?);
    is_waited_out("aws:ec2/subnet:Subnet", &[("DisassociateSubnetCidrBlock", DETACHING, USED)], ec2, moved).await;
}

#[tokio::test]
async fn the_old_ipv6_network_is_waited_for_until_it_has_gone_and_the_new_one_until_it_is_there() {
    let cidr = "2001:db8:0:2::/64".to_owned();
    let stub = Stub::new(|asked| match (asked.operation.as_str(), asked.before) {
        ("DescribeSubnets", 0..4) => with_network("2001:db8:0:1::/64", "associated"),
        ("DescribeSubnets", 4) => with_network("2001:db8:0:1::/64", "disassociating"),
        ("DescribeSubnets", 5..8) => with_network("2001:db8:0:2::/64", "associating"),
        ("DescribeSubnets", _) => with_network("2001:db8:0:2::/64", "associated"),
        _ => done(asked),
    });
    let (moved, _) = Stub::run(move_ipv6(&stub.cx("aws:ec2/subnet:Subnet"), "subnet-1", &cidr)).await;
    assert_eq!(moved, Ok(()));
    let operations = stub.operations();
    let at = |operation: &str| operations.iter().position(|o| o == operation).expect("asked for");
    assert_eq!((at("DisassociateSubnetCidrBlock"), at("AssociateSubnetCidrBlock"), operations.len()), (1, 6, 11));
}
