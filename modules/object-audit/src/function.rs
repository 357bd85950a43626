//! The function that writes the items, with all that it needs: a role, a log group, a queue for what fails, an alarm.

use std::collections::BTreeMap;

use aws::{
    cloudwatch::{LogGroup, MetricAlarm},
    dynamodb::Table,
    iam::{Role, RolePolicy},
    lambda::{Function, FunctionEventInvokeConfig, function},
    sqs::Queue,
};
use module::prelude::*;

use crate::{Settings, policies, storage::Buckets};

/// The files of the handler; tests and settings beside them do not go along.
const CODE: [&str; 5] = ["identity.py", "item.py", "journal.py", "notification.py", "object_audit.py"];

/// Seconds that an event may take.
const TIMEOUT: i32 = 300;

/// How often an event is tried again that failed.
const RETRIES: i32 = 2;

/// Seconds that an event waits at most for all of its tries.
const OLDEST: i32 = 3600;

/// Seconds in 14 days, the longest that SQS keeps a message.
const KEPT: i32 = 14 * 24 * 60 * 60;

/// The function and its role.
pub(crate) struct Audit {
    pub(crate) function: Function,
    pub(crate) role: Role,
}

pub(crate) fn deploy(
    zone: &Zone,
    settings: &Settings,
    key: &Output<String>,
    buckets: &Buckets,
    items: &Table,
) -> Audit {
    let (scope, name) = (zone.scope(), zone.own_name("audit"));
    let failed = Queue::new(scope, "failed")
        .name(zone.own_name("failed"))
        .kms_master_key_id(key)
        .message_retention_seconds(KEPT)
        .register();
    let logs = LogGroup::new(scope, "audit")
        .name(format!("/aws/lambda/{name}"))
        .retention_in_days(zone.target().log_retention_days)
        .kms_key_id(key)
        .register();
    let role = Role::new(scope, "audit")
        .name(zone.own_name("audit"))
        .description("the function of the module object-audit")
        .assume_role_policy(policies::lambda_trust(zone.account()))
        .register();
    let bucket = buckets.name.clone();
    let rights = pulumi::all!(items.arn(), failed.arn(), logs.arn(), key).apply(
        move |(items, failed, logs, key): (String, String, String, String)| {
            policies::function(&bucket, &items, &failed, &logs, &key)
        },
    );
    let rights = RolePolicy::new(scope, "audit").name("audit").role(role.name()).policy(rights).register();

    let code = Archive::assets(CODE.map(|file| (file, Asset::file(zone.file(&format!("handler/{file}"))))));
    let variables = pulumi::all!(items.name()).apply({
        let bucket = buckets.name.clone();
        move |(table,): (String,)| {
            BTreeMap::from([("TABLE_NAME".to_owned(), table), ("BUCKET_NAME".to_owned(), bucket)])
        }
    });
    let function = Function::new(scope, "audit")
        .name(&name)
        .description("writes an item for each object that is put into the bucket")
        .role(role.arn())
        .runtime("python3.13")
        .handler("object_audit.handler")
        .code(code)
        .memory_size(256)
        .timeout(TIMEOUT)
        .environment(function::Environment::args().variables(variables))
        .kms_key_arn(key)
        .dead_letter_config(function::DeadLetterConfig::args().target_arn(failed.arn()))
        // or Lambda makes the group, without a key and for ever
        .depends_on([rights.as_ref(), logs.as_ref()])
        .register();
    FunctionEventInvokeConfig::new(scope, "audit")
        .function_name(function.name())
        .maximum_retry_attempts(RETRIES)
        .maximum_event_age_in_seconds(OLDEST)
        .register();
    let topic: Vec<Output<String>> = settings.notify.then(|| zone.alerts_topic_arn()).into_iter().collect();
    MetricAlarm::new(scope, "audit-errors")
        .name(zone.own_name("audit-errors"))
        .alarm_description("the function of the module object-audit failed")
        .namespace("AWS/Lambda")
        .metric_name("Errors")
        .dimensions(function.name().apply(|name: String| BTreeMap::from([("FunctionName".to_owned(), name)])))
        .statistic("Sum")
        .period(60)
        .evaluation_periods(1)
        .threshold(1.0)
        .comparison_operator("GreaterThanOrEqualToThreshold")
        .treat_missing_data("notBreaching")
        .alarm_actions(topic)
        .register();
    Audit { function, role }
}
