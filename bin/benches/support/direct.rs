//! The least AWS calls that make what a zone's deployment makes: one create or put each, no reads, 32 at once,
//! each as soon as what it names is there.

use std::{
    collections::{BTreeMap, HashMap},
    future::Future,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use aws::clients::{self, Access, Ambient, Clients, Role};
use aws_sdk_s3::types as s3;
use pulumi::{
    monitor::MockMonitor,
    program::{self, Run},
    value::{Map, ToValue, Value, map_from_wire},
};
use serde_json::Value as Json;
use tokio::{sync::Semaphore, task::JoinSet};

use super::{
    STACK,
    ground::{MEMBER, Running, block_on, folder},
    load::Load,
};

const REGION: &str = "ap-southeast-2";

/// One thing to make: type, logical name, inputs.
type Thing = (String, String, Json);

/// How long they take on a fresh emulator, and how many they were.
pub(crate) fn time(resources: usize) -> (Duration, usize) {
    let dir = folder();
    let emulator = Running::start(&dir.path().join("emulator"));
    block_on(async {
        let (things, tags) = things(resources).await;
        let credentials = Some(("test".to_owned(), "test".to_owned()));
        let ambient = Ambient { endpoint: Some(emulator.endpoint.clone()), credentials };
        let role = format!("arn:aws:iam::{MEMBER}:role/OrganizationAccountAccessRole");
        let roles = vec![Role { arn: role, ..Role::default() }];
        let access = Access { region: REGION.to_owned(), roles, ..Access::default() };
        let began = Instant::now();
        let sdk = clients::load(&clients::http_client(), &ambient, &access).await;
        let cx = Arc::new(Cx { clients: Clients::new(&sdk, REGION), tags, real: Mutex::default() });
        let count = make(&cx, things).await;
        (began.elapsed(), count)
    })
}

/// What the zone's program registers, told by a monitor that makes up the outputs.
async fn things(resources: usize) -> (Vec<Thing>, BTreeMap<String, String>) {
    let load = Load::new(resources, 2);
    let tags = load.zone.tags.clone();
    let outputs = |kind: &str, name: &str, inputs: &Map| -> Map {
        let own = inputs.get("name").and_then(Value::as_str).unwrap_or_default();
        let arn = match module(kind) {
            "kms" => format!("arn:aws:kms:{REGION}:{MEMBER}:key/{name}"),
            "sqs" => format!("arn:aws:sqs:{REGION}:{MEMBER}:{own}"),
            "s3" => format!("arn:aws:s3:::{name}"),
            _ => format!("arn:aws:events:{REGION}:{MEMBER}:event-bus/{own}"),
        };
        Map::from([("arn".to_owned(), arn.to_value()), ("keyId".to_owned(), format!("{name}-id").to_value())])
    };
    let none = || Value::Array(Vec::new());
    let invoke = move |_: &str, _: &Map| -> Map {
        let lists = ["arns", "names", "types", "values"].map(|k| (k.to_owned(), none()));
        let texts = ["id", "path"].map(|k| (k.to_owned(), "/".to_value()));
        lists.into_iter().chain(texts).collect()
    };
    let monitor = Arc::new(MockMonitor::new(outputs, invoke));
    let run = Run { project: "bench".into(), stack: STACK.into(), ..Run::default() };
    let ended = program::run(run, monitor.clone(), &load.program()).await;
    assert_eq!(ended, program::Ended::Well);
    let custom = monitor.registrations().into_iter().filter(|r| r.custom);
    let things = custom
        .filter(|r| r.r#type.starts_with("aws:"))
        .map(|r| (r.r#type, r.name, Value::Object(map_from_wire(r.object).into_iter().collect()).to_json()));
    (things.collect(), tags)
}

/// `kms` of `aws:kms/key:Key`.
fn module(kind: &str) -> &str {
    kind.split([':', '/']).nth(1).unwrap_or_default()
}

struct Cx {
    clients: Clients,
    tags: BTreeMap<String, String>,
    /// Real ids by made-up ones.
    real: Mutex<HashMap<String, String>>,
}

impl Cx {
    fn learn(&self, module: &str, name: &str, real: String) {
        let mut all = self.real.lock().unwrap_or_else(PoisonError::into_inner);
        all.insert(format!("{module} {name}-id"), real);
    }
    fn real(&self, module: &str, id: &Json) -> String {
        let key = format!("{module} {}", text(id));
        let all = self.real.lock().unwrap_or_else(PoisonError::into_inner);
        all.get(&key).cloned().unwrap_or_else(|| panic!("no {key} was made"))
    }
    fn tags<T, E: std::fmt::Debug>(&self, inputs: &Json, tag: impl Fn(&str, &str) -> Result<T, E>) -> Vec<T> {
        let own = inputs["tags"].as_object().into_iter().flatten().map(|(k, v)| (k.as_str(), text(v)));
        let all = self.tags.iter().map(|(k, v)| (k.as_str(), v.clone())).chain(own);
        all.map(|(k, v)| tag(k, &v).expect("a tag")).collect()
    }
}

fn text(json: &Json) -> String {
    json.as_str().unwrap_or_else(|| panic!("no text: {json}")).to_owned()
}

fn number(json: &Json) -> Option<i32> {
    json.as_f64().map(|n| format!("{n:.0}").parse().expect("a small number"))
}

/// What has to be there before: 0 nothing, 1 keys, buckets and queues, 2 buses.
fn wave(kind: &str) -> usize {
    match kind.rsplit(':').next().unwrap_or_default() {
        "Key" | "Bucket" | "Queue" | "Parameter" => 0,
        "EventBusPolicy" | "EventArchive" => 2,
        _ => 1,
    }
}

async fn make(cx: &Arc<Cx>, mut things: Vec<Thing>) -> usize {
    let count = things.len();
    let at_once = Arc::new(Semaphore::new(32));
    for round in 0..3 {
        let mut calls = JoinSet::new();
        // what others wait for comes first
        things.sort_by_key(|(kind, ..)| kind.ends_with(":Parameter"));
        for (kind, name, inputs) in things.extract_if(.., |(kind, ..)| wave(kind) == round) {
            let (cx, at_once) = (cx.clone(), at_once.clone());
            calls.spawn(async move {
                let _permit = at_once.acquire().await.expect("it stays open");
                call(&cx, &kind, &name, &inputs).await;
            });
        }
        calls.join_all().await;
    }
    count
}

async fn done<T, E: std::fmt::Debug>(call: impl Future<Output = Result<T, E>>) -> T {
    call.await.expect("the emulator does it")
}

async fn call(cx: &Cx, kind: &str, name: &str, inputs: &Json) {
    let Clients { events, kms, sqs, ssm, .. } = &cx.clients;
    match kind.rsplit(':').next().unwrap_or_default() {
        "Key" => {
            let tags = cx.tags(inputs, |k, v| aws_sdk_kms::types::Tag::builder().tag_key(k).tag_value(v).build());
            let call = kms.create_key().description(text(&inputs["description"])).policy(text(&inputs["policy"]));
            let key = done(call.set_tags(Some(tags)).send()).await.key_metadata.expect("a key");
            cx.learn("kms", name, key.key_id);
        }
        "Alias" => {
            let call = kms.create_alias().alias_name(text(&inputs["name"]));
            done(call.target_key_id(cx.real("kms", &inputs["targetKeyId"])).send()).await;
        }
        "Queue" => {
            use aws_sdk_sqs::types::QueueAttributeName as Attribute;
            let mut call = sqs.create_queue().queue_name(text(&inputs["name"]));
            call = call.attributes(Attribute::KmsMasterKeyId, text(&inputs["kmsMasterKeyId"]));
            let retention = number(&inputs["messageRetentionSeconds"]).expect("a number");
            call = call.attributes(Attribute::MessageRetentionPeriod, retention.to_string());
            let tags = cx.tags(inputs, |k, v| Ok::<_, ()>((k.to_owned(), v.to_owned())));
            let made = done(call.set_tags(Some(tags.into_iter().collect())).send()).await;
            cx.learn("sqs", name, made.queue_url.expect("a URL"));
        }
        "QueuePolicy" => {
            let call = sqs.set_queue_attributes().queue_url(cx.real("sqs", &inputs["queueUrl"]));
            let policy = text(&inputs["policy"]);
            done(call.attributes(aws_sdk_sqs::types::QueueAttributeName::Policy, policy).send()).await;
        }
        "EventBus" => {
            let tags = cx.tags(inputs, |k, v| aws_sdk_eventbridge::types::Tag::builder().key(k).value(v).build());
            let dead =
                aws_sdk_eventbridge::types::DeadLetterConfig::builder().arn(text(&inputs["deadLetterConfig"]["arn"]));
            let call = events.create_event_bus().name(text(&inputs["name"])).description(text(&inputs["description"]));
            done(call.dead_letter_config(dead.build()).set_tags(Some(tags)).send()).await;
        }
        "EventBusPolicy" => {
            let call = events.put_permission().event_bus_name(text(&inputs["eventBusName"]));
            done(call.policy(text(&inputs["policy"])).send()).await;
        }
        "EventArchive" => {
            let call =
                events.create_archive().archive_name(text(&inputs["name"])).description(text(&inputs["description"]));
            let call = call.event_source_arn(text(&inputs["eventSourceArn"]));
            done(call.set_retention_days(number(&inputs["retentionDays"])).send()).await;
        }
        "Parameter" => {
            let tags = cx.tags(inputs, |k, v| aws_sdk_ssm::types::Tag::builder().key(k).value(v).build());
            let call = ssm.put_parameter().name(text(&inputs["name"])).value(text(&inputs["insecureValue"]));
            let call = call.set_description(inputs["description"].as_str().map(str::to_owned));
            done(call.r#type(text(&inputs["type"]).as_str().into()).set_tags(Some(tags)).send()).await;
        }
        side => bucket(cx, side, name, inputs).await,
    }
}

/// A bucket, or one side of it.
async fn bucket(cx: &Cx, side: &str, name: &str, inputs: &Json) {
    let client = &cx.clients.s3;
    let bucket = || cx.real("s3", &inputs["bucket"]);
    match side {
        "Bucket" => {
            let tags = cx.tags(inputs, |k, v| s3::Tag::builder().key(k).value(v).build());
            let configuration =
                s3::CreateBucketConfiguration::builder().location_constraint(REGION.into()).set_tags(Some(tags));
            let call = client
                .create_bucket()
                .bucket(text(&inputs["bucket"]))
                .create_bucket_configuration(configuration.build());
            done(call.set_object_lock_enabled_for_bucket(inputs["objectLockEnabled"].as_bool()).send()).await;
            cx.learn("s3", name, text(&inputs["bucket"]));
        }
        "BucketServerSideEncryptionConfiguration" => {
            let key = text(&inputs["rules"][0]["applyServerSideEncryptionByDefault"]["kmsMasterKeyId"]);
            let by_default = s3::ServerSideEncryptionByDefault::builder()
                .sse_algorithm(s3::ServerSideEncryption::AwsKms)
                .kms_master_key_id(key);
            let rule = s3::ServerSideEncryptionRule::builder().bucket_key_enabled(true);
            let rule = rule.apply_server_side_encryption_by_default(by_default.build().expect("whole")).build();
            let all = s3::ServerSideEncryptionConfiguration::builder().rules(rule).build().expect("whole");
            done(client.put_bucket_encryption().bucket(bucket()).server_side_encryption_configuration(all).send())
                .await;
        }
        "BucketVersioning" => {
            let enabled = s3::VersioningConfiguration::builder().status(s3::BucketVersioningStatus::Enabled).build();
            done(client.put_bucket_versioning().bucket(bucket()).versioning_configuration(enabled).send()).await;
        }
        "BucketPublicAccessBlock" => {
            let all = s3::PublicAccessBlockConfiguration::builder().block_public_acls(true).block_public_policy(true);
            let all = all.ignore_public_acls(true).restrict_public_buckets(true).build();
            done(client.put_public_access_block().bucket(bucket()).public_access_block_configuration(all).send()).await;
        }
        "BucketOwnershipControls" => {
            let rule = s3::OwnershipControlsRule::builder().object_ownership(s3::ObjectOwnership::BucketOwnerEnforced);
            let all = s3::OwnershipControls::builder().rules(rule.build().expect("whole")).build().expect("whole");
            done(client.put_bucket_ownership_controls().bucket(bucket()).ownership_controls(all).send()).await;
        }
        "BucketLifecycleConfiguration" => {
            let all = s3::BucketLifecycleConfiguration::builder().rules(life_cycle(&inputs["rules"][0]));
            let all = all.build().expect("whole");
            done(client.put_bucket_lifecycle_configuration().bucket(bucket()).lifecycle_configuration(all).send())
                .await;
        }
        "BucketObjectLockConfiguration" => {
            let days = number(&inputs["rule"]["defaultRetention"]["days"]);
            let retention =
                s3::DefaultRetention::builder().mode(s3::ObjectLockRetentionMode::Governance).set_days(days);
            let rule = s3::ObjectLockRule::builder().default_retention(retention.build()).build();
            let all =
                s3::ObjectLockConfiguration::builder().object_lock_enabled(s3::ObjectLockEnabled::Enabled).rule(rule);
            done(client.put_object_lock_configuration().bucket(bucket()).object_lock_configuration(all.build()).send())
                .await;
        }
        "BucketPolicy" => {
            done(client.put_bucket_policy().bucket(bucket()).policy(text(&inputs["policy"])).send()).await;
        }
        other => panic!("the benchmark does not know the type {other}: give it its one call"),
    }
}

fn life_cycle(rule: &Json) -> s3::LifecycleRule {
    let days = number(&rule["expiration"]["days"]);
    let abort = s3::AbortIncompleteMultipartUpload::builder()
        .set_days_after_initiation(number(&rule["abortIncompleteMultipartUpload"]["daysAfterInitiation"]));
    let transition = number(&rule["transitions"][0]["days"])
        .map(|n| s3::Transition::builder().days(n).storage_class(s3::TransitionStorageClass::Glacier).build());
    let noncurrent = number(&rule["noncurrentVersionExpiration"]["noncurrentDays"])
        .map(|n| s3::NoncurrentVersionExpiration::builder().noncurrent_days(n).build());
    let whole = s3::LifecycleRule::builder()
        .id(text(&rule["id"]))
        .status(s3::ExpirationStatus::Enabled)
        .filter(s3::LifecycleRuleFilter::builder().prefix("").build())
        .abort_incomplete_multipart_upload(abort.build())
        .set_transitions(transition.map(|t| vec![t]))
        .set_expiration(days.map(|n| s3::LifecycleExpiration::builder().days(n).build()))
        .set_noncurrent_version_expiration(noncurrent);
    whole.build().expect("whole")
}
