//! A look at one thing of each kind: is it there, and whose is it?

use super::{Sight, Tags, Whose};
use crate::{
    ask::{Answer, ask, ask_for, within},
    credentials::Account,
};

fn there<T>(
    ids: Vec<String>,
    tags: impl IntoIterator<Item = T>,
    pair: impl Fn(T) -> Option<(String, String)>,
) -> Sight {
    Sight::There { ids, whose: Whose::Tags(tags.into_iter().filter_map(pair).collect()) }
}

/// `arn:aws:{service}:{region}:{account}:{resource}`; without a region where the service has none.
fn arn(at: &Account, service: &str, region: &str, resource: &str) -> String {
    format!("arn:aws:{service}:{region}:{}:{resource}", at.id)
}

/// Names of buckets are global, and HeadBucket says 403 both when another account has one and when it is hidden from
/// us: what our own account has, its list of buckets tells.
pub(super) async fn bucket(at: &Account, name: &str) -> Answer<Sight> {
    let s3 = &at.clients.s3;
    let own =
        ask(s3.list_buckets().prefix(name).into_paginator().items().send().collect::<Result<Vec<_>, _>>()).await?;
    let Some(own) = own.into_iter().find(|bucket| bucket.name.as_deref() == Some(name)) else {
        return match within(s3.head_bucket().bucket(name).send()).await? {
            Err(failure) => match failure.raw_response().map(|response| response.status().as_u16()) {
                Some(404) => Ok(Sight::Free),
                // 301 and 400: it lies in another region
                Some(301 | 400 | 403) => Ok(elsewhere()),
                _ => Err(aws::error::failed(failure)),
            },
            Ok(_) => Ok(elsewhere()),
        };
    };
    if let Some(region) = own.bucket_region.filter(|region| *region != at.region) {
        let whose = Whose::NotOurs(format!("it lies in region {region}"));
        return Ok(Sight::There { ids: vec![name.to_owned()], whose });
    }
    let tags = ask_for(s3.get_bucket_tagging().bucket(name).send(), &["NoSuchTagSet", "NoSuchBucket"]).await?;
    let tags = tags.map(|tagging| tagging.tag_set).unwrap_or_default();
    Ok(there(vec![name.to_owned()], tags, |t| Some((t.key, t.value))))
}

fn elsewhere() -> Sight {
    Sight::Elsewhere("another account has it: names of buckets are global".to_owned())
}

/// An alias carries no tags; its key does. A deployment makes its own key, and takes an alias that points at it.
pub(super) async fn key_alias(at: &Account, name: &str) -> Answer<Sight> {
    let kms = &at.clients.kms;
    let key = ask_for(kms.describe_key().key_id(name).send(), &["NotFoundException"]).await?;
    let Some(key) = key.and_then(|key| key.key_metadata) else { return Ok(Sight::Free) };
    let tags = ask(kms
        .list_resource_tags()
        .key_id(&key.key_id)
        .into_paginator()
        .items()
        .send()
        .collect::<Result<Vec<_>, _>>());
    let tags: Tags = tags.await?.into_iter().map(|t| (t.tag_key, t.tag_value)).collect();
    let whose = if tags.contains_key(aws::recovery::TAG) {
        Whose::Tags(tags)
    } else {
        Whose::NotOurs(format!("it points at key {}, which no deployment made", key.key_id))
    };
    Ok(Sight::There { ids: vec![name.to_owned(), key.key_id], whose })
}

pub(super) async fn event_bus(at: &Account, name: &str) -> Answer<Sight> {
    let events = &at.clients.events;
    let bus = ask_for(events.describe_event_bus().name(name).send(), &["ResourceNotFoundException"]).await?;
    let Some(bus) = bus else { return Ok(Sight::Free) };
    let arn = bus.arn.unwrap_or_else(|| arn(at, "events", &at.region, &format!("event-bus/{name}")));
    let tags = ask(events.list_tags_for_resource().resource_arn(arn).send()).await?.tags.unwrap_or_default();
    Ok(there(vec![name.to_owned()], tags, |t| Some((t.key, t.value))))
}

/// An archive carries no tags: it is ours when it is of our bus.
pub(super) async fn event_archive(at: &Account, name: &str) -> Answer<Sight> {
    let call = at.clients.events.describe_archive().archive_name(name).send();
    let Some(archive) = ask_for(call, &["ResourceNotFoundException"]).await? else { return Ok(Sight::Free) };
    let source = archive.event_source_arn.unwrap_or_default();
    let of = source.rsplit_once('/').map_or("", |(_, bus)| bus);
    let is_ours = !of.is_empty() && name.strip_prefix(of).is_some_and(|rest| rest.starts_with("-archive-"));
    let of = format!("it is of {source}");
    let whose = if is_ours { Whose::Ours(of) } else { Whose::NotOurs(of) };
    Ok(Sight::There { ids: vec![name.to_owned()], whose })
}

