//! A Firehose stream to S3.
//! Long because of its eight nested types, each with its way to AWS and back.
//!
//! Calls: CreateDeliveryStream, DescribeDeliveryStream, UpdateDestination, StartDeliveryStreamEncryption,
//! StopDeliveryStreamEncryption, DeleteDeliveryStream, TagDeliveryStream, UntagDeliveryStream, ListTagsForDeliveryStream.
//! IAM: `firehose:` + each of these; `iam:PassRole` of its roles; `kms:CreateGrant` on the key it is encrypted with.
//!
//! - Of the destinations only `extended_s3` is here; the others are refused.
//! - A stream that could not be made stays in AWS under its name, and can only be deleted: so it is.
//! - AWS fills in parameters of a Lambda processor that are not said; these show when they are imported, else not.

use std::{collections::BTreeMap, time::Duration};

use aws_sdk_firehose::types::{
    BufferingHints, CloudWatchLoggingOptions as SdkLogging, CompressionFormat,
    DeliveryStreamDescription as Description, DeliveryStreamEncryptionConfigurationInput,
    DeliveryStreamEncryptionStatus as EncryptionStatus, DeliveryStreamFailureType as FailureType,
    DeliveryStreamStatus as Status, DeliveryStreamType, DestinationDescription,
    DynamicPartitioningConfiguration as SdkPartitioning, EncryptionConfiguration, ExtendedS3DestinationConfiguration,
    ExtendedS3DestinationDescription, ExtendedS3DestinationUpdate, FailureDescription, KeyType,
    KinesisStreamSourceConfiguration, KmsEncryptionConfig, NoEncryptionConfig,
    ProcessingConfiguration as SdkProcessing, Processor as SdkProcessor, ProcessorParameter as SdkParameter,
    ProcessorParameterName, ProcessorType, RetryOptions, S3BackupMode, S3DestinationConfiguration,
    S3DestinationDescription, S3DestinationUpdate, Tag,
};
use derive::{Outputs, Resource, Shape};
use pulumi::{
    provider::{
        adopt::Presence,
        check::Failure,
        resource::{Created, CustomResource, Error, Kind, Live},
    },
    value::{Map, Value},
};

use crate::{
    context::Cx,
    error::{code, failed, found, gone},
    propagation, recovery,
    tags::{FirehoseStream, Taggable, Tagged, WithTags, built},
    waits,
};

/// A Firehose stream, which writes what is put into it to S3.
#[derive(Clone, Debug, Resource)]
#[resource(
    token = "aws:kinesis/firehoseDeliveryStream:FirehoseDeliveryStream",
    noun = "Firehose stream",
    handle = FirehoseDeliveryStream
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
    /// The Kinesis stream it reads; absent is what is put into it directly.
    #[resource(replace)]
    pub kinesis_source_configuration: Option<KinesisSourceConfiguration>,
    /// How what was put into it is encrypted until it is written. Not for one that reads a Kinesis stream.
    #[resource(default)]
    pub server_side_encryption: ServerSideEncryption,
    /// Tags, beside the provider's default tags.
    #[resource(default)]
    pub tags: BTreeMap<String, String>,
}

/// Where and how a stream writes.
#[derive(Clone, Debug, PartialEq, Shape)]
#[resource(name = "FirehoseDeliveryStreamExtendedS3Configuration")]
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
    #[resource(default = 5)]
    pub buffering_size: i32,
    /// Seconds it collects before it writes, 0 to 900.
    #[resource(default = 300)]
    pub buffering_interval: i32,
    /// `UNCOMPRESSED`, `GZIP`, `ZIP`, `Snappy` or `HADOOP_SNAPPY`.
    #[resource(default = "UNCOMPRESSED")]
    pub compression_format: String,
    /// ARN of the key its objects are encrypted with; absent is as the bucket says.
    pub kms_key_arn: Option<String>,
    /// Where it logs what fails.
    #[resource(default)]
    pub cloudwatch_logging_options: ExtendedS3ConfigurationCloudwatchLoggingOptions,
    /// Time zone of the time in keys, such as `Pacific/Auckland`.
    #[resource(default = "UTC")]
    pub custom_time_zone: String,
    /// What keys end with, such as `.json`, instead of what is usual.
    #[resource(default = "")]
    pub file_extension: String,
    /// Whether keys depend on what stands in records.
    #[resource(replace, default)]
    pub dynamic_partitioning_configuration: DynamicPartitioningConfiguration,
    /// What is done with records first.
    #[resource(default)]
    pub processing_configuration: ProcessingConfiguration,
    /// `Disabled` or `Enabled`: whether records go to another bucket, too, as they came. AWS cannot disable it again.
    #[resource(default = "Disabled")]
    pub s3_backup_mode: String,
    /// Where records go as they came.
    pub s3_backup_configuration: Option<S3BackupConfiguration>,
}

