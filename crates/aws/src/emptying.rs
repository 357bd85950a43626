//! Emptying a bucket, without which S3 does not delete it.

use aws_sdk_s3::{
    Client,
    operation::get_object_lock_configuration::GetObjectLockConfigurationOutput,
    types::{Delete, Error as Kept, ObjectIdentifier},
};
use pulumi::provider::resource::Error;

use crate::{refusal::Answered, waits};

const ABSENT: &[&str] = &["NoSuchBucket"];

/// What becomes of objects under Object Lock's GOVERNANCE, whose time is not over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Governance {
    /// They stay, and with them the bucket.
    Heeded,
    /// They are deleted, for which AWS wants s3:BypassGovernanceRetention.
    Bypassed,
}

/// What a bucket holds that is not empty.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Held {
    /// What each object is locked by that is written to it: the mode, such as `GOVERNANCE`, and how many days.
    pub lock: Option<(String, i32)>,
}

/// Looks into a bucket; none when it is empty, or not there.
pub async fn held(s3: &Client, name: &str) -> Result<Option<Held>, Error> {
    let page = s3.list_object_versions().bucket(name).max_keys(1).send().await.found(ABSENT)?;
    if page.is_none_or(|page| page.versions().is_empty() && page.delete_markers().is_empty()) {
        return Ok(None);
    }
    let rule = lock(s3, name).await?.and_then(|lock| lock.object_lock_configuration?.rule?.default_retention);
    let lock = rule.and_then(|rule| {
        let days = rule.days.or_else(|| Some(rule.years? * 365))?;
        Some((rule.mode?.as_str().to_owned(), days))
    });
    Ok(Some(Held { lock }))
}

/// The Object Lock of a bucket; none where it has none.
async fn lock(s3: &Client, name: &str) -> Result<Option<GetObjectLockConfigurationOutput>, Error> {
    let lock = s3.get_object_lock_configuration().bucket(name).send().await;
    Ok(lock.found(&["ObjectLockConfigurationNotFoundError", "NoSuchBucket"])?)
}

/// Deletes every version, every delete marker and every unfinished upload.
pub async fn empty(s3: &Client, name: &str, governance: Governance) -> Result<(), Error> {
    // S3 wants the right of whoever says that locks are to be bypassed, even where there are none
    let governance = match governance {
        Governance::Bypassed if lock(s3, name).await?.is_none() => Governance::Heeded,
        other => other,
    };
    let mut round = 1;
    loop {
        let (deleted, kept) =
            delete_versions(s3, name, governance).await.map_err(|e| e.within("deleting its objects"))?;
        if deleted > 0 {
            // whoever lists while deleting may lose the place (moto does), so look again
            continue;
        }
        if kept.is_empty() {
            break;
        }
        let passing =
            kept.iter().all(|k| matches!(k.code.as_deref(), Some("InternalError" | "SlowDown" | "ServiceUnavailable")));
        if !passing || round == 5 {
            return Err(undeletable(&kept));
        }
        waits::clock::sleep(waits::back_off(round)).await;
        round += 1;
    }
    abort_uploads(s3, name).await.map_err(|e| e.within("aborting its uploads"))
}

/// Goes through all versions once; returns how many it deleted, and what AWS would not delete.
async fn delete_versions(s3: &Client, name: &str, governance: Governance) -> Result<(usize, Vec<Kept>), Error> {
    let (mut listed, mut kept) = (0, Vec::new());
    let mut call = s3.list_object_versions().bucket(name);
    loop {
        let Some(page) = call.clone().send().await.found(ABSENT)? else { return Ok((0, kept)) };
        let versions = page.versions().iter().map(|v| (v.key(), v.version_id()));
        let markers = page.delete_markers().iter().map(|m| (m.key(), m.version_id()));
        let object = |(key, version): (Option<&str>, Option<&str>)| {
            ObjectIdentifier::builder().key(key.unwrap_or_default()).set_version_id(version.map(str::to_owned)).build()
        };
        let objects = versions
            .chain(markers)
            .map(object)
            .collect::<Result<Vec<_>, _>>()
            .map_err(|e| Error::new(e.to_string()))?;
        listed += objects.len();
        if !objects.is_empty() {
            // at most 1000, as a page is
            let delete = Delete::builder()
                .set_objects(Some(objects))
                .quiet(true)
                .build()
                .map_err(|e| Error::new(e.to_string()))?;
            let mut asked = s3.delete_objects().bucket(name).delete(delete);
            if governance == Governance::Bypassed {
                asked = asked.bypass_governance_retention(true);
            }
            let Some(answer) = asked.send().await.found(ABSENT)? else { return Ok((0, kept)) };
            kept.extend(answer.errors.unwrap_or_default());
        }
        if page.is_truncated != Some(true) {
            return Ok((listed.saturating_sub(kept.len()), kept));
        }
        call = call.set_key_marker(page.next_key_marker).set_version_id_marker(page.next_version_id_marker);
    }
}