pub(super) async fn queue(at: &Account, name: &str) -> Answer<Sight> {
    const ABSENT: &[&str] = &["AWS.SimpleQueueService.NonExistentQueue", "QueueDoesNotExist"];
    let sqs = &at.clients.sqs;
    let url = ask_for(sqs.get_queue_url().queue_name(name).send(), ABSENT).await?.and_then(|queue| queue.queue_url);
    let Some(url) = url else { return Ok(Sight::Free) };
    let tags = ask(sqs.list_queue_tags().queue_url(&url).send()).await?.tags.unwrap_or_default();
    Ok(there(vec![url], tags, Some))
}

pub(super) async fn role(at: &Account, name: &str) -> Answer<Sight> {
    let role = ask_for(at.clients.iam.get_role().role_name(name).send(), &["NoSuchEntity"]).await?;
    let Some(role) = role.and_then(|role| role.role) else { return Ok(Sight::Free) };
    Ok(there(vec![name.to_owned()], role.tags.unwrap_or_default(), |t| Some((t.key, t.value))))
}

pub(super) async fn policy(at: &Account, name: &str) -> Answer<Sight> {
    let arn = arn(at, "iam", "", &format!("policy/{name}"));
    let policy = ask_for(at.clients.iam.get_policy().policy_arn(&arn).send(), &["NoSuchEntity"]).await?;
    let Some(policy) = policy.and_then(|policy| policy.policy) else { return Ok(Sight::Free) };
    Ok(there(vec![arn], policy.tags.unwrap_or_default(), |t| Some((t.key, t.value))))
}

pub(super) async fn oidc_provider(at: &Account, name: &str) -> Answer<Sight> {
    let arn = arn(at, "iam", "", &format!("oidc-provider/{name}"));
    let call = at.clients.iam.get_open_id_connect_provider().open_id_connect_provider_arn(&arn).send();
    let Some(provider) = ask_for(call, &["NoSuchEntity"]).await? else { return Ok(Sight::Free) };
    Ok(there(vec![arn], provider.tags.unwrap_or_default(), |t| Some((t.key, t.value))))
}

/// A domain carries no tags; its pool does. Of a domain that nobody has, Cognito describes nothing.
pub(super) async fn pool_domain(at: &Account, name: &str) -> Answer<Sight> {
    let cognito = &at.clients.cognito;
    let call = cognito.describe_user_pool_domain().domain(name).send();
    let found = ask_for(call, &["ResourceNotFoundException"]).await?.and_then(|answer| answer.domain_description);
    let Some(found) = found.filter(|found| found.domain.is_some() || found.user_pool_id.is_some()) else {
        return Ok(Sight::Free);
    };
    let is_ours = found.aws_account_id.as_ref().is_none_or(|account| *account == at.id);
    let (true, Some(pool)) = (is_ours, found.user_pool_id) else {
        return Ok(Sight::Elsewhere("another account has it: such names are global in a region".to_owned()));
    };
    let pool = ask(cognito.describe_user_pool().user_pool_id(pool).send()).await?.user_pool;
    Ok(there(vec![name.to_owned()], pool.and_then(|pool| pool.user_pool_tags).unwrap_or_default(), Some))
}

pub(super) async fn stream(at: &Account, name: &str) -> Answer<Sight> {
    let firehose = &at.clients.firehose;
    let call = firehose.describe_delivery_stream().delivery_stream_name(name).send();
    let found = ask_for(call, &["ResourceNotFoundException"]).await?.and_then(|a| a.delivery_stream_description);
    let Some(found) = found else { return Ok(Sight::Free) };
    let tags = ask(firehose.list_tags_for_delivery_stream().delivery_stream_name(name).send()).await?.tags;
    Ok(there(vec![found.delivery_stream_arn, name.to_owned()], tags, |t| Some((t.key, t.value.unwrap_or_default()))))
}

pub(super) async fn log_group(at: &Account, name: &str) -> Answer<Sight> {
    let logs = &at.clients.logs;
    let pages = logs.describe_log_groups().log_group_name_prefix(name).into_paginator().items().send();
    let groups = ask(pages.collect::<Result<Vec<_>, _>>()).await?;
    if groups.iter().all(|group| group.log_group_name.as_deref() != Some(name)) {
        return Ok(Sight::Free);
    }
    let arn = arn(at, "logs", &at.region, &format!("log-group:{name}"));
    let tags = ask(logs.list_tags_for_resource().resource_arn(arn).send()).await?.tags.unwrap_or_default();
    Ok(there(vec![name.to_owned()], tags, Some))
}

