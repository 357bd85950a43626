//! The security group that AWS makes with a VPC: taken over, and given exactly the rules that are said here.
//!
//! Calls: DescribeSecurityGroups, DescribeSecurityGroupRules, AuthorizeSecurityGroupIngress, AuthorizeSecurityGroupEgress,
//! RevokeSecurityGroupIngress, RevokeSecurityGroupEgress, CreateTags, DeleteTags, DescribeTags. IAM: `ec2:` + each of these.
//!
//! - With no rules said it has none: those AWS gives it (all from itself, all to everywhere) are taken away, as is what
//!   somebody adds by hand.
//! - AWS lets nobody make or delete it: a create takes it over, and a delete leaves it, with its rules, as it is.
//! - AWS keeps a rule for every source, and a program groups them: long because each is told in the other's form here.

use std::collections::BTreeSet;

use aws_sdk_ec2::types::{
    IpPermission, IpRange, Ipv6Range, PrefixListId, SecurityGroup, SecurityGroupRule, UserIdGroupPair,
};
use pulumi::value::FromValue;

use super::vpc::SETTLING;
use crate::{
    checks::items,
    cidr::{not_a_network, not_an_ipv6_network},
    prelude::*,
    tags::{Ec2Thing, ec2::filter},
    waits::{EC2_IS_SPREADING, SECOND_LOOK},
};

/// A VPC's default security group.
#[derive(Clone, Debug, Resource)]
#[resource(
    token = "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup",
    noun = "default security group",
    handle = DefaultSecurityGroup,
    tags
)]
pub struct Inputs {
    /// Id of the VPC; absent is the region's default VPC.
    #[resource(replace, computed)]
    pub vpc_id: Option<String>,
    /// Rules for incoming traffic; absent lets nothing in.
    #[resource(default, set)]
    pub ingress: Vec<DefaultSecurityGroupIngress>,
    /// Rules for outgoing traffic; absent lets nothing out.
    #[resource(default, set)]
    pub egress: Vec<DefaultSecurityGroupEgress>,
}

/// The two shapes of a rule: they differ in name alone.
macro_rules! shapes {
    ($($(#[doc = $doc:literal])* $name:ident,)*) => { $(
        $(#[doc = $doc])*
        #[derive(Clone, Debug, PartialEq, Eq, Shape)]
        pub struct $name {
            /// `tcp`, `udp`, `icmp`, `icmpv6`, `-1` for all, or a number of IANA's list.
            pub protocol: String,
            /// First port, or type of ICMP; 0 where the protocol has none.
            pub from_port: i32,
            /// Last port, or code of ICMP; 0 where the protocol has none.
            pub to_port: i32,
            /// IPv4 networks.
            pub cidr_blocks: Option<Vec<String>>,
            /// IPv6 networks.
            pub ipv6_cidr_blocks: Option<Vec<String>>,
            /// Managed prefix lists.
            pub prefix_list_ids: Option<Vec<String>>,
            /// Security groups; one of another account as `<account>/<group>`.
            pub security_groups: Option<Vec<String>>,
            /// Whether the rule is for members of the group itself too.
            #[resource(name = "self")]
            pub self_: Option<bool>,
            /// What the rule is for.
            pub description: Option<String>,
        }

        impl From<&$name> for BTreeSet<Rule> {
            fn from(shape: &$name) -> Self {
                let lists: [(_, fn(String) -> Peer); 4] = [
                    (&shape.cidr_blocks, Peer::Ipv4),
                    (&shape.ipv6_cidr_blocks, Peer::Ipv6),
                    (&shape.prefix_list_ids, Peer::PrefixList),
                    (&shape.security_groups, Peer::Group),
                ];
                let listed = lists.into_iter().flat_map(|(names, peer)| names.iter().flatten().cloned().map(peer));
                let peers = listed.chain((shape.self_ == Some(true)).then_some(Peer::Itself));
                let traffic = Traffic::new(&shape.protocol, shape.from_port, shape.to_port);
                let description = given(shape.description.clone());
                let rule = |peer| Rule { traffic: traffic.clone(), description: description.clone(), peer };
                peers.map(rule).collect()
            }
        }

        impl From<Group> for $name {
            fn from(group: Group) -> Self {
                let ((traffic, description), peers) = group;
                let all = |name: fn(&Peer) -> Option<&String>| {
                    let names: Vec<_> = peers.iter().filter_map(name).cloned().collect();
                    (!names.is_empty()).then_some(names)
                };
                Self {
                    protocol: traffic.protocol,
                    from_port: traffic.from,
                    to_port: traffic.to,
                    cidr_blocks: all(|p| if let Peer::Ipv4(name) = p { Some(name) } else { None }),
                    ipv6_cidr_blocks: all(|p| if let Peer::Ipv6(name) = p { Some(name) } else { None }),
                    prefix_list_ids: all(|p| if let Peer::PrefixList(name) = p { Some(name) } else { None }),
                    security_groups: all(|p| if let Peer::Group(name) = p { Some(name) } else { None }),
                    self_: peers.contains(&Peer::Itself).then_some(true),
                    description,
                }
            }
        }
    )* };
}

shapes! {
    /// A rule for incoming traffic.
    DefaultSecurityGroupIngress,
    /// A rule for outgoing traffic.
    DefaultSecurityGroupEgress,
}

/// Outputs of a default security group.
#[derive(Clone, Debug, Outputs)]
#[resource(handle = DefaultSecurityGroup)]
pub struct Outputs {
    /// ARN.
    pub arn: String,
    /// `default`.
    pub name: String,
    /// AWS's description of the group.
    pub description: String,
    /// Account that owns the group.
    pub owner_id: String,
}

/// Traffic that a rule lets through.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Traffic {
    protocol: String,
    from: i32,
    to: i32,
}

/// Where it comes from, or goes to.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Peer {
    Ipv4(String),
    Ipv6(String),
    PrefixList(String),
    Group(String),
    Itself,
}

