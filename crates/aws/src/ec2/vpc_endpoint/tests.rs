//! The life of an endpoint, and its way into the VPC.

use pulumi::value::ToValue;
use serde_json::json;

use super::*;
use crate::{
    stub::{
        Answer, Asked, Stub, done, inputs,
        late::{Late, Refusal, SETTLED, is_waited_out, wholly},
    },
    testing::{Adapter, CustomResource as _},
};

#[tokio::test]
async fn a_new_endpoint_is_waited_for_and_so_is_one_that_goes() {
    let stub = Stub::new(|asked| {
        let endpoint = |state: &str| {
            format!(
                "<vpcEndpointId>vpce-1</vpcEndpointId><vpcEndpointType>Gateway</vpcEndpointType><state>{state}</state>\
                 <routeTableIdSet><item>rtb-1</item></routeTableIdSet>"
            )
        };
        let listed =
            |state: &str| Answer::Xml(format!("<vpcEndpointSet><item>{}</item></vpcEndpointSet>", endpoint(state)));
        match (asked.operation.as_str(), asked.before) {
            ("CreateVpcEndpoint", 0) => Answer::Refused("InvalidRouteTableId.NotFound", "not yet"),
            ("CreateVpcEndpoint", _) => Answer::Xml(format!("<vpcEndpoint>{}</vpcEndpoint>", endpoint("pending"))),
            ("DescribeVpcEndpoints", 0..3 | 9..) => Answer::Refused("InvalidVpcEndpointId.NotFound", "none"),
            ("DescribeVpcEndpoints", 3..5) => listed("pending"),
            ("DescribeVpcEndpoints", 5) => listed("available"),
            ("DescribeVpcEndpoints", _) => listed("deleting"),
            _ => done(asked),
        }
    });
    let cx = stub.cx("aws:ec2/vpcEndpoint:VpcEndpoint");
    let endpoint: Inputs = inputs(&json!({
        "vpcId": "vpc-1", "serviceName": "s3", "vpcEndpointType": "Gateway", "routeTableIds": ["rtb-1"],
    }));
    let made = Stub::run(Box::pin(Adapter::<VpcEndpoint>::create(&cx, &endpoint))).await.0.expect("made");
    assert_eq!((made.incomplete, stub.asked("DescribeVpcEndpoints").len()), (None, 6));
    Stub::run(Box::pin(Adapter::<VpcEndpoint>::delete(&cx, "vpce-1", &endpoint))).await.0.expect("deleted");
    assert_eq!(stub.asked("DescribeVpcEndpoints").len(), 10);
}

/// An endpoint in one subnet.
fn of_subnet(asked: &Asked) -> Answer {
    let endpoint = "<vpcEndpointId>vpce-1</vpcEndpointId><vpcEndpointType>Interface</vpcEndpointType>\
                    <serviceName>sqs</serviceName><state>available</state><subnetIdSet><item>subnet-1</item></subnetIdSet>";
    match asked.operation.as_str() {
        "CreateVpcEndpoint" => Answer::Xml(format!("<vpcEndpoint>{endpoint}</vpcEndpoint>")),
        "DescribeVpcEndpoints" => Answer::Xml(format!("<vpcEndpointSet><item>{endpoint}</item></vpcEndpointSet>")),
        _ => done(asked),
    }
}

fn in_subnet(more: &serde_json::Value) -> Inputs {
    let mut all =
        json!({ "vpcId": "vpc-1", "serviceName": "sqs", "vpcEndpointType": "Interface", "subnetIds": ["subnet-1"] });
    all.as_object_mut().expect("an object").extend(more.as_object().expect("an object").clone());
    inputs(&all)
}

#[tokio::test]
async fn an_endpoint_is_made_and_changed_again_until_ec2_knows_the_networks_that_it_is_for() {
    const NEW: &[Refusal] = &[
        ("InvalidVpcID.NotFound", ""),
        ("InvalidRouteTableID.NotFound", ""),
        ("InvalidRouteTableId.NotFound", ""),
        ("InvalidSubnetID.NotFound", ""),
        ("InvalidSubnetId.NotFound", ""),
    ];
    let (old, new) = (in_subnet(&json!({ "subnetIds": ["subnet-2"] })), in_subnet(&json!({})));
    let late: &[Late] = &[("CreateVpcEndpoint", SETTLED, NEW), ("ModifyVpcEndpoint", SETTLED, NEW)];
    let life = async |cx: Cx| {
        let made = Box::pin(Adapter::<VpcEndpoint>::create(&cx, &new)).await?;
        let outputs = made.outputs.clone();
        wholly(made)?;
        Box::pin(Adapter::<VpcEndpoint>::update(&cx, "vpce-1", &old, &new, outputs)).await.map(drop)
    };
    is_waited_out("aws:ec2/vpcEndpoint:VpcEndpoint", late, of_subnet, life).await;
}

