//! A Lambda function.
//!
//! Calls: CreateFunction, GetFunction, ListVersionsByFunction, UpdateFunctionConfiguration, UpdateFunctionCode,
//! DeleteFunction, TagResource, UntagResource, ListTags, GetFunctionCodeSigningConfig; where they are asked for
//! PublishVersion, Put- and DeleteFunctionConcurrency, Put- and DeleteFunctionCodeSigningConfig.
//! IAM: `lambda:` + each of these; `iam:PassRole` of the role; for code from S3 `s3:GetObject`, `s3:GetObjectVersion`; in a
//! VPC `ec2:DescribeSubnets`, `ec2:DescribeSecurityGroups`, `ec2:DescribeVpcs`; for a layer `lambda:GetLayerVersion`; for a
//! key of the environment `kms:CreateGrant`, `kms:Encrypt`, `kms:Decrypt`.
//!
//! - Lambda makes and changes a function after its answer: a create waits for the state `Active`, a change for the status
//!   `Successful`. While one change is under way, Lambda refuses the next one.
//!   <https://docs.aws.amazon.com/lambda/latest/dg/functions-states.html>, not looked up on 2026-11-26
//! - A change of settings and code is two calls. The settings go first, as with the official provider, so that new code
//!   finds its new variables and layers.
//! - Lambda does not answer the code, only its hash: whoever gives `codeSha256` sees code that somebody else put. An import
//!   has the hash instead of the code.
//! - What it needs of IAM (its role, a key's grants) may be late: see `propagation`.

mod checks;
mod code;
mod leaving;
pub(super) mod qualified;
mod settings;
mod shapes;

use aws_sdk_lambda::{
    operation::get_function::{GetFunctionError, GetFunctionOutput},
    types::{self, FunctionConfiguration, LastUpdateStatus, State},
};
use futures::future::join;
use pulumi::asset::Archive;

pub use self::shapes::*;
use crate::{
    error::Failure as Failed,
    prelude::*,
    tags::LambdaFunction,
    waits::{FUNCTION_IS_BUSY, FUNCTION_IS_READY},
};