/// Where it logs what fails.
#[derive(Clone, Debug, Default, PartialEq, Eq, Shape)]
#[resource(name = "FirehoseDeliveryStreamExtendedS3ConfigurationCloudwatchLoggingOptions")]
pub struct ExtendedS3ConfigurationCloudwatchLoggingOptions {
    /// Whether it logs.
    #[resource(default = false)]
    pub enabled: bool,
    /// Name of the log group.
    #[resource(default = "")]
    pub log_group_name: String,
    /// Name of the log stream.
    #[resource(default = "")]
    pub log_stream_name: String,
}

/// Whether keys depend on what stands in records.
#[derive(Clone, Debug, PartialEq, Eq, Shape)]
#[resource(name = "FirehoseDeliveryStreamExtendedS3ConfigurationDynamicPartitioningConfiguration")]
pub struct DynamicPartitioningConfiguration {
    /// Whether they do.
    #[resource(default = false)]
    pub enabled: bool,
    /// Seconds it tries again, 0 to 7200.
    #[resource(default = 300)]
    pub retry_duration: i32,
}

/// What is done with records first.
#[derive(Clone, Debug, Default, PartialEq, Eq, Shape)]
#[resource(name = "FirehoseDeliveryStreamExtendedS3ConfigurationProcessingConfiguration")]
pub struct ProcessingConfiguration {
    /// Whether it is done.
    #[resource(default = false)]
    pub enabled: bool,
    /// The steps, in order.
    #[resource(default)]
    pub processors: Vec<Processor>,
}

/// A step of processing.
#[derive(Clone, Debug, PartialEq, Eq, Shape)]
#[resource(name = "FirehoseDeliveryStreamExtendedS3ConfigurationProcessingConfigurationProcessor")]
pub struct Processor {
    /// `Lambda`, `MetadataExtraction`, `RecordDeAggregation`, `AppendDelimiterToRecord`, `Decompression` or `CloudWatchLogProcessing`.
    pub r#type: String,
    /// How it works.
    #[resource(set, default)]
    pub parameters: Vec<ProcessorParameter>,
}

/// A parameter of a step.
#[derive(Clone, Debug, PartialEq, Eq, Shape)]
#[resource(name = "FirehoseDeliveryStreamExtendedS3ConfigurationProcessingConfigurationProcessorParameter")]
pub struct ProcessorParameter {
    /// Name, such as `LambdaArn`.
    pub parameter_name: String,
    /// Value.
    pub parameter_value: String,
}

/// Where records go as they came.
#[derive(Clone, Debug, PartialEq, Eq, Shape)]
#[resource(name = "FirehoseDeliveryStreamExtendedS3ConfigurationS3BackupConfiguration")]
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
    #[resource(default = 5)]
    pub buffering_size: i32,
    /// Seconds it collects before it writes, 0 to 900.
    #[resource(default = 300)]
    pub buffering_interval: i32,
    /// As for the destination.
    #[resource(default = "UNCOMPRESSED")]
    pub compression_format: String,
    /// ARN of the key its objects are encrypted with; absent is as the bucket says.
    pub kms_key_arn: Option<String>,
    /// Where it logs what fails.
    #[resource(default)]
    pub cloudwatch_logging_options: S3BackupConfigurationCloudwatchLoggingOptions,
}

/// Where it logs what fails.
#[derive(Clone, Debug, Default, PartialEq, Eq, Shape)]
#[resource(name = "FirehoseDeliveryStreamExtendedS3ConfigurationS3BackupConfigurationCloudwatchLoggingOptions")]
pub struct S3BackupConfigurationCloudwatchLoggingOptions {
    /// Whether it logs.
    #[resource(default = false)]
    pub enabled: bool,
    /// Name of the log group.
    #[resource(default = "")]
    pub log_group_name: String,
    /// Name of the log stream.
    #[resource(default = "")]
    pub log_stream_name: String,
}

/// The Kinesis stream it reads.
#[derive(Clone, Debug, PartialEq, Eq, Shape)]
#[resource(name = "FirehoseDeliveryStreamKinesisSourceConfiguration")]
pub struct KinesisSourceConfiguration {
    /// ARN of the Kinesis stream.
    pub kinesis_stream_arn: String,
    /// ARN of the role that reads it.
    pub role_arn: String,
}

/// How what was put into a stream is encrypted until it is written.
#[derive(Clone, Debug, PartialEq, Eq, Shape)]
#[resource(name = "FirehoseDeliveryStreamServerSideEncryption")]
pub struct ServerSideEncryption {
    /// Whether it is.
    #[resource(default = false)]
    pub enabled: bool,
    /// `AWS_OWNED_CMK` or `CUSTOMER_MANAGED_CMK`.
    #[resource(default = "AWS_OWNED_CMK")]
    pub key_type: String,
    /// ARN of the key, with `CUSTOMER_MANAGED_CMK`.
    pub key_arn: Option<String>,
}

