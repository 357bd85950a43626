//! A function's code: how it comes to Lambda, and what is known of it before.

use std::time::Duration;

use aws_sdk_lambda::{config, primitives::Blob, types::FunctionCode};
use aws_smithy_types::timeout::TimeoutConfig;
use pulumi::asset::Archive;
use tokio::sync::{Semaphore, SemaphorePermit};

use super::{Inputs, ready};
use crate::{prelude::*, waits::FUNCTION_IS_BUSY};

/// Most bytes of a ZIP file in a call.
/// <https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html>, not looked up on 2026-11-26: "50 MB (zipped,
/// when uploaded through the Lambda API or SDKs)".
const MOST: usize = 50 << 20;

/// How long a call with code may take: 50 MB, and a third more in Base64, over a slow line.
const UPLOAD: Duration = Duration::from_mins(10);

/// So many packages are in memory at once.
static UPLOADS: Semaphore = Semaphore::const_new(4);

/// The code in the form of a create, while it is this function's turn.
pub(super) struct Package {
    pub(super) code: FunctionCode,
    pub(super) turn: Option<SemaphorePermit<'static>>,
}

/// The time limits of a call with code.
pub(super) fn patient() -> config::Builder {
    config::Config::builder().timeout_config(TimeoutConfig::builder().operation_attempt_timeout(UPLOAD).build())
}

/// What is wrong with an archive that was not given before.
pub(super) fn check(olds: &Map, news: &Map) -> Vec<Failure> {
    // What was imported has the hash of some code, and a program that ignores changes of its own keeps that.
    let has =
        |inputs: &Map, names: &[&str]| names.iter().any(|name| inputs.get(*name).is_some_and(|v| *v != Value::Null));
    let is_imported = has(olds, &["codeSha256"]) && !has(olds, &SOURCES);
    if !has(news, &SOURCES) && !has(news, &["codeSha256"]) && !is_imported {
        let reason = "missing: give `code`, `imageUri`, or `s3Bucket` with `s3Key`".to_owned();
        return vec![Failure { property: "code".to_owned(), reason }];
    }
    let Some(Value::Archive(code)) = news.get("code") else { return Vec::new() };
    if olds.get("code").is_some_and(|old| matches!(old, Value::Archive(old) if old == code)) {
        return Vec::new();
    }
    let reason = match code.zip() {
        Ok(zip) => too_large(zip.len(), MOST),
        Err(error) => Some(error.to_string()),
    };
    reason.map(|reason| Failure { property: "code".to_owned(), reason }).into_iter().collect()
}

/// Where code comes from.
const SOURCES: [&str; 3] = ["code", "imageUri", "s3Bucket"];

fn too_large(size: usize, most: usize) -> Option<String> {
    let whole = |bytes: usize| bytes.div_ceil(1 << 20);
    (size > most).then(|| {
        format!(
            "the code has {} MB zipped, and a call takes {} MB\nhint: put it into a bucket, and give `s3Bucket` and \
             `s3Key` instead of `code`",
            whole(size),
            whole(most)
        )
    })
}

/// Whether the code has to be put again.
pub(super) fn is_changed(old: &Inputs, new: &Inputs) -> bool {
    let of = |i: &Inputs| {
        let at = (i.s3_bucket.clone(), i.s3_key.clone(), i.s3_object_version.clone());
        (i.code.clone(), at, i.image_uri.clone(), i.source_kms_key_arn.clone())
    };
    // what AWS chose, or chose to say, is no change while nobody asks for it
    let asked = |of: fn(&Inputs) -> Option<String>| of(new).is_some() && of(old) != of(new);
    of(old) != of(new)
        || asked(|i| i.code_sha256.clone())
        || asked(|i| i.source_code_hash.clone())
        || asked(|i| i.architectures.as_ref().map(|all| all.join(",")))
}

/// Reads and zips it, where it is not on AWS already.
pub(super) async fn package(inputs: &Inputs) -> Answer<Package> {
    let code = FunctionCode::builder()
        .set_s3_bucket(inputs.s3_bucket.clone())
        .set_s3_key(inputs.s3_key.clone())
        .set_s3_object_version(inputs.s3_object_version.clone())
        .set_image_uri(inputs.image_uri.clone())
        .set_source_kms_key_arn(inputs.source_kms_key_arn.clone());
    let Some(archive) = inputs.code.clone() else {
        if inputs.s3_bucket.is_none() && inputs.image_uri.is_none() {
            let missing = Error::new("it has no code, only the hash of some");
            return Err(missing.hint("give `code`, `imageUri`, or `s3Bucket` with `s3Key`").into());
        }
        return Ok(Package { code: code.build(), turn: None });
    };
    let turn = UPLOADS.acquire().await.map_err(|error| Error::new(error.to_string()))?;
    let code = code.zip_file(zipped(archive).await?);
    Ok(Package { code: code.build(), turn: Some(turn) })
}

