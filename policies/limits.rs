//! How large AWS lets policies be, and whether a zone's policies are: known before anything is made.

use std::fmt;

use config::Zone;

use crate::bucket::{TrailWriter, locked_down};
use crate::{Document, bus, key, queue, role, scp, topic};

/// The greatest size of one kind of policy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limit {
    /// What AWS takes.
    pub most: usize,
    /// Whether AWS leaves white space out of the count, as IAM does.
    pub without_white_space: bool,
    /// What can be done about a policy that is larger.
    pub hint: &'static str,
}

/// All inline policies of a role together.
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html>
pub const ROLE_INLINE: Limit = Limit {
    most: 10_240,
    without_white_space: true,
    hint: "shorten the names, or give the role less: fewer `invokes`, grants, classes or streams",
};

/// The trust policy of a role; AWS raises it to 4,096 on request.
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html>
pub const ROLE_TRUST: Limit = Limit {
    most: 2048,
    without_white_space: true,
    hint: "name fewer `github_subjects`, or ask AWS for a greater quota",
};

/// A managed policy.
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html>
pub const MANAGED: Limit = Limit { most: 6144, without_white_space: true, hint: "name fewer classes" };

/// A service control policy; twice as much since 2026-05-15. Only the console leaves white space out.
/// <https://aws.amazon.com/about-aws/whats-new/2026/05/aws-organizations-increased-scp-quotas/>
/// <https://docs.aws.amazon.com/organizations/latest/userguide/orgs_reference_limits.html>
pub const SCP: Limit = Limit {
    most: 10_240,
    without_white_space: false,
    hint: "name fewer `exempt_principals`, of which one ARN with `*` can stand for several, or fewer tags in `tags.required`",
};

/// The policy of a bucket.
/// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/add-bucket-policy.html>
pub const BUCKET: Limit = Limit { most: 20 * 1024, without_white_space: false, hint: "shorten the bucket's name" };

/// The policy of a key.
/// <https://docs.aws.amazon.com/kms/latest/developerguide/resource-limits.html>
pub const KEY: Limit =
    Limit { most: 32 * 1024, without_white_space: false, hint: "name fewer `services` of the class" };

/// The policy of an event bus.
/// <https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-quota.html>
pub const BUS: Limit = Limit { most: 10_240, without_white_space: false, hint: "shorten the bus's name" };

/// The policy of a queue.
/// <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-policies.html>
pub const QUEUE: Limit = Limit { most: 8192, without_white_space: false, hint: "shorten the queue's name" };

/// The policy of a topic.
/// <https://docs.aws.amazon.com/sns/latest/dg/sns-access-policy-language-api-permissions-reference.html>
pub const TOPIC: Limit = Limit { most: 30 * 1024, without_white_space: false, hint: "shorten the topic's name" };

impl Limit {
    /// The size of `document` as AWS counts it.
    pub fn size(&self, document: &Document) -> usize {
        let json = document.to_json();
        let white_space = if self.without_white_space { json.matches(char::is_whitespace).count() } else { 0 };
        json.len() - white_space
    }
}

/// A policy that AWS will not take.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TooLarge {
    /// Which policy.
    pub policy: String,
    /// Its size.
    pub size: usize,
    /// The size that AWS takes.
    pub limit: usize,
    /// What can be done about it.
    pub hint: &'static str,
}

impl fmt::Display for TooLarge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { policy, size, limit, .. } = self;
        write!(f, "{policy} has {size} characters, {} too many", size - limit)
    }
}

/// The zone's policies that AWS will not take; empty for a zone that can be deployed.
///
/// ARNs that AWS makes up later are stood for by ones of the greatest length, so what fits here fits there.
pub fn check(zone: &Zone) -> Vec<TooLarge> {
    all(zone)
        .into_iter()
        .filter_map(|Rendered { policy, limit, document }| {
            let size = limit.size(&document);
            (size > limit.most).then_some(TooLarge { policy, size, limit: limit.most, hint: limit.hint })
        })
        .collect()
}

