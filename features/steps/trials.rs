//! Trials: what a module does when something happens. They put something into the module for a moment, and remove it.
//!
//! They run where probes run: on the emulator, and on a real account with `--probe`.

use std::time::{Duration, Instant};

use aws_sdk_cloudwatch::types::StateValue;
use aws_sdk_dynamodb::types::AttributeValue;
use aws_sdk_lambda::types::InvocationType;
use cucumber::{then, when};

use super::{alarms, modules};
use crate::{
    clients::refused,
    world::{Failure, Judged, World, ensure, seen},
};

/// What the keys of a trial's objects begin with.
const FOLDER: &str = "zone-probe/";
/// How often is looked whether something has happened.
const LOOK: Duration = Duration::from_millis(100);

/// An object that a trial put.
#[derive(Debug, Clone)]
pub(crate) struct Put {
    bucket: String,
    key: String,
    versions: Vec<String>,
}

/// Whether something may be put.
fn allowed(world: &World) -> Judged {
    match &world.session()?.target.probes {
        Ok(()) => Ok(()),
        Err(why) => Err(Failure::not_evaluated(why)),
    }
}

#[when(expr = "an object is put into the module's bucket {string} {int} times")]
async fn put(world: &mut World, purpose: String, times: usize) -> Judged {
    allowed(world)?;
    let bucket = modules::bucket_name(world, &purpose)?;
    let session = world.session()?;
    let key = format!("{FOLDER}{:016x}", rand::random::<u64>());
    let mut versions = Vec::new();
    for _ in 0..times {
        let body = format!("a trial of the zone: {key}").into_bytes();
        let call = session.clients.s3.put_object().bucket(&bucket).key(&key).body(body.into());
        // a checksum that nobody makes by chance
        let call = call.checksum_algorithm(aws_sdk_s3::types::ChecksumAlgorithm::Sha256);
        let answer = call.send().await.map_err(|error| refused("s3:PutObject", &bucket, &error))?;
        versions.extend(answer.version_id().map(str::to_owned));
    }
    world.module.put.push(Put { bucket, key, versions });
    Ok(())
}

#[then(expr = "within {int} seconds the module's table {string} has one item of it")]
async fn has_item(world: &mut World, seconds: u64, purpose: String) -> Judged {
    let table = modules::name(world, &purpose)?;
    let put = seen(world.module.put.last(), "trial's object")?.clone();
    let pk = format!("OBJECT#{}/{}", put.bucket, put.key);
    let began = Instant::now();
    let found = loop {
        let items = items(world, &table, &pk).await?;
        if !items.is_empty() || began.elapsed() > Duration::from_secs(seconds) {
            break items;
        }
        tokio::time::sleep(LOOK).await;
    };
    // a second item of the same content would come as late as the first one did, and a little later
    tokio::time::sleep(began.elapsed().min(Duration::from_secs(seconds)) + LOOK * 5).await;
    let now = items(world, &table, &pk).await?;
    remove(world, &put, &table, &now).await?;
    world.module.put.clear();
    ensure!(!found.is_empty(), "after {seconds} seconds there is no item `{pk}`");
    ensure!(now.len() == 1, "there are {} items `{pk}`", now.len());
    Ok(())
}

type Item = std::collections::HashMap<String, AttributeValue>;

async fn items(world: &World, table: &str, pk: &str) -> Judged<Vec<Item>> {
    let call = world.session()?.clients.dynamodb.query().table_name(table).consistent_read(true);
    let call =
        call.key_condition_expression("pk = :pk").expression_attribute_values(":pk", AttributeValue::S(pk.to_owned()));
    let answer = call.into_paginator().items().send().collect::<Result<Vec<_>, _>>().await;
    answer.map_err(|error| refused("dynamodb:Query", table, &error))
}

/// Removes what a trial put, and what came of it.
async fn remove(world: &World, put: &Put, table: &str, items: &[Item]) -> Judged {
    let clients = &world.session()?.clients;
    for version in &put.versions {
        let call = clients.s3.delete_object().bucket(&put.bucket).key(&put.key).version_id(version);
        call.send().await.map_err(|error| refused("s3:DeleteObjectVersion", &put.bucket, &error))?;
    }
    for item in items {
        let key = ["pk", "sk"].into_iter().filter_map(|key| Some((key.to_owned(), item.get(key)?.clone())));
        let call = clients.dynamodb.delete_item().table_name(table).set_key(Some(key.collect()));
        call.send().await.map_err(|error| refused("dynamodb:DeleteItem", table, &error))?;
    }
    Ok(())
}

#[when(expr = "the module's function {string} gets an event that it cannot process")]
async fn break_it(world: &mut World, purpose: String) -> Judged {
    allowed(world)?;
    let function = modules::name(world, &purpose)?;
    // an event of a bucket that is not the module's
    let event = serde_json::json!({ "Records": [{
        "eventVersion": "2.1", "eventSource": "aws:s3", "eventName": "ObjectCreated:Put", "awsRegion": "zone-probe",
        "eventTime": "2026-01-01T00:00:00.000Z",
        "s3": { "bucket": { "name": "zone-probe-of-somebody-else" }, "object": { "key": "zone-probe", "size": 1 } },
    }] });
    let call = world.session()?.clients.lambda.invoke().function_name(&function);
    let call = call.invocation_type(InvocationType::Event).payload(event.to_string().into_bytes().into());
    call.send().await.map_err(|error| refused("lambda:InvokeFunction", &function, &error))?;
    Ok(())
}

#[then(expr = "within {int} seconds the event is in the module's queue {string}")]
async fn is_dead_letter(world: &mut World, seconds: u64, purpose: String) -> Judged {
    let name = modules::name(world, &purpose)?;
    let session = world.session()?;
    let answer = session.clients.sqs.get_queue_url().queue_name(&name).send().await;
    let url = answer.map_err(|error| refused("sqs:GetQueueUrl", &name, &error))?.queue_url.unwrap_or_default();
    let began = Instant::now();
    while began.elapsed() <= Duration::from_secs(seconds) {
        // others' messages are hidden for no longer than the look takes
        let call =
            session.clients.sqs.receive_message().queue_url(&url).max_number_of_messages(10).visibility_timeout(1);
        let answer = call.send().await.map_err(|error| refused("sqs:ReceiveMessage", &name, &error))?;
        for message in answer.messages() {
            if message.body().is_some_and(|body| body.contains("zone-probe-of-somebody-else")) {
                let receipt = message.receipt_handle().unwrap_or_default();
                let call = session.clients.sqs.delete_message().queue_url(&url).receipt_handle(receipt);
                call.send().await.map_err(|error| refused("sqs:DeleteMessage", &name, &error))?;
                return Ok(());
            }
        }
        tokio::time::sleep(LOOK).await;
    }
    Err(format!("after {seconds} seconds it is not there").into())
}

#[then(expr = "within {int} seconds the module's alarm {string} goes off")]
async fn alarm_goes_off(world: &mut World, seconds: u64, purpose: String) -> Judged {
    let name = modules::name(world, &purpose)?;
    let began = Instant::now();
    loop {
        let alarm = alarms::called(world, &name).await?;
        if alarm.state_value() == Some(&StateValue::Alarm) {
            return Ok(());
        }
        if began.elapsed() > Duration::from_secs(seconds) {
            let state = alarm.state_value().map_or("unknown", |state| state.as_str());
            return Err(format!("after {seconds} seconds its state is {state}").into());
        }
        tokio::time::sleep(LOOK).await;
    }
}