/// A rule as AWS keeps it: of one peer.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Rule {
    traffic: Traffic,
    description: Option<String>,
    peer: Peer,
}

/// Rules that differ in their peers alone.
type Group = ((Traffic, Option<String>), BTreeSet<Peer>);

const ALL: &str = "-1";
/// Protocols that have ports, or types and codes.
const PORTED: [&str; 4] = ["tcp", "udp", "icmp", "icmpv6"];

impl AwsResource for DefaultSecurityGroup {
    const ABSENT: Codes = &["InvalidGroup.NotFound", "InvalidGroupId.NotFound"];

    fn tagged(_: &Cx, id: &str) -> Tagged {
        Box::new(Ec2Thing(id.to_owned()))
    }

    fn check(checks: &mut Checks<'_>) {
        for property in ["ingress", "egress"] {
            for (i, rule) in items(checks.inputs, property).iter().enumerate() {
                check(checks, &format!("{property}[{i}]"), rule);
            }
        }
    }

    fn reduce(olds: Option<&Map>, live: &mut Map) {
        let Some(olds) = olds else { return };
        keep_words::<DefaultSecurityGroupIngress>("ingress", olds, live);
        keep_words::<DefaultSecurityGroupEgress>("egress", olds, live);
    }

    async fn create(cx: &Cx, inputs: &Inputs) -> Answer<Created<Outputs>> {
        let of_vpc = || async {
            let vpc = match &inputs.vpc_id {
                Some(vpc) => vpc.clone(),
                None => default_vpc(cx).await?,
            };
            let call = cx.clients.ec2.describe_security_groups().filters(filter("vpc-id", &vpc));
            let pages = call.filters(filter("group-name", "default")).into_paginator().items().send();
            Ok(pages.collect::<Result<Vec<_>, _>>().await?.into_iter().next())
        };
        // a VPC made a moment ago may not show it yet
        let group = waits::until(SETTLING, "to show in its VPC", of_vpc).await?;
        let id = group.group_id.clone().unwrap_or_default();
        let taken = async {
            let target = Self::tagged(cx, &id);
            target.claim(cx, &target.all(cx).await?).await?;
            put(cx, &id, inputs).await
        };
        Ok(Created::new(&id, outputs(cx, &id, &group)).and(taken.await))
    }

    async fn read(cx: &Cx, id: &str) -> Answer<Option<Live<Inputs, Outputs>>> {
        let told = waits::until(
            SECOND_LOOK,
            "to list the same number of rules in DescribeSecurityGroups and DescribeSecurityGroupRules",
            || look(cx, id),
        );
        let Some((group, rules)) = told.await? else { return Ok(None) };
        let of =
            |egress: bool| grouped(rules.iter().filter(|rule| rule.egress == egress).map(|rule| rule.rule.clone()));
        let inputs = Inputs {
            vpc_id: group.vpc_id.clone(),
            ingress: of(false).into_iter().map(Into::into).collect(),
            egress: of(true).into_iter().map(Into::into).collect(),
        };
        Ok(Some(Live { inputs, outputs: outputs(cx, id, &group) }))
    }