/// A Lambda function.
#[derive(Clone, Debug, Resource)]
#[resource(token = "aws:lambda/function:Function", noun = "Lambda function", handle = Function, tags, from = FunctionConfiguration)]
pub struct Inputs {
    /// `x86_64` or `arm64`, one of them; AWS's default is `x86_64`.
    #[resource(computed)]
    pub architectures: Option<Vec<String>>,
    /// The code: a folder, a ZIP file or named files, up to 50 MB zipped. Instead of `imageUri` and `s3Bucket`.
    #[resource(unread, own)]
    pub code: Option<Archive>,
    /// SHA-256 hash of the ZIP file in Base64, as Lambda says; other code that somebody put there is then a change.
    #[resource(computed)]
    pub code_sha256: Option<String>,
    /// ARN of the code signing configuration, by which Lambda takes signed code only.
    #[resource(own)]
    pub code_signing_config_arn: Option<String>,
    /// Where events go that it failed on.
    pub dead_letter_config: Option<DeadLetterConfig>,
    /// What it is for.
    #[resource(blank)]
    pub description: Option<String>,
    /// What it has in its environment.
    pub environment: Option<Environment>,
    /// Its disk.
    #[resource(computed)]
    pub ephemeral_storage: Option<EphemeralStorage>,
    /// A file system that it mounts.
    #[resource(own)]
    pub file_system_config: Option<FileSystemConfig>,
    /// What is called in the code, such as `index.handler`. Not with an image.
    #[resource(blank)]
    pub handler: Option<String>,
    /// What takes the place of an image's own settings.
    #[resource(sdk = image_config_response.image_config)]
    pub image_config: Option<ImageConfig>,
    /// URI of a container image in ECR, with `packageType` `Image`. Instead of `code` and `s3Bucket`.
    #[resource(own)]
    pub image_uri: Option<String>,
    /// ARN of the key that its environment is encrypted with; absent is a key of Lambda's.
    #[resource(blank)]
    pub kms_key_arn: Option<String>,
    /// ARNs of layer versions, up to five; a later one goes over an earlier one.
    #[resource(default, own)]
    pub layers: Vec<String>,
    /// How it logs.
    #[resource(computed)]
    pub logging_config: Option<LoggingConfig>,
    /// Memory in MB, 128 to 10240; it has more CPU with more.
    #[resource(default = 128)]
    pub memory_size: i32,
    /// Name, up to 64 letters, digits, `-` and `_`.
    #[resource(replace, autoname, sdk = function_name)]
    pub name: String,
    /// `Zip` or `Image`.
    #[resource(replace, default = "Zip")]
    pub package_type: String,
    /// Whether each change of code or settings is published as a version.
    #[resource(unread, default = false, own)]
    pub publish: bool,
    /// Whether deleting it first gives its network interfaces other security groups, so that its own can be deleted at once.
    #[resource(unread, default = false, own)]
    pub replace_security_groups_on_destroy: bool,
    /// Ids of these other security groups; absent is the default one of the VPC.
    #[resource(unread, set, default, own)]
    pub replacement_security_group_ids: Vec<String>,
    /// How many of it may run at once, kept free for it; 0 is none, -1 no number of its own.
    #[resource(default = -1, own)]
    pub reserved_concurrent_executions: i32,
    /// ARN of the role that it runs with.
    pub role: String,
    /// Runtime, such as `nodejs22.x`. Not with an image.
    #[resource(blank)]
    pub runtime: Option<String>,
    /// Bucket with the code, in the function's region. Instead of `code` and `imageUri`.
    #[resource(unread, own)]
    pub s3_bucket: Option<String>,
    /// Key of the ZIP file in that bucket.
    #[resource(unread, own)]
    pub s3_key: Option<String>,
    /// Version of that object.
    #[resource(unread, own)]
    pub s3_object_version: Option<String>,
    /// Whether it stays on AWS when it is deleted here.
    #[resource(unread, default = false, own)]
    pub skip_destroy: bool,
    /// Whether versions start from a snapshot.
    pub snap_start: Option<SnapStart>,
    /// A hash of the code, of any kind: the code is put again when it changes.
    #[resource(computed, unread, own)]
    pub source_code_hash: Option<String>,
    /// ARN of the key that the ZIP file is encrypted with; absent is a key of Lambda's.
    #[resource(own)]
    pub source_kms_key_arn: Option<String>,
    /// Whether tenants share execution environments. Only of a new function.
    #[resource(replace)]
    pub tenancy_config: Option<TenancyConfig>,
    /// Seconds that it may run, 1 to 900.
    #[resource(default = 3)]
    pub timeout: i32,
    /// Whether X-Ray traces it.
    #[resource(computed)]
    pub tracing_config: Option<TracingConfig>,
    /// The subnets that it reaches.
    pub vpc_config: Option<VpcConfig>,
}

/// What AWS adds to a function.
#[derive(Clone, Debug, Outputs)]
#[resource(handle = Function)]
pub struct Outputs {
    /// ARN.
    pub arn: String,
    // `code_sha256` is the input of the same name, which need not be given
    /// SHA-256 hash of the code that it has, in Base64.
    #[resource(volatile, name = "codeSha256")]
    pub deployed_sha256: Option<String>,
    /// ARN by which API Gateway calls it.
    pub invoke_arn: String,
    /// When it was changed last.
    #[resource(volatile)]
    pub last_modified: String,
    /// ARN of the version that was published last, or of `$LATEST`.
    #[resource(volatile)]
    pub qualified_arn: String,
    /// ARN by which API Gateway calls that version.
    #[resource(volatile)]
    pub qualified_invoke_arn: String,
    /// ARN by which API Gateway calls it, and takes its response as a stream.
    pub response_streaming_invoke_arn: String,
    /// ARN of the job that signed the code.
    #[resource(volatile)]
    pub signing_job_arn: Option<String>,
    /// ARN of the signing profile's version.
    #[resource(volatile)]
    pub signing_profile_version_arn: Option<String>,
    /// Size of the ZIP file in bytes.
    #[resource(volatile)]
    pub source_code_size: i64,
    /// Version that was published last, or `$LATEST`.
    #[resource(volatile)]
    pub version: String,
}

