//! Tests of VPCs.

use pulumi::value::ToValue;

use super::*;

crate::lifecycle! {
    token: "aws:ec2/vpc:Vpc",
    needs: [],
    sample: { "cidrBlock": "10.40.0.0/16", "enableDnsSupport": true, "enableDnsHostnames": true, "tags": { "a": "1" } },
    change: {
        "enableDnsSupport": false, "enableDnsHostnames": false, "assignGeneratedIpv6CidrBlock": true,
        "enableNetworkAddressUsageMetrics": true, "tags": { "b": "2" },
    },
}

#[test]
fn a_network_is_written_with_its_first_address() {
    for right in ["10.40.0.0/16", "10.40.16.0/20", "0.0.0.0/0", "10.0.0.1/32"] {
        assert_eq!(not_a_network(right), None);
    }
    assert!(not_a_network("10.40.1.0/16").is_some_and(|why| why.ends_with("write `10.40.0.0/16`")));
    for wrong in ["10.40.0.0", "10.40.0.0/33", "10.40.0/16", "::/0", ""] {
        assert!(not_a_network(wrong).is_some_and(|why| why.contains("is no IPv4 network")), "{wrong}");
    }
}

#[test]
fn what_aws_would_refuse_is_said_before() {
    let wrong = |fields: &[(&str, Value)]| {
        let map = fields.iter().map(|(k, v)| ((*k).to_owned(), v.clone())).collect();
        Vpc::check(&map).into_iter().map(|f| f.property).collect::<Vec<_>>().join(" ")
    };
    let cidr = ("cidrBlock", "10.40.0.0/16".to_value());
    assert_eq!(wrong(&[]), "cidrBlock");
    assert_eq!(wrong(&[("ipv4NetmaskLength", Value::Number(20.0)), cidr.clone()]), "ipv4NetmaskLength");
    assert_eq!(wrong(&[("ipv4IpamPoolId", "ipam-pool-1".to_value()), ("ipv4NetmaskLength", Value::Number(20.0))]), "");
    let dns = |support: Value| [cidr.clone(), ("enableDnsHostnames", true.to_value()), ("enableDnsSupport", support)];
    assert_eq!(
        (wrong(&dns(false.to_value())), wrong(&dns(Value::Unknown))),
        ("enableDnsHostnames".to_owned(), String::new())
    );
}
