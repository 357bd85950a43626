//! The tags of everything that the contract names, and of what hangs on it without a name in the contract, asked of each
//! service: no one service answers for all of them.

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_organizations::types::PolicyType;
use aws_sdk_ssm::types::ParameterStringFilter;
use config::OidcProvider;
use contract::meta;
use futures::{StreamExt as _, stream};

use crate::{
    clients::{Clients, refused},
    session::{Session, TAGS},
    world::{Failure, Judged, arn_name},
};

/// Tags by thing, or why they are not known.
pub(crate) type ByThing = BTreeMap<String, Result<BTreeMap<String, String>, Failure>>;

/// The end of the ARN of the provider that the pipeline's role trusts.
const GITHUB: &str = ":oidc-provider/token.actions.githubusercontent.com";

/// Calls at once.
const AT_ONCE: usize = 16;

/// Asks once a run; every scenario about tags looks at the same answer.
pub(crate) async fn of_everything(session: &Session) -> Judged<ByThing> {
    session.recorder.shares(TAGS);
    let once = session.of_all();
    let session = &once;
    let ask = || async {
        let mut things: Vec<String> = things(session);
        things.extend(of_network(session).await?);
        things.extend(behind(session).await?);
        things.extend(guardrail(session).await?);
        things.sort();
        things.dedup();
        let asked = stream::iter(things).map(|thing| async move {
            let tags = of(session, &thing).await;
            (thing, tags)
        });
        Ok::<_, Failure>(asked.buffer_unordered(AT_ONCE).collect().await)
    };
    let tags = session.tags.get_or_try_init(ask).await.cloned()?;
    for thing in tags.keys() {
        session.recorder.resource(thing);
    }
    Ok(tags)
}

/// Everything of the contract that can carry tags. An archive cannot, and a pool's client neither.
fn things(session: &Session) -> Vec<String> {
    let published = &session.published;
    let existing = has_existing_network(session);
    let ours = published.values(contract::ZONE.version()).into_iter().flatten();
    ours.filter(|(path, _)| !path.contains("/client/") && !path.ends_with("/archive-arn"))
        // what exists already is somebody else's, and so are its tags
        .filter(|(path, _)| !(existing && path.contains("/network/")))
        .flat_map(|(path, value)| {
            let ids = path.contains("/network/");
            let arn = value.starts_with("arn:");
            let kept = if ids || arn { value.split(',').map(str::to_owned).collect() } else { Vec::new() };
            kept.into_iter()
        })
        .collect()
}

fn has_existing_network(session: &Session) -> bool {
    session.target.zone.network.as_ref().is_some_and(|network| network.existing().is_some())
}

/// What lies in the VPC. AWS makes its main route table, which carries no tags of ours.
async fn of_network(session: &Session) -> Judged<Vec<String>> {
    if has_existing_network(session) {
        return Ok(Vec::new());
    }
    let Some(vpc) = session.published.get("network/vpc-id").map(|parameter| parameter.value.clone()) else {
        return Ok(Vec::new());
    };
    let ec2 = &session.clients.ec2;
    let of = |name: &str| aws_sdk_ec2::types::Filter::builder().name(name).values(&vpc).build();
    macro_rules! ids {
        ($call:expr, $action:literal, $id:expr) => {{
            let found = $call.into_paginator().items().send().collect::<Result<Vec<_>, _>>().await;
            let found = found.map_err(|error| refused(concat!("ec2:", $action), &vpc, &error))?;
            found.into_iter().filter_map($id).collect::<Vec<_>>()
        }};
    }
    let gateways = ec2.describe_internet_gateways().filters(of("attachment.vpc-id"));
    let own = |t: &aws_sdk_ec2::types::RouteTable| t.associations().iter().all(|a| a.main() != Some(true));
    let mut things = ids!(gateways, "DescribeInternetGateways", |g| g.internet_gateway_id);
    let tables = ec2.describe_route_tables().filters(of("vpc-id"));
    things.extend(ids!(tables, "DescribeRouteTables", |t| if own(&t) { t.route_table_id } else { None }));
    things.extend(ids!(ec2.describe_subnets().filters(of("vpc-id")), "DescribeSubnets", |s| s.subnet_id));
    let endpoints = ec2.describe_vpc_endpoints().filters(of("vpc-id"));
    things.extend(ids!(endpoints, "DescribeVpcEndpoints", |e| e.vpc_endpoint_id));
    let groups = ec2.describe_security_groups().filters(of("vpc-id"));
    things.extend(ids!(groups, "DescribeSecurityGroups", |g| g.group_id));
    Ok(things)
}

