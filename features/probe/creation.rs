//! What the guardrail forbids to create without tags, and what of it can be tried: each is harmless, or removed at once.

use aws_sdk_s3::types::{BucketLocationConstraint, CreateBucketConfiguration};
use serde_json::{Value, json};

use super::{Answer, FOLDER, NAME, PATH, Prober, left};
use crate::{clients::refused, session::Session, world::Judged};

/// Tags of a request.
pub(crate) type Tags = Vec<(String, String)>;

/// Something that can be created for a moment.
#[derive(Debug)]
pub(crate) struct Creation {
    /// As rows call it.
    pub(crate) what: &'static str,
    kind: Kind,
}

#[derive(Debug, Clone, Copy)]
enum Kind {
    Bucket,
    Vpc,
    Role,
    Bus,
}

/// A VPC is only asked for (`DryRun`).
pub(crate) const DRY: Creation = Creation { what: "a VPC", kind: Kind::Vpc };
/// All of them. Keys, functions and trails are left to `zone guardrail prove`: their allowed twin would leave a key that waits
/// seven days for its deletion, needs code, or costs.
pub(crate) static CREATIONS: [Creation; 4] = [
    Creation { what: "a bucket", kind: Kind::Bucket },
    DRY,
    Creation { what: "a role", kind: Kind::Role },
    Creation { what: "an event bus", kind: Kind::Bus },
];

impl Creation {
    /// The one that a row names.
    pub(crate) fn of(what: &str) -> Judged<&'static Self> {
        let found = CREATIONS.iter().find(|creation| creation.what == what);
        found.ok_or_else(|| {
            let known: Vec<_> = CREATIONS.iter().map(|creation| creation.what).collect();
            format!("`{what}` is nothing that a probe creates; these are: {}", known.join(", ")).into()
        })
    }

    /// Creates it with these tags, and removes it again.
    pub(crate) async fn attempt(&self, session: &Session, prober: &Prober, tags: &Tags) -> Judged<Answer> {
        match self.kind {
            Kind::Bucket => bucket(session, prober, tags).await,
            Kind::Vpc => vpc(session, prober, tags).await,
            Kind::Role => role(session, prober, tags).await,
            Kind::Bus => bus(session, prober, tags).await,
        }
    }
}

/// The tags that the zone gives its own resources.
pub(crate) fn all_tags(session: &Session) -> Tags {
    session.target.zone.tags.iter().map(|(key, value)| (key.clone(), value.clone())).collect()
}

/// What the role of the probes may do: just what they try.
pub(crate) fn rights(session: &Session) -> Value {
    let (account, region) = (&session.target.account, &session.target.region);
    let configured = session.target.zone.buckets.iter();
    let buckets = configured.filter_map(|bucket| session.published.get(&format!("s3/{}/name", bucket.purpose)));
    let buckets: Vec<_> = buckets.map(|parameter| format!("arn:aws:s3:::{}", parameter.value)).collect();
    let objects: Vec<_> = buckets.iter().map(|bucket| format!("{bucket}/{FOLDER}*")).collect();
    let allow =
        |actions: &[&str], resources: Vec<String>| json!({"Effect": "Allow", "Action": actions, "Resource": resources});
    let mut statements = vec![
        allow(&["s3:CreateBucket", "s3:TagResource"], vec![format!("arn:aws:s3:::{NAME}-*")]),
        allow(&["ec2:CreateVpc", "ec2:CreateTags"], vec![format!("arn:aws:ec2:{region}:{account}:*")]),
        allow(&["iam:CreateRole", "iam:TagRole"], vec![format!("arn:aws:iam::{account}:role{PATH}*")]),
        allow(
            &["events:CreateEventBus", "events:TagResource"],
            vec![format!("arn:aws:events:{region}:{account}:event-bus/{NAME}-*")],
        ),
        allow(&["kms:Decrypt", "kms:GenerateDataKey"], vec![format!("arn:aws:kms:{region}:{account}:key/*")]),
    ];
    if !buckets.is_empty() {
        statements.push(allow(&["s3:ListBucket"], buckets));
        statements.push(allow(&["s3:DeleteObject", "s3:DeleteObjectVersion", "s3:PutObject"], objects));
    }
    json!({"Version": "2012-10-17", "Statement": statements})
}

