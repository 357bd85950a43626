//! Tests of subnets.

use pulumi::value::{FromValue, ToValue};

use super::*;
use crate::{
    stub::{Answer, Stub, done, inputs},
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