pub(super) const ABSENT: Codes = &["ResourceNotFoundException"];
const LATEST: &str = "$LATEST";

impl AwsResource for Function {
    const ABSENT: Codes = ABSENT;
    const EXISTS: Codes = &["ResourceConflictException"];
    const LONGEST_NAME: usize = 64;

    fn tagged(cx: &Cx, id: &str) -> Tagged {
        Box::new(LambdaFunction(arn(cx, id)))
    }

    fn check(checks: &mut Checks<'_>) {
        checks::check(checks);
    }

    fn check_files(olds: &Map, news: &Map) -> Vec<Failure> {
        code::check(olds, news)
    }

    fn reduce(olds: Option<&Map>, live: &mut Map) {
        settings::reduce(olds, live);
    }

    async fn create(cx: &Cx, inputs: &Inputs) -> Answer<Created<Outputs>> {
        let code::Package { code, turn } = code::package(inputs).await?;
        let call = cx.clients.lambda.create_function().function_name(&inputs.name).code(code);
        let call = call
            .set_architectures(inputs.architectures.to_sdk()?)
            .set_code_signing_config_arn(inputs.code_signing_config_arn.clone())
            .set_dead_letter_config(inputs.dead_letter_config.to_sdk()?)
            .set_description(inputs.description.clone())
            .set_environment(inputs.environment.to_sdk()?)
            .set_ephemeral_storage(inputs.ephemeral_storage.to_sdk()?)
            .set_file_system_configs(inputs.file_system_config.to_sdk()?.map(|one| vec![one]))
            .set_handler(inputs.handler.clone())
            .set_image_config(inputs.image_config.to_sdk()?)
            .set_kms_key_arn(inputs.kms_key_arn.clone())
            .set_layers(Some(inputs.layers.clone()).filter(|layers| !layers.is_empty()))
            .set_logging_config(inputs.logging_config.to_sdk()?)
            .memory_size(inputs.memory_size)
            .package_type(inputs.package_type.to_sdk()?)
            .publish(inputs.publish)
            .role(&inputs.role)
            .set_runtime(inputs.runtime.to_sdk()?)
            .set_snap_start(inputs.snap_start.to_sdk()?)
            .set_tenancy_config(inputs.tenancy_config.to_sdk()?)
            .timeout(inputs.timeout)
            .set_tracing_config(inputs.tracing_config.to_sdk()?)
            .set_vpc_config(inputs.vpc_config.to_sdk()?)
            .set_tags(Some(cx.tags_as(|k, v| (k.to_owned(), v.to_owned())).into_iter().collect()));
        let send = || call.clone().customize().config_override(code::patient()).send();
        let made = FUNCTION_IS_BUSY.out(|| propagation::told(&[], send)).await?;
        drop((call, turn));
        let version = made.version.unwrap_or_else(|| LATEST.to_owned());
        let known = FunctionConfiguration::builder()
            .set_code_sha256(made.code_sha256)
            .set_last_modified(made.last_modified)
            .code_size(made.code_size)
            .build();
        Ok(resource::made(&inputs.name, after_create(cx, inputs).await, || outputs(cx, &inputs.name, known, &version)))
    }