/// A policy of a zone.
pub(crate) struct Rendered {
    pub(crate) policy: String,
    pub(crate) limit: Limit,
    pub(crate) document: Document,
}

/// Every policy of the zone.
pub(crate) fn all(zone: &Zone) -> Vec<Rendered> {
    let mut rendered = Vec::new();
    let mut add = |policy: String, limit, document| rendered.push(Rendered { policy, limit, document });
    let account = &zone.member.id;
    let region = &zone.region;
    let arn = |service: &str, name: String| format!("arn:aws:{service}:{region}:{account}:{name}");
    let bucket_arn = |purpose: &str| format!("arn:aws:s3:::{}", zone.bucket_name(purpose));
    // an id is a UUID, or as long: `mrk-` and 32 digits
    let key_arn = arn("kms", format!("key/{}", "0".repeat(36)));
    let keys = |count: usize| vec![key_arn.clone(); count];

    for class in &zone.classes {
        add(format!("the policy of the key `{}`", class.name), KEY, key::class_key(account, region, class));
    }
    for bucket in &zone.buckets {
        let trail = bucket.writer.as_ref().map(|_| TrailWriter {
            account: account.clone(),
            region: region.clone(),
            trail_name: zone.trail_name(),
        });
        let name = zone.bucket_name(&bucket.purpose);
        let document = locked_down(&name, &key_arn, trail.as_ref());
        add(format!("the policy of the bucket `{name}`"), BUCKET, document);
    }
    for domain in zone.domains.iter().filter(|_| zone.has("events")) {
        let name = &domain.bus;
        let document = bus::organization(&arn("events", format!("event-bus/{name}")), account, &zone.organization);
        add(format!("the policy of the bus `{name}`"), BUS, document);

        let queue = zone.env_name(&format!("{name}-events-dlq"));
        let document = queue::event_dlq(&arn("sqs", queue.clone()), account, region, name);
        add(format!("the policy of the queue `{queue}`"), QUEUE, document);
    }
    if let Some(roles) = &zone.roles {
        for domain in &zone.domains {
            let topic_key = zone.observability.as_ref().map(|_| key_arn.as_str());
            let document = role::domain_permissions(zone, domain, &keys(domain.classes.len()), topic_key);
            add(format!("the inline policy of the role `{}`", domain.role), ROLE_INLINE, document);
        }
        let document = role::lambda_trust(account, roles.tag_in_trust.as_deref());
        add("the trust policy of the domains' roles".to_owned(), ROLE_TRUST, document);
    }
    if let Some(delivery) = &zone.delivery {
        let landing = bucket_arn(&delivery.bucket);
        let queue = zone.full_name("firehose-dlq");
        let document = queue::bucket_notifications(&arn("sqs", queue.clone()), &landing, account);
        add(format!("the policy of the queue `{queue}`"), QUEUE, document);
        let document = role::delivery(zone, &landing, &key_arn);
        add("the inline policy of the delivery role".to_owned(), ROLE_INLINE, document);
        add("the trust policy of the delivery role".to_owned(), ROLE_TRUST, role::firehose_trust(account));
    }
    if zone.has("trail") {
        let group = zone.env_name(&format!("log-group:/aws/cloudtrail/{}", zone.trail_name()));
        let document = role::trail_logs(&arn("logs", group), account, region);
        add("the inline policy of the trail's role".to_owned(), ROLE_INLINE, document);
        add("the trust policy of the trail's role".to_owned(), ROLE_TRUST, role::cloudtrail_trust(account));
    }
    if zone.has("observability") {
        let topic = zone.env_name(&format!("{}-alerts", zone.platform()));
        let document = topic::alerts(&arn("sns", topic.clone()), account);
        add(format!("the policy of the topic `{topic}`"), TOPIC, document);
    }
    if let Some(access) = &zone.access {
        let document = role::github_trust(&zone.github_provider_arn(), "sts.amazonaws.com", &zone.github_subjects);
        add("the trust policy of the role that deploys from GitHub".to_owned(), ROLE_TRUST, document);
        let document = role::break_glass_trust(account, &access.break_glass_principals);
        add("the trust policy of the role for emergencies".to_owned(), ROLE_TRUST, document);
        let document = role::secrets_read(zone, &keys(zone.classes.len()));
        add("the policy for readers of secrets".to_owned(), MANAGED, document);
    }
    if let Some(guardrails) = &zone.guardrails {
        let document = scp::require_tags(&zone.required_tags, &guardrails.exempt_principals);
        add("the service control policy".to_owned(), SCP, document);
    }
    rendered
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::golden::{dev, zone};
    use crate::{Operator, Statement};

    #[test]
    fn the_fixture_fits() {
        assert_eq!(check(&dev()), []);
    }

    /// The one test of this crate that is about the shipped configuration: AWS takes each of its policies.
    #[test]
    fn the_shipped_zone_fits() {
        assert_eq!(check(&zone("../config", "local")), []);
    }

    #[test]
    fn what_is_too_large_is_named_with_a_way_out() {
        let mut zone = dev();
        let exempt_principals = (0..40).map(|number| format!("arn:aws:iam::*:role/Bootstrap{number}")).collect();
        zone.guardrails = Some(config::Guardrails { exempt_principals });
        zone.domains[0].invokes = (0..200).map(|number| format!("{}-function-{number}", "x".repeat(20))).collect();
        zone.github_subjects = vec![format!("repo:{}:*", "x".repeat(2000))];
        let found = check(&zone);
        let policies: Vec<_> = found.iter().map(|found| found.policy.as_str()).collect();
        let role = format!("the inline policy of the role `{}`", zone.domains[0].role);
        assert_eq!(
            policies,
            [role.as_str(), "the trust policy of the role that deploys from GitHub", "the service control policy",]
        );
        for found in &found {
            assert!(found.size > found.limit && !found.hint.is_empty());
            let text = found.to_string();
            assert!(text.ends_with(&format!("{} too many", found.size - found.limit)), "{text}");
        }
    }

    #[test]
    fn a_policy_of_exactly_the_limit_fits() {
        let mut zone = dev();
        let trust = |zone: &Zone| {
            all(zone).into_iter().find(|rendered| rendered.policy.ends_with("from GitHub")).unwrap().document
        };
        let room = ROLE_TRUST.most - ROLE_TRUST.size(&trust(&zone));
        zone.github_subjects[0].push_str(&"x".repeat(room));
        assert_eq!(ROLE_TRUST.size(&trust(&zone)), ROLE_TRUST.most);
        assert_eq!(check(&zone), []);
        zone.github_subjects[0].push('x');
        assert_eq!(check(&zone).len(), 1);
    }

    #[test]
    fn iam_leaves_white_space_out_and_the_others_do_not() {
        let spaced = Document::new([Statement::allow("Sid", ["a:B"]).when(Operator::StringEquals, "k", ["a b"])]);
        let json = spaced.to_json().len();
        assert_eq!(ROLE_INLINE.size(&spaced), json - 1);
        assert_eq!(SCP.size(&spaced), json);
    }

    /// The golden files hold the keys' and others' ARNs in a short form; none here may be shorter than the real ones.
    #[test]
    fn ids_are_as_long_as_those_that_aws_makes() {
        let uuid = "00000000-0000-0000-0000-000000000000";
        let zone = dev();
        let name = zone.bucket_name(&zone.buckets[0].purpose);
        let bucket = all(&zone).into_iter().find(|rendered| rendered.policy.contains(&name)).unwrap();
        assert!(bucket.document.to_json().contains(&format!(":key/{}\"", "0".repeat(uuid.len()))));
    }
}
