//! The life of a default security group, and how its rules are written.

use pulumi::value::ToValue;
use serde_json::json;

use super::*;
use crate::{
    stub::{
        Answer, Asked, Stub, done, inputs,
        late::{Late, Refusal, is_waited_out},
    },
    testing::{self, Adapter, CustomResource as _, Sample, map},
};

const TOKEN: &str = "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup";

/// Emptied of AWS's own rules; the rules that come then stand for those that somebody adds by hand.
fn sample() -> Sample {
    Sample {
        account: testing::Account::Member,
        token: TOKEN,
        needs: vec![("aws:ec2/vpc:Vpc", json!({ "cidrBlock": "10.80.0.0/16" }))],
        sample: json!({ "vpcId": "${0.id}", "tags": { "a": "1" } }),
        change: Some(json!({
            "ingress": [
                { "protocol": "tcp", "fromPort": 443, "toPort": 443, "cidrBlocks": ["10.80.0.0/16", "10.41.0.0/16"], "self": true },
                { "protocol": "TCP", "fromPort": 443, "toPort": 443, "cidrBlocks": ["10.42.0.0/16"], "description": "more" },
            ],
            "egress": [{ "protocol": "-1", "fromPort": 0, "toPort": 0, "cidrBlocks": ["0.0.0.0/0"] }],
            "tags": { "b": "2" },
        })),
        import: None,
    }
}

/// A new VPC's group, of which EC2 lists no rules at first, though the group has two.
fn lagging(asked: &Asked) -> Answer {
    let group = "<groupId>sg-1</groupId><groupName>default</groupName><vpcId>vpc-1</vpcId>";
    let all = "<item><ipProtocol>-1</ipProtocol>";
    let permissions = format!(
        "<ipPermissions>{all}<groups><item><groupId>sg-1</groupId></item></groups></item></ipPermissions>\
         <ipPermissionsEgress>{all}<ipRanges><item><cidrIp>0.0.0.0/0</cidrIp></item></ipRanges></item></ipPermissionsEgress>"
    );
    let rule = |id: &str, egress: bool, peer: &str| {
        format!(
            "<item><securityGroupRuleId>{id}</securityGroupRuleId><groupId>sg-1</groupId><isEgress>{egress}</isEgress>\
             <ipProtocol>-1</ipProtocol><fromPort>-1</fromPort><toPort>-1</toPort>{peer}</item>"
        )
    };
    let itself = rule("sgr-in", false, "<referencedGroupInfo><groupId>sg-1</groupId></referencedGroupInfo>");
    let everywhere = rule("sgr-out", true, "<cidrIpv4>0.0.0.0/0</cidrIpv4>");
    match (asked.operation.as_str(), asked.before) {
        ("DescribeSecurityGroups", 0..5) => {
            Answer::Xml(format!("<securityGroupInfo><item>{group}{permissions}</item></securityGroupInfo>"))
        }
        ("DescribeSecurityGroups", _) => {
            Answer::Xml(format!("<securityGroupInfo><item>{group}</item></securityGroupInfo>"))
        }
        ("DescribeSecurityGroupRules", 2..4) => {
            Answer::Xml(format!("<securityGroupRuleSet>{itself}{everywhere}</securityGroupRuleSet>"))
        }
        ("DescribeTags", _) => Answer::Xml("<tagSet></tagSet>".to_owned()),
        ("CreateTags", 0) => Answer::Refused("InvalidGroup.NotFound", "not yet"),
        _ => done(asked),
    }
}

#[tokio::test]
async fn a_group_whose_rules_are_not_listed_yet_is_not_taken_for_empty() {
    let stub = Stub::new(lagging);
    let cx = stub.cx(TOKEN);
    let wanted: Inputs = inputs(&json!({ "vpcId": "vpc-1" }));
    let made = Stub::run(Adapter::<DefaultSecurityGroup>::create(&cx, &wanted)).await.0.expect("taken over");
    assert_eq!(made.incomplete, None);
    let revoked = |operation: &str| stub.asked(operation)[0]["SecurityGroupRuleId.1"].clone();
    assert_eq!(revoked("RevokeSecurityGroupIngress"), "sgr-in");
    assert_eq!(revoked("RevokeSecurityGroupEgress"), "sgr-out");
}

#[tokio::test]
async fn a_new_vpcs_group_is_waited_for_until_ec2_shows_it() {
    const LATE: usize = 3;
    let stub = Stub::new(|asked| match asked.operation.as_str() {
        "DescribeSecurityGroups" if asked.before < LATE => done(asked),
        "DescribeSecurityGroups" => lagging(&Asked { before: asked.before - LATE, ..asked.clone() }),
        _ => lagging(asked),
    });
    let cx = stub.cx(TOKEN);
    let made = Stub::run(Adapter::<DefaultSecurityGroup>::create(&cx, &inputs(&json!({ "vpcId": "vpc-1" })))).await.0;
    let made = made.expect("taken over");
    assert_eq!((made.id.as_str(), made.incomplete), ("sg-1", None));
}