async fn zipped(archive: Archive) -> Answer<Blob> {
    let zip = tokio::task::spawn_blocking(move || archive.zip()).await.map_err(|e| Error::new(e.to_string()))?;
    let zip = zip.map_err(Error::from)?;
    // what was checked may have been another file
    match too_large(zip.len(), MOST) {
        Some(reason) => Err(Error::new(reason).into()),
        None => Ok(Blob::new(zip)),
    }
}

/// Puts the code of a function that exists, and waits until it counts.
pub(super) async fn put(cx: &Cx, name: &str, new: &Inputs) -> Answer {
    let Package { code, turn: _turn } = package(new).await?;
    let call = cx.clients.lambda.update_function_code().function_name(name);
    let call = call
        .set_architectures(new.architectures.to_sdk()?)
        .set_zip_file(code.zip_file)
        .set_s3_bucket(code.s3_bucket)
        .set_s3_key(code.s3_key)
        .set_s3_object_version(code.s3_object_version)
        .set_image_uri(code.image_uri)
        .set_source_kms_key_arn(code.source_kms_key_arn);
    let send = || call.clone().customize().config_override(patient()).send();
    FUNCTION_IS_BUSY.out(|| propagation::told(&[], send)).await.done().within("putting its code")?;
    ready(cx, name, None).await.within("putting its code")
}

#[cfg(test)]
mod tests {
    use pulumi::{asset::Asset, value::ToValue};

    use super::*;

    #[test]
    fn a_function_needs_code_but_where_it_was_imported_and_the_program_leaves_it_alone() {
        let map = |pairs: &[&str]| {
            pairs.iter().map(|name| ((*name).to_owned(), Value::String("x".to_owned()))).collect::<Map>()
        };
        let wrong = |olds: &[&str], news: &[&str]| check(&map(olds), &map(news)).len();
        assert_eq!(wrong(&[], &["s3Bucket"]), 0);
        assert_eq!(wrong(&[], &["codeSha256"]), 0);
        assert_eq!(wrong(&[], &["handler"]), 1);
        assert_eq!(wrong(&["codeSha256"], &["handler"]), 0, "imported");
        assert_eq!(wrong(&["s3Bucket", "codeSha256"], &["handler"]), 1, "taken out of the program");
    }

    fn map(code: Option<Archive>) -> Map {
        code.map(|code| ("code".to_owned(), code.to_value())).into_iter().collect()
    }

    fn wrong(olds: Option<Archive>, code: Archive) -> Vec<String> {
        check(&map(olds), &map(Some(code))).into_iter().map(|failure| failure.reason).collect()
    }

    #[test]
    fn a_package_that_a_call_does_not_take_is_refused_before() {
        let folder = tempfile::tempdir().expect("a folder");
        let of = |name: &str, size: u64| {
            let path = folder.path().join(name);
            std::fs::File::create(&path).expect("a file").set_len(size).expect("its size");
            Archive::file(path.to_str().expect("a path"))
        };
        let most = u64::try_from(MOST).expect("a size");
        assert_eq!(wrong(None, of("fits.zip", most)), Vec::<String>::new());
        let refused = wrong(None, of("large.zip", most + 1));
        assert!(refused[0].starts_with("the code has 51 MB zipped, and a call takes 50 MB"), "{refused:?}");
        assert!(refused[0].contains("\nhint: put it into a bucket, and give `s3Bucket`"), "{refused:?}");
    }

    #[test]
    fn a_path_that_leads_nowhere_is_named_unless_nothing_changes() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("built");
        std::fs::create_dir(&path).expect("a folder");
        std::fs::write(path.join("index.js"), "exports.handler = () => 1;\n").expect("a file");
        let path = path.to_str().expect("a path");
        let code = Archive::directory(path).hashed().expect("a hash");
        assert_eq!(wrong(None, code.clone()), Vec::<String>::new());
        std::fs::remove_dir_all(path).expect("removed");
        let refused = wrong(None, code.clone());
        assert!(refused[0].contains(&format!("reading `{path}`")) && refused[0].contains("\nhint: "), "{refused:?}");
        let other = Archive::assets([("index.js", Asset::string(""))]).hashed().expect("a hash");
        assert_eq!(wrong(Some(other), code.clone()).len(), 1);
        // what is in the state already is not read: it may have been built elsewhere
        assert_eq!(wrong(Some(code.clone()), code), Vec::<String>::new());
    }
}
