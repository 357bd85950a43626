//! Delivery streams into the data lake, and a queue that tells of every record that could not be delivered.
//!
//! Read by: CDC and usage producers, through `firehose/{output}/arn`, and whoever looks after failed records, through
//! `firehose/dlq/arn`. Firehose has no dead-letter queue of its own: what it cannot deliver it writes below `errors/`, and
//! the bucket tells the queue.

use aws::{
    cloudwatch::{LogGroup, LogStream},
    iam::{Role, RolePolicy},
    kinesis::{FirehoseDeliveryStream, firehose_delivery_stream as firehose},
    s3::{BucketNotification, bucket_notification as notification},
    sqs::{Queue, QueuePolicy},
};
use config::{Delivery, Observability, Stream};
use pulumi::{all, options::Options};

use crate::{DAY, Stack, kms::Keys, observability::log_group, storage::Buckets};

/// The stream of a log group that Firehose writes its errors to.
const ERRORS: &str = "errors";

pub(crate) fn deploy(stack: &mut Stack<'_>, delivery: &Delivery, logs: &Observability, keys: &Keys, buckets: &Buckets) {
    let zone = stack.zone;
    let bucket = buckets.of(&delivery.bucket);
    let key = keys.of(&delivery.class);
    failed_records(stack, delivery, keys, buckets);

    let role = Role::new(&stack.scope, "delivery")
        .name(format!("{}-delivery", zone.platform()))
        .description("Firehose writes to the data lake")
        .assume_role_policy(policies::role::firehose_trust(&zone.member.id).to_json())
        .register();
    let rights = {
        let zone = zone.clone();
        all!(bucket.arn(), key.arn())
            .apply(move |(bucket, key)| policies::role::delivery(&zone, &bucket, &key).to_json())
    };
    let rights = RolePolicy::new(&stack.scope, "delivery").name("delivery").role(role.name()).policy(rights).register();

    for shape in &zone.streams {
        let (group, errors) = error_log(stack, shape, logs, keys);
        let logging = firehose::ExtendedS3ConfigurationCloudwatchLoggingOptions::args()
            .enabled(true)
            .log_group_name(group.name())
            .log_stream_name(errors.name());
        let destination = firehose::ExtendedS3Configuration::args()
            .bucket_arn(bucket.arn())
            .role_arn(role.arn())
            .prefix(format!("{}/{}", shape.prefix, DATE))
            .error_output_prefix(format!("errors/{}/!{{firehose:error-output-type}}/{DATE}", shape.name))
            .buffering_size(delivery.buffer_megabytes)
            .buffering_interval(delivery.buffer_seconds)
            .compression_format("GZIP")
            .kms_key_arn(key.arn())
            .cloudwatch_logging_options(logging);
        let encryption =
            firehose::ServerSideEncryption::args().enabled(true).key_type("CUSTOMER_MANAGED_CMK").key_arn(key.arn());
        let stream = FirehoseDeliveryStream::new(&stack.scope, &shape.name)
            .name(&shape.name)
            .destination("extended_s3")
            .extended_s3_configuration(destination)
            .server_side_encryption(encryption)
            // Firehose tries its role when the stream is made
            .depends_on([&rights])
            .register();
        stack.publish(format!("firehose/{}/arn", shape.output), stream.arn());
    }
}

/// One folder a day.
const DATE: &str = "year=!{timestamp:yyyy}/month=!{timestamp:MM}/day=!{timestamp:dd}/";

/// Where a stream says what it could not deliver, and why.
fn error_log(stack: &Stack<'_>, shape: &Stream, logs: &Observability, keys: &Keys) -> (LogGroup, LogStream) {
    let group = log_group(stack, &shape.name, format!("/aws/kinesisfirehose/{}", shape.name), logs, keys);
    let errors = LogStream::new(&stack.scope, &shape.name).name(ERRORS).log_group_name(group.name()).register();
    (group, errors)
}

/// The queue of failed records, told by the bucket.
fn failed_records(stack: &mut Stack<'_>, delivery: &Delivery, keys: &Keys, buckets: &Buckets) {
    let zone = stack.zone;
    let bucket = buckets.of(&delivery.bucket);
    let queue = Queue::new(&stack.scope, "dlq")
        .name(zone.full_name("firehose-dlq"))
        .kms_master_key_id(keys.of(&delivery.queue_class).arn())
        .message_retention_seconds(i64::from(delivery.queue_retention_days) * DAY)
        .register();
    let policy = {
        let account = zone.member.id.clone();
        all!(queue.arn(), bucket.arn())
            .apply(move |(queue, bucket)| policies::queue::bucket_notifications(&queue, &bucket, &account).to_json())
    };
    let policy = QueuePolicy::new(&stack.scope, "dlq").queue_url(queue.id()).policy(policy).register();
    let told = notification::Queue::args()
        .id("failed-records")
        .queue_arn(queue.arn())
        .events(["s3:ObjectCreated:*"])
        .filter_prefix("errors/");
    BucketNotification::new(&stack.scope, "failed-records")
        .bucket(bucket.id())
        .queues([told])
        // S3 sends a test message when it is told where to
        .depends_on([&policy])
        .register();
    stack.publish("firehose/dlq/arn", queue.arn());
}
