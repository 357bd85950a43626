//! The trail.

use aws_sdk_cloudtrail::{
    operation::get_trail_status::GetTrailStatusOutput,
    types::{AdvancedEventSelector, AdvancedFieldSelector, EventSelector, ReadWriteType, Trail},
};
use cucumber::{then, when};

use super::{isolation, kms};
use crate::{
    clients::refused,
    policy::{Condition, Principal, Statement},
    rights::Grant,
    world::{Judged, World, ensure, seen},
};

/// What CloudTrail has told.
#[derive(Debug, Default)]
pub(crate) struct Told {
    trail: Option<Trail>,
    status: Option<GetTrailStatusOutput>,
    selectors: Vec<EventSelector>,
    advanced: Vec<AdvancedEventSelector>,
}

#[when("CloudTrail describes the trail")]
async fn describe(world: &mut World) -> Judged {
    let arn = &world.entry()?.value;
    let answer = world.session()?.clients.cloudtrail.get_trail().name(arn).send().await;
    world.trail.trail = answer.map_err(|error| refused("cloudtrail:GetTrail", arn, &error))?.trail;
    Ok(())
}

#[when("CloudTrail tells what the trail logs")]
async fn logs(world: &mut World) -> Judged {
    let arn = world.entry()?.value.clone();
    let cloudtrail = world.session()?.clients.cloudtrail.clone();
    let answer = cloudtrail.get_trail_status().name(&arn).send().await;
    world.trail.status = Some(answer.map_err(|error| refused("cloudtrail:GetTrailStatus", &arn, &error))?);
    let answer = cloudtrail.get_event_selectors().trail_name(&arn).send().await;
    let answer = answer.map_err(|error| refused("cloudtrail:GetEventSelectors", &arn, &error))?;
    world.trail.selectors = answer.event_selectors.unwrap_or_default();
    world.trail.advanced = answer.advanced_event_selectors.unwrap_or_default();
    Ok(())
}

#[then("the trail has the ARN that the contract says")]
fn has_arn(world: &mut World) -> Judged {
    let (found, said) = (trail(world)?.trail_arn().unwrap_or_default(), &world.entry()?.value);
    ensure!(found == said, "CloudTrail calls the trail `{found}`, the contract `{said}`");
    ensure!(trail(world)?.is_organization_trail() != Some(true), "the trail is one of the whole organization");
    Ok(())
}

#[then("the trail covers every region and global services")]
fn covers(world: &mut World) -> Judged {
    let trail = trail(world)?;
    ensure!(trail.is_multi_region_trail() == Some(true), "the trail covers one region");
    ensure!(trail.include_global_service_events() == Some(true), "the trail leaves global services out");
    Ok(())
}

#[then("the trail can prove that its files are unchanged")]
fn proves(world: &mut World) -> Judged {
    ensure!(trail(world)?.log_file_validation_enabled() == Some(true), "log-file validation is off");
    Ok(())
}

#[then("the trail does not log its own deliveries")]
fn is_not_its_own_subject(world: &mut World) -> Judged {
    ensure!(
        trail(world)?.recursive_logging() == Some(false),
        "each delivery of the trail is an event, which is delivered and paid for again"
    );
    Ok(())
}

#[then(expr = "the trail is encrypted with the key of class {string}")]
async fn is_encrypted(world: &mut World, class: String) -> Judged {
    let key = trail(world)?.kms_key_id().ok_or("the trail is not encrypted with a key of ours")?;
    kms::is_key_of(world, key, &class, "the trail").await
}

#[then(expr = "the trail writes to the log group at {string}")]
fn writes_to_logs(world: &mut World, entry: String) -> Judged {
    let said = world.published(&entry)?.value;
    let found = trail(world)?.cloud_watch_logs_log_group_arn().unwrap_or_default();
    ensure!(
        found.trim_end_matches(":*") == said,
        "the trail writes to `{found}`, the contract's log group is `{said}`"
    );
    Ok(())
}

#[then("its role writes to that log group and does nothing else")]
async fn role_does_nothing_else(world: &mut World) -> Judged {
    let role = trail(world)?.cloud_watch_logs_role_arn().unwrap_or_default();
    let group = world.published("cloudtrail/log-group-arn")?.value;
    let (region, account) = (world.session()?.target.region.clone(), world.session()?.target.account.clone());
    let streams = format!("{}:log-stream:{account}_CloudTrail_{region}*", group.trim_end_matches(":*"));
    let grants = [Grant::of(["logs:CreateLogStream", "logs:PutLogEvents"], [streams])];
    super::roles::may_exactly(world, role, &[], &grants).await
}