/// The roles and log groups of the streams and of the trail, and whom the pipeline's role trusts.
async fn behind(session: &Session) -> Judged<Vec<String>> {
    let (c, target) = (&session.clients, &session.target);
    let mut things = Vec::new();
    let entry = |name: &str| session.published.get(name).map(|parameter| parameter.value.clone());
    let streams = target.zone.streams.iter().map(|stream| format!("firehose/{}/arn", stream.output));
    for arn in streams.filter_map(|name| entry(&name)) {
        let name = arn_name(&arn, "/")?;
        let answer = c.firehose.describe_delivery_stream().delivery_stream_name(name).send().await;
        let answer = answer.map_err(|error| refused("firehose:DescribeDeliveryStream", name, &error))?;
        let stream = answer.delivery_stream_description.as_ref();
        let stream =
            stream.ok_or_else(|| format!("firehose:DescribeDeliveryStream of `{name}`: the answer has no stream"))?;
        for to in stream.destinations().iter().filter_map(|to| to.extended_s3_destination_description()) {
            things.push(to.role_arn().to_owned());
            let group = to.cloud_watch_logging_options().and_then(|options| options.log_group_name());
            let arn = |name| format!("arn:aws:logs:{}:{}:log-group:{name}", target.region, target.account);
            things.extend(group.map(arn));
        }
    }
    if let Some(arn) = entry("cloudtrail/arn") {
        let answer = c.cloudtrail.get_trail().name(&arn).send().await;
        let answer = answer.map_err(|error| refused("cloudtrail:GetTrail", &arn, &error))?;
        things.extend(answer.trail.and_then(|trail| trail.cloud_watch_logs_role_arn));
    }
    if !target.zone.access.as_ref().is_some_and(|access| access.oidc_provider == OidcProvider::Own) {
        return Ok(things);
    }
    let answer = c.iam.list_open_id_connect_providers().send().await;
    let answer = answer.map_err(|error| refused("iam:ListOpenIDConnectProviders", &target.account, &error))?;
    let providers = answer.open_id_connect_provider_list.unwrap_or_default();
    things.extend(providers.into_iter().filter_map(|p| p.arn).filter(|arn| arn.ends_with(GITHUB)));
    Ok(things)
}

/// The guardrail, where there is a way to it.
async fn guardrail(session: &Session) -> Judged<Option<String>> {
    let name = session.target.zone.guardrail_name();
    let Some(organizations) = &session.clients.organizations else { return Ok(None) };
    if session.target.zone.guardrails.is_none() {
        return Ok(None);
    }
    let pages = organizations.list_policies().filter(PolicyType::ServiceControlPolicy).into_paginator().send();
    let pages = pages.collect::<Result<Vec<_>, _>>().await;
    let pages = pages.map_err(|error| refused("organizations:ListPolicies", &name, &error))?;
    let mut policies = pages.into_iter().flat_map(|page| page.policies.unwrap_or_default());
    // where there is none, another row says so
    Ok(policies.find(|policy| policy.name() == Some(&name)).and_then(|policy| policy.arn))
}

/// The contract's own parameters that do not carry a tag. SSM finds those that do in two calls, where it would tell the
/// tags of each in 74.
pub(crate) async fn parameters_without(session: &Session, key: &str, value: &str) -> Judged<Vec<String>> {
    let root = session.target.root.trim_end_matches('/');
    let filter = |key: String, option: Option<&str>, value: &str| {
        let filter = ParameterStringFilter::builder().key(key).set_option(option.map(str::to_owned)).values(value);
        filter.build().map_err(|error| Failure::from(error.to_string()))
    };
    let call = session.clients.ssm.describe_parameters();
    let call = call.parameter_filters(filter("Path".to_owned(), Some("Recursive"), root)?);
    let call = call.parameter_filters(filter(format!("tag:{key}"), None, value)?);
    let pages = call.into_paginator().send().collect::<Result<Vec<_>, _>>().await;
    let pages = pages.map_err(|error| refused("ssm:DescribeParameters", root, &error))?;
    let found = pages.into_iter().flat_map(|page| page.parameters.unwrap_or_default());
    let found: BTreeSet<_> = found.filter_map(|parameter| parameter.name).collect();
    let ours = session.published.values(contract::ZONE.version()).into_iter().flatten();
    // and those by which the contract speaks of itself
    let itself = [meta::VERSION_NAME, meta::DIGEST_NAME, meta::PUBLISHED_AT_NAME];
    let itself = itself.iter().filter_map(|name| session.published.get(name)).map(|parameter| parameter.path.clone());
    Ok(ours.map(|(path, _)| path.to_owned()).chain(itself).filter(|path| !found.contains(path)).collect())
}