pub(super) async fn trail(at: &Account, name: &str) -> Answer<Sight> {
    let cloudtrail = &at.clients.cloudtrail;
    let found = ask_for(cloudtrail.get_trail().name(name).send(), &["TrailNotFoundException"]).await?;
    let Some(trail) = found.and_then(|answer| answer.trail) else { return Ok(Sight::Free) };
    let arn = trail.trail_arn.unwrap_or_else(|| arn(at, "cloudtrail", &at.region, &format!("trail/{name}")));
    let pages = cloudtrail.list_tags().resource_id_list(&arn).into_paginator().items().send();
    let tags = ask(pages.collect::<Result<Vec<_>, _>>()).await?;
    let tags = tags.into_iter().flat_map(|resource| resource.tags_list.unwrap_or_default());
    Ok(there(vec![arn, name.to_owned()], tags, |t| Some((t.key, t.value.unwrap_or_default()))))
}

pub(super) async fn topic(at: &Account, name: &str) -> Answer<Sight> {
    let sns = &at.clients.sns;
    let arn = arn(at, "sns", &at.region, name);
    let found = ask_for(sns.get_topic_attributes().topic_arn(&arn).send(), &["NotFound", "NotFoundException"]).await?;
    if found.is_none() {
        return Ok(Sight::Free);
    }
    let tags = ask(sns.list_tags_for_resource().resource_arn(&arn).send()).await?.tags.unwrap_or_default();
    Ok(there(vec![arn], tags, |t| Some((t.key, t.value))))
}

pub(super) async fn sampling_rule(at: &Account, name: &str) -> Answer<Sight> {
    let xray = &at.clients.xray;
    let rules = xray.get_sampling_rules().into_paginator().items().send();
    let rules = ask(rules.collect::<Result<Vec<_>, _>>()).await?;
    let mut rules = rules.into_iter().filter_map(|record| record.sampling_rule);
    let Some(rule) = rules.find(|rule| rule.rule_name.as_deref() == Some(name)) else { return Ok(Sight::Free) };
    let arn = rule.rule_arn.unwrap_or_default();
    let tags = ask(xray.list_tags_for_resource().resource_arn(&arn).send()).await?.tags.unwrap_or_default();
    Ok(there(vec![name.to_owned(), arn], tags, |t| Some((t.key, t.value))))
}

/// The VPC of these addresses. AWS makes as many as one asks for.
pub(super) async fn vpc(at: &Account, cidr: &str) -> Answer<Sight> {
    let is = aws_sdk_ec2::types::Filter::builder().name("cidr").values(cidr).build();
    let pages = at.clients.ec2.describe_vpcs().filters(is).into_paginator().items().send();
    let Some(vpc) = ask(pages.collect::<Result<Vec<_>, _>>()).await?.into_iter().next() else { return Ok(Sight::Free) };
    Ok(there(vpc.vpc_id.into_iter().collect(), vpc.tags.unwrap_or_default(), |t| Some((t.key?, t.value?))))
}

/// The pool of this name. AWS makes as many as one asks for.
pub(super) async fn user_pool(at: &Account, name: &str) -> Answer<Sight> {
    let cognito = &at.clients.cognito;
    let pages = cognito.list_user_pools().max_results(60).into_paginator().items().send();
    let pools = ask(pages.collect::<Result<Vec<_>, _>>()).await?;
    let Some(id) = pools.into_iter().find(|pool| pool.name.as_deref() == Some(name)).and_then(|pool| pool.id) else {
        return Ok(Sight::Free);
    };
    let pool = ask(cognito.describe_user_pool().user_pool_id(&id).send()).await?.user_pool;
    Ok(there(vec![id], pool.and_then(|pool| pool.user_pool_tags).unwrap_or_default(), Some))
}

/// Names of all parameters below a path.
pub(super) async fn parameters(at: &Account, root: &str) -> Answer<Vec<String>> {
    let call = at.clients.ssm.get_parameters_by_path().path(root).recursive(true);
    let pages = ask(call.into_paginator().send().collect::<Result<Vec<_>, _>>()).await?;
    let parameters = pages.into_iter().flat_map(|page| page.parameters.unwrap_or_default());
    Ok(parameters.filter_map(|parameter| parameter.name).collect())
}

pub(super) async fn parameter_tags(at: &Account, name: &str) -> Answer<Tags> {
    let kind = aws_sdk_ssm::types::ResourceTypeForTagging::Parameter;
    let call = at.clients.ssm.list_tags_for_resource().resource_type(kind).resource_id(name).send();
    Ok(ask(call).await?.tag_list.unwrap_or_default().into_iter().map(|tag| (tag.key, tag.value)).collect())
}