#[then("CloudTrail alone takes that role, for this account")]
async fn role_is_its_own(world: &mut World) -> Judged {
    let role = trail(world)?.cloud_watch_logs_role_arn().unwrap_or_default();
    let account = world.session()?.target.account.clone();
    let bound = Condition {
        operator: "StringEqualsIfExists".to_owned(),
        key: "aws:SourceAccount".to_owned(),
        values: vec![account],
    };
    super::roles::is_taken_by(world, role, "cloudtrail.amazonaws.com", &[bound]).await
}

#[then(expr = "the trail writes to the bucket at {string}")]
fn writes_to_bucket(world: &mut World, entry: String) -> Judged {
    let said = world.published(&entry)?.value;
    let found = trail(world)?.s3_bucket_name().unwrap_or_default();
    ensure!(found == said, "the trail writes to `{found}`, the contract's bucket is `{said}`");
    Ok(())
}

#[then("the trail is logging")]
fn is_logging(world: &mut World) -> Judged {
    let status = seen(world.trail.status.as_ref(), "trail's status")?;
    ensure!(status.is_logging() == Some(true), "the trail is stopped");
    Ok(())
}

#[then("it logs all management events")]
fn management_events(world: &mut World) -> Judged {
    let all = |s: &EventSelector| {
        s.include_management_events() == Some(true)
            && s.read_write_type() == Some(&ReadWriteType::All)
            && s.exclude_management_event_sources().is_empty()
    };
    let told = &world.trail;
    let logged = told.selectors.iter().any(all)
        || told.advanced.iter().any(|s| selects_exactly(s, &[("eventCategory", "Management")]));
    ensure!(logged, "no selector logs all management events");
    Ok(())
}

#[then("it logs the data events of every S3 object")]
fn data_events(world: &mut World) -> Judged {
    let every = |s: &EventSelector| {
        let objects = |d: &aws_sdk_cloudtrail::types::DataResource| {
            d.r#type() == Some("AWS::S3::Object")
                && d.values().iter().any(|arn| ["arn:aws:s3", "arn:aws:s3:::"].contains(&arn.as_str()))
        };
        s.read_write_type() == Some(&ReadWriteType::All) && s.data_resources().iter().any(objects)
    };
    let told = &world.trail;
    let advanced = [("eventCategory", "Data"), ("resources.type", "AWS::S3::Object")];
    let logged = told.selectors.iter().any(every) || told.advanced.iter().any(|s| selects_exactly(s, &advanced));
    ensure!(logged, "no selector logs the data events of every S3 object");
    Ok(())
}

/// Whether an advanced selector asks for exactly these values of these fields: one field more would log less. AWS answers
/// with these and without the basic ones where a trail has them.
/// <https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_AdvancedEventSelector.html> (2026-11-25)
fn selects_exactly(selector: &AdvancedEventSelector, fields: &[(&str, &str)]) -> bool {
    let is = |found: &AdvancedFieldSelector, (field, value): &(&str, &str)| {
        let other = [
            found.not_equals(),
            found.starts_with(),
            found.ends_with(),
            found.not_starts_with(),
            found.not_ends_with(),
        ];
        found.field() == *field && found.equals() == [*value] && other.iter().all(|values| values.is_empty())
    };
    let found = selector.field_selectors();
    found.len() == fields.len() && fields.iter().all(|field| found.iter().any(|f| is(f, field)))
}

#[then("everybody is denied the deletion of objects and of their versions")]
fn deletion_is_denied(world: &mut World) -> Judged {
    let bucket = super::storage::bucket(world)?;
    let objects = format!("{}/any", bucket.arn);
    let denies = |action: &str| {
        let denying = |s: &Statement| {
            !s.allow
                && s.conditions.is_empty()
                && s.principals.contains(&Principal::Everybody)
                && s.acts(action)
                && s.covers(&objects)
        };
        bucket.policy.iter().flatten().any(denying)
    };
    for action in ["s3:DeleteObject", "s3:DeleteObjectVersion"] {
        ensure!(denies(action), "no statement denies {action} to everybody");
    }
    Ok(())
}