#[tokio::test]
async fn a_second_look_at_an_endpoint_of_an_interrupted_run_that_finds_nothing_is_repeated() {
    let stub = Stub::new(|asked| match (asked.operation.as_str(), asked.before) {
        // it is found by its tags, and then not by its id
        ("DescribeVpcEndpoints", 1..4) => Answer::Refused("InvalidVpcEndpointId.NotFound", "not yet"),
        _ => of_subnet(asked),
    });
    let cx = stub.cx("aws:ec2/vpcEndpoint:VpcEndpoint");
    cx.recovery.begin([].into(), [].into());
    let made = Stub::run(Box::pin(Adapter::<VpcEndpoint>::create(&cx, &in_subnet(&json!({}))))).await.0.expect("made");
    assert_eq!((made.id.as_str(), made.incomplete), ("vpce-1", None));
    assert!(stub.asked("CreateVpcEndpoint").is_empty());
    // three looks for nothing, one that finds it, and one whether it is settled
    assert_eq!(stub.asked("DescribeVpcEndpoints").len(), 6);
}

crate::lifecycle! {
    token: "aws:ec2/vpcEndpoint:VpcEndpoint",
    needs: [
        ("aws:ec2/vpc:Vpc", { "cidrBlock": "10.80.0.0/16" }),
        ("aws:ec2/routeTable:RouteTable", { "vpcId": "${0.id}" }),
        ("aws:ec2/routeTable:RouteTable", { "vpcId": "${0.id}" }),
        ("aws:ec2/routeTable:RouteTable", { "vpcId": "${0.id}" }),
    ],
    sample: {
        "vpcId": "${0.id}", "serviceName": "com.amazonaws.ap-southeast-2.s3", "vpcEndpointType": "Gateway",
        "routeTableIds": ["${1.id}", "${2.id}"], "tags": { "a": "1" },
    },
    change: {
        "routeTableIds": ["${3.id}", "${1.id}"], "tags": { "b": "2" },
        "policy": "{\"Version\": \"2012-10-17\", \"Statement\": [{\"Effect\": \"Allow\", \"Principal\": \"*\", \"Action\": \"s3:*\", \"Resource\": \"*\"}]}",
    },
}

mod interface {
    crate::lifecycle! {
        token: "aws:ec2/vpcEndpoint:VpcEndpoint",
        needs: [
            ("aws:ec2/vpc:Vpc", { "cidrBlock": "10.80.0.0/16" }),
            ("aws:ec2/subnet:Subnet", { "vpcId": "${0.id}", "cidrBlock": "10.80.0.0/20", "availabilityZone": "ap-southeast-2a" }),
            ("aws:ec2/subnet:Subnet", { "vpcId": "${0.id}", "cidrBlock": "10.80.16.0/20", "availabilityZone": "ap-southeast-2b" }),
        ],
        sample: {
            "vpcId": "${0.id}", "serviceName": "com.amazonaws.ap-southeast-2.sqs", "vpcEndpointType": "Interface",
            "subnetIds": ["${1.id}"], "privateDnsEnabled": true,
        },
        change: { "subnetIds": ["${1.id}", "${2.id}"], "privateDnsEnabled": false },
    }
}

#[test]
fn what_changes_of_a_list_is_told_by_what_comes_and_goes() {
    let list = |ids: &[&str]| ids.iter().map(|id| (*id).to_owned()).collect::<Vec<_>>();
    let told = |old: Option<&[&str]>, new: Option<&[&str]>| moved(old.map(list).as_deref(), new.map(list).as_deref());
    assert_eq!(told(Some(&["a", "b"]), Some(&["c", "b"])), (Some(list(&["c"])), Some(list(&["a"]))));
    assert_eq!(told(Some(&["a", "b"]), Some(&["b", "a"])), (None, None));
    assert_eq!(told(Some(&["a"]), None), (None, None));
    assert_eq!(told(None, Some(&["a"])), (Some(list(&["a"])), None));
}

#[test]
fn each_type_has_its_own_way_into_the_vpc() {
    let wrong = |fields: &[(&str, Value)]| {
        let service = ("serviceName".to_owned(), "s3".to_value());
        let given = fields.iter().map(|(k, v)| ((*k).to_owned(), v.clone())).chain([service]).collect();
        Adapter::<VpcEndpoint>::check(&given).into_iter().map(|f| f.property).collect::<Vec<_>>().join(" ")
    };
    let kind = |kind: &str| ("vpcEndpointType", kind.to_value());
    let (tables, subnets) = (("routeTableIds", Value::Unknown), ("subnetIds", Value::Unknown));
    assert_eq!(
        (wrong(std::slice::from_ref(&tables)), wrong(std::slice::from_ref(&subnets))),
        (String::new(), "subnetIds".to_owned())
    );
    assert_eq!(wrong(&[kind("Interface"), subnets]), "");
    assert_eq!(wrong(&[kind("Interface"), tables]), "routeTableIds");
    assert_eq!(wrong(&[("serviceNetworkArn", Value::Unknown)]), "serviceName");
}