fn undeletable(kept: &[Kept]) -> Error {
    let words = |k: &Kept| {
        let version = k.version_id().map(|v| format!(" (version {v})")).unwrap_or_default();
        let said: Vec<_> = [k.code(), k.message()].into_iter().flatten().collect();
        format!("`{}`{version}: {}", k.key().unwrap_or_default(), said.join(": "))
    };
    let named = kept.iter().take(3).map(words).collect::<Vec<_>>().join("; ");
    let more = if kept.len() > 3 { format!("; and {} more", kept.len() - 3) } else { String::new() };
    Error::new(format!("AWS does not delete some of its objects: {named}{more}")).hint(
        "objects under Object Lock stay until their retention ends; under GOVERNANCE, who holds s3:BypassGovernanceRetention \
         can delete them before that (aws s3api delete-object --bypass-governance-retention)",
    )
}

async fn abort_uploads(s3: &Client, name: &str) -> Result<(), Error> {
    let mut call = s3.list_multipart_uploads().bucket(name);
    loop {
        let Some(page) = call.clone().send().await.found(ABSENT)? else { return Ok(()) };
        for upload in page.uploads() {
            let abort = s3
                .abort_multipart_upload()
                .bucket(name)
                .set_key(upload.key.clone())
                .set_upload_id(upload.upload_id.clone());
            abort.send().await.gone(&["NoSuchUpload", "NoSuchBucket"])?;
        }
        if page.is_truncated != Some(true) {
            return Ok(());
        }
        call = call.set_key_marker(page.next_key_marker).set_upload_id_marker(page.next_upload_id_marker);
    }
}

#[cfg(test)]
mod tests {
    use aws_sdk_s3::types::{
        BucketLocationConstraint, CreateBucketConfiguration, DefaultRetention, ObjectLockConfiguration,
        ObjectLockEnabled, ObjectLockRetentionMode, ObjectLockRule,
    };

