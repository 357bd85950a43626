//! The trail: every call to AWS in every region, kept where nobody can delete it.
//!
//! Read by: auditors and operations, through `cloudtrail/{arn,log-group-arn}`.

use aws::{
    cloudtrail::{Trail, trail as cloudtrail},
    iam::{Role, RolePolicy},
};
use config::Observability;
use pulumi::options::Options;

use crate::{Stack, kms::Keys, observability::log_group, storage::Buckets};

pub(crate) fn deploy(
    stack: &mut Stack<'_>,
    shape: &config::Bucket,
    logs: &Observability,
    keys: &Keys,
    buckets: &Buckets,
) {
    let zone = stack.zone;
    let bucket = buckets.of(&shape.purpose);
    let name = zone.trail_name();

    let group = log_group(stack, "trail", format!("/aws/cloudtrail/{}", zone.env_name(&name)), logs, keys);
    let role = Role::new(&stack.scope, "trail")
        .name(format!("{name}-trail"))
        .description("CloudTrail writes to its log group")
        .assume_role_policy(policies::role::cloudtrail_trust(&zone.member.id).to_json())
        .register();
    let rights = {
        let (account, region) = (zone.member.id.clone(), zone.region.clone());
        group.arn().apply(move |group| policies::role::trail_logs(&group, &account, &region).to_json())
    };
    let rights = RolePolicy::new(&stack.scope, "trail").name("logs").role(role.name()).policy(rights).register();

    let objects = cloudtrail::EventSelectorDataResource::args().r#type("AWS::S3::Object").values(["arn:aws:s3"]);
    let selector = cloudtrail::EventSelector::args()
        .read_write_type("All")
        .include_management_events(true)
        .data_resources([objects]);
    let trail = Trail::new(&stack.scope, &name)
        .name(&name)
        .s3_bucket_name(bucket.id())
        .is_multi_region_trail(true)
        .include_global_service_events(true)
        .enable_log_file_validation(true)
        .enable_logging(true)
        // else each delivery is an event, which is delivered, and so on
        // <https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-trail-recursive-logging.html>
        .recursive_logging(false)
        .kms_key_id(keys.of(&logs.class).arn())
        // CloudTrail wants the streams of the group, not the group
        .cloud_watch_logs_group_arn(group.arn().apply(|arn| format!("{arn}:*")))
        .cloud_watch_logs_role_arn(role.arn())
        .event_selectors([selector])
        // CloudTrail tries both when the trail is made
        .depends_on([&rights])
        .depends_on([buckets.policy_of(&shape.purpose)])
        .register();

    stack.publish("cloudtrail/arn", trail.arn());
    stack.publish("cloudtrail/log-group-arn", group.arn());
}
