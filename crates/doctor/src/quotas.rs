//! Whether what is to be made fits beside what is there.

use config::Zone;
use futures::future::{BoxFuture, join_all};

use super::{
    Doctor,
    ask::{Answer, Error, ask, ask_for},
    check::{Check, one_line},
    credentials::Account,
    names::Existing,
};

/// A number of things that AWS limits.
struct Quota {
    slug: &'static str,
    /// What one is called, and what several are.
    noun: (&'static str, &'static str),
    limit: Limit,
    /// How many a deployment has, all in all.
    wanted: fn(&Zone) -> usize,
    /// The kind of name by which those are counted that exist already.
    kind: &'static str,
    count: for<'a> fn(&'a Account, &'a Zone) -> BoxFuture<'a, Answer<Count>>,
}

/// Where a limit is read.
enum Limit {
    /// In Service Quotas, by code.
    Code { service: &'static str, code: &'static str, default: u64 },
    /// In Service Quotas, by name: codes may change, names do not.
    Name { service: &'static str, name: &'static str, default: u64 },
    /// The same for everybody.
    Fixed(u64),
    /// The service tells it together with the number.
    Counted,
}

/// What there is.
#[derive(Default)]
struct Count {
    used: usize,
    /// How many of them are ours, where names do not tell.
    ours: Option<usize>,
    limit: Option<u64>,
}

macro_rules! quota {
    ($slug:literal, $noun:expr, $limit:expr, $kind:literal, $count:ident, $wanted:expr) => {
        Quota {
            slug: $slug,
            noun: $noun,
            limit: $limit,
            wanted: $wanted,
            kind: $kind,
            count: |at, zone| Box::pin($count(at, zone)),
        }
    };
}

/// Every limit. Defaults as AWS documents them, 2026-11.
const QUOTAS: &[Quota] = &[
    quota!("vpcs", ("VPC in the region", "VPCs in the region"), code("vpc", "L-F678F1CE", 5), "", vpcs, own_vpcs),
    quota!(
        "internet-gateways",
        ("Internet gateway in the region", "Internet gateways in the region"),
        code("vpc", "L-A4707A72", 5),
        "",
        gateways,
        own_vpcs
    ),
    quota!("buckets", ("S3 bucket", "S3 buckets"), code("s3", "L-DC2B2D3D", 10_000), "bucket", buckets, |zone| zone
        .buckets
        .len()),
    quota!(
        "keys",
        ("KMS key in the region", "KMS keys in the region"),
        code("kms", "L-C2F1777E", 100_000),
        "key-alias",
        keys,
        |zone| zone.classes.len()
    ),
    quota!(
        "event-buses",
        ("event bus in the region", "event buses in the region"),
        name("events", "Event buses", 100),
        "event-bus",
        buses,
        |zone| if zone.has("events") { zone.domains.len() } else { 0 }
    ),
    quota!(
        "user-pools",
        ("user pool in the region", "user pools in the region"),
        name("cognito-idp", "User pools per Region", 1_000),
        "pool-domain",
        pools,
        |zone| zone.pools.len()
    ),
    quota!("roles", ("IAM role", "IAM roles"), Limit::Counted, "role", roles, platform_roles),
    // <https://docs.aws.amazon.com/awscloudtrail/latest/userguide/WhatIsCloudTrail-Limits.html>
    quota!("trails", ("trail in the region", "trails in the region"), Limit::Fixed(5), "trail", trails, |zone| {
        usize::from(zone.has("trail"))
    }),
];

fn own_vpcs(zone: &Zone) -> usize {
    usize::from(zone.network.as_ref().is_some_and(|network| network.own().is_some()))
}

fn platform_roles(zone: &Zone) -> usize {
    let of = |stack: &str, count: usize| if zone.has(stack) { count } else { 0 };
    of("roles", zone.domains.len()) + of("access", 2) + of("trail", 1) + of("delivery", 1)
}

const fn code(service: &'static str, code: &'static str, default: u64) -> Limit {
    Limit::Code { service, code, default }
}
const fn name(service: &'static str, name: &'static str, default: u64) -> Limit {
    Limit::Name { service, name, default }
}

/// The checks of this topic.
pub(super) async fn examine(doctor: &Doctor<'_>, existing: &Existing) -> Vec<Check> {
    let member = match &doctor.member {
        Ok(member) => member,
        Err(why) => return vec![Check::not_evaluated("quotas", why)],
    };
    let one = async |quota: &Quota| {
        let (count, limit) = futures::join!((quota.count)(member, doctor.zone), limit(member, &quota.limit));
        let ours = existing.get(quota.kind).copied().unwrap_or_default();
        judge(quota, (quota.wanted)(doctor.zone), ours, count, limit)
    };
    join_all(QUOTAS.iter().map(one)).await
}