    async fn update(cx: &Cx, id: &str, _: &Inputs, new: &Inputs, outputs: Outputs) -> Answer<Outputs> {
        put(cx, id, new).await?;
        Ok(outputs)
    }

    async fn delete(_: &Cx, _: &str, _: &Inputs) -> Answer {
        Ok(())
    }
}

fn outputs(cx: &Cx, id: &str, group: &SecurityGroup) -> Outputs {
    let arn = || cx.arn("ec2", &format!("security-group/{id}"));
    Outputs {
        arn: group.security_group_arn.clone().unwrap_or_else(arn),
        name: group.group_name.clone().unwrap_or_default(),
        description: group.description.clone().unwrap_or_default(),
        owner_id: group.owner_id.clone().unwrap_or_else(|| cx.caller.account.clone()),
    }
}

async fn default_vpc(cx: &Cx) -> Answer<String> {
    let call = cx.clients.ec2.describe_vpcs().filters(filter("is-default", "true"));
    let vpcs = call.into_paginator().items().send().collect::<Result<Vec<_>, _>>().await?;
    let none = || Error::new(format!("{} has no default VPC", cx.region)).hint("give the group's VPC with `vpcId`");
    Ok(vpcs.into_iter().find_map(|vpc| vpc.vpc_id).ok_or_else(none)?)
}

/// What AWS would refuse, or write another way ever after.
fn check(checks: &mut Checks<'_>, at: &str, rule: &Value) {
    let Value::Object(rule) = rule else { return };
    let peers = ["cidrBlocks", "ipv6CidrBlocks", "prefixListIds", "securityGroups", "self"];
    let empty = |value: &Value| match value {
        Value::Array(items) => items.is_empty(),
        value => matches!(value, Value::Null | Value::Bool(false)),
    };
    if peers.iter().all(|peer| rule.get(*peer).is_none_or(empty)) {
        checks.wrong(at, format!("a rule needs a source or destination: give one of {}", peers.join(", ")));
    }
    let protocol = rule.get("protocol").and_then(Value::as_str).map(protocol);
    let ported = |property: &str| matches!(rule.get(property), Some(Value::Number(n)) if *n != 0.0);
    if protocol.as_deref() == Some(ALL) && (ported("fromPort") || ported("toPort")) {
        let reason = "a rule for all protocols is for all ports: `fromPort` and `toPort` are 0";
        checks.wrong(&format!("{at}.fromPort"), reason);
    }
    let kinds: [(&str, fn(&str) -> Option<String>); 2] =
        [("cidrBlocks", not_a_network), ("ipv6CidrBlocks", not_an_ipv6_network)];
    for (property, refused) in kinds {
        for (i, cidr) in items(rule, property).iter().enumerate() {
            if let Some(reason) = cidr.as_str().and_then(refused) {
                checks.wrong(&format!("{at}.{property}[{i}]"), reason);
            }
        }
    }
}

/// A protocol as AWS names it.
fn protocol(text: &str) -> String {
    match text.to_ascii_lowercase().as_str() {
        "all" => ALL,
        "6" => "tcp",
        "17" => "udp",
        "1" => "icmp",
        "58" => "icmpv6",
        other => return other.to_owned(),
    }
    .to_owned()
}

impl Traffic {
    /// Of a protocol without ports, whatever AWS says they are means nothing.
    fn new(protocol: &str, from: i32, to: i32) -> Self {
        let protocol = self::protocol(protocol);
        let (from, to) = if PORTED.contains(&protocol.as_str()) { (from, to) } else { (0, 0) };
        Self { protocol, from, to }
    }
}

impl Rule {
    /// The rule as it is compared: a group's id is its own in all accounts.
    fn meaning(mut self, own: &str) -> Self {
        if let Peer::Group(name) = &self.peer {
            let id = name.rsplit_once('/').map_or(name.as_str(), |(_, id)| id);
            self.peer = if id == own { Peer::Itself } else { Peer::Group(id.to_owned()) };
        }
        self
    }