    use std::sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    };

    use super::*;
    use crate::{
        stub::{Answer, Stub, done},
        testing::{Account, Bench},
    };

    #[tokio::test]
    async fn what_s3_does_not_delete_right_now_is_deleted_again_and_given_up_in_the_end() {
        let emptied = |code: &'static str, refusals: usize| async move {
            let stub = Stub::new(move |asked| match asked.operation.as_str() {
                "GET versions" if asked.before <= refusals => Answer::Xml(
                    "<ListVersionsResult><Version><Key>k</Key><VersionId>v</VersionId></Version></ListVersionsResult>"
                        .to_owned(),
                ),
                "GET versions" => Answer::Xml("<ListVersionsResult></ListVersionsResult>".to_owned()),
                "GET uploads" => Answer::Xml("<ListMultipartUploadsResult></ListMultipartUploadsResult>".to_owned()),
                "POST delete" if asked.before < refusals => {
                    Answer::Xml(format!("<DeleteResult><Error><Key>k</Key><Code>{code}</Code></Error></DeleteResult>"))
                }
                "POST delete" => Answer::Xml("<DeleteResult></DeleteResult>".to_owned()),
                _ => done(asked),
            });
            let cx = stub.cx("aws:s3/bucket:Bucket");
            let (emptied, waited) = Stub::run(empty(&cx.clients.s3, "kept", Governance::Heeded)).await;
            (emptied.is_ok(), stub.asked("POST delete").len(), waited.is_zero())
        };
        for code in ["InternalError", "SlowDown", "ServiceUnavailable"] {
            assert_eq!(emptied(code, 3).await, (true, 4, false), "{code}");
            assert_eq!(emptied(code, usize::MAX).await, (false, 5, false), "{code}");
        }
        assert_eq!(emptied("AccessDenied", usize::MAX).await, (false, 1, true));
    }

    #[tokio::test]
    async fn a_governance_lock_holds_until_it_is_bypassed() {
        let bench = Bench::new(Account::Member).await;
        let s3 = bench.clients(Account::Member).await.s3;
        let name = format!("locked-{}", bench.unique());
        let place =
            CreateBucketConfiguration::builder().location_constraint(BucketLocationConstraint::ApSoutheast2).build();
        let made = s3.create_bucket().bucket(&name).create_bucket_configuration(place);
        made.object_lock_enabled_for_bucket(true).send().await.expect("a bucket");
        assert_eq!(held(&s3, &name).await, Ok(None));

        let days = DefaultRetention::builder().mode(ObjectLockRetentionMode::Governance).days(2).build();
        let rule = ObjectLockRule::builder().default_retention(days).build();
        let lock =
            ObjectLockConfiguration::builder().object_lock_enabled(ObjectLockEnabled::Enabled).rule(rule).build();
        let locked = s3.put_object_lock_configuration().bucket(&name).object_lock_configuration(lock);
        locked.send().await.expect("a lock");
        s3.put_object().bucket(&name).key("log").body(b"line".to_vec().into()).send().await.expect("an object");
        assert_eq!(held(&s3, &name).await, Ok(Some(Held { lock: Some(("GOVERNANCE".to_owned(), 2)) })));

        let refused = empty(&s3, &name, Governance::Heeded).await.expect_err("it is locked");
        assert!(refused.message.contains("does not delete some of its objects: `log`"), "{refused}");
        assert!(held(&s3, &name).await.is_ok_and(|held| held.is_some()), "and there still");
        empty(&s3, &name, Governance::Bypassed).await.expect("it is empty now");
        assert_eq!(held(&s3, &name).await, Ok(None));
        s3.delete_bucket().bucket(&name).send().await.expect("gone");
    }

    /// S3 asks for the right to bypass locks as soon as somebody says that they are to be bypassed.
    #[tokio::test]
    async fn no_lock_is_bypassed_where_there_is_none() {
        for is_locked in [false, true] {
            let bypassed = Arc::new(AtomicUsize::new(0));
            let count = Arc::clone(&bypassed);
            let stub = Stub::new(move |asked| match asked.operation.as_str() {
                "GET object-lock" if is_locked => Answer::Xml("<ObjectLockConfiguration/>".to_owned()),
                "GET object-lock" => Answer::Refused("ObjectLockConfigurationNotFoundError", "no"),
                "GET versions" if asked.before == 0 => Answer::Xml(
                    "<ListVersionsResult><Version><Key>k</Key><VersionId>v</VersionId></Version></ListVersionsResult>"
                        .to_owned(),
                ),
                "GET versions" => Answer::Xml("<ListVersionsResult/>".to_owned()),
                "POST delete" => {
                    count.fetch_add(usize::from(asked.bypasses), Ordering::Relaxed);
                    Answer::Xml("<DeleteResult/>".to_owned())
                }
                "GET uploads" => Answer::Xml("<ListMultipartUploadsResult/>".to_owned()),
                other => panic!("{other} is not asked for"),
            });
            let s3 = stub.cx("aws:s3/bucket:Bucket").clients.s3.clone();
            empty(&s3, "b", Governance::Bypassed).await.expect("emptied");
            assert_eq!(stub.asked("POST delete").len(), 1);
            assert_eq!(bypassed.load(Ordering::Relaxed), usize::from(is_locked), "locked: {is_locked}");
        }
    }

    #[test]
    fn what_aws_keeps_is_named() {
        let kept =
            |n: usize| Kept::builder().key(format!("k{n}")).version_id("v").code("AccessDenied").message("no").build();
        let error = undeletable(&(0..5).map(kept).collect::<Vec<_>>());
        assert!(
            error.message.contains("`k0` (version v): AccessDenied: no; ") && error.message.ends_with("; and 2 more"),
            "{error}"
        );
    }
}