/// The limit of this account, and what it is by default; none where the number's answer tells.
async fn limit(at: &Account, limit: &Limit) -> Option<(Answer<u64>, u64)> {
    Some(match limit {
        Limit::Code { service, code, default } => (by_code(at, service, code).await, *default),
        Limit::Name { service, name, default } => (by_name(at, service, name).await, *default),
        Limit::Fixed(limit) => (Ok(*limit), *limit),
        Limit::Counted => return None,
    })
}

/// The account's own value, else the one that all accounts have. Service Quotas knows what belongs to no region in
/// one region only.
async fn by_code(at: &Account, service: &str, code: &str) -> Answer<u64> {
    const ABSENT: &[&str] = &["NoSuchResourceException"];
    let quotas = if service == "s3" { &at.central.quotas } else { &at.clients.quotas };
    let own = ask_for(quotas.get_service_quota().service_code(service).quota_code(code).send(), ABSENT).await?;
    let mut quota = own.and_then(|answer| answer.quota);
    if quota.is_none() {
        let call = quotas.get_aws_default_service_quota().service_code(service).quota_code(code).send();
        quota = ask_for(call, ABSENT).await?.and_then(|answer| answer.quota);
    }
    let value = quota.and_then(|quota| quota.value).ok_or_else(|| Error::new("Service Quotas does not know it"))?;
    Ok(whole(value))
}

async fn by_name(at: &Account, service: &str, name: &str) -> Answer<u64> {
    let pages = at.clients.quotas.list_service_quotas().service_code(service).into_paginator().items().send();
    let quotas = ask(pages.collect::<Result<Vec<_>, _>>()).await?;
    let found = quotas.into_iter().find(|q| q.quota_name.as_deref().is_some_and(|n| n.eq_ignore_ascii_case(name)));
    let value = found.and_then(|quota| quota.value).ok_or_else(|| Error::new("Service Quotas does not know it"))?;
    Ok(whole(value))
}

/// Numbers of things come as floating point.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a limit is a whole number of things")]
fn whole(value: f64) -> u64 {
    value.max(0.0) as u64
}

fn judge(
    quota: &Quota,
    wanted: usize,
    existing: usize,
    count: Answer<Count>,
    limit: Option<(Answer<u64>, u64)>,
) -> Check {
    let id = format!("quotas.{}", quota.slug);
    let (one, many) = quota.noun;
    let count = match count {
        Ok(count) => count,
        Err(error) => return Check::unanswered(id, error.within(&format!("counting {many}"))),
    };
    let needed = wanted.saturating_sub(count.ours.unwrap_or(existing));
    let after = (count.used + needed) as u64;
    let noun = if count.used == 1 { one } else { many };
    let sum = format!("{} {noun}, {needed} more needed", count.used);
    let (limit, default) = match limit {
        Some((limit, default)) => (limit, Some(default)),
        None => (count.limit.ok_or_else(|| Error::new("the service does not tell it")), None),
    };
    match (limit, default) {
        (Ok(limit), _) if after > limit => Check::problem(id, format!("{sum}, {limit} allowed"))
            .hint("remove some, or ask for more in Service Quotas, where AWS gives more"),
        (Ok(limit), _) => Check::ok(id, format!("{sum}, {limit} allowed")),
        (Err(error), Some(default)) => {
            let why = one_line(&error.message);
            let fits = if after > default { "does not fit" } else { "would fit" };
            let finding =
                format!("{sum}; the limit could not be read ({why}): it {fits} into AWS's default of {default}");
            if after > default { Check::warning(id, finding) } else { Check::not_evaluated(id, finding) }
        }
        (Err(error), None) => {
            Check::not_evaluated(id, format!("{sum}; the limit could not be read: {}", error.message))
        }
    }
}

fn is_ours(zone: &Zone, tags: Option<Vec<aws_sdk_ec2::types::Tag>>) -> bool {
    let tags = tags.unwrap_or_default();
    let has = |key: &str, value: &str| {
        tags.iter().any(|t| t.key.as_deref() == Some(key) && t.value.as_deref() == Some(value))
    };
    zone.tags.iter().all(|(key, value)| has(key, value))
}

async fn vpcs(at: &Account, zone: &Zone) -> Answer<Count> {
    let all =
        ask(at.clients.ec2.describe_vpcs().into_paginator().items().send().collect::<Result<Vec<_>, _>>()).await?;
    let used = all.len();
    let ours = all.into_iter().filter(|vpc| is_ours(zone, vpc.tags.clone())).count();
    Ok(Count { used, ours: Some(ours), limit: None })
}

async fn gateways(at: &Account, zone: &Zone) -> Answer<Count> {
    let pages = at.clients.ec2.describe_internet_gateways().into_paginator().items().send();
    let all = ask(pages.collect::<Result<Vec<_>, _>>()).await?;
    let used = all.len();
    let ours = all.into_iter().filter(|gateway| is_ours(zone, gateway.tags.clone())).count();
    Ok(Count { used, ours: Some(ours), limit: None })
}