    /// The rule in the form of an Authorize call.
    fn permission(&self, own: &str) -> IpPermission {
        let ported = PORTED.contains(&self.traffic.protocol.as_str());
        let permission = IpPermission::builder()
            .ip_protocol(&self.traffic.protocol)
            .set_from_port(ported.then_some(self.traffic.from))
            .set_to_port(ported.then_some(self.traffic.to));
        let words = self.description.clone();
        let group = |id: &str, account: Option<&str>| {
            let pair = UserIdGroupPair::builder().group_id(id).set_user_id(account.map(str::to_owned));
            pair.set_description(words.clone()).build()
        };
        match &self.peer {
            Peer::Ipv4(cidr) => permission.ip_ranges(IpRange::builder().cidr_ip(cidr).set_description(words).build()),
            Peer::Ipv6(cidr) => {
                permission.ipv6_ranges(Ipv6Range::builder().cidr_ipv6(cidr).set_description(words).build())
            }
            Peer::PrefixList(id) => {
                permission.prefix_list_ids(PrefixListId::builder().prefix_list_id(id).set_description(words).build())
            }
            Peer::Group(name) => permission.user_id_group_pairs(match name.rsplit_once('/') {
                Some((account, id)) => group(id, Some(account)),
                None => group(name, None),
            }),
            Peer::Itself => permission.user_id_group_pairs(group(own, None)),
        }
        .build()
    }
}

/// A rule that AWS has.
struct LiveRule {
    id: String,
    egress: bool,
    rule: Rule,
}

impl From<SecurityGroupRule> for LiveRule {
    fn from(rule: SecurityGroupRule) -> Self {
        let (group, account) = rule.referenced_group_info.map(|g| (g.group_id, g.user_id)).unwrap_or_default();
        let foreign = account.filter(|account| rule.group_owner_id.as_ref().is_some_and(|own| own != account));
        let peer = match (rule.cidr_ipv4, rule.cidr_ipv6, rule.prefix_list_id, group) {
            (Some(cidr), ..) => Peer::Ipv4(cidr),
            (_, Some(cidr), ..) => Peer::Ipv6(cidr),
            (_, _, Some(id), _) => Peer::PrefixList(id),
            (.., id) if id == rule.group_id => Peer::Itself,
            (.., id) => {
                let id = id.unwrap_or_default();
                Peer::Group(foreign.map_or_else(|| id.clone(), |account| format!("{account}/{id}")))
            }
        };
        let (from, to) = (rule.from_port.unwrap_or_default(), rule.to_port.unwrap_or_default());
        let traffic = Traffic::new(&rule.ip_protocol.unwrap_or_default(), from, to);
        let description = given(rule.description);
        Self {
            id: rule.security_group_rule_id.unwrap_or_default(),
            egress: rule.is_egress.unwrap_or(false),
            rule: Rule { traffic, description, peer },
        }
    }
}

/// The group, if there is one, with its rules. `None` means "not yet": the two calls disagree.
///
/// DescribeSecurityGroupRules has the ids of the rules, but searches by a filter, and a filter finds nothing while its
/// index does not know the group. If that counted as "no rules", AWS's own rules, which allow all traffic out and all
/// traffic between members, would stay. DescribeSecurityGroups asks for the group by its id and so is the check: it has
/// one source or destination for each rule.
async fn look(cx: &Cx, id: &str) -> Answer<Option<Option<(SecurityGroup, Vec<LiveRule>)>>> {
    let rules = cx.clients.ec2.describe_security_group_rules().filters(filter("group-id", id)).into_paginator();
    let (group, rules) = futures::future::join(
        cx.clients.ec2.describe_security_groups().group_ids(id).send(),
        rules.items().send().collect::<Result<Vec<_>, _>>(),
    )
    .await;
    let groups = group.found(DefaultSecurityGroup::ABSENT)?.and_then(|answer| answer.security_groups);
    let Some(group) = groups.unwrap_or_default().into_iter().next() else { return Ok(Some(None)) };
    let rules: Vec<LiveRule> = rules?.into_iter().map(Into::into).collect();
    let listed = |egress: bool| rules.iter().filter(|rule| rule.egress == egress).count();
    let agree = listed(false) == count(group.ip_permissions()) && listed(true) == count(group.ip_permissions_egress());
    Ok(agree.then_some(Some((group, rules))))
}

/// How many rules these permissions stand for.
fn count(permissions: &[IpPermission]) -> usize {
    let of = |p: &IpPermission| {
        p.ip_ranges().len() + p.ipv6_ranges().len() + p.prefix_list_ids().len() + p.user_id_group_pairs().len()
    };
    permissions.iter().map(of).sum()
}

