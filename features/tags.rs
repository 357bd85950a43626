//! The tags of everything that the contract names, asked of each service: no one service answers for all of them.

use std::collections::BTreeMap;

use futures::{StreamExt as _, TryStreamExt as _, stream};

use crate::{
    clients::{Clients, refused},
    session::Session,
    world::{Judged, arn_name},
};

/// Tags by thing.
pub(crate) type ByThing = BTreeMap<String, BTreeMap<String, String>>;

/// Calls at once.
const AT_ONCE: usize = 16;

/// Asks once a run; every scenario about tags looks at the same answer.
pub(crate) async fn of_everything(session: &Session) -> Judged<ByThing> {
    let ask = || async {
        let things: Vec<String> = things(session);
        let asked = stream::iter(things).map(|thing| async move {
            let tags = of(session, &thing).await?;
            Ok::<_, crate::world::Failure>((thing, tags))
        });
        asked.buffer_unordered(AT_ONCE).try_collect().await
    };
    session.tags.get_or_try_init(ask).await.cloned()
}

/// Everything of the contract that can carry tags. An archive cannot, and a pool's client neither.
fn things(session: &Session) -> Vec<String> {
    let published = &session.published;
    let ours = published.values(contract::VERSION).into_iter().flatten();
    let mut things: Vec<String> = ours
        .filter(|(path, _)| !path.contains("/client/") && !path.ends_with("/archive-arn"))
        .flat_map(|(path, value)| {
            let ids = path.contains("/network/");
            let arn = value.starts_with("arn:");
            let kept = if ids || arn { value.split(',').map(str::to_owned).collect() } else { Vec::new() };
            kept.into_iter()
        })
        .collect();
    things.sort();
    things.dedup();
    things
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

/// Services that take the ARN as it is.
async fn by_arn(c: &Clients, service: &str, arn: &str) -> Judged<Pairs> {
    let call = format!("{service}: tags");
    macro_rules! answer {
        ($call:expr) => {
            $call.await.map_err(|error| refused(&call, arn, &error))?
        };
    }
    Ok(match service {
        "kms" => {
            let pages = c.kms.list_resource_tags().key_id(arn).into_paginator().items().send();
            let tags = answer!(pages.collect::<Result<Vec<_>, _>>());
            tags.into_iter().map(|t| (t.tag_key, t.tag_value)).collect()
        }
        "events" => pairs!(answer!(c.events.list_tags_for_resource().resource_arn(arn).send()).tags()),
        "cognito-idp" => {
            let answer = answer!(c.cognito.list_tags_for_resource().resource_arn(arn).send());
            answer.tags.unwrap_or_default().into_iter().collect()
        }
        "firehose" => {
            let name = arn_name(arn, "/")?;
            let answer = answer!(c.firehose.list_tags_for_delivery_stream().delivery_stream_name(name).send());
            answer.tags().iter().map(|t| (t.key().to_owned(), t.value().unwrap_or_default().to_owned())).collect()
        }
        "cloudtrail" => {
            let pages = c.cloudtrail.list_tags().resource_id_list(arn).into_paginator().items().send();
            let lists = answer!(pages.collect::<Result<Vec<_>, _>>());
            let tags = lists.into_iter().flat_map(|list| list.tags_list.unwrap_or_default());
            tags.map(|t| (t.key().to_owned(), t.value().unwrap_or_default().to_owned())).collect()
        }
        "logs" => {
            let answer = answer!(c.logs.list_tags_for_resource().resource_arn(arn).send());
            answer.tags.unwrap_or_default().into_iter().collect()
        }
        "sns" => pairs!(answer!(c.sns.list_tags_for_resource().resource_arn(arn).send()).tags()),
        "xray" => pairs!(answer!(c.xray.list_tags_for_resource().resource_arn(arn).send()).tags()),
        other => return Err(format!("nobody has said how {other} tells the tags of `{arn}`").into()),
    })
}