async fn buckets(at: &Account, _: &Zone) -> Answer<Count> {
    let all = ask(at.clients.s3.list_buckets().into_paginator().items().send().collect::<Result<Vec<_>, _>>()).await?;
    Ok(Count { used: all.len(), ..Count::default() })
}

/// AWS's own keys count, too, in this list; there are a few of them, where 100,000 are allowed.
async fn keys(at: &Account, _: &Zone) -> Answer<Count> {
    let all = ask(at.clients.kms.list_keys().into_paginator().items().send().collect::<Result<Vec<_>, _>>()).await?;
    Ok(Count { used: all.len(), ..Count::default() })
}

async fn buses(at: &Account, _: &Zone) -> Answer<Count> {
    let (mut used, mut next) = (0, None);
    loop {
        let page = ask(at.clients.events.list_event_buses().set_next_token(next).send()).await?;
        used += page.event_buses.unwrap_or_default().len();
        next = page.next_token;
        if next.is_none() {
            return Ok(Count { used, ..Count::default() });
        }
    }
}

async fn pools(at: &Account, _: &Zone) -> Answer<Count> {
    let pages = at.clients.cognito.list_user_pools().max_results(60).into_paginator().items().send();
    let all = ask(pages.collect::<Result<Vec<_>, _>>()).await?;
    Ok(Count { used: all.len(), ..Count::default() })
}

async fn roles(at: &Account, _: &Zone) -> Answer<Count> {
    let summary = ask(at.clients.iam.get_account_summary().send()).await?.summary_map.unwrap_or_default();
    let of = |name: &str| summary.iter().find(|(key, _)| key.as_str() == name).map(|(_, number)| *number);
    let used = of("Roles").and_then(|n| usize::try_from(n).ok()).ok_or_else(|| Error::new("IAM does not tell it"))?;
    Ok(Count { used, ours: None, limit: of("RolesQuota").and_then(|n| u64::try_from(n).ok()) })
}

/// With the trails of other regions that reach into this one: they count here.
async fn trails(at: &Account, _: &Zone) -> Answer<Count> {
    let all = ask(at.clients.cloudtrail.describe_trails().include_shadow_trails(true).send()).await?;
    Ok(Count { used: all.trail_list.unwrap_or_default().len(), ..Count::default() })
}

#[cfg(test)]
mod tests {
    use super::{super::check::Level, *};

    fn judged(wanted: usize, existing: usize, used: usize, limit: Option<(Answer<u64>, u64)>) -> Check {
        judge(&QUOTAS[4], wanted, existing, Ok(Count { used, ..Count::default() }), limit)
    }

    #[test]
    fn what_is_needed_has_to_fit() {
        let limit = |n| Some((Ok(n), 100));
        let check = judged(8, 0, 93, limit(100));
        assert_eq!(check.level, Level::Problem);
        assert_eq!(check.finding, "93 event buses in the region, 8 more needed, 100 allowed");
        assert_eq!(judged(8, 0, 92, limit(100)).level, Level::Ok);
        let of_one = judged(8, 0, 1, limit(100));
        assert_eq!(of_one.finding, "1 event bus in the region, 8 more needed, 100 allowed");
        assert_eq!(judged(8, 8, 100, limit(100)).level, Level::Ok, "what exists already is not needed once more");
        assert_eq!(judged(8, 3, 96, limit(100)).level, Level::Problem);
    }

    #[test]
    fn a_limit_that_cannot_be_read_is_not_evaluated() {
        let unread = || Some((Err(Error::new("AccessDenied: no")), 100));
        let check = judged(8, 0, 3, unread());
        assert_eq!(check.level, Level::NotEvaluated);
        assert!(
            check.finding.ends_with("(AccessDenied: no): it would fit into AWS's default of 100"),
            "{}",
            check.finding
        );
        assert_eq!(judged(8, 0, 99, unread()).level, Level::Warning);
        assert_eq!(judged(8, 0, 3, None).level, Level::NotEvaluated);
        let uncounted = judge(&QUOTAS[4], 8, 0, Err(Error::new("no")), Some((Ok(100), 100)));
        assert_eq!(uncounted.level, Level::NotEvaluated);
    }

    #[test]
    fn tags_tell_which_vpc_is_ours() {
        let tag = |key: &str, value: &str| aws_sdk_ec2::types::Tag::builder().key(key).value(value).build();
        let zone = super::super::names::tests::zone();
        let tags: Vec<_> = zone.tags.iter().map(|(key, value)| tag(key, value)).collect();
        assert!(is_ours(&zone, Some(tags.clone())));
        assert!(!is_ours(&zone, Some(tags[1..].to_vec())) && !is_ours(&zone, None));
    }
}
