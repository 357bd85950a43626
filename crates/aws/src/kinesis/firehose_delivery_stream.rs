//! A Firehose stream to S3.
//! Long because of its ten nested types.
//!
//! Calls: CreateDeliveryStream, DescribeDeliveryStream, UpdateDestination, StartDeliveryStreamEncryption,
//! StopDeliveryStreamEncryption, DeleteDeliveryStream, TagDeliveryStream, UntagDeliveryStream, ListTagsForDeliveryStream.
//! IAM: `firehose:` + each of these; `iam:PassRole` of its roles; `kms:CreateGrant` on the key it is encrypted with.
//!
//! - Of the destinations only `extended_s3` is here; the others are refused.
//! - A stream that could not be made stays in AWS under its name, and can only be deleted: so it is.
//! - AWS fills in parameters of a Lambda processor that are not said; these show when they are imported, else not.

use aws_sdk_firehose::types::{
    self, BufferingHints, DeliveryStreamDescription as Description, DeliveryStreamEncryptionStatus as EncryptionStatus,
    DeliveryStreamFailureType as FailureType, DeliveryStreamStatus as Status, DeliveryStreamType,
    DestinationDescription, EncryptionConfiguration, ExtendedS3DestinationConfiguration,
    ExtendedS3DestinationDescription, ExtendedS3DestinationUpdate, FailureDescription, KmsEncryptionConfig,
    NoEncryptionConfig, RetryOptions, S3DestinationConfiguration, S3DestinationDescription, S3DestinationUpdate, Tag,
};

use crate::{checks::items, name, prelude::*, tags::FirehoseStream};

/// A Firehose stream, which writes what is put into it to S3.
#[derive(Clone, Debug, Resource)]
#[resource(
    token = "aws:kinesis/firehoseDeliveryStream:FirehoseDeliveryStream",
    noun = "Firehose stream",
    handle = FirehoseDeliveryStream, tags
)]
pub struct Inputs {
    /// Name, up to 64 letters, digits, `.`, `_` and `-`.
    #[resource(replace, autoname)]
    pub name: String,
    /// `extended_s3`.
    #[resource(replace)]
    pub destination: String,
    /// Where and how it writes.
    pub extended_s3_configuration: Option<ExtendedS3Configuration>,
    /// The Kinesis stream it reads; absent, records are put into it directly.
    #[resource(replace)]
    pub kinesis_source_configuration: Option<KinesisSourceConfiguration>,
    /// How records are encrypted until they are written. Not for a stream that reads a Kinesis stream.
    #[resource(default)]
    pub server_side_encryption: ServerSideEncryption,
}

/// Where and how a stream writes.
#[derive(Clone, Debug, PartialEq, Shape)]
#[resource(name = "FirehoseDeliveryStreamExtendedS3Configuration", from = ExtendedS3DestinationDescription)]
pub struct ExtendedS3Configuration {
    /// ARN of the bucket.
    pub bucket_arn: String,
    /// ARN of the role that writes.
    pub role_arn: String,
    /// What keys begin with, before the time.
    #[resource(default = "")]
    pub prefix: String,
    /// What keys of failed records begin with.
    #[resource(default = "")]
    pub error_output_prefix: String,
    /// MB it collects before it writes, 1 to 128; 64 or more with dynamic partitioning.
    #[resource(default = 5, sdk = buffering_hints.size_in_mbs)]
    pub buffering_size: i32,
    /// Seconds it collects before it writes, 0 to 900.
    #[resource(default = 300, sdk = buffering_hints.interval_in_seconds)]
    pub buffering_interval: i32,
    /// `UNCOMPRESSED`, `GZIP`, `ZIP`, `Snappy` or `HADOOP_SNAPPY`.
    #[resource(default = "UNCOMPRESSED")]
    pub compression_format: String,
    /// ARN of the key its objects are encrypted with; absent is as the bucket says.
    #[resource(sdk = encryption_configuration.kms_encryption_config.awskms_key_arn)]
    pub kms_key_arn: Option<String>,
    /// Where it logs what fails.
    #[resource(default, sdk = cloud_watch_logging_options)]
    pub cloudwatch_logging_options: ExtendedS3ConfigurationCloudwatchLoggingOptions,
    /// Time zone of the time in keys, such as `Pacific/Auckland`.
    #[resource(default = "UTC")]
    pub custom_time_zone: String,
    /// What keys end with, such as `.json`, instead of AWS's default.
    #[resource(default = "")]
    pub file_extension: String,
    /// Whether keys depend on what stands in records.
    #[resource(replace, default)]
    pub dynamic_partitioning_configuration: DynamicPartitioningConfiguration,
    /// How records are processed before they are written.
    #[resource(default)]
    pub processing_configuration: ProcessingConfiguration,
    /// `Disabled` or `Enabled`: whether records are also written unprocessed, to another bucket. AWS cannot disable it again.
    #[resource(default = "Disabled")]
    pub s3_backup_mode: String,
    /// Where records are written unprocessed.
    #[resource(sdk = s3_backup_description)]
    pub s3_backup_configuration: Option<S3BackupConfiguration>,
}

/// The logging options of a destination and of its backup: they differ in name alone.
macro_rules! logging_options {
    ($($name:ident = $shape:literal;)+) => { $(
        /// Where it logs what fails.
        #[derive(Clone, Debug, Default, PartialEq, Eq, Shape)]
        #[resource(name = $shape, sdk = types::CloudWatchLoggingOptions)]
        pub struct $name {
            /// Whether it logs.
            #[resource(default = false)]
            pub enabled: bool,
            /// Name of the log group.
            #[resource(default = "", blank)]
            pub log_group_name: String,
            /// Name of the log stream.
            #[resource(default = "", blank)]
            pub log_stream_name: String,
        }
    )+ };
}