    async fn read(cx: &Cx, id: &str) -> Answer<Option<Live<Inputs, Outputs>>> {
        let (found, version) = join(get(cx, id, None), published(cx, id)).await;
        let GetFunctionOutput { configuration: Some(configuration), code, concurrency, .. } = found? else {
            return Ok(None);
        };
        let version = version.within("listing its versions")?;
        let unsigned = configuration.package_type == Some(types::PackageType::Image);
        let code_signing_config_arn = if unsigned { None } else { signing(cx, id).await? };
        let outputs = outputs(cx, id, configuration.clone(), &version);
        let reserved = concurrency.and_then(|concurrency| concurrency.reserved_concurrent_executions);
        let inputs = Inputs {
            code_signing_config_arn,
            image_uri: code.as_ref().and_then(|code| given(code.image_uri.clone())),
            source_kms_key_arn: code.and_then(|code| given(code.source_kms_key_arn)),
            reserved_concurrent_executions: reserved.unwrap_or(-1),
            name: id.to_owned(),
            ..settings::live(configuration)?
        };
        Ok(Some(Live { inputs, outputs }))
    }

    async fn update(cx: &Cx, id: &str, old: &Inputs, new: &Inputs, _: Outputs) -> Answer<Outputs> {
        if old.code_signing_config_arn != new.code_signing_config_arn {
            sign(cx, id, new.code_signing_config_arn.as_deref()).await?;
        }
        let configured = settings::change(cx, id, old, new).await?;
        let coded = code::is_changed(old, new);
        if coded {
            code::put(cx, id, new).await?;
        }
        if old.reserved_concurrent_executions != new.reserved_concurrent_executions {
            reserve(cx, id, new.reserved_concurrent_executions).await?;
        }
        if new.publish && (configured || coded || !old.publish) {
            publish(cx, id).await?;
        }
        described(cx, id).await
    }

    async fn delete(cx: &Cx, id: &str, inputs: &Inputs) -> Answer {
        leaving::delete(cx, id, inputs).await
    }
}

pub(super) fn arn(cx: &Cx, name: &str) -> String {
    cx.arn("lambda", &format!("function:{name}"))
}

fn outputs(cx: &Cx, name: &str, configuration: FunctionConfiguration, version: &str) -> Outputs {
    let arn = arn(cx, name);
    let qualified_arn = format!("{arn}:{version}");
    // <https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-custom-integrations.html>
    let path = |path: String| format!("arn:{}:apigateway:{}:lambda:path/{path}", cx.partition, cx.region);
    let invoke = |arn: &str| path(format!("2015-03-31/functions/{arn}/invocations"));
    Outputs {
        deployed_sha256: given(configuration.code_sha256),
        invoke_arn: invoke(&arn),
        last_modified: configuration.last_modified.unwrap_or_default(),
        qualified_invoke_arn: invoke(&qualified_arn),
        qualified_arn,
        response_streaming_invoke_arn: path(format!("2021-11-15/functions/{arn}/response-streaming-invocations")),
        signing_job_arn: given(configuration.signing_job_arn),
        signing_profile_version_arn: given(configuration.signing_profile_version_arn),
        source_code_size: configuration.code_size,
        version: version.to_owned(),
        arn,
    }
}

/// What follows the create: waiting, and what is set by calls of its own.
async fn after_create(cx: &Cx, inputs: &Inputs) -> Answer<Outputs> {
    let name = &inputs.name;
    ready(cx, name, None).await?;
    if inputs.publish {
        let version = published(cx, name).await.within("listing its versions")?;
        ready(cx, name, Some(&version)).await?;
    }
    if inputs.reserved_concurrent_executions >= 0 {
        reserve(cx, name, inputs.reserved_concurrent_executions).await?;
    }
    described(cx, name).await
}

async fn get(cx: &Cx, name: &str, version: Option<&str>) -> Result<GetFunctionOutput, Failed<GetFunctionError>> {
    cx.clients.lambda.get_function().function_name(name).set_qualifier(version.map(str::to_owned)).send().await
}

/// What it is after it was made or changed.
async fn described(cx: &Cx, name: &str) -> Answer<Outputs> {
    let (found, version) = join(get(cx, name, None), published(cx, name)).await;
    let configuration = found.within("reading it")?.configuration;
    let configuration = configuration.unwrap_or_else(|| FunctionConfiguration::builder().build());
    Ok(outputs(cx, name, configuration, &version.within("listing its versions")?))
}

