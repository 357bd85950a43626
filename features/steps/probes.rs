//! What is forbidden, tried: each refusal with its reason, and with the twin that is allowed.

use aws_sdk_s3::{primitives::ByteStream, types::ServerSideEncryption};
use cucumber::{given, then, when};

use super::storage::bucket;
use crate::{
    probe::{self, Answer, By, Creation, FOLDER, Prober},
    world::{Failure, Judged, World, ensure, seen},
};

/// What has been tried.
#[derive(Debug, Default)]
pub(crate) struct Tried {
    /// For messages: `creating a bucket`.
    what: String,
    answer: Option<Answer>,
    /// What should have denied it; none where AWS gives no reason.
    by: Option<By>,
    twin: Option<Twin>,
}

/// What has to be allowed for the refusal to count.
#[derive(Debug, Clone, Copy)]
enum Twin {
    Creation(&'static Creation),
    Put,
    List,
}

/// How an object is stored that is not to be stored so.
pub(crate) const WRONG: [&str; 3] = ["without encryption", "encrypted with AES256", "encrypted with another key"];
/// How an object is deleted.
pub(crate) const WAYS: [&str; 2] = ["by its key", "by its version"];
/// A version that no object has.
const NO_VERSION: &str = "zoneprobezoneprobezoneprobezonep";

#[given("a role that may create resources")]
async fn role(world: &mut World) -> Judged {
    prober(world).await.map(drop)
}

/// The role of the run, which the first probe makes.
async fn prober(world: &World) -> Judged<std::sync::Arc<Prober>> {
    world.session()?.prober().await
}

impl Tried {
    fn set(&mut self, what: &str, answer: Answer, by: Option<By>, twin: Twin) {
        *self = Self { what: what.to_owned(), answer: Some(answer), by, twin: Some(twin) };
    }
}

#[when(regex = r"^it creates (a bucket|a VPC|a role|an event bus) with all required tags but (.+)$")]
async fn create_but(world: &mut World, what: String, tag: String) -> Judged {
    let tag = tag.trim_matches('"').to_owned();
    create(world, &what, |key| key != tag).await
}

#[when(regex = r"^it creates (a bucket|a VPC|a role|an event bus) without tags$")]
async fn create_bare(world: &mut World, what: String) -> Judged {
    create(world, &what, |_| false).await
}

#[when("somebody makes a bucket without tags")]
async fn make_untagged(world: &mut World) -> Judged {
    create(world, "a bucket", |_| false).await
}

async fn create(world: &mut World, what: &str, kept: impl Fn(&str) -> bool) -> Judged {
    let session = world.session()?;
    if session.target.management.is_none() {
        // nothing of this environment's denies it
        return Err(Failure::not_evaluated(&session.no_management));
    }
    let prober = prober(world).await?;
    let creation = Creation::of(what)?;
    let mut tags = probe::all_tags(&session);
    tags.retain(|(key, _)| kept(key));
    let answer = creation.attempt(&session, &prober, &tags).await?;
    world.tried.set(&format!("creating {what}"), answer, Some(By::ServiceControl), Twin::Creation(creation));
    Ok(())
}

#[when(regex = "^an object is stored (without encryption|encrypted with AES256|encrypted with another key)$")]
async fn store(world: &mut World, how: String) -> Judged {
    let bucket = bucket_name(world)?;
    let answer = match how.as_str() {
        "without encryption" => put(world, &bucket, None).await?,
        "encrypted with AES256" => put(world, &bucket, Some((ServerSideEncryption::Aes256, None))).await?,
        _ => {
            let other = another_key(world, &bucket)?;
            put(world, &bucket, Some((ServerSideEncryption::AwsKms, Some(other)))).await?
        }
    };
    world.tried.set(&format!("storing an object {how}"), answer, Some(By::Resource), Twin::Put);
    Ok(())
}

#[when("somebody stores an object without encryption")]
async fn store_unencrypted(world: &mut World) -> Judged {
    store(world, "without encryption".to_owned()).await
}

/// The bucket that the scenario is about.
fn bucket_name(world: &World) -> Judged<String> {
    Ok(bucket(world)?.name.clone())
}

/// The key of another class than the bucket's; without a second class, AWS's own key for S3.
fn another_key(world: &World, bucket: &str) -> Judged<String> {
    let zone = &world.session()?.target.zone;
    let own = class_of(world, bucket)?;
    match zone.classes.iter().find(|class| class.name != own) {
        Some(class) => Ok(world.published(&format!("kms/{}/arn", class.name))?.value),
        None => Ok("alias/aws/s3".to_owned()),
    }
}

/// The class of a bucket's data.
fn class_of(world: &World, bucket: &str) -> Judged<String> {
    let session = world.session()?;
    let is_it = |of: &&config::Bucket| {
        session.published.get(&format!("s3/{}/name", of.purpose)).is_some_and(|found| found.value == bucket)
    };
    let of = session.target.zone.buckets.iter().find(is_it);
    Ok(of.ok_or_else(|| format!("no bucket `{bucket}` is configured"))?.class.clone())
}

/// Stores an object, and removes it again.
async fn put(
    world: &World,
    bucket: &str,
    encryption: Option<(ServerSideEncryption, Option<String>)>,
) -> Judged<Answer> {
    let prober = prober(world).await?;
    let session = world.session()?;
    let key = format!("{FOLDER}{}", prober.name());
    let body = ByteStream::from_static(b"a probe of zone verify\n");
    let mut call = prober.clients(&session).s3.put_object().bucket(bucket).key(&key).body(body);
    if let Some((algorithm, with)) = encryption {
        call = call.server_side_encryption(algorithm).set_ssekms_key_id(with);
    }
    let answer = Answer::of("s3:PutObject", &format!("{bucket}/{key}"), &call.send().await)?;
    if answer == Answer::Done {
        probe::empty(&session, bucket, &key).await?;
    }
    Ok(answer)
}

#[when(regex = "^an object is deleted (by its key|by its version)$")]
async fn delete(world: &mut World, how: String) -> Judged {
    let prober = prober(world).await?;
    let session = world.session()?;
    let bucket = bucket_name(world)?;
    // it was never there: what denies the deletion is asked before S3 looks for it
    let key = format!("{FOLDER}{}", prober.name());
    let version = (how == WAYS[1]).then(|| NO_VERSION.to_owned());
    let call = prober.clients(&session).s3.delete_object().bucket(&bucket).key(&key).set_version_id(version);
    let answer = Answer::of("s3:DeleteObject", &format!("{bucket}/{key}"), &call.send().await)?;
    if answer == Answer::Done {
        // a deletion by the key leaves a marker
        probe::empty(&session, &bucket, &key).await?;
    }
    world.tried.set(&format!("deleting an object {how}"), answer, Some(By::Resource), Twin::List);
    Ok(())
}

#[when("somebody deletes an object of the bucket")]
async fn delete_an_object(world: &mut World) -> Judged {
    delete(world, WAYS[0].to_owned()).await
}

#[when("the bucket is listed without credentials")]
async fn list_unsigned(world: &mut World) -> Judged {
    let prober = prober(world).await?;
    let session = world.session()?;
    let bucket = bucket_name(world)?;
    let call = prober.unsigned(&session).list_objects_v2().bucket(&bucket).max_keys(1);
    let answer = Answer::of("s3:ListBucket", &bucket, &call.send().await)?;
    world.tried.set("listing the bucket without credentials", answer, None, Twin::List);
    Ok(())
}

#[then("it is refused by a service control policy")]
fn refused_by_scp(world: &mut World) -> Judged {
    refused_by(world, Some(By::ServiceControl))
}

#[then("it is refused by the bucket's policy")]
fn refused_by_bucket(world: &mut World) -> Judged {
    refused_by(world, Some(By::Resource))
}

/// With its twin: a tenant's row may have no step for it.
#[then("it is refused")]
async fn is_refused(world: &mut World) -> Judged {
    refused_by(world, world.tried.by)?;
    match seen(world.tried.twin.as_ref(), "refusal")? {
        Twin::Creation(creation) => is_created(world, creation.what.to_owned()).await,
        Twin::List => lists(world).await,
        Twin::Put => {
            let bucket = bucket_name(world)?;
            let class = class_of(world, &bucket)?;
            is_stored(world, class).await
        }
    }
}

fn refused_by(world: &World, by: Option<By>) -> Judged {
    let tried = &world.tried;
    let answer = tried.answer.as_ref().ok_or("no earlier step has tried anything")?;
    match by {
        Some(by) => answer.is_denied_by(by, &tried.what),
        None => {
            ensure!(*answer != Answer::Done, "{} is allowed", tried.what);
            Ok(())
        }
    }
}

#[then(regex = "^(a bucket|a VPC|a role|an event bus) with all required tags is created$")]
async fn is_created(world: &mut World, what: String) -> Judged {
    let prober = prober(world).await?;
    prober.twin(&*world.session()?, Creation::of(&what)?).await
}

#[then(expr = "an object that is encrypted with the key of class {string} is stored")]
async fn is_stored(world: &mut World, class: String) -> Judged {
    let bucket = bucket_name(world)?;
    let key = world.published(&format!("kms/{class}/arn"))?.value;
    match put(world, &bucket, Some((ServerSideEncryption::AwsKms, Some(key)))).await? {
        Answer::Done => Ok(()),
        Answer::Denied { message, .. } => Err(format!("an object with the right key is denied, too: {message}").into()),
    }
}

#[then("the same session lists the bucket")]
async fn lists(world: &mut World) -> Judged {
    let prober = prober(world).await?;
    let session = world.session()?;
    let bucket = bucket_name(world)?;
    let call = prober.clients(&session).s3.list_objects_v2().bucket(&bucket).max_keys(1);
    match Answer::of("s3:ListBucket", &bucket, &call.send().await)? {
        Answer::Done => Ok(()),
        Answer::Denied { message, .. } => Err(format!("listing the bucket is denied, too: {message}").into()),
    }
}