logging_options! {
    ExtendedS3ConfigurationCloudwatchLoggingOptions =
        "FirehoseDeliveryStreamExtendedS3ConfigurationCloudwatchLoggingOptions";
    S3BackupConfigurationCloudwatchLoggingOptions =
        "FirehoseDeliveryStreamExtendedS3ConfigurationS3BackupConfigurationCloudwatchLoggingOptions";
}

/// Whether keys depend on what stands in records.
#[derive(Clone, Debug, PartialEq, Eq, Shape)]
#[resource(name = "FirehoseDeliveryStreamExtendedS3ConfigurationDynamicPartitioningConfiguration")]
#[resource(from = types::DynamicPartitioningConfiguration)]
pub struct DynamicPartitioningConfiguration {
    /// Whether keys depend on what stands in records.
    #[resource(default = false)]
    pub enabled: bool,
    /// Seconds it retries, 0 to 7200.
    #[resource(default = 300, sdk = retry_options.duration_in_seconds)]
    pub retry_duration: i32,
}

/// How records are processed before they are written.
#[derive(Clone, Debug, Default, PartialEq, Eq, Shape)]
#[resource(
    name = "FirehoseDeliveryStreamExtendedS3ConfigurationProcessingConfiguration",
    sdk = types::ProcessingConfiguration
)]
pub struct ProcessingConfiguration {
    /// Whether records are processed.
    #[resource(default = false)]
    pub enabled: bool,
    // an update keeps what it is not sent
    /// The steps, in order.
    #[resource(default, always)]
    pub processors: Vec<Processor>,
}

/// A step of processing.
#[derive(Clone, Debug, PartialEq, Eq, Shape)]
#[resource(
    name = "FirehoseDeliveryStreamExtendedS3ConfigurationProcessingConfigurationProcessor",
    sdk = types::Processor
)]
pub struct Processor {
    /// `Lambda`, `MetadataExtraction`, `RecordDeAggregation`, `AppendDelimiterToRecord`, `Decompression` or `CloudWatchLogProcessing`.
    pub r#type: String,
    /// Parameters of the step.
    #[resource(set, default)]
    pub parameters: Vec<ProcessorParameter>,
}

/// A parameter of a step.
#[derive(Clone, Debug, PartialEq, Eq, Shape)]
#[resource(
    name = "FirehoseDeliveryStreamExtendedS3ConfigurationProcessingConfigurationProcessorParameter",
    sdk = types::ProcessorParameter
)]
pub struct ProcessorParameter {
    /// Name, such as `LambdaArn`.
    pub parameter_name: String,
    /// Value.
    pub parameter_value: String,
}

/// Where records are written unprocessed.
#[derive(Clone, Debug, PartialEq, Eq, Shape)]
#[resource(
    name = "FirehoseDeliveryStreamExtendedS3ConfigurationS3BackupConfiguration",
    from = S3DestinationDescription
)]
pub struct S3BackupConfiguration {
    /// ARN of the bucket.
    pub bucket_arn: String,
    /// ARN of the role that writes.
    pub role_arn: String,
    /// What keys begin with, before the time.
    #[resource(default = "")]
    pub prefix: String,
    /// What keys of failed records begin with.
    #[resource(default = "")]
    pub error_output_prefix: String,
    /// MB it collects before it writes, 1 to 128.
    #[resource(default = 5, sdk = buffering_hints.size_in_mbs)]
    pub buffering_size: i32,
    /// Seconds it collects before it writes, 0 to 900.
    #[resource(default = 300, sdk = buffering_hints.interval_in_seconds)]
    pub buffering_interval: i32,
    /// `UNCOMPRESSED`, `GZIP`, `ZIP`, `Snappy` or `HADOOP_SNAPPY`.
    #[resource(default = "UNCOMPRESSED")]
    pub compression_format: String,
    /// ARN of the key its objects are encrypted with; absent is as the bucket says.
    #[resource(sdk = encryption_configuration.kms_encryption_config.awskms_key_arn)]
    pub kms_key_arn: Option<String>,
    /// Where it logs what fails.
    #[resource(default, sdk = cloud_watch_logging_options)]
    pub cloudwatch_logging_options: S3BackupConfigurationCloudwatchLoggingOptions,
}

/// The Kinesis stream it reads.
#[derive(Clone, Debug, PartialEq, Eq, Shape)]
#[resource(
    name = "FirehoseDeliveryStreamKinesisSourceConfiguration",
    from = types::KinesisStreamSourceDescription,
    into = types::KinesisStreamSourceConfiguration
)]
pub struct KinesisSourceConfiguration {
    /// ARN of the Kinesis stream.
    pub kinesis_stream_arn: String,
    /// ARN of the role that reads it.
    pub role_arn: String,
}

/// How records are encrypted until they are written.
#[derive(Clone, Debug, PartialEq, Eq, Shape)]
#[resource(
    name = "FirehoseDeliveryStreamServerSideEncryption",
    from = types::DeliveryStreamEncryptionConfiguration,
    into = types::DeliveryStreamEncryptionConfigurationInput
)]
pub struct ServerSideEncryption {
    /// Whether records are encrypted.
    #[resource(default = false, own)]
    pub enabled: bool,
    /// `AWS_OWNED_CMK` or `CUSTOMER_MANAGED_CMK`.
    #[resource(default = "AWS_OWNED_CMK")]
    pub key_type: String,
    /// ARN of the key, with `CUSTOMER_MANAGED_CMK`.
    pub key_arn: Option<String>,
}

/// Outputs of a Firehose stream.
#[derive(Clone, Debug, Outputs)]
#[resource(handle = FirehoseDeliveryStream)]
pub struct Outputs {
    /// ARN, the same as the id.
    pub arn: String,
    /// Version of the configuration: every change makes another.
    #[resource(volatile)]
    pub version_id: String,
    /// Id of the destination.
    pub destination_id: String,
}