#[tokio::test]
async fn each_change_of_the_rules_is_made_again_until_ec2_knows_the_group() {
    const YOUNG: &[Refusal] = &[("InvalidGroup.NotFound", "")];
    let late: Vec<Late> = [
        "RevokeSecurityGroupIngress",
        "AuthorizeSecurityGroupIngress",
        "RevokeSecurityGroupEgress",
        "AuthorizeSecurityGroupEgress",
    ]
    .map(|operation| (operation, EC2_IS_SPREADING.limit, YOUNG))
    .into();
    let rules = async |cx: Cx| {
        for egress in [false, true] {
            let missing = IpPermission::builder().ip_protocol("tcp").build();
            change(&cx, "sg-1", egress, vec!["sgr-1".to_owned()], vec![missing]).await?;
        }
        Ok(())
    };
    is_waited_out(TOKEN, &late, done, rules).await;
}

#[tokio::test]
async fn a_refresh_does_not_take_it_for_empty_either() {
    let stub = Stub::new(lagging);
    let live = Stub::run(Adapter::<DefaultSecurityGroup>::read(&stub.cx(TOKEN), "sg-1"))
        .await
        .0
        .expect("read")
        .expect("there");
    assert_eq!((live.inputs.ingress.len(), live.inputs.egress.len()), (1, 1));
    let never = Stub::new(|asked| match asked.operation.as_str() {
        "DescribeSecurityGroups" => lagging(&Asked { before: 0, ..asked.clone() }),
        _ => done(asked),
    });
    let error =
        Stub::run(Adapter::<DefaultSecurityGroup>::read(&never.cx(TOKEN), "sg-1")).await.0.expect_err("they differ");
    assert_eq!(
        error.message,
        "waited 60 s for it to list the same number of rules in DescribeSecurityGroups and DescribeSecurityGroupRules"
    );
}

#[tokio::test]
async fn basic() {
    testing::basic(sample()).await;
}

#[tokio::test]
async fn import() {
    testing::import(sample()).await;
}

#[tokio::test]
async fn preview_with_unknowns() {
    testing::preview_with_unknowns(sample()).await;
}

#[tokio::test]
async fn a_delete_leaves_it_as_it_is() {
    testing::stays(sample()).await;
}

#[test]
fn rules_are_grouped_and_taken_apart_again() {
    let shape =
        |json: serde_json::Value| DefaultSecurityGroupIngress::from_value(&Value::Object(map(&json))).expect("a rule");
    let one =
        shape(json!({ "protocol": "6", "fromPort": 1, "toPort": 2, "cidrBlocks": ["10.0.0.0/8"], "self": false }));
    let two =
        shape(json!({ "protocol": "tcp", "fromPort": 1, "toPort": 2, "cidrBlocks": ["11.0.0.0/8"], "self": true }));
    let all = shape(json!({ "protocol": "all", "fromPort": 0, "toPort": 0, "ipv6CidrBlocks": ["::/0"] }));
    let rules = rules_of(&[one, two, all]);
    assert_eq!(rules.len(), 4);
    let again: Vec<_> = grouped(rules.clone().into_iter()).into_iter().map(DefaultSecurityGroupIngress::from).collect();
    assert_eq!(again.len(), 2);
    assert_eq!(rules_of(&again), rules);
}

#[test]
fn what_means_the_same_keeps_its_words() {
    let words = json!({ "ingress": [
        { "protocol": "tcp", "fromPort": 80, "toPort": 80, "cidrBlocks": ["11.0.0.0/8"], "self": false },
        { "protocol": "tcp", "fromPort": 80, "toPort": 80, "cidrBlocks": ["10.0.0.0/8"], "securityGroups": ["111122223333/sg-1"] },
    ] });
    let told = |cidr: &str| {
        let rule = json!({ "protocol": "tcp", "fromPort": 80, "toPort": 80, "cidrBlocks": ["10.0.0.0/8", cidr], "securityGroups": ["sg-1"] });
        let mut live = map(&json!({ "ingress": [rule] }));
        Adapter::<DefaultSecurityGroup>::reduce(Some(&map(&words)), &mut live);
        live
    };
    assert_eq!(told("11.0.0.0/8"), map(&words));
    assert_ne!(told("12.0.0.0/8"), map(&words));
}

#[test]
fn wrong_rules_are_named_with_their_places() {
    let rules = json!([
        { "protocol": "tcp", "fromPort": 80, "toPort": 80 },
        { "protocol": "-1", "fromPort": 0, "toPort": 65535, "self": true },
        { "protocol": "tcp", "fromPort": 80, "toPort": 80, "cidrBlocks": ["10.0.0.0/8", "10.0.0.1/8"], "ipv6CidrBlocks": ["::1/0"] },
    ]);
    let wrong = |inputs: &Map| {
        Adapter::<DefaultSecurityGroup>::check(inputs).into_iter().map(|f| f.property).collect::<Vec<_>>()
    };
    let places = ["egress[0]", "egress[1].fromPort", "egress[2].cidrBlocks[1]", "egress[2].ipv6CidrBlocks[0]"];
    assert_eq!(wrong(&map(&json!({ "egress": rules }))), places);
    let unknown = [("cidrBlocks".to_owned(), Value::Unknown), ("protocol".to_owned(), "tcp".to_value())];
    let rule = Value::Object(unknown.into());
    assert!(wrong(&[("ingress".to_owned(), Value::Array(vec![rule]))].into()).is_empty());
}