type Pairs = Vec<(String, String)>;

async fn of(session: &Session, thing: &str) -> Judged<BTreeMap<String, String>> {
    let c = &session.clients;
    // ids of the network are of EC2, all else is an ARN
    let service = if thing.starts_with("arn:") { thing.split(':').nth(2).unwrap_or_default() } else { "ec2" };
    let pairs = match service {
        "ec2" => ec2(c, thing).await?,
        "s3" => s3(c, thing, &session.target.account).await?,
        "iam" => iam(c, thing).await?,
        "sqs" => sqs(c, thing).await?,
        "organizations" => organizations(c, thing).await?,
        _ => by_arn(c, service, thing).await?,
    };
    Ok(pairs.into_iter().collect())
}

/// `(key, value)` of a service's tags, whose key and value it always answers.
macro_rules! pairs {
    ($tags:expr) => {
        $tags.iter().map(|t| (t.key().to_owned(), t.value().to_owned())).collect::<Pairs>()
    };
}
/// The same where the SDK thinks that they may be absent.
macro_rules! maybe_pairs {
    ($tags:expr) => {
        $tags
            .iter()
            .map(|t| (t.key().unwrap_or_default().to_owned(), t.value().unwrap_or_default().to_owned()))
            .collect::<Pairs>()
    };
}

async fn ec2(c: &Clients, id: &str) -> Judged<Pairs> {
    let of_it = aws_sdk_ec2::types::Filter::builder().name("resource-id").values(id).build();
    let tags =
        c.ec2.describe_tags().filters(of_it).into_paginator().items().send().collect::<Result<Vec<_>, _>>().await;
    Ok(maybe_pairs!(tags.map_err(|error| refused("ec2:DescribeTags", id, &error))?))
}

async fn s3(c: &Clients, arn: &str, account: &str) -> Judged<Pairs> {
    let name = arn_name(arn, "")?;
    let answer = c.s3.get_bucket_tagging().bucket(name).expected_bucket_owner(account).send().await;
    Ok(pairs!(answer.map_err(|error| refused("s3:GetBucketTagging", name, &error))?.tag_set()))
}

async fn iam(c: &Clients, arn: &str) -> Judged<Pairs> {
    let iam = &c.iam;
    if arn.contains(":role/") {
        let name = crate::steps::roles::name_of(arn)?;
        let tags = iam.list_role_tags().role_name(name).into_paginator().items().send();
        let tags = tags.collect::<Result<Vec<_>, _>>().await;
        return Ok(pairs!(tags.map_err(|error| refused("iam:ListRoleTags", name, &error))?));
    }
    if arn.contains(":oidc-provider/") {
        let call = iam.list_open_id_connect_provider_tags().open_id_connect_provider_arn(arn);
        let tags = call.into_paginator().items().send().collect::<Result<Vec<_>, _>>().await;
        return Ok(pairs!(tags.map_err(|error| refused("iam:ListOpenIDConnectProviderTags", arn, &error))?));
    }
    let tags = iam.list_policy_tags().policy_arn(arn).into_paginator().items().send();
    let tags = tags.collect::<Result<Vec<_>, _>>().await;
    Ok(pairs!(tags.map_err(|error| refused("iam:ListPolicyTags", arn, &error))?))
}

async fn sqs(c: &Clients, arn: &str) -> Judged<Pairs> {
    let name = arn_name(arn, "")?;
    let answer = c.sqs.get_queue_url().queue_name(name).send().await;
    let answer = answer.map_err(|error| refused("sqs:GetQueueUrl", name, &error))?;
    let answer = c.sqs.list_queue_tags().queue_url(answer.queue_url().unwrap_or_default()).send().await;
    let answer = answer.map_err(|error| refused("sqs:ListQueueTags", name, &error))?;
    Ok(answer.tags.unwrap_or_default().into_iter().collect())
}

async fn organizations(c: &Clients, arn: &str) -> Judged<Pairs> {
    let organizations = c.organizations.as_ref().ok_or("there is no management account")?;
    let id = arn.rsplit('/').next().unwrap_or_default();
    let tags = organizations.list_tags_for_resource().resource_id(id).into_paginator().items().send();
    let tags = tags.collect::<Result<Vec<_>, _>>().await;
    Ok(pairs!(tags.map_err(|error| refused("organizations:ListTagsForResource", arn, &error))?))
}