impl Default for DynamicPartitioningConfiguration {
    fn default() -> Self {
        Self { enabled: false, retry_duration: 300 }
    }
}

impl Default for ServerSideEncryption {
    fn default() -> Self {
        Self { enabled: false, key_type: OWNED.to_owned(), key_arn: None }
    }
}

const ABSENT: Codes = &["ResourceNotFoundException"];
/// A stream takes one change at a time.
const BUSY: Codes = &["ResourceInUseException"];
/// A stream is changed by somebody else, or takes no change right now.
const CHANGING: Codes = &["ConcurrentModificationException", "ResourceInUseException"];
/// What AWS works at is there within a minute or two.
const LIMIT: Duration = Duration::from_mins(10);
/// Why making a stream may fail though its key and the key's policy are right: KMS has not told it yet.
const UNTOLD: [FailureType; 4] = [
    FailureType::KmsAccessDenied,
    FailureType::KmsKeyNotFound,
    FailureType::CreateKmsGrantFailed,
    // a key whose deletion was cancelled a moment ago
    FailureType::DisabledKmsKey,
];
const UNTOLD_FOR: Duration = Duration::from_mins(2);
const S3: &str = "extended_s3";
const ENABLED: &str = "Enabled";
const OWNED: &str = "AWS_OWNED_CMK";
const OURS: &str = "CUSTOMER_MANAGED_CMK";
/// What AWS fills in, of a Lambda processor.
const FILLED: [&str; 4] = ["NumberOfRetries", "RoleArn", "BufferSizeInMBs", "BufferIntervalInSeconds"];

impl AwsResource for FirehoseDeliveryStream {
    const ABSENT: Codes = ABSENT;
    const PRESENCE: Presence = Presence::Named;

    fn tagged(_: &Cx, id: &str) -> Tagged {
        Box::new(FirehoseStream(name::last(id, '/').to_owned()))
    }

    fn id_of(cx: &Cx, inputs: &Inputs) -> Option<String> {
        Some(cx.arn("firehose", &format!("deliverystream/{}", inputs.name)))
    }

    fn check(checks: &mut Checks<'_>) {
        match checks.text("destination") {
            Some(other) if other != S3 => {
                let reason = format!("destination `{other}` is not supported by this provider; it knows `{S3}`");
                checks.wrong("destination", reason);
            }
            _ if !checks.has("extendedS3Configuration") => {
                checks.wrong("extendedS3Configuration", "missing: give a bucket");
            }
            _ => {}
        }
        if let Some(Value::Object(s3)) = checks.inputs.get("extendedS3Configuration") {
            let s3 = Checks::of(s3);
            // <https://docs.aws.amazon.com/firehose/latest/dev/s3-prefixes.html>
            let expressed = s3.text("prefix").is_some_and(|prefix| prefix.contains("!{"));
            if expressed && (!s3.has("errorOutputPrefix") || s3.text("errorOutputPrefix") == Some("")) {
                let reason = "a prefix with an expression (`!{..}`) needs an error output prefix too";
                checks.wrong("extendedS3Configuration.errorOutputPrefix", reason);
            }
            if s3.text("s3BackupMode") == Some(ENABLED) && !s3.has("s3BackupConfiguration") {
                let reason = "missing: `s3BackupMode` `Enabled` needs it";
                checks.wrong("extendedS3Configuration.s3BackupConfiguration", reason);
            }
        }
        if let Some(Value::Object(encryption)) = checks.inputs.get("serverSideEncryption") {
            let encryption = Checks::of(encryption);
            let is_owned = !encryption.has("keyType") || encryption.text("keyType") == Some(OWNED);
            if encryption.text("keyType") == Some(OURS) && !encryption.has("keyArn") {
                checks.wrong("serverSideEncryption.keyArn", format!("`{OURS}` needs the ARN of the key"));
            } else if is_owned && encryption.has("keyArn") {
                checks.wrong("serverSideEncryption.keyArn", format!("a key of your own is for `keyType` `{OURS}`"));
            }
            if encryption.is("enabled", true) && checks.has("kinesisSourceConfiguration") {
                let reason = "a stream with a Kinesis source uses the encryption of its source";
                checks.wrong("serverSideEncryption", reason);
            }
        }
    }

    fn reduce(olds: Option<&Map>, live: &mut Map) {
        let Some(olds) = olds else { return };
        let Some(Value::Object(s3)) = live.get_mut("extendedS3Configuration") else { return };
        let Some(Value::Object(processing)) = s3.get_mut("processingConfiguration") else { return };
        let Some(Value::Array(steps)) = processing.get_mut("processors") else { return };
        for (i, step) in steps.iter_mut().enumerate() {
            let Value::Object(step) = step else { continue };
            let Some(Value::Array(parameters)) = step.get_mut("parameters") else { continue };
            let said = parameters_of(olds, i);
            parameters.retain(|p| name_of(p).is_none_or(|name| !FILLED.contains(&name) || said.contains(&name)));
        }
    }

