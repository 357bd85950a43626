//! Tests of VPCs.

use pulumi::value::ToValue;

use super::*;
use crate::{
    stub::{
        Answer, Asked, Stub, done, inputs,
        late::{Late, Refusal, SETTLED, is_waited_out},
    },
    testing::{Adapter, CustomResource as _},
};

crate::lifecycle! {
    token: "aws:ec2/vpc:Vpc",
    needs: [],
    sample: { "cidrBlock": "10.80.0.0/16", "enableDnsSupport": true, "enableDnsHostnames": true, "tags": { "a": "1" } },
    change: {
        "enableDnsSupport": false, "enableDnsHostnames": false, "assignGeneratedIpv6CidrBlock": true,
        "enableNetworkAddressUsageMetrics": true, "tags": { "b": "2" },
    },
}

#[test]
fn a_network_is_written_with_its_first_address() {
    for right in ["10.80.0.0/16", "10.80.16.0/20", "0.0.0.0/0", "10.0.0.1/32"] {
        assert_eq!(not_a_network(right), None);
    }
    assert!(not_a_network("10.80.1.0/16").is_some_and(|why| why.ends_with("write `10.80.0.0/16`")));
    for wrong in ["10.80.0.0", "10.80.0.0/33", "10.80.0/16", "::/0", ""] {
        assert!(not_a_network(wrong).is_some_and(|why| why.contains("is no IPv4 network")), "{wrong}");
    }
}

#[test]
fn what_aws_would_refuse_is_said_before() {
    let wrong = |fields: &[(&str, Value)]| {
        let map = fields.iter().map(|(k, v)| ((*k).to_owned(), v.clone())).collect();
        Adapter::<Vpc>::check(&map).into_iter().map(|f| f.property).collect::<Vec<_>>().join(" ")
    };
    let cidr = ("cidrBlock", "10.80.0.0/16".to_value());
    assert_eq!(wrong(&[]), "cidrBlock");
    assert_eq!(wrong(&[("ipv4NetmaskLength", Value::Number(20.0)), cidr.clone()]), "ipv4NetmaskLength");
    assert_eq!(wrong(&[("ipv4IpamPoolId", "ipam-pool-1".to_value()), ("ipv4NetmaskLength", Value::Number(20.0))]), "");
    let dns = |support: Value| [cidr.clone(), ("enableDnsHostnames", true.to_value()), ("enableDnsSupport", support)];
    assert_eq!(
        (wrong(&dns(false.to_value())), wrong(&dns(Value::Unknown))),
        ("enableDnsHostnames".to_owned(), String::new())
    );
}

/// A VPC of which every second or fourth look finds nothing.
fn seen_by_half_of_ec2(asked: &Asked) -> Answer {
    const ABSENT: Answer = Answer::Refused("InvalidVpcID.NotFound", "The vpc ID 'vpc-1' does not exist");
    let vpc = "<item><vpcId>vpc-1</vpcId><state>available</state><cidrBlock>10.80.0.0/16</cidrBlock>\
               <instanceTenancy>default</instanceTenancy></item>";
    match asked.operation.as_str() {
        "CreateVpc" => Answer::Xml(format!("<vpc>{}</vpc>", vpc.replace("<item>", "").replace("</item>", ""))),
        // three at a time are asked for
        "DescribeVpcAttribute" if asked.before.is_multiple_of(4) => ABSENT,
        "DescribeVpcs" | "ModifyVpcAttribute" if asked.before.is_multiple_of(2) => ABSENT,
        "DescribeVpcs" => Answer::Xml(format!("<vpcSet>{vpc}</vpcSet>")),
        "DescribeVpcAttribute" => {
            let name = asked.body["Attribute"].as_str().unwrap_or_default();
            Answer::Xml(format!("<{name}><value>true</value></{name}>"))
        }
        _ => done(asked),
    }
}

#[tokio::test]
async fn a_second_look_at_a_new_vpc_that_finds_nothing_is_repeated() {
    let given = |asked: &Asked| match asked.operation.as_str() {
        "DescribeRouteTables" => {
            Answer::Xml("<routeTableSet><item><routeTableId>rtb-1</routeTableId></item></routeTableSet>".to_owned())
        }
        "DescribeNetworkAcls" => {
            Answer::Xml("<networkAclSet><item><networkAclId>acl-1</networkAclId></item></networkAclSet>".to_owned())
        }
        "DescribeSecurityGroups" => {
            Answer::Xml("<securityGroupInfo><item><groupId>sg-1</groupId></item></securityGroupInfo>".to_owned())
        }
        _ => seen_by_half_of_ec2(asked),
    };
    let stub = Stub::new(given);
    let wanted: Inputs = inputs(&serde_json::json!({
        "cidrBlock": "10.80.0.0/16", "enableDnsHostnames": true, "enableNetworkAddressUsageMetrics": true,
    }));
    let cx = stub.cx("aws:ec2/vpc:Vpc");
    let made = Stub::run(Box::pin(Adapter::<Vpc>::create(&cx, &wanted))).await.0.expect("made");
    assert_eq!((made.incomplete, made.outputs.default_security_group_id.as_str()), (None, "sg-1"));
    let gone =
        Stub::new(|asked| Answer::Refused("InvalidVpcID.NotFound", if asked.before > 0 { "no" } else { "none" }));
    assert!(
        Adapter::<Vpc>::read(&gone.cx("aws:ec2/vpc:Vpc"), "vpc-1").await.expect("read").is_none(),
        "a read says so at once"
    );
}

