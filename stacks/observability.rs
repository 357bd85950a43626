//! Where the platform logs, raises alarms, and how much it traces.
//!
//! Read by: every module, through `logs/{prefix}-platform/arn`, `sns/alerts/arn` and `xray/sampling/arn`.

use aws::{
    cloudwatch::LogGroup,
    sns::{Topic, TopicPolicy},
    xray::SamplingRule,
};

use config::Observability;

use crate::{Stack, kms::Keys};

pub(crate) fn deploy(stack: &mut Stack<'_>, logs: &Observability, keys: &Keys) {
    let zone = stack.zone;
    let platform = zone.platform();
    let group = log_group(stack, &platform, format!("/aws/{platform}/{}", zone.environment), logs, keys);

    let topic = Topic::new(&stack.scope, "alerts")
        .name(zone.env_name(&format!("{platform}-alerts")))
        .kms_master_key_id(keys.of(&logs.class).arn())
        .register();
    let policy = {
        let account = zone.member.id.clone();
        topic.arn().apply(move |arn| policies::topic::alerts(&arn, &account).to_json())
    };
    TopicPolicy::new(&stack.scope, "alerts").arn(topic.arn()).policy(policy).register();

    let rule = SamplingRule::new(&stack.scope, "default")
        .rule_name(zone.env_name(&format!("{platform}-default")))
        .fixed_rate(f64::from(logs.sampling_percent) / 100.0)
        .reservoir_size(logs.sampling_reservoir)
        .priority(logs.sampling_priority)
        .version(1)
        .host("*")
        .http_method("*")
        .resource_arn("*")
        .service_name("*")
        .service_type("*")
        .url_path("*")
        .register();

    stack.publish(format!("logs/{platform}/arn"), group.arn());
    stack.publish("sns/alerts/arn", topic.arn());
    stack.publish("xray/sampling/arn", rule.arn());
}

/// A log group as all of the zone's are: encrypted, and kept as long as the environment says.
pub(crate) fn log_group(stack: &Stack<'_>, logical: &str, name: String, logs: &Observability, keys: &Keys) -> LogGroup {
    let zone = stack.zone;
    LogGroup::new(&stack.scope, logical)
        .name(name)
        .retention_in_days(zone.log_retention_days)
        .kms_key_id(keys.of(&logs.class).arn())
        .register()
}
