//! Delivery streams.

use aws_sdk_firehose::types::{
    CompressionFormat, DeliveryStreamDescription, DeliveryStreamEncryptionStatus, DeliveryStreamStatus,
    ExtendedS3DestinationDescription, KmsEncryptionConfig, S3BackupMode,
};
use aws_sdk_s3::types::{Event, FilterRuleName, QueueConfiguration, S3KeyFilter};
use cucumber::{then, when};

use super::{
    kms, names,
    platform::{self, retention},
    roles,
};
use crate::{
    clients::refused,
    policy::Condition,
    rights::Grant,
    world::{Judged, World, arn_name, ensure, seen},
};

/// A folder a day, as Firehose writes it.
const DAY: &str = "year=!{timestamp:yyyy}/month=!{timestamp:MM}/day=!{timestamp:dd}/";

#[when("Firehose describes the stream")]
async fn describe(world: &mut World) -> Judged {
    let name = arn_name(&world.entry()?.value, "/")?;
    let answer = world.session()?.clients.firehose.describe_delivery_stream().delivery_stream_name(name).send().await;
    let answer = answer.map_err(|error| refused("firehose:DescribeDeliveryStream", name, &error))?;
    world.stream = answer.delivery_stream_description.map(Box::new);
    Ok(())
}

#[then("the stream is active and has the ARN that the contract says")]
fn is_active(world: &mut World) -> Judged {
    let stream = stream(world)?;
    let state = stream.delivery_stream_status();
    ensure!(*state == DeliveryStreamStatus::Active, "the stream is in state {}", state.as_str());
    let (found, said) = (stream.delivery_stream_arn(), &world.entry()?.value);
    ensure!(found == said, "Firehose calls the stream `{found}`, the contract `{said}`");
    Ok(())
}

#[then(expr = "it delivers to the bucket at {string}")]
fn delivers_to(world: &mut World, entry: String) -> Judged {
    let said = world.published(&entry)?.value;
    let found = destination(world)?.bucket_arn();
    ensure!(found == said, "it delivers to `{found}`, the contract's bucket is `{said}`");
    Ok(())
}

#[then(expr = "it delivers below {string}, a folder a day")]
fn delivers_below(world: &mut World, prefix: String) -> Judged {
    let found = destination(world)?.prefix().unwrap_or_default();
    ensure!(found == format!("{prefix}/{DAY}"), "it delivers below `{found}`");
    Ok(())
}

#[then(expr = "records are encrypted with the key of class {string}")]
async fn records_are_encrypted(world: &mut World, class: String) -> Judged {
    let encryption = stream(world)?.delivery_stream_encryption_configuration();
    let status = encryption.and_then(|e| e.status());
    let name = status.map_or("unknown", DeliveryStreamEncryptionStatus::as_str);
    ensure!(status == Some(&DeliveryStreamEncryptionStatus::Enabled), "the encryption of records is {name}");
    let key = encryption.and_then(|e| e.key_arn()).ok_or("records are not encrypted with a key of ours")?;
    kms::is_key_of(world, key, &class, "the stream").await
}

#[then(expr = "what it writes is encrypted with the key of class {string}")]
async fn objects_are_encrypted(world: &mut World, class: String) -> Judged {
    let encryption = destination(world)?.encryption_configuration();
    let key = encryption.and_then(|e| e.kms_encryption_config()).map(KmsEncryptionConfig::awskms_key_arn);
    let key = key.ok_or("what it writes is not encrypted with a key of ours")?;
    kms::is_key_of(world, key, &class, "what it writes").await
}

#[then(expr = "it writes {int} megabytes or {int} seconds at once, in the format {string}")]
fn gathers(world: &mut World, megabytes: i32, seconds: i32, format: String) -> Judged {
    let to = destination(world)?;
    let hints = to.buffering_hints().ok_or("it does not say how much it gathers")?;
    let found = (hints.size_in_mbs().unwrap_or_default(), hints.interval_in_seconds().unwrap_or_default());
    ensure!(found == (megabytes, seconds), "it writes {} megabytes or {} seconds at once", found.0, found.1);
    let found = to.compression_format();
    ensure!(*found == CompressionFormat::from(&*format), "it writes in the format {}", found.as_str());
    Ok(())
}

#[then("it logs its errors to a log group that is there")]
async fn logs_errors(world: &mut World) -> Judged {
    let options = destination(world)?.cloud_watch_logging_options().ok_or("it logs no errors")?;
    ensure!(options.enabled() == Some(true), "its logging is off");
    let (group, name) = (options.log_group_name().unwrap_or_default(), options.log_stream_name().unwrap_or_default());
    let call = world.session()?.clients.logs.describe_log_streams().log_group_name(group).log_stream_name_prefix(name);
    let found = call.into_paginator().items().send().collect::<Result<Vec<_>, _>>().await;
    let found = found.map_err(|error| refused("logs:DescribeLogStreams", group, &error))?;
    let there = found.iter().any(|stream| stream.log_stream_name() == Some(name));
    ensure!(there, "its log group `{group}` has no stream `{name}`");
    Ok(())
}

#[then(expr = "what it logs is encrypted with the key of class {string}, and kept as long as the environment says")]
async fn logs_are_kept(world: &mut World, class: String) -> Judged {
    let options = destination(world)?.cloud_watch_logging_options().ok_or("it logs no errors")?;
    let group = platform::group_called(world, options.log_group_name().unwrap_or_default()).await?;
    platform::keeps(&group, retention(world)?)?;
    platform::is_encrypted(world, &group, &class).await
}