/// What AWS adds to a stream.
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

const ABSENT: &[&str] = &["ResourceNotFoundException"];
/// A stream takes one change at a time.
const BUSY: &[&str] = &["ResourceInUseException"];
/// What AWS works at is there within a minute or two.
const LIMIT: Duration = Duration::from_mins(10);
/// Why making a stream may fail though its key and the key's policy are right: KMS has not told it yet.
const UNTOLD: [FailureType; 4] = [
    FailureType::KmsAccessDenied,
    FailureType::KmsKeyNotFound,
    FailureType::CreateKmsGrantFailed,
    // a key that was taken up from its deletion a moment ago
    FailureType::DisabledKmsKey,
];
const UNTOLD_FOR: Duration = Duration::from_mins(2);
const S3: &str = "extended_s3";
const OWNED: &str = "AWS_OWNED_CMK";
const OURS: &str = "CUSTOMER_MANAGED_CMK";
/// What AWS fills in, of a Lambda processor.
const FILLED: [&str; 4] = ["NumberOfRetries", "RoleArn", "BufferSizeInMBs", "BufferIntervalInSeconds"];

impl CustomResource for FirehoseDeliveryStream {
    type Context = Cx;
    type Inputs = Inputs;
    type Outputs = Outputs;

    const PRESENCE: Presence = Presence::Named;

    fn id_of(cx: &Cx, inputs: &Inputs) -> Option<String> {
        Some(cx.arn("firehose", &format!("deliverystream/{}", inputs.name)))
    }

    fn check(inputs: &Map) -> Vec<Failure> {
        let mut failures = Vec::new();
        let mut wrong = |property: &str, reason: &str| {
            failures.push(Failure { property: property.to_owned(), reason: reason.to_owned() });
        };
        let text = |map: &Map, name: &str| map.get(name).and_then(Value::as_str).map(str::to_owned);
        if let Some(other) = text(inputs, "destination").filter(|destination| destination != S3) {
            wrong("destination", &format!("destination `{other}` is not supported by this provider; it knows `{S3}`"));
        } else if !inputs.contains_key("extendedS3Configuration") {
            wrong("extendedS3Configuration", "say where it writes");
        }
        if let Some(Value::Object(s3)) = inputs.get("extendedS3Configuration") {
            // <https://docs.aws.amazon.com/firehose/latest/dev/s3-prefixes.html>
            let expressed = text(s3, "prefix").is_some_and(|prefix| prefix.contains("!{"));
            if expressed && s3.get("errorOutputPrefix").is_none_or(|prefix| prefix.as_str() == Some("")) {
                wrong(
                    "extendedS3Configuration.errorOutputPrefix",
                    "a prefix with an expression (`!{..}`) wants an error output prefix too",
                );
            }
            let backup = text(s3, "s3BackupMode").as_deref() == Some("Enabled");
            if backup && !s3.contains_key("s3BackupConfiguration") {
                wrong("extendedS3Configuration.s3BackupConfiguration", "say where records go as they came");
            }
        }
        if let Some(Value::Object(encryption)) = inputs.get("serverSideEncryption") {
            let kind = text(encryption, "keyType").unwrap_or_else(|| OWNED.to_owned());
            let (known, has_key) =
                (!matches!(encryption.get("keyType"), Some(Value::Unknown)), encryption.contains_key("keyArn"));
            if kind == OURS && !has_key {
                wrong("serverSideEncryption.keyArn", &format!("`{OURS}` wants the ARN of the key"));
            } else if kind == OWNED && known && has_key {
                wrong("serverSideEncryption.keyArn", &format!("a key of one's own is for `keyType` `{OURS}`"));
            }
            let enabled = encryption.get("enabled") == Some(&Value::Bool(true));
            if enabled && inputs.contains_key("kinesisSourceConfiguration") {
                wrong("serverSideEncryption", "what comes from a Kinesis stream is encrypted as that stream is");
            }
        }
        failures
    }

    fn reduce(olds: Option<&Map>, live: &mut Map) {
        let Some(said) = olds.map(|olds| processors(olds.get("extendedS3Configuration"))) else { return };
        let said: Vec<Vec<String>> = said.into_iter().map(names).collect();
        let Some(Value::Object(s3)) = live.get_mut("extendedS3Configuration") else { return };
        let Some(Value::Object(processing)) = s3.get_mut("processingConfiguration") else { return };
        let Some(Value::Array(steps)) = processing.get_mut("processors") else { return };
        for (i, step) in steps.iter_mut().enumerate() {
            let Value::Object(step) = step else { continue };
            if let Some(Value::Array(parameters)) = step.get_mut("parameters") {
                let is_said = |name: &String| said.get(i).is_some_and(|said| said.contains(name));
                parameters.retain(|p| name_of(p).is_none_or(|n| !FILLED.contains(&n.as_str()) || is_said(&n)));
            }
        }
    }