#[then(
    expr = "the policy of the bucket at {string} lets CloudTrail write with the key of class {string} for this trail only"
)]
async fn may_write(world: &mut World, entry: String, class: String) -> Judged {
    let (trail, session) = (trail(world)?, world.session()?);
    let (bucket, key) = (world.published(&entry)?.value, world.published(&format!("kms/{class}/arn"))?.value);
    let (bucket, account) = (bucket.as_str(), session.target.account.as_str());
    let answer = session.clients.s3.get_bucket_policy().bucket(bucket).expected_bucket_owner(account).send().await;
    let answer = answer.map_err(|error| refused("s3:GetBucketPolicy", bucket, &error))?;
    let policy = isolation::attached(bucket, iam::Kind::Resource, answer.policy().unwrap_or_default())?;
    let policies = iam::Policies { resource: Some(policy), ..iam::Policies::default() };
    // as CloudTrail asks
    let may = |action: &str, resource: &str, source: &str| {
        let mut context = iam::Context::new();
        for (key, value) in [
            ("aws:SecureTransport", "true"),
            ("aws:SourceAccount", account),
            ("aws:SourceArn", source),
            ("s3:x-amz-acl", "bucket-owner-full-control"),
            ("s3:x-amz-server-side-encryption", "aws:kms"),
            ("s3:x-amz-server-side-encryption-aws-kms-key-id", key.as_str()),
        ] {
            context.set(key, value);
        }
        let cloudtrail = iam::Principal::Service("cloudtrail.amazonaws.com".to_owned());
        iam::evaluate(&iam::Request::new(cloudtrail, action, resource, account, context), &policies).allowed
    };
    let arn = trail.trail_arn().unwrap_or_default();
    let prefix = trail.s3_key_prefix().map(|prefix| format!("{prefix}/")).unwrap_or_default();
    let object = format!("arn:aws:s3:::{bucket}/{prefix}AWSLogs/{account}/CloudTrail/file");
    for (action, resource) in [("s3:GetBucketAcl", format!("arn:aws:s3:::{bucket}")), ("s3:PutObject", object)] {
        ensure!(may(action, &resource, arn), "the policy of bucket `{bucket}` does not let the trail do {action}");
        let other = may(action, &resource, &format!("{arn}-other"));
        ensure!(!other, "the policy of bucket `{bucket}` lets another trail do {action}");
    }
    Ok(())
}

fn trail(world: &World) -> Judged<&Trail> {
    seen(world.trail.trail.as_ref(), "trail")
}

#[cfg(test)]
mod tests {
    use aws_sdk_cloudtrail::types::{AdvancedEventSelector, AdvancedFieldSelector};

    use super::selects_exactly;

    #[test]
    fn an_advanced_selector_that_asks_for_more_logs_less() {
        let field = |name: &str, value: &str| {
            AdvancedFieldSelector::builder().field(name).equals(value).build().expect("it is whole")
        };
        let selector = |fields: Vec<AdvancedFieldSelector>| {
            AdvancedEventSelector::builder().set_field_selectors(Some(fields)).build().expect("it is whole")
        };
        let wanted = [("eventCategory", "Data"), ("resources.type", "AWS::S3::Object")];
        let data = || vec![field("resources.type", "AWS::S3::Object"), field("eventCategory", "Data")];
        assert!(selects_exactly(&selector(data()), &wanted));
        assert!(!selects_exactly(&selector(vec![field("eventCategory", "Data")]), &wanted));
        assert!(!selects_exactly(&selector([data(), vec![field("readOnly", "false")]].concat()), &wanted));
        let table = vec![field("eventCategory", "Data"), field("resources.type", "AWS::DynamoDB::Table")];
        assert!(!selects_exactly(&selector(table), &wanted));
        let not = AdvancedFieldSelector::builder().field("eventSource").not_equals("kms.amazonaws.com");
        let without_kms = vec![field("eventCategory", "Management"), not.build().expect("it is whole")];
        assert!(!selects_exactly(&selector(without_kms), &[("eventCategory", "Management")]));
        assert!(selects_exactly(
            &selector(vec![field("eventCategory", "Management")]),
            &[("eventCategory", "Management")]
        ));
    }
}