#[then("it delivers records unchanged")]
fn delivers_as_they_are(world: &mut World) -> Judged {
    let to = destination(world)?;
    let processes = to.processing_configuration().is_some_and(|p| p.enabled() == Some(true));
    ensure!(!processes, "a processor changes the records");
    let converts = to.data_format_conversion_configuration().is_some_and(|c| c.enabled() == Some(true));
    ensure!(!converts, "records are converted to another format");
    let copies = to.s3_backup_mode().is_some_and(|mode| *mode == S3BackupMode::Enabled);
    ensure!(!copies, "records are copied to another bucket");
    Ok(())
}

#[then(expr = "it writes failed records below {string}, by stream, error and day")]
fn writes_errors_below(world: &mut World, prefix: String) -> Judged {
    let stream = stream(world)?.delivery_stream_name();
    let expected = format!("{prefix}{stream}/!{{firehose:error-output-type}}/{DAY}");
    let found = destination(world)?.error_output_prefix().unwrap_or_default();
    ensure!(found == expected, "it writes failed records below `{found}`, and not below `{expected}`");
    Ok(())
}

#[then("Firehose alone takes that role, for this account")]
async fn role_is_its_own(world: &mut World) -> Judged {
    let (role, account) = (destination(world)?.role_arn(), world.session()?.target.account.clone());
    let (operator, key) = ("StringEquals".to_owned(), "sts:ExternalId".to_owned());
    let bound = Condition { operator, key, values: vec![account] };
    roles::is_taken_by(world, role, "firehose.amazonaws.com", &[bound]).await
}

#[then(expr = "its role writes below {string} with the key of class {string}, logs, and does nothing else")]
async fn role_does_nothing_else(world: &mut World, prefixes: String, class: String) -> Judged {
    let to = destination(world)?;
    let (bucket, role) = (to.bucket_arn(), to.role_arn());
    let target = &world.session()?.target;
    let (region, account) = (&target.region, &target.account);
    let key = world.published(&format!("kms/{class}/arn"))?.value;
    let mut groups = Vec::new();
    for stream in &target.zone.streams {
        let arn = world.published(&format!("firehose/{}/arn", stream.output))?.value;
        let name = arn_name(&arn, "/")?;
        groups.push(format!("arn:aws:logs:{region}:{account}:log-group:/aws/kinesisfirehose/{name}:log-stream:*"));
    }
    let below = names(&prefixes).into_iter().map(|prefix| format!("{bucket}/{prefix}/*"));
    let grants = [
        Grant::of(["s3:GetBucketLocation", "s3:ListBucket", "s3:ListBucketMultipartUploads"], [bucket]),
        Grant::of(["s3:AbortMultipartUpload", "s3:GetObject", "s3:PutObject"], below),
        Grant::of(["kms:Decrypt", "kms:GenerateDataKey"], [key])
            .when("StringEquals", "kms:ViaService", [format!("s3.{region}.amazonaws.com")])
            .when("StringLike", "kms:EncryptionContext:aws:s3:arn", [bucket.to_owned(), format!("{bucket}/*")]),
        Grant::of(["logs:PutLogEvents"], groups),
    ];
    roles::may_exactly(world, role, &[], &grants).await
}

#[then(expr = "the bucket at {string} tells the queue of new objects below {string}, and tells nobody else")]
async fn bucket_tells(world: &mut World, bucket: String, prefix: String) -> Judged {
    let name = world.published(&bucket)?.value;
    let queue = &world.entry()?.value;
    let call = world.session()?.clients.s3.get_bucket_notification_configuration().bucket(&name);
    let answer = call.expected_bucket_owner(&world.session()?.target.account).send().await;
    let answer = answer.map_err(|error| refused("s3:GetBucketNotificationConfiguration", &name, &error))?;
    let tells = |told: &QueueConfiguration| {
        told.queue_arn() == queue && told.events() == [Event::from("s3:ObjectCreated:*")] && only(told, &prefix)
    };
    ensure!(
        answer.queue_configurations().iter().any(tells),
        "the bucket `{name}` does not tell `{queue}` of new objects below `{prefix}`"
    );
    let others = answer.queue_configurations().iter().filter(|told| !tells(told)).count()
        + answer.topic_configurations().len()
        + answer.lambda_function_configurations().len()
        + usize::from(answer.event_bridge_configuration().is_some());
    ensure!(others == 0, "the bucket `{name}` tells {others} more of its objects");
    Ok(())
}

/// Whether the prefix is the only thing that is asked of an object.
fn only(told: &QueueConfiguration, prefix: &str) -> bool {
    let rules = told.filter().and_then(|filter| filter.key()).map(S3KeyFilter::filter_rules).unwrap_or_default();
    let named = |rule: &aws_sdk_s3::types::FilterRule| {
        rule.name().is_some_and(|name| name.as_str().eq_ignore_ascii_case(FilterRuleName::Prefix.as_str()))
            && rule.value() == Some(prefix)
    };
    rules.len() == 1 && rules.iter().all(named)
}

fn stream(world: &World) -> Judged<&DeliveryStreamDescription> {
    seen(world.stream.as_deref(), "stream")
}

fn destination(world: &World) -> Judged<&ExtendedS3DestinationDescription> {
    let first = stream(world)?.destinations().first();
    first
        .and_then(|destination| destination.extended_s3_destination_description())
        .ok_or_else(|| "the stream delivers to no bucket".into())
}