async fn bucket(session: &Session, prober: &Prober, tags: &Tags) -> Judged<Answer> {
    let name = prober.name();
    let region = session.target.region.as_str();
    let tag = |(key, value): &(String, String)| aws_sdk_s3::types::Tag::builder().key(key).value(value).build();
    let mut place = CreateBucketConfiguration::builder();
    if region != "us-east-1" {
        place = place.location_constraint(BucketLocationConstraint::from(region));
    }
    if !tags.is_empty() {
        let tags = tags.iter().map(tag).collect::<Result<Vec<_>, _>>().map_err(|error| error.to_string())?;
        place = place.set_tags(Some(tags));
    }
    let call = prober.clients(session).s3.create_bucket().bucket(&name);
    let call =
        if region == "us-east-1" && tags.is_empty() { call } else { call.create_bucket_configuration(place.build()) };
    let answer = Answer::of("s3:CreateBucket", &name, &call.send().await)?;
    if answer == Answer::Done {
        let removed = session.clients.s3.delete_bucket().bucket(&name).send().await;
        removed.map_err(|error| left("bucket", &name, &refused("s3:DeleteBucket", &name, &error)))?;
    }
    Ok(answer)
}

async fn vpc(session: &Session, prober: &Prober, tags: &Tags) -> Judged<Answer> {
    use aws_sdk_ec2::types::{ResourceType, Tag, TagSpecification};
    let tag = |(key, value): &(String, String)| Tag::builder().key(key).value(value).build();
    let mut call = prober.clients(session).ec2.create_vpc().cidr_block("10.255.0.0/24").dry_run(true);
    if !tags.is_empty() {
        let tags = tags.iter().map(tag).collect();
        call = call.tag_specifications(
            TagSpecification::builder().resource_type(ResourceType::Vpc).set_tags(Some(tags)).build(),
        );
    }
    Answer::of("ec2:CreateVpc", "10.255.0.0/24", &call.send().await)
}

async fn role(session: &Session, prober: &Prober, tags: &Tags) -> Judged<Answer> {
    let name = prober.name();
    let nobody = json!({"Version": "2012-10-17", "Statement": {
        "Effect": "Deny", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole",
    }});
    let tag = |(key, value): &(String, String)| aws_sdk_iam::types::Tag::builder().key(key).value(value).build();
    let tags = tags.iter().map(tag).collect::<Result<Vec<_>, _>>().map_err(|error| error.to_string())?;
    let call = prober.clients(session).iam.create_role().role_name(&name).path(PATH);
    let call = call.assume_role_policy_document(nobody.to_string()).set_tags((!tags.is_empty()).then_some(tags));
    let answer = Answer::of("iam:CreateRole", &name, &call.send().await)?;
    if answer == Answer::Done {
        let removed = session.clients.iam.delete_role().role_name(&name).send().await;
        removed.map_err(|error| left("role", &name, &refused("iam:DeleteRole", &name, &error)))?;
    }
    Ok(answer)
}

async fn bus(session: &Session, prober: &Prober, tags: &Tags) -> Judged<Answer> {
    let name = prober.name();
    let tag =
        |(key, value): &(String, String)| aws_sdk_eventbridge::types::Tag::builder().key(key).value(value).build();
    let tags = tags.iter().map(tag).collect::<Result<Vec<_>, _>>().map_err(|error| error.to_string())?;
    let call =
        prober.clients(session).events.create_event_bus().name(&name).set_tags((!tags.is_empty()).then_some(tags));
    let answer = Answer::of("events:CreateEventBus", &name, &call.send().await)?;
    if answer == Answer::Done {
        let removed = session.clients.events.delete_event_bus().name(&name).send().await;
        removed.map_err(|error| left("event bus", &name, &refused("events:DeleteEventBus", &name, &error)))?;
    }
    Ok(answer)
}