/// Firehose tells 10 tags at a time.
async fn firehose(c: &Clients, arn: &str) -> Judged<Pairs> {
    let name = arn_name(arn, "/")?;
    let (mut tags, mut last) = (Pairs::new(), None);
    loop {
        let call = c.firehose.list_tags_for_delivery_stream().delivery_stream_name(name);
        let answer = call.set_exclusive_start_tag_key(last).send().await;
        let answer = answer.map_err(|error| refused("firehose:ListTagsForDeliveryStream", name, &error))?;
        last = answer.tags().last().map(|tag| tag.key().to_owned());
        tags.extend(answer.tags().iter().map(|t| (t.key().to_owned(), t.value().unwrap_or_default().to_owned())));
        if !answer.has_more_tags() || last.is_none() {
            return Ok(tags);
        }
    }
}

async fn xray(c: &Clients, arn: &str) -> Judged<Pairs> {
    let (mut tags, mut next) = (Pairs::new(), None);
    loop {
        let answer = c.xray.list_tags_for_resource().resource_arn(arn).set_next_token(next).send().await;
        let answer = answer.map_err(|error| refused("xray:ListTagsForResource", arn, &error))?;
        tags.extend(pairs!(answer.tags()));
        next = answer.next_token.filter(|token| !token.is_empty());
        if next.is_none() {
            return Ok(tags);
        }
    }
}

/// Services that take the ARN as it is.
async fn by_arn(c: &Clients, service: &str, arn: &str) -> Judged<Pairs> {
    macro_rules! answer {
        ($call:literal, $answer:expr) => {
            $answer.await.map_err(|error| refused($call, arn, &error))?
        };
    }
    Ok(match service {
        "kms" => {
            let pages = c.kms.list_resource_tags().key_id(arn).into_paginator().items().send();
            let tags = answer!("kms:ListResourceTags", pages.collect::<Result<Vec<_>, _>>());
            tags.into_iter().map(|t| (t.tag_key, t.tag_value)).collect()
        }
        "events" => {
            let call = c.events.list_tags_for_resource().resource_arn(arn);
            pairs!(answer!("events:ListTagsForResource", call.send()).tags())
        }
        "cognito-idp" => {
            let call = c.cognito.list_tags_for_resource().resource_arn(arn);
            let answer = answer!("cognito-idp:ListTagsForResource", call.send());
            answer.tags.unwrap_or_default().into_iter().collect()
        }
        "firehose" => firehose(c, arn).await?,
        "cloudtrail" => {
            let pages = c.cloudtrail.list_tags().resource_id_list(arn).into_paginator().items().send();
            let lists = answer!("cloudtrail:ListTags", pages.collect::<Result<Vec<_>, _>>());
            let tags = lists.into_iter().flat_map(|list| list.tags_list.unwrap_or_default());
            tags.map(|t| (t.key().to_owned(), t.value().unwrap_or_default().to_owned())).collect()
        }
        "logs" => {
            let call = c.logs.list_tags_for_resource().resource_arn(arn);
            let answer = answer!("logs:ListTagsForResource", call.send());
            answer.tags.unwrap_or_default().into_iter().collect()
        }
        "sns" => {
            let call = c.sns.list_tags_for_resource().resource_arn(arn);
            pairs!(answer!("sns:ListTagsForResource", call.send()).tags())
        }
        "xray" => xray(c, arn).await?,
        other => return Err(format!("the tags of `{arn}` cannot be read: no step knows the service {other}").into()),
    })
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::of;
    use crate::stub;

    /// Two pages of everything: the second for who names the end of the first.
    fn pages(_: &str, body: &str) -> (u16, String) {
        let tag = |key: &str| format!(r#"[{{"Key":"{key}","Value":"v"}}]"#);
        let second = ["ExclusiveStartTagKey", "NextToken"].iter().any(|name| body.contains(name));
        let (key, more, next) = if second { ("b", "false", "null") } else { ("a", "true", "\"more\"") };
        (200, format!(r#"{{"Tags":{},"HasMoreTags":{more},"NextToken":{next}}}"#, tag(key)))
    }

    #[tokio::test]
    async fn every_page_of_tags_is_read() {
        let session = stub::session(&stub::answering(pages), Duration::ZERO).await;
        for arn in [
            "arn:aws:firehose:eu-west-1:123456789012:deliverystream/s",
            "arn:aws:xray:eu-west-1:123456789012:sampling-rule/r",
        ] {
            let tags = of(&session, arn).await.expect("tags");
            assert_eq!(tags.keys().map(String::as_str).collect::<Vec<_>>(), ["a", "b"], "{arn}");
        }
    }
}