/// A VPC whose IPv6 network is in some state.
fn with_network(state: &str) -> Answer {
    Answer::Xml(format!(
        "<vpcSet><item><vpcId>vpc-1</vpcId><state>available</state><ipv6CidrBlockAssociationSet><item>\
         <associationId>a</associationId><ipv6Pool>Amazon</ipv6Pool><ipv6CidrBlockState><state>{state}</state>\
         </ipv6CidrBlockState></item></ipv6CidrBlockAssociationSet></item></vpcSet>"
    ))
}

#[tokio::test]
async fn a_vpc_is_set_up_when_ec2_knows_it_and_goes_when_nothing_uses_it() {
    const TOKEN: &str = "aws:ec2/vpc:Vpc";
    const USED: &[Refusal] = &[("DependencyViolation", "")];
    let ec2 = |asked: &Asked| match (asked.operation.as_str(), asked.before) {
        ("DescribeVpcs", 0) => with_network("associated"),
        ("DescribeVpcs", _) => with_network("disassociated"),
        ("DescribeVpcAttribute", _) => {
            let name = asked.body["Attribute"].as_str().unwrap_or_default();
            Answer::Xml(format!("<{name}><value>true</value></{name}>"))
        }
        _ => done(asked),
    };
    for name in [
        VpcAttributeName::EnableDnsSupport,
        VpcAttributeName::EnableDnsHostnames,
        VpcAttributeName::EnableNetworkAddressUsageMetrics,
    ] {
        let late: &[Late] = &[("ModifyVpcAttribute", SETTLED, &[("InvalidVpcID.NotFound", "")])];
        is_waited_out(TOKEN, late, ec2, async |cx| Ok(set(&cx, "vpc-1", name.clone(), true).await?)).await;
    }
    let vpc: Inputs = inputs(&serde_json::json!({ "cidrBlock": "10.80.0.0/16" }));
    let late: &[Late] = &[("DisassociateVpcCidrBlock", DETACHING, USED), ("DeleteVpc", DETACHING, USED)];
    let go = async |cx: Cx| {
        give_ipv6(&cx, "vpc-1", false).await?;
        Adapter::<Vpc>::delete(&cx, "vpc-1", &vpc).await
    };
    is_waited_out(TOKEN, late, ec2, go).await;
}

#[tokio::test]
async fn an_ipv6_network_is_waited_for_until_it_is_there_and_until_it_has_gone() {
    for (wanted, before, meanwhile, after) in
        [(true, "disassociated", "associating", "associated"), (false, "associated", "associated", "disassociated")]
    {
        let stub = Stub::new(move |asked| match (asked.operation.as_str(), asked.before) {
            ("DescribeVpcs", 0) => with_network(before),
            ("DescribeVpcs", 1..5) => with_network(meanwhile),
            ("DescribeVpcs", _) => with_network(after),
            ("AssociateVpcCidrBlock", _) => Answer::Xml(
                "<ipv6CidrBlockAssociation><associationId>a</associationId></ipv6CidrBlockAssociation>".to_owned(),
            ),
            _ => done(asked),
        });
        let (changed, _) = Stub::run(give_ipv6(&stub.cx("aws:ec2/vpc:Vpc"), "vpc-1", wanted)).await;
        assert_eq!((changed, stub.asked("DescribeVpcs").len()), (Ok(()), 6), "{wanted}");
    }
}

#[tokio::test]
async fn an_attribute_is_waited_for_until_ec2_shows_it_as_it_was_set() {
    let stub = Stub::new(|asked| match (asked.operation.as_str(), asked.before) {
        ("DescribeVpcAttribute", 0) => Answer::Refused("InvalidVpcID.NotFound", "not yet"),
        ("DescribeVpcAttribute", before) => {
            Answer::Xml(format!("<enableDnsHostnames><value>{}</value></enableDnsHostnames>", before > 4))
        }
        _ => done(asked),
    });
    let cx = stub.cx("aws:ec2/vpc:Vpc");
    let (changed, _) = Stub::run(set(&cx, "vpc-1", VpcAttributeName::EnableDnsHostnames, true)).await;
    assert_eq!((changed, stub.asked("DescribeVpcAttribute").len()), (Ok(()), 6));
}