    async fn create(cx: &Cx, inputs: &Inputs) -> Answer<Created<Outputs>> {
        let name = &inputs.name;
        let kind = match inputs.kinesis_source_configuration {
            Some(_) => DeliveryStreamType::KinesisStreamAsSource,
            None => DeliveryStreamType::DirectPut,
        };
        let encryption = Some(&inputs.server_side_encryption).filter(|encryption| encryption.enabled);
        let call = cx.clients.firehose.create_delivery_stream().delivery_stream_name(name).delivery_stream_type(kind);
        let call = call
            .set_extended_s3_destination_configuration(inputs.extended_s3_configuration.to_sdk()?)
            .set_kinesis_stream_source_configuration(inputs.kinesis_source_configuration.to_sdk()?)
            .set_delivery_stream_encryption_configuration_input(encryption.map(ToSdk::to_sdk).transpose()?)
            .set_tags(Some(built(cx.tags_as(|k, v| Tag::builder().key(k).value(v).build()))?));
        let end = waits::clock::now() + UNTOLD_FOR;
        loop {
            // boxed: the request of such a call is large
            let made = match propagation::told(&[], || Box::pin(call.clone().send())).await.done() {
                Err(refusal) if refusal.is(BUSY) => false,
                made => made.map(|()| true)?,
            };
            let is_at_it = |stream: &Description| stream.delivery_stream_status == Status::Creating;
            let Some(stream) = settle(cx, name, "to be created", is_at_it).await? else {
                // what was in the way is gone, or what was made shows late: asking again tells
                if waits::clock::now() > end {
                    let error = Error::new("AWS says that it exists, and does not show it");
                    return Err(error.hint("run it again to go on").into());
                }
                waits::clock::sleep(recovery::back_off(6)).await;
                continue;
            };
            let (arn, status) = (&stream.delivery_stream_arn, &stream.delivery_stream_status);
            match status {
                Status::Deleting => {
                    settle(cx, name, "to be deleted", |stream| stream.delivery_stream_status == Status::Deleting)
                        .await?;
                }
                Status::CreatingFailed => {
                    if !made {
                        cx.adopt("Firehose stream", arn, &Self::tagged(cx, arn).all(cx).await?).await?;
                    }
                    remove(cx, name).await.within("deleting what could not be made")?;
                    let why = stream.failure_description;
                    let is_untold = why.as_ref().is_some_and(|why| UNTOLD.contains(&why.r#type));
                    if made && !(is_untold && waits::clock::now() < end) {
                        return Err(because(why).into());
                    }
                    waits::clock::sleep(recovery::back_off(6)).await;
                }
                _ if made => return Ok(Created::new(arn, outputs(&stream)).and(encrypted(cx, name).await)),
                _ => return resource::adopt::<Self>(cx, arn, inputs).await,
            }
        }
    }

    async fn read(cx: &Cx, id: &str) -> Answer<Option<Live<Inputs, Outputs>>> {
        let Some(stream) = describe(cx, name::last(id, '/')).await? else { return Ok(None) };
        if matches!(stream.delivery_stream_status, Status::Deleting | Status::CreatingFailed) {
            return Ok(None);
        }
        let outputs = outputs(&stream);
        let destination = stream.destinations.first().map_or(S3, kind_of).to_owned();
        let s3 = stream.destinations.into_iter().next().and_then(|d| d.extended_s3_destination_description);
        let source = stream.source.and_then(|source| source.kinesis_stream_source_description);
        let encryption = stream.delivery_stream_encryption_configuration.filter(|encryption| {
            matches!(encryption.status, Some(EncryptionStatus::Enabled | EncryptionStatus::Enabling))
        });
        let inputs = Inputs {
            name: stream.delivery_stream_name,
            destination,
            extended_s3_configuration: s3.map(live_s3),
            kinesis_source_configuration: source.map(KinesisSourceConfiguration::from_sdk),
            server_side_encryption: match encryption {
                Some(live) => ServerSideEncryption { enabled: true, ..ServerSideEncryption::from_sdk(live) },
                None => ServerSideEncryption::default(),
            },
        };
        Ok(Some(Live { inputs, outputs }))
    }

    async fn update(cx: &Cx, id: &str, old: &Inputs, new: &Inputs, _: Outputs) -> Answer<Outputs> {
        let name = name::last(id, '/');
        if let Some(s3) = &new.extended_s3_configuration
            && old.extended_s3_configuration.as_ref() != Some(s3)
        {
            put(cx, name, s3).await.within("changing its destination")?;
        }
        let (was, will) = (&old.server_side_encryption, &new.server_side_encryption);
        if was != will && (was.enabled || will.enabled) {
            encrypt(cx, name, will).await?;
        }
        Ok(outputs(&describe(cx, name).await?.ok_or_else(deleted)?))
    }

    async fn delete(cx: &Cx, id: &str, _: &Inputs) -> Answer {
        remove(cx, name::last(id, '/')).await
    }
}

fn outputs(stream: &Description) -> Outputs {
    Outputs {
        arn: stream.delivery_stream_arn.clone(),
        version_id: stream.version_id.clone(),
        destination_id: stream.destinations.first().map(|d| d.destination_id.clone()).unwrap_or_default(),
    }
}

/// The kind of a destination, in the words of the official provider.
fn kind_of(destination: &DestinationDescription) -> &'static str {
    match destination {
        d if d.redshift_destination_description.is_some() => "redshift",
        d if d.elasticsearch_destination_description.is_some() => "elasticsearch",
        d if d.amazonopensearchservice_destination_description.is_some() => "opensearch",
        d if d.amazon_open_search_serverless_destination_description.is_some() => "opensearchserverless",
        d if d.splunk_destination_description.is_some() => "splunk",
        d if d.http_endpoint_destination_description.is_some() => "http_endpoint",
        d if d.snowflake_destination_description.is_some() => "snowflake",
        d if d.iceberg_destination_description.is_some() => "iceberg",
        _ => S3,
    }
}

/// The names of the parameters that a step of processing has in the inputs.
fn parameters_of(inputs: &Map, step: usize) -> Vec<&str> {
    let Some(Value::Object(s3)) = inputs.get("extendedS3Configuration") else { return Vec::new() };
    let Some(Value::Object(processing)) = s3.get("processingConfiguration") else { return Vec::new() };
    let Some(Value::Object(step)) = items(processing, "processors").get(step) else { return Vec::new() };
    items(step, "parameters").iter().filter_map(name_of).collect()
}

fn name_of(parameter: &Value) -> Option<&str> {
    let Value::Object(parameter) = parameter else { return None };
    parameter.get("parameterName").and_then(Value::as_str)
}

async fn describe(cx: &Cx, name: &str) -> Answer<Option<Description>> {
    let answer = cx.clients.firehose.describe_delivery_stream().delivery_stream_name(name).send().await;
    Ok(answer.found(ABSENT)?.and_then(|answer| answer.delivery_stream_description))
}

/// Waits while AWS is at it, and answers with what there is then; `what` is such as `to be created`.
async fn settle(cx: &Cx, name: &str, what: &str, is_at_it: fn(&Description) -> bool) -> Answer<Option<Description>> {
    let settled = || async {
        let stream = describe(cx, name).await?;
        Ok(if stream.as_ref().is_some_and(is_at_it) { None } else { Some(stream) })
    };
    waits::until(LIMIT, what, settled).await
}

fn because(why: Option<FailureDescription>) -> Error {
    let why = why.map_or_else(|| "AWS gave no reason".to_owned(), |why| format!("{}: {}", why.r#type, why.details));
    Error::new(why)
}

fn deleted() -> Error {
    Error::new("it was deleted while it was being changed")
}

fn encryption_of(stream: &Description) -> Option<&EncryptionStatus> {
    stream.delivery_stream_encryption_configuration.as_ref()?.status.as_ref()
}

/// Waits until its encryption is as it was asked for.
async fn encrypted(cx: &Cx, name: &str) -> Answer {
    let is_at_it = |stream: &Description| {
        matches!(encryption_of(stream), Some(EncryptionStatus::Enabling | EncryptionStatus::Disabling))
    };
    let stream = settle(cx, name, "to change its encryption", is_at_it).await?.ok_or_else(deleted)?;
    match encryption_of(&stream) {
        Some(EncryptionStatus::EnablingFailed | EncryptionStatus::DisablingFailed) => {
            let encryption = stream.delivery_stream_encryption_configuration;
            Err(because(encryption.and_then(|e| e.failure_description)).within("changing its encryption").into())
        }
        _ => Ok(()),
    }
}

/// Changes the destination, of the version that is there now.
async fn put(cx: &Cx, name: &str, s3: &ExtendedS3Configuration) -> Answer {
    let update: ExtendedS3DestinationUpdate = s3.to_sdk()?;
    let mut attempt = 1;
    loop {
        let live = outputs(&describe(cx, name).await?.ok_or_else(deleted)?);
        let call = cx.clients.firehose.update_destination().delivery_stream_name(name);
        let call = call
            .current_delivery_stream_version_id(live.version_id)
            .destination_id(live.destination_id)
            .extended_s3_destination_update(update.clone());
        // boxed: the request of such a call is large
        match propagation::told(&[], || Box::pin(call.clone().send())).await.done() {
            Err(refusal) if attempt < 20 && refusal.is(CHANGING) => {
                waits::clock::sleep(recovery::back_off(attempt)).await;
                attempt += 1;
            }
            changed => return changed,
        }
    }
}

async fn encrypt(cx: &Cx, name: &str, encryption: &ServerSideEncryption) -> Answer {
    let firehose = &cx.clients.firehose;
    let accepted = if encryption.enabled {
        let call = firehose.start_delivery_stream_encryption().delivery_stream_name(name);
        let call = call.delivery_stream_encryption_configuration_input(encryption.to_sdk()?);
        propagation::told(BUSY, || call.clone().send()).await.done()
    } else {
        let call = firehose.stop_delivery_stream_encryption().delivery_stream_name(name);
        recovery::settled(BUSY, || call.clone().send()).await.done()
    };
    accepted.within("changing its encryption")?;
    encrypted(cx, name).await
}

/// Deletes it, and waits until it is gone: its name is in use until then.
async fn remove(cx: &Cx, name: &str) -> Answer {
    // AWS gives the grant on its key back first; where it cannot, the stream goes all the same
    for force in [false, true] {
        let call = cx.clients.firehose.delete_delivery_stream().delivery_stream_name(name).allow_force_delete(force);
        recovery::settled(BUSY, || call.clone().send()).await.gone(ABSENT)?;
        let is_going = |stream: &Description| stream.delivery_stream_status != Status::DeletingFailed;
        match settle(cx, name, "to be deleted", is_going).await? {
            None => return Ok(()),
            Some(stream) if force => return Err(because(stream.failure_description).into()),
            Some(_) => {}
        }
    }
    Ok(())
}

/// What a destination and its backup, made and changed, have in common: four builders of the SDK with the same words.
macro_rules! common {
    ($builder:expr, $s3:expr) => {{
        let s3 = $s3;
        let buffering = BufferingHints::builder().size_in_mbs(s3.buffering_size);
        $builder
            .bucket_arn(&s3.bucket_arn)
            .role_arn(&s3.role_arn)
            .prefix(&s3.prefix)
            .error_output_prefix(&s3.error_output_prefix)
            .buffering_hints(buffering.interval_in_seconds(s3.buffering_interval).build())
            .compression_format(s3.compression_format.as_str().into())
            .encryption_configuration(key(s3.kms_key_arn.as_ref())?)
            .cloud_watch_logging_options(s3.cloudwatch_logging_options.to_sdk()?)
    }};
}

/// What a destination has beside that, made and changed.
macro_rules! extended {
    ($builder:expr, $s3:expr) => {
        common!($builder, $s3)
            .custom_time_zone(&$s3.custom_time_zone)
            .file_extension(&$s3.file_extension)
            .dynamic_partitioning_configuration(partitioning(&$s3.dynamic_partitioning_configuration))
            .processing_configuration($s3.processing_configuration.to_sdk()?)
            .s3_backup_mode($s3.s3_backup_mode.as_str().into())
    };
}

impl ToSdk<ExtendedS3DestinationConfiguration> for ExtendedS3Configuration {
    fn to_sdk(&self) -> Answer<ExtendedS3DestinationConfiguration> {
        let builder = extended!(ExtendedS3DestinationConfiguration::builder(), self);
        Ok(builder.set_s3_backup_configuration(self.s3_backup_configuration.to_sdk()?).build()?)
    }
}

impl ToSdk<ExtendedS3DestinationUpdate> for ExtendedS3Configuration {
    fn to_sdk(&self) -> Answer<ExtendedS3DestinationUpdate> {
        let builder = extended!(ExtendedS3DestinationUpdate::builder(), self);
        Ok(builder.set_s3_backup_update(self.s3_backup_configuration.to_sdk()?).build())
    }
}

impl ToSdk<S3DestinationConfiguration> for S3BackupConfiguration {
    fn to_sdk(&self) -> Answer<S3DestinationConfiguration> {
        Ok(common!(S3DestinationConfiguration::builder(), self).build()?)
    }
}

impl ToSdk<S3DestinationUpdate> for S3BackupConfiguration {
    fn to_sdk(&self) -> Answer<S3DestinationUpdate> {
        Ok(common!(S3DestinationUpdate::builder(), self).build())
    }
}

fn key(arn: Option<&String>) -> Answer<EncryptionConfiguration> {
    let builder = EncryptionConfiguration::builder();
    Ok(match arn {
        Some(arn) => builder.kms_encryption_config(KmsEncryptionConfig::builder().awskms_key_arn(arn).build()?).build(),
        None => builder.no_encryption_config(NoEncryptionConfig::NoEncryption).build(),
    })
}

fn partitioning(partitioning: &DynamicPartitioningConfiguration) -> types::DynamicPartitioningConfiguration {
    let retry = || RetryOptions::builder().duration_in_seconds(partitioning.retry_duration).build();
    types::DynamicPartitioningConfiguration::builder()
        .enabled(partitioning.enabled)
        .set_retry_options(partitioning.enabled.then(retry))
        .build()
}

fn live_s3(live: ExtendedS3DestinationDescription) -> ExtendedS3Configuration {
    let mut s3 = ExtendedS3Configuration::from_sdk(live);
    s3.s3_backup_configuration.take_if(|_| s3.s3_backup_mode != ENABLED);
    s3
}

#[cfg(test)]
mod tests {
    use pulumi::value::ToValue;
    use serde_json::json;

    use super::*;
    use crate::{
        stub::{
            self, Answer, Asked, Stub, done,
            late::{Late, Refusal, SETTLED, TOLD, is_waited_out, wholly},
        },
        testing::{Adapter, CustomResource as _},
    };

    fn live(status: &str, failure: Option<&str>) -> Answer {
        let failure = failure.map(|kind| json!({ "Type": kind, "Details": "why" }));
        Answer::Json(json!({ "DeliveryStreamDescription": {
            "DeliveryStreamName": "s", "DeliveryStreamARN": "arn:s", "DeliveryStreamStatus": status, "VersionId": "1",
            "DeliveryStreamType": "DirectPut", "Destinations": [], "HasMoreDestinations": false, "FailureDescription": failure,
        } }))
    }

    fn wanted() -> Inputs {
        stub::inputs(&json!({ "name": "s", "destination": "extended_s3", "extendedS3Configuration": {
            "bucketArn": "arn:b", "roleArn": "arn:r",
        } }))
    }

    /// The stream's key was taken up from its deletion a moment ago, and the role has been made as late.
    #[tokio::test]
    async fn a_stream_whose_key_or_role_is_not_known_yet_is_made_again() {
        for (failure, made_again) in
            [("DISABLED_KMS_KEY", true), ("KMS_ACCESS_DENIED", true), ("INVALID_KMS_KEY", false)]
        {
            let stub = Stub::new(move |asked| match (asked.operation.as_str(), asked.before) {
                ("CreateDeliveryStream", 0) => {
                    Answer::Refused("InvalidArgumentException", "Firehose is unable to assume role arn:r")
                }
                ("CreateDeliveryStream", 1) => {
                    Answer::Refused("InvalidArgumentException", "Could not assume IAM role arn:r")
                }
                ("DescribeDeliveryStream", 0..3 | 6..8) => live("CREATING", None),
                ("DescribeDeliveryStream", 3) => live("CREATING_FAILED", Some(failure)),
                ("DescribeDeliveryStream", 4) => live("DELETING", None),
                ("DescribeDeliveryStream", 5) => Answer::Refused("ResourceNotFoundException", "gone"),
                ("DescribeDeliveryStream", _) => live("ACTIVE", None),
                _ => done(asked),
            });
            let cx = stub.cx("aws:kinesis/firehoseDeliveryStream:FirehoseDeliveryStream");
            let (made, _) = Stub::run(Box::pin(Adapter::<FirehoseDeliveryStream>::create(&cx, &wanted()))).await;
            assert_eq!(made.is_ok_and(|made| made.incomplete.is_none()), made_again, "{failure}");
            assert_eq!(stub.asked("CreateDeliveryStream").len(), if made_again { 4 } else { 3 }, "{failure}");
        }
    }

    const TOKEN: &str = "aws:kinesis/firehoseDeliveryStream:FirehoseDeliveryStream";

    #[tokio::test]
    async fn each_change_of_a_stream_is_made_again_until_its_role_and_key_are_known_and_no_other_one_is_under_way() {
        const BUSY_NOW: Refusal = ("ResourceInUseException", "");
        const UNTOLD: &[Refusal] = &[
            ("InvalidArgumentException", "Firehose is unable to assume role arn:r"),
            ("InvalidArgumentException", "Role arn:r is not authorized to perform: glue:GetTable"),
            ("InvalidArgumentException", "Access was denied when calling Glue."),
            ("InvalidArgumentException", "Verify that the IAM role has access to it."),
            ("InvalidKMSResourceException", "The role cannot use arn:k"),
            ("InvalidKMSResourceException", "arn:k is disabled."),
            ("InvalidKMSResourceException", "arn:k is pending deletion."),
        ];
        let firehose = |asked: &Asked| match asked.operation.as_str() {
            "DescribeDeliveryStream" => live("ACTIVE", None),
            _ => done(asked),
        };
        let stream = |more: serde_json::Value| -> Inputs {
            let mut all = json!({ "name": "s", "destination": "extended_s3", "extendedS3Configuration": {
                "bucketArn": "arn:b", "roleArn": "arn:r",
            } });
            all.as_object_mut().expect("an object").extend(more.as_object().expect("an object").clone());
            stub::inputs(&all)
        };
        let plain = stream(json!({}));
        let full = stream(json!({
            "serverSideEncryption": { "enabled": true },
            "extendedS3Configuration": { "bucketArn": "arn:c", "roleArn": "arn:r" },
        }));
        let late: &[Late] = &[
            ("CreateDeliveryStream", TOLD, UNTOLD),
            ("UpdateDestination", TOLD, UNTOLD),
            ("StartDeliveryStreamEncryption", TOLD, UNTOLD),
            ("StartDeliveryStreamEncryption", TOLD, &[BUSY_NOW]),
            ("StopDeliveryStreamEncryption", SETTLED, &[BUSY_NOW]),
        ];
        let put = async |cx: Cx| {
            let made = Box::pin(Adapter::<FirehoseDeliveryStream>::create(&cx, &plain)).await?;
            let outputs = made.outputs.clone();
            wholly(made)?;
            let update = Adapter::<FirehoseDeliveryStream>::update(&cx, "s", &plain, &full, outputs.clone());
            Box::pin(update).await?;
            Box::pin(Adapter::<FirehoseDeliveryStream>::update(&cx, "s", &full, &plain, outputs)).await.map(drop)
        };
        is_waited_out(TOKEN, late, firehose, put).await;
        let gone = |asked: &Asked| match asked.operation.as_str() {
            "DescribeDeliveryStream" => Answer::Refused("ResourceNotFoundException", "gone"),
            _ => done(asked),
        };
        let delete = async |cx: Cx| Adapter::<FirehoseDeliveryStream>::delete(&cx, "s", &plain).await;
        is_waited_out(TOKEN, &[("DeleteDeliveryStream", SETTLED, &[BUSY_NOW])], gone, delete).await;
    }

    #[tokio::test]
    async fn a_destination_that_somebody_else_keeps_changing_is_given_up() {
        let stub = Stub::new(|asked| match asked.operation.as_str() {
            "UpdateDestination" => Answer::Refused("ConcurrentModificationException", "busy"),
            "DescribeDeliveryStream" => live("ACTIVE", None),
            _ => done(asked),
        });
        let s3 = wanted().extended_s3_configuration.expect("a destination");
        let (changed, waited) = Stub::run(Box::pin(put(&stub.cx(TOKEN), "s", &s3))).await;
        assert!(changed.is_err_and(|refusal| refusal.is(CHANGING)), "{waited:?}");
        assert_eq!(stub.asked("UpdateDestination").len(), 20);
    }

    #[tokio::test]
    async fn a_destination_is_changed_again_in_the_version_there_is_then() {
        let stub = Stub::new(|asked| match (asked.operation.as_str(), asked.before) {
            ("UpdateDestination", 0) => Answer::Refused("ConcurrentModificationException", "busy"),
            ("UpdateDestination", 1) => Answer::Refused("ResourceInUseException", "busy"),
            ("DescribeDeliveryStream", _) => live("ACTIVE", None),
            _ => done(asked),
        });
        let cx = stub.cx("aws:kinesis/firehoseDeliveryStream:FirehoseDeliveryStream");
        let s3 = wanted().extended_s3_configuration.expect("a destination");
        Stub::run(Box::pin(put(&cx, "s", &s3))).await.0.expect("changed");
        let operations = stub.operations();
        assert_eq!(operations.iter().filter(|o| *o == "UpdateDestination").count(), 3);
        assert_eq!(operations.iter().filter(|o| *o == "DescribeDeliveryStream").count(), 3);
    }

    crate::lifecycle! {
        token: "aws:kinesis/firehoseDeliveryStream:FirehoseDeliveryStream",
        needs: [("aws:s3/bucket:Bucket", { "bucket": "stream-{unique}" }), ("aws:kms/key:Key", {})],
        sample: {
            "name": "stream-{unique}",
            "destination": "extended_s3",
            "extendedS3Configuration": {
                "bucketArn": "${0.arn}",
                "roleArn": "arn:aws:iam::111122223333:role/delivery",
                "prefix": "cdc/year=!{timestamp:yyyy}/",
                "errorOutputPrefix": "errors/!{firehose:error-output-type}/",
                "bufferingSize": 128,
                "bufferingInterval": 300,
                "compressionFormat": "GZIP",
                "kmsKeyArn": "${1.arn}",
                "cloudwatchLoggingOptions": { "enabled": true, "logGroupName": "/aws/kinesisfirehose/s", "logStreamName": "delivery" },
            },
            "serverSideEncryption": { "enabled": true, "keyType": "CUSTOMER_MANAGED_CMK", "keyArn": "${1.arn}" },
            "tags": { "a": "1" },
        },
        change: {
            "extendedS3Configuration": {
                "bucketArn": "${0.arn}",
                "roleArn": "arn:aws:iam::111122223333:role/delivery",
                "bufferingInterval": 60,
                "customTimeZone": "Pacific/Auckland",
                "fileExtension": ".json",
                "s3BackupMode": "Enabled",
                "s3BackupConfiguration": { "bucketArn": "${0.arn}", "roleArn": "arn:aws:iam::111122223333:role/delivery", "prefix": "raw/" },
                "processingConfiguration": {
                    "enabled": true,
                    "processors": [{ "type": "Lambda", "parameters": [{ "parameterName": "LambdaArn", "parameterValue": "arn:aws:lambda:ap-southeast-2:111122223333:function:f:1" }] }],
                },
            },
            "serverSideEncryption": { "enabled": false },
            "tags": { "b": "2" },
        },
    }

    mod from_kinesis {
        crate::lifecycle! {
            token: "aws:kinesis/firehoseDeliveryStream:FirehoseDeliveryStream",
            needs: [("aws:s3/bucket:Bucket", { "bucket": "source-{unique}" })],
            sample: {
                "name": "source-{unique}",
                "destination": "extended_s3",
                "kinesisSourceConfiguration": {
                    "kinesisStreamArn": "arn:aws:kinesis:ap-southeast-2:111122223333:stream/s",
                    "roleArn": "arn:aws:iam::111122223333:role/source",
                },
                "extendedS3Configuration": {
                    "bucketArn": "${0.arn}",
                    "roleArn": "arn:aws:iam::111122223333:role/delivery",
                    "bufferingSize": 64,
                    "dynamicPartitioningConfiguration": { "enabled": true, "retryDuration": 600 },
                },
            },
            change: {
                "extendedS3Configuration": {
                    "bucketArn": "${0.arn}",
                    "roleArn": "arn:aws:iam::111122223333:role/delivery",
                    "bufferingSize": 128,
                    "dynamicPartitioningConfiguration": { "enabled": true, "retryDuration": 600 },
                },
            },
        }
    }

    #[tokio::test]
    async fn one_of_its_name_is_adopted_or_refused() {
        crate::testing::adopts(sample()).await;
    }

    fn map(fields: &[(&str, Value)]) -> Map {
        fields.iter().map(|(k, v)| ((*k).to_owned(), v.clone())).collect()
    }

    fn object(fields: &[(&str, &str)]) -> Value {
        Value::Object(fields.iter().map(|(k, v)| ((*k).to_owned(), v.to_value())).collect())
    }

    fn wrong(fields: &[(&str, Value)]) -> String {
        let base = [("destination", S3.to_value()), ("extendedS3Configuration", Value::Unknown)];
        let all: Vec<_> = base.into_iter().chain(fields.iter().cloned()).collect();
        let failures = Adapter::<FirehoseDeliveryStream>::check(&map(&all));
        failures.into_iter().map(|f| f.property).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn other_destinations_are_refused_by_name() {
        let failures = Adapter::<FirehoseDeliveryStream>::check(&map(&[("destination", "splunk".to_value())]));
        let reasons: Vec<_> = failures.iter().map(|f| f.reason.as_str()).collect();
        assert_eq!(reasons, ["destination `splunk` is not supported by this provider; it knows `extended_s3`"]);
        assert_eq!(Adapter::<FirehoseDeliveryStream>::check(&map(&[("destination", S3.to_value())])).len(), 1);
        assert_eq!(wrong(&[]), "");
    }

    #[test]
    fn keys_fit_their_type() {
        let encryption = |fields: &[(&str, &str)]| wrong(&[("serverSideEncryption", object(fields))]);
        let key = ("keyArn", "arn:aws:kms:ap-southeast-2:111122223333:key/k");
        assert_eq!(encryption(&[("keyType", OURS), key]), "");
        assert_eq!(encryption(&[("keyType", OWNED)]), "");
        assert_eq!(encryption(&[("keyType", OURS)]), "serverSideEncryption.keyArn");
        assert_eq!(encryption(&[key]), "serverSideEncryption.keyArn");
        let unknown = Value::Object(map(&[("keyType", Value::Unknown), ("keyArn", Value::Unknown)]));
        assert_eq!(wrong(&[("serverSideEncryption", unknown)]), "");
    }

    #[test]
    fn what_comes_from_kinesis_is_not_encrypted_again() {
        let encryption = |on: bool| Value::Object(map(&[("enabled", on.to_value())]));
        let both =
            |on| wrong(&[("serverSideEncryption", encryption(on)), ("kinesisSourceConfiguration", Value::Unknown)]);
        assert_eq!((both(true), both(false)), ("serverSideEncryption".to_owned(), String::new()));
    }

    #[test]
    fn a_destination_is_whole() {
        let s3 = |fields: &[(&str, &str)]| wrong(&[("extendedS3Configuration", object(fields))]);
        let prefix = ("prefix", "cdc/!{timestamp:yyyy}/");
        assert_eq!(s3(&[prefix]), "extendedS3Configuration.errorOutputPrefix");
        assert_eq!(s3(&[prefix, ("errorOutputPrefix", "errors/")]), "");
        assert_eq!(s3(&[("prefix", "cdc/")]), "");
        assert_eq!(s3(&[("s3BackupMode", "Enabled")]), "extendedS3Configuration.s3BackupConfiguration");
    }

    #[test]
    fn what_aws_fills_in_is_no_drift() {
        let s3 = |parameters: &[(&str, &str)]| {
            let parameter =
                |(name, value): &(&str, &str)| object(&[("parameterName", name), ("parameterValue", value)]);
            let parameters = Value::Array(parameters.iter().map(parameter).collect());
            let step = Value::Object(map(&[("type", "Lambda".to_value()), ("parameters", parameters)]));
            let processing = Value::Object(map(&[("processors", Value::Array(vec![step]))]));
            map(&[("extendedS3Configuration", Value::Object(map(&[("processingConfiguration", processing)])))])
        };
        let (function, retries, size) = (("LambdaArn", "f"), ("NumberOfRetries", "3"), ("BufferSizeInMBs", "1"));
        let reduced = |olds: Option<&Map>| {
            let mut live = s3(&[function, retries, size]);
            <FirehoseDeliveryStream as AwsResource>::reduce(olds, &mut live);
            live
        };
        assert_eq!(reduced(Some(&s3(&[function]))), s3(&[function]));
        assert_eq!(reduced(Some(&s3(&[function, ("NumberOfRetries", "5")]))), s3(&[function, retries]));
        assert_eq!(reduced(None), s3(&[function, retries, size]));
    }
}