/// Rules in as few as they can be said in.
fn grouped(rules: impl Iterator<Item = Rule>) -> Vec<Group> {
    let mut groups: BTreeMap<_, BTreeSet<_>> = BTreeMap::new();
    for rule in rules {
        groups.entry((rule.traffic, rule.description)).or_default().insert(rule.peer);
    }
    groups.into_iter().collect()
}

/// All rules that some shapes say.
fn rules_of<'a, T: 'a>(shapes: &'a [T]) -> BTreeSet<Rule>
where
    BTreeSet<Rule>: From<&'a T>,
{
    shapes.iter().flat_map(BTreeSet::from).collect()
}

/// Rules that mean the same as before are written as before.
fn keep_words<T: FromValue>(property: &str, olds: &Map, live: &mut Map)
where
    for<'a> BTreeSet<Rule>: From<&'a T>,
{
    let Some(words) = olds.get(property) else { return };
    let rules = |value: &Value| {
        let shapes = Vec::<T>::from_value(value).ok()?;
        Some(rules_of(&shapes).into_iter().map(|rule| rule.meaning("")).collect::<BTreeSet<_>>())
    };
    if live.get(property).and_then(rules) == rules(words) && live.contains_key(property) {
        live.insert(property.to_owned(), words.clone());
    }
}

/// Gives the group these rules, and no others; done when AWS shows them.
async fn put(cx: &Cx, id: &str, inputs: &Inputs) -> Answer {
    let wanted = [(false, rules_of(&inputs.ingress)), (true, rules_of(&inputs.egress))];
    let as_wanted = || async {
        // a group that was there a moment ago is not gone
        let Some(Some((_, live))) = look(cx, id).await? else { return Ok(None) };
        let mut done = true;
        for (egress, wanted) in &wanted {
            let live: Vec<_> = live.iter().filter(|r| r.egress == *egress).collect();
            let meant = |rule: &Rule| rule.clone().meaning(id);
            let meanings: BTreeSet<_> = wanted.iter().map(meant).collect();
            let present: BTreeSet<_> = live.iter().map(|r| meant(&r.rule)).collect();
            let surplus = live.iter().filter(|r| !meanings.contains(&meant(&r.rule))).map(|r| r.id.clone()).collect();
            let missing = wanted.iter().filter(|r| !present.contains(&meant(r))).map(|r| r.permission(id)).collect();
            done &= !change(cx, id, *egress, surplus, missing).await?;
        }
        Ok(done.then_some(()))
    };
    waits::until(SETTLING, "to have its rules", as_wanted).await
}

/// Removes and adds rules, and says whether there was anything to do. What was done meanwhile, by the SDK's first
/// attempt or by somebody else, shows at the next look.
async fn change(cx: &Cx, id: &str, egress: bool, surplus: Vec<String>, missing: Vec<IpPermission>) -> Answer<bool> {
    const REMOVED: Codes = &["InvalidSecurityGroupRuleId.NotFound", "InvalidPermission.NotFound"];
    const ADDED: Codes = &["InvalidPermission.Duplicate"];
    let ec2 = &cx.clients.ec2;
    let any = !surplus.is_empty() || !missing.is_empty();
    if !surplus.is_empty() {
        let removed = if egress {
            let call = ec2.revoke_security_group_egress().group_id(id).set_security_group_rule_ids(Some(surplus));
            EC2_IS_SPREADING.out(|| call.clone().send()).await.gone(REMOVED)
        } else {
            let call = ec2.revoke_security_group_ingress().group_id(id).set_security_group_rule_ids(Some(surplus));
            EC2_IS_SPREADING.out(|| call.clone().send()).await.gone(REMOVED)
        };
        removed.within("removing rules")?;
    }
    if !missing.is_empty() {
        let added = if egress {
            let call = ec2.authorize_security_group_egress().group_id(id).set_ip_permissions(Some(missing));
            EC2_IS_SPREADING.out(|| call.clone().send()).await.gone(ADDED)
        } else {
            let call = ec2.authorize_security_group_ingress().group_id(id).set_ip_permissions(Some(missing));
            EC2_IS_SPREADING.out(|| call.clone().send()).await.gone(ADDED)
        };
        added.within("adding rules")?;
    }
    Ok(any)
}

#[cfg(test)]
mod tests;
