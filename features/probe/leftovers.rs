//! What an earlier run created and could not remove, because it was killed.

use std::time::{Duration, SystemTime};

use super::{FOLDER, NAME, PATH, left, remove_role};
use crate::{clients::refused, rows::keeps, session::Session, world::Judged};

/// A run that is under way elsewhere has what is younger.
const OLD: Duration = Duration::from_mins(15);

/// Removes it all.
pub(super) async fn remove(session: &Session) -> Judged {
    roles(session).await?;
    buses(session).await?;
    buckets(session).await?;
    objects(session).await
}

/// Whether it is old enough. Nobody shares an emulator.
fn is_old(session: &Session, made: Option<&aws_smithy_types::DateTime>) -> bool {
    if session.target.endpoint.is_some() {
        return true;
    }
    let made = made.and_then(|made| u64::try_from(made.secs()).ok()).map(Duration::from_secs);
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    made.is_some_and(|made| now.saturating_sub(made) >= OLD)
}

fn prefix(session: &Session) -> String {
    format!("{NAME}-{}-", session.target.environment)
}

async fn roles(session: &Session) -> Judged {
    let pages = session.clients.iam.list_roles().path_prefix(PATH).into_paginator().items().send();
    let found = pages.collect::<Result<Vec<_>, _>>().await.map_err(|error| refused("iam:ListRoles", PATH, &error))?;
    for role in found {
        let (name, prefix) = (role.role_name(), prefix(session));
        if name.starts_with(&prefix) && is_old(session, Some(role.create_date())) {
            remove_role(session, name).await?;
        }
    }
    Ok(())
}

async fn buses(session: &Session) -> Judged {
    let (events, prefix) = (&session.clients.events, prefix(session));
    let mut next = None;
    loop {
        let answer = events.list_event_buses().name_prefix(&prefix).set_next_token(next).send().await;
        let answer = answer.map_err(|error| refused("events:ListEventBuses", &prefix, &error))?;
        for bus in answer.event_buses() {
            let name = bus.name().unwrap_or_default();
            if name.starts_with(&prefix) && is_old(session, bus.creation_time()) {
                let removed = events.delete_event_bus().name(name).send().await;
                removed.map_err(|error| left("event bus", name, &refused("events:DeleteEventBus", name, &error)))?;
            }
        }
        next = answer.next_token;
        if next.is_none() {
            return Ok(());
        }
    }
}

async fn buckets(session: &Session) -> Judged {
    let (s3, prefix) = (&session.clients.s3, prefix(session));
    let pages = s3.list_buckets().prefix(&prefix).into_paginator().send().collect::<Result<Vec<_>, _>>().await;
    let pages = pages.map_err(|error| refused("s3:ListBuckets", &prefix, &error))?;
    for bucket in pages.iter().flat_map(aws_sdk_s3::operation::list_buckets::ListBucketsOutput::buckets) {
        let name = bucket.name().unwrap_or_default();
        if name.starts_with(&prefix) && is_old(session, bucket.creation_date()) {
            let removed = s3.delete_bucket().bucket(name).send().await;
            removed.map_err(|error| left("bucket", name, &refused("s3:DeleteBucket", name, &error)))?;
        }
    }
    Ok(())
}

async fn objects(session: &Session) -> Judged {
    for purpose in session.target.zone.buckets.iter().filter(|bucket| !keeps(bucket)) {
        let Some(bucket) = session.published.get(&format!("s3/{}/name", purpose.purpose)) else { continue };
        empty(session, &bucket.value, FOLDER).await?;
    }
    Ok(())
}

/// Deletes the versions of the objects below a prefix that earlier runs left, or that this one made.
pub(crate) async fn empty(session: &Session, bucket: &str, prefix: &str) -> Judged {
    let s3 = &session.clients.s3;
    let (mut key_marker, mut version_marker) = (None, None);
    loop {
        let call = s3.list_object_versions().bucket(bucket).prefix(prefix);
        let call = call.set_key_marker(key_marker).set_version_id_marker(version_marker);
        let answer = call.send().await.map_err(|error| refused("s3:ListObjectVersions", bucket, &error))?;
        let versions = answer.versions().iter().map(|of| (of.key(), of.version_id(), of.last_modified()));
        let markers = answer.delete_markers().iter().map(|of| (of.key(), of.version_id(), of.last_modified()));
        for (key, version, made) in versions.chain(markers) {
            if prefix == FOLDER && !is_old(session, made) {
                continue;
            }
            let key = key.unwrap_or_default();
            let call = s3.delete_object().bucket(bucket).key(key).set_version_id(version.map(str::to_owned));
            let subject = format!("{bucket}/{key}");
            let removed = call.send().await;
            removed.map_err(|error| left("object", &subject, &refused("s3:DeleteObject", &subject, &error)))?;
        }
        if answer.is_truncated() != Some(true) {
            return Ok(());
        }
        (key_marker, version_marker) = (answer.next_key_marker, answer.next_version_id_marker);
    }
}