/// The version that was published last; `$LATEST` where none was.
async fn published(cx: &Cx, name: &str) -> Answer<String> {
    let pages = cx.clients.lambda.list_versions_by_function().function_name(name).into_paginator().items().send();
    let versions = pages.collect::<Result<Vec<_>, _>>().await.found(ABSENT)?.unwrap_or_default();
    // their order is not promised
    let last = versions.iter().filter_map(|version| version.version.as_deref()?.parse::<u64>().ok()).max();
    Ok(last.map_or_else(|| LATEST.to_owned(), |last| last.to_string()))
}

/// Waits until Lambda has made or changed a function, or a version of it.
async fn ready(cx: &Cx, name: &str, version: Option<&str>) -> Answer {
    let look = || async {
        let found = get(cx, name, version).await.found(ABSENT).within("waiting for it")?;
        let Some(live) = found.and_then(|found| found.configuration) else { return Ok(None) };
        let failed = |code: Option<&str>, reason: Option<String>| {
            let code = code.unwrap_or("it failed");
            Err(Error::new(format!("{code}: {}", reason.unwrap_or_default())).into())
        };
        match (&live.state, &live.last_update_status) {
            (Some(State::Failed), _) => {
                failed(live.state_reason_code.as_ref().map(types::StateReasonCode::as_str), live.state_reason)
            }
            (_, Some(LastUpdateStatus::Failed)) => failed(
                live.last_update_status_reason_code.as_ref().map(types::LastUpdateStatusReasonCode::as_str),
                live.last_update_status_reason,
            ),
            (Some(State::Pending | State::Deleting), _) | (_, Some(LastUpdateStatus::InProgress)) => Ok(None),
            _ => Ok(Some(())),
        }
    };
    waits::until(FUNCTION_IS_READY, "to be active", look).await
}

async fn publish(cx: &Cx, name: &str) -> Answer {
    // without a change since the last version, AWS answers that one
    let call = cx.clients.lambda.publish_version().function_name(name);
    let made = FUNCTION_IS_BUSY.out(|| call.clone().send()).await.within("publishing a version")?;
    ready(cx, name, made.version.as_deref()).await.within("publishing a version")
}

/// Keeps so many executions free for it, or none.
async fn reserve(cx: &Cx, name: &str, executions: i32) -> Answer {
    let doing = "reserving concurrent executions";
    if executions < 0 {
        let call = cx.clients.lambda.delete_function_concurrency().function_name(name);
        return FUNCTION_IS_BUSY.out(|| call.clone().send()).await.done().within(doing);
    }
    let call = cx.clients.lambda.put_function_concurrency().function_name(name);
    let call = call.reserved_concurrent_executions(executions);
    FUNCTION_IS_BUSY.out(|| call.clone().send()).await.done().within(doing)
}

async fn sign(cx: &Cx, name: &str, configuration: Option<&str>) -> Answer {
    let doing = "changing its code signing";
    let Some(configuration) = configuration else {
        let call = cx.clients.lambda.delete_function_code_signing_config().function_name(name);
        return FUNCTION_IS_BUSY.out(|| call.clone().send()).await.done().within(doing);
    };
    let call = cx.clients.lambda.put_function_code_signing_config().function_name(name);
    let call = call.code_signing_config_arn(configuration);
    FUNCTION_IS_BUSY.out(|| call.clone().send()).await.done().within(doing)
}

/// The code signing configuration. Where a region has no code signing, AWS denies the question: then there is none, unless
/// one was asked for. As the official provider knows, which keeps a list of such regions.
async fn signing(cx: &Cx, name: &str) -> Answer<Option<String>> {
    let answer = cx.clients.lambda.get_function_code_signing_config().function_name(name).send().await.answer();
    match answer {
        Err(refusal) if refusal.is(&["AccessDeniedException"]) && !cx.inputs.contains_key("codeSigningConfigArn") => {
            Ok(None)
        }
        answer => Ok(given(Some(answer.within("reading its code signing")?.code_signing_config_arn))),
    }
}

#[cfg(test)]
mod tests;
