//! Deleting an object, with all its versions where the bucket keeps them.

use aws_sdk_s3::{
    error::SdkError,
    types::{ObjectLockLegalHold, ObjectLockLegalHoldStatus},
};

use super::ABSENT;
use crate::prelude::*;

pub(super) async fn delete(cx: &Cx, bucket: &str, key: &str, force: bool) -> Answer {
    let head = cx.clients.s3.head_object().bucket(bucket).key(key).send().await;
    // somebody may have deleted it: then a marker is the last of its versions
    let is_marker = matches!(&head, Err(SdkError::ServiceError(refused))
        if refused.raw().headers().get("x-amz-delete-marker") == Some("true"));
    if !is_marker {
        let Some(head) = head.found(ABSENT)? else { return Ok(()) };
        if head.version_id.is_none_or(|version| version == "null") {
            return locked(cx.clients.s3.delete_object().bucket(bucket).key(key).send().await.done());
        }
    }
    // whoever lists while deleting may lose the place, so look again
    while delete_listed(cx, bucket, key, force).await? > 0 {}
    Ok(())
}

/// Deletes what one listing shows; answers how much that was.
async fn delete_listed(cx: &Cx, bucket: &str, key: &str, force: bool) -> Answer<usize> {
    let mut deleted = 0;
    let mut call = cx.clients.s3.list_object_versions().bucket(bucket).prefix(key);
    loop {
        let Some(page) = call.clone().send().await.found(ABSENT).within("listing its versions")? else { return Ok(0) };
        let versions = page.versions().iter().map(|version| (version.key(), version.version_id(), true));
        let markers = page.delete_markers().iter().map(|marker| (marker.key(), marker.version_id(), false));
        for (of, version, is_version) in versions.chain(markers).filter(|(of, ..)| *of == Some(key)) {
            if force && is_version {
                release(cx, bucket, key, version).await?;
            }
            let call = cx.clients.s3.delete_object().bucket(bucket).set_key(of.map(str::to_owned));
            let call = call.set_version_id(version.map(str::to_owned));
            let call = call.set_bypass_governance_retention(force.then_some(true));
            locked(call.send().await.gone(ABSENT))?;
            deleted += 1;
        }
        // keys come in order: behind the longer ones there is no other of this one
        let is_over = page.versions().iter().any(|version| version.key().is_some_and(|of| of > key));
        if page.is_truncated != Some(true) || is_over {
            return Ok(deleted);
        }
        call = call.set_key_marker(page.next_key_marker).set_version_id_marker(page.next_version_id_marker);
    }
}

/// Takes away a legal hold; a bucket without Object Lock has none.
async fn release(cx: &Cx, bucket: &str, key: &str, version: Option<&str>) -> Answer {
    let off = ObjectLockLegalHold::builder().status(ObjectLockLegalHoldStatus::Off).build();
    let call = cx.clients.s3.put_object_legal_hold().bucket(bucket).key(key).legal_hold(off);
    let call = call.set_version_id(version.map(str::to_owned));
    call.send().await.gone(&["InvalidRequest", "NoSuchKey", "NoSuchVersion"]).within("taking away its legal hold")
}

fn locked(answer: Answer) -> Answer {
    answer.map_err(|refusal| {
        if !refusal.is(&["AccessDenied"]) {
            return refusal;
        }
        refusal.hint(
            "it may be under Object Lock: under COMPLIANCE it stays until its time is over; a legal hold and GOVERNANCE end \
             with `forceDestroy`, deployed first; else the credentials lack s3:DeleteObject or s3:DeleteObjectVersion",
        )
    })
}