    async fn create(cx: &Cx, inputs: &Inputs) -> Result<Created<Outputs>, Error> {
        let name = &inputs.name;
        let tags = built(cx.tags_as(|k, v| Tag::builder().key(k).value(v).build()))?;
        let s3 = inputs.extended_s3_configuration.as_ref().map(configuration).transpose()?;
        let source = inputs.kinesis_source_configuration.as_ref().map(sdk_source).transpose()?;
        let kind =
            if source.is_some() { DeliveryStreamType::KinesisStreamAsSource } else { DeliveryStreamType::DirectPut };
        let encryption = &inputs.server_side_encryption;
        let encryption = encryption.enabled.then(|| sdk_encryption(encryption)).transpose()?;
        let call = cx.clients.firehose.create_delivery_stream().delivery_stream_name(name).delivery_stream_type(kind);
        let call = call
            .set_extended_s3_destination_configuration(s3)
            .set_kinesis_stream_source_configuration(source)
            .set_delivery_stream_encryption_configuration_input(encryption)
            .set_tags(Some(tags));
        let end = waits::clock::now() + UNTOLD_FOR;
        loop {
            // boxed: the request of such a call is large
            let made = match propagation::told(&[], || Box::pin(call.clone().send())).await {
                Ok(_) => true,
                Err(failure) if code(&failure).is_some_and(|c| BUSY.contains(&c)) => false,
                Err(failure) => return Err(failed(failure)),
            };
            let stream = settle(cx, name, |stream| stream.delivery_stream_status == Status::Creating).await?;
            let Some(stream) = stream else {
                // what was in the way is gone, or what was made shows late: asking again tells
                if waits::clock::now() > end {
                    return Err(Error::new("AWS says that it exists, and shows none").hint("run it again to go on"));
                }
                waits::clock::sleep(recovery::back_off(6)).await;
                continue;
            };
            if stream.delivery_stream_status == Status::Deleting {
                settle(cx, name, |stream| stream.delivery_stream_status == Status::Deleting).await?;
                continue;
            }
            if !made {
                let target = FirehoseDeliveryStream::tagged(cx, name);
                let live = target.all(cx).await?;
                cx.adopt("Firehose stream", name, &live).await?;
                if stream.delivery_stream_status != Status::CreatingFailed {
                    return take_up(cx, inputs, &stream, &target, &live).await;
                }
            }
            if stream.delivery_stream_status == Status::CreatingFailed {
                let why = stream.failure_description;
                remove(cx, name).await.map_err(|e| e.within("deleting what could not be made"))?;
                if !made || (waits::clock::now() < end && why.as_ref().is_some_and(|why| UNTOLD.contains(&why.r#type)))
                {
                    waits::clock::sleep(recovery::back_off(6)).await;
                    continue;
                }
                return Err(because(why));
            }
            let created = Created::new(&stream.delivery_stream_arn, outputs(&stream));
            return Ok(created.and(encrypted(cx, name).await));
        }
    }

    async fn read(cx: &Cx, id: &str) -> Result<Option<Live<Inputs, Outputs>>, Error> {
        let Some(stream) = describe(cx, name(id)).await? else { return Ok(None) };
        if matches!(stream.delivery_stream_status, Status::Deleting | Status::CreatingFailed) {
            return Ok(None);
        }
        let outputs = outputs(&stream);
        let destination = stream.destinations.first().map_or(S3, kind_of);
        let s3 = stream.destinations.into_iter().next().and_then(|d| d.extended_s3_destination_description);
        let source = stream.source.and_then(|source| source.kinesis_stream_source_description);
        let encryption = stream.delivery_stream_encryption_configuration.filter(|encryption| {
            matches!(encryption.status, Some(EncryptionStatus::Enabled | EncryptionStatus::Enabling))
        });
        let inputs = Inputs {
            name: stream.delivery_stream_name,
            destination: destination.to_owned(),
            extended_s3_configuration: s3.map(Into::into),
            kinesis_source_configuration: source.map(|source| KinesisSourceConfiguration {
                kinesis_stream_arn: source.kinesis_stream_arn.unwrap_or_default(),
                role_arn: source.role_arn.unwrap_or_default(),
            }),
            server_side_encryption: encryption.map_or_else(ServerSideEncryption::default, |encryption| {
                ServerSideEncryption {
                    enabled: true,
                    key_type: encryption.key_type.map_or_else(|| OWNED.to_owned(), |kind| kind.to_string()),
                    key_arn: encryption.key_arn,
                }
            }),
            tags: BTreeMap::new(),
        };
        Ok(Some(Live { inputs, outputs }))
    }

    async fn update(cx: &Cx, id: &str, old: &Inputs, new: &Inputs, _: Outputs) -> Result<Outputs, Error> {
        if old.extended_s3_configuration != new.extended_s3_configuration
            && let Some(s3) = &new.extended_s3_configuration
        {
            put(cx, name(id), s3).await.map_err(|e| e.within("changing its destination"))?;
        }
        let (was, will) = (&old.server_side_encryption, &new.server_side_encryption);
        if was != will && (was.enabled || will.enabled) {
            encrypt(cx, name(id), will).await?;
        }
        let stream = describe(cx, name(id)).await?;
        stream.map(|stream| outputs(&stream)).ok_or_else(|| Error::new("it is gone, while AWS was at it"))
    }

    async fn delete(cx: &Cx, id: &str, _: &Inputs) -> Result<(), Error> {
        remove(cx, name(id)).await
    }
}

impl Taggable for FirehoseDeliveryStream {
    fn tagged(_: &Cx, id: &str) -> Tagged {
        Box::new(FirehoseStream(name(id).to_owned()))
    }
}

pub(crate) fn kind() -> Box<dyn Kind<Cx>> {
    Box::new(WithTags::<FirehoseDeliveryStream>::new())
}

/// The name in an id: an ARN, or the name itself.
fn name(id: &str) -> &str {
    id.rsplit_once('/').map_or(id, |(_, name)| name)
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

/// The steps of processing in a destination's properties.
fn processors(s3: Option<&Value>) -> Vec<&Value> {
    let Some(Value::Object(s3)) = s3 else { return Vec::new() };
    let Some(Value::Object(processing)) = s3.get("processingConfiguration") else { return Vec::new() };
    let Some(Value::Array(steps)) = processing.get("processors") else { return Vec::new() };
    steps.iter().collect()
}

/// The names of a step's parameters.
fn names(processor: &Value) -> Vec<String> {
    let Value::Object(processor) = processor else { return Vec::new() };
    let Some(Value::Array(parameters)) = processor.get("parameters") else { return Vec::new() };
    parameters.iter().filter_map(name_of).collect()
}

fn name_of(parameter: &Value) -> Option<String> {
    let Value::Object(parameter) = parameter else { return None };
    parameter.get("parameterName").and_then(Value::as_str).map(str::to_owned)
}

async fn describe(cx: &Cx, name: &str) -> Result<Option<Description>, Error> {
    let answer = found(cx.clients.firehose.describe_delivery_stream().delivery_stream_name(name).send().await, ABSENT)?;
    Ok(answer.and_then(|answer| answer.delivery_stream_description))
}

/// Waits while AWS is at it, and tells how it is then; `None` is gone.
async fn settle(cx: &Cx, name: &str, is_at_it: impl Fn(&Description) -> bool) -> Result<Option<Description>, Error> {
    let end = waits::clock::now() + LIMIT;
    let mut attempt = 1;
    loop {
        match describe(cx, name).await? {
            Some(stream) if is_at_it(&stream) => {
                if waits::clock::now() > end {
                    let minutes = LIMIT.as_secs() / 60;
                    let status = stream.delivery_stream_status;
                    return Err(Error::new(format!("AWS is not done after {minutes} minutes: it is {status} still"))
                        .hint("run it again to go on"));
                }
                waits::clock::sleep(recovery::back_off(attempt)).await;
                attempt += 1;
            }
            settled => return Ok(settled),
        }
    }
}

fn because(why: Option<FailureDescription>) -> Error {
    let why = why.map_or_else(|| "AWS gave no reason".to_owned(), |why| format!("{}: {}", why.r#type, why.details));
    Error::new(why)
}

/// Waits until its encryption is as it was asked for.
async fn encrypted(cx: &Cx, name: &str) -> Result<(), Error> {
    let status = |stream: &Description| {
        stream.delivery_stream_encryption_configuration.as_ref().and_then(|encryption| encryption.status.clone())
    };
    let is_at_it =
        |stream: &Description| matches!(status(stream), Some(EncryptionStatus::Enabling | EncryptionStatus::Disabling));
    let Some(stream) = settle(cx, name, is_at_it).await? else {
        return Err(Error::new("it is gone, while AWS was at it"));
    };
    match status(&stream) {
        Some(EncryptionStatus::EnablingFailed | EncryptionStatus::DisablingFailed) => {
            let encryption = stream.delivery_stream_encryption_configuration;
            Err(because(encryption.and_then(|e| e.failure_description)).within("changing its encryption"))
        }
        _ => Ok(()),
    }
}

/// Makes a stream that existed already, and is ours, what it should be.
async fn take_up(
    cx: &Cx,
    inputs: &Inputs,
    stream: &Description,
    target: &Tagged,
    tags: &BTreeMap<String, String>,
) -> Result<Created<Outputs>, Error> {
    let arn = &stream.delivery_stream_arn;
    let thing = format!("stream `{}`", inputs.name);
    let live = waits::there(&thing, || FirehoseDeliveryStream::read(cx, arn)).await?;
    if live.inputs.destination != inputs.destination {
        return Err(cx.taken("Firehose stream", &inputs.name, "it writes to another kind of destination"));
    }
    if live.inputs.kinesis_source_configuration != inputs.kinesis_source_configuration {
        return Err(cx.taken("Firehose stream", &inputs.name, "it reads something else"));
    }
    let created = Created::new(arn, live.outputs.clone());
    let rest = async {
        target.claim(cx, tags).await?;
        FirehoseDeliveryStream::update(cx, arn, &live.inputs, inputs, live.outputs).await.map(drop)
    };
    Ok(created.and(rest.await))
}

/// Changes the destination, of the version that is there now.
async fn put(cx: &Cx, name: &str, s3: &ExtendedS3Configuration) -> Result<(), Error> {
    let update = update(s3)?;
    let mut attempt = 1;
    loop {
        let Some(stream) = describe(cx, name).await? else {
            return Err(Error::new("it is gone, while AWS was at it"));
        };
        let live = outputs(&stream);
        let call = cx.clients.firehose.update_destination().delivery_stream_name(name);
        let call = call
            .current_delivery_stream_version_id(live.version_id)
            .destination_id(live.destination_id)
            .extended_s3_destination_update(update.clone());
        // boxed: the request of such a call is large
        let done = propagation::told(&[], || Box::pin(call.clone().send())).await;
        match &done {
            // somebody else changed it, or it takes no change right now
            Err(failure)
                if attempt < 20
                    && code(failure).is_some_and(|c| c == "ConcurrentModificationException" || BUSY.contains(&c)) =>
            {
                waits::clock::sleep(recovery::back_off(attempt)).await;
                attempt += 1;
            }
            _ => return done.map(drop).map_err(failed),
        }
    }
}

async fn encrypt(cx: &Cx, name: &str, encryption: &ServerSideEncryption) -> Result<(), Error> {
    let firehose = &cx.clients.firehose;
    let asked = if encryption.enabled {
        let call = firehose.start_delivery_stream_encryption().delivery_stream_name(name);
        let call = call.delivery_stream_encryption_configuration_input(sdk_encryption(encryption)?);
        propagation::told(BUSY, || call.clone().send()).await.map(drop).map_err(failed)
    } else {
        let call = firehose.stop_delivery_stream_encryption().delivery_stream_name(name);
        recovery::settled(BUSY, || call.clone().send()).await.map(drop).map_err(failed)
    };
    asked.map_err(|e| e.within("changing its encryption"))?;
    encrypted(cx, name).await
}

/// Deletes it, and waits until it is gone: its name is in use until then.
async fn remove(cx: &Cx, name: &str) -> Result<(), Error> {
    // AWS gives the grant on its key back first; where it cannot, the stream goes all the same
    for force in [false, true] {
        let call = cx.clients.firehose.delete_delivery_stream().delivery_stream_name(name).allow_force_delete(force);
        gone(recovery::settled(BUSY, || call.clone().send()).await, ABSENT)?;
        let left = settle(cx, name, |stream| stream.delivery_stream_status != Status::DeletingFailed).await?;
        match left {
            None => return Ok(()),
            Some(stream) if force => return Err(because(stream.failure_description)),
            Some(_) => {}
        }
    }
    Ok(())
}

fn unbuilt(error: impl std::fmt::Display) -> Error {
    Error::new(error.to_string())
}

fn sdk_source(source: &KinesisSourceConfiguration) -> Result<KinesisStreamSourceConfiguration, Error> {
    let source = KinesisStreamSourceConfiguration::builder()
        .kinesis_stream_arn(&source.kinesis_stream_arn)
        .role_arn(&source.role_arn);
    source.build().map_err(unbuilt)
}

fn sdk_encryption(encryption: &ServerSideEncryption) -> Result<DeliveryStreamEncryptionConfigurationInput, Error> {
    DeliveryStreamEncryptionConfigurationInput::builder()
        .key_type(KeyType::from(encryption.key_type.as_str()))
        .set_key_arn(encryption.key_arn.clone())
        .build()
        .map_err(unbuilt)
}

/// What a destination and its backup, made and changed, have in common: four builders with the same words.
macro_rules! common {
    ($builder:expr, $s3:expr) => {{
        let (s3, logging) = ($s3, &$s3.cloudwatch_logging_options);
        $builder
            .bucket_arn(&s3.bucket_arn)
            .role_arn(&s3.role_arn)
            .prefix(&s3.prefix)
            .error_output_prefix(&s3.error_output_prefix)
            .buffering_hints(
                BufferingHints::builder()
                    .size_in_mbs(s3.buffering_size)
                    .interval_in_seconds(s3.buffering_interval)
                    .build(),
            )
            .compression_format(CompressionFormat::from(s3.compression_format.as_str()))
            .encryption_configuration(sdk_key(s3.kms_key_arn.as_deref())?)
            .cloud_watch_logging_options(sdk_logging(
                logging.enabled,
                &logging.log_group_name,
                &logging.log_stream_name,
            ))
    }};
}

/// What a destination has beside that, made and changed.
macro_rules! extended {
    ($builder:expr, $s3:expr) => {
        common!($builder, $s3)
            .custom_time_zone(&$s3.custom_time_zone)
            .file_extension(&$s3.file_extension)
            .dynamic_partitioning_configuration(sdk_partitioning(&$s3.dynamic_partitioning_configuration))
            .processing_configuration(sdk_processing(&$s3.processing_configuration)?)
            .s3_backup_mode(S3BackupMode::from($s3.s3_backup_mode.as_str()))
    };
}

fn configuration(s3: &ExtendedS3Configuration) -> Result<ExtendedS3DestinationConfiguration, Error> {
    let backup =
        |s3: &S3BackupConfiguration| common!(S3DestinationConfiguration::builder(), s3).build().map_err(unbuilt);
    let backup = s3.s3_backup_configuration.as_ref().map(backup).transpose()?;
    let builder = extended!(ExtendedS3DestinationConfiguration::builder(), s3);
    builder.set_s3_backup_configuration(backup).build().map_err(unbuilt)
}

fn update(s3: &ExtendedS3Configuration) -> Result<ExtendedS3DestinationUpdate, Error> {
    let backup = |s3: &S3BackupConfiguration| Ok::<_, Error>(common!(S3DestinationUpdate::builder(), s3).build());
    let backup = s3.s3_backup_configuration.as_ref().map(backup).transpose()?;
    Ok(extended!(ExtendedS3DestinationUpdate::builder(), s3).set_s3_backup_update(backup).build())
}

fn sdk_key(arn: Option<&str>) -> Result<EncryptionConfiguration, Error> {
    let builder = EncryptionConfiguration::builder();
    let Some(arn) = arn else {
        return Ok(builder.no_encryption_config(NoEncryptionConfig::NoEncryption).build());
    };
    let key = KmsEncryptionConfig::builder().awskms_key_arn(arn).build().map_err(unbuilt)?;
    Ok(builder.kms_encryption_config(key).build())
}

fn key(encryption: Option<EncryptionConfiguration>) -> Option<String> {
    encryption.and_then(|encryption| encryption.kms_encryption_config).map(|key| key.awskms_key_arn)
}

fn sdk_logging(enabled: bool, group: &str, stream: &str) -> SdkLogging {
    let given = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
    SdkLogging::builder().enabled(enabled).set_log_group_name(given(group)).set_log_stream_name(given(stream)).build()
}

fn sdk_partitioning(partitioning: &DynamicPartitioningConfiguration) -> SdkPartitioning {
    let retry = || RetryOptions::builder().duration_in_seconds(partitioning.retry_duration).build();
    SdkPartitioning::builder().enabled(partitioning.enabled).set_retry_options(partitioning.enabled.then(retry)).build()
}

fn sdk_processing(processing: &ProcessingConfiguration) -> Result<SdkProcessing, Error> {
    let parameter = |p: &ProcessorParameter| {
        SdkParameter::builder()
            .parameter_name(ProcessorParameterName::from(p.parameter_name.as_str()))
            .parameter_value(&p.parameter_value)
            .build()
    };
    let processor = |p: &Processor| {
        let parameters = built(p.parameters.iter().map(parameter).collect())?;
        let processor = SdkProcessor::builder().r#type(ProcessorType::from(p.r#type.as_str()));
        processor.set_parameters(Some(parameters)).build().map_err(unbuilt)
    };
    let processors = processing.processors.iter().map(processor).collect::<Result<_, _>>()?;
    Ok(SdkProcessing::builder().enabled(processing.enabled).set_processors(Some(processors)).build())
}

impl From<SdkProcessing> for ProcessingConfiguration {
    fn from(live: SdkProcessing) -> Self {
        let parameter = |p: SdkParameter| ProcessorParameter {
            parameter_name: p.parameter_name.to_string(),
            parameter_value: p.parameter_value,
        };
        let processor = |p: SdkProcessor| Processor {
            r#type: p.r#type.to_string(),
            parameters: p.parameters.unwrap_or_default().into_iter().map(parameter).collect(),
        };
        Self {
            enabled: live.enabled.unwrap_or(false),
            processors: live.processors.unwrap_or_default().into_iter().map(processor).collect(),
        }
    }
}

impl From<ExtendedS3DestinationDescription> for ExtendedS3Configuration {
    fn from(live: ExtendedS3DestinationDescription) -> Self {
        let (buffering, logging) = (live.buffering_hints, live.cloud_watch_logging_options);
        let partitioning = live.dynamic_partitioning_configuration.map_or_else(Default::default, |partitioning| {
            let retry = partitioning.retry_options.and_then(|retry| retry.duration_in_seconds);
            DynamicPartitioningConfiguration {
                enabled: partitioning.enabled.unwrap_or(false),
                retry_duration: retry.unwrap_or(300),
            }
        });
        let mode = live.s3_backup_mode.unwrap_or(S3BackupMode::Disabled);
        Self {
            bucket_arn: live.bucket_arn,
            role_arn: live.role_arn,
            prefix: live.prefix.unwrap_or_default(),
            error_output_prefix: live.error_output_prefix.unwrap_or_default(),
            buffering_size: buffering.as_ref().and_then(|b| b.size_in_mbs).unwrap_or(5),
            buffering_interval: buffering.and_then(|b| b.interval_in_seconds).unwrap_or(300),
            compression_format: live.compression_format.to_string(),
            kms_key_arn: key(live.encryption_configuration),
            cloudwatch_logging_options: logging.map_or_else(Default::default, |logging| {
                ExtendedS3ConfigurationCloudwatchLoggingOptions {
                    enabled: logging.enabled.unwrap_or(false),
                    log_group_name: logging.log_group_name.unwrap_or_default(),
                    log_stream_name: logging.log_stream_name.unwrap_or_default(),
                }
            }),
            custom_time_zone: live.custom_time_zone.unwrap_or_else(|| "UTC".to_owned()),
            file_extension: live.file_extension.unwrap_or_default(),
            dynamic_partitioning_configuration: partitioning,
            processing_configuration: live.processing_configuration.map_or_else(Default::default, Into::into),
            s3_backup_configuration: live
                .s3_backup_description
                .filter(|_| mode == S3BackupMode::Enabled)
                .map(Into::into),
            s3_backup_mode: mode.to_string(),
        }
    }
}

impl From<S3DestinationDescription> for S3BackupConfiguration {
    fn from(live: S3DestinationDescription) -> Self {
        let (buffering, logging) = (live.buffering_hints, live.cloud_watch_logging_options);
        Self {
            bucket_arn: live.bucket_arn,
            role_arn: live.role_arn,
            prefix: live.prefix.unwrap_or_default(),
            error_output_prefix: live.error_output_prefix.unwrap_or_default(),
            buffering_size: buffering.as_ref().and_then(|b| b.size_in_mbs).unwrap_or(5),
            buffering_interval: buffering.and_then(|b| b.interval_in_seconds).unwrap_or(300),
            compression_format: live.compression_format.to_string(),
            kms_key_arn: key(live.encryption_configuration),
            cloudwatch_logging_options: logging.map_or_else(Default::default, |logging| {
                S3BackupConfigurationCloudwatchLoggingOptions {
                    enabled: logging.enabled.unwrap_or(false),
                    log_group_name: logging.log_group_name.unwrap_or_default(),
                    log_stream_name: logging.log_stream_name.unwrap_or_default(),
                }
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use pulumi::value::ToValue;
    use serde_json::json;

    use super::*;
    use crate::stub::{self, Answer, Stub, done};

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
            let (made, _) = Stub::run(Box::pin(FirehoseDeliveryStream::create(&cx, &wanted()))).await;
            assert_eq!(made.is_ok_and(|made| made.incomplete.is_none()), made_again, "{failure}");
            assert_eq!(stub.asked("CreateDeliveryStream").len(), if made_again { 4 } else { 3 }, "{failure}");
        }
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
        FirehoseDeliveryStream::check(&map(&all)).into_iter().map(|f| f.property).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn other_destinations_are_refused_by_name() {
        let failures = FirehoseDeliveryStream::check(&map(&[("destination", "splunk".to_value())]));
        let reasons: Vec<_> = failures.iter().map(|f| f.reason.as_str()).collect();
        assert_eq!(reasons, ["destination `splunk` is not supported by this provider; it knows `extended_s3`"]);
        assert_eq!(FirehoseDeliveryStream::check(&map(&[("destination", S3.to_value())])).len(), 1);
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
            FirehoseDeliveryStream::reduce(olds, &mut live);
            live
        };
        assert_eq!(reduced(Some(&s3(&[function]))), s3(&[function]));
        assert_eq!(reduced(Some(&s3(&[function, ("NumberOfRetries", "5")]))), s3(&[function, retries]));
        assert_eq!(reduced(None), s3(&[function, retries, size]));
    }
}
